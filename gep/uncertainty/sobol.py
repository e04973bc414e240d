"""Sensitivity of a function to its inputs: one-at-a-time swings, and Sobol indices (Sobol 指数).

This module owns neither accounts nor distributions: the result is a function of an array input x
point that gives one number (point) or several (result x point) for each point. The estimators of
the indices are SciPy's, which is imported when indices are asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ResultFunction = Callable[
    [np.ndarray], np.ndarray
]  # (input x point) -> (point) or (result x point)

_RESAMPLES = 999  # of the bootstrap
_RESAMPLES_AT_ONCE = 50  # which bounds memory
_ROUNDING = 1e-12  # a result that varies by less, relative to its size, varies by rounding alone
_EDGE = 2.0**-53  # the distance that points keep from 0 and 1, where quantiles may be infinite


@dataclass(frozen=True)
class Swings:
    """Results of moving one input at a time.

    Attributes
    ----------
    centre : ndarray
        The result with all inputs at their centre, () or (result).
    low, high : ndarray
        The result with one input at its low or high, (input) or (result x input).
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray


def one_at_a_time(
    result: ResultFunction, low: np.ndarray, high: np.ndarray, centre: np.ndarray
) -> Swings:
    """Compute a result with each input at its low and at its high, the others at their centre.

    ``result`` is called once, with 2 d + 1 points for d inputs. Swings say nothing of inputs that
    act together; see ``sobol_indices``.

    Parameters
    ----------
    result : callable
        Takes input x point, returns (point) or (result x point).
    low, high, centre : ndarray
        Numbers of each input.

    Returns
    -------
    Swings
    """
    centre = np.asarray(centre, dtype=float)
    count = len(centre)
    inputs = np.arange(count)
    centre_point = 2 * count  # behind a point for each low and a point for each high
    points = np.repeat(centre[:, None], centre_point + 1, axis=1)
    points[inputs, inputs] = low
    points[inputs, count + inputs] = high
    values = np.asarray(result(points), dtype=float)
    return Swings(
        centre=values[..., centre_point],
        low=values[..., :count],
        high=values[..., count:centre_point],
    )


@dataclass(frozen=True)
class SobolIndices:
    """Sobol indices of a result, (input) or (result x input), with bootstrap intervals.

    Estimates may lie a little outside 0 to 1.

    Attributes
    ----------
    first, first_low, first_high : ndarray
        First-order index: the share of the variance that would go if the input were known; and the
        limits of its interval.
    total, total_low, total_high : ndarray
        Total index: the share that would remain if all other inputs were known; and its limits.
    varies : ndarray of bool
        Whether the result varies, () or (result). Where it does not, all indices are 0.
    """

    first: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    varies: np.ndarray


def sobol_indices(
    result: ResultFunction, inputs: int, points: int, seed: int, confidence: float = 0.95
) -> SobolIndices:
    """Estimate first-order and total Sobol indices of a function of independent uniform numbers.

    Estimators are those of Saltelli et al. (2010) for the first order and of Jansen (1999) for the
    total, on a scrambled Sobol sequence, through ``scipy.stats.sobol_indices``; intervals are
    percentiles of a bootstrap of the points. Needs SciPy 1.15.

    Parameters
    ----------
    result : callable
        Takes numbers in (0, 1), input x point, returns (point) or (result x point). It is called
        ``inputs + 2`` times with ``points`` points.
    inputs : int
        Number of inputs.
    points : int
        Number of base points, a power of two of at least 2.
    seed : int
        Seed of the sequence and of the bootstrap. The same seed gives the same numbers.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If ``points`` is not a power of two.
    """
    if not is_power_of_two(points):
        raise ValueError(f"points = {points} is not a power of two of at least 2")
    sequence_rng, bootstrap_rng = np.random.default_rng(seed).spawn(2)
    f_a, f_b, f_ab = _base_values(result, inputs, points, sequence_rng)
    is_single = f_a.ndim == 1
    if is_single:
        f_a = f_a[None]
        f_b = f_b[None]
        f_ab = f_ab[:, None]
    varies = _varies(f_a, f_b, f_ab)
    estimates = np.zeros((6, len(varies), inputs))
    if inputs == 1:
        estimates[:, varies] = 1  # all variance is that of the only input
    elif varies.any():
        estimates[:, varies] = _estimate(
            f_a=f_a[varies],
            f_b=f_b[varies],
            f_ab=f_ab[:, varies],
            rng=bootstrap_rng,
            confidence=confidence,
        )
    if is_single:
        estimates = estimates[:, 0]
        varies = varies[0]
    first, first_low, first_high, total, total_low, total_high = estimates
    return SobolIndices(
        first=first,
        first_low=first_low,
        first_high=first_high,
        total=total,
        total_low=total_low,
        total_high=total_high,
        varies=np.asarray(varies),
    )


def is_power_of_two(points: int) -> bool:
    """Return whether a number of points is 2, 4, 8 and so on, as the Sobol sequence needs it."""
    return points >= 2 and points & (points - 1) == 0


def _base_values(
    result: ResultFunction, inputs: int, points: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute a result at the points A, at B, and at A with one input after the other from B."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(2 * inputs, bits=64, rng=rng)
    uniform = sequence.random(points).T
    uniform = uniform.clip(_EDGE, 1 - _EDGE)
    a = uniform[:inputs]
    b = uniform[inputs:]
    mixed_values = []
    for position in range(inputs):
        mixed = a.copy()
        mixed[position] = b[position]
        values = np.array(result(mixed), dtype=float)
        mixed_values.append(values)
    values_of_a = np.array(result(a), dtype=float)
    values_of_b = np.array(result(b), dtype=float)
    return values_of_a, values_of_b, np.stack(mixed_values)


def _varies(f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray) -> np.ndarray:
    """Return whether each result varies by more than rounding."""
    values = np.concatenate([f_a[None], f_b[None], f_ab])
    points = (0, 2)  # the axes but that of results
    size = np.abs(values).max(axis=points)
    variation = np.ptp(values, axis=points)
    return np.asarray(variation > _ROUNDING * size)


def _estimate(
    *,
    f_a: np.ndarray,
    f_b: np.ndarray,
    f_ab: np.ndarray,
    rng: np.random.Generator,
    confidence: float,
) -> np.ndarray:
    """Estimate indices: first with low and high, then total with low and high, x result x input.

    Parameters
    ----------
    f_a, f_b : ndarray
        The result at the points A and B, result x point.
    f_ab : ndarray
        The result at the mixed points, input x result x point.
    rng : Generator
        Random numbers of the bootstrap.
    confidence : float
        Level of the intervals.
    """
    from scipy.stats import bootstrap, sobol_indices

    results, points = f_a.shape

    def indices(chosen: np.ndarray) -> np.ndarray:
        """Estimate first and total (2 x result x input) from the chosen points."""
        values = {
            "f_A": f_a[:, chosen],
            "f_B": f_b[:, chosen],
            "f_AB": f_ab[..., chosen],
        }
        estimates = sobol_indices(func=values, n=points)
        both = np.stack([estimates.first_order, estimates.total_order])
        return both.reshape(2, results, -1)  # SciPy drops the axis of a single result

    # SciPy's own SobolResult.bootstrap takes no seed.
    resampled = bootstrap(
        (np.arange(points),),
        indices,
        n_resamples=_RESAMPLES,
        batch=_RESAMPLES_AT_ONCE,
        vectorized=False,
        confidence_level=confidence,
        method="percentile",
        rng=rng,
    )
    interval = resampled.confidence_interval
    best = indices(np.arange(points))
    estimates = np.stack([best, interval.low, interval.high])
    estimates = estimates.swapaxes(0, 1)
    return np.asarray(estimates.reshape(6, results, -1))
