"""Price years (价格年份): which of rows otherwise alike is taken, and the factor that brings a row to the wanted year.

Money is moved only by a ``price_index`` that the binding names; ``nominal`` prices stand as they are; currencies stay.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import KEYS, check_duplicates
from gep.io.csv_excel import row_place
from gep.standards.standard import Binding
from gep.units import UnitError, canonical, factor

_CURRENCY = re.compile(r"(?:^| )(?:CNY|USD|EUR)(-?\d*)(?= |$)")


@dataclass(frozen=True)
class PriceBasis:
    """The price year that an account is at, and the sets that are asked for indices."""

    price_year: int | None  # the project's; None: current prices
    year: int
    sets: Sequence[CoefficientSet]

    @property
    def wanted(self) -> int:
        """The project's price year, else the account's year."""
        return self.price_year or self.year


@dataclass(frozen=True)
class UnindexedPrice:
    """Rows of one file that cannot be brought to the wanted price year."""

    name: str
    index: str  # that the binding names, or blank
    have: str
    file: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class PriceConversion:
    """Rows brought to the wanted year: factor, grade of the index behind, whether nominal; and the index rows used."""

    factor: np.ndarray
    grade: np.ndarray
    nominal: np.ndarray
    index: pd.DataFrame
    unmoved: tuple[UnindexedPrice, ...]


def own_years(frame: pd.DataFrame, problems: ProblemLog) -> pd.DataFrame:
    """Data rows with the row's year where ``price_year`` is blank; the same number twice is then seen."""
    blank = (frame["price_year"] == "").to_numpy()
    if not blank.any() or "year" not in frame:
        return frame
    filled = frame.assign(price_year=frame["price_year"].where(~blank, frame["year"].astype(str)))
    if not blank.all():
        check_duplicates(filled, ["name", *KEYS, "price_year", "year"], problems)
    return filled


def pick_price_year(frame: pd.DataFrame, index: str, target: PriceBasis) -> pd.DataFrame:
    """Of rows otherwise alike the one of the wanted price year, else the nearest, those that an index moves first."""
    years = frame["price_year"].unique()
    if len(years) < 2:
        return frame
    rank = {}
    for text in years:
        if text in ("", "nominal"):
            rank[text] = (2, 0, 0)
            continue
        year = int(text)
        movable = year == target.wanted or price_index(index, text, target) is not None
        rank[text] = (0 if movable else 1, abs(year - target.wanted), year)
    place_of = {
        text: position for position, text in enumerate(sorted(years, key=lambda text: rank[text]))
    }
    order = np.argsort(frame["price_year"].map(place_of).to_numpy(), kind="stable")
    return frame.iloc[order].drop_duplicates(["name", *KEYS]).sort_index().reset_index(drop=True)


def price_index(index: str, have: str, target: PriceBasis) -> tuple[float, pd.DataFrame] | None:
    """``price_index`` of the wanted year over that of the row's year, and the two rows, of the first set with both."""
    for one in target.sets if index else ():
        rows = one.named("price_index")
        plain = (rows[[key for key in KEYS if key != "index"]] == "").to_numpy().all(axis=1)
        rows = rows[plain & (rows["index"] == index).to_numpy() & (rows["value"] > 0).to_numpy()]
        old, new = (
            rows[(rows["price_year"] == year).to_numpy()] for year in (have, str(target.wanted))
        )
        if len(old) and len(new):
            try:
                scale = factor(new["unit"].iloc[0], old["unit"].iloc[0])
            except UnitError:
                continue
            return float(new["value"].iloc[0] / old["value"].iloc[0] * scale), pd.concat(
                [old.head(1), new.head(1)]
            )
    return None


def money_power(unit: str) -> int:
    """The exponent of the currency in a unit: 1 in ``CNY t-1``, -1 in ``kg CNY-1``."""
    found = _CURRENCY.search(canonical(unit))
    return int(found.group(1) or 1) if found else 0


def convert_prices(
    binding: Binding, rows: pd.DataFrame, target: PriceBasis, problems: ProblemLog
) -> PriceConversion:
    """Bring rows of one money unit to the wanted price year, as far as that can be done."""
    name, wanted = binding.data or binding.coef, str(target.wanted)
    power = money_power(str(rows["unit"].iloc[0]))
    move, worse = np.ones(len(rows)), np.zeros(len(rows), dtype=np.uint8)
    year, given = rows["price_year"].to_numpy(), ~rows["na"].to_numpy(dtype=bool)
    nominal = (year == "nominal") & given
    if nominal.any() and target.price_year is not None:
        for file, some in rows[nominal].groupby("file", sort=False):
            what = f"{name} has no price year and the account is at constant prices of {wanted}"
            fix = "give its price_year, or drop the project's"
            problems.add("nominal-price", row_place(str(file), some["row"]), what, fix)
    other = np.flatnonzero(~nominal & (year != wanted) & given)
    behind, unmoved = [rows.iloc[:0]], []
    for text in sorted(set(year[other])):
        spots = other[year[other] == text]
        found = price_index(binding.index, str(text), target)
        if found is None:
            for file, some in rows.iloc[spots].groupby("file", sort=False):
                unmoved.append(
                    UnindexedPrice(name, binding.index, str(text), str(file), tuple(some["row"]))
                )
            continue
        move[spots], worse[spots] = found[0] ** power, found[1]["grade"].max()
        behind.append(found[1])
    index = (
        pd.concat(behind).drop_duplicates(["set", "file", "row"])
        if len(behind) > 1
        else rows.iloc[:0]
    )
    return PriceConversion(move, worse, nominal, index, tuple(unmoved))
