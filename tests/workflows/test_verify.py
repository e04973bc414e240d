"""gep verify: a result that was touched, or whose inputs were, is told so by file, row and number."""

import json
import shutil
from pathlib import Path

import pytest

import gep
from gep.errors import ProblemsFound


@pytest.fixture
def done(villages: Path) -> Path:
    gep.run_project(villages, allow_code=True)
    return villages


def _told(project: Path) -> str:
    return "\n".join(str(problem) for problem in gep.verify(project / "out", allow_code=True))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_untouched_result_agrees(done: Path) -> None:
    assert gep.verify(done / "out", allow_code=True) == []


def test_a_result_elsewhere_finds_its_project(villages: Path, tmp_path: Path) -> None:
    gep.run_project(villages, tmp_path / "there" / "out", allow_code=True)
    assert gep.verify(tmp_path / "there" / "out", allow_code=True) == []


def test_a_project_that_was_moved_is_named(done: Path, tmp_path: Path) -> None:
    shutil.move(done / "out", tmp_path / "kept")
    shutil.move(done, tmp_path / "moved")
    assert gep.verify(tmp_path / "kept", tmp_path / "moved", allow_code=True) == []
    assert gep.verify(tmp_path / "kept", allow_code=True) != []


def test_an_edited_coefficient_is_named_with_its_row(done: Path) -> None:
    _edit(done / "base" / "numbers.csv", "spending_per_visit,,,,,80,", "spending_per_visit,,,,,81,")
    told = _told(done)
    assert "[differs] base/numbers.csv: " in told
    assert "base/numbers.csv row 9: " in told
    assert "value was 80.0, is now 81.0" in told
    assert "account.csv: " in told


def test_an_edited_input_is_named_with_its_row(done: Path) -> None:
    _edit(done / "areas.csv", "990101,2020,paddy,100,", "990101,2020,paddy,101,")
    told = _told(done)
    assert "[differs] areas.csv: " in told
    assert "areas.csv row 3: " in told


def test_an_edited_standard_and_own_code_are_named(done: Path) -> None:
    _edit(done / "standard.toml", 'clause = "5"', 'clause = "6"')
    _edit(done / "methods.py", "return visits * spending", "return 2 * visits * spending")
    told = _told(done)
    assert "standard.toml: " in told
    assert "methods.py: " in told
    assert "account.csv: " in told


def test_an_edited_figure_and_a_lost_file_are_named(done: Path) -> None:
    _edit(done / "out" / "account.csv", "374.4", "474.4")
    (done / "out" / "summary.csv").unlink()
    told = _told(done)
    assert "account.csv: the result file was changed after the run" in told
    assert "1 of 34 rows differ" in told
    assert "990101 regulating water_retention value: value 474.4" in told
    assert "summary.csv: the result file is gone" in told


def test_rows_that_came_or_went_are_named(done: Path) -> None:
    _edit(
        done / "local" / "treatment.csv",
        "treatment_cost,,SO2,,,1300,CNY t-1",
        "treatment_cost,,NOx,,,1300,CNY t-1",
    )
    told = _told(done)
    assert "local/treatment.csv row 2: " in told
    assert "was used by the run and is no longer" in told
    assert "is new since the run" in told


def _codes(project: Path) -> list[tuple[str, str]]:
    return [
        (problem.where, problem.what) for problem in gep.verify(project / "out", allow_code=True)
    ]


def test_a_row_nobody_uses_put_on_top_moves_rows_and_changes_nothing(done: Path) -> None:
    path = done / "base" / "numbers.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    columns = head.split(",")
    unused = {
        "coefficient": "nobody_asks",
        "value": "1",
        "unit": "1",
        "source": "made_up",
        "locator": "t1",
    }
    row = ",".join(({"grade": "placeholder"} | unused).get(name, "") for name in columns)
    path.write_text("\n".join([head, row, *rows]) + "\n", encoding="utf-8")
    edited, moved = _codes(done)
    assert edited == ("base/numbers.csv", "the file was edited after the run")
    assert moved[0] == "base/numbers.csv"
    assert moved[1].endswith(
        "of the rows used have moved, no value changed; the first: row 2 is now row 3"
    )


@pytest.mark.parametrize("name", ["areas.csv", "data.csv"])
def test_sorting_an_input_otherwise_changes_nothing(done: Path, name: str) -> None:
    head, *rows = (done / name).read_text(encoding="utf-8-sig").splitlines()
    (done / name).write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    told = _codes(done)
    assert [where for where, _ in told] == [name, name]
    assert "no value changed" in told[1][1]


def test_a_changed_value_is_told_by_its_keys_where_it_now_stands(done: Path) -> None:
    head, *rows = (done / "areas.csv").read_text(encoding="utf-8-sig").splitlines()
    text = "\n".join([head, *reversed(rows)]).replace(
        "990101,2020,paddy,100,", "990101,2020,paddy,101,"
    )
    (done / "areas.csv").write_text(text + "\n", encoding="utf-8")
    row = next(number for number, line in enumerate(text.splitlines(), 1) if "paddy,101" in line)
    told = _told(done)
    assert f"areas.csv row {row}: " in told
    assert "class=paddy region=990101: value was 100.0, is now 101.0" in told
    assert "is no longer" not in told
    assert "is new since" not in told


def test_rows_of_results_that_came_or_went_are_named_by_their_keys(done: Path) -> None:
    path = done / "out" / "account.csv"
    head, first, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text(
        "\n".join([head, *rows, first.replace("990101", "990109")]) + "\n", encoding="utf-8-sig"
    )
    told = _told(done)
    called = " ".join(part for part in first.split(",")[:7] if part and part != "region")
    assert f"1 rows are not in the file; the first: {called}" in told
    assert "1 rows are not among those recomputed; the first: 2020 990109" in told


def test_a_clause_that_changed_is_said_once_a_step_and_file(done: Path) -> None:
    _edit(done / "standard.toml", 'clause = "5"', 'clause = "6"')
    told = [problem for problem in _codes(done) if "clause was 5, is now 6" in problem[1]]
    assert len(told) == len({where for where, _ in told}) > 0
    assert "is no longer" not in _told(done)


def test_an_input_that_no_longer_checks_is_told(done: Path) -> None:
    _edit(done / "areas.csv", "300,hm2", "three hundred,hm2")
    told = _told(done)
    assert "[differs] areas.csv: " in told
    assert "[not-a-number] areas.csv row 2 column area: " in told


def test_another_version_is_told(done: Path) -> None:
    _edit(done / "out" / "manifest.json", f'"gep": "{gep.__version__}"', '"gep": "0.0.1"')
    assert "made by gep 0.0.1" in _told(done)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"gep": "1"}'])
def test_no_manifest_to_go_by(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[manifest\]"):
        gep.verify(tmp_path)


def test_own_code_is_not_run_unless_allowed(done: Path) -> None:
    assert any(problem.code == "code-not-allowed" for problem in gep.verify(done / "out"))


def test_the_manifest_records_what_a_reader_asks_for(done: Path) -> None:
    record = json.loads((done / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert record["tier"] == "table"
    assert record["state"] == "试算"
    assert record["standard"]["evidence"] == "published"
    assert record["standard"]["legal"] == "research"
    assert record["shares"]["2020"]["grade"]["placeholder"] == pytest.approx(1)
    assert record["shares"]["2020"]["transfer"] == 0
    assert {
        "project.toml",
        "standard.toml",
        "areas.csv",
        "data.csv",
        "methods.py",
        "base/numbers.csv",
    } <= set(record["inputs"])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"state": "试算"', '"state": "某县人民政府 1号"', "state"),
        ('"legal": "research"', '"legal": "in_force"', "standard"),
        ('"placeholder": 1.0', '"placeholder": 0.0', "shares"),
        ('"oxygen": "with"', '"oxygen": "without"', "switches"),
    ],
)
def test_a_forged_manifest_is_told(done: Path, old: str, new: str, named: str) -> None:
    _edit(done / "out" / "manifest.json", old, new)
    assert f"manifest.json: {named} is said to be " in _told(done)
