"""Rasters and counties made up for the comparison with InVEST: numbers random with a fixed seed, the same on all sides.

``python made_up_grid.py FOLDER [--size 4000]`` writes land cover, eight layers, the borders of 100 counties and the
tables by class, as InVEST reads them. An equal-area grid of 30 m (Albers for China), GeoTIFFs in tiles of 256, deflate.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ALBERS = "+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +datum=WGS84 +units=m +no_defs"
WEST, NORTH, PIXEL = 800_000.0, 3_300_000.0, 30.0
COUNTIES_ACROSS = 10
STRIP = 256
SEED = 16
SEASONALITY = 5.0  # Z of the annual water yield
SLOPE_LENGTH = 50.0  # m, of the whole grid
NO_CLASS, NO_NUMBER = 255, -9999.0

# class: above, below, soil, dead (t C/ha); kc, root depth (mm), vegetated; usle_p; mean cover (fraction)
CLASSES: dict[int, tuple[float, ...]] = {
    11: (62.5, 15.5, 96.0, 4.5, 1.0, 3500.0, 1, 1.0, 0.85),
    12: (48.0, 12.25, 88.5, 3.75, 0.95, 3000.0, 1, 1.0, 0.80),
    13: (55.25, 13.5, 91.0, 4.0, 0.98, 3200.0, 1, 1.0, 0.82),
    21: (14.5, 6.25, 74.0, 1.5, 0.85, 2000.0, 1, 1.0, 0.62),
    31: (3.25, 7.5, 66.0, 0.75, 0.75, 1500.0, 1, 0.8, 0.48),
    41: (5.5, 2.25, 52.5, 0.0, 1.05, 800.0, 1, 0.35, 0.45),
    42: (4.75, 1.75, 58.0, 0.0, 0.90, 1000.0, 1, 0.47, 0.42),
    43: (18.0, 5.0, 61.5, 0.5, 0.92, 1800.0, 1, 0.74, 0.58),
    51: (4.0, 3.5, 112.0, 0.25, 1.1, 1.0, 0, 1.0, 0.35),
    61: (0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0, 1.0, 0.02),
    71: (1.25, 0.5, 36.0, 0.0, 0.4, 1.0, 0, 1.0, 0.15),
    81: (0.25, 0.25, 21.0, 0.0, 0.5, 1.0, 0, 1.0, 0.05),
}
CODES = tuple(CLASSES)
ABOVE, BELOW, SOIL, DEAD, KC, ROOT, VEGETATED, PRACTICE, COVER = range(9)
POOLS = ("c_above", "c_below", "c_soil", "c_dead")
FOREST, SHRUB, GRASS, DRY_FIELD, WET = (11, 12, 13, 43), (21,), (31, 51), (42,), (41, 61)
# C by class of cover (HJ 1173-2021, Table A.1): under 10 %, from 10, 30, 50, 70, 90 %, and the slope of the logarithm
BY_COVER = {
    FOREST: (0.1, 0.08, 0.06, 0.02, 0.004, 0.001, 0.0),
    SHRUB: (0.4, 0.22, 0.14, 0.085, 0.04, 0.011, 0.0),
    GRASS: (0.45, 0.24, 0.15, 0.09, 0.043, 0.011, 0.0),
    DRY_FIELD: (0.221,) * 6 + (-0.595,),
    WET: (0.0,) * 7,
    (71,): (0.01,) * 6 + (0.0,),
    (81,): (0.7,) * 6 + (0.0,),
}
COVER_ROWS = {code: row for codes, row in BY_COVER.items() for code in codes}
LAYERS = {  # name: unit, step of rounding
    "rainfall": ("mm", 0.125),
    "reference_evaporation": ("mm", 0.125),
    "soil_depth": ("mm", 1.0),
    "available_water": ("1", 2.0**-10),
    "dem": ("m", 0.0625),
    "rainfall_erosivity": ("MJ mm ha-1 h-1 a-1", 1.0),
    "soil_erodibility": ("t h MJ-1 mm-1", 2.0**-16),
    "vegetation_cover": ("1", 2.0**-8),
}


class Noise:
    """Smooth random numbers from 0 to 1 on the grid, by octaves of coarse lattices."""

    def __init__(self, size: int, key: int, octaves: Sequence[int]) -> None:
        rng = np.random.default_rng([SEED, key])
        self.size = size
        self.lattices = [rng.random((nodes + 1, nodes + 1)) for nodes in octaves]
        self.weights = [0.5**octave for octave in range(len(octaves))]

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """Values of some rows."""
        total = np.zeros((bottom - top, self.size))
        for weight, lattice in zip(self.weights, self.lattices, strict=True):
            nodes = len(lattice) - 1
            down, below = _steps(np.arange(top, bottom), self.size, nodes)
            across, beside = _steps(np.arange(self.size), self.size, nodes)
            lines = lattice[down] * (1 - below)[:, None] + lattice[down + 1] * below[:, None]
            total += weight * (lines[:, across] * (1 - beside) + lines[:, across + 1] * beside)
        return total / sum(self.weights)


def _steps(positions: np.ndarray, size: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Node before each position, and the smoothed share of the way to the next."""
    place = (positions + 0.5) * nodes / size
    node = place.astype(int)
    share = place - node
    return node, share * share * (3 - 2 * share)


def values(size: int) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """First row and values of each strip, by name of the raster."""
    broad = (4, 8, 16)
    hills = tuple(max(size // pixels, 2) for pixels in (512, 256, 128, 64, 32, 16))
    fields = {
        name: Noise(size, key, octaves)
        for key, (name, octaves) in enumerate(
            {"rain": broad, "warmth": broad, "height": hills, "patch": hills, "soil": hills[:4],
             "depth": hills[:4], "green": hills}.items()
        )
    }  # fmt: skip
    rng = np.random.default_rng([SEED, 99])
    for top in range(0, size, STRIP):
        bottom = min(top + STRIP, size)
        rows = {name: noise.rows(top, bottom) for name, noise in fields.items()}
        grain = rng.random((bottom - top, size))
        yield top, strip_of(rows, grain)


def strip_of(rows: dict[str, np.ndarray], grain: np.ndarray) -> dict[str, np.ndarray]:
    """Values of all rasters from the smooth fields."""
    height = 40 + 1500 * np.clip(rows["height"] - 0.25, 0, None) ** 1.3
    order = np.array(CODES, dtype=np.uint8)
    place = 0.55 * rows["patch"] + 0.25 * rows["height"] + 0.2 * rows["green"]
    cuts = np.linspace(0.36, 0.64, len(CODES) - 1)
    cover = order[::-1][np.searchsorted(cuts, place + 0.02 * (grain - 0.5))]
    mean = np.zeros(256)
    mean[list(CODES)] = [CLASSES[code][COVER] for code in CODES]
    clay = 12 + 30 * rows["soil"]
    result = {
        "land_cover": cover,
        "rainfall": 900 + 1100 * rows["rain"] + 0.12 * height + 4 * (grain - 0.5),
        "reference_evaporation": 780 + 450 * rows["warmth"] - 0.1 * height,
        "soil_depth": 300 + 1700 * rows["depth"],
        "available_water": 0.06 + 0.2 * rows["soil"],
        "dem": height + 0.3 * grain,
        "rainfall_erosivity": 2500 + 9000 * rows["rain"],
        "soil_erodibility": 0.004 + 0.0009 * clay - 0.00001 * clay**2,
        "vegetation_cover": np.clip(
            mean[cover] + 0.3 * (rows["green"] - 0.5) + 0.06 * (grain - 0.5), 0, 1
        ),
    }
    for name, (_, step) in LAYERS.items():
        result[name] = (np.round(result[name] / step) * step).astype(np.float32)
    return result


def write_rasters(folder: Path, size: int) -> None:
    """One GeoTIFF for each name."""
    import rasterio
    from rasterio import crs
    from rasterio.transform import Affine
    from rasterio.windows import Window

    common = {
        "driver": "GTiff", "width": size, "height": size, "count": 1, "crs": crs.CRS.from_proj4(ALBERS),
        "transform": Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH), "tiled": True, "blockxsize": 256,
        "blockysize": 256, "compress": "deflate", "bigtiff": "if_safer",
    }  # fmt: skip
    files = {
        "land_cover": rasterio.open(
            folder / "land_cover.tif", "w", dtype="uint8", nodata=NO_CLASS, **common
        )
    }
    for name in LAYERS:
        files[name] = rasterio.open(
            folder / f"{name}.tif", "w", dtype="float32", nodata=NO_NUMBER, **common
        )
    for top, strip in values(size):
        for name, file in files.items():
            file.write(strip[name], 1, window=Window(0, top, size, len(strip[name])))
    for file in files.values():
        file.close()


def county_rings(size: int) -> dict[str, list[tuple[float, float]]]:
    """Borders of the counties: crooked lines that neighbours share, straight along the edge of the grid."""
    rng = np.random.default_rng([SEED, 7])
    across, parts = COUNTIES_ACROSS, 16
    step = size * PIXEL / across
    corner = np.zeros((across + 1, across + 1, 2))
    corner[..., 0] = WEST + step * np.arange(across + 1)[None, :]
    corner[..., 1] = NORTH - step * np.arange(across + 1)[:, None]
    corner[1:-1, 1:-1] += rng.uniform(-0.25, 0.25, (across - 1, across - 1, 2)) * step

    def border(begin: np.ndarray, end: np.ndarray, is_edge: bool) -> list[tuple[float, float]]:
        share = np.linspace(0, 1, parts + 1)[:, None]
        points = begin * (1 - share) + end * share
        if not is_edge:
            points[1:-1] += rng.uniform(-0.015, 0.015, (parts - 1, 2)) * step
        return [(float(x), float(y)) for x, y in points]

    rows = range(across + 1)
    level = {
        (row, column): border(corner[row, column], corner[row, column + 1], row in (0, across))
        for row in rows
        for column in range(across)
    }
    upright = {
        (row, column): border(corner[row, column], corner[row + 1, column], column in (0, across))
        for row in range(across)
        for column in rows
    }
    rings = {}
    for number in range(across * across):
        row, column = divmod(number, across)
        ring = level[row, column][:-1] + upright[row, column + 1][:-1]
        ring += level[row + 1, column][:0:-1] + upright[row, column][:0:-1]
        rings[f"{360001 + number}"] = [*ring, ring[0]]
    return rings


def write_counties(folder: Path, size: int) -> None:
    """``counties.gpkg``: polygons with ``code`` (text) and ``ws_id`` (number)."""
    import shapely
    from pyogrio.raw import write

    rings = county_rings(size)
    codes = np.array(list(rings), dtype=object)
    shapes = shapely.to_wkb([shapely.Polygon(ring) for ring in rings.values()])
    write(
        folder / "counties.gpkg", geometry=np.array(shapes, dtype=object), geometry_type="Polygon", crs=ALBERS,
        field_data=[codes, np.arange(1, len(codes) + 1, dtype=np.int32)], fields=["code", "ws_id"],
        driver="GPKG", dataset_options={"VERSION": "1.2"},
    )  # fmt: skip


def write_tables(folder: Path) -> None:
    """The tables by class, as InVEST wants them: carbon pools, water, soil loss."""
    cover = {code: _cover_factor(code) for code in CODES}
    tables = {
        "carbon_pools.csv": [["lucode", *POOLS], *([code, *CLASSES[code][:4]] for code in CODES)],
        "water.csv": [
            ["lucode", "lulc_veg", "root_depth", "kc"],
            *([code, row[VEGETATED], row[ROOT], row[KC]] for code, row in CLASSES.items()),
        ],
        "soil_loss.csv": [
            ["lucode", "usle_c", "usle_p"],
            *([code, cover[code], row[PRACTICE]] for code, row in CLASSES.items()),
        ],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def _cover_factor(code: int) -> float:
    """C of a class at its mean cover: InVEST knows no other."""
    row = COVER_ROWS[code]
    share = CLASSES[code][COVER]
    level = sum(share >= bound for bound in (0.1, 0.3, 0.5, 0.7, 0.9))
    return round(min(max(row[level] + row[6] * float(np.log10(max(share, 1e-6))), 0), 1), 6)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Rasters and counties made up for the comparison with InVEST."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=4000)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_rasters(chosen.folder, chosen.size)
    write_counties(chosen.folder, chosen.size)
    write_tables(chosen.folder)


if __name__ == "__main__":
    sys.exit(main())
