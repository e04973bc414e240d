"""Boundaries that a project brings: a GeoJSON file of polygons, checked before anything is computed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gep.errors import Problems

_SHAPES = {"Polygon", "MultiPolygon"}


def read_boundaries(path: Path) -> Mapping[str, Any]:
    """The feature collection as it stands in the file."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return found


def check_boundaries(path: Path, key: str, problems: Problems) -> None:
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
        problems.add("file-format", path.name, f"not readable as GeoJSON ({type(error).__name__}: {error})", fix)
        return
    if not shapes & _SHAPES:
        problems.add("file-format", path.name, "holds no polygon", fix)
    elif not all(known):
        what = f"{known.count(False)} feature(s) lack the property {key!r}"
        problems.add(
            "missing-key", path.name, what, "set boundary_key in [inputs] to the property that holds the region's code"
        )
