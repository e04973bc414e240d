"""Tables: CSV and Excel sheets as text under known columns, and numbers from that text.

The module owns column names, the numbers of rows, the spelling of numbers, and suggestions for
names that are not known. Cells stay text until a reader asks for numbers, so that region codes
keep their zeros. What the columns mean is left to the packages that read them.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog
from gep.io.csv_excel import (
    check_file,
    csv_cells,
    csv_header,
    decode,
    printable,
    row_place,
    sheet_cells,
    split_sheet,
)
from gep.texts.catalogue import Listed, Text, text

HINTED = 30  # of many unknown names, how many get a suggestion each
LIKEWISE = text("io.likewise")

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", re.ASCII)  # 1,234,567.8
_NOT_AVAILABLE = ("na", "n/a", "nan", "-", "--", "/", "无", "none", "null")
_INFINITE = ("inf", "infinity", "∞")
_LARGEST = 1e100  # no amount of anything; products of larger numbers overflow
_WORKBOOKS = (".xlsx", ".xlsm")
_OLD_FORMATS = (".xls", ".et", ".ods", ".dbf")
_TOP_ROWS = 5  # rows among which the column names are sought if row 1 has none
_NAMED = 12  # known names that a suggestion lists
_FEW = 300  # names among which a close one is sought letter by letter
_CUT_CODE = 5  # digits of a county's code that lost one; longer codes may be the user's own

# What Excel and lookups leave in a column of codes. In scientific notation a number has a sign or a
# point, for 12E34 may be a code of the user's own.
_SCIENTIFIC = re.compile(r"\d+(\.\d*)?[eE][+-]\d+|\d+\.\d*[eE]\d+", re.ASCII)
_DECIMAL = re.compile(r"(\d{4,})\.0*", re.ASCII)
_GROUPED_CODE = re.compile(r"\d{1,3}(,\d{3})+(\.0*)?", re.ASCII)
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|#+)")
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?( 00:00:00)?|\d{4}/\d\d?/\d\d?|\d\d?月\d\d?日"
    r"|\d\d?-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.ASCII | re.IGNORECASE,
)
_NO_CODE = {*_NOT_AVAILABLE, "?", "？", "—", "——", "空", "未知", "nil", "undefined", "NaN"}
_TOTAL_WORDS = {
    "共计",
    "总和",
    "总数",
    "汇总",
    "全部",
    "总面积",
    "土地总面积",
    "合計",
    "總計",
    "小計",
}
_TOTAL_WORDS |= {"全国", "全省", "全市", "全县", "全区", "全州", "全镇", "全乡", "全域"}
_TOTAL_WORDS |= {"sum", "sums", "overall", "totalarea", "totalland"}
_TOTAL_ENDINGS = ("合计", "总计", "小计")
_TOTAL_ENGLISH = re.compile(r"(grand|sub)?-?totals?")


@dataclass(frozen=True)
class Columns:
    """The columns that a table must have and may have; any other is an error.

    Attributes
    ----------
    required, optional : tuple of str
        Names of columns.
    free : str or None
        A prefix under which any column is accepted, such as ``attribute:``.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    free: str | None = None

    def has(self, name: str) -> bool:
        """Return whether the table may have a column of this name."""
        if name in self.required or name in self.optional:
            return True
        return self.free is not None and name.startswith(self.free)


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes
    ----------
    path : Path
        The file, without a sheet.
    label : str
        The file as messages name it.
    frame : DataFrame
        The columns of the file as str, and the integer column ``row``: the number that a
        spreadsheet shows, the header being row 1.
    """

    path: Path
    label: str
    frame: pd.DataFrame

    def place(self, positions: Iterable[int], column: str = "") -> Place:
        """Return the place of rows for a message.

        Parameters
        ----------
        positions : iterable of int
            Positions in ``frame``, from 0.
        column : str, optional
            The column, where one is wrong.

        Returns
        -------
        Place
        """
        rows = self.frame["row"].to_numpy()
        return row_place(self.label, rows[np.asarray(list(positions), dtype=int)], column)

    def column(self, name: str) -> pd.Series:
        """Return a column; all its cells are blank if the file does not have it."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series("", index=self.frame.index, dtype=object)


def suggestion(word: str, known: Iterable[str], home: str = "", taken: Iterable[str] = ()) -> Text:
    """Suggest what a name that is not known may have meant.

    Parameters
    ----------
    word : str
        The name found.
    known : iterable of str
        The names that exist.
    home : str, optional
        File in which the known names are; where zeros were lost there, the advice names it.
    taken : iterable of str, optional
        Names that have rows of their own, which are not proposed: codes of regions differ by a
        digit from their neighbors, and the rows of one must not become those of another.

    Returns
    -------
    Text
        A close spelling, else the first few names that exist.
    """
    names = sorted({str(name) for name in known})
    advice = lost_zero(word, names, home=home)
    if advice is not None:
        return advice
    # a known code that lost its zeros itself must not be proposed
    candidates = [name for name in names if name.lstrip("0") != word.lstrip("0")]
    candidates = sorted(set(candidates).difference(taken))
    close = close_to(word, _similar_names(word, candidates))
    if close:
        return text("io.did-you-mean", names=close)
    if names:
        return text("io.known-are", names=Listed(tuple(names), _NAMED))
    return text("io.none-known")


def _similar_names(word: str, names: list[str]) -> list[str]:
    """Preselect names that differ by little: to measure thousands of them takes seconds a word."""
    if len(names) <= _FEW:
        return names
    similar = []
    for name in names:
        if abs(len(name) - len(word)) > 1:
            continue
        if name in word or word in name or _count_differences(name, word) <= 2:
            similar.append(name)
    return similar[:_FEW]


def _count_differences(left: str, right: str) -> int:
    """Count the positions at which two names have different letters."""
    return sum(first != second for first, second in zip(left, right, strict=False))


def close_to(word: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return the known names whose spelling is close to a word.

    Parameters
    ----------
    word : str
        The name found.
    known : iterable of str
        The names that exist.
    cutoff : float, default 0.6
        Least similarity, from 0 (nothing in common) to 1 (the same).

    Returns
    -------
    list of str
        At most three names, the closest first.
    """
    return get_close_matches(word, sorted(known), n=3, cutoff=cutoff)


def lost_zero(code: str, known: Iterable[str], file: str = "", home: str = "") -> Text | None:
    """Say which file lost leading zeros, where a code and a known one differ by zeros in front.

    The longer of the two is right.

    Parameters
    ----------
    code : str
        The code found.
    known : iterable of str
        The codes that exist.
    file : str, optional
        The file with the code found.
    home : str, optional
        The file with the known codes; without it no advice is given on that file.

    Returns
    -------
    Text or None
        None if no zeros were lost, or if the file to correct has no name.
    """
    if not code.isdecimal():
        return None
    digits = code.lstrip("0")
    same = [name for name in known if name != code and name.lstrip("0") == digits]
    if not same:
        return None
    right = max([code, *same], key=len)
    if right != code:
        if file:
            return text("io.lost-zero-in", file=file, right=right)
        return text("io.lost-zero", right=right)
    if home:
        return text("io.lost-zero-at-home", file=home, wrong=same[0], right=code)
    return None


def read_table(
    path: Path, columns: Columns, problems: ProblemLog, label: str | None = None
) -> Table | None:
    """Read a table from ``file.csv`` or ``book.xlsx#sheet`` as text.

    Parameters
    ----------
    path : Path
        The file, with the sheet after a ``#``; without one the first sheet is read.
    columns : Columns
        The columns that the table must and may have.
    problems : ProblemLog
        Receives ``missing-file``, ``not-a-file``, ``empty-file``, ``file-format``,
        ``cannot-read``, ``encoding``, ``missing-sheet``, ``header-row``, ``separator``,
        ``duplicate-column``, ``unknown-column``, ``missing-column``, ``quotes``, ``ragged-row``,
        ``empty-table``, ``formula-cell``, ``control-character`` and the warning ``gbk``.
    label : str, optional
        The file as messages name it; by default its name.

    Returns
    -------
    Table or None
        None if there is no table that could be checked further.
    """
    file, sheet = split_sheet(path)
    label = label or path.name
    if not check_file(file, label, problems):
        return None
    suffix = file.suffix.lower()
    if suffix in _OLD_FORMATS:
        problems.add("file-format", label, "io.old-format", suffix=file.suffix)
        return None
    if suffix in _WORKBOOKS:
        cells = _read_sheet(file, sheet, columns, label, problems)
    else:
        cells = _read_csv(file, columns, label, problems)
    if cells is None:
        return None
    frame = _strip_cells(cells)
    if frame.empty:
        problems.add("empty-table", label, "io.no-rows")
        return None
    table = Table(file, label, frame)
    _check_cells(table, problems)
    return table


def _read_csv(
    file: Path, columns: Columns, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Read the cells of a CSV under their column names."""
    content = decode(file, label, problems)
    if content is None:
        return None
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not _check_first_row(_first_rows(content), columns, label, problems):
        return None
    header = csv_header(content, label, problems)
    if header is None or not _check_header(header, columns, label, problems):
        return None
    cells = csv_cells(content, len(header), label, problems)
    return None if cells is None else _name_columns(cells, header, label, problems)


def _first_rows(content: str) -> list[list[str]]:
    """Return the first rows of a CSV; none if its quotation marks do not fit."""
    try:
        return list(csv.reader(content.split("\n", _TOP_ROWS)[:_TOP_ROWS]))
    except csv.Error:
        return []


def _read_sheet(
    file: Path, sheet: str | None, columns: Columns, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Read the cells of an Excel sheet under their column names."""
    cells = sheet_cells(file, sheet, label, problems)
    if cells is None or not _check_first_row(cells, columns, label, problems):
        return None
    if not cells or not any(cells[0]):
        problems.add("empty-table", label, "io.no-header")
        return None
    width = max(len(record) for record in cells)
    rows = [record + [""] * (width - len(record)) for record in cells]
    if not _check_header(rows[0], columns, label, problems):
        return None
    frame = pd.DataFrame(rows[1:], columns=range(width), dtype=str)
    return _name_columns(frame, rows[0], label, problems)


def _check_first_row(
    rows: Sequence[Sequence[str]], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Return False, with a problem, if the column names are not in row 1 but below a title."""
    for number, row in enumerate(rows[:_TOP_ROWS], 1):
        names = sum(columns.has(cell.strip()) for cell in row)
        if number == 1 and names:
            return True
        if names > 1:
            problems.add("header-row", Place(label, (1,)), "io.header-row", row=number)
            return False
    return True


def _check_header(
    header: Sequence[str], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Return False, with problems, if columns are named twice, unknown or missing."""
    is_valid = True
    names = [name for name in header if name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        place = Place(label, column=printable(name))
        problems.add("duplicate-column", place, "io.duplicate-column", count=names.count(name))
        is_valid = False
    for name in names:
        if not columns.has(name):
            hint = suggestion(name, (*columns.required, *columns.optional))
            place = Place(label, column=printable(name))
            problems.add("unknown-column", place, "io.unknown-column", hint=hint)
            is_valid = False
    required = Listed(columns.required, len(columns.required))
    for name in columns.required:
        if name not in names:
            place = Place(label, column=name)
            problems.add("missing-column", place, "io.missing-column", columns=required)
            is_valid = False
    return is_valid


def _name_columns(
    cells: pd.DataFrame, header: Sequence[str], label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Name the columns; those without a name are dropped if blank, else they are a problem."""
    is_complete = True
    named = []
    for position, name in enumerate(header):
        if name:
            named.append(position)
        elif position in cells:
            is_filled = [str(cell).strip() != "" for cell in cells[position]]
            rows = np.flatnonzero(is_filled) + 2
            if len(rows):
                place = row_place(label, rows, str(position + 1))
                problems.add("unknown-column", place, "io.nameless-column")
                is_complete = False
    frame = cells.reindex(columns=named, fill_value="")
    frame.columns = [header[position] for position in named]
    return frame if is_complete else None


def _strip_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Strip cells, number the rows as a spreadsheet does, drop rows that are all blank."""
    columns = {name: _strip_column(cells[name]) for name in cells.columns}
    frame = pd.DataFrame(columns, dtype=object)
    frame["row"] = np.arange(2, len(frame) + 2)
    is_filled = (frame.drop(columns="row") != "").to_numpy().any(axis=1)
    return frame[is_filled].reset_index(drop=True)


def _strip_column(column: pd.Series) -> np.ndarray:
    """Strip the cells of a column, each different text once."""
    codes, words = pd.factorize(column.to_numpy(dtype=object))
    stripped = np.array([str(word).strip() for word in words], dtype=object)
    cells: np.ndarray = stripped[codes]
    return cells


def _check_cells(table: Table, problems: ProblemLog) -> None:
    """Report cells that a spreadsheet would run, and characters that do not show."""
    for name in table.frame.columns.drop("row"):
        codes, words = pd.factorize(table.frame[name].to_numpy())
        for code, word in enumerate(words):
            if word.isprintable() and word[:1] not in ("=", "@", "+", "-"):
                continue
            hidden = _hidden_characters(word)
            if _begins_formula(word):
                place = table.place(np.flatnonzero(codes == code), name)
                problems.add("formula-cell", place, "io.formula-cell", value=printable(word))
            elif hidden:
                place = table.place(np.flatnonzero(codes == code), name)
                problems.add("control-character", place, "io.control-character", characters=hidden)


def _begins_formula(word: str) -> bool:
    """Return whether a spreadsheet would take a cell for a formula; signed numbers are none."""
    if word[:1] in ("=", "@"):
        return True
    return word[:1] in ("+", "-") and (word[1:2].isalpha() or word[1:2] == "(")


def _hidden_characters(word: str) -> tuple[str, ...]:
    """Return the unprintable characters of a cell as code points; ends of lines and tabs may be."""
    hidden = []
    for mark in word:
        if mark not in "\n\t" and unicodedata.category(mark) in ("Cc", "Cf"):
            hidden.append(f"U+{ord(mark):04X}")
    return tuple(dict.fromkeys(hidden))


def check_lost_zeros(table: Table, name: str, problems: ProblemLog) -> None:
    """Check for region codes that look like a county's code without its first zero.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of codes.
    problems : ProblemLog
        Receives the warning ``lost-zero``.
    """
    codes, words = pd.factorize(table.column(name).to_numpy())
    cut = []
    for code, word in enumerate(words):
        if len(word) == _CUT_CODE and word.isascii() and word.isdigit():
            cut.append(code)
    if not cut:
        return
    region_codes = [str(words[code]) for code in cut]
    problems.add(
        "lost-zero",
        table.place(np.flatnonzero(np.isin(codes, cut)), name),
        "io.maybe-lost-zero",
        codes=region_codes,
        digits=_CUT_CODE,
        right=f"0{region_codes[0]}",
    )


def check_region_codes(table: Table, name: str, problems: ProblemLog) -> None:
    """Check that the cells of a column can be region codes.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of codes; blank cells are left to others.
    problems : ProblemLog
        Receives ``broken-code`` for what a spreadsheet made of a code, and the warning
        ``lost-zero``.
    """
    codes, words = pd.factorize(table.column(name).to_numpy())
    for code, word in enumerate(words):
        message, plain = _broken_code(word)
        if message:
            place = table.place(np.flatnonzero(codes == code), name)
            problems.add("broken-code", place, message, value=printable(word), plain=plain)
    check_lost_zeros(table, name, problems)


def is_broken_code(word: str) -> bool:
    """Return whether a word is what a spreadsheet made of a code.

    Which region it stands for is not known, so that rows of the same broken code are not alike.

    Parameters
    ----------
    word : str
        A region code as it is written.

    Returns
    -------
    bool
    """
    message, _ = _broken_code(word)
    return message != ""


def _broken_code(word: str) -> tuple[str, str]:
    """Return the message for what is no code, and the code if it can be told; else blank texts."""
    decimal = _DECIMAL.fullmatch(word)
    if _SCIENTIFIC.fullmatch(word):
        return "io.scientific-code", ""
    if decimal:
        return "io.decimal-code", decimal[1]
    if _GROUPED_CODE.fullmatch(word):
        return "io.grouped-code", word.split(".")[0].replace(",", "")
    if _EXCEL_ERROR.fullmatch(word.upper()):
        return "io.error-in-code", ""
    if _DATE.fullmatch(word):
        return "io.date-in-code", ""
    if word in _NO_CODE or (word.isupper() and word.lower() in _NO_CODE):  # Nan is a place
        return "io.no-code", ""
    return "", ""


def is_total(word: str) -> bool:
    """Return whether a name says that its row is a total, such as 合计, 林地小计 or Total.

    Parameters
    ----------
    word : str
        A region, class, product or other member.

    Returns
    -------
    bool
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    plain = re.sub(r"[\s:：_.]|\(.*\)", "", plain)
    if plain in _TOTAL_WORDS or plain.endswith(_TOTAL_ENDINGS):
        return True
    return _TOTAL_ENGLISH.fullmatch(plain) is not None


def check_total_rows(
    table: Table, name: str, problems: ProblemLog, exempt: Iterable[str] = ()
) -> None:
    """Check that no row of totals is among the members of a column.

    A column that names nothing else is left alone: there the word is a name.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of regions, classes or other members.
    problems : ProblemLog
        Receives ``total-row``.
    exempt : iterable of str, optional
        Members that are known to be no totals.
    """
    codes, words = pd.factorize(table.column(name).to_numpy())
    exempted = set(exempt)
    totals = [code for code, word in enumerate(words) if is_total(word) and word not in exempted]
    members = [word for word in words if word]
    if not totals or len(totals) == len(members):
        return
    for code in totals:
        place = table.place(np.flatnonzero(codes == code), name)
        problems.add("total-row", place, "io.total-row", value=printable(words[code]))


def read_numbers(
    table: Table, name: str, problems: ProblemLog, *, na: bool = False, blank: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as numbers.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column.
    problems : ProblemLog
        Receives ``blank``, ``not-a-number``, ``full-width``, ``not-finite`` or
        ``thousands-separator`` for cells that are not numbers.
    na : bool, default False
        Whether a cell may be the word ``na``.
    blank : bool, default False
        Whether a cell may be blank.

    Returns
    -------
    values : ndarray of float, shape (rows,)
        NaN where a cell is ``na``, blank or not a number.
    is_na : ndarray of bool, shape (rows,)
        Where the cell is the word ``na``.
    """
    cells = table.column(name).to_numpy(dtype=object)
    codes, words = pd.factorize(cells)
    values = np.full(len(words), np.nan)
    for code, word in enumerate(words):
        if _PLAIN.fullmatch(word):
            values[code] = float(word)
            if abs(values[code]) <= _LARGEST:
                continue
        elif (na and word == "na") or (blank and word == ""):
            continue
        place = table.place(np.flatnonzero(codes == code), name)
        if word == "":
            is_workbook = table.path.suffix.lower() in _WORKBOOKS
            message = "io.blank-number-in-workbook" if is_workbook else "io.blank-number"
            problems.add("blank", place, message)
        else:
            _report_number(word, place, problems)
    is_na = (words == "na")[codes] if len(words) else np.zeros(0, dtype=bool)
    return values[codes], is_na


def _report_number(word: str, place: Place, problems: ProblemLog) -> None:
    """Report a cell that is not a number, and how to write the number it seems to mean."""
    value = printable(word)
    plain = unicodedata.normalize("NFKC", word)
    digits = plain.replace(",", "").replace(" ", "")
    with_point = plain.replace(",", ".")
    if word.lower() in _NOT_AVAILABLE:
        problems.add("not-a-number", place, "io.not-available", value=value)
    elif plain != word and _PLAIN.fullmatch(plain):
        problems.add("full-width", place, "io.full-width", value=value, number=plain)
    elif plain.lower().lstrip("+-") in _INFINITE or _PLAIN.fullmatch(plain):
        problems.add("not-finite", place, "io.not-finite", value=value)
    elif _GROUPED.fullmatch(plain):
        message = "io.thousands-separator"
        problems.add("thousands-separator", place, message, value=value, number=digits)
    elif _PLAIN.fullmatch(digits) and _PLAIN.fullmatch(with_point):
        message = "io.decimal-comma"
        problems.add("thousands-separator", place, message, value=value, number=with_point)
    elif _PLAIN.fullmatch(digits):
        problems.add("thousands-separator", place, "io.odd-separators", value=value)
    else:
        problems.add("not-a-number", place, "io.not-a-number", value=value)
