"""Tables as files of their own (表格文件), CSV or an Excel workbook: written whole or not at all, never over a file."""

import re
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pandas as pd

from gep.errors import Problem, ProblemsFound, make_problem
from gep.io.result_folder import safe_text

_NO_TIME = datetime(2000, 1, 1)
_WIDEST = 60  # half-width characters of a column
_ROWS = 1_048_575  # that Excel holds below the header
_TYPED = (
    "value",
)  # blank columns where Excel is to see numbers; all other texts stay texts, so that codes keep zeros


def write_tables(files: Mapping[Path, Mapping[str, pd.DataFrame]]) -> None:
    """Write each file from its tables by sheet name; ``.csv`` (with BOM) holds one table, ``.xlsx`` any number.

    Raises ``ProblemsFound`` where a file exists, is of another kind, or cannot be written; then none is written.
    """
    for path, tables in files.items():
        refuse_existing(path)
        if fault := _fault(path, tables):
            raise ProblemsFound([make_problem("cannot-write", str(path), *fault)])
    try:
        with ExitStack() as stack:
            made = {}
            for path, tables in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                folder = stack.enter_context(
                    tempfile.TemporaryDirectory(prefix=".gep-", dir=path.parent)
                )
                made[path] = Path(folder) / path.name
                _write(made[path], tables)
            for path, scratch in made.items():
                scratch.rename(path)
    except OSError as error:
        raise ProblemsFound([unwritten(path, error)]) from None


def refuse_existing(where: Path) -> None:
    """Raise ``ProblemsFound`` where there is a file or folder already."""
    if where.exists():
        raise ProblemsFound(
            [
                make_problem(
                    "file-exists",
                    str(where),
                    "exists already, and is left as it is",
                    "choose another name",
                )
            ]
        )


def unwritten(where: Path, error: OSError) -> Problem:
    """The problem of a place that cannot be written to."""
    return make_problem(
        "cannot-write", str(where), f"{error.strerror or error}", "choose another place"
    )


def _fault(path: Path, tables: Mapping[str, pd.DataFrame]) -> tuple[str, str] | None:
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        return f"a {kind or 'nameless'} file is not written", "end the name with .csv or .xlsx"
    if kind == ".csv" and len(tables) > 1:
        return f"a CSV holds one table, these are {len(tables)}", "name two files, or one .xlsx"
    if kind == ".xlsx" and max(map(len, tables.values())) > _ROWS:
        return f"Excel holds {_ROWS} rows, there are more", "end the name with .csv"
    return None


def _write(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    if path.suffix.lower() == ".xlsx":
        _write_book(path, tables)
        return
    for frame in tables.values():
        text = "\ufeff" + safe_text(frame).to_csv(
            index=False, lineterminator="\n"
        )  # Excel needs the mark
        path.write_text(text, encoding="utf-8", newline="")


def _write_book(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Sheets with a frozen header; columns of text are kept as text, in the rows that a user adds as well."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for title, frame in tables.items():
        page = book.create_sheet(title)
        page.freeze_panes = "A2"
        for place, name in enumerate(frame.columns, 1):
            column, words = page.column_dimensions[get_column_letter(place)], list(frame[name])
            column.width = min(max(_width(str(word)) for word in (name, *words)) + 2, _WIDEST)
            column.number_format = "@" if _is_text(name, words) else "General"
            page.cell(1, place, name).font = Font(bold=True)
            for row, word in enumerate(words, 2):
                cell = page.cell(row, place)
                if isinstance(word, str) and word:
                    cell.value = ILLEGAL_CHARACTERS_RE.sub("", word)
                    cell.data_type = "s"  # = begins no formula here
                elif word != "":
                    cell.value = word
                cell.number_format = column.number_format
    book.properties.created = book.properties.modified = _NO_TIME
    book.save(path)
    _without_times(path)


def _without_times(path: Path) -> None:
    """Write a workbook anew without the times at which its parts were made: the same tables are the same bytes."""
    with zipfile.ZipFile(path) as made:
        parts = [(name, made.read(name)) for name in made.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts:
            if name == "docProps/core.xml":  # openpyxl writes the time of saving
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content
                )
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _is_text(name: str, words: list[object]) -> bool:
    typed = name in _TYPED and not any(words)
    return not typed and all(isinstance(word, str) for word in words)


def _width(word: str) -> int:
    return len(
        word.encode("gb18030", "replace")
    )  # as a terminal counts: a Chinese character is two wide
