"""A scoring scheme applied to one year (年度评分): readings, targets, points, scores and grades.

The module decides which rule of ``gep.assessment.rules`` gives the points of an indicator, adds
events and the veto, and does the same at the draws of an uncertain account. Ranks and tables are
made in ``tables``.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.ranking import alone_in_group
from gep.assessment import rules
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import GROWTHS, ReadingValues
from gep.assessment.scheme import grade_of
from gep.assessment.scoring.scheme import (
    FULL_INDEX,
    TOTAL,
    Rule,
    ScoredIndicator,
    ScoreSpec,
    Veto,
)
from gep.assessment.targets import (
    MISSED,
    PROPERTIES,
    Attainment,
    attainment,
    properties_of,
)
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label, Language, Listed, Text, text

# Decimals to which points are exact: scores that are equal on paper must be equal, whatever binary
# fractions leave over.
DECIMALS = 10
YEARLY = 'form = "yearly_growth"'  # what a scheme writes for a growth a year
_TARGET_COLUMNS = [
    "base_year",
    "base",
    "year",
    "target",
    "comparator",
    "form",
    "unit",
    "property",
    "file",
    "row",
    "source",
    "document",
]


@dataclass(frozen=True)
class GradeDecision:
    """The grade of a region, and why it is not that of its score.

    Attributes
    ----------
    grade : Title or None
        None if there is no score, or the scheme has no grades.
    reasons : tuple of Text
        Events and veto that lead to the grade; empty if the score does.
    """

    grade: Title | None = None
    reasons: tuple[Text, ...] = ()

    def name(self, language: Language) -> str:
        """Return the name of the grade; blank if there is none."""
        return "" if self.grade is None else self.grade.say(language)


class _GradeCap(NamedTuple):
    """The best grade that an event or the veto leaves, as its position, and the reason."""

    position: int
    reason: Text


@dataclass(frozen=True)
class ScoredYear:
    """A scheme applied to one year.

    Attributes
    ----------
    spec : ScoreSpec
    indicators : tuple of ScoredIndicator
    context : AssessmentContext
    year : int
    """

    spec: ScoreSpec
    indicators: tuple[ScoredIndicator, ...]
    context: AssessmentContext
    year: int

    @cached_property
    def readings(self) -> list[ReadingValues]:
        """The readings, one for each indicator."""
        readings = []
        for indicator in self.indicators:
            readings.append(self.context.read(indicator.reading, indicator.unit, self.year))
        return readings

    @cached_property
    def targets(self) -> list[pd.DataFrame]:
        """The target rows that hold, by region, one table for each indicator."""
        regions = list(self.context.regions)
        tables = []
        for indicator in self.indicators:
            if self.context.targets is None:
                tables.append(pd.DataFrame(index=regions, columns=_TARGET_COLUMNS))
            else:
                rows = self.context.targets.current(indicator.id, self.year)
                tables.append(rows.reindex(regions))
        return tables

    @cached_property
    def attainments(self) -> list[Attainment]:
        """How far the readings have come, one for each indicator."""
        attainments = []
        for indicator, reading, rows in zip(
            self.indicators, self.readings, self.targets, strict=True
        ):
            attainments.append(
                attainment(rows, reading.value, indicator.unit, indicator.direction, self.year)
            )
        return attainments

    @cached_property
    def points(self) -> np.ndarray:
        """Points (indicator, region); NaN without a reading, or if no text gives points."""
        points = []
        for indicator, reading, reached in zip(
            self.indicators, self.readings, self.attainments, strict=True
        ):
            given = self.points_of(indicator, reading.value, reached)
            points.append(self._decided(indicator.id, given))
        shape = (len(self.indicators), len(self.context.regions))
        return np.round(np.array(points).reshape(shape), DECIMALS)

    def points_of(
        self, indicator: ScoredIndicator, reading: np.ndarray, reached: Attainment
    ) -> np.ndarray:
        """Give points to readings by an indicator's rule.

        Parameters
        ----------
        indicator : ScoredIndicator
        reading : ndarray of float
            Dimensions (..., region), in the unit of the indicator; NaN if missing.
        reached : Attainment
            The targets of the indicator, by region.

        Returns
        -------
        ndarray of float
            Dimensions of ``reading``; NaN without a reading, without a target where the rule needs
            one, and everywhere if the indicator has no points or no rule.
        """
        rule = indicator.rule
        points = indicator.points
        if points is None or rule is None:
            return np.full(reading.shape, np.nan)
        guarded = guard_readings(indicator, reading)
        if rule.needs_target:  # without a target nobody meets or misses anything
            guarded = np.where(np.isnan(reached.target), np.nan, guarded)
        group = self.context.group
        if rule.kind == "attain":
            met = rules.meets(guarded, reached.target, reached.comparator)
            return rules.attain(guarded, met, points)
        if rule.kind == "deduct":
            return rules.deduct(
                guarded,
                reached.target,
                reached.comparator,
                points=points,
                rate=rule.rate or 0.0,
                per=rule.per,
            )
        if rule.kind == "interpolate":
            return rules.interpolate(guarded, rule.at, rule.values)
        if rule.kind == "rank":
            step = rule.step or 0.0
            return rules.by_rank(guarded, group, indicator.direction, points=points, step=step)
        if rule.kind == "reading":
            return np.asarray(np.clip(guarded, 0.0, points))
        limits = efficacy_limits(rule, guarded, group)
        return efficacy_points(rule, guarded, limits, direction=indicator.direction, points=points)

    @cached_property
    def maximum(self) -> np.ndarray:
        """The points that each indicator can have; NaN where no text gives them."""
        points = []
        for indicator in self.indicators:
            points.append(np.nan if indicator.points is None else indicator.points)
        return np.array(points, dtype=float)

    @property
    def has_all_points(self) -> bool:
        """Whether the points of all indicators are known, so that there is a score."""
        return bool(np.isfinite(self.maximum).all())

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events that bear on the year, of those that the scheme knows."""
        if self.context.events is None:
            return pd.DataFrame(columns=["region", "event", "times"])
        rows = self.context.events.of(self.year)
        known = [rule.id for rule in self.spec.event]
        return rows[rows["event"].isin(known).to_numpy()]

    @cached_property
    def event_effects(self) -> np.ndarray:
        """Points that each event adds, negative where it deducts; at most those of its rule."""
        rules_of_events = {rule.id: rule for rule in self.spec.event}
        given: dict[tuple[str, str], float] = {}
        effects = []
        for row in self.events.itertuples():
            rule = rules_of_events[str(row.event)]
            if rule.effect not in ("deduct", "bonus"):
                effects.append(0.0)
                continue
            key = (str(row.region), rule.id)
            given_before = given.get(key, 0.0)
            most = np.inf if rule.most is None else rule.most
            points = min(float(row.times) * rule.points, most - given_before)
            given[key] = given_before + points
            effects.append(points if rule.effect == "bonus" else -points)
        return np.array(effects, dtype=float)

    @cached_property
    def event_points(self) -> np.ndarray:
        """Points that events add, by region; negative where they deduct."""
        event_points = np.zeros(len(self.context.regions))
        for position, region in enumerate(self.context.regions):
            is_of_region = (self.events["region"] == region).to_numpy()
            event_points[position] = self.event_effects[is_of_region].sum()
        return event_points

    @cached_property
    def drawn_shares(self) -> np.ndarray:
        """The share of each reading that is drawn (indicator, region); 0 without a reading."""
        shares = []
        for indicator, reading in zip(self.indicators, self.readings, strict=True):
            of_account = self.context.drawn_shares(indicator.reading, self.year)
            shares.append(np.where(np.isnan(reading.value), 0.0, of_account))
        shape = (len(self.indicators), len(self.context.regions))
        return np.array(shares, dtype=float).reshape(shape)

    @cached_property
    def drawn_share(self) -> np.ndarray:
        """The share of full marks, by region, whose readings are drawn."""
        weights = self.maximum[:, None]
        return np.asarray((self.drawn_shares * weights).sum(axis=0) / self.maximum.sum())

    def growth_span(self, indicator: ScoredIndicator) -> int:
        """Return over how many years the reading of an indicator is a growth; 0 if it is none."""
        reading = indicator.reading
        return self.context.growth_span(reading, self.year) if reading.form in GROWTHS else 0

    def keeps_weight(self, indicator: ScoredIndicator) -> bool:
        """Return whether an indicator keeps its weight where its reading is missing."""
        return (indicator.missing or self.spec.missing) == "floor"

    def fill_missing(self, points: np.ndarray) -> np.ndarray:
        """Fill the points of missing readings with the scheme's floor.

        Parameters
        ----------
        points : ndarray of float
            Dimensions (..., indicator, region); NaN where a reading is missing.

        Returns
        -------
        ndarray of float
            NaN remains for indicators whose weight is spread over the others.
        """
        keeps = np.array([self.keeps_weight(indicator) for indicator in self.indicators])
        is_filled = np.isnan(points) & keeps[:, None]
        return np.where(is_filled, self.spec.floor * self.maximum[:, None], points)

    def scores_of(self, points: np.ndarray) -> np.ndarray:
        """Sum points to scores, those of events included.

        Parameters
        ----------
        points : ndarray of float
            Dimensions (..., indicator, region); NaN where a reading is missing.

        Returns
        -------
        ndarray of float
            Dimensions (..., region); from 0 to all points and what events add to them.
        """
        filled = self.fill_missing(points)
        score = rules.totals(filled, self.maximum, "spread", 0.0) + self.event_points
        added = np.maximum(self.event_points, 0.0)
        most = np.nansum(self.maximum) + added
        score = np.clip(score, 0.0, most)
        return np.asarray(np.round(score, DECIMALS))

    @cached_property
    def indicator_scores(self) -> np.ndarray:
        """The sums of the points of indicators by region, before events and limits."""
        return rules.totals(self.fill_missing(self.points), self.maximum, "spread", 0.0)

    @cached_property
    def scores(self) -> np.ndarray:
        """Scores by region; NaN where nothing was read, or if not all points are known."""
        if not self.has_all_points:
            return np.full(len(self.context.regions), np.nan)
        scores = np.where(self.is_read, self.scores_of(self.points), np.nan)
        return self._decided(TOTAL, scores)

    def _decided(self, item: str, points: np.ndarray) -> np.ndarray:
        """Put the points that a review decided in the place of those computed."""
        decided = self.context.decided
        return decided.with_points(item, self.year, self.context.regions, points)

    @cached_property
    def is_ranked_alone(self) -> np.ndarray:
        """Whether each region has a score, but no other of its group."""
        return alone_in_group(self.scores, self.context.group)

    def is_compared_alone(self, position: int) -> np.ndarray:
        """Return where points follow from a comparison inside the group, with nobody to compare.

        Parameters
        ----------
        position : int
            Position of the indicator.

        Returns
        -------
        ndarray of bool
            By region.
        """
        is_alone = alone_in_group(self.readings[position].value, self.context.group)
        return is_alone & is_compared(self.indicators[position].rule)

    @cached_property
    def is_read(self) -> np.ndarray:
        """Whether each region has any reading."""
        values = [reading.value for reading in self.readings]
        is_missing = np.isnan(values)
        return np.asarray(~is_missing.all(axis=0))

    @cached_property
    def properties(self) -> list[np.ndarray]:
        """The property of each indicator by region: that of the target, else of the scheme."""
        properties = []
        for indicator, rows in zip(self.indicators, self.targets, strict=True):
            properties.append(properties_of(rows, indicator.property))
        return properties

    def missed_targets(self, position: int, property_: str = "") -> list[ScoredIndicator]:
        """Return the indicators whose targets a region misses.

        Parameters
        ----------
        position : int
            Position of the region.
        property_ : str, optional
            The property of the targets; all of them if blank.

        Returns
        -------
        list of ScoredIndicator
        """
        missed = []
        for indicator, reached, properties in zip(
            self.indicators, self.attainments, self.properties, strict=True
        ):
            is_of_property = property_ in ("", properties[position])
            if is_of_property and reached.status[position] == MISSED:
                missed.append(indicator)
        return missed

    @cached_property
    def grades(self) -> list[GradeDecision]:
        """The grade of each region; none where there is no score."""
        names = [grade.name.zh for grade in self.spec.grade]
        decisions = []
        for position, score in enumerate(self.scores):
            if not names or np.isnan(score):
                decisions.append(GradeDecision())
                continue
            grade = names.index(grade_of(float(score), self.spec.grade))
            reasons: list[Text] = []
            for cap in self._grade_caps(position, names):
                if cap.position > grade:
                    grade = cap.position
                    reasons = [cap.reason]
                elif cap.position == grade and reasons:
                    reasons.append(cap.reason)
            decisions.append(GradeDecision(self.spec.grade[grade].name, tuple(reasons)))
        return decisions

    def _grade_caps(self, position: int, names: list[str]) -> list[_GradeCap]:
        """Return the best grades that the events and the missed targets of a region leave."""
        caps = []
        region = self.context.regions[position]
        for rule in self.spec.event:
            if rule.effect not in ("cap", "fail"):
                continue
            best = len(names) - 1 if rule.effect == "fail" else names.index(rule.grade)
            for reason in self._event_reasons.get((region, rule.id), ()):
                caps.append(_GradeCap(best, reason))
        veto = self.spec.veto
        if veto is not None:
            missed = self.missed_targets(position, veto.property)
            if len(missed) >= veto.missed:
                caps.append(_GradeCap(names.index(veto.grade), _veto_reason(veto, missed)))
        return caps

    @cached_property
    def _event_reasons(self) -> dict[tuple[str, str], list[Text]]:
        """The events of the year as reasons for a grade, by region and event."""
        names = {rule.id: rule.name for rule in self.spec.event}
        reasons: dict[tuple[str, str], list[Text]] = {}
        for row in self.events.itertuples():
            event = str(row.event)
            if event in names:
                reason = text(
                    "scoring.reason.event",
                    event=names[event],
                    document=str(row.document),
                    date=str(row.date),
                )
                reasons.setdefault((str(row.region), event), []).append(reason)
        return reasons


def is_compared(rule: Rule | None) -> bool:
    """Return whether a rule gives points by comparison with the other regions of the group."""
    if rule is None:
        return False
    has_limits = rule.low is not None and rule.high is not None
    return rule.kind == "rank" or (rule.kind == "efficacy" and not has_limits)


def property_title(word: str) -> Text | str:
    """Return the title of a property; the word itself where it is one of the scheme's."""
    return text(f"scoring.property.{word}") if word in PROPERTIES else word


def _veto_reason(veto: Veto, missed: list[ScoredIndicator]) -> Text:
    """Return the veto as the reason of a grade, with the targets that are missed."""
    labels = tuple(Label(indicator.id, indicator.name) for indicator in missed)
    return text(
        "scoring.reason.veto",
        count=len(missed),
        property=property_title(veto.property),
        indicators=Listed(labels, len(labels)),
    )


def guard_readings(indicator: ScoredIndicator, reading: np.ndarray) -> np.ndarray:
    """Take readings beyond the guards of an indicator at the guards."""
    if indicator.least is None and indicator.most is None:
        return reading
    return np.asarray(np.clip(reading, indicator.least, indicator.most))


class EfficacyLimits(NamedTuple):
    """The limits of the efficacy function, with the dimensions of the readings."""

    low: np.ndarray
    high: np.ndarray


def efficacy_points(
    rule: Rule, reading: np.ndarray, limits: EfficacyLimits, *, direction: str, points: float
) -> np.ndarray:
    """Give points by the efficacy coefficient method (功效系数法).

    The worse limit has 60 of 100, unless the rule states another floor, and the better limit 100;
    see ``gep.assessment.rules.efficacy``.

    Parameters
    ----------
    rule : Rule
        Of kind ``efficacy``.
    reading : ndarray of float
        Dimensions (..., region); NaN if missing.
    limits : EfficacyLimits
    direction : {'+', '-'}
        Whether more or less is better.
    points : float
        Points for 100 of 100.

    Returns
    -------
    ndarray of float
        Dimensions of ``reading``; NaN if missing.
    """
    index = rules.efficacy(reading, limits.low, limits.high, direction, floor=rule.floor)
    return np.asarray(index * points / FULL_INDEX)


def efficacy_limits(rule: Rule, reading: np.ndarray, group: np.ndarray) -> EfficacyLimits:
    """Return the limits of an efficacy rule: its own, else the least and the greatest of the group.

    Parameters
    ----------
    rule : Rule
    reading : ndarray of float
        Dimensions (..., region), guarded (see ``guard_readings``); NaN if missing.
    group : ndarray of str
        By region.

    Returns
    -------
    EfficacyLimits
        NaN for groups without any reading.
    """
    low = np.full(reading.shape, np.nan if rule.low is None else rule.low)
    high = np.full(reading.shape, np.nan if rule.high is None else rule.high)
    for name in dict.fromkeys(group.tolist()):
        members = group == name
        values = reading[..., members]
        if np.isnan(values).all():
            continue
        if rule.low is None:
            low[..., members] = np.nanmin(values, axis=-1, keepdims=True)
        if rule.high is None:
            high[..., members] = np.nanmax(values, axis=-1, keepdims=True)
    return EfficacyLimits(low, high)


def sampled_points(year: ScoredYear) -> np.ndarray | None:
    """Give points at the draws of an uncertain account.

    Readings that are not drawn (data rows, normal climate) are the same in every draw.

    Parameters
    ----------
    year : ScoredYear

    Returns
    -------
    ndarray of float or None
        Dimensions (draw, indicator, region); None if no reading of the scheme is drawn.
    """
    samples = []
    for indicator in year.indicators:
        samples.append(year.context.read_draws(indicator.reading, indicator.unit, year.year))
    count = max((len(sample) for sample in samples if sample is not None), default=0)
    if not count:
        return None
    points = []
    for indicator, sample, reading, reached in zip(
        year.indicators, samples, year.readings, year.attainments, strict=True
    ):
        values = sample
        if values is None:
            values = np.broadcast_to(reading.value, (count, len(reading.value)))
        points.append(year.points_of(indicator, values, reached))
    return np.stack(points, axis=1)


def scored_context(
    indicators: tuple[ScoredIndicator, ...], context: AssessmentContext
) -> AssessmentContext:
    """Limit a context to the regions and years that have a reading or a target of indicators."""
    readings = [indicator.reading for indicator in indicators]
    ids = [indicator.id for indicator in indicators]
    with_target: list[str] = []
    if context.targets is not None:
        rows = context.targets.rows
        is_aimed_at = rows["indicator"].isin(ids)
        with_target = [str(code) for code in rows.loc[is_aimed_at, "region"]]
    return context.limited_to(readings, with_target)
