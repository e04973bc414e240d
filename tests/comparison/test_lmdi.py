"""LMDI-I: effects that add up to the change, zeros by their limits, and no answer where there is none."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gep.comparison import lmdi
from gep.methods.soil import retention_by_rusle_with_practice

CLOSE = 1e-12  # of the larger level
STEADY = settings(deadline=None, derandomize=True, database=None)


def exact_mean(a: float, b: float) -> float:
    """The logarithmic mean by its definition, in 60 digits."""
    with localcontext() as context:
        context.prec = 60
        x, y = Decimal(a), Decimal(b)
        return float(x if x == y else (x - y) / (x.ln() - y.ln()))


def levels(factors: list[np.ndarray], powers: list[int]) -> np.ndarray:
    return np.prod(
        [np.asarray(one, dtype=float) ** power for one, power in zip(factors, powers, strict=True)],
        axis=0,
    )


@st.composite
def changes(
    draw: st.DrawFn, zeros: bool = True
) -> tuple[list[np.ndarray], list[np.ndarray], list[int]]:
    """Two states of 2 to 6 factors in 1 to 5 cells; each factor of a constant sign in a cell, divisors not 0."""
    count, cells = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    powers = draw(st.lists(st.sampled_from([-2, -1, 1, 1, 1, 2]), min_size=count, max_size=count))
    size = st.floats(1e-6, 1e6) | st.floats(0.9, 1.1) | st.sampled_from([1.0, 1 + 2.0**-52])
    before, after = [], []
    for power in powers:
        one = size | st.just(0.0) if zeros and power > 0 else size
        signs = np.array(
            draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=cells, max_size=cells))
        )
        for state in (before, after):
            state.append(signs * draw(st.lists(one, min_size=cells, max_size=cells)))
    return before, after, powers


@STEADY
@given(changes())
def test_effects_sum_to_the_change(
    change: tuple[list[np.ndarray], list[np.ndarray], list[int]],
) -> None:
    before, after, powers = change
    effects = lmdi.additive(before, after, powers)
    v0, v1 = levels(before, powers), levels(after, powers)
    assert effects.shape == (len(powers), *v0.shape)
    assert not lmdi.sign_changes(before, after, powers).any()
    assert np.all(
        np.abs(effects.sum(axis=0) - (v1 - v0)) <= CLOSE * np.maximum(np.abs(v0), np.abs(v1))
    )


@STEADY
@given(changes())
def test_time_reversed_turns_the_effects(
    change: tuple[list[np.ndarray], list[np.ndarray], list[int]],
) -> None:
    before, after, powers = change
    there, back = lmdi.additive(before, after, powers), lmdi.additive(after, before, powers)
    size = np.maximum(np.abs(levels(before, powers)), np.abs(levels(after, powers)))
    spread = np.abs(there).max(axis=0) + size
    assert np.all(np.abs(there + back) <= CLOSE * spread)


@STEADY
@given(changes(), st.randoms(use_true_random=False))
def test_order_of_factors_and_cells_is_of_no_account(
    change: tuple[list[np.ndarray], list[np.ndarray], list[int]], random: Random
) -> None:
    before, after, powers = change
    order, cells = list(range(len(powers))), list(range(len(before[0])))
    random.shuffle(order)
    random.shuffle(cells)
    moved = lmdi.additive(
        [before[one][cells] for one in order],
        [after[one][cells] for one in order],
        [powers[one] for one in order],
    )
    plain = lmdi.additive(before, after, powers)
    size = np.abs(plain).max(axis=0) + np.maximum(
        np.abs(levels(before, powers)), np.abs(levels(after, powers))
    )
    assert np.all(np.abs(moved - plain[np.ix_(order, cells)]) <= CLOSE * size[cells])


@STEADY
@given(changes(zeros=False))
def test_ratios_multiply_to_the_ratio_of_levels(
    change: tuple[list[np.ndarray], list[np.ndarray], list[int]],
) -> None:
    before, after, powers = change
    v0, v1 = levels(before, powers), levels(after, powers)
    ratios = lmdi.multiplicative(lmdi.additive(before, after, powers), v0, v1)
    np.testing.assert_allclose(np.log(ratios).sum(axis=0), np.log(v1 / v0), atol=1e-12)
    for one, power in enumerate(powers):  # in a single cell each ratio is that of its own factor
        np.testing.assert_allclose(
            ratios[one], (after[one] / before[one]) ** float(power), rtol=1e-10
        )


def test_two_factors_by_hand() -> None:
    """V = 10 x 5 = 50 -> 20 x 4 = 80: L = 30 / ln 1.6 = 63.82929; effects L ln 2 = 44.24310, L ln 0.8 = -14.24310."""
    effects = lmdi.additive(
        [np.array(10.0), np.array(5.0)], [np.array(20.0), np.array(4.0)], [1, 1]
    )
    np.testing.assert_allclose(effects, [44.24310, -14.24310], atol=6e-6)
    np.testing.assert_allclose(
        lmdi.multiplicative(effects, np.array(50.0), np.array(80.0)), [2.0, 0.8], rtol=1e-14
    )


def test_a_sum_of_cells_by_hand() -> None:
    """Two cells; weights L(V_i) / L(V) of the multiplicative form written out (Ang 2005), as a second way to the same.

    Cell 1: 10 x 5 -> 20 x 4 (50 -> 80, L = 63.82929); cell 2: 30 x 2 -> 30 x 1 (60 -> 30, L = 30 / ln 2 = 43.28085).
    Sum 110 -> 110, L = 110: quantity exp(63.82929 ln 2 / 110) = 1.495125,
    price exp((63.82929 ln 0.8 - 43.28085 ln 2) / 110) = 0.668840; their product is 1.
    """
    before, after = (
        [np.array([10.0, 30.0]), np.array([5.0, 2.0])],
        [np.array([20.0, 30.0]), np.array([4.0, 1.0])],
    )
    effects = lmdi.additive(before, after, [1, 1]).sum(axis=1)
    np.testing.assert_allclose(effects, [44.24310, -44.24310], atol=6e-6)
    ratios = lmdi.multiplicative(effects, np.array(110.0), np.array(110.0))
    np.testing.assert_allclose(ratios, [1.495125, 0.668840], rtol=1e-6)
    np.testing.assert_allclose(ratios.prod(), 1.0, rtol=1e-14)


def test_a_divisor_and_a_square_by_hand() -> None:
    """V = x^2 / y: 9 / 3 = 3 -> 36 / 2 = 18; L = 15 / ln 6, effects L 2 ln 2 = 11.60558 and L ln 1.5 = 3.39442."""
    effects = lmdi.additive([np.array(3.0), np.array(3.0)], [np.array(6.0), np.array(2.0)], [2, -1])
    np.testing.assert_allclose(effects, [11.60558, 3.39442], atol=6e-6)


@pytest.mark.parametrize(
    ("before", "after", "powers", "effects"),
    [
        ([0, 5], [3, 4], [1, 1], [12, 0]),  # the factor from zero takes the whole change
        ([3, 4], [0, 5], [1, 1], [-12, 0]),
        ([0, 0], [3, 4], [1, 1], [6, 6]),  # shared in proportion to the powers
        ([0, 0, 7], [3, 2, 1], [2, 1, 1], [12, 6, 0]),
        ([0, 5], [0, 4], [1, 1], [0, 0]),
        ([0, 5], [3, 0], [1, 1], [0, 0]),  # V is 0 in both states
        ([0, 5], [-3, 4], [1, 1], [-12, 0]),  # from 0 to a negative number is no change of sign
        ([-3, 4], [0, 5], [1, 1], [12, 0]),
        ([0, 8], [3, 4], [1, -1], [0.75, 0]),
    ],
)
def test_zeros_by_their_limits(
    before: list[float], after: list[float], powers: list[int], effects: list[float]
) -> None:
    x0, x1 = [np.array(float(one)) for one in before], [np.array(float(one)) for one in after]
    assert not lmdi.sign_changes(x0, x1, powers)
    np.testing.assert_array_equal(lmdi.additive(x0, x1, powers), effects)


@pytest.mark.parametrize("powers", [[1, 1, 1], [2, 1, 1], [1, 1, -1]])
@pytest.mark.parametrize("zeros", [1, 2])
def test_limits_are_the_limits_of_small_numbers(powers: list[int], zeros: int) -> None:
    """The effects at delta differ from the limit by a constant over u = -ln(delta): slowly, as Wood & Lenzen warn."""
    after = [np.array(3.0), np.array(0.7), np.array(5.0)]
    limit = lmdi.additive(
        [*[np.array(0.0)] * zeros, *map(np.array, [4.0, 2.0][zeros - 1 :])], after, powers
    )
    scaled = []
    for delta in (1e-75, 1e-150, 1e-300):
        before = [*[np.array(delta)] * zeros, *map(np.array, [4.0, 2.0][zeros - 1 :])]
        # delta**3 is below the smallest float: the effects rest on sums of logarithms, not on the level
        scaled.append((lmdi.additive(before, after, powers) - limit) * -np.log(delta))
    first, second = (np.abs(b - a) for a, b in pairwise(scaled))
    assert np.abs(scaled[-1]).max() <= 5 * np.abs(limit).max()
    assert np.all(second <= 0.6 * first + 1e-9)  # what is left of error x u halves as u doubles


@STEADY
@given(st.floats(1e-100, 1e100), st.sampled_from([0, 1, -1, 2, 5, 1000, 2**30, 2**50, 2**52]))
def test_log_mean_near_equal_numbers(a: float, steps: int) -> None:
    b = a * (1 + steps * 2.0**-52)
    assert lmdi.log_mean(np.array(a), np.array(b)) == pytest.approx(exact_mean(a, b), rel=4e-16)


@pytest.mark.parametrize(
    "difference", [1e-15, 3e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.4, 0.6, 1.0, 1e3, 1e15, 1e80]
)
def test_log_mean_at_any_distance(difference: float) -> None:
    for a in (1.0, 0.9999999999999999, 7e90, 3e-90):
        b = a * (1 + difference)
        assert lmdi.log_mean(np.array(a), np.array(b)) == pytest.approx(exact_mean(a, b), rel=1e-15)
        assert lmdi.log_mean(np.array(b), np.array(a)) == lmdi.log_mean(np.array(a), np.array(b))


def test_log_mean_at_the_edges() -> None:
    assert lmdi.log_mean(np.array(1e308), np.array(1e-308)) == pytest.approx(
        exact_mean(1e308, 1e-308), rel=1e-14
    )
    np.testing.assert_array_equal(
        lmdi.log_mean(np.array([0.0, 2.0, 0.0]), np.array([5.0, 0.0, 0.0])), [0, 0, 0]
    )
    assert np.isnan(lmdi.log_mean(np.array([-1.0, np.nan]), np.array([2.0, 2.0]))).all()


def test_change_of_sign_and_zero_divisors_are_not_defined() -> None:
    x0 = [np.array([1.0, -1.0, 1.0, 1.0, np.nan]), np.array([2.0, 2.0, 0.0, 2.0, 2.0])]
    x1 = [np.array([-1.0, -2.0, 1.0, 1.0, 1.0]), np.array([2.0, 2.0, 2.0, 0.0, 2.0])]
    np.testing.assert_array_equal(
        lmdi.sign_changes(x0, x1, [1, -1]), [True, False, True, True, False]
    )
    np.testing.assert_array_equal(
        np.isnan(lmdi.additive(x0, x1, [1, -1])), [[True, False, True, True, True]] * 2
    )  # never a number
    np.testing.assert_array_equal(
        lmdi.sign_changes(x0, x1, [2, 1]), [True, False, False, False, False]
    )  # even power
    np.testing.assert_array_equal(lmdi.sign_changes(x0, x1, [0, 1]), [False] * 5)


def test_ratios_are_undefined_from_zero_and_across_signs() -> None:
    v0, v1 = np.array([0.0, 2.0, -2.0, -2.0]), np.array([3.0, 0.0, 3.0, -3.0])
    ratios = lmdi.multiplicative((v1 - v0)[None], v0, v1)
    np.testing.assert_allclose(ratios, [[np.nan, np.nan, np.nan, 1.5]])


def test_factors_broadcast_and_lengths_are_checked() -> None:
    areas, price = np.array([[1.0, 2.0, 3.0]]), np.array([[2.0], [0.0]])
    effects = lmdi.additive([areas, price], [areas * 2, price + 1], [1, 1])
    assert effects.shape == (2, 2, 3)
    np.testing.assert_allclose(
        effects.sum(axis=0), areas * 2 * (price + 1) - areas * price, rtol=1e-12
    )
    with pytest.raises(ValueError, match="2 factors before, 1 after and 2 powers"):
        lmdi.additive([areas, price], [areas], [1, 1])


def test_homogeneity_of_methods() -> None:
    soil = {
        "erosivity": np.array([1000.0, 2000.0]),
        "erodibility": np.array([0.02, 0.03]),
        "slope_length": np.array([1.5, 2.0]),
        "slope_steepness": np.array([3.0, 0.0]),  # the second cell keeps nothing: it shows nothing
        "cover": np.array([0.1, 0.2]),
        "practice": np.array(1.0),
    }
    factors = {"erosivity": 1, "erodibility": 1, "slope_length": 1, "slope_steepness": 1}
    assert lmdi.homogeneity(retention_by_rusle_with_practice, soil) == factors
    assert (
        lmdi.homogeneity(retention_by_rusle_with_practice, {**soil, "slope_steepness": np.zeros(2)})
        == {}
    )


@pytest.mark.parametrize(
    ("function", "degrees"),
    [
        (lambda x, y: x * y, {"x": 1, "y": 1}),
        (lambda x, y: x**2 / y, {"x": 2, "y": -1}),
        (lambda x, y: y / x**2, {"x": -2, "y": 1}),
        (lambda x, y: x + y, {}),
        (lambda x, y: np.minimum(x, 4.0) * y, {"y": 1}),
        (lambda x, y: x**3 * y**0.5, {}),  # neither an integer from -2 to 2
        (
            lambda x, y: x * np.sin(np.pi * np.log2(x) + 1) ** 2 * y,
            {"y": 1},
        ),  # a power at lam = 2 alone
        (lambda x, y: x * (1 + 1e-7 * y), {"x": 1}),
        (lambda x, y: x + 0 * y, {"x": 1, "y": 0}),
        (lambda x, y: np.where(x > 3, np.nan, x) / y, {"y": -1}),  # a result that ends is no power
    ],
)
def test_homogeneity(function: Callable[..., np.ndarray], degrees: dict[str, int]) -> None:
    x, y = np.array([1.0, 2.0, 5.0]), np.array([3.0, 7.0, 0.5])
    assert lmdi.homogeneity(function, {"x": x, "y": y}) == degrees


def test_homogeneity_leaves_out_what_is_nowhere_other_than_zero() -> None:
    assert lmdi.homogeneity(lambda x, y: (x + 1) * y, {"x": np.zeros(2), "y": np.ones(2)}) == {
        "y": 1
    }


def test_what_is_left_of_a_method_is_one_more_factor() -> None:
    """Erosivity by its power, the rest f / erosivity as a factor: exact although 1 - C P is no product."""
    state = [
        {
            "erosivity": np.array([900.0, 800.0]),
            "cover": np.array([0.1, 0.3]),
            "practice": np.array([1.0, 0.5]),
        },
        {
            "erosivity": np.array([950.0, 0.0]),
            "cover": np.array([0.2, 0.3]),
            "practice": np.array([1.0, 1.0]),
        },
    ]
    fixed = {
        "erodibility": np.array(0.02),
        "slope_length": np.array(1.5),
        "slope_steepness": np.array(3.0),
    }
    full = [retention_by_rusle_with_practice(**one, **fixed) for one in state]
    rest = [
        retention_by_rusle_with_practice(**{**one, "erosivity": np.ones(2)}, **fixed)
        for one in state
    ]
    effects = lmdi.additive(
        [state[0]["erosivity"], rest[0]], [state[1]["erosivity"], rest[1]], [1, 1]
    )
    np.testing.assert_allclose(effects.sum(axis=0), full[1] - full[0], rtol=1e-12)
