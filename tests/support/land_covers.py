"""Land covers and zones that are arrays, and kernels that worker processes can import."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gep.extent.blocks import UnitSums, units_of
from gep.extent.labels import Labels, label_pixels
from gep.extent.rasters import Grid, Raster, Window

DEGREES = "EPSG:4326"
EQUAL_AREA = "EPSG:6933"


@dataclass(frozen=True, eq=False)
class ArrayRaster(Raster):
    """A raster whose pixels are in memory."""

    pixels: np.ndarray = field(default_factory=lambda: np.zeros((1, 1)))

    def read(self, window: Window) -> np.ndarray:
        return _part(self.pixels, window)


@dataclass(frozen=True)
class Shares:
    """Shares of zones in pixels, as ``Zones.fractions`` gives them."""

    pixel: np.ndarray
    zone: np.ndarray
    share: np.ndarray


@dataclass(frozen=True, eq=False)
class ArrayZones:
    """Zones that are positions in memory; a share of each pixel belongs to the next zone."""

    codes: tuple[str, ...]
    positions: np.ndarray
    next_share: float = 0.0

    @property
    def raster(self) -> None:
        return None

    def labels(self, window: Window) -> Labels:
        return label_pixels(_part(self.positions, window))

    def fractions(self, window: Window) -> Shares:
        zone = _part(self.positions, window).reshape(-1)
        pixel = np.flatnonzero(zone >= 0)
        zone = zone[pixel]
        share = np.full(len(pixel), 1 - self.next_share)
        if not self.next_share:
            return Shares(pixel, zone, share)
        other = (zone + 1) % len(self.codes)
        return Shares(
            np.repeat(pixel, 2),
            np.stack([zone, other], axis=1).reshape(-1),
            np.stack([share, 1 - share], axis=1).reshape(-1),
        )


def _part(pixels: np.ndarray, window: Window) -> np.ndarray:
    rows = slice(window.row, window.row + window.height)
    return pixels[rows, window.column : window.column + window.width]


def make_grid(height: int, width: int, crs: str = DEGREES) -> Grid:
    """A grid at 30 N, of cells of a thousandth of a degree or of 100 m."""
    from rasterio.crs import CRS

    wkt = CRS.from_string(crs).to_wkt()
    if crs == DEGREES:
        return Grid(wkt, (0.001, 0.0, 110.0, 0.0, -0.001, 30.0), width, height)
    return Grid(wkt, (100.0, 0.0, 10_000_000.0, 0.0, -100.0, 3_600_000.0), width, height)


def array_raster(
    pixels: np.ndarray,
    nodata: float | None = None,
    crs: str = DEGREES,
    blocks: tuple[int, int] = (256, 256),
) -> ArrayRaster:
    grid = make_grid(*pixels.shape, crs)
    return ArrayRaster(
        Path("cover.tif"), "", grid, pixels.dtype.name, nodata, 1.0, 0.0, blocks, pixels=pixels
    )


def write_cover(
    path: Path,
    pixels: np.ndarray,
    nodata: float | None = None,
    crs: str = DEGREES,
    **profile: object,
) -> Raster:
    """Write a GeoTIFF and open it."""
    import rasterio
    from rasterio.transform import Affine

    from gep.errors import ProblemLog
    from gep.extent.rasters import open_raster

    grid = make_grid(*pixels.shape, crs)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=grid.height,
        width=grid.width,
        count=1,
        dtype=pixels.dtype,
        crs=grid.crs,
        transform=Affine(*grid.transform),
        nodata=nodata,
        **profile,
    ) as file:
        file.write(pixels, 1)
    problems = ProblemLog()
    raster = open_raster(path, problems, path.name)
    assert raster is not None, problems.errors
    return raster


@dataclass(frozen=True)
class RoundingKernel:
    """Sums of numbers whose sum depends on the order in which they are added."""

    zone_count: int = 3
    pause: float = 0.0
    fail_at: int = -1
    noted: str = ""

    def __call__(self, window: Window) -> list[UnitSums]:
        if self.noted:
            with Path(self.noted).open("a", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {window.row} {window.column}\n")
        time.sleep(self.pause)
        if window.row == self.fail_at:
            raise_unreadable()
        units = [self._unit(row, column) for row, column, _ in units_of(window)]
        return units[::-1]

    def _unit(self, row: int, column: int) -> UnitSums:
        random = np.random.default_rng([row, column])
        zones = np.flatnonzero(random.random(self.zone_count) < 0.7)
        values = random.random((len(zones), 2)) * 10.0 ** random.integers(-8, 8, (len(zones), 1))
        counts = random.integers(0, 9, len(zones))
        sums = {"value": values, "count": counts}
        return UnitSums(row, column, zones, sums, {"low": values}, {"high": values})


def raise_unreadable() -> None:
    from gep.errors import ProblemsFound, make_problem

    raise ProblemsFound(
        [
            make_problem(
                "unreadable-raster",
                "cover.tif",
                "extent.raster-unreadable",
                file="cover.tif",
                reason="bad strip",
            )
        ]
    )


@dataclass(frozen=True)
class BrokenKernel:
    """Fails in a way that nobody foresaw."""

    def __call__(self, window: Window) -> list[UnitSums]:
        raise ArithmeticError("nobody foresaw this")
