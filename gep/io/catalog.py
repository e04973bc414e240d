"""Where files are found: an id names what ships with gep, a path names a file of the user.

The module owns the folders of what ships, the difference between an id and a path, and the rule
that a path in a file stays inside the folder of that file; only the command line and the Python
interface may point elsewhere. Reading the files is left to others.
"""

import os
from pathlib import Path, PurePosixPath

from gep.errors import ProblemLog, Where
from gep.io.csv_excel import printable, split_sheet
from gep.io.tables import suggestion
from gep.texts.catalogue import text

_PACKAGE_FOLDER = Path(__file__).parent.parent
_SUFFIXES = {"standards": ".toml", "classes": ".csv", "schemes": ".toml"}
_PATH_SUFFIXES = (".toml", ".csv", ".xlsx", ".xlsm")
_SHIPPED_PREFIX = "gep:"
_PROJECT = "project.toml"
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
    folder = shipped_folder(kind)
    if kind == "coefficients":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/set.toml"))}
    return {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIXES[kind]}"))}


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
        The id of something that ships, or a path.
    base : Path or None
        The folder of the file that contains the reference; None if the user gave it directly.
    place : str or Sayable
        Where the reference is, for messages.
    problems : ProblemLog
        Receives ``unknown-id`` or ``path-outside``.

    Returns
    -------
    Path or None
        A path may lead to a file that does not exist; an id is always of something that does.
    """
    if is_path(name):
        return resolve_inside(name, base, place, problems)
    paths = shipped(kind)
    if name in paths:
        return paths[name]
    kind_title = text(f"io.kind-{kind}")
    shown = printable(name)
    file = f"{name}{_SUFFIXES.get(kind, '')}"
    if base is not None and name and os.path.exists(base / file):
        message = "io.own-file-as-id"
        problems.add("unknown-id", place, message, kind=kind_title, name=shown, path=f"./{file}")
    else:
        hint = suggestion(name, paths)
        problems.add("unknown-id", place, "io.unknown-id", kind=kind_title, name=shown, hint=hint)
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
        ``gep:standards/...`` if it ships, else its path.
    """
    for kind in ("coefficients", "classes", "standards", "schemes"):
        folder = shipped_folder(kind)
        if path.is_relative_to(folder):
            return f"{_SHIPPED_PREFIX}{kind}/{path.relative_to(folder).as_posix()}"
    return path.as_posix()


def is_shipped(name: str) -> bool:
    """Return whether a name of :func:`display_name` is that of a file that ships with gep.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
    """
    return name.startswith(_SHIPPED_PREFIX)


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
    if is_shipped(name):
        kind, _, rest = name.removeprefix(_SHIPPED_PREFIX).partition("/")
        return shipped_folder(kind) / rest
    return home / name
