"""Allocations worked out (资金分配计算): by factors or horizontally, year by year, deductions carried into the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gep.assessment.allocation.largest_remainder import allot, allot_within, part, rounded
from gep.assessment.allocation.scheme import AllocationSpec, Amount, EventCut
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import fen, in_currency
from gep.assessment.readings import Reading
from gep.units import currency


@dataclass(frozen=True)
class YearAllocation:
    """A year's allocation; money in fen, a list an entry a region."""

    year: int
    regions: tuple[str, ...]
    coin: str
    pool: int  # of the year, without what was carried in
    carried_in: int
    score: tuple[Fraction, ...]
    coefficient: tuple[Fraction, ...]
    gross: tuple[
        int, ...
    ]  # the share before deductions; horizontal: what was paid in, plus the reward
    deduction: tuple[int, ...]
    carried: tuple[int, ...]  # of the deductions, what joins the next pool
    factors: Mapping[str, tuple[Fraction, ...]]  # factor -> the regions' shares in it

    @property
    def amount(self) -> tuple[int, ...]:
        """What each region gets."""
        return tuple(whole - less for whole, less in zip(self.gross, self.deduction, strict=True))


def exact(value: float) -> Fraction:
    """A number as it is written."""
    return Fraction(repr(float(value)))


def values(ground: AssessmentContext, name: str, unit: str, year: int) -> np.ndarray:
    """The data rows of a name, by region."""
    return ground.read(Reading(data=name), unit, year).value


def factor_scores(text: AllocationSpec, ground: AssessmentContext, year: int) -> np.ndarray:
    """The factor scores, factors x regions; NaN where there is none."""
    return np.array([ground.read(one.reading, one.unit, year).value for one in text.factor])


def taking_part(text: AllocationSpec, ground: AssessmentContext, year: int) -> list[int]:
    """The places of the regions that share in a year: those with any factor score, or any count of indicators met."""
    if text.method == "horizontal":
        return np.flatnonzero(np.isfinite(values(ground, text.met, "1", year))).tolist()
    return np.flatnonzero(np.isfinite(factor_scores(text, ground, year)).any(axis=0)).tolist()


def cuts(
    text: AllocationSpec, ground: AssessmentContext, year: int
) -> list[tuple[str, EventCut, float, str]]:
    """The events of a year: region, rule, rate (NaN: none given), where it stands."""
    if ground.events is None:
        return []
    rules, found = {one.id: one for one in text.event}, []
    rows = ground.events.rows
    for row in rows[(rows["year"] == year).to_numpy()].to_dict("records"):
        rule = rules.get(str(row["event"]))
        if rule is None or row["region"] not in ground.regions:
            continue
        rate = rule.rate
        if rate is None:
            rate = float(values(ground, rule.data, "1", year)[ground.regions.index(row["region"])])
        found.append((str(row["region"]), rule, rate, f"{row['file']} row {row['row']}"))
    return found


def money_of(
    amount: Amount | None, ground: AssessmentContext, year: int, places: Sequence[int]
) -> list[int | None]:
    """An amount of money by region in fen; None where there is none."""
    if amount is None:
        return [None] * len(places)
    if amount.amount is not None:
        return [fen(in_currency(amount.amount, amount.unit))] * len(places)
    found = values(ground, amount.data, currency(amount.unit) or "CNY", year)[list(places)]
    return [None if np.isnan(one) else round(exact(one) * 100) for one in found]


def deducted_of(
    text: AllocationSpec, ground: AssessmentContext, year: int, places: Sequence[int]
) -> list[int]:
    """Horizontal: what the data rows take from each region, in fen; 0 where there is no row."""
    assert text.contribution is not None
    unit = currency(text.contribution.unit) or "CNY"
    return [
        one or 0 for one in money_of(Amount(data=text.deducted, unit=unit), ground, year, places)
    ]


def shared_years(text: AllocationSpec, ground: AssessmentContext) -> list[int]:
    """The years that are shared out: with a pool, or (horizontal) with regions that take part."""
    if text.method == "horizontal":
        return [year for year in ground.years if taking_part(text, ground, year)]
    if ground.pools is None:
        return []
    pool = ground.pools.of(text.pool)
    return [year for year in ground.years if year in pool]


def share_out(text: AllocationSpec, ground: AssessmentContext) -> list[YearAllocation]:
    """The years in their order, each with what the one before carried forward. Raises ``Infeasible``."""
    found: list[YearAllocation] = []
    for year in shared_years(text, ground):
        carried = sum(found[-1].carried) if found else 0
        by = _horizontal if text.method == "horizontal" else _by_factors
        found.append(by(text, ground, year, carried))
    return found


def _by_factors(
    text: AllocationSpec, ground: AssessmentContext, year: int, carried_in: int
) -> YearAllocation:
    places = taking_part(text, ground, year)
    regions = tuple(ground.regions[place] for place in places)
    assert ground.pools is not None
    row = ground.pools.of(text.pool)[year]
    scores, factors = factor_scores(text, ground, year)[:, places], {}
    score = [Fraction(0)] * len(places)
    for one, own in zip(text.factor, scores, strict=True):
        given = [exact(value) for value in own]
        whole = sum(given, Fraction(0))
        factors[one.id] = tuple(value / whole for value in given)
        score = [
            so_far + exact(one.weight) * mine
            for so_far, mine in zip(score, factors[one.id], strict=True)
        ]
    coefficient = [Fraction(1)] * len(places)
    if text.coefficient is not None:
        coefficient = [exact(k) for k in ground.read(text.coefficient, "1", year).value[places]]
    floors = [one or 0 for one in money_of(text.floor, ground, year, places)]
    weights = [one * k for one, k in zip(score, coefficient, strict=True)]
    pool = fen(row["amount"])
    gross = allot_within(
        pool + carried_in, weights, floors, money_of(text.cap, ground, year, places), regions
    )
    rate = dict.fromkeys(regions, Fraction(0))
    for code, _, event_rate, _ in cuts(text, ground, year):
        if code in rate:
            rate[code] = max(
                rate[code], exact(event_rate)
            )  # of several events the largest counts, once
    less = tuple(part(money, rate[code]) for money, code in zip(gross, regions, strict=True))
    return YearAllocation(
        year,
        regions,
        row["currency"],
        pool,
        carried_in,
        tuple(score),
        tuple(coefficient),
        tuple(gross),
        less,
        less,
        factors,
    )


def _horizontal(
    text: AllocationSpec, ground: AssessmentContext, year: int, carried_in: int
) -> YearAllocation:
    places = taking_part(text, ground, year)
    regions = tuple(ground.regions[place] for place in places)
    paid = [one or 0 for one in money_of(text.contribution, ground, year, places)]
    met = [exact(one) for one in values(ground, text.met, "1", year)[places]]
    struck = {
        code: exact(rate)
        for code, _, rate, _ in sorted(cuts(text, ground, year), key=lambda one: one[2])
    }
    less = [
        min(own, taken + part(own, struck.get(code, Fraction(0))))
        for own, taken, code in zip(
            paid, deducted_of(text, ground, year, places), regions, strict=True
        )
    ]
    eligible = [
        Fraction(0) if code in struck else count for code, count in zip(regions, met, strict=True)
    ]
    purse = sum(less) + carried_in
    nobody = not any(eligible)
    reward = [0] * len(regions) if nobody else allot(purse, eligible, regions)
    assert text.contribution is not None
    carried = _carried(less, purse) if nobody else [0] * len(less)
    return YearAllocation(
        year,
        regions,
        currency(text.contribution.unit) or "CNY",
        sum(paid),
        carried_in,
        tuple(met),
        (Fraction(1),) * len(regions),
        tuple(own + more for own, more in zip(paid, reward, strict=True)),
        tuple(less),
        tuple(carried),
        {},
    )


def _carried(less: Sequence[int], purse: int) -> list[int]:
    """What nobody may be given, carried forward: shown where it was deducted; what was carried in, spread likewise."""
    whole = sum(less)
    shares = [Fraction(purse * one, whole) if whole else Fraction(purse, len(less)) for one in less]
    return rounded(shares, [str(place).zfill(9) for place in range(len(less))])
