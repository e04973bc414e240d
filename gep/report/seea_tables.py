"""Tables of SEEA EA (环境经济核算体系——生态系统核算) from accounts and what a project adds to them.

The module owns how an account is laid out by the UN's chapters 4, 5, 7, 9 and 10: what an indicator
is called in the reference list of services, and what of an account has no place there. Nothing is
computed anew: areas and values are those of the accounts. Extent, condition, use and assets are
made in modules of their own; what neither an account nor a table of the project knows is left out
and told. Sheets are left to ``gep.report.seea_workbook``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import NOT_COMPILED
from gep.comparison.panel import Pair
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import read_crosswalk
from gep.extent.region_changes import RegionChanges
from gep.extent.transitions import Transitions
from gep.inputs.value_rows import GRADE, GRADES
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, table_source
from gep.io.notebook import ShownAsTable
from gep.report.seea_assets import (
    TOTAL,
    UNALLOCATED,
    AssetAccount,
    Discounting,
    YearOfAssets,
    service_flows,
)
from gep.report.seea_condition import condition_account
from gep.report.seea_extent import closing_extent, extent_tables, type_areas
from gep.report.seea_inputs import SeeaInputs, SeeaSources, load_seea_inputs
from gep.report.seea_services import (
    Matches,
    ServiceMatch,
    service_of,
    shipped_matches,
)
from gep.report.seea_use import LISTED, NOT_TOLD, is_told_of_all, shares_of, use_rows
from gep.texts.catalogue import counted
from gep.units import factor

APART = "apart"  # the row that sums what is not in the reference list
_GET = "iucn-get"
_GET_CROSSWALKS = {"hj1166-2021": "hj1166-to-iucn-get"}
_MOST_YEARS = 10_000
TABLES = (
    "types",
    "extent",
    "changes",
    "condition",
    "condition_index",
    "quantities",
    "quantities_use",
    "values",
    "values_use",
    "assets",
)
_SERVICE_KEYS = ["category", "service", "reason", "indicator", "item", "step", "kind", "unit"]


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
        Table 4.1: ``from``, ``to``, ``entry``, a column for each type, ``total``; km2. Entries of
        causes, such as ``additions_managed``, stand below additions and reductions.
    changes : DataFrame
        Table 4.2: ``from``, ``to``, ``opening``, a column for each closing type, ``total``; km2.
        Empty where the accounts have no transitions.
    condition, condition_index : DataFrame
        Chapter 5, tables 5.3 and 5.4: see ``ConditionAccount``. Empty without a table of variables.
    quantities : DataFrame
        Chapter 7: ``year``, ``category``, ``service``, ``reason``, ``indicator``, ``item``,
        ``step``, ``unit``, ``grade``, ``match_grade``, a column for each type, ``unallocated``,
        ``supply``, ``use`` (``not_told`` without shares of users).
    values : DataFrame
        Chapter 9: as ``quantities`` without ``step`` and ``item``, in the standard's unit; rows
        ``listed``, ``apart`` and ``total`` (of the headline) end a year.
    quantities_use, values_use : DataFrame
        The use tables of both chapters: the rows of the supply with a column for each user,
        ``use``, ``supply``. Empty without shares of users.
    assets : DataFrame
        Table 10.1: ``from``, ``to``, ``entry``, a column for each type, ``unallocated``, ``total``,
        in the standard's unit; NaN where it is not told. Opening and the changes that are told sum
        to closing. Empty without a discount rate.
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
    condition: pd.DataFrame
    condition_index: pd.DataFrame
    quantities: pd.DataFrame
    quantities_use: pd.DataFrame
    values: pd.DataFrame
    values_use: pd.DataFrame
    assets: pd.DataFrame
    discounting: Discounting | None
    net_only: tuple[Pair, ...]
    warnings: tuple[Problem, ...] = ()

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables that are not empty, by name."""
        frames = {name: getattr(self, name) for name in TABLES}
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
    condition: TableArgument | None = None,
    use: TableArgument | None = None,
    losses: TableArgument | None = None,
    allow_placeholder: bool = False,
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
    condition : str, Path or DataFrame, optional
        Variables of condition with reference levels: ``region``, ``ecosystem``, ``variable``,
        ``class``, ``direction``, ``year``, ``value``, ``unit``, ``low``, ``high``, ``source``.
    use : str, Path or DataFrame, optional
        Shares of users in services: ``service``, ``user``, ``share``, ``source``, and optionally
        ``region``, ``year``.
    losses : str, Path or DataFrame, optional
        Shares of the losses of a period that were catastrophes: ``from``, ``to``, ``ecosystem``,
        ``event``, ``share``, ``source``.
    allow_placeholder : bool, default False
        Whether rows of these tables may be made up.

    Returns
    -------
    SeeaTables

    Raises
    ------
    ProblemsFound
        ``bad-discount`` for a rate without years, or one that cannot be used;
        ``unknown-region``; ``unknown-id`` and ``duplicate-row`` for ``services``; what is wrong
        with ``condition``, ``use`` and ``losses``, such as ``condition-levels`` and ``share-sum``
        (docs/en/how-to/seea.md); and the codes of ``gep.compare``.

    Examples
    --------
    >>> import gep
    >>> accounts = gep.read_project("examples/hongsibu").compute()
    >>> gep.seea_tables(accounts, rate=0.03, years=50).extent["entry"].to_list()[:3]
    ['opening', 'net', 'closing']
    """
    listed = _by_year(accounts)
    discounting = checked_discounting(rate, years)
    given = {"services": services, "condition": condition, "use": use, "losses": losses}
    sources = {}
    for name, table in given.items():
        sources[name] = None if table is None else table_source(table, name)
    problems = ProblemLog()
    inputs = load_seea_inputs(
        SeeaSources(**sources),
        [account.plan for account in listed],
        allow_placeholder=allow_placeholder,
        problems=problems,
    )
    problems.raise_errors()
    layout = SeeaLayout(inputs, discounting, transitions, changes)
    return layout.tables(listed, region)


@dataclass(frozen=True)
class SeeaLayout:
    """Lays accounts out, with tables that were read and checked.

    Attributes
    ----------
    inputs : SeeaInputs
    discounting : Discounting or None
    transitions : Transitions or None
    changes : RegionChanges or None
    """

    inputs: SeeaInputs
    discounting: Discounting | None = None
    transitions: Transitions | None = None
    changes: RegionChanges | None = None

    def tables(self, accounts: Sequence[Account], region: str | int | None) -> SeeaTables:
        """Lay the accounts of a region out, by year; None is the topmost parent."""
        last = accounts[-1]
        code = str(last.sums.codes[-1]) if region is None else last.region_code(region)
        if len(accounts) == 1:
            land = closing_extent(last, code)
        else:
            land = extent_tables(accounts, code, self.transitions, self.changes)
        types = [str(name) for name in last.plan.extent.ecosystems]
        years = [account.year for account in accounts]
        condition = condition_account(self.inputs.condition, code, types, years)
        makers = [_YearOfServices(account, code, self.inputs) for account in accounts]
        yearly = [maker.valued() for maker in makers]
        value_rows = [maker.value_rows(each) for maker, each in zip(makers, yearly, strict=True)]
        values = _wide_filled(pd.concat(value_rows), last)
        quantities = _wide_filled(pd.concat([maker.quantity_rows() for maker in makers]), last)
        assets = pd.DataFrame()
        if self.discounting is not None and not any(_lists_nothing(each) for each in yearly):
            losses = _of_region(self.inputs.losses, code)
            maker = AssetAccount(self.discounting, land.extent, condition, losses)
            stocks = [_stock(each, valued) for each, valued in zip(makers, yearly, strict=True)]
            assets = maker.rows(stocks, [*types, UNALLOCATED])
        return SeeaTables(
            accounts=tuple(accounts),
            region=code,
            types=_type_rows(last, code),
            extent=land.extent,
            changes=land.changes,
            condition=condition.variables,
            condition_index=condition.indices,
            quantities=quantities,
            quantities_use=use_rows(quantities, self.inputs.use, code),
            values=values,
            values_use=use_rows(values, self.inputs.use, code),
            assets=assets,
            discounting=self.discounting,
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


def checked_discounting(rate: float | None, years: int | None) -> Discounting | None:
    """Check a discount rate and the years of services.

    Parameters
    ----------
    rate : float or None
        Of a year.
    years : int or None

    Returns
    -------
    Discounting or None
        None if neither is given.

    Raises
    ------
    ProblemsFound
        ``bad-discount``.
    """
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


# --- types -------------------------------------------------------------------------------------


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
    for ecosystem, area in type_areas(account, code).items():
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
    inputs: SeeaInputs

    @property
    def matches(self) -> Matches:
        """The project's own crosswalk."""
        return self.inputs.matches

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
        use: list[float | str] = []
        for row in table.itertuples():
            indicator, step = str(row.indicator), str(getattr(row, "step", ""))
            grades.append(_worst_grade(self.account, indicator, step))
            match_grades.append(self._match_grade(row))
            use.append(self._use(row))
        table = table.assign(
            year=self.account.year,
            grade=grades,
            match_grade=match_grades,
            use=np.array(use, dtype=object),
        )
        is_sum = (table["category"] == LISTED).to_numpy()
        if is_told_of_all(table.loc[(table["service"] != "").to_numpy(), "use"]):
            table.loc[is_sum, "use"] = table.loc[is_sum, "supply"]
        return table

    def _use(self, row: Any) -> float | str:
        """Return the use of a service by all users: its supply; not told without shares."""
        shares = shares_of(self.inputs.use, row.service, self.code, self.account.year)
        return row.supply if len(shares) else NOT_TOLD

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


def _lists_nothing(valued: _Supply) -> bool:
    """Return whether no value of a year is in the reference list."""
    return not valued.amounts.index.get_level_values("service").astype(bool).any()


def _stock(maker: _YearOfServices, valued: _Supply) -> YearOfAssets:
    """Return the listed services of a year by type; all NaN where a number is missing."""
    is_listed = valued.amounts.index.get_level_values("service") != ""
    of_types = valued.amounts[is_listed].sum()
    if valued.gap[is_listed].any():
        of_types *= np.nan
    flows = service_flows(maker.account, maker.code, maker.matches)
    return YearOfAssets(maker.account.year, of_types, flows)


def _of_region(rows: pd.DataFrame | None, code: str) -> pd.DataFrame | None:
    """Return the rows of a region, and those of all regions."""
    if rows is None:
        return None
    return rows[rows["region"].isin([code, ""]).to_numpy()]
