"""Densities shared by plans (共用单位面积结果): pixels are read once for several price bases.

A plan at another price basis is the same account with other prices. Where no price is taken at the
pixels, what these give is what they gave before, and a pass over the rasters can be spared.
"""

from dataclasses import replace

import numpy as np

from gep.account.pixel_evaluation import layers_behind, varies_inside
from gep.extent.raster_extent import RasterYear
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink


def settled_like(plan: Plan, other: Plan) -> Plan:
    """Return a plan with the densities and means that another plan of its project and year holds.

    Parameters
    ----------
    plan : Plan
    other : Plan
        A settled plan (``gep.account.evaluation.settled``).

    Returns
    -------
    Plan
        The plan as it is where the pixels may give something else, or nothing is evaluated there.
    """
    raster = plan.raster
    if raster is None or raster.is_settled or not _gives_alike(plan, raster, other):
        return plan
    steps = []
    for step in plan.steps:
        known = other.step(step.name)
        inputs = dict(step.inputs)
        for argument, source in step.inputs.items():
            if isinstance(source, BoundInput) and layers_behind(raster, source):
                inputs[argument] = known.inputs[argument]
        steps.append(replace(step, inputs=inputs, density=known.density))
    files = {layer.label for layer in raster.layers}
    of_layers = [problem for problem in other.warnings if problem.place in files]
    warnings = [problem for problem in of_layers if problem not in plan.warnings]
    return replace(
        plan,
        raster=replace(raster, is_settled=True),
        steps=tuple(steps),
        warnings=(*plan.warnings, *warnings),
    )


def _gives_alike(plan: Plan, raster: RasterYear, other: Plan) -> bool:
    """Return whether two plans read the same rasters, and take the same numbers at the pixels."""
    known = other.raster
    if known is None or not known.is_settled:
        return False
    is_same = raster.land_cover is known.land_cover and raster.zones is known.zones
    is_same &= raster.layers is known.layers
    is_same &= [step.name for step in plan.steps] == [step.name for step in other.steps]
    if not is_same:
        return False
    behind = _steps_behind(plan)
    return all(_takes_alike(raster, plan.step(name), other.step(name)) for name in behind)


def _steps_behind(plan: Plan) -> set[str]:
    """Return the steps at pixels, and those whose results these take."""
    waiting = [step.name for step in plan.steps if varies_inside(plan, step)]
    behind: set[str] = set()
    while waiting:
        name = waiting.pop()
        behind.add(name)
        for source in plan.step(name).inputs.values():
            if isinstance(source, StepLink) and source.source not in behind:
                waiting.append(source.source)
    return behind


def _takes_alike(raster: RasterYear, step: PlannedStep, other: PlannedStep) -> bool:
    """Return whether a step has the same method, cells and numbers in two plans."""
    if step.method.path != other.method.path:
        return False
    if not np.array_equal(step.live, other.live):
        return False
    for argument, source in step.inputs.items():
        known = other.inputs[argument]
        if not isinstance(source, BoundInput):
            continue
        if not isinstance(known, BoundInput) or source.dims != known.dims:
            return False
        if layers_behind(raster, source) != layers_behind(raster, known):
            return False
        if layers_behind(raster, source):
            if not np.array_equal(source.rows, known.rows):
                return False
        elif not np.array_equal(source.values, known.values, equal_nan=True):
            return False
    return True
