"""What an index scheme states (指数方案): grades, grades of change, restrictions, and the tree that stands beside it.

The table that the scheme names (``indicators``, see ``gep.assessment.index.tree``) is the whole index; a scheme without
``root`` has no total, and its indicators are held against targets instead.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from gep.assessment.index.tree import IndexTree
from gep.assessment.scheme import Grade, Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField
from gep.texts.catalogue import Language

DIGITS = 9  # differences of sums are not exact: 67.97 - 66.97 is a change of 1


class CitedRule(Frozen):
    """Where a rule was read, and how well."""

    source: str
    locator: str = Field(min_length=1)
    grade: str
    note: str = ""


class GradeCutoffs(CitedRule):
    """Grades by value, the best first, each from its cut-off on."""

    levels: tuple[Grade, ...] = Field(min_length=1)


class Change(Frozen):
    """A grade of change, given from that size on; the smallest has no ``from``, and ``worse`` is as ``better``."""

    from_: float | None = Field(default=None, alias="from")
    better: TitleField
    worse: TitleField | None = None


class ChangeGrades(CitedRule):
    """Grades of change against the year before, the largest first."""

    levels: tuple[Change, ...] = Field(min_length=1)


class EventCeiling(Frozen):
    """From which value on an event writes down the index, and to what."""

    from_: float = Field(alias="from")
    value: float


class Restriction(CitedRule):
    """An event (``event`` of the events table) that lowers the index of its region, and so its grade."""

    event: str = Field(min_length=1)
    name: TitleField
    writes: tuple[EventCeiling, ...] = Field(min_length=1)


class IndexSpec(SchemeSpec):
    """A scheme that makes an index.

    ``floor`` is the lowest individual index of efficacy functions; ``round_components`` the decimals to which the
    children of the root are rounded before they are put together, none by default; ``weights`` a table of weights for
    the nodes of ``indicators``, where they are one's own.
    """

    kind: Literal["index"]
    indicators: str = Field(min_length=1)
    weights: str = ""
    root: str = ""
    floor: float = Field(default=60.0, ge=0, lt=100)
    round_components: int | None = Field(default=None, ge=0, le=9)
    grades: GradeCutoffs | None = None
    changes: ChangeGrades | None = None
    restriction: tuple[Restriction, ...] = ()


@dataclass(frozen=True)
class IndexScheme(Scheme):
    """An index scheme with its tree, its own weights put in; a tree that could not be read has no nodes."""

    spec: IndexSpec
    tree: IndexTree


def grade_by(value: float, cuts: GradeCutoffs | None, language: Language = "zh") -> str:
    """The grade of a value; blank where there is none."""
    if cuts is None or np.isnan(value):
        return ""
    fits = (one for one in cuts.levels if one.from_ is None or round(value, DIGITS) >= one.from_)
    return next((one.name.say(language) for one in fits), "")


def change_by(change: float, changes: ChangeGrades | None, language: Language = "zh") -> str:
    """The grade of a change; blank where there is none."""
    if changes is None or np.isnan(change):
        return ""
    size = round(abs(change), DIGITS)
    for one in changes.levels:
        if one.from_ is None or size >= one.from_:
            return (one.worse if one.worse is not None and change < 0 else one.better).say(language)
    return ""
