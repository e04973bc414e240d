"""The tables of a compensation scheme (资金分配各表): what each region gets, and where each pool went."""

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from gep.assessment.allocation.scheme import AllocationSpec
from gep.assessment.allocation.shares import YearAllocation
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


def allocation_tables(
    text: AllocationSpec, ground: AssessmentContext, years: Sequence[YearAllocation]
) -> dict[str, pd.DataFrame]:
    """``allocation.csv`` and ``allocation_pools.csv`` of the years that have a pool."""
    return {
        "allocation.csv": pd.concat([_rows(text, one) for one in years], ignore_index=True)[
            ALLOCATION_COLUMNS
        ],
        "allocation_pools.csv": pd.DataFrame([_pool_row(text, ground, one) for one in years])[
            POOL_COLUMNS
        ],
    }


def _rows(text: AllocationSpec, one: YearAllocation) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": one.regions,
            "year": one.year,
            "pool": text.pool,
            "score": [float(score) for score in one.score],
            "coefficient": [float(k) for k in one.coefficient],
            "amount": _column(one.amount),
            "deduction": _column(one.deduction),
            "carried_forward": _column(one.carried),
            "unit": coin_of(one.coin),
        }
    )


def _column(amounts: Sequence[int]) -> pd.Series:
    return pd.Series([yuan(one) for one in amounts], dtype=object)


def _pool_row(
    text: AllocationSpec, ground: AssessmentContext, one: YearAllocation
) -> dict[str, object]:
    """A year's pool and where it went; the difference is 0: every fen is somewhere."""
    pools = ground.pools
    row = pools.of(text.pool).get(one.year, {}) if pools is not None else {}
    available = one.pool + one.carried_in
    money = {
        "amount": one.pool,
        "carried_in": one.carried_in,
        "available": available,
        "allotted": sum(one.amount),
        "deducted": sum(one.deduction),
        "carried_forward": sum(one.carried),
        "difference": available - sum(one.amount) - sum(one.carried),
    }
    said: dict[str, Decimal] = {name: yuan(amount) for name, amount in money.items()}
    grade = GRADES[int(row["grade"])] if row else ""
    return {
        "year": one.year,
        "pool": text.pool,
        **said,
        "regions": len(one.regions),
        "unit": coin_of(one.coin),
        "grade": grade,
        "source": row.get("source", "各地出资 contributions"),
        "locator": row.get("locator", ""),
    }
