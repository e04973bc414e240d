"""Stocks of natural resources, causes of their change, and prices (自然资源存量、变动原因、价格).

The module reads the three tables and checks them by themselves; balance sheets and audits hold
them against their schemes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pandas as pd

from gep.assessment.events import check_filled
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.notebook import ShownAsTable
from gep.io.tables import Columns, Table, check_region_codes, read_numbers, read_table, suggestion

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
_CHINESE_WORDS = {
    "人为": "human",
    "自然": "natural",
    "分类调整": "reclassification",
    "增加": "addition",
    "减少": "reduction",
}


@dataclass(frozen=True, repr=False)
class Stocks(ShownAsTable):
    """Stocks of resources at the end of years.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``year``, ``resource``, ``class``, ``value``, ``half`` (half a unit of
        the last digit printed, in ``unit``), ``unit``, ``grade``, ``source``, ``locator``,
        ``note``, ``file``, ``row``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@dataclass(frozen=True, repr=False)
class Causes(ShownAsTable):
    """Changes of stocks by cause.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``from`` and ``to`` (years), ``resource``, ``class``, ``cause``,
        ``nature``, ``direction``, and ``value`` (without sign) to ``row`` as in ``Stocks``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@dataclass(frozen=True, repr=False)
class StockPrices(ShownAsTable):
    """Prices of a unit of stock, in the money of the year.

    Attributes
    ----------
    rows : DataFrame
        Columns as in ``Stocks``; a blank region means all regions.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@checked_arguments
def read_stocks(path: TableArgument) -> Stocks:
    """Read a table of stocks.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Stocks

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_stocks``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "year": 2020, "resource": "timber", "class": "natural"}
    >>> gep.read_stocks(pd.DataFrame([row | {"stock": 5, "unit": "m3", "source": "survey"}]))
    <Stocks: 1 row>
    """
    problems = ProblemLog()
    stocks = load_stocks(table_source(path, "stocks"), problems)
    if stocks is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return stocks


def load_stocks(path: TableSource, problems: ProblemLog) -> Stocks | None:
    """Load a table of stocks, one row for each region, year, resource and class.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``blank``, ``negative``, ``bad-year``, ``unknown-unit``, ``unknown-grade``,
        ``duplicate-row``, and what is wrong with the table as such.

    Returns
    -------
    Stocks or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _STOCKS, problems)
    if table is None:
        return None
    rows = _read_rows(table, "stock", ("region", "resource", "class"), problems)
    rows["year"] = read_years(table, problems)
    check_duplicates(rows, ["region", "year", "resource", "class"], problems)
    return Stocks(rows, files_read(path))


@checked_arguments
def read_causes(path: TableArgument) -> Causes:
    """Read a table of causes of change.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Causes

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_causes``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "from": 2019, "to": 2020, "resource": "timber", "class": "natural"}
    >>> row |= {"cause": "felling", "nature": "human", "direction": "reduction"}
    >>> gep.read_causes(pd.DataFrame([row | {"amount": 1, "unit": "m3", "source": "survey"}]))
    <Causes: 1 row>
    """
    problems = ProblemLog()
    causes = load_causes(table_source(path, "causes"), problems)
    if causes is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return causes


def load_causes(path: TableSource, problems: ProblemLog) -> Causes | None:
    """Load a table of causes; amounts have no sign, ``direction`` says which way they go.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``unknown-option`` (nature, direction), ``bad-year``, ``blank``, ``negative``,
        ``unknown-unit``, ``unknown-grade``, ``duplicate-row``, and what is wrong with the table as
        such.

    Returns
    -------
    Causes or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _CAUSES, problems)
    if table is None:
        return None
    rows = _read_rows(table, "amount", ("region", "resource", "class", "cause"), problems)
    for name in ("from", "to"):
        frame = table.frame.rename(columns={name: "year"})
        rows[name] = read_years(table.with_frame(frame), problems)
    _check_years(rows, table, problems)
    for name, known in (("nature", NATURES), ("direction", DIRECTIONS)):
        words = [_CHINESE_WORDS.get(word, word) for word in table.column(name)]
        rows[name] = np.array(words, dtype=object)
        _check_words(rows, name, known, table, problems)
    keys = ["region", "from", "to", "resource", "class", "cause", "nature", "direction"]
    check_duplicates(rows, keys, problems)
    return Causes(rows, files_read(path))


def _check_years(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that periods end after they begin."""
    is_backward = rows["from"] >= rows["to"]
    is_backward &= rows["to"] > 0  # a year that cannot be read is 0
    positions = np.flatnonzero(is_backward)
    if len(positions):
        first = rows.iloc[positions[0]]
        problems.add(
            "bad-year",
            table.place(positions),
            "assessment.years-backward",
            start=first["from"],
            end=first["to"],
        )


def _check_words(
    rows: pd.DataFrame, column: str, known: Sequence[str], table: Table, problems: ProblemLog
) -> None:
    """Check a column of few known words."""
    is_known = rows[column].isin(known)
    unknown = rows[~is_known.to_numpy()]
    for word, word_rows in unknown.groupby(column, sort=False, observed=True):
        place = table.place(word_rows.index)
        problems.add(
            "unknown-option",
            replace(place, column=column),
            "assessment.unknown-option" if word else "assessment.blank-option",
            column=column,
            word=word,
            hint=suggestion(str(word), known),
        )


@checked_arguments
def read_stock_prices(path: TableArgument) -> StockPrices:
    """Read a table of prices of stocks.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    StockPrices

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_stock_prices``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "", "year": 2020, "resource": "timber", "class": "natural"}
    >>> price = row | {"price": 100, "unit": "CNY m-3", "source": "survey"}
    >>> gep.read_stock_prices(pd.DataFrame([price]))
    <StockPrices: 1 row>
    """
    problems = ProblemLog()
    prices = load_stock_prices(table_source(path, "stock_prices"), problems)
    if prices is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return prices


def load_stock_prices(path: TableSource, problems: ProblemLog) -> StockPrices | None:
    """Load a table of prices of stocks.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects the same codes as ``load_stocks``.

    Returns
    -------
    StockPrices or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _PRICES, problems)
    if table is None:
        return None
    rows = _read_rows(table, "price", ("resource", "class"), problems)
    rows["year"] = read_years(table, problems)
    check_duplicates(rows, ["region", "year", "resource", "class"], problems)
    return StockPrices(rows, files_read(path))


def _read_rows(
    table: Table, value_column: str, keys: Sequence[str], problems: ProblemLog
) -> pd.DataFrame:
    """Read what the three tables share: the number, its unit, grade and source, and the keys."""
    value, _ = read_numbers(table, value_column, problems)
    printed = table.column(value_column)
    half = [half_digit(word) for word in printed]
    rows = pd.DataFrame({"value": value, "half": half})
    columns = dict.fromkeys(("region", *keys, "unit", "source", "locator", "note"))
    for column in columns:
        cells = table.column(column)
        rows[column] = cells.to_numpy()
    rows["grade"] = read_grades(table, problems)
    rows["file"] = table.label
    rows["row"] = table.frame["row"].to_numpy()
    check_filled(table, (*keys, "source"), problems)
    negative = np.flatnonzero(value < 0)
    if len(negative):
        place = table.place(negative)
        problems.add(
            "negative",
            replace(place, column=value_column),
            f"assessment.negative.{value_column}",
            value=printed.iloc[negative[0]],
        )
    check_region_codes(table, "region", problems)
    check_units(table, None, problems)
    return rows


def half_digit(word: str) -> float:
    """Return half a unit of the last digit of a number as it is printed: 0.05 of ``12.3``.

    0 where the text is not a number, which is reported elsewhere.
    """
    try:
        exponent = Decimal(word).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    if not isinstance(exponent, int):
        return 0.0
    return float(Decimal(5).scaleb(exponent - 1))
