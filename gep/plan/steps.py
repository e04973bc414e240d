"""Planning a step (核算步骤): every input bound, units joined to one factor, cells settled.

Which cells exist (``present``), which of them have a number (``valid``) and which regions are not
compiled (``gap``) follows from the inputs alone, so it is settled here, before anything is
computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.extent import CELL_DIMS
from gep.io.tables import suggestion
from gep.plan.axes import find_axes
from gep.plan.binding import BoundInput, bind_coefficient, bind_data
from gep.plan.binding_context import ActiveStep, BindingContext, StepInput
from gep.plan.dims import DIMS, Axes, expand
from gep.plan.planned_step import PlannedStep, Selection, StepLink, resolve_link
from gep.standards.method import Method
from gep.standards.standard import Step, is_extensive
from gep.texts.catalogue import Label, text
from gep.units import UnitError, currency, factor, same_dimension

Bound = BoundInput | StepLink


def plan_step(
    active: ActiveStep,
    method: Method,
    planned: Mapping[str, PlannedStep],
    context: BindingContext,
) -> PlannedStep | None:
    """Bind all inputs of a step and settle its cells.

    Parameters
    ----------
    active : ActiveStep
        The step.
    method : Method
        Its method.
    planned : mapping of str to PlannedStep
        Steps that are planned already, by name.
    context : BindingContext
        What inputs are bound to. Its problems receive ``method-argument``, ``wrong-dimension``,
        ``ecosystem-key``, ``missing-member``, ``open-key`` and the problems of ``gep.plan.axes``
        and ``gep.plan.binding``.

    Returns
    -------
    PlannedStep or None
        None if a problem leaves nothing to plan, or if a step whose result it takes was not
        planned.
    """
    step = active.step
    errors_before = len(context.problems.errors)
    _check_arguments(active, method, context.problems)
    scale = _result_factor(active, method, context)
    for binding in step.inputs.values():
        if binding.step and binding.step not in planned:
            return None
    if len(context.problems.errors) > errors_before:
        return None
    sources: dict[str, StepInput] = {}
    for argument in step.inputs:
        sources[argument] = context.step_input(active, argument, method.inputs[argument])
    axes = find_axes(active, sources, planned, context)
    if axes is None:
        return None
    inputs: dict[str, Bound] = {}
    for argument, source in sources.items():
        if source.binding.step:
            taken = planned[source.binding.step]
            inputs[argument] = _link_step(source, step, taken, axes=axes, context=context)
        elif source.binding.area:
            inputs[argument] = _bind_area(source, step, context)
        else:
            inputs[argument] = _bind_rows(source, step, axes, context)
    dims = _method_dims(step, inputs)
    if step.per == "amount" and "ecosystem" in dims:
        _check_amounts(active, method, inputs, planned, context)
    for key in step.sum_over:
        if key not in dims and not axes.members_unknown:
            context.problems.add("open-key", active.place, "plan.sum-over-unused", key_name=key)
            return None
    return _settle_cells(
        active,
        method,
        inputs,
        dims=dims,
        axes=axes,
        scale=scale,
        planned=planned,
    )


def _check_arguments(active: ActiveStep, method: Method, problems: ProblemLog) -> None:
    """Check that the step binds the arguments of its method (``method-argument``)."""
    for argument in active.step.inputs:
        if argument not in method.inputs:
            problems.add(
                "method-argument",
                active.place,
                "plan.unknown-argument",
                method=method.path,
                argument=argument,
                advice=suggestion(argument, method.inputs),
            )
    for argument, unit in method.inputs.items():
        if argument not in active.step.inputs and argument not in method.optional:
            problems.add(
                "method-argument",
                active.place,
                "plan.unbound-argument",
                method=method.path,
                argument=argument,
                unit=unit,
            )


def _result_factor(active: ActiveStep, method: Method, context: BindingContext) -> float:
    """Return the factor from the method's unit (times m2 if per area) to the step's unit.

    Adds ``wrong-dimension`` and returns 1 if there is none, or if a value is not in money.
    """
    step = active.step
    standard_unit = context.standard.spec.unit
    if step.per == "area":
        method_unit = f"m2 {method.unit}"
        message = "plan.density-of-wrong-unit"
    else:
        method_unit = method.unit
        message = "plan.result-of-wrong-unit"
    try:
        scale = factor(method_unit, step.unit)
        is_money = currency(step.unit) is not None
    except UnitError:
        context.problems.add(
            "wrong-dimension",
            active.place,
            message,
            method=method.path,
            unit=method.unit,
            expected=step.unit,
        )
        return 1.0
    if step.kind != "value":
        return scale
    if not is_money:
        context.problems.add(
            "wrong-dimension",
            active.place,
            "plan.value-without-money",
            unit=step.unit,
            expected=standard_unit,
        )
        return 1.0
    try:
        factor(step.unit, standard_unit)
    except UnitError:
        context.problems.add(
            "wrong-dimension",
            active.place,
            "plan.value-of-wrong-unit",
            unit=step.unit,
            expected=standard_unit,
        )
        return 1.0
    return scale


def _bind_rows(source: StepInput, step: Step, axes: Axes, context: BindingContext) -> BoundInput:
    """Bind an input to data or coefficient rows; adds ``ecosystem-key`` for types by region."""
    if source.binding.data:
        bound = bind_data(source, axes, context)
    else:
        bound = bind_coefficient(source, axes, context)
    if step.per == "region" and "ecosystem" in bound.dims:
        context.problems.add(
            "ecosystem-key",
            source.place,
            "plan.types-in-step-by-region",
            name=source.name,
            step=source.step,
        )
    return bound


def _bind_area(source: StepInput, step: Step, context: BindingContext) -> BoundInput:
    """Bind an input to the areas of listed classes, by cell; summed if the step is by region."""
    extent = context.extent
    within = context.scheme.within(source.binding.area)
    try:
        scale = factor("m2", source.unit)
    except UnitError:
        context.problems.add(
            "wrong-dimension",
            source.place,
            "plan.area-of-wrong-unit",
            argument=source.argument,
            unit=source.unit,
        )
        scale = 1.0
    area = extent.area_of(within) * scale
    grade = np.where(extent.present & extent.mask_of(within), extent.grade, 0)
    dims: tuple[str, ...] = CELL_DIMS
    if step.per == "region":
        dims = ("region",)
        area = area.sum(axis=1)
        grade = grade.max(axis=1, initial=0)
    frame = pd.DataFrame(
        {
            "grade": grade.ravel(),
            "nominal": False,
            "typical": False,
            "area": True,
            "value": area.ravel(),
        }
    )
    return BoundInput(
        dims=dims,
        values=area,
        rows=np.arange(area.size).reshape(area.shape),
        frame=frame,
        missing=np.zeros(area.shape, dtype=bool),
    )


def _link_step(
    source: StepInput, step: Step, taken: PlannedStep, *, axes: Axes, context: BindingContext
) -> StepLink:
    """Link an input to the result of another step: select its members, and convert its unit.

    Adds ``ecosystem-key``, ``missing-member`` and ``wrong-dimension``.
    """
    fixed: Mapping[str, str] = dict(source.binding.at.items())
    total = step.per == "region" and "ecosystem" in taken.out and "ecosystem" not in fixed
    if total and taken.per == "none":
        context.problems.add(
            "ecosystem-key", source.place, "plan.unsummed-step-by-region", source=taken.label
        )
    for key in fixed:
        if key not in taken.out:
            context.problems.add(
                "missing-member",
                source.place,
                "plan.step-without-key",
                source=taken.label,
                key_name=key,
                dims=taken.out or text("plan.no-key"),
            )
    selections: list[Selection] = []
    dims: list[str] = []
    for dim in taken.out:
        if dim == "ecosystem" and total:
            continue
        own_members = axes.members.get(dim)
        if dim in fixed:
            selections.append(_select(source, taken, dim, wanted=(fixed[dim],), context=context))
            continue
        dims.append(dim)
        if dim not in CELL_DIMS and own_members != taken.members[dim]:
            selections.append(
                _select(source, taken, dim, wanted=own_members or (), context=context)
            )
    try:
        scale = factor(taken.unit, source.unit)
    except UnitError:
        context.problems.add(
            "wrong-dimension",
            source.place,
            "plan.step-of-wrong-unit",
            source=taken.label,
            unit=taken.unit,
            argument=source.argument,
            expected=source.unit,
        )
        scale = 1.0
    return StepLink(
        source=taken.name, pick=tuple(selections), total=total, factor=scale, dims=tuple(dims)
    )


def _select(
    source: StepInput,
    taken: PlannedStep,
    dim: str,
    *,
    wanted: Sequence[str],
    context: BindingContext,
) -> Selection:
    """Select members of a step's result; others are ``missing-member``."""
    names = list(taken.members.get(dim, context.extent.ecosystems))
    absent = [name for name in wanted if name not in names]
    if absent:
        context.problems.add(
            "missing-member",
            source.place,
            "plan.step-without-member",
            source=taken.label,
            key_name=text(f"plan.key.{dim}"),
            members=context.member_labels(dim, absent),
            names=context.member_labels(dim, names),
        )
    positions = [names.index(name) if name in names else 0 for name in wanted]
    return Selection(dim, tuple(positions), drop_dim=dim in source.binding.at)


def _method_dims(step: Step, inputs: Mapping[str, Bound]) -> tuple[str, ...]:
    """Return the dimensions of the method's result: of all inputs, of ``per``, and of ``over``."""
    dims: set[str] = set()
    for bound in inputs.values():
        dims.update(bound.dims)
    if step.per == "area":
        dims.update(CELL_DIMS)
    elif step.per != "none":
        dims.add("region")
    dims.update(key for key in step.over if key != "ecosystem")
    for bound in inputs.values():
        if isinstance(bound, StepLink):
            continue
        # value transfer and gaps are reported by region
        if bound.outside is not None or bound.missing.any():
            dims.add("region")
    return tuple(dim for dim in DIMS if dim in dims)


def _settle_cells(
    active: ActiveStep,
    method: Method,
    inputs: Mapping[str, Bound],
    *,
    dims: tuple[str, ...],
    axes: Axes,
    scale: float,
    planned: Mapping[str, PlannedStep],
) -> PlannedStep:
    """Settle which cells of a step exist, which count, and which regions are not compiled."""
    gap = axes.unsupplied
    # what a region without rows would have is not known: all members count as present there
    supplied = {key: present | gap[:, None] for key, present in axes.supplied.items()}
    axes = replace(axes, supplied=supplied)
    existing = axes.needed(dims)
    for bound in inputs.values():
        if isinstance(bound, StepLink):
            taken = planned[bound.source]
            linked = resolve_link(bound, taken.present, taken.out, "any")
            existing = existing & expand(linked, bound.dims, dims)
    live = existing
    for bound in inputs.values():
        live = live & _cells_with_number(bound, dims, planned)
        gap = gap | _regions_without_number(bound, dims, existing, planned)
    if gap.any() and "region" in dims:
        live = live & expand(~gap, ("region",), dims)
    present = existing
    valid = live
    summed = tuple(dims.index(key) for key in active.step.sum_over if key in dims)
    if summed:
        present = np.asarray(existing.any(axis=summed))
        valid = np.asarray(live.any(axis=summed))
    return PlannedStep(
        name=active.name,
        indicator=active.indicator,
        step=active.step,
        method=method,
        inputs=dict(inputs),
        dims=dims,
        out=tuple(dim for dim in dims if dim not in active.step.sum_over),
        members={key: axes.members[key] for key in dims if key not in CELL_DIMS},
        factor=scale,
        present=present,
        valid=valid,
        required=existing,
        live=live,
        gap=gap if gap.any() else None,
    )


def _cells_with_number(
    bound: Bound, dims: Sequence[str], planned: Mapping[str, PlannedStep]
) -> np.ndarray:
    """Find the cells for which an input has a number, over ``dims``."""
    if isinstance(bound, StepLink):
        taken = planned[bound.source]
        linked = resolve_link(bound, taken.valid, taken.out, "any")
        return expand(linked, bound.dims, dims)
    return expand(~np.isnan(bound.values), bound.dims, dims)


def _regions_without_number(
    bound: Bound,
    dims: Sequence[str],
    existing: np.ndarray,
    planned: Mapping[str, PlannedStep],
) -> np.ndarray:
    """Find the regions that an input leaves without a number; of length 1 if there are none."""
    no_region = np.zeros(1, dtype=bool)
    if isinstance(bound, StepLink):
        taken_gap = planned[bound.source].gap
        return no_region if taken_gap is None else taken_gap
    if not bound.missing.any():
        return no_region
    missing = expand(bound.missing, bound.dims, dims) & existing
    other_axes = tuple(axis for axis, dim in enumerate(dims) if dim != "region")
    return np.asarray(missing.any(axis=other_axes))


def _check_amounts(
    active: ActiveStep,
    method: Method,
    inputs: Mapping[str, Bound],
    planned: Mapping[str, PlannedStep],
    context: BindingContext,
) -> None:
    """Check that amounts are by ecosystem type in a step that runs on cells.

    An amount of the whole region would be counted again in each type. Adds ``ecosystem-key``.
    """
    regional: dict[str, Label] = {}  # arguments that are amounts of the whole region
    has_amount_by_type = False
    for argument, bound in inputs.items():
        binding = active.step.inputs[argument]
        by_type = "ecosystem" in bound.dims
        if isinstance(bound, StepLink):
            if planned[bound.source].per == "none":
                continue
            has_amount_by_type = has_amount_by_type or by_type
            if not by_type:
                regional[argument] = planned[bound.source].label
            continue
        if not binding.coef:
            has_amount_by_type = has_amount_by_type or by_type
        if _is_regional_amount(active, argument, method, context):
            regional[argument] = context.data_label(binding.data)
    for argument, name in regional.items():
        context.problems.add(
            "ecosystem-key",
            active.place,
            "plan.regional-amount-among-types",
            argument=argument,
            name=name,
        )
    if not regional and not has_amount_by_type:
        context.problems.add("ecosystem-key", active.place, "plan.no-amount-by-type")


def _is_regional_amount(
    active: ActiveStep, argument: str, method: Method, context: BindingContext
) -> bool:
    """Return whether data are an amount of the whole region: without types, and no rate by unit."""
    binding = active.step.inputs[argument]
    if not binding.data:
        return False
    keys = context.standard.spec.data[binding.data].keys
    if "ecosystem" in keys and "ecosystem" not in binding.at:
        return False
    unit = method.inputs[argument]
    if same_dimension(unit, "1"):
        return False
    if same_dimension(unit, method.unit):
        return True
    return is_extensive(unit)
