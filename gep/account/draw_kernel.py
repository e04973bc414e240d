"""The kernel of draws at pixels (抽样计算核): the sums of a step at several sets of coefficients.

As ``gep.account.pixel_kernel``, but for one step, whose arguments that do not vary inside a cell
may have an axis of draws ahead. What no draw changes is evaluated once for all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gep.account.pixel_kernel import (
    PIECE,
    CellNumbers,
    PixelKernel,
    PixelResult,
    PixelStep,
    argument_at_places,
    joined_missing,
    missing_numbers,
    result_at_places,
)
from gep.extent.blocks import UNIT, UnitSums, unit_view, units_of
from gep.extent.raster_extent import Places
from gep.extent.rasters import Window
from gep.plan.planned_step import StepLink


@dataclass(frozen=True)
class DrawKernel:
    """What a task computes of a block: the sums of a step by cell and draw.

    Attributes
    ----------
    kernel : PixelKernel
        Its last step is the one that is wanted. ``CellNumbers`` may have an axis of draws ahead of
        their dims.
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
                if isinstance(argument, CellNumbers):
                    varies = has_draws(argument)
                elif isinstance(argument, StepLink):
                    varies = bool(drawn[argument.source])
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
        finder = self.kernel.finder
        codes = finder.land_cover.read(block)
        numbers = [layer.read(block) for layer in self.kernel.layers]
        sums = []
        for _, _, unit in units_of(block):
            of_unit = unit_view(codes, block, unit)
            parts = finder.places(of_unit, unit)
            if parts:
                in_unit = [unit_view(layer, block, unit) for layer in numbers]
                sums.append(self._sum_unit(parts, in_unit, unit))
        return sums

    def _sum_unit(
        self, parts: Sequence[Places], numbers: Sequence[np.ndarray], unit: Window
    ) -> UnitSums:
        """Sum the step over the places of a unit."""
        cells = np.unique(np.concatenate([places.cell for places in parts]))
        sums = _CellSums(cells, self.step.sizes, self.draws)
        behind = self.kernel.layers_of_step[self.step.name]
        numbers = [layer.reshape(-1) for layer in numbers]  # a copy, once for all pieces
        for places in parts:
            for piece in places.pieces(PIECE):
                layers = [piece.take(layer).astype(float) for layer in numbers]
                missing = [missing_numbers(layer) for layer in layers]
                without = joined_missing(missing, behind)
                sums.add(piece, self._values(piece, layers), without)
        by_name = {"area": sums.area, "missing": sums.missing, "step": sums.step}
        return UnitSums(unit.row // UNIT, unit.column // UNIT, cells, by_name)

    def _values(self, places: Places, layers: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
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
                        places,
                        layers,
                        fixed,
                    )
            fixed_inputs[step.name] = inputs
            if not drawn:
                fixed[step.name] = result_at_places(step, inputs, places)
        for draw in range(self.draws):
            results = dict(fixed)
            for step in self.kernel.steps:
                if step.name in fixed:
                    continue
                inputs = dict(fixed_inputs[step.name])
                for name in self.drawn_arguments[step.name]:
                    argument = step.arguments[name]
                    if isinstance(argument, CellNumbers):
                        at_draw = argument.values[draw]
                        argument = replace(argument, values=at_draw)
                    inputs[name] = argument_at_places(
                        argument,
                        step,
                        places,
                        layers,
                        results,
                    )
                results[step.name] = result_at_places(step, inputs, places)
            yield results[self.step.name].values


class _CellSums:
    """Sums by cell of a unit that grow piece by piece; see ``DrawKernel.__call__``."""

    def __init__(self, cells: np.ndarray, sizes: Sequence[int], draws: int) -> None:
        self._cells = cells
        self.area = np.zeros(len(cells))
        self.missing = np.zeros(len(cells))
        self.step = np.zeros((len(cells), *sizes, draws))

    def add(self, places: Places, values: Iterator[np.ndarray], without: np.ndarray | None) -> None:
        """Add places; ``values`` are by draw, ``without`` are places that do not count."""
        cell = np.searchsorted(self._cells, places.cell)
        area = np.broadcast_to(places.area, cell.shape)
        count = len(self._cells)
        self.area += np.bincount(cell, area, count)
        if without is not None:
            lacking = np.where(without, area, 0.0)
            self.missing += np.bincount(cell, lacking, count)
        by_key = self.step.reshape([count, -1, self.step.shape[-1]])
        for draw, at_draw in enumerate(values):
            columns = at_draw.reshape([len(cell), -1])
            for key in range(columns.shape[1]):
                weights = columns[:, key] * area
                if without is not None:
                    weights[without] = 0.0
                sums = np.bincount(cell, weights, count)
                by_key[:, key, draw] += sums


def has_draws(numbers: CellNumbers) -> bool:
    """Return whether an argument has an axis of draws ahead of its dims."""
    return numbers.values.ndim > len(numbers.dims)
