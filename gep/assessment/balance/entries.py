"""Balances of resources (资产平衡): opening + additions - reductions = closing, by region, period and class.

What does not balance is a line of its own, the statistical error (统计误差), never spread over the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.assessment.balance.scheme import BalanceScheme, Resource
from gep.assessment.context import AssessmentContext, members_of
from gep.assessment.stocks import Causes, Stocks
from gep.comparison.panel import pair_plans, stable_regions
from gep.extent.regions import Regions
from gep.extent.transitions import TransitionMatrix, transition_matrix
from gep.io.csv_excel import row_place
from gep.units import factor

KEY = ["resource", "region", "from", "to", "class"]
ENTRY = [*KEY, "item", "cause", "value", "half", "grade", "where"]
STOCK = ["resource", "region", "year", "class", "value", "half", "grade", "where"]
TOTAL = "total"  # the class of the sum over classes
NET = "net"  # the cause of changes of which only the net is known
BETWEEN = "net_between_regions"


def from_tables(resources: Sequence[Resource], stocks: Stocks | None) -> pd.DataFrame:
    """The stock rows of a table in the units of the resources, columns ``STOCK``."""
    if stocks is None or stocks.rows.empty:
        return pd.DataFrame(columns=STOCK)
    return _scaled(stocks.rows, resources).assign(where=_places)[STOCK]


def _places(rows: pd.DataFrame) -> list[str]:
    return [
        str(row_place(str(file), [row]))
        for file, row in zip(rows["file"], rows["row"], strict=True)
    ]


def _scaled(rows: pd.DataFrame, resources: Sequence[Resource]) -> pd.DataFrame:
    unit = {one.id: one.unit for one in resources}
    rows = rows[rows["resource"].isin(unit).to_numpy()]
    both = zip(rows["unit"], rows["resource"], strict=True)
    scale = np.array([factor(str(own), unit[str(name)]) for own, name in both], dtype=float)
    return rows.assign(value=rows["value"] * scale, half=rows["half"] * scale).reset_index(
        drop=True
    )


def from_areas(
    resources: Sequence[Resource], ground: AssessmentContext, have: pd.DataFrame
) -> pd.DataFrame:
    """Areas of ecosystem types as stocks of the resources that take them, in regions that have no rows of their own."""
    found = ground.comparisons.get("project")
    takers = [one for one in resources if one.areas]
    if found is None or not takers or "classes" in found.differs or "standard" in found.differs:
        return pd.DataFrame(columns=STOCK)
    pieces = []
    for account in found.accounts:
        extent, shares = account.plan.extent, found.shares[account.year]
        area = np.column_stack([shares.T @ extent.area, shares.T @ extent.unaccounted])
        names = [*map(str, extent.ecosystems), "na"]
        for resource in takers:
            own = set(have.loc[(have["resource"] == resource.id).to_numpy(), "region"])
            for spot, region in enumerate(map(str, found.regions)):
                if region in own:
                    continue
                for value, name in zip(area[spot], names, strict=True):
                    if value or name != "na":
                        where = f"areas {account.year}"
                        line = (
                            resource.id,
                            region,
                            account.year,
                            name,
                            value * factor("m2", resource.unit),
                        )
                        pieces.append((*line, 0.0, int(extent.grade.max(initial=0)), where))
    rows = pd.DataFrame(pieces, columns=STOCK)
    return _with_zeros(rows)


def _with_zeros(rows: pd.DataFrame) -> pd.DataFrame:
    """An ecosystem type that an area table does not name in one of its years has no area there."""
    pieces = [rows]
    for (resource, region), some in rows.groupby(["resource", "region"], sort=False):
        every, years = some["class"].unique(), some["year"].unique()
        have = set(zip(some["year"], some["class"], strict=True))
        lacking = [(year, name) for year in years for name in every if (year, name) not in have]
        worst = int(some["grade"].max())
        lines = [
            (resource, region, year, name, 0.0, 0.0, worst, f"areas {year}: none")
            for year, name in lacking
        ]
        if lines:
            pieces.append(pd.DataFrame(lines, columns=STOCK))
    return pd.concat(pieces, ignore_index=True)


def periods_of(
    stocks: pd.DataFrame, causes: Causes | None
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """The periods of each resource and region: from each year with stocks to the next, and those of its causes."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for (resource, region), some in stocks.groupby(["resource", "region"], sort=False):
        found[str(resource), str(region)] = list(
            pairwise(sorted({int(year) for year in some["year"]}))
        )
    if causes is not None and len(causes.rows):
        years = {key: {year for pair in pairs for year in pair} for key, pairs in found.items()}
        for _, row in causes.rows.drop_duplicates(["resource", "region", "from", "to"]).iterrows():
            key, pair = (
                (str(row["resource"]), str(row["region"])),
                (int(row["from"]), int(row["to"])),
            )
            if key in found and pair not in found[key] and set(pair) <= years[key]:
                found[key].append(pair)
    return found


@dataclass(frozen=True)
class LandTransitions:
    """The transitions of the accounts' regions in a period, and which of these regions have rows of them."""

    found: TransitionMatrix
    grade: int

    def entries(
        self, resource: Resource, region: str, pair: tuple[int, int]
    ) -> Iterator[tuple[object, ...]]:
        """What a region's land types gained from and lost to each other, as reclassification."""
        spot = self.found.regions.get_indexer([region])[0]
        if spot < 0 or not self.found.known[spot]:
            return
        area, names = (
            self.found.area[spot] * factor("m2", resource.unit),
            [str(one) for one in self.found.ecosystems],
        )
        for start, end in zip(*np.nonzero(area), strict=True):
            if start != end:
                amount, where = float(area[start, end]), "transitions"
                key = (resource.id, region, *pair)
                rest = (amount, 0.0, self.grade, where)
                yield (*key, names[end], "addition_reclassification", f"from:{names[start]}", *rest)
                yield (*key, names[start], "reduction_reclassification", f"to:{names[end]}", *rest)


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
    lands: Mapping[tuple[int, int], LandTransitions]
    priced: bool


def land_of(ground: AssessmentContext, pair: tuple[int, int]) -> LandTransitions | None:
    """The transitions of a period; None without a table of them, or where the accounts do not have both years."""
    found = ground.comparisons.get("project")
    if (
        found is None
        or ground.transitions is None
        or not set(pair) <= {one.year for one in found.accounts}
    ):
        return None
    one, other, _ = pair_plans(found, found.account(pair[0]), found.account(pair[1]))
    kept = np.flatnonzero(stable_regions(found, pair))
    names = [str(name) for name in one.extent.ecosystems]
    walk, areas = (
        found.accounts[-1].plan.crosswalk,
        (one.extent.area[kept], other.extent.area[kept]),
    )
    land = transition_matrix(
        ground.transitions, one.extent.regions[kept], names, *pair, walk, *areas
    )
    rows = ground.transitions.rows
    of_pair = ((rows["from"] == pair[0]) & (rows["to"] == pair[1])).to_numpy()
    return None if land is None else LandTransitions(land, int(rows.loc[of_pair, "grade"].max()))


def entries_of(
    resources: Sequence[Resource],
    stocks: pd.DataFrame,
    causes: Causes | None,
    ground: AssessmentContext,
) -> tuple[pd.DataFrame, dict[tuple[int, int], LandTransitions]]:
    """Openings, closings and changes of all regions with stocks, columns ``ENTRY``; the transitions used.

    Changes are the rows of causes; without any, transitions of land; without these the net change of stocks.
    """
    periods = periods_of(stocks, causes)
    levels = _levels(stocks)
    listed = None if causes is None or causes.rows.empty else _scaled(causes.rows, resources)
    own = {} if listed is None else _by(listed, ["resource", "region", "from", "to"])
    spec = {one.id: one for one in resources}
    lands: dict[tuple[int, int], LandTransitions] = {}
    lines: list[tuple[object, ...]] = []
    for (name, region), pairs in periods.items():
        for pair in pairs:
            if (
                spec[name].areas
                and pair not in lands
                and (land := land_of(ground, pair)) is not None
            ):
                lands[pair] = land
            ends = _ends(levels[name, region], pair)
            lines += ends
            if (name, region, *pair) in own:
                lines += list(_from_causes(own[name, region, *pair]))
                continue
            of_areas = str(ends[0][-1]).startswith("areas")
            gross = (
                list(lands[pair].entries(spec[name], region, pair))
                if of_areas and pair in lands
                else []
            )
            lines += gross or _net(ends)
    return pd.DataFrame(lines, columns=ENTRY), lands


def _by(rows: pd.DataFrame, keys: list[str]) -> dict[tuple[object, ...], pd.DataFrame]:
    return dict(iter(rows.groupby(keys, sort=False)))


_Line = tuple[object, ...]  # a stock row
_ByYear = dict[int, list[_Line]]


def _levels(stocks: pd.DataFrame) -> dict[tuple[str, str], _ByYear]:
    """The stock rows by resource and region, then by year."""
    found: dict[tuple[str, str], _ByYear] = {}
    for one in zip(*(stocks[name] for name in STOCK), strict=True):
        found.setdefault((str(one[0]), str(one[1])), {}).setdefault(int(one[2]), []).append(one)
    return found


def _ends(levels: _ByYear, pair: tuple[int, int]) -> list[_Line]:
    """The opening and closing entries of a period."""
    return [
        (*one[:2], *pair, one[3], item, "", *one[4:])
        for year, item in zip(pair, ("opening", "closing"), strict=True)
        for one in levels[year]
    ]


def _from_causes(rows: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for _, one in rows.iterrows():
        item = f"{one['direction']}_{one['nature']}"
        key = (one["resource"], one["region"], int(one["from"]), int(one["to"]), one["class"])
        where = str(row_place(str(one["file"]), [one["row"]]))
        yield (*key, item, one["cause"], one["value"], one["half"], int(one["grade"]), where)


def _net(ends: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The net change of each class as an addition or a reduction."""
    level = {(one[4], one[5]): one for one in ends}
    found = []
    for (name, item), one in level.items():
        if item != "opening" or (name, "closing") not in level:
            continue
        change = float(str(level[name, "closing"][7])) - float(str(one[7]))
        direction = "addition" if change >= 0 else "reduction"
        if change:
            found.append(
                (*one[:5], f"{direction}_net", NET, abs(change), 0.0, one[9], "closing - opening")
            )
    return found


def with_parents(
    entries: pd.DataFrame, resources: Sequence[Resource], regions: Regions | None
) -> tuple[pd.DataFrame, list[str]]:
    """The entries, and for each parent without stocks of its own the sums of its regions'; parents that lack some.

    Flows between regions are netted in the sum: what one region sends to another inside is no change of the parent.
    """
    pieces, lacking = [entries], dict[str, None]()
    between = {one.id: set(one.between) for one in resources}
    for (resource, *_), some in entries.groupby(["resource", "from", "to"], sort=False):
        codes = [str(code) for code in some["region"].unique()]
        own = [
            code
            for code in codes
            if regions is None or not set(codes) & set(regions.ancestors(code))
        ]
        sums, short = members_of(regions, own)
        lacking |= dict.fromkeys(short)
        for parent, members in sums.items():
            if parent in codes:
                continue
            mine = some[some["region"].isin([own[spot] for spot in members]).to_numpy()].assign(
                region=parent
            )
            pieces += _summed(mine, between[str(resource)])
    return pd.concat(pieces, ignore_index=True), list(lacking)


def _summed(rows: pd.DataFrame, between: set[str]) -> Iterator[pd.DataFrame]:
    flows = rows["cause"].isin(between).to_numpy()
    for part in (rows[~flows], _netted(rows[flows])):
        if len(part):
            sums = part.groupby([*KEY, "item", "cause"], sort=False, as_index=False)
            found = sums.agg({"value": "sum", "half": "sum", "grade": "max"})
            yield found.assign(where="sum of the regions inside")[ENTRY]


def _netted(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return rows
    signed = rows.assign(
        value=np.where(rows["item"].str.startswith("addition"), 1.0, -1.0) * rows["value"]
    )
    net = signed.groupby(KEY, sort=False, as_index=False).agg(
        {"value": "sum", "half": "sum", "grade": "max"}
    )
    item = np.where(net["value"] >= 0, "addition_between", "reduction_between")
    return net.assign(item=item, cause=BETWEEN, value=net["value"].abs(), where="")[ENTRY]


def with_totals(entries: pd.DataFrame, resources: Sequence[Resource]) -> pd.DataFrame:
    """Add the sum over classes, the sums of additions and reductions, and the statistical error of each balance."""
    sums = entries.groupby([*KEY[:4], "item", "cause"], sort=False, as_index=False)
    over = sums.agg({"value": "sum", "half": "sum", "grade": "max"}).assign(
        where="sum over classes"
    )
    over["class"] = TOTAL
    every = pd.concat([entries, over[ENTRY]], ignore_index=True)
    kind = every["item"].str.partition("_")[0]
    wide = every.assign(kind=kind).pivot_table(
        index=KEY, columns="kind", values="value", aggfunc="sum", sort=False
    )
    wide = wide.reindex(
        columns=["opening", "addition", "reduction", "revaluation", "closing"]
    ).fillna(0.0)
    half = every.groupby(KEY, sort=False)["half"].sum().reindex(wide.index)
    grade = every.groupby(KEY, sort=False)["grade"].max().reindex(wide.index)
    error = (
        wide["closing"]
        - wide["opening"]
        - wide["addition"]
        + wide["reduction"]
        - wide["revaluation"]
    )
    scale = wide.abs().max(axis=1)
    error = error.where(error.abs() > 1e-9 * scale, 0.0)
    figures: Mapping[str, pd.Series] = {
        "additions": wide["addition"],
        "reductions": wide["reduction"],
        "statistical_error": error,
    }
    frame = wide.index.to_frame(index=False)
    pieces = [every]
    for item, values in figures.items():
        own = frame.assign(
            item=item,
            cause="",
            value=values.to_numpy(),
            half=half.to_numpy(),
            grade=grade.to_numpy(),
        )
        pieces.append(own.assign(where="")[ENTRY])
    return pd.concat(pieces, ignore_index=True)
