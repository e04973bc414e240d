"""The shapes of a map (地图图形): a hexagon for each region, or the polygons of boundaries.

Pictures and report pages draw the same shapes. Where hexagons lie is left to
``gep.report.figures.hexagon_grid``; colours and legends, to those who draw.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from gep.extent.regions import feature_code, feature_polygons
from gep.report.figures.hexagon_grid import Numbers, place
from gep.texts.catalogue import Text, text

_HEXAGON = 0.97  # of its cell
_FEWEST_CORNERS = 4  # of a ring, whose first is its last


def hexagon_shapes(lon: Mapping[str, float], lat: Mapping[str, float]) -> dict[str, list[Numbers]]:
    """Give every region a hexagon, as near to its place as all others allow.

    Parameters
    ----------
    lon, lat : mapping of str to float
        Degrees, by region; regions without both get none.

    Returns
    -------
    dict of str to list of ndarray
        By region its one ring: corners x (x, y), in degrees of latitude.
    """
    codes = [code for code in lon if code in lat]
    codes = [code for code in codes if np.isfinite(lon[code] + lat[code])]
    if not codes:
        return {}
    cells, radius = place(
        tuple(float(lon[code]) for code in codes),
        tuple(float(lat[code]) for code in codes),
    )
    turns = np.arange(7) * np.pi / 3
    corners = np.column_stack([np.sin(turns), np.cos(turns)])
    hexagon = _HEXAGON * radius * corners
    return {code: [cell + hexagon] for code, cell in zip(codes, cells, strict=True)}


def polygon_shapes(boundaries: Mapping[str, Any], key: str) -> dict[str, list[Numbers]]:
    """Return the outlines of regions in a plane.

    Parameters
    ----------
    boundaries : mapping
        The features of a GeoJSON, in WGS 84.
    key : str
        The property of a feature that names its region.

    Returns
    -------
    dict of str to list of ndarray
        By region its rings: corners x (x, y), in degrees of latitude. Outer rings turn left and
        holes turn right, so that holes stay open.
    """
    shapes: dict[str, list[Numbers]] = {}
    for feature in boundaries["features"]:
        rings = feature_rings(feature)
        if rings:
            code = feature_code(feature, key)
            shapes.setdefault(code, []).extend(rings)
    if not shapes:
        return {}
    corners = np.vstack(list(chain.from_iterable(shapes.values())))
    latitudes = corners[:, 1]
    middle_latitude = (latitudes.min() + latitudes.max()) / 2
    scale = np.array([np.cos(np.radians(middle_latitude)), 1])
    return {code: [ring * scale for ring in rings] for code, rings in shapes.items()}


def feature_rings(feature: Mapping[str, Any]) -> list[Numbers]:
    """Return the rings of a feature's polygons, none of other geometries.

    Parameters
    ----------
    feature : mapping
        Of a GeoJSON.

    Returns
    -------
    list of ndarray
        Corners x (longitude, latitude). Outer rings turn left and holes turn right, so that holes
        stay open.
    """
    rings = []
    for polygon in feature_polygons(feature):
        for number, ring in enumerate(polygon):
            x, y = ring.T
            turns_left = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) > 0
            is_outer = number == 0
            rings.append(ring if turns_left == is_outer else ring[::-1])
    return rings


def map_permission(approval: str | None) -> Text:
    """Return the note with the approval number of a map (审图号), or that it has none.

    Parameters
    ----------
    approval : str or None

    Returns
    -------
    Text
    """
    if approval:
        return text("report.map.approval", number=approval)
    return text("report.map.no-approval")


def simplified(rings: Sequence[Numbers], tolerance: float) -> list[Numbers]:
    """Leave out the corners of rings that do not show (Douglas and Peucker 1973).

    Parameters
    ----------
    rings : sequence of ndarray
        Corners x (x, y); the last corner of a ring is its first.
    tolerance : float
        How far a corner that is left out may lie from the line.

    Returns
    -------
    list of ndarray
        Rings smaller than the tolerance are left out, but for the largest.
    """
    kept = []
    sizes = [float(np.ptp(ring, axis=0).max()) for ring in rings]
    for ring, size in zip(rings, sizes, strict=True):
        if size < tolerance and size < max(sizes):
            continue
        shorter = _simplified_line(ring, tolerance)
        kept.append(shorter if len(shorter) >= _FEWEST_CORNERS else ring)
    return kept


def _simplified_line(corners: Numbers, tolerance: float) -> Numbers:
    """Keep the ends of a line, and the corners that are farther off than the tolerance."""
    is_kept = np.zeros(len(corners), dtype=bool)
    is_kept[[0, -1]] = True
    waiting = [(0, len(corners) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        between = corners[first + 1 : last]
        distances = _distances(between, corners[first], corners[last])
        farthest = int(distances.argmax())
        if distances[farthest] > tolerance:
            middle = first + 1 + farthest
            is_kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return np.asarray(corners[is_kept])


def _distances(points: Numbers, start: Numbers, end: Numbers) -> Numbers:
    """Return the distances of points from the line between two ends, which may be the same."""
    along = end - start
    from_start = points - start
    length = float(along @ along)
    if length:
        share = np.clip(
            from_start @ along / length,
            0,
            1,
        )
        from_start = from_start - share[:, None] * along
    return np.asarray(np.hypot(*from_start.T))
