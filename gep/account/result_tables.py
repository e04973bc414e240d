"""Result tables (核算结果): the firm columns of ``account.csv``, ``by_ecosystem.csv`` and ``summary.csv``.

All tables are cut from one matrix, regions (then parents) x columns, where a column is a step and item.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED, ParentRegions, ResultColumns, columns_of
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES

ACCOUNT_COLUMNS = [
    "year",
    "region",
    "level",
    "category",
    "indicator",
    "step",
    "item",
    "kind",
    "value",
    "unit",
]
ECOSYSTEM_COLUMNS = [*ACCOUNT_COLUMNS, "ecosystem"]
SUMMARY_COLUMNS = [
    "year",
    "region",
    "level",
    "category",
    "value",
    "unit",
    "per_km2",
    "per_capita",
    "share",
]
_CELLS_AT_ONCE = 500_000


def long_table(
    plan: Plan,
    block: ResultColumns,
    above: ParentRegions,
    names: Sequence[str],
    chosen: slice = slice(None),
) -> pd.DataFrame:
    """A block (or its chosen regions) as rows: one for each region and column that exists."""
    codes = np.array(
        [*plan.extent.regions, *above.codes[: len(block.values) - len(plan.extent.regions)]],
        dtype=object,
    )
    level = np.array(
        ["region"] * len(plan.extent.regions) + ["parent"] * len(above.codes), dtype=object
    )
    block = block.of(chosen)
    row, column = np.nonzero(block.present)
    codes, level, values = codes[chosen][row], level[chosen][row], block.cells()[row, column]
    frame = {"year": plan.year, "region": codes, "level": level, "value": values}
    for name in names:
        if name not in frame:
            frame[name] = block.columns[name].to_numpy()[column]
    return pd.DataFrame(frame)[list(names)]


def ecosystem_pieces(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[pd.DataFrame]:
    """The rows of ``by_ecosystem.csv``, some regions at a time: the whole does not fit in memory for many regions."""
    block = columns_of(plan, results, by_ecosystem=True)
    each = max(1, _CELLS_AT_ONCE // max(1, len(block.columns)))
    for start in range(0, len(block.values), each):
        yield long_table(
            plan, block, ParentRegions((), ()), ECOSYSTEM_COLUMNS, slice(start, start + each)
        )


@dataclass(frozen=True)
class Summary:
    """Sums of value by category and total: regions and parents x names, in the standard's unit."""

    codes: np.ndarray
    level: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    valid: np.ndarray
    gap: np.ndarray
    land: np.ndarray
    population: np.ndarray


def summary_of(plan: Plan, block: ResultColumns, above: ParentRegions) -> Summary:
    """Categories of the headline, the headline, and the other totals; na is skipped, a sum of nothing but na is na."""
    text = plan.standard.spec
    headline = set(text.total[0].indicators)
    meta = block.columns
    value = (meta["kind"] == "value").to_numpy()
    chosen: dict[str, np.ndarray] = {}
    for category in CATEGORIES:
        mask = (
            value
            & (meta["category"] == category).to_numpy()
            & meta["indicator"].isin(headline).to_numpy()
        )
        if mask.any():
            chosen[category] = mask
    for position, total in enumerate(text.total):
        name = "total" if position == 0 else f"total:{total.id}"
        chosen[name] = value & meta["indicator"].isin(total.indicators).to_numpy()
    picks = np.array(list(chosen.values())).T.astype(float)
    scaled = np.where(block.valid, block.values, 0.0) * np.nan_to_num(meta["scale"].to_numpy())
    full = len(plan.extent.regions)
    return Summary(
        np.array([*plan.extent.regions, *above.codes], dtype=object),
        np.array(["region"] * full + ["parent"] * len(above.codes), dtype=object),
        tuple(chosen),
        scaled @ picks,
        (block.valid.astype(float) @ picks) > 0,
        (block.gap.astype(float) @ picks) > 0,
        _above_known(plan, above, plan.land_area, "area"),
        _above_known(plan, above, _population(plan), "population"),
    )


def _population(plan: Plan) -> np.ndarray:
    if plan.regions is None:
        return np.full(len(plan.extent.regions), np.nan)
    return np.asarray(plan.regions.frame["population"].reindex(plan.extent.regions), dtype=float)


def _above_known(plan: Plan, above: ParentRegions, own: np.ndarray, column: str) -> np.ndarray:
    """A figure of the regions, then of the parents: their own if printed, else the sum if all parts are known."""
    if plan.regions is None or not above.codes:
        return own
    printed = plan.regions.frame[column].reindex(list(above.codes)).to_numpy(dtype=float)
    summed = np.array([own[members].sum() for members in above.members])
    return np.concatenate([own, np.where(np.isfinite(printed), printed, summed)])


def summary_table(plan: Plan, found: Summary) -> pd.DataFrame:
    """``summary.csv``: shares are fractions of the headline; unknown areas and populations leave blanks."""
    headline = found.values[:, [found.names.index("total")]]
    with np.errstate(all="ignore"):
        ratios = {
            "per_km2": found.values / found.land[:, None],
            "per_capita": found.values / found.population[:, None],
            "share": found.values / headline,
        }
    count = len(found.names)
    frame = pd.DataFrame(
        {
            "year": plan.year,
            "region": np.repeat(found.codes, count),
            "level": np.repeat(found.level, count),
            "category": np.tile(np.array(found.names, dtype=object), len(found.codes)),
            "value": _written(found.values, found.valid, found.gap).ravel(),
            "unit": plan.standard.spec.unit,
        }
    )
    share_gap = found.gap | found.gap[:, [found.names.index("total")]]
    for name, ratio in ratios.items():
        frame[name] = _written(
            ratio, found.valid, share_gap if name == "share" else found.gap, blank=True
        ).ravel()
    return frame[SUMMARY_COLUMNS]


def blanked(values: np.ndarray, whole: bool = False) -> np.ndarray:
    """Numbers as cells with blanks for NaN; ``whole`` ones as integers."""
    cells = (np.nan_to_num(values).astype(int) if whole else values).astype(object)
    cells[np.isnan(values)] = ""
    return cells


def _written(
    values: np.ndarray, valid: np.ndarray, gap: np.ndarray, blank: bool = False
) -> np.ndarray:
    finite = np.isfinite(values)
    if valid.all() and not gap.any() and finite.all():
        return values
    cells = values.astype(object)
    cells[~finite] = ""
    cells[~valid] = "" if blank else "na"
    cells[gap] = "" if blank else NOT_COMPILED
    return cells
