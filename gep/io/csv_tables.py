"""Tables written as CSV (写出表格): in UTF-8, no text of which a spreadsheet would run.

A table of a whole country has millions of cells and few different texts: a text is escaped and
quoted once, however many rows have it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8
# Columns whose text is a number as a source prints it, which no spreadsheet takes for a formula.
_PRINTED_NUMBERS = ("area", "value")
_SIGNED_NUMBER = re.compile(r"[+-]\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
# A cell that begins so is run by a spreadsheet; the wide ones by those set to East Asian languages.
_FORMULA_MARKS = tuple("=+-@＝＋－＠")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"  # marks of no width, that may stand before the others
_QUOTED = re.compile('[,"\r\n]')  # what a cell is quoted for
_ROWS_AT_ONCE = 50_000  # of which the text is in memory


def would_run(word: str) -> bool:
    """Return whether a spreadsheet may take a text for a formula.

    Parameters
    ----------
    word : str

    Returns
    -------
    bool
        True if the first mark that shows is one of ``= + - @``, whatever blanks, tabs and line ends
        are before it.
    """
    if word[:1].isalnum():  # as almost all do
        return False
    return word.lstrip().lstrip(_UNSEEN).lstrip().startswith(_FORMULA_MARKS)


def csv_text(frame: pd.DataFrame, header: bool = True) -> str:
    """Return a table as CSV, as all files of gep have it: escaped, lines ended by a line feed.

    Numbers stay, and so do numbers that are text, as a source prints them, in the columns ``area``
    and ``value``.

    Parameters
    ----------
    frame : DataFrame
    header : bool, default True
        Whether the first line has the names of the columns.

    Returns
    -------
    str
    """
    return "".join(_parts(frame, header))


def append_csv(path: Path, rows: pd.DataFrame) -> None:
    """Append rows to a CSV in UTF-8; a new file begins with the mark of Excel and the header.

    Parameters
    ----------
    path : Path
    rows : DataFrame
    """
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if is_new:
            file.write(_BYTE_ORDER_MARK)
        file.writelines(_parts(rows, is_new))


def _parts(frame: pd.DataFrame, header: bool) -> Iterator[str]:
    """Yield the text of a table: the header, then some thousand rows at a time."""
    if header:
        names = [_escaped_word(str(name)) for name in frame.columns]
        yield ",".join(names) + "\n"
    for first in range(0, len(frame), _ROWS_AT_ONCE):
        rows = frame.iloc[first : first + _ROWS_AT_ONCE]
        columns = [_cells(column) for _, column in rows.items()]
        if len(columns) == 1:  # a line without anything would be no row
            columns = [[cell or '""' for cell in columns[0]]]
        lines = map(",".join, zip(*columns, strict=True))
        yield "\n".join(lines) + "\n"


def _cells(column: pd.Series) -> list[str]:
    """Return the cells of a column as they are written; one without a value is blank."""
    word: Callable[[str], str] = _escaped_word
    if column.name in _PRINTED_NUMBERS:
        word = _word_or_number
    is_object = column.dtype == object
    is_text = isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype)
    if is_object:
        is_text = pd.api.types.infer_dtype(column) == "string"
    if is_text:
        codes, words = pd.factorize(column)
        distinct = [word(str(value)) for value in words]
        distinct.append("")  # a gap has the code -1
        cells = np.array(distinct, dtype=object)
        texts: list[str] = cells[codes].tolist()
        return texts
    values = column.tolist()
    if is_object:
        texts = [word(value) if isinstance(value, str) else str(value) for value in values]
    else:
        texts = list(map(str, values))
    for position in np.flatnonzero(column.isna()):
        texts[position] = ""
    return texts


def _escaped_word(word: str) -> str:
    """Return a text as a cell: an apostrophe before what would run, in quotes where it must be."""
    cell = f"'{word}" if would_run(word) else word
    if _QUOTED.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _word_or_number(word: str) -> str:
    """Return a text as a cell of a column of numbers: one with a sign is not escaped."""
    return word if _SIGNED_NUMBER.fullmatch(word) else _escaped_word(word)
