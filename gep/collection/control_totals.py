"""Control totals (控制数): sums over the counties compared with the province's own figures.

Owns the reading of the table of control totals, and ``controls.csv``. The values that are summed
are computed by ``recompute``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.account.result_tables import blanked
from gep.collection.counties import County
from gep.errors import Place, ProblemLog
from gep.extent.regions import Regions, administrative_ancestors
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.tables import Columns, Table, check_region_codes, read_numbers, read_table, suggestion
from gep.project.project import region_labels
from gep.units import UnitError, factor

TOLERANCE = 0.01  # default tolerance, a fraction; no official text gives one
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
    """Control totals; ``rows`` has the columns of the table, the tolerance as a fraction."""

    table: Table
    rows: pd.DataFrame


@dataclass(frozen=True)
class ControlContext:
    """What control totals are compared with.

    Attributes
    ----------
    counties : sequence of County
        The counties with their accounts.
    values : mapping of str to DataFrame
        Their values by choice (``own``, ``common``), in the columns of ``recompute.VALUE_COLUMNS``.
    regions : Regions or None
        The province's table of regions, with their parents.
    left_out : bool
        Whether some counties of the folder are left out.
    """

    counties: Sequence[County]
    values: Mapping[str, pd.DataFrame]
    regions: Regions | None
    left_out: bool


class _Figures(NamedTuple):
    """Figures by region that a control total is compared with; NaN where a figure is not known."""

    basis: str  # own or common; blank where there is no choice
    by_region: dict[str, float]
    unit: str


def load_controls(path: Path, problems: ProblemLog) -> Controls | None:
    """Load control totals.

    Parameters
    ----------
    path : Path
        The table.
    problems : ProblemLog
        Gets ``blank``, ``negative``, ``broken-code``, ``duplicate-row``, and the
        problems of tables, years and numbers.

    Returns
    -------
    Controls or None
        None if the table cannot be read.
    """
    table = read_table(path, _COLUMNS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "name", "unit", "source", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    rows["value"], _ = read_numbers(table, "value", problems)
    tolerance, _ = read_numbers(table, "tolerance", problems, blank=True)
    written_tolerance = table.column("tolerance").to_numpy()
    rows["tolerance"] = np.where(written_tolerance == "", TOLERANCE, tolerance)
    for column in ("region", "name", "unit", "source"):
        blank = np.flatnonzero(rows[column] == "")
        if len(blank):
            place = replace(table.place(blank), column=column)
            problems.add("blank", place, "collection.blank", column=column)
    negative = np.flatnonzero(rows["tolerance"] < 0)
    if len(negative):
        place = replace(table.place(negative), column="tolerance")
        values = tuple(dict.fromkeys(written_tolerance[negative]))
        problems.add("negative", place, "collection.negative-tolerance", values=values)
    check_region_codes(table, "region", problems)
    check_duplicates(rows, ["region", "year", "name"], problems)
    return Controls(table, rows)


def control_table(
    controls: Controls | None, context: ControlContext, problems: ProblemLog
) -> pd.DataFrame:
    """Make ``controls.csv``: each control total beside the sum over the counties.

    Parameters
    ----------
    controls : Controls or None
        The control totals, if there are any.
    context : ControlContext
        What they are compared with.
    problems : ProblemLog
        Gets ``unknown-region``, ``unknown-class``, ``unknown-reading`` and ``wrong-dimension``.

    Returns
    -------
    DataFrame
        In ``CONTROL_COLUMNS``; ``flag`` is ``agrees``, ``differs``, ``incomplete`` (regions are
        missing) or ``unknown`` (some regions have no figure).
    """
    rows: list[tuple[object, ...]] = []
    if controls is None:
        return pd.DataFrame(rows, columns=CONTROL_COLUMNS)
    for row in controls.rows.itertuples():
        place = controls.table.place([row.Index])
        codes = _codes_within(str(row.region), int(row.year), context)
        if not codes:
            problems.add(
                "unknown-region",
                replace(place, column="region"),
                "collection.control-without-accounts",
                region=region_labels([str(row.region)], context.regions)[0],
                year=int(row.year),
                suggestion=suggestion(str(row.region), _known_codes(context)),
            )
            continue
        for figures in _figures_named(str(row.name), int(row.year), context, place, problems):
            try:
                scale = factor(figures.unit, str(row.unit))
            except UnitError:
                problems.add(
                    "wrong-dimension",
                    replace(place, column="unit"),
                    "collection.control-unit",
                    unit=str(row.unit),
                    expected=figures.unit,
                )
                continue
            total = sum(figures.by_region.get(code, np.nan) for code in codes) * scale
            rows.append(_control_row(row, figures.basis, total, codes, context))
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


def _control_row(
    row: Any, basis: str, total: float, codes: Sequence[str], context: ControlContext
) -> tuple[object, ...]:
    """Compare a row of ``Controls.rows`` with the sum over the regions within its region."""
    missing = _missing_codes(str(row.region), codes, context)
    difference = total - row.value
    if row.value:
        relative = difference / abs(row.value)
    elif difference == 0:
        relative = 0.0
    else:
        relative = np.inf
    if not np.isfinite(total):
        flag = "unknown"
    elif missing or missing is None:
        flag = "incomplete"
    else:
        flag = "agrees" if abs(relative) <= row.tolerance else "differs"
    return (
        row.region,
        row.year,
        row.name,
        basis,
        *blanked(np.array([row.value, total, difference, relative], dtype=float)),
        row.tolerance,
        flag,
        len(codes),
        ";".join(missing) if missing else "",
        row.unit,
        row.source,
    )


def _accounts_of_year(year: int, context: ControlContext) -> list[Account]:
    accounts = []
    for county in context.counties:
        accounts += [account for account in county.accounts if account.year == year]
    return accounts


def _codes_within(region: str, year: int, context: ControlContext) -> list[str]:
    """Return the regions with an account of the year that are the region or lie in it."""
    codes = []
    for account in _accounts_of_year(year, context):
        for region_code in account.plan.extent.regions:
            code = str(region_code)
            ancestors = _ancestors(code, account.plan.regions, context)
            if region == region_code or region in ancestors:
                codes.append(code)
    return codes


def _ancestors(code: str, county_regions: Regions | None, context: ControlContext) -> list[str]:
    """Return the regions above one.

    The province's table decides; without it the county's table and the digits of the code do.
    """
    if context.regions is not None:
        return context.regions.ancestors(code)
    ancestors = administrative_ancestors(code)
    if county_regions is not None:
        ancestors = [*county_regions.ancestors(code), *ancestors]
    return ancestors


def _known_codes(context: ControlContext) -> list[str]:
    """Return all regions of the counties, then the regions above them."""
    county_regions: dict[str, Regions | None] = {}
    for county in context.counties:
        for code in county.regions:
            county_regions[code] = county.plans[-1].regions
    known = dict.fromkeys(county_regions)
    for code, regions in county_regions.items():
        known.update(dict.fromkeys(_ancestors(code, regions, context)))
    return list(known)


def _missing_codes(region: str, codes: Sequence[str], context: ControlContext) -> list[str] | None:
    """Return the regions within a region that no county supplied.

    Parameters
    ----------
    region : str
        The region.
    codes : sequence of str
        The regions within it that have an account.
    context : ControlContext

    Returns
    -------
    list of str or None
        None where this cannot be known: counties are left out, and no table says where they are.
    """
    if context.regions is None:
        return None if context.left_out and list(codes) != [region] else []
    supplied = set(codes)
    missing = []
    for code in context.regions.lowest:
        lineage = (code, *context.regions.ancestors(code))
        if region in lineage and not supplied.intersection(lineage):
            missing.append(code)
    return missing


def _figures_named(
    name: str, year: int, context: ControlContext, place: Place, problems: ProblemLog
) -> list[_Figures]:
    """Find the figures that the name of a control total means.

    Parameters
    ----------
    name : str
        ``land_area``, ``population``, ``area:`` with a class, or a total, category or indicator.
    year : int
    context : ControlContext
    place : Place
        The row of the control total.
    problems : ProblemLog
        Gets ``unknown-class`` and ``unknown-reading``.

    Returns
    -------
    list of _Figures
        One, or one for each choice; empty where the name is not known.
    """
    accounts = _accounts_of_year(year, context)
    by_region: dict[str, float] = {}
    if name == "land_area":
        for account in accounts:
            by_region.update(_by_region(account, account.plan.land_area))
        return [_Figures("", by_region, "km2")]
    if name == "population":
        for account in accounts:
            by_region.update(_by_region(account, _population(account)))
        return [_Figures("", by_region, "person")]
    if not name.startswith(_AREA):
        return _value_figures(name, year, context, place, problems)
    class_name = name.removeprefix(_AREA)
    known_classes: set[str] = set()
    for account in accounts:
        known_classes.update(account.plan.scheme.classes, account.plan.extent.parts["class"])
    if class_name not in known_classes:
        problems.add(
            "unknown-class",
            replace(place, column="name"),
            "collection.control-class",
            class_name=class_name,
            suggestion=suggestion(class_name, known_classes),
        )
        return []
    for account in accounts:
        by_region.update(_by_region(account, _class_area(account, class_name)))
    return [_Figures("", by_region, "m2")]


def _by_region(account: Account, figures: np.ndarray) -> dict[str, float]:
    by_region: dict[str, float] = {}
    for code, figure in zip(account.plan.extent.regions, figures, strict=True):
        by_region[str(code)] = float(figure)
    return by_region


def _population(account: Account) -> np.ndarray:
    """Return the population of each region; NaN where it is not known."""
    codes = account.plan.extent.regions
    regions = account.plan.regions
    if regions is None:
        return np.full(len(codes), np.nan)
    return np.asarray(regions.frame["population"].reindex(codes), dtype=float)


def _class_area(account: Account, class_name: str) -> np.ndarray:
    """Return the area (m2) by region of an ecosystem type with its subtypes, or of a class.

    Classes are those of the county's own areas, before the crosswalk.
    """
    extent = account.plan.extent
    scheme = account.plan.scheme
    if class_name in scheme.classes:
        is_within = extent.ecosystems.isin(scheme.within([class_name]))
        return np.asarray(extent.area_of()[:, is_within].sum(axis=1))
    return extent.class_area(class_name)


def _value_figures(
    name: str, year: int, context: ControlContext, place: Place, problems: ProblemLog
) -> list[_Figures]:
    """Return the values of a total, category or indicator under each choice; ``na`` counts as 0."""
    result: list[_Figures] = []
    for basis, values in context.values.items():
        is_of_year = values["year"] == year
        is_region = values["region"] != ""
        rows = values[(is_of_year & is_region).to_numpy()]
        is_total = rows["indicator"] == TOTAL
        is_named_sum = is_total & (rows["category"] == name)
        is_named_indicator = ~is_total & (rows["indicator"] == name)
        chosen = rows[(is_named_sum | is_named_indicator).to_numpy()]
        if chosen.empty:
            known = {*rows["category"], *rows["indicator"], "land_area", "population"}
            problems.add(
                "unknown-reading",
                replace(place, column="name"),
                "collection.control-name",
                name=name,
                suggestion=suggestion(name, known),
            )
            return result
        is_na = chosen["state"] == "na"
        figures = np.where(is_na, 0.0, chosen["value"].to_numpy(dtype=float))
        by_region = dict(zip(chosen["region"], figures.tolist(), strict=True))
        unit = str(chosen["unit"].iloc[0])
        result.append(_Figures(basis, by_region, unit))
    return result
