"""Sharing out money (资金分配): every fen allotted, by the largest remainder, within floors and caps.

Amounts are whole numbers of fen (分); weights are fractions, so that nothing is lost on the way.
"""

from collections.abc import Sequence
from fractions import Fraction

from gep.assessment.pools import yuan


class Infeasible(ValueError):
    """No shares sum to the amount within these floors and caps."""


def allot(total: int, weights: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Share ``total`` fen out in proportion to weights; what is left over goes to the largest remainders.

    Ties go to the name that sorts first. Raises ``Infeasible`` where no weight is above 0.
    """
    return rounded(proportional(total, weights, [0] * len(weights), [None] * len(weights)), names)


def allot_within(
    total: int,
    weights: Sequence[Fraction],
    floors: Sequence[int],
    caps: Sequence[int | None],
    names: Sequence[str],
) -> list[int]:
    """The same, each share at least its floor and at most its cap. Raises ``Infeasible``."""
    return rounded(proportional(total, weights, floors, caps), names)


def rounded(shares: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Whole fen with the sum of the shares, which is whole: the largest remainders are rounded up."""
    whole = [share.numerator // share.denominator for share in shares]
    left = sum(shares, Fraction(0)) - sum(whole)
    rest = sorted(range(len(shares)), key=lambda one: (whole[one] - shares[one], names[one]))
    for one in rest[: int(left)]:
        whole[one] += 1
    return whole


def proportional(
    total: int, weights: Sequence[Fraction], floors: Sequence[int], caps: Sequence[int | None]
) -> list[Fraction]:
    """Shares of ``total`` in proportion to weights, held at floors and caps, the rest shared out anew.

    Each round holds all shares that break the side (floors or caps) that is broken by more, so that it ends after as
    many rounds as there are shares; the result is the one vector of shares ``clip(x * weight, floor, cap)`` with that
    sum. Raises ``Infeasible``.
    """
    held = _certain(total, weights, floors, caps)
    while True:
        free = [one for one in range(len(weights)) if one not in held]
        rest, weight = total - sum(held.values()), sum((weights[one] for one in free), Fraction(0))
        shares = {one: rest * weights[one] / weight for one in free}
        low = {one: floors[one] for one in free if shares[one] < floors[one]}
        high = {one: cap for one in free if (cap := caps[one]) is not None and shares[one] > cap}
        if not low and not high:
            return [
                Fraction(held[one]) if one in held else shares[one] for one in range(len(weights))
            ]
        short = sum((low[one] - shares[one] for one in low), Fraction(0))
        over = sum((shares[one] - high[one] for one in high), Fraction(0))
        held |= {**(low if short >= over else {}), **(high if over >= short else {})}


def _certain(
    total: int, weights: Sequence[Fraction], floors: Sequence[int], caps: Sequence[int | None]
) -> dict[int, int]:
    """Shares without weight, which are their floors; what makes the sum impossible is told."""
    if any(cap is not None and cap < floor for floor, cap in zip(floors, caps, strict=True)):
        raise Infeasible("a cap is below its floor")
    if sum(floors) > total:
        raise Infeasible(f"the floors sum to {yuan(sum(floors))}, the pool is {yuan(total)}")
    weighed = [one for one, weight in enumerate(weights) if weight > 0]
    held = {one: floors[one] for one, weight in enumerate(weights) if weight <= 0}
    most = [caps[one] for one in weighed]
    if sum(held.values()) + sum(cap or 0 for cap in most) < total and None not in most:
        reach = sum(held.values()) + sum(cap or 0 for cap in most)
        raise Infeasible(
            f"caps and scores of 0 leave {yuan(total - reach)} of {yuan(total)} that nobody can have"
        )
    return held


def part(amount: int, rate: Fraction) -> int:
    """A part of an amount in fen, half a fen rounded up."""
    share = amount * rate
    return int((2 * share.numerator + share.denominator) // (2 * share.denominator))
