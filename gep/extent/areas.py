"""The extent of an account (核算范围): areas of ecosystem types by region, for one year, from an area table.

``spread`` brings a coefficient to where it is needed and ``collect`` sums a density times area; a raster extent will
offer the same two verbs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.value_rows import (
    check_distributions,
    check_duplicates,
    check_units,
    read_grades,
    read_years,
)
from gep.io.tables import Columns, check_lost_zeros, read_numbers, read_table
from gep.units import factor

_AREAS = Columns(
    ("region", "year", "class", "area", "unit"),
    ("price_year", "locator", "grade", "low", "high", "distribution", "group", "note", "source"),
)


@dataclass(frozen=True)
class Areas:
    """Area rows: region, year, class, value (as printed), unit, area (m2), grade, file, row."""

    rows: pd.DataFrame
    files: tuple[Path, ...]


def read_areas(path: str | Path, year: int | None = None) -> Areas:
    """Read ``areas.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_areas(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    if year is not None:
        return Areas(
            found.rows[(found.rows["year"] == year).to_numpy()].reset_index(drop=True), found.files
        )
    return found


def load_areas(path: Path, problems: ProblemLog) -> Areas | None:
    """Load an area table; areas are turned into m2."""
    table = read_table(path, _AREAS, problems)
    if table is None:
        return None
    value, _ = read_numbers(table, "area", problems)
    rows = table.frame[["region", "class", "unit", "row"]].assign(value=value, file=table.label)
    rows["year"], rows["grade"] = read_years(table, problems), read_grades(table, problems)
    for name in ("source", "locator", "distribution", "group"):
        rows[name] = table.column(name)
    for name in ("low", "high"):
        rows[name], _ = read_numbers(table, name, problems, blank=True)
    check_distributions(rows, table, problems)
    check_lost_zeros(table, "region", problems)
    for name in ("region", "class"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{name} is blank", f"write the {name}")
    negative = np.flatnonzero(value < 0)
    if len(negative):
        problems.add(
            "negative", table.place(negative), "an area is negative", "areas are 0 or more"
        )
    before = len(problems.errors)
    check_units(table, "m2", problems)
    check_duplicates(rows, ["region", "year", "class"], problems)
    if len(problems.errors) == before:
        scale = {unit: factor(unit, "m2") for unit in rows["unit"].unique()}
        rows["area"] = value * rows["unit"].map(scale).to_numpy(dtype=float)
    return Areas(rows, (path,))


def no_areas(areas: Areas, year: int, label: str) -> tuple[str, str, str, str]:
    """The problem that a year has no area rows."""
    have = (
        ", ".join(str(one) for one in sorted(set(areas.rows["year"]) - {0})) or "none"
    )  # 0: no year was read
    return (
        "missing-year",
        label,
        f"no areas for {year}; there are: {have}",
        "add the rows, or correct the years",
    )
