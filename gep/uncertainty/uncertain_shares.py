"""Which part of the results of an account rests on rows with limits (有上下限的部分).

A result is uncertain as far as the rows behind it give low and high: of a sum over ecosystem types
or products only those parts are, whose rows do. Parts are weighted by their absolute values.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gep.account.columns import ParentRegions
from gep.account.evaluation import evaluate_step, summed_axes
from gep.account.lines import AccountLines, levels
from gep.errors import ProblemLog
from gep.plan.binding import BoundInput
from gep.plan.dims import expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.uncertainty.uncertain_rows import EXACT, InputKey, UncertainRows

Results = Mapping[str, np.ndarray]
_AREA_DIMS = ("region", "ecosystem")


def uncertain_shares_of_lines(
    plan: Plan,
    results: Results,
    shares: Results,
    lines: AccountLines,
    parents: ParentRegions,
) -> np.ndarray:
    """Return the share of each line that rests on rows with limits.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        The results of its steps.
    shares : mapping of str to ndarray
        From ``uncertain_shares``.
    lines : AccountLines
    parents : ParentRegions

    Returns
    -------
    ndarray
        From 0 to 1, region (then parents) x line; 0 where there is no amount.
    """
    sizes = {}
    uncertain = {}
    for name, values in results.items():
        sizes[name] = np.abs(values)
        uncertain[name] = sizes[name] * shares[name]
    whole = levels(plan, sizes, lines, parents).values
    part = levels(plan, uncertain, lines, parents).values
    return _ratio(part, whole, np.zeros(whole.shape))


def uncertain_shares(
    plan: Plan, results: Results, rows: UncertainRows, position: int
) -> dict[str, np.ndarray]:
    """Return the share of each cell of each step that rests on rows with limits.

    Parameters
    ----------
    plan : Plan
        One of the plans whose uncertain rows these are.
    results : mapping of str to ndarray
        The results of its steps.
    rows : UncertainRows
    position : int
        Position of the plan among these plans.

    Returns
    -------
    dict of str to ndarray
        By name of the step, over its ``out`` dims. A cell has the largest share of its inputs.
    """
    areas = _area_shares(plan, rows.area_rows[position])
    input_rows = rows.input_rows[position]
    shares: dict[str, np.ndarray] = {}
    for step in plan.steps:
        share = np.zeros(step.live.shape)
        if step.per == "area":
            share = np.maximum(share, expand(areas, _AREA_DIMS, step.dims))
        for argument, source in step.inputs.items():
            if isinstance(source, StepLink):
                of_input = _shares_of_link(plan, source, results, shares)
            elif "area" in source.frame:
                of_input = _shares_of_bound_area(plan, step, argument, areas)
            else:
                key = InputKey(step.name, argument)
                of_input = _shares_of_rows(source, input_rows.get(key))
            share = np.maximum(share, expand(of_input, source.dims, step.dims))
        shares[step.name] = _summed_share(plan, step, results, share)
    return shares


def _area_shares(plan: Plan, part_rows: np.ndarray) -> np.ndarray:
    """Return the share of each area (region x ecosystem) whose rows have limits."""
    extent = plan.extent
    parts = extent.parts
    regions = extent.regions.get_indexer(parts["region"])
    ecosystems = extent.ecosystems.get_indexer(parts["ecosystem"])
    is_inside = (regions >= 0) & (ecosystems >= 0)
    cells = (regions * len(extent.ecosystems) + ecosystems)[is_inside]
    area = parts["area"].to_numpy(dtype=float)[is_inside]
    uncertain = np.where(part_rows[is_inside] == EXACT, 0.0, area)
    count = len(extent.regions) * len(extent.ecosystems)
    whole = np.bincount(cells, area, count)
    part = np.bincount(cells, uncertain, count)
    share = _ratio(part, whole, np.zeros(count))
    return share.reshape(len(extent.regions), len(extent.ecosystems))


def _shares_of_bound_area(
    plan: Plan, step: PlannedStep, argument: str, areas: np.ndarray
) -> np.ndarray:
    """Return the shares of an input that is an area itself, over its dims."""
    if step.step.per != "region":
        return areas
    extent = plan.extent
    classes = plan.scheme.within(step.step.inputs[argument].area)
    in_classes = np.array([name in classes for name in extent.ecosystems], dtype=bool)
    area = np.where(in_classes, extent.area_of(), 0.0)
    whole = area.sum(axis=-1)
    return _ratio((area * areas).sum(axis=-1), whole, np.zeros(whole.shape))


def _shares_of_rows(source: BoundInput, uncertain_rows: np.ndarray | None) -> np.ndarray:
    """Return 1 where the row behind a cell of an input has limits, over the input's dims."""
    if uncertain_rows is None:
        return np.zeros(source.rows.shape)
    with_exact = np.append(uncertain_rows, EXACT)  # the last is that of cells without a row, -1
    return np.where(with_exact[source.rows] == EXACT, 0.0, 1.0)


def _shares_of_link(plan: Plan, link: StepLink, results: Results, shares: Results) -> np.ndarray:
    """Return the shares of what a link takes of another step, over the link's dims."""
    out = plan.step(link.source).out
    size = np.abs(results[link.source])
    share = shares[link.source]
    whole = resolve_link(link, size, out, "sum")
    part = resolve_link(link, size * share, out, "sum")
    return _ratio(part, whole, resolve_link(link, share, out, "max"))


def _summed_share(plan: Plan, step: PlannedStep, results: Results, share: np.ndarray) -> np.ndarray:
    """Bring shares from a step's dims to those of its result, weighted by the values summed."""
    share = np.where(step.live, share, 0.0)
    axes = summed_axes(step)
    if not axes:
        return share
    apart = replace(
        step,
        step=step.step.model_copy(update={"sum_over": ()}),
        out=step.dims,
        present=step.live,
        valid=step.live,
    )
    size = np.abs(evaluate_step(plan, apart, results, ProblemLog(), check=False))
    whole = size.sum(axis=axes)
    return _ratio((size * share).sum(axis=axes), whole, share.max(axis=axes, initial=0.0))


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return part over whole; where the whole is nothing, another share."""
    ratio = np.array(otherwise, dtype=float)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
