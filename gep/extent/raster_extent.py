"""The raster tier of an extent: zones, land cover and layers on one grid, and what pixels are.

A *place* of this tier is a pixel, or the part of one that lies in a region and an ecosystem type.
``Places`` has the two verbs of an extent: ``spread`` looks the values of cells up at its places,
and ``collect`` sums densities to the cells. Reading files is left to ``gep.extent.rasters``, blocks
and threads to ``gep.extent.blocks``, what is computed to ``gep.account.pixel_kernel``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Literal

import numpy as np

from gep.extent.blocks import UNIT, Schedule, unit_view, units_of
from gep.extent.cell_areas import cell_areas, cell_sizes
from gep.extent.extent import CELL_DIMS
from gep.extent.labels import (
    KeptRuns,
    Labels,
    Runs,
    find_runs,
    label_codes,
    label_pixels,
    smallest_type,
    unit_runs,
)
from gep.extent.rasters import Grid, Raster, Window, is_array_file
from gep.extent.zones import Zones
from gep.methods.terrain import slope

_ROUNDING = 1e-6  # of a limit: single precision has seven digits
_SAMPLE_WINDOWS = 3  # down and across, of which a sample of a raster is taken
_SAMPLE_SIZE = 64  # pixels down and across
RASTER_TIER = "raster"


@dataclass(frozen=True)
class RasterLayer:
    """A raster that gives the numbers of a data name.

    Attributes
    ----------
    name : str
        The data name of the standard.
    label : str
        The file, as the project writes it and tables and messages name it.
    raster : Raster
    unit : str
        The unit of its numbers.
    keys : mapping of str to str
        The member of each further key, such as ``{"month": "1"}``.
    low, high : float
        Bounds of plausible numbers, in its unit; infinite where none is known.
    derive : {'', 'slope'}
        What is computed of the raster with the neighbours of each pixel: the slope in degrees, of
        elevations in m.
    """

    name: str
    label: str
    raster: Raster
    unit: str
    keys: Mapping[str, str] = field(default_factory=dict)
    low: float = -np.inf
    high: float = np.inf
    derive: Literal["", "slope"] = ""

    @property
    def is_read_by_unit(self) -> bool:
        """Whether units are whole tiles, so that reading each for itself reads nothing twice."""
        is_tiled = all(UNIT % size == 0 for size in self.raster.blocks)
        return is_tiled and not self.derive and not is_array_file(self.raster.path)

    def read(self, window: Window) -> np.ndarray:
        """Read the numbers of a window: float32 or float64, NaN where there is none.

        Parameters
        ----------
        window : Window

        Returns
        -------
        ndarray

        Raises
        ------
        ProblemsFound
            ``unreadable-raster`` if the file is damaged there.
        """
        return self.read_block(window)(window)

    def read_block(self, block: Window) -> Callable[[Window], np.ndarray]:
        """Read a block, whose numbers are then had unit by unit; some rasters are read only then.

        Parameters
        ----------
        block : Window

        Returns
        -------
        callable
            Returns the numbers of a unit in the block, as ``read`` does.

        Raises
        ------
        ProblemsFound
            As ``read``.
        """
        if not self.derive:
            if self.is_read_by_unit:
                return self.raster.read_numbers
            return partial(unit_view, self.raster.read_numbers(block), block)
        around = _with_rim(self.raster.grid, block)
        return partial(self._slope, self.raster.read_numbers(around), around)

    def _slope(self, elevation: np.ndarray, block: Window, unit: Window) -> np.ndarray:
        """Return the slope of the pixels of a unit; the elevation beyond the grid is not known."""
        grid = self.raster.grid
        around = _with_rim(grid, unit)
        elevation = unit_view(elevation, block, around)
        above = around.row - unit.row + 1
        below = unit.height + 2 - above - around.height
        left = around.column - unit.column + 1
        right = unit.width + 2 - left - around.width
        if above or below or left or right:
            rim = ((above, below), (left, right))
            elevation = np.pad(elevation.astype(float), rim, constant_values=np.nan)
        return np.asarray(slope(elevation, *cell_sizes(grid, unit)))


def _with_rim(grid: Grid, window: Window) -> Window:
    """Return a window and the pixels around it, as far as the grid reaches."""
    top = max(window.row - 1, 0)
    left = max(window.column - 1, 0)
    bottom = min(window.row + window.height + 1, grid.height)
    right = min(window.column + window.width + 1, grid.width)
    return Window(top, left, bottom - top, right - left)


@dataclass(frozen=True)
class LayerRange:
    """A range that the numbers of a layer should not leave; a number that is not finite does.

    Attributes
    ----------
    low, high : float
        In the unit of the layer; infinite where there is no limit.
    zero : bool
        Whether 0 is in the range though it is less than ``low``.
    """

    low: float = -np.inf
    high: float = np.inf
    zero: bool = False

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The finite numbers beyond which a number is outside: not by rounding alone."""
        largest = float(np.finfo(float).max)
        size = self.high - self.low if np.isfinite(self.high - self.low) else 0.0
        low = self.low - _ROUNDING * max(size, abs(self.low))
        high = self.high + _ROUNDING * max(size, abs(self.high))
        return max(low, -largest), min(high, largest)

    def holds(self, lowest: float, highest: float) -> bool:
        """Return whether all numbers from one to another are in the range."""
        low, high = self.limits
        return low <= lowest and highest <= high

    def outside(self, numbers: np.ndarray) -> np.ndarray:
        """Find the numbers that are outside.

        Parameters
        ----------
        numbers : ndarray
            NaN is no number, and not outside.

        Returns
        -------
        ndarray of bool
        """
        low, high = self.limits
        is_outside: np.ndarray = (numbers < low) | (numbers > high)
        if self.zero:
            is_outside &= numbers != 0
        return is_outside


def sample_numbers(layer: RasterLayer) -> np.ndarray:
    """Return the numbers of a sample of the pixels of a layer.

    Parameters
    ----------
    layer : RasterLayer

    Returns
    -------
    ndarray of float
        Of pixels that have one, from windows all over the raster; if none of these has a number,
        from the first rows that do. Empty for a raster without any.
    """
    grid = layer.raster.grid
    rows = np.linspace(0, max(grid.height - _SAMPLE_SIZE, 0), _SAMPLE_WINDOWS).astype(int)
    columns = np.linspace(0, max(grid.width - _SAMPLE_SIZE, 0), _SAMPLE_WINDOWS).astype(int)
    sample = []
    for row in dict.fromkeys(rows.tolist()):
        height = min(_SAMPLE_SIZE, grid.height - row)
        for column in dict.fromkeys(columns.tolist()):
            width = min(_SAMPLE_SIZE, grid.width - column)
            numbers = layer.read(Window(row, column, height, width)).astype(float)
            sample.append(numbers[~np.isnan(numbers)])
    if any(len(known) for known in sample):
        return np.concatenate(sample)
    for row in range(0, grid.height, UNIT):  # a raster with few numbers is read through
        height = min(UNIT, grid.height - row)
        numbers = layer.read(Window(row, 0, height, grid.width)).astype(float)
        known: np.ndarray = numbers[~np.isnan(numbers)]
        if len(known):
            return known
    return np.empty(0)


@dataclass(frozen=True)
class ClassCodes:
    """The ecosystem types of the codes of a land cover.

    Attributes
    ----------
    codes : ndarray of int
        The codes that are accounted for, in order.
    ecosystem : ndarray of int
        Code x part: positions among the ecosystem types of an extent; -1 where there is no part,
        and in the last row, which is of all other codes.
    share : ndarray of float
        Code x part: the share of the pixel's area.
    """

    codes: np.ndarray
    ecosystem: np.ndarray
    share: np.ndarray

    @property
    def part_count(self) -> int:
        """Into how many ecosystem types a code is divided at most."""
        return int(self.ecosystem.shape[1])

    def of_part(self, number: int, codes: np.ndarray, table: np.ndarray) -> np.ndarray:
        """Look up what a table by code and part says of codes.

        Parameters
        ----------
        number : int
            The part.
        codes : ndarray of int
        table : ndarray
            Code x part, such as ``ecosystem``.

        Returns
        -------
        ndarray
            By code.
        """
        row = np.searchsorted(self.codes, codes)
        is_known = row < len(self.codes)
        is_known[is_known] = self.codes[row[is_known]] == codes[is_known]
        return np.asarray(table[np.where(is_known, row, len(self.codes)), number])


@dataclass(frozen=True)
class RasterYear:
    """The rasters of one year, on the grid of its land cover.

    Attributes
    ----------
    year : int
    land_cover : Raster
    zones : Zones
        Regions on the grid.
    layers : tuple of RasterLayer
        Data of the year as rasters.
    class_names : mapping of int to str
        The class of each code of the land cover.
    fractions : bool
        Whether pixels on a border are divided by the exact share of each region.
    min_cover : float
        The least share of a region's area in which a layer must have numbers.
    schedule : Schedule
        How blocks are read and computed.
    without_cover : mapping of str to float
        By zone, the share of its area without land cover; zones without pixels are missing.
    is_settled : bool
        Whether the plan holds what the pixels gave.
    renamed_zones : tuple of str
        Codes of the zones where the account names its regions otherwise; empty where it does not.
    kept_runs : KeptRuns or None
        Runs of land cover and zones that the tabulation of areas found.
    """

    year: int
    land_cover: Raster
    zones: Zones
    layers: tuple[RasterLayer, ...]
    class_names: Mapping[int, str]
    fractions: bool
    min_cover: float
    schedule: Schedule
    without_cover: Mapping[str, float] = field(default_factory=dict)
    is_settled: bool = False
    renamed_zones: tuple[str, ...] = ()
    kept_runs: KeptRuns | None = field(default=None, repr=False, compare=False)

    @property
    def zone_codes(self) -> tuple[str, ...]:
        """Codes of the regions of the account by zone."""
        return self.renamed_zones or self.zones.codes

    @property
    def labels(self) -> frozenset[str]:
        """The files of land cover and layers, as tables name them."""
        return frozenset([self.land_cover.label, *(layer.label for layer in self.layers)])

    def layer(self, label: str, name: str) -> RasterLayer | None:
        """Return the layer of a data name in a file, None if there is none."""
        for layer in self.layers:
            if layer.label == label and layer.name == name:
                return layer
        return None


@dataclass(frozen=True)
class Places:
    """The places of one unit that lie in cells of an account, in the order of their cells.

    Attributes
    ----------
    pixel : ndarray of int
        Flat position in the unit of each place.
    cells : ndarray of int
        Flat positions of the cells, region x ecosystem type, ascending.
    starts : ndarray of int
        The first place of each cell.
    area : ndarray or float
        The area of each place, m2; one number where all are alike.
    shape : (int, int)
        Numbers of regions and ecosystem types.
    """

    pixel: np.ndarray
    cells: np.ndarray
    starts: np.ndarray
    area: np.ndarray | float
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.pixel)

    @cached_property
    def counts(self) -> np.ndarray:
        """The number of places of each cell."""
        counts = np.empty_like(self.starts)
        np.subtract(self.starts[1:], self.starts[:-1], out=counts[:-1])
        counts[-1] = len(self.pixel) - self.starts[-1]
        return counts

    @cached_property
    def _region_and_ecosystem(self) -> tuple[np.ndarray, np.ndarray]:
        """The positions of each cell."""
        region, ecosystem = np.divmod(self.cells, self.shape[1])
        return region, ecosystem

    @property
    def cell(self) -> np.ndarray:
        """Flat position of each place's cell."""
        return np.repeat(self.cells, self.counts)

    @property
    def region(self) -> np.ndarray:
        """Position of each place's region."""
        region, _ = self._region_and_ecosystem
        return np.repeat(region, self.counts)

    @property
    def place_areas(self) -> np.ndarray:
        """The area of each place, m2."""
        return np.broadcast_to(self.area, len(self))

    def take(self, values: np.ndarray) -> np.ndarray:
        """Return the numbers of a unit's pixels at the places."""
        return np.asarray(values.take(self.pixel, mode="wrap"))  # which saves looking for others

    def of_cells(
        self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]
    ) -> np.ndarray:
        """Return values at the cells.

        Parameters
        ----------
        values : ndarray
            Over ``dims``.
        dims : sequence of str
            Dims of the values.
        target : sequence of str
            Dims of the step; ``region`` and ``ecosystem`` become the cells.

        Returns
        -------
        ndarray
            Cells, and an axis for each further dim of ``target``; of length 1 where the values do
            not vary.
        """
        sizes = dict(zip(dims, values.shape, strict=True))
        rest = [sizes.get(dim, 1) for dim in target if dim not in CELL_DIMS]
        region_count, ecosystem_count = (sizes.get(dim, 1) for dim in CELL_DIMS)
        table = values.reshape([region_count * ecosystem_count, *rest])
        position = self.cells
        if (region_count, ecosystem_count) != self.shape:
            region, ecosystem = self._region_and_ecosystem
            position = region if region_count > 1 else np.zeros_like(region)
            if ecosystem_count > 1:
                position = ecosystem
        return np.asarray(table.take(position, axis=0))

    def spread(self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Bring values of cells to the places.

        Parameters
        ----------
        values, dims, target
            As ``of_cells`` takes them.

        Returns
        -------
        ndarray
            Places, and an axis for each further dim of ``target``; of length 1 where the values do
            not vary.
        """
        if set(CELL_DIMS).isdisjoint(dims):
            sizes = dict(zip(dims, values.shape, strict=True))
            rest = [sizes.get(dim, 1) for dim in target if dim not in CELL_DIMS]
            return values.reshape([1, *rest])
        return np.repeat(self.of_cells(values, dims, target), self.counts, axis=0)

    def alone(self) -> "Places":
        """Return a single place of 1 m2 in each cell.

        Returns
        -------
        Places
        """
        numbers = np.arange(len(self.cells))
        return Places(numbers, self.cells, numbers, 1.0, self.shape)

    def pieces(self, size: int) -> "Iterator[Places]":
        """Divide the places in pieces whose arrays fit into the CPU cache.

        Parameters
        ----------
        size : int
            The most places of a piece.

        Yields
        ------
        Places
        """
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            first, last = np.searchsorted(self.starts, [start, stop - 1], side="right")
            cells = slice(first - 1, last)
            starts = np.maximum(self.starts[cells] - start, 0)
            area = self.area[start:stop] if isinstance(self.area, np.ndarray) else self.area
            yield Places(self.pixel[start:stop], self.cells[cells], starts, area, self.shape)

    def areas(self, counted: np.ndarray | None = None) -> np.ndarray:
        """Sum the areas of places by cell.

        Parameters
        ----------
        counted : ndarray of bool, optional
            The places that count; all by default.

        Returns
        -------
        ndarray
            By cell, m2.
        """
        if counted is not None:
            return self.collect(counted.astype(float))
        if isinstance(self.area, np.ndarray):
            return np.asarray(np.add.reduceat(self.area, self.starts))
        return self.counts * self.area

    def collect(self, density: np.ndarray) -> np.ndarray:
        """Sum densities times area to the cells.

        Parameters
        ----------
        density : ndarray
            Places, and further axes; amounts per m2.

        Returns
        -------
        ndarray
            By cell, and the further axes.
        """
        columns = density.reshape([len(density), -1])
        is_constant = not isinstance(self.area, np.ndarray)
        sums = np.empty((len(self.cells), columns.shape[1]))
        for number in range(columns.shape[1]):
            amounts = columns[:, number]
            if not is_constant:
                amounts = amounts * self.area
            sums[:, number] = np.add.reduceat(amounts, self.starts)
        if is_constant:
            sums *= self.area
        return sums.reshape([len(self.cells), *density.shape[1:]])


@dataclass(frozen=True)
class PlaceFinder:
    """Finds the places of a unit: regions, ecosystem types and areas of its pixels.

    Attributes
    ----------
    land_cover : Raster
    zones : Zones
    region_of_zone : ndarray of int
        Position among the regions of the account by zone; -1: not accounted for.
    classes : ClassCodes
    shape : (int, int)
        Numbers of regions and ecosystem types.
    fractions : bool
    kept_runs : KeptRuns or None
        Runs that need not be found again.
    """

    land_cover: Raster
    zones: Zones
    region_of_zone: np.ndarray
    classes: ClassCodes
    shape: tuple[int, int]
    fractions: bool
    kept_runs: KeptRuns | None = field(default=None, compare=False)

    @property
    def divides_pixels(self) -> bool:
        """Whether pixels may be divided among zones or ecosystem types."""
        is_divided = self.classes.part_count > 1 or bool((self.classes.share != 1).any())
        return self.fractions or is_divided

    def units(self, block: Window) -> Iterator[tuple[Window, list[Places]]]:
        """Read land cover and zones of a block, and yield the places of its units.

        Parameters
        ----------
        block : Window
            Whole units, but at the rim of the grid.

        Yields
        ------
        (Window, list of Places)
            In the order of the units; the places by part of the classes (see ``ClassCodes``). Units
            without a place are left out.
        """
        if self.fractions:
            codes = label_codes(self.land_cover.read(block), self.land_cover)
            for _, _, unit in units_of(block):
                yield from self._divided_unit(unit, codes.part(block, unit))
            return
        for unit, runs in self._runs(block):
            parts = self._parts(unit, runs, None, None)
            if parts:
                yield unit, parts

    def _runs(self, block: Window) -> Iterable[tuple[Window, Runs]]:
        """Return the runs of the units of a block: those that were kept, else as they are found."""
        kept = None if self.kept_runs is None else self.kept_runs.of_block(block)
        if kept is not None:
            return kept
        codes = label_codes(self.land_cover.read(block), self.land_cover)
        return unit_runs([self.zones.labels(block), codes], block)

    def _divided_unit(self, unit: Window, codes: Labels) -> Iterator[tuple[Window, list[Places]]]:
        """Yield the places of a unit whose pixels are divided among zones, if there are any."""
        fractions = self.zones.fractions(unit)
        pixel = fractions.pixel
        if not len(pixel):
            return
        kinds = [label_pixels(fractions.zone), codes.of_pixels(pixel)]
        (runs,) = find_runs(kinds, [(1, len(pixel))])
        parts = self._parts(unit, runs, pixel, fractions.share)
        if parts:
            yield unit, parts

    def _parts(
        self, unit: Window, runs: Runs, pixel: np.ndarray | None, share: np.ndarray | None
    ) -> list[Places]:
        """Return the places of a unit by part of the classes, with the shares of pixels, if any."""
        zone, code = runs.names
        region = np.append(self.region_of_zone, -1)[zone]
        area = np.broadcast_to(cell_areas(self.land_cover.grid, unit), unit.shape)
        parts = []
        for number in range(self.classes.part_count):
            ecosystem = self.classes.of_part(number, code, self.classes.ecosystem)
            is_somewhere = (region >= 0) & (ecosystem >= 0)
            if not is_somewhere.any():
                continue
            cell = np.where(is_somewhere, region * self.shape[1] + ecosystem, -1)
            cells, rank = np.unique(cell, return_inverse=True)
            counts = np.bincount(rank, runs.pixels).astype(np.intp)
            rank_of_run = runs.look_up(rank.astype(smallest_type(len(cells))))
            order = np.argsort(rank_of_run, kind="stable")
            if cells[0] < 0:  # runs that are in no cell are those of the cell -1
                order = order[np.count_nonzero(rank_of_run == 0) :]
                cells = cells[1:]
                counts = counts[1:]
            position = runs.pixels_of(order)
            weight = None if share is None else share.take(position)
            share_of_class = self.classes.of_part(number, code, self.classes.share)
            if (share_of_class[is_somewhere] != 1).any():
                of_class = runs.look_up(share_of_class).take(order)
                of_places = np.repeat(of_class, runs.lengths.take(order))
                weight = of_places if weight is None else of_places * weight
            pixels = position if pixel is None else pixel.take(position)
            starts = np.cumsum(counts) - counts
            areas = _areas(area, pixels, weight)
            parts.append(Places(pixels, cells, starts, areas, self.shape))
        return parts

    def units_of(self, regions: np.ndarray) -> Iterator[Window]:
        """Yield the units of the grid that some regions touch.

        Parameters
        ----------
        regions : ndarray of int
            Positions among the regions of the account.

        Yields
        ------
        Window
            Row by row from left to right.
        """
        zones = np.flatnonzero(np.isin(self.region_of_zone, regions))
        for _, _, unit in units_of(self._around(zones)):
            if self.fractions or self._touches(unit, zones):
                yield unit

    def _touches(self, unit: Window, zones: np.ndarray) -> bool:
        """Return whether a pixel of a unit is in any of some zones."""
        labels = self.zones.labels(unit).thinned()
        return bool(np.isin(labels.names, zones).any())

    def _around(self, zones: np.ndarray) -> Window:
        """Return whole units around zones; the grid where zones are a raster."""
        grid = self.land_cover.grid
        polygons = getattr(self.zones, "polygons", None)  # in columns and rows of the grid
        if polygons is None or not len(zones):
            return grid.window
        corners = np.array([polygons[zone].bounds for zone in zones.tolist()])
        left, top = np.floor(corners[:, :2].min(axis=0) / UNIT).astype(int) * UNIT
        right, bottom = np.ceil(corners[:, 2:].max(axis=0) / UNIT).astype(int) * UNIT
        column = int(np.clip(left, 0, grid.width - 1)) // UNIT * UNIT
        row = int(np.clip(top, 0, grid.height - 1)) // UNIT * UNIT
        width = max(min(int(right), grid.width) - column, 1)
        height = max(min(int(bottom), grid.height) - row, 1)
        return Window(row, column, height, width)


def _areas(area: np.ndarray, pixel: np.ndarray, weight: np.ndarray | None) -> np.ndarray | float:
    """Return the areas of places: of their pixels, times their weights if there are any."""
    first = area.flat[0]
    areas: np.ndarray | float = float(first)
    if (area[:, 0] != first).any() or (area[0] != first).any():
        areas = area.reshape(-1).take(pixel)
    return areas if weight is None else areas * weight
