"""Labels (标号) of pixels: which zone or which code of a land cover each pixel of a block has.

Neighbours are mostly alike: pixels of a unit are counted and sorted by runs, neighbours in a row
with the same labels of several kinds. Runs that one pass over a grid finds are kept for the next,
as far as they fit. What labels stand for is left to ``gep.extent.tabulation`` and
``gep.extent.raster_extent``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Any

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
_MOST_BINS = 2**16  # of units at once, beyond which only those that occur are bins
_UNITS_AT_ONCE = 4  # fewer calls: threads wait less for each other
_LARGEST_TABLE = 2**22  # numbers from the lowest to the highest beyond which pixels are sorted


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
        pixels = np.ascontiguousarray(unit_view(self.pixels, block, unit))
        return Labels(pixels, self.lowest, self.names)

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

    def narrowed(self) -> "Labels":
        """Return labels from the lowest number that occurs to the highest.

        Returns
        -------
        Labels
        """
        lowest = int(self.pixels.min())
        names = self.names[lowest - self.lowest : int(self.pixels.max()) - self.lowest + 1]
        return Labels(self.pixels, lowest, names)

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
class Runs:
    """Runs (游程) of a unit: pixels that follow each other in a row with the same labels.

    Attributes
    ----------
    starts : ndarray of int
        Flat position of the first pixel of each run, ascending.
    lengths : ndarray of int
        Pixels of each run.
    width : int
        Pixels of a row of the unit.
    bins : ndarray of int
        The combination of labels of each run, as one number.
    occurs : ndarray of int
        The numbers of the combinations that occur, ascending.
    pixels : ndarray of int
        Pixels of each combination that occurs.
    names : tuple of ndarray of int64
        By kind of labels, what each combination that occurs stands for.
    """

    starts: np.ndarray
    lengths: np.ndarray
    width: int
    bins: np.ndarray
    occurs: np.ndarray
    pixels: np.ndarray
    names: tuple[np.ndarray, ...]

    def sum(self, weights: np.ndarray) -> np.ndarray:
        """Sum numbers of the pixels by combination.

        Parameters
        ----------
        weights : ndarray
            Row x column, or row x 1 where they are alike in a row.

        Returns
        -------
        ndarray
            By combination that occurs.
        """
        if weights.shape[1] == 1:
            # np.repeat would keep other threads waiting
            of_runs = self.lengths * weights[:, 0].take(self.starts // self.width)
        else:
            of_runs = np.add.reduceat(weights.reshape(-1), self.starts)
        sums = np.zeros(int(self.occurs[-1]) + 1)
        np.add.at(sums, self.bins, of_runs)  # in the order of bincount, in half its time
        return np.asarray(sums[self.occurs])

    def look_up(self, values: np.ndarray) -> np.ndarray:
        """Return the value of each run.

        Parameters
        ----------
        values : ndarray
            By combination that occurs.

        Returns
        -------
        ndarray
        """
        table = np.zeros(int(self.occurs[-1]) + 1, values.dtype)
        table[self.occurs] = values
        return table.take(self.bins)

    def pixels_of(self, runs: np.ndarray) -> np.ndarray:
        """Return the flat positions of the pixels of some runs, run after run.

        Parameters
        ----------
        runs : ndarray of int

        Returns
        -------
        ndarray of int
        """
        return count_up(self.starts.take(runs), self.lengths.take(runs))

    def packed(self) -> "Runs":
        """Return the same runs as copies in the smallest types.

        Returns
        -------
        Runs
        """
        return replace(
            self,
            starts=self.starts.astype(np.int32),  # of which differences are taken
            lengths=self.lengths.astype(smallest_type(self.width + 1)),
            bins=self.bins.astype(smallest_type(int(self.occurs[-1]) + 1)),
            occurs=self.occurs.copy(),
            names=tuple(names.copy() for names in self.names),
        )

    @property
    def byte_count(self) -> int:
        """The bytes of all arrays."""
        arrays = (self.starts, self.lengths, self.bins, self.occurs, self.pixels, *self.names)
        return sum(array.nbytes for array in arrays)


class KeptRuns:
    """The runs of the units of a grid, which one pass finds and the next needs again.

    A copy in another process has none, and keeps none.

    Parameters
    ----------
    most_bytes : int
        How much is kept; from the first unit that does not fit on, runs are found again when they
        are needed.
    files : sequence of Path
        What they are read from, from now on: once one of them has changed, none is known.
    """

    def __init__(self, most_bytes: int, files: Sequence[Path] = ()) -> None:
        self._units: dict[Window, Runs] = {}
        self._bytes_left = most_bytes
        self._files = tuple(files)
        self._state = _state_of(self._files)
        self._lock = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without what is kept."""
        return KeptRuns, (0,)

    def keep(self, unit: Window, runs: Runs) -> None:
        """Keep the runs of a unit if they fit.

        Parameters
        ----------
        unit : Window
        runs : Runs
        """
        if self._bytes_left <= 0:
            return
        packed = runs.packed()
        with self._lock:
            if packed.byte_count > self._bytes_left:
                self._bytes_left = 0
                return
            self._bytes_left -= packed.byte_count
            self._units[unit] = packed

    def of_block(self, block: Window) -> list[tuple[Window, Runs]] | None:
        """Return the runs of the units of a block.

        Parameters
        ----------
        block : Window

        Returns
        -------
        list of (Window, Runs) or None
            In the order of the units; None unless those of all units were kept, and the files are
            as they were.
        """
        if not self._units or _state_of(self._files) != self._state:
            return None
        kept = []
        for _, _, unit in units_of(block):
            runs = self._units.get(unit)
            if runs is None:
                return None
            kept.append((unit, runs))
        return kept


def _state_of(files: Sequence[Path]) -> list[tuple[int, int, int]]:
    """Return what tells that files have changed; empty if one is gone."""
    try:
        states = [file.stat() for file in files]
    except OSError:
        return []
    return [(state.st_size, state.st_mtime_ns, state.st_ctime_ns) for state in states]


def count_up(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return ``start, start + 1, ...`` for each start, as many as its count.

    Parameters
    ----------
    starts, counts : ndarray of int

    Returns
    -------
    ndarray of int
    """
    is_some = counts > 0
    if not is_some.all():
        starts = starts[is_some]
        counts = counts[is_some]
    if not len(starts):
        return np.empty(0, np.intp)
    ends = np.cumsum(counts, dtype=np.intp)
    steps = np.ones(int(ends[-1]), np.intp)  # from each number to the next
    steps[0] = starts[0]
    steps[ends[:-1]] += starts[1:] - starts[:-1] - counts[:-1]
    return np.cumsum(steps, out=steps)


def unit_runs(kinds: Sequence[Labels], block: Window) -> Iterator[tuple[Window, Runs]]:
    """Find the runs of a block, unit by unit.

    Parameters
    ----------
    kinds : sequence of Labels
        Of the pixels of the block.
    block : Window
        Whole units, but at the rim of the grid.

    Yields
    ------
    (Window, Runs)
        In the order of the units.
    """
    units = [unit for _, _, unit in units_of(block)]
    for first in range(0, len(units), _UNITS_AT_ONCE):
        some_units = units[first : first + _UNITS_AT_ONCE]
        in_order = [_unit_after_unit(labels, block, some_units) for labels in kinds]
        shapes = [unit.shape for unit in some_units]
        yield from zip(some_units, find_runs(in_order, shapes), strict=True)


def _unit_after_unit(labels: Labels, block: Window, units: Sequence[Window]) -> Labels:
    """Return the labels of some units of a block, flat."""
    pixels = np.empty(sum(unit.height * unit.width for unit in units), labels.pixels.dtype)
    first = 0
    for unit in units:
        end = first + unit.height * unit.width
        pixels[first:end].reshape(unit.shape)[:] = unit_view(labels.pixels, block, unit)
        first = end
    return Labels(pixels, labels.lowest, labels.names)


def find_runs(kinds: Sequence[Labels], shapes: Sequence[tuple[int, int]]) -> Iterator[Runs]:
    """Find the runs of several units at once.

    Parameters
    ----------
    kinds : sequence of Labels
        Of the same pixels, flat, of which there is at least one: those of a unit after another's.
    shapes : sequence of (int, int)
        Of the units.

    Yields
    ------
    Runs
        By unit.
    """
    ends = list(accumulate([height * width for height, width in shapes], initial=0))
    starts = _find_starts([labels.pixels for labels in kinds], shapes, ends)
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = ends[-1] - starts[-1]
    of_runs = [labels.of_pixels(starts).narrowed() for labels in kinds]
    if _combinations(of_runs) > _MOST_BINS:
        of_runs = [labels.thinned() for labels in of_runs]
    bins = _combined(of_runs)
    count = _combinations(of_runs)
    combinations = None
    if count > _MOST_BINS:
        combinations, bins = np.unique(bins, return_inverse=True)
        count = len(combinations)
    bounds = np.searchsorted(starts, ends).tolist()
    for number in range(1, len(shapes)):  # bins of units are counted in one go
        of_unit = slice(bounds[number], bounds[number + 1])
        bins[of_unit] += number * count
        starts[of_unit] -= ends[number]
    pixels = np.zeros(len(shapes) * count, np.int64)
    np.add.at(pixels, bins, lengths)
    occurs = np.flatnonzero(pixels)
    numbers = occurs % count
    names = _names_of(numbers if combinations is None else combinations[numbers], of_runs)
    bounds_of_bins = np.searchsorted(occurs, np.arange(len(ends)) * count)
    for number, (_, width) in enumerate(shapes):
        of_unit = slice(bounds[number], bounds[number + 1])
        bins_of_unit = slice(bounds_of_bins[number], bounds_of_bins[number + 1])
        yield Runs(
            starts=starts[of_unit],
            lengths=lengths[of_unit],
            width=width,
            bins=bins[of_unit],
            occurs=occurs[bins_of_unit],
            pixels=pixels[occurs[bins_of_unit]],
            names=tuple(kind[bins_of_unit] for kind in names),
        )


def _find_starts(
    kinds: Sequence[np.ndarray], shapes: Sequence[tuple[int, int]], ends: Sequence[int]
) -> np.ndarray:
    """Return the first pixels of runs: of rows, and those that differ from the one before."""
    is_start = np.zeros(ends[-1], dtype=bool)
    for (_, width), first, end in zip(shapes, ends[:-1], ends[1:], strict=True):
        is_start[first:end:width] = True
    for pixels in kinds:
        is_start[1:] |= pixels[1:] != pixels[:-1]
    return np.flatnonzero(is_start)


def _combinations(kinds: Sequence[Labels]) -> int:
    """Return how many combinations labels may have."""
    return math.prod(len(labels) for labels in kinds)


def _combined(kinds: Sequence[Labels]) -> np.ndarray:
    """Return the combination of each run; what leaves the type on the way comes back to it."""
    count = _combinations(kinds)
    dtype = smallest_type(count) if count <= _MOST_BINS else np.dtype(np.int64)
    first, *others = kinds
    bins = _distances(first, dtype)
    for labels in others:
        bins *= np.array(len(labels)).astype(dtype)
        bins += _distances(labels, dtype)
    return bins.astype(np.intp, copy=False)


def _distances(labels: Labels, dtype: np.dtype) -> np.ndarray:
    """Return how far each number is from the lowest, as a new array."""
    distances = labels.pixels.astype(dtype)
    if labels.lowest:
        distances -= np.array(labels.lowest).astype(dtype)
    return distances


def _names_of(combinations: np.ndarray, kinds: Sequence[Labels]) -> tuple[np.ndarray, ...]:
    """Return what combinations stand for, by kind."""
    names = []
    for labels in reversed(kinds):
        combinations, distance = np.divmod(combinations, len(labels))
        names.append(labels.names[distance])
    return tuple(reversed(names))
