"""The command ``gep``: its list of commands, and ``main``, which runs one.

Exit status: 0 done; 2 problems in the input, all listed on standard error; 130 interrupted; 141 the
reader of the output went away (``gep plan | head``); 1 a defect of ours, and of ``gep test`` a
printed figure that was missed. Nothing heavy is imported
before a command needs it, so that ``gep --help`` answers at once.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TextIO

import typer
import typer.main

from gep.cli import coefficient_commands, commands, import_commands, standard_commands
from gep.cli.help import (
    LANGUAGE_OPTION,
    UsageError,
    help_page,
    language_problem,
    usage_problem,
)
from gep.errors import ProblemsFound, make_problem
from gep.texts.catalogue import LANGUAGES, Language, locale_language, text

# Exit statuses; the last two are those of a shell for a command that was stopped with Ctrl-C, or
# whose output nobody reads any more.
_DONE = 0
_MISSED = 1
_PROBLEMS = 2
_INTERRUPTED = 130
_UNREAD = 141

_SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": []},  # help pages are our own, in two languages
}

app = typer.Typer(name="gep", **_SETTINGS)
new_app = typer.Typer(**_SETTINGS)
import_app = typer.Typer(**_SETTINGS)
coefficients_app = typer.Typer(**_SETTINGS)
standard_app = typer.Typer(**_SETTINGS)

for function in (
    commands.run,
    commands.check,
    commands.plan,
    commands.explain,
    commands.verify,
    commands.export,
    commands.align,
    commands.seea,
    commands.catalog,
    commands.form,
    commands.compare,
    commands.sensitivity,
    commands.plot,
    commands.assess,
    commands.record,
    commands.collect,
):
    app.command()(function)
app.command("test")(commands.check_figures)
app.command("set")(commands.set_key)
new_app.command("project")(commands.new_project)
new_app.command("set")(commands.new_coefficient_set)
new_app.command("standard")(commands.new_standard)
new_app.command("scheme")(commands.new_scheme)
app.add_typer(new_app, name="new")
import_app.command("areas")(import_commands.import_areas)
import_app.command("data")(import_commands.import_data)
import_app.command("set")(import_commands.import_set)
app.add_typer(import_app, name="import")
standard_app.command("compare")(standard_commands.compare_standards)
standard_app.command("checklist")(standard_commands.write_checklist)
standard_app.command("sign")(standard_commands.sign_standard)
app.add_typer(standard_app, name="standard")
coefficients_app.command("audit")(coefficient_commands.audit)
app.add_typer(coefficients_app, name="coefficients")


@coefficients_app.callback()
def _no_options_of_coefficients() -> None:
    """Keep ``gep coefficients`` a group of commands, though it has one."""


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
        The exit status: 0 done, 1 printed figures missed (``gep test``), 2 problems in the input,
        130 interrupted by the user, 141 where the reader of the output went away.
    """
    for stream in _streams():
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a GBK console has no superscripts
    try:
        status = _answer(sys.argv[1:] if arguments is None else arguments)
        for stream in _streams():
            stream.flush()
    except (BrokenPipeError, SystemExit):  # typer and rich exit where a pipe is broken
        _discard_output()
        return _UNREAD
    except OSError as error:
        if error.filename is not None:  # of a file, not of the output
            raise
        return _report_unwritten(error)
    return status


def _streams() -> Iterator[TextIO]:
    """Yield standard output and standard error, as far as they are open."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            yield stream


def _discard_output() -> None:
    """Discard what was not written yet, which would fail again when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in _streams():
        with suppress(OSError, ValueError):  # a stream of a test has no file
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _report_unwritten(error: OSError) -> int:
    """Report that standard output cannot be written, on standard error if that can."""
    from gep.io.csv_excel import system_reason

    language = locale_language()
    problem = make_problem(
        "cannot-write",
        text("cli.standard-output"),
        "cli.unwritten-output",
        reason=system_reason(error),
    )
    with suppress(OSError):
        commands.show(ProblemsFound([problem]).say(language), err=True)
    _discard_output()
    return _PROBLEMS


def _answer(arguments: Sequence[str]) -> int:
    """Run a command line, and return its exit status."""
    value, words = _split_language(arguments)
    language = _known_language(value)
    spoken = language or locale_language()
    try:
        if value is not None and language is None:
            raise ProblemsFound([language_problem(value)])
        page = _page(words, spoken)
        if page:
            commands.show(page)
            return _DONE
        return _run(words, language)
    except commands.ProblemsShown:
        return _PROBLEMS
    except commands.FiguresMissed:
        return _MISSED
    except ProblemsFound as error:
        commands.show(error.say(language or error.language or spoken), err=True)
        return _PROBLEMS
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED


def _page(words: Sequence[str], language: Language) -> str:
    """Return the page that was asked for instead of a command: help, or the version; else blank."""
    from gep import __version__

    if list(words) == ["--version"]:
        return f"gep {__version__}"
    command: Any = typer.main.get_command(app)
    path = ["gep"]
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
        path.append(word)
    is_group = bool(getattr(command, "commands", {}))
    is_alone = len(words) == len(path) - 1
    if {"-h", "--help"} & set(words) or (is_group and is_alone):
        return help_page(command, path, language)
    return ""


def _run(words: Sequence[str], language: Language | None) -> int:
    """Run the command that the words name, and return its exit status.

    Some versions of typer raise what interrupts a command, others return 130 for it.

    Raises
    ------
    ProblemsFound
        What the command reports, and ``command-line`` for words that cannot be understood.
    """
    command = typer.main.get_command(app)
    try:
        status = command.main(
            args=list(words), prog_name="gep", standalone_mode=False, obj=language
        )
    except UsageError as error:
        raise ProblemsFound([usage_problem(error, words)]) from None
    return status if isinstance(status, int) else _DONE


def _split_language(words: Sequence[str]) -> tuple[str | None, list[str]]:
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


def _known_language(value: str | None) -> Language | None:
    """Return the language that was asked for, None if it is not one of those that gep speaks."""
    for language in LANGUAGES:
        if value == language:
            return language
    return None
