"""Balance sheets as they are handed in (报表): ``balance.csv``, sheets, change matrices.

A sheet has the rows of the scheme by the classes of a resource. Headings are in both languages.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import (
    TOTAL,
    BalanceResult,
    LandTransitions,
    account_class_title,
)
from gep.assessment.balance.scheme import Resource, Row, row_of
from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.comparison.panel import Pair
from gep.texts.catalogue import say
from gep.units import factor

BALANCE_COLUMNS = ["region", "from", "to", "resource", "class", "item", "cause", "value", "unit"]
_VALUE = "value_"  # the beginning of items in money
_HEAD = ("region", "name", "from", "to")

_Cells = dict[tuple[str, str], float]  # by row and class


def result_tables(result: BalanceResult) -> dict[str, pd.DataFrame]:
    """Make the tables of a result.

    Parameters
    ----------
    result : BalanceResult

    Returns
    -------
    dict of str to DataFrame
        By file name: ``balance.csv`` with the columns ``BALANCE_COLUMNS``; for each resource a
        sheet, another one in money where it has prices, and a change matrix if the scheme asks for
        it and transitions are known.
    """
    spec = result.scheme.spec
    order = {resource.id: number for number, resource in enumerate(spec.resource)}
    lines = result.lines.assign(
        order=result.lines["resource"].map(order),
        is_total=result.lines["class"] == TOTAL,
    )
    by = ["order", "region", "from", "to", "is_total"]
    lines = lines.sort_values(by, kind="stable")
    tables = {"balance.csv": lines[BALANCE_COLUMNS].reset_index(drop=True)}
    for resource in spec.resource:
        of_resource = result.lines[(result.lines["resource"] == resource.id).to_numpy()]
        if of_resource.empty:
            continue
        is_money = of_resource["item"].str.startswith(_VALUE).to_numpy()
        tables[f"table_{resource.id}.csv"] = sheet_table(
            of_resource[~is_money],
            resource,
            spec.row,
            context=result.context,
            unit=resource.unit,
        )
        if is_money.any():
            money = of_resource[is_money]
            tables[f"table_{resource.id}_value.csv"] = sheet_table(
                money.assign(item=money["item"].str.removeprefix(_VALUE)),
                resource,
                spec.row,
                context=result.context,
                unit=spec.money,
            )
        if spec.matrix and resource.areas and result.lands:
            tables[f"matrix_{resource.id}.csv"] = change_matrix(
                result.lands,
                resource,
                result.context,
                _parents(result),
            )
    return tables


def _parents(result: BalanceResult) -> dict[str, list[str]]:
    """Return the parents of the regions with transitions, and the regions that each sums."""
    codes: list[str] = []
    for land in result.lands.values():
        codes += map(str, land.matrix.regions)
    codes = list(dict.fromkeys(codes))
    positions_of = members_of(regions_of(result.context), codes).positions
    parents = {}
    for parent, positions in positions_of.items():
        parents[parent] = [codes[position] for position in positions]
    return parents


def _heading(name: str) -> str:
    """Return a heading in both languages."""
    key = f"balance.heading.{name}"
    return f"{say('zh', key)} {say('en', key)}"


def class_heading(resource: Resource, name: str, context: AssessmentContext) -> str:
    """Return how a class is called in both languages; its id where it has no title."""
    if name == TOTAL:
        return _heading("total")
    if name in resource.classes:
        return str(resource.classes[name])
    title = account_class_title(name, context) if resource.areas else None
    if title is None:
        return name
    return f"{title.zh} {title.en}".strip() or name


# --- sheets -----------------------------------------------------------------------------------


def sheet_table(
    lines: pd.DataFrame,
    resource: Resource,
    rows: tuple[Row, ...],
    *,
    context: AssessmentContext,
    unit: str,
) -> pd.DataFrame:
    """Make the sheet of a resource.

    Parameters
    ----------
    lines : DataFrame
        The lines of the resource in volume, or in money with items named as in volume.
    resource : Resource
    rows : tuple of Row
        The rows of the scheme; one of revaluation is shown only where there is one.
    context : AssessmentContext
    unit : str

    Returns
    -------
    DataFrame
        For each region and period the rows of the scheme, with a column for each class and for
        their sum; NaN where there is nothing of the kind.
    """
    classes = [str(name) for name in lines["class"].unique() if name != TOTAL]
    classes.append(TOTAL)
    heading_of = {name: class_heading(resource, name, context) for name in classes}
    item_heading = _heading("item")
    unit_heading = _heading("unit")
    table = []
    for (region, pair), cells in _cells(lines, rows).items():
        with_cells = {row_id for row_id, _ in cells}
        for row in rows:
            is_blank = row.id not in with_cells
            if is_blank and row.item == "revaluation":
                continue
            record: dict[str, object] = _head(region, pair, context)
            record[item_heading] = str(row.name)
            record[unit_heading] = unit
            for name in classes:
                record[heading_of[name]] = cells.get((row.id, name), np.nan)
            table.append(record)
    return pd.DataFrame(table)


def _head(region: str, pair: Pair, context: AssessmentContext) -> dict[str, object]:
    """Return the first cells of a record: region, name, and the years of the period."""
    values = (region, context.name(region, "zh"), *pair)
    headings = [_heading(name) for name in _HEAD]
    return dict(zip(headings, values, strict=True))


def _cells(lines: pd.DataFrame, rows: tuple[Row, ...]) -> dict[tuple[str, Pair], _Cells]:
    """Sum the lines to the cells of a sheet, by region and period."""
    columns = ["region", "from", "to", "class", "item", "cause", "value"]
    sheets: dict[tuple[str, Pair], _Cells] = {}
    rows_of: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for line in lines[columns].itertuples(index=False, name=None):
        region, first, last, name, item, cause, value = line
        pair = (int(first), int(last))
        sheet = (str(region), pair)
        cells = sheets.setdefault(sheet, {})
        change = (str(item), str(cause))
        if change not in rows_of:
            rows_of[change] = _signed_rows(rows, *change)
        for row_id, sign in rows_of[change]:
            cell = (row_id, str(name))
            change_of_cell = sign * float(value)
            cells[cell] = cells.get(cell, 0.0) + change_of_cell
    return sheets


def _signed_rows(rows: tuple[Row, ...], item: str, cause: str) -> list[tuple[str, float]]:
    """Return the rows in which an item is shown, each with its sign there."""
    direction, _, nature = item.partition("_")
    if direction in ("addition", "reduction"):
        row = row_of(rows, direction, nature, cause)
        return [] if row is None else [(row.id, 1.0)]
    sign_in_net_change = {"additions": 1.0, "reductions": -1.0}
    signed = []
    for row in rows:
        if row.item == item:
            signed.append((row.id, 1.0))
        elif row.item == "net_change" and item in sign_in_net_change:
            signed.append((row.id, sign_in_net_change[item]))
    return signed


# --- change matrices --------------------------------------------------------------------------


def change_matrix(
    lands: Mapping[Pair, LandTransitions],
    resource: Resource,
    context: AssessmentContext,
    parents: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Make the matrix of changes from class (rows) to class (columns).

    Parameters
    ----------
    lands : mapping of (int, int) to LandTransitions
    resource : Resource
    context : AssessmentContext
    parents : mapping of str to sequence of str
        The regions that each parent sums.

    Returns
    -------
    DataFrame
        A block of rows for each period and region whose transitions are known, and for each parent
        all of whose regions are such.
    """
    from_heading = _heading("from-class")
    opening_heading = _heading("opening")
    closing_heading = _heading("closing")
    unit_heading = _heading("unit")
    table = []
    for pair, land in lands.items():
        matrix = land.matrix
        names = [class_heading(resource, str(name), context) for name in matrix.ecosystems]
        position_of = {}
        for position, code in enumerate(map(str, matrix.regions)):
            if matrix.known[position]:
                position_of[code] = position
        members_of_code = {code: [position] for code, position in position_of.items()}
        for parent, codes in parents.items():
            if all(code in position_of for code in codes):
                members_of_code[parent] = [position_of[code] for code in codes]
        scale = factor("m2", resource.unit)
        for region, positions in members_of_code.items():
            area = matrix.area[positions].sum(axis=0)
            area = area * scale
            closing = area.sum(axis=0)
            openings = [row.sum() for row in area]
            openings.append(area.sum())
            for name, row, opening in zip(
                [*names, closing_heading],
                [*area, closing],
                openings,
                strict=True,
            ):
                record = _head(region, pair, context)
                record[from_heading] = name
                record |= dict(zip(names, row, strict=True))
                record[opening_heading] = opening
                record[unit_heading] = resource.unit
                table.append(record)
    return pd.DataFrame(table)
