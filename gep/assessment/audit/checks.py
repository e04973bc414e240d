"""Checks of audit schemes (离任审计检查): of a scheme itself, and of what it is applied to.

What a single table of the TOML must have is checked by its model in ``scheme``.
"""

from collections.abc import Sequence
from datetime import date

from gep.assessment.audit.scheme import (
    AuditItem,
    AuditScheme,
    AuditSpec,
    Issue,
    ScoredModule,
    ScoredPart,
    scored_parts,
)
from gep.assessment.audit.term_results import AccountDate, nearest_account
from gep.assessment.context import AssessmentContext
from gep.assessment.events import TermsOfOffice
from gep.assessment.scheme import (
    check_grades,
    check_reading,
    check_source,
    check_unique_ids,
    check_unit,
)
from gep.assessment.targets import check_properties, target_factors
from gep.errors import Place, ProblemLog
from gep.io.csv_excel import row_place
from gep.io.tables import is_date, suggestion
from gep.texts.catalogue import Label
from gep.units import UnitError, factor

# The account nearest to a day is at most half a year off, where every year has one.
_FAR = 184  # days
_ROUNDING = 1e-9  # points by which a sum may differ from the sum declared


def check_scheme(scheme: AuditScheme, problems: ProblemLog) -> None:
    """Check an audit scheme itself: ids, units, sources, points, parts and modules, grades.

    Parameters
    ----------
    scheme : AuditScheme
    problems : ProblemLog
        Collects ``duplicate-id``, ``unknown-source``, ``unknown-unit``, ``weights-sum``,
        ``audit-part`` and ``grade-cutoffs``.
    """
    spec = scheme.spec
    label = scheme.path.name
    lists: dict[str, Sequence[AuditItem | ScoredModule | ScoredPart | Issue]] = {
        "item": spec.item,
        "module": spec.module,
        "part": spec.part,
        "issue": spec.issue,
    }
    for key, members in lists.items():
        check_unique_ids([member.id for member in members], f"{label} {key}", problems)
        for member in members:
            if member.source:
                place = f"{label} {key} {member.id}"
                check_source(member.source, spec.sources, place, problems)
    for item in spec.item:
        check_unit(item.unit, f"{label} item {item.id}", problems)
    _check_points(spec, label, problems)
    _check_part_names(spec, label, problems)
    check_grades(spec.grade, f"{label} grade", problems)


def _check_points(spec: AuditSpec, label: str, problems: ProblemLog) -> None:
    """Check that the points of modules and parts sum as declared."""
    points = [module.points for module in spec.module]
    if not _can_sum_to(points, spec.total):
        problems.add(
            "weights-sum",
            f"{label} total",
            "audit.module-points-sum",
            sum=_sum_shown(points),
            total=f"{spec.total:g}",
        )
    for module in spec.module:
        points = [part.points for part in spec.part if part.module == module.id]
        if points and not _can_sum_to(points, module.points):
            problems.add(
                "weights-sum",
                f"{label} module {module.id}",
                "audit.part-points-sum",
                module=Label(module.id, module.name),
                sum=_sum_shown(points),
                total=f"{module.points:g}",
            )


def _can_sum_to(points: Sequence[float | None], total: float | None) -> bool:
    """Return whether points sum to a total; those that are not stated may be anything from 0 on."""
    if total is None:
        return True
    stated = [value for value in points if value is not None]
    excess = sum(stated) - total
    if len(stated) < len(points):
        return excess <= _ROUNDING
    return abs(excess) <= _ROUNDING


def _sum_shown(points: Sequence[float | None]) -> str:
    """Return the sum of points as messages show it."""
    return f"{sum(value for value in points if value is not None):g}"


def _check_part_names(spec: AuditSpec, label: str, problems: ProblemLog) -> None:
    """Check that the modules that parts name, and the parts that issues and items name, exist."""
    modules = {module.id for module in spec.module}
    for part in spec.part:
        if part.module not in modules:
            problems.add(
                "audit-part",
                f"{label} part {part.id}",
                "audit.unknown-module",
                part=Label(part.id, part.name),
                module=part.module,
                hint=suggestion(part.module, modules),
            )
    parts = {part.id for part in scored_parts(spec)}
    naming: dict[str, Sequence[AuditItem | Issue]] = {"issue": spec.issue, "item": spec.item}
    for key, members in naming.items():
        for member in members:
            if not member.part or member.part in parts:
                continue
            is_module = member.part in modules
            message = "audit.module-with-parts" if is_module else "audit.unknown-part"
            problems.add(
                "audit-part",
                f"{label} {key} {member.id}",
                message,
                member=Label(member.id, member.name),
                part=member.part,
                hint=suggestion(member.part, parts),
            )


def check_inputs(scheme: AuditScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check the terms, readings, targets and causes that an audit scheme is applied to.

    Parameters
    ----------
    scheme : AuditScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``missing-terms``, those of ``check_terms``, ``unknown-reading``, ``wrong-keys``
        and ``wrong-dimension`` (of readings, targets and causes), ``target-form``.
    """
    spec = scheme.spec
    label = scheme.path.name
    if context.terms is None:
        problems.add("missing-terms", label, "audit.missing-terms")
    else:
        check_terms(context.terms, context, problems)
    if context.targets is not None:
        rows = context.targets.rows
        rows = rows[rows["indicator"].isin([item.id for item in spec.item]).to_numpy()]
        check_properties(rows, {item.property for item in spec.item}, problems)
    for item in spec.item:
        check_reading(item.reading, item.unit, context, f"{label} item {item.id}", problems)
        _check_target_units(item, context, problems)
        if item.split == "causes":
            _check_cause_units(item, context, problems)
    for part in spec.part:
        if part.reading is not None:
            check_reading(part.reading, "1", context, f"{label} part {part.id}", problems)


def _check_target_units(item: AuditItem, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that the unit of an item's targets fits; the first year that is wrong is reported."""
    if context.targets is None:
        return
    all_rows = context.targets.rows
    is_of_item = all_rows["indicator"] == item.id
    for year in sorted(set(all_rows.loc[is_of_item.to_numpy(), "year"])):
        rows = context.targets.current(item.id, int(year))
        try:
            target_factors(rows, item.unit)
        except UnitError as error:
            problems.add(
                "wrong-dimension",
                row_place(str(rows["file"].iloc[0]), rows["row"], "unit"),
                "audit.target-unit",
                item=Label(item.id, item.name),
                unit=item.unit,
                reason=error.reason,
            )
            break


def _check_cause_units(item: AuditItem, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that the units of the causes of an item's change fit."""
    if context.causes is None:
        return
    rows = context.causes.rows
    rows = rows[(rows["resource"] == item.resource).to_numpy()]
    if item.class_:
        rows = rows[(rows["class"] == item.class_).to_numpy()]
    for unit, unit_rows in rows.groupby("unit", sort=False, observed=True):
        try:
            factor(str(unit), item.unit)
        except UnitError as error:
            problems.add(
                "wrong-dimension",
                row_place(str(unit_rows["file"].iloc[0]), unit_rows["row"], "unit"),
                "audit.cause-unit",
                item=Label(item.id, item.name),
                cause_unit=str(unit),
                unit=item.unit,
                reason=error.reason,
            )


def check_terms(terms: TermsOfOffice, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that terms are of assessed regions, and reach from one account to another.

    Parameters
    ----------
    terms : TermsOfOffice
        Rows whose days cannot be read were reported before, and are left out.
    context : AssessmentContext
        Its years are those of the accounts.
    problems : ProblemLog
        Collects ``unknown-region``, ``term-one-account``, and the warning ``term-far`` (no account
        within half a year of the first or the last day).
    """
    rows = terms.rows
    is_assessed = rows["region"].isin(list(context.regions))
    elsewhere = rows[~is_assessed.to_numpy()]
    for (file, code), region_rows in elsewhere.groupby(["file", "region"]):
        problems.add(
            "unknown-region",
            row_place(str(file), region_rows["row"], "region"),
            "audit.term-of-unread-region",
            region=context.label(str(code)),
            hint=suggestion(str(code), context.regions),
        )
    for term in rows.to_dict("records"):
        if not is_date(term["term_start"]) or not is_date(term["term_end"]):
            continue
        start = nearest_account(date.fromisoformat(term["term_start"]), context.years)
        end = nearest_account(date.fromisoformat(term["term_end"]), context.years)
        file = str(term["file"])
        row = int(term["row"])
        if start.year == end.year:
            problems.add(
                "term-one-account",
                row_place(file, [row]),
                "audit.one-account",
                first_day=term["term_start"],
                last_day=term["term_end"],
                account=start.day,
            )
        _check_distance(start, term["term_start"], problems, row_place(file, [row], "term_start"))
        _check_distance(end, term["term_end"], problems, row_place(file, [row], "term_end"))


def _check_distance(account: AccountDate, day: str, problems: ProblemLog, place: Place) -> None:
    """Check that an account is within half a year of the day for which it is taken."""
    if account.days_off > _FAR:
        problems.add(
            "term-far",
            place,
            "audit.far-account",
            day=day,
            account=account.day,
            days=account.days_off,
        )
