"""Distributions of an uncertain number (概率分布): uniform random numbers, and quantiles at them.

``low``, ``value`` and ``high`` of a row, with low <= value <= high, are read as follows:

- ``triangular``: minimum, mode and maximum.
- ``uniform``: any number between low and high is equally likely.
- ``normal``: low and high are the 2.5 % and 97.5 % quantiles and value is the mean, so that
  sd = (high - low) / (2 x 1.959964).
- ``lognormal``: the same quantiles, and value is the median, so that the sd of logarithms is
  ln(high / low) / (2 x 1.959964); low > 0.
- blank, with low and high: triangular. GUM (JCGM 100:2008) 4.3.9: values near the limits of an
  interval are mostly less likely than those near its middle; and for limits with a preferred value
  2006 IPCC Guidelines, vol. 1, ch. 3. The 95 % interval as the meaning of the limits of a normal
  number is that of the IPCC Guidelines too.
- blank, without low and high, or low = value = high: the number is exact.

Mean and median of samples differ from the value where the distribution is not symmetric. Normal
samples are not cut off. A uniform number depends on the seed, the name of its stream and its
position in the stream only: the same seed gives the same bits in chunks of any size, in any order
and in any thread. Rows that share a stream are perfectly correlated in rank.

``gep.inputs.value_rows`` checks what rows state.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from gep.inputs.value_rows import DISTRIBUTIONS, Z95

_INTERVAL_SDS = 2 * Z95  # width of a 95 % interval in standard deviations
_UNIFORM_BITS = 52  # random bits of a uniform number: with its added half it is an exact double
_UNUSED_BITS = np.uint64(64 - _UNIFORM_BITS)  # the generator gives 64 for each number


def uniforms(seed: int, name: str, start: int, stop: int) -> np.ndarray:
    """Generate the uniform numbers of a stream at some draws.

    The raw bits of the generator PCG64DXSM are used, which numpy keeps the same from release to
    release.

    Parameters
    ----------
    seed : int
        Seed of all streams, 0 or more.
    name : str
        Name of the stream. Streams of different names are independent.
    start, stop : int
        The first draw and the draw after the last.

    Returns
    -------
    ndarray
        One number in (0, 1) for each draw, never 0 or 1.

    Raises
    ------
    ValueError
        If the seed or ``start`` is negative, or ``stop`` is less than ``start``.
    """
    if seed < 0 or not 0 <= start <= stop:
        requirement = "0 <= seed and 0 <= start <= stop are required"
        raise ValueError(f"seed {seed}, draws {start} to {stop}: {requirement}")
    digest = blake2b(name.encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(words.tolist()))
    generator = np.random.PCG64DXSM(sequence)
    generator.advance(start)  # one step of the generator is one number
    bits = generator.random_raw(stop - start)
    bits >>= _UNUSED_BITS
    numbers = bits.astype(float)
    numbers += 0.5  # the middle of one of 2**52 intervals: neither 0 nor 1
    numbers *= 2.0**-_UNIFORM_BITS
    return numbers


def quantiles_of_rows(
    probability: np.ndarray,
    low: np.ndarray,
    value: np.ndarray,
    high: np.ndarray,
    distribution: Sequence[str] | np.ndarray,
) -> np.ndarray:
    """Compute quantiles of rows: the inverse of each row's distribution function.

    Parameters
    ----------
    probability : ndarray
        Probabilities in (0, 1), row x draw.
    low, value, high : ndarray
        Limits and value of each row, in the unit of the row; low and high may be NaN. Rows are
        those in which ``gep.inputs.value_rows`` finds no error.
    distribution : sequence of str
        Distribution of each row: one of ``gep.inputs.value_rows.DISTRIBUTIONS``, blank included.

    Returns
    -------
    ndarray
        Samples, row x draw, in the unit of the row. Exact rows, without low < high, keep their
        value in all draws.

    Raises
    ------
    ValueError
        If a distribution is unknown.
    """
    low = np.asarray(low, dtype=float)[:, None]
    value = np.asarray(value, dtype=float)[:, None]
    high = np.asarray(high, dtype=float)[:, None]
    names = np.asarray(distribution, dtype=object)
    kinds = list(dict.fromkeys(names.tolist()))
    for kind in kinds:
        if kind not in _QUANTILES:
            known = ", ".join(DISTRIBUTIONS[1:])
            raise ValueError(f"distribution reads {kind!r}; known are: {known}")
    is_uncertain = (low < high)[:, 0]  # False where low and high are NaN
    if len(kinds) == 1 and is_uncertain.all():  # the usual case needs no copies
        quantiles = _QUANTILES[kinds[0]]
        return quantiles(probability, low, value, high)
    samples = np.broadcast_to(value, probability.shape).copy()
    for kind in kinds:
        quantiles = _QUANTILES[kind]
        rows = np.flatnonzero(is_uncertain & (names == kind))
        if len(rows):
            samples[rows] = quantiles(
                probability[rows],
                low[rows],
                value[rows],
                high[rows],
            )
    return samples


def _triangular(
    probability: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray
) -> np.ndarray:
    width = high - low
    rising_width = value - low
    falling_width = high - value
    is_rising = probability * width < rising_width  # left of the mode
    rising = (width * rising_width) * probability
    falling = (width * falling_width) * (1 - probability)
    distance = np.where(is_rising, rising, falling)
    np.sqrt(distance, out=distance)  # from low where rising, from high where falling
    samples = np.where(
        is_rising,
        low + distance,
        high - distance,
    )
    return np.asarray(samples)


def _uniform(
    probability: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray
) -> np.ndarray:
    width = high - low
    return np.asarray(low + probability * width)


def _normal(
    probability: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray
) -> np.ndarray:
    width = high - low
    sd = width / _INTERVAL_SDS
    deviation = sd * _standard_normal(probability)
    return np.asarray(value + deviation)


def _lognormal(
    probability: np.ndarray, low: np.ndarray, value: np.ndarray, high: np.ndarray
) -> np.ndarray:
    width_of_logarithms = np.log(high / low)
    sd = width_of_logarithms / _INTERVAL_SDS
    logarithm = sd * _standard_normal(probability)
    return np.asarray(value * np.exp(logarithm))


def _standard_normal(probability: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri  # SciPy comes with the optional extra ``uncertainty``

    return np.asarray(ndtri(probability))


_QUANTILES: dict[str, Callable[..., np.ndarray]] = {
    "": _triangular,
    "triangular": _triangular,
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
}
