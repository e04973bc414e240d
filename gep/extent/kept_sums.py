"""Kept sums (留存的合计): what a pass over rasters gave, so that a stopped run goes on.

A pass is known by all that its sums follow from: kernel, files, methods, versions. Where anything
differs it is another pass, and where something cannot be told the pass is not kept. Results are the
same with and without what is kept, which may be deleted at any time. How sums are made is left to
``gep.extent.blocks``.
"""

import hashlib
import io
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import gep
from gep.extent.blocks import Kernel, ProgressShare, Schedule, Totals, sum_blocks
from gep.extent.rasters import Window

_ANEW: ContextVar[bool] = ContextVar("anew", default=False)
_CACHE = "GEP_CACHE"
_OFF = "off"
_LEAST_SECONDS = 1.0  # a pass that took less is not worth a file
_MOST_BYTES = 512 * 2**20  # of all files; the ones unused for longest are removed
_STALE = 86_400.0  # seconds after which what an interrupted write left is removed
_KEPT = ".npz"
_UNFINISHED = ".part"
_LABELS = "labels"
_PARTS = ("sums", "lows", "highs")
_LIBRARIES = ("numpy", "rasterio", "pyproj", "shapely", "exactextract", "netcdf4", "zarr", "xarray")
_MAGIC_SIZE = 4
# How files begin that hold all their pixels: TIFF, BigTIFF, HDF5, NetCDF. A VRT names other files.
_WHOLE_FILES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\x89HDF", b"CDF\1", b"CDF\2", b"CDF\5")


class _Unknown(Exception):
    """Something of which it cannot be told whether it is the same."""


@contextmanager
def computed_anew() -> Iterator[None]:
    """Compute every pass inside a ``with`` block, and keep none: a check must not trust itself."""
    token = _ANEW.set(True)
    try:
        yield
    finally:
        _ANEW.reset(token)


def sum_or_recall(
    blocks: Sequence[Window],
    kernel: Kernel,
    zone_count: int | None,
    schedule: Schedule,
    progress: ProgressShare | None = None,
    *,
    own_code: Mapping[Path, str] | None = None,
) -> Totals:
    """Return the sums of a pass: as they were kept, else computed and kept if that took a while.

    Parameters
    ----------
    blocks, kernel, zone_count, schedule, progress
        See ``gep.extent.blocks.sum_blocks``.
    own_code : mapping of Path to str, optional
        The files of a user's own code that the kernel runs, with their SHA-256.

    Returns
    -------
    Totals

    Raises
    ------
    ProblemsFound
        As ``sum_blocks`` does.
    """
    folder = cache_folder()
    behind = (kernel, zone_count, own_code or {})
    key = None if folder is None or _ANEW.get() else _key_of(behind)
    kept = None if key is None or folder is None else _recall(folder / f"{key}{_KEPT}")
    if kept is not None:
        if progress is not None:
            progress(1.0)
        return kept
    begun = time.monotonic()
    totals = sum_blocks(
        blocks,
        kernel,
        zone_count,
        schedule,
        progress,
    )
    if folder is None or key is None or time.monotonic() - begun < _LEAST_SECONDS:
        return totals
    if _key_of(behind) == key:  # no file was changed meanwhile
        with suppress(OSError):  # a full disk, or a folder of others: then nothing is kept
            _keep(folder, key, totals)
    return totals


def cache_folder() -> Path | None:
    """Return the folder in which passes are kept; None where ``GEP_CACHE`` is ``off``."""
    named = os.environ.get(_CACHE, "")
    if named == _OFF:
        return None
    if named:
        return Path(named)
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "gep" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "gep"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "gep"


def holds_all_pixels(path: Path) -> bool:
    """Return whether a single file holds all its pixels, and so tells when they have changed.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
        False for the folder of a Zarr, and for a file that names others.
    """
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(_MAGIC_SIZE).startswith(_WHOLE_FILES)


# --- what a pass is known by ---------------------------------------------------------------------


def _key_of(behind: Any) -> str | None:
    """Return the name of a pass; None if it cannot be told."""
    digest = _Digest()
    try:
        digest.add(_program())
        digest.add(behind)
    except (_Unknown, OSError):
        return None
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _program() -> tuple[str, ...]:
    """Return what computes: the sources of this package, and the versions of libraries."""
    package = hashlib.sha256()
    for file in sorted(Path(gep.__path__[0]).rglob("*.py")):
        package.update(file.read_bytes())
    known = [gep.__version__, package.hexdigest()]
    for library in _LIBRARIES:
        try:
            known.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            known.append(library)
    return tuple(known)


class _Digest:
    """The SHA-256 of values, each written with its type and length."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def hexdigest(self) -> str:
        """Return the checksum of what was added."""
        return self._sum.hexdigest()

    def add(self, value: Any) -> None:
        """Add a value; raise ``_Unknown`` for one of another kind."""
        kind = type(value)
        self._write(f"{kind.__module__}.{kind.__qualname__}")
        if value is None or isinstance(value, str | int | float | np.generic):
            self._write(repr(value))
        elif isinstance(value, np.ndarray):
            self._add_array(value)
        elif isinstance(value, Path):
            self._add_file(value)
        elif is_dataclass(value):
            for field in fields(value):
                if field.compare:  # others are no part of what the value is
                    self._write(field.name)
                    self.add(getattr(value, field.name))
        else:
            self._add_other(value)

    def _add_array(self, values: np.ndarray) -> None:
        """Add an array."""
        self._write(f"{values.dtype.str} {values.shape}")
        if values.dtype.hasobject:
            for value in values.reshape(-1):
                self.add(value)
        else:
            self._write(np.ascontiguousarray(values).tobytes())

    def _add_other(self, value: Any) -> None:
        """Add a collection, a function or a shape."""
        if isinstance(value, Mapping):
            for key in sorted(value, key=repr):
                self._write(str(key))  # a path here names a file whose checksum follows
                self.add(value[key])
            self._write(len(value))
        elif isinstance(value, tuple | list):
            for part in value:
                self.add(part)
            self._write(len(value))
        elif hasattr(value, "wkb"):  # a polygon
            self._write(value.wkb)
        elif callable(value) and hasattr(value, "__qualname__"):
            self._write(f"{value.__module__}:{value.__qualname__}")
        else:
            raise _Unknown(type(value).__name__)

    def _add_file(self, path: Path) -> None:
        """Add where a file is, and when it was changed, with those that GDAL reads beside it."""
        self._write(os.path.realpath(path))
        if path.is_dir():
            files = sorted(part for part in path.rglob("*") if part.is_file())
        elif not holds_all_pixels(path):
            raise _Unknown(path.name)
        else:
            beside = sorted(path.parent.iterdir())
            files = [part for part in beside if part.name.startswith(path.name)]
        for file_path in files:
            state = file_path.stat()
            self._write(f"{file_path.name} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}")

    def _write(self, content: object) -> None:
        """Write bytes, or the text of something, with their length."""
        written = content if isinstance(content, bytes) else str(content).encode("utf-8")
        self._sum.update(len(written).to_bytes(8, "little"))
        self._sum.update(written)


# --- files ---------------------------------------------------------------------------------------


def _recall(path: Path) -> Totals | None:
    """Read the sums of a pass; None if they are not there, or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            labels = json.loads(arrays[_LABELS].tobytes())
            parts: dict[str, dict[str, np.ndarray]] = {part: {} for part in _PARTS}
            for number, (part, name) in enumerate(labels):
                parts[part][name] = arrays[str(number)]
            totals = Totals(arrays["zones"], parts["sums"], parts["lows"], parts["highs"])
        os.utime(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return totals


def _keep(folder: Path, key: str, totals: Totals) -> None:
    """Write the sums of a pass, whole or not at all, and remove what is old."""
    labels: list[tuple[str, str]] = []
    arrays: dict[str, Any] = {"zones": totals.zones}
    for part in _PARTS:
        for name, values in getattr(totals, part).items():
            arrays[str(len(labels))] = values
            labels.append((part, name))
    arrays[_LABELS] = np.frombuffer(json.dumps(labels).encode("utf-8"), dtype=np.uint8)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(_UNFINISHED, key[:8], folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.getvalue())
        os.replace(scratch, folder / f"{key}{_KEPT}")
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    _remove_old(folder)


def _remove_old(folder: Path) -> None:
    """Remove the passes unused for longest above the most bytes, and what was never finished."""
    total = 0
    files = [path for path in folder.iterdir() if path.suffix in (_KEPT, _UNFINISHED)]
    for path in sorted(files, key=_used, reverse=True):
        with suppress(OSError):  # another run removed it
            state = path.stat()
            total += state.st_size
            is_stale = path.suffix == _UNFINISHED and time.time() - state.st_mtime > _STALE
            if is_stale or total > _MOST_BYTES:
                path.unlink()


def _used(path: Path) -> float:
    """Return when a file was used; 0 if it has gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
