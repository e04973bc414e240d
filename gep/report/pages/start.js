// The page is read; now it can be used.

setLanguage(LANGUAGES.includes(remembered("language")) ? remembered("language") : language());
if (["light", "dark"].includes(remembered("theme"))) root.dataset.theme = remembered("theme");
addSwitches();
for (const element of document.querySelectorAll("[data-label]")) {
  setLabel(element, ui(element.dataset.label));
}
for (const box of document.querySelectorAll("main .table")) equipTable(box);
drawCharts();
listenForExplanations();
root.dataset.ready = "1";
