"""LMDI of accounts: the factors of each value step, and what each did to its indicator's value.

A factor is an input in which the method is homogeneous (twice the input, twice or half the result),
found by trying; the area where a step runs per area; a step that hands over its cells is decomposed
in its turn. Whatever of a method is no product, such as 1 - C P, is one more factor, ``rest``: the
product of all is the value, whatever the method. The formulas are in ``lmdi``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gep.account.columns import roll_up
from gep.account.evaluation import arguments, evaluate, summed_axes
from gep.comparison.lmdi import additive, homogeneity, multiplicative, sign_changes
from gep.comparison.panel import Pair, Panel, pair_plans, stable_regions
from gep.comparison.shapley_effects import InputSwap
from gep.errors import Problem, make_problem
from gep.extent.extent import CELL_DIMS
from gep.plan.dims import expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.units import factor

DENSITY = "density"  # the factor of a step that was evaluated at pixels


@dataclass(frozen=True)
class LmdiEffects:
    """The effects of the factors of all indicators between two years, regions and parents x lines.

    Attributes
    ----------
    additive : dict of str to ndarray
        By factor (``step.argument``) its effect, in the unit of the line. NaN in lines without the
        factor, and where LMDI is refused.
    ratios : dict of str to ndarray
        By factor the ratio by which it changed the value; NaN as above, and where there is no
        ratio.
    warnings : list of Problem
        ``lmdi-sign`` for each indicator that is refused in some regions.
    """

    additive: dict[str, np.ndarray]
    ratios: dict[str, np.ndarray]
    warnings: list[Problem]


@dataclass(frozen=True)
class LmdiFactor:
    """A factor of a step in both years.

    Attributes
    ----------
    name : str
        ``step.argument``, ``step.area``, ``step.rest``, ``step.presence``, or ``step.density`` of
        a step that was evaluated at pixels.
    first, last : ndarray of float
        The factor in either year, over the step's dims (length 1 where it does not vary).
    power : int
        The power with which it enters the product.
    """

    name: str
    first: np.ndarray
    last: np.ndarray
    power: int


@dataclass(frozen=True)
class _Year:
    """The plan of one year, its inputs completed from the other year, and its results."""

    plan: Plan
    results: Mapping[str, np.ndarray]

    def step(self, name: str) -> "_StepOfYear":
        step = self.plan.step(name)
        return _StepOfYear(self.plan, step, arguments(self.plan, step, self.results))


@dataclass(frozen=True)
class _StepOfYear:
    """A step in one year with the arguments of its method."""

    plan: Plan
    step: PlannedStep
    arguments: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _StepEffects:
    """The effects of a step's factors by region, and the regions where LMDI is not defined."""

    effects: Mapping[str, np.ndarray]
    is_undefined: np.ndarray


# --- effects on the lines of a panel -------------------------------------------------------------


def factor_effects(panel: Panel, pair: Pair) -> LmdiEffects:
    """Return the LMDI-I effects of the factors of each indicator on its value.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)

    Returns
    -------
    LmdiEffects
        LMDI is refused where a factor changes its sign or a divisor is 0, with a warning, and in
        regions that were merged or split between the two years.
    """
    first_year, last_year = pair
    panel_between = panel.between(pair)
    shares = panel.map_regions(panel_between, pair)
    is_unstable = ~stable_regions(panel_between, pair)
    first, last = _completed_years(panel_between, pair)
    shape = (len(panel.codes), len(panel.lines))
    effects: dict[str, np.ndarray] = {}
    is_refused = np.zeros(shape, dtype=bool)
    for step in first.plan.steps:
        indicator = step.indicator
        if step.step.kind != "value" or indicator is None:
            continue
        line = panel.position(indicator.category, indicator.id)
        unit = panel.lines["unit"].iloc[line]
        scale = factor(step.step.unit, unit)
        step_effects = _step_effects(first, last, step.name)
        is_undefined = step_effects.is_undefined | is_unstable
        is_refused[:, line] |= _any_part(panel, is_undefined, shares)
        for name, values in step_effects.effects.items():
            if name not in effects:
                effects[name] = np.full(shape, np.nan)
            matrix = effects[name]
            earlier = np.nan_to_num(matrix[:, line])
            added = _sum_parts(panel, values * scale, shares)
            matrix[:, line] = earlier + added
    ratios = {}
    for name, matrix in effects.items():
        matrix[is_refused] = np.nan
        ratios[name] = multiplicative(
            matrix,
            v0=panel.levels[first_year].values,
            v1=panel.levels[last_year].values,
        )
    return LmdiEffects(
        additive=effects,
        ratios=ratios,
        warnings=_sign_warnings(
            panel,
            pair,
            is_refused=is_refused,
            is_stable=~_any_part(panel, is_unstable, shares),
        ),
    )


def _completed_years(panel: Panel, pair: Pair) -> tuple[_Year, _Year]:
    """Return both years of a pair, what no row answers taken from the other year."""
    first_year, last_year = pair
    first_plan, last_plan, _ = pair_plans(
        panel,
        first=panel.account(first_year),
        last=panel.account(last_year),
    )
    swap = InputSwap.of(first_plan, last_plan)
    first_plan = swap.mixture(frozenset())
    last_plan = swap.mixture(frozenset(swap.groups))
    first = _Year(first_plan, evaluate(first_plan))
    last = _Year(last_plan, evaluate(last_plan))
    return first, last


def _any_part(panel: Panel, is_part: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the regions and parents that contain any part of the marked regions of a pair."""
    takes = shares > 0
    has_part = is_part.astype(float) @ takes > 0
    rolled_up = roll_up(has_part[:, None], panel.above, "any")
    return rolled_up[:, 0]


def _sum_parts(panel: Panel, amounts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the amounts of the regions of a pair, summed by region and parent of the panel."""
    sums = amounts @ shares
    rolled_up = roll_up(sums[:, None], panel.above)
    return rolled_up[:, 0]


def _sign_warnings(
    panel: Panel, pair: Pair, *, is_refused: np.ndarray, is_stable: np.ndarray
) -> list[Problem]:
    """Warn of each indicator for which LMDI is refused in regions whose boundary did not change.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)
    is_refused : ndarray of bool
        Regions and parents x lines.
    is_stable : ndarray of bool
        Regions and parents without regions that were merged or split between the two years.

    Returns
    -------
    list of Problem
        ``lmdi-sign``, one for each indicator.
    """
    first_year, last_year = pair
    warnings = []
    changes_sign = is_refused & is_stable[:, None]
    changes_sign = changes_sign[: len(panel.regions)]
    for line in np.flatnonzero(changes_sign.any(axis=0)):
        indicator = panel.lines["indicator"].iloc[line]
        codes = panel.regions[changes_sign[:, line]]
        problem = make_problem(
            "lmdi-sign",
            "decomposition lmdi",
            "comparison.sign-changes",
            indicator=panel.indicator_label(indicator),
            regions=[panel.label(code) for code in codes],
            first=first_year,
            last=last_year,
        )
        warnings.append(problem)
    return warnings


def _step_effects(first: _Year, last: _Year, name: str) -> _StepEffects:
    """Return what each factor of a step did to its result, by region.

    Parameters
    ----------
    first, last : _Year
    name : str
        The step's full name.

    Returns
    -------
    _StepEffects
        Effects in the step's unit.
    """
    factors = _factors(first, last, name)
    first_live = first.plan.step(name).live
    last_live = last.plan.step(name).live
    live = first_live | last_live
    before = []
    after = []
    powers = []
    for item in factors:
        before.append(np.where(live, item.first, 1.0))
        after.append(np.where(live, item.last, 1.0))
        powers.append(item.power)
    axes_within_region = tuple(range(1, live.ndim))
    changes_sign = sign_changes(before, after, powers) & live
    by_cell = np.where(live, additive(before, after, powers), 0.0)
    effects: dict[str, np.ndarray] = {}
    for item, values in zip(factors, by_cell, strict=True):
        by_region = np.asarray(values.sum(axis=axes_within_region))
        effects[item.name] = effects.get(item.name, 0.0) + by_region
    return _StepEffects(
        effects=effects,
        is_undefined=np.asarray(changes_sign.any(axis=axes_within_region)),
    )


# --- the factors of a step -----------------------------------------------------------------------


def _factors(first: _Year, last: _Year, name: str) -> list[LmdiFactor]:
    """Return the factors of a step whose product is its result before ``sum_over``.

    Parameters
    ----------
    first, last : _Year
    name : str
        The step's full name.

    Returns
    -------
    list of LmdiFactor
        Over the step's dims. The factors of a step that hands over its cells take its place.
    """
    first_step = first.step(name)
    last_step = last.step(name)
    step = first_step.step
    if step.density is not None:
        return [_density(first_step, last_step), *_area_and_presence(first_step, last_step)]
    powers = _common_powers(first_step, last_step)
    factors: list[LmdiFactor] = []
    scale = 1.0  # of results that are handed over in another unit
    for argument, power in powers.items():
        source = step.inputs[argument]
        if isinstance(source, StepLink) and _hands_over_cells(source, first.plan):
            scale *= source.factor**power
            linked = first.plan.step(source.source)
            for item in _factors(first, last, source.source):
                factors.append(
                    LmdiFactor(
                        name=item.name,
                        first=_expand_factor(item.first, linked, step),
                        last=_expand_factor(item.last, linked, step),
                        power=item.power * power,
                    )
                )
        else:
            factors.append(
                LmdiFactor(
                    name=f"{step.step.id}.{argument}",
                    first=first_step.arguments[argument],
                    last=last_step.arguments[argument],
                    power=power,
                )
            )
    rest = LmdiFactor(
        name=f"{step.step.id}.rest",
        first=_rest(first_step, powers) * scale,
        last=_rest(last_step, powers) * scale,
        power=1,
    )
    return [*factors, rest, *_area_and_presence(first_step, last_step)]


def _density(first: _StepOfYear, last: _StepOfYear) -> LmdiFactor:
    """Return what a step gave by area on the pixels of each cell: one factor, whatever it took."""
    values = []
    for year in (first.step, last.step):
        assert year.density is not None
        values.append(year.density * year.factor)
    return LmdiFactor(
        name=f"{first.step.step.id}.{DENSITY}",
        first=values[0],
        last=values[1],
        power=1,
    )


def _common_powers(first: _StepOfYear, last: _StepOfYear) -> dict[str, int]:
    """Return the powers, other than 0, in which the step's method is homogeneous in both years.

    An argument that is nowhere other than 0 in one year has the power of the other year.
    """
    function = first.step.method.function
    first_powers = homogeneity(function, first.arguments)
    last_powers = homogeneity(function, last.arguments)
    common: dict[str, int] = {}
    for argument in dict.fromkeys([*first_powers, *last_powers]):
        powers = set()
        for year, year_powers in ((first, first_powers), (last, last_powers)):
            is_zero = not np.nan_to_num(year.arguments[argument]).any()
            if argument in year_powers or not is_zero:
                powers.add(year_powers.get(argument))
        if len(powers) == 1:
            power = powers.pop()
            if power:
                common[argument] = power
    return common


def _hands_over_cells(link: StepLink, plan: Plan) -> bool:
    """Return whether a link hands over all cells of a step, not sums or chosen members."""
    if link.total or link.pick:
        return False
    step = plan.step(link.source)
    return not summed_axes(step)


def _expand_factor(values: np.ndarray, source: PlannedStep, target: PlannedStep) -> np.ndarray:
    """Bring a factor of one step to the dims of a step that takes its result."""
    full = np.broadcast_to(values, source.live.shape)
    return expand(full, source.dims, target.dims)


def _rest(step: _StepOfYear, powers: Mapping[str, int]) -> np.ndarray:
    """Return the method's result over the product of its factors, each taken as 1 where it is 0."""
    with np.errstate(all="ignore"):
        factors = {}
        for argument in powers:
            values = step.arguments[argument]
            factors[argument] = np.where(values == 0, 1.0, values)
        result = step.step.method.function(**{**step.arguments, **factors})
        rest = np.asarray(result, dtype=float) * step.step.factor
        for argument, power in powers.items():
            rest = rest / factors[argument] ** power
    return rest


def _area_and_presence(first: _StepOfYear, last: _StepOfYear) -> list[LmdiFactor]:
    """Return the area of a step per area, and the presence of cells that count in one year only.

    Where such cells have no area in the other year, the area says it already: no presence then.
    """
    factors = []
    name = first.step.step.id
    first_live = first.step.live
    last_live = last.step.live
    needs_presence = not np.array_equal(first_live, last_live)
    if first.step.step.per == "area":
        first_area = _area(first)
        last_area = _area(last)
        area = LmdiFactor(
            name=f"{name}.area",
            first=first_area,
            last=last_area,
            power=1,
        )
        factors.append(area)
        has_land_first = (last_live & ~first_live & (first_area > 0)).any()
        has_land_last = (first_live & ~last_live & (last_area > 0)).any()
        needs_presence = bool(has_land_first or has_land_last)
    if needs_presence:
        presence = LmdiFactor(
            name=f"{name}.presence",
            first=first_live.astype(float),
            last=last_live.astype(float),
            power=1,
        )
        factors.append(presence)
    return factors


def _area(step: _StepOfYear) -> np.ndarray:
    """Return the area of the cells, m2, over the step's dims."""
    return expand(step.plan.extent.area_of(), CELL_DIMS, step.step.dims)
