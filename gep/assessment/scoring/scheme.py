"""What a scoring scheme states (评分方案): indicators with points and rules, events, veto, grades.

The module owns the models of the TOML, and reads the indicators from a CSV where the TOML names
one. Whether what they state fits together is checked in ``checks``.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from gep.assessment.readings import Reading
from gep.assessment.rules import EFFICACY_FLOOR
from gep.assessment.scheme import Grade, Scheme, SchemeSpec
from gep.assessment.targets import property_code
from gep.errors import ProblemLog
from gep.io.tables import Columns, Table, read_table
from gep.io.toml_documents import Frozen, TitleField, invalid_value, value_message
from gep.texts.catalogue import Text, text

TOTAL = "total"  # the row of the sum in scores.csv
FULL_INDEX = 100.0  # what the efficacy function gives at the better limit

_READING = ("account", "data", "scheme", "classes", "basis", "form")
_RULE = ("rate", "per", "at", "values", "low", "high", "floor", "step")
_RULE_LISTS = ("at", "values")  # their cells hold several numbers
_LIST_SEPARATOR = ";"
_INDICATORS = Columns(
    ("indicator", "zh", "en", "property", "direction", "unit", "source", "locator", "grade"),
    ("section", "points", *_READING, "rule", *_RULE, "missing", "least", "most", "note"),
)
Property = Annotated[str, Field(min_length=1), AfterValidator(property_code)]
_COLUMNS_OF_KEYS = {"id": "indicator", "kind": "rule", "reading": ""}


class Rule(Frozen):
    """How a reading becomes points.

    Attributes
    ----------
    kind : {'attain', 'deduct', 'interpolate', 'efficacy', 'rank', 'reading'}
        ``attain``: all points if the target is met, else none. ``deduct``: points are deducted in
        proportion to what the target is missed by. ``interpolate``: on straight lines between
        given readings. ``efficacy``: by the efficacy function (功效系数法). ``rank``: by the rank
        inside the group. ``reading``: the reading is the points.
    rate : float or None
        For ``deduct``: points for every ``per`` units that the target is missed by.
    per : float, default 1
    at, values : tuple of float
        For ``interpolate``: readings, ascending, and the points there.
    low, high : float or None
        For ``efficacy``: the limits, in the unit of the indicator; by default the least and the
        greatest reading of the group.
    floor : float, default 60
        For ``efficacy``: the result at the worse limit, of 100.
    step : float or None
        For ``rank``: points less for each following place.
    """

    kind: Literal["attain", "deduct", "interpolate", "efficacy", "rank", "reading"]
    rate: float | None = None
    per: float = Field(default=1.0, gt=0)
    at: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    floor: float = Field(default=EFFICACY_FLOOR, ge=0, le=FULL_INDEX)
    step: float | None = None

    @model_validator(mode="after")
    def _check_numbers(self) -> "Rule":
        if self.kind == "deduct" and (self.rate is None or self.rate < 0):
            raise invalid_value("scoring.deduct-rate", rate=_shown(self.rate))
        if self.kind == "rank" and (self.step is None or self.step < 0):
            raise invalid_value("scoring.rank-step", step=_shown(self.step))
        if self.kind == "interpolate":
            is_ascending = all(left < right for left, right in pairwise(self.at))
            has_both = 2 <= len(self.at) == len(self.values)
            if not has_both or not is_ascending:
                raise invalid_value(
                    "scoring.interpolation-points",
                    at=_listed(self.at),
                    values=_listed(self.values),
                )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise invalid_value("scoring.limits-order", low=f"{self.low:g}", high=f"{self.high:g}")
        return self

    @property
    def needs_target(self) -> bool:
        """Whether points follow from a target."""
        return self.kind in ("attain", "deduct")


class ScoredIndicator(Frozen):
    """An indicator of a scoring scheme.

    Attributes
    ----------
    id, name, section : str, Title, str
    property : str
        ``binding`` (约束性), ``expected`` (预期性), ``reference`` (参考性), or a word of the
        scheme. That of a target row goes before it.
    direction : {'+', '-'}
        Whether more or less is better.
    unit : str
    points : float or None
        None if no text gives them; the scheme then has no score.
    reading : Reading
    rule : Rule or None
    missing : {'', 'floor', 'spread'}
        As in ``ScoreSpec``, whose rule holds where this is blank.
    least, most : float or None
        Readings beyond them are taken at them, a guard against base effects; in ``unit``.
    source, locator, note : str
    grade : str
        How well the indicator is known.
    """

    id: str = Field(min_length=1)
    name: TitleField
    section: str = ""
    property: Property
    direction: Literal["+", "-"]
    unit: str
    points: float | None = Field(default=None, ge=0)
    reading: Reading
    rule: Rule | None = None
    missing: Literal["", "floor", "spread"] = ""
    least: float | None = None
    most: float | None = None
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"]
    note: str = ""

    @model_validator(mode="after")
    def _check_guards(self) -> "ScoredIndicator":
        if self.least is not None and self.most is not None and self.least >= self.most:
            raise invalid_value(
                "scoring.guards-order", least=f"{self.least:g}", most=f"{self.most:g}"
            )
        return self


class Section(Frozen):
    """A part of a scheme whose indicators' points sum to the points declared."""

    id: str
    name: TitleField
    points: float | None = None


class EventRule(Frozen):
    """What an event does to a score or a grade.

    Attributes
    ----------
    id, name : str, Title
    effect : {'deduct', 'bonus', 'cap', 'fail'}
        Deduct or add points, cap the grade, or give the worst grade.
    points : float
        For ``deduct`` and ``bonus``: for each time that it happens.
    most : float or None
        The most points for all such events together; None if there is no limit.
    grade : str
        For ``cap``: the best grade that is left, by its Chinese name.
    """

    id: str = Field(min_length=1)
    name: TitleField
    effect: Literal["deduct", "bonus", "cap", "fail"]
    points: float = Field(default=0.0, ge=0)
    most: float | None = None
    grade: str = ""

    @model_validator(mode="after")
    def _check_effect(self) -> "EventRule":
        if self.effect == "cap" and not self.grade:
            raise invalid_value("scoring.cap-without-grade")
        if self.effect in ("deduct", "bonus") and not self.points:
            raise invalid_value("scoring.event-without-points", effect=self.effect)
        return self


class Veto(Frozen):
    """One-vote veto (一票否决): missing so many targets of a property caps the grade."""

    property: Property = "binding"
    missed: int = Field(default=1, ge=1)
    grade: str


class ScoreSpec(SchemeSpec):
    """The TOML of a scoring scheme.

    Attributes
    ----------
    total : float or None
        What all points sum to.
    missing : {'floor', 'spread'}
        Whether an indicator without reading keeps its weight, or has it spread over the others.
    floor : float, default 0
        The share of its points that an indicator without reading keeps, from 0 to 1.
    indicator : tuple of ScoredIndicator
    indicators : str
        A CSV beside the TOML that has the indicators instead.
    section : tuple of Section
    event : tuple of EventRule
    veto : Veto or None
    grade : tuple of Grade
        The best first.
    """

    total: float | None = None
    missing: Literal["floor", "spread"] = "floor"
    floor: float = Field(default=0.0, ge=0, le=1)
    indicator: tuple[ScoredIndicator, ...] = ()
    indicators: str = ""
    section: tuple[Section, ...] = ()
    event: tuple[EventRule, ...] = ()
    veto: Veto | None = None
    grade: tuple[Grade, ...] = ()


@dataclass(frozen=True, repr=False)
class ScoreScheme(Scheme):
    """A scoring scheme; ``spec.indicator`` has the indicators of the TOML, or of the CSV beside."""

    spec: ScoreSpec


def read_indicators(file: Path, problems: ProblemLog) -> tuple[ScoredIndicator, ...]:
    """Read the indicators from the CSV that a scheme names.

    Parameters
    ----------
    file : Path
    problems : ProblemLog
        Collects ``scheme-indicator`` (a cell or row that is wrong), and what is wrong with the
        table as such.

    Returns
    -------
    tuple of ScoredIndicator
        Without the rows that are wrong; empty if the table cannot be read.
    """
    table = read_table(file, _INDICATORS, problems)
    if table is None:
        return ()
    columns = (*_INDICATORS.required, *_INDICATORS.optional)
    cells = {name: table.column(name).tolist() for name in columns}
    indicators = []
    for position in range(len(table.frame)):
        row = {name: str(column[position]) for name, column in cells.items()}
        try:
            indicators.append(ScoredIndicator.model_validate(_nested_keys(row)))
        except ValidationError as error:
            _check_row(error, table, position, problems)
    return tuple(indicators)


def _check_row(error: ValidationError, table: Table, position: int, problems: ProblemLog) -> None:
    """Add the problems of a row that is no indicator."""
    for fault in error.errors():
        keys = [part for part in fault["loc"] if isinstance(part, str)]
        key = keys[-1] if keys else ""
        column = _COLUMNS_OF_KEYS.get(key, key)
        message, values = value_message(fault, column or key)
        place = table.place([position], column)
        problems.add("scheme-indicator", place, message, **values)


def _nested_keys(row: dict[str, str]) -> dict[str, Any]:
    """Return a row of the CSV with the keys of the TOML; a blank cell is a missing key."""
    filled = {column: cell for column, cell in row.items() if cell != ""}
    written: dict[str, Any] = {
        "name": {"zh": filled.pop("zh", ""), "en": filled.pop("en", "")},
        "reading": {key: filled.pop(key) for key in _READING if key in filled},
    }
    if "indicator" in filled:
        written["id"] = filled.pop("indicator")
    rule: dict[str, Any] = {}
    if "rule" in filled:
        rule["kind"] = filled.pop("rule")
    for key in _RULE:
        if key in filled:
            cell = filled.pop(key)
            rule[key] = cell.split(_LIST_SEPARATOR) if key in _RULE_LISTS else cell
    if rule:
        written["rule"] = rule
    return {**filled, **written}


def _shown(number: float | None) -> Text | str:
    """Return a number as messages show it."""
    return text("scoring.blank") if number is None else f"{number:g}"


def _listed(numbers: tuple[float, ...]) -> str:
    """Return numbers as they are written in a TOML."""
    words = ", ".join(f"{number:g}" for number in numbers)
    return f"[{words}]"
