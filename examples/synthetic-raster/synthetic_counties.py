"""Counties of a province that is not there: irregular polygons that share their borders.

Counties are the cells of a lattice of hexagons whose corners are moved and whose sides are broken
again and again, each side once for both of its counties: no gap, no overlap. Those nearest to the
middle of the raster are the province, which leaves room on all sides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from synthetic_province import hashed

Point = tuple[float, float]
Corner = tuple[int, int]
CORNERS = ((0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1))  # of a hexagon, in half sides
FILL = 0.80  # radius of the province as a share of half the raster
EDGE = 0.96  # no corner lies farther out
WANDER = 0.22  # how far a corner is moved, as a share of a side
# How far the middle of a side is moved, as a share of its length, and how much less its halves are
# bent: sides then stay near their straight lines and never cross.
ROUGH, CALM = 0.14, 0.6
PROVINCE_CODE = "990000"


@dataclass(frozen=True)
class County:
    """A county: code of six digits and its border.

    Parameters
    ----------
    code : str
    ring : tuple of (float, float)
        Points as column and row of the grid, counted from the upper left corner of the raster in
        pixels; the last one is the first one again.
    """

    code: str
    ring: tuple[Point, ...]

    @property
    def pixels(self) -> float:
        """The area in pixels."""
        total = 0.0
        for (left, top), (right, bottom) in pairwise(self.ring):
            total += left * bottom - right * top
        return abs(total) / 2


def county_codes(count: int) -> list[str]:
    """Return codes of six digits, 9 or more counties to a city."""
    by_city = max(9, -(-count // 99))
    return [f"99{place // by_city + 1:02d}{place % by_city + 1:02d}" for place in range(count)]


def make_counties(height: int, width: int, count: int, seed: int) -> list[County]:
    """Return the counties of a province, from north to south.

    Parameters
    ----------
    height, width : int
        Of the raster in pixels.
    count : int
        Counties, 1 to 5,000.
    seed : int

    Returns
    -------
    list of County
    """
    side = math.sqrt(math.pi * height * width * FILL * FILL / 4 / count / (1.5 * math.sqrt(3)))
    while True:
        lattice = _Lattice(height, width, seed, side)
        cells = lattice.nearest(count)
        if lattice.reach(cells) <= EDGE:
            break
        side *= 0.95
    cells.sort(key=lambda cell: (cell[1], cell[0]))
    rings = [lattice.ring(cell) for cell in cells]
    return [County(code, ring) for code, ring in zip(county_codes(count), rings, strict=True)]


class _Lattice:
    """Hexagons around the middle of a raster; neighbours share the whole numbers of corners."""

    def __init__(self, height: int, width: int, seed: int, side: float) -> None:
        self.middle = (width / 2, height / 2)
        self.key = seed * 1021 + 500
        self.side = side
        self.depth = max(0, min(6, int(math.log2(max(side / 4, 1)))))
        self.sides: dict[tuple[Corner, Corner], list[Point]] = {}

    def nearest(self, count: int) -> list[Corner]:
        """Return the middles of the hexagons nearest to the middle, as a share of the raster."""
        reach = 2 + math.isqrt(count) * max(self.middle) / min(self.middle)
        span = range(-math.ceil(2 * reach), math.ceil(2 * reach) + 1)
        middles = [
            (across, 3 * line) for line in span for across in span if (across + line) % 2 == 0
        ]
        middles.sort(key=lambda middle: (self._radius(self._plain(middle)), middle))
        return middles[:count]

    def reach(self, cells: Sequence[Corner]) -> float:
        """Return the farthest corner: 1 lies on the ellipse that touches the raster's sides."""
        corners = {corner for cell in cells for corner in self._corners(cell)}
        return max(self._radius(self._point(corner)) for corner in corners)

    def ring(self, cell: Corner) -> tuple[Point, ...]:
        """Return the border of a hexagon, closed."""
        corners = self._corners(cell)
        points: list[Point] = []
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            points += self._side(start, end)[:-1]
        return (*points, points[0])

    def _corners(self, cell: Corner) -> list[Corner]:
        return [(cell[0] + across, cell[1] + down) for across, down in CORNERS]

    def _plain(self, corner: Corner) -> Point:
        across = self.middle[0] + corner[0] * self.side * math.sqrt(3) / 2
        return across, self.middle[1] + corner[1] * self.side / 2

    def _radius(self, point: Point) -> float:
        across = (point[0] - self.middle[0]) / self.middle[0]
        down = (point[1] - self.middle[1]) / self.middle[1]
        return math.sqrt(across * across + down * down)

    def _chance(self, corner: Corner, field: int) -> float:
        down, across = np.array([corner[1]]), np.array([corner[0]])
        return float(hashed(down, across, self.key + field)[0])

    def _point(self, corner: Corner) -> Point:
        across, down = self._plain(corner)
        wander = WANDER * self.side
        return (
            across + wander * self._chance(corner, 1),
            down + wander * self._chance(corner, 2),
        )

    def _side(self, start: Corner, end: Corner) -> list[Point]:
        """Return the points of a side; both of its counties have the same ones."""
        if (end, start) in self.sides:
            return self.sides[end, start][::-1]
        points = [self._point(start), self._point(end)]
        for level in range(self.depth):
            finer = [points[0]]
            for place, (before, after) in enumerate(pairwise(points)):
                name = (start[0] * 64 + end[0] * 4096, start[1] * 64 + end[1] * 4096 + place)
                chance = ROUGH * CALM**level * self._chance(name, 10 + level)
                across, down = after[0] - before[0], after[1] - before[1]
                middle = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
                finer += [(middle[0] - chance * down, middle[1] + chance * across), after]
            points = finer
        self.sides[start, end] = points
        return points
