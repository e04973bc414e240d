"""The documentation says what the software does: pages generated, examples run, links, commands and codes checked."""

import csv
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer.main
from openpyxl import Workbook, load_workbook
from support.paths import ROOT

import gep
from gep.cli.app import app, main
from gep.errors import severities
from gep.report import reference

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILE_IN_PAGE = re.compile(r"^\*\*([^*\n]+)\*\*\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^\s*```.*?^\s*```\s*$", re.MULTILINE | re.DOTALL)

# Totals in 10^4 CNY worked out by hand from the numbers that the page prints.
HOW_TO = {
    ("own-standard", "my-county"): {"990301": 19901.4, "990302": 10403.1, "990300": 30304.5},
    ("own-indicator", "road"): {"990401": 12000 + 60 * 0.25 * 80},
    ("own-method", "pond"): {"990501": 500 * 0.6 * (40 * 3000 + 5 * 9000) / 1000 / 1e4},
    ("own-coefficients", "hills"): {},
    ("how-sure", "valley"): {
        "990701": 22.95 * 3000 * 10000 / 1e4,
        "990700": 22.95 * 3000 * 28300 / 1e4,
    },
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write_files_of(page: Path, target: Path) -> None:
    for name, body in FILE_IN_PAGE.findall(_text(page)):
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")


@pytest.mark.parametrize("name", reference.PAGES)
def test_reference_is_current(name: str) -> None:
    again = "run: python -m gep.report.reference docs/zh/reference"
    assert _text(DOCS / "zh" / "reference" / f"{name}.md") == reference.page(name), again


def test_reference_has_no_other_page() -> None:
    assert {path.stem for path in (DOCS / "zh" / "reference").iterdir()} == set(reference.PAGES)


def test_readme_python_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    assert len([line for line in blocks[0].splitlines() if line]) <= 10
    monkeypatch.chdir(ROOT)
    names: dict[str, gep.Account] = {}
    exec(compile(blocks[0], "README.md", "exec"), names)
    with (ROOT / "examples/jiangxi-counties/expected.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        province = [row for row in csv.DictReader(file) if row["region"] == "360000"]
    by_hand = next(row for row in province if row["item"] == "total")
    assert names["account"].total("360000") == pytest.approx(
        float(by_hand["value"]), abs=float(by_hand["tolerance"])
    )
    assert "不是生态产品总值" in capsys.readouterr().out


def test_readme_commands_are_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert blocks[0].rstrip().endswith(".venv/bin/gep run examples/jiangxi-counties")
    assert "-m pytest" in blocks[1]


def test_the_recomputed_case_of_the_manual_holds(tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to" / "published-figures.md", tmp_path)
    check = gep.check_figures(tmp_path / "lake-paper")
    assert check.misses == ()
    assert (len(check.figures), len(check.mismatches)) == (4, 1)
    assert gep.run_project(tmp_path / "lake-paper", tmp_path / "out").warnings == ()


@pytest.mark.parametrize(("page", "project"), HOW_TO, ids=lambda part: part)
def test_how_to_projects_run_and_explain(page: str, project: str, tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to" / f"{page}.md", tmp_path)
    outcome = gep.run_project(tmp_path / project, allow_code=True)
    assert not outcome.warnings
    for region, total in HOW_TO[page, project].items():
        assert outcome.accounts[0].total(region) == pytest.approx(total, rel=1e-9)
    for indicator in outcome.accounts[0].plan.standard.spec.indicator:
        region = str(outcome.accounts[0].plan.extent.regions[0])
        assert outcome.accounts[0].explain(indicator.id, region).value
    assert gep.verify(outcome.out, allow_code=True) == []


RUN_AS_WRITTEN = (
    "python",
    "scenarios",
    "own-indicator",
    "own-method",
    "own-standard",
    "share",
    "printed-tables",
    "export",
    "pictures",
    "many-counties",
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _run_command(line: str, folder: Path) -> None:
    """Run a line of a page: gep in this process, pip into a folder that Python then searches."""
    program, *words = shlex.split(line, comments=True)
    if program == "pip":
        site = folder / "site"
        options = ["--no-index", "--no-build-isolation", "--no-deps", "--target", str(site)]
        command = [sys.executable, "-m", "pip", words[0], "--quiet", *options, *words[1:]]
        subprocess.run(command, check=True, capture_output=True)
        return
    assert program == "gep", line
    needs_more = "by_ecosystem.parquet" in words and find_spec("pyarrow") is None
    assert main(words) == (2 if needs_more else 0), line  # the extra is asked for by name


@pytest.mark.parametrize("name", RUN_AS_WRITTEN)
def test_commands_and_python_of_a_page_run_as_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = DOCS / "zh" / "how-to" / f"{name}.md"
    text = _text(page)
    for example in set(re.findall(r"examples/([a-z0-9-]+)", text)):
        shutil.copytree(ROOT / "examples" / example, tmp_path / "examples" / example)
    _write_files_of(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site")
    names: dict[str, object] = {}
    for language, body in BLOCK.findall(text):
        if language == "sh":
            for line in body.splitlines():
                _run_command(line, tmp_path)
        elif language == "python":
            exec(compile(body, f"{name}.md", "exec"), names)


def test_local_numbers_answer_first(tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to/own-coefficients.md", tmp_path)
    account = gep.run_project(tmp_path / "hills").accounts[0]
    food = account.explain("food_production", "990601")
    assert food.value == pytest.approx((10000 * 1.5 + 80000 * 0.29) * 3000 / 1e4, rel=1e-9)
    sets = set(account.plan.table()["set@version"])
    assert {"hills-local@1.0.0", "xie-2015@1.0.0"} <= sets


def _tutorial_table() -> list[list[str]]:
    """The numbers that the tutorial has typed into the form: sheet, name, member, value, unit."""
    part = _text(DOCS / "zh" / "tutorial.md").split("## 3 ")[1].split("## 4 ")[0]
    lines = re.findall(r"^\| (.*) \|$", part, re.MULTILINE)[1:]
    return [[cell.strip() for cell in re.split(r" ?\| ?", line)] for line in lines]


def _type_into_form(form: Path, rows: list[list[str]]) -> None:
    """Type numbers into a form as a person does: find the row by its names, fill in four cells."""
    book = load_workbook(form)
    for title, name, member, value, unit in rows:
        sheet = book[title]
        column = {cell.value: cell.column for cell in sheet[1]}
        keys = [column[key] for key in ("类型", "产品", "用途", "污染物") if key in column]
        places = []
        for row in range(2, sheet.max_row + 1):
            members = [sheet.cell(row, key).value for key in keys]
            if sheet.cell(row, column["名称"]).value == name and (member or None) in [
                *members,
                None,
            ]:
                places.append(row)
        assert len(places) == 1, (title, name, member)
        sheet.cell(places[0], column["数值"]).value = float(value)
        sheet.cell(places[0], column["单位"]).value = unit
        sheet.cell(places[0], column["来源"]).value = "演示数"
        sheet.cell(places[0], column["等级"]).value = "编造（占位）"
    book.save(form)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who did what sections 1 to 3 of the tutorial say; copies serve the tests."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LC_ALL", "zh_CN.UTF-8")
        _tutorial_commands(folder)
    return folder


def _tutorial_commands(tmp_path: Path) -> None:
    """Do what sections 1 to 3 of the tutorial say."""
    text = _text(DOCS / "zh" / "tutorial.md").split("## 4 ")[0]
    commands = re.findall(r"^gep (.*)$", text, re.MULTILINE)
    for command in commands:
        if command != "new project demo":  # asks in a terminal; the next one has the answers
            assert main(shlex.split(command)) == 0, command
    regions = tmp_path / "demo" / "regions.csv"
    written = regions.read_text(encoding="utf-8-sig")
    assert "990201,示例县,,,,,,," in written
    filled = written.replace("示例县,,,,,,,", "示例县,,,600,km2,200000,,")
    regions.write_text(filled, encoding="utf-8-sig")
    rows = _tutorial_table()
    assert f"填下面 {len(rows)} 个数" in text
    _type_into_form(tmp_path / "demo" / "数据表.xlsx", rows)


def test_tutorial_leads_from_nothing_to_the_numbers_that_it_prints(
    followed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(followed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    project = tmp_path / "demo"
    text = _text(DOCS / "zh" / "tutorial.md")
    assert main(["check", "demo"]) == 0
    assert capsys.readouterr().out.strip().split("可以核算：")[1].splitlines()[0] in text
    account = gep.run_project(project).accounts[0]
    for name in ("provisioning", "regulating", "cultural", "total"):
        assert f"{account.total('990201', name):,.0f}" in text
    caption = re.search(r"^```text\n示例县2020年生态产品总值核算\n(.*?)^```$", text, re.M | re.S)
    assert caption
    assert account.caption("zh") == caption[1].splitlines()
    explained = str(account.explain("water_retention", "990201", "zh"))
    assert "nan" not in explained
    printed = text.split("## 7 ")[1].split("```text\n")[1].split("```")[0]
    for line in printed.splitlines():
        assert line == "..." or line in explained
    book = load_workbook(project / "out" / "核算表.xlsx")
    listed = re.findall(r"^\| ([^|]+) \|", text.split("## 6 ")[1].split("## 7 ")[0], re.M)[1:]
    assert "、".join(listed).split("、") == book.sheetnames
    assert gep.verify(project / "out") == []
    (lines,) = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    names: dict[str, gep.Account] = {}
    exec(compile(lines, "tutorial.md", "exec"), names)
    assert names["account"].total("990201") == account.total("990201")
    assert (tmp_path / "all-rows.csv").exists()


def test_tutorial_shows_the_slips_as_check_tells_them(
    followed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(followed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    form = tmp_path / "demo" / "数据表.xlsx"
    book = load_workbook(form)
    book["统计"]["F2"].value = "45000万元"
    book["统计"]["H3"].value = None
    book["自然资源"]["D9"].value = "乔木林"
    book["生态环境"]["F4"].value = None
    book.save(form)
    capsys.readouterr()
    assert main(["check", "demo"]) == 2
    told = capsys.readouterr().out
    printed = (
        _text(DOCS / "zh" / "tutorial.md").split("## 4 ")[1].split("```text\n")[1].split("```")[0]
    )
    for line in printed.splitlines():
        assert line in told, line
    book["气象"]["F3"].value = None  # a rate of 湿地生态系统 that serves the reservoirs
    book.save(form)
    assert main(["check", "demo"]) == 2
    assert "数据表.xlsx#气象 F3（数值）" in capsys.readouterr().err


def _anchor(title: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_resolve(page: Path) -> None:
    text = FENCE.sub("", _text(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        assert file.exists(), f"{_name(page)} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", _text(file), re.MULTILINE)
            assert anchor in {_anchor(one) for one in headings}, f"{_name(page)} links to {target}"


def _commands() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in getattr(group, "commands", {}).items():
        below = getattr(command, "commands", {})
        found |= {f"{name} {one}" for one in below} or {name}
    return found


def _mentioned(page: Path) -> set[str]:
    text = _text(page)
    return set(re.findall(r"(?:^\s*|[`/\\])gep ((?:new|import) \w+|[a-z]+)\b", text, re.MULTILINE))


def test_commands_exist_and_are_documented() -> None:
    said = {page: _mentioned(page) for page in PAGES}
    for page, commands in said.items():
        assert commands <= _commands(), f"{_name(page)} says gep {commands - _commands()}"
    assert set().union(*said.values()) == _commands()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_options_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = _text(page)
    for line in re.findall(r"^\s*gep .*$", text, re.MULTILINE):
        words = line.split("#")[0].split()[1:]
        command = words[:2] if words[0] in ("new", "import") else words[:1]
        assert main([*command, "--help"]) == 0
        helped = capsys.readouterr().out
        for option in (word for word in words if word.startswith("--")):
            assert option in helped, f"{_name(page)}: {line.strip()}"


def test_problem_codes_are_documented_and_exist() -> None:
    from gep.io.catalog import shipped

    documented = set(
        re.findall(r"^\| ([a-z-]+) \|", _text(DOCS / "zh" / "reference/problems.md"), re.MULTILINE)
    )
    assert set(severities()) <= documented
    guides = [page for page in PAGES if "reference" not in page.parts]
    for page in guides:
        for code in re.findall(r"^\[([a-z-]+)\] .* / fix: ", _text(page), re.MULTILINE):
            assert code in severities(), f"{_name(page)} names problem {code}"
    pages = ("excel", "own-standard", "compare-years", "how-sure", "own-scheme", "collect")
    table = "".join(_text(DOCS / "zh" / "how-to" / f"{name}.md") for name in pages)
    for row in re.findall(r"^\| .*\|$", table, re.MULTILINE):
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row):
            assert code in severities() or code in shipped("schemes"), code


def test_switches_and_ids_in_the_docs_exist() -> None:
    from gep.io.catalog import shipped

    known = {*shipped("standards"), *shipped("coefficients"), *shipped("classes")}
    for page in PAGES:
        for name in re.findall(
            r"`((?:xie|costanza|rcees|unit-value|hj\d+|igbp|third-survey)-[\w-]+)`", _text(page)
        ):
            assert name in known, f"{_name(page)} names {name}"


def test_citation_names_the_version() -> None:
    text = _text(ROOT / "CITATION.cff")
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    assert text.startswith("cff-version: 1.2.0\n")
    assert f"\nversion: {gep.__version__}\n" in text
    assert gep.__version__ == project["version"]
    for key in ("message:", "title:", "authors:"):
        assert f"\n{key}" in text


def test_docs_name_no_place_of_a_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(^|[\s(`])/(work|tmp|home|root)\b", _text(page)), _name(page)


def _rows(page: str) -> list[list[str]]:
    """The rows of the terminal's tables that a page shows."""
    lines = re.findall(r"^│ (.*) │$", _text(DOCS / "zh" / "how-to" / page), re.MULTILINE)
    return [[cell.strip() for cell in line.split("│")] for line in lines]


def test_compare_years_shows_the_growth_that_is_computed(tmp_path: Path) -> None:
    found = gep.compare_projects(
        ROOT / "examples/poyang-basin", tmp_path, prices=["current", "1990"]
    )
    table = found.tables["comparison.csv"]
    table = table[(table["category"] == "total").to_numpy()]
    computed = [
        [f"{row['from']}-{row['to']}", f"{100 * row['growth']:+.2f}", f"{100 * row['cagr']:+.2f}"]
        for row in table.to_dict("records")
    ]
    shown = [[row[1], row[5], row[6]] for row in _rows("compare-years.md") if len(row) == 7][1:]
    assert shown == computed
    reasons = found.tables["decomposition.csv"]
    reasons = reasons[
        ((reasons["category"] == "total") & (reasons["method"] == "replay")).to_numpy()
    ]
    wanted = [f"{value:,.0f}" for value in reasons["value"]]
    assert [cell for row in _rows("compare-years.md") if len(row) == 5 for cell in row[1:]][
        4:
    ] == wanted


def test_compare_years_shows_the_transitions_that_are_computed(tmp_path: Path) -> None:
    land = gep.compare_projects(ROOT / "examples/hongsibu", tmp_path).tables["transitions.csv"]
    place = {tuple(row[:5]): row for row in land.astype(object).itertuples(index=False, name=None)}
    shown = re.findall(
        r"^(hongsibu),(2000),(2018),(\w+),(\w+),(\S+),km2,(\S+),10\^4 CNY$",
        _text(DOCS / "zh" / "how-to/compare-years.md"),
        re.MULTILINE,
    )
    assert len(shown) == 8
    for region, first, last, one, other, area, value in shown:
        row = place[region, int(first), int(last), one, other]
        assert float(area) == pytest.approx(row[5], abs=1e-6)
        assert float(value) == pytest.approx(row[7], abs=6e-4)


def test_how_sure_shows_the_intervals_that_are_drawn(tmp_path: Path) -> None:
    from gep.uncertainty.monte_carlo import propagate_uncertainty

    page = DOCS / "zh" / "how-to/how-sure.md"
    _write_files_of(page, tmp_path)
    found = propagate_uncertainty(
        gep.check_project(tmp_path / "valley")[1], draws=10_000, seed=1
    ).written_table()
    found = found[(found["category"] == "total").to_numpy()]
    text = _text(page).replace("−", "-")
    for code, name in (("990701", "东镇"), ("990702", "西镇"), ("990703", "南镇")):
        mine = found[(found["region"] == code).to_numpy()]
        level = mine[(mine["from"].eq("") & mine["year"].eq(2020)).to_numpy()].iloc[0]
        rank = f"{level['rank_p025']}–{level['rank_p975']}"
        assert (
            f"| 2020 | {name} | {level['mean']:,.0f} | {level['p025']:,.0f} | {level['p975']:,.0f} | {rank} |"
            in text
        )
        change = mine[mine["from"].ne("").to_numpy()].iloc[0]
        numbers = " | ".join(f"{change[one]:,.0f}" for one in ("mean", "p025", "p975"))
        assert f"| {name} | {numbers} | {change['p_positive']:.2f} |" in text


def test_the_page_of_checks_lists_every_code_where_it_belongs() -> None:
    refused, warned = _text(DOCS / "zh" / "checks.md").split("## 2 ")[:2]
    warned = warned.split("## 3 ")[0]
    listed = {
        "error": set(re.findall(r"`([a-z0-9-]+)`", refused)),
        "warning": set(re.findall(r"`([a-z0-9-]+)`", warned)),
    }
    for code, severity in severities().items():
        others = set().union(*(codes for name, codes in listed.items() if name != severity))
        assert code in listed[severity], code
        assert code not in others, code


def test_import_tables_shows_the_page_that_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = _text(DOCS / "zh" / "how-to/import-tables.md")
    cells = re.findall(r"^\| \d+ \|(.*)\|$", page, re.MULTILINE)
    book = Workbook()
    sheet = book.active
    sheet.title = "表1"
    for line in cells:
        words = [word.strip().removesuffix("（合并 A1:D1）") for word in line.split("|")]
        is_number = [re.fullmatch(r"\d+\.\d+|[1-9]\d*", word) is not None for word in words]
        sheet.append(
            [
                float(word) if number else word or None
                for word, number in zip(words, is_number, strict=True)
            ]
        )
    sheet.merge_cells("A1:D1")
    book.save(tmp_path / "三调.xlsx")
    shutil.copytree(DOCS / "demo-county", tmp_path / "demo-county")
    arguments = ["--project", str(tmp_path / "demo-county"), "--out", str(tmp_path / "new.csv")]
    assert main(["import", "areas", str(tmp_path / "三调.xlsx"), *arguments]) == 0
    shown = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0]
    assert shown in capsys.readouterr().out
    written = (tmp_path / "new.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written[:2] == re.findall(r"```csv\n(.*?)\n```", page, re.DOTALL)[0].splitlines()
