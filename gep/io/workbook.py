"""Workbooks for people (工作簿): styled sheets with live formulas, ready for printing on A4.

The module owns what a cell of such a workbook is, how each style looks, and that every formula is
stored with the number that gep computed for it, so that viewers which do not calculate show it
too. Which cells there are is left to ``gep.report``. The same sheets give the same bytes.
"""

import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.sax.saxutils import escape

from gep.io.spreadsheets import UNWRITABLE, display_width
from gep.texts.catalogue import Language, visible

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import NamedStyle
    from openpyxl.worksheet.worksheet import Worksheet

StyleName = Literal[
    "title",
    "line",
    "note",
    "heading",
    "text",
    "number",
    "share",
    "total",
    "blank",
    "exact",
    "entry",
]

_CREATED = datetime(2000, 1, 1)  # instead of the time of writing
_CREATED_XML = rb"\g<1>2000-01-01T00:00:00Z"
A4 = 9  # the code of this paper size
_LONGEST = 32_767  # characters of a cell
_MARGIN = 0.5  # inches
_NARROWEST, _WIDEST = 6, 60  # half-width characters of a column
_PAGE_WIDTH = 190  # half-width characters that can be read across a printed page
_UPRIGHT_WIDTH = 96  # of a page that is printed upright
_TEXT_WIDTH = 14  # that a column of texts keeps
_PADDING = 3  # half-width characters beside the longest text of a column
_LINE_HEIGHT = 15.0  # points
_DECIMALS = (0, 2, 4, 8)
FONTS: Mapping[Language, str] = {"zh": "宋体", "en": "Arial"}
ENTRY_COLOUR = "FFF9DB"  # of cells that people fill in
_GREY, _LINE_COLOUR = "FFE7EDF3", "FF8C9BAB"
_ROWS = re.compile(rb"<sheetData ?/>|<sheetData>.*</sheetData>", re.DOTALL)


class LiveFormula(NamedTuple):
    """A live formula and its number.

    Attributes
    ----------
    text : str
        Without the sign of equality, in the spelling of Excel: ``SUM(B2:B5)``.
    value : float
        What gep computed, which the formula gives again.
    """

    text: str
    value: float


class Cell(NamedTuple):
    """A cell of a sheet for people.

    Attributes
    ----------
    value : str, float, LiveFormula or None
        A text stays a text, whatever it begins with.
    style : str
        How it looks; ``exact`` is a number with the digits that it has, as a source prints it.
    decimals : int
        Digits that are shown after the point of a number; all digits are kept.
    """

    value: str | float | LiveFormula | None
    style: StyleName = "text"
    decimals: int = 2


class CellRule(NamedTuple):
    """A rule by which a spreadsheet checks what people type into cells (数据有效性).

    Attributes
    ----------
    cells : str
        A range, such as ``B2:B40``.
    kind : str
        ``list``, ``custom``, ``decimal`` or ``whole``, as Excel calls it.
    first, last : str
        A list in quotation marks, a formula, or the limits of numbers.
    title, message : str
        What is said of other contents; nothing is said, and all is taken, if both are blank.
    """

    cells: str
    kind: Literal["list", "custom", "decimal", "whole"]
    first: str
    last: str = ""
    title: str = ""
    message: str = ""


@dataclass
class BookSheet:
    """A sheet of a workbook, filled row by row.

    Attributes
    ----------
    title : str
        At most 31 plain characters.
    columns : int
        Number of columns.
    rows : list of list of Cell
        From the first row down.
    heading : int
        Number of the row with the headings of columns, which is frozen with all above it and
        printed on every page; 0 if there is none.
    frozen_columns : int
        Columns that stay at the left and are printed on every page.
    merged : list of int
        Rows whose first cell goes across all columns.
    widths : tuple of float
        Widths of columns in half-width characters; by default those of their texts.
    rules : list of CellRule
        What cells of the style ``entry`` take.
    hand_in : bool
        Whether the area that is printed is set, and narrow sheets are printed upright.
    """

    title: str
    columns: int
    rows: list[list[Cell]] = field(default_factory=list)
    heading: int = 0
    frozen_columns: int = 0
    merged: list[int] = field(default_factory=list)
    widths: tuple[float, ...] = ()
    rules: list[CellRule] = field(default_factory=list)
    hand_in: bool = False

    def add(self, *cells: Cell) -> int:
        """Add a row, and return its number."""
        self.rows.append(list(cells))
        return len(self.rows)

    def add_line(self, words: str, style: StyleName = "note") -> int:
        """Add a text across all columns, and return the number of its row."""
        row = self.add(Cell(words, style))
        self.merged.append(row)
        return row

    def add_headings(self, headings: Sequence[str]) -> int:
        """Add the row of headings, and return its number."""
        self.heading = self.add(*(Cell(words, "heading") for words in headings))
        return self.heading

    def address(self, row: int, column: int, *, from_outside: bool = False) -> str:
        """Return the address of a cell, ``B3``; ``'sheet'!B3`` for formulas of other sheets."""
        address = f"{column_letter(column)}{row}"
        return f"'{self.title}'!{address}" if from_outside else address

    def column_address(self, column: int, row: int) -> str:
        """Return the address of the cell of a column in a row of this sheet."""
        return self.address(row, column)


def column_letter(column: int) -> str:
    """Return the letters of a column.

    Parameters
    ----------
    column : int
        Counted from 1.

    Returns
    -------
    str
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def save_workbook(path: Path, sheets: Sequence[BookSheet], language: Language) -> None:
    """Write a workbook into a folder that nobody else writes to.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    sheets : sequence of BookSheet
        At least one.
    language : {'zh', 'en'}
        Chooses the font.

    Raises
    ------
    OSError
        If the system does not write the file.
    """
    from openpyxl import Workbook

    book = Workbook()
    styles = _add_styles(book, FONTS[language])
    book.remove(book.active)
    pages = {}
    for number, sheet in enumerate(sheets, 1):
        widths = sheet.widths or _column_widths(sheet)
        _set_up_page(book.create_sheet(sheet.title), sheet, widths)
        pages[f"xl/worksheets/sheet{number}.xml"] = (sheet, widths)
    book.properties.creator = "gep"
    book.properties.created = _CREATED
    book.properties.modified = _CREATED
    book.save(path)
    _add_rows(path, pages, styles)


# --- cells ---------------------------------------------------------------------------------------


def _add_rows(
    path: Path,
    pages: Mapping[str, tuple[BookSheet, Sequence[float]]],
    styles: Mapping[str, int],
) -> None:
    """Write a workbook anew with the rows of its pages, and without the times of writing."""
    with zipfile.ZipFile(path) as file:
        parts = [(name, file.read(name)) for name in file.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts:
            if name in pages:
                before, after = _ROWS.split(content)
                content = before + _rows_xml(*pages[name], styles).encode() + after
            elif name == "docProps/core.xml":  # openpyxl writes the time of saving
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", _CREATED_XML, content)
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _rows_xml(sheet: BookSheet, widths: Sequence[float], styles: Mapping[str, int]) -> str:
    """Return the element of all rows of a page; openpyxl would make an object of each cell."""
    longest = max(map(len, sheet.rows), default=0)
    letters = [column_letter(column) for column in range(1, longest + 1)]
    merged = set(sheet.merged)
    across = (sum(widths),)  # a merged row has one width
    parts = ["<sheetData>"]
    for row, cells in enumerate(sheet.rows, 1):
        height = _height(cells, across if row in merged else widths)
        parts.append(f'<row r="{row}" ht="{height:g}" customHeight="1">')
        for letter, cell in zip(letters, cells, strict=False):
            style = styles[_style_name(cell.style, cell.decimals)]
            parts.append(f'<c r="{letter}{row}" s="{style}"{_value_xml(cell.value)}')
        parts.append("</row>")
    parts.append("</sheetData>")
    return "".join(parts)


def _value_xml(value: str | float | LiveFormula | None) -> str:
    """Return the rest of the element of a cell: a text as text, a formula with its number."""
    if isinstance(value, str):
        words = escape(UNWRITABLE.sub("", visible(value))[:_LONGEST])
        space = "" if words == words.strip() else ' xml:space="preserve"'
        return f' t="inlineStr"><is><t{space}>{words}</t></is></c>' if words else "/>"
    if isinstance(value, LiveFormula):
        return f"><f>{escape(value.text)}</f><v>{float(value.value)!r}</v></c>"
    if value is None or not math.isfinite(value):
        return "/>"
    return f"><v>{value:.16g}</v></c>"


# --- how it looks --------------------------------------------------------------------------------


def _style_name(style: StyleName, decimals: int) -> str:
    """Return the name of a style in the workbook."""
    return f"gep {style} {decimals}" if style in ("number", "total", "share") else f"gep {style}"


def _add_styles(book: "Workbook", font_name: str) -> dict[str, int]:
    """Add the styles to a workbook, and return the number of each by its name."""
    cell = book.active.cell(1, 1)
    numbers = {}
    for style in _named_styles(font_name):
        book.add_named_style(style)
        cell.style = style.name
        numbers[style.name] = cell.style_id
    return numbers


def _named_styles(font_name: str) -> Iterator["NamedStyle"]:
    """Make the styles of a workbook."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    side = Side(style="thin", color=_LINE_COLOUR)
    box = Border(left=side, right=side, top=side, bottom=side)
    grey = PatternFill("solid", fgColor=_GREY)
    plain, bold = Font(name=font_name, size=10), Font(name=font_name, size=10, bold=True)
    left = Alignment(horizontal="left", vertical="center", wrap_text=True)
    inside = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
    right = Alignment(horizontal="right", vertical="center")
    yield NamedStyle("gep title", font=Font(name=font_name, size=16, bold=True), alignment=centre)
    yield NamedStyle("gep line", font=plain, alignment=left)
    yield NamedStyle("gep note", font=Font(name=font_name, size=9), alignment=left)
    yield NamedStyle("gep heading", font=bold, alignment=centre, border=box, fill=grey)
    yield NamedStyle("gep text", font=plain, alignment=inside, border=box, number_format="@")
    yellow = PatternFill("solid", fgColor=ENTRY_COLOUR)
    entry = {"alignment": left, "border": box, "number_format": "@"}
    yield NamedStyle("gep entry", font=plain, fill=yellow, **entry)
    yield NamedStyle("gep blank", font=plain, alignment=left, border=box)
    exact = {"alignment": right, "border": box, "number_format": "General"}
    yield NamedStyle("gep exact", font=plain, **exact)
    for decimals in _DECIMALS:
        digits = "." + "0" * decimals if decimals else ""
        number_format = f"#,##0{digits}"
        number = {"alignment": right, "border": box, "number_format": number_format}
        yield NamedStyle(f"gep number {decimals}", font=plain, **number)
        yield NamedStyle(f"gep total {decimals}", font=bold, fill=grey, **number)
        percent = {"alignment": right, "border": box, "number_format": f"0{digits}%"}
        yield NamedStyle(f"gep share {decimals}", font=plain, **percent)


def _set_up_page(page: "Worksheet", sheet: BookSheet, widths: Sequence[float]) -> None:
    """Set widths and size, freeze the headings, and set the page up for A4 landscape."""
    for column, width in enumerate(widths, 1):
        page.column_dimensions[column_letter(column)].width = width
    for row in sheet.merged:
        # merge_cells would also format every merged cell, for borders that these rows lack
        page.merged_cells.add(f"A{row}:{column_letter(sheet.columns)}{row}")
    page.cell(1, 1)  # this cell and the last tell openpyxl the size of the page
    page.cell(max(1, len(sheet.rows)), sheet.columns)
    if sheet.heading:
        page.freeze_panes = sheet.address(sheet.heading + 1, sheet.frozen_columns + 1)
        page.print_title_rows = f"1:{sheet.heading}"
    page.page_setup.paperSize = A4
    page.page_setup.orientation = "landscape"
    if sheet.hand_in:
        last = sheet.address(max(1, len(sheet.rows)), sheet.columns)
        page.print_area = f"A1:{last}"
        if sum(widths) <= _UPRIGHT_WIDTH:
            page.page_setup.orientation = "portrait"
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = _MARGIN
    page.page_margins.top = page.page_margins.bottom = _MARGIN + 0.2
    page.oddFooter.left.text = "&A"
    page.oddFooter.right.text = "&P / &N"
    for rule in sheet.rules:
        add_rule(page, rule)


def add_rule(page: "Worksheet", rule: CellRule) -> None:
    """Add a rule to the page that its cells are on.

    Parameters
    ----------
    page : openpyxl worksheet
    rule : CellRule
    """
    from openpyxl.worksheet.datavalidation import DataValidation

    validation = DataValidation(
        type=rule.kind,
        operator="between" if rule.last else None,
        formula1=rule.first,
        formula2=rule.last or None,
        allow_blank=True,
    )
    validation.showErrorMessage = rule.message != ""
    validation.errorTitle = rule.title or None
    validation.error = rule.message or None
    validation.add(rule.cells)
    page.add_data_validation(validation)


def _column_widths(sheet: BookSheet) -> tuple[float, ...]:
    """Return the widths that the cells of each column need."""
    widths = [float(_NARROWEST)] * sheet.columns
    for row, cells in enumerate(sheet.rows, 1):
        if row in sheet.merged:
            continue
        for column, cell in enumerate(cells):
            width = display_width(_shown(cell)) + _PADDING
            if cell.style == "heading":
                width = min(width, 14)  # headings are broken into lines
            widths[column] = min(max(widths[column], width), _WIDEST)
    return _fitted_to_page(widths, _least_widths(sheet, widths))


def _least_widths(sheet: BookSheet, widths: Sequence[float]) -> list[float]:
    """Return the widths that columns keep: all where there are numbers, which do not break."""
    least = [min(width, _TEXT_WIDTH) for width in widths]
    for row, cells in enumerate(sheet.rows, 1):
        for column, cell in enumerate(cells if row not in sheet.merged else ()):
            if not isinstance(cell.value, str | None):
                least[column] = widths[column]
    return least


def _fitted_to_page(widths: Sequence[float], least: Sequence[float]) -> tuple[float, ...]:
    """Narrow the widest columns of texts until a sheet can be read when it is printed."""
    fitted = list(widths)
    for level in range(_WIDEST, _TEXT_WIDTH - 1, -1):
        fitted = [max(kept, min(width, level)) for width, kept in zip(widths, least, strict=True)]
        if sum(fitted) <= _PAGE_WIDTH:
            break
    return tuple(fitted)


def _shown(cell: Cell) -> str:
    """Return about what a cell shows."""
    value = cell.value.value if isinstance(cell.value, LiveFormula) else cell.value
    if isinstance(value, str) or value is None:
        return value or ""
    if cell.style == "share":
        return f"{value:.{cell.decimals}%}"
    return f"{value:,.{cell.decimals}f}"


def _height(cells: Sequence[Cell], widths: Sequence[float]) -> float:
    """Return the height of a row in points."""
    if cells and cells[0].style == "title":
        return 2 * _LINE_HEIGHT
    pairs = zip(cells, widths, strict=False)
    return _LINE_HEIGHT * max((_line_count(cell, width) for cell, width in pairs), default=1)


def _line_count(cell: Cell, width: float) -> int:
    """Return into how many lines a text is broken in a column."""
    if not isinstance(cell.value, str):
        return 1
    lines = 0
    for line in cell.value.split("\n"):
        lines += max(1, -(-display_width(line) // max(int(width) - 1, 1)))
    return lines
