"""Maps of an account on rasters (结果栅格): what each pixel gives to a step, per hectare.

A step at pixels is evaluated again, and what follows from its amounts at the same pixels, where the
method adds up: what it makes of two amounts is what it makes of their sum. The value of any other
step is spread evenly over the area that it is of. So the pixels of a region, times their area, sum
to its account. Files are written by ``gep.extent.rasters``.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from gep import __version__
from gep.account.evaluation import EvaluatedPlan, arguments
from gep.account.explanation_rows import source_titles
from gep.account.pixel_evaluation import pixel_kernel
from gep.account.pixel_kernel import (
    PIECE,
    CellNumbers,
    PixelKernel,
    PlaceNumbers,
    StepAtPlaces,
    UnitNumbers,
    in_any,
    steps_at_places,
    upright,
)
from gep.account.step_cells import SEPARATE_KEYS
from gep.extent.blocks import ProgressShare, plan_blocks, unit_view
from gep.extent.cell_areas import cell_areas
from gep.extent.extent import CELL_DIMS
from gep.extent.labels import smallest_type
from gep.extent.raster_extent import Places
from gep.extent.rasters import MAP_SUFFIX, MapLabel, MapWriter, Window
from gep.inputs.value_rows import GRADES
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.texts.catalogue import Label, Language, Listed, say
from gep.units import factor, same_dimension

MapKinds = Literal["values", "quantities"]
MAPS = "maps"  # the folder of maps in that of results
_KINDS_OF_STEPS = {"": (), "values": ("value",), "quantities": ("value", "quantity")}
_How = Literal["pixels", "amounts", "area"]
_MONEY = "CNY"
_M2_PER_HA = 1e4
_NAMED_SOURCES = 20  # in a tag; the rest is counted
_SPLITS = (1.0, 1e-3, 1e-6)  # amounts are divided into a share up to these, and the rest
_ADDS_UP = 1e-9
_BYTES_AT_PIXEL = 8  # of a block: codes and zones
_BYTES_OF_LAYER = 16  # of a block at a pixel
_BYTES_OF_BAND = 8  # of a block at a pixel: the map, and its copy in a file's cache


@dataclass(frozen=True)
class _MappedStep:
    """A step whose amounts are known at pixels.

    Attributes
    ----------
    step : PlannedStep
    how : {'pixels', 'amounts', 'area'}
        Evaluated at pixels; computed from the amounts of other steps there; spread over an area.
    inputs : mapping of str to CellNumbers or StepLink
        Of what is computed from amounts: links take those of pixels.
    density : CellNumbers or None
        Of what is spread: the amount of a m2.
    """

    step: PlannedStep
    how: _How
    inputs: Mapping[str, CellNumbers | StepLink]
    density: CellNumbers | None

    @property
    def keys(self) -> tuple[str, ...]:
        """The dims of the method but region and ecosystem type."""
        return tuple(dim for dim in self.step.dims if dim not in CELL_DIMS)

    @property
    def out_keys(self) -> tuple[str, ...]:
        """Those of the result."""
        return tuple(dim for dim in self.step.out if dim not in CELL_DIMS)

    @property
    def band_keys(self) -> tuple[str, ...]:
        """Those whose members are different things, each of which has a band."""
        if self.step.kind == "value":
            return ()
        return tuple(key for key in self.out_keys if key in SEPARATE_KEYS)

    @property
    def bands(self) -> tuple[str, ...]:
        """The words of the bands; a blank one where there is one band."""
        members = [self.step.members[key] for key in self.band_keys]
        bands = []
        for names in product(*members):
            words = []
            for key, name in zip(self.band_keys, names, strict=True):
                words.append(f"{key}={name}")
            bands.append(" ".join(words))
        return tuple(bands)


class _AtPlaces(NamedTuple):
    """The amounts of a step at places, over the keys of its result, and which places count."""

    amounts: np.ndarray
    valid: np.ndarray
    keys: tuple[str, ...]


def map_name(step: PlannedStep, year: int) -> str:
    """Return the file name of a map.

    Parameters
    ----------
    step : PlannedStep
    year : int

    Returns
    -------
    str
    """
    return f"{step.name}_{year}{MAP_SUFFIX}"


def mapped_steps(plan: Plan, kinds: MapKinds) -> list[PlannedStep]:
    """Return the steps that have maps.

    Parameters
    ----------
    plan : Plan
    kinds : {'', 'values', 'quantities'}
        None; those of values; those of quantities too.

    Returns
    -------
    list of PlannedStep
        Those whose amounts are of regions.
    """
    wanted = _KINDS_OF_STEPS[kinds]
    steps = []
    for step in plan.steps:
        if step.kind in wanted and _has_amounts(step):
            steps.append(step)
    return steps


def _has_amounts(step: PlannedStep) -> bool:
    """Return whether a step gives amounts of regions."""
    return step.per != "none" and "region" in step.out


def write_maps(
    evaluated: EvaluatedPlan,
    folder: Path,
    kinds: MapKinds,
    language: Language,
    progress: ProgressShare | None = None,
) -> list[str]:
    """Write the maps of an account, all in one pass over its rasters.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        An account on rasters.
    folder : Path
        An existing folder.
    kinds : {'values', 'quantities'}
    language : {'zh', 'en'}
        Of the words in the files.
    progress : callable, optional
        Is called with the share that is done.

    Returns
    -------
    list of str
        The names of the files.
    """
    plan = evaluated.plan
    raster = plan.raster
    assert raster is not None
    wanted = [step.name for step in mapped_steps(plan, kinds)]
    if not wanted:
        return []
    mapped = _needed(_mapped(evaluated), wanted)
    at_pixels = []
    for step in mapped.values():
        if step.how == "pixels":
            at_pixels.append(step.step.name)
    kernel = pixel_kernel(plan, evaluated.results, at_pixels)
    steps = tuple(mapped.values())
    task = _MapTask(kernel, steps, tuple(wanted))
    grid = raster.land_cover.grid
    band_count = 0
    for name in wanted:
        band_count += len(mapped[name].bands)
    threads = raster.schedule.most_threads
    blocks = plan_blocks(
        grid,
        [raster.land_cover, *(layer.raster for layer in kernel.layers)],
        # one block more than are computed waits to be written
        replace(raster.schedule, scheduler="threads", threads=threads + 1),
        _BYTES_AT_PIXEL + _BYTES_OF_LAYER * len(kernel.layers) + _BYTES_OF_BAND * band_count,
    )
    names = []
    with ExitStack() as stack:
        writers = []
        for name in wanted:
            label = _label(evaluated, mapped[name], language)
            file = map_name(mapped[name].step, plan.year)
            has_few_numbers = mapped[name].how == "area"
            writer = MapWriter(folder / file, grid, label, threads, has_few_numbers=has_few_numbers)
            stack.callback(writer.close)
            writers.append(writer)
            names.append(file)
        at_once = max(1, blocks.threads - 1)
        pieces = _in_order(task, blocks.windows, at_once)
        for number, (window, pixels) in enumerate(pieces, start=1):
            for writer, of_map in zip(writers, pixels, strict=True):
                writer.write(window, of_map)
            if progress is not None:
                progress(number / len(blocks))
    return names


def _in_order(
    task: "_MapTask", windows: Sequence[Window], threads: int
) -> Iterator[tuple[Window, list[np.ndarray]]]:
    """Compute blocks at once, and yield them in their order; few are held at a time."""
    waiting: deque[tuple[Window, Future[list[np.ndarray]]]] = deque()
    with ThreadPoolExecutor(threads, "gep-map") as pool:
        try:
            for window in windows:
                waiting.append((window, pool.submit(task, window)))
                if len(waiting) > threads:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


# --- how steps come to pixels --------------------------------------------------------------------


def _mapped(evaluated: EvaluatedPlan) -> dict[str, _MappedStep]:
    """Find for each step with amounts of regions how these come to pixels."""
    mapped: dict[str, _MappedStep] = {}
    for step in evaluated.plan.steps:
        if not _has_amounts(step):
            continue
        if step.density is not None:
            mapped[step.name] = _MappedStep(step, "pixels", {}, None)
        elif _follows_amounts(evaluated, step, mapped):
            inputs = _inputs(evaluated, step, mapped)
            mapped[step.name] = _MappedStep(step, "amounts", inputs, None)
        else:
            density = _spread_evenly(evaluated, step)
            mapped[step.name] = _MappedStep(step, "area", {}, density)
    return mapped


def _needed(mapped: Mapping[str, _MappedStep], wanted: Sequence[str]) -> dict[str, _MappedStep]:
    """Return steps with those whose amounts they take, in the order of all."""
    waiting = list(wanted)
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            for argument in mapped[name].inputs.values():
                if isinstance(argument, StepLink):
                    waiting.append(argument.source)
    return {name: step for name, step in mapped.items() if name in needed}


def _spread_evenly(evaluated: EvaluatedPlan, step: PlannedStep) -> CellNumbers:
    """Return the amounts of a step for each m2 of the cells or regions that they are of."""
    area = evaluated.plan.extent.area_of()
    if "ecosystem" not in step.out:
        area = area.sum(axis=1)
    values = evaluated.results[step.name]
    ones = [1] * (values.ndim - area.ndim)
    area = area.reshape([*area.shape, *ones])
    density = np.zeros(values.shape)
    np.divide(
        values,
        area,
        out=density,
        where=area > 0,
    )
    return CellNumbers(density, step.out)


def _follows_amounts(
    evaluated: EvaluatedPlan, step: PlannedStep, mapped: Mapping[str, _MappedStep]
) -> bool:
    """Return whether a step may be computed from the amounts of pixels.

    That is so if amounts that it takes differ inside cells, and its method adds up in all of them.
    """
    names = []
    differ = False
    for name, source in step.inputs.items():
        if isinstance(source, StepLink) and source.source in mapped:
            if any(selection.dim in CELL_DIMS for selection in source.pick):
                return False
            names.append(name)
            differ |= mapped[source.source].how != "area"
    if not differ or step.per == "area":
        return False
    return _adds_up(evaluated, step, names)


def _adds_up(evaluated: EvaluatedPlan, step: PlannedStep, names: Sequence[str]) -> bool:
    """Try on the numbers of an account whether a method adds up in some of its arguments."""
    given = arguments(evaluated.plan, step, evaluated.results)
    shares = np.random.default_rng(0)  # any numbers will do; these are the same each time
    try:
        whole = _method(step, given)
        for most in _SPLITS:
            first = dict(given)
            second = dict(given)
            for name in names:
                amounts = given[name]
                first[name] = amounts * shares.uniform(0, most, amounts.shape)
                second[name] = amounts - first[name]
            of_first = _method(step, first)
            of_second = _method(step, second)
            size = np.abs(of_first) + np.abs(of_second)
            difference = of_first + of_second - whole
            is_alike = np.abs(difference) <= _ADDS_UP * size
            if not is_alike[step.live].all():
                return False
    except Exception:  # own code that fails on other numbers than its own
        return False
    return True


def _method(step: PlannedStep, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Call the method of a step over all its cells."""
    with np.errstate(all="ignore"):
        values = np.asarray(step.method.function(**inputs), dtype=float)
    return np.broadcast_to(values, step.live.shape)


def _inputs(
    evaluated: EvaluatedPlan, step: PlannedStep, mapped: Mapping[str, _MappedStep]
) -> dict[str, CellNumbers | StepLink]:
    """Return the arguments of a step: links to amounts, and what does not vary inside cells."""
    inputs: dict[str, CellNumbers | StepLink] = {}
    for name, source in step.inputs.items():
        if isinstance(source, BoundInput):
            inputs[name] = CellNumbers(source.values, source.dims)
        elif source.source in mapped:
            inputs[name] = replace(source, total=False)  # the parts of a total are at their pixels
        else:
            taken = evaluated.plan.step(source.source)
            results = evaluated.results[taken.name]
            values = resolve_link(
                source,
                results,
                taken.out,
                "sum",
            )
            inputs[name] = CellNumbers(values * source.factor, source.dims)
    return inputs


# --- a block -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _MapTask:
    """Computes the maps of a block.

    Attributes
    ----------
    kernel : PixelKernel
    steps : tuple of _MappedStep
        Each after those whose amounts it takes.
    wanted : tuple of str
        The steps that have maps.
    """

    kernel: PixelKernel
    steps: tuple[_MappedStep, ...]
    wanted: tuple[str, ...]

    @cached_property
    def _step(self) -> Mapping[str, _MappedStep]:
        """The steps by name."""
        return {step.step.name: step for step in self.steps}

    @cached_property
    def _by_cell(self) -> frozenset[str]:
        """The maps whose pixels are alike in a cell: they need no look at places."""
        if self.kernel.finder.divides_pixels:
            return frozenset()
        return frozenset(name for name in self.wanted if self._step[name].how == "area")

    @cached_property
    def _at_places(self) -> tuple[_MappedStep, ...]:
        """The steps behind the other maps."""
        others = [name for name in self.wanted if name not in self._by_cell]
        return tuple(_needed(self._step, others).values())

    def __call__(self, block: Window) -> list[np.ndarray]:
        """Return the maps of a block, float32: bands x height x width."""
        maps = []
        for name in self.wanted:
            shape = (len(self._step[name].bands), *block.shape)
            maps.append(np.full(shape, np.float32(np.nan)))
        for unit in self.kernel.units(block):
            for of_block, of_unit in zip(maps, self._unit(unit), strict=True):
                for band, of_band in zip(of_block, of_unit, strict=True):
                    unit_view(band, block, unit.window)[:] = of_band
        return maps

    def _unit(self, unit: UnitNumbers) -> list[np.ndarray]:
        """Return the maps of a unit."""
        maps = self._densities(unit)
        if self._by_cell:
            places = unit.parts[0]
            position = _cell_positions(places, unit.window)
            for name in self._by_cell:
                of_cells = _cell_densities(self._step[name], places)
                maps[name] = of_cells.take(position, axis=1, mode="wrap")
        return [maps[name].reshape([-1, *unit.window.shape]) for name in self.wanted]

    def _densities(self, unit: UnitNumbers) -> dict[str, np.ndarray]:
        """Return the maps whose pixels differ in a cell: bands x pixels."""
        if not self._at_places:
            return {}
        finder = self.kernel.finder
        names = [name for name in self.wanted if name not in self._by_cell]
        pixels = unit.window.height * unit.window.width
        maps = {}
        for name in names:
            shape = (len(self._step[name].bands), pixels)
            maps[name] = _DividedPixels(shape) if finder.divides_pixels else _WholePixels(shape)
        areas = np.broadcast_to(cell_areas(finder.land_cover.grid, unit.window), unit.window.shape)
        area = areas.reshape(-1)
        for part in unit.parts:
            for places in part.pieces(PIECE):
                numbers = PlaceNumbers(places, unit.layers)
                evaluated = list(steps_at_places(self.kernel, numbers))
                at_places = _amounts(self._at_places, places, evaluated)
                pixel_area = places.area if not finder.divides_pixels else places.take(area)
                for name in names:
                    step = self._step[name]
                    of_step = at_places[name]
                    densities = _by_band(step, of_step.amounts) / pixel_area
                    densities *= _per_hectare(step.step)
                    maps[name].add(places.pixel, densities, of_step.valid)
        return {name: of_map.densities() for name, of_map in maps.items()}


class _WholePixels:
    """A map of pixels that are in one place each: bands x pixels."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.numbers = np.full(shape, np.float32(np.nan))

    def add(self, pixel: np.ndarray, densities: np.ndarray, valid: np.ndarray) -> None:
        """Add what places have."""
        if not valid.all():
            densities[:, ~valid] = np.nan
        for band, of_band in zip(self.numbers, densities.astype(np.float32), strict=True):
            band[pixel] = of_band

    def densities(self) -> np.ndarray:
        """Return the pixels, float32; NaN where nothing counts."""
        return self.numbers


class _DividedPixels:
    """A map of pixels of which several places may have a part: bands x pixels."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.numbers = np.zeros(shape)
        self.counts = np.zeros(shape[1], dtype=bool)

    def add(self, pixel: np.ndarray, densities: np.ndarray, valid: np.ndarray) -> None:
        """Add what places have."""
        for band, of_band in zip(self.numbers, densities, strict=True):
            np.add.at(band, pixel, of_band)
        self.counts[pixel[valid]] = True

    def densities(self) -> np.ndarray:
        """Return the pixels, float32; NaN where nothing counts."""
        self.numbers[:, ~self.counts] = np.nan
        return self.numbers.astype(np.float32)


def _cell_positions(places: Places, window: Window) -> np.ndarray:
    """Return the position among cells of each pixel of a unit; one more than the last in none."""
    count = len(places.cells)
    dtype = smallest_type(count + 1)
    position = np.full(window.height * window.width, count, dtype)
    position[places.pixel] = np.repeat(np.arange(count, dtype=dtype), places.counts)
    return position


def _cell_densities(mapped: _MappedStep, places: Places) -> np.ndarray:
    """Return what pixels of each cell have, bands x cells, float32; the last is of no cell."""
    assert mapped.density is not None
    of_cells = _spread(mapped, mapped.density, places.alone())
    density = _by_band(mapped, of_cells.amounts) * _per_hectare(mapped.step)
    density[:, ~of_cells.valid] = np.nan
    nowhere = np.full((len(density), 1), np.nan)
    return np.hstack([density, nowhere]).astype(np.float32)


def _by_band(step: _MappedStep, amounts: np.ndarray) -> np.ndarray:
    """Sum the amounts of places over the keys that have no bands: bands x places."""
    axes = []
    for number, key in enumerate(step.out_keys, start=1):
        if key not in step.band_keys:
            axes.append(number)
    summed = amounts.sum(axis=tuple(axes)) if axes else amounts
    columns = summed.reshape([len(summed), -1])
    return np.asarray(columns.T)


def _amounts(
    steps: Sequence[_MappedStep], places: Places, evaluated: Sequence[StepAtPlaces]
) -> dict[str, _AtPlaces]:
    """Return the amounts of steps at places, each in its unit."""
    at_pixels = {at_places.step.name: at_places for at_places in evaluated}
    known: dict[str, _AtPlaces] = {}
    for mapped in steps:
        step = mapped.step
        if mapped.density is not None:
            known[step.name] = _spread(mapped, mapped.density, places)
            continue
        if mapped.how == "pixels":
            density = at_pixels[step.name].values
            without = at_pixels[step.name].without
            values = density * upright(places.place_areas, density)
            counts = np.ones(len(places), dtype=bool)
            if without is not None:
                counts &= ~without
        else:
            values, counts = _from_amounts(mapped, places, known)
        target = (*CELL_DIMS, *mapped.keys)
        live = places.spread(step.live, step.dims, target)
        live = np.broadcast_to(live, values.shape)
        live = live & upright(counts, values)
        amounts = np.where(live, values * step.factor, 0.0)
        axes = []
        for number, key in enumerate(mapped.keys, start=1):
            if key not in mapped.out_keys:
                axes.append(number)
        if axes:
            amounts = amounts.sum(axis=tuple(axes))
        valid = in_any(live)
        known[step.name] = _without_gaps(mapped, places, amounts, valid)
    return known


def _spread(mapped: _MappedStep, density: CellNumbers, places: Places) -> _AtPlaces:
    """Return the amounts of a step that is spread over an area."""
    step = mapped.step
    target = (*CELL_DIMS, *mapped.out_keys)
    sizes = [len(step.members[key]) for key in mapped.out_keys]
    shape = (len(places), *sizes)
    values = places.spread(density.values, density.dims, target)
    values = np.broadcast_to(values, shape)
    amounts = values * upright(places.place_areas, values)
    valid = places.spread(step.valid, step.out, target)
    valid = np.broadcast_to(valid, shape)
    return _without_gaps(
        mapped,
        places,
        amounts,
        in_any(valid),
    )


def _from_amounts(
    mapped: _MappedStep, places: Places, known: Mapping[str, _AtPlaces]
) -> tuple[np.ndarray, np.ndarray]:
    """Call the method of a step with the amounts of places; where any of them counts, it does."""
    target = (*CELL_DIMS, *mapped.keys)
    counts = np.zeros(len(places), dtype=bool)
    inputs = {}
    for name, argument in mapped.inputs.items():
        if isinstance(argument, CellNumbers):
            inputs[name] = places.spread(argument.values, argument.dims, target)
            continue
        taken = known[argument.source]
        counts |= taken.valid
        inputs[name] = _linked(argument, taken, mapped)
    function = mapped.step.method.function
    with np.errstate(all="ignore"):  # cells that do not count
        values = np.asarray(function(**inputs), dtype=float)
    sizes = [len(mapped.step.members[key]) for key in mapped.keys]
    shape = (len(places), *sizes)
    return np.broadcast_to(values, shape), counts


def _linked(link: StepLink, taken: _AtPlaces, mapped: _MappedStep) -> np.ndarray:
    """Return what a link takes of the amounts of places."""
    dims = [dim for dim in link.dims if dim not in CELL_DIMS]
    values = resolve_link(
        link,
        taken.amounts,
        taken.keys,
        "sum",
    )
    values = values * link.factor
    sizes = dict(zip(dims, values.shape[1:], strict=True))
    shape = [len(values)]
    for key in mapped.keys:
        shape.append(sizes.get(key, 1))
    return values.reshape(shape)


def _without_gaps(
    mapped: _MappedStep, places: Places, amounts: np.ndarray, valid: np.ndarray
) -> _AtPlaces:
    """Leave out the regions in which a step is not compiled."""
    if mapped.step.gap is not None:
        valid = valid & ~mapped.step.gap[places.region]
        amounts = np.where(upright(valid, amounts), amounts, 0.0)
    return _AtPlaces(amounts, valid, mapped.out_keys)


# --- what a map says of itself -------------------------------------------------------------------


def _scale(step: PlannedStep) -> tuple[float, str]:
    """Return what brings the amounts of a step to the unit of its map, and that unit."""
    if same_dimension(step.unit, _MONEY):
        return factor(step.unit, _MONEY), f"{_MONEY} ha-1"
    return 1.0, f"{step.unit} ha-1"


def _per_hectare(step: PlannedStep) -> float:
    """Return what brings amounts of a m2 to the numbers of a map."""
    scale, _ = _scale(step)
    return scale * _M2_PER_HA


def _label(evaluated: EvaluatedPlan, mapped: _MappedStep, language: Language) -> MapLabel:
    """Return title, unit and tags of a map."""
    plan = evaluated.plan
    step = mapped.step
    spec = plan.standard.spec
    grades = evaluated.marks[step.name].grade
    behind = np.where(step.valid, grades, 0)
    worst = int(behind.max(initial=0))
    sources = tuple(dict.fromkeys(_sources(plan, step, language)))
    _, unit = _scale(step)
    title = step.label.say(language)
    return MapLabel(
        title=f"{title}, {plan.year}",
        unit=unit,
        bands=mapped.bands,
        tags={
            "TIFFTAG_SOFTWARE": f"gep {__version__}",
            "gep": __version__,
            "standard": Label(spec.id, spec.title).say(language),
            "step": title,
            "year": str(plan.year),
            "grade": GRADES[worst],
            "sources": Listed(sources, _NAMED_SOURCES).say(language),
            "how": say(language, f"account.maps.{mapped.how}"),
        },
    )


def _sources(plan: Plan, step: PlannedStep, language: Language) -> Iterator[str]:
    """Yield the titles of the documents behind a step, and behind the steps that it takes."""
    titles = source_titles(plan)
    for source in step.inputs.values():
        if isinstance(source, StepLink):
            yield from _sources(plan, plan.step(source.source), language)
        elif "source" in source.frame:
            used = source.used
            pairs = zip(map(str, used["set"]), map(str, used["source"]), strict=True)
            for key in dict.fromkeys(pairs):
                title = titles.get(key)
                words = key[1] if title is None else title.say(language)
                if words:
                    yield words
    if step.per == "area":
        yield from filter(None, map(str, plan.extent.parts["source"].unique()))
