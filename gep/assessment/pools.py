"""Pools of money (资金池): what is shared out in a year, read from ``pools.csv`` as exact decimals.

Money is counted in whole fen (分), so that nothing is lost on the way. How a pool is shared out is
the task of ``gep.assessment.allocation``.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.events import check_filled
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years, unit_fault
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.notebook import ShownAsTable
from gep.io.tables import Columns, Table, read_numbers, read_table
from gep.units import canonical, currency, factor

FEN = 100  # in a yuan
_POOLS = Columns(("year", "pool", "amount", "unit", "source"), ("locator", "grade", "note"))


@dataclass(frozen=True, repr=False)
class Pools(ShownAsTable):
    """Pools of money by year.

    Attributes
    ----------
    rows : DataFrame
        Columns ``year``, ``pool``, ``amount`` (Decimal, in ``currency``), ``currency``, ``source``,
        ``locator``, ``grade``, ``note``, ``file``, ``row``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def of(self, pool: str) -> dict[int, dict[str, Any]]:
        """Return the rows of a pool by year, each by column."""
        of_pool = self.rows["pool"] == pool
        rows = self.rows[of_pool.to_numpy()]
        return {int(row["year"]): row for row in rows.to_dict("records")}


@checked_arguments
def read_pools(path: TableArgument) -> Pools:
    """Read ``pools.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Pools

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_pools``.

    Examples
    --------
    >>> import gep
    >>> gep.read_pools("examples/jiangxi-assessment/pools.csv")
    <Pools: 1 row>
    """
    problems = ProblemLog()
    pools = load_pools(table_source(path, "pools"), problems)
    if pools is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return pools


def load_pools(path: TableSource, problems: ProblemLog) -> Pools | None:
    """Load a table of pools.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``money-fen``, ``negative``, ``wrong-dimension`` (a unit that is not money),
        ``blank``, ``bad-year``, ``unknown-unit``, ``unknown-grade``, ``duplicate-row``, and what is
        wrong with the table as such.

    Returns
    -------
    Pools or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _POOLS, problems)
    if table is None:
        return None
    rows = table.frame[["pool", "source", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    check_filled(table, ("pool", "source"), problems)
    values, _ = read_numbers(table, "amount", problems)
    check_units(table, None, problems)
    rows["grade"] = read_grades(table, problems)
    for name in ("locator", "note"):
        cells = table.column(name)
        rows[name] = cells.to_numpy()
    amounts = []
    currencies = []
    for position, value in enumerate(values):
        money = _read_amount(table, position, float(value), problems)
        amounts.append(money.amount)
        currencies.append(money.currency)
    rows["amount"] = amounts
    rows["currency"] = currencies
    check_duplicates(rows, ["year", "pool"], problems)
    return Pools(rows, files_read(path))


class _Money(NamedTuple):
    """An amount of money in a currency; 0 and blank where the row is not money."""

    amount: Decimal
    currency: str


def _read_amount(table: Table, position: int, value: float, problems: ProblemLog) -> _Money:
    """Read the amount of a row exactly; ``value`` is the same as a float, NaN if not a number."""
    none = _Money(Decimal(0), "")
    word = table.column("amount").iloc[position]
    unit = table.column("unit").iloc[position]
    if not np.isfinite(value) or unit_fault(unit) is not None:
        return none
    place = table.place([position])
    coin = currency(unit)
    if coin is None or unit_fault(unit, coin) is not None:
        place = replace(place, column="unit")
        problems.add("wrong-dimension", place, "assessment.pool-not-money", unit=unit)
        return none
    place = replace(place, column="amount")
    amount = in_currency(Decimal(word), unit)
    if amount < 0:
        problems.add("negative", place, "assessment.negative-pool", amount=word, unit=unit)
    try:
        fen(amount)
    except ValueError:
        problems.add("money-fen", place, "assessment.pool-fen", amount=word, unit=unit)
    return _Money(amount, coin)


def in_currency(amount: Decimal, unit: str) -> Decimal:
    """Convert an amount of money exactly to the currency of its unit, such as 万元 to yuan.

    Parameters
    ----------
    amount : Decimal
    unit : str

    Returns
    -------
    Decimal

    Raises
    ------
    UnitError
        If the unit is not money.
    """
    coin = currency(unit)
    scale = Decimal(repr(factor(unit, coin or "CNY")))
    return amount * scale


def coin_of(unit: str) -> str:
    """Return the currency of a unit of money, as it is written in results.

    Parameters
    ----------
    unit : str
        Such as ``10^4 CNY``.

    Returns
    -------
    str
    """
    return canonical(currency(unit) or unit)


def fen(amount: Decimal) -> int:
    """Convert yuan to fen.

    Parameters
    ----------
    amount : Decimal
        Yuan.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the amount is not a whole number of fen.
    """
    converted = amount * FEN
    if not amount.is_finite() or converted != converted.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of fen")
    return int(converted)


def yuan(amount: int) -> Decimal:
    """Convert fen to yuan with two decimals.

    Parameters
    ----------
    amount : int
        fen.

    Returns
    -------
    Decimal
        yuan.
    """
    return Decimal(amount).scaleb(-2)
