// Charts, drawn by D3 as SVG. Colours are variables of the style, so that themes and paper need no
// drawing again; a chart is drawn again when its width or the language changes.
//
// Marks are reached by keyboard: one of each chart by Tab, its neighbours by the arrow keys; Enter
// opens what a click opens. What a mark says when pointed at is also its label for screen readers.

const TEXT_SIZE = 12.5; // px, as the style sets it
const SMALLEST_NAME = 9; // px, of a name on a map
const RAMP = 6; // shades of the style: --more-0 to --more-5
const PARTS = 10; // colours of the style: --part-0 to --part-9
const MAP_HEIGHT = 560; // px at most
const PAPER_MAP_HEIGHT = 450; // px at most: what follows a caption on its page
const PAPER_WIDTH = 680; // px: A4 without its margins
const NARROWEST = 260; // px
const NAME_SHARE = 0.36; // of the width, at most, for the names beside bars

let paperWidth = null; // while the page is printed

const widthOf = (drawing) => paperWidth || Math.max(NARROWEST, drawing.clientWidth);
const partColour = (index) => `var(--part-${index % PARTS})`;
const isNumber = (value) => typeof value === "number";

// --- texts within a drawing ----------------------------------------------------------------------

const canvas = document.createElement("canvas").getContext("2d");

function textWidth(words) {
  canvas.font = `${TEXT_SIZE}px ${getComputedStyle(root).fontFamily}`;
  return canvas.measureText(words).width;
}

/** Shorten words that are wider than their room. */
function shortened(words, room) {
  if (textWidth(words) <= room) return words;
  const letters = [...words];
  while (letters.length > 1 && textWidth(`${letters.join("")}…`) > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** Break words into two lines at most: between words, or between Chinese characters. */
function twoLines(words, room) {
  if (textWidth(words) <= room) return [words];
  const pieces = words.match(/[\u2e80-\uffef]|[^\u2e80-\uffef\s]+\s*|\s+/g) || [words];
  let first = "";
  while (pieces.length > 1 && textWidth(first + pieces[0]) <= room) first += pieces.shift();
  if (first === "") return [shortened(words, room)];
  return [first.trimEnd(), shortened(pieces.join(""), room)];
}

// --- marks ---------------------------------------------------------------------------------------

const tip = document.getElementById("tip");

function showTip(words, x, y) {
  tip.textContent = words;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x + 14), window.innerWidth - width - 8);
  const top = y + 18 + height > window.innerHeight ? y - height - 12 : y + 18;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

const hideTip = () => {
  tip.hidden = true;
};

/** Make groups marks: named, pointed at, reached by keyboard, opened if they have a key. */
function makeMarks(groups, labelOf, opensOf) {
  groups
    .attr("class", "mark")
    .attr("tabindex", -1)
    .attr("role", (datum) => (opensOf(datum) ? "button" : "img"))
    .attr("data-opens", (datum) => opensOf(datum) || null)
    .attr("aria-label", labelOf)
    .on("mousemove", (datum) => showTip(labelOf(datum), d3.event.clientX, d3.event.clientY))
    .on("mouseleave", hideTip)
    .on("focus", function showAtMark(datum) {
      const box = this.getBoundingClientRect();
      if (this.matches(":focus-visible")) showTip(labelOf(datum), box.left + box.width / 2, box.bottom - 10);
    })
    .on("blur", hideTip);
}

/** One stop of the Tab key a chart; arrows, Home and End move among its marks. */
function makeReachable(drawing) {
  const marks = [...drawing.querySelectorAll(".mark")];
  if (marks.length === 0) return;
  marks[0].setAttribute("tabindex", 0);
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  marks.forEach((mark, index) => {
    mark.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        mark.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      }
      if (!(event.key in steps)) return;
      event.preventDefault();
      const next = marks[Math.min(marks.length - 1, Math.max(0, index + steps[event.key]))];
      mark.setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });
  });
}

/** Name, number and unit of a mark; its interval where there is one. */
function markLabel(name, value, unit, low, high) {
  const unitWords = unit ? ` ${say(unit)}` : "";
  const number = isNumber(value) ? `${tenDigits(value)}${unitWords}` : say(ui("no-value"));
  const interval = isNumber(low) && isNumber(high) ? `\n${tenDigits(low)} – ${tenDigits(high)}` : "";
  return `${say(name)}: ${number}${interval}`;
}

// --- parts of charts -----------------------------------------------------------------------------

function addSvg(drawing, width, height) {
  return d3
    .select(drawing)
    .append("svg")
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("width", width)
    .attr("height", height)
    .attr("role", "group");
}

function addLegend(drawing, items) {
  const list = make("ul", { class: "legend" });
  for (const { colour, words } of items) {
    const swatch = make("i");
    swatch.style.background = colour;
    list.append(make("li", {}, swatch, make("span", {}, words)));
  }
  drawing.append(list);
}

/** The frame of charts whose rows are named on the left: names, grid, scale. */
function rowFrame(drawing, names, extent, room) {
  const width = widthOf(drawing);
  const widest = Math.max(...names.map((name) => textWidth(say(name))), 20);
  const left = Math.min(widest, width * NAME_SHARE) + 12;
  const texts = names.map((name) => twoLines(say(name), left - 12));
  const needsTwo = texts.some((lines) => lines.length > 1);
  const rowHeight = needsTwo ? 36 : names.length > 40 ? 21 : 28;
  const top = 22;
  const height = top + rowHeight * names.length + 6;
  const svg = addSvg(drawing, width, height);
  const x = d3.scaleLinear().domain(extent).range([left + room.left, width - room.right]);
  const middle = (index) => top + rowHeight * (index + 0.5);
  const ticks = x.ticks(Math.max(2, Math.floor((width - left - room.left - room.right) / 110)));
  const grid = svg.append("g").attr("aria-hidden", "true");
  for (const tick of ticks) {
    grid.append("line").attr("class", tick === 0 ? "zero" : "grid")
      .attr("x1", x(tick)).attr("x2", x(tick)).attr("y1", top - 4).attr("y2", height - 4);
    grid.append("text").attr("class", "soft").attr("x", x(tick)).attr("y", top - 9).attr("text-anchor", "middle").text(short(tick));
  }
  texts.forEach((lines, index) => {
    lines.forEach((line, at) => {
      const y = middle(index) + (at - (lines.length - 1) / 2) * 15;
      grid.append("text").attr("x", left - 8).attr("y", y).attr("dy", "0.36em").attr("text-anchor", "end").text(line);
    });
  });
  return { svg, x, middle, rowHeight, left, width };
}

/** The room beside bars for their numbers. */
function numberRoom(values) {
  const numbers = values.filter(isNumber);
  const width = (chosen) => Math.max(0, ...chosen.map((value) => textWidth(short(value))));
  const negative = numbers.filter((value) => value < 0);
  return { left: negative.length ? width(negative) + 10 : 4, right: Math.max(28, width(numbers) + 12) };
}

function extentOf(values) {
  const numbers = values.filter(isNumber);
  const extent = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  return extent[0] === extent[1] ? [0, 1] : extent;
}

function addWhisker(group, x, y, low, high) {
  if (!isNumber(low) || !isNumber(high)) return;
  const path = `M${x(low)},${y - 4}V${y + 4}M${x(low)},${y}H${x(high)}M${x(high)},${y - 4}V${y + 4}`;
  group.append("path").attr("class", "whisker").attr("d", path);
}

function addNumber(group, x, y, value, words) {
  group.append("text").attr("class", "halo").attr("x", value < 0 ? x - 6 : x + 6).attr("y", y).attr("dy", "0.36em")
    .attr("text-anchor", value < 0 ? "end" : "start").text(words);
}

// --- kinds of charts -----------------------------------------------------------------------------

function drawBars(drawing, { bars, unit }) {
  const values = bars.flatMap(({ value, low, high }) => [value, low, high]);
  const frame = rowFrame(drawing, bars.map(({ name }) => name), extentOf(values), numberRoom(values));
  const { svg, x, middle, rowHeight } = frame;
  const groups = svg.selectAll("g.mark").data(bars).enter().append("g");
  makeMarks(groups, (bar) => markLabel(bar.name, bar.value, unit, bar.low, bar.high), (bar) => bar.opens);
  groups.each(function drawBar(bar, index) {
    const group = d3.select(this);
    const y = middle(index);
    addTouch(group, frame, y);
    if (!isNumber(bar.value)) return;
    addBody(group, x, 0, bar.value, y, rowHeight, bar.value < 0 ? "var(--fall)" : "var(--part-0)");
    addWhisker(group, x, y, bar.low, bar.high);
    const end = bar.value < 0 ? Math.min(bar.value, bar.low || 0) : Math.max(bar.value, bar.high || 0);
    addNumber(group, x(end), y, bar.value, short(bar.value));
  });
}

/** The whole row answers to the pointer, however small its bar. */
function addTouch(group, frame, y) {
  group.append("rect").attr("class", "touch").attr("x", 0).attr("y", y - frame.rowHeight / 2)
    .attr("width", frame.width).attr("height", frame.rowHeight);
}

function addBody(group, x, from, to, y, rowHeight, colour) {
  group.append("rect").attr("class", "body").attr("x", Math.min(x(from), x(to))).attr("y", y - rowHeight * 0.32)
    .attr("width", Math.max(1, Math.abs(x(to) - x(from)))).attr("height", rowHeight * 0.64).style("fill", colour);
}

function drawStacks(drawing, { columns, parts, unit }) {
  addLegend(drawing, parts.map(({ name }, index) => ({ colour: partColour(index), words: name })));
  const sums = (sign) => columns.map((_, at) => d3.sum(parts, ({ values }) => Math.max(0, sign * values[at])));
  const above = sums(1);
  const below = sums(-1);
  const totals = above.map((sum, at) => sum - below[at]);
  const extent = extentOf([...above, ...below.map((sum) => -sum)]);
  const frame = rowFrame(drawing, columns, extent, { ...numberRoom(totals), left: 6 });
  const { svg, x, middle, rowHeight } = frame;
  columns.forEach((column, at) => {
    const ends = { more: 0, less: 0 };
    parts.forEach((part, index) => {
      const value = part.values[at];
      if (!isNumber(value) || value === 0) return;
      const side = value < 0 ? "less" : "more";
      const from = ends[side];
      ends[side] += value;
      const group = svg.append("g").datum(part);
      const name = joined([column, part.name], " · ");
      makeMarks(group, () => markLabel(name, value, unit), () => part.opens && part.opens[at]);
      addBody(group, x, from, ends[side], middle(at), rowHeight, partColour(index));
    });
    addNumber(svg.append("g").attr("aria-hidden", "true"), x(ends.more), middle(at), 0, short(totals[at]));
  });
}

/** Where the axis of a waterfall ends: at zero, or near the bars where their steps are small. */
function waterfallExtent(levels) {
  const low = Math.min(...levels);
  const high = Math.max(...levels);
  const isCut = low > 0 && (high - low) / high < 0.3;
  const pad = (high - low) * 0.15 || Math.abs(high) * 0.05 || 1;
  return { isCut, extent: isCut ? [low - pad, high] : extentOf(levels) };
}

function drawWaterfall(drawing, { start, effects, end, unit }) {
  let level = start.value;
  const rows = [{ ...start, from: null, to: start.value }];
  for (const effect of effects) {
    const from = level;
    level += effect.value || 0;
    rows.push({ ...effect, from, to: level });
  }
  rows.push({ ...end, from: null, to: end.value });
  const { isCut, extent } = waterfallExtent(rows.map(({ to }) => to));
  const frame = rowFrame(drawing, rows.map(({ name }) => name), extent, { left: 6, right: numberRoom(rows.map(({ value }) => value)).right + 8 });
  const { svg, x, middle, rowHeight } = frame;
  const groups = svg.selectAll("g.mark").data(rows).enter().append("g");
  makeMarks(groups, (row) => markLabel(row.name, row.value, unit), (row) => row.opens);
  groups.each(function drawRow(row, index) {
    const group = d3.select(this);
    const y = middle(index);
    const isLevel = row.from === null;
    const from = isLevel ? Math.max(0, extent[0]) : row.from;
    const colour = isLevel ? "var(--level)" : row.value < 0 ? "var(--fall)" : "var(--rise)";
    addTouch(group, frame, y);
    if (!isNumber(row.value)) return;
    addBody(group, x, from, row.to, y, rowHeight, colour);
    const sign = !isLevel && row.value > 0 ? "+" : "";
    addNumber(group, x(Math.max(from, row.to)), y, 0, sign + short(row.value).replace("-", "−"));
    if (index < rows.length - 1) {
      group.append("line").attr("class", "zero").attr("x1", x(row.to)).attr("x2", x(row.to))
        .attr("y1", y + rowHeight * 0.32).attr("y2", y + rowHeight * 0.68);
    }
  });
  if (isCut) drawing.append(make("p", { class: "note" }, ui("cut-axis")));
}

function drawIntervals(drawing, { rows, unit }) {
  const values = rows.flatMap(({ value, low, high }) => [value, low, high]).filter(isNumber);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const extent = low < high ? [low, high] : [low - 1, low + 1]; // points, unlike bars, need no zero
  const room = { left: 10, right: numberRoom(values).right };
  const frame = rowFrame(drawing, rows.map(({ name }) => name), extent, room);
  const { svg, x, middle } = frame;
  const groups = svg.selectAll("g.mark").data(rows).enter().append("g");
  makeMarks(groups, (row) => markLabel(row.name, row.value, unit, row.low, row.high), (row) => row.opens);
  groups.each(function drawRow(row, index) {
    const group = d3.select(this);
    const y = middle(index);
    addTouch(group, frame, y);
    if (!isNumber(row.value)) return;
    addWhisker(group, x, y, row.low, row.high);
    group.append("circle").attr("class", "body").attr("cx", x(row.value)).attr("cy", y).attr("r", 4.5).style("fill", "var(--part-0)");
    addNumber(group, x(Math.max(row.value, row.high || row.value)), y, 0, short(row.value));
  });
}

/** Move labels that lie on each other apart, from the top down. */
function spread(heights, distance, bottom) {
  const order = heights.map((height, index) => ({ height, index })).sort((first, second) => first.height - second.height);
  let above = -Infinity;
  for (const label of order) {
    label.height = Math.max(label.height, above + distance);
    above = label.height;
  }
  const excess = Math.max(0, above - bottom);
  const places = [];
  for (const label of order) places[label.index] = label.height - excess;
  return places;
}

function drawLines(drawing, { years, series, unit }) {
  const width = widthOf(drawing);
  const values = series.flatMap((line) => line.values).filter(isNumber);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const extent = low > 0 && low > high / 2 ? [low - (high - low || low) * 0.15, high] : extentOf(values);
  const names = series.map(({ name }) => shortened(say(name), width * 0.28));
  const left = Math.max(...values.map((value) => textWidth(short(value)))) + 10;
  const right = Math.max(...names.map(textWidth)) + 18;
  const height = 300;
  const svg = addSvg(drawing, width, height);
  const x = d3.scaleLinear().domain(d3.extent(years)).range([left + 12, width - right]);
  const y = d3.scaleLinear().domain(extent).nice(5).range([height - 28, 12]);
  const grid = svg.append("g").attr("aria-hidden", "true");
  for (const tick of y.ticks(5)) {
    grid.append("line").attr("class", tick === 0 ? "zero" : "grid").attr("x1", left).attr("x2", width - right + 6).attr("y1", y(tick)).attr("y2", y(tick));
    grid.append("text").attr("class", "soft").attr("x", left - 6).attr("y", y(tick)).attr("dy", "0.36em").attr("text-anchor", "end").text(short(tick));
  }
  let lastLabel = -Infinity;
  for (const year of years) {
    if (x(year) - lastLabel < 38) continue;
    lastLabel = x(year);
    grid.append("text").attr("class", "soft").attr("x", x(year)).attr("y", height - 8).attr("text-anchor", "middle").text(year);
  }
  const lasts = series.map((line) => {
    const known = line.values.map((value, at) => ({ value, at })).filter(({ value }) => isNumber(value));
    return known.length ? y(known[known.length - 1].value) : height / 2;
  });
  const places = spread(lasts, 16, height - 28);
  series.forEach((line, index) => {
    const points = line.values.map((value, at) => ({ value, year: years[at], at }));
    const path = d3.line().defined(({ value }) => isNumber(value)).x((point) => x(point.year)).y((point) => y(point.value));
    svg.append("path").attr("aria-hidden", "true").attr("d", path(points)).style("fill", "none").style("stroke", partColour(index)).style("stroke-width", 2);
    grid.append("text").attr("x", width - right + 12).attr("y", places[index]).attr("dy", "0.36em").style("fill", partColour(index)).style("font-weight", 600).text(names[index]);
    const groups = svg.selectAll(null).data(points.filter(({ value }) => isNumber(value))).enter().append("g");
    makeMarks(groups, (point) => markLabel(joined([line.name, String(point.year)], " · "), point.value, unit), (point) => line.opens && line.opens[point.at]);
    groups.append("circle").attr("class", "touch").attr("cx", (point) => x(point.year)).attr("cy", (point) => y(point.value)).attr("r", 10);
    groups.append("circle").attr("class", "body").attr("cx", (point) => x(point.year)).attr("cy", (point) => y(point.value)).attr("r", 4).style("fill", partColour(index));
  });
}

/** The shades of classes: from pale to deep, apart from each other as far as the ramp allows. */
function classShades(edges, diverging) {
  const uppers = [...edges, Infinity];
  const isLess = uppers.map((upper) => diverging && upper <= 0);
  const count = { true: isLess.filter(Boolean).length, false: isLess.filter((less) => !less).length };
  return uppers.map((_, index) => {
    const less = isLess[index];
    const rank = less ? count.true - 1 - index : index - count.true;
    const steps = count[less] - 1;
    const shade = steps === 0 ? 3 : Math.round((rank * (RAMP - 1)) / steps);
    return { fill: `var(--${less ? "less" : "more"}-${shade})`, ink: `var(--on-${shade})` };
  });
}

/** The classes of a legend, the least and the largest value at its ends. */
function classNames(edges, values) {
  const ends = [Math.min(...values), ...edges, Math.max(...values)].map(short);
  return ends.slice(1).map((upper, index) => (ends[index] === upper ? upper : `${ends[index]} – ${upper}`));
}

function drawMap(drawing, { shapes, unit, classes, diverging }) {
  const values = shapes.map(({ value }) => value).filter(isNumber);
  const shades = classShades(classes, diverging);
  const names = values.length ? classNames(classes, values) : [];
  const items = names.map((words, index) => ({ colour: shades[index].fill, words }));
  if (values.length < shapes.length) items.push({ colour: "var(--no-value)", words: ui("no-value") });
  addLegend(drawing, items);
  const points = shapes.flatMap(({ path }) => path.flat());
  const [x0, x1] = d3.extent(points, (point) => point[0]);
  const [y0, y1] = d3.extent(points, (point) => point[1]);
  const width = widthOf(drawing);
  const scale = Math.min((width - 4) / (x1 - x0 || 1), (paperWidth ? PAPER_MAP_HEIGHT : MAP_HEIGHT) / (y1 - y0 || 1));
  const height = (y1 - y0) * scale + 4;
  const margin = (width - (x1 - x0) * scale) / 2;
  const place = ([x, y]) => [margin + (x - x0) * scale, 2 + (y1 - y) * scale];
  const svg = addSvg(drawing, width, height);
  const groups = svg.selectAll("g.mark").data(shapes).enter().append("g");
  makeMarks(groups, (shape) => markLabel(shape.name, shape.value, unit), (shape) => shape.opens);
  groups.each(function drawShape(shape) {
    const rings = shape.path.map((ring) => ring.map(place));
    const known = isNumber(shape.value);
    const shade = known ? shades[d3.bisectRight(classes, shape.value)] : { fill: "var(--no-value)", ink: "var(--ink)" };
    const outline = rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}Z`).join("");
    const group = d3.select(this);
    group.append("path").attr("class", "body").attr("d", outline).attr("fill-rule", "evenodd")
      .style("fill", shade.fill).style("stroke", "var(--edge)");
    addShapeName(group, rings[0], say(shape.label || shape.name), shade.ink);
  });
}

/** A shape is named where its name has room within it, in smaller letters if need be. */
function addShapeName(group, ring, name, ink) {
  const [left, right] = d3.extent(ring, (point) => point[0]);
  const [top, bottom] = d3.extent(ring, (point) => point[1]);
  const size = Math.min(TEXT_SIZE, (TEXT_SIZE * (right - left) * 0.94) / textWidth(name));
  if (size < SMALLEST_NAME || bottom - top < 26) return;
  const [x, y] = d3.polygonCentroid(ring);
  group.append("text").attr("x", x).attr("y", y).attr("dy", "0.36em").attr("text-anchor", "middle")
    .style("fill", ink).style("font-size", `${size.toFixed(1)}px`).text(name);
}

function drawFlows(drawing, { from, to, flows, unit }) {
  const width = widthOf(drawing);
  const rowNames = from.map((name) => shortened(say(name), width * 0.26));
  const left = Math.max(...rowNames.map(textWidth)) + 12;
  const side = Math.max(22, Math.min(64, (width - left - 8) / to.length));
  const columnNames = to.map((name) => shortened(say(name), 150));
  const isSlanted = Math.max(...columnNames.map(textWidth)) > side - 6;
  const top = isSlanted ? Math.max(...columnNames.map(textWidth)) * 0.72 + 22 : 24;
  const drawn = Math.max(width, left + side * to.length + 8);
  const svg = addSvg(drawing, drawn, top + side * from.length + 6);
  const largest = d3.max(flows, ({ value }) => Math.abs(value)) || 1;
  const shade = (value) => Math.min(RAMP - 1, Math.floor(Math.sqrt(Math.abs(value) / largest) * RAMP));
  const grid = svg.append("g").attr("aria-hidden", "true");
  rowNames.forEach((name, index) => {
    grid.append("text").attr("x", left - 8).attr("y", top + side * (index + 0.5)).attr("dy", "0.36em").attr("text-anchor", "end").text(name);
  });
  columnNames.forEach((name, index) => {
    const x = left + side * (index + 0.5);
    const text = grid.append("text").text(name);
    if (isSlanted) text.attr("transform", `translate(${x},${top - 8}) rotate(-45)`);
    else text.attr("x", x).attr("y", top - 8).attr("text-anchor", "middle");
  });
  from.forEach((_, row) => to.forEach((__, column) => {
    grid.append("rect").attr("x", left + side * column).attr("y", top + side * row).attr("width", side - 2).attr("height", side - 2).attr("rx", 2)
      .style("fill", "none").style("stroke", "var(--rule)");
  }));
  const groups = svg.selectAll("g.mark").data(flows).enter().append("g");
  const nameOf = (flow) => joined([from[flow.from], to[flow.to]], " → ");
  makeMarks(groups, (flow) => markLabel(nameOf(flow), flow.value, unit), (flow) => flow.opens);
  groups.each(function drawFlow(flow) {
    const group = d3.select(this);
    const x = left + side * flow.to;
    const y = top + side * flow.from;
    group.append("rect").attr("class", "body").attr("x", x).attr("y", y).attr("width", side - 2).attr("height", side - 2).attr("rx", 2)
      .style("fill", `var(--more-${shade(flow.value)})`);
    const words = short(flow.value);
    if (textWidth(words) > side - 6) return;
    group.append("text").attr("x", x + side / 2 - 1).attr("y", y + side / 2).attr("dy", "0.36em").attr("text-anchor", "middle")
      .style("fill", `var(--on-${shade(flow.value)})`).text(words);
  });
}

const CHARTS = {
  map: drawMap,
  bars: drawBars,
  stacks: drawStacks,
  waterfall: drawWaterfall,
  intervals: drawIntervals,
  lines: drawLines,
  flows: drawFlows,
};

// --- drawing -------------------------------------------------------------------------------------

function drawChart(figure, chart) {
  const drawing = figure.querySelector(".drawing");
  const focused = [...drawing.querySelectorAll(".mark")].indexOf(document.activeElement);
  drawing.replaceChildren();
  CHARTS[chart.kind](drawing, chart.data);
  drawing.querySelector("svg").setAttribute("aria-label", say(joined([chart.title, ui("arrows")], " – ")));
  makeReachable(drawing);
  if (focused >= 0) drawing.querySelectorAll(".mark")[focused].focus();
}

const figureOfChart = (chart) => document.getElementById(`chart-${chart.id}`);

/** Paper has another width than the window: charts are drawn for it, and then as they were. */
function drawForPaper() {
  const drawAll = (width) => {
    paperWidth = width;
    for (const chart of page.charts) drawChart(figureOfChart(chart), chart);
  };
  window.addEventListener("beforeprint", () => drawAll(PAPER_WIDTH));
  window.addEventListener("afterprint", () => drawAll(null));
}

/** Draw all charts, and again when the language or the width changes. */
function drawCharts() {
  for (const chart of page.charts) {
    const figure = figureOfChart(chart);
    if (chart.data.unit) {
      figure.querySelector("figcaption").append(" ", make("span", { class: "unit" }, ui("unit", { unit: chart.data.unit })));
    }
    whenSpoken(figure, () => drawChart(figure, chart));
    let width = figure.clientWidth;
    const observer = new ResizeObserver(() => {
      // a window that was made wider, not the drawing itself becoming higher
      if (figure.clientWidth === width || figure.clientWidth === 0) return;
      width = figure.clientWidth;
      drawChart(figure, chart);
    });
    observer.observe(figure);
  }
  drawForPaper();
}
