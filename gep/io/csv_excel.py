"""The cells of a file as text, from CSV or Excel.

The module owns paths with sheets, encodings, quotation marks and the number of cells in a row.
What the columns mean is left to ``tables``.
"""

import csv
import errno
import os
from collections.abc import Iterable
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, Where
from gep.texts.catalogue import Listed, Text, text

_MAX_RAGGED_ROWS = 1000  # after so many rows of a wrong width the rest of a file is not read
_SHOWN = 40  # characters of a value that a message shows
_HEADER_SHOWN = 60  # characters of a header that a message shows
_PATH_SHOWN = 200  # characters of a path that a message shows
_SHEETS_SHOWN = 12  # names of sheets that a message lists
_WHOLE_LIMIT = 1e15  # whole numbers below it are exact as floats, and Excel shows their digits
_REASONS = {
    errno.EACCES: "io.reason.permission",
    errno.EPERM: "io.reason.permission",
    errno.EROFS: "io.reason.read-only",
    errno.ENOSPC: "io.reason.disk-full",
    errno.ENOENT: "io.reason.not-there",
    errno.ENOTDIR: "io.reason.not-a-folder",
    errno.EEXIST: "io.reason.exists",
    errno.EISDIR: "io.reason.folder",
    errno.ENAMETOOLONG: "io.reason.name-too-long",
    errno.EBUSY: "io.reason.busy",
}


def printable(value: object, limit: int = _SHOWN) -> str:
    """Return a value as a message shows it: on one line, cut after ``limit`` characters.

    Parameters
    ----------
    value : object
    limit : int, optional
        Number of characters.

    Returns
    -------
    str
    """
    word = str(value)
    marks = [mark if mark.isprintable() else ascii(mark)[1:-1] for mark in word[:limit]]
    return "".join(marks) + (" ..." if len(word) > limit else "")


def system_reason(error: OSError) -> Text:
    """Return in words why the system refuses to read or write a file.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    Text
    """
    key = _REASONS.get(error.errno or 0, "io.reason.as-reported")
    return text(key, report=error.strerror or str(error))


def row_place(label: str, rows: Iterable[int], column: str = "") -> Place:
    """Return the place of rows of a table.

    Parameters
    ----------
    label : str
        The file as messages name it.
    rows : iterable of int
        Row numbers as a spreadsheet shows them, the header being row 1; duplicates are dropped.
    column : str, optional
        The column, where one is wrong.

    Returns
    -------
    Place
    """
    return Place(label, tuple(sorted({int(row) for row in rows})), column)


def split_sheet(path: Path) -> tuple[Path, str | None]:
    """Split ``book.xlsx#sheet`` into the file and the name of the sheet, if it names one.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of (Path, str or None)
        The file, and the sheet if one is named.
    """
    name, mark, sheet = path.name.partition("#")
    if mark and not os.path.exists(path):
        return path.with_name(name), sheet
    return path, None


def check_file(
    file: Path, place: Where, problems: ProblemLog, *, may_be_empty: bool = False
) -> bool:
    """Check that a path leads to a regular file with something in it.

    Parameters
    ----------
    file : Path
        The path, without a sheet.
    place : str or Sayable
        The file as messages name it.
    problems : ProblemLog
        Receives ``missing-file``, ``not-a-file`` or ``empty-file``.
    may_be_empty : bool, default False
        Whether a file of 0 bytes passes.

    Returns
    -------
    bool
        Whether the file can be read; if not, a problem was added.
    """
    name = printable(file, _PATH_SHOWN)
    if os.path.isdir(file):
        problems.add("not-a-file", place, "io.folder-not-file", file=name)
    elif not os.path.exists(file):
        problems.add("missing-file", place, "io.missing-file", file=name)
    elif not os.path.isfile(file):
        problems.add("not-a-file", place, "io.special-file", file=name)
    elif os.path.getsize(file) == 0 and not may_be_empty:
        problems.add("empty-file", place, "io.empty-file")
    else:
        return True
    return False


def decode(file: Path, label: str, problems: ProblemLog) -> str | None:
    """Read the text of a file that is encoded in UTF-8 or GBK.

    Parameters
    ----------
    file : Path
        A file that exists.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``cannot-read`` or ``encoding``, and the warning ``gbk``.

    Returns
    -------
    str or None
        None if the file cannot be read as text.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.add("cannot-read", label, "io.cannot-read", reason=system_reason(error))
        return None
    problems.note_read(file, data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add("encoding", label, "io.utf-16")
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in content:  # a binary file
            break
        if encoding == "gb18030":
            problems.add("gbk", label, "io.gbk")
        return content
    problems.add("encoding", label, "io.not-text")
    return None


def csv_header(content: str, label: str, problems: ProblemLog) -> list[str] | None:
    """Read the column names from the first line of a CSV.

    Parameters
    ----------
    content : str
        The text of the file.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``file-format`` or ``separator``.

    Returns
    -------
    list of str or None
        None if the first line is not a header.
    """
    first_line = content.partition("\n")[0]
    try:
        header = [name.strip() for name in next(csv.reader([first_line]), [])]
    except csv.Error:
        problems.add("file-format", label, "io.first-line-too-long", count=len(first_line))
        return None
    if len(header) == 1 and any(mark in first_line for mark in ";\t，"):
        shown = printable(first_line, _HEADER_SHOWN)
        problems.add("separator", label, "io.separator", header=shown)
        return None
    return header


def csv_cells(content: str, width: int, label: str, problems: ProblemLog) -> pd.DataFrame | None:
    r"""Read the cells below the header of a CSV.

    Parameters
    ----------
    content : str
        The text of the file, its lines ended by ``\n``.
    width : int
        Number of cells of the header.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``quotes`` or ``ragged-row``.

    Returns
    -------
    DataFrame of str or None
        Columns are numbered from 0. None if quotation marks or the number of cells do not fit.
    """
    cells = _parse(content) if _has_regular_rows(content, width) else None
    return _parse_slowly(content, width, label, problems) if cells is None else cells


def _has_regular_rows(content: str, width: int) -> bool:
    """Return whether every line that is not blank has as many cells as the header.

    The CSV reader of pandas would accept other lines in silence.
    """
    marks = np.frombuffer(content.encode(), dtype=np.uint8)
    is_line_end = marks == ord("\n")
    is_comma = marks == ord(",")
    if '"' in content:
        is_unquoted = np.cumsum(marks == ord('"')) % 2 == 0
        is_line_end = is_line_end & is_unquoted
        is_comma = is_comma & is_unquoted
    line_ends = np.append(np.flatnonzero(is_line_end), len(marks))
    commas = np.diff(np.searchsorted(np.flatnonzero(is_comma), line_ends), prepend=0)
    is_blank = np.diff(line_ends, prepend=-1) == 1
    return bool(((commas == width - 1) | is_blank).all())


def _parse(content: str) -> pd.DataFrame | None:
    """Parse the lines below the header at once; None if pandas cannot."""
    try:
        return pd.read_csv(
            StringIO(content),
            header=None,
            skiprows=1,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, ValueError):
        return None


def _parse_slowly(
    content: str, width: int, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Parse row by row, to name the rows whose quotation marks or number of cells do not fit."""
    records: list[list[str]] = []
    ragged_rows: list[int] = []
    try:
        for record in csv.reader(StringIO(content), strict=True):
            has_content = any(cell.strip() for cell in record)
            records.append(record if has_content else [""] * width)
            if len(records[-1]) != width:
                ragged_rows.append(len(records))
            if len(ragged_rows) > _MAX_RAGGED_ROWS:
                break
    except csv.Error:
        problems.add("quotes", row_place(label, [len(records) + 1]), "io.quotes")
        return None
    if ragged_rows:
        first_row = ragged_rows[0]
        problems.add(
            "ragged-row",
            row_place(label, ragged_rows),
            "io.ragged-row",
            row=first_row,
            cells=len(records[first_row - 1]),
            columns=width,
        )
        return None
    return pd.DataFrame(records[1:], columns=range(width), dtype=str)


def sheet_cells(
    file: Path, sheet: str | None, label: str, problems: ProblemLog
) -> list[list[str]] | None:
    """Read all cells of an Excel sheet, row by row.

    Parameters
    ----------
    file : Path
        An ``.xlsx`` or ``.xlsm`` workbook.
    sheet : str or None
        Name of the sheet; None is the first.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``missing-sheet`` or ``file-format``.

    Returns
    -------
    list of list of str or None
        None if the sheet cannot be read.
    """
    from openpyxl import load_workbook

    try:
        content = file.read_bytes()
        problems.note_read(file, content)
        with BytesIO(content) as stream:
            book = load_workbook(stream, read_only=True, data_only=True)
            sheets = {page.title: page for page in book.worksheets}
            if not sheets:
                problems.add("missing-sheet", label, "io.no-sheet")
                return None
            if sheet is not None and sheet not in sheets:
                listed = Listed(tuple(sheets), _SHEETS_SHOWN)
                problems.add("missing-sheet", label, "io.missing-sheet", sheet=sheet, sheets=listed)
                return None
            page = sheets[sheet] if sheet else book.worksheets[0]
            page.reset_dimensions()  # the extent that other programs write may be too small
            rows: list[list[str]] = []
            for record in page.iter_rows(values_only=True):
                rows.append([_cell_text(value) for value in record])
            return rows
    except Exception as error:  # a damaged workbook fails anywhere in zip, XML or openpyxl
        reason = type(error).__name__
        problems.add("file-format", label, "io.damaged-workbook", reason=reason)
        return None


def _cell_text(value: object) -> str:
    """Return a cell of a workbook as text; whole numbers have no decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_LIMIT:
        return str(int(value))
    return str(value).strip()
