"""What goes wrong in a user's files: one problem, many problems, and the list that gathers them.

Every code stands once in ``problems.csv`` with its severity, its Chinese and English title and how to mend it in
Chinese; the generated reference is made of the same file.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_SHOWN = 5  # places named in a message before "and n more"
_LISTED = 30  # problems of one code that are listed one by one


@dataclass(frozen=True)
class Title:
    """Severity and titles of a problem code, and how it is mended in Chinese."""

    severity: str  # error | warning
    zh: str
    en: str
    fix_zh: str


@cache
def titles() -> dict[str, Title]:
    """The catalogue of problem codes, code -> severity and titles."""
    path = Path(__file__).with_name("problems.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row.pop("code"): Title(**row) for row in csv.DictReader(file)}


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
        title = titles()[self.code]
        return f"[{self.code}] {self.where}: {title.zh}: {self.what} / fix: {self.fix}（{title.fix_zh}）"


def told_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """What is the same in several places told once, with all its places."""
    places: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        places.setdefault((problem.code, problem.what, problem.fix), []).append(problem)
    return tuple(replace(same[0], where=joined([one.where for one in same])) for same in places.values())


def joined(places: Sequence[str], by: str = " and ") -> str:
    """The first few of the places of a problem."""
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return by.join(places[:_SHOWN]) + more


def listed(problems: Iterable[Problem], head: str) -> list[str]:
    """A line for each problem, ``{}`` in its head being its number; of one code the first few, then how many more."""
    lines, count = [], Counter[str]()
    for number, problem in enumerate(problems, 1):
        count[problem.code] += 1
        if count[problem.code] <= _LISTED:
            lines.append(f"{head.format(number)}{problem}")
    more = [(code, some - _LISTED) for code, some in count.items() if some > _LISTED]
    return [*lines, *(f"…… [{code}] 同类问题另有 {some} 条 and {some} more like these" for code, some in more)]


class ProblemsFound(Exception):
    """All the problems of an input, found before anything is computed or written, and the warnings beside them."""

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = ()):
        self.problems, self.warnings = told_once(problems), told_once(warnings)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join([*listed(self.problems, "{}. "), *listed(self.warnings, "提示 warning ")])


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
            raise ProblemsFound(self.errors, self.warnings)
