"""What the terminal shows of an assessment: the scheme, then the first rows of its tables."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from gep.account.caption import legal_title
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, SchemeSpec
from gep.report.assessment_layouts import arranged, layout_of, names_of, shown_columns
from gep.report.assessment_workbook import sources_of, spoken_table
from gep.terminal.account import (
    cell,
    console,
    hidden_rows,
    print_caption,
    print_line,
    titled_table,
)
from gep.texts.catalogue import Label, Language, has_key, say, text

_MOST_ROWS = 40  # that are shown; the files hold all
_NOT_SHOWN = (
    "life_",
    "table_",
    "matrix_",
    "register_history",
    "draw_log",
)  # how the names of tables begin that are only written
_RANKING = "ranking.csv"
_WIDTH = 100  # columns of a terminal that tables fit
_NARROWEST = 4  # of a column whose heading may be broken anywhere
_NUMBER = re.compile(r"[-+]?[\d,.]*(e[-+]?\d+)?")  # which is not broken into lines


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
            assessment=assessment,
            context=context,
            language=language,
        )
        screen.print(shown, width=min(screen.width, _WIDTH))


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
        if layout_of(name, assessment).terminal == ():
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
    assessment: Assessment,
    context: AssessmentContext,
    language: Language,
) -> Table:
    """Return a table as it is printed: its main columns and first rows, with headings in words.

    Parameters
    ----------
    name : str
        File name of the table.
    table : DataFrame
    assessment : Assessment
        The assessment that the table is part of.
    context : AssessmentContext
        For names of regions.
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
    layout = layout_of(name, assessment)
    first_rows = arranged(layout, table, assessment).head(_MOST_ROWS)
    columns = shown_columns(layout, first_rows)
    if name == _RANKING and "note" in first_rows:
        columns.append("note")
    first_rows = first_rows[columns]
    spoken = spoken_table(first_rows, context, names_of(assessment), language, layout)
    sources = sources_of(first_rows, spoken)
    written = []
    for position, heading in enumerate(spoken.columns):
        cells = [cell(value) for value in spoken.iloc[:, position]]
        is_name_blank = sources[position] == "" and not any(cells)
        if is_name_blank or _is_named(sources, position, spoken):
            continue
        words = [len(word) for word in str(heading).split() if word.isascii()]
        is_number = all(_NUMBER.fullmatch(written_cell) is not None for written_cell in cells)
        shown.add_column(
            str(heading),
            overflow="fold",
            no_wrap=is_number,
            min_width=max(words, default=_NARROWEST),
        )
        written.append(cells)
    for row in zip(*written, strict=True):
        shown.add_row(*row)
    hidden = len(table) - len(first_rows)
    if hidden:
        shown.caption = hidden_rows(hidden, name, language)
    return shown


def _is_named(sources: Sequence[str], position: int, spoken: pd.DataFrame) -> bool:
    """Return whether a column has the codes of indicators whose names stand in the next."""
    if sources[position] != "indicator":
        return False
    names = spoken.iloc[:, position + 1]
    return bool(names.astype(bool).all())


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
