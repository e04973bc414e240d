"""The kernel of an evaluation at pixels (栅格计算核): what a task computes of a block.

A kernel reads the rasters of a block, evaluates the methods of steps on flat arrays over the places
of each unit, and reduces them to sums by region and ecosystem type, so that nothing but sums leaves
the task. Which steps are evaluated so, and what becomes of the sums, is left to
``gep.account.pixel_evaluation``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gep.errors import ProblemsFound, make_problem
from gep.extent.blocks import UNIT, UnitSums, unit_view, units_of
from gep.extent.extent import CELL_DIMS
from gep.extent.raster_extent import LayerRange, PlaceFinder, Places, RasterLayer
from gep.extent.rasters import Window
from gep.io.csv_excel import printable
from gep.plan.planned_step import StepLink, resolve_link
from gep.texts.catalogue import Label

PIECE = 1 << 15  # places for which a method is called at a time: its arrays stay in the CPU cache
_REPORT_SHOWN = 200  # characters of what own code reports


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


class OwnMethod(NamedTuple):
    """A method of the user's own code.

    Attributes
    ----------
    path : str
        As the standard writes it.
    step : Label
        The step that it belongs to.
    """

    path: str
    step: Label

    def failure(self, error: BaseException) -> ProblemsFound:
        """Return the problem (``method-failed``) of what it raised."""
        report = printable(f"{type(error).__name__}: {error}", _REPORT_SHOWN)
        message = "account.method-failed"
        values = {"method": self.path, "step": self.step, "error": report}
        return ProblemsFound([make_problem("method-failed", self.step.id, message, **values)])


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
    factor : float
        From the unit of the method to that of the step, in which other steps take its result.
    summed : tuple of str
        The keys over which its result is summed where other steps take it.
    live : CellNumbers or None
        Which cells count, the others being 0 where other steps take them; None if all do.
    own : OwnMethod or None
        Which code of the user the method is; None if it ships.
    """

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, CellNumbers | LayerNumbers | StepLink]
    keys: tuple[str, ...]
    sizes: tuple[int, ...]
    factor: float = 1.0
    summed: tuple[str, ...] = ()
    live: CellNumbers | None = None
    own: "OwnMethod | None" = None

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
        numbers = [layer.read(block) for layer in self.layers]
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
            layer has no number; areas, sums and missing areas of layers by region; pixels of
            layers outside of a range, and their areas, where there are any.
        """
        sums = UnitTotals()
        numbers = [layer.reshape(-1) for layer in numbers]  # a copy, once for all pieces
        for part, places in enumerate(self.finder.places(codes, window)):
            for piece in places.pieces(PIECE):
                layers = [piece.take(layer).astype(float) for layer in numbers]
                missing = [missing_numbers(layer) for layer in layers]
                self._add_layers(piece, layers, missing, sums)
                self._add_outside(piece, layers, sums, has_pixels=part == 0)
                self._add_steps(piece, layers, missing, sums)
        if not sums.sums:
            return None
        present = np.flatnonzero(sums.sums["area"].any(axis=1))
        return UnitSums(
            row=window.row // UNIT,
            column=window.column // UNIT,
            zones=present,
            sums={name: values[present] for name, values in sums.sums.items()},
            lows={name: np.full(len(present), value) for name, value in sums.lows.items()},
            highs={name: np.full(len(present), value) for name, value in sums.highs.items()},
        )

    def _add_steps(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        missing: Sequence[np.ndarray | None],
        sums: "UnitTotals",
    ) -> None:
        """Add the sums of the steps over places."""
        for at_places in steps_at_places(self, places, layers):
            name = at_places.step.name
            values = at_places.values
            without = joined_missing(missing, self.layers_of_step[name])
            lacking = None
            if without is not None:
                values = np.where(without.reshape([-1, *[1] * (values.ndim - 1)]), 0.0, values)
                lacking = places.areas(without)
            sums.grow(f"step:{name}", places.collect(values))
            sums.grow(f"missing:{name}", lacking, places.shape)

    def _add_layers(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        missing: Sequence[np.ndarray | None],
        sums: "UnitTotals",
    ) -> None:
        """Add the areas of cells, and what the layers are in the regions."""
        sums.grow("area", places.areas())
        count = places.shape[0]
        for position, layer in enumerate(layers):
            name = f"layer:{position}"
            without = missing[position]
            known = layer
            lacking = None
            if without is not None:
                known = layer[~without]
                lacking = places.areas(without).sum(axis=1)
                layer = np.where(without, 0.0, layer)
            sums.grow(name, places.collect(layer).sum(axis=1))
            sums.grow(f"{name}:missing", lacking, (count,))
            lowest = float(known.min(initial=np.inf))
            highest = float(known.max(initial=-np.inf))
            sums.lower(name, lowest)
            sums.raise_to(name, highest)

    def _add_outside(
        self,
        places: Places,
        layers: Sequence[np.ndarray],
        sums: "UnitTotals",
        *,
        has_pixels: bool,
    ) -> None:
        """Add the pixels of layers outside of their ranges, and their areas, if there are any.

        The first part of the classes has all pixels that count; further parts have them again.
        """
        regions, ecosystems = places.shape
        for position, ranges in enumerate(self.ranges):
            name = f"layer:{position}"
            for number, bounds in enumerate(ranges):
                if bounds.holds(sums.lows[name], sums.highs[name]):
                    continue
                is_outside = bounds.outside(layers[position])
                if has_pixels:
                    region = places.cell[is_outside] // ecosystems
                    pixels = np.bincount(region, minlength=regions)
                    sums.grow(f"{name}:outside:{number}", pixels.astype(float))
                area = places.areas(is_outside).sum(axis=1)
                sums.grow(f"{name}:outside-area:{number}", area)


class UnitTotals:
    """The sums of a unit while they grow.

    Attributes
    ----------
    sums : dict of str to ndarray
        By name; the first axis is of all regions.
    lows, highs : dict of str to float
    """

    def __init__(self) -> None:
        self.sums: dict[str, np.ndarray] = {}
        self.lows: dict[str, float] = {}
        self.highs: dict[str, float] = {}

    def grow(
        self, name: str, values: np.ndarray | None, shape: tuple[int, ...] | None = None
    ) -> None:
        """Add to the sums of a name; where there is nothing to add it is there all the same."""
        if name not in self.sums:
            self.sums[name] = np.zeros(shape or ()) if values is None else values
        elif values is not None:
            self.sums[name] = self.sums[name] + values

    def lower(self, name: str, value: float) -> None:
        """Lower the minimum of a name."""
        self.lows[name] = min(self.lows.get(name, np.inf), value)

    def raise_to(self, name: str, value: float) -> None:
        """Raise the maximum of a name."""
        self.highs[name] = max(self.highs.get(name, -np.inf), value)


class PixelResult(NamedTuple):
    """The result of a step at places.

    Attributes
    ----------
    values : ndarray
        What the method gave: places, and an axis for each key of the step.
    taken : ndarray
        The same as other steps take it: 0 where a cell does not count, summed over the keys that
        the step sums.
    keys : tuple of str
        The keys of what is taken.
    factor : float
        To the unit of the step.
    """

    values: np.ndarray
    taken: np.ndarray
    keys: tuple[str, ...]
    factor: float


def missing_numbers(layer: np.ndarray) -> np.ndarray | None:
    """Return where a layer has no number at places; None if it has one everywhere.

    Parameters
    ----------
    layer : ndarray

    Returns
    -------
    ndarray of bool or None
    """
    if np.isfinite(layer.sum()):
        return None
    without = np.isnan(layer)
    return without if without.any() else None


def joined_missing(
    missing: Sequence[np.ndarray | None], positions: Sequence[int]
) -> np.ndarray | None:
    """Return where any of some layers has no number; None if each has one everywhere.

    Parameters
    ----------
    missing : sequence of ndarray or None
        From ``missing_numbers``, by layer.
    positions : sequence of int
        Those layers.

    Returns
    -------
    ndarray of bool or None
    """
    joined = None
    for position in positions:
        without = missing[position]
        if without is not None:
            joined = without if joined is None else joined | without
    return joined


def argument_at_places(
    argument: CellNumbers | LayerNumbers | StepLink,
    step: PixelStep,
    places: Places,
    layers: Sequence[np.ndarray],
    results: Mapping[str, PixelResult],
) -> np.ndarray:
    """Return an argument of a method at places.

    Parameters
    ----------
    argument : CellNumbers, LayerNumbers or StepLink
    step : PixelStep
    places : Places
    layers : sequence of ndarray
        The numbers of the kernel's layers at the places.
    results : mapping of str to PixelResult
        Of the steps that links take.

    Returns
    -------
    ndarray
        Places, and an axis for each key of the step.
    """
    if isinstance(argument, CellNumbers):
        return places.spread(argument.values, argument.dims, step.dims)
    if isinstance(argument, LayerNumbers):
        values = _stacked(argument, layers)
        dims = argument.dims
    else:
        source = results[argument.source]
        dims = tuple(dim for dim in argument.dims if dim not in CELL_DIMS)
        values = resolve_link(argument, source.taken, source.keys, "sum")
        if argument.factor * source.factor != 1:
            values = values * (argument.factor * source.factor)
    sizes = dict(zip(dims, values.shape[1:], strict=True))
    return values.reshape([len(values), *(sizes.get(key, 1) for key in step.keys)])


def result_at_places(
    step: PixelStep, inputs: Mapping[str, np.ndarray], places: Places
) -> PixelResult:
    """Call the method of a step.

    Parameters
    ----------
    step : PixelStep
    inputs : mapping of str to ndarray
        Its arguments at the places.
    places : Places

    Returns
    -------
    PixelResult
    """
    with np.errstate(all="ignore"):  # results that are not finite are reported by region
        values = _call_method(step, inputs, (len(places.cell), *step.sizes))
    return _result_of(step, places, values)


def _result_of(step: PixelStep, places: Places, values: np.ndarray) -> PixelResult:
    """Return the result of a step, and as other steps take it: summed over the keys it sums."""
    taken = values
    if step.live is not None:
        counts = places.spread(step.live.values, step.live.dims, step.dims)
        taken = np.where(counts, values, 0.0)
    axes = tuple(axis for axis, key in enumerate(step.keys, start=1) if key in step.summed)
    if axes:
        taken = taken.sum(axis=axes)
    keys = tuple(key for key in step.keys if key not in step.summed)
    return PixelResult(values, taken, keys, step.factor)


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


# --- place by place ------------------------------------------------------------------------------


class StepAtPlaces(NamedTuple):
    """A step evaluated at places.

    Attributes
    ----------
    step : PixelStep
    inputs : mapping of str to ndarray
        The arguments of its method: places, and an axis for each key; of length 1 where an
        argument does not vary.
    values : ndarray
        What the method gives: places, and an axis for each key.
    without : ndarray of bool or None
        The places that do not count, for a layer has no number there; None if all count, and where
        that was not asked.
    """

    step: PixelStep
    inputs: Mapping[str, np.ndarray]
    values: np.ndarray
    without: np.ndarray | None = None


def steps_at_places(
    kernel: PixelKernel, places: Places, layers: Sequence[np.ndarray]
) -> Iterator[StepAtPlaces]:
    """Evaluate the steps of a kernel at places.

    Parameters
    ----------
    kernel : PixelKernel
    places : Places
    layers : sequence of ndarray
        The numbers of the kernel's layers at the places.

    Yields
    ------
    StepAtPlaces
        In the order of the kernel.
    """
    results: dict[str, PixelResult] = {}
    for step in kernel.steps:
        inputs = {}
        for name, argument in step.arguments.items():
            inputs[name] = argument_at_places(
                argument,
                step,
                places,
                layers,
                results,
            )
        results[step.name] = result_at_places(step, inputs, places)
        yield StepAtPlaces(step, inputs, results[step.name].values)


def _call_method(
    step: PixelStep, inputs: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """Call the method of a step at places; what code of the user raises is a problem of it."""
    try:
        values = np.asarray(step.function(**inputs), dtype=float)
        return np.broadcast_to(values, shape)
    except (Exception, SystemExit) as error:
        if step.own is None:
            raise
        raise step.own.failure(error) from error


def evaluate_unit(
    kernel: PixelKernel, unit: Window, codes: np.ndarray, numbers: Sequence[np.ndarray]
) -> Iterator[tuple[Places, list[StepAtPlaces]]]:
    """Evaluate the steps of a kernel at the places of a unit.

    Parameters
    ----------
    kernel : PixelKernel
    unit : Window
    codes : ndarray
        Land cover of the unit.
    numbers : sequence of ndarray
        The layers; NaN where they have no number.

    Yields
    ------
    places : Places
        By part of the classes.
    steps : list of StepAtPlaces
        In the order of the kernel.
    """
    for places in kernel.finder.places(codes, unit):
        layers = [places.take(layer).astype(float, copy=False) for layer in numbers]
        missing = [missing_numbers(layer) for layer in layers]
        evaluated = []
        for at_places in steps_at_places(kernel, places, layers):
            without = joined_missing(missing, kernel.layers_of_step[at_places.step.name])
            evaluated.append(at_places._replace(without=without))
        yield places, evaluated
