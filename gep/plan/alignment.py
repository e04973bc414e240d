"""Aligned plans (对齐): several years with the same labels at the same positions.

A comparison subtracts arrays, and a draw covers all years at once; both need that a position means
the same in every plan. What a plan does not have is absent from it (not ``present``, not ``live``)
and its numbers are NaN. Nothing is bound anew here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gep.plan.binding import BoundInput
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, Selection, StepLink

# By dimension: for each aligned position, the position in the plan's own arrays; -1 if it has none.
Positions = Mapping[str, np.ndarray]
_Members = Mapping[str, tuple[str, ...]]  # the members of each key of a step


@dataclass(frozen=True)
class _CommonAxes:
    """The axes that plans are brought to.

    Attributes
    ----------
    regions, ecosystems : Index
    dims : mapping of str to tuple of str
        Dimensions of each step that is kept, by its name.
    members : mapping of str to mapping of str to tuple of str
        Members of each key of each step.
    """

    regions: pd.Index
    ecosystems: pd.Index
    dims: Mapping[str, tuple[str, ...]]
    members: Mapping[str, _Members]


def align_plans(plans: Sequence[Plan], regions: Sequence[str] | None = None) -> list[Plan]:
    """Bring plans to common axes, so that arrays of the same step have the same shape and meaning.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of one standard.
    regions : sequence of str, optional
        Codes of the regions of the result; default: the regions of all plans, in the order of their
        first appearance.

    Returns
    -------
    list of Plan
        With all ecosystem types and all members that any of the plans has. Steps that not every
        plan has are left out, and with them those that take their results.
    """
    if regions is None:
        regions = _union(plan.extent.regions for plan in plans)
    classes = _union(plan.scheme.classes for plan in plans)
    with_areas = set(_union(plan.extent.ecosystems for plan in plans))
    ecosystems = [name for name in classes if name in with_areas]
    dims: dict[str, tuple[str, ...]] = {}
    members: dict[str, _Members] = {}
    for name in _common_steps(plans):
        steps = [plan.step(name) for plan in plans]
        dims[name] = _common_dims(steps)
        members[name] = _common_members(steps)
    axes = _CommonAxes(
        regions=pd.Index(list(regions), name="region", dtype=object),
        ecosystems=pd.Index(ecosystems, name="ecosystem", dtype=object),
        dims=dims,
        members=members,
    )
    return [_align_plan(plan, axes) for plan in plans]


def select_regions(plan: Plan, positions: np.ndarray) -> Plan:
    """Return the plan of some of its regions.

    Parameters
    ----------
    plan : Plan
    positions : ndarray of int
        Positions of the regions, in the order of the result.

    Returns
    -------
    Plan
    """
    axes = _CommonAxes(
        regions=plan.extent.regions[positions],
        ecosystems=plan.extent.ecosystems,
        dims={step.name: step.dims for step in plan.steps},
        members={step.name: step.members for step in plan.steps},
    )
    return _align_plan(plan, axes)


def relabel_regions(plan: Plan, codes: Sequence[str]) -> Plan:
    """Return the plan with other codes for its regions, in their order.

    Parameters
    ----------
    plan : Plan
    codes : sequence of str
        A code for each region.

    Returns
    -------
    Plan
    """
    return replace(plan, extent=plan.extent.relabel(codes))


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    """Return the names that are in any of the lists, in the order of their first appearance."""
    union: dict[str, None] = {}
    for names in lists:
        union.update(dict.fromkeys(map(str, names)))
    return list(union)


def _common_steps(plans: Sequence[Plan]) -> list[str]:
    """Return the names of the steps that every plan has and can run."""
    in_every_plan = {step.name for step in plans[0].steps}
    for plan in plans[1:]:
        in_every_plan &= {step.name for step in plan.steps}
    common: list[str] = []
    for first_step in plans[0].steps:
        name = first_step.name
        if name not in in_every_plan:
            continue
        taken: set[str] = set()
        for plan in plans:
            for bound in plan.step(name).inputs.values():
                if isinstance(bound, StepLink):
                    taken.add(bound.source)
        if taken <= set(common):
            common.append(name)
    return common


def _common_dims(steps: Sequence[PlannedStep]) -> tuple[str, ...]:
    """Return the dimensions that a step has in any plan."""
    dims: set[str] = set()
    for step in steps:
        dims.update(step.dims)
    return tuple(dim for dim in DIMS if dim in dims)


def _common_members(steps: Sequence[PlannedStep]) -> _Members:
    """Return the members of each key in any plan: in their order if all agree, else sorted."""
    keys = _union(step.members for step in steps)
    members: dict[str, tuple[str, ...]] = {}
    for key in keys:
        lists = [step.members[key] for step in steps if key in step.members]
        members[key] = lists[0]
        if len(set(lists)) > 1:
            members[key] = tuple(sorted(_union(lists)))
    return members


def _align_plan(plan: Plan, axes: _CommonAxes) -> Plan:
    """Bring a plan to common axes."""
    extent = plan.extent
    cells = {
        "region": extent.regions.get_indexer(axes.regions),
        "ecosystem": extent.ecosystems.get_indexer(axes.ecosystems),
    }
    steps: list[PlannedStep] = []
    for step in plan.steps:
        if step.name not in axes.dims:
            continue
        positions = dict(cells)
        for key, names in axes.members[step.name].items():
            positions[key] = _member_positions(step.members.get(key), names)
        steps.append(_align_step(step, positions, axes))
    aligned_extent = extent.reindex(axes.regions, axes.ecosystems)
    land_area = _place(plan.land_area, ("region",), cells, np.nan)
    return replace(plan, extent=aligned_extent, steps=tuple(steps), land_area=land_area)


def _member_positions(members: tuple[str, ...] | None, names: Sequence[str]) -> np.ndarray:
    """Return the positions of names among members; all 0 for a step without the key."""
    if members is None:
        return np.zeros(len(names), dtype=int)
    own_names = pd.Index(members, dtype=object)
    wanted = pd.Index(names, dtype=object)
    return np.asarray(own_names.get_indexer(wanted))


def _place(
    values: np.ndarray, dims: Sequence[str], positions: Positions, fill: object
) -> np.ndarray:
    """Bring an array over ``dims`` to the aligned positions, ``fill`` where the plan has none."""
    for axis, dim in enumerate(dims):
        along = positions[dim]
        same_length = len(along) == values.shape[axis]
        if same_length and (along == np.arange(len(along))).all():
            continue
        if (along >= 0).all():
            values = values.take(along, axis=axis)
            continue
        shape = list(values.shape)
        shape[axis] = 1
        padding = np.full(shape, fill, dtype=values.dtype)  # at the last position, which is -1
        padded = np.concatenate([values, padding], axis=axis)
        values = padded.take(along, axis=axis)
    return values


def _align_step(step: PlannedStep, positions: Positions, axes: _CommonAxes) -> PlannedStep:
    """Bring a step and its inputs to common axes."""
    inputs: dict[str, BoundInput | StepLink] = {}
    for argument, bound in step.inputs.items():
        if isinstance(bound, BoundInput):
            inputs[argument] = _align_input(bound, positions)
        else:
            inputs[argument] = _align_link(step, argument, bound, axes)
    dims = axes.dims[step.name]
    out = tuple(dim for dim in dims if dim not in step.step.sum_over)
    gap = step.gap
    density = step.density
    if density is not None:
        density = np.broadcast_to(density, step.required.shape)
        density = expand(_place(density, step.dims, positions, 0.0), step.dims, dims)
    return replace(
        step,
        inputs=inputs,
        dims=dims,
        out=out,
        members=dict(axes.members[step.name]),
        present=_place_mask(step.present, step.out, out, positions),
        valid=_place_mask(step.valid, step.out, out, positions),
        required=_place_mask(step.required, step.dims, dims, positions),
        live=_place_mask(step.live, step.dims, dims, positions),
        gap=None if gap is None else _place(gap, ("region",), positions, False),
        density=density,
    )


def _place_mask(
    mask: np.ndarray, dims: Sequence[str], target: Sequence[str], positions: Positions
) -> np.ndarray:
    """Bring a mask over ``dims`` to the aligned positions along all dimensions of ``target``."""
    placed = _place(mask, dims, positions, False)
    placed = expand(placed, dims, target)
    shape = [len(positions[dim]) for dim in target]
    return np.array(np.broadcast_to(placed, shape))


def _align_input(bound: BoundInput, positions: Positions) -> BoundInput:
    """Bring the arrays of an input to common axes."""
    outside = bound.outside
    if outside is not None:
        dims = bound.dims if "region" in bound.dims else ("region", *bound.dims)
        outside = _place(outside, dims, positions, False)
    return replace(
        bound,
        values=_place(bound.values, bound.dims, positions, np.nan),
        outside=outside,
        rows=_place(bound.rows, bound.dims, positions, -1),
        missing=_place(bound.missing, bound.dims, positions, False),
    )


def _align_link(step: PlannedStep, argument: str, link: StepLink, axes: _CommonAxes) -> StepLink:
    """Find the members that a link selects at their positions on the common axes."""
    source_names = {**axes.members[link.source], "ecosystem": tuple(axes.ecosystems)}
    own_names = axes.members[step.name]
    binding = step.bindings[argument]
    fixed: Mapping[str, str] = dict(binding.at.items())
    selections: list[Selection] = []
    for selection in link.pick:
        dim = selection.dim
        if selection.drop_dim:
            wanted: Sequence[str] = (fixed[dim],)
        else:
            wanted = own_names.get(dim, source_names[dim])
        selections.append(_select(dim, source_names[dim], wanted, selection.drop_dim))
    selected = {selection.dim for selection in selections}
    for dim, names in source_names.items():
        if dim not in link.dims or dim in selected:
            continue
        if own_names.get(dim, names) != names:
            selections.append(_select(dim, names, own_names[dim], False))
    return replace(link, pick=tuple(selections))


def _select(dim: str, names: tuple[str, ...], wanted: Iterable[str], drop_dim: bool) -> Selection:
    """Select names along a dimension by their positions."""
    positions = tuple(names.index(name) for name in wanted)
    return Selection(dim, positions, drop_dim)
