"""A scoring scheme applied to one year (年度评分): readings, targets, points, events, scores, grades, ranks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gep.assessment import rules as scoring
from gep.assessment.context import AssessmentContext
from gep.assessment.events import Events
from gep.assessment.readings import ReadingValues
from gep.assessment.scheme import grade_of
from gep.assessment.scoring.scheme import Rule, ScoredIndicator, ScoreSpec
from gep.assessment.targets import MISSED, Attainment, attainment

DIGITS = (
    10  # to which points are exact: equal ones must be equal whatever binary fractions leave over
)


@dataclass(frozen=True)
class ScoredYear:
    """A scheme applied to one year; arrays run over indicators x regions."""

    spec: ScoreSpec
    indicators: tuple[ScoredIndicator, ...]
    ground: AssessmentContext
    year: int

    @cached_property
    def reads(self) -> list[ReadingValues]:
        """The readings, one an indicator."""
        return [self.ground.read(one.reading, one.unit, self.year) for one in self.indicators]

    @cached_property
    def due(self) -> list[pd.DataFrame]:
        """The target rows due, by region, one an indicator."""
        targets, regions = self.ground.targets, list(self.ground.regions)
        if targets is None:
            return [pd.DataFrame(index=regions, columns=_TARGET_FIELDS) for _ in self.indicators]
        return [targets.current(one.id, self.year).reindex(regions) for one in self.indicators]

    @cached_property
    def attained(self) -> list[Attainment]:
        """How far each reading has come."""
        return [
            attainment(due, read.value, one.unit, one.direction, self.year)
            for one, read, due in zip(self.indicators, self.reads, self.due, strict=True)
        ]

    @cached_property
    def points(self) -> np.ndarray:
        """Points by indicator and region; NaN where there is no reading (or no points are known)."""
        found = [
            self.points_of(one, read.value, done)
            for one, read, done in zip(self.indicators, self.reads, self.attained, strict=True)
        ]
        return np.round(
            np.array(found).reshape(len(self.indicators), len(self.ground.regions)), DIGITS
        )

    def points_of(self, one: ScoredIndicator, reading: np.ndarray, done: Attainment) -> np.ndarray:
        """The points of readings (... x region) by an indicator's rule."""
        if one.points is None or one.rule is None:
            return np.full(reading.shape, np.nan)
        x, rule, group = self._guarded(one, reading), one.rule, self.ground.group
        if rule.needs_target:  # without a target nobody meets or misses anything
            x = np.where(np.isnan(done.target), np.nan, x)
        if rule.kind == "attain":
            return scoring.attain(x, scoring.meets(x, done.target, done.comparator), one.points)
        if rule.kind == "deduct":
            return scoring.deduct(
                x, done.target, done.comparator, one.points, rule.rate or 0.0, rule.per
            )
        if rule.kind == "interpolate":
            return scoring.interpolate(x, rule.at, rule.values)
        if rule.kind == "rank":
            return scoring.by_rank(x, group, one.direction, one.points, rule.step or 0.0)
        if rule.kind == "reading":
            return np.asarray(np.clip(x, 0.0, one.points))
        low, high = _limits(rule, x, group)
        return scoring.efficacy(x, low, high, one.direction, rule.floor) * one.points / 100.0

    @cached_property
    def maximum(self) -> np.ndarray:
        """The points of each indicator, NaN where no text gives them."""
        return np.array(
            [np.nan if one.points is None else one.points for one in self.indicators], dtype=float
        )

    @property
    def complete(self) -> bool:
        """Whether all points are known, so that there is a score."""
        return bool(np.isfinite(self.maximum).all())

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events that bear on the year."""
        found: Events | None = self.ground.events
        return (
            pd.DataFrame(columns=["region", "event", "times"])
            if found is None
            else found.of(self.year)
        )

    @cached_property
    def event_points(self) -> np.ndarray:
        """Points on or off by region."""
        found = np.zeros(len(self.ground.regions))
        for rule in self.spec.event:
            if rule.effect in ("deduct", "bonus"):
                mine = self.events[(self.events["event"] == rule.id).to_numpy()]
                times = (
                    mine.groupby("region")["times"]
                    .sum()
                    .reindex(list(self.ground.regions))
                    .fillna(0.0)
                )
                each = np.minimum(
                    times.to_numpy(dtype=float) * rule.points,
                    np.inf if rule.most is None else rule.most,
                )
                found += each if rule.effect == "bonus" else -each
        return found

    def keeps(self, one: ScoredIndicator) -> bool:
        """Whether an indicator without reading keeps its weight."""
        return (one.missing or self.spec.missing) == "floor"

    def filled(self, points: np.ndarray) -> np.ndarray:
        """Points with those that are kept where a reading lacks."""
        keep = np.array([self.keeps(one) for one in self.indicators])
        return np.where(
            np.isnan(points) & keep[:, None], self.spec.floor * self.maximum[:, None], points
        )

    def scores_of(self, points: np.ndarray) -> np.ndarray:
        """Scores (... x region) of points (... x indicator x region), events taken in; never below 0."""
        score = scoring.totals(self.filled(points), self.maximum, "spread", 0.0) + self.event_points
        most = np.nansum(self.maximum) + np.maximum(self.event_points, 0.0)
        return np.asarray(np.round(np.clip(score, 0.0, most), DIGITS))

    @cached_property
    def score(self) -> np.ndarray:
        """The score of each region; NaN where not all points are known or nothing was read."""
        whole = (
            self.scores_of(self.points)
            if self.complete
            else np.full(len(self.ground.regions), np.nan)
        )
        return np.where(self.read, whole, np.nan)

    @cached_property
    def read(self) -> np.ndarray:
        """Which regions have any reading."""
        return np.asarray(~np.isnan([one.value for one in self.reads]).all(axis=0))

    @cached_property
    def missed(self) -> np.ndarray:
        """How many targets of the veto's property each region misses."""
        wanted = self.spec.veto.property if self.spec.veto else ""
        rows = [
            done.status == MISSED
            for one, done in zip(self.indicators, self.attained, strict=True)
            if one.property == wanted
        ]
        return np.sum(rows, axis=0) if rows else np.zeros(len(self.ground.regions), dtype=int)

    @cached_property
    def grades(self) -> list[tuple[str, str]]:
        """The grade of each region and why it is not that of its score."""
        names = [one.name.zh for one in self.spec.grade]
        found = []
        for place_of, code in enumerate(self.ground.regions):
            score = self.score[place_of]
            if not names or np.isnan(score):
                found.append(("", ""))
                continue
            own, reasons = names.index(grade_of(float(score), self.spec.grade)), []
            for worst, reason in self._bars(code, place_of, names):
                if worst > own:
                    own, reasons = worst, [reason]
                elif worst == own and reasons:
                    reasons.append(reason)
            found.append((names[own], "; ".join(reasons)))
        return found

    def _bars(self, code: str, place_of: int, names: list[str]) -> list[tuple[int, str]]:
        """The best grades that events and the veto leave, with the reason."""
        found = []
        for rule in self.spec.event:
            for document, date in (
                self._barring.get((code, rule.id), ()) if rule.effect in ("cap", "fail") else ()
            ):
                best = len(names) - 1 if rule.effect == "fail" else names.index(rule.grade)
                found.append((best, f"{rule.name.zh}（{document}，{date}）"))
        veto = self.spec.veto
        if veto is not None and self.missed[place_of] >= veto.missed:
            found.append(
                (names.index(veto.grade), f"{self.missed[place_of]} 项{veto.property}指标未完成")
            )
        return found

    @cached_property
    def _barring(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Document and date of the events of the year, by region and event."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for row in self.events.itertuples() if len(self.events) else ():
            found.setdefault((str(row.region), str(row.event)), []).append(
                (str(row.document), str(row.date))
            )
        return found

    def limits(self, one: ScoredIndicator, reading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The limits of an indicator's efficacy rule, by region."""
        assert one.rule is not None
        return _limits(one.rule, self._guarded(one, reading), self.ground.group)

    @staticmethod
    def _guarded(one: ScoredIndicator, reading: np.ndarray) -> np.ndarray:
        return (
            np.clip(reading, one.least, one.most)
            if (one.least, one.most) != (None, None)
            else reading
        )


_TARGET_FIELDS = [
    "base_year",
    "base",
    "year",
    "target",
    "comparator",
    "form",
    "unit",
    "file",
    "row",
    "source",
    "document",
]


def _limits(rule: Rule, x: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The limits of an efficacy rule: given, or the least and the most of the group."""
    low, high = np.full(x.shape, rule.low, dtype=float), np.full(x.shape, rule.high, dtype=float)
    for name in dict.fromkeys(group.tolist()):
        mine = group == name
        if not np.isnan(x[..., mine]).all():
            low[..., mine] = (
                np.nanmin(x[..., mine], axis=-1, keepdims=True) if rule.low is None else rule.low
            )
            high[..., mine] = (
                np.nanmax(x[..., mine], axis=-1, keepdims=True) if rule.high is None else rule.high
            )
    return low, high


def drawn_points(year: ScoredYear) -> np.ndarray | None:
    """Points at draws, draw x indicator x region; None where no reading of the scheme is drawn.

    Readings that are not drawn (data rows, normal climate) are the same in every draw.
    """
    drawn = [year.ground.read_draws(one.reading, one.unit, year.year) for one in year.indicators]
    count = max((len(one) for one in drawn if one is not None), default=0)
    if not count:
        return None
    found = []
    for one, some, read, done in zip(
        year.indicators, drawn, year.reads, year.attained, strict=True
    ):
        reading = np.broadcast_to(read.value, (count, len(read.value))) if some is None else some
        found.append(year.points_of(one, reading, done))
    return np.stack(found, axis=1)
