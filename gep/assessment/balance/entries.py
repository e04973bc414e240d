"""Entries of balance sheets (资产平衡): opening + additions - reductions = closing.

The module makes the entries of each resource by region, period and class from stocks, causes of
change and land transitions, sums them over regions and classes, and states what does not balance
as a line of its own, the statistical error (统计误差). Values in money are left to ``valuation``,
other identities to ``checks``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.balance.scheme import BalanceScheme, Resource
from gep.assessment.context import AssessmentContext, members_of
from gep.assessment.stocks import Causes, Stocks
from gep.comparison.panel import Pair, pair_plans, stable_regions
from gep.errors import Place, Where
from gep.extent.regions import Regions
from gep.extent.transitions import TransitionMatrix, transition_matrix
from gep.io.csv_excel import row_place
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label, Sayable, Text, text
from gep.units import factor

KEY = ["resource", "region", "from", "to", "class"]
ENTRY = [*KEY, "item", "cause", "value", "half", "grade", "where"]
STOCK = ["resource", "region", "year", "class", "value", "half", "grade", "where", "is_area"]
ENDS = ("opening", "closing")
TOTAL = "total"  # the class of the sum over classes
NET = "net"  # the cause of changes of which only the net is known
BETWEEN = "net_between_regions"
NOT_ACCOUNTED = "na"  # the class of areas that the crosswalk maps to no ecosystem type
FROM = "from:"  # how a cause names the class that land came from
TO = "to:"

SUM_OF_REGIONS = text("balance.where.sum-of-regions")
SUM_OVER_CLASSES = text("balance.where.sum-over-classes")
FLOAT_TOLERANCE = 1e-9  # differences below this share of what is summed are rounding of floats

_SUMMED = {"value": "sum", "half": "sum", "grade": "max"}


class StockRow(NamedTuple):
    """A stock of a class of a resource at the end of a year; the fields are the columns ``STOCK``.

    Attributes
    ----------
    resource, region : str
    year : int
    class_ : str
    value : float
        In the unit of the resource.
    half : float
        Half a unit of the last digit printed, in the unit of the resource.
    grade : int
    where : Where
        The row that was read, or in words what the stock was taken from.
    is_area : bool
        Whether it is an area of the accounts.
    """

    resource: str
    region: str
    year: int
    class_: str
    value: float
    half: float
    grade: int
    where: Where
    is_area: bool


class Entry(NamedTuple):
    """An entry of a balance; the fields are the columns ``ENTRY``.

    Attributes
    ----------
    resource, region : str
    first, last : int
        The years of the period.
    class_ : str
    item : str
        ``opening``, ``closing``, ``addition_<nature>`` or ``reduction_<nature>``.
    cause : str
        Blank for opening and closing.
    value : float
        In the unit of the resource, without sign.
    half : float
        Half a unit of the last digit printed.
    grade : int
    where : Where
        The row that was read, or in words how the entry was made.
    """

    resource: str
    region: str
    first: int
    last: int
    class_: str
    item: str
    cause: str
    value: float
    half: float
    grade: int
    where: Where


# --- names ------------------------------------------------------------------------------------


def account_class_title(name: str, context: AssessmentContext) -> Title | None:
    """Return the title of an ecosystem type of the accounts; None if it is unknown."""
    comparison = context.comparisons.get("project")
    if comparison is None:
        return None
    titles = comparison.accounts[-1].plan.scheme.titles
    if name not in titles:
        return None
    zh, en = titles[name]
    return Title(zh=zh, en=en)


def class_label(resource: Resource, name: str, context: AssessmentContext) -> Label:
    """Return a class of a resource with its title: ``耕地 (cropland)``."""
    title: Sayable | None = None
    if name == TOTAL:
        title = text("balance.total")
    elif name in resource.classes:
        title = resource.classes[name]
    elif resource.areas:
        title = account_class_title(name, context)
    return Label(name, title)


def stock_text(
    resource: Resource, name: str, region: str, period: object, context: AssessmentContext
) -> Text:
    """Name the stock of a class in a region and year, or its balance in a period, for messages."""
    return text(
        "balance.stock",
        resource=resource.label,
        name=class_label(resource, name, context),
        region=context.label(region),
        period=period,
    )


# --- stocks -----------------------------------------------------------------------------------


def collect_stocks(resources: Sequence[Resource], context: AssessmentContext) -> pd.DataFrame:
    """Collect the stocks of a scheme: rows of tables, and areas of the accounts.

    Parameters
    ----------
    resources : sequence of Resource
    context : AssessmentContext

    Returns
    -------
    DataFrame
        Columns ``STOCK``.
    """
    of_tables = _stocks_of_tables(resources, context.stocks)
    of_areas = _stocks_of_areas(resources, context, of_tables)
    # a table without rows would make all columns objects
    pieces = [piece for piece in (of_tables, of_areas) if len(piece)]
    if not pieces:
        return of_tables
    return pd.concat(pieces, ignore_index=True)


def _stocks_of_tables(resources: Sequence[Resource], stocks: Stocks | None) -> pd.DataFrame:
    """Return the rows of a table of stocks in the units of the resources, columns ``STOCK``."""
    if stocks is None or stocks.rows.empty:
        return pd.DataFrame(columns=STOCK)
    rows = _in_resource_units(stocks.rows, resources)
    return rows.assign(where=_places(rows), is_area=False)[STOCK]


def _places(rows: pd.DataFrame) -> list[Place]:
    """Return the place of each row of a table."""
    places = []
    for file, row in zip(rows["file"], rows["row"], strict=True):
        places.append(row_place(str(file), [row]))
    return places


def _in_resource_units(rows: pd.DataFrame, resources: Sequence[Resource]) -> pd.DataFrame:
    """Return the rows of the resources of a scheme, in their units."""
    unit_of = {resource.id: resource.unit for resource in resources}
    is_known = rows["resource"].isin(unit_of)
    rows = rows[is_known.to_numpy()]
    factors = []
    for unit, resource in zip(rows["unit"], rows["resource"], strict=True):
        target = unit_of[str(resource)]
        factors.append(factor(str(unit), target))
    scale = np.array(factors, dtype=float)
    scaled = rows.assign(
        value=rows["value"] * scale,
        half=rows["half"] * scale,
    )
    return scaled.reset_index(drop=True)


def _stocks_of_areas(
    resources: Sequence[Resource], context: AssessmentContext, stocks: pd.DataFrame
) -> pd.DataFrame:
    """Take areas of ecosystem types as stocks, in regions that have no rows of the resource.

    Parameters
    ----------
    resources : sequence of Resource
        Those with ``areas`` have such stocks.
    context : AssessmentContext
        Its accounts must be alike in classes and standard; else there are no such stocks.
    stocks : DataFrame
        The rows of tables, columns ``STOCK``.

    Returns
    -------
    DataFrame
        Columns ``STOCK``. A type that is missing in one of the years has the area 0 there.
    """
    comparison = context.comparisons.get("project")
    takers = [resource for resource in resources if resource.areas]
    if comparison is None or not takers:
        return pd.DataFrame(columns=STOCK)
    if "classes" in comparison.differs or "standard" in comparison.differs:
        return pd.DataFrame(columns=STOCK)
    rows: list[StockRow] = []
    for account in comparison.accounts:
        extent = account.plan.extent
        shares = comparison.shares[account.year].T
        area = np.column_stack([shares @ extent.area_of(), shares @ extent.unaccounted])
        names = [*map(str, extent.ecosystems), NOT_ACCOUNTED]
        grade = int(extent.grade.max(initial=0))
        where = text("balance.where.areas", year=account.year)
        for resource in takers:
            of_resource = (stocks["resource"] == resource.id).to_numpy()
            with_rows = set(stocks.loc[of_resource, "region"])
            in_unit = area * factor("m2", resource.unit)
            cells = product(enumerate(map(str, comparison.regions)), enumerate(names))
            for (position, region), (column, name) in cells:
                value = in_unit[position, column]
                if region in with_rows or (name == NOT_ACCOUNTED and not value):
                    continue
                row = StockRow(
                    resource.id,
                    region,
                    account.year,
                    name,
                    value=value,
                    half=0.0,
                    grade=grade,
                    where=where,
                    is_area=True,
                )
                rows.append(row)
    return _with_zeros(pd.DataFrame(rows, columns=STOCK))


def _with_zeros(stocks: pd.DataFrame) -> pd.DataFrame:
    """Add a stock of 0 for each type that a region has in another year only."""
    zeros: list[StockRow] = []
    for (resource, region), rows in stocks.groupby(
        ["resource", "region"], sort=False, observed=True
    ):
        names = rows["class"].unique()
        present = set(zip(rows["year"], rows["class"], strict=True))
        grade = int(rows["grade"].max())
        for year in rows["year"].unique():
            for name in names:
                if (year, name) not in present:
                    zeros.append(
                        StockRow(
                            resource,
                            region,
                            year,
                            name,
                            value=0.0,
                            half=0.0,
                            grade=grade,
                            where=text("balance.where.no-area", year=int(year)),
                            is_area=True,
                        )
                    )
    if not zeros:
        return stocks
    return pd.concat([stocks, pd.DataFrame(zeros, columns=STOCK)], ignore_index=True)


# --- land transitions -------------------------------------------------------------------------


@dataclass(frozen=True)
class LandTransitions:
    """The transitions of land in a period, and the worst grade of their rows."""

    matrix: TransitionMatrix
    grade: int

    def entries(self, resource: Resource, region: str, pair: Pair) -> Iterator[Entry]:
        """Yield what the types of a region gained from and lost to each other, as entries.

        Parameters
        ----------
        resource : Resource
        region : str
        pair : (int, int)
            The years of the period.

        Yields
        ------
        Entry
            An addition by reclassification and a reduction for each transition; none where the
            transitions of the region are unknown.
        """
        position = self.matrix.regions.get_indexer([region])[0]
        if position < 0 or not self.matrix.known[position]:
            return
        area = self.matrix.area[position] * factor("m2", resource.unit)
        names = [str(name) for name in self.matrix.ecosystems]
        for start, end in zip(*np.nonzero(area), strict=True):
            if start == end:
                continue
            addition = Entry(
                resource.id,
                region,
                *pair,
                class_=names[end],
                item="addition_reclassification",
                cause=f"{FROM}{names[start]}",
                value=float(area[start, end]),
                half=0.0,
                grade=self.grade,
                where=text("balance.where.transitions"),
            )
            yield addition
            yield addition._replace(
                class_=names[start],
                item="reduction_reclassification",
                cause=f"{TO}{names[end]}",
            )


@dataclass(frozen=True)
class BalanceResult:
    """A scheme applied.

    Attributes
    ----------
    scheme : BalanceScheme
    context : AssessmentContext
    lines : DataFrame
        Lines in volume, then in money, with the columns ``ENTRY`` and ``unit``.
    lands : mapping of (int, int) to LandTransitions
        The transitions of land that were used, by period.
    priced : bool
        Whether there is a table of prices.
    """

    scheme: BalanceScheme
    context: AssessmentContext
    lines: pd.DataFrame
    lands: Mapping[Pair, LandTransitions]
    priced: bool


def load_transitions_between(context: AssessmentContext, pair: Pair) -> LandTransitions | None:
    """Find the transitions of land in a period.

    Parameters
    ----------
    context : AssessmentContext
    pair : (int, int)
        The years of the period.

    Returns
    -------
    LandTransitions or None
        None without a table of them, or where the accounts do not have both years.
    """
    comparison = context.comparisons.get("project")
    if comparison is None or context.transitions is None:
        return None
    if not set(pair) <= {account.year for account in comparison.accounts}:
        return None
    first_year, last_year = pair
    first, last, _ = pair_plans(
        comparison,
        first=comparison.account(first_year),
        last=comparison.account(last_year),
    )
    stable = np.flatnonzero(stable_regions(comparison, pair))
    matrix = transition_matrix(
        context.transitions,
        regions=first.extent.regions[stable],
        ecosystems=[str(name) for name in first.extent.ecosystems],
        first=first_year,
        last=last_year,
        crosswalk=comparison.accounts[-1].plan.crosswalk,
        opening=first.extent.area_of()[stable],
        closing=last.extent.area_of()[stable],
    )
    if matrix is None:
        return None
    rows = context.transitions.rows
    in_period = (rows["from"] == first_year) & (rows["to"] == last_year)
    return LandTransitions(matrix, int(rows.loc[in_period.to_numpy(), "grade"].max()))


# --- entries ----------------------------------------------------------------------------------

_StocksByYear = dict[int, list[StockRow]]


def periods_of(stocks: pd.DataFrame, causes: Causes | None) -> dict[tuple[str, str], list[Pair]]:
    """Find the periods of balances.

    Parameters
    ----------
    stocks : DataFrame
        Columns ``STOCK``.
    causes : Causes or None

    Returns
    -------
    dict of (str, str) to list of (int, int)
        By resource and region: from each year with stocks to the next, then the other periods of
        its causes.
    """
    periods: dict[tuple[str, str], list[Pair]] = {}
    years: dict[tuple[str, str], set[int]] = {}
    by_region = stocks.groupby(["resource", "region"], sort=False, observed=True)
    for (resource, region), rows in by_region:
        key = (str(resource), str(region))
        of_key = {int(year) for year in rows["year"]}
        in_order = sorted(of_key)
        years[key] = of_key
        periods[key] = list(pairwise(in_order))
    if causes is None or causes.rows.empty:
        return periods
    stated = causes.rows[KEY[:4]].drop_duplicates()
    for values in stated.itertuples(index=False, name=None):
        resource, region, start, end = values
        key = (str(resource), str(region))
        pair = (int(start), int(end))
        known = periods.get(key, [])
        # a single year with stocks makes no period
        if not known or pair in known:
            continue
        if years[key].issuperset(pair):
            known.append(pair)
    return periods


def make_entries(
    resources: Sequence[Resource],
    stocks: pd.DataFrame,
    causes: Causes | None,
    context: AssessmentContext,
) -> tuple[pd.DataFrame, dict[Pair, LandTransitions]]:
    """Make the openings, changes and closings of all regions with stocks.

    Changes of a class are its rows of causes; where it has none, transitions of land; where there
    are none of these either, its net change of stocks. What the causes of a class leave unexplained
    is its statistical error.

    Parameters
    ----------
    resources : sequence of Resource
    stocks : DataFrame
        Columns ``STOCK``.
    causes : Causes or None
    context : AssessmentContext

    Returns
    -------
    entries : DataFrame
        Columns ``ENTRY``.
    lands : dict of (int, int) to LandTransitions
        The transitions of land by period.
    """
    resource_of = {resource.id: resource for resource in resources}
    levels = _stocks_by_year(stocks)
    changes = _entries_of_causes(causes, resources)
    lands: dict[Pair, LandTransitions] = {}
    entries: list[Entry] = []
    for (name, region), pairs in periods_of(stocks, causes).items():
        resource = resource_of[name]
        for pair in pairs:
            if resource.areas and pair not in lands:
                new_land = load_transitions_between(context, pair)
                if new_land is not None:
                    lands[pair] = new_land
            ends = _end_entries(levels[name, region], pair)
            caused = changes.get((name, region, *pair), [])
            gross: list[Entry] = []
            first_year = pair[0]
            openings = levels[name, region][first_year]
            if openings[0].is_area and pair in lands:
                land = lands[pair]
                gross = list(land.entries(resource, region, pair))
            with_causes = {entry.class_ for entry in caused}
            entries += [*ends, *caused]
            for entry in gross or _net_entries(ends):
                if entry.class_ not in with_causes:
                    entries.append(entry)
    return pd.DataFrame(entries, columns=ENTRY), lands


def _stocks_by_year(stocks: pd.DataFrame) -> dict[tuple[str, str], _StocksByYear]:
    """Return the stocks by resource and region, then by year."""
    levels: dict[tuple[str, str], _StocksByYear] = {}
    for values in stocks[STOCK].itertuples(index=False, name=None):
        stock = StockRow(*values)
        key = (str(stock.resource), str(stock.region))
        by_year = levels.setdefault(key, {})
        of_year = by_year.setdefault(int(stock.year), [])
        of_year.append(stock)
    return levels


def _end_entries(levels: _StocksByYear, pair: Pair) -> list[Entry]:
    """Return the opening and closing entries of a period."""
    entries = []
    for year, item in zip(pair, ENDS, strict=True):
        for stock in levels[year]:
            entry = Entry(
                stock.resource,
                stock.region,
                *pair,
                class_=stock.class_,
                item=item,
                cause="",
                value=stock.value,
                half=stock.half,
                grade=stock.grade,
                where=stock.where,
            )
            entries.append(entry)
    return entries


def _entries_of_causes(
    causes: Causes | None, resources: Sequence[Resource]
) -> dict[tuple[Any, ...], list[Entry]]:
    """Return the entries of the rows of causes, by resource, region and years of the period."""
    entries: dict[tuple[Any, ...], list[Entry]] = {}
    if causes is None or causes.rows.empty:
        return entries
    rows = _in_resource_units(causes.rows, resources)
    rows = rows.assign(
        item=rows["direction"] + "_" + rows["nature"],
        where=_places(rows),
    )
    for values in rows[ENTRY].itertuples(index=False, name=None):
        entry = Entry(*values)
        key = (entry.resource, entry.region, entry.first, entry.last)
        of_key = entries.setdefault(key, [])
        of_key.append(entry)
    return entries


def _net_entries(ends: list[Entry]) -> list[Entry]:
    """Return the net change of each class as an addition or a reduction."""
    closing_of = {entry.class_: entry for entry in ends if entry.item == "closing"}
    entries = []
    for opening in ends:
        if opening.item != "opening" or opening.class_ not in closing_of:
            continue
        closing = closing_of[opening.class_]
        change = float(closing.value) - float(opening.value)
        if change:
            direction = "addition" if change > 0 else "reduction"
            entry = opening._replace(
                item=f"{direction}_net",
                cause=NET,
                value=abs(change),
                half=0.0,
                where=text("balance.where.net"),
            )
            entries.append(entry)
    return entries


# --- sums -------------------------------------------------------------------------------------


def with_parents(
    entries: pd.DataFrame, resources: Sequence[Resource], regions: Regions | None
) -> tuple[pd.DataFrame, list[str]]:
    """Add for each parent without stocks of its own the sums of its regions'.

    Flows between regions are netted in the sum: what one region sends to another inside the parent
    is no change of the parent.

    Parameters
    ----------
    entries : DataFrame
        Columns ``ENTRY``.
    resources : sequence of Resource
    regions : Regions or None

    Returns
    -------
    entries : DataFrame
        Columns ``ENTRY``: the entries, then those of parents.
    incomplete : list of str
        Parents that have no sum, for a region inside them has no stocks.
    """
    pieces = [entries]
    incomplete: dict[str, None] = {}
    flows_of = {resource.id: set(resource.between) for resource in resources}
    by_period = entries.groupby(["resource", "from", "to"], sort=False, observed=True)
    for (resource, *_), rows in by_period:
        codes = [str(code) for code in rows["region"].unique()]
        highest = []
        for code in codes:
            ancestors = [] if regions is None else regions.ancestors(code)
            if not set(codes).intersection(ancestors):
                highest.append(code)
        positions_of, without_sum = members_of(regions, highest)
        incomplete |= dict.fromkeys(without_sum)
        for parent, positions in positions_of.items():
            if parent in codes:
                continue
            members = [highest[position] for position in positions]
            is_inside = rows["region"].isin(members).to_numpy()
            of_parent = rows[is_inside].assign(region=parent)
            pieces += _sums(of_parent, flows_of[str(resource)])
    return pd.concat(pieces, ignore_index=True), list(incomplete)


def _sums(rows: pd.DataFrame, flows: set[str]) -> Iterator[pd.DataFrame]:
    """Yield the sums of the entries of a parent's regions, flows between these netted."""
    is_flow = rows["cause"].isin(flows).to_numpy()
    for part in (rows[~is_flow], _netted(rows[is_flow])):
        if len(part):
            by_item = part.groupby([*KEY, "item", "cause"], sort=False, as_index=False)
            sums = by_item.agg(_SUMMED)
            yield sums.assign(where=SUM_OF_REGIONS)[ENTRY]


def _netted(rows: pd.DataFrame) -> pd.DataFrame:
    """Net flows between regions: for each class and nature one addition or reduction.

    What people transfer is not netted against what flows by nature, so that each stays in its row
    of the table. A net flow has the cause of its direction, if that is one cause only.
    """
    if rows.empty:
        return rows
    parts = rows["item"].str.partition("_")
    direction = parts[0]
    sign = np.where(direction == "addition", 1.0, -1.0)
    signed = rows.assign(value=sign * rows["value"], nature=parts[2])
    net = signed.groupby([*KEY, "nature"], sort=False, as_index=False).agg(_SUMMED)
    net_direction = np.where(net["value"] >= 0, "addition", "reduction")
    causes_of = rows.groupby(rows["item"], sort=False)["cause"].unique()
    items = list(net_direction + "_" + net["nature"])
    causes = []
    for item in items:
        of_item = causes_of.get(item, ())
        causes.append(of_item[0] if len(of_item) == 1 else BETWEEN)
    net = net.assign(item=items, cause=causes, value=net["value"].abs(), where="")
    return net[ENTRY]


def with_totals(entries: pd.DataFrame) -> pd.DataFrame:
    """Add sums over classes, sums of additions and of reductions, and statistical errors.

    Parameters
    ----------
    entries : DataFrame
        Columns ``ENTRY``, in volume or in money.

    Returns
    -------
    DataFrame
        Columns ``ENTRY``. Each balance has the further items ``additions``, ``reductions`` and
        ``statistical_error``: what is missing to closing = opening + additions - reductions +
        revaluation. ``half`` of these is the rounding of the whole balance.
    """
    by_item = entries.groupby([*KEY[:4], "item", "cause"], sort=False, as_index=False)
    over_classes = by_item.agg(_SUMMED).assign(where=SUM_OVER_CLASSES)
    over_classes["class"] = TOTAL
    full = pd.concat([entries, over_classes[ENTRY]], ignore_index=True)
    kind = full["item"].str.partition("_")[0]
    wide = full.assign(kind=kind).pivot_table(
        index=KEY,
        columns="kind",
        values="value",
        aggfunc="sum",
        sort=False,
    )
    columns = ["opening", "addition", "reduction", "revaluation", "closing"]
    wide = wide.reindex(columns=columns).fillna(0.0)
    by_balance = full.groupby(KEY, sort=False, observed=True)
    half = by_balance["half"].sum().reindex(wide.index)
    grade = by_balance["grade"].max().reindex(wide.index)
    error = wide["closing"] - wide["opening"] - wide["addition"] + wide["reduction"]
    error = error - wide["revaluation"]
    size = wide.abs().max(axis=1)
    error = error.where(error.abs() > FLOAT_TOLERANCE * size, 0.0)
    sums: Mapping[str, pd.Series] = {
        "additions": wide["addition"],
        "reductions": wide["reduction"],
        "statistical_error": error,
    }
    balances = wide.index.to_frame(index=False)
    pieces = [full]
    for item, values in sums.items():
        lines = balances.assign(
            item=item,
            cause="",
            value=values.to_numpy(),
            half=half.to_numpy(),
            grade=grade.to_numpy(),
            where="",
        )
        pieces.append(lines[ENTRY])
    return pd.concat(pieces, ignore_index=True)
