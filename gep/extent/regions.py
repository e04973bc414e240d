"""Regions (核算区域): codes, names, parents, area, population."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.classes import _no_cycle, ancestors_of
from gep.inputs.value_rows import check_duplicates, check_units
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
from gep.texts.catalogue import Language
from gep.units import factor

_REGIONS = Columns(
    ("region",),
    ("name", "name_en", "parent", "area", "area_unit", "population", "lon", "lat"),
    free="attribute:",
)


@dataclass(frozen=True)
class Regions:
    """Regions of a project; ``frame`` by code: name, name_en, parent, area (km2), population, lon, lat."""

    path: Path
    frame: pd.DataFrame
    parent: Mapping[str, str]

    def ancestors(self, code: str) -> list[str]:
        """The regions above, nearest first."""
        return ancestors_of(self.parent, code)

    def name(self, code: str, language: Language) -> str:
        """The name in ``zh`` or ``en``, or the code."""
        if code not in self.frame.index:
            return code
        row = self.frame.loc[code]
        return str(
            (row["name"] if language == "zh" else row["name_en"])
            or row["name"]
            or row["name_en"]
            or code
        )


def administrative_ancestors(code: str) -> list[str]:
    """City and province of a county code, by the digits of GB/T 2260 (360981 -> 360900, 360000)."""
    if len(code) != 6 or not code.isdigit():
        return []
    return [above for above in (f"{code[:4]}00", f"{code[:2]}0000") if above != code]


def read_regions(path: str | Path) -> Regions:
    """Read ``regions.csv``. Raises ``ProblemsFound``."""
    problems = ProblemLog()
    found = load_regions(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_regions(path: Path, problems: ProblemLog) -> Regions | None:
    """Load the regions of a project: areas in km2, persons, degrees; unknown figures are NaN."""
    table = read_table(path, _REGIONS, problems)
    if table is None:
        return None
    frame = table.frame.assign(file=table.label)
    check_duplicates(frame, ["region"], problems)
    for name in ("name", "name_en", "parent", "area_unit"):
        frame[name] = table.column(name).to_numpy()
    for name in ("area", "population", "lon", "lat"):
        frame[name], _ = read_numbers(table, name, problems, blank=True)
    blank = np.flatnonzero(frame["region"] == "")
    if len(blank):
        problems.add("blank", table.place(blank), "region is blank", "write the region's code")
    check_lost_zeros(table, "region", problems)
    _areas(frame, table, problems)
    negative = np.flatnonzero((frame["population"] < 0).to_numpy())
    if len(negative):
        problems.add(
            "negative",
            table.place(negative),
            "population is negative",
            "write the number of persons",
        )
    known = set(frame["region"])
    lost = frame[~frame["parent"].isin(["", *known]).to_numpy()]
    for number, (above, rows) in enumerate(lost.groupby("parent", sort=False)):
        hint = suggestion(str(above), known) if number < HINTED else LIKEWISE
        problems.add(
            "unknown-region",
            row_place(table.label, rows["row"]),
            f"parent {above!r} has no row",
            hint,
        )
    parent = {
        one: above
        for one, above in zip(frame["region"].tolist(), frame["parent"].tolist(), strict=True)
        if above
    }
    _no_cycle(parent, table, "region", problems)
    return Regions(path, frame.drop_duplicates("region").set_index("region"), parent)


def _areas(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    given = np.isfinite(frame["area"].to_numpy())
    if not given.any():
        return
    negative = np.flatnonzero((frame["area"] < 0).to_numpy())
    if len(negative):
        problems.add("negative", table.place(negative), "area is negative", "write the land area")
    checked = Table(
        table.path,
        table.label,
        frame.loc[given, ["area_unit", "row"]].reset_index(drop=True),
    )
    before = len(problems.errors)
    check_units(checked, "km2", problems, "area_unit")
    if len(problems.errors) == before:
        scale = {unit: factor(unit, "km2") for unit in frame.loc[given, "area_unit"].unique()}
        frame.loc[given, "area"] *= frame.loc[given, "area_unit"].map(scale)


_SHAPES = {"Polygon", "MultiPolygon"}


def read_boundaries(path: Path) -> Mapping[str, Any]:
    """The feature collection as it stands in the file."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return found


def check_boundaries(path: Path, key: str, problems: ProblemLog) -> None:
    """Whether the file is a feature collection of polygons whose features carry the property ``key``."""
    fix = "give a GeoJSON FeatureCollection (WGS 84) of polygons"
    if not path.is_file():
        problems.add(
            "not-a-file" if path.is_dir() else "missing-file",
            path.name,
            f"there is no file {path}",
            "check the name and the folder",
        )
        return
    try:
        features = read_boundaries(path)["features"]
        shapes = {one["geometry"]["type"] for one in features if one["geometry"]}
        known = [key in (one.get("properties") or {}) for one in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problems.add(
            "file-format",
            path.name,
            f"not readable as GeoJSON ({type(error).__name__}: {error})",
            fix,
        )
        return
    if not shapes & _SHAPES:
        problems.add("file-format", path.name, "holds no polygon", fix)
    elif not all(known):
        what = f"{known.count(False)} feature(s) lack the property {key!r}"
        problems.add(
            "missing-key",
            path.name,
            what,
            "set boundary_key in [inputs] to the property that holds the region's code",
        )
