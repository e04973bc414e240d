"""Sensitivity: the Ishigami function and a linear one against their analytical indices."""

import numpy as np
import pytest

from gep.uncertainty.input_sensitivity import SobolIndices, one_at_a_time, sobol_indices

pytest.importorskip("scipy.stats")

A, B = 7.0, 0.1
WEIGHTS = np.array([4.0, 2.0, 1.0, 0.5])


def ishigami(u: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return np.asarray(np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0]))


def analytical() -> tuple[np.ndarray, np.ndarray]:
    """Ishigami & Homma 1990; the partial variances as in Saltelli et al. 2008, Global Sensitivity Analysis, p. 179."""
    one, two = (1 + B * np.pi**4 / 5) ** 2 / 2, A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return np.array([one, two, 0]) / whole, np.array([one + both, two, both]) / whole


def linear(u: np.ndarray) -> np.ndarray:
    return WEIGHTS @ u


def inside(indices: SobolIndices, first: np.ndarray, total: np.ndarray) -> bool:
    """Whether intervals hold the true value."""
    return bool(
        np.all((indices.first_low <= first) & (first <= indices.first_high))
        and np.all((indices.total_low <= total) & (total <= indices.total_high))
    )


def test_ishigami() -> None:
    """0.01 of each analytical index at 4,096 points; the intervals hold them."""
    indices = sobol_indices(ishigami, 3, 4096, seed=1)
    first, total = analytical()
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0], atol=5e-5)  # as printed in textbooks
    np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=5e-5)
    np.testing.assert_allclose(indices.first, first, atol=0.01)
    np.testing.assert_allclose(indices.total, total, atol=0.01)
    assert inside(indices, first, total)
    assert np.all(indices.first_high - indices.first_low < 0.2)
    assert indices.varies


def test_linear() -> None:
    """Of sum a_i u_i the index is a_i^2 sigma_i^2 / sum, first order and total alike."""
    indices = sobol_indices(linear, 4, 2048, seed=2)
    share = WEIGHTS**2 / (WEIGHTS**2).sum()
    np.testing.assert_allclose(indices.first, share, atol=0.005)
    np.testing.assert_allclose(indices.total, share, atol=0.005)
    assert inside(indices, share, share)


def test_several_results_are_those_of_each_alone() -> None:
    def both(u: np.ndarray) -> np.ndarray:
        return np.stack([ishigami(u), linear(np.concatenate([u, u[:1]])), np.full(u.shape[1], 0.1)])

    indices, alone = sobol_indices(both, 3, 256, seed=3), sobol_indices(ishigami, 3, 256, seed=3)
    assert indices.first.shape == indices.total_high.shape == (3, 3)
    np.testing.assert_allclose(indices.first[0], alone.first, rtol=1e-12)
    np.testing.assert_allclose(indices.total_low[0], alone.total_low, rtol=1e-12)
    np.testing.assert_array_equal(indices.varies, [True, True, False])
    np.testing.assert_array_equal([indices.first[2], indices.total[2], indices.first_high[2]], 0)


@pytest.mark.parametrize("level", [0.0, 0.1, 1e9 / 3])
def test_what_does_not_vary_has_no_indices_and_says_so(level: float) -> None:
    """Also where rounding alone makes it vary."""
    indices = sobol_indices(lambda u: level * (1 + 1e-14 * u[0]) + 0 * u[1], 2, 64, seed=4)
    assert not indices.varies
    for one in (
        indices.first,
        indices.first_low,
        indices.first_high,
        indices.total,
        indices.total_low,
    ):
        np.testing.assert_array_equal(one, [0, 0])


def test_an_input_without_influence_has_none() -> None:
    indices = sobol_indices(lambda u: u[0] ** 2, 2, 512, seed=5)
    np.testing.assert_allclose(indices.first, [1, 0], atol=0.01)
    assert indices.total[1] == 0


def test_one_input_has_all_the_variance() -> None:
    indices = sobol_indices(lambda u: np.stack([u[0] ** 2, 0 * u[0]]), 1, 64, seed=5)
    np.testing.assert_array_equal(indices.first, [[1], [0]])
    np.testing.assert_array_equal(indices.total_low, [[1], [0]])


def test_a_result_of_one_row_keeps_its_row() -> None:
    assert sobol_indices(lambda u: linear(u)[None], 4, 64, seed=5).first.shape == (1, 4)


def test_points_at_the_edge_are_moved_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "scipy.stats.qmc.Sobol.random", lambda _, n: np.resize([0.0, 1.0, 0.5, 0.25, 0.75], (n, 4))
    )
    seen: list[np.ndarray] = []
    sobol_indices(lambda u: seen.append(u.copy()) or u.sum(axis=0), 2, 64, seed=1)
    assert all(((one > 0) & (one < 1)).all() for one in seen)


def test_a_seed_gives_the_same_numbers_and_another_others() -> None:
    first, again, other = (sobol_indices(ishigami, 3, 128, seed=seed) for seed in (6, 6, 7))
    for name in ("first", "first_low", "total", "total_high"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert not np.array_equal(first.first, other.first)


@pytest.mark.parametrize("n", [0, 1, 100])
def test_the_number_of_points_is_a_power_of_two(n: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        sobol_indices(linear, 4, n, seed=1)


def test_points_are_inside_and_inputs_are_not_shared() -> None:
    seen: list[np.ndarray] = []

    def spoils(u: np.ndarray) -> np.ndarray:
        seen.append(u.copy())
        total = u.sum(axis=0)
        u[:] = np.nan  # a result that writes to its input harms no later call
        return np.asarray(total)

    np.testing.assert_allclose(sobol_indices(spoils, 2, 128, seed=8).total, [0.5, 0.5], atol=0.02)
    assert len(seen) == 4  # A, B and d mixed ones: n (d + 2) columns
    assert all(((one > 0) & (one < 1)).all() for one in seen)


def test_one_at_a_time_by_hand() -> None:
    """f = x y + z at (2, 3, 1) = 7; x from 1 to 4: 4 and 13; y from 3 to 5: 7 and 11; z from 0 to 9: 6 and 15."""
    swings = one_at_a_time(
        lambda x: x[0] * x[1] + x[2], np.array([1, 3, 0]), np.array([4, 5, 9]), np.array([2, 3, 1])
    )
    assert swings.centre == 7
    np.testing.assert_array_equal(swings.low, [4, 7, 6])
    np.testing.assert_array_equal(swings.high, [13, 11, 15])


def test_one_at_a_time_of_several_results() -> None:
    swings = one_at_a_time(
        lambda x: np.stack([x.sum(axis=0), x[0]]), np.zeros(2), np.ones(2), np.full(2, 0.5)
    )
    np.testing.assert_array_equal(swings.centre, [1, 0.5])
    np.testing.assert_array_equal(swings.low, [[0.5, 0.5], [0, 0.5]])
    np.testing.assert_array_equal(swings.high, [[1.5, 1.5], [1, 0.5]])
