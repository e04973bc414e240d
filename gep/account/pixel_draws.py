"""Steps at pixels when coefficients are drawn (栅格步骤的抽样): two roads to their densities.

Where a step at pixels is affine in each argument that does not vary inside a cell, given the
others, its sums over pixels are a polynomial of them, which the sums at a few corners tell whole;
where it is smooth in some, a few more nodes between do as well. Draws are then made on cells, and
pixels are read once. Whether it is so is tried on the sums themselves. Any other step is evaluated
at all pixels at each draw, some draws in each pass.

Layers are not drawn: they have no limits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from threading import Lock
from typing import NamedTuple

import numpy as np

from gep.account.draw_kernel import (
    DrawKernel,
    Numbers,
    at_draws,
    change_arguments,
    has_draws,
    with_drawn_numbers,
)
from gep.account.pixel_evaluation import blocks_of, density_of_sums, pixel_kernel, varies_inside
from gep.account.pixel_kernel import CellNumbers, PixelKernel
from gep.errors import ProblemsFound
from gep.extent.blocks import Totals, sum_blocks
from gep.plan.binding import BoundInput
from gep.plan.cell_density import CellArgument, CellDensity, node_positions
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link

_MOST_ARGUMENTS = 6  # of a polynomial: 64 corners
_NODES = (2, 9, 17)  # along an argument, until the polynomial fits
_MOST_NODES = 192  # of all arguments together: fewer than draws, or nothing is saved
_TRIED = (0.271, 0.643, 0.497, 0.883)  # positions between nodes, of the first argument
_TURN = 0.618  # from argument to argument, so that positions are apart
_CLOSE = 1e-9  # of the largest node of a cell: the rounding of sums is far below
_NUMBERS_AT_ONCE = 1 << 20  # of the sums of a pass: 8 MiB
_DRAWS_AT_ONCE = 128  # of a pass: reading takes no part worth mentioning
_PASS = Lock()  # a pass may take all the memory of the schedule, so that there is one at a time

Results = Mapping[str, np.ndarray]
CellEvaluation = Callable[[Plan, PlannedStep, Results], np.ndarray]


class _Path(NamedTuple):
    """How an argument that does not vary inside a cell comes to a step.

    Attributes
    ----------
    argument : CellArgument
    links : tuple of (str, StepLink)
        The links at pixels from the step of the argument on, each with the step that takes it.
    """

    argument: CellArgument
    links: tuple[tuple[str, StepLink], ...]


def drawn_density(plan: Plan, step: PlannedStep, results: Results) -> np.ndarray | None:
    """Return the density of a step at pixels at each draw.

    Parameters
    ----------
    plan : Plan
        Settled; its inputs may have an axis of draws.
    step : PlannedStep
        A step at pixels.
    results : mapping of str to ndarray
        Of the steps before.

    Returns
    -------
    ndarray or None
        Draw, then the dims of the step; None where no draw changes it, and for a step that is taken
        at its pixels alone, whose mean on cells nobody reads.
    """
    if step.per == "none" and not _is_taken_on_cells(plan, step):
        return None
    paths = _paths(plan, step)
    drawn = _drawn_arguments(plan, paths, results)
    if not drawn:
        return None
    polynomial = step.density_at
    if polynomial is not None and drawn.keys() <= set(polynomial.arguments):
        values = [
            _at_step(
                plan,
                step,
                paths,
                argument,
                results,
            )
            for argument in polynomial.arguments
        ]
        return polynomial.at(values)
    kernel = pixel_kernel(plan, results, [step.name])
    return densities_at_draws(plan, step, kernel, max(len(values) for values in drawn.values()))


def with_cell_densities(plan: Plan, probes: Plan, evaluate_cells: CellEvaluation) -> Plan:
    """Return the plan whose steps at pixels tell how their densities follow from coefficients.

    Parameters
    ----------
    plan : Plan
        Settled.
    probes : Plan
        The same with an axis of draws, among which are the least and the largest numbers.
    evaluate_cells : callable
        Evaluates a step on cells, from the plan, the step and the results before.

    Returns
    -------
    Plan
        Steps that are no polynomial of few arguments have none.
    """
    results: dict[str, np.ndarray] = {}
    polynomials: dict[str, CellDensity] = {}
    for position, step in enumerate(probes.steps):
        is_at_pixels = step.density is not None
        if is_at_pixels and (step.per == "area" or _is_taken_on_cells(plan, step)):
            polynomial = _polynomial_or_none(probes, step, results)
            if polynomial is not None:
                polynomials[step.name] = polynomial
                step = replace(step, density_at=polynomial)
                probes = _with_step(probes, position, step)
        results[step.name] = evaluate_cells(probes, step, results)
    steps = [replace(step, density_at=polynomials.get(step.name)) for step in plan.steps]
    return replace(plan, steps=tuple(steps))


def _is_taken_on_cells(plan: Plan, step: PlannedStep) -> bool:
    """Return whether a step that is evaluated on cells takes the result of this one."""
    for taker in plan.steps:
        for source in taker.inputs.values():
            is_taken = isinstance(source, StepLink) and source.source == step.name
            if is_taken and not varies_inside(plan, taker):
                return True
    return False


def _with_step(plan: Plan, position: int, step: PlannedStep) -> Plan:
    """Return the plan with another step at a position."""
    steps = list(plan.steps)
    steps[position] = step
    return replace(plan, steps=tuple(steps))


# --- what is drawn -------------------------------------------------------------------------------


def cell_arguments(plan: Plan, step: PlannedStep) -> list[CellArgument]:
    """Return the arguments behind a step at pixels that are no results of steps at its pixels.

    Parameters
    ----------
    plan : Plan
    step : PlannedStep

    Returns
    -------
    list of CellArgument
        Each once: of the step, and of those whose results it takes at the pixels. Layers are among
        them.
    """
    return list(dict.fromkeys(path.argument for path in _paths(plan, step)))


def _paths(plan: Plan, step: PlannedStep) -> list[_Path]:
    """Return the arguments that do not vary inside a cell, of a step and of those at its pixels."""
    return list(_paths_to(plan, step, ()))


def _paths_to(
    plan: Plan, step: PlannedStep, links: tuple[tuple[str, StepLink], ...]
) -> Iterator[_Path]:
    for name, source in step.inputs.items():
        if isinstance(source, StepLink):
            taken = plan.step(source.source)
            if taken.per == "none" and varies_inside(plan, taken):
                yield from _paths_to(plan, taken, ((step.name, source), *links))
                continue
        yield _Path(CellArgument(step.name, name), links)


def _drawn_arguments(
    plan: Plan, paths: Sequence[_Path], results: Results
) -> dict[CellArgument, np.ndarray]:
    """Return the arguments that have an axis of draws, with their numbers."""
    drawn = {}
    for path in paths:
        numbers = _cell_numbers(plan, path.argument, results)
        if has_draws(numbers):
            drawn[path.argument] = numbers.values
    return drawn


def _cell_numbers(plan: Plan, argument: CellArgument, results: Results) -> CellNumbers:
    """Return the numbers of an argument on cells, in the unit of the argument."""
    source = plan.step(argument.step).inputs[argument.argument]
    if isinstance(source, BoundInput):
        return CellNumbers(source.values, source.dims)
    values = resolve_link(source, results[source.source], plan.step(source.source).out, "sum")
    return CellNumbers(values * source.factor, source.dims)


def _at_step(
    plan: Plan,
    step: PlannedStep,
    paths: Sequence[_Path],
    argument: CellArgument,
    results: Results,
) -> np.ndarray:
    """Return the numbers of an argument over the dims of the step: of each cell what it uses."""
    first = next(path for path in paths if path.argument == argument)
    return _carried(plan, step, first, _cell_numbers(plan, argument, results))


def _carried(plan: Plan, step: PlannedStep, path: _Path, numbers: CellNumbers) -> np.ndarray:
    """Carry numbers on cells along the links to a step, which select members of keys."""
    taken = plan.step(path.argument.step)
    values = plan.extent.spread(numbers.values, numbers.dims, taken.dims)
    for taker_name, link in path.links:
        ahead = values.shape[: values.ndim - len(taken.dims)]
        whole = np.broadcast_to(values, (*ahead, *taken.live.shape)) if link.pick else values
        picked = resolve_link(link, whole, taken.dims, "sum")
        taker = plan.step(taker_name)
        values = plan.extent.spread(picked, link.dims, taker.dims)
        taken = taker
    return values


def _is_carried_alike(plan: Plan, paths: Sequence[_Path], argument: CellArgument) -> bool:
    """Return whether each cell of a step uses a single number of an argument."""
    ways = [path for path in paths if path.argument == argument]
    for way in ways:
        for taker_name, link in way.links:
            taken = plan.step(link.source)
            if taken.out != taken.dims:
                return False
            if link.pick and len(ways) > 1:
                return False
            lost = set(taken.dims) - set(plan.step(taker_name).dims)
            if lost - {selection.dim for selection in link.pick}:
                return False
    return True


# --- a polynomial on cells -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Box:
    """The least and the largest numbers of the arguments that are drawn.

    Attributes
    ----------
    arguments : tuple of CellArgument
    starts, ends : tuple of ndarray
        Over the dims of each argument.
    starts_at_step, ends_at_step : tuple of ndarray
        The same over the dims of the step that takes them.
    """

    arguments: tuple[CellArgument, ...]
    starts: tuple[np.ndarray, ...]
    ends: tuple[np.ndarray, ...]
    starts_at_step: tuple[np.ndarray, ...]
    ends_at_step: tuple[np.ndarray, ...]

    def points(self, shape: Sequence[int]) -> np.ndarray:
        """Return positions from 0 (start) to 1 (end), point x argument.

        The nodes of a grid of a shape come first, then points between on which it is tried, at last
        for each argument its middle, where the others are at their start.
        """
        count = len(self.arguments)
        axes = [node_positions(nodes) for nodes in shape]
        points = list(product(*axes))
        turns = _TURN * np.arange(count)
        for first in _TRIED:
            between = (first + turns) % 1
            points.append(tuple(between))
        middles = np.eye(count) / 2
        return np.concatenate([points, middles])

    def values_at(self, positions: np.ndarray, number: int) -> np.ndarray:
        """Return the numbers of an argument at positions (one for each point), points ahead."""
        start = self.starts[number]
        end = self.ends[number]
        share = positions.reshape([-1, *[1] * start.ndim])
        return np.where(share == 1, end, start + (end - start) * share)


def _polynomial_or_none(plan: Plan, step: PlannedStep, results: Results) -> CellDensity | None:
    """Return the polynomial of a step; None also where own code fails at an end of the box."""
    try:
        return _polynomial(plan, step, results)
    except ProblemsFound:
        raise
    except (Exception, SystemExit):
        if step.method.own is None:
            raise
        return None  # whether it fails at a draw is told at the draws


def _polynomial(plan: Plan, step: PlannedStep, results: Results) -> CellDensity | None:
    """Return how the density of a step follows from what is drawn; None if it is no polynomial."""
    paths = _paths(plan, step)
    drawn = _drawn_arguments(plan, paths, results)
    if not 0 < len(drawn) <= _MOST_ARGUMENTS:
        return None
    if not all(_is_carried_alike(plan, paths, argument) for argument in drawn):
        return None
    box = _box_of(plan, step, paths, drawn)
    kernel = pixel_kernel(plan, results, [step.name])
    argument_count = len(drawn)
    is_bent = np.ones(argument_count, dtype=bool)
    for count in _NODES:
        shape = np.where(is_bent, count, 2).tolist()
        node_count = int(np.prod(shape))
        if node_count > _MOST_NODES:
            return None
        points = box.points(shape)
        at_points = _kernel_at(kernel, box, points)
        densities = densities_at_draws(plan, step, at_points, len(points))
        densities = np.broadcast_to(densities, (len(points), *step.live.shape))
        nodes = densities[:node_count]
        polynomial = CellDensity(
            arguments=box.arguments,
            starts=box.starts_at_step,
            ends=box.ends_at_step,
            nodes=nodes.reshape([*shape, *step.live.shape]),
        )
        is_close = _closeness(polynomial, points, densities)
        fits = np.asarray(is_close[:, step.live].all(axis=1))
        if fits[:-argument_count].all():
            return polynomial
        is_affine = fits[-argument_count:]
        if count == 2 and not is_affine.all():
            is_bent = np.logical_not(is_affine)
    return None


def _box_of(
    plan: Plan,
    step: PlannedStep,
    paths: Sequence[_Path],
    drawn: Mapping[CellArgument, np.ndarray],
) -> _Box:
    """Return the box of the arguments that are drawn."""
    starts = []
    ends = []
    at_step: dict[str, list[np.ndarray]] = {"starts": [], "ends": []}
    for argument, values in drawn.items():
        start = values.min(axis=0)
        end = values.max(axis=0)
        starts.append(start)
        ends.append(end)
        at_step["starts"].append(
            _on_cells(
                plan,
                step,
                paths,
                argument,
                start,
            )
        )
        at_step["ends"].append(
            _on_cells(
                plan,
                step,
                paths,
                argument,
                end,
            )
        )
    return _Box(
        arguments=tuple(drawn),
        starts=tuple(starts),
        ends=tuple(ends),
        starts_at_step=tuple(at_step["starts"]),
        ends_at_step=tuple(at_step["ends"]),
    )


def _closeness(polynomial: CellDensity, points: np.ndarray, densities: np.ndarray) -> np.ndarray:
    """Return where a polynomial is what the pixels gave, at the points behind its nodes."""
    node_count = len(points) - len(_TRIED) - len(polynomial.arguments)
    values = []
    for number, start in enumerate(polynomial.starts):
        width = polynomial.ends[number] - start
        position = points[node_count:, number]
        position = position.reshape([-1, *[1] * start.ndim])
        values.append(start + width * position)
    sizes = np.abs(densities[:node_count])
    largest = sizes.max(axis=0)
    computed = polynomial.at(values)
    with np.errstate(invalid="ignore"):
        difference = np.abs(computed - densities[node_count:])
        is_close = difference <= _CLOSE * largest
    return np.asarray(is_close)


def _on_cells(
    plan: Plan,
    step: PlannedStep,
    paths: Sequence[_Path],
    argument: CellArgument,
    values: np.ndarray,
) -> np.ndarray:
    """Return numbers of an argument over all cells of a step."""
    first = next(path for path in paths if path.argument == argument)
    source = plan.step(argument.step).inputs[argument.argument]
    numbers = CellNumbers(values, source.dims)
    carried = _carried(plan, step, first, numbers)
    return np.broadcast_to(carried, step.live.shape)


def _kernel_at(kernel: PixelKernel, box: _Box, points: np.ndarray) -> PixelKernel:
    """Return the kernel whose drawn arguments are at points of a box, as if they were draws."""
    positions = {argument: number for number, argument in enumerate(box.arguments)}

    def at_points(argument: CellArgument, numbers: Numbers) -> Numbers:
        number = positions.get(argument)
        if number is None:
            return numbers
        return with_drawn_numbers(numbers, box.values_at(points[:, number], number))

    return change_arguments(kernel, at_points)


# --- passes over the pixels ----------------------------------------------------------------------


def densities_at_draws(
    plan: Plan, step: PlannedStep, kernel: PixelKernel, draws: int
) -> np.ndarray:
    """Evaluate a step at all pixels and draws.

    Parameters
    ----------
    plan : Plan
        Settled.
    step : PlannedStep
    kernel : PixelKernel
        Whose last step it is; its arguments may have an axis of draws ahead.
    draws : int

    Returns
    -------
    ndarray
        Draw, then the dims of the step; the axis of draws is the last in memory.
    """
    extent = plan.extent
    cells = (len(extent.regions), len(extent.ecosystems))
    shape = (*cells, *kernel.steps[-1].sizes)
    size = int(np.prod(shape))
    most = max(1, _NUMBERS_AT_ONCE // size)
    most = min(_DRAWS_AT_ONCE, most)
    pieces = []
    for start in range(0, draws, most):
        stop = min(start + most, draws)
        count = stop - start
        of_pass = _at_draws(kernel, slice(start, stop))
        totals = _pass(plan, DrawKernel(of_pass, count))
        if not totals.sums:  # no pixel counts
            pieces.append(np.zeros((*step.live.shape, count)))
            continue
        sums = totals.sums["step"].reshape([*shape, count])
        area = totals.sums["area"].reshape(cells)
        missing = totals.sums["missing"].reshape(cells)
        density = density_of_sums(step, sums, area, missing)
        pieces.append(density)
    densities = np.concatenate(pieces, axis=-1)
    return np.moveaxis(densities, -1, 0)


def _pass(plan: Plan, kernel: DrawKernel) -> Totals:
    """Read all blocks once."""
    raster = plan.raster
    assert raster is not None
    blocks = blocks_of(raster, kernel.kernel.layers)
    cell_count = len(plan.extent.regions) * len(plan.extent.ecosystems)
    with _PASS:
        return sum_blocks(
            blocks,
            kernel,
            cell_count,
            raster.schedule,
        )


def _at_draws(kernel: PixelKernel, draws: slice) -> PixelKernel:
    """Return the kernel at some draws."""

    def at_these(_: CellArgument, numbers: Numbers) -> Numbers:
        return at_draws(numbers, draws) if has_draws(numbers) else numbers

    return change_arguments(kernel, at_these)
