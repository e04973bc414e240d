"""Replay (重算法因素分解): effects by giving one year the inputs of the other, Shapley split.

The groups are areas, data, coefficients and prices; and ``pixels``, what the steps that were
evaluated at pixels gave by area: whatever they took counts in this one group, for a plan holds
their densities and no pixel is read again. Each group's effect is the mean, over all
orders in which the groups can be swapped, of what its swap does (the Shapley value): no residual,
no order that is preferred, and exact where terms are zero or negative (A. F. Shorrocks 2013, J.
Econ. Inequal. 11:99-126). The account itself is evaluated anew each time, so every method is taken
as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np

from gep.account.evaluation import evaluate, summed_axes, with_densities
from gep.account.lines import AccountLines, line_values
from gep.plan.binding import BoundInput
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.units import has_money, same_dimension

GROUPS = ("areas", "data", "coefficients", "prices")
PIXELS = "pixels"

InputKey = tuple[str, str]  # a step's full name and the argument of its method


def group_of(step: PlannedStep, argument: str) -> str:
    """Return the group of an input that is bound to rows.

    A price is money per something. Data in money alone (the value of an output) are data, for the
    amount behind them is not known.

    Parameters
    ----------
    step : PlannedStep
    argument : str
        An argument of the step's method.

    Returns
    -------
    str
        One of ``GROUPS``; ``PIXELS`` for a step whose density stands in the place of its method.
    """
    if step.density is not None:
        return PIXELS
    source = step.inputs[argument]
    unit = step.method.inputs[argument]
    is_data = bool(step.step.inputs[argument].data)
    if isinstance(source, BoundInput) and "area" in source.frame:
        return "areas"
    is_amount_of_money = same_dimension(unit, "CNY") or same_dimension(unit, "CNY a-1")
    if has_money(unit) and not (is_data and is_amount_of_money):
        return "prices"
    return "data" if is_data else "coefficients"


def shapley_effects(first: Plan, last: Plan, lines: AccountLines) -> dict[str, np.ndarray]:
    """Return the effect of each group of inputs on the lines between two plans.

    Parameters
    ----------
    first, last : Plan
        The plans of two years with the same regions, ecosystem types and members.
    lines : AccountLines
        The lines of these plans.

    Returns
    -------
    dict of str to ndarray
        For each group (``InputSwap.groups``) its effect, regions x lines, in the lines' units. The
        effects sum to the change.

    Raises
    ------
    ProblemsFound
        ``not-finite-result`` or ``method-failed`` where a mixture of the two years has no finite
        result.
    """
    swap = InputSwap.of(first, last)
    changing = [group for group in swap.groups if swap.differs(group)]
    values: dict[frozenset[str], np.ndarray] = {}
    for size in range(len(changing) + 1):
        for groups in combinations(changing, size):
            swapped = frozenset(groups)
            mixture = swap.mixture(swapped)
            values[swapped] = line_values(mixture, evaluate(mixture), lines)
    effects = {}
    for group in swap.groups:
        effects[group] = np.zeros_like(values[frozenset()])
        if group not in changing:
            continue
        for swapped, before in values.items():
            if group not in swapped:
                after = values[swapped | {group}]
                weight = _shapley_weight(len(swapped), len(changing))
                effects[group] += weight * (after - before)
    return effects


def _shapley_weight(swapped: int, count: int) -> float:
    """Return the share of all orders of the groups in which just so many precede a group.

    Parameters
    ----------
    swapped : int
        Number of the groups that are swapped before the group.
    count : int
        Number of all groups.

    Returns
    -------
    float
    """
    remaining = count - swapped - 1
    orders = factorial(swapped) * factorial(remaining)
    return orders / factorial(count)


# --- mixtures of two years -----------------------------------------------------------------------


@dataclass(frozen=True)
class YearInputs:
    """The plan of one year and its inputs, what no row answers taken from the other year.

    Attributes
    ----------
    plan : Plan
    inputs : mapping of (str, str) to BoundInput
        By step and argument, over the dims that the input has in either year.
    na : mapping of (str, str) to ndarray of bool
        Where a row says ``na``, over the same dims.
    densities : mapping of str to ndarray
        By step that was evaluated at pixels in either year, its density over the step's dims.
    no_density : mapping of str to ndarray of bool
        Where such a step has none, though the cell exists: an input says ``na``.
    """

    plan: Plan
    inputs: Mapping[InputKey, BoundInput]
    na: Mapping[InputKey, np.ndarray]
    densities: Mapping[str, np.ndarray]
    no_density: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class InputSwap:
    """Two years whose inputs can be mixed, group by group."""

    first: YearInputs
    last: YearInputs

    @classmethod
    def of(cls, first: Plan, last: Plan) -> "InputSwap":
        """Pair two plans with the same regions, ecosystem types and members."""
        at_pixels: dict[str, None] = {}
        for plan in (first, last):
            at_pixels.update({step.name: None for step in plan.steps if step.density is not None})
        first = with_densities(first, at_pixels)
        last = with_densities(last, at_pixels)
        return cls(_complete_inputs(first, last), _complete_inputs(last, first))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of inputs; ``PIXELS`` where a step was evaluated at pixels."""
        return (*GROUPS, PIXELS) if self.first.densities else GROUPS

    def differs(self, group: str) -> bool:
        """Return whether anything of a group differs between the two years."""
        if group == PIXELS:
            return any(self._density_differs(name) for name in self.first.densities)
        first = self.first.plan
        last = self.last.plan
        if group == "areas" and not np.array_equal(first.extent.area_of(), last.extent.area_of()):
            return True
        for step in first.steps:
            last_step = last.step(step.name)
            if group == "areas" and not np.array_equal(_cells(step), _cells(last_step)):
                return True
            if step.density is not None:
                continue  # of no other group, whatever it takes
            if group == "data" and not np.array_equal(_members(step), _members(last_step)):
                return True
        for key, source in self.first.inputs.items():
            name, argument = key
            if group_of(first.step(name), argument) != group:
                continue
            values = self.last.inputs[key].values
            if not np.array_equal(source.values, values, equal_nan=True):
                return True
            if not np.array_equal(self.first.na[key], self.last.na[key]):
                return True
        return False

    def _density_differs(self, name: str) -> bool:
        """Return whether what the pixels gave of a step differs between the two years."""
        first = self.first
        last = self.last
        is_same = np.array_equal(first.densities[name], last.densities[name])
        is_same &= np.array_equal(first.no_density[name], last.no_density[name])
        members = (_members(first.plan.step(name)), _members(last.plan.step(name)))
        return not (is_same and np.array_equal(*members))

    def mixture(self, swapped: frozenset[str]) -> Plan:
        """Return the plan of the first year, the inputs of swapped groups from the last year."""
        first = self.first.plan
        extent = first.extent
        if "areas" in swapped:
            extent = self.last.plan.extent
        steps: dict[str, PlannedStep] = {}
        for step in first.steps:
            steps[step.name] = self._mixed_step(step, swapped, steps)
        return replace(
            first,
            extent=extent,
            steps=tuple(steps.values()),
        )

    def _mixed_step(
        self, step: PlannedStep, swapped: frozenset[str], earlier: Mapping[str, PlannedStep]
    ) -> PlannedStep:
        """Return a step with the inputs of the swapped groups of the last year.

        A cell counts if it exists in the mixture, no input is ``na`` there, and the result of its
        region is compiled in both years.

        Parameters
        ----------
        step : PlannedStep
            A step of the first year.
        swapped : frozenset of str
            Groups whose inputs are those of the last year.
        earlier : mapping of str to PlannedStep
            The steps of the mixture before this one, by name.

        Returns
        -------
        PlannedStep
        """
        last_step = self.last.plan.step(step.name)
        if step.density is not None:
            return self._mixed_density(step, last_step, swapped)
        live = _existing_cells(
            cells_from=last_step if "areas" in swapped else step,
            members_from=last_step if "data" in swapped else step,
        )
        inputs: dict[str, BoundInput | StepLink] = {}
        for argument, source in step.inputs.items():
            if isinstance(source, StepLink):
                inputs[argument] = source
                linked = earlier[source.source]
                is_valid = resolve_link(source, linked.valid, linked.out, "any")
                live = live & expand(is_valid, source.dims, step.dims)
            else:
                key = (step.name, argument)
                is_swapped = group_of(step, argument) in swapped
                year = self.last if is_swapped else self.first
                completed = year.inputs[key]
                inputs[argument] = completed
                live = live & ~expand(year.na[key], completed.dims, step.dims)
        return _with_live_cells(replace(step, inputs=inputs), last_step, live)

    def _mixed_density(
        self, step: PlannedStep, last_step: PlannedStep, swapped: frozenset[str]
    ) -> PlannedStep:
        """Return a step that was evaluated at pixels with its density of either year."""
        is_swapped = PIXELS in swapped
        year = self.last if is_swapped else self.first
        live = _existing_cells(
            cells_from=last_step if "areas" in swapped else step,
            members_from=last_step if is_swapped else step,
        )
        live = live & ~year.no_density[step.name]
        step = replace(step, density=year.densities[step.name])
        return _with_live_cells(step, last_step, live)


def _with_live_cells(step: PlannedStep, last_step: PlannedStep, live: np.ndarray) -> PlannedStep:
    """Return a step with the cells that count, less regions that are not compiled in a year."""
    for gap in (step.gap, last_step.gap):
        if gap is not None and "region" in step.dims:
            live = live & expand(~gap, ("region",), step.dims)
    live = np.array(np.broadcast_to(live, step.required.shape))
    valid = live
    summed = summed_axes(step)
    if summed:
        valid = np.asarray(live.any(axis=summed))
    return replace(step, live=live, valid=valid)


def _complete_inputs(plan: Plan, other_plan: Plan) -> YearInputs:
    """Complete the inputs of a plan from the plan of the other year."""
    inputs: dict[InputKey, BoundInput] = {}
    na: dict[InputKey, np.ndarray] = {}
    for step in plan.steps:
        other_step = other_plan.step(step.name)
        for argument, source in step.inputs.items():
            other_source = other_step.inputs[argument]
            if not isinstance(source, BoundInput):
                continue
            if not isinstance(other_source, BoundInput):
                continue
            key = (step.name, argument)
            dims_of_either = {*source.dims, *other_source.dims}
            dims = tuple(dim for dim in DIMS if dim in dims_of_either)
            values = expand(source.values, source.dims, dims)
            other_values = expand(other_source.values, other_source.dims, dims)
            inputs[key] = replace(
                source,
                dims=dims,
                values=np.where(np.isnan(values), other_values, values),
            )
            is_silent = expand(source.rows < 0, source.dims, dims)
            takes_na = is_silent & _says_na(other_source, dims)
            na[key] = _says_na(source, dims) | takes_na
    densities, no_density = _complete_densities(plan, other_plan)
    return YearInputs(
        plan,
        inputs,
        na,
        densities,
        no_density,
    )


def _complete_densities(
    plan: Plan, other_plan: Plan
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return densities by step and where there is none; cells of the other year alone as there."""
    densities: dict[str, np.ndarray] = {}
    no_density: dict[str, np.ndarray] = {}
    for step in plan.steps:
        other_step = other_plan.step(step.name)
        if step.density is None or other_step.density is None:
            continue
        exists = step.required
        densities[step.name] = np.where(exists, step.density, other_step.density)
        no_density[step.name] = np.where(exists, ~step.live, other_step.required & ~other_step.live)
    return densities, no_density


def _says_na(source: BoundInput, dims: Sequence[str]) -> np.ndarray:
    """Return where a row answers and says ``na``."""
    answers = source.rows >= 0
    says_na = answers & np.isnan(source.values)
    return expand(says_na, source.dims, dims)


def _existing_cells(cells_from: PlannedStep, members_from: PlannedStep) -> np.ndarray:
    """Return the cells that exist where one year gives the ecosystem types, another the members.

    Parameters
    ----------
    cells_from, members_from : PlannedStep
        The same step in either year.

    Returns
    -------
    ndarray of bool
        Over the step's dims.
    """
    if cells_from is members_from:
        return cells_from.required
    if np.array_equal(_members(cells_from), _members(members_from)):
        return cells_from.required
    if np.array_equal(_cells(cells_from), _cells(members_from)):
        return members_from.required
    return np.asarray(_cells(cells_from) & _members(members_from))


def _cells(step: PlannedStep) -> np.ndarray:
    """Return the cells of a step, region x ecosystem, whatever its members."""
    return _any_over(step, [dim for dim in step.dims if dim not in ("region", "ecosystem")])


def _members(step: PlannedStep) -> np.ndarray:
    """Return the members of a step by region, whatever its ecosystem types."""
    return _any_over(step, ["ecosystem"])


def _any_over(step: PlannedStep, dims: Sequence[str]) -> np.ndarray:
    """Return whether any cell exists along some dims, which are kept with length 1."""
    axes = []
    for dim in dims:
        if dim in step.dims:
            axes.append(step.dims.index(dim))
    exists = step.required.any(axis=tuple(axes), keepdims=True)
    return np.asarray(exists)
