"""What of a plan on rasters is evaluated at pixels, in words (逐像元核算的步骤).

People read it in front of a plan; what is computed belongs to ``gep.account.pixel_evaluation``.
"""

from gep.account.pixel_evaluation import layers_behind, varies_inside
from gep.extent.raster_extent import RasterYear
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.texts.catalogue import Language, Listed, Text, say, text

_NAMED_LAYERS = 4  # of a step; the rest is counted


def pixel_lines(plan: Plan, language: Language) -> list[str]:
    """Say which steps of a plan are evaluated at pixels, and which on areas.

    Parameters
    ----------
    plan : Plan
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Empty for a plan whose areas are from a table.
    """
    raster = plan.raster
    if raster is None:
        return []
    at_pixels: list[Text] = []
    for step in plan.steps:
        if varies_inside(plan, step):
            layers = _listed(layers_of_step(plan, step))
            at_pixels.append(text("account.pixels.step", step=step.label, layers=layers))
    land_cover = raster.land_cover.label
    if not at_pixels:
        return [say(language, "account.pixels.all-on-areas", land_cover=land_cover)]
    steps = Listed(tuple(at_pixels), len(at_pixels))
    return [
        say(language, "account.pixels.at-pixels", land_cover=land_cover, steps=steps),
        say(language, "account.pixels.on-areas", land_cover=land_cover),
    ]


def step_line(plan: Plan, step: PlannedStep, language: Language) -> str:
    """Say how a step of a plan is evaluated.

    Parameters
    ----------
    plan : Plan
    step : PlannedStep
    language : {'zh', 'en'}

    Returns
    -------
    str
        Blank in a plan whose areas are from a table.
    """
    raster = plan.raster
    if raster is None:
        return ""
    land_cover = raster.land_cover.label
    if varies_inside(plan, step):
        layers = _listed(layers_of_step(plan, step))
        values = {"land_cover": land_cover, "layers": layers}
        return say(language, "account.pixels.step-at-pixels", **values)
    return say(language, "account.pixels.step-on-areas", land_cover=land_cover)


def layers_of_step(plan: Plan, step: PlannedStep) -> list[str]:
    """Return the files of the layers behind a step, through the steps taken at the same pixels.

    Parameters
    ----------
    plan : Plan
        A plan on rasters.
    step : PlannedStep

    Returns
    -------
    list of str
        In the order of the project.
    """
    raster = plan.raster
    assert raster is not None
    files = _files_behind(plan, raster, step)
    return [
        label for label in dict.fromkeys(layer.label for layer in raster.layers) if label in files
    ]


def _files_behind(plan: Plan, raster: RasterYear, step: PlannedStep) -> set[str]:
    """Return the files of the layers behind a step."""
    files: set[str] = set()
    for source in step.inputs.values():
        if isinstance(source, BoundInput):
            files |= layers_behind(raster, source)
        elif isinstance(source, StepLink):
            taken = plan.step(source.source)
            if taken.per == "none" and varies_inside(plan, taken):
                files |= _files_behind(plan, raster, taken)
    return files


def _listed(files: list[str]) -> Listed:
    """List files, so many by name."""
    return Listed(tuple(files), _NAMED_LAYERS)
