"""Zones (核算区) of a raster: which region a pixel is in, from polygons or from a zone raster.

Polygons are brought to the grid once, as edges counted in rows and columns of its pixels. A pixel
is in the zone in which its centre lies; a line of pixels is filled between the edges that it
crosses, so that a centre on an edge that two zones share is in exactly one of them, and so that a
pixel has the same zone in every window. How much of a pixel is in a zone, which coarse grids need,
exactextract tells. Areas are left to ``gep.extent.cell_areas``, sums to ``gep.extent.tabulation``.
"""

import json
import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.extent.cell_areas import (
    cell_areas,
    check_measurable,
    is_same_crs,
    metres_of_unit,
    transform_points,
)
from gep.extent.labels import Labels, count_up, label_pixels, smallest_type
from gep.extent.rasters import Grid, Raster, Window, open_raster, split_variable
from gep.io.csv_excel import printable
from gep.io.tables import plain_spelling
from gep.texts.catalogue import Listed

_POLYGON_FORMATS = (".geojson", ".json", ".gpkg", ".shp")
_RASTER_FORMATS = (".tif", ".tiff", ".vrt", ".nc", ".nc4", ".cdf", ".zarr")
_UNIT = 512  # pixels down and across for which cell fractions are computed together
_SNAP = 2.0**20  # parts of a pixel to which corners are rounded: less than 1 mm at 1 km
_MARGIN = 1.0  # of a pixel, by which an edge must be beyond a window to be left out there
_BEND = 1e-3  # of a pixel, by which an edge may stray where it bends in the CRS of the grid
_EARTH = 6.371e6  # m, its radius
_ONE_ZONE = 1 << 32  # counts zones in a number whose lower half is the position of the zone
_LIKE_AREA = 0.01  # share by which a repair may change the area of a polygon
_OVERLAP = 0.01  # share of the smaller zone above which an overlap is refused
_SLIVER = 1e-4  # share of the smaller zone above which a sliver is told
_CUT = 1e-4  # share outside of the raster above which it is told
_MOST_CODES = 100_000  # of a zone raster
_LARGEST_TABLE = 1 << 22  # values between the least and the greatest code that a table may hold
_LARGEST_FLOAT_CODE = 2.0**53
_NAMED = 12  # attributes, layers or codes that a message lists
_DEGREES = np.array([360.0, 90.0])
_POLYGON, _MULTIPOLYGON = 3, 6  # types of geometry by shapely


@dataclass(frozen=True)
class CellFractions:
    """How much of each pixel of a window lies in each zone.

    Attributes
    ----------
    pixel : ndarray of int64
        Flat position of the pixel in the window, ascending.
    zone : ndarray of int32
        Position of the zone in ``codes``, ascending within a pixel.
    share : ndarray of float64
        Share of the pixel's area on the map, above 0; those of a pixel sum to 1 at most.
    """

    pixel: np.ndarray
    zone: np.ndarray
    share: np.ndarray


class Zones(Protocol):
    """The zones of a grid, whatever file they are from."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the regions, ascending."""
        ...

    @property
    def outside(self) -> tuple[float, ...]:
        """Share of each zone's area on the map that lies outside of the grid."""
        ...

    @property
    def raster(self) -> Raster | None:
        """The zone raster, whose grid must be that of the others; None if zones are polygons."""
        ...

    def labels(self, window: Window) -> Labels:
        """Return the zones of pixels: positions in ``codes``, -1 outside of all."""
        ...

    def fractions(self, window: Window) -> CellFractions:
        """Return how much of each pixel lies in each zone."""
        ...


# --- polygons on a grid ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Edges:
    """The edges of polygons that cross the middle of a row, by the first row that they cross.

    Attributes
    ----------
    x, y : ndarray
        Column and row of the end with the lesser row, as numbers with a fraction.
    slope : ndarray
        Columns for each row.
    first, last : ndarray of int64
        The rows whose middle it crosses, ``last`` not among them; ``first`` ascends.
    left, right : ndarray
        The least and the greatest column of the edge.
    step : ndarray of int64
        What the edge adds to the number of zones (``_ONE_ZONE``) and to their position from 1,
        for whoever crosses it eastward.
    bands : ndarray of int64
        Where in ``order`` each band of ``_UNIT`` rows begins.
    order : ndarray of int64
        The edges by band.
    """

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    first: np.ndarray
    last: np.ndarray
    left: np.ndarray
    right: np.ndarray
    step: np.ndarray
    bands: np.ndarray
    order: np.ndarray

    def in_rows(self, top: int, bottom: int) -> np.ndarray:
        """Return the edges that cross rows from ``top`` to before ``bottom``."""
        band = top // _UNIT
        above = self.order[self.bands[band] : self.bands[band + 1]]
        above = above[(self.first[above] < top) & (self.last[above] > top)]
        begin, end = np.searchsorted(self.first, (top, bottom))
        return np.concatenate([above, np.arange(begin, end)])


def _make_edges(polygons: np.ndarray, height: int) -> _Edges:
    """Make the edges of the polygons of zones, by the first row that they cross."""
    import shapely

    parts, zone_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    corners = np.round(corners * _SNAP) / _SNAP
    is_edge = ring_of_corner[1:] == ring_of_corner[:-1]
    start = corners[:-1][is_edge]
    end = corners[1:][is_edge]
    ring = ring_of_corner[:-1][is_edge]
    is_hole = np.append(False, part_of_ring[1:] == part_of_ring[:-1])
    twice = start[:, 0] * end[:, 1] - end[:, 0] * start[:, 1]
    is_clockwise = np.bincount(ring, weights=twice, minlength=len(rings)) < 0
    down = end[:, 1] > start[:, 1]
    # eastward across an edge that runs down one leaves a ring whose area counts as positive
    sign = np.where(down == (is_clockwise ^ is_hole)[ring], 1, -1).astype(np.int64)
    step = sign * (_ONE_ZONE + zone_of_part[part_of_ring[ring]] + 1)
    upper = np.where(down[:, np.newaxis], start, end)
    lower = np.where(down[:, np.newaxis], end, start)
    first = np.maximum(np.ceil(upper[:, 1] - 0.5), 0).astype(np.int64)
    last = np.minimum(np.ceil(lower[:, 1] - 0.5), height).astype(np.int64)
    crosses = np.argsort(first, kind="stable")
    crosses = crosses[(last > first)[crosses]]
    upper, lower = upper[crosses], lower[crosses]
    slope = (lower[:, 0] - upper[:, 0]) / (lower[:, 1] - upper[:, 1])
    first, last = first[crosses], last[crosses]
    bands, order = _band_index(first, last, height)
    return _Edges(
        x=upper[:, 0],
        y=upper[:, 1],
        slope=slope,
        first=first,
        last=last,
        left=np.minimum(upper[:, 0], lower[:, 0]),
        right=np.maximum(upper[:, 0], lower[:, 0]),
        step=step[crosses],
        bands=bands,
        order=order,
    )


def _band_index(first: np.ndarray, last: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each band begins, and the edges by band; a long edge is in several."""
    first_band = first // _UNIT
    counts = (last - 1) // _UNIT - first_band + 1
    edges = np.repeat(np.arange(len(first)), counts)
    band = count_up(first_band, counts)
    order = edges[np.argsort(band, kind="stable")]
    sizes = np.bincount(band, minlength=-(-height // _UNIT))
    return np.append(0, np.cumsum(sizes)), order


@dataclass(frozen=True, eq=False)
class PolygonZones:
    """Zones that are polygons.

    Attributes
    ----------
    codes : tuple of str
        Codes of the regions, ascending.
    grid : Grid
    polygons : ndarray of object
        The polygon of each zone (shapely), in columns and rows of the grid.
    outside : tuple of float
        Share of each zone's area on the map that lies outside of the grid.
    """

    codes: tuple[str, ...]
    grid: Grid
    polygons: np.ndarray
    outside: tuple[float, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without what is made from the polygons."""
        return PolygonZones, (self.codes, self.grid, self.polygons, self.outside)

    @property
    def raster(self) -> Raster | None:
        """None: zones are polygons."""
        return None

    @cached_property
    def _edges(self) -> _Edges:
        """The edges between which lines of pixels are filled."""
        return _make_edges(self.polygons, self.grid.height)

    @cached_property
    def _tree(self) -> Any:
        """The tree in which polygons are looked up by place."""
        from shapely import STRtree

        return STRtree(self.polygons)

    def prepare(self) -> None:
        """Make what is made from the polygons now, rather than in several threads at once."""
        self._edges.in_rows(0, 1)
        len(self._tree)

    def labels(self, window: Window) -> Labels:
        """Return the zones of the pixels of a window, by their centres.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        Labels
            Positions in ``codes``, -1 outside of all zones. Where zones overlap the first of the
            codes has the pixel.
        """
        place, state = self._runs(window)
        length = np.diff(place)
        zone_of_run = (state & (_ONE_ZONE - 1)).astype(np.int64) - 1
        is_shared = (state >= 2 * _ONE_ZONE) & (length > 0)
        if is_shared.any():
            zones = np.repeat(zone_of_run, length)
            pixels = count_up(place[:-1][is_shared], length[is_shared])
            position, step = self._crossings(window)
            zones[pixels] = _first_zone(pixels, position, step)
            return label_pixels(zones.reshape(window.shape)).thinned()
        names, label_of_run = np.unique(zone_of_run[length > 0], return_inverse=True)
        labels = label_of_run.astype(smallest_type(len(names)))
        pixels = np.repeat(labels, length[length > 0])
        return Labels(pixels.reshape(window.shape), 0, names)

    def _runs(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return where runs of pixels of the same zones begin, the end, and which zones they have.

        Edges that lie left of the window are counted where its rows begin.
        """
        edges = self._edges
        bottom = window.row + window.height
        right = window.column + window.width
        crossing = edges.in_rows(window.row, bottom)
        crossing = crossing[edges.left[crossing] < right + _MARGIN]
        is_left = edges.right[crossing] < window.column - _MARGIN
        starts = _sums_by_row(edges, crossing[is_left], window)
        row, column, step = _crossed_rows(edges, crossing[~is_left], window)
        kept = column < window.width
        row, column, step = row[kept], column[kept], step[kept]
        # what a row adds in all is taken back where the next begins
        in_row = starts + np.bincount(row, step, window.height).astype(np.int64)
        starts[1:] -= in_row[:-1]
        position = np.concatenate([np.arange(window.height), row]) * window.width
        position[window.height :] += column
        order = np.argsort(position)
        state = np.cumsum(np.concatenate([starts, step])[order])
        return np.append(position[order], window.height * window.width), state

    def _crossings(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels at which edges are crossed, ascending, and what the edges add there."""
        edges = self._edges
        crossing = edges.in_rows(window.row, window.row + window.height)
        row, column, step = _crossed_rows(edges, crossing, window)
        # beyond the right edge is the beginning of the next row, where all rings are closed again
        position = row * window.width + column
        order = np.argsort(position)
        return position[order], step[order]

    def fractions(self, window: Window) -> CellFractions:
        """Return how much of each pixel lies in each zone.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        CellFractions
            By exactextract, whose shares have seven digits. Where zones overlap the shares of a
            pixel are reduced so that they sum to 1.
        """
        pixels, zones, shares = [], [], []
        bottom = window.row + window.height
        right = window.column + window.width
        for top in range(window.row // _UNIT * _UNIT, bottom, _UNIT):
            for left in range(window.column // _UNIT * _UNIT, right, _UNIT):
                rows, columns, zone, share = self._unit_fractions(top, left)
                inside = (rows >= window.row) & (rows < bottom)
                inside &= (columns >= window.column) & (columns < right)
                row = rows[inside] - window.row
                pixels.append(row * window.width + columns[inside] - window.column)
                zones.append(zone[inside])
                shares.append(share[inside])
        pixel = np.concatenate(pixels)
        zone = np.concatenate(zones)
        order = np.lexsort((zone, pixel))
        return CellFractions(pixel[order], zone[order], np.concatenate(shares)[order])

    def _unit_fractions(self, top: int, left: int) -> tuple[np.ndarray, ...]:
        """Return rows, columns, zones and shares of the pixels of a unit that zones touch."""
        import shapely
        from exactextract import exact_extract
        from exactextract.raster import NumPyRasterSource

        height = min(_UNIT, self.grid.height - top)
        width = min(_UNIT, self.grid.width - left)
        unit = shapely.box(left - 1, top - 1, left + width + 1, top + height + 1)
        features = []
        for zone in np.sort(self._tree.query(unit, predicate="intersects")):
            piece = _polygonal(shapely.intersection(self.polygons[zone], unit))
            if not piece.is_empty:
                shape = json.loads(shapely.to_geojson(shapely.transform(piece, _upward)))
                properties = {"zone": int(zone)}
                feature = {"type": "Feature", "properties": properties, "geometry": shape}
                features.append(feature)
        if not features:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing, nothing.astype(np.int32), nothing.astype(float)
        raster = NumPyRasterSource(
            np.zeros((height, width), dtype=np.uint8),
            xmin=left,
            ymin=-top - height,
            xmax=left + width,
            ymax=-top,
        )
        results = exact_extract(raster, features, ["cell_id", "coverage"], include_cols=["zone"])
        cells = [result["properties"] for result in results]
        cell = np.concatenate([properties["cell_id"] for properties in cells]).astype(np.int64)
        counts = [len(properties["cell_id"]) for properties in cells]
        zones = np.repeat([properties["zone"] for properties in cells], counts).astype(np.int32)
        share = np.concatenate([properties["coverage"] for properties in cells]).astype(float)
        total = np.bincount(cell, weights=share, minlength=height * width)
        share = share / np.maximum(total, 1.0)[cell]
        is_part = share > 0
        cell, zones, share = cell[is_part], zones[is_part], share[is_part]
        return cell // width + top, cell % width + left, zones, share


def _crossed_rows(
    edges: _Edges, crossing: np.ndarray, window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row and column of the window where edges are crossed, and what each adds there.

    The column is 0 where an edge lies left of the window, and its width where it lies right of it.
    """
    first = np.maximum(edges.first[crossing], window.row)
    counts = np.minimum(edges.last[crossing], window.row + window.height) - first
    rows = count_up(first, counts)
    edge = np.repeat(crossing, counts)
    x = edges.x[edge] + (rows + 0.5 - edges.y[edge]) * edges.slope[edge]
    columns = np.ceil(x - 0.5) - window.column
    columns = np.clip(columns, 0, window.width).astype(np.int64)
    return rows - window.row, columns, edges.step[edge]


def _sums_by_row(edges: _Edges, crossing: np.ndarray, window: Window) -> np.ndarray:
    """Return what edges add in each row of a window."""
    first = np.maximum(edges.first[crossing], window.row) - window.row
    last = np.minimum(edges.last[crossing], window.row + window.height) - window.row
    step = edges.step[crossing]
    changes = np.bincount(first, step, window.height + 1)
    changes -= np.bincount(last, step, window.height + 1)
    return np.cumsum(changes[:-1]).astype(np.int64)


def _first_zone(pixels: np.ndarray, position: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the first of the zones in which each of some pixels lies.

    ``position`` are the pixels at which edges are crossed, ascending, and ``step`` what the edges
    add there.
    """
    zone_of_edge = (np.abs(step) & (_ONE_ZONE - 1)).astype(np.int32) - 1
    zones = np.full(len(pixels), -1, dtype=np.int32)
    for zone in np.unique(zone_of_edge):
        is_edge = zone_of_edge == zone
        count = np.concatenate([[0], np.cumsum(np.sign(step[is_edge]))])
        is_open = zones < 0
        crossed = np.searchsorted(position[is_edge], pixels[is_open], side="right")
        zones[is_open] = np.where(count[crossed] > 0, zone, -1)
    return zones


def _upward(points: np.ndarray) -> np.ndarray:
    """Return points with rows that count upward, as exactextract has them."""
    return np.asarray(points * [1, -1])


def _polygonal(shape: Any) -> Any:
    """Return the polygons of a geometry as one geometry."""
    import shapely

    if shapely.get_type_id(shape) in (_POLYGON, _MULTIPOLYGON):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGON])


# --- zone rasters ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RasterZones:
    """Zones that are a raster of region codes.

    Attributes
    ----------
    codes : tuple of str
        Codes of the regions, ascending.
    raster : Raster
        Its grid must be that of the others.
    values : ndarray
        The value of each zone's pixels, in the order of ``codes``.
    outside : tuple of float
        Zeros: a raster tells of no zone beyond it.
    """

    codes: tuple[str, ...]
    raster: Raster
    values: np.ndarray
    outside: tuple[float, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without what is made from the values."""
        return RasterZones, (self.codes, self.raster, self.values, self.outside)

    def labels(self, window: Window) -> Labels:
        """Return the zones of the pixels of a window.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        Labels
            Positions in ``codes``, -1 where there is no code.
        """
        if not _is_whole(self.raster):
            return label_pixels(self._zones_of(self.raster.read_numbers(window)))
        labels = label_pixels(self.raster.read(window), self.raster.stored_nodata)
        # looked up for the numbers that occur, not for pixels
        return replace(labels, names=self._zones_of(labels.names))

    def _zones_of(self, numbers: np.ndarray) -> np.ndarray:
        """Return the zones of numbers, -1 where there is no code."""
        order = np.argsort(self.values)
        ascending = self.values[order]
        place = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
        return np.where(ascending[place] == numbers, order[place], -1)

    def fractions(self, window: Window) -> CellFractions:
        """Return the zone of each pixel that has one, with the share 1.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        CellFractions
        """
        zones = self.labels(window).named().ravel()
        pixel = np.flatnonzero(zones >= 0)
        return CellFractions(pixel, zones[pixel], np.ones(len(pixel)))


def _is_whole(raster: Raster) -> bool:
    """Return whether the numbers of a raster are whole because it stores them so."""
    is_scaled = raster.scale != 1.0 or raster.offset != 0.0
    return np.dtype(raster.dtype).kind in "iu" and not is_scaled


def _distinct(raster: Raster, window: Window) -> np.ndarray:
    """Return the numbers that pixels of a window have, ascending, as float64."""
    if not _is_whole(raster):
        numbers = raster.read_numbers(window)
        return np.unique(numbers[np.isfinite(numbers)]).astype(float)
    stored = raster.read(window)
    low = int(stored.min())
    if int(stored.max()) - low > _LARGEST_TABLE:
        codes = np.unique(stored).astype(float)
    else:
        codes = np.flatnonzero(np.bincount((stored.astype(np.int64) - low).ravel())) + float(low)
    return codes[codes != raster.nodata] if raster.nodata is not None else codes


def _load_raster(path: Path, problems: ProblemLog, where: Where) -> RasterZones | None:
    """Load a zone raster, of which every pixel is read once to know its codes."""
    raster = open_raster(path, problems, where)
    if raster is None:
        return None
    rows = max(raster.blocks[0], _UNIT)
    codes = np.zeros(0)
    for row in range(0, raster.grid.height, rows):
        window = Window(row, 0, min(rows, raster.grid.height - row), raster.grid.width)
        try:
            codes = np.union1d(codes, _distinct(raster, window))
        except ProblemsFound as error:
            problems.include(error.problems)
            return None
        broken = codes[(codes % 1 != 0) | (np.abs(codes) > _LARGEST_FLOAT_CODE)]
        if len(broken):
            values = {"file": raster.label, "value": float(broken[0])}
            problems.add("zone-code", where, "extent.zones-not-whole", **values)
            return None
        if len(codes) > _MOST_CODES:
            problems.add("zone-code", where, "extent.zones-too-many", file=raster.label)
            return None
    if not len(codes):
        problems.add("zone-code", where, "extent.zones-without-pixel", file=raster.label)
        return None
    names = [str(int(code)) for code in codes]
    order = np.argsort(np.array(names))
    ordered = tuple(names[position] for position in order)
    return RasterZones(ordered, raster, codes[order], (0.0,) * len(names))


# --- reading polygons -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Features:
    """The features of a file of polygons.

    Attributes
    ----------
    file : str
        Name of the file, for problems.
    codes : list of str
        Their region codes.
    shapes : ndarray of object
        Their polygons (shapely).
    crs : str
        Blank if the file has none.
    """

    file: str
    codes: list[str]
    shapes: np.ndarray
    crs: str

    def name(self, position: Any) -> str:
        """Return what a feature is called in a problem: its number, and its code."""
        return f"{position + 1} ({printable(self.codes[position])})"


def load_zones(
    path: Path,
    key: str,
    grid: Grid,
    problems: ProblemLog,
    where: Where,
    *,
    only: Collection[str] | None = None,
    expected: Collection[str] = (),
    min_cover: float = 0.98,
) -> Zones | None:
    """Load the zones of a grid.

    Parameters
    ----------
    path : Path
        Polygons (``.geojson``, ``.gpkg``, ``.shp``; ``file.gpkg#layer``), or a raster whose values
        are region codes.
    key : str
        Attribute of the polygons that holds the region code, read as text; features with one code
        are joined.
    grid : Grid
        The grid of the land cover. Polygons are brought to its CRS; a zone raster must be on it
        (``gep.extent.rasters.check_grids`` tells).
    problems : ProblemLog
        Receives ``missing-file``, ``file-format``, ``missing-key``, ``blank``, ``zone-code``,
        ``zone-crs``, ``zone-broken``, ``zone-overlap``, ``zone-outside``, ``raster-crs``, what
        ``open_raster`` adds, and the warnings ``zone-repaired``, ``zone-sliver`` and ``zone-cut``.
    where : str or Sayable
        Where the file is named, for problems.
    only : collection of str, optional
        The regions that are accounted for; polygons of others are left out. All by default.
    expected : collection of str, optional
        Those that should have a polygon: where one has none, the polygons that are left out are
        named, since the code of one of them may be wrong.
    min_cover : float, optional
        Least share of a zone that must be inside the raster.

    Returns
    -------
    Zones or None
        None if a problem was added that stops the account.
    """
    log = ProblemLog()
    file, _ = split_variable(path)
    zones: Zones | None = None
    if not file.exists():
        log.add("missing-file", where, "extent.raster-missing", file=file.as_posix())
    elif file.suffix.lower() in _RASTER_FORMATS:
        zones = _load_raster(path, log, where)
    elif file.suffix.lower() not in _POLYGON_FORMATS:
        formats = _POLYGON_FORMATS + _RASTER_FORMATS
        log.add(
            "file-format",
            where,
            "extent.zones-format",
            file=file.name,
            formats=formats,
        )
    elif check_measurable(grid, log, where):
        features = _read_features(path, key, log, where)
        if features is not None and only is not None:
            features = _chosen(features, only, expected, log, where)
        if features is not None:
            zones = _build_zones(
                features,
                grid,
                min_cover,
                log,
                where,
            )
    problems.include_log(log)
    return None if log.errors else zones


def _read_features(path: Path, key: str, problems: ProblemLog, where: Where) -> _Features | None:
    """Read the features of a file and check what can be checked without a grid."""
    file, layer = split_variable(path)
    values: dict[str, Any] = {"file": file.name}
    try:
        import pyogrio
        from pyogrio.errors import DataLayerError, DataSourceError
        from shapely.errors import GEOSException
    except ImportError as error:
        values["library"] = error.name or str(error)
        problems.add("file-format", where, "extent.raster-library", **values)
        return None
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(file)]
        if layer not in layers and (layer or len(layers) != 1):
            message = "extent.zones-layer"
            problems.add(
                "file-format",
                where,
                message,
                layers=_listed(layers),
                **values,
            )
            return None
        with warnings.catch_warnings():  # what GDAL says of a file, polygons show
            warnings.simplefilter("ignore")
            return _read_layer(
                file,
                layer or layers[0],
                key,
                problems,
                where,
            )
    except (DataSourceError, DataLayerError, GEOSException, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        problems.add(
            "file-format",
            where,
            "extent.zones-unreadable",
            reason=reason,
            **values,
        )
        return None


def _listed(words: Sequence[str]) -> Listed:
    """Return words of a file as a message lists them."""
    return Listed(tuple(printable(word) for word in words), _NAMED)


def _read_layer(
    file: Path, layer: str, key: str, problems: ProblemLog, where: Where
) -> _Features | None:
    """Read codes and shapes of a layer."""
    import pyogrio
    import shapely
    from pyogrio.raw import read

    try:
        meta, _, shapes, columns = read(file, layer=layer, columns=[key], force_2d=True)
    except UnicodeDecodeError:
        meta, _, shapes, columns = read(
            file, layer=layer, columns=[key], force_2d=True, encoding="GBK"
        )
    if not columns:
        fields = [str(name) for name in pyogrio.read_info(file, layer=layer)["fields"]]
        message = "extent.zones-without-key"
        attributes = _listed(fields)
        problems.add(
            "missing-key", where, message, file=file.name, attribute=key, attributes=attributes
        )
        return None
    (column,) = columns
    polygons = shapely.from_wkb(np.asarray(shapes, dtype=object), on_invalid="raise")
    codes = [_code(value) for value in column]
    features = _Features(file.name, codes, polygons, meta["crs"] or "")
    types = shapely.get_type_id(polygons)
    is_polygon = np.isin(types, (_POLYGON, _MULTIPOLYGON)) & ~shapely.is_empty(polygons)
    values = {"file": file.name, "total": len(codes)}
    if not is_polygon.any():
        names = sorted({shape.geom_type if shape is not None else "null" for shape in polygons})
        problems.add(
            "file-format",
            where,
            "extent.zones-no-polygon",
            shapes=tuple(names),
            **values,
        )
        return None
    _check_features(
        features, ~is_polygon, "file-format", "extent.zones-other-shapes", problems, where
    )
    is_blank = np.array([code == "" for code in codes])
    _check_features(
        features,
        is_blank,
        "blank",
        "extent.zones-blank-code",
        problems,
        where,
    )
    _check_spelling(codes, file.name, problems, where)
    if column.dtype.kind == "f":
        _check_number_codes(column, features, problems, where)
    return features


def _code(value: Any) -> str:
    """Return the code of a feature as text, blank if there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _check_features(
    features: _Features,
    is_faulty: np.ndarray,
    code: str,
    message: str,
    problems: ProblemLog,
    where: Where,
) -> None:
    """Add a problem with the names of the features that have it, if there are any."""
    faulty = np.flatnonzero(is_faulty)
    if len(faulty):
        named = Listed(tuple(features.name(position) for position in faulty), _NAMED)
        values = {"file": features.file, "count": len(faulty), "total": len(features.codes)}
        problems.add(
            code,
            where,
            message,
            features=named,
            **values,
        )


def _check_number_codes(
    column: np.ndarray, features: _Features, problems: ProblemLog, where: Where
) -> None:
    """Check that codes that were saved as numbers are whole and have all their digits."""
    numbers = np.nan_to_num(column.astype(float))
    is_broken = (numbers % 1 != 0) | (np.abs(numbers) > _LARGEST_FLOAT_CODE)
    _check_features(
        features,
        is_broken,
        "zone-code",
        "extent.zones-code-number",
        problems,
        where,
    )


def _check_spelling(codes: Sequence[str], file: str, problems: ProblemLog, where: Where) -> None:
    """Check that no code is written in two ways: ``036113`` and ``36113``, ``A1`` and ``a1``."""
    spellings: dict[str, dict[str, None]] = {}
    for code in filter(None, codes):
        plain = plain_spelling(code).lstrip("0") or "0"
        spellings.setdefault(plain, {})[code] = None
    for written in spellings.values():
        if len(written) > 1:
            named = _listed(list(written))
            problems.add(
                "zone-code",
                where,
                "extent.zones-spelling",
                file=file,
                codes=named,
            )


# --- bringing polygons to a grid ------------------------------------------------------------------


def _build_zones(
    features: _Features,
    grid: Grid,
    min_cover: float,
    problems: ProblemLog,
    where: Where,
) -> PolygonZones | None:
    """Build the zones of a grid from features; None with a problem."""
    import shapely

    if not features.crs:
        problems.add("zone-crs", where, "extent.zones-no-crs", file=features.file)
    if problems.errors:
        return None
    shapes = _repaired(features, problems, where)
    pixels = _on_grid(
        shapes,
        features,
        grid,
        problems,
        where,
    )
    if pixels is None or problems.errors:
        return None
    members: dict[str, list[int]] = {}
    for position, code in enumerate(features.codes):
        members.setdefault(code, []).append(position)
    codes = sorted(members)
    polygons = np.empty(len(codes), dtype=object)
    for zone, code in enumerate(codes):
        pieces = pixels[members[code]]
        polygons[zone] = pieces[0] if len(pieces) == 1 else _polygonal(shapely.union_all(pieces))
    outside = _check_inside(
        codes,
        polygons,
        grid,
        min_cover=min_cover,
        file=features.file,
        problems=problems,
        where=where,
    )
    zones = PolygonZones(tuple(codes), grid, polygons, tuple(outside))
    _check_overlaps(zones, features.file, problems, where)
    zones.prepare()
    return zones


def _chosen(
    features: _Features,
    only: Collection[str],
    expected: Collection[str],
    problems: ProblemLog,
    where: Where,
) -> _Features | None:
    """Return the polygons of regions; name the others where there are regions without a polygon."""
    codes = set(features.codes)
    wanted = [position for position, code in enumerate(features.codes) if code in only]
    if not wanted:
        values = {"file": features.file, "regions": _listed(sorted(only))}
        values["codes"] = _listed(sorted(codes))
        problems.add("unknown-region", where, "extent.zones-no-region", **values)
        return None
    lacking = sorted(set(expected) - codes)
    left_out = sorted(codes - set(only))
    if lacking and left_out:
        problems.add(
            "region-without-areas",
            where,
            "extent.zones-left-out",
            file=features.file,
            codes=_listed(left_out),
            regions=_listed(lacking),
        )
    chosen_codes = [features.codes[position] for position in wanted]
    return _Features(features.file, chosen_codes, features.shapes[wanted], features.crs)


def _repaired(features: _Features, problems: ProblemLog, where: Where) -> np.ndarray:
    """Return the polygons with rings that cross themselves repaired, or told as broken."""
    import shapely

    shapes = features.shapes.copy()
    is_repaired = np.zeros(len(shapes), dtype=bool)
    is_broken = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    for position in np.flatnonzero(~shapely.is_valid(shapes) & ~is_broken):
        repaired = _polygonal(shapely.make_valid(shapes[position]))
        area = shapely.area(shapes[position])
        change = abs(shapely.area(repaired) - area)
        is_broken[position] = not change <= _LIKE_AREA * area
        is_repaired[position] = not is_broken[position]
        shapes[position] = repaired
    _check_features(
        features,
        is_broken,
        "zone-broken",
        "extent.zones-broken",
        problems,
        where,
    )
    _check_features(
        features, is_repaired, "zone-repaired", "extent.zones-repaired", problems, where
    )
    return shapes


def _on_grid(
    shapes: np.ndarray, features: _Features, grid: Grid, problems: ProblemLog, where: Where
) -> np.ndarray | None:
    """Return polygons in columns and rows of a grid."""
    import shapely

    a, b, c, d, e, f = grid.transform
    crs = features.crs
    if not is_same_crs(crs, grid.crs):
        corners = shapely.get_coordinates(shapes)
        is_degrees = metres_of_unit(crs) > 1000  # of degrees, never of a map
        if is_degrees and (np.abs(corners) > _DEGREES).any():
            first = [
                float(number) for number in corners[(np.abs(corners) > _DEGREES).any(axis=1)][0]
            ]
            values = {"file": features.file, "x": first[0], "y": first[1], "crs": crs[:60]}
            problems.add("zone-crs", where, "extent.zones-not-degrees", **values)
            return None
        side = max(math.hypot(a, d), math.hypot(b, e)) * metres_of_unit(grid.crs)
        length = math.sqrt(8 * _EARTH * _BEND * side)
        shapes = shapely.segmentize(shapes, length / metres_of_unit(crs))
        shapes = shapely.transform(shapes, lambda xy: transform_points(xy, crs, grid.crs))
        is_lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
        _check_features(
            features,
            is_lost,
            "zone-crs",
            "extent.zones-lost",
            problems,
            where,
        )
    determinant = a * e - b * d

    def to_pixels(points: np.ndarray) -> np.ndarray:
        x = points[:, 0] - c
        y = points[:, 1] - f
        return np.column_stack([(e * x - b * y) / determinant, (a * y - d * x) / determinant])

    return np.asarray(shapely.transform(shapes, to_pixels))


def _check_inside(
    codes: Sequence[str],
    polygons: np.ndarray,
    grid: Grid,
    *,
    min_cover: float,
    file: str,
    problems: ProblemLog,
    where: Where,
) -> np.ndarray:
    """Return the share of each zone outside of the grid, and add problems for those that are."""
    import shapely

    frame = shapely.box(0, 0, grid.width, grid.height)
    outside = np.zeros(len(codes))
    west, north, east, south = shapely.bounds(polygons).T
    is_inside = (west >= 0) & (north >= 0) & (east <= grid.width) & (south <= grid.height)
    beyond = np.flatnonzero(~is_inside)
    inside = shapely.area(shapely.intersection(polygons[beyond], frame))
    outside[beyond] = np.clip(1 - inside / shapely.area(polygons[beyond]), 0, 1)
    values: dict[str, Any] = {"file": file, "total": len(codes)}
    without = [printable(code) for code, share in zip(codes, outside, strict=True) if share == 1]
    if len(without) == len(codes):
        west, north, east, south = shapely.total_bounds(polygons)
        values |= {"columns": (round(west), round(east)), "rows": (round(north), round(south))}
        values |= {"width": grid.width, "height": grid.height}
        problems.add("zone-outside", where, "extent.zones-all-outside", **values)
        return outside
    if without:
        values |= {"count": len(without), "codes": _listed(without)}
        problems.add("zone-outside", where, "extent.zones-outside", **values)
    for code, share in zip(codes, outside, strict=True):
        if _CUT < share < 1:
            is_far = share > 1 - min_cover
            problem = "zone-outside" if is_far else "zone-cut"
            message = "extent.zones-part-outside" if is_far else "extent.zones-cut"
            problems.add(
                problem, where, message, zone=printable(code), share=float(share), file=file
            )
    return outside


def _check_overlaps(zones: PolygonZones, file: str, problems: ProblemLog, where: Where) -> None:
    """Check that zones do not overlap: refused, told as slivers, or too small to be told."""
    import shapely

    left, right = _touching_pairs(zones.polygons)
    if not len(left):
        return
    common = shapely.intersection(zones.polygons[left], zones.polygons[right])
    sizes = shapely.area(common)
    areas = shapely.area(zones.polygons)
    shares = sizes / np.minimum(areas[left], areas[right])
    for pair in np.flatnonzero(shares > _SLIVER):
        point = shapely.point_on_surface(common[pair])
        is_wide = bool(shares[pair] > _OVERLAP)
        values: Mapping[str, Any] = {
            "file": file,
            "first": printable(zones.codes[left[pair]]),
            "second": printable(zones.codes[right[pair]]),
            "area": float(sizes[pair]) * _pixel_area(zones.grid, point.x, point.y) / 1e6,
            "share": float(shares[pair]),
        }
        code = "zone-overlap" if is_wide else "zone-sliver"
        message = "extent.zones-overlap" if is_wide else "extent.zones-sliver"
        problems.add(code, where, message, **values)


def _touching_pairs(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of polygons that may overlap, without those that only share edges."""
    import shapely

    suspects = np.arange(len(polygons))
    if hasattr(shapely, "coverage_invalid_edges"):  # shapely 2.1
        faults = shapely.coverage_invalid_edges(polygons)
        suspects = np.flatnonzero(~shapely.is_empty(faults))
    if not len(suspects):
        return suspects, suspects
    first, second = shapely.STRtree(polygons).query(polygons[suspects])
    pairs = np.sort(np.column_stack([suspects[first], second]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
    return pairs[:, 0], pairs[:, 1]


def _pixel_area(grid: Grid, x: float, y: float) -> float:
    """Return the area (m2) of the pixel of a grid that is next to a place."""
    row = min(max(int(y), 0), grid.height - 1)
    column = min(max(int(x), 0), grid.width - 1)
    return float(cell_areas(grid, Window(row, column, 1, 1))[0, 0])
