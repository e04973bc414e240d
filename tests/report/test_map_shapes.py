"""Outlines with fewer corners stay where they were, as far as an eye can tell."""

import numpy as np
import pytest

from gep.report.figures.map_shapes import hexagon_shapes, simplified

CIRCLE = np.array([(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 2001)])
CIRCLE[-1] = CIRCLE[0]


def _off(points: np.ndarray, ring: np.ndarray) -> float:
    """The largest distance of points from the sides of a ring."""
    start, along = ring[:-1], np.diff(ring, axis=0)
    share = ((points[:, None] - start) * along).sum(axis=2) / (along**2).sum(axis=1)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    return float(np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1).max())


@pytest.mark.parametrize("tolerance", [0.1, 0.01, 0.001])
def test_no_corner_is_farther_off_than_the_tolerance(tolerance: float) -> None:
    (ring,) = simplified([CIRCLE], tolerance)
    assert len(ring) < len(CIRCLE) / 5
    np.testing.assert_array_equal(ring[0], ring[-1])
    assert _off(CIRCLE, ring) <= tolerance


def test_corners_on_a_line_go_and_those_of_a_shape_stay() -> None:
    square = np.array([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)], dtype=float)
    (ring,) = simplified([square], 1e-9)
    assert ring.tolist() == [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]


def test_a_spike_that_turns_back_on_itself_stays() -> None:
    spike = np.array([(0, 0), (2, 0), (5, 0), (2, 0), (2, 1), (0, 1), (0, 0)], dtype=float)
    (ring,) = simplified([spike], 0.1)
    assert [5, 0] in ring.tolist()


def test_specks_go_but_a_region_that_is_one_stays() -> None:
    speck = CIRCLE * 1e-4
    assert len(simplified([CIRCLE, speck], 1e-3)) == 1
    (only,) = simplified([speck], 1e-3)
    assert len(only) >= 4


def test_regions_without_a_place_have_no_hexagon() -> None:
    lon = {"a": 115.0, "b": float("nan"), "c": 116.0, "d": 115.5}
    lat = {"a": 28.0, "b": 28.0, "c": 28.0}
    assert set(hexagon_shapes(lon, lat)) == {"a", "c"}
    assert hexagon_shapes({}, {}) == {}
