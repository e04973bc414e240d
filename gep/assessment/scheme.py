"""Schemes (考核方案), kinds of schemes, and the assessment that comes of one: the types that every kind shares.

A scheme's ``kind`` says what it computes. Each kind has a package of its own with a spec of its TOML, and gathers what
can be done with such schemes in a :class:`Kind`; ``gep.assessment.kinds`` knows them all.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import pandas as pd
from pydantic import Field

from gep.assessment.context import AssessmentContext
from gep.assessment.events import is_date
from gep.assessment.readings import Reading
from gep.errors import Problem, ProblemLog, Where
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, Source, TitleField
from gep.texts.catalogue import Language


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


@dataclass(frozen=True)
class Scheme:
    """A scheme and the files it was read from; each kind adds what stands in tables beside the scheme.

    Attributes
    ----------
    spec : SchemeSpec
        The TOML.
    path : Path
        The TOML's file.
    files : tuple of Path
        The TOML and the tables beside it.
    kind : Kind
        What can be done with the scheme.
    """

    spec: SchemeSpec
    path: Path
    files: tuple[Path, ...]
    kind: "Kind[Any, Any]"

    @property
    def id(self) -> str:
        """The scheme's id, the name of its folder of results."""
        return self.spec.id


Explain = Callable[[str, int, str, Language], list[str]]  # region, year, item, language -> lines
Items = Callable[[str, int], Collection[str]]  # region, year -> items that can be explained


@dataclass(frozen=True)
class Assessment:
    """A scheme and its result tables by file name (``scores.csv`` -> rows).

    Attributes
    ----------
    scheme : Scheme
    tables : mapping of str to DataFrame
        Result tables by file name.
    explain : callable
        Says in lines how an item of a region came about in a year: its rule, readings and rows.
    items : callable
        The items of a region in a year that ``explain`` knows.
    account_readings : mapping of str to Reading
        The readings of the account that items rest on, which can be explained further.
    warnings : tuple of Problem
    caption : tuple of (str, str)
        Lines, Chinese and English, that stand under every table.
    names : mapping of str to (str, str)
        Chinese and English names of indicators.
    """

    scheme: Scheme
    tables: Mapping[str, pd.DataFrame]
    explain: Explain
    items: Items
    account_readings: Mapping[str, Reading] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    caption: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)


SpecT = TypeVar("SpecT", bound=SchemeSpec)
SchemeT = TypeVar("SchemeT", bound=Scheme)


def _nothing(scheme: Scheme) -> set[str]:
    return set()


def _not_listed(scheme: Scheme) -> set[str] | None:
    return None


@dataclass(frozen=True)
class Kind(Generic[SpecT, SchemeT]):
    """What can be done with the schemes of one kind.

    Attributes
    ----------
    name : str
        The ``kind`` of the TOML.
    spec : type
        Model of the TOML.
    load : callable
        Makes the scheme of a valid TOML at a path, and reads the tables beside it into problems.
    check : callable
        Adds to problems what is wrong with the scheme itself.
    check_inputs : callable
        Adds to problems what the scheme needs and a context does not give.
    assess : callable
        Applies a scheme to a context in which nothing is wrong.
    bases : callable
        The bases of accounts that a scheme reads.
    target_ids : callable
        The indicators that a target may name; None where the kind does not list them.
    event_ids : callable
        The events that bear on a scheme.
    made_up : callable
        The parts of a scheme that are made up (grade ``placeholder``).
    """

    name: str
    spec: type[SpecT]
    load: Callable[[SpecT, Path, ProblemLog], SchemeT]
    check: Callable[[SchemeT, ProblemLog], None]
    check_inputs: Callable[[SchemeT, AssessmentContext, ProblemLog], None]
    assess: Callable[[SchemeT, AssessmentContext], Assessment]
    bases: Callable[[SchemeT], set[str]] = _nothing
    target_ids: Callable[[SchemeT], set[str] | None] = _not_listed
    event_ids: Callable[[SchemeT], set[str]] = _nothing
    made_up: Callable[[SchemeT], Collection[str]] = _nothing


def check_head(scheme: Scheme, problems: ProblemLog) -> None:
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


def check_unique_ids(ids: Iterable[str], where: str, problems: ProblemLog) -> None:
    """Each part of a scheme has an id of its own."""
    counted: dict[str, int] = {}
    for name in ids:
        counted[name] = counted.get(name, 0) + 1
    for name, count in counted.items():
        if count > 1:
            problems.add(
                "duplicate-id", f"{where} {name}", f"{count} have this id", "give each its own"
            )
