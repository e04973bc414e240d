"""Control totals (控制数): sums of the counties against figures that the province has from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gep.account import Account
from gep.classes import Regions, administrative_ancestors
from gep.collection.counties import County
from gep.collection.values import cells
from gep.errors import Problems
from gep.lines import TOTAL
from gep.rows import duplicates, years
from gep.standard import CATEGORIES
from gep.tables import Columns, Table, numbers, read_table, suggestion
from gep.units import UnitError, factor

TOLERANCE = 0.01  # where a row gives none; of no text
CONTROL_COLUMNS = [
    "region", "year", "name", "basis", "control", "sum", "difference", "relative", "tolerance", "flag", "regions",
    "missing", "unit", "source",
]  # fmt: skip
_COLUMNS = Columns(("region", "year", "name", "value", "unit", "source"), ("tolerance", "note"))
_AREA = "area:"


@dataclass(frozen=True)
class Controls:
    """Rows of ``controls.csv``: region, year, name, value, unit, source, tolerance (a fraction)."""

    table: Table
    rows: pd.DataFrame


@dataclass(frozen=True)
class Ground:
    """What control totals are held against: the counties' accounts, their values by region, who lies in whom."""

    counties: Sequence[County]
    values: Mapping[str, pd.DataFrame]  # basis -> values by region
    regions: Regions | None  # of the province
    left_out: bool  # counties are lacking


def load_controls(path: Path, problems: Problems) -> Controls | None:
    """Load control totals."""
    table = read_table(path, _COLUMNS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "name", "unit", "source", "row"]].assign(file=table.label)
    rows["year"] = years(table, problems)
    rows["value"], _ = numbers(table, "value", problems)
    tolerance, _ = numbers(table, "tolerance", problems, blank=True)
    rows["tolerance"] = np.where(table.column("tolerance").to_numpy() == "", TOLERANCE, tolerance)
    for name in ("region", "name", "unit", "source"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.where(blank), f"{name} is blank", f"write the {name}")
    negative = np.flatnonzero(rows["tolerance"] < 0)
    if len(negative):
        problems.add("negative", table.where(negative), "a tolerance is negative", "write a fraction such as 0.01")
    duplicates(rows, ["region", "year", "name"], problems)
    return Controls(table, rows)


def control_table(controls: Controls, ground: Ground, problems: Problems) -> pd.DataFrame:
    """``controls.csv``: agrees, differs, incomplete (regions are lacking) or unknown (some have no figure)."""
    lines = []
    for row in controls.rows.itertuples():
        where = controls.table.where([row.Index])
        inside = _members(str(row.region), int(row.year), ground)
        if not inside:
            fix = suggestion(str(row.region), _all_codes(ground))
            problems.add("unknown-region", where, f"no county of {row.region} has an account of {row.year}", fix)
            continue
        for basis, figures, unit in _figures(str(row.name), int(row.year), ground, where, problems):
            try:
                total = sum(figures.get(code, np.nan) for code in inside) * factor(unit, str(row.unit))
            except UnitError as error:
                problems.add("wrong-dimension", where, str(error), f"a unit like {unit} is due")
                continue
            lines.append(_line(row, basis, total, inside, ground))
    return pd.DataFrame(lines, columns=CONTROL_COLUMNS)


def _line(row: "pd.core.frame.pandas", basis: str, total: float, inside: Sequence[str], ground: Ground) -> tuple[object, ...]:
    lacking = _lacking(str(row.region), inside, ground)
    difference = total - row.value
    relative = difference / abs(row.value) if row.value else (0.0 if difference == 0 else np.inf)
    if not np.isfinite(total):
        flag = "unknown"
    elif lacking or lacking is None:
        flag = "incomplete"
    else:
        flag = "agrees" if abs(relative) <= row.tolerance else "differs"
    numbers = [_blank(one) for one in (row.value, total, difference, relative)]
    return (
        row.region, row.year, row.name, basis, *numbers, row.tolerance, flag, len(inside),
        ";".join(lacking) if lacking else "", row.unit, row.source,
    )  # fmt: skip
