"""Schemes of kind ``allocation`` (生态补偿资金分配): pools shared out by factors, or horizontally.

Method of factors: ``score_i = sum_f w_f s_if / sum_j s_jf`` and
``M_i = M score_i k_i / sum_j score_j k_j``, within floors and caps; an event takes a share of a
region's money, which joins the pool of the next year. Horizontal method: each region pays in; what
is deducted is shared out by the number of indicators met, and an event bars from that. Method of
rules: payments by reading and sections of rivers state amounts, which a pool may limit.
"""

from pathlib import Path

from gep.assessment.allocation.checks import check_inputs, check_scheme
from gep.assessment.allocation.explain import allocation_caption, explain_allocation
from gep.assessment.allocation.scheme import (
    AllocationScheme,
    AllocationSpec,
    named_amounts,
    rule_amounts,
)
from gep.assessment.allocation.shares import currency_of_rules, pool_rows, share_out
from gep.assessment.allocation.tables import allocation_tables
from gep.assessment.context import AssessmentContext
from gep.assessment.published import PublishedItem
from gep.assessment.readings import Reading, SchemeReading
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.texts.catalogue import Language
from gep.units import currency

TOTAL_ITEMS = ("total", "amount")  # the items that mean a region's whole amount


def load(spec: AllocationSpec, path: Path, problems: ProblemLog) -> AllocationScheme:
    """Make the scheme; there are no tables beside it."""
    return AllocationScheme(spec, path, (path,), KIND)


def readings(scheme: AllocationScheme) -> list[SchemeReading]:
    """Return the readings of rules, coefficient, amounts, events and what was deducted before."""
    spec = scheme.spec
    label = scheme.path.name
    listed = []
    for kind, members in spec.rules.items():
        for part in members:
            where = f"{label} {kind} {part.id}"
            named = SchemeReading(
                part.reading,
                part.unit,
                where,
                part.grade,
                item=part.id,
                name=part.name,
            )
            listed.append(named)
    if spec.coefficient is not None:
        where = f"{label} coefficient"
        listed.append(SchemeReading(spec.coefficient, "1", where, item="coefficient"))
    for key, amount in (named_amounts(spec) | rule_amounts(spec)).items():
        if amount.data:
            reading = Reading(data=amount.data)
            unit = currency(amount.unit) or amount.unit
            listed.append(SchemeReading(reading, unit, f"{label} {key}", item=key))
    for rule in spec.event:
        if rule.data:
            reading = Reading(data=rule.data)
            where = f"{label} event {rule.id}"
            listed.append(SchemeReading(reading, "1", where, item=rule.id, name=rule.name))
    if spec.met:
        reading = Reading(data=spec.met)
        listed.append(SchemeReading(reading, "1", f"{label} met", item="met"))
    if spec.deducted:
        reading = Reading(data=spec.deducted)
        listed.append(SchemeReading(reading, "CNY", f"{label} deducted", item="deducted"))
    return listed


def bases(scheme: AllocationScheme) -> set[str]:
    """Return the bases of accounts that a scheme reads."""
    return {named.reading.basis for named in readings(scheme) if named.reading.account}


def published(scheme: AllocationScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: amount, deduction, score."""
    spec = scheme.spec
    coin = currency_of_rules(spec)
    for row in pool_rows(spec, context).values():
        coin = row["currency"] or coin
    score_unit = coin if spec.method == "rules" else "1"
    return {
        TOTAL_ITEMS[0]: PublishedItem("allocation.csv", "amount", unit=coin),
        f"{TOTAL_ITEMS[0]}.deduction": PublishedItem("allocation.csv", "deduction", unit=coin),
        f"{TOTAL_ITEMS[0]}.score": PublishedItem("allocation.csv", "score", unit=score_unit),
    }


def made_up(scheme: AllocationScheme) -> list[str]:
    """Return the ids of factors, payments and sections that are made up."""
    spec = scheme.spec
    return [part.id for part in spec.all_rules if part.grade == "placeholder"]


def table_grade(scheme: AllocationScheme, context: AssessmentContext) -> int:
    """Return the worst grade of the pools."""
    rows = pool_rows(scheme.spec, context).values()
    return max((int(row["grade"]) for row in rows), default=0)


def event_ids(scheme: AllocationScheme) -> set[str]:
    """Return the events that deduct."""
    return {rule.id for rule in scheme.spec.event}


def assess(scheme: AllocationScheme, context: AssessmentContext) -> Assessment:
    """Share out the pools of all years.

    Parameters
    ----------
    scheme : AllocationScheme
    context : AssessmentContext
        In which ``check_inputs`` finds nothing wrong.

    Returns
    -------
    Assessment
    """
    spec = scheme.spec
    allocations = share_out(spec, context)
    by_year = {allocation.year: allocation for allocation in allocations}

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        if year not in by_year:
            return []
        return explain_allocation(
            spec,
            context,
            by_year[year],
            region=region,
            item=item,
            language=language,
        )

    def items(region: str, year: int) -> list[str]:
        if year not in by_year or region not in by_year[year].regions:
            return []
        return [*TOTAL_ITEMS, *(part.id for part in spec.all_rules)]

    account_readings = {}
    for part in spec.all_rules:
        if part.reading.account:
            account_readings[part.id] = part.reading
    return Assessment(
        scheme=scheme,
        tables=allocation_tables(spec, context, allocations),
        explain=explain,
        items=items,
        account_readings=account_readings,
        caption=allocation_caption(spec, context, list(by_year)),
    )


KIND = Kind(
    name="allocation",
    spec=AllocationSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    event_ids=event_ids,
    made_up=made_up,
    readings=readings,
    published=published,
    table_grade=table_grade,
)
