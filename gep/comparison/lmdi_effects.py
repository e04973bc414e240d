"""LMDI of accounts: the factors of each value step, and what each did to the value of its indicator.

A factor is an input in which the method is homogeneous (twice the input, twice or half the result), found by trying;
the area where a step runs per area; a step that hands over its cells is taken apart in its turn. Whatever of a method
is no product, such as 1 - C P, is one more factor, ``rest``: the product of all is the value, whatever the method.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gep.account.columns import roll_up
from gep.account.evaluation import arguments, evaluate, summed_axes
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.lmdi import additive, homogeneity, multiplicative, sign_changes
from gep.comparison.paired_plans import pair_plans, stable_regions
from gep.comparison.replay import GROUPS, InputSwap
from gep.errors import Problem, make_problem
from gep.plan.dims import expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.units import factor


@dataclass(frozen=True)
class LmdiFactor:
    """A factor of a step in both years, over the step's dims, and its power."""

    name: str
    ends: tuple[np.ndarray, np.ndarray]
    power: int


@dataclass(frozen=True)
class _Ends:
    """Both plans with what a year does not tell taken as in the other, and their results."""

    plans: tuple[Plan, Plan]
    results: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]

    def steps(self, name: str) -> tuple[PlannedStep, PlannedStep]:
        """A step in both years."""
        return self.plans[0].step(name), self.plans[1].step(name)


def factor_effects(
    found: Comparison, pair: Pair
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], list[Problem]]:
    """The LMDI-I effects of the factors of each indicator, additive and as ratios, regions and parents x lines.

    NaN where an indicator has no such factor, or where LMDI is refused because a factor changes its sign (a warning).
    """
    at = found.between(pair)
    one, other, _ = pair_plans(at, at.account(pair[0]), at.account(pair[1]))
    swap = InputSwap.of(one, other)
    plans = swap.plan(frozenset()), swap.plan(frozenset(GROUPS))
    ends = _Ends(plans, (evaluate(plans[0]), evaluate(plans[1])))
    additive_found: dict[str, np.ndarray] = {}
    refused = np.zeros((len(found.codes), len(found.lines)), dtype=bool)
    stable, moved = stable_regions(at, pair), found.moved(at, pair)
    for step in plans[0].steps:
        if step.step.kind != "value" or step.indicator is None:
            continue
        line = found.position(step.indicator.category, step.indicator.id)
        scale = factor(step.step.unit, found.lines["unit"].iloc[line])
        done, bad = _step_effects(ends, step)
        bad = (bad | ~stable).astype(float) @ (moved > 0) > 0
        refused[:, line] |= roll_up(bad[:, None], found.above, "any")[:, 0]
        for name, values in done.items():
            matrix = additive_found.setdefault(name, np.full(refused.shape, np.nan))
            matrix[:, line] = (
                np.nan_to_num(matrix[:, line])
                + roll_up((values * scale @ moved)[:, None], found.above)[:, 0]
            )
    for matrix in additive_found.values():
        matrix[refused] = np.nan
    first, last = found.levels[pair[0]].values, found.levels[pair[1]].values
    ratios = {name: multiplicative(matrix, first, last) for name, matrix in additive_found.items()}
    undivided = (~stable).astype(float) @ (moved > 0) > 0
    return additive_found, ratios, _told(found, pair, refused, ~undivided)


def _told(found: Comparison, pair: Pair, refused: np.ndarray, stable: np.ndarray) -> list[Problem]:
    """One warning for each indicator that changes sign somewhere."""
    told = []
    for line in np.flatnonzero(refused[: len(stable)][stable].any(axis=0)):
        where = [str(code) for code in found.regions[stable & refused[: len(stable), line]]]
        name = found.lines["indicator"].iloc[line]
        what = f"{name} in {', '.join(where[:5])}{' ...' if len(where) > 5 else ''}, {pair[0]} to {pair[1]}: "
        what += "a factor changes its sign or is divided by while 0, so it has no logarithm"
        told.append(
            make_problem(
                "lmdi-sign",
                "decomposition lmdi",
                what,
                "see the rows of method replay, which are exact",
            )
        )
    return told


def _step_effects(ends: _Ends, step: PlannedStep) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What each factor did to a step's result by region, and the regions where LMDI is not defined."""
    factors = _factors(ends, step.name)
    live = ends.steps(step.name)[0].live | ends.steps(step.name)[1].live
    shape = live.shape
    before, after = ([np.broadcast_to(one.ends[end], shape) for one in factors] for end in (0, 1))
    powers = [one.power for one in factors]
    before, after = ([np.where(live, one, 1.0) for one in some] for some in (before, after))
    gone = tuple(range(1, len(shape)))
    bad = np.asarray((sign_changes(before, after, powers) & live).any(axis=gone))
    effects = np.where(live, additive(before, after, powers), 0.0)
    done: dict[str, np.ndarray] = {}
    for one, effect in zip(factors, effects, strict=True):
        done[one.name] = done.get(one.name, 0.0) + np.asarray(effect.sum(axis=gone))
    return done, bad


def _factors(ends: _Ends, name: str) -> list[LmdiFactor]:
    """The factors of a step whose product is its result before ``sum_over``, over its dims."""
    steps = ends.steps(name)
    given = [
        arguments(plan, one, some)
        for plan, one, some in zip(ends.plans, steps, ends.results, strict=True)
    ]
    function = steps[0].method.function
    powers = [homogeneity(function, one) for one in given]
    common = _agreed(powers, given)
    found: list[LmdiFactor] = []
    scale = 1.0  # of results handed over in another unit
    for argument, power in common.items():
        source = steps[0].inputs[argument]
        if isinstance(source, StepLink) and _handed_whole(source, ends.steps(source.source)[0]):
            behind = ends.steps(source.source)[0]
            scale *= source.factor**power
            found += [
                LmdiFactor(one.name, _expanded(one.ends, behind, steps[0]), one.power * power)
                for one in _factors(ends, source.source)
            ]
        else:
            found.append(
                LmdiFactor(
                    f"{steps[0].step.id}.{argument}",
                    (given[0][argument], given[1][argument]),
                    power,
                )
            )
    found += _area_and_rest(ends, steps, given, common, scale)
    return found


def _agreed(powers: list[dict[str, int]], given: list[dict[str, np.ndarray]]) -> dict[str, int]:
    """The powers that both years agree on, other than 0; an input that is nowhere other than 0 in a year has any."""
    found = {}
    for name in dict.fromkeys([*powers[0], *powers[1]]):
        seen = [one[name] for one in powers if name in one]
        silent = [
            not np.nan_to_num(some[name]).any()
            for some, one in zip(given, powers, strict=True)
            if name not in one
        ]
        if len(set(seen)) == 1 and all(silent) and seen[0]:
            found[name] = seen[0]
    return found


def _handed_whole(link: StepLink, source: PlannedStep) -> bool:
    return not link.total and not link.pick and not summed_axes(source)


def _expanded(
    both: tuple[np.ndarray, np.ndarray], source: PlannedStep, target: PlannedStep
) -> tuple[np.ndarray, np.ndarray]:
    first, last = (
        expand(np.broadcast_to(one, source.live.shape), source.dims, target.dims) for one in both
    )
    return first, last


def _area_and_rest(
    ends: _Ends,
    steps: tuple[PlannedStep, PlannedStep],
    given: list[dict[str, np.ndarray]],
    common: Mapping[str, int],
    scale: float,
) -> list[LmdiFactor]:
    """What of the method is no product, the area, and whether a cell exists where the area does not tell it."""
    name, dims = steps[0].step.id, steps[0].dims
    found = []
    rest = [_rest(one, some, common) * scale for one, some in zip(steps, given, strict=True)]
    found.append(LmdiFactor(f"{name}.rest", (rest[0], rest[1]), 1))
    if steps[0].step.per == "area":
        area = [expand(plan.extent.area, ("region", "ecosystem"), dims) for plan in ends.plans]
        found.append(LmdiFactor(f"{name}.area", (area[0], area[1]), 1))
    live = (steps[0].live, steps[1].live)
    if not np.array_equal(*live) and (
        steps[0].step.per != "area" or _differs_on_land(found[-1], live)
    ):
        found.append(
            LmdiFactor(f"{name}.presence", (live[0].astype(float), live[1].astype(float)), 1)
        )
    return found


def _rest(
    one: PlannedStep, given: Mapping[str, np.ndarray], common: Mapping[str, int]
) -> np.ndarray:
    """The result over the product of the factors; taken at 1 where a factor is 0."""
    with np.errstate(all="ignore"):
        whole = {key: np.where(given[key] == 0, 1.0, given[key]) for key in common}
        values = np.asarray(one.method.function(**{**given, **whole}), dtype=float) * one.factor
        for key, power in common.items():
            values = values / whole[key] ** power
    return values


def _differs_on_land(area: LmdiFactor, live: tuple[np.ndarray, np.ndarray]) -> bool:
    """Whether a cell counts in one year only and has area in the other, so that the area does not tell it."""
    return any(
        bool((~own & twin & (area.ends[end] > 0)).any())
        for end, (own, twin) in enumerate((live, live[::-1]))
    )
