"""Competition ranking: 1, 2, 2, 4 inside groups, along any axis, either way; what is missing has no rank."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.account import ranking
from gep.account.ranking import competition_ranks, integer_ranks

NAN = float("nan")
NUMBERS = st.sampled_from([NAN, -np.inf, -2.5, -0.0, 0.0, 1.0, 1e300, np.inf])
GROUPS = np.array(["p", "q", "p", "p", "q", ""], dtype=object)


def test_the_examples_run() -> None:
    assert doctest.testmod(ranking).attempted == 4
    assert doctest.testmod(ranking).failed == 0


def test_equals_share_the_better_rank() -> None:
    values = np.array([5.0, 9, 7, 7, 1, NAN])
    descending = [4, 1, 2, 2, 5, NAN]
    ascending = [2, 5, 3, 3, 1, NAN]
    np.testing.assert_array_equal(competition_ranks(values), descending)
    np.testing.assert_array_equal(competition_ranks(values, descending=False), ascending)


def test_numbers_are_ranked_inside_their_group() -> None:
    values = np.array([5.0, 9, 7, 7, 1, 3])
    np.testing.assert_array_equal(competition_ranks(values, GROUPS), [3, 1, 1, 1, 2, 1])


def test_what_has_no_group_has_no_rank() -> None:
    groups = np.array(["p", None, "p", NAN], dtype=object)
    ranks = competition_ranks(np.array([5.0, 9, 7, 8]), groups)
    np.testing.assert_array_equal(ranks, [2, NAN, 1, NAN])


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3)])
def test_nothing_is_ranked_where_there_is_nothing(shape: tuple[int, ...]) -> None:
    groups = np.array([""] * shape[-1], dtype=object)
    assert competition_ranks(np.zeros(shape), groups).shape == shape
    assert integer_ranks(np.zeros(shape)).shape == shape


@given(st.lists(NUMBERS, min_size=6, max_size=6), st.booleans())
def test_a_rank_is_one_more_than_how_many_are_better(
    numbers: list[float], descending: bool
) -> None:
    values = np.array(numbers)
    ranks = competition_ranks(values, GROUPS, descending=descending)
    for value, group, rank in zip(values, GROUPS, ranks, strict=True):
        if np.isnan(value):
            assert np.isnan(rank)
            continue
        rivals = values[[label == group for label in GROUPS]]
        better = rivals > value if descending else rivals < value
        assert rank == 1 + better.sum()


@given(st.lists(st.lists(NUMBERS, min_size=6, max_size=6), min_size=1, max_size=4), st.booleans())
def test_other_axes_are_ranked_one_by_one(draws: list[list[float]], descending: bool) -> None:
    values = np.array(draws)
    alone = [competition_ranks(row, GROUPS, descending=descending) for row in values]
    together = competition_ranks(values, GROUPS, descending=descending)
    by_column = competition_ranks(values.T, GROUPS, axis=0, descending=descending)
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(by_column.T, alone)


@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, 0.0, 2.0, 3.5]), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0, 1, -1]),
    st.booleans(),
)
def test_integer_ranks_are_the_same_ranks(
    numbers: list[list[float]], axis: int, descending: bool
) -> None:
    values = np.array(numbers)
    ranks = integer_ranks(values, axis=axis, descending=descending)
    assert ranks.dtype == np.int64
    expected = competition_ranks(values, axis=axis, descending=descending)
    np.testing.assert_array_equal(ranks, expected)
