"""Results as columns: regions and parents by steps and items."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from gep.extent.regions import Regions
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.units import factor


@dataclass(frozen=True)
class ResultColumns:
    """Values of regions x columns: ``present`` says which exist, ``valid`` which are not na, ``gap`` what lacks."""

    values: np.ndarray
    present: np.ndarray
    valid: np.ndarray
    gap: np.ndarray
    columns: pd.DataFrame

    def of(self, chosen: slice) -> "ResultColumns":
        """The same of some regions."""
        return ResultColumns(
            self.values[chosen],
            self.present[chosen],
            self.valid[chosen],
            self.gap[chosen],
            self.columns,
        )

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
class ParentRegions:
    """The regions above those with rows: codes, and which regions each sums."""

    codes: tuple[str, ...]
    members: tuple[np.ndarray, ...]


def parents(plan: Plan) -> ParentRegions:
    """The parents of the plan's regions, the nearest first, each level in the order of the regions' table."""
    return parents_of(plan.regions, plan.extent.regions)


def parents_of(regions: Regions | None, codes: Iterable[str]) -> ParentRegions:
    """The parents of some regions."""
    if regions is None:
        return ParentRegions((), ())
    found: dict[str, list[int]] = {}
    for position, code in enumerate(codes):
        for above in regions.ancestors(code):
            found.setdefault(above, []).append(position)
    depth = {code: len(regions.ancestors(code)) for code in found}
    order = sorted(
        (code for code in regions.frame.index if code in found), key=lambda code: -depth[code]
    )
    return ParentRegions(tuple(order), tuple(np.array(found[code]) for code in order))


def roll_up(values: np.ndarray, above: ParentRegions, how: str = "sum") -> np.ndarray:
    """Rows of regions, then rows of parents (the last axis but one)."""
    if not above.codes:
        return values
    rows = [
        getattr(np, how)(values[..., members, :], axis=-2, keepdims=True)
        for members in above.members
    ]
    return np.concatenate([values, *rows], axis=-2)


def _items(one: PlannedStep) -> tuple[list[str], list[str]]:
    keys = [dim for dim in one.out if dim not in ("region", "ecosystem")]
    combos = list(product(*[one.members[key] for key in keys]))
    return [
        ";".join(f"{key}={name}" for key, name in zip(keys, combo, strict=True)) for combo in combos
    ], keys


def columns_of(
    plan: Plan, results: Mapping[str, np.ndarray], *, by_ecosystem: bool
) -> ResultColumns:
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
    meta = pd.concat(
        [_meta(plan, one, "ecosystem" in one.out and by_ecosystem) for one in steps],
        ignore_index=True,
    )
    return ResultColumns(values, present, valid, gaps, meta)


def column_values(plan: Plan, results: Mapping[str, np.ndarray]) -> np.ndarray:
    """The values of ``columns_of`` summed over ecosystems: (draws x) regions x columns."""
    parts = list(column_parts(plan, results))
    ahead = np.broadcast_shapes(*(part.shape[:-2] for part in parts))
    return np.concatenate(
        [np.broadcast_to(part, (*ahead, *part.shape[-2:])) for part in parts], axis=-1
    )


def column_parts(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """The same step by step, (draws x) regions x items, as they lie in memory."""
    for one in _shown(plan):
        part = _collected(plan, results[one.name], one)
        ahead = part.shape[: part.ndim - len([dim for dim in one.out if dim != "ecosystem"])]
        yield part.reshape(*ahead, len(plan.extent.regions), -1)


def _collected(plan: Plan, values: np.ndarray, one: PlannedStep) -> np.ndarray:
    """Amounts of a step by region."""
    return (
        plan.extent.collect(values, one.out.index("ecosystem") - len(one.out))
        if "ecosystem" in one.out
        else values
    )


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
            "scale": factor(one.step.unit, plan.standard.spec.unit)
            if one.step.kind == "value"
            else np.nan,
        }
    )


def with_parents(block: ResultColumns, above: ParentRegions) -> ResultColumns:
    """A block with the rows of the parents below."""
    shown = np.where(block.valid, block.values, 0.0)
    return ResultColumns(
        roll_up(shown, above),
        roll_up(block.present, above, "any"),
        roll_up(block.valid, above, "any"),
        roll_up(block.gap, above, "any"),
        block.columns,
    )


NOT_COMPILED = "not_compiled"


def _shown(plan: Plan) -> list[PlannedStep]:
    """The steps that result tables show: those that are sums."""
    return [one for one in plan.steps if one.step.per != "none"]
