"""The raster tier of an extent: zones, land cover and layers on one grid, and what pixels are.

A *place* of this tier is a pixel, or the part of one that lies in a region and an ecosystem type.
``Places`` has the two verbs of an extent: ``spread`` looks the values of cells up at its places,
and ``collect`` sums densities to the cells. Reading files is left to ``gep.extent.rasters``, blocks
and threads to ``gep.extent.blocks``, what is computed to ``gep.account.pixel_kernel``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from gep.extent.blocks import UNIT, Schedule, units_of
from gep.extent.cell_areas import cell_areas, cell_sizes
from gep.extent.extent import CELL_DIMS
from gep.extent.rasters import Raster, Window
from gep.extent.zones import Zones
from gep.methods.terrain import slope

_NOWHERE = -(1 << 40)  # a cell that no sum of it and a cell can reach
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
        if not self.derive:
            return self.raster.read_numbers(window)
        grid = self.raster.grid
        elevation = np.full((window.height + 2, window.width + 2), np.nan)
        top = max(window.row - 1, 0)
        left = max(window.column - 1, 0)
        height = min(window.row + window.height + 1, grid.height) - top
        width = min(window.column + window.width + 1, grid.width) - left
        row = top - window.row + 1
        column = left - window.column + 1
        known = self.raster.read_numbers(Window(top, left, height, width))
        elevation[row : row + height, column : column + width] = known
        cell_width, cell_height = cell_sizes(grid, window)
        return np.asarray(slope(elevation, cell_width, cell_height))


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

    def rows(self, stored: np.ndarray) -> np.ndarray:
        """Return the row of the tables for each pixel of a land cover; the last is of no code."""
        lowest = int(self.codes[0]) if len(self.codes) else 0
        positions = stored.astype(np.intp)
        positions -= lowest
        np.clip(positions, -1, len(self._row_of_code) - 1, out=positions)
        return np.asarray(self._row_of_code.take(positions))

    @cached_property
    def _row_of_code(self) -> np.ndarray:
        """Rows by the distance of a code from the lowest; the last position is of no code."""
        size = int(self.codes[-1] - self.codes[0]) + 1 if len(self.codes) else 0
        rows = np.full(size + 1, len(self.codes), dtype=np.intp)
        if size:
            rows[self.codes - self.codes[0]] = np.arange(len(self.codes))
        return rows

    def of_part(self, number: int, stored: np.ndarray, table: np.ndarray) -> np.ndarray:
        """Look up what a table by code and part says of the pixels of a land cover.

        Parameters
        ----------
        number : int
            The part.
        stored : ndarray
            Codes of pixels.
        table : ndarray
            Code x part, such as ``ecosystem``.

        Returns
        -------
        ndarray
            By pixel.
        """
        column = np.ascontiguousarray(table[:, number])
        if stored.dtype == np.uint8:  # a table of all codes there can be saves looking for them
            every_code = np.arange(256)
            return np.asarray(column.take(self.rows(every_code))[stored])
        return np.asarray(column.take(self.rows(stored)))


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
    is_settled : bool
        Whether the plan holds what the pixels gave.
    """

    year: int
    land_cover: Raster
    zones: Zones
    layers: tuple[RasterLayer, ...]
    class_names: Mapping[int, str]
    fractions: bool
    min_cover: float
    schedule: Schedule
    is_settled: bool = False

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
    """The places of one unit that lie in a cell of an account.

    Attributes
    ----------
    pixel : ndarray of int, slice or None
        Flat position in the unit of each place; None where they are all pixels of it, in order.
    cell : ndarray of int
        Flat position of each place's cell, region x ecosystem type.
    area : ndarray or float
        The area of each place, m2; one number where all are alike.
    shape : (int, int)
        Numbers of regions and ecosystem types.
    """

    pixel: np.ndarray | slice | None
    cell: np.ndarray
    area: np.ndarray | float
    shape: tuple[int, int]

    @property
    def region(self) -> np.ndarray:
        """Position of each place's region."""
        ecosystem_count = self.shape[1]
        return self.cell // ecosystem_count

    @property
    def pixels(self) -> np.ndarray:
        """Flat position in the unit of each place."""
        if self.pixel is None:
            return np.arange(len(self.cell))
        if isinstance(self.pixel, slice):
            return np.arange(self.pixel.start, self.pixel.stop)
        return self.pixel

    @property
    def place_areas(self) -> np.ndarray:
        """The area of each place, m2."""
        return np.broadcast_to(self.area, len(self.cell))

    def take(self, values: np.ndarray) -> np.ndarray:
        """Return the numbers of a unit's pixels at the places."""
        flat = values.reshape(-1)
        if self.pixel is None:
            return flat
        return flat[self.pixel]

    def spread(self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Bring values of cells to the places.

        Parameters
        ----------
        values : ndarray
            Over ``dims``.
        dims : sequence of str
            Dims of the values.
        target : sequence of str
            Dims of the step; ``region`` and ``ecosystem`` become the places.

        Returns
        -------
        ndarray
            Places, and an axis for each further dim of ``target``; of length 1 where the values do
            not vary.
        """
        others = [dim for dim in target if dim not in CELL_DIMS]
        sizes = dict(zip(dims, values.shape, strict=True))
        rest = [sizes.get(dim, 1) for dim in others]
        if not set(CELL_DIMS) & set(dims):
            return values.reshape([1, *rest])
        cell_shape = [sizes.get(dim, 1) for dim in CELL_DIMS]
        of_cells = np.broadcast_to(values.reshape([*cell_shape, *rest]), [*self.shape, *rest])
        table = of_cells.reshape([-1, *rest])
        return np.asarray(table.take(self.cell, axis=0))

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
        for start in range(0, len(self.cell), size):
            part = slice(start, min(start + size, len(self.cell)))
            pixel: np.ndarray | slice = part
            if isinstance(self.pixel, np.ndarray):
                pixel = self.pixel[part]
            area = self.area[part] if isinstance(self.area, np.ndarray) else self.area
            yield Places(pixel, self.cell[part], area, self.shape)

    def areas(self, counted: np.ndarray | None = None) -> np.ndarray:
        """Sum the areas of places by cell.

        Parameters
        ----------
        counted : ndarray of bool, optional
            The places that count; all by default.

        Returns
        -------
        ndarray
            Region x ecosystem type, m2.
        """
        cell = self.cell if counted is None else self.cell[counted]
        count = self.shape[0] * self.shape[1]
        if not isinstance(self.area, np.ndarray):
            return (np.bincount(cell, minlength=count) * self.area).reshape(self.shape)
        area = self.area if counted is None else self.area[counted]
        return np.bincount(cell, area, count).reshape(self.shape)

    def collect(self, density: np.ndarray) -> np.ndarray:
        """Sum densities times area to the cells.

        Parameters
        ----------
        density : ndarray
            Places, and further axes; amounts per m2.

        Returns
        -------
        ndarray
            Region x ecosystem type, and the further axes.
        """
        rest = density.shape[1:]
        columns = density.reshape([len(density), -1])
        is_constant = not isinstance(self.area, np.ndarray)
        count = self.shape[0] * self.shape[1]
        sums = np.empty((count, columns.shape[1]))
        for number in range(columns.shape[1]):
            weights = columns[:, number]
            if not is_constant:
                weights = weights * self.area
            sums[:, number] = np.bincount(self.cell, weights, count)
        if is_constant:
            sums *= self.area
        return sums.reshape([*self.shape, *rest])


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
    """

    land_cover: Raster
    zones: Zones
    region_of_zone: np.ndarray
    classes: ClassCodes
    shape: tuple[int, int]
    fractions: bool

    def places(self, stored: np.ndarray, window: Window) -> list[Places]:
        """Return the places of a unit, by part of the classes (see ``ClassCodes``).

        Parameters
        ----------
        stored : ndarray
            The codes of land cover in the window.
        window : Window
            A unit.

        Returns
        -------
        list of Places
            Empty where no pixel counts.
        """
        if self.fractions:
            fractions = self.zones.fractions(window)
            pixel = fractions.pixel
            zone = fractions.zone
            share = fractions.share
        else:
            zone = self.zones.of_window(window).reshape(-1)
            pixel = None
            share = None
            if not (zone >= 0).any():
                return []
        first_cell = np.where(
            self.region_of_zone < 0, _NOWHERE, self.region_of_zone * self.shape[1]
        )
        first_cell = np.append(first_cell, _NOWHERE)[zone]
        ecosystems = np.where(self.classes.ecosystem < 0, _NOWHERE, self.classes.ecosystem)
        area = np.broadcast_to(cell_areas(self.land_cover.grid, window), stored.shape)
        codes = stored.reshape(-1) if pixel is None else stored.reshape(-1).take(pixel)
        parts = []
        for number in range(self.classes.part_count):
            cell = self.classes.of_part(number, codes, ecosystems)
            cell += first_cell  # below 0 where either is nowhere
            weight = share
            if (self.classes.share[:, number] != 1).any():
                of_class = self.classes.of_part(number, codes, self.classes.share)
                weight = of_class if share is None else of_class * share
            places = self._kept(pixel, cell, weight, area)
            if places is not None:
                parts.append(places)
        return parts

    def _kept(
        self,
        pixel: np.ndarray | None,
        cell: np.ndarray,
        weight: np.ndarray | None,
        area: np.ndarray,
    ) -> Places | None:
        """Return the places that are in a cell, with their areas; None if there are none."""
        in_cell = cell >= 0
        if not in_cell.all():
            kept = np.flatnonzero(in_cell)
            if not len(kept):
                return None
            pixel = kept if pixel is None else pixel[kept]
            cell = cell[kept]
            weight = None if weight is None else weight[kept]
        first = area.flat[0]
        of_places: np.ndarray | float = float(first)
        if (area[:, 0] != first).any() or (area[0] != first).any():
            flat = area.reshape(-1)
            of_places = flat if pixel is None else flat.take(pixel)
        if weight is not None:
            of_places = of_places * weight
        return Places(pixel, cell, of_places, self.shape)

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
            if self.fractions or np.isin(self.zones.of_window(unit), zones).any():
                yield unit

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
