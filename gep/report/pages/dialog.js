// The dialog of explanations: opened by every number that has one, with a path back. The address
// of the page ends with the key of what is shown, so that a link to a number can be copied.
//
// An explanation is {heading, nodes, name}: words of its head, what stands below, and words for the
// path. Those that were prepared are written from the page's data; those of accounts are made from
// the cells by account.js.

const dialog = document.getElementById("explanation");
let path = []; // what was opened one from the other: {key, name, scrolled}
let opener = null; // what gets the focus back

// --- data ----------------------------------------------------------------------------------------

const canUnpack = "DecompressionStream" in window;
const unpackedData = {};

/** Read JSON that stands in the page compressed; null where there is none. */
function unpacked(id) {
  if (!(id in unpackedData)) unpackedData[id] = unpack(document.getElementById(id).textContent.trim());
  return unpackedData[id];
}

async function unpack(packed) {
  if (packed === "") return null;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Make the explanation of a key; null if there is none. */
async function explanationOf(key) {
  if (!canUnpack) {
    return { heading: ui("explanation"), name: ui("explanation"), nodes: [make("p", {}, ui("old-browser"))] };
  }
  const prepared = await unpacked("explanations-data");
  if (prepared && Object.prototype.hasOwnProperty.call(prepared, key)) return preparedExplanation(prepared[key]);
  if (!key.startsWith("account:")) return null;
  const accounts = await unpacked("accounts-data");
  return accounts ? accountExplanation(accounts, key) : null;
}

function preparedExplanation({ heading, lines, tables }) {
  const nodes = lines.map((line) => make("p", { class: "line" }, line));
  return { heading, name: heading, nodes: [...nodes, ...tables.map(makeTable)] };
}

// --- what is shown -------------------------------------------------------------------------------

/** The path back to what was opened first, each step a button. */
function pathNodes() {
  if (path.length === 1) return make("p", { class: "path" }, ui("explanation"));
  const items = path.map(({ name }, index) => {
    if (index === path.length - 1) return make("li", { "aria-current": "true" }, name);
    return make("li", {}, make("button", { type: "button", click: () => goBack(index) }, name));
  });
  const nav = make("nav", {}, make("ol", { class: "path" }, items));
  nav.setAttribute("aria-label", say(ui("path")));
  return nav;
}

/** Show the last explanation of the path. */
function showExplanation({ heading, nodes }) {
  const back = make("button", { type: "button", class: "back", click: () => goBack(path.length - 2) }, ui("back"));
  const close = make("button", { type: "button", class: "close", click: closeDialog }, ui("close"));
  const head = make("h2", { id: "explanation-heading", tabindex: "-1" }, heading);
  const top = make("div", { class: "dialog-top" }, path.length > 1 ? back : [], pathNodes(), close);
  dialog.replaceChildren(top, make("div", { class: "dialog-body", tabindex: "-1" }, head, nodes));
  dialog.dataset.shows = path[path.length - 1].key;
  if (!dialog.open) dialog.showModal();
  root.classList.add("explaining");
  head.focus({ preventScroll: true });
  showAddress(path[path.length - 1].key);
}

/** Open the explanation of a key, on top of what the dialog shows. */
async function openExplanation(key) {
  const explanation = await explanationOf(key);
  if (explanation === null) {
    announce(ui("no-explanation"));
    return;
  }
  if (path.length > 0 && path[path.length - 1].key === key) return; // clicked twice
  hideTip();
  if (dialog.open) path[path.length - 1].scrolled = dialog.querySelector(".dialog-body").scrollTop;
  path.push({ key, name: explanation.name, scrolled: 0 });
  showExplanation(explanation);
}

/** Go back to an earlier explanation, to the number that was opened there. */
async function goBack(index) {
  if (index < 0) return; // clicked twice
  const left = path[index + 1].key;
  path = path.slice(0, index + 1);
  showExplanation(await explanationOf(path[index].key));
  dialog.querySelector(".dialog-body").scrollTop = path[index].scrolled;
  const numbers = [...dialog.querySelectorAll("[data-opens]")];
  const number = numbers.find((element) => element.dataset.opens === left);
  if (number) number.focus();
}

/** Put a key into the address; browsers may refuse it to a page that is a file. */
function showAddress(key) {
  const address = key === "" ? location.pathname + location.search : `#${encodeURIComponent(key)}`;
  try {
    history.replaceState(null, "", address);
  } catch (error) {
    // the explanation is shown all the same
  }
}

/** The key in the address; '' if it is that of a section, or none. */
function keyInAddress() {
  try {
    const key = decodeURIComponent(location.hash.slice(1));
    return document.getElementById(key) ? "" : key;
  } catch (error) {
    return ""; // not written by this page
  }
}

function openAddress() {
  const key = keyInAddress();
  const isShown = path.length > 0 && path[path.length - 1].key === key;
  if (key !== "" && !isShown) openExplanation(key);
}

function closeDialog() {
  if (dialog.open) dialog.close();
  if (path.length === 0) return; // done already
  path = [];
  root.classList.remove("explaining");
  showAddress("");
  if (opener && opener.isConnected) opener.focus();
  opener = null;
}

function listenForExplanations() {
  document.addEventListener("click", (event) => {
    const number = event.target.closest("[data-opens]");
    if (number) {
      if (!dialog.open) opener = number;
      openExplanation(number.dataset.opens);
    } else if (event.target === dialog) {
      closeDialog(); // a click beside it
    }
  });
  // Esc: closed here and at once, as the event "close" comes later, when the next may be open
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeDialog();
  });
  dialog.addEventListener("close", () => {
    if (!dialog.open) closeDialog();
  });
  window.addEventListener("hashchange", openAddress);
  openAddress();
}
