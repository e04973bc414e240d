"""Slopes of steps at pixels (栅格步骤的斜率): how their amounts change with their arguments.

A method is not called on cells there, so that an argument is changed at the pixels themselves, in
all cells at once, one member of its keys at a time. What comes of it is summed to cells again, as
draws are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gep.account.draw_kernel import (
    Numbers,
    change_arguments,
    drawn_numbers,
    with_drawn_numbers,
)
from gep.account.evaluation import EvaluatedPlan, cell_values
from gep.account.pixel_draws import cell_arguments, densities_at_draws
from gep.account.pixel_evaluation import pixel_kernel
from gep.account.pixel_kernel import CellNumbers, LayerNumbers, PixelKernel
from gep.extent.extent import CELL_DIMS
from gep.plan.binding import BoundInput
from gep.plan.cell_density import CellArgument
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.units import ANY, Limits

CHANGE = 0.001  # of a number, up and down, by which its effect is found


@dataclass(frozen=True)
class ArgumentSlope:
    """How the headline changes with an argument.

    Attributes
    ----------
    step : PlannedStep
        The step of the argument.
    argument : str
    slope : ndarray
        Over the dims of the argument's input: the change for each unit of it.
    """

    step: PlannedStep
    argument: str
    slope: np.ndarray


@dataclass(frozen=True)
class _ChangedMember:
    """The numbers of an argument at a member of its keys, changed up and down.

    Attributes
    ----------
    place : CellArgument
    member : tuple of int
        Positions along the keys.
    above, below : ndarray
        What takes the place of the numbers of that member: by cell, or one factor of a layer.
    """

    place: CellArgument
    member: tuple[int, ...]
    above: np.ndarray
    below: np.ndarray


def set_apart(values: np.ndarray, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Change numbers up and down by 0.1 %, no further than their limits.

    Parameters
    ----------
    values : ndarray
        A number that is 0 is changed by 0.1 % of the mean of the others.
    limits : Limits

    Returns
    -------
    above, below : ndarray
    """
    is_size = np.isfinite(values) & (values != 0)
    sizes = np.abs(values[is_size])
    typical = 1.0
    if len(sizes):
        typical = float(sizes.mean())
    size = np.where(values == 0, typical, np.abs(values))
    distance = CHANGE * size
    above = np.minimum(values + distance, limits.high)
    below = np.maximum(values - distance, limits.low)
    return above, below


def pixel_slopes(
    evaluated: EvaluatedPlan, step: PlannedStep, weights: np.ndarray
) -> Iterator[ArgumentSlope]:
    """Find how the headline changes with the arguments behind a step at pixels.

    Parameters
    ----------
    evaluated : EvaluatedPlan
    step : PlannedStep
        A step at pixels.
    weights : ndarray
        The change of the headline for each unit of the step, over its dims.

    Yields
    ------
    ArgumentSlope
        Of the step, and of the steps whose results it takes at the pixels; nothing where the
        headline does not change with the step.

    Raises
    ------
    ProblemsFound
        ``method-failed`` if a project's own method refuses a number that is 0.1 % off.
    """
    if not weights.any():
        return
    plan = evaluated.plan
    kernel = pixel_kernel(plan, evaluated.results, [step.name])
    changes: list[_ChangedMember] = []
    for place in cell_arguments(plan, step):
        changes += _changes_of(plan, kernel, place)
    changed = _changed(kernel, changes)
    densities = densities_at_draws(plan, step, changed, 2 * len(changes))
    slopes: dict[CellArgument, np.ndarray] = {}
    for number, change in enumerate(changes):
        high = replace(step, density=densities[2 * number])
        low = replace(step, density=densities[2 * number + 1])
        moved = cell_values(plan, high, {}) - cell_values(plan, low, {})
        moved = np.where(np.isfinite(moved), moved, 0.0) * weights
        of_place = slopes.setdefault(change.place, _nothing(plan, change.place))
        _add_slope(plan, step, of_place, change, moved)
    for place, slope in slopes.items():
        yield ArgumentSlope(plan.step(place.step), place.argument, slope)


def _nothing(plan: Plan, place: CellArgument) -> np.ndarray:
    """Return zeros over the dims of an argument's input."""
    owner = plan.step(place.step)
    sizes = dict(zip(owner.dims, owner.live.shape, strict=True))
    return np.zeros([sizes[dim] for dim in owner.inputs[place.argument].dims])


def _changes_of(plan: Plan, kernel: PixelKernel, place: CellArgument) -> list[_ChangedMember]:
    """Return the changes of an argument, one for each member of its keys."""
    (step,) = (step for step in kernel.steps if step.name == place.step)
    numbers = step.arguments[place.argument]
    limits = plan.step(place.step).method.limits.get(place.argument, ANY)
    if isinstance(numbers, LayerNumbers):
        is_capped = np.isfinite(limits.high)
        above = numbers.factors * (1.0 if is_capped else 1 + CHANGE)
        below = numbers.factors * (1 - CHANGE)
        shape = numbers.factors.shape
    else:
        assert isinstance(numbers, CellNumbers)
        above, below = set_apart(numbers.values, limits)
        cell_rank = len(_cell_dims(numbers.dims))
        shape = numbers.values.shape[cell_rank:]
    changes = []
    for member in np.ndindex(shape):
        of_member: Any = (..., *member)
        changes.append(_ChangedMember(place, member, above[of_member], below[of_member]))
    return changes


def _cell_dims(dims: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some dims that are not keys."""
    return tuple(dim for dim in dims if dim in CELL_DIMS)


def _changed(kernel: PixelKernel, changes: list[_ChangedMember]) -> PixelKernel:
    """Return the kernel whose arguments are changed, two draws for each change."""
    places = {change.place for change in changes}

    def at_changes(place: CellArgument, numbers: Numbers) -> Numbers:
        if place not in places:
            return numbers
        return with_drawn_numbers(numbers, _with_changes(drawn_numbers(numbers), place, changes))

    return change_arguments(kernel, at_changes)


def _with_changes(
    numbers: np.ndarray, place: CellArgument, changes: list[_ChangedMember]
) -> np.ndarray:
    """Repeat numbers for all draws, and put the changed ones in their place."""
    draws = np.repeat(numbers[None], 2 * len(changes), axis=0)
    for number, change in enumerate(changes):
        if change.place == place:
            above: Any = (2 * number, ..., *change.member)
            below: Any = (2 * number + 1, ..., *change.member)
            draws[above] = change.above
            draws[below] = change.below
    return draws


def _add_slope(
    plan: Plan, step: PlannedStep, slope: np.ndarray, change: _ChangedMember, moved: np.ndarray
) -> None:
    """Add what a change moves at the cells of a step to the slope of the argument."""
    source = plan.step(change.place.step).inputs[change.place.argument]
    kept = _cell_dims(source.dims)
    axes = tuple(axis for axis, dim in enumerate(step.dims) if dim not in kept)
    of_member: Any = (..., *change.member)
    width = change.above - change.below
    is_layer = width.ndim < len(kept)
    if is_layer and isinstance(source, BoundInput):  # a factor, told by the mean of the layer
        width = width * source.values[of_member]
    with np.errstate(invalid="ignore", divide="ignore"):
        of_cells = moved.sum(axis=axes) / width
    slope[of_member] += np.where(np.isfinite(of_cells), of_cells, 0.0)
