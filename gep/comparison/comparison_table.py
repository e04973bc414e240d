"""The comparison's table (``comparison.csv``), its deflators, and the caption printed above it.

The table has a row for each region, line and pair of years, in the firm columns. Reasons for the
changes are left to ``decomposition``.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gep.account.caption import (
    evidence_title,
    legal_title,
    measure_title,
    out_of_range_lines,
    percent_up,
)
from gep.account.lines import LineValues
from gep.account.result_tables import blanked
from gep.comparison.comparability import Clauses, price_basis_text
from gep.comparison.panel import Pair, Panel, known_values
from gep.errors import Problem
from gep.inputs.value_rows import GRADES, grade_title
from gep.texts.catalogue import Language, Listed, text

COMPARISON_COLUMNS = [
    "region",
    "level",
    "category",
    "indicator",
    "item",
    "kind",
    "from",
    "to",
    "value_from",
    "value_to",
    "change",
    "growth",
    "cagr",
    "contribution",
    "share_from",
    "share_to",
    "rank_from",
    "rank_to",
    "price_basis",
    "flags",
    "unit",
]
DEFLATOR = "deflator"  # the kind of the deflators' rows
_NOT_OF_DEFLATORS = ["contribution", "share_from", "share_to", "rank_from", "rank_to", "flags"]

_POINTS = 100  # percentage points in 1
_YEARS_NAMED = 30  # years that the caption names before it counts the rest


# --- the table -----------------------------------------------------------------------------------


def comparison_table(panel: Panel) -> pd.DataFrame:
    """Return the rows of ``comparison.csv``.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    DataFrame
        Columns ``COMPARISON_COLUMNS``: the rows of all pairs of years, then the same of the mean
        levels where the panel has them, ``kind`` with the suffix ``:normal_climate`` or
        ``:moving_mean``. ``growth``, ``cagr`` (growth a year) and shares are fractions;
        ``contribution`` is in percentage points of the headline's growth. A growth is blank where
        the first level is not above zero. ``rank`` is by value among the regions, or among parents
        of the same depth; equal values share the better rank.
    """
    tables = []
    for pair in panel.pairs:
        tables.append(_pair_table(panel, pair, panel.levels))
    if panel.normal:
        for pair in panel.pairs:
            table = _pair_table(panel, pair, panel.mean_levels)
            table["kind"] += f":{panel.climate}"
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _pair_table(panel: Panel, pair: Pair, levels: Mapping[int, LineValues]) -> pd.DataFrame:
    """Return the rows of a pair of years; a line is shown where either year has it."""
    first_year, last_year = pair
    first = levels[first_year]
    last = levels[last_year]
    is_shown = first.valid | last.valid | first.gap | last.gap
    shown = np.nonzero(is_shown)
    table = _line_rows(panel, pair, *shown)
    table["price_basis"] = panel.basis
    table["value_from"] = first.cells()[shown]
    table["value_to"] = last.cells()[shown]
    table["flags"] = _flags(panel, first, last)[shown]
    numbers = _changes(first, last, pair)
    numbers |= _parts_of_headline(
        panel,
        first=first,
        last=last,
        change=numbers["change"],
    )
    for name, matrix in numbers.items():
        table[name] = blanked(matrix[shown])
    for name, end in (("rank_from", first), ("rank_to", last)):
        matrix = ranks(end.values, end.known, panel.depth)
        table[name] = blanked(matrix[shown], whole=True)
    return table[COMPARISON_COLUMNS]


def _line_rows(panel: Panel, pair: Pair, row: np.ndarray, line: np.ndarray) -> pd.DataFrame:
    """Begin the rows of a table: lines with their region, its level and the years.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)
    row, line : ndarray of int
        For each row of the table the position of its region or parent, and of its line.

    Returns
    -------
    DataFrame
    """
    table = panel.lines.iloc[line]
    table = table.reset_index(drop=True)
    is_region = panel.depth[row] < 0
    table["region"] = panel.codes[row]
    table["level"] = np.where(is_region, "region", "parent")
    table["from"], table["to"] = pair
    return table


def _changes(first: LineValues, last: LineValues, pair: Pair) -> dict[str, np.ndarray]:
    """Return the change of each line, its growth and its growth a year.

    Parameters
    ----------
    first, last : LineValues
        The levels of the two years, regions and parents x lines.
    pair : (int, int)
        The two years.

    Returns
    -------
    dict of str to ndarray
        ``change`` in the line's unit, ``growth`` and ``cagr`` as fractions; NaN where not defined.
    """
    first_year, last_year = pair
    yearly = 1 / (last_year - first_year)
    before = known_values(first, np.nan)
    after = known_values(last, np.nan)
    has_gap = first.gap | last.gap
    can_grow = before > 0
    stays_positive = can_grow & (after >= 0)
    with np.errstate(all="ignore"):
        change = known_values(last, 0.0) - known_values(first, 0.0)
        ratio = after / before
        growth = ratio - 1
        cagr = ratio**yearly - 1
    return {
        "change": _finite(change, ~has_gap),
        "growth": _finite(growth, can_grow),
        "cagr": _finite(cagr, stays_positive),
    }


def _parts_of_headline(
    panel: Panel, *, first: LineValues, last: LineValues, change: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what each value contributes to the headline's growth, and its share in the headline.

    Parameters
    ----------
    panel : Panel
    first, last : LineValues
        The levels of the two years, regions and parents x lines.
    change : ndarray of float
        The change of each line, NaN where not known.

    Returns
    -------
    dict of str to ndarray
        ``contribution`` in percentage points, ``share_from`` and ``share_to`` as fractions; NaN for
        quantities, where not defined, and where the standard has no headline.
    """
    if panel.headline is None:
        undefined = np.full(change.shape, np.nan)
        return {"contribution": undefined, "share_from": undefined, "share_to": undefined}
    is_value = (panel.lines["kind"] == "value").to_numpy()
    before = known_values(first, np.nan)
    after = known_values(last, np.nan)
    total_before = before[:, [panel.headline]]
    total_after = after[:, [panel.headline]]
    with np.errstate(all="ignore"):
        contribution = _POINTS * change / total_before
        share_from = before / total_before
        share_to = after / total_after
    return {
        "contribution": _finite(contribution, is_value & (total_before > 0)),
        "share_from": _finite(share_from, is_value),
        "share_to": _finite(share_to, is_value),
    }


def _finite(matrix: np.ndarray, is_defined: np.ndarray) -> np.ndarray:
    """Return a matrix with NaN where it is not defined or infinite."""
    return np.where(is_defined & np.isfinite(matrix), matrix, np.nan)


def ranks(values: np.ndarray, known: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Rank regions by value among those of their depth; equal values share the better rank.

    Parameters
    ----------
    values : ndarray of float
        Regions and parents x lines.
    known : ndarray of bool
        Where ``values`` holds a number; what is not known has no rank.
    depth : ndarray of int
        For each region or parent its depth; ranks are among rows of the same depth.

    Returns
    -------
    ndarray of float
        Ranks from 1 for the largest value, as in 1, 2, 2, 4; NaN where there is no number.
    """
    frame = pd.DataFrame(np.where(known, values, np.nan))
    by_depth = frame.groupby(depth)
    ranked = by_depth.rank(method="min", ascending=False)
    return np.asarray(ranked)


def _flags(panel: Panel, first: LineValues, last: LineValues) -> np.ndarray:
    """Return the flags of each cell, joined by semicolons.

    Each cell has the flags of the whole table, then ``sum-of-parts`` for parents in lines that are
    not additive, then ``only-in-from`` or ``only-in-to`` where one year alone has the line.
    """
    is_sum = np.zeros(len(panel.lines), dtype=bool)
    is_sum[panel.sums_of_parts] = True
    is_parent = panel.depth >= 0
    is_sum_of_parts = is_parent[:, None] & is_sum
    presence = first.valid.astype(int) - last.valid
    flags_by_presence = {
        0: [],
        1: ["only-in-from"],
        -1: ["only-in-to"],
    }
    cells = np.empty(presence.shape, dtype=object)
    for value, flags in flags_by_presence.items():
        is_case = presence == value
        cells[is_case] = ";".join([*panel.flags, *flags])
        is_case &= is_sum_of_parts
        cells[is_case] = ";".join([*panel.flags, "sum-of-parts", *flags])
    return cells


# --- deflators -----------------------------------------------------------------------------------


def deflators(current: Panel, constant: Panel) -> pd.DataFrame:
    """Return the implied deflator of each value: at current prices over at constant prices.

    The growth of a deflator is that of prices.

    Parameters
    ----------
    current, constant : Panel
        The same accounts at current and at constant prices.

    Returns
    -------
    DataFrame
        Columns ``COMPARISON_COLUMNS``, ``kind`` ``deflator``, unit 1; ``price_basis`` names both,
        as in ``current/constant:2016``. Values that are not above 0 in each year have no row.
    """
    tables = []
    is_money = np.zeros(len(current.lines), dtype=bool)
    is_money[current.money] = True
    for pair in current.pairs:
        first_year, last_year = pair
        first = _deflator(current.levels[first_year], constant.levels[first_year])
        last = _deflator(current.levels[last_year], constant.levels[last_year])
        is_shown = first.known & last.known & is_money
        shown = np.nonzero(is_shown)
        table = _line_rows(current, pair, *shown)
        table["kind"] = DEFLATOR
        table["unit"] = "1"
        table["price_basis"] = f"current/{constant.basis}"
        table["value_from"] = first.values[shown]
        table["value_to"] = last.values[shown]
        for name, matrix in _changes(first, last, pair).items():
            table[name] = blanked(matrix[shown])
        for name in _NOT_OF_DEFLATORS:
            table[name] = ""
        tables.append(table[COMPARISON_COLUMNS])
    return pd.concat(tables, ignore_index=True)


def _deflator(current: LineValues, constant: LineValues) -> LineValues:
    """Divide levels at current prices by those at constant prices, where both are positive."""
    known = current.known & constant.known
    known &= current.values > 0
    known &= constant.values > 0
    with np.errstate(all="ignore"):
        ratio = current.values / constant.values
    return LineValues(
        values=np.where(known, ratio, 0.0),
        valid=known,
        gap=np.zeros_like(known),
    )


# --- the caption ---------------------------------------------------------------------------------


def comparison_caption(panel: Panel, language: Language) -> list[str]:
    """Word what must be said above every table and picture of a comparison.

    Parameters
    ----------
    panel : Panel
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line each: measure, years and prices; state; standard; climate; boundary; grades;
        comparability where there are flags; numbers out of range where there are any.
    """
    plan = panel.accounts[-1].plan
    spec = plan.standard.spec
    years = tuple(account.year for account in panel.accounts)
    approvals = [account.plan.approval for account in panel.accounts]
    climate = panel.climate if panel.normal else "actual"
    heading = text(
        "comparison.caption.heading",
        measure=measure_title(plan, language),
        years=Listed(years, _YEARS_NAMED),
        prices=price_basis_text(panel.basis),
    )
    states = sorted({approval.say(language) for approval in approvals if approval})
    state = text("comparison.caption.state", state="; ".join(states))
    if None in approvals:
        state = text("comparison.caption.trial")
    standard = text(
        "comparison.caption.standard",
        title=spec.title,
        id=spec.id,
        legal=legal_title(spec.legal, language),
        evidence=evidence_title(spec.evidence, language),
    )
    lines = [
        heading,
        state,
        standard,
        text(f"comparison.caption.{climate}"),
        text("comparison.caption.boundary", year=panel.boundary),
        text("comparison.caption.grades", grades=_grades(panel, language)),
    ]
    if panel.flags:
        flags = Clauses(tuple(text(f"comparison.flag.{flag}") for flag in panel.flags))
        lines.append(text("comparison.caption.comparability", flags=flags))
    warnings: dict[Problem, None] = {}
    for account in panel.accounts:
        warnings.update(dict.fromkeys([*account.plan.warnings, *account.warnings]))
    return [line.say(language) for line in lines] + out_of_range_lines(warnings, language)


def _grades(panel: Panel, language: Language) -> str:
    """List for each grade its largest share among the years."""
    shares = [account.shares()["grade"] for account in panel.accounts]
    parts = []
    for grade in GRADES:
        largest = max(float(by_grade[grade]) for by_grade in shares)
        if largest:
            parts.append(f"{grade_title(grade, language)} ≤ {percent_up(largest)}")
    return "  ".join(parts) or "-"
