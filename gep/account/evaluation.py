"""Evaluating a plan: for each step the method on bare arrays, times area, summed over keys, in the step's unit.

Nothing is looked up here and nothing is converted but by the one factor that the plan settled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gep.errors import ProblemLog
from gep.plan.binding import BoundInput
from gep.plan.dims import expand
from gep.plan.plan import Plan, grade_of
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link

Results = Mapping[str, np.ndarray]  # step -> values over its ``out`` dims; 0 where not valid


def evaluate(plan: Plan, *, check: bool = True) -> dict[str, np.ndarray]:
    """All steps of a plan, each over its ``out`` dims in its own unit; cells that are not valid hold 0.

    Inputs may have one more axis ahead of their dims (draws); results then have it too.

    Raises ``ProblemsFound`` where a method gives no finite number from numbers that all are; without ``check`` whoever
    sums the results must look.
    """
    results: dict[str, np.ndarray] = {}
    problems = ProblemLog()
    for one in plan.steps:
        results[one.name] = evaluate_step(plan, one, results, problems, check)
    problems.raise_errors()
    return results


def arguments(plan: Plan, one: PlannedStep, results: Results) -> dict[str, np.ndarray]:
    """The method's arguments, with the axes of the step's dims."""
    found = {}
    for name, source in one.inputs.items():
        if isinstance(source, BoundInput):
            found[name] = expand(source.values, source.dims, one.dims)
        else:
            values = resolve_link(
                source, results[source.source], plan.step(source.source).out, "sum"
            )
            found[name] = expand(
                values * source.factor if source.factor != 1 else values, source.dims, one.dims
            )
    return found


def evaluate_step(
    plan: Plan, one: PlannedStep, results: Results, problems: ProblemLog, check: bool = True
) -> np.ndarray:
    """One step: spread, method, sum over keys, convert."""
    with np.errstate(all="ignore"):
        values = _call(one, arguments(plan, one, results), problems)
        own = one.step.per == "area" or one.factor != 1  # else they may be an input's
        if one.step.per == "area":
            area = expand(plan.extent.area, ("region", "ecosystem"), one.dims)
            values = values * area
            if one.factor != 1:
                values *= one.factor
        elif one.factor != 1:
            values = values * one.factor
    if not one.all_live:
        values = values if own else values.copy(order="K")
        values[..., ~one.live] = 0.0
    axis = summed_axes(one)
    values = values.sum(axis=axis) if axis else values
    if check and not np.isfinite(values.sum()):
        _not_finite(plan, one, values, problems)
    return values


def summed_axes(one: PlannedStep) -> tuple[int, ...]:
    """The axes of a step's dims that are summed after its method, counted from the end."""
    return tuple(
        one.dims.index(key) - len(one.dims) for key in one.step.sum_over if key in one.dims
    )


def _call(one: PlannedStep, given: Mapping[str, np.ndarray], problems: ProblemLog) -> np.ndarray:
    """The method's result over the step's dims; a project's own code that fails is a problem of the project."""
    try:
        values = np.asarray(one.method.function(**given), dtype=float)
        return np.broadcast_to(values, np.broadcast_shapes(values.shape, one.live.shape))
    except Exception as error:
        if one.method.file is None:
            raise
        what = f"{one.method.path} fails: {type(error).__name__}: {error}"
        problems.add(
            "method-failed", one.name, what, "mend the method: elementwise on arrays, no reduction"
        )
        return np.zeros(one.live.shape)


def _not_finite(plan: Plan, one: PlannedStep, values: np.ndarray, problems: ProblemLog) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    where = ""
    if "region" in one.out:
        axis = one.out.index("region") - len(one.out)
        regions = plan.extent.regions[np.unique(np.argwhere(bad)[:, axis])]
        where = f" in {', '.join(map(str, regions[:5]))}"
    what = f"{one.method.path} gives no finite number{where}"
    fix = "look at the inputs with gep plan: a zero that is divided by, or a logarithm of 0"
    problems.add("not-finite-result", one.name, what, fix)


@dataclass(frozen=True)
class EvidenceMarks:
    """What lies behind a step's cells: worst grade, value transfer, nominal prices; over the step's ``out`` dims."""

    grade: np.ndarray
    transfer: np.ndarray
    nominal: np.ndarray


def evidence_marks(plan: Plan) -> dict[str, EvidenceMarks]:
    """The marks of all steps; a cell has the worst grade among all rows behind it."""
    found: dict[str, EvidenceMarks] = {}
    for one in plan.steps:
        shape = one.live.shape
        grade = np.full(shape, grade_of(plan), dtype=np.uint8)
        transfer, nominal = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        if one.step.per == "area":
            grade = np.maximum(grade, expand(plan.extent.grade, ("region", "ecosystem"), one.dims))
        for source in one.inputs.values():
            worse, moved, flat = _input_marks(plan, source, one, found)
            grade, transfer, nominal = np.maximum(grade, worse), transfer | moved, nominal | flat
        grade = np.where(one.live, grade, 0)
        axis = summed_axes(one)
        if axis:
            grade = grade.max(axis=axis)
            transfer, nominal = (
                np.asarray(transfer.any(axis=axis)),
                np.asarray(nominal.any(axis=axis)),
            )
        found[one.name] = EvidenceMarks(grade, transfer, nominal)
    return found


def _input_marks(
    plan: Plan, source: BoundInput | StepLink, one: PlannedStep, found: Mapping[str, EvidenceMarks]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if isinstance(source, StepLink):
        behind, out = found[source.source], plan.step(source.source).out

        def handed(mark: np.ndarray, how: str) -> np.ndarray:
            return expand(resolve_link(source, mark, out, how), source.dims, one.dims)

        return (
            handed(behind.grade, "max"),
            handed(behind.transfer, "any"),
            handed(behind.nominal, "any"),
        )
    grade = expand(source.mark("grade"), source.dims, one.dims)
    nominal = expand(source.mark("nominal").astype(bool), source.dims, one.dims)
    transfer = np.zeros((), dtype=bool)  # no dims: it must not add one to a step that has none
    if source.outside is not None and "region" in one.dims:
        dims = source.dims if "region" in source.dims else ("region", *source.dims)
        transfer = expand(source.outside, dims, one.dims)
    return grade, transfer, nominal
