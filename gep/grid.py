"""The grid of a comparison (对比网格): two of its accounts position by position, on the regions of its boundary."""

from dataclasses import replace

import numpy as np
import pandas as pd

from gep.account import Account
from gep.alignment import aligned
from gep.comparison import Comparison, Pair
from gep.lines import LINE_COLUMNS, Lines, lines_of
from gep.plan import Plan
from gep.results import columns_of


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
    return replace(plan, extent=replace(plan.extent, regions=pd.Index(codes, name="region", dtype=object)))


def twin_plans(found: Comparison, first: Account, last: Account) -> tuple[Plan, Plan, Lines]:
    """Two accounts on the grid of the comparison's regions, and the lines of that grid."""
    regions = [str(code) for code in found.regions]
    one, other = aligned([_renamed(found, first), _renamed(found, last)], regions)
    empty = {step.name: np.zeros(step.valid.shape) for step in one.steps}
    return one, other, lines_of(one, columns_of(one, empty, by_ecosystem=False).columns)


def on_lines(found: Comparison, lines: Lines, matrix: np.ndarray) -> np.ndarray:
    """Regions x lines of a grid brought to the lines of the comparison."""
    keys = LINE_COLUMNS[:-1]
    place = pd.MultiIndex.from_frame(found.lines[keys]).get_indexer(pd.MultiIndex.from_frame(lines.frame[keys]))
    wide = np.zeros((len(matrix), len(found.lines)))
    wide[:, place[place >= 0]] = matrix[:, place >= 0]
    return wide
