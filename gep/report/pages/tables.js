// Tables: sorted by their heads, filtered by words and by members. They stand in the page before
// the scripts run; those of explanations are made here and then treated alike.

const FEWEST_TO_FILTER = 9; // rows; shorter tables are seen whole

/** A cell comes as words, or as [words, value, key of its explanation]. */
function cellParts(cell) {
  if (!Array.isArray(cell)) return { shown: cell };
  return { shown: cell[0], value: cell[1], opens: cell[2] };
}

const makeOpener = (words, key) => make("button", { type: "button", class: "opens", "data-opens": key }, words);

function makeCell(cell, column, isFirst) {
  const { shown, value, opens } = cellParts(cell);
  const attributes = { class: column.number ? "n" : null, "data-v": value };
  if (isFirst) attributes.scope = "row";
  return make(isFirst ? "th" : "td", attributes, opens ? makeOpener(shown, opens) : shown);
}

let tablesMade = 0;

/** Make a table from {title, unit, columns, rows}, as the templates write one. */
function makeTable({ title, unit, file, columns, rows }) {
  tablesMade += 1;
  const id = `made-table-${tablesMade}`;
  const words = make("span", {}, make("span", { class: "title" }, title));
  if (unit) words.append(make("span", { class: "unit" }, ui("unit", { unit })));
  if (file) words.append(make("span", { class: "file" }, ui("file", { file })));
  const caption = make("caption", { id }, words);
  const heads = columns.map((column) => {
    const attributes = { scope: "col", class: column.number ? "n" : null };
    if (column.filter) attributes["data-filter"] = "1";
    return make("th", attributes, column.heading);
  });
  const body = make("tbody");
  for (const row of rows) {
    body.append(make("tr", {}, row.map((cell, at) => makeCell(cell, columns[at], at === 0))));
  }
  const table = make("table", {}, caption, make("thead", {}, make("tr", {}, heads)), body);
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": id }, table);
  const box = make("div", { class: columns.length > 8 ? "table wide" : "table" }, scroll);
  equipTable(box);
  return box;
}

// --- sorting -------------------------------------------------------------------------------------

const spoken = (cell) => {
  const said = cell.querySelector(`[lang="${language()}"]`);
  return (said || cell).textContent.trim();
};

/** What a row is sorted by: its number where the column has numbers, else its words. */
function sortKey(row, index, isNumber) {
  const cell = row.cells[index];
  if (!isNumber) return spoken(cell);
  return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
}

/** Compare rows; those without a value stand last in either direction. */
function compareKeys(first, second, sign, collator) {
  const isBlank = (key) => key === null || key === "";
  if (isBlank(first) || isBlank(second)) return isBlank(first) - isBlank(second);
  const order = typeof first === "number" ? first - second : collator.compare(first, second);
  return sign * order;
}

/** Sort the rows of a table; 'none' brings back the order in which they came. */
function sortRows(body, original, index, direction, isNumber) {
  if (direction === "none") {
    body.append(...original);
    return;
  }
  const sign = direction === "ascending" ? 1 : -1;
  const collator = new Intl.Collator(language(), { numeric: true });
  const keyed = original.map((row) => ({ row, key: sortKey(row, index, isNumber) }));
  keyed.sort((first, second) => compareKeys(first.key, second.key, sign, collator));
  body.append(...keyed.map(({ row }) => row));
}

/** Numbers are first asked for from the largest, words from their beginning. */
function nextDirection(current, isNumber) {
  const order = isNumber ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
  return order[(order.indexOf(current) + 1) % order.length];
}

function addSorting(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, index) => {
    const isNumber = head.classList.contains("n");
    const button = make("button", { type: "button", class: "sort" }, [...head.childNodes]);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const current = head.getAttribute("aria-sort");
      const direction = nextDirection(current, isNumber);
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", direction);
      sortRows(body, original, index, direction, isNumber);
    });
  });
}

// --- filters -------------------------------------------------------------------------------------

/** The different members of a column, in the order of their first rows. */
function membersOf(rows, index) {
  const members = new Map();
  for (const row of rows) {
    const cell = row.cells[index];
    const key = cell.textContent;
    if (!members.has(key)) members.set(key, cell);
  }
  return members;
}

function makeChoice(head, rows, index, update) {
  const members = membersOf(rows, index);
  const select = make("select", { change: update });
  const all = make("option", { value: "" });
  select.append(all);
  whenSpoken(select, () => {
    all.textContent = say(ui("all"));
  });
  for (const [key, cell] of members) {
    const option = make("option", { value: key });
    whenSpoken(select, () => {
      option.textContent = spoken(cell);
    });
    select.append(option);
  }
  const heading = [...(head.querySelector(".sort") || head).childNodes].map((node) => node.cloneNode(true));
  return { label: make("label", {}, make("span", {}, heading), select), select, index };
}

function addFilters(box, table) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < FEWEST_TO_FILTER) return;
  const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const count = make("span", { class: "count", role: "status" });
  const choices = [];
  const isShown = (row) => {
    for (const { select, index } of choices) {
      if (select.value !== "" && row.cells[index].textContent !== select.value) return false;
    }
    // words of both languages are found, whichever is shown
    return row.textContent.toLowerCase().includes(search.value.trim().toLowerCase());
  };
  const update = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !isShown(row);
      if (!row.hidden) shown += 1;
    }
    count.replaceChildren(...wordNodes(ui("rows", { shown, count: rows.length })));
  };
  search.addEventListener("input", update);
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    if (head.dataset.filter) choices.push(makeChoice(head, rows, index, update));
  });
  const label = make("label", {}, make("span", {}, ui("search")), search);
  const bar = make("div", { class: "filters" }, label, choices.map((choice) => choice.label), count);
  box.prepend(bar);
  update();
}

/** Give a table its sort buttons and filters. */
function equipTable(box) {
  const table = box.querySelector("table");
  addFilters(box, table);
  if (table.tBodies[0].rows.length > 1) addSorting(table);
}
