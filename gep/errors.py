"""What goes wrong in a user's files: one problem, many problems, and the list that gathers them.

Every code stands once in ``problems.csv`` with its severity and its Chinese and English title; the generated reference
is made of the same file.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Title:
    """Severity and titles of a problem code."""

    severity: str  # error | warning
    zh: str
    en: str


@cache
def titles() -> dict[str, Title]:
    """The catalogue of problem codes, code -> severity and titles."""
    path = Path(__file__).with_name("problems.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Title(row["severity"], row["zh"], row["en"]) for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Problem:
    """One defect of an input: stable code, where it stands, what is wrong, how to mend it."""

    code: str
    where: str
    what: str
    fix: str

    @property
    def severity(self) -> str:
        """``error`` stops everything; ``warning`` is printed and kept in the manifest."""
        return titles()[self.code].severity

    def __str__(self) -> str:
        return f"[{self.code}] {self.where}: {titles()[self.code].zh}: {self.what} / fix: {self.fix}"


class ProblemsFound(Exception):
    """All the problems of an input, found before anything is computed or written."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(f"{number}. {problem}" for number, problem in enumerate(self.problems, 1))


class Problems:
    """Gathers problems while a file, a set or a plan is read, so that all can be told at once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, code: str, where: str, what: str, fix: str) -> None:
        """Note a problem; the same one twice is kept once."""
        self._found[Problem(code, where, what, fix)] = None

    @property
    def errors(self) -> list[Problem]:
        """What must be mended."""
        return [problem for problem in self._found if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """What should be looked at."""
        return [problem for problem in self._found if problem.severity == "warning"]

    def has(self, *codes: str) -> bool:
        """Whether one of these codes was found."""
        return any(problem.code in codes for problem in self._found)

    def raise_errors(self) -> None:
        """Raise all errors at once, if there is one."""
        if self.errors:
            raise ProblemsFound(self.errors)
