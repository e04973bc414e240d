"""What an account rests on, row by row (各数对结果的影响): how far each number moves the headline.

Owns the effect of rows, which is found by going back from the headline step by step, and the share
of the value behind which rows of some kind stand. What the rows are called is left to others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gep.account.evaluation import (
    EvaluatedPlan,
    arguments,
    cell_values,
    summed_axes,
)
from gep.account.pixel_slopes import ArgumentSlope, pixel_slopes, set_apart
from gep.extent.extent import CELL_DIMS
from gep.plan.binding import BoundInput
from gep.plan.cell_density import CellArgument
from gep.plan.dims import expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.units import ANY, factor


@dataclass(frozen=True)
class InputEffects:
    """The rows of an input of a step, and by how much each moves the headline.

    Attributes
    ----------
    step : PlannedStep
    argument : str
        The argument of the step's method.
    source : BoundInput
        The input; its areas are not here.
    effects : ndarray
        For each row of ``source.frame``: the change of the headline, as a share of it, if the
        number changes, as a share of itself. 0 for rows that are not used.
    """

    step: PlannedStep
    argument: str
    source: BoundInput
    effects: np.ndarray


@dataclass(frozen=True)
class RowEffects:
    """By how much each number behind an account moves its headline, the sum over all regions.

    Effects of numbers that are multiplied do not add up: each of price and quantity has all of it.

    Attributes
    ----------
    inputs : tuple of InputEffects
        Those of data and coefficients, in the order of the steps.
    areas : ndarray
        For each row of the extent's ``parts``, as ``InputEffects.effects``.
    """

    inputs: tuple[InputEffects, ...]
    areas: np.ndarray


def row_effects(evaluated: EvaluatedPlan) -> RowEffects:
    """Find by how much each number behind an account moves its headline.

    Each argument of each method is changed by 0.1 % up and down in all cells at once, that of a
    step at pixels in all of these (``gep.account.pixel_slopes``); from the headline back, these
    slopes are multiplied along the steps. A number that is used in several steps, or in several
    regions, has the sum. At a limit of its argument, such as a share of 1, a number is changed to
    one side only, and its effect is right to a thousandth of itself.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        Where the headline values nothing, its quantities count alike, each as a share of itself.

    Returns
    -------
    RowEffects

    Raises
    ------
    ProblemsFound
        ``method-failed`` if a project's own method refuses a number that is 0.1 % off.
    """
    plan = evaluated.plan
    slopes = _headline_slopes(evaluated)
    area_effects = np.zeros(plan.extent.present.shape)
    effects: dict[CellArgument, np.ndarray] = {}
    for step in reversed(plan.steps):
        wide = expand(slopes[step.name], step.out, step.dims)
        wide = np.where(step.live, wide, 0.0)
        given = arguments(plan, step, evaluated.results)
        if step.per == "area":  # the step multiplies its cells by their areas
            amounts = wide * cell_values(plan, step, given)
            area_effects += _summed_to(amounts, step.dims, CELL_DIMS)
        for entry in _argument_slopes(evaluated, step, given, wide):
            source = entry.step.inputs[entry.argument]
            if isinstance(source, StepLink):
                taken = plan.step(source.source)
                slopes[taken.name] += _back_through(source, entry.slope, taken)
                continue
            numbers = np.nan_to_num(entry.slope * source.values)
            if "area" in source.frame:
                area_effects += _area_effects(plan, entry.step, entry.argument, numbers)
                continue
            is_used = source.rows >= 0
            of_rows = np.bincount(
                source.rows[is_used],
                weights=numbers[is_used],
                minlength=len(source.frame),
            )
            place = CellArgument(entry.step.name, entry.argument)
            effects[place] = effects.get(place, 0.0) + of_rows
    inputs = _inputs_with_effects(plan, effects)
    return RowEffects(inputs, _effects_of_parts(plan, area_effects))


def _inputs_with_effects(
    plan: Plan, effects: Mapping[CellArgument, np.ndarray]
) -> tuple[InputEffects, ...]:
    """Return the inputs of data and coefficients, in the order of the steps."""
    inputs = []
    for step in plan.steps:
        for argument, source in step.inputs.items():
            if isinstance(source, StepLink) or "area" in source.frame:
                continue
            nothing = np.zeros(len(source.frame))
            of_rows = effects.get(CellArgument(step.name, argument), nothing)
            inputs.append(InputEffects(step, argument, source, of_rows))
    return tuple(inputs)


def _argument_slopes(
    evaluated: EvaluatedPlan,
    step: PlannedStep,
    given: Mapping[str, np.ndarray],
    wide: np.ndarray,
) -> Iterator[ArgumentSlope]:
    """Yield how the headline changes with the arguments of a step, over the dims of their inputs.

    ``given`` are the arguments of its method on cells, ``wide`` is the change for each unit of the
    step.
    """
    if step.density is not None:
        yield from pixel_slopes(evaluated, step, wide)
        return
    plan = evaluated.plan
    for argument, source in step.inputs.items():
        slope = wide * _slope(plan, step, given, argument)
        yield ArgumentSlope(step, argument, _summed_to(slope, step.dims, source.dims))


def _headline_slopes(evaluated: EvaluatedPlan) -> dict[str, np.ndarray]:
    """Return the change of the headline, as a share, for each unit of each step's result."""
    plan = evaluated.plan
    slopes = {}
    for step in plan.steps:
        slopes[step.name] = np.zeros(step.present.shape)
    counted = evaluated.headline_steps
    unit = plan.standard.spec.unit
    scales = {}
    amounts = {}
    for step in counted:
        is_value = step.kind == "value"
        scale = factor(step.unit, unit) if is_value else 1.0
        valid = np.where(step.valid, evaluated.results[step.name], 0.0)
        scales[step.name] = scale
        amounts[step.name] = scale * float(valid.sum())
    headline = abs(sum(amounts.values()))
    for step in counted:
        whole = headline
        if step.kind != "value":  # quantities of different units: each as a share of itself
            whole = abs(amounts[step.name]) * len(counted)
        if whole:
            slopes[step.name][step.valid] = scales[step.name] / whole
    return slopes


def _slope(
    plan: Plan, step: PlannedStep, given: Mapping[str, np.ndarray], argument: str
) -> np.ndarray:
    """Return by how much each cell of a step changes for each unit of an argument."""
    limits = step.method.limits.get(argument, ANY)
    above, below = set_apart(given[argument], limits)
    with np.errstate(all="ignore"):  # what is not finite has no slope
        at_high = {**given, argument: above}
        at_low = {**given, argument: below}
        high = cell_values(plan, step, at_high)
        low = cell_values(plan, step, at_low)
        slope = (high - low) / (above - below)
    return np.where(np.isfinite(slope), slope, 0.0)


def _summed_to(values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
    """Sum an array over the dimensions that another does not have."""
    axes = []
    kept = []
    for axis, dim in enumerate(dims):
        if dim in target:
            kept.append(dim)
        else:
            axes.append(axis)
    summed = values.sum(axis=tuple(axes))
    return expand(np.asarray(summed), kept, target)


def _back_through(link: StepLink, slope: np.ndarray, taken: PlannedStep) -> np.ndarray:
    """Bring slopes of what a link takes back to the cells of the step that it takes them from."""
    dims = []
    sizes = []
    for dim, size in zip(taken.out, taken.present.shape, strict=True):
        is_summed = link.total and dim == "ecosystem"
        if not is_summed:
            dims.append(dim)
            sizes.append(size)
    count = int(np.prod(sizes))
    cells = np.arange(count).reshape(sizes)
    without_sum = replace(link, total=False)
    picked = resolve_link(without_sum, cells, dims, "sum")
    weights = np.broadcast_to(slope, picked.shape) * link.factor
    back = np.bincount(
        picked.ravel(),
        weights=weights.ravel(),
        minlength=count,
    )
    back = expand(back.reshape(sizes), dims, taken.out)
    return np.broadcast_to(back, taken.present.shape)


def _area_effects(plan: Plan, step: PlannedStep, argument: str, numbers: np.ndarray) -> np.ndarray:
    """Bring the effects of areas that a step takes as an argument to region and ecosystem type."""
    within = plan.scheme.within(step.bindings[argument].area)
    area = plan.extent.area_of(within)
    if step.inputs[argument].dims == CELL_DIMS:
        return np.where(area > 0, numbers, 0.0)
    total = area.sum(axis=1, keepdims=True)
    shares = _shares_of(area, total)
    return np.asarray(shares * numbers[:, None])


def _shares_of(parts: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide parts by their whole; 0 where that is 0."""
    nothing = np.zeros(parts.shape)
    is_something = np.broadcast_to(whole > 0, parts.shape)
    return np.asarray(np.divide(parts, whole, out=nothing, where=is_something))


def _effects_of_parts(plan: Plan, effects: np.ndarray) -> np.ndarray:
    """Divide the effects of areas, region by ecosystem type, among the rows of areas."""
    parts = plan.extent.parts
    region = plan.extent.regions.get_indexer(parts["region"])
    ecosystem = plan.extent.ecosystems.get_indexer(parts["ecosystem"])
    is_cell = (region >= 0) & (ecosystem >= 0)
    total = plan.extent.area_of()[region, ecosystem]
    area = parts["area"].to_numpy(dtype=float)
    of_cells = effects[region, ecosystem]  # of the last cell where there is none
    of_parts = _shares_of(area, total) * of_cells
    return np.where(is_cell, of_parts, 0.0)


def share_behind(
    evaluated: EvaluatedPlan, is_marked: Callable[[InputEffects], np.ndarray], rows: RowEffects
) -> float:
    """Return the share of the value behind which at least one marked row stands.

    Parameters
    ----------
    evaluated : EvaluatedPlan
    is_marked : callable
        Takes an input and returns for each row of its frame whether it is marked (bool).
    rows : RowEffects
        The inputs.

    Returns
    -------
    float
        From 0 to 1, of the sum of absolute values, as ``EvaluatedPlan.shares``.
    """
    marks_of_inputs = {}
    for entry in rows.inputs:
        marks = np.append(is_marked(entry), False)  # at the last position, which is -1
        key = (entry.step.name, entry.argument)
        marks_of_inputs[key] = marks[entry.source.rows]
    behind: dict[str, np.ndarray] = {}
    for step in evaluated.plan.steps:
        cells = np.zeros(step.live.shape, dtype=bool)
        for argument, source in step.inputs.items():
            key = (step.name, argument)
            if isinstance(source, StepLink):
                taken = evaluated.plan.step(source.source)
                marks = behind[taken.name]
                marks = resolve_link(source, marks, taken.out, "any")
            elif key in marks_of_inputs:
                marks = marks_of_inputs[key]
            else:  # areas
                continue
            cells |= expand(marks, source.dims, step.dims)
        cells &= step.live
        summed = summed_axes(step)
        behind[step.name] = np.asarray(cells.any(axis=summed)) if summed else cells
    marked = 0.0
    total = 0.0
    for step in evaluated.headline_steps:
        sizes = evaluated.headline_sizes(step)
        is_behind = behind[step.name]
        marked += float(sizes[is_behind].sum())
        total += float(sizes.sum())
    return marked / total if total else 0.0
