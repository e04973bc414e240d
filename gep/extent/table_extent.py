"""The extent of the table tier: areas of regions by ecosystem type, from an area table.

This module brings the area rows of a year to ecosystem types and checks them against classes,
crosswalk and regions. Reading the table is left to ``gep.extent.areas``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog
from gep.extent.areas import Areas, report_no_areas
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import NOT_ACCOUNTED, Crosswalk, class_hint, source_classes
from gep.extent.extent import ALL_REGIONS, CELL_DIMS, Extent
from gep.extent.regions import (
    Regions,
    codes_above,
    filled_digits,
    region_hint,
    region_label,
)
from gep.inputs.value_rows import in_column, strayed_rows, whole_of_others
from gep.io.csv_excel import row_place
from gep.io.distinct_cells import Distinct
from gep.io.tables import HINTED, LIKEWISE, is_total
from gep.texts.catalogue import Label

_TIER = "table"
_M2_PER_KM2 = 1e6
# How far the classes of a region may be from its area, and parts from their whole, as a share.
_LAND_TOLD = 0.05
_LAND_REFUSED = 0.3
_ROUNDING = 1e-9
_SHORTEST_NAME = 2  # characters of a class whose kinds its name may end
_SAME_AREA = 0.005  # parts printed with few digits still sum to their whole
_ROW_OF_AREAS = ["region", "class", "file", "row"]  # files of several counties share their name
_COUNTY_DIGITS = 6
_LAST_DISTRICT = "20"  # the districts of a city are numbered 02 to 20, its counties from 21
_SUMMARY_NAMES = ("市辖区", "市辖区合计", "各区")
_NO_DATA = (
    *("nodata", "no_data", "no-data", "null", "missing", "unknown", "unclassified", "background"),
    *("cloud", "clouds", "shadow", "cloud_shadow", "fill", "masked", "无数据", "无效值", "空值"),
    *("缺失", "未分类", "未知", "背景", "云", "云覆盖", "阴影", "云影", "云和阴影"),
)
_MESSAGES_OF_PARTS = {
    "area": "extent.area-of-parts",
    "population": "extent.population-of-parts",
}

Coverage = Literal["whole", "part"]


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
    tier: str = _TIER

    def spread(self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Give the values of an input the axes of a step: a view, for the places are the cells."""
        ahead = values.shape[: values.ndim - len(dims)]
        sizes = dict(zip(dims, values.shape[len(ahead) :], strict=True))
        return values.reshape([*ahead, *(sizes.get(dim, 1) for dim in target)])

    def collect(
        self, density: np.ndarray, dims: Sequence[str], regions: slice = ALL_REGIONS
    ) -> np.ndarray:
        """Turn a density into the amounts of cells: density times area."""
        area = self.area[..., regions, :]
        return np.asarray(density * self.spread(area, CELL_DIMS, dims))

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
        ``class-overlap`` and the warning ``region-without-areas``.

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
    if crosswalk is not None:
        _check_classes_of_codes(extent, crosswalk, regions, problems)
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
    if set(rows["year"]) <= set(years):
        return
    strayed = strayed_rows(rows, years, ("region",), ("class",))
    groups = strayed.groupby(["region", "year", "lacking"], sort=False, observed=True)
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
    is_left_out = ~rows["region"].isin(with_account).to_numpy()
    left_out = np.flatnonzero(is_left_out)
    codes = Distinct.of(rows["region"].to_numpy()[left_out])
    for number, code in enumerate(codes.words):
        group = rows.iloc[left_out[codes.positions(number)]]
        problems.add(
            "year-not-accounted",
            in_column(row_place(str(group["file"].iloc[0]), group["row"]), "year"),
            "extent.region-of-other-years",
            region=region_label(str(code), regions),
            found=sorted(group["year"].unique().tolist()),
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
    for name, rows_of_class in unknown.groupby("class", sort=False, observed=True):
        if is_total(str(name)) and len(rows_of_class) < len(rows):
            continue  # a total-row of the reader
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
    for number, (code, rows_of_region) in enumerate(
        unknown.groupby("region", sort=False, observed=True)
    ):
        hint = LIKEWISE
        if number < HINTED:
            same_classes = rows["class"].isin(rows_of_region["class"]).to_numpy()
            hint = region_hint(str(code), regions, taken=rows.loc[same_classes, "region"])
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
    missing = [regions.label(code) for code in regions.lowest if code not in with_areas]
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
    regions = pd.Index(pd.unique(parts["region"]), name="region", dtype=object)
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


def _check_classes_of_codes(
    extent: TableExtent, crosswalk: Crosswalk, regions: Regions | None, problems: ProblemLog
) -> None:
    """Check that no region has areas of a class of a source and of a part of it.

    The codes of a crosswalk tell: 1104A is a part of 1104, and 0301 of 03. Numbers such as 1 and 11
    may just be counted through; there the area of the whole must be the sum of its parts, in every
    region that has both: in one of many it may be by chance. Adds ``class-overlap``.
    """
    code_of = dict(zip(crosswalk.frame["class"], crosswalk.frame["code"], strict=True))
    ordered = sorted(filter(None, code_of.values()))  # parts stand right behind their whole
    if not any(map(_is_part, ordered[1:], ordered)):
        return
    rows = extent.parts[((extent.parts["share"] > 0) & (extent.parts["value"] > 0)).to_numpy()]
    rows = rows.drop_duplicates(_ROW_OF_AREAS)
    area = (rows["area"] / rows["share"]).groupby([rows["region"], rows["class"]]).sum().unstack()
    for whole, whole_code in code_of.items():
        if not whole_code or whole not in area:
            continue
        parts = [name for name in area if _is_part(code_of[name], whole_code)]
        if not parts:
            continue
        together = area[parts].sum(axis=1)
        overlaps = area[whole].notna() & (together > 0)
        if not _is_nested_code(code_of[parts[0]], whole_code, code_of.values()):
            is_sum = (area[whole] / together - 1).abs() < _SAME_AREA
            overlaps &= bool(is_sum[overlaps].all())
        if overlaps.any():
            codes = area.index[overlaps]
            of_parts = rows["region"].isin(codes) & rows["class"].isin([whole, *parts])
            problems.add(
                "class-overlap",
                row_place(str(rows["file"].iloc[0]), rows.loc[of_parts.to_numpy(), "row"]),
                "extent.class-with-parts",
                whole=whole,
                whole_code=whole_code,
                parts=[f"{name} ({code_of[name]})" for name in parts],
                regions=[region_label(str(code), regions) for code in codes],
            )


def _is_part(code: str, whole: str) -> bool:
    """Return whether a code is longer than another and begins with it."""
    return code != whole and code.startswith(whole)


def _is_nested_code(code: str, whole: str, codes: Iterable[str]) -> bool:
    """Return whether a code must be a part of another: by a letter, or in codes of fixed digits."""
    if not code.removeprefix(whole).isdigit():
        return True
    return any(other.startswith("0") and len(other) > 1 for other in codes)


# --- land that adds up ------------------------------------------------------------------------


def check_land(
    extent: Extent,
    stated: pd.DataFrame,
    regions: Regions | None,
    coverage: Coverage,
    problems: ProblemLog,
) -> None:
    """Check that areas of classes, of regions and of their parents fit together.

    Parameters
    ----------
    extent : Extent
        The areas of a year.
    stated : DataFrame
        By region code the land area that a table states: ``area`` (km2; NaN where there is none),
        ``file`` and ``row``.
    regions : Regions or None
        The project's regions, if it has a table of them.
    coverage : {'whole', 'part'}
        Whether the areas cover the regions, or a part of them only: then less than the area of a
        region is as it should be.
    problems : ProblemLog
        Collects ``land-sum`` (30 % apart and more), ``parent-with-rows``, and the warnings
        ``land-differs`` (5 % and more) and ``maybe-total``.
    """
    total = pd.Series(
        (extent.area_of().sum(axis=-1) + extent.unaccounted) / _M2_PER_KM2, index=extent.regions
    )
    rows = extent.parts.drop_duplicates(_ROW_OF_AREAS)
    land = _Land(
        total,
        stated,
        rows,
        extent.year,
        regions,
        problems,
    )
    _check_sums_of_classes(land, coverage)
    _check_parts_of_parents(land)
    _check_codes_of_levels(land)
    _check_summary_districts(land)
    _check_no_data(extent, land)
    if extent.tier == _TIER:  # a pixel is of one class and one region: no area sums others
        _check_hidden_totals(land)
    _check_totals_by_name(land)


@dataclass(frozen=True)
class _Land:
    """What checks of land need.

    Attributes
    ----------
    total : Series
        By region the sum of its classes, km2.
    stated : DataFrame
        See ``check_land``.
    rows : DataFrame
        The area rows, each once.
    year : int
    regions : Regions or None
    problems : ProblemLog
    """

    total: pd.Series
    stated: pd.DataFrame
    rows: pd.DataFrame
    year: int
    regions: Regions | None
    problems: ProblemLog

    def label(self, code: str) -> Label:
        """Return a region with its name."""
        return region_label(code, self.regions)

    def place(self, code: str) -> Place:
        """Return the area rows of a region."""
        rows = self.rows[(self.rows["region"] == code).to_numpy()]
        return row_place(str(rows["file"].iloc[0]), rows["row"])


def _check_sums_of_classes(land: _Land, coverage: Coverage) -> None:
    """Check the classes of each region against its area; adds ``land-sum``, ``land-differs``."""
    if land.stated.empty:
        return
    stated = land.stated["area"].reindex(land.total.index)
    differences = land.total / stated.where(stated > 0) - 1  # 0 stands for what is not known
    is_told = differences.abs() >= _LAND_TOLD - _ROUNDING
    if coverage == "part":
        is_told &= differences > 0
    for code, difference in differences[is_told].items():
        severe = abs(difference) >= _LAND_REFUSED - _ROUNDING
        land.problems.add(
            "land-sum" if severe else "land-differs",
            land.place(str(code)),
            "extent.classes-below-area" if difference < 0 else "extent.classes-above-area",
            region=land.label(str(code)),
            total=float(land.total[code]),
            year=land.year,
            source=row_place(str(land.stated.at[code, "file"]), [land.stated.at[code, "row"]]),
            stated=float(stated[code]),
            difference=float(difference),
        )


def _check_parts_of_parents(land: _Land) -> None:
    """Check area and population of parents against their regions; adds ``land-differs``.

    Parts that sum to far more than their parent are ``land-sum``. A parent whose area is larger is
    left alone where regions without areas are reported.
    """
    if land.regions is None:
        return
    members: dict[str, list[str]] = {}
    for code in land.total.index:
        for parent in land.regions.ancestors(str(code)):
            members.setdefault(parent, []).append(str(code))
    frame = land.regions.frame
    population = frame[["population", "file", "row"]].rename(columns={"population": "area"})
    missing = _listed_without_rows(land)
    for column, stated in (("area", land.stated), ("population", population)):
        sizes = stated["area"].to_dict()
        for parent, codes in members.items():
            whole = sizes.get(parent, np.nan)
            of_parts = np.array([sizes.get(code, np.nan) for code in codes])
            together = np.nansum(of_parts)
            if not whole > 0 or not together > 0:
                continue
            difference = float(together / whole - 1)
            is_incomplete = np.isnan(of_parts).any() or parent in missing
            if abs(difference) < _LAND_TOLD - _ROUNDING or (difference < 0 and is_incomplete):
                continue
            severe = column == "area" and difference >= _LAND_REFUSED - _ROUNDING
            land.problems.add(
                "land-sum" if severe else "land-differs",
                row_place(str(stated.at[parent, "file"]), [stated.at[parent, "row"]], column),
                _MESSAGES_OF_PARTS[column],
                parent=land.label(parent),
                whole=float(whole),
                together=float(together),
                difference=difference,
                parts=[land.label(code) for code in codes],
            )


def _listed_without_rows(land: _Land) -> set[str]:
    """Return the parents of regions that are listed, and have no areas and no parts."""
    if land.regions is None:
        return set()
    incomplete: set[str] = set()
    for code in land.regions.lowest:
        if code not in land.total.index:
            incomplete.update(land.regions.ancestors(code))
    return incomplete


def _check_codes_of_levels(land: _Land) -> None:
    """Check that no region has areas beside regions that lie in it by their codes.

    Adds ``parent-with-rows`` where its area is that of the others or more, else ``maybe-total``.
    """
    covering: dict[str, list[str]] = {}
    codes = {filled_digits(str(code)): str(code) for code in land.total.index}
    for code in land.total.index:
        above = [codes[digits] for digits in codes_above(str(code)) if digits in codes]
        if above and land.regions is not None:  # a parent with rows is reported before
            above = [whole for whole in above if whole not in land.regions.ancestors(str(code))]
        for whole in above:
            covering.setdefault(whole, []).append(str(code))
    for whole, parts in covering.items():
        lowest = [code for code in parts if code not in covering]
        together = float(land.total[lowest].sum())
        is_whole = land.total[whole] >= together * (1 - _LAND_TOLD)
        land.problems.add(
            "parent-with-rows" if is_whole else "maybe-total",
            land.place(whole),
            "extent.code-of-the-whole" if is_whole else "extent.code-of-a-whole",
            region=land.label(whole),
            total=float(land.total[whole]),
            parts=[land.label(code) for code in lowest],
            together=together,
        )


def _check_summary_districts(land: _Land) -> None:
    """Check that 市辖区, the districts of a city together, has no areas beside its districts.

    Adds ``parent-with-rows`` where its area is theirs, and ``maybe-total`` where name or area alone
    tell.
    """
    for code in land.total.index:
        code = str(code)
        if len(code) != _COUNTY_DIGITS or not code.endswith("01"):
            continue
        name = "" if land.regions is None else land.regions.name(code, "zh")
        siblings = []
        for other in land.total.index:
            number = str(other).removeprefix(code[:-2])
            if len(number) == 2 and "01" < number <= _LAST_DISTRICT:
                siblings.append(str(other))
        together = float(land.total[siblings].sum()) if siblings else 0.0
        if not together > 0:
            continue
        difference = abs(land.total[code] / together - 1)
        is_named = name in _SUMMARY_NAMES
        is_sum = difference < _LAND_TOLD
        is_exact = len(siblings) > 1 and difference < _SAME_AREA
        if not (is_named or is_exact):
            continue
        land.problems.add(
            "parent-with-rows" if is_named and is_sum else "maybe-total",
            land.place(code),
            "extent.summary-district",
            region=land.label(code),
            total=float(land.total[code]),
            parts=[land.label(sibling) for sibling in siblings],
            together=together,
        )


def _check_hidden_totals(land: _Land) -> None:
    """Warn (``maybe-total``) where a class or a region is the sum of all the others."""
    rows = land.rows
    if rows["unit"].nunique() > 1 or rows.duplicated(["region", "class"]).any():
        return
    wide = rows.set_index(["class", "region"])["value"].unstack()
    for column, numbers in (("class", wide), ("region", wide.T)):
        whole = whole_of_others(numbers)
        is_told = column == "class" and land.stated["area"].reindex(wide.columns).notna().any()
        if not whole or is_total(whole) or is_told or land.problems.has("parent-with-rows"):
            continue  # what is told by its name, its code or the area of its region
        of_whole = rows[(rows[column] == whole).to_numpy()]
        land.problems.add(
            "maybe-total",
            in_column(row_place(str(rows["file"].iloc[0]), of_whole["row"]), column),
            "extent.maybe-total",
            member=land.label(whole) if column == "region" else whole,
            value=float(of_whole["value"].iloc[0]),
            unit=str(of_whole["unit"].iloc[0]),
        )


def _check_totals_by_name(land: _Land) -> None:
    """Warn (``maybe-total``) where a class is the sum of its kinds by their names.

    In Chinese the whole ends the name of its parts: 林地 beside 乔木林地 and 竹林地.
    """
    names = [str(name) for name in land.rows["class"].unique()]
    if land.problems.has("class-overlap"):
        return
    kinds_of: dict[str, list[str]] = {}
    for whole in names:
        kinds = [name for name in names if name != whole and name.endswith(whole)]
        if kinds and len(whole) >= _SHORTEST_NAME and not is_total(whole):
            kinds_of[whole] = kinds
    if not kinds_of:
        return
    areas = land.rows.pivot_table("area", "region", "class", aggfunc="sum")
    for whole, kinds in kinds_of.items():
        of_kinds = areas[kinds].sum(axis=1)
        has_both = (areas[whole] > 0) & (of_kinds > 0)
        is_sum = np.isclose(areas[whole], of_kinds, rtol=_SAME_AREA, atol=0)
        if not has_both.any() or not is_sum[has_both.to_numpy()].all():
            continue
        of_whole = land.rows[(land.rows["class"] == whole).to_numpy()]
        land.problems.add(
            "maybe-total",
            in_column(row_place(str(of_whole["file"].iloc[0]), of_whole["row"]), "class"),
            "extent.total-by-name",
            member=whole,
            value=float(of_whole["value"].iloc[0]),
            unit=str(of_whole["unit"].iloc[0]),
            kinds=kinds,
        )


def _check_no_data(extent: Extent, land: _Land) -> None:
    """Warn (``land-differs``) where much of a region is a class such as clouds or no data."""
    for name in extent.parts["class"].unique():
        if str(name).casefold().replace(" ", "_") not in _NO_DATA:
            continue
        share = pd.Series(extent.class_area(name), index=extent.regions) / _M2_PER_KM2 / land.total
        for code in share.index[share.to_numpy() >= _LAND_TOLD - _ROUNDING]:
            land.problems.add(
                "land-differs",
                land.place(str(code)),
                "extent.no-data-class",
                region=land.label(str(code)),
                name=name,
                share=float(share[code]),
                area=float(share[code] * land.total[code]),
                total=float(land.total[code]),
                year=land.year,
            )
