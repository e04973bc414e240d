"""Reading tables: CSV (UTF-8, GBK flagged) and Excel sheets as text, with every problem at once, and numbers from text.

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

from gep.errors import Problems

_SHOWN = 5  # rows named in a message before "and n more"
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Columns:
    """The columns a table must have and may have; any other is an error."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    free: str | None = None  # a prefix under which any column is welcome

    def known(self, name: str) -> bool:
        """Whether the column belongs to the table."""
        return name in self.required or name in self.optional or bool(self.free and name.startswith(self.free))


@dataclass(frozen=True)
class Table:
    """A table as text: ``frame`` has the file's columns and the integer column ``row``."""

    path: Path
    label: str
    frame: pd.DataFrame

    def where(self, chosen: Iterable[int]) -> str:
        """File and rows for a message; ``chosen`` are positions in the frame."""
        return place(self.label, self.frame["row"].to_numpy()[np.asarray(list(chosen), dtype=int)])

    def column(self, name: str) -> pd.Series:
        """A column, all blank where the file has none."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series("", index=self.frame.index, dtype=object)


def place(label: str, rows: Iterable[int]) -> str:
    """``areas.csv row 3, 4, 9 and 12 more``."""
    numbers = sorted({int(row) for row in rows})
    text = ", ".join(str(number) for number in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"{label} row {text}{more}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """A close spelling to offer, or the first few that exist."""
    names = sorted({str(name) for name in known})
    close = get_close_matches(word, names, n=3, cutoff=0.6) or [name for name in names if name.lstrip("0") == word]
    if close:
        return f"did you mean {', '.join(close)}?"
    shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    return f"known are: {shown}" if names else "none is defined"


def read_table(path: Path, columns: Columns, problems: Problems, label: str | None = None) -> Table | None:
    """Read ``file.csv`` or ``book.xlsx#sheet`` as text; None when problems were found that leave nothing to read."""
    file, sheet = split_sheet(path)
    label = label or path.name
    if not _is_file(file, label, problems):
        return None
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        raw = _read_sheet(file, sheet, label, problems)
    elif file.suffix.lower() in (".xls", ".et", ".ods", ".dbf"):
        problems.add("file-format", label, f"a {file.suffix} file cannot be read", "save it as .xlsx or as CSV UTF-8")
        return None
    else:
        raw = _read_csv(file, columns, label, problems)
    if raw is None or not _header_ok(list(raw.columns), columns, label, problems):
        return None
    frame = _tidy(raw)
    if frame.empty:
        problems.add("empty-table", label, "there is no row below the header", "add the rows, or take the file out")
        return None
    table = Table(file, label, frame)
    _check_cells(table, problems)
    return table


def split_sheet(path: Path) -> tuple[Path, str | None]:
    """Split ``book.xlsx#sheet`` into the file and the sheet's name."""
    name, mark, sheet = path.name.partition("#")
    return (path.with_name(name), sheet) if mark and not path.exists() else (path, None)


def _is_file(file: Path, label: str, problems: Problems) -> bool:
    if file.is_dir():
        problems.add("not-a-file", label, "this is a folder, a file is due", "name the file inside it")
    elif not file.exists():
        problems.add("missing-file", label, f"there is no file {file}", "check the name and the folder")
    elif file.stat().st_size == 0:
        problems.add("empty-file", label, "the file is empty (0 bytes)", "fill it, or take it out of the project")
    else:
        return True
    return False


def decode(file: Path, label: str, problems: Problems) -> str | None:
    """The file's encoding: utf-8-sig, or gb18030 (flagged); None when it decodes as neither."""
    data = file.read_bytes()
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
            problems.add("gbk", label, "the file is not UTF-8; it was read as GBK", "save it as CSV UTF-8")
        return text
    problems.add("encoding", label, "the file is neither UTF-8 nor GBK text", "save it as CSV UTF-8")
    return None


def _read_csv(file: Path, columns: Columns, label: str, problems: Problems) -> pd.DataFrame | None:
    text = decode(file, label, problems)
    if text is None:
        return None
    from io import StringIO

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text[: text.find("\n") if "\n" in text else len(text)]
    header = next(csv.reader([first]), [])
    if len(header) == 1 and any(mark in first for mark in ";\t，"):
        problems.add("separator", label, f"the header reads {first[:60]!r}", "separate the columns by commas")
        return None
    if not _header_ok([name.strip() for name in header], columns, label, problems):
        return None
    try:
        raw = pd.read_csv(
            StringIO(text), dtype=str, keep_default_na=False, na_filter=False, skip_blank_lines=False, index_col=False
        )
    except (pd.errors.ParserError, ValueError):
        return _ragged(text, len(header), label, problems)
    raw.columns = [name.strip() for name in header]
    if raw.isna().to_numpy().any():
        return _ragged(text, len(header), label, problems)
    return raw


def _ragged(text: str, width: int, label: str, problems: Problems) -> pd.DataFrame | None:
    """Read slowly, to name the rows whose number of cells does not fit."""
    try:
        records = list(csv.reader(text.split("\n"), strict=True))
    except csv.Error as error:
        problems.add("quotes", label, f"the quotation marks do not close ({error})", 'check the cells with a " in them')
        return None
    wrong = [number for number, record in enumerate(records, 1) if record and len(record) != width]
    if wrong:
        what = f"{len(records[wrong[0] - 1])} cells where the header has {width}"
        problems.add("ragged-row", place(label, wrong), what, "a comma inside a cell needs quotes; or cells are lacking")
        return None
    frame = pd.DataFrame([record or [""] * width for record in records[1:]], columns=records[0], dtype=str)
    return frame.rename(columns=str.strip)


def _read_sheet(file: Path, sheet: str | None, label: str, problems: Problems) -> pd.DataFrame | None:
    import zipfile

    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        problems.add("file-format", label, f"not a readable Excel workbook ({error})", "open and save it again in Excel")
        return None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            problems.add("missing-sheet", label, f"no sheet {sheet!r}", f"sheets are: {', '.join(book.sheetnames)}")
            return None
        page = book[sheet] if sheet else book.worksheets[0]
        cells = [[_cell(value) for value in record] for record in page.iter_rows(values_only=True)]
    finally:
        book.close()
    if not cells or not any(cells[0]):
        problems.add("empty-table", label, "the sheet has no header in its first row", "put the column names in row 1")
        return None
    width = max(index for index, name in enumerate(cells[0]) if name) + 1
    rows = [(record + [""] * width)[:width] for record in cells]
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _header_ok(header: Sequence[str], columns: Columns, label: str, problems: Problems) -> bool:
    fine = True
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.add("duplicate-column", label, f"column {name!r} stands twice", "keep one")
        fine = False
    for name in header:
        if not columns.known(name):
            hint = suggestion(name, (*columns.required, *columns.optional))
            problems.add("unknown-column", label, f"column {name[:60]!r}", hint)
            fine = False
    for name in columns.required:
        if name not in header:
            problems.add("missing-column", label, f"column {name!r} is not there", f"the columns due: {', '.join(columns.required)}")
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
    return np.array([str(word).strip() for word in words], dtype=object)[codes]


def _check_cells(table: Table, problems: Problems) -> None:
    """Cells that a spreadsheet would run, and characters that do not show."""
    for name in table.frame.columns.drop("row"):
        codes, words = pd.factorize(table.frame[name].to_numpy())
        for code, word in enumerate(words):
            if word.isprintable() and word[:1] not in ("=", "@", "+", "-"):
                continue
            if word[:1] in ("=", "@") or (word[:1] in ("+", "-") and word[1:2].isalpha() or word[1:2] == "("):
                where = table.where(np.flatnonzero(codes == code))
                problems.add("formula-cell", where, f"{name} reads {word[:40]!r}", "write the value, not a formula")
            elif any(unicodedata.category(mark) in ("Cc", "Cf") for mark in word if mark not in "\n\t"):
                where = table.where(np.flatnonzero(codes == code))
                problems.add("control-character", where, f"{name} holds an unprintable character", "type the cell again")


def numbers(
    table: Table, name: str, problems: Problems, *, na: bool = False, blank: bool = False
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
            if np.isfinite(values[code]):
                continue
        elif (na and word == "na") or (blank and word == ""):
            continue
        what, fix, kind = _number_fault(name, word)
        problems.add(kind, table.where(np.flatnonzero(codes == code)), what, fix)
    is_na = (words == "na")[codes] if len(words) else np.zeros(0, dtype=bool)
    return values[codes], is_na


def _number_fault(name: str, word: str) -> tuple[str, str, str]:
    plain = unicodedata.normalize("NFKC", word)
    if word == "":
        return f"{name} is blank", "write the number; 0 is a number; na says that there is none to give", "blank"
    if word.lower() in ("na", "n/a", "nan", "-", "--", "/", "无", "none", "null"):
        return f"{name} reads {word!r}", "write the number, or na (small letters) where the table allows it", "not-a-number"
    if plain != word and _PLAIN.fullmatch(plain):
        return f"{name} reads {word!r} in full-width digits", f"write {plain}", "full-width"
    if _PLAIN.fullmatch(plain.replace(",", "").replace(" ", "")):
        return f"{name} reads {word!r}", f"write {plain.replace(',', '').replace(' ', '')}", "thousands-separator"
    if plain.lower().lstrip("+-") in ("inf", "infinity", "∞") or _PLAIN.fullmatch(plain):
        return f"{name} reads {word!r}, which is not finite", "write the number", "not-finite"
    return f"{name} reads {word[:40]!r}, which is not a number", "write digits only; the unit has its own column", "not-a-number"
