"""Price years (价格年份): the prices of an account, and how a price year is converted.

Money is converted only by a coefficient ``price_index`` that the binding names; ``nominal`` prices,
whose year is not known, are used as they are; currencies are never converted. Unit conversion is
left to ``gep.units``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.coefficients import PRICE_INDEX, CoefficientSet, index_base, index_ratios
from gep.inputs.value_rows import KEYS, check_duplicates
from gep.io.csv_excel import row_place
from gep.io.distinct_cells import Distinct
from gep.texts.catalogue import Label, Language, say
from gep.units import UnitError, canonical, factor

CURRENT = "current"  # the code of current prices
NOMINAL = "nominal"  # the price year of a price whose year is not known
_CONSTANT = "constant:"  # the code of constant prices begins so
_CURRENCY = re.compile(r"(?:^| )(?:CNY|USD|EUR)(-?\d*)(?= |$)")
_IS_YEAR = re.compile("[0-9]{4}")


@dataclass(frozen=True)
class PriceBasis:
    """The prices of an account (价格基准): those of its own year, or constant prices of one year.

    Attributes
    ----------
    price_year : int or None
        The year of the constant prices; None for current prices.
    """

    price_year: int | None = None

    @classmethod
    def from_code(cls, code: str) -> "PriceBasis":
        """Read a price basis from the code that tables hold, ``current`` or ``constant:2020``.

        Raises
        ------
        ValueError
            If the text is not such a code.
        """
        if code == CURRENT:
            return cls(None)
        year = code.removeprefix(_CONSTANT)
        if year == code or not year.isdecimal():
            raise ValueError(f"not the code of a price basis: {code!r}")
        return cls(int(year))

    @property
    def code(self) -> str:
        """The basis as tables and options write it: ``current``, or ``constant:2020``."""
        return CURRENT if self.price_year is None else f"{_CONSTANT}{self.price_year}"

    def say(self, language: Language) -> str:
        """Return the basis in words: current prices, or constant prices of a year."""
        if self.price_year is None:
            return say(language, "plan.prices.current")
        return say(language, "plan.prices.constant", year=self.price_year)


@dataclass(frozen=True)
class PriceTarget:
    """The price year that all money of an account is brought to, and the sets with indices.

    Attributes
    ----------
    basis : PriceBasis
        The price basis of the account.
    year : int
        The year of the account.
    sets : sequence of CoefficientSet
        Sets in the order in which they are searched.
    """

    basis: PriceBasis
    year: int
    sets: Sequence[CoefficientSet]

    @property
    def price_year(self) -> int:
        """The year of the constant prices; the account's own year at current prices."""
        return self.basis.price_year or self.year


@dataclass(frozen=True)
class UnindexedPrice:
    """Rows of one file whose price cannot be converted because no index leads to the wanted year.

    Attributes
    ----------
    name : str or Label
        Name of the data or coefficient, with its title if it has one.
    index : str
        The price index that the binding names; blank if it names none.
    year : str
        The price year of the rows.
    file : str
        Label of the file.
    rows : tuple of int
        Rows in the file.
    """

    name: str | Label
    index: str
    year: str
    file: str
    rows: tuple[int, ...]


class IndexRatio(NamedTuple):
    """A price index of the wanted year over that of another year, and the rows behind it."""

    value: float
    rows: pd.DataFrame


@dataclass(frozen=True)
class PriceConversion:
    """How rows are brought to the wanted price year; arrays have one entry for each row.

    Attributes
    ----------
    factor : ndarray of float
        What the values are multiplied by; 1 where nothing is converted.
    grade : ndarray of uint8
        The worst grade among the index rows used, a code of ``GRADES``; 0 where none is used.
    converted : ndarray of bool
        Whether index rows are used.
    nominal : ndarray of bool
        Whether the price year is not known.
    index : DataFrame
        The ``price_index`` rows used.
    unconverted : tuple of UnindexedPrice
        Rows that cannot be converted.
    """

    factor: np.ndarray
    grade: np.ndarray
    converted: np.ndarray
    nominal: np.ndarray
    index: pd.DataFrame
    unconverted: tuple[UnindexedPrice, ...]


def fill_price_years(frame: pd.DataFrame, problems: ProblemLog) -> pd.DataFrame:
    """Give data rows without a price year the year of the row.

    Parameters
    ----------
    frame : DataFrame
        Data rows of one name (see ``gep.inputs.value_rows``).
    problems : ProblemLog
        Receives ``duplicate-row`` if two rows are the same once their price year is filled in.

    Returns
    -------
    DataFrame
        The rows with ``price_year`` filled in.
    """
    stated = Distinct.of(frame["price_year"])
    blank = (stated.words == "")[stated.codes]
    if not blank.any() or "year" not in frame:
        return frame
    years = Distinct.of(frame["year"])
    row_years = years.with_words([str(year) for year in years.words]).cells()
    price_years = pd.Series(np.where(blank, row_years, stated.cells()), frame.index, dtype=object)
    filled = frame.assign(price_year=price_years)
    if not blank.all():
        check_duplicates(filled, ["name", *KEYS, "price_year", "year"], problems)
    return filled


def pick_price_year(frame: pd.DataFrame, index: str, target: PriceTarget) -> pd.DataFrame:
    """Select one row among rows that differ in their price year only.

    In order of preference: the price of the wanted year; of the nearest year that the index
    converts to it; of the nearest other year; a price without a year. Of two years equally near,
    the earlier is selected.

    Parameters
    ----------
    frame : DataFrame
        Rows of one name.
    index : str
        The price index that the binding names, or blank.
    target : PriceTarget

    Returns
    -------
    DataFrame
        At most one row for each combination of keys, in the order of ``frame``.
    """
    years = frame["price_year"].unique()
    if len(years) < 2:
        return frame
    preference: dict[str, tuple[int, int, int]] = {}  # the lowest is taken
    for price_year in years:
        if not _IS_YEAR.fullmatch(price_year):  # nominal, or reported with its table
            preference[price_year] = (2, 0, 0)
            continue
        year = int(price_year)
        distance = abs(year - target.price_year)
        usable = distance == 0 or lookup_price_index(index, price_year, target) is not None
        preference[price_year] = (0 if usable else 1, distance, year)
    ordered = sorted(years, key=preference.__getitem__)
    rank = {price_year: position for position, price_year in enumerate(ordered)}
    order = np.argsort(frame["price_year"].map(rank).to_numpy(), kind="stable")
    chosen = frame.iloc[order].drop_duplicates(["name", *KEYS])
    return chosen.sort_index().reset_index(drop=True)


def lookup_price_index(index: str, price_year: str, target: PriceTarget) -> IndexRatio | None:
    """Find the index that converts a price to the wanted year, in the first set that leads there.

    On a fixed base that takes the numbers of both years; relative to the year before, those of all
    years between, whose changes are multiplied.

    Parameters
    ----------
    index : str
        Name of the price index; blank if the binding names none.
    price_year : str
        The year of the price.
    target : PriceTarget

    Returns
    -------
    IndexRatio or None
        None if no set has the positive index numbers that it takes.
    """
    if not index:
        return None
    wanted = str(target.price_year)
    has_chain = False
    for coefficient_set in target.sets:
        rows = _index_rows(coefficient_set, index)
        if coefficient_set.header.defaults and has_chain:
            continue  # a chain that breaks is told, not replaced by a default
        if index_base(rows).previous:
            has_chain = True
            ratio = _chained_ratio(rows, int(price_year), target.price_year)
        else:
            ratio = _fixed_ratio(rows, price_year, wanted)
        if ratio is not None:
            return ratio
    return None


def missing_index_years(index: str, price_year: str, target: PriceTarget) -> tuple[int, ...]:
    """Return the years that a chained index lacks to lead from one price year to the wanted one.

    Parameters
    ----------
    index : str
        Name of the price index.
    price_year : str
        The year of the price.
    target : PriceTarget

    Returns
    -------
    tuple of int
        Of the first set in which the index is relative to the year before; empty if there is none.
    """
    for coefficient_set in target.sets:
        rows = _index_rows(coefficient_set, index)
        if index_base(rows).previous:
            given = set(rows["price_year"])
            linked = _linked_years(int(price_year), target.price_year)
            return tuple(year for year in linked if str(year) not in given)
    return ()


def _index_rows(coefficient_set: CoefficientSet, index: str) -> pd.DataFrame:
    """Return the rows of a price index in a set that can be used."""
    other_keys = [key for key in KEYS if key != "index"]
    rows = coefficient_set.named(PRICE_INDEX)
    unkeyed = (rows[other_keys] == "").to_numpy().all(axis=1)
    is_index = (rows["index"] == index).to_numpy()
    positive = (rows["value"] > 0).to_numpy()
    return rows[unkeyed & is_index & positive]


def _fixed_ratio(rows: pd.DataFrame, price_year: str, wanted: str) -> IndexRatio | None:
    """Divide the number of the wanted year by that of another; None if one is not given."""
    old = rows[(rows["price_year"] == price_year).to_numpy()]
    new = rows[(rows["price_year"] == wanted).to_numpy()]
    if not len(old) or not len(new):
        return None
    new_row = new.iloc[0]
    old_row = old.iloc[0]
    try:
        scale = factor(new_row["unit"], old_row["unit"])
    except UnitError:
        return None
    ratio = new_row["value"] / old_row["value"] * scale
    return IndexRatio(float(ratio), pd.concat([old.head(1), new.head(1)]))


def _linked_years(first: int, last: int) -> range:
    """Return the years whose change leads from one year to another, whichever is the earlier."""
    return range(min(first, last) + 1, max(first, last) + 1)


def _chained_ratio(rows: pd.DataFrame, price_year: int, wanted: int) -> IndexRatio | None:
    """Multiply the changes of the years between two; None if one of them is not given."""
    years = [str(year) for year in _linked_years(price_year, wanted)]
    linked = rows[rows["price_year"].isin(years).to_numpy()].drop_duplicates("price_year")
    changes = index_ratios(linked)
    if len(linked) < len(years) or not np.isfinite(changes).all():
        return None
    ratio = float(np.prod(changes))
    return IndexRatio(ratio if wanted > price_year else 1 / ratio, linked)


def money_power(unit: str) -> int:
    """Return the exponent of the currency in a unit: 1 in ``CNY t-1``, 0 without a currency.

    Parameters
    ----------
    unit : str

    Returns
    -------
    int
    """
    match = _CURRENCY.search(canonical(unit))
    if match is None:
        return 0
    return int(match.group(1) or 1)


def convert_prices(
    rows: pd.DataFrame,
    target: PriceTarget,
    *,
    name: str | Label,
    index: str,
    problems: ProblemLog,
) -> PriceConversion:
    """Bring rows of one money unit to the wanted price year, as far as the index allows.

    Parameters
    ----------
    rows : DataFrame
        The rows, all in one unit that holds money.
    target : PriceTarget
    name : str or Label
        Name of the data or coefficient, with its title if it has one, for messages.
    index : str
        The price index that the binding names, or blank.
    problems : ProblemLog
        Receives ``nominal-price`` for prices without a year in an account at constant prices.

    Returns
    -------
    PriceConversion
    """
    wanted = str(target.price_year)
    power = money_power(str(rows["unit"].iloc[0]))
    conversion = np.ones(len(rows))
    grade = np.zeros(len(rows), dtype=np.uint8)
    converted = np.zeros(len(rows), dtype=bool)
    price_years = rows["price_year"].to_numpy()
    has_number = ~rows["na"].to_numpy(dtype=bool)
    nominal = (price_years == NOMINAL) & has_number
    if nominal.any() and target.basis.price_year is not None:
        for file, group in rows[nominal].groupby("file", sort=False, observed=True):
            problems.add(
                "nominal-price",
                replace(row_place(str(file), group["row"]), column="price_year"),
                "plan.nominal-price",
                name=name,
                basis=target.basis,
            )
    is_year = np.array([_IS_YEAR.fullmatch(year) is not None for year in price_years], dtype=bool)
    elsewhere = np.flatnonzero(is_year & (price_years != wanted) & has_number)
    index_rows = [rows.iloc[:0]]
    unconverted: list[UnindexedPrice] = []
    for price_year in sorted(set(price_years[elsewhere])):
        positions = elsewhere[price_years[elsewhere] == price_year]
        ratio = lookup_price_index(index, str(price_year), target)
        if ratio is None:
            for file, group in rows.iloc[positions].groupby("file", sort=False, observed=True):
                unconverted.append(
                    UnindexedPrice(
                        name=name,
                        index=index,
                        year=str(price_year),
                        file=str(file),
                        rows=tuple(group["row"]),
                    )
                )
            continue
        conversion[positions] = ratio.value**power
        grade[positions] = ratio.rows["grade"].max()
        converted[positions] = True
        index_rows.append(ratio.rows)
    used = index_rows[0]
    if len(index_rows) > 1:
        used = pd.concat(index_rows).drop_duplicates(["set", "file", "row"])
    return PriceConversion(
        factor=conversion,
        grade=grade,
        converted=converted,
        nominal=nominal,
        index=used,
        unconverted=tuple(unconverted),
    )
