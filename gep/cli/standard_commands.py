"""The commands ``gep standard ...``: what is done with standards as such.

``compare`` sets two side by side, and shows what the choice does to a project.
"""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.commands import (
    Code,
    Csv,
    Out,
    asked_language,
    report_written,
    show_table,
    spoken_language,
    warn,
)

StandardName = Annotated[str, typer.Argument()]


def compare_standards(
    context: typer.Context,
    *,
    first: StandardName,
    second: StandardName,
    project: Annotated[Path | None, typer.Option("--project")] = None,
    crosswalk: Annotated[str, typer.Option("--crosswalk")] = "",
    allow_transfer: Annotated[bool, typer.Option("--allow-transfer")] = False,
    csv: Csv = False,
    out: Out = None,
    allow_code: Code = False,
) -> None:
    """Compare two standards by indicator, and a project's account under each."""
    from gep.io.csv_tables import csv_text
    from gep.io.spreadsheets import write_tables
    from gep.terminal.standards import print_standards
    from gep.workflows.compare_standards import compare_standards as compare

    comparison = compare(
        first,
        second,
        project,
        crosswalk=crosswalk or None,
        allow_transfer=allow_transfer,
        allow_code=allow_code,
        language=asked_language(context),
    )
    language = comparison.language if project is not None else spoken_language(context)
    if out is not None:
        tables = {"comparison": comparison.main_table}
        if out.suffix.lower() == ".xlsx":
            tables = comparison.tables()
        write_tables({out: tables})
        report_written(out, [len(table) for table in tables.values()], language)
    elif csv:
        show_table(csv_text(comparison.main_table))
    else:
        print_standards(comparison, language)
        warn(comparison.warnings, language)
