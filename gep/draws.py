"""Drawn inputs (抽样): plans whose inputs hold an axis of draws.

The axis of draws is the first of an array, and the last in memory: sums over regions, types and keys then add one
array of draws after the other, in the same order whatever the number of draws. Inputs of which a plan draws no row
have no such axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gep.alignment import of_regions
from gep.binding import Bound
from gep.distributions import uniforms
from gep.drawn_rows import AREAS, DrawnRows, Numbers, Place
from gep.plan import Plan
from gep.steps import PlannedStep
from gep.units import factor

_KEPT = 1 << 24  # numbers of rows that many regions share, made once for a batch of draws


class Stream:
    """The draws ``start`` up to ``stop`` of a seed; the numbers of rows that many regions share are kept."""

    def __init__(self, rows: DrawnRows, seed: int, start: int, stop: int):
        self._rows, self._seed, self._start = rows, seed, start
        kept = rows.shared[: _KEPT // (stop - start)]
        self._spot = np.full(len(rows.frame), -1)
        self._spot[kept] = np.arange(len(kept))
        self._kept = self._made(kept, start, stop)

    def numbers(self, start: int, stop: int) -> Numbers:
        """The numbers of rows at some of the draws, counted from the first of the stream."""
        first = self._start

        def numbers(rows: np.ndarray) -> np.ndarray:
            spot = self._spot[rows]
            found = np.empty((len(rows), stop - start))
            found[spot >= 0] = self._kept[spot[spot >= 0], start:stop]
            found[spot < 0] = self._made(rows[spot < 0], first + start, first + stop)
            return found

        return numbers

    def _made(self, rows: np.ndarray, start: int, stop: int) -> np.ndarray:
        names = self._rows.streams

        def uniform(chosen: np.ndarray) -> np.ndarray:
            found = np.empty((len(chosen), stop - start))
            for spot, stream in enumerate(chosen):
                found[spot] = uniforms(self._seed, names[stream], start, stop)
            return found

        return self._rows.at(uniform)(rows)


@dataclass(frozen=True)
class Slot:
    """An input's cells, flat: which are drawn, from which of the block's rows, times what; what the others hold."""

    place: Place
    drawn: np.ndarray
    row: np.ndarray
    scale: np.ndarray
    exact: np.ndarray  # all cells, NaN where there is no number

    def values(self, numbers: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """The cells' values, the draws first."""
        found = np.empty((self.exact.size, numbers.shape[1]))
        found[self.drawn] = numbers[self.row] * self.scale[:, None]
        still = np.setdiff1d(np.arange(self.exact.size), self.drawn)
        found[still] = self.exact[still, None]
        return np.moveaxis(found.reshape(*shape, numbers.shape[1]), -1, 0)


@dataclass(frozen=True)
class Block:
    """Some regions of a plan with the drawn rows behind them: ``rows`` are those whose numbers ``plan_at`` takes."""

    plan: Plan
    rows: np.ndarray
    slots: tuple[Slot, ...]
    area: Slot | None  # of parts, not of cells: a cell may have several
    cell: np.ndarray  # of each drawn part

    def plan_at(self, numbers: Numbers) -> Plan:
        """The plan whose inputs hold the drawn numbers."""
        found = numbers(self.rows)
        changed: dict[str, dict[str, Bound]] = {}
        for slot in self.slots:
            source = self._bound(slot.place)
            values = slot.values(found, source.values.shape)
            changed.setdefault(slot.place[0], {})[slot.place[1]] = replace(source, values=values)
        extent = self.plan.extent
        if self.area is not None:
            area = self._areas(self.area, found)
            extent = replace(extent, area=area)
            for one in self.plan.steps:
                for argument, bound in one.inputs.items():
                    if isinstance(bound, Bound) and "area" in bound.frame:
                        values = _area_input(self.plan, one, argument, area)
                        changed.setdefault(one.name, {})[argument] = replace(bound, values=values)
        steps = (
            replace(one, inputs={**one.inputs, **changed[one.name]}) if one.name in changed else one
            for one in self.plan.steps
        )
        return replace(self.plan, extent=extent, steps=tuple(steps))

    def _bound(self, place: Place) -> Bound:
        source = self.plan.step(place[0]).inputs[place[1]]
        assert isinstance(source, Bound)
        return source

    def _areas(self, slot: Slot, numbers: np.ndarray) -> np.ndarray:
        found = np.repeat(slot.exact[:, None], numbers.shape[1], axis=1)
        for cell, row, scale in zip(self.cell, slot.row, slot.scale, strict=True):
            found[cell] += numbers[row] * scale
        return np.moveaxis(found.reshape(*self.plan.extent.present.shape, numbers.shape[1]), -1, 0)


def _area_input(plan: Plan, one: PlannedStep, argument: str, area: np.ndarray) -> np.ndarray:
    """An input that is an area, as ``gep.steps`` binds it."""
    within = plan.scheme.within(one.step.inputs[argument].area)
    chosen = np.array([name in within for name in plan.extent.ecosystems], dtype=bool)
    found = np.where(plan.extent.present & chosen, area, 0.0) * factor("m2", one.method.inputs[argument])
    return np.asarray(found.sum(axis=-1)) if one.step.per == "region" else found


def block_of(plan: Plan, rows: DrawnRows, position: int, regions: np.ndarray) -> Block:
    """Some regions of the plan that stands at ``position`` among those whose drawn rows these are."""
    part = of_regions(plan, regions)
    slots = []
    for place, at in rows.places[position].items():
        source = part.step(place[0]).inputs[place[1]]
        assert isinstance(source, Bound)
        behind = source.rows.ravel()
        row = np.append(at, -1)[behind]
        drawn = np.flatnonzero(row >= 0)
        scale = source.frame["factor"].to_numpy(dtype=float)[behind[drawn]]
        slots.append(Slot(place, drawn, row[drawn], scale, source.values.ravel()))
    area, cell = _area_slot(part, rows.areas[position])
    needed = np.unique(np.concatenate([np.empty(0, dtype=int), *(slot.row for slot in slots)]))
    if area is not None:
        needed = np.union1d(needed, area.row)
        area = replace(area, row=np.searchsorted(needed, area.row))
    slots = [replace(slot, row=np.searchsorted(needed, slot.row)) for slot in slots]
    return Block(part, needed, tuple(slots), area, cell)


def _area_slot(plan: Plan, at: np.ndarray) -> tuple[Slot | None, np.ndarray]:
    """The drawn parts of areas, in the order of their rows; cells that have one start from their exact parts."""
    if not (at >= 0).any():
        return None, np.empty(0, dtype=int)
    extent, parts = plan.extent, plan.extent.parts
    region = extent.regions.get_indexer(parts["region"])
    ecosystem = extent.ecosystems.get_indexer(parts["ecosystem"])
    cell = np.where((region >= 0) & (ecosystem >= 0), region * len(extent.ecosystems) + ecosystem, -1)
    exact = extent.area.ravel().copy()
    drawn = np.flatnonzero((at >= 0) & (cell >= 0))
    drawn = drawn[np.lexsort((parts["ecosystem"].to_numpy(dtype=str)[drawn], at[drawn]))]
    exact[cell[drawn]] = 0.0
    rest = np.flatnonzero((at < 0) & (cell >= 0) & np.isin(cell, cell[drawn]))
    rest = rest[np.argsort(parts["class"].to_numpy(dtype=str)[rest], kind="stable")]
    np.add.at(exact, cell[rest], parts["area"].to_numpy(dtype=float)[rest])
    scale = {unit: factor(str(unit), "m2") for unit in parts["unit"].unique()}
    times = parts["unit"].map(scale).to_numpy(dtype=float) * parts["share"].to_numpy(dtype=float)
    return Slot(AREAS, drawn, at[drawn], times[drawn], exact), cell[drawn]
