"""The table of land transitions (土地转移): what each gains or loses in area and value, and its margins.

Where only net changes are known the table says ``net``: margins alone do not identify transitions.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gep.extent.transitions import Matrix

TRANSITION_COLUMNS = ["region", "from", "to", "from_ecosystem", "to_ecosystem", "area", "area_unit", "value", "unit"]
_KM2 = 1e6
_Line = tuple[str, str, float, float]  # from, to, area, value
_Stocks = Mapping[str, tuple[np.ndarray, np.ndarray]]  # opening, closing, net -> area and value by type


def unit_values(value: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Value per m2 (region x ecosystem), NaN where there is no area."""
    with np.errstate(all="ignore"):
        return np.asarray(np.where(area > 0, value / area, np.nan))


def _of_both(unit_value0: np.ndarray, unit_value1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit values of two years; a type that has none in one year is taken at that of the other."""
    first = np.where(np.isnan(unit_value0), unit_value1, unit_value0)
    return first, np.where(np.isnan(unit_value1), unit_value0, unit_value1)


def transition_values(
    area: np.ndarray, unit_value0: np.ndarray, unit_value1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The value that each transition gains or loses, and by type what remains: the change of unit values.

    ``area`` is region x from x to, the unit values are region x ecosystem in the first and the last year, NaN where a
    type has none. With the mean unit value m of both years a transition gains area x (m of to - m of from); the
    remainder is mean area x change of unit value. Where the areas sum to those of the account both together are its
    change of value. At constant unit values this is area x (unit value of to - that of from), as papers print it.
    """
    first, last = _of_both(unit_value0, unit_value1)
    mean = (first + last) / 2
    gain = mean[:, None, :] - mean[:, :, None]
    every = np.arange(area.shape[1])
    gain[:, every, every] = 0
    stock = (area.sum(axis=2) + area.sum(axis=1)) / 2
    with np.errstate(invalid="ignore"):
        return np.where(area == 0, 0, area * gain), np.where(stock == 0, 0, stock * (last - first))


def transition_table(
    found: Matrix, unit_value0: np.ndarray, unit_value1: np.ndarray, unit: str, parents: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """``transitions.csv``: transitions and unchanged land, then the margins, by region and by parent.

    Unit values are in ``unit`` per m2 on the matrix's ecosystems (``Matrix.aligned``); ``parents`` are the positions of
    the regions that each sums. Opening and closing have the value of their year, all others what was gained or lost.
    A region without rows of transitions has ``net`` changes alone, and so has a parent with such a region.
    """
    area = _with_parents(found.area, parents)
    gains = transition_values(found.area, unit_value0, unit_value1)[0]
    value = _with_parents(np.where(found.area == 0, np.nan, gains), parents)
    whole = [*found.known, *(bool(found.known[list(members)].all()) for members in parents.values())]
    net, both = found.closing - found.opening, _of_both(unit_value0, unit_value1)
    stocks = {
        "opening": _stock(found.opening, unit_value0, parents),
        "closing": _stock(found.closing, unit_value1, parents),
        "net": _stock(net, (both[0] + both[1]) / 2, parents),
    }
    lines: list[tuple[str, *_Line]] = []
    for position, code in enumerate([*found.regions, *parents]):
        own = {name: (areas[position], worth[position]) for name, (areas, worth) in stocks.items()}
        part = _full(found.ecosystems, area[position], value[position], own) if whole[position] else None
        lines += [(code, *line) for line in (_net(found.ecosystems, own) if part is None else part)]
    table = pd.DataFrame(lines, columns=["region", "from_ecosystem", "to_ecosystem", "area", "value"])
    table["area"] /= _KM2
    if table["value"].isna().any():
        table["value"] = table["value"].astype(object).where(table["value"].notna(), "na")
    table = table.assign(area_unit="km2", unit=unit, **{"from": found.first, "to": found.last})
    return table[TRANSITION_COLUMNS]


def _stock(
    area: np.ndarray, unit_value: np.ndarray, parents: Mapping[str, Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Areas and their values, of regions and parents; what has no area has no value to be na."""
    value = _with_parents(np.where(area == 0, np.nan, area * unit_value), parents)
    area = _with_parents(area, parents)
    return area, np.where(np.isnan(value) & (area == 0), 0, value)


def _full(types: pd.Index, area: np.ndarray, value: np.ndarray, own: _Stocks) -> list[_Line]:
    """The rows of a region whose transitions are known."""
    used = area.any(axis=0) | area.any(axis=1) | (own["opening"][0] > 0) | (own["closing"][0] > 0)
    lines: list[_Line] = []
    for one, other in zip(*np.nonzero((area != 0) | np.diag(used)), strict=True):
        lines.append((types[one], types[other], area[one, other], 0.0 if one == other else value[one, other]))
    moved = area - np.diag(np.diag(area))
    for one in np.flatnonzero(used).tolist():
        away, here = moved[one] != 0, moved[:, one] != 0
        lines.append((types[one], "reductions", moved[one].sum(), _total(value[one][away])))
        lines.append(("additions", types[one], moved[:, one].sum(), _total(value[:, one][here])))
        lines.extend(_stock_lines(types[one], one, own))
    return lines


def _net(types: pd.Index, own: _Stocks) -> list[_Line]:
    lines: list[_Line] = []
    for one in np.flatnonzero((own["opening"][0] > 0) | (own["closing"][0] > 0)).tolist():
        lines.extend(_stock_lines(types[one], one, own))
        lines.append(("net", types[one], own["net"][0][one], own["net"][1][one]))
    return lines


def _stock_lines(name: str, at: int, own: _Stocks) -> list[_Line]:
    opening, closing = own["opening"], own["closing"]
    return [(name, "opening", opening[0][at], opening[1][at]), ("closing", name, closing[0][at], closing[1][at])]


def _total(values: np.ndarray) -> float:
    """A sum that skips na; of nothing but na it is na."""
    return float(np.nansum(values)) if not len(values) or np.isfinite(values).any() else np.nan


def _with_parents(values: np.ndarray, parents: Mapping[str, Sequence[int]]) -> np.ndarray:
    """Rows of regions, then of parents; na is skipped, a sum of nothing but na is na."""
    rows = [values]
    for members in parents.values():
        part = values[list(members)]
        none = np.isnan(part).all(axis=0)
        rows.append(np.where(none, np.nan, np.nansum(part, axis=0))[None])
    return np.concatenate(rows, axis=0)
