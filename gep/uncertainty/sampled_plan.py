"""Drawn inputs (抽样): plans whose inputs hold an axis of draws.

The axis of draws is the first of an array, and the last in memory: sums over regions, types and keys then add one
array of draws after the other, in the same order whatever the number of draws. Inputs of which a plan draws no row
have no such axis.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.account.columns import column_parts, columns_of
from gep.account.evaluation import evaluate
from gep.account.lines import AccountLines, lines_of
from gep.errors import ProblemsFound, make_problem
from gep.plan.alignment import align_plans, select_regions
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.uncertainty.distributions import uniforms
from gep.uncertainty.uncertain_rows import AREAS, RowPosition, UncertainRows, find_uncertain_rows
from gep.units import factor

_KEPT = 1 << 24  # numbers of rows that many regions share, made once for a batch of draws
_CHUNK = 1 << 20  # bytes of an array inside a step
_AT_ONCE = (
    1 << 16
)  # numbers made at a time: a processor's cache holds them with the intermediate results


class RandomStream:
    """The draws ``start`` up to ``stop`` of a seed; the numbers of rows that many regions share are kept."""

    def __init__(self, rows: UncertainRows, seed: int, start: int, stop: int):
        self._rows, self._seed, self._start, self._stop = rows, seed, start, stop
        kept = rows.shared[: _KEPT // (stop - start)]
        self._spot = np.full(len(rows.frame), -1)
        self._kept = self.numbers(kept)
        self._spot[kept] = np.arange(len(kept))

    def numbers(
        self, rows: np.ndarray, spread: Callable[..., Iterator[object]] = map
    ) -> np.ndarray:
        """The numbers of rows, row x draw; ``spread`` maps a function over pieces of them."""
        spot = self._spot[rows]
        found = np.empty((len(rows), self._stop - self._start))
        each = max(1, _AT_ONCE // max(1, found.shape[1]))

        def make(chosen: np.ndarray) -> None:
            old = spot[chosen[0]] >= 0
            found[chosen] = (
                self._kept[spot[chosen]] if old else self._rows.numbers(rows[chosen], self._uniform)
            )

        kinds = (np.flatnonzero(spot >= 0), np.flatnonzero(spot < 0))
        list(
            spread(
                make, [some[at : at + each] for some in kinds for at in range(0, len(some), each)]
            )
        )
        return found

    def _uniform(self, stream: int) -> np.ndarray:
        return uniforms(self._seed, self._rows.streams[stream], self._start, self._stop)


@dataclass(frozen=True)
class SampledInput:
    """An input's cells, flat: which are drawn, from which of the block's rows, times what; what the others hold."""

    place: RowPosition
    drawn: np.ndarray
    row: np.ndarray
    scale: np.ndarray
    exact: np.ndarray  # all cells, NaN where there is no number

    @cached_property
    def _still(self) -> np.ndarray:
        return np.setdiff1d(np.arange(self.exact.size), self.drawn)

    @cached_property
    def _scaled(self) -> bool:
        return bool((self.scale != 1).any())

    @cached_property
    def _run(self) -> slice | None:
        """The rows where they follow each other."""
        first = int(self.row[0]) if len(self.row) else 0
        straight = np.array_equal(self.row, np.arange(first, first + len(self.row)))
        return slice(first, first + len(self.row)) if straight else None

    def values(self, numbers: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """The cells' values, the draws first."""
        drawn = numbers[self.row] if self._run is None else numbers[self._run]
        if self._scaled:
            drawn = drawn * self.scale[:, None]
        if len(self._still):
            found = np.empty((self.exact.size, numbers.shape[1]))
            found[self.drawn], found[self._still] = drawn, self.exact[self._still, None]
        else:
            found = drawn
        return _draws_first(found, shape)


def _draws_first(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Cell x draw as draw x the cells' shape, as it lies in memory."""
    axes = range(len(shape))
    return values.reshape(*shape, values.shape[1]).transpose(len(shape), *axes)


@dataclass(frozen=True)
class RegionBlock:
    """Some regions of a plan and the drawn rows behind them, whose numbers ``plan_at`` takes."""

    plan: Plan
    rows: np.ndarray
    slots: tuple[SampledInput, ...]
    area: SampledInput | None  # of parts, not of cells: a cell may have several
    cell: np.ndarray  # of each drawn part

    def plan_at(self, numbers: np.ndarray) -> Plan:
        """The plan whose inputs hold the drawn numbers of ``rows``, row x draw."""
        changed: dict[str, dict[str, BoundInput]] = {}
        for slot in self.slots:
            source = self._bound(slot.place)
            values = slot.values(numbers, source.values.shape)
            changed.setdefault(slot.place[0], {})[slot.place[1]] = replace(source, values=values)
        extent = self.plan.extent
        if self.area is not None:
            area = self._areas(self.area, numbers)
            extent = replace(extent, area=area)
            for one in self.plan.steps:
                for argument, bound in one.inputs.items():
                    if isinstance(bound, BoundInput) and "area" in bound.frame:
                        values = _area_input(self.plan, one, argument, area)
                        changed.setdefault(one.name, {})[argument] = replace(bound, values=values)
        steps = (
            replace(one, inputs={**one.inputs, **changed[one.name]}) if one.name in changed else one
            for one in self.plan.steps
        )
        return replace(self.plan, extent=extent, steps=tuple(steps))

    def _bound(self, place: RowPosition) -> BoundInput:
        source = self.plan.step(place[0]).inputs[place[1]]
        assert isinstance(source, BoundInput)
        return source

    def _areas(self, slot: SampledInput, numbers: np.ndarray) -> np.ndarray:
        found = np.repeat(slot.exact[:, None], numbers.shape[1], axis=1)
        for cell, row, scale in zip(self.cell, slot.row, slot.scale, strict=True):
            found[cell] += numbers[row] * scale
        return _draws_first(found, self.plan.extent.present.shape)


def _area_input(plan: Plan, one: PlannedStep, argument: str, area: np.ndarray) -> np.ndarray:
    """An input that is an area, as ``gep.plan.steps`` binds it."""
    within = plan.scheme.within(one.step.inputs[argument].area)
    chosen = np.array([name in within for name in plan.extent.ecosystems], dtype=bool)
    found = np.where(plan.extent.present & chosen, area, 0.0) * factor(
        "m2", one.method.inputs[argument]
    )
    return np.asarray(found.sum(axis=-1)) if one.step.per == "region" else found


def block_of(plan: Plan, rows: UncertainRows, position: int, regions: np.ndarray) -> RegionBlock:
    """Some regions of the plan that stands at ``position`` among those whose drawn rows these are."""
    part = select_regions(plan, regions)
    slots = []
    for place, at in rows.places[position].items():
        source = part.step(place[0]).inputs[place[1]]
        assert isinstance(source, BoundInput)
        behind = source.rows.ravel()
        row = np.append(at, -1)[behind]
        drawn = np.flatnonzero(row >= 0)
        scale = source.frame["factor"].to_numpy(dtype=float)[behind[drawn]]
        slots.append(SampledInput(place, drawn, row[drawn], scale, source.values.ravel()))
    area, cell = _area_slot(part, rows.areas[position])
    behind_all = [slot.row for slot in (*slots, area) if slot is not None]
    needed = np.asarray(
        pd.unique(np.concatenate([np.empty(0, dtype=int), *behind_all]))
    )  # in the order of their use
    spot = np.full(len(rows.frame), -1)
    spot[needed] = np.arange(len(needed))
    slots = [replace(slot, row=spot[slot.row]) for slot in slots]
    area = None if area is None else replace(area, row=spot[area.row])
    return RegionBlock(part, needed, tuple(slots), area, cell)


def _area_slot(plan: Plan, at: np.ndarray) -> tuple[SampledInput | None, np.ndarray]:
    """The drawn parts of areas, in the order of their rows; cells that have one start from their exact parts."""
    if not (at >= 0).any():
        return None, np.empty(0, dtype=int)
    extent, parts = plan.extent, plan.extent.parts
    region = extent.regions.get_indexer(parts["region"])
    ecosystem = extent.ecosystems.get_indexer(parts["ecosystem"])
    cell = np.where(
        (region >= 0) & (ecosystem >= 0), region * len(extent.ecosystems) + ecosystem, -1
    )
    exact = extent.area.ravel().copy()
    drawn = np.flatnonzero((at >= 0) & (cell >= 0))
    drawn = drawn[np.lexsort((parts["ecosystem"].to_numpy(dtype=str)[drawn], at[drawn]))]
    exact[cell[drawn]] = 0.0
    rest = np.flatnonzero((at < 0) & (cell >= 0) & np.isin(cell, cell[drawn]))
    rest = rest[np.argsort(parts["class"].to_numpy(dtype=str)[rest], kind="stable")]
    np.add.at(exact, cell[rest], parts["area"].to_numpy(dtype=float)[rest])
    scale = {unit: factor(str(unit), "m2") for unit in parts["unit"].unique()}
    times = parts["unit"].map(scale).to_numpy(dtype=float) * parts["share"].to_numpy(dtype=float)
    return SampledInput(AREAS, drawn, at[drawn], times[drawn], exact), cell[drawn]


def even_parts(count: int, most: int) -> list[tuple[int, int]]:
    """As few parts as do, as even as they can be."""
    parts = -(-count // most)
    stops = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(stops))


def chunks_of(block: RegionBlock, draws: int) -> list[tuple[int, int]]:
    """Parts of a batch whose arrays a processor's cache holds; of many draws, for one alone has no order in memory."""
    cells = max((one.live.size for one in block.plan.steps), default=1)
    return even_parts(draws, max(64, _CHUNK // (8 * cells)))


def write_lines(plan: Plan, lines: AccountLines, out: np.ndarray) -> None:
    """Evaluate a plan at draws; each line (region x line x draw) is the sum of its columns, one by one."""
    results = evaluate(plan, check=False)
    begun = np.zeros(out.shape[1], dtype=bool)
    columns = (
        part[..., item] for part in column_parts(plan, results) for item in range(part.shape[-1])
    )
    for values, weights in zip(columns, lines.picks, strict=True):
        turned = values.T if values.ndim == 2 else values[:, None]  # region x draw, or x 1
        for weight in np.unique(weights[weights != 0]):
            scaled = turned if weight == 1 else turned * weight
            for line in np.flatnonzero(weights == weight):
                if begun[line]:
                    out[:, line] += scaled
                else:
                    out[:, line] = scaled
        begun |= weights != 0
    if not np.isfinite(out.sum()):
        _tell_not_finite(plan)


def _tell_not_finite(plan: Plan) -> None:
    """Say which step gives no finite number, and that it is in a draw."""
    try:
        evaluate(plan)
    except ProblemsFound as found:
        fix = "limits or distribution of an input let it leave what the method can take, such as a negative number"
        told = [
            make_problem(one.code, one.place, f"{one.what}, in a draw", fix)
            for one in found.problems
        ]
        raise ProblemsFound(told, found.warnings) from found


# --- a result as a function of its drawn rows ------------------------------------------------------------------------


@dataclass(frozen=True)
class SampledResult:
    """All lines of one region or parent, in one year or as a change, as a function of the streams behind them.

    ``inputs`` has a row a stream: title, rows (how many share it), low, value, high, unit (those of its only row).
    """

    lines: AccountLines
    inputs: pd.DataFrame
    _rows: UncertainRows
    _blocks: tuple[tuple[float, RegionBlock], ...]  # times what each adds

    def at(self, uniform: np.ndarray) -> np.ndarray:
        """Line x column, at uniform numbers in (0, 1): stream x column."""
        return self._values(
            lambda rows, some: self._rows.numbers(rows, lambda one: uniform[one, some]),
            uniform.shape[1],
        )

    def between(self, steps: np.ndarray) -> np.ndarray:
        """Line x column, where each row is at low (-1), value (0), high (1) or straight between: stream x column."""
        return self._values(
            lambda rows, some: self._rows.between(rows, steps[:, some]), steps.shape[1]
        )

    def _values(
        self, numbers: Callable[[np.ndarray, slice], np.ndarray], columns: int
    ) -> np.ndarray:
        found = np.zeros((len(self.lines.frame), columns))
        for sign, block in self._blocks:
            for start, stop in chunks_of(block, columns):
                some = slice(start, stop)
                part = np.empty((len(block.plan.extent.regions), len(found), stop - start))
                write_lines(block.plan_at(numbers(block.rows, some)), self.lines, part)
                found[:, some] += sign * part.sum(axis=0)
        return found


def sample_result(
    plans: Sequence[Plan], region: str, year: int, start: int | None = None
) -> SampledResult:
    """The level of ``year``, or the change since ``start``, of a region or parent of the plans (one a year).

    There may be no drawn row behind it: ``inputs`` is empty then. Raises ``KeyError`` for a year or region that the
    plans do not have.
    """
    by_year = {plan.year: plan for plan in plans}
    chosen = [by_year[one] for one in (year, start) if one is not None]
    codes = dict.fromkeys(str(code) for plan in chosen for code in plan.extent.regions)
    regions = chosen[0].regions
    members = [
        code for code in codes if code == region or (regions and region in regions.ancestors(code))
    ]
    if not members:
        raise KeyError(region)
    grid = [_of_live_cells(plan) for plan in align_plans(chosen, sorted(members))]
    rows = find_uncertain_rows(grid)
    every = np.arange(len(members))
    blocks = [(1.0 - 2 * spot, block_of(plan, rows, spot, every)) for spot, plan in enumerate(grid)]
    lines = lines_of(grid[0], columns_of(grid[0], evaluate(grid[0]), by_ecosystem=False).columns)
    by_stream = rows.frame.groupby("stream", sort=True)
    inputs = (
        by_stream[["title", "low", "value", "high", "unit"]].first().assign(rows=by_stream.size())
    )
    inputs.loc[inputs["rows"] > 1, ["low", "value", "high"]] = np.nan
    return SampledResult(lines, inputs.reset_index(drop=True), rows, tuple(blocks))


def _of_live_cells(plan: Plan) -> Plan:
    """The plan without the rows of cells that count nowhere, such as those of types that the regions do not have."""
    steps = []
    for one in plan.steps:
        inputs = dict(one.inputs)
        for argument, source in one.inputs.items():
            if isinstance(source, BoundInput):
                gone = tuple(axis for axis, dim in enumerate(one.dims) if dim not in source.dims)
                inputs[argument] = replace(
                    source, rows=np.where(one.live.any(axis=gone), source.rows, -1)
                )
        steps.append(replace(one, inputs=inputs))
    return replace(plan, steps=tuple(steps))
