"""Schemes of kind ``balance`` (自然资源资产负债表): stocks, changes by cause, quality, identities, money.

Liabilities are none: no text that was read says how they are measured, so the sheet is one of assets alone.
"""

from pathlib import Path

import pandas as pd

from gep.assessment.balance.checks import check_inputs, check_scheme
from gep.assessment.balance.entries import (
    STOCK,
    BalanceResult,
    entries_of,
    from_areas,
    from_tables,
    with_parents,
    with_totals,
)
from gep.assessment.balance.explain import caption, explain_balance
from gep.assessment.balance.identities import identity_gaps, warn_gaps
from gep.assessment.balance.scheme import BalanceScheme, BalanceSpec
from gep.assessment.balance.tables import result_tables
from gep.assessment.balance.valuation import PriceBook, check_values, value_entries
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.scheme import Assessment, Kind
from gep.assessment.stocks import StockPrices
from gep.errors import ProblemLog, joined
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language


def load(spec: BalanceSpec, path: Path, problems: ProblemLog) -> BalanceScheme:
    """Make the scheme; there are no tables beside it."""
    return BalanceScheme(spec, path, (path,), KIND)


def bases(scheme: BalanceScheme) -> set[str]:
    """The bases of accounts that the scheme reads."""
    return {"project"} if any(resource.areas for resource in scheme.spec.resource) else set()


def assess(scheme: BalanceScheme, context: AssessmentContext) -> Assessment:
    """Apply the scheme: lines in volume, then in money where there are prices, and the tables of both."""
    spec, problems = scheme.spec, ProblemLog()
    table = from_tables(spec.resource, context.stocks)
    pieces = [one for one in (table, from_areas(spec.resource, context, table)) if len(one)]
    stocks = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=STOCK)
    entries, lands = entries_of(spec.resource, stocks, context.causes, context)
    lines = _physical_lines(scheme, context, entries, problems)
    if context.stock_prices is not None:
        money = _money_lines(scheme, context, entries, lines, context.stock_prices, problems)
        lines = lines if money is None else pd.concat([lines, money], ignore_index=True)
    result = BalanceResult(scheme, context, lines, lands, context.stock_prices is not None)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_balance(result, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        rows = lines[((lines["region"] == region) & (lines["to"] == year)).to_numpy()]
        pairs = dict.fromkeys(zip(rows["resource"], rows["class"], strict=True))
        classes = [f"{resource}.{name}" for resource, name in pairs]
        return [*dict.fromkeys(map(str, rows["resource"])), *classes]

    return Assessment(
        scheme,
        result_tables(result),
        explain,
        items,
        warnings=tuple(problems.warnings),
        caption=tuple(Title(zh=zh, en=en) for zh, en in caption(result)),
    )


def _physical_lines(
    scheme: BalanceScheme, context: AssessmentContext, entries: pd.DataFrame, problems: ProblemLog
) -> pd.DataFrame:
    """Entries with parents and totals in volume, and the gaps of what must hold between them."""
    resources, regions = scheme.spec.resource, regions_of(context)
    whole, short = with_parents(entries, resources, regions)
    if short:
        what = f"no sum for {joined(short, ', ')}: regions inside lack stocks"
        problems.add("region-left-out", scheme.id, what, "give the stocks of every region inside")
    full = with_totals(whole, resources)
    gaps = identity_gaps(full, resources, context, regions)
    errors = full[(full["item"] == "statistical_error").to_numpy()]
    warn_gaps(pd.concat([errors, gaps], ignore_index=True), resources, problems)
    unit = {one.id: one.unit for one in resources}
    density = {one.id: one.density_unit for one in resources}
    full, gaps = (one.assign(unit=one["resource"].map(unit)) for one in (full, gaps))
    per_area = gaps["item"].str.startswith("stock_per_area").to_numpy(dtype=bool)
    gaps.loc[per_area, "unit"] = gaps.loc[per_area, "resource"].map(density)
    return pd.concat([one for one in (full, gaps) if len(one)], ignore_index=True)


def _money_lines(
    scheme: BalanceScheme,
    context: AssessmentContext,
    entries: pd.DataFrame,
    lines: pd.DataFrame,
    prices: StockPrices,
    problems: ProblemLog,
) -> pd.DataFrame | None:
    """The lines in money; None where nothing has a price."""
    spec, regions = scheme.spec, regions_of(context)
    book = PriceBook(prices, spec.resource, spec.money, regions)
    money, used = value_entries(entries, book, spec.changes_at, problems)
    if money.empty:
        return None
    whole, _ = with_parents(money, spec.resource, regions)
    full = with_totals(whole, spec.resource)
    gaps = check_values(lines, full, used)
    full = pd.concat([full.assign(item="value_" + full["item"]), gaps], ignore_index=True)
    return full.assign(unit=spec.money)


KIND = Kind(
    name="balance",
    spec=BalanceSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
)
