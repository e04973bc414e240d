"""The cells of a file as text, from CSV or Excel.

The module owns the door through which every file of a user is read (``check_file``, ``read_file``,
``decode``), paths with sheets, encodings, quotation marks, the number of cells in a row, and what a
sheet shows: hidden rows and number formats. What the columns mean is left to ``tables``.
"""

import csv
import errno
import operator
import os
import re
import stat
import unicodedata
import zipfile
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from xml.parsers import expat

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, Where
from gep.io.distinct_cells import Distinct
from gep.texts.catalogue import Listed, Text, text

LARGEST_FILE = 100 * 2**20  # bytes of a file that is read
_MEGABYTE = 2**20
MAX_COLUMNS = 2000  # of a table
_ROWS_AT_ONCE = 2**16  # of a CSV that are parsed together
_BLOCK = 2**22  # bytes of a CSV that are looked at together
_BESIDE_QUOTES = tuple(b',\n"')  # what may stand outside of a mark that encloses a cell
# A cell in quotation marks, and blanks behind it.
_BLANKS_BEHIND_QUOTES = re.compile(r'((?<![^,\n])"(?:[^"]|"")*+")[^\S\n]*(?=[,\n]|\Z)')
_SMALL = 2**16  # bytes of a CSV that Python has parsed by the time that pandas begins
_MAX_RAGGED_ROWS = 1000  # after so many rows of a wrong width the rest of a file is not read
_SHOWN = 40  # characters of a value that a message shows
_HEADER_SHOWN = 60  # characters of a header that a message shows
_PATH_SHOWN = 200  # characters of a path that a message shows
_ROWS_KEPT = 100  # of a place, whose numbers are kept one by one
_SHEETS_SHOWN = 12  # names of sheets that a message lists
_WHOLE_LIMIT = 1e15  # whole numbers below it are exact as floats, and Excel shows their digits
_DAMAGED = "\ufffd"  # stands for what cannot be decoded
_THREE_BYTES = 0x800  # from this code point on UTF-8 has three bytes
_LAST_ASCII = 0x7F
_CODE_DIGITS = 12  # of a village, the longest code of a region
_LAST_DIGIT = 9
# What a backslash and a letter become in a TOML text: "data\table.csv" has a tab.
_ESCAPES = {"\t": "/t", "\n": "/n", "\r": "/r", "\b": "/b", "\f": "/f"}
_LOOKALIKE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
# Simplified forms among the radicals that Unicode does not fold into characters by itself.
_RADICALS = dict(
    zip(
        "\u2ea0\u2ec1\u2ec4\u2ec5\u2ec6\u2ec9\u2ecb\u2ed1\u2ed3\u2ed4\u2ed7\u2ed8\u2ed9"
        "\u2eda\u2edb\u2edc\u2edd\u2ee2\u2ee3\u2ee4\u2ee5\u2ee6\u2ee8\u2ee9\u2eec\u2eee\u2ef0",
        "民虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙",
        strict=True,
    )
)
LARGEST_PART = 100 * 2**20  # bytes of a part of a workbook, unpacked
MAX_CELLS = 2_000_000  # of a sheet
MAX_ROWS = 1_048_576  # of a sheet, as Excel has them
_LAST_COLUMN = 16_384  # of a sheet, as Excel has them
_MAX_MERGED = 10_000  # ranges of merged cells that are looked at
_SHEETS_SEARCHED = 20  # other sheets whose header is read
_MOST_SHEETS = 100  # of a form
_BOOK = "officeDocument"  # kind of the part that lists the sheets
_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"  # begins the record that ends an archive
_ZIP_END_WITHIN = 2**16 + 22  # bytes at the end of an archive
_LARGEST_DIRECTORY = 2**22  # bytes of the table of contents of an archive
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # of older workbooks, and of those with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")
_ZEROS = ("0", "0.0")
_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NUMBER = re.compile(r"-?\d+(\.\d*)?(e[+-]\d{1,3})?", re.ASCII)
# Number formats. Those that Excel knows by number: percentages, times and dates; 27 to 36 and 50 to
# 58 are the dates of Chinese Excel. The others show a number as it is.
_DATE_FORMATS = (14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58)
_TIME_FORMATS = (18, 19, 20, 21, *range(32, 36), 45, 46, 47, 55, 56)
_BUILT_IN = {
    **dict.fromkeys(map(str, _DATE_FORMATS), "yyyy-m-d"),
    **dict.fromkeys(map(str, _TIME_FORMATS), "h:mm"),
    "9": "0%",
    "10": "0.00%",
}
_FORMATS_KEPT = 4096
_LONGEST_FORMAT = 1000  # characters
_FORMAT_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General|G/通用格式)|(?P<exponent>[eE][+-])|(?P<mark>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d*)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
    "<>": operator.ne,
}  # fmt: skip
_PLACES = "0#?"
_DATE_LETTERS = "ymdhsegba"
_MARK_KINDS = {".": "point", ",": "comma", "%": "percent", "@": "text", "/": "fraction"}
_DIGITS_SHOWN = re.compile(r"\d+(\.\d+)?|\.\d+", re.ASCII)
_NO_UNITS = "-+() ¥￥$€"  # beside a number, they are no unit
_FIRST_DAY = datetime(1899, 12, 30)  # day 0 of Excel from March 1900 on
_FIRST_DAY_1904 = datetime(1904, 1, 1)
_LEAP_DAY = 60
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
        Row numbers as a spreadsheet shows them, the header being row 1; duplicates are dropped, and
        of many rows only the first hundred are kept one by one. Numbers below 0 are of no row that
        one could look at: they stand for what a raster gives.
    column : str, optional
        The column, where one is wrong.

    Returns
    -------
    Place
    """
    numbers = rows if isinstance(rows, np.ndarray | pd.Series) else list(rows)
    different = np.asarray(numbers, dtype=int)
    if not (np.diff(different) > 0).all():
        different = np.unique(different)
    different = different[different >= 0]
    kept = different[:_ROWS_KEPT].tolist()
    return Place(label, tuple(kept), column, more=len(different) - len(kept))


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
    file: Path,
    place: Where,
    problems: ProblemLog,
    *,
    may_be_empty: bool = False,
    largest: int = LARGEST_FILE,
) -> bool:
    """Check that a path leads to a regular file of a size that can be read.

    Parameters
    ----------
    file : Path
        The path, without a sheet.
    place : str or Sayable
        The file as messages name it.
    problems : ProblemLog
        Receives ``missing-file``, ``not-a-file``, ``empty-file``, ``cannot-read`` or
        ``file-format``.
    may_be_empty : bool, default False
        Whether a file of 0 bytes passes.
    largest : int, optional
        Bytes of the largest file that passes.

    Returns
    -------
    bool
        Whether the file can be read; if not, a problem was added.
    """
    name = printable(file, _PATH_SHOWN)
    try:
        state = os.stat(file)
    except PermissionError as error:
        problems.add("cannot-read", place, "io.cannot-read", reason=system_reason(error))
        return False
    except (OSError, ValueError):  # also a name that is too long, or has a character 0
        _report_missing(file, place, problems)
        return False
    if stat.S_ISDIR(state.st_mode):
        problems.add("not-a-file", place, "io.folder-not-file", file=name)
    elif not stat.S_ISREG(state.st_mode):
        problems.add("not-a-file", place, "io.special-file", file=name)
    elif state.st_size == 0 and not may_be_empty:
        problems.add("empty-file", place, "io.empty-file")
    elif state.st_size > largest:
        megabytes = {"megabytes": state.st_size // _MEGABYTE, "limit": largest // _MEGABYTE}
        problems.add("file-format", place, "io.large-file", **megabytes)
    else:
        return True
    return False


def _report_missing(file: Path, place: Where, problems: ProblemLog) -> None:
    """Report a file that does not exist, and that its path may have lost a backslash."""
    if any(mark in _ESCAPES for mark in file.name):
        right = "".join(_ESCAPES.get(mark, mark) for mark in file.name)
        problems.add("missing-file", place, "io.backslash-lost", path=printable(right, _PATH_SHOWN))
        return
    problems.add("missing-file", place, "io.missing-file", file=printable(file, _PATH_SHOWN))


def read_file(
    file: Path,
    place: Where,
    problems: ProblemLog,
    *,
    may_be_empty: bool = False,
    largest: int = LARGEST_FILE,
) -> bytes | None:
    """Read the bytes of a file: the door through which every file of a user comes in.

    Parameters
    ----------
    file : Path
        The path, without a sheet.
    place : str or Sayable
        The file as messages name it.
    problems : ProblemLog
        Receives what ``check_file`` finds, and ``cannot-read``.
    may_be_empty : bool, default False
        Whether a file of 0 bytes passes.
    largest : int, optional
        Bytes of the largest file that is read.

    Returns
    -------
    bytes or None
        None if the file cannot be read; a problem was added.
    """
    if not check_file(file, place, problems, may_be_empty=may_be_empty, largest=largest):
        return None
    try:
        content = file.read_bytes()
    except OSError as error:
        problems.add("cannot-read", place, "io.cannot-read", reason=system_reason(error))
        return None
    problems.note_read(file, content)
    return content


def read_regular(file: Path) -> bytes:
    """Read the bytes of a regular file, for readers that word their problems themselves.

    Parameters
    ----------
    file : Path

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        If the file is missing, no regular file (a pipe would never end), too large, or cannot be
        read.
    """
    state = os.stat(file)
    if not stat.S_ISREG(state.st_mode):
        number = errno.EISDIR if stat.S_ISDIR(state.st_mode) else errno.EINVAL
        raise OSError(number, os.strerror(number), str(file))
    if state.st_size > LARGEST_FILE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return file.read_bytes()


def rows_of_codes(data: bytes, codes: Collection[str]) -> tuple[bytes, np.ndarray] | None:
    """Cut a CSV to the rows whose first cell is one of some codes.

    Nothing else is read, which takes a fraction of a second where parsing takes many.

    Parameters
    ----------
    data : bytes
        The file.
    codes : collection of str
        Codes of digits.

    Returns
    -------
    (bytes, ndarray of int) or None
        The header and these rows, and their numbers (the header is row 1). None where a first cell
        is no plain code of digits (it may be a code in another spelling), or a cell has several
        lines.
    """
    if not all(code.isascii() and code.isdigit() for code in codes):
        return None
    if max(map(len, codes), default=_CODE_DIGITS) > _CODE_DIGITS:
        return None
    marks = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(marks == ord("\n"))
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    if b'"' in data:  # most files have none
        quotes = np.flatnonzero(marks == ord('"'))
        if (np.searchsorted(quotes, ends) % 2).any():
            return None
    starts = ends[:-1] + 1
    is_filled = ends[1:] - starts > 1
    starts = starts[is_filled]
    code_of_rows = _leading_codes(marks, starts)
    if code_of_rows is None:
        return None
    wanted = [_numbered(int(code), len(code)) for code in codes]
    chosen = np.flatnonzero(np.isin(code_of_rows, wanted))
    lines = [data[: ends[0] + 1]]
    rows = np.flatnonzero(is_filled)[chosen]
    for row in rows.tolist():
        lines.append(data[ends[row] + 1 : ends[row + 1] + 1])
    return b"".join(lines), rows + 2


def _leading_codes(marks: np.ndarray, starts: np.ndarray) -> np.ndarray | None:
    """Read the code that each line begins with (see ``_numbered``); None if one is no code."""
    number = np.zeros(len(starts), dtype=np.int64)
    length = np.zeros(len(starts), dtype=np.int64)
    is_open = np.ones(len(starts), dtype=bool)
    last = len(marks) - 1
    for offset in range(_CODE_DIGITS + 1):
        letters = marks[np.minimum(starts + offset, last)]
        digits = letters - np.uint8(ord("0"))  # other letters are beyond 9
        is_open &= letters != ord(",")
        if (is_open & (digits > _LAST_DIGIT)).any():
            return None
        number[is_open] = number[is_open] * 10 + digits[is_open]
        length[is_open] += 1
        if not is_open.any():
            break
    return None if (length == 0).any() else np.asarray(_numbered(number, length))


def _numbered(number: Any, length: Any) -> Any:
    """Return a code as one number: its digits, and how many there are, for the zeros in front."""
    return number * (_CODE_DIGITS + 2) + length


def decode(
    file: Path,
    label: str,
    problems: ProblemLog,
    *,
    may_be_empty: bool = False,
    largest: int = LARGEST_FILE,
) -> str | None:
    """Read the text of a file that is encoded in UTF-8 or GBK.

    Letters that only look like Chinese characters, as they come out of a PDF, are replaced by the
    characters.

    Parameters
    ----------
    file : Path
        The file.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives what ``read_file`` finds, ``encoding`` and the warning ``gbk``.
    may_be_empty : bool, default False
        Whether a file of 0 bytes passes.
    largest : int, optional
        Bytes of the largest file that is read.

    Returns
    -------
    str or None
        None if the file cannot be read as text.
    """
    data = read_file(file, label, problems, may_be_empty=may_be_empty, largest=largest)
    if data is None:
        return None
    if data.startswith((_ZIP, _OLE)):
        problems.add("file-format", label, "io.workbook-as-text", suffix=file.suffix)
        return None
    kind = "-toml" if file.suffix.lower() == ".toml" else ""  # Excel is no advice for a TOML
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add("encoding", label, f"io.utf-16{kind}")
        return None
    if b"\x00" in data:  # a binary file
        problems.add("encoding", label, f"io.not-text{kind}")
        return None
    try:
        return plain_letters(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    damaged = _damaged_rows(data)
    if damaged:
        row = damaged[0]
        line = data.split(b"\n", row)[row - 1].decode("utf-8", "replace")
        shown = printable(line.strip(), _HEADER_SHOWN)
        problems.add("encoding", row_place(label, damaged), "io.damaged-utf-8", line=shown)
        return None
    try:
        content = data.decode("gb18030")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        problems.add("encoding", row_place(label, [row]), f"io.not-text{kind}")
        return None
    if not _is_chinese(content):
        _report_western(data, label, problems)
        return None
    problems.add("gbk", label, f"io.gbk{kind}")
    return plain_letters(content)


def _damaged_rows(data: bytes) -> list[int]:
    """Return the rows of a UTF-8 text that hold damaged characters; none if it is no UTF-8.

    Chinese has three bytes a character in UTF-8, which other encodings do not give by chance.
    """
    content = data.decode("utf-8", "replace")
    damaged = content.count(_DAMAGED)
    letters = np.frombuffer(content.encode("utf-16-le", "replace"), dtype="<u2")
    whole = int((letters >= _THREE_BYTES).sum()) - damaged
    if whole < damaged or not damaged:
        return []
    rows = []
    for row, line in enumerate(content.split("\n"), 1):
        if _DAMAGED in line:
            rows.append(row)
    return rows


def _is_chinese(content: str) -> bool:
    """Return whether the letters of a text read as GBK are mostly those of the common set."""
    letters = {letter for letter in content if not letter.isascii()}
    common = 0
    for letter in letters:
        try:
            letter.encode("gb2312")
        except UnicodeEncodeError:
            continue
        common += 1
    return 2 * common >= len(letters)


def _report_western(data: bytes, label: str, problems: ProblemLog) -> None:
    """Report a text with single letters such as ü, saved by a Western Windows."""
    position = next(number for number, byte in enumerate(data) if byte > _LAST_ASCII)
    row = data.count(b"\n", 0, position) + 1
    line = data.split(b"\n", row)[row - 1]
    values = {
        "western": printable(line.decode("cp1252", "replace").strip(), _HEADER_SHOWN),
        "chinese": printable(line.decode("gb18030", "replace").strip(), _HEADER_SHOWN),
    }
    problems.add("encoding", row_place(label, [row]), "io.western", **values)


def plain_letters(content: str) -> str:
    """Replace letters that only look like Chinese characters by the characters.

    Kangxi radicals (康熙部首) and compatibility ideographs look the same on the screen, match no
    name, and come with text that is copied out of a PDF.

    Parameters
    ----------
    content : str

    Returns
    -------
    str
    """
    if _LOOKALIKE.search(content) is None:
        return content
    return _LOOKALIKE.sub(lambda match: _plain_letter(match.group()), content)


def _plain_letter(letter: str) -> str:
    """Return the Chinese character that a radical or a compatibility ideograph looks like."""
    return _RADICALS.get(letter) or unicodedata.normalize("NFKC", letter)


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
    end = content.find("\n")
    first_line = content if end < 0 else content[:end]
    try:
        header = [name.strip() for name in next(csv.reader([first_line]), [])]
    except csv.Error:
        problems.add("file-format", label, "io.first-line-too-long", count=len(first_line))
        return None
    if len(header) > MAX_COLUMNS:
        problems.add("file-format", label, "io.too-many-columns", limit=MAX_COLUMNS)
        return None
    if len(header) == 1 and any(mark in first_line for mark in ";\t，"):
        shown = printable(first_line, _HEADER_SHOWN)
        problems.add("separator", label, "io.separator", header=shown)
        return None
    return header


def csv_cells(data: bytes, width: int, label: str, problems: ProblemLog) -> list[Distinct] | None:
    r"""Read the cells below the header of a CSV.

    Parameters
    ----------
    data : bytes
        The text of the file in UTF-8, its lines ended by ``\n``.
    width : int
        Number of cells of the header.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``quotes`` or ``ragged-row``.

    Returns
    -------
    list of Distinct or None
        A column for each cell of the header. None if quotation marks or the number of cells do not
        fit.
    """
    cells = None
    if len(data) > _SMALL and _has_regular_rows(data, width):
        cells = _parse(data, width)
    return _parse_rows(data.decode(), width, label, problems) if cells is None else cells


def _has_regular_rows(data: bytes, width: int) -> bool:
    """Return whether every line that is not blank has as many cells as the header.

    The CSV reader of pandas would accept other lines in silence, and text beside the quotation
    marks of a cell. Blocks of the file are looked at in turn; what the last line of a block holds
    so far is carried into the next.
    """
    quotes = commas = length = 0
    for start in range(0, len(data), _BLOCK):
        marks = np.frombuffer(data, np.uint8, min(_BLOCK, len(data) - start), start)
        is_line_end = marks == ord("\n")
        is_comma = marks == ord(",")
        is_quote = marks == ord('"')
        if quotes % 2 or is_quote.any():
            if not _enclose_cells(np.flatnonzero(is_quote) + start, quotes, data):
                return False
            is_unquoted = (np.cumsum(is_quote, dtype=np.int64) + quotes) % 2 == 0
            is_line_end &= is_unquoted
            is_comma &= is_unquoted
            quotes += int(is_quote.sum())
        ends = np.flatnonzero(is_line_end)
        commas_so_far = np.cumsum(is_comma, dtype=np.int64)
        if len(ends):
            lengths = np.diff(ends, prepend=-1) - 1
            counts = np.diff(commas_so_far[ends], prepend=0)
            lengths[0] += length
            counts[0] += commas
            if not ((counts == width - 1) | (lengths == 0)).all():
                return False
            commas = -int(commas_so_far[ends[-1]])
            length = -int(ends[-1]) - 1
        commas += int(commas_so_far[-1])
        length += len(marks)
    return length == 0 or commas == width - 1


def _enclose_cells(places: np.ndarray, before: int, data: bytes) -> bool:
    """Return whether quotation marks open and close whole cells, or are doubled within one.

    ``places`` are theirs in the data, and ``before`` is how many come before them.
    """
    first = before % 2
    opening = places[first::2]
    closing = places[1 - first :: 2]
    outside = np.concatenate([opening[opening > 0] - 1, closing[closing < len(data) - 1] + 1])
    marks = np.frombuffer(data, np.uint8)[outside]
    return bool(np.isin(marks, _BESIDE_QUOTES).all())


def _parse(data: bytes, width: int) -> list[Distinct] | None:
    """Parse the lines below the header, many at a time; None if pandas cannot."""
    parts: list[list[Distinct]] = [[] for _ in range(width)]
    try:
        pieces = pd.read_csv(
            BytesIO(data),
            header=None,
            names=range(width),
            index_col=False,
            skiprows=1,
            dtype=object,  # texts of Python: columns of text would be copied to memory of Arrow
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
            low_memory=False,
            chunksize=_ROWS_AT_ONCE,
        )
        for piece in pieces:
            for position, of_column in enumerate(parts):
                of_column.append(Distinct.of(piece[position].to_numpy(dtype=object)))
    except (pd.errors.ParserError, ValueError):
        return None
    return [Distinct.join(of_column) for of_column in parts]


def _parse_rows(
    content: str, width: int, label: str, problems: ProblemLog
) -> list[Distinct] | None:
    """Parse row by row, which tells the rows whose quotation marks or cells do not fit."""
    parts: list[list[Distinct]] = []
    records: list[list[str]] = []
    ragged: dict[int, int] = {}  # how many cells rows have that do not fit
    row = 0
    try:
        for record in _records(content):
            row += 1
            if len(record) != width and not any(cell.strip() for cell in record):
                record = [""] * width
            if len(record) != width:
                ragged[row] = len(record)
                if len(ragged) > _MAX_RAGGED_ROWS:
                    break
            elif row > 1:
                records.append(record)
            if len(records) == _ROWS_AT_ONCE:
                parts.append(_columns_of(records, width))
                records = []
    except csv.Error:
        plain = _BLANKS_BEHIND_QUOTES.sub(r"\1", content)
        if plain != content:
            return _parse_rows(plain, width, label, problems)
        problems.add("quotes", row_place(label, [row + 1]), "io.quotes")
        return None
    if ragged:
        row = min(ragged)
        problems.add(
            "ragged-row",
            row_place(label, list(ragged)),
            "io.ragged-row",
            row=row,
            cells=ragged[row],
            columns=width,
        )
        return None
    if records or not parts:
        parts.append(_columns_of(records, width))
    return [Distinct.join(of_column) for of_column in zip(*parts, strict=True)]


def _records(content: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV, whose cells may be as long as it is."""
    limit = csv.field_size_limit()
    csv.field_size_limit(max(limit, len(content)))
    try:
        yield from csv.reader(StringIO(content), strict=True)
    finally:
        csv.field_size_limit(limit)


def _columns_of(records: Sequence[Sequence[str]], width: int) -> list[Distinct]:
    """Return the columns of rows."""
    cells = np.array(records, dtype=object).reshape(-1, width)
    return [Distinct.of(column) for column in cells.T]


# --- sheets -------------------------------------------------------------------------------------


class Display(NamedTuple):
    """A number that a sheet shows in another way than it holds it (数字格式).

    Attributes
    ----------
    shown : str
        What the sheet shows.
    held : str
        The number in the cell.
    unit : str
        What the format writes beside the number, such as ``万元``; blank where the digits
        themselves differ.
    """

    shown: str
    held: str
    unit: str = ""


@dataclass(frozen=True)
class SheetCells:
    """The cells of a sheet as text; cells that are blank are left out.

    Attributes
    ----------
    title : str
        Name of the sheet.
    is_hidden : bool
    rows, columns : ndarray of int, shape (cells,)
        Row and column of each cell, both from 1, in the order of the sheet.
    cells : ndarray of str, shape (cells,)
        Text of each cell, stripped.
    displays : mapping of (int, int) to Display
        By row and column, the numbers that are shown in another way.
    hidden_rows, hidden_columns : frozenset of int
    uncalculated : tuple of (int, int)
        Cells whose formula was never calculated.
    merged : tuple of (int, int, int, int)
        Ranges of merged cells: first row, first column, last row, last column.
    headers : mapping of str to tuple of str
        The first rows of the other sheets that are not hidden, by name of the sheet; empty where
        the user named the sheet.
    """

    title: str
    is_hidden: bool
    rows: np.ndarray
    columns: np.ndarray
    cells: np.ndarray
    displays: Mapping[tuple[int, int], Display]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    uncalculated: tuple[tuple[int, int], ...]
    merged: tuple[tuple[int, int, int, int], ...]
    headers: Mapping[str, tuple[str, ...]]

    def top(self, count: int) -> list[list[str]]:
        """Return the first rows, each up to its last cell that is not blank."""
        top: list[list[str]] = [[] for _ in range(count)]
        for position in np.flatnonzero(self.rows <= count):
            record = top[self.rows[position] - 1]
            column = int(self.columns[position])
            record.extend([""] * (column - len(record)))
            record[column - 1] = self.cells[position]
        return top


class _BookFault(Exception):
    """A reason not to read a workbook: key of a message, and its values."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class _EnoughRead(Exception):
    """Ends the reading of a sheet of which only the first row is asked for."""


def is_zip(file: Path) -> bool:
    """Return whether a file begins as a zip archive does, as a newer workbook is one."""
    try:
        with file.open("rb") as stream:
            return stream.read(len(_ZIP)) == _ZIP
    except OSError:
        return False


def read_sheet(
    file: Path, sheet: str | None, label: str, problems: ProblemLog
) -> SheetCells | None:
    """Read a sheet of an Excel workbook.

    Parameters
    ----------
    file : Path
        An ``.xlsx`` or ``.xlsm`` workbook, also in the form called Strict Open XML.
    sheet : str or None
        Name of the sheet; None is the first that is not hidden.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``cannot-read``, ``missing-sheet`` or ``file-format``.

    Returns
    -------
    SheetCells or None
        None if the sheet cannot be read.
    """

    def read(book: _Workbook) -> SheetCells | None:
        entry = _chosen_entry(book, sheet, label, problems)
        if entry is None:
            return None
        reader = _SheetReader(book)
        reader.read(entry)
        headers = {} if sheet is not None else _other_headers(book, entry)
        return reader.sheet(entry, headers)

    return _from_workbook(file, label, problems, read)


def read_tops(
    file: Path, count: int, label: str, problems: ProblemLog
) -> dict[str, list[list[str]]] | None:
    """Read the first rows of every sheet of an Excel workbook, hidden ones among them.

    Parameters
    ----------
    file : Path
    count : int
        Number of rows.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``missing-file``, ``cannot-read`` or ``file-format``.

    Returns
    -------
    dict of str to list of list of str, or None
        By title of the sheet, each row up to its last cell that is not blank. None if the workbook
        cannot be read.
    """

    def read(book: _Workbook) -> dict[str, list[list[str]]]:
        tops = {}
        for entry in book.entries[:_MOST_SHEETS]:
            reader = _SheetReader(book, last_row=count)
            reader.read(entry)
            tops[entry.title] = reader.sheet(entry, {}).top(count)
        return tops

    return _from_workbook(file, label, problems, read)


Read = TypeVar("Read")


def _from_workbook(
    file: Path, label: str, problems: ProblemLog, read: Callable[["_Workbook"], Read]
) -> Read | None:
    """Read something from a workbook; None with a problem if that fails."""
    content = read_file(file, label, problems)
    if content is None:
        return None
    try:
        _refuse_other_formats(content)
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return read(_Workbook(archive))
    except _BookFault as fault:
        problems.add("file-format", label, fault.message, **fault.values)
    except Exception as error:  # a damaged workbook fails anywhere in zip or XML
        reason = type(error).__name__
        problems.add("file-format", label, "io.damaged-workbook", reason=reason)
    return None


def _refuse_other_formats(content: bytes) -> None:
    """Raise a fault if a file is no zip archive, or one with too long a table of contents."""
    if content.startswith(_OLE):
        is_encrypted = _ENCRYPTED in content
        raise _BookFault("io.password" if is_encrypted else "io.old-workbook")
    if not content.startswith(_ZIP):
        if b"\x00" in content[:_BLOCK]:
            raise _BookFault("io.damaged-workbook", reason="BadZipFile")
        raise _BookFault("io.text-as-workbook")
    end = content[-_ZIP_END_WITHIN:]
    position = end.rfind(_ZIP_END)
    directory = int.from_bytes(end[position + 12 : position + 16], "little")
    if position >= 0 and directory > _LARGEST_DIRECTORY:
        raise _BookFault("io.damaged-workbook", reason="LargeZipFile")


class _SheetEntry(NamedTuple):
    """A sheet in the table of contents of a workbook, and the part of the archive that holds it."""

    title: str
    is_hidden: bool
    part: str


class _Workbook:
    """What the sheets of a workbook share: texts, number formats, and the system of dates."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts = {_part_key(name): name for name in archive.namelist()}
        self.entries: list[_SheetEntry] = []
        self.texts: list[str] = []
        self.formats: list[str] = []  # the format of each style of cells; blank shows as it is
        self.has_dates_of_1904 = False
        contents = [part for kind, part in self._targets("_rels/.rels").values() if kind == _BOOK]
        part = contents[0] if contents else "xl/workbook.xml"
        if part not in self._parts or not part.endswith(".xml"):
            raise _BookFault("io.not-xlsx")
        home, _, name = part.rpartition("/")
        targets = self._targets(f"{home}/_rels/{name}.rels", home)
        self._read_entries(part, targets)
        for kind, part in targets.values():
            if kind == "sharedStrings" and part in self._parts:
                self._read_texts(part)
            elif kind == "styles" and part in self._parts:
                self._read_formats(part)

    def parse(
        self,
        part: str,
        start: Callable[[str, Mapping[str, str]], object],
        end: Callable[[str], object] = str,
        letters: Callable[[str], object] = str,
    ) -> None:
        """Parse a part of the archive; the functions receive elements without their namespace."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, values: start(name.rpartition(":")[2], values)
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        parser.CharacterDataHandler = letters
        parser.StartDoctypeDeclHandler = _refuse_entities
        remaining = LARGEST_PART
        with self._archive.open(self._parts[part]) as stream:
            while block := stream.read(_BLOCK):
                remaining -= len(block)
                if remaining < 0:
                    megabytes = LARGEST_PART // _MEGABYTE
                    raise _BookFault("io.large-sheet", limit=megabytes)
                parser.Parse(block, False)
            parser.Parse(b"", True)

    def _targets(self, part: str, home: str = "") -> dict[str, tuple[str, str]]:
        """Return by id the kind and the part of everything that the workbook refers to."""
        targets: dict[str, tuple[str, str]] = {}

        def start(name: str, values: Mapping[str, str]) -> None:
            if name == "Relationship":
                target = values.get("Target", "").replace("\\", "/")
                path = target if target.startswith("/") else f"{home}/{target}"
                kind = values.get("Type", "").rpartition("/")[2]
                targets[values.get("Id", "")] = (kind, _part_key(os.path.normpath(path)))

        if part in self._parts:
            self.parse(part, start)
        return targets

    def _read_entries(self, part: str, targets: Mapping[str, tuple[str, str]]) -> None:
        """Read the names of the sheets; sheets of charts are none."""

        def start(name: str, values: Mapping[str, str]) -> None:
            if name == "workbookPr":
                self.has_dates_of_1904 = values.get("date1904", "0") in _TRUE
            elif name == "sheet":
                ids = [value for key, value in values.items() if key.endswith(":id")]
                kind, target = targets.get(ids[0] if ids else "", ("", ""))
                if kind == "worksheet" and target in self._parts:
                    is_hidden = values.get("state", "visible") != "visible"
                    self.entries.append(_SheetEntry(values.get("name", ""), is_hidden, target))

        self.parse(part, start)

    def _read_texts(self, part: str) -> None:
        """Read the texts that cells refer to by number, without how they are pronounced."""
        pieces: list[str] = []
        depth = {"t": 0, "rPh": 0}

        def start(name: str, values: Mapping[str, str]) -> None:
            if name == "si":
                pieces.clear()
            elif name in depth:
                depth[name] += 1

        def end(name: str) -> None:
            if name == "si":
                self.texts.append(_unescaped("".join(pieces)).strip())
            elif name in depth:
                depth[name] -= 1

        def letters(content: str) -> None:
            if depth["t"] and not depth["rPh"]:
                pieces.append(content)

        self.parse(part, start, end, letters)

    def _read_formats(self, part: str) -> None:
        """Read the number format of each style of cells."""
        codes: dict[str, str] = {}
        inside: list[str] = []

        def start(name: str, values: Mapping[str, str]) -> None:
            if name == "numFmt" and "dxf" not in inside:
                codes[values.get("numFmtId", "")] = values.get("formatCode", "")
            elif name in ("cellXfs", "dxf"):
                inside.append(name)
            elif name == "xf" and inside == ["cellXfs"]:
                number = values.get("numFmtId", "0")
                code = codes.get(number) or _BUILT_IN.get(number, "")
                self.formats.append("" if _is_plain(code) else code)

        def end(name: str) -> None:
            if inside and inside[-1] == name:
                inside.pop()

        self.parse(part, start, end)

    def format(self, style: str) -> str:
        """Return the number format of a style of cells; blank if it shows a number as it is."""
        number = int(style)
        return self.formats[number] if number < len(self.formats) else ""


def _refuse_entities(*declaration: object) -> None:
    """Refuse a part that declares entities, which could grow without limit; no workbook does."""
    raise _BookFault("io.damaged-workbook", reason="DOCTYPE")


def _part_key(name: str) -> str:
    """Return the name of a part in the spelling in which names are compared."""
    return name.replace("\\", "/").lstrip("/").lower()


def _unescaped(content: str) -> str:
    """Return a text of a workbook with its characters written as ``_x000D_`` put in."""
    if "_x" not in content:
        return content
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), content)


def _chosen_entry(
    book: _Workbook, sheet: str | None, label: str, problems: ProblemLog
) -> _SheetEntry | None:
    """Return the sheet that the user named, or the first that is not hidden."""
    if not book.entries:
        problems.add("missing-sheet", label, "io.no-sheet")
        return None
    if sheet:
        named = [entry for entry in book.entries if entry.title == sheet]
        if named:
            return named[0]
        listed = Listed(tuple(entry.title for entry in book.entries), _SHEETS_SHOWN)
        problems.add("missing-sheet", label, "io.missing-sheet", sheet=sheet, sheets=listed)
        return None
    visible = [entry for entry in book.entries if not entry.is_hidden]
    return visible[0] if visible else book.entries[0]


def _other_headers(book: _Workbook, chosen: _SheetEntry) -> dict[str, tuple[str, ...]]:
    """Return the first rows of the other sheets that are not hidden."""
    headers = {}
    visible = [entry for entry in book.entries if not entry.is_hidden and entry != chosen]
    for entry in visible[:_SHEETS_SEARCHED]:
        reader = _SheetReader(book, last_row=1)
        reader.read(entry)
        headers[entry.title] = tuple(reader.sheet(entry, {}).top(1)[0])
    return headers


class _SheetReader:
    """Gathers the cells of a sheet from its XML; ``last_row`` ends the reading early."""

    def __init__(self, book: _Workbook, last_row: int = MAX_ROWS) -> None:
        self._book = book
        self._last_row = last_row
        self._rows = array("l")
        self._columns = array("l")
        self._cells: list[str] = []
        self._displays: dict[tuple[int, int], Display] = {}
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._uncalculated: list[tuple[int, int]] = []
        self._merged: list[tuple[int, int, int, int]] = []
        self._row = 0
        self._column = 0
        self._kind = "n"
        self._style = ""
        self._has_formula = False
        self._is_collecting = False
        self._is_phonetic = False
        self._pieces: list[str] = []
        self._starts: dict[str, Callable[[Mapping[str, str]], object]] = {
            "row": self._start_row,
            "c": self._start_cell,
            "f": self._start_formula,
            "v": self._start_text,
            "t": self._start_text,
            "rPh": self._start_phonetic,
            "col": self._start_column,
            "mergeCell": self._start_merged,
        }

    def read(self, entry: _SheetEntry) -> None:
        """Read the part of the archive that holds a sheet."""
        with suppress(_EnoughRead):
            self._book.parse(entry.part, self._start, self._end, self._letters)

    def sheet(self, entry: _SheetEntry, headers: Mapping[str, tuple[str, ...]]) -> SheetCells:
        """Return what was read."""
        cells = np.empty(len(self._cells), dtype=object)
        cells[:] = self._cells
        return SheetCells(
            title=entry.title,
            is_hidden=entry.is_hidden,
            rows=np.array(self._rows, dtype=int),
            columns=np.array(self._columns, dtype=int),
            cells=cells,
            displays=self._displays,
            hidden_rows=frozenset(self._hidden_rows),
            hidden_columns=frozenset(self._hidden_columns),
            uncalculated=tuple(self._uncalculated),
            merged=tuple(self._merged),
            headers=headers,
        )

    def _start(self, name: str, values: Mapping[str, str]) -> None:
        """Receive the start of an element."""
        receive = self._starts.get(name)
        if receive is not None:
            receive(values)

    def _end(self, name: str) -> None:
        """Receive the end of an element."""
        if name == "c":
            self._end_cell()
        elif name in ("v", "t"):
            self._is_collecting = False
        elif name == "rPh":
            self._is_phonetic = False

    def _letters(self, content: str) -> None:
        """Receive text."""
        if self._is_collecting:
            self._pieces.append(content)

    def _start_row(self, values: Mapping[str, str]) -> None:
        self._row = int(values["r"]) if "r" in values else self._row + 1
        self._column = 0
        if self._row > self._last_row:
            raise _EnoughRead
        if values.get("hidden", "0") in _TRUE or values.get("ht") in _ZEROS:
            self._hidden_rows.add(self._row)

    def _start_cell(self, values: Mapping[str, str]) -> None:
        reference = values.get("r")
        self._column = _column_number(reference) if reference else self._column + 1
        self._kind = values.get("t", "n")
        self._style = values.get("s", "0")
        self._has_formula = False
        self._pieces.clear()

    def _start_formula(self, values: Mapping[str, str]) -> None:
        self._has_formula = True

    def _start_text(self, values: Mapping[str, str]) -> None:
        self._is_collecting = not self._is_phonetic

    def _start_phonetic(self, values: Mapping[str, str]) -> None:
        self._is_phonetic = True

    def _start_column(self, values: Mapping[str, str]) -> None:
        if values.get("hidden", "0") in _TRUE or values.get("width") in _ZEROS:
            last = min(int(values["max"]), _LAST_COLUMN)
            self._hidden_columns.update(range(int(values["min"]), last + 1))

    def _start_merged(self, values: Mapping[str, str]) -> None:
        first, _, last = values.get("ref", "").partition(":")
        if last and len(self._merged) < _MAX_MERGED:
            corners = (_row_number(first), _column_number(first))
            self._merged.append((*corners, _row_number(last), _column_number(last)))

    def _end_cell(self) -> None:
        """Keep the text of a cell, and how its number is shown."""
        content = "".join(self._pieces)
        spot = (self._row, self._column)
        if not content:
            if self._has_formula and self._kind != "str":
                self._uncalculated.append(spot)
            return
        display = None
        if self._kind == "s":
            cell = self._book.texts[int(content)]
        elif self._kind == "n":
            cell = number_text(content)
            code = self._book.format(self._style)
            if code:
                cell, display = _displayed(cell, code, self._book.has_dates_of_1904)
        elif self._kind == "d":
            cell = content.removesuffix("T00:00:00").replace("T", " ")
        elif self._kind == "b":
            cell = "TRUE" if content in _TRUE else "FALSE"
        else:
            cell = _unescaped(content).strip()
        if not cell:
            return
        if display is not None:
            self._displays[spot] = display
        if len(self._cells) >= MAX_CELLS:
            raise _BookFault("io.too-many-cells", limit=MAX_CELLS)
        self._rows.append(self._row)
        self._columns.append(self._column)
        self._cells.append(cell)


def number_text(content: str) -> str:
    """Return a number as text; whole numbers have no decimal point.

    Parameters
    ----------
    content : str
        The number as a workbook stores it.

    Returns
    -------
    str
    """
    if content.isascii() and content.isdigit():
        return content.lstrip("0") or "0"
    number = float(content)
    if number.is_integer() and abs(number) < _WHOLE_LIMIT:
        return str(int(number))
    return str(number)


@lru_cache(maxsize=2**15)
def _column_letters_number(letters: str) -> int:
    """Return the number of a column from its letters: ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column from its number: 27 is ``AA``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, len(_CAPITALS))
        letters = _CAPITALS[rest] + letters
    return letters


def _column_number(reference: str) -> int:
    """Return the number of the column of a cell such as ``D2``."""
    number = _column_letters_number(reference.rstrip(_DIGITS).replace("$", "").upper())
    if not 0 < number <= _LAST_COLUMN:
        raise ValueError(reference)
    return number


def _row_number(reference: str) -> int:
    """Return the number of the row of a cell such as ``D2``."""
    return int(reference.lstrip("$" + _LETTERS).lstrip("$"))


# --- number formats -----------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A part of a number format: what it is, and what it writes."""

    kind: str
    mark: str


@dataclass(frozen=True)
class _Section:
    """How a number format shows the numbers of one sign, or of a condition."""

    pieces: tuple[_Piece, ...]
    condition: tuple[str, float] | None = None
    is_colored: bool = False

    def kinds(self) -> set[str]:
        """Return what occurs in the section."""
        return {piece.kind for piece in self.pieces}


@lru_cache(maxsize=_FORMATS_KEPT)
def _sections(code: str) -> tuple[_Section, ...]:
    """Split a number format into its sections."""
    sections = []
    pieces: list[_Piece] = []
    condition = None
    is_colored = False
    for match in _FORMAT_TOKEN.finditer(code[:_LONGEST_FORMAT] + ";"):
        kind = match.lastgroup or ""
        mark = match.group(kind) if kind else ""
        if mark == ";" and kind == "mark":
            sections.append(_Section(tuple(pieces), condition, is_colored))
            pieces = []
            condition = None
            is_colored = False
        elif kind == "bracket" and mark[:1] in ("<", ">", "="):
            condition = _condition(mark)
        elif kind == "bracket" and mark.startswith("$"):
            pieces.append(_Piece("literal", mark[1:].partition("-")[0]))
        elif kind == "bracket" and set(mark.lower()) <= set("hms"):
            pieces.append(_Piece("date", mark))
        elif kind == "bracket":
            is_colored = is_colored or not mark.upper().startswith("DBNUM")
        elif kind:
            pieces.append(_piece(kind, mark))
    return tuple(sections)


def _condition(mark: str) -> tuple[str, float] | None:
    """Read the condition of a section, such as ``>=10000``."""
    match = _CONDITION.fullmatch(mark)
    return (match.group(1), float(match.group(2))) if match else None


def _piece(kind: str, mark: str) -> _Piece:
    """Return a part of a number format; letters of dates stand for themselves only in quotes."""
    if kind in ("quoted", "escaped"):
        return _Piece("literal", mark)
    if kind != "mark":
        return _Piece(kind, mark)
    if mark in _PLACES:
        return _Piece("digit", mark)
    if mark.lower() in _DATE_LETTERS:
        return _Piece("date", mark.lower())
    return _Piece(_MARK_KINDS.get(mark, "literal"), mark)


@lru_cache(maxsize=_FORMATS_KEPT)
def _is_plain(code: str) -> bool:
    """Return whether a format shows every number with its own digits, rounded at most."""
    sections = _sections(code)
    if not code or len(sections) > 4:
        return not code
    for section in sections[:2]:
        kinds = section.kinds()
        literals = "".join(piece.mark for piece in section.pieces if piece.kind == "literal")
        has_number = bool(kinds & {"digit", "general", "text"})
        if not has_number or kinds & {"percent", "date"} or section.condition is not None:
            return False
        if any(letter.isalnum() or letter in ".%‰" for letter in literals):
            return False
        if _scale(section) or _least_digits(section) > 1:
            return False
    marks_of_positive = {piece.mark for piece in sections[0].pieces if piece.kind == "literal"}
    if marks_of_positive & {"-", "("}:
        return False
    if len(sections) == 1:
        return True
    negative = sections[1]
    marks = "".join(piece.mark for piece in negative.pieces)
    return negative.is_colored or "-" in marks or "(" in marks or "text" in negative.kinds()


def _scale(section: _Section) -> int:
    """Return by how many thousands a section divides: the commas behind its last digit."""
    commas = 0
    is_behind = False
    for piece in section.pieces:
        if piece.kind == "digit":
            is_behind = True
            commas = 0
        elif piece.kind == "comma" and is_behind:
            commas += 1
        elif piece.kind != "point":
            is_behind = False
    return commas


def _whole_pieces(section: _Section) -> tuple[_Piece, ...]:
    """Return the parts of a section before its decimal point."""
    for position, piece in enumerate(section.pieces):
        if piece.kind == "point":
            return section.pieces[:position]
    return section.pieces


def _least_digits(section: _Section) -> int:
    """Return how many digits a section writes at least before the decimal point."""
    places = [piece.mark for piece in _whole_pieces(section) if piece.kind == "digit"]
    return len(places) - places.index("0") if "0" in places else 0


def _displayed(held: str, code: str, is_1904: bool) -> tuple[str, Display | None]:
    """Return the text of a number in a cell of a format, and how it is shown if that differs."""
    if not _NUMBER.fullmatch(held):
        return held, None
    number = Decimal(held)
    section, is_own_sign = _section_of(number, _sections(code))
    kinds = section.kinds()
    if "date" in kinds:
        return _date_text(held, section, is_1904)
    if "percent" in kinds:
        return f"{(number * 100).normalize():f}%", None
    if kinds & {"exponent", "fraction", "text"}:
        return held, None
    shown = _filled(section, abs(number))
    if number < 0 and not is_own_sign:
        shown = f"-{shown}"
    return _compared(number, held, shown, section)


def _section_of(number: Decimal, sections: Sequence[_Section]) -> tuple[_Section, bool]:
    """Return the section that shows a number, and whether it writes the sign by itself."""
    if any(section.condition is not None for section in sections):
        for section in sections:
            if section.condition is None or _COMPARE[section.condition[0]](
                float(number), section.condition[1]
            ):
                return section, False
        return sections[-1], False
    if number < 0 and len(sections) > 1:
        return sections[1], True
    if number == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _filled(section: _Section, number: Decimal) -> str:
    """Return what a section writes for a number, without separators of thousands."""
    if "general" in section.kinds():
        held = f"{number.normalize():f}"
        words = [held if piece.kind == "general" else piece.mark for piece in section.pieces]
        return "".join(words)
    whole_pieces = _whole_pieces(section)
    behind = section.pieces[len(whole_pieces) :]
    decimals = sum(piece.kind == "digit" for piece in behind)
    scaled = number / 1000 ** _scale(section)
    whole, _, part = f"{scaled:.{decimals}f}".partition(".")
    digits = list(whole.lstrip("0").zfill(_least_digits(section)))
    places = sum(piece.kind == "digit" for piece in whole_pieces)
    words = []
    for piece in reversed(whole_pieces):
        if piece.kind == "literal":
            words.append(piece.mark)
        elif piece.kind == "digit":
            places -= 1
            count = len(digits) if places == 0 else min(1, len(digits))
            words.append("".join(digits[len(digits) - count :]))
            del digits[len(digits) - count :]
    words.reverse()
    remaining = iter(part)
    for piece in behind:
        if piece.kind == "digit":
            words.append(next(remaining))
        elif piece.kind in ("literal", "point"):
            words.append(piece.mark)
    return "".join(words)


def _compared(
    number: Decimal, held: str, shown: str, section: _Section
) -> tuple[str, Display | None]:
    """Return the text of a number, and how it is shown where that is another number or unit."""
    shown = shown.strip()
    match = _DIGITS_SHOWN.search(shown)
    if match is None:
        return held, Display(shown, held) if number else None
    digits = match.group()
    decimals = len(digits.partition(".")[2])
    tolerance = Decimal(10) ** -decimals * Decimal("0.5001")
    if abs(Decimal(digits) - abs(number)) > tolerance:
        has_own_digits = any(
            piece.kind == "literal" and piece.mark.isdigit() for piece in section.pieces
        )
        return digits if has_own_digits else held, Display(shown, held)
    sign_is_shown = "-" in shown or "(" in shown or section.is_colored
    if number < 0 and not sign_is_shown:
        return held, Display(shown, held)
    if number > 0 and shown[: match.start()].strip().endswith(("-", "(")):
        return held, Display(shown, held)
    if not decimals and digits.startswith("0") and held.isdigit():
        return digits, None
    unit = (shown[: match.start()] + shown[match.end() :]).strip(_NO_UNITS)
    return held, Display(shown, held, unit) if unit else None


def _date_text(held: str, section: _Section, is_1904: bool) -> tuple[str, Display | None]:
    """Return the day that a number in the format of a date is shown as; a year if it is one."""
    days = float(held)
    if not is_1904 and 0 < days < _LEAP_DAY:
        days += 1  # Excel counts a 29 February 1900 that never was
    try:
        moment = (_FIRST_DAY_1904 if is_1904 else _FIRST_DAY) + timedelta(days=days)
    except (OverflowError, ValueError):
        return held, Display("####", held)
    if days < 0:
        return held, Display("####", held)
    marks = {piece.mark for piece in section.pieces if piece.kind == "date"}
    if marks <= {"y", "e"}:
        return str(moment.year), None
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    if not marks & set("ymde"):
        return moment.time().isoformat(), None
    return moment.isoformat(sep=" ").removesuffix(" 00:00:00"), None
