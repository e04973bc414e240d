"""Comparing projects (对比结果): their accounts side by side, at one or more price bases, written.

The comparison itself belongs to ``gep.comparison``, its pictures to ``gep.report``. This module
reads the projects, decides the price bases and which files there are, and writes the record
``comparison.json``.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.comparison.comparison import Comparison, Pair, compare
from gep.comparison.comparison_table import comparison_table, deflators
from gep.comparison.decomposition import decomposition_table
from gep.comparison.land_change import transitions_table
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem, worded_in
from gep.inputs.data import Data
from gep.io.result_folder import append_csv, relative_path, replace_folder, sha256
from gep.plan.plan import Plan, warnings_of
from gep.project.project import Project, build_plans, file_sums, read_project, refuse_inputs
from gep.report.result_figures import draw
from gep.texts.catalogue import Language, Listed, text

TABLES = ("comparison.csv", "decomposition.csv", "transitions.csv")
PICTURES = ("change.png", "years.png", "transitions.png", "growth.png")
RECORD = "comparison.json"
FILES = (*TABLES, RECORD, *PICTURES)
CURRENT = "current"
_FIRST_YEAR, _LAST_YEAR = 1900, 2100  # years that a price basis can be of

PriceBasis = int | str | None  # a year of constant prices, CURRENT, or None: the project's own


@dataclass(frozen=True)
class ProjectComparison:
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
    """

    projects: tuple[Project, ...]
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    out: Path
    warnings: tuple[Problem, ...]

    def __repr__(self) -> str:
        return f"<ProjectComparison of {self.comparison!r}, in {self.out}>"


@dataclass(frozen=True)
class _CompareOptions:
    """Years, permitted differences and the moving mean of a comparison, as the user chose them."""

    from_year: int | None
    to_year: int | None
    allow: Collection[str]
    moving_mean: int


def compare_projects(
    paths: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    from_year: int | None = None,
    to_year: int | None = None,
    prices: Sequence[str] = (),
    allow: Collection[str] = (),
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
    prices : sequence of str, optional
        Price bases, ``current`` or a year; by default the projects' own. Effects are computed at
        the first.
    allow : collection of str, optional
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
    """
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    projects = []
    for path in listed:
        read = read_project(path, allow_code=allow_code, partial=partial, language=language)
        projects.append(read)
    folder = Path(out) if out is not None else projects[0].folder / "out"
    options = _CompareOptions(from_year, to_year, allow, moving_mean)
    with worded_in(projects[0].language):
        comparisons: list[Comparison] = []
        warnings: list[Problem] = []
        for project in projects:
            warnings += project.warnings
        plans_by_project: list[list[Plan]] = [[] for _ in projects]
        for basis in _price_bases(prices):
            at_basis = [_at_prices(project, basis) for project in projects]
            plans = [build_plans(project) for project in at_basis]
            comparison = _compare(at_basis, plans, options)
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
        for project, project_plans in zip(projects, plans_by_project, strict=True):
            refuse_inputs(project, project_plans, folder, FILES)
        tables, table_warnings = tables_of(comparisons, projects[0])
        warnings += [*comparisons[0].warnings, *table_warnings]
        result = ProjectComparison(
            projects=tuple(projects),
            comparison=comparisons[0],
            tables=tables,
            out=folder,
            warnings=tuple(dict.fromkeys(warnings)),
        )
        recorded = {"prices": list(prices), "allow": sorted(allow), "moving_mean": moving_mean}
        return _write(result, plans_by_project, recorded)


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
    if prices.isascii() and prices.isdigit() and _FIRST_YEAR <= int(prices) <= _LAST_YEAR:
        return int(prices)
    problems.add("bad-year", "--prices", "workflows.bad-prices", prices=prices)
    return None


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


def _compare(
    projects: Sequence[Project], plans: Sequence[Sequence[Plan]], options: _CompareOptions
) -> Comparison:
    """Compute the accounts of all projects at one price basis, and compare them."""
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


def _pairs(accounts: Sequence[Account], options: _CompareOptions) -> list[Pair] | None:
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
        "decomposition.csv": effects,
        "transitions.csv": land,
    }
    return tables, [*refused, *land_warnings]


def _write(
    result: ProjectComparison, plans: Sequence[Sequence[Plan]], options: Mapping[str, Any]
) -> ProjectComparison:
    """Write all result files or none, and return the result with the warnings of writing."""
    language = result.projects[0].language
    stale = PICTURES if (result.out / RECORD).exists() else ()
    with replace_folder(result.out, stale) as scratch:
        for name, table in result.tables.items():
            append_csv(scratch / name, table)
        not_drawn = draw(result.comparison, result.tables, result.projects[0], scratch)
        result = replace(result, warnings=(*result.warnings, *not_drawn))
        projects = []
        for project in result.projects:
            folder = relative_path(project.folder, result.out)
            projects.append({"id": project.spec.project.id, "folder": folder})
        record = {
            "gep": __version__,
            "projects": projects,
            "options": options,
            **statement(result.comparison),
            "warnings": [problem.say(language) for problem in result.warnings],
            "inputs": _input_sums(result, plans),
            "results": {file.name: sha256(file) for file in sorted(scratch.glob("*.csv"))},
        }
        content = json.dumps(record, ensure_ascii=False, indent=1)
        (scratch / RECORD).write_text(content + "\n", encoding="utf-8")
    return result


def _input_sums(result: ProjectComparison, plans: Sequence[Sequence[Plan]]) -> dict[str, str]:
    """Return the checksum of every input; of several projects, with the path to the project."""
    sums = {}
    for project, project_plans in zip(result.projects, plans, strict=True):
        prefix = ""
        if len(result.projects) > 1:
            prefix = f"{relative_path(project.folder, result.out)}/"
        for name, checksum in file_sums(project, project_plans).items():
            is_shipped = name.startswith("gep:")
            sums[name if is_shipped else f"{prefix}{name}"] = checksum
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
