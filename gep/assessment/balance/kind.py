"""Natural-resource balance sheets (自然资源资产负债表): stocks, their changes by cause, quality, identities, money.

Liabilities are none: no text that was read says how they are measured, so the sheet is one of assets alone.
"""

from itertools import chain
from typing import Literal

import pandas as pd
from pydantic import Field

from gep.assessment.balance.checks import check_resources, check_rows, check_tables
from gep.assessment.balance.entries import (
    KEY,
    STOCK,
    LandTransitions,
    entries_of,
    from_areas,
    from_tables,
    with_parents,
    with_totals,
)
from gep.assessment.balance.explain import balance_working, caption
from gep.assessment.balance.identities import identity_gaps, warn_gaps
from gep.assessment.balance.scheme import Resource, Row
from gep.assessment.balance.tables import change_matrix, sheet_table
from gep.assessment.balance.valuation import ChangesAt, PriceBook, check_values, value_entries
from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.assessment.scheme import Assessment, Scheme, SchemeSpec
from gep.assessment.stocks import Causes, StockPrices, Stocks
from gep.errors import ProblemLog, joined

BALANCE_COLUMNS = ["region", "from", "to", "resource", "class", "item", "cause", "value", "unit"]


class BalanceScheme(SchemeSpec):
    """A scheme of kind ``balance``: resources and the rows of the tables; ``matrix`` asks for the change matrix."""

    kind: Literal["balance"] = "balance"
    resource: tuple[Resource, ...] = Field(min_length=1)
    row: tuple[Row, ...] = Field(min_length=1)
    matrix: bool = False
    money: str = "10^4 CNY"
    changes_at: ChangesAt = "mean"

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that the scheme reads."""
        return {"project"} if any(one.areas for one in self.resource) else set()

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Resources that name others, units, and changes that have no row in the table."""
        check_resources(self.resource, self.money, scheme.path.name, problems)
        check_rows(self.row, scheme.path.name, problems)

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """Tables against the scheme, the regions and each other."""
        check_tables(self.resource, self.money, scheme.id, ground, problems)

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """Apply the scheme: ``balance.csv``, a table a resource, in money where there are prices, change matrices."""
        found = BalanceResult(self, scheme, ground)
        return Assessment(
            scheme,
            found.tables(),
            working=lambda region, year, item, language: balance_working(
                found, region, year, item, language
            ),
            warnings=tuple(found.problems.warnings),
            caption=caption(found),
        )


class BalanceResult:
    """A scheme applied: ``lines`` in volume and in money with columns of ``balances.ENTRY`` and ``unit``."""

    def __init__(self, text: BalanceScheme, scheme: Scheme, ground: AssessmentContext) -> None:
        self.spec, self.scheme, self.ground, self.problems = text, scheme, ground, ProblemLog()
        self.regions = regions_of(ground)
        stocks, causes = ground.tables.get("stocks"), ground.tables.get("causes")
        self.causes = causes if isinstance(causes, Causes) else None
        table = from_tables(text.resource, stocks if isinstance(stocks, Stocks) else None)
        pieces = [one for one in (table, from_areas(text.resource, ground, table)) if len(one)]
        self.stocks = (
            pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=STOCK)
        )
        self.lands: dict[tuple[int, int], LandTransitions]
        entries, self.lands = entries_of(text.resource, self.stocks, self.causes, ground)
        self.lines = self._physical(entries)
        prices = ground.tables.get("stock_prices")
        self.priced = isinstance(prices, StockPrices)
        if isinstance(prices, StockPrices):
            self._in_money(entries, prices)

    def _physical(self, entries: pd.DataFrame) -> pd.DataFrame:
        resources = self.spec.resource
        whole, short = with_parents(entries, resources, self.regions)
        if short:
            what = f"no sum for {joined(short, ', ')}: regions inside lack stocks"
            self.problems.add(
                "region-left-out", self.scheme.id, what, "give the stocks of every region inside"
            )
        full = with_totals(whole, resources)
        more = identity_gaps(full, resources, self.ground, self.regions)
        errors = full[(full["item"] == "statistical_error").to_numpy()]
        causes = set() if self.causes is None else set(self.causes.rows["resource"])
        warn_gaps(pd.concat([errors, more], ignore_index=True), resources, self.problems)
        self.gross = causes
        unit = {one.id: one.unit for one in resources}
        density = {one.id: one.density_unit for one in resources}
        full, more = (one.assign(unit=one["resource"].map(unit)) for one in (full, more))
        per_area = more["item"].str.startswith("stock_per_area").to_numpy(dtype=bool)
        more.loc[per_area, "unit"] = more.loc[per_area, "resource"].map(density)
        return pd.concat([one for one in (full, more) if len(one)], ignore_index=True)

    def _in_money(self, entries: pd.DataFrame, prices: StockPrices) -> None:
        book = PriceBook(prices, self.spec.resource, self.spec.money, self.regions)
        money, used = value_entries(entries, book, self.spec.changes_at, self.problems)
        if money.empty:
            return
        whole, _ = with_parents(money, self.spec.resource, self.regions)
        full = with_totals(whole, self.spec.resource)
        gaps = check_values(self.lines, full, used)
        full = pd.concat([full.assign(item="value_" + full["item"]), gaps], ignore_index=True)
        self.lines = pd.concat([self.lines, full.assign(unit=self.spec.money)], ignore_index=True)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by file name."""
        order = {one.id: number for number, one in enumerate(self.spec.resource)}
        lines = self.lines.assign(
            order=self.lines["resource"].map(order), total=self.lines["class"] == "total"
        )
        lines = lines.sort_values(["order", "region", "from", "to", "total"], kind="stable")
        found = {"balance.csv": lines[BALANCE_COLUMNS].reset_index(drop=True)}
        for spec in self.spec.resource:
            own = self.lines[(self.lines["resource"] == spec.id).to_numpy()]
            money = own["item"].str.startswith("value_").to_numpy()
            if not len(own):
                continue
            found[f"table_{spec.id}.csv"] = sheet_table(
                own[~money], spec, self.spec.row, self.ground, spec.unit
            )
            if money.any():
                valued_rows = own[money].assign(
                    item=own.loc[money, "item"].str.removeprefix("value_")
                )
                rows = sheet_table(valued_rows, spec, self.spec.row, self.ground, self.spec.money)
                found[f"table_{spec.id}_value.csv"] = rows
            if self.spec.matrix and spec.areas and self.lands:
                found[f"matrix_{spec.id}.csv"] = change_matrix(
                    self.lands, spec, self.ground, self._parents()
                )
        return found

    def _parents(self) -> dict[str, list[str]]:
        codes = list(
            dict.fromkeys(
                chain.from_iterable(map(str, one.found.regions) for one in self.lands.values())
            )
        )
        return {
            code: [codes[spot] for spot in some]
            for code, some in members_of(self.regions, codes)[0].items()
        }

    def key_of(self, region: str, year: int) -> pd.DataFrame:
        """The lines of a region in the periods that end in a year."""
        mine = (self.lines["region"] == region) & (self.lines["to"] == year)
        return self.lines[mine.to_numpy()].sort_values(KEY, kind="stable")
