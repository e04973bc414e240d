"""One pass over the rasters by hand: numpy block by block, sums in float64 by county and class. The bar for gep.

``python numpy_pass.py ACCOUNT FOLDER [--threads 1] [--maps DIR]``, with ACCOUNT one of ``carbon``,
``water``, ``soil``. Prints one line of JSON: seconds after the imports, peak memory, totals by county.

Strips of 512 rows are read whole, as the files are laid out, and evaluated in pieces that fit the cache.
"""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("GDAL_CACHEMAX", "64")  # MB of decoded tiles: each is read once

import numpy as np
import rasterio
import shapely
from made_up_grid import (
    ABOVE,
    CLASSES,
    CODES,
    COVER_ROWS,
    DEAD,
    KC,
    NO_NUMBER,
    POOLS,
    PRACTICE,
    ROOT,
    SEASONALITY,
    SLOPE_LENGTH,
    VEGETATED,
)
from measured import Clock, report, versions
from pyogrio.raw import read
from rasterio.features import rasterize
from rasterio.windows import Window

STRIP, PIECE = 512, 1 << 15
KINDS = 256  # land cover is one byte
SQUARE_METRES = 10_000  # of a hectare
BAR = {
    "compress": "lzw",
    "tiled": True,
    "blockxsize": 256,
    "blockysize": 256,
    "dtype": "float32",
    "nodata": -1.0,
}
WATER_MAPS = ("evaporated_share", "evaporation", "water_yield")
SOIL_MAPS = ("potential_loss", "actual_loss")


class Grid:
    """The rasters of a folder, opened once a thread, and its counties."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handles = threading.local()
        with rasterio.open(folder / "land_cover.tif") as cover:
            self.height, self.width = cover.shape
            self.transform, self.profile = cover.transform, cover.profile
        self.cell = abs(self.transform.a * self.transform.e)
        _, _, shapes, fields = read(folder / "counties.gpkg", columns=["code"])
        self.codes = [str(code) for code in fields[0]]
        polygons = shapely.from_wkb(shapes)
        self.bounds = shapely.bounds(polygons)
        self.shapes = [polygon.__geo_interface__ for polygon in polygons]

    def strips(self) -> Iterator[tuple[int, int]]:
        for top in range(0, self.height, STRIP):
            yield top, min(top + STRIP, self.height)

    def read(self, name: str, top: int, bottom: int) -> np.ndarray:
        """Rows of a raster, flat."""
        files = self.handles.__dict__
        if name not in files:
            files[name] = rasterio.open(self.folder / f"{name}.tif")
        return files[name].read(1, window=Window(0, top, self.width, bottom - top))

    def zones(self, top: int, bottom: int) -> np.ndarray:
        """Number of the county of each pixel of some rows; one more than the last where there is none."""
        north, south = (self.transform.f + self.transform.e * row for row in (top, bottom))
        inside = np.flatnonzero((self.bounds[:, 1] <= north) & (self.bounds[:, 3] >= south))
        return rasterize(
            [(self.shapes[position], int(position)) for position in inside],
            out_shape=(bottom - top, self.width),
            transform=self.transform * rasterio.Affine.translation(0, top),
            fill=len(self.codes),
            dtype="uint8",
        )

    @property
    def sums(self) -> int:
        return (len(self.codes) + 1) * KINDS


def by_class(column: int) -> np.ndarray:
    """A number of each class, in the place of its code."""
    numbers = np.zeros(KINDS)
    numbers[list(CODES)] = [CLASSES[code][column] for code in CODES]
    return numbers


def keys(zones: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """County and class of each pixel as one number."""
    key = zones.astype(np.uint16)
    key <<= 8
    key |= cover
    return key


# --- carbon ----------------------------------------------------------------------------------------


def carbon(grid: Grid, maps: "Maps | None") -> Callable[[int, int], dict[str, np.ndarray]]:
    """Pixels by county and class of a strip; with maps also the pools and their sum."""
    pools = np.stack([by_class(pool) for pool in range(ABOVE, DEAD + 1)])
    tables = np.vstack([pools, pools.sum(axis=0)]).astype(np.float32)
    tables[:, ~np.isin(np.arange(KINDS), CODES)] = -1

    def strip(top: int, bottom: int) -> dict[str, np.ndarray]:
        cover = grid.read("land_cover", top, bottom)
        if maps:
            for name, table in zip((*POOLS, "c_storage"), tables, strict=True):
                maps.write(name, top, table[cover])
        key = keys(grid.zones(top, bottom), cover)
        return {"pixels": np.bincount(key.ravel(), minlength=grid.sums).astype(float)}

    return strip


def carbon_totals(grid: Grid, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """t C by county."""
    density = sum(by_class(pool) for pool in range(ABOVE, DEAD + 1))
    pixels = sums["pixels"].reshape(-1, KINDS)
    return {"carbon": pixels @ density * (grid.cell / SQUARE_METRES), "pixels": pixels.sum(axis=1)}


# --- annual water yield ----------------------------------------------------------------------------


def water(grid: Grid, maps: "Maps | None") -> Callable[[int, int], dict[str, np.ndarray]]:
    """mm of water yield, summed by county and class."""
    crop, root, vegetated = by_class(KC), by_class(ROOT), by_class(VEGETATED) == 1
    names = ("land_cover", "rainfall", "reference_evaporation", "soil_depth", "available_water")

    def piece(
        cover: np.ndarray,
        rain: np.ndarray,
        reference: np.ndarray,
        depth: np.ndarray,
        share: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        known = (
            (rain != NO_NUMBER)
            & (reference != NO_NUMBER)
            & (depth != NO_NUMBER)
            & (share != NO_NUMBER)
        )
        rain = rain.astype(float)
        dryness = crop[cover]
        dryness *= reference
        dryness /= rain
        shape = np.minimum(root[cover], depth)
        shape *= share
        shape *= SEASONALITY
        shape /= rain
        shape += 1.25
        np.minimum(shape, 5, out=shape)
        curve = dryness**shape
        curve += 1
        np.reciprocal(shape, out=shape)
        np.power(curve, shape, out=curve)
        np.subtract(1 + dryness, curve, out=curve)
        np.minimum(dryness, 1, out=dryness)
        evaporated = np.where(vegetated[cover], curve, dryness)
        if not known.all():
            evaporated[~known] = np.nan
        return evaporated, rain

    def strip(top: int, bottom: int) -> dict[str, np.ndarray]:
        layers = [grid.read(name, top, bottom).ravel() for name in names]
        zones = grid.zones(top, bottom).ravel()
        evaporated, yields = np.empty(len(zones)), np.empty(len(zones))
        for begin in range(0, len(zones), PIECE):
            part = slice(begin, begin + PIECE)
            evaporated[part], rain = piece(*(layer[part] for layer in layers))
            np.subtract(1, evaporated[part], out=yields[part])
            yields[part] *= rain
        sums = np.bincount(keys(zones, layers[0]), np.nan_to_num(yields), grid.sums)
        if maps:
            shape = (bottom - top, grid.width)
            for name, values in zip(
                WATER_MAPS, (evaporated, evaporated * layers[1], yields), strict=True
            ):
                maps.write(
                    name, top, np.nan_to_num(values, nan=-1).reshape(shape).astype(np.float32)
                )
        return {"yield": sums}

    return strip


def water_totals(grid: Grid, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """m3 by county."""
    return {"water_yield": sums["yield"].reshape(-1, KINDS).sum(axis=1) * (grid.cell / 1000)}


# --- soil retention --------------------------------------------------------------------------------


def soil(grid: Grid, maps: "Maps | None") -> Callable[[int, int], dict[str, np.ndarray]]:
    """Soil loss of bare land and of the land as it is, summed by county and class; no slope at the rim of the grid."""
    levels = np.zeros((KINDS, 6))
    logarithm, practice = np.zeros(KINDS), by_class(PRACTICE)
    for code, row in COVER_ROWS.items():
        levels[code], logarithm[code] = row[:6], row[6]
    logarithmic = logarithm != 0
    bounds = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    gentle, moderate, steep = (float(np.tan(np.deg2rad(angle))) for angle in (5.14, 10.20, 28.81))
    width = grid.width
    names = ("land_cover", "rainfall_erosivity", "soil_erodibility", "vegetation_cover")

    def tangent(dem: np.ndarray) -> np.ndarray:
        """Horn's gradient of the rows between the first and the last."""
        height = dem.astype(float)
        down = height[:-2] + 2 * height[1:-1] + height[2:]
        result = np.full((len(dem) - 2, width), np.nan)
        east = down[:, 2:] - down[:, :-2]
        across = height[:, :-2] + 2 * height[:, 1:-1] + height[:, 2:]
        south = across[2:] - across[:-2]
        east *= east
        south *= south
        east += south
        np.sqrt(east, out=east)
        east /= 8 * grid.transform.a
        result[:, 1:-1] = east
        return result

    def length_and_steepness(slope: np.ndarray) -> np.ndarray:
        sine = slope / np.sqrt(1 + slope * slope)
        ratio = sine / 0.089
        ratio /= 3 * sine**0.8 + 0.56
        ratio /= 1 + ratio
        length = np.exp(np.log(SLOPE_LENGTH / 22.13) * ratio)
        factor = np.where(slope < moderate, 16.8 * sine - 0.5, 21.9 * sine - 0.96)
        np.copyto(factor, 10.8 * sine + 0.03, where=slope < gentle)
        np.copyto(factor, 9.5988, where=slope >= steep)
        return length * factor

    def cover_factor(cover: np.ndarray, share: np.ndarray) -> np.ndarray:
        level = np.zeros(len(share), dtype=np.uint8)
        for bound in bounds:
            level += (share >= bound).view(np.uint8)
        factor = levels.ravel()[level + 6 * cover.astype(np.uint16)]
        fields = np.flatnonzero(logarithmic[cover])
        factor[fields] += logarithm[cover[fields]] * np.log10(np.maximum(share[fields], 1e-6))
        return np.clip(factor, 0, 1, out=factor)

    def strip(top: int, bottom: int) -> dict[str, np.ndarray]:
        above, below = max(top - 1, 0), min(bottom + 1, grid.height)
        dem = grid.read("dem", above, below)
        rim = [(int(above == top), int(below == bottom)), (0, 0)]
        dem = np.pad(dem.astype(float), rim, constant_values=np.nan)
        layers = [grid.read(name, top, bottom) for name in names]
        zones = grid.zones(top, bottom)
        rows = max(PIECE // width, 1)
        bare, actual = np.empty(zones.shape), np.empty(zones.shape)
        for begin in range(0, bottom - top, rows):
            part = slice(begin, min(begin + rows, bottom - top))
            slope = tangent(dem[begin : part.stop + 2]).ravel()
            cover, erosivity, erodibility, share = (layer[part].ravel() for layer in layers)
            loss = length_and_steepness(slope)
            loss *= erosivity
            loss *= erodibility
            kept = cover_factor(cover, share.astype(float))
            kept *= practice[cover]
            kept *= loss
            bare[part], actual[part] = loss.reshape(-1, width), kept.reshape(-1, width)
        if maps:
            for name, values in zip(SOIL_MAPS, (bare, actual), strict=True):
                maps.write(name, top, np.nan_to_num(values, nan=-1).astype(np.float32))
        key = keys(zones, layers[0]).ravel()
        sums = (
            np.bincount(key, np.nan_to_num(values.ravel(), copy=False), grid.sums)
            for values in (bare, actual)
        )
        return dict(zip(("bare", "actual"), sums, strict=True))

    return strip


def soil_totals(grid: Grid, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """t a-1 by county: loss of bare land, loss as it is, soil retained."""
    hectares = grid.cell / SQUARE_METRES
    bare, actual = (
        sums[name].reshape(-1, KINDS).sum(axis=1) * hectares for name in ("bare", "actual")
    )
    return {"potential_loss": bare, "actual_loss": actual, "retention": bare - actual}


# --- the pass --------------------------------------------------------------------------------------


class Maps:
    """Result rasters, written strip by strip, one thread at a time."""

    def __init__(self, grid: Grid, folder: Path, names: tuple[str, ...]) -> None:
        folder.mkdir(exist_ok=True)
        profile = {**grid.profile, **BAR}
        self.lock = threading.Lock()
        self.files = {name: rasterio.open(folder / f"{name}.tif", "w", **profile) for name in names}

    def write(self, name: str, top: int, values: np.ndarray) -> None:
        with self.lock:
            self.files[name].write(values, 1, window=Window(0, top, values.shape[1], len(values)))

    def close(self) -> None:
        for file in self.files.values():
            file.close()


ACCOUNTS = {
    "carbon": (carbon, carbon_totals, (*POOLS, "c_storage")),
    "water": (water, water_totals, WATER_MAPS),
    "soil": (soil, soil_totals, SOIL_MAPS),
}


def account(name: str, folder: Path, threads: int, out: Path | None) -> dict[str, dict[str, float]]:
    """Totals by county; maps go to ``out`` if there is one."""
    kernel, totals, maps_of = ACCOUNTS[name]
    grid = Grid(folder)
    maps = Maps(grid, out, maps_of) if out else None
    strip = kernel(grid, maps)
    sums: dict[str, np.ndarray] = {}
    if threads == 1:
        parts: Iterator[dict[str, np.ndarray]] = (strip(*rows) for rows in grid.strips())
        add(sums, parts)
    else:
        with ThreadPoolExecutor(threads) as pool:
            add(sums, pool.map(lambda rows: strip(*rows), grid.strips()))
    if maps:
        maps.close()
    return {
        item: dict(zip(grid.codes, values.tolist()[: len(grid.codes)], strict=True))
        for item, values in totals(grid, sums).items()
    }


def add(sums: dict[str, np.ndarray], parts: Iterator[dict[str, np.ndarray]]) -> None:
    """Sums of the strips, from the first to the last."""
    for part in parts:
        for name, values in part.items():
            sums[name] = sums[name] + values if name in sums else values


def main() -> None:
    parser = argparse.ArgumentParser(description="One pass over the rasters by hand.")
    parser.add_argument("account", choices=list(ACCOUNTS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--maps", type=Path, help="folder of result rasters; none by default")
    chosen = parser.parse_args()
    clock = Clock()
    totals = account(chosen.account, chosen.folder, chosen.threads, chosen.maps)
    report(
        **clock.spent(),
        totals=totals,
        threads=f"{chosen.threads}",
        versions=versions("numpy", "rasterio"),
    )


if __name__ == "__main__":
    sys.exit(main())
