"""Control totals (控制数): sums of the counties against figures that the province has from elsewhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.collection.counties import County
from gep.collection.values import cells
from gep.errors import ProblemLog, Where
from gep.extent.regions import Regions, administrative_ancestors
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.tables import Columns, Table, read_numbers, read_table, suggestion
from gep.units import UnitError, factor

TOLERANCE = 0.01  # where a row gives none; of no text
CONTROL_COLUMNS = [
    "region",
    "year",
    "name",
    "basis",
    "control",
    "sum",
    "difference",
    "relative",
    "tolerance",
    "flag",
    "regions",
    "missing",
    "unit",
    "source",
]
_COLUMNS = Columns(("region", "year", "name", "value", "unit", "source"), ("tolerance", "note"))
_AREA = "area:"


@dataclass(frozen=True)
class Controls:
    """Rows of ``controls.csv``: region, year, name, value, unit, source, tolerance (a fraction)."""

    table: Table
    rows: pd.DataFrame


@dataclass(frozen=True)
class ControlContext:
    """What control totals are held against: the counties' accounts, their values by region, who lies in whom."""

    counties: Sequence[County]
    values: Mapping[str, pd.DataFrame]  # basis -> values by region
    regions: Regions | None  # of the province
    left_out: bool  # counties are lacking


def load_controls(path: Path, problems: ProblemLog) -> Controls | None:
    """Load control totals."""
    table = read_table(path, _COLUMNS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "name", "unit", "source", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    rows["value"], _ = read_numbers(table, "value", problems)
    tolerance, _ = read_numbers(table, "tolerance", problems, blank=True)
    rows["tolerance"] = np.where(table.column("tolerance").to_numpy() == "", TOLERANCE, tolerance)
    for name in ("region", "name", "unit", "source"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{name} is blank", f"write the {name}")
    negative = np.flatnonzero(rows["tolerance"] < 0)
    if len(negative):
        problems.add(
            "negative",
            table.place(negative),
            "a tolerance is negative",
            "write a fraction such as 0.01",
        )
    check_duplicates(rows, ["region", "year", "name"], problems)
    return Controls(table, rows)


def control_table(
    controls: Controls | None, ground: ControlContext, problems: ProblemLog
) -> pd.DataFrame:
    """``controls.csv``: agrees, differs, incomplete (regions are lacking) or unknown (some have no figure)."""
    lines = []
    for row in controls.rows.itertuples() if controls is not None else ():
        assert controls is not None
        where = controls.table.place([row.Index])
        inside = _members(str(row.region), int(row.year), ground)
        if not inside:
            fix = suggestion(str(row.region), _all_codes(ground))
            problems.add(
                "unknown-region",
                where,
                f"no county of {row.region} has an account of {row.year}",
                fix,
            )
            continue
        for basis, figures, unit in _figures(str(row.name), int(row.year), ground, where, problems):
            try:
                total = sum(figures.get(code, np.nan) for code in inside) * factor(
                    unit, str(row.unit)
                )
            except UnitError as error:
                problems.add("wrong-dimension", where, str(error), f"a unit like {unit} is due")
                continue
            lines.append(_line(row, basis, total, inside, ground))
    return pd.DataFrame(lines, columns=CONTROL_COLUMNS)


def _line(
    row: Any, basis: str, total: float, inside: Sequence[str], ground: ControlContext
) -> tuple[object, ...]:
    lacking = _lacking(str(row.region), inside, ground)
    difference = total - row.value
    relative = difference / abs(row.value) if row.value else (0.0 if difference == 0 else np.inf)
    if not np.isfinite(total):
        flag = "unknown"
    elif lacking or lacking is None:
        flag = "incomplete"
    else:
        flag = "agrees" if abs(relative) <= row.tolerance else "differs"
    figures = cells(np.array([row.value, total, difference, relative]))
    return (
        row.region,
        row.year,
        row.name,
        basis,
        *figures,
        row.tolerance,
        flag,
        len(inside),
        ";".join(lacking) if lacking else "",
        row.unit,
        row.source,
    )


def _accounts(year: int, ground: ControlContext) -> list[Account]:
    return [account for one in ground.counties for account in one.accounts if account.year == year]


def _members(region: str, year: int, ground: ControlContext) -> list[str]:
    """The regions with an account of the year that are the region or lie in it."""
    inside = []
    for account in _accounts(year, ground):
        for code in account.plan.extent.regions:
            if region == code or region in _above(str(code), account.plan.regions, ground):
                inside.append(str(code))
    return inside


def _above(code: str, own: Regions | None, ground: ControlContext) -> list[str]:
    """The regions above: by the province's table; else by the county's own and the digits of the code."""
    if ground.regions is not None:
        return ground.regions.ancestors(code)
    return [*(own.ancestors(code) if own is not None else ()), *administrative_ancestors(code)]


def _all_codes(ground: ControlContext) -> list[str]:
    codes = list(dict.fromkeys(code for one in ground.counties for code in one.regions))
    own = {
        code: account.plan.regions
        for one in ground.counties
        for account in one.accounts
        for code in one.regions
    }
    return list(
        dict.fromkeys(
            [*codes, *(above for code in codes for above in _above(code, own[code], ground))]
        )
    )


def _lacking(region: str, inside: Sequence[str], ground: ControlContext) -> list[str] | None:
    """The regions within that no county gave; None where counties were left out and no table tells whose they are."""
    if ground.regions is None:
        return None if ground.left_out and list(inside) != [region] else []
    parents = set(ground.regions.parent.values())
    codes = [str(code) for code in ground.regions.frame.index]
    leaves = [
        code
        for code in codes
        if code not in parents and region in (code, *ground.regions.ancestors(code))
    ]
    given = set(inside)
    return [
        code
        for code in leaves
        if code not in given and not given.intersection(ground.regions.ancestors(code))
    ]


def _figures(
    name: str, year: int, ground: ControlContext, where: Where, problems: ProblemLog
) -> Iterator[tuple[str, dict[str, float], str]]:
    """What a name means, by region: (basis, region -> figure, unit); NaN where it is not known."""
    accounts = _accounts(year, ground)
    if name == "land_area":
        yield "", _by_region(accounts, lambda one: one.plan.land_area), "km2"
    elif name == "population":
        yield "", _by_region(accounts, _population), "person"
    elif name.startswith(_AREA):
        kind = name.removeprefix(_AREA)
        known = {
            one
            for account in accounts
            for one in (*account.plan.scheme.classes, *_classes(account))
        }
        if kind not in known:
            problems.add(
                "unknown-class",
                where,
                f"{kind!r} is no ecosystem type and no class",
                suggestion(kind, known),
            )
            return
        yield "", _by_region(accounts, lambda one: _area(one, kind)), "m2"
    else:
        yield from _values(name, year, ground, where, problems)


def _by_region(
    accounts: Sequence[Account], figure: Callable[[Account], np.ndarray]
) -> dict[str, float]:
    return {
        str(code): float(one)
        for account in accounts
        for code, one in zip(account.plan.extent.regions, figure(account), strict=True)
    }


def _population(account: Account) -> np.ndarray:
    regions, table = account.plan.extent.regions, account.plan.regions
    if table is None:
        return np.full(len(regions), np.nan)
    return np.asarray(table.frame["population"].reindex(regions), dtype=float)


def _classes(account: Account) -> set[str]:
    return set(account.plan.extent.parts["class"])


def _area(account: Account, kind: str) -> np.ndarray:
    """The area (m2) of an ecosystem type with those below it, or of a class of the county's own, by region."""
    extent, scheme = account.plan.extent, account.plan.scheme
    if kind in scheme.classes:
        return np.asarray(extent.area[:, extent.ecosystems.isin(scheme.within([kind]))].sum(axis=1))
    rows = extent.parts[(extent.parts["class"] == kind).to_numpy()]
    return np.asarray(rows.groupby("region")["area"].sum().reindex(extent.regions).fillna(0.0))


def _values(
    name: str, year: int, ground: ControlContext, where: Where, problems: ProblemLog
) -> Iterator[tuple[str, dict[str, float], str]]:
    """A total, category or indicator under each basis; na is nothing in the sum."""
    for basis, values in ground.values.items():
        rows = values[((values["year"] == year) & (values["region"] != "")).to_numpy()]
        sums = (rows["indicator"] == TOTAL) & (rows["category"] == name)
        chosen = rows[(sums | ((rows["indicator"] == name) & (name != TOTAL))).to_numpy()]
        if chosen.empty:
            known = {*rows["category"], *rows["indicator"], "land_area", "population"}
            problems.add(
                "unknown-reading", where, f"{name!r}", f"{suggestion(name, known)}; or {_AREA}CLASS"
            )
            return
        figures = np.where(chosen["state"] == "na", 0.0, chosen["value"].to_numpy(dtype=float))
        yield (
            basis,
            dict(zip(chosen["region"], figures.tolist(), strict=True)),
            str(chosen["unit"].iloc[0]),
        )
