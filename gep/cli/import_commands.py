"""The commands ``gep import areas``, ``data`` and ``set``: tables as they come, taken in.

In a terminal they ask what is not clear; elsewhere it is a problem that names the option with the
answer. What a table means is found by ``gep.workflows.import_table``.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.commands import Text, Words, asked_language, show, warn
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.texts.catalogue import Language, say

if TYPE_CHECKING:
    from gep.workflows.import_table import ImportKind, ImportOptions, TableImport

Tables = Annotated[list[Path], typer.Argument()]
ProjectOption = Annotated[Path, typer.Option("--project")]
RegionOption = Annotated[str, typer.Option("--region")]
YearOption = Annotated[str, typer.Option("--year")]
ClassOption = Annotated[str, typer.Option("--class")]
NameOption = Annotated[str, typer.Option("--name")]
TableOut = Annotated[Path | None, typer.Option("--out")]
FirstRow = Annotated[int, typer.Option(min=0)]
Flag = Annotated[bool, typer.Option()]
Show = Annotated[bool, typer.Option("--show")]

_CURRENT = Path()
_MOST_QUESTIONS = 50
_SKIP_ANSWER = "-"
_OPTIONS_OF_SETS = {
    "--name": "coefficient",
    "--price-year": "price_year",
    "--locator": "locator",
    "--grade": "grade",
    "--out": "out",
}  # of ImportOptions


def import_areas(
    context: typer.Context,
    *,
    tables: Tables,
    import_project: ProjectOption = _CURRENT,
    table_out: TableOut = None,
    import_region: RegionOption = "",
    import_year: YearOption = "",
    unit: Text = "",
    land_class: ClassOption = "",
    class_column: Text = "",
    region_column: Text = "",
    year_column: Text = "",
    unit_column: Text = "",
    value_column: Words = None,
    first_row: FirstRow = 0,
    skip: Words = None,
    read: Words = None,
    skip_unknown: Flag = False,
    source: Text = "",
    grade: Text = "",
    append: Flag = False,
    replace: Flag = False,
    show_only: Show = False,
) -> None:
    """Read tables of areas as they come, and write rows of ``areas.csv``."""
    columns = {
        "class": class_column,
        "region": region_column,
        "year": year_column,
        "unit": unit_column,
    }
    constants = {"region": import_region, "year": import_year, "unit": unit, "class": land_class}
    options = _options(
        "areas",
        columns=columns,
        values=value_column,
        constants=constants,
        skip=skip,
        read=read,
        first_row=first_row,
    )
    options = _with_rest(
        options,
        source=source,
        grade=grade,
        skip_unknown=skip_unknown,
        out=table_out,
        mode=_mode(append, replace),
    )
    _import(context, tables, import_project, options, show_only)


def import_data(
    context: typer.Context,
    *,
    tables: Tables,
    import_project: ProjectOption = _CURRENT,
    table_out: TableOut = None,
    import_region: RegionOption = "",
    import_year: YearOption = "",
    unit: Text = "",
    data_name: NameOption = "",
    key: Words = None,
    name_column: Text = "",
    region_column: Text = "",
    year_column: Text = "",
    unit_column: Text = "",
    value_column: Words = None,
    first_row: FirstRow = 0,
    skip: Words = None,
    read: Words = None,
    skip_unknown: Flag = False,
    source: Text = "",
    grade: Text = "",
    append: Flag = False,
    replace: Flag = False,
    show_only: Show = False,
) -> None:
    """Read statistical tables as they come, and write rows of ``data.csv``."""
    columns = {
        "name": name_column,
        "region": region_column,
        "year": year_column,
        "unit": unit_column,
    }
    constants = {"region": import_region, "year": import_year, "unit": unit, "name": data_name}
    constants.update(_pairs("--key", key))
    options = _options(
        "data",
        columns=columns,
        values=value_column,
        constants=constants,
        skip=skip,
        read=read,
        first_row=first_row,
    )
    options = _with_rest(
        options,
        source=source,
        grade=grade,
        skip_unknown=skip_unknown,
        out=table_out,
        mode=_mode(append, replace),
    )
    _import(context, tables, import_project, options, show_only)


def import_set(
    context: typer.Context,
    *,
    tables: Tables,
    import_project: ProjectOption = _CURRENT,
    set_out: Annotated[Path | None, typer.Option("--out")] = None,
    coefficient_name: NameOption = "",
    unit: Text = "",
    price_year: Text = "",
    class_map: Annotated[Path | None, typer.Option("--classes")] = None,
    key: Words = None,
    class_column: Text = "",
    unit_column: Text = "",
    value_column: Words = None,
    first_row: FirstRow = 0,
    skip: Words = None,
    read: Words = None,
    skip_unknown: Flag = False,
    source: Text = "",
    locator: Text = "",
    grade: Text = "",
    show_only: Show = False,
) -> None:
    """Read a printed table of coefficients, services by ecosystem types, and write a new set."""
    options = _options(
        "set",
        columns={"ecosystem": class_column, "unit": unit_column},
        values=value_column,
        constants={"unit": unit, **_pairs("--key", key)},
        skip=skip,
        read=read,
        first_row=first_row,
    )
    options = _with_rest(
        options,
        coefficient=coefficient_name,
        price_year=price_year,
        class_map=class_map,
        source=source,
        locator=locator,
        grade=grade,
        skip_unknown=skip_unknown,
        out=set_out,
    )
    _import(context, tables, import_project, options, show_only)


def _options(
    kind: "ImportKind",
    *,
    columns: dict[str, str],
    values: Sequence[str] | None,
    constants: dict[str, str],
    skip: Sequence[str] | None,
    read: Sequence[str] | None,
    first_row: int,
) -> "ImportOptions":
    """Gather what the user says of the tables."""
    from gep.io.wide_table import VALUE, Answers
    from gep.workflows.import_table import ImportOptions

    roles = {letters.upper(): dimension for dimension, letters in columns.items() if letters}
    roles.update((letters.upper(), VALUE) for letters in values or ())
    answers = Answers(
        roles=roles,
        skip=frozenset(skip or ()),
        meanings=_pairs("--read", read),
        constants={name: word for name, word in constants.items() if word},
        first_row=first_row,
    )
    return ImportOptions(kind, answers)


def _with_rest(options: "ImportOptions", **values: object) -> "ImportOptions":
    return replace(options, **values)  # type: ignore[arg-type]


def _mode(append: bool, replace: bool) -> str:
    """Return what becomes of a file that is there."""
    if append:
        return "append"
    return "replace" if replace else "new"


def _pairs(option: str, words: Sequence[str] | None) -> dict[str, str]:
    """Read ``LABEL=MEANING``, as often as it was given."""
    problems = ProblemLog()
    pairs = {}
    for word in words or ():
        label, sign, meaning = word.partition("=")
        if not (label and sign and meaning):
            problems.add("unknown-option", option, "cli.pair-unreadable", value=word)
        pairs[label] = meaning
    problems.raise_errors()
    return pairs


def _import(
    context: typer.Context,
    tables: Sequence[Path],
    project: Path,
    options: "ImportOptions",
    show_only: bool,
) -> None:
    """Show how tables are understood, ask what is not clear, and write the rows."""
    from gep.terminal.import_page import import_page
    from gep.workflows.import_table import understand_tables, write_rows

    language = asked_language(context)
    imported = understand_tables(tables, project, options, language=language)
    is_asking = _is_terminal() and not show_only
    for _ in range(_MOST_QUESTIONS):
        question = _next_question(imported) if is_asking else None
        if question is None:
            break
        show(import_page(imported))
        options = _answered(options, question, imported.language)
        imported = understand_tables(tables, project, options, language=language)
    show(import_page(imported))
    if imported.problems:
        raise ProblemsFound(imported.problems, imported.warnings, imported.language)
    warn(imported.warnings, imported.language)
    if show_only:
        return
    if is_asking and not typer.confirm(say(imported.language, "cli.import-write"), default=True):
        raise typer.Abort
    file = write_rows(imported)
    count = len(imported.rows)
    show(say(imported.language, "terminal.import.rows-written", count=count, file=file))
    if not imported.is_used and file.parent == imported.words.header.folder:
        kind = imported.options.kind
        command = f"gep set {project} {kind} {file.name}"
        show(say(imported.language, "terminal.import.name-it", command=command))


def _is_terminal() -> bool:
    """Return whether the user can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def _next_question(imported: "TableImport") -> Problem | None:
    """Return the first problem that an answer of the user can solve, labels before options."""
    questions = [problem for problem in imported.problems if _is_question(problem)]
    of_labels = [question for question in questions if not _option(question)]
    return next(iter((*of_labels, *questions)), None)


def _is_question(problem: Problem) -> bool:
    is_of_label = problem.code.startswith("unknown-") and "label" in dict(problem.values)
    return problem.code == "missing-answer" or is_of_label


def _option(question: Problem) -> str:
    """Return the option that answers a question; blank where a label of the table is meant."""
    is_option = isinstance(question.place, str) and question.place.startswith("--")
    return str(question.place) if is_option else ""


def _answered(options: "ImportOptions", question: Problem, language: Language) -> "ImportOptions":
    """Ask a question, and add its answer to the options."""
    what = f"{question.say_where(language)}: {question.say_what(language)}"
    answers = options.answers
    option = _option(question)
    if option:
        answer = typer.prompt(f"{what}\n{question.say_fix(language)}\n{option}").strip()
        if option == "--source":
            return replace(options, source=answer)
        if options.kind == "set" and option in _OPTIONS_OF_SETS:
            name = _OPTIONS_OF_SETS[option]
            value = Path(answer) if name == "out" else answer
            return _with_rest(options, **{name: value})
        dimension = option.removeprefix("--").removeprefix("key ").rstrip("=")
        constants = {**answers.constants, dimension: answer}
        return replace(options, answers=replace(answers, constants=constants))
    label = str(dict(question.values)["label"])
    answer = typer.prompt(f"{what}\n{say(language, 'cli.import-meaning')}").strip()
    if answer == _SKIP_ANSWER:
        return replace(options, answers=replace(answers, skip=answers.skip | {label}))
    meanings = {**answers.meanings, label: answer}
    return replace(options, answers=replace(answers, meanings=meanings))
