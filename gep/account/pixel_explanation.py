"""Explanation of what was computed at pixels (逐像元核算的解释): blocks, and a sample.

A step at pixels is evaluated again in the units of the grid that a region touches. Its amount is
the sum of what the units give; one pixel is taken apart with all its numbers. How that reads is
left to ``gep.account.explanation``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gep.account.evaluation import EvaluatedPlan
from gep.account.pixel_caption import layers_of_step
from gep.account.pixel_evaluation import pixel_kernel
from gep.account.pixel_kernel import (
    PixelKernel,
    PlaceNumbers,
    StepAtPlaces,
    in_any,
    steps_at_places,
    upright,
)
from gep.account.step_cells import CELL_AREA, SEPARATE_KEYS
from gep.extent.blocks import UNIT
from gep.extent.cell_areas import cell_areas
from gep.extent.extent import CELL_DIMS
from gep.extent.raster_extent import Places
from gep.extent.rasters import Grid, Window
from gep.plan.planned_step import PlannedStep

_M2_PER_HM2 = 1e4
_NAME_OF_CRS = re.compile(r'"([^"]*)"')  # the first words in quotes of a WKT
_NO_NAME = "unknown"  # as PROJ calls a CRS without a name
_UnitPlace = tuple[int, int]  # row and column of a unit, counted from 0


@dataclass(frozen=True)
class SamplePixel:
    """A pixel taken apart.

    Attributes
    ----------
    row, column : int
        In the grid, from 1 at its upper left corner.
    x, y : float
        The centre, in the coordinates of the grid.
    crs : str
        What these coordinates are called; blank if they have no name.
    parts : DataFrame
        A row for each cell that the pixel belongs to (several where its class is divided, or the
        step has keys), as ``StepExplanation.parts``: inputs, ``cell area`` (of the pixel, hm2),
        ``result`` and ``amount``.
    calculations : tuple of str
        The formula with these numbers put in.
    """

    row: int
    column: int
    x: float
    y: float
    crs: str
    parts: pd.DataFrame
    calculations: tuple[str, ...] = ()


@dataclass(frozen=True)
class PixelExplanation:
    """A step at pixels, taken apart for a region or parent.

    Attributes
    ----------
    land_cover : str
        The file whose pixels are meant.
    layers : tuple of str
        The files of the layers behind the step.
    pixels : int
        Pixels that count.
    without : int
        Pixels that do not, for a layer has no number there.
    smallest, largest : float
        Area of the pixels that count, m2.
    blocks : DataFrame
        A row for each unit of 512 x 512 pixels of the grid that has a pixel of the region:
        ``row`` and ``column`` (of the unit, from 1 at the upper left corner), the keys whose
        members are different things, ``pixels``, ``area`` (hm2) and ``amount`` in the step's unit.
        The amounts sum to that of the step; of a step that is no amount they are means, which give
        it weighted by area.
    sample : SamplePixel or None
        The middle one, row by row, of the pixels that count in the unit that has most of them.
    """

    land_cover: str
    layers: tuple[str, ...]
    pixels: int
    without: int
    smallest: float
    largest: float
    blocks: pd.DataFrame
    sample: SamplePixel | None

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values.

        Returns
        -------
        dict of str to object
            ``land_cover``, ``layers``, ``pixels``, ``without_number``, ``pixel_area`` (m2, the
            smallest and the largest), ``blocks`` (records), ``sample`` (``row``, ``column``, ``x``,
            ``y``, ``crs``, ``parts``, ``calculations``; None if no pixel counts).
        """
        sample = None
        if self.sample is not None:
            sample = {
                "row": self.sample.row,
                "column": self.sample.column,
                "x": self.sample.x,
                "y": self.sample.y,
                "crs": self.sample.crs,
                "parts": self.sample.parts.to_dict("records"),
                "calculations": list(self.sample.calculations),
            }
        return {
            "land_cover": self.land_cover,
            "layers": list(self.layers),
            "pixels": self.pixels,
            "without_number": self.without,
            "pixel_area": [self.smallest, self.largest],
            "blocks": self.blocks.to_dict("records"),
            "sample": sample,
        }


def explain_pixels(
    evaluated: EvaluatedPlan, names: Sequence[str], positions: np.ndarray
) -> dict[str, PixelExplanation]:
    """Take the steps apart that were evaluated at pixels.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        An account on rasters.
    names : sequence of str
        Steps; those that were evaluated on cells are passed over.
    positions : ndarray of int
        Positions of the regions in ``plan.extent.regions``.

    Returns
    -------
    dict of str to PixelExplanation
        By the name of the step.

    Raises
    ------
    ProblemsFound
        If a raster cannot be read any more.
    """
    plan = evaluated.plan
    gathered: dict[str, _Gathered] = {}
    for step in plan.steps:
        if step.name in names and step.density is not None:
            gathered[step.name] = _Gathered(step)
    if plan.raster is None or not gathered:
        return {}
    kernel = pixel_kernel(plan, evaluated.results, list(gathered))
    common: dict[_UnitPlace, int] = {}
    for unit in kernel.finder.units_of(positions):
        masks = _gather_unit(
            kernel,
            unit,
            positions,
            gathered,
        )
        in_all_steps = np.logical_and.reduce(masks)
        place = (unit.row, unit.column)
        common[place] = int(in_all_steps.sum())
    explained = {}
    samples = _samples(
        evaluated,
        kernel,
        positions,
        gathered,
        common,
    )
    for name, of_step in gathered.items():
        layers = layers_of_step(plan, of_step.step)
        explained[name] = PixelExplanation(
            land_cover=plan.raster.land_cover.label,
            layers=tuple(layers),
            pixels=sum(of_step.pixels.values()),
            without=of_step.without,
            smallest=of_step.smallest,
            largest=of_step.largest,
            blocks=of_step.blocks(),
            sample=samples.get(name),
        )
    return explained


# --- blocks --------------------------------------------------------------------------------------


def _separate_keys(step: PlannedStep) -> tuple[str, ...]:
    """Return the keys of a step whose members are not summed: all where it is no amount."""
    keys = tuple(dim for dim in step.dims if dim not in CELL_DIMS)
    if step.per == "none":
        return keys
    if step.kind == "value":
        return ()
    different = [key for key in keys if key in SEPARATE_KEYS]
    return tuple(key for key in different if key in step.out)


@dataclass
class _Gathered:
    """What the units of the grid give to a step, unit by unit."""

    step: PlannedStep
    amounts: dict[_UnitPlace, np.ndarray] = field(default_factory=dict)  # over separate keys
    areas: dict[_UnitPlace, np.ndarray] = field(default_factory=dict)  # the same, m2
    pixels: dict[_UnitPlace, int] = field(default_factory=dict)
    without: int = 0
    smallest: float = np.inf
    largest: float = 0.0

    def add(self, place: _UnitPlace, amounts: np.ndarray, areas: np.ndarray) -> None:
        """Add places of a unit; over the keys of the step."""
        keys = [dim for dim in self.step.dims if dim not in CELL_DIMS]
        separate = _separate_keys(self.step)
        summed = tuple(axis for axis, key in enumerate(keys) if key not in separate)
        widest = areas.max(axis=summed)
        nothing = np.zeros(())
        amounts_before = self.amounts.get(place, nothing)
        areas_before = self.areas.get(place, nothing)
        self.amounts[place] = amounts_before + amounts.sum(axis=summed)
        self.areas[place] = areas_before + widest

    def blocks(self) -> pd.DataFrame:
        """Return the table of ``PixelExplanation``."""
        step = self.step
        keys = _separate_keys(step)
        members = [step.members[key] for key in keys]
        rows = []
        for place, amounts in self.amounts.items():
            if not self.pixels.get(place):
                continue
            for index in np.ndindex(amounts.shape):
                area = float(self.areas[place][index])
                amount = float(amounts[index])
                if step.per == "none":
                    amount = amount / area if area else np.nan
                named = []
                for names, position in zip(members, index, strict=True):
                    named.append(names[position])
                row, column = (corner // UNIT + 1 for corner in place)
                rows.append(
                    (
                        row,
                        column,
                        *named,
                        self.pixels[place],
                        area / _M2_PER_HM2,
                        amount,
                    )
                )
        columns = ["row", "column", *keys, "pixels", "area", "amount"]
        return pd.DataFrame(rows, columns=columns)


def _evaluate_unit(
    kernel: PixelKernel, unit: Window
) -> Iterator[tuple[Places, list[StepAtPlaces]]]:
    """Read a unit, and evaluate the steps of a kernel there by part of the classes."""
    for unit_numbers in kernel.units(unit):
        for places in unit_numbers.parts:
            numbers = PlaceNumbers(places, unit_numbers.layers)
            yield places, list(steps_at_places(kernel, numbers))


def _gather_unit(
    kernel: PixelKernel,
    unit: Window,
    positions: np.ndarray,
    gathered: Mapping[str, _Gathered],
) -> list[np.ndarray]:
    """Gather what a unit gives to steps; return for each the pixels of it that count."""
    place = (unit.row, unit.column)
    size = unit.height * unit.width
    counts = {name: np.zeros(size, dtype=bool) for name in gathered}
    lacks = {name: np.zeros(size, dtype=bool) for name in gathered}
    for places, evaluated in _evaluate_unit(kernel, unit):
        in_regions = np.isin(places.region, positions)
        pixel = places.pixel
        for at_places in evaluated:
            name = at_places.step.name
            of_step = gathered.get(name)
            if of_step is None:
                continue
            step = of_step.step
            live = _live(step, at_places, places) & upright(in_regions, at_places.values)
            is_live = in_any(live)
            if at_places.without is not None:
                lacking = pixel[is_live & at_places.without]
                lacks[name][lacking] = True
                live = live & ~upright(at_places.without, at_places.values)
                is_live = in_any(live)
            counts[name][pixel[is_live]] = True
            area = upright(places.place_areas, at_places.values)
            result = np.where(live, at_places.values, 0.0)
            amounts = result * step.factor * area
            live_area = live * area
            of_step.add(place, amounts.sum(axis=0), live_area.sum(axis=0))
    areas = cell_areas(kernel.finder.land_cover.grid, unit)
    area_of_pixels = np.broadcast_to(areas, unit.shape).reshape(-1)
    for name, of_step in gathered.items():
        lacking = lacks[name] & ~counts[name]
        of_step.without += int(lacking.sum())
        of_step.pixels[place] = int(counts[name].sum())
        of_pixels = area_of_pixels[counts[name]]
        smallest = of_pixels.min(initial=of_step.smallest)
        largest = of_pixels.max(initial=of_step.largest)
        of_step.smallest = float(smallest)
        of_step.largest = float(largest)
    return list(counts.values())


def _live(step: PlannedStep, at_places: StepAtPlaces, places: Places) -> np.ndarray:
    """Return where a step counts: places, and an axis for each of its keys."""
    live = places.spread(step.live, step.dims, at_places.step.dims)
    return np.broadcast_to(live, at_places.values.shape)


# --- a sample pixel ------------------------------------------------------------------------------


def _samples(
    evaluated: EvaluatedPlan,
    kernel: PixelKernel,
    positions: np.ndarray,
    gathered: Mapping[str, _Gathered],
    common: Mapping[_UnitPlace, int],
) -> dict[str, SamplePixel]:
    """Take a pixel apart for each step: the same one, where a pixel counts for all of them."""
    samples: dict[str, SamplePixel] = {}
    if any(common.values()):
        return _samples_in(
            evaluated,
            kernel,
            positions,
            list(gathered),
            common,
        )
    for name, of_step in gathered.items():
        if any(of_step.pixels.values()):
            samples |= _samples_in(
                evaluated,
                kernel,
                positions,
                [name],
                of_step.pixels,
            )
    return samples


def _samples_in(
    evaluated: EvaluatedPlan,
    kernel: PixelKernel,
    positions: np.ndarray,
    names: Sequence[str],
    pixels: Mapping[_UnitPlace, int],
) -> dict[str, SamplePixel]:
    """Take the middle pixel apart that counts for some steps, in the unit with most of them."""
    grid = kernel.finder.land_cover.grid
    most = max(pixels.values())
    row, column = min(place for place, count in pixels.items() if count == most)
    height = min(UNIT, grid.height - row)
    width = min(UNIT, grid.width - column)
    unit = Window(row, column, height, width)
    steps = {name: evaluated.plan.step(name) for name in names}
    again = {name: _Gathered(step) for name, step in steps.items()}
    masks = _gather_unit(
        kernel,
        unit,
        positions,
        again,
    )
    in_all_steps = np.logical_and.reduce(masks)
    counting = np.flatnonzero(in_all_steps)
    pixel = int(counting[len(counting) // 2])
    parts: dict[str, list[pd.DataFrame]] = {}
    for places, steps_there in _evaluate_unit(kernel, unit):
        is_pixel = np.isin(places.region, positions)
        is_pixel &= places.pixel == pixel
        for at_places in steps_there:
            step = steps.get(at_places.step.name)
            if step is None or not is_pixel.any():
                continue
            part = _parts_at(
                evaluated,
                step,
                at_places,
                places,
                is_pixel,
            )
            parts.setdefault(step.name, []).append(part)
    samples = {}
    for name, frames in parts.items():
        dims = list(steps[name].dims)
        frame = pd.concat(frames).drop_duplicates(dims)
        frame = frame.reset_index(drop=True)
        samples[name] = _sample_at(
            grid,
            unit,
            pixel,
            frame,
        )
    return samples


def _sample_at(grid: Grid, unit: Window, pixel: int, parts: pd.DataFrame) -> SamplePixel:
    """Return a sample pixel with its place."""
    row = unit.row + pixel // unit.width
    column = unit.column + pixel % unit.width
    across = column + 0.5
    down = row + 0.5
    a, b, c, d, e, f = grid.transform
    named = _NAME_OF_CRS.search(grid.crs)
    crs = named.group(1) if named else ""
    return SamplePixel(
        row=row + 1,
        column=column + 1,
        x=c + a * across + b * down,
        y=f + d * across + e * down,
        crs="" if crs == _NO_NAME else crs,
        parts=parts,
    )


def _parts_at(
    evaluated: EvaluatedPlan,
    step: PlannedStep,
    at_places: StepAtPlaces,
    places: Places,
    is_pixel: np.ndarray,
) -> pd.DataFrame:
    """Return the cells of a step that a pixel belongs to, with all numbers there."""
    extent = evaluated.plan.extent
    live = _live(step, at_places, places) & upright(is_pixel, at_places.values)
    index = np.nonzero(live)
    place = index[0]
    of_places = places.cell[place]
    region, ecosystem = np.divmod(of_places, places.shape[1])
    keys = at_places.step.keys
    columns: dict[str, object] = {}
    for dim in step.dims:
        if dim == "region":
            columns[dim] = extent.regions[region].tolist()
        elif dim == "ecosystem":
            columns[dim] = extent.ecosystems[ecosystem].tolist()
        else:
            members = np.array(step.members[dim], dtype=object)
            axis = 1 + keys.index(dim)
            columns[dim] = members[index[axis]]
    for name, values in at_places.inputs.items():
        wide = np.broadcast_to(values, at_places.values.shape)
        columns[name] = wide[index]
    result = at_places.values[index]
    amount = result * step.factor
    if step.per == "area":
        area = places.place_areas[place]
        columns[CELL_AREA] = area / _M2_PER_HM2
        amount = amount * area
    columns["result"] = result
    columns["amount"] = amount
    return pd.DataFrame(columns)
