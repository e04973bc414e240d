"""What is known of a number beside its value: low, high and distribution; its draws, mean and variance.

The rules, with low <= value <= high:

- ``triangular``: low, value and high are minimum, mode and maximum.
- ``uniform``: anything between low and high is as likely.
- ``normal``: low and high are the 2.5 % and 97.5 % quantiles, value is the mean: sd = (high - low) / (2 x 1.959964).
- ``lognormal``: the same quantiles, value is the median: sd of logarithms = ln(high / low) / (2 x 1.959964); low > 0.
- blank, with low and high: triangular. GUM (JCGM 100:2008) 4.3.9: values near the limits of an interval are mostly less
  likely than those near its middle; and for limits with a preferred value 2006 IPCC Guidelines, vol. 1, ch. 3. The
  95 % interval as the meaning of the limits of a normal number is that of the IPCC Guidelines too.
- blank, without low and high, or low = value = high: the number is exact.

Mean and median of draws differ from the value where the distribution is not symmetric; normal draws are not cut off.
A uniform number depends on seed, name of its stream and place in it alone: the same seed gives the same bits
however draws are chunked, in whatever order or thread. Rows that share a name share their draws: such are wholly
correlated in rank.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import pandas as pd

DISTRIBUTIONS = ("", "triangular", "uniform", "normal", "lognormal")
Z95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
_SKEWED = 0.1  # of the width of the limits, between the value and their middle
Fault: TypeAlias = tuple[np.ndarray, str, str, str]  # positions of rows, problem code, what is wrong, fix


def distribution_faults(frame: pd.DataFrame) -> list[Fault]:
    """What is wrong with the columns value, low, high (nan: none), distribution and, if there, na (bool) of rows."""
    low, value, high = (frame[name].to_numpy(dtype=float) for name in ("low", "value", "high"))
    kind = frame["distribution"].to_numpy(dtype=object)
    na = frame["na"].to_numpy(dtype=bool) if "na" in frame else np.zeros(len(frame), dtype=bool)
    some, both = ~(np.isnan(low) & np.isnan(high)), ~(np.isnan(low) | np.isnan(high))
    limits, skewed = "distribution-limits", "distribution-skewed"
    even = "use triangular, or give limits that lie evenly about the value"
    outside = (low > value) | (high < value) | (low > high)
    stated = np.isin(kind, DISTRIBUTIONS[1:])
    found = [
        *((kind == word, "unknown-distribution", f"distribution reads {word!r}", _KNOWN) for word in _unknown(kind)),
        (outside, "low-high", "the value lies outside low..high", "low <= value <= high is due"),
        (some & ~both & ~na, limits, "one of low and high is missing", "give both low and high, or neither"),
        (~some & stated & ~na, limits, "a distribution without low and high", "give both, or leave it blank"),
        (na & (some | stated) & ~outside, limits, "na with low, high or distribution", "leave the three blank"),
        ((kind == "lognormal") & (low <= 0), limits, "lognormal with low <= 0", "give low > 0, or use triangular"),
        (~outside & (kind == "normal") & _off(low, value, high), skewed, "the value is far from the middle", even),
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = ~outside & (kind == "lognormal") & (low > 0) & _off(np.log(low), np.log(value), np.log(high))
    found.append((off, skewed, "the value is far from the middle of the logarithms", even))
    return [(np.flatnonzero(rows), code, what, fix) for rows, code, what, fix in found if rows.any()]


_KNOWN = f"known are: {', '.join(DISTRIBUTIONS[1:])}"


def _unknown(kind: np.ndarray) -> list[str]:
    return [word for word in pd.unique(kind) if word not in DISTRIBUTIONS]


def _off(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether the value is farther from the middle of its limits than a tenth of their width."""
    return np.asarray(np.abs(value - (low + high) / 2) > _SKEWED * (high - low))


def uniforms(seed: int, name: str, start: int, stop: int) -> np.ndarray:
    """Draws ``start`` up to ``stop`` of the stream ``name``: uniform in (0, 1), never 0 or 1.

    The raw bits of a bit generator are used, which numpy keeps the same from release to release. Raises ``ValueError``
    for a negative seed or draws that run backwards.
    """
    if seed < 0 or not 0 <= start <= stop:
        raise ValueError(f"seed {seed}, draws {start} to {stop}: 0 <= seed and 0 <= start <= stop are due")
    key = tuple(int(word) for word in np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u4"))
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
    return quantiles_of_rows(u.reshape(1, -1), np.array([low]), np.array([value]), np.array([high]), [kind]).reshape(
        u.shape
    )


def quantiles_of_rows(
    u: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray, kinds: Sequence[str]
) -> np.ndarray:
    """The numbers of rows (row x draw) at the probabilities ``u`` (row x draw); exact rows stay at their value."""
    low, value, high = (np.asarray(one, dtype=float)[:, None] for one in (low, value, high))
    kind = np.asarray(kinds, dtype=object)
    if unknown := _unknown(kind):
        raise ValueError(f"distribution reads {unknown[0]!r}; {_KNOWN}")
    if len(kind) and (kind == kind[0]).all() and (low < high).all():  # the usual case needs no copies
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
