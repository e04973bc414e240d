"""The form as a workbook (数据表): instructions, what is asked for, a sheet for each department.

The module owns how a form looks and what its cells accept; which rows it has is in
``gep.workflows.form``, how it is read again in ``gep.project.form``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gep.inputs.value_rows import GRADES, GRADES_OF_COEFFICIENTS, KEYS, grade_title
from gep.io.spreadsheets import display_width, write_book
from gep.io.workbook import A4, ENTRY_COLOUR, FONTS, CellRule, add_rule
from gep.project.form import SHEET_COLUMNS, Kind, form_columns, head
from gep.texts.catalogue import Language, say

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | float | int

_HEADING = "D9E2EC"
_LINE = "BFBFBF"
_SIZE = 10  # points of letters
_TITLE_SIZE = 14
_LINE_HEIGHT = 14  # points
_SPACING = 4
_ADDED_ROWS = 200  # below the last one in which what is typed is checked as well
_LONGEST_LIST = 255  # characters of a list in a cell's rule
_FIRST_YEAR = 1900
_LAST_YEAR = 2100
# Columns that are filled in, and in forms of coefficients the value with what belongs to it.
_INPUTS: Mapping[Kind, tuple[str, ...]] = {
    "data": ("value", "unit", "source", "grade", "locator", "note"),
    "coefficients": ("value", "unit", "price_year", "source", "grade", "locator", "base", "note"),
    "regions": SHEET_COLUMNS["regions"],
}
_WIDTHS = {
    "name": 22, "coefficient": 20, "meaning": 24, "region": 14, "ecosystem": 20, "year": 7,
    "value": 13, "unit": 12, "source": 22, "grade": 11, "range": 20, "locator": 12, "note": 30,
    "default": 14, "default_source": 36, "price_year": 9, "base": 10, "name_en": 18,
}  # fmt: skip
_WIDTH = 11  # of other columns
_NUMBERS = ("value", "area", "population", "lon", "lat")
_FIRST_INSTRUCTION = 3  # row
_MARGIN = 0.3  # inches
_LEFT_WIDTH = 20
_TEXT_WIDTH = 100


@dataclass(frozen=True)
class FormSheet:
    """A sheet of a form.

    Attributes
    ----------
    kind : {'data', 'coefficients', 'regions'}
    title : str
    rows : sequence of mapping of str to str or number
        Cells by column; columns that are left out are blank.
    units : sequence of tuple of str
        For each row the units to choose from.
    """

    kind: Kind
    title: str
    rows: Sequence[Mapping[str, Cell]]
    units: Sequence[tuple[str, ...]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Form:
    """A form to be written.

    Attributes
    ----------
    title : str
        Title of the project.
    language : {'zh', 'en'}
    requests : sequence of mapping of str to str or number
        What is asked of each department, by column of ``REQUEST_COLUMNS``.
    sheets : sequence of FormSheet
    """

    title: str
    language: Language
    requests: Sequence[Mapping[str, Cell]]
    sheets: Sequence[FormSheet]


REQUEST_COLUMNS = ("department", "data", "meaning", "years", "rows", "unit", "who")
_REQUEST_WIDTHS = (12, 28, 44, 12, 8, 14, 30)
_INSTRUCTIONS = (
    "order",
    "fill",
    "types",
    "units",
    "na",
    "blank",
    "rows",
    "source",
    "defaults",
    "keep",
    "back",
)


def save_form(form: Form, path: Path) -> None:
    """Write a form to a new workbook.

    Parameters
    ----------
    form : Form
    path : Path

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    _add_instructions(book, form)
    _add_requests(book, form)
    for sheet in form.sheets:
        _add_sheet(book, sheet, form)
    write_book(path, book)


def _add_instructions(book: "Workbook", form: Form) -> None:
    """Add the first sheet: how the form is filled in."""
    from openpyxl.styles import Alignment, Font, PatternFill

    language = form.language
    page = book.create_sheet(say(language, "report.form.instructions"))
    page.column_dimensions["A"].width = _LEFT_WIDTH
    page.column_dimensions["B"].width = _TEXT_WIDTH
    page["A1"] = say(language, "report.form.title", title=form.title)
    page["A1"].font = Font(name=FONTS[language], bold=True, size=_TITLE_SIZE)
    for row, name in enumerate(_INSTRUCTIONS, _FIRST_INSTRUCTION):
        step = page.cell(row, 1, say(language, f"report.form-step.{name}"))
        step.font = _font(language, bold=True)
        advice = page.cell(row, 2, say(language, f"report.form-advice.{name}"))
        advice.font = _font(language)
        _set_height(page, row, (advice.value,), (_TEXT_WIDTH,))
        for cell in (step, advice):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if name == "fill":
            step.fill = PatternFill("solid", fgColor=ENTRY_COLOUR)
    _set_page(page, form, is_signed=False)


def _add_requests(book: "Workbook", form: Form) -> None:
    """Add the list of what is asked of each department, to be printed and sent."""
    page = book.create_sheet(say(form.language, "report.form.requests"))
    heads = [say(form.language, f"report.form-request.{name}") for name in REQUEST_COLUMNS]
    _write_heads(page, heads, _REQUEST_WIDTHS, form.language)
    for number, request in enumerate(form.requests, 2):
        cells = [request.get(name, "") for name in REQUEST_COLUMNS]
        for position, content in enumerate(cells, 1):
            _write_cell(page, number, position, content, form.language)
        _set_height(page, number, cells, _REQUEST_WIDTHS)
    _set_page(page, form, is_signed=False)


def _add_sheet(book: "Workbook", sheet: FormSheet, form: Form) -> None:
    """Add a sheet to be filled in."""
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    language = form.language
    page = book.create_sheet(sheet.title)
    columns = _used_columns(sheet)
    heads = [head(sheet.kind, name, language) for name in columns]
    widths = [_WIDTHS.get(name, _WIDTH) for name in columns]
    _write_heads(page, heads, widths, language)
    fill = PatternFill("solid", fgColor=ENTRY_COLOUR)
    for number, row in enumerate(sheet.rows, 2):
        for position, name in enumerate(columns, 1):
            cell = row.get(name, "")
            _write_cell(page, number, position, cell, language)
            is_open = name in KEYS[1:] and cell == "" and f"{name}?" in row
            if name in _INPUTS[sheet.kind] or is_open:
                page.cell(number, position).fill = fill
        _set_height(page, number, [row.get(name, "") for name in columns], widths)
    last = len(sheet.rows) + 1 + _ADDED_ROWS
    for position, name in enumerate(columns, 1):
        letter = get_column_letter(position)
        page.column_dimensions[letter].number_format = "General" if name in _NUMBERS else "@"
        _add_rule(page, sheet.kind, name, f"{letter}2:{letter}{last}", language)
    if "unit" in columns:
        _add_unit_lists(page, sheet, get_column_letter(columns.index("unit") + 1))
    _set_page(page, form, is_signed=sheet.kind == "data")


def _font(language: Language, *, bold: bool = False) -> "Font":
    """Return the font of a form, which is the same on every machine."""
    from openpyxl.styles import Font

    return Font(name=FONTS[language], size=_SIZE, bold=bold)


def _used_columns(sheet: FormSheet) -> list[str]:
    """Return the columns of a sheet without the keys that none of its rows has."""
    columns = []
    for name in SHEET_COLUMNS[sheet.kind]:
        is_used = any(row.get(name, "") != "" or f"{name}?" in row for row in sheet.rows)
        may_be_left_out = name in KEYS[1:]
        if sheet.kind == "coefficients":
            may_be_left_out |= name in ("region", "base", "note")
        if is_used or not may_be_left_out:
            columns.append(name)
    known = form_columns(sheet.kind, "zh").heads
    for row in sheet.rows:
        columns += [name for name in row if name in known and name not in columns]
    return columns


def _write_heads(
    page: "Worksheet", heads: Sequence[str], widths: Sequence[float], language: Language
) -> None:
    """Write the heads of a table into row 1, which stays in sight."""
    from openpyxl.styles import Alignment, PatternFill
    from openpyxl.utils import get_column_letter

    for position, words in enumerate(heads, 1):
        cell = page.cell(1, position, words)
        cell.font = _font(language, bold=True)
        cell.fill = PatternFill("solid", fgColor=_HEADING)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        page.column_dimensions[get_column_letter(position)].width = widths[position - 1]
    page.freeze_panes = "B2"
    _set_height(page, 1, heads, widths)


def _set_height(
    page: "Worksheet", row: int, cells: Sequence[Cell], widths: Sequence[float]
) -> None:
    """Make a row as high as the longest of its cells needs, since not every program does so."""
    lines = 1
    for content, width in zip(cells, widths, strict=True):
        lines = max(lines, math.ceil(display_width(str(content)) / (width - 1)))
    page.row_dimensions[row].height = _LINE_HEIGHT * lines + _SPACING


def _write_cell(
    page: "Worksheet", row: int, column: int, content: Cell, language: Language
) -> None:
    """Write a cell with a thin line around it: a text as text, never as a formula."""
    from openpyxl.styles import Alignment, Border, Side

    cell = page.cell(row, column)
    side = Side(style="thin", color=_LINE)
    cell.border = Border(left=side, right=side, top=side, bottom=side)
    cell.font = _font(language)
    is_count = isinstance(content, int)  # of a year or of rows; beside a text
    across = "center" if is_count else None
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=across)
    if content != "":
        cell.value = content
        if isinstance(content, str):
            cell.data_type = "s"
            cell.number_format = "@"


def _add_rule(page: "Worksheet", kind: Kind, name: str, cells: str, language: Language) -> None:
    """Add the rule by which a spreadsheet checks what is typed into a column."""
    first = cells.split(":")[0]
    key = name if name in _RULES else "number"
    rule = CellRule(
        cells=cells,
        kind="decimal",
        first="-1E+15",
        last="1E+15",
        title=head(kind, name, language),
        message=say(language, f"report.form-rule.{key}"),
    )
    if name == "value":
        formula = f'OR(ISNUMBER({first}),LOWER({first})="na")'
        rule = rule._replace(kind="custom", first=formula, last="")
    elif name == "year":
        rule = rule._replace(kind="whole", first=str(_FIRST_YEAR), last=str(_LAST_YEAR))
    elif name == "grade":
        grades = GRADES if kind == "data" else GRADES_OF_COEFFICIENTS
        words = ",".join(grade_title(grade, language) for grade in grades)
        rule = rule._replace(kind="list", first=f'"{words}"', last="")
    elif name not in _NUMBERS:
        return
    add_rule(page, rule)


_RULES = ("value", "year", "grade")


def _add_unit_lists(page: "Worksheet", sheet: FormSheet, letter: str) -> None:
    """Let the unit of each row be chosen from a list; another unit can be typed all the same."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rules: dict[tuple[str, ...], DataValidation] = {}
    for number, units in enumerate(sheet.units, 2):
        words = ",".join(units)
        if len(units) < 2 or len(words) > _LONGEST_LIST:
            continue
        if units not in rules:
            rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
            rule.showErrorMessage = False
            rules[units] = rule
            page.add_data_validation(rule)
        rules[units].add(f"{letter}{number}")


def _set_page(page: "Worksheet", form: Form, *, is_signed: bool) -> None:
    """Set a sheet up for printing on A4, lying, as wide as the paper, heads on each page."""
    language = form.language
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = _MARGIN
    if page.freeze_panes:
        page.print_title_rows = "1:1"
    page.oddHeader.left.text = form.title.replace("&", "&&")
    page.oddHeader.right.text = "&A"
    page.oddFooter.right.text = say(language, "report.form.page", number="&P", count="&N")
    if is_signed:
        page.oddFooter.left.text = say(language, "report.form.signed")
