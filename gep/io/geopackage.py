"""GeoPackages (地理数据包): attribute tables read, features written, with what Python has.

A GeoPackage is a database of SQLite (OGC 12-128r15), so that no further library is needed. Shapes
are those of GeoJSON, in WGS 84; only polygons are written, and shapes that are read are left out.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

_APPLICATION = 0x47504B47  # "GPKG"
_VERSION = 10300
_WGS84 = 4326
_POLYGON, _MULTIPOLYGON = 3, 6  # kinds of well-known binary
_LITTLE_ENDIAN = 1
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
  description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL,
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
"""
_SYSTEMS = (
    ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic", 0, "NONE", 0, "undefined", None),
    (
        "WGS 84",
        _WGS84,
        "EPSG",
        _WGS84,
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
        None,
    ),
)


def layer_names(path: Path) -> list[str]:
    """Return the tables of features and attributes of a GeoPackage.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str

    Raises
    ------
    sqlite3.DatabaseError
        If the file is no GeoPackage.
    """
    with closing(_connect(path)) as database:
        rows = database.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
        )
        return [str(name) for (name,) in rows]


def read_attributes(path: Path, layer: str) -> pd.DataFrame:
    """Read the attributes of a layer as they are, without shapes and the number of the feature.

    Parameters
    ----------
    path : Path
    layer : str
        One of :func:`layer_names`.

    Returns
    -------
    DataFrame

    Raises
    ------
    sqlite3.DatabaseError
        If the file is no GeoPackage.
    """
    table = _quoted(layer)
    with closing(_connect(path)) as database:
        shapes = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        )
        left_out = {str(name) for (name,) in shapes}
        for _, name, kind, _, _, is_key in database.execute(f"PRAGMA table_info({table})"):
            if is_key and str(kind).upper() == "INTEGER":
                left_out.add(str(name))
        cursor = database.execute(f"SELECT * FROM {table}")
        names = [str(column[0]) for column in cursor.description]
        frame = pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)
    return frame.drop(columns=[name for name in names if name in left_out])


def _connect(path: Path) -> sqlite3.Connection:
    """Open a database for reading only."""
    return sqlite3.connect(f"{Path(os.path.realpath(path)).as_uri()}?mode=ro", uri=True)


def _quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def write_features(
    path: Path, layer: str, features: Sequence[Mapping[str, Any]], columns: Mapping[str, str]
) -> None:
    """Write features of GeoJSON as a layer of a new GeoPackage.

    Parameters
    ----------
    path : Path
        The file, which must not exist.
    layer : str
    features : sequence of mapping
        Of polygons or multipolygons in longitude and latitude (degrees, WGS 84).
    columns : mapping of str to str
        The properties, with their SQL types: ``TEXT`` or ``REAL``.
    """
    boxes = [_box(feature["geometry"]) for feature in features]
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {_VERSION}")
        database.executescript(_TABLES)
        database.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", _SYSTEMS)
        declared = [f"{_quoted(name)} {kind}" for name, kind in columns.items()]
        database.execute(
            f"CREATE TABLE {_quoted(layer)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
            f"geom BLOB, {', '.join(declared)})"
        )
        edges = [min(box[0] for box in boxes), min(box[1] for box in boxes)]
        edges += [max(box[2] for box in boxes), max(box[3] for box in boxes)]
        database.execute(
            "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', '1970-01-01T00:00:00.000Z', "
            "?, ?, ?, ?, ?)",
            (layer, layer, *edges, _WGS84),
        )
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', ?, 0, 0)",
            (layer, _WGS84),
        )
        names = ["geom", *columns]
        marks = ",".join("?" for _ in names)
        listed = ",".join(_quoted(name) for name in names)
        rows = []
        for feature in features:
            values = [feature["properties"].get(name) for name in columns]
            rows.append((_blob(feature["geometry"]), *values))
        database.executemany(f"INSERT INTO {_quoted(layer)} ({listed}) VALUES ({marks})", rows)
        database.commit()


def _points(geometry: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    """Yield the points of polygons."""
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        for ring in polygon:
            yield from ring


def _box(geometry: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return the box around a shape: west, south, east, north."""
    points = list(_points(geometry))
    east_west = [float(point[0]) for point in points]
    north_south = [float(point[1]) for point in points]
    return min(east_west), min(north_south), max(east_west), max(north_south)


def _blob(geometry: Mapping[str, Any]) -> bytes:
    """Return a shape as a GeoPackage holds it: a head without envelope, then well-known binary."""
    head = b"GP" + struct.pack("<BBi", 0, _LITTLE_ENDIAN, _WGS84)
    return head + _binary(geometry["type"], geometry["coordinates"])


def _binary(kind: str, coordinates: Sequence[Any]) -> bytes:
    """Return a polygon or multipolygon as well-known binary."""
    if kind == "MultiPolygon":
        parts = [_binary("Polygon", polygon) for polygon in coordinates]
        head = struct.pack("<BII", _LITTLE_ENDIAN, _MULTIPOLYGON, len(parts))
        return head + b"".join(parts)
    words = [struct.pack("<BII", _LITTLE_ENDIAN, _POLYGON, len(coordinates))]
    for ring in coordinates:
        words.append(struct.pack("<I", len(ring)))
        words += [struct.pack("<dd", float(point[0]), float(point[1])) for point in ring]
    return b"".join(words)
