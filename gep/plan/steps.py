"""Steps (核算步骤) of a plan: a method with every input bound, its units joined to one factor, its cells known.

Which cells exist (``present``), which carry a number (``valid``: present and not na) and what is not compiled (``gap``)
follows from the inputs alone, so it is settled before anything is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, Where
from gep.io.tables import suggestion
from gep.plan.axes import axes_of
from gep.plan.binding import BoundInput, bind_coefficient, bind_data
from gep.plan.binding_context import BindingContext
from gep.plan.dims import DIMS, Axes, expand
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.standards.method import Method
from gep.standards.standard import Binding, Indicator, Standard, Step
from gep.units import UnitError, currency, factor, same_dimension

# What is measured in these grows with the place and is an amount; days, a depth or a share do not and are none.
_EXTENSIVE = (
    "CNY",
    "USD",
    "EUR",
    "t",
    "tC",
    "tCO2",
    "ha",
    "m3",
    "kWh",
    "visit",
    "person",
    "stem",
    "ion",
)


def plan_step(
    name: str,
    indicator: Indicator | None,
    step: Step,
    method: Method,
    planned: Mapping[str, PlannedStep],
    ground: BindingContext,
    standard: Standard,
) -> PlannedStep | None:
    """Bind all inputs of a step; None where a problem leaves nothing to plan."""
    where = f"{standard.path.name} {name}"
    before = len(ground.problems.errors)
    _check_arguments(step, method, where, ground.problems)
    scale = _step_factor(step, method, standard, where, ground.problems)
    if any(binding.step and binding.step not in planned for binding in step.inputs.values()):
        return None
    if len(ground.problems.errors) > before:
        return None
    axes = axes_of(step, planned, ground, where)
    if axes is None:
        return None
    inputs: dict[str, BoundInput | StepLink] = {}
    for argument, binding in step.inputs.items():
        inputs[argument] = _bind(
            binding, method.inputs[argument], step, axes, planned, ground, f"{where}.{argument}"
        )
    return _assemble(name, indicator, step, method, inputs, axes, scale, planned, ground, where)


def _check_arguments(step: Step, method: Method, where: Where, problems: ProblemLog) -> None:
    for argument in step.inputs:
        if argument not in method.inputs:
            what = f"{method.path} has no argument {argument!r}"
            problems.add("method-argument", where, what, suggestion(argument, method.inputs))
    for argument, unit in method.inputs.items():
        if argument not in step.inputs and argument not in method.optional:
            problems.add(
                "method-argument",
                where,
                f"{method.path} needs {argument!r} ({unit})",
                "bind it in inputs",
            )


def _step_factor(
    step: Step, method: Method, standard: Standard, where: Where, problems: ProblemLog
) -> float:
    try:
        scale = factor(f"m2 {method.unit}" if step.per == "area" else method.unit, step.unit)
        if step.kind == "value" and currency(step.unit) is None:
            raise UnitError(f"a value is due in money, {step.unit} is none")
        if step.kind == "value":
            factor(step.unit, standard.spec.unit)
        return scale
    except UnitError as error:
        hint = "times an area " if step.per == "area" else ""
        what = f"{method.path} gives {method.unit} {hint}and the step {step.unit}: {error}"
        problems.add("wrong-dimension", where, what, "mend unit or per")
        return 1.0


def _bind(
    binding: Binding,
    unit: str,
    step: Step,
    axes: Axes,
    planned: Mapping[str, PlannedStep],
    ground: BindingContext,
    where: Where,
) -> BoundInput | StepLink:
    if binding.step:
        return _link(binding, unit, step, axes, planned[binding.step], ground, where)
    if binding.area:
        return _bind_area(binding, unit, step, ground, where)
    bind = bind_data if binding.data else bind_coefficient
    bound = bind(binding, unit, axes, ground, where)
    if step.per == "region" and "ecosystem" in bound.dims:
        what = f"{binding} is keyed by ecosystem, {where} runs by region"
        ground.problems.add(
            "ecosystem-key", where, what, 'use per = "area" or "amount" here, or a number by region'
        )
    return bound


def _bind_area(
    binding: Binding, unit: str, step: Step, ground: BindingContext, where: Where
) -> BoundInput:
    extent = ground.extent
    within = ground.scheme.within(binding.area)
    chosen = np.array([one in within for one in extent.ecosystems], dtype=bool)
    try:
        scale = factor("m2", unit)
    except UnitError as error:
        ground.problems.add(
            "wrong-dimension",
            where,
            f"an area is bound: {error}",
            "the method's unit must be an area",
        )
        scale = 1.0
    area = np.where(extent.present & chosen, extent.area, 0.0) * scale
    grade = np.where(extent.present & chosen, extent.grade, 0)
    dims: tuple[str, ...] = ("region", "ecosystem")
    if step.per == "region":
        area, grade, dims = area.sum(axis=1), grade.max(axis=1, initial=0), ("region",)
    frame = pd.DataFrame(
        {"grade": grade.ravel(), "nominal": False, "area": True, "value": area.ravel()}
    )
    return BoundInput(
        dims,
        area,
        np.arange(area.size).reshape(area.shape),
        frame,
        np.zeros(area.shape, dtype=bool),
    )


def _link(
    binding: Binding,
    unit: str,
    step: Step,
    axes: Axes,
    source: PlannedStep,
    ground: BindingContext,
    where: Where,
) -> StepLink:
    pick = []
    dims = []
    total = step.per == "region" and "ecosystem" in source.out and "ecosystem" not in binding.at
    if total and source.step.per == "none":
        what = f"step {source.name!r} is handed on by ecosystem and never summed; this step runs by region"
        ground.problems.add(
            "ecosystem-key",
            where,
            what,
            'use per = "area" or "amount", or at = { ecosystem = "..." }',
        )
    for key in binding.at:
        if key not in source.out:
            what = f"step {source.name!r} is not keyed by {key}"
            ground.problems.add(
                "missing-member",
                where,
                what,
                f"it is keyed by {', '.join(source.out) or 'nothing'}",
            )
    for dim in source.out:
        if dim == "ecosystem" and total:
            continue
        if dim in binding.at or (
            dim not in ("region", "ecosystem") and axes.members.get(dim) != source.members[dim]
        ):
            wanted = (binding.at[dim],) if dim in binding.at else axes.members.get(dim, ())
            have = list(source.members.get(dim, ground.extent.ecosystems))
            lacking = [one for one in wanted if one not in have]
            if lacking:
                what = f"step {source.name!r} has no {dim} {', '.join(lacking)}"
                ground.problems.add(
                    "missing-member", where, what, f"it runs over: {', '.join(have)}"
                )
            pick.append(
                (
                    dim,
                    tuple(have.index(one) if one in have else 0 for one in wanted),
                    dim in binding.at,
                )
            )
        if dim not in binding.at:
            dims.append(dim)
    try:
        scale = factor(source.step.unit, unit)
    except UnitError as error:
        what = f"step {source.name} hands over {source.step.unit}: {error}"
        ground.problems.add("wrong-dimension", where, what, f"a unit like {unit} is due")
        scale = 1.0
    return StepLink(source.name, tuple(pick), total, scale, tuple(dims))


def _assemble(
    name: str,
    indicator: Indicator | None,
    step: Step,
    method: Method,
    inputs: Mapping[str, BoundInput | StepLink],
    axes: Axes,
    scale: float,
    planned: Mapping[str, PlannedStep],
    ground: BindingContext,
    where: Where,
) -> PlannedStep | None:
    seen = {dim for one in inputs.values() for dim in one.dims}
    seen |= (
        {"region", "ecosystem"}
        if step.per == "area"
        else {"region"}
        if step.per != "none"
        else set()
    )
    seen |= {key for key in step.over if key != "ecosystem"}
    if any(
        isinstance(one, BoundInput) and (one.outside is not None or one.missing.any())
        for one in inputs.values()
    ):
        seen |= {"region"}  # value transfer and gaps are told by region
    dims = tuple(dim for dim in DIMS if dim in seen)
    if step.per == "amount" and "ecosystem" in dims:
        _amounts_by_cell(step, method, inputs, planned, ground, where)
    for key in step.sum_over:
        if key not in dims and not axes.absent:
            what = f"sum_over {key}, but no input is keyed by it"
            ground.problems.add("open-key", where, what, "take it out, or add over")
            return None
    gap = np.zeros(len(ground.extent.regions), dtype=bool) if axes.lacking is None else axes.lacking
    axes = replace(axes, having={key: having | gap[:, None] for key, having in axes.having.items()})
    present = _present(inputs, axes, dims, planned)
    live = present
    for one in inputs.values():
        live = live & _live(one, dims, planned)
        gap = gap | _gap(one, dims, present, planned, len(gap))
    if gap.any() and "region" in dims:
        live = live & expand(~gap, ("region",), dims)
    axis = tuple(dims.index(key) for key in step.sum_over if key in dims)
    out = tuple(dim for dim in dims if dim not in step.sum_over)
    members = {key: axes.members[key] for key in dims if key not in ("region", "ecosystem")}
    return PlannedStep(
        name,
        indicator,
        step,
        method,
        dict(inputs),
        dims,
        out,
        members,
        scale,
        np.asarray(present.any(axis=axis)) if axis else present,
        np.asarray(live.any(axis=axis)) if axis else live,
        present,
        live,
        gap if gap.any() else None,
    )


def _amounts_by_cell(
    step: Step,
    method: Method,
    inputs: Mapping[str, BoundInput | StepLink],
    planned: Mapping[str, PlannedStep],
    ground: BindingContext,
    where: Where,
) -> None:
    """Amounts must be by ecosystem where a step runs on cells: an amount of the region would count in each of them."""
    handed = {
        name: one.dims
        for name, one in inputs.items()
        if isinstance(one, StepLink) and planned[one.source].step.per != "none"
    }
    given = [
        one.dims
        for name, one in inputs.items()
        if isinstance(one, BoundInput) and not step.inputs[name].coef
    ]
    whole = [name for name, dims in handed.items() if "ecosystem" not in dims]
    whole += [
        name
        for name in inputs
        if _is_regional_amount(step.inputs[name], method.inputs[name], method, ground)
    ]
    for name in whole:
        what = f"{step.inputs[name]} is an amount without ecosystem and meets inputs keyed by ecosystem"
        fix = 'per = "region" if it is of the region; by ecosystem if it is not; a price or rate comes as a coefficient'
        ground.problems.add("ecosystem-key", where, what, f'{fix} or from a step with per = "none"')
    if not whole and not any("ecosystem" in dims for dims in (*handed.values(), *given)):
        what = "an amount without ecosystem meets an input keyed by ecosystem"
        ground.problems.add(
            "ecosystem-key", where, what, "the amount belongs to the region: use inputs by region"
        )


def _is_regional_amount(
    binding: Binding, unit: str, method: Method, ground: BindingContext
) -> bool:
    """Whether data are an amount of the whole region: not keyed by ecosystem, and no rate by their unit."""
    if not binding.data or (
        "ecosystem" in ground.names[binding.data].keys and "ecosystem" not in binding.at
    ):
        return False
    if same_dimension(unit, "1"):
        return False
    return same_dimension(unit, method.unit) or any(
        same_dimension(unit, f"{one} a-1") for one in _EXTENSIVE
    )


def _live(
    one: BoundInput | StepLink, dims: Sequence[str], planned: Mapping[str, PlannedStep]
) -> np.ndarray:
    if isinstance(one, StepLink):
        source = planned[one.source]
        return expand(resolve_link(one, source.valid, source.out, "any"), one.dims, dims)
    return expand(~np.isnan(one.values), one.dims, dims)


def _present(
    inputs: Mapping[str, BoundInput | StepLink],
    axes: Axes,
    dims: Sequence[str],
    planned: Mapping[str, PlannedStep],
) -> np.ndarray:
    present = axes.needed(dims)
    for one in inputs.values():
        if isinstance(one, StepLink):
            source = planned[one.source]
            present = present & expand(
                resolve_link(one, source.present, source.out, "any"), one.dims, dims
            )
    return present


def _gap(
    one: BoundInput | StepLink,
    dims: Sequence[str],
    present: np.ndarray,
    planned: Mapping[str, PlannedStep],
    count: int,
) -> np.ndarray:
    """The regions where an input is not compiled."""
    if isinstance(one, StepLink):
        gap = planned[one.source].gap
        return np.zeros(count, dtype=bool) if gap is None else gap
    if not one.missing.any():
        return np.zeros(count, dtype=bool)
    missing = expand(one.missing, one.dims, dims) & present
    return np.asarray(
        missing.any(axis=tuple(axis for axis, dim in enumerate(dims) if dim != "region"))
    )
