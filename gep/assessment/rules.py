"""Scoring rules (计分规则): points from a reading, elementwise over regions (and draws ahead of them).

All functions take arrays of readings with NaN where there is none, and return points with NaN there.
"""

from collections.abc import Sequence

import numpy as np

MET, MISSED, ON_SCHEDULE, BEHIND, NO_DATA = "met", "missed", "on_schedule", "behind", "no_data"
ABOUT = 0.05  # "about" (左右): how far from the target, as a share of it, still meets it; not from any text
EQUAL = 1e-9  # numbers that differ by less, as a share of them, are equal


def meets(x: np.ndarray, target: np.ndarray, comparator: np.ndarray) -> np.ndarray:
    """Whether readings meet their targets; comparators are ``>=``, ``<=``, ``>``, ``<`` and ``~`` (about).

    What differs by no more than the last digits of binary fractions is equal: 9.7 less 10 % is 8.73.
    """
    with np.errstate(invalid="ignore"):
        off = np.abs(x - target)
        same = off <= EQUAL * np.maximum(np.abs(x), np.abs(target))
        found = np.select(
            [
                comparator == ">=",
                comparator == "<=",
                comparator == ">",
                comparator == "<",
                comparator == "~",
            ],
            [
                (x > target) | same,
                (x < target) | same,
                (x > target) & ~same,
                (x < target) & ~same,
                off <= (ABOUT + EQUAL) * np.abs(target),
            ],
            False,
        )
    return np.asarray(found, dtype=bool)


def linear_path(
    base: np.ndarray, target: np.ndarray, start: np.ndarray, end: np.ndarray, year: int
) -> np.ndarray:
    """Where the straight way from base to target stands in a year; the target from its year on."""
    with np.errstate(all="ignore"):
        part = np.clip((year - start) / (end - start), 0.0, 1.0)
    return np.asarray(base + (target - base) * np.where(end > start, part, 1.0))


def attain(x: np.ndarray, met: np.ndarray, points: float) -> np.ndarray:
    """All points where the target is met, none where it is missed."""
    return np.where(np.isnan(x), np.nan, np.where(met, points, 0.0))


def deduct(
    x: np.ndarray,
    target: np.ndarray,
    comparator: np.ndarray,
    points: float,
    rate: float,
    per: float,
) -> np.ndarray:
    """Points less ``rate`` for every ``per`` that the target is missed by, never below 0 (扣完为止)."""
    below = np.isin(comparator, (">=", ">"))
    above = np.isin(comparator, ("<=", "<"))
    short = np.where(below, target - x, np.where(above, x - target, np.abs(x - target)))
    return np.asarray(np.clip(points - rate * np.maximum(short, 0.0) / per, 0.0, points))


def interpolate(x: np.ndarray, at: Sequence[float], points: Sequence[float]) -> np.ndarray:
    """Points on the straight lines between given ones, constant beyond the first and the last."""
    return np.asarray(np.where(np.isnan(x), np.nan, np.interp(x, at, points)))


def efficacy(
    x: np.ndarray, low: np.ndarray, high: np.ndarray, direction: str, floor: float = 60.0
) -> np.ndarray:
    """Efficacy function (功效函数): floor + (100 - floor) (x - low)/(high - low), reversed for ``-``; floor..100.

    Where low and high are the same every reading has 100: none is better than another.
    """
    ahead = x - low if direction == "+" else high - x
    with np.errstate(all="ignore"):
        part = ahead / (high - low)
    # a given limit may lie beyond the whole group, and then nobody, or everybody, has passed it
    part = np.where(np.asarray(high) > np.asarray(low), part, np.where(ahead >= 0, 1.0, 0.0))
    found = floor + (100.0 - floor) * np.clip(part, 0.0, 1.0)
    return np.asarray(np.where(np.isnan(x), np.nan, found))


def by_rank(
    x: np.ndarray, group: np.ndarray, direction: str, points: float, step: float
) -> np.ndarray:
    """Points by rank inside a group: all for the first, ``step`` less for each place, never below 0."""
    return np.clip(points - step * (competition_ranks(x, group, direction) - 1), 0.0, points)


def competition_ranks(x: np.ndarray, group: np.ndarray, direction: str = "+") -> np.ndarray:
    """Ranks 1, 2, 2, 4 inside each group along the last axis, the best first; NaN has none."""
    found = np.full(x.shape, np.nan)
    worth = x if direction == "+" else -x
    for name in dict.fromkeys(group.tolist()):
        mine = np.flatnonzero(group == name)
        part = worth[..., mine]
        ordered = np.sort(np.where(np.isnan(part), -np.inf, part), axis=-1)
        flat, rows = part.reshape(-1, len(mine)), ordered.reshape(-1, len(mine))
        ranks = np.array(
            [
                len(mine) - np.searchsorted(row, some, side="right") + 1.0
                for row, some in zip(rows, flat, strict=True)
            ]
        ).reshape(part.shape)
        found[..., mine] = np.where(np.isnan(part), np.nan, ranks)
    return found


def totals(points: np.ndarray, maximum: np.ndarray, missing: str, floor: float) -> np.ndarray:
    """The sum of points (... x indicator x region) by region, where readings that lack are NaN.

    ``floor`` keeps their weight and gives them that share of their points; ``spread`` shares their weight out over the
    other indicators, in proportion.
    """
    weight = maximum.reshape(-1, 1)
    lacking = np.isnan(points)
    if missing == "floor":
        return np.asarray(np.where(lacking, floor * weight, points).sum(axis=-2))
    have = np.where(lacking, 0.0, weight).sum(axis=-2)
    with np.errstate(all="ignore"):
        return np.asarray(
            np.where(
                have > 0, np.where(lacking, 0.0, points).sum(axis=-2) * weight.sum() / have, np.nan
            )
        )
