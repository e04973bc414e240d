"""The commands ``gep standard``: a standard and its official text."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.commands import Out, asked_language, show
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
