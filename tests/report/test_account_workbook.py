"""The workbook of an account: formulas that give our numbers, texts that stay texts, the same bytes."""

import re
from pathlib import Path
from shutil import copytree

import openpyxl
import pandas as pd
import pytest
from support.paths import ROOT
from support.recalculation import differing_formulas, formula_cells

import gep
from gep.io.workbook import BookSheet, Cell, LiveFormula, save_workbook
from gep.plan.binding import BoundInput
from gep.project.project import check_project
from gep.report import account_sheets
from gep.report.account_workbook import save_account_workbook
from gep.workflows.run import compute_run


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the county of the tutorial."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    copytree(ROOT / "docs" / "demo-county", folder)
    gep.run_project(folder, language="zh")
    return folder / "out" / "核算表.xlsx"


def _rows(path: Path, sheet: str) -> list[list[object]]:
    page = openpyxl.load_workbook(path, data_only=True)[sheet]
    return [list(row) for row in page.iter_rows(values_only=True)]


@pytest.mark.office
def test_libreoffice_gets_our_numbers(county: Path, tmp_path: Path) -> None:
    cells, differing = differing_formulas(county, tmp_path)
    assert differing == []
    assert {cell.sheet for cell in cells} == {"汇总表", "价值量", "区域表", "面积表"}


@pytest.mark.office
@pytest.mark.parametrize("name", ["villages", "poyang-zone"])
def test_libreoffice_gets_our_numbers_of_years_and_parents(
    villages: Path, tmp_path: Path, name: str
) -> None:
    folder = villages
    if name != "villages":
        folder = tmp_path / name
        copytree(ROOT / "examples" / name, folder)
    gep.run_project(folder, tmp_path / "out", allow_code=True, language="en")
    cells, differing = differing_formulas(tmp_path / "out" / "account.xlsx", tmp_path)
    assert cells
    assert differing == []


def test_a_value_is_its_quantity_times_its_price(county: Path) -> None:
    """12,000,000 m3 at 2.6 CNY/m3 of 2010, index 125: 3,900 in 10^4 CNY."""
    rows = [row for row in _rows(county, "价值量") if row[4] == "生活"]
    item = ("2020", "示例县", "物质产品", "水资源 水资源价值", "生活")
    share = pytest.approx(3900 / 979637.9894561312)
    assert rows == [[*item, 1200, "万立方米", 3.25, "元/立方米", 1, 3900, share]]
    formulas = [cell.formula for cell in formula_cells(county) if cell.sheet == "价值量"]
    assert any(re.fullmatch(r"=F(\d+)\*H\1\*J\1", text) for text in formulas)


def test_values_of_areas_are_areas_times_unit_values(tmp_path: Path) -> None:
    """Poyang 2004: six types of 151 to 20,365 CNY/hm2 on 51,082 km2 give 477.61 in 10^8 CNY."""
    gep.run_project(ROOT / "examples" / "poyang-zone", tmp_path / "out", language="en")
    path = tmp_path / "out" / "account.xlsx"
    areas = {row[2]: row[3] for row in _rows(path, "Areas") if row[0] == "poyang-zone"}
    listed = [row for row in _rows(path, "Values per area") if row[0] == "2004"]
    unit_values = {row[4]: row[5] for row in listed}
    assert {row[6] for row in listed} == {"CNY ha-1"}
    value = sum(areas[name] * unit_values[name] for name in unit_values) * 1e-6
    row = next(row for row in _rows(path, "Values") if row[7] == "see 'Values per area'")
    assert row[9:11] == pytest.approx([1e-6, value])
    assert value == pytest.approx(477.610004968)
    formulas = [cell.formula for cell in formula_cells(path) if cell.sheet == "Values"]
    assert sum("'Values per area'!F" in text for text in formulas) == 4


def test_rounded_categories_add_up_to_the_rounded_total(county: Path) -> None:
    rounded = {row[2]: row[4] for row in _rows(county, "汇总表")[3:]}
    assert rounded["合计"] == 979638
    parts = [rounded[name] for name in ("物质产品", "调节服务", "文化服务")]
    assert sum(parts) == 979638
    assert all(float(part).is_integer() for part in parts)


def test_a_workbook_is_verified_with_its_formulas(villages: Path) -> None:
    gep.run_project(villages, allow_code=True, language="en")
    out = villages / "out"
    assert gep.verify(out, allow_code=True) == []
    path = out / "account.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["Areas"]
    cell = next(c for row in page.iter_rows() for c in row if c.data_type == "f")
    cell.value = "=1+1"
    book.save(path)
    assert any("account.xlsx" in str(problem) for problem in gep.verify(out, allow_code=True))


def test_the_same_project_gives_the_same_bytes(villages: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        gep.run_project(villages, tmp_path / name, allow_code=True, language="zh")
    first = (tmp_path / "a" / "核算表.xlsx").read_bytes()
    assert first == (tmp_path / "b" / "核算表.xlsx").read_bytes()


def test_another_language_takes_the_place_of_the_first(villages: Path) -> None:
    gep.run_project(villages, allow_code=True, language="zh")
    gep.run_project(villages, allow_code=True, language="en")
    assert [path.name for path in (villages / "out").glob("*.xlsx")] == ["account.xlsx"]


def test_sheets_say_which_regions_they_leave_out(
    villages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_sheets, "MOST_ROWS", 2)
    gep.run_project(villages, allow_code=True, language="en")
    remarks = [str(row[1]) for row in _rows(villages / "out" / "account.xlsx", "Remarks")]
    assert any("account.csv has all" in line for line in remarks)


def test_texts_are_no_formulas_and_pages_are_set_up(tmp_path: Path) -> None:
    sheet = BookSheet("a", 2)
    sheet.add_line("=1+1", "title")
    sheet.add_headings(["+x", "\x1b[31m"])
    sheet.add(Cell("=cmd|' /c'!A1"), Cell(LiveFormula("1+1", 2.0), "number"))
    save_workbook(tmp_path / "a.xlsx", [sheet], "zh")
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    kinds = {
        cell.coordinate: cell.data_type for row in page.iter_rows() for cell in row if cell.value
    }
    assert kinds == {"A1": "s", "A2": "s", "B2": "s", "A3": "s", "B3": "f"}
    assert page["B2"].value == "\\x1b[31m"
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert (page.freeze_panes, page.print_title_rows) == ("A3", "$1:$2")


def test_cells_are_read_as_they_were_given(tmp_path: Path) -> None:
    """Marks of XML, blanks at the ends and ends of lines stay; a formula has its number."""
    texts = ("a < b & c > d", " a ", "a\nb", "]]>", "\ud800", "1.50")
    numbers = (0.1 + 0.2, -1e-300, 123_456_789.125)
    sheet = BookSheet("b", 7)
    sheet.add_headings("abcdefg")
    sheet.add(*map(Cell, texts), Cell(None))
    sheet.add(*(Cell(number, "number", 4) for number in numbers))
    formula = LiveFormula('IF(A3<B3,"<&>",A3&B3)', 0.1 + 0.2)
    sheet.add(Cell(""), Cell(formula, "share", 2), Cell(float("nan"), "total", 0))
    save_workbook(tmp_path / "b.xlsx", [sheet, BookSheet("without rows", 3)], "en")
    given = [("a < b & c > d", " a ", "a\nb", "]]>", "\\ud800", "1.50", None)]
    given.append((*(float(f"{number:.16g}") for number in numbers), None, None, None, None))
    given.append((None, 0.1 + 0.2, None, None, None, None, None))
    assert [tuple(row) for row in _rows(tmp_path / "b.xlsx", "b")[1:]] == given
    page = openpyxl.load_workbook(tmp_path / "b.xlsx")["b"]
    assert page["B4"].value == f"={formula.text}"
    assert [page[place].number_format for place in ("A2", "A3", "B4", "C4")] == [
        "@",
        "#,##0.0000",
        "0.00%",
        "#,##0",
    ]
    assert (page["A1"].font.bold, page["A2"].font.bold, page["C4"].font.bold) == (True, False, True)
    assert [page.row_dimensions[row].height for row in (1, 2, 3)] == [15, 30, 15]
    assert page.dimensions == "A1:G4"


def test_data_that_two_steps_use_are_counted_once(county: Path) -> None:
    listed = [row for row in _rows(county, "数据来源") if row[5] == "data.csv"]
    data = pd.read_csv(ROOT / "docs" / "demo-county" / "data.csv", dtype=str)
    assert sum("、" in str(row[6]) for row in listed) > 1
    assert sorted(row[2] for row in listed) == sorted(data.groupby(["name", "unit"]).size())


def test_texts_kept_as_categories_give_the_same_workbook(villages: Path, tmp_path: Path) -> None:
    project, plans = check_project(villages, allow_code=True)
    result = compute_run(project, plans, villages / "out")
    save_account_workbook(tmp_path / "a.xlsx", project, result.accounts, result.warnings)
    frames = [account.plan.extent.parts for account in result.accounts]
    for plan in plans:
        for step in plan.steps:
            bound = [value for value in step.inputs.values() if isinstance(value, BoundInput)]
            frames += [value.used for value in bound]
    for frame in frames:
        for column in frame.columns.intersection(["unit", "source", "file", "set", "locator"]):
            frame.isetitem(frame.columns.get_loc(column), frame[column].astype("category"))
    save_account_workbook(tmp_path / "b.xlsx", project, result.accounts, result.warnings)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_wide_sheets_narrow_their_texts_and_keep_their_numbers(tmp_path: Path) -> None:
    """A sheet that would be printed too small gets narrower texts; numbers are never cut."""
    sheet = BookSheet("宽表", 6)
    sheet.add_headings(["名称"] * 5 + ["数值"])
    sheet.add(*[Cell("很长的说明" * 12)] * 5, Cell(123_456_789.5, "number"))
    save_workbook(tmp_path / "wide.xlsx", [sheet], "zh")
    page = openpyxl.load_workbook(tmp_path / "wide.xlsx")["宽表"]
    widths = [page.column_dimensions[letter].width for letter in "ABCDEF"]
    assert sum(widths) <= 190
    assert widths[5] >= len("123,456,789.50")
