"""What an explanation shows a reader: price years, crosswalk shares, sums only of like things, in his language."""

from pathlib import Path

import pytest
from support.paths import EXAMPLES
from support.small import COEFFICIENTS, WALK, Small, coefficient, indicator

import gep

VALUE = """
id = "value"
name = { zh = "产值", en = "Output value" }
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price", index = "cpi" } }
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    return Small().account(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def garze(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    example = EXAMPLES / "garze-2010"
    return gep.run_project(example, tmp_path_factory.mktemp("garze")).accounts[0]


def test_prices_show_their_year_and_index_rows_theirs(tmp_path: Path) -> None:
    index = [
        coefficient("price_index", value, "1", index="cpi", price_year=year)
        for year, value in ((2015, 1), (2020, 1.1))
    ]
    rice = coefficient("product_price", 3, "CNY kg-1", product="rice", price_year="2015")
    fish = coefficient("product_price", 12000, "CNY t-1", product="fish", price_year="nominal")
    account = Small(standard=indicator(VALUE), sets={"base": [rice, fish, *index]}).account(
        tmp_path
    )
    found = account.explain("x", "b")
    rows = found.step("x.value").rows
    prices = rows[rows["input"] == "price"].set_index("keys")["price_year"]
    assert prices.to_dict() == {"product=rice": "2015", "product=fish": "nominal"}
    assert rows[rows["input"] == "price, price index"]["price_year"].tolist() == ["2015", "2020"]
    assert rows[rows["input"] == "quantity"]["price_year"].tolist() == ["", ""]
    text = str(found)
    for words in (
        "3 CNY kg-1 [prices of 2015] x 1100",
        "12000 CNY t-1 [no price year: nominal]",
        "1.1 [2020] x 1 (index=",
    ):
        assert words in text
    zh = str(account.explain("x", "b", "zh"))
    for words in ("[2015 年价格]", "[未注价格年份 nominal]", "价格指数: 1.1 [2020 年]"):
        assert words in zh


def test_areas_show_the_crosswalk_rows_behind_and_their_own_grade(tmp_path: Path) -> None:
    walk = [{**row, "grade": "expert", "source": "walk_notes", "note": "by a map"} for row in WALK]
    areas = [{**row, "grade": "official"} for row in Small().areas]
    small = Small(walk=walk, areas=areas)
    (tmp_path / "sources.toml").write_text(
        '[walk_notes]\ntitle = { zh = "说明", en = "Notes" }\n', encoding="utf-8"
    )
    account = small.account(tmp_path)
    rows = account.explain("water", "a").step("water.kept").rows
    area = rows[rows["input"] == "area rows"]
    assert set(area["grade"]) == {"official"}, "not that of the crosswalk"
    assert area["keys"].tolist() == ["class=wood region=a"] * 2
    shares = rows[rows["input"] == "crosswalk rows"]
    columns = ["keys", "value", "where", "source", "grade", "note"]
    assert shares[columns].to_numpy().tolist() == [
        ["wood->forest", "0.75", "walk walk.csv row 2", "Notes", "expert", "by a map"],
        ["wood->shrub", "0.25", "walk walk.csv row 3", "Notes", "expert", "by a map"],
    ]
    assert "说明" in str(account.explain("water", "a", "zh"))


def test_different_substances_are_not_summed_into_one_number(account: gep.Account) -> None:
    found = account.explain("air", "a")
    purified = found.step("air.purified")
    assert purified.subtotals == {"substance=SO2": 20, "substance=dust": 3500}
    text = str(found)
    assert "3,520" not in text
    assert "sum of parts substance=SO2: 20 t" in text
    assert "sum of parts substance=dust: 3,500 t" in text
    assert "sum of parts 55.02 10^4 CNY" in text, "values of different substances do add up"
    assert found.step("air.value").amount == pytest.approx((20 * 1260 + 3500 * 150) / 1e4)


def test_what_the_step_itself_sums_is_one_number(tmp_path: Path) -> None:
    step = """
id = "taken"
kind = "quantity"
method = "./own.py:rate"
per = "area"
unit = "t"
over = { substance = ["SO2", "dust"] }
sum_over = ["substance"]
inputs = { rate = { coef = "uptake" } }
"""
    found = (
        Small(standard=indicator(step), sets={"base": COEFFICIENTS})
        .account(tmp_path)
        .explain("x", "b")
    )
    assert found.step("x.taken").subtotals == {}
    assert f"= {75 * 10.1 + 225 * 4.05:,.10g} t" in str(found)


def test_the_frame_is_in_the_language_asked_for(account: gep.Account) -> None:
    zh, en = str(account.explain("air", "top", "zh")), str(account.explain("air", "a"))
    for words in (
        "空气净化 (air) =",
        "[功能量, t]",
        "[价值量, 10^4 CNY]",
        "方法 ./own.py:lesser",
        "条款 -",
        "各部分之和 ",
    ):
        assert words in zh
    assert "不可相加: 上级是各部分之和" in zh
    assert "not additive" in en
    assert "Air purification (air) =" in en
    for words in ("sum of parts", "method", "clause", "not additive", "Air purification"):
        assert words not in zh
    below = en.partition("Air purification (air)")[2]
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in below)
    assert "面积: 400 hm2 x 0.75" in str(account.explain("water", "a", "zh"))


def test_ids_stand_beside_their_titles(account: gep.Account) -> None:
    zh, en = str(account.explain("water", "a", "zh")), str(account.explain("water", "a"))
    assert "\n甲 (a) 2020 水源涵养 (water) = " in zh
    assert "\n    甲 (a) 森林 (forest): 1600 * (1 - 0.25)" in zh
    assert "  data.csv 第 5 行  " in zh
    assert "\nA (a) 2020 Water retention (water) = " in en
    assert "\n    A (a) Forest (forest): 1600 * (1 - 0.25)" in en
    assert "  data.csv row 5  " in en


def test_an_indicator_that_the_switches_turn_off_is_refused(tmp_path: Path) -> None:
    switch = """
[switch.tourism]
name = { zh = "旅游", en = "Tourism" }
options = ["with", "without"]
default = "without"

[[indicator]]
id = "farm\""""
    small = Small()
    standard = small.standard.replace('\n[[indicator]]\nid = "farm"', switch)
    when = 'per = "amount"\nunit = "10^8 CNY"\nwhen = { tourism = "with" }'
    standard = standard.replace('per = "amount"\nunit = "10^8 CNY"', when)
    account = Small(standard=standard).account(tmp_path)
    with pytest.raises(gep.ProblemsFound) as caught:
        account.explain("visit", "a")
    (problem,) = caught.value.problems
    assert problem.code == "unknown-indicator"
    assert "indicator Recreation (visit) is active: the switches are tourism = without" in (
        problem.say_what("en")
    )
    assert "核算科目 旅游 (visit) 没有启用的步骤" in problem.say_what("zh")


def test_smaller_parts_are_counted(tmp_path: Path) -> None:
    areas = [
        {"region": f"r{one}", "year": 2020, "class": "forest", "area": one, "unit": "hm2"}
        for one in range(1, 13)
    ]
    regions = [{"region": "top"}, *({"region": f"r{one}", "parent": "top"} for one in range(1, 13))]
    step = """
id = "taken"
kind = "quantity"
method = "./own.py:rate"
per = "area"
unit = "t"
over = { substance = ["SO2"] }
inputs = { rate = { coef = "uptake" } }
"""
    rows = [coefficient("uptake", 100, "kg ha-1", ecosystem="forest", substance="SO2")]
    small = Small(
        areas=areas,
        data=(),
        sets={"base": rows},
        standard=indicator(step),
        walk=None,
        regions=regions,
    )
    account = small.account(tmp_path)
    assert "and 2 smaller parts" in str(account.explain("x", "top"))
    assert "另有 2 个较小的部分" in str(account.explain("x", "top", "zh"))
    assert "sum of parts 7.8 t" in str(account.explain("x", "top"))


def test_an_input_called_area_is_not_the_area_of_the_cell(garze: gep.Account) -> None:
    for service in ("sand_fixation", "pest_control"):
        for step in garze.explain(service, "513300").steps:
            if step.name.startswith(service) and "ecosystem" not in step.parts:
                assert not any(" hm2 ->" in line for line in step.calculations), step.calculations


def test_numbers_that_a_module_gives_names_to_are_put_in(garze: gep.Account) -> None:
    worked = "\n".join(
        line
        for step in garze.explain("climate_regulation", "513300").steps
        for line in step.calculations
    )
    assert (
        "2837.27 * 15 / (3600 * 3) = " in worked
    )  # kJ m-2 d-1, days, kJ in a kWh, energy efficiency ratio
