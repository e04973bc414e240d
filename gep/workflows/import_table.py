"""Importing tables as they come (表格导入): wide tables of offices, written as rows of a project.

The module turns the numbers of wide tables into rows of ``areas.csv`` or ``data.csv``, with the
origin of every cell, and writes them. How a table is taken apart is left to ``gep.io.wide_table``,
what its words mean to ``gep.workflows.table_words``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from gep.errors import Problem, ProblemLog, ProblemsFound, Where, make_problem, worded_in
from gep.extent.crosswalk import class_hint
from gep.extent.regions import region_hint
from gep.inputs.value_rows import GRADES_OF_COEFFICIENTS, KEYS, unit_fault
from gep.io.catalog import catalogued
from gep.io.csv_excel import csv_cells, csv_header, decode, printable, row_place
from gep.io.csv_tables import csv_text
from gep.io.grid import column_letters, load_grid
from gep.io.spreadsheets import write_tables
from gep.io.tables import Columns, plain_spelling, read_table, suggestion
from gep.io.wide_table import (
    UNIT,
    YEAR,
    Answers,
    Line,
    Vocabulary,
    WideCell,
    WideTable,
    read_wide_table,
)
from gep.plan.prices import NOMINAL
from gep.texts.catalogue import Language, Listed, Text, text
from gep.units import has_money
from gep.workflows.table_words import (
    ProjectWords,
    area_vocabulary,
    data_vocabulary,
    read_project_words,
    set_vocabulary,
)
from gep.workflows.templates import column_values, name_of, quoted, write_folder

ImportKind = Literal["areas", "data", "set"]
WriteMode = Literal["new", "append", "replace"]

_AREA_COLUMNS = ("region", YEAR, "class", "area", UNIT, "source", "locator", "grade", "note")
_DATA_COLUMNS = (YEAR, "name", *KEYS[1:], "value", UNIT, "source", "locator", "grade", "note")
_SET_COLUMNS = (
    "coefficient",
    *KEYS,
    "value",
    UNIT,
    "price_year",
    "source",
    "locator",
    "grade",
    "note",
)
_NOT_USED = "na"  # in a table of classes, for a class of the source
_CLASS_MAP = Columns(required=("class", "ecosystem"), optional=("code", "share", "note", "source"))
_SOURCE_OF_SET = "source"  # the id of the one document of an imported set
_REQUIRED = {"coefficient", YEAR, "class", "name", "area", "value", UNIT, "source", "locator"}
_EXAMPLES = 3  # labels of a crosswalk that a message shows
_LABEL_SHOWN = 60  # characters of a label that a message shows
_UNKNOWN = {"class": "unknown-class", "region": "unknown-region", "name": "unknown-data-name"}


@dataclass(frozen=True)
class ImportOptions:
    """What the user says of an import.

    Attributes
    ----------
    kind : {'areas', 'data', 'set'}
    answers : Answers
        What the user says of the tables.
    source, grade : str
        Of all rows; blank where not given.
    skip_unknown : bool
        Whether rows and columns whose labels are not recognized are left out.
    out : Path or None
        The file to write; by default the one that the project names.
    mode : {'new', 'append', 'replace'}
    coefficient, price_year, locator : str
        Of a set: the coefficient of all numbers, the year of their prices, where they are printed.
    class_map : Path or None
        Of a set: a table of ``class`` and ``ecosystem``, what the labels of the source mean.
    """

    kind: ImportKind
    answers: Answers = field(default_factory=Answers)
    source: str = ""
    grade: str = ""
    skip_unknown: bool = False
    out: Path | None = None
    mode: WriteMode = "new"
    coefficient: str = ""
    price_year: str = ""
    locator: str = ""
    class_map: Path | None = None


@dataclass(frozen=True)
class TableImport:
    """Tables as they were understood, and the rows that they give.

    Attributes
    ----------
    options : ImportOptions
    words : ProjectWords
    tables : tuple of WideTable
        Those that could be read.
    rows : DataFrame of str
        Rows of ``areas.csv`` or ``data.csv``.
    problems, warnings : tuple of Problem
        What keeps the rows from being written, and what should be looked at.
    out : Path
        The file to write.
    """

    options: ImportOptions
    words: ProjectWords
    tables: tuple[WideTable, ...]
    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    out: Path

    @property
    def language(self) -> Language:
        """The language asked for, else the project's."""
        return self.words.language

    @property
    def is_used(self) -> bool:
        """Whether the project names a file of such rows."""
        if self.options.kind == "set":
            return True  # nothing in [inputs] names a set
        inputs = self.words.header.spec.inputs
        return bool(inputs.areas if self.options.kind == "areas" else inputs.data)


def understand_tables(
    paths: Sequence[Path],
    project: Path,
    options: ImportOptions,
    *,
    language: Language | None = None,
) -> TableImport:
    """Take wide tables apart into rows of a project, without writing anything.

    Parameters
    ----------
    paths : sequence of Path
        Each ``file.csv`` or ``book.xlsx#sheet``.
    project : Path
        The project's folder, or its ``project.toml``.
    options : ImportOptions
    language : {'zh', 'en'}, optional
        By default the project's, then that of the user's system.

    Returns
    -------
    TableImport
        Its ``problems`` are those of ``gep.io.wide_table`` and ``unknown-class``,
        ``unknown-region``, ``unknown-data-name``, ``table-layout``, ``duplicate-row``,
        ``missing-answer``, ``unknown-option``, ``wrong-dimension`` and ``negative``.

    Raises
    ------
    ProblemsFound
        If the project cannot be read.
    """
    problems = ProblemLog(language)
    words = read_project_words(project, language, problems)
    is_areas = options.kind == "areas"
    vocabulary = _vocabulary(words, options)
    said = _with_class_map(options, problems)
    answers = _known_answers(said, vocabulary, words, problems)
    if options.kind == "data" and not options.source:
        problems.add("missing-answer", "--source", "workflows.import.ask-source")
    if options.kind == "set":
        _check_set_options(options, words, problems)
    tables: list[WideTable] = []
    records: list[dict[str, str]] = []
    cells: list[tuple[WideTable, WideCell]] = []
    for path in paths:
        grid = load_grid(path, problems)
        table = None if grid is None else read_wide_table(grid, vocabulary, answers, problems)
        if table is None:
            continue
        tables.append(table)
        for cell in table.cells:
            cells.append((table, cell))
            records.append(_record(table, cell, options))
    known_elsewhere: frozenset[str] = frozenset()
    if is_areas and words.crosswalk is None:
        known_elsewhere = _check_crosswalk(tables, words, problems)
    for table in tables:
        if not options.skip_unknown:
            _check_unknown(table, words, problems, known_elsewhere)
    _check_answers_used(tables, answers, problems)
    _check_cells(cells, records, options, words, problems)
    columns: tuple[str, ...] = _AREA_COLUMNS if is_areas else ("region", *_DATA_COLUMNS)
    if options.kind == "set":
        columns = _SET_COLUMNS
    rows = pd.DataFrame(records, columns=list(columns), dtype=object).fillna("")
    used = [name for name in columns if name in _REQUIRED or (rows[name] != "").any()]
    return TableImport(
        options=options,
        words=words,
        tables=tuple(tables),
        rows=rows[used],
        problems=tuple(problems.errors),
        warnings=tuple(problems.warnings),
        out=options.out or _default_out(words, options.kind),
    )


def write_rows(imported: TableImport) -> Path:
    """Write the rows of an import; nothing is written if there is a problem.

    Parameters
    ----------
    imported : TableImport

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProblemsFound
        Its problems; ``file-exists`` where the file is there and the user did not say what becomes
        of it; ``duplicate-row`` where rows are appended that it has already.
    """
    language = imported.language
    if imported.problems:
        raise ProblemsFound(imported.problems, imported.warnings, language)
    if imported.options.kind == "set":
        return _write_set(imported)
    out = imported.out
    rows = imported.rows
    mode = imported.options.mode
    if mode == "append" and out.exists():
        rows = _appended(imported)
    elif mode == "new" and out.exists():
        problem = make_problem("file-exists", str(out), "workflows.import.file-exists")
        raise ProblemsFound([problem], imported.warnings, language)
    write_tables({out: {imported.options.kind: rows}}, replace=mode != "new")
    return out


def _vocabulary(words: ProjectWords, options: ImportOptions) -> Vocabulary:
    """Return what the words of the tables mean."""
    if options.kind == "set":
        return set_vocabulary(words, options.coefficient)
    return area_vocabulary(words) if options.kind == "areas" else data_vocabulary(words)


def _with_class_map(options: ImportOptions, problems: ProblemLog) -> Answers:
    """Return the answers with what a table of classes says of the labels of the source."""
    answers = options.answers
    if options.class_map is None:
        return answers
    table = read_table(options.class_map, _CLASS_MAP, problems)
    if table is None:
        return answers
    meanings: dict[str, str] = {}
    unused = set()  # labels for which the source has coefficients, and the standard no type
    for position, row in enumerate(table.frame.to_dict("records")):
        label = str(row["class"])
        if label in meanings or label in unused:
            place = table.place([position], "class")
            problems.add("duplicate-row", place, "workflows.import.class-twice", label=label)
        if row["ecosystem"] == _NOT_USED:
            unused.add(label)
        else:
            meanings.setdefault(label, str(row["ecosystem"]))
    return replace(
        answers,
        meanings={**meanings, **answers.meanings},
        skip=answers.skip | (unused - answers.meanings.keys()),
        optional=frozenset(meanings) | unused,
    )


def _check_set_options(options: ImportOptions, words: ProjectWords, problems: ProblemLog) -> None:
    """Check that what holds for all rows of a set is given, and is known to the standard."""
    said = {
        "--name": options.coefficient,
        "--source": options.source,
        "--locator": options.locator,
        "--grade": options.grade,
        "--out": "" if options.out is None else str(options.out),
    }
    for option, word in said.items():
        if not word:
            key = f"workflows.import.ask-{option.removeprefix('--')}-of-set"
            problems.add("missing-answer", option, key)
    taken = set(words.standard.spec.coefficient)
    for _, _, step in words.standard.steps():
        taken.update(binding.coef for binding in step.inputs.values() if binding.coef)
    if options.coefficient and options.coefficient not in taken:
        hint = suggestion(options.coefficient, taken)
        values = {"name": options.coefficient, "hint": hint}
        problems.add("unknown-id", "--name", "workflows.import.unknown-coefficient", **values)
    if options.grade and options.grade not in GRADES_OF_COEFFICIENTS:
        grades = Listed(GRADES_OF_COEFFICIENTS, len(GRADES_OF_COEFFICIENTS))
        values = {"grade": options.grade, "grades": grades}
        problems.add("unknown-grade", "--grade", "workflows.import.grade-of-set", **values)
    year = options.price_year
    if year and year != NOMINAL and not (year.isascii() and year.isdigit() and len(year) == 4):
        problems.add("bad-year", "--price-year", "workflows.import.price-year", value=year)


def _check_set_cell(
    cell: WideCell, options: ImportOptions, place: Where, words: ProjectWords, problems: ProblemLog
) -> None:
    """Check the unit of a coefficient, and that money has a year of prices."""
    declared = words.standard.spec.coefficient.get(options.coefficient)
    unit = cell.members.get(UNIT, "")
    if not unit:
        return
    if declared is not None and unit_fault(unit, declared.unit) is not None:
        values = {"name": declared.name, "unit": unit, "target": declared.unit}
        problems.add("wrong-dimension", place, "workflows.import.wrong-unit", **values)
    elif has_money(unit) and not options.price_year:
        problems.add("missing-answer", "--price-year", "workflows.import.ask-price-year-of-set")


def _write_set(imported: TableImport) -> Path:
    """Write a new coefficient set: its head, its one document, and the rows."""
    options = imported.options
    out = imported.out
    name = quoted(name_of(out))
    files = {
        "set.toml": f'id = {name}\nversion = "1.0.0"\ntitle = {{ zh = {name}, en = {name} }}\n'
        'licence = "none"\n',
        "sources.toml": f"[{_SOURCE_OF_SET}]\ntitle = {quoted(options.source)}\n",
        f"{options.coefficient}.csv": csv_text(imported.rows),
    }
    with worded_in(imported.language):
        return write_folder(out, files)


def _default_out(words: ProjectWords, kind: ImportKind) -> Path:
    """Return the file that the project names for rows of a kind, else the usual one."""
    inputs = words.header.spec.inputs
    named = inputs.areas if kind == "areas" else next(iter(inputs.data), "")
    is_csv = named.lower().endswith(".csv")
    return words.header.folder / (named if is_csv else f"{kind}.csv")


def _known_answers(
    answers: Answers, vocabulary: Vocabulary, words: ProjectWords, problems: ProblemLog
) -> Answers:
    """Return the answers with members as they are known, and report those that are none."""
    constants = {}
    for dimension, word in answers.constants.items():
        find = vocabulary.members.get(dimension)
        member = word if find is None else find(word)
        if dimension == YEAR and not (word.isascii() and word.isdigit() and len(word) == 4):
            problems.add("bad-year", f"--{YEAR}", "workflows.import.bad-year", value=word)
        if not member and dimension == "region" and words.regions is None:
            member = word
        if not member:
            option = f"--{dimension}"
            code = _UNKNOWN.get(dimension, "unknown-unit" if dimension == UNIT else "unknown-key")
            hint = _hint(word, dimension, words)
            values = {"label": word, "hint": hint}
            problems.add(code, option, "workflows.import.unknown-answer", **values)
        constants[dimension] = member or word
    return replace(answers, constants=constants)


def _hint(word: str, dimension: str, words: ProjectWords) -> Text | str:
    """Suggest what a label that is not recognized may mean."""
    if dimension == "class":
        return class_hint(word, words.scheme, words.crosswalk)
    if dimension == "region" and words.regions is not None:
        return region_hint(word, words.regions)
    if dimension == "name":
        titles = [data.name.say(words.language) for data in words.data.values()]
        return suggestion(word, titles)
    if dimension == UNIT:
        fault = unit_fault(word)
        return text("workflows.import.no-area-unit") if fault is None else fault[1]
    return text("workflows.import.no-hint")


def _check_answers_used(
    tables: Sequence[WideTable], answers: Answers, problems: ProblemLog
) -> None:
    """Check that every answer meets a cell, row or column: ``unknown-option``."""
    if not tables:
        return
    labels: set[str] = set()
    lines: set[str] = set()
    for table in tables:
        grid = table.grid
        labels.update(plain_spelling(grid.label_at(*spot)) for spot in grid.cells)
        lines.update(str(row) for row in grid.rows)
        lines.update(column_letters(column) for column in grid.columns)
    for word in sorted(answers.skip - answers.optional):
        if word not in lines and plain_spelling(word) not in labels:
            problems.add("unknown-option", "--skip", "workflows.import.answer-unused", value=word)
    for word in answers.meanings.keys() - answers.optional:
        if plain_spelling(word) not in labels:
            problems.add("unknown-option", "--read", "workflows.import.answer-unused", value=word)
    for letters, role in answers.roles.items():
        if letters not in lines:
            option = f"--{role}-column"
            problems.add("unknown-option", option, "workflows.import.no-column", value=letters)


def _check_crosswalk(
    tables: Sequence[WideTable], words: ProjectWords, problems: ProblemLog
) -> frozenset[str]:
    """Report (``unknown-class``) that classes are those of a crosswalk that the project lacks.

    Returns the labels that the crosswalk knows.
    """
    unknown: dict[str, str] = {}
    for table in tables:
        for line in (*table.rows, *table.columns):
            if line.unknown and line.dimension == "class":
                unknown[plain_spelling(line.unknown)] = line.unknown
    shipped_tables = catalogued("classes")
    types = {*words.scheme.classes, "na"}
    best = ""
    labels: frozenset[str] = frozenset()
    for name, path in sorted(shipped_tables.items(), reverse=True):
        to_types = column_values(path, "ecosystem")
        if not to_types or not to_types <= types:
            continue
        classes = column_values(path, "class") | column_values(path, "code")
        known = unknown.keys() & {plain_spelling(word) for word in classes}
        if len(known) > len(labels):
            best = name
            labels = frozenset(unknown[word] for word in known)
    if 2 * len(labels) < len(unknown) or not labels:
        return frozenset()
    problems.add(
        "unknown-class",
        "project.toml inputs.crosswalk",
        "workflows.import.classes-of-crosswalk",
        crosswalk=best,
        count=len(labels),
        examples=Listed(tuple(sorted(labels)), _EXAMPLES),
        folder=words.header.folder,
    )
    return labels


def _check_unknown(
    table: WideTable, words: ProjectWords, problems: ProblemLog, known_elsewhere: frozenset[str]
) -> None:
    """Report rows and columns whose labels are not recognized, and say what answers them."""
    for line in table.rows:
        if line.unknown and line.unknown not in known_elsewhere:
            columns = table.layout.of_role(line.dimension) or table.layout.labels
            place = table.grid.place(line.number, columns[0])
            _report_unknown(line, place, words, problems)
    head = table.layout.heads[-1] if table.layout.heads else table.layout.body[0]
    for line in table.columns:
        if line.unknown and line.unknown not in known_elsewhere:
            _report_unknown(line, table.grid.place(head, line.number), words, problems)


def _report_unknown(line: Line, place: Where, words: ProjectWords, problems: ProblemLog) -> None:
    """Report a label that is not recognized."""
    code = _UNKNOWN.get(line.dimension, "table-layout")
    kind = line.dimension if code != "table-layout" else "label"
    label = printable(line.unknown, _LABEL_SHOWN)
    values = {"label": label, "hint": _hint(line.unknown, line.dimension, words)}
    problems.add(code, place, f"workflows.import.unknown-{kind}", **values)


def _record(table: WideTable, cell: WideCell, options: ImportOptions) -> dict[str, str]:
    """Return the row of a number."""
    record = dict(cell.members)
    record["area" if options.kind == "areas" else "value"] = _plain_number(cell.written)
    record["source"] = options.source
    record["grade"] = options.grade
    record["locator"] = table.grid.locator(cell.row, cell.column)
    labels = "; ".join(" ".join(label.split()) for label in cell.labels)
    places = ("region", YEAR, UNIT)
    members = [member for name, member in cell.members.items() if name not in places]
    if any(plain_spelling(member) not in plain_spelling(labels) for member in members):
        record["note"] = labels  # as the table has it, where we write another name
    if options.kind == "set":
        record |= {"coefficient": options.coefficient, "source": _SOURCE_OF_SET}
        record["locator"] = f"{options.locator}; {record['locator']}"
        record["price_year"] = options.price_year if has_money(record.get(UNIT, "1")) else ""
        record.pop(YEAR, None)
    return record


def _plain_number(word: str) -> str:
    """Return a number as it is written; a percentage stays one."""
    return word.removeprefix("+")


def _check_cells(
    cells: Sequence[tuple[WideTable, WideCell]],
    records: Sequence[Mapping[str, str]],
    options: ImportOptions,
    words: ProjectWords,
    problems: ProblemLog,
) -> None:
    """Check that no number is given twice, that units fit, and that data have their keys."""
    identity: tuple[str, ...] = ("region", YEAR, "name")
    if options.kind != "data":
        identity = ("region", YEAR, "class") if options.kind == "areas" else ("coefficient",)
    first: dict[tuple[str, ...], tuple[WideTable, WideCell]] = {}
    keys = identity if options.kind == "areas" else (*identity, *KEYS)
    for (table, cell), record in zip(cells, records, strict=True):
        known = tuple(record.get(key, "") for key in keys)
        place = table.grid.place(cell.row, cell.column)
        if any(not record.get(key) for key in identity):
            continue
        if known in first:
            other_table, other = first[known]
            values = {
                "members": [word for word in known if word],
                "cell": other_table.grid.locator(other.row, other.column),
            }
            problems.add("duplicate-row", place, "workflows.import.duplicate", **values)
        first.setdefault(known, (table, cell))
        if options.kind == "areas" and cell.written.startswith("-"):
            problems.add("negative", place, "extent.negative-area", area=float(cell.written))
        if options.kind == "data":
            _check_data(cell, place, words, problems)
        if options.kind == "set":
            _check_set_cell(cell, options, place, words, problems)


def _check_data(cell: WideCell, place: Where, words: ProjectWords, problems: ProblemLog) -> None:
    """Check the unit and the keys of a data row."""
    name = cell.members["name"]
    spec = words.data.get(name)
    if spec is None:
        return
    label = spec.name
    unit = cell.members.get(UNIT, "")
    if unit and unit_fault(unit, spec.unit) is not None:
        values = {"name": label, "unit": unit, "target": spec.unit}
        problems.add("wrong-dimension", place, "workflows.import.wrong-unit", **values)
    for key in spec.keys:
        if key not in cell.members:
            option = f"--key {key}="
            problems.add("missing-answer", option, "workflows.import.ask-key", name=label, kind=key)


def _appended(imported: TableImport) -> pd.DataFrame:
    """Return the rows of the file with those of the import below them."""
    out = imported.out
    problems = ProblemLog(imported.language)
    content = decode(out, out.name, problems)
    problems.raise_errors()
    content = (content or "").replace("\r\n", "\n").replace("\r", "\n")
    header = csv_header(content, out.name, problems)
    columns = None
    if header is not None:
        columns = csv_cells(content.encode(), len(header), out.name, problems)
    problems.raise_errors()
    if header is None or columns is None:
        return imported.rows
    cells = {name: column.cells() for name, column in zip(header, columns, strict=True)}
    frame = pd.DataFrame(cells, dtype=object)
    frame = frame[(frame != "").any(axis=1)]
    identity = ["region", YEAR, "class"]
    if imported.options.kind == "data":
        identity = ["region", YEAR, "name", *KEYS[1:]]
    names = list(dict.fromkeys([*header, *imported.rows.columns]))
    joined = pd.concat([frame, imported.rows], ignore_index=True)[names].fillna("")
    shared = [name for name in identity if name in joined]
    is_repeated = joined.duplicated(shared).to_numpy(copy=True)
    is_repeated[: len(frame)] = False
    for position in is_repeated.nonzero()[0]:
        row = joined.iloc[position]
        earlier = (joined[shared] == row[shared]).all(axis=1).to_numpy().nonzero()[0][0]
        place = row_place(out.name, [int(earlier) + 2])
        members = [str(row[name]) for name in shared if row[name]]
        values = {"members": members, "cell": row["locator"]}
        problems.add("duplicate-row", place, "workflows.import.in-file-already", **values)
    problems.raise_errors()
    return joined
