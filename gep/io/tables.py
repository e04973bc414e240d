"""Tables: CSV and Excel sheets as text under known columns, with every problem at once, and numbers from text.

A table is text until a reader says otherwise, so that region codes keep their zeros. ``row`` is the row a spreadsheet
shows: the header is row 1.
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
    csv_cells,
    csv_header,
    decode,
    file_fault,
    row_place,
    sheet_cells,
    split_sheet,
)
from gep.texts.catalogue import Listed, Text, text

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(
    r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", re.ASCII
)  # nothing but a thousands separator makes these
_LARGEST = 1e100  # no amount of anything; products of what is larger overflow
_TOP = 5  # rows among which column names are looked for, where row 1 has none
_NAMED = 12  # known names that a suggestion lists
_FEW = 300  # names among which a close one is looked for letter by letter
HINTED = 30  # of many names that are not known, how many get a suggestion each
LIKEWISE = text("io.likewise")
_CUT_CODES = (
    5,
)  # digits of the code of a county that lost one; longer codes are as often of one's own making


@dataclass(frozen=True)
class Columns:
    """The columns a table must have and may have; any other is an error."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    free: str | None = None  # a prefix under which any column is welcome

    def known(self, name: str) -> bool:
        """Whether the column belongs to the table."""
        return (
            name in self.required
            or name in self.optional
            or bool(self.free and name.startswith(self.free))
        )


@dataclass(frozen=True)
class Table:
    """A table as text: ``frame`` has the file's columns and the integer column ``row``."""

    path: Path
    label: str
    frame: pd.DataFrame

    def place(self, chosen: Iterable[int]) -> Place:
        """File and rows for a message; ``chosen`` are positions in the frame."""
        return row_place(
            self.label, self.frame["row"].to_numpy()[np.asarray(list(chosen), dtype=int)]
        )

    def column(self, name: str) -> pd.Series:
        """A column, all blank where the file has none."""
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
    lost = lost_zero(word, names, home=home)
    if lost is not None:
        return lost
    others = [name for name in names if name.lstrip("0") != word.lstrip("0")]
    close = close_to(word, _alike(word, others))
    if close:
        return text("io.did-you-mean", names=close)
    if names:
        return text("io.known-are", names=Listed(tuple(names), _NAMED))
    return text("io.none-known")


def _alike(word: str, names: list[str]) -> list[str]:
    """Of many names those that differ by little: to measure thousands one by one takes seconds a word."""
    if len(names) <= _FEW:
        return names
    near = [name for name in names if abs(len(name) - len(word)) <= 1]
    return [name for name in near if name in word or word in name or _differing(name, word) <= 2][
        :_FEW
    ]


def _differing(one: str, other: str) -> int:
    return sum(first != second for first, second in zip(one, other, strict=False))


def close_to(word: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """The spellings that are close to a word."""
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
    """Read ``file.csv`` or ``book.xlsx#sheet`` as text; None when problems were found that leave nothing to read."""
    file, sheet = split_sheet(path)
    label = label or path.name
    if fault := file_fault(file):
        problems.add(fault[0], label, *fault[1:])
        return None
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        raw = _read_sheet(file, sheet, columns, label, problems)
    elif file.suffix.lower() in (".xls", ".et", ".ods", ".dbf"):
        problems.add(
            "file-format",
            label,
            f"a {file.suffix} file cannot be read",
            "save it as .xlsx or as CSV UTF-8",
        )
        return None
    else:
        raw = _read_csv(file, columns, label, problems)
    if raw is None:
        return None
    frame = _tidy(raw)
    if frame.empty:
        problems.add(
            "empty-table",
            label,
            "there is no row below the header",
            "add the rows, or take the file out",
        )
        return None
    table = Table(file, label, frame)
    _check_cells(table, problems)
    return table


def _read_csv(
    file: Path, columns: Columns, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    text = decode(file, label, problems)
    if text is None:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _titled(_first_rows(text), columns, label, problems):
        return None
    header = csv_header(text, label, problems)
    if header is None or not _header_ok(header, columns, label, problems):
        return None
    raw = csv_cells(text, len(header), label, problems)
    return None if raw is None else _named(raw, header, label, problems)


def _first_rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.split("\n", _TOP)[:_TOP]))
    except csv.Error:
        return []


def _titled(
    rows: Sequence[Sequence[str]], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Whether a title stands above the column names, which is a problem."""
    named = [sum(columns.known(cell.strip()) for cell in row) for row in rows[:_TOP]]
    below = next((number for number, count in enumerate(named, 1) if count > 1), 1)
    if below == 1 or named[0]:
        return False
    what = f"row 1 is no row of column names; they stand in row {below}"
    fix = "列名应在第 1 行 the column names must be in row 1: delete what stands above them"
    problems.add("header-row", f"{label} row 1", what, fix)
    return True


def _named(
    raw: pd.DataFrame, header: Sequence[str], label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Name the columns; those without a name are dropped where they are blank, else they are a problem."""
    fine = True
    for position in [
        position for position, name in enumerate(header) if not name and position in raw
    ]:
        filled = np.flatnonzero([str(cell).strip() != "" for cell in raw[position]])
        if len(filled):
            where = row_place(label, filled + 2)
            problems.add(
                "unknown-column",
                where,
                f"column {position + 1} has cells but no name",
                "name the column, or empty it",
            )
            fine = False
    kept = [position for position, name in enumerate(header) if name]
    frame = raw.reindex(columns=kept, fill_value="")
    frame.columns = [header[position] for position in kept]
    return frame if fine else None


def _read_sheet(
    file: Path, sheet: str | None, columns: Columns, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    cells = sheet_cells(file, sheet, label, problems)
    if cells is None or _titled(cells, columns, label, problems):
        return None
    if not cells or not any(cells[0]):
        problems.add(
            "empty-table",
            label,
            "the sheet has no header in its first row",
            "put the column names in row 1",
        )
        return None
    width = max(len(record) for record in cells)
    rows = [record + [""] * (width - len(record)) for record in cells]
    if not _header_ok(rows[0], columns, label, problems):
        return None
    return _named(pd.DataFrame(rows[1:], columns=range(width), dtype=str), rows[0], label, problems)


def _header_ok(header: Sequence[str], columns: Columns, label: str, problems: ProblemLog) -> bool:
    fine = True
    names = [name for name in header if name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add("duplicate-column", label, f"column {name!r} stands twice", "keep one")
        fine = False
    for name in names:
        if not columns.known(name):
            hint = suggestion(name, (*columns.required, *columns.optional))
            problems.add("unknown-column", label, f"column {name[:60]!r}", hint)
            fine = False
    for name in columns.required:
        if name not in names:
            problems.add(
                "missing-column",
                label,
                f"column {name!r} is not there",
                f"the columns due: {', '.join(columns.required)}",
            )
            fine = False
    return fine


def _tidy(raw: pd.DataFrame) -> pd.DataFrame:
    """Strip cells, number the rows as a spreadsheet does, drop rows that are all blank."""
    frame = pd.DataFrame({name: _strip(raw[name]) for name in raw.columns}, dtype=object)
    frame["row"] = np.arange(2, len(frame) + 2)
    filled = (frame.drop(columns="row") != "").to_numpy().any(axis=1)
    return frame[filled].reset_index(drop=True)


def _strip(column: pd.Series) -> np.ndarray:
    codes, words = pd.factorize(column.to_numpy(dtype=object))
    stripped: np.ndarray = np.array([str(word).strip() for word in words], dtype=object)[codes]
    return stripped


def _check_cells(table: Table, problems: ProblemLog) -> None:
    """Cells that a spreadsheet would run, and characters that do not show."""
    for name in table.frame.columns.drop("row"):
        codes, words = pd.factorize(table.frame[name].to_numpy())
        for code, word in enumerate(words):
            if word.isprintable() and word[:1] not in ("=", "@", "+", "-"):
                continue
            if word[:1] in ("=", "@") or (
                word[:1] in ("+", "-") and (word[1:2].isalpha() or word[1:2] == "(")
            ):
                where = table.place(np.flatnonzero(codes == code))
                problems.add(
                    "formula-cell",
                    where,
                    f"{name} reads {word[:40]!r}",
                    "write the value, not a formula",
                )
            elif any(
                unicodedata.category(mark) in ("Cc", "Cf") for mark in word if mark not in "\n\t"
            ):
                where = table.place(np.flatnonzero(codes == code))
                problems.add(
                    "control-character",
                    where,
                    f"{name} holds an unprintable character",
                    "type the cell again",
                )


def check_lost_zeros(table: Table, name: str, problems: ProblemLog) -> None:
    """Warn of codes with as many digits as those of counties, townships or villages have without their first."""
    codes, words = pd.factorize(table.column(name).to_numpy())
    cut = [
        code
        for code, word in enumerate(words)
        if len(word) in _CUT_CODES and word.isascii() and word.isdigit()
    ]
    if not cut:
        return
    first = str(words[cut[0]])
    others = f" and {len(cut) - 1} more" if len(cut) > 1 else ""
    what = f"{name} {first}{others}: {len(first)} digits, was a leading zero lost?"
    fix = f"write 0{first}, in Excel as text; leave it if the code is so in every file"
    problems.add("lost-zero", table.place(np.flatnonzero(np.isin(codes, cut))), what, fix)


def read_numbers(
    table: Table, name: str, problems: ProblemLog, *, na: bool = False, blank: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """A column as floats and the mask of its ``na`` cells; what is neither is a problem.

    ``na`` allows the word na; ``blank`` allows empty cells, which come back as NaN.
    """
    text = table.column(name).to_numpy(dtype=object)
    codes, words = pd.factorize(text)
    values = np.full(len(words), np.nan)
    for code, word in enumerate(words):
        if _PLAIN.fullmatch(word):
            values[code] = float(word)
            if abs(values[code]) <= _LARGEST:
                continue
        elif (na and word == "na") or (blank and word == ""):
            continue
        what, fix, kind = _number_fault(name, word)
        if kind == "blank" and table.path.suffix.lower() in (".xlsx", ".xlsm"):
            fix += "; a formula that was never calculated reads so too: open and save the file in Excel"
        problems.add(kind, table.place(np.flatnonzero(codes == code)), what, fix)
    is_na = (words == "na")[codes] if len(words) else np.zeros(0, dtype=bool)
    return values[codes], is_na


def _number_fault(name: str, word: str) -> tuple[str, str, str]:
    plain = unicodedata.normalize("NFKC", word)
    if word == "":
        return (
            f"{name} is blank",
            "write the number; 0 is a number; na says that there is none to give",
            "blank",
        )
    if word.lower() in ("na", "n/a", "nan", "-", "--", "/", "无", "none", "null"):
        return (
            f"{name} reads {word!r}",
            "write the number, or na (small letters) where the table allows it",
            "not-a-number",
        )
    if plain != word and _PLAIN.fullmatch(plain):
        return f"{name} reads {word!r} in full-width digits", f"write {plain}", "full-width"
    if plain.lower().lstrip("+-") in ("inf", "infinity", "∞") or _PLAIN.fullmatch(plain):
        return (
            f"{name} reads {word!r}, which is infinite or too large",
            "write the number",
            "not-finite",
        )
    if _GROUPED.fullmatch(plain):
        return (
            f"{name} reads {word!r}",
            f"write {plain.replace(',', '').replace(' ', '')}",
            "thousands-separator",
        )
    if _PLAIN.fullmatch(plain.replace(",", "").replace(" ", "")):
        point = plain.replace(",", ".")
        fix = (
            f"if the comma is a decimal comma, write {point}"
            if _PLAIN.fullmatch(point)
            else "check the digits"
        )
        return (
            f"{name} reads {word!r}",
            f"{fix}; write no separator of thousands",
            "thousands-separator",
        )
    return (
        f"{name} reads {word[:40]!r}, which is not a number",
        "write digits only; the unit has its own column",
        "not-a-number",
    )
