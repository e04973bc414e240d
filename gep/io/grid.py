"""Grids (表格): the cells of a sheet or CSV as they lie, with what is merged: tables as they come.

The module owns which cell is where, what its address is, and what merged cells cover. Tables under
known columns are read by ``gep.io.tables``; what a grid means is found by ``gep.io.wide_table``.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path

from gep.errors import Place, ProblemLog
from gep.io.csv_excel import (
    MAX_COLUMNS,
    Display,
    check_file,
    decode,
    printable,
    read_sheet,
    row_place,
    split_sheet,
)
from gep.io.tables import is_workbook

_PATH_SHOWN = 200  # characters of a name that a message shows
_LETTERS = 26
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff(\uff08])")


@dataclass(frozen=True)
class CellGrid:
    """The cells of a sheet as text.

    Attributes
    ----------
    file : Path
        The file, without a sheet.
    label : str
        The file as messages name it, with its sheet where it has sheets.
    sheet : str
        Name of the sheet; blank for a CSV.
    cells : mapping of (int, int) to str
        Text by row and column, both from 1; blank cells are left out.
    covered : mapping of (int, int) to (int, int)
        For each cell that lies under a merged one, the cell that has its text.
    displays : mapping of (int, int) to Display
        Numbers that the sheet shows in another way than it holds them.
    uncalculated : frozenset of (int, int)
        Cells whose formula was never calculated.
    hidden_rows, hidden_columns : frozenset of int
    other_sheets : tuple of str
        Sheets of the workbook that are not hidden and were not asked for.
    """

    file: Path
    label: str
    sheet: str
    cells: Mapping[tuple[int, int], str]
    covered: Mapping[tuple[int, int], tuple[int, int]]
    displays: Mapping[tuple[int, int], Display]
    uncalculated: frozenset[tuple[int, int]]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    other_sheets: tuple[str, ...]

    @cached_property
    def rows(self) -> list[int]:
        """The rows that have a cell."""
        return sorted({row for row, _ in self.cells})

    @cached_property
    def columns(self) -> list[int]:
        """The columns that have a cell."""
        return sorted({column for _, column in self.cells})

    def label_at(self, row: int, column: int) -> str:
        """Return the text that a cell shows: its own, or that of the merged cell over it.

        Chinese characters that are set apart, or broken into lines, are joined.
        """
        spot = (row, column)
        label = self.cells.get(self.covered.get(spot, spot), "")
        return _BETWEEN_CHARACTERS.sub("", label) if label else ""

    def locator(self, row: int, column: int) -> str:
        """Return the origin of a cell: file, sheet and address."""
        return f"{self.label} {address(row, column)}"

    def place(self, row: int, column: int) -> Place:
        """Return the place of a cell for a message."""
        return row_place(self.label, [row], column_letters(column))


def column_letters(column: int) -> str:
    """Return the letters of a column: ``B`` for 2, ``AA`` for 27.

    Parameters
    ----------
    column : int
        From 1.

    Returns
    -------
    str
    """
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the address of a cell: ``B7``.

    Parameters
    ----------
    row, column : int
        From 1.

    Returns
    -------
    str
    """
    return f"{column_letters(column)}{row}"


def load_grid(path: Path, problems: ProblemLog) -> CellGrid | None:
    """Load the cells of ``file.csv`` or ``book.xlsx#sheet``.

    Parameters
    ----------
    path : Path
        The file, with the sheet after a ``#``; without one the first sheet is read.
    problems : ProblemLog
        Receives what is wrong with the file (see ``gep.io.csv_excel``), and ``empty-table``.

    Returns
    -------
    CellGrid or None
        None if the file cannot be read, or has no cell.
    """
    file, sheet = split_sheet(path)
    label = printable(path.name, _PATH_SHOWN)
    if not check_file(file, label, problems):
        return None
    kind = is_workbook(file, label, problems)
    if kind is None:
        return None
    grid = _load_sheet(file, sheet, label, problems) if kind else _load_csv(file, label, problems)
    if grid is not None and not grid.cells:
        problems.add("empty-table", grid.label, "io.no-rows")
        return None
    return grid


def _load_csv(file: Path, label: str, problems: ProblemLog) -> CellGrid | None:
    """Load the cells of a CSV, whose rows may be of unlike width."""
    content = decode(file, label, problems)
    if content is None:
        return None
    cells = {}
    try:
        for row, record in enumerate(csv.reader(StringIO(content), strict=True), 1):
            for column, word in enumerate(record[:MAX_COLUMNS], 1):
                if word.strip():
                    cells[row, column] = word.strip()
    except csv.Error:
        problems.add("quotes", label, "io.quotes")
        return None
    nothing: frozenset[int] = frozenset()
    return CellGrid(
        file=file,
        label=label,
        sheet="",
        cells=cells,
        covered={},
        displays={},
        uncalculated=frozenset(),
        hidden_rows=nothing,
        hidden_columns=nothing,
        other_sheets=(),
    )


def _load_sheet(file: Path, sheet: str | None, label: str, problems: ProblemLog) -> CellGrid | None:
    """Load the cells of a sheet."""
    page = read_sheet(file, sheet, label, problems)
    if page is None:
        return None
    spots = zip(page.rows.tolist(), page.columns.tolist(), strict=True)
    cells = dict(zip(spots, page.cells.tolist(), strict=True))
    last_row = int(page.rows.max()) if len(page.rows) else 0
    last_column = int(page.columns.max()) if len(page.columns) else 0
    covered = {}
    for first_row, first_column, end_row, end_column in page.merged:
        origin = (first_row, first_column)
        for row in range(first_row, min(end_row, last_row) + 1):
            for column in range(first_column, min(end_column, last_column) + 1):
                if (row, column) != origin:
                    covered[row, column] = origin
    return CellGrid(
        file=file,
        label=f"{printable(file.name, _PATH_SHOWN)}#{page.title}",
        sheet=page.title,
        cells=cells,
        covered=covered,
        displays=page.displays,
        uncalculated=frozenset(page.uncalculated),
        hidden_rows=page.hidden_rows,
        hidden_columns=page.hidden_columns,
        other_sheets=tuple(title for title, header in page.headers.items() if header),
    )
