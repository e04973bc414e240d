"""The tables of an assessment as people hand them in (考核用表): a workbook in one language.

The module owns the sheets and the words for codes; the numbers are those of the assessment's
tables. Which columns a sheet has is left to ``gep.report.assessment_layouts``, how it is printed to
``gep.io.workbook``.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gep.account.caption import legal_title
from gep.assessment.context import AssessmentContext
from gep.assessment.review.log import STATES
from gep.assessment.scheme import Assessment, SchemeSpec
from gep.inputs.value_rows import GRADE, GRADES, grade_words, unit_fault
from gep.io.spreadsheets import refuse_too_many, write_new_book
from gep.io.workbook import BookSheet, Cell, StyleName, save_workbook
from gep.plan.blank_form import spoken
from gep.report.assessment_layouts import (
    MISSED_TABLE,
    HandInLayout,
    arranged,
    layout_of,
    layout_title,
    names_of,
)
from gep.report.live_cells import Number, decimals_of, sum_formula
from gep.texts.catalogue import Label, Language, Sayable, Text, has_key, locale_language, say, text
from gep.units import canonical

_TARGETS = "targets.csv"
_BINDING = ("binding", "约束性")  # as tables of targets write the property
_MISSED = "missed"
_CODED_COLUMNS = (  # whose codes have words
    "status",
    "property",
    "form",
    "compared",
    "subject_kind",
    "class_from",
    "level",
    "per",
    "met",
    "judgement",
    "effect",
    "outcome",
    "kind",
)
# Whose codes are named by the scheme.
_NAMED_COLUMNS = ("class", "announced", "item", "event", "component", "resource", "module", "part")
_STATE_COLUMNS = ("state", "handled_state")
_UNIT_COLUMNS = ("unit", "reading_unit")
_COMPARATORS = {"<=": "≤", ">=": "≥"}
_NUMBERS = (str, int, float, Decimal, np.number)  # that a cell may hold
_EXACT_BELOW = 1000  # numbers with two decimals at most are written as they are below
_WIDE_HEADING = re.compile(
    r"(?P<zh>\S*[\u4e00-\u9fff]\S*) (?P<en>[^\u4e00-\u9fff]+?)(?: \((?P<unit>[^()]+)\))?"
)
# Remarks of the column ``note``, in both languages, which may end with points or years.
_REMARK = re.compile(
    r"(?P<zh>\S*[\u4e00-\u9fff]\S*) (?P<en>[^\u4e00-\u9fff]+?)(?P<points> [-+]?[\d.]+)?"
)
_REMARK_END = "; "
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in names of sheets
_LONGEST_TAB = 31
_NOTE_WIDTHS = (14.0, 80.0)
_MADE_UP = "placeholder"
_RECALLED = "recalled"


def save_tables(
    assessment: Assessment,
    context: AssessmentContext,
    path: Path,
    language: Language | None = None,
    *,
    state: Sayable | None = None,
) -> None:
    """Write the workbook: what the scheme is, then a sheet for each table.

    Where there are targets, the last sheet lists the binding ones that were missed. Every sheet
    says so if numbers behind it are made up, or its text was only recalled.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext
        What the scheme was applied to.
    path : Path
        A new ``.xlsx``.
    language : {'zh', 'en'}, optional
        Of sheets, headings and words; the language of the user's system by default.
    state : Sayable, optional
        The state of the result, which every sheet says above its headings.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    language = language or locale_language()
    remarks = [] if state is None else [state.say(language)]
    warning = evidence_warning(assessment, context, language)
    remarks += [warning] if warning else []
    sheets = [_notes(assessment, language, remarks)]
    tables = dict(assessment.tables)
    if _TARGETS in tables:
        targets = tables[_TARGETS]
        is_missed = targets["status"] == _MISSED
        is_missed &= targets["property"].isin(_BINDING)
        tables[MISSED_TABLE] = targets[is_missed.to_numpy()]
    for file, table in tables.items():
        refuse_too_many(path, len(table))
        maker = _HandInSheet(
            assessment,
            context,
            file,
            language,
        )
        sheet = maker.make(table, remarks)
        sheets.append(sheet)
    write_new_book(path, lambda scratch: save_workbook(scratch, sheets, language))


class _HandInSheet:
    """Makes the sheet of a table."""

    def __init__(
        self, assessment: Assessment, context: AssessmentContext, file: str, language: Language
    ) -> None:
        self.assessment = assessment
        self.context = context
        self.file = file
        self.language = language
        self.layout = layout_of(file, assessment)

    def make(self, table: pd.DataFrame, remarks: Sequence[str]) -> BookSheet:
        """Make the sheet: title, scheme, state, headings, rows, totals, signatures."""
        rows = arranged(self.layout, table, self.assessment)
        unit = common_unit(rows)
        if unit:
            rows = rows.drop(columns="unit")
        names = names_of(self.assessment)
        words = spoken_table(
            rows,
            self.context,
            names,
            self.language,
            self.layout,
        )
        sources = sources_of(rows, words)
        tab, heading = self._titles()
        width = max(1, len(sources))
        sheet = BookSheet(tab, width, hand_in=True)
        sheet.add_line(heading, "title")
        spec = self.assessment.scheme.spec
        scheme = Label(spec.id, spec.title)
        lines = [scheme.say(self.language)]
        lines += remarks
        if unit:
            said = _unit_word(unit, self.language)
            line = say(self.language, "report.hand-in.unit", unit=said)
            lines.append(line)
        for line in lines:
            sheet.add_line(line)
        headings = list(map(str, words.columns))
        sheet.add_headings(headings)
        self._add_rows(sheet, rows, words, sources)
        standing = self.layout.standing(self.language)
        sheet.add_line(standing)
        signature = say(self.language, "report.hand-in.signature")
        sheet.add_line(signature, "line")
        return sheet

    def _titles(self) -> tuple[str, str]:
        """Return the name of the sheet and the title above its table."""
        tab = table_title(self.file, self.language)
        title = layout_title(self.layout, self.file, self.assessment)
        heading = tab
        if title is not None:
            heading = title.say(self.language)
        stem = Path(self.file).stem
        if not has_key(self.language, f"report.sheet.{stem}"):
            plain = _FORBIDDEN.sub(" ", heading)
            tab = plain[:_LONGEST_TAB]
        return tab, heading

    def _add_rows(
        self, sheet: BookSheet, rows: pd.DataFrame, words: pd.DataFrame, sources: Sequence[str]
    ) -> None:
        """Add the rows, and below those of each year their sums."""
        first_row = len(sheet.rows) + 1
        records = rows.to_dict("records")
        years = [record.get("year", "") for record in records]
        said_rows = words.itertuples(index=False, name=None)
        next_years = [*years[1:], None][: len(years)]
        for record, said, year, next_year in zip(
            records,
            said_rows,
            years,
            next_years,
            strict=True,
        ):
            is_total = self._is_total(record)
            cells = []
            for source, spoken_cell in zip(sources, said, strict=True):
                value = record.get(source, spoken_cell)
                cell = self._cell(
                    source,
                    value,
                    spoken_cell,
                    is_total=is_total,
                )
                cells.append(cell)
            sheet.add(*cells)
            if self.layout.sums and year != next_year:
                self._add_sums(
                    sheet,
                    sources,
                    first_row,
                    year,
                )
                first_row = len(sheet.rows) + 1

    def _is_total(self, record: Mapping[object, object]) -> bool:
        """Return whether a row is one of totals."""
        return any(record.get(name) == cell for name, cell in self.layout.bold.items())

    def _cell(self, source: str, value: object, said: object, *, is_total: bool) -> Cell:
        """Return a cell: a number in the format of its column, or words."""
        form = self.layout.formats.get(source, "")
        if self.layout.wide and isinstance(value, int | np.integer):
            form = "code"  # a year: amounts are floats
        number = _number(value, may_be_text=form not in ("", "code"))
        if number is None or form == "code":
            words = str(int(number)) if number is not None and number == int(number) else said
            is_blank = words is None or words != words
            return Cell("" if is_blank else str(words), "heading" if is_total else "text")
        style: StyleName = "total" if is_total else "number"
        if form == "share":
            return Cell(number, "share", 2)
        if form in ("money", "points"):
            return Cell(number, style, 2)
        if form == "count":
            return Cell(number, style, 0)
        is_short = abs(number) < _EXACT_BELOW and round(number, 2) == number
        if is_short and not is_total:
            return Cell(number, "exact")
        return Cell(number, style, decimals_of(number))

    def _add_sums(
        self, sheet: BookSheet, sources: Sequence[str], first_row: int, year: object
    ) -> None:
        """Add the sums of a year as formulas."""
        cells = [Cell("", "heading")] * len(sources)
        key = "report.hand-in.sum"
        if year != "":
            key = "report.hand-in.sum-of-year"
        said = say(self.language, key, year=year)
        cells[0] = Cell(said, "heading")
        for column, source in enumerate(sources):
            if source not in self.layout.sums:
                continue
            numbers = []
            exact = Decimal(0)
            for row in range(first_row, len(sheet.rows) + 1):
                cell = sheet.rows[row - 1][column]
                value = cell.value
                if isinstance(value, float):
                    number = Number(row, value)
                    numbers.append(number)
                    exact += Decimal(str(value))
            address = partial(sheet.column_address, column + 1)
            formula = sum_formula(
                address,
                numbers,
                float(exact),
            )
            cells[column] = Cell(formula, "total", 2)
        sheet.add(*cells)


def common_unit(table: pd.DataFrame) -> str:
    """Return the unit that all rows of a table have; blank if there is none.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    str
    """
    units = set(table["unit"]) if "unit" in table else set()
    unit = str(units.pop()) if len(units) == 1 else ""
    return "" if unit == "1" else unit


def _number(value: object, *, may_be_text: bool) -> float | None:
    """Return a cell as a number; None if it is none."""
    if isinstance(value, str) and not may_be_text:
        return None
    if not isinstance(value, _NUMBERS):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if not np.isfinite(number):
        return None
    return number


def sources_of(rows: pd.DataFrame, words: pd.DataFrame) -> list[str]:
    """Return the column of a table that each column in words comes from.

    Parameters
    ----------
    rows : DataFrame
    words : DataFrame
        The same as ``spoken_table`` puts it.

    Returns
    -------
    list of str
        Blank for the names that it adds after codes.
    """
    sources: list[str] = []
    columns = list(map(str, rows.columns))
    added = len(words.columns) - len(columns)
    for name in columns:
        sources.append(name)
        if name == "region" or (name == "indicator" and added > 0):
            sources.append("")
            added -= 1
    return sources


def spoken_table(
    table: pd.DataFrame,
    context: AssessmentContext,
    names: Mapping[str, Sayable] | None = None,
    language: Language | None = None,
    layout: HandInLayout | None = None,
) -> pd.DataFrame:
    """Put a table into words: headings, names beside codes, words for codes.

    Parameters
    ----------
    table : DataFrame
        A table of an assessment.
    context : AssessmentContext
        Knows the names of regions.
    names : mapping of str to Sayable, optional
        Names of indicators, by id.
    language : {'zh', 'en'}, optional
        The language of the user's system by default.
    layout : HandInLayout, optional
        Has headings of its own.

    Returns
    -------
    DataFrame
        With a column for the name after ``region`` and, where there are ``names``, after
        ``indicator``. Columns and codes that the catalogue does not know stay as they are.
    """
    language = language or locale_language()
    if layout is not None and layout.wide:
        return _one_language(table, language)
    frame = table.copy()
    for column in table.columns:
        if column in _WORDED:
            cells = [_WORDED[column](cell, language) for cell in frame[column]]
            frame[column] = pd.Series(cells, index=frame.index, dtype=object)
        if names and column in _NAMED_COLUMNS:
            titles = [_title(names, code, language) for code in frame[column]]
            frame[column] = pd.Series(titles, index=frame.index, dtype=object)
    if "region" in frame:
        region_names = [context.name(str(code), language) for code in frame["region"]]
        heading = say(language, "report.column.region_name")
        position = frame.columns.get_loc("region") + 1
        frame.insert(position, heading, region_names)
    if names and "indicator" in frame:
        indicator_names = []
        for indicator in frame["indicator"].astype(str):
            title = names.get(indicator)
            indicator_names.append("" if title is None else title.say(language))
        heading = say(language, "report.column.indicator_name")
        position = frame.columns.get_loc("indicator") + 1
        frame.insert(position, heading, indicator_names)
    headings = {}
    for column in table.columns:
        headings[column] = _word(f"report.column.{column}", column, language)
        if layout is not None and column in layout.heads:
            headings[column] = layout.heads[column].say(language)
    return frame.rename(columns=headings)


def _one_language(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a table whose headings and rows are named in both languages in one of them."""
    frame = table.copy()
    headings = {}
    for column in table.columns:
        headings[column] = _of_both(str(column), language)
        if not pd.api.types.is_numeric_dtype(table[column]):
            cells = [_of_both(str(cell), language) for cell in table[column]]
            if headings[column] == say(language, "report.column.unit"):
                cells = [_unit_word(cell, language) for cell in table[column]]
            frame[column] = pd.Series(cells, index=frame.index, dtype=object)
    return frame.rename(columns=headings)


def _of_both(words: str, language: Language) -> str:
    """Return words in both languages in one of them, with the unit that may follow in brackets."""
    match = _WIDE_HEADING.fullmatch(words)
    if match is None:
        return words
    unit = match["unit"]
    if not unit:
        return match[language]
    if unit_fault(unit) is not None:  # words in brackets, which both languages have
        return match["zh"] if language == "zh" else f"{match['en']} ({unit})"
    said = _unit_word(unit, language)
    return f"{match['zh']}（{said}）" if language == "zh" else f"{match['en']} ({said})"


def _coded(cell: object, language: Language) -> str:
    """Return the word for a code."""
    return _word(f"report.word.{cell}", str(cell), language)


def _noted(cell: object, language: Language) -> str:
    """Return a note in a language."""
    return note_in(str(cell), language)


def _graded(cell: object, language: Language) -> object:
    """Return a grade of evidence in words; grades of results have their own."""
    return grade_words(cell).say(language) if cell in GRADES else cell


def _unit_word(cell: object, language: Language) -> str:
    """Return a unit as people write it; blank for numbers without one."""
    unit = str(cell)
    key = f"report.unit-word.{unit}"
    if has_key(language, key):
        return say(language, key)
    if unit_fault(unit) is not None:
        return unit
    return spoken(canonical(unit), language)


def _rule_word(cell: object, language: Language) -> str:
    """Return the title of a rule of scoring."""
    return _word(f"scoring.rule-title.{cell}", str(cell), language)


def _state_word(cell: object, language: Language) -> object:
    """Return the word for a state of the review."""
    return say(language, f"review.state.{STATES[cell]}") if cell in STATES else cell


def _comparator(cell: object, language: Language) -> object:
    """Return the sign of a comparison."""
    return _COMPARATORS.get(str(cell), cell)


_WORDED = {
    **dict.fromkeys(_CODED_COLUMNS, _coded),
    **dict.fromkeys(_UNIT_COLUMNS, _unit_word),
    **dict.fromkeys(_STATE_COLUMNS, _state_word),
    "note": _noted,
    "grade": _graded,
    "rule": _rule_word,
    "comparator": _comparator,
}


def note_in(said: str, language: Language) -> str:
    """Return a note in a language; files hold each remark in both, with its points.

    Parameters
    ----------
    said : str
        A cell of the column ``note``.
    language : {'zh', 'en'}

    Returns
    -------
    str
        A remark that is not in both languages stays as it is.
    """
    remarks = []
    for remark in said.split(_REMARK_END):
        match = _REMARK.fullmatch(remark)
        points = "" if match is None else match["points"] or ""
        remarks.append(remark if match is None else match[language] + points)
    return ("；" if language == "zh" else _REMARK_END).join(remarks)


def table_title(file: str, language: Language) -> str:
    """Return the title of a table of an assessment; its name if the catalogue has no word.

    Parameters
    ----------
    file : str
        Such as ``ranking.csv``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    stem = Path(file).stem
    return _word(f"report.sheet.{stem}", stem, language)


def validity_period(spec: SchemeSpec) -> Text:
    """Return from when to when a scheme is valid.

    Parameters
    ----------
    spec : SchemeSpec

    Returns
    -------
    Text
    """
    start = spec.valid_from or "-"
    end = spec.valid_to or "-"
    return text("report.notes.period", start=start, end=end)


def _title(names: Mapping[str, Sayable], code: object, language: Language) -> object:
    """Return the name of a code; the code itself if it has none."""
    title = names.get(str(code))
    return code if title is None else title.say(language)


def _word(key: str, code: str, language: Language) -> str:
    """Return the catalogue's word for a code; the code itself if the catalogue has no word."""
    return say(language, key) if has_key(language, key) else code


# --- the first sheet -----------------------------------------------------------------------------


def _notes(assessment: Assessment, language: Language, remarks: Sequence[str]) -> BookSheet:
    """Describe the scheme: its source, evidence, legal force and validity, captions, warnings."""
    spec = assessment.scheme.spec
    source = spec.sources[spec.source]
    source_words = [source.title.say(language), source.number, source.date]
    evidence = Label(spec.evidence, text(f"report.evidence.{spec.evidence}"))
    lines = [
        ("scheme", Label(spec.id, spec.title).say(language)),
        ("source", " ".join(word for word in source_words if word)),
        ("evidence", evidence.say(language)),
        ("legal", legal_title(spec.legal, language)),
        ("valid", validity_period(spec).say(language)),
    ]
    if spec.note:
        lines.append(("note", spec.note.strip()))
    for caption in assessment.caption:
        lines.append(("caption", caption.say(language)))
    for problem in assessment.warnings:
        lines.append(("warning", problem.say(language)))
    title = say(language, "report.sheet.notes")
    sheet = BookSheet(title, 2, widths=_NOTE_WIDTHS, hand_in=True)
    sheet.add_line(f"{spec.title.say(language)}  {title}", "title")
    for remark in remarks:
        sheet.add_line(remark)
    sheet.add_headings([say(language, f"report.notes.{name}") for name in ("item", "text")])
    for item, content in lines:
        sheet.add(Cell(say(language, f"report.notes.{item}")), Cell(content))
    return sheet


# --- made-up numbers and recalled texts ----------------------------------------------------------


def evidence_warning(assessment: Assessment, context: AssessmentContext, language: Language) -> str:
    """Say that numbers are made up, or texts were only recalled.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext
        What the scheme was applied to.
    language : {'zh', 'en'}

    Returns
    -------
    str
        Blank if neither is so.
    """
    if is_made_up(assessment, context):
        return say(language, "report.made-up")
    if _RECALLED in _grades_of(assessment):
        return say(language, "report.recalled")
    return ""


def is_made_up(assessment: Assessment, context: AssessmentContext) -> bool:
    """Return whether a scheme, or numbers behind its result, are made up.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext
        What the scheme was applied to.

    Returns
    -------
    bool
    """
    rows = context.readings.rows
    made_up_names: set[str] = set()
    if len(rows):
        is_of_grade = rows["grade"] == GRADE[_MADE_UP]
        made_up_names.update(rows.loc[is_of_grade.to_numpy(dtype=bool), "name"])
    words = _words_of(assessment.scheme.spec.model_dump())
    return _MADE_UP in _grades_of(assessment) or bool(made_up_names & words)


def _grades_of(assessment: Assessment) -> set[object]:
    """Return the grades of the scheme and in its tables."""
    grades: set[object] = {assessment.scheme.spec.evidence}
    for table in assessment.tables.values():
        if "grade" in table:
            grades.update(table["grade"])
    return grades


def _words_of(part: object) -> set[str]:
    """Return all words of a scheme, among which are the names of the data that it reads."""
    if isinstance(part, str):
        return {part}
    if isinstance(part, dict):
        part = list(part.values())
    words: set[str] = set()
    if isinstance(part, list | tuple):
        for item in part:
            words |= _words_of(item)
    return words
