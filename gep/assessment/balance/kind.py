"""The kind ``balance`` (自然资源资产负债表): what can be done with a scheme of balance sheets.

Sheets list assets alone: no text that was read says how liabilities are measured. This module puts
the others of the package together and is imported by none of them.
"""

from pathlib import Path

import pandas as pd

from gep.assessment.balance.checks import (
    check_inputs,
    check_scheme,
    identity_gaps,
    warn_of_gaps,
)
from gep.assessment.balance.entries import (
    TOTAL,
    BalanceResult,
    collect_stocks,
    make_entries,
    with_parents,
    with_totals,
)
from gep.assessment.balance.explain import caption, explain_balance
from gep.assessment.balance.scheme import BalanceScheme, BalanceSpec, Resource
from gep.assessment.balance.tables import result_tables
from gep.assessment.balance.valuation import PriceBook, check_values, value_entries
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.published import PublishedItem
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.texts.catalogue import Language

# Items of ``balance.csv`` that other schemes may read, and those that are summed over causes.
_SINGLE_ITEMS = ("opening", "closing", "additions", "reductions", "statistical_error")
_ITEMS_BY_CAUSE = (
    "addition_human",
    "addition_natural",
    "addition_reclassification",
    "reduction_human",
    "reduction_natural",
    "reduction_reclassification",
)


def load(spec: BalanceSpec, path: Path, problems: ProblemLog) -> BalanceScheme:
    """Make a scheme; there are no tables beside it that could be wrong."""
    return BalanceScheme(spec, path, (path,), KIND)


def bases(scheme: BalanceScheme) -> set[str]:
    """Return the bases of accounts that a scheme reads."""
    takes_areas = any(resource.areas for resource in scheme.spec.resource)
    return {"project"} if takes_areas else set()


def published(scheme: BalanceScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: ``resource.class.item``, of the closing year."""
    items = {}
    for resource in scheme.spec.resource:
        units = dict.fromkeys((*_SINGLE_ITEMS, *_ITEMS_BY_CAUSE), resource.unit)
        for name in _SINGLE_ITEMS:
            units[f"value_{name}"] = scheme.spec.money
        for class_name in _class_names(resource, context):
            for name, unit in units.items():
                items[f"{resource.id}.{class_name}.{name}"] = PublishedItem(
                    "balance.csv",
                    "value",
                    {"resource": resource.id, "class": class_name, "item": name},
                    unit,
                    year="to",
                    adds_up=name in _ITEMS_BY_CAUSE,
                )
    return items


def _class_names(resource: Resource, context: AssessmentContext) -> list[str]:
    """Return the classes of a resource that the scheme, stocks or accounts name, and the sum."""
    names = [TOTAL, *resource.classes]
    if context.stocks is not None:
        rows = context.stocks.rows
        is_of_resource = rows["resource"] == resource.id
        names += rows.loc[is_of_resource.to_numpy(), "class"].tolist()
    comparison = context.comparisons.get("project")
    if resource.areas and comparison is not None:
        names += list(comparison.accounts[-1].plan.scheme.titles)
    return list(dict.fromkeys(map(str, names)))


def table_grade(scheme: BalanceScheme, context: AssessmentContext) -> int:
    """Return the worst grade of stocks, causes and prices."""
    worst = 0
    for table in (context.stocks, context.causes, context.stock_prices):
        if table is not None and len(table.rows):
            worst = max(worst, int(table.rows["grade"].max()))
    return worst


def assess(scheme: BalanceScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme.

    Parameters
    ----------
    scheme : BalanceScheme
    context : AssessmentContext
        A context in which nothing is wrong.

    Returns
    -------
    Assessment
        Tables of lines in volume, and in money where there are prices; see ``result_tables``.
    """
    resources = scheme.spec.resource
    problems = ProblemLog()
    stocks = collect_stocks(resources, context)
    entries, lands = make_entries(resources, stocks, context.causes, context)
    lines = _physical_lines(scheme, context, entries, problems)
    has_prices = context.stock_prices is not None
    money = _money_lines(scheme, context, entries, lines, problems)
    if len(money):
        lines = pd.concat([lines, money], ignore_index=True)
    result = BalanceResult(scheme, context, lines, lands, has_prices)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_balance(result, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        is_known = lines["region"] == region
        is_known &= lines["to"] == year
        rows = lines.loc[is_known.to_numpy(), ["resource", "class"]]
        resource_names = rows["resource"].drop_duplicates()
        classes = rows["resource"] + "." + rows["class"]
        return [*resource_names, *classes.drop_duplicates()]

    return Assessment(
        scheme,
        tables=result_tables(result),
        explain=explain,
        items=items,
        warnings=tuple(problems.warnings),
        caption=caption(result),
    )


def _physical_lines(
    scheme: BalanceScheme, context: AssessmentContext, entries: pd.DataFrame, problems: ProblemLog
) -> pd.DataFrame:
    """Return entries with parents and totals in volume, and the gaps of the identities.

    Adds the warnings ``region-left-out`` and ``balance-gap``.
    """
    resources = scheme.spec.resource
    regions = regions_of(context)
    with_sums, incomplete = with_parents(entries, resources, regions)
    if incomplete:
        labels = [context.label(code) for code in incomplete]
        problems.add("region-left-out", scheme.id, "balance.no-sum", regions=labels)
    full = with_totals(with_sums)
    gaps = identity_gaps(full, resources, context, regions)
    is_error = full["item"] == "statistical_error"
    errors = full[is_error.to_numpy()]
    checked = pd.concat([errors, gaps], ignore_index=True)
    warn_of_gaps(checked, resources, context, problems)
    unit_of = {}
    density_unit_of = {}
    for resource in resources:
        unit_of[resource.id] = resource.unit
        density_unit_of[resource.id] = resource.density_unit
    full = full.assign(unit=full["resource"].map(unit_of))
    if gaps.empty:
        return full
    gaps = gaps.assign(unit=gaps["resource"].map(unit_of))
    is_density = gaps["item"].str.startswith("stock_per_area")
    is_density = is_density.to_numpy(dtype=bool)
    densities = gaps.loc[is_density, "resource"]
    gaps.loc[is_density, "unit"] = densities.map(density_unit_of)
    return pd.concat([full, gaps], ignore_index=True)


def _money_lines(
    scheme: BalanceScheme,
    context: AssessmentContext,
    entries: pd.DataFrame,
    lines: pd.DataFrame,
    problems: ProblemLog,
) -> pd.DataFrame:
    """Return the lines in money, none where nothing has a price; adds ``stock-price-missing``."""
    spec = scheme.spec
    regions = regions_of(context)
    if context.stock_prices is None:
        return lines.iloc[:0]
    book = PriceBook(context.stock_prices, spec.resource, spec.money, regions)
    money, prices = value_entries(
        entries,
        book,
        changes_at=spec.changes_at,
        context=context,
        problems=problems,
    )
    if money.empty:
        return money
    with_sums, _ = with_parents(money, spec.resource, regions)
    full = with_totals(with_sums)
    gaps = check_values(lines, full, prices)
    full = full.assign(item="value_" + full["item"])
    full = pd.concat([full, gaps], ignore_index=True)
    return full.assign(unit=spec.money)


KIND = Kind(
    name="balance",
    spec=BalanceSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    published=published,
    table_grade=table_grade,
)
