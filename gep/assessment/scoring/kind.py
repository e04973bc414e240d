"""Schemes of kind ``score`` (目标考核与评分): what they are checked for and how they are applied."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, Kind, check_reading
from gep.assessment.scoring.explain import explain_score
from gep.assessment.scoring.scheme import (
    TOTAL,
    ScoredIndicator,
    ScoreScheme,
    ScoreSpec,
    check_scheme,
    read_indicators,
)
from gep.assessment.scoring.tables import (
    rank_intervals,
    rank_rows,
    score_rows,
    target_rows,
    with_intervals,
)
from gep.assessment.scoring.year_scores import ScoredYear, drawn_points
from gep.assessment.targets import target_factors
from gep.errors import ProblemLog, joined
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language
from gep.units import UnitError


def load(spec: ScoreSpec, path: Path, problems: ProblemLog) -> ScoreScheme:
    """Make the scheme, its indicators read from the CSV beside where it names one."""
    if not spec.indicators:
        return ScoreScheme(spec, path, (path,), KIND)
    where = f"{path.name} indicators"
    file = resolve_inside(spec.indicators, path.parent, where, problems)
    files = (path,) if file is None else (path, file)
    if spec.indicator:
        what = "indicators stand in the TOML and in a CSV"
        problems.add("scheme-indicator", path.name, what, "keep one of them")
    elif file is not None:
        spec = spec.model_copy(update={"indicator": read_indicators(file, problems)})
    return ScoreScheme(spec, path, files, KIND)


def bases(scheme: ScoreScheme) -> set[str]:
    """The bases of accounts that the readings use."""
    readings = [indicator.reading for indicator in scheme.spec.indicator]
    return {reading.basis for reading in readings if reading.account}


def target_ids(scheme: ScoreScheme) -> set[str]:
    """All its indicators: each may have a target."""
    return {indicator.id for indicator in scheme.spec.indicator}


def event_ids(scheme: ScoreScheme) -> set[str]:
    """The events that give or take points, cap or fail."""
    return {event.id for event in scheme.spec.event}


def made_up(scheme: ScoreScheme) -> list[str]:
    """The indicators that are made up."""
    return [one.id for one in scheme.spec.indicator if one.grade == "placeholder"]


def check_inputs(scheme: ScoreScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Readings, targets and events that the scheme needs."""
    indicators, label = scheme.spec.indicator, scheme.path.name
    scored = _scored_context(indicators, context)
    for indicator in indicators:
        place = f"{label} {indicator.id}"
        check_reading(indicator.reading, indicator.unit, context, place, problems)
        rule = indicator.rule
        if rule is not None and rule.needs_target and indicator.points is not None:
            _check_due(indicator, scored, label, problems)
    _check_targets(indicators, context, label, problems)


def assess(scheme: ScoreScheme, context: AssessmentContext) -> Assessment:
    """Targets, scores, ranks of every year."""
    indicators = scheme.spec.indicator
    context = _scored_context(indicators, context)
    scored = [ScoredYear(scheme.spec, indicators, context, year) for year in context.years]
    drawn = [drawn_points(one) for one in scored]
    scores = [
        with_intervals(score_rows(one), one, points)
        for one, points in zip(scored, drawn, strict=True)
    ]
    before: Mapping[str, float] = {
        code: rank for (name, code), rank in context.previous.items() if name == scheme.id
    }
    ranking = []
    for one in scored:
        rows = rank_rows(one, before)
        before = dict(zip(rows["region"], rows["rank"], strict=True))
        ranking.append(rows)
    tables = {
        "targets.csv": pd.concat([target_rows(one) for one in scored], ignore_index=True),
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

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_score(by_year[year], region, item, language)

    def items(region: str, year: int) -> list[str]:
        if year not in by_year or region not in context.regions:
            return []
        return [TOTAL, *(indicator.id for indicator in indicators)]

    return Assessment(
        scheme,
        tables,
        explain,
        items,
        {one.id: one.reading for one in indicators if one.reading.account},
        caption=tuple(Title(zh=zh, en=en) for zh, en in _caption(indicators, scored[0].complete)),
        names={indicator.id: indicator.name for indicator in indicators},
    )


def _scored_context(
    indicators: tuple[ScoredIndicator, ...], context: AssessmentContext
) -> AssessmentContext:
    """The regions and years that have a reading or a target."""
    readings = [indicator.reading for indicator in indicators]
    return context.limited_to(readings, _aimed(indicators, context))


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
            target_factors(some, units[str(name)])
        except UnitError as error:
            where = row_place(str(some["file"].iloc[0]), some["row"])
            problems.add(
                "wrong-dimension",
                where,
                f"{name}: {error}",
                f"a unit like {units[str(name)]} is due",
            )


KIND = Kind(
    name="score",
    spec=ScoreSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    target_ids=target_ids,
    event_ids=event_ids,
    made_up=made_up,
)
