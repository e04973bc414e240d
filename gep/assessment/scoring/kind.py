"""Scoring schemes applied (目标考核与评分): targets, scores and ranks of every year."""

from pathlib import Path

import pandas as pd

from gep.assessment.context import AssessmentContext, check_reading
from gep.assessment.scheme import Assessment, Scheme, check_grades
from gep.assessment.scoring.scheme import ScoredIndicator, ScoreSpec, check_scores, read_indicators
from gep.assessment.scoring.year_scores import (
    ScoredYear,
    drawn_points,
    rank_intervals,
    with_intervals,
)
from gep.assessment.targets import scales
from gep.errors import ProblemLog, joined
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import UnitError


class ScoreScheme(ScoreSpec):
    """A scoring scheme; see ``gep.assessment.scoring.scheme`` for its text."""

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that the readings use."""
        return {one.reading.basis for one in self.indicator if one.reading.account}

    def with_tables(self, path: Path, problems: ProblemLog) -> "ScoreScheme":
        """The scheme with the indicators of the CSV beside."""
        if not self.indicators:
            return self
        if self.indicator:
            what = "indicators stand in the TOML and in a CSV"
            problems.add("scheme-indicator", path.name, what, "keep one of them")
            return self
        return self.model_copy(
            update={"indicator": read_indicators(self.indicators, path, problems)}
        )

    def all_indicators(self, scheme: Scheme, problems: ProblemLog) -> tuple[ScoredIndicator, ...]:
        """The indicators of the TOML, or of the CSV beside."""
        return self.indicator

    def events(self) -> set[str]:
        """The events that give or take points, cap or fail."""
        return {one.id for one in self.event}

    def targeted(self) -> set[str] | None:
        """All its indicators: each may have a target."""
        return {one.id for one in self.indicator}

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Points, sections, grades, events."""
        check_scores(self, self.all_indicators(scheme, problems), scheme.path.name, problems)
        check_grades(self.grade, f"{scheme.path.name} grade", problems)
        if self.grade and self.grade[-1].from_ is not None:
            what = f"scores below {self.grade[-1].from_:g} have no grade"
            problems.add(
                "grade-cutoffs",
                f"{scheme.path.name} grade",
                what,
                "leave out from of the lowest grade",
            )

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """Readings, targets and events that the scheme needs."""
        indicators, label = self.all_indicators(scheme, ProblemLog()), scheme.path.name
        scored = ground.narrowed([one.reading for one in indicators], _aimed(indicators, ground))
        for one in indicators:
            check_reading(one.reading, one.unit, ground, f"{label} {one.id}", problems)
            if one.rule is not None and one.rule.needs_target and one.points is not None:
                _check_due(one, scored, label, problems)
        _check_targets(indicators, ground, label, problems)

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """Targets, scores, ranks of every year."""
        indicators = self.all_indicators(scheme, ProblemLog())
        ground = ground.narrowed([one.reading for one in indicators], _aimed(indicators, ground))
        scored = [ScoredYear(self, indicators, ground, year) for year in ground.years]
        drawn = [drawn_points(one) for one in scored]
        scores = [
            with_intervals(one.score_rows(), one, points)
            for one, points in zip(scored, drawn, strict=True)
        ]
        before: dict[str, float] = {
            code: rank for (name, code), rank in ground.previous.items() if name == scheme.id
        }
        ranking = []
        for one in scored:
            rows = one.rank_rows(before)
            before = dict(zip(rows["region"], rows["rank"], strict=True))
            ranking.append(rows)
        tables = {
            "targets.csv": pd.concat([one.target_rows() for one in scored], ignore_index=True),
            "scores.csv": pd.concat(scores, ignore_index=True),
            "ranking.csv": pd.concat(ranking, ignore_index=True),
        }
        sure = [
            rank_intervals(one, points)
            for one, points in zip(scored, drawn, strict=True)
            if points is not None
        ]
        if sure and scored[0].complete:
            tables["rank_intervals.csv"] = pd.concat(sure, ignore_index=True)
        by_year = {one.year: one for one in scored}
        behind = {one.id: one.reading for one in scored[0].indicators if one.reading.account}
        return Assessment(
            scheme,
            tables,
            lambda *asked: by_year[asked[1]].working(asked[0], *asked[2:]),
            behind,
            caption=_caption(indicators, scored[0].complete),
            names={one.id: (one.name.zh, one.name.en) for one in indicators},
        )


def _caption(
    indicators: tuple[ScoredIndicator, ...], complete: bool
) -> tuple[tuple[str, str], ...]:
    """What stands under every table: how the indicators are known, and why there is no score."""
    grades = [one.grade for one in indicators]
    counted = ", ".join(f"{name} {grades.count(name)}" for name in dict.fromkeys(grades))
    lines = [
        (f"指标的依据等级（项数）：{counted}", f"grades of the indicators (how many): {counted}")
    ]
    if not complete:
        lines.append(
            ("分值未定：不计总分、位次和等级", "points are not given: no score, no rank, no grade")
        )
    return tuple(lines)


def _aimed(indicators: tuple[ScoredIndicator, ...], ground: AssessmentContext) -> list[str]:
    """The regions that have a target of an indicator."""
    if ground.targets is None:
        return []
    rows = ground.targets.rows
    return [
        str(code)
        for code in rows.loc[rows["indicator"].isin([one.id for one in indicators]), "region"]
    ]


def _check_due(
    one: ScoredIndicator, ground: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    """Every region has a target where the rule needs one: without it nobody meets or misses anything."""
    assert one.rule is not None
    have = set() if ground.targets is None else ground.targets.regions(one.id)
    lacking = [code for code in ground.regions if code not in have]
    if lacking:
        what = (
            f"rule {one.rule.kind!r} needs a target, and there is none of {joined(lacking, ', ')}"
        )
        problems.add("missing-target", f"{label} {one.id}", what, "add its rows to targets.csv")


def _check_targets(
    indicators: tuple[ScoredIndicator, ...],
    ground: AssessmentContext,
    label: str,
    problems: ProblemLog,
) -> None:
    """Targets of the scheme's indicators are for regions that are scored, in units that fit."""
    if ground.targets is None:
        return
    units = {one.id: one.unit for one in indicators}
    rows = ground.targets.rows
    mine = rows[rows["indicator"].isin(list(units)).to_numpy()]
    for code, some in mine[~mine["region"].isin(ground.regions).to_numpy()].groupby(
        "region", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-region",
            where,
            f"region {code!r} has no reading",
            suggestion(str(code), ground.regions),
        )
    for (name, *_), some in mine.groupby(["indicator", "unit", "form"], sort=False):
        try:
            scales(some, units[str(name)])
        except UnitError as error:
            where = row_place(str(some["file"].iloc[0]), some["row"])
            problems.add(
                "wrong-dimension",
                where,
                f"{name}: {error}",
                f"a unit like {units[str(name)]} is due",
            )
