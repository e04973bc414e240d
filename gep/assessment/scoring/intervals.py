"""Scores at draws (得分区间): the uncertainty of accounts carried through rules to points, scores and ranks."""

import numpy as np
import pandas as pd

from gep.assessment import rules as scoring
from gep.assessment.scoring.year_scores import TOTAL, Year

RANK_INTERVAL_COLUMNS = ["region", "year", "group", "rank_p025", "rank_p975"]
_LIMITS = (0.025, 0.975)


def drawn_points(year: Year) -> np.ndarray | None:
    """Points at draws, draw x indicator x region; None where no reading of the scheme is drawn.

    Readings that are not drawn (data rows, normal climate) are the same in every draw.
    """
    drawn = [year.ground.read_draws(one.reading, one.unit, year.year) for one in year.indicators]
    count = max((len(one) for one in drawn if one is not None), default=0)
    if not count:
        return None
    found = []
    for one, some, read, done in zip(year.indicators, drawn, year.reads, year.attained, strict=True):
        reading = np.broadcast_to(read.value, (count, len(read.value))) if some is None else some
        found.append(year.points_of(one, reading, done))
    return np.stack(found, axis=1)


def with_intervals(table: pd.DataFrame, year: Year, points: np.ndarray | None) -> pd.DataFrame:
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
        for name, code, most in zip(table["indicator"], table["region"], table["points"], strict=True)
    ]
    low, high = ([("" if np.isnan(one[end]) else float(one[end])) for one in cells] for end in (0, 1))
    return table.assign(points_low=low, points_high=high)


def rank_intervals(year: Year, points: np.ndarray) -> pd.DataFrame:
    """The ranks inside each group that 95 % of the draws hold."""
    score = np.where(np.isnan(year.score), np.nan, year.scores_of(points))
    ranks = scoring.competition_ranks(score, year.ground.group)
    known = ~np.isnan(year.score)
    low, high = np.quantile(np.where(known, ranks, 0.0), _LIMITS, axis=0, method="inverted_cdf")
    frame = pd.DataFrame({"region": list(year.ground.regions), "year": year.year, "group": year.ground.group})
    frame["rank_p025"], frame["rank_p975"] = low.astype(int), high.astype(int)
    return frame[known][RANK_INTERVAL_COLUMNS].reset_index(drop=True)
