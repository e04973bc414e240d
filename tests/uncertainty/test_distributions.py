"""Draws: the distribution that was stated, the same bits however they are cut, and no half-stated distribution."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.moments import mean_variance, quantiles

from gep.inputs.value_rows import distribution_faults
from gep.uncertainty.distributions import quantiles_of_rows, uniforms

stats = pytest.importorskip("scipy.stats")

DRAWS, SEED, ERRORS = (
    200_000,
    20260729,
    4,
)  # ERRORS: standard errors allowed; one of 16,000 true means lies outside
STEADY = settings(deadline=None, derandomize=True, database=None)
ROWS = [
    (2.0, 3.0, 7.0, ""),
    (2.0, 2.0, 7.0, "triangular"),
    (2.0, 7.0, 7.0, "triangular"),
    (-4.0, -1.0, 3.0, "triangular"),
    (120.0, 120.0, 125.0, ""),
    (0.5, 0.6, 0.9, "uniform"),
    (4722.349, 4722.669, 4722.988, "normal"),
    (-3.0, 1.0, 5.0, "normal"),
    (1.0, 2.0, 4.0, "lognormal"),
    (0.05, 0.1, 0.2, "lognormal"),
]
EXACT = [
    (np.nan, 5.0, np.nan, ""),
    (5.0, 5.0, 5.0, "lognormal"),
    (5.0, 5.0, 5.0, ""),
    (0.0, 0.0, 0.0, "normal"),
]


def reference(low: float, value: float, high: float, kind: str) -> object:
    """The same distribution as SciPy has it."""
    spread = 2 * 1.959964
    if kind == "uniform":
        return stats.uniform(low, high - low)
    if kind == "normal":
        return stats.norm(value, (high - low) / spread)
    if kind == "lognormal":
        return stats.lognorm(np.log(high / low) / spread, scale=value)
    return stats.triang((value - low) / (high - low), low, high - low)


def columns(
    rows: list[tuple[float, float, float, str]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    low, value, high, kinds = zip(*rows, strict=True)
    return np.array(low), np.array(value), np.array(high), list(kinds)


def moments_fit(draws: np.ndarray, mean: float, variance: float) -> None:
    """Mean and variance of draws within ERRORS standard errors of what they should be."""
    off = draws - mean
    assert abs(off.mean()) <= ERRORS * np.sqrt(variance / len(draws))
    assert abs((off**2).mean() - variance) <= ERRORS * (off**2).std() / np.sqrt(len(draws))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_quantiles_and_moments_are_those_of_scipy(row: tuple[float, float, float, str]) -> None:
    low, _, high, kind = row
    u = np.array([2.0**-53, 1e-6, 0.025, 0.2, 0.5, 0.8, 0.975, 1 - 1e-6, 1 - 2.0**-53])
    expected = reference(*row)
    found = quantiles(u, *row)
    np.testing.assert_allclose(found, expected.ppf(u), rtol=1e-6)
    assert np.all(np.diff(found) >= 0)
    np.testing.assert_allclose(
        mean_variance(*columns([row])), np.array(expected.stats("mv"))[:, None], rtol=1e-6
    )
    if kind in ("", "triangular", "uniform"):
        assert low <= found.min()
        assert found.max() <= high


@pytest.mark.parametrize(
    ("row", "expected"),
    [((-3.0, 1.0, 5.0, "normal"), [-3, 1, 5]), ((1.0, 2.0, 4.0, "lognormal"), [1, 2, 4])],
    ids=str,
)
def test_limits_are_the_95_percent_interval(
    row: tuple[float, float, float, str], expected: list[float]
) -> None:
    np.testing.assert_allclose(
        quantiles(np.array([0.025, 0.5, 0.975]), *row), expected, rtol=1e-12, atol=1e-12
    )


def test_triangular_by_hand() -> None:
    """2, 4, 10: P(x < 4) = 2/8; the median is 10 - sqrt(0.5 x 8 x 6) = 5.101021; mean 16/3, variance 52/18."""
    np.testing.assert_allclose(
        quantiles(np.array([0.25, 0.5]), 2, 4, 10, ""), [4, 5.101021], rtol=1e-7
    )
    mean, variance = mean_variance(*columns([(2, 4, 10, "")]))
    np.testing.assert_allclose([mean[0], variance[0]], [16 / 3, 52 / 18], rtol=1e-15)


def test_exact_rows_stay_at_their_value() -> None:
    u = np.linspace(0.01, 0.99, 7)
    for row in EXACT:
        np.testing.assert_array_equal(quantiles(u, *row), np.full(7, row[1]))
    mean, variance = mean_variance(*columns(EXACT))
    np.testing.assert_array_equal(mean, [5, 5, 5, 0])
    np.testing.assert_array_equal(variance, 0)


def test_rows_together_are_the_rows_one_by_one() -> None:
    rows = [*ROWS, *EXACT]
    u = np.array([uniforms(SEED, str(number), 0, 50) for number in range(len(rows))])
    together = quantiles_of_rows(u, *columns(rows))
    for number, row in enumerate(rows):
        np.testing.assert_array_equal(together[number], quantiles(u[number], *row))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_draws_have_the_moments_in_closed_form(row: tuple[float, float, float, str]) -> None:
    mean, variance = mean_variance(*columns([row]))
    moments_fit(quantiles(uniforms(SEED, f"row {row}", 0, DRAWS), *row), mean[0], variance[0])


def test_sums_and_products_of_independent_rows() -> None:
    """Sum: means and variances add. Product: E = prod m, Var = prod (v + m**2) - prod m**2 (Goodman 1960)."""
    rows = [ROWS[0], ROWS[5], ROWS[8]]
    draws = np.array(
        [quantiles(uniforms(SEED, f"factor {one}", 0, DRAWS), *row) for one, row in enumerate(rows)]
    )
    mean, variance = mean_variance(*columns(rows))
    moments_fit(draws.sum(axis=0), mean.sum(), variance.sum())
    moments_fit(draws.prod(axis=0), mean.prod(), np.prod(variance + mean**2) - np.prod(mean**2))


def test_uniform_numbers_are_uniform_and_open() -> None:
    u = uniforms(SEED, "u", 0, DRAWS)
    assert u.min() > 0
    assert u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < ERRORS / np.sqrt(DRAWS)
    assert abs(np.corrcoef(u, uniforms(SEED, "v", 0, DRAWS))[0, 1]) < ERRORS / np.sqrt(DRAWS)
    assert abs(np.corrcoef(u, uniforms(SEED + 1, "u", 0, DRAWS))[0, 1]) < ERRORS / np.sqrt(DRAWS)


def test_extreme_bits_give_neither_0_nor_1(monkeypatch: pytest.MonkeyPatch) -> None:
    class Edges:
        def __init__(self, seed: object) -> None:
            pass

        def advance(self, delta: int) -> None:
            assert delta == 0

        def random_raw(self, size: int) -> np.ndarray:
            return np.resize(np.array([0, 2**64 - 1], dtype=np.uint64), size)

    monkeypatch.setattr(np.random, "PCG64DXSM", Edges)
    np.testing.assert_array_equal(uniforms(0, "", 0, 2), [2.0**-53, 1 - 2.0**-53])


@STEADY
@given(st.lists(st.integers(0, 3007), max_size=6), st.text(max_size=5), st.integers(0, 2**70))
def test_chunks_change_no_bit(cuts: list[int], name: str, seed: int) -> None:
    edges = [0, *sorted(cuts), 3007]
    whole = uniforms(seed, name, 0, edges[-1])
    parts = [uniforms(seed, name, *pair) for pair in pairwise(edges)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_order_and_threads_change_no_bit() -> None:
    names = [f"cell {number}" for number in range(40)]
    plain = {name: uniforms(SEED, name, 500, 2500) for name in names}
    with ThreadPoolExecutor(4) as pool:
        mixed = dict(
            zip(
                names[::-1],
                pool.map(lambda name: uniforms(SEED, name, 500, 2500), names[::-1]),
                strict=True,
            )
        )
    assert all(plain[name].tobytes() == mixed[name].tobytes() for name in names)
    assert len({one.tobytes() for one in plain.values()}) == len(names)


def test_a_shared_name_is_perfect_rank_correlation() -> None:
    u = uniforms(SEED, "group", 0, 5000)
    one, other = quantiles(u, *ROWS[0]), quantiles(u, *ROWS[8])
    assert stats.spearmanr(one, other).statistic == pytest.approx(1, abs=1e-12)
    apart = quantiles(uniforms(SEED, "another", 0, 5000), *ROWS[8])
    assert abs(stats.spearmanr(one, apart).statistic) < ERRORS / np.sqrt(5000)


@pytest.mark.parametrize("draws", [(-1, 0, 5), (1, 5, 4), (1, -1, 4)])
def test_draws_that_run_backwards_are_refused(draws: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="are required"):
        uniforms(draws[0], "name", *draws[1:])


def test_an_unknown_distribution_is_refused() -> None:
    with pytest.raises(
        ValueError, match="reads 'gauss'; known are: triangular, uniform, normal, lognormal"
    ):
        quantiles(np.array([0.5]), 1, 2, 3, "gauss")
    with pytest.raises(ValueError, match="gauss"):
        mean_variance(*columns([(1, 2, 3, "gauss")]))


N = np.nan


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([*ROWS, *EXACT], []),
        ([(1, 2, N, ""), (N, 2, 3, "uniform"), (1, 2, 3, "")], [([0, 1], "distribution-limits")]),
        ([(N, 2, N, ""), (N, 2, N, "normal")], [([1], "distribution-limits")]),
        ([(0, 2, 3, "lognormal"), (-1, 2, 3, "lognormal")], [([0, 1], "distribution-limits")]),
        ([(3, 2, 4, ""), (1, 2, 1.5, "uniform"), (3, 2, 1, "normal")], [([0, 1, 2], "low-high")]),
        ([(N, 2, N, "gauss")], [([0], "unknown-distribution")]),
        ([(3, 2, N, "")], [([0], "low-high"), ([0], "distribution-limits")]),
        (
            [(1, 2, 3, "gauss"), (1, 2, 3, "beta"), (1, 2, 3, "gauss")],
            [([0, 2], "unknown-distribution"), ([1], "unknown-distribution")],
        ),
        (
            [(0, 3.99, 10, "normal"), (0, 4.01, 10, "normal"), (0, 1, 10, "uniform")],
            [([0], "distribution-skewed")],
        ),
        ([(1, 50, 100, "lognormal"), (1, 10, 100, "lognormal")], [([0], "distribution-skewed")]),
    ],
)
def test_faults(
    rows: list[tuple[float, float, float, str]], faults: list[tuple[list[int], str]]
) -> None:
    frame = pd.DataFrame(rows, columns=["low", "value", "high", "distribution"])
    found = distribution_faults(frame)
    assert [(positions.tolist(), code) for positions, code, _, _ in found] == faults
    assert all(what and fix for _, _, what, fix in found)


def test_na_has_no_distribution() -> None:
    frame = pd.DataFrame(
        [
            (N, N, N, "", True),
            (1, N, 2, "", True),
            (N, N, N, "uniform", True),
            (1, N, N, "", True),
            (1, 2, 3, "", False),
        ],
        columns=["low", "value", "high", "distribution", "na"],
    )
    (positions, code, what, _fix), *others = distribution_faults(frame)
    assert (positions.tolist(), code, others) == ([1, 2, 3], "distribution-limits", [])
    assert "na" in what


def test_what_a_seed_means_stays() -> None:
    """The first draws of a stream, computed once from numpy's own generator: seed, name and place decide them."""
    key = np.frombuffer(blake2b("价格".encode(), digest_size=16).digest(), dtype="<u4").tolist()
    source = np.random.Generator(
        np.random.PCG64DXSM(np.random.SeedSequence(7, spawn_key=tuple(key)))
    )
    np.testing.assert_allclose(
        uniforms(7, "价格", 0, 1005)[1000:], source.random(1005)[1000:], atol=2.0**-51
    )
    np.testing.assert_array_equal(
        uniforms(7, "价格", 1000, 1005), uniforms(7, "价格", 0, 1005)[1000:]
    )
