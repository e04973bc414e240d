"""A filled checklist (填好的核对表): what two readers say, read strictly.

A workbook that comes back may be any file. It is held cell by cell against the checklist that the
standard gives now; what the readers say is held against each other. All problems are reported with
their cells, and nothing is guessed. What becomes of the answers is in ``gep.workflows.sign_off``.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from gep.errors import Head, Place, ProblemLog
from gep.inputs.value_rows import is_readable
from gep.io.csv_excel import SheetCells, printable, read_sheet, read_tops
from gep.io.tables import is_date
from gep.io.workbook import column_letter
from gep.report.checklist_workbook import (
    ANSWERS,
    READER_FACTS,
    READERS,
    VERSION_FACTS,
    Answer,
    Checklist,
    ChecklistRow,
    answer_word,
    entry_headings,
    headings,
    sheet_title,
)
from gep.standards.sign_off import (
    ITEM_KINDS,
    ItemContent,
    is_same_person,
    is_sha256,
)
from gep.texts.catalogue import LANGUAGES, Language, Listed, say, visible

_CODE = "checklist"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_LONGEST_REMARK = 200  # characters: own words, not the text of the standard
_LONGEST_CELL = 60  # characters of what is said instead
_NAMED = 5
_SHOWN = 60  # characters of a cell that a message shows
_INSTEAD = ("value", "unit", "clause")


class Reader(NamedTuple):
    """Who has read the text, and which copy of it.

    Attributes
    ----------
    name, edition, sha256, date : str
    """

    name: str
    edition: str
    sha256: str
    date: str


class Finding(NamedTuple):
    """What both readers say of an item.

    Attributes
    ----------
    content : ItemContent
    answer : {'yes', 'no', 'absent'}
    page : str
    value, unit, clause : str
        What the text says instead; blank where it says the same.
    remarks : tuple of str
        Of each reader.
    """

    content: ItemContent
    answer: Answer
    page: str
    value: str
    unit: str
    clause: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class FilledChecklist:
    """A checklist that was filled in without a fault.

    Attributes
    ----------
    checklist : Checklist
        In the language of the workbook.
    readers : tuple of Reader
    findings : tuple of Finding
        Of the rows that were read.
    """

    checklist: Checklist
    readers: tuple[Reader, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Sheet:
    """A sheet of a filled checklist: its cells as text, by row and column."""

    label: str
    language: Language
    cells: Mapping[tuple[int, int], str]
    columns: Mapping[str, int]  # by heading
    first: int  # row below the headings

    @property
    def rows(self) -> list[int]:
        """The rows below the headings in which something stands."""
        return sorted({row for row, _ in self.cells if row >= self.first})

    def cell(self, row: int, heading: str) -> str:
        """Return the text below a heading."""
        return self.cells.get((row, self.columns[heading]), "")

    def place(self, row: int, heading: str) -> Place:
        """Return the cell below a heading as a place for messages."""
        head = Head(column_letter(self.columns[heading]), heading)
        return Place(self.label, (row,), heading, head=head)


def sheet_language(path: Path, problems: ProblemLog) -> Language | None:
    """Tell by its sheets in which language a checklist was written.

    Parameters
    ----------
    path : Path
    problems : ProblemLog
        Receives ``checklist`` for a workbook that is none, and what is wrong with the file.

    Returns
    -------
    {'zh', 'en'} or None
        None if the workbook is no checklist.
    """
    label = printable(path.name)
    tops = read_tops(path, 1, label, problems)
    if tops is None:
        return None
    missing: list[str] = []
    for language in LANGUAGES:
        titles = [_cover_title(language)]
        for name in ("readers", *ITEM_KINDS):
            titles.append(sheet_title(name, language))
        absent = [title for title in titles if title not in tops]
        if not absent:
            return language
        if not missing or len(absent) < len(missing):
            missing = absent
    sheets = Listed(tuple(missing), len(missing))
    message = "workflows.checklist-without-sheets"
    problems.add(_CODE, label, message, count=len(missing), sheets=sheets)
    return None


def load_filled_checklist(
    path: Path, checklist: Checklist, problems: ProblemLog
) -> FilledChecklist | None:
    """Load a filled checklist, and check all that it says.

    Parameters
    ----------
    path : Path
    checklist : Checklist
        What the standard gives now, in the language of the workbook.
    problems : ProblemLog
        Receives ``checklist`` for each fault, and what is wrong with the file.

    Returns
    -------
    FilledChecklist or None
        None if there is any fault.
    """
    label = printable(path.name)
    if not _is_of_version(path, label, checklist, problems):
        return None
    log = ProblemLog()
    readers = _readers(path, label, checklist.language, log)
    findings: list[Finding] = []
    for kind in ITEM_KINDS:
        page = _load_page(path, label, kind, checklist.language, log)
        heads = headings(kind, checklist.language)
        entries = []
        for reader in READERS:
            entry = entry_headings(kind, reader, checklist.language)
            entries.append(entry)
            heads += entry.values()
        sheet = None if page is None else _with_headings(page, heads, log)
        if sheet is not None:
            rows = _matched_rows(sheet, checklist.rows[kind], heads, log)
            findings += _findings(sheet, rows, entries, log)
    if not findings and not log.errors:
        log.add(_CODE, label, "workflows.checklist-unanswered")
    problems.include_log(log)
    return None if log.errors else FilledChecklist(checklist, readers, tuple(findings))


# --- which checklist it is ------------------------------------------------------------------------


def _cover_title(language: Language) -> str:
    """Return the title of the first sheet."""
    return say(language, "report.book-sheet.cover")


def _is_of_version(path: Path, label: str, checklist: Checklist, problems: ProblemLog) -> bool:
    """Check that a workbook is of the standard and the sets as they are now."""
    language = checklist.language
    cover = read_sheet(path, _cover_title(language), label, problems)
    if cover is None:
        return False
    cells = _cells(cover)
    facts = {}
    for (row, column), words in cells.items():
        if column == 1:
            facts[words] = cells.get((row, 2), "")
    place = f"{label}#{_cover_title(language)}"
    for name in VERSION_FACTS:
        fact = say(language, f"report.book-cover.{name}")
        stated = facts.get(fact, "")
        if stated == checklist.fact(name):
            continue
        message = "workflows.checklist-other-version"
        if name == "checked-id":
            message = "workflows.checklist-other-standard"
        values = {"fact": fact, "stated": printable(stated), "expected": checklist.fact(name)}
        problems.add(_CODE, place, message, id=checklist.standard.id, **values)
        return False
    return True


def _cells(page: SheetCells) -> dict[tuple[int, int], str]:
    """Return the cells of a sheet, blanks within them as a single one."""
    rows = page.rows.tolist()
    columns = page.columns.tolist()
    cells = {}
    for row, column, words in zip(rows, columns, page.cells, strict=True):
        cells[row, column] = _plain(words)
    return cells


def _plain(words: str) -> str:
    """Return words with single blanks between them, whatever a spreadsheet made of line ends."""
    return " ".join(words.split())


def _load_page(
    path: Path, label: str, name: str, language: Language, problems: ProblemLog
) -> _Sheet | None:
    """Load a sheet, without its headings."""
    title = sheet_title(name, language)
    page = read_sheet(path, title, label, problems)
    return None if page is None else _Sheet(f"{label}#{title}", language, _cells(page), {}, 1)


def _with_headings(page: _Sheet, heads: Sequence[str], problems: ProblemLog) -> _Sheet | None:
    """Return a sheet with its headings, which all stand in a row; None if they do not."""
    by_row: dict[int, dict[str, int]] = {}
    for (row, column), words in page.cells.items():
        if words in heads:
            by_row.setdefault(row, {}).setdefault(words, column)
    row = max(by_row, key=lambda number: len(by_row[number]), default=0)
    columns = by_row.get(row, {})
    missing = tuple(head for head in heads if head not in columns)
    if missing:
        listed = Listed(missing, _NAMED)
        message = "workflows.checklist-headings"
        problems.add(_CODE, page.label, message, count=len(missing), heads=listed)
        return None
    return replace(page, columns=columns, first=row + 1)


def _matched_rows(
    sheet: _Sheet, expected: Sequence[ChecklistRow], heads: Sequence[str], problems: ProblemLog
) -> list[tuple[int, ChecklistRow]]:
    """Return the rows of a sheet with those that they are of; reports all that was changed."""
    by_item = {}
    for row in expected:
        by_item[_plain(row.content.item)] = row
    matched: dict[str, tuple[int, ChecklistRow]] = {}
    for number in sheet.rows:
        item = sheet.cell(number, heads[0])
        place = sheet.place(number, heads[0])
        if item not in by_item:
            values = {"item": printable(item, _SHOWN)}
            problems.add(_CODE, place, "workflows.checklist-row-unknown", **values)
        elif item in matched:
            problems.add(_CODE, place, "workflows.checklist-row-twice", item=item)
        else:
            row = by_item[item]
            matched[item] = (number, row)
            for head, cell in zip(heads, row.cells, strict=False):
                _check_cell(sheet, number, head, cell, problems)
    missing = tuple(item for item in by_item if item not in matched)
    if missing:
        listed = Listed(missing, _NAMED)
        message = "workflows.checklist-rows-missing"
        problems.add(_CODE, sheet.label, message, count=len(missing), items=listed)
    return list(matched.values())


def _check_cell(
    sheet: _Sheet, number: int, head: str, expected: str | float, problems: ProblemLog
) -> None:
    """Check that a cell says what the checklist says."""
    stated = sheet.cell(number, head)
    if isinstance(expected, str):
        is_same = stated == _plain(visible(expected))
    else:
        is_same = _NUMBER.fullmatch(stated) is not None and float(stated) == expected
    if not is_same:
        values = {"stated": printable(stated, _SHOWN), "expected": printable(expected, _SHOWN)}
        place = sheet.place(number, head)
        problems.add(_CODE, place, "workflows.checklist-cell-changed", **values)


# --- readers --------------------------------------------------------------------------------------


def _readers(
    path: Path, label: str, language: Language, problems: ProblemLog
) -> tuple[Reader, ...]:
    """Read who the readers are; reports what is missing, and what is not alike."""
    page = _load_page(path, label, "readers", language, problems)
    heads = [say(language, "report.checklist-column.readers")]
    for reader in READERS:
        heads.append(say(language, "report.checklist.reader", reader=reader))
    sheet = None if page is None else _with_headings(page, heads, problems)
    if sheet is None:
        return ()
    row_of: dict[str, int] = {}
    for row in sheet.rows:
        row_of[sheet.cell(row, heads[0])] = row
    facts: dict[str, list[str]] = {}
    places: dict[str, list[Place | str]] = {}
    for name in READER_FACTS:
        fact = say(language, f"report.checklist-reader.{name}")
        number = row_of.get(_plain(fact))
        if number is None:
            values = {"count": 1, "heads": fact}
            problems.add(_CODE, sheet.label, "workflows.checklist-headings", **values)
            return ()
        words = [sheet.cell(number, head) for head in heads[1:]]
        facts[name] = [word.lower() for word in words] if name == "sha256" else words
        places[name] = [sheet.place(number, head) for head in heads[1:]]
        for word, place in zip(words, places[name], strict=True):
            if word == "":
                message = "workflows.checklist-reader-blank"
                problems.add(_CODE, place, message, fact=fact)
    _check_readers(facts, places, problems)
    return tuple(Reader(*words) for words in zip(*facts.values(), strict=True))


def _check_readers(
    facts: Mapping[str, Sequence[str]],
    places: Mapping[str, Sequence[Place | str]],
    problems: ProblemLog,
) -> None:
    """Check that the readers are two persons who have read the same copy."""
    checks = {"sha256": is_sha256, "date": is_date}
    for name, is_right in checks.items():
        for word, place in zip(facts[name], places[name], strict=True):
            if word and not is_right(word):
                message = f"workflows.checklist-{name}"
                problems.add(_CODE, place, message, value=printable(word, _SHOWN))
    for name in ("name", "edition", "sha256"):
        first, second = facts[name]
        is_same = is_same_person(first, second) if name == "name" else first == second
        if first and second and is_same == (name == "name"):
            values = {"first": printable(first, _SHOWN), "second": printable(second, _SHOWN)}
            message = f"workflows.checklist-readers-{name}"
            problems.add(_CODE, places[name][-1], message, **values)


# --- answers --------------------------------------------------------------------------------------


def _findings(
    sheet: _Sheet,
    rows: Sequence[tuple[int, ChecklistRow]],
    entries: Sequence[Mapping[str, str]],
    problems: ProblemLog,
) -> Iterator[Finding]:
    """Yield what both readers say of the rows that they have read."""
    for number, row in rows:
        answers = []
        for entry in entries:
            answers.append(_answer(sheet, number, entry, problems))
        if any(answers):
            reading = _RowReading(sheet, number, row.content, entries, problems)
            finding = reading.finding(answers)
            if finding is not None:
                yield finding


def _answer(
    sheet: _Sheet, number: int, entry: Mapping[str, str], problems: ProblemLog
) -> Answer | None:
    """Return the answer of a reader; None if there is none, or none that can be understood."""
    word = unicodedata.normalize("NFKC", sheet.cell(number, entry["answer"])).casefold()
    place = sheet.place(number, entry["answer"])
    for answer in ANSWERS:
        if word in [answer_word(answer, language) for language in LANGUAGES]:
            return answer
    if word:
        shown = printable(word, _SHOWN)
        words = tuple(answer_word(answer, sheet.language) for answer in ANSWERS)
        problems.add(_CODE, place, "workflows.checklist-answer", value=shown, words=words)
        return None
    filled = [name for name, head in entry.items() if sheet.cell(number, head)]
    if filled:
        problems.add(_CODE, place, "workflows.checklist-no-answer")
    return None


@dataclass(frozen=True)
class _RowReading:
    """What both readers say of a row."""

    sheet: _Sheet
    number: int
    content: ItemContent
    entries: Sequence[Mapping[str, str]]
    problems: ProblemLog

    def finding(self, answers: Sequence[Answer | None]) -> Finding | None:
        """Return what both say; None, with problems, if they do not say the same."""
        for answer, entry in zip(answers, self.entries, strict=True):
            if answer is None:
                if not self._cell(entry, "answer"):
                    self._report("workflows.checklist-single-reader", entry, "answer")
                return None
        first, second = answers
        if first is None or first != second:
            self._report("workflows.checklist-answers-differ", self.entries[1], "answer")
            return None
        for entry in self.entries:
            self._check_entry(entry, first)
        remarks = tuple(self._cell(entry, "remark") for entry in self.entries)
        return Finding(
            content=self.content,
            answer=first,
            page=self._agreed("page"),
            value=self._agreed("value"),
            unit=self._agreed("unit"),
            clause=self._agreed("clause"),
            remarks=remarks,
        )

    def _cell(self, entry: Mapping[str, str], name: str) -> str:
        """Return what a reader has written into a column; blank if it has no such column."""
        return self.sheet.cell(self.number, entry[name]) if name in entry else ""

    def _report(self, message: str, entry: Mapping[str, str], name: str, **values: object) -> None:
        """Report what is wrong with a cell of a reader."""
        place = self.sheet.place(self.number, entry[name])
        self.problems.add(_CODE, place, message, **values)

    def _check_entry(self, entry: Mapping[str, str], answer: Answer) -> None:
        """Check what a reader has written beside the answer."""
        if not self._cell(entry, "page") and answer != "absent":
            self._report("workflows.checklist-page", entry, "page")
        filled = [name for name in _INSTEAD if self._cell(entry, name)]
        if filled and answer != "no":
            self._report("workflows.checklist-instead-without-no", entry, filled[0])
        if answer == "no" and not filled and not self._cell(entry, "remark"):
            self._report("workflows.checklist-instead-blank", entry, "answer")
        value = unicodedata.normalize("NFKC", self._cell(entry, "value"))
        if value and not _NUMBER.fullmatch(value):
            shown = printable(value, _SHOWN)
            self._report("workflows.checklist-value", entry, "value", value=shown)
        unit = self._cell(entry, "unit")
        if unit and not is_readable(unit):
            shown = printable(unit, _SHOWN)
            self._report("workflows.checklist-unit", entry, "unit", unit=shown)
        for name in ("page", "clause", "remark"):
            limit = _LONGEST_REMARK if name == "remark" else _LONGEST_CELL
            length = len(self._cell(entry, name))
            if length > limit:
                self._report("workflows.checklist-long", entry, name, length=length, most=limit)

    def _agreed(self, name: str) -> str:
        """Return what both have written into a column; reports where they differ."""
        words = [unicodedata.normalize("NFKC", self._cell(entry, name)) for entry in self.entries]
        if name == "value" and all(_NUMBER.fullmatch(word) for word in words):
            is_same = float(words[0]) == float(words[1])
        else:
            is_same = words[0] == words[1]
        if not is_same:
            self._report(
                "workflows.checklist-entries-differ", self.entries[1], name, entries=tuple(words)
            )
        return words[0]
