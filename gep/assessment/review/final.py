"""Final results (终核结果): schemes applied again to what was decided, beside the computed results.

The final results are a function of the schemes, of what they are applied to, and of the decisions
of the log: decided numbers stand in the place of those read and computed, and all schemes are
applied again, so that scores, ranks, grades and money follow, also in the schemes that read the
results of others.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.assessment.apply import apply
from gep.assessment.context import AssessmentContext
from gep.assessment.decided import Decided
from gep.assessment.review.decisions import (
    ComputedNumbers,
    check_numbers,
    final_decisions,
    moved_by,
    numbers_of,
)
from gep.assessment.review.log import FINAL, ReviewLog, last_state
from gep.assessment.scheme import Assessment, Scheme
from gep.errors import ProblemLog

FINAL_NUMBERS = "final_numbers.csv"
_RANKING = "ranking.csv"
FINAL_RANKING = "final_ranking.csv"
FINAL_NUMBER_COLUMNS = ["region", "year", "item", "computed", "final", "moved", "state"]
FINAL_RANK_COLUMNS = [
    "region",
    "year",
    "group",
    "score_computed",
    "score_final",
    "score_moved",
    "rank_computed",
    "rank_final",
    "rank_moved",
    "grade_computed",
    "grade_final",
    "overtook",
    "overtaken_by",
    "state",
]
_KEYS = ["region", "year", "item"]
_RANK_KEYS = ["region", "year", "group"]
_RANKS = ["rank_computed", "rank_final"]
_SEPARATOR = "、"  # between the codes of regions


def apply_final(
    schemes: Sequence[Scheme],
    context: AssessmentContext,
    computed: Sequence[Assessment],
    log: ReviewLog,
    problems: ProblemLog,
) -> tuple[Assessment, ...]:
    """Apply schemes again to what the log decided on their final results.

    Parameters
    ----------
    schemes : sequence of Scheme
    context : AssessmentContext
    computed : sequence of Assessment
        The schemes applied to the context.
    log : ReviewLog
    problems : ProblemLog
        Collects what is wrong with the numbers of the log; see
        ``gep.assessment.review.decisions.check_entry``.

    Returns
    -------
    tuple of Assessment
        ``computed`` itself where nothing was decided.
    """
    decided: dict[str, Decided] = {}
    for assessment in computed:
        of_scheme = context.for_scheme(assessment.scheme.id)
        numbers = ComputedNumbers(assessment, of_scheme)
        check_numbers(log, numbers, problems)
        decided[assessment.scheme.id] = final_decisions(log, numbers, of_scheme.years)
    if not any(of_scheme.readings or of_scheme.points for of_scheme in decided.values()):
        return tuple(computed)
    return apply(schemes, context, decided).assessments


def final_tables(
    computed: Assessment, final: Assessment, log: ReviewLog | None
) -> dict[str, pd.DataFrame]:
    """Make the tables of final results beside computed ones.

    Parameters
    ----------
    computed, final : Assessment
        The same scheme; ``final`` with what was decided.
    log : ReviewLog or None

    Returns
    -------
    dict of str to DataFrame
        ``final_numbers.csv`` and, where there are ranks, ``final_ranking.csv``; none unless the
        result of some year is final, or a number moved with the final result of another scheme.
    """
    if log is None:
        return {}
    states = _ResultStates(log, computed.scheme.id)
    before = numbers_of(computed)
    after = numbers_of(final)
    numbers = _side_by_side(before, after, _KEYS)
    computed_values = numbers["value_computed"]
    final_values = numbers["value_final"]
    moved = _moved(computed_values, final_values)
    state = states.of(numbers)
    numbers["state"] = state
    is_moved = moved.notna() & (moved != 0)
    is_final = numbers["state"] == FINAL
    is_shown = is_final | is_moved
    years = set(numbers.loc[is_shown, "year"])
    if not years:
        return {}
    numbers["computed"] = _cells(computed_values)
    numbers["final"] = _cells(final_values)
    numbers["moved"] = _cells(moved)
    shown = _of_years(numbers, years)
    tables = {FINAL_NUMBERS: shown[FINAL_NUMBER_COLUMNS]}
    if _RANKING in computed.tables:
        ranking = _rank_table(
            computed.tables[_RANKING],
            final.tables[_RANKING],
            states,
        )
        ranking = _of_years(ranking, years)
        tables[FINAL_RANKING] = ranking[FINAL_RANK_COLUMNS]
    return tables


class _ResultStates:
    """The state of the result of each region and year of a scheme."""

    def __init__(self, log: ReviewLog, scheme: str) -> None:
        self._log = log
        self._scheme = scheme

    def of(self, rows: pd.DataFrame) -> list[str]:
        """Return the states of rows with region and year."""
        states: dict[tuple[str, int], str] = {}
        regions = rows["region"].astype(str)
        years = rows["year"].astype(int)
        keys = list(zip(regions, years, strict=True))
        for region, year in dict.fromkeys(keys):
            entries = self._log.of(self._scheme, year)
            states[region, year] = last_state(entries, region)
        return [states[key] for key in keys]


def _of_years(table: pd.DataFrame, years: set[int]) -> pd.DataFrame:
    """Return the rows of some years."""
    is_of_years = table["year"].isin(years)
    return table[is_of_years.to_numpy()].reset_index(drop=True)


def _side_by_side(computed: pd.DataFrame, final: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Put the rows of two results side by side, in the order of the first."""
    return computed.merge(final, on=keys, how="outer", suffixes=("_computed", "_final"), sort=False)


def _moved(before: "pd.Series[float]", after: "pd.Series[float]") -> "pd.Series[float]":
    """Return by how much each of several numbers moved; NaN where one of the two is missing."""
    pairs = zip(before, after, strict=True)
    return pd.Series([moved_by(*pair) for pair in pairs], index=before.index, dtype=float)


def _cells(values: "pd.Series[float]") -> list[float | str]:
    """Return numbers as cells, blank for NaN."""
    return ["" if np.isnan(value) else float(value) for value in values]


def _rank_table(computed: pd.DataFrame, final: pd.DataFrame, states: _ResultStates) -> pd.DataFrame:
    """Return scores, ranks and grades beside one another, with who overtook whom."""
    columns = [*_RANK_KEYS, "score", "rank", "grade"]
    table = _side_by_side(computed[columns], final[columns], _RANK_KEYS)
    for name in ("score", "rank"):
        before = pd.to_numeric(table[f"{name}_computed"], errors="coerce")
        after = pd.to_numeric(table[f"{name}_final"], errors="coerce")
        rise = _moved(before, after) if name == "score" else _moved(after, before)
        table[f"{name}_moved"] = _cells(rise)
    table["state"] = states.of(table)
    overtook: dict[int, str] = {}
    overtaken: dict[int, str] = {}
    groups = table.groupby(["year", "group"], sort=False, observed=True)
    for _, members in groups:
        ranks = members[_RANKS]
        ranks = ranks.apply(pd.to_numeric, errors="coerce")
        ranks = ranks.to_numpy(dtype=float)
        regions = members["region"]
        regions = regions.to_numpy()
        passed = _passed(ranks)
        passed_by = passed.T
        for position, index in enumerate(members.index):
            behind = regions[passed[position]]
            ahead = regions[passed_by[position]]
            overtook[index] = _SEPARATOR.join(behind)
            overtaken[index] = _SEPARATOR.join(ahead)
    return table.assign(
        overtook=pd.Series(overtook, dtype=object),
        overtaken_by=pd.Series(overtaken, dtype=object),
    )


def _passed(ranks: np.ndarray) -> np.ndarray:
    """Return which members of a group passed which others (member, other).

    Parameters
    ----------
    ranks : ndarray of float
        Dimensions (member, computed or final); NaN without a rank.
    """
    before, after = ranks.T
    was_ahead = np.less.outer(before, before)
    was_ranked = np.isfinite(np.add.outer(before, before))
    is_ahead = np.less.outer(after, after)
    has_passed = was_ranked & ~was_ahead
    has_passed &= is_ahead
    return np.asarray(has_passed)
