"""Distributions of single rows: quantiles, and mean and variance in closed form, for tests of draws."""

from collections.abc import Callable, Sequence

import numpy as np

from gep.inputs.value_rows import Z95
from gep.uncertainty.distributions import quantiles_of_rows

Moments = tuple[np.ndarray, np.ndarray]  # mean and variance


def quantiles(
    u: np.ndarray, low: float, value: float, high: float, distribution: str
) -> np.ndarray:
    """Compute the quantiles of one row at the probabilities ``u``."""
    samples = quantiles_of_rows(
        probability=np.asarray(u, dtype=float).reshape(1, -1),
        low=np.array([low]),
        value=np.array([value]),
        high=np.array([high]),
        distribution=[distribution],
    )
    return samples.reshape(np.shape(u))


def mean_variance(
    low: np.ndarray, value: np.ndarray, high: np.ndarray, distributions: Sequence[str]
) -> Moments:
    """Compute mean and variance of rows in closed form; exact rows have their value and 0.

    Raises ``ValueError`` for an unknown distribution.
    """
    names = np.asarray(distributions, dtype=object)
    unknown = set(distributions) - set(_MOMENTS)
    if unknown:
        raise ValueError(f"unknown distributions: {unknown}")
    mean = np.array(value, dtype=float)
    variance = np.zeros_like(mean)
    for name, moments in _MOMENTS.items():
        rows = np.flatnonzero((low < high) & (names == name))
        mean[rows], variance[rows] = moments(low[rows], value[rows], high[rows])
    return mean, variance


def _triangular(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> Moments:
    mode = value - low
    width = high - low
    return low + (mode + width) / 3, (mode**2 + width**2 - mode * width) / 18


def _uniform(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> Moments:
    return (low + high) / 2, (high - low) ** 2 / 12


def _normal(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> Moments:
    return value, ((high - low) / (2 * Z95)) ** 2


def _lognormal(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> Moments:
    variance = (np.log(high / low) / (2 * Z95)) ** 2
    return value * np.exp(variance / 2), value**2 * np.exp(variance) * np.expm1(variance)


_MOMENTS: dict[str, Callable[..., Moments]] = {
    "": _triangular,
    "triangular": _triangular,
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
}
