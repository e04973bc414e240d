"""The tables of an assessment as people hand them in (考核用表): a workbook in one language.

The module owns the sheets, their headings and the words for codes; the numbers are those of the
assessment's tables. Writing workbooks is left to ``gep.io.spreadsheets``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from gep.account.caption import legal_title
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, SchemeSpec
from gep.inputs.value_rows import GRADE
from gep.io.spreadsheets import write_tables
from gep.texts.catalogue import Label, Language, Sayable, Text, has_key, locale_language, say, text

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
)
_NAMED_COLUMNS = ("class", "announced", "item", "event")  # of registers: named by the scheme
# Remarks of the column ``note``, in both languages, which may end with points or years.
_REMARK = re.compile(
    r"(?P<zh>\S*[\u4e00-\u9fff]\S*) (?P<en>[^\u4e00-\u9fff]+?)(?P<points> [-+]?[\d.]+)?"
)
_REMARK_END = "; "
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
        The state of the result, which every sheet says below its rows.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    language = language or locale_language()
    names = assessment.names
    sheets = {say(language, "report.sheet.notes"): _notes(assessment, language)}
    for file, table in assessment.tables.items():
        sheet = table_title(file, language)
        sheets[sheet] = spoken_table(table, context, names, language)
    if _TARGETS in assessment.tables:
        targets = assessment.tables[_TARGETS]
        is_missed = targets["status"] == _MISSED
        is_missed &= targets["property"].isin(_BINDING)
        missed = targets[is_missed.to_numpy()]
        sheet = say(language, "report.sheet.missed")
        sheets[sheet] = spoken_table(missed, context, names, language)
    remarks = [] if state is None else [state.say(language)]
    warning = evidence_warning(assessment, context, language)
    remarks += [warning] if warning else []
    for remark in remarks:
        for sheet, frame in sheets.items():
            sheets[sheet] = _with_last_row(frame, remark)
    write_tables({path: sheets})


def spoken_table(
    table: pd.DataFrame,
    context: AssessmentContext,
    names: Mapping[str, Sayable] | None = None,
    language: Language | None = None,
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

    Returns
    -------
    DataFrame
        With a column for the name after ``region`` and, where there are ``names``, after
        ``indicator``. Columns and codes that the catalogue does not know stay as they are.
    """
    language = language or locale_language()
    frame = table.copy()
    for column in _CODED_COLUMNS:
        if column in frame:
            words = [_word(f"report.word.{code}", code, language) for code in frame[column]]
            frame[column] = pd.Series(words, index=frame.index, dtype=object)
    if "note" in frame:
        frame["note"] = [note_in(str(cell), language) for cell in frame["note"]]
    for column in _NAMED_COLUMNS:
        if names and column in frame and _is_of_register(table):
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
    return frame.rename(columns=headings)


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


def _is_of_register(table: pd.DataFrame) -> bool:
    """Return whether a table is one of a register: of subjects, or of counts of them."""
    return "subject" in table or {"class", "count"} <= set(table.columns)


def _title(names: Mapping[str, Sayable], code: object, language: Language) -> object:
    """Return the name of a code; the code itself if it has none."""
    title = names.get(str(code))
    return code if title is None else title.say(language)


def _word(key: str, code: str, language: Language) -> str:
    """Return the catalogue's word for a code; the code itself if the catalogue has no word."""
    return say(language, key) if has_key(language, key) else code


# --- the first sheet -----------------------------------------------------------------------------


def _notes(assessment: Assessment, language: Language) -> pd.DataFrame:
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
    columns = [say(language, "report.notes.item"), say(language, "report.notes.text")]
    rows = [(say(language, f"report.notes.{item}"), content) for item, content in lines]
    return pd.DataFrame(rows, columns=columns)


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


def _with_last_row(sheet: pd.DataFrame, remark: str) -> pd.DataFrame:
    """Return a sheet with a remark in a row below."""
    columns = sheet.columns
    blanks = [""] * (len(columns) - 1)
    row = [remark, *blanks]
    last = pd.DataFrame([row], columns=columns, dtype=object)
    return pd.concat([sheet.astype(object), last], ignore_index=True)
