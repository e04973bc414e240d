"""The extent of the table tier: areas of regions by ecosystem type, from an area table.

This module brings the area rows of a year to ecosystem types and checks them against classes,
crosswalk and regions. Reading the table is left to ``gep.extent.areas``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.areas import Areas, report_no_areas
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import NOT_ACCOUNTED, Crosswalk, class_hint, source_classes
from gep.extent.extent import CELL_DIMS
from gep.extent.regions import Regions, region_hint, region_label
from gep.inputs.value_rows import in_column, strayed_rows
from gep.io.csv_excel import row_place
from gep.io.tables import HINTED, LIKEWISE

_M2_PER_KM2 = 1e6
# Area of all classes of a region over the area in its table: beyond these a unit must be wrong.
_LEAST_PLAUSIBLE = 0.5
_MOST_PLAUSIBLE = 2.0


@dataclass(frozen=True)
class TableExtent:
    """An extent that knows one area for each region and ecosystem type.

    It implements :class:`gep.extent.extent.Extent`, which describes all attributes but ``area``.

    Attributes
    ----------
    area : ndarray
        Region x ecosystem, m2; 0 where a cell does not exist. Use ``area_of`` from other packages.
    """

    year: int
    regions: pd.Index
    ecosystems: pd.Index
    area: np.ndarray
    present: np.ndarray
    grade: np.ndarray
    parts: pd.DataFrame
    unaccounted: np.ndarray
    tier: str = "table"

    def spread(self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Give the values of an input the axes of a step: a view, for the places are the cells."""
        ahead = values.shape[: values.ndim - len(dims)]
        sizes = dict(zip(dims, values.shape[len(ahead) :], strict=True))
        return values.reshape([*ahead, *(sizes.get(dim, 1) for dim in target)])

    def collect(self, density: np.ndarray, dims: Sequence[str]) -> np.ndarray:
        """Turn a density into the amounts of cells: density times area."""
        return np.asarray(density * self.spread(self.area, CELL_DIMS, dims))

    def mask_of(self, ecosystems: Collection[str]) -> np.ndarray:
        """Return which of the extent's ecosystem types are among ``ecosystems`` (bool)."""
        return np.array([name in ecosystems for name in self.ecosystems], dtype=bool)

    def area_of(self, ecosystems: Collection[str] | None = None) -> np.ndarray:
        """Return the areas of cells (m2); 0 where a type is not among ``ecosystems``."""
        if ecosystems is None:
            return self.area
        return np.where(self.present & self.mask_of(ecosystems), self.area, 0.0)

    def class_area(self, name: str) -> np.ndarray:
        """Return the area by region (m2) of a class as the area rows name it."""
        rows = self.parts[(self.parts["class"] == name).to_numpy()]
        area = rows.groupby("region")["area"].sum()
        return np.asarray(area.reindex(self.regions).fillna(0.0))

    def with_area(self, area: np.ndarray) -> "TableExtent":
        """Return the extent with other areas of its cells."""
        return replace(self, area=area)

    def reindex(self, regions: pd.Index, ecosystems: pd.Index) -> "TableExtent":
        """Return the extent on other labels; cells that it does not have do not exist there."""
        rows = self.regions.get_indexer(regions)
        columns = self.ecosystems.get_indexer(ecosystems)
        return replace(
            self,
            regions=regions,
            ecosystems=ecosystems,
            area=_take(_take(self.area, rows, 0), columns, 1),
            present=_take(_take(self.present, rows, 0), columns, 1),
            grade=_take(_take(self.grade, rows, 0), columns, 1),
            unaccounted=_take(self.unaccounted, rows, 0),
        )

    def relabel(self, codes: Sequence[str]) -> "TableExtent":
        """Return the extent with other codes for its regions, in their order."""
        return replace(self, regions=pd.Index(list(codes), name="region", dtype=object))


def _take(values: np.ndarray, positions: np.ndarray, axis: int) -> np.ndarray:
    """Take positions along an axis; 0 or False at position -1."""
    count = values.shape[axis]
    if np.array_equal(positions, np.arange(count)):
        return values
    if (positions < 0).any():
        blank_shape = list(values.shape)
        blank_shape[axis] = 1
        blank = np.zeros(blank_shape, dtype=values.dtype)
        values = np.concatenate([values, blank], axis=axis)  # -1 is the last position
    return values.take(positions, axis=axis)


# --- building ---------------------------------------------------------------------------------


def build_extent(
    areas: Areas,
    year: int,
    scheme: ClassScheme,
    crosswalk: Crosswalk | None,
    regions: Regions | None,
    problems: ProblemLog,
) -> TableExtent | None:
    """Build the extent of a year from area rows.

    Parameters
    ----------
    areas : Areas
    year : int
    scheme : ClassScheme
        The ecosystem types of the standard.
    crosswalk : Crosswalk or None
        Shares of the table's classes in these types; None if the table has the types themselves.
    regions : Regions or None
        The project's regions, if it has a table of them.
    problems : ProblemLog
        Collects ``missing-year``, ``unknown-class``, ``unknown-region``, ``parent-with-rows``,
        ``class-overlap`` and the warnings ``region-without-areas`` and ``implausible``.

    Returns
    -------
    TableExtent or None
        Of the rows that fit the classes and the regions; None if there are none.
    """
    rows = areas.rows[(areas.rows["year"] == year).to_numpy()].reset_index(drop=True)
    label = str(areas.rows["file"].iloc[0]) if len(areas.rows) else "areas"
    if rows.empty:
        report_no_areas(areas, year, label, problems)
        return None
    fits = _check_classes(
        rows,
        scheme,
        crosswalk,
        label,
        problems,
    )
    if regions is not None:
        with_areas = set(areas.rows["region"])  # in any year, because codes change
        fits = fits & _check_regions(
            rows,
            with_areas,
            regions,
            label,
            problems,
        )
    all_rows = rows
    rows = rows[fits].reset_index(drop=True)  # so that the rest is checked too
    if rows.empty or "area" not in rows:
        return None
    extent = _extent_of(_parts_of(rows, crosswalk), year, scheme)
    _check_levels(
        extent,
        scheme,
        regions,
        label,
        problems,
    )
    if regions is not None and all_rows["area"].notna().all():
        _check_totals(all_rows, regions, label, problems)
    return extent


def check_area_years(
    rows: pd.DataFrame,
    years: Sequence[int],
    regions: Regions | None,
    problems: ProblemLog,
) -> None:
    """Check that area rows of years that are not accounted for are not missing from an account.

    Parameters
    ----------
    rows : DataFrame
        Area rows of all years (see ``gep.extent.areas.Areas``).
    years : sequence of int
        The years that are accounted for.
    regions : Regions or None
        Names of regions, for messages.
    problems : ProblemLog
        Collects the warning ``year-not-accounted``.
    """
    strayed = strayed_rows(rows, years, ("region",), ("class",))
    groups = strayed.groupby(["region", "year", "lacking"], sort=False)
    for (code, year, lacking), group in groups:
        problems.add(
            "year-not-accounted",
            in_column(row_place(str(group["file"].iloc[0]), group["row"]), "year"),
            "extent.strayed-areas",
            region=region_label(str(code), regions),
            classes=tuple(group["class"]),
            year=int(year),
            lacking=int(lacking),
        )
    is_accounted = rows["year"].isin(list(years)).to_numpy()
    with_account = set(rows.loc[is_accounted, "region"])
    left_out = rows[~rows["region"].isin(with_account).to_numpy()]
    for code, group in left_out.groupby("region", sort=False):
        problems.add(
            "year-not-accounted",
            in_column(row_place(str(group["file"].iloc[0]), group["row"]), "year"),
            "extent.region-of-other-years",
            region=region_label(str(code), regions),
            found=sorted({int(year) for year in group["year"]}),
            years=tuple(years),
        )


def _check_classes(
    rows: pd.DataFrame,
    scheme: ClassScheme,
    crosswalk: Crosswalk | None,
    label: str,
    problems: ProblemLog,
) -> np.ndarray:
    """Check that the classes of area rows are known (bool by row); adds ``unknown-class``."""
    is_known = rows["class"].isin(source_classes(scheme, crosswalk)).to_numpy()
    unknown = rows[~is_known & (rows["class"] != "").to_numpy()]  # blank cells were reported
    for name, rows_of_class in unknown.groupby("class", sort=False):
        problems.add(
            "unknown-class",
            in_column(row_place(label, rows_of_class["row"]), "class"),
            "extent.unknown-class",
            name=name,
            scheme=scheme.id if crosswalk is None else crosswalk.id,
            hint=class_hint(str(name), scheme, crosswalk),
        )
    return np.asarray(is_known)


def _check_regions(
    rows: pd.DataFrame,
    with_areas: set[str],
    regions: Regions,
    label: str,
    problems: ProblemLog,
) -> np.ndarray:
    """Check that the regions of area rows are known and of one level, and that none is missing.

    Returns by row whether its region is known. Adds ``unknown-region``, ``parent-with-rows`` and
    ``region-without-areas``.
    """
    file = regions.path.name
    is_known = rows["region"].isin(regions.frame.index).to_numpy()
    unknown = rows[~is_known & (rows["region"] != "").to_numpy()]  # blank cells were reported
    for number, (code, rows_of_region) in enumerate(unknown.groupby("region", sort=False)):
        hint = LIKEWISE
        if number < HINTED:
            hint = region_hint(str(code), regions)
        problems.add(
            "unknown-region",
            in_column(row_place(label, rows_of_region["row"]), "region"),
            "extent.region-not-listed",
            region=code,
            file=file,
            hint=hint,
        )
    codes = set(rows["region"])
    child_of: dict[str, str] = {}
    for code in sorted(codes):
        for parent in regions.ancestors(code):
            child_of.setdefault(parent, code)
    is_doubled = rows["region"].isin(codes & set(child_of)).to_numpy()
    doubled = rows[is_doubled]
    for code, rows_of_region in doubled.groupby("region"):
        problems.add(
            "parent-with-rows",
            in_column(row_place(label, rows_of_region["row"]), "region"),
            "extent.parent-with-rows",
            region=regions.label(str(code)),
            child=regions.label(child_of[str(code)]),
        )
    parents = set(regions.parent.values())
    missing = []
    for code in regions.frame.index:
        if code not in with_areas and code not in parents:
            missing.append(regions.label(str(code)))
    if missing:
        problems.add(
            "region-without-areas",
            label,
            "extent.region-without-areas",
            regions=missing,
            file=file,
        )
    return np.asarray(is_known & ~is_doubled)


def _parts_of(rows: pd.DataFrame, crosswalk: Crosswalk | None) -> pd.DataFrame:
    """Return the area rows by ecosystem type: one for each share of the row's class."""
    if crosswalk is None:
        return rows.assign(ecosystem=rows["class"], share=1.0, cross_row=0, own_grade=rows["grade"])
    shares = crosswalk.frame[["class", "ecosystem", "share", "grade", "row"]]
    shares = shares.rename(columns={"grade": "cross_grade", "row": "cross_row"})
    parts = rows.merge(shares, on="class", how="left", sort=False)
    parts["area"] = parts["area"] * parts["share"]
    parts["own_grade"] = parts["grade"]
    parts["grade"] = np.maximum(parts["grade"], parts["cross_grade"])
    return parts


def _extent_of(parts: pd.DataFrame, year: int, scheme: ClassScheme) -> TableExtent:
    """Sum parts to cells."""
    is_accounted = (parts["ecosystem"] != NOT_ACCOUNTED).to_numpy()
    accounted = parts[is_accounted]
    unaccounted = parts[~is_accounted]
    regions = pd.Index(pd.unique(parts["region"]), name="region")
    used = set(accounted["ecosystem"])
    ecosystems = [name for name in scheme.classes if name in used]
    ecosystem_index = pd.Index(ecosystems, name="ecosystem", dtype=object)
    shape = (len(regions), len(ecosystem_index))
    area = np.zeros(shape)
    present = np.zeros(shape, dtype=bool)
    grade = np.zeros(shape, dtype=np.uint8)
    cells = (
        regions.get_indexer(accounted["region"]),
        ecosystem_index.get_indexer(accounted["ecosystem"]),
    )
    np.add.at(area, cells, accounted["area"].to_numpy())
    np.maximum.at(grade, cells, accounted["grade"].to_numpy(dtype=np.uint8))
    present[cells] = True
    unaccounted_area = np.bincount(
        regions.get_indexer(unaccounted["region"]),
        weights=unaccounted["area"],
        minlength=len(regions),
    )
    return TableExtent(
        year=year,
        regions=regions,
        ecosystems=ecosystem_index,
        area=area,
        present=present,
        grade=grade,
        parts=parts,
        unaccounted=unaccounted_area,
    )


def _check_levels(
    extent: TableExtent,
    scheme: ClassScheme,
    regions: Regions | None,
    label: str,
    problems: ProblemLog,
) -> None:
    """Check that no region has areas of a class and of a part of it; adds ``class-overlap``."""
    positions = {name: position for position, name in enumerate(extent.ecosystems)}
    for name, position in positions.items():
        for ancestor in scheme.ancestors(name):
            if ancestor not in positions:
                continue
            overlap = extent.present[:, position] & extent.present[:, positions[ancestor]]
            if not overlap.any():
                continue
            codes = extent.regions[np.flatnonzero(overlap)]
            problems.add(
                "class-overlap",
                label,
                "extent.class-overlap",
                name=scheme.label(name),
                ancestor=scheme.label(ancestor),
                regions=[region_label(str(code), regions) for code in codes],
            )


def _check_totals(rows: pd.DataFrame, regions: Regions, label: str, problems: ProblemLog) -> None:
    """Warn (``implausible``) where the classes of a region sum to far from its area."""
    total = rows.groupby("region", sort=False)["area"].sum() / _M2_PER_KM2
    stated = regions.frame["area"].reindex(total.index)
    ratio = (total / stated).to_numpy()
    beyond = (ratio < _LEAST_PLAUSIBLE) | (ratio > _MOST_PLAUSIBLE)
    odd = total.index[np.isfinite(ratio) & beyond]
    odd_rows = rows[rows["region"].isin(odd).to_numpy()]
    for code, rows_of_region in odd_rows.groupby("region", sort=False):
        problems.add(
            "implausible",
            row_place(label, rows_of_region["row"]),
            "extent.implausible-total",
            region=regions.label(str(code)),
            total=float(total[code]),
            file=regions.path.name,
            stated=float(stated[code]),
        )
