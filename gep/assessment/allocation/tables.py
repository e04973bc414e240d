"""The tables of a compensation scheme (资金分配各表): amounts of regions, use of pools."""

from collections.abc import Sequence

import pandas as pd

from gep.assessment.allocation.scheme import AllocationSpec
from gep.assessment.allocation.shares import YearAllocation, pool_rows
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import coin_of, yuan
from gep.inputs.value_rows import GRADES

ALLOCATION_COLUMNS = [
    "region",
    "year",
    "pool",
    "score",
    "coefficient",
    "amount",
    "deduction",
    "carried_forward",
    "unit",
]
POOL_COLUMNS = [
    "year",
    "pool",
    "amount",
    "carried_in",
    "available",
    "regions",
    "allotted",
    "deducted",
    "carried_forward",
    "difference",
    "unit",
    "grade",
    "source",
    "locator",
]
_PAID_IN = "各地出资 contributions"  # source of a pool without a row, as results have it


def allocation_tables(
    spec: AllocationSpec, context: AssessmentContext, allocations: Sequence[YearAllocation]
) -> dict[str, pd.DataFrame]:
    """Return the tables of a scheme.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    allocations : sequence of YearAllocation
        At least one.

    Returns
    -------
    dict of str to DataFrame
        ``allocation.csv``, a row for each region and year, columns ``ALLOCATION_COLUMNS``;
        ``allocation_pools.csv``, a row for each year, columns ``POOL_COLUMNS``. Money is Decimal,
        in the currency of the pool, with two decimals.
    """
    yearly = [_region_rows(spec, allocation) for allocation in allocations]
    pools = [_pool_row(spec, context, allocation) for allocation in allocations]
    return {
        "allocation.csv": pd.concat(yearly, ignore_index=True)[ALLOCATION_COLUMNS],
        "allocation_pools.csv": pd.DataFrame(pools)[POOL_COLUMNS],
    }


def _region_rows(spec: AllocationSpec, allocation: YearAllocation) -> pd.DataFrame:
    """Return the rows of a year in ``allocation.csv``."""
    columns = {
        "region": allocation.regions,
        "year": allocation.year,
        "pool": spec.pool,
        "score": [float(score) for score in allocation.score],
        "coefficient": [float(coefficient) for coefficient in allocation.coefficient],
        "amount": _money_column(allocation.amount),
        "deduction": _money_column(allocation.deduction),
        "carried_forward": _money_column(allocation.carried_forward),
        "unit": coin_of(allocation.currency),
    }
    return pd.DataFrame(columns)


def _money_column(amounts: Sequence[int]) -> pd.Series:
    """Return amounts in fen as a column of exact decimals."""
    return pd.Series([yuan(amount) for amount in amounts], dtype=object)


def _pool_row(
    spec: AllocationSpec, context: AssessmentContext, allocation: YearAllocation
) -> dict[str, object]:
    """Return a year's row in ``allocation_pools.csv``; the difference is 0, as no fen is lost."""
    row = pool_rows(spec, context).get(allocation.year, {})
    available = allocation.pool + allocation.carried_in
    allotted = sum(allocation.amount)
    carried_forward = sum(allocation.carried_forward)
    return {
        "year": allocation.year,
        "pool": spec.pool,
        "amount": yuan(allocation.pool),
        "carried_in": yuan(allocation.carried_in),
        "available": yuan(available),
        "allotted": yuan(allotted),
        "deducted": yuan(sum(allocation.deduction)),
        "carried_forward": yuan(carried_forward),
        "difference": yuan(available - allotted - carried_forward),
        "regions": len(allocation.regions),
        "unit": coin_of(allocation.currency),
        "grade": GRADES[int(row["grade"])] if row else "",
        "source": row.get("source", _PAID_IN),
        "locator": row.get("locator", ""),
    }
