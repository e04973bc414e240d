"""Evaluation of a plan (核算): each step's method on bare arrays, collected, in the step's unit.

Nothing is looked up here, and nothing is converted except by the one factor that the plan has
settled. Grade, value transfer and nominal prices take the same way as the numbers. An evaluated
plan adds what follows from the results alone: columns, sums by category, shares of the value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gep.account.caption import EvidenceShares
from gep.account.columns import (
    ParentRegions,
    ResultColumns,
    columns_of,
    parents,
    with_parents,
)
from gep.account.lines import unknown_region
from gep.account.result_tables import Summary, summary_of
from gep.errors import ProblemLog
from gep.extent.regions import region_label
from gep.inputs.value_rows import GRADES
from gep.plan.binding import BoundInput
from gep.plan.dims import expand
from gep.plan.plan import Plan, grade_of
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.texts.catalogue import Label
from gep.units import factor

Results = Mapping[str, np.ndarray]  # step -> values over its ``out`` dims; 0 where not valid


def evaluate(plan: Plan, *, check: bool = True) -> dict[str, np.ndarray]:
    """Evaluate all steps of a plan.

    Parameters
    ----------
    plan : Plan
        A checked plan. Its inputs may have one more axis (draws) before their dims; results then
        have it too.
    check : bool, default True
        Whether to check that all results are finite. Without it the caller has to check the sums.

    Returns
    -------
    dict of str to ndarray
        For each step, by its full name, the values over its ``out`` dims in its own unit. Cells
        that are not valid (``na``, or not present) are 0.

    Raises
    ------
    ProblemsFound
        ``not-finite-result`` if a method makes a number that is not finite from finite inputs;
        ``method-failed`` if a project's own method raises an exception.
    """
    results: dict[str, np.ndarray] = {}
    problems = ProblemLog()
    for step in plan.steps:
        results[step.name] = evaluate_step(plan, step, results, problems, check=check)
    problems.raise_errors()
    return results


def arguments(plan: Plan, step: PlannedStep, results: Results) -> dict[str, np.ndarray]:
    """Collect the arguments of a step's method.

    Parameters
    ----------
    plan, step
        The plan and one of its steps.
    results : mapping of str to ndarray
        Results of the steps evaluated before, by name: inputs may be results of other steps.

    Returns
    -------
    dict of str to ndarray
        Arrays in the method's units, over ``step.dims``; length 1 along dims where an input does
        not vary.
    """
    values_of_inputs: dict[str, np.ndarray] = {}
    for name, source in step.inputs.items():
        if isinstance(source, BoundInput):
            values = source.values
        else:
            source_dims = plan.step(source.source).out
            values = resolve_link(source, results[source.source], source_dims, "sum")
            if source.factor != 1:
                values = values * source.factor
        values_of_inputs[name] = plan.extent.spread(values, source.dims, step.dims)
    return values_of_inputs


def evaluate_step(
    plan: Plan, step: PlannedStep, results: Results, problems: ProblemLog, *, check: bool = True
) -> np.ndarray:
    """Evaluate one step: call its method, multiply by area, convert the unit, and sum over keys.

    Parameters
    ----------
    plan, step
        The plan and one of its steps, whose inputs are already bound.
    results : mapping of str to ndarray
        Results of the steps evaluated before, by name.
    problems : ProblemLog
        Receives ``method-failed`` and ``not-finite-result``.
    check : bool, default True
        Whether to check that the result is finite.

    Returns
    -------
    ndarray
        Values over ``step.out``, preceded by an axis of draws if an input has one, in the step's
        unit. Cells that do not count (``na``, or not present) are 0.
    """
    with np.errstate(all="ignore"):  # results that are not finite are reported below
        values = _call_method(step, arguments(plan, step, results), problems)
        is_new = False  # the method may have returned an input's array, which must not be changed
        if step.step.per == "area":
            values = plan.extent.collect(values, step.dims)
            is_new = True
        if step.factor != 1:
            values = np.multiply(values, step.factor, out=values if is_new else None)
            is_new = True
    if not step.all_live:
        if not is_new:
            values = values.copy(order="K")  # sums of draws depend on the memory order
        values[..., ~step.live] = 0.0
    summed = summed_axes(step)
    if summed:
        values = values.sum(axis=summed)
    if check and not np.isfinite(values.sum()):
        _report_not_finite(plan, step, values, problems)
    return values


def summed_axes(step: PlannedStep) -> tuple[int, ...]:
    """Return the axes of a step's dims that are summed after its method, counted from the end.

    Parameters
    ----------
    step : PlannedStep

    Returns
    -------
    tuple of int
        Axes of the dims in its ``sum_over``, such as -1 for the last.
    """
    axes = []
    for key in step.step.sum_over:
        if key in step.dims:
            axes.append(step.dims.index(key) - len(step.dims))
    return tuple(axes)


def _call_method(
    step: PlannedStep, inputs: Mapping[str, np.ndarray], problems: ProblemLog
) -> np.ndarray:
    """Call a step's method over the step's dims; a failure of own code is the project's problem."""
    try:
        values = np.asarray(step.method.function(**inputs), dtype=float)
        return np.broadcast_to(values, np.broadcast_shapes(values.shape, step.live.shape))
    except Exception as error:
        if step.method.file is None:
            raise
        problems.add(
            "method-failed",
            step.name,
            "account.method-failed",
            method=step.method.path,
            step=Label(step.name, step.step.name),
            error=f"{type(error).__name__}: {error}",
        )
        return np.zeros(step.live.shape)


def _report_not_finite(
    plan: Plan, step: PlannedStep, values: np.ndarray, problems: ProblemLog
) -> None:
    """Add a problem for a result with numbers that are not finite, and name their regions."""
    wrong = ~np.isfinite(values)
    if not wrong.any():  # the numbers are finite and their sum alone overflows
        return
    step_label = Label(step.name, step.step.name)
    method = step.method.path
    if "region" not in step.out:
        message = "account.not-finite-result"
        problems.add("not-finite-result", step.name, message, method=method, step=step_label)
        return
    axis = step.out.index("region") - len(step.out)
    codes = plan.extent.regions[np.unique(np.argwhere(wrong)[:, axis])]
    problems.add(
        "not-finite-result",
        step.name,
        "account.not-finite-result-in-regions",
        method=method,
        step=step_label,
        regions=[region_label(str(code), plan.regions) for code in codes],
    )


@dataclass(frozen=True)
class EvidenceMarks:
    """The evidence behind the cells of a step or of an input.

    Attributes
    ----------
    grade : ndarray of uint8
        Position in ``GRADES`` (``gep.inputs.value_rows``) of the worst grade behind the cell.
    transfer : ndarray of bool
        Whether a number behind the cell is used outside the scope of its coefficient set.
    nominal : ndarray of bool
        Whether a price behind the cell has no price year.
    """

    grade: np.ndarray
    transfer: np.ndarray
    nominal: np.ndarray


def evidence_marks(plan: Plan) -> dict[str, EvidenceMarks]:
    """Collect the evidence behind every cell of every step.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to EvidenceMarks
        By the full name of the step, over its ``out`` dims. A cell has the worst grade among all
        that is behind it: the standard's text, areas, crosswalk and inputs, through all steps that
        it needs.
    """
    marks: dict[str, EvidenceMarks] = {}
    for step in plan.steps:
        marks[step.name] = _step_marks(plan, step, marks)
    return marks


def _step_marks(
    plan: Plan, step: PlannedStep, previous: Mapping[str, EvidenceMarks]
) -> EvidenceMarks:
    """Collect the marks of one step from those of its inputs and of the previous steps."""
    shape = step.live.shape
    grade = np.full(shape, grade_of(plan), dtype=np.uint8)
    transfer = np.zeros(shape, dtype=bool)
    nominal = np.zeros(shape, dtype=bool)
    if step.step.per == "area":
        area_grade = expand(
            plan.extent.grade,
            ("region", "ecosystem"),
            step.dims,
        )
        grade = np.maximum(grade, area_grade)
    for source in step.inputs.values():
        if isinstance(source, StepLink):
            marks = _link_marks(
                source,
                plan.step(source.source).out,
                step,
                previous[source.source],
            )
        else:
            marks = _input_marks(source, step)
        grade = np.maximum(grade, marks.grade)
        transfer = transfer | marks.transfer
        nominal = nominal | marks.nominal
    grade = np.where(step.live, grade, 0)
    summed = summed_axes(step)
    if summed:
        grade = grade.max(axis=summed)
        transfer = np.asarray(transfer.any(axis=summed))
        nominal = np.asarray(nominal.any(axis=summed))
    return EvidenceMarks(grade, transfer, nominal)


def _link_marks(
    link: StepLink, source_dims: tuple[str, ...], step: PlannedStep, source: EvidenceMarks
) -> EvidenceMarks:
    """Bring the marks of another step's result to the dims of the step that uses it."""
    grade = resolve_link(link, source.grade, source_dims, "max")
    transfer = resolve_link(link, source.transfer, source_dims, "any")
    nominal = resolve_link(link, source.nominal, source_dims, "any")
    return EvidenceMarks(
        grade=expand(grade, link.dims, step.dims),
        transfer=expand(transfer, link.dims, step.dims),
        nominal=expand(nominal, link.dims, step.dims),
    )


def _input_marks(source: BoundInput, step: PlannedStep) -> EvidenceMarks:
    """Read the marks of the rows behind an input, over the dims of the step that uses it."""
    grade = source.mark("grade")
    nominal = source.mark("nominal").astype(bool)
    transfer = np.zeros((), dtype=bool)  # no dims: it must not add one to a step that has none
    if source.outside is not None and "region" in step.dims:
        dims = source.dims
        if "region" not in dims:
            dims = ("region", *dims)
        transfer = expand(source.outside, dims, step.dims)
    return EvidenceMarks(
        grade=expand(grade, source.dims, step.dims),
        transfer=transfer,
        nominal=expand(nominal, source.dims, step.dims),
    )


@dataclass(frozen=True)
class EvaluatedPlan:
    """A plan and the results of its steps: one standard, one year, many regions.

    Attributes
    ----------
    plan : Plan
        The plan that was evaluated.
    results : mapping of str to ndarray
        For each step, by its full name, the values over its ``out`` dims in its own unit; cells
        that are not valid are 0.
    """

    plan: Plan
    results: Mapping[str, np.ndarray]

    @property
    def year(self) -> int:
        """The account's year."""
        return self.plan.year

    @cached_property
    def parents(self) -> ParentRegions:
        """The parents of the account's regions."""
        return parents(self.plan)

    @cached_property
    def block(self) -> ResultColumns:
        """The results as a matrix: regions and parents x steps and items."""
        regions = columns_of(self.plan, self.results, by_ecosystem=False)
        return with_parents(regions, self.parents)

    @cached_property
    def sums(self) -> Summary:
        """The sums of value by category and total, for regions and parents."""
        return summary_of(self.plan, self.block, self.parents)

    @cached_property
    def marks(self) -> Mapping[str, EvidenceMarks]:
        """The grade, value transfer and nominal prices behind every cell, by step."""
        return evidence_marks(self.plan)

    def shares(self) -> EvidenceShares:
        """Return what the account's value rests on.

        Returns
        -------
        EvidenceShares
            Shares by worst grade, of value transfer, and of prices without a year. They are shares
            of the sum of absolute values of the headline's value steps; 0 if that sum is 0. Where
            the headline values nothing, they are shares of the number of its quantities.
        """
        return self._shares

    @cached_property
    def _shares(self) -> EvidenceShares:
        """The shares, computed once."""
        spec = self.plan.standard.spec
        headline = spec.total[0].indicators
        by_grade = np.zeros(len(GRADES))
        transfer = 0.0
        nominal = 0.0
        total = 0.0
        in_headline = []
        for step in self.plan.steps:
            if step.indicator is not None and step.indicator.id in headline:
                in_headline.append(step)
        value_steps = [step for step in in_headline if step.step.kind == "value"]
        quantity_steps = [step for step in in_headline if step.step.kind == "quantity"]
        for step in value_steps or quantity_steps:
            if value_steps:
                size = np.abs(self.results[step.name]) * factor(step.step.unit, spec.unit)
            else:
                size = step.valid.astype(float)
            marks = self.marks[step.name]
            grades = marks.grade.ravel()
            by_grade += np.bincount(
                grades,
                weights=size.ravel(),
                minlength=len(GRADES),
            )
            transfer += float((size * marks.transfer).sum())
            nominal += float((size * marks.nominal).sum())
            total += float(size.sum())
        total = total or 1.0  # all shares are 0 then
        grade_shares = (by_grade / total).tolist()
        return {
            "grade": dict(zip(GRADES, grade_shares, strict=True)),
            "transfer": transfer / total,
            "nominal": nominal / total,
        }

    def region_row(self, region: str, place: str = "region") -> int:
        """Find the row of a region or parent in ``block`` and ``sums``.

        Parameters
        ----------
        region : str
            Code of a region or parent.
        place : str, default 'region'
            Where the code was written, for the problem.

        Returns
        -------
        int

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have it.
        """
        rows = np.flatnonzero(self.sums.codes == region)
        if not len(rows):
            raise unknown_region(self.plan, region, place)
        return int(rows[0])

    def region_positions(self, region: str, place: str = "region") -> np.ndarray:
        """Find which of the plan's regions a region or parent consists of.

        Parameters
        ----------
        region : str
            Code of a region or parent.
        place : str, default 'region'
            Where the code was written, for the problem.

        Returns
        -------
        ndarray of int
            Positions in ``plan.extent.regions``.

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have it.
        """
        row = self.region_row(region, place)
        count = len(self.plan.extent.regions)
        if row < count:
            return np.array([row])
        return self.parents.members[row - count]
