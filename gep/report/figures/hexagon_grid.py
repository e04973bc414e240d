"""The grid of a hexagon map: a cell for each region, as near to its place as all others allow.

The module owns the placing and draws nothing; scipy is imported when a map is asked for.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Inside = Callable[[Numbers, float], np.ndarray[Any, np.dtype[np.bool_]]]

_MANY_REGIONS = 400  # above it one position of the grid is tried instead of four
_SHIFTS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))  # of the grid, in cells
_HALVINGS = 25  # of the interval in which the radius lies
_LONG_SIDE = 2.5  # times the median: longer sides of a triangle span a gap of the land
_REACH = 0.75  # of the distance between cells: within it of a region a cell is inside


@lru_cache(maxsize=4)
def place(lon: tuple[float, ...], lat: tuple[float, ...]) -> tuple[Numbers, float]:
    """Give every region a cell of a hexagonal grid.

    The grid has hardly more cells than there are regions, so that no gap opens between them, and
    keeps their outline. The sum of the squared distances by which regions are moved is the least.

    Parameters
    ----------
    lon, lat : tuple of float
        Degrees, by region. The last few places are kept, since the picture and the page of a result
        have the same.

    Returns
    -------
    centres : ndarray
        Region x (x, y), in degrees of latitude; not to be changed.
    radius : float
        From the centre of a cell to its corners, in degrees of latitude.
    """
    from scipy.optimize import linear_sum_assignment

    middle_latitude = np.radians(np.mean(lat))
    x = np.asarray(lon) * np.cos(middle_latitude)
    points = np.column_stack([x, lat]).astype(float)
    radius, inside = _cell_radius(points)
    shifts = _SHIFTS if len(points) <= _MANY_REGIONS else _SHIFTS[:1]
    placings = []
    for shift in shifts:
        cells = _cells(points, radius, inside, shift)
        if len(cells) < len(points):
            continue
        offset = points[:, None, :] - cells[None, :, :]
        distance = (offset**2).sum(axis=2)
        rows, columns = linear_sum_assignment(distance)
        moved = float(distance[rows, columns].sum())
        placings.append((moved, cells[columns]))
    _, centres = min(placings, key=lambda placing: placing[0])
    centres.flags.writeable = False
    return centres, radius


def _cell_radius(points: Numbers) -> tuple[float, Inside | None]:
    """Return the largest radius that gives every region a cell, and the test of what is inside.

    There is no test for points on a line, or fewer than three.
    """
    inside = _outline(points)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    if inside is None:
        steps = max(len(points) - 1, 1)
        return extent / (np.sqrt(3) * steps), None
    low = extent / (10 * len(points))
    high = extent
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        cells = _cells(points, middle, inside, _SHIFTS[0])
        if len(cells) >= len(points):
            low = middle
        else:
            high = middle
    return low, inside


def _cells(
    points: Numbers, radius: float, inside: Inside | None, shift: tuple[float, float]
) -> Numbers:
    """Return the centres of the hexagons (one corner up) that lie among the points."""
    margin = 2 * radius
    if inside is None:
        margin = (2 + np.sqrt(len(points))) * radius
    low = points.min(axis=0) - margin
    high = points.max(axis=0) + margin
    step = np.array([np.sqrt(3), 1.5]) * radius
    counts = np.ceil((high - low) / step) + 1
    column_count, row_count = counts.astype(int)
    columns, rows = np.meshgrid(np.arange(column_count), np.arange(row_count))
    row = rows.ravel()
    column = columns.ravel() + (row % 2) / 2  # every second row is half a cell to the right
    column_shift, row_shift = shift
    positions = np.column_stack(
        [
            column + column_shift,
            row + row_shift,
        ]
    )
    centres = low + step * positions
    if inside is None:
        return np.asarray(centres)
    is_inside = inside(centres, _REACH * step[0])
    return np.asarray(centres[is_inside])


def _outline(points: Numbers) -> Inside | None:
    """Return a test of which places lie near a point or between neighbours; None without an area.

    The test keeps the shape of the land: its bays and holes are outside.
    """
    from scipy.spatial import Delaunay, QhullError, cKDTree

    try:
        mesh = Delaunay(points)
    except (QhullError, ValueError):  # fewer than three regions, or all on a line
        return None
    corners = points[mesh.simplices]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    longest = sides.max(axis=1)
    limit = _LONG_SIDE * float(np.median(longest))
    is_land = np.append(longest <= limit, False)  # the last is for places in no triangle
    tree = cKDTree(points)

    def inside(places: Numbers, reach: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
        distance = tree.query(places)[0]
        result = np.asarray(distance <= reach)
        # Places farther off are in no triangle of land, and slow to look up.
        in_question = (distance > reach) & (distance <= limit)
        result[in_question] = is_land[mesh.find_simplex(places[in_question])]
        return result

    return inside
