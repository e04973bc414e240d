"""Small raster files, right and broken, made where a test needs them."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from rasterio import Affine

UTM49 = "EPSG:32649"
UTM50 = "EPSG:32650"
CORNER = (500_000.0, 3_200_000.0)  # of the upper left pixel, in UTM 49: 111 E, 28.9 N
PIXEL = 30.0
GDAL_NODATA = 42113  # tag of a TIFF
SHAPE = (70, 90)  # rows, columns
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"


def classes(shape: tuple[int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """Codes 1 to 4 of land cover."""
    return np.random.default_rng(seed).integers(1, 5, shape).astype("uint8")


def place(
    corner: tuple[float, float] = CORNER, pixel: float = PIXEL, down: float | None = None
) -> Affine:
    """The transform of a north-up grid."""
    return Affine(pixel, 0, corner[0], 0, -(pixel if down is None else down), corner[1])


def write_geotiff(path: Path, pixels: np.ndarray, **profile: Any) -> Path:
    """Write a GeoTIFF of one or more bands; by default in UTM 49, nodata 0."""
    bands = pixels if pixels.ndim == 3 else pixels[None]
    settings: dict[str, Any] = {
        "crs": UTM49,
        "transform": place(),
        "nodata": 0,
        "driver": "GTiff",
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype.name,
        **profile,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some are to have no place
        with rasterio.open(path, "w", **settings) as file:
            file.write(bands)
    return path


def degrees(shape: tuple[int, int] = SHAPE, step: float = 0.05) -> dict[str, Any]:
    """Coordinates of a NetCDF in degrees, north first."""
    latitude = 30.0 - step / 2 - step * np.arange(shape[0])
    longitude = 110.0 + step / 2 + step * np.arange(shape[1])
    return {
        "lat": ("lat", latitude, {"units": "degrees_north", "standard_name": "latitude"}),
        "lon": ("lon", longitude, {"units": "degrees_east", "standard_name": "longitude"}),
    }


def rain(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Rain in mm, float32."""
    return np.random.default_rng(1).uniform(800, 2000, shape).astype("float32")


def write_arrays(path: Path, variables: dict[str, Any], coords: dict[str, Any]) -> Path:
    """Write a NetCDF or Zarr."""
    dataset = xr.Dataset(variables, coords=coords)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".zarr":
            dataset.to_zarr(path, mode="w", consolidated=False)
        else:
            dataset.to_netcdf(path, engine="netcdf4")
    return path


def turned(angle: float) -> Affine:
    """The transform of a grid that is turned by degrees."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return Affine(PIXEL * cosine, PIXEL * sine, CORNER[0], PIXEL * sine, -PIXEL * cosine, CORNER[1])


# --- broken files --------------------------------------------------------------------------------


@dataclass(frozen=True)
class BrokenRaster:
    """A defect of a file or grid: the path to open, made in a folder, and the code that answers it.

    ``stage`` says what finds it: ``open`` (``open_raster``), ``grids`` (``check_grids`` against a
    right land cover), ``read`` (reading all pixels), ``classes`` (``check_nodata_class`` against
    the codes 1 to 4 and 255). ``probe`` is the case of VALIDATION_PROBE.csv that has the defect.
    """

    name: str
    make: Callable[[Path], Path]
    code: str
    words: tuple[str, ...] = ()  # what the English message must say
    stage: str = "open"
    probe: str = ""


def _cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def _tif(folder: Path, pixels: np.ndarray | None = None, **profile: Any) -> Path:
    pixels = classes() if pixels is None else pixels
    return write_geotiff(folder / "broken.tif", pixels, **profile)


def _words(folder: Path) -> Path:
    path = folder / "broken.tif"
    path.write_text("region,class,area\n", encoding="utf-8")
    return path


def _empty(folder: Path) -> Path:
    path = folder / "broken.tif"
    path.touch()
    return path


def _folder(folder: Path) -> Path:
    path = folder / "broken.tif"
    path.mkdir()
    return path


def _damaged(folder: Path) -> Path:
    size = 512
    path = _tif(
        folder,
        classes((size, size)),
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(content)
    return path


def _damaged_zarr(folder: Path) -> Path:
    path = write_arrays(folder / "broken.zarr", {"pr": (("lat", "lon"), rain())}, degrees())
    chunks = [
        each for each in (path / "pr").rglob("*") if each.is_file() and "json" not in each.name
    ]
    chunks = [each for each in chunks if not each.name.startswith(".")]
    assert len(chunks) == 1
    chunks[0].write_bytes(b"\xff" * 40)
    return path


def _masked(folder: Path) -> Path:
    path = _tif(folder, nodata=None)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        file.write_mask(classes() > 1)
    return path


def _arrays(folder: Path, *, name: str = "broken.nc", **changes: Any) -> Path:
    variables: dict[str, Any] = {"pr": (("lat", "lon"), rain())}
    coords = {**degrees(), **changes.pop("coords", {})}
    path = write_arrays(folder / name.partition("#")[0], {**variables, **changes}, coords)
    return path.with_name(name)


def _without_coordinates(folder: Path) -> Path:
    return write_arrays(folder / "broken.nc", {"pr": (("lat", "lon"), rain())}, {})


def _projected_without_crs(folder: Path) -> Path:
    coords = {
        "y": ("y", 3_200_000.0 - 15 - 30 * np.arange(SHAPE[0]), {"units": "m"}),
        "x": ("x", 500_000.0 + 15 + 30 * np.arange(SHAPE[1]), {"units": "m"}),
    }
    return write_arrays(folder / "broken.nc", {"pr": (("y", "x"), rain())}, coords)


def _curved(folder: Path) -> Path:
    latitude, longitude = np.meshgrid(
        np.linspace(30, 25, 20), np.linspace(110, 115, 30), indexing="ij"
    )
    coords = {"lat": (("y", "x"), latitude), "lon": (("y", "x"), longitude)}
    return write_arrays(folder / "broken.nc", {"pr": (("y", "x"), rain((20, 30)))}, coords)


def _nodata_of_another_type(folder: Path) -> Path:
    """A byte raster that declares -9999: libraries refuse to write it, files of others have it."""
    path = _tif(folder)
    content = bytearray(path.read_bytes())
    assert content[:2] == b"II"
    (start,) = struct.unpack("<I", content[4:8])
    (count,) = struct.unpack_from("<H", content, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, entry) == (GDAL_NODATA,):
            words = b"-9999\0"
            struct.pack_into("<II", content, entry + 4, len(words), len(content))
            path.write_bytes(content + words)
    return path


_GAUSSIAN = 30.0 - 0.05 * np.arange(SHAPE[0]) - 0.0004 * np.arange(SHAPE[0]) ** 2
_MONTHS = {"pr": (("time", "lat", "lon"), np.stack([rain()] * 12))}

BROKEN = [
    # the file
    BrokenRaster(
        "not-there", lambda folder: folder / "broken.tif", "missing-file", ("broken.tif",)
    ),
    BrokenRaster("words", _words, "unreadable-raster"),
    BrokenRaster("empty", _empty, "unreadable-raster"),
    BrokenRaster("folder", _folder, "unreadable-raster"),
    BrokenRaster("cut-off", lambda folder: _cut(_tif(folder), 0.7), "unreadable-raster"),
    BrokenRaster(
        "cut-off-compressed",
        lambda folder: _cut(_tif(folder, classes((600, 600)), tiled=True, compress="deflate"), 0.9),
        "unreadable-raster",
    ),
    BrokenRaster("cut-off-netcdf", lambda folder: _cut(_arrays(folder), 0.6), "unreadable-raster"),
    BrokenRaster("damaged", _damaged, "unreadable-raster", ("rows", "columns"), "read"),
    BrokenRaster("damaged-zarr", _damaged_zarr, "unreadable-raster", ("rows", "columns"), "read"),
    # bands, variables, types
    BrokenRaster(
        "two-bands",
        lambda folder: _tif(folder, np.stack([classes()] * 2)),
        "raster-band",
        ("2 bands",),
    ),
    BrokenRaster(
        "no-such-band",
        lambda folder: _tif(folder).with_name("broken.tif#3"),
        "raster-band",
        ('"3"', "1 band"),
    ),
    BrokenRaster("masked", _masked, "raster-band", ("mask",)),
    BrokenRaster(
        "two-variables",
        lambda folder: _arrays(folder, pet=(("lat", "lon"), rain())),
        "raster-band",
        ("pr", "pet"),
    ),
    BrokenRaster(
        "no-such-variable",
        lambda folder: _arrays(folder, name="broken.nc#rain"),
        "raster-band",
        ("rain", "pr"),
    ),
    BrokenRaster(
        "twelve-months", lambda folder: _arrays(folder, **_MONTHS), "raster-band", ("12 layers",)
    ),
    BrokenRaster(
        "month-13",
        lambda folder: _arrays(folder, name="broken.nc#pr[13]", **_MONTHS),
        "raster-band",
        ("13", "12 layers"),
    ),
    BrokenRaster(
        "complex",
        lambda folder: _tif(folder, classes().astype("complex64")),
        "raster-type",
        ("complex64",),
    ),
    BrokenRaster(
        "text",
        lambda folder: _arrays(folder, pr=(("lat", "lon"), np.full(SHAPE, "rain"))),
        "raster-type",
    ),
    # CRS and grid
    BrokenRaster("no-crs", lambda folder: _tif(folder, crs=None), "raster-crs"),
    BrokenRaster("no-place", lambda folder: _tif(folder, transform=None), "raster-grid"),
    BrokenRaster(
        "rotated",
        lambda folder: _tif(folder, transform=turned(10)),
        "raster-grid",
        ("10 degrees", "gep align"),
    ),
    BrokenRaster(
        "sheared",
        lambda folder: _tif(folder, transform=Affine(30, 4, CORNER[0], 0, -30, CORNER[1])),
        "raster-grid",
        ("sheared", "7.595 degrees", "gep align"),
    ),
    BrokenRaster(
        "south-up",
        lambda folder: _tif(folder, classes()[::-1], transform=place(down=-30)),
        "raster-grid",
        ("southernmost", "gep align"),
    ),
    BrokenRaster(
        "east-first",
        lambda folder: _tif(folder, transform=Affine(-30, 0, CORNER[0], 0, -30, CORNER[1])),
        "raster-grid",
        ("easternmost",),
    ),
    BrokenRaster(
        "metres-as-degrees", lambda folder: _tif(folder, crs="EPSG:4326"), "raster-crs", ("500000",)
    ),
    BrokenRaster(
        "irregular-latitudes",
        lambda folder: _arrays(
            folder, coords={"lat": ("lat", _GAUSSIAN, {"units": "degrees_north"})}
        ),
        "raster-grid",
    ),
    BrokenRaster("curved-coordinates", _curved, "raster-grid"),
    BrokenRaster("no-coordinates", _without_coordinates, "raster-grid"),
    BrokenRaster("metres-without-crs", _projected_without_crs, "raster-crs"),
    # nodata
    BrokenRaster(
        "nodata-not-declared",
        lambda folder: _tif(
            folder, np.where(classes() == 1, 255, classes()).astype("uint8"), nodata=None
        ),
        "raster-nodata",
        ("255",),
        probe="carbon_lulc_nodata_undefined",
    ),
    BrokenRaster(
        "nodata-not-declared-in-rain",
        lambda folder: _tif(
            folder, np.where(classes() == 1, -9999, rain()).astype("float32"), nodata=None
        ),
        "raster-nodata",
        ("-9999",),
    ),
    BrokenRaster(
        "nodata-of-another-type", _nodata_of_another_type, "raster-nodata", ("uint8", "255")
    ),
    BrokenRaster(
        "missing-value-of-another-type",
        lambda folder: _arrays(folder, pr=(("lat", "lon"), classes(), {"missing_value": -9999.0})),
        "raster-nodata",
        ("-9999", "uint8"),
    ),
    BrokenRaster(
        "nodata-is-a-class",
        lambda folder: _tif(folder, nodata=255),
        "nodata-class",
        ("255",),
        "classes",
    ),
    # against the grid of land cover
    BrokenRaster(
        "half-a-pixel",
        lambda folder: _tif(folder, transform=place((CORNER[0] + 15, CORNER[1]))),
        "grids-differ",
        ("0.5 pixels (15 m) east", "gep align broken.tif --like land.tif"),
        "grids",
        "carbon_alt_shifted_half_pixel",
    ),
    BrokenRaster(
        "ten-kilometres",
        lambda folder: _tif(folder, transform=place((CORNER[0] - 10_000, CORNER[1] + 10_000))),
        "grids-differ",
        ("333 pixels (10,000 m) west", "333 pixels (10,000 m) north"),
        "grids",
        "carbon_alt_shifted_10km",
    ),
    BrokenRaster(
        "other-utm-zone",
        lambda folder: _tif(folder, crs=UTM50),
        "grids-differ",
        ("EPSG:32650", "EPSG:32649", "east"),
        "grids",
        "carbon_alt_other_utm_zone",
    ),
    BrokenRaster(
        "coarser",
        lambda folder: _tif(folder, classes((35, 45)), transform=place(pixel=60)),
        "grids-differ",
        ("35 x 45", "not 70 x 90", "60 x 60 m", "not 30 x 30 m"),
        "grids",
    ),
    BrokenRaster(
        "a-row-less",
        lambda folder: _tif(folder, classes((69, 90))),
        "grids-differ",
        ("69 x 90",),
        "grids",
    ),
    BrokenRaster(
        "in-degrees",
        lambda folder: _tif(folder, crs="EPSG:4326", transform=place((111.0, 28.9), 0.0003)),
        "grids-differ",
        ("EPSG:4326", "0.0003 x 0.0003 degrees", "30 x 30 m"),
        "grids",
    ),
    BrokenRaster(
        "all-at-once",
        lambda folder: _tif(
            folder, classes((10, 10)), crs=ALBERS, transform=place((601_234.0, 3_100_000.0), 1000)
        ),
        "grids-differ",
        ("+proj=aea", "EPSG:32649", "10 x 10", "1000 x 1000 m", "upper left corner"),
        "grids",
    ),
]
