"""Land transitions from rasters (栅格土地转移): what each pixel was in one year and is in another.

The land covers of a pair of years are read side by side, once, when a command asks for the pair.
What comes of it are rows of land transitions, which take the same way as those of a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gep.errors import Problem, ProblemLog
from gep.extent.crosswalk import NOT_ACCOUNTED
from gep.extent.raster_extent import RasterYear
from gep.extent.regions import region_label
from gep.extent.tabulation import ChangeTabulation, Tabulation, tabulate_change
from gep.extent.transitions import TRANSITION_IDENTITY, Transitions, load_transitions
from gep.io.arguments import GivenTable
from gep.plan.build import PlanInputs, name_spellings
from gep.project.project import Project
from gep.project.raster_files import RasterSpec

_LEAST_PIXELS = 1e-6  # below it a difference of sums of shares is rounding


def with_raster_transitions(
    project: Project, pairs: Sequence[tuple[int, int]]
) -> tuple[Project, list[Problem]]:
    """Return a project on rasters with its land transitions between years.

    Parameters
    ----------
    project : Project
    pairs : sequence of (int, int)
        Pairs of years; those that do not go forward, or have no raster, are left out.

    Returns
    -------
    project : Project
        As it is where it has a table of transitions, or no rasters.
    warnings : list of Problem
        ``raster-gaps`` for each region where pixels have land cover in one of two years only. This
        land comes from, or goes to, ``na``, so that the sums of transitions are the areas of both.

    Raises
    ------
    ProblemsFound
        Those of reading the rasters.
    """
    years = project.parts.rasters
    spec = project.spec.inputs.raster
    if project.transitions is not None or spec is None:
        return project, []
    problems = ProblemLog(project.language)
    pieces = []
    for pair in pairs:
        if pair[0] < pair[1] and years.keys() >= set(pair):
            transitions = _transitions_between(project.parts, pair, spec, problems)
            if transitions is not None:
                pieces.append(transitions.rows)
    problems.raise_errors()
    if not pieces:
        return project, problems.warnings
    transitions = Transitions(pd.concat(pieces, ignore_index=True), ())
    spellings = name_spellings(project.parts)
    transitions = spellings.recognize_transitions(transitions, problems)
    problems.raise_errors()
    return replace(project, transitions=transitions), problems.warnings


def _transitions_between(
    parts: PlanInputs, pair: tuple[int, int], spec: RasterSpec, problems: ProblemLog
) -> Transitions | None:
    """Tabulate the land covers of two years in one pass; None if no land is in a region."""
    first, last = (parts.rasters[year] for year in pair)
    change = tabulate_change(
        first.land_cover,
        last.land_cover,
        first.zones,
        first.schedule,
        fractions=first.fractions,
    )
    label = f"{first.land_cover.label}, {last.land_cover.label}"
    _warn_of_lost(change, label, parts, problems)
    rows = _rows_of(change, first)
    if rows.empty:
        return None
    rows["from"], rows["to"] = pair
    rows["unit"] = "m2"
    rows["cause"] = ""
    for name in ("source", "locator", "grade"):
        rows[name] = getattr(spec, name)
    keys = [name for name in rows.columns if name != "area"]
    assert set(TRANSITION_IDENTITY) <= set(keys)
    rows = rows.groupby(keys, sort=False, as_index=False)["area"].sum()
    return load_transitions(GivenTable(label, rows), problems)


def _rows_of(change: ChangeTabulation, first: RasterYear) -> pd.DataFrame:
    """Return the transitions of classes; land with data in one year only is ``na`` in the other."""
    pieces = [_frame(change.zones, change.zone, change.area)]
    pieces[0]["from_class"] = _classes(change.before, first.class_names)
    pieces[0]["to_class"] = _classes(change.after, first.class_names)
    sides = (
        ("from_class", "to_class", change.before, change.opening),
        ("to_class", "from_class", change.after, change.closing),
    )
    for side, other_side, codes, tabulation in sides:
        zone, code, lost = _lost(change, codes, tabulation)
        piece = _frame(change.zones, zone, lost)
        piece[side] = _classes(tabulation.codes[code], first.class_names)
        piece[other_side] = NOT_ACCOUNTED
        pieces.append(piece)
        # a class of which nothing stayed says so: its diagonal is 0, not what is left by rounding
        zone, code = np.nonzero(tabulation.pixels)
        piece = _frame(change.zones, zone, np.zeros(len(zone)))
        for name in (side, other_side):
            piece[name] = _classes(tabulation.codes[code], first.class_names)
        pieces.append(piece)
    return pd.concat([piece for piece in pieces if len(piece)] or pieces[:1], ignore_index=True)


def _frame(zones: Sequence[str], zone: np.ndarray, area: np.ndarray) -> pd.DataFrame:
    """Return regions and areas of rows."""
    return pd.DataFrame({"region": np.array(zones, dtype=object)[zone], "area": area})


def _classes(codes: np.ndarray, names: Mapping[int, str]) -> list[str]:
    """Return the classes of codes of a land cover."""
    return [names.get(code, str(code)) for code in codes.tolist()]


def _lost(
    change: ChangeTabulation, codes: np.ndarray, tabulation: Tabulation
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return zone, position of the code and area of land that has no data in the other year."""
    column = np.searchsorted(tabulation.codes, codes)
    pixels = tabulation.pixels.astype(float)
    np.subtract.at(pixels, (change.zone, column), change.pixels)
    area = tabulation.area.copy()
    np.subtract.at(area, (change.zone, column), change.area)
    zone, code = np.nonzero(pixels > _LEAST_PIXELS)
    return zone, code, area[zone, code]


def _warn_of_lost(
    change: ChangeTabulation, label: str, parts: PlanInputs, problems: ProblemLog
) -> None:
    """Warn of regions with land cover in one of the two years only (``raster-gaps``)."""
    in_both = np.bincount(change.zone, change.pixels, minlength=len(change.zones))
    pixels = np.zeros(len(change.zones))
    for tabulation in (change.opening, change.closing):
        pixels += tabulation.pixels.sum(axis=1) - in_both
    area = np.bincount(change.zone, change.area, minlength=len(change.zones))
    for position in np.flatnonzero(pixels > _LEAST_PIXELS).tolist():
        lost = change.lost_area[position]
        problems.add(
            "raster-gaps",
            label,
            "project.land-lost",
            region=region_label(change.zones[position], parts.regions),
            pixels=round(float(pixels[position])),
            area=float(lost) / 1e6,
            share=float(lost / (lost + area[position])),
        )
