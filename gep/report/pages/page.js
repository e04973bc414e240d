// Words, languages, theme, and the making of elements: what all other scripts of a page use.
//
// Words are a string (the same in both languages) or {zh, en}. Whatever users wrote becomes text
// nodes and attributes, never HTML.

const LANGUAGES = ["zh", "en"];
const root = document.documentElement;
const page = JSON.parse(document.getElementById("page-data").textContent);

// --- words ---------------------------------------------------------------------------------------

const language = () => root.lang;

const say = (words) => (typeof words === "object" && words !== null ? words[language()] : String(words));

/** Put values, which may be words, into the placeholders of a text: {zh, en} comes out. */
function fill(text, values) {
  const filled = {};
  for (const name of LANGUAGES) {
    filled[name] = text[name].replace(/\{(\w+)(?::([^}]*))?\}/g, (_, key, nouns) => {
      const value = values[key];
      const word = typeof value === "object" && value !== null ? value[name] : String(value);
      return nouns ? `${word} ${nounOf(nouns, value)}` : word;
    });
  }
  return filled;
}

/** The noun of "row" or "entry|entries" that agrees with a number, as the catalogue of texts writes it. */
function nounOf(nouns, number) {
  const [singular, plural = `${singular}s`] = nouns.split("|");
  return number === 1 ? singular : plural;
}

/** A text of the page itself, such as ui("rows", {shown: 3, count: 10}). */
const ui = (name, values = {}) => fill(page.texts[name], values);

/** Words joined by others: joined([a, b], " · "). */
function joined(parts, separator) {
  const both = {};
  for (const name of LANGUAGES) {
    const words = parts.map((part) => (typeof part === "object" && part !== null ? part[name] : String(part)));
    both[name] = words.join(separator);
  }
  return both;
}

/** Words as nodes: one text, or a span for each language, of which the style shows one. */
function wordNodes(words) {
  if (typeof words !== "object" || words === null) return [document.createTextNode(String(words))];
  if (words.zh === words.en) return [document.createTextNode(words.zh)];
  return LANGUAGES.map((name) => {
    const span = document.createElement("span");
    span.lang = name;
    span.textContent = words[name];
    return span;
  });
}

// --- elements ------------------------------------------------------------------------------------

/** Make an element: attributes by name (functions are listeners), then children: nodes or words. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().flatMap((child) => (child instanceof Node ? [child] : wordNodes(child))));
  return element;
}

/** What must be said again when the language changes: attributes, options, drawings. */
const saidAgain = [];

/** Do something now and again at each change of language, as long as its element is on the page. */
function whenSpoken(element, action) {
  action();
  saidAgain.push({ element, action });
}

function setLabel(element, words, attribute = "aria-label") {
  whenSpoken(element, () => element.setAttribute(attribute, say(words)));
}

/** Tell users of screen readers what happened. */
function announce(words) {
  document.getElementById("announcer").textContent = say(words);
}

// --- numbers -------------------------------------------------------------------------------------

/** A number with ten significant digits and groups of three, as explanations print it. */
function tenDigits(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  const plain = Number(value.toPrecision(10));
  const size = Math.abs(plain);
  if (size !== 0 && (size < 1e-5 || size >= 1e15)) return String(plain);
  return plain.toLocaleString("en", { maximumFractionDigits: 15, maximumSignificantDigits: 10 });
}

/** A number beside a mark of a chart: six significant digits, no decimals that say nothing. */
function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return value.toPrecision(3);
  if (size >= 1e5) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  return value.toLocaleString("en", { maximumSignificantDigits: 5 });
}

// --- what the visitor chose ----------------------------------------------------------------------

/** Choices are remembered where the browser lets a local file do so. */
function remembered(name) {
  try {
    return localStorage.getItem(`gep-${name}`);
  } catch (error) {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`gep-${name}`, value);
  } catch (error) {
    // a page without storage forgets, that is all
  }
}

function setLanguage(name) {
  root.lang = name;
  document.title = say(page.title);
  const present = saidAgain.filter(({ element }) => element.isConnected);
  saidAgain.splice(0, saidAgain.length, ...present);
  for (const { action } of present) action();
}

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);

/** The two buttons above: the other language, the other theme. */
function addSwitches() {
  const toOther = make("button", { type: "button", id: "switch-language" });
  whenSpoken(toOther, () => {
    const other = language() === "zh" ? "en" : "zh";
    toOther.lang = other;
    toOther.textContent = page.texts.language[other];
  });
  toOther.addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    remember("language", language());
  });
  const theme = make("button", { type: "button", id: "switch-theme" }, ui("dark"));
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  showTheme();
  prefersDark.addEventListener("change", showTheme);
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
    showTheme();
  });
  const print = make("button", { type: "button", id: "print", click: () => window.print() }, ui("print"));
  const switches = document.getElementById("switches");
  switches.append(toOther, theme, print);
  switches.hidden = false;
}
