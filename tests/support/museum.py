"""Copies of the format example with one thing changed, for the tests of bad and of odd inputs."""

import shutil
from pathlib import Path

from support.paths import FORMAT_EXAMPLE, TESTS

BASE = FORMAT_EXAMPLE
BAD = TESTS / "bad"


def project(folder: Path, overlay: Path | None = None) -> Path:
    """A copy of the format example in ``folder``, the files of ``overlay`` put over it."""
    shutil.copytree(
        BASE, folder, ignore=shutil.ignore_patterns("expected", "README.md", "__pycache__", "out")
    )
    if overlay is not None:
        shutil.copytree(overlay, folder, dirs_exist_ok=True)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: path -> bytes (None for what is no regular file)."""
    found = sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in found
    }
