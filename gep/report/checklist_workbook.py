"""The checklist of a standard (核对表): a workbook in which two readers hold it against its text.

The module owns what stands in the rows of a checklist and what readers fill in beside them. The
same standard, sets and language give the same rows, by which ``gep.workflows.sign_off`` knows
whether a workbook that comes back is still the one that was handed out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from gep import __version__
from gep.account.caption import category_title, evidence_title
from gep.errors import ProblemLog
from gep.extent.classes import load_class_scheme
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.signed_rows import row_content
from gep.inputs.value_rows import GRADES, KEYS, grade_title
from gep.io.spreadsheets import refuse_too_many, write_new_book
from gep.io.workbook import BookSheet, Cell, CellRule, StyleName, save_workbook
from gep.plan.blank_form import spoken
from gep.plan.plan_table import RowNames
from gep.report.table_pages import cover_page, source_words
from gep.standards.method import method_doc
from gep.standards.sign_off import ITEM_KINDS, ItemContent, ItemKind, contents_of
from gep.standards.standard import Binding, Indicator, NamedStep, Standard
from gep.texts.catalogue import Label, Language, say

Answer = Literal["yes", "no", "absent"]
ANSWERS: tuple[Answer, ...] = ("yes", "no", "absent")
READERS = (1, 2)
READER_FACTS = ("name", "edition", "sha256", "date")
# What is known by its label on the cover, and says which standard a checklist is of.
VERSION_FACTS = ("checked-id", "checksum", "checked-sets")
# By kind the columns that are written, with their widths in half-width characters.
_COLUMNS: Mapping[ItemKind, Mapping[str, float]] = {
    "indicator": {
        "item": 24,
        "name": 24,
        "category": 14,
        "price-concept": 14,
        "totals": 24,
        "clause": 44,
    },
    "step": {"item": 24, "name": 20, "equation": 38, "inputs": 40, "unit": 10, "clause": 16},
    "coefficient": {
        "item": 24,
        "name": 20,
        "value": 11,
        "unit": 11,
        "price-year": 7,
        "source": 28,
        "locator": 16,
        "grade": 10,
    },
}
# By kind the columns that each of the readers fills in.
_ENTRIES: Mapping[ItemKind, Mapping[str, float]] = {
    "indicator": {"page": 9, "answer": 10, "remark": 24},
    "step": {"page": 9, "answer": 10, "unit": 11, "clause": 11, "remark": 16},
    "coefficient": {"page": 9, "answer": 10, "value": 11, "unit": 11, "clause": 11, "remark": 14},
}
_FROZEN = 2  # columns that say what a row is
_READER_WIDTHS = (24.0, 52.0, 52.0)
_HOW_TO = ("copy", "readers", "answers", "instead", "words", "blank", "back")
_SHA256_LENGTH = 64


@dataclass(frozen=True)
class ChecklistRow:
    """A row of a checklist.

    Attributes
    ----------
    content : ItemContent
        The item, and the checksum of what it says.
    cells : tuple of str or float
        By the columns of its kind.
    """

    content: ItemContent
    cells: tuple[str | float, ...]


@dataclass(frozen=True)
class Checklist:
    """What is to be held against the text of a standard.

    Attributes
    ----------
    standard : Standard
    sets : tuple of CoefficientSet
        Its default sets.
    language : {'zh', 'en'}
    rows : mapping of str to sequence of ChecklistRow
        By kind.
    """

    standard: Standard
    sets: tuple[CoefficientSet, ...]
    language: Language
    rows: Mapping[ItemKind, Sequence[ChecklistRow]]

    def fact(self, name: str) -> str:
        """Return a fact that says which standard this is, one of ``VERSION_FACTS``."""
        if name == "checked-id":
            return self.standard.id
        if name == "checksum":
            return self.standard.checksum
        return " ".join(each.label for each in self.sets)


def sheet_title(name: str, language: Language) -> str:
    """Return the title of a sheet.

    Parameters
    ----------
    name : str
        A kind of item, or ``readers``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, f"report.checklist-sheet.{name}")


def headings(kind: ItemKind, language: Language) -> list[str]:
    """Return the headings of the columns that are written.

    Parameters
    ----------
    kind : {'indicator', 'step', 'coefficient'}
    language : {'zh', 'en'}

    Returns
    -------
    list of str
    """
    return [say(language, f"report.checklist-column.{name}") for name in _COLUMNS[kind]]


def entry_headings(kind: ItemKind, reader: int, language: Language) -> dict[str, str]:
    """Return the headings of the columns that a reader fills in, by the name of the column.

    Parameters
    ----------
    kind : {'indicator', 'step', 'coefficient'}
    reader : {1, 2}
    language : {'zh', 'en'}

    Returns
    -------
    dict of str to str
        ``page``, ``answer``, ``remark``, and what can be said that the text says instead.
    """
    heads = {}
    for name in _ENTRIES[kind]:
        heads[name] = say(language, f"report.checklist-entry.{name}", reader=reader)
    return heads


def answer_word(answer: Answer, language: Language) -> str:
    """Return the word of an answer.

    Parameters
    ----------
    answer : {'yes', 'no', 'absent'}
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, f"report.checklist-answer.{answer}")


def make_checklist(
    standard: Standard, sets: tuple[CoefficientSet, ...], language: Language
) -> Checklist:
    """Make the checklist of a standard.

    Parameters
    ----------
    standard : Standard
    sets : tuple of CoefficientSet
        Its default sets, of which the rows that a step asks for are listed.
    language : {'zh', 'en'}

    Returns
    -------
    Checklist
    """
    words = _ChecklistWords(standard, language)
    of_indicators: list[ItemContent] = []
    of_steps: list[ItemContent] = []
    for content in contents_of(standard.document, standard.home_of):
        by_kind = of_steps if content.kind == "step" else of_indicators
        by_kind.append(content)
    indicators = []
    for content, indicator in zip(of_indicators, standard.spec.indicator, strict=True):
        cells = tuple(words.of_indicator(indicator))
        row = ChecklistRow(content, cells)
        indicators.append(row)
    steps = []
    for content, step in zip(of_steps, standard.steps(), strict=True):
        cells = tuple(words.of_step(step))
        row = ChecklistRow(content, (content.item, *cells))
        steps.append(row)
    coefficients: list[ChecklistRow] = []
    for coefficient_set in sets:
        coefficients += words.of_set(coefficient_set)
    rows: dict[ItemKind, Sequence[ChecklistRow]] = {
        "indicator": indicators,
        "step": steps,
        "coefficient": coefficients,
    }
    return Checklist(standard, sets, language, rows)


class _ChecklistWords:
    """Puts the items of a standard into words."""

    def __init__(self, standard: Standard, language: Language) -> None:
        self.standard = standard
        self.language = language
        ecosystems = standard.spec.ecosystems
        problems = ProblemLog()
        home = standard.home_of(ecosystems)
        scheme = load_class_scheme(ecosystems, home, standard.path.name, problems)
        problems.raise_errors()
        assert scheme is not None
        self.names = RowNames(standard, scheme, None, language)
        self.asked: set[str] = set()
        for step in standard.steps():
            self.asked.update(binding.coef for binding in step.step.inputs.values())

    def of_indicator(self, indicator: Indicator) -> Iterator[str]:
        """Yield the cells of an indicator."""
        language = self.language
        yield indicator.id
        yield indicator.name.say(language)
        category = category_title(indicator.category, language)
        yield "\n".join(filter(None, [category, indicator.source_category]))
        concept = indicator.price_concept
        yield say(language, f"reference.word.{concept}") if concept else ""
        names = []
        for total in self.standard.spec.total:
            if indicator.id in total.indicators:
                names.append(total.name.say(language))
        yield "\n".join(names)
        clauses: dict[str, None] = {}
        for step in indicator.step:
            if step.clause:
                clauses[step.clause] = None
        yield "\n".join(clauses)

    def of_step(self, named: NamedStep) -> Iterator[str]:
        """Yield the cells of a step: its name, equation, inputs, unit and clause."""
        language = self.language
        step = named.step
        titles = []
        if named.indicator is not None:
            titles.append(named.indicator.name.say(language))
        if step.name is not None:
            titles.append(step.name.say(language))
        titles.append(say(language, f"account.kind.{step.kind}"))
        yield "\n".join(titles)
        home = self.standard.home_of(step.method)
        doc = method_doc(step.method, home)
        lines = [*doc.symbols, step.method]
        if doc.formula:
            lines.insert(0, doc.formula)
        yield "\n".join(lines)
        inputs = []
        for argument, binding in step.inputs.items():
            inputs.append(self._input(argument, binding))
        inputs.append(f"per {step.per}")
        for key, members in step.over.items():
            inputs.append(f"over {key}={', '.join(members)}")
        if step.sum_over:
            inputs.append(f"sum over {', '.join(step.sum_over)}")
        yield "\n".join(inputs)
        yield spoken(step.unit, language)
        yield step.clause

    def _input(self, argument: str, binding: Binding) -> str:
        """Return the line of an input: its argument, where it comes from, what that is called."""
        line = f"{argument}: {binding}"
        if not (binding.data or binding.coef):
            return line
        title = self.names.of_input(binding)
        return line if title in line else f"{line} {title}"

    def of_set(self, coefficients: CoefficientSet) -> Iterator[ChecklistRow]:
        """Yield the rows of a set that a step of the standard asks for."""
        rows = coefficients.rows
        is_asked = rows["name"].isin(self.asked)
        for record in rows[is_asked].to_dict("records"):
            row = cast(Mapping[str, Any], record)
            content = row_content(coefficients.header.id, row)
            cells = tuple(self._coefficient(row, coefficients))
            yield ChecklistRow(content, (content.item, *cells))

    def _coefficient(
        self, row: Mapping[str, Any], coefficients: CoefficientSet
    ) -> Iterator[str | float]:
        """Yield the cells of a coefficient behind its item."""
        language = self.language
        name = self.names.title(row["name"], self.standard.spec.coefficient)
        titles = [name]
        for key in KEYS:
            member = row[key]
            if member:
                titles.append(self.names.member(key, member))
        yield "\n".join(titles)
        yield "na" if row["na"] else float(row["value"])
        yield spoken(row["unit"], language)
        yield row["price_year"]
        source = coefficients.sources.get(row["source"])
        yield row["source"] if source is None else source_words(source, language)
        yield row["locator"]
        grade = GRADES[row["grade"]]
        yield grade_title(grade, language)


# --- the workbook ---------------------------------------------------------------------------------


def write_checklist_workbook(path: Path, checklist: Checklist) -> int:
    """Write a checklist as a workbook.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    checklist : Checklist

    Returns
    -------
    int
        Number of rows to check.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    count = sum(map(len, checklist.rows.values()))
    refuse_too_many(path, count)
    language = checklist.language
    sheets = [_readers_page(language)]
    sheets += [_items_page(checklist, kind) for kind in ITEM_KINDS]
    spec = checklist.standard.spec
    cover = cover_page(
        title=say(language, "report.checklist.title", title=spec.title),
        lines=[say(language, f"report.checklist-step.{name}") for name in _HOW_TO],
        facts=_facts(checklist),
        sheets=sheets,
        language=language,
        note="checklist-note",
        signatures=("reader-1", "reader-2", "seal"),
    )
    write_new_book(path, lambda file: save_workbook(file, [cover, *sheets], language))
    return count


def _facts(checklist: Checklist) -> Iterator[tuple[str, str]]:
    """Yield what the cover says, by the key of its label."""
    language = checklist.language
    standard = checklist.standard
    spec = standard.spec
    yield "standard", Label(spec.id, spec.title).say(language)
    yield "source", source_words(spec.sources[spec.source], language)
    yield "evidence", evidence_title(spec.evidence, language)
    counts = []
    for kind, rows in checklist.rows.items():
        counts.append(f"{sheet_title(kind, language)} {len(rows)}")
    yield "checked-rows", say(language, "report.book.joint").join(counts)
    for name in VERSION_FACTS:
        yield name, checklist.fact(name)
    yield "software", f"gep {__version__}"


def _readers_page(language: Language) -> BookSheet:
    """Make the sheet on which both readers say who they are and what they have read."""
    title = sheet_title("readers", language)
    sheet = BookSheet(title, len(_READER_WIDTHS), frozen_columns=1, widths=_READER_WIDTHS)
    sheet.add_line(title, "title")
    sheet.add_line(say(language, "report.checklist.readers"))
    heads = [say(language, "report.checklist-column.readers")]
    for reader in READERS:
        heads.append(say(language, "report.checklist.reader", reader=reader))
    sheet.add_headings(heads)
    blanks = [Cell("", "entry")] * len(READERS)
    for name in READER_FACTS:
        label = say(language, f"report.checklist-reader.{name}")
        row = sheet.add(Cell(label, "heading"), *blanks)
        if name == "sha256":
            rule = CellRule(
                cells=f"B{row}:C{row}",
                kind="custom",
                first=f"LEN(B{row})={_SHA256_LENGTH}",
                title=label,
                message=say(language, "report.checklist.sha256"),
            )
            sheet.rules.append(rule)
    return sheet


def _items_page(checklist: Checklist, kind: ItemKind) -> BookSheet:
    """Make the sheet of the items of a kind, with room for the answers of both readers."""
    language = checklist.language
    heads = headings(kind, language)
    written = len(heads)
    widths = [*_COLUMNS[kind].values()]
    entries = []
    for reader in READERS:
        entry = entry_headings(kind, reader, language)
        entries.append(entry)
        heads += entry.values()
        widths += _ENTRIES[kind].values()
    title = sheet_title(kind, language)
    sheet = BookSheet(
        title,
        len(heads),
        frozen_columns=_FROZEN,
        widths=tuple(widths),
    )
    sheet.add_line(title, "title")
    sheet.add_line(say(language, f"report.checklist-note.{kind}"))
    sheet.add_headings(heads)
    blank = Cell("", "entry")
    blanks = [blank] * (len(heads) - written)
    for row in checklist.rows[kind]:
        cells = []
        for cell in row.cells:
            style: StyleName = "text" if isinstance(cell, str) else "exact"
            cells.append(Cell(cell, style))
        sheet.add(*cells, *blanks)
    words = ",".join(answer_word(answer, language) for answer in ANSWERS)
    message = say(language, "report.checklist.answers", words=words)
    first_row = sheet.heading + 1
    last_row = max(len(sheet.rows), first_row)
    for entry in entries:
        head = entry["answer"]
        column = heads.index(head) + 1
        first = sheet.address(first_row, column)
        last = sheet.address(last_row, column)
        rule = CellRule(
            cells=f"{first}:{last}",
            kind="list",
            first=f'"{words}"',
            title=head[:_LONGEST_RULE_TITLE],
            message=message,
        )
        sheet.rules.append(rule)
    return sheet


_LONGEST_RULE_TITLE = 32  # characters that Excel takes for the title of a rule
