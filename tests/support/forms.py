"""Forms as a person fills them in: the rows of a project's CSV files typed into the cells of a workbook."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from gep.errors import ProblemLog
from gep.extent.classes import load_class_scheme
from gep.inputs.value_rows import grade_title, member_word
from gep.standards.standard import read_standard
from gep.workflows.form import write_form
from support.paths import ROOT

GARZE = ROOT / "examples" / "garze-2010"
REGION = "甘孜藏族自治州"
FORM = "数据表.xlsx"
_KEYS = {"ecosystem": "类型", "substance": "污染物", "product": "产品", "use": "用途"}
_MORE = {"source": "来源", "locator": "出处", "low": "下限", "high": "上限", "distribution": "分布"}


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def project_with_form(folder: Path) -> Path:
    """Write the Garzê project without its tables, and its blank form."""
    folder.mkdir()
    text = (GARZE / "project.toml").read_text(encoding="utf-8")
    text = text.replace('coefficients = ["./local"]\n', "")
    text = text[: text.index("[inputs]")] + f'[inputs]\nform = "{FORM}"\n'
    (folder / "project.toml").write_text(text, encoding="utf-8")
    write_form(folder)
    return folder


def filled_project(folder: Path) -> Path:
    """Write the Garzê project with its form filled in from its CSV files."""
    project_with_form(folder)
    book = load_workbook(folder / FORM)
    fill(book)
    book.save(folder / FORM)
    return folder


def copy_of(project: Path, folder: Path) -> Path:
    return Path(shutil.copytree(project, folder))


def fill(book: Workbook) -> None:
    """Type the rows of the CSV files of Garzê into its form."""
    for page in data_sheets(book):
        for row in range(2, page.max_row + 1):
            page.cell(row, column(page, "区域"), REGION)
    place = csv_rows(GARZE / "regions.csv")[0]
    page = book["区域"]
    for head, value in (
        ("区域代码", place["region"]), ("区域名称", place["name"]), ("英文名称", place["name_en"]),
        ("土地面积", float(place["area"])), ("人口", int(place["population"])),
    ):  # fmt: skip
        page.cell(2, column(page, head)).value = value
    titles = class_titles()
    for area in csv_rows(GARZE / "areas.csv"):
        _type(book, "面积", {"类型": titles[area["class"]]}, area, area["area"])
    names = {name: data.name.zh for name, data in read_standard("rcees-2017").spec.data.items()}
    for given in csv_rows(GARZE / "data.csv"):
        members = {}
        for key, head in _KEYS.items():
            word = (
                titles.get(given[key], "")
                if key == "ecosystem"
                else member_word(key, given[key], "zh")
            )
            if word:
                members[head] = word
        _type(book, names[given["name"]], members, given, given["value"])
    _fill_coefficients(book["参数与价格指数"])


def _fill_coefficients(page: Worksheet) -> None:
    titles = {
        name: given.name.zh for name, given in read_standard("rcees-2017").spec.coefficient.items()
    }
    sources = "白玛卓嘎等 2017"
    for given in csv_rows(GARZE / "local" / "numbers.csv"):
        row = _row_of(page, {"参数": titles[given["coefficient"]]})
        if not row:
            row = page.max_row + 1
            page.cell(row, column(page, "参数"), titles[given["coefficient"]])
        for head, value in (
            ("本地数值", float(given["value"])), ("单位", given["unit"]), ("价格年份", given["price_year"]),
            ("来源", sources), ("出处", given["locator"]), ("等级", grade_title(given["grade"], "zh")),
        ):  # fmt: skip
            page.cell(row, column(page, head)).value = value


def class_titles() -> dict[str, str]:
    scheme = load_class_scheme("hj1166-2021", None, "test", ProblemLog())
    assert scheme is not None
    return {name: titles[0] for name, titles in scheme.titles.items()}


def data_sheets(book: Workbook) -> Iterator[Worksheet]:
    for page in book.worksheets:
        if page["A1"].value == "名称":
            yield page


def column(page: Worksheet, head: str) -> int:
    """The number of a column; one that is not there is added."""
    heads = [cell.value for cell in page[1]]
    if head in heads:
        return heads.index(head) + 1
    page.cell(1, len(heads) + 1, head)
    return len(heads) + 1


def _row_of(page: Worksheet, wanted: dict[str, str]) -> int:
    """The number of the row with these words; 0 if there is none."""
    for row in range(2, page.max_row + 1):
        if all(page.cell(row, column(page, head)).value == word for head, word in wanted.items()):
            return row
    return 0


def find(book: Workbook, **wanted: str) -> tuple[Worksheet, int]:
    """The sheet and the row with these words."""
    for page in book.worksheets:
        if all(head in [cell.value for cell in page[1]] for head in wanted):
            row = _row_of(page, wanted)
            if row:
                return page, row
    raise AssertionError(wanted)


def _type(
    book: Workbook, name: str, members: dict[str, str], given: dict[str, str], value: str
) -> None:
    """Fill in the row of a name, or add one at the end of its sheet."""
    home = None
    for page in data_sheets(book):
        row = _row_of(page, {"名称": name})
        if not row:
            continue
        home = page
        row = _row_of(page, {"名称": name, **members})
        if row:
            break
    assert home is not None, name
    if not row:
        row = home.max_row + 1
    cells = {"名称": name, "区域": REGION, "年份": 2010, **members, "数值": float(value)}
    cells["单位"] = given["unit"]
    cells["等级"] = grade_title(given["grade"], "zh")
    for key, head in _MORE.items():
        if given.get(key):
            cells[head] = float(given[key]) if key in ("low", "high") else given[key]
    for head, content in cells.items():
        home.cell(row, column(home, head)).value = content
