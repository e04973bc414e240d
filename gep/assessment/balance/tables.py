"""Balance sheets as they are handed in (报表): the scheme's rows by the classes of a resource; the change matrix."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import TOTAL, BalanceResult, LandTransitions
from gep.assessment.balance.scheme import Resource, Row, row_of
from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.units import factor

BALANCE_COLUMNS = ["region", "from", "to", "resource", "class", "item", "cause", "value", "unit"]
HEAD = ["地区 Region", "名称 Name", "期初年 From", "期末年 To", "项目 Item", "单位 Unit"]
_PERIOD = ["region", "from", "to"]


def result_tables(result: BalanceResult) -> dict[str, pd.DataFrame]:
    """The tables by file name: ``balance.csv``, a table a resource, in money where there are prices, change matrices."""
    spec = result.scheme.spec
    order = {one.id: number for number, one in enumerate(spec.resource)}
    lines = result.lines.assign(
        order=result.lines["resource"].map(order), total=result.lines["class"] == "total"
    )
    lines = lines.sort_values(["order", "region", "from", "to", "total"], kind="stable")
    found = {"balance.csv": lines[BALANCE_COLUMNS].reset_index(drop=True)}
    for resource in spec.resource:
        own = result.lines[(result.lines["resource"] == resource.id).to_numpy()]
        money = own["item"].str.startswith("value_").to_numpy()
        if not len(own):
            continue
        found[f"table_{resource.id}.csv"] = sheet_table(
            own[~money], resource, spec.row, result.context, resource.unit
        )
        if money.any():
            valued_rows = own[money].assign(item=own.loc[money, "item"].str.removeprefix("value_"))
            rows = sheet_table(valued_rows, resource, spec.row, result.context, spec.money)
            found[f"table_{resource.id}_value.csv"] = rows
        if spec.matrix and resource.areas and result.lands:
            found[f"matrix_{resource.id}.csv"] = change_matrix(
                result.lands, resource, result.context, _parents(result)
            )
    return found


def _parents(result: BalanceResult) -> dict[str, list[str]]:
    """The parents of the regions with transitions, and the regions that each sums."""
    codes = list(
        dict.fromkeys(
            chain.from_iterable(map(str, one.found.regions) for one in result.lands.values())
        )
    )
    return {
        code: [codes[spot] for spot in some]
        for code, some in members_of(regions_of(result.context), codes)[0].items()
    }


def label(spec: Resource, name: str, ground: AssessmentContext) -> str:
    """How a class is called in both languages."""
    if name == TOTAL:
        return "合计 Total"
    if name in spec.classes:
        return str(spec.classes[name])
    found = ground.comparisons.get("project") if spec.areas else None
    zh, en = (
        found.accounts[-1].plan.scheme.titles.get(name, ("", "")) if found is not None else ("", "")
    )
    return f"{zh} {en}".strip() or name


def sheet_table(
    balance: pd.DataFrame, spec: Resource, rows: Sequence[Row], ground: AssessmentContext, unit: str
) -> pd.DataFrame:
    """The table of a resource: for each region and period the scheme's rows by classes and their sum.

    ``balance`` are the rows of one resource, in volume or in money; blank is where there is nothing of the kind.
    """
    classes = [name for name in balance["class"].unique() if name != TOTAL] + [TOTAL]
    labels = {name: label(spec, str(name), ground) for name in classes}
    found = []
    for (region, first, last), cells in _cells(balance, tuple(rows)).items():
        kept = {row for row, _ in cells}
        for row in rows:
            if row.item == "revaluation" and row.id not in kept:
                continue
            head = (region, ground.name(region, "zh"), first, last, str(row.name), unit)
            values = {labels[name]: cells.get((row.id, str(name)), np.nan) for name in classes}
            found.append(dict(zip(HEAD, head, strict=True)) | values)
    return pd.DataFrame(found)


def _cells(
    balance: pd.DataFrame, rows: tuple[Row, ...]
) -> dict[tuple[str, int, int], dict[tuple[str, str], float]]:
    """What stands in each row and class, by region and period."""
    found: dict[tuple[str, int, int], dict[tuple[str, str], float]] = {}
    homes: dict[tuple[str, str], list[tuple[str, float]]] = {}
    columns = (balance[name] for name in (*_PERIOD, "class", "item", "cause", "value"))
    for region, first, last, name, item, cause, value in zip(*columns, strict=True):
        cells = found.setdefault((str(region), int(first), int(last)), {})
        if (item, cause) not in homes:
            homes[item, cause] = _homes(rows, str(item), str(cause))
        for row, sign in homes[item, cause]:
            cells[row, str(name)] = cells.get((row, str(name)), 0.0) + sign * float(value)
    return found


def _homes(rows: tuple[Row, ...], item: str, cause: str) -> list[tuple[str, float]]:
    """The rows in which an item stands, each with its sign."""
    kind, _, nature = item.partition("_")
    if kind in ("addition", "reduction"):
        own = row_of(rows, kind, nature, cause)
        return [] if own is None else [(own.id, 1.0)]
    found = [(row.id, 1.0) for row in rows if row.item == item]
    sign = {"additions": 1.0, "reductions": -1.0}.get(item)
    return found + (
        [] if sign is None else [(row.id, sign) for row in rows if row.item == "net_change"]
    )


def change_matrix(
    lands: Mapping[tuple[int, int], LandTransitions],
    spec: Resource,
    ground: AssessmentContext,
    parents: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """The matrix of changes from class (rows) to class (columns), for regions whose transitions are known.

    ``parents`` names the regions that each sums; a parent with a region whose transitions are not known has none.
    """
    found = []
    for (first, last), land in lands.items():
        names = [label(spec, str(name), ground) for name in land.found.ecosystems]
        known = {
            str(code): spot
            for spot, code in enumerate(land.found.regions)
            if land.found.known[spot]
        }
        wanted = {code: [spot] for code, spot in known.items()}
        wanted |= {
            code: [known[one] for one in some]
            for code, some in parents.items()
            if all(one in known for one in some)
        }
        for region, spots in wanted.items():
            area = land.found.area[spots].sum(axis=0) * factor("m2", spec.unit)
            head = dict(zip(HEAD, (region, ground.name(region, "zh"), first, last), strict=False))
            for spot, name in enumerate(names):
                cells = dict(zip(names, area[spot], strict=True))
                opening = {"期初 Opening": area[spot].sum()}
                found.append(
                    head
                    | {"期初类型 From class": name}
                    | cells
                    | opening
                    | {"单位 Unit": spec.unit}
                )
            closing = dict(zip(names, area.sum(axis=0), strict=True)) | {"期初 Opening": area.sum()}
            found.append(
                head | {"期初类型 From class": "期末 Closing"} | closing | {"单位 Unit": spec.unit}
            )
    return pd.DataFrame(found)
