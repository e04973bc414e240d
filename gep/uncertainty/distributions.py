"""Distributions of an uncertain number (概率分布): uniform random numbers, and quantiles at them.

``low``, ``value`` and ``high`` of a row, with low <= value <= high, are read as follows:

- ``triangular``: minimum, mode and maximum.
- ``uniform``: any number between low and high is equally likely.
- ``normal``: low and high are the 2.5 % and 97.5 % quantiles and value is the mean, so that
  sd = (high - low) / (2 x 1.959964).
- ``truncated_normal``: the same, declared to be truncated.
- ``lognormal``: the same quantiles, and value is the median, so that the sd of logarithms is
  ln(high / low) / (2 x 1.959964); low > 0.
- blank, with low and high: triangular. GUM (JCGM 100:2008) 4.3.9: values near the limits of an
  interval are mostly less likely than those near its middle; and for limits with a preferred value
  2006 IPCC Guidelines, vol. 1, ch. 3. The 95 % interval as the meaning of the limits of a normal
  number is that of the IPCC Guidelines too.
- blank, without low and high, or low = value = high: the number is exact.

Mean and median of samples differ from the value where the distribution is not symmetric. Where the
quantity has a range that it cannot leave (areas are never negative), normal and lognormal rows are
truncated to it: the uniform numbers are spread over the probabilities of the range, so that the
order of samples stays. A ``truncated_normal`` number of no known range is truncated at 0.
``gep.inputs.value_rows`` reports what a ``normal`` row would draw outside.

A uniform number depends on the seed, the name of its stream and its position in the stream only:
the same seed gives the same bits in chunks of any size, in any order and in any thread. Rows that
share a stream are perfectly correlated in rank.

``gep.inputs.value_rows`` checks what rows state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd

from gep.inputs.value_rows import DISTRIBUTIONS, NORMAL, Z95, shares_below
from gep.standards.standard import Possible

_INTERVAL_SDS = 2 * Z95  # width of a 95 % interval in standard deviations
_UNIFORM_BITS = 52  # random bits of a uniform number: with its added half it is an exact double
_NEGLIGIBLE = 1e-12  # probability outside a range that needs no truncation
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


@dataclass(frozen=True)
class Truncation:
    """How the rows of a table are truncated to the range that their quantity cannot leave.

    Attributes
    ----------
    first, last : ndarray
        For each row the probabilities below the limits of its range, if it were not truncated: 0
        and 1 where nothing is cut off.
    least, most : ndarray
        The limits, in the unit of the row; infinite where nothing is cut off.
    """

    first: np.ndarray
    last: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def samples(
        self,
        rows: np.ndarray,
        probability: np.ndarray,
        quantiles: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """Sample rows within their range.

        Parameters
        ----------
        rows : ndarray of int
            Positions of the rows.
        probability : ndarray
            Uniform numbers in (0, 1), row x draw.
        quantiles : callable
            Returns the quantiles of these rows at probabilities.

        Returns
        -------
        ndarray
            Samples, row x draw, in the unit of the row.
        """
        first = self.first[rows]
        last = self.last[rows]
        cut = np.flatnonzero((first > 0) | (last < 1))
        if not len(cut):
            return quantiles(probability)
        width = last[cut] - first[cut]
        spread = probability.copy()
        spread[cut] = first[cut, None] + probability[cut] * width[:, None]
        samples = quantiles(spread)
        least = self.least[rows[cut], None]
        most = self.most[rows[cut], None]
        samples[cut] = np.clip(samples[cut], least, most)  # against rounding
        return samples


def truncation_of(frame: pd.DataFrame, possible: Possible) -> Truncation:
    """Find out which rows would leave the range of their quantity.

    Parameters
    ----------
    frame : DataFrame
        Columns ``low``, ``value``, ``high`` and ``distribution``.
    possible : Possible
        The range of each row, in the unit of the row.

    Returns
    -------
    Truncation
        Rows whose own limits leave the range are not truncated: they are errors elsewhere.
    """
    count = len(frame)
    names = frame["distribution"].to_numpy(dtype=object)
    least = np.broadcast_to(np.asarray(possible.least, dtype=float), count)
    most = np.broadcast_to(np.asarray(possible.most, dtype=float), count)
    is_unbounded = np.isneginf(least) & np.isposinf(most)
    least = np.where(is_unbounded & (names == "truncated_normal"), 0.0, least)
    is_inside = (frame["low"] >= least) & (frame["high"] <= most)
    is_open = np.isin(names, (*NORMAL, "lognormal"))
    is_cut = is_open & is_inside.to_numpy()
    first = np.where(is_cut, shares_below(least, frame), 0.0)
    last = np.where(is_cut, shares_below(most, frame), 1.0)
    first = np.where(first > _NEGLIGIBLE, first, 0.0)
    last = np.where(last < 1 - _NEGLIGIBLE, last, 1.0)
    return Truncation(
        first=first,
        last=last,
        least=np.where(first > 0, least, -np.inf),
        most=np.where(last < 1, most, np.inf),
    )


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
    "truncated_normal": _normal,
    "lognormal": _lognormal,
}
