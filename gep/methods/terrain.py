"""Slope of the ground from elevations of a grid (坡度: 由数字高程模型).

Owns what needs the neighbours of a pixel, so that it is no method that a standard binds: what comes
out is the data `slope` of a standard. The factors of soil loss that slope gives are in `rusle`.
"""

from typing import Annotated

import numpy as np

from gep.units import Array

# Horn weighs the nearest row or column twice, over two pixels: 1 + 2 + 1, times 2.
HORN_WEIGHTS = 8
DEGREES_PER_RADIAN = 180 / np.pi
# Numbers in an intermediate array: more leave the cache, and cost twice the time.
STRIP_CELLS = 2**15


def gradient(
    elevation: Annotated[Array, "m"],
    cell_width: Annotated[Array, "m"],
    cell_height: Annotated[Array, "m"],
) -> Annotated[Array, "1"]:
    """Rise over run of the plane through the eight neighbours of each pixel (坡度的正切, Horn算法).

    Parameters
    ----------
    elevation : array of (rows + 2, columns + 2)
        With a rim of one pixel around what is asked for; NaN where the elevation is not known, and
        in the rim beyond the edge of the raster. Taken as float64 whatever it is stored as.
    cell_width, cell_height : number, or array that goes with (rows, columns)
        Of a pixel, in the unit of the elevation; (rows, 1) where the width goes with the latitude.

    Returns
    -------
    array of (rows, columns)
        NaN where the pixel or one of its neighbours is. The same bits whatever window is cut out.

    Notes
    -----
    With the elevations a b c / d e f / g h i around e: p = [(c + 2f + i) - (a + 2d + g)] / (8 w),
    q = [(g + 2h + i) - (a + 2b + c)] / (8 h), tan θ = √(p² + q²).

    References
    ----------
    Horn 1981 (doi 10.1109/PROC.1981.11918), known from its use: ArcGIS prints the equations ("How
    slope works", 10.2), gdaldem and QGIS have them. Where a neighbour is missing ArcGIS before 2.7
    of Pro took the middle in its place, which flattens; here such a pixel has no slope.

    Examples
    --------
    >>> heights = [[50, 45, 50], [30, 30, 30], [8, 10, 10]]
    >>> round(float(gradient(np.array(heights), 5, 5)[0, 0]), 5)
    3.80033
    """
    heights = np.asarray(elevation)
    rows, columns = heights.shape[0] - 2, heights.shape[1] - 2
    widths = np.broadcast_to(HORN_WEIGHTS * np.asarray(cell_width), (rows, columns))
    lengths = np.broadcast_to(HORN_WEIGHTS * np.asarray(cell_height), (rows, columns))
    result = np.empty((rows, columns))
    strip = max(STRIP_CELLS // max(columns, 1), 1)
    for top in range(0, rows, strip):
        bottom = min(top + strip, rows)
        part = slice(top, bottom)
        _fill_gradient(heights[top : bottom + 2], widths[part], lengths[part], result[part])
    return result


def _fill_gradient(heights: Array, widths: Array, lengths: Array, result: Array) -> None:
    """Write the gradient of some rows; the heights have a rim."""
    height = heights.astype(np.float64, copy=False)
    middle = height[1:-1]
    down = height[:-2] + height[2:]
    down += 2 * middle
    eastward = down[:, 2:] - down[:, :-2]
    if np.isnan(height.sum()):  # the middle has no weight; its gradient is missing where it is
        eastward += 0 * middle[:, 1:-1]
    eastward /= widths
    across = height[:, :-2] + height[:, 2:]
    across += 2 * height[:, 1:-1]
    southward = across[2:] - across[:-2]
    southward /= lengths
    eastward *= eastward
    southward *= southward
    eastward += southward
    np.sqrt(eastward, out=result)


def slope(
    elevation: Annotated[Array, "m"],
    cell_width: Annotated[Array, "m"],
    cell_height: Annotated[Array, "m"],
) -> Annotated[Array, "degree"]:
    """Slope of each pixel in degrees (坡度, Horn算法).

    Parameters
    ----------
    elevation : array of (rows + 2, columns + 2)
    cell_width, cell_height : number, or array that goes with (rows, columns)
        See `gradient`.

    Returns
    -------
    array of (rows, columns)
        0 to 90 degrees; NaN where the pixel or one of its neighbours is.

    Notes
    -----
    θ = arctan √(p² + q²), p and q of `gradient`.

    References
    ----------
    See `gradient`.

    Examples
    --------
    >>> heights = [[50, 45, 50], [30, 30, 30], [8, 10, 10]]
    >>> round(float(slope(np.array(heights), 5, 5)[0, 0]), 5)
    75.25766
    """
    result = gradient(elevation, cell_width, cell_height)
    np.arctan(result, out=result)
    result *= DEGREES_PER_RADIAN
    return result
