"""Drawn rows and plans at draws: what is one random number, and results as a function of their rows."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.drawn_accounts import AREAS, BASE, COEFFICIENTS, DATA, limits, plans_of
from support.small import Row, Small, area

from gep.account.account import account_from_plan
from gep.account.evaluation import evaluate
from gep.uncertainty.distributions import uniforms
from gep.uncertainty.input_sensitivity import one_at_a_time, sobol_indices
from gep.uncertainty.monte_carlo import propagate_uncertainty
from gep.uncertainty.sampled_plan import RandomStream, SampledResult, block_of, sample_result
from gep.uncertainty.uncertain_rows import find_uncertain_rows

LOW, HIGH = 0.5, 1.25
SIZED = '''
def sized(
    *, area: Annotated[Array, "ha"], rate: Annotated[Array, "kg ha-1"], price: Annotated[Array, "CNY t-1"]
) -> Annotated[Array, "CNY"]:
    """Area times rate times price."""
    return area * rate * price / 1000
'''


def account(*names: str, group: str = "") -> Small:
    """Limits on the rows of these coefficients, data or classes."""
    sets = {
        "base": [
            limits(one, LOW, HIGH, "", group) if one["coefficient"] in names else one
            for one in COEFFICIENTS
        ]
    }
    data = [limits(one, LOW, HIGH, "", group) if one["name"] in names else one for one in DATA]
    areas = [limits(one, LOW, HIGH, "", group) if one["class"] in names else one for one in AREAS]
    return replace(BASE, sets=sets, data=data, areas=areas)


def total_line(result: SampledResult) -> int:
    frame = result.lines.frame
    return int(np.flatnonzero((frame["category"] == "total") & (frame["indicator"] == "total"))[0])


def times(factor: float, *names: str) -> Small:
    """The account whose rows of these names have other values."""

    def moved(rows: Iterable[Row], key: str, value: str) -> list[Row]:
        return [{**one, value: one[value] * (factor if one[key] in names else 1)} for one in rows]

    sets = {"base": moved(COEFFICIENTS, "coefficient", "value")}
    return replace(
        BASE, sets=sets, data=moved(DATA, "name", "value"), areas=moved(AREAS, "class", "area")
    )


def test_a_row_is_one_number_wherever_it_is_used(tmp_path: Path) -> None:
    rows = find_uncertain_rows(plans_of(tmp_path, account("rate", "output", "cost")))
    assert rows.frame["title"].tolist() == [
        "output a rice 2020", "output a rice 2021", "output b rice 2020", "output b rice 2021",
        "cost", "rate field", "rate forest", "rate shrub",
    ]  # fmt: skip
    assert len(rows.streams) == 8
    assert rows.used == 15  # 6 areas, 4 outputs, 5 coefficients
    assert rows.frame["title"].iloc[rows.shared].tolist() == [
        "cost",
        "rate field",
        "rate forest",
        "rate shrub",
    ]


def test_a_group_is_one_stream_of_many_rows(tmp_path: Path) -> None:
    rows = find_uncertain_rows(plans_of(tmp_path, account("rate", "output", "forest", group="all")))
    assert len(rows.frame) == 9
    assert sorted(rows.streams) == sorted(set(rows.streams))
    assert len(rows.streams) == 2  # of the set, and of the project's data and areas


def test_a_stream_is_named_by_what_the_row_is(tmp_path: Path) -> None:
    """The name is part of what a seed means: it may not change with versions of the package."""
    rows = find_uncertain_rows(plans_of(tmp_path, account("cost", "forest"))[:1])
    assert list(rows.streams) == [
        "project|area|a|||||||||forest|2020|",
        "set base@1.0.0|cost||||||||||||2020",
    ]
    found = RandomStream(rows, 11, 20, 40).numbers(np.array([1]))
    u = uniforms(11, rows.streams[1], 20, 40)
    rising = u < (1 - LOW) / (HIGH - LOW)
    low, high = np.sqrt(u * (HIGH - LOW) * (1 - LOW)), np.sqrt((1 - u) * (HIGH - LOW) * (HIGH - 1))
    np.testing.assert_allclose(
        found[0], 1750 * np.where(rising, LOW + low, HIGH - high), rtol=1e-12
    )


def test_inputs_without_drawn_rows_have_no_axis_of_draws(tmp_path: Path) -> None:
    plan = plans_of(tmp_path, account("rate"))[0]
    rows = find_uncertain_rows([plan])
    block = block_of(plan, rows, 0, np.array([1, 0]))
    found = evaluate(block.plan_at(RandomStream(rows, 1, 0, 7).numbers(block.rows)))
    assert found["land.value"].shape == (7, 2, 3)
    assert found["farm.value"].shape == (2, 1)
    assert list(block.plan.extent.regions) == ["b", "a"]
    assert found["land.value"].strides[0] == 8  # draws lie beside each other


def test_a_region_without_drawn_rows_has_the_axis_as_well(tmp_path: Path) -> None:
    """Else its sums would be added in another order than beside a region that has some."""
    one = account("output")
    data = [{**row, "low": "", "high": ""} if row["region"] == "b" else row for row in one.data]
    plan = plans_of(tmp_path, replace(one, data=data))[0]
    rows = find_uncertain_rows([plan])
    block = block_of(plan, rows, 0, np.array([1]))
    assert len(block.rows) == 0
    found = evaluate(block.plan_at(np.empty((0, 5))))
    assert found["farm.value"].shape == (5, 1, 1)


@pytest.mark.parametrize(
    "names", [("rate",), ("cost", "output"), ("forest",), ("forest", "field", "rate", "output")]
)
def test_limits_give_the_account_of_the_limits(tmp_path: Path, names: tuple[str, ...]) -> None:
    plans = plans_of(tmp_path / "drawn", account(*names))
    steps_of = {-1: LOW, 0: 1, 1: HIGH}
    at = {
        one: plans_of(tmp_path / str(factor), times(factor, *names))
        for one, factor in steps_of.items()
    }
    for region in ("a", "mid"):
        level, change = sample_result(plans, region, 2021), sample_result(plans, region, 2021, 2020)
        line = total_line(level)
        for step, (first, last) in at.items():
            totals = [account_from_plan(plan).total(region) for plan in (first, last)]
            steps = np.full((len(level.inputs), 2), float(step))
            np.testing.assert_allclose(level.between(steps)[line], totals[1], rtol=1e-12)
            steps = np.full((len(change.inputs), 2), float(step))
            np.testing.assert_allclose(
                change.between(steps)[line], totals[1] - totals[0], rtol=1e-9
            )


def test_an_area_that_is_an_input_is_drawn_too(tmp_path: Path) -> None:
    """As a density times area gives the value, so does an amount made of the bound area."""
    methods = BASE.methods + SIZED
    standard = BASE.standard.replace("own.py:priced_rate", "own.py:sized").replace(
        'per = "area"', 'per = "amount"'
    )
    bound = 'inputs = { area = { area = ["nature", "field"] }, rate = { coef = "rate" }'
    standard = standard.replace('inputs = { rate = { coef = "rate" }', bound)
    one = account("forest", "field", "rate")
    here = propagate_uncertainty(plans_of(tmp_path / "rate", one), 500, 3)
    there = propagate_uncertainty(
        plans_of(tmp_path / "area", replace(one, methods=methods, standard=standard)), 500, 3
    )
    np.testing.assert_allclose(there.quantiles, here.quantiles, rtol=1e-12)
    assert here.sd.max() > 0


def test_draws_of_a_result_are_those_of_the_account(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, account("rate", "output", "forest"))
    found = propagate_uncertainty(plans, 400, 6)
    result = sample_result(plans, "mid", 2021, 2020)
    names = find_uncertain_rows(plans).streams
    told = find_uncertain_rows(plans).frame.set_index("title")["stream"]
    values = result.at(
        np.array([uniforms(6, names[told[title]], 0, 400) for title in result.inputs["title"]])
    )
    table = found.table()
    mine = table[(table["region"] == "mid") & (table["from"] == 2020)]
    np.testing.assert_allclose(values.mean(axis=1), mine["mean"], rtol=1e-9)
    np.testing.assert_allclose(np.quantile(values, 0.05, axis=1), mine["p050"], rtol=1e-9)


def test_inputs_of_a_result_are_the_rows_behind_it(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, account("rate", "output", "forest"))
    result = sample_result(plans, "b", 2021)
    assert result.inputs["title"].tolist() == ["output b rice 2021", "rate shrub"]
    assert result.inputs[["low", "value", "high"]].to_numpy().tolist() == [
        [100, 200, 250],
        [5, 10, 12.5],
    ]
    grouped = sample_result(
        plans_of(tmp_path / "two", account("rate", group="all rates")), "a", 2020
    ).inputs
    assert grouped["title"].tolist() == ["all rates"]
    assert grouped["rows"].tolist() == [2]
    assert grouped["low"].isna().all()
    for region, year in (("nowhere", 2021), ("a", 1999)):
        with pytest.raises(KeyError):
            sample_result(plans, region, year)


def test_sensitivity_of_a_linear_account(tmp_path: Path) -> None:
    """Swings are those of the rows; Sobol indices the shares of independent variances."""
    result = sample_result(plans_of(tmp_path, account("rate")), "a", 2020)
    line = total_line(result)
    d = len(result.inputs)
    parts = np.array([100 * 5, 400 * 20]) * 1.75 / 1e4  # field, forest, at the value
    swings = one_at_a_time(lambda t: result.between(t)[line], -np.ones(d), np.ones(d), np.zeros(d))
    np.testing.assert_allclose(swings.high - swings.centre, parts * (HIGH - 1), rtol=1e-9)
    np.testing.assert_allclose(swings.low - swings.centre, parts * (LOW - 1), rtol=1e-9)
    indices = sobol_indices(lambda u: result.at(u)[line], d, 1024, 1)
    np.testing.assert_allclose(indices.first, parts**2 / (parts**2).sum(), atol=0.02)


def test_draws_of_areas_do_not_depend_on_the_order_of_parts(tmp_path: Path) -> None:
    areas = [
        limits(area("a", name, value), LOW, HIGH)
        for name, value in (("wood", 3.3), ("grove", 7.7), ("bush", 0.1))
    ]
    walk = [
        {"class": name, "ecosystem": "forest", "share": share}
        for name, share in (("wood", 0.3), ("grove", 0.6), ("bush", ""))
    ]
    walk += [
        {"class": name, "ecosystem": "na", "share": share}
        for name, share in (("wood", 0.7), ("grove", 0.4))
    ]
    data = [one for one in DATA if one["region"] == "a"]
    found = []
    for number, rows in enumerate((areas, areas[::-1], [areas[1], areas[0], areas[2]])):
        one = replace(BASE, areas=rows, walk=walk, data=data, regions=None)
        found.append(
            propagate_uncertainty(plans_of(tmp_path / str(number), one, years=(2020,)), 300, 2)
        )
    for other in found[1:]:
        assert np.array_equal(found[0].quantiles, other.quantiles)
