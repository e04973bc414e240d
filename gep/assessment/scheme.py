"""Schemes (考核方案): what every evaluation states about itself, whatever it computes; read from TOML, checked, frozen.

A scheme's ``kind`` says what it computes; each kind has a model of its own in its module, built on ``SchemeHead``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import Field

from gep.assessment.events import is_date
from gep.assessment.readings import Reading
from gep.errors import Problem, ProblemLog, Where
from gep.io.catalog import locate, resolve_inside
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, Source, TitleField, read_toml, validate_document
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    from gep.assessment.context import AssessmentContext

KINDS = {
    "score": "gep.assessment.scoring.kind:ScoreScheme",
    "index": "gep.assessment.index.kind:IndexScheme",
    "geep": "gep.assessment.geep.kind:GeepScheme",
    "balance": "gep.assessment.balance.kind:BalanceScheme",
    "audit": "gep.assessment.audit.kind:AuditScheme",
    "allocation": "gep.assessment.allocation.kind:AllocationScheme",
}


class Grade(Frozen):
    """A grade and the score from which it is given; the lowest has no ``from``."""

    name: TitleField
    from_: float | None = Field(default=None, alias="from")


class SchemeSpec(Frozen):
    """What every scheme states: what it is, where it was read, whether it binds, when it holds."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")  # it names a folder of results
    title: TitleField
    kind: Literal["score", "index", "geep", "balance", "audit", "allocation"]
    source: str
    evidence: Literal["verified", "published", "recalled", "placeholder"]
    legal: Literal["in_force", "trial", "draft", "superseded", "research"]
    valid_from: str = ""  # dates: 2016-12-02
    valid_to: str = ""
    replaced_by: str = ""
    note: str = ""
    sources: dict[str, Source] = Field(default_factory=dict)

    def bases(self, scheme: "Scheme") -> set[str]:
        """The bases of accounts that the scheme reads."""
        return set()

    def targeted(self) -> set[str] | None:
        """The ids that a target may name; None where a scheme's kind does not say."""
        return None

    def with_tables(self, path: Path, problems: ProblemLog) -> "SchemeSpec":
        """The scheme with what stands in tables beside the file at ``path``."""
        return self

    def events(self) -> set[str]:
        """The ids of the events that bear on the scheme."""
        return set()

    def check(self, scheme: "Scheme", problems: ProblemLog) -> None:
        """What is wrong with the scheme itself."""

    def check_ground(
        self, scheme: "Scheme", ground: "AssessmentContext", problems: ProblemLog
    ) -> None:
        """What the scheme needs and the project does not give."""

    def assess(self, scheme: "Scheme", ground: "AssessmentContext") -> "Assessment":
        """Apply the scheme; nothing is wrong any more."""
        raise NotImplementedError


@dataclass(frozen=True)
class Scheme:
    """A scheme and the files it was read from."""

    spec: SchemeSpec
    path: Path
    files: tuple[Path, ...]

    @property
    def id(self) -> str:
        """The scheme's id, the name of its folder of results."""
        return self.spec.id


def load_scheme(name: str, base: Path | None, where: Where, problems: ProblemLog) -> Scheme | None:
    """Load a scheme by id or path into ``problems``; None when it cannot be read."""
    path = locate("schemes", name, base, where, problems)
    raw = None if path is None else read_toml(path, path.name, problems)
    if path is None or raw is None:
        return None
    kind = raw.get("kind")
    if kind not in KINDS:
        what = f"kind reads {kind!r}" if kind is not None else "key 'kind' is not there"
        problems.add("scheme-kind", f"{path.name} kind", what, suggestion(str(kind or ""), KINDS))
        return None
    text = validate_document(model_of(kind), raw, path.name, problems)
    if text is None:
        return None
    text = text.with_tables(path, problems)
    scheme = Scheme(text, path, (path, *_tables(text, path, problems)))
    _check_head(scheme, problems)
    text.check(scheme, problems)
    return scheme


def read_scheme(name: str | Path) -> Scheme:
    """Read a scheme by id or path. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_scheme(str(name), None, str(name), problems)
    problems.raise_errors()
    assert found is not None
    return found


def model_of(kind: str) -> type[SchemeSpec]:
    """The model of a kind of scheme."""
    module, _, name = KINDS[kind].partition(":")
    found: type[SchemeSpec] = getattr(import_module(module), name)
    return found


def _tables(text: SchemeSpec, path: Path, problems: ProblemLog) -> list[Path]:
    """The tables beside a scheme that it names."""
    named: Mapping[str, Any] = {
        name: getattr(text, name, "") for name in ("indicators", "weights", "tau")
    }
    found = [
        resolve_inside(name, path.parent, f"{path.name} {key}", problems)
        for key, name in named.items()
        if name
    ]
    return [one for one in found if one is not None]


def _check_head(scheme: Scheme, problems: ProblemLog) -> None:
    text, label = scheme.spec, scheme.path.name
    if text.source not in text.sources:
        hint = f"add [sources.{text.source}]; {suggestion(text.source, text.sources)}"
        problems.add("unknown-source", f"{label} source", f"source {text.source!r}", hint)
    days = {"valid_from": text.valid_from, "valid_to": text.valid_to}
    wrong = [
        name
        for name, day in days.items()
        if day and not is_date(f"{day}{'-01-01'[len(day) - 4 :]}")
    ]
    for name in wrong:
        problems.add(
            "bad-date",
            f"{label} {name}",
            f"{name} reads {days[name]!r}",
            "write 2020, 2020-12 or 2020-12-31",
        )
    known = min(len(text.valid_from), len(text.valid_to))
    if not wrong and text.valid_to[:known] < text.valid_from[:known]:
        what = "valid_to is before valid_from"
        problems.add("bad-date", f"{label} valid_to", what, "correct the days")


def check_grades(grades: tuple[Grade, ...], where: Where, problems: ProblemLog) -> None:
    """Cut-offs descend, and only the last has none."""
    cuts = [one.from_ for one in grades]
    if None in cuts[:-1]:
        problems.add(
            "grade-cutoffs",
            where,
            "a grade before the last has no from",
            "give it its lowest score",
        )
    known = [cut for cut in cuts if cut is not None]
    if any(later >= earlier for earlier, later in pairwise(known)):
        what = f"the cut-offs do not descend: {', '.join(f'{cut:g}' for cut in known)}"
        problems.add(
            "grade-cutoffs",
            where,
            what,
            "list the best grade first; each from lower than the one before",
        )
    names = [one.name.zh for one in grades]
    if len(set(names)) < len(names):
        problems.add("grade-cutoffs", where, "a grade stands twice", "name each grade once")


def grade_of(score: float, grades: tuple[Grade, ...], language: Language = "zh") -> str:
    """The grade of a score; blank where the scheme gives none."""
    for one in grades:
        if one.from_ is None or score >= one.from_:
            return one.name.say(language)
    return ""


Working = Callable[[str, int, str, Language], list[str]]  # region, year, item, language -> lines


def _unexplained(region: str, year: int, item: str, language: Language) -> list[str]:
    return []


@dataclass(frozen=True)
class Assessment:
    """A scheme and its result tables by file name (``scores.csv`` -> rows).

    ``working`` tells a number in lines: its rule, readings and rows; ``behind`` names the account's indicator that a
    number rests on, which can be explained further.
    """

    scheme: Scheme
    tables: Mapping[str, pd.DataFrame]
    working: Working = _unexplained
    behind: Mapping[str, Reading] = field(
        default_factory=dict
    )  # item -> what it reads of the account
    warnings: tuple[Problem, ...] = ()
    caption: tuple[tuple[str, str], ...] = ()  # lines zh, en that stand under every table
    names: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # indicator -> its name zh, en
