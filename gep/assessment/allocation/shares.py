"""Pools shared out (资金分配计算): every fen allotted, within floors and caps, year after year.

The first part of the module shares out one amount by the largest remainder; the second part works
out the years of a scheme, by factors or horizontally, and carries deductions into the next year.
Amounts are whole numbers of fen (分) and weights are fractions, so that nothing is lost on the way.
What would stand in the way is reported beforehand, by ``checks``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gep.assessment.allocation.amounts import (
    YUAN,
    amounts_in_fen,
    data_values,
    exact,
    part_of,
)
from gep.assessment.allocation.rules import NO_RULES, ClaimParts, claims_of, participants_by_rule
from gep.assessment.allocation.scheme import (
    AllocationSpec,
    Amount,
    DeductionRule,
    rule_amounts,
)
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import FEN, fen, yuan
from gep.errors import Place
from gep.io.csv_excel import row_place
from gep.texts.catalogue import Text, text
from gep.units import currency

# --- one amount ----------------------------------------------------------------------------------


class Infeasible(ValueError):
    """No shares sum to the amount within these floors and caps.

    Attributes
    ----------
    reason : Text
        What makes it impossible, to be used as a value of a problem's message.
    year : int
        The year in which it is so; 0 where one amount is shared out by itself.
    """

    def __init__(self, reason: Text, year: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.year = year


def allot(total: int, weights: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Share out an amount in proportion to weights; what is left goes to the largest remainders.

    Parameters
    ----------
    total : int
        The amount in fen.
    weights : sequence of Fraction
        Not negative.
    names : sequence of str
        Names of the receivers; of equal remainders that of the name that sorts first goes first.

    Returns
    -------
    list of int
        Fen; their sum is ``total``.

    Raises
    ------
    Infeasible
        If no weight is above 0, and ``total`` is.
    """
    no_floors = [0] * len(weights)
    no_caps = [None] * len(weights)
    return allot_within(total, weights, no_floors, no_caps, names=names)


def allot_within(
    total: int,
    weights: Sequence[Fraction],
    floors: Sequence[int],
    caps: Sequence[int | None],
    *,
    names: Sequence[str],
) -> list[int]:
    """Share out an amount as :func:`allot` does, each share within its floor and its cap.

    Parameters
    ----------
    total, weights, names
        As in :func:`allot`.
    floors : sequence of int
        The least share of each receiver, in fen.
    caps : sequence of (int or None)
        The largest share of each receiver, in fen; None for no limit.

    Returns
    -------
    list of int
        Fen; their sum is ``total``.

    Raises
    ------
    Infeasible
        If no such shares sum to ``total``.
    """
    shares = proportional_shares(total, weights, floors, caps)
    return round_shares(shares, names)


def round_shares(shares: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Round shares to whole fen with the same sum: the largest remainders are rounded up.

    Parameters
    ----------
    shares : sequence of Fraction
        Fen; their sum is a whole number.
    names : sequence of str
        Of equal remainders that of the name that sorts first is rounded up first.

    Returns
    -------
    list of int
    """
    rounded = [share.numerator // share.denominator for share in shares]
    remaining = sum(shares, Fraction(0)) - sum(rounded)

    def largest_remainder_first(position: int) -> tuple[Fraction, str]:
        return rounded[position] - shares[position], names[position]

    order = sorted(range(len(shares)), key=largest_remainder_first)
    for position in order[: int(remaining)]:
        rounded[position] += 1
    return rounded


def proportional_shares(
    total: int,
    weights: Sequence[Fraction],
    floors: Sequence[int],
    caps: Sequence[int | None],
) -> list[Fraction]:
    """Share out an amount in proportion to weights, exactly, within floors and caps.

    Each round shares out what is not yet fixed. Of the shares that break a limit, it fixes those on
    the side (floors or caps) that is broken by more, so that it ends after at most as many rounds
    as there are shares. The result is the one list of shares ``clip(x * weight, floor, cap)``, with
    one ``x`` for all, that has the sum ``total``.

    Parameters
    ----------
    total, weights, floors, caps
        As in :func:`allot_within`.

    Returns
    -------
    list of Fraction
        Fen; their sum is ``total``.

    Raises
    ------
    Infeasible
        If no such shares sum to ``total``.
    """
    fixed = _shares_without_weight(total, weights, floors, caps)
    positions = range(len(weights))
    while True:
        free = [position for position in positions if position not in fixed]
        remaining = total - sum(fixed.values())
        weight = sum((weights[position] for position in free), Fraction(0))
        shares = {position: remaining * weights[position] / weight for position in free}
        under_floor: dict[int, int] = {}
        over_cap: dict[int, int] = {}
        shortfall = Fraction(0)
        excess = Fraction(0)
        for position, share in shares.items():
            floor = floors[position]
            cap = caps[position]
            if share < floor:
                under_floor[position] = floor
                shortfall += floor - share
            if cap is not None and share > cap:
                over_cap[position] = cap
                excess += share - cap
        if not under_floor and not over_cap:
            for position, amount in fixed.items():
                shares[position] = Fraction(amount)
            return [shares[position] for position in positions]
        if shortfall >= excess:
            fixed |= under_floor
        if excess >= shortfall:
            fixed |= over_cap


def _shares_without_weight(
    total: int,
    weights: Sequence[Fraction],
    floors: Sequence[int],
    caps: Sequence[int | None],
) -> dict[int, int]:
    """Return the shares of receivers without weight, which are their floors, by position.

    Raises ``Infeasible`` if no shares within the limits have the sum.
    """
    for floor, cap in zip(floors, caps, strict=True):
        if cap is not None and cap < floor:
            values = {"cap": yuan(cap), "floor": yuan(floor)}
            raise Infeasible(text("allocation.infeasible.cap-below-floor", **values))
    if sum(floors) > total:
        values = {"floors": yuan(sum(floors)), "pool": yuan(total)}
        raise Infeasible(text("allocation.infeasible.floors-above-pool", **values))
    shares = {}
    reach = 0
    is_limited = True
    for position, weight in enumerate(weights):
        cap = caps[position]
        if weight <= 0:
            shares[position] = floors[position]
            reach += floors[position]
        elif cap is None:
            is_limited = False
        else:
            reach += cap
    if is_limited and reach < total:
        values = {"amount": yuan(total - reach), "pool": yuan(total)}
        raise Infeasible(text("allocation.infeasible.out-of-reach", **values))
    return shares


# --- what a year is worked out from --------------------------------------------------------------


class EventDeduction(NamedTuple):
    """An event of a region and the share of its money that the event takes.

    Attributes
    ----------
    region : str
    rule : DeductionRule
    rate : float
        The share, between 0 and 1; NaN where no data row states it.
    place : Place
        The row of the event.
    """

    region: str
    rule: DeductionRule
    rate: float
    place: Place


def factor_scores(spec: AllocationSpec, context: AssessmentContext, year: int) -> np.ndarray:
    """Read the scores of all factors.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    year : int

    Returns
    -------
    ndarray of float
        Factor x region of the context, each factor in its unit; NaN where there is no score.
    """
    scores = []
    for factor in spec.factor:
        reading = context.read(factor.reading, factor.unit, year)
        scores.append(reading.value)
    return np.array(scores)


def participants(spec: AllocationSpec, context: AssessmentContext, year: int) -> list[int]:
    """Return the positions of the regions that share in a year.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    year : int

    Returns
    -------
    list of int
        Positions in ``context.regions``: regions with any factor score, (horizontal) with a
        number of indicators met, or (rules) with a reading of any payment or at a section.
    """
    if spec.method == "horizontal":
        met = data_values(context, spec.met, "1", year)
        takes_part = np.isfinite(met)
    elif spec.method == "rules":
        takes_part = participants_by_rule(spec, context, year)
    else:
        scores = factor_scores(spec, context, year)
        takes_part = np.isfinite(scores).any(axis=0)
    positions: list[int] = np.flatnonzero(takes_part).tolist()
    return positions


def event_deductions(
    spec: AllocationSpec, context: AssessmentContext, year: int
) -> list[EventDeduction]:
    """Return the events of a year that deduct, in the order of the table of events.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    year : int

    Returns
    -------
    list of EventDeduction
        Without events that the scheme does not name, and regions that are not assessed.
    """
    if context.events is None:
        return []
    rules = {rule.id: rule for rule in spec.event}
    rows = context.events.rows
    of_year = rows["year"] == year
    deductions = []
    for row in rows[of_year.to_numpy()].to_dict("records"):
        rule = rules.get(str(row["event"]))
        region = str(row["region"])
        if rule is None or region not in context.regions:
            continue
        rate = rule.rate
        if rate is None:
            rates = data_values(context, rule.data, "1", year)
            rate = float(rates[context.regions.index(region)])
        place = row_place(str(row["file"]), [row["row"]])
        deductions.append(EventDeduction(region, rule, rate, place))
    return deductions


def money_lost(
    spec: AllocationSpec, context: AssessmentContext, year: int, positions: Sequence[int]
) -> list[int]:
    """Read what the data rows ``deducted`` take from each region (method ``horizontal``).

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    year : int
    positions : sequence of int
        Positions of the regions wanted, in ``context.regions``.

    Returns
    -------
    list of int
        Fen, by ``positions``; 0 where there is no row.
    """
    amount = Amount(data=spec.deducted, unit=currency_paid_in(spec))
    amounts = amounts_in_fen(amount, context, year, positions)
    return [fen_lost or 0 for fen_lost in amounts]


def currency_paid_in(spec: AllocationSpec) -> str:
    """Return the currency in which regions pay in (method ``horizontal``)."""
    if spec.contribution is None:
        return YUAN
    return currency(spec.contribution.unit) or YUAN


def pool_rows(spec: AllocationSpec, context: AssessmentContext) -> dict[int, dict[str, Any]]:
    """Return the rows of the scheme's pool by year; none if the project has no table of pools."""
    if context.pools is None:
        return {}
    return context.pools.of(spec.pool)


def shared_years(spec: AllocationSpec, context: AssessmentContext) -> list[int]:
    """Return the years with something to share out.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext

    Returns
    -------
    list of int
        Assessed years that have a pool, or (where regions or rules fill it) in which any region
        takes part.
    """
    if not spec.pays_from_table:
        return [year for year in context.years if participants(spec, context, year)]
    rows = pool_rows(spec, context)
    return [year for year in context.years if year in rows]


# --- the years -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearAllocation:
    """The allocation of a year. Money is in fen, and sequences have one entry a region.

    Attributes
    ----------
    year : int
    regions : tuple of str
        Codes of the regions that take part.
    currency : str
    pool : int
        The pool of the year, without what was carried in.
    carried_in : int
        What the previous year carried forward.
    score : tuple of Fraction
        Weighted sum of the shares in the factors; horizontal: number of indicators met.
    coefficient : tuple of Fraction
    gross : tuple of int
        The share before deductions; horizontal: what was paid in, plus the reward.
    deduction : tuple of int
    carried_forward : tuple of int
        Of the deductions, what joins the pool of the next year.
    factor_shares : mapping of str to tuple of Fraction
        By factor the shares of the regions in it; empty for other methods than ``factors``.
    rest : int
        What the pool had beyond all payments (method ``rules``), which joins that of the next year.
    parts : ClaimParts
        What payments and sections give (method ``rules``).
    limited : tuple of int
        What payments give within floor and cap (method ``rules``), before the pool.
    """

    year: int
    regions: tuple[str, ...]
    currency: str
    pool: int
    carried_in: int
    score: tuple[Fraction, ...]
    coefficient: tuple[Fraction, ...]
    gross: tuple[int, ...]
    deduction: tuple[int, ...]
    carried_forward: tuple[int, ...]
    factor_shares: Mapping[str, tuple[Fraction, ...]]
    rest: int = 0
    parts: ClaimParts = NO_RULES
    limited: tuple[int, ...] = ()

    @property
    def carried_out(self) -> int:
        """What joins the pool of the next year."""
        return sum(self.carried_forward) + self.rest

    @property
    def amount(self) -> tuple[int, ...]:
        """What each region receives."""
        pairs = zip(self.gross, self.deduction, strict=True)
        return tuple(gross - deduction for gross, deduction in pairs)


def share_out(spec: AllocationSpec, context: AssessmentContext) -> list[YearAllocation]:
    """Share out the pools of all years, each with what the previous one carried forward.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext

    Returns
    -------
    list of YearAllocation
        In the order of the years.

    Raises
    ------
    Infeasible
        If the pool of a year cannot be shared out within floors and caps.
    """
    allocations: list[YearAllocation] = []
    carried = 0
    for year in shared_years(spec, context):
        try:
            allocation = _SHARE[spec.method](spec, context, year, carried)
        except Infeasible as error:
            raise Infeasible(error.reason, year) from None
        carried = allocation.carried_out
        allocations.append(allocation)
    return allocations


def _share_by_factors(
    spec: AllocationSpec, context: AssessmentContext, year: int, carried_in: int
) -> YearAllocation:
    """Share out a pool by scores and coefficients, within floors and caps; then deduct."""
    positions = participants(spec, context, year)
    regions = tuple(context.regions[position] for position in positions)
    row = pool_rows(spec, context)[year]
    pool = fen(row["amount"])
    scores = factor_scores(spec, context, year)[:, positions]
    factor_shares = {}
    score = [Fraction(0)] * len(regions)
    for factor, row_of_scores in zip(spec.factor, scores, strict=True):
        exact_scores = [exact(value) for value in row_of_scores]
        total = sum(exact_scores, Fraction(0))
        shares = tuple(value / total for value in exact_scores)
        factor_shares[factor.id] = shares
        weight = exact(factor.weight)
        for index, share in enumerate(shares):
            score[index] += weight * share
    coefficient = _coefficients(spec, context, year, positions)
    floors = amounts_in_fen(spec.floor, context, year, positions)
    gross = allot_within(
        pool + carried_in,
        weights=[points * k for points, k in zip(score, coefficient, strict=True)],
        floors=[floor or 0 for floor in floors],
        caps=amounts_in_fen(spec.cap, context, year, positions),
        names=regions,
    )
    deduction = _deduct(gross, regions, _largest_rates(spec, context, year))
    return YearAllocation(
        year=year,
        regions=regions,
        currency=row["currency"],
        pool=pool,
        carried_in=carried_in,
        score=tuple(score),
        coefficient=tuple(coefficient),
        gross=tuple(gross),
        deduction=tuple(deduction),
        carried_forward=tuple(deduction),
        factor_shares=factor_shares,
    )


def _coefficients(
    spec: AllocationSpec, context: AssessmentContext, year: int, positions: Sequence[int]
) -> list[Fraction]:
    """Read the coefficients of regions; 1 where the scheme has none."""
    if spec.coefficient is None:
        return [Fraction(1)] * len(positions)
    values = context.read(spec.coefficient, "1", year).value[positions]
    return [exact(value) for value in values]


def _deduct(
    gross: Sequence[int], regions: Sequence[str], rates: Mapping[str, Fraction]
) -> list[int]:
    """Return what events take of each region's money; nothing where it pays itself."""
    deduction = []
    for region, money in zip(regions, gross, strict=True):
        rate = rates.get(region, Fraction(0))
        deduction.append(part_of(max(money, 0), rate))
    return deduction


def _share_by_rules(
    spec: AllocationSpec, context: AssessmentContext, year: int, carried_in: int
) -> YearAllocation:
    """Pay what the rules give, as far as the pool reaches; then sections, then deduct."""
    positions = participants(spec, context, year)
    regions = tuple(context.regions[position] for position in positions)
    coefficient = _coefficients(spec, context, year, positions)
    parts = claims_of(spec, context, year, positions, coefficient)
    floors = amounts_in_fen(spec.floor, context, year, positions)
    caps = amounts_in_fen(spec.cap, context, year, positions)
    claims = [parts.claim(index) for index in range(len(regions))]
    limited = _within_limits(claims, floors, caps)
    row = pool_rows(spec, context).get(year)
    if spec.pool_from == "rules" or row is None:
        pool = max(0, sum(limited) - carried_in)
        coin = currency_of_rules(spec)
    else:
        pool = fen(row["amount"])
        coin = row["currency"]
    paid_in = sum(-claim for claim in limited if claim < 0)
    available = pool + carried_in + paid_in
    paid = _pay(
        spec,
        limited,
        floors,
        caps,
        available,
        regions,
    )
    gross = []
    for index, claim in enumerate(limited):
        gross.append(parts.transfer(index) + (paid[index] if claim > 0 else claim))
    deduction = _deduct(gross, regions, _largest_rates(spec, context, year))
    return YearAllocation(
        year=year,
        regions=regions,
        currency=coin,
        pool=pool,
        carried_in=carried_in,
        score=tuple(Fraction(claim, FEN) for claim in claims),
        coefficient=tuple(coefficient),
        gross=tuple(gross),
        deduction=tuple(deduction),
        carried_forward=tuple(deduction),
        factor_shares={},
        rest=available - sum(paid),
        parts=parts,
        limited=tuple(limited),
    )


def _within_limits(
    claims: Sequence[int], floors: Sequence[int | None], caps: Sequence[int | None]
) -> list[int]:
    """Bring claims within floors and caps."""
    limited = []
    for claim, floor, cap in zip(claims, floors, caps, strict=True):
        amount = claim
        if floor is not None:
            amount = max(amount, floor)
        if cap is not None:
            amount = min(amount, cap)
        limited.append(amount)
    return limited


def _pay(
    spec: AllocationSpec,
    limited: Sequence[int],
    floors: Sequence[int | None],
    caps: Sequence[int | None],
    available: int,
    regions: Sequence[str],
) -> list[int]:
    """Pay claims above 0 of what is available: in full, less if it is short, more if it is shared.

    Raises ``Infeasible`` if floors are above what is available, or the rest may go to nobody.
    """
    claims = [max(claim, 0) for claim in limited]
    wanted = sum(claims)
    if wanted == available or (wanted < available and (spec.rest == "carry" or wanted == 0)):
        return claims
    least = []
    most: list[int | None] = []
    for claim, floor, cap in zip(claims, floors, caps, strict=True):
        least.append(min(floor or 0, claim))
        most.append(0 if claim == 0 else cap)
    weights = [Fraction(claim) for claim in claims]
    return allot_within(available, weights, least, most, names=regions)


def currency_of_rules(spec: AllocationSpec) -> str:
    """Return the currency that payments and sections state.

    Parameters
    ----------
    spec : AllocationSpec
        Of the method ``rules``.

    Returns
    -------
    str
    """
    for amount in rule_amounts(spec).values():
        coin = currency(amount.unit)
        if coin is not None:
            return coin
    return YUAN


def _largest_rates(
    spec: AllocationSpec, context: AssessmentContext, year: int
) -> dict[str, Fraction]:
    """Return the largest rate among the events of each region, by region; each counts once."""
    rates: dict[str, Fraction] = {}
    for deduction in event_deductions(spec, context, year):
        rate = exact(deduction.rate)
        rates[deduction.region] = max(rates.get(deduction.region, rate), rate)
    return rates


def _share_horizontally(
    spec: AllocationSpec, context: AssessmentContext, year: int, carried_in: int
) -> YearAllocation:
    """Share out what regions lose, by indicators met, to the regions without an event."""
    positions = participants(spec, context, year)
    regions = tuple(context.regions[position] for position in positions)
    contributions = amounts_in_fen(spec.contribution, context, year, positions)
    paid_in = [contribution or 0 for contribution in contributions]
    counts = data_values(context, spec.met, "1", year)
    met = [exact(count) for count in counts[positions]]
    rates = _largest_rates(spec, context, year)
    losses = money_lost(spec, context, year, positions)
    deduction = []
    eligible = []
    for index, region in enumerate(regions):
        rate = rates.get(region, Fraction(0))
        taken = losses[index] + part_of(paid_in[index], rate)
        deduction.append(min(paid_in[index], taken))
        has_event = region in rates
        eligible.append(Fraction(0) if has_event else met[index])
    available = sum(deduction) + carried_in
    if any(eligible):
        reward = allot(available, eligible, regions)
        carried_forward = [0] * len(regions)
    else:
        reward = [0] * len(regions)
        carried_forward = _spread_carried(deduction, available, regions)
    gross = [paid + award for paid, award in zip(paid_in, reward, strict=True)]
    return YearAllocation(
        year=year,
        regions=regions,
        currency=currency_paid_in(spec),
        pool=sum(paid_in),
        carried_in=carried_in,
        score=tuple(met),
        coefficient=(Fraction(1),) * len(regions),
        gross=tuple(gross),
        deduction=tuple(deduction),
        carried_forward=tuple(carried_forward),
        factor_shares={},
    )


def _spread_carried(deduction: Sequence[int], available: int, regions: Sequence[str]) -> list[int]:
    """Spread what nobody may receive over the regions in proportion to what each of them lost."""
    total = sum(deduction)
    shares = []
    for amount in deduction:
        if total:
            shares.append(Fraction(available * amount, total))
        else:
            shares.append(Fraction(available, len(deduction)))
    return round_shares(shares, regions)


_SHARE = {
    "factors": _share_by_factors,
    "horizontal": _share_horizontally,
    "rules": _share_by_rules,
}
