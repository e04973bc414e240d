"""The form: written, filled in, read; slips in it are read right or answered with sheet, cell and fix."""

import shutil
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from string import ascii_letters

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from PIL import Image as PILImage
from support.forms import (
    FORM,
    GARZE,
    class_titles,
    column,
    copy_of,
    data_sheets,
    filled_project,
    find,
    project_with_form,
)
from support.paths import FORMAT_EXAMPLE
from support.recalculation import save_by_libreoffice
from support.tables import compute

from gep.errors import Problem, ProblemsFound
from gep.io.catalog import shipped
from gep.project.project import check_project
from gep.standards.standard import read_standard
from gep.workflows.check import check_folder
from gep.workflows.form import write_form
from gep.workflows.new_project import make_project, read_answers
from gep.workflows.project_keys import set_project_key
from gep.workflows.run import run_project

FIRST_LEVEL = ("forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "other")
RESULTS = ("account.csv", "by_ecosystem.csv", "summary.csv")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_project(tmp_path_factory.mktemp("forms") / "filled")


@pytest.fixture(scope="module")
def from_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("csv") / "out"
    run_project(GARZE, out)
    return out


def test_the_filled_form_gives_the_account_of_the_csv_files(
    filled: Path, from_csv: Path, tmp_path: Path
) -> None:
    run_project(filled, tmp_path / "out")
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (from_csv / name).read_bytes(), name


@pytest.mark.office
def test_a_form_saved_by_libreoffice_gives_the_same_account(
    filled: Path, from_csv: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "project")
    saved = save_by_libreoffice(filled / FORM, tmp_path)
    assert saved.read_bytes() != (filled / FORM).read_bytes()
    shutil.copy(saved, tmp_path / "project" / FORM)
    run_project(tmp_path / "project", tmp_path / "out")
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (from_csv / name).read_bytes(), name


# --- slips ----------------------------------------------------------------------------------------

VISITS = {"名称": "旅游人次"}
SO2 = {"名称": "大气污染物排放量", "污染物": "二氧化硫"}
COD = {"名称": "水污染物排放量", "污染物": "化学需氧量"}
FARMING = {"名称": "农林牧渔业净产值", "产品": "农业"}
FOREST = {"名称": "面积", "类型": "森林生态系统"}
POWER_PRICE = {"参数": "电价"}

Slip = Callable[[Workbook], str]  # returns the cell or sheet that a message must name


def put(wanted: dict[str, str], head: str, value: object, number_format: str = "") -> Slip:
    """Type something into a cell of the row with these words."""

    def slip(book: Workbook) -> str:
        page, row = find(book, **wanted)
        cell = page.cell(row, column(page, head))
        cell.value = value
        if number_format:
            cell.number_format = number_format
        return f"{FORM}#{page.title} {cell.coordinate}"

    return slip


def in_row(slip: Slip) -> Slip:
    """The same slip, of which the message names the row."""

    def slip_in_row(book: Workbook) -> str:
        sheet, _, cell = slip(book).rpartition(" ")
        return f"{sheet} 第 {cell.lstrip(ascii_letters)} 行"

    return slip_in_row


def renamed(book: Workbook) -> str:
    book["水利"].title = "水利局报的"
    return ""


def reversed_rows(book: Workbook) -> str:
    for page in data_sheets(book):
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for position, value in enumerate(row, 1):
                page.cell(number, position).value = value
    return ""


def other_order_of_columns(book: Workbook) -> str:
    page = book["生态环境"]
    for row in page.iter_rows():
        values = [cell.value for cell in row]
        for cell, value in zip(row, reversed(values), strict=True):
            cell.value = value
    return ""


def blank_rows(book: Workbook) -> str:
    for page in data_sheets(book):
        page.insert_rows(3, 2)
    return ""


def without_column(head: str) -> Slip:
    def slip(book: Workbook) -> str:
        page = book["生态环境"]
        page.delete_cols(column(page, head))
        return f"{FORM}#生态环境"

    return slip


def head_with_remark(book: Workbook) -> str:
    page = book["生态环境"]
    page.cell(1, column(page, "数值")).value = " * 数值（必填）"
    return ""


def scratch_sheet(book: Workbook) -> str:
    page = book.create_sheet("草稿")
    for number in range(9):
        page.append(["算一下", number, number * 2, "数值"])
    return ""


def commented(book: Workbook) -> str:
    book["生态环境"]["B2"].comment = Comment("已核", "环境局")
    return ""


def hidden(book: Workbook) -> str:
    book["生态环境"].sheet_state = "hidden"
    return f"{FORM}#生态环境"


def hidden_row(book: Workbook) -> str:
    book["生态环境"].row_dimensions[3].hidden = True
    return f"{FORM}#生态环境"


def merged(book: Workbook) -> str:
    page = book["生态环境"]
    letter = get_column_letter(column(page, "区域"))
    page.merge_cells(f"{letter}2:{letter}4")
    return f"{FORM}#生态环境 {letter}3"


def title_above(book: Workbook) -> str:
    page = book["生态环境"]
    page.insert_rows(1)
    page["A1"] = "某州生态环境局报送"
    return f"{FORM}#生态环境"


def lost_heads(book: Workbook) -> str:
    book["生态环境"].delete_rows(1)
    return f"{FORM}#生态环境"


def copied_sheet(book: Workbook) -> str:
    book.copy_worksheet(book["生态环境"])
    return f"{FORM}#生态环境 Copy"


def pasted_picture(book: Workbook) -> str:
    """A seal over the cells, as scanned letters are pasted in."""
    pixels = BytesIO()
    PILImage.new("RGB", (40, 40), "red").save(pixels, "png")
    pixels.seek(0)
    book["生态环境"].add_image(Image(pixels), "F2")
    return ""


def row_of_another_class(book: Workbook) -> str:
    """A row that nobody asked for: of a class of which there is no land."""
    page, row = find(book, 名称="病虫害自愈面积", 类型="森林生态系统")
    last = page.max_row + 1
    for cell in page[row]:
        page.cell(last, cell.column).value = cell.value
    page.cell(last, column(page, "类型")).value = "竹林"
    return f"{FORM}#{page.title} {get_column_letter(column(page, '类型'))}{last}"


def repeated_row(book: Workbook) -> str:
    page, row = find(book, **SO2)
    last = page.max_row + 1
    for cell in page[row]:
        page.cell(last, cell.column).value = cell.value
    return f"{FORM}#{page.title} 第 {last} 行"


def total_row(book: Workbook) -> str:
    page, row = find(book, **FARMING)
    last = page.max_row + 1
    for cell in page[row]:
        page.cell(last, cell.column).value = cell.value
    page.cell(last, column(page, "产品")).value = "合计"
    return f"{FORM}#{page.title} {get_column_letter(column(page, '产品'))}{last}"


def without_sheet(book: Workbook) -> str:
    book.remove(book["文化和旅游"])
    return ""


# What is read as it was meant: the account is the same.
READ_RIGHT: dict[str, Slip] = {
    "a number as text": put(SO2, "数值", "1137"),
    "a number with blanks around": put(SO2, "数值", " 1137 "),
    "a year as text": put(SO2, "年份", "2010"),
    "a unit in words": put(VISITS, "单位", "万 人次"),
    "a unit in full width": put(SO2, "单位", "吨"),
    "the id for a name": put(VISITS, "名称", "visits"),
    "the code of a region for its name": put(VISITS, "区域", "513300"),
    "the id of a class": put(FOREST, "类型", "forest"),
    "another word for a member": put(SO2, "污染物", "ＳＯ２"),
    "a number of decimals shown": put(SO2, "数值", 1137, "0.00"),
    "the word of a file for a grade": put(SO2, "等级", "published"),
    "a renamed sheet": renamed,
    "sorted rows": reversed_rows,
    "columns in another order": other_order_of_columns,
    "blank rows in between": blank_rows,
    "a deleted column of notes": without_column("备注"),
    "a head with a remark": head_with_remark,
    "a scratch sheet": scratch_sheet,
    "a comment": commented,
    "a pasted picture": pasted_picture,
}

# What is answered with its sheet and cell: code of the problem.
ANSWERED: dict[str, tuple[Slip, str]] = {
    "text for a number": (put(SO2, "数值", "一千多"), "not-a-number"),
    "a number with its unit": (put(SO2, "数值", "1137吨"), "not-a-number"),
    "a comma for a point": (put(VISITS, "数值", "358,68"), "thousands-separator"),
    "separators of thousands": (put(SO2, "数值", "1,137"), "thousands-separator"),
    "full width": (put(SO2, "数值", "１１３７"), "full-width"),
    "a percentage of tonnes": (put(SO2, "数值", 0.12, "0%"), "not-a-number"),
    "a word for na": (put(SO2, "数值", "无"), "not-a-number"),
    "a dash": (put(SO2, "数值", "—"), "not-a-number"),
    "a date for a number": (put(SO2, "数值", date(2010, 12, 31)), "not-a-number"),
    "a date for a year": (put(SO2, "年份", date(2010, 12, 31)), "bad-year"),
    "a year with its word": (put(SO2, "年份", "2010年"), "bad-year"),
    "no year": (put(SO2, "年份", None), "bad-year"),
    "an error of a formula": (put(SO2, "数值", "#DIV/0!"), "error-value"),
    "a formula never calculated": (put(SO2, "数值", "=1000+137"), "blank"),
    "a reference that is text": (put(SO2, "来源", "#REF!"), "error-value"),
    "a value left blank": (put(VISITS, "数值", None), "missing-data"),
    "a unit of another kind": (put(SO2, "单位", "km2"), "wrong-dimension"),
    "a unit of another kind for an area": (put(FOREST, "单位", "吨"), "wrong-dimension"),
    "a unit unknown": (put(SO2, "单位", "大吨"), "unknown-unit"),
    "no unit": (put(SO2, "单位", None), "blank"),
    "no source": (put(SO2, "来源", None), "blank"),
    "an unknown grade": (put(SO2, "等级", "很好"), "unknown-grade"),
    "no grade of a coefficient": (put(POWER_PRICE, "等级", None), "unknown-grade"),
    "a price without its year": (put(POWER_PRICE, "价格年份", None), "price-year-missing"),
    "a negative area": (put(FOREST, "数值", -5), "negative"),
    "no region": (put(SO2, "区域", None), "blank"),
    "a shown number that is not held": (put(SO2, "数值", 1137, "0.0,"), "number-format"),
    "merged cells": (merged, "blank"),
    "a repeated row": (repeated_row, "duplicate-row"),
    "a row of totals": (total_row, "total-row"),
    "a row of a class without land": (row_of_another_class, "unused-data"),
    "the column of values deleted": (without_column("数值"), "missing-column"),
    "the column of units deleted": (without_column("单位"), "missing-column"),
    "a title above the heads": (title_above, "header-row"),
    "the heads deleted": (lost_heads, "header-row"),
    "a copy of a sheet": (copied_sheet, "duplicate-row"),
    "a hidden sheet": (hidden, "hidden-cells"),
    "a hidden row": (hidden_row, "hidden-cells"),
    "a sheet deleted": (without_sheet, "missing-data"),
    "a region unknown": (put(SO2, "区域", "甘孜洲"), "unknown-region"),
    "a class unknown": (put(FOREST, "类型", "深林"), "unknown-class"),
    "a name unknown": (in_row(put(VISITS, "名称", "旅游人数次")), "unused-data"),
}


def slipped(filled: Path, folder: Path, slip: Slip) -> str:
    project = copy_of(filled, folder)
    book = load_workbook(project / FORM)
    place = slip(book)
    book.save(project / FORM)
    return place


def problems_of(project: Path) -> list[Problem]:
    try:
        read, plans = check_project(project)
    except ProblemsFound as error:
        return [*error.problems, *error.warnings]
    return [*read.warnings, *(warning for plan in plans for warning in plan.warnings)]


@pytest.mark.parametrize("name", READ_RIGHT)
def test_slips_that_are_read_right(name: str, filled: Path, from_csv: Path, tmp_path: Path) -> None:
    slipped(filled, tmp_path / "project", READ_RIGHT[name])
    compute(tmp_path / "project", tmp_path / "out")
    account = (tmp_path / "out" / "account.csv").read_bytes()
    assert account == (from_csv / "account.csv").read_bytes()


@pytest.mark.parametrize("name", ANSWERED)
def test_slips_that_are_answered_with_their_cell(name: str, filled: Path, tmp_path: Path) -> None:
    slip, code = ANSWERED[name]
    place = slipped(filled, tmp_path / "project", slip)
    answers = [problem for problem in problems_of(tmp_path / "project") if problem.code == code]
    said = [problem.say("zh") for problem in answers]
    assert any(place in words for words in said), [
        problem.say("zh") for problem in problems_of(tmp_path / "project")
    ]
    assert all(problem.say_fix("zh") for problem in answers)


# --- the blank form -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_with_form(tmp_path_factory.mktemp("forms") / "blank")


def test_the_blank_form_is_by_department_and_in_one_language(blank: Path) -> None:
    book = load_workbook(blank / FORM)
    assert book.sheetnames[:3] == ["填表说明", "部门数据需求清单", "区域"]
    assert book.sheetnames[-1] == "参数与价格指数"
    assert {"统计", "自然资源", "水利", "林业", "生态环境", "气象", "文化和旅游"} < {
        *book.sheetnames
    }
    page, row = find(book, 名称="旅游人次")
    assert page.title == "文化和旅游"
    assert page.cell(row, column(page, "含义")).value == "用于核算景观游憩。"
    assert page.cell(row, column(page, "单位")).value == "人次"
    assert page.cell(row, column(page, "数值")).value is None
    for sheet in data_sheets(book):
        for cells in sheet.iter_rows(min_row=2, max_col=4, values_only=True):
            words = [str(word) for word in cells if word is not None]
            assert not any(word.replace(" ", "").isascii() and word.isalpha() for word in words)


def test_the_blank_form_guides_and_prints(blank: Path) -> None:
    book = load_workbook(blank / FORM)
    for page in data_sheets(book):
        assert page.freeze_panes == "B2"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.print_title_rows == "$1:$1"
        assert page.page_setup.fitToWidth == 1
        assert page.oddHeader.right.text == "&A"
        assert page.cell(1, 1).font.name == page.cell(2, 1).font.name == "宋体"
        value = page.cell(2, column(page, "数值"))
        name = page.cell(2, 1)
        assert value.fill.fgColor.rgb != name.fill.fgColor.rgb
        rules = {rule.type: rule for rule in page.data_validations.dataValidation}
        assert {"custom", "whole", "list"} <= {*rules}
        assert value.coordinate in rules["custom"].sqref
    page, row = find(book, 名称="分用途用水量", 用途="生活")
    unit = page.cell(row, column(page, "单位")).coordinate
    lists = [rule.formula1 for rule in page.data_validations.dataValidation if unit in rule.sqref]
    assert "万立方米" in lists[0]
    assert "吨" not in lists[0]
    assert "盖章" in page.oddFooter.left.text, "the department signs its sheet"
    assert book["填表说明"].oddFooter.left.text is None


def test_the_blank_form_shows_defaults_that_are_not_read(blank: Path) -> None:
    page, row = find(load_workbook(blank / FORM), 参数="水价", 用途="生活")
    assert page.cell(row, column(page, "默认值")).value == "2.6 元/立方米"
    assert "garze" in page.cell(row, column(page, "默认值的出处")).value
    assert page.cell(row, column(page, "本地数值")).value is None


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project by the full route, with the classes of the land survey."""
    words = {"place": "婺源县", "years": "2020", "standard": "rcees-2017", "route": "full"}
    answers = read_answers({**words, "with": "areas"})
    return make_project(tmp_path_factory.mktemp("forms") / "county", answers, "zh")


def test_rates_are_asked_for_at_first_level_types(county: Path) -> None:
    """What lies below a first-level type takes its number; amounts are asked for by type."""
    book = load_workbook(county / FORM)
    titles = class_titles()
    first_level = {titles[name] for name in FIRST_LEVEL}
    for name in ("土壤可蚀性因子", "净初级生产力（以碳计）", "蒸散发量"):
        assert set(classes_of(book, name)) == first_level
    assert set(classes_of(book, "病虫害自愈面积")) > {"竹林", "稀疏林"}
    evaporated = classes_of(book, "蒸散发量")
    assert evaporated["城镇生态系统"] == evaporated["其他"] == "na"
    assert evaporated["森林生态系统"] is evaporated["农田生态系统"] is None
    page, row = find(book, 名称="蒸散发量", 类型="城镇生态系统")
    assert "runoff_coefficient" in page.cell(row, column(page, "来源")).value
    page, row = find(book, 参数="湖泊年换水次数")
    assert page.cell(row, column(page, "备注")).value == "没有默认值，必填"


def classes_of(book: Workbook, name: str) -> dict[str, object]:
    """The values of the rows of a name, by class."""
    page, _ = find(book, 名称=name)
    values = {}
    for row in range(2, page.max_row + 1):
        if page.cell(row, 1).value == name:
            values[page.cell(row, column(page, "类型")).value] = page.cell(
                row, column(page, "数值")
            ).value
    return values


def test_na_stands_where_the_standard_says_that_a_class_cannot_have_it(blank: Path) -> None:
    storage = classes_of(load_workbook(blank / FORM), "已核算的湖泊调蓄量")
    assert storage["湖泊"] is None
    assert storage["水面（未分湖河库塘）"] is None
    assert storage["河流"] == storage["水库"] == storage["草本沼泽"] == "na"


def test_a_form_is_never_written_over(blank: Path, tmp_path: Path) -> None:
    project = copy_of(blank, tmp_path / "project")
    before = (project / FORM).read_bytes()
    (project / FORM).unlink()
    assert write_form(project).path.read_bytes() == before, "the same project, the same bytes"
    (project / FORM).write_bytes(b"mine")
    with pytest.raises(ProblemsFound) as raised:
        write_form(project)
    assert raised.value.problems[0].code == "file-format"
    assert (project / FORM).read_bytes() == b"mine"


def test_a_blank_form_is_written_anew_for_another_route(county: Path, tmp_path: Path) -> None:
    project = copy_of(county, tmp_path / "project")
    set_project_key(project, "route", "short")
    written = write_form(project)
    assert written.path.name == "数据表-2.xlsx"
    book = load_workbook(written.path)
    find(book, 名称="已核算的土壤保持量")
    with pytest.raises(AssertionError):
        find(book, 名称="土壤可蚀性因子")


def test_a_second_form_stands_beside_the_filled_one(filled: Path, tmp_path: Path) -> None:
    project = copy_of(filled, tmp_path / "project")
    book = load_workbook(project / FORM)
    page, row = find(book, **VISITS)
    page.cell(row, column(page, "数值")).value = None
    book.save(project / FORM)
    before = (project / FORM).read_bytes()
    written = write_form(project)
    assert written.path.name == "数据表-2.xlsx"
    assert (project / FORM).read_bytes() == before
    find(load_workbook(written.path), **VISITS)


def test_a_project_without_its_form_is_told_what_is_missing(blank: Path, tmp_path: Path) -> None:
    project = copy_of(blank, tmp_path / "project")
    said = [problem.say("zh") for problem in problems_of(project)]
    assert any("[missing-year]" in words and FORM in words for words in said)
    (project / FORM).unlink()
    assert [problem.code for problem in problems_of(project)] == ["missing-file"]


def test_a_second_form_has_what_was_typed_and_gives_the_same_account(
    filled: Path, from_csv: Path, tmp_path: Path
) -> None:
    project = copy_of(filled, tmp_path / "project")
    book = load_workbook(project / FORM)
    put(SO2, "数值", " 1137 ")(book)
    put(VISITS, "备注", "旅游局口头答复")(book)
    book.save(project / FORM)
    second = write_form(project).path
    book = load_workbook(second)
    page, row = find(book, **VISITS)
    assert page.cell(row, column(page, "备注")).value == "旅游局口头答复"
    page, row = find(book, 名称="面积", 类型="稀疏林")
    assert page.cell(row, column(page, "数值")).value is None, "still asked for"
    page, row = find(book, **POWER_PRICE)
    assert page.cell(row, column(page, "本地数值")).value == 0.53
    assert page.cell(row, column(page, "默认值")).value == "0.53 元/千瓦时"
    second.replace(project / FORM)
    run_project(project, tmp_path / "out")
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (from_csv / name).read_bytes(), name


def test_na_stands_where_a_class_cannot_supply_the_service(tmp_path: Path) -> None:
    """The runoff share of cropland is na: no number of it is asked for."""
    project = copy_of(FORMAT_EXAMPLE, tmp_path / "villages")
    text = (project / "project.toml").read_text(encoding="utf-8")
    text = text.replace('data = ["data.csv"]', f'form = "{FORM}"')
    (project / "project.toml").write_text(text, encoding="utf-8")
    written = write_form(project, allow_code=True)
    page, _ = find(load_workbook(written.path), 名称="蒸散发")
    cells = {}
    for row in range(2, page.max_row + 1):
        if page.cell(row, 1).value == "蒸散发":
            value = page.cell(row, column(page, "数值")).value
            cells[page.cell(row, column(page, "类型")).value] = value
    assert cells == {"森林": None, "灌丛": None, "农田": "na", "水域": "na"}
    page, row = find(load_workbook(written.path), 名称="蒸散发", 类型="农田")
    assert "runoff_share" in page.cell(row, column(page, "来源")).value


def test_a_check_of_a_blank_form_says_which_sheets_to_fill_in(county: Path) -> None:
    first, again = check_folder(county, language="zh").steps
    words = first.say("zh")
    assert str(county / FORM) in words
    assert "自然资源 75 行" in words
    assert "gep check" in again.say("zh")


def test_an_unknown_grade_is_answered_with_the_words_of_the_form(
    filled: Path, tmp_path: Path
) -> None:
    slipped(filled, tmp_path / "project", put(SO2, "等级", "placeholders"))
    answers = [
        problem.say_fix("zh")
        for problem in problems_of(tmp_path / "project")
        if problem.code == "unknown-grade"
    ]
    assert "编造（占位）" in answers[0]
    assert "placeholder" not in answers[0]


def test_a_form_in_english_is_read_as_well(tmp_path: Path) -> None:
    project = project_with_form(tmp_path / "english")
    (project / FORM).unlink()
    write_form(project, language="en")
    book = load_workbook(project / FORM)
    assert book.sheetnames[:3] == ["How to fill in", "Requests by department", "Regions"]
    page, row = find(book, Name="Area", Class="Lake")
    for head, value in (("Value", 12.5), ("Source", "survey"), ("Grade", "published")):
        page.cell(row, column(page, head)).value = value
    page, row = find(book, Name="Visits")
    page.cell(row, column(page, "Unit")).value = "km2"
    page.cell(row, column(page, "Value")).value = 7
    page.cell(row, column(page, "Source")).value = "bureau"
    book.save(project / FORM)
    with pytest.raises(ProblemsFound) as raised:
        check_project(project, language="en")
    said = [problem.say("en") for problem in raised.value.problems]
    cell = f"{FORM}#Culture and tourism row {row}"
    assert any("[wrong-dimension]" in words and cell in words for words in said), said
    assert any("[missing-data]" in words and f"{FORM}#Water G" in words for words in said), said
    assert not any("missing-year" in words for words in said)


def test_every_shipped_data_name_has_a_sheet_of_the_form() -> None:
    """Data of which a department is named are asked of one; the rest of the accounting body."""
    for name in shipped("standards"):
        for data, declared in read_standard(name).spec.data.items():
            first = "" if declared.from_ is None else declared.from_.zh
            is_of_body = first.startswith("核算机构") or "发展改革部门（" in first or not first
            assert (declared.department == "accounting_body") == is_of_body, (name, data)
