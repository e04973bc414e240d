"""Results are written in pieces, so that memory does not grow with the tables, and whole or not at all."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gep
from gep.account import result_tables as results
from gep.io import result_folder
from gep.io.result_folder import sha256
from gep.project import project
from gep.project.stages import Progress
from gep.workflows import run as outcome
from gep.workflows.verify import verify_result


def test_pieces_are_the_whole(
    villages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gep.run_project(villages, tmp_path / "whole", allow_code=True)
    monkeypatch.setattr(results, "_CELLS_AT_ONCE", 1)
    _, plans = project.check_project(villages, allow_code=True)
    accounts = [project.account_from_plan(plan) for plan in plans]
    assert sum(name == "by_ecosystem.csv" for name, _ in outcome.pieces_of(accounts)) > 1
    gep.run_project(villages, tmp_path / "pieces", allow_code=True)
    for name in ("account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv"):
        assert (tmp_path / "pieces" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    whole = pd.concat([one.by_ecosystem() for one in accounts], ignore_index=True)
    table = outcome.tables_of(accounts)["by_ecosystem.csv"]
    numbers = table.assign(value=pd.to_numeric(table["value"], errors="coerce"))
    pd.testing.assert_frame_equal(numbers, whole.drop(columns="status"))


COMPUTED_WITH_ARROW = """
import sys
import pandas as pd

pd.set_option("mode.string_storage", "pyarrow")
import gep

(account,) = gep.read_project(sys.argv[1], allow_code=True).compute()
tables = pd.concat([account.frame(names=True), account.plan.table()])
tables.to_csv(sys.argv[2], index=False)
print(pd.Series(["a"]).dtype.storage)
"""


def test_results_do_not_depend_on_how_pandas_keeps_texts(villages: Path, tmp_path: Path) -> None:
    """With pyarrow pandas keeps texts in its memory, without it as objects of Python."""
    arrow = tmp_path / "arrow.csv"
    command = [sys.executable, "-c", COMPUTED_WITH_ARROW, str(villages), str(arrow)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    (account,) = gep.read_project(villages, allow_code=True).compute()
    tables = pd.concat([account.frame(names=True), account.plan.table()])
    tables.to_csv(tmp_path / "plain.csv", index=False)
    here = pd.Series(["a"]).dtype.storage
    assert (here, answer.stdout.strip()) == ("python", "pyarrow")
    assert arrow.read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_a_large_plan_is_packed_and_all_that_reads_results_follows(
    villages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = villages / "out"
    gep.run_project(villages, allow_code=True)
    plain = (out / "plan.csv").read_bytes()
    monkeypatch.setattr(outcome, "_LARGEST_PLAN", len(plain) - 1)
    gep.run_project(villages, allow_code=True)
    assert not (out / "plan.csv").exists()
    packed = (out / "plan.csv.gz").read_bytes()
    assert gzip.decompress(packed) == plain
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert record["results"]["plan.csv.gz"] == sha256(out / "plan.csv.gz")
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    described = {each["path"]: each for each in package["resources"]}
    assert described["plan.csv.gz"]["compression"] == "gz"
    assert described["plan.csv.gz"]["name"] == "plan"
    assert "compression" not in described["account.csv"]
    assert verify_result(out, allow_code=True).differences == ()
    gep.run_project(villages, allow_code=True)
    assert (out / "plan.csv.gz").read_bytes() == packed, "no time is stored"
    edited = plain.replace(b",placeholder,", b",expert,")
    assert edited != plain
    (out / "plan.csv.gz").write_bytes(gzip.compress(edited))
    differences = verify_result(out, allow_code=True).differences
    assert any("placeholder" in problem.say("en") for problem in differences), "the row is named"
    monkeypatch.undo()
    gep.run_project(villages, allow_code=True)
    assert (out / "plan.csv").read_bytes() == plain
    assert not (out / "plan.csv.gz").exists()


def test_progress_names_every_stage_of_a_run(villages: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    gep.run_project(villages, tmp_path / "out", allow_code=True, progress=told.append)
    years = gep.read_project(villages, allow_code=True).spec.project.years
    stages = list(dict.fromkeys(each.stage.say("en") for each in told))
    assert stages == [
        "reading the tables",
        *(f"plan of {year}" for year in years),
        *(f"account of {year}" for year in years),
        *(f"tables of {year}" for year in years),
        "workbook, map and record",
    ]
    assert sorted(told) == told
    assert (told[0], told[-1]) == (0, 1)
    counted: list[Progress] = []
    gep.read_project(villages, allow_code=True).compute(progress=counted.append)
    assert (counted[0], counted[-1]) == (0, 1)
    assert counted[-1].stage.say("zh") == f"核算 {years[-1]} 年"
    assert sorted(counted) == counted


def _no_exchange(*_: object) -> None:
    raise OSError(22, "folders are not exchanged here, so files are")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("held", ["account.csv", "summary.csv"])
@pytest.mark.parametrize("before", [True, False], ids=["over old results", "first results"])
def test_a_file_that_excel_holds_leaves_all_as_it_was(
    villages: Path, monkeypatch: pytest.MonkeyPatch, held: str, before: bool
) -> None:
    out = villages / "out"
    gep.run_project(villages, allow_code=True)
    if not before:
        for path in out.iterdir():
            path.unlink()
    old = _contents(out)
    areas = (villages / "areas.csv").read_text(encoding="utf-8")
    (villages / "areas.csv").write_text(areas.replace("300,hm2", "301,hm2"), encoding="utf-8")
    real = os.replace

    def refuse(source: Any, target: Any) -> None:
        if Path(target) == out / held and "old" not in Path(source).parts:
            raise PermissionError(13, "Permission denied", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(result_folder, "_exchange", _no_exchange)
    with pytest.raises(gep.ProblemsFound, match=r"\[cannot-write\]"):
        gep.run_project(villages, allow_code=True)
    assert _contents(out) == old


def test_a_map_of_an_earlier_run_does_not_stay(villages: Path) -> None:
    gep.run_project(villages, allow_code=True)
    (villages / "out" / "map.png").write_bytes(b"old")
    record = json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [Path(name).suffix for name in record["other_results"]] == [
        ".json",
        ".html",
        ".xlsx",
    ]
    record["other_results"]["map.png"] = sha256(villages / "out" / "map.png")
    (villages / "out" / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    (villages / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    gep.run_project(villages, allow_code=True)
    assert not (villages / "out" / "map.png").exists()
    assert (villages / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"


def _renamed(villages: Path, old: str, new: str) -> None:
    (villages / new).parent.mkdir(exist_ok=True)
    (villages / old).rename(villages / new)
    project = (villages / "project.toml").read_text(encoding="utf-8")
    (villages / "project.toml").write_text(
        project.replace(f'"{old}"', f'"{new}"'), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("old", "new", "out"),
    [
        ("areas.csv", "summary.csv", "."),
        ("data.csv", "out/account.csv", None),
        ("regions.csv", "x/plan.csv", "x"),
    ],
)
def test_results_are_never_written_over_an_input(
    villages: Path, old: str, new: str, out: str | None
) -> None:
    _renamed(villages, old, new)
    before = (villages / new).read_bytes()
    folder = None if out is None else villages / out
    with pytest.raises(gep.ProblemsFound, match=r"\[cannot-write\].*would replace inputs"):
        gep.run_project(villages, folder, allow_code=True, language="en")
    assert (villages / new).read_bytes() == before


def test_results_are_not_written_among_the_tables_of_a_set(villages: Path) -> None:
    before = _contents(villages / "base")
    with pytest.raises(gep.ProblemsFound, match=r"\[cannot-write\].*coefficient set"):
        gep.run_project(villages, villages / "base", allow_code=True, language="en")
    assert _contents(villages / "base") == before


def test_a_picture_of_the_users_own_stays(villages: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "map.png").write_bytes(b"mine")
    for _ in range(2):
        gep.run_project(villages, tmp_path / "there", allow_code=True)
        assert (tmp_path / "there" / "map.png").read_bytes() == b"mine"
