"""The commands ``gep coefficients ...``: what is to be known of the coefficients of a result."""

from typing import Annotated

import typer

from gep.cli.commands import (
    Code,
    Csv,
    Out,
    Partial,
    ProjectPath,
    asked_language,
    report_written,
    show_table,
    warn,
)


def audit(
    context: typer.Context,
    *,
    project: ProjectPath,
    year: Annotated[int | None, typer.Option()] = None,
    csv: Csv = False,
    out: Out = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Say which numbers carry a result, and how good they are."""
    from gep.io.csv_tables import csv_text
    from gep.io.spreadsheets import write_tables
    from gep.terminal.coefficient_audit import print_audit
    from gep.workflows.coefficient_audit import audit_coefficients

    result = audit_coefficients(
        project, year, partial=partial, allow_code=allow_code, language=asked_language(context)
    )
    warn(result.warnings, result.language)
    if out is not None:
        write_tables({out: {"numbers": result.table}})
        report_written(out, [len(result.table)], result.language)
    if csv:
        show_table(csv_text(result.table))
    elif out is None:
        print_audit(result)
