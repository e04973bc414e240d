"""A province that is not there: values of every pixel from its row and column alone, with numpy.

A value is a function of seed, size and the absolute position of its pixel. Any window can be made
alone, in any order, and has the same bits as the same pixels of the whole raster. Only additions,
subtractions, multiplications, divisions and square roots of single numbers are used, which every
machine rounds alike; no sine, no power and no matrix product, which machines round differently.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Codes = NDArray[np.uint8]
NODATA_CLASS = 0
NODATA = -9999.0
COARSE = 8  # pixels between the nodes on which broad shapes are made
WIDE = (4096, 2048, 1024, 512, 256)
BROAD = (512, 256, 128, 64, 32, 16)
CHANGE = 0.035  # how far the limit of a class moves from a year to the next that is accounted

BROADLEAF, CONIFER, MIXED, SHRUB, TUSSOCK, MARSH = 1, 2, 3, 4, 5, 6
LAKE, RIVER, PADDY, DRY_FIELD, ORCHARD, TOWN = 7, 8, 9, 10, 11, 12


class LandClass(NamedTuple):
    """A class of land cover: what the account calls it, and what grows there."""

    ecosystem: str  # of the classes of HJ 1166-2021
    ndvi: float
    thirst: float  # weight of plant water in evaporation


CLASSES = {
    BROADLEAF: LandClass("evergreen_broadleaf_forest", 0.82, 1.9),
    CONIFER: LandClass("evergreen_coniferous_forest", 0.78, 1.7),
    MIXED: LandClass("mixed_forest", 0.80, 1.8),
    SHRUB: LandClass("broadleaf_shrub", 0.68, 1.0),
    TUSSOCK: LandClass("tussock", 0.55, 0.6),
    MARSH: LandClass("marsh", 0.50, 2.5),
    LAKE: LandClass("lake", 0.08, 6.0),
    RIVER: LandClass("river", 0.10, 6.0),
    PADDY: LandClass("paddy", 0.58, 1.2),
    DRY_FIELD: LandClass("dry_field", 0.52, 0.6),
    ORCHARD: LandClass("fruit_orchard", 0.62, 0.9),
    TOWN: LandClass("settlement", 0.20, 0.2),
}


class Layer(NamedTuple):
    """A raster: unit, step to which its numbers are rounded, and whether it changes by year."""

    unit: str
    step: float  # a power of two, so that rounding is exact and files are small
    yearly: bool


LAYERS = {
    "rainfall": Layer("mm", 0.5, True),
    "reference_evaporation": Layer("mm", 0.5, True),
    "evapotranspiration": Layer("mm", 0.5, True),
    "rainfall_erosivity": Layer("MJ mm ha-1 h-1 a-1", 1.0, True),
    "ndvi": Layer("1", 2.0**-9, True),
    "vegetation_cover": Layer("%", 0.25, True),
    "npp": Layer("g m-2 a-1", 1.0, True),
    "dem": Layer("m", 0.125, False),
    "slope": Layer("degree", 2.0**-6, False),
    "soil_sand": Layer("%", 0.125, False),
    "soil_silt": Layer("%", 0.125, False),
    "soil_clay": Layer("%", 0.125, False),
    "soil_organic_carbon": Layer("%", 2.0**-7, False),
    "soil_depth": Layer("mm", 4.0, False),
    "available_water": Layer("1", 2.0**-10, False),
}


# --------------------------------------------------------------------------------- noise


class Window(NamedTuple):
    """A rectangle of pixels: row and column of its first one, height and width."""

    row: int
    column: int
    height: int
    width: int


def _mix(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    bits = bits ^ (bits >> np.uint32(16))
    bits = bits * np.uint32(0x7FEB352D)
    bits = bits ^ (bits >> np.uint32(15))
    bits = bits * np.uint32(0x846CA68B)
    return bits ^ (bits >> np.uint32(16))


def hashed(rows: NDArray[np.int64], columns: NDArray[np.int64], key: int) -> Numbers:
    """Return a number from -1 to below 1 for each pair of a row and a column.

    Parameters
    ----------
    rows, columns : ndarray of int64
        Positions on a lattice, which broadcast.
    key : int
        What tells one lattice from another: made of seed, field and octave.

    Returns
    -------
    ndarray of float32
    """
    down = (rows & 0xFFFFFFFF).astype(np.uint32) * np.uint32(0x9E3779B1)
    across = (columns & 0xFFFFFFFF).astype(np.uint32) * np.uint32(0x85EBCA77)
    start = _mix(np.array([key & 0xFFFFFFFF], dtype=np.uint32))
    bits = _mix(_mix(down ^ start) ^ across)
    return (bits >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)


def _steps(start: int, count: int, spacing: int) -> tuple[NDArray[np.int64], Numbers]:
    """Return the lattice line before each pixel, and the pixel's share of the way to the next."""
    position = np.arange(start, start + count, dtype=np.int64)
    line = position // spacing
    share = (position - line * spacing).astype(np.float32) / np.float32(spacing)
    return line, share


def _between(
    nodes: Numbers, rows: Numbers, columns: Numbers, lines: Sequence[NDArray[np.int64]]
) -> Numbers:
    """Interpolate nodes along their columns, then along their rows."""
    down, across = lines
    left = nodes[:, across]
    left = left + (nodes[:, across + 1] - left) * columns
    rise = left[1:] - left[:-1]
    result = rise[down]
    result *= rows[:, None]
    result += left[down]
    return result


def _ease(share: Numbers) -> Numbers:
    return share * share * (np.float32(3) - np.float32(2) * share)


def octave(window: Window, spacing: int, key: int) -> Numbers:
    """Return value noise: hashed numbers every ``spacing`` pixels, and smooth passages between."""
    down, row_share = _steps(window.row, window.height, spacing)
    across, column_share = _steps(window.column, window.width, spacing)
    rows = np.arange(down[0], down[-1] + 2)[:, None]
    columns = np.arange(across[0], across[-1] + 2)[None, :]
    lines = (down - down[0], across - across[0])
    nodes = hashed(rows, columns, key)
    return _between(nodes, _ease(row_share), _ease(column_share), lines)


def fractal(window: Window, spacings: Sequence[int], key: int, fall: float) -> Numbers:
    """Return octaves of noise added up, the broad ones with most weight, about -1 to 1.

    Parameters
    ----------
    window : Window
    spacings : sequence of int
        Powers of two, from broad to fine. Those of 16 pixels and more are made on nodes of 8
        pixels, which is quick.
    key : int
    fall : float
        Weight of an octave as a share of that before.
    """
    weights = [fall**place for place in range(len(spacings))]
    scale = 1.6 / sum(weights)
    broad = []
    fine = []
    for place, spacing in enumerate(spacings):
        term = (spacing, key * 64 + place, np.float32(scale * weights[place]))
        if spacing >= 2 * COARSE:
            broad.append(term)
        else:
            fine.append(term)
    result = _coarse(window, broad)
    for spacing, name, weight in fine:
        result += octave(window, spacing, name) * weight
    return result


def _coarse(window: Window, terms: Sequence[tuple[int, int, np.float32]]) -> Numbers:
    """Add up octaves on nodes and interpolate between the nodes in straight lines."""
    down, row_share = _steps(window.row, window.height, COARSE)
    across, column_share = _steps(window.column, window.width, COARSE)
    first, left = int(down[0]), int(across[0])
    nodes = Window(first, left, int(down[-1]) - first + 2, int(across[-1]) - left + 2)
    total = np.zeros((nodes.height, nodes.width), dtype=np.float32)
    for spacing, key, weight in terms:
        total += octave(nodes, spacing // COARSE, key) * weight
    return _between(total, row_share, column_share, (down - first, across - left))


def _clip(numbers: Numbers, low: float, high: float) -> Numbers:
    return np.clip(numbers, np.float32(low), np.float32(high))


def rounded(numbers: Numbers, step: float) -> Numbers:
    """Return numbers rounded to multiples of a power of two."""
    return np.rint(numbers * np.float32(1 / step)) * np.float32(step)


def degrees(gradient: Numbers) -> Numbers:
    """Return the angle of a gradient in degrees, right to 0.001 degree.

    The polynomial of Abramowitz and Stegun (4.4.47) stands for the arc tangent, which numpy does
    not round alike on every machine.
    """
    steep = gradient > 1
    part = np.where(steep, 1 / np.maximum(gradient, np.float32(1)), gradient)
    square = part * part
    angle = np.float32(0.0208351)
    for coefficient in (-0.0851330, 0.1801410, -0.3302995, 0.9998660):
        angle = angle * square + np.float32(coefficient)
    angle = angle * part * np.float32(57.2957795)
    return np.where(steep, np.float32(90) - angle, angle)


# ------------------------------------------------------------------------------ province


@dataclass(frozen=True)
class Province:
    """What is made up, and how large.

    Parameters
    ----------
    height, width : int
        Pixels.
    seed : int
    years : tuple of int
        In each of them land cover and weather are others.
    cell : float
        Side of a pixel in metres, for slopes.
    """

    height: int
    width: int
    seed: int = 1
    years: tuple[int, ...] = (2015, 2020)
    cell: float = 30.0

    def land(self, window: Window) -> "Land":
        """Return the land within a window."""
        return Land(self, window)

    def land_cover(self, window: Window, year: int) -> Codes:
        """Return codes of land cover; 0 outside of what was mapped."""
        return self.land(window).land_cover(year)

    def layer(self, window: Window, name: str, year: int | None = None) -> Numbers:
        """Return a layer of ``LAYERS``; -9999 outside of what was mapped."""
        return self.land(window).layer(name, year)


class Land:
    """A window of a province. What several layers need is made once.

    Parameters
    ----------
    province : Province
    window : Window
    """

    def __init__(self, province: Province, window: Window) -> None:
        self.province = province
        self.window = window
        self._cover: dict[int, Codes] = {}

    def _noise(
        self, field: int, spacings: Sequence[int], fall: float, window: Window | None = None
    ) -> Numbers:
        key = self.province.seed * 1021 + field
        return fractal(window or self.window, spacings, key, fall)

    @cached_property
    def mapped(self) -> NDArray[np.bool_]:
        """Whether a pixel was mapped: an ellipse that fills the raster from side to side."""
        down, across = self.province.height / 2, self.province.width / 2
        row, column, height, width = self.window
        rows = (np.arange(row, row + height) + 0.5 - down) / down
        columns = (np.arange(column, column + width) + 0.5 - across) / across
        return (rows * rows)[:, None] + (columns * columns)[None, :] <= 1

    # ---------------------------------------------------------------------------- relief

    @cached_property
    def _wider(self) -> Window:
        """The window and one pixel around it, for slopes."""
        row, column, height, width = self.window
        return Window(row - 1, column - 1, height + 2, width + 2)

    @cached_property
    def _uplands(self) -> Numbers:
        return _clip(self._noise(1, WIDE, 0.7, self._wider) * 1.4 + 0.45, 0, 1)

    @cached_property
    def _valleys(self) -> Numbers:
        """The distance from rivers, 0 in them, up to 1: they follow the lines where noise is 0."""
        return _clip(np.abs(self._noise(2, BROAD, 0.55, self._wider)) * 2.2, 0, 1)

    @cached_property
    def _wide_dem(self) -> Numbers:
        relief = self._noise(3, (*BROAD, 8, 4), 0.6, self._wider)
        valley = self._valleys * (2 - self._valleys)
        uplands = self._uplands * self._uplands
        height = valley * (uplands * (900 + 750 * relief) + 25 + 12 * relief)
        return rounded(15 + 45 * self._uplands + _clip(height, 0, 3000), LAYERS["dem"].step)

    def _inner(self, numbers: Numbers) -> Numbers:
        return numbers[1:-1, 1:-1]

    def dem(self) -> Numbers:
        """Return heights in metres."""
        return self._inner(self._wide_dem)

    @cached_property
    def _slope(self) -> Numbers:
        """The slope by Horn (1981) from the rounded heights of the nine pixels around."""
        dem = self._wide_dem
        down = dem[:-2] - dem[2:]
        across = dem[:, :-2] - dem[:, 2:]
        north = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
        west = across[:-2] + 2 * across[1:-1] + across[2:]
        run = np.float32(8 * self.province.cell)
        return degrees(np.sqrt(north * north + west * west) / run)

    def slope(self) -> Numbers:
        """Return slopes in degrees."""
        return self._slope

    # ------------------------------------------------------------------------ land cover

    @cached_property
    def _patches(self) -> Numbers:
        return self._noise(4, (128, 64, 32, 16, 8, 4), 0.75)

    @cached_property
    def _towns(self) -> Numbers:
        return self._noise(5, (256, 64, 32, 8), 0.6)

    @cached_property
    def _stands(self) -> Numbers:
        return self._noise(6, (512, 128, 32, 16, 4), 0.8)

    def land_cover(self, year: int) -> Codes:
        """Return codes of land cover of a year, 0 outside of what was mapped.

        The lines between classes move from year to year: towns spread, forest takes fields and
        scrub on slopes, orchards come up.
        """
        if year not in self._cover:
            self._cover[year] = self._classify(self.province.years.index(year))
        return self._cover[year]

    def _classify(self, place: int) -> Codes:
        shift = np.float32(CHANGE * place)
        river = self._inner(self._valleys)
        dem, slope, patches, stands = self.dem(), self._slope, self._patches, self._stands
        wild = slope * np.float32(0.07) + dem * np.float32(0.0016) + patches * np.float32(0.9)
        wild += shift * np.float32(0.6)
        codes = np.full(dem.shape, DRY_FIELD, dtype=np.uint8)
        codes[river < 0.3] = PADDY
        codes[wild > 0.55] = TUSSOCK
        codes[wild > 0.66] = SHRUB
        forest = wild > 0.78
        codes[forest & (stands <= 0.12)] = CONIFER
        codes[forest & (stands > -0.1) & (stands <= 0.12)] = MIXED
        codes[forest & (stands > 0.12)] = BROADLEAF
        codes[(dem > 1000) & (stands > 0.25)] = TUSSOCK
        codes[(patches > 0.42 - shift) & (wild < 1.2)] = ORCHARD
        codes[(self._towns > 0.62 - shift) & (slope < 8) & (river < 0.6)] = TOWN
        codes[(river < 0.16) & (stands < -0.24)] = MARSH
        codes[(river < 0.12) & (stands < -0.32)] = LAKE
        codes[river < 0.014] = RIVER
        codes[~self.mapped] = NODATA_CLASS
        return codes

    def _by_class(self, year: int, value: Callable[[LandClass], float]) -> Numbers:
        table = np.zeros(256, dtype=np.float32)
        for code, land_class in CLASSES.items():
            table[code] = value(land_class)
        return table[self.land_cover(year)]

    # --------------------------------------------------------------------------- weather

    @cached_property
    def _climate(self) -> Numbers:
        return self._noise(7, WIDE, 0.7)

    @cached_property
    def _texture(self) -> Numbers:
        return self._noise(8, (32, 8, 4), 0.8)

    def _weather(self, year: int, field: int) -> Numbers:
        """Return how a year departs: one number for the province, and broad shapes."""
        place = np.array([year], dtype=np.int64)
        everywhere = hashed(place, place * 0, self.province.seed * 1021 + field)[0]
        return self._noise(field * 4096 + year, WIDE[1:], 0.7) * np.float32(0.5) + everywhere

    @cached_property
    def _rain(self) -> dict[int, Numbers]:
        return {}

    def rainfall(self, year: int) -> Numbers:
        """Return rain in mm: more on high land, wetter and drier years."""
        if year not in self._rain:
            mean = 1480 + 260 * self._climate + np.float32(0.28) * self.dem()
            departure = self._weather(year, 9)
            self._rain[year] = _clip(mean + 130 * departure, 300, 4000)
        return self._rain[year]

    def reference_evaporation(self, year: int) -> Numbers:
        """Return reference evaporation in mm: less on high land."""
        mean = 1020 - 90 * self._climate - np.float32(0.17) * self.dem()
        return _clip(mean + 25 * self._weather(year, 10), 350, 1600)

    def evapotranspiration(self, year: int) -> Numbers:
        """Return evaporation in mm by Zhang's curve (2001) from rain, reference and land cover."""
        rain = self.rainfall(year)
        ratio = self.reference_evaporation(year) / rain
        demand = 1 + self._by_class(year, lambda land_class: land_class.thirst) * ratio
        return rain * demand / (demand + 1 / ratio)

    def rainfall_erosivity(self, year: int) -> Numbers:
        """Return erosivity: made up, rain times its root."""
        rain = self.rainfall(year)
        return np.float32(0.11) * rain * np.sqrt(rain)

    # ------------------------------------------------------------------- plants and soil

    def ndvi(self, year: int) -> Numbers:
        """Return the index of vegetation by land cover, with texture."""
        mean = self._by_class(year, lambda land_class: land_class.ndvi)
        departure = 1 + np.float32(0.14) * self._texture + np.float32(0.07) * self._patches
        dry = np.float32(1e-5) * (self.rainfall(year) - 1500)
        return _clip(mean * departure + dry, 0.02, 0.94)

    def vegetation_cover(self, year: int) -> Numbers:
        """Return cover in percent, from NDVI between 0.05 and 0.95."""
        return _clip((self.ndvi(year) - np.float32(0.05)) * np.float32(100 / 0.9), 0, 100)

    def npp(self, year: int) -> Numbers:
        """Return net primary production in grams of carbon."""
        ndvi = self.ndvi(year)
        return 1350 * ndvi * ndvi * (1 - np.float32(1.6e-4) * self.dem())

    @cached_property
    def _clay(self) -> Numbers:
        return _clip(24 + 14 * self._noise(11, BROAD, 0.75) + 3 * self._texture, 6, 34)

    @cached_property
    def _sand(self) -> Numbers:
        return _clip(38 + 20 * self._noise(12, BROAD, 0.75) - 2 * self._texture, 8, 62)

    def soil_sand(self) -> Numbers:
        """Return sand in percent."""
        return rounded(self._sand, 0.125)

    def soil_clay(self) -> Numbers:
        """Return clay in percent."""
        return rounded(self._clay, 0.125)

    def soil_silt(self) -> Numbers:
        """Return silt in percent: what sand and clay leave of 100."""
        return 100 - self.soil_sand() - self.soil_clay()

    def soil_organic_carbon(self) -> Numbers:
        """Return organic carbon in percent: more on high and flat land."""
        mean = np.float32(1.4) + np.float32(0.0011) * self.dem() - np.float32(0.02) * self._slope
        return _clip(mean + np.float32(0.5) * self._patches, 0.2, 8)

    def soil_depth(self) -> Numbers:
        """Return the depth of soil in mm: less on slopes."""
        return _clip(1250 - 22 * self._slope + 250 * self._texture, 150, 2000)

    def available_water(self) -> Numbers:
        """Return the plant available water as a share of volume: more in fine soil."""
        share = np.float32(0.26) - np.float32(0.0018) * self._sand - np.float32(0.0008) * self._clay
        return _clip(share, 0.05, 0.3)

    def empty(self, is_cover: bool) -> Codes | Numbers:
        """Return a window that was not mapped."""
        shape = (self.window.height, self.window.width)
        if is_cover:
            return np.full(shape, NODATA_CLASS, dtype=np.uint8)
        return np.full(shape, NODATA, dtype=np.float32)

    def layer(self, name: str, year: int | None = None) -> Numbers:
        """Return a layer, rounded to its step, -9999 outside of what was mapped.

        Parameters
        ----------
        name : str
            One of ``LAYERS``.
        year : int, optional
            For layers that change by year.
        """
        described = LAYERS[name]
        numbers = getattr(self, name)(year) if described.yearly else getattr(self, name)()
        result = rounded(numbers, described.step)
        result[~self.mapped] = NODATA
        return result
