"""Tables of SEEA EA (环境经济核算体系——生态系统核算) from accounts: extent, services, assets.

The module owns how an account is laid out by the UN's chapters 4, 7, 9 and 10: what an indicator is
called in the reference list of services, what of an account has no place there, and the present
value of yearly services. Nothing is computed anew: areas and values are those of the accounts.
What an account does not know is left out and told: use by economic units, condition, and why the
value of assets changed. Sheets are left to ``gep.report.seea_workbook``.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import NOT_COMPILED
from gep.comparison.comparison import compare
from gep.comparison.land_change import transitions_table
from gep.comparison.panel import Pair
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import read_crosswalk
from gep.extent.region_changes import RegionChanges
from gep.extent.transitions import Transitions
from gep.inputs.value_rows import GRADE, GRADES
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument
from gep.io.notebook import ShownAsTable
from gep.report.seea_services import (
    Matches,
    ServiceMatch,
    read_matches,
    service_of,
    shipped_matches,
)
from gep.texts.catalogue import counted
from gep.units import factor

TOTAL = "total"
LISTED, APART = "listed", "apart"  # sums of what is in the reference list, and of what is not
NOT_TOLD = "not_told"
UNALLOCATED = "unallocated"
ENTRIES = ("opening", "additions", "reductions", "unexplained", "net", "closing")
ASSET_ENTRIES = (
    "opening",
    "enhancement",
    "degradation",
    "conversions",
    "other_changes",
    "revaluation",
    "net",
    "closing",
)
_TOLD_OF_ASSETS = ("opening", "net", "closing")
_AREA_UNIT = "km2"
_M2_PER_KM2 = 1e6
_UNEXPLAINED = 1e-9  # of an area, from which on transitions do not sum to the net change
_GET = "iucn-get"
_GET_CROSSWALKS = {"hj1166-2021": "hj1166-to-iucn-get"}
_MOST_YEARS = 10_000
_SERVICE_KEYS = ["category", "service", "reason", "indicator", "item", "step", "kind", "unit"]


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


@dataclass(frozen=True, repr=False)
class SeeaTables(ShownAsTable):
    """Accounts of a region in the tables of SEEA EA.

    Attributes
    ----------
    accounts : tuple of Account
        By year.
    region : str
        Code of the region or parent.
    types : DataFrame
        Table of ecosystem types with their classes in the IUCN typology: ``ecosystem``, ``area``
        (km2, of the last year), ``get_code``, ``get``, ``match_grade`` (of the proposal), ``note``.
    extent : DataFrame
        Table 4.1: ``from``, ``to``, ``entry``, a column for each type, ``total``; km2.
    changes : DataFrame
        Table 4.2: ``from``, ``to``, ``opening``, a column for each closing type, ``total``; km2.
        Empty where the accounts have no transitions.
    quantities : DataFrame
        Chapter 7: ``year``, ``category``, ``service``, ``reason``, ``indicator``, ``item``,
        ``step``, ``unit``, ``grade``, ``match_grade``, a column for each type, ``unallocated``,
        ``supply``, ``use`` (always ``not_told``).
    values : DataFrame
        Chapter 9: as ``quantities`` without ``step`` and ``item``, in the standard's unit; rows
        ``listed``, ``apart`` and ``total`` (of the headline) end a year.
    assets : DataFrame
        Chapter 10: ``from``, ``to``, ``entry``, a column for each type, ``unallocated``, ``total``,
        in the standard's unit; NaN where it is not told. Empty without a discount rate.
    discounting : Discounting or None
    net_only : tuple of (int, int)
        Pairs of years of which only net changes of area are known.
    warnings : tuple of Problem
        ``transition-margins`` and ``land-not-told``: what transitions and boundaries leave open.

    Examples
    --------
    >>> import gep
    >>> accounts = gep.read_project("examples/hongsibu").compute()
    >>> gep.seea_tables(accounts)
    <SeeaTables: hongsibu, ...>
    """

    accounts: tuple[Account, ...]
    region: str
    types: pd.DataFrame
    extent: pd.DataFrame
    changes: pd.DataFrame
    quantities: pd.DataFrame
    values: pd.DataFrame
    assets: pd.DataFrame
    discounting: Discounting | None
    net_only: tuple[Pair, ...]
    warnings: tuple[Problem, ...] = ()

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables that are not empty, by name."""
        names = ("types", "extent", "changes", "quantities", "values", "assets")
        frames = {name: getattr(self, name) for name in names}
        return {name: frame for name, frame in frames.items() if len(frame)}

    def _shown_size(self) -> str:
        return f"{self.region}, {counted(len(self.tables()), 'table')}"

    def _shown_table(self) -> pd.DataFrame:
        return self.values if len(self.values) else self.quantities

    def _shown_whole(self) -> str:
        return ".tables()"


@checked_arguments
def seea_tables(
    *accounts: Account | Sequence[Account],
    region: str | int | None = None,
    transitions: Transitions | None = None,
    changes: RegionChanges | None = None,
    rate: float | None = None,
    years: int | None = None,
    services: TableArgument | None = None,
) -> SeeaTables:
    """Lay accounts out in the tables of SEEA EA.

    Parameters
    ----------
    *accounts : Account or sequence of Account
        One standard, one or more years.
    region : str or int, optional
        Code or name of a region or parent; by default the topmost parent, else the last region.
    transitions : Transitions, optional
        Areas from type to type between the years; without them only net changes are known.
    changes : RegionChanges, optional
        Changes of boundaries between the years.
    rate : float, optional
        Discount rate of a year for the value of assets, such as 0.02; there is no default.
    years : int, optional
        Years of services that are discounted; given together with ``rate``.
    services : str, Path or DataFrame, optional
        A table of one's own that says which service of the reference list an indicator is:
        ``indicator``, ``service`` and optionally ``item``, ``source``, ``locator``, ``grade``,
        ``note``. Its rows go before those that ship.

    Returns
    -------
    SeeaTables

    Raises
    ------
    ProblemsFound
        ``bad-discount`` for a rate without years, or one that cannot be used;
        ``unknown-region``; ``unknown-id`` and ``duplicate-row`` for ``services``; and the codes of
        ``gep.compare``.

    Examples
    --------
    >>> import gep
    >>> accounts = gep.read_project("examples/hongsibu").compute()
    >>> gep.seea_tables(accounts, rate=0.03, years=50).extent["entry"].to_list()[:3]
    ['opening', 'net', 'closing']
    """
    listed = _by_year(accounts)
    discounting = _discounting(rate, years)
    last = listed[-1]
    code = str(last.sums.codes[-1]) if region is None else last.region_code(region)
    land = _ExtentTables(pd.DataFrame(), pd.DataFrame())
    if len(listed) == 1:
        land = land._replace(extent=_closing_extent(last, code))
    else:
        land = _extent_tables(listed, code, transitions, changes)
    matches = read_matches(services, last.plan.standard)
    makers = [_YearOfServices(account, code, matches) for account in listed]
    yearly = [maker.valued() for maker in makers]
    value_rows = [maker.value_rows(each) for maker, each in zip(makers, yearly, strict=True)]
    values = pd.concat(value_rows)
    quantities = pd.concat([maker.quantity_rows() for maker in makers])
    return SeeaTables(
        accounts=listed,
        region=code,
        types=_type_rows(last, code),
        extent=land.extent,
        changes=land.changes,
        quantities=_wide_filled(quantities, last),
        values=_wide_filled(values, last),
        assets=_asset_rows(listed, yearly, discounting),
        discounting=discounting,
        net_only=land.net_only,
        warnings=land.warnings,
    )


def _by_year(accounts: Sequence[Account | Sequence[Account]]) -> tuple[Account, ...]:
    """Return accounts that were given alone or in sequences, by year."""
    listed: list[Account] = []
    for given in accounts:
        listed += [given] if isinstance(given, Account) else list(given)
    if not listed:
        problems = ProblemLog()
        problems.add("wrong-argument", "accounts", "report.seea.no-accounts")
        problems.raise_errors()
    return tuple(sorted(listed, key=lambda account: account.year))


def _discounting(rate: float | None, years: int | None) -> Discounting | None:
    """Check a discount rate and the years of services; raises ``bad-discount``."""
    if rate is None and years is None:
        return None
    problems = ProblemLog()
    if rate is None or years is None:
        problems.add("bad-discount", "--rate, --years", "report.seea.rate-and-years")
    elif not 0 <= rate < 1:
        problems.add("bad-discount", "--rate", "report.seea.bad-rate", rate=rate)
    elif not 1 <= years <= _MOST_YEARS:
        values = {"years": years, "most": _MOST_YEARS}
        problems.add("bad-discount", "--years", "report.seea.bad-years", **values)
    else:
        return Discounting(float(rate), int(years))
    raise ProblemsFound(problems.errors, problems.warnings)


# --- extent ------------------------------------------------------------------------------------


class _ExtentTables(NamedTuple):
    """Tables 4.1 and 4.2, with what they leave open."""

    extent: pd.DataFrame
    changes: pd.DataFrame
    net_only: tuple[Pair, ...] = ()
    warnings: tuple[Problem, ...] = ()


def _closing_extent(account: Account, code: str) -> pd.DataFrame:
    """Return table 4.1 of a single year, which has a closing only."""
    areas = _areas(account, code)
    line = {
        "from": account.year,
        "to": account.year,
        "entry": "closing",
        **areas,
        TOTAL: sum(areas.values()),
    }
    return pd.DataFrame([line])


def _extent_tables(
    accounts: Sequence[Account],
    code: str,
    transitions: Transitions | None,
    changes: RegionChanges | None,
) -> _ExtentTables:
    """Return tables 4.1 and 4.2 of several years, empty where the region's land is not told."""
    last = accounts[-1]
    comparison = compare(*accounts, changes=changes)
    land, warnings = transitions_table(comparison, transitions)
    land = land[(land["region"] == code).to_numpy()]
    types = [*map(str, last.plan.extent.ecosystems), "na"]
    lines: list[dict[str, object]] = []
    cells: list[dict[str, object]] = []
    net_only: list[Pair] = []
    for pair, rows in land.groupby(["from", "to"], sort=False):
        period = dict(zip(("from", "to"), pair, strict=True))
        entries = _entries(rows)
        if "additions" not in entries.index:
            net_only.append((int(period["from"]), int(period["to"])))
        for entry, areas in entries.iterrows():
            line = areas.to_dict()
            line[TOTAL] = areas.sum()
            line["entry"] = entry
            lines.append(period | line)
        matrix = _matrix(rows)
        for name, areas in matrix.reindex(
            [each for each in types if each in matrix.index]
        ).iterrows():
            cell = areas.to_dict()
            cell[TOTAL] = areas.sum()
            cell["opening"] = name
            cells.append(period | cell)
    extent = _ordered(pd.DataFrame(lines), ("from", "to", "entry"), types)
    cell_table = _ordered(pd.DataFrame(cells), ("from", "to", "opening"), types)
    return _ExtentTables(extent, cell_table, tuple(net_only), tuple(warnings))


def _areas(account: Account, code: str) -> dict[str, float]:
    """Return the area of each ecosystem type in a region, km2."""
    extent = account.plan.extent
    area = extent.area_of()[account.region_positions(code)].sum(axis=0) / _M2_PER_KM2
    named = zip(map(str, extent.ecosystems), area.tolist(), strict=True)
    return {name: value for name, value in named if value}


def _entries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the entries of a period by ecosystem type: transitions as far as they are known."""
    areas = {}
    for name in ("opening", "reductions"):
        of_entry = rows[(rows["to_ecosystem"] == name).to_numpy()]
        areas[name] = of_entry.set_index("from_ecosystem")["area"]
    for name in ("closing", "additions"):
        of_entry = rows[(rows["from_ecosystem"] == name).to_numpy()]
        areas[name] = of_entry.set_index("to_ecosystem")["area"]
    frame = pd.DataFrame(areas).fillna(0.0)
    frame["net"] = frame["closing"] - frame["opening"]
    frame["reductions"] = -frame["reductions"]
    frame["unexplained"] = frame["net"] - frame["additions"] - frame["reductions"]
    is_left = frame["unexplained"].abs() > _UNEXPLAINED * frame[["opening", "closing"]].max(axis=1)
    names = list(ENTRIES)
    if not areas["additions"].size:
        names = [name for name in names if name in ("opening", "net", "closing")]
    elif not is_left.any():
        names.remove("unexplained")
    return frame[names].T


def _matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the areas from type to type of a period; empty where they are not known."""
    margins = [*ENTRIES]
    is_margin = rows["from_ecosystem"].isin(margins) | rows["to_ecosystem"].isin(margins)
    cells = rows[~is_margin.to_numpy()]
    keys = ["from_ecosystem", "to_ecosystem"]
    return cells.set_index(keys)["area"].unstack(fill_value=0.0)


def _ordered(frame: pd.DataFrame, keys: Sequence[str], types: Sequence[str]) -> pd.DataFrame:
    """Return a table with its keys first, then the types that it has, then the total."""
    if frame.empty:
        return frame
    names = [name for name in types if name in frame]
    return frame[[*keys, *names, TOTAL]].fillna(dict.fromkeys(names, 0.0))


def _type_rows(account: Account, code: str) -> pd.DataFrame:
    """Return the types of an account with their classes in the IUCN typology, if they are known."""
    scheme = account.plan.scheme
    name = _GET_CROSSWALKS.get(scheme.id)
    rows = {}
    titles = {}
    if name is not None:
        typology = typology_classes()
        frame = read_crosswalk(name, typology).frame
        rows = {row["class"]: row for row in frame.to_dict("records")}
        titles = {ecosystem: number for number, ecosystem in typology.codes.items()}
    lines = []
    for ecosystem, area in _areas(account, code).items():
        row = rows.get(ecosystem, {})
        target = str(row.get("ecosystem", ""))
        grade = GRADES[row["grade"]] if row else ""
        line = {
            "ecosystem": ecosystem,
            "area": area,
            "get_code": titles.get(target, ""),
            "get": target,
            "match_grade": grade,
            "note": str(row.get("note", "")),
        }
        lines.append(line)
    return pd.DataFrame(lines)


@cache
def typology_classes() -> ClassScheme:
    """Load the classes of the IUCN typology that ship.

    Returns
    -------
    ClassScheme
    """
    problems = ProblemLog()
    scheme = load_class_scheme(_GET, None, _GET, problems)
    if scheme is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return scheme


# --- services ----------------------------------------------------------------------------------


class _Supply(NamedTuple):
    """Amounts by ecosystem type: rows are steps and items of indicators, columns are types."""

    amounts: pd.DataFrame  # NaN where there are none, or where a number is missing
    gap: pd.Series  # whether a number behind the row is missing


@dataclass(frozen=True)
class _YearOfServices:
    """The services of a region in the account of a year."""

    account: Account
    code: str
    matches: Matches

    def valued(self) -> _Supply:
        """Return values of the headline's indicators by type, in the standard's unit."""
        spec = self.account.plan.standard.spec
        supply = self._supply("value")
        index = supply.amounts.index.to_frame(index=False)
        factors = [factor(str(unit), spec.unit) for unit in index["unit"]]
        amounts = supply.amounts.mul(factors, axis=0)
        is_counted = index["indicator"].isin(spec.total[0].indicators).to_numpy()
        keys = ["category", "service", "reason", "indicator"]
        by_indicator = amounts[is_counted].groupby(level=keys, sort=False)
        gap = supply.gap[is_counted].groupby(level=keys, sort=False).any()
        return _Supply(by_indicator.sum(min_count=1), gap)

    def value_rows(self, valued: _Supply) -> pd.DataFrame:
        """Return the rows of chapter 9, with the sums that end it."""
        amounts, gap = valued
        if amounts.empty:
            return pd.DataFrame()
        is_listed = amounts.index.get_level_values("service") != ""
        parts = {LISTED: is_listed, APART: ~is_listed, TOTAL: np.ones(len(amounts), dtype=bool)}
        pieces = []
        for name, is_summed in parts.items():
            rows, gaps = amounts[is_summed], gap[is_summed]
            if name != TOTAL:
                pieces.append(_supply_column(rows, gaps))
            index = pd.MultiIndex.from_tuples([(name, "", "", "")], names=amounts.index.names)
            total = pd.DataFrame([rows.sum(min_count=1)], index)  # of no row: none
            pieces.append(_supply_column(total, pd.Series([bool(gaps.any())], index)))
        table = pd.concat([piece for piece in pieces if len(piece)]).reset_index()
        return self._with_evidence(table.assign(unit=self.account.plan.standard.spec.unit))

    def quantity_rows(self) -> pd.DataFrame:
        """Return the rows of chapter 7: what is in the list, then what is not."""
        supply = self._supply("quantity")
        table = _supply_column(supply.amounts, supply.gap).reset_index().drop(columns="kind")
        is_apart = (table["service"] == "").to_numpy()
        return self._with_evidence(pd.concat([table[~is_apart], table[is_apart]]))

    def _supply(self, kind: str) -> _Supply:
        """Return what indicators supply in the region, in the units of the steps."""
        account = self.account
        regions = account.plan.extent.regions[account.region_positions(self.code)]
        rows = account.by_ecosystem()
        is_wanted = rows["region"].isin(regions) & (rows["kind"] == kind)
        is_wanted &= rows["indicator"] != ""
        rows = rows[is_wanted.to_numpy()].astype({"item": str})
        found = [self._match(str(row.indicator), str(row.item)) for row in rows.itertuples()]
        services = [match.service for match in found]
        rows = rows.assign(service=services, reason=[match.reason for match in found])
        keys = [*_SERVICE_KEYS, "ecosystem"]
        sums = rows.groupby(keys, sort=False, observed=True)["value"].sum(min_count=1)
        amounts = sums.unstack("ecosystem")
        order = list(dict.fromkeys(map(tuple, rows[_SERVICE_KEYS].to_numpy())))
        is_gap = (rows["status"] == NOT_COMPILED).groupby([rows[key] for key in _SERVICE_KEYS])
        index = pd.MultiIndex.from_tuples(order, names=_SERVICE_KEYS) if order else amounts.index
        return _Supply(amounts.reindex(index), is_gap.any().reindex(index))

    def _match(self, indicator: str, item: str) -> ServiceMatch:
        """Return what an indicator is in the reference list."""
        return service_of(self.account.plan.standard, indicator, item, self.matches)

    def _with_evidence(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add the year, the worst grade behind each row, that of its match, and the use."""
        grades = []
        match_grades = []
        for row in table.itertuples():
            indicator, step = str(row.indicator), str(getattr(row, "step", ""))
            grades.append(_worst_grade(self.account, indicator, step))
            match_grades.append(self._match_grade(row))
        return table.assign(
            year=self.account.year,
            grade=grades,
            match_grade=match_grades,
            use=NOT_TOLD,
        )

    def _match_grade(self, row: Any) -> str:
        """Return the worst grade of the matches of a row: values are of all their items."""
        given = [*self.matches, *((name, item) for _, name, item in shipped_matches())]
        items = {item for name, item in given if name == row.indicator}
        found = [self._match(row.indicator, item) for item in ("", *sorted(items))]
        grades = [match.grade for match in found if match.service == row.service and match.grade]
        return max(grades, key=GRADE.__getitem__, default="")


def _supply_column(amounts: pd.DataFrame, gap: pd.Series) -> pd.DataFrame:
    """Return amounts with their sum, and whether they are numbers; NaN where a number is missing.

    The status is ``number``, ``none`` or ``not_compiled``.
    """
    is_gap = gap.to_numpy(dtype=bool)
    known = amounts.copy()
    known.loc[is_gap] = np.nan
    status = np.where(known.notna().any(axis=1), "number", "none")
    status = np.where(is_gap, NOT_COMPILED, status)
    return known.assign(supply=known.sum(axis=1, min_count=1), status=status)


def _worst_grade(account: Account, indicator: str, step: str) -> str:
    """Return the worst grade behind a step of an indicator, or behind all its values."""
    worst = -1
    for planned in account.plan.steps:
        if planned.indicator is None or planned.indicator.id != indicator:
            continue
        if planned.step.id == step or (not step and planned.kind == "value"):
            known = account.marks[planned.name].grade[planned.valid]
            worst = max([worst, *known.tolist()])
    return GRADES[worst] if worst >= 0 else ""


def _wide_filled(table: pd.DataFrame, account: Account) -> pd.DataFrame:
    """Return a table of services with its columns in order: keys, types, supply, use."""
    if table.empty:
        return pd.DataFrame()
    types = [*map(str, account.plan.extent.ecosystems), UNALLOCATED]
    keys = ["year", "category", "service", "reason", "indicator", "item", "step", "unit"]
    names = [*keys, "grade", "match_grade", *types, "supply", "use", "status"]
    return table[[name for name in names if name in table]].reset_index(drop=True)


# --- assets ------------------------------------------------------------------------------------


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


def _asset_rows(
    accounts: Sequence[Account], yearly: Sequence[_Supply], discounting: Discounting | None
) -> pd.DataFrame:
    """Return the rows of chapter 10: opening and closing values of each period."""
    if discounting is None or any(_lists_nothing(valued) for valued in yearly):
        return pd.DataFrame()
    stocks = []
    for account, valued in zip(accounts, yearly, strict=True):
        is_listed = valued.amounts.index.get_level_values("service") != ""
        of_types = valued.amounts[is_listed].sum()
        if valued.gap[is_listed].any():
            of_types *= np.nan
        present = pd.Series(present_value(of_types.to_numpy(), discounting), of_types.index)
        stocks.append((account.year, present))
    types = [*map(str, accounts[-1].plan.extent.ecosystems), UNALLOCATED]
    return _ordered_assets(pd.DataFrame(list(_asset_lines(stocks))), types)


def _lists_nothing(valued: _Supply) -> bool:
    """Return whether no value of a year is in the reference list."""
    return not valued.amounts.index.get_level_values("service").astype(bool).any()


def _asset_lines(stocks: Sequence[tuple[int, pd.Series]]) -> Iterator[dict[str, object]]:
    """Yield the entries of each period; of a year alone its closing value."""
    if len(stocks) == 1:
        year, closing = stocks[0]
        total = closing.sum(skipna=False)
        yield {
            "from": year,
            "to": year,
            "entry": "closing",
            TOTAL: total,
            **closing.to_dict(),
        }
    for (first, opening), (last, closing) in pairwise(stocks):
        opening, closing = opening.align(closing, fill_value=0.0)
        told = {
            "opening": opening,
            "net": closing - opening,
            "closing": closing,
        }
        for entry in ASSET_ENTRIES:
            areas = told.get(entry, opening * np.nan)
            yield {
                "from": first,
                "to": last,
                "entry": entry,
                TOTAL: areas.sum(skipna=False),
                **areas.to_dict(),
            }


def _ordered_assets(frame: pd.DataFrame, types: Sequence[str]) -> pd.DataFrame:
    """Return the table of assets with its columns in order; what is not told stays NaN."""
    names = [name for name in types if name in frame]
    frame = frame[["from", "to", "entry", *names, TOTAL]].copy()
    is_told = frame["entry"].isin(_TOLD_OF_ASSETS).to_numpy()
    has_number = frame[TOTAL].notna().to_numpy()
    filled = frame.loc[is_told & has_number, names].fillna(0.0)
    frame.loc[is_told & has_number, names] = filled
    return frame
