"""Stocks, causes of change and prices of natural resources (自然资源存量、变动原因、价格), read from their tables."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years
from gep.io.tables import Columns, Table, check_lost_zeros, read_numbers, read_table, suggestion

NATURES = ("human", "natural", "reclassification")
DIRECTIONS = ("addition", "reduction")
_NOTES = ("locator", "grade", "note")
_STOCKS = Columns(("region", "year", "resource", "class", "stock", "unit", "source"), _NOTES)
_CAUSES = Columns(
    (
        "region",
        "from",
        "to",
        "resource",
        "class",
        "cause",
        "nature",
        "direction",
        "amount",
        "unit",
        "source",
    ),
    _NOTES,
)
_PRICES = Columns(("region", "year", "resource", "class", "price", "unit", "source"), _NOTES)
_WORDS = {
    "人为": "human",
    "自然": "natural",
    "分类调整": "reclassification",
    "增加": "addition",
    "减少": "reduction",
}


@dataclass(frozen=True)
class Stocks:
    """Stock rows: region, year, resource, class, value, half (half a unit of the last digit printed), unit, grade,
    source, locator, note, file, row.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Causes:
    """Rows of change: region, from, to (years), resource, class, cause, nature, direction, then as ``Stocks``."""

    rows: pd.DataFrame
    files: tuple[Path, ...]


@dataclass(frozen=True)
class StockPrices:
    """Prices of a unit of stock in the money of its year; a blank region holds for all; then as ``Stocks``."""

    rows: pd.DataFrame
    files: tuple[Path, ...]


def read_stocks(path: str | Path) -> Stocks:
    """Read a table of stocks. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_stocks(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def read_causes(path: str | Path) -> Causes:
    """Read a table of causes. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_causes(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def read_stock_prices(path: str | Path) -> StockPrices:
    """Read a table of prices. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_stock_prices(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_stocks(path: Path, problems: ProblemLog) -> Stocks | None:
    """Load a table of stocks: one row a region, year, resource and class."""
    table = read_table(path, _STOCKS, problems)
    if table is None:
        return None
    rows = _rows(table, "stock", ("region", "resource", "class"), problems)
    rows["year"] = read_years(table, problems)
    check_duplicates(rows, ["region", "year", "resource", "class"], problems)
    return Stocks(rows, (path,))


def load_causes(path: Path, problems: ProblemLog) -> Causes | None:
    """Load a table of causes; amounts are without sign, ``direction`` says which way they go."""
    table = read_table(path, _CAUSES, problems)
    if table is None:
        return None
    rows = _rows(table, "amount", ("region", "resource", "class", "cause"), problems)
    for name in ("from", "to"):
        rows[name] = read_years(
            Table(table.path, table.label, table.frame.rename(columns={name: "year"})), problems
        )
    backward = np.flatnonzero((rows["from"] >= rows["to"]) & (rows["to"] > 0))
    if len(backward):
        first = rows.iloc[backward[0]]
        what = f"from {first['from']} to {first['to']} does not lead forward"
        problems.add(
            "bad-year",
            table.place(backward),
            what,
            "write the earlier year in from, the later in to",
        )
    for name, known in (("nature", NATURES), ("direction", DIRECTIONS)):
        rows[name] = table.column(name).map(lambda word: _WORDS.get(word, word)).to_numpy()
        for word, some in rows[~rows[name].isin(known).to_numpy()].groupby(name, sort=False):
            what = f"{name} reads {word!r}" if word else f"{name} is blank"
            problems.add(
                "unknown-option", table.place(some.index), what, suggestion(str(word), known)
            )
    check_duplicates(
        rows,
        ["region", "from", "to", "resource", "class", "cause", "nature", "direction"],
        problems,
    )
    return Causes(rows, (path,))


def load_stock_prices(path: Path, problems: ProblemLog) -> StockPrices | None:
    """Load a table of prices of stocks."""
    table = read_table(path, _PRICES, problems)
    if table is None:
        return None
    rows = _rows(table, "price", ("resource", "class"), problems)
    rows["year"] = read_years(table, problems)
    check_duplicates(rows, ["region", "year", "resource", "class"], problems)
    return StockPrices(rows, (path,))


def _rows(table: Table, name: str, needed: tuple[str, ...], problems: ProblemLog) -> pd.DataFrame:
    """What the tables share: the number, its unit, grade and source, and the keys that are filled."""
    value, _ = read_numbers(table, name, problems)
    rows = pd.DataFrame({"value": value, "half": [half_digit(text) for text in table.column(name)]})
    for column in (*dict.fromkeys(("region", *needed)), "unit", "source", "locator", "note"):
        rows[column] = table.column(column).to_numpy()
    rows["grade"], rows["file"], rows["row"] = (
        read_grades(table, problems),
        table.label,
        table.frame["row"].to_numpy(),
    )
    for column in (*needed, "source"):
        blank = np.flatnonzero(rows[column] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{column} is blank", f"write the {column}")
    below = np.flatnonzero(value < 0)
    if len(below):
        problems.add("negative", table.place(below), f"{name} is negative", "write it without sign")
    check_lost_zeros(table, "region", problems)
    check_units(table, None, problems)
    return rows


def half_digit(text: str) -> float:
    """Half a unit of the last digit of a number as it is printed."""
    try:
        exponent = Decimal(text).as_tuple().exponent
    except InvalidOperation:  # not a number: told already
        return 0.0
    return float(Decimal(5).scaleb(exponent - 1)) if isinstance(exponent, int) else 0.0
