"""How a score came about (得分依据), in words: rule, reading and target, down to the rows of files.

The module words what ``year_scores`` computed, and the lines that are printed with every table of
a scoring scheme.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gep.account.ranking import competition_ranks
from gep.assessment.readings import reading_place
from gep.assessment.scoring.scheme import FULL_INDEX, TOTAL, Rule, ScoredIndicator
from gep.assessment.scoring.year_scores import (
    YEARLY,
    ScoredYear,
    efficacy_limits,
    guard_readings,
    is_compared,
    property_title,
)
from gep.errors import Place
from gep.inputs.value_rows import GRADES, grade_words
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_PEERS = 40  # that are listed; a group of more is counted
_ROUNDING = 1e-9
_DIRECTIONS = {"+": "scoring.direction.more", "-": "scoring.direction.less"}


def score_caption(
    indicators: Sequence[ScoredIndicator], *, has_all_points: bool, is_drawn: bool = False
) -> tuple[Text, ...]:
    """Return what is printed with every table: how the indicators are known, why there is no score.

    Parameters
    ----------
    indicators : sequence of ScoredIndicator
    has_all_points : bool
        Whether the points of all indicators are known.
    is_drawn : bool, default False
        Whether accounts were drawn; scores of other schemes are the same in every draw.

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
    of_schemes = [each for each in indicators if each.reading.scheme]
    if is_drawn and of_schemes:
        names = tuple(Label(each.id, each.name) for each in of_schemes)
        schemes = tuple(dict.fromkeys(each.reading.scheme_id for each in of_schemes))
        values = {"names": Listed(names, len(names)), "schemes": Listed(schemes, len(schemes))}
        lines.append(text("scoring.caption.not-drawn", **values))
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
    """Word the score of a region: points, events, sum, place, missed targets, grade."""
    lines = [say(language, "scoring.explain.parts")]
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
    if np.isfinite(year.scores[position]):
        lines += _sum_lines(year, position, language)
    lines += _event_lines(year, position, language)
    event_points = year.event_points[position]
    if event_points:
        lines.append(say(language, "scoring.explain.event-points", points=event_points))
    score = year.scores[position]
    before_limits = year.indicator_scores[position] + event_points
    if np.isfinite(score) and abs(before_limits - score) > _ROUNDING:
        lines.append(say(language, "scoring.explain.limited", points=_number(before_limits)))
    maximum = _number(float(year.maximum.sum()))
    line = say(language, "scoring.explain.score", score=_number(score), maximum=maximum)
    lines.append(line)
    if np.isfinite(score):
        lines += _place_lines(year, year.scores, position, language)
    lines += _missed_lines(year, position, language)
    decision = year.grades[position]
    grade = decision.name(language)
    if grade:
        key = "scoring.explain.grade-capped" if decision.reasons else "scoring.explain.grade"
        reasons = Listed(decision.reasons, len(decision.reasons))
        lines.append(say(language, key, grade=grade, reasons=reasons))
    return lines


def _sum_lines(year: ScoredYear, position: int, language: Language) -> list[str]:
    """Word the sum of the points of indicators, and how full marks without reading are spread."""
    points = year.fill_missing(year.points)[:, position]
    is_counted = np.isfinite(points)
    read_maximum = float(year.maximum[is_counted].sum())
    maximum = float(year.maximum.sum())
    values = {"points": _number(points[is_counted].sum()), "maximum": _number(read_maximum)}
    if is_counted.all():
        return [say(language, "scoring.explain.sum", **values)]
    spread = _number(year.indicator_scores[position])
    return [
        say(language, "scoring.explain.spread", spread=spread, total=_number(maximum), **values)
    ]


def _event_lines(year: ScoredYear, position: int, language: Language) -> list[str]:
    """Word the events of a region that the scheme knows, with what each gives or takes."""
    event_rules = {rule.id: rule for rule in year.spec.event}
    is_of_region = (year.events["region"] == year.context.regions[position]).to_numpy()
    lines = []
    rows = year.events[is_of_region].itertuples()
    for row, points in zip(rows, year.event_effects[is_of_region], strict=True):
        rule = event_rules[str(row.event)]
        effect: Text = text(f"scoring.rule-title.{rule.effect}")
        if rule.effect in ("deduct", "bonus"):
            effect = text("scoring.explain.effect", points=f"{points:+g}", times=f"{row.times:g}")
        line = say(
            language,
            "scoring.explain.event",
            event=Label(rule.id, rule.name),
            date=str(row.date),
            document=str(row.document),
            place=Place(str(row.file), (int(str(row.row)),)),
            effect=effect,
        )
        lines.append(line)
    return lines


def _place_lines(
    year: ScoredYear, values: np.ndarray, position: int, language: Language, direction: str = "+"
) -> list[str]:
    """Word the place of a region in its group, and the places and numbers of its peers."""
    context = year.context
    ranks = competition_ranks(values, context.group, descending=direction == "+")
    is_peer = (context.group == context.group[position]) & np.isfinite(values)
    peers = np.flatnonzero(is_peer)
    group = str(context.group[position])
    label: Text | str = group or text("scoring.explain.no-group")
    if len(peers) == 1:
        return [say(language, "scoring.explain.alone", group=label)]
    order = peers[np.argsort(ranks[peers], kind="stable")]
    shown = []
    for peer in order:
        shown.append(
            text(
                "scoring.explain.peer",
                rank=int(ranks[peer]),
                region=context.label(context.regions[peer]),
                value=_number(values[peer]),
            )
        )
    place = {"rank": int(ranks[position]), "count": len(peers), "group": label}
    listed = Listed(tuple(shown), _PEERS)
    return [
        say(language, "scoring.explain.place", **place),
        say(language, "scoring.explain.peers", peers=listed),
    ]


def _missed_lines(year: ScoredYear, position: int, language: Language) -> list[str]:
    """Name the targets that a region misses, each with its property."""
    missed = []
    for indicator in year.missed_targets(position):
        property_ = year.properties[year.indicators.index(indicator)][position]
        label = Label(indicator.id, indicator.name)
        values = {"indicator": label, "property": property_title(property_)}
        missed.append(text("scoring.explain.missed-target", **values))
    if not missed:
        return []
    listed = Listed(tuple(missed), len(missed))
    return [say(language, "scoring.explain.missed", count=len(missed), targets=listed)]


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
    span = year.growth_span(indicator)
    if span > 1:
        key = f"scoring.explain.{indicator.reading.form}-years"
        lines.append(say(language, key, years=span, option=YEARLY))
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
    values = guard_readings(indicator, year.readings[result.position].value)
    if is_compared(rule) and np.isfinite(values[result.region_position]):
        lines += _place_lines(year, values, result.region_position, language, indicator.direction)
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
    property_ = result.year.properties[result.position][result.region_position]
    heading = text(
        "scoring.explain.indicator",
        indicator=Label(indicator.id, indicator.name),
        property=property_title(property_),
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
