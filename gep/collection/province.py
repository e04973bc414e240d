"""The counties as one project (汇总为一个项目): their tables put together for ``gep assess``.

Owns the tables ``project_*.csv`` of a collection, the conflicts between rows of counties, and the
``project.toml`` above the counties. A row keeps its number, unit, grade and source, and says in its
note from which county, file and row it comes.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gep.collection.choices import Choice
from gep.collection.counties import CollectionOptions, County, problems_of_county
from gep.errors import Place, ProblemLog
from gep.extent.regions import Regions
from gep.inputs.data import load_data
from gep.inputs.value_rows import GRADE, GRADES, KEYS
from gep.io.catalog import is_path, resolve_inside
from gep.io.csv_excel import row_place
from gep.project.raster_files import RasterSpec
from gep.texts.catalogue import Listed

AREAS = "project_areas.csv"
DATA = "project_data.csv"
READINGS = "project_readings.csv"
REGIONS = "project_regions.csv"
CROSSWALK = "project_crosswalk.csv"
PROVINCE_TABLES = (AREAS, DATA, READINGS, REGIONS, CROSSWALK)
_EVIDENCE = ["low", "high", "distribution", "group", "grade", "source", "locator", "note"]
_AREA_COLUMNS = ["region", "year", "class", "area", "unit", *_EVIDENCE]
_DATA_COLUMNS = ["region", "year", "name", *KEYS[1:], "value", "unit", "price_year", *_EVIDENCE]
_DATA_KEY = ["region", "year", "name", *KEYS[1:]]
_REGION_TEXTS = ("name", "name_en", "parent")
_REGION_NUMBERS = ("area", "population", "lon", "lat")
_NAMED = 12  # counties of a message
_CROSSWALK_COLUMNS = ["class", "ecosystem", "share", "source", "locator", "grade", "note"]


def province_tables(
    counties: Sequence[County],
    regions: Regions | None,
    raster: RasterSpec | None,
    problems: ProblemLog,
) -> dict[str, pd.DataFrame]:
    """Put the tables of counties together.

    Parameters
    ----------
    counties : sequence of County
        No region is in two of them.
    regions : Regions or None
        The province's table of regions, which goes before those of the counties.
    raster : RasterSpec or None
        ``[inputs.raster]`` of the project above the counties, if it has one: areas, classes of
        land cover and the data of its layers are then no part of the tables.
    problems : ProblemLog
        Gets ``counties-differ`` for rows of two counties that contradict each other,
        ``region-twice`` for rows of a region of another county, ``not-supported`` where counties
        have data as rasters that the project above them has not, and the codes of ``load_data``.

    Returns
    -------
    dict of str to DataFrame
        By file name, those of ``PROVINCE_TABLES`` that have rows.
    """
    names_of_classes, crosswalk = _crosswalk(counties)
    _check_layers(counties, raster, problems)
    areas = []
    data = []
    readings = []
    for county in counties:
        parts = county.project.parts
        rows = _of_county(parts.areas.rows.drop(columns="area"), county)
        rows = rows.rename(columns={"value": "area"})
        rename = names_of_classes.get(county.name, {})
        areas.append(rows.assign(**{"class": rows["class"].replace(rename)}))
        data.append(_of_county(_without_layers(parts.data.rows, raster), county))
        readings.append(_of_county(_readings(county, problems), county))
    tables = {
        AREAS: _written(pd.concat(areas, ignore_index=True), _AREA_COLUMNS),
        DATA: _written(_agreed(data, counties, problems), _DATA_COLUMNS),
        READINGS: _written(_agreed(readings, counties, problems), _DATA_COLUMNS),
        REGIONS: _regions(counties, regions, problems),
        CROSSWALK: crosswalk,
    }
    if raster is not None:
        del tables[AREAS], tables[CROSSWALK]
    return {name: table for name, table in tables.items() if len(table)}


def _check_layers(
    counties: Sequence[County], raster: RasterSpec | None, problems: ProblemLog
) -> None:
    """Check (``not-supported``) that the province has the layers that counties have."""
    given = set() if raster is None else {layer.name for layer in raster.layer}
    lacking: dict[str, None] = {}
    with_layers = []
    for county in counties:
        names = _layer_names(county)
        if names:
            with_layers.append(county.name)
        lacking |= dict.fromkeys(name for name in names if name not in given)
    if not lacking:
        return
    values = {"counties": Listed(tuple(with_layers), _NAMED), "names": tuple(lacking)}
    message = "layers-not-joined" if raster is None else "layers-lacking"
    place = "project.toml inputs.raster.layer"
    problems.add("not-supported", place, f"collection.{message}", **values)


def _layer_names(county: County) -> list[str]:
    """Return the data names that a county has as rasters."""
    raster = county.project.spec.inputs.raster
    return [] if raster is None else [layer.name for layer in raster.layer]


def _without_layers(rows: pd.DataFrame, raster: RasterSpec | None) -> pd.DataFrame:
    """Return data rows without those that stand for a county's raster, or that layers give."""
    if rows.empty:
        return rows
    is_left_out = rows["row"] < 0
    for layer in () if raster is None else raster.layer:
        is_given = rows["name"] == layer.name
        for key, member in layer.keys.items():
            is_given &= rows[key] == member if key in rows else False
        is_left_out |= is_given
    return rows[~is_left_out.to_numpy()]


def _of_county(rows: pd.DataFrame, county: County) -> pd.DataFrame:
    """Return rows with their county, and with their origin in the note."""
    if rows.empty:
        return pd.DataFrame()
    files = county.name + "/" + rows["file"].astype(str)
    numbers = rows["row"].astype(int)
    origin = files.where(numbers < 0, files + " row " + numbers.astype(str))  # below 0: of a raster
    note = origin
    if "note" in rows:
        notes = rows["note"].astype(str)
        note = origin.where(notes == "", notes + "; " + origin)
    return rows.assign(county=county.name, file=files, note=note)


def reading_files(county: County, problems: ProblemLog) -> list[Path]:
    """Return the tables of readings that a county's assessment names.

    Parameters
    ----------
    county : County
    problems : ProblemLog
        Collects ``missing-file`` and ``path-outside``.

    Returns
    -------
    list of Path
        Sheets of workbooks with ``#`` and their name.
    """
    paths = []
    for name in county.project.spec.assessment.readings:
        place = "project.toml assessment.readings"
        path = resolve_inside(name, county.project.folder, place, problems)
        if path is not None:
            paths.append(path)
    return paths


def _readings(county: County, problems: ProblemLog) -> pd.DataFrame:
    """Load the readings of a county's assessment; none if it names no table of them."""
    found = ProblemLog()
    paths = reading_files(county, found)
    rows = load_data(paths, found).rows if paths else pd.DataFrame()
    problems.include(problems_of_county(county.name, found.errors))
    return rows


def _written(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table of inputs has them: grades in words, ``na``, no blank column."""
    if rows.empty:
        return pd.DataFrame(columns=list(columns))
    table = rows.reindex(columns=list(columns))
    grades = np.array(["" if grade == "unstated" else grade for grade in GRADES], dtype=object)
    table["grade"] = grades[rows["grade"].to_numpy(dtype=int)]
    if "na" in rows:
        is_none = rows["na"].to_numpy(dtype=bool)
        table["value"] = table["value"].astype(object).where(~is_none, "na")
    table = table.astype(object).where(table.notna(), "")
    is_blank = (table == "").all()
    return table.loc[:, ~is_blank.to_numpy()].reset_index(drop=True)


def _place(row: Mapping[str, object]) -> Place:
    """Return the place of a row: county, file, row."""
    return row_place(str(row["file"]), [int(str(row["row"]))])


def _agreed(
    tables: Sequence[pd.DataFrame], counties: Sequence[County], problems: ProblemLog
) -> pd.DataFrame:
    """Return the rows of all counties, of rows that several of them state the first.

    Adds ``region-twice`` and ``counties-differ``.
    """
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame()
    rows = pd.concat(filled, ignore_index=True)
    county_of = {}
    for county in counties:
        county_of.update(dict.fromkeys(county.regions, county.name))
    owner = rows["region"].map(county_of)
    is_strange = (owner.notna() & (owner != rows["county"])).to_numpy()
    for row in rows[is_strange].to_dict("records"):
        problems.add(
            "region-twice",
            _place(row),
            "collection.row-of-other-county",
            region=row["region"],
            county=county_of[str(row["region"])],
        )
    rows = rows[~is_strange].reset_index(drop=True)
    key = [name for name in _DATA_KEY if name in rows]
    groups = rows.groupby(key, sort=False, dropna=False)
    first_rows = groups.ngroup()
    is_repeated = first_rows.duplicated().to_numpy()
    firsts = rows[~is_repeated].set_index(first_rows[~is_repeated])
    for position in np.flatnonzero(is_repeated):
        row = rows.iloc[position]
        group = first_rows.iloc[position]
        before = firsts.loc[group]
        is_same = row["unit"] == before["unit"]
        is_same &= row["na"] == before["na"]
        if not row["na"]:
            is_same &= row["value"] == before["value"]
        if not is_same:
            problems.add(
                "counties-differ",
                _place(row.to_dict()),
                "collection.rows-differ",
                name=row["name"],
                region=row["region"],
                year=row["year"],
                value=f"{row['value']:.10g} {row['unit']}",
                other=_place(before.to_dict()),
                other_value=f"{before['value']:.10g} {before['unit']}",
            )
    return rows[~is_repeated].reset_index(drop=True)


def _regions(
    counties: Sequence[County], regions: Regions | None, problems: ProblemLog
) -> pd.DataFrame:
    """Merge the tables of regions; adds ``counties-differ``."""
    tables: list[tuple[str, Regions]] = [] if regions is None else [("", regions)]
    for county in counties:
        if county.project.parts.regions is not None:
            tables.append((county.name, county.project.parts.regions))
    merged: dict[str, dict[str, object]] = {}
    stated_at: dict[tuple[str, str], tuple[str, Place]] = {}
    for county_name, table in tables:
        for row in table.frame.reset_index(names="region").to_dict("records"):
            code = str(row["region"])
            of_region = merged.setdefault(code, {"region": code})
            file = f"{county_name}/{row['file']}" if county_name else str(row["file"])
            place = row_place(file, [int(row["row"])])
            for column in (*_REGION_TEXTS, *_REGION_NUMBERS):
                value = row[column]
                if value == "" or pd.isna(value):
                    continue
                if column not in of_region:
                    of_region[column] = value
                    stated_at[code, column] = (county_name, place)
                    continue
                first_county, first_place = stated_at[code, column]
                if value != of_region[column] and first_county:  # the province's own goes first
                    problems.add(
                        "counties-differ",
                        place,
                        "collection.regions-differ",
                        region=code,
                        column=column,
                        value=value,
                        other=first_place,
                        other_value=of_region[column],
                    )
    columns = ["region", *_REGION_TEXTS, *_REGION_NUMBERS]
    rows = pd.DataFrame(list(merged.values()), columns=columns).astype(object)
    rows = rows.where(rows.notna(), "")
    rows.insert(columns.index("area") + 1, "area_unit", np.where(rows["area"] == "", "", "km2"))
    return rows


def _crosswalk(counties: Sequence[County]) -> tuple[dict[str, dict[str, str]], pd.DataFrame]:
    """Merge the crosswalks of counties.

    Returns
    -------
    names : dict of str to dict of str to str
        For each county the new names of classes that its crosswalk takes for other types than that
        of a county before does.
    crosswalk : DataFrame
        In ``_CROSSWALK_COLUMNS``; without rows if no county has a crosswalk.
    """
    if all(county.project.parts.crosswalk is None for county in counties):
        return {}, pd.DataFrame(columns=_CROSSWALK_COLUMNS)
    names: dict[str, dict[str, str]] = {}
    known: dict[str, list[tuple[str, float]]] = {}
    pieces = []
    for county in counties:
        for name, rows in _classes_of(county).groupby("class", sort=False):
            shares = rows["share"].astype(float)
            content = sorted(zip(rows["ecosystem"], shares, strict=True))
            shown = str(name)
            if known.get(shown, content) != content:
                shown = f"{name} ({county.name})"
                names.setdefault(county.name, {})[str(name)] = shown
            if shown not in known:
                known[shown] = content
                pieces.append(rows.assign(**{"class": shown}))
    return names, _written(pd.concat(pieces, ignore_index=True), _CROSSWALK_COLUMNS)


def _classes_of(county: County) -> pd.DataFrame:
    """Return the crosswalk of a county; of one without, its classes are the types themselves."""
    crosswalk = county.project.parts.crosswalk
    if crosswalk is not None:
        return _of_county(crosswalk.frame, county)
    classes = county.project.parts.areas.rows["class"].unique()
    same = {"class": classes, "ecosystem": classes, "share": 1.0, "grade": GRADE["unstated"]}
    return pd.DataFrame(same).assign(source="", locator="", note="")


def province_project(
    counties: Sequence[County],
    common: Choice,
    options: CollectionOptions,
    *,
    home: Path,
    out: Path,
    tables: Mapping[str, pd.DataFrame],
) -> str:
    """Write the ``project.toml`` by which the counties are one project.

    Parameters
    ----------
    counties : sequence of County
    common : Choice
        The choice under which all are computed.
    options : CollectionOptions
    home : Path
        The folder above the counties, which is that of the project.
    out : Path
        The folder of the collection's results, inside ``home``.
    tables : mapping of str to DataFrame
        Those of ``province_tables``.

    Returns
    -------
    str
    """
    first = counties[0].project
    folder = _relative(out, home)

    def path(name: str, base: Path) -> str:
        return f"./{_relative(base / name, home)}" if is_path(name) else name

    standard = path(options.standard, Path())
    if not options.standard:
        standard = path(first.spec.project.standard, first.folder)
    header: dict[str, object] = {
        "id": home.resolve().name,
        "title": home.resolve().name,
        "standard": standard,
        "coefficients": [path(name, Path()) for name in options.coefficients],
        "years": sorted(counties[0].years),
    }
    if common.price_year is not None:
        header["price_year"] = common.price_year
    for name in ("allow_placeholder", "allow_transfer", "allow_code"):
        if any(getattr(county.project.spec.project, name) for county in counties):
            header[name] = True
    inputs: dict[str, object] = {"areas": f"{folder}/{AREAS}"}
    for key, name in (("regions", REGIONS), ("crosswalk", CROSSWALK)):
        if name in tables:
            inputs[key] = f"./{folder}/{name}"
    if DATA in tables:
        inputs["data"] = [f"{folder}/{DATA}"]
    inputs["coverage"] = first.spec.inputs.coverage
    assessment: dict[str, object] = {"schemes": []}
    if READINGS in tables:
        assessment["readings"] = [f"{folder}/{READINGS}"]
    sections = {
        "project": header,
        "inputs": inputs,
        "switches": _chosen(common),
        "assessment": assessment,
    }
    return "\n".join(_section(name, keys) for name, keys in sections.items() if keys)


def _section(name: str, keys: Mapping[str, object]) -> str:
    """Write a table of TOML."""
    lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _chosen(common: Choice) -> dict[str, object]:
    """Return the options of switches that are not the standard's default."""
    switches = common.standard.spec.switch
    chosen: dict[str, object] = {}
    for name, option in common.switches.items():
        if option != switches[name].default:
            chosen[name] = option
    return chosen


def _toml(value: object) -> str:
    """Write a text, number or list as TOML."""
    return json.dumps(value, ensure_ascii=False)


def _relative(path: Path, home: Path) -> str:
    """Return a path as seen from a folder, with slashes."""
    return Path(os.path.relpath(path.resolve(), home.resolve())).as_posix()
