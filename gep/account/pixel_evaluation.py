"""Evaluation at pixels (栅格核算): the steps of a plan whose inputs vary inside a county.

The method of such a step runs on the pixels of a block at a time (``gep.account.pixel_kernel``). A
settled plan holds what came of it: the density of each cell, which stands in the place of the
method from there on, and the means of the layers. All other steps of a plan are evaluated on cells
(``gep.account.evaluation``), whatever its tier.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gep.account.layer_checks import LayerMeans, bounds_of_layer, check_layers, layer_means
from gep.account.pixel_kernel import (
    LAYER,
    CellNumbers,
    LayerNumbers,
    OwnMethod,
    PixelKernel,
    PixelStep,
)
from gep.extent.blocks import Blocks, ProgressShare, Totals, plan_blocks
from gep.extent.extent import CELL_DIMS
from gep.extent.kept_sums import sum_or_recall
from gep.extent.raster_extent import (
    ClassCodes,
    LayerRange,
    PlaceFinder,
    RasterLayer,
    RasterYear,
)
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.texts.catalogue import Label

_BYTES_OF_CODES = 8  # of a block at a pixel: zones, and the codes that are looked up
_BYTES_OF_LAYER = 16  # of a block at a pixel: a layer's numbers, and its part in a unit's arrays
Results = Mapping[str, np.ndarray]


def varies_inside(plan: Plan, step: PlannedStep) -> bool:
    """Return whether a step is evaluated at pixels.

    Parameters
    ----------
    plan, step

    Returns
    -------
    bool
        Whether its method gives a density or another number that is no amount, and takes a layer,
        or the result of another such step that is no amount either.
    """
    if plan.raster is None or step.per not in ("area", "none"):
        return False
    if _takes_layer(plan, step):
        return True
    for link in _links(step):
        taken = plan.step(link.source)
        if taken.per == "none" and varies_inside(plan, taken):
            return True
    return False


def layers_behind(raster: RasterYear, bound: BoundInput) -> set[str]:
    """Return the files of the layers that supply an input."""
    return {layer.label for layer in raster.layers} & bound.files


def settle(plan: Plan, evaluate_cells: "CellEvaluation", progress: ProgressShare | None) -> Plan:
    """Evaluate the steps of a plan that vary inside a cell, and keep their densities in the plan.

    Parameters
    ----------
    plan : Plan
    evaluate_cells : callable
        Evaluates a step on cells, from the plan, the step and the results before.
    progress : callable or None
        Is called with the share that is done.

    Returns
    -------
    Plan
        The layers' inputs hold their means by region, the steps that were evaluated at pixels hold
        the density of each cell.

    Raises
    ------
    ProblemsFound
        Those of ``gep.account.layer_checks.check_layers``, and of reading.

    Notes
    -----
    A step at pixels that takes the amounts of another one waits for its sums, so that there are as
    many passes over the rasters as such steps stand behind each other: one, nearly always.
    """
    means: Sequence[LayerMeans] | None = None
    raster = plan.raster
    assert raster is not None
    if not used_layers(plan):
        means = ()
    while True:
        results = _results_on_cells(plan, evaluate_cells, has_means=means is not None)
        wave = _wave(plan, results)
        if not wave and means is not None:
            return replace(plan, raster=replace(raster, is_settled=True))
        totals = _sum_pixels(plan, wave, results, progress)
        if means is None:
            means = _means_of(plan, totals)
            warnings = check_layers(plan, means)
            plan = _with_means(plan, means)
            plan = replace(plan, warnings=(*plan.warnings, *warnings))
        plan = _with_densities(plan, wave, totals)


def _results_on_cells(
    plan: Plan, evaluate_cells: "CellEvaluation", *, has_means: bool
) -> dict[str, np.ndarray]:
    """Evaluate the steps that wait for no sum of pixels."""
    results: dict[str, np.ndarray] = {}
    for step in plan.steps:
        waits = varies_inside(plan, step) and step.density is None
        waits |= not has_means and _takes_layer(plan, step)
        if not waits and all(link.source in results for link in _links(step)):
            results[step.name] = evaluate_cells(plan, step, results)
    return results


def _wave(plan: Plan, results: Results) -> list[PlannedStep]:
    """Return the steps that can be evaluated at pixels in one pass.

    A step that is no amount is evaluated again for those that take it at the same pixels.
    """
    wave: dict[str, PlannedStep] = {}
    wanted: list[str] = []
    for step in plan.steps:
        if not varies_inside(plan, step):
            continue
        if all(_is_at_hand(plan, link, results, wave) for link in _links(step)):
            wave[step.name] = step
            if step.density is None:
                wanted.append(step.name)
    needed: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in wave and name not in needed:
            needed.add(name)
            wanted += [link.source for link in _links(wave[name]) if link.source in wave]
    return [step for name, step in wave.items() if name in needed]


def _is_at_hand(
    plan: Plan, link: StepLink, results: Results, wave: Mapping[str, PlannedStep]
) -> bool:
    """Return whether what a step takes is known, or computed at the same pixels."""
    taken = plan.step(link.source)
    if taken.per == "none" and varies_inside(plan, taken):
        return taken.name in wave
    return taken.name in results


CellEvaluation = Callable[[Plan, PlannedStep, Results], np.ndarray]


def _links(step: PlannedStep) -> list[StepLink]:
    """Return the inputs that are results of other steps."""
    return [source for source in step.inputs.values() if isinstance(source, StepLink)]


def _takes_layer(plan: Plan, step: PlannedStep) -> bool:
    """Return whether a step takes the numbers of a layer."""
    if plan.raster is None:
        return False
    for source in step.inputs.values():
        if isinstance(source, BoundInput) and layers_behind(plan.raster, source):
            return True
    return False


def used_layers(plan: Plan) -> tuple[RasterLayer, ...]:
    """Return the layers that the steps of a plan take, in their order."""
    raster = plan.raster
    if raster is None:
        return ()
    used: set[tuple[str, str]] = set()
    for step in plan.steps:
        for argument, source in step.inputs.items():
            if isinstance(source, BoundInput):
                name = step.bindings[argument].data
                used.update((label, name) for label in layers_behind(raster, source))
    return tuple(layer for layer in raster.layers if (layer.label, layer.name) in used)


def _sum_pixels(
    plan: Plan,
    wave: Sequence[PlannedStep],
    results: Results,
    progress: ProgressShare | None,
) -> Totals:
    """Evaluate steps at all pixels, and return their sums by cell; of layers those by region."""
    raster = plan.raster
    assert raster is not None
    layers = used_layers(plan)
    steps = tuple(_pixel_step(plan, step, results, layers) for step in wave)
    ranges = tuple(_ranges(plan, layer) for layer in layers)
    kernel = PixelKernel(finder=place_finder(plan), layers=layers, steps=steps, ranges=ranges)
    blocks = blocks_of(raster, layers)
    own_code: dict[Path, str] = {}
    for step in wave:
        if step.method.own is not None:
            own_code.update(step.method.own.files)
    region_count, ecosystem_count = kernel.finder.shape
    totals = sum_or_recall(
        blocks,
        kernel,
        region_count * ecosystem_count,
        raster.schedule,
        progress,
        own_code=own_code,
    )
    sums = {}
    for name, by_cell in totals.sums.items():
        of_cells = by_cell.reshape([region_count, ecosystem_count, *by_cell.shape[1:]])
        sums[name] = of_cells.sum(axis=1) if name.startswith(LAYER) else of_cells
    return replace(totals, sums=sums)


def blocks_of(raster: RasterYear, layers: Sequence[RasterLayer]) -> Blocks:
    """Divide the grid of a year into the blocks of an evaluation.

    Parameters
    ----------
    raster : RasterYear
    layers : sequence of RasterLayer
        The layers that are read.

    Returns
    -------
    Blocks
    """
    held = [layer for layer in layers if not layer.is_read_by_unit]
    return plan_blocks(
        raster.land_cover.grid,
        [raster.land_cover, *(layer.raster for layer in layers)],
        raster.schedule,
        _BYTES_OF_CODES + _BYTES_OF_LAYER * len(held),
    )


def _ranges(plan: Plan, layer: RasterLayer) -> tuple[LayerRange, ...]:
    """Return the ranges outside of which the pixels of a layer are counted."""
    return tuple(bounds.range for bounds in bounds_of_layer(plan, layer))


def _means_of(plan: Plan, totals: Totals) -> list[LayerMeans]:
    """Return what the layers are in the regions."""
    layers = used_layers(plan)
    return layer_means(layers, totals, [bounds_of_layer(plan, layer) for layer in layers])


def scan_layers(plan: Plan, progress: ProgressShare | None = None) -> list[LayerMeans]:
    """Read the layers of a plan without evaluating a step.

    Parameters
    ----------
    plan : Plan
        Of any tier.
    progress : callable, optional
        Is called with the share that is done.

    Returns
    -------
    list of LayerMeans
        For ``gep.account.layer_checks.check_layers``; empty for a plan that takes no layer.

    Raises
    ------
    ProblemsFound
        The problems of reading.
    """
    if not used_layers(plan):
        return []
    return _means_of(plan, _sum_pixels(plan, (), {}, progress))


def place_finder(plan: Plan) -> PlaceFinder:
    """Return what finds the places of a plan's cells among the pixels.

    Parameters
    ----------
    plan : Plan
        A plan on rasters.

    Returns
    -------
    PlaceFinder
    """
    raster = plan.raster
    assert raster is not None
    extent = plan.extent
    return PlaceFinder(
        land_cover=raster.land_cover,
        zones=raster.zones,
        region_of_zone=extent.regions.get_indexer(list(raster.zone_codes)),
        classes=_class_codes(plan, raster),
        shape=(len(extent.regions), len(extent.ecosystems)),
        fractions=raster.fractions,
        kept_runs=raster.kept_runs,
    )


def _class_codes(plan: Plan, raster: RasterYear) -> ClassCodes:
    """Return the ecosystem types and shares of the codes of land cover."""
    codes = np.array(sorted(raster.class_names), dtype=int)
    parts: list[list[tuple[int, float]]] = []
    for code in codes.tolist():
        name = raster.class_names[code]
        if plan.crosswalk is None:
            shares = [(name, 1.0)]
        else:
            frame = plan.crosswalk.frame
            rows = frame[(frame["class"] == name).to_numpy()]
            shares = list(zip(rows["ecosystem"], rows["share"], strict=True))
        positions = plan.extent.ecosystems.get_indexer([ecosystem for ecosystem, _ in shares])
        pairs = zip(positions.tolist(), shares, strict=True)
        parts.append([(position, share) for position, (_, share) in pairs if position >= 0])
    width = max([1, *(len(part) for part in parts)])
    ecosystem = np.full((len(codes) + 1, width), -1, dtype=np.intp)
    share = np.ones((len(codes) + 1, width))
    for row, part in enumerate(parts):
        for number, (position, part_share) in enumerate(part):
            ecosystem[row, number] = position
            share[row, number] = part_share
    return ClassCodes(codes, ecosystem, share)


def _pixel_step(
    plan: Plan, step: PlannedStep, results: Results, layers: Sequence[RasterLayer]
) -> PixelStep:
    """Return a step with its arguments as pixels take them."""
    raster = plan.raster
    assert raster is not None
    keys = tuple(dim for dim in step.dims if dim not in CELL_DIMS)
    arguments: dict[str, CellNumbers | LayerNumbers | StepLink] = {}
    for name, source in step.inputs.items():
        if isinstance(source, BoundInput):
            if layers_behind(raster, source):
                data_name = step.bindings[name].data
                arguments[name] = _layer_numbers(source, data_name, layers)
            else:
                arguments[name] = CellNumbers(source.values, source.dims)
            continue
        taken = plan.step(source.source)
        if taken.per == "none" and varies_inside(plan, taken):
            arguments[name] = source
            continue
        values = resolve_link(source, results[source.source], taken.out, "sum")
        arguments[name] = CellNumbers(values * source.factor, source.dims)
    return PixelStep(
        name=step.name,
        function=step.method.function,
        arguments=arguments,
        keys=keys,
        sizes=tuple(len(step.members[key]) for key in keys),
        factor=step.factor,
        summed=step.step.sum_over,
        live=None if step.all_live else CellNumbers(step.live, step.dims),
        own=_own_method(step),
    )


def _own_method(step: PlannedStep) -> OwnMethod | None:
    """Return which code of the user the method of a step is; None if it ships."""
    if step.method.own is None:
        return None
    return OwnMethod(step.method.path, Label(step.name, step.step.name))


def _layer_numbers(bound: BoundInput, name: str, layers: Sequence[RasterLayer]) -> LayerNumbers:
    """Return the layers that supply an input, by the members of its keys."""
    dims = tuple(dim for dim in bound.dims if dim not in CELL_DIMS)
    axes = tuple(axis for axis, dim in enumerate(bound.dims) if dim in CELL_DIMS)
    rows = np.asarray(bound.rows.max(axis=axes))
    positions = {(layer.label, layer.name): position for position, layer in enumerate(layers)}
    files = bound.frame["file"].astype(str).to_numpy()
    factors = bound.frame["factor"].to_numpy(dtype=float)
    of_rows = np.array([positions[files[row], name] for row in rows.flat], dtype=int)
    return LayerNumbers(of_rows.reshape(rows.shape), factors[rows], dims)


def _with_means(plan: Plan, means: Sequence[LayerMeans]) -> Plan:
    """Return the plan whose inputs hold the means of layers."""
    raster = plan.raster
    assert raster is not None
    by_layer = {(layer.layer.label, layer.layer.name): layer.mean for layer in means}
    steps = []
    for step in plan.steps:
        inputs = dict(step.inputs)
        for argument, source in step.inputs.items():
            if isinstance(source, BoundInput) and layers_behind(raster, source):
                name = step.bindings[argument].data
                inputs[argument] = _bound_to_means(source, name, by_layer, plan)
        steps.append(replace(step, inputs=inputs))
    return replace(plan, steps=tuple(steps))


def _bound_to_means(
    bound: BoundInput,
    name: str,
    by_layer: Mapping[tuple[str, str], np.ndarray],
    plan: Plan,
) -> BoundInput:
    """Return an input whose rows of layers hold the means of their regions."""
    frame = bound.frame.copy()
    value = frame["value"].to_numpy(dtype=float).copy()
    regions = plan.extent.regions.get_indexer(frame["region"].astype(str))
    for (label, layer_name), mean in by_layer.items():
        of_layer = (frame["file"] == label).to_numpy() & (regions >= 0)
        if layer_name == name:
            value[of_layer] = mean[regions[of_layer]]
    frame["value"] = value
    converted = np.append(value * frame["factor"].to_numpy(dtype=float), np.nan)
    values = np.where(bound.rows >= 0, converted[bound.rows], bound.values)
    return replace(bound, frame=frame, values=values)


def _with_densities(plan: Plan, wave: Sequence[PlannedStep], totals: Totals) -> Plan:
    """Return the plan whose steps hold the density of each cell."""
    densities: dict[str, np.ndarray] = {}
    area = totals.sums["area"]
    for step in wave:
        sums = totals.sums[f"step:{step.name}"]
        missing = totals.sums[f"missing:{step.name}"]
        densities[step.name] = density_of_sums(step, sums, area, missing)
    steps = []
    for step in plan.steps:
        if step.name in densities:
            step = replace(step, density=densities[step.name])
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def density_of_sums(
    step: PlannedStep, sums: np.ndarray, area: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Return the density of each cell.

    Parameters
    ----------
    step : PlannedStep
    sums : ndarray
        What its method gave at pixels times their area: region x ecosystem type, the keys of the
        step, perhaps draws.
    area, missing : ndarray
        Areas of the cells, and the part of them in which a layer has no number.

    Returns
    -------
    ndarray
        Over the dims of the step, perhaps draws; 0 where there is no area.
    """
    weight = area
    if step.per == "none":  # a mean, of what has a number
        weight = area - missing
    gone = tuple(axis for axis, dim in enumerate(CELL_DIMS) if dim not in step.dims)
    sums = sums.sum(axis=gone) if gone else sums
    weight = weight.sum(axis=gone) if gone else weight
    weight = weight.reshape([*weight.shape, *[1] * (sums.ndim - weight.ndim)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, sums / weight, 0.0)


def pixel_kernel(plan: Plan, results: Results, names: Collection[str]) -> PixelKernel:
    """Return the kernel that evaluates steps of a settled plan again.

    Parameters
    ----------
    plan : Plan
        Settled.
    results : mapping of str to ndarray
        Of all steps.
    names : collection of str
        Steps that are evaluated at pixels; those whose results they take there are added.

    Returns
    -------
    PixelKernel
    """
    wanted = list(names)
    needed: set[str] = set()
    while wanted:
        step = plan.step(wanted.pop())
        if step.density is not None and step.name not in needed:
            needed.add(step.name)
            taken = [plan.step(link.source) for link in _links(step)]
            wanted += [source.name for source in taken if source.per == "none"]
    steps = tuple(step for step in plan.steps if step.name in needed)
    layers = used_layers(replace(plan, steps=steps))
    pixel_steps = tuple(_pixel_step(plan, step, results, layers) for step in steps)
    return PixelKernel(finder=place_finder(plan), layers=layers, steps=pixel_steps)


def varying_inputs(plan: Plan, step: PlannedStep) -> frozenset[str]:
    """Return the arguments of a step that differ from pixel to pixel inside a cell.

    Parameters
    ----------
    plan : Plan
    step : PlannedStep

    Returns
    -------
    frozenset of str
        None for a step that is evaluated on cells.
    """
    raster = plan.raster
    if raster is None or not varies_inside(plan, step):
        return frozenset()
    names = set()
    for name, source in step.inputs.items():
        if isinstance(source, BoundInput):
            varies = bool(layers_behind(raster, source))
        else:
            taken = plan.step(source.source)
            varies = taken.per == "none" and varies_inside(plan, taken)
        if varies:
            names.add(name)
    return frozenset(names)
