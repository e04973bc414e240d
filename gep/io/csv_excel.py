"""The cells of a file as text: which file and sheet, in which encoding, how many cells a row; CSV and Excel.

Nothing here knows what the columns mean; ``tables`` does.
"""

import csv
import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog

_SHOWN = 5  # rows named in a message before "and n more"
_MANY = 1000  # ragged rows after which the rest of a file is not read


def split_sheet(path: Path) -> tuple[Path, str | None]:
    """Split ``book.xlsx#sheet`` into the file and the sheet's name."""
    name, mark, sheet = path.name.partition("#")
    return (path.with_name(name), sheet) if mark and not os.path.exists(path) else (path, None)


def file_fault(file: Path) -> tuple[str, str, str] | None:
    """Code, words and fix for a path that is no file with something in it, or None."""
    if os.path.isdir(file):
        return "not-a-file", "this is a folder, a file is due", "name the file inside it"
    if not os.path.exists(file):
        return (
            "missing-file",
            f"there is no file {str(file)[:200]}",
            "check the name and the folder",
        )
    if not os.path.isfile(file):
        return "not-a-file", "this is a device or a pipe, a file is due", "name a file"
    if os.path.getsize(file) == 0:
        return "empty-file", "the file is empty (0 bytes)", "fill it, or take it out of the project"
    return None


def decode(file: Path, label: str, problems: ProblemLog) -> str | None:
    """The file's text, read as UTF-8 or as GBK (flagged); None when it is neither."""
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.add(
            "cannot-read",
            label,
            error.strerror or str(error),
            "close the file elsewhere, or mend its permissions",
        )
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add("encoding", label, "the file is UTF-16", "save it as CSV UTF-8")
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        if encoding == "gb18030":
            problems.add(
                "gbk", label, "the file is not UTF-8; it was read as GBK", "save it as CSV UTF-8"
            )
        return text
    problems.add(
        "encoding", label, "the file is neither UTF-8 nor GBK text", "save it as CSV UTF-8"
    )
    return None


def csv_header(text: str, label: str, problems: ProblemLog) -> list[str] | None:
    """The column names in the first line of a CSV; None where it is no header."""
    first = text.partition("\n")[0]
    try:
        header = [name.strip() for name in next(csv.reader([first]), [])]
    except csv.Error:
        problems.add(
            "file-format",
            label,
            f"the first line has {len(first)} characters",
            "a table begins with its column names",
        )
        return None
    if len(header) == 1 and any(mark in first for mark in ";\t，"):
        problems.add(
            "separator", label, f"the header reads {first[:60]!r}", "separate the columns by commas"
        )
        return None
    return header


def csv_cells(text: str, width: int, label: str, problems: ProblemLog) -> pd.DataFrame | None:
    """The cells below the header of a CSV, columns by position; None where rows or quotation marks do not fit."""
    raw = _parse(text) if _regular(text, width) else None
    return _parse_slowly(text, width, label, problems) if raw is None else raw


def _regular(text: str, width: int) -> bool:
    """Whether every line that is not blank has as many cells as the header (pandas lets others pass)."""
    marks = np.frombuffer(text.encode(), dtype=np.uint8)
    ends, commas = marks == ord("\n"), marks == ord(",")
    if '"' in text:
        outside = np.cumsum(marks == ord('"')) % 2 == 0
        ends, commas = ends & outside, commas & outside
    stops = np.append(np.flatnonzero(ends), len(marks))
    cells = np.diff(np.searchsorted(np.flatnonzero(commas), stops), prepend=0)
    blank = np.diff(stops, prepend=-1) == 1
    return bool(((cells == width - 1) | blank).all())


def _parse(text: str) -> pd.DataFrame | None:
    try:
        return pd.read_csv(
            StringIO(text),
            header=None,
            skiprows=1,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, ValueError):
        return None


def _parse_slowly(text: str, width: int, label: str, problems: ProblemLog) -> pd.DataFrame | None:
    """Read record by record, to name the rows whose number of cells or quotation marks do not fit."""
    records: list[list[str]] = []
    wrong: list[int] = []
    try:
        for record in csv.reader(StringIO(text), strict=True):
            filled = any(cell.strip() for cell in record)
            records.append(record if filled else [""] * width)
            if len(records[-1]) != width:
                wrong.append(len(records))
            if len(wrong) > _MANY:
                break
    except csv.Error as error:
        where = row_place(label, [len(records) + 1])
        problems.add(
            "quotes",
            where,
            f"the quotation marks do not close ({error})",
            'check the cells with a " in them',
        )
        return None
    if wrong:
        what = f"{len(records[wrong[0] - 1])} cells where the header has {width}"
        problems.add(
            "ragged-row",
            row_place(label, wrong),
            what,
            "a comma inside a cell needs quotes; or cells are lacking",
        )
        return None
    return pd.DataFrame(records[1:], columns=range(width), dtype=str)


def sheet_cells(
    file: Path, sheet: str | None, label: str, problems: ProblemLog
) -> list[list[str]] | None:
    """All cells of an Excel sheet (the first where none is named), row by row; None where it cannot be read."""
    from openpyxl import load_workbook

    try:
        with file.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True)
            pages = {page.title: page for page in book.worksheets}
            if not pages or (sheet is not None and sheet not in pages):
                problems.add(
                    "missing-sheet", label, f"no sheet {sheet!r}", f"sheets are: {', '.join(pages)}"
                )
                return None
            page = pages[sheet] if sheet else book.worksheets[0]
            page.reset_dimensions()  # what other programs write there may be too small
            return [
                [_cell(value) for value in record] for record in page.iter_rows(values_only=True)
            ]
    except Exception as error:  # a damaged workbook fails anywhere in zip, XML or openpyxl
        problems.add(
            "file-format",
            label,
            f"not a readable Excel workbook ({error})",
            "open and save it again in Excel",
        )
        return None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def row_place(label: str, rows: Iterable[int]) -> Place:
    """Return the place of rows of a file, numbered as a spreadsheet does."""
    return Place(label, tuple(sorted({int(row) for row in rows})))
