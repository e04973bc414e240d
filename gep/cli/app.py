"""The command ``gep``: its list of commands, and ``main``, which runs one.

Exit status: 0 done; 2 problems in the input, all listed on standard error; 1 a defect of ours. Nothing heavy is
imported before a command needs it, so that ``gep --help`` answers at once.
"""

import sys
from collections.abc import Sequence
from typing import Any

import typer
import typer.main

from gep.cli import commands, new
from gep.cli.help import UsageError, help_page, language_problem, usage_problem
from gep.cli.options import known_language, split_language
from gep.errors import ProblemsFound
from gep.texts.catalogue import Language, locale_language

_DONE, _PROBLEMS = 0, 2  # exit statuses

_SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": []},  # help pages are our own, in two languages
}

app = typer.Typer(name="gep", **_SETTINGS)
new_app = typer.Typer(**_SETTINGS)

for function in (
    commands.run,
    commands.check,
    commands.plan,
    commands.explain,
    commands.verify,
    commands.catalog,
    commands.form,
    commands.compare,
    commands.sensitivity,
    commands.assess,
    commands.record,
    commands.collect,
):
    app.command()(function)
new_app.command("project")(new.project)
new_app.command("set")(new.coefficient_set)
new_app.command("standard")(new.standard)
app.add_typer(new_app, name="new")


@app.callback()
def _no_options() -> None:
    """Keep ``gep`` a group of commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``gep``; by default those that the process was started with.

    Returns
    -------
    int
        The exit status: 0 done, 2 problems in the input.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a GBK console has no superscripts
    value, words = split_language(sys.argv[1:] if arguments is None else arguments)
    language = known_language(value)
    spoken = language or locale_language()
    try:
        if value is not None and language is None:
            raise ProblemsFound([language_problem(value)])
        page = _page(words, spoken)
        if page:
            typer.echo(page)
            return _DONE
        _run(words, language)
    except ProblemsFound as error:
        typer.echo(error.say(language or error.language or spoken), err=True)
        return _PROBLEMS
    return _DONE


def _page(words: Sequence[str], language: Language) -> str:
    """Return the page that was asked for instead of a command: help, or the version; else nothing."""
    from gep import __version__

    if list(words) == ["--version"]:
        return f"gep {__version__}"
    command = typer.main.get_command(app)
    path = ["gep"]
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
        path.append(word)
    group = bool(getattr(command, "commands", {}))
    nothing_else = len(words) == len(path) - 1
    if {"-h", "--help"} & set(words) or (group and nothing_else):
        return help_page(command, path, language)
    return ""


def _run(words: Sequence[str], language: Language | None) -> None:
    """Run the command that the words name.

    Raises
    ------
    ProblemsFound
        What the command reports, and ``command-line`` for words that cannot be understood.
    """
    command = typer.main.get_command(app)
    try:
        command.main(args=list(words), prog_name="gep", standalone_mode=False, obj=language)
    except UsageError as error:
        raise ProblemsFound([usage_problem(error, words)]) from None
