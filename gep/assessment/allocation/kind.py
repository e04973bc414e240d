"""Schemes of kind ``allocation`` (生态补偿资金分配): pools shared out by factors, or among those who met their indicators.

Factor method: ``score_i = sum_f w_f s_if / sum_j s_jf`` and ``M_i = M score_i k_i / sum_j score_j k_j``, within floors
and caps; an event takes a share of a region's money, which joins the pool of the next year. Horizontal method: each
region pays in; what is deducted is shared out by the number of indicators met, an event bars the award.
"""

from pathlib import Path

from gep.assessment.allocation.checks import check_inputs, check_scheme
from gep.assessment.allocation.explain import allocation_caption, explain_allocation
from gep.assessment.allocation.scheme import AllocationScheme, AllocationSpec
from gep.assessment.allocation.shares import share_out
from gep.assessment.allocation.tables import allocation_tables
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language

WHOLE = ("total", "amount")  # the items that mean a region's whole amount


def load(spec: AllocationSpec, path: Path, problems: ProblemLog) -> AllocationScheme:
    """Make the scheme; there are no tables beside it."""
    return AllocationScheme(spec, path, (path,), KIND)


def bases(scheme: AllocationScheme) -> set[str]:
    """The bases of accounts that factors and coefficients read."""
    readings = [factor.reading for factor in scheme.spec.factor]
    if scheme.spec.coefficient is not None:
        readings.append(scheme.spec.coefficient)
    return {reading.basis for reading in readings if reading.account}


def event_ids(scheme: AllocationScheme) -> set[str]:
    """The events that deduct."""
    return {event.id for event in scheme.spec.event}


def assess(scheme: AllocationScheme, context: AssessmentContext) -> Assessment:
    """Share out the pools of all years."""
    spec = scheme.spec
    years = share_out(spec, context)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_allocation(spec, context, years, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        shared = any(one.year == year and region in one.regions for one in years)
        return [*WHOLE, *(factor.id for factor in spec.factor)] if shared else []

    return Assessment(
        scheme,
        allocation_tables(spec, context, years),
        explain,
        items,
        {factor.id: factor.reading for factor in spec.factor if factor.reading.account},
        caption=tuple(Title(zh=zh, en=en) for zh, en in allocation_caption(spec, context, years)),
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
)
