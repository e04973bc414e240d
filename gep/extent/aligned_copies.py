"""Aligned copies (对齐): a raster written anew on the grid of another one.

The module owns resampling, which is done by GDAL's warper block by block, and what a copy keeps of
its source: no-data value, scale, tags, colours. Checking grids is left to ``gep.extent.rasters``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gep.errors import ProblemLog, ProblemsFound, make_problem
from gep.extent.rasters import (
    Raster,
    UnreadableRaster,
    Window,
    is_array_file,
    open_unaligned,
    reading,
)
from gep.io.result_folder import scratch_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten

Resampling = Literal["nearest", "bilinear", "average", "mode"]

MUCH_FINER = 2.0  # pixels of the source along one of the copy, from which they should be averaged
_AVERAGING = ("bilinear", "average")  # give numbers that are not among the pixels
_TILE = 512  # pixels
_ACROSS = 4096  # pixels that are warped at once, in rows of a tile
_WARP_MEMORY = 64  # MiB
_TOLERANCE = 0.01  # of a pixel, by which positions may be approximated
_SPARE = {  # values that mean no data where the source declares none, if no pixel has them
    "u": (255, 65535, 0, 4294967295, *range(254, 0, -1)),
    "i": (-9999, -32768, -128, *range(-127, 0), 127),
}
_OWN_TAGS = ("AREA_OR_POINT", "STATISTICS_", "GEP_")  # of the source alone


@dataclass(frozen=True)
class AlignedCopy:
    """A copy of a raster on the grid of another one.

    Attributes
    ----------
    path : Path
    how : {'nearest', 'bilinear', 'average', 'mode'}
        How pixels were resampled.
    finer : float
        Pixels of the source along one of the copy.
    covered : float
        Share of the pixels of the copy with data.
    """

    path: Path
    how: Resampling
    finer: float
    covered: float

    @property
    def advised(self) -> Resampling | None:
        """A better way of resampling a source that is much finer; None where there is none."""
        if self.finer < MUCH_FINER or self.how not in ("nearest", "bilinear"):
            return None
        return "mode" if self.how == "nearest" else "average"


def align_raster(
    source: Path, like: Raster, out: Path, how: Resampling | None = None
) -> AlignedCopy:
    """Write a copy of a raster on the grid of another one, whole or not at all.

    Parameters
    ----------
    source : Path
        A raster as ``open_raster`` takes it; it may be rotated, flipped or masked.
    like : Raster
        The raster with the grid.
    out : Path
        The new GeoTIFF, tiled and compressed.
    how : {'nearest', 'bilinear', 'average', 'mode'}, optional
        By default ``nearest`` for integers without scale, which are codes, else ``bilinear``. The
        copy of integers is of floats where these are averaged.

    Returns
    -------
    AlignedCopy

    Raises
    ------
    ProblemsFound
        The codes of ``open_raster``; ``file-exists``, ``cannot-write``; ``grids-differ`` if the
        source has no pixel with data on the grid; ``raster-nodata`` if it declares no value for no
        data and none is free.
    """
    problems = ProblemLog()
    raster = open_unaligned(source, problems, source.name)
    problems.raise_errors()
    assert raster is not None
    refuse_existing(out)
    is_code = np.dtype(raster.dtype).kind in "iub" and raster.scale == 1 and raster.offset == 0
    how = how or ("nearest" if is_code else "bilinear")
    try:
        with scratch_folder(out.parent) as scratch:
            plain = raster.path
            if is_array_file(plain):
                plain = scratch / "source.tif"
                _write_plain(raster, plain)
            draft = scratch / "new" / out.name
            copy = _write_aligned(
                raster,
                plain,
                like,
                draft,
                how,
            )
            put_new(draft, out)
    except UnreadableRaster as error:
        values = {"file": source.name, "reason": str(error)}
        problem = make_problem(
            "unreadable-raster", source.name, "extent.raster-unreadable", **values
        )
        raise ProblemsFound([problem]) from None
    except OSError as error:
        raise ProblemsFound([unwritten(out, error)]) from None
    return AlignedCopy(out, how, copy.finer, copy.covered)


def _write_plain(raster: Raster, path: Path) -> None:
    """Write a variable of a NetCDF or Zarr as a GeoTIFF, so that GDAL can read it."""
    import rasterio

    profile = _profile(raster, raster.dtype, raster.nodata)
    with rasterio.open(path, "w", **profile) as file:
        for window in _windows(raster):
            file.write(raster.read(window), 1, window=_file_window(window))


def _profile(raster: Raster, dtype: str, nodata: float | None) -> dict[str, Any]:
    """Return the settings of a GeoTIFF on the grid of a raster."""
    from rasterio import Affine

    return {
        "driver": "GTiff",
        "crs": raster.grid.crs,
        "transform": Affine(*raster.grid.transform),
        "width": raster.grid.width,
        "height": raster.grid.height,
        "count": 1,
        "dtype": dtype,
        "nodata": nodata,
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "deflate",
        "predictor": 3 if dtype.startswith("float") else 2,
        "bigtiff": "if_safer",
    }


def _windows(raster: Raster) -> Iterator[Window]:
    """Yield the windows of a grid, rows of a tile and some tiles across."""
    height, width = raster.grid.shape
    for row in range(0, height, _TILE):
        for column in range(0, width, _ACROSS):
            yield Window(row, column, min(_TILE, height - row), min(_ACROSS, width - column))


def _file_window(window: Window) -> Any:
    """Return a window as rasterio has it."""
    from rasterio.windows import Window as FileWindow

    return FileWindow(window.column, window.row, window.width, window.height)


def _write_aligned(
    raster: Raster, plain: Path, like: Raster, draft: Path, how: Resampling
) -> AlignedCopy:
    """Warp a GeoTIFF onto a grid and write it."""
    import rasterio
    from rasterio.enums import Resampling as Method
    from rasterio.vrt import WarpedVRT

    band = 1 if plain != raster.path else int(raster.variable or 1)
    kind = np.dtype(raster.dtype).kind
    dtype = raster.dtype
    if how in _AVERAGING and kind in "iub":
        dtype = "float32" if np.dtype(dtype).itemsize < 4 else "float64"
    with reading():
        source = rasterio.open(plain)
    with source:
        nodata = raster.nodata
        if nodata is None:
            nodata = math.nan if kind == "f" else _free_value(raster)
        options: dict[str, Any] = {
            "crs": like.grid.crs,
            "transform": rasterio.Affine(*like.grid.transform),
            "width": like.grid.width,
            "height": like.grid.height,
            "resampling": Method[how],
            "src_nodata": nodata,
            "nodata": nodata,
            "dtype": dtype,
            "tolerance": _TOLERANCE,
            "warp_mem_limit": _WARP_MEMORY,
        }
        profile = _profile(like, dtype, nodata)
        valid = 0
        with WarpedVRT(source, **options) as warped, rasterio.open(draft, "w", **profile) as file:
            _keep(
                raster,
                source,
                band,
                file,
                how,
            )
            for window in _windows(like):
                with reading():
                    pixels = warped.read(band, window=_file_window(window))
                valid += int(_has_data(pixels, nodata).sum())
                file.write(pixels, 1, window=_file_window(window))
        finer = _finer(raster, like)
    if not valid:
        values = {"file": raster.label, "reference": like.label}
        problem = make_problem("grids-differ", raster.label, "extent.align-apart", **values)
        raise ProblemsFound([problem])
    return AlignedCopy(draft, how, finer, valid / (like.grid.width * like.grid.height))


def _has_data(pixels: np.ndarray, nodata: float) -> np.ndarray:
    """Return which pixels have data."""
    if math.isnan(nodata):
        return np.asarray(~np.isnan(pixels))
    return np.asarray(pixels != np.asarray(nodata).astype(pixels.dtype))


def _free_value(raster: Raster) -> float:
    """Return a value for no data that no pixel of a raster of integers has."""
    dtype = np.dtype(raster.dtype)
    limits = np.iinfo(dtype) if dtype.kind in "iu" else np.iinfo(np.uint8)
    spare = [value for value in _SPARE[dtype.kind] if limits.min <= value <= limits.max]
    taken: set[int] = set()
    for window in _windows(raster):
        taken.update(np.unique(raster.read(window)).tolist())
        free = [value for value in spare if value not in taken]
        if not free:
            message = "extent.align-no-value-free"
            problem = make_problem("raster-nodata", raster.label, message, file=raster.label)
            raise ProblemsFound([problem])
    return float(free[0])


def _keep(raster: Raster, source: Any, band: int, file: Any, how: Resampling) -> None:
    """Give a copy what its source says of the numbers."""
    file.update_tags(**_kept(source.tags()), GEP_SOURCE=raster.label, GEP_RESAMPLING=how)
    file.update_tags(1, **_kept(source.tags(band)))
    if raster.scale != 1 or raster.offset != 0:
        file.scales = (raster.scale,)
        file.offsets = (raster.offset,)
    file.descriptions = (source.descriptions[band - 1],)
    file.units = (source.units[band - 1] or "",)
    if file.dtypes[0] == "uint8":
        try:
            file.write_colormap(1, source.colormap(band))
        except ValueError:  # it has no colours
            return


def _kept(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that hold for a copy as well."""
    return {name: word for name, word in tags.items() if not name.startswith(_OWN_TAGS)}


def _finer(source: Raster, like: Raster) -> float:
    """Return how many pixels of a raster lie along one of a grid, by the one in its middle."""
    from rasterio.errors import RasterioError
    from rasterio.warp import transform

    a, b, c, d, e, f = source.grid.transform
    column, row = source.grid.width / 2, source.grid.height / 2
    west, north = c + a * column + b * row, f + d * column + e * row
    x, y = [west, west + a, west + b], [north, north + d, north + e]
    try:
        x, y = transform(source.grid.crs, like.grid.crs, x, y)
    except RasterioError:
        return 1.0
    area = abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
    if not math.isfinite(area) or area == 0:
        return 1.0
    return math.sqrt(like.grid.pixel_width * like.grid.pixel_height / area)
