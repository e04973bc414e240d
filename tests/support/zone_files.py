"""Polygons of made-up counties, and files of them in the formats that zones are read from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pyproj
import shapely

from gep.extent.rasters import Grid

_DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}
WGS84 = "EPSG:4326"


def square_grid(
    side: int = 60, pixel: float = 0.01, crs: str = WGS84, x: float = 114.0, y: float = 29.0
) -> Grid:
    """A square grid whose upper left corner is at x, y."""
    wkt = pyproj.CRS.from_user_input(crs).to_wkt()
    return Grid(wkt, (pixel, 0.0, x, 0.0, -pixel, y), side, side)


def write_zones(
    path: Path,
    shapes: Sequence[Any],
    codes: Sequence[Any],
    *,
    key: str = "code",
    crs: str | None = WGS84,
    layer: str | None = None,
    append: bool = False,
) -> Path:
    """Write shapes with their codes; a code that is None stays blank."""
    column = np.array(codes, dtype=object)
    if all(isinstance(code, int) for code in codes):
        column = np.array(codes, dtype=np.int64)
    elif all(isinstance(code, float) for code in codes):
        column = np.array(codes, dtype=float)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[column],
        fields=np.array([key], dtype=object),
        geometry_type="Unknown" if path.suffix != ".shp" else "Polygon",
        crs=crs,
        driver=_DRIVERS[path.suffix],
        layer=layer,
        append=append,
    )
    return path


def coasts(counties: int, corners: int, side: float, seed: int = 16) -> list[Any]:
    """Counties of a square of ``side``, which share wound boundaries of about so many corners each.

    The lines between the cells of random places are bent again and again by random steps that fall
    with their length, as those of a coast do; two neighbours have the same line.
    """
    random = np.random.default_rng(seed)
    places = shapely.multipoints(random.uniform(0, side, (counties, 2)))
    frame = shapely.box(0, 0, side, side)
    lines = shapely.voronoi_polygons(places, only_edges=True)
    lines = shapely.union_all([shapely.intersection(lines, frame), shapely.boundary(frame)])
    rounds = max(1, round(np.log2(corners / 6)))
    wound = [_wound(line, rounds, random) for line in shapely.get_parts(shapely.line_merge(lines))]
    noded = shapely.union_all(wound)
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    largest = np.argsort(-shapely.area(cells), kind="stable")[:counties]
    return list(cells[largest])


def _wound(line: Any, rounds: int, random: np.random.Generator) -> Any:
    corners = shapely.get_coordinates(line)
    for _ in range(rounds):
        steps = np.diff(corners, axis=0)
        across = np.column_stack([-steps[:, 1], steps[:, 0]])
        middles = corners[:-1] + steps / 2 + across * random.uniform(-0.2, 0.2, (len(steps), 1))
        bent = np.empty((2 * len(corners) - 1, 2))
        bent[::2] = corners
        bent[1::2] = middles
        corners = bent
    return shapely.linestrings(corners)
