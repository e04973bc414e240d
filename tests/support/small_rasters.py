"""A small project on rasters, and the same on tables: the standard of ``small`` on a grid of two regions."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from support import small
from support.small import Row, datum, write_set, write_table

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m +no_defs"
PIXEL = 100.0  # m: a pixel has 1 hm2
CODES = {"wood": 1, "grove": 2, "bush": 3, "paddy": 4, "road": 5}
NODATA = 255
ZONES = {1: "1", 2: "2", 3: "3"}

PROJECT = """
[project]
id = "small-rasters"
title = {{ zh = "小栅格", en = "Small rasters" }}
standard = "./small.toml"
coefficients = ["./base"]
years = [{years}]
language = "en"
allow_code = true

[inputs]
crosswalk = "./walk.csv"
regions = "regions.csv"
coverage = "part"
{inputs}
"""

RASTER = """
[inputs.raster]
land_cover = "lc_{year}.tif"
zones = "zones.tif"
source = "made up"
min_cover = 0.9
"""

LAYER = """
[[inputs.raster.layer]]
name = "{name}"
path = "{path}"
unit = "{unit}"
source = "made up"
"""


def write_raster(
    path: Path,
    pixels: np.ndarray,
    *,
    nodata: float | None = None,
    crs: str = ALBERS,
    corner: tuple[float, float] = (1_000_000.0, 3_200_000.0),
    pixel: float = PIXEL,
    **profile: Any,
) -> Path:
    """Write a GeoTIFF, tiled and compressed unless the profile says otherwise."""
    import rasterio
    from rasterio.transform import from_origin

    settings: dict[str, Any] = {
        "compress": "deflate",
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
    }
    settings |= profile
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=pixels.shape[0],
        width=pixels.shape[1],
        count=1,
        dtype=pixels.dtype,
        crs=crs,
        transform=from_origin(*corner, pixel, pixel),
        nodata=nodata,
        **settings,
    ) as file:
        file.write(pixels, 1)
    return path


def write_arrays(
    path: Path,
    pixels: np.ndarray,
    *,
    nodata: float,
    crs: str = ALBERS,
    corner: tuple[float, float] = (1_000_000.0, 3_200_000.0),
    pixel: float = PIXEL,
    chunk: int = 100,
) -> Path:
    """Write a NetCDF or Zarr with one map in chunks, on the same grid as ``write_raster`` does."""
    import pyproj

    rows, columns = pixels.shape
    name = path.stem.partition("_")[0]
    system = pyproj.CRS(crs)
    centres = {
        "y": corner[1] - pixel * (np.arange(rows) + 0.5),
        "x": corner[0] + pixel * (np.arange(columns) + 0.5),
    }
    units = "degrees" if system.is_geographic else "m"
    dataset = xr.Dataset(
        {name: (("y", "x"), pixels, {"grid_mapping": "grid"}), "grid": ((), 0, system.to_cf())},
        {axis: (axis, values, {"units": units}) for axis, values in centres.items()},
    )
    sizes = (min(chunk, rows), min(chunk, columns))
    encoding: dict[str, Any] = {name: {"_FillValue": np.asarray(nodata, pixels.dtype)}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".zarr":
            encoding[name]["chunks"] = sizes
            dataset.to_zarr(path, mode="w", consolidated=False, encoding=encoding)
        else:
            encoding[name]["chunksizes"] = sizes
            dataset.to_netcdf(path, engine="netcdf4", encoding=encoding)
    return path


REGION_ROWS = (
    {"region": "top", "name": "省"},
    *({"region": code, "name": f"县{code}", "parent": "top"} for code in ZONES.values()),
)


@dataclass(frozen=True)
class SmallRasters:
    """The small standard on a grid.

    ``cover`` and ``zones`` are codes by pixel, ``layers`` numbers by pixel with their unit; a layer
    with keys has the member of its key behind a full stop, such as ``wet.1`` for month 1. ``form``
    is the extension of the files, ``grid`` what ``write_raster`` takes of the grid. Polygons, in
    the CRS of the grid, stand in the place of the zones by pixel.
    """

    cover: Mapping[int, np.ndarray]
    zones: np.ndarray
    layers: Mapping[str, tuple[np.ndarray, str]] = field(default_factory=dict)
    data: Sequence[Row] = ()
    standard: str = small.HEAD + small.SHARED + small.WATER + small.AIR + small.SOIL
    indicators: Sequence[str] = ("water", "air", "soil")
    raster: str = RASTER
    options: Mapping[str, Any] = field(default_factory=dict)  # of the files
    form: str = "tif"
    grid: Mapping[str, Any] = field(default_factory=dict)
    polygons: Sequence[tuple[str, Any]] = ()
    methods: str = small.METHODS
    coefficients: Sequence[Row] = small.COEFFICIENTS
    walk: Sequence[Row] = small.WALK

    def regions(self) -> list[str]:
        """The codes of the regions on the grid."""
        return [code for zone, code in ZONES.items() if (self.zones == zone).any()]

    def base_data(self) -> list[Row]:
        """Emissions, which are by region in any tier."""
        rows = list(self.data)
        for code in self.regions():
            for substance, amount in (("SO2", 20.0), ("dust", 300.0)):
                rows += [
                    datum(code, "emission", amount, "t", year=year, substance=substance)
                    for year in self.cover
                ]
        return rows

    def write(self, folder: Path) -> Path:
        """Write the project on rasters."""
        raster = self.raster.replace("lc_{year}.tif", f"lc_{{year}}.{self.form}")
        zones = "zones.gpkg" if self.polygons else f"zones.{self.form}"
        inputs = ['data = ["data.csv"]', raster.replace("zones.tif", zones)]
        for layer, (_, unit) in self.layers.items():
            name, _, month = layer.partition(".")
            inputs.append(LAYER.format(name=name, path=f"{layer}.{self.form}", unit=unit))
            if month:
                inputs.append(f'keys = {{ month = "{month}" }}')
        self._write_common(folder, "\n".join(inputs))
        for year, cover in self.cover.items():
            self._write_map(folder, f"lc_{year}", cover.astype(np.uint8), NODATA)
        if self.polygons:
            self._write_polygons(folder / zones)
        else:
            self._write_map(folder, "zones", self.zones.astype(np.int16), 0)
        for layer, (pixels, _) in self.layers.items():
            self._write_map(folder, layer, pixels, np.nan)
        write_table(folder / "data.csv", self.base_data())
        return folder

    def _write_map(self, folder: Path, name: str, pixels: np.ndarray, nodata: float) -> None:
        write = write_raster if self.form == "tif" else write_arrays
        path = folder / f"{name}.{self.form}"
        write(path, pixels, nodata=nodata, **self.grid, **self.options)

    def _write_polygons(self, path: Path) -> None:
        from support.zone_files import write_zones

        codes, shapes = zip(*self.polygons, strict=True)
        write_zones(path, shapes, list(codes), crs=self.grid.get("crs", ALBERS))

    def write_table_twin(self, folder: Path) -> Path:
        """Write the same project on tables; layers must be constant by region."""
        self._write_common(folder, 'areas = "areas.csv"\ndata = ["data.csv"]')
        areas = []
        data = self.base_data()
        for year, cover in self.cover.items():
            for zone, code in ZONES.items():
                for name, number in CODES.items():
                    pixels = int(((self.zones == zone) & (cover == number)).sum())
                    if pixels:
                        areas.append(
                            small.area(code, name, pixels, "hm2", year=year, source="made up")
                        )
                for layer, (values, unit) in self.layers.items():
                    in_zone = values[self.zones == zone]
                    name, _, month = layer.partition(".")
                    keys = {"month": month} if month else {}
                    if len(in_zone):
                        data.append(datum(code, name, float(in_zone[0]), unit, year=year, **keys))
        write_table(folder / "areas.csv", areas)
        write_table(folder / "data.csv", data)
        return folder

    def _write_common(self, folder: Path, inputs: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        years = ", ".join(str(year) for year in self.cover)
        (folder / "project.toml").write_text(PROJECT.format(years=years, inputs=inputs), "utf-8")
        listed = ", ".join(f'"{name}"' for name in self.indicators)
        total = f'\n[[total]]\nid = "gep"\nname = {{ zh = "总", en = "GEP" }}\nindicators = [{listed}]\n'
        (folder / "small.toml").write_text(self.standard + total, "utf-8")
        (folder / "own.py").write_text(self.methods, "utf-8")
        blank = {"code": "", "zh": "", "en": "", "parent": "", "source": "", "locator": ""}
        classes = [{"class": row["class"]} | blank | dict(row) for row in small.CLASSES]
        write_table(folder / "classes.csv", classes)
        walk = [{"code": CODES[str(row["class"])], **row} for row in self.walk]
        write_table(folder / "walk.csv", walk)
        write_table(folder / "regions.csv", REGION_ROWS)
        write_set(folder / "base", self.coefficients)


def checkerboard(height: int, width: int, square: int, *, seed: int = 0) -> SmallRasters:
    """Regions in stripes, classes in squares, rain constant in each region."""
    rows, columns = np.indices((height, width)) // square
    zones = 1 + (columns * 3 // (columns.max() + 1))
    cover = 1 + (rows + columns) % len(CODES)
    rain = np.choose(zones - 1, [1200.0, 1600.5, 2100.25]).astype(np.float32)
    return SmallRasters({2020: cover}, zones, {"rain": (rain, "mm")})
