"""What follows from the value of an index (分级、变化分级、限制): grades, grades of change, events that lower it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pydantic import Field

from gep.assessment.events import Events
from gep.assessment.scheme import Grade, check_grades
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import GRADES
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, TitleField
from gep.texts.catalogue import Language

_DIGITS = 9  # differences of sums are not exact: 67.97 - 66.97 is a change of 1


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


def check_cited(
    rule: CitedRule, sources: Mapping[str, object], where: Where, problems: ProblemLog
) -> None:
    """Source and grade of a rule are known."""
    if rule.source not in sources:
        problems.add(
            "unknown-source", where, f"source {rule.source!r}", suggestion(rule.source, sources)
        )
    if rule.grade not in GRADES:
        problems.add(
            "unknown-grade",
            where,
            f"grade reads {rule.grade!r}",
            f"grades are: {', '.join(GRADES)}",
        )


def check_changes(changes: ChangeGrades, where: Where, problems: ProblemLog) -> None:
    """Sizes of change descend and are above 0."""
    alike = tuple(Grade(name=one.better, **{"from": one.from_}) for one in changes.levels)
    check_grades(alike, where, problems)
    if any(one.from_ is not None and one.from_ <= 0 for one in changes.levels):
        problems.add(
            "grade-cutoffs",
            where,
            "a change starts at 0 or below",
            "write its size; worse needs no sign",
        )


def check_restrictions(
    restrictions: tuple[Restriction, ...], where: Where, problems: ProblemLog
) -> None:
    """An event stands once, its cut-offs descend, and it lowers the index."""
    names = [one.event for one in restrictions]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add("duplicate-id", where, f"event {name!r} stands twice", "keep one")
    for one in restrictions:
        cuts = [write.from_ for write in one.writes]
        if cuts != sorted(set(cuts), reverse=True):
            what = f"{one.event}: the cut-offs do not descend"
            problems.add("restriction", where, what, "list the highest first")
        for write in one.writes:
            if write.value >= write.from_:
                what = f"{one.event}: from {write.from_:g} on it writes {write.value:g}"
                problems.add("restriction", where, what, "an event lowers the index")


def written_down(value: float, restriction: Restriction) -> float:
    """The index of a region with such an event."""
    for write in restriction.writes:
        if round(value, _DIGITS) >= write.from_:
            return write.value
    return value


def events_in_year(
    events: Events | None, restrictions: tuple[Restriction, ...], year: int
) -> pd.DataFrame:
    """The events that bear on a year and that the scheme names."""
    if events is None or not restrictions:
        return pd.DataFrame(columns=["region", "event", "document", "date", "file", "row"])
    rows = events.of(year)
    return rows[rows["event"].isin([one.event for one in restrictions]).to_numpy()]


def restricted(
    value: np.ndarray,
    regions: tuple[str, ...],
    rows: pd.DataFrame,
    restrictions: tuple[Restriction, ...],
) -> np.ndarray:
    """The index by region after all events: of several the one that lowers most."""
    found, rules = value.copy(), {one.event: one for one in restrictions}
    for region, event in zip(rows["region"], rows["event"], strict=True):
        if region in regions:
            spot = regions.index(region)
            found[spot] = min(found[spot], written_down(float(value[spot]), rules[event]))
    return found


def grade_by(value: float, cuts: GradeCutoffs | None, language: Language = "zh") -> str:
    """The grade of a value; blank where there is none."""
    if cuts is None or np.isnan(value):
        return ""
    fits = (one for one in cuts.levels if one.from_ is None or round(value, _DIGITS) >= one.from_)
    return next((one.name.say(language) for one in fits), "")


def change_by(change: float, changes: ChangeGrades | None, language: Language = "zh") -> str:
    """The grade of a change; blank where there is none."""
    if changes is None or np.isnan(change):
        return ""
    size = round(abs(change), _DIGITS)
    for one in changes.levels:
        if one.from_ is None or size >= one.from_:
            return (one.worse if one.worse is not None and change < 0 else one.better).say(language)
    return ""
