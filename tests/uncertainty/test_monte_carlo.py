"""Intervals, chances and ranks from draws, held against closed forms; common draws, batches, and equal bits."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.drawn_accounts import AREAS, BASE, COEFFICIENTS, DATA, limits, plans_of
from support.moments import mean_variance, quantiles
from support.museum import BAD, project
from support.small import Row, Small, area, coefficient

import gep
from gep.account import evaluation
from gep.account.ranking import integer_ranks
from gep.texts.catalogue import Language
from gep.uncertainty import monte_carlo, sampled_plan
from gep.uncertainty.interval_tables import RankCounts, Uncertainty
from gep.uncertainty.uncertain_rows import find_uncertain_rows

SPREADS = {
    "triangular": (0.7, 1.5),
    "uniform": (0.8, 1.2),
    "normal": (0.8, 1.2),
    "lognormal": (0.5, 2.0),
}
DRAWS = 20_000
PARTS = {"p025": 0.025, "p050": 0.05, "p500": 0.5, "p950": 0.95, "p975": 0.975}


def small(
    coefficients: Sequence[Row] = COEFFICIENTS,
    data: Sequence[Row] = DATA,
    areas: Sequence[Row] = AREAS,
) -> Small:
    return replace(BASE, sets={"base": coefficients}, data=data, areas=areas)


def drawn(
    rows: Sequence[Row], name: str, low: float, high: float, kind: str = "", group: str = ""
) -> list[Row]:
    """The rows with limits on those of a name."""
    hit = [name in (row.get("coefficient"), row.get("name"), row.get("class")) for row in rows]
    assert any(hit)
    return [
        limits(row, low, high, kind, group) if one else row
        for row, one in zip(rows, hit, strict=True)
    ]


def run(
    folder: Path, account: Small, count: int = 1000, seed: int = 1, **options: object
) -> Uncertainty:
    return monte_carlo.propagate_uncertainty(plans_of(folder, account), count, seed, **options)


def row(
    table: pd.DataFrame, region: str, indicator: str, year: int, start: object = "", **more: object
) -> pd.Series:
    keys = {"region": region, "indicator": indicator, "year": year, "from": start} | more
    chosen = table[
        np.logical_and.reduce([(table[name] == key).to_numpy() for name, key in keys.items()])
    ]
    chosen = chosen if "category" in more else chosen[~chosen["category"].str.startswith("total:")]
    return chosen.iloc[0]


def moments(value: float, kind: str) -> tuple[float, float]:
    low, high = SPREADS[kind]
    mean, variance = mean_variance(
        np.array([value * low]), np.array([value]), np.array([value * high]), [kind]
    )
    return float(mean[0]), float(variance[0])


def near(found: pd.Series, mean: float, variance: float, kurtosis: float = 12.0) -> None:
    """Within four standard errors of mean and variance; products of these spreads have a kurtosis below 12."""
    assert abs(found["mean"] - mean) < 4 * np.sqrt(variance / DRAWS)
    assert abs(found["sd"] ** 2 / variance - 1) < 4 * np.sqrt((kurtosis - 1) / DRAWS)


@pytest.mark.parametrize("kind", SPREADS)
def test_a_product_has_the_mean_and_variance_of_the_closed_form(tmp_path: Path, kind: str) -> None:
    low, high = SPREADS[kind]
    account = small(
        drawn(COEFFICIENTS, "product_price", low, high, kind),
        drawn(DATA, "output", low, high, kind),
    )
    table = run(tmp_path, account, DRAWS).written_table()
    (price, price_var), (mass, mass_var) = moments(3000, kind), moments(700, kind)
    variance = (price_var + price**2) * (mass_var + mass**2) - (price * mass) ** 2
    near(row(table, "a", "farm", 2020), price * mass / 1e4, variance / 1e8)


@pytest.mark.parametrize("kind", SPREADS)
def test_a_sum_of_products_that_share_a_price(tmp_path: Path, kind: str) -> None:
    low, high = SPREADS[kind]
    account = small(
        drawn(COEFFICIENTS, "product_price", low, high, kind),
        drawn(DATA, "output", low, high, kind),
    )
    table = run(tmp_path, account, DRAWS).written_table()
    (price, price_var), (one, one_var), (two, two_var) = (
        moments(value, kind) for value in (3000.0, 700.0, 200.0)
    )
    mass, mass_var = one + two, one_var + two_var
    variance = (price_var + price**2) * (mass_var + mass**2) - (price * mass) ** 2
    near(row(table, "mid", "farm", 2020), price * mass / 1e4, variance / 1e8)
    # the output of another year is another number, its price is the same: only their product is shared
    change = row(table, "mid", "farm", 2021, 2020)
    near(change, 0.0, (price_var + price**2) * 2 * mass_var / 1e8)


def test_a_sum_over_ecosystem_types(tmp_path: Path) -> None:
    account = small(drawn(COEFFICIENTS, "rate", 0.8, 1.2, "uniform"))
    found = row(run(tmp_path, account, DRAWS).written_table(), "a", "land", 2020)
    parts = [(400 * 1.75 / 1e4, 20.0), (100 * 1.75 / 1e4, 5.0)]  # forest, field: 10^4 CNY per kg/ha
    near(found, sum(a * b for a, b in parts), sum((a * b * 0.4) ** 2 / 12 for a, b in parts))


@pytest.mark.parametrize("kind", SPREADS)
def test_quantiles_of_one_row_are_those_of_its_distribution(tmp_path: Path, kind: str) -> None:
    low, high = SPREADS[kind]
    found = row(
        run(tmp_path, small(drawn(COEFFICIENTS, "cost", low, high, kind)), DRAWS).written_table(),
        "b",
        "land",
        2020,
    )
    value = 200 * 10 * 1.75 / 1e4
    for name, part in PARTS.items():
        error = 4 * np.sqrt(part * (1 - part) / DRAWS)
        under, due, over = quantiles(
            np.array([part - error, part, part + error]), value * low, value, value * high, kind
        )
        assert under < found[name] < over, (name, due)
    assert found["p_positive"] == 1


def test_what_two_years_share_drops_out_of_their_change(tmp_path: Path) -> None:
    table = run(tmp_path, small(drawn(COEFFICIENTS, "rate", 0.5, 2.0, "lognormal"))).written_table()
    level, change = row(table, "b", "land", 2020), row(table, "b", "land", 2021, 2020)
    assert change["sd"] == pytest.approx(
        level["sd"] * 50 / 200, rel=1e-9
    )  # 200 ha became 250 ha, exactly known
    assert change["p_positive"] == 1
    assert change["p025"] == pytest.approx(level["p025"] / 4, rel=1e-9)
    assert row(table, "b", "farm", 2021, 2020)["sd"] == 0


def test_rows_of_a_group_move_together_and_others_do_not(tmp_path: Path) -> None:
    apart = run(tmp_path / "one", small(drawn(COEFFICIENTS, "rate", 0.5, 1.5, "uniform")), DRAWS)
    group = run(
        tmp_path / "two", small(drawn(COEFFICIENTS, "rate", 0.5, 1.5, "uniform", "g")), DRAWS
    )
    forest, field = 400 * 20 * 1.75 / 1e4, 100 * 5 * 1.75 / 1e4
    near(row(apart.written_table(), "a", "land", 2020), forest + field, (forest**2 + field**2) / 12)
    near(row(group.written_table(), "a", "land", 2020), forest + field, (forest + field) ** 2 / 12)


def test_groups_of_a_set_and_of_the_project_are_not_the_same(tmp_path: Path) -> None:
    coefficients = drawn(COEFFICIENTS, "product_price", 0.5, 1.5, "uniform", "g")
    account = small(coefficients, drawn(DATA, "output", 0.5, 1.5, "uniform", "g"))
    table = run(tmp_path, account, DRAWS).written_table()
    mass, price = (700 + 200), 0.3
    variance = (mass**2 / 12 + mass**2) * (price**2 / 12 + price**2) - (mass * price) ** 2
    near(row(table, "mid", "farm", 2020), mass * price, variance)
    assert (
        row(table, "mid", "farm", 2021, 2020)["sd"] == 0
    )  # all outputs are one group: both years move alike


def test_areas_are_drawn_and_their_parts_follow_the_crosswalk(tmp_path: Path) -> None:
    walk = (
        {"class": "wood", "ecosystem": "forest", "share": 0.75},
        {"class": "wood", "ecosystem": "shrub", "share": 0.25},
        {"class": "forest", "ecosystem": "forest", "share": ""},
    )
    areas = [
        limits(area("a", "wood", 400), 0.5, 1.5, "uniform"), area("a", "forest", 100),
        area("b", "wood", 2, "km2", 2020), area("a", "wood", 400, year=2021), area("b", "wood", 2, "km2", 2021),
    ]  # fmt: skip
    table = run(tmp_path, replace(small(areas=areas), walk=walk), DRAWS).written_table()
    wood = 400 * (0.75 * 20 + 0.25 * 10) * 1.75 / 1e4  # both parts of one number
    near(row(table, "a", "land", 2020), wood + 100 * 20 * 1.75 / 1e4, wood**2 / 12)
    assert row(table, "b", "land", 2020)["sd"] == 0
    assert row(table, "a", "land", 2021)["sd"] == 0


def test_one_dominates_in_each_draw_though_intervals_overlap(tmp_path: Path) -> None:
    areas = [area("a", "forest", 210), area("b", "forest", 200)]
    areas += [dict(one, year=2021) for one in areas]
    data = [one | {"value": 1} for one in DATA]
    found = run(tmp_path, small(drawn(COEFFICIENTS, "rate", 0.5, 1.5), data, areas))
    table = found.written_table()
    one, two = row(table, "a", "total", 2020), row(table, "b", "total", 2020)
    assert two["p975"] > one["p025"]
    assert found.pairwise(2020).loc["a", "b"] == 1
    assert found.pairwise(2020).loc["b", "a"] == 0
    assert (one["rank_p025"], one["rank_p975"], two["rank_p025"], two["rank_p975"]) == (1, 1, 2, 2)
    pairs = found.pairwise_table()
    assert list(pairs.columns) == ["year", "region_a", "region_b", "probability"]
    assert pairs["probability"].tolist() == [1, 0, 1, 0]


def test_equals_share_a_rank_and_none_exceeds_the_other(tmp_path: Path) -> None:
    areas = [area(region, "forest", 200, year=year) for region in "ab" for year in (2020, 2021)]
    found = run(
        tmp_path,
        small(drawn(COEFFICIENTS, "rate", 0.5, 1.5), [one | {"value": 1} for one in DATA], areas),
    )
    assert found.pairwise(2021).loc["a", "b"] == 0
    assert row(found.written_table(), "b", "total", 2021)["rank_p975"] == 1


def test_ranks_of_draws() -> None:
    values = np.array([[3.0, 1, 2], [5, 1, 9], [3, 0, 2]])
    assert integer_ranks(values, axis=0).tolist() == [[2, 1, 2], [1, 1, 1], [2, 3, 2]]
    standing = RankCounts(np.arange(3))
    for part in (values[:, :2], values[:, 2:]):
        standing.add(part)
    assert standing.interval().tolist() == [[1, 1, 2], [2, 1, 3]]
    probabilities = standing.probabilities()
    assert probabilities is not None
    assert np.nan_to_num(probabilities).tolist() == [[0, 0, 1 / 3], [2 / 3, 0, 1], [0, 0, 0]]


def test_pairs_are_not_counted_for_too_many() -> None:
    standing = RankCounts(np.arange(301))
    standing.add(np.zeros((301, 2)))
    assert standing.probabilities() is None


def unsure() -> Small:
    """Limits on everything."""
    coefficients = drawn(drawn(COEFFICIENTS, "rate", 0.6, 1.3), "cost", 0.5, 2.0, "lognormal")
    coefficients = drawn(coefficients, "product_price", 0.9, 1.1, "normal")
    areas = drawn(drawn(AREAS, "forest", 0.9, 1.2), "shrub", 0.5, 1.5, "uniform")
    return small(coefficients, drawn(DATA, "output", 0.8, 1.1), areas)


def test_parents_are_sums_of_draws(tmp_path: Path) -> None:
    """Against each draw of the regions, from the function that sensitivity uses."""
    plans = plans_of(tmp_path, unsure())
    parts = [sampled_plan.sample_result(plans, region, 2021, 2020) for region in ("a", "b", "mid")]
    rng = np.random.default_rng(3)
    uniform = dict.fromkeys(parts[2].inputs["title"])
    uniform = {title: rng.random(50) for title in uniform}
    found = [one.at(np.array([uniform[title] for title in one.inputs["title"]])) for one in parts]
    np.testing.assert_allclose(found[0] + found[1], found[2], rtol=1e-9)
    table = monte_carlo.propagate_uncertainty(plans, 1000, 1).written_table()
    for year, start in ((2020, ""), (2021, ""), (2021, 2020)):
        means = [
            row(table, region, "total", year, start)["mean"] for region in ("a", "b", "mid", "top")
        ]
        assert means[0] + means[1] == pytest.approx(means[2], rel=1e-12)
        assert means[2] == means[3]


def test_batches_pool_means_exactly_and_quantiles_within_their_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = plans_of(tmp_path, unsure())
    whole = monte_carlo.propagate_uncertainty(plans, 8000, 5)
    monkeypatch.setattr(monte_carlo, "BATCH", 1000)
    parts = monte_carlo.propagate_uncertainty(plans, 8000, 5)
    one, two = whole.written_table(), parts.written_table()
    for name in ("mean", "sd"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-9, atol=1e-12)
    for name in ("p_positive", "rank_p025", "rank_p975"):
        assert two[name].tolist() == one[name].tolist()
    pd.testing.assert_frame_equal(whole.pairwise_table(), parts.pairwise_table())
    assert whole.statement()["quantile_error"] is None
    error = parts.statement()["quantile_error"]
    assert 0.005 < error < 0.1
    for name in PARTS:
        assert ((two[name] - one[name]).abs() <= 4 * error * one["sd"] + 1e-12).all()
    assert (two["p025"] != one["p025"]).any()


def test_batches_need_not_divide_the_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monte_carlo, "BATCH", 700)
    assert run(tmp_path, unsure(), 1501).statement()["batches"] == 3


def many_types(folder: Path) -> list[gep.Plan]:
    """Twelve ecosystem types, five regions: enough for sums to depend on their order."""
    names = [f"type{one}" for one in range(12)]
    classes = [{"class": one, "zh": one, "en": one} for one in names]
    rng = np.random.default_rng(8)
    regions = [
        {"region": code, "parent": "" if code == "top" else "top"}
        for code in ("top", "a", "b", "c", "d", "e")
    ]
    areas = [
        area(region["region"], name, repr(value), year=year)
        for year in (2020, 2021)
        for region in regions[1:]
        for name, value in zip(names, rng.uniform(10, 900, 12).tolist(), strict=True)
    ]
    areas = [limits(one, 0.9, 1.1) if one["region"] in "ac" else one for one in areas]
    rates = [
        coefficient("rate", repr(value), "kg ha-1", ecosystem=name)
        for name, value in zip(names, rng.uniform(1, 30, 12).tolist(), strict=True)
    ]
    coefficients = (
        [limits(one, 0.7, 1.6, "lognormal") for one in rates]
        + list(COEFFICIENTS[-1:])
        + list(COEFFICIENTS[:1])
    )
    data = [one | {"region": code} for code in "abcde" for one in DATA[::2]]
    data = [limits(one, 0.9, 1.2, "normal") if one["region"] != "b" else one for one in data]
    account = replace(small(coefficients, data, areas), classes=classes, regions=regions)
    return plans_of(folder, account)


def same_bits(one: Uncertainty, other: Uncertainty) -> None:
    for name in ("mean", "sd", "positive", "quantiles"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    pd.testing.assert_frame_equal(one.written_table(), other.written_table(), check_exact=True)
    pd.testing.assert_frame_equal(one.pairwise_table(), other.pairwise_table(), check_exact=True)


def test_same_seed_same_bits_whatever_blocks_chunks_and_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = many_types(tmp_path)
    usual = monte_carlo.propagate_uncertainty(plans, 1117, 42)
    for lines, samples, chunk, workers in (
        (1, 1, 1, 1), (400_000, 10**9, 40_000, 2), (10**9, 200_000, 8 * 60 * 300, 4), (600_000, 10**9, 10**9, 3),
    ):  # fmt: skip
        monkeypatch.setattr(monte_carlo, "_LINES_BYTES", lines)
        monkeypatch.setattr(monte_carlo, "_SAMPLES_BYTES", samples)
        monkeypatch.setattr(sampled_plan, "_CHUNK_BYTES", chunk)
        monkeypatch.setattr(sampled_plan, "_SAMPLES_AT_ONCE", chunk)
        monkeypatch.setattr(sampled_plan, "_KEPT_SAMPLES", samples // 40)
        same_bits(usual, monte_carlo.propagate_uncertainty(plans, 1117, 42, workers=workers))
    assert not np.array_equal(usual.mean, monte_carlo.propagate_uncertainty(plans, 1117, 43).mean)


@pytest.mark.parametrize("cells", [1, 30])
def test_evaluating_a_few_regions_at_a_time_changes_no_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    plan = many_types(tmp_path)[0]
    whole = evaluation.evaluate(plan)
    monkeypatch.setattr(evaluation, "_BLOCK_CELLS", cells)
    in_blocks = evaluation.evaluate(plan)
    assert list(in_blocks) == list(whole)
    for name, values in whole.items():
        assert values.tobytes() == in_blocks[name].tobytes(), name


@pytest.mark.parametrize("positions", [[], [0], [99], [2, 4, 49, 94, 96], [0, 1, 2, 98, 99]])
def test_selected_numbers_are_those_of_sorting(positions: list[int]) -> None:
    rng = np.random.default_rng(5)
    values = np.stack([rng.random(100), rng.integers(0, 3, 100), np.zeros(100)])
    chosen = values.copy()
    monte_carlo.select_in_place(chosen, np.array(positions, dtype=int))
    assert np.array_equal(np.sort(chosen, axis=-1), np.sort(values, axis=-1))
    assert np.array_equal(chosen[:, positions], np.sort(values, axis=-1)[:, positions])


@pytest.mark.parametrize("draws", [2, 100, 101, 1117])
def test_statistics_of_a_batch_are_those_of_numpy(tmp_path: Path, draws: int) -> None:
    job = monte_carlo.work_of(many_types(tmp_path), None)
    statistics = monte_carlo._BatchStatistics(job, draws)
    values = np.random.default_rng(6).normal(1, 2, (3, draws))
    values[1] = 4.0
    statistics.write((0, 0, slice(0, 3)), values.copy())
    np.testing.assert_allclose(statistics.mean[0, 0, :3], values.mean(axis=-1), rtol=1e-12)
    squares = values.var(axis=-1) * draws
    np.testing.assert_allclose(statistics.squares[0, 0, :3], squares, rtol=1e-9)
    assert statistics.positive[0, 0, :3].tolist() == (values > 0).sum(axis=-1).tolist()
    expected = np.quantile(values, list(PARTS.values()), axis=-1).T
    np.testing.assert_allclose(statistics.quantiles[0, 0, :3], expected, rtol=1e-12)


def test_more_draws_begin_with_the_fewer(tmp_path: Path) -> None:
    rows = find_uncertain_rows(plans_of(tmp_path, unsure()))
    every = np.arange(len(rows.frame))
    whole = sampled_plan.RandomStream(rows, 3, 0, 1000).numbers(every)
    for start, stop in ((0, 300), (300, 1000)):
        assert np.array_equal(
            whole[:, start:stop], sampled_plan.RandomStream(rows, 3, start, stop).numbers(every)
        )


def test_the_order_of_rows_and_plans_changes_nothing(tmp_path: Path) -> None:
    account = unsure()
    turned = replace(
        account,
        areas=account.areas[::-1],
        data=account.data[::-1],
        sets={"base": account.sets["base"][::-1]},
    )
    one = monte_carlo.propagate_uncertainty(
        plans_of(tmp_path / "one", account), 500, 9
    ).written_table()
    two = monte_carlo.propagate_uncertainty(
        plans_of(tmp_path / "two", turned)[::-1], 500, 9
    ).written_table()
    keys = ["year", "from", "region", "category", "indicator"]
    one, two = (
        table.astype({"from": str, "to": str}).sort_values(keys, ignore_index=True)
        for table in (one, two)
    )
    pd.testing.assert_frame_equal(one, two, rtol=1e-12)


def test_a_number_of_another_region_changes_nothing_here(tmp_path: Path) -> None:
    """Streams are told by what rows are: limits given elsewhere leave the draws of a row as they were."""
    one = run(tmp_path / "one", small(drawn(COEFFICIENTS, "rate", 0.5, 1.5)))
    account = small(drawn(COEFFICIENTS, "rate", 0.5, 1.5), drawn(DATA, "output", 0.5, 1.5))
    two = run(tmp_path / "two", account)
    for name in ("mean", "sd", *PARTS):
        assert (
            row(one.written_table(), "a", "land", 2020)[name]
            == row(two.written_table(), "a", "land", 2020)[name]
        )


def test_nothing_to_draw_is_refused(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound, match="no-uncertainty"):
        run(tmp_path / "none", small())
    unused = [*COEFFICIENTS, limits(coefficient("never", 1, "t"), 0.5, 2)]
    exact = drawn(unused, "cost", 1, 1)
    with pytest.raises(gep.ProblemsFound, match="no-uncertainty"):
        run(tmp_path / "unused", small(exact))


def test_nothing_to_draw_says_what_to_fill_in(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound) as refusal:
        run(tmp_path, small())
    assert said(refusal.value, "en") == [
        "[no-uncertainty] --draws: none of the rows used (15) gives low and high with low < high: all are exact"
        " / fix: fill in low, high and distribution of coefficients, data or areas"
    ]
    assert said(refusal.value, "zh") == [
        "[no-uncertainty] --draws：核算用到的 15 行数据都是确定值，没有一行给出下限小于上限的 low 和 high"
        " / 改正：在参数、数据或面积表中填写 low、high（下限、上限）和 distribution（分布）"
    ]


def said(error: gep.ProblemsFound, language: Language) -> list[str]:
    return [problem.say(language) for problem in error.problems]


@pytest.mark.parametrize(("count", "seed"), [(99, 1), (1000, -1)])
def test_bad_draws_are_refused(tmp_path: Path, count: int, seed: int) -> None:
    with pytest.raises(gep.ProblemsFound, match="bad-draws"):
        run(tmp_path, unsure(), count, seed)


def test_bad_draws_and_a_bad_seed_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound) as refusal:
        run(tmp_path, unsure(), 99, -1)
    assert said(refusal.value, "en") == [
        "[bad-draws] --draws: 99 draws are fewer than 100 / fix: take at least 100 draws;"
        " 10,000 are usual for results to be published: --draws 10000",
        "[bad-draws] --seed: the seed is -1, a negative number"
        " / fix: take 0 or a positive whole number, such as --seed 1",
    ]
    assert [line.split(" / ")[0] for line in said(refusal.value, "zh")] == [
        "[bad-draws] --draws：抽样次数为 99，不足 100 次",
        "[bad-draws] --seed：随机种子为 -1，不能为负数",
    ]


def test_pairs_of_years(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, unsure())
    back = monte_carlo.propagate_uncertainty(plans, 200, 1, pairs=[(2021, 2020)])
    on = monte_carlo.propagate_uncertainty(plans, 200, 1)
    assert on.pairs == ((2020, 2021),)
    assert (
        row(back.written_table(), "a", "total", 2020, 2021)["mean"]
        == -row(on.written_table(), "a", "total", 2021, 2020)["mean"]
    )
    assert monte_carlo.propagate_uncertainty(plans[:1], 200, 1).pairs == ()
    with pytest.raises(gep.ProblemsFound, match="missing-year") as refusal:
        monte_carlo.propagate_uncertainty(plans, 200, 1, pairs=[(2020, 2030)])
    assert "choose from the years that have an account: 2020, 2021" in said(refusal.value, "en")[0]
    assert "要比较 2030 年，但没有该年的账户" in said(refusal.value, "zh")[0]
    with pytest.raises(gep.ProblemsFound, match="same-year") as refusal:
        monte_carlo.propagate_uncertainty([plans[0], plans[0]], 200, 1)
    assert "there is more than one account of 2020" in said(refusal.value, "en")[0]
    assert "2020 年的账户不止一个" in said(refusal.value, "zh")[0]


def test_na_and_gaps_have_no_rows(tmp_path: Path) -> None:
    data = [
        one
        for one in drawn(DATA, "output", 0.5, 1.5)
        if one["region"] == "a" or one["year"] == 2020
    ]
    account = small(data=[*data, {**DATA[-1], "value": "na"}])
    table = run(tmp_path, account).written_table()
    assert set(table.loc[(table["region"] == "b") & (table["indicator"] == "farm"), "year"]) == {
        2020
    }
    assert row(table, "b", "total", 2021)["mean"] == pytest.approx(250 * 10 * 1.75 / 1e4)


def test_draws_that_a_method_cannot_take_are_told(tmp_path: Path) -> None:
    methods = BASE.methods.replace(
        "return rate * price / 1000", "return np.log(rate) * price / 1000"
    )
    coefficients = drawn(COEFFICIENTS, "rate", 0.01, 1.99, "normal")
    with pytest.raises(gep.ProblemsFound, match="in a draw") as refusal:
        run(tmp_path, replace(small(coefficients), methods=methods))
    assert [(problem.code, problem.where) for problem in refusal.value.problems] == [
        ("not-finite-result", "land.value")
    ]
    assert "：抽样计算中，" in said(refusal.value, "zh")[0]


def test_sampled_lines_are_the_draws_behind_the_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = many_types(tmp_path)
    chosen = [("total", "total", ""), ("regulating", "land", ""), ("no", "such", "line")]
    sampled = monte_carlo.sample_lines(plans[::-1], 300, 4, chosen)
    assert sampled.frame["indicator"].tolist() == ["total", "land"]
    assert list(sampled.codes) == ["a", "b", "c", "d", "e", "top"]
    assert {year: values.shape for year, values in sampled.values.items()} == {
        2020: (300, 6, 2),
        2021: (300, 6, 2),
    }
    table = monte_carlo.propagate_uncertainty(plans, 300, 4).written_table()
    for year, values in sampled.values.items():
        for line, indicator in enumerate(sampled.frame["indicator"]):
            for position, code in enumerate(sampled.codes):
                interval = row(table, code, indicator, year)
                samples = values[:, position, line]
                assert samples.mean() == pytest.approx(interval["mean"], rel=1e-12)
                assert np.quantile(samples, 0.05) == pytest.approx(interval["p050"], rel=1e-12)
    monkeypatch.setattr(monte_carlo, "_LINES_BYTES", 1)
    monkeypatch.setattr(sampled_plan, "_CHUNK_BYTES", 1)
    again = monte_carlo.sample_lines(plans, 300, 4, chosen)
    for year, values in sampled.values.items():
        assert values.tobytes() == again.values[year].tobytes()


def test_no_line_is_chosen(tmp_path: Path) -> None:
    sampled = monte_carlo.sample_lines(plans_of(tmp_path, unsure()), 50, 1, [("a", "b", "c")])
    assert sampled.values[2020].shape == (50, 4, 0)


def test_progress_ends_at_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monte_carlo, "BATCH", 100)
    monkeypatch.setattr(monte_carlo, "_LINES_BYTES", 1)
    told: list[float] = []
    run(tmp_path, unsure(), 200, progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_the_table_and_the_statement(tmp_path: Path) -> None:
    found = run(tmp_path, small(drawn(COEFFICIENTS, "product_price", 0.9, 1.1)))
    firm = "year region level category indicator item from to mean sd p025 p050 p500 p950 p975 p_positive"
    assert " ".join(found.written_table().columns) == f"{firm} rank_p025 rank_p975 unit"
    told = found.statement()
    assert (told["draws"], told["seed"], told["rows_drawn"], told["rows_used"]) == (1000, 1, 1, 15)
    table = found.written_table()
    levels = table[(table["level"] == "region") & (table["from"] == "")]
    size = levels.groupby("indicator")["mean"].sum()
    assert told["no_uncertainty_stated"] == pytest.approx(
        size["land"] / (size["land"] + size["farm"])
    )


def test_coefficients_are_drawn_within_the_limits_of_their_method(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", BAD / "coefficient-draws-truncated")
    (account,) = gep.run_project(folder, allow_code=True).accounts
    rows = find_uncertain_rows([account.plan])
    frame = rows.frame
    position = int(np.flatnonzero(frame["high"] == 0.2)[0])
    assert frame.loc[position, ["least", "most"]].tolist() == [0, 1]
    probability = np.array([[1e-6, 0.0125, 0.5, 1 - 1e-6]])
    drawn = rows.samples(np.array([position]), lambda stream: probability[0])
    assert (drawn > 0).all()
    assert (drawn < 1).all()


def test_a_value_is_uncertain_only_for_the_part_whose_rows_have_limits(tmp_path: Path) -> None:
    """Of land in a, 400 ha at 20 kg and 100 ha at 5 kg in 2020, the rate or the area of forest alone has limits."""
    rates = [
        limits(row, 0.6, 1.3) if row.get("ecosystem") == "forest" else row for row in COEFFICIENTS
    ]
    due = {"a": 400 * 20 / (400 * 20 + 100 * 5), "b": 0.0}
    due["mid"] = 400 * 20 / (400 * 20 + 100 * 5 + 200 * 10)
    accounts = {"rate": small(rates), "area": small(areas=drawn(AREAS, "forest", 0.9, 1.2))}
    for name, account in accounts.items():
        found = run(tmp_path / name, account)
        whole = (found.lines["item"] == "") & (found.lines["indicator"] == "land")
        (line,) = np.flatnonzero(whole.to_numpy())
        shares = dict(zip(found.codes, found.shares[0, :, line], strict=True))
        assert {code: shares[code] for code in due} == pytest.approx(due)
        (farm,) = np.flatnonzero(
            ((found.lines["item"] == "") & (found.lines["indicator"] == "farm")).to_numpy()
        )
        assert (found.shares[:, :, farm] == 0).all()
    both = small(drawn(rates, "cost", 0.5, 2.0))
    found = run(tmp_path / "both", both)
    assert found.shares[0, :, line][:2] == pytest.approx([1, 1])  # the price has limits everywhere
