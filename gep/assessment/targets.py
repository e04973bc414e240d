"""Targets (目标): what is to be reached by when, and how far a reading has come.

The module reads ``targets.csv`` and compares readings with targets; it gives no points. A target of
form ``level`` is a value. One of form ``cumulative_change`` is a change since the base year: in
percent of the base where its unit is %, else in the unit of the reading.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.events import check_filled
from gep.assessment.rules import linear_path, meets
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.csv_excel import row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import Columns, Table, check_region_codes, read_numbers, read_table
from gep.units import factor

COMPARATORS = (">=", "<=", ">", "<", "~")
FORMS = ("level", "cumulative_change")
MET, MISSED, ON_SCHEDULE, BEHIND, NO_DATA = "met", "missed", "on_schedule", "behind", "no_data"
CHANGE = "cumulative_change"
_TARGETS = Columns(
    (
        "region",
        "indicator",
        "base_year",
        "base",
        "year",
        "comparator",
        "target",
        "form",
        "unit",
        "source",
    ),
    ("property", "locator", "grade", "note"),
)
# As people write comparators. A change may leave it blank: it is always one of at least so much.
_ALIASES = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "～": "~", "约": "~", "左右": "~", "": ">="}
# As people write properties. A scheme may have others.
_PROPERTIES = {"约束性": "binding", "预期性": "expected", "参考性": "reference"}
PROPERTIES = tuple(_PROPERTIES.values())
# A decline of at least so much asks for a level of at most so much.
_REVERSED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


@dataclass(frozen=True, repr=False)
class Targets(ShownAsTable):
    """Targets by region and indicator. Which of them hold in a year is kept once it was looked up.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``indicator``, ``base_year`` (0: none), ``base`` (NaN: none), ``year``,
        ``target``, ``comparator``, ``form``, ``unit``, ``property``, ``source``, ``locator``,
        ``grade``, ``note``, ``file``, ``row``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    _current: dict[tuple[str, int], pd.DataFrame] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def _by_indicator(self) -> dict[str, pd.DataFrame]:
        groups = self.rows.groupby("indicator", sort=False, observed=True)
        return {str(name): rows for name, rows in groups}

    def regions(self, indicator: str) -> set[str]:
        """Return the regions that have a target of an indicator in any year."""
        if indicator not in self._by_indicator:
            return set()
        return set(self._by_indicator[indicator]["region"])

    def current(self, indicator: str, year: int) -> pd.DataFrame:
        """Return for each region the target of an indicator that holds in a year.

        A target holds from its base year on. Of several the one that ends next counts, and where
        all have ended the last.

        Parameters
        ----------
        indicator : str
        year : int

        Returns
        -------
        DataFrame
            Target rows by region; regions without a target have no row.
        """
        key = (indicator, year)
        if key not in self._current:
            rows = self._by_indicator.get(indicator)
            if rows is None:
                rows = self.rows.iloc[:0]
            has_begun = rows["base_year"] <= year
            rows = rows[has_begun.to_numpy()]
            if rows["region"].duplicated().any():
                years_left = rows["year"] - year
                rows = rows.assign(late=years_left < 0, gap=years_left.abs())
                rows = rows.sort_values(["late", "gap"], kind="stable")
                rows = rows.drop_duplicates("region")
            self._current[key] = rows.set_index("region")
        return self._current[key]


@checked_arguments
def read_targets(path: TableArgument) -> Targets:
    """Read ``targets.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Targets

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_targets``.

    Examples
    --------
    >>> import gep
    >>> gep.read_targets("examples/jiangxi-assessment/targets.csv")
    <Targets: ... rows>
    """
    problems = ProblemLog()
    targets = load_targets(table_source(path, "targets"), problems)
    if targets is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return targets


def load_targets(path: TableSource, problems: ProblemLog) -> Targets | None:
    """Load a table of targets.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``target-form`` (comparator, form), ``target-base`` (base, base_year), ``blank``,
        ``bad-year``, ``unknown-unit``, ``unknown-grade``, ``duplicate-row``, and what is wrong with
        the table as such.

    Returns
    -------
    Targets or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _TARGETS, problems)
    if table is None:
        return None
    columns = ["region", "indicator", "form", "unit", "source", "row"]
    rows = table.frame[columns].assign(file=table.label)
    rows["base"], _ = read_numbers(table, "base", problems, blank=True)
    rows["target"], _ = read_numbers(table, "target", problems)
    rows["year"] = read_years(table, problems)
    rows["base_year"] = _read_base_years(table, problems)
    comparators = [_ALIASES.get(word, word) for word in table.column("comparator")]
    rows["comparator"] = np.array(comparators, dtype=object)
    rows["grade"] = read_grades(table, problems)
    for name in ("locator", "note"):
        rows[name] = table.column(name).to_numpy()
    rows["property"] = [property_code(word) for word in table.column("property")]
    check_region_codes(table, "region", problems)
    _check_words(rows, "comparator", COMPARATORS, table, problems)
    _check_words(rows, "form", FORMS, table, problems)
    check_filled(table, ("region", "indicator", "source"), problems)
    _check_comparators(rows, table, problems)
    _check_bases(rows, table, problems)
    check_units(table, None, problems)
    check_duplicates(rows, ["region", "indicator", "year"], problems)
    return Targets(rows, files_read(path))


def _read_base_years(table: Table, problems: ProblemLog) -> np.ndarray:
    """Return the base years, 0 where blank."""
    words = table.column("base_year").to_numpy()
    base_years = np.zeros(len(words), dtype=int)
    filled = np.flatnonzero(words != "")
    frame = table.frame.iloc[filled]
    frame = frame.drop(columns="year")
    frame = frame.rename(columns={"base_year": "year"})
    frame = frame.reset_index(drop=True)
    filled_rows = table.with_frame(frame)
    base_years[filled] = read_years(filled_rows, problems)
    return base_years


def _check_words(
    rows: pd.DataFrame, column: str, known: Sequence[str], table: Table, problems: ProblemLog
) -> None:
    """Check a column of few known words."""
    is_known = rows[column].isin(known)
    unknown = rows[~is_known.to_numpy()]
    for word, word_rows in unknown.groupby(column, sort=False, observed=True):
        place = table.place(word_rows.index)
        problems.add(
            "target-form",
            replace(place, column=column),
            f"assessment.unknown.{column}",
            word=word,
            known=known,
        )


def _check_comparators(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that levels have a comparator."""
    is_level = rows["form"] != CHANGE
    is_blank = table.column("comparator") == ""
    positions = np.flatnonzero(is_level & is_blank)
    if len(positions):
        place = table.place(positions)
        problems.add(
            "target-form",
            replace(place, column="comparator"),
            "assessment.blank-comparator",
            known=COMPARATORS,
        )


def _check_bases(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that changes have base and base year, levels both or neither, and that years ascend."""
    is_change = rows["form"] == CHANGE
    has_base = np.isfinite(rows["base"])
    has_base_year = rows["base_year"] > 0
    has_whole_base = has_base & has_base_year
    has_both_years = has_base_year & (rows["year"] > 0)
    faults = {
        "assessment.change-without-base": is_change & ~has_whole_base,
        "assessment.half-a-base": ~is_change & (has_base != has_base_year),
        "assessment.base-not-before": has_both_years & (rows["base_year"] >= rows["year"]),
    }
    for message, wrong in faults.items():
        positions = np.flatnonzero(wrong)
        if not len(positions):
            continue
        cells = table.frame.iloc[positions[0]]
        problems.add(
            "target-base",
            table.place(positions),
            message,
            base=cells["base"],
            base_year=cells["base_year"],
            year=cells["year"],
        )


@dataclass(frozen=True)
class Attainment:
    """How far the readings of an indicator have come, by region.

    Attributes
    ----------
    target : ndarray of float
        Level asked for by the target's year, in the unit of the readings; NaN if there is none.
    comparator : ndarray of str
        Comparator of that level.
    met : ndarray of bool
    attainment : ndarray of float
        Share of the way that was covered: 1 is reached. NaN where it is not known.
    status : ndarray of str
        ``met``, ``missed``, ``on_schedule``, ``behind``, ``no_data``, or blank without target.
    """

    target: np.ndarray
    comparator: np.ndarray
    met: np.ndarray
    attainment: np.ndarray
    status: np.ndarray


def attainment(
    targets: pd.DataFrame, reading: np.ndarray, unit: str, direction: str, year: int
) -> Attainment:
    """Compare readings with targets.

    A change is converted to the level that it asks for. Attainment is the share of the way from
    base to target; without a base, or where the target is no better than the base, it is reading
    over target (target over reading where less is better). Before the target's year a reading on or
    beyond the straight path from base to target is on schedule.

    Parameters
    ----------
    targets : DataFrame
        Rows of ``Targets.current``, one for each reading; all NaN where there is no target.
    reading : ndarray of float
        Readings in ``unit``; NaN if missing.
    unit : str
    direction : {'+', '-'}
        Whether a target of form ``cumulative_change`` is a rise or a decline.
    year : int
        The year of the readings.

    Returns
    -------
    Attainment

    Raises
    ------
    UnitError
        If the unit of a target cannot be converted to ``unit``.
    """
    scale, in_percent = target_factors(targets, unit)
    form = targets["form"].to_numpy(dtype=object)
    is_change = form == CHANGE
    base = targets["base"].to_numpy(dtype=float)
    base = base * scale
    goal = targets["target"].to_numpy(dtype=float)
    sign = 1.0 if direction == "+" else -1.0
    change = np.where(in_percent, base * goal / 100.0, goal * scale)
    change = change * sign
    target = np.where(is_change, base + change, goal * scale)
    comparator = targets["comparator"].fillna("")
    comparator = comparator.to_numpy(dtype=object)
    if direction == "-":
        comparator = np.where(is_change, _reversed(comparator), comparator)
    met = meets(reading, target, comparator)
    start = targets["base_year"].fillna(0)
    end = targets["year"].fillna(0)
    path = linear_path(
        base,
        target,
        start.to_numpy(dtype=float),
        end.to_numpy(dtype=float),
        year,
    )
    on_path = meets(reading, path, comparator)
    has_ended = year >= end.to_numpy(dtype=float)
    status = np.where(on_path, ON_SCHEDULE, BEHIND)
    status = np.where(has_ended, MISSED, status)
    status = np.where(met, MET, status)
    status = np.where(np.isnan(reading), NO_DATA, status)
    status = np.where(np.isnan(target), "", status)
    share = _covered_share(reading, base, target, comparator)
    return Attainment(target, comparator, met, share, status)


def property_code(word: str) -> str:
    """Return the code of a property.

    Parameters
    ----------
    word : str
        As it is written; a word that has no code stays as it is.

    Returns
    -------
    str
        ``binding``, ``expected``, ``reference``, or the word.
    """
    return _PROPERTIES.get(word, word)


def properties_of(targets: pd.DataFrame, property_of_scheme: str) -> np.ndarray:
    """Return the property of each target: that of its row, else that of the scheme.

    Parameters
    ----------
    targets : DataFrame
        Target rows; the property is NaN where there is no target.
    property_of_scheme : str
        The property of the indicator.

    Returns
    -------
    ndarray of str
    """
    words = targets["property"].fillna("").to_numpy(dtype=object)
    return np.where(words == "", property_of_scheme, words)


def check_properties(rows: pd.DataFrame, others: Collection[str], problems: ProblemLog) -> None:
    """Check that the properties of targets are known words, or words of the scheme.

    Parameters
    ----------
    rows : DataFrame
        Target rows of a scheme.
    others : collection of str
        The properties of the scheme's indicators.
    problems : ProblemLog
        Collects ``target-form``.
    """
    known = list(dict.fromkeys([*PROPERTIES, *sorted(others)]))
    is_known = rows["property"].isin(["", *known])
    unknown = rows[~is_known.to_numpy()]
    for (file, word), word_rows in unknown.groupby(["file", "property"], sort=False, observed=True):
        place = row_place(str(file), word_rows["row"], "property")
        values = {"word": word, "known": known}
        problems.add("target-form", place, "assessment.unknown.property", **values)


class TargetFactors(NamedTuple):
    """Factors from the units of targets to another unit.

    ``percent`` marks changes in percent of the base, whose factor is 1.
    """

    factor: np.ndarray
    percent: np.ndarray


def target_factors(targets: pd.DataFrame, unit: str) -> TargetFactors:
    """Return the factors from the units of targets to a unit.

    Parameters
    ----------
    targets : DataFrame
        Target rows; the unit is NaN where there is no target, and the factor then 1.
    unit : str

    Returns
    -------
    TargetFactors
        Arrays, one element a row.

    Raises
    ------
    UnitError
        If a unit cannot be converted.
    """
    unit_column = targets["unit"].to_numpy(dtype=object)
    is_change = targets["form"].to_numpy(dtype=object) == CHANGE
    percent = (unit_column == "%") & is_change
    codes, units = pd.factorize(unit_column)
    factors = np.ones(len(units) + 1)  # the last is for rows without target, whose code is -1
    for code, word in enumerate(units):
        all_percent = percent[codes == code].all()
        if word != unit and not all_percent:
            factors[code] = factor(str(word), unit)
    row_factors = factors[codes]
    return TargetFactors(np.where(percent, 1.0, row_factors), percent)


def _reversed(comparators: np.ndarray) -> np.ndarray:
    """Return for each comparator of a decline that of the level it asks for."""
    return np.array([_REVERSED.get(word, word) for word in comparators], dtype=object)


def _covered_share(
    reading: np.ndarray, base: np.ndarray, target: np.ndarray, comparator: np.ndarray
) -> np.ndarray:
    """Return the share of the way from base to target, else the ratio of reading and target."""
    less_is_better = np.isin(comparator, ("<=", "<"))
    is_about = comparator == "~"
    has_base = np.isfinite(base)
    with np.errstate(all="ignore"):
        is_better = target > base
        is_better = is_better | (is_about & (target != base))
        is_better = np.where(less_is_better, target < base, is_better)
        path_share = (reading - base) / (target - base)
        path_share = path_share + 0.0  # no -0
        inverse_ratio = target / reading
        ratio = reading / target
    ratio = np.where(less_is_better, inverse_ratio, ratio)
    share = np.where(has_base & is_better, path_share, ratio)
    return np.asarray(np.where(np.isfinite(share), share, np.nan))
