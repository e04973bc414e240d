"""What is wrong with a compensation scheme or missing for it (资金分配前的检查).

The module owns the problems of the scheme itself (:func:`check_scheme`) and of the tables that it
is applied to (:func:`check_inputs`). What is common to all kinds is in ``gep.assessment.scheme``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gep.assessment.allocation.amounts import amounts_in_fen, data_values
from gep.assessment.allocation.rules import section_values
from gep.assessment.allocation.scheme import (
    AllocationScheme,
    AllocationSpec,
    Amount,
    DeductionRule,
    named_amounts,
    rule_amounts,
)
from gep.assessment.allocation.shares import (
    Infeasible,
    currency_of_rules,
    currency_paid_in,
    event_deductions,
    factor_scores,
    money_lost,
    participants,
    pool_rows,
    share_out,
    shared_years,
)
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import yuan
from gep.assessment.readings import Reading
from gep.assessment.scheme import check_reading, check_source, check_unique_ids, check_unit
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import unit_fault
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.texts.catalogue import Label, Sayable, text
from gep.units import currency

_SUM_TOLERANCE = 1e-9  # by which sums of weights may differ


# --- the scheme ----------------------------------------------------------------------------------


def check_scheme(scheme: AllocationScheme, problems: ProblemLog) -> None:
    """Check ids, weights, rates, sources and units of a scheme.

    Parameters
    ----------
    scheme : AllocationScheme
    problems : ProblemLog
        Collects ``duplicate-id``, ``weights-sum``, ``scheme-section`` (a group that is not
        described), ``unknown-source``, ``deduction-range``, ``blank``, ``unknown-unit`` and
        ``wrong-dimension``.
    """
    spec = scheme.spec
    label = scheme.path.name
    ids = {
        "factor": [factor.id for factor in spec.factor],
        "rule": [rule.id for rule in (*spec.payment, *spec.section)],
        "group": [group.id for group in spec.group],
        "event": [rule.id for rule in spec.event],
    }
    for name, names in ids.items():
        check_unique_ids(names, f"{label} {name}", problems)
    _check_weights(spec, label, problems)
    for kind, members in spec.rules.items():
        for part in members:
            where = f"{label} {kind} {part.id}"
            check_unit(part.unit, where, problems)
            if part.source:
                check_source(part.source, spec.sources, where, problems)
    for rule in spec.event:
        where = f"{label} event {rule.id}"
        if rule.rate is not None and not rule.low <= rule.rate <= rule.high:
            values = _values_of_rate(rule, rule.rate)
            problems.add("deduction-range", where, "allocation.rate-of-scheme", **values)
    money_problems = ProblemLog()
    for key, amount in (named_amounts(spec) | rule_amounts(spec)).items():
        _check_money(amount, f"{label} {key}", money_problems)
    problems.include(money_problems.errors)
    if spec.method == "rules" and not money_problems.errors:
        _check_currencies(spec, label, problems)


def _check_currencies(spec: AllocationSpec, label: str, problems: ProblemLog) -> None:
    """Check that all money of the rules is in one currency."""
    amounts = named_amounts(spec) | rule_amounts(spec)
    coins = sorted({currency(amount.unit) or "" for amount in amounts.values()})
    if len(coins) > 1:
        problems.add("wrong-dimension", label, "allocation.currencies", currencies=coins)


def _check_weights(spec: AllocationSpec, label: str, problems: ProblemLog) -> None:
    """Check that weights sum to the total, and those of a group to the weight of the group."""
    total = sum(factor.weight for factor in spec.factor)
    if spec.factor and abs(total - spec.total) > _SUM_TOLERANCE:
        problems.add(
            "weights-sum",
            f"{label} factor",
            "allocation.weights-sum",
            sum=total,
            total=spec.total,
        )
    for group in spec.group:
        group_sum = sum(factor.weight for factor in spec.factor if factor.group == group.id)
        if abs(group_sum - group.weight) > _SUM_TOLERANCE:
            problems.add(
                "weights-sum",
                f"{label} group {group.id}",
                "allocation.group-weights-sum",
                group=Label(group.id, group.name),
                sum=group_sum,
                weight=group.weight,
            )
    groups = [group.id for group in spec.group]
    for factor in spec.factor:
        if factor.group and factor.group not in groups:
            problems.add(
                "scheme-section",
                f"{label} factor {factor.id}",
                "allocation.unknown-group",
                factor=Label(factor.id, factor.name),
                group=factor.group,
                hint=suggestion(factor.group, groups),
            )


def _values_of_rate(rule: DeductionRule, rate: float) -> dict[str, object]:
    """Return the values of a message on a rate that the scheme does not allow."""
    return {
        "event": Label(rule.id, rule.name),
        "rate": rate,
        "low": rule.low,
        "high": rule.high,
    }


def _check_money(amount: Amount, where: Where, problems: ProblemLog) -> None:
    """Check that the unit of an amount is a unit of money."""
    unit = amount.unit
    fault = unit_fault(unit)
    if fault is not None:
        code, reason = fault
        problems.add(code, where, "allocation.unit-unreadable", reason=reason)
        return
    coin = currency(unit)
    if coin is None or unit_fault(unit, coin) is not None:
        problems.add("wrong-dimension", where, "allocation.unit-not-money", unit=unit)


# --- what the scheme is applied to ---------------------------------------------------------------


def check_inputs(
    scheme: AllocationScheme, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check everything that would keep the money from being shared out.

    Parameters
    ----------
    scheme : AllocationScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``unknown-reading``, ``wrong-keys``, ``wrong-dimension``, ``missing-pool``,
        ``pool-year``, ``unknown-region``, ``missing-data`` and ``deduction-range``; where there is
        none of these ``factor-zero``, ``negative``, ``missing-data``, ``deduction-range`` and
        ``pool-mismatch`` of each year; where there is no error ``allocation-infeasible``.
    """
    spec = scheme.spec
    label = scheme.path.name
    scheme_problems = ProblemLog()
    _check_readings(spec, context, label, scheme_problems)
    _check_pools(spec, context, label, scheme_problems)
    _check_sides(spec, context, label, scheme_problems)
    _check_events(spec, context, scheme_problems)
    if not scheme_problems.errors:
        years = shared_years(spec, context)
        if not years:
            assessed = list(context.years)
            scheme_problems.add("missing-data", label, "allocation.no-participant", year=assessed)
        for year in years:
            where = f"{label} {year}"
            _check_year(spec, context, year, where=where, problems=scheme_problems)
    if not scheme_problems.errors:
        try:
            share_out(spec, context)
        except Infeasible as error:
            scheme_problems.add(
                "allocation-infeasible",
                f"{label} {error.year}",
                "allocation.infeasible",
                reason=error.reason,
                unit=_pool_currency(spec, context, error.year),
            )
    problems.include(scheme_problems.errors)
    problems.include(scheme_problems.warnings)


def _pool_currency(spec: AllocationSpec, context: AssessmentContext, year: int) -> str:
    """Return the currency of a year's pool."""
    row = pool_rows(spec, context).get(year)
    return currency_of_rules(spec) if row is None else str(row["currency"])


@dataclass(frozen=True)
class _NamedReading:
    """A reading of a scheme beside those of factors: its place in the TOML, its unit."""

    key: str
    reading: Reading
    unit: str


def _check_readings(
    spec: AllocationSpec, context: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    """Check that all that the scheme reads can be read."""
    for kind, members in spec.rules.items():
        for part in members:
            check_reading(
                reading=part.reading,
                unit=part.unit,
                context=context,
                where=f"{label} {kind} {part.id}",
                problems=problems,
            )
    for named in _named_readings(spec, context):
        check_reading(
            reading=named.reading,
            unit=named.unit,
            context=context,
            where=f"{label} {named.key}",
            problems=problems,
        )


def _named_readings(spec: AllocationSpec, context: AssessmentContext) -> list[_NamedReading]:
    """Return what the scheme reads beside the scores of factors."""
    named = []
    if spec.coefficient is not None:
        named.append(_NamedReading("coefficient", spec.coefficient, "1"))
    for key, amount in (named_amounts(spec) | rule_amounts(spec)).items():
        if amount.data:
            reading = Reading(data=amount.data)
            unit = currency(amount.unit) or amount.unit
            named.append(_NamedReading(key, reading, unit))
    if spec.contribution is not None:
        reading = Reading(data=spec.met)
        named.append(_NamedReading("met", reading, "1"))
        rows = context.readings.rows
        # regions from which nothing is deducted need no rows
        if rows.empty or (rows["name"] == spec.deducted).any():
            reading = Reading(data=spec.deducted)
            unit = currency(spec.contribution.unit) or spec.contribution.unit
            named.append(_NamedReading("deducted", reading, unit))
    events: set[str] = set()
    if context.events is not None:
        events.update(context.events.rows["event"])
    for rule in spec.event:
        if rule.data and rule.id in events:
            reading = Reading(data=rule.data)
            named.append(_NamedReading(f"event {rule.id}", reading, "1"))
    return named


def _check_sides(
    spec: AllocationSpec, context: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    """Check that the regions of sections are assessed."""
    for section in spec.section:
        for code in (section.upstream, section.downstream):
            if code not in context.regions:
                problems.add(
                    "unknown-region",
                    f"{label} section {section.id}",
                    "assessment.region-not-assessed",
                    region=code,
                    hint=suggestion(code, context.regions),
                )


def _check_pools(
    spec: AllocationSpec, context: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    """Check that the pool has money in an assessed year, and in no other."""
    where = f"{label} pool"
    needs_pool = spec.pays_from_table
    if spec.pool_from == "rules" and pool_rows(spec, context):
        problems.add("pool-mismatch", where, "allocation.pool-of-rules", pool=spec.pool)
    if context.pools is None:
        if needs_pool:
            problems.add("missing-pool", where, "allocation.no-pools", pool=spec.pool)
        return
    pools = sorted(set(context.pools.rows["pool"]))
    if needs_pool and spec.pool not in pools:
        hint = suggestion(spec.pool, pools)
        problems.add("missing-pool", where, "allocation.unknown-pool", pool=spec.pool, hint=hint)
        return
    rows = pool_rows(spec, context)
    if needs_pool and not set(rows) & set(context.years):
        problems.add(
            "missing-pool",
            where,
            "allocation.pool-of-other-years",
            pool=spec.pool,
            years=list(rows),
            assessed=list(context.years),
        )
        return
    for year, row in rows.items():
        if year not in context.years:
            place = row_place(str(row["file"]), [row["row"]], "year")
            problems.add(
                "pool-year",
                place,
                "allocation.pool-year",
                pool=spec.pool,
                year=year,
                assessed=list(context.years),
            )


def _check_events(spec: AllocationSpec, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that events are of assessed regions, and that their rates are allowed."""
    if context.events is None or not spec.event:
        return
    rows = context.events.rows
    is_named = rows["event"].isin([rule.id for rule in spec.event])
    is_assessed = rows["region"].isin(context.regions)
    strangers = rows[(is_named & ~is_assessed).to_numpy()]
    for region, region_rows in strangers.groupby("region", sort=False, observed=True):
        file = str(region_rows["file"].iloc[0])
        problems.add(
            "unknown-region",
            row_place(file, region_rows["row"], "region"),
            "allocation.unknown-region",
            region=str(region),
            hint=suggestion(str(region), context.regions),
        )
    if problems.errors:
        return
    for year in context.years:
        for deduction in event_deductions(spec, context, year):
            rule = deduction.rule
            region = context.label(deduction.region)
            values = _values_of_rate(rule, deduction.rate) | {"region": region, "year": year}
            if np.isnan(deduction.rate):
                problems.add(
                    "missing-data",
                    deduction.place,
                    "allocation.no-rate",
                    name=rule.data,
                    **values,
                )
            elif not rule.low <= deduction.rate <= rule.high:
                problems.add("deduction-range", deduction.place, "allocation.rate-range", **values)


def _check_year(
    spec: AllocationSpec,
    context: AssessmentContext,
    year: int,
    *,
    where: Where,
    problems: ProblemLog,
) -> None:
    """Check the numbers that a year is shared out by."""
    positions = participants(spec, context, year)
    if not positions:
        problems.add("missing-data", where, "allocation.no-participant", year=year)
        return
    regions = [context.label(context.regions[position]) for position in positions]
    if spec.method == "factors":
        scores = factor_scores(spec, context, year)[:, positions]
        for factor, factor_row in zip(spec.factor, scores, strict=True):
            name = Label(factor.id, factor.name)
            _check_numbers(name, factor_row, regions, where=where, problems=problems)
            if np.isfinite(factor_row).all() and not factor_row.any():
                problems.add("factor-zero", where, "allocation.factor-zero", factor=name)
    elif spec.method == "rules":
        _check_rules(
            spec,
            context,
            year,
            positions,
            where=where,
            problems=problems,
        )
    else:
        met = data_values(context, spec.met, "1", year)[positions]
        _check_numbers(Label(spec.met), met, regions, where=where, problems=problems)
    if spec.coefficient is not None:
        coefficients = context.read(spec.coefficient, "1", year).value[positions]
        name = Label("coefficient", text("allocation.key.coefficient"))
        _check_numbers(name, coefficients, regions, where=where, problems=problems)
    for key, amount in named_amounts(spec).items():
        amounts = np.array(amounts_in_fen(amount, context, year, positions), dtype=float)
        if key != "contribution":  # a region needs neither floor nor cap
            amounts[np.isnan(amounts)] = 0
        name = Label(key, text(f"allocation.key.{key}"))
        _check_numbers(name, amounts, regions, where=where, problems=problems)
    if spec.contribution is not None:
        _check_paid_in(
            spec,
            context,
            year,
            positions,
            where=where,
            problems=problems,
        )


def _check_rules(
    spec: AllocationSpec,
    context: AssessmentContext,
    year: int,
    positions: Sequence[int],
    *,
    where: Where,
    problems: ProblemLog,
) -> None:
    """Check the readings of payments and sections, and the currency of the pool."""
    coin = currency_of_rules(spec)
    regions = [context.label(context.regions[position]) for position in positions]
    for payment in spec.payment:
        if payment.missing == "nothing":
            continue
        values = context.read(payment.reading, payment.unit, year).value[positions]
        name = Label(payment.id, payment.name)
        _check_present(name, values, regions, where=where, problems=problems)
        if payment.rate.data:
            rates = data_values(context, payment.rate.data, coin, year)[positions]
            label = Label(payment.rate.data)
            _check_numbers(label, rates, regions, where=where, problems=problems)
    for section in spec.section:
        read, position = section_values(section, context, year)
        name = Label(section.id, section.name)
        region = [context.label(section.upstream)]
        value = read.value[[position]]
        _check_present(name, value, region, where=where, problems=problems)
        for amount in (section.pays, section.repays, section.rate, section.most):
            if amount is not None and amount.data:
                values = data_values(context, amount.data, coin, year)[[position]]
                label = Label(amount.data)
                _check_numbers(label, values, region, where=where, problems=problems)
    row = pool_rows(spec, context).get(year)
    if row is not None and row["currency"] != coin:
        coins = [row["currency"], coin]
        problems.add("wrong-dimension", where, "allocation.currencies", currencies=coins)


def _check_present(
    name: Label,
    numbers: np.ndarray,
    regions: Sequence[Sayable],
    *,
    where: Where,
    problems: ProblemLog,
) -> None:
    """Check that every region has a number, of whatever sign."""
    missing = []
    for region, number in zip(regions, numbers, strict=True):
        if np.isnan(number):
            missing.append(region)
    if missing:
        problems.add("missing-data", where, "allocation.no-number", name=name, regions=missing)


def _check_numbers(
    name: Label,
    numbers: np.ndarray,
    regions: Sequence[Sayable],
    *,
    where: Where,
    problems: ProblemLog,
) -> None:
    """Check that every region that takes part has a number, and none below 0."""
    missing = []
    negative = []
    for region, number in zip(regions, numbers, strict=True):
        if np.isnan(number):
            missing.append(region)
        if number < 0:
            negative.append(region)
    if missing:
        problems.add("missing-data", where, "allocation.no-number", name=name, regions=missing)
    if negative:
        problems.add("negative", where, "allocation.negative", name=name, regions=negative)


def _check_paid_in(
    spec: AllocationSpec,
    context: AssessmentContext,
    year: int,
    positions: Sequence[int],
    *,
    where: Where,
    problems: ProblemLog,
) -> None:
    """Check that no region loses more than it paid in, and that the pool is what was paid in.

    Parameters
    ----------
    spec : AllocationSpec
        Of the method ``horizontal``.
    context : AssessmentContext
    year : int
    positions : sequence of int
        Positions of the regions that take part, in ``context.regions``.
    where : Where
        The scheme and the year.
    problems : ProblemLog
        Collects ``deduction-range`` and ``pool-mismatch``.
    """
    amounts = amounts_in_fen(spec.contribution, context, year, positions)
    paid_in = [amount or 0 for amount in amounts]
    losses = money_lost(spec, context, year, positions)
    unit = currency_paid_in(spec)
    for position, paid, taken in zip(positions, paid_in, losses, strict=True):
        if not 0 <= taken <= paid:
            problems.add(
                "deduction-range",
                where,
                "allocation.loses-more",
                region=context.label(context.regions[position]),
                name=spec.deducted,
                lost=yuan(taken),
                paid_in=yuan(paid),
                unit=unit,
            )
    row = pool_rows(spec, context).get(year)
    total = yuan(sum(paid_in))
    if row is not None and row["amount"] != total:
        problems.add(
            "pool-mismatch",
            row_place(str(row["file"]), [row["row"]], "amount"),
            "allocation.pool-mismatch",
            pool=spec.pool,
            amount=row["amount"],
            count=len(paid_in),
            paid_in=total,
            unit=unit,
        )
