"""A fault in one file hides none in another, and nothing is told that only follows from a fault."""

import csv
import random
import shutil
from pathlib import Path

import pytest
from support.museum import BAD, edit, project

import gep
from gep.cli.app import main
from gep.errors import severities

INDEX = list(csv.DictReader((BAD / "index.csv").read_text(encoding="utf-8").splitlines()))
PAIRS = 40
SEED = 10


def _cases() -> dict[str, set[str]]:
    """The codes of the bad cases that are a folder with errors in one table."""
    codes: dict[str, set[str]] = {}
    for row in INDEX:
        if (BAD / row["case"]).is_dir() and severities()[row["code"]] == "error":
            codes.setdefault(row["case"], set()).add(row["code"])
    return codes


def _files(case: str) -> set[str]:
    folder = BAD / case
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _codes(folder: Path, *, partial: bool = False) -> set[str]:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.check_project(folder, allow_code=True, partial=partial)
    return {problem.code for problem in found.value.problems}


def test_two_faults_in_two_tables_are_both_told(tmp_path: Path) -> None:
    codes = _cases()
    tables = ("areas.csv", "data.csv", "base/numbers.csv", "local/treatment.csv")
    alone = [case for case in codes if len(_files(case)) == 1 and _files(case) <= set(tables)]
    pairs = []
    for number, first in enumerate(alone):
        pairs += [(first, second) for second in alone[number + 1 :]]
    pairs = [pair for pair in pairs if _files(pair[0]).isdisjoint(_files(pair[1]))]
    hidden = []
    for number, pair in enumerate(random.Random(SEED).sample(pairs, PAIRS)):
        folder = project(tmp_path / str(number), BAD / pair[0])
        shutil.copytree(BAD / pair[1], folder, dirs_exist_ok=True)
        told = _codes(folder)
        hidden += [(pair, code) for code in codes[pair[0]] | codes[pair[1]] if code not in told]
    assert len(hidden) <= 0.1 * PAIRS, hidden


def test_keys_of_the_project_hide_no_table(villages: Path) -> None:
    edit(villages / "project.toml", "years = [2020]", 'years = ["2020年"]\nmethods = "x"')
    edit(villages / "areas.csv", "woodland,300", "woodland,-300")
    edit(villages / "base" / "numbers.csv", "2,CNY m-3,,,,,2020", "2,CNY m-3,,,,,2010")
    assert _codes(villages) == {"toml-value", "unknown-key", "negative", "price-year"}


def test_a_misspelt_key_counts_as_the_one_that_is_meant(villages: Path) -> None:
    """Else every class would seem unknown without its crosswalk."""
    edit(villages / "project.toml", "crosswalk =", "crosswalks =")
    edit(villages / "data.csv", "0.5,万人次", "0.5,万人此")
    assert _codes(villages) == {"unknown-key", "unknown-unit"}


@pytest.mark.parametrize(
    ("file", "old", "new", "codes"),
    [
        ("data.csv", "region,year,name", "region,year,thing", {"unknown-column", "missing-column"}),
        ("areas.csv", "990101,2020,paddy", ",2020,paddy", {"blank"}),
        ("data.csv", "990101,2020,visits", "990101,2020,", {"blank"}),
        ("crosswalk.csv", "class,code", "klass,code", {"unknown-column", "missing-column"}),
        ("base/numbers.csv", "reservoir_cost", "", {"blank"}),
        ("regions.csv", "region,name", "code,name", {"unknown-column", "missing-column"}),
    ],
)
def test_what_only_follows_from_a_fault_is_not_told(
    villages: Path, file: str, old: str, new: str, codes: set[str]
) -> None:
    edit(villages / file, old, new)
    assert _codes(villages) == codes


def test_with_partial_gaps_are_no_errors_beside_errors(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(villages / "data.csv", "990102,2020,visits,,,,0,人次,made up\n", "")
    edit(villages / "base" / "numbers.csv", "2,CNY m-3,,,,,2020", "2,CNY m-3,,,,,2010")
    assert _codes(villages) == {"missing-data", "price-year"}
    assert _codes(villages, partial=True) == {"price-year"}
    options = ["--allow-code", "--partial", "--language", "en"]
    assert main(["check", str(villages), *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("1. [price-year]")
    assert lines[1].startswith("warning [missing-data]")


def test_prices_that_ship_are_not_blamed_on_the_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    text = 'id = "p"\ntitle = "p"\nstandard = "xie-2015"\nyears = [2010, 2020]\nprice_year = 2010\n'
    text = f'[project]\n{text}allow_transfer = true\n[inputs]\nareas = "areas.csv"\n'
    (folder / "project.toml").write_text(text, encoding="utf-8")
    rows = "region,year,class,area,unit\n990101,2010,paddy,1,km2\n990101,2020,paddy,1,km2\n"
    (folder / "areas.csv").write_text(rows, encoding="utf-8")
    arguments = ["compare", str(folder), "--prices", "2016", "--prices", "2018"]
    assert main([*arguments, "--language", "en"]) == 2
    told = capsys.readouterr().err
    assert "[price-year] --prices 2016 (prices of 2010" in told
    assert "--prices 2018" in told, "all price bases at once"
    assert "which ships with gep (xie-2015/equivalent_value.csv row 2)" in told


def test_a_fault_in_the_areas_does_not_hide_the_assessment(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (villages / "project.toml").read_text(encoding="utf-8")
    text += '\n[assessment]\nschemes = ["no-such-scheme"]\ntargets = "targets.csv"\n'
    (villages / "project.toml").write_text(text, encoding="utf-8")
    edit(villages / "areas.csv", "woodland,300", "woodland,-300")
    for command in ("check", "assess"):
        assert main([command, str(villages), "--allow-code", "--language", "en"]) == 2
        told = capsys.readouterr().err
        for said in ("[negative] areas.csv row 2", "no-such-scheme", "[missing-file] targets.csv"):
            assert said in told, command
