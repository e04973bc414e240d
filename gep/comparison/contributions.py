"""What regions contribute to the growth of those above them (各县拉动): ``contributions.csv``.

A county's contribution to its city or province is its own change over the first level of the
parent. The contributions of all regions inside a parent add up to its growth, at any price basis.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.account.result_tables import blanked
from gep.comparison.panel import Pair, Panel, known_values

CONTRIBUTION_COLUMNS = [
    "parent",
    "region",
    "level",
    "category",
    "indicator",
    "from",
    "to",
    "change",
    "contribution",
    "parent_growth",
    "price_basis",
    "unit",
]
_POINTS = 100  # percentage points in 1


def contributions_table(panels: Sequence[Panel]) -> pd.DataFrame:
    """Return the rows of ``contributions.csv``.

    Parameters
    ----------
    panels : sequence of Panel
        One for each price basis.

    Returns
    -------
    DataFrame
        Columns ``CONTRIBUTION_COLUMNS``: a row for each parent, each region or parent inside it,
        each value (totals, categories, indicators) and pair of years. ``contribution`` and
        ``parent_growth`` are in percentage points, blank where the parent's first level is not
        above zero or a number is missing. Rows of ``level`` ``region`` add up to the growth.
    """
    tables = []
    for panel in panels:
        for pair in panel.pairs:
            tables.append(_pair_table(panel, pair))
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=CONTRIBUTION_COLUMNS)
    return pd.concat(filled, ignore_index=True)


def _pair_table(panel: Panel, pair: Pair) -> pd.DataFrame:
    """Return the rows of a pair of years."""
    inside, above = _pairs_of_regions(panel)
    is_value = (panel.lines["kind"] == "value") & (panel.lines["item"] == "")
    lines = np.flatnonzero(is_value.to_numpy())
    first_year, last_year = pair
    first = panel.levels[first_year]
    last = panel.levels[last_year]
    has_gap = first.gap | last.gap
    change = known_values(last, 0.0) - known_values(first, 0.0)
    change = np.where(has_gap, np.nan, change)
    before = known_values(first, np.nan)
    base = np.where(before > 0, before, np.nan)
    is_known = first.valid | last.valid
    is_shown = is_known[inside][:, lines]
    rows, columns = np.nonzero(is_shown)
    region = inside[rows]
    parent = above[rows]
    line = lines[columns]
    own_change = change[region, line]
    parent_change = change[parent, line]
    parent_base = base[parent, line]
    contribution = _POINTS * own_change
    contribution = contribution / parent_base
    growth = _POINTS * parent_change
    growth = growth / parent_base
    table = panel.lines.iloc[line]
    table = table.reset_index(drop=True)
    table["parent"] = panel.codes[parent]
    table["region"] = panel.codes[region]
    is_region = panel.depth[region] < 0
    table["level"] = np.where(is_region, "region", "parent")
    table["from"], table["to"] = pair
    table["change"] = blanked(own_change)
    table["contribution"] = blanked(contribution)
    table["parent_growth"] = blanked(growth)
    table["price_basis"] = panel.basis
    return table[CONTRIBUTION_COLUMNS]


def _pairs_of_regions(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of regions and parents, and of each parent above them."""
    regions = panel.accounts[-1].plan.regions
    position_of = {str(code): position for position, code in enumerate(panel.codes)}
    inside: list[int] = []
    above: list[int] = []
    for code, position in position_of.items():
        if regions is None:
            continue
        for parent in regions.ancestors(code):
            if parent in position_of:
                inside.append(position)
                above.append(position_of[parent])
    return np.array(inside, dtype=int), np.array(above, dtype=int)
