"""Accounts of a project as a workbook of SEEA EA (环境经济核算账户表).

The tables belong to ``gep.report.seea_tables``, their sheets to ``gep.report.seea_workbook``. This
module computes the accounts of a project for them, in the full edition.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from gep.account.account import account_from_plan
from gep.comparison.comparison import default_pairs
from gep.errors import ProblemLog, worded_in
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, table_source
from gep.io.catalog import resolve_inside
from gep.io.spreadsheets import refuse_existing
from gep.io.tables import Table
from gep.project.project import Project, check_project
from gep.project.raster_transitions import with_raster_transitions
from gep.report.seea_inputs import SeeaSources, load_seea_inputs
from gep.report.seea_services import load_services
from gep.report.seea_tables import SeeaLayout, SeeaTables, checked_discounting
from gep.report.seea_workbook import write_seea_workbook
from gep.texts.catalogue import Language


@checked_arguments
def write_seea(
    path: str | Path,
    target: str | Path,
    *,
    region: str | int | None = None,
    rate: float | None = None,
    years: int | None = None,
    services: TableArgument | None = None,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> SeeaTables:
    """Compute the accounts of a project and write them in the tables of SEEA EA.

    Parameters
    ----------
    path : str or Path
        The project's folder.
    target : str or Path
        A new ``.xlsx``.
    region, rate, years, services
        See :func:`gep.seea_tables`; ``services`` goes before the table that the project names in
        ``[seea]``, where its tables ``condition``, ``use`` and ``losses`` are named too.
    allow_code, partial
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        Language of messages and sheets; by default the project's, then that of the user's system.

    Returns
    -------
    SeeaTables

    Raises
    ------
    ProblemsFound
        The codes of ``gep.check_project`` and ``gep.seea_tables``, ``file-exists`` and
        ``cannot-write``.

    Examples
    --------
    >>> import gep
    >>> gep.write_seea("examples/hongsibu", "seea.xlsx", rate=0.03, years=50)
    <SeeaTables: hongsibu, ...>
    """
    target = Path(target)
    discounting = checked_discounting(rate, years)
    crosswalk = _read_services(services, language)  # a wrong argument is told first
    project, unordered = check_project(
        path, allow_code=allow_code, partial=partial, language=language
    )
    with worded_in(project.language):
        refuse_existing(target)
        plans = sorted(unordered, key=lambda plan: plan.year)
        problems = ProblemLog(project.language)
        sources = _sources(project, crosswalk, problems)
        inputs = load_seea_inputs(
            sources,
            plans,
            allow_placeholder=project.spec.project.allow_placeholder,
            problems=problems,
        )
        problems.raise_errors()
        pairs = default_pairs([plan.year for plan in plans])
        project, lost_land = with_raster_transitions(project, pairs)
        layout = SeeaLayout(inputs, discounting, project.transitions, project.changes)
        tables = layout.tables([account_from_plan(plan) for plan in plans], region)
        tables = replace(tables, warnings=(*lost_land, *tables.warnings))
        write_seea_workbook(target, project, tables)
        return tables


def _sources(project: Project, services: Table | None, problems: ProblemLog) -> SeeaSources:
    """Return where the tables of a project are; an argument goes before the project's own."""
    sources: dict[str, Any] = {}
    for name in SeeaSources._fields:
        path = getattr(project.spec.seea, name)
        sources[name] = None
        if path:
            place = f"project.toml seea.{name}"
            sources[name] = resolve_inside(path, project.folder, place, problems)
    if services is not None:
        sources["services"] = services
    return SeeaSources(**sources)


def _read_services(services: TableArgument | None, language: Language | None) -> Table | None:
    """Read the table of services that is an argument."""
    if services is None:
        return None
    problems = ProblemLog(language)
    table = load_services(table_source(services, "services"), problems)
    problems.raise_errors()
    return table
