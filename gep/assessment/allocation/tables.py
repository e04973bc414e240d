"""The tables of a compensation scheme (资金分配各表): amounts of regions, use of pools."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.assessment.allocation.rules import RuleLine
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
RULE_COLUMNS = ["region", "year", "pool", "item", "reading", "reading_unit", "amount", "unit"]
# Sources of pools without a row, as results have them.
_SOURCES = {"horizontal": "各地出资 contributions", "rules": "按规则计算 sum of the rules"}


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
        in the currency of the pool, with two decimals. Of the method ``rules`` also
        ``allocation_rules.csv``, columns ``RULE_COLUMNS``: what payments and sections give each
        region, and what floor, cap, pool and events change; it sums to the amount.
    """
    yearly = [_region_rows(spec, allocation) for allocation in allocations]
    pools = [_pool_row(spec, context, allocation) for allocation in allocations]
    tables = {
        "allocation.csv": pd.concat(yearly, ignore_index=True)[ALLOCATION_COLUMNS],
        "allocation_pools.csv": pd.DataFrame(pools)[POOL_COLUMNS],
    }
    if spec.method == "rules":
        lines = []
        for allocation in allocations:
            lines += _rule_rows(spec, allocation)
        tables["allocation_rules.csv"] = pd.DataFrame(lines, columns=RULE_COLUMNS)
    return tables


def _rule_rows(spec: AllocationSpec, allocation: YearAllocation) -> list[dict[str, object]]:
    """Return the rows of a year in ``allocation_rules.csv``."""
    rows = []
    for index, region in enumerate(allocation.regions):
        cells = {
            "region": region,
            "year": allocation.year,
            "pool": spec.pool,
            "unit": coin_of(allocation.currency),
        }
        for lines in allocation.parts.payments:
            rows.append({**cells, **_line_cells(lines[index])})
        for line in allocation.parts.transfers[index]:
            rows.append({**cells, **_line_cells(line)})
        for name, amount in adjustments(allocation, index).items():
            adjusted = {"item": name, "reading": "", "reading_unit": "", "amount": yuan(amount)}
            rows.append({**cells, **adjusted})
    return rows


def _line_cells(line: RuleLine) -> dict[str, object]:
    """Return what the row of a rule holds."""
    return {
        "item": line.rule.id,
        "reading": "" if np.isnan(line.reading) else line.reading,
        "reading_unit": line.rule.unit,
        "amount": yuan(line.amount),
    }


def adjustments(allocation: YearAllocation, index: int) -> dict[str, int]:
    """Return what is changed of a region's claim by rule, in fen; what changes nothing is left out.

    Parameters
    ----------
    allocation : YearAllocation
        Of the method ``rules``.
    index : int
        Position of the region in it.

    Returns
    -------
    dict of str to int
        ``floor_or_cap``, ``pool``, ``deduction``.
    """
    limited = allocation.limited[index]
    after_pool = allocation.gross[index] - allocation.parts.transfer(index)
    changes = {
        "floor_or_cap": limited - allocation.parts.claim(index),
        "pool": after_pool - limited,
        "deduction": -allocation.deduction[index],
    }
    return {name: change for name, change in changes.items() if change}


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
    carried_forward = allocation.carried_out
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
        "source": row.get("source", _SOURCES.get(spec.method, "")),
        "locator": row.get("locator", ""),
    }
