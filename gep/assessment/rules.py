"""Scoring rules (计分规则): points from readings, elementwise over regions and, before them, draws.

A missing reading is NaN, and so are its points. Which rule an indicator has, and with which
numbers, is stated by its scheme; the ranks that rules need are made here as well.
"""

from collections.abc import Sequence

import numpy as np

from gep.account.ranking import competition_ranks

ABOUT = 0.05  # share of the target by which a reading may miss "about" (左右); not from any text
EQUAL = 1e-9  # numbers that differ by less, as a share of the larger, are equal

EFFICACY_FLOOR = 60.0  # index at the worse limit, unless a scheme says otherwise


def meets(reading: np.ndarray, target: np.ndarray, comparator: np.ndarray) -> np.ndarray:
    """Return whether readings meet their targets.

    Numbers that differ only in the last digits of binary fractions are equal: 9.7 less 10 % is
    8.73.

    Parameters
    ----------
    reading : ndarray of float
        Dimensions (..., region), in the unit of the target; NaN if missing.
    target : ndarray of float
        By region; NaN if there is none.
    comparator : ndarray of str
        By region: ``>=``, ``<=``, ``>``, ``<``, or ``~`` (about).

    Returns
    -------
    ndarray of bool
        Dimensions of ``reading``; False where a reading or target is missing.
    """
    with np.errstate(invalid="ignore"):
        distance = np.abs(reading - target)
        target_size = np.abs(target)
        size = np.maximum(np.abs(reading), target_size)
        equal = distance <= EQUAL * size
        higher = (reading > target) & ~equal
        lower = (reading < target) & ~equal
        near = distance <= (ABOUT + EQUAL) * target_size
    meets_comparator = {
        ">=": higher | equal,
        "<=": lower | equal,
        ">": higher,
        "<": lower,
        "~": near,
    }
    met = np.zeros(distance.shape, dtype=bool)
    for word, meets_word in meets_comparator.items():
        met = np.where(comparator == word, meets_word, met)
    return met


def linear_path(
    base: np.ndarray, target: np.ndarray, start: np.ndarray, end: np.ndarray, year: int
) -> np.ndarray:
    """Return the level that a straight path from base to target reaches in a year.

    Parameters
    ----------
    base, target : ndarray of float
        Levels in the years ``start`` and ``end``, in one unit; NaN if there is none.
    start, end : ndarray
        Years.
    year : int

    Returns
    -------
    ndarray of float
        From the year ``end`` on the target itself.
    """
    duration = end - start
    with np.errstate(all="ignore"):
        part = (year - start) / duration
    part = np.clip(part, 0.0, 1.0)
    part = np.where(duration > 0, part, 1.0)
    change = target - base
    return np.asarray(base + change * part)


def attain(reading: np.ndarray, met: np.ndarray, points: float) -> np.ndarray:
    """Give all points where the target is met, none where it is missed."""
    return np.where(np.isnan(reading), np.nan, np.where(met, points, 0.0))


def deduct(
    reading: np.ndarray,
    target: np.ndarray,
    comparator: np.ndarray,
    points: float,
    rate: float,
    per: float,
) -> np.ndarray:
    """Deduct points for each unit by which a target is missed, at most all of them (扣完为止).

    Parameters
    ----------
    reading : ndarray of float
        Dimensions (..., region), in the unit of the target; NaN if missing.
    target : ndarray of float
        By region; NaN if there is none.
    comparator : ndarray of str
        By region, as in :func:`meets`.
    points : float
        Points where the target is met.
    rate : float
        Points deducted for every ``per``.
    per : float
        Amount in the unit of the target.

    Returns
    -------
    ndarray of float
    """
    at_least = np.isin(comparator, (">=", ">"))
    at_most = np.isin(comparator, ("<=", "<"))
    excess = reading - target
    missed_by = np.abs(excess)
    missed_by = np.where(at_most, excess, missed_by)
    missed_by = np.where(at_least, target - reading, missed_by)
    missed_by = np.maximum(missed_by, 0.0)
    remaining = points - rate * missed_by / per
    return np.asarray(np.clip(remaining, 0.0, points))


def interpolate(reading: np.ndarray, at: Sequence[float], points: Sequence[float]) -> np.ndarray:
    """Interpolate points between the readings ``at``; constant beyond the first and the last."""
    interpolated = np.interp(reading, at, points)
    return np.asarray(np.where(np.isnan(reading), np.nan, interpolated))


def efficacy(
    reading: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    direction: str,
    floor: float = EFFICACY_FLOOR,
) -> np.ndarray:
    """Apply the efficacy method (功效系数法): floor + (100 - floor) (x - low) / (high - low).

    Parameters
    ----------
    reading : ndarray of float
        Dimensions (..., region); NaN if missing.
    low, high : ndarray of float
        Limits in the unit of the reading. Where they are equal, a reading that reaches the limit
        has 100: none is better than another.
    direction : {'+', '-'}
        Whether more or less is better; with ``-`` the function is reversed.
    floor : float, default 60
        Result at the worse limit and beyond.

    Returns
    -------
    ndarray of float
        From ``floor`` to 100.
    """
    distance = reading - low if direction == "+" else high - reading
    with np.errstate(all="ignore"):
        part = distance / (high - low)
    # a limit of the scheme may be beyond the whole group, and then nobody, or everybody, passed it
    passed = np.where(distance >= 0, 1.0, 0.0)
    has_range = np.greater(high, low)
    part = np.where(has_range, part, passed)
    part = np.clip(part, 0.0, 1.0)
    index = floor + (100.0 - floor) * part
    is_missing = np.isnan(reading)
    return np.asarray(np.where(is_missing, np.nan, index))


def by_rank(
    reading: np.ndarray, group: np.ndarray, direction: str, points: float, step: float
) -> np.ndarray:
    """Give points by the rank inside a group.

    Parameters
    ----------
    reading : ndarray of float
        Dimensions (..., region); NaN if missing.
    group : ndarray of str
        By region.
    direction : {'+', '-'}
        Whether more or less is better.
    points : float
        Points of the first.
    step : float
        Points less for each following place, never below 0.

    Returns
    -------
    ndarray of float
    """
    ranks = competition_ranks(reading, group, descending=direction == "+")
    return np.clip(points - step * (ranks - 1), 0.0, points)


def totals(points: np.ndarray, maximum: np.ndarray, missing: str, floor: float) -> np.ndarray:
    """Sum the points of all indicators by region.

    Parameters
    ----------
    points : ndarray of float
        Dimensions (..., indicator, region); NaN where a reading is missing.
    maximum : ndarray of float
        Points that each indicator can have.
    missing : {'floor', 'spread'}
        ``floor``: an indicator without reading keeps its weight, and has the share ``floor`` of its
        points. ``spread``: its weight is spread over the other indicators, in proportion.
    floor : float
        From 0 to 1.

    Returns
    -------
    ndarray of float
        Dimensions (..., region); with ``spread`` NaN where nothing was read.
    """
    weight = maximum.reshape(-1, 1)
    unread = np.isnan(points)
    if missing == "floor":
        filled = np.where(unread, floor * weight, points)
        return np.asarray(filled.sum(axis=-2))
    weight_read = np.where(unread, 0.0, weight)
    weight_read = weight_read.sum(axis=-2)
    total = np.where(unread, 0.0, points)
    total = total.sum(axis=-2)
    with np.errstate(all="ignore"):
        spread = total * weight.sum() / weight_read
    return np.asarray(np.where(weight_read > 0, spread, np.nan))
