"""Rasters (栅格): the grid of a file, what its pixels are, and reading them by windows.

The module owns opening GeoTIFF through rasterio, NetCDF and Zarr through xarray, and the checks
that need no pixel. What the pixels mean, who owns them and how they are summed is left to
``gep.extent.zones``, ``gep.extent.tabulation`` and ``gep.extent.blocks``.
"""

import math
import os
import re
import threading
import warnings
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from gep.errors import ProblemLog, ProblemsFound, Where, make_problem
from gep.texts.catalogue import Text, text

_ARRAY_FORMATS = (".nc", ".nc4", ".cdf", ".zarr")
_HANDLES = 64  # files that a thread keeps open
_GDAL_CACHE = "16"  # MiB of decoded blocks that GDAL keeps; its habit is 5 % of the machine
_STEP_TOLERANCE = 0.01  # of a pixel, by which coordinates may stray from a regular grid
_USUAL_NODATA = {  # by type, what pixels without data often are, whether the file says so or not
    "uint8": (0, 255),
    "int8": (-128,),
    "uint16": (0, 65535),
    "int16": (-9999, -32768),
    "int32": (-9999, -2147483648),
    "float32": (-9999.0, -3.4e38),
    "float64": (-9999.0, -3.4e38),
}
_NUMBER_KINDS = "biuf"
_DEGREES_LATITUDE = 90.0
_DEGREES_LONGITUDE = 360.0
_ROUNDING_DEGREES = 1e-6
_Y_NAMES = ("y", "lat", "latitude", "northing")
_X_NAMES = ("x", "lon", "long", "longitude", "easting")
_LEVEL = re.compile(r"(?P<name>.+)\[(?P<level>\d+)\]")  # pr[3] is the third of its layers
_WGS84 = "EPSG:4326"
_NAMELESS = ("unknown", "unnamed", "")  # names of a CRS that say nothing
_NO_PLACE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # the transform of a file that has none
_NORTH_UP = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
_METRES_PER_DEGREE = 111_320.0  # of latitude; only to say roughly how far grids are apart


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels.

    Attributes
    ----------
    row, column : int
        The upper left pixel, from 0.
    height, width : int
        Pixels down and across.
    """

    row: int
    column: int
    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width


@dataclass(frozen=True)
class Grid:
    """Where the pixels of a raster lie: north-up, in rows and columns of one size.

    Attributes
    ----------
    crs : str
        Coordinate reference system as WKT.
    transform : tuple of 6 float
        ``(a, b, c, d, e, f)`` with ``x = a * column + b * row + c`` and
        ``y = d * column + e * row + f`` at the upper left corner of a pixel (rasterio's ``Affine``
        without its last row); ``b`` and ``d`` are 0, ``a`` is above and ``e`` below 0.
    width, height : int
        Pixels across and down.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def pixel_width(self) -> float:
        """Width of a pixel in units of the CRS."""
        return self.transform[0]

    @property
    def pixel_height(self) -> float:
        """Height of a pixel in units of the CRS, above 0."""
        return -self.transform[4]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in units of the CRS."""
        a, _, west, _, e, north = self.transform
        return west, north + e * self.height, west + a * self.width, north

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees of longitude and latitude."""
        from rasterio.crs import CRS

        return bool(CRS.from_wkt(self.crs).is_geographic)

    @property
    def window(self) -> Window:
        """The whole grid as a window."""
        return Window(0, 0, self.height, self.width)

    def window_transform(self, window: Window) -> tuple[float, float, float, float, float, float]:
        """Return the transform of a window.

        Parameters
        ----------
        window : Window

        Returns
        -------
        tuple of 6 float
            As ``transform``, counted from the upper left pixel of the window.
        """
        a, b, c, d, e, f = self.transform
        x = c + a * window.column + b * window.row
        y = f + d * window.column + e * window.row
        return a, b, x, d, e, y


@dataclass(frozen=True)
class Raster:
    """One layer of a raster file; a value that can be pickled, for files are opened where it reads.

    Attributes
    ----------
    path : Path
        The file, or the folder of a Zarr.
    variable : str
        Variable of a NetCDF or Zarr, with ``[3]`` for the third of its layers; the number of the
        band of a GeoTIFF, blank for its only one.
    grid : Grid
    dtype : str
        NumPy's name of the type of the stored values.
    nodata : float or None
        The stored value that means no data; None if none is declared.
    scale, offset : float
        A number is ``stored * scale + offset``.
    blocks : tuple of int
        Rows and columns of the pieces in which the file is stored.
    flipped : bool
        Whether the file holds the southernmost row first; ``read`` turns it.
    transposed : bool
        Whether the file holds columns before rows; ``read`` turns it.
    """

    path: Path
    variable: str
    grid: Grid
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    blocks: tuple[int, int]
    flipped: bool = False
    transposed: bool = False

    @property
    def label(self) -> str:
        """Name of the file, with ``#variable`` if one is named."""
        return f"{self.path.name}#{self.variable}" if self.variable else self.path.name

    def read(self, window: Window) -> np.ndarray:
        """Read the pixels of a window as they are stored.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        ndarray
            Of ``dtype``, height x width, the northernmost row first.

        Raises
        ------
        ValueError
            If the window reaches beyond the grid.
        ProblemsFound
            ``unreadable-raster`` if the file is damaged there.
        """
        down = window.row + window.height
        across = window.column + window.width
        if window.row < 0 or window.column < 0 or down > self.grid.height:
            raise ValueError(f"{window} is outside of {self.label}")
        if across > self.grid.width:
            raise ValueError(f"{window} is outside of {self.label}")
        try:
            if is_array_file(self.path):
                return _read_variable(self, window)
            return _read_band(self, window)
        except UnreadableRaster as error:
            values = {"row": window.row + 1, "last_row": down, "reason": str(error)}
            values |= {"column": window.column + 1, "last_column": across}
            message = "extent.raster-unreadable-window"
            problem = make_problem("unreadable-raster", self.label, message, **values)
            raise ProblemsFound([problem]) from None

    def read_numbers(self, window: Window) -> np.ndarray:
        """Read the pixels of a window as numbers.

        Parameters
        ----------
        window : Window
            Inside the grid.

        Returns
        -------
        ndarray
            float32 if the file stores float32 without scale and offset, else float64; NaN where
            there is no data. Sum it in float64.

        Raises
        ------
        ProblemsFound
            ``unreadable-raster`` if the file is damaged there.
        """
        stored = self.read(window)
        is_scaled = self.scale != 1.0 or self.offset != 0.0
        is_float32 = stored.dtype == np.float32 and not is_scaled
        numbers: np.ndarray = np.asarray(stored, dtype=np.float32 if is_float32 else np.float64)
        if is_scaled:
            numbers = np.asarray(numbers * np.float64(self.scale) + self.offset)
        stored_nodata = self.stored_nodata
        if stored_nodata is None or np.isnan(stored_nodata):
            return numbers
        empty = stored == stored_nodata
        if not empty.any():
            return numbers
        if numbers is stored:  # which its reader may have shared
            return np.where(empty, np.float32(np.nan), numbers)
        numbers[empty] = np.nan
        return numbers

    @property
    def stored_nodata(self) -> Any:
        """The value that means no data in the type of the pixels; None if no pixel can have it."""
        if self.nodata is None:
            return None
        return _cast(self.nodata, np.dtype(self.dtype))


def open_raster(path: Path, problems: ProblemLog, where: Where) -> Raster | None:
    """Open a raster and check what can be checked without its pixels.

    Parameters
    ----------
    path : Path
        A GeoTIFF (``file.tif``, ``file.tif#2`` for its second band), NetCDF (``file.nc#variable``)
        or Zarr (``folder.zarr#variable``); ``#variable[3]`` is the third layer of a variable that
        has more.
    problems : ProblemLog
        Receives ``missing-file``, ``file-format`` where a library is missing,
        ``unreadable-raster``, ``raster-band``, ``raster-type``, ``raster-crs``, ``raster-grid``
        and the warning ``raster-nodata``.
    where : str or Sayable
        Where the file is named, for problems.

    Returns
    -------
    Raster or None
        None if a problem was added that stops the account.
    """
    return _open(path, problems, where, any_grid=False)


def open_unaligned(path: Path, problems: ProblemLog, where: Where) -> Raster | None:
    """Open a raster that may lie anyhow: rotated, with its rows flipped, with a mask.

    Parameters
    ----------
    path, problems, where
        As of ``open_raster``.

    Returns
    -------
    Raster or None
        Only ``gep.extent.aligned_copies`` may use its pixels.
    """
    return _open(path, problems, where, any_grid=True)


def _open(path: Path, problems: ProblemLog, where: Where, *, any_grid: bool) -> Raster | None:
    """Open a raster and check it; a grid of any kind is left as it is if that is allowed."""
    file, variable = split_variable(path)
    if not file.exists():
        problems.add("missing-file", where, "extent.raster-missing", file=file.as_posix())
        return None
    log = ProblemLog()
    raster = None
    try:
        with _quiet():
            if is_array_file(file):
                raster = _open_variable(file, variable, log, where)
            else:
                raster = _open_band(
                    file,
                    variable,
                    log,
                    where,
                    any_grid=any_grid,
                )
    except ImportError as error:
        values = {"file": file.name, "library": error.name or str(error)}
        log.add("file-format", where, "extent.raster-library", **values)
    except UnreadableRaster as error:
        values = {"file": file.name, "reason": str(error).replace(str(file), file.name)}
        log.add("unreadable-raster", where, "extent.raster-unreadable", **values)
    if raster is not None and not any_grid:
        _check_bounds(raster, log, where)
        _check_nodata(raster, log, where)
    problems.include_log(log)
    return None if log.errors else raster


def split_variable(path: Path) -> tuple[Path, str]:
    """Split ``file.nc#variable`` into the file and the name of the variable.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of (Path, str)
        The file, and the variable or band; blank if none is named.
    """
    name, mark, variable = path.name.partition("#")
    if mark and not path.exists():
        return path.with_name(name), variable
    return path, ""


def is_array_file(path: Path) -> bool:
    """Return whether a file is a NetCDF or Zarr, which xarray reads.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
    """
    return path.suffix.lower() in _ARRAY_FORMATS


class UnreadableRaster(Exception):
    """What a library said of a file that it cannot read."""


@contextmanager
def reading(*errors: type[Exception]) -> Iterator[None]:
    """Raise what libraries raise for a damaged file as one exception.

    Parameters
    ----------
    *errors : type of Exception
        What is raised for it beside ``OSError``.

    Raises
    ------
    UnreadableRaster
    """
    try:
        yield
    except (OSError, *errors) as error:  # type: ignore[misc]
        cause = error.__cause__ or error
        lines = str(cause).strip().splitlines()
        raise UnreadableRaster(lines[0] if lines else type(cause).__name__) from error


def _cast(number: float, dtype: np.dtype[Any]) -> Any:
    """Return a number in the type of pixels; None if the type cannot hold it."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            cast = dtype.type(number)
        return None if math.isinf(float(cast)) and not math.isinf(number) else cast
    if dtype.kind == "b" or not math.isfinite(number) or number != math.floor(number):
        return None
    limits = np.iinfo(dtype)
    if not limits.min <= number <= limits.max:
        return None
    return dtype.type(int(number))


# --- handles -------------------------------------------------------------------------------------


class _Handles(threading.local):
    """The open files of a thread."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.files: dict[Hashable, Any] = {}


_OPEN = _Handles()
_NETCDF = threading.Lock()  # see _one_at_a_time


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libraries warn of from the user: what matters is checked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _handle(path: Path) -> Any:
    """Return an open file of this thread; the one unused for longest is closed if there are many.

    A process that was forked opens files anew, for positions in files would be shared; so does one
    whose file has changed since.
    """
    if _OPEN.process != os.getpid():
        _OPEN.process = os.getpid()
        _OPEN.files = {}
    state = path.stat()
    key = (path, state.st_mtime_ns, state.st_size, state.st_ino)
    file = _OPEN.files.pop(key, None)
    if file is None:
        while len(_OPEN.files) >= _HANDLES:
            with _NETCDF:
                _OPEN.files.pop(next(iter(_OPEN.files))).close()
        file = _open_dataset(path) if is_array_file(path) else _open_geotiff(path)
    _OPEN.files[key] = file
    return file


def close_rasters() -> None:
    """Close the files that this thread has open."""
    if _OPEN.process == os.getpid():
        with _NETCDF:
            for file in _OPEN.files.values():
                file.close()
    _OPEN.files = {}


# --- GeoTIFF -------------------------------------------------------------------------------------


def _open_geotiff(path: Path) -> Any:
    """Open a file by rasterio."""
    # rasterio.Env would set it for as long as it lasts, and for all threads take it back
    os.environ.setdefault("GDAL_CACHEMAX", _GDAL_CACHE)
    import rasterio

    with reading():
        return rasterio.open(path)


def _read_band(raster: Raster, window: Window) -> np.ndarray:
    """Read the pixels of a band."""
    from rasterio.windows import Window as FileWindow

    band = int(raster.variable or 1)
    place = FileWindow(window.column, window.row, window.width, window.height)
    with reading():
        return np.asarray(_handle(raster.path).read(band, window=place))


def _open_band(
    path: Path, name: str, problems: ProblemLog, where: Where, *, any_grid: bool
) -> Raster | None:
    """Describe a band of a file that rasterio reads."""
    file = _handle(path)
    values: dict[str, Any] = {"file": path.name, "count": file.count}
    if not name and file.count != 1:
        problems.add("raster-band", where, "extent.raster-bands", **values)
        return None
    band = int(name) if name.isascii() and name.isdigit() else (0 if name else 1)
    if not 1 <= band <= file.count:
        problems.add(
            "raster-band",
            where,
            "extent.raster-band-unknown",
            **values,
            band=name,
        )
        return None
    dtype = str(file.dtypes[band - 1])
    if not _check_type(dtype, path.name, problems, where):
        return None
    crs = file.crs.to_wkt() if file.crs else ""
    transform = tuple(file.transform)[:6]
    checked = transform if not any_grid or transform == _NO_PLACE else _NORTH_UP
    if not _check_grid(
        crs,
        checked,
        path.name,
        problems,
        where,
    ):
        return None
    grid = Grid(crs, transform, file.width, file.height)
    if not _check_whole(file, band, problems, where):
        return None
    nodata = file.nodatavals[band - 1]
    masks = {flag.name for flag in file.mask_flag_enums[band - 1]}
    if masks & {"per_dataset", "alpha"} and nodata is None and not any_grid:
        problems.add("raster-band", where, "extent.raster-masked", file=path.name)
        return None
    blocks = file.block_shapes[band - 1]
    return Raster(
        path=path,
        variable=name,
        grid=grid,
        dtype=dtype,
        nodata=None if nodata is None else float(nodata),
        scale=float(file.scales[band - 1]),
        offset=float(file.offsets[band - 1]),
        blocks=(int(blocks[0]), int(blocks[1])),
    )


def _check_type(dtype: str, file: str, problems: ProblemLog, where: Where) -> bool:
    """Check that pixels are numbers."""
    try:
        kind = np.dtype(dtype).kind
    except TypeError:  # rasterio's complex_int16
        kind = "c"
    if kind in _NUMBER_KINDS:
        return True
    problems.add(
        "raster-type",
        where,
        "extent.raster-type",
        file=file,
        type=dtype,
    )
    return False


def _check_grid(
    crs: str, transform: tuple[float, ...], file: str, problems: ProblemLog, where: Where
) -> bool:
    """Check that a raster is georeferenced, has a CRS, and is north-up."""
    a, b, _, d, e, _ = transform
    if transform == _NO_PLACE:
        problems.add("raster-grid", where, "extent.raster-not-placed", file=file)
    elif b or d:
        angles = [math.degrees(math.atan2(d, a)), math.degrees(math.atan2(b, -e))]
        angle = max(angles, key=abs)
        problems.add(
            "raster-grid",
            where,
            "extent.raster-rotated",
            file=file,
            angle=angle,
        )
    elif e > 0 or a < 0:
        message = "extent.raster-south-up" if e > 0 else "extent.raster-east-first"
        problems.add("raster-grid", where, message, file=file)
    if not crs:
        problems.add("raster-crs", where, "extent.raster-no-crs", file=file)
    return bool(crs) and not problems.has("raster-grid")


def _check_bounds(raster: Raster, problems: ProblemLog, where: Where) -> None:
    """Check that coordinates in degrees are on the earth."""
    west, south, east, north = raster.grid.bounds
    if not raster.grid.is_geographic:
        return
    latitude = max(abs(south), abs(north))
    longitude = max(abs(west), abs(east))
    is_high = latitude > _DEGREES_LATITUDE + _ROUNDING_DEGREES + raster.grid.pixel_height / 2
    if is_high or longitude > _DEGREES_LONGITUDE + _ROUNDING_DEGREES + raster.grid.pixel_width:
        values = {"west": west, "south": south, "east": east, "north": north}
        message = "extent.raster-not-degrees"
        problems.add(
            "raster-crs",
            where,
            message,
            file=raster.path.name,
            **values,
        )


def _check_nodata(raster: Raster, problems: ProblemLog, where: Where) -> None:
    """Warn of no-data values that cannot occur, and of files that declare none."""
    values: dict[str, Any] = {"file": raster.path.name, "type": raster.dtype}
    if raster.nodata is not None:
        if raster.stored_nodata is None:
            message = "extent.raster-nodata-impossible"
            problems.add(
                "raster-nodata",
                where,
                message,
                **values,
                nodata=raster.nodata,
            )
        return
    is_float_array = is_array_file(raster.path) and raster.dtype.startswith("float")
    usual = _USUAL_NODATA.get(raster.dtype)
    if usual is not None and not is_float_array:  # whose habit is NaN
        message = "extent.raster-nodata-not-declared"
        problems.add(
            "raster-nodata",
            where,
            message,
            **values,
            usual=usual,
        )


def check_nodata_class(
    raster: Raster, codes: Collection[int], problems: ProblemLog, where: Where
) -> None:
    """Check that the value that means no data is not the code of a class too.

    Parameters
    ----------
    raster : Raster
        Of land cover, or of zones.
    codes : collection of int
        Codes of the classes that are known.
    problems : ProblemLog
        Receives ``nodata-class``.
    where : str or Sayable
        Where the file is named.
    """
    nodata = raster.nodata
    if nodata is not None and nodata in codes:
        values = {"file": raster.label, "nodata": nodata}
        problems.add("nodata-class", where, "extent.raster-nodata-class", **values)


def _check_whole(file: Any, band: int, problems: ProblemLog, where: Where) -> bool:
    """Check that the blocks of a GeoTIFF end before its file does: ``unreadable-raster``."""
    if file.driver != "GTiff":
        return True
    size = os.stat(file.name).st_size
    rows, columns = file.block_shapes[band - 1]
    end = 0
    for row in range(math.ceil(file.height / rows)):
        for column in range(math.ceil(file.width / columns)):
            place = f"{column}_{row}"
            start = file.get_tag_item(f"BLOCK_OFFSET_{place}", "TIFF", bidx=band)
            if start is not None:  # blocks without data may be left out
                length = file.get_tag_item(f"BLOCK_SIZE_{place}", "TIFF", bidx=band)
                end = max(end, int(start) + int(length))
    if end <= size:
        return True
    values = {"file": Path(file.name).name, "size": size, "end": end}
    problems.add("unreadable-raster", where, "extent.raster-cut-off", **values)
    return False


# --- several grids -------------------------------------------------------------------------------


def check_grids(reference: Raster, others: Iterable[Raster], problems: ProblemLog) -> None:
    """Check that rasters have the grid of another one, and say all that differs and by how much.

    Grids agree where CRS and shape are the same and no corner is farther off than a hundredth of a
    pixel.

    Parameters
    ----------
    reference : Raster
        The raster whose grid counts: that of land cover.
    others : iterable of Raster
    problems : ProblemLog
        Receives ``grids-differ`` for each of them that differs.
    """
    for raster in others:
        differences = _differences(reference.grid, raster.grid)
        if differences:
            values: dict[str, Any] = {"file": raster.label, "reference": reference.label}
            values["differences"] = _joined(differences)
            message = "extent.raster-grids-differ"
            problems.add("grids-differ", raster.label, message, **values)


def _joined(differences: Sequence[Text]) -> Text:
    """Return differences as one text."""
    joined = differences[0]
    for difference in differences[1:]:
        joined = text("extent.raster-and", first=joined, second=difference)
    return joined


def _differences(reference: Grid, grid: Grid) -> list[Text]:
    """Return in words how a grid differs from another one."""
    differences = []
    same_crs = _same_crs(reference.crs, grid.crs)
    if not same_crs:
        names = {"crs": _crs_name(grid.crs), "expected": _crs_name(reference.crs)}
        differences.append(text("extent.raster-other-crs", **names))
    if grid.shape != reference.shape:
        values = {"rows": grid.height, "columns": grid.width}
        values |= {"expected_rows": reference.height, "expected_columns": reference.width}
        differences.append(text("extent.raster-other-shape", **values))
    pixel, expected = _pixel_size(grid), _pixel_size(reference)
    if not same_crs and grid.is_geographic != reference.is_geographic:
        same_pixel = False
    else:
        stretch_across = abs(pixel[0] - expected[0]) * reference.width
        stretch_down = abs(pixel[1] - expected[1]) * reference.height
        same_pixel = stretch_across <= _STEP_TOLERANCE * expected[0]
        same_pixel = same_pixel and stretch_down <= _STEP_TOLERANCE * expected[1]
    if not same_pixel:
        sizes = {"pixel": _pixel_words(grid), "expected": _pixel_words(reference)}
        differences.append(text("extent.raster-other-pixel", **sizes))
    shift = _shift(reference, grid, same_crs)
    if shift is not None:
        differences.append(shift)
    return differences


def _same_crs(first: str, second: str) -> bool:
    """Return whether two CRS place points at the same spot."""
    if first == second:
        return True
    from rasterio.crs import CRS

    return bool(CRS.from_wkt(first) == CRS.from_wkt(second))


def _crs_name(wkt: str) -> str:
    """Return the name of a CRS, with its code of EPSG if it has one."""
    from rasterio.crs import CRS

    crs = CRS.from_wkt(wkt)
    code = crs.to_epsg()
    name = wkt.split('"')[1]
    if code:
        return f"{name} (EPSG:{code})"
    return str(crs.to_proj4()) if name.lower() in _NAMELESS else name


def _pixel_size(grid: Grid) -> tuple[float, float]:
    """Return width and height of a pixel in units of the CRS."""
    return grid.pixel_width, grid.pixel_height


def _metres(grid: Grid) -> tuple[float, float]:
    """Return the metres of a unit of the CRS east and north, roughly where it is in degrees."""
    if not grid.is_geographic:
        from rasterio.crs import CRS

        factor = float(CRS.from_wkt(grid.crs).linear_units_factor[1])
        return factor, factor
    _, south, _, north = grid.bounds
    latitude = math.radians((south + north) / 2)
    return _METRES_PER_DEGREE * math.cos(latitude), _METRES_PER_DEGREE


def _pixel_words(grid: Grid) -> Text:
    """Return the size of a pixel in words, in metres where they are not degrees."""
    if grid.is_geographic:
        values = {"width": grid.pixel_width, "height": grid.pixel_height}
        return text("extent.raster-degrees", **values)
    east, north = _metres(grid)
    values = {"width": grid.pixel_width * east, "height": grid.pixel_height * north}
    return text("extent.raster-metres", **values)


def _rounded(distance: float) -> float:
    """Return a distance as people read it: hundredths below a hundred, else whole."""
    size = abs(distance)
    return round(size, 2 if size < 100 else 0)


def _shift(reference: Grid, grid: Grid, same_crs: bool) -> Text | None:
    """Return in words how far the upper left corner of a grid is from that of another one."""
    west, _, _, north = grid.bounds
    if not same_crs:
        from rasterio.errors import RasterioError
        from rasterio.warp import transform

        try:
            (west,), (north,) = transform(grid.crs, reference.crs, [west], [north])
        except RasterioError:
            return None
        if not math.isfinite(west) or not math.isfinite(north):
            return None
    reference_west, _, _, reference_north = reference.bounds
    east = west - reference_west
    south = reference_north - north
    across = east / reference.pixel_width
    down = south / reference.pixel_height
    if max(abs(across), abs(down)) <= _STEP_TOLERANCE:
        return None
    metres_east, metres_north = _metres(reference)
    words = []
    for pixels, metres, directions in (
        (across, east * metres_east, ("east", "west")),
        (down, south * metres_north, ("south", "north")),
    ):
        if abs(pixels) > _STEP_TOLERANCE:
            direction = directions[0] if pixels > 0 else directions[1]
            values = {"pixels": _rounded(pixels), "metres": _rounded(metres)}
            words.append(text(f"extent.raster-shift-{direction}", **values))
    return text("extent.raster-other-place", shifts=words)


# --- NetCDF and Zarr -----------------------------------------------------------------------------


def _is_zarr(path: Path) -> bool:
    """Return whether a file is a Zarr, by its ending."""
    return path.suffix.lower() == ".zarr"


def _one_at_a_time(path: Path) -> AbstractContextManager[object]:
    """Keep other threads from files of the library of a file, if it takes one at a time.

    HDF5 does. xarray locks what it reads of a NetCDF, but not what it asks when it opens one.
    """
    return nullcontext() if _is_zarr(path) else _NETCDF


def _open_dataset(path: Path) -> Any:
    """Open a NetCDF or Zarr by xarray, its variables as they are stored."""
    import xarray as xr

    is_zarr = _is_zarr(path)
    import_module("zarr" if is_zarr else "netCDF4")  # so that a missing library is named
    options: dict[str, Any] = {"decode_cf": False, "cache": False}
    if is_zarr:
        options["consolidated"] = False  # a record of what is in the folder may be out of date
    with _one_at_a_time(path), reading(RuntimeError, ValueError, KeyError):
        return xr.open_dataset(path, engine="zarr" if is_zarr else "netcdf4", **options)


def _read_variable(raster: Raster, window: Window) -> np.ndarray:
    """Read the pixels of a variable."""
    name, level = _split_level(raster.variable)
    array = _handle(raster.path)[name]
    rows = slice(window.row, window.row + window.height)
    columns = slice(window.column, window.column + window.width)
    if raster.flipped:
        height = raster.grid.height
        rows = slice(height - rows.stop, height - rows.start)
    picked: list[Any] = [level if size > 1 else 0 for size in array.shape[:-2]]
    picked += [columns, rows] if raster.transposed else [rows, columns]
    with _one_at_a_time(raster.path), reading(RuntimeError, ValueError):
        pixels = np.asarray(array[tuple(picked)].values)
    if raster.transposed:
        pixels = pixels.T
    if raster.flipped:
        pixels = pixels[::-1]
    dtype = np.dtype(raster.dtype)
    if pixels.dtype.kind != dtype.kind and pixels.dtype.itemsize == dtype.itemsize:
        return np.ascontiguousarray(pixels).view(dtype)  # _Unsigned, or flags
    return np.ascontiguousarray(pixels.astype(dtype, copy=False))


def _split_level(variable: str) -> tuple[str, int]:
    """Split ``pr[3]`` into the variable and the position of its layer."""
    match = _LEVEL.fullmatch(variable)
    return (match["name"], int(match["level"]) - 1) if match else (variable, 0)


def _open_variable(path: Path, name: str, problems: ProblemLog, where: Where) -> Raster | None:
    """Describe a variable of a file that xarray reads."""
    dataset = _handle(path)
    maps = _maps_of(dataset)
    if not name and len(maps) == 1:
        name = maps[0]
    variable, level = _split_level(name)
    values: dict[str, Any] = {"file": path.name, "variables": maps}
    if not name:
        problems.add("raster-band", where, "extent.raster-variables", **values)
        return None
    if variable not in maps:
        message = "extent.raster-variable-unknown"
        problems.add(
            "raster-band",
            where,
            message,
            **values,
            variable=variable,
        )
        return None
    array = dataset[variable]
    if not _check_levels(
        array,
        name,
        level,
        path.name,
        problems,
        where,
    ):
        return None
    dtype = "uint8" if array.dtype == bool else str(array.dtype.newbyteorder("="))
    if str(array.attrs.get("_Unsigned", "")).lower() == "true":
        dtype = dtype.replace("int", "uint") if dtype.startswith("int") else dtype
    if not _check_type(dtype, path.name, problems, where):
        return None
    with _one_at_a_time(path):  # it reads the coordinates
        layout = _layout(array, dataset)
    if layout is None:
        problems.add("raster-grid", where, "extent.raster-irregular", file=path.name)
        return None
    crs = _crs_of(array, dataset)
    if not _check_grid(
        crs,
        layout.transform,
        path.name,
        problems,
        where,
    ):
        return None
    rows, columns = (-1, -2) if layout.transposed else (-2, -1)
    grid = Grid(crs, layout.transform, array.shape[columns], array.shape[rows])
    chunks = array.encoding.get("chunksizes") or array.encoding.get("chunks") or array.shape
    return Raster(
        path=path,
        variable=name,
        grid=grid,
        dtype=dtype,
        nodata=_nodata_of(array.attrs, np.dtype(dtype)),
        scale=float(array.attrs.get("scale_factor", 1.0)),
        offset=float(array.attrs.get("add_offset", 0.0)),
        blocks=(int(chunks[rows]), int(chunks[columns])),
        flipped=layout.flipped,
        transposed=layout.transposed,
    )


def _maps_of(dataset: Any) -> list[str]:
    """Return the variables that are maps, and no coordinates or bounds of others."""
    beside: set[str] = set(str(dataset.attrs.get("coordinates", "")).split())
    for variable in dataset.variables.values():
        for key in ("coordinates", "bounds", "climatology"):
            beside.update(str(variable.attrs.get(key, "")).split())
    names = [str(name) for name in dataset.data_vars if dataset[name].ndim >= 2]
    return [name for name in names if name not in beside]


def _check_levels(
    array: Any, name: str, level: int, file: str, problems: ProblemLog, where: Where
) -> bool:
    """Check that a variable has one layer, or that one of its layers is named."""
    sizes = [size for size in array.shape[:-2] if size > 1]
    count = math.prod(sizes)
    values = {"file": file, "variable": str(array.name), "count": count}
    if len(sizes) > 1 or (count > 1 and _LEVEL.fullmatch(name) is None):
        problems.add("raster-band", where, "extent.raster-layers", **values)
        return False
    if not 0 <= level < max(count, 1):
        problems.add(
            "raster-band",
            where,
            "extent.raster-layer-unknown",
            **values,
            level=level + 1,
        )
        return False
    return True


@dataclass(frozen=True)
class _Layout:
    """How the coordinates of a variable lie."""

    transform: tuple[float, float, float, float, float, float]
    flipped: bool
    transposed: bool


def _layout(array: Any, dataset: Any) -> _Layout | None:
    """Return how the coordinates of a variable lie; None if they are not regular."""
    first, last = str(array.dims[-2]), str(array.dims[-1])
    transposed = _is_axis(dataset, first, "x") and _is_axis(dataset, last, "y")
    y, x = (last, first) if transposed else (first, last)
    if y not in dataset.variables or x not in dataset.variables:
        return None
    across = _steps(np.asarray(dataset[x].values))
    down = _steps(np.asarray(dataset[y].values))
    if across is None or down is None or across[1] < 0:
        return None
    (west, width), (top, height) = across, down
    flipped = height > 0
    if flipped:
        top += height * (array.sizes[y] - 1)
        height = -height
    transform = (width, 0.0, west - width / 2, 0.0, height, top - height / 2)
    precise = _stated_transform(array, dataset, flipped)
    if precise is not None and _is_near(precise, transform, array.sizes[x], array.sizes[y]):
        transform = precise
    return _Layout(transform, flipped, transposed)


def _is_axis(dataset: Any, name: str, axis: str) -> bool:
    """Return whether a dimension runs east (``x``) or north (``y``)."""
    attributes: Mapping[str, Any] = dataset[name].attrs if name in dataset.variables else {}
    names, word = (_X_NAMES, "longitude") if axis == "x" else (_Y_NAMES, "latitude")
    standard = (word, f"projection_{axis}_coordinate")
    if name.lower() in names or attributes.get("standard_name") in standard:
        return True
    return str(attributes.get("axis", "")).lower() == axis


def _steps(coordinate: np.ndarray) -> tuple[float, float] | None:
    """Return the first coordinate and the step; None if steps differ by more than rounding."""
    if coordinate.ndim != 1 or coordinate.dtype.kind not in "iuf" or len(coordinate) < 2:
        return None
    numbers = coordinate.astype(float)
    first = float(numbers[0])
    step = float(numbers[-1] - numbers[0]) / (len(numbers) - 1)
    if not math.isfinite(step) or step == 0:
        return None
    rounding = 0.0
    if coordinate.dtype.kind == "f":
        rounding = 2 * float(np.finfo(coordinate.dtype).eps) * float(np.abs(numbers).max())
    allowed = max(_STEP_TOLERANCE * abs(step), rounding)
    strays = np.abs(numbers - (first + step * np.arange(len(numbers))))
    return (first, step) if bool((strays <= allowed).all()) else None


def _mapping_of(array: Any, dataset: Any) -> Mapping[str, Any]:
    """Return the attributes of the grid mapping of a variable; empty if it has none."""
    words = str(array.attrs.get("grid_mapping", "")).split(":")[0].split()
    for name in (*words, "spatial_ref", "crs"):
        if name in dataset.variables:
            attributes: Mapping[str, Any] = dataset[name].attrs
            return attributes
    return {}


def _stated_transform(
    array: Any, dataset: Any, flipped: bool
) -> tuple[float, float, float, float, float, float] | None:
    """Return the transform that GDAL and rioxarray write beside a grid mapping."""
    words = str(_mapping_of(array, dataset).get("GeoTransform", "")).split()
    try:
        c, a, b, f, d, e = (float(word) for word in words)
    except ValueError:
        return None
    if flipped and e > 0:
        rows = array.shape[-2]
        f, e = f + e * rows, -e
    return a, b, c, d, e, f


def _is_near(
    stated: tuple[float, ...], transform: tuple[float, ...], width: int, height: int
) -> bool:
    """Return whether two north-up transforms put all corners at the same places."""
    a, b, c, d, e, f = transform
    if stated[1] or stated[3]:
        return False
    across = max(abs(stated[2] - c), abs(stated[2] + width * stated[0] - c - width * a))
    down = max(abs(stated[5] - f), abs(stated[5] + height * stated[4] - f - height * e))
    return b == d and across <= _STEP_TOLERANCE * abs(a) and down <= _STEP_TOLERANCE * abs(e)


def _crs_of(array: Any, dataset: Any) -> str:
    """Return the CRS of a variable as WKT; blank if the file does not say it.

    Longitudes and latitudes without a datum, as most climate data have them, are those of WGS 84.
    """
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    mapping = _mapping_of(array, dataset)
    words = [mapping.get(key) for key in ("crs_wkt", "spatial_ref", "epsg_code", "proj4")]
    for attributes in (array.attrs, dataset.attrs):
        words += [attributes.get(key) for key in ("crs", "spatial_ref", "crs_wkt", "proj4")]
    for word in words:
        if not isinstance(word, str) or not word:
            continue
        try:
            return str(CRS.from_user_input(word).to_wkt())
        except CRSError:
            continue
    is_degrees = True
    for dim in array.dims[-2:]:
        units = str(dataset[dim].attrs.get("units", "")) if dim in dataset.variables else ""
        is_degrees = is_degrees and units.lower().startswith("degree")
    is_degrees = is_degrees and "grid_mapping_name" not in mapping
    is_degrees = is_degrees or mapping.get("grid_mapping_name") == "latitude_longitude"
    return str(CRS.from_user_input(_WGS84).to_wkt()) if is_degrees else ""


def _nodata_of(attributes: Mapping[str, Any], dtype: np.dtype[Any]) -> float | None:
    """Return the value of a variable that means no data."""
    for key in ("_FillValue", "missing_value"):
        if key in attributes:
            number = np.asarray(attributes[key]).ravel()
            if len(number) and number.dtype.kind in "iuf":
                if number.dtype.kind == "i" and dtype.kind == "u" and number[0] < 0:
                    number = number.astype(f"int{8 * dtype.itemsize}").view(dtype)
                return float(number[0])
    return None


# --- maps ----------------------------------------------------------------------------------------

MAP_SUFFIX = ".tif"
_ZLEVEL = 1  # a quarter of the time of the usual 6, files a few percent larger
_MAP_TILE = 512  # pixels down and across: a unit (gep.extent.blocks), so that each is written once
_NO_PREDICTOR = 1  # GDAL's number
_FLOATING_POINT = 3  # that of the predictor that suits float32
_SAME_PIXEL = 1e-6  # relative difference of pixels of maps that are alike


@dataclass(frozen=True)
class MapLabel:
    """What a map says of itself.

    Attributes
    ----------
    title : str
    unit : str
        Of all bands.
    bands : tuple of str
        What each band is; one blank word where there is only one band.
    tags : mapping of str to str
        Further words, by name.
    """

    title: str
    unit: str
    bands: tuple[str, ...]
    tags: Mapping[str, str]


class MapWriter:
    """Writes a GeoTIFF of float32 piece by piece: tiled, deflated, NaN where there is nothing.

    Parameters
    ----------
    path : Path
        A new file.
    grid : Grid
    label : MapLabel
    threads : int
        Tiles that are compressed at once.
    has_few_numbers : bool
        Whether the same numbers come again and again, which are then stored as they are.
    """

    def __init__(
        self,
        path: Path,
        grid: Grid,
        label: MapLabel,
        threads: int = 1,
        *,
        has_few_numbers: bool = False,
    ) -> None:
        import rasterio
        from rasterio.transform import Affine

        os.environ.setdefault("GDAL_CACHEMAX", _GDAL_CACHE)
        self._file = rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=len(label.bands),
            dtype="float32",
            crs=grid.crs,
            transform=Affine(*grid.transform),
            nodata=np.nan,
            tiled=True,
            blockxsize=_MAP_TILE,
            blockysize=_MAP_TILE,
            compress="deflate",
            predictor=_NO_PREDICTOR if has_few_numbers else _FLOATING_POINT,
            zlevel=_ZLEVEL,
            interleave="band",
            bigtiff="IF_SAFER",
            num_threads=threads,
        )
        tags = {"TIFFTAG_IMAGEDESCRIPTION": label.title, "unit": label.unit, **label.tags}
        self._file.update_tags(**tags)
        self._file.units = tuple(label.unit for _ in label.bands)
        for number, band in enumerate(label.bands, start=1):
            if band:
                self._file.set_band_description(number, band)

    def write(self, window: Window, pixels: np.ndarray) -> None:
        """Write the pixels of a window.

        Parameters
        ----------
        window : Window
            Whole tiles, but at the rim of the grid.
        pixels : ndarray of float32
            Bands x height x width.
        """
        from rasterio.windows import Window as FileWindow

        place = FileWindow(window.column, window.row, window.width, window.height)
        self._file.write(pixels, window=place)

    def close(self) -> None:
        """Write what is not on the disk yet."""
        self._file.close()


def same_map(path: Path, other: Path) -> bool:
    """Return whether two maps say the same, however they are compressed.

    Parameters
    ----------
    path, other : Path

    Returns
    -------
    bool
        Whether grid, words and pixels are alike; False for a file that cannot be read.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as first, rasterio.open(other) as second:
            for name in ("shape", "count", "transform", "crs", "dtypes", "units", "descriptions"):
                if getattr(first, name) != getattr(second, name):
                    return False
            if first.tags() != second.tags():
                return False
            for _, window in second.block_windows():
                pixels = first.read(window=window), second.read(window=window)
                if not np.allclose(*pixels, rtol=_SAME_PIXEL, atol=0, equal_nan=True):
                    return False
    except (RasterioError, OSError):
        return False
    return True
