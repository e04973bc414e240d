"""Ecosystem types in a comparison (分类型变化): what each gained and lost, and how much it weighs.

The two tables that papers print of a land-use account: area and value of each type with their
change and rate, and the coefficient of sensitivity of the total to the unit values of each type.
What land that changed its type did to value is left to ``land_change``.
"""

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import roll_up
from gep.account.lines import TOTAL
from gep.account.result_tables import blanked
from gep.comparison.land_change import values_by_type
from gep.comparison.panel import Pair, Panel, known_values

BY_TYPE_COLUMNS = [
    "region",
    "level",
    "ecosystem",
    "from",
    "to",
    "area_from",
    "area_to",
    "area_change",
    "area_growth",
    "area_unit",
    "value_from",
    "value_to",
    "change",
    "growth",
    "share_from",
    "share_to",
    "price_basis",
    "unit",
]
SENSITIVITY_COLUMNS = [
    "region",
    "level",
    "year",
    "ecosystem",
    "unit_value_change",
    "total",
    "total_changed",
    "total_change",
    "coefficient",
    "price_basis",
    "unit",
]

_UNALLOCATED = "unallocated"  # the name of what has no ecosystem type, as in by_ecosystem.csv
_STEPS = (0.5, -0.5)  # by which the unit values of a type are changed, as papers do
_M2_PER_KM2 = 1e6


def by_type_table(panel: Panel) -> pd.DataFrame:
    """Return the rows of ``by_type.csv``: change and rate of each ecosystem type.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    DataFrame
        Columns ``BY_TYPE_COLUMNS``: a row for each pair of years, region or parent and ecosystem
        type, then ``unallocated`` (what the headline has without a type) and ``total``. Areas in
        km2; values in the standard's unit, blank where the total is not compiled; rates and shares
        are fractions, blank where the first number is not above zero. Empty where the accounts
        differ in their class schemes or standards.
    """
    if _differs(panel):
        return pd.DataFrame(columns=BY_TYPE_COLUMNS)
    tables = [_pair_rows(panel, pair) for pair in panel.pairs]
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=BY_TYPE_COLUMNS)


def sensitivity_table(panel: Panel) -> pd.DataFrame:
    """Return the rows of ``by_type_sensitivity.csv``: coefficients of sensitivity of unit values.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    DataFrame
        Columns ``SENSITIVITY_COLUMNS``: a row for each year, region or parent, ecosystem type with
        value, and change of its unit values (0.5 and -0.5). ``total_change`` is a fraction of the
        total; ``coefficient`` is it over the change, without its sign.

    Notes
    -----
    CS = |((V_j - V_i) / V_i) / ((VC_jk - VC_ik) / VC_ik)|. All unit values of a type are changed
    together, so that the value of the type changes in the same proportion, and CS is the type's
    share of the total: below 1 the total is inelastic to them. That is a fact of arithmetic, and no
    measure of how sure a unit value is.

    References
    ----------
    The coefficient of elasticity of economics, used for ecosystem service values since Kreuter et
    al. (2001), Ecological Economics 39(3): 333-346.
    """
    if _differs(panel) or panel.headline is None:
        return pd.DataFrame(columns=SENSITIVITY_COLUMNS)
    tables = []
    for account in panel.accounts:
        values = _on_boundary(panel, account)[1]
        total = known_values(panel.levels[account.year], np.nan)[:, panel.headline]
        for step in _STEPS:
            tables.append(_sensitivity_rows(panel, account, values, total, step))
    return pd.concat(tables, ignore_index=True)


def _differs(panel: Panel) -> bool:
    """Return whether types of different accounts cannot be set side by side."""
    return "classes" in panel.differs or "standard" in panel.differs


def _on_boundary(panel: Panel, account: Account) -> tuple[np.ndarray, np.ndarray]:
    """Return areas (m2) and values of an account, regions and parents of the panel x types."""
    unit = panel.accounts[-1].plan.standard.spec.unit
    types = _types(panel)
    positions = types.get_indexer(account.plan.extent.ecosystems)
    matrices = []
    for own in (account.plan.extent.area_of(), values_by_type(account.plan, unit)):
        wide = np.zeros((len(panel.regions), len(types)))
        wide[:, positions] = panel.shares[account.year].T @ own
        matrices.append(roll_up(wide, panel.above, "sum"))
    return matrices[0], matrices[1]


def _types(panel: Panel) -> pd.Index:
    """Return the ecosystem types of all accounts, in the order of the scheme."""
    named: set[str] = set()
    for account in panel.accounts:
        named |= set(account.plan.extent.ecosystems)
    scheme = panel.accounts[-1].plan.scheme
    return pd.Index([name for name in scheme.classes if name in named])


def _pair_rows(panel: Panel, pair: Pair) -> pd.DataFrame:
    """Return the rows of a pair of years."""
    ends = []
    for year in pair:
        area, value = _on_boundary(panel, panel.account(year))
        total = np.full((len(panel.codes), 1), np.nan)
        if panel.headline is not None:
            total = known_values(panel.levels[year], np.nan)[:, [panel.headline]]
        value = np.where(np.isnan(total), np.nan, value)
        rest = total - value.sum(axis=1, keepdims=True)
        # What remains of a sum of types in its last bits is nothing that was left out.
        rest = np.where(np.abs(rest) > np.abs(total) * 1e-9, rest, 0.0)
        land = area.sum(axis=1, keepdims=True)
        ends.append(
            (
                np.hstack([area, np.zeros_like(land), land]) / _M2_PER_KM2,
                np.hstack([value, rest, total]),
            )
        )
    (area_from, value_from), (area_to, value_to) = ends
    names = np.array([*_types(panel), _UNALLOCATED, TOTAL], dtype=object)
    is_shown = (area_from != 0) | (area_to != 0) | (value_from != 0) | (value_to != 0)
    is_shown[:, -2] = (np.nan_to_num(value_from) != 0)[:, -2] | (np.nan_to_num(value_to) != 0)[
        :, -2
    ]
    is_shown[:, -1] = True
    row, column = np.nonzero(is_shown)
    table = _keys(panel, row, names[column])
    table["from"], table["to"] = pair
    numbers = {
        "area_from": area_from,
        "area_to": area_to,
        "area_change": area_to - area_from,
        "area_growth": _growth(area_from, area_to),
        "value_from": value_from,
        "value_to": value_to,
        "change": value_to - value_from,
        "growth": _growth(value_from, value_to),
        "share_from": _share(value_from),
        "share_to": _share(value_to),
    }
    for name, matrix in numbers.items():
        table[name] = blanked(matrix[row, column])
    table["area_unit"] = "km2"
    return table[BY_TYPE_COLUMNS]


def _sensitivity_rows(
    panel: Panel, account: Account, values: np.ndarray, total: np.ndarray, step: float
) -> pd.DataFrame:
    """Return the rows of a year and of a change of the unit values."""
    names = _types(panel).to_numpy(dtype=object)
    known = ~np.isnan(total) & (total != 0)
    row, column = np.nonzero((values != 0) & known[:, None])
    before = total[row]
    change = values[row, column] * step
    table = _keys(panel, row, names[column])
    table["year"] = account.year
    table["unit_value_change"] = step
    table["total"] = before
    table["total_changed"] = before + change
    table["total_change"] = change / before
    table["coefficient"] = np.abs(change / before / step)
    return table[SENSITIVITY_COLUMNS]


def _keys(panel: Panel, row: np.ndarray, names: np.ndarray) -> pd.DataFrame:
    """Begin rows: regions with their level, ecosystem types, prices and unit."""
    level = np.where(panel.depth[row] < 0, "region", "parent")
    table = pd.DataFrame({"region": panel.codes[row], "level": level, "ecosystem": names})
    table["price_basis"] = panel.basis
    table["unit"] = panel.accounts[-1].plan.standard.spec.unit
    return table


def _growth(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return rates of change as fractions; NaN where the first number is not above zero."""
    with np.errstate(all="ignore"):
        return np.where(first > 0, last / first - 1, np.nan)


def _share(values: np.ndarray) -> np.ndarray:
    """Return shares of the total in the last column; NaN where it is zero or not known."""
    with np.errstate(all="ignore"):
        return np.where(values[:, [-1]] != 0, values / values[:, [-1]], np.nan)
