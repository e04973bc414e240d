"""Problems (问题) of a user's files: one problem, their log, and the error that reports all.

``problems.csv`` lists every code with its severity; titles and sentences are in the catalogue of
texts. A problem keeps the key of its sentences and their values, so that it can be worded in either
language.
"""

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from gep.texts.catalogue import Language, Sayable, locale_language, say, text, visible

Where = str | Sayable  # a file, a key, an option, or a Place

_LISTED = 100  # problems of one code that are listed one by one
_FEW = 10  # problems beyond that number for which no line is saved
_LONGEST = 1000  # characters of what is wrong, of where, and of what to do
_FILES = (  # that a place may be in
    *(".csv", ".toml", ".xlsx", ".xlsm", ".geojson"),
    *(".tif", ".tiff", ".nc", ".zarr", ".gpkg", ".shp"),
)
_NAMED = 5  # places of one problem that are named


@cache
def severities() -> dict[str, str]:
    """Return the severity (``error`` or ``warning``) of every problem code.

    Returns
    -------
    dict of str to str
    """
    path = Path(__file__).with_name("problems.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["severity"] for row in csv.DictReader(file)}


def _cut(words: str) -> str:
    """Cut words that nobody would read to the end, since a cell of a megabyte is in them."""
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} ..."


@dataclass(frozen=True)
class Head:
    """What a sheet calls a column.

    Attributes
    ----------
    letter : str
        The letter of the column, such as ``G``; blank where the sheet does not have it.
    words : str
        Its heading, such as 数值.
    """

    letter: str
    words: str


@dataclass(frozen=True)
class Place:
    """Where in a table a problem is.

    Attributes
    ----------
    file : str
        The file, with its sheet (``book.xlsx#sheet``) where it is a workbook.
    rows : tuple of int
        Rows as a spreadsheet counts them; empty for the whole table.
    column : str
        A column of the table, or blank.
    more : int
        Further rows, of which only the number is kept.
    head : Head or None
        What the sheet calls the column, where that is not its name.
    labels : tuple of str
        What the first of the rows are called, where a table that is an argument has other labels
        than numbers.
    """

    file: str
    rows: tuple[int, ...] = ()
    column: str = ""
    more: int = 0
    head: Head | None = None
    labels: tuple[str, ...] = ()

    def say(self, language: Language) -> str:
        """Return the place in words: ``areas.csv row 3, 4 column unit``, ``form.xlsx#水利 G12``."""
        if not self.rows and not self.column:
            return self.file
        if self.head is not None and self.head.letter and self.rows:
            return self._say_cells(self.head, language)
        name = self.column if self.head is None else self.head.words
        column = say(language, "problem.column", column=name) if self.column else ""
        if not self.rows:
            return say(language, "problem.in-file", file=self.file, column=column).strip()
        named: tuple[object, ...] = self.labels or tuple(self.rows[:_NAMED])
        values = {"file": self.file, "rows": named, "column": column}
        more = len(self.rows) - len(named) + self.more
        if more:
            return say(language, "problem.more-rows", more=more, **values).strip()
        return say(language, "problem.rows", **values).strip()

    def _say_cells(self, head: Head, language: Language) -> str:
        """Return the place as cells of a sheet."""
        cells = tuple(f"{head.letter}{row}" for row in self.rows[:_NAMED])
        values = {"file": self.file, "cells": cells, "column": head.words}
        more = len(self.rows) - len(cells) + self.more
        if more:
            return say(language, "problem.more-cells", more=more, **values)
        return say(language, "problem.cells", **values)

    def __str__(self) -> str:
        return self.say(locale_language())


@dataclass(frozen=True)
class Problem:
    """One defect of an input: a stable code, where it is, what is wrong, how to fix it.

    Attributes
    ----------
    code : str
        One of ``problems.csv``.
    place : str or Sayable
        A file, a key of a TOML, an option of the command line, or a :class:`Place` in a table.
    message : str
        Key of the catalogue whose entries ``what`` and ``fix`` word the problem.
    values : tuple of (str, object)
        Values of the placeholders, by name.
    project : str
        Folder of the project among several, else blank.

    Examples
    --------
    >>> import gep
    >>> try:
    ...     gep.read_standard("no-such-standard")
    ... except gep.ProblemsFound as error:
    ...     error.problems[0].code
    'unknown-id'
    """

    code: str
    place: Where
    message: str
    values: tuple[tuple[str, Any], ...] = ()
    project: str = ""

    @property
    def severity(self) -> str:
        """``error`` stops everything; ``warning`` is printed and kept in the manifest."""
        return severities()[self.code]

    @property
    def file(self) -> str:
        """The first file of the place; blank for an option, a step or a standard."""
        place: Where = self.place
        while isinstance(place, _Places):
            place = place.places[0]
        if isinstance(place, Place):
            return place.file
        if not isinstance(place, str):
            return ""
        name = place.split(" ")[0]
        is_file = Path(name.partition("#")[0]).suffix.lower() in _FILES
        return name if is_file else ""

    @property
    def where(self) -> str:
        """The place, in the language of the user's system."""
        return self.say_where(locale_language())

    @property
    def what(self) -> str:
        """What is wrong, in the language of the user's system."""
        return self.say_what(locale_language())

    @property
    def fix(self) -> str:
        """What to do next, in the language of the user's system."""
        return self.say_fix(locale_language())

    def say_where(self, language: Language) -> str:
        """Return the place in words."""
        place = self.place if isinstance(self.place, str) else self.place.say(language)
        return _cut(f"{self.project}: {place}" if self.project else place)

    def say_what(self, language: Language) -> str:
        """Return what is wrong with the value found."""
        return _cut(say(language, f"{self.message}.what", **dict(self.values)))

    def say_fix(self, language: Language) -> str:
        """Return what to do next."""
        return _cut(say(language, f"{self.message}.fix", **dict(self.values)))

    def say(self, language: Language) -> str:
        """Return the whole problem in one line: code, place, what is wrong, what to do."""
        return say(
            language,
            "problem.line",
            code=self.code,
            where=self.say_where(language),
            what=self.say_what(language),
            fix=self.say_fix(language),
        )

    def __str__(self) -> str:
        return self.say(locale_language())


def make_problem(code: str, place: Where, message: str, **values: Any) -> Problem:
    """Make a problem.

    Parameters
    ----------
    code : str
        One of ``problems.csv``.
    place : str or Sayable
        See ``Problem``.
    message : str
        Key of the catalogue whose entries ``what`` and ``fix`` word the problem.
    **values
        Values of the placeholders.

    Returns
    -------
    Problem
    """
    return Problem(code, place, message, text(message, **values).values)


@dataclass(frozen=True)
class _Places:
    """Several places of one problem."""

    places: tuple[Where, ...]

    def say(self, language: Language) -> str:
        words = [place if isinstance(place, str) else place.say(language) for place in self.places]
        listed = say(language, "problem.places-separator").join(words[:_NAMED])
        if len(words) <= _NAMED:
            return listed
        return say(language, "problem.more-places", listed=listed, count=len(words) - _NAMED)


def merge_duplicates(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Merge problems that say the same of several places, and list all their places.

    Parameters
    ----------
    problems : iterable of Problem

    Returns
    -------
    tuple of Problem
        In the order in which they were first reported.
    """
    groups: dict[Problem, list[Where]] = {}
    for problem in dict.fromkeys(problems):
        groups.setdefault(replace(problem, place=""), []).append(problem.place)
    return tuple(
        replace(group, place=places[0] if len(places) == 1 else _Places(tuple(places)))
        for group, places in groups.items()
    )


def one_line(words: str) -> str:
    """Return words as a terminal may show them: on one line, and without control characters.

    Parameters
    ----------
    words : str

    Returns
    -------
    str
        Characters that end a line, move the cursor or change the direction of writing are spelled
        as code points, such as x1b after a backslash.
    """
    shown = visible(words)
    return shown.replace("\n", r"\n").replace("\t", r"\t")


def list_problems(problems: Iterable[Problem], language: Language, heading: str) -> list[str]:
    """Word problems in a line each; of one code the first hundred, then where the others are.

    Parameters
    ----------
    problems : iterable of Problem
    language : {'zh', 'en'}
    heading : str
        Key of the catalogue for the beginning of a line, whose placeholder ``number`` counts the
        lines.

    Returns
    -------
    list of str
    """
    by_code: dict[str, list[tuple[int, Problem]]] = {}
    for number, problem in enumerate(problems, 1):
        by_code.setdefault(problem.code, []).append((number, problem))
    listed: list[tuple[int, Problem]] = []
    unlisted: dict[str, list[Problem]] = {}
    for code, of_code in by_code.items():
        shown = len(of_code) if len(of_code) <= _LISTED + _FEW else _LISTED
        listed += of_code[:shown]
        if shown < len(of_code):
            unlisted[code] = [problem for _, problem in of_code[shown:]]
    lines = []
    for number, problem in sorted(listed, key=lambda entry: entry[0]):
        line = say(language, heading, number=number) + problem.say(language)
        lines.append(one_line(line))
    for code, rest in unlisted.items():
        places = _gather_places(rest)
        line = say(
            language,
            "problem.more",
            code=code,
            count=len(rest),
            places=places,
        )
        lines.append(one_line(line))
    return lines


def _gather_places(problems: Sequence[Problem]) -> _Places:
    """Gather the places of problems, the rows of one table in one place."""
    in_tables: list[Place] = []
    places: dict[Where, None] = {}
    for problem in problems:
        of_problem = problem.place.places if isinstance(problem.place, _Places) else [problem.place]
        for place in of_problem:
            if isinstance(place, Place):
                in_tables.append(place)
            else:
                places[place] = None
    return _Places((*merge_places(in_tables), *places))


def merge_places(places: Iterable[Place]) -> list[Place]:
    """Merge places in the same column of the same table to one each.

    Parameters
    ----------
    places : iterable of Place

    Returns
    -------
    list of Place
        In the order in which the tables first occur; rows ascend.
    """
    rows_of: dict[tuple[str, str, Head | None], list[int]] = {}
    more: Counter[tuple[str, str, Head | None]] = Counter()
    for place in places:
        column = (place.file, place.column, place.head)
        rows_of.setdefault(column, []).extend(place.rows)
        more[column] += place.more
    merged = []
    for (file, name, head), rows in rows_of.items():
        count = more[file, name, head]
        merged.append(
            Place(
                file,
                tuple(sorted(set(rows))),
                name,
                count,
                head,
            )
        )
    return merged


class ProblemsFound(Exception):
    """All the problems of an input, reported before anything is computed, and its warnings.

    Attributes
    ----------
    problems, warnings : tuple of Problem
        What stops the run, and what should be looked at; the same problem of several places is one.
    language : {'zh', 'en'} or None
        The project's language, where a project was read so far.

    Examples
    --------
    >>> import gep
    >>> try:
    ...     gep.read_areas(None)
    ... except gep.ProblemsFound as error:
    ...     print(error.say("en"))
    1. [wrong-argument] path: this is an object of the type NoneType / fix: ...
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        warnings: Iterable[Problem] = (),
        language: Language | None = None,
    ) -> None:
        self.problems = merge_duplicates(problems)
        self.warnings = merge_duplicates(warnings)
        self.language = language
        super().__init__(self.problems, self.warnings)

    def say(self, language: Language) -> str:
        """Return all problems and warnings, a line each."""
        lines = list_problems(self.problems, language, "problem.error-heading")
        lines += list_problems(self.warnings, language, "problem.warning-heading")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.say(self.language or locale_language())


@contextmanager
def worded_in(language: Language | None) -> Iterator[None]:
    """Give the problems that are raised inside a language, unless they have one already.

    Parameters
    ----------
    language : {'zh', 'en'} or None
        The language of the run; None leaves the choice to the user's system.
    """
    try:
        yield
    except ProblemsFound as error:
        if error.language is None:
            error.language = language
        raise


class ProblemLog:
    """Gathers problems while a file, a set or a plan is read, so that all can be reported at once.

    Parameters
    ----------
    language : {'zh', 'en'}, optional
        Language of the project, for the error raised in the end; the user's system decides where it
        is not known.

    Attributes
    ----------
    checksums : dict of str to str
        SHA-256 of the bytes that were read, by the real path of the file.
    heads : dict of str to mapping of str to Head
        By table the words over its columns, where they are not the names of the columns.
    row_labels : dict of str to mapping of int to str
        By table that is an argument the labels of its rows, where they are not numbers.
    """

    def __init__(self, language: Language | None = None) -> None:
        self.language = language
        self.checksums: dict[str, str] = {}
        self.heads: dict[str, Mapping[str, Head]] = {}
        self.row_labels: dict[str, Mapping[int, str]] = {}
        self._problems: dict[Problem, None] = {}

    def add(self, code: str, place: Where, message: str, **values: Any) -> None:
        """Add a problem; the same one twice is kept once.

        Parameters
        ----------
        code : str
            One of ``problems.csv``.
        place : str or Sayable
            See ``Problem``.
        message : str
            Key of the catalogue whose entries ``what`` and ``fix`` word the problem.
        **values
            Values of the placeholders.
        """
        shown = {}
        for name, value in values.items():
            shown[name] = self._labelled(value) if isinstance(value, Place) else value
        if isinstance(place, Place):
            place = self._labelled(place)
        self.include([make_problem(code, place, message, **shown)])

    def _labelled(self, place: Place) -> Place:
        """Return a place as its table calls columns and rows: by the words of a form, by labels."""
        if place.file in self.heads:
            heads = self.heads[place.file]
            place = replace(place, head=heads.get(place.column))
        if place.file in self.row_labels:
            labels = self.row_labels[place.file]
            named = [labels.get(row, str(row)) for row in place.rows[:_NAMED]]
            place = replace(place, labels=tuple(named))
        return place

    def include(self, problems: Iterable[Problem]) -> None:
        """Add problems that were found elsewhere."""
        self._problems.update(dict.fromkeys(problems))

    def include_log(self, log: "ProblemLog") -> None:
        """Add what another log has gathered: problems, and the checksums of what was read."""
        self.include(log._problems)
        self.checksums.update(log.checksums)

    def note_read(self, file: Path, content: bytes) -> None:
        """Note the bytes that were read from a file, whatever becomes of the file afterwards.

        Adds ``cannot-read`` if other bytes of the same file were read before.

        Parameters
        ----------
        file : Path
            The path, without a sheet.
        content : bytes
        """
        checksum = hashlib.sha256(content).hexdigest()
        if self.checksums.setdefault(os.path.realpath(file), checksum) != checksum:
            self.add("cannot-read", file.name, "io.changed-while-read")

    @property
    def errors(self) -> list[Problem]:
        """What must be fixed before anything is computed."""
        return [problem for problem in self._problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """What should be looked at."""
        return [problem for problem in self._problems if problem.severity == "warning"]

    def has(self, *codes: str) -> bool:
        """Return whether a problem of one of these codes was added."""
        return any(problem.code in codes for problem in self._problems)

    def raise_errors(self) -> None:
        """Raise :class:`ProblemsFound` with all errors and warnings, if there is an error."""
        if self.errors:
            raise ProblemsFound(self.errors, self.warnings, self.language)
