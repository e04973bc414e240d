"""Slope from elevations: surfaces whose slope is known, a worked example of ArcGIS, numbers of QGIS."""

import doctest
import math

import numpy as np
import pytest

from gep.methods import rusle, terrain

# Printed by ArcGIS ("How slope works", 10.2): cells of 5, dz/dx 0.05, dz/dy -3.8, and 75.25762 degrees, which is
# 57.29578 times a rounded arc tangent of 1.31349.
ARCGIS = [[50, 45, 50], [30, 30, 30], [8, 10, 10]]
# An elevation of cells of 10 m and the slope that QGIS gives for it, as xarray-spatial (MIT licence) has them in its
# tests (xrspatial/tests/test_slope.py); rows and columns of the edge are left out, as QGIS has a rule of its own there.
QGIS_ELEVATION = [
    [1432.6542, 1432.4764, 1432.4764, 1432.1207, 1431.9429],
    [1432.6542, 1432.6542, 1432.4764, 1432.2986, 1432.1207],
    [1432.832, 1432.6542, 1432.4764, 1432.2986, 1432.1207],
    [1432.832, 1432.6542, 1432.4764, 1432.4764, 1432.1207],
    [1432.832, 1432.6542, 1432.6542, 1432.4764, 1432.2986],
    [1432.832, 1432.6542, 1432.6542, 1432.4764, 1432.2986],
    [1432.832, 1432.832, 1432.6542, 1432.4764, 1432.4764],
]
QGIS_SLOPE = [
    [0.742317, 1.0500116, 1.2082565],
    [0.9002944, 0.9002944, 1.0502871],
    [0.9003686, 0.742317, 1.1390567],
    [0.64938396, 0.5692523, 1.0500116],
    [0.56964326, 0.64914393, 0.9002944],
]


def _ground(rows: int, columns: int, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Places of the middles of pixels, with a rim, east and south of the middle of the grid."""
    east = (np.arange(columns + 2) - (columns + 1) / 2) * width
    south = (np.arange(rows + 2) - (rows + 1) / 2) * height
    return east[np.newaxis, :], south[:, np.newaxis]


@pytest.mark.parametrize("direction", [0, 30, 45, 90, 200, 359])
@pytest.mark.parametrize("degrees", [0, 0.01, 5.14, 28.81, 60, 89])
def test_a_plane_has_one_slope_in_any_direction(degrees: float, direction: float) -> None:
    east, south = _ground(4, 7, 30.0, 20.0)
    turn = math.radians(direction)
    plane = math.tan(math.radians(degrees)) * (east * math.cos(turn) + south * math.sin(turn))
    computed = terrain.slope(plane + 500, 30.0, 20.0)
    assert computed.shape == (4, 7)
    np.testing.assert_allclose(computed, degrees, rtol=1e-9, atol=1e-12)


def test_a_cone_has_one_slope_far_from_its_top() -> None:
    """One part in a thousand at 40 pixels from the top: the plane of eight neighbours cuts the curve."""
    east, south = _ground(201, 201, 10.0, 10.0)
    distance = np.hypot(east, south)
    computed = terrain.slope(2000 - 0.5 * distance, 10.0, 10.0)
    far = distance[1:-1, 1:-1] > 400
    assert far.sum() > 30_000
    np.testing.assert_allclose(computed[far], math.degrees(math.atan(0.5)), rtol=1e-3)
    assert computed[100, 100] == 0


def test_a_surface_of_second_degree_is_met_exactly() -> None:
    east, south = _ground(9, 11, 25.0, 40.0)
    height = 1e-4 * east * east - 3e-4 * east * south + 2e-4 * south * south + 0.1 * east
    rise_east = 2e-4 * east - 3e-4 * south + 0.1
    rise_south = -3e-4 * east + 4e-4 * south
    expected = np.hypot(rise_east, rise_south)[1:-1, 1:-1]
    np.testing.assert_allclose(terrain.gradient(height, 25.0, 40.0), expected, rtol=1e-10)


def test_the_example_of_arcgis_comes_out() -> None:
    rise = terrain.gradient(np.array(ARCGIS), 5, 5)
    assert rise.item() == pytest.approx(3.80032, abs=1e-5)  # cut off, not rounded
    degrees = terrain.slope(np.array(ARCGIS), 5, 5)
    assert degrees.item() == pytest.approx(75.25762, abs=57.3 * 5e-6)


def test_the_slopes_of_qgis_come_out() -> None:
    """To what the elevations, in numbers of seven digits, allow."""
    computed = terrain.slope(np.array(QGIS_ELEVATION), 10.0, 10.0)
    np.testing.assert_allclose(computed, QGIS_SLOPE, atol=5e-4)


@pytest.mark.parametrize("row", [0, 1, 2])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_missing_neighbour_or_middle_leaves_no_slope(row: int, column: int) -> None:
    heights = np.random.default_rng(5).uniform(0, 100, (3, 6))
    heights[row, column] = np.nan
    computed = terrain.slope(heights, 10.0, 10.0)[0]
    assert np.isnan(computed[0])
    assert np.isfinite(computed[3])


def test_any_window_has_the_same_bits() -> None:
    """Rows are taken in strips; where they end, and where a block begins, makes no difference."""
    heights = np.random.default_rng(16).normal(500, 200, (1002, 602))
    widths = np.linspace(25.0, 27.0, 1000)[:, np.newaxis]
    whole = terrain.slope(heights, widths, 30.0)
    assert whole.size > 10 * terrain.STRIP_CELLS
    for top, left, rows, columns in ((0, 0, 512, 512), (37, 11, 77, 400), (999, 599, 1, 1)):
        rim = heights[top : top + rows + 2, left : left + columns + 2]
        part = terrain.slope(rim, widths[top : top + rows], 30.0)
        np.testing.assert_array_equal(
            part, whole[top : top + rows, left : left + columns], strict=True
        )


def test_widths_go_with_their_rows() -> None:
    """The same rise over half the width is twice the gradient."""
    heights = np.arange(5.0) * np.ones((4, 1))
    computed = terrain.gradient(heights, np.array([[10.0], [5.0]]), 10.0)
    np.testing.assert_allclose(computed, [[0.1] * 3, [0.2] * 3])


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_elevations_are_widened_before_they_are_subtracted(kind: type) -> None:
    """Differences of int16 would run over, and those of float32 lose digits."""
    heights = np.array([[30000, 30001, 30003], [-30000, 0, 30000], [0, 5, 9]], dtype=kind)
    kept = heights.copy()
    computed = terrain.slope(heights, 1000.0, 1000.0)
    assert computed.dtype == np.float64
    np.testing.assert_array_equal(
        computed, terrain.slope(heights.astype(float), 1000.0, 1000.0), strict=True
    )
    np.testing.assert_array_equal(heights, kept)


def test_the_steepness_factor_follows_from_the_rise() -> None:
    """S takes the sine of the slope, which is the rise over the way: 3 in 4 is a sine of 0.6."""
    heights = 0.75 * np.arange(3.0) * np.ones((3, 1))
    degrees = terrain.slope(heights, 1.0, 1.0)
    # above 28.81 degrees the variant without a cap goes on: 21.91 x 0.6 - 0.96
    steepness = rusle.slope_steepness_factor_uncapped(slope=degrees)
    assert steepness.item() == pytest.approx(12.186, rel=1e-12)


def test_the_examples_run() -> None:
    outcome = doctest.testmod(terrain)
    assert outcome.attempted >= 4
    assert outcome.failed == 0
