"""``gep new``: a project, a coefficient set or a standard to begin with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gep.cli.options import spoken_language
from gep.errors import ProblemsFound, make_problem
from gep.texts.catalogue import say

NewPath = Annotated[Path, typer.Argument()]


def project(
    context: typer.Context, name: NewPath, standard: Annotated[str, typer.Option()] = ""
) -> None:
    """Make a project folder to fill in; the standard is asked for, never chosen silently."""
    from gep.workflows.templates import new_project, standard_choices

    language = spoken_language(context)
    if not standard:
        question = say(language, "cli.new-project.question")
        choices = "\n".join(f"  {line}" for line in standard_choices(language))
        if not sys.stdin.isatty():
            typer.echo(f"{question}\n{choices}", err=True)
            missing = make_problem("missing-answer", "--standard", "cli.no-standard-named")
            raise ProblemsFound([missing])
        prompt = say(language, "cli.new-project.prompt")
        standard = typer.prompt(f"{question}\n{choices}\n{prompt}")
    folder = new_project(name, standard, language=language)
    typer.echo(say(language, "cli.new-project.made", folder=folder))
    typer.echo(say(language, "cli.new-project.next", folder=folder))


def coefficient_set(context: typer.Context, name: NewPath) -> None:
    """Make a folder for coefficients of one's own."""
    from gep.workflows.templates import new_coefficient_set

    language = spoken_language(context)
    folder = new_coefficient_set(name, language=language)
    typer.echo(say(language, "cli.new-set.made", folder=folder))


def standard(context: typer.Context, name: NewPath) -> None:
    """Make a standard of one indicator that runs."""
    from gep.workflows.templates import new_standard

    language = spoken_language(context)
    file = new_standard(name, language=language)
    typer.echo(say(language, "cli.new-standard.made", file=file, name=file.name))
