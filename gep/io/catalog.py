"""Where things are found: an id names what ships with the package, a path names a user's own file.

Paths in a file stay inside that file's folder; only the command line may point elsewhere.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from gep.errors import Problems
from gep.io.csv_excel import decode, file_fault
from gep.io.tables import suggestion

_PACKAGE = Path(__file__).parent.parent
_LARGE = 10 << 20  # bytes; no TOML of a project comes near
_ENDING = {"standards": ".toml", "classes": ".csv", "schemes": ".toml"}


def shipped_folder(kind: str) -> Path:
    """The shipped folder of ``standards``, ``classes``, ``schemes`` or ``coefficients`` (wheel or checkout)."""
    if kind == "standards":
        return _PACKAGE / "standards"
    if kind == "schemes":
        return _PACKAGE / "assessment" / "schemes"
    if kind == "classes":
        return _PACKAGE / "standards" / "classes"
    inside = _PACKAGE / "shipped" / kind
    return inside if inside.is_dir() else _PACKAGE.parent / kind


def shipped(kind: str) -> dict[str, Path]:
    """Everything of a kind that ships: id -> path."""
    folder = shipped_folder(kind)
    if kind == "coefficients":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/set.toml"))}
    return {path.stem: path for path in sorted(folder.glob(f"*{_ENDING[kind]}"))}


def is_path(name: str) -> bool:
    """Whether a reference is written as a path, not as an id."""
    file = name.partition("#")[0].lower()
    return name.startswith(".") or "/" in name or "\\" in name or file.endswith((".toml", ".csv", ".xlsx", ".xlsm"))


def locate(kind: str, name: str, base: Path | None, where: str, problems: Problems) -> Path | None:
    """The path behind an id or a path; ``base`` is the folder of the file that names it (None: given by the user)."""
    if is_path(name):
        return inside(name, base, where, problems)
    known = shipped(kind)
    if name not in known:
        own = _own(kind, name, base)
        fix = f'it lies in the folder: write "{own}"' if own else suggestion(name, known)
        problems.add("unknown-id", where, f"{kind}: nothing is called {name!r}", fix)
        return None
    return known[name]


def _own(kind: str, name: str, base: Path | None) -> str:
    """How a thing of one's own is written that was named as if it shipped; blank where there is none."""
    file = f"{name}{_ENDING.get(kind, '')}"
    return f"./{file}" if base is not None and name and (base / file).exists() else ""


def inside(name: str, base: Path | None, where: str, problems: Problems) -> Path | None:
    """A path that a file names, which must stay inside the folder of that file."""
    if base is None:
        return Path(name)
    relative = os.path.normpath(name.replace("\\", "/"))
    if PurePosixPath(relative).is_absolute() or relative.startswith("..") or (len(relative) > 1 and relative[1] == ":"):
        problems.add(
            "path-outside", where, f"{name!r} leads out of the folder {base.name}", "copy the file into the folder"
        )
        return None
    return base / relative


def read_toml(path: Path, label: str, problems: Problems) -> Mapping[str, Any] | None:
    """A TOML file as a mapping; None when a problem was found."""
    fault = file_fault(path)
    if fault and fault[0] != "empty-file":
        problems.add(fault[0], label, *fault[1:])
        return None
    if not fault and os.path.getsize(path) > _LARGE:
        problems.add(
            "file-format",
            label,
            f"the file has {os.path.getsize(path) >> 20} MB, this is no TOML",
            "put the right file there",
        )
        return None
    text = decode(path, label, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: its own, and numbers too long for Python
        line = re.search(r"\(at line (\d+)", str(error))
        where = f"{label} row {line.group(1)}" if line else label
        problems.add("toml-syntax", where, str(error), "a key may stand once; texts need quotes; see the line named")
        return None


def name_of(path: Path) -> str:
    """How a file is called in plans and manifests: from the shipped folder, or by its own path."""
    for kind in ("coefficients", "classes", "standards"):
        folder = shipped_folder(kind)
        if path.is_relative_to(folder):
            return f"gep:{kind}/{path.relative_to(folder).as_posix()}"
    return path.as_posix()


def path_of(called: str, home: Path) -> Path:
    """The file behind a name of ``name_of``, or one relative to the project's folder."""
    if called.startswith("gep:"):
        kind, _, rest = called.removeprefix("gep:").partition("/")
        return shipped_folder(kind) / rest
    return home / called
