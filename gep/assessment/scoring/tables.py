"""The tables of a scoring scheme (评分各表): targets, scores and ranks of a year, and their intervals."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gep.account.result_tables import blanked
from gep.assessment import rules as scoring
from gep.assessment.scoring.scheme import TOTAL, ScoredIndicator
from gep.assessment.scoring.year_scores import ScoredYear
from gep.assessment.targets import target_factors
from gep.inputs.value_rows import GRADE, GRADES

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
RANK_COLUMNS = ["region", "year", "group", "score", "rank", "previous_rank", "change", "grade"]
RANK_INTERVAL_COLUMNS = ["region", "year", "group", "rank_p025", "rank_p975"]


_LIMITS = (0.025, 0.975)


def target_rows(year: ScoredYear) -> pd.DataFrame:
    """``targets.csv``: a row for each region and indicator that has a target."""
    pieces = []
    for one, read, due, done in zip(
        year.indicators, year.reads, year.due, year.attained, strict=True
    ):
        fine = due["target"].notna().to_numpy()
        frame = due[fine].reset_index(names="region")
        scale, _ = target_factors(
            due[fine], one.unit
        )  # the row is in the target's unit, but for a change in percent
        frame = frame.assign(
            year=year.year,
            indicator=one.id,
            property=one.property,
            reading=blanked(read.value[fine] / scale),
        )
        frame["attainment"], frame["status"] = blanked(done.attainment[fine]), done.status[fine]
        frame["base"], frame["unit"] = (
            blanked(frame["base"].to_numpy(dtype=float)),
            frame["unit"],
        )
        frame["base_year"] = [int(base) or "" for base in frame["base_year"]]
        pieces.append(frame[TARGET_COLUMNS])
    pieces = [one for one in pieces if len(one)]
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=TARGET_COLUMNS)


def score_rows(year: ScoredYear) -> pd.DataFrame:
    """``scores.csv``: a row for each region and indicator, then the total."""
    regions, group = year.ground.regions, year.ground.group
    shown = np.where(year.read, year.filled(year.points), np.nan)
    pieces = []
    for place_of, (one, read) in enumerate(zip(year.indicators, year.reads, strict=True)):
        most = "" if one.points is None else one.points
        frame = _frame(year, one.id, read.value, shown[place_of], most)
        frame["rule"] = one.rule.kind if one.rule else ""
        worst = np.maximum(read.grade, GRADE[one.grade])
        frame["grade"] = np.where(
            np.isnan(read.value), one.grade, np.array(GRADES, dtype=object)[worst]
        )
        frame["note"] = _notes(year, one, read.value)
        pieces.append(frame)
    whole = _frame(year, TOTAL, np.full(len(regions), np.nan), year.score, "")
    whole["max_points"] = float(year.maximum.sum()) if year.complete else ""
    whole["rule"], whole["grade"] = "sum", [grade for grade, _ in year.grades]
    whole["note"] = [_total_note(year, place_of) for place_of in range(len(regions))]
    table = pd.concat([*pieces, whole], ignore_index=True).assign(
        _at=np.tile(np.arange(len(regions)), len(pieces) + 1)
    )
    table["group"] = np.tile(group, len(pieces) + 1)
    return table.sort_values("_at", kind="stable")[SCORE_COLUMNS]


def _notes(year: ScoredYear, one: ScoredIndicator, values: np.ndarray) -> np.ndarray:
    """What is said beside each reading of an indicator."""
    lacks = (
        "无读数，按最低分计 no reading, taken at the floor"
        if year.keeps(one)
        else ("无读数，分值分摊 no reading, its points spread")
    )
    low, high = (
        -np.inf if one.least is None else one.least,
        np.inf if one.most is None else one.most,
    )
    with np.errstate(invalid="ignore"):
        held = (values < low) | (values > high)
    beyond = "读数超出上下限，按界限计 beyond its limits, taken at them"
    return np.where(np.isnan(values), lacks, np.where(held, beyond, "")).astype(object)


def _frame(
    year: ScoredYear, indicator: str, reading: np.ndarray, points: np.ndarray, most: Any
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": list(year.ground.regions),
            "year": year.year,
            "indicator": indicator,
            "reading": blanked(reading),
            "points": blanked(points),
            "points_low": "",
            "points_high": "",
            "max_points": most,
        }
    )


def _total_note(year: ScoredYear, place_of: int) -> str:
    reasons = [year.grades[place_of][1]] if year.grades[place_of][1] else []
    if not year.complete:
        reasons.append("分值未定，不计总分 points not given: no score")
    change = year.event_points[place_of]
    return "; ".join([*reasons, *([f"事项加减分 events {change:+g}"] if change else [])])


def rank_rows(year: ScoredYear, before: Mapping[str, float]) -> pd.DataFrame:
    """``ranking.csv``: competition ranks inside each group, with those of the year before where known."""
    regions, group = list(year.ground.regions), year.ground.group
    rank = scoring.competition_ranks(year.score, group)
    last = np.array([before.get(code) or np.nan for code in regions], dtype=float)
    frame = pd.DataFrame(
        {"region": regions, "year": year.year, "group": group, "score": blanked(year.score)}
    )
    frame["rank"], frame["previous_rank"] = blanked(rank, whole=True), blanked(last, whole=True)
    frame["change"] = blanked(last - rank, whole=True)  # up is positive
    frame["grade"] = [grade for grade, _ in year.grades]
    order = np.lexsort((rank, group.astype(str)))
    return frame.iloc[order][RANK_COLUMNS].reset_index(drop=True)


def with_intervals(
    table: pd.DataFrame, year: ScoredYear, points: np.ndarray | None
) -> pd.DataFrame:
    """``scores.csv`` with the 2.5 % and 97.5 % quantiles of points and of the total."""
    if points is None:
        return table
    frames = {one.id: points[:, place] for place, one in enumerate(year.indicators)}
    if year.complete:
        frames[TOTAL] = year.scores_of(points)
    limits = {name: np.quantile(values, _LIMITS, axis=0) for name, values in frames.items()}
    place_of = {code: place for place, code in enumerate(year.ground.regions)}
    cells = [
        limits[name][:, place_of[code]] if name in limits and most != "" else (np.nan, np.nan)
        for name, code, most in zip(
            table["indicator"], table["region"], table["points"], strict=True
        )
    ]
    low, high = (
        [("" if np.isnan(one[end]) else float(one[end])) for one in cells] for end in (0, 1)
    )
    return table.assign(points_low=low, points_high=high)


def rank_intervals(year: ScoredYear, points: np.ndarray) -> pd.DataFrame:
    """The ranks inside each group that 95 % of the draws hold."""
    score = np.where(np.isnan(year.score), np.nan, year.scores_of(points))
    ranks = scoring.competition_ranks(score, year.ground.group)
    known = ~np.isnan(year.score)
    low, high = np.quantile(np.where(known, ranks, 0.0), _LIMITS, axis=0, method="inverted_cdf")
    frame = pd.DataFrame(
        {"region": list(year.ground.regions), "year": year.year, "group": year.ground.group}
    )
    frame["rank_p025"], frame["rank_p975"] = low.astype(int), high.astype(int)
    return frame[known][RANK_INTERVAL_COLUMNS].reset_index(drop=True)
