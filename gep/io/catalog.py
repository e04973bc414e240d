"""Where things are found: an id names what ships with the package, a path names a user's own file.

Paths in a file stay inside that file's folder; only the command line may point elsewhere.
"""

import os
from pathlib import Path, PurePosixPath

from gep.errors import ProblemLog, Where
from gep.io.tables import suggestion

_PACKAGE = Path(__file__).parent.parent
_ENDING = {"standards": ".toml", "classes": ".csv", "schemes": ".toml"}


def shipped_folder(kind: str) -> Path:
    """The shipped folder of ``standards``, ``classes``, ``schemes`` or ``coefficients`` (wheel or checkout)."""
    if kind == "standards":
        return _PACKAGE / "standards"
    if kind == "schemes":
        return _PACKAGE / "assessment" / "schemes"
    if kind == "classes":
        return _PACKAGE / "standards" / "classes"
    resolve_inside = _PACKAGE / "shipped" / kind
    return resolve_inside if resolve_inside.is_dir() else _PACKAGE.parent / kind


def shipped(kind: str) -> dict[str, Path]:
    """Everything of a kind that ships: id -> path."""
    folder = shipped_folder(kind)
    if kind == "coefficients":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/set.toml"))}
    return {path.stem: path for path in sorted(folder.glob(f"*{_ENDING[kind]}"))}


def is_path(name: str) -> bool:
    """Whether a reference is written as a path, not as an id."""
    file = name.partition("#")[0].lower()
    return (
        name.startswith(".")
        or "/" in name
        or "\\" in name
        or file.endswith((".toml", ".csv", ".xlsx", ".xlsm"))
    )


def locate(
    kind: str, name: str, base: Path | None, where: Where, problems: ProblemLog
) -> Path | None:
    """The path behind an id or a path; ``base`` is the folder of the file that names it (None: given by the user)."""
    if is_path(name):
        return resolve_inside(name, base, where, problems)
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


def resolve_inside(name: str, base: Path | None, where: Where, problems: ProblemLog) -> Path | None:
    """A path that a file names, which must stay inside the folder of that file."""
    if base is None:
        return Path(name)
    relative = os.path.normpath(name.replace("\\", "/"))
    if (
        PurePosixPath(relative).is_absolute()
        or relative.startswith("..")
        or (len(relative) > 1 and relative[1] == ":")
    ):
        problems.add(
            "path-outside",
            where,
            f"{name!r} leads out of the folder {base.name}",
            "copy the file into the folder",
        )
        return None
    return base / relative


def display_name(path: Path) -> str:
    """How a file is called in plans and manifests: from the shipped folder, or by its own path."""
    for kind in ("coefficients", "classes", "standards"):
        folder = shipped_folder(kind)
        if path.is_relative_to(folder):
            return f"gep:{kind}/{path.relative_to(folder).as_posix()}"
    return path.as_posix()


def displayed_path(called: str, home: Path) -> Path:
    """The file behind a name of ``name_of``, or one relative to the project's folder."""
    if called.startswith("gep:"):
        kind, _, rest = called.removeprefix("gep:").partition("/")
        return shipped_folder(kind) / rest
    return home / called
