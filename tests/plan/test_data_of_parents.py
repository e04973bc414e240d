"""A rate at a parent type or region serves what lies below it; an amount never does."""

from pathlib import Path

import pytest
from support.small import (
    AREAS,
    DATA,
    HEAD,
    REGIONS,
    Row,
    Small,
    area,
    cell,
    codes_of,
    coefficient,
    datum,
    indicator,
)

import gep
from gep.uncertainty.uncertain_rows import find_uncertain_rows

RAIN = HEAD.replace(
    'unit = "mm"', 'unit = "mm"\nkeys = ["region", "ecosystem"]\ninherit = ["region", "ecosystem"]'
)
WATER = """
id = "kept"
kind = "quantity"
method = "./own.py:kept"
per = "area"
unit = "10^4 m3"
inputs = { rain = { data = "rain" }, runoff = { coef = "runoff" } }
"""
NO_RUNOFF = [coefficient("runoff", 0, "1")]
TWO_TYPES = [area(region, name, 100) for region in ("a", "b") for name in ("forest", "shrub")]


def rain(region: str, ecosystem: str, value: object, **more: object) -> dict[str, object]:
    return datum(region, "rain", value, "mm", ecosystem=ecosystem, **more)


def water(*data: Row, head: str = RAIN, areas: list[Row] | None = None) -> Small:
    """Rain on 100 ha of forest and shrub in regions a and b: 1000 mm are 100 x 10^4 m3."""
    return Small(
        standard=indicator(WATER).replace(HEAD, head), areas=areas or TWO_TYPES, data=data,
        sets={"base": NO_RUNOFF}, walk=None,
    )  # fmt: skip


def kept(account: gep.Account, region: str) -> float:
    return float(cell(account, region, "x", "kept"))


def test_a_rate_of_a_parent_type_serves_the_types_below(tmp_path: Path) -> None:
    account = water(rain("a", "nature", 1000), rain("b", "nature", 500)).account(tmp_path)
    assert (kept(account, "a"), kept(account, "b")) == pytest.approx((200, 100))
    assert not account.plan.warnings


def test_a_rate_of_a_parent_region_serves_the_regions_below(tmp_path: Path) -> None:
    account = water(rain("top", "nature", 1000)).account(tmp_path)
    assert (kept(account, "a"), kept(account, "b")) == pytest.approx((200, 200))
    assert not account.plan.warnings


def test_the_nearest_row_wins(tmp_path: Path) -> None:
    """The region itself goes before its parent, and within a region the type before its parent."""
    rows = [
        rain("top", "nature", 1000), rain("mid", "forest", 2000), rain("b", "nature", 3000),
        rain("b", "shrub", 4000),
    ]  # fmt: skip
    account = water(*rows).account(tmp_path)
    assert kept(account, "a") == pytest.approx(200 + 100)
    assert kept(account, "b") == pytest.approx(300 + 400)


def test_na_of_a_parent_is_an_answer(tmp_path: Path) -> None:
    rows = [rain("top", "nature", 1000), rain("b", "nature", "na")]
    account = water(*rows).account(tmp_path)
    assert kept(account, "top") == pytest.approx(200)


def test_without_the_declaration_a_parent_does_not_answer(tmp_path: Path) -> None:
    head = RAIN.replace('inherit = ["region", "ecosystem"]', "")
    assert "missing-data" in codes_of(water(rain("a", "nature", 1000), head=head), tmp_path)


def test_a_number_of_a_type_without_areas_below_is_told(tmp_path: Path) -> None:
    rows = [rain("top", "nature", 1000), rain("a", "field", 1)]
    account = water(*rows).account(tmp_path)
    (warning,) = account.plan.warnings
    assert (warning.code, warning.say_where("en")) == (
        "unused-data",
        "data.csv row 3 column ecosystem",
    )


def test_an_amount_of_a_parent_is_refused_in_words(tmp_path: Path) -> None:
    rows = [row for row in DATA if row["name"] != "visits"]
    with pytest.raises(gep.ProblemsFound) as refused:
        Small(data=[*rows, datum("mid", "visits", 9000, "人次")]).account(tmp_path)
    (problem,) = refused.value.problems
    assert problem.code == "missing-data"
    assert "an amount never serves what lies below it" in problem.say_fix("en")
    assert "总量不能用于它的下级" in problem.say_fix("zh")


def test_an_amount_of_a_parent_that_is_not_listed_is_refused_in_words(tmp_path: Path) -> None:
    rows = [row for row in DATA if row["name"] != "visits"]
    areas = [{**row, "region": {"a": "360981", "b": "360982"}[str(row["region"])]} for row in AREAS]
    renamed = [
        {**row, "region": {"a": "360981", "b": "360982"}[str(row["region"])]} for row in rows
    ]
    small = Small(
        data=[*renamed, datum("360900", "visits", 9000, "人次")], areas=areas, regions=None
    )
    with pytest.raises(gep.ProblemsFound) as refused:
        small.account(tmp_path)
    (problem,) = [one for one in refused.value.problems if one.code == "unknown-region"]
    assert "are amounts: the amount of one region never serves another" in problem.say_fix("en")


def test_an_amount_of_a_parent_type_is_refused_in_words(tmp_path: Path) -> None:
    head = HEAD.replace('unit = "人次"', 'unit = "人次"\nkeys = ["region", "ecosystem"]')
    visits = """
id = "value"
kind = "value"
method = "./own.py:spent"
per = "amount"
unit = "10^4 CNY"
inputs = { visits = { data = "visits" }, spending = { coef = "spending" } }
"""
    small = Small(
        standard=indicator(visits).replace(HEAD, head), areas=TWO_TYPES, walk=None,
        data=[datum(region, "visits", 5, "人次", ecosystem="nature") for region in ("a", "b")],
        sets={"base": [coefficient("spending", 1, "CNY visit-1")]},
    )  # fmt: skip
    with pytest.raises(gep.ProblemsFound) as refused:
        small.account(tmp_path)
    (problem,) = refused.value.problems
    assert "the amount of Nature (nature)" in problem.say_fix("en")


@pytest.mark.parametrize("unit", ["t", "10^4 CNY", "m3", "kWh", "人次", "hm2"])
def test_a_standard_cannot_let_an_amount_inherit(tmp_path: Path, unit: str) -> None:
    head = HEAD.replace('unit = "mm"', f'unit = "{unit}"\ninherit = ["region"]')
    with pytest.raises(gep.ProblemsFound) as refused:
        Small(standard=head + indicator(WATER)[len(HEAD) :]).account(tmp_path)
    assert "the amount of a parent is not that of its parts" in str(refused.value)


def test_what_is_held_against_the_size_of_a_region_is_an_amount(tmp_path: Path) -> None:
    head = HEAD.replace('unit = "mm"', 'unit = "mm"\nper_km2 = [0, 1]\ninherit = ["region"]')
    with pytest.raises(gep.ProblemsFound, match="toml-value"):
        Small(standard=head + indicator(WATER)[len(HEAD) :]).account(tmp_path)


def test_data_inherit_along_their_own_keys_only(tmp_path: Path) -> None:
    head = HEAD.replace('unit = "mm"', 'unit = "mm"\ninherit = ["ecosystem"]')
    with pytest.raises(gep.ProblemsFound, match="which is not among keys"):
        Small(standard=head + indicator(WATER)[len(HEAD) :]).account(tmp_path)


def test_plan_and_explanation_name_the_row_of_the_parent(tmp_path: Path) -> None:
    account = water(rain("top", "nature", 1000)).account(tmp_path)
    table = account.plan.table().query("input == 'rain'")
    assert list(table["binding"]) == ["data=rain region=top ecosystem=nature"]
    explanation = account.explain("x", region="a")
    words = str(explanation)
    assert "region=top ecosystem=nature" in words
    assert "given for a parent; it serves A (a), Forest (forest), Shrub (shrub)" in words


def test_a_row_that_serves_many_cells_is_one_random_number(tmp_path: Path) -> None:
    row = rain("top", "nature", 1000, low=800, high=1200, distribution="uniform")
    plan = water(row).account(tmp_path).plan
    uncertain = find_uncertain_rows([plan])
    assert len(uncertain.streams) == len(uncertain.frame) == 1
    assert list(uncertain.shared) == [0], "it supplies values of two regions"


# --- keys that rows themselves fill ------------------------------------------------------------------------------------

PRICED = (
    HEAD
    + """
[data.price]
name = { zh = "价格", en = "Price" }
unit = "CNY t-1"
keys = ["region", "product"]
inherit = ["region"]
"""
)
SOLD = """
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { price = { data = "price" }, quantity = { data = "output" } }
"""


def price(region: str, product: str, value: object) -> dict[str, object]:
    return datum(region, "price", value, "CNY t-1", product=product)


def farm(*data: Row) -> Small:
    return Small(
        standard=indicator(SOLD).replace(HEAD, PRICED), data=data, sets={"base": NO_RUNOFF},
        regions=REGIONS,
    )  # fmt: skip


def output(region: str, product: str, value: object) -> dict[str, object]:
    return datum(region, "output", value, "t", product=product)


def test_prices_of_a_parent_do_not_say_what_a_region_produces(tmp_path: Path) -> None:
    prices = [price("top", name, value) for name, value in (("rice", 3), ("fish", 10), ("tea", 50))]
    rows = [output("a", "rice", 100), output("b", "fish", 20), output("b", "rice", 10)]
    account = farm(*prices, price("b", "rice", 4), *rows).account(tmp_path)
    assert cell(account, "a", "x", "value", "product=rice") == 300
    assert cell(account, "b", "x", "value", "product=rice") == 40
    assert cell(account, "b", "x", "value", "product=fish") == 200


def test_a_product_without_a_price_at_any_level_is_missing(tmp_path: Path) -> None:
    rows = [output("a", "rice", 100), output("b", "tea", 20)]
    assert codes_of(farm(price("top", "rice", 3), *rows), tmp_path) == {"missing-data"}
