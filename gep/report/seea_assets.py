"""The monetary asset account of SEEA EA (货币生态系统资产账户): why the value of assets changed.

Assets are a year's services times the sum of discount factors. Their change is split as Appendix
A10.1 does: for each service and ecosystem type the value is price x quantity per area x area, and
the effects of the three are the means of the six exact forms (A10.30), which sum to the change.
The effect of the price is a revaluation, that of the area a conversion. The effect of the quantity
per area is an enhancement or degradation where the condition of the type moved the same way, and a
reappraisal where it did not (Table A10.1.5); where no condition is known it is told as one figure.
A service without a quantity has no price: what its area does not explain is told as one figure too.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.plan.plan import Plan
from gep.report.seea_condition import ConditionAccount
from gep.report.seea_services import Matches, service_of
from gep.units import factor

TOTAL = "total"
UNALLOCATED = "unallocated"
OPENING, NET, CLOSING = "opening", "net", "closing"
ENHANCEMENT, DEGRADATION = "enhancement", "degradation"
VOLUME = "volume"  # enhancement, degradation or reappraisal: no condition is known
ADDITIONS, REDUCTIONS = "conversion_additions", "conversion_reductions"
LOSSES = "catastrophic_losses"
UPWARD, DOWNWARD = "upward_reappraisals", "downward_reappraisals"
UNSEPARATED = "unseparated"  # price and quantity per area: no quantity is known
REVALUATIONS = "revaluations"
ASSET_CHANGES = (
    ENHANCEMENT,
    DEGRADATION,
    VOLUME,
    ADDITIONS,
    REDUCTIONS,
    LOSSES,
    UPWARD,
    DOWNWARD,
    UNSEPARATED,
    REVALUATIONS,
)
ASSET_ENTRIES = (OPENING, *ASSET_CHANGES, NET, CLOSING)
_OF_CONDITION = (ENHANCEMENT, DEGRADATION, UPWARD, DOWNWARD)
_ONLY_WHERE_NEEDED = (VOLUME, UNSEPARATED)
_FLOW_KEYS = ["step", "item", "ecosystem"]
_FLAT = 1e-12  # a change of an index that is a rounding


@dataclass(frozen=True)
class Discounting:
    """How the value of an asset is made of a year's services.

    Attributes
    ----------
    rate : float
        Discount rate of a year, such as 0.02.
    years : int
        Years in which the services go on as in the year of the account.
    """

    rate: float
    years: int

    @property
    def factor(self) -> float:
        """The sum of the discount factors, each year's services at its end."""
        if self.rate == 0:
            return float(self.years)
        return -math.expm1(-self.years * math.log1p(self.rate)) / self.rate


def present_value(values: np.ndarray, discounting: Discounting) -> np.ndarray:
    """Return the value of assets whose yearly services go on as they are.

    Parameters
    ----------
    values : ndarray of float
        Value of a year's services.
    discounting : Discounting

    Returns
    -------
    ndarray of float
        Sum over the years of the services, each discounted from the end of its year.
    """
    return np.asarray(values) * discounting.factor


# --- effects ------------------------------------------------------------------------------------


class Factors(NamedTuple):
    """What the value of services is made of at a point of time.

    Attributes
    ----------
    price : ndarray of float
        Money per unit of quantity.
    intensity : ndarray of float
        Quantity per area.
    area : ndarray of float
    """

    price: np.ndarray
    intensity: np.ndarray
    area: np.ndarray


class Effects(NamedTuple):
    """What changes of area, quantity per area and price did to values; they sum to the change.

    Attributes
    ----------
    area, volume, price : ndarray of float
    """

    area: np.ndarray
    volume: np.ndarray
    price: np.ndarray


def three_effects(first: Factors, last: Factors) -> Effects:
    """Split changes of price x intensity x area into the effects of the three (A10.30).

    Parameters
    ----------
    first, last : Factors
        At the opening and at the closing.

    Returns
    -------
    Effects
        Each is the change of its factor times the mean of the products of the other two in the six
        exact forms: a third for each of the pairs of one time, a sixth for the mixed ones.
    """
    return Effects(
        area=(last.area - first.area)
        * _mean_product(first.price, last.price, first.intensity, last.intensity),
        volume=(last.intensity - first.intensity)
        * _mean_product(first.price, last.price, first.area, last.area),
        price=(last.price - first.price)
        * _mean_product(first.intensity, last.intensity, first.area, last.area),
    )


def _mean_product(
    left_first: np.ndarray, left_last: np.ndarray, right_first: np.ndarray, right_last: np.ndarray
) -> np.ndarray:
    """Return the mean of the products of two factors in the six forms."""
    alike = left_first * right_first + left_last * right_last
    mixed = left_first * right_last + left_last * right_first
    return np.asarray(alike / 3 + mixed / 6)


# --- flows --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearOfAssets:
    """The services of a year behind the value of assets.

    Attributes
    ----------
    year : int
    values : Series
        Value of the listed services by ecosystem type; NaN where a number is missing.
    flows : DataFrame
        Index: ``step``, ``item``, ``ecosystem``; ``value`` and ``quantity`` (NaN where the value
        goes with no quantity).
    """

    year: int
    values: pd.Series
    flows: pd.DataFrame


def service_flows(account: Account, code: str, matches: Matches) -> pd.DataFrame:
    """Return the listed services of a region with their quantities.

    Parameters
    ----------
    account : Account
    code : str
        Code of the region or parent.
    matches : mapping of (str, str) to ServiceMatch

    Returns
    -------
    DataFrame
        See ``YearOfAssets.flows``. The quantity of a value is that of the step which its step
        takes, else that of the only quantity of its indicator, of the same member and type.
    """
    plan = account.plan
    regions = plan.extent.regions[account.region_positions(code)]
    rows = account.by_ecosystem()
    rows = rows[rows["region"].isin(regions).to_numpy()].astype({"item": str, "indicator": str})
    rows = rows.assign(name=rows["indicator"] + "." + rows["step"].astype(str))
    sums = rows.groupby(["name", "item", "ecosystem"], sort=False, observed=True)["value"]
    amounts = sums.sum(min_count=1)
    units = rows.drop_duplicates("name").set_index("name")["unit"]
    spec = plan.standard.spec
    lines: list[dict[str, object]] = []
    for step, quantity in _quantity_steps(plan).items():
        indicator = step.partition(".")[0]
        if step not in units.index or indicator not in spec.total[0].indicators:
            continue
        scale = factor(str(units[step]), spec.unit)
        for (item, ecosystem), value in amounts[step].dropna().items():
            if not service_of(plan.standard, indicator, str(item), matches).service:
                continue
            line: dict[str, object] = {"step": step, "item": item, "ecosystem": ecosystem}
            line["value"] = value * scale
            line["quantity"] = amounts.get((quantity, item, ecosystem), np.nan)
            lines.append(line)
    columns = [*_FLOW_KEYS, "value", "quantity"]
    return pd.DataFrame(lines, columns=columns).set_index(_FLOW_KEYS)


def _quantity_steps(plan: Plan) -> Mapping[str, str]:
    """Find the step of quantity behind each step of value; blank where there is none."""
    quantities: dict[str, list[str]] = {}
    values: dict[str, list[str]] = {}
    links: dict[str, set[str]] = {}
    for planned in plan.steps:
        if planned.indicator is None:
            continue
        if planned.kind == "quantity":
            quantities.setdefault(planned.indicator.id, []).append(planned.name)
        elif planned.kind == "value":
            values.setdefault(planned.indicator.id, []).append(planned.name)
            links[planned.name] = {each.step for each in planned.step.inputs.values()}
    all_quantities = set().union(*quantities.values())
    behind = {}
    for indicator, names in values.items():
        of_indicator = quantities.get(indicator, [])
        for name in names:
            linked = sorted(links[name] & all_quantities)
            if not linked and len(names) == 1:
                linked = of_indicator
            behind[name] = linked[0] if len(linked) == 1 else ""
    return behind


# --- the account --------------------------------------------------------------------------------


@dataclass(frozen=True)
class AssetAccount:
    """Makes the rows of chapter 10.

    Attributes
    ----------
    discounting : Discounting
    extent : DataFrame
        Table 4.1, km2.
    condition : ConditionAccount
    losses : DataFrame or None
        See ``SeeaInputs.losses``, those of the region.
    """

    discounting: Discounting
    extent: pd.DataFrame
    condition: ConditionAccount
    losses: pd.DataFrame | None

    def rows(self, years: Sequence[YearOfAssets], types: Sequence[str]) -> pd.DataFrame:
        """Return the rows of all periods; of a year alone its closing value."""
        frame = pd.DataFrame(list(self._lines(years)))
        names = [name for name in types if name in frame]
        return frame[["from", "to", "entry", *names, TOTAL]].copy()

    def _lines(self, years: Sequence[YearOfAssets]) -> Iterator[dict[str, object]]:
        """Yield the entries of each period."""
        if len(years) == 1:
            closing = years[0].values * self.discounting.factor
            period = {"from": years[0].year, "to": years[0].year}
            yield _line(period, CLOSING, closing, closing.sum(skipna=False))
        for first, last in pairwise(years):
            yield from self._period(first, last)

    def _period(self, first: YearOfAssets, last: YearOfAssets) -> Iterator[dict[str, object]]:
        """Yield the entries of a period; what the data cannot tell is NaN."""
        period = {"from": first.year, "to": last.year}
        opening, closing = first.values.align(last.values, fill_value=0.0)
        opening = self._filled(opening) * self.discounting.factor
        closing = self._filled(closing) * self.discounting.factor
        entries = {OPENING: opening, NET: closing - opening, CLOSING: closing}
        changes = self._changes(first, last)
        for entry in ASSET_ENTRIES:
            if entry in entries:
                amounts = entries[entry]
                yield _line(period, entry, amounts, amounts.sum(skipna=False))
                continue
            is_empty = entry not in changes or not changes[entry].fillna(0.0).any()
            if is_empty and entry in _ONLY_WHERE_NEEDED:
                continue
            amounts = changes.get(entry, pd.Series(np.nan, opening.index))
            yield _line(period, entry, amounts, amounts.sum(min_count=1))

    @staticmethod
    def _filled(values: pd.Series) -> pd.Series:
        """Return values by type with 0 where a type has none; all NaN where a number is missing."""
        return values if values.isna().all() else values.fillna(0.0)

    def _changes(self, first: YearOfAssets, last: YearOfAssets) -> Mapping[str, pd.Series]:
        """Return the entries of a period that say why values changed, by type."""
        is_known = first.values.notna().any() and last.values.notna().any()
        period = self._extent_of(first.year, last.year)
        if not is_known or period.empty:
            return {}
        effects = self._effects(first, last, period)
        conditions = self.condition.changes(first.year, last.year)
        by_type = {}
        for ecosystem, rows in effects.groupby("ecosystem", sort=False):
            name = str(ecosystem)
            by_type[name] = self._entries(rows, name, conditions, (first.year, last.year))
        return {str(entry): row for entry, row in pd.DataFrame(by_type).iterrows()}

    def _extent_of(self, first: int, last: int) -> pd.DataFrame:
        """Return the entries of table 4.1 of a period by type; empty where it is not told."""
        if self.extent.empty:
            return self.extent
        is_of_period = (self.extent["from"] == first) & (self.extent["to"] == last)
        rows = self.extent[is_of_period.to_numpy()].set_index("entry")
        return rows.drop(columns=["from", "to", TOTAL])

    def _effects(
        self, first: YearOfAssets, last: YearOfAssets, extent: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the effects behind the change of each service and type, discounted."""
        opening_flows = first.flows.add_suffix("_first")
        table = opening_flows.join(last.flows.add_suffix("_last"), how="outer").reset_index()
        for side in ("first", "last"):
            is_absent = table[f"value_{side}"].isna()
            table.loc[is_absent, [f"value_{side}", f"quantity_{side}"]] = 0.0
            table[f"value_{side}"] *= self.discounting.factor
        table["is_priced"] = _is_priced(table)
        area = _areas_of(table["ecosystem"], extent)
        opening, closing = _factors(table, area)
        effects = three_effects(opening, closing)
        weight = _mean_product(opening.price, closing.price, opening.intensity, closing.intensity)
        table["additions"] = weight * area["additions"].to_numpy()
        table["reductions"] = weight * area["reductions"].to_numpy()
        table["price"] = effects.price
        change = table["value_last"] - table["value_first"]
        # but for rounding this is ``effects.volume``
        table["volume"] = change - table["additions"] - table["reductions"] - table["price"]
        return table

    def _entries(
        self, rows: pd.DataFrame, ecosystem: str, conditions: pd.Series, pair: tuple[int, int]
    ) -> dict[str, float]:
        """Return the entries of a type: what its effects are called."""
        volume = rows.loc[rows["is_priced"], "volume"].to_numpy()
        share = self._loss_share(ecosystem, pair)
        lost = np.minimum(volume, 0.0) * np.nan_to_num(share)
        rest = volume - lost
        entries = dict.fromkeys(ASSET_CHANGES, np.nan)
        entries[LOSSES] = np.nan if np.isnan(share) else float(lost.sum())
        entries[ADDITIONS] = float(rows["additions"].sum())
        entries[REDUCTIONS] = float(rows["reductions"].sum())
        entries[REVALUATIONS] = float(rows["price"].sum())
        entries[UNSEPARATED] = float(rows.loc[~rows["is_priced"], "volume"].sum())
        if ecosystem not in conditions.index:
            entries[VOLUME] = float(rest.sum())
            return entries
        entries |= dict.fromkeys(_OF_CONDITION, 0.0)
        change = float(conditions[ecosystem])
        entries[ENHANCEMENT if change > _FLAT else UPWARD] = float(np.maximum(rest, 0).sum())
        entries[DEGRADATION if change < -_FLAT else DOWNWARD] = float(np.minimum(rest, 0).sum())
        return entries

    def _loss_share(self, ecosystem: str, pair: tuple[int, int]) -> float:
        """Return which share of the losses of a type was catastrophes; NaN if nothing is told."""
        if self.losses is None:
            return np.nan
        rows = self.losses
        is_of_period = (rows["from"] == pair[0]) & (rows["to"] == pair[1])
        is_meant = is_of_period & (rows["ecosystem"] == ecosystem)
        return min(1.0, float(rows.loc[is_meant.to_numpy(), "share"].sum()))


def _line(
    period: Mapping[str, int], entry: str, amounts: pd.Series, total: float
) -> dict[str, object]:
    """Return a line of the table."""
    return {**period, "entry": entry, **amounts.to_dict(), TOTAL: total}


def _is_priced(table: pd.DataFrame) -> np.ndarray:
    """Return where values go with quantities at both ends, so that there are prices."""
    is_priced = np.ones(len(table), dtype=bool)
    for side in ("first", "last"):
        quantity = table[f"quantity_{side}"].to_numpy()
        is_worth = table[f"value_{side}"].to_numpy() != 0
        is_priced &= ~np.isnan(quantity) & ~((quantity == 0) & is_worth)
    return is_priced


def _areas_of(ecosystems: pd.Series, extent: pd.DataFrame) -> pd.DataFrame:
    """Return opening, closing, additions and reductions of the types of flows, km2.

    What no type supplies has an area of 1 that stays. Where transitions do not tell additions and
    reductions, or not all of them, the net change is the one or the other.
    """
    types = [name for name in ecosystems.unique() if name != UNALLOCATED]
    areas = extent.reindex(columns=types).T.fillna(0.0)
    table = areas[[OPENING, CLOSING]].copy()
    net = table[CLOSING] - table[OPENING]
    has_gross = "additions" in areas and "unexplained" not in areas
    table["additions"] = areas["additions"] if has_gross else net.clip(lower=0)
    table["reductions"] = areas["reductions"] if has_gross else net.clip(upper=0)
    table.loc[UNALLOCATED] = [1.0, 1.0, 0.0, 0.0]
    return table.loc[ecosystems]


def _factors(table: pd.DataFrame, area: pd.DataFrame) -> tuple[Factors, Factors]:
    """Return the factors of values at the opening and closing.

    A value without a quantity is its own quantity at a price of 1. Where there is no quantity, the
    price is that of the other end, and so is the quantity per area where there is no area: a type
    that comes or goes is an effect of its area alone.
    """
    is_priced = table["is_priced"].to_numpy()
    prices = []
    intensities = []
    for side, end in (("first", OPENING), ("last", CLOSING)):
        value = table[f"value_{side}"].to_numpy()
        quantity = np.where(is_priced, table[f"quantity_{side}"].to_numpy(), value)
        prices.append(_ratio(value, quantity))
        intensities.append(_ratio(quantity, area[end].to_numpy()))
    price = _from_each_other(*prices)
    intensity = _from_each_other(*intensities)
    return (
        Factors(price[0], intensity[0], area[OPENING].to_numpy()),
        Factors(price[1], intensity[1], area[CLOSING].to_numpy()),
    )


def _ratio(amount: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return a ratio, NaN where there is nothing to divide by."""
    ratio = np.full(len(amount), np.nan)
    np.divide(amount, size, out=ratio, where=size != 0)
    return ratio


def _from_each_other(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fill each of two ends from the other; 0 where neither is known."""
    filled = np.where(np.isnan(first), last, first)
    return np.nan_to_num(filled), np.nan_to_num(np.where(np.isnan(last), first, last))
