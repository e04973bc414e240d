"""Result folders: whole or not at all, safe in a spreadsheet, the same after reading."""

import os
from pathlib import Path

import pandas as pd
import pytest

from gep.errors import ProblemsFound
from gep.io.result_folder import (
    append_csv,
    cannot_write,
    display_path,
    relative_path,
    replace_folder,
    round_trip,
    safe_text,
    sha256,
)


def test_texts_that_a_spreadsheet_would_run_are_escaped() -> None:
    frame = pd.DataFrame({"text": ["=1", "-x", "@a", "+1", "a=1", ""], "value": [-1.0] * 6})
    safe = safe_text(frame)
    assert safe["text"].tolist() == ["'=1", "'-x", "'@a", "'+1", "a=1", ""]
    assert safe["value"].tolist() == [-1.0] * 6
    assert frame["text"].tolist()[0] == "=1", "the table itself stays"


def test_a_table_reads_back_as_it_was_written() -> None:
    frame = pd.DataFrame({"region": ["0101", "=x"], "value": [0.1, 1e300], "note": ["", "na"]})
    assert round_trip(frame).to_dict("list") == {
        "region": ["0101", "'=x"],
        "value": ["0.1", "1e+300"],
        "note": ["", "na"],
    }


def test_rows_are_appended_below_one_header(tmp_path: Path) -> None:
    for value in ("一", "=2"):
        append_csv(tmp_path / "a.csv", pd.DataFrame({"value": [value]}))
    assert (tmp_path / "a.csv").read_bytes() == "\ufeffvalue\n一\n'=2\n".encode()


def _fill(scratch: Path, content: str, *names: str) -> None:
    for name in names:
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(content, encoding="utf-8")


def _contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def test_new_files_replace_old_ones_and_stale_ones_go(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    with replace_folder(out) as scratch:
        _fill(scratch, "old", "account.csv", "maps/1.csv", "gone.csv")
    _fill(out, "mine", "notes.txt")
    with replace_folder(out, ["gone.csv", "never.csv"]) as scratch:
        _fill(scratch, "new", "account.csv", "maps/2.csv")
    assert _contents(out) == {
        "account.csv": "new",
        "maps/1.csv": "old",
        "maps/2.csv": "new",
        "notes.txt": "mine",
    }


def _fail_while_writing(out: Path) -> None:
    with replace_folder(out) as scratch:
        _fill(scratch, "new", "a.csv")
        raise KeyError("a defect")


def test_a_failure_while_writing_leaves_the_old_files(tmp_path: Path) -> None:
    with replace_folder(tmp_path) as scratch:
        _fill(scratch, "old", "a.csv")
    with pytest.raises(KeyError, match="a defect"):
        _fail_while_writing(tmp_path)
    assert _contents(tmp_path) == {"a.csv": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_cannot_be_replaced_leaves_all_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replace_folder(tmp_path) as scratch:
        _fill(scratch, "old", "a.csv", "b.csv")
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / "b.csv" and Path(source).parent.name.startswith(".gep-"):
            raise PermissionError(13, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ProblemsFound) as caught, replace_folder(tmp_path) as scratch:
        _fill(scratch, "new", "a.csv", "b.csv", "c.csv")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("cannot-write", str(tmp_path))
    assert problem.say_what("en").startswith("b.csv cannot be written: permission denied")
    assert "没有权限" in problem.say_what("zh")
    assert _contents(tmp_path) == {"a.csv": "old", "b.csv": "old"}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"), replace_folder(tmp_path / "file"):
        pass


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
