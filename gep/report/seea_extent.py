"""The extent account of SEEA EA (生态系统范围账户): tables 4.1 and 4.2, with causes of changes.

Areas are those of the accounts, additions and reductions those of land transitions. Where the rows
of transitions have a cause, they are told as managed or unmanaged (4.15), and what is a reappraisal
of the data is told apart: table 4.1 has no entry for it (4.17), the series should be revised.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.comparison.comparison import Comparison, compare
from gep.comparison.land_change import transitions_table
from gep.comparison.panel import Pair
from gep.errors import Problem
from gep.extent.region_changes import RegionChanges
from gep.extent.transitions import CAUSES, Transitions
from gep.report.seea_inputs import rows_where

TOTAL = "total"
ADDITIONS, REDUCTIONS = "additions", "reductions"
NO_CAUSE = "no_cause"
ENTRIES_OF_CAUSES = ("managed", "unmanaged")  # those that table 4.1 has
# Entries of table 4.1; those of causes stand below additions and reductions.
ENTRIES = ("opening", ADDITIONS, REDUCTIONS, "unexplained", "net", "closing")
_M2_PER_KM2 = 1e6
_UNEXPLAINED = 1e-9  # of an area, from which on transitions do not sum to the net change


class ExtentTables(NamedTuple):
    """Tables 4.1 and 4.2, with what they leave open.

    Attributes
    ----------
    extent, changes : DataFrame
    net_only : tuple of (int, int)
        Pairs of years of which only net changes are known.
    warnings : tuple of Problem
    """

    extent: pd.DataFrame
    changes: pd.DataFrame
    net_only: tuple[Pair, ...] = ()
    warnings: tuple[Problem, ...] = ()


def cause_entry(entry: str, cause: str) -> str:
    """Return the entry of additions or reductions of a cause.

    Parameters
    ----------
    entry : {'additions', 'reductions'}
    cause : str
        One of ``CAUSES``, or ``no_cause``.

    Returns
    -------
    str
    """
    return f"{entry}_{cause}"


def closing_extent(account: Account, code: str) -> ExtentTables:
    """Return table 4.1 of a single year, which has a closing only.

    Parameters
    ----------
    account : Account
    code : str
        Code of the region or parent.

    Returns
    -------
    ExtentTables
    """
    areas = type_areas(account, code)
    line = {
        "from": account.year,
        "to": account.year,
        "entry": "closing",
        **areas,
        TOTAL: sum(areas.values()),
    }
    return ExtentTables(pd.DataFrame([line]), pd.DataFrame())


def extent_tables(
    accounts: Sequence[Account],
    code: str,
    transitions: Transitions | None,
    changes: RegionChanges | None,
) -> ExtentTables:
    """Return tables 4.1 and 4.2 of several years, empty where the region's land is not told.

    Parameters
    ----------
    accounts : sequence of Account
        By year.
    code : str
        Code of the region or parent.
    transitions : Transitions or None
    changes : RegionChanges or None

    Returns
    -------
    ExtentTables
    """
    last = accounts[-1]
    comparison = compare(*accounts, changes=changes)
    land, warnings = transitions_table(comparison, transitions)
    land = rows_where(land, region=code)
    by_cause = _land_by_cause(comparison, transitions, code)
    types = [*map(str, last.plan.extent.ecosystems), "na"]
    lines: list[dict[str, object]] = []
    cells: list[dict[str, object]] = []
    net_only: list[Pair] = []
    for (first_year, last_year), rows in land.groupby(["from", "to"], sort=False):
        period = {
            "from": int(first_year),
            "to": int(last_year),
        }
        entries = _entries(rows)
        if ADDITIONS in entries.index:
            entries = _with_causes(entries, by_cause, period)
        else:
            net_only.append((period["from"], period["to"]))
        lines += _lines_of(entries, "entry", period)
        cells += _lines_of(_matrix(rows, types), "opening", period)
    extent = _ordered(pd.DataFrame(lines), ("from", "to", "entry"), types)
    matrices = _ordered(pd.DataFrame(cells), ("from", "to", "opening"), types)
    return ExtentTables(
        extent,
        matrices,
        net_only=tuple(net_only),
        warnings=tuple(warnings),
    )


def _lines_of(table: pd.DataFrame, name: str, period: dict[str, int]) -> list[dict[str, object]]:
    """Return the rows of a period as lines with their totals."""
    lines = []
    for key, areas in table.iterrows():
        line = {
            **period,
            **areas.to_dict(),
            name: key,
            TOTAL: areas.sum(),
        }
        lines.append(line)
    return lines


def type_areas(account: Account, code: str) -> dict[str, float]:
    """Return the area of each ecosystem type in a region, km2.

    Parameters
    ----------
    account : Account
    code : str
        Code of the region or parent.

    Returns
    -------
    dict of str to float
        Types that have an area.
    """
    extent = account.plan.extent
    area = extent.area_of()[account.region_positions(code)].sum(axis=0) / _M2_PER_KM2
    named = zip(map(str, extent.ecosystems), area.tolist(), strict=True)
    return {name: value for name, value in named if value}


def _entries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the entries of a period by ecosystem type: transitions as far as they are known."""
    areas = _margins(rows)
    frame = pd.DataFrame(areas).fillna(0.0)
    frame["net"] = frame["closing"] - frame["opening"]
    frame[REDUCTIONS] = -frame[REDUCTIONS]
    frame["unexplained"] = frame["net"] - frame[ADDITIONS] - frame[REDUCTIONS]
    is_left = frame["unexplained"].abs() > _UNEXPLAINED * frame[["opening", "closing"]].max(axis=1)
    names = list(ENTRIES)
    if not areas[ADDITIONS].size:
        names = [name for name in names if name in ("opening", "net", "closing")]
    elif not is_left.any():
        names.remove("unexplained")
    return frame[names].T


def _margins(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the margins of a period by ecosystem type, as the table of transitions has them."""
    areas = {}
    for name in ("opening", REDUCTIONS):
        of_entry = rows_where(rows, to_ecosystem=name)
        areas[name] = of_entry.set_index("from_ecosystem")["area"]
    for name in ("closing", ADDITIONS):
        of_entry = rows_where(rows, from_ecosystem=name)
        areas[name] = of_entry.set_index("to_ecosystem")["area"]
    return areas


def _land_by_cause(
    comparison: Comparison, transitions: Transitions | None, code: str
) -> dict[str, pd.DataFrame]:
    """Return the table of transitions of each cause alone; none where no row has a cause."""
    tables: dict[str, pd.DataFrame] = {}
    if transitions is None or not transitions.rows["cause"].isin(CAUSES).any():
        return tables
    for cause in CAUSES:
        rows = transitions.rows
        # the rows of other causes stay, without area: their regions are known
        area = np.where(rows["cause"] == cause, rows["area"], 0.0)
        of_cause = replace(transitions, rows=rows.assign(area=area))
        land, _ = transitions_table(comparison, of_cause)
        tables[cause] = rows_where(land, region=code)
    return tables


def _with_causes(
    entries: pd.DataFrame, by_cause: dict[str, pd.DataFrame], period: dict[str, int]
) -> pd.DataFrame:
    """Put what is told of causes below additions and reductions, with the rest without a cause."""
    parts: dict[str, pd.Series] = {}
    for cause, land in by_cause.items():
        margins = _margins(rows_where(land, **period))
        for entry in (ADDITIONS, REDUCTIONS):
            areas = margins[entry].reindex(entries.columns).fillna(0.0)
            name = cause_entry(entry, cause)
            parts[name] = areas if entry == ADDITIONS else -areas
    if not any(areas.any() for areas in parts.values()):
        return entries
    lines = {}
    for entry, areas in entries.iterrows():
        lines[entry] = areas
        if entry in (ADDITIONS, REDUCTIONS):
            lines |= _parts_of(str(entry), areas, parts)
    return pd.DataFrame(lines).T


def _parts_of(entry: str, areas: pd.Series, parts: dict[str, pd.Series]) -> dict[object, pd.Series]:
    """Return the entries of causes, and what has none where something is left."""
    lines: dict[object, pd.Series] = {}
    rest = areas
    for cause in CAUSES:
        name = cause_entry(entry, cause)
        rest = rest - parts[name]
        if cause in ENTRIES_OF_CAUSES or parts[name].any():
            lines[name] = parts[name]
    tolerance = _UNEXPLAINED * areas.abs().max()
    if (rest.abs() > tolerance).any():
        lines[cause_entry(entry, NO_CAUSE)] = rest
    return lines


def _matrix(rows: pd.DataFrame, types: Sequence[str]) -> pd.DataFrame:
    """Return the areas from type to type of a period; empty where they are not known."""
    margins = [*ENTRIES]
    is_margin = rows["from_ecosystem"].isin(margins) | rows["to_ecosystem"].isin(margins)
    cells = rows[~is_margin.to_numpy()]
    keys = ["from_ecosystem", "to_ecosystem"]
    matrix = cells.set_index(keys)["area"].unstack(fill_value=0.0)
    return matrix.reindex([name for name in types if name in matrix.index])


def _ordered(frame: pd.DataFrame, keys: Sequence[str], types: Sequence[str]) -> pd.DataFrame:
    """Return a table with its keys first, then the types that it has, then the total."""
    if frame.empty:
        return frame
    names = [name for name in types if name in frame]
    return frame[[*keys, *names, TOTAL]].fillna(dict.fromkeys(names, 0.0))
