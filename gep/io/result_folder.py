"""Folders of result files (写出结果), written whole or not at all.

A run writes into a new folder, which takes the place of the old results in one step. Where the
system has no such step, or the folder holds more than results, files are exchanged one by one under
a journal, and the next run that meets the folder restores what a killed one left half done. Only
files that an earlier run recorded are ever replaced.

The module also owns the locks of folders, checksums, records of results as JSON, and the names of
files in them. Which tables a result consists of, and what its record says, is left to
``workflows``.
"""

import ctypes
import errno
import gzip
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from gep.errors import ProblemLog, ProblemsFound, make_problem
from gep.io.catalog import display_name
from gep.io.csv_excel import printable, system_reason
from gep.texts.catalogue import Text, text

Records = Mapping[str, Collection[str]]  # records of results, and what their runs may write

_FAST_PACKING = 1  # level of compression: tables shrink to a twentieth, in little time
_PACKED_AT_ONCE = 1 << 20  # bytes
_SCRATCH = ".gep-"  # how the names of scratch folders begin
_NEW, _OLD = "new", "old"  # in a scratch folder: the files to come, and those that were replaced
_JOURNAL = "journal.json"  # says that files are being exchanged one by one
_DRAFT = "journal.draft"
_LOCK_FILE = ".gep-lock"  # where folders themselves cannot be locked
_SCRATCH_NAMES = {_NEW, _OLD, _JOURNAL, _DRAFT, _LOCK_FILE}
_LOCK_WAIT = 60  # seconds
_LOCK_STEP = 0.02  # seconds
_FORGOTTEN = 86_400  # seconds after which a scratch folder is nobody's, where locks are not known
_MOST_SWITCHED = 1000  # files of others in a folder that is still switched as a whole
_PROJECT = "project.toml"
_CHECKSUMS = ("results", "tables", "other_results")  # keys of a record: files with checksums
_MAPS = "maps"  # key of a record with checksums, and the folder beside it that the files are in
_MAP_SUFFIX = ".tif"
_LARGEST_RECORD = 64 << 20  # bytes; the record of a thousand counties has a tenth of it
RECORD_CHECKSUM = "checksum"  # the key of a record under which its own checksum stands
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_HERE = -100  # AT_FDCWD: paths are relative to the working folder


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


# --- compressed tables ---------------------------------------------------------------------------


PACKED = ".gz"  # what the name of a compressed table ends with


def pack_large(path: Path, largest: int) -> None:
    """Compress a file that is larger than so many bytes; ``.gz`` is added to its name.

    The bytes depend on the content alone: no name and no time is stored.

    Parameters
    ----------
    path : Path
    largest : int
        Bytes that a file may have without being compressed.
    """
    if path.stat().st_size <= largest:
        return
    packed = path.with_name(path.name + PACKED)
    with (
        path.open("rb") as plain,
        packed.open("wb") as file,
        gzip.GzipFile(
            "",
            "wb",
            _FAST_PACKING,
            file,
            mtime=0,
        ) as out,
    ):
        shutil.copyfileobj(plain, out, _PACKED_AT_ONCE)
    path.unlink()


# --- locks ---------------------------------------------------------------------------------------


@contextmanager
def lock_folder(folder: Path, wait: float = _LOCK_WAIT) -> Iterator[None]:
    """Hold the lock of a folder, for which other runs of gep wait; it ends with the process.

    Parameters
    ----------
    folder : Path
        A folder that exists. Where the system has no locks, nothing is held.
    wait : float, optional
        Seconds to wait for another run.

    Raises
    ------
    OSError
        ``EBUSY`` if another run still holds the lock.
    """
    descriptor = _take_lock(folder, wait)
    try:
        yield
    finally:
        _release_lock(descriptor)


def _take_lock(folder: Path, wait: float) -> int | None:
    """Take the lock of a folder; None where there are no locks, ``EBUSY`` if another run has it."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return _open_locked(folder)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from None
        time.sleep(_LOCK_STEP)


def _open_locked(folder: Path) -> int | None:
    """Open what is locked for a folder; ``BlockingIOError`` if another run has it."""
    if sys.platform == "win32":
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY  # goes when it is closed
        try:
            return os.open(folder / _LOCK_FILE, flags)
        except FileExistsError:
            raise BlockingIOError from None
        except OSError:
            return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    return descriptor


def _release_lock(descriptor: int | None) -> None:
    """Give a lock back."""
    if descriptor is not None:
        with suppress(OSError):
            os.close(descriptor)


# --- scratch folders -----------------------------------------------------------------------------


@contextmanager
def scratch_folder(home: Path) -> Iterator[Path]:
    """Give a new folder in which files are written before they are put in their place.

    What killed runs left beside it is removed.

    Parameters
    ----------
    home : Path
        An existing folder, in which the scratch folder is made.

    Yields
    ------
    Path
        The scratch folder, with an empty folder ``new``. It goes in the end, unless a journal in it
        says that files have to be restored.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    with lock_folder(home):
        _remove_forgotten(home)
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=home))
        descriptor = _take_lock(scratch, 0)
    try:
        (scratch / _NEW).mkdir()
        yield scratch
    finally:
        _release_lock(descriptor)
        if not (scratch / _JOURNAL).exists():
            shutil.rmtree(scratch, ignore_errors=True)


def _remove_forgotten(home: Path) -> None:
    """Remove the scratch folders of killed runs in a folder, but for those with a journal."""
    for scratch in _forgotten(home):
        if not (scratch / _JOURNAL).exists():
            shutil.rmtree(scratch, ignore_errors=True)


def _forgotten(home: Path) -> list[Path]:
    """Return the scratch folders in a folder whose runs do not go on any more."""
    folders = []
    with suppress(OSError), os.scandir(home) as entries:
        for entry in entries:
            if entry.name.startswith(_SCRATCH) and entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
    return [folder for folder in sorted(folders) if _is_forgotten(folder)]


def _is_forgotten(folder: Path) -> bool:
    """Return whether a folder is a scratch folder of ours that no run holds."""
    try:
        if not set(os.listdir(folder)) <= _SCRATCH_NAMES:
            return False
        descriptor = _open_locked(folder)
        if descriptor is None:  # no locks are known: only age tells
            return time.time() - folder.stat().st_mtime > _FORGOTTEN
    except OSError:  # among them BlockingIOError: its run goes on
        return False
    _release_lock(descriptor)
    return True


def sync_file(path: Path) -> None:
    """Have the system write a file to the disk.

    Parameters
    ----------
    path : Path
    """
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the system write the names of a folder to the disk, where it can.

    Parameters
    ----------
    folder : Path
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sync_tree(folder: Path) -> list[str]:
    """Write all files of a new folder to the disk; return their names, sorted."""
    names = []
    for parent, _, files in os.walk(folder):
        for file in files:
            path = Path(parent) / file
            sync_file(path)
            names.append(path.relative_to(folder).as_posix())
        sync_folder(Path(parent))
    return sorted(names)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until files are in their places."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts: list[int] = []
    try:
        previous = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    except ValueError:  # an interpreter within another one
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous or signal.SIG_DFL)
        if interrupts:
            signal.raise_signal(signal.SIGINT)


# --- result folders ------------------------------------------------------------------------------


@contextmanager
def replace_folder(
    out: Path, records: Records | None = None, problems: ProblemLog | None = None
) -> Iterator[Path]:
    """Give a new folder whose files replace those of a result folder when all are written.

    Parameters
    ----------
    out : Path
        The result folder; it is made if it does not exist.
    records : mapping of str to collection of str, optional
        The records of such results (``manifest.json``), relative to ``out``, each with the files
        beside it that its runs may write; empty for any table. Those of them that the record names
        were written by an earlier run: they are replaced, or removed if they are not written anew.
        Files that no record names are never replaced, and stay.
    problems : ProblemLog, optional
        Gets the warning ``result-edited`` for each result that was changed after gep had written
        it, and is kept under another name.

    Yields
    ------
    Path
        The new folder. If writing or replacing fails or is interrupted, ``out`` stays as it was.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    root = Path(os.path.realpath(out))
    try:
        if root.exists() and not root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        root.parent.mkdir(parents=True, exist_ok=True)
        with _lock_root(root):
            _restore(root)
        with _scratch_beside(root) as scratch:
            yield scratch / _NEW
            names = _sync_tree(scratch / _NEW)
            with _lock_root(root), _uninterrupted():
                _put_in_place(
                    scratch,
                    root,
                    names,
                    records or {},
                    problems or ProblemLog(),
                )
    except OSError as error:
        raise _unwritten(out, error) from None


def _unwritten(out: Path, error: OSError) -> ProblemsFound:
    """Return the error of a result folder that the system does not write."""
    if error.errno == errno.EBUSY and not error.filename:
        return cannot_write(out, "io.folder-locked", seconds=_LOCK_WAIT)
    reason = system_reason(error)
    if error.filename:
        file = Path(os.fsdecode(error.filename)).name
        return cannot_write(out, "io.cannot-write-file", file=file, reason=reason)
    return cannot_write(out, "io.cannot-write", reason=reason)


def _lock_root(root: Path) -> Any:
    """Lock a result folder; the folder itself may be exchanged, so its parent is locked."""
    return lock_folder(root.parent)


@contextmanager
def _scratch_beside(root: Path) -> Iterator[Path]:
    """Give a scratch folder beside a result folder, or in it if it is not switched as a whole."""
    if not root.exists() or (_is_switchable(root) and os.access(root.parent, os.W_OK)):
        with scratch_folder(root.parent) as scratch:
            yield scratch
    else:
        with scratch_folder(root) as scratch:
            yield scratch


def _is_switchable(root: Path) -> bool:
    """Return whether a folder holds little else than results, and nobody works in it.

    Another folder, such as that of a project, is left in its place.
    """
    if sys.platform == "win32" or os.path.ismount(root) or (root / _PROJECT).exists():
        return False
    with suppress(OSError):  # the working folder may be gone
        if Path(os.path.realpath(os.curdir)).is_relative_to(root):
            return False
    count = 0
    for parent, folders, files in os.walk(root):
        count += len(folders) + len(files)
        is_hidden = [name.startswith(".") for name in folders]
        is_mount = [os.path.ismount(os.path.join(parent, name)) for name in folders]
        if count > _MOST_SWITCHED or any(is_hidden) or any(is_mount):
            return False
    return True


def _put_in_place(
    scratch: Path, root: Path, names: Sequence[str], records: Records, problems: ProblemLog
) -> None:
    """Put new files in the place of the results of earlier runs.

    Parameters
    ----------
    scratch : Path
        The scratch folder, its files written.
    root : Path
        The result folder.
    names : sequence of str
        The new files, relative to ``root``.
    records : mapping
        See :func:`replace_folder`.
    problems : ProblemLog
        Gets ``result-edited``.
    """
    if not root.exists():
        os.rename(scratch / _NEW, root)
        sync_folder(root.parent)
        return
    _refuse_foreign(root, names, records)
    earlier = recorded_results(root, records)
    stale = [name for name in earlier if name not in names and os.path.lexists(root / name)]
    for name in (*names, *stale):
        if earlier.get(name) and sha256(root / name) != earlier[name]:
            _keep_edited(root, name, problems)
    replaced = {*names, *stale}
    if scratch.parent == root.parent and _is_switchable(root):
        try:
            _link_others(root, scratch / _NEW, replaced)
            shutil.copymode(root, scratch / _NEW)
            sync_folder(scratch / _NEW)
            _exchange(scratch / _NEW, root)
        except OSError:
            pass  # no such step here, or not for these files: one by one
        else:
            sync_folder(root.parent)
            _bring_over(scratch / _NEW, root, replaced)
            _remove_empty(root, stale)
            return
    _replace_one_by_one(scratch, root, names, stale)
    _remove_empty(root, stale)


def _remove_empty(root: Path, stale: Sequence[str]) -> None:
    """Remove the folders in which nothing is left of results that are not written any more."""
    for name in stale:
        if "/" in name:
            with suppress(OSError):
                (root / name).parent.rmdir()


def recorded_results(root: Path, records: Records) -> dict[str, str]:
    """Return the files that earlier runs wrote into a folder, by its records.

    Parameters
    ----------
    root : Path
        The result folder.
    records : mapping
        See :func:`replace_folder`; those that are missing or unreadable name nothing.

    Returns
    -------
    dict of str to str
        Checksums by name, relative to ``root``; blank for the records themselves. Only regular
        files that are there.
    """
    results = {}
    for record, may_be_written in records.items():
        content = _load_record(root / record)
        if content is None:
            continue
        folder, slash, record_name = record.rpartition("/")
        sums = {record_name: ""}
        for key in _CHECKSUMS:
            named = content.get(key)
            if not isinstance(named, Mapping):
                continue
            for name, checksum in named.items():
                if name in may_be_written or (not may_be_written and _is_table(name)):
                    sums[name] = str(checksum)
        maps = content.get(_MAPS)
        if isinstance(maps, Mapping):
            for name, checksum in maps.items():
                if is_file_name(name) and name.endswith(_MAP_SUFFIX):
                    sums[f"{_MAPS}/{name}"] = str(checksum)
        for name, checksum in sums.items():
            path = f"{folder}{slash}{name}"
            if _is_plain(root, path):
                results[path] = checksum
    return results


def _is_table(name: str) -> bool:
    """Return whether a record names a table beside it."""
    return (
        "/" not in name and "\\" not in name and name.endswith((".csv", f".csv{PACKED}", ".xlsx"))
    )


def _load_record(path: Path) -> Mapping[str, Any] | None:
    """Load the record of a result; None if there is none that gep wrote."""
    try:
        record = read_record(path)
    except ProblemsFound:
        return None
    return record if "gep" in record else None


def _is_plain(root: Path, name: str) -> bool:
    """Return whether a name leads to a regular file of a folder, by no link."""
    path = root
    for part in name.split("/"):
        path = path / part
        if path.is_symlink():
            return False
    return path.is_file()


def refuse_foreign(out: Path, names: Sequence[str], records: Records) -> None:
    """Refuse to replace files that no run of gep wrote, after what a killed run left is restored.

    Parameters
    ----------
    out : Path
        The result folder; it need not exist.
    names : sequence of str
        The files that are going to be written, relative to ``out``.
    records : mapping
        See :func:`replace_folder`.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    root = Path(os.path.realpath(out))
    if not root.exists():
        return
    try:
        with _lock_root(root):
            _restore(root)
            _refuse_foreign(out, names, records)
    except OSError as error:
        raise _unwritten(out, error) from None


def _refuse_foreign(out: Path, names: Sequence[str], records: Records) -> None:
    """Refuse (``cannot-write``) to replace files that no run wrote."""
    root = Path(os.path.realpath(out))
    earlier = recorded_results(root, records)
    foreign = []
    for name in names:
        if name in earlier:
            continue
        path = root
        parts = name.split("/")
        for position, part in enumerate(parts, 1):
            path = path / part
            is_folder = path.is_dir() and not path.is_symlink()
            if os.path.lexists(path) and (position == len(parts) or not is_folder):
                foreign.append(path.relative_to(root).as_posix())
                break
    if foreign:
        raise cannot_write(out, "io.not-ours", files=list(dict.fromkeys(foreign)))


def _keep_edited(root: Path, name: str, problems: ProblemLog) -> None:
    """Keep a copy of a result that was changed since, and warn (``result-edited``)."""
    path = root / name
    number = 1
    copy = path.with_name(f"{path.stem}.edited{path.suffix}")
    while os.path.lexists(copy):
        number += 1
        copy = path.with_name(f"{path.stem}.edited-{number}{path.suffix}")
    shutil.copy2(path, copy)
    sync_file(copy)
    problems.add(
        "result-edited",
        str(path),
        "io.result-edited",
        file=path.name,
        copy=copy.name,
    )


# --- all at once ---------------------------------------------------------------------------------


def _link_others(root: Path, new: Path, replaced: Collection[str]) -> None:
    """Link everything of a folder that is not replaced into the new one."""
    for parent, folders, files in os.walk(root):
        below = Path(parent).relative_to(root)
        links = [name for name in folders if (root / below / name).is_symlink()]
        for name in folders:
            if name not in links:
                (new / below / name).mkdir(exist_ok=True)
                shutil.copymode(root / below / name, new / below / name)
        for name in (*files, *links):
            if (below / name).as_posix() not in replaced:
                os.link(root / below / name, new / below / name, follow_symlinks=False)


def _exchange(first: Path, second: Path) -> None:
    """Exchange two folders in one step; ``OSError`` where the system has no such step."""
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    library = ctypes.CDLL(None, use_errno=True)
    paths = (os.fsencode(first), os.fsencode(second))
    if hasattr(library, "renameat2"):
        status = library.renameat2(
            _HERE,
            paths[0],
            _HERE,
            paths[1],
            _EXCHANGE,
        )
    elif hasattr(library, "renamex_np"):
        status = library.renamex_np(*paths, _EXCHANGE)
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _bring_over(old: Path, root: Path, replaced: Collection[str]) -> None:
    """Bring over what others wrote into the old folder while it was exchanged."""
    for parent, _, files in os.walk(old):
        below = Path(parent).relative_to(old)
        for name in files:
            source, target = old / below / name, root / below / name
            if (below / name).as_posix() in replaced:
                continue
            with suppress(OSError):
                if not (target.exists() and os.path.samestat(source.lstat(), target.lstat())):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(source, target)


# --- one by one ----------------------------------------------------------------------------------


def _replace_one_by_one(
    scratch: Path, root: Path, names: Sequence[str], stale: Sequence[str]
) -> None:
    """Replace files under a journal; if one cannot be moved (Excel holds it), restore all."""
    journal = {
        "root": os.path.relpath(root, scratch),
        "names": list(names),
        "stale": list(stale),
    }
    (scratch / _OLD).mkdir()
    draft = scratch / _DRAFT
    draft.write_text(json.dumps(journal), encoding="utf-8")
    sync_file(draft)
    os.rename(draft, scratch / _JOURNAL)
    sync_folder(scratch)
    try:
        for name in (*names, *stale):
            if (root / name).exists():
                (scratch / _OLD / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(root / name, scratch / _OLD / name)
            if name not in stale:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(scratch / _NEW / name, root / name)
        sync_folder(root)
    except BaseException:
        _roll_back(scratch, root, names, stale)
        raise
    (scratch / _JOURNAL).unlink()


def _roll_back(scratch: Path, root: Path, names: Sequence[str], stale: Sequence[str]) -> None:
    """Put the old files back, however far their exchange had come; then the journal is done."""
    for name in (*names, *stale):
        new, old = scratch / _NEW / name, scratch / _OLD / name
        if name in names and not new.exists() and (root / name).exists():
            os.replace(root / name, new)
        if old.exists():
            os.replace(old, root / name)
    sync_folder(root)
    (scratch / _JOURNAL).unlink()


def restore_folder(out: Path) -> None:
    """Restore the results of a folder that a killed run left half exchanged.

    Parameters
    ----------
    out : Path
        The result folder; nothing happens if it is whole.
    """
    root = Path(os.path.realpath(out))
    if not root.is_dir() or not any(_journals(root)):
        return
    with suppress(OSError), lock_folder(root.parent):
        _restore(root)


def _restore(root: Path) -> None:
    """Restore what killed runs left half exchanged; the folder is locked."""
    for scratch, journal in _journals(root).items():
        _roll_back(scratch, root, journal["names"], journal["stale"])
        shutil.rmtree(scratch, ignore_errors=True)


def _journals(root: Path) -> dict[Path, Mapping[str, Any]]:
    """Return the journals of killed runs into a folder, by their scratch folders."""
    journals = {}
    for home in (root.parent, root):
        for scratch in _forgotten(home):
            try:
                journal = json.loads((scratch / _JOURNAL).read_text(encoding="utf-8"))
                target = Path(os.path.normpath(scratch / journal["root"]))
                names = [PurePosixPath(name) for name in (*journal["names"], *journal["stale"])]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            is_inside = [not name.is_absolute() and ".." not in name.parts for name in names]
            if target == root and all(is_inside):
                journals[scratch] = journal
    return journals


# --- checksums and names -------------------------------------------------------------------------


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
