"""The form (数据表): one workbook in which the departments fill in everything that a project needs.

The module owns what the sheets of a form look like and how a filled one becomes tables of regions,
areas, data and coefficients, which are read as any other. A sheet is known by its heads, whatever
its name; rows are known by the names in them, so that they may be sorted, inserted and deleted.
Which rows a blank form has is in ``gep.workflows.form``, how it is drawn in
``gep.report.form_workbook``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.areas import AREA_COLUMNS
from gep.extent.regions import REGION_COLUMNS
from gep.inputs.value_rows import COEFFICIENT_COLUMNS, DATA_COLUMNS, GRADES, KEYS, grade_title
from gep.io.csv_excel import printable, read_tops, split_sheet
from gep.io.distinct_cells import Cells
from gep.io.tables import (
    TOP_ROWS,
    Columns,
    Table,
    make_spellings,
    plain_spelling,
    read_table,
    recognize,
)
from gep.standards.standard import DEPARTMENTS
from gep.texts.catalogue import LANGUAGES, Language, say

Kind = Literal["data", "coefficients", "regions"]

# What the sheets have in the order in which they have it; keys that no row fills are left out.
SHEET_COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "data": (
        *("name", "meaning", "region", *KEYS[1:], "year", "value", "unit"),
        *("source", "grade", "range", "locator", "note"),
    ),
    "coefficients": (
        *("coefficient", "meaning", "region", *KEYS[1:], "default", "default_source"),
        *("value", "unit", "price_year", "source", "grade", "range", "locator", "base", "note"),
    ),
    "regions": (
        *("region", "name", "name_en", "parent", "area", "area_unit"),
        *("population", "population_unit", "lon", "lat"),
    ),
}
SHOWN = ("meaning", "range", "default", "default_source")  # for the reader only
_REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    "data": DATA_COLUMNS.required,
    "coefficients": ("coefficient", "value", "unit", "source", "grade"),
    "regions": ("region", "name"),
}
_MORE: Mapping[Kind, tuple[str, ...]] = {
    "data": DATA_COLUMNS.optional,
    "coefficients": COEFFICIENT_COLUMNS.optional,
    "regions": REGION_COLUMNS.optional,
}
_FEWEST_HEADS = 4  # by which a sheet is known as one of a form
_AREA = "area"


@dataclass(frozen=True)
class FilledForm:
    """What is filled in in a form.

    Attributes
    ----------
    path : Path
    regions : Table or None
        In the columns of ``regions.csv``.
    areas, data : tuple of Table
        In the columns of ``areas.csv`` and ``data.csv``, without the rows whose value is blank.
    coefficients : tuple of Table
        In the columns of a coefficient set, without blank rows.
    unfilled : DataFrame
        Data rows whose value is blank: ``name``, ``year``, ``KEYS``, ``file``, ``row``.
    sheets : tuple of (str, Table)
        The sheets as they were typed, with what they hold; grades are as in files.
    """

    path: Path
    regions: Table | None
    areas: tuple[Table, ...]
    data: tuple[Table, ...]
    coefficients: tuple[Table, ...]
    unfilled: pd.DataFrame
    sheets: tuple[tuple[Kind, Table], ...]


@cache
def form_columns(kind: Kind, language: Language) -> Columns:
    """Return the columns that the sheets of a form have, with the words over them.

    Parameters
    ----------
    kind : {'data', 'coefficients', 'regions'}
    language : {'zh', 'en'}

    Returns
    -------
    Columns
    """
    required = _REQUIRED[kind]
    optional = dict.fromkeys((*SHOWN, *_MORE[kind], *SHEET_COLUMNS[kind]))
    heads = {}
    for name in dict.fromkeys((*SHEET_COLUMNS[kind], *required, *_MORE[kind])):
        heads[name] = head(kind, name, language)
    names = tuple(name for name in optional if name not in required)
    return Columns(required, names, heads=heads)


def head(kind: Kind, column: str, language: Language) -> str:
    """Return the words over a column of a form.

    Parameters
    ----------
    kind : {'data', 'coefficients', 'regions'}
    column : str
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    if kind == "coefficients" and column == "value":
        return say(language, "project.form-head.local_value")
    if kind == "regions" and column in ("region", "name"):
        return say(language, f"project.form-head.region-{column}")
    return say(language, f"project.form-head.{column}")


def area_word(language: Language) -> str:
    """Return what the rows of areas are called in a form.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, "project.form-area.name")


def load_form(path: Path, problems: ProblemLog) -> FilledForm | None:
    """Load a filled form.

    Parameters
    ----------
    path : Path
        The workbook.
    problems : ProblemLog
        Receives what is wrong with the sheets (see ``gep.io.tables.read_table``), and
        ``header-row`` for a sheet of a department that has lost its heads.

    Returns
    -------
    FilledForm or None
        None if the workbook cannot be read, or is no form.
    """
    label = printable(path.name)
    file, sheet = split_sheet(path)
    if sheet is not None or file.suffix.lower() not in (".xlsx", ".xlsm"):
        problems.add("file-format", label, "project.form-not-workbook")
        return None
    tops = read_tops(path, TOP_ROWS, label, problems)
    if tops is None:
        return None
    tables: dict[Kind, list[Table]] = {kind: [] for kind in get_args(Kind)}
    has_sheets = False
    for title, rows in tops.items():
        known = _kind_of(rows)
        if known is None:
            if title in _department_sheets() and rows:
                place = f"{label}#{title}"
                problems.add("header-row", place, "project.form-without-heads")
            continue
        has_sheets = True
        kind, language = known
        columns = form_columns(kind, language)
        table = _read_sheet(path.with_name(f"{path.name}#{title}"), columns, problems)
        if table is not None:
            tables[kind].append(_with_grades(table))
    if not has_sheets:
        problems.add("missing-sheet", label, "project.form-without-sheets")
        return None
    return _sorted_tables(path, tables, problems)


@cache
def _department_sheets() -> frozenset[str]:
    """Return the titles that the sheets of departments are given."""
    titles = set()
    for language in LANGUAGES:
        for department in DEPARTMENTS:
            titles.add(say(language, f"standards.department.{department}"))
        titles.add(say(language, "project.form-sheet.coefficients"))
        titles.add(say(language, "project.form-sheet.regions"))
    return frozenset(titles)


def _kind_of(top: Sequence[Sequence[str]]) -> tuple[Kind, Language] | None:
    """Return what a sheet holds, and the language of its heads; None if it is none of a form."""
    best: tuple[Kind, Language] | None = None
    most = _FEWEST_HEADS - 1
    for language in LANGUAGES:
        for kind in get_args(Kind):
            columns = form_columns(kind, language)
            for row in top:
                names = {columns.named(words) for words in row}
                count = len(names & set(columns.heads))
                if count > most:
                    best = (kind, language)
                    most = count
    return best


def _read_sheet(path: Path, columns: Columns, problems: ProblemLog) -> Table | None:
    """Read a sheet; one without rows is no problem."""
    log = ProblemLog()
    log.checksums = problems.checksums
    log.heads = problems.heads
    table = read_table(path, columns, log)
    problems.include(problem for problem in log.errors if problem.code != "empty-table")
    problems.include(log.warnings)
    return table


def _with_grades(table: Table) -> Table:
    """Return a table with grades as they are known in files."""
    if "grade" not in table.frame:
        return table
    words = {}
    for grade in GRADES:
        words[grade] = [grade_title(grade, language) for language in LANGUAGES]
    frame = recognize(table.frame, "grade", make_spellings(GRADES, words))
    return table.with_frame(frame)


def _sorted_tables(
    path: Path, tables: Mapping[Kind, Sequence[Table]], problems: ProblemLog
) -> FilledForm:
    """Take apart the rows of the sheets: areas, data and what was left blank."""
    areas: list[Table] = []
    data: list[Table] = []
    unfilled = [pd.DataFrame(columns=["name", "year", *KEYS, "file", "row"], dtype=object)]
    for table in tables["data"]:
        has_value = _has_value(table)
        is_area = is_area_row(table)
        if (has_value & is_area).any():
            areas.append(_area_table(_chosen(table, has_value & is_area), problems))
        if (has_value & ~is_area).any():
            data.append(_without_shown(_chosen(table, has_value & ~is_area)))
        blank = _chosen(table, ~has_value & ~is_area)
        unfilled.append(blank.texts(("name", "year", *KEYS))[list(unfilled[0])])
    coefficients = []
    for table in tables["coefficients"]:
        has_value = _has_value(table)
        if has_value.any():
            filled = _without_shown(_chosen(table, has_value))
            coefficients.append(_with_locators(filled))
    regions = tables["regions"][0] if tables["regions"] else None
    for table in tables["regions"][1:]:
        problems.add("sheet-choice", table.label, "project.form-two-region-sheets")
    unfilled_rows = pd.concat(unfilled, ignore_index=True)
    sheets: list[tuple[Kind, Table]] = []
    for kind, tables_of_kind in tables.items():
        sheets += [(kind, table) for table in tables_of_kind]
    return FilledForm(
        path=path,
        regions=regions,
        areas=tuple(areas),
        data=tuple(data),
        coefficients=tuple(coefficients),
        unfilled=unfilled_rows,
        sheets=tuple(sheets),
    )


def is_area_row(table: Table) -> np.ndarray:
    """Return by row of a sheet of a department whether it is an area.

    Parameters
    ----------
    table : Table

    Returns
    -------
    ndarray of bool
    """
    words = {plain_spelling(area_word(language)) for language in LANGUAGES}
    return np.array(table.frame["name"].map(plain_spelling).isin(words), dtype=bool)


def _has_value(table: Table) -> np.ndarray:
    """Return by row whether its value is filled in, or blank for a reason that was reported."""
    is_filled = (table.frame["value"] != "").to_numpy()
    is_reported = table.frame["row"].isin(table.blanks.get("value", ())).to_numpy()
    return np.asarray(is_filled | is_reported)


def _chosen(table: Table, is_chosen: np.ndarray) -> Table:
    """Return some rows of a table."""
    return table.with_frame(table.frame[is_chosen].reset_index(drop=True))


def _without_shown(table: Table) -> Table:
    """Return a table without the columns that are for the reader only."""
    shown = [name for name in SHOWN if name in table.frame]
    return table.with_frame(table.frame.drop(columns=shown))


def _area_table(table: Table, problems: ProblemLog) -> Table:
    """Return rows of areas in the columns of ``areas.csv``."""
    names = {"ecosystem": "class", "value": _AREA}
    frame = table.frame.rename(columns=names)
    known = [*AREA_COLUMNS.required, *AREA_COLUMNS.optional, "row"]
    frame = frame[[name for name in frame.columns if name in known]]
    displays = {names.get(name, name): rows for name, rows in table.displays.items()}
    blanks = {names.get(name, name): rows for name, rows in table.blanks.items()}
    heads = dict(problems.heads.get(table.label, {}))
    for name, renamed in names.items():
        if name in heads:
            heads[renamed] = heads[name]
    problems.heads[table.label] = heads
    return replace(table, cells=Cells.of(frame), displays=displays, blanks=blanks)


def _with_locators(table: Table) -> Table:
    """Return coefficients with the words of their source as locator where that is blank."""
    locator = table.column("locator")
    frame = table.frame.assign(locator=locator.where(locator != "", table.frame["source"]))
    return table.with_frame(frame)
