"""Balances in money (资产价值): volumes at prices, with what prices alone did (重估价) apart.

closing value = opening value + changes of volume x price + revaluation. The module also compares
the statistical error in money with that in volume (I8). Sums over regions and classes are left to
``entries``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import ENTRY, FLOAT_TOLERANCE, KEY, TOTAL, stock_text
from gep.assessment.balance.scheme import ChangesAt, Resource
from gep.assessment.context import AssessmentContext
from gep.assessment.stocks import StockPrices
from gep.errors import ProblemLog, Where
from gep.extent.regions import Regions
from gep.io.csv_excel import row_place
from gep.texts.catalogue import text
from gep.units import factor

_PRICE_COLUMNS = ["resource", "class", "region", "year", "value", "unit", "file", "row"]
_NO_PRICE = text("balance.where.no-price")
_REVALUED = text("balance.where.revaluation")


class Price(NamedTuple):
    """A price of a unit of a resource in the scheme's money, and its row; NaN if there is none."""

    value: float
    where: Where


class PriceBook:
    """The prices of a unit of each resource, in the scheme's money.

    Parameters
    ----------
    prices : StockPrices
        A row holds for its region and the regions inside, one without region for all regions.
    resources : sequence of Resource
    money : str
        Unit of money.
    regions : Regions or None

    Attributes
    ----------
    resources : dict of str to Resource
        The resources that have a price, by id.
    """

    def __init__(
        self,
        prices: StockPrices,
        resources: Sequence[Resource],
        money: str,
        regions: Regions | None,
    ) -> None:
        resource_of = {resource.id: resource for resource in resources}
        self._regions = regions
        self._prices: dict[tuple[str, str, str, int], Price] = {}
        self.resources: dict[str, Resource] = {}
        for values in prices.rows[_PRICE_COLUMNS].itertuples(index=False, name=None):
            resource_name, class_name, region, year, value, unit, file, row = values
            resource = resource_of.get(str(resource_name))
            if resource is None:
                continue
            self.resources[resource.id] = resource
            target = per_unit(money, resource.unit)
            scale = factor(str(unit), target)
            place = row_place(str(file), [row])
            key = (resource.id, str(class_name), str(region), int(year))
            self._prices[key] = Price(value * scale, place)

    def price(self, resource: str, name: str, region: str, year: int) -> Price:
        """Look up the price of a class of a resource.

        Parameters
        ----------
        resource : str
        name : str
            The class.
        region : str
        year : int

        Returns
        -------
        Price
            That of the region, else of the nearest region above it, else of all regions.
        """
        ancestors = self._regions.ancestors(region) if self._regions else []
        for code in (region, *ancestors, ""):
            key = (resource, name, code, year)
            if key in self._prices:
                return self._prices[key]
        return Price(float("nan"), _NO_PRICE)


def per_unit(money: str, unit: str) -> str:
    """Return the unit of a price: money per unit of a resource."""
    return f"{money} / ({unit})"


def value_entries(
    entries: pd.DataFrame,
    book: PriceBook,
    changes_at: ChangesAt,
    context: AssessmentContext,
    problems: ProblemLog,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Value the entries of regions, and add an entry of revaluation for each class.

    Parameters
    ----------
    entries : DataFrame
        Columns ``ENTRY``, in volume.
    book : PriceBook
    changes_at : {'mean', 'opening', 'closing'}
        The prices at which changes of volume are valued.
    context : AssessmentContext
        For the names of regions in messages.
    problems : ProblemLog
        Collects the warning ``stock-price-missing``: a balance of which a class has stocks but no
        price in one of its years is left out.

    Returns
    -------
    money : DataFrame
        Columns ``ENTRY``, in money.
    prices : DataFrame
        Columns ``KEY`` and ``price``: the price of changes.
    """
    is_priced = entries["resource"].isin(book.resources)
    entries = entries[is_priced.to_numpy()]
    if entries.empty:
        return pd.DataFrame(columns=ENTRY), pd.DataFrame(columns=[*KEY, "price"])
    prices = _end_prices(entries[KEY].drop_duplicates(), book)
    full = entries.merge(prices, on=KEY, how="left", sort=False)
    full = _leave_out_unpriced(full, book, context, problems)
    price_of_changes = {
        "mean": (full["first"] + full["last"]) / 2,
        "opening": full["first"],
        "closing": full["last"],
    }[changes_at]
    is_opening = full["item"] == "opening"
    is_closing = full["item"] == "closing"
    price = np.select(
        [is_opening, is_closing],
        [full["first"], full["last"]],
        price_of_changes,
    )
    price = np.nan_to_num(price)  # of what has no stock and needs no price
    where = []
    for place, opening, closing in zip(
        full["where"],
        full["first_where"],
        full["last_where"],
        strict=True,
    ):
        where.append(text("balance.where.valued", where=place, opening=opening, closing=closing))
    money = full.assign(
        value=full["value"] * price,
        half=full["half"] * price,
        where=where,
    )
    revaluation = _revaluation(full, changes_at)
    used = full[KEY].assign(price=np.nan_to_num(price_of_changes))
    money = pd.concat([money[ENTRY], revaluation], ignore_index=True)
    return money, used.drop_duplicates(KEY)


def _end_prices(keys: pd.DataFrame, book: PriceBook) -> pd.DataFrame:
    """Return the prices of the first and last year of balances, and where these were read."""
    opening = []
    closing = []
    for resource, region, start, end, name in keys.itertuples(index=False, name=None):
        opening.append(book.price(resource, name, region, int(start)))
        closing.append(book.price(resource, name, region, int(end)))
    return keys.assign(
        first=[price.value for price in opening],
        last=[price.value for price in closing],
        first_where=[price.where for price in opening],
        last_where=[price.where for price in closing],
    )


def _leave_out_unpriced(
    full: pd.DataFrame, book: PriceBook, context: AssessmentContext, problems: ProblemLog
) -> pd.DataFrame:
    """Leave out balances with a stock that has no price; adds ``stock-price-missing``."""
    is_unpriced = full["first"].isna() | full["last"].isna()
    is_unpriced &= full["value"] != 0
    if not is_unpriced.any():
        return full
    unpriced = full.loc[is_unpriced.to_numpy(), KEY].drop_duplicates()
    named = []
    for values in unpriced.itertuples(index=False, name=None):
        resource_name, region, start, end, name = values
        resource = book.resources[resource_name]
        stock = stock_text(
            resource,
            name,
            region,
            period=f"{start}-{end}",
            context=context,
        )
        named.append(stock)
    problems.add("stock-price-missing", "prices", "balance.no-price-of-stock", stocks=named)
    balance = KEY[:4]
    left_out = unpriced[balance].drop_duplicates()
    left_out_index = pd.MultiIndex.from_frame(left_out)
    index = pd.MultiIndex.from_frame(full[balance])
    is_left_out = index.isin(left_out_index)
    return full[~is_left_out]


def _revaluation(full: pd.DataFrame, changes_at: ChangesAt) -> pd.DataFrame:
    """Return what the change of prices did, for each balance and class.

    It is the change of price times the mean stock where changes are at mean prices, else times the
    stock of the other end.
    """
    wide = full.pivot_table(
        index=KEY,
        columns="item",
        values="value",
        aggfunc="sum",
        sort=False,
    )
    wide = wide.reindex(columns=["opening", "closing"]).fillna(0.0)
    prices = full.drop_duplicates(KEY).set_index(KEY)
    prices = prices.reindex(wide.index)
    change_of_price = prices["last"] - prices["first"]
    stock = {
        "mean": (wide["opening"] + wide["closing"]) / 2,
        "opening": wide["closing"],
        "closing": wide["opening"],
    }[changes_at]
    value = change_of_price * stock
    value = value.fillna(0.0)
    grade = full.groupby(KEY, sort=False, observed=True)["grade"].max().reindex(wide.index)
    balances = wide.index.to_frame(index=False)
    revaluation = balances.assign(
        item="revaluation",
        cause="",
        value=value.to_numpy(),
        half=0.0,
        grade=grade.to_numpy(),
        where=_REVALUED,
    )
    return revaluation[ENTRY]


def check_values(physical: pd.DataFrame, money: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Compare the error of each class in money with its error in volume at the price of changes.

    Parameters
    ----------
    physical, money : DataFrame
        Columns ``ENTRY``, with totals, in volume and in money.
    prices : DataFrame
        Columns ``KEY`` and ``price``.

    Returns
    -------
    DataFrame
        Columns ``ENTRY``: the differences as items ``check_I8``, without sums over classes.
    """
    errors = _errors(money)
    price = prices.set_index(KEY)["price"]
    index = errors.index.intersection(price.index)
    physical_errors = _errors(physical)
    expected = physical_errors.loc[index, "value"]
    expected = expected * price.loc[index]
    is_closing = money["item"] == "closing"
    closings = money[is_closing.to_numpy()].set_index(KEY)
    closing = closings["value"].reindex(index)
    size = closing.abs() + expected.abs()
    gap = errors.loc[index, "value"] - expected
    gap = gap.where(gap.abs() > FLOAT_TOLERANCE * size, 0.0)
    lines = index.to_frame(index=False).assign(
        item="check_I8",
        cause="",
        value=gap.to_numpy(),
        half=0.0,
        grade=errors.loc[index, "grade"].to_numpy(),
        where="",
    )
    return lines[ENTRY]


def _errors(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the statistical errors of classes, without sums over classes, by ``KEY``."""
    is_error = lines["item"] == "statistical_error"
    is_error &= lines["class"] != TOTAL
    return lines[is_error.to_numpy()].set_index(KEY)
