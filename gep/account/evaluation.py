"""Evaluation of a plan (核算): each step's method on bare arrays, collected, in the step's unit.

Nothing is looked up here, and nothing is converted except by the one factor that the plan has
settled. Grade, value transfer and nominal prices take the same way as the numbers. An evaluated
plan adds what follows from the results alone: columns, sums by category, shares of the value.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.caption import EvidenceShares
from gep.account.columns import (
    ParentRegions,
    ResultColumns,
    columns_of,
    parents,
    with_parents,
)
from gep.account.lines import TOTAL, region_named
from gep.account.pixel_draws import drawn_density, with_cell_densities
from gep.account.pixel_evaluation import settle
from gep.account.result_tables import Summary, summary_of
from gep.errors import Problem, ProblemLog, ProblemsFound, Where
from gep.extent.blocks import ProgressShare
from gep.extent.extent import ALL_REGIONS, CELL_DIMS
from gep.extent.regions import region_label
from gep.inputs.value_rows import GRADES
from gep.io.catalog import shipped_folder
from gep.io.csv_excel import printable, row_place
from gep.plan.binding import BoundInput
from gep.plan.dims import expand
from gep.plan.plan import Plan, grade_of
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.standards.method import keeping_function
from gep.texts.catalogue import Label, Listed, Text, text
from gep.units import factor, same_dimension

_REPORT_SHOWN = 200  # characters of what own code reports
_BLOCK_CELLS = 1 << 15  # of an array inside a step: a few of them fit into the CPU cache
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
        ``method-failed`` if a project's own method raises an exception; ``deficit-refused`` if a
        result is below 0 where its step refuses that. The last is checked only with ``check``.
    """
    plan = settled(plan)
    results: dict[str, np.ndarray] = {}
    problems = ProblemLog()
    for step in plan.steps:
        results[step.name] = evaluate_step(
            plan,
            step,
            results,
            problems,
            check=check,
        )
        if check and step.step.negative == "refuse":
            _refuse_deficits(plan, step, results[step.name], problems)
    problems.raise_errors()
    return results


def settled(plan: Plan, progress: ProgressShare | None = None) -> Plan:
    """Return the plan with the densities of the steps that are evaluated at pixels.

    Parameters
    ----------
    plan : Plan
        Of any tier; a plan on tables, and one that is settled, is returned as it is.
    progress : callable, optional
        Is called with the share of the rasters that is done.

    Returns
    -------
    Plan

    Raises
    ------
    ProblemsFound
        See ``gep.account.pixel_evaluation.settle``.
    """
    if plan.raster is None or plan.raster.is_settled:
        return plan
    problems = ProblemLog()

    def evaluate_cells(plan: Plan, step: PlannedStep, results: Results) -> np.ndarray:
        return evaluate_step(plan, step, results, problems)

    return settle(plan, evaluate_cells, progress)


def with_densities(plan: Plan, names: Collection[str]) -> Plan:
    """Return the plan whose steps hold what their methods give on cells as their density.

    A comparison sets such a step beside that of a year in which it was evaluated at pixels.

    Parameters
    ----------
    plan : Plan
    names : collection of str
        Full names of steps; those that hold a density keep it.

    Returns
    -------
    Plan
    """
    if all(plan.step(name).density is not None for name in names):
        return plan
    plan = settled(plan)
    results = evaluate(plan)
    steps = []
    for step in plan.steps:
        if step.name in names and step.density is None:
            inputs = arguments(plan, step, results)
            with np.errstate(all="ignore"):
                values = _call_method(step, inputs, step.live.shape)
            step = replace(step, density=np.where(step.live, values, 0.0))
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def prepared_for_draws(plan: Plan, probes: Plan) -> Plan:
    """Return the plan whose steps at pixels tell how their densities follow from coefficients.

    Parameters
    ----------
    plan : Plan
        Settled; a plan on tables is returned as it is.
    probes : Plan
        The same with an axis of draws, among which are the least and the largest numbers.

    Returns
    -------
    Plan
        Any plan that is drawn can do without, but reads its rasters for each chunk of draws then.
    """
    if plan.raster is None:
        return plan
    problems = ProblemLog()  # no draw of the account: what is wrong at one is told when it is made

    def evaluate_cells(plan: Plan, step: PlannedStep, results: Results) -> np.ndarray:
        return evaluate_step(
            plan,
            step,
            results,
            problems,
            check=False,
        )

    return with_cell_densities(plan, probes, evaluate_cells)


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
    inputs = arguments(plan, step, results)
    try:
        if step.density is not None:
            step = _at_draws(plan, step, results)
        with np.errstate(all="ignore"):  # results that are not finite are reported below
            values, is_finite = _evaluate_blocks(plan, step, inputs, check=check)
    except _MethodFailedError as failure:
        problems.add(
            "method-failed",
            step.name,
            "account.method-failed",
            method=step.method.path,
            step=Label(step.name, step.step.name),
            error=printable(str(failure), _REPORT_SHOWN),
        )
        return np.zeros(step.present.shape)
    if check and not is_finite:
        _report_not_finite(plan, step, values, problems)
    return values


class _MethodFailedError(Exception):
    """A project's own method raised an exception; the text is that of the exception."""


def _at_draws(plan: Plan, step: PlannedStep, results: Results) -> PlannedStep:
    """Return a step at pixels with its density at each draw, if a draw changes it."""
    try:
        density = drawn_density(plan, step, results)
    except ProblemsFound:
        raise
    except (Exception, SystemExit) as error:
        if step.method.own is None:
            raise
        raise _MethodFailedError(f"{type(error).__name__}: {error}") from error
    return step if density is None else replace(step, density=density)


def _evaluate_blocks(
    plan: Plan, step: PlannedStep, inputs: Mapping[str, np.ndarray], *, check: bool
) -> tuple[np.ndarray, bool]:
    """Evaluate a step for some regions at a time, whose intermediate arrays fit into the CPU cache.

    A method gives the same for a cell whatever other cells are there (``gep.plan.contract``).
    Draws come in chunks that fit already, and are evaluated for all regions at once.

    Returns
    -------
    values : ndarray
        Values over ``step.out``.
    is_finite : bool
        Whether their sum is finite, and so all of them; True without a check.
    """
    count = len(plan.extent.regions)
    block_count = min(round(step.live.size / _BLOCK_CELLS), count)
    has_draws = any(values.ndim > len(step.dims) for values in inputs.values())
    has_draws = has_draws or plan.extent.area_of().ndim > len(CELL_DIMS)
    has_draws = has_draws or (step.density is not None and step.density.ndim > len(step.dims))
    if block_count < 2 or has_draws or "region" not in step.dims:
        values = _evaluate_cells(plan, step, inputs, ALL_REGIONS)
        return values, not check or bool(np.isfinite(values.sum()))
    values = np.empty(step.present.shape)
    total = 0.0
    edges = np.linspace(0, count, block_count + 1).astype(int).tolist()
    for start, stop in pairwise(edges):
        regions = slice(start, stop)
        block_inputs = {}
        for name, array in inputs.items():
            block_inputs[name] = array[regions] if len(array) == count else array
        block = _evaluate_cells(plan, step, block_inputs, regions)
        values[regions] = block
        if check:
            total += float(block.sum())
    return values, bool(np.isfinite(total))


def _evaluate_cells(
    plan: Plan, step: PlannedStep, inputs: Mapping[str, np.ndarray], regions: slice
) -> np.ndarray:
    """Evaluate a step for the regions that its inputs hold; see ``evaluate_step``."""
    values = cell_values(plan, step, inputs, regions)
    summed = summed_axes(step)
    if summed:
        values = values.sum(axis=summed)
    return values


def cell_values(
    plan: Plan,
    step: PlannedStep,
    inputs: Mapping[str, np.ndarray],
    regions: slice = ALL_REGIONS,
) -> np.ndarray:
    """Compute the cells of a step before any key is summed.

    Parameters
    ----------
    plan, step
        The plan and one of its steps.
    inputs : mapping of str to ndarray
        The arguments of its method for the regions; see ``arguments``.
    regions : slice, optional
        The regions that the inputs hold; by default all.

    Returns
    -------
    ndarray
        Over ``step.dims``, in the step's unit; 0 where a cell does not count.
    """
    live = step.live[regions] if step.live.ndim else step.live
    if step.density is None:
        values = _call_method(step, inputs, live.shape)
    else:
        values = _density_of(step, regions, live.shape)
    is_new = False  # the method may have returned an input's array, which must not be changed
    if step.step.per == "area":
        values = plan.extent.collect(values, step.dims, regions)
        is_new = True
    if step.factor != 1:
        values = np.multiply(values, step.factor, out=values if is_new else None)
        is_new = True
    return values if step.all_live else _blank_cells(values, live, is_new=is_new)


def _density_of(step: PlannedStep, regions: slice, shape: tuple[int, ...]) -> np.ndarray:
    """Return the density of a step that was evaluated at pixels, for some regions."""
    assert step.density is not None
    density = step.density
    if regions != ALL_REGIONS and "region" in step.dims:
        density = density[regions]
    return np.broadcast_to(density, np.broadcast_shapes(density.shape, shape))


def _blank_cells(values: np.ndarray, live: np.ndarray, *, is_new: bool) -> np.ndarray:
    """Return values that are 0 where a cell is not live; those that are new may be changed."""
    if values.ndim > live.ndim:
        if not is_new:
            values = values.copy(order="K")  # sums of draws depend on the memory order
        np.moveaxis(values, 0, -1)[~live] = 0.0
        return values
    # Cells that count keep all bits, the others none. Choosing by ``where`` takes three times as
    # long, and a product with 0 keeps what is not a number.
    bits = np.array(live, dtype=np.int64)
    np.negative(bits, out=bits)
    np.bitwise_and(values.view(np.int64), bits, out=bits)
    return bits.view(float)


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
    step: PlannedStep, inputs: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """Call a step's method over cells of a shape; failures of own code are marked as such."""
    try:
        values = np.asarray(step.method.function(**inputs), dtype=float)
        return np.broadcast_to(values, np.broadcast_shapes(values.shape, shape))
    except (Exception, SystemExit) as error:
        if step.method.own is None:
            raise
        raise _MethodFailedError(f"{type(error).__name__}: {error}") from error


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
        problems.add(
            "not-finite-result",
            step.name,
            message,
            method=method,
            step=step_label,
        )
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


def _refuse_deficits(
    plan: Plan, step: PlannedStep, values: np.ndarray, problems: ProblemLog
) -> None:
    """Add a problem for cells that are below 0 by more than rounding."""
    deficits = np.maximum(-values, 0.0)
    deficits[deficits <= _ROUNDING * np.abs(values).max(initial=0.0)] = 0.0
    _report_deficits(
        plan,
        step,
        deficits,
        problems,
        "deficit-refused",
    )


def _report_deficits(
    plan: Plan, step: PlannedStep, deficits: np.ndarray, problems: ProblemLog, code: str
) -> None:
    """Add a problem that names the deficits of a step's cells by region; none if there are none."""
    if "region" not in step.out or not deficits.any():
        return
    axis = step.out.index("region")
    others = tuple(position for position in range(len(step.out)) if position != axis)
    by_region = deficits.sum(axis=others)
    positions = np.flatnonzero(by_region)
    regions: list[Text] = []
    for position in positions[np.argsort(-by_region[positions], kind="stable")]:
        label = region_label(str(plan.extent.regions[position]), plan.regions)
        amount = float(by_region[position])
        regions.append(text("account.deficit-of-region", region=label, amount=amount))
    problems.add(
        code,
        _place_behind(plan, step, int(positions[0])),
        f"account.{code}",
        step=step.label,
        cells=int(np.count_nonzero(deficits)),
        amount=float(by_region.sum()),
        unit=step.unit,
        regions=regions,
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
    typical : ndarray of bool
        Whether a number behind the cell is of a set of typical values.
    """

    grade: np.ndarray
    transfer: np.ndarray
    nominal: np.ndarray
    typical: np.ndarray


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
    typical = np.zeros(shape, dtype=bool)
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
        typical = typical | marks.typical
    grade = np.where(step.live, grade, 0)
    summed = summed_axes(step)
    if summed:
        grade = grade.max(axis=summed)
        transfer = np.asarray(transfer.any(axis=summed))
        nominal = np.asarray(nominal.any(axis=summed))
        typical = np.asarray(typical.any(axis=summed))
    return EvidenceMarks(grade, transfer, nominal, typical)


def _link_marks(
    link: StepLink, source_dims: tuple[str, ...], step: PlannedStep, source: EvidenceMarks
) -> EvidenceMarks:
    """Bring the marks of another step's result to the dims of the step that uses it."""
    grade = resolve_link(link, source.grade, source_dims, "max")
    transfer = resolve_link(link, source.transfer, source_dims, "any")
    nominal = resolve_link(link, source.nominal, source_dims, "any")
    typical = resolve_link(link, source.typical, source_dims, "any")
    return EvidenceMarks(
        grade=expand(grade, link.dims, step.dims),
        transfer=expand(transfer, link.dims, step.dims),
        nominal=expand(nominal, link.dims, step.dims),
        typical=expand(typical, link.dims, step.dims),
    )


def _input_marks(source: BoundInput, step: PlannedStep) -> EvidenceMarks:
    """Read the marks of the rows behind an input, over the dims of the step that uses it."""
    grade = source.mark("grade")
    nominal = source.mark("nominal").astype(bool)
    typical = source.mark("typical").astype(bool)
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
        typical=expand(typical, source.dims, step.dims),
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
        """The grade, value transfer, nominal prices and typical values behind cells, by step."""
        return evidence_marks(self.plan)

    def shares(self) -> EvidenceShares:
        """Return what the account's value rests on.

        Returns
        -------
        EvidenceShares
            Shares by worst grade, of value transfer, of prices without a year, and of typical
            values. They are shares of the sum of absolute values of the headline's value steps; 0
            if that sum is 0. Where the headline values nothing, they are shares of the number of
            its quantities.
        """
        return self._shares

    @cached_property
    def headline_steps(self) -> tuple[PlannedStep, ...]:
        """The steps of the headline that give values; those of quantities if none does."""
        headline = self.plan.standard.spec.total[0].indicators
        in_headline = []
        for step in self.plan.steps:
            if step.indicator is not None and step.indicator.id in headline:
                in_headline.append(step)
        value_steps = [step for step in in_headline if step.step.kind == "value"]
        quantity_steps = [step for step in in_headline if step.step.kind == "quantity"]
        return tuple(value_steps or quantity_steps)

    def headline_sizes(self, step: PlannedStep) -> np.ndarray:
        """Return how much each cell of a step of the headline counts in shares.

        Parameters
        ----------
        step : PlannedStep
            One of ``headline_steps``.

        Returns
        -------
        ndarray
            Over ``step.out``: absolute values in the standard's unit; 1 for each quantity.
        """
        if step.step.kind != "value":
            return step.valid.astype(float)
        scale = factor(step.step.unit, self.plan.standard.spec.unit)
        return np.asarray(np.abs(self.results[step.name]) * scale)

    @cached_property
    def _shares(self) -> EvidenceShares:
        """The shares, computed once."""
        by_grade = np.zeros(len(GRADES))
        transfer = 0.0
        nominal = 0.0
        typical = 0.0
        total = 0.0
        for step in self.headline_steps:
            size = self.headline_sizes(step)
            marks = self.marks[step.name]
            grades = marks.grade.ravel()
            by_grade += np.bincount(
                grades,
                weights=size.ravel(),
                minlength=len(GRADES),
            )
            transfer += float((size * marks.transfer).sum())
            nominal += float((size * marks.nominal).sum())
            typical += float((size * marks.typical).sum())
            total += float(size.sum())
        total = total or 1.0  # all shares are 0 then
        grade_shares = (by_grade / total).tolist()
        return {
            "grade": dict(zip(GRADES, grade_shares, strict=True)),
            "transfer": transfer / total,
            "nominal": nominal / total,
            "typical": typical / total,
        }

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What in the results is out of proportion (``implausible``); see :func:`check_results`."""
        problems = ProblemLog()
        check_results(self, problems)
        return tuple(problems.warnings)

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        """The row of each region and parent, by its code."""
        codes = self.sums.codes.tolist()
        return dict(zip(reversed(codes), reversed(range(len(codes))), strict=True))

    def region_row(self, region: str | int, place: str = "region") -> int:
        """Find the row of a region or parent in ``block`` and ``sums``.

        Parameters
        ----------
        region : str or int
            Code or name of a region or parent.
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
        row = self._row_of.get(str(region))
        return self._row_of[region_named(self.plan, region, place)] if row is None else row

    def region_code(self, region: str | int, place: str = "region") -> str:
        """Return the code of a region or parent by its code or name; see ``region_row``."""
        return str(self.sums.codes[self.region_row(region, place)])

    def region_positions(self, region: str | int, place: str = "region") -> np.ndarray:
        """Find which of the plan's regions a region or parent consists of.

        Parameters
        ----------
        region : str or int
            Code or name of a region or parent.
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


# --- results held against what is possible and what is published ----------------------------------

_M2_PER_KM2 = 1e6
_COVERED = 0.95  # share of the land from which on areas are those of all land
_ROUNDING = 1e-9  # by which a number may pass a limit
_NAMED_ROWS = 4  # rows behind a result that a message names
_OF_EVERY_ACCOUNT = ("provisioning", "regulating", "cultural")


class _PublishedRange(NamedTuple):
    """What published accounts show of a measure, with room around it."""

    measure: str
    quantity: str
    low: float
    high: float
    unit: str
    published_low: float
    published_high: float


@cache
def published_ranges() -> tuple[_PublishedRange, ...]:
    """Read the ranges of published accounts that ship beside the standards.

    Returns
    -------
    tuple of _PublishedRange
        Value by area (``per_km2``), by person and by GDP, for each measure.
    """
    path = shipped_folder("standards") / "published_ranges.csv"
    ranges = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            ranges.append(
                _PublishedRange(
                    measure=row["measure"],
                    quantity=row["quantity"],
                    low=float(row["low"]),
                    high=float(row["high"]),
                    unit=row["unit"],
                    published_low=float(row["published_low"] or np.nan),
                    published_high=float(row["published_high"] or np.nan),
                )
            )
    return tuple(ranges)


def check_results(evaluated: "EvaluatedPlan", problems: ProblemLog) -> None:
    """Hold the results of an account against what is possible, and what published accounts show.

    Parameters
    ----------
    evaluated : EvaluatedPlan
    problems : ProblemLog
        Receives the warning ``implausible`` for results by region that are out of the range that
        their step declares, or negative where it declares none; for results that another step
        cannot take; and for totals by land area, person and GDP out of published ranges. Receives
        ``deficit-clipped`` for what steps leave out that count a deficit as nothing.
    """
    told = _check_links(evaluated, problems)
    for step in evaluated.plan.steps:
        links = [source.source for source in step.inputs.values() if isinstance(source, StepLink)]
        if not told.isdisjoint(links):
            told.add(step.name)  # what follows from a result that is told is not told again
        elif _check_step(evaluated.plan, step, evaluated.results[step.name], problems):
            told.add(step.name)
    for step in evaluated.plan.steps:
        _check_clipping(evaluated, step, problems)
    _check_totals(evaluated, problems)


def _check_links(evaluated: "EvaluatedPlan", problems: ProblemLog) -> set[str]:
    """Warn of results that are impossible for the step that takes them; return their steps."""
    plan = evaluated.plan
    told: set[str] = set()
    for step in plan.steps:
        for argument, source in step.inputs.items():
            limits = step.method.limits.get(argument)
            if limits is None or not isinstance(source, StepLink):
                continue
            taken = plan.step(source.source)
            values = resolve_link(source, evaluated.results[taken.name], taken.out, "sum")
            values = values * source.factor
            valid = resolve_link(source, taken.valid, taken.out, "any")
            slack = _ROUNDING * np.abs(values)  # of values that are finite, as results are
            wrong = valid & ((values < limits.low - slack) | (values > limits.high + slack))
            if not wrong.any() or taken.name in told:
                continue
            told.add(taken.name)
            first = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            region = first[source.dims.index("region")] if "region" in source.dims else 0
            problems.add(
                "implausible",
                _place_behind(plan, taken, int(region)),
                "account.impossible-for-step",
                step=taken.label,
                value=float(values[first]),
                unit=step.method.inputs[argument],
                low=limits.low,
                high=limits.high,
                taker=step.label,
                rows=_rows_behind(plan, taken, int(region)),
            )
    return told


def _check_step(plan: Plan, step: PlannedStep, values: np.ndarray, problems: ProblemLog) -> bool:
    """Warn of regions whose result is out of range; return whether there are any."""
    indicator = step.indicator
    if indicator is None or step.per == "none" or "region" not in step.out:
        return False
    limits = step.step.per_km2
    if limits is None and (step.kind == "auxiliary" or indicator.category == "adjustment"):
        return False
    low, high = limits or (0.0, np.inf)
    axis = step.out.index("region")
    others = tuple(position for position in range(len(step.out)) if position != axis)
    result = np.where(step.valid, values, 0.0).sum(axis=others)
    size = _land_area(plan)
    slack = _ROUNDING * np.abs(values).sum(axis=others)
    with np.errstate(all="ignore"):  # no limit times no area
        wrong = (result < low * size - slack) | (result > high * size + slack)
    wrong &= ~((result < 0) & _has_negative_coefficient(plan, step))
    if step.gap is not None:
        wrong &= ~step.gap
    if not wrong.any():
        return False
    positions = np.flatnonzero(wrong)
    first = int(positions[0])
    regions = [region_label(str(plan.extent.regions[at]), plan.regions) for at in positions]
    is_negative = bool(result[first] < 0 <= low)
    problems.add(
        "implausible",
        _place_behind(plan, step, first),
        "account.negative-result" if is_negative else "account.result-by-area",
        step=step.label,
        regions=regions,
        value=float(result[first]),
        unit=step.unit,
        by_area=float(result[first] / size[first]) if size[first] else 0.0,
        low=low,
        high=high,
        rows=_rows_behind(plan, step, first),
    )
    return True


def _check_clipping(evaluated: "EvaluatedPlan", step: PlannedStep, problems: ProblemLog) -> None:
    """Warn of deficits that the step counts as nothing: its method, against the one that keeps."""
    keeping = keeping_function(step.method.path)
    if keeping is None or step.per == "none":
        return
    plan, results = evaluated.plan, evaluated.results
    kept_step = replace(step, method=replace(step.method, function=keeping))
    kept = evaluate_step(
        plan,
        kept_step,
        results,
        ProblemLog(),
        check=False,
    )
    deficits = results[step.name] - kept
    deficits[deficits <= _ROUNDING * np.abs(kept)] = 0.0
    _report_deficits(
        plan,
        step,
        deficits,
        problems,
        "deficit-clipped",
    )


def _land_area(plan: Plan) -> np.ndarray:
    """Return the land area of each region, else the sum of its areas, km2."""
    return np.where(np.isfinite(plan.land_area), plan.land_area, _accounted_area(plan))


def _accounted_area(plan: Plan) -> np.ndarray:
    """Return the sum of the areas of each region, km2."""
    accounted = plan.extent.area_of().sum(axis=-1) + plan.extent.unaccounted
    return np.asarray(accounted) / _M2_PER_KM2


def _has_negative_coefficient(plan: Plan, step: PlannedStep) -> np.ndarray:
    """Find the regions in which a coefficient of the step is below 0: its source says so."""
    count = len(plan.extent.regions)
    negative = np.zeros(count, dtype=bool)
    for argument, source in step.inputs.items():
        if isinstance(source, BoundInput) and step.bindings[argument].coef:
            is_negative = source.values < 0
            if "region" in source.dims:
                axis = source.dims.index("region")
                others = tuple(at for at in range(len(source.dims)) if at != axis)
                negative |= is_negative.any(axis=others)
            else:
                negative |= bool(is_negative.any())
    return negative


def _inputs_behind(
    plan: Plan, step: PlannedStep, region: int
) -> list[tuple[Label, pd.DataFrame, bool]]:
    """Return names and rows of what a result of a region is made of, and whether they are data."""
    names: list[tuple[Label, pd.DataFrame, bool]] = []
    for argument, source in step.inputs.items():
        if isinstance(source, StepLink):
            names += _inputs_behind(plan, plan.step(source.source), region)
            continue
        if "area" in source.frame:
            continue
        rows = source.rows
        if "region" in source.dims:
            axis = source.dims.index("region")
            rows = np.take(rows, min(region, rows.shape[axis] - 1), axis=axis)
        positions = np.unique(rows[rows >= 0])
        binding = step.bindings[argument]
        label = Label(binding.data or binding.coef)
        if binding.data in plan.standard.spec.data:
            label = Label(binding.data, plan.standard.spec.data[binding.data].name)
        elif binding.coef in plan.standard.spec.coefficient:
            label = Label(binding.coef, plan.standard.spec.coefficient[binding.coef].name)
        if len(positions):
            names.append((label, source.frame.iloc[positions], bool(binding.data)))
    return names


def _place_behind(plan: Plan, step: PlannedStep, region: int) -> Where:
    """Return where the first data behind a result are, else the first coefficients, or the step."""
    inputs = _inputs_behind(plan, step, region)
    inputs.sort(key=lambda entry: not entry[2])
    for _, rows, _ in inputs:
        file = str(rows["file"].iloc[0])
        return row_place(file, rows["row"][(rows["file"] == file).to_numpy()])
    return step.name


def _rows_behind(plan: Plan, step: PlannedStep, region: int) -> Listed:
    """List numbers behind a result of a region, each with its file and row."""
    rows_behind: list[Text] = []
    for label, rows, _ in _inputs_behind(plan, step, region):
        numbers = rows[~rows["na"].astype(bool)]
        if numbers.empty:
            continue
        first = numbers.iloc[0]
        number = f"{float(first['value']):.10g} {first['unit']}"
        place = row_place(str(first["file"]), [first["row"]])
        rows_behind.append(text("account.row-behind", name=label, number=number, place=place))
    return Listed(tuple(dict.fromkeys(rows_behind)), _NAMED_ROWS)


def _check_totals(evaluated: "EvaluatedPlan", problems: ProblemLog) -> None:
    """Warn of headlines by land area, person and GDP that no published account is near."""
    plan = evaluated.plan
    spec = plan.standard.spec
    if plan.indicator or not same_dimension(spec.unit, "CNY"):  # a part of a total is less
        return
    sums = evaluated.sums
    column = sums.names.index(TOTAL)
    in_yuan = sums.values[:, column] * factor(spec.unit, "CNY")
    known = sums.valid[:, column] & ~sums.gap[:, column]
    sizes = _sizes(evaluated)
    land = sizes["per_km2"]
    count = len(plan.extent.regions)
    # a single service, or the forests of a county alone, may be worth little
    has_all_categories = set(_OF_EVERY_ACCOUNT) <= set(sums.names)
    is_covered = _accounted_area(plan).sum() >= _COVERED * land[:count].sum()
    is_whole = is_covered and (has_all_categories or spec.measure == "esv")
    for published in published_ranges():
        size = sizes[published.quantity]
        if published.measure != spec.measure:
            continue
        with np.errstate(all="ignore"):
            ratio = in_yuan / size
        low = published.low if is_whole else -np.inf
        wrong = known & (size > 0) & (in_yuan > 0) & ((ratio < low) | (ratio > published.high))
        positions = np.flatnonzero(wrong)
        if not len(positions):
            continue
        first = positions[0]
        largest = _largest_step(evaluated, int(first))
        problems.add(
            "implausible",
            spec.total[0].id if largest is None else largest.name,
            f"account.total-{published.quantity.replace('_', '-')}",
            total=spec.total[0].name,
            regions=[region_label(str(sums.codes[at]), plan.regions) for at in positions],
            value=float(sums.values[first, column]),
            unit=spec.unit,
            size=float(size[first]),
            ratio=float(ratio[first]),
            low=published.low,
            high=published.high,
            largest="" if largest is None else largest.label,
        )


def _sizes(evaluated: "EvaluatedPlan") -> dict[str, np.ndarray]:
    """Return land (km2), population and GDP (CNY) of each region and parent; NaN: not known."""
    plan = evaluated.plan
    sums = evaluated.sums
    gdp = np.full(len(sums.codes), np.nan)
    if plan.gdp is not None:
        gdp = plan.gdp.reindex(sums.codes).to_numpy(dtype=float) * factor("10^4 CNY", "CNY")
    land = sums.land.copy()
    land[: len(plan.extent.regions)] = _land_area(plan)
    return {"per_km2": land, "per_person": sums.population, "per_gdp": gdp}


class PublishedRatio(NamedTuple):
    """The headline of all regions by a size of theirs, beside what published accounts show.

    Attributes
    ----------
    quantity : str
        ``per_km2``, ``per_person`` or ``per_gdp``.
    value, low, high : float
        In CNY by that size: of the account, and the least and the greatest published.
    """

    quantity: str
    value: float
    low: float
    high: float


def published_ratios(evaluated: "EvaluatedPlan") -> list[PublishedRatio]:
    """Set the headline by land area, person and GDP beside those of published accounts.

    Parameters
    ----------
    evaluated : EvaluatedPlan

    Returns
    -------
    list of PublishedRatio
        Those of a published range whose size is known in all regions; none if a region's headline
        is not compiled, or is no value.
    """
    plan = evaluated.plan
    spec = plan.standard.spec
    sums = evaluated.sums
    regions = slice(len(plan.extent.regions))
    column = sums.names.index(TOTAL)
    if not sums.has_values or sums.gap[regions, column].any():
        return []
    if not same_dimension(spec.unit, "CNY"):
        return []
    total = float(sums.values[regions, column].sum()) * factor(spec.unit, "CNY")
    sizes = _sizes(evaluated)
    ratios = []
    for published in published_ranges():
        size = float(sizes[published.quantity][regions].sum())
        is_shown = published.measure == spec.measure and np.isfinite(published.published_low)
        if is_shown and np.isfinite(size) and size > 0:
            ratios.append(
                PublishedRatio(
                    quantity=published.quantity,
                    value=total / size,
                    low=published.published_low,
                    high=published.published_high,
                )
            )
    return ratios


def _largest_step(evaluated: "EvaluatedPlan", row: int) -> PlannedStep | None:
    """Return the step that makes the most of a region's value."""
    block = evaluated.block
    scaled = np.where(block.valid, block.values, 0.0) * np.nan_to_num(block.columns["scale"])
    if not scaled.shape[1]:
        return None
    column = block.columns.iloc[int(np.argmax(np.abs(scaled[row])))]
    name = f"{column['indicator']}.{column['step']}" if column["indicator"] else column["step"]
    return evaluated.plan.step(str(name))
