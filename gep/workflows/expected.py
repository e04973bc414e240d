"""Printed figures (算例核对): results of a project and of methods held against ``expected.csv``.

The module reads the table, finds what accounts, assessments and methods give for each of its rows,
and says which rows hold. A row of role ``match`` holds where our number is the printed one at the
digits printed; a ``mismatch`` names a figure that does not follow from its source, and holds while
ours differs from it. Nothing is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.account.columns import ResultColumns, columns_of
from gep.account.lines import TOTAL, region_named, unknown_indicator
from gep.errors import Place, Problem, ProblemLog, ProblemsFound, worded_in
from gep.inputs.value_rows import (
    KEYS,
    check_duplicates,
    check_not_blank,
    check_units,
    in_column,
    unit_fault,
)
from gep.io.argument_types import checked_arguments
from gep.io.notebook import ShownAsTable
from gep.io.tables import Columns, Table, read_numbers, read_table, suggestion
from gep.plan.plan import Plan
from gep.project.project import Project, check_project
from gep.standards.method import Method, load_method
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Language, Listed, locale_language
from gep.units import UnitError, factor, same_dimension
from gep.workflows.assess import apply_schemes
from gep.workflows.compare import CompareOptions, compute_comparison

EXPECTED = "expected.csv"
MATCH = "match"
MISMATCH = "mismatch"

_INPUT = "input"
_ROLES = (MATCH, MISMATCH, _INPUT)
_NA = "na"
_AREA = "area"  # the item for the land of ecosystem types
_PER_KM2 = "per_km2"
_PER_CAPITA = "per_capita"
_SHARE = "share"
_KINDS = (_PER_KM2, _PER_CAPITA, _SHARE)
_JOINT = "+"
_MEMBERS = KEYS[2:]  # keys beside region and ecosystem, which have columns of their own
_COLUMNS = Columns(
    required=("item", "value", "unit", "locator", "role"),
    optional=("case", "year", *KEYS, "tolerance", "reason", "note"),
)
_IDENTITY = ["case", "item", "year", *KEYS, "unit", "locator", "is_input"]
_PERIOD = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)
# A cell of a table of an assessment or comparison: ei-hj192-2015/index.csv:component=total:value
_CELL = re.compile(r"(?P<table>[^/:]+/[^/:]+\.csv):(?:(?P<keys>[^:]+):)?(?P<column>[^:]+)")
_COMPARISON = "comparison/"  # the tables of the years compared, beside those of schemes
_NUMBER = re.compile(r"[\W\d_eE]*")  # no letter but that of an exponent
# The units of columns of which the column ``unit`` does not speak; a reading's is its indicator's.
_UNITS_OF_COLUMNS = {
    "contribution": "%",
    "reading": "",
    **dict.fromkeys(("attainment", "coefficient", "regions", "score"), "1"),
    **dict.fromkeys(("count", "share"), "1"),
    **dict.fromkeys(("cagr", "growth", "share_from", "share_to", "total_change"), "1"),
    **dict.fromkeys(("rank_from", "rank_to", "unit_value_change"), "1"),
}
_HALF = 0.5  # of a unit of the last digit printed
_SLACK = 1e-9  # of a tolerance, for numbers that lie on its edge
_LAST_BITS = 1e-12  # of a number: what its binary form may lose
_M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Figure:
    """A printed figure beside ours.

    Attributes
    ----------
    place : Place
        The row of ``expected.csv``.
    name : str
        What is printed: item, year, region, ecosystem types, members of keys.
    printed : str
        The figure as it is printed, in ``unit``; ``na`` where there is none; or a word.
    computed : float or str
        Ours, in ``unit``; NaN where there is none; a word where ours is one.
    unit : str
    allowed : float
        How far ours may be from it, in ``unit``; 0 for ``na``.
    role : {'match', 'mismatch'}
    locator, reason : str
        Where it is printed; why it does not follow from its source.
    holds : bool
        Whether the row holds: a match agrees, a mismatch is computed and does not.
    """

    place: Place
    name: str
    printed: str
    computed: float | str
    unit: str
    allowed: float
    role: str
    locator: str
    reason: str
    holds: bool

    @property
    def is_computed(self) -> bool:
        """Whether there is a number or a word of ours."""
        return _is_there(self.computed)


@dataclass(frozen=True, repr=False)
class FigureCheck(ShownAsTable):
    """Printed figures held against results.

    Attributes
    ----------
    figures : tuple of Figure
        In the order of the tables.
    warnings : tuple of Problem
        What should be looked at in the project.
    language : {'zh', 'en'}

    Examples
    --------
    >>> import gep
    >>> gep.check_figures("examples/beibu-gulf")
    <FigureCheck: rows that hold: ...>
    """

    figures: tuple[Figure, ...]
    warnings: tuple[Problem, ...]
    language: Language

    @property
    def misses(self) -> tuple[Figure, ...]:
        """The rows that do not hold."""
        return tuple(figure for figure in self.figures if not figure.holds)

    @property
    def mismatches(self) -> tuple[Figure, ...]:
        """The figures that do not follow from their source, as the table says."""
        return tuple(figure for figure in self.figures if figure.role == MISMATCH)

    def frame(self) -> pd.DataFrame:
        """Return a row for each figure: what is printed, what is computed, whether it holds."""
        records = []
        for figure in self.figures:
            record = {
                "figure": figure.name,
                "printed": figure.printed,
                "computed": figure.computed,
                "unit": figure.unit,
                "allowed": figure.allowed,
                "role": figure.role,
                "holds": figure.holds,
                "locator": figure.locator,
                "reason": figure.reason,
            }
            records.append(record)
        return pd.DataFrame(records)

    def __repr__(self) -> str:
        held = len(self.figures) - len(self.misses)
        return f"<FigureCheck: rows that hold: {held} of {len(self.figures)}>"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.frame()


@checked_arguments
def check_figures(
    path: str | Path,
    expected: str | Path | Sequence[str | Path] = (),
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> FigureCheck:
    """Hold the results of a project, and of methods, against printed figures.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``; or a table of cases of methods alone
        (``.csv``), which needs no project.
    expected : str, Path or a sequence of them, optional
        Tables of printed figures; by default ``expected.csv`` in the project.
    allow_code : bool, default False
        Whether methods that do not ship with gep may run; a project must allow it too.
    partial : bool, default False
        Whether missing numbers leave gaps in the account instead of stopping it.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    FigureCheck
        Printed and computed numbers of every row, in the row's unit.

    Raises
    ------
    ProblemsFound
        What is wrong with the table: ``unknown-option`` for a role, ``blank``, ``not-a-number``,
        ``bad-year``, ``missing-year``, ``unknown-region``, ``unknown-indicator``,
        ``unknown-class``, ``missing-member``, ``wrong-dimension``, ``duplicate-row``,
        ``method-argument``, ``method-failed``; and the codes of ``gep.check_project``.

    Examples
    --------
    >>> import gep
    >>> gep.check_figures("examples/beibu-gulf")
    <FigureCheck: rows that hold: ...>
    """
    home = Path(path)
    is_table = home.suffix.lower() == ".csv"
    folder = home.parent if home.is_file() else home
    files = [Path(expected)] if isinstance(expected, str | Path) else [Path(e) for e in expected]
    if not files:
        files = [home if is_table else folder / EXPECTED]
    problems = ProblemLog(language)
    rows = _read_rows(files, problems)
    problems.raise_errors()
    spoken = language or locale_language()
    results: _Results | None = None
    tables = _ResultTables({}, {})
    warnings: tuple[Problem, ...] = ()
    may_run = allow_code
    if not is_table:
        project, plans = check_project(
            home, allow_code=allow_code, partial=partial, language=language
        )
        spoken = project.language
        may_run = project.own_code and project.spec.project.allow_code
        warnings = project.warnings
        results = _Results(plans)
        tables = _result_tables(
            project, rows, allow_code=allow_code, partial=partial, language=language
        )
    problems = ProblemLog(spoken)
    with worded_in(spoken):
        asked = [row for row in rows if not row.case]
        figures: _Found = []
        if results is not None:
            figures += _result_figures(asked, results, tables, problems)
        for row in asked if results is None else ():
            problems.add("blank", row.at("case"), "workflows.expected.no-project")
        cases = [row for row in rows if row.case]
        figures += _case_figures(cases, folder, allow_code=may_run, problems=problems)
        problems.raise_errors()
    order = {row.key: position for position, row in enumerate(rows)}
    figures.sort(key=lambda pair: order[pair[0]])
    return FigureCheck(tuple(figure for _, figure in figures), warnings, spoken)


# --- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A row of a table of printed figures."""

    key: tuple[str, int]  # file and row
    place: Place
    cells: Mapping[str, str]
    value: float
    allowed: float

    @property
    def case(self) -> str:
        """The case of a method that the row belongs to; blank for a figure of the account."""
        return self.cells["case"]

    @property
    def role(self) -> str:
        """What the row is: input, match or mismatch."""
        return self.cells["role"]

    @property
    def is_cell(self) -> bool:
        """Whether the row asks for a cell of a table of an assessment or comparison."""
        return not self.case and _CELL.fullmatch(self.cells["item"]) is not None

    def at(self, column: str) -> Place:
        """Return the place of a cell of the row."""
        return in_column(self.place, column)

    @cached_property
    def name(self) -> str:
        """What is printed, in words."""
        keys = [self.cells[name] for name in ("case", "item", "year", *KEYS)]
        return " ".join(filter(None, keys))

    def figure(self, computed: float | str) -> Figure:
        """Return the figure of the row beside ours (NaN: there is none)."""
        printed = self.cells["value"]
        if isinstance(computed, str):
            agrees = computed == printed
        elif printed == _NA or np.isnan(computed) or np.isnan(self.value):
            agrees = printed == _NA and not _is_there(computed)
        else:
            slack = self.allowed * _SLACK + abs(self.value) * _LAST_BITS
            agrees = abs(computed - self.value) <= self.allowed + slack
        differs = _is_there(computed) and not agrees  # no number of ours says nothing of theirs
        return Figure(
            place=self.place,
            name=self.name,
            printed=printed,
            computed=computed,
            unit=self.cells["unit"],
            allowed=self.allowed,
            role=self.role,
            locator=self.cells["locator"],
            reason=self.cells["reason"],
            holds=agrees if self.role == MATCH else differs,
        )


def _is_there(computed: float | str) -> bool:
    """Return whether something is computed: a word, or a number that is not NaN."""
    return isinstance(computed, str) or not np.isnan(computed)


def _read_rows(files: Sequence[Path], problems: ProblemLog) -> list[_Row]:
    """Read tables of printed figures."""
    rows: list[_Row] = []
    for file in files:
        table = read_table(file, _COLUMNS, problems)
        if table is not None:
            rows += _rows_of_table(table, problems)
    return rows


def _rows_of_table(table: Table, problems: ProblemLog) -> list[_Row]:
    """Check the cells of a table, and return its rows."""
    for column in ("item", "locator", "role"):
        check_not_blank(table, column, problems)
    check_units(table, None, problems)
    values, _ = read_numbers(_without_words(table), "value", problems, na=True)
    columns = ("case", "item", "year", *KEYS, "value", "unit", "tolerance", "locator", "role")
    frame = table.texts((*columns, "reason", "note"))
    frame["is_input"] = np.where(frame["role"] == _INPUT, "input", "")
    frame["row"] = table.frame["row"].to_numpy()
    # One source may print a figure twice, in units or places of its own; an input has one value.
    check_duplicates(frame, _IDENTITY, problems)
    rows = []
    for position, cells in enumerate(frame.to_dict("records")):
        words = {str(name): str(word) for name, word in cells.items()}
        place = table.place([position])
        _check_row(words, place, problems)
        row = _Row(
            key=(table.label, int(words["row"])),
            place=place,
            cells=words,
            value=float(values[position]),
            allowed=_tolerance(words, float(values[position]), place, problems),
        )
        rows.append(row)
    return rows


def _without_words(table: Table) -> Table:
    """Return a table with ``na`` for words that are printed of an assessment, such as grades."""
    is_cell = [_CELL.fullmatch(item) is not None for item in table.column("item")]
    is_word = [_NUMBER.fullmatch(value) is None for value in table.column("value")]
    is_blank = table.column("value") == ""
    replaced = np.array(is_cell, dtype=bool) & np.array(is_word, dtype=bool) & ~is_blank.to_numpy()
    values = table.column("value").mask(replaced, _NA)
    return table.with_frame(table.frame.assign(value=values))


def _check_row(words: Mapping[str, str], place: Place, problems: ProblemLog) -> None:
    """Check the role of a row, and what it needs to have or must not have."""
    role = words["role"]
    if role and role not in _ROLES:
        problems.add(
            "unknown-option", in_column(place, "role"), "workflows.expected.role", value=role
        )
    if role == MISMATCH and not words["reason"]:
        problems.add("blank", in_column(place, "reason"), "workflows.expected.reason")
    if role == _INPUT and not words["case"]:
        problems.add("blank", in_column(place, "case"), "workflows.expected.case")
    year = words["year"]
    needs_none = year == "" and _CELL.fullmatch(words["item"]) is not None
    is_input = bool(words["case"]) or role == _INPUT
    if not is_input and not needs_none and not _PERIOD.fullmatch(year):
        problems.add("bad-year", in_column(place, "year"), "workflows.expected.year", value=year)


def _tolerance(words: Mapping[str, str], value: float, place: Place, problems: ProblemLog) -> float:
    """Return how far a result may be from a printed figure, in the unit of the row."""
    if words["role"] == _INPUT or not np.isfinite(value):
        return 0.0
    tolerance = words["tolerance"]
    if not tolerance:
        digits = words["value"].rstrip("%％")
        exponent = Decimal(digits).as_tuple().exponent
        half = _HALF * 10.0 ** int(exponent)
        return half if digits == words["value"] else half * factor("%", words["unit"])
    is_relative = tolerance.endswith("%")
    try:
        allowed = float(tolerance.removesuffix("%"))
    except ValueError:
        allowed = -1.0
    if not 0 <= allowed < np.inf:
        where = in_column(place, "tolerance")
        problems.add("not-a-number", where, "workflows.expected.tolerance", value=tolerance)
        return 0.0
    return abs(value) * allowed / 100 if is_relative else allowed


# --- figures of accounts --------------------------------------------------------------------------

_Found = list[tuple[tuple[str, int], Figure]]


class _Item(NamedTuple):
    """What a row asks for: an amount as it is, per area, per person or as a share of the total."""

    kind: str  # one of _KINDS, or blank
    names: tuple[str, ...]


class _Slice(NamedTuple):
    """The part of an account that a row asks for."""

    year: int
    positions: np.ndarray  # of regions
    ecosystems: frozenset[str]  # all where empty


class _Results:
    """The accounts of a project, computed when a row asks for them."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = {plan.year: plan for plan in plans}
        self._accounts: dict[int, Account] = {}
        self._blocks: dict[tuple[int, bool], ResultColumns] = {}

    def account(self, year: int) -> Account:
        """Return the account of a year."""
        if year not in self._accounts:
            self._accounts[year] = account_from_plan(self.plans[year])
        return self._accounts[year]

    def block(self, year: int, *, by_ecosystem: bool) -> ResultColumns:
        """Return the results of the regions of a year, in columns."""
        key = (year, by_ecosystem)
        if key not in self._blocks:
            account = self.account(year)
            self._blocks[key] = columns_of(account.plan, account.results, by_ecosystem=by_ecosystem)
        return self._blocks[key]


@dataclass(frozen=True)
class _ResultTables:
    """The tables of schemes and comparison, by scheme and file name, and the codes of names."""

    frames: Mapping[str, pd.DataFrame]
    codes: Mapping[str, str]


def _result_figures(
    rows: Sequence[_Row], results: _Results, tables: _ResultTables, problems: ProblemLog
) -> _Found:
    """Return the figures of rows that ask for results of accounts and assessments."""
    figures: _Found = []
    for row in rows:
        if row.is_cell:
            computed = _cell(row, tables, problems)
        else:
            computed = _computed(row, results, problems)
        if computed is not None:
            figures.append((row.key, row.figure(computed)))
    return figures


def _computed(row: _Row, results: _Results, problems: ProblemLog) -> float | None:
    """Return what the accounts give for a row, in its unit; None if a problem was added."""
    match = _PERIOD.fullmatch(row.cells["year"])
    if match is None:
        return None
    years = [int(year) for year in match.groups() if year]
    absent = [year for year in years if year not in results.plans]
    if absent:
        known = sorted(results.plans)
        problems.add(
            "missing-year", row.at("year"), "workflows.expected.no-year", years=absent, known=known
        )
        return None
    unit = row.cells["unit"]
    is_rate = len(years) > 1 and same_dimension(unit, "1") and not _is_share(row)
    amounts = []
    for year in years:
        amount = _amount(row, year, None if is_rate else unit, results, problems)
        if amount is None:
            return None
        amounts.append(amount)
    if len(amounts) == 1:
        return amounts[0]
    first, last = amounts
    if is_rate:
        return (last / first - 1) * factor("1", unit) if first > 0 else np.nan
    return last - first


def _is_share(row: _Row) -> bool:
    return row.cells["item"].startswith(f"{_SHARE}:")


def _amount(
    row: _Row, year: int, unit: str | None, results: _Results, problems: ProblemLog
) -> float | None:
    """Return the amount of a year, in a unit or in its own; None if a problem was added."""
    plan = results.plans[year]
    kind, _, rest = row.cells["item"].partition(":")
    if kind not in _KINDS:
        kind = ""
        rest = row.cells["item"]
    item = _Item(kind, tuple(name.strip() for name in rest.split(_JOINT)))
    region = _region(row, plan, problems)
    ecosystems = _ecosystems(row, plan, problems)
    if region is None or ecosystems is None:
        return None
    positions = results.account(year).region_positions(region)
    amount = _sum(row, item.names, _Slice(year, positions, ecosystems), results, problems)
    if amount is None:
        return None
    value, own_unit = amount
    if item.kind == _SHARE:
        whole = _sum(row, (TOTAL,), _Slice(year, positions, frozenset()), results, problems)
        if whole is None or not _is_part(row, own_unit, whole[1], problems):
            return None
        value /= whole[0] * factor(whole[1], own_unit) or np.nan
        own_unit = "1"
    elif item.kind:
        value /= _size(item.kind, plan, positions, ecosystems) or np.nan
        own_unit += " km-2" if item.kind == _PER_KM2 else " person-1"
    target = own_unit if unit is None else unit
    fault = unit_fault(target, own_unit)
    if fault is not None:
        values = {"unit": target, "own": own_unit, "item": row.cells["item"]}
        problems.add(fault[0], row.at("unit"), "workflows.expected.unit", **values)
        return None
    return value * factor(own_unit, target)


def _is_part(row: _Row, unit: str, whole: str, problems: ProblemLog) -> bool:
    """Check (``wrong-dimension``) that an amount can be a share of the total, by their units."""
    if same_dimension(unit, whole):
        return True
    values = {"unit": whole, "own": unit, "item": row.cells["item"].partition(":")[2]}
    problems.add("wrong-dimension", row.at("item"), "workflows.expected.no-share", **values)
    return False


def _size(kind: str, plan: Plan, positions: np.ndarray, ecosystems: frozenset[str]) -> float:
    """Return the land (km2) or the persons of regions; NaN where they are not known."""
    if kind == _PER_KM2:
        if ecosystems:
            return _land(plan, positions, ecosystems) / _M2_PER_KM2
        return float(plan.land_area[positions].sum())
    if plan.regions is None:
        return np.nan
    population = plan.regions.frame["population"]
    codes = [str(plan.extent.regions[position]) for position in positions]
    return float(population.reindex(codes).sum(skipna=False))


def _land(plan: Plan, positions: np.ndarray, ecosystems: frozenset[str]) -> float:
    """Return the area of ecosystem types in regions, m2; of all types where none is named."""
    area = plan.extent.area_of()[positions]
    if ecosystems:
        area = area[:, [name in ecosystems for name in plan.extent.ecosystems]]
    return float(area.sum())


def _region(row: _Row, plan: Plan, problems: ProblemLog) -> str | None:
    """Return the region of a row: named, or the only one."""
    asked = row.cells["region"]
    if asked:
        try:
            return region_named(plan, asked, row.at("region"))
        except ProblemsFound as error:
            problems.include(error.problems)
            return None
    codes = plan.extent.regions
    if len(codes) == 1:
        return str(codes[0])
    count = len(codes)
    problems.add("unknown-region", row.at("region"), "workflows.expected.no-region", count=count)
    return None


def _ecosystems(row: _Row, plan: Plan, problems: ProblemLog) -> frozenset[str] | None:
    """Return the ecosystem types of a row, with all below them; none where the cell is blank."""
    asked = row.cells["ecosystem"]
    if not asked:
        return frozenset()
    names = [name.strip() for name in asked.split(_JOINT)]
    unknown = [name for name in names if name not in plan.scheme.classes]
    for name in unknown:
        hint = suggestion(name, plan.scheme.classes)
        values = {"name": name, "hint": hint}
        problems.add("unknown-class", row.at("ecosystem"), "workflows.expected.no-class", **values)
    return None if unknown else frozenset(plan.scheme.within(names))


def _sum(
    row: _Row,
    names: Sequence[str],
    part: _Slice,
    results: _Results,
    problems: ProblemLog,
) -> tuple[float, str] | None:
    """Return the sum of items over regions, ecosystem types and members, with its unit."""
    year, positions, ecosystems = part
    plan = results.plans[year]
    if tuple(names) == (_AREA,):
        return _land(plan, positions, ecosystems), "m2"
    block = results.block(year, by_ecosystem=bool(ecosystems))
    columns = block.columns
    chosen = np.zeros(len(columns), dtype=bool)
    for name in names:
        picked = _picked(name, plan, columns)
        if picked is None:
            problems.include(unknown_indicator(plan, name, row.at("item")).problems)
            return None
        chosen |= picked
    members = [f"{key}={row.cells[key]}" for key in _MEMBERS if row.cells[key]]
    if members:
        chosen &= (columns["item"] == ";".join(members)).to_numpy()
    if ecosystems:
        chosen &= columns["ecosystem"].isin(ecosystems).to_numpy()
    chosen &= block.present[positions].any(axis=0)
    if not chosen.any():
        what = " ".join([*members, row.cells["ecosystem"]]).strip() or row.cells["item"]
        values = {"item": row.cells["item"], "members": what}
        problems.add("missing-member", row.at("item"), "workflows.expected.no-rows", **values)
        return None
    return _total(block, positions, np.flatnonzero(chosen), row, problems)


def _total(
    block: ResultColumns,
    positions: np.ndarray,
    chosen: np.ndarray,
    row: _Row,
    problems: ProblemLog,
) -> tuple[float, str] | None:
    """Add up cells in the unit of the first; NaN if none has a number, or one is not compiled."""
    cells = np.ix_(positions, chosen)
    units = [str(unit) for unit in block.columns["unit"].iloc[chosen]]
    try:
        scale = np.array([factor(unit, units[0]) for unit in units])
    except UnitError as error:
        values = {"item": row.cells["item"], "report": error}
        problems.add("wrong-dimension", row.at("item"), "workflows.expected.units-differ", **values)
        return None
    valid = block.valid[cells] & block.present[cells]
    if not valid.any() or block.gap[cells].any():
        return np.nan, units[0]
    return float((np.where(valid, block.values[cells], 0.0) * scale).sum()), units[0]


def _picked(name: str, plan: Plan, columns: pd.DataFrame) -> np.ndarray | None:
    """Return which columns an item names; None if it names nothing."""
    spec = plan.standard.spec
    is_value: np.ndarray = (columns["kind"] == "value").to_numpy()
    headline = spec.total[0].indicators
    if name in CATEGORIES and name not in {indicator.id for indicator in spec.indicator}:
        in_category = (columns["category"] == name).to_numpy()
        return np.asarray(is_value & in_category & columns["indicator"].isin(headline).to_numpy())
    totals = {f"{TOTAL}:{total.id}": total.indicators for total in spec.total}
    members = {TOTAL: headline, **totals}.get(name)
    if members is not None:
        return np.asarray(is_value & columns["indicator"].isin(members).to_numpy())
    indicator, _, step = name.partition(".")
    is_asked: np.ndarray = (columns["indicator"] == indicator).to_numpy()
    if not is_asked.any():
        return None
    if not step:
        return np.asarray(is_value & is_asked)
    is_step: np.ndarray = is_asked & (columns["step"] == step).to_numpy()
    return is_step if is_step.any() else None


# --- figures of assessments ----------------------------------------------------------------------


def _result_tables(
    project: Project,
    rows: Sequence[_Row],
    *,
    allow_code: bool,
    partial: bool,
    language: Language | None,
) -> _ResultTables:
    """Return the tables that rows ask for: of a project's schemes, and of its years compared."""
    frames: dict[str, pd.DataFrame] = {}
    home = project.folder
    asked = [row.cells["item"].startswith(_COMPARISON) for row in rows if row.is_cell]
    if any(asked):
        compared = compute_comparison(
            [home],
            None,
            CompareOptions(),
            allow_code=allow_code,
            partial=partial,
            language=language,
        )
        for name, frame in compared.tables.items():
            frames[f"{_COMPARISON}{name}"] = frame
    if not all(asked):
        assessed = apply_schemes(home, allow_code=allow_code, partial=partial, language=language)
        for assessment in assessed.assessments:
            for name, frame in assessment.tables.items():
                frames[f"{assessment.scheme.id}/{name}"] = frame
    codes = {}
    regions = project.parts.regions
    if regions is not None:
        for code, name in regions.frame["name"].items():
            codes[str(name)] = str(code)
    return _ResultTables(frames, codes)


def _cell(row: _Row, tables: _ResultTables, problems: ProblemLog) -> float | str | None:
    """Return a cell of a table, in the unit of the row; None if a problem was added."""
    match = _CELL.fullmatch(row.cells["item"])
    frame = tables.frames.get(match["table"]) if match else None
    if match is None or frame is None:
        known = Listed(tuple(tables.frames), len(tables.frames))
        values = {"item": row.cells["item"], "known": known}
        problems.add("unknown-id", row.at("item"), "workflows.expected.no-table", **values)
        return None
    wanted = _wanted(row, match["keys"] or "", tables)
    for column in (*wanted, match["column"]):
        if column not in frame:
            hint = suggestion(column, list(frame.columns))
            values = {"table": match["table"], "column": column, "hint": hint}
            problems.add("unknown-column", row.at("item"), "workflows.expected.no-column", **values)
            return None
    for column, word in wanted.items():
        frame = frame[frame[column].astype(str) == word]
    if len(frame) != 1:
        values = {"item": row.cells["item"], "count": len(frame), "table": match["table"]}
        problems.add("missing-member", row.at("item"), "workflows.expected.no-cell", **values)
        return None
    return _in_unit(row, frame.iloc[0], match["column"], problems)


def _wanted(row: _Row, keys: str, tables: _ResultTables) -> dict[str, str]:
    """Return the columns that tell which row of a table is asked for, with what they hold."""
    wanted = {name: row.cells[name] for name in KEYS if row.cells[name]}
    if "region" in wanted:
        wanted["region"] = tables.codes.get(wanted["region"], wanted["region"])
    first, _, last = row.cells["year"].partition("-")
    if last:
        wanted |= {"from": first, "to": last}
    elif first:
        wanted["year"] = first
    for key in filter(None, keys.split(";")):
        column, _, word = key.partition("=")
        wanted[column.strip()] = word.strip()
    return wanted


def _in_unit(row: _Row, cells: pd.Series, column: str, problems: ProblemLog) -> float | str | None:
    """Return a cell in the unit of the row: a number, or a word where it is none."""
    cell = cells[column]
    number = float(pd.to_numeric(pd.Series([cell], dtype=object), errors="coerce").iloc[0])
    if np.isnan(number):
        word = "" if pd.isna(cell) else str(cell)
        return word or np.nan
    unit = row.cells["unit"]
    own_unit = _UNITS_OF_COLUMNS.get(column, str(cells.get("unit", "")))
    if not own_unit:
        return number
    fault = unit_fault(unit, own_unit)
    if fault is not None:
        values = {"unit": unit, "own": own_unit, "item": row.cells["item"]}
        problems.add(fault[0], row.at("unit"), "workflows.expected.unit", **values)
        return None
    return number * factor(own_unit, unit)


# --- cases of methods ----------------------------------------------------------------------------


def _case_figures(
    rows: Sequence[_Row], base: Path, *, allow_code: bool, problems: ProblemLog
) -> _Found:
    """Return the figures of cases: arguments once, then what methods make of them."""
    figures: _Found = []
    for case_rows in _cases(rows):
        _check_inputs(case_rows, problems)
        inputs = {row.cells["item"]: row for row in case_rows if row.role == _INPUT}
        asked = [row for row in case_rows if row.role != _INPUT]
        if not asked:
            first = next(iter(inputs.values()))
            problems.add(
                "method-argument", first.at("case"), "workflows.expected.no-method", case=first.case
            )
        taken: set[str] = set()
        for row in asked:
            method = load_method(
                row.cells["item"], base, row.at("item"), problems, allow_code=allow_code
            )
            if method is None:
                taken |= set(inputs)
                continue
            taken |= set(method.inputs)
            computed = _run_method(method, inputs, row, problems)
            if computed is not None:
                figures.append((row.key, row.figure(computed)))
        for argument in inputs.keys() - taken if asked else ():
            place = inputs[argument].at("item")
            values = {"argument": argument, "case": inputs[argument].case}
            problems.add("method-argument", place, "workflows.expected.idle-input", **values)
    return figures


def _check_inputs(rows: Sequence[_Row], problems: ProblemLog) -> None:
    """Check (``duplicate-row``) that an argument of a case is given once."""
    given: set[str] = set()
    for row in rows:
        argument = row.cells["item"]
        if row.role != _INPUT:
            continue
        if argument in given:
            values = {"argument": argument, "case": row.case}
            message = "workflows.expected.input-twice"
            problems.add("duplicate-row", row.at("item"), message, **values)
        given.add(argument)


def _cases(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Yield the rows of each case; cases of one name in two tables are two."""
    cases: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        cases.setdefault((row.key[0], row.case), []).append(row)
    yield from cases.values()


def _run_method(
    method: Method, inputs: Mapping[str, _Row], row: _Row, problems: ProblemLog
) -> float | None:
    """Call a method with the inputs of a case; None if a problem was added."""
    missing = [name for name in method.inputs if name not in inputs.keys() | method.optional]
    if missing:
        values = {"method": method.path, "arguments": missing, "case": row.case}
        problems.add("method-argument", row.at("item"), "workflows.expected.no-input", **values)
        return None
    arguments: dict[str, float] = {}
    for name in method.inputs.keys() & inputs.keys():
        given = inputs[name]
        unit = given.cells["unit"]
        if unit_fault(unit, method.inputs[name]) is not None:
            values = {"item": name, "unit": unit, "own": method.inputs[name]}
            problems.add("wrong-dimension", given.at("unit"), "workflows.expected.unit", **values)
            return None
        arguments[name] = given.value * factor(unit, method.inputs[name])
    if unit_fault(row.cells["unit"], method.unit) is not None:
        values = {"item": method.path, "unit": row.cells["unit"], "own": method.unit}
        problems.add("wrong-dimension", row.at("unit"), "workflows.expected.unit", **values)
        return None
    result = _called(method.function, arguments, row, problems)
    return None if result is None else result * factor(method.unit, row.cells["unit"])


def _called(
    function: Callable[..., Any],
    arguments: Mapping[str, float],
    row: _Row,
    problems: ProblemLog,
) -> float | None:
    """Return the number that a method gives; what it raises is a problem of its file."""
    try:
        return float(function(**arguments))
    except (Exception, SystemExit) as error:  # whatever the user's own method raises
        report = f"{type(error).__name__}: {error}"
        values = {"method": row.cells["item"], "report": report}
        problems.add("method-failed", row.at("item"), "workflows.expected.method-failed", **values)
        return None
