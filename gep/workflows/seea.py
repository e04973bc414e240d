"""Accounts of a project as a workbook of SEEA EA (环境经济核算账户表).

The tables belong to ``gep.report.seea_tables``, their sheets to ``gep.report.seea_workbook``. This
module computes the accounts of a project for them, in the full edition.
"""

from pathlib import Path

from gep.account.account import account_from_plan
from gep.errors import worded_in
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument
from gep.io.spreadsheets import refuse_existing
from gep.project.project import check_project
from gep.report.seea_services import read_services
from gep.report.seea_tables import SeeaTables, seea_tables
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
        See :func:`gep.seea_tables`.
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
    read_services(services)  # a wrong table is told before anything is computed
    project, plans = check_project(path, allow_code=allow_code, partial=partial, language=language)
    with worded_in(project.language):
        refuse_existing(target)
        tables = seea_tables(
            [account_from_plan(plan) for plan in plans],
            region=region,
            transitions=project.transitions,
            changes=project.changes,
            rate=rate,
            years=years,
            services=services,
        )
        write_seea_workbook(target, project, tables)
        return tables
