"""The commands ``gep standard ...``: what is done with standards as such.

``compare`` sets two side by side, and shows what the choice does to a project; ``checklist`` and
``sign`` hold one against its official text.
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
    show,
    show_table,
    spoken_language,
    warn,
)
from gep.texts.catalogue import say

StandardName = Annotated[str, typer.Argument()]


def write_checklist(context: typer.Context, *, standard: StandardName, out: Out = None) -> None:
    """Write the workbook in which two readers hold a standard against its text."""
    from gep.workflows import sign_off

    written = sign_off.write_checklist(standard, out, language=asked_language(context))
    show(say(written.language, "cli.written", file=written.path, rows=written.rows))


def sign_standard(
    context: typer.Context,
    *,
    standard: StandardName,
    sheet: Annotated[Path, typer.Argument()],
    out: Out = None,
) -> None:
    """Take back a filled checklist: what holds, what differs."""
    from gep.workflows import sign_off

    signed = sign_off.sign_standard(standard, sheet, out, language=asked_language(context))
    language = signed.language
    show(say(language, "cli.signed.answers", **signed.counts))
    show(
        say(
            language,
            "cli.signed.verified",
            verified=signed.verified,
            required=signed.required,
        )
    )
    if signed.sign_off is not None:
        show(say(language, "cli.signed.file", file=signed.sign_off))
    if signed.differences is not None:
        file = signed.differences
        show(say(language, "cli.signed.differences", file=file, by_hand=signed.by_hand))
    for patch, folder in signed.patches.items():
        show(say(language, "cli.signed.patch", file=patch, folder=folder))


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
