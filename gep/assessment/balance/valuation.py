"""Balances in money (资产价值): volumes at prices, with what prices alone did (重估价) apart.

closing value = opening value + changes of volume x price + revaluation (I8).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import ENTRY, KEY, TOTAL
from gep.assessment.balance.scheme import ChangesAt, Resource
from gep.assessment.stocks import StockPrices
from gep.errors import ProblemLog, joined
from gep.extent.regions import Regions
from gep.io.csv_excel import row_place
from gep.units import factor


class PriceBook:
    """Prices of a unit of each resource in the scheme's money: of the region, one above it, or all regions."""

    def __init__(
        self,
        prices: StockPrices,
        resources: Sequence[Resource],
        money: str,
        regions: Regions | None,
    ) -> None:
        unit = {one.id: one.unit for one in resources}
        self._regions = regions
        self._found: dict[tuple[str, str, str, int], tuple[float, str]] = {}
        rows = prices.rows[prices.rows["resource"].isin(unit).to_numpy()]
        columns = (
            rows[name]
            for name in ("resource", "class", "region", "year", "value", "unit", "file", "row")
        )
        for resource, name, region, year, value, own, file, row in zip(*columns, strict=True):
            scale = factor(str(own), per_unit(money, unit[str(resource)]))
            self._found[str(resource), str(name), str(region), int(year)] = (
                value * scale,
                str(row_place(str(file), [row])),
            )
        self.resources = {key[0] for key in self._found}

    def price(self, resource: str, name: str, region: str, year: int) -> tuple[float, str]:
        """A price and where it stands; NaN where there is none."""
        above = self._regions.ancestors(region) if self._regions else []
        for code in (region, *above, ""):
            if (resource, name, code, year) in self._found:
                return self._found[resource, name, code, year]
        return float("nan"), ""


def per_unit(money: str, unit: str) -> str:
    """The unit of a price."""
    return f"{money} / ({unit})"


def value_entries(
    entries: pd.DataFrame, book: PriceBook, changes_at: ChangesAt, problems: ProblemLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Entries of regions in money, with an entry of revaluation for each class; the prices of changes by ``KEY``.

    A balance of which a class has stocks but no price in one of its years is left out, with a warning.
    """
    entries = entries[entries["resource"].isin(book.resources).to_numpy()]
    if entries.empty:
        return pd.DataFrame(columns=ENTRY), pd.DataFrame(columns=[*KEY, "price"])
    keys = entries[KEY].drop_duplicates()
    first, last, where = [], [], []
    for one in keys.itertuples(index=False):
        resource, region, start, end, name = one
        opening, closing = (book.price(resource, name, region, int(year)) for year in (start, end))
        first.append(opening[0])
        last.append(closing[0])
        where.append(f" x {opening[1]} and {closing[1]}")
    prices = keys.assign(first=first, last=last, at=where)
    full = _complete(entries.merge(prices, on=KEY, how="left", sort=False), problems)
    between = {
        "mean": (full["first"] + full["last"]) / 2,
        "opening": full["first"],
        "closing": full["last"],
    }[changes_at]
    price = np.select(
        [full["item"] == "opening", full["item"] == "closing"],
        [full["first"], full["last"]],
        between,
    )
    price = np.nan_to_num(price)  # of what has no stock and needs no price
    money = full.assign(
        value=full["value"] * price, half=full["half"] * price, where=full["where"] + full["at"]
    )
    used = full[KEY].assign(price=np.nan_to_num(between)).drop_duplicates(KEY)
    return pd.concat([money[ENTRY], _revaluation(full, changes_at)], ignore_index=True), used


def _complete(full: pd.DataFrame, problems: ProblemLog) -> pd.DataFrame:
    bare = (full["value"] != 0) & (full["first"].isna() | full["last"].isna())
    if not bare.any():
        return full
    some = full[bare.to_numpy()].drop_duplicates(KEY)
    names = [
        f"{row[0]} {row[4]} {row[1]} {row[2]}-{row[3]}" for row in some[KEY].itertuples(index=False)
    ]
    what = f"no price in both years: {joined(names, ', ')}"
    problems.add(
        "stock-price-missing", "prices", what, "add its prices; its balance in money is left out"
    )
    lost = pd.MultiIndex.from_frame(some[KEY[:4]].drop_duplicates())
    return full[~pd.MultiIndex.from_frame(full[KEY[:4]]).isin(lost)]


def _revaluation(full: pd.DataFrame, changes_at: ChangesAt) -> pd.DataFrame:
    """What the change of prices did: to the mean stock where changes are at mean prices, else to the other end's."""
    wide = full.pivot_table(index=KEY, columns="item", values="value", aggfunc="sum", sort=False)
    wide = wide.reindex(columns=["opening", "closing"]).fillna(0.0)
    prices = full.drop_duplicates(KEY).set_index(KEY).reindex(wide.index)
    stock = {
        "mean": (wide["opening"] + wide["closing"]) / 2,
        "opening": wide["closing"],
        "closing": wide["opening"],
    }[changes_at]
    value = ((prices["last"] - prices["first"]) * stock).fillna(0.0)
    grade = full.groupby(KEY, sort=False)["grade"].max().reindex(wide.index)
    found = wide.index.to_frame(index=False).assign(
        item="revaluation", cause="", value=value.to_numpy(), half=0.0
    )
    return found.assign(grade=grade.to_numpy(), where="change of price x stock")[ENTRY]


def check_values(physical: pd.DataFrame, money: pd.DataFrame, priced: pd.DataFrame) -> pd.DataFrame:
    """I8: the error of each class in money against its error in volume at the price of changes; both with ``KEY``.

    ``priced`` has the columns ``KEY`` and ``price``; sums over classes are left out.
    """
    both = [
        frame[
            (frame["item"] == "statistical_error").to_numpy() & (frame["class"] != TOTAL).to_numpy()
        ].set_index(KEY)
        for frame in (physical, money)
    ]
    keys = priced.set_index(KEY)
    at = both[1].index.intersection(keys.index)
    due = both[0].loc[at, "value"] * keys.loc[at, "price"]
    size = money[(money["item"] == "closing").to_numpy()].set_index(KEY)["value"].reindex(at).abs()
    gap = (both[1].loc[at, "value"] - due).where(
        lambda gap: gap.abs() > 1e-9 * (size + due.abs()), 0.0
    )
    found = at.to_frame(index=False).assign(
        item="check_I8", cause="", value=gap.to_numpy(), half=0.0
    )
    return found.assign(grade=both[1].loc[at, "grade"].to_numpy(), where="")[ENTRY]
