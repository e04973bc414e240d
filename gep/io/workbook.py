"""Workbooks for people (工作簿): styled sheets with live formulas, ready for printing on A4.

The module owns what a cell of such a workbook is, how each style looks, and that every formula is
stored with the number that gep computed for it, so that viewers which do not calculate show it
too. Which cells there are is left to ``gep.report``. The same sheets give the same bytes.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from gep.io.spreadsheets import UNWRITABLE, display_width
from gep.texts.catalogue import Language, visible

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.styles import NamedStyle
    from openpyxl.worksheet.worksheet import Worksheet

StyleName = Literal["title", "line", "note", "heading", "text", "number", "share", "total", "blank"]

_CREATED = datetime(2000, 1, 1)  # instead of the time of writing
_CREATED_XML = rb"\g<1>2000-01-01T00:00:00Z"
_A4 = 9  # the code of this paper size
_LONGEST = 32_767  # characters of a cell
_MARGIN = 0.5  # inches
_NARROWEST, _WIDEST = 6, 60  # half-width characters of a column
_PAGE_WIDTH = 190  # half-width characters that can be read across a printed page
_TEXT_WIDTH = 14  # that a column of texts keeps
_PADDING = 3  # half-width characters beside the longest text of a column
_LINE_HEIGHT = 15.0  # points
_DECIMALS = (0, 2, 4, 8)
_FONTS: Mapping[Language, str] = {"zh": "宋体", "en": "Arial"}
_GREY, _LINE_COLOUR = "FFE7EDF3", "FF8C9BAB"
_FORMULA = re.compile(
    rb'(?P<cell><c r="(?P<address>[A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)(?:<v ?/>|<v></v>)'
)


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
        How it looks.
    decimals : int
        Digits that are shown after the point of a number; all digits are kept.
    """

    value: str | float | LiveFormula | None
    style: StyleName = "text"
    decimals: int = 2


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
    """

    title: str
    columns: int
    rows: list[list[Cell]] = field(default_factory=list)
    heading: int = 0
    frozen_columns: int = 0
    merged: list[int] = field(default_factory=list)
    widths: tuple[float, ...] = ()

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
    book.remove(book.active)
    for style in _named_styles(_FONTS[language]):
        book.add_named_style(style)
    numbers = []
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        numbers.append(_fill_page(page, sheet))
        _set_up_page(page, sheet)
    book.properties.creator = "gep"
    book.properties.created = _CREATED
    book.properties.modified = _CREATED
    book.save(path)
    _add_numbers(path, numbers)


# --- cells ---------------------------------------------------------------------------------------


def _fill_page(page: "Worksheet", sheet: BookSheet) -> dict[str, float]:
    """Fill a page; return the numbers of its formulas by address."""
    numbers = {}
    models: dict[str, SheetCell] = {}  # the first cell of each style, whose looks others take
    for row, cells in enumerate(sheet.rows, 1):
        for column, cell in enumerate(cells, 1):
            page_cell = page.cell(row, column)
            style = _style_name(cell.style, cell.decimals)
            if style in models:
                page_cell._style = copy(models[style]._style)
            else:
                page_cell.style = style
                models[style] = page_cell
            if isinstance(cell.value, LiveFormula):
                page_cell.value = f"={cell.value.text}"
                numbers[page_cell.coordinate] = cell.value.value
            else:
                _put(page_cell, cell.value)
    for row in sheet.merged:
        # merge_cells would also format every merged cell, for borders that these rows lack
        page.merged_cells.add(f"A{row}:{column_letter(sheet.columns)}{row}")
    return numbers


def _put(page_cell: "SheetCell", value: str | float | None) -> None:
    """Put a value into a cell: a text as text, with marks for characters that do not show."""
    if isinstance(value, str):
        if value:
            page_cell.value = UNWRITABLE.sub("", visible(value))[:_LONGEST]
            page_cell.data_type = "s"
    elif value is not None:
        page_cell.value = float(value)


# --- how it looks --------------------------------------------------------------------------------


def _style_name(style: StyleName, decimals: int) -> str:
    """Return the name of a style in the workbook."""
    return f"gep {style} {decimals}" if style in ("number", "total", "share") else f"gep {style}"


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
    yield NamedStyle("gep blank", font=plain, alignment=left, border=box)
    for decimals in _DECIMALS:
        digits = "." + "0" * decimals if decimals else ""
        number_format = f"#,##0{digits}"
        number = {"alignment": right, "border": box, "number_format": number_format}
        yield NamedStyle(f"gep number {decimals}", font=plain, **number)
        yield NamedStyle(f"gep total {decimals}", font=bold, fill=grey, **number)
        percent = {"alignment": right, "border": box, "number_format": f"0{digits}%"}
        yield NamedStyle(f"gep share {decimals}", font=plain, **percent)


def _set_up_page(page: "Worksheet", sheet: BookSheet) -> None:
    """Set widths and heights, freeze the headings, and set the page up for A4 landscape."""
    widths = sheet.widths or _column_widths(sheet)
    for column, width in enumerate(widths, 1):
        page.column_dimensions[column_letter(column)].width = width
    for row, cells in enumerate(sheet.rows, 1):
        available = [sum(widths)] if row in sheet.merged else widths
        pairs = zip(cells, available, strict=False)  # a merged row has one width
        lines = max((_line_count(cell, width) for cell, width in pairs), default=1)
        height = 30.0 if cells and cells[0].style == "title" else lines * _LINE_HEIGHT
        page.row_dimensions[row].height = height
    if sheet.heading:
        page.freeze_panes = sheet.address(sheet.heading + 1, sheet.frozen_columns + 1)
        page.print_title_rows = f"1:{sheet.heading}"
    page.page_setup.paperSize = _A4
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = _MARGIN
    page.page_margins.top = page.page_margins.bottom = _MARGIN + 0.2
    page.oddFooter.left.text = "&A"
    page.oddFooter.right.text = "&P / &N"


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


def _line_count(cell: Cell, width: float) -> int:
    """Return into how many lines a text is broken in a column."""
    if not isinstance(cell.value, str):
        return 1
    lines = 0
    for line in cell.value.split("\n"):
        lines += max(1, -(-display_width(line) // max(int(width) - 1, 1)))
    return lines


# --- formulas with their numbers -----------------------------------------------------------------


def _add_numbers(path: Path, numbers: Sequence[Mapping[str, float]]) -> None:
    """Write a workbook anew with the number of each formula, and without the times of writing."""
    with zipfile.ZipFile(path) as file:
        parts = [(name, file.read(name)) for name in file.namelist()]
    pages = {f"xl/worksheets/sheet{page}.xml": page for page in range(1, len(numbers) + 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts:
            if name in pages:
                content = _with_numbers(content, numbers[pages[name] - 1])
            elif name == "docProps/core.xml":  # openpyxl writes the time of saving
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", _CREATED_XML, content)
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _with_numbers(content: bytes, numbers: Mapping[str, float]) -> bytes:
    """Return the XML of a page with the number of each formula."""

    def add_number(match: re.Match[bytes]) -> bytes:
        """Return a cell with its number."""
        number = numbers[match["address"].decode()]
        return match["cell"] + f"<v>{float(number)!r}</v>".encode()

    return _FORMULA.sub(add_number, content)
