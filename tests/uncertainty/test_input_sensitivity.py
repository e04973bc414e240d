"""The table of inputs by how much they move a result: swings by hand, Sobol indices, refusals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.drawn_accounts import BASE, COEFFICIENTS, limits, plans_of
from support.small import Small

import gep
from gep.uncertainty.input_sensitivity import SENSITIVITY_COLUMNS, input_sensitivity

pytest.importorskip("scipy.stats")

LOW, HIGH = 0.5, 1.25
FIELD, FOREST = 100 * 5 * 1.75 / 1e4, 400 * 20 * 1.75 / 1e4  # of region a, 10^4 CNY
INDICES = ["first", "first_low", "first_high", "total", "total_low", "total_high"]


def account(group: str = "") -> Small:
    """Limits on the rates of all ecosystem types."""
    coefficients = []
    for row in COEFFICIENTS:
        is_rate = row["coefficient"] == "rate"
        coefficients.append(limits(row, LOW, HIGH, "uniform", group) if is_rate else row)
    return replace(BASE, sets={"base": coefficients})


def test_swings_by_hand(tmp_path: Path) -> None:
    table = input_sensitivity(plans_of(tmp_path, account()), "a", 2020)
    assert list(table.columns) == SENSITIVITY_COLUMNS
    assert table["input"].tolist() == ["rate forest", "rate field"]  # the larger swing first
    assert table["rows"].tolist() == [1, 1]
    assert table[["low", "value", "high"]].to_numpy().tolist() == [[10, 20, 25], [2.5, 5, 6.25]]
    parts = np.array([FOREST, FIELD])
    np.testing.assert_allclose(table["swing"], parts * (HIGH - LOW), rtol=1e-9)
    np.testing.assert_allclose(table["result"] - table["result_low"], parts * (1 - LOW), rtol=1e-9)
    assert table[INDICES].isna().all(axis=None)


def test_the_value_of_an_indicator_and_of_a_category(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, account())
    land = input_sensitivity(plans, "a", 2020, indicator="land")
    np.testing.assert_allclose(land["result"], FOREST + FIELD, rtol=1e-12)
    farm = input_sensitivity(plans, "a", 2020, category="provisioning")
    np.testing.assert_allclose(farm["swing"], 0, atol=1e-12)


def test_rows_of_a_group_are_one_input(tmp_path: Path) -> None:
    table = input_sensitivity(plans_of(tmp_path, account("all rates")), "a", 2020)
    assert table[["input", "rows"]].to_numpy().tolist() == [["all rates", 2]]
    assert table[["low", "value", "high"]].isna().all(axis=None)
    np.testing.assert_allclose(table["swing"], (FOREST + FIELD) * (HIGH - LOW), rtol=1e-9)


def test_indices_of_the_inputs_that_swing_most(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, account())
    table = input_sensitivity(plans, "a", 2020, points=512, seed=1)
    shares = np.array([FOREST, FIELD]) ** 2 / (FOREST**2 + FIELD**2)
    np.testing.assert_allclose(table["first"], shares, atol=0.02)
    np.testing.assert_allclose(table["total"], shares, atol=0.02)
    largest = input_sensitivity(plans, "a", 2020, points=64, most=1)
    assert largest.loc[0, INDICES].tolist() == [1] * 6  # the other input is held at its median
    assert largest.loc[1, INDICES].isna().all()


@pytest.mark.parametrize("points", [1, 100, -4])
def test_points_are_a_power_of_two(tmp_path: Path, points: int) -> None:
    with pytest.raises(gep.ProblemsFound) as refusal:
        input_sensitivity(plans_of(tmp_path, account()), "a", 2020, points=points)
    (problem,) = refusal.value.problems
    told = "1 point is" if points == 1 else f"{points} points are"
    assert problem.say("en") == (
        f"[bad-draws] --sobol: {told} not a power of two, such as 2, 4 or 8"
        " / fix: take a power of two, such as --sobol 1024"
    )
    assert f"采样点数为 {points}，不是 2、4、8 这样的 2 的幂" in problem.say("zh")


def test_a_region_without_limits_is_refused_by_name(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, BASE)
    with pytest.raises(gep.ProblemsFound) as refusal:
        input_sensitivity(plans, "a", 2021)
    (problem,) = refusal.value.problems
    assert problem.say("en") == (
        "[no-uncertainty] A (a): all rows behind the result of 2021 are exact: none gives low and"
        " high with low < high / fix: fill in low, high and distribution of the coefficients, data"
        " or areas that this region uses"
    )
    assert problem.say("zh").startswith("[no-uncertainty] 甲 (a)：该区域 2021 年结果用到的数据")
    with pytest.raises(gep.ProblemsFound) as refusal:
        input_sensitivity(plans, "a", 2021, start=2020)
    assert "2020、2021" in str(refusal.value.problems[0].say_what("zh"))
