"""The tables of a scoring scheme (评分各表): targets, scores and ranks of a year, and intervals.

The module lays out what ``year_scores`` computed, in the firm columns of each file. Notes in the
tables are in both languages, since a result file has no language of its own.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gep.account.ranking import competition_ranks
from gep.account.result_tables import blanked
from gep.assessment.scoring.scheme import TOTAL
from gep.assessment.scoring.year_scores import ScoredYear
from gep.assessment.targets import target_factors
from gep.inputs.value_rows import GRADE, GRADES
from gep.texts.catalogue import say

TARGET_COLUMNS = [
    "region",
    "year",
    "indicator",
    "property",
    "base_year",
    "base",
    "target",
    "comparator",
    "form",
    "reading",
    "attainment",
    "status",
    "unit",
]
SCORE_COLUMNS = [
    "region",
    "year",
    "indicator",
    "group",
    "reading",
    "points",
    "points_low",
    "points_high",
    "max_points",
    "rule",
    "grade",
    "note",
]
RANK_COLUMNS = [
    "region",
    "year",
    "group",
    "score",
    "rank",
    "previous_rank",
    "change",
    "grade",
    "note",
]
RANK_INTERVAL_COLUMNS = ["region", "year", "group", "rank_p025", "rank_p975", "share_drawn", "note"]

_QUANTILES = (0.025, 0.975)
_MAIN_SHARE = 0.5  # of full marks, below which an interval of ranks says little; from no text
_NOTE_SEPARATOR = "; "


def target_rows(year: ScoredYear) -> pd.DataFrame:
    """Return the rows of ``targets.csv``: one for each region and indicator that has a target.

    Parameters
    ----------
    year : ScoredYear

    Returns
    -------
    DataFrame
        Columns ``TARGET_COLUMNS``; readings and bases in the unit of the target, but for a change
        in percent, where they are in the unit of the indicator.
    """
    frames = []
    for indicator, reading, rows, reached, properties in zip(
        year.indicators,
        year.readings,
        year.targets,
        year.attainments,
        year.properties,
        strict=True,
    ):
        has_target = rows["target"].notna().to_numpy()
        if not has_target.any():
            continue
        frame = rows[has_target]
        scale = target_factors(frame, indicator.unit).factor
        frame = frame.reset_index(names="region")
        frame["year"] = year.year
        frame["indicator"] = indicator.id
        frame["property"] = properties[has_target]
        frame["reading"] = blanked(reading.value[has_target] / scale)
        frame["attainment"] = blanked(reached.attainment[has_target])
        frame["status"] = reached.status[has_target]
        base = frame["base"].to_numpy(dtype=float)
        frame["base"] = blanked(base)
        frame["base_year"] = [int(base_year) or "" for base_year in frame["base_year"]]
        frames.append(frame[TARGET_COLUMNS])
    if not frames:
        return pd.DataFrame(columns=TARGET_COLUMNS)
    return pd.concat(frames, ignore_index=True)


def score_rows(year: ScoredYear) -> pd.DataFrame:
    """Return the rows of ``scores.csv``: for each region its indicators, then the total.

    Parameters
    ----------
    year : ScoredYear

    Returns
    -------
    DataFrame
        Columns ``SCORE_COLUMNS``, intervals blank (see ``with_intervals``).
    """
    count = len(year.context.regions)
    points = np.where(year.is_read, year.fill_missing(year.points), np.nan)
    grade_names = np.array(GRADES, dtype=object)
    frames = []
    for position, (indicator, reading, indicator_points) in enumerate(
        zip(year.indicators, year.readings, points, strict=True)
    ):
        maximum = "" if indicator.points is None else indicator.points
        frame = _score_frame(
            year, indicator.id, reading=reading.value, points=indicator_points, maximum=maximum
        )
        frame["rule"] = indicator.rule.kind if indicator.rule else ""
        worst = np.maximum(reading.grade, GRADE[indicator.grade])
        is_missing = np.isnan(reading.value)
        frame["grade"] = np.where(is_missing, indicator.grade, grade_names[worst])
        frame["note"] = _reading_notes(year, position)
        frames.append(frame)
    maximum = float(year.maximum.sum()) if year.has_all_points else ""
    no_reading = np.full(count, np.nan)
    total = _score_frame(year, TOTAL, reading=no_reading, points=year.scores, maximum=maximum)
    total["rule"] = "sum"
    total["grade"] = [decision.name("zh") for decision in year.grades]
    total["note"] = [_total_note(year, position) for position in range(count)]
    frames.append(total)
    table = pd.concat(frames, ignore_index=True)
    table["group"] = np.tile(year.context.group, len(frames))
    table["position"] = np.tile(np.arange(count), len(frames))
    return table.sort_values("position", kind="stable")[SCORE_COLUMNS]


def _score_frame(
    year: ScoredYear,
    indicator: str,
    *,
    reading: np.ndarray,
    points: np.ndarray,
    maximum: Any,
) -> pd.DataFrame:
    """Return the rows of an indicator or the total, without rule, grade and note."""
    return pd.DataFrame(
        {
            "region": list(year.context.regions),
            "year": year.year,
            "indicator": indicator,
            "reading": blanked(reading),
            "points": blanked(points),
            "points_low": "",
            "points_high": "",
            "max_points": maximum,
        }
    )


def _reading_notes(year: ScoredYear, position: int) -> list[str]:
    """Return what is noted beside each reading of an indicator.

    It is missing, beyond its guards, a growth over several years, or the only one of its group.
    """
    indicator = year.indicators[position]
    values = year.readings[position].value
    missing = _note("scoring.note.points-spread")
    if year.keeps_weight(indicator):
        missing = _note("scoring.note.points-at-floor")
    least = -np.inf if indicator.least is None else indicator.least
    most = np.inf if indicator.most is None else indicator.most
    with np.errstate(invalid="ignore"):
        is_beyond = (values < least) | (values > most)
    span = year.growth_span(indicator)
    is_alone = year.is_compared_alone(position)
    notes = []
    for region, value in enumerate(values):
        if np.isnan(value):
            notes.append(missing)
            continue
        of_region = [_note("scoring.note.beyond-guards")] if is_beyond[region] else []
        if span > 1:
            of_region.append(_note(f"scoring.note.{indicator.reading.form}-years", str(span)))
        if is_alone[region]:
            of_region.append(_note("scoring.note.alone"))
        notes.append(_NOTE_SEPARATOR.join(of_region))
    return notes


def _total_note(year: ScoredYear, position: int) -> str:
    """Return what is noted beside the score of a region."""
    notes = [reason.say("zh") for reason in year.grades[position].reasons]
    if not year.has_all_points:
        notes.append(_note("scoring.note.points-unknown"))
    event_points = year.event_points[position]
    if event_points:
        notes.append(_note("scoring.note.events", points=f"{event_points:+g}"))
    return _NOTE_SEPARATOR.join(notes)


def _note(key: str, points: str = "") -> str:
    """Return a note in both languages, as result files hold it; points or years follow it."""
    words = [say("zh", key), say("en", key)]
    if points:
        words.append(points)
    return " ".join(words)


def rank_rows(year: ScoredYear, previous_ranks: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of ``ranking.csv``: ranks inside each group, and how they changed.

    Parameters
    ----------
    year : ScoredYear
    previous_ranks : mapping of str to number
        The rank of the previous year by region; blank or missing if it had none.

    Returns
    -------
    DataFrame
        Columns ``RANK_COLUMNS``, by group and rank. A positive change is a rise.
    """
    regions = list(year.context.regions)
    group = year.context.group
    rank = competition_ranks(year.scores, group)
    ranks_before = [previous_ranks.get(code) or np.nan for code in regions]
    previous = np.array(ranks_before, dtype=float)
    frame = pd.DataFrame({"region": regions, "year": year.year, "group": group})
    frame["score"] = blanked(year.scores)
    frame["rank"] = blanked(rank, whole=True)
    frame["previous_rank"] = blanked(previous, whole=True)
    frame["change"] = blanked(previous - rank, whole=True)
    frame["grade"] = [decision.name("zh") for decision in year.grades]
    frame["note"] = np.where(year.is_ranked_alone, _note("scoring.note.alone"), "")
    order = np.lexsort((rank, group.astype(str)))
    return frame.iloc[order][RANK_COLUMNS].reset_index(drop=True)


def with_intervals(
    table: pd.DataFrame, year: ScoredYear, points: np.ndarray | None
) -> pd.DataFrame:
    """Add the 2.5 % and 97.5 % quantiles of points and scores to ``scores.csv``.

    Parameters
    ----------
    table : DataFrame
        From ``score_rows``.
    year : ScoredYear
    points : ndarray of float or None
        From ``gep.assessment.scoring.year_scores.sampled_points``: (draw, indicator, region); None
        if nothing is drawn.

    Returns
    -------
    DataFrame
        Intervals are blank where there are no points, and where nothing is drawn: a number without
        limits is not certain, nothing is known of its uncertainty.
    """
    if points is None:
        return table
    is_drawn: np.ndarray = np.greater(year.drawn_shares, 0.0)
    quantiles = {}
    for position, indicator in enumerate(year.indicators):
        quantiles[indicator.id] = _drawn_quantiles(points[:, position], is_drawn[position])
    if year.has_all_points:
        quantiles[TOTAL] = _drawn_quantiles(year.scores_of(points), np.any(is_drawn, axis=0))
    region_positions = {code: position for position, code in enumerate(year.context.regions)}
    lows = []
    highs = []
    for row in table.itertuples():
        low = high = np.nan
        if row.indicator in quantiles and row.points != "":
            limits = quantiles[row.indicator]
            low, high = limits[:, region_positions[row.region]]
        lows.append("" if np.isnan(low) else float(low))
        highs.append("" if np.isnan(high) else float(high))
    return table.assign(points_low=lows, points_high=highs)


def _drawn_quantiles(sample: np.ndarray, is_drawn: np.ndarray) -> np.ndarray:
    """Return the quantiles of draw x region; NaN where neither reading nor points are drawn."""
    quantiles = np.quantile(sample, _QUANTILES, axis=0)
    varies = (sample != sample[:1]).any(axis=0) & ~np.isnan(sample).any(axis=0)
    return np.where(is_drawn | varies, quantiles, np.nan)


def rank_intervals(year: ScoredYear, points: np.ndarray) -> pd.DataFrame:
    """Return the rows of ``rank_intervals.csv``: the ranks between which 95 % of the draws lie.

    Parameters
    ----------
    year : ScoredYear
        All its points are known.
    points : ndarray of float
        Dimensions (draw, indicator, region), from
        ``gep.assessment.scoring.year_scores.sampled_points``.

    Returns
    -------
    DataFrame
        Columns ``RANK_INTERVAL_COLUMNS``; regions without a score have no row.
    """
    has_score = ~np.isnan(year.scores)
    scores = np.where(has_score, year.scores_of(points), np.nan)
    ranks = competition_ranks(scores, year.context.group)
    ranks = np.where(has_score, ranks, 0.0)
    low, high = np.quantile(ranks, _QUANTILES, axis=0, method="inverted_cdf")
    frame = pd.DataFrame(
        {"region": list(year.context.regions), "year": year.year, "group": year.context.group}
    )
    frame["rank_p025"] = low.astype(int)
    frame["rank_p975"] = high.astype(int)
    frame["share_drawn"] = year.drawn_share
    is_mostly_exact = year.drawn_share < _MAIN_SHARE
    notes = np.where(is_mostly_exact, _note("scoring.note.mostly-exact"), "")
    frame["note"] = np.where(year.is_ranked_alone, _note("scoring.note.alone"), notes)
    return frame[has_score][RANK_INTERVAL_COLUMNS].reset_index(drop=True)
