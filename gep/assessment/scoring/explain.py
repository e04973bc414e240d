"""How a score came about (得分依据), in words: rule, reading and target, down to the rows of files.

The module words what ``year_scores`` computed, and the lines that are printed with every table of
a scoring scheme.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gep.assessment.readings import reading_place
from gep.assessment.scoring.scheme import FULL_INDEX, TOTAL, Rule, ScoredIndicator
from gep.assessment.scoring.year_scores import ScoredYear, efficacy_limits, guard_readings
from gep.errors import Place
from gep.inputs.value_rows import GRADES, grade_words
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_DIRECTIONS = {"+": "scoring.direction.more", "-": "scoring.direction.less"}
_PROPERTIES = ("binding", "expected", "reference")  # those that have a title


def score_caption(
    indicators: Sequence[ScoredIndicator], *, has_all_points: bool
) -> tuple[Text, ...]:
    """Return what is printed with every table: how the indicators are known, why there is no score.

    Parameters
    ----------
    indicators : sequence of ScoredIndicator
    has_all_points : bool
        Whether the points of all indicators are known.

    Returns
    -------
    tuple of Text
    """
    counts = Counter(indicator.grade for indicator in indicators)
    grades = []
    for grade, count in counts.items():
        grades.append(text("scoring.caption.grade-count", grade=grade_words(grade), count=count))
    lines = [text("scoring.caption.grades", grades=Listed(tuple(grades), len(grades)))]
    if not has_all_points:
        lines.append(text("scoring.caption.points-unknown"))
    return tuple(lines)


def explain_score(year: ScoredYear, region: str, item: str, language: Language) -> list[str]:
    """Explain the points of an indicator, or the score.

    Parameters
    ----------
    year : ScoredYear
    region : str
        Code of an assessed region.
    item : str
        Id of an indicator, or ``total``.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
    """
    position = year.context.regions.index(region)
    if item == TOTAL:
        return _total_lines(year, position, language)
    ids = [indicator.id for indicator in year.indicators]
    return _indicator_lines(_IndicatorResult(year, ids.index(item), position), language)


def _total_lines(year: ScoredYear, position: int, language: Language) -> list[str]:
    """Word the score of a region: points, events, sum, grade."""
    lines = []
    points = year.fill_missing(year.points)[:, position]
    for indicator, indicator_points in zip(year.indicators, points, strict=True):
        line = say(
            language,
            "scoring.explain.part",
            indicator=Label(indicator.id, indicator.name),
            points=_number(indicator_points),
            maximum=_maximum(indicator),
        )
        lines.append(line)
    event_names = {rule.id: rule.name for rule in year.spec.event}
    is_of_region = year.events["region"] == year.context.regions[position]
    for row in year.events[is_of_region.to_numpy()].itertuples():
        line = say(
            language,
            "scoring.explain.event",
            event=Label(str(row.event), event_names.get(str(row.event))),
            date=str(row.date),
            document=str(row.document),
            place=Place(str(row.file), (int(str(row.row)),)),
        )
        lines.append(line)
    event_points = year.event_points[position]
    if event_points:
        lines.append(say(language, "scoring.explain.event-points", points=event_points))
    score = _number(year.scores[position])
    maximum = _number(float(year.maximum.sum()))
    lines.append(say(language, "scoring.explain.score", score=score, maximum=maximum))
    decision = year.grades[position]
    grade = decision.name(language)
    if grade:
        key = "scoring.explain.grade-capped" if decision.reasons else "scoring.explain.grade"
        reasons = Listed(decision.reasons, len(decision.reasons))
        lines.append(say(language, key, grade=grade, reasons=reasons))
    return lines


class _IndicatorResult(NamedTuple):
    """An indicator in a region, by positions."""

    year: ScoredYear
    position: int
    region_position: int

    @property
    def indicator(self) -> ScoredIndicator:
        return self.year.indicators[self.position]

    @property
    def reading(self) -> str:
        """The reading, as it is shown."""
        return _number(self.year.readings[self.position].value[self.region_position])

    @property
    def target(self) -> str:
        """The target, as it is shown."""
        return _number(self.year.attainments[self.position].target[self.region_position])


def _indicator_lines(result: _IndicatorResult, language: Language) -> list[str]:
    """Word the points of an indicator in a region: reading, target, rule, points."""
    indicator = result.indicator
    year = result.year
    lines = [_heading_line(result, language), _reading_line(result, language)]
    if np.isfinite(year.attainments[result.position].target[result.region_position]):
        lines.append(_target_line(result, language))
    rule = indicator.rule
    if rule is None:
        lines.append(say(language, "scoring.explain.no-rule"))
    else:
        kind = Label(rule.kind, text(f"scoring.rule-title.{rule.kind}"))
        words = _rule_words(result, rule, language)
        lines.append(say(language, "scoring.explain.rule", kind=kind, rule=words))
    if rule is not None and rule.kind == "efficacy":
        reading = guard_readings(indicator, year.readings[result.position].value)
        limits = efficacy_limits(rule, reading, year.context.group)
        low = _number(limits.low[result.region_position])
        high = _number(limits.high[result.region_position])
        lines.append(say(language, "scoring.explain.limits", low=low, high=high))
    points = year.fill_missing(year.points)[result.position, result.region_position]
    line = say(
        language,
        "scoring.explain.points",
        points=_number(points),
        maximum=_maximum(indicator),
    )
    lines.append(line)
    return lines


def _heading_line(result: _IndicatorResult, language: Language) -> str:
    """Word which indicator it is, and where it is from."""
    indicator = result.indicator
    property_title: Text | str = indicator.property
    if indicator.property in _PROPERTIES:
        property_title = text(f"scoring.property.{indicator.property}")
    heading = text(
        "scoring.explain.indicator",
        indicator=Label(indicator.id, indicator.name),
        property=property_title,
        direction=text(_DIRECTIONS[indicator.direction]),
        grade=grade_words(indicator.grade),
    )
    source = result.year.spec.sources.get(indicator.source)
    if source is None:
        return heading.say(language)
    return say(
        language,
        "scoring.explain.with-source",
        heading=heading,
        source=source.title,
        locator=indicator.locator,
    ).rstrip()


def _reading_line(result: _IndicatorResult, language: Language) -> str:
    """Word the reading, and where it was read."""
    indicator = result.indicator
    values = result.year.readings[result.position]
    return say(
        language,
        "scoring.explain.reading",
        value=_amount(result.reading, indicator.unit),
        reading=str(indicator.reading),
        place=reading_place(values.where[result.region_position]) or "-",
        grade=grade_words(GRADES[values.grade[result.region_position]]),
    )


def _target_line(result: _IndicatorResult, language: Language) -> str:
    """Word the target, whether it is met, and the row that states it."""
    reached = result.year.attainments[result.position]
    row = result.year.targets[result.position].iloc[result.region_position]
    status = reached.status[result.region_position]
    return say(
        language,
        "scoring.explain.target",
        comparator=reached.comparator[result.region_position],
        target=_amount(result.target, result.indicator.unit),
        year=int(row["year"]),
        status=text(f"scoring.status.{status}"),
        place=Place(str(row["file"]), (int(row["row"]),)),
        source=str(row["source"]),
    )


def _rule_words(result: _IndicatorResult, rule: Rule, language: Language) -> str:
    """Word a rule with its numbers."""
    indicator = result.indicator
    points = _maximum(indicator)
    reading = result.reading
    if rule.kind == "deduct":
        return say(
            language,
            "scoring.rule.deduct",
            points=points,
            rate=rule.rate,
            per=rule.per,
            reading=reading,
            target=result.target,
        )
    if rule.kind == "interpolate":
        pairs = []
        for at, value in zip(rule.at, rule.values, strict=True):
            pairs.append(f"{at:g} -> {value:g}")
        return say(language, "scoring.rule.interpolate", pairs=Listed(tuple(pairs), len(pairs)))
    if rule.kind == "efficacy":
        is_more_better = indicator.direction == "+"
        key = "scoring.rule.efficacy-more" if is_more_better else "scoring.rule.efficacy-less"
        return say(
            language,
            key,
            points=points,
            floor=rule.floor,
            rest=FULL_INDEX - rule.floor,
            reading=reading,
        )
    return say(
        language,
        f"scoring.rule.{rule.kind}",
        points=points,
        reading=reading,
        target=result.target,
        step=rule.step,
    )


def _maximum(indicator: ScoredIndicator) -> str:
    """Return the points that an indicator can have, ``?`` where no text gives them."""
    return "?" if indicator.points is None else f"{indicator.points:g}"


def _amount(number: str, unit: str) -> str:
    """Return a number with its unit; alone if it has none."""
    return number if unit == "1" else f"{number} {unit}"


def _number(value: float) -> str:
    """Write a number with six figures, ``-`` if there is none."""
    return "-" if np.isnan(value) else f"{value:.6g}"
