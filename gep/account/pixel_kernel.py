"""The kernel of an evaluation at pixels (栅格计算核): what a task computes of a block.

A kernel reads the rasters of a block, evaluates the methods of steps on flat arrays over the places
of each unit, and reduces them to sums by region and ecosystem type, so that nothing but sums leaves
the task. Which steps are evaluated so, and what becomes of the sums, is left to
``gep.account.pixel_evaluation``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gep.extent.blocks import UNIT, UnitSums, unit_view, units_of
from gep.extent.extent import CELL_DIMS
from gep.extent.raster_extent import LayerRange, PlaceFinder, Places, RasterLayer
from gep.extent.rasters import Window
from gep.plan.planned_step import StepLink, resolve_link

_PIECE = 1 << 15  # places for which a method is called at a time: its arrays stay in the CPU cache


@dataclass(frozen=True)
class CellNumbers:
    """An argument of a method that does not vary inside a cell.

    Attributes
    ----------
    values : ndarray
        Over ``dims``, in the unit of the argument.
    dims : tuple of str
    """

    values: np.ndarray
    dims: tuple[str, ...]


@dataclass(frozen=True)
class LayerNumbers:
    """An argument of a method that layers give, one for each member of its keys.

    Attributes
    ----------
    layers : ndarray of int
        Positions of layers over ``dims``.
    factors : ndarray
        From the unit of each layer to that of the argument, over ``dims``.
    dims : tuple of str
        The keys of the argument but region and ecosystem type.
    """

    layers: np.ndarray
    factors: np.ndarray
    dims: tuple[str, ...]


@dataclass(frozen=True)
class PixelStep:
    """A step as it is evaluated at pixels.

    Attributes
    ----------
    name : str
    function : callable
        The method.
    arguments : mapping of str to CellNumbers, LayerNumbers or StepLink
        A link takes the result of a step that is evaluated at the same pixels before.
    keys : tuple of str
        The dims of the step but region and ecosystem type.
    sizes : tuple of int
        Their lengths.
    """

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, CellNumbers | LayerNumbers | StepLink]
    keys: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def dims(self) -> tuple[str, ...]:
        """All dims, in their order."""
        return (*CELL_DIMS, *self.keys)


@dataclass(frozen=True)
class PixelKernel:
    """What a task computes of a block: sums by region and ecosystem type.

    Attributes
    ----------
    finder : PlaceFinder
    layers : tuple of RasterLayer
    steps : tuple of PixelStep
        Each after those whose results it takes.
    ranges : tuple of tuple of LayerRange
        By layer, the ranges outside of which its pixels are counted.
    """

    finder: PlaceFinder
    layers: tuple[RasterLayer, ...]
    steps: tuple[PixelStep, ...]
    ranges: tuple[tuple[LayerRange, ...], ...] = ()

    @cached_property
    def layers_of_step(self) -> Mapping[str, tuple[int, ...]]:
        """The layers behind each step, through the steps whose results it takes."""
        behind: dict[str, tuple[int, ...]] = {}
        for step in self.steps:
            positions: set[int] = set()
            for argument in step.arguments.values():
                if isinstance(argument, LayerNumbers):
                    positions.update(argument.layers.reshape(-1).tolist())
                elif isinstance(argument, StepLink):
                    positions.update(behind[argument.source])
            behind[step.name] = tuple(sorted(positions))
        return behind

    def __call__(self, block: Window) -> list[UnitSums]:
        """Read a block, and evaluate its units.

        Parameters
        ----------
        block : Window
            Whole units, but at the rim of the grid.

        Returns
        -------
        list of UnitSums
            In the order of the units; those without a pixel that counts are left out.
        """
        codes = self.finder.land_cover.read(block)
        numbers = [layer.raster.read_numbers(block) for layer in self.layers]
        sums = []
        for _, _, unit in units_of(block):
            in_unit = [unit_view(layer, block, unit) for layer in numbers]
            of_unit = self.sum_unit(unit_view(codes, block, unit), in_unit, unit)
            if of_unit is not None:
                sums.append(of_unit)
        return sums

    def sum_unit(
        self, codes: np.ndarray, numbers: Sequence[np.ndarray], window: Window
    ) -> UnitSums | None:
        """Evaluate the steps at the pixels of a unit, and sum them by cell.

        Parameters
        ----------
        codes : ndarray
            Land cover.
        numbers : sequence of ndarray
            The layers; NaN where they have no number.
        window : Window
            The unit.

        Returns
        -------
        UnitSums or None
            None if no pixel counts. Besides the sums of steps: ``missing`` areas of steps, where a
            layer has no number; areas, sums and covered areas of layers by region; pixels of
            layers outside of a range, and their areas, where there are any.
        """
        sums: dict[str, np.ndarray] = {}
        lows: dict[str, np.ndarray] = {}
        highs: dict[str, np.ndarray] = {}
        for part, places in enumerate(self.finder.places(codes, window)):
            layers = [places.take(layer).astype(float, copy=False) for layer in numbers]
            missing = [_missing(layer) for layer in layers]
            self._add_layers(places, layers, missing, sums)
            if part == 0:  # which has all pixels that count; further parts have them again
                self._add_ranges(places, layers, sums, lows, highs)
            self._add_steps(places, layers, missing, sums)
        if not sums:
            return None
        present = np.flatnonzero(sums["area"].any(axis=1))
        return UnitSums(
            row=window.row // UNIT,
            column=window.column // UNIT,
            zones=present,
            sums={name: values[present] for name, values in sums.items()},
            lows={name: values[present] for name, values in lows.items()},
            highs={name: values[present] for name, values in highs.items()},
        )

    def _add_steps(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        missing: Sequence[np.ndarray | None],
        sums: dict[str, np.ndarray],
    ) -> None:
        """Add the sums of the steps over places."""
        values = {step.name: np.empty((len(places.cell), *step.sizes)) for step in self.steps}
        for part, piece in places.pieces(_PIECE):
            of_piece = [layer[part] for layer in layers]
            for name, numbers in self._evaluate(piece, of_piece).items():
                values[name][part] = numbers
        for step in self.steps:
            without = _joined(missing, self.layers_of_step[step.name])
            if without is not None:
                values[step.name][without] = 0.0
            _add(sums, f"step:{step.name}", places.collect(values[step.name]))
            lacking = np.zeros(places.shape) if without is None else places.areas(without)
            _add(sums, f"missing:{step.name}", lacking)

    def _evaluate(self, places: Places, layers: Sequence[np.ndarray]) -> Mapping[str, np.ndarray]:
        """Evaluate the steps at places: by name, over places and the keys of the step."""
        results: dict[str, _PixelResult] = {}
        for step in self.steps:
            inputs = {}
            for name, argument in step.arguments.items():
                inputs[name] = _at_places(argument, step, places, layers, results)
            with np.errstate(all="ignore"):  # results that are not finite are reported by region
                numbers = np.asarray(step.function(**inputs), dtype=float)
            numbers = np.broadcast_to(numbers, (len(places.cell), *step.sizes))
            results[step.name] = _PixelResult(numbers, step.keys)
        return {name: result.values for name, result in results.items()}

    def _add_layers(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        missing: Sequence[np.ndarray | None],
        sums: dict[str, np.ndarray],
    ) -> None:
        """Add the areas of cells, and what the layers are in them."""
        area = places.areas()
        _add(sums, "area", area)
        for position, layer in enumerate(layers):
            name = f"layer:{position}"
            without = missing[position]
            known = layer
            covered = area
            if without is not None:
                known = np.where(without, 0.0, layer)
                covered = places.areas(~without)
            _add(sums, name, places.collect(known).sum(axis=1))
            _add(sums, f"{name}:covered", covered.sum(axis=1))

    def _add_ranges(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        sums: dict[str, np.ndarray],
        lows: dict[str, np.ndarray],
        highs: dict[str, np.ndarray],
    ) -> None:
        """Add the extremes of layers, and their pixels outside of ranges where there are any."""
        regions, ecosystems = places.shape
        for position, layer in enumerate(layers):
            name = f"layer:{position}"
            lowest = float(np.fmin.reduce(layer))
            highest = float(np.fmax.reduce(layer))
            lows[name] = np.full(regions, lowest)
            highs[name] = np.full(regions, highest)
            for number, bounds in enumerate(self.ranges[position] if self.ranges else ()):
                if np.isnan(lowest) or bounds.holds(lowest, highest):
                    continue
                is_outside = bounds.outside(layer)
                region = places.cell[is_outside] // ecosystems
                pixels = np.bincount(region, minlength=regions)
                _add(sums, f"{name}:outside:{number}", pixels.astype(float))
                area = places.areas(is_outside).sum(axis=1)
                _add(sums, f"{name}:outside-area:{number}", area)


class _PixelResult(NamedTuple):
    """The result of a step at places: places, and an axis for each of its keys."""

    values: np.ndarray
    keys: tuple[str, ...]


def _missing(layer: np.ndarray) -> np.ndarray | None:
    """Return where a layer has no number; None if it has one everywhere."""
    if np.isfinite(layer.sum()):
        return None
    without = np.isnan(layer)
    return without if without.any() else None


def _joined(missing: Sequence[np.ndarray | None], positions: Sequence[int]) -> np.ndarray | None:
    """Return where any of some layers has no number; None if each has one everywhere."""
    joined = None
    for position in positions:
        without = missing[position]
        if without is not None:
            joined = without if joined is None else joined | without
    return joined


def _add(sums: dict[str, np.ndarray], name: str, values: np.ndarray) -> None:
    """Add to the sums of a name."""
    sums[name] = sums[name] + values if name in sums else values


def _at_places(
    argument: CellNumbers | LayerNumbers | StepLink,
    step: PixelStep,
    places: Places,
    layers: Sequence[np.ndarray],
    results: "Mapping[str, _PixelResult]",
) -> np.ndarray:
    """Return an argument of a method at places: places, and an axis for each key of the step."""
    if isinstance(argument, CellNumbers):
        return places.spread(argument.values, argument.dims, step.dims)
    if isinstance(argument, LayerNumbers):
        values = _stacked(argument, layers)
        dims = argument.dims
    else:
        source = results[argument.source]
        dims = tuple(dim for dim in argument.dims if dim not in CELL_DIMS)
        values = resolve_link(argument, source.values, source.keys, "sum")
        if argument.factor != 1:
            values = values * argument.factor
    sizes = dict(zip(dims, values.shape[1:], strict=True))
    return values.reshape([len(values), *(sizes.get(key, 1) for key in step.keys)])


def _stacked(argument: LayerNumbers, layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the numbers of layers at places, with an axis for each key."""
    columns: list[np.ndarray] = []
    for position, scale in zip(argument.layers.flat, argument.factors.flat, strict=True):
        layer = layers[position]
        columns.append(layer if scale == 1 else layer * scale)
    if not argument.dims:
        return columns[0]
    shape = (len(columns[0]), *argument.layers.shape)
    return np.stack(columns, axis=-1).reshape(shape)
