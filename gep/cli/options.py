"""What the commands share: common arguments, the language of an answer, warnings, a progress bar.

Help texts are not written here: ``gep.cli.help`` takes them from the catalogue by the names of command and parameter.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gep.errors import Problem, list_problems
from gep.texts.catalogue import LANGUAGES, Language, locale_language, say

LANGUAGE_OPTION = "--language"

ProjectPath = Annotated[Path, typer.Argument()]
Out = Annotated[Path | None, typer.Option("--out")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q")]
Draws = Annotated[int, typer.Option(min=0)]
Seed = Annotated[int, typer.Option(min=0)]
Code = Annotated[bool, typer.Option("--allow-code")]
Partial = Annotated[bool, typer.Option("--partial")]


def split_language(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take ``--language`` out of a command line, wherever it is.

    Parameters
    ----------
    words : sequence of str
        What the user typed after ``gep``.

    Returns
    -------
    value : str or None
        What was typed for the language, None if nothing; blank if the value is missing.
    rest : list of str
        The other words.
    """
    value = None
    rest: list[str] = []
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word == "--":
            rest += [word, *remaining]
            break
        if word == LANGUAGE_OPTION:
            value = remaining.pop(0) if remaining else ""
        elif word.startswith(f"{LANGUAGE_OPTION}="):
            value = word.partition("=")[2]
        else:
            rest.append(word)
    return value, rest


def known_language(value: str | None) -> Language | None:
    """Return the language that was asked for, None if it is not one of those that gep speaks."""
    for language in LANGUAGES:
        if value == language:
            return language
    return None


def asked_language(context: typer.Context) -> Language | None:
    """Return the language that ``--language`` asked for; None where the project or the system decides."""
    language: Language | None = context.obj
    return language


def spoken_language(context: typer.Context) -> Language:
    """Return the language of a command without a project."""
    return asked_language(context) or locale_language()


def warn(warnings: Sequence[Problem], language: Language) -> None:
    """Print warnings on standard error."""
    for line in list_problems(warnings, language, "problem.warning-heading"):
        typer.echo(line, err=True)


@contextmanager
def progress_bar(shown: bool, language: Language) -> Iterator[Callable[[float], None] | None]:
    """Show a bar on standard error while draws are made, where that is a terminal.

    Yields
    ------
    callable or None
        Takes the share that is done, from 0 to 1; None if nothing is shown.
    """
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(language, "cli.progress.draws"), total=1.0)
        yield lambda share: bar.update(task, completed=share)
