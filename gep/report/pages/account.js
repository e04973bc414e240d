// Explanations of accounts, made from their cells; what the cells hold is described in
// gep/report/pages/account_cells.py. They say what `gep explain` says.
//
// A key is account:YEAR:REGION:WHAT, where WHAT is a total, a category, an indicator, a step, or
// STEP:NUMBER for one of its cells.

const RATIOS = {
  per_km2: { column: "land", total: "total" },
  per_capita: { column: "population", total: "total" },
}; // of the total, by land area and by person
const SHOWN_CALCULATIONS = 10; // of the largest parts, as gep explain writes them

// --- reading columns -----------------------------------------------------------------------------

/** The entry of a cell or row in a column, which may be one entry for all, or one a member. */
function entry(column, number, cells) {
  if (Array.isArray(column)) return column[number];
  if (column !== null && typeof column === "object") {
    return column.values[entry(cells[column.over], number, cells)];
  }
  return column;
}

/** A row of numbers with its texts. */
function rowAt(accounts, position) {
  const row = {};
  for (const [name, column] of Object.entries(accounts.rows)) {
    const value = entry(column, position);
    const isPlain = name === "value" || name === "factor" || name === "row";
    if (isPlain) row[name] = value;
    else row[name] = name === "source" ? accounts.sources[value] : accounts.texts[value];
  }
  return row;
}

/** What a key names: year, region, and a line, a step or a cell; null if nothing does. */
function parseKey(accounts, key) {
  const [, year, rest] = key.match(/^account:(\d+):(.*)$/s) || [];
  const cells = accounts.years[year];
  if (!cells) return null;
  const codes = Object.keys(accounts.regions).filter((code) => rest.startsWith(`${code}:`));
  if (codes.length === 0) return null;
  const region = codes.reduce((longest, code) => (code.length > longest.length ? code : longest));
  const what = rest.slice(region.length + 1);
  const context = { accounts, year, cells, region, positions: positionsOf(cells, region) };
  if (context.positions.length === 0) return null;
  const stepNamed = (name) => cells.steps.find((step) => step.name === name);
  if (what in cells.lines.values || what in accounts.sums) return { ...context, line: what };
  if (accounts.indicators.some(({ id }) => id === what)) return { ...context, line: what };
  if (stepNamed(what)) return { ...context, step: stepNamed(what) };
  if (what in RATIOS) return { ...context, ratio: what };
  const [, name, number] = what.match(/^(.*):(\d+)$/s) || [];
  const step = stepNamed(name);
  return step && Number(number) < step.count ? { ...context, step, number: Number(number) } : null;
}

/** The positions of a region, or of the regions of a parent. */
function positionsOf(cells, region) {
  if (Object.prototype.hasOwnProperty.call(cells.parents, region)) return cells.parents[region];
  const position = cells.regions.indexOf(region);
  return position < 0 ? [] : [position];
}

const isParent = ({ cells, region }) => Object.prototype.hasOwnProperty.call(cells.parents, region);

const keyOf = ({ year, region }, what) => `account:${year}:${region}:${what}`;

/** The figure of a line: a number, "na", "not_compiled", or null where there is no such line. */
function figureOf({ cells }, region, line) {
  const column = cells.lines.values[line];
  return column === undefined ? null : column[cells.lines.codes.indexOf(region)];
}

// --- names ---------------------------------------------------------------------------------------

function withCode(words, code) {
  return say(words) === code && words === code ? code : joined([words, `(${code})`], " ");
}

function regionName(accounts, code) {
  return accounts.regions[code] ? accounts.regions[code].name : code;
}

function lineName(accounts, line) {
  const indicator = accounts.indicators.find(({ id }) => id === line);
  if (indicator) return indicator.name;
  return accounts.categories[line] || line;
}

const unitName = (accounts, unit) => (unit === "1" ? "" : accounts.units[unit] || unit);

const isSaid = (words) => words !== "" && words !== null && words !== undefined;

/** A heading with its unit in brackets, if it has one. */
function withUnit(accounts, name, unit) {
  const words = unitName(accounts, unit);
  return words === "" ? name : ui("with-unit", { name, unit: words });
}

function memberName({ accounts, cells }, step, dim, position) {
  if (dim === "region") return regionName(accounts, cells.regions[position]);
  const id = dim === "ecosystem" ? cells.ecosystems[position] : step.members[dim][position];
  return (accounts.members[dim] || {})[id] || id;
}

/** The name of a cell by its members; without its region where that is known. */
function cellName(context, step, number, dims = step.dims) {
  const names = dims.map((dim) => memberName(context, step, dim, entry(step.cells[dim], number, step.cells)));
  return names.length ? joined(names, " · ") : ui("whole");
}

// --- numbers as Python writes them ---------------------------------------------------------------

/** A number with so many significant digits, as Python's format "g" writes it. */
function general(value, digits, isGrouped = false) {
  if (value === null || value === undefined) return "nan";
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return `${short}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = value.toFixed(Math.max(0, digits - 1 - exponent));
  const trimmed = plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain;
  if (!isGrouped) return trimmed;
  const [whole, decimals] = trimmed.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? groups : `${groups}.${decimals}`;
}

// --- parts of an explanation ---------------------------------------------------------------------

function factsList(facts) {
  const list = make("dl", { class: "facts" });
  for (const [term, words] of facts) list.append(make("dt", {}, term), make("dd", {}, words));
  return list;
}

function answer(value, unit) {
  const number = make("span", { class: "number" }, tenDigits(value));
  return make("p", { class: "answer" }, number, " ", make("span", { class: "unit" }, unit));
}

/** A table of figures, each of which opens its own explanation, with its share of their sum. */
function figuresTable(title, heading, unit, figures) {
  const sum = figures.reduce((total, { value }) => total + (isNumber(value) ? value : 0), 0);
  const hasShares = sum > 0 && figures.every(({ value }) => !isNumber(value) || value >= 0);
  const columns = [{ heading }, { heading: ui("figure"), number: true }];
  if (hasShares) columns.push({ heading: ui("share"), number: true });
  const rows = figures.map(({ name, value, opens }) => {
    const number = isNumber(value) ? value : null;
    const row = [[name], [tenDigits(value), number, opens]];
    const share = number === null ? "" : `${((100 * number) / sum).toFixed(1)} %`;
    return hasShares ? [...row, [share, number]] : row;
  });
  return makeTable({ title, unit, columns, rows });
}

/** The figures of the regions of a parent. */
function regionsTable(context, line) {
  const { accounts, cells, positions } = context;
  const figures = positions.map((position) => {
    const region = cells.regions[position];
    const name = regionName(accounts, region);
    return { name, value: figureOf(context, region, line), opens: keyOf({ ...context, region }, line) };
  });
  return figuresTable(ui("by-region"), ui("region"), accounts.unitWords, figures);
}

// --- totals, categories, indicators --------------------------------------------------------------

/** Whether the figure of a parent is the sum of those of its regions, and not computed for it. */
function parentRemark(context, line) {
  const isSum = context.accounts.sumsOfParts.includes(line);
  return make("p", { class: "remark" }, ui(isSum ? "sum-of-parts" : "sum-of-regions"));
}

function sumNodes(context, line) {
  const { accounts, region } = context;
  const figures = accounts.sums[line].map((addend) => ({
    name: lineName(accounts, addend),
    value: figureOf(context, region, addend),
    opens: keyOf(context, addend),
  }));
  const numbers = figures.map(({ value }) => tenDigits(value)).join(" + ");
  const sum = `${numbers} = ${tenDigits(figureOf(context, region, line))}`;
  const table = figuresTable(ui("addends"), ui("addend"), accounts.unitWords, figures);
  return [make("p", { class: "line formula" }, sum), table];
}

/** The steps of an indicator and those that they need, in the order of the account. */
function stepsOf({ cells }, indicator) {
  const waiting = cells.steps.filter((step) => step.indicator === indicator).map(({ name }) => name);
  const needed = new Set();
  while (waiting.length) {
    const name = waiting.pop();
    if (needed.has(name)) continue;
    needed.add(name);
    const { inputs } = cells.steps.find((step) => step.name === name);
    waiting.push(...inputs.map(({ step }) => step).filter((source) => source !== ""));
  }
  return cells.steps.filter(({ name }) => needed.has(name));
}

function lineExplanation(context, line) {
  const { accounts, region, year } = context;
  const name = lineName(accounts, line);
  const heading = ui("account-heading", { region: withCode(regionName(accounts, region), region), year, what: name });
  const figure = figureOf(context, region, line);
  const nodes = figure === null ? [] : [answer(figure, accounts.unitWords)];
  if (line in accounts.sums) nodes.push(...sumNodes(context, line));
  if (isParent(context)) nodes.push(parentRemark(context, line), regionsTable(context, line));
  for (const step of stepsOf(context, line)) nodes.push(...stepNodes(context, step));
  return { heading, name: joined([regionName(accounts, region), year, name], " · "), nodes };
}

/** The total by land area or by person: the total, which opens its own explanation, and the size. */
function ratioExplanation(context, ratio) {
  const { accounts, cells, region, year } = context;
  const { column, total } = RATIOS[ratio];
  const value = figureOf(context, region, total);
  const size = cells.lines[column][cells.lines.codes.indexOf(region)];
  const name = ui(ratio);
  const heading = ui("account-heading", { region: withCode(regionName(accounts, region), region), year, what: name });
  const result = isNumber(value) && size ? Number((value / size).toPrecision(10)) : null;
  const sum = `${tenDigits(value)} ÷ ${tenDigits(size)} = ${tenDigits(result)}`;
  const rows = [
    [[lineName(accounts, total)], [tenDigits(value), value, keyOf(context, total)], [accounts.unitWords]],
    [[ui(column)], [tenDigits(size), size], [column === "land" ? ui("km2") : ui("persons")]],
  ];
  const columns = [{ heading: ui("part") }, { heading: ui("figure"), number: true }, { heading: ui("unit-name") }];
  const nodes = [
    answer(result, accounts.unitWords),
    make("p", { class: "line formula" }, sum),
    makeTable({ title: ui("parts"), columns, rows }),
  ];
  return { heading, name: joined([regionName(accounts, region), name], " · "), nodes };
}

// --- steps ---------------------------------------------------------------------------------------

/** The numbers of the cells of a step that count for the regions of a context. */
function cellsOf({ positions }, step) {
  const numbers = [...Array(step.count).keys()];
  if (!step.dims.includes("region")) return numbers;
  const chosen = new Set(positions);
  return numbers.filter((number) => chosen.has(entry(step.cells.region, number, step.cells)));
}

const valueOf = (step, column, number) => entry(step.cells[column], number, step.cells);

/** The formula with numbers put in, or the inputs listed where there is no formula. */
function calculation(step, number) {
  const numbers = { ...step.constants };
  for (const { name } of step.inputs) numbers[name] = valueOf(step, `in:${name}`, number);
  if (step.formula === "") {
    return step.inputs.map(({ name }) => `${name} = ${general(numbers[name], 6)}`).join(", ");
  }
  const expression = step.formula.replace(/^= /, "");
  return expression.replace(/(?<![\w.])[A-Za-z_]\w*/g, (name) => (name in numbers ? general(numbers[name], 6) : name));
}

/** A line of a calculation, as gep explain writes it. */
function calculationLine({ accounts }, step, number, name) {
  const unit = unitName(accounts, step.resultUnit);
  const area = step.perArea ? ` × ${general(valueOf(step, "area", number), 6, true)} hm2` : "";
  const result = general(valueOf(step, "result", number), 6, true);
  const amount = general(valueOf(step, "amount", number), 8, true);
  if (step.layers.length) {
    const mean = joined([ui("mean-of-pixels"), ` ${result} `, unit], "");
    return joined([name, ": ", mean, `${area} → ${amount} `, unitName(accounts, step.unit)], "");
  }
  const parts = [name, `: ${calculation(step, number)} = ${result} `, unit, `${area} → ${amount} `, unitName(accounts, step.unit)];
  return joined(parts, "");
}

function calculationsList(context, step, numbers) {
  const known = numbers.filter((number) => isNumber(valueOf(step, "amount", number)));
  const size = (number) => Math.abs(valueOf(step, "amount", number));
  const largest = [...known].sort((first, second) => size(second) - size(first)).slice(0, SHOWN_CALCULATIONS);
  if (largest.length === 0) return [];
  const dims = isParent(context) ? step.dims : step.dims.filter((dim) => dim !== "region");
  const lines = largest.map((number) => make("li", {}, calculationLine(context, step, number, cellName(context, step, number, dims))));
  const smaller = known.length - largest.length;
  if (smaller > 0) lines.push(make("li", {}, ui("smaller-parts", { count: smaller })));
  return [make("ul", { class: "calculations calculation" }, lines)];
}

/** Sum the amounts of cells; null if there are none. */
function sumOf(step, numbers) {
  const amounts = numbers.map((number) => valueOf(step, "amount", number)).filter(isNumber);
  return amounts.length ? amounts.reduce((sum, amount) => sum + amount, 0) : null;
}

/** The amount of a step, with the sums of members that are different things. */
function amountNodes(context, step, numbers) {
  const unit = unitName(context.accounts, step.unit);
  const line = (words) => make("p", { class: "line amount" }, words);
  const gap = step.gap.filter((position) => context.positions.includes(position));
  if (gap.length) {
    const names = joined(gap.map((position) => regionName(context.accounts, context.cells.regions[position])), "、");
    return [line(ui("not-compiled", { regions: names }))];
  }
  if (!step.summed && numbers.length !== 1) return [];
  const groups = new Map();
  for (const number of numbers) {
    const name = cellName(context, step, number, step.separate);
    const key = say(name);
    if (!groups.has(key)) groups.set(key, { name, numbers: [] });
    groups.get(key).numbers.push(number);
  }
  if (step.separate.length && step.kind !== "value" && groups.size > 1) {
    return [...groups.values()].map((group) => line(joined([group.name, `: ${tenDigits(sumOf(step, group.numbers))} `, unit], "")));
  }
  const sum = sumOf(step, numbers);
  const words = sum === null ? "na" : joined([`${tenDigits(Number(sum.toPrecision(10)))} `, unit], "");
  return [line(joined([ui("amount"), words], " "))];
}

function stepFacts({ accounts }, step) {
  const facts = [
    [ui("kind"), joined([accounts.kinds[step.kind] || step.kind, unitName(accounts, step.unit)].filter(isSaid), " · ")],
    [ui("formula"), make("span", { class: "formula" }, step.formula || ui("no-formula"))],
    [ui("method"), make("span", { class: "formula" }, step.method)],
  ];
  if (step.clause) facts.push([ui("clause"), step.clause]);
  if (step.layers.length) facts.push([ui("pixels"), ui("at-pixels", { layers: step.layers.join(", ") })]);
  if (!step.additive) facts.push([ui("parents"), ui("not-additive")]);
  else if (step.restsOnSums) facts.push([ui("parents"), ui("rests-on-sums")]);
  return factsList(facts);
}

/** The table of the cells of a step in a region; each opens the rows it rests on. */
function cellsTable(context, step, numbers) {
  const { accounts } = context;
  const dims = step.dims.filter((dim) => dim !== "region");
  const columns = [{ heading: ui("part") }];
  const addNumbers = (name, unit) => columns.push({ heading: withUnit(accounts, name, unit), number: true });
  for (const { name, unit } of step.inputs) addNumbers(name, unit);
  if (step.perArea) addNumbers(ui("area"), "hm2");
  addNumbers(ui("result"), step.resultUnit);
  addNumbers(ui("amount"), step.unit);
  const number = (value) => [tenDigits(value), value];
  const rows = numbers.map((cell) => {
    const name = [cellName(context, step, cell, dims), null, keyOf(context, `${step.name}:${cell}`)];
    const inputs = step.inputs.map((input) => inputCell(context, step, input, cell));
    const area = step.perArea ? [number(valueOf(step, "area", cell))] : [];
    return [name, ...inputs, ...area, number(valueOf(step, "result", cell)), number(valueOf(step, "amount", cell))];
  });
  return makeTable({ title: ui("parts"), columns, rows });
}

/** The number of an input, which opens the step that it comes from. */
function inputCell(context, step, input, number) {
  const value = valueOf(step, `in:${input.name}`, number);
  return [tenDigits(value), value, input.step === "" ? "" : keyOf(context, input.step)];
}

/** The amounts of a step by region, of a parent. */
function stepRegionsTable(context, step) {
  const { accounts, cells, positions } = context;
  const figures = positions.map((position) => {
    const region = cells.regions[position];
    const value = sumOf(step, cellsOf({ positions: [position] }, step));
    return { name: regionName(accounts, region), value: value === null ? "na" : value, opens: keyOf({ ...context, region }, step.name) };
  });
  return figuresTable(ui("by-region"), ui("region"), unitName(accounts, step.unit), figures);
}

function stepNodes(context, step) {
  const numbers = cellsOf(context, step);
  const byRegion = isParent(context) && step.dims.includes("region");
  return [
    make("h3", {}, withCode(step.title, step.name)),
    ...amountNodes(context, step, numbers),
    stepFacts(context, step),
    ...calculationsList(context, step, numbers),
    byRegion && step.summed ? stepRegionsTable(context, step) : cellsTable(context, step, numbers),
  ];
}

function stepExplanation(context, step) {
  const { accounts, region, year } = context;
  const heading = ui("account-heading", { region: withCode(regionName(accounts, region), region), year, what: step.title });
  return { heading, name: joined([regionName(accounts, region), step.title], " · "), nodes: stepNodes(context, step) };
}

// --- cells and the rows behind them --------------------------------------------------------------

/** The positions of the rows behind the input of a cell, and of the price indices that convert it. */
function rowsOfInput(step, input, number) {
  if (!(`row:${input.name}` in step.cells)) return [];
  const position = valueOf(step, `row:${input.name}`, number);
  const rows = position < 0 ? [] : [{ name: input.name, position }];
  const name = ui("price-index", { input: input.name });
  return [...rows, ...input.index.map((index) => ({ name, position: index }))];
}

/** The rows of areas and of the crosswalk behind a cell. */
function areaRows({ cells }, step, number) {
  const { areas } = cells;
  const region = step.dims.includes("region") ? valueOf(step, "region", number) : null;
  const counted = new Set(step.inputs.flatMap((input) => input.areas || []));
  if (step.perArea && step.dims.includes("ecosystem")) counted.add(valueOf(step, "ecosystem", number));
  const all = [...Array(columnLength(areas)).keys()];
  const behind = all.filter((part) => {
    const isInRegion = region === null || entry(areas.region, part) === region;
    return isInRegion && counted.has(entry(areas.ecosystem, part));
  });
  const rows = behind.map((part) => ({ name: ui("area-rows"), position: entry(areas.row, part) }));
  const cross = new Set(behind.map((part) => entry(areas.cross, part)).filter((position) => position >= 0));
  return [...rows, ...[...cross].map((position) => ({ name: ui("crosswalk-rows"), position }))];
}

/** How many entries the columns of a table have, of which some may be one for all. */
function columnLength(columns) {
  const lists = Object.values(columns).filter(Array.isArray);
  return lists.length ? Math.max(...lists.map((column) => column.length)) : 1;
}

const KEY_ORDER = ["region", "ecosystem", "product", "substance", "class"];

/** The keys of a row, by the names of their members. */
function rowKeys({ accounts }, row) {
  const isKey = (name) => name in accounts.members || KEY_ORDER.includes(name);
  const keys = Object.keys(row).filter((name) => isKey(name) && row[name]);
  const names = keys.map((name) => {
    if (name === "region") return withCode(regionName(accounts, row[name]), row[name]);
    return (accounts.members[name] || {})[row[name]] || row[name];
  });
  return names.length ? joined(names, " · ") : "";
}

/** A row of numbers as it stands in its file: what it supplies, its number, where it comes from. */
function sourceItem(context, name, position) {
  const { accounts } = context;
  const row = rowAt(accounts, position);
  const unit = joined([unitName(accounts, row.unit), row.price_year ? `[${row.price_year}]` : ""].filter(isSaid), " ");
  const number = make("span", { class: "number", "data-v": row.value }, tenDigits(row.value === null ? "na" : row.value));
  const factor = row.factor === 1 ? [] : ["× ", tenDigits(row.factor)];
  const head = make("p", { class: "row" }, make("b", {}, name), " = ", number, " ", unit, " ", factor);
  const grade = accounts.grades[row.grade] || row.grade;
  const index = row.index_grade ? ui("converted", { grade: accounts.grades[row.index_grade] || row.index_grade }) : "";
  const facts = [
    [ui("given-for"), rowKeys(context, row)],
    [ui("where"), joined([row.set, row.file, row.row ? ui("row", { row: row.row }) : ""].filter(isSaid), " ")],
    [ui("source"), joined([row.source, row.locator].filter(isSaid), ", ")],
    [ui("grade"), joined([grade, index].filter(isSaid), "; ")],
    [ui("note"), row.note],
  ];
  return make("li", {}, head, factsList(facts.filter(([, words]) => isSaid(words) && say(words) !== "")));
}

/** The coefficient, data, price, area and crosswalk rows that a cell rests on. */
function sourcesList(context, behind) {
  const items = behind.map(({ name, position }) => sourceItem(context, name, position));
  return [make("h3", {}, ui("rows-behind")), make("ol", { class: "sources" }, items)];
}

function inputsTable(context, step, number) {
  const { accounts } = context;
  const columns = [{ heading: ui("input") }, { heading: ui("figure"), number: true }, { heading: ui("unit-name") }];
  const rows = step.inputs.map((input) => [
    [input.name],
    inputCell(context, step, input, number),
    [unitName(accounts, input.unit)],
  ]);
  if (step.perArea) {
    const area = valueOf(step, "area", number);
    rows.push([[ui("area")], [tenDigits(area), area], ["hm2"]]);
  }
  return makeTable({ title: ui("inputs"), columns, rows });
}

function cellExplanation(context, step, number) {
  const { accounts, region, year } = context;
  const name = cellName(context, step, number, step.dims.filter((dim) => dim !== "region"));
  const what = joined([step.title, name], " · ");
  const heading = ui("account-heading", { region: withCode(regionName(accounts, region), region), year, what });
  const behind = [...step.inputs.flatMap((input) => rowsOfInput(step, input, number)), ...areaRows(context, step, number)];
  const nodes = [
    answer(valueOf(step, "amount", number), unitName(accounts, step.unit)),
    stepFacts(context, step),
    make("p", { class: "calculations calculation" }, calculationLine(context, step, number, name)),
    inputsTable(context, step, number),
  ];
  if (behind.length) nodes.push(...sourcesList(context, behind));
  return { heading, name, nodes };
}

/** Make the explanation of a key; null if the accounts have nothing of this name. */
function accountExplanation(accounts, key) {
  const context = parseKey(accounts, key);
  if (context === null) return null;
  if (context.line !== undefined) return lineExplanation(context, context.line);
  if (context.ratio !== undefined) return ratioExplanation(context, context.ratio);
  if (context.number !== undefined) return cellExplanation(context, context.step, context.number);
  return stepExplanation(context, context.step);
}
