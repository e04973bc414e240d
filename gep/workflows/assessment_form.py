"""What an assessment still asks for (考核空白表): its readings by department, and blank tables.

The sheets of the workbook have the names and columns of the tables of ``[assessment]``, so that a
filled one is named as it is: ``readings = ["form.xlsx#readings"]``. Rows of readings are asked for
in the regions and years in which a scheme has some reading already, else in all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gep.assessment.apply import AssessmentInputs
from gep.assessment.balance.scheme import BalanceSpec
from gep.assessment.readings import GROWTHS, SchemeReading
from gep.assessment.scheme import Scheme
from gep.assessment.scoring.scheme import ScoreSpec
from gep.assessment.targets import COMPARATORS, FORMS
from gep.errors import ProblemLog, ProblemsFound, make_problem, worded_in
from gep.extent.regions import Regions, load_regions
from gep.inputs.value_rows import GRADES
from gep.io.catalog import resolve_inside
from gep.io.result_folder import scratch_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten
from gep.io.toml_documents import Title
from gep.io.workbook import (
    BookSheet,
    Cell,
    CellRule,
    StyleName,
    column_letter,
    save_workbook,
)
from gep.project.project import ProjectFolder, project_language, read_header
from gep.standards.standard import load_standard
from gep.texts.catalogue import Language, say
from gep.workflows.assess import load_schemes
from gep.workflows.assessment_inputs import assessment_inputs
from gep.workflows.register_form import (
    REGISTER_COLUMNS,
    blank_register,
    register_choices,
    register_needs,
)

LIST_COLUMNS = [
    "department",
    "name",
    "title",
    "unit",
    "asked_by",
    "regions",
    "years",
    "rows",
    "missing",
]
_READINGS = ["region", "year", "name", "value", "unit", "source", "locator", "grade", "note"]
_TARGETS = [
    *("region", "indicator", "base_year", "base", "year", "comparator", "target", "form", "unit"),
    *("source", "property", "locator", "grade", "note"),
]
_EVENTS = ["region", "year", "event", "document", "date", "expires", "times", "note"]
_TERMS = ["region", "office", "term_start", "term_end", "document", "note"]
_STOCKS = [
    *("region", "year", "resource", "class", "stock", "unit", "source", "locator", "grade"),
    "note",
]
_TYPED = {  # what people fill in; the other cells say what the row is of
    *("value", "source", "locator", "grade", "note", "base_year", "base", "comparator", "target"),
    *("form", "region", "event", "document", "date", "expires", "times", "office", "stock"),
    *("term_start", "term_end", "subject_kind", "subject", "item", "unit", "until"),
}
_LISTS = "lists"  # ends the name of a sheet of choices that are too long for the rule of a cell
_BLANK_ROWS = 20  # of tables whose rows only the user knows
_LONGEST_LIST = 255  # characters of a list in a cell's rule
_SEPARATOR = "; "

_Row = dict[str, str | float]


class BlankTable(NamedTuple):
    """A table to fill in: its columns, rows, and what cells may be."""

    columns: list[str]
    rows: list[_Row]
    choices: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AssessmentNeeds:
    """What the schemes of a project ask for.

    Attributes
    ----------
    readings : DataFrame
        Columns ``LIST_COLUMNS``: each name of data, by department.
    tables : mapping of str to BlankTable
        The rows that are missing, by key of ``[assessment]``.
    language : {'zh', 'en'}
    """

    readings: pd.DataFrame
    tables: Mapping[str, BlankTable]
    language: Language


class _Name(NamedTuple):
    """A name of data that a scheme reads, with the rows that are due."""

    items: list[tuple[Scheme, SchemeReading]]
    due: dict[tuple[str, int], None]


@dataclass
class _Ground:
    """A project as far as a blank form needs it."""

    header: ProjectFolder
    schemes: Sequence[Scheme]
    inputs: AssessmentInputs
    regions: Sequence[str]
    years: Sequence[int]
    departments: Mapping[str, Title]
    language: Language
    names: dict[str, _Name] = field(default_factory=dict)

    def rows_of(self, names: Sequence[str]) -> pd.DataFrame:
        """Return the data rows of some names."""
        rows = self.inputs.readings.rows
        if rows.empty:
            return rows
        is_read = rows["name"].isin(names)
        return rows[is_read.to_numpy()]


def assessment_needs(project: str | Path, *, language: Language | None = None) -> AssessmentNeeds:
    """Find what the schemes of a project read, and what of it is missing.

    Nothing is computed: it can be asked before there are areas or readings.

    Parameters
    ----------
    project : str or Path
    language : {'zh', 'en'}, optional
        By default the project's.

    Returns
    -------
    AssessmentNeeds

    Raises
    ------
    ProblemsFound
        What is wrong with the schemes; ``missing-key`` if the project names none.
    """
    spoken = project_language(project, language)
    with worded_in(spoken):
        ground = _ground_of(project, spoken)
        for scheme in ground.schemes:
            _add_names(ground, scheme)
        tables = {
            "readings": _blank_readings(ground),
            "targets": _blank_targets(ground),
            "events": _blank_events(ground),
            "terms": _blank_terms(ground),
            "stocks": _blank_stocks(ground),
            "registers": _blank_register(ground),
        }
        asked = {key: table for key, table in tables.items() if table.rows}
        return AssessmentNeeds(_reading_list(ground), asked, spoken)


def _ground_of(project: str | Path, language: Language) -> _Ground:
    """Read a project's schemes and tables, and the regions and years that are assessed."""
    problems = ProblemLog(language)
    header, _ = read_header(project, problems)
    if header is None:
        raise ProblemsFound(problems.errors, problems.warnings, language)
    schemes, _ = load_schemes(header, problems)
    problems.raise_errors()
    regions = _regions_of(header)
    inputs = assessment_inputs(header, regions, ProblemLog(language))
    codes = [] if regions is None else regions.lowest
    if not codes:
        codes = [str(code) for code in inputs.readings.rows["region"].unique()]
    spec = header.spec
    departments: dict[str, Title] = {}
    standard = load_standard(spec.project.standard, header.folder, "project.toml", ProblemLog())
    if standard is not None:
        for name, declared in standard.spec.data.items():
            if declared.from_ is not None:
                departments[name] = declared.from_
    for scheme in schemes:
        departments |= scheme.spec.department
    years = spec.assessment.years or spec.project.years
    return _Ground(
        header,
        schemes,
        inputs,
        codes,
        tuple(years),
        departments,
        language,
    )


def _regions_of(header: ProjectFolder) -> Regions | None:
    """Load the project's table of regions; None if there is none that can be read."""
    name = header.spec.inputs.regions
    path = resolve_inside(name, header.folder, "project.toml", ProblemLog()) if name else None
    return None if path is None or not path.exists() else load_regions(path, ProblemLog())


def _add_names(ground: _Ground, scheme: Scheme) -> None:
    """Add the names of data that a scheme reads, with the regions and years in which it does."""
    items = [item for item in scheme.kind.readings(scheme) if item.reading.data]
    rows = ground.rows_of([item.reading.data for item in items])
    regions = list(dict.fromkeys(rows["region"])) if len(rows) else list(ground.regions)
    read_years = set(rows["year"]) if len(rows) else set(ground.years)
    years = [year for year in ground.years if year in read_years]
    for item in items:
        known = ground.names.setdefault(item.reading.data, _Name([], {}))
        known.items.append((scheme, item))
        known.due.update(dict.fromkeys(product(regions, years)))


def _unit_of(ground: _Ground, name: str) -> str:
    """Return the unit of the rows of a name, else that in which a scheme reads them as they are."""
    rows = ground.rows_of([name])
    if len(rows):
        return str(rows["unit"].iloc[0])
    for _, item in ground.names[name].items:
        if item.reading.form not in GROWTHS:
            return item.unit
    return ""


def _missing(ground: _Ground, name: str) -> list[tuple[str, int]]:
    """Return the regions and years in which a name has no row yet."""
    rows = ground.rows_of([name])
    known = set(zip(rows["region"], rows["year"], strict=True)) if len(rows) else set()
    return [key for key in ground.names[name].due if key not in known]


def _reading_list(ground: _Ground) -> pd.DataFrame:
    """Return the names of data by department, those without one last."""
    rows = []
    for name, known in ground.names.items():
        department = ground.departments.get(name)
        titles = [item.name for _, item in known.items if item.name is not None]
        asked_by = [f"{scheme.id}:{item.item}" for scheme, item in known.items]
        years = sorted({year for _, year in known.due})
        row = {
            "department": "" if department is None else department.say(ground.language),
            "name": name,
            "title": titles[0].say(ground.language) if titles else "",
            "unit": _unit_of(ground, name),
            "asked_by": _SEPARATOR.join(asked_by),
            "regions": len({region for region, _ in known.due}),
            "years": _SEPARATOR.join(map(str, years)),
            "rows": len(known.due),
            "missing": len(_missing(ground, name)),
        }
        rows.append(row)
    rows += _register_rows(ground)
    table = pd.DataFrame(rows, columns=LIST_COLUMNS)
    table["last"] = table["department"] == ""
    table = table.sort_values(["last", "department"], kind="stable")
    return table[LIST_COLUMNS].reset_index(drop=True)


def _register_rows(ground: _Ground) -> list[dict[str, object]]:
    """Return what registers are asked for, by item."""
    rows = []
    years = _SEPARATOR.join(map(str, ground.years))
    for need in register_needs(ground.schemes, ground.inputs.register, ground.years):
        name = need.member.id
        department = ground.departments.get(name)
        row = {
            "department": "" if department is None else department.say(ground.language),
            "name": name,
            "title": need.member.name.say(ground.language),
            "unit": need.unit,
            "asked_by": f"{need.scheme.id}:{name}",
            "regions": need.regions,
            "years": years,
            "rows": need.rows,
            "missing": need.missing,
        }
        rows.append(row)
    return rows


def _blank_register(ground: _Ground) -> BlankTable:
    """Return a row for each day without a reading, and blank rows, where registers are read."""
    rows = blank_register(ground.schemes, ground.inputs.register, ground.years)
    choices = register_choices(ground.schemes, ground.regions)
    return BlankTable(REGISTER_COLUMNS, rows, choices)


def _blank_readings(ground: _Ground) -> BlankTable:
    """Return a row for each reading that is missing."""
    rows: list[_Row] = []
    for name in ground.names:
        unit = _unit_of(ground, name)
        for region, year in _missing(ground, name):
            rows.append({"region": region, "year": year, "name": name, "unit": unit})
    return BlankTable(_READINGS, rows, {"grade": GRADES})


def _blank_targets(ground: _Ground) -> BlankTable:
    """Return a row for each target that a rule needs and that no table has."""
    rows: list[_Row] = []
    last_year = max(ground.years, default=0)
    known: set[tuple[str, str]] = set()
    if ground.inputs.targets is not None:
        frame = ground.inputs.targets.rows
        known = set(zip(frame["region"], frame["indicator"], strict=True))
    for scheme in ground.schemes:
        if not isinstance(scheme.spec, ScoreSpec):
            continue
        for indicator in scheme.spec.indicator:
            if indicator.rule is None or not indicator.rule.needs_target:
                continue
            row: _Row = {"indicator": indicator.id, "year": last_year, "unit": indicator.unit}
            row["property"] = indicator.property
            for region in ground.regions:
                if (region, indicator.id) not in known:
                    rows.append({"region": region, **row})
    return BlankTable(_TARGETS, rows, {"comparator": COMPARATORS, "form": FORMS, "grade": GRADES})


def _blank_events(ground: _Ground) -> BlankTable:
    """Return blank rows for the events that some scheme knows."""
    events: dict[str, None] = {}
    for scheme in ground.schemes:
        events |= dict.fromkeys(sorted(scheme.kind.event_ids(scheme)))
    rows: list[_Row] = [{} for _ in range(_BLANK_ROWS)] if events else []
    choices = {"event": tuple(events), "region": ground.regions}
    return BlankTable(_EVENTS, rows, choices)


def _blank_terms(ground: _Ground) -> BlankTable:
    """Return a row for each region, where a scheme audits terms of office that no table has."""
    is_audited = any(scheme.spec.kind == "audit" for scheme in ground.schemes)
    rows: list[_Row] = []
    if is_audited and ground.inputs.terms is None:
        rows = [{"region": region} for region in ground.regions]
    return BlankTable(_TERMS, rows, {})


def _blank_stocks(ground: _Ground) -> BlankTable:
    """Return a row for each stock of a balance sheet that no table has."""
    rows: list[_Row] = []
    known: set[tuple[str, int, str, str]] = set()
    if ground.inputs.stocks is not None:
        frame = ground.inputs.stocks.rows
        columns = ("region", "year", "resource", "class")
        known = set(zip(*(frame[column] for column in columns), strict=True))
    for scheme in ground.schemes:
        if not isinstance(scheme.spec, BalanceSpec):
            continue
        for resource in scheme.spec.resource:
            for region, year, name in product(ground.regions, ground.years, resource.classes):
                if (region, year, resource.id, name) in known:
                    continue
                row: _Row = {"region": region, "year": year, "resource": resource.id}
                rows.append({**row, "class": name, "unit": resource.unit})
    return BlankTable(_STOCKS, rows, {"grade": GRADES})


def write_assessment_form(needs: AssessmentNeeds, path: Path) -> Path:
    """Write the reading list and the blank tables to a new workbook.

    Parameters
    ----------
    needs : AssessmentNeeds
    path : Path
        A new ``.xlsx``.

    Returns
    -------
    Path

    Raises
    ------
    ProblemsFound
        ``file-exists``, ``cannot-write``; ``file-type`` for another kind of file.
    """
    if path.suffix.lower() != ".xlsx":
        message = "workflows.form-is-workbook"
        raise ProblemsFound([make_problem("cannot-write", path.name, message)])
    refuse_existing(path)
    language = needs.language
    sheets = [_list_sheet(needs)]
    for key, table in needs.tables.items():
        sheets.append(_blank_sheet(key, table))
        if any(_is_long(choices) for choices in table.choices.values()):
            sheets.append(_sheet_of_choices(key, table))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(path.parent) as scratch:
            draft = scratch / "new" / path.name
            save_workbook(draft, sheets, language)
            put_new(draft, path)
    except OSError as error:
        raise ProblemsFound([unwritten(path, error)]) from None
    return path


def _list_sheet(needs: AssessmentNeeds) -> BookSheet:
    """Return the sheet of what each department is asked for."""
    language = needs.language
    sheet = BookSheet(say(language, "workflows.reading-list.heading"), len(LIST_COLUMNS))
    sheet.add_line(say(language, "workflows.reading-list.advice"))
    sheet.add_headings([say(language, f"workflows.reading-list.{name}") for name in LIST_COLUMNS])
    for row in needs.readings.itertuples(index=False):
        sheet.add(*(Cell(str(cell), "text") for cell in row))
    return sheet


def _is_long(choices: Sequence[str]) -> bool:
    """Return whether choices are too long for the rule of a cell."""
    return len(",".join(choices)) > _LONGEST_LIST


def _sheet_of_choices(key: str, table: BlankTable) -> BookSheet:
    """Return a sheet with the choices of a table, each below its column."""
    sheet = BookSheet(f"{key}-{_LISTS}", len(table.columns))
    sheet.add_headings(table.columns)
    length = max(len(choices) for choices in table.choices.values())
    for row in range(length):
        cells = []
        for column in table.columns:
            choices = table.choices.get(column, ())
            cells.append(Cell(choices[row] if row < len(choices) else None, "text"))
        sheet.add(*cells)
    return sheet


def _blank_sheet(key: str, table: BlankTable) -> BookSheet:
    """Return a sheet in the columns of a table, with what its cells may be."""
    sheet = BookSheet(key, len(table.columns))
    sheet.add_headings(table.columns)
    for row in table.rows:
        cells = []
        for column in table.columns:
            is_given = column in row
            style: StyleName = "entry" if column in _TYPED and not is_given else "text"
            value = row.get(column)
            cells.append(Cell(None if value is None else str(value), style))
        sheet.add(*cells)
    last = len(sheet.rows)
    for position, column in enumerate(table.columns, 1):
        choices = table.choices.get(column, ())
        if not choices:
            continue
        listed = f'"{",".join(choices)}"'
        if _is_long(choices):
            letter = column_letter(position)
            listed = f"'{key}-{_LISTS}'!${letter}$2:${letter}${len(choices) + 1}"
        cells_of_column = f"{column_letter(position)}2:{column_letter(position)}{last}"
        sheet.rules.append(CellRule(cells_of_column, "list", listed))
    return sheet
