"""Where the hexagon of each region stands: its own cell of a grid, as near to its place as all allow.

This module owns the placing and nothing drawn; scipy is imported when a map is asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Inside = Callable[[Numbers, float], np.ndarray[Any, np.dtype[np.bool_]]]


def place(lon: Sequence[float], lat: Sequence[float]) -> tuple[Numbers, float]:
    """A cell of a hexagonal grid for every region, each its own, and the radius of a cell.

    The grid has hardly more cells than there are regions, so that no gap opens between them, and keeps their outline;
    the sum of the squared distances moved is the least.
    """
    from scipy.optimize import linear_sum_assignment

    points = np.column_stack([np.asarray(lon) * np.cos(np.radians(np.mean(lat))), lat]).astype(
        float
    )
    size, inside = _cell_size(points)
    results = []
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))[: 4 if len(points) <= 400 else 1]:
        cells = _cells(points, size, inside, shift)
        if len(cells) >= len(points):
            distance = ((points[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
            rows, columns = linear_sum_assignment(distance)
            results.append((float(distance[rows, columns].sum()), cells[columns]))
    return min(results, key=lambda result: result[0])[1], size


def _cell_size(points: Numbers) -> tuple[float, Inside | None]:
    """The largest radius that gives every region a cell, and what lies inside (None: points on a line, or few)."""
    inside = _outline(points)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    if inside is None:
        return extent / (np.sqrt(3) * max(len(points) - 1, 1)), None
    low, high = extent / (10 * len(points)), extent
    for _ in range(25):
        middle = (low + high) / 2
        enough = len(_cells(points, middle, inside, (0.0, 0.0))) >= len(points)
        low, high = (middle, high) if enough else (low, middle)
    return low, inside


def _cells(
    points: Numbers, size: float, inside: Inside | None, shift: tuple[float, float]
) -> Numbers:
    """Centres of the hexagons (one corner up) that lie among the points."""
    margin = 2 * size if inside else (2 + np.sqrt(len(points))) * size
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    step = np.array([np.sqrt(3), 1.5]) * size
    columns, rows = (np.arange(int(n)) for n in np.ceil((high - low) / step) + 1)
    column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
    centres = low + step * np.column_stack([column + (row % 2) / 2 + shift[0], row + shift[1]])
    if inside is None:
        return np.asarray(centres)
    return np.asarray(centres[inside(centres, 0.75 * step[0])])


def _outline(points: Numbers) -> Inside | None:
    """A test whether places lie near a point or between neighbouring ones, so that the shape of the land is kept."""
    from scipy.spatial import Delaunay, QhullError, cKDTree

    try:
        mesh = Delaunay(points)
    except (QhullError, ValueError):  # fewer than three regions, or all on one line
        return None
    corners = points[mesh.simplices]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    limit = 2.5 * float(np.median(longest))
    narrow = np.append(longest <= limit, False)  # the last: outside of every triangle
    tree = cKDTree(points)

    def inside(places: Numbers, reach: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
        distance = tree.query(places)[0]
        found = np.asarray(distance <= reach)
        asked = (distance > reach) & (
            distance <= limit
        )  # farther off: in no such triangle, and slow to find
        found[asked] = narrow[mesh.find_simplex(places[asked])]
        return found

    return inside
