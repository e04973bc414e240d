"""Regions (核算区域): codes, names, parents, land area and population, and their boundaries.

Which regions have areas in a year is left to ``gep.extent.table_extent``; codes that change in time
to ``gep.extent.region_changes``; sums of parents to ``gep.account``; drawing to ``gep.report``.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound
from gep.extent.areas import check_areas_positive
from gep.extent.classes import ancestors_of, check_parents, filled_parents
from gep.inputs.value_rows import (
    check_duplicates,
    check_not_blank,
    check_units,
    in_column,
    unit_factors,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import GivenTable, TableArgument, TableSource, table_source
from gep.io.csv_excel import decode, printable, row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import (
    HINTED,
    LIKEWISE,
    Columns,
    Spellings,
    Table,
    check_region_codes,
    check_total_rows,
    is_broken_code,
    lost_zero,
    make_spellings,
    plain_spelling,
    read_numbers,
    read_table,
    recognize,
    suggestion,
)
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label, Language, Listed, Text, text

REGION_COLUMNS = Columns(
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
_SPARSEST = 0.05
_DENSEST = 2e5
_NAMELESS = Title(zh="", en="")
_CODE_DIGITS = 6  # of a county in GB/T 2260; 4 of them are the city, 2 the province
_LON_LAT = 2  # numbers of a position; the height that may follow is not drawn
_FEWEST_CORNERS = 3  # of a ring
_PROPERTIES_NAMED = 12  # properties of features that a message lists
_LARGEST_LON = 180  # degrees
_LARGEST_LAT = 90
_DEGREES = np.array([_LARGEST_LON, _LARGEST_LAT])
# Bounds of China, in degrees.
_WEST = 73.0
_EAST = 136.0
_SOUTH = 3.0
_NORTH = 54.0
_LARGEST_BOUNDARIES = 64 * 2**20  # bytes: more than a page can show
_LEVEL_DIGITS = (2, 4, 6, 9, 12)  # of province, city, county, township, village
_CODE_LENGTHS = (6, 9, 12)  # codes filled with zeros up to these
_PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64"),
    *("65", "71", "81", "82"),
}


@dataclass(frozen=True, repr=False)
class Regions(ShownAsTable):
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

    def __repr__(self) -> str:
        """Return a line: how many regions."""
        return f"<Regions: {len(self.frame)}>"

    @property
    def lowest(self) -> list[str]:
        """The codes of the regions that have no parts."""
        parents = set(self.parent.values())
        return [str(code) for code in self.frame.index if code not in parents]

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
        return self._titles.get(code, _NAMELESS)

    @cached_property
    def _titles(self) -> dict[str, Title]:
        """The names of each region by its code."""
        titles = {}
        names = (self.frame["name"], self.frame["name_en"])
        for code, zh, en in zip(self.frame.index, *names, strict=True):
            titles[str(code)] = _title_of(str(zh), str(en))
        return titles

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.frame


def _title_of(zh: str, en: str) -> Title:
    """Return two names as a title, one in the place of the other."""
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


def region_spellings(regions: Regions) -> Spellings:
    """Gather the spellings of the regions of a project: their names, and codes in full width.

    Parameters
    ----------
    regions : Regions

    Returns
    -------
    Spellings
        A name that several regions have means none of them.
    """
    return _spellings(regions.frame.reset_index())


def _spellings(frame: pd.DataFrame) -> Spellings:
    """Gather the spellings of the rows of a table of regions."""
    names = {}
    for code, name, name_en in zip(frame["region"], frame["name"], frame["name_en"], strict=True):
        names[code] = (name, name_en)
    return make_spellings(frame["region"], names)


def region_hint(word: str, regions: Regions, taken: Iterable[str] = ()) -> Text:
    """Suggest what a region that is not listed may have meant.

    Parameters
    ----------
    word : str
        The code or name found.
    regions : Regions
    taken : iterable of str, optional
        Codes that have rows of their own, and are not suggested.

    Returns
    -------
    Text
        The regions that share the name; else a close code, or the first of the codes.
    """
    plain = plain_spelling(word)
    namesakes = []
    for code, name, name_en in regions.frame[["name", "name_en"]].itertuples():
        if plain in (plain_spelling(name), plain_spelling(name_en)):
            namesakes.append(regions.label(str(code)))
    if namesakes:
        return text("extent.namesakes", regions=namesakes)
    return suggestion(word, regions.frame.index, regions.path.name, taken)


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


def filled_digits(code: str) -> str:
    """Return a code of GB/T 2260 or of statistics without the zeros that stand for a whole.

    Parameters
    ----------
    code : str

    Returns
    -------
    str
        Such as 36 for 360000, and 360981 for 360981000; other codes as they are.
    """
    if len(code) not in _CODE_LENGTHS or not code.isdigit():
        return code
    for length in _LEVEL_DIGITS:
        if set(code[length:]) <= {"0"}:
            return code[:length]
    return code


def codes_above(code: str) -> list[str]:
    """Return the filled digits of the regions in which a region lies by its code, nearest first.

    Parameters
    ----------
    code : str

    Returns
    -------
    list of str
        Such as 3609 and 36 for 360981; empty where a code is none of GB/T 2260 or of statistics.
    """
    if len(code) not in _CODE_LENGTHS or not code.isdigit():
        return []
    filled = filled_digits(code)
    return [filled[:length] for length in reversed(_LEVEL_DIGITS) if length < len(filled)]


@checked_arguments
def read_regions(path: TableArgument) -> Regions:
    """Read ``regions.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Regions

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table (see ``load_regions``).

    Examples
    --------
    >>> import gep
    >>> gep.read_regions("examples/beibu-gulf/regions.csv")
    <Regions: 1>
    """
    problems = ProblemLog()
    regions = load_regions(table_source(path, "regions"), problems)
    if regions is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return regions


def load_regions(path: TableSource, problems: ProblemLog) -> Regions | None:
    """Load the regions of a project and convert their areas to km2.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``), ``broken-code``,
        ``total-row``, ``duplicate-row``, ``blank``, ``negative``, ``unknown-unit``,
        ``wrong-dimension``, ``coordinates``, ``unknown-region`` and ``parent-cycle``, and the
        warnings ``implausible`` and ``odd-code``.

    Returns
    -------
    Regions or None
        None if the table could not be read at all.
    """
    table = read_table(path, REGION_COLUMNS, problems)
    if table is None:
        return None
    home = table.path if isinstance(path, GivenTable) else path
    return regions_of_table(table, home, problems)


def regions_of_table(table: Table, path: Path, problems: ProblemLog) -> Regions:
    """Read the regions in a table that has the columns of ``regions.csv``.

    Parameters
    ----------
    table : Table
    path : Path
        The file.
    problems : ProblemLog
        See ``load_regions``.

    Returns
    -------
    Regions
    """
    frame = table.frame.assign(file=table.label)
    for name in ("name", "name_en", "parent", "area_unit", "population_unit"):
        frame[name] = table.column(name).to_numpy()
    frame = recognize(frame, "parent", _spellings(frame))
    for name in ("area", "population", "lon", "lat"):
        frame[name], _ = read_numbers(table, name, problems, blank=True)
    check_not_blank(table, "region", problems)
    check_region_codes(table, "region", problems)
    check_region_codes(table, "parent", problems)
    check_total_rows(table, "region", problems, exempt=frame["parent"])
    check_duplicates(frame, ["region"], problems)
    _convert_areas(frame, table, problems)
    negative = np.flatnonzero((frame["population"] < 0).to_numpy())
    if len(negative):
        problems.add(
            "negative",
            in_column(table.place(negative), "population"),
            "extent.negative-population",
            population=float(frame["population"].iloc[negative[0]]),
        )
    _check_coordinates(frame, table, problems)
    _convert_population(frame, table, problems)
    _check_parents_listed(frame, table, problems)
    _check_parents_by_code(frame, table, problems)
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
    checked = table.with_frame(rows_with_area)
    check_units(checked, "km2", problems, "area_unit")
    if len(problems.errors) == errors_before:
        area = frame.loc[has_area, "area"].to_numpy()
        frame.loc[has_area, "area"] = area * unit_factors(frame.loc[has_area, "area_unit"], "km2")


def _check_coordinates(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that longitudes and latitudes are degrees, and not exchanged: ``coordinates``."""
    lon = frame["lon"].to_numpy(dtype=float)
    lat = frame["lat"].to_numpy(dtype=float)
    is_lon_outside = np.abs(lon) > _LARGEST_LON
    is_lat_outside = np.abs(lat) > _LARGEST_LAT
    is_exchanged = is_lat_outside & (np.abs(lon) <= _LARGEST_LAT) & (np.abs(lat) <= _LARGEST_LON)
    is_china = frame["region"].map(_is_code_of_china).to_numpy(dtype=bool)
    looks_exchanged = _is_in_china(lat, lon) & ~_is_in_china(lon, lat) & is_china
    messages = (
        ("coordinates", "extent.coordinates-exchanged", is_exchanged),
        ("implausible", "extent.coordinates-look-exchanged", looks_exchanged & ~is_exchanged),
        ("coordinates", "extent.not-degrees", (is_lon_outside | is_lat_outside) & ~is_exchanged),
    )
    for code, message, mask in messages:
        rows = np.flatnonzero(mask)
        if len(rows):
            first = {"lon": float(lon[rows[0]]), "lat": float(lat[rows[0]])}
            problems.add(code, in_column(table.place(rows), "lat"), message, **first)


def _is_code_of_china(code: str) -> bool:
    """Return whether a code has the form of GB/T 2260 and begins with a province."""
    return len(code) in _CODE_LENGTHS and code.isdecimal() and code[:2] in _PROVINCES


def _is_in_china(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return whether points are within the bounds of China, in degrees."""
    is_between = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return np.asarray(is_between)


def _check_parents_by_code(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Warn (``odd-code``) where a region lies in another city or province by its code.

    Only codes of GB/T 2260 tell: those of cities and provinces, in the provinces that there are.
    """
    rows = frame[(frame["parent"] != "").to_numpy()]
    pairs = zip(rows.index, rows["region"].astype(str), rows["parent"].astype(str), strict=True)
    for position, code, parent in pairs:
        above = codes_above(code)
        digits = filled_digits(parent)
        is_administrative = len(parent) in _CODE_LENGTHS and len(digits) in _LEVEL_DIGITS[:2]
        if not (above and is_administrative and {code[:2], parent[:2]} <= _PROVINCES):
            continue
        if digits not in above:
            problems.add(
                "odd-code",
                in_column(table.place([position]), "parent"),
                "extent.parent-of-another-code",
                region=code,
                parent=parent,
                expected=tuple(name.ljust(len(parent), "0") for name in above[-2:]),
            )


def _convert_population(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Bring population to persons, and warn (``implausible``) where it may be in another unit."""
    population = frame["population"]
    has_unit = (population.notna() & (frame["population_unit"] != "")).to_numpy()
    if has_unit.any():
        rows_with_unit = frame.loc[has_unit, ["population_unit", "row"]].reset_index(drop=True)
        errors_before = len(problems.errors)
        checked = table.with_frame(rows_with_unit)
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
            region=Label(
                str(first["region"]), _title_of(str(first["name"]), str(first["name_en"]))
            ),
            population=float(first["population"]),
            area=float(first["area"]),
            density=float(density.iloc[rows[0]]),
        )


def _check_parents_listed(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that every parent has a row of its own; adds ``unknown-region``."""
    known = set(frame["region"])
    unknown = frame[~frame["parent"].isin(["", *known]).to_numpy()]
    unknown = unknown[~unknown["parent"].map(is_broken_code).to_numpy(dtype=bool)]  # reported
    for number, (parent, rows) in enumerate(unknown.groupby("parent", sort=False, observed=True)):
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
    content = decode(path, path.name, ProblemLog())
    boundaries: Mapping[str, Any] = json.loads(content or "{}")
    return boundaries


def feature_code(feature: Mapping[str, Any], key: str) -> str:
    """Return the code of a feature's region, blank if it has none.

    Parameters
    ----------
    feature : mapping
        A feature of a GeoJSON.
    key : str
        The property that holds the code. A code that was saved as a number is read as its digits.

    Returns
    -------
    str
    """
    properties = feature.get("properties")
    value = properties.get(key) if isinstance(properties, Mapping) else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip()
    return ""


def feature_polygons(feature: Mapping[str, Any]) -> list[list[np.ndarray]]:
    """Return the polygons of a feature.

    Parameters
    ----------
    feature : mapping
        A feature of a GeoJSON.

    Returns
    -------
    list of list of ndarray
        By polygon its rings, the outer one first: corners x (longitude, latitude). Empty for
        features of other shapes.

    Raises
    ------
    ValueError
        If the coordinates are not nested as those of polygons, or are no finite numbers.
    """
    geometry = feature.get("geometry")
    if geometry is None:
        return []
    if not isinstance(geometry, Mapping):
        raise ValueError("the geometry is no object")
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        coordinates = [coordinates]
    elif geometry.get("type") != "MultiPolygon":
        return []
    polygons = []
    for polygon in _as_list(coordinates):
        polygons.append([_ring(corners) for corners in _as_list(polygon)])
    return polygons


def _as_list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("a list is required")
    return value


def _ring(corners: object) -> np.ndarray:
    """Return the corners of a ring; heights are left out."""
    positions = [_as_list(corner)[:2] for corner in _as_list(corners)]
    try:
        ring = np.array(positions, dtype=float)
    except (TypeError, OverflowError):
        raise ValueError("a number is required") from None
    if ring.ndim != _LON_LAT or ring.shape[1] != _LON_LAT or len(ring) < _FEWEST_CORNERS:
        raise ValueError("a ring has corners of two numbers")
    if not np.isfinite(ring).all():
        raise ValueError("a coordinate is no finite number")
    return ring


def check_boundaries(
    path: Path, key: str, regions: Mapping[str, Label], problems: ProblemLog
) -> None:
    """Check that a file is a GeoJSON feature collection of polygons with the regions' codes.

    Parameters
    ----------
    path : Path
    key : str
        The property that holds the code of a feature's region.
    regions : mapping of str to Label
        The regions of the map, by code; if there are none, codes are not compared.
    problems : ProblemLog
        Collects ``missing-file``, ``not-a-file``, ``empty-file``, ``cannot-read``, ``encoding``,
        ``file-format``, ``missing-key``, ``unknown-region`` (no code is a region's), and the
        warnings ``gbk`` and ``region-not-drawn``.
    """
    features = _load_features(path, problems)
    if features is None:
        return
    shapes: set[str] = set()
    faulty: list[int] = []
    drawn: set[str] = set()
    outlines = []
    without_code = 0
    for number, feature in enumerate(features, 1):
        try:
            rings = list(chain.from_iterable(feature_polygons(feature)))
        except ValueError:
            faulty.append(number)
            continue
        shapes.add(_shape_name(feature))
        code = feature_code(feature, key)
        without_code += code == ""
        if rings:
            drawn.add(code)
            outlines += rings
    label = path.name
    if faulty:
        problems.add(
            "file-format",
            label,
            "extent.bad-coordinates",
            numbers=tuple(faulty),
            count=len(faulty),
            total=len(features),
        )
    elif not outlines:
        problems.add("file-format", label, "extent.no-polygon", shapes=tuple(sorted(shapes)))
    elif without_code:
        problems.add(
            "missing-key",
            label,
            "extent.features-without-code",
            property=key,
            count=without_code,
            total=len(features),
            hint=_property_hint(features, key, regions),
        )
    else:
        _check_degrees(np.vstack(outlines), label, problems)
        _check_codes(
            drawn,
            features,
            key,
            regions,
            label,
            problems,
        )


def _load_features(path: Path, problems: ProblemLog) -> list[Any] | None:
    """Load the features of a GeoJSON; None, with a problem, if it has none."""
    label = path.name
    content = decode(path, label, problems, largest=_LARGEST_BOUNDARIES)
    if content is None:
        return None
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        problems.add(
            "file-format",
            Place(label, (error.lineno,)),
            "extent.not-json",
            column=error.colno,
        )
        return None
    except (ValueError, RecursionError):  # a number too long for Python; lists nested too deep
        problems.add("file-format", label, "extent.json-too-deep")
        return None
    features = document.get("features") if isinstance(document, Mapping) else None
    if isinstance(features, list) and all(isinstance(feature, Mapping) for feature in features):
        return features
    problems.add("file-format", label, "extent.not-geojson")
    return None


def _shape_name(feature: Mapping[str, Any]) -> str:
    """Return the type of a feature's geometry as it is written."""
    geometry = feature.get("geometry")
    return printable(geometry.get("type")) if isinstance(geometry, Mapping) else "null"


def _check_degrees(corners: np.ndarray, label: str, problems: ProblemLog) -> None:
    """Check that corners (corner x longitude, latitude) are degrees and have an extent."""
    is_outside = (np.abs(corners) > _DEGREES).any(axis=1)
    if is_outside.any():
        first, second = corners[is_outside][0]
        is_exchanged = bool((np.abs(corners[:, ::-1]) <= _DEGREES).all())
        problems.add(
            "file-format",
            label,
            "extent.corners-exchanged" if is_exchanged else "extent.corners-not-degrees",
            first=float(first),
            second=float(second),
            count=int(is_outside.sum()),
            total=len(corners),
        )
    elif not np.ptp(corners, axis=0).all():
        problems.add("file-format", label, "extent.no-extent")


def _check_codes(
    drawn: Collection[str],
    features: Sequence[Mapping[str, Any]],
    key: str,
    regions: Mapping[str, Label],
    label: str,
    problems: ProblemLog,
) -> None:
    """Check that the polygons, whose codes are ``drawn``, are those of the project's regions."""
    missing = [code for code in regions if code not in drawn]
    if not missing:
        return
    values: dict[str, Any] = {"property": key, "count": len(missing), "total": len(regions)}
    if len(missing) == len(regions):
        hint = _property_hint(features, key, regions)
        problems.add(
            "unknown-region",
            label,
            "extent.no-code-matches",
            polygons=len(drawn),
            first=printable(min(drawn)),
            hint=hint,
            **values,
        )
    else:
        problems.add(
            "region-not-drawn",
            label,
            "extent.regions-without-polygon",
            regions=[regions[code] for code in missing],
            hint=suggestion(missing[0], drawn),
            **values,
        )


def _property_hint(features: Sequence[Mapping[str, Any]], key: str, codes: Collection[str]) -> Text:
    """Advise on the property that holds most of the regions' codes."""
    known = set(codes)
    count = Counter[str]()
    names: dict[str, None] = {}
    for feature in features:
        properties = feature.get("properties")
        for name in properties if isinstance(properties, Mapping) else ():
            names[name] = None
            count[name] += feature_code(feature, name) in known
    best, most = max(count.items(), key=itemgetter(1), default=("", 0))
    if most and best != key:
        return text("extent.other-property", property=printable(best), count=most)
    first_code = next((feature_code(feature, key) for feature in features), "")
    zeros = lost_zero(first_code, known)
    if zeros is not None:
        return zeros
    listed = Listed(tuple(printable(name) for name in names), _PROPERTIES_NAMED)
    return text("extent.properties", properties=listed)
