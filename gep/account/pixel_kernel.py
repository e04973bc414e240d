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
from gep.extent.blocks import UNIT, UnitSums
from gep.extent.extent import CELL_DIMS
from gep.extent.raster_extent import LayerRange, PlaceFinder, Places, RasterLayer
from gep.extent.rasters import Window
from gep.io.csv_excel import printable
from gep.plan.planned_step import StepLink, resolve_link
from gep.texts.catalogue import Label

PIECE = 1 << 17  # places for which a method is called at a time: more of them leave the CPU cache
LAYER = "layer:"  # how the names of sums of layers begin
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

    def units(self, block: Window) -> Iterator["UnitNumbers"]:
        """Read a block, and yield its units.

        Parameters
        ----------
        block : Window
            Whole units, but at the rim of the grid.

        Yields
        ------
        UnitNumbers
            In the order of the units; those without a pixel that counts are left out.
        """
        layers = [layer.read_block(block) for layer in self.layers]
        for unit, parts in self.finder.units(block):
            # a copy, once for all pieces
            numbers = [numbers_of(unit).reshape(-1) for numbers_of in layers]
            yield UnitNumbers(unit, parts, numbers)

    def __call__(self, block: Window) -> list[UnitSums]:
        """Read a block, and evaluate its units.

        Parameters
        ----------
        block : Window
            Whole units, but at the rim of the grid.

        Returns
        -------
        list of UnitSums
            In the order of the units; those without a pixel that counts are left out. Their zones
            are cells, counted flat. Besides the sums of steps there are ``missing`` areas of steps,
            where a layer has no number; areas, sums and missing areas of layers; pixels of layers
            outside of a range, and their areas, where there are any.
        """
        return [self._sum_unit(unit) for unit in self.units(block)]

    def _sum_unit(self, unit: "UnitNumbers") -> UnitSums:
        """Evaluate the steps at the pixels of a unit, and sum them by cell."""
        sums = UnitTotals(unit.parts)
        for part, places in enumerate(unit.parts):
            for piece in places.pieces(PIECE):
                numbers = PlaceNumbers(piece, unit.layers)
                self._add_layers(numbers, sums)
                self._add_outside(numbers, sums, has_pixels=part == 0)
                self._add_steps(numbers, sums)
        return sums.of_unit(unit.window)

    def _add_steps(self, numbers: "PlaceNumbers", sums: "UnitTotals") -> None:
        """Add the sums of the steps over places."""
        places = numbers.places
        for at_places in steps_at_places(self, numbers):
            name = at_places.step.name
            values = at_places.values
            without = at_places.without
            lacking = None if without is None else places.areas(without)
            sums.grow(f"step:{name}", places, collect_counted(places, values, without))
            sums.grow(f"missing:{name}", places, lacking)

    def _add_layers(self, numbers: "PlaceNumbers", sums: "UnitTotals") -> None:
        """Add the areas of cells, and what the layers are there."""
        places = numbers.places
        sums.grow("area", places, places.areas())
        for position, layer in enumerate(numbers.layers):
            name = f"{LAYER}{position}"
            without = numbers.missing[position]
            lacking = None
            if without is not None:
                lacking = places.areas(without)
                layer = np.where(without, 0.0, layer)
            sums.grow(name, places, places.collect(layer))
            sums.grow(f"{name}:missing", places, lacking)
            sums.lower(name, numbers.lows[position])
            sums.raise_to(name, numbers.highs[position])

    def _add_outside(
        self, numbers: "PlaceNumbers", sums: "UnitTotals", *, has_pixels: bool
    ) -> None:
        """Add the pixels of layers outside of their ranges, and their areas, if there are any.

        The first part of the classes has all pixels that count; further parts have them again.
        """
        places = numbers.places
        for position, ranges in enumerate(self.ranges):
            name = f"{LAYER}{position}"
            for number, bounds in enumerate(ranges):
                if bounds.holds(sums.lows[name], sums.highs[name]):
                    continue
                is_outside = bounds.outside(numbers.layers[position])
                if has_pixels:
                    pixels = np.add.reduceat(is_outside.astype(float), places.starts)
                    sums.grow(f"{name}:outside:{number}", places, pixels)
                area = places.areas(is_outside)
                sums.grow(f"{name}:outside-area:{number}", places, area)


class UnitNumbers(NamedTuple):
    """What was read of a unit.

    Attributes
    ----------
    window : Window
    parts : list of Places
        By part of the classes.
    layers : list of ndarray
        The numbers of its pixels, flat; NaN where there is none.
    """

    window: Window
    parts: list[Places]
    layers: list[np.ndarray]


class PlaceNumbers:
    """The numbers of layers at places.

    Attributes
    ----------
    places : Places
    layers : list of ndarray
        float64; NaN where there is no number.
    lows, highs : list of float
        By layer, the least and the largest number; infinite where there is none.
    missing : list of ndarray of bool or None
        By layer, where there is no number; None where there is one everywhere.
    """

    def __init__(self, places: Places, layers: Sequence[np.ndarray]) -> None:
        self.places = places
        self.layers: list[np.ndarray] = []
        self.lows: list[float] = []
        self.highs: list[float] = []
        self.missing: list[np.ndarray | None] = []
        for layer in layers:
            self._add(places.take(layer))

    def _add(self, layer: np.ndarray) -> None:
        """Add a layer, of whose numbers the least is NaN where there is one that is."""
        low = float(layer.min())
        high = float(layer.max())
        without = None
        if np.isnan(low):
            without = np.isnan(layer)
            known = layer[~without]
            low = float(known.min(initial=np.inf))
            high = float(known.max(initial=-np.inf))
        self.layers.append(layer.astype(float, copy=False))
        self.lows.append(low)
        self.highs.append(high)
        self.missing.append(without)

    def without(self, positions: Sequence[int]) -> np.ndarray | None:
        """Return where any of some layers has no number; None if each has one everywhere."""
        joined = None
        for position in positions:
            missing = self.missing[position]
            if missing is not None:
                joined = missing if joined is None else joined | missing
        return joined


class UnitTotals:
    """The sums of a unit by cell while they grow.

    Attributes
    ----------
    cells : ndarray of int
        The cells that occur, counted flat, ascending.
    sums : dict of str to ndarray
        By name, over these cells.
    lows, highs : dict of str to float
    """

    def __init__(self, parts: Sequence[Places]) -> None:
        self.cells = parts[0].cells
        if len(parts) > 1:
            self.cells = np.unique(np.concatenate([places.cells for places in parts]))
        self.sums: dict[str, np.ndarray] = {}
        self.lows: dict[str, float] = {}
        self.highs: dict[str, float] = {}
        self._places: Places | None = None
        self._rows = np.empty(0, dtype=np.intp)

    def _rows_of(self, places: Places) -> np.ndarray:
        """Return the positions of the cells of places, looked up once for all names."""
        if places is not self._places:
            self._places = places
            self._rows = np.searchsorted(self.cells, places.cells)
        return self._rows

    def grow(self, name: str, places: Places, values: np.ndarray | None) -> None:
        """Add what places have to the sums of a name; there may be nothing to add yet."""
        if name not in self.sums:
            further = () if values is None else values.shape[1:]
            self.sums[name] = np.zeros((len(self.cells), *further))
        if values is not None:
            self.sums[name][self._rows_of(places)] += values

    def lower(self, name: str, value: float) -> None:
        """Lower the minimum of a name."""
        self.lows[name] = min(self.lows.get(name, np.inf), value)

    def raise_to(self, name: str, value: float) -> None:
        """Raise the maximum of a name."""
        self.highs[name] = max(self.highs.get(name, -np.inf), value)

    def of_unit(self, unit: Window) -> UnitSums:
        """Return what they are at the end."""
        count = len(self.cells)
        return UnitSums(
            row=unit.row // UNIT,
            column=unit.column // UNIT,
            zones=self.cells,
            sums=self.sums,
            lows={name: np.full(count, value) for name, value in self.lows.items()},
            highs={name: np.full(count, value) for name, value in self.highs.items()},
        )


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


def argument_at_places(
    argument: CellNumbers | LayerNumbers | StepLink,
    step: PixelStep,
    numbers: PlaceNumbers,
    results: Mapping[str, PixelResult],
) -> np.ndarray:
    """Return an argument of a method at places.

    Parameters
    ----------
    argument : CellNumbers, LayerNumbers or StepLink
    step : PixelStep
    numbers : PlaceNumbers
    results : mapping of str to PixelResult
        Of the steps that links take.

    Returns
    -------
    ndarray
        Places, and an axis for each key of the step.
    """
    if isinstance(argument, CellNumbers):
        return numbers.places.spread(argument.values, argument.dims, step.dims)
    if isinstance(argument, LayerNumbers):
        values = _stacked(argument, numbers.layers)
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
        values = _call_method(step, inputs, (len(places), *step.sizes))
    return _result_of(step, places, values)


def _result_of(step: PixelStep, places: Places, values: np.ndarray) -> PixelResult:
    """Return the result of a step, and as other steps take it: summed over the keys it sums."""
    taken = values
    if step.live is not None:
        counts = places.of_cells(step.live.values, step.live.dims, step.dims)
        if not counts.all():
            taken = np.where(np.repeat(counts, places.counts, axis=0), values, 0.0)
    axes = tuple(axis for axis, key in enumerate(step.keys, start=1) if key in step.summed)
    if axes:
        taken = taken.sum(axis=axes)
    keys = tuple(key for key in step.keys if key not in step.summed)
    return PixelResult(values, taken, keys, step.factor)


def collect_counted(places: Places, values: np.ndarray, without: np.ndarray | None) -> np.ndarray:
    """Sum densities to the cells, without the places that do not count.

    Parameters
    ----------
    places : Places
    values : ndarray
        Places, and an axis for each key.
    without : ndarray of bool or None
        The places that do not count; None if all do.

    Returns
    -------
    ndarray
        By cell, and the keys.
    """
    if without is not None:
        values = np.where(upright(without, values), 0.0, values)
    return places.collect(values)


def upright(of_places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Give an array over places an axis of length 1 for each key that values have.

    Parameters
    ----------
    of_places : ndarray
    values : ndarray
        Places, and an axis for each key.

    Returns
    -------
    ndarray
        A view.
    """
    return of_places.reshape([-1, *[1] * (values.ndim - 1)])


def in_any(of_keys: np.ndarray) -> np.ndarray:
    """Return for each place whether anything holds for any member of keys.

    Parameters
    ----------
    of_keys : ndarray of bool
        Places, and an axis for each key.

    Returns
    -------
    ndarray of bool
        By place.
    """
    by_place = of_keys.reshape([len(of_keys), -1])
    return np.asarray(by_place.any(axis=1))


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
        The places that do not count, for a layer has no number there; None if all count.
    """

    step: PixelStep
    inputs: Mapping[str, np.ndarray]
    values: np.ndarray
    without: np.ndarray | None


def steps_at_places(kernel: PixelKernel, numbers: PlaceNumbers) -> Iterator[StepAtPlaces]:
    """Evaluate the steps of a kernel at places.

    Parameters
    ----------
    kernel : PixelKernel
    numbers : PlaceNumbers
        Of the kernel's layers.

    Yields
    ------
    StepAtPlaces
        In the order of the kernel.
    """
    results: dict[str, PixelResult] = {}
    for step in kernel.steps:
        inputs = {}
        for name, argument in step.arguments.items():
            inputs[name] = argument_at_places(argument, step, numbers, results)
        results[step.name] = result_at_places(step, inputs, numbers.places)
        without = numbers.without(kernel.layers_of_step[step.name])
        yield StepAtPlaces(step, inputs, results[step.name].values, without)


def _call_method(
    step: PixelStep, inputs: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """Call the method of a step at places; what code of the user raises is a problem of it."""
    try:
        values = np.asarray(step.function(**inputs), dtype=float)
        return values if values.shape == shape else np.broadcast_to(values, shape)
    except (Exception, SystemExit) as error:
        if step.own is None:
            raise
        raise step.own.failure(error) from error
