"""Checks of scoring schemes (评分方案检查): of a scheme itself, and of what it is applied to.

What a single table of the TOML must have is checked by its model in ``scheme``.
"""

from collections.abc import Sequence

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.readings import GROWTHS
from gep.assessment.scheme import (
    check_grades,
    check_reading,
    check_source,
    check_unique_ids,
    check_unit,
)
from gep.assessment.scoring.scheme import TOTAL, ScoredIndicator, ScoreScheme, ScoreSpec
from gep.assessment.scoring.year_scores import YEARLY, scored_context
from gep.assessment.targets import CHANGE, check_properties, target_factors
from gep.errors import ProblemLog
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.texts.catalogue import Label, text
from gep.units import UnitError

_ROUNDING = 1e-9  # points by which a sum may differ from the sum declared


def check_scheme(scheme: ScoreScheme, problems: ProblemLog) -> None:
    """Check a scoring scheme itself: ids, units, sources, rules, points, sections, grades, events.

    Parameters
    ----------
    scheme : ScoreScheme
    problems : ProblemLog
        Collects ``scheme-indicator`` (there is none), ``duplicate-id``, ``unknown-unit``,
        ``unknown-source``, ``scheme-rule``, ``weights-sum``, ``scheme-section``, ``grade-unknown``
        and ``grade-cutoffs``.
    """
    spec = scheme.spec
    label = scheme.path.name
    ids = [indicator.id for indicator in spec.indicator]
    if not ids and not spec.indicators:
        problems.add("scheme-indicator", label, "scoring.no-indicator")
    check_unique_ids(ids, label, problems)
    if TOTAL in ids:
        problems.add("duplicate-id", f"{label} {TOTAL}", "scoring.indicator-called-total", id=TOTAL)
    for indicator in spec.indicator:
        _check_indicator(indicator, spec, label, problems)
    _check_points(spec, label, problems)
    _check_sections(spec, label, problems)
    _check_grade_names(spec, label, problems)
    _check_veto(spec, label, problems)
    check_unique_ids([rule.id for rule in spec.event], f"{label} event", problems)
    check_unique_ids([section.id for section in spec.section], f"{label} section", problems)
    check_grades(spec.grade, f"{label} grade", problems)
    if spec.grade and spec.grade[-1].from_ is not None:
        lowest = spec.grade[-1]
        problems.add(
            "grade-cutoffs",
            f"{label} grade",
            "scoring.scores-without-grade",
            grade=lowest.name,
            cutoff=f"{lowest.from_:g}",
        )


def _check_indicator(
    indicator: ScoredIndicator, spec: ScoreSpec, label: str, problems: ProblemLog
) -> None:
    """Check the unit, the source and the rule of an indicator."""
    place = f"{label} {indicator.id}"
    title = Label(indicator.id, indicator.name)
    check_unit(indicator.unit, place, problems)
    if indicator.source:
        check_source(indicator.source, spec.sources, place, problems)
    if indicator.points is None:
        return
    rule = indicator.rule
    if rule is None:
        problems.add(
            "scheme-rule",
            place,
            "scoring.points-without-rule",
            indicator=title,
            points=f"{indicator.points:g}",
        )
    elif rule.kind == "interpolate":
        least = min(rule.values)
        most = max(rule.values)
        if least < 0 or most > indicator.points:
            problems.add(
                "scheme-rule",
                place,
                "scoring.interpolation-beyond-points",
                indicator=title,
                least=f"{least:g}",
                most=f"{most:g}",
                points=f"{indicator.points:g}",
            )


def _check_points(spec: ScoreSpec, label: str, problems: ProblemLog) -> None:
    """Check that points sum as the scheme and its sections declare."""
    place = f"{label} total"
    points = [indicator.points for indicator in spec.indicator]
    if not _sums_to(points, spec.total):
        problems.add(
            "weights-sum",
            place,
            "scoring.indicator-points-sum",
            sum=_sum_shown(points),
            total=f"{spec.total:g}",
        )
    for section in spec.section:
        of_section = [part for part in spec.indicator if part.section == section.id]
        points = [indicator.points for indicator in of_section]
        if not _sums_to(points, section.points):
            problems.add(
                "weights-sum",
                f"{label} {section.id}",
                "scoring.section-points-sum",
                section=Label(section.id, section.name),
                sum=_sum_shown(points),
                total=f"{section.points:g}",
            )
    all_in_sections = all(indicator.section for indicator in spec.indicator)
    points = [section.points for section in spec.section]
    if spec.section and all_in_sections and not _sums_to(points, spec.total):
        problems.add(
            "weights-sum",
            place,
            "scoring.sections-sum",
            sum=_sum_shown(points),
            total=f"{spec.total:g}",
        )


def _sums_to(points: Sequence[float | None], total: float | None) -> bool:
    """Return whether points sum to a total; also if one of them or the total is not stated."""
    stated = [value for value in points if value is not None]
    if total is None or len(stated) < len(points):
        return True
    return abs(sum(stated) - total) <= _ROUNDING


def _sum_shown(points: Sequence[float | None]) -> str:
    """Return the sum of points as messages show it."""
    return f"{sum(value for value in points if value is not None):g}"


def _check_sections(spec: ScoreSpec, label: str, problems: ProblemLog) -> None:
    """Check that the sections that indicators name are described."""
    sections = [section.id for section in spec.section]
    for indicator in spec.indicator:
        if indicator.section and indicator.section not in sections:
            problems.add(
                "scheme-section",
                f"{label} {indicator.id}",
                "scoring.unknown-section",
                indicator=Label(indicator.id, indicator.name),
                section=indicator.section,
                hint=suggestion(indicator.section, sections),
            )


def _check_grade_names(spec: ScoreSpec, label: str, problems: ProblemLog) -> None:
    """Check that the scheme has the grades that its events and its veto name."""
    grades = [grade.name.zh for grade in spec.grade]
    for rule in spec.event:
        if rule.grade and rule.grade not in grades:
            problems.add(
                "grade-unknown",
                f"{label} event {rule.id}",
                "scoring.unknown-grade-of-event",
                event=Label(rule.id, rule.name),
                grade=rule.grade,
                hint=suggestion(rule.grade, grades),
            )
    if spec.veto is not None and spec.veto.grade not in grades:
        problems.add(
            "grade-unknown",
            f"{label} veto",
            "scoring.unknown-grade-of-veto",
            grade=spec.veto.grade,
            hint=suggestion(spec.veto.grade, grades),
        )
    failing = [Label(rule.id, rule.name) for rule in spec.event if rule.effect == "fail"]
    if failing and not grades:
        problems.add("grade-unknown", label, "scoring.fail-without-grades", events=failing)


def _check_veto(spec: ScoreSpec, label: str, problems: ProblemLog) -> None:
    """Check that some indicator has the property of the veto."""
    if spec.veto is None:
        return
    properties = {indicator.property for indicator in spec.indicator}
    if spec.veto.property not in properties:
        problems.add(
            "scheme-rule",
            f"{label} veto",
            "scoring.veto-without-indicator",
            property=spec.veto.property,
            hint=suggestion(spec.veto.property, properties),
        )


def check_inputs(scheme: ScoreScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check the readings and targets that a scoring scheme is applied to.

    Parameters
    ----------
    scheme : ScoreScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``unknown-reading``, ``wrong-keys`` and ``wrong-dimension`` (of readings and
        targets), ``missing-target``, ``unknown-region`` and ``target-form`` (of targets), and the
        warning ``growth-years``.
    """
    indicators = scheme.spec.indicator
    label = scheme.path.name
    limited = scored_context(indicators, context)
    for indicator in indicators:
        place = f"{label} {indicator.id}"
        check_reading(indicator.reading, indicator.unit, context, place, problems)
        rule = indicator.rule
        if rule is not None and rule.needs_target and indicator.points is not None:
            _check_has_target(indicator, limited, place, problems)
        if indicator.reading.form == "growth":
            _check_growth(indicator, limited, place, problems)
    _check_targets(indicators, limited, problems)


def _check_growth(
    indicator: ScoredIndicator, context: AssessmentContext, place: str, problems: ProblemLog
) -> None:
    """Check that a growth that is scored, or has a target, is over one year."""
    is_scored = indicator.points is not None and indicator.rule is not None
    has_target = context.targets is not None and bool(context.targets.regions(indicator.id))
    if not (is_scored or has_target):
        return
    spans = {year: context.growth_span(indicator.reading, year) for year in context.years}
    periods = [f"{year - span}–{year}" for year, span in spans.items() if span > 1]
    if periods:
        title = Label(indicator.id, indicator.name)
        values = {"indicator": title, "periods": periods, "option": YEARLY}
        problems.add("growth-years", place, "scoring.growth-years", **values)


def _check_has_target(
    indicator: ScoredIndicator, context: AssessmentContext, place: str, problems: ProblemLog
) -> None:
    """Check that every region has a target, if the rule of an indicator needs one."""
    with_target = set() if context.targets is None else context.targets.regions(indicator.id)
    missing = [context.label(code) for code in context.regions if code not in with_target]
    if missing and indicator.rule is not None:
        kind = indicator.rule.kind
        problems.add(
            "missing-target",
            place,
            "scoring.missing-target",
            indicator=Label(indicator.id, indicator.name),
            rule=Label(kind, text(f"scoring.rule-title.{kind}")),
            regions=missing,
        )


def _check_targets(
    indicators: Sequence[ScoredIndicator], context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check that targets are of regions that are scored, in units that fit the indicators."""
    if context.targets is None:
        return
    by_id = {indicator.id: indicator for indicator in indicators}
    rows = context.targets.rows
    rows = rows[rows["indicator"].isin(list(by_id)).to_numpy()]
    check_properties(rows, {indicator.property for indicator in indicators}, problems)
    is_scored = rows["region"].isin(context.regions)
    elsewhere = rows[~is_scored.to_numpy()]
    for code, region_rows in elsewhere.groupby("region", sort=False, observed=True):
        file = str(region_rows["file"].iloc[0])
        problems.add(
            "unknown-region",
            row_place(file, region_rows["row"], "region"),
            "scoring.target-of-unread-region",
            region=context.label(str(code)),
            hint=suggestion(str(code), context.regions),
        )
    for (name, unit, _), unit_rows in rows.groupby(
        ["indicator", "unit", "form"], sort=False, observed=True
    ):
        indicator = by_id[str(name)]
        _check_growth_target(indicator, unit_rows, problems)
        try:
            target_factors(unit_rows, indicator.unit)
        except UnitError as error:
            file = str(unit_rows["file"].iloc[0])
            problems.add(
                "wrong-dimension",
                row_place(file, unit_rows["row"], "unit"),
                "scoring.target-unit",
                indicator=Label(indicator.id, indicator.name),
                target_unit=str(unit),
                unit=indicator.unit,
                reason=error.reason,
            )


def _check_growth_target(
    indicator: ScoredIndicator, rows: pd.DataFrame, problems: ProblemLog
) -> None:
    """Check that the target of a growth is not a change in percent of another growth."""
    is_change = (rows["form"] == CHANGE) & (rows["unit"] == "%")
    if indicator.reading.form in GROWTHS and is_change.any():
        problems.add(
            "target-form",
            row_place(str(rows["file"].iloc[0]), rows["row"], "unit"),
            "scoring.growth-target",
            indicator=Label(indicator.id, indicator.name),
            unit="1",
        )
