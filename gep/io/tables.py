"""Tables: CSV and Excel sheets as text under known columns, and numbers from that text.

The module owns column names, the numbers of rows, the spelling of numbers, and suggestions for
names that are not known. Cells stay text until a reader asks for numbers, so that region codes
keep their zeros. What the columns mean is left to the packages that read them.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
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
# What spellings of one name differ in: blanks, hyphens, underscores and points between its letters.
_JOINTS = re.compile(r"(?<=\w)[\s_\-\u2010-\u2015\u2212\u00b7\u30fb]+(?=\w)")


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


def suggestion(word: str, known: Iterable[str], home: str = "") -> Text:
    """Suggest what a name that is not known may have meant.

    Parameters
    ----------
    word : str
        The name found.
    known : iterable of str
        The names that exist.
    home : str, optional
        File in which the known names are; where zeros were lost there, the advice names it.

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


# --- spellings ------------------------------------------------------------------------------------


def plain_spelling(word: str) -> str:
    """Return a name without what its spellings differ in.

    Parameters
    ----------
    word : str

    Returns
    -------
    str
        In half width and lower case, without blanks, hyphens, underscores and points inside:
        ``nh3n`` for ``NH3-N``, ``ＮＨ３-Ｎ`` and ``NH₃-N``.
    """
    return _JOINTS.sub("", unicodedata.normalize("NFKC", word).strip().casefold())


@dataclass(frozen=True)
class Spellings:
    """Names that a column may have, and the spellings by which each of them is recognized.

    Attributes
    ----------
    known : frozenset of str
        The names.
    titles : tuple of mapping of str to iterable of str
        Other words for each name, the closest kind first; names that are not ``known`` are passed
        over.
    """

    known: frozenset[str]
    titles: tuple[Mapping[str, Iterable[str]], ...] = ()

    @cached_property
    def _levels(self) -> list[dict[str, str]]:
        """Plain spelling to name, kind by kind; blank where a spelling belongs to several names."""
        levels = []
        for words_by_name in ({name: (name,) for name in self.known}, *self.titles):
            level: dict[str, str] = {}
            for name, words in words_by_name.items():
                if name not in self.known:
                    continue
                for word in words:
                    plain = plain_spelling(word)
                    level[plain] = name if level.get(plain, name) == name else ""
            level.pop("", None)
            levels.append(level)
        return levels

    def find(self, word: str) -> str:
        """Return the name that a word means; the word itself if that is none or not clear."""
        if word in self.known or word == "":
            return word
        plain = plain_spelling(word)
        for level in self._levels:
            if plain in level:
                return level[plain] or word
        return word


def make_spellings(known: Iterable[str], *titles: Mapping[str, Iterable[str]]) -> Spellings:
    """Gather the spellings of names.

    Parameters
    ----------
    known : iterable of str
        The names.
    *titles : mapping of str to iterable of str
        Other words for each name, the closest kind first.

    Returns
    -------
    Spellings
    """
    return Spellings(frozenset(known), titles)


def recognize(frame: pd.DataFrame, column: str, spellings: Spellings) -> pd.DataFrame:
    """Write the names of a column as they are known.

    Parameters
    ----------
    frame : DataFrame
    column : str
        A column of text.
    spellings : Spellings

    Returns
    -------
    DataFrame
        ``frame`` itself if no name is spelled differently; words that are not recognized stay.
    """
    codes, words = pd.factorize(frame[column].to_numpy(dtype=object))
    names = np.array([spellings.find(str(word)) for word in words], dtype=object)
    if (names == words).all():
        return frame
    return frame.assign(**{column: names[codes]})


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
