"""Writing result files (写出结果): whole or not at all, never over an input, safe to open in a spreadsheet."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pandas as pd

from gep.errors import ProblemsFound, make_problem
from gep.io.catalog import display_name


def cannot_write(
    out: Path, what: str, fix: str = "choose another folder with --out"
) -> ProblemsFound:
    """The problem that a folder or file cannot be written."""
    return ProblemsFound([make_problem("cannot-write", str(out), what, fix)])


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Escape texts that a spreadsheet would run; numbers stay."""
    frame = frame.copy()
    for name in frame.columns:
        if frame[name].dtype != object and not pd.api.types.is_string_dtype(frame[name]):
            continue
        codes, words = pd.factorize(frame[name].to_numpy(dtype=object))
        risky = [isinstance(word, str) and word[:1] in ("=", "+", "-", "@") for word in words]
        if any(risky):
            escaped = [f"'{word}" if bad else word for word, bad in zip(words, risky, strict=True)]
            frame[name] = pd.Series(escaped, dtype=object).to_numpy()[codes]
    return frame


def round_trip(frame: pd.DataFrame) -> pd.DataFrame:
    """A table as text, as it reads once it was written."""
    text = safe_text(frame).to_csv(index=False, lineterminator="\n")
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)


@contextmanager
def replace_folder(out: Path, stale: Sequence[str] = ()) -> Iterator[Path]:
    """A scratch folder whose files take the place of those in ``out`` when all are written; else nothing changes.

    ``stale`` are files of an earlier run that go, if they are not written anew. Raises ``ProblemsFound``.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".gep-", dir=out))
    except OSError as error:
        raise cannot_write(out, f"{error.strerror or error}") from None
    try:
        yield scratch
        _put(scratch, out, stale)
    except OSError as error:
        what = f"{error.strerror or error}: {Path(error.filename).name if error.filename else ''}"
        raise cannot_write(
            out, what, "close the file if Excel has it open; or choose --out"
        ) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put(scratch: Path, out: Path, stale: Sequence[str]) -> None:
    """Put the new files in the place of the old ones; if one cannot be moved (Excel holds it), the old ones stay."""
    names = sorted(
        path.relative_to(scratch).as_posix() for path in scratch.rglob("*") if path.is_file()
    )
    old = scratch / "old"
    old.mkdir()
    moved, new = [], []
    try:
        for name in dict.fromkeys([*names, *stale]):
            if (out / name).exists():
                (old / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(out / name, old / name)
                moved.append(name)
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(scratch / name, out / name)
            new.append(name)
    except OSError:
        for name in new:
            (out / name).unlink()
        for name in moved:
            os.replace(old / name, out / name)
        raise


def append_csv(path: Path, piece: pd.DataFrame) -> None:
    """Add rows to a CSV, which begins with its header."""
    first = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if first:
            file.write(
                "\ufeff"
            )  # Excel takes UTF-8 only with the mark; the utf-8-sig codec is slow, row by row
        safe_text(piece).to_csv(file, index=False, header=first, lineterminator="\n")


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def relative_path(folder: Path, out: Path) -> str:
    """The way from the results to the project; whole where they lie on two drives."""
    try:
        return os.path.relpath(folder, out).replace("\\", "/")
    except ValueError:
        return folder.resolve().as_posix()


def display_path(file: Path, folder: Path) -> str:
    """A file as the manifest calls it: by its way in the folder, else by its name."""
    try:
        return file.relative_to(folder).as_posix()
    except ValueError:
        return display_name(file)
