"""Which inputs move a result most: one at a time, and by their shares of its variance (Sobol indices).

This module owns neither accounts nor distributions: the result is a function of an array input x n that gives one
number (n) or several (s x n) for each of the n columns. The estimators of the indices are SciPy's, which is imported
when they are asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Result = Callable[[np.ndarray], np.ndarray]  # (input x n) -> (n) or (s x n)

_RESAMPLES = 999  # of the bootstrap
_STILL = 1e-12  # a result that varies by less, against its size, varies by rounding alone
_EDGE = 2.0**-53


@dataclass(frozen=True)
class Swings:
    """A result at all centres () or (s), and with one input at its low and at its high (input) or (s x input)."""

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray


def one_at_a_time(result: Result, low: np.ndarray, high: np.ndarray, centre: np.ndarray) -> Swings:
    """The result with each input (length d) at its low and its high while the others keep their centre.

    One call of ``result`` with 2 d + 1 columns. Swings say nothing of inputs that act together: see ``sobol``.
    """
    low, high, centre = (np.asarray(one, dtype=float) for one in (low, high, centre))
    d = len(centre)
    columns = np.repeat(centre[:, None], 2 * d + 1, axis=1)
    each = np.arange(d)
    columns[each, each], columns[each, d + each] = low, high
    found = np.asarray(result(columns), dtype=float)
    return Swings(found[..., 2 * d], found[..., :d], found[..., d : 2 * d])


@dataclass(frozen=True)
class SobolIndices:
    """Sobol indices (input) or (s x input) with the limits of their bootstrap intervals.

    ``first`` is the share of the variance that knowing the input alone would take away, ``total`` what would remain if
    all others were known. Estimates may lie a little outside 0..1. Where a result does not vary (``varies`` () or (s)
    is false) there is no variance to share: all is 0.
    """

    first: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    varies: np.ndarray


def sobol_indices(
    result: Result, d: int, n: int, seed: int, confidence: float = 0.95
) -> SobolIndices:
    """First-order and total indices of ``result``, a function of ``d`` independent uniform numbers in (0, 1).

    ``n``, a power of two, is the number of base points; the result is computed for n (d + 2) columns, n at a time.
    First order by Saltelli et al. (2010), total by Jansen (1999), on a scrambled Sobol sequence, both through
    ``scipy.stats.sobol_indices``; intervals are percentiles of a bootstrap of the points. The same seed gives the same
    numbers. Needs SciPy 1.15. Raises ``ValueError`` if n is no power of two.
    """
    if n < 2 or n & (n - 1):
        raise ValueError(f"n = {n} is not a power of two")
    points, resamples = np.random.default_rng(seed).spawn(2)
    f_a, f_b, f_ab = _values(result, d, n, points)
    flat = f_a.ndim == 1
    if flat:
        f_a, f_b, f_ab = f_a[None], f_b[None], f_ab[:, None]
    varies = _varies(f_a, f_b, f_ab)
    parts = np.zeros((6, len(varies), d))
    if d == 1:
        parts[:, varies] = 1  # all variance is that of the one input
    elif varies.any():
        parts[:, varies] = _estimates(
            f_a[varies], f_b[varies], f_ab[:, varies], resamples, confidence
        )
    if flat:
        parts, varies = parts[:, 0], varies[0]
    first, first_low, first_high, total, total_low, total_high = parts
    return SobolIndices(
        first, first_low, first_high, total, total_low, total_high, np.asarray(varies)
    )


def _values(
    result: Result, d: int, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The result at the base points A, B and at A with one input after the other from B."""
    from scipy.stats import qmc

    u = qmc.Sobol(2 * d, bits=64, rng=rng).random(n).T.clip(_EDGE, 1 - _EDGE)
    a, b = u[:d], u[d:]
    mixed = []
    for one in range(d):
        points = a.copy()
        points[one] = b[one]
        mixed.append(np.array(result(points), dtype=float))
    return np.array(result(a), dtype=float), np.array(result(b), dtype=float), np.stack(mixed)


def _varies(f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray) -> np.ndarray:
    values = np.concatenate([f_a[None], f_b[None], f_ab])
    return np.asarray(np.ptp(values, axis=(0, 2)) > _STILL * np.abs(values).max(axis=(0, 2)))


def _estimates(
    f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray, rng: np.random.Generator, confidence: float
) -> np.ndarray:
    """First with low and high, total with low and high: 6 x s x d."""
    from scipy.stats import bootstrap, sobol_indices

    n = f_a.shape[-1]

    def indices(chosen: np.ndarray) -> np.ndarray:
        values = {"f_A": f_a[:, chosen], "f_B": f_b[:, chosen], "f_AB": f_ab[..., chosen]}
        found = sobol_indices(func=values, n=n)
        return np.stack([found.first_order, found.total_order]).reshape(
            2, len(f_a), -1
        )  # it drops an axis of one

    # SciPy's own SobolResult.bootstrap takes no seed
    resampled = bootstrap(
        (np.arange(n),),
        indices,
        n_resamples=_RESAMPLES,
        batch=50,
        vectorized=False,
        confidence_level=confidence,
        method="percentile",
        rng=rng,
    )
    interval = resampled.confidence_interval
    parts = np.stack(
        [indices(np.arange(n)), interval.low, interval.high]
    )  # best, low, high x first, total x s x d
    return np.asarray(parts.swapaxes(0, 1).reshape(6, len(f_a), -1))
