"""Folders of result files (写出结果), written whole or not at all.

The module owns the replacement of old results by new ones, the escaping of texts that a
spreadsheet would run, checksums, records of results as JSON, and the names of files in them. Which
tables a result consists of, and what its record says, is left to ``workflows``.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from gep.errors import ProblemsFound, make_problem
from gep.io.catalog import display_name
from gep.io.csv_excel import printable, system_reason
from gep.texts.catalogue import Text, text

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8
_FORMULA_MARKS = ("=", "+", "-", "@")  # a cell that begins so is run by a spreadsheet
_LARGEST_RECORD = 64 << 20  # bytes; the record of a thousand counties has a tenth of it
RECORD_CHECKSUM = "checksum"  # the key of a record under which its own checksum stands


def cannot_write(out: Path, message: str, **values: Any) -> ProblemsFound:
    """Make the error that a result folder or file cannot be written.

    Parameters
    ----------
    out : Path
        The folder or file.
    message : str
        Key of the catalogue whose entries ``what`` and ``fix`` word the problem.
    **values
        Values of the placeholders.

    Returns
    -------
    ProblemsFound
        To be raised; it holds one problem, ``cannot-write``.
    """
    return ProblemsFound([make_problem("cannot-write", str(out), message, **values)])


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table whose texts no spreadsheet would run; numbers stay.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame
    """
    frame = frame.copy()
    for name in frame.columns:
        if frame[name].dtype != object and not pd.api.types.is_string_dtype(frame[name]):
            continue
        codes, words = pd.factorize(frame[name].to_numpy(dtype=object))
        is_risky = [isinstance(word, str) and word[:1] in _FORMULA_MARKS for word in words]
        if any(is_risky):
            escaped = []
            for word, risky in zip(words, is_risky, strict=True):
                escaped.append(f"'{word}" if risky else word)
            frame[name] = pd.Series(escaped, dtype=object).to_numpy()[codes]
    return frame


def round_trip(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as text, as it reads after it was written.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame
        All cells are text; blank where there is no value.
    """
    content = safe_text(frame).to_csv(index=False, lineterminator="\n")
    return pd.read_csv(StringIO(content), dtype=str, keep_default_na=False)


@contextmanager
def replace_folder(out: Path, stale: Sequence[str] = ()) -> Iterator[Path]:
    """Give a scratch folder whose files replace those of a result folder when all are written.

    Parameters
    ----------
    out : Path
        The result folder; it is made if it does not exist.
    stale : sequence of str, optional
        Files of an earlier run, relative to ``out``, that are removed if not written anew.

    Yields
    ------
    Path
        The scratch folder. If writing or replacing fails, ``out`` stays as it was.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".gep-", dir=out))
    except OSError as error:
        raise cannot_write(out, "io.cannot-write", reason=system_reason(error)) from None
    try:
        yield scratch
        _replace_files(scratch, out, stale)
    except OSError as error:
        reason = system_reason(error)
        if error.filename:
            file = Path(error.filename).name
            raise cannot_write(out, "io.cannot-write-file", file=file, reason=reason) from None
        raise cannot_write(out, "io.cannot-write", reason=reason) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace_files(scratch: Path, out: Path, stale: Sequence[str]) -> None:
    """Replace the old files by the new; if one cannot be moved (Excel holds it), restore all."""
    files = sorted(path for path in scratch.rglob("*") if path.is_file())
    names = sorted(path.relative_to(scratch).as_posix() for path in files)
    old = scratch / "old"
    old.mkdir()
    moved = []
    written = []
    try:
        for name in dict.fromkeys([*names, *stale]):
            if (out / name).exists():
                (old / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(out / name, old / name)
                moved.append(name)
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(scratch / name, out / name)
            written.append(name)
    except OSError:
        for name in written:
            (out / name).unlink()
        for name in moved:
            os.replace(old / name, out / name)
        raise


def append_csv(path: Path, rows: pd.DataFrame) -> None:
    """Append rows to a CSV in UTF-8; a new file begins with the mark of Excel and the header.

    Parameters
    ----------
    path : Path
    rows : DataFrame
    """
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if is_new:
            file.write(_BYTE_ORDER_MARK)  # the codec utf-8-sig would be slow, row by row
        safe_text(rows).to_csv(file, index=False, header=is_new, lineterminator="\n")


def sha256(path: Path) -> str:
    """Return the checksum of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        SHA-256, in hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def relative_path(folder: Path, out: Path) -> str:
    """Return the path from the results to the project; absolute if they are on two drives.

    Parameters
    ----------
    folder : Path
        The project's folder.
    out : Path
        The folder of the results.

    Returns
    -------
    str
    """
    try:
        return os.path.relpath(folder, out).replace("\\", "/")
    except ValueError:
        return folder.resolve().as_posix()


def is_file_name(name: str) -> bool:
    """Return whether a name that a record lists is that of a file in the record's own folder.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
    """
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\\0")


def is_file(path: Path) -> bool:
    """Return whether there is a regular file; a path that no system can have leads to none.

    Parameters
    ----------
    path : Path
        May come from a record, and hold anything.

    Returns
    -------
    bool
    """
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with characters that no path has
        return False


def display_path(file: Path, folder: Path) -> str:
    """Return how a manifest names a file: its path inside ``folder``, else its display name.

    Parameters
    ----------
    file : Path
    folder : Path
        The project's folder.

    Returns
    -------
    str
    """
    try:
        return file.relative_to(folder).as_posix()
    except ValueError:
        return display_name(file)


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a result as JSON, with a checksum of all that it says.

    Parameters
    ----------
    path : Path
        ``manifest.json``, ``comparison.json``, ``assessment.json`` or ``collection.json``.
    record : mapping of str to object
        What the record says; its own checksum is added.
    """
    whole = {**record, RECORD_CHECKSUM: record_checksum(record)}
    content = json.dumps(whole, ensure_ascii=False, indent=1)
    path.write_text(content + "\n", encoding="utf-8")


def record_checksum(record: Mapping[str, Any]) -> str:
    """Return the checksum of what a record says, whatever its layout and the order of its keys.

    Parameters
    ----------
    record : mapping of str to object
        Its own checksum does not count.

    Returns
    -------
    str
        SHA-256, in hexadecimal digits, of the JSON with sorted keys and without spaces.
    """
    said = {key: value for key, value in record.items() if key != RECORD_CHECKSUM}
    content = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def read_record(path: Path) -> dict[str, Any]:
    """Read the record of a result.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to object
        The JSON as it stands there; what its keys hold is not checked.

    Raises
    ------
    ProblemsFound
        ``manifest`` if the file is not there, is no file or too large, or is not JSON with keys.
    """
    try:
        reason = _record_fault(path)
        record = (
            None
            if reason
            else json.loads(
                path.read_text(encoding="utf-8-sig"), object_pairs_hook=_refuse_repeated
            )
        )
    except OSError as error:
        reason = system_reason(error)
    except json.JSONDecodeError as error:
        reason = text("io.record.not-json", line=error.lineno)
    except UnicodeDecodeError:
        reason = text("io.record.not-utf-8")
    except RecursionError:
        reason = text("io.record.too-deep")
    except ValueError as error:  # a key twice, or a number of thousands of digits
        reason = text("io.record.value", value=printable(error))
    if reason is None and isinstance(record, dict):
        return record
    unread = make_problem(
        "manifest", str(path), "io.record-unread", reason=reason or text("io.record.no-keys")
    )
    raise ProblemsFound([unread])


def _record_fault(path: Path) -> Text | None:
    """Return why a file is not to be read as a record; None if it is."""
    status = path.stat()
    if not path.is_file():
        return text("io.record.no-file")
    if status.st_size > _LARGEST_RECORD:
        return text("io.record.too-large", size=status.st_size >> 20, limit=_LARGEST_RECORD >> 20)
    return None


def _refuse_repeated(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the keys of a JSON object; raise ``ValueError`` for one that stands there twice."""
    keys: dict[str, Any] = {}
    for key, value in pairs:
        if key in keys:
            raise ValueError(key)
        keys[key] = value
    return keys
