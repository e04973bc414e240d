"""Pools of money (资金池): what is shared out in a year, read from ``pools.csv`` as exact decimals."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years, unit_fault
from gep.io.tables import Columns, Table, read_numbers, read_table
from gep.units import canonical, currency, factor

FEN = 100  # in a yuan
_POOLS = Columns(("year", "pool", "amount", "unit", "source"), ("locator", "grade", "note"))


@dataclass(frozen=True)
class Pools:
    """Pool rows: year, pool, amount (Decimal, in ``currency``), currency, source, locator, grade, note, file, row."""

    rows: Any
    files: tuple[Path, ...]

    def of(self, pool: str) -> dict[int, dict[str, Any]]:
        """The rows of a pool by year."""
        mine = self.rows[(self.rows["pool"] == pool).to_numpy()]
        return {int(row["year"]): row for row in mine.to_dict("records")}


def read_pools(path: str | Path) -> Pools:
    """Read ``pools.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_pools(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_pools(path: Path, problems: ProblemLog) -> Pools | None:
    """Load a table of pools: amounts of money, whole numbers of fen, none below 0."""
    table = read_table(path, _POOLS, problems)
    if table is None:
        return None
    rows = table.frame[["pool", "source", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    for name in ("pool", "source"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add(
                "blank", table.place(blank), f"{name} is blank", f"write the {name} of the money"
            )
    values, _ = read_numbers(table, "amount", problems)
    check_units(table, None, problems)
    rows["grade"] = read_grades(table, problems)
    for name in ("locator", "note"):
        rows[name] = table.column(name).to_numpy()
    money = [_money(table, spot, float(value), problems) for spot, value in enumerate(values)]
    rows["amount"], rows["currency"] = [amount for amount, _ in money], [name for _, name in money]
    check_duplicates(rows, ["year", "pool"], problems)
    return Pools(rows, (path,))


def _money(table: Table, spot: int, value: float, problems: ProblemLog) -> tuple[Decimal, str]:
    """An amount in its currency; 0 where there is something wrong with it."""
    text, unit = table.column("amount").iloc[spot], table.column("unit").iloc[spot]
    where = table.place([spot])
    if not np.isfinite(value) or unit_fault(unit) is not None:
        return Decimal(0), ""
    coin = currency(unit)
    if coin is None or unit_fault(unit, coin) is not None:
        problems.add(
            "wrong-dimension", where, f"unit {unit!r} is not money", "a unit like 10^4 CNY is due"
        )
        return Decimal(0), ""
    amount = in_currency(Decimal(text), unit)
    if amount < 0:
        problems.add("negative", where, f"amount = {text}", "a pool is 0 or more")
    try:
        fen(amount)
    except ValueError:
        what = f"{text} {unit} is no whole number of fen"
        problems.add("money-fen", where, what, "round it to two decimals of the yuan")
    return amount, coin


def in_currency(amount: Decimal, unit: str) -> Decimal:
    """An amount of money in the unit's own currency, exactly. Raises ``UnitError`` where the unit is no money."""
    coin = currency(unit)
    scale = Decimal(repr(factor(unit, coin or "CNY")))
    return amount * scale


def coin_of(unit: str) -> str:
    """The currency of a unit of money, as it is written in results."""
    return canonical(currency(unit) or unit)


def fen(amount: Decimal) -> int:
    """Yuan as fen. Raises ``ValueError`` where it is no whole number of them."""
    found = amount * FEN
    if not amount.is_finite() or found != found.to_integral_value():
        raise ValueError(f"{amount} is no whole number of fen")
    return int(found)


def yuan(amount: int) -> Decimal:
    """Fen as yuan with two decimals."""
    return Decimal(amount).scaleb(-2)
