"""Scoring schemes (评分方案): indicators with points and rules, events, caps, veto, grades; as TOML or a CSV beside."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from gep.assessment.readings import Reading
from gep.assessment.scheme import (
    Grade,
    Scheme,
    SchemeSpec,
    check_grades,
    check_source,
    check_unique_ids,
    check_unit,
)
from gep.errors import ProblemLog, Where
from gep.io.tables import Columns, Table, read_table
from gep.io.toml_documents import Frozen, TitleField

_READING = ("account", "data", "scheme", "basis", "form")
_RULE = ("rate", "per", "at", "values", "low", "high", "floor", "step")
_INDICATORS = Columns(
    ("indicator", "zh", "en", "property", "direction", "unit", "source", "locator", "grade"),
    ("section", "points", *_READING, "rule", *_RULE, "missing", "least", "most", "note"),
)


TOTAL = "total"  # the row of the sum in scores.csv


class Rule(Frozen):
    """How a reading becomes points."""

    kind: Literal["attain", "deduct", "interpolate", "efficacy", "rank", "reading"]
    rate: float | None = None  # deduct: points for every ``per`` units that the target is missed by
    per: float = Field(default=1.0, gt=0)
    at: tuple[float, ...] = ()  # interpolate: readings, ascending
    values: tuple[float, ...] = ()  # and the points there
    low: float | None = None  # efficacy: limits; those of the group where not given
    high: float | None = None
    floor: float = Field(default=60.0, ge=0, le=100)
    step: float | None = None  # rank: points less for each place

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if self.kind == "deduct" and (self.rate is None or self.rate < 0):
            raise ValueError("deduct needs a rate, 0 or more")
        if self.kind == "rank" and (self.step is None or self.step < 0):
            raise ValueError("rank needs a step, 0 or more")
        if self.kind == "interpolate":
            rising = all(one < other for one, other in zip(self.at, self.at[1:], strict=False))
            if len(self.at) < 2 or len(self.at) != len(self.values) or not rising:
                raise ValueError("interpolate needs at (ascending) and values, two or more of each")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    @property
    def needs_target(self) -> bool:
        """Whether points follow from a target."""
        return self.kind in ("attain", "deduct")


class ScoredIndicator(Frozen):
    """An indicator of a scoring scheme. ``points`` blank: no text gives them, and no score is worked out."""

    id: str = Field(min_length=1)
    name: TitleField
    section: str = ""
    property: str = Field(
        min_length=1
    )  # 约束性 binding, 预期性 expected, 参考性 reference, or the scheme's own word
    direction: Literal["+", "-"]
    unit: str
    points: float | None = Field(default=None, ge=0)
    reading: Reading
    rule: Rule | None = None
    missing: Literal["", "floor", "spread"] = ""
    least: float | None = (
        None  # readings beyond these are taken at them: a guard against base effects
    )
    most: float | None = None
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"]
    note: str = ""

    @model_validator(mode="after")
    def _guards(self) -> "ScoredIndicator":
        if self.least is not None and self.most is not None and self.least >= self.most:
            raise ValueError("least must be below most")
        return self


class Section(Frozen):
    """A part of a scheme whose indicators' points sum as declared."""

    id: str
    name: TitleField
    points: float | None = None


class EventRule(Frozen):
    """What an event does: points off or on, the best grade that is left, or failing altogether."""

    id: str = Field(min_length=1)
    name: TitleField
    effect: Literal["deduct", "bonus", "cap", "fail"]
    points: float = Field(default=0.0, ge=0)
    most: float | None = None  # points of all such events together
    grade: str = ""  # cap: the best that is left, by its Chinese name

    @model_validator(mode="after")
    def _whole(self) -> "EventRule":
        if self.effect == "cap" and not self.grade:
            raise ValueError("cap needs the best grade that is left")
        if self.effect in ("deduct", "bonus") and not self.points:
            raise ValueError(f"{self.effect} needs points")
        return self


class Veto(Frozen):
    """One-vote veto (一票否决): so many targets of a property missed leave no better grade than this."""

    property: str = "binding"
    missed: int = Field(default=1, ge=1)
    grade: str


class ScoreSpec(SchemeSpec):
    """The TOML of a scoring scheme."""

    total: float | None = None  # what all points sum to
    missing: Literal["floor", "spread"] = "floor"
    floor: float = Field(
        default=0.0, ge=0, le=1
    )  # share of its points that an indicator without reading keeps
    indicator: tuple[ScoredIndicator, ...] = ()
    indicators: str = ""  # a CSV beside
    section: tuple[Section, ...] = ()
    event: tuple[EventRule, ...] = ()
    veto: Veto | None = None
    grade: tuple[Grade, ...] = ()


@dataclass(frozen=True)
class ScoreScheme(Scheme):
    """A scoring scheme; ``spec.indicator`` has the indicators of the TOML, or of the CSV beside."""

    spec: ScoreSpec


def read_indicators(file: Path, problems: ProblemLog) -> tuple[ScoredIndicator, ...]:
    """The indicators of the CSV that a scheme names."""
    table = read_table(file, _INDICATORS, problems)
    found = []
    for position in range(0 if table is None else len(table.frame)):
        assert table is not None
        row = {
            str(key): table.column(str(key)).iloc[position]
            for key in (*_INDICATORS.required, *_INDICATORS.optional)
        }
        try:
            found.append(ScoredIndicator.model_validate(_as_written(row)))
        except ValidationError as error:
            _tell(error, table, position, problems)
    return tuple(found)


def _tell(error: ValidationError, table: Table, position: int, problems: ProblemLog) -> None:
    for fault in error.errors():
        place = ".".join(str(part) for part in fault["loc"])
        what = f"{place}: {str(fault['msg']).removeprefix('Value error, ')}".strip(": ")
        problems.add(
            "scheme-indicator",
            table.place([position]),
            what,
            "correct the row; see docs/how-to/own-scheme.md",
        )


def _as_written(row: dict[str, str]) -> dict[str, Any]:
    """A row of the CSV as the table of a TOML would hold it; blank cells are not there."""
    given = {key: value for key, value in row.items() if value != ""}
    reading = {key: given.pop(key) for key in _READING if key in given}
    rule: dict[str, Any] = {"kind": given.pop("rule")} if "rule" in given else {}
    for key in _RULE:
        if key in given:
            word = given.pop(key)
            rule[key] = word.split(";") if key in ("at", "values") else word
    written: dict[str, Any] = {**given, "id": given.pop("indicator", ""), "reading": reading}
    written["name"] = {"zh": written.pop("zh", ""), "en": written.pop("en", "")}
    written.pop("indicator", None)
    return written | ({"rule": rule} if rule else {})


def check_scheme(scheme: ScoreScheme, problems: ProblemLog) -> None:
    """What is wrong with a scoring scheme itself: ids, points, sections, grades, events."""
    spec, label = scheme.spec, scheme.path.name
    ids = [indicator.id for indicator in spec.indicator]
    if not ids and not spec.indicators:
        problems.add(
            "scheme-indicator",
            label,
            "the scheme has no indicator",
            "add [[indicator]], or indicators = CSV",
        )
    check_unique_ids(ids, label, problems)
    if TOTAL in ids:
        what = f"an indicator is called {TOTAL!r}, which is the sum"
        problems.add("duplicate-id", f"{label} {TOTAL}", what, "give it another id")
    for indicator in spec.indicator:
        _check_indicator(indicator, spec, f"{label} {indicator.id}", problems)
    _check_points(spec, spec.indicator, label, problems)
    _check_names(spec, spec.indicator, label, problems)
    check_grades(spec.grade, f"{label} grade", problems)
    if spec.grade and spec.grade[-1].from_ is not None:
        what = f"scores below {spec.grade[-1].from_:g} have no grade"
        problems.add(
            "grade-cutoffs",
            f"{label} grade",
            what,
            "leave out from of the lowest grade",
        )


def _check_indicator(
    one: ScoredIndicator, text: ScoreSpec, where: Where, problems: ProblemLog
) -> None:
    check_unit(one.unit, where, problems)
    if one.points is not None and one.rule is None:
        problems.add(
            "scheme-rule",
            where,
            "points without a rule",
            'add rule = { kind = "attain" } or another kind',
        )
    if one.source:
        check_source(one.source, text.sources, where, problems)
    if one.rule is not None and one.rule.kind == "interpolate" and one.points is not None:
        most = max(one.rule.values)
        if most > one.points or min(one.rule.values) < 0:
            what = f"its values reach {most:g}, its points are {one.points:g}"
            problems.add("scheme-rule", where, what, "values lie between 0 and the points")


def _check_points(
    text: ScoreSpec, indicators: tuple[ScoredIndicator, ...], label: str, problems: ProblemLog
) -> None:
    whole = [one.points for one in indicators]
    sums = [("total", text.total, whole)]
    for part in text.section:
        sums.append(
            (part.id, part.points, [one.points for one in indicators if one.section == part.id])
        )
    if text.section and all(one.section for one in indicators):
        sums.append(("total", text.total, [part.points for part in text.section]))
    for name, declared, points in sums:
        known = [one for one in points if one is not None]
        if declared is not None and len(known) == len(points) and abs(sum(known) - declared) > 1e-9:
            what = f"the points sum to {sum(known):g}, {name} says {declared:g}"
            problems.add("weights-sum", f"{label} {name}", what, "correct the points or the sum")


def _check_names(
    text: ScoreSpec, indicators: tuple[ScoredIndicator, ...], label: str, problems: ProblemLog
) -> None:
    """Sections, grades and properties that are named exist."""
    sections, grades = {one.id for one in text.section}, [one.name.zh for one in text.grade]
    for one in indicators:
        if one.section and one.section not in sections:
            what = f"section {one.section!r} is not described"
            problems.add(
                "scheme-section",
                f"{label} {one.id}",
                what,
                f"sections are: {', '.join(sections) or 'none'}",
            )
    named = [(f"event {one.id}", one.grade) for one in text.event if one.grade]
    named += [("veto", text.veto.grade)] if text.veto else []
    for where, grade in named:
        if grade not in grades:
            what = f"grade {grade!r} is none of the scheme"
            problems.add(
                "grade-unknown",
                f"{label} {where}",
                what,
                f"grades are: {', '.join(grades) or 'none'}",
            )
    if any(one.effect == "fail" for one in text.event) and not grades:
        problems.add(
            "grade-unknown",
            label,
            "an event fails a region, and the scheme has no grades",
            "add [[grade]]",
        )
    check_unique_ids([event.id for event in text.event], f"{label} event", problems)
    check_unique_ids([part.id for part in text.section], f"{label} section", problems)
    if text.veto and all(one.property != text.veto.property for one in indicators):
        what = f"veto on property {text.veto.property!r}, which no indicator has"
        problems.add("scheme-rule", f"{label} veto", what, "name a property of the indicators")
