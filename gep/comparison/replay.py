"""Why an account changed, by replay (重算法因素分解): inputs of one year take the place of the other's, group by group.

The groups are areas, data, coefficients and prices. Each group's effect is the mean, over all orders in which the
groups can be swapped, of what its swap does (the Shapley value): no residual, no order that is preferred, and exact
where terms are zero or negative (A. F. Shorrocks 2013, J. Econ. Inequal. 11:99-126). The account itself is evaluated
anew each time, so every method is taken as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np

from gep.account.evaluation import evaluate, summed_axes
from gep.account.lines import AccountLines, line_values
from gep.plan.binding import BoundInput
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink, resolve_link
from gep.units import has_money, same_dimension

GROUPS = ("areas", "data", "coefficients", "prices")


def group_of(one: PlannedStep, argument: str) -> str:
    """The group of an input that is bound to rows.

    A price is money per something; data in money alone (an output value) are data, for their volume is not known.
    """
    source, unit = one.inputs[argument], one.method.inputs[argument]
    if isinstance(source, BoundInput) and "area" in source.frame:
        return "areas"
    amount = same_dimension(unit, "CNY") or same_dimension(unit, "CNY a-1")
    if has_money(unit) and not (one.step.inputs[argument].data and amount):
        return "prices"
    return "data" if one.step.inputs[argument].data else "coefficients"


def shapley_effects(first: Plan, last: Plan, lines: AccountLines) -> dict[str, np.ndarray]:
    """The effect of each group on the lines between two plans on one grid: group -> regions x lines.

    The effects sum to the change. Raises ``ProblemsFound`` where a mixture of the two years has no finite result.
    """
    swap = InputSwap.of(first, last)
    moving = [group for group in GROUPS if swap.moves(group)]
    count = len(moving)
    cache: dict[frozenset[str], np.ndarray] = {}
    for chosen in (
        frozenset(some) for size in range(count + 1) for some in combinations(moving, size)
    ):
        mixture = swap.plan(chosen)
        cache[chosen] = line_values(mixture, evaluate(mixture), lines)
    found = {group: np.zeros_like(cache[frozenset()]) for group in GROUPS}
    for group in moving:
        for chosen, value in cache.items():
            if group not in chosen:
                weight = (
                    factorial(len(chosen)) * factorial(count - len(chosen) - 1) / factorial(count)
                )
                found[group] += weight * (cache[chosen | {group}] - value)
    return found


@dataclass(frozen=True)
class InputSwap:
    """Two plans on one grid whose inputs can be mixed; what one year does not tell is taken as in the other."""

    ends: tuple[Plan, Plan]
    inputs: tuple[Mapping[tuple[str, str], BoundInput], Mapping[tuple[str, str], BoundInput]]
    na: tuple[Mapping[tuple[str, str], np.ndarray], Mapping[tuple[str, str], np.ndarray]]

    @classmethod
    def of(cls, first: Plan, last: Plan) -> "InputSwap":
        """Fill each plan's inputs from the other and note where a row says na."""
        filled: tuple[dict[tuple[str, str], BoundInput], dict[tuple[str, str], BoundInput]] = (
            {},
            {},
        )
        na: tuple[dict[tuple[str, str], np.ndarray], dict[tuple[str, str], np.ndarray]] = ({}, {})
        for one in first.steps:
            other = last.step(one.name)
            for argument, source in one.inputs.items():
                against = other.inputs[argument]
                if isinstance(source, BoundInput) and isinstance(against, BoundInput):
                    dims = tuple(dim for dim in DIMS if dim in source.dims or dim in against.dims)
                    for end, (own, twin) in enumerate(((source, against), (against, source))):
                        filled[end][one.name, argument] = _filled(own, twin, dims)
                        na[end][one.name, argument] = _says_na(own, dims) | (
                            _silent(own, dims) & _says_na(twin, dims)
                        )
        return cls((first, last), filled, na)

    def moves(self, group: str) -> bool:
        """Whether anything of a group differs between the two plans."""
        first, last = self.ends
        if group == "areas" and not np.array_equal(first.extent.area, last.extent.area):
            return True
        for one in first.steps:
            other = last.step(one.name)
            if group == "areas" and not np.array_equal(_cells(one), _cells(other)):
                return True
            if group == "data" and not np.array_equal(_members(one), _members(other)):
                return True
        return any(
            not np.array_equal(
                self.inputs[0][key].values, self.inputs[1][key].values, equal_nan=True
            )
            or not np.array_equal(self.na[0][key], self.na[1][key])
            for key in self.inputs[0]
            if group_of(first.step(key[0]), key[1]) == group
        )

    def plan(self, swapped: frozenset[str]) -> Plan:
        """The plan of the first year with the swapped groups of the last."""
        first, last = self.ends
        steps: dict[str, PlannedStep] = {}
        for one in first.steps:
            steps[one.name] = self._step(one, swapped, steps)
        extent = last.extent if "areas" in swapped else first.extent
        return replace(first, extent=extent, steps=tuple(steps.values()))

    def _step(
        self, one: PlannedStep, swapped: frozenset[str], before: Mapping[str, PlannedStep]
    ) -> PlannedStep:
        other = self.ends[1].step(one.name)
        live = _due(other if "areas" in swapped else one, other if "data" in swapped else one)
        inputs: dict[str, BoundInput | StepLink] = {}
        for argument, source in one.inputs.items():
            if isinstance(source, StepLink):
                inputs[argument] = source
                behind = before[source.source]
                live = live & expand(
                    resolve_link(source, behind.valid, behind.out, "any"), source.dims, one.dims
                )
            else:
                key, end = (one.name, argument), int(group_of(one, argument) in swapped)
                inputs[argument] = self.inputs[end][key]
                live = live & ~expand(self.na[end][key], self.inputs[end][key].dims, one.dims)
        for lost in (one.gap, other.gap):
            if lost is not None and "region" in one.dims:
                live = live & expand(~lost, ("region",), one.dims)
        live = np.array(np.broadcast_to(live, one.due.shape))
        axis = summed_axes(one)
        return replace(
            one, inputs=inputs, live=live, valid=np.asarray(live.any(axis=axis)) if axis else live
        )


def _filled(own: BoundInput, twin: BoundInput, dims: Sequence[str]) -> BoundInput:
    values, others = expand(own.values, own.dims, dims), expand(twin.values, twin.dims, dims)
    return replace(own, dims=tuple(dims), values=np.where(np.isnan(values), others, values))


def _says_na(one: BoundInput, dims: Sequence[str]) -> np.ndarray:
    """Where a row answers and says na."""
    return expand((one.rows >= 0) & np.isnan(one.values), one.dims, dims)


def _silent(one: BoundInput, dims: Sequence[str]) -> np.ndarray:
    """Where no row answers."""
    return expand(one.rows < 0, one.dims, dims)


def _due(by_cells: PlannedStep, by_members: PlannedStep) -> np.ndarray:
    """The cells that exist where one year gives the ecosystem types and another the members of the other keys."""
    if by_cells is by_members or np.array_equal(_members(by_cells), _members(by_members)):
        return by_cells.due
    if np.array_equal(_cells(by_cells), _cells(by_members)):
        return by_members.due
    return np.asarray(_cells(by_cells) & _members(by_members))


def _cells(one: PlannedStep) -> np.ndarray:
    """The cells of a step, region x ecosystem, whatever its members."""
    return _any(one, [dim for dim in one.dims if dim not in ("region", "ecosystem")])


def _members(one: PlannedStep) -> np.ndarray:
    """The members of a step by region, whatever its ecosystem types."""
    return _any(one, ["ecosystem"])


def _any(one: PlannedStep, gone: Sequence[str]) -> np.ndarray:
    axis = tuple(one.dims.index(dim) for dim in gone if dim in one.dims)
    return np.asarray(one.due.any(axis=axis, keepdims=True))
