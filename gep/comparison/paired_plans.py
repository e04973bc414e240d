"""The grid of a comparison (对比网格): two of its accounts position by position, on the regions of its boundary."""

import numpy as np

from gep.account.account import Account
from gep.account.columns import columns_of
from gep.account.lines import AccountLines, lines_of
from gep.comparison.comparison import Comparison, Pair
from gep.plan.alignment import align_plans, relabel_regions
from gep.plan.plan import Plan


def stable_regions(found: Comparison, pair: Pair) -> np.ndarray:
    """The regions that are one region, whole, in both years."""
    fine = np.ones(len(found.regions), dtype=bool)
    for year in pair:
        shares = found.shares[year]
        whole = (shares == 1) & ((shares > 0).sum(axis=1) == 1)[:, None]
        fine &= (whole.sum(axis=0) == 1) & ((shares > 0).sum(axis=0) == 1)
    return fine


def _renamed(found: Comparison, account: Account) -> Plan:
    """The plan with the region codes of the boundary where a region was only renamed."""
    plan, shares = account.plan, found.shares[account.year]
    codes = [str(code) for code in plan.extent.regions]
    for position in np.flatnonzero((shares == 1).any(axis=1)):
        new = int(np.argmax(shares[position] == 1))
        if (shares[:, new] > 0).sum() == 1:
            codes[position] = str(found.regions[new])
    return relabel_regions(plan, codes)


def pair_plans(found: Comparison, first: Account, last: Account) -> tuple[Plan, Plan, AccountLines]:
    """Two accounts on the grid of the comparison's regions, and the lines of that grid."""
    regions = [str(code) for code in found.regions]
    one, other = align_plans([_renamed(found, first), _renamed(found, last)], regions)
    empty = {step.name: np.zeros(step.valid.shape) for step in one.steps}
    return one, other, lines_of(one, columns_of(one, empty, by_ecosystem=False).columns)
