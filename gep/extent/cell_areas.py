"""Areas of the cells of a grid on the ellipsoid (像元面积), whatever the grid's CRS does to areas.

A grid in degrees has the exact area between two parallels and two meridians in each row. A grid in
a projection that keeps areas has the area of a pixel on the map. In every other projection the area
on the map is multiplied by the area on the ellipsoid of a unit of the map, averaged over the pixel.

Everything is computed in fixed tiles of the grid, so that a pixel has the same bits in every
window. What lies in the cells is left to ``gep.extent.rasters`` and ``gep.extent.zones``.
"""

import math
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

from gep.errors import ProblemLog, Where
from gep.extent.rasters import Grid, Window

_TILE = 512  # pixels down and across that are computed together
_SMALLEST_TILE = 8  # pixels; where this is too large for a polynomial every pixel is computed
_STRIP = 64  # rows that are weighted together
_SHORT_SPAN = 64e3  # m that a cubic follows within 1e-10
_LONG_SPAN = 512e3  # m that a polynomial of degree 7 follows within 1e-10
_SHORT_NODES = 4
_LONG_NODES = 8
_STEP = 1000.0  # m on the map between the places of a derivative
_DEGREE = 111_320.0  # m of a degree of the equator: only to choose tiles
_GAUSS = 0.5 / math.sqrt(3)  # of a pixel from its centre: two places a side average a cubic exactly
# Places of a derivative, in steps, and their weights: the error falls with the fourth power.
_STENCIL = ((-2.0, 1 / 12), (-1.0, -8 / 12), (1.0, 8 / 12), (2.0, -1 / 12))

# Names of methods by EPSG and PROJ. The first keep areas on the ellipsoid, the second on a sphere.
_EQUAL_AREA = {
    "Albers Equal Area",
    "Bonne",
    "Equal Earth",
    "Lambert Azimuthal Equal Area",
    "Lambert Cylindrical Equal Area",
    "Sinusoidal",
}
_SPHERICAL_EQUAL_AREA = {
    "Eckert II",
    "Eckert IV",
    "Eckert VI",
    "Goode Homolosine",
    "Interrupted Goode Homolosine",
    "Interrupted Goode Homolosine Ocean",
    "Lambert Azimuthal Equal Area (Spherical)",
    "Lambert Cylindrical Equal Area (Spherical)",
    "Mollweide",
}
# The areal scale of these depends on the latitude, and the latitude on the row.
_CYLINDRICAL = {
    "Equidistant Cylindrical",
    "Equidistant Cylindrical (Spherical)",
    "Mercator (Spherical)",
    "Mercator (variant A)",
    "Mercator (variant B)",
    "Miller Cylindrical",
    "Popular Visualisation Pseudo Mercator",
}


@dataclass(frozen=True)
class _Surface:
    """What a CRS says of the ellipsoid, and of areas on the map.

    Attributes
    ----------
    axis : float
        Semi-major axis of the ellipsoid (m).
    flat : float
        Square of the eccentricity.
    unit : float
        Metres of a unit of the CRS; radians where it is geographic.
    is_geographic : bool
    method : str
        Name of the projection, blank where it is geographic.
    to_degrees : Any
        Transformer from the CRS to longitude and latitude; None where it is geographic.
    angle : float
        Radians of a unit of longitude and latitude.
    """

    axis: float
    flat: float
    unit: float
    is_geographic: bool
    method: str
    to_degrees: Any
    angle: float

    @property
    def keeps_areas(self) -> bool:
        """Whether the area of a pixel on the map is its area on the ellipsoid."""
        return self.method in _EQUAL_AREA or (self.flat == 0 and self._keeps_areas_on_sphere)

    @property
    def _keeps_areas_on_sphere(self) -> bool:
        return self.method in _SPHERICAL_EQUAL_AREA

    @cached_property
    def authalic(self) -> float:
        """Twice the area between equator and pole by radian and squared axis (Snyder's q_p)."""
        one = np.ones(1)
        return float(_authalic_difference(self.flat, -one, one, 2 * one)[0]) / 2

    def density(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the area on the ellipsoid of a unit of area on the map at places.

        Parameters
        ----------
        x, y : ndarray
            Places in units of the CRS.

        Returns
        -------
        ndarray
            m2 for each squared unit of the CRS; not finite where the map shows no place.
        """
        if self._keeps_areas_on_sphere:
            sine = np.sin(self._radians(x, y)[1])
            scale = (1 - self.flat) / (1 - self.flat * sine**2) ** 2
            return np.asarray(scale * self.unit**2)
        step = _STEP / (self.axis if self.is_geographic else 1.0) / self.unit
        across = np.stack([x + place * step for place, _ in _STENCIL])
        down = np.stack([y + place * step for place, _ in _STENCIL])
        same_x = np.broadcast_to(x, across.shape)
        same_y = np.broadcast_to(y, down.shape)
        points = self._on_sphere(np.stack([across, same_x]), np.stack([same_y, down]))
        slopes = np.zeros((3, 2, *x.shape))
        for place, (_, weight) in enumerate(_STENCIL):
            slopes += weight * points[:, :, place]
        normal = np.cross(slopes[:, 0], slopes[:, 1], axis=0)
        length = np.sqrt((normal * normal).sum(axis=0))
        return np.asarray(length * self.axis**2 * self.authalic / 2 / step**2)

    def _radians(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude of places."""
        if self.to_degrees is None:
            return x * self.unit, y * self.unit
        longitude, latitude = self.to_degrees.transform(x.ravel(), y.ravel(), errcheck=False)
        shape = x.shape
        return longitude.reshape(shape) * self.angle, latitude.reshape(shape) * self.angle

    def _on_sphere(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return places as vectors of the unit sphere onto which areas are kept (authalic)."""
        longitude, latitude = self._radians(x, y)
        with np.errstate(invalid="ignore"):
            to_north = 2 * np.sin((math.pi / 2 - latitude) / 2) ** 2
            to_south = 2 * np.sin((math.pi / 2 + latitude) / 2) ** 2
            sine = (to_south - to_north) / 2
            one = np.ones_like(sine)
            north = _authalic_difference(self.flat, sine, one, to_north) / self.authalic
            south = _authalic_difference(self.flat, -one, sine, to_south) / self.authalic
            cosine = np.sqrt(north * south)
            height = (south - north) / 2
            return np.stack([cosine * np.cos(longitude), cosine * np.sin(longitude), height])


def _authalic_difference(
    flat: float, south: np.ndarray, north: np.ndarray, rise: np.ndarray
) -> np.ndarray:
    """Return the difference of Snyder's q (1987, equation 3-12) between two sines of latitude.

    ``rise`` is ``north - south`` without the rounding of that difference: no digits cancel.
    """
    product = south * north
    chord = rise * (1 + flat * product) / ((1 - flat * south**2) * (1 - flat * north**2))
    if flat == 0:
        return np.asarray(chord + rise)
    eccentricity = math.sqrt(flat)
    arc = np.arctanh(eccentricity * rise / (1 - flat * product)) / eccentricity
    return np.asarray((1 - flat) * (chord + arc))


@lru_cache(maxsize=64)
def _surface(crs: str) -> _Surface | None:
    """Return what a CRS says of areas; None if it is not one of places on the earth."""
    from pyproj import Transformer

    known = _horizontal(crs)
    if known is None or known.ellipsoid is None or not (known.is_geographic or known.is_projected):
        return None
    axis = known.ellipsoid.semi_major_metre
    inverse_flattening = known.ellipsoid.inverse_flattening
    flattening = 1 / inverse_flattening if inverse_flattening else 0.0
    geodetic = known.geodetic_crs
    unit = known.axis_info[0].unit_conversion_factor
    is_geographic = bool(known.is_geographic)
    return _Surface(
        axis=axis,
        flat=flattening * (2 - flattening),
        unit=unit,
        is_geographic=is_geographic,
        method="" if is_geographic else known.coordinate_operation.method_name,
        to_degrees=None if is_geographic else Transformer.from_crs(known, geodetic, always_xy=True),
        angle=geodetic.axis_info[0].unit_conversion_factor,
    )


@lru_cache(maxsize=64)
def _horizontal(crs: str) -> Any:
    """Return a CRS without its heights and without a bound datum; None if there is none."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        known: Any = CRS.from_user_input(crs)
    except CRSError:
        return None
    while known.is_bound or known.is_compound:
        known = known.source_crs if known.is_bound else known.sub_crs_list[0]
    return known.to_2d()


def check_measurable(grid: Grid, problems: ProblemLog, where: Where) -> bool:
    """Check that the cells of a grid have areas, because its CRS is one of places on the earth.

    Parameters
    ----------
    grid : Grid
    problems : ProblemLog
        Receives ``raster-crs``.
    where : str or Sayable
        Where the raster is named, for problems.

    Returns
    -------
    bool
    """
    if _surface(grid.crs) is not None:
        return True
    problems.add("raster-crs", where, "extent.raster-crs-not-of-earth", crs=grid.crs[:60])
    return False


def transform_points(points: np.ndarray, crs: str, target: str) -> np.ndarray:
    """Transform points from one CRS to another.

    Parameters
    ----------
    points : ndarray
        Points x (x, y); longitude first.
    crs, target : str
        As WKT, or as pyproj reads it.

    Returns
    -------
    ndarray
        Points x (x, y); not finite where the target shows no such place.
    """
    from pyproj import Transformer

    transformer = Transformer.from_crs(_horizontal(crs), _horizontal(target), always_xy=True)
    x, y = transformer.transform(points[:, 0], points[:, 1], errcheck=False)
    return np.column_stack([x, y])


def is_same_crs(crs: str, other: str) -> bool:
    """Return whether two CRS put the same numbers at the same places.

    Parameters
    ----------
    crs, other : str
        As WKT, or as pyproj reads it.

    Returns
    -------
    bool
    """
    return bool(_horizontal(crs).equals(_horizontal(other), ignore_axis_order=True))


def metres_of_unit(crs: str) -> float:
    """Return about how many metres a unit of a CRS has: at the equator, where it is in degrees.

    Parameters
    ----------
    crs : str
        As WKT, or as pyproj reads it.

    Returns
    -------
    float
    """
    known = _horizontal(crs)
    unit = float(known.axis_info[0].unit_conversion_factor)
    return unit * math.degrees(_DEGREE) if known.is_geographic else unit


def cell_areas(grid: Grid, window: Window) -> np.ndarray:
    """Return the areas of the cells of a window.

    Parameters
    ----------
    grid : Grid
    window : Window
        Inside the grid.

    Returns
    -------
    ndarray
        m2, float64: height x 1 where areas do not depend on the column, else height x width. Cells
        for which the projection shows no place on the earth have the area 0.

    Raises
    ------
    ValueError
        If the CRS is not one of places on the earth (see ``check_measurable``).

    Notes
    -----
    Area of a cell between two parallels: Snyder, Map Projections (USGS Professional Paper 1395,
    1987), equations 3-11 to 3-14, with differences taken so that no digits cancel. Relative error
    below 1e-9 for pixels up to 100 km, held against geodesics in the tests.
    """
    surface = _surface(grid.crs)
    if surface is None:
        raise ValueError("the CRS of the grid is not one of places on the earth")
    a, b, _, d, e, _ = grid.transform
    is_straight = b == 0 and d == 0
    if surface.is_geographic and is_straight:
        return _by_row(grid, window, _TILE, surface)
    if surface.keeps_areas:
        return np.full((window.height, 1), abs(a * e - b * d) * surface.unit**2)
    if is_straight and surface.method in _CYLINDRICAL:
        return _by_row(grid, window, _tile_size(grid, surface), surface)
    return _by_pixel(grid, window, _tile_size(grid, surface), surface)


def _span(grid: Grid, surface: _Surface) -> float:
    """Return the longer side of a pixel in metres on the map."""
    a, b, _, d, e, _ = grid.transform
    unit = surface.unit * (surface.axis if surface.is_geographic else 1.0)
    return max(math.hypot(a, d), math.hypot(b, e)) * unit


def _tile_size(grid: Grid, surface: _Surface) -> int:
    """Return how many pixels down and across are computed together."""
    size = _TILE
    span = _span(grid, surface)
    while size > _SMALLEST_TILE and size * span > _LONG_SPAN:
        size //= 2
    return size


def _by_row(grid: Grid, window: Window, size: int, surface: _Surface) -> np.ndarray:
    """Return the areas of a window whose columns are alike: height x 1."""
    areas = np.empty((window.height, 1))
    for row in _tile_starts(window.row, window.height, size):
        if surface.is_geographic:
            tile = _parallel_areas(grid, row)
        else:
            tile = _areas_of_rows(grid, row, size)
        first = max(row, window.row)
        last = min(row + size, window.row + window.height)
        areas[first - window.row : last - window.row] = tile[first - row : last - row]
    return areas


def _by_pixel(grid: Grid, window: Window, size: int, surface: _Surface) -> np.ndarray:
    """Return the areas of a window tile by tile: height x width."""
    areas = np.empty((window.height, window.width))
    for row in _tile_starts(window.row, window.height, size):
        top = max(row, window.row)
        bottom = min(row + size, window.row + window.height)
        for column in _tile_starts(window.column, window.width, size):
            left = max(column, window.column)
            right = min(column + size, window.column + window.width)
            tile = _tile_areas(grid, surface, _Tile(row, column, size))
            rows = slice(top - window.row, bottom - window.row)
            columns = slice(left - window.column, right - window.column)
            areas[rows, columns] = tile[top - row : bottom - row, left - column : right - column]
    return areas


def _tile_starts(first: int, count: int, size: int) -> range:
    """Return the first rows or columns of the tiles that overlap a stretch of them."""
    return range(first // size * size, first + count, size)


@lru_cache(maxsize=256)
def _parallel_areas(grid: Grid, row: int) -> np.ndarray:
    """Return the areas of the cells of the rows of a tile between parallels and meridians."""
    surface = _surface(grid.crs)
    assert surface is not None  # cell_areas has asked
    width, _, _, _, step, top = grid.transform
    edges = (top + step * np.arange(row, row + _TILE + 1)) * surface.unit
    edges = np.clip(edges, -math.pi / 2, math.pi / 2)
    south = np.minimum(edges[:-1], edges[1:])
    north = np.maximum(edges[:-1], edges[1:])
    rise = 2 * np.cos((south + north) / 2) * np.sin((north - south) / 2)
    zone = _authalic_difference(surface.flat, np.sin(south), np.sin(north), rise)
    areas = zone * (abs(width) * surface.unit * surface.axis**2 / 2)
    areas.flags.writeable = False
    return areas.reshape(-1, 1)


@lru_cache(maxsize=256)
def _areas_of_rows(grid: Grid, row: int, size: int) -> np.ndarray:
    """Return the areas of the cells of the rows of a tile, at the middle of the grid."""
    surface = _surface(grid.crs)
    assert surface is not None  # cell_areas has asked
    areas = _tile_areas(grid, surface, _Tile(row, grid.width // 2, size, columns=1))
    areas.flags.writeable = False
    return areas


@dataclass(frozen=True)
class _Tile:
    """A piece of a grid that is computed together, where need be beyond the grid's edges."""

    row: int
    column: int
    size: int
    columns: int = 0

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.columns or self.size

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.size, self.width

    def quarters(self) -> list["_Tile"]:
        """Return the tile in four, or in two where it has one column."""
        half = self.size // 2
        columns = [self.column] if self.columns else [self.column, self.column + half]
        upper = [_Tile(self.row, column, half, self.columns) for column in columns]
        lower = [_Tile(self.row + half, column, half, self.columns) for column in columns]
        return upper + lower


def _tile_areas(grid: Grid, surface: _Surface, tile: _Tile) -> np.ndarray:
    """Return the areas of the cells of a tile.

    A polynomial through places of the tile gives them. Where one of the places is not on the earth
    the tile is divided, and at last every cell is computed by itself.
    """
    reach = tile.size * _span(grid, surface)
    if reach <= _LONG_SPAN:
        nodes = _SHORT_NODES if reach <= _SHORT_SPAN else _LONG_NODES
        values = _node_areas(grid, tile, nodes)
        if np.isfinite(values).all():
            rows = _weights(tile.size, nodes)
            columns = np.ones((1, 1)) if tile.columns else rows
            return _weighted(rows, values, columns)
    if tile.size > _SMALLEST_TILE:
        areas = np.empty(tile.shape)
        for part in tile.quarters():
            rows_of_part = slice(part.row - tile.row, part.row - tile.row + part.size)
            columns_of_part = slice(
                part.column - tile.column, part.column - tile.column + part.width
            )
            areas[rows_of_part, columns_of_part] = _tile_areas(grid, surface, part)
        return areas
    return _single_areas(grid, surface, tile)


@lru_cache(maxsize=4096)
def _node_areas(grid: Grid, tile: _Tile, nodes: int) -> np.ndarray:
    """Return the areas of pixels at the places of a tile through which the polynomial runs."""
    surface = _surface(grid.crs)
    assert surface is not None  # cell_areas has asked
    down = _places(tile.size, nodes)
    across = np.array([0.5]) if tile.columns else down
    values = _density_at(grid, surface, tile.row + down, tile.column + across) * _face(grid)
    values.flags.writeable = False
    return values


def _single_areas(grid: Grid, surface: _Surface, tile: _Tile) -> np.ndarray:
    """Return the areas of the cells of a tile, each by four places of its own."""
    total = np.zeros(tile.shape)
    rows = tile.row + np.arange(tile.size) + 0.5
    columns = tile.column + np.arange(tile.width) + 0.5
    for down in (-_GAUSS, _GAUSS):
        for across in (-_GAUSS, _GAUSS):
            total += _density_at(grid, surface, rows + down, columns + across)
    areas = total / 4 * _face(grid)
    areas[~np.isfinite(areas)] = 0.0
    return areas


def _face(grid: Grid) -> float:
    """Return the area of a pixel on the map in squared units of the CRS."""
    a, b, _, d, e, _ = grid.transform
    return abs(a * e - b * d)


def _density_at(grid: Grid, surface: _Surface, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the density of areas at rows x columns, counted from the grid's upper left corner."""
    a, b, c, d, e, f = grid.transform
    down, across = np.meshgrid(rows, columns, indexing="ij")
    return surface.density(a * across + b * down + c, d * across + e * down + f)


@cache
def _places(size: int, nodes: int) -> np.ndarray:
    """Return the places of a tile through which the polynomial runs (Chebyshev's)."""
    angles = math.pi * (np.arange(nodes) + 0.5) / nodes
    return np.asarray(size * (1 - np.cos(angles)) / 2)


@cache
def _weights(size: int, nodes: int) -> np.ndarray:
    """Return what each place adds to the average over each pixel: size x nodes."""
    places = _places(size, nodes)
    centres = np.arange(size) + 0.5
    weights = np.zeros((size, nodes))
    for shift in (-_GAUSS, _GAUSS):
        for node in range(nodes):
            others = np.delete(places, node)
            terms = (centres[:, np.newaxis] + shift - others) / (places[node] - others)
            weights[:, node] += terms.prod(axis=1) / 2
    return weights


def _weighted(rows: np.ndarray, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``rows @ values @ columns.T``, added in one order whatever library multiplies."""
    along = np.zeros((len(rows), values.shape[1]))
    for node in range(values.shape[0]):
        along += rows[:, node : node + 1] * values[node]
    across = np.ascontiguousarray(columns.T)
    total = np.empty((len(rows), len(columns)))
    term = np.empty((min(_STRIP, len(rows)), len(columns)))
    for top in range(0, len(rows), _STRIP):  # so many rows stay in the processor's cache
        strip = total[top : top + _STRIP]
        factors = along[top : top + _STRIP]
        product = term[: len(strip)]
        np.multiply(factors[:, :1], across[0], out=strip)
        for node in range(1, values.shape[1]):
            np.multiply(factors[:, node : node + 1], across[node], out=product)
            strip += product
    return total


def cell_sizes(grid: Grid, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return how wide and how high pixels are.

    Parameters
    ----------
    grid : Grid
    window : Window
        Inside the grid.

    Returns
    -------
    width, height : ndarray
        (rows, 1), m; (rows, columns) where sizes depend on the column. Of a grid in degrees along
        the parallel and the meridian through the middle of a row. Of a projected one on the map,
        times the root of how much larger the cell is on the ellipsoid: what it is on the ground
        where the projection keeps angles, on the map where it keeps areas. NaN for cells for which
        the projection shows no place on the earth.

    Raises
    ------
    ValueError
        For a CRS not of the earth (see ``check_measurable``).
    """
    surface = _surface(grid.crs)
    if surface is None:
        raise ValueError(f"no places on the earth: {grid.crs}")
    if not surface.is_geographic:
        areas = cell_areas(grid, window)
        areas = np.where(areas > 0, areas, np.nan)
        stretch = np.sqrt(areas / (_face(grid) * surface.unit**2))
        width = grid.pixel_width * surface.unit
        return width * stretch, grid.pixel_height * surface.unit * stretch
    rows = window.row + np.arange(window.height)[:, None]
    latitude = (grid.transform[5] - (rows + 0.5) * grid.pixel_height) * surface.unit
    bulge = 1 - surface.flat * np.sin(latitude) ** 2
    across = surface.axis / np.sqrt(bulge) * np.cos(latitude)  # radius of the parallel
    along = surface.axis * (1 - surface.flat) / bulge**1.5  # of curvature along the meridian
    return across * grid.pixel_width * surface.unit, along * grid.pixel_height * surface.unit
