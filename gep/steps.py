"""Steps (核算步骤) of a plan: a method with every input bound, its units joined to one factor, its cells known.

Which cells exist (``present``), which carry a number (``valid``: present and not na) and what is not compiled (``gap``)
follows from the inputs alone, so it is settled before anything is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gep.binding import DIMS, Axes, Bound, Ground, bind_coefficient, bind_data, expand
from gep.errors import Problems
from gep.method import Method
from gep.standard import Binding, Indicator, Standard, Step
from gep.tables import suggestion
from gep.units import UnitError, currency, factor


@dataclass(frozen=True)
class Link:
    """An input that hands over another step's result: members chosen, ecosystems summed if the step runs by region."""

    source: str
    pick: tuple[tuple[str, tuple[int, ...], bool], ...]  # dim, positions, whether the dim goes
    total: bool  # sum over ecosystems first
    factor: float
    dims: tuple[str, ...]


@dataclass(frozen=True)
class PlannedStep:
    """A step ready to evaluate. ``dims`` are those of the method's result, ``out`` those left after ``sum_over``."""

    name: str
    indicator: Indicator | None
    step: Step
    method: Method
    inputs: Mapping[str, Bound | Link]
    dims: tuple[str, ...]
    out: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    factor: float  # method's unit (times m2 where per area) to the step's unit
    present: np.ndarray  # over out
    valid: np.ndarray  # over out: present and not na
    live: np.ndarray  # over dims: cells that count before sum_over
    gap: np.ndarray | None  # regions whose result is not compiled

    @cached_property
    def all_live(self) -> bool:
        """Whether no cell has to be blanked."""
        return bool(self.live.all())


def plan_step(
    name: str, indicator: Indicator | None, step: Step, method: Method, planned: Mapping[str, PlannedStep], ground: Ground, standard: Standard
) -> PlannedStep | None:
    """Bind all inputs of a step; None where a problem leaves nothing to plan."""
    where = f"{standard.path.name} {name}"
    before = len(ground.problems.errors)
    _check_arguments(step, method, where, ground.problems)
    scale = _step_factor(step, method, standard, where, ground.problems)
    if any(binding.step and binding.step not in planned for binding in step.inputs.values()):
        return None
    axes = _axes(step, planned, ground, where)
    if len(ground.problems.errors) > before or axes is None:
        return None
    inputs: dict[str, Bound | Link] = {}
    for argument, binding in step.inputs.items():
        inputs[argument] = _bind(binding, method.inputs[argument], step, axes, planned, ground, f"{where}.{argument}")
    return _assemble(name, indicator, step, method, inputs, axes, scale, planned, ground, where)


def _check_arguments(step: Step, method: Method, where: str, problems: Problems) -> None:
    for argument in step.inputs:
        if argument not in method.inputs:
            problems.add("method-argument", where, f"{method.path} has no argument {argument!r}", suggestion(argument, method.inputs))
    for argument in method.inputs:
        if argument not in step.inputs and argument not in method.optional:
            problems.add("method-argument", where, f"{method.path} needs {argument!r} ({method.inputs[argument]})", "bind it in inputs")


def _step_factor(step: Step, method: Method, standard: Standard, where: str, problems: Problems) -> float:
    try:
        scale = factor(f"m2 {method.unit}" if step.per == "area" else method.unit, step.unit)
        if step.kind == "value" and currency(step.unit) is None:
            raise UnitError(f"a value is due in money, {step.unit} is none")
        if step.kind == "value":
            factor(step.unit, standard.text.unit)
        return scale
    except UnitError as error:
        hint = "times an area " if step.per == "area" else ""
        problems.add("wrong-dimension", where, f"{method.path} gives {method.unit} {hint}and the step {step.unit}: {error}", "mend unit or per")
        return 1.0


def _axes(step: Step, planned: Mapping[str, PlannedStep], ground: Ground, where: str) -> Axes | None:
    """What a step runs over: its cells, and the members of its other keys."""
    present = ground.extent.present
    classes = [name for binding in step.inputs.values() if step.per != "region" for name in binding.area]
    for listed in (step.over.get("ecosystem", ()), classes, *(b.area for b in step.inputs.values())):
        for one in listed:
            if one not in ground.scheme.classes:
                ground.problems.add("unknown-class", where, f"class {one!r} is not in {ground.scheme.id}", suggestion(one, ground.scheme.classes))
                return None
    for listed in (step.over.get("ecosystem", ()), classes):
        if listed:
            within = ground.scheme.within(listed)
            present = present & np.array([one in within for one in ground.extent.ecosystems])
    members = {key: tuple(names) for key, names in step.over.items() if key not in ("region", "ecosystem")}
    having: dict[str, np.ndarray] = {}
    for argument, binding in step.inputs.items():
        for key, (names, has) in _offered(binding, planned, ground, f"{where}.{argument}").items():
            if key in step.over or key in binding.at:
                continue
            if key not in members:
                members[key], having[key] = names, has
            elif members[key] != names or not np.array_equal(having.get(key, has), has):
                what = f"the members of {key} are not the same in every input ({argument}: {', '.join(names)}; others: {', '.join(members[key])})"
                ground.problems.add("members-differ", f"{where}.{argument}", what, "give the same members per region, or name them with over")
                return None
    return Axes(present, members, having)


def _offered(binding: Binding, planned: Mapping[str, PlannedStep], ground: Ground, where: str) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """The members that data rows or a step bring: key -> names (sorted), which region has which."""
    codes = ground.extent.regions
    if binding.step:
        source = planned[binding.step]
        found = {}
        for key in source.out:
            if key in ("region", "ecosystem"):
                continue
            axis = source.out.index(key)
            keep = (source.out.index("region"), axis) if "region" in source.out else (axis,)
            has = source.present.any(axis=tuple(set(range(source.present.ndim)) - set(keep)))
            found[key] = (source.members[key], np.broadcast_to(has if has.ndim == 2 else has[None, :], (len(codes), len(source.members[key]))))
        return found
    if not binding.data or binding.data not in ground.data:
        return {}
    rows = ground.data[binding.data]
    for key, member in binding.at.items():
        rows = rows[(rows[key] == member).to_numpy()]
    offered = {}
    for key in DIMS:
        if key in ("region", "ecosystem") or not len(rows) or not (rows[key] != "").any():
            continue
        names = tuple(sorted(set(rows[key])))
        has = np.zeros((len(codes), len(names)), dtype=bool)
        spots = codes.get_indexer(rows["region"])
        has[spots[spots >= 0], pd.Index(names).get_indexer(rows[key])[spots >= 0]] = True
        offered[key] = (names, has)
        for code in codes[~has.any(axis=1)]:
            ground.problems.add("missing-data", where, f"data {binding.data!r} for {ground.year} lacks region {code}", "add the rows")
    return offered


def _bind(
    binding: Binding, unit: str, step: Step, axes: Axes, planned: Mapping[str, PlannedStep], ground: Ground, where: str
) -> Bound | Link:
    if binding.step:
        return _link(binding, unit, step, axes, planned[binding.step], ground, where)
    if binding.area:
        return _bind_area(binding, unit, step, ground, where)
    bind = bind_data if binding.data else bind_coefficient
    bound = bind(binding, unit, axes, ground, where)
    if step.per == "region" and "ecosystem" in bound.dims:
        what = f"{binding} is keyed by ecosystem, {where} runs by region"
        ground.problems.add("ecosystem-key", where, what, 'use per = "area" or "amount" here, or a number by region')
    return bound


def _bind_area(binding: Binding, unit: str, step: Step, ground: Ground, where: str) -> Bound:
    extent = ground.extent
    within = ground.scheme.within(binding.area)
    chosen = np.array([one in within for one in extent.ecosystems], dtype=bool)
    try:
        scale = factor("m2", unit)
    except UnitError as error:
        ground.problems.add("wrong-dimension", where, f"an area is bound: {error}", "the method's unit must be an area")
        scale = 1.0
    area = np.where(extent.present & chosen, extent.area, 0.0) * scale
    grade = np.where(extent.present & chosen, extent.grade, 0)
    dims: tuple[str, ...] = ("region", "ecosystem")
    if step.per == "region":
        area, grade, dims = area.sum(axis=1), grade.max(axis=1, initial=0), ("region",)
    frame = pd.DataFrame({"grade": grade.ravel(), "nominal": False, "area": True, "value": area.ravel()})
    return Bound(dims, area, np.arange(area.size).reshape(area.shape), frame, np.zeros(area.shape, dtype=bool))


def _link(binding: Binding, unit: str, step: Step, axes: Axes, source: PlannedStep, ground: Ground, where: str) -> Link:
    pick = []
    dims = []
    total = step.per == "region" and "ecosystem" in source.out
    for dim in source.out:
        if dim == "ecosystem" and total:
            continue
        if dim in binding.at or (dim not in ("region", "ecosystem") and axes.members.get(dim) != source.members[dim]):
            wanted = (binding.at[dim],) if dim in binding.at else axes.members.get(dim, ())
            have = list(source.members.get(dim, ground.extent.ecosystems))
            lacking = [one for one in wanted if one not in have]
            if lacking:
                what = f"step {source.name!r} has no {dim} {', '.join(lacking)}"
                ground.problems.add("missing-member", where, what, f"it runs over: {', '.join(have)}")
            pick.append((dim, tuple(have.index(one) for one in wanted if one in have), dim in binding.at))
        if dim not in binding.at:
            dims.append(dim)
    try:
        scale = factor(source.step.unit, unit)
    except UnitError as error:
        ground.problems.add("wrong-dimension", where, f"step {source.name} hands over {source.step.unit}: {error}", f"a unit like {unit} is due")
        scale = 1.0
    return Link(source.name, tuple(pick), total, scale, tuple(dims))


def follow(link: Link, values: np.ndarray, out: Sequence[str], how: str) -> np.ndarray:
    """Take what a link hands over from an array over the source's ``out`` dims; ``how`` is sum, any or max over ecosystems."""
    dims = list(out)
    if link.total:
        values = getattr(np, how)(values, axis=dims.index("ecosystem"))
        dims.remove("ecosystem")
    for dim, positions, goes in link.pick:
        axis = dims.index(dim)
        values = np.take(values, positions[0] if goes else positions, axis=axis)
        if goes:
            dims.remove(dim)
    return values


def _assemble(
    name: str, indicator: Indicator | None, step: Step, method: Method, inputs: Mapping[str, Bound | Link],
    axes: Axes, scale: float, planned: Mapping[str, PlannedStep], ground: Ground, where: str,
) -> PlannedStep | None:  # fmt: skip
    seen = {dim for one in inputs.values() for dim in one.dims}
    seen |= {"region", "ecosystem"} if step.per == "area" else {"region"} if step.per != "none" else set()
    seen |= {key for key in step.over if key not in ("region", "ecosystem")}
    dims = tuple(dim for dim in DIMS if dim in seen)
    amounts = [one for one in inputs.values() if isinstance(one, Link)]
    if step.per == "amount" and "ecosystem" in dims and any("ecosystem" not in one.dims for one in amounts):
        what = "an amount without ecosystem meets an input keyed by ecosystem"
        ground.problems.add("ecosystem-key", where, what, "the amount belongs to the region: use inputs by region")
    for key in step.sum_over:
        if key not in dims:
            ground.problems.add("open-key", where, f"sum_over {key}, but no input is keyed by it", "take it out, or add over")
            return None
    live = axes.needed(dims)
    gap = np.zeros(len(ground.extent.regions), dtype=bool)
    for one in inputs.values():
        live = live & _live(one, dims, planned)
        gap |= _gap(one, planned, len(gap))
    present = _present(inputs, axes, dims, planned)
    live = live & present
    axis = tuple(dims.index(key) for key in step.sum_over)
    out = tuple(dim for dim in dims if dim not in step.sum_over)
    members = {key: axes.members[key] for key in dims if key not in ("region", "ecosystem")}
    return PlannedStep(
        name, indicator, step, method, dict(inputs), dims, out, members, scale,
        present.any(axis=axis) if axis else present, live.any(axis=axis) if axis else live, live, gap if gap.any() else None,
    )  # fmt: skip


def _live(one: Bound | Link, dims: Sequence[str], planned: Mapping[str, PlannedStep]) -> np.ndarray:
    if isinstance(one, Link):
        source = planned[one.source]
        return expand(follow(one, source.valid, source.out, "any"), one.dims, dims)
    return expand(~np.isnan(one.values), one.dims, dims)


def _present(inputs: Mapping[str, Bound | Link], axes: Axes, dims: Sequence[str], planned: Mapping[str, PlannedStep]) -> np.ndarray:
    present = axes.needed(dims)
    for one in inputs.values():
        if isinstance(one, Link):
            source = planned[one.source]
            present = present & expand(follow(one, source.present, source.out, "any"), one.dims, dims)
    return present


def _gap(one: Bound | Link, planned: Mapping[str, PlannedStep], count: int) -> np.ndarray:
    if isinstance(one, Link):
        gap = planned[one.source].gap
        return np.zeros(count, dtype=bool) if gap is None else gap
    if "region" not in one.dims:
        return np.full(count, bool(one.missing.any()))
    return one.missing.any(axis=tuple(range(1, one.missing.ndim)))
