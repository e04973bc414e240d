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
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.report.seea_condition import ConditionAccount
from gep.report.seea_inputs import periods_of, rows_where
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
_STOCKS = (OPENING, NET, CLOSING)
_ROUNDING = 1e-10  # of the values of a service, below which an effect is none
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
    area_weight : ndarray of float
        Value of a unit of area, by which its change is multiplied.
    """

    area: np.ndarray
    volume: np.ndarray
    price: np.ndarray
    area_weight: np.ndarray


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
    of_area = _mean_product(first.price, last.price, first.intensity, last.intensity)
    of_intensity = _mean_product(first.price, last.price, first.area, last.area)
    of_price = _mean_product(first.intensity, last.intensity, first.area, last.area)
    return Effects(
        area=of_area * (last.area - first.area),
        volume=of_intensity * (last.intensity - first.intensity),
        price=of_price * (last.price - first.price),
        area_weight=of_area,
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
    spec = plan.standard.spec
    amounts, units = _amounts_by_step(account, code)
    lines: list[dict[str, object]] = []
    for step, quantity in _quantity_steps(plan).items():
        indicator, _, _ = step.partition(".")
        is_counted = indicator in spec.total[0].indicators
        if not is_counted or step not in units:
            continue
        scale = factor(units[step], spec.unit)
        for (item, ecosystem), value in amounts[step].items():
            match = service_of(plan.standard, indicator, item, matches)
            if not match.service:
                continue
            line = {
                "step": step,
                "item": item,
                "ecosystem": ecosystem,
                "value": value * scale,
                "quantity": amounts.get((quantity, item, ecosystem), np.nan),
            }
            lines.append(line)
    columns = [*_FLOW_KEYS, "value", "quantity"]
    return pd.DataFrame(lines, columns=columns).set_index(_FLOW_KEYS)


def _amounts_by_step(account: Account, code: str) -> tuple[pd.Series, Mapping[str, str]]:
    """Return what the steps of a region give by item and type, and their units."""
    positions = account.region_positions(code)
    regions = account.plan.extent.regions[positions]
    rows = account.by_ecosystem()
    is_known = rows["region"].isin(regions) & rows["value"].notna()
    rows = rows[is_known.to_numpy()]
    rows = rows.astype({"item": str, "indicator": str, "step": str})
    rows["name"] = rows["indicator"] + "." + rows["step"]
    by_step = rows.groupby(
        ["name", "item", "ecosystem"],
        sort=False,
        observed=True,
    )
    units = dict(zip(rows["name"], rows["unit"].astype(str), strict=True))
    return by_step["value"].sum(), units


def _quantity_steps(plan: Plan) -> Mapping[str, str]:
    """Find the step of quantity behind each step of value; blank where there is none."""
    quantities: dict[str, list[str]] = {}
    values: dict[str, list[PlannedStep]] = {}
    for planned in plan.steps:
        if planned.indicator is None:
            continue
        indicator = planned.indicator.id
        if planned.kind == "quantity":
            quantities.setdefault(indicator, []).append(planned.name)
        elif planned.kind == "value":
            values.setdefault(indicator, []).append(planned)
    all_quantities = set().union(*quantities.values())
    behind = {}
    for indicator, steps in values.items():
        for planned in steps:
            inputs = planned.step.inputs.values()
            taken = {binding.step for binding in inputs}
            candidates = list(taken & all_quantities)
            if not candidates and len(steps) == 1:
                candidates = quantities.get(indicator, [])
            is_clear = len(candidates) == 1
            behind[planned.name] = candidates[0] if is_clear else ""
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
            only = years[0]
            yield self._line(only, only, CLOSING, only.values * self.discounting.factor)
        by_year = {each.year: each for each in years}
        for first, last in periods_of(list(by_year)):
            yield from self._period(by_year[first], by_year[last])

    def _period(self, first: YearOfAssets, last: YearOfAssets) -> Iterator[dict[str, object]]:
        """Yield the entries of a period; what the data cannot tell is NaN."""
        opening, closing = first.values.align(last.values, fill_value=0.0)
        opening = self._filled(opening) * self.discounting.factor
        closing = self._filled(closing) * self.discounting.factor
        entries = dict.fromkeys(ASSET_ENTRIES, opening * np.nan)
        entries |= self._changes(first, last)
        entries[OPENING] = opening
        entries[NET] = closing - opening
        entries[CLOSING] = closing
        for entry, amounts in entries.items():
            is_needed = amounts.fillna(0.0).any()
            if is_needed or entry not in _ONLY_WHERE_NEEDED:
                yield self._line(first, last, entry, amounts)

    @staticmethod
    def _line(
        first: YearOfAssets, last: YearOfAssets, entry: str, amounts: pd.Series
    ) -> dict[str, object]:
        """Return a line of the table; the sum of a stock is told where all of it is."""
        is_stock = entry in _STOCKS
        return {
            "from": first.year,
            "to": last.year,
            "entry": entry,
            **amounts.to_dict(),
            TOTAL: amounts.sum(skipna=not is_stock, min_count=1),
        }

    @staticmethod
    def _filled(values: pd.Series) -> pd.Series:
        """Return values by type with 0 where a type has none; all NaN where a number is missing."""
        return values if values.isna().all() else values.fillna(0.0)

    def _changes(self, first: YearOfAssets, last: YearOfAssets) -> dict[str, pd.Series]:
        """Return the entries of a period that say why values changed, by type."""
        extent = self._extent_of(first.year, last.year)
        is_missing = first.values.isna().all() or last.values.isna().all()
        if is_missing or extent.empty:
            return {}
        effects = self._effects(first, last, extent)
        conditions = self.condition.changes(first.year, last.year)
        by_type = {}
        for ecosystem, rows in effects.groupby("ecosystem", sort=False):
            lost = self._loss_share(ecosystem, first.year, last.year)
            change = conditions.get(ecosystem, np.nan)
            by_type[ecosystem] = _entries(rows, change, lost)
        table = pd.DataFrame(by_type)
        return {str(entry): table.loc[entry] for entry in table.index}

    def _extent_of(self, first: int, last: int) -> pd.DataFrame:
        """Return the entries of table 4.1 of a period by type; empty where it is not told."""
        if self.extent.empty:
            return self.extent
        rows = rows_where(self.extent, **{"from": first, "to": last})
        return rows.set_index("entry").drop(columns=["from", "to", TOTAL])

    def _effects(
        self, first: YearOfAssets, last: YearOfAssets, extent: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the effects behind the change of each service and type, discounted."""
        opening_flows = first.flows.add_suffix("_first")
        closing_flows = last.flows.add_suffix("_last")
        table = opening_flows.join(closing_flows, how="outer").reset_index()
        for side in ("first", "last"):
            value, quantity = f"value_{side}", f"quantity_{side}"
            is_absent = table[value].isna()
            table.loc[is_absent, [value, quantity]] = 0.0
            table[value] *= self.discounting.factor
        table["is_priced"] = _is_priced(table)
        areas = _areas_of(table["ecosystem"], extent)
        opening = _factors(table, "first", areas[OPENING])
        closing = _factors(table, "last", areas[CLOSING])
        opening, closing = _filled_from_each_other(opening, closing)
        effects = three_effects(opening, closing)
        table["additions"] = effects.area_weight * areas["additions"]
        table["reductions"] = effects.area_weight * areas["reductions"]
        table["price"] = effects.price
        rest = table["value_last"] - table["value_first"]
        for effect in ("additions", "reductions", "price"):
            rest = rest - table[effect]
        size = table["value_first"].abs() + table["value_last"].abs()
        is_rounding = rest.abs() <= _ROUNDING * size
        table["volume"] = rest.mask(is_rounding, 0.0)  # but for rounding ``effects.volume``
        return table

    def _loss_share(self, ecosystem: str, first: int, last: int) -> float:
        """Return which share of the losses of a type was catastrophes; NaN if nothing is told."""
        if self.losses is None:
            return np.nan
        keys = {
            "from": first,
            "to": last,
            "ecosystem": ecosystem,
        }
        total = rows_where(self.losses, **keys)["share"].sum()
        return min(1.0, float(total))


def _entries(rows: pd.DataFrame, change: float, share: float) -> dict[str, float]:
    """Return the entries of a type: what its effects are called.

    Parameters
    ----------
    rows : DataFrame
        Effects by service.
    change : float
        Of the condition index; NaN where it is not known.
    share : float
        Of losses that were catastrophes; NaN where nothing is told.
    """
    priced = rows[rows["is_priced"]]
    others = rows[~rows["is_priced"]]
    losses = priced["volume"].clip(upper=0.0)
    gains = priced["volume"].clip(lower=0.0)
    catastrophes = float(losses.sum()) * share
    loss = float(losses.sum()) - np.nan_to_num(catastrophes)
    gain = float(gains.sum())
    entries = dict.fromkeys(ASSET_CHANGES, np.nan)
    entries[LOSSES] = catastrophes
    entries[ADDITIONS] = float(rows["additions"].sum())
    entries[REDUCTIONS] = float(rows["reductions"].sum())
    entries[UNSEPARATED] = float(others["volume"].sum())
    if priced.empty:  # neither prices nor quantities are known
        return entries
    entries[REVALUATIONS] = float(priced["price"].sum())
    if np.isnan(change):
        entries[VOLUME] = gain + loss
        return entries
    entries |= dict.fromkeys(_OF_CONDITION, 0.0)
    risen = ENHANCEMENT if change > _FLAT else UPWARD
    fallen = DEGRADATION if change < -_FLAT else DOWNWARD
    entries[risen] = gain
    entries[fallen] = loss
    return entries


def _is_priced(table: pd.DataFrame) -> np.ndarray:
    """Return where values go with quantities at both ends, so that there are prices."""
    is_priced = np.ones(len(table), dtype=bool)
    for side in ("first", "last"):
        quantity = table[f"quantity_{side}"]
        is_worth = table[f"value_{side}"] != 0
        is_priced &= quantity.notna()
        is_priced &= (quantity != 0) | ~is_worth
    return np.asarray(is_priced)


def _areas_of(ecosystems: pd.Series, extent: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return opening, closing, additions and reductions of the types of flows, km2.

    What no type supplies has an area of 1 that stays. Where transitions do not tell additions and
    reductions, or not all of them, the net change is the one or the other.
    """
    areas = extent.T.copy()
    areas.loc[UNALLOCATED] = 0.0
    areas.loc[UNALLOCATED, [OPENING, CLOSING]] = 1.0
    areas = areas.reindex(ecosystems).fillna(0.0)
    net = areas[CLOSING] - areas[OPENING]
    has_gross = "additions" in areas and "unexplained" not in areas
    if not has_gross:
        areas["additions"] = net.clip(lower=0.0)
        areas["reductions"] = net.clip(upper=0.0)
    names = (OPENING, CLOSING, "additions", "reductions")
    return {name: areas[name].to_numpy() for name in names}


def _factors(table: pd.DataFrame, side: str, area: np.ndarray) -> Factors:
    """Return the factors of values at one end, NaN where there is nothing to divide by.

    A value without a quantity is its own quantity at a price of 1.
    """
    value = table[f"value_{side}"].to_numpy()
    quantity = table[f"quantity_{side}"].to_numpy()
    quantity = np.where(table["is_priced"], quantity, value)
    return Factors(
        price=_ratio(value, quantity),
        intensity=_ratio(quantity, area),
        area=area,
    )


def _ratio(amount: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return a ratio, NaN where there is nothing to divide by."""
    ratio = np.full(len(amount), np.nan)
    np.divide(amount, size, out=ratio, where=size != 0)
    return ratio


def _filled_from_each_other(first: Factors, last: Factors) -> tuple[Factors, Factors]:
    """Fill prices and intensities from the other end; 0 where neither is known.

    Without a quantity the price is that of the other end, without an area the quantity per area: a
    type that comes or goes is an effect of its area alone.
    """
    ends = []
    for end, other in ((first, last), (last, first)):
        price = np.where(np.isnan(end.price), other.price, end.price)
        intensity = np.where(np.isnan(end.intensity), other.intensity, end.intensity)
        filled = Factors(
            price=np.nan_to_num(price),
            intensity=np.nan_to_num(intensity),
            area=end.area,
        )
        ends.append(filled)
    return ends[0], ends[1]
