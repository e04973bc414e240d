"""What the terminal shows of an account, its uncertainty, a plan and the catalogue.

The module also owns what all printed tables share: the width of the screen, how numbers are
rounded, how many rows are shown, and the line that names the result files.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gep.account.account import Account
from gep.account.caption import category_title, percent, rounded_parts, switch_labels
from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.account.pixel_caption import pixel_lines, step_line
from gep.extent.regions import region_label
from gep.io.csv_excel import row_place
from gep.io.toml_documents import Title
from gep.plan.blank_form import spoken
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Label, Language, Listed, Sayable, say, text, visible
from gep.uncertainty.interval_tables import Uncertainty
from gep.units import canonical
from gep.workflows.run import FILES
from gep.workflows.sensitivity import FILES as SENSITIVITY_FILES
from gep.workflows.sensitivity import SensitivityAnalysis

_WIDTH = 120  # columns of a file or pipe, at least
_MOST_REGIONS = 130  # rows that are shown; the files hold all
_WHOLE_FROM = 1000  # numbers from here are rounded to whole ones
_SMALLEST = 0.001  # numbers below are printed with an exponent
_FEW_DECIMALS = 2
_MANY_DECIMALS = 4
_WHOLE = 1e-6  # of the last decimal: numbers so close to a whole one are whole
SUM_OF_PARTS = "*"  # at a parent's figure that is a sum of parts only
_PLAN_COLUMNS = ("input", "binding", "value", "unit", "factor", "grade", "row")


# --- what all tables share -----------------------------------------------------------------------


class _Screen(Console):
    """A screen on which texts are printed as they are: no markup, and nothing that is not seen."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text of a table or line as it is printed."""
        return super().render_str(visible(text), **options)


def console() -> Console:
    """Return the screen; a file or pipe is taken to be wide enough for tables."""
    screen = _Screen(highlight=False, markup=False, emoji=False)
    if screen.is_terminal:
        return screen
    width = max(screen.width, _WIDTH)
    return _Screen(highlight=False, markup=False, emoji=False, width=width)


def print_line(line: str, style: str = "") -> None:
    """Print a line as it is; the terminal folds it, so that no file name is cut in a pipe."""
    screen = console()
    screen.print(Text(visible(line), style=style), soft_wrap=True)


def number(value: float) -> str:
    """Round a number for people: four figures at least, thousands apart; ``-`` if not finite."""
    if not np.isfinite(value):
        return "-"
    size = abs(value)
    if 0 < size < _SMALLEST:
        return f"{value:.3g}"
    if size == 0 or size >= _WHOLE_FROM:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:,.2f}"
    return f"{value:,.4f}"


def probability(value: float) -> str:
    """Write a probability with three decimals; what is possible is never 0, nor certain."""
    words = f"{value:.3f}"
    if words == "0.000" and value > 0:
        return "<0.001"
    if words == "1.000" and value < 1:
        return ">0.999"
    return words


def _decimals(amounts: np.ndarray) -> int:
    """Choose how many decimals the numbers of a table have that should add up."""
    sizes = np.abs(amounts[np.isfinite(amounts) & (amounts != 0)])
    if not len(sizes) or sizes.min() >= _WHOLE_FROM:
        return 0
    largest = sizes.max()
    if largest >= _WHOLE_FROM or sizes.min() >= 1:
        return _FEW_DECIMALS
    if largest >= _SMALLEST:
        return _MANY_DECIMALS
    return _MANY_DECIMALS - math.floor(math.log10(largest))


def _written(count: float, decimals: int, value: float) -> str:
    """Write a rounded number, ``count`` units of its last decimal; what is not 0 is never 0."""
    if count == 0 and value != 0:
        return number(value)
    return f"{count / 10**decimals + 0.0:,.{decimals}f}"


def rounded_table(
    values: np.ndarray, totals: np.ndarray, children: Mapping[int, Sequence[int]]
) -> list[list[str]]:
    """Round the rows of a table so that what is printed adds up.

    Each number is rounded up or down to the same decimal: rows add up to their totals, and the rows
    of a parent to the parent. Where no rounding does both, rows alone add up.

    Parameters
    ----------
    values : ndarray
        Row x part.
    totals : ndarray
        The sum of each row.
    children : mapping of int to sequence of int
        For rows that are the sums of others, these.

    Returns
    -------
    list of list of str
        For each row its parts and its total.
    """
    decimals = _decimals(totals)
    scaled = values * 10.0**decimals
    counts = np.zeros(scaled.shape)
    below = set(chain.from_iterable(children.values()))
    waiting = [row for row in range(len(scaled)) if row not in below]
    for row in waiting:
        counts[row] = rounded_parts(scaled[row], round(float(scaled[row].sum())))
    while waiting:
        parent = waiting.pop()
        rows = list(children.get(parent, ()))
        if not rows:
            continue
        counts[rows] = _rounded_children(scaled[rows], counts[parent])
        waiting += rows
    cells = []
    for row_values, row_counts, total in zip(values, counts, totals, strict=True):
        pairs = zip(row_counts, row_values, strict=True)
        words = [_written(count, decimals, value) for count, value in pairs]
        if len(row_values):
            words.append(_written(row_counts.sum(), decimals, total))
        else:
            words.append(number(total))
        cells.append(words)
    return cells


def rounded_change(first: float, last: float) -> list[str]:
    """Round two levels, and their change so that it is the difference of what is printed."""
    decimals = _decimals(np.array([first, last]))
    scale = 10**decimals
    first_count = round(first * scale)
    last_count = round(last * scale)
    change = last_count - first_count
    return [
        _written(first_count, decimals, first),
        _written(last_count, decimals, last),
        _written(change, decimals, last - first),
    ]


def rounded_effects(first: float, last: float, effects: Sequence[float]) -> list[str]:
    """Round the effects behind a change of two levels so that they sum to the printed change.

    They are rounded by themselves if they are not all of the change.
    """
    decimals = _decimals(np.array([first, last]))
    scale = 10**decimals
    change = round(last * scale) - round(first * scale)
    scaled = np.array(effects, dtype=float) * scale
    if not abs(scaled.sum() - change) < 1:
        return [number(effect) for effect in effects]
    cells = []
    for count, effect in zip(rounded_parts(scaled, change), effects, strict=True):
        cells.append(_written(count, decimals, effect))
    return cells


def _rounded_children(parts: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Round the rows (row x part) of a parent so that each part sums to the parent's.

    Rows are rounded by themselves where that cannot be.
    """
    rows = [rounded_parts(row, round(float(row.sum()))) for row in parts]
    if (np.abs(parts.sum(axis=0) - parent) >= 1 + _WHOLE).any():  # something is not compiled
        return np.array(rows)
    whole = np.floor(parts + _WHOLE)
    can_rise = parts - whole > _WHOLE
    column_rises = (parent - whole.sum(axis=0)).astype(int)
    row_totals = parts.sum(axis=1)
    rounded_totals = rounded_parts(row_totals, int(parent.sum()))
    row_rises = (rounded_totals - whole.sum(axis=1)).astype(int)
    rises = _rises(can_rise, parts - whole, row_rises, column_rises)
    return np.array(rows) if rises is None else np.asarray(whole + rises)


def _rises(
    can_rise: np.ndarray, remainders: np.ndarray, row_rises: np.ndarray, column_rises: np.ndarray
) -> np.ndarray | None:
    """Choose the cells that are rounded up, so many in each row and column; None if none fit.

    Largest remainders come first. Where they do not fit, cells of other rows are exchanged along a
    path of augmentation, as in bipartite matching.
    """
    if row_rises.min(initial=0) < 0 or row_rises.sum() != column_rises.sum():
        return None
    rises = np.zeros(can_rise.shape, dtype=bool)
    left = column_rises.copy()
    order = np.argsort(-remainders, axis=1, kind="stable")

    def place(row: int, seen: set[int]) -> bool:
        """Round one more cell of a row up, moving a cell of another row if need be."""
        for column in order[row]:
            if column in seen or not can_rise[row, column] or rises[row, column]:
                continue
            seen.add(column)
            if left[column] > 0:
                left[column] -= 1
                rises[row, column] = True
                return True
            for holder in np.flatnonzero(rises[:, column]).tolist():
                rises[holder, column] = False
                if place(holder, seen):
                    rises[row, column] = True
                    return True
                rises[holder, column] = True
        return False

    for row, count in enumerate(row_rises):
        for _ in range(count):
            if not place(row, set()):
                return None
    return rises


def cell(value: object) -> str:
    """Return a cell of a table as it is printed: floats rounded, anything else as it is."""
    if isinstance(value, float):
        return number(value)
    return str(value)


def titled_table(title: str) -> Table:
    """Begin a table with its title above it, at the left."""
    return Table(title=title, header_style="bold", title_justify="left")


def unit_title(unit: str, language: Language) -> str:
    """Return a unit as people write it: ``10^4 CNY km-2`` is 万元/平方千米 in Chinese."""
    return spoken(canonical(unit), language)


def hidden_rows(count: int, file: str, language: Language) -> str:
    """Word how many more rows a file has than are shown."""
    return say(language, "terminal.more-rows", count=count, file=file)


def print_caption(title: str, lines: Iterable[str]) -> None:
    """Print a blank line, a title, and the lines of a caption."""
    console().print()
    print_line(" ".join(title.split()), style="bold")
    for line in lines:
        print_line(" ".join(line.splitlines()))


def files_line(out: Path, names: Sequence[str], language: Language) -> str:
    """Word which result files are in a folder.

    Parameters
    ----------
    out : Path
        The folder.
    names : sequence of str
        The files that there can be; those that are missing are left out.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    written = []
    for name in names:
        file = out / name
        if file.is_file():
            written.append(name)
    files = Listed(tuple(written), len(written))
    return say(language, "terminal.files", folder=out, files=files)


# --- accounts ------------------------------------------------------------------------------------


def print_account(account: Account, title: Title, language: Language) -> None:
    """Print an account: its caption, then a table of regions and their parents.

    An account without any value (``measure = "quantity"``) shows its physical quantities. Where the
    total of a single region is withheld, for want of numbers, a second table has what is compiled.

    Parameters
    ----------
    account : Account
    title : Title
        Title of the project.
    language : {'zh', 'en'}
    """
    print_caption(title.say(language), account.caption(language))
    level = account.sums.level
    regions = np.flatnonzero(level == "region")
    parents = np.flatnonzero(level == "parent")
    positions = [*regions, *parents]
    shown = positions
    if len(positions) > _MOST_REGIONS:
        half = _MOST_REGIONS // 2
        shown = [*positions[:half], *positions[-half:]]
    if account.sums.has_values:
        table = _summary_table(account, shown, language)
        hidden = len(positions) - len(shown)
        file = "summary.csv"
    else:
        table, hidden = _quantity_table(account, positions, language)
        file = "account.csv"
    console().print(table)
    if hidden:
        print_line(hidden_rows(hidden, file, language))
    if _has_marks(table):
        print_line(say(language, "account.table.sum-of-parts"))
    if len(positions) == 1 and not np.isfinite(account.total(str(account.sums.codes[0]))):
        compiled = _compiled_table(account, language)
        if compiled.row_count:
            console().print(compiled)


def _compiled_table(account: Account, language: Language) -> Table:
    """Return the table of the figures of a single region that are compiled."""
    frame = account.table(str(account.sums.codes[0]), language)
    category, item, member, value, unit = frame.columns[:5]
    table = titled_table(say(language, "terminal.account.compiled"))
    for name in (category, item, member):
        table.add_column(str(name))
    table.add_column(str(value), justify="right")
    table.add_column(str(unit))
    for row in frame.to_dict("records"):
        if isinstance(row[value], str):  # na, or not compiled
            continue
        words = [str(row[name]) for name in (category, item, member)]
        unit_words = unit_title(str(row[unit]), language)
        table.add_row(*words, number(float(row[value])), unit_words)
    return table


def _has_marks(table: Table) -> bool:
    """Return whether a figure is marked as a sum of parts: those not compiled bear no mark."""
    for column in table.columns[1:]:
        for figure in column.cells:
            if str(figure).endswith(f" {SUM_OF_PARTS}"):
                return True
    return False


def _summary_table(account: Account, positions: Sequence[int], language: Language) -> Table:
    """Return the table of regions: categories, total, total per km2 and per head.

    What is printed adds up: categories to the total of a region and, where all regions are shown,
    regions to their parent.

    Parameters
    ----------
    account : Account
    positions : sequence of int
        The rows of ``account.sums`` that are shown.
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    sums = account.sums
    unit = canonical(account.plan.standard.spec.unit)
    total_column = sums.names.index(TOTAL)
    parts = [column for column, name in enumerate(sums.names) if name in CATEGORIES]
    table = Table(header_style="bold")
    table.add_column(say(language, "terminal.account.region"))
    for column in (*parts, total_column):
        _add_amounts(table, category_title(sums.names[column], language), unit, language)
    per_km2 = say(language, "terminal.account.per-km2")
    _add_amounts(table, per_km2, f"{unit} km-2", language)
    per_head = say(language, "terminal.account.per-head")
    _add_amounts(table, per_head, unit, language)
    rounded = _rounded_sums(account, positions, parts)
    for row, position in enumerate(positions):
        code = str(sums.codes[position])
        label = region_label(code, account.plan.regions)
        is_parent = sums.level[position] == "parent"
        cells = [label.say(language)]
        for column, amount in zip((*parts, total_column), rounded[row], strict=True):
            if sums.gap[position, column]:
                cells.append(say(language, "terminal.account.not-compiled"))
            elif sums.valid[position, column]:
                is_sum = is_parent and sums.names[column] in sums.sums_of_parts
                cells.append(f"{amount} {SUM_OF_PARTS}" if is_sum else amount)
            else:
                cells.append("na")
        total = account.total(code)
        land = sums.land[position]
        population = sums.population[position]
        cells.append(_ratio(total, land))
        cells.append(_ratio(total, population))
        table.add_row(*cells, style="bold" if is_parent else "")
    return table


def _rounded_sums(
    account: Account, positions: Sequence[int], parts: Sequence[int]
) -> list[list[str]]:
    """Return the categories and the total of some rows of ``account.sums``, as they are printed."""
    sums = account.sums
    rows = list(positions)
    values = np.where(sums.valid & ~sums.gap, sums.values, 0.0)[np.ix_(rows, parts)]
    totals = np.where(sums.valid & ~sums.gap, sums.values, 0.0)[rows, sums.names.index(TOTAL)]
    children: dict[int, list[int]] = {}
    if len(rows) == len(sums.codes):  # else a sum of what is shown means nothing
        children = _children(account, rows)
    return rounded_table(values, totals, children)


def _children(account: Account, positions: Sequence[int]) -> dict[int, list[int]]:
    """Return, for the rows that are parents, the rows next below them."""
    sums = account.sums
    row_of = {str(sums.codes[position]): row for row, position in enumerate(positions)}
    children: dict[int, list[int]] = {}
    regions = account.plan.regions
    if regions is None:
        return children
    for code, row in row_of.items():
        above = [row_of[parent] for parent in regions.ancestors(code) if parent in row_of]
        if above:
            children.setdefault(above[0], []).append(row)
    return children


def _quantity_table(
    account: Account, positions: Sequence[int], language: Language
) -> tuple[Table, int]:
    """Return the table of physical quantities, a row each, and how many rows are not shown.

    Parameters
    ----------
    account : Account
    positions : sequence of int
        The rows of ``account.block`` that are shown.
    language : {'zh', 'en'}

    Returns
    -------
    (Table, int)
    """
    table = Table(header_style="bold")
    for name in ("region", "quantity", "member"):
        table.add_column(say(language, f"terminal.account.{name}"))
    table.add_column(say(language, "terminal.account.amount"), justify="right")
    table.add_column(say(language, "terminal.account.unit"))
    hidden = 0
    for position in positions:
        code = str(account.sums.codes[position])
        label = region_label(code, account.plan.regions).say(language)
        is_parent = account.sums.level[position] == "parent"
        for quantity in account.quantities(code, language):
            if table.row_count >= _MOST_REGIONS:
                hidden += 1
                continue
            amount = cell(quantity.value)
            if quantity.value == NOT_COMPILED:
                amount = say(language, "terminal.account.not-compiled")
            elif is_parent and not quantity.additive and quantity.value != "na":
                amount = f"{amount} {SUM_OF_PARTS}"
            unit = unit_title(quantity.unit, language)
            cells = (label, quantity.title, quantity.member, amount, unit)
            table.add_row(*cells, style="bold" if is_parent else "")
    return table, hidden


def _add_amounts(table: Table, title: str, unit: str, language: Language) -> None:
    """Add a column of numbers, its unit below the title."""
    heading = f"{title}\n{unit_title(unit, language)}"
    table.add_column(heading, justify="right")


def _ratio(total: float, size: float) -> str:
    """Return a total over an area or a population; ``-`` if that is unknown or 0."""
    if not np.isfinite(size) or size == 0:
        return "-"
    return number(total / size)


def print_files(out: Path, language: Language) -> None:
    """Print where the result files of a run are.

    Parameters
    ----------
    out : Path
        The folder of the results.
    language : {'zh', 'en'}
    """
    print_line(files_line(out, FILES, language))


# --- plans and tables ----------------------------------------------------------------------------


def print_plan(plans: Sequence[Plan], table: pd.DataFrame, language: Language) -> None:
    """Print a plan: for each step what its inputs are, and in which file and row.

    Parameters
    ----------
    plans : sequence of Plan
        The plans of all years, under one standard.
    table : DataFrame
        Their tables, one below the other, columns ``gep.plan.plan_table.PLAN_COLUMNS``.
    language : {'zh', 'en'}
    """
    first = plans[0]
    spec = first.standard.spec
    years = tuple(plan.year for plan in plans)
    heading = say(
        language,
        "terminal.plan.heading",
        standard=Label(spec.id, spec.title),
        years=Listed(years, len(years)),
    )
    print_line(heading)
    if first.switches:
        switches = switch_labels(first.switches, spec)
        print_line(say(language, "terminal.plan.switches", switches=switches))
    for line in _lines_of_rasters(plans, language):
        print_line(line)
    steps: dict[tuple[int, str], Sayable] = {}
    members: dict[str, str] = {}
    how: dict[tuple[int, str], str] = {}
    rasters: set[str] = set()
    for plan in plans:
        if plan.raster is not None:
            rasters.update(plan.raster.labels)
        steps[plan.year, ""] = text("terminal.plan.no-step")
        for step in plan.steps:
            steps[plan.year, step.name] = step.label
            how[plan.year, step.name] = step_line(plan, step, language)
        members |= _member_titles(plan, language)
    for key, rows in table.groupby(["year", "step"], sort=False):
        year, name = key
        step_label = steps[year, name]
        title = say(language, "terminal.plan.step", year=year, step=step_label)
        lines = [title]
        method = str(rows["method"].iloc[0])
        clause = str(rows["clause"].iloc[0])
        if method:
            lines.append(say(language, "terminal.plan.method", method=method))
        if clause:
            lines.append(say(language, "terminal.plan.clause", clause=clause))
        if how.get(key):
            lines.append(how[key])
        shown = _shown_rows(rows, members, rasters, language)
        print_table("\n".join(lines), shown)


def _lines_of_rasters(plans: Sequence[Plan], language: Language) -> list[str]:
    """Say what is evaluated at pixels in any year, each line once."""
    lines: dict[str, None] = {}
    for plan in plans:
        lines.update(dict.fromkeys(pixel_lines(plan, language)))
    return list(lines)


def _member_titles(plan: Plan, language: Language) -> dict[str, str]:
    """Return regions and ecosystem types with titles, by their words in ``binding``."""
    titles = {}
    for code in map(str, plan.extent.regions):
        label = region_label(code, plan.regions)
        titles[f"region={code}"] = label.say(language)
    for name in plan.scheme.classes:
        title = plan.scheme.label(name).say(language)
        titles[f"ecosystem={name}"] = title
        if plan.crosswalk is None:  # else areas have classes of their own
            titles[f"class={name}"] = title
    return titles


def _shown_rows(
    rows: pd.DataFrame, members: Mapping[str, str], rasters: Collection[str], language: Language
) -> pd.DataFrame:
    """Return the rows of a step in a plan as they are printed, with headings in words.

    Parameters
    ----------
    rows : DataFrame
        Columns ``gep.plan.plan_table.PLAN_COLUMNS``.
    members : mapping of str to str
        What regions and ecosystem types are called, by their words in ``binding``, such as
        ``region=360102``.
    rasters : collection of str
        Files that have no rows.
    language : {'zh', 'en'}

    Returns
    -------
    DataFrame
    """
    inputs = []
    bindings = []
    places = []
    for row in rows.to_dict("records"):
        name = str(row["input"])
        if not row["step"]:  # areas and the like, which are no inputs of a method
            name = say(language, f"terminal.plan.input.{name}")
        inputs.append(name)
        binding = str(row["binding"]).removeprefix("coef=").removeprefix("data=")
        words = [members.get(word, word) for word in binding.split(" ")]
        bindings.append(" ".join(words))
        file = str(row["file"])
        place = file if file in rasters else row_place(file, [row["row"]]).say(language)
        set_label = str(row["set@version"])
        places.append(f"{set_label} {place}".strip())
    shown = rows.assign(input=inputs, binding=bindings, row=places)
    shown = shown[list(_PLAN_COLUMNS)]
    shown.columns = [say(language, f"terminal.plan.column.{name}") for name in _PLAN_COLUMNS]
    return shown


def print_table(title: str, frame: pd.DataFrame) -> None:
    """Print a table as it is, floats with up to ten digits.

    Parameters
    ----------
    title : str
    frame : DataFrame
    """
    table = titled_table(title)
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for row in frame.itertuples(index=False):
        cells = []
        for value in row:
            words = f"{value:.10g}" if isinstance(value, float) else str(value)
            cells.append(words)
        table.add_row(*cells)
    console().print(table)


_MAIN_SHARE = 0.5  # of value without limits, from which on intervals say little; from no text
_MOST_INTERVALS = 60  # rows that are shown; uncertainty.csv holds all
_MOST_INPUTS = 30  # rows that are shown; sensitivity.csv holds all
_INTERVAL_HEADINGS = ("region", "years", "mean", "low", "high", "positive", "ranks")
_SWING_HEADINGS = ("input", "rows", "low", "high", "result-low", "result-high", "swing")
_SWING_COLUMNS = ("low", "high", "result_low", "result_high", "swing")
_SOBOL_COLUMNS = ("first", "total")


def print_intervals(uncertainty: Uncertainty, account: Account, language: Language) -> None:
    """Print how samples were drawn, then levels and changes of the headline of all regions.

    An account without any value shows its physical quantities.

    Parameters
    ----------
    uncertainty : Uncertainty
    account : Account
        Of one of the years, for units and names of regions.
    language : {'zh', 'en'}
    """
    statement = uncertainty.statement()
    has_values = account.sums.has_values
    line = say(
        language,
        "terminal.intervals.statement" if has_values else "terminal.intervals.of-quantities",
        draws=statement["draws"],
        seed=statement["seed"],
        rows_drawn=statement["rows_drawn"],
        rows_used=statement["rows_used"],
        share=percent(statement["no_uncertainty_stated"]),
    )
    table = uncertainty.written_table()
    is_headline = table["category"] == TOTAL
    is_headline &= table["indicator"] == TOTAL
    if not has_values:
        is_headline = table["item"] != ""
    rows = table[is_headline.to_numpy()]
    print_line(line)
    if has_values and statement["no_uncertainty_stated"] > _MAIN_SHARE:
        print_line(say(language, "terminal.intervals.mostly-exact"))
    console().print(_interval_table(rows, account, language))


def _interval_table(rows: pd.DataFrame, account: Account, language: Language) -> Table:
    """Return the intervals of the headline.

    Parameters
    ----------
    rows : DataFrame
        Of ``uncertainty.csv``.
    account : Account
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    has_values = account.sums.has_values
    unit = account.plan.standard.spec.unit
    shown = titled_table(unit_title(unit, language) if has_values else "")
    for name in _INTERVAL_HEADINGS:
        is_text = name in ("region", "years")
        heading = say(language, f"terminal.intervals.{name}")
        shown.add_column(heading, justify="left" if is_text else "right")
    for row in rows.head(_MOST_INTERVALS).to_dict("records"):
        years = str(row["year"])
        positive = ""
        if row["from"]:  # a change
            years = f"{row['from']}-{row['to']}"
            positive = probability(float(row["p_positive"]))
        ranks = ""
        if row["rank_p025"] != "":
            ranks = f"{row['rank_p025']}-{row['rank_p975']}"
        region = region_label(str(row["region"]), account.plan.regions).say(language)
        if not has_values:
            region = f"{region} {_quantity_title(row, account, language)}"
        elif row["level"] == "parent" and TOTAL in account.sums.sums_of_parts:
            region = f"{region} {SUM_OF_PARTS}"
        cells = [region, years]
        for name in ("mean", "p025", "p975"):
            value = float(row[name])
            cells.append(number(value))
        cells += [positive, ranks]
        shown.add_row(*cells)
    hidden = len(rows) - _MOST_INTERVALS
    if hidden > 0:
        shown.caption = hidden_rows(hidden, "uncertainty.csv", language)
    return shown


def _quantity_title(row: Mapping[Any, Any], account: Account, language: Language) -> str:
    """Return the title of the quantity in a row of ``uncertainty.csv``, with its unit."""
    indicator = str(row["indicator"])
    titles = {item.id: item.name for item in account.plan.standard.spec.indicator}
    label = Label(indicator, titles.get(indicator)).say(language)
    unit = unit_title(str(row["unit"]), language)
    return f"{label} {row['item']} ({unit})"


def print_swings(analysis: SensitivityAnalysis) -> None:
    """Print the inputs that move a value most, in the language of the project.

    Parameters
    ----------
    analysis : SensitivityAnalysis
        Shown are the limits of each input, the result at them, and its Sobol indices if they were
        asked for.
    """
    language = analysis.project.language
    table = analysis.table
    title = say(
        language,
        "terminal.swings.title",
        title=analysis.title(language),
        unit=unit_title(analysis.unit, language),
    )
    shown = titled_table(title)
    for name in _SWING_HEADINGS:
        is_text = name == "input"
        heading = say(language, f"terminal.swings.{name}")
        shown.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    has_indices = bool(table["first"].notna().any())
    if has_indices:
        for name in _SOBOL_COLUMNS:
            heading = say(language, f"terminal.swings.{name}-order")
            shown.add_column(heading, justify="right")
    for row in table.head(_MOST_INPUTS).to_dict("records"):
        title = _input_title(str(row["input"]), analysis.account.plan, language)
        cells = [title, str(row["rows"])]
        for name in _SWING_COLUMNS:
            value = float(row[name])
            cells.append(number(value))
        if has_indices:
            for name in _SOBOL_COLUMNS:
                cells.append(_index_cell(row, name))
        shown.add_row(*cells)
    hidden = len(table) - _MOST_INPUTS
    if hidden > 0:
        shown.caption = hidden_rows(hidden, "sensitivity.csv", language)
    for line in analysis.caption(language):
        print_line(line)
    console().print(shown)
    if analysis.out is not None:
        print_line(files_line(analysis.out, SENSITIVITY_FILES, language))


def _input_title(name: str, plan: Plan, language: Language) -> str:
    """Return the name of an input with the titles of the regions and ecosystem types in it."""
    regions = set(plan.extent.regions)
    words = []
    for word in name.split(" "):
        if word == "area":
            words.append(say(language, "terminal.swings.area"))
        elif word in regions:
            words.append(region_label(word, plan.regions).say(language))
        elif word in plan.scheme.classes:
            words.append(plan.scheme.label(word).say(language))
        else:
            words.append(word)
    return " ".join(words)


def _index_cell(row: Mapping[str, Any], name: str) -> str:
    """Return a Sobol index with its interval; ``-`` where it is not known."""
    index = float(row[name])
    low = float(row[f"{name}_low"])
    high = float(row[f"{name}_high"])
    if np.isnan(index):
        return "-"
    return f"{index:.3f} [{low:.3f}, {high:.3f}]"
