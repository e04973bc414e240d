"""The Python API: readers, ``gep.compute``, the account's tables, captions, xarray and explanations."""

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.paths import EXAMPLES, ROOT
from support.small import (
    AREAS,
    COEFFICIENTS,
    DATA,
    HEAD,
    REGIONS,
    WALK,
    Small,
    area,
    cell,
    indicator,
    write_table,
    written,
)

import gep
from gep.account import evaluation
from gep.account.caption import measure_title
from gep.errors import ProblemLog
from gep.extent.classes import load_class_scheme

# Worked by hand from tests/small.py, 10^4 CNY:
FARM = {"a": 700 * 3000 / 1e4, "b": (200 * 3000 + 30 * 12000) / 1e4}
# forest 300 + field 100 (na) + shrub 100 hm2 in a; forest 75 + shrub 225 hm2 in b; m3 = 10 x mm x hm2, 2 yuan/m3
WATER = {
    "a": 2 * 10 * (300 * 1600 * 0.75 + 100 * 1600 * 0.6) / 1e4,
    "b": 2 * 10 * (75 * 1500 * 0.75 + 225 * 1500 * 0.6) / 1e4,
}
AIR = {"a": (20 * 1260 + 3500 * 150) / 1e4, "b": (12 * 1260 + 100 * 150) / 1e4}
N, P = 1750 * 1.5 / 1000, 2800 * 1.5 / 1000  # yuan/kg
SOIL = {
    "a": (300 * (20 * N + 2 * P) + 100 * 10 * N + 100 * (5 * N - P)) / 1e4,
    "b": (75 * (20 * N + 2 * P) + 225 * 10 * N) / 1e4,
}
VISIT = {"a": 5000 * 80 / 1e4, "b": 0.0}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    """The small account."""
    return Small().account(tmp_path_factory.mktemp("small"))


def test_compute_gives_the_numbers_of_the_hand(account: gep.Account) -> None:
    for code in "ab":
        assert cell(account, code, "water", "value") == pytest.approx(WATER[code], rel=1e-12)
        assert cell(account, code, "soil", "value") == pytest.approx(SOIL[code], rel=1e-12)
        whole = FARM[code] + WATER[code] + AIR[code] + SOIL[code] + VISIT[code]
        assert account.total(code) == pytest.approx(whole, rel=1e-12)
        assert account.total(code, "total:without_visit") == pytest.approx(
            whole - VISIT[code], rel=1e-12
        )
        assert account.total(code, "provisioning") == pytest.approx(FARM[code], rel=1e-12)
    for parent in ("mid", "top"):
        assert account.total(parent) == pytest.approx(
            account.total("a") + account.total("b"), rel=1e-12
        )


def test_compute_takes_paths_ids_and_loaded_values(tmp_path: Path, account: gep.Account) -> None:
    loaded = Small().arguments(tmp_path)
    paths = loaded | {
        "standard": tmp_path / "small.toml", "coefficients": [tmp_path / "base"], "regions": tmp_path / "regions.csv",
        "year": 2020,
    }  # fmt: skip
    for arguments in (loaded, paths):
        assert gep.compute(**arguments).frame().equals(account.frame())


def test_compute_raises_every_problem_at_once(tmp_path: Path) -> None:
    arguments = Small(
        data=[row for row in DATA if row["name"] not in ("rain", "visits")]
    ).arguments(tmp_path)
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**arguments)
    text = str(found.value)
    assert len(found.value.problems) == 2
    assert text.startswith("1. [missing-data]")
    assert "\n2. [missing-data]" in text
    assert "data Rain (rain) has no row in 2020" in text
    assert "(visits) has no row in 2020" in text


def test_compute_takes_what_make_plan_takes() -> None:
    """The signature is written out for editors and docs: it must not fall behind."""
    computed = inspect.signature(gep.compute)
    planned = inspect.signature(gep.make_plan)
    assert computed.parameters == planned.parameters


@pytest.mark.parametrize("cells", [evaluation._BLOCK_CELLS, 1])
def test_a_method_that_fails_or_overflows_is_a_problem_of_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    """Told once, also where regions are evaluated one by one."""
    monkeypatch.setattr(evaluation, "_BLOCK_CELLS", cells)
    small = Small()
    failing = small.methods.replace("return volume * cost", "raise ValueError('no volume')")
    with pytest.raises(gep.ProblemsFound) as found:
        Small(methods=failing).account(tmp_path / "failing")
    (problem,) = found.value.problems
    assert (problem.code, problem.place) == ("method-failed", "water.value")
    failed = "method ./own.py:stored fails in step water.value: ValueError: no volume"
    assert problem.say_what("en") == failed
    assert "步骤 water.value 的核算方法 ./own.py:stored 运行出错" in problem.say_what("zh")
    dividing = small.methods.replace("return quantity * price", "return price / (quantity - 200)")
    with pytest.raises(gep.ProblemsFound) as found:
        Small(methods=dividing).account(tmp_path / "dividing")
    (problem,) = found.value.problems
    assert (problem.code, problem.place) == ("not-finite-result", "farm.value")
    assert "in step Output value (farm.value), in B (b)" in problem.say_what("en")
    assert "步骤 产值 (farm.value)" in problem.say_what("zh")
    assert problem.say_what("zh").endswith("：乙 (b)")


def test_a_total_that_does_not_exist_is_refused(account: gep.Account) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        account.total("a", "total:without_visits")
    (problem,) = found.value.problems
    assert (problem.code, problem.place) == ("unknown-id", "name")
    assert "no total or category 'total:without_visits'" in problem.say_what("en")
    assert "Without recreation (total:without_visit)" in problem.say_fix("en")
    assert "不计旅游 (total:without_visit)" in problem.say_fix("zh")
    with pytest.raises(gep.ProblemsFound) as found:
        account.total("c")
    (problem,) = found.value.problems
    assert (problem.code, problem.place) == ("unknown-region", "region")


def test_own_code_needs_leave(tmp_path: Path) -> None:
    arguments = Small().arguments(tmp_path) | {"allow_code": False}
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**arguments)
    assert {problem.code for problem in found.value.problems} == {"code-not-allowed"}


def test_the_year_must_be_said_where_areas_are_of_several(tmp_path: Path) -> None:
    later = [{**row, "year": 2021, "area": 10} for row in AREAS]
    arguments = Small(areas=[*later, *AREAS]).arguments(tmp_path)
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**arguments)
    (problem,) = found.value.problems
    assert problem.code == "bad-year"
    assert "2020, 2021" in problem.what
    assert gep.compute(**arguments, year=2020).year == 2020
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**arguments, year=1999)
    assert "missing-year" in {problem.code for problem in found.value.problems}


# --- readers ---------------------------------------------------------------------------------------------------------


def test_read_areas_gives_square_metres_of_a_year(tmp_path: Path) -> None:
    path = write_table(tmp_path / "areas.csv", [*AREAS, area("a", "wood", 1, "hm2", 2021)])
    areas = gep.read_areas(path, year=2020)
    assert areas.rows["area"].tolist() == pytest.approx([4e6, 1e6, 2e6, 1e6, 3e4])
    assert areas.rows["region"].tolist() == ["a", "a", "b", "b", "b"]
    assert len(gep.read_areas(path).rows) == 6
    nothing = gep.read_areas(path, year=1999)
    assert len(nothing.rows) == 0
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**Small().arguments(tmp_path / "small") | {"areas": nothing})
    assert {problem.code for problem in found.value.problems} == {"bad-year"}


def test_read_data_gives_the_rows_as_written(tmp_path: Path) -> None:
    one = write_table(tmp_path / "one.csv", DATA[:5])
    two = write_table(tmp_path / "two.csv", [{**row, "year": 2021} for row in DATA[5:]])
    data = gep.read_data([one, two])
    assert len(data.rows) == len(DATA)
    assert data.files == (one, two)
    assert set(gep.read_data([one, two], year=2021).rows["file"]) == {"two.csv"}
    row = data.rows[(data.rows["name"] == "rain") & (data.rows["region"] == "b")].iloc[0]
    assert (row["value"], row["unit"], row["row"], row["file"]) == (1.5, "m", 6, "one.csv")
    with pytest.raises(gep.ProblemsFound) as found:
        gep.read_data([one, one])
    assert {problem.code for problem in found.value.problems} == {"duplicate-row"}


def test_read_crosswalk_gives_shares(tmp_path: Path) -> None:
    Small().arguments(tmp_path)
    problems = ProblemLog()
    scheme = load_class_scheme(str(tmp_path / "classes.csv"), None, "classes", problems)
    assert scheme is not None
    assert not problems.errors
    walk = gep.read_crosswalk(tmp_path / "walk.csv", scheme)
    assert walk.frame.groupby("class")["share"].sum().to_dict() == dict.fromkeys(
        {row["class"] for row in WALK}, 1.0
    )
    assert walk.frame.loc[walk.frame["class"] == "bush", "share"].tolist() == [1.0], "blank is 1"
    short = [{**row, "share": 0.2} if row["class"] == "wood" else row for row in WALK]
    with pytest.raises(gep.ProblemsFound) as found:
        gep.read_crosswalk(write_table(tmp_path / "short.csv", short), scheme)
    assert {problem.code for problem in found.value.problems} == {"share-sum"}


def test_read_regions_gives_km2_persons_and_parents(tmp_path: Path) -> None:
    mixed = [
        {**row, "area": 600, "area_unit": "hm2"} if row["region"] == "a" else row for row in REGIONS
    ]
    regions = gep.read_regions(write_table(tmp_path / "regions.csv", mixed))
    assert regions.frame.loc["a", "area"] == pytest.approx(6)
    assert np.isnan(regions.frame.loc["b", "population"])
    assert regions.ancestors("a") == ["mid", "top"]
    assert (regions.name("a", "zh"), regions.name("a", "en"), regions.name("mid", "en")) == (
        "甲",
        "A",
        "市",
    )


# --- tables for people -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "columns", "farm"),
    [
        ("zh", ["类别", "核算科目", "项", "数值", "单位", "占比"], "农产品 产值"),
        (
            "en",
            ["category", "item of account", "member", "value", "unit", "share"],
            "Farm products Output value",
        ),
    ],
)
def test_the_table_is_the_topmost_regions_in_the_language_asked_for(
    account: gep.Account, language: str, columns: list[str], farm: str
) -> None:
    table = account.table(language=language)
    assert table.equals(account.table("top", language))
    assert list(table.columns) == columns
    rows = table[table[columns[1]] == farm]
    assert dict(zip(rows[columns[2]], rows[columns[3]], strict=True)) == pytest.approx(
        {"product=rice": 2.7e6, "product=fish": 3.6e5}
    )
    assert float(table[columns[5]].sum()) == pytest.approx(1, abs=1e-5), "shares have six figures"
    assert not table[columns[1]].str.contains("capacity").any(), "auxiliary steps are left out"
    *caption, note = table.attrs["caption"]
    assert caption == account.caption(language)
    assert note.startswith("* "), "what the mark at figures of a step that is not additive means"


def test_the_caption_says_what_the_table_is(account: gep.Account) -> None:
    zh, en = "\n".join(account.caption("zh")), "\n".join(account.caption("en"))
    assert zh.startswith("生态产品总值 · 2020 · 当年价")
    assert en.startswith("Gross Ecosystem Product · 2020 · current prices")
    for words in ("试算，未经审批", "小规范 (small)", "研究依据，非官方规范", "未说明 100.0%"):
        assert words in zh
    for words in ("not approved", "Small standard (small)", "research basis", "not stated 100.0%"):
        assert words in en


@pytest.mark.parametrize(
    ("measure", "title"), [("esv", "生态系统服务价值，不是"), ("quantity", "生态产品功能量")]
)
def test_the_measure_is_named_in_every_caption(tmp_path: Path, measure: str, title: str) -> None:
    small = Small()
    text = small.standard.replace('measure = "gep"', f'measure = "{measure}"')
    account = Small(**{**vars(small), "standard": text}).account(tmp_path)
    assert account.caption("zh")[0].startswith(title)
    assert not account.caption("en")[0].startswith("Gross Ecosystem Product")


STANDARDS = sorted(
    [*(ROOT / "gep" / "standards").glob("*.toml"), *EXAMPLES.glob("*/standard.toml")]
)


@pytest.mark.parametrize("path", STANDARDS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_approach_says_what_all_values_are_made_by(path: Path) -> None:
    """当量因子法 stands in titles of standards whose values are all by methods of equivalents, and of no others."""
    spec = gep.read_standard(path).spec
    steps = [*spec.step]
    for item in spec.indicator:
        steps += item.step
    methods = [step.method for step in steps if step.kind == "value"]
    by_equivalents = all(method.startswith("gep.methods.equivalents:") for method in methods)
    expected = "equivalent_factors" if spec.measure == "esv" and by_equivalents else None
    assert spec.approach == expected


def test_the_approach_is_named_in_every_caption(tmp_path: Path) -> None:
    measure = 'measure = "esv"\napproach = "equivalent_factors"'
    text = Small().standard.replace('measure = "gep"', measure)
    account = Small(standard=text).account(tmp_path)
    zh = "生态系统服务价值（当量因子法），不是生态产品总值"
    en = "ecosystem service value (equivalent factors), not GEP"
    assert account.caption("zh")[0] == f"{zh} · 2020 · 当年价"
    assert account.caption("en")[0] == f"{en} · 2020 · current prices"
    assert measure_title(account.plan, "zh") == zh


def test_a_negative_term_keeps_its_own_line(tmp_path: Path) -> None:
    cost = [
        {**row, "value": -2} if row["coefficient"] == "storage_cost" else row
        for row in COEFFICIENTS
    ]
    account = Small(sets={"base": cost}).account(tmp_path)
    water = account.table("a", "en").query("`item of account` == 'Water retention value'")
    assert water["value"].tolist() == [pytest.approx(-WATER["a"])]
    assert account.total("a", "regulating") == pytest.approx(AIR["a"] + SOIL["a"] - WATER["a"])
    assert sum(account.shares()["grade"].values()) == pytest.approx(1), (
        "shares are of absolute values"
    )


def test_summary_shares_population_and_area(account: gep.Account) -> None:
    summary = written(account.summary()).set_index(["region", "category"])
    top = account.total("top")
    assert summary.loc[("top", "total"), "per_km2"] == pytest.approx(top / 10)
    assert summary.loc[("top", "total"), "per_capita"] == pytest.approx(top / 900)
    assert summary.loc[("b", "total"), "per_capita"] == "", "its population is not known"
    assert summary.loc[("mid", "total"), "per_capita"] == "", "nor is that of its parent"
    assert summary.loc[("a", "cultural"), "share"] == pytest.approx(VISIT["a"] / account.total("a"))


# --- xarray ----------------------------------------------------------------------------------------------------------


def test_to_xarray_has_dims_labels_and_units(account: gep.Account) -> None:
    found = account.to_xarray()
    kept = found["water__kept"]
    assert kept.dims == ("region", "ecosystem")
    assert kept.attrs["units"] == "10^4 m3"
    assert float(kept.sel(region="b", ecosystem="forest")) == pytest.approx(
        75 * 1500 * 0.75 * 10 / 1e4
    )
    assert np.isnan(kept.sel(region="a", ecosystem="field")), "na"
    farm = found["farm__value"]
    assert farm.dims == ("region", "product")
    assert float(farm.sel(region="b", product="fish")) == 360000
    assert np.isnan(farm.sel(region="a", product="fish")), "a has none"
    assert float(found["soil__value"].sum()) == pytest.approx(SOIL["a"] + SOIL["b"])
    soil = found["soil__kept"]
    assert soil.dims == ("region", "ecosystem", "substance")
    assert float(soil.sel(region="a", ecosystem="shrub", substance="N")) == pytest.approx(1)
    assert found["nutrient_price"].dims == ("substance",)
    assert found["nutrient_price"].sel(substance="P").item() == pytest.approx(4200)


# --- explanations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["a", "b", "mid", "top"])
@pytest.mark.parametrize("name", ["farm", "water", "air", "soil", "visit"])
def test_the_parts_sum_to_the_number(account: gep.Account, name: str, region: str) -> None:
    found = account.explain(name, region)
    by_hand = {"farm": FARM, "water": WATER, "air": AIR, "soil": SOIL, "visit": VISIT}[name]
    expected = sum(by_hand.values()) if region in ("mid", "top") else by_hand[region]
    assert found.value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    last = found.steps[-1]
    frame = account.frame()
    rows = frame.query(f"indicator == '{name}' and step == 'value' and region == '{region}'")
    assert last.parts["amount"].sum() == pytest.approx(rows["value"].sum(), rel=1e-12, abs=1e-12)
    assert last.amount == pytest.approx(rows["value"].sum(), rel=1e-12, abs=1e-12)


def test_an_explanation_goes_down_to_rows_and_clauses(account: gep.Account) -> None:
    found = account.explain("water", "a")
    kept = found.step("water.kept")
    assert kept.clause == "2.1"
    assert kept.formula == "= rain * (1 - runoff)"
    columns = ["ecosystem", "rain", "runoff", "cell area", "result", "amount"]
    assert kept.parts[columns].to_numpy().tolist() == [
        ["forest", 1600, 0.25, 300, 1200, pytest.approx(360)], ["shrub", 1600, 0.4, 100, 960, pytest.approx(96)]
    ]  # fmt: skip
    rows = kept.rows.set_index(["input", "where"])
    assert rows.loc[("rain", "data.csv row 5"), "value"] == "1600"
    shrub = rows.loc[("runoff", "base@1.0.0 base/numbers.csv row 5")]
    assert (shrub["value"], shrub["unit"], shrub["factor"], shrub["grade"]) == (
        "40",
        "%",
        0.01,
        "published",
    )
    assert shrub["source"] == "Made up for tests"
    assert rows.loc[("runoff", "base@1.0.0 base/numbers.csv row 6"), "value"] == "na"
    assert kept.rows.query("input == 'area rows'")["where"].tolist() == ["areas.csv row 2"] * 2, (
        "field is na"
    )
    text = str(found)
    assert "1600 * (1 - 0.25) = 1,200 mm x 300 hm2" in text
    assert "= 912 10^4 CNY" in text


def test_an_explanation_follows_the_steps_that_a_step_needs(account: gep.Account) -> None:
    assert [one.name for one in account.explain("air", "b").steps] == [
        "air.capacity",
        "air.purified",
        "air.value",
    ]
    soil = account.explain("soil", "top")
    price = soil.step("nutrient_price")
    assert price.parts["result"].tolist() == pytest.approx([2625, 4200])
    assert np.isnan(price.amount), "prices are handed on, never summed"
    assert "sum of parts 6,825" not in str(soil)
    assert "not additive" in str(account.explain("air", "top"))


def test_a_step_without_any_key_is_explained(tmp_path: Path) -> None:
    shared = """
[[step]]
id = "price"
kind = "auxiliary"
method = "./own.py:price"
per = "none"
unit = "CNY t-1"
inputs = { cost = { coef = "treatment_cost", at = { substance = "dust" } }, factor = { coef = "nutrient_factor" } }
"""
    value = """
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output", at = { product = "rice" } }, price = { step = "price" } }
"""
    account = Small(standard=indicator(value, head=HEAD + shared)).account(tmp_path)
    found = account.explain("x", "a")
    assert found.step("price").amount == pytest.approx(225)
    assert found.value == pytest.approx(700 * 225 / 1e4)


def test_an_explanation_of_na_says_na(tmp_path: Path) -> None:
    nothing = [
        {**row, "value": "na"} if row["coefficient"] == "spending" else row for row in COEFFICIENTS
    ]
    account = Small(sets={"base": nothing}).account(tmp_path)
    found = account.explain("visit", "top")
    assert np.isnan(found.value)
    assert "= na 10^4 CNY" in str(found)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("wood", "a"), "unknown-indicator"), (("farm", "c"), "unknown-region")]
)
def test_an_explanation_of_what_is_not_there_is_refused(
    account: gep.Account, arguments: tuple[str, str], code: str
) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        account.explain(*arguments)
    (problem,) = found.value.problems
    assert problem.code == code


def test_public_names_are_there_and_nothing_else() -> None:
    names: dict[str, Any] = {name: getattr(gep, name) for name in gep.__all__}
    assert all(value is not None for value in names.values())
    assert set(dir(gep)) == set(gep.__all__)
    with pytest.raises(AttributeError, match="no attribute 'score'"):
        gep.score  # noqa: B018 - what is not public is an AttributeError


def test_areas_made_in_python_come_from_no_file(tmp_path: Path) -> None:
    """They compute the same, and data of a region without areas are reported as ever."""
    arguments = Small().arguments(tmp_path / "a")
    with_file = gep.compute(**arguments).summary()
    arguments["areas"] = replace(arguments["areas"], files=())
    pd.testing.assert_frame_equal(gep.compute(**arguments).summary(), with_file)
    other_region = {**DATA[0], "region": "nowhere"}
    arguments = Small(data=[*DATA, other_region]).arguments(tmp_path / "b")
    arguments["areas"] = replace(arguments["areas"], files=())
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(**arguments)
    assert [problem.code for problem in found.value.problems] == ["unknown-region"]
