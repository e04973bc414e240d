"""Distributions of a number: sampled by quantiles."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeAlias

import numpy as np

from gep.inputs.limits import _KNOWN, Z95, _unknown


def uniforms(seed: int, name: str, start: int, stop: int) -> np.ndarray:
    """Draws ``start`` up to ``stop`` of the stream ``name``: uniform in (0, 1), never 0 or 1.

    The raw bits of a bit generator are used, which numpy keeps the same from release to release. Raises ``ValueError``
    for a negative seed or draws that run backwards.
    """
    if seed < 0 or not 0 <= start <= stop:
        raise ValueError(
            f"seed {seed}, draws {start} to {stop}: 0 <= seed and 0 <= start <= stop are due"
        )
    key = tuple(
        int(word)
        for word in np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u4")
    )
    bits = np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=key))
    bits.advance(start)  # one step of the generator is one number
    raw = bits.random_raw(stop - start)
    raw >>= np.uint64(12)
    drawn = raw.astype(float)
    drawn += 0.5  # middles of 2**52 intervals
    drawn *= 2.0**-52
    return drawn


def quantiles(u: np.ndarray, low: float, value: float, high: float, kind: str) -> np.ndarray:
    """The number of one row at the probabilities ``u`` in (0, 1): the inverse of its distribution function.

    Rows are those in which ``distribution_faults`` finds no error. Raises ``ValueError`` for an unknown ``kind``.
    """
    u = np.asarray(u, dtype=float)
    return quantiles_of_rows(
        u.reshape(1, -1), np.array([low]), np.array([value]), np.array([high]), [kind]
    ).reshape(u.shape)


def quantiles_of_rows(
    u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray, kinds: Sequence[str]
) -> np.ndarray:
    """The numbers of rows (row x draw) at the probabilities ``u`` (row x draw); exact rows stay at their value."""
    low, value, high = (np.asarray(one, dtype=float)[:, None] for one in (low, value, high))
    kind = np.asarray(kinds, dtype=object)
    if unknown := _unknown(kind):
        raise ValueError(f"distribution reads {unknown[0]!r}; {_KNOWN}")
    if (
        len(kind) and (kind == kind[0]).all() and (low < high).all()
    ):  # the usual case needs no copies
        return _QUANTILES[str(kind[0])](u, low, value, high)
    numbers = np.broadcast_to(value, u.shape).copy()
    varies = (low < high)[:, 0]  # false where there is none
    for one, function in _QUANTILES.items():
        rows = np.flatnonzero(varies & (kind == one))
        if len(rows):
            numbers[rows] = function(u[rows], low[rows], value[rows], high[rows])
    return numbers


def mean_variance(
    low: np.ndarray, value: np.ndarray, high: np.ndarray, kinds: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the numbers of rows, in closed form; exact rows have their value and 0."""
    low, value, high = (np.asarray(one, dtype=float) for one in (low, value, high))
    kind = np.asarray(kinds, dtype=object)
    if unknown := _unknown(kind):
        raise ValueError(f"distribution reads {unknown[0]!r}; {_KNOWN}")
    mean, variance = value.copy(), np.zeros_like(value)
    for one, function in _MOMENTS.items():
        rows = np.flatnonzero((low < high) & (kind == one))
        mean[rows], variance[rows] = function(low[rows], value[rows], high[rows])
    return mean, variance


def _triangular(u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    width = high - low
    left = u * width < value - low
    part = np.where(left, (width * (value - low)) * u, (width * (high - value)) * (1 - u))
    np.sqrt(part, out=part)
    return np.asarray(np.where(left, low + part, high - part))


def _uniform(u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.asarray(low + u * (high - low))


def _normal(u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.asarray(value + (high - low) / (2 * Z95) * _standard_normal(u))


def _lognormal(u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.asarray(value * np.exp(np.log(high / low) / (2 * Z95) * _standard_normal(u)))


def _standard_normal(u: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri  # of the extra ``uncertainty``

    return np.asarray(ndtri(u))


_Moments: TypeAlias = tuple[np.ndarray, np.ndarray]


def _triangular_moments(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> _Moments:
    mode, width = value - low, high - low
    return low + (mode + width) / 3, (mode**2 + width**2 - mode * width) / 18


def _uniform_moments(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> _Moments:
    return (low + high) / 2, (high - low) ** 2 / 12


def _normal_moments(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> _Moments:
    return value, ((high - low) / (2 * Z95)) ** 2


def _lognormal_moments(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> _Moments:
    variance = (np.log(high / low) / (2 * Z95)) ** 2
    return value * np.exp(variance / 2), value**2 * np.exp(variance) * np.expm1(variance)


_QUANTILES: dict[str, Callable[..., np.ndarray]] = {
    "": _triangular,
    "triangular": _triangular,
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
}


_MOMENTS: dict[str, Callable[..., _Moments]] = {
    "": _triangular_moments,
    "triangular": _triangular_moments,
    "uniform": _uniform_moments,
    "normal": _normal_moments,
    "lognormal": _lognormal_moments,
}
