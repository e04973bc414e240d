"""The commands: each takes its options, calls one workflow, and shows the result.

The language of an answer is that of ``--language``, then of the project, then of the user's system.
Help texts are not written here: ``gep.cli.help`` takes them from the catalogue by the names of
command and parameter. Nothing heavy is imported before a command needs it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gep.errors import Problem, ProblemLog, ProblemsFound, list_problems
from gep.texts.catalogue import Language, Listed, locale_language, say, visible

if TYPE_CHECKING:
    import pandas as pd

    from gep.project.project import Project
    from gep.project.stages import Progress as StageProgress
    from gep.project.stages import ProgressCall

ProjectPath = Annotated[Path, typer.Argument()]
NewPath = Annotated[Path, typer.Argument()]
Out = Annotated[Path | None, typer.Option("--out")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q")]
Draws = Annotated[int, typer.Option(min=0)]
Seed = Annotated[int, typer.Option(min=0)]
Code = Annotated[bool, typer.Option("--allow-code")]
Edition = Annotated[Literal["full", "public"], typer.Option()]
Partial = Annotated[bool, typer.Option("--partial")]
Region = Annotated[str, typer.Option()]
Year = Annotated[int, typer.Option()]
FromYear = Annotated[int | None, typer.Option("--from")]
ToYear = Annotated[int | None, typer.Option("--to")]
Csv = Annotated[bool, typer.Option("--csv")]
Words = Annotated[list[str] | None, typer.Option()]
Threads = Annotated[int | None, typer.Option()]
File = Annotated[Path | None, typer.Option()]
Text = Annotated[str, typer.Option()]

_ASKED_FOR = {"show": 1, "diff": 2}  # names that these words of the catalog take
_COEFFICIENTS = "coefficients"  # the kind of the catalog that may name coefficients and sets
_HEAD_SHOWN = 12  # characters of the checksum of a review log


class ProblemsShown(Exception):
    """Problems that the answer of the command shows already."""


class FiguresMissed(Exception):
    """Printed figures that the results miss, which the answer of the command shows already."""


def run(
    context: typer.Context,
    *,
    project: ProjectPath,
    out: Out = None,
    quiet: Quiet = False,
    draws: Draws = 0,
    seed: Seed = 0,
    partial: Partial = False,
    edition: Edition = "full",
    scenario: File = None,
    memory: Text = "",
    threads: Threads = None,
    scheduler: Text = "",
    maps: Annotated[bool, typer.Option("--maps")] = False,
    quantity_maps: Annotated[bool, typer.Option("--quantity-maps")] = False,
    allow_code: Code = False,
) -> None:
    """Check, compute and write the accounts of a project."""
    from gep.extent.schedule import scheduled
    from gep.project.project import project_language
    from gep.workflows.run import run_project

    language = project_language(project, asked_language(context))
    schedule = scheduled(memory=memory, threads=threads, scheduler=scheduler)
    with schedule, progress_bar(not quiet, language) as progress:
        result = run_project(
            project,
            out,
            allow_code=allow_code,
            partial=partial,
            draws=draws,
            seed=seed,
            progress=progress,
            language=language,
            edition=edition,
            scenario=scenario,
            maps="quantities" if quantity_maps else "values" if maps else "",
        )
    warn(result.warnings, language)
    if quiet:
        return
    from gep.terminal.account import print_account, print_files

    title = result.project.spec.project.title
    for account in result.accounts:
        print_account(account, title, language)
    if result.uncertainty is not None:
        from gep.terminal.account import print_intervals

        print_intervals(result.uncertainty, result.accounts[-1], language)
    print_files(result.out, language)


def check(
    context: typer.Context,
    *,
    project: ProjectPath,
    list_file: Annotated[Path | None, typer.Option("--list")] = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Say what is ready, what is missing and what to do next; find all problems."""
    from gep.project.project import project_language
    from gep.terminal.check import check_page
    from gep.workflows.check import check_folder, has_rasters, save_default_list, write_list

    language = asked_language(context)
    shown = has_rasters(project)  # tables are read in no time
    with progress_bar(shown, project_language(project, language)) as progress:
        checked = check_folder(
            project, allow_code=allow_code, partial=partial, language=language, progress=progress
        )
    file = list_file
    if file is not None:
        write_list(checked, file)
    elif checked.problems or checked.warnings or checked.questions:
        file = save_default_list(checked)
    for line in check_page(checked, file):
        show(line)
    if checked.project is not None and not checked.problems:
        _show_routes(checked.project)
    # On a screen the page is enough; a file or a program gets every problem as of other commands.
    is_screen = sys.stderr is not None and sys.stderr.isatty()
    if checked.problems:
        raise ProblemsShown if is_screen else checked.error
    if not is_screen:
        warn(checked.warnings, checked.language)


def plan(
    context: typer.Context,
    *,
    project: ProjectPath,
    csv: Csv = False,
    out: Out = None,
    assessment: Annotated[bool, typer.Option("--assessment")] = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Show the table that an evaluator signs: every row that is used, before computing."""
    if assessment:
        _show_reading_list(context, project, out, csv=csv)
        return
    import pandas as pd

    from gep.io.csv_tables import csv_text
    from gep.io.spreadsheets import write_tables
    from gep.project.project import check_project
    from gep.report.plan_workbook import write_plan_workbook
    from gep.terminal.account import print_plan

    checked, plans = check_project(
        project, allow_code=allow_code, partial=partial, language=asked_language(context)
    )
    if out is not None and out.suffix.lower() == ".xlsx":
        rows = write_plan_workbook(out, checked, plans)
        report_written(out, [rows], checked.language)
        return
    table = pd.concat([yearly.table() for yearly in plans], ignore_index=True)
    if out is not None:
        write_tables({out: {"plan": table}})
        report_written(out, [len(table)], checked.language)
    elif csv:
        show_table(csv_text(table))
    else:
        print_plan(plans, table, checked.language)


def explain(
    context: typer.Context,
    *,
    project: ProjectPath,
    region: Region,
    year: Year,
    indicator: Text,
    json: Annotated[bool, typer.Option("--json")] = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Take a number apart: formula, areas, parts, every row behind it."""
    from gep.workflows.explain import explain_number

    lines = explain_number(
        project,
        region=region,
        year=year,
        indicator=indicator,
        allow_code=allow_code,
        partial=partial,
        language=asked_language(context),
        as_json=json,
    )
    show(lines)


def verify(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Argument()],
    project: Annotated[Path | None, typer.Option("--project")] = None,
    allow_code: Code = False,
) -> None:
    """Recompute results by their records, and name what differs."""
    from gep.workflows.verify import verify_result

    verification = verify_result(
        out, project, allow_code=allow_code, language=asked_language(context)
    )
    if verification.differences:
        raise ProblemsFound(verification.differences, language=verification.language)
    language = verification.language or spoken_language(context)
    show(say(language, "cli.verify.same"))
    for note in verification.notes:
        show(say(language, "cli.verify.note", note=note), err=True)


def check_figures(
    context: typer.Context,
    *,
    project: Annotated[Path, typer.Argument()],
    expected: Annotated[list[Path] | None, typer.Option("--expected")] = None,
    csv: Csv = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Hold results against the printed figures of ``expected.csv``."""
    from gep.io.csv_tables import csv_text
    from gep.terminal.figures import print_figures
    from gep.workflows import expected as printed

    figures = printed.check_figures(
        project,
        expected or (),
        allow_code=allow_code,
        partial=partial,
        language=asked_language(context),
    )
    warn(figures.warnings, figures.language)
    if csv:
        show_table(csv_text(figures.frame()))
    else:
        print_figures(figures)
    if figures.misses:
        raise FiguresMissed


def export(
    context: typer.Context,
    *,
    results: Annotated[Path, typer.Argument()],
    target: Annotated[Path, typer.Argument()],
    table: Text = "account",
    boundaries: File = None,
    boundary_key: Text = "",
) -> None:
    """Write results into a Parquet, NetCDF, GeoPackage or GeoJSON."""
    from gep.workflows.export import export_results

    file = export_results(
        results,
        target,
        table=table,
        boundaries=boundaries,
        boundary_key=boundary_key,
        language=asked_language(context),
    )
    show(say(spoken_language(context), "cli.export.written", file=file))


def seea(
    context: typer.Context,
    *,
    project: ProjectPath,
    target: Annotated[Path, typer.Argument()],
    region: Region = "",
    rate: Annotated[float | None, typer.Option()] = None,
    years: Annotated[int | None, typer.Option()] = None,
    services: File = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Write the accounts of a project as a workbook in the tables of SEEA EA."""
    from gep.project.project import project_language
    from gep.workflows.seea import write_seea

    language = project_language(project, asked_language(context))
    tables = write_seea(
        project,
        target,
        region=region or None,
        rate=rate,
        years=years,
        services=services,
        allow_code=allow_code,
        partial=partial,
        language=asked_language(context),
    )
    warn(tables.warnings, language)
    show(say(language, "cli.export.written", file=target))


def align(
    context: typer.Context,
    *,
    rasters: Annotated[list[Path], typer.Argument()],
    like: Annotated[Path, typer.Option("--like")],
    out: Out = None,
    how: Annotated[
        Literal["nearest", "bilinear", "average", "mode"] | None, typer.Option("--how")
    ] = None,
) -> None:
    """Write copies of rasters on the grid of another one."""
    from gep.workflows.align import align_rasters

    language = spoken_language(context)
    for copy in align_rasters(
        rasters,
        like,
        out,
        how=how,
        language=asked_language(context),
    ):
        values = {"file": copy.path, "how": copy.how, "share": 100 * copy.covered}
        show(say(language, "cli.align.written", **values))
        if copy.advised is not None:
            values = {"finer": copy.finer, "advised": copy.advised}
            show(say(language, "cli.align.advice", **values), err=True)


def catalog(
    context: typer.Context,
    kind: Annotated[str, typer.Argument()] = "",
    names: Annotated[list[str] | None, typer.Argument()] = None,
    csv: Csv = False,
) -> None:
    """List what there is; ``show`` prints a standard or set whole, ``diff`` compares two sets."""
    from gep.io.csv_tables import csv_text
    from gep.report.reference import KINDS
    from gep.terminal.account import print_table
    from gep.workflows.templates import catalog as catalog_table

    language = spoken_language(context)
    if kind == _COEFFICIENTS and names:
        _show_values(names, language, csv=csv)
        return
    if kind in _ASKED_FOR or names:
        _show_entries(kind, names or [], language, csv=csv)
        return
    for name in [kind] if kind else list(KINDS):
        table = catalog_table(name, language=language)
        if csv:
            show_table(csv_text(table))
        else:
            print_table(say(language, f"cli.catalog.{name}"), table)


def _show_values(names: Sequence[str], language: Language, *, csv: bool) -> None:
    """Print all values that are known of coefficients, or of all those of a set."""
    from gep.io.csv_tables import csv_text
    from gep.report.coefficient_values import coefficient_values, names_of
    from gep.terminal.coefficient_audit import print_values

    table = coefficient_values(names_of(names, language), language)
    if csv:
        show_table(csv_text(table))
    else:
        print_values(table, language)


def _show_entries(kind: str, names: Sequence[str], language: Language, *, csv: bool) -> None:
    """Print one standard or set as it is complete, or what differs between two sets."""
    from gep.inputs.coefficients import CoefficientSet
    from gep.io.csv_tables import csv_text
    from gep.terminal.account import print_table
    from gep.workflows.differences import catalog_diff, read_entry, table_of_set

    wanted = _ASKED_FOR.get(kind, 0)
    if len(names) != wanted:
        problems = ProblemLog(language)
        problems.add(
            "unknown-id",
            "catalog",
            "cli.catalog-names",
            kind=kind,
            count=wanted,
        )
        problems.raise_errors()
    if kind == "diff":
        table = catalog_diff(*names, language=language)
        if table.empty:
            show(say(language, "cli.catalog.same"), err=True)
    else:
        entry = read_entry(names[0])
        if not isinstance(entry, CoefficientSet):
            show_table(entry.text)
            return
        table = table_of_set(entry)
    if csv:
        show_table(csv_text(table))
    else:
        print_table(" ".join([say(language, f"cli.catalog.{kind}"), *names]), table)


def form(
    context: typer.Context,
    *,
    project: ProjectPath,
    out: Out = None,
    coefficients: Annotated[Path | None, typer.Option("--coefficients")] = None,
    assessment: Annotated[bool, typer.Option("--assessment")] = False,
    allow_code: Code = False,
) -> None:
    """Write the form of what the plan lacks: the workbook of the project, or a table."""
    if assessment:
        _write_assessment_form(context, project, out)
        return
    from gep.io.csv_tables import csv_text
    from gep.io.spreadsheets import write_tables
    from gep.plan.blank_form import PASSED, blank_form
    from gep.project.project import build_plans, has_form, read_project
    from gep.workflows.form import write_form

    language = asked_language(context)
    is_workbook = out is None or out.suffix.lower() == ".xlsx"
    if coefficients is None and is_workbook and has_form(project):
        written = write_form(project, out, allow_code=allow_code, language=language)
        sheets = [f"{title} {count}" for title, count in written.rows.items()]
        listed = Listed(tuple(sheets), len(sheets))
        show(say(written.language, "cli.form.written", file=written.path, sheets=listed), err=True)
        return
    read = read_project(project, allow_code=allow_code, language=language)
    is_short = read.spec.project.route == "short"
    blank = blank_form(build_plans(read, PASSED), read.language, first_level=is_short)
    _show_routes(read)
    if coefficients is None and out is not None and out.suffix.lower() == ".xlsx":
        coefficients = out
    files: dict[Path, dict[str, pd.DataFrame]] = {}
    if out is not None and not blank.data.empty:
        files.setdefault(out, {})["data"] = blank.data
    if coefficients is not None and not blank.coefficient_rows.empty:
        files.setdefault(coefficients, {})["coefficients"] = blank.coefficient_rows
    write_tables(files)
    if out is None:
        show_table(csv_text(blank.data))
    for file, tables in files.items():
        report_written(file, [len(table) for table in tables.values()], read.language)
    if blank.data.empty:
        show(say(read.language, "cli.form.no-data-missing"), err=True)
    for name in blank.coefficients:
        line = say(read.language, "cli.form.missing-coefficient", coefficient=name)
        show(line, err=True)


def _write_assessment_form(context: typer.Context, project: Path, out: Path | None) -> None:
    """Write the reading list and the blank tables of an assessment."""
    from gep.workflows.assessment_form import assessment_needs, write_assessment_form

    needs = assessment_needs(project, language=asked_language(context))
    folder = project if project.is_dir() else project.parent
    file = out or folder / say(needs.language, "cli.form.assessment-file")
    write_assessment_form(needs, file)
    sheets = [f"{key} {len(table.rows)}" for key, table in needs.tables.items()]
    listed = Listed(tuple(sheets), len(sheets))
    show(say(needs.language, "cli.form.written", file=file, sheets=listed), err=True)


def _show_reading_list(
    context: typer.Context, project: Path, out: Path | None, *, csv: bool
) -> None:
    """Show or write what each department is asked for."""
    from gep.io.csv_tables import csv_text
    from gep.io.spreadsheets import write_tables
    from gep.terminal.account import print_table
    from gep.workflows.assessment_form import assessment_needs

    needs = assessment_needs(project, language=asked_language(context))
    if out is not None:
        write_tables({out: {"readings": needs.readings}})
        report_written(out, [len(needs.readings)], needs.language)
    elif csv:
        show_table(csv_text(needs.readings))
    else:
        heads = {
            name: say(needs.language, f"workflows.reading-list.{name}") for name in needs.readings
        }
        title = say(needs.language, "workflows.reading-list.heading")
        print_table(title, needs.readings.rename(columns=heads))


def _show_routes(project: "Project", *, is_error: bool = True) -> None:
    """Say what each route asks for and what the short one loses, if the routes differ."""
    from gep.workflows.form import costs_of_routes

    full, short = costs_of_routes(project)
    if full.rows == short.rows:
        return
    for cost in (full, short):
        is_chosen = cost.route == project.spec.project.route
        key = (
            f"cli.route.{cost.route}"
            if cost.switches or cost.route == "full"
            else "cli.route.types"
        )
        line = say(
            project.language,
            key,
            rows=cost.rows,
            form_rows=cost.form_rows,
            types=cost.types,
            all_types=full.types,
            switches=Listed(cost.switches, len(cost.switches)),
            chosen=say(project.language, "cli.route.chosen") if is_chosen else "",
        )
        show(line, err=is_error)


def compare(
    context: typer.Context,
    *,
    projects: Annotated[list[Path], typer.Argument()],
    from_year: FromYear = None,
    to_year: ToYear = None,
    out: Out = None,
    prices: Words = None,
    allow: Words = None,
    moving_mean: Annotated[int, typer.Option(min=0)] = 0,
    quiet: Quiet = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Put years side by side: changes, growth and the reasons for them."""
    from gep.terminal.comparison import print_comparison, print_written
    from gep.workflows.compare import FILES, compare_projects

    result = compare_projects(
        projects,
        out,
        from_year=from_year,
        to_year=to_year,
        prices=prices or (),
        allow=allow or (),
        moving_mean=moving_mean,
        allow_code=allow_code,
        partial=partial,
        language=asked_language(context),
    )
    first = result.projects[0]
    warn(result.warnings, first.language)
    if not quiet:
        title = first.spec.project.title
        print_comparison(result.comparison, dict(result.tables), title, first.language)
        print_written(result.out, FILES, first.language)


def sensitivity(
    context: typer.Context,
    *,
    project: ProjectPath,
    region: Region,
    year: Year,
    from_year: FromYear = None,
    indicator: Text = "total",
    sobol: Annotated[int, typer.Option(min=0)] = 0,
    seed: Seed = 0,
    out: Out = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Show which inputs move a value most: swings one at a time, Sobol indices."""
    from gep.terminal.account import print_swings
    from gep.workflows.sensitivity import analyse_sensitivity

    analysis = analyse_sensitivity(
        project,
        region,
        year,
        start=from_year,
        indicator=indicator,
        points=sobol,
        seed=seed,
        out=out,
        partial=partial,
        allow_code=allow_code,
        language=asked_language(context),
    )
    warn(analysis.warnings, analysis.language)
    print_swings(analysis)


def plot(
    context: typer.Context,
    *,
    project: ProjectPath,
    what: Annotated[list[str], typer.Argument()],
    out: Out = None,
    year: Annotated[int | None, typer.Option()] = None,
    from_year: FromYear = None,
    region: Text = "",
    draws: Draws = 1000,
    seed: Seed = 0,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Draw pictures of a project for papers and slides."""
    from gep.workflows.plot import plot as draw_pictures

    pictures = draw_pictures(
        project,
        what,
        out,
        year=year,
        from_year=from_year,
        region=region or None,
        draws=draws,
        seed=seed,
        allow_code=allow_code,
        partial=partial,
        language=asked_language(context),
    )
    language = pictures.project.language
    warn(pictures.warnings, language)
    for file in pictures.files.values():
        show(say(language, "cli.plot.written", file=file))


def assess(
    context: typer.Context,
    *,
    project: ProjectPath,
    out: Out = None,
    quiet: Quiet = False,
    draws: Draws = 0,
    seed: Seed = 0,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Apply the project's schemes: targets, scores, ranks, indices."""
    from gep.terminal.assessment import print_assessment, print_folder
    from gep.workflows.assess import PAGE, assess_project

    result = assess_project(
        project,
        out,
        allow_code=allow_code,
        partial=partial,
        draws=draws,
        seed=seed,
        language=asked_language(context),
    )
    language = result.project.language
    warn(result.warnings, language)
    if not quiet:
        for assessment in result.assessments:
            print_assessment(assessment, result.context, language)
        print_folder(result.out, PAGE, language)


def record(
    context: typer.Context,
    *,
    project: ProjectPath,
    state: Text,
    who: Text,
    document: Text,
    scheme: Text,
    year: Year,
    region: Text = "",
    item: Text = "",
    old: Text = "",
    new: Text = "",
    reason: Text = "",
    at: Text = "",
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Add an entry to the log of a result: review, appeal, final."""
    from gep.project.project import project_language
    from gep.workflows.assess import record_review

    language = project_language(project, asked_language(context))
    log = record_review(
        project,
        state=state,
        who=who,
        document=document,
        scheme=scheme,
        year=year,
        region=region,
        item=item,
        old=old,
        new=new,
        reason=reason,
        at=at,
        allow_code=allow_code,
        partial=partial,
        language=language,
    )
    head = log.head[:_HEAD_SHOWN]
    count = len(log.entries)
    show(
        say(
            language,
            "cli.record.added",
            file=log.path,
            count=count,
            head=head,
        )
    )


def collect(
    context: typer.Context,
    *,
    folder: Annotated[Path, typer.Argument()],
    out: Out = None,
    standard: Text = "",
    coefficients: Words = None,
    switch: Words = None,
    prices: Text = "",
    year: Annotated[list[int] | None, typer.Option()] = None,
    controls: File = None,
    regions: File = None,
    alternatives: File = None,
    jump: Annotated[float, typer.Option()] = 0.2,
    skip_broken: Annotated[bool, typer.Option("--skip-broken")] = False,
    allow_transfer: Annotated[bool, typer.Option("--allow-transfer")] = False,
    allow_code: Code = False,
    project: Annotated[bool, typer.Option("--project")] = False,
    quiet: Quiet = False,
) -> None:
    """Collect the projects of counties, and recompute them under one choice."""
    from gep.collection.counties import CollectionOptions
    from gep.terminal.collection import print_collection
    from gep.workflows.collect import collect_projects

    language = spoken_language(context)
    options = CollectionOptions(
        standard=standard,
        coefficients=tuple(coefficients or ()),
        switches=_read_switches(switch or ()),
        prices=prices,
        years=tuple(dict.fromkeys(year or ())),
        controls=controls,
        regions=regions,
        alternatives=alternatives,
        jump=jump,
        skip_broken=skip_broken,
        allow_transfer=allow_transfer,
        allow_code=allow_code,
        project=project,
    )
    collection = collect_projects(folder, out, options, language=language)
    warn(collection.warnings, language)
    if not quiet:
        print_collection(collection, language)


def set_key(
    context: typer.Context,
    project: ProjectPath,
    key: Annotated[str, typer.Argument()],
    value: Annotated[str, typer.Argument()],
) -> None:
    """Change a setting of a project."""
    from gep.workflows.project_keys import set_project_key

    change = set_project_key(project, key, value, language=asked_language(context))
    language = change.language
    absent = say(language, "cli.set.absent")
    values = {"name": change.key, "old": change.old or absent, "new": change.new or absent}
    if change.old == change.new:
        show(say(language, "cli.set.same", name=change.key, new=values["new"]))
    else:
        show(say(language, "cli.set.changed", **values))


def new_project(
    context: typer.Context,
    *,
    name: NewPath,
    place: Text = "",
    years: Text = "",
    standard: Text = "",
    route: Text = "",
    at_hand: Annotated[list[str] | None, typer.Option("--with")] = None,
) -> None:
    """Make a project folder from five answers; those that no option gives are asked for."""
    from gep.cli.questions import project_answers
    from gep.io.spreadsheets import refuse_existing
    from gep.project.project import read_project
    from gep.workflows.new_project import make_project, next_steps, place_notes

    language = spoken_language(context)
    refuse_existing(name)
    words = {"place": place, "years": years, "standard": standard, "route": route}
    answers = project_answers({**words, "with": ",".join(at_hand or ())}, language)
    folder = make_project(name, answers, language)
    show(say(language, "cli.new-project.made", folder=folder))
    for note in place_notes(answers, language):
        show(f"  {note}")
    if answers.asks_with_form:
        _show_routes(read_project(folder, language=language, for_form=True), is_error=False)
        show(say(language, "cli.new-project.change-route", folder=folder))
    show(say(language, "cli.new-project.next"))
    for number, step in enumerate(next_steps(folder, answers, language), 1):
        show(f"  {number}. {step}")


def new_coefficient_set(context: typer.Context, name: NewPath) -> None:
    """Make a folder for coefficients of one's own."""
    from gep.workflows import templates

    language = spoken_language(context)
    folder = templates.new_coefficient_set(name, language=language)
    show(say(language, "cli.new-set.made", folder=folder))


def new_standard(context: typer.Context, name: NewPath, *, base: Text = "") -> None:
    """Make a standard of one indicator that runs, or one that is derived from another."""
    from gep.workflows import templates

    language = spoken_language(context)
    file = templates.new_standard(name, base=base or None, language=language)
    show(say(language, "cli.new-standard.made", file=file, name=file.name))


def new_scheme(context: typer.Context, name: NewPath, *, kind: Text = "") -> None:
    """Make an assessment scheme to begin with; its kind is asked for if no option gives it."""
    from gep.cli.questions import scheme_kind
    from gep.workflows import new_scheme as made

    language = spoken_language(context)
    chosen = scheme_kind(kind, language)
    folder = made.new_scheme(name, kind=chosen, language=language)
    show(say(language, "cli.new-scheme.made", folder=folder))
    for line in made.lines_of_project(folder):
        show(f"  {line}")


def asked_language(context: typer.Context) -> Language | None:
    """Return the value of ``--language``; None where the project or the system decides."""
    language: Language | None = context.obj
    return language


def spoken_language(context: typer.Context) -> Language:
    """Return the language of a command without a project."""
    return asked_language(context) or locale_language()


def show(words: str, *, err: bool = False) -> None:
    """Print words on standard output or error; what would move the cursor is shown, not sent."""
    typer.echo(visible(words), err=err)


def show_table(csv: str) -> None:
    """Print a CSV; in a file or pipe it is as it is, on a screen nothing moves the cursor."""
    is_screen = sys.stdout is not None and sys.stdout.isatty()
    typer.echo(visible(csv) if is_screen else csv, nl=False)


def warn(warnings: Sequence[Problem], language: Language) -> None:
    """Print warnings on standard error."""
    for line in list_problems(warnings, language, "problem.warning-heading"):
        show(line, err=True)


@contextmanager
def progress_bar(shown: bool, language: Language) -> Iterator["ProgressCall | None"]:
    """Show on standard error what is being done and how much of it is, where that is a terminal.

    Yields
    ------
    callable or None
        Takes a ``gep.project.stages.Progress``; None if nothing is shown.
    """
    if not shown or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(language, "project.progress.reading"), total=1.0)

        def show_progress(progress: "StageProgress") -> None:
            """Move the bar and name the stage."""
            stage = progress.stage.say(language)
            bar.update(task, completed=float(progress), description=stage)

        yield show_progress


def _read_switches(words: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=OPTION``, as often as it was given."""
    problems = ProblemLog()
    switches = {}
    for word in words:
        name, sign, option = word.partition("=")
        if not (name and sign and option):
            problems.add("unknown-option", "--switch", "cli.switch-unreadable", value=word)
        switches[name] = option
    problems.raise_errors()
    return switches


def report_written(file: Path, rows: Sequence[int], language: Language) -> None:
    """Report on standard error that a file was written: standard output may be the table.

    Parameters
    ----------
    file : Path
    rows : sequence of int
        The rows of its tables.
    language : {'zh', 'en'}
    """
    counts = " + ".join(str(count) for count in rows)
    show(say(language, "cli.written", file=file, rows=counts), err=True)
