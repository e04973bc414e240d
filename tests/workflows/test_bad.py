"""The museum of bad inputs: every defect is answered by its code, its place and a fix, and nothing is written.

``bad/index.csv`` lists the problems of each case: ``row`` is the row of a table, else the line or the key of a TOML or
the step of a standard. A case is a folder of files laid over the format example, or ``gen:name`` (made here).
``test:name`` rows name the test of this folder that covers a code which no bad project can show.
"""

import ast
import csv
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from support import days, workbooks
from support.museum import BAD, contents, edit, project
from support.paths import TESTS
from support.tables import compute

import gep
from gep.cli.app import main
from gep.errors import severities
from gep.texts.catalogue import say

INDEX = list(csv.DictReader((BAD / "index.csv").read_text(encoding="utf-8").splitlines()))
CASES = sorted({row["case"] for row in INDEX if not row["case"].startswith("test:")})
NO_CODE = {"project-grants-itself-code"}  # run without allow_code
JUNK = 100 << 20


def _workbook(folder: Path, rows: list[list[object]], sheet: str = "areas") -> None:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(folder / "book.xlsx")
    edit(folder / "project.toml", 'areas = "areas.csv"', 'areas = "book.xlsx#areas"')


def _areas(folder: Path) -> list[list[object]]:
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        return [list(row) for row in csv.reader(file)]


def _with_cell(folder: Path, row: int, column: int, value: object) -> None:
    rows = _areas(folder)
    rows[row - 1][column - 1 :] = [value, *rows[row - 1][column:]]
    _workbook(folder, rows)


def _with_area(folder: Path, area: str, year: str = "2020") -> None:
    edit(folder / "areas.csv", "2020,woodland,300", f"{year},woodland,{area}")


def _many_columns(folder: Path) -> None:
    lines = (folder / "areas.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0] + "".join(f",c{number}" for number in range(1_000_000))
    (folder / "areas.csv").write_text("\n".join([header, *lines[1:]]) + "\n", encoding="utf-8")


def _with_boundaries(folder: Path) -> Path:
    edit(
        folder / "project.toml",
        'regions = "regions.csv"',
        'regions = "regions.csv"\nboundaries = "regions.geojson"\nboundary_key = "code"',
    )
    return folder / "regions.geojson"


def _floored(folder: Path) -> None:
    """A balance that counts deficits as nothing; forest and water evaporate too much for it."""
    standard = folder / "standard.toml"
    method = "gep.methods.water:retention_by_water_balance_floored"
    edit(standard, "./methods.py:water_balance", method)
    edit(standard, "precipitation = { data", "rainfall = { data")
    edit(
        standard, 'runoff_share = { coef = "runoff_share"', 'runoff = { data = "evapotranspiration"'
    )


def _refusing(folder: Path) -> None:
    """A step that refuses deficits, with a village whose forest has one."""
    edit(folder / "standard.toml", 'clause = "2.1"', 'clause = "2.1"\nnegative = "refuse"')
    edit(
        folder / "data.csv",
        "990101,2020,evapotranspiration,forest,,,900",
        "990101,2020,evapotranspiration,forest,,,1700",
    )


def _merged_source(folder: Path) -> None:
    """One source for all rows of a sheet, in merged cells."""
    with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    book = Workbook()
    sheet = book.active
    sheet.title = "data"
    for row in rows:
        amount = row[6] if row[6] in ("value", "na") else float(row[6])
        sheet.append([*row[:6], amount, *row[7:]])
    sheet.merge_cells(start_row=2, end_row=len(rows), start_column=9, end_column=9)
    book.save(folder / "book.xlsx")
    edit(folder / "project.toml", '"data.csv"', '"book.xlsx#data"')


def _truncated(folder: Path) -> None:
    _workbook(folder, _areas(folder))
    whole = (folder / "book.xlsx").read_bytes()
    (folder / "book.xlsx").write_bytes(whole[: len(whole) // 2])


def _pipe(folder: Path) -> None:
    (folder / "areas.csv").unlink()
    os.mkfifo(folder / "areas.csv")


def _broken_link(folder: Path) -> None:
    (folder / "areas.csv").unlink()
    (folder / "areas.csv").symlink_to("elsewhere.csv")


def _junk_rows(folder: Path) -> None:
    header = (folder / "areas.csv").read_text(encoding="utf-8").splitlines()[0]
    good = "990101,2020,woodland,300,hm2\n"
    (folder / "areas.csv").write_text(
        f"{header}\n{good}" + "lorem ipsum, dolor sit amet\n" * (JUNK // 32), encoding="utf-8"
    )


def _under(folder: Path, name: str, title: str) -> None:
    """A title above the column names."""
    (folder / name).write_text(
        title + (folder / name).read_text(encoding="utf-8"), encoding="utf-8"
    )


def _recoded(folder: Path, start: str) -> None:
    """Other region codes, everywhere."""
    for name in ("areas.csv", "data.csv", "regions.csv", "base/set.toml", "local/set.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub("9901(?=0[012])", start, text), encoding="utf-8")


def _linked(folder: Path, name: str) -> None:
    """A file or folder lies outside the project, a link stands in its place."""
    outside = folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    (folder / name).rename(outside / Path(name).name)
    (folder / name).symlink_to(outside / Path(name).name)


def _linked_folder(folder: Path) -> None:
    """The link is on the way to the file, not the file itself."""
    (folder / "tables").mkdir()
    (folder / "data.csv").rename(folder / "tables" / "data.csv")
    _linked(folder, "tables")
    edit(folder / "project.toml", '"data.csv"', '"tables/data.csv"')


def _linked_results(folder: Path) -> None:
    """The results would be written where the link of the project leads."""
    (folder / "out").mkdir()
    _linked(folder, "out")


def _own_result(folder: Path, name: str) -> None:
    """A file of the user where a result is going to be written."""
    (folder / "out").mkdir()
    (folder / "out" / name).write_text("mine", encoding="utf-8")


def _own_folder(folder: Path) -> None:
    (folder / "out" / "summary.csv").mkdir(parents=True)
    (folder / "out" / "summary.csv" / "notes.txt").write_text("mine", encoding="utf-8")


def _edited_result(folder: Path) -> None:
    """A result in which somebody wrote remarks since."""
    gep.run_project(folder, allow_code=True)
    with (folder / "out" / "summary.csv").open("a", encoding="utf-8") as file:
        file.write("remark\n")


def _log_as_plan(folder: Path) -> None:
    """The review log has the name of a result that an earlier run wrote."""
    gep.run_project(folder, allow_code=True)
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('\n[assessment]\nlog = "out/plan.csv"\n')


def _set_workbook(folder: Path, name: str, value: float) -> None:
    """A workbook among the tables of a set."""
    book = Workbook()
    with (folder / "base" / "numbers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append(row)
    book.active["F6"] = value
    book.save(folder / "base" / name)


def _scope_without_zero(folder: Path) -> None:
    _recoded(folder, "0101")
    edit(folder / "base" / "set.toml", '"010100"', '"10100"')


GENERATED: dict[str, Callable[[Path], object]] = {
    "junk-bytes": lambda folder: (folder / "areas.csv").write_bytes(
        os.urandom(1 << 20) * (JUNK >> 20)
    ),
    "junk-text": lambda folder: (folder / "areas.csv").write_bytes(b"x" * JUNK),
    "junk-rows": _junk_rows,
    "junk-toml": lambda folder: (folder / "project.toml").write_bytes(b"x" * JUNK),
    "folder-called-csv": lambda folder: (folder / "base" / "more.csv").mkdir(),
    "pipe": _pipe,
    "unreadable": lambda folder: None,  # see _deny
    "broken-link": _broken_link,
    "method-syntax": lambda folder: edit(
        folder / "methods.py", "return unit_value", "return unit_value +"
    ),
    "method-annotation-undefined": lambda folder: edit(
        folder / "methods.py",
        'unit_value: Annotated[Array, "CNY ha-1"]',
        "unit_value: \"Annotated[Arr, 'CNY ha-1']\"",
    ),
    "no-project": lambda folder: (folder / "project.toml").unlink(),
    "sheet-not-there": lambda folder: (
        _workbook(folder, _areas(folder)),
        edit(folder / "project.toml", "book.xlsx#areas", "book.xlsx#area"),
    ),
    "sheet-with-formula": lambda folder: _with_cell(folder, 2, 4, "=200+100"),
    "sheet-with-nameless-cells": lambda folder: _with_cell(folder, 3, 7, "see note"),
    "sheet-with-lost-zero": lambda folder: _with_cell(folder, 2, 1, 90101),
    "sheet-with-title": lambda folder: _workbook(folder, [["某县面积表"], [], *_areas(folder)]),
    "title-above": lambda folder: _under(folder, "areas.csv", "某县面积表，2020年,,,,\n"),
    "lost-zero-everywhere": lambda folder: _recoded(folder, "101"),
    "scope-without-zero": _scope_without_zero,
    "link-outside": lambda folder: _linked(folder, "areas.csv"),
    "link-on-the-way": _linked_folder,
    "link-for-a-set": lambda folder: _linked(folder, "base"),
    "link-in-a-set": lambda folder: _linked(folder, "base/numbers.csv"),
    "link-for-sources": lambda folder: _linked(folder, "local/sources.toml"),
    "link-for-the-project": lambda folder: _linked(folder, "project.toml"),
    "link-for-the-method": lambda folder: _linked(folder, "methods.py"),
    "link-for-results": _linked_results,
    "own-file-as-result": lambda folder: _own_result(folder, "summary.csv"),
    "own-file-as-record": lambda folder: _own_result(folder, "manifest.json"),
    "own-folder-as-result": _own_folder,
    "log-as-result": _log_as_plan,
    "result-edited": _edited_result,
    "escape-in-title": lambda folder: edit(
        folder / "project.toml", "格式示例：", "\\u001b[2K\\u001b[A核定 "
    ),
    "carriage-return-in-title": lambda folder: edit(
        folder / "project.toml", "格式示例：", "试算\\r核定"
    ),
    "bidirectional-name": lambda folder: edit(
        folder / "standard.toml", '"游客人次"', '"游客\\u202e次人"'
    ),
    "bell-in-source": lambda folder: edit(
        folder / "base" / "sources.toml", "Made up", "Made\\u0007 up"
    ),
    "set-with-a-workbook": lambda folder: _set_workbook(folder, "more.xlsx", 2),
    "set-with-a-newer-workbook": lambda folder: _set_workbook(folder, "numbers.xlsx", 2.5),
    "deficits-as-nothing": _floored,
    "deficits-refused": _refusing,
    "sheet-with-merged-source": _merged_source,
    "sheet-empty": lambda folder: _workbook(folder, []),
    "workbook-cut-off": _truncated,
    "cell-of-digits": lambda folder: _with_area(folder, "1" * 100_000 + "x"),
    "year-of-digits": lambda folder: _with_area(folder, "300", "2" * 5000),
    "many-columns": _many_columns,
    "boundaries-pipe": lambda folder: os.mkfifo(_with_boundaries(folder)),
    "boundaries-folder": lambda folder: _with_boundaries(folder).mkdir(),
    **workbooks.BAD,
    **days.BAD,
}


def _deny(monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission to read areas.csv; file modes do not bind a superuser, so the reading itself is made to fail."""
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "areas.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)


def _bad_project(case: str, folder: Path) -> Path:
    if case.startswith("gen:"):
        if case in ("gen:pipe", "gen:boundaries-pipe") and not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        project(folder)
        GENERATED[case.removeprefix("gen:")](folder)
        return folder
    return project(folder, BAD / case if (BAD / case).is_dir() else None)


def _names(problem: gep.Problem, row: dict[str, str]) -> bool:
    """Whether a problem is the one that a row of the index expects, at its place."""
    if problem.code != row["code"] or row["file"] not in problem.where:
        return False
    spot = row["row"]
    pattern = (
        rf"\brow (\d+, )*{spot}\b"
        if spot.isdigit()
        else rf"(^|[\s.]){re.escape(spot)}($|[\s.])"
        if spot
        else ""
    )
    return re.search(pattern, problem.where) is not None


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_and_nothing_is_written(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [row for row in INDEX if row["case"] == case]
    folder = _bad_project(case, tmp_path / "p")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    if not (out / "account.csv").exists():
        (out / "account.csv").write_bytes(b"an earlier result\n")
    if not (out / "manifest.json").exists() and not case.startswith("gen:own-"):
        checksum = hashlib.sha256((out / "account.csv").read_bytes()).hexdigest()
        record = {"gep": "0.0", "results": {"account.csv": checksum}}
        (out / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    earlier = (out / "account.csv").read_bytes()
    if case == "gen:unreadable":
        _deny(monkeypatch)
    listing = sorted(str(path) for path in tmp_path.rglob("*"))
    warning = all(severities()[row["code"]] == "warning" for row in expected)
    if warning and case.startswith("gen:"):
        problems = gep.run_project(folder, allow_code=True).warnings
        assert (out / "manifest.json").is_file()
    elif warning:  # that a warning keeps nothing from being written is shown by those above
        problems = compute(folder, tmp_path / "figures", allow_code=True).warnings
    else:
        with pytest.raises(gep.ProblemsFound) as found:
            gep.run_project(folder, allow_code=case not in NO_CODE)
        problems = found.value.problems
        assert (out / "account.csv").read_bytes() == earlier
        assert [
            path
            for path in sorted(str(path) for path in tmp_path.rglob("*"))
            if "__pycache__" not in path
        ] == listing
    told = "\n".join(str(problem) for problem in problems)
    for row in expected:
        assert any(_names(problem, row) for problem in problems), f"{row} is not among:\n{told}"
    assert {problem.code for problem in problems} == {row["code"] for row in expected}, told
    assert all(
        problem.fix.strip() and problem.what.strip() and problem.where.strip()
        for problem in problems
    ), told
    assert len(told) < 20_000  # a message that nobody can read names nothing


def _tell(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main([*arguments, "--language", "en"])  # the format example itself is in Chinese
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.mark.parametrize(
    "case", ["many-at-once", "toml-duplicate-key", "unclosed-quote", "gen:no-project", "step-cycle"]
)
@pytest.mark.parametrize("command", ["run", "check", "plan", "form"])
def test_command_line_ends_with_2(
    case: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _bad_project(case, tmp_path / "p")
    before = contents(folder)
    status, _, err = _tell([command, str(folder), "--allow-code"], capsys)
    assert status == 2
    assert "Traceback" not in err
    lines = err.strip().splitlines()
    for number, line in enumerate(lines, 1):
        assert re.fullmatch(rf"{number}\. \[[a-z-]+\] \S.*: .+ / fix: .+", line), err
    for row in INDEX:
        if row["case"] == case:
            assert f"[{row['code']}]" in err
            assert row["file"] in err
    assert contents(folder) == before


def test_a_project_does_not_grant_itself_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "p")
    (folder / "methods.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n", encoding="utf-8"
    )
    status, _, err = _tell(["run", str(folder)], capsys)
    assert status == 2
    assert "[code-not-allowed]" in err
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("place", ["out", "out/deeper"])
def test_results_that_cannot_be_written(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "p")
    (tmp_path / "out").write_bytes(b"a file, not a folder")
    status, _, err = _tell(
        ["run", str(folder), "--allow-code", "--out", str(tmp_path / place)], capsys
    )
    assert status == 2
    assert "[cannot-write]" in err
    assert (tmp_path / "out").read_bytes() == b"a file, not a folder"


def test_what_is_no_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (None, "", "[]", "{}", "\x00"):
        if text is not None:
            (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        status, _, err = _tell(["verify", str(tmp_path)], capsys)
        assert status == 2
        assert "[manifest]" in err


def test_an_edited_input_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project(tmp_path / "p")
    assert main(["run", str(folder), "--allow-code", "--quiet"]) == 0
    edit(folder / "data.csv", "1600,mm", "1601,mm")
    status, _, err = _tell(["verify", str(folder / "out"), "--allow-code"], capsys)
    assert status == 2
    assert "[differs] data.csv row 2" in err


def test_no_map_without_its_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path / "p")
    for name in ("areas.csv", "data.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        third = [
            line.replace("990101", "990103")
            for line in text.splitlines()
            if line.startswith("990101")
        ]
        (folder / name).write_text(text + "\n".join(third) + "\n", encoding="utf-8")
    text = "region,parent,area,area_unit,lon,lat\n990100,,,,,\n"
    sizes = {1: 4, 2: 1.21, 3: 4}
    text += "".join(f"99010{one},990100,{sizes[one]},km2,11{one},28\n" for one in sizes)
    (folder / "regions.csv").write_text(text, encoding="utf-8")
    monkeypatch.setitem(
        sys.modules, "gep.report.figures.maps", None
    )  # as if its libraries were not installed
    outcome = gep.run_project(folder, allow_code=True)
    assert [problem.code for problem in outcome.warnings] == ["missing-extra"]
    assert "gep-accounting[report]" in outcome.warnings[0].fix
    assert not (folder / "out" / "map.png").exists()
    assert (folder / "out" / "summary.csv").is_file()


def test_no_page_of_too_many_regions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gep.report.pages.page_size.MOST_REGION_YEARS", 1)
    folder = project(tmp_path / "p")
    outcome = gep.run_project(folder, allow_code=True)
    left_out = [problem for problem in outcome.warnings if problem.code == "page-left-out"]
    assert [str(problem.place) for problem in left_out] == ["report.html"]
    assert not (folder / "out" / "report.html").exists()
    assert gep.verify(folder, allow_code=True) == []
    monkeypatch.undo()
    gep.run_project(folder, allow_code=True)
    assert (folder / "out" / "report.html").is_file()


def test_names_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(project(tmp_path / "p"))
    good = {"--region": "990101", "--year": "2020", "--indicator": "recreation"}
    for option, wrong, code in (
        ("--region", "990109", "unknown-region"),
        ("--year", "2019", "missing-year"),
        ("--indicator", "recreational", "unknown-indicator"),
    ):
        chosen = [word for pair in {**good, option: wrong}.items() for word in pair]
        status, _, err = _tell(["explain", folder, "--allow-code", *chosen], capsys)
        assert status == 2
        assert f"[{code}] {option}" in err


def test_a_scaffold_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "set.toml").write_text("mine", encoding="utf-8")
    status, _, err = _tell(["new", "set", str(tmp_path / "mine")], capsys)
    assert status == 2
    assert "[file-exists]" in err
    assert contents(tmp_path) == {"mine": None, "mine/set.toml": b"mine"}


def test_no_standard_is_chosen_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = _tell(["new", "project", str(tmp_path / "mine")], capsys)
    assert status == 2
    assert "[missing-answer]" in err
    assert contents(tmp_path) == {}


def _strings(path: Path) -> set[str]:
    """Every text in a module that could be a problem code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _codes_used(path: Path) -> set[str]:
    """The literal codes of ``add(...)`` and ``make_problem(...)``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in ("add", "make_problem") and len(node.args) >= 3:
            found |= {
                one.value
                for one in ast.walk(node.args[0])
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found


PACKAGE = Path(gep.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_every_code_in_use_is_catalogued_and_every_catalogued_code_in_use() -> None:
    used = {code for path in MODULES for code in _codes_used(path)}
    assert used <= set(severities())
    texts = {text for path in MODULES for text in _strings(path)}
    assert set(severities()) <= texts


def test_every_code_has_a_case_or_a_test() -> None:
    tests = {path.stem: _functions(path) for path in TESTS.rglob("test_*.py")}
    for row in INDEX:
        if row["case"].startswith("test:"):
            module, _, name = row["case"].removeprefix("test:").partition(".")
            assert name in tests.get(module, set()), (
                f"{row['case']} is named in the index and not there"
            )
    assert {row["code"] for row in INDEX} == set(severities())


def _functions(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def test_the_index_names_every_case() -> None:
    assert [row for number, row in enumerate(INDEX) if row in INDEX[:number]] == []
    assert {path.name for path in BAD.iterdir() if path.is_dir()} == {
        name for name in CASES if not name.startswith("gen:")
    } - NO_CODE
    assert {f"gen:{name}" for name in GENERATED} == {
        name for name in CASES if name.startswith("gen:")
    }


def test_the_catalogue_of_codes_is_sorted_and_bilingual() -> None:
    with (PACKAGE / "problems.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert codes == sorted(set(codes))
    assert set(severities().values()) == {"error", "warning"}
    for code in codes:
        assert re.search("[\u4e00-\u9fff]", say("zh", f"problem_titles.{code}")), code
        assert re.search("[a-z]{3}", say("en", f"problem_titles.{code}")), code
