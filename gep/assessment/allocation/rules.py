"""Money by rule (按规则计算的资金): what payments and sections give each region, before any pool.

A payment (``[[payment]]``) is a rate times what a reading is above its base. A section
(``[[section]]``) of a river makes the downstream region pay the upstream one where its limit is
met, and the other way round where it is missed. Each is rounded to whole fen by itself, so that
the lines of a region sum exactly. Pools, floors, caps and deductions are left to ``shares``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gep.assessment.allocation.amounts import amounts_in_fen, data_values, exact, part_of
from gep.assessment.allocation.scheme import (
    AllocationSpec,
    Amount,
    Payment,
    RiverSection,
)
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import FEN, in_currency
from gep.assessment.readings import ReadingValues
from gep.units import currency


class RuleLine(NamedTuple):
    """What a rule gives a region.

    Attributes
    ----------
    rule : Payment or RiverSection
    reading : float
        NaN where a payment without reading gives nothing.
    rate : Fraction
        Fen for a unit of the reading; of a section what is paid for each unit of shortfall.
    amount : int
        Fen; below 0 where the region pays.
    where : str
        What was read, as results have it.
    """

    rule: Payment | RiverSection
    reading: float
    rate: Fraction
    amount: int
    where: str


@dataclass(frozen=True)
class ClaimParts:
    """What the rules give each region. Sequences have one entry a region that takes part.

    Attributes
    ----------
    payments : tuple of tuple of RuleLine
        By payment.
    transfers : tuple of tuple of RuleLine
        By region those of the sections that it lies at; all sum to 0.
    """

    payments: tuple[tuple[RuleLine, ...], ...] = ()
    transfers: tuple[tuple[RuleLine, ...], ...] = ()

    def claim(self, index: int) -> int:
        """Return what all payments give a region, in fen."""
        return sum(lines[index].amount for lines in self.payments)

    def transfer(self, index: int) -> int:
        """Return what all sections give a region, in fen."""
        return sum(line.amount for line in self.transfers[index])


NO_RULES = ClaimParts()


def participants_by_rule(spec: AllocationSpec, context: AssessmentContext, year: int) -> np.ndarray:
    """Return which regions take part: those with a reading of any payment, or at a section.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    year : int

    Returns
    -------
    ndarray of bool
        By region of the context.
    """
    takes_part = np.zeros(len(context.regions), dtype=bool)
    for payment in spec.payment:
        takes_part |= np.isfinite(context.read(payment.reading, payment.unit, year).value)
    for section in spec.section:
        takes_part |= np.isin(context.regions, (section.upstream, section.downstream))
    return takes_part


def claims_of(
    spec: AllocationSpec,
    context: AssessmentContext,
    year: int,
    positions: Sequence[int],
    coefficient: Sequence[Fraction],
) -> ClaimParts:
    """Compute what the rules give each region.

    Parameters
    ----------
    spec : AllocationSpec
        Of the method ``rules``.
    context : AssessmentContext
    year : int
    positions : sequence of int
        Positions of the regions that take part, in ``context.regions``.
    coefficient : sequence of Fraction
        By which the payments of each region are multiplied.

    Returns
    -------
    ClaimParts
    """
    payments = []
    for payment in spec.payment:
        payments.append(_payment_lines(payment, context, year, positions, coefficient))
    lines_of: dict[str, list[RuleLine]] = {}
    for section in spec.section:
        line = _section_line(section, context, year)
        lines_of.setdefault(section.upstream, []).append(line)
        opposite = line._replace(amount=-line.amount)
        lines_of.setdefault(section.downstream, []).append(opposite)
    transfers = []
    for position in positions:
        transfers.append(tuple(lines_of.get(context.regions[position], ())))
    return ClaimParts(tuple(payments), tuple(transfers))


def _payment_lines(
    payment: Payment,
    context: AssessmentContext,
    year: int,
    positions: Sequence[int],
    coefficient: Sequence[Fraction],
) -> tuple[RuleLine, ...]:
    """Compute what a payment gives each region."""
    values = context.read(payment.reading, payment.unit, year)
    rates = rates_in_fen(payment.rate, context, year, positions)
    lines = []
    for position, rate, factor in zip(positions, rates, coefficient, strict=True):
        reading = float(values.value[position])
        if np.isnan(reading):
            lines.append(RuleLine(payment, reading, Fraction(0), 0, ""))
            continue
        amount = quantity(payment, reading) * rate * factor
        amount = amount / exact(payment.per)
        where = str(values.where[position])
        lines.append(RuleLine(payment, reading, rate, rounded(amount), where))
    return tuple(lines)


def quantity(payment: Payment, reading: float) -> Fraction:
    """Return what a payment pays for: the reading within its limits, less its base.

    Parameters
    ----------
    payment : Payment
    reading : float

    Returns
    -------
    Fraction
        Turned round where a lower reading is better.
    """
    if payment.least is not None:
        reading = max(reading, payment.least)
    if payment.most is not None:
        reading = min(reading, payment.most)
    surplus = exact(reading) - exact(payment.base)
    return -surplus if payment.direction == "-" else surplus


def rates_in_fen(
    rate: Amount, context: AssessmentContext, year: int, positions: Sequence[int]
) -> list[Fraction]:
    """Read a rate of money, which need not be whole fen.

    Parameters
    ----------
    rate : Amount
    context : AssessmentContext
    year : int
    positions : sequence of int
        Positions of the regions wanted, in ``context.regions``.

    Returns
    -------
    list of Fraction
        Fen, by ``positions``; 0 where a region has no row.
    """
    if rate.amount is not None:
        same_for_all = Fraction(in_currency(rate.amount, rate.unit)) * FEN
        return [same_for_all] * len(positions)
    unit = currency(rate.unit) or rate.unit
    values = data_values(context, rate.data, unit, year)
    rates = []
    for position in positions:
        value = float(values[position])
        rates.append(Fraction(0) if np.isnan(value) else exact(value) * FEN)
    return rates


def rounded(amount: Fraction) -> int:
    """Round an amount to whole fen; half a fen is rounded away from 0.

    Parameters
    ----------
    amount : Fraction

    Returns
    -------
    int
    """
    size = part_of(1, abs(amount))
    return -size if amount < 0 else size


def section_values(
    section: RiverSection, context: AssessmentContext, year: int
) -> tuple[ReadingValues, int]:
    """Read a section, whose rows are those of the upstream region.

    Parameters
    ----------
    section : RiverSection
    context : AssessmentContext
    year : int

    Returns
    -------
    values : ReadingValues
    position : int
        Of the upstream region in them.
    """
    values = context.read(section.reading, section.unit, year)
    return values, context.regions.index(section.upstream)


def shortfall_of(section: RiverSection, reading: float) -> Fraction:
    """Return by how much a section misses its limit; 0 or less where the limit is met.

    Parameters
    ----------
    section : RiverSection
    reading : float

    Returns
    -------
    Fraction
    """
    shortfall = exact(section.limit) - exact(reading)
    return -shortfall if section.direction == "-" else shortfall


def _section_line(section: RiverSection, context: AssessmentContext, year: int) -> RuleLine:
    """Compute what the downstream region pays the upstream one; below 0 the other way round."""
    values, position = section_values(section, context, year)
    reading = float(values.value[position])
    shortfall = shortfall_of(section, reading)
    where = str(values.where[position])
    if shortfall <= 0:
        paid = amounts_in_fen(section.pays, context, year, [position])[0]
        return RuleLine(section, reading, Fraction(0), paid or 0, where)
    fixed = amounts_in_fen(section.repays, context, year, [position])[0]
    rate = Fraction(0)
    by_shortfall = 0
    if section.rate is not None:
        rate = rates_in_fen(section.rate, context, year, [position])[0]
        by_shortfall = rounded(shortfall * rate / exact(section.per))
    owed = by_shortfall + (fixed or 0)
    most = amounts_in_fen(section.most, context, year, [position])[0]
    if most is not None:
        owed = min(owed, most)
    return RuleLine(section, reading, rate, -owed, where)


def in_yuan(amount: Fraction) -> Decimal:
    """Return fen as yuan with as many decimals as needed, six at most.

    Parameters
    ----------
    amount : Fraction
        Fen.

    Returns
    -------
    Decimal
    """
    yuan = Decimal(amount.numerator) / Decimal(amount.denominator * FEN)
    digits = f"{round(yuan, 6).normalize():f}"  # 10, not 1E+1
    return Decimal(digits)
