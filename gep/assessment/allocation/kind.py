"""Schemes of kind ``allocation`` (生态补偿资金分配): pools shared out by factors, or horizontally.

Factor method: ``score_i = sum_f w_f s_if / sum_j s_jf`` and
``M_i = M score_i k_i / sum_j score_j k_j``, within floors and caps; an event takes a share of a
region's money, which joins the pool of the next year. Horizontal method: each region pays in; what
is deducted is shared out by the number of indicators met, and an event bars from that.
"""

from pathlib import Path

from gep.assessment.allocation.checks import check_inputs, check_scheme
from gep.assessment.allocation.explain import allocation_caption, explain_allocation
from gep.assessment.allocation.scheme import AllocationScheme, AllocationSpec, named_amounts
from gep.assessment.allocation.shares import share_out
from gep.assessment.allocation.tables import allocation_tables
from gep.assessment.context import AssessmentContext
from gep.assessment.decided import ReadItem
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.texts.catalogue import Language

TOTAL_ITEMS = ("total", "amount")  # the items that mean a region's whole amount


def load(spec: AllocationSpec, path: Path, problems: ProblemLog) -> AllocationScheme:
    """Make the scheme; there are no tables beside it."""
    return AllocationScheme(spec, path, (path,), KIND)


def bases(scheme: AllocationScheme) -> set[str]:
    """Return the bases of accounts that factors and coefficients read."""
    readings = [factor.reading for factor in scheme.spec.factor]
    if scheme.spec.coefficient is not None:
        readings.append(scheme.spec.coefficient)
    return {reading.basis for reading in readings if reading.account}


def event_ids(scheme: AllocationScheme) -> set[str]:
    """Return the events that deduct."""
    return {rule.id for rule in scheme.spec.event}


def read_items(scheme: AllocationScheme) -> list[ReadItem]:
    """Return factors, coefficient and named data with what they read."""
    spec = scheme.spec
    items = []
    for factor in spec.factor:
        items.append(ReadItem(factor.id, factor.reading, factor.unit, factor.name))
    if spec.coefficient is not None:
        items.append(ReadItem("coefficient", spec.coefficient, "1"))
    for key, amount in named_amounts(spec).items():
        if amount.data:
            items.append(ReadItem(key, Reading(data=amount.data), amount.unit))
    for rule in spec.event:
        if rule.data:
            items.append(ReadItem(rule.id, Reading(data=rule.data), "1", rule.name))
    if spec.met:
        items.append(ReadItem("met", Reading(data=spec.met), "1"))
    if spec.deducted:
        items.append(ReadItem("deducted", Reading(data=spec.deducted), "CNY"))
    return items


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
            spec, context, by_year[year], region=region, item=item, language=language
        )

    def items(region: str, year: int) -> list[str]:
        if year not in by_year or region not in by_year[year].regions:
            return []
        return [*TOTAL_ITEMS, *(factor.id for factor in spec.factor)]

    account_readings = {}
    for factor in spec.factor:
        if factor.reading.account:
            account_readings[factor.id] = factor.reading
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
    read_items=read_items,
)
