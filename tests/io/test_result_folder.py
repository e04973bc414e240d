"""Result folders: whole or not at all, safe in a spreadsheet, the same after reading."""

import errno
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gep.errors import ProblemLog, ProblemsFound
from gep.io import result_folder
from gep.io.result_folder import (
    cannot_write,
    display_path,
    lock_folder,
    refuse_foreign,
    relative_path,
    replace_folder,
    restore_folder,
    sha256,
    write_record,
)

NAMES = ("account.csv", "summary.csv", "maps.png", "manifest.json")
RECORDS = {"manifest.json": NAMES}
ONE_BY_ONE = pytest.param(False, id="one by one")
AT_ONCE = pytest.param(True, id="at once")


# --- new files for old ---------------------------------------------------------------------------


def _write(out: Path, content: str, *names: str, problems: ProblemLog | None = None) -> None:
    """Write results as a run does, with a record that names them."""
    with replace_folder(out, RECORDS, problems) as scratch:
        for name in names or NAMES[:2]:
            (scratch / name).write_text(f"{content} {name}", encoding="utf-8")
        sums = {name: sha256(scratch / name) for name in names or NAMES[:2]}
        record = {
            "gep": content,
            "results": {name: sums[name] for name in sums if name.endswith(".csv")},
            "other_results": {name: sums[name] for name in sums if name.endswith(".png")},
        }
        write_record(scratch / "manifest.json", record)


def _contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def _version(out: Path) -> str:
    """Which run the results are of; fails if they are not of one."""
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    version = str(record["gep"])
    for name, checksum in {**record["results"], **record["other_results"]}.items():
        assert (out / name).read_text(encoding="utf-8") == f"{version} {name}"
        assert sha256(out / name) == checksum
    left = {path.name for path in out.iterdir() if path.name in NAMES}
    assert left == {"manifest.json", *record["results"], *record["other_results"]}
    return version


@pytest.fixture
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system can exchange two folders in one step."""
    if request.param:
        if sys.platform == "win32":
            pytest.skip("this system cannot exchange folders")
        return True

    def refuse(*_: object) -> None:
        raise OSError(errno.EINVAL, "no such step")

    monkeypatch.setattr(result_folder, "_exchange", refuse)
    return False


both_ways = pytest.mark.parametrize("at_once", [AT_ONCE, ONE_BY_ONE], indirect=True)


@both_ways
def test_new_files_replace_old_ones_and_stale_ones_go(tmp_path: Path, at_once: bool) -> None:
    out = tmp_path / "a" / "out"
    _write(out, "old", *NAMES[:3])
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "mine").mkdir()
    (out / "mine" / "account.csv").write_text("mine too", encoding="utf-8")
    _write(out, "new", "summary.csv")
    assert _version(out) == "new"
    assert set(_contents(out)) == {
        "manifest.json", "summary.csv", "notes.txt", "mine/account.csv",
    }  # fmt: skip
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_on_this_system_a_folder_is_switched_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32":
        pytest.skip("this system cannot exchange folders")
    _write(tmp_path / "out", "old")
    monkeypatch.setattr(result_folder, "_replace_one_by_one", None)  # it would fail
    _write(tmp_path / "out", "new")
    assert _version(tmp_path / "out") == "new"


@pytest.mark.parametrize("kind", ["project", "working folder", "hidden folder"])
def test_a_folder_of_others_is_left_in_its_place(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    _write(out, "old")
    before = out.stat().st_ino
    if kind == "project":
        (out / "project.toml").touch()
    elif kind == "hidden folder":
        (out / ".git").mkdir()
    else:
        monkeypatch.chdir(out)
    _write(out, "new")
    assert (_version(out), out.stat().st_ino) == ("new", before)


@both_ways
@pytest.mark.parametrize("name", ["account.csv", "manifest.json", "maps.png"])
def test_what_no_run_wrote_is_never_replaced(name: str, tmp_path: Path, at_once: bool) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        _write(tmp_path, "new", *NAMES[:3])
    (problem,) = caught.value.problems
    assert problem.code == "cannot-write"
    assert name in problem.say_what("en")
    assert "不是本软件写出的" in problem.say_what("zh")
    assert _contents(tmp_path) == {name: "mine"}
    with pytest.raises(ProblemsFound, match="no run of gep"):
        refuse_foreign(tmp_path, NAMES, RECORDS)


def test_a_folder_or_link_with_the_name_of_a_result_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _write(out, "old")
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    for replace in (
        lambda: (out / "account.csv").mkdir(),
        lambda: (out / "account.csv").symlink_to(tmp_path / "mine.csv"),
        lambda: (out / "account.csv").symlink_to(tmp_path / "nowhere"),
    ):
        if (out / "account.csv").is_dir():
            (out / "account.csv").rmdir()
        else:
            (out / "account.csv").unlink()
        replace()
        with pytest.raises(ProblemsFound, match=r"account\.csv"):
            _write(out, "new")
    assert (out / "account.csv").is_symlink()
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_a_record_speaks_only_for_what_its_runs_write(tmp_path: Path) -> None:
    """A forged record does not make a run remove the files of its user."""
    out = tmp_path / "out"
    _write(out, "old")
    for name in ("areas.csv", "../areas.csv", "thesis.docx"):
        (out / name).write_text("mine", encoding="utf-8")
        record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        record["results"][name] = sha256(out / name)
        (out / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    _write(out, "new")
    assert (out / "areas.csv").read_text(encoding="utf-8") == "mine"
    assert (out / "thesis.docx").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "areas.csv").read_text(encoding="utf-8") == "mine"


@both_ways
def test_a_result_that_was_changed_is_kept_beside(tmp_path: Path, at_once: bool) -> None:
    out = tmp_path / "out"
    _write(out, "old")
    for version in ("second", "third"):
        (out / "summary.csv").write_text(f"remarks on {version}", encoding="utf-8")
        problems = ProblemLog()
        _write(out, version, problems=problems)
        (warning,) = problems.warnings
        assert (warning.code, warning.where) == ("result-edited", str(out / "summary.csv"))
        assert _version(out) == version
    assert (out / "summary.edited.csv").read_text(encoding="utf-8") == "remarks on second"
    assert (out / "summary.edited-2.csv").read_text(encoding="utf-8") == "remarks on third"


def test_what_others_write_while_the_folder_is_exchanged_is_brought_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    _write(out, "old")
    (out / "notes.txt").write_text("draft", encoding="utf-8")
    exchange = result_folder._exchange

    def late(first: Path, second: Path) -> None:
        (out / "new.txt").write_text("new", encoding="utf-8")
        (out / "notes.txt").unlink()
        (out / "notes.txt").write_text("final", encoding="utf-8")
        exchange(first, second)

    monkeypatch.setattr(result_folder, "_exchange", late)
    _write(out, "new")
    assert _version(out) == "new"
    assert (out / "new.txt").read_text(encoding="utf-8") == "new"
    assert (out / "notes.txt").read_text(encoding="utf-8") == "final"


# --- failures, interrupts and kills --------------------------------------------------------------


def _fail_while_writing(out: Path) -> None:
    with replace_folder(out, RECORDS) as scratch:
        (scratch / "account.csv").write_text("new", encoding="utf-8")
        raise KeyError("a defect")


def test_a_failure_while_writing_leaves_the_old_files(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyError, match="a defect"):
        _fail_while_writing(out)
    assert list(tmp_path.iterdir()) == []
    _write(out, "old")
    before = _contents(out)
    with pytest.raises(KeyError, match="a defect"):
        _fail_while_writing(out)
    assert _contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("at_once", [ONE_BY_ONE], indirect=True)
def test_a_file_that_cannot_be_replaced_leaves_all_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    _write(tmp_path, "old")
    before = _contents(tmp_path)
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / "summary.csv" and Path(source).parent.name == "new":
            raise PermissionError(13, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ProblemsFound) as caught:
        _write(tmp_path, "new", *NAMES[:3])
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("cannot-write", str(tmp_path))
    assert problem.say_what("en").startswith("summary.csv cannot be written: permission denied")
    assert "没有权限" in problem.say_what("zh")
    assert _contents(tmp_path) == before


MOVES = ((os, "rename"), (os, "replace"), (os, "link"), (os, "mkdir"), (os, "unlink"),
         (os, "fsync"), (result_folder, "_exchange"), (shutil, "rmtree"))  # fmt: skip


def _stop_at(position: int, stop: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop before the move of that number: renames, links, removals, writes to the disk."""
    numbers = count()

    def counted(move: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            if next(numbers) == position:
                stop()
            return move(*arguments, **options)

        return step

    for module, name in MOVES:
        monkeypatch.setattr(module, name, counted(getattr(module, name)))


def _stop() -> None:
    raise KeyboardInterrupt


@both_ways
def test_an_interrupt_at_any_step_leaves_old_or_new_results(tmp_path: Path, at_once: bool) -> None:
    out = tmp_path / "out"
    for position in count():
        shutil.rmtree(out, ignore_errors=True)
        _write(out, "old", *NAMES[:3])
        (out / "notes.txt").write_text("mine", encoding="utf-8")
        is_interrupted = False
        with pytest.MonkeyPatch.context() as patch:
            if not at_once:
                patch.setattr(result_folder, "_exchange", _refuse_exchange)
            _stop_at(position, _stop, patch)
            try:
                _write(out, "new")
            except KeyboardInterrupt:
                is_interrupted = True
        restore_folder(out)
        assert _version(out) in ("old", "new")
        assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
        if not is_interrupted:
            break
    assert position > 10
    assert _version(out) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _refuse_exchange(*_: object) -> None:
    raise OSError(errno.EINVAL, "no such step")


@contextmanager
def _child() -> Iterator[int]:
    """Go on in a child process, which ends with the block; gives its number, 0 in the child."""
    number = os.fork()
    if number:
        yield number
        return
    status = 1
    try:
        yield 0
        status = 0
    finally:
        os._exit(status)


@both_ways
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_kill_at_any_step_leaves_old_or_new_results(tmp_path: Path, at_once: bool) -> None:
    """At once: they are whole without any repair. One by one: the next look at them repairs."""
    out = tmp_path / "out"
    for position in count():
        shutil.rmtree(out, ignore_errors=True)
        _write(out, "old", *NAMES[:3])
        (out / "notes.txt").write_text("mine", encoding="utf-8")
        with _child() as number:
            if number == 0:
                _stop_at(position, lambda: os._exit(9), pytest.MonkeyPatch())
                _write(out, "new")
        _, status = os.waitpid(number, 0)
        if not at_once:
            restore_folder(out)
        assert _version(out) in ("old", "new"), position
        assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == 9
    assert position > 10
    assert _version(out) == "new"
    _write(out, "last")  # the next run removes what the killed ones left
    assert _version(out) == "last"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {path.name for path in out.iterdir()} == {*NAMES[:2], "manifest.json", "notes.txt"}


@pytest.mark.parametrize("at_once", [ONE_BY_ONE], indirect=True)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_the_next_run_restores_before_it_writes(tmp_path: Path, at_once: bool) -> None:
    out = tmp_path / "out"
    _write(out, "old")
    with _child() as number:
        if number == 0:
            replace = os.replace

            def die(source: Path, target: Path) -> None:
                if Path(target) == out / "manifest.json":
                    os._exit(9)
                replace(source, target)

            pytest.MonkeyPatch().setattr(os, "replace", die)
            _write(out, "new")
    os.waitpid(number, 0)
    assert not (out / "manifest.json").exists(), "the results are a mixture"
    with pytest.raises(KeyError, match="a defect"):
        _fail_while_writing(out)
    assert _version(out) == "old"


def test_files_are_on_the_disk_before_they_take_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, exchange = os.fsync, result_folder._exchange

    def synced(descriptor: int) -> None:
        steps.append("sync")
        sync(descriptor)

    def exchanged(first: Path, second: Path) -> None:
        steps.append("exchange")
        exchange(first, second)

    _write(tmp_path / "out", "old")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(result_folder, "_exchange", exchanged)
    _write(tmp_path / "out", "new")
    assert steps.index("exchange") >= len(NAMES), "three files and their folder"
    assert steps[-1] == "sync", "and the name of the folder itself"


@pytest.mark.parametrize("name", ["../mine.txt", "/MINE", "..", 7, {"a": 1}])
def test_a_journal_that_no_run_wrote_moves_nothing(name: Any, tmp_path: Path) -> None:
    """It may have come with the project of somebody else."""
    out = tmp_path / "out"
    _write(out, "old")
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    scratch = out / ".gep-evil"
    for folder in ("new", "old"):
        (scratch / folder).mkdir(parents=True)
    name = str(tmp_path / "mine.txt") if name == "/MINE" else name
    journal = {"root": "..", "names": [name], "stale": []}
    (scratch / "journal.json").write_text(json.dumps(journal), encoding="utf-8")
    restore_folder(out)
    _write(out, "new")
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert _version(out) == "new"


def test_a_working_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell may stand in the folder that an earlier run replaced."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for version in ("old", "new"):
        _write(tmp_path / "out", version)
    assert _version(tmp_path / "out") == "new"


# --- several runs --------------------------------------------------------------------------------


def test_a_lock_is_waited_for_and_ends_with_its_block(tmp_path: Path) -> None:
    with lock_folder(tmp_path):
        busy = os.strerror(errno.EBUSY)
        with pytest.raises(OSError, match=busy), lock_folder(tmp_path, wait=0.05):
            pass
        with lock_folder(tmp_path.parent, wait=0):
            pass
    with lock_folder(tmp_path, wait=0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_stays_locked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_folder, "_LOCK_WAIT", 0)
    monkeypatch.setattr(result_folder, "_lock_root", lambda root: lock_folder(root.parent, 0.05))
    with lock_folder(tmp_path), pytest.raises(ProblemsFound) as caught:
        _write(tmp_path / "out", "new")
    (problem,) = caught.value.problems
    assert problem.code == "cannot-write"
    assert "another run" in problem.say_what("en")
    assert list(tmp_path.iterdir()) == []


@both_ways
def test_many_runs_into_one_folder_mix_nothing(tmp_path: Path, at_once: bool) -> None:
    out = tmp_path / "out"
    failures: list[BaseException] = []

    def write(version: str) -> None:
        try:
            for number in range(5):
                _write(out, f"{version}{number}", *NAMES[: 1 + number % 3])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(version,)) for version in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert _version(out)[0] in "abcd"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_does_not_disturb_one_that_is_still_writing(tmp_path: Path) -> None:
    with replace_folder(tmp_path / "out", RECORDS) as scratch:
        (scratch / "account.csv").write_text("first", encoding="utf-8")
        _write(tmp_path / "out", "second")
        sums = {"account.csv": sha256(scratch / "account.csv")}
        record = {"gep": "first", "results": sums}
        write_record(scratch / "manifest.json", record)
    assert _contents(tmp_path / "out")["account.csv"] == "first"
    assert not (tmp_path / "out" / "summary.csv").exists()


def test_folders_of_others_that_look_like_scratch_stay(tmp_path: Path) -> None:
    (tmp_path / ".gep-config").mkdir()
    (tmp_path / ".gep-config" / "settings.toml").touch()
    (tmp_path / ".gep-killed").mkdir()
    (tmp_path / ".gep-killed" / "new").mkdir()
    _write(tmp_path / "out", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".gep-config", "out"]


# --- the rest ------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "file/deeper"):
        with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
            _write(tmp_path / name, "new")


def test_a_linked_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    for version in ("old", "new"):
        _write(tmp_path / "link", version)
        assert _version(tmp_path / "real") == version
    assert (tmp_path / "link").is_symlink()


def test_the_mode_of_a_folder_stays(tmp_path: Path) -> None:
    _write(tmp_path / "out", "old")
    (tmp_path / "out").chmod(0o750)
    _write(tmp_path / "out", "new")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_the_error_of_a_result_that_cannot_be_written(tmp_path: Path) -> None:
    error = cannot_write(tmp_path, "io.input-lost", files=["a.csv", "b.csv"])
    (problem,) = error.problems
    assert problem.say_what("en") == "the results would replace inputs: a.csv, b.csv"


def test_names_and_checksums_in_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a")
    assert sha256(tmp_path / "a.csv").startswith("ca978112ca1bbdca")
    assert display_path(tmp_path / "x" / "a.csv", tmp_path) == "x/a.csv"
    assert display_path(tmp_path / "a.csv", tmp_path / "x") == (tmp_path / "a.csv").as_posix()
    assert relative_path(tmp_path, tmp_path / "out") == ".."
