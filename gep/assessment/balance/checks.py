"""What is wrong with a scheme of balance sheets, with its inputs, and with its balances (勾稽检查).

The identities that balances must keep are I1 and I3 to I7, each with its gap as a line of its own.
I2, the opening of a period is the closing of the previous one, holds because a stock is stated once
for each year; I8, on values in money, is in ``valuation``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import (
    ENDS,
    ENTRY,
    FLOAT_TOLERANCE,
    KEY,
    STOCK,
    SUM_OF_REGIONS,
    SUM_OVER_CLASSES,
    TOTAL,
    class_label,
    collect_stocks,
    stock_text,
)
from gep.assessment.balance.scheme import BalanceScheme, Resource, Row, row_of
from gep.assessment.balance.valuation import per_unit
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.scheme import check_unique_ids, check_unit
from gep.assessment.stocks import DIRECTIONS, NATURES
from gep.errors import ProblemLog
from gep.extent.regions import Regions
from gep.inputs.value_rows import unit_fault
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.texts.catalogue import Label, text
from gep.units import UnitError, factor, has_money

_NEEDED_ITEMS = ("opening", "closing", "statistical_error")
_ANY_CAUSE = "\0"  # a cause that no row names
_ALL_NATURES = (*NATURES, "net")
# By how much, as a share, a level may differ from what is printed elsewhere before a warning.
_PRINT_TOLERANCE = 0.005
_IDENTITIES = {
    "statistical_error": "I1",
    "check_I3": "I3",
    "check_I4": "I4",
    "check_I5": "I5",
    "check_I7": "I7",
}


# --- the scheme -------------------------------------------------------------------------------


def check_scheme(scheme: BalanceScheme, problems: ProblemLog) -> None:
    """Check a scheme by itself: ids, units, resources that name others, rows of the table.

    Parameters
    ----------
    scheme : BalanceScheme
    problems : ProblemLog
        Collects ``duplicate-id``, ``unknown-unit``, ``blank``, ``unknown-resource``,
        ``wrong-dimension`` and ``balance-row``.
    """
    spec = scheme.spec
    label = scheme.path.name
    _check_resources(spec.resource, label, problems)
    money = spec.money
    if unit_fault(money) is not None or not has_money(money):
        problems.add("wrong-dimension", f"{label} money", "balance.unit-not-money", unit=money)
    _check_rows(spec.row, label, problems)


def _check_resources(resources: Sequence[Resource], label: str, problems: ProblemLog) -> None:
    """Check ids and units of resources, and what they say of each other."""
    resource_of = {resource.id: resource for resource in resources}
    check_unique_ids([resource.id for resource in resources], f"{label} resource", problems)
    for resource in resources:
        place = f"{label} resource.{resource.id}"
        check_unit(resource.unit, place, problems)
        if resource.density_unit:
            check_unit(resource.density_unit, place, problems)
        named = [resource.area] if resource.area else []
        if resource.of is not None:
            named.append(resource.of.resource)
        for name in named:
            if name not in resource_of or name == resource.id:
                problems.add(
                    "unknown-resource",
                    place,
                    "balance.not-another-resource",
                    resource=resource.label,
                    name=name,
                    hint=suggestion(name, set(resource_of) - {resource.id}),
                )
        if resource.areas and unit_fault(resource.unit, "m2") is not None:
            problems.add(
                "wrong-dimension",
                place,
                "balance.unit-not-area",
                resource=resource.label,
                unit=resource.unit,
            )
        if not problems.has("unknown-unit", "unknown-resource"):
            _check_related_units(resource, resource_of, place, problems)


def _check_related_units(
    resource: Resource, resource_of: Mapping[str, Resource], place: str, problems: ProblemLog
) -> None:
    """Check that units of resources that belong together fit; adds ``wrong-dimension``."""
    if resource.of is not None:
        whole = resource_of[resource.of.resource]
        if unit_fault(resource.unit, whole.unit) is not None:
            problems.add(
                "wrong-dimension",
                place,
                "balance.unit-of-quality",
                resource=resource.label,
                unit=resource.unit,
                whole=whole.label,
                whole_unit=whole.unit,
            )
    if resource.area:
        area = resource_of[resource.area]
        if unit_fault(resource.density_unit, f"({resource.unit}) / ({area.unit})") is not None:
            problems.add(
                "wrong-dimension",
                place,
                "balance.unit-of-density",
                resource=resource.label,
                density_unit=resource.density_unit,
                unit=resource.unit,
                area_unit=area.unit,
            )


def _check_rows(rows: tuple[Row, ...], label: str, problems: ProblemLog) -> None:
    """Check that each change has a row, and so have opening, closing and the error.

    Adds ``duplicate-id`` and ``balance-row``.
    """
    check_unique_ids([row.id for row in rows], f"{label} row", problems)
    for item in _NEEDED_ITEMS:
        if not any(row.item == item for row in rows):
            problems.add(
                "balance-row",
                f"{label} row",
                "balance.no-row",
                item=Label(item, text(f"balance.item.{item}")),
                id=item,
            )
    without_row = []
    for direction, nature in product(DIRECTIONS, _ALL_NATURES):
        if row_of(rows, direction, nature, _ANY_CAUSE) is None:
            title = text(f"balance.item.{direction}_{nature}")
            without_row.append(Label(f"{direction} {nature}", title))
    if without_row:
        problems.add("balance-row", f"{label} row", "balance.no-row-of-change", changes=without_row)


# --- the inputs -------------------------------------------------------------------------------


def check_inputs(scheme: BalanceScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check stocks, causes and prices against the scheme, the regions and each other.

    Parameters
    ----------
    scheme : BalanceScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``unused-data``, ``wrong-dimension``, ``balance-class``, ``unknown-region`` and
        ``missing-stock``.
    """
    resources = scheme.spec.resource
    is_fine = True
    if context.stocks is not None:
        is_fine &= _are_rows_readable(context.stocks.rows, resources, "", context, problems)
    if context.causes is not None:
        is_fine &= _are_rows_readable(context.causes.rows, resources, "", context, problems)
    if context.stock_prices is not None:
        rows = context.stock_prices.rows
        is_fine &= _are_rows_readable(rows, resources, scheme.spec.money, context, problems)
    if not is_fine:
        return
    stocks = collect_stocks(resources, context)
    if stocks.empty:
        names = [resource.label for resource in resources]
        problems.add("missing-stock", scheme.id, "balance.no-stocks", resources=names)
        return
    resource_of = {resource.id: resource for resource in resources}
    of_tables = stocks[~stocks["is_area"].to_numpy(dtype=bool)]
    _check_complete(of_tables, resource_of, context, problems)
    single = []
    for (name, region), rows in stocks.groupby(["resource", "region"], sort=False, observed=True):
        if rows["year"].nunique() < 2:
            year = int(rows["year"].iloc[0])
            resource = resource_of[str(name)]
            place = text(
                "balance.stocks-of-resource",
                resource=resource.label,
                region=context.label(str(region)),
                year=year,
            )
            single.append(place)
    if single:
        problems.add("missing-stock", scheme.id, "balance.one-year", stocks=single)
    if context.causes is not None:
        _check_causes(context.causes.rows, resource_of, stocks, context, problems)


def _are_rows_readable(
    rows: pd.DataFrame,
    resources: Sequence[Resource],
    money: str,
    context: AssessmentContext,
    problems: ProblemLog,
) -> bool:
    """Check resources, units, classes and regions of a table; ``money`` only for one of prices.

    Adds ``unused-data`` (a warning), ``wrong-dimension``, ``balance-class`` and ``unknown-region``.
    """
    is_fine = True
    resource_of = {resource.id: resource for resource in resources}
    is_known = rows["resource"].isin(resource_of).to_numpy()
    for (file, name), unknown in rows[~is_known].groupby(
        ["file", "resource"], sort=False, observed=True
    ):
        problems.add(
            "unused-data",
            row_place(str(file), unknown["row"], "resource"),
            "balance.unknown-resource",
            name=name,
            hint=suggestion(str(name), resource_of),
        )
    known = rows[is_known]
    by_unit = known.groupby(["file", "resource", "unit"], sort=False, observed=True)
    for (file, name, unit), unit_rows in by_unit:
        resource = resource_of[str(name)]
        target = per_unit(money, resource.unit) if money else resource.unit
        try:
            factor(str(unit), target)
        except UnitError as error:
            is_fine = False
            problems.add(
                "wrong-dimension",
                row_place(str(file), unit_rows["row"], "unit"),
                "balance.unit-of-price" if money else "balance.unit-of-stock",
                resource=resource.label,
                reason=error.reason,
                unit=target,
            )
    totals = known[(known["class"] == TOTAL).to_numpy()]
    for file, total_rows in totals.groupby("file", sort=False, observed=True):
        is_fine = False
        place = row_place(str(file), total_rows["row"], "class")
        problems.add("balance-class", place, "balance.class-total", total=TOTAL)
    return _are_regions_known(rows, context, problems) and is_fine


def _are_regions_known(
    rows: pd.DataFrame, context: AssessmentContext, problems: ProblemLog
) -> bool:
    """Check the regions of a table, where regions are known at all; adds ``unknown-region``."""
    known = set(context.regions)
    table = regions_of(context)
    if table is not None:
        known.update(map(str, table.frame.index))
    if not known - {""}:
        return True
    is_known = rows["region"].isin(known | {""}).to_numpy()
    unknown = rows[~is_known]
    for (file, code), unknown_rows in unknown.groupby(
        ["file", "region"], sort=False, observed=True
    ):
        problems.add(
            "unknown-region",
            row_place(str(file), unknown_rows["row"], "region"),
            "balance.unknown-region",
            region=code,
            hint=suggestion(str(code), known - {""}),
        )
    return len(unknown) == 0


def _check_complete(
    stocks: pd.DataFrame,
    resource_of: Mapping[str, Resource],
    context: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Check that a class has a stock in every year of its resource and region; 0 is a stock.

    Adds ``missing-stock``.
    """
    missing = []
    for (resource, region), rows in stocks.groupby(
        ["resource", "region"], sort=False, observed=True
    ):
        present = set(zip(rows["year"], rows["class"], strict=True))
        for year, name in product(sorted(rows["year"].unique()), rows["class"].unique()):
            if (year, name) not in present:
                stock = stock_text(
                    resource_of[str(resource)],
                    str(name),
                    str(region),
                    period=int(year),
                    context=context,
                )
                missing.append(stock)
    if missing:
        problems.add("missing-stock", "stocks", "balance.missing-class", stocks=missing)


def _check_causes(
    causes: pd.DataFrame,
    resource_of: Mapping[str, Resource],
    stocks: pd.DataFrame,
    context: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Check that what changes has stocks at both ends of the period; adds ``missing-stock``."""
    present = set(stocks[STOCK[:4]].itertuples(index=False, name=None))
    known = causes[causes["resource"].isin(resource_of).to_numpy()]
    by_class = known.groupby(["file", "resource", "region", "class"], sort=False, observed=True)
    for (file, resource, region, name), rows in by_class:
        years = {int(year) for year in (*rows["from"], *rows["to"])}
        missing = []
        for year in sorted(years):
            if (resource, region, year, name) not in present:
                missing.append(year)
        if missing:
            label = resource_of[str(resource)].label
            class_name = class_label(resource_of[str(resource)], str(name), context)
            problems.add(
                "missing-stock",
                row_place(str(file), rows["row"]),
                "balance.cause-without-stock",
                resource=label,
                name=class_name,
                region=context.label(str(region)),
                years=missing,
            )


# --- the identities ---------------------------------------------------------------------------


def identity_gaps(
    full: pd.DataFrame,
    resources: Sequence[Resource],
    context: AssessmentContext,
    regions: Regions | None,
) -> pd.DataFrame:
    """Compute the gaps of the identities I3 to I7, and stocks per area.

    Parameters
    ----------
    full : DataFrame
        Columns ``ENTRY``, in volume, with parents and totals.
    resources : sequence of Resource
    context : AssessmentContext
        Its areas of regions (km2) are used.
    regions : Regions or None

    Returns
    -------
    DataFrame
        Columns ``ENTRY``, with items such as ``check_I3_opening`` and ``stock_per_area_opening``.
        ``half`` is what the rounding of figures or of print explains.
    """
    resource_of = {resource.id: resource for resource in resources}
    is_end = full["item"].isin(ENDS)
    all_ends = full[is_end.to_numpy()]
    levels = all_ends.set_index([*KEY, "item"])
    levels = levels[["value", "half", "grade"]]
    pieces: list[pd.DataFrame] = []
    for resource in resource_of.values():
        is_of_resource = full["resource"] == resource.id
        entries = full[is_of_resource.to_numpy()]
        if entries.empty:
            continue
        is_end = entries["item"].isin(ENDS)
        ends = entries[is_end.to_numpy()]
        pieces.append(_reclassification_gaps(entries))
        if resource.whole:
            pieces.append(_area_gaps(ends, resource, context))
        if resource.of is not None and resource.of.resource in resource_of:
            pieces.append(_quality_gaps(ends, levels, resource, resource_of))
        if resource.area in resource_of:
            area_unit = resource_of[resource.area].unit
            density_unit = f"({resource.unit}) / ({area_unit})"
            scale = factor(density_unit, resource.density_unit)
            densities = _stocks_per_area(ends, levels, resource, scale)
            pieces.append(densities)
        if regions is not None:
            pieces += _parent_gaps(ends, regions)
    filled = [piece[ENTRY] for piece in pieces if len(piece)]
    if not filled:
        return pd.DataFrame(columns=ENTRY)
    return pd.concat(filled, ignore_index=True)


def _gap_lines(
    ends: pd.DataFrame, identity: str, gap: np.ndarray, explained: np.ndarray
) -> pd.DataFrame:
    """Return the gaps of an identity at openings and closings as lines."""
    items = [f"check_{identity}_{end}" for end in ends["item"]]
    return ends.assign(
        item=items,
        value=gap,
        half=explained,
        cause="",
        where="",
    )


def _reclassification_gaps(entries: pd.DataFrame) -> pd.DataFrame:
    """I4: what reclassification adds to classes, less what it takes from others."""
    is_reclassified = entries["item"].str.endswith("_reclassification")
    is_reclassified &= entries["class"] != TOTAL
    rows = entries[is_reclassified.to_numpy()]
    if rows.empty:
        return rows
    sign = np.where(rows["item"].str.startswith("addition"), 1.0, -1.0)
    rows = rows.assign(value=rows["value"] * sign, size=rows["value"])
    by_balance = rows.groupby(KEY[:4], sort=False, as_index=False)
    sums = by_balance.agg({"value": "sum", "half": "sum", "grade": "max", "size": "sum"})
    is_gap = sums["value"].abs() > FLOAT_TOLERANCE * sums["size"]
    lines = sums.assign(
        value=np.where(is_gap, sums["value"], 0.0),
        item="check_I4",
        cause="",
        where="",
    )
    lines["class"] = TOTAL
    return lines


def _area_gaps(ends: pd.DataFrame, resource: Resource, context: AssessmentContext) -> pd.DataFrame:
    """I3: the sum of classes less the area of the region."""
    is_total = ends["class"] == TOTAL
    rows = ends[is_total.to_numpy()]
    km2 = [context.area.get(code, np.nan) for code in rows["region"]]
    scale = factor("km2", resource.unit)
    area = np.array(km2, dtype=float)
    area = area * scale
    is_known = np.isfinite(area)
    rows = rows[is_known]
    area = area[is_known]
    gap = rows["value"].to_numpy() - area
    explained = np.maximum(rows["half"], _PRINT_TOLERANCE * area)
    return _gap_lines(rows, "I3", gap, explained)


def _quality_gaps(
    ends: pd.DataFrame,
    levels: pd.DataFrame,
    resource: Resource,
    resource_of: Mapping[str, Resource],
) -> pd.DataFrame:
    """I5: the sum of quality classes less the stock of the class whose qualities they are."""
    if resource.of is None:
        return ends.iloc[:0]
    whole = resource_of[resource.of.resource]
    scale = factor(resource.unit, whole.unit)
    is_total = ends["class"] == TOTAL
    sums = ends[is_total.to_numpy()]
    keys = sums.assign(resource=whole.id)
    keys["class"] = resource.of.class_
    index = pd.MultiIndex.from_frame(keys[[*KEY, "item"]])
    stock = levels.reindex(index)
    is_known = stock["value"].notna().to_numpy()
    sums = sums[is_known]
    stock = stock[is_known]
    value = stock["value"].to_numpy(dtype=float)
    half = stock["half"].to_numpy(dtype=float)
    sum_of_qualities = sums["value"].to_numpy() * scale
    half_of_sum = sums["half"].to_numpy() * scale
    half = half_of_sum + half
    gap = sum_of_qualities - value
    explained = np.maximum(half, _PRINT_TOLERANCE * value)
    return _gap_lines(sums, "I5", gap, explained)


def _stocks_per_area(
    ends: pd.DataFrame, levels: pd.DataFrame, resource: Resource, scale: float
) -> pd.DataFrame:
    """I6: stock per area of each class, and of their sum where all their areas are known."""
    keys = ends.assign(resource=resource.area)
    index = pd.MultiIndex.from_frame(keys[[*KEY, "item"]])
    area = levels["value"].reindex(index)
    area = area.to_numpy(dtype=float)
    is_total = ends["class"] == TOTAL
    is_total = is_total.to_numpy()
    is_unknown = np.isnan(area) & ~is_total
    with_area = ends.assign(is_unknown=is_unknown)
    by_balance = with_area.groupby([*KEY[:4], "item"])
    has_unknown = by_balance["is_unknown"].transform("any")
    has_unknown = has_unknown.to_numpy()
    is_shown = area > 0
    is_shown &= ~(has_unknown & is_total)
    rows = ends[is_shown]
    items = [f"stock_per_area_{end}" for end in rows["item"]]
    return rows.assign(
        item=items,
        value=rows["value"].to_numpy() * scale / area[is_shown],
        cause="",
        where=text("balance.where.per-area"),
    )


def _parent_gaps(ends: pd.DataFrame, regions: Regions) -> Iterator[pd.DataFrame]:
    """I7: a region with stocks of its own less the sum of all regions just inside it."""
    inside: dict[str, list[str]] = {}
    for code, parent in regions.parent.items():
        inside.setdefault(parent, []).append(code)
    key = ["from", "to", "class", "item"]
    wide = ends.pivot_table(
        index=key,
        columns="region",
        values=["value", "half"],
        sort=False,
    )
    periods = {}
    for code, rows in ends.groupby("region"):
        pairs = zip(rows["from"], rows["to"], strict=True)
        periods[str(code)] = set(pairs)
    is_sum = ends["where"].isin([SUM_OF_REGIONS, SUM_OVER_CLASSES])
    wide_value = wide["value"]
    wide_half = wide["half"]
    for parent, members in inside.items():
        periods_of_members = [periods.get(code, set()) for code in members]
        shared = set.intersection(*periods_of_members)
        is_of_parent = ends["region"] == parent
        is_of_parent &= ~is_sum
        of_parent = ends[is_of_parent.to_numpy()]
        pairs = zip(of_parent["from"], of_parent["to"], strict=True)
        is_shared = np.array([pair in shared for pair in pairs], dtype=bool)
        of_parent = of_parent[is_shared]
        if of_parent.empty:
            continue
        index = pd.MultiIndex.from_frame(of_parent[key])
        values = wide_value.reindex(index)[members]
        halves = wide_half.reindex(index)[members]
        total = values.sum(axis=1, min_count=1)
        total = total.to_numpy()
        half = halves.sum(axis=1)
        half = half.to_numpy()
        half = half + of_parent["half"].to_numpy()
        value = of_parent["value"].to_numpy()
        explained = np.maximum(half, _PRINT_TOLERANCE * value)
        gap = value - total
        lines = _gap_lines(of_parent, "I7", gap, explained)
        yield lines[np.isfinite(total)]


def warn_of_gaps(
    lines: pd.DataFrame,
    resources: Iterable[Resource],
    context: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Warn of gaps beyond what rounding explains, once for each identity and resource.

    Parameters
    ----------
    lines : DataFrame
        Columns ``ENTRY``: statistical errors, and the lines of ``identity_gaps``.
    resources : iterable of Resource
    context : AssessmentContext
    problems : ProblemLog
        Collects ``balance-gap``.
    """
    resource_of = {resource.id: resource for resource in resources}
    for prefix, identity in _IDENTITIES.items():
        of_identity = lines[lines["item"].str.startswith(prefix).to_numpy()]
        for name, rows in of_identity.groupby("resource", sort=False, observed=True):
            is_beyond = rows["value"].abs() > rows["half"] * (1 + FLOAT_TOLERANCE)
            beyond = rows[is_beyond.to_numpy()]
            if beyond.empty:
                continue
            worst = beyond.loc[beyond["value"].abs().idxmax()]
            resource = resource_of[str(name)]
            period = f"{worst['from']}-{worst['to']}"
            problems.add(
                "balance-gap",
                f"{name} {identity}",
                "balance.gap",
                identity=text(f"balance.identity.{identity}"),
                count=len(beyond),
                total=len(rows),
                stock=stock_text(resource, worst["class"], worst["region"], period, context),
                value=float(worst["value"]),
                unit=resource.unit,
            )
