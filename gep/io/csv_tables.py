"""Tables written as CSV (写出表格): in UTF-8, no text of which a spreadsheet would run.

A table of a whole country has millions of cells and few different texts: a text is escaped and
quoted once, however many rows have it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from gep.io.distinct_cells import Distinct, is_coded

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8
# Columns whose text is a number as a source prints it, which no spreadsheet takes for a formula.
_PRINTED_NUMBERS = ("area", "value")
_SIGNED_NUMBER = re.compile(r"[+-]\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
# A cell that begins so is run by a spreadsheet; the wide ones by those set to East Asian languages.
_FORMULA_MARKS = tuple("=+-@＝＋－＠")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"  # marks of no width, that may stand before the others
_MARKS = ',"\r\n'  # what a cell is quoted for
_QUOTED = re.compile(f"[{_MARKS}]")
_UNUSUAL_START = re.compile("\0[^\\w\0]")  # of a text after a NUL: no letter and no digit
_ROWS_AT_ONCE = 15_000  # of which the text is in memory
_SAMPLE = 256  # cells that tell whether those of a column repeat
_BYTES = 8  # of most numbers


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
            columns = [[cell or '""' for cell in _written(columns[0])]]
        yield _lines(columns, len(rows))


_Cells = Distinct | list[str]  # of a column, as they are written


def _lines(columns: Sequence[_Cells], count: int) -> str:
    """Return the lines of so many rows; neighbours that repeat are joined for all rows at once."""
    comma = Distinct.same(",", count)
    line_end = Distinct.same("\n", count)
    pieces: list[_Cells] = []
    for column in columns:
        if pieces:
            _append(pieces, comma)
        _append(pieces, column)
    _append(pieces, line_end)
    text = [""] * (count * len(pieces))
    for position, piece in enumerate(pieces):
        text[position :: len(pieces)] = _written(piece)
    return "".join(text)


def _append(pieces: list[_Cells], cells: _Cells) -> None:
    """Append cells to the pieces that lines are made of, or join them with the last piece."""
    if pieces and isinstance(cells, Distinct):
        last = pieces[-1]
        if isinstance(last, Distinct) and last.has_few_pairs(cells):
            pieces[-1] = last.followed_by(cells)
            return
    pieces.append(cells)


def _written(cells: _Cells) -> list[str]:
    """Return the text of each row."""
    if isinstance(cells, Distinct):
        texts: list[str] = cells.cells().tolist()
        return texts
    return cells


def _cells(column: pd.Series) -> _Cells:
    """Return the cells of a column as they are written; one without a value is blank."""
    escape = _escaped_word
    if column.name in _PRINTED_NUMBERS:
        escape = _word_or_number
    dtype = column.dtype
    if is_coded(column):
        return _coded_cells(Distinct.of(column), escape)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf" and dtype.itemsize == _BYTES:
        return _number_cells(column.to_numpy())
    if isinstance(dtype, pd.StringDtype) or pd.api.types.infer_dtype(column) == "string":
        if _is_repeated(column.to_numpy()):
            return _coded_cells(Distinct.of(column), escape)
        texts: list[str] = column.tolist()
        _blank_gaps(texts, column)
        if _may_need_escape(texts):
            return list(map(escape, texts))
        return texts
    escape_once = cache(escape)  # a word such as na stands in many rows
    texts = []
    for value in column.tolist():
        if isinstance(value, str):
            texts.append(escape_once(value))
        else:
            texts.append(str(value))
    _blank_gaps(texts, column)
    return texts


def _coded_cells(coded: Distinct, escape: Callable[[str], str]) -> Distinct:
    """Return the cells of a column of texts that repeat."""
    cells = []
    for word in coded.words.tolist():
        if isinstance(word, str):
            cells.append(escape(word))
        else:
            is_gap = pd.isna(word)
            cells.append("" if is_gap else str(word))
    return coded.with_words(cells)


def _number_cells(numbers: np.ndarray) -> _Cells:
    """Return numbers of eight bytes as they are written, blank where they are NaN."""
    if not _is_repeated(numbers):
        return _number_words(numbers)
    codes, bits = pd.factorize(numbers.view(np.int64))  # of which 0 and -0 have others
    distinct = bits.view(numbers.dtype)
    words = np.array(_number_words(distinct), dtype=object)
    return Distinct(codes, words)


def _number_words(numbers: np.ndarray) -> list[str]:
    """Return the text of each number."""
    words = list(map(repr, numbers.tolist()))
    gaps = np.flatnonzero(np.isnan(numbers))
    for position in gaps.tolist():
        words[position] = ""
    return words


def _is_repeated(values: np.ndarray) -> bool:
    """Return whether most of some cells of a column are the same as others."""
    step = len(values) // _SAMPLE + 1
    sample = values[::step].tolist()
    return 2 * len(set(sample)) <= len(sample)


def _may_need_escape(texts: Sequence[str]) -> bool:
    """Return whether a text of many may have to be escaped or quoted; most columns have none."""
    whole = "\0".join(["", *texts])
    for mark in _MARKS:
        if mark in whole:
            return True
    return _UNUSUAL_START.search(whole) is not None


def _blank_gaps(texts: list[str], column: pd.Series) -> None:
    """Blank the texts of a column where it has no value."""
    gaps = np.flatnonzero(column.isna())
    for position in gaps.tolist():
        texts[position] = ""


def _escaped_word(word: str) -> str:
    """Return a text as a cell: an apostrophe before what would run, in quotes where it must be."""
    cell = f"'{word}" if would_run(word) else word
    if _QUOTED.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _word_or_number(word: str) -> str:
    """Return a text as a cell of a column of numbers: one with a sign is not escaped."""
    return word if _SIGNED_NUMBER.fullmatch(word) else _escaped_word(word)
