"""What an index scheme states (指数方案): grades, grades of change, restrictions, and its tree.

The table that the scheme names (``indicators``, see ``gep.assessment.index.tree``) is the index
itself. A scheme without ``root`` has no total; its indicators are compared with targets instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from gep.assessment.index.tree import IndexTree
from gep.assessment.rules import EFFICACY_FLOOR
from gep.assessment.scheme import Grade, Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, Title, TitleField

DIGITS = 9  # differences of sums are not exact: 67.97 - 66.97 is a change of 1


class CitedRule(Frozen):
    """A rule with its source, and with the grade of evidence that it has.

    Attributes
    ----------
    source : str
        One of the scheme's ``sources``.
    locator : str
    grade : str
        One of ``gep.inputs.value_rows.GRADES``.
    note : str
    """

    source: str
    locator: str = Field(min_length=1)
    grade: str
    note: str = ""


class GradeCutoffs(CitedRule):
    """Grades by value, the best first, each from its cut-off on."""

    levels: tuple[Grade, ...] = Field(min_length=1)


class Change(Frozen):
    """A grade of change, given from a size of change on.

    The smallest has no ``from``. Without ``worse`` a change for the worse has the same name.
    """

    from_: float | None = Field(default=None, alias="from")
    better: TitleField
    worse: TitleField | None = None


class ChangeGrades(CitedRule):
    """Grades of change since the previous year, the largest first."""

    levels: tuple[Change, ...] = Field(min_length=1)


class EventCeiling(Frozen):
    """From which value on an event lowers the index, and to what value."""

    from_: float = Field(alias="from")
    value: float


class Restriction(CitedRule):
    """A rule that an event (of the table of events) lowers the index of its region."""

    event: str = Field(min_length=1)
    name: TitleField
    writes: tuple[EventCeiling, ...] = Field(min_length=1)


class RuleReading(Frozen):
    """One reading of a rule that the source leaves open.

    Attributes
    ----------
    name : Title
    coefficient : mapping of str to float
        The coefficients of nodes under this reading.
    """

    name: TitleField
    coefficient: Mapping[str, float] = Field(min_length=1)


class OpenRule(CitedRule):
    """A rule that was read in two ways, and the way that is taken (``[option.<name>]``).

    Attributes
    ----------
    name : Title
    default : str
        The reading that is taken, unless a project chooses another.
    choices : mapping of str to RuleReading
    """

    name: TitleField
    default: str
    choices: Mapping[str, RuleReading] = Field(min_length=2)


class IndexSpec(SchemeSpec):
    """The TOML of an index scheme.

    Attributes
    ----------
    indicators : str
        Path of the table of nodes.
    weights : str
        Path of a table of weights for these nodes, where they are the user's.
    root : str
        The node that is the index; blank if the index has no total.
    floor : float
        Result of efficacy functions at the worse limit: the lowest individual index.
    round_components : int or None
        Decimals to which the children of the root are rounded before they are combined.
    grades : GradeCutoffs or None
    changes : ChangeGrades or None
    restriction : tuple of Restriction
    option : mapping of str to OpenRule
        Rules that were read in more than one way.
    """

    kind: Literal["index"]
    indicators: str = Field(min_length=1)
    weights: str = ""
    root: str = ""
    floor: float = Field(default=EFFICACY_FLOOR, ge=0, lt=100)
    round_components: int | None = Field(default=None, ge=0, le=9)
    grades: GradeCutoffs | None = None
    changes: ChangeGrades | None = None
    restriction: tuple[Restriction, ...] = ()
    option: Mapping[str, OpenRule] = Field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class IndexScheme(Scheme):
    """An index scheme with its tree, whose weights are the user's where the scheme names some.

    A tree that could not be read has no nodes.
    """

    spec: IndexSpec
    tree: IndexTree


def grade_by(value: float, cutoffs: GradeCutoffs | None) -> Title | None:
    """Find the grade of a value.

    Parameters
    ----------
    value : float
        May be NaN.
    cutoffs : GradeCutoffs or None

    Returns
    -------
    Title or None
        None if the scheme gives no grade for the value.
    """
    if cutoffs is None or np.isnan(value):
        return None
    for grade in cutoffs.levels:
        if grade.from_ is None or round(value, DIGITS) >= grade.from_:
            return grade.name
    return None


def change_by(change: float, changes: ChangeGrades | None) -> Title | None:
    """Find the grade of a change.

    Parameters
    ----------
    change : float
        May be NaN.
    changes : ChangeGrades or None

    Returns
    -------
    Title or None
        None if the scheme gives no grade for the change.
    """
    if changes is None or np.isnan(change):
        return None
    size = round(abs(change), DIGITS)
    for level in changes.levels:
        if level.from_ is None or size >= level.from_:
            if change < 0 and level.worse is not None:
                return level.worse
            return level.better
    return None


def classes_of_change(changes: ChangeGrades) -> tuple[str, ...]:
    """Return the grades of change, from the most for the better to the most for the worse.

    Parameters
    ----------
    changes : ChangeGrades

    Returns
    -------
    tuple of str
        In Chinese, as results have them.
    """
    names = [level.better.zh for level in changes.levels]
    for level in reversed(changes.levels):
        if level.worse is not None:
            names.append(level.worse.zh)
    return tuple(dict.fromkeys(names))
