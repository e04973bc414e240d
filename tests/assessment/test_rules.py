"""Rules of scoring: what each gives, and the laws that hold whatever the numbers are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.schemes import one

from gep.account.ranking import competition_ranks
from gep.assessment import rules as scoring
from gep.assessment.context import AssessmentContext
from gep.assessment.events import ALL
from gep.assessment.scoring.scheme import ScoredIndicator, ScoreSpec
from gep.assessment.scoring.year_scores import ScoredYear
from gep.assessment.targets import Attainment
from gep.inputs.data import EMPTY

NAN = float("nan")
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
ONE_GROUP = np.array([ALL] * 4, dtype=object)


def array(*values: float) -> np.ndarray:
    """Numbers, one a region."""
    return np.array(values, dtype=float)


def words(word: str, count: int) -> np.ndarray:
    """One comparator for every region."""
    return np.array([word] * count, dtype=object)


def given_points(
    rule: Mapping[str, Any],
    readings: Sequence[float],
    target: float = NAN,
    word: str = ">=",
    **more: Any,
) -> list[float]:
    """The points of readings by a rule, one region each, in one group."""
    indicator = ScoredIndicator.model_validate(one("x", rule=rule, **more))
    names = tuple(f"r{number}" for number in range(len(readings)))
    year = ScoredYear(
        ScoreSpec.model_construct(),
        (indicator,),
        AssessmentContext((2020,), names, {}, EMPTY),
        2020,
    )
    x = np.array(readings, dtype=float)
    goal, way = np.full(len(x), target), words(word, len(x))
    done = Attainment(goal, way, scoring.meets(x, goal, way), goal, way)
    return [float(value) for value in year.points_of(indicator, x, done)]


# --- examples --------------------------------------------------------------------------------------------------------


def test_all_points_or_none() -> None:
    """A target met gives all points, one missed none; no reading no points."""
    assert given_points({"kind": "attain"}, [80, 79, NAN], 80) == pytest.approx(
        [10, 0, NAN], nan_ok=True
    )


def test_points_off_for_every_unit_until_none_is_left() -> None:
    """0.5 off for every 2 below 80, ten points at most to lose (扣完为止)."""
    rule = {"kind": "deduct", "rate": 0.5, "per": 2}
    assert given_points(rule, [90, 80, 78, 75, 20, NAN], 80) == pytest.approx(
        [10, 10, 9.5, 8.75, 0, NAN], nan_ok=True
    )
    assert given_points(rule, [70, 80, 82], 80, "<=") == pytest.approx([10, 10, 9.5])
    assert given_points(rule, [78, 80, 82], 80, "~") == pytest.approx([9.5, 10, 9.5])


def test_points_on_straight_lines() -> None:
    """Between 60, 80 and 100; constant beyond."""
    rule = {"kind": "interpolate", "at": [60, 80, 100], "values": [0, 6, 10]}
    assert given_points(rule, [50, 60, 70, 80, 90, 100, 120]) == pytest.approx(
        [0, 0, 3, 6, 8, 10, 10]
    )


def test_efficacy_between_given_limits() -> None:
    """60 + 40 (x - low)/(high - low), of ten points; reversed where less is better."""
    rule = {"kind": "efficacy", "low": 0, "high": 20}
    assert given_points(rule, [-5, 0, 5, 20, 30, NAN]) == pytest.approx(
        [6, 6, 7, 10, 10, NAN], nan_ok=True
    )
    assert given_points(rule, [-5, 0, 5, 20, 30], direction="-") == pytest.approx([10, 10, 9, 6, 6])
    assert given_points({**rule, "floor": 0}, [0, 5, 20]) == pytest.approx([0, 2.5, 10])


def test_efficacy_between_the_group_s_own_limits() -> None:
    """The least has the floor, the most has all; those without reading set no limit."""
    assert given_points({"kind": "efficacy"}, [10, 30, 20, NAN]) == pytest.approx(
        [6, 10, 8, NAN], nan_ok=True
    )
    assert given_points({"kind": "efficacy"}, [10, 30, 20], direction="-") == pytest.approx(
        [10, 6, 8]
    )


def test_efficacy_where_all_are_alike() -> None:
    """Nobody is worse than another."""
    assert given_points({"kind": "efficacy"}, [7, 7, 7]) == [10, 10, 10]


@pytest.mark.parametrize(("direction", "expected"), [("+", [6, 6, 6]), ("-", [10, 10, 10])])
def test_efficacy_where_the_whole_group_lies_below_the_given_limit(
    direction: str, expected: list[float]
) -> None:
    """With low = 50 and readings of 10 to 30 nobody has come further than the floor (or all are better than it)."""
    assert (
        given_points({"kind": "efficacy", "low": 50}, [10, 20, 30], direction=direction) == expected
    )


@pytest.mark.parametrize(("direction", "expected"), [("+", [10, 10]), ("-", [6, 6])])
def test_efficacy_where_the_whole_group_lies_above_the_given_limit(
    direction: str, expected: list[float]
) -> None:
    """With high = 50 and readings of 60 and 70 everybody is beyond it."""
    assert given_points({"kind": "efficacy", "high": 50}, [60, 70], direction=direction) == expected


def test_points_by_rank_with_ties() -> None:
    """First 10, then 2 off for each place; two seconds, then the fourth."""
    rule = {"kind": "rank", "step": 2}
    assert given_points(rule, [5, 9, 7, 7, NAN]) == pytest.approx([4, 10, 8, 8, NAN], nan_ok=True)
    assert given_points(rule, [5, 9, 7, 7], direction="-") == [10, 4, 8, 8]
    assert given_points({"kind": "rank", "step": 8}, [1, 2, 3]) == [0, 2, 10]


def test_a_reading_that_is_the_points() -> None:
    """Taken as it is, between none and all."""
    assert given_points({"kind": "reading"}, [-1, 0, 7.5, 11, NAN]) == pytest.approx(
        [0, 0, 7.5, 10, NAN], nan_ok=True
    )


def test_guards_against_base_effects() -> None:
    """Readings beyond least and most are taken at them, before any rule."""
    assert given_points({"kind": "reading"}, [1, 3, 9], least=2, most=8) == [2, 3, 8]
    assert given_points({"kind": "efficacy"}, [0, 5, 10, 1000], most=10, points=100) == [
        60,
        80,
        100,
        100,
    ]


def test_ranks_inside_groups() -> None:
    """1, 2, 2, 4 in one group; the other group by itself."""
    group = np.array(["p", "p", "p", "p", "q", "q"], dtype=object)
    found = competition_ranks(array(5, 9, 7, 7, 1, NAN), group)
    assert found.tolist() == pytest.approx([4, 1, 2, 2, 1, NAN], nan_ok=True)


def test_readings_that_lack_keep_or_spread_their_weight() -> None:
    """60 + none of 40: 60 at the floor 0, 84 at the floor 0.6, all of it spread."""
    points, most = np.array([[60.0], [NAN]]), array(60, 40)
    assert scoring.totals(points, most, "floor", 0.0).tolist() == [60]
    assert scoring.totals(points, most, "floor", 0.6).tolist() == pytest.approx([84])
    assert scoring.totals(points, most, "spread", 0.0).tolist() == pytest.approx([100])
    assert scoring.totals(np.array([[NAN], [NAN]]), most, "spread", 0.0).tolist() == pytest.approx(
        [NAN], nan_ok=True
    )


# --- laws ------------------------------------------------------------------------------------------------------------

RULES = st.one_of(
    st.just({"kind": "attain"}),
    st.builds(lambda rate, per: {"kind": "deduct", "rate": rate, "per": per}, st.floats(0, 5), st.floats(0.1, 10)),
    st.builds(
        lambda at, values: {"kind": "interpolate", "at": sorted(at), "values": sorted(values)},
        st.lists(st.integers(-50, 50), min_size=3, max_size=3, unique=True),
        st.lists(st.floats(0, 10), min_size=3, max_size=3),
    ),
    st.builds(
        lambda limits, floor: {"kind": "efficacy", "floor": floor, **limits},
        st.sampled_from([{}, {"low": -10.0}, {"high": 20.0}, {"low": -10.0, "high": 20.0}]), st.floats(0, 100),
    ),
    st.builds(lambda step: {"kind": "rank", "step": step}, st.floats(0, 10)),
    st.just({"kind": "reading"}),
)  # fmt: skip
READINGS = st.lists(st.integers(-60, 60).map(float), min_size=2, max_size=7)


def better_way(rule: Mapping[str, Any], direction: str) -> float:
    """Which way a reading must go to be better: the rules without direction go upwards."""
    return 1.0 if direction == "+" or rule["kind"] in ("interpolate", "reading") else -1.0


@given(RULES, READINGS, st.sampled_from("+-"), st.integers(-50, 50), st.integers(0, 60), st.data())
@settings(max_examples=300, deadline=None)
def test_a_better_reading_never_has_fewer_points(
    rule: dict[str, Any],
    readings: list[float],
    direction: str,
    goal: int,
    more: int,
    data: st.DataObject,
) -> None:
    """One region improves, all else stays: its own points do not fall. Points lie between none and all."""
    who = data.draw(st.integers(0, len(readings) - 1))
    limits = data.draw(st.sampled_from([{}, {"least": -20.0}, {"most": 15.0}]))
    word = data.draw(st.sampled_from([">=", ">"] if direction == "+" else ["<=", "<"]))
    improved = list(readings)
    improved[who] += better_way(rule, direction) * more
    before = given_points(rule, readings, goal, word, direction=direction, **limits)
    after = given_points(rule, improved, goal, word, direction=direction, **limits)
    assert after[who] >= before[who] - 1e-9
    assert all(0 <= value <= 10 for value in [*before, *after])


@given(RULES, READINGS, st.sampled_from("+-"), st.data())
@settings(max_examples=200, deadline=None)
def test_points_do_not_depend_on_the_order_of_regions(
    rule: dict[str, Any], readings: list[float], direction: str, data: st.DataObject
) -> None:
    """Regions in another order have the same points."""
    order = data.draw(st.permutations(range(len(readings))))
    word = ">=" if direction == "+" else "<="
    before = given_points(rule, readings, 10, word, direction=direction)
    after = given_points(rule, [readings[place] for place in order], 10, word, direction=direction)
    assert after == [before[place] for place in order]


@given(
    st.lists(
        st.tuples(st.one_of(st.just(NAN), st.integers(-5, 5).map(float)), st.sampled_from("pqr")),
        min_size=1, max_size=12,
    ),
    st.sampled_from("+-"),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_ranks_are_a_competition_ranking(regions: list[tuple[float, str]], direction: str) -> None:
    """A rank is one more than how many of the group are better; who has no reading has none."""
    x, group = (
        array(*(value for value, _ in regions)),
        np.array([name for _, name in regions], dtype=object),
    )
    found = competition_ranks(x, group, descending=direction == "+")
    for value, name, rank in zip(x, group, found, strict=True):
        if np.isnan(value):
            assert np.isnan(rank)
            continue
        mine = x[(group == name) & ~np.isnan(x)]
        assert rank == 1 + sum(mine > value if direction == "+" else mine < value)


@given(st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_ranks_of_many_draws_are_those_of_each(draws: list[list[float]]) -> None:
    """Draws ahead of the regions are ranked one by one."""
    group = np.array(["p", "q", "p"], dtype=object)
    together = competition_ranks(np.array(draws), group)
    assert together.tolist() == [
        competition_ranks(np.array(one_draw), group).tolist() for one_draw in draws
    ]


@given(
    st.lists(st.tuples(st.floats(0.5, 20), st.one_of(st.just(NAN), st.floats(0, 1))), min_size=1, max_size=8),
    st.sampled_from(["floor", "spread"]), st.floats(0, 1),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_totals_stay_between_none_and_all(
    parts: list[tuple[float, float]], missing: str, floor: float
) -> None:
    """Whatever lacks, the total lies between 0 and the sum of the weights; where all read in full it is that sum."""
    most = array(*(weight for weight, _ in parts))
    points = np.array([[weight * share] for weight, share in parts])
    total = scoring.totals(points, most, missing, floor)[0]
    assert np.isnan(total) == (missing == "spread" and np.isnan(points).all())
    assert np.isnan(total) or -1e-9 <= total <= most.sum() + 1e-9
    full = scoring.totals(most.reshape(-1, 1), most, missing, floor)[0]
    assert full == pytest.approx(most.sum(), rel=1e-12)


@given(NUMBERS, NUMBERS, st.integers(1, 10), st.integers(-2, 12))
@settings(max_examples=100, deadline=None)
def test_the_straight_way_runs_from_base_to_target(
    base: float, goal: float, span: int, passed: int
) -> None:
    """At the base year the base, at the target's year and after it the target, between them in equal steps."""
    found = scoring.linear_path(
        array(base), array(goal), array(2015), array(2015 + span), 2015 + passed
    )[0]
    assert found == pytest.approx(base + (goal - base) * min(max(passed / span, 0), 1), abs=1e-6)
