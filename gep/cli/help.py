"""Help pages, and reports on a command line that cannot be understood, in the language of the user.

Pages are made from the commands themselves and the catalogue: ``cli.<command>.help`` says what a
command does, ``cli.<command>.<parameter>`` what a parameter means, ``cli.parameter.<parameter>``
what a shared one means. Typer's own pages are not used: they are in English only.
"""

import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, get_type_hints

import typer

from gep.errors import Problem, make_problem
from gep.texts.catalogue import LANGUAGES, Language, Listed, has_key, say

LANGUAGE_OPTION = "--language"
UsageError: type[Exception] = next(  # typer has it, but not by a public name
    ancestor for ancestor in typer.BadParameter.__mro__ if ancestor.__name__ == "UsageError"
)

_INDENT = 2
_WIDEST_TERM = 30  # columns; a longer option has its explanation on the next line
_WIDEST_PAGE = 100
_NARROWEST = 20  # columns of text on a very narrow terminal
_PIECES = re.compile(r"[\x21-\x7e]+\s*|.")  # a word of letters and signs, or one character
_NAMED = 12  # commands or options that a suggestion lists


class _Entry(NamedTuple):
    """A line of a help page: a command, argument or option, and what it means."""

    term: str
    meaning: str


def help_page(command: Any, path: Sequence[str], language: Language) -> str:
    """Word the help page of a command or of a group of commands.

    Parameters
    ----------
    command : typer command or group
    path : sequence of str
        The words that lead to it: ``("gep", "new", "project")``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    name = command_key(path)
    usage = [*path]
    arguments = []
    options = []
    for parameter in command.params:
        entry = _entry(parameter, command, name, language)
        if _is_argument(parameter):
            arguments.append(entry)
            usage.append(entry.term)
        else:
            options.append(entry)
    options.append(_Entry(f"{LANGUAGE_OPTION} zh|en", say(language, "cli.parameter.language")))
    options.append(_Entry("-h, --help", say(language, "cli.parameter.help")))
    commands = []
    for word in getattr(command, "commands", {}):
        key = f"cli.{command_key([*path, word])}.help"
        commands.append(_Entry(word, say(language, key)))
    if commands:
        usage.append("COMMAND")
    usage.append("[OPTIONS]")
    meaning = say(language, f"cli.{name}.help")
    lines = [
        say(language, "cli.page.usage", command=" ".join(usage)),
        "",
        *_wrapped(meaning, _INDENT),
    ]
    sections = {"arguments": arguments, "options": options, "commands": commands}
    for section, entries in sections.items():
        if entries:
            lines += ["", say(language, f"cli.page.{section}"), *_table(entries)]
    return "\n".join(lines)


def command_key(path: Sequence[str]) -> str:
    """Return the catalogue's section for a command: ``new-project`` for ``gep new project``."""
    return "-".join(path[1:]) or "gep"


def parameter_key(command: str, parameter: str) -> str:
    """Return the key of a parameter's meaning: the command's own, else the shared one."""
    key = f"cli.{command}.{parameter}"
    return key if has_key("en", key) else f"cli.parameter.{parameter}"


def usage_problem(error: Any, words: Sequence[str]) -> Problem:
    """Word what is wrong with a command line.

    Parameters
    ----------
    error : UsageError
        The error that typer raised.
    words : sequence of str
        What the user typed after ``gep``.

    Returns
    -------
    Problem
        Of code ``command-line``.
    """
    context = getattr(error, "ctx", None)
    command = "gep" if context is None else context.command_path
    parameter = getattr(error, "param", None)
    kind = type(error).__name__  # typer has no public names for these errors
    if kind == "NoSuchOption":
        close = tuple(getattr(error, "possibilities", None) or ())
        key = "cli.no-such-option-close" if close else "cli.no-such-option"
        return _problem(error.option_name, key, command, names=close)
    if kind == "MissingParameter" and parameter is not None:
        return _problem(_term(parameter), "cli.missing-parameter", command)
    if kind == "BadParameter" and parameter is not None and context is not None:
        key = f"cli.bad-{_type_of(parameter, context.command)}"
        return _problem(_term(parameter), key, command, value=_value_of(parameter, words))
    known = getattr(context.command, "commands", {}) if context is not None else {}
    unknown = next((word for word in words if not word.startswith("-") and word not in known), "")
    if known and unknown:
        names = Listed(tuple(known), _NAMED)
        return _problem(unknown, "cli.no-such-command", command, names=names)
    option = getattr(error, "option_name", None)
    if option:
        return _problem(option, "cli.option-without-value", command)
    return _problem(" ".join(words), "cli.not-understood", command)


def language_problem(value: str) -> Problem:
    """Word that a language is not one of those that gep speaks."""
    return _problem(LANGUAGE_OPTION, "cli.bad-language", "gep", value=value, names=LANGUAGES)


def _problem(place: str, key: str, command: str, **values: Any) -> Problem:
    return make_problem("command-line", place, key, command=command, **values)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _term(parameter: Any) -> str:
    """Return how a parameter is typed: ``PROJECT``, ``--out``."""
    return parameter.name.upper() if _is_argument(parameter) else ", ".join(parameter.opts)


def _type_of(parameter: Any, command: Any) -> str:
    """Return ``integer``, ``number`` or ``value``: what a parameter takes by its annotation."""
    hint = str(get_type_hints(command.callback).get(parameter.name))
    if "int" in hint:
        return "integer"
    return "number" if "float" in hint else "value"


def _value_of(parameter: Any, words: Sequence[str]) -> str:
    """Return what the user typed for an option, blank if it cannot be told."""
    for position, word in enumerate(words):
        option, sign, value = word.partition("=")
        if option in parameter.opts:
            if sign:
                return value
            return words[position + 1] if position + 1 < len(words) else ""
    return ""


def _entry(parameter: Any, command: Any, key: str, language: Language) -> _Entry:
    """Word an argument or option: term, meaning, whether it is required, its default."""
    term = _term(parameter)
    takes_value = not _is_argument(parameter) and not getattr(parameter, "is_flag", False)
    if takes_value:
        term += f" {say(language, f'cli.type.{_type_of(parameter, command)}')}"
    meaning = say(language, parameter_key(key, parameter.name))
    if parameter.required and not _is_argument(parameter):
        meaning += say(language, "cli.page.required")
    elif takes_value and parameter.default not in (None, "", 0, ()):
        meaning += say(language, "cli.page.default", value=parameter.default)
    return _Entry(term, meaning)


def _table(entries: Sequence[_Entry]) -> Iterator[str]:
    """Lay out terms and meanings in two columns."""
    widest = max(_columns(entry.term) for entry in entries)
    width = min(widest, _WIDEST_TERM)
    start = _INDENT + width + _INDENT
    for entry in entries:
        first, *others = _wrapped(entry.meaning, start)
        term = " " * _INDENT + entry.term
        if _columns(entry.term) > width:
            yield term
        else:
            first = term + first[_columns(term) :]
        yield first
        yield from others


def _wrapped(line: str, indent: int) -> list[str]:
    """Break a line to the terminal's width: between words or Chinese characters."""
    width = min(shutil.get_terminal_size().columns, _WIDEST_PAGE) - indent
    width = max(width, _NARROWEST)
    lines = [""]
    for piece in _PIECES.findall(line):
        if lines[-1] and _columns(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [" " * indent + part.rstrip() for part in lines]


def _columns(line: str) -> int:
    """Count the columns that a line takes on a terminal, two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in line)
