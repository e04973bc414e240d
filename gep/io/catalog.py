"""Where files are found: an id names what was found by its name, a path names a file of the user.

The module owns where ids are looked for, the difference between an id and a path, and the rule that
a path in a file stays inside the folder of that file; only the command line and the Python
interface may point elsewhere. Reading the files is left to others.

Ids are those of what ships, of installed packages (entry points), of folders on ``GEP_PATH``, and
of the libraries that a project names. One id is one thing: two of it are a problem, whichever would
have come first. Nothing of a package is imported to find its files.
"""

import hashlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gep.errors import ProblemLog, Where
from gep.io.csv_excel import printable, split_sheet
from gep.io.tables import suggestion
from gep.texts.catalogue import Listed, text

_PACKAGE_FOLDER = Path(__file__).parent.parent
_SUFFIXES = {"standards": ".toml", "classes": ".csv", "schemes": ".toml"}
_PATH_SUFFIXES = (".toml", ".csv", ".xlsx", ".xlsm")
_SHIPPED_PREFIX = "gep:"
_PACKAGE_PREFIX = "package:"
_FOLDER_PREFIX = "GEP_PATH:"
_PREFIXES = (_SHIPPED_PREFIX, _PACKAGE_PREFIX, _FOLDER_PREFIX)
_VARIABLE = "GEP_PATH"  # folders of libraries, separated as those of PATH
# Groups of entry points by kind; what they name is a folder, as a dotted path in the package.
# Shipped classes lie in the folder of standards, so that they are looked for first.
_GROUPS = {
    "coefficients": ("gep.sets",),
    "classes": ("gep.classes", "gep.crosswalks"),
    "standards": ("gep.standards",),
    "schemes": ("gep.schemes",),
}
KINDS = tuple(_GROUPS)
_METHODS = (
    "gep.methods"  # the group of packages that bring methods: they are found by their modules
)
_PROJECT = "project.toml"
_LARGEST_PROJECT = 10 * 2**20  # bytes, of a project.toml
_PATH_SHOWN = 200  # characters of a path that a message shows


def shipped_folder(kind: str) -> Path:
    """Return the folder of the standards, classes, schemes or coefficients that ship with gep.

    Coefficients are beside the package in a checkout, and inside it in an installed wheel.

    Parameters
    ----------
    kind : {'standards', 'classes', 'schemes', 'coefficients'}

    Returns
    -------
    Path
    """
    if kind == "standards":
        return _PACKAGE_FOLDER / "standards"
    if kind == "schemes":
        return _PACKAGE_FOLDER / "assessment" / "schemes"
    if kind == "classes":
        return _PACKAGE_FOLDER / "standards" / "classes"
    installed = _PACKAGE_FOLDER / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE_FOLDER.parent / kind


def shipped(kind: str) -> dict[str, Path]:
    """Return what ships of a kind, ids to paths; ``kind`` as for :func:`shipped_folder`.

    Parameters
    ----------
    kind : str

    Returns
    -------
    dict of str to Path
    """
    return _files_in(kind, shipped_folder(kind))


def _files_in(kind: str, folder: Path) -> dict[str, Path]:
    """Return what of a kind is in a folder, ids to paths."""
    if kind == "coefficients":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/set.toml"))}
    return {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIXES[kind]}"))}


def catalogued(kind: str, base: Path | None = None) -> dict[str, Path]:
    """Return what is found of a kind, ids to paths: what ships first, then packages and folders.

    Parameters
    ----------
    kind : str
        As for :func:`shipped_folder`.
    base : Path, optional
        The folder of a file that names ids: the libraries of its project count too.

    Returns
    -------
    dict of str to Path
        Of two of one id the first.
    """
    return {name: paths[0] for name, paths in _candidates(kind, base).items()}


def _candidates(kind: str, base: Path | None) -> dict[str, list[Path]]:
    """Return all that is found of a kind by id, each place once."""
    candidates: dict[str, dict[str, Path]] = {}
    sources = [shipped(kind)]
    for point in _points(_path_state()):
        if point.kind == kind:
            sources.append({point.name: point.path})
    sources += [_files_in(kind, folder / kind) for folder in (*_path_folders(), *libraries(base))]
    for found in sources:
        for name, path in found.items():
            candidates.setdefault(name, {}).setdefault(os.path.realpath(path), path)
    return {name: list(places.values()) for name, places in candidates.items()}


class _Point(NamedTuple):
    """An entry point of a package: what it names, and the folder that its package is in."""

    kind: str
    name: str
    path: Path
    top: str  # the package, by its first name
    root: Path


def _path_state() -> tuple[tuple[str, int], ...]:
    """Return the folders that packages are in, and when something was last installed there."""
    state = []
    for name in sys.path:
        try:
            state.append((name, os.stat(name or ".").st_mtime_ns))
        except (OSError, ValueError):
            state.append((name, 0))
    return tuple(state)


@cache
def _points(_state: tuple[tuple[str, int], ...]) -> tuple[_Point, ...]:
    """Return the entry points of all packages that are installed; none of them is imported."""
    points = []
    entries = entry_points()  # all at once: each call reads what every package says of itself
    for kind, groups in {**_GROUPS, "methods": (_METHODS,)}.items():
        for group in groups:
            points += [_point_of(kind, entry) for entry in entries.select(group=group)]
    return tuple(points)


def _point_of(kind: str, entry: EntryPoint) -> _Point:
    """Find the files that an entry point names; whether they are there is seen when read."""
    top, *inner = entry.value.partition(":")[0].strip().split(".")
    root = _root_of(top, entry)
    folder = root.joinpath(top, *inner)
    path = folder / f"{entry.name}{_SUFFIXES.get(kind, '')}"
    if kind == "coefficients" and (folder / "set.toml").is_file():
        path = folder
    return _Point(kind, entry.name, path, top, root)


def _root_of(top: str, entry: EntryPoint | None = None) -> Path:
    """Return the folder that a package is in, also where it was installed to be edited."""
    if entry is not None and entry.dist is not None:
        root = Path(str(entry.dist.locate_file("")))
        if (root / top).is_dir():
            return root
    try:
        # of a first name nothing is imported; of a dotted one, as a record may have, its packages
        spec = None if "." in top else importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    for place in (spec.submodule_search_locations if spec else None) or ():
        return Path(place).parent
    return Path(sys.prefix)


def _path_folders() -> list[Path]:
    """Return the folders on ``GEP_PATH``."""
    return [Path(name) for name in os.environ.get(_VARIABLE, "").split(os.pathsep) if name]


def libraries(base: Path | None) -> list[Path]:
    """Return the folders in which ids of a file are looked for besides those of everybody.

    Parameters
    ----------
    base : Path or None
        The folder of the file.

    Returns
    -------
    list of Path
        The libraries of the project that it belongs to (``[[library]]``), and the library that the
        file itself is in.
    """
    if base is None:
        return []
    folders = []
    if base.name in KINDS and base != shipped_folder(base.name):
        folders.append(base.parent)
    home = _home_of(base)
    for name in _library_names(home / _PROJECT):
        folders.append(home / name)
    return folders


def library_checksum(folder: Path) -> str:
    """Return the SHA-256 checksum of all that a library has, names and contents.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
        Blank if there is no such folder. Hidden files do not count.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    if not folder.is_dir():
        return ""
    lines = []
    for kind in KINDS:
        for path in sorted((folder / kind).rglob("*")):
            name = path.relative_to(folder).as_posix()
            is_left_out = "/." in name or "/__pycache__" in name
            if path.is_file() and not is_left_out:
                lines.append(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    return hashlib.sha256("".join(sorted(lines)).encode("utf-8")).hexdigest()


def _library_names(file: Path) -> Iterator[str]:
    """Yield the folders that a ``project.toml`` names; none where it cannot be read."""
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST_PROJECT:
            return
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):  # told by whoever reads the project
        return
    listed = document.get("library", [])
    for entry in listed if isinstance(listed, list) else ():
        folder = entry.get("folder") if isinstance(entry, dict) else None
        if isinstance(folder, str) and folder and "\0" not in folder:
            yield folder


def is_path(name: str) -> bool:
    """Return whether a reference is written as a path, not as an id.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
        True if it begins with a dot, or has a slash, a backslash or the ending of a file.
    """
    file = name.partition("#")[0].lower()
    return name.startswith(".") or "/" in name or "\\" in name or file.endswith(_PATH_SUFFIXES)


def locate(
    kind: str, name: str, base: Path | None, place: Where, problems: ProblemLog
) -> Path | None:
    """Find the file or folder behind an id or a path.

    Parameters
    ----------
    kind : str
        ``standards``, ``classes``, ``schemes`` or ``coefficients``.
    name : str
        The id of something that ships or was found (see :func:`catalogued`), or a path.
    base : Path or None
        The folder of the file that contains the reference; None if the user gave it directly.
    place : str or Sayable
        Where the reference is, for messages.
    problems : ProblemLog
        Receives ``unknown-id``, ``duplicate-id`` or ``path-outside``.

    Returns
    -------
    Path or None
        A path may lead to a file that does not exist; an id is always of something that does.
    """
    if is_path(name):
        return resolve_inside(name, base, place, problems)
    candidates = _candidates(kind, base)
    kind_title = text(f"io.kind-{kind}")
    shown = printable(name)
    if len(candidates.get(name, ())) > 1:
        places = Listed(tuple(map(display_name, candidates[name])), len(candidates[name]))
        message = "io.id-in-two-places"
        problems.add(
            "duplicate-id",
            place,
            message,
            kind=kind_title,
            name=shown,
            places=places,
        )
        return None
    if name in candidates:
        return candidates[name][0]
    file = f"{name}{_SUFFIXES.get(kind, '')}"
    if base is not None and name and os.path.exists(base / file):
        message = "io.own-file-as-id"
        problems.add(
            "unknown-id",
            place,
            message,
            kind=kind_title,
            name=shown,
            path=f"./{file}",
        )
    else:
        hint = suggestion(name, candidates)
        problems.add(
            "unknown-id",
            place,
            "io.unknown-id",
            kind=kind_title,
            name=shown,
            hint=hint,
        )
    return None


def resolve_inside(name: str, base: Path | None, place: Where, problems: ProblemLog) -> Path | None:
    """Resolve a path that a file contains, which must stay inside the folder of that file.

    Parameters
    ----------
    name : str
        The path as written, with slashes or backslashes.
    base : Path or None
        The folder of the file; None if the user gave the path directly, which may lead anywhere.
    place : str or Sayable
        Where the path is written, for messages.
    problems : ProblemLog
        Receives ``path-outside``.

    Returns
    -------
    Path or None
        None if the path leads out of the folder, or a link out of the project.
    """
    if base is None:
        return Path(name)
    relative = os.path.normpath(name.replace("\\", "/"))
    has_drive = len(relative) > 1 and relative[1] == ":"
    if PurePosixPath(relative).is_absolute() or relative.startswith("..") or has_drive:
        shown = printable(name)
        problems.add("path-outside", place, "io.path-outside", path=shown, folder=base.name)
        return None
    path = base / relative
    return path if check_link(path, base, place, problems) else None


def check_link(path: Path, base: Path, place: Where, problems: ProblemLog) -> bool:
    """Check that no link on the way to a file leads out of the project.

    Parameters
    ----------
    path : Path
        The file, with or without a sheet.
    base : Path
        The folder of the file that names it.
    place : str or Sayable
        Where it is named, for messages.
    problems : ProblemLog
        Receives ``path-outside``.

    Returns
    -------
    bool
    """
    home = _home_of(base)
    target = leads_out(split_sheet(path)[0], home)
    if target is None:
        return True
    problems.add(
        "path-outside",
        place,
        "io.link-outside",
        path=printable(path.name),
        target=printable(target, _PATH_SHOWN),
        folder=home.name or home.resolve().name,
    )
    return False


def leads_out(path: Path, folder: Path) -> Path | None:
    """Return where a path inside a folder really leads, if a link takes it out of the folder.

    Parameters
    ----------
    path, folder : Path

    Returns
    -------
    Path or None
        None if the path stays inside, or if it is written as one outside.
    """
    if not Path(os.path.abspath(path)).is_relative_to(os.path.abspath(folder)):
        return None
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError):  # no path of this system; reading it will tell
        return None
    return None if target.is_relative_to(os.path.realpath(folder)) else target


def _home_of(base: Path) -> Path:
    """Return the nearest folder above with a ``project.toml``, else the folder itself."""
    for folder in (base, *base.absolute().parents):
        if os.path.isfile(folder / _PROJECT):
            return folder
    return base


def display_name(path: Path) -> str:
    """Return how manifests name a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        ``gep:standards/...`` if it ships, ``package:my_package/...`` if it is of a package,
        ``GEP_PATH:standards/...`` if it is in such a folder, else its path.
    """
    for kind in KINDS:
        folder = shipped_folder(kind)
        if path.is_relative_to(folder):
            return f"{_SHIPPED_PREFIX}{kind}/{path.relative_to(folder).as_posix()}"
    for folder in _path_folders():
        if any(path.is_relative_to(folder / kind) for kind in KINDS):
            return f"{_FOLDER_PREFIX}{path.relative_to(folder).as_posix()}"
    for point in _points(_path_state()):
        if path.is_relative_to(point.root / point.top):
            return f"{_PACKAGE_PREFIX}{path.relative_to(point.root).as_posix()}"
    return path.as_posix()


def is_found_by_id(name: str) -> bool:
    """Return whether a name of :func:`display_name` is that of a file that is no path of a project.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
    """
    return name.startswith(_PREFIXES)


def displayed_path(name: str, home: Path) -> Path:
    """Return the file behind a name of :func:`display_name`, relative ones being in ``home``.

    Parameters
    ----------
    name : str
    home : Path

    Returns
    -------
    Path
    """
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    first, _, rest = name.removeprefix(prefix).partition("/")
    if prefix == _SHIPPED_PREFIX:
        return shipped_folder(first) / rest
    if prefix == _PACKAGE_PREFIX:
        return _root_of(first) / first / rest
    if prefix == _FOLDER_PREFIX:
        paths = [folder / first / rest for folder in _path_folders()]
        return next((path for path in paths if path.exists()), Path(first) / rest)
    return home / name
