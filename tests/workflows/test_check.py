"""The page of ``gep check`` says what to do next, stays short, and leaves nothing out of its list."""

import csv
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.museum import contents, edit, project

import gep
from gep.cli.app import main
from gep.standards.standard import DEPARTMENTS
from gep.terminal.check import PAGE_LINES, check_page
from gep.texts.catalogue import LANGUAGES, Language, say
from gep.workflows.check import LIST_COLUMNS, Question, check_folder, default_list_file, write_list

TYPES = ("arbor_forest", "paddy", "dry_field", "shrub", "lake", "reservoir", "settlement")
WIDEST = 150  # half-width characters: two lines of a terminal


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A county with areas, and nothing else, under the standard that asks for the most."""
    folder = tmp_path / "county"
    folder.mkdir()
    head = 'id = "c"\ntitle = "c"\nstandard = "rcees-2017"\nyears = [2020]\nprice_year = 2010\n'
    tables = '[switches]\n[inputs]\nareas = "areas.csv"\nregions = "regions.csv"\n'
    (folder / "project.toml").write_text(f"[project]\n{head}{tables}", encoding="utf-8")
    rows = [f"361130,2020,{name},{10 + number},km2" for number, name in enumerate(TYPES)]
    _write(folder / "areas.csv", ["region,year,class,area,unit", *rows])
    _write(folder / "regions.csv", ["region,name,area,area_unit", "361130,婺源县,91,km2"])
    return folder


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _widest(page: list[str], language: Language) -> int:
    """The width of the widest line, but for the commands and lines that are to be typed."""
    answer = say(language, "terminal.check.answer", answer="").strip()
    steps = page.index(say(language, "terminal.check.next"))
    lines = [*page[: steps + 1], *page[steps + 4 : -1]]
    return max(cell_len(line) for line in lines if not line.strip().startswith(answer))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("language", LANGUAGES)
def test_missing_rows_are_counted_by_department_as_the_form_has_them(
    county: Path, tmp_path: Path, language: Language
) -> None:
    check = check_folder(county, language=language)
    page = check_page(check, None)
    assert len(page) <= PAGE_LINES
    assert _widest(page, language) <= WIDEST
    form = tmp_path / "form.csv"
    assert main(["form", str(county), "--out", str(form), "--language", language]) == 0
    declared = gep.read_standard("rcees-2017").spec.data
    expected = Counter(declared[row["name"]].department for row in _rows(form))
    assert set(expected) == set(DEPARTMENTS)
    for department, count in expected.items():
        title = say(language, f"standards.department.{department}")
        key = "terminal.check.missing-rows"
        begin = say(language, key, department=title, rows=count, names="")
        assert any(line.startswith(f"  {begin.rstrip()}") for line in page), (begin, page)


def test_a_region_without_any_product_is_asked_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No row tells which products it has, so that no cell of the plan stands for what is missing."""
    folder = project(tmp_path / "p")
    edit(folder / "data.csv", "990102,2020,output,,,fish,30,t,made up\n", "")
    assert main(["check", str(folder), "--allow-code", "--language", "en"]) == 2
    page = capsys.readouterr().out
    assert "Accounting body, 1 row: Output 1" in page
    command = re.search(r"run gep (form \S+ --out \S+) ", page)
    assert command is not None, page
    file = folder / "more.csv"
    assert main(["form", str(folder), "--allow-code", "--out", str(file)]) == 0
    (row,) = _rows(file)
    assert (row["region"], row["name"], row["product"], row["value"]) == (
        "990102",
        "output",
        "",
        "",
    )
    filled = file.read_text(encoding="utf-8-sig").replace(",output,,,", ",output,fish,30,")
    file.write_text(filled.replace("吨,,", "吨,made up,"), encoding="utf-8")
    edit(folder / "project.toml", '["data.csv"]', '["data.csv", "more.csv"]')
    capsys.readouterr()
    assert main(["check", str(folder), "--allow-code", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith("ready: ")


def test_the_next_step_is_a_command_that_works(
    county: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(county), "--language", "en"]) == 2
    page = capsys.readouterr().out
    command = re.search(r"run gep (form \S+ --out \S+),", page)
    assert command is not None, page
    assert main(command[1].split()) == 0
    assert (county / "form.xlsx").is_file()
    assert f"gep check {county} again" in page
    assert "open rcees-parameters" not in page, "a file that ships is not to be edited"
    main(["check", str(county), "--language", "en"])
    assert "form-2.xlsx" in capsys.readouterr().out, "no step asks to overwrite a file"


def test_the_page_is_short_however_much_is_wrong(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two hundred problems of many kinds: the page stays short, the list has every one."""
    lines = ["region,year,class,area,unit"]
    for number in range(60):
        lines.append(f"361130,2020,no_such_type_{number},{number},km2")
        lines.append(f"361130,2020,paddy,-{number + 1},km2")
        lines.append(f"361130,2020,lake,{number},unit{number}")
        lines.append(f"361130,x{number},lake,,km2")
    _write(county / "areas.csv", lines)
    with pytest.raises(gep.ProblemsFound) as found:
        gep.check_project(county, language="en")
    assert len(found.value.problems) > 200
    before = contents(county)
    for language in LANGUAGES:
        file = tmp_path / f"{language}.csv"
        arguments = ["check", str(county), "--language", language, "--list", str(file)]
        assert main(arguments) == 2
        said = capsys.readouterr()
        page = said.out.splitlines()
        assert len(page) <= PAGE_LINES
        assert _widest(page, language) <= WIDEST
        assert str(file) in page[-1]
        heading = page.index(say(language, "terminal.check.next"))
        assert "areas.csv" in page[heading + 1], "the first step names the file to correct"
        listed = _rows(file)
        assert len(listed) == len(found.value.problems) + len(found.value.warnings)
        assert [row["code"] for row in listed] == [
            *(problem.code for problem in found.value.problems),
            *(problem.code for problem in found.value.warnings),
        ]
        assert listed[0]["what"] == found.value.problems[0].say_what(language)
        assert len(said.err.splitlines()) > 100, "other programs read all problems as before"
    assert contents(county) == before


def test_on_a_screen_the_page_is_all(
    county: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["check", str(county)]) == 2
    said = capsys.readouterr()
    assert said.err == ""
    assert "[missing-data]" in said.out


def _answer(question: Question) -> None:
    """Run the command that answers a question."""
    command = question.answer.say("en").partition(";")[0]
    assert main(shlex.split(command)[1:]) == 0


def test_a_question_of_coverage_is_settled_by_its_answer(county: Path) -> None:
    edit(county / "regions.csv", "91,km2", "400,km2")
    check = check_folder(county, language="en")
    question = next(q for q in check.questions if "whole region" in q.ask.say("en"))
    assert "land-sum" in {problem.code for problem in check.problems}
    assert check.counts.missing_data, "rows are counted all the same"
    _answer(question)
    answered = check_folder(county, language="en")
    assert "land-sum" not in {problem.code for problem in answered.problems}
    assert question not in answered.questions


def test_a_question_of_a_switch_is_settled_by_its_answer(county: Path) -> None:
    """The rows that the option is said to spare are spared, and only the data named are new."""
    check = check_folder(county, language="en")
    question = check.questions[0]
    spared = re.search(r"With .*\((\w+)\), (\d+) rows", question.consequence.say("en"))
    assert spared is not None
    _answer(question)
    answered = check_folder(county, language="en")
    before = check.counts.missing_data
    after = answered.counts.missing_data
    gone = sum(before[name] for name in before if name not in after)
    assert gone == int(spared[2])
    assert sum(after.values()) < sum(before.values())
    declared = gep.read_standard("rcees-2017").spec.data
    for name in after.keys() - before.keys():
        assert declared[name].name.say("en") in question.consequence.say("en")


def test_services_that_may_be_counted_twice_are_asked_for(county: Path) -> None:
    check = check_folder(county, language="zh")
    asked = [question.ask.say("zh") for question in check.questions]
    assert any("林业产品与固碳" in words for words in asked)


def test_an_account_that_is_ready_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "p")
    assert main(["check", str(folder), "--allow-code", "--language", "en"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("ready: ")
    command = re.search(r"gep (run .*)", said.out)
    assert command is not None
    assert main([*command[1].split(), "--quiet"]) == 0


def test_the_list_replaces_a_list_and_nothing_else(county: Path, tmp_path: Path) -> None:
    check = check_folder(county, language="en")
    file = tmp_path / "list.csv"
    write_list(check, file)
    first = file.read_bytes()
    edit(county / "areas.csv", "paddy", "no_such_type")
    write_list(check_folder(county, language="en"), file)
    assert file.read_bytes() != first
    assert list(_rows(file)[0]) == list(LIST_COLUMNS)
    before = contents(county)
    with pytest.raises(gep.ProblemsFound) as found:
        write_list(check, county / "areas.csv")
    assert [problem.code for problem in found.value.problems] == ["file-exists"]
    assert contents(county) == before


def test_the_default_list_is_outside_the_project(
    county: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = contents(county)
    assert main(["check", str(county), "--language", "en"]) == 2
    file = default_list_file(county)
    assert file.is_relative_to(temporary)
    assert str(file) in capsys.readouterr().out
    assert "missing-data" in {row["code"] for row in _rows(file)}
    assert contents(county) == before
    for path in temporary.rglob("*.csv"):
        path.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(county)
    assert main(["check", str(county), "--language", "en"]) == 2
    assert "--list" in capsys.readouterr().out, "through the link of another nothing is written"
    assert contents(county) == before
