"""GEEP: the published figures of China 2015 from data rows alone, identities, sums, ranks, Gini, what is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.paths import shared_file
from support.small import AREAS, COEFFICIENTS, DATA, REGIONS, Row, Small, write_table
from support.years import Years, row

import gep
from gep.assessment.context import AssessmentContext
from gep.assessment.events import Groups
from gep.assessment.geep.terms import gini
from gep.assessment.geep.virtual_cost import load_tau, tau_of
from gep.assessment.kinds import load_scheme, read_scheme
from gep.assessment.scheme import Assessment, Scheme
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.data import read_data
from gep.units import factor

SCHEMES = Path(gep.__file__).parent / "assessment" / "schemes"
TERMS = ("gdp", "rdc", "endc", "ecdc", "eps", "ers", "ecs")


def datum(
    region: str, name: str, value: object, unit: str = "10^8 CNY", year: int = 2015, **more: object
) -> Row:
    return {
        "region": region,
        "year": year,
        "name": name,
        "value": value,
        "unit": unit,
        "source": "t",
        **more,
    }


def county(region: str, **terms: float) -> list[Row]:
    """The rows of a region; terms that are not named are made up."""
    given = dict(zip(TERMS, (100.0, 1.0, 3.0, 2.0, 10.0, 40.0, 5.0), strict=True)) | terms
    return [datum(region, name, value) for name, value in given.items()]


def scheme(folder: Path | None = None, *changes: tuple[str, str]) -> Scheme:
    """The shipped scheme, or a copy of it with some of its text changed."""
    if folder is None:
        return read_scheme(SCHEMES / "geep-caep-2018.toml")
    folder.mkdir(parents=True, exist_ok=True)
    text = (SCHEMES / "geep-caep-2018.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    tau = "geep-virtual-cost-tau.csv"
    (folder / tau).write_text((SCHEMES / tau).read_text(encoding="utf-8"), encoding="utf-8")
    return read_scheme(folder / "own.toml")


def ground(folder: Path, rows: Iterable[Row], **more: Any) -> AssessmentContext:
    """What a project with nothing but readings gives."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = list(rows)
    data = read_data(write_table(folder / "readings.csv", listed))
    own = data.rows
    regions = tuple(dict.fromkeys(map(str, own["region"])))
    years = tuple(sorted({int(year) for year in own["year"]}))
    return AssessmentContext(
        **({"years": years, "regions": regions, "comparisons": {}, "readings": data} | more)
    )


def assess(found: AssessmentContext, by: Scheme | None = None) -> Assessment:
    """Check and apply; raises ``ProblemsFound``."""
    by = by or scheme()
    problems = ProblemLog()
    by.kind.check_inputs(by, found, problems)
    problems.raise_errors()
    return by.kind.assess(by, found)


def codes(found: AssessmentContext, by: Scheme | None = None) -> set[str]:
    """The codes of the problems of a ground."""
    with pytest.raises(ProblemsFound) as caught:
        assess(found, by)
    return {problem.code for problem in caught.value.problems}


def value(found: Assessment, region: str, item: str) -> float:
    return float(row(found.tables["geep.csv"], region=region, item=item)["value"])


def items(found: Assessment, region: str) -> Mapping[str, float]:
    table = found.tables["geep.csv"]
    own = table[(table["region"] == region).to_numpy()]
    return dict(zip(own["item"], own["value"], strict=True))


# --- published -----------------------------------------------------------------------------------------------------

CHINA = {
    "gdp": 72.3,
    "endc": 2.0,
    "ecdc": 0.63,
    "ers": 53.1,
    "gep": 72.81,
}  # 10^12 CNY, 2015, as printed


def test_china_2015_from_data_rows(tmp_path: Path) -> None:
    """Printed 122.78; the printed terms give 122.77. Their last digits leave 0.05 + 0.05 + 0.005 + 0.05 open."""
    found = assess(
        ground(tmp_path, [datum("china", name, one, "10^12 CNY") for name, one in CHINA.items()])
    )
    geep = value(found, "china", "geep") / 1e4
    assert geep == pytest.approx(122.77, abs=1e-9)
    assert abs(geep - 122.78) <= 0.05 + 0.05 + 0.005 + 0.05
    assert value(found, "china", "ggi") == pytest.approx(72.81 / 72.3)
    assert round(value(found, "china", "ggi"), 2) == 1.01
    assert round(value(found, "china", "geep_per_gdp"), 1) == 1.7
    assert set(found.tables["geep.csv"].columns) == {
        *("region", "year", "item", "value", "unit"),
        "group",
        "note",
    }


def test_china_2015_as_the_table_of_worked_figures_has_it(tmp_path: Path) -> None:
    path = shared_file("assessment", "csv", "geep_worked.csv")
    worked = pd.read_csv(path, dtype=str).set_index("year").loc["2015"]
    named = {"GDP": "gdp", "EnDC": "endc", "EcDC": "ecdc", "ERS": "ers"}
    rows = [datum("china", name, worked[column], "10^12元") for column, name in named.items()]
    found = assess(ground(tmp_path, rows))
    assert value(found, "china", "geep") / 1e4 == pytest.approx(
        float(worked["GEEP_recomputed"]), abs=1e-9
    )
    assert "ggi" not in items(found, "china")  # without GEP none is made up
    assert {one.code for one in found.warnings} == {"gep-unknown"}


# --- identities ----------------------------------------------------------------------------------------------------

AMOUNT = st.floats(0, 1e6, allow_nan=False).map(lambda one: round(one, 3))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    terms=st.lists(st.fixed_dictionaries(dict.fromkeys(TERMS, AMOUNT)), min_size=1, max_size=4),
    overlap=st.one_of(st.none(), AMOUNT),
)
def test_geep_is_what_its_formula_says(
    tmp_path: Path, terms: list[dict[str, float]], overlap: float | None
) -> None:
    rows = [
        one
        for spot, some in enumerate(terms)
        for one in county(f"r{spot}", **some | {"gdp": some["gdp"] + 1})
    ]
    if overlap is not None:
        rows += [datum(f"r{spot}", "overlap", overlap) for spot in range(len(terms))]
    found = assess(ground(tmp_path, rows))
    for spot, some in enumerate(terms):
        own = items(found, f"r{spot}")
        gep_ = some["eps"] + some["ers"] + some["ecs"]
        twice = some["eps"] + some["ecs"] if overlap is None else overlap
        size = 1 + sum(some.values()) + twice
        green = some["gdp"] + 1 - some["rdc"] - some["endc"] - some["ecdc"]
        assert own["ggdp"] == pytest.approx(green, abs=1e-9 * size)
        assert own["gep"] == pytest.approx(gep_, abs=1e-9 * size)
        assert own["overlap"] == pytest.approx(twice, abs=1e-9 * size)
        assert own["geep"] == pytest.approx(green + gep_ - twice, abs=1e-9 * size)
        assert own["ggi"] == pytest.approx(gep_ / (some["gdp"] + 1))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.just(0.0) | st.floats(1e-6, 1e6), st.floats(0.01, 1e6)),
        min_size=2,
        max_size=30,
    )
)
def test_gini_lies_between_0_and_1_and_knows_no_unit(rows: list[tuple[float, float]]) -> None:
    x, weight = np.array(rows).T
    found = gini(x, weight)
    if (x * weight).sum() == 0:
        assert np.isnan(found)
        return
    assert 0 <= found < 1
    pairs = (weight[:, None] * weight * np.abs(x[:, None] - x)).sum()
    direct = pairs / (2 * weight.sum() * (x * weight).sum())
    assert found == pytest.approx(direct, abs=1e-9)
    assert gini(x * 7, weight * 3) == pytest.approx(found, abs=1e-9)
    assert gini(np.full(len(x), 5.0), weight) == pytest.approx(0, abs=1e-12)


def test_gini_of_what_can_be_negative_is_none() -> None:
    assert np.isnan(gini(np.array([-1.0, 2.0]), np.ones(2)))
    assert gini(np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)) == pytest.approx(0.75)


def test_gini_is_weighted_where_the_population_is_known_and_says_so(tmp_path: Path) -> None:
    rows = [*county("a", gdp=100, ers=0), *county("b", gdp=300, ers=0)]
    bare = items(assess(ground(tmp_path, rows)), "all")
    assert bare["gini_gdp_total_unweighted"] == pytest.approx(0.25)  # 1/4 and 3/4 of the whole
    heads = items(assess(ground(tmp_path, rows, population={"a": 1e6, "b": 3e6})), "all")
    assert heads["gini_gdp_per_capita_population_weighted"] == pytest.approx(
        0
    )  # all have 10000 a head
    assert not any("unweighted" in name for name in heads)
    part = items(assess(ground(tmp_path, rows, population={"a": 1e6})), "all")
    assert set(part) == set(bare)


def test_ranks_differ_within_groups(tmp_path: Path) -> None:
    rows = [
        *county("a", gdp=100, ers=1),
        *county("b", gdp=90, ers=500),
        *county("c", gdp=10, ers=10),
    ]
    found = assess(ground(tmp_path, rows, groups=Groups({"a": "x", "b": "x", "c": "y"}, ())))
    got = {region: items(found, region) for region in "abc"}
    assert [got[one]["rank_gdp"] for one in "abc"] == [1, 2, 1]
    assert [got[one]["rank_geep"] for one in "abc"] == [2, 1, 1]
    assert [got[one]["rank_geep_minus_rank_gdp"] for one in "abc"] == [1, -1, 0]


def test_ranks_say_in_which_group_and_whether_anybody_else_is_in_it(tmp_path: Path) -> None:
    rows = [*county("a", gdp=100), *county("b", gdp=90), *county("c", gdp=10)]
    groups = Groups({"a": "x", "b": "x", "c": "y"}, ())
    table = assess(ground(tmp_path, rows, groups=groups)).tables["geep.csv"]
    ranks = table[table["item"].str.startswith("rank_")]
    assert dict(zip(ranks["region"], ranks["group"], strict=True)) == {"a": "x", "b": "x", "c": "y"}
    alone = ranks[ranks["note"] != ""]
    assert set(alone["region"]) == {"c"}
    assert len(alone) == 3
    assert alone["note"].iloc[0].endswith("alone in its group, nothing to compare with")
    others = table[~table["item"].str.startswith("rank_")]
    assert set(others["group"]) | set(others["note"]) == {""}


def test_per_head_and_per_km2(tmp_path: Path) -> None:
    found = assess(ground(tmp_path, county("a"), population={"a": 5000.0}, area={"a": 200.0}))
    geep = 100 - 1 - 3 - 2 + 40.0
    assert value(found, "a", "geep_per_capita") == pytest.approx(geep * 1e8 / 5000)
    assert value(found, "a", "geep_per_km2") == pytest.approx(geep * 1e4 / 200)
    assert row(found.tables["geep.csv"], region="a", item="geep_per_km2")["unit"] == "10^4 CNY km-2"


# --- sums ----------------------------------------------------------------------------------------------------------


def regions_of(folder: Path, rows: Iterable[Row]) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return gep.read_regions(write_table(folder / "regions.csv", rows))


COUNTIES = (
    {"region": "p", "parent": ""}, {"region": "m", "parent": "p"}, {"region": "a", "parent": "m"},
    {"region": "b", "parent": "m"}, {"region": "c", "parent": "p"},
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(TERMS, AMOUNT)), min_size=3, max_size=3))
def test_a_province_is_the_sum_of_its_counties(
    tmp_path: Path, terms: list[dict[str, float]]
) -> None:
    rows = [
        one
        for code, some in zip("abc", terms, strict=True)
        for one in county(code, **some | {"gdp": some["gdp"] + 1})
    ]
    found = assess(ground(tmp_path, rows, region_table=regions_of(tmp_path, COUNTIES)))
    got = {region: items(found, region) for region in ("a", "b", "c", "m", "p")}
    for item in (*TERMS, "ggdp", "gep", "overlap", "geep"):
        size = 1 + sum(abs(got[one][item]) for one in "abc")
        assert got["m"][item] == pytest.approx(got["a"][item] + got["b"][item], abs=1e-9 * size)
        assert got["p"][item] == pytest.approx(got["m"][item] + got["c"][item], abs=1e-9 * size)
    assert got["p"]["ggi"] == pytest.approx(got["p"]["gep"] / got["p"]["gdp"])
    assert "rank_geep" not in got["p"]


def test_a_province_that_lacks_a_county_has_no_sum(tmp_path: Path) -> None:
    rows = [*county("a"), *county("b")]
    found = assess(ground(tmp_path, rows, region_table=regions_of(tmp_path, COUNTIES)))
    assert set(found.tables["geep.csv"]["region"]) == {"a", "b", "m", "all"}
    assert [one.code for one in found.warnings] == ["region-left-out"]


def test_a_city_may_stand_for_its_counties_but_not_beside_them(tmp_path: Path) -> None:
    table = regions_of(tmp_path, COUNTIES)
    found = assess(ground(tmp_path, [*county("m"), *county("c")], region_table=table))
    assert value(found, "p", "geep") == pytest.approx(
        value(found, "m", "geep") + value(found, "c", "geep")
    )
    assert codes(ground(tmp_path, [*county("m"), *county("a")], region_table=table)) == {
        "parent-with-rows"
    }


# --- parts and the fallback ----------------------------------------------------------------------------------------


def without(rows: Iterable[Row], *names: str) -> list[Row]:
    return [one for one in rows if one["name"] not in names]


def test_a_cost_is_the_sum_of_its_parts_when_all_are_there(tmp_path: Path) -> None:
    parts = {"air": 2.0, "water": 1.5, "solid": "na", "accident": 0}
    rows = [
        *without(county("a"), "endc"),
        *(datum("a", f"endc_{name}", one) for name, one in parts.items()),
    ]
    found = assess(ground(tmp_path, rows))
    assert value(found, "a", "endc") == pytest.approx(3.5)
    assert value(found, "a", "endc_air") == 2
    assert value(found, "a", "endc_solid") == 0  # na says that there is none
    assert codes(ground(tmp_path, rows[:-1])) == {"missing-data"}


def test_parts_may_cover_less_than_the_whole_but_not_more(tmp_path: Path) -> None:
    some = datum("a", "endc_air", 2.9)
    assert value(assess(ground(tmp_path, [*county("a"), some])), "a", "endc") == 3
    more = [some, datum("a", "endc_water", 0.5)]
    assert codes(ground(tmp_path, [*county("a"), *more])) == {"parts-sum"}


def treated(region: str, at: str = "", excess: float | None = None) -> list[Row]:
    """600 t of COD at 5000 CNY t-1 and 2000 kg of NH3 at 30 CNY kg-1."""
    rows = [
        datum(region, "emission", 600, "t", substance="COD"),
        datum(region, "emission", 2000, "kg", substance="NH3"),
        datum(at or region, "unit_treatment_cost", 5000, "CNY t-1", substance="COD"),
        datum(at or region, "unit_treatment_cost", 30, "CNY kg-1", substance="NH3"),
    ]
    return rows + (
        [datum(region, "exceedance", excess, "1", substance="COD")] if excess is not None else []
    )


def test_the_virtual_treatment_cost_stands_in_and_is_called_a_lower_bound(tmp_path: Path) -> None:
    rows = [*without(county("a"), "endc"), *county("b")]
    found = assess(ground(tmp_path, [*rows, *treated("a", excess=50)]))
    cost = (600 * 5000 * 1.5 + 2000 * 30) / 1e8  # tau of an exceedance in (10, 100] is 1.5
    assert value(found, "a", "endc_lower_bound") == pytest.approx(cost)
    assert "endc" not in items(found, "a")
    assert "endc" in items(found, "b")
    assert value(found, "a", "geep") == pytest.approx(100 - 1 - cost - 2 + 40)
    assert "lower-bound" in {one.code for one in found.warnings}
    captions = [(line.say("zh"), line.say("en")) for line in found.caption]
    assert any("下限" in zh and "lower bound" in en for zh, en in captions)
    lines = "\n".join(found.explain("a", 2015, "geep", "zh"))
    assert "下限" in lines
    assert "tau 1.5" in lines


def test_a_reported_cost_comes_before_the_fallback(tmp_path: Path) -> None:
    found = assess(ground(tmp_path, [*county("a"), *treated("a")]))
    assert value(found, "a", "endc") == 3
    assert not found.warnings


def test_a_sum_with_a_lower_bound_in_it_is_one(tmp_path: Path) -> None:
    table = regions_of(tmp_path, COUNTIES)
    rows = [*without(county("a"), "endc"), *county("b"), *treated("a", at="m")]
    found = assess(ground(tmp_path, rows, region_table=table))
    assert value(found, "m", "endc_lower_bound") == pytest.approx(
        value(found, "a", "endc_lower_bound") + 3
    )


def test_emissions_without_unit_cost_or_key_are_refused(tmp_path: Path) -> None:
    rows = [*without(county("a"), "endc"), *treated("a")]
    assert codes(ground(tmp_path, without(rows, "unit_treatment_cost"))) == {"missing-data"}
    bare = [*without(rows, "emission"), datum("a", "emission", 600, "t")]
    assert codes(ground(tmp_path, bare)) >= {"wrong-keys"}
    wrong = [*without(rows, "emission"), datum("a", "emission", 600, "km2", substance="COD")]
    assert "wrong-dimension" in codes(ground(tmp_path, wrong))
    below = [*without(rows, "emission"), datum("a", "emission", -1, "t", substance="COD")]
    assert "negative" in codes(ground(tmp_path, below))


def test_tau_steps_at_their_limits() -> None:
    problems = ProblemLog()
    steps = load_tau(SCHEMES / "geep-virtual-cost-tau.csv", problems)
    problems.raise_errors()
    assert steps is not None
    at = np.array([-1, 0, 0.1, 10, 10.1, 100, 100.1, 1000, 1000.1, np.nan])
    assert tau_of(at, steps).tolist() == [1, 1, 1.25, 1.25, 1.5, 1.5, 1.75, 1.75, 2, 1]


def test_tau_is_that_of_the_table_it_was_read_in() -> None:
    path = shared_file("assessment", "csv", "virtual_cost_tau.csv")
    given = pd.read_csv(path)
    own = pd.read_csv(SCHEMES / "geep-virtual-cost-tau.csv")
    assert own["value"].tolist() == given["tau"].tolist()
    lower = [float(text.strip("(]").split(",")[0].strip("<=>")) for text in given["kappa_range"]]
    assert own["above"].tolist()[1:] == lower[1:]


# --- with accounts -------------------------------------------------------------------------------------------------


def accounts(folder: Path, price_year: int | None = None) -> gep.Comparison:
    small = Small(
        areas=[{**one, "year": year} for year in (2019, 2020) for one in AREAS],
        data=[{**one, "year": year} for year in (2019, 2020) for one in DATA],
        sets={
            "base": [
                *COEFFICIENTS,
                *({**one, "price_year": "2019"} for one in COEFFICIENTS if one["price_year"]),
            ]
        },
        regions=REGIONS,
    )
    return Years(small, price_year=price_year).compared(folder)


def of_accounts(
    folder: Path, rows: Iterable[Row], found: gep.Comparison, **more: Any
) -> AssessmentContext:
    regions = tuple(map(str, found.regions))
    given: dict[str, Any] = {
        "years": (2019, 2020),
        "regions": regions,
        "comparisons": {"project": found},
    } | more
    return ground(folder, rows, **given)


def gdp(year: int = 2020, **more: object) -> list[Row]:
    costs = {"gdp": 5.0, "endc": 0.2, "ecdc": 0.1}
    return [
        datum(code, name, one, year=year, **more) for code in "ab" for name, one in costs.items()
    ]


def test_services_come_from_the_account(tmp_path: Path) -> None:
    compared = accounts(tmp_path / "account")
    found = assess(of_accounts(tmp_path, gdp(), compared))
    levels, lines = compared.levels[2020], compared.lines
    for region in "ab":
        spot = compared.codes.tolist().index(region)
        for item, category in {
            "eps": "provisioning",
            "ers": "regulating",
            "ecs": "cultural",
        }.items():
            line = compared.position(category)
            due = levels.values[spot, line] * factor(str(lines["unit"].iloc[line]), "10^8 CNY")
            assert value(found, region, item) == pytest.approx(due)
        assert value(found, region, "geep") == pytest.approx(
            5 - 0.2 - 0.1 + value(found, region, "ers")
        )
    assert value(found, "top", "geep") == pytest.approx(
        value(found, "a", "geep") + value(found, "b", "geep")
    )
    assert set(found.tables["geep.csv"]["year"]) == {2020}  # there is no GDP of 2019
    lines_of = "\n".join(found.explain("a", 2020, "ers", "en"))
    assert "account 2020" in lines_of
    assert "Soil retention (soil) = " in lines_of
    assert found.account_readings["ers"].account == "regulating"


def test_data_come_before_the_account(tmp_path: Path) -> None:
    found = assess(
        of_accounts(
            tmp_path, [*gdp(), datum("a", "ers", 7, year=2020)], accounts(tmp_path / "account")
        )
    )
    assert value(found, "a", "ers") == 7
    assert value(found, "b", "ers") != 7


def test_all_terms_have_one_price_year(tmp_path: Path) -> None:
    current, constant = (
        accounts(tmp_path / "account"),
        accounts(tmp_path / "constant", price_year=2019),
    )
    assert codes(of_accounts(tmp_path, gdp(), constant)) == {"price-year"}
    assert codes(of_accounts(tmp_path, gdp(price_year="2019"), current)) == {"price-year"}
    assess(of_accounts(tmp_path, gdp(price_year="2019"), constant))
    assess(of_accounts(tmp_path, gdp(price_year="nominal"), current))
    mixed = [*county("a"), {**county("b")[0], "price_year": "2010"}, *county("b")[1:]]
    assert codes(ground(tmp_path, mixed)) == {"price-year"}


def test_regions_of_the_account_without_rows_are_told(tmp_path: Path) -> None:
    rows = [one for one in gdp() if one["region"] == "a"]
    found = assess(of_accounts(tmp_path, rows, accounts(tmp_path / "account")))
    assert "b" not in set(found.tables["geep.csv"]["region"])
    assert {one.code for one in found.warnings} == {"region-left-out"}


# --- broken --------------------------------------------------------------------------------------------------------

BROKEN_DATA: dict[str, list[Row]] = {
    "missing-data": without(county("a"), "ecdc"),
    "negative": [*without(county("a"), "endc"), datum("a", "endc", -3)],
    "wrong-dimension": [*without(county("a"), "gdp"), datum("a", "gdp", 3, "km2")],
    "wrong-keys": [*without(county("a"), "gdp"), datum("a", "gdp", 3, product="rice")],
    "gep-sum": [*county("a"), datum("a", "gep", 70)],
    "parts-sum": [*county("a"), datum("a", "ecdc_forest", 9)],
}


@pytest.mark.parametrize("code", BROKEN_DATA)
def test_broken_data(tmp_path: Path, code: str) -> None:
    assert codes(ground(tmp_path, BROKEN_DATA[code])) == {code}


def test_a_problem_names_term_number_and_unit_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        assess(ground(tmp_path, BROKEN_DATA["parts-sum"]))
    problem = caught.value.problems[0]
    assert problem.say_what("en") == (
        "the parts of Ecological damage cost (ecdc) in 2015 sum to more than the term itself for a; "
        "for a they sum to 9 10^8 CNY, and the term is 2 10^8 CNY"
    )
    assert problem.say_what("zh") == (
        "2015 年 a 的生态破坏成本 (ecdc)，各分项之和大于总数；"
        "a 的分项之和为 9 10^8 CNY，总数为 2 10^8 CNY"
    )


def test_a_gdp_of_none_an_overlap_without_gep_and_no_row_at_all(tmp_path: Path) -> None:
    assert codes(ground(tmp_path, [*without(county("a"), "gdp"), datum("a", "gdp", "na")])) == {
        "missing-data"
    }
    bare = [*without(county("a"), "eps", "ecs"), datum("a", "overlap", 3)]
    assert codes(ground(tmp_path, bare)) == {"missing-data"}
    assert codes(ground(tmp_path, [datum("a", "other", 3)])) == {"missing-data"}


def test_everything_wrong_with_the_data_of_years_is_told_at_once(tmp_path: Path) -> None:
    rows = [
        *without(county("a"), "ecdc"),
        *({**one, "year": 2016} for one in BROKEN_DATA["negative"]),
        *({**one, "year": 2017} for one in BROKEN_DATA["gep-sum"]),
    ]
    assert codes(ground(tmp_path, rows)) == {"missing-data", "negative", "gep-sum"}


BROKEN_SCHEMES = {
    "missing-key": ('readings = [{ data = "gdp" }]', "readings = []"),
    "term-form": (
        'readings = [{ data = "gdp" }]',
        'readings = [{ data = "gdp", form = "growth" }]',
    ),
    "wrong-dimension": ('unit = "10^8 CNY"', 'unit = "km2"'),
    "unknown-unit": ('unit = "10^8 CNY"', 'unit = "10^8 shells"'),
    "unknown-source": ('source = "wang-ma-2018"', 'source = "nobody"'),
    "missing-file": ('tau = "geep', 'tau = "other'),
    "path-outside": ('tau = "geep', 'tau = "../geep'),
    "toml-value": ("[term.gdp]", "[term.gnp]"),
    "unknown-key": ("optional = true", "optinal = true"),
}


@pytest.mark.parametrize("code", BROKEN_SCHEMES)
def test_broken_schemes(tmp_path: Path, code: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        scheme(tmp_path, BROKEN_SCHEMES[code])
    assert code in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize(
    "rows",
    [("0,1", "10,1.25"), (",1.25", "0,1"), (",1", "10,1.25", "0,1.5"), (",1", ",1.25", "0,1.5")],
)
def test_steps_of_tau_ascend(tmp_path: Path, rows: tuple[str, ...]) -> None:
    by = scheme(tmp_path)
    lines = ["above,value,unit,source,locator,grade", *(f"{one},1,t,t,recalled" for one in rows)]
    (tmp_path / "geep-virtual-cost-tau.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    problems = ProblemLog()
    load_scheme(str(by.path), None, "scheme", problems)
    assert {problem.code for problem in problems.errors} == {"tau-steps"}


# --- words ---------------------------------------------------------------------------------------------------------


def test_a_figure_is_taken_apart_down_to_file_rows(tmp_path: Path) -> None:
    found = assess(ground(tmp_path, county("a")))
    lines = found.explain("a", 2015, "geep", "zh")
    assert lines[0].startswith(
        "生态经济生产总值 (geep) = 134 10^8 CNY = ggdp 94 + gep 55 - overlap 15"
    )
    for spot, name in enumerate(TERMS):
        assert any(
            f"({name}) = " in line and f"readings.csv 第 {spot + 2} 行" in line for line in lines
        ), name
    assert found.explain("nowhere", 2015, "geep", "zh") == []
    assert found.explain("a", 1999, "geep", "zh") == []


def test_the_wide_table_has_both_languages_and_the_caption_its_grades(tmp_path: Path) -> None:
    found = assess(ground(tmp_path, [{**one, "grade": "recalled"} for one in county("a")]))
    table = found.tables["geep_table.csv"]
    assert table["生态经济生产总值 GEEP (10^8 CNY)"].tolist() == [pytest.approx(134)]
    assert table["年份 Year"].tolist() == [2015]
    assert any("recalled" in line.say("zh") for line in found.caption)
    assert replace(found, caption=()).caption == ()


def test_a_figure_of_a_parent_a_part_an_overlap_and_a_gini_are_told(tmp_path: Path) -> None:
    parts = [
        datum("a", f"endc_{name}", one)
        for name, one in (("air", 2), ("water", 1), ("solid", 0), ("accident", 0))
    ]
    rows = [
        *without(county("a"), "endc"),
        *parts,
        datum("a", "overlap", 12),
        *county("b"),
        *county("c"),
    ]
    found = assess(ground(tmp_path, rows, region_table=regions_of(tmp_path, COUNTIES)))
    assert any("sum of its parts" in line for line in found.explain("a", 2015, "endc", "en"))
    assert any(
        "Air pollution (endc_air) = 2 " in line for line in found.explain("a", 2015, "endc", "en")
    )
    overlap = found.explain("a", 2015, "overlap", "en")
    assert len(overlap) == 1
    assert "= 12 10^8 CNY: readings.csv row 12 " in overlap[0]
    assert "sum of the regions inside" in found.explain("p", 2015, "gdp", "en")[0]
    assert found.explain("a", 2015, "endc_air", "zh")[0].startswith("大气污染 (endc_air) = 2 ")
    assert found.explain("all", 2015, "gini_gdp_total_unweighted", "en")[1].endswith(
        "unweighted: a, b, c"
    )
    assert "rank_geep" in found.explain("a", 2015, "rank_geep_minus_rank_gdp", "en")[0]


def test_without_products_and_culture_the_working_says_what_is_left(tmp_path: Path) -> None:
    bare = without(county("a"), "eps", "ecs", "rdc")
    lines = assess(ground(tmp_path, bare)).explain("a", 2015, "geep", "zh")
    assert lines[0].endswith("= ggdp + ers")
    assert any("无数据行，取0" in line for line in lines)
    whole = assess(ground(tmp_path, [*bare, datum("a", "gep", 50)]))
    assert value(whole, "a", "overlap") == 10
    assert whole.explain("a", 2015, "overlap", "zh")[0].endswith("= gep - ers")
