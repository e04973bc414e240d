"""Live cells of workbooks: formulas that are written only where they give our numbers.

The module owns which units of money a workbook is in, how numbers are shown, and the formulas of
sums, differences, ratios and growth. A formula stands only where the cells that it names give the
number that gep computed; elsewhere the number itself does. How cells look is left to
``gep.io.workbook``.
"""

import math
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from gep.io.workbook import Cell, LiveFormula
from gep.units import currency, factor

MOST_ROWS = 3000  # of a sheet that lists regions; more are in the tables in CSV
WAN, YI = 1e4, 1e8
_MOST_RUNS = 100  # of cells in a sum: Excel takes 255, in at most 8,192 characters
_IN_YI_FROM = 1e10  # CNY: a hundred times 亿元
_LIVE = 1e-11  # a formula may differ so much from the number, relatively
_SMALLEST_CHANGE = 1e-6  # below, a difference has too few digits, relatively
WHOLE_FROM, _FINE_BELOW = 1000, 1

Rule = Literal["difference", "growth", "ratio"]


class Number(NamedTuple):
    """A cell that formulas may name, and its number."""

    row: int
    value: float


class Money(NamedTuple):
    """The unit of money of a workbook.

    Attributes
    ----------
    unit : str
    factor : float
        From the standard's unit.
    decimals : int
        Of rounded sums.
    per_region : float
        From this unit to that of values per km2, which are in 万元.
    per_person : float
        From this unit to that of values per person, which are in yuan.
    """

    unit: str
    factor: float
    decimals: int
    per_region: float
    per_person: float

    @property
    def shown(self) -> int:
        """Decimals with which values that are not rounded are shown."""
        return 4 if self.unit == "10^8 CNY" else 2


def money_of(unit: str, largest: float) -> Money:
    """Choose the unit of money of a workbook: 亿元 for large economies, else 万元.

    Parameters
    ----------
    unit : str
        The standard's; other currencies than CNY stay as they are.
    largest : float
        The largest total, in that unit.

    Returns
    -------
    Money
    """
    if currency(unit) != "CNY":
        return Money(unit, 1.0, 2, 1.0, 1.0)
    yuan = largest * factor(unit, "CNY")
    if yuan >= _IN_YI_FROM:
        return Money("10^8 CNY", factor(unit, "10^8 CNY"), 2, YI / WAN, YI)
    decimals = 0 if yuan >= WHOLE_FROM * WAN else 2
    return Money("10^4 CNY", factor(unit, "10^4 CNY"), decimals, 1.0, WAN)


def sum_formula(
    address: Callable[[int], str], cells: Sequence[Number], expected: float
) -> LiveFormula | float:
    """Return a sum of cells in a column as a formula; the number alone if they do not give it.

    Parameters
    ----------
    address : callable
        Returns the address of the cell in a row.
    cells : sequence of Number
    expected : float
        What gep computed.

    Returns
    -------
    LiveFormula or float
    """
    if not is_live(math.fsum(cell.value for cell in cells), expected) or not cells:
        return expected
    runs = []
    rows = sorted(cell.row for cell in cells)
    for _, group in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        run = [row for _, row in group]
        first, last = address(run[0]), address(run[-1])
        runs.append(first if first == last else f"{first}:{last.rpartition('!')[2]}")
    return LiveFormula(f"SUM({','.join(runs)})", expected) if len(runs) <= _MOST_RUNS else expected


def is_live(computed: float, expected: float) -> bool:
    """Return whether a formula gives a number but for rounding."""
    return math.isclose(computed, expected, rel_tol=_LIVE)


def decimals_of(value: float) -> int:
    """Return how many decimals a number is shown with."""
    size = abs(value)
    if size == 0 or size >= WHOLE_FROM:
        return 0
    return 2 if size >= _FINE_BELOW else 4


def number_cell(value: LiveFormula | float, decimals: int | None = None) -> Cell:
    """Return the cell of a number or formula."""
    number = value.value if isinstance(value, LiveFormula) else value
    return Cell(value, "number", decimals_of(number) if decimals is None else decimals)


def live_number(
    rule: Rule,
    first: tuple[str, float],
    last: tuple[str, float],
    expected: float,
) -> LiveFormula | float:
    """Return what two cells give as a formula; the number alone if they do not give it.

    Parameters
    ----------
    rule : {'difference', 'growth', 'ratio'}
        ``last - first``, ``last / first - 1``, ``last / first``.
    first, last : (str, float)
        Address and number of the cells.
    expected : float
        What gep computed.

    Returns
    -------
    LiveFormula or float
    """
    (first_address, before), (last_address, after) = first, last
    if rule == "difference":
        formula_text = f"{last_address}-{first_address}"
        computed = after - before
        size = max(abs(after), abs(before))
    elif not before:
        return expected
    else:
        formula_text = f"{last_address}/{first_address}"
        computed = after / before
        size = 0.0
        if rule == "growth":
            formula_text += "-1"
            computed -= 1
            size = 1.0
    has_digits = computed == 0 or abs(computed) > _SMALLEST_CHANGE * size
    if has_digits and is_live(computed, expected):
        return LiveFormula(formula_text, expected)
    return expected
