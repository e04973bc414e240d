"""The kernel of draws at pixels (抽样计算核): the sums of a step at several sets of coefficients.

As ``gep.account.pixel_kernel``, but for one step, whose arguments that do not vary inside a cell
may have an axis of draws ahead. What no draw changes is evaluated once for all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from gep.account.pixel_kernel import (
    PIECE,
    CellNumbers,
    LayerNumbers,
    PixelKernel,
    PixelResult,
    PixelStep,
    PlaceNumbers,
    UnitNumbers,
    UnitTotals,
    argument_at_places,
    collect_counted,
    result_at_places,
)
from gep.extent.blocks import UnitSums
from gep.extent.rasters import Window
from gep.plan.cell_density import CellArgument
from gep.plan.planned_step import StepLink


@dataclass(frozen=True)
class DrawKernel:
    """What a task computes of a block: the sums of a step by cell and draw.

    Attributes
    ----------
    kernel : PixelKernel
        Its last step is the one that is wanted. The values of ``CellNumbers`` and the factors of
        ``LayerNumbers`` may have an axis of draws ahead of their dims.
    draws : int
    """

    kernel: PixelKernel
    draws: int

    @property
    def step(self) -> PixelStep:
        """The step that is wanted."""
        return self.kernel.steps[-1]

    @cached_property
    def drawn_arguments(self) -> dict[str, frozenset[str]]:
        """The arguments of each step that differ from draw to draw."""
        drawn: dict[str, frozenset[str]] = {}
        for step in self.kernel.steps:
            names = set()
            for name, argument in step.arguments.items():
                varies = False
                if isinstance(argument, StepLink):
                    varies = bool(drawn[argument.source])
                else:
                    varies = has_draws(argument)
                if varies:
                    names.add(name)
            drawn[step.name] = frozenset(names)
        return drawn

    def __call__(self, block: Window) -> list[UnitSums]:
        """Read a block, and evaluate its units.

        Parameters
        ----------
        block : Window
            Whole units, but at the rim of the grid.

        Returns
        -------
        list of UnitSums
            Their zones are cells, counted flat. ``area`` and ``missing`` are by cell, ``step`` has
            the keys of the step and the draws behind them.
        """
        return [self._sum_unit(unit) for unit in self.kernel.units(block)]

    def _sum_unit(self, unit: UnitNumbers) -> UnitSums:
        """Sum the step over the places of a unit."""
        sums = UnitTotals(unit.parts)
        behind = self.kernel.layers_of_step[self.step.name]
        for part in unit.parts:
            for places in part.pieces(PIECE):
                numbers = PlaceNumbers(places, unit.layers)
                without = numbers.without(behind)
                sums.grow("area", places, places.areas())
                sums.grow("missing", places, None if without is None else places.areas(without))
                sums.grow("step", places, self._collected(numbers, without))
        return sums.of_unit(unit.window)

    def _collected(self, numbers: PlaceNumbers, without: np.ndarray | None) -> np.ndarray:
        """Return the sums of the step by cell, its keys and draw; some places may not count."""
        places = numbers.places
        sums = np.empty((len(places.cells), *self.step.sizes, self.draws))
        for draw, values in enumerate(self._values(numbers)):
            sums[..., draw] = collect_counted(places, values, without)
        return sums

    def _values(self, numbers: PlaceNumbers) -> Iterator[np.ndarray]:
        """Yield what the method of the step gives at places, draw by draw."""
        fixed: dict[str, PixelResult] = {}
        fixed_inputs: dict[str, dict[str, np.ndarray]] = {}
        for step in self.kernel.steps:
            drawn = self.drawn_arguments[step.name]
            inputs = {}
            for name, argument in step.arguments.items():
                if name not in drawn:
                    inputs[name] = argument_at_places(
                        argument,
                        step,
                        numbers,
                        fixed,
                    )
            fixed_inputs[step.name] = inputs
            if not drawn:
                fixed[step.name] = result_at_places(step, inputs, numbers.places)
        for draw in range(self.draws):
            results = dict(fixed)
            for step in self.kernel.steps:
                if step.name in fixed:
                    continue
                inputs = dict(fixed_inputs[step.name])
                for name in self.drawn_arguments[step.name]:
                    argument = step.arguments[name]
                    if not isinstance(argument, StepLink):
                        argument = at_draws(argument, draw)
                    inputs[name] = argument_at_places(
                        argument,
                        step,
                        numbers,
                        results,
                    )
                results[step.name] = result_at_places(step, inputs, numbers.places)
            yield results[self.step.name].values


Numbers: TypeAlias = CellNumbers | LayerNumbers


def drawn_numbers(numbers: Numbers) -> np.ndarray:
    """Return what of an argument may have an axis of draws: values on cells, factors of layers."""
    return numbers.values if isinstance(numbers, CellNumbers) else numbers.factors


def with_drawn_numbers(numbers: Numbers, drawn: np.ndarray) -> Numbers:
    """Return an argument with other values on cells, or factors of its layers."""
    if isinstance(numbers, CellNumbers):
        return replace(numbers, values=drawn)
    return replace(numbers, factors=drawn)


def has_draws(numbers: Numbers) -> bool:
    """Return whether an argument has an axis of draws ahead of its dims."""
    return drawn_numbers(numbers).ndim > len(numbers.dims)


def at_draws(numbers: Numbers, draws: int | slice) -> Numbers:
    """Return an argument at one draw, or at some of them."""
    return with_drawn_numbers(numbers, drawn_numbers(numbers)[draws])


def change_arguments(
    kernel: PixelKernel, change: Callable[[CellArgument, Numbers], Numbers]
) -> PixelKernel:
    """Return a kernel with other arguments.

    Parameters
    ----------
    kernel : PixelKernel
    change : callable
        Returns what takes the place of an argument, which may be itself. Results of steps at the
        same pixels are no such arguments.

    Returns
    -------
    PixelKernel
    """
    steps = []
    for step in kernel.steps:
        arguments = dict(step.arguments)
        for name, numbers in step.arguments.items():
            if not isinstance(numbers, StepLink):
                arguments[name] = change(CellArgument(step.name, name), numbers)
        steps.append(replace(step, arguments=arguments))
    return replace(kernel, steps=tuple(steps))
