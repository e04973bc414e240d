"""Jumps (异常变动): values that change by more than a threshold from a year to the next, and why.

Owns the reading of the counties' ``explanations.csv``, and ``jumps.csv``. Levels of the years on
one boundary are computed by ``gep.comparison``.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.account.result_tables import blanked
from gep.collection.counties import County
from gep.collection.recompute import value_cells
from gep.comparison.comparison import compare
from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, check_region_codes, read_table, suggestion
from gep.project.project import region_labels
from gep.standards.standard import StandardSpec
from gep.texts.catalogue import Label

JUMP_COLUMNS = [
    "county",
    "region",
    "from",
    "year",
    "category",
    "indicator",
    "value_from",
    "value",
    "growth",
    "threshold",
    "status",
    "explanation",
    "document",
    "unit",
]
EXPLANATIONS = "explanations.csv"
EXPLAINED = "explained"
NO_DOCUMENT = "no_document"
OPEN = "needs_explanation"
_COLUMNS = Columns(("region", "year", "indicator", "explanation"), ("document", "note"))


def load_explanations(county: County, problems: ProblemLog) -> pd.DataFrame | None:
    """Load a county's explanations of its jumps.

    Parameters
    ----------
    county : County
    problems : ProblemLog
        Gets ``blank``, ``duplicate-row``, and the problems of tables and years.

    Returns
    -------
    DataFrame or None
        Columns region, year, indicator (a total or category too), explanation, document, file, row;
        None if the county has no ``explanations.csv`` that can be read.
    """
    path = county.project.folder / EXPLANATIONS
    if not path.exists():
        return None
    table = read_table(path, _COLUMNS, problems, f"{county.name}: {EXPLANATIONS}")
    if table is None:
        return None
    rows = table.frame[["region", "indicator", "explanation", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    rows["document"] = table.column("document").to_numpy()
    for column in ("region", "indicator", "explanation"):
        blank = np.flatnonzero(rows[column] == "")
        if len(blank):
            place = replace(table.place(blank), column=column)
            problems.add("blank", place, "collection.blank", column=column)
    check_region_codes(table, "region", problems)
    check_duplicates(rows, ["region", "year", "indicator"], problems)
    return rows


def jumps_of(county: County, threshold: float, explanations: pd.DataFrame | None) -> pd.DataFrame:
    """Find the jumps of a county's regions between each year and the next.

    Parameters
    ----------
    county : County
        The county; regions are compared on the boundary of its last year.
    threshold : float
        Change a year above which a value jumps, a fraction of the absolute value of the earlier
        year.
    explanations : DataFrame or None
        As :func:`load_explanations` returns them.

    Returns
    -------
    DataFrame
        In ``JUMP_COLUMNS``; ``growth`` is a fraction a year. A value that is there in one of the
        years only is a jump without growth. ``status`` is ``explained``, ``no_document`` or
        ``needs_explanation``.
    """
    if len(county.accounts) < 2:
        return pd.DataFrame(columns=JUMP_COLUMNS)
    jumps = pd.DataFrame(_jump_rows(county, threshold), columns=JUMP_COLUMNS)
    if explanations is None or jumps.empty:
        return jumps
    keyed = explanations.set_index(["region", "year", "indicator"])
    keyed = keyed[["explanation", "document"]]
    keys = zip(jumps["region"], jumps["year"], _explained_names(jumps), strict=True)
    columns = ["status", "explanation", "document"]
    for position, key in enumerate(keys):
        if key not in keyed.index:
            continue
        explanation, document = keyed.loc[key]
        status = EXPLAINED if document else NO_DOCUMENT
        jumps.loc[position, columns] = [status, explanation, document]
    return jumps


def _explained_names(jumps: pd.DataFrame) -> np.ndarray:
    """Return the names by which jumps are explained: the indicator, or the category of a total."""
    is_total = jumps["indicator"] == TOTAL
    names = jumps["indicator"].where(~is_total, jumps["category"])
    return np.asarray(names, dtype=object)


def _jump_rows(county: County, threshold: float) -> list[tuple[object, ...]]:
    """List the jumps in ``JUMP_COLUMNS``, none of them explained."""
    comparison = compare(county.accounts, pairs=(), changes=county.project.changes)
    lines = comparison.lines.iloc[comparison.money]
    is_region = comparison.depth < 0
    codes = comparison.codes[is_region]
    unit = comparison.accounts[0].plan.standard.spec.unit
    rows: list[tuple[object, ...]] = []
    for year_from, year in pairwise(account.year for account in comparison.accounts):
        values: list[np.ndarray] = []  # region x line, of both years; NaN where there is no number
        cells: list[np.ndarray] = []
        for end in (year_from, year):
            level = comparison.levels[end]
            all_values = np.where(level.known, level.values, np.nan)
            all_states = np.where(level.gap, NOT_COMPILED, "na").astype(object)
            end_values = all_values[is_region][:, comparison.money]
            end_states = all_states[is_region][:, comparison.money]
            values.append(end_values)
            cells.append(value_cells(end_values, end_states))
        growth = _growth_a_year(values[0], values[1], year - year_from)
        growth_cells = blanked(growth)
        in_one_year = np.isfinite(values[0]) != np.isfinite(values[1])
        exceeds_threshold = np.abs(np.nan_to_num(growth)) > threshold
        jumped = exceeds_threshold | in_one_year
        for region, line in np.argwhere(jumped):
            rows.append(
                (
                    county.name,
                    str(codes[region]),
                    year_from,
                    year,
                    lines["category"].iloc[line],
                    lines["indicator"].iloc[line],
                    cells[0][region, line],
                    cells[1][region, line],
                    growth_cells[region, line],
                    threshold,
                    OPEN,
                    "",
                    "",
                    unit,
                )
            )
    return rows


def _growth_a_year(earlier: np.ndarray, later: np.ndarray, years: int) -> np.ndarray:
    """Compute the growth a year.

    Parameters
    ----------
    earlier, later : ndarray of float
        Values; NaN where there is no number.
    years : int
        Years between them.

    Returns
    -------
    ndarray of float
        A fraction of the absolute earlier value; infinite from zero to something. Over several
        years it compounds, or is divided by the years where a value turns into its opposite.
    """
    with np.errstate(all="ignore"):
        ratio = (later - earlier) / np.abs(earlier)
        growth = np.where(earlier == later, 0.0, ratio)
        if years == 1:
            return np.asarray(growth)
        final_ratio = np.maximum(1 + growth, 0.0)
        compounded = np.power(final_ratio, 1 / years) - 1
        divided = growth / years
        return np.where(growth > -1, compounded, divided)


def unused(
    county: County, explanations: pd.DataFrame, jumps: pd.DataFrame, problems: ProblemLog
) -> None:
    """Warn of explanations that belong to no jump.

    Parameters
    ----------
    county : County
    explanations : DataFrame
        As :func:`load_explanations` returns them.
    jumps : DataFrame
        The county's jumps.
    problems : ProblemLog
        Gets ``unused-data``.
    """
    names = _explained_names(jumps)
    jumped = set(zip(jumps["region"], jumps["year"], names, strict=True))
    spec = county.accounts[0].plan.standard.spec
    known_names = [indicator.id for indicator in spec.indicator]
    known_names.append(TOTAL)
    for row in explanations.to_dict("records"):
        key = (row["region"], row["year"], row["indicator"])
        if key in jumped:
            continue
        indicator = str(row["indicator"])
        problems.add(
            "unused-data",
            row_place(f"{county.name}: {EXPLANATIONS}", [row["row"]]),
            "collection.explanation-of-no-jump",
            indicator=_indicator_label(indicator, spec),
            region=region_labels([str(row["region"])], county.project.parts.regions)[0],
            year=row["year"],
            suggestion=suggestion(indicator, known_names),
        )


def _indicator_label(name: str, spec: StandardSpec) -> Label:
    """Label an indicator, or a total, with its title."""
    for indicator in spec.indicator:
        if indicator.id == name:
            return Label(name, indicator.name)
    if name == TOTAL:
        return Label(name, spec.total[0].name)
    return Label(name)
