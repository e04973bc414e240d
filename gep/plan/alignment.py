"""Plans of several years on one grid (对齐): the same regions, ecosystem types and members, position by position.

A comparison subtracts arrays and a draw runs over all years at once; both need that a position means the same in each
plan. What a plan does not have is absent from it (not ``present``, not ``live``), and keeps its number of NaN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gep.extent.table_extent import TableExtent
from gep.plan.binding import BoundInput
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink

Spots = Mapping[
    str, np.ndarray
]  # dim -> for each place of the grid the position in the plan's own array, or -1


def align_plans(plans: Sequence[Plan], regions: Sequence[str] | None = None) -> list[Plan]:
    """The plans on one grid: ``regions`` (default: all, as they come), all ecosystem types, all members of a key.

    Steps that not every plan has are left out, and with them those that take their results.
    """
    codes = list(
        regions if regions is not None else _together([plan.extent.regions for plan in plans])
    )
    region_index = pd.Index(codes, name="region", dtype=object)
    known = _together([plan.scheme.classes for plan in plans])
    seen = {str(name) for plan in plans for name in plan.extent.ecosystems}
    ecosystems = pd.Index([name for name in known if name in seen], name="ecosystem", dtype=object)
    shared = _shared_steps(plans)
    dims = {name: _dims([plan.step(name) for plan in plans]) for name in shared}
    members = {name: _members([plan.step(name) for plan in plans]) for name in shared}
    return [_on_grid(plan, region_index, ecosystems, dims, members) for plan in plans]


def select_regions(plan: Plan, positions: np.ndarray) -> Plan:
    """The plan of some of its regions, in the order of ``positions``."""
    dims = {one.name: one.dims for one in plan.steps}
    members = {one.name: one.members for one in plan.steps}
    return _on_grid(plan, plan.extent.regions[positions], plan.extent.ecosystems, dims, members)


def relabel_regions(plan: Plan, codes: Sequence[str]) -> Plan:
    """The plan with other codes for its regions, in their order."""
    return replace(
        plan,
        extent=replace(plan.extent, regions=pd.Index(list(codes), name="region", dtype=object)),
    )


def _together(names: Sequence[Sequence[str] | pd.Index]) -> list[str]:
    return list(dict.fromkeys(str(name) for some in names for name in some))


def _shared_steps(plans: Sequence[Plan]) -> list[str]:
    """The names of the steps that every plan has and can run."""
    names = [one.name for one in plans[0].steps]
    everywhere = set(names).intersection(*({one.name for one in plan.steps} for plan in plans))
    kept: list[str] = []
    for name in names:
        links = {
            one.source for plan in plans if name in everywhere for one in _links(plan.step(name))
        }
        if name in everywhere and links <= set(kept):
            kept.append(name)
    return kept


def _links(one: PlannedStep) -> list[StepLink]:
    return [source for source in one.inputs.values() if isinstance(source, StepLink)]


def _dims(steps: Sequence[PlannedStep]) -> tuple[str, ...]:
    return tuple(dim for dim in DIMS if any(dim in one.dims for one in steps))


def _members(steps: Sequence[PlannedStep]) -> dict[str, tuple[str, ...]]:
    """The members of each key in all plans: as they stand where all agree, else sorted."""
    found: dict[str, tuple[str, ...]] = {}
    for key in {key: None for one in steps for key in one.members}:
        lists = list(dict.fromkeys(one.members[key] for one in steps if key in one.members))
        found[key] = lists[0] if len(lists) == 1 else tuple(sorted(_together(lists)))
    return found


def _on_grid(
    plan: Plan,
    regions: pd.Index,
    ecosystems: pd.Index,
    dims: Mapping[str, tuple[str, ...]],
    members: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> Plan:
    own = plan.extent
    cells = {
        "region": own.regions.get_indexer(regions),
        "ecosystem": own.ecosystems.get_indexer(ecosystems),
    }
    steps = []
    for one in plan.steps:
        if one.name in dims:
            spots = cells | {
                key: _positions(one.members.get(key), names)
                for key, names in members[one.name].items()
            }
            inputs = {
                name: _on_the_grid(one, name, spots, members, ecosystems) for name in one.inputs
            }
            steps.append(
                _step_on_grid(replace(one, inputs=inputs), spots, dims[one.name], members[one.name])
            )
    extent = TableExtent(
        own.year,
        regions,
        ecosystems,
        _cells(own.area, cells, 0.0),
        _cells(own.present, cells, False),
        _cells(own.grade, cells, 0),
        own.parts,
        placed(own.unaccounted, ("region",), cells, 0.0),
        own.tier,
    )
    land = placed(plan.land_area, ("region",), cells, np.nan)
    return replace(plan, extent=extent, steps=tuple(steps), land_area=land)


def _positions(have: tuple[str, ...] | None, names: Sequence[str]) -> np.ndarray:
    """Where the names stand; a key that the plan's step does not have holds its one number for all of them."""
    if have is None:
        return np.zeros(len(names), dtype=int)
    return np.asarray(pd.Index(have, dtype=object).get_indexer(pd.Index(names, dtype=object)))


def _cells(values: np.ndarray, spots: Spots, fill: object) -> np.ndarray:
    return placed(values, ("region", "ecosystem"), spots, fill)


def placed(values: np.ndarray, dims: Sequence[str], spots: Spots, fill: object) -> np.ndarray:
    """An array brought to the grid along its dims; ``fill`` where the plan has no such place."""
    for axis, dim in enumerate(dims):
        at = spots[dim]
        if len(at) == values.shape[axis] and (at == np.arange(len(at))).all():
            continue
        if (at >= 0).all():
            values = values.take(at, axis=axis)
            continue
        pad = np.full(
            [1 if axis == one else size for one, size in enumerate(values.shape)],
            fill,
            dtype=values.dtype,
        )
        values = np.concatenate([values, pad], axis=axis).take(at, axis=axis)
    return values


def _step_on_grid(
    one: PlannedStep, spots: Spots, dims: tuple[str, ...], members: Mapping[str, tuple[str, ...]]
) -> PlannedStep:
    out = tuple(dim for dim in dims if dim not in one.step.sum_over)

    def over(mask: np.ndarray, have: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
        found = expand(placed(mask, have, spots, False), have, wanted)
        return np.array(np.broadcast_to(found, [len(spots[dim]) for dim in wanted]))

    return replace(
        one,
        dims=dims,
        out=out,
        members=dict(members),
        present=over(one.present, one.out, out),
        valid=over(one.valid, one.out, out),
        due=over(one.due, one.dims, dims),
        live=over(one.live, one.dims, dims),
        gap=None if one.gap is None else placed(one.gap, ("region",), spots, False),
    )


def _on_the_grid(
    one: PlannedStep,
    name: str,
    spots: Spots,
    members: Mapping[str, Mapping[str, tuple[str, ...]]],
    ecosystems: pd.Index,
) -> BoundInput | StepLink:
    """An input on the grid: its arrays placed, or the members that it picks found by their names."""
    source = one.inputs[name]
    if isinstance(source, BoundInput):
        return _bound_on_grid(source, spots)
    theirs = {**members[source.source], "ecosystem": tuple(ecosystems)}
    ours = members[one.name]
    fixed: Mapping[str, str] = dict(one.step.inputs[name].at.items())
    pick = []
    for dim, _, goes in source.pick:
        wanted = (fixed[dim],) if goes else ours.get(dim, theirs[dim])
        pick.append((dim, tuple(theirs[dim].index(member) for member in wanted), goes))
    picked = {dim for dim, _, _ in pick}
    for dim, names in theirs.items():
        if dim in source.dims and dim not in picked and ours.get(dim, names) != names:
            pick.append((dim, tuple(names.index(member) for member in ours[dim]), False))
    return replace(source, pick=tuple(pick))


def _bound_on_grid(source: BoundInput, spots: Spots) -> BoundInput:
    outside = source.outside
    if outside is not None:
        dims = source.dims if "region" in source.dims else ("region", *source.dims)
        outside = placed(outside, dims, spots, False)
    return replace(
        source,
        values=placed(source.values, source.dims, spots, np.nan),
        outside=outside,
        rows=placed(source.rows, source.dims, spots, -1),
        missing=placed(source.missing, source.dims, spots, False),
    )
