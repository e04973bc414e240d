"""Comparing projects (对比结果): their accounts side by side, at one or more price bases, written.

The comparison itself belongs to ``gep.comparison``, its pictures to ``gep.report``. This module
reads the projects, decides the price bases and which files there are, and writes the record
``comparison.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.account.evaluation import settled
from gep.account.frames import table_as_numbers
from gep.account.shared_densities import settled_like
from gep.comparison.comparison import Comparison, Pair, compare
from gep.comparison.comparison_table import comparison_table, deflators
from gep.comparison.contributions import contributions_table
from gep.comparison.decomposition import decomposition_table
from gep.comparison.land_change import transitions_table
from gep.comparison.normal_climate import under_reference_weather
from gep.comparison.type_change import by_type_table, sensitivity_table
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem, worded_in
from gep.extent.areas import Areas
from gep.inputs.data import Data
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.io.catalog import is_found_by_id
from gep.io.csv_tables import append_csv
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    refuse_foreign,
    relative_path,
    replace_folder,
    write_record,
)
from gep.plan.plan import Plan, warnings_of
from gep.project.project import (
    Project,
    build_plans,
    check_land_in_time,
    file_sums,
    read_project,
    refuse_inputs,
)
from gep.project.raster_transitions import with_raster_transitions
from gep.report.comparison_workbook import (
    COMPARISON_WORKBOOKS,
    comparison_workbook_name,
    save_comparison_workbook,
)
from gep.report.pages.account_cells import account_cells
from gep.report.pages.comparison_page import comparison_page
from gep.report.pages.page import write_page
from gep.report.pages.page_size import page_left_out
from gep.report.result_figures import draw
from gep.texts.catalogue import Language, Listed, text
from gep.workflows.run import result_sums

TABLES = (
    "comparison.csv",
    "by_type.csv",
    "by_type_sensitivity.csv",
    "contributions.csv",
    "decomposition.csv",
    "transitions.csv",
)
PICTURES = ("change.png", "years.png", "transitions.png", "growth.png")
RECORD = "comparison.json"
PAGE = "comparison.html"  # not report.html: a run may have written that beside it
FILES = (PAGE, *TABLES, RECORD, *COMPARISON_WORKBOOKS, *PICTURES)
CURRENT = "current"
_FIRST_YEAR, _LAST_YEAR = 1900, 2100  # years that a price basis can be of
_YEAR_DIGITS = 4

PriceBasis = int | str | None  # a year of constant prices, CURRENT, or None: the project's own


@dataclass(frozen=True)
class CompareOptions:
    """What of the accounts is compared, as the user chose it.

    Attributes
    ----------
    from_year, to_year : int or None
        The pair of years; by default every year with the previous one, and the last with the first.
    prices : tuple of str
        Price bases; by default the projects' own.
    allow : tuple of str
        Aspects in which the accounts may differ.
    moving_mean : int
        Number of years over which means are given too; 0: none.
    """

    from_year: int | None = None
    to_year: int | None = None
    prices: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    moving_mean: int = 0


@dataclass(frozen=True, repr=False)
class ProjectComparison(ShownAsTable):
    """Projects that were compared.

    Attributes
    ----------
    projects : tuple of Project
    comparison : Comparison
        The comparison at the first price basis.
    tables : mapping of str to DataFrame
        The result tables by file name; ``comparison.csv`` has the rows of all price bases.
    out : Path
        Folder with the result files.
    warnings : tuple of Problem
        What should be looked at.
    plans : tuple of tuple of Plan
        The plans of each project, at all price bases.
    options : CompareOptions

    Examples
    --------
    >>> import gep
    >>> comparison = gep.compare_projects("examples/beibu-gulf", "results-comparison")
    >>> comparison.frame("comparison")["value_to"].dtype
    dtype('float64')
    """

    projects: tuple[Project, ...]
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    out: Path
    warnings: tuple[Problem, ...]
    plans: tuple[tuple[Plan, ...], ...] = ()
    options: CompareOptions = CompareOptions()

    @checked_arguments
    def frame(self, name: str = "") -> pd.DataFrame:
        """Return a result table as numbers.

        Parameters
        ----------
        name : str, optional
            Name of the file, with or without ``.csv``; by default the first of ``tables``.

        Returns
        -------
        DataFrame
            In the units of the file; NaN where it says ``na``, ``not_compiled`` or nothing, and
            the column ``status``: number, none, not_compiled.

        Raises
        ------
        ProblemsFound
            ``unknown-id`` if there is no such table.
        """
        return table_as_numbers(self.tables, name)

    def __repr__(self) -> str:
        return f"<ProjectComparison of {self.comparison!r}, in {self.out}>"

    def _repr_html_(self) -> str:
        """Return caption and values, as a notebook shows them."""
        return self.comparison._repr_html_()


@checked_arguments
def compare_projects(
    paths: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    from_year: int | None = None,
    to_year: int | None = None,
    prices: str | int | Sequence[str | int] = (),
    allow: str | Sequence[str] = (),
    moving_mean: int = 0,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> ProjectComparison:
    """Compare the accounts of a project's years, or those of several projects, and write them.

    Parameters
    ----------
    paths : str, Path or sequence of these
        Folders of the projects.
    out : str or Path, optional
        Folder for the results; by default ``out`` in the first project.
    from_year, to_year : int, optional
        The pair of years compared; by default every year with the previous one, and the last with
        the first.
    prices : str, int or sequence of these, optional
        Price bases, ``current`` or a year; by default the projects' own. Effects are computed at
        the first.
    allow : str or sequence of str, optional
        Aspects in which the accounts may differ; see ``gep.compare``.
    moving_mean : int, default 0
        Number of years over which means are given too.
    allow_code, partial
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        Language of messages and pictures; by default that of the first project, then that of the
        user's system.

    Returns
    -------
    ProjectComparison

    Raises
    ------
    ProblemsFound
        ``bad-year`` for a price basis, ``not-comparable`` and ``missing-file`` for data of
        reference years that do not fit together, ``cannot-write``, and the codes of
        ``gep.check_project`` and ``gep.compare``. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> gep.compare_projects("examples/poyang-zone", "results-compare", prices="current")
    <ProjectComparison of ...>
    """
    options = CompareOptions(
        from_year,
        to_year,
        prices=tuple(str(price) for price in several(prices)),
        allow=tuple(sorted(several(allow))),
        moving_mean=int(moving_mean),
    )
    result = compute_comparison(
        several(paths),
        out,
        options,
        allow_code=allow_code,
        partial=partial,
        language=language,
    )
    with worded_in(result.projects[0].language):
        for project, project_plans in zip(result.projects, result.plans, strict=True):
            refuse_inputs(project, project_plans, result.out, FILES)
        workbook = comparison_workbook_name(result.projects[0].language)
        refuse_foreign(result.out, (*TABLES, RECORD, workbook, PAGE), {RECORD: FILES})
        problems = ProblemLog()
        with replace_folder(result.out, {RECORD: FILES}, problems) as scratch:
            result = write_comparison(result, scratch)
        return replace(result, warnings=(*result.warnings, *problems.warnings))


def compute_comparison(
    paths: Sequence[str | Path],
    out: str | Path | None,
    options: CompareOptions,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> ProjectComparison:
    """Compare the accounts of projects without writing anything.

    Parameters
    ----------
    paths : sequence of str or Path
        Folders of the projects.
    out : str, Path or None
        Folder that the results are for; by default ``out`` in the first project.
    options : CompareOptions
    allow_code, partial, language
        See :func:`compare_projects`.

    Returns
    -------
    ProjectComparison

    Raises
    ------
    ProblemsFound
        Those of :func:`compare_projects`, but for ``cannot-write``.
    """
    projects: list[Project] = []
    refusals: list[ProblemsFound] = []
    for path in paths:
        try:
            read = read_project(path, allow_code=allow_code, partial=partial, language=language)
            projects.append(read)
        except ProblemsFound as error:
            refusals.append(_of_project(error, str(path) if len(paths) > 1 else ""))
    _raise_all(refusals)
    with worded_in(projects[0].language):
        comparisons: list[Comparison] = []
        warnings: list[Problem] = []
        for project in projects:
            warnings += project.warnings
        warnings += _land_of_projects(projects)
        plans_by_project: list[list[Plan]] = [[] for _ in projects]
        bases = _price_bases(options.prices)
        plans_by_basis = _plans_at_bases(projects, bases)
        for basis in bases:
            at_basis = [_at_prices(project, basis) for project in projects]
            plans = _settled_plans(plans_by_basis[basis], plans_by_basis[bases[0]])
            plans_by_basis[basis] = plans
            comparison = comparison_of_plans(at_basis, plans, options)
            comparisons.append(comparison)
            all_plans: list[Plan] = []
            for project_plans, known_plans in zip(plans, plans_by_project, strict=True):
                all_plans += project_plans
                known_plans += project_plans
            for accounts in comparison.normal.values():
                all_plans += [account.plan for account in accounts]
            warnings += warnings_of(all_plans)
            for account in comparison.accounts:
                warnings += account.warnings
        projects[0], lost_land = with_raster_transitions(projects[0], comparisons[0].pairs)
        tables, table_warnings = tables_of(comparisons, projects[0])
        warnings += [*comparisons[0].warnings, *lost_land, *table_warnings]
        return ProjectComparison(
            projects=tuple(projects),
            comparison=comparisons[0],
            tables=tables,
            out=Path(out) if out is not None else projects[0].folder / "out",
            warnings=tuple(dict.fromkeys(warnings)),
            plans=tuple(tuple(known_plans) for known_plans in plans_by_project),
            options=options,
        )


def check_prices(prices: str, problems: ProblemLog) -> PriceBasis:
    """Check the value of ``--prices``, and return the basis.

    Parameters
    ----------
    prices : str
        ``current``, or a year with four digits.
    problems : ProblemLog
        Gets ``bad-year``.

    Returns
    -------
    int, str or None
        The year of constant prices, or ``current``; None if it cannot be read.
    """
    if prices == CURRENT:
        return CURRENT
    is_year = prices.isascii() and prices.isdigit() and len(prices) == _YEAR_DIGITS
    if is_year and _FIRST_YEAR <= int(prices) <= _LAST_YEAR:
        return int(prices)
    problems.add("bad-year", "--prices", "workflows.bad-prices", prices=prices)
    return None


def _land_of_projects(projects: Sequence[Project]) -> list[Problem]:
    """Warn (``land-differs``) where the land of a region is not the same in all projects."""
    covers = [project.spec.inputs.coverage for project in projects]
    tables = [project.parts.areas.rows for project in projects]
    if len(projects) == 1 or "part" in covers or any("area" not in table for table in tables):
        return []
    pieces = []
    for project, table in zip(projects, tables, strict=True):
        rows = table[table["year"].isin(project.spec.project.years).to_numpy()]
        pieces.append(rows.assign(file=f"{project.folder.name}/" + rows["file"]))
    rows = pd.concat(pieces, ignore_index=True)
    regions = [project.parts.regions for project in projects]
    changes = [project.changes for project in projects]
    problems = ProblemLog()
    check_land_in_time(
        areas=Areas(rows, ()),
        years=tuple(rows["year"].unique()),
        regions=next((each for each in regions if each is not None), None),
        changes=next((each for each in changes if each is not None), None),
        problems=problems,
    )
    return problems.warnings


def _price_bases(prices: Sequence[str]) -> list[PriceBasis]:
    """Return the price bases that were asked for, each once; None for the projects' own."""
    problems = ProblemLog()
    bases = [check_prices(basis, problems) for basis in prices]
    problems.raise_errors()
    return list(dict.fromkeys(bases)) or [None]


def _at_prices(project: Project, basis: PriceBasis) -> Project:
    """Return the project at a price basis."""
    if basis is None:
        return project
    price_year = None if basis == CURRENT else int(basis)
    return replace(project, parts=replace(project.parts, price_year=price_year))


def _plans_at_bases(
    projects: Sequence[Project], bases: Sequence[PriceBasis]
) -> dict[PriceBasis, list[list[Plan]]]:
    """Build the plans of all projects at all price bases.

    Raises ``ProblemsFound`` with the problems of all of them.
    """
    refusals: list[ProblemsFound] = []
    plans: dict[PriceBasis, list[list[Plan]]] = {basis: [] for basis in bases}
    for basis in bases:
        for project in projects:
            try:
                plans[basis].append(build_plans(_at_prices(project, basis)))
            except ProblemsFound as error:
                name = project.spec.project.id if len(projects) > 1 else ""
                refusals.append(_of_project(error, name, basis))
    _raise_all(refusals)
    return plans


def _settled_plans(
    plans: Sequence[Sequence[Plan]], like: Sequence[Sequence[Plan]]
) -> list[list[Plan]]:
    """Settle the plans of projects; pixels are read again only if they may give something else."""
    settled_plans = []
    for project_plans, known_plans in zip(plans, like, strict=True):
        pairs = zip(project_plans, known_plans, strict=True)
        settled_plans.append([settled(settled_like(plan, known)) for plan, known in pairs])
    return settled_plans


def _of_project(error: ProblemsFound, name: str, basis: PriceBasis = None) -> ProblemsFound:
    """Return the problems of a project with its name, prices under the option of their basis."""
    problems = []
    for problem in error.problems:
        place = problem.place
        if basis is not None and problem.code in ("price-year", "nominal-price"):
            place = text("workflows.at-prices", basis=str(basis), place=place)
        problems.append(replace(problem, place=place, project=name))
    warnings = [replace(problem, project=name) for problem in error.warnings]
    return ProblemsFound(problems, warnings, error.language)


def _raise_all(refusals: Sequence[ProblemsFound]) -> None:
    """Raise the problems of several projects or price bases at once, if there are any."""
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for refusal in refusals:
        errors += refusal.problems
        warnings += refusal.warnings
    if errors:
        raise ProblemsFound(errors, warnings, refusals[0].language)


def comparison_of_plans(
    projects: Sequence[Project], plans: Sequence[Sequence[Plan]], options: CompareOptions
) -> Comparison:
    """Compute the accounts of all projects at one price basis, and compare them.

    Parameters
    ----------
    projects : sequence of Project
    plans : sequence of sequence of Plan
        Those of each project.
    options : CompareOptions

    Returns
    -------
    Comparison

    Raises
    ------
    ProblemsFound
        See :func:`compare_projects`.
    """
    accounts = []
    for project_plans in plans:
        accounts += [account_from_plan(plan) for plan in project_plans]
    normal: dict[int, Sequence[Account]] = {}
    if not options.moving_mean:
        normal = _normal_accounts(projects, plans)
        _check_normal(projects, normal, accounts)
    changes = next((project.changes for project in projects if project.changes is not None), None)
    comparison = compare(
        accounts,
        pairs=_pairs(accounts, options),
        allow=options.allow,
        changes=changes,
        normal=normal,
        moving_mean=options.moving_mean,
    )
    if normal or options.moving_mean:
        return comparison
    warnings = list(comparison.warnings)
    for project in projects:
        if project.normal is not None:
            warnings.append(_unused_normal(project.normal))
    return replace(comparison, warnings=tuple(warnings))


def _normal_accounts(
    projects: Sequence[Project], plans: Sequence[Sequence[Plan]]
) -> dict[int, Sequence[Account]]:
    """Return, by year, the accounts under the weather of the reference years.

    Raises ``ProblemsFound`` with the problems of all projects.
    """
    accounts: dict[int, Sequence[Account]] = {}
    errors: list[Problem] = []
    for project, project_plans in zip(projects, plans, strict=True):
        if project.normal is None:
            continue
        years = [plan.year for plan in project_plans]
        try:
            accounts |= under_reference_weather(project.parts, project.normal, years)
        except ProblemsFound as error:
            errors += error.problems
    if errors:
        raise ProblemsFound(errors)
    return accounts


def _check_normal(
    projects: Sequence[Project], normal: Mapping[int, object], accounts: Sequence[Account]
) -> None:
    """Refuse reference years that differ between projects, or that some projects do not have."""
    if not normal:
        return
    reference_years = set()
    for project in projects:
        if project.normal is not None:
            reference_years.add(tuple(sorted(set(project.normal.rows["year"]))))
    if len(reference_years) > 1:
        groups = []
        for years in sorted(reference_years):
            listed = Listed(tuple(int(year) for year in years), len(years))
            groups.append(text("workflows.years-of-group", years=listed))
        differing = make_problem(
            "not-comparable",
            "inputs.normal",
            "workflows.reference-years-differ",
            groups=Listed(tuple(groups), len(groups)),
        )
        raise ProblemsFound([differing])
    if len(normal) < len(accounts):
        without = [project.spec.project.id for project in projects if project.normal is None]
        missing = make_problem(
            "missing-file", "inputs.normal", "workflows.normal-missing", projects=without
        )
        raise ProblemsFound([missing])


def _unused_normal(normal: Data) -> Problem:
    """Warn (``unused-data``) that no step takes any of the data of reference years."""
    names = sorted(set(normal.rows["name"]))
    return make_problem("unused-data", normal.files[0].name, "workflows.normal-unused", names=names)


def _pairs(accounts: Sequence[Account], options: CompareOptions) -> list[Pair] | None:
    """Return the pair of years that was asked for; None for the usual pairs."""
    if options.from_year is None and options.to_year is None:
        return None
    years = [account.year for account in accounts]
    first = min(years) if options.from_year is None else options.from_year
    last = max(years) if options.to_year is None else options.to_year
    return [(first, last)]


def tables_of(
    comparisons: Sequence[Comparison], project: Project
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Make the result tables of a comparison at one or more price bases.

    Parameters
    ----------
    comparisons : sequence of Comparison
        One for each price basis; effects and land are those of the first.
    project : Project
        The project whose transitions are taken.

    Returns
    -------
    tables : dict of str to DataFrame
        By file name, see ``TABLES``.
    warnings : list of Problem
        What the tables leave out.
    """
    pieces = [comparison_table(comparison) for comparison in comparisons]
    at_current = [comparison for comparison in comparisons if comparison.basis == CURRENT]
    if at_current:
        for comparison in comparisons:
            if comparison is not at_current[0]:
                pieces.append(deflators(at_current[0], comparison))
    effects, refused = decomposition_table(comparisons[0])
    land, land_warnings = transitions_table(comparisons[0], project.transitions)
    filled = [piece for piece in pieces if len(piece)]
    tables = {
        "comparison.csv": pd.concat(filled, ignore_index=True),
        "by_type.csv": by_type_table(comparisons[0]),
        "by_type_sensitivity.csv": sensitivity_table(comparisons[0]),
        "contributions.csv": contributions_table(comparisons),
        "decomposition.csv": effects,
        "transitions.csv": land,
    }
    return tables, [*refused, *land_warnings]


def write_comparison(result: ProjectComparison, folder: Path) -> ProjectComparison:
    """Write the result files of a comparison, pictures and record among them.

    Parameters
    ----------
    result : ProjectComparison
    folder : Path
        An empty folder; the record names the projects as seen from ``result.out``.

    Returns
    -------
    ProjectComparison
        With the warnings of writing.
    """
    first_project = result.projects[0]
    language = first_project.language
    for name, table in result.tables.items():
        append_csv(folder / name, table)
    workbook = folder / comparison_workbook_name(language)
    save_comparison_workbook(
        workbook, first_project, result.comparison, result.tables, result.warnings
    )
    not_drawn = draw(result.comparison, result.tables, first_project, folder)
    not_drawn += _write_page(result, folder / PAGE)
    result = replace(result, warnings=(*result.warnings, *not_drawn))
    projects = []
    for project in result.projects:
        home = relative_path(project.folder, result.out)
        projects.append({"id": project.spec.project.id, "folder": home})
    options = result.options
    record = {
        "gep": __version__,
        "projects": projects,
        "options": {
            "prices": list(options.prices),
            "allow": list(options.allow),
            "moving_mean": options.moving_mean,
            "from": options.from_year,
            "to": options.to_year,
            "allow_code": first_project.own_code,
            "partial": first_project.partial,
            "language": language,
        },
        **statement(result.comparison),
        "warnings": [problem.say(language) for problem in result.warnings],
        "inputs": _input_sums(result),
        **result_sums(folder, "results"),
    }
    write_record(folder / RECORD, record)
    return result


def _write_page(result: ProjectComparison, path: Path) -> list[Problem]:
    """Write the page of a comparison; returns warnings."""
    accounts = result.comparison.accounts
    left_out = page_left_out(accounts, path.name)
    if left_out:
        return left_out
    standards = {account.plan.standard.id for account in accounts}
    cells = account_cells(accounts) if len(standards) == 1 else {}
    page = comparison_page(
        result.projects[0], result.comparison, result.tables, result.warnings, cells
    )
    return write_page(page, path)


def _input_sums(result: ProjectComparison) -> dict[str, str]:
    """Return the checksum of every input; of several projects, with the path to the project."""
    sums = {}
    for project, project_plans in zip(result.projects, result.plans, strict=True):
        prefix = ""
        if len(result.projects) > 1:
            prefix = f"{relative_path(project.folder, result.out)}/"
        for name, checksum in file_sums(project, project_plans).items():
            sums[name if is_found_by_id(name) else f"{prefix}{name}"] = checksum
    return sums


def statement(comparison: Comparison) -> dict[str, Any]:
    """Return what ``comparison.json`` states of a comparison.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    dict of str to object
        Years, pairs, standards, price and climate basis, boundary, what differs, flags.
    """
    standards = [account.plan.standard.id for account in comparison.accounts]
    return {
        "years": [account.year for account in comparison.accounts],
        "pairs": [list(pair) for pair in comparison.pairs],
        "standard": list(dict.fromkeys(standards)),
        "price_basis": comparison.basis,
        "climate": comparison.climate if comparison.normal else "actual",
        "boundary": comparison.boundary,
        "differs": dict(comparison.differs),
        "flags": list(comparison.flags),
    }
