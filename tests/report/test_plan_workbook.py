"""The workbook of a plan: what a reviewer reads, checks and signs before anything is computed."""

from pathlib import Path
from shutil import copytree

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support.paths import ROOT

from gep.errors import ProblemsFound
from gep.plan.plan_table import PLAN_COLUMNS
from gep.project.project import check_project
from gep.report import plan_workbook
from gep.report.plan_workbook import write_plan_workbook
from gep.texts.catalogue import Language

_COUNTY = ROOT / "docs" / "demo-county"
_HEADINGS: dict[Language, str] = {
    "zh": "年份 步骤 输入 名称 数值 单位 换算系数 等级 来源 位置 文件 行号 参数集 取自 方法 条款",
    "en": "Year,Step,Input,Name,Number,Unit,Conversion,Grade,Source,Locator,File,Row,Set,"
    "Taken from,Method,Clause",
}
_SIGNED: dict[Language, list[str]] = {
    "zh": ["编制人（签字）", "审核人（签字）", "单位负责人（签字）", "单位盖章、日期"],
    "en": [
        "Compiled by (signature)",
        "Checked by (signature)",
        "Responsible (signature)",
        "Seal and date",
    ],
}
_HEADING_ROW = 3


def _write(folder: Path, out: Path, language: Language) -> openpyxl.Workbook:
    project, plans = check_project(folder, language=language)
    count = write_plan_workbook(out, project, plans)
    assert count == sum(len(plan.table()) for plan in plans)
    return openpyxl.load_workbook(out)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, openpyxl.Workbook]:
    """The workbooks of the county of the manual, in both languages."""
    folder = tmp_path_factory.mktemp("plans")
    languages: tuple[Language, ...] = ("zh", "en")
    return {each: _write(_COUNTY, folder / f"{each}.xlsx", each) for each in languages}


def _rows(page: Worksheet) -> pd.DataFrame:
    lines = list(page.iter_rows(min_row=_HEADING_ROW, values_only=True))
    return pd.DataFrame(lines[1:], columns=lines[0], dtype=object)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_cover_says_what_is_signed(
    books: dict[Language, openpyxl.Workbook], language: Language
) -> None:
    book = books[language]
    names = {"zh": ["封面", "核算方案", "问题与说明"], "en": ["Cover", "Plan", "Remarks"]}
    assert book.sheetnames == names[language]
    cover = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    project, plans = check_project(_COUNTY, language=language)
    assert cover[0][0] == project.spec.project.title.say(language)
    said = "\n".join(str(row[0]) for row in cover)
    spec = plans[0].standard.spec
    assert spec.title.say(language) in said
    words = {"zh": ("未与任何官方文本核对", "试算"), "en": ("official text", "trial")}
    for word in words[language]:
        assert word in said, "evidence and state"
    assert [row[0] for row in cover[-4:]] == _SIGNED[language]
    assert [row[1] for row in cover[-4:]] == [None] * 4, "room to write"


def test_cover_counts_rows_by_grade(books: dict[Language, openpyxl.Workbook]) -> None:
    _, plans = check_project(_COUNTY)
    grades = plans[0].table()["grade"]
    facts = dict(books["en"]["Cover"].iter_rows(max_col=2, values_only=True))
    made_up = (grades == "placeholder").sum()
    assert f"2020: {len(grades)} rows" in facts["Rows by grade"]
    assert f"made up {made_up}" in facts["Rows by grade"].replace(" (placeholder)", "")
    assert facts["Years"] == "2020"
    assert "demo-local@0.1.0" in facts["Coefficient sets"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_have_all_columns_in_words(
    books: dict[Language, openpyxl.Workbook], language: Language
) -> None:
    page = books[language].worksheets[1]
    headings = _HEADINGS[language].split("," if language == "en" else " ")
    assert [cell.value for cell in page[_HEADING_ROW]] == headings
    assert set(plan_workbook._COLUMNS) == set(PLAN_COLUMNS)
    _, plans = check_project(_COUNTY)
    table = plans[0].table()
    rows = _rows(page)
    positions = {name: number for number, name in enumerate(plan_workbook._COLUMNS)}
    for name in ("year", "factor", "row", "binding", "file", "method", "clause", "locator"):
        cells = ["" if cell is None else cell for cell in rows.iloc[:, positions[name]]]
        assert cells == table[name].tolist(), name
    for value, cell in zip(table["value"], rows.iloc[:, positions["value"]], strict=True):
        assert cell == ("—" if value == "na" else value)
        assert isinstance(cell, str) == (value == "na"), "a number is a number"


def test_a_row_names_step_input_unit_grade_and_source(
    books: dict[Language, openpyxl.Workbook],
) -> None:
    """The price of water for households: 2.6 CNY m-3 of rcees-parameters, from garze."""
    rows = _rows(books["zh"]["核算方案"])
    chosen = rows["取自"].str.startswith("coef=water_price use=domestic")
    (row,) = rows[chosen].to_dict("records")
    assert row["数值"] == 2.6
    assert row["单位"] == "元/立方米"
    assert row["等级"] == "公开发表"
    assert row["步骤"] == "水资源·水资源价值 (water_supply.value)"
    assert row["输入"] == "水价 (price)"
    assert row["来源"].startswith("甘孜藏族自治州生态系统生产总值核算研究")
    assert row["来源"].endswith(" (garze)")
    areas = rows[rows["输入"] == "面积 (area)"]
    assert len(areas) == len(rows[rows["取自"].str.startswith("class=")])
    english = _rows(books["en"]["Plan"])
    (row,) = english[chosen].to_dict("records")
    assert row["Input"] == "Price of water (price)"
    assert row["Unit"] == "CNY m-3"
    assert row["Name"].startswith("Price of water"), "names are in the language of the words too"


def test_documents_of_crosswalk_and_data_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "zone"
    copytree(ROOT / "examples" / "poyang-zone", folder)
    rows = _rows(_write(folder, tmp_path / "plain.xlsx", "en")["Plan"])
    is_of_set = rows["Set"] == "zhao-2017@1.0.0"
    assert set(rows["Source"][~is_of_set]) == {"zhao-2017"}, "no file says what this is"
    (title,) = set(rows["Source"][is_of_set])
    assert title.endswith(" (zhao-2017)")
    document = '[zhao-2017]\ntitle = "Land of the zone"\nnumber = "37(24)"\n'
    (folder / "sources.toml").write_text(document, encoding="utf-8")
    rows = _rows(_write(folder, tmp_path / "named.xlsx", "en")["Plan"])
    assert set(rows["Source"][~is_of_set]) == {"Land of the zone 37(24) (zhao-2017)"}
    assert set(rows["Source"][is_of_set]) == {title}, "sets have documents of their own"


def test_rows_are_set_up_for_a4_landscape(books: dict[Language, openpyxl.Workbook]) -> None:
    for book in books.values():
        page = book.worksheets[1]
        assert page.freeze_panes == f"E{_HEADING_ROW + 1}"
        assert page.print_title_rows == f"$1:${_HEADING_ROW}"
        for each in book.worksheets:
            assert each.page_setup.orientation == "landscape"
            assert int(each.page_setup.paperSize) == 9, "A4"
            assert (each.page_setup.fitToWidth, each.page_setup.fitToHeight) == (1, 0)
        widths = [dimension.width for dimension in page.column_dimensions.values()]
        assert len(set(widths)) > 5
        numbers = page.cell(_HEADING_ROW + 1, 5)
        assert numbers.number_format == "General", "the digits that the source prints"


def test_gaps_of_a_partial_plan_are_remarks(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    copytree(_COUNTY, folder)
    data = (folder / "data.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    kept = [line for line in data if ",water_use," not in line]
    assert len(kept) < len(data)
    (folder / "data.csv").write_text("".join(kept), encoding="utf-8")
    project, plans = check_project(folder, partial=True, language="en")
    write_plan_workbook(tmp_path / "plan.xlsx", project, plans)
    page = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Remarks"]
    remarks = [str(row[1]) for row in page.iter_rows(values_only=True)]
    assert any("water_use" in remark for remark in remarks)


def test_the_same_plan_gives_the_same_bytes_and_overwrites_nothing(tmp_path: Path) -> None:
    project, plans = check_project(_COUNTY, language="zh")
    for name in ("a.xlsx", "b.xlsx"):
        write_plan_workbook(tmp_path / name, project, plans)
    written = (tmp_path / "a.xlsx").read_bytes()
    assert written == (tmp_path / "b.xlsx").read_bytes()
    with pytest.raises(ProblemsFound) as caught:
        write_plan_workbook(tmp_path / "a.xlsx", project, plans)
    assert [problem.code for problem in caught.value.problems] == ["file-exists"]
    assert (tmp_path / "a.xlsx").read_bytes() == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_a_plan_of_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gep.io.spreadsheets._MAX_ROWS", 100)
    project, plans = check_project(_COUNTY, language="zh")
    with pytest.raises(ProblemsFound) as caught:
        write_plan_workbook(tmp_path / "a.xlsx", project, plans)
    assert [problem.code for problem in caught.value.problems] == ["cannot-write"]
