"""Regions (核算区域): codes, names, parents, land area and population, and their boundaries.

Which regions have areas in a year is left to ``gep.extent.table_extent``; codes that change in time
to ``gep.extent.region_changes``; sums of parents to ``gep.account``; drawing to ``gep.report``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound
from gep.extent.areas import check_areas_positive
from gep.extent.classes import ancestors_of, check_parents, filled_parents
from gep.inputs.value_rows import (
    check_duplicates,
    check_not_blank,
    check_units,
    in_column,
    unit_factors,
)
from gep.io.csv_excel import row_place
from gep.io.tables import (
    HINTED,
    LIKEWISE,
    Columns,
    Table,
    check_lost_zeros,
    read_numbers,
    read_table,
    suggestion,
)
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label, Language

_REGIONS = Columns(
    required=("region",),
    optional=(
        "name",
        "name_en",
        "parent",
        "area",
        "area_unit",
        "population",
        "population_unit",
        "lon",
        "lat",
    ),
    free="attribute:",
)
# Persons for each km2, from the high plateau to the quarters of a large city; a judgement.
_SPARSEST = 0.02
_DENSEST = 2e5
_CODE_DIGITS = 6  # of a county in GB/T 2260; 4 of them are the city, 2 the province
_POLYGONS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True)
class Regions:
    """The regions of a project.

    Attributes
    ----------
    path : Path
        The table that they were read from.
    frame : DataFrame
        By code: ``name``, ``name_en``, ``parent`` (blank at the top), ``area`` (km2),
        ``population`` (persons), ``lon``, ``lat`` (degrees), ``attribute:<name>``, ``file``,
        ``row``. Figures that are not known are NaN.
    parent : mapping of str to str
        The region above, for those that have one.
    """

    path: Path
    frame: pd.DataFrame
    parent: Mapping[str, str]

    def ancestors(self, code: str) -> list[str]:
        """Return the regions above a region, nearest first."""
        return ancestors_of(self.parent, code)

    def name(self, code: str, language: Language) -> str:
        """Return a region's name in a language, else in the other one, else its code."""
        return self._title(code).say(language) or code

    def label(self, code: str) -> Label:
        """Return a region with its name: ``婺源县 (361130)``; the code alone if it has none."""
        return Label(code, self._title(code))

    def _title(self, code: str) -> Title:
        """Return the names of a region, one in the place of the other; blank if there is none."""
        if code not in self.frame.index:
            return Title(zh="", en="")
        return _title_of(self.frame.loc[code])


def _title_of(row: pd.Series) -> Title:
    """Return the names in a row of the table, one in the place of the other."""
    zh = str(row["name"])
    en = str(row["name_en"])
    return Title(zh=zh or en, en=en or zh)


def region_label(code: str, regions: Regions | None) -> Label:
    """Return a region with its name, or its code alone where a project has no table of regions.

    Parameters
    ----------
    code : str
    regions : Regions or None

    Returns
    -------
    Label
    """
    return Label(code) if regions is None else regions.label(code)


def administrative_ancestors(code: str) -> list[str]:
    """Return city and province of a county by the digits of its code.

    Parameters
    ----------
    code : str
        A code of GB/T 2260, such as 360981.

    Returns
    -------
    list of str
        Nearest first, such as 360900 and 360000; empty if the code has not six digits.
    """
    if len(code) != _CODE_DIGITS or not code.isdigit():
        return []
    city = f"{code[:4]}00"
    province = f"{code[:2]}0000"
    return [ancestor for ancestor in (city, province) if ancestor != code]


def read_regions(path: str | Path) -> Regions:
    """Read ``regions.csv``.

    Parameters
    ----------
    path : str or Path
        A CSV file, or ``book.xlsx#sheet``.

    Returns
    -------
    Regions

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table (see ``load_regions``).
    """
    problems = ProblemLog()
    regions = load_regions(Path(path), problems)
    if regions is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return regions


def load_regions(path: Path, problems: ProblemLog) -> Regions | None:
    """Load the regions of a project and convert their areas to km2.

    Parameters
    ----------
    path : Path
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``), ``duplicate-row``, ``blank``,
        ``negative``, ``unknown-unit``, ``wrong-dimension``, ``unknown-region``, ``parent-cycle``
        and the warning ``implausible``.

    Returns
    -------
    Regions or None
        None if the table could not be read at all.
    """
    table = read_table(path, _REGIONS, problems)
    if table is None:
        return None
    frame = table.frame.assign(file=table.label)
    check_duplicates(frame, ["region"], problems)
    for name in ("name", "name_en", "parent", "area_unit", "population_unit"):
        frame[name] = table.column(name).to_numpy()
    for name in ("area", "population", "lon", "lat"):
        frame[name], _ = read_numbers(table, name, problems, blank=True)
    check_not_blank(table, "region", problems)
    check_lost_zeros(table, "region", problems)
    _convert_areas(frame, table, problems)
    negative = np.flatnonzero((frame["population"] < 0).to_numpy())
    if len(negative):
        problems.add(
            "negative",
            in_column(table.place(negative), "population"),
            "extent.negative-population",
            population=float(frame["population"].iloc[negative[0]]),
        )
    _convert_population(frame, table, problems)
    _check_parents_listed(frame, table, problems)
    parent = filled_parents(frame["region"].tolist(), frame["parent"].tolist())
    check_parents(parent, table, "region", problems)
    by_code = frame.drop_duplicates("region").set_index("region")
    return Regions(path, by_code, parent)


def _convert_areas(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check the areas and their units, and convert them to km2 in ``frame``."""
    has_area = np.isfinite(frame["area"].to_numpy())
    if not has_area.any():
        return
    check_areas_positive(table, frame["area"].to_numpy(), problems)
    rows_with_area = frame.loc[has_area, ["area_unit", "row"]].reset_index(drop=True)
    errors_before = len(problems.errors)
    checked = Table(table.path, table.label, rows_with_area)
    check_units(checked, "km2", problems, "area_unit")
    if len(problems.errors) == errors_before:
        area = frame.loc[has_area, "area"].to_numpy()
        frame.loc[has_area, "area"] = area * unit_factors(frame.loc[has_area, "area_unit"], "km2")


def _convert_population(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Bring population to persons, and warn (``implausible``) where it may be in another unit."""
    population = frame["population"]
    has_unit = (population.notna() & (frame["population_unit"] != "")).to_numpy()
    if has_unit.any():
        rows_with_unit = frame.loc[has_unit, ["population_unit", "row"]].reset_index(drop=True)
        errors_before = len(problems.errors)
        checked = Table(table.path, table.label, rows_with_unit)
        check_units(checked, "person", problems, "population_unit")
        if len(problems.errors) == errors_before:
            units = frame.loc[has_unit, "population_unit"]
            persons = population[has_unit].to_numpy() * unit_factors(units, "person")
            frame.loc[has_unit, "population"] = persons
    is_broken = (population % 1 != 0).to_numpy() & population.notna().to_numpy() & ~has_unit
    density = frame["population"] / frame["area"].where(frame["area"] > 0)
    is_odd = (density > 0) & ((density < _SPARSEST) | (density > _DENSEST))
    checks = (
        (is_broken, "extent.broken-population"),
        (is_odd.to_numpy() & ~is_broken, "extent.implausible-density"),
    )
    for mask, message in checks:
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        first = frame.iloc[rows[0]]
        problems.add(
            "implausible",
            in_column(table.place(rows), "population"),
            message,
            region=Label(str(first["region"]), _title_of(first)),
            population=float(first["population"]),
            area=float(first["area"]),
            density=float(density.iloc[rows[0]]),
        )


def _check_parents_listed(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that every parent has a row of its own; adds ``unknown-region``."""
    known = set(frame["region"])
    unknown = frame[~frame["parent"].isin(["", *known]).to_numpy()]
    for number, (parent, rows) in enumerate(unknown.groupby("parent", sort=False)):
        problems.add(
            "unknown-region",
            in_column(row_place(table.label, rows["row"]), "parent"),
            "extent.unknown-parent-region",
            region=parent,
            hint=suggestion(str(parent), known) if number < HINTED else LIKEWISE,
        )


# --- boundaries -------------------------------------------------------------------------------


def read_boundaries(path: Path) -> Mapping[str, Any]:
    """Read the feature collection of a GeoJSON file that ``check_boundaries`` has passed.

    Parameters
    ----------
    path : Path

    Returns
    -------
    mapping
        The document, as JSON is read.
    """
    boundaries: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return boundaries


def check_boundaries(path: Path, key: str, problems: ProblemLog) -> None:
    """Check that a file is a GeoJSON feature collection of polygons with the regions' codes.

    Parameters
    ----------
    path : Path
    key : str
        The property that holds the code of a feature's region.
    problems : ProblemLog
        Collects ``missing-file``, ``not-a-file``, ``file-format`` and ``missing-key``.
    """
    if path.is_dir():
        problems.add("not-a-file", path.name, "extent.boundaries-are-a-folder", path=path)
        return
    if not path.is_file():
        problems.add("missing-file", path.name, "extent.no-boundaries", path=path)
        return
    try:
        features = read_boundaries(path)["features"]
        shapes = {feature["geometry"]["type"] for feature in features if feature["geometry"]}
        has_key = [key in (feature.get("properties") or {}) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problems.add(
            "file-format",
            path.name,
            "extent.not-geojson",
            error=type(error).__name__,
            reason=str(error),
        )
        return
    if not shapes & _POLYGONS:
        problems.add(
            "file-format", path.name, "extent.no-polygon", shapes=tuple(sorted(map(str, shapes)))
        )
    elif not all(has_key):
        problems.add(
            "missing-key",
            path.name,
            "extent.features-without-code",
            property=key,
            count=has_key.count(False),
            total=len(has_key),
        )
