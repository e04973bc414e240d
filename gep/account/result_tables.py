"""Result tables (核算结果): the firm columns of ``account.csv``, ``by_ecosystem.csv`` and ``summary.csv``.

All tables are cut from one matrix, regions (then parents) x columns, where a column is a step and item.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from gep.extent.classes import Regions
from gep.plan.plan import Plan
from gep.plan.steps import PlannedStep
from gep.standards.standard import CATEGORIES
from gep.units import factor

ACCOUNT_COLUMNS = ["year", "region", "level", "category", "indicator", "step", "item", "kind", "value", "unit"]
ECOSYSTEM_COLUMNS = [*ACCOUNT_COLUMNS, "ecosystem"]
SUMMARY_COLUMNS = ["year", "region", "level", "category", "value", "unit", "per_km2", "per_capita", "share"]
NOT_COMPILED = "not_compiled"
_CELLS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Block:
    """Values of regions x columns: ``present`` says which exist, ``valid`` which are not na, ``gap`` what lacks."""

    values: np.ndarray
    present: np.ndarray
    valid: np.ndarray
    gap: np.ndarray
    columns: pd.DataFrame

    def of(self, chosen: slice) -> "Block":
        """The same of some regions."""
        return Block(self.values[chosen], self.present[chosen], self.valid[chosen], self.gap[chosen], self.columns)

    def cells(self) -> np.ndarray:
        """Values as written: numbers, ``na`` or ``not_compiled``."""
        plain = self.valid & ~self.gap
        if plain[self.present].all():
            return self.values
        cells = self.values.astype(object)
        cells[~self.valid] = "na"
        cells[self.gap] = NOT_COMPILED
        return cells


@dataclass(frozen=True)
class Parents:
    """The regions above those with rows: codes, and which regions each sums."""

    codes: tuple[str, ...]
    members: tuple[np.ndarray, ...]


def parents(plan: Plan) -> Parents:
    """The parents of the plan's regions, the nearest first, each level in the order of the regions' table."""
    return parents_of(plan.regions, plan.extent.regions)


def parents_of(regions: Regions | None, codes: Iterable[str]) -> Parents:
    """The parents of some regions."""
    if regions is None:
        return Parents((), ())
    found: dict[str, list[int]] = {}
    for position, code in enumerate(codes):
        for above in regions.ancestors(code):
            found.setdefault(above, []).append(position)
    depth = {code: len(regions.ancestors(code)) for code in found}
    order = sorted((code for code in regions.frame.index if code in found), key=lambda code: -depth[code])
    return Parents(tuple(order), tuple(np.array(found[code]) for code in order))


def roll_up(values: np.ndarray, above: Parents, how: str = "sum") -> np.ndarray:
    """Rows of regions, then rows of parents (the last axis but one)."""
    if not above.codes:
        return values
    rows = [getattr(np, how)(values[..., members, :], axis=-2, keepdims=True) for members in above.members]
    return np.concatenate([values, *rows], axis=-2)


def _items(one: PlannedStep) -> tuple[list[str], list[str]]:
    keys = [dim for dim in one.out if dim not in ("region", "ecosystem")]
    combos = list(product(*[one.members[key] for key in keys]))
    return [";".join(f"{key}={name}" for key, name in zip(keys, combo, strict=True)) for combo in combos], keys


def columns_of(plan: Plan, results: Mapping[str, np.ndarray], *, by_ecosystem: bool) -> Block:
    """All steps of a plan side by side, summed over ecosystems or not."""
    steps = [one for one in _shown(plan) if not (by_ecosystem and one.step.kind == "auxiliary")]
    count = len(plan.extent.regions)
    stores: tuple[list[np.ndarray], ...] = ([], [], [], [])
    for one in steps:
        masks = [one.present, one.valid]
        if not by_ecosystem:
            masks = [_any_ecosystem(part, one) for part in masks]
        values = results[one.name] if by_ecosystem else _collected(plan, results[one.name], one)
        flat = [part.reshape(count, -1) for part in (values, *masks)]
        gap = np.zeros(count, dtype=bool) if one.gap is None else one.gap
        flat.append(np.broadcast_to(gap[:, None], flat[0].shape))
        for store, part in zip(stores, flat, strict=True):
            store.append(part)
    values, present, valid, gaps = (np.hstack(store) for store in stores)
    meta = pd.concat([_meta(plan, one, "ecosystem" in one.out and by_ecosystem) for one in steps], ignore_index=True)
    return Block(values, present, valid, gaps, meta)


def column_values(plan: Plan, results: Mapping[str, np.ndarray]) -> np.ndarray:
    """The values of ``columns_of`` summed over ecosystems: (draws x) regions x columns."""
    parts = list(column_parts(plan, results))
    ahead = np.broadcast_shapes(*(part.shape[:-2] for part in parts))
    return np.concatenate([np.broadcast_to(part, (*ahead, *part.shape[-2:])) for part in parts], axis=-1)


def column_parts(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """The same step by step, (draws x) regions x items, as they lie in memory."""
    for one in _shown(plan):
        part = _collected(plan, results[one.name], one)
        ahead = part.shape[: part.ndim - len([dim for dim in one.out if dim != "ecosystem"])]
        yield part.reshape(*ahead, len(plan.extent.regions), -1)


def _shown(plan: Plan) -> list[PlannedStep]:
    """The steps that result tables show: those that are sums."""
    return [one for one in plan.steps if one.step.per != "none"]


def _collected(plan: Plan, values: np.ndarray, one: PlannedStep) -> np.ndarray:
    """Amounts of a step by region."""
    return plan.extent.collect(values, one.out.index("ecosystem") - len(one.out)) if "ecosystem" in one.out else values


def _any_ecosystem(mask: np.ndarray, one: PlannedStep) -> np.ndarray:
    return np.asarray(mask.any(axis=one.out.index("ecosystem"))) if "ecosystem" in one.out else mask


def _meta(plan: Plan, one: PlannedStep, eco: bool) -> pd.DataFrame:
    items, _ = _items(one)
    names = list(plan.extent.ecosystems) if eco else ["unallocated"]
    pairs = [(name, item) for name in names for item in items]
    return pd.DataFrame(
        {
            "category": one.indicator.category if one.indicator else "",
            "indicator": one.indicator.id if one.indicator else "",
            "step": one.step.id,
            "item": [item for _, item in pairs],
            "kind": one.step.kind,
            "unit": one.step.unit,
            "ecosystem": [name for name, _ in pairs],
            "additive": one.step.additive,
            "scale": factor(one.step.unit, plan.standard.text.unit) if one.step.kind == "value" else np.nan,
        }
    )


def with_parents(block: Block, above: Parents) -> Block:
    """A block with the rows of the parents below."""
    shown = np.where(block.valid, block.values, 0.0)
    return Block(
        roll_up(shown, above), roll_up(block.present, above, "any"), roll_up(block.valid, above, "any"),
        roll_up(block.gap, above, "any"), block.columns,
    )  # fmt: skip


def long_table(
    plan: Plan, block: Block, above: Parents, names: Sequence[str], chosen: slice = slice(None)
) -> pd.DataFrame:
    """A block (or its chosen regions) as rows: one for each region and column that exists."""
    codes = np.array([*plan.extent.regions, *above.codes[: len(block.values) - len(plan.extent.regions)]], dtype=object)
    level = np.array(["region"] * len(plan.extent.regions) + ["parent"] * len(above.codes), dtype=object)
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
        yield long_table(plan, block, Parents((), ()), ECOSYSTEM_COLUMNS, slice(start, start + each))


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


def summary_of(plan: Plan, block: Block, above: Parents) -> Summary:
    """Categories of the headline, the headline, and the other totals; na is skipped, a sum of nothing but na is na."""
    text = plan.standard.text
    headline = set(text.total[0].indicators)
    meta = block.columns
    value = (meta["kind"] == "value").to_numpy()
    chosen: dict[str, np.ndarray] = {}
    for category in CATEGORIES:
        mask = value & (meta["category"] == category).to_numpy() & meta["indicator"].isin(headline).to_numpy()
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
        tuple(chosen), scaled @ picks, (block.valid.astype(float) @ picks) > 0, (block.gap.astype(float) @ picks) > 0,
        _above_known(plan, above, plan.land_area, "area"),
        _above_known(plan, above, _population(plan), "population"),
    )  # fmt: skip


def _population(plan: Plan) -> np.ndarray:
    if plan.regions is None:
        return np.full(len(plan.extent.regions), np.nan)
    return np.asarray(plan.regions.frame["population"].reindex(plan.extent.regions), dtype=float)


def _above_known(plan: Plan, above: Parents, own: np.ndarray, column: str) -> np.ndarray:
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
            "unit": plan.standard.text.unit,
        }
    )
    share_gap = found.gap | found.gap[:, [found.names.index("total")]]
    for name, ratio in ratios.items():
        frame[name] = _written(ratio, found.valid, share_gap if name == "share" else found.gap, blank=True).ravel()
    return frame[SUMMARY_COLUMNS]


def blanked(values: np.ndarray, whole: bool = False) -> np.ndarray:
    """Numbers as cells with blanks for NaN; ``whole`` ones as integers."""
    cells = (np.nan_to_num(values).astype(int) if whole else values).astype(object)
    cells[np.isnan(values)] = ""
    return cells


def _written(values: np.ndarray, valid: np.ndarray, gap: np.ndarray, blank: bool = False) -> np.ndarray:
    finite = np.isfinite(values)
    if valid.all() and not gap.any() and finite.all():
        return values
    cells = values.astype(object)
    cells[~finite] = ""
    cells[~valid] = "" if blank else "na"
    cells[gap] = "" if blank else NOT_COMPILED
    return cells
