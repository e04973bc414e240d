"""Checklists of standards, filled in by readers who are made up."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from gep.report.checklist_workbook import (
    READER_FACTS,
    entry_headings,
    headings,
    sheet_title,
)
from gep.standards.sign_off import ItemKind
from gep.texts.catalogue import Language
from gep.workflows.sign_off import write_checklist

READERS = {
    "name": ("Li Made-up", "Wang Made-up"),
    "edition": ("DB 00/T 1-2024, first printing", "DB 00/T 1-2024, first printing"),
    "sha256": ("0a" * 32, "0A" * 32),
    "date": ("2026-11-20", "2026-11-21"),
}
HEADING_ROW = 3
FIRST_ROW = HEADING_ROW + 1

Answers = dict[str, str]  # of both readers by column, such as answer and page
Change = Callable[[openpyxl.Workbook], object]


def sheet(book: openpyxl.Workbook, name: str, language: Language = "en") -> Worksheet:
    """Return a sheet by its kind, or ``readers``."""
    return book[sheet_title(name, language)]


def column(kind: ItemKind, name: str, reader: int, language: Language = "en") -> int:
    """Return the column in which a reader writes something."""
    words = headings(kind, language)
    for each in (1, 2):
        entries = entry_headings(kind, each, language)
        if each == reader:
            return len(words) + list(entries).index(name) + 1
        words = [*words, *entries.values()]
    raise AssertionError(name)


def row_of(page: Worksheet, item: str) -> int:
    """Return the row of an item."""
    (row,) = [cell.row for cell in page["A"] if cell.value == item]
    assert row is not None
    return row


def items(page: Worksheet) -> list[str]:
    """Return the items of a sheet."""
    return [str(cell.value) for cell in page["A"][HEADING_ROW:]]


def answer(
    book: openpyxl.Workbook,
    kind: ItemKind,
    item: str,
    answers: Answers,
    language: Language = "en",
) -> None:
    """Have both readers write the same into a row."""
    page = sheet(book, kind, language)
    row = row_of(page, item)
    for name, words in answers.items():
        for reader in (1, 2):
            page.cell(row, column(kind, name, reader, language)).value = words


def name_readers(book: openpyxl.Workbook, language: Language = "en") -> None:
    """Write who the readers are."""
    page = sheet(book, "readers", language)
    for row, name in enumerate(READER_FACTS, FIRST_ROW):
        for position, words in enumerate(READERS[name], 2):
            page.cell(row, position).value = words


def filled(standard: Path | str, path: Path, change: Change, language: Language = "en") -> Path:
    """Write the checklist of a standard, and fill it in."""
    write_checklist(str(standard), path, language=language)
    book = openpyxl.load_workbook(path)
    name_readers(book, language)
    change(book)
    book.save(path)
    return path
