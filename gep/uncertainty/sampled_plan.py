"""Sampled plans (抽样方案): plans whose inputs hold samples.

This module puts samples of uncertain rows into the inputs and areas of a plan and evaluates it, for
some regions (a block) and some draws (a chunk) at a time. ``gep.uncertainty.monte_carlo`` decides
which.

The axis of draws is the first of an array and the last in memory: sums over regions, ecosystem
types and keys then add one array of draws after the other, in the same order whatever the number of
draws. Inputs of which a plan samples no row have no such axis.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.columns import column_parts, columns_of
from gep.account.evaluation import evaluate, prepared_for_draws, settled
from gep.account.lines import AccountLines, lines_of
from gep.errors import Problem, ProblemsFound, make_problem
from gep.plan.alignment import align_plans, select_regions
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.texts.catalogue import Text
from gep.uncertainty.distributions import uniforms
from gep.uncertainty.uncertain_rows import EXACT, InputKey, UncertainRows, find_uncertain_rows
from gep.units import factor

Mapper = Callable[..., Iterator[object]]  # ``map``, or that of a pool of threads

_DOUBLE_BYTES = 8
_KEPT_SAMPLES = 1 << 24  # of rows that regions share: sampled once a batch, 128 MiB at most
_SAMPLES_AT_ONCE = 1 << 16  # they and the intermediate results of sampling fit into the CPU cache
_CHUNK_BYTES = 1 << 20  # of an array inside a step: a few of them fit into the CPU cache
_ENDS = np.array([1e-9, 0.5, 1 - 1e-9])  # practically no draw lies beyond
_PROBES_BETWEEN = 5
_FEWEST_CHUNK_DRAWS = 64  # see ``chunks_of``


class RandomStream:
    """The samples of uncertain rows at the draws of one batch.

    Samples of rows that regions share are kept; those of other rows are made when asked for.

    Parameters
    ----------
    rows : UncertainRows
        The rows that can be sampled.
    seed : int
        Seed of the streams, 0 or more.
    start, stop : int
        The first draw of the batch and the draw after its last.
    """

    def __init__(self, rows: UncertainRows, seed: int, start: int, stop: int) -> None:
        self.draws = stop - start
        self._rows = rows
        self._seed = seed
        self._start = start
        self._stop = stop
        self._kept_position = np.full(len(rows.frame), -1)  # of each row in _kept, -1: not kept
        kept_rows = rows.shared[: _KEPT_SAMPLES // self.draws]
        self._kept = self.numbers(kept_rows)
        self._kept_position[kept_rows] = np.arange(len(kept_rows))

    def numbers(self, rows: np.ndarray, mapper: Mapper = map) -> np.ndarray:
        """Sample rows at all draws of the batch.

        Parameters
        ----------
        rows : ndarray of int
            Positions in ``UncertainRows.frame``.
        mapper : callable, default map
            Maps a function over pieces of ``rows``, in threads perhaps.

        Returns
        -------
        ndarray
            Samples, row x draw, in the unit of the row.
        """
        kept_position = self._kept_position[rows]
        samples = np.empty((len(rows), self.draws))

        def copy_kept(positions: np.ndarray) -> None:
            kept = kept_position[positions]
            samples[positions] = self._kept[kept]

        def sample(positions: np.ndarray) -> None:
            rows_of_piece = rows[positions]
            samples[positions] = self._rows.samples(rows_of_piece, self._uniform)

        is_kept = kept_position >= 0
        kept_positions = np.flatnonzero(is_kept)
        list(mapper(copy_kept, self._pieces(kept_positions)))
        other_positions = np.flatnonzero(~is_kept)
        list(mapper(sample, self._pieces(other_positions)))
        return samples

    def _pieces(self, positions: np.ndarray) -> list[np.ndarray]:
        """Split rows into pieces whose samples fit into the CPU cache."""
        size = _SAMPLES_AT_ONCE // max(1, self.draws)
        size = max(1, size)
        pieces = []
        for start in range(0, len(positions), size):
            stop = start + size
            pieces.append(positions[start:stop])
        return pieces

    def _uniform(self, stream: int) -> np.ndarray:
        return uniforms(
            seed=self._seed,
            name=self._rows.streams[stream],
            start=self._start,
            stop=self._stop,
        )


@dataclass(frozen=True)
class SampledInput:
    """An input of a block's plan with uncertain rows; its cells are counted flat.

    Attributes
    ----------
    key : InputKey
        Which input it is.
    cells : ndarray of int
        The cells that are sampled.
    rows : ndarray of int
        For each of them the position among the rows of the block.
    factor : ndarray
        For each of them the factor from the row's unit (and price year) to the method's unit.
    exact : ndarray
        Values of all cells in the method's unit, those of sampled cells at their value; NaN where
        there is no number.
    """

    key: InputKey
    cells: np.ndarray
    rows: np.ndarray
    factor: np.ndarray
    exact: np.ndarray

    @cached_property
    def _exact_cells(self) -> np.ndarray:
        cells = np.arange(self.exact.size)
        return np.setdiff1d(cells, self.cells)

    @cached_property
    def _has_factors(self) -> bool:
        is_other = self.factor != 1
        return bool(is_other.any())

    @cached_property
    def _row_slice(self) -> slice | None:
        """The rows as a slice, which takes no copy; None unless they follow each other."""
        first = int(self.rows[0]) if len(self.rows) else 0
        stop = first + len(self.rows)
        consecutive = np.arange(first, stop)
        if np.array_equal(self.rows, consecutive):
            return slice(first, stop)
        return None

    def values(self, samples: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """Fill the cells.

        Parameters
        ----------
        samples : ndarray
            Samples of the block's rows, row x draw.
        shape : sequence of int
            The input's shape without draws.

        Returns
        -------
        ndarray
            Values in the method's unit: draw, then the input's dims.
        """
        rows = self.rows if self._row_slice is None else self._row_slice
        sampled = samples[rows]
        if self._has_factors:
            sampled = sampled * self.factor[:, None]
        exact_cells = self._exact_cells
        if not len(exact_cells):
            return _draws_first(sampled, shape)
        draws = samples.shape[1]
        exact = self.exact[exact_cells]
        values = np.empty((self.exact.size, draws))
        values[self.cells] = sampled
        values[exact_cells] = exact[:, None]
        return _draws_first(values, shape)


@dataclass(frozen=True)
class SampledAreas:
    """The areas of a block's plan, some of whose parts are uncertain; cells are counted flat.

    A part is an area row and, where a crosswalk shares it out, one ecosystem type of it. A cell may
    have several parts.

    Attributes
    ----------
    cells : ndarray of int
        The cell (region x ecosystem) of each sampled part.
    rows : ndarray of int
        For each of these parts the position among the rows of the block.
    factor : ndarray
        For each of these parts the factor from the row's unit to m2, times its share of the row.
    exact : ndarray
        Areas of all cells, m2, without the sampled parts.
    """

    cells: np.ndarray
    rows: np.ndarray
    factor: np.ndarray
    exact: np.ndarray

    def values(self, samples: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """Fill the cells with samples (row x draw): draw x region x ecosystem, m2."""
        draws = samples.shape[1]
        areas = np.repeat(self.exact[:, None], draws, axis=1)
        parts = zip(self.cells, self.rows, self.factor, strict=True)
        for cell, row, part_factor in parts:
            part_area = samples[row] * part_factor
            areas[cell] += part_area
        return _draws_first(areas, shape)


def _draws_first(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """View cell x draw as draw, then the shape of the cells; the order in memory stays."""
    draws = values.shape[1]
    draws_last = values.reshape(*shape, draws)
    cell_axes = range(len(shape))
    return draws_last.transpose(len(shape), *cell_axes)


@dataclass(frozen=True)
class RegionBlock:
    """Some regions of a plan, and where the samples of their uncertain rows go.

    Attributes
    ----------
    plan : Plan
        The plan of these regions.
    rows : ndarray of int
        Positions in ``UncertainRows.frame`` of the rows behind them, in the order of their use.
    inputs : tuple of SampledInput
        The inputs that are sampled.
    areas : SampledAreas or None
        The areas, if any is sampled.
    """

    plan: Plan
    rows: np.ndarray
    inputs: tuple[SampledInput, ...]
    areas: SampledAreas | None

    def plan_at(self, numbers: np.ndarray) -> Plan:
        """Put samples into the plan.

        Parameters
        ----------
        numbers : ndarray
            Samples of ``rows``, row x draw, in the units of the rows.

        Returns
        -------
        Plan
            The plan; the inputs and areas that are sampled have an axis of draws ahead of their
            dims.
        """
        plan = self.plan
        changed: dict[str, dict[str, BoundInput]] = {}  # step -> argument -> input
        for step in plan.steps:
            changed[step.name] = {}
        for sampled in self.inputs:
            step_name, argument = sampled.key
            source = _bound_input(plan, sampled.key)
            values = sampled.values(numbers, source.values.shape)
            changed[step_name][argument] = replace(source, values=values)
        extent = plan.extent
        if self.areas is not None:
            area = self.areas.values(numbers, extent.present.shape)
            extent = extent.with_area(area)
            for step in plan.steps:
                area_inputs = _area_inputs(plan, step, area)
                changed[step.name].update(area_inputs)
        steps = []
        for step in plan.steps:
            inputs = changed[step.name]
            if inputs:
                step = replace(step, inputs={**step.inputs, **inputs})
            steps.append(step)
        return replace(plan, extent=extent, steps=tuple(steps))


def _bound_input(plan: Plan, key: InputKey) -> BoundInput:
    step = plan.step(key.step)
    source = step.inputs[key.argument]
    if not isinstance(source, BoundInput):
        raise TypeError(f"{key} is linked to another step, not bound to rows")
    return source


def _area_inputs(plan: Plan, step: PlannedStep, area: np.ndarray) -> Mapping[str, BoundInput]:
    """Sample the inputs of a step that are areas themselves, as ``gep.plan.steps`` binds them.

    ``area`` is draw x region x ecosystem, m2.
    """
    extent = plan.extent
    inputs = {}
    for argument, source in step.inputs.items():
        if not isinstance(source, BoundInput) or "area" not in source.frame:
            continue
        binding = step.step.inputs[argument]
        classes = plan.scheme.within(binding.area)
        in_classes = [name in classes for name in extent.ecosystems]
        is_counted = extent.present & np.array(in_classes, dtype=bool)
        unit = step.method.inputs[argument]
        values = np.where(is_counted, area, 0.0)
        values = values * factor("m2", unit)
        if step.step.per == "region":
            values = np.asarray(values.sum(axis=-1))
        inputs[argument] = replace(source, values=values)
    return inputs


def block_of(plan: Plan, rows: UncertainRows, position: int, regions: np.ndarray) -> RegionBlock:
    """Select regions of a plan, and find where the samples of their uncertain rows go.

    Parameters
    ----------
    plan : Plan
        One of the plans whose uncertain rows these are.
    rows : UncertainRows
        Uncertain rows of all plans.
    position : int
        Position of the plan among these plans.
    regions : ndarray of int
        Positions of the regions in the plan's extent, in the order wanted.

    Returns
    -------
    RegionBlock
    """
    block_plan = select_regions(plan, regions)
    inputs = []
    for key, table_rows in rows.input_rows[position].items():
        source = _bound_input(block_plan, key)
        frame_rows = source.rows.ravel()
        with_exact = np.append(table_rows, EXACT)  # the last is that of cells without a row, -1
        cell_rows = with_exact[frame_rows]
        cells = np.flatnonzero(cell_rows != EXACT)
        factors = source.frame["factor"].to_numpy(dtype=float)
        sampled = SampledInput(
            key=key,
            cells=cells,
            rows=cell_rows[cells],
            factor=factors[frame_rows[cells]],
            exact=source.values.ravel(),
        )
        inputs.append(sampled)
    areas = _sampled_areas(block_plan, rows.area_rows[position])
    rows_in_use = [np.empty(0, dtype=int)]
    for sampled in inputs:
        rows_in_use.append(sampled.rows)
    if areas is not None:
        rows_in_use.append(areas.rows)
    all_rows_in_use = np.concatenate(rows_in_use)
    block_rows = np.asarray(pd.unique(all_rows_in_use))
    block_position = np.full(len(rows.frame), -1)
    block_position[block_rows] = np.arange(len(block_rows))
    inputs = [replace(sampled, rows=block_position[sampled.rows]) for sampled in inputs]
    if areas is not None:
        areas = replace(areas, rows=block_position[areas.rows])
    return RegionBlock(
        plan=block_plan,
        rows=block_rows,
        inputs=tuple(inputs),
        areas=areas,
    )


def _sampled_areas(plan: Plan, part_rows: np.ndarray) -> SampledAreas | None:
    """Find the uncertain parts of a plan's areas; None if there are none.

    ``part_rows`` holds the uncertain row of each row of ``extent.parts``. Parts are taken in the
    order of their rows, exact parts in the order of their classes: sums of samples then do not
    depend on the order of files.
    """
    if not (part_rows != EXACT).any():
        return None
    extent = plan.extent
    parts = extent.parts
    regions = extent.regions.get_indexer(parts["region"])
    ecosystems = extent.ecosystems.get_indexer(parts["ecosystem"])
    is_inside = (regions >= 0) & (ecosystems >= 0)
    cells = regions * len(extent.ecosystems) + ecosystems
    cells[~is_inside] = -1

    is_sampled = is_inside & (part_rows != EXACT)
    sampled = np.flatnonzero(is_sampled)
    names = parts["ecosystem"].to_numpy(dtype=str)
    by_row_then_name = (names[sampled], part_rows[sampled])  # the last key sorts first
    order = np.lexsort(by_row_then_name)
    sampled = sampled[order]
    sampled_cells = cells[sampled]

    shares_cell = np.isin(cells, sampled_cells)
    remaining = np.flatnonzero(is_inside & ~is_sampled & shares_cell)
    classes = parts["class"].to_numpy(dtype=str)
    order = np.argsort(classes[remaining], kind="stable")
    remaining = remaining[order]
    part_area = parts["area"].to_numpy(dtype=float)
    exact = extent.area_of().ravel().copy()
    exact[sampled_cells] = 0.0
    np.add.at(exact, cells[remaining], part_area[remaining])

    units = parts["unit"]
    factor_of_unit = {unit: factor(str(unit), "m2") for unit in units.unique()}
    unit_factors = units.map(factor_of_unit).to_numpy(dtype=float)
    shares = parts["share"].to_numpy(dtype=float)
    factors = unit_factors * shares
    return SampledAreas(
        cells=sampled_cells,
        rows=part_rows[sampled],
        factor=factors[sampled],
        exact=exact,
    )


def prepare_plan(plan: Plan, rows: UncertainRows, position: int) -> Plan:
    """Return a plan whose steps at pixels are ready for draws; one on tables stays as it is.

    Parameters
    ----------
    plan : Plan
        Settled, one of the plans whose uncertain rows these are.
    rows : UncertainRows
    position : int
        Position of the plan among these plans.

    Returns
    -------
    Plan
    """
    if plan.raster is None:
        return plan
    regions = np.arange(len(plan.extent.regions))
    block = block_of(plan, rows, position, regions)
    if not len(block.rows):
        return plan

    def uniform(stream: int) -> np.ndarray:
        between = uniforms(0, rows.streams[stream], 0, _PROBES_BETWEEN)
        return np.concatenate([_ENDS, between])

    probes = block.plan_at(rows.samples(block.rows, uniform))
    return prepared_for_draws(plan, probes)


def even_parts(count: int, most: int) -> list[tuple[int, int]]:
    """Split a count evenly into as few parts as possible.

    Parameters
    ----------
    count : int
        What is split, such as a number of draws.
    most : int
        The largest size of a part.

    Returns
    -------
    list of (int, int)
        Start and stop of each part.
    """
    parts = -(-count // most)  # rounded up
    stops = []
    for part in range(parts + 1):
        stops.append(count * part // parts)
    return list(pairwise(stops))


def chunks_of(block: RegionBlock, draws: int) -> list[tuple[int, int]]:
    """Split the draws of a batch into chunks whose arrays fit into the CPU cache.

    The size asked for is never below 64 draws, so that no chunk of several holds a single draw: the
    memory order of an array with one draw is not defined, and sums would depend on it.

    Parameters
    ----------
    block : RegionBlock
        The block that is evaluated; its largest step decides.
    draws : int
        Draws of the batch.

    Returns
    -------
    list of (int, int)
        Start and stop of each chunk within the batch.
    """
    cells = 1
    for step in block.plan.steps:
        cells = max(cells, step.live.size)
    most = _CHUNK_BYTES // (_DOUBLE_BYTES * cells)
    most = max(_FEWEST_CHUNK_DRAWS, most)
    return even_parts(draws, most)


def write_lines(plan: Plan, lines: AccountLines, values: np.ndarray) -> None:
    """Evaluate a sampled plan and write its lines.

    Columns are added one by one, so that rounding does not depend on the number of draws.

    Parameters
    ----------
    plan : Plan
        A sampled plan.
    lines : AccountLines
        The lines, each a weighted sum of result columns.
    values : ndarray
        Region x line x draw, in the unit of each line; overwritten.

    Raises
    ------
    ProblemsFound
        ``not-finite-result`` where a method gives no finite number at some draw, ``method-failed``
        where the code of a project fails.
    """
    results = evaluate(plan, check=False)
    has_value = np.zeros(values.shape[1], dtype=bool)
    columns = _region_columns(plan, results)
    for column, weights in zip(columns, lines.picks, strict=True):
        has_weight = weights != 0
        for weight in np.unique(weights[has_weight]):
            weighted = column if weight == 1 else column * weight
            lines_of_weight = np.flatnonzero(weights == weight)
            for line in lines_of_weight:
                if has_value[line]:
                    values[:, line] += weighted
                else:
                    values[:, line] = weighted
        has_value |= has_weight
    if not np.isfinite(values.sum()):
        _report_not_finite(plan)


def _region_columns(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the result columns of a plan one by one: region x draw, region x 1 if not sampled."""
    for part in column_parts(plan, results):
        for item in range(part.shape[-1]):
            column = part[..., item]
            if column.ndim == 2:
                yield column.T
            else:
                yield column[:, None]


def _report_not_finite(plan: Plan) -> None:
    """Raise the problems of the steps that give no finite number, and say that it is at a draw."""
    try:
        evaluate(plan)
    except ProblemsFound as error:
        problems = [_at_a_draw(problem) for problem in error.problems]
        raise ProblemsFound(problems, error.warnings) from error


def _at_a_draw(problem: Problem) -> Problem:
    return make_problem(
        problem.code,
        problem.place,
        "uncertainty.at-a-draw",
        defect=Text(f"{problem.message}.what", problem.values),
    )


# --- a result as a function of its uncertain rows -------------------------------------------------


class _SignedBlock(NamedTuple):
    """A block and the sign with which its lines enter a result."""

    sign: float
    block: RegionBlock


@dataclass(frozen=True)
class SampledResult:
    """All lines of a region or parent, in one year or as a change, as a function of their streams.

    Attributes
    ----------
    lines : AccountLines
        The lines.
    inputs : DataFrame
        A row for each stream: ``title``, ``rows`` (how many rows share it), and ``low``, ``value``,
        ``high``, ``unit`` of its row (the limits are NaN where several rows share it).
    """

    lines: AccountLines
    inputs: pd.DataFrame
    _rows: UncertainRows
    _blocks: tuple[_SignedBlock, ...]

    def at(self, uniform: np.ndarray) -> np.ndarray:
        """Compute the lines at uniform numbers of the streams.

        Parameters
        ----------
        uniform : ndarray
            Numbers in (0, 1), stream x draw.

        Returns
        -------
        ndarray
            Line x draw, in the unit of each line.
        """

        def samples(rows: np.ndarray, chunk: slice) -> np.ndarray:
            uniform_of_chunk = list(uniform[:, chunk])
            return self._rows.samples(rows, uniform_of_chunk.__getitem__)

        draws = uniform.shape[1]
        return self._lines_at(samples, draws)

    def between(self, positions: np.ndarray) -> np.ndarray:
        """Compute the lines where rows are at given positions between their limits.

        Parameters
        ----------
        positions : ndarray
            Stream x column: -1 is low, 0 the value, 1 high; linear in between.

        Returns
        -------
        ndarray
            Line x column, in the unit of each line.
        """

        def numbers(rows: np.ndarray, chunk: slice) -> np.ndarray:
            positions_of_chunk = positions[:, chunk]
            return self._rows.between_limits(rows, positions_of_chunk)

        columns = positions.shape[1]
        return self._lines_at(numbers, columns)

    def _lines_at(
        self, numbers: Callable[[np.ndarray, slice], np.ndarray], columns: int
    ) -> np.ndarray:
        """Evaluate the blocks; ``numbers`` gives the numbers of rows for a chunk of the columns."""
        line_count = len(self.lines.frame)
        result = np.zeros((line_count, columns))
        for sign, block in self._blocks:
            region_count = len(block.plan.extent.regions)
            for start, stop in chunks_of(block, columns):
                chunk = slice(start, stop)
                block_numbers = numbers(block.rows, chunk)
                plan = block.plan_at(block_numbers)
                shape = (region_count, line_count, stop - start)
                values = np.empty(shape)
                write_lines(plan, self.lines, values)
                total = values.sum(axis=0)
                result[:, chunk] += sign * total
        return result


def sample_result(
    plans: Sequence[Plan], region: str, year: int, start: int | None = None
) -> SampledResult:
    """Make the result of a region a function of the uncertain rows behind it.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of different years.
    region : str
        Code of a region, or of a parent whose regions are summed.
    year : int
        Year of the result.
    start : int, optional
        Year since when the change to ``year`` is the result; by default the level of ``year``.

    Returns
    -------
    SampledResult
        Its ``inputs`` are empty if there is no uncertain row behind the result.

    Raises
    ------
    KeyError
        If the plans do not have the year or region.
    """
    plan_of_year = {plan.year: plan for plan in plans}
    chosen = [plan_of_year[year]]
    if start is not None:
        chosen.append(plan_of_year[start])
    chosen = [settled(plan) for plan in chosen]
    members = _member_regions(chosen, region)
    aligned = [_without_unused_rows(plan) for plan in align_plans(chosen, members)]
    rows = find_uncertain_rows(aligned)
    aligned = [prepare_plan(plan, rows, position) for position, plan in enumerate(aligned)]
    regions = np.arange(len(members))
    blocks = []
    for position, plan in enumerate(aligned):
        sign = 1.0 if position == 0 else -1.0
        block = block_of(plan, rows, position, regions)
        blocks.append(_SignedBlock(sign, block))
    by_stream = rows.frame.groupby("stream", sort=True)
    inputs = by_stream[["title", "low", "value", "high", "unit"]].first()
    inputs["rows"] = by_stream.size()
    is_group = inputs["rows"] > 1
    inputs.loc[is_group, ["low", "value", "high"]] = np.nan
    plan = aligned[0]
    result_columns = columns_of(plan, evaluate(plan), by_ecosystem=False)
    return SampledResult(
        lines=lines_of(plan, result_columns.columns),
        inputs=inputs.reset_index(drop=True),
        _rows=rows,
        _blocks=tuple(blocks),
    )


def _member_regions(plans: Sequence[Plan], region: str) -> list[str]:
    """Return the codes of a region, or of the regions below a parent, in any of the plans."""
    regions = plans[0].regions
    members = set()
    for plan in plans:
        for code in plan.extent.regions:
            ancestors = [] if regions is None else regions.ancestors(code)
            if code == region or region in ancestors:
                members.add(str(code))
    if not members:
        raise KeyError(region)
    return sorted(members)


def _without_unused_rows(plan: Plan) -> Plan:
    """Detach the rows of cells that never count, such as ecosystem types that no region has."""
    steps = []
    for step in plan.steps:
        inputs = dict(step.inputs)
        for argument, source in step.inputs.items():
            if not isinstance(source, BoundInput):
                continue
            other_axes = []
            for axis, dim in enumerate(step.dims):
                if dim not in source.dims:
                    other_axes.append(axis)
            counts = step.live.any(axis=tuple(other_axes))
            rows = np.where(counts, source.rows, -1)
            inputs[argument] = replace(source, rows=rows)
        steps.append(replace(step, inputs=inputs))
    return replace(plan, steps=tuple(steps))
