"""The extent of the table tier: areas of regions by ecosystem type."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.areas import Areas, no_areas
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk, class_hint
from gep.extent.regions import Regions
from gep.io.csv_excel import row_place
from gep.io.tables import HINTED, LIKEWISE, suggestion


@dataclass(frozen=True)
class TableExtent:
    """Regions x ecosystem types with areas (m2), where a cell is present if a row gives it.

    ``parts`` has one row per area row and crosswalk row: cell, area, and the rows behind it.
    """

    year: int
    regions: pd.Index
    ecosystems: pd.Index
    area: np.ndarray  # region x ecosystem, m2, 0 where absent
    present: np.ndarray
    grade: np.ndarray
    parts: pd.DataFrame
    unaccounted: np.ndarray  # region, m2 of classes that the crosswalk maps to na
    tier: str = "table"

    def spread(self, coefficient: np.ndarray) -> np.ndarray:
        """A coefficient where it is needed: unchanged in the table tier."""
        return coefficient

    def collect(self, amounts: np.ndarray, axis: int) -> np.ndarray:
        """Amounts of cells summed to their region."""
        return np.asarray(amounts.sum(axis=axis))


def build_extent(
    areas: Areas,
    year: int,
    scheme: ClassScheme,
    crosswalk: Crosswalk | None,
    regions: Regions | None,
    problems: ProblemLog,
) -> TableExtent | None:
    """Bring the area rows of a year to ecosystem types; None when they do not fit."""
    rows = areas.rows[(areas.rows["year"] == year).to_numpy()].reset_index(drop=True)
    label = str(areas.rows["file"].iloc[0]) if len(areas.rows) else "areas"
    if rows.empty:
        problems.add(*no_areas(areas, year, label))
        return None
    known = set(crosswalk.frame["class"]) if crosswalk else set(scheme.classes)
    home = crosswalk.id if crosswalk else scheme.id
    fine = True
    for name, some in rows[~rows["class"].isin(known).to_numpy()].groupby("class", sort=False):
        what = f"class {name!r} is not in {home}"
        problems.add(
            "unknown-class",
            row_place(label, some["row"]),
            what,
            class_hint(str(name), scheme, crosswalk),
        )
        fine = False
    if regions is not None and not _regions_fit(
        rows, set(areas.rows["region"]), regions, label, problems
    ):
        fine = False
    if not fine or "area" not in rows:
        return None
    parts = _parts(rows, crosswalk)
    extent = _cells(parts, year, scheme)
    _no_overlap(extent, scheme, label, problems)
    if regions is not None:
        _plausible(rows, regions, label, problems)
    return extent


def _regions_fit(
    rows: pd.DataFrame, ever: set[str], regions: Regions, label: str, problems: ProblemLog
) -> bool:
    """Whether regions are known and of one level; ``ever`` are those with areas in any year (codes change)."""
    fine = True
    lost = rows[~rows["region"].isin(regions.frame.index).to_numpy()]
    for number, (code, some) in enumerate(lost.groupby("region", sort=False)):
        hint = (
            suggestion(str(code), regions.frame.index, regions.path.name)
            if number < HINTED
            else LIKEWISE
        )
        what = f"region {code!r} has no row in {regions.path.name}"
        problems.add("unknown-region", row_place(label, some["row"]), what, hint)
        fine = False
    codes = set(rows["region"])
    above = {parent for code in codes for parent in regions.ancestors(code)}
    for code, some in rows[rows["region"].isin(codes & above).to_numpy()].groupby("region"):
        what = f"{code} has areas, and so has a region inside it"
        fix = "give areas for one of the two levels; parents are summed"
        problems.add("parent-with-rows", row_place(label, some["row"]), what, fix)
        fine = False
    parents = set(regions.parent.values())
    childless = [code for code in regions.frame.index if code not in ever and code not in parents]
    if childless:
        what = f"no areas for {len(childless)} region(s) of {regions.path.name}: {', '.join(childless[:5])}"
        problems.add(
            "region-without-areas", label, what, "add their areas; sums of their parents lack them"
        )
    return fine


def _parts(rows: pd.DataFrame, crosswalk: Crosswalk | None) -> pd.DataFrame:
    if crosswalk is None:
        return rows.assign(ecosystem=rows["class"], share=1.0, cross_row=0, own_grade=rows["grade"])
    walk = crosswalk.frame[["class", "ecosystem", "share", "grade", "row"]]
    walk = walk.rename(columns={"grade": "cross_grade", "row": "cross_row"})
    parts = rows.merge(walk, on="class", how="left", sort=False)
    parts["area"], parts["own_grade"] = parts["area"] * parts["share"], parts["grade"]
    parts["grade"] = np.maximum(parts["grade"], parts["cross_grade"])
    return parts


def _cells(parts: pd.DataFrame, year: int, scheme: ClassScheme) -> TableExtent:
    regions = pd.Index(pd.unique(parts["region"]), name="region")
    kept = parts[(parts["ecosystem"] != "na").to_numpy()]
    seen = set(kept["ecosystem"])
    ecosystems = pd.Index(
        [one for one in scheme.classes if one in seen], name="ecosystem", dtype=object
    )
    shape = (len(regions), len(ecosystems))
    area, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    grade = np.zeros(shape, dtype=np.uint8)
    at = (regions.get_indexer(kept["region"]), ecosystems.get_indexer(kept["ecosystem"]))
    np.add.at(area, at, kept["area"].to_numpy())
    np.maximum.at(grade, at, kept["grade"].to_numpy(dtype=np.uint8))
    present[at] = True
    lost = parts[(parts["ecosystem"] == "na").to_numpy()]
    unaccounted = np.bincount(
        regions.get_indexer(lost["region"]), weights=lost["area"], minlength=len(regions)
    )
    return TableExtent(year, regions, ecosystems, area, present, grade, parts, unaccounted)


def _no_overlap(extent: TableExtent, scheme: ClassScheme, label: str, problems: ProblemLog) -> None:
    place_of: Mapping[str, int] = {
        name: position for position, name in enumerate(extent.ecosystems)
    }
    for name, position in place_of.items():
        for above in scheme.ancestors(name):
            if above not in place_of:
                continue
            both = extent.present[:, position] & extent.present[:, place_of[above]]
            if both.any():
                which = ", ".join(extent.regions[np.flatnonzero(both)][:5])
                what = f"{above} and its part {name} both have areas in {which}"
                problems.add("class-overlap", label, what, "use one level of classes in a region")


def _plausible(rows: pd.DataFrame, regions: Regions, label: str, problems: ProblemLog) -> None:
    total = rows.groupby("region", sort=False)["area"].sum() / 1e6
    known = regions.frame["area"].reindex(total.index)
    ratio = (total / known).to_numpy()
    odd = total.index[np.isfinite(ratio) & ((ratio < 0.5) | (ratio > 2))]
    for code, some in rows[rows["region"].isin(odd).to_numpy()].groupby("region", sort=False):
        what = f"the classes of {code} sum to {total[code]:.6g} km2, {regions.path.name} says {known[code]:.6g} km2"
        problems.add(
            "implausible", row_place(label, some["row"]), what, "check the unit of the areas"
        )
