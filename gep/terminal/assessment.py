"""What the terminal shows of an assessment: the scheme, then the first rows of its tables."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.table import Table

from gep.account.caption import legal_title
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, SchemeSpec
from gep.report.assessment_workbook import spoken_table
from gep.terminal.account import (
    cell,
    console,
    hidden_rows,
    print_caption,
    print_line,
    titled_table,
)
from gep.texts.catalogue import Label, Language, Sayable, has_key, say, text

_MOST_ROWS = 40  # that are shown; the files hold all
_NOT_SHOWN = (
    "life_",
    "table_",
    "matrix_",
    "register_history",
    "draw_log",
)  # how the names of tables begin that are only written
_RANKING = "ranking.csv"
_COLUMNS = {
    _RANKING: ("region", "year", "group", "score", "rank", "change", "grade"),
    "scores.csv": ("region", "year", "indicator", "reading", "grade", "note"),
    "targets.csv": (
        "region",
        "year",
        "indicator",
        "property",
        "reading",
        "comparator",
        "target",
        "attainment",
        "status",
    ),
    "register_states.csv": (
        "year",
        "region",
        "subject",
        "item",
        "value",
        "status",
        "class",
        "due",
        "done",
    ),
    "register_counts.csv": ("year", "region", "class", "status", "count", "share"),
    "register_days.csv": (
        "subject",
        "period",
        "days",
        "days_judged",
        "days_met",
        "share",
        "status",
    ),
}


def print_assessment(
    assessment: Assessment, context: AssessmentContext, language: Language
) -> None:
    """Print an assessment: title and state of the scheme, its caption, its main tables.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext
        What the scheme was applied to, for names of regions.
    language : {'zh', 'en'}
    """
    spec = assessment.scheme.spec
    scheme = Label(spec.id, spec.title)
    state = say(
        language,
        "terminal.assessment.state",
        evidence=text(f"report.evidence.{spec.evidence}"),
        legal=legal_title(spec.legal, language),
        validity=validity(spec, language),
    )
    lines = [state]
    for line in assessment.caption:
        lines.append(line.say(language))
    print_caption(scheme.say(language), lines)
    screen = console()
    for name, table in _main_tables(assessment).items():
        shown = _shown_table(
            name,
            table,
            context=context,
            names=assessment.names,
            language=language,
        )
        screen.print(shown)


def _main_tables(assessment: Assessment) -> dict[str, pd.DataFrame]:
    """Return the tables that are shown: ranks, or readings if the scheme gives no points."""
    tables = assessment.tables
    hidden = "scores.csv"
    if "ranking.csv" in tables and (tables["ranking.csv"]["score"] == "").all():
        hidden = "ranking.csv"
    shown = {}
    for name, table in tables.items():
        if name == hidden or name.startswith(_NOT_SHOWN) or table.empty:
            continue
        if name == "scores.csv":
            has_reading = table["reading"] != ""
            table = table[has_reading.to_numpy()]
        shown[name] = table
    return shown


def validity(spec: SchemeSpec, language: Language) -> str:
    """Word from when to when a scheme is valid.

    Parameters
    ----------
    spec : SchemeSpec
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    if not spec.valid_from and not spec.valid_to:
        return say(language, "terminal.assessment.validity-not-stated")
    return say(
        language,
        "terminal.assessment.validity",
        start=spec.valid_from or "…",
        end=spec.valid_to or "…",
    )


def _shown_table(
    name: str,
    table: pd.DataFrame,
    *,
    context: AssessmentContext,
    names: Mapping[str, Sayable],
    language: Language,
) -> Table:
    """Return a table as it is printed: its main columns and first rows, with headings in words.

    Parameters
    ----------
    name : str
        File name of the table.
    table : DataFrame
    context : AssessmentContext
        For names of regions.
    names : mapping of str to Sayable
        Names of indicators, by id.
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    key = f"report.sheet.{Path(name).stem}"
    title = name
    if has_key(language, key):
        title = Label(name, text(key)).say(language)
    shown = titled_table(title)
    columns = list(_COLUMNS.get(name, table.columns))
    if name == _RANKING and (table["note"] != "").any():
        columns.append("note")
    first_rows = table[list(columns)].head(_MOST_ROWS)
    spoken = spoken_table(first_rows, context, names, language)
    for column in spoken.columns:
        shown.add_column(str(column))
    for row in spoken.itertuples(index=False):
        cells = []
        for value in row:
            words = cell(value)
            cells.append(words)
        shown.add_row(*cells)
    hidden = len(table) - len(first_rows)
    if hidden:
        shown.caption = hidden_rows(hidden, name, language)
    return shown


def print_folder(out: Path, page: str, language: Language) -> None:
    """Print in which folder the tables are, and the page of all schemes.

    Parameters
    ----------
    out : Path
        The folder of the results.
    page : str
        Name of the page in it; printed if it is there.
    language : {'zh', 'en'}
    """
    print_line(say(language, "terminal.folder", folder=out))
    if (out / page).is_file():
        print_line(say(language, "terminal.page", file=out / page))
