"""Tables as files of their own (表格文件): CSV files or Excel workbooks that the user asked for.

The module owns that such files are written whole or not at all, never over another file, and
byte for byte the same from the same tables; and the cells of such a workbook, for comparison. Which
tables they hold is left to the callers.
"""

import os
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gep.errors import Problem, ProblemsFound, make_problem
from gep.io.csv_excel import system_reason
from gep.io.csv_tables import csv_text
from gep.io.result_folder import cannot_write, scratch_folder, sync_file, sync_folder

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_CREATED = datetime(2000, 1, 1)  # instead of the time of writing
_WIDEST = 60  # half-width characters of a column
_MAX_ROWS = 1_048_575  # that Excel holds below the header
_LONGEST = 32_767  # characters of a cell
_LONGEST_SHEET = 31  # characters of the title of a sheet
_NOT_IN_SHEETS = re.compile(r"[\x00-\x1f\x7f:\\/?*\[\]\ud800-\udfff]")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not in XML
_NUMERIC = ("value",)  # columns that get numbers even where they are still blank


def write_tables(
    files: Mapping[Path, Mapping[str, pd.DataFrame]], *, replace: bool = False
) -> None:
    """Write files of tables; all of them or none.

    Parameters
    ----------
    files : mapping of Path to mapping of str to DataFrame
        For each file its tables by sheet. A ``.csv`` (with byte order mark) holds one table, an
        ``.xlsx`` any number.
    replace : bool, default False
        Whether files that are there are replaced, each at once.

    Raises
    ------
    ProblemsFound
        ``file-exists``, or ``cannot-write`` where a file is of another kind or cannot be written.
    """
    for path, tables in files.items():
        if not replace:
            refuse_existing(path)
        _refuse_unfit(path, tables)
    try:
        with ExitStack() as stack:
            scratch_files = {}
            for path, tables in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                scratch = stack.enter_context(scratch_folder(path.parent))
                scratch_files[path] = scratch / "new" / path.name
                _write(scratch_files[path], tables)
                sync_file(scratch_files[path])
            if replace:
                for path, scratch_file in scratch_files.items():
                    os.replace(scratch_file, path)
                    sync_folder(path.parent)
            else:
                _put_in_place(scratch_files)
    except OSError as error:
        raise ProblemsFound([unwritten(path, error)]) from None


def write_book(path: Path, book: "Workbook") -> None:
    """Write a workbook whole or not at all, never over another file.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    book : Workbook

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    book.properties.created = _CREATED
    book.properties.modified = _CREATED

    def save(file: Path) -> None:
        book.save(file)
        _remove_times(file)

    write_new_book(path, save)


def write_new_book(path: Path, save: Callable[[Path], None]) -> None:
    """Write a workbook whole or not at all, never over another file.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    save : callable
        Writes it to a path in a folder that nobody else writes to.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    refuse_existing(path)
    if path.suffix.lower() != ".xlsx":
        raise cannot_write(path, "io.unknown-file-type", suffix=path.suffix)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(path.parent) as scratch:
            scratch_file = scratch / "new" / path.name
            save(scratch_file)
            sync_file(scratch_file)
            put_new(scratch_file, path)
    except OSError as error:
        raise ProblemsFound([unwritten(path, error)]) from None


def refuse_too_many(path: Path, rows: int) -> None:
    """Raise ``ProblemsFound`` (``cannot-write``) if a sheet of a workbook cannot hold the rows.

    Parameters
    ----------
    path : Path
    rows : int
        Below the row of headings.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    if rows > _MAX_ROWS:
        raise cannot_write(path, "io.too-many-rows", limit=_MAX_ROWS, rows=rows)


def _put_in_place(scratch_files: Mapping[Path, Path]) -> None:
    """Give files their names, all or none; a file that came to be there meanwhile stays."""
    placed = []
    try:
        for path, scratch_file in scratch_files.items():
            put_new(scratch_file, path)
            placed.append(path)
    except BaseException:
        for path in placed:
            path.unlink()
        raise


def put_new(source: Path, target: Path) -> None:
    """Move a file to where no file is.

    Parameters
    ----------
    source, target : Path
        In one file system.

    Raises
    ------
    ProblemsFound
        ``file-exists``.
    OSError
        If the system does not move it.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        refuse_existing(target)
        raise
    except (OSError, NotImplementedError):  # a file system without links
        refuse_existing(target)
        os.rename(source, target)
    sync_folder(target.parent)


def load_cells(path: Path) -> dict[str, dict[str, object]] | None:
    """Load the cells of a workbook that have a value.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to dict or None
        Values by address (``B3``), by sheet, those of a formula as a list of formula and value;
        None if the file is no workbook that can be read.
    """
    from openpyxl import load_workbook

    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, data_only=True)
            formulas = load_workbook(stream)
            sheets = {}
            for page in formulas.worksheets:
                sheets[page.title] = _page_cells(page, book[page.title])
            return sheets
    except Exception:  # a damaged workbook fails anywhere in zip, XML or openpyxl
        return None


def _page_cells(formulas: "Worksheet", values: "Worksheet") -> dict[str, object]:
    """Return the cells of a page, those of formulas with formula and value."""
    cells: dict[str, object] = {}
    for row in formulas.iter_rows():
        for cell in row:
            value = values[cell.coordinate].value
            if cell.data_type == "f":
                cells[cell.coordinate] = [str(cell.value), value]
            elif value is not None:
                cells[cell.coordinate] = value
    return cells


def refuse_existing(path: Path) -> None:
    """Raise ``ProblemsFound`` (``file-exists``) if there is a file or folder already.

    Parameters
    ----------
    path : Path
        The file or folder that is about to be written.

    Raises
    ------
    ProblemsFound
        ``file-exists``.
    """
    if os.path.lexists(path):
        raise ProblemsFound([make_problem("file-exists", str(path), "io.file-exists")])


def unwritten(path: Path, error: OSError) -> Problem:
    """Return the problem (``cannot-write``) of a file or folder that the system does not write.

    Parameters
    ----------
    path : Path
    error : OSError
        What the system said.

    Returns
    -------
    Problem
    """
    reason = system_reason(error)
    return make_problem("cannot-write", str(path), "io.cannot-write-there", reason=reason)


def _refuse_unfit(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise ``ProblemsFound`` if a file of this name cannot hold the tables."""
    suffix = path.suffix.lower()
    if not suffix:
        raise cannot_write(path, "io.no-file-type")
    if suffix not in (".csv", ".xlsx"):
        raise cannot_write(path, "io.unknown-file-type", suffix=suffix)
    if suffix == ".csv" and len(tables) > 1:
        raise cannot_write(path, "io.one-table-in-csv", count=len(tables))
    for frame in tables.values():
        if suffix == ".xlsx":
            refuse_too_many(path, len(frame))


def _write(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the tables of one file."""
    if path.suffix.lower() == ".xlsx":
        _write_book(path, tables)
        return
    for frame in tables.values():
        content = csv_text(frame)
        path.write_text(f"\ufeff{content}", encoding="utf-8", newline="")  # the mark is for Excel


def _write_book(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write a workbook, a sheet for each table, the header frozen.

    Columns of text are formatted as text all the way down, so that codes keep their zeros in the
    rows that a user adds as well. No text is run as a formula, not in headings either.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for title, frame in tables.items():
        page = book.create_sheet(_sheet_title(title, book.sheetnames))
        page.freeze_panes = "A2"
        for number, name in enumerate(frame.columns, 1):
            values = list(frame[name])
            widths = [display_width(str(value)) for value in (name, *values)]
            column = page.column_dimensions[get_column_letter(number)]
            column.width = min(max(widths) + 2, _WIDEST)
            column.number_format = "@" if _is_text(name, values) else "General"
            heading = page.cell(1, number)
            _fill(heading, str(name))
            heading.font = Font(bold=True)
            for row, value in enumerate(values, 2):
                cell = page.cell(row, number)
                _fill(cell, value)
                cell.number_format = column.number_format
    book.properties.created = _CREATED
    book.properties.modified = _CREATED
    book.save(path)
    _remove_times(path)


def _fill(cell: "Cell", value: object) -> None:
    """Put a value into a cell: a text as text, whatever it begins with; blank ones are left out."""
    if not isinstance(value, str):
        cell.value = value
    elif value:
        cell.value = UNWRITABLE.sub("", value)[:_LONGEST]
        cell.data_type = "s"


def _sheet_title(title: str, known: Sequence[str]) -> str:
    """Return a title as Excel takes it for a sheet: short, of plain characters, given once."""
    plain = _NOT_IN_SHEETS.sub("_", title).strip("'")[:_LONGEST_SHEET] or "_"
    titles = {name.casefold() for name in known}
    number = 1
    unique = plain
    while unique.casefold() in titles:
        number += 1
        unique = f"{plain[: _LONGEST_SHEET - len(str(number)) - 1]}_{number}"
    return unique


def _remove_times(path: Path) -> None:
    """Write a workbook anew without the times of writing: the same tables give the same bytes."""
    with zipfile.ZipFile(path) as file:
        parts = [(name, file.read(name)) for name in file.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts:
            if name == "docProps/core.xml":  # openpyxl writes the time of saving
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content
                )
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _is_text(name: str, values: list[object]) -> bool:
    """Return whether a column holds texts only, and is not one to be filled with numbers."""
    if name in _NUMERIC and not any(values):
        return False
    return all(isinstance(value, str) for value in values)


def display_width(word: str) -> int:
    """Return the width of a text in half-width characters; a Chinese character has two.

    Parameters
    ----------
    word : str

    Returns
    -------
    int
    """
    return len(word.encode("gb18030", "replace"))
