"""Labels (标号) of pixels: which zone or which code of a land cover each pixel of a block has.

Labels of several kinds are combined to one small whole number a pixel, a bin, which numpy counts
and sorts fast. What labels stand for is left to ``gep.extent.tabulation`` and
``gep.extent.raster_extent``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gep.errors import ProblemsFound, make_problem
from gep.extent.blocks import unit_view, units_of
from gep.extent.rasters import Raster, Window

# Codes of a land cover are whole numbers from SMALLEST_CODE to LARGEST_CODE.
CODE_BITS = 21
SMALLEST_CODE = -(2 ** (CODE_BITS - 1)) + 1
LARGEST_CODE = 2 ** (CODE_BITS - 1) - 2
NO_DATA = LARGEST_CODE + 1  # stands for pixels of a land cover without data
_BYTE = 256  # numbers of one byte
_MOST_BINS_OF_BLOCK = 2**14  # beyond which each unit has its own
_MOST_BINS = 2**18  # of a unit, beyond which only those that occur are bins
_LARGEST_TABLE = 2**22  # numbers from the lowest to the highest beyond which pixels are sorted
_LEAST_PAIRED = 2**16  # pixels from which counting them in pairs saves time
_LANES = 4  # bins of neighbours, see ``_sum_in_lanes``


@dataclass(frozen=True)
class Labels:
    """A whole number for each pixel of a window.

    Attributes
    ----------
    pixels : ndarray of int
        From ``lowest`` up.
    lowest : int
    names : ndarray of int64
        What the numbers from ``lowest`` on stand for: zones, or codes of a land cover.
    """

    pixels: np.ndarray
    lowest: int
    names: np.ndarray

    def __len__(self) -> int:
        """Return how many labels there may be."""
        return len(self.names)

    def part(self, block: Window, unit: Window) -> "Labels":
        """Return the labels of a part of the pixels.

        Parameters
        ----------
        block, unit : Window
            Of these labels, and of the part.

        Returns
        -------
        Labels
        """
        return Labels(unit_view(self.pixels, block, unit), self.lowest, self.names)

    def of_pixels(self, pixel: np.ndarray) -> "Labels":
        """Return the labels of some pixels.

        Parameters
        ----------
        pixel : ndarray of int
            Flat positions.

        Returns
        -------
        Labels
        """
        return Labels(self.pixels.reshape(-1).take(pixel), self.lowest, self.names)

    def thinned(self) -> "Labels":
        """Return labels without the numbers that do not occur.

        Returns
        -------
        Labels
        """
        numbers = self.pixels.reshape(-1)
        before = self.lowest  # numbers below the lowest, which do not occur
        if numbers.dtype != np.uint8:
            numbers = numbers.astype(np.int64) - self.lowest
            before = 0
        is_present = np.zeros(before + len(self), dtype=bool)
        is_present[numbers] = True
        count = int(np.count_nonzero(is_present))
        table = (np.cumsum(is_present, dtype=np.int32) - 1).astype(smallest_type(count))
        pixels = table.take(numbers).reshape(self.pixels.shape)
        return Labels(pixels, 0, self.names[is_present[before:]])

    def named(self) -> np.ndarray:
        """Return what each pixel stands for.

        Returns
        -------
        ndarray of int64
        """
        return np.asarray(self.names[self.pixels.astype(np.int64) - self.lowest])


def smallest_type(count: int) -> np.dtype:
    """Return the smallest type of numpy that holds the whole numbers below a count.

    Parameters
    ----------
    count : int

    Returns
    -------
    dtype
        uint8, uint16 or int32.
    """
    if count <= _BYTE:
        return np.dtype(np.uint8)
    return np.dtype(np.uint16 if count <= _BYTE**2 else np.int32)


def label_pixels(pixels: np.ndarray, nodata: float | None = None) -> Labels:
    """Return the labels of pixels that stand for themselves.

    Parameters
    ----------
    pixels : ndarray of int
        Not empty.
    nodata : number, optional
        A number that may be far from the others.

    Returns
    -------
    Labels
    """
    lowest = int(pixels.min())
    highest = int(pixels.max())
    if highest - lowest < _LARGEST_TABLE:
        labels = Labels(pixels, lowest, np.arange(lowest, highest + 1))
        return labels if len(labels) <= _MOST_BINS else labels.thinned()
    is_known = np.ones(pixels.shape, dtype=bool) if nodata is None else pixels != nodata
    if is_known.any() and not is_known.all():
        return _label_known(pixels, is_known, int(nodata or 0))
    occurs, position = np.unique(pixels, return_inverse=True)
    positions = position.reshape(pixels.shape).astype(np.int32)
    return Labels(positions, 0, occurs.astype(np.int64))


def label_codes(pixels: np.ndarray, land_cover: Raster) -> Labels:
    """Return the codes of a land cover as labels.

    Parameters
    ----------
    pixels : ndarray
        As they are stored.
    land_cover : Raster

    Returns
    -------
    Labels
        ``NO_DATA`` where pixels have no data.

    Raises
    ------
    ProblemsFound
        ``raster-type`` for codes that are not whole, or beyond what can be a code.
    """
    nodata = land_cover.stored_nodata
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2:
        labels = label_pixels(pixels)
        if nodata is not None:
            labels.names[labels.names == nodata] = NO_DATA
        return labels
    has_data = np.isfinite(pixels)
    if nodata is not None:
        has_data &= pixels != nodata
    known = pixels[has_data]
    if known.size == 0:
        return Labels(np.zeros(pixels.shape, np.uint8), 0, np.array([NO_DATA]))
    _check_codes(known, land_cover)
    return _label_known(pixels, has_data, NO_DATA)


def _label_known(pixels: np.ndarray, is_known: np.ndarray, name: int) -> Labels:
    """Return the labels of pixels, of which those that are not known have a name in common."""
    known = pixels[is_known]
    blank = int(known.min()) - 1
    numbers = np.full(pixels.shape, blank, np.int64)
    numbers[is_known] = known
    labels = label_pixels(numbers)
    labels.names[labels.names == blank] = name
    return labels


def _check_codes(codes: np.ndarray, land_cover: Raster) -> None:
    """Refuse numbers that cannot be codes."""
    outside = codes[(codes < SMALLEST_CODE) | (codes > LARGEST_CODE)]
    if outside.size:
        values = {"value": float(outside[0]), "smallest": SMALLEST_CODE, "largest": LARGEST_CODE}
        message = "extent.raster-code-range"
        raise ProblemsFound([make_problem("raster-type", land_cover.label, message, **values)])
    broken = codes[codes != np.floor(codes)]
    if broken.size:
        value = float(broken[0])
        message = "extent.raster-code-fraction"
        raise ProblemsFound([make_problem("raster-type", land_cover.label, message, value=value)])


@dataclass(frozen=True)
class Bins:
    """Labels of several kinds as one whole number for each pixel.

    Attributes
    ----------
    pixels : ndarray of int
        The bin of each pixel.
    names : tuple of ndarray of int64
        By kind, what each bin stands for.
    """

    pixels: np.ndarray
    names: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        """Return the number of bins."""
        return len(self.names[0])

    def count(self) -> np.ndarray:
        """Return the pixels of each bin.

        Returns
        -------
        ndarray of int64
        """
        return _count(self.pixels.reshape(-1), len(self))

    def sum(self, weights: np.ndarray) -> np.ndarray:
        """Sum numbers of the pixels by bin.

        Parameters
        ----------
        weights : ndarray
            Of the shape of ``pixels``.

        Returns
        -------
        ndarray
        """
        return _sum_in_lanes(self.pixels.reshape(-1), len(self), weights.reshape(-1))


def combine(kinds: Sequence[Labels]) -> Bins:
    """Combine labels of several kinds to bins.

    Parameters
    ----------
    kinds : sequence of Labels
        Of the same pixels.

    Returns
    -------
    Bins
        All combinations of the labels, or those that occur where they are too many.
    """
    if _combinations(kinds) > _MOST_BINS:
        kinds = [labels.thinned() for labels in kinds]
    bins = _combinations(kinds)
    if bins <= _MOST_BINS:
        pixels = _bin_pixels(kinds, smallest_type(bins))
        return Bins(pixels, _names_of(np.arange(bins), kinds))
    occurs, position = np.unique(_bin_pixels(kinds, np.dtype(np.int64)), return_inverse=True)
    pixels = position.reshape(kinds[0].pixels.shape).astype(np.int32)
    return Bins(pixels, _names_of(occurs, kinds))


def unit_bins(kinds: Sequence[Labels], block: Window) -> Iterator[tuple[Window, Bins]]:
    """Combine labels of the pixels of a block to bins, unit by unit.

    Parameters
    ----------
    kinds : sequence of Labels
        Of the pixels of the block.
    block : Window
        Whole units, but at the rim of the grid.

    Yields
    ------
    (Window, Bins)
        In the order of the units.
    """
    count = _combinations(kinds)
    is_alike = count <= _MOST_BINS_OF_BLOCK  # all units have the same bins
    dtype = smallest_type(count)
    names = _names_of(np.arange(count), kinds) if is_alike else ()
    for _, _, unit in units_of(block):
        kinds_of_unit = [labels.part(block, unit) for labels in kinds]
        if is_alike:
            yield unit, Bins(_bin_pixels(kinds_of_unit, dtype), names)
        else:
            yield unit, combine(kinds_of_unit)


def _combinations(kinds: Sequence[Labels]) -> int:
    """Return how many combinations labels may have."""
    return math.prod(len(labels) for labels in kinds)


def _bin_pixels(kinds: Sequence[Labels], dtype: np.dtype) -> np.ndarray:
    """Return the number of each pixel's combination; what leaves the type comes back to it."""
    first, *others = kinds
    bins = _distances(first, dtype)
    for labels in others:
        bins *= np.array(len(labels)).astype(dtype)
        bins += _distances(labels, dtype)
    return bins


def _distances(labels: Labels, dtype: np.dtype) -> np.ndarray:
    """Return how far the number of each pixel is from the lowest, as a new array."""
    distances = labels.pixels.astype(dtype)
    if labels.lowest:
        distances -= np.array(labels.lowest).astype(dtype)
    return distances


def _names_of(bins: np.ndarray, kinds: Sequence[Labels]) -> tuple[np.ndarray, ...]:
    """Return what combinations stand for, by kind."""
    names = []
    for labels in reversed(kinds):
        bins, distance = np.divmod(bins, len(labels))
        names.append(labels.names[distance])
    return tuple(reversed(names))


def _count(numbers: np.ndarray, count: int) -> np.ndarray:
    """Return how often each of the whole numbers below a count occurs."""
    if numbers.dtype == np.uint8 and len(numbers) >= _LEAST_PAIRED:
        return _count_pairs(numbers)[:count]
    return _sum_in_lanes(numbers, count)


def _count_pairs(numbers: np.ndarray) -> np.ndarray:
    """Count numbers of one byte, two at a time: half the time of counting each."""
    even = len(numbers) // 2 * 2
    pairs = np.bincount(numbers[:even].view(np.uint16), minlength=_BYTE**2)
    by_byte = pairs.reshape(_BYTE, _BYTE)
    counts: np.ndarray = by_byte.sum(axis=0) + by_byte.sum(axis=1)
    if even < len(numbers):
        counts[numbers[-1]] += 1
    return counts


def _sum_in_lanes(numbers: np.ndarray, count: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Count whole numbers below a count, or sum weights by them, neighbours in bins of their own.

    Neighbours are mostly alike, and adding to a bin has to wait for the pixel before that added to
    the same: with lanes, whose counts are added in the end, it takes up to five times less.
    """
    lanes = (np.arange(_LANES) * count).astype(smallest_type(count * _LANES))
    laned = np.tile(lanes, -(-len(numbers) // _LANES))[: len(numbers)] + numbers
    sums = np.bincount(laned, weights, count * _LANES)
    return np.asarray(sums.reshape(_LANES, -1).sum(axis=0))
