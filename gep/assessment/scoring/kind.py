"""The kind ``score`` (目标考核与评分): how its schemes are loaded, checked, applied and explained.

The only module of the package that knows all the others.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.published import PublishedItem, target_items
from gep.assessment.readings import SchemeReading
from gep.assessment.scheme import Assessment, Kind
from gep.assessment.scoring.checks import check_inputs, check_scheme
from gep.assessment.scoring.explain import explain_score, score_caption
from gep.assessment.scoring.scheme import TOTAL, ScoreScheme, ScoreSpec, read_indicators
from gep.assessment.scoring.tables import (
    rank_intervals,
    rank_rows,
    score_rows,
    target_rows,
    with_intervals,
)
from gep.assessment.scoring.year_scores import ScoredYear, sampled_points, scored_context
from gep.errors import ProblemLog
from gep.io.catalog import resolve_inside
from gep.texts.catalogue import Language


def load(spec: ScoreSpec, path: Path, problems: ProblemLog) -> ScoreScheme:
    """Make a scheme, its indicators read from the CSV beside it where the TOML names one.

    Parameters
    ----------
    spec : ScoreSpec
    path : Path
        The file of the TOML.
    problems : ProblemLog
        Collects ``scheme-indicator``, what is wrong with the path of the CSV, and with the CSV.

    Returns
    -------
    ScoreScheme
    """
    if not spec.indicators:
        return ScoreScheme(spec, path, (path,), KIND)
    place = f"{path.name} indicators"
    file = resolve_inside(spec.indicators, path.parent, place, problems)
    files = (path,) if file is None else (path, file)
    if spec.indicator:
        problems.add(
            "scheme-indicator", path.name, "scoring.indicators-twice", file=spec.indicators
        )
    elif file is not None:
        spec = spec.model_copy(update={"indicator": read_indicators(file, problems)})
    return ScoreScheme(spec, path, files, KIND)


def bases(scheme: ScoreScheme) -> set[str]:
    """Return the bases of the accounts that the readings use."""
    readings = [indicator.reading for indicator in scheme.spec.indicator]
    return {reading.basis for reading in readings if reading.account}


def readings(scheme: ScoreScheme) -> list[SchemeReading]:
    """Return the readings of all indicators."""
    listed = []
    for indicator in scheme.spec.indicator:
        where = f"{scheme.path.name} {indicator.id}"
        named = SchemeReading(
            indicator.reading,
            indicator.unit,
            where,
            indicator.grade,
            item=indicator.id,
            name=indicator.name,
        )
        listed.append(named)
    return listed


def published(scheme: ScoreScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: score, rank, grade, points; attainment of targets."""
    grades = tuple(grade.name.zh for grade in scheme.spec.grade)
    items = {
        TOTAL: PublishedItem("ranking.csv", "score"),
        f"{TOTAL}.rank": PublishedItem("ranking.csv", "rank"),
    }
    if grades:
        items[f"{TOTAL}.grade"] = PublishedItem("ranking.csv", "grade", classes=grades)
    ids = [indicator.id for indicator in scheme.spec.indicator]
    for name in ids:
        items[name] = PublishedItem("scores.csv", "points", {"indicator": name})
    return {**items, **target_items(ids)}


def target_ids(scheme: ScoreScheme) -> set[str]:
    """Return the ids of all indicators: each may have a target."""
    return {indicator.id for indicator in scheme.spec.indicator}


def event_ids(scheme: ScoreScheme) -> set[str]:
    """Return the events that give or take points, cap the grade, or fail a region."""
    return {rule.id for rule in scheme.spec.event}


def made_up(scheme: ScoreScheme) -> list[str]:
    """Return the ids of the indicators that are made up."""
    indicators = scheme.spec.indicator
    return [indicator.id for indicator in indicators if indicator.grade == "placeholder"]


def assess(scheme: ScoreScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme: targets, scores and ranks of every year.

    Parameters
    ----------
    scheme : ScoreScheme
    context : AssessmentContext
        Checked by ``check_inputs``.

    Returns
    -------
    Assessment
        Tables ``targets.csv``, ``scores.csv`` and ``ranking.csv``; ``rank_intervals.csv`` if
        accounts were drawn and all points are known.
    """
    indicators = scheme.spec.indicator
    limited = scored_context(indicators, context)
    years: dict[int, ScoredYear] = {}
    target_tables = []
    score_tables = []
    rank_tables = []
    interval_tables = []
    first_year = min(limited.years, default=0)
    previous_ranks: Mapping[str, Any] = limited.ranks_before(scheme.id, first_year)
    for year in limited.years:
        scored = ScoredYear(scheme.spec, indicators, limited, year)
        years[year] = scored
        points = sampled_points(scored)
        target_tables.append(target_rows(scored))
        score_tables.append(with_intervals(score_rows(scored), scored, points))
        ranks = rank_rows(scored, previous_ranks)
        rank_tables.append(ranks)
        previous_ranks = dict(zip(ranks["region"], ranks["rank"], strict=True))
        if points is not None and scored.has_all_points:
            interval_tables.append(rank_intervals(scored, points))
    tables = {
        "targets.csv": pd.concat(target_tables, ignore_index=True),
        "scores.csv": pd.concat(score_tables, ignore_index=True),
        "ranking.csv": pd.concat(rank_tables, ignore_index=True),
    }
    if interval_tables:
        tables["rank_intervals.csv"] = pd.concat(interval_tables, ignore_index=True)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_score(years[year], region, item, language)

    def items(region: str, year: int) -> list[str]:
        if year not in years or region not in limited.regions:
            return []
        return [TOTAL, *(indicator.id for indicator in indicators)]

    account_readings = {}
    for indicator in indicators:
        if indicator.reading.account:
            account_readings[indicator.id] = indicator.reading
    has_all_points = all(indicator.points is not None for indicator in indicators)
    return Assessment(
        scheme,
        tables,
        explain=explain,
        items=items,
        account_readings=account_readings,
        caption=score_caption(
            indicators, has_all_points=has_all_points, is_drawn=bool(context.draws)
        ),
        names={indicator.id: indicator.name for indicator in indicators},
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
    readings=readings,
    published=published,
)
