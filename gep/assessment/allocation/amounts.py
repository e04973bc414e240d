"""Numbers and money that an allocation reads (分配所读的数与金额): exact, in whole fen (分)."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gep.assessment.allocation.scheme import Amount
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import FEN, fen, in_currency
from gep.assessment.readings import Reading
from gep.units import currency

YUAN = "CNY"  # where the scheme states no currency


def exact(value: float) -> Fraction:
    """Return a number as it is written, as a fraction."""
    return Fraction(repr(float(value)))


def part_of(amount: int, rate: Fraction) -> int:
    """Return a part of an amount in fen; half a fen is rounded up."""
    share = amount * rate
    return int((2 * share.numerator + share.denominator) // (2 * share.denominator))


def data_values(context: AssessmentContext, name: str, unit: str, year: int) -> np.ndarray:
    """Read data rows by name.

    Parameters
    ----------
    context : AssessmentContext
    name : str
        Name of the data rows.
    unit : str
        The unit of the result.
    year : int

    Returns
    -------
    ndarray of float
        By region of the context; NaN where there is no row.
    """
    return context.read(Reading(data=name), unit, year).value


def amounts_in_fen(
    amount: Amount | None, context: AssessmentContext, year: int, positions: Sequence[int]
) -> list[int | None]:
    """Read an amount of money that the scheme states for each region.

    Parameters
    ----------
    amount : Amount or None
    context : AssessmentContext
    year : int
    positions : sequence of int
        Positions of the regions wanted, in ``context.regions``.

    Returns
    -------
    list of (int or None)
        Fen, by ``positions``; None where a region has no amount.
    """
    if amount is None:
        return [None] * len(positions)
    if amount.amount is not None:
        same_for_all = fen(in_currency(amount.amount, amount.unit))
        return [same_for_all] * len(positions)
    values = data_values(context, amount.data, currency(amount.unit) or YUAN, year)
    amounts: list[int | None] = []
    for position in positions:
        value = float(values[position])
        if np.isnan(value):
            amounts.append(None)
        else:
            amounts.append(round(exact(value) * FEN))
    return amounts
