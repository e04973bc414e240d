"""Counties' projects collected: completeness, one common replay, control totals, jumps, ranks under alternatives."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.counties import (
    HALF,
    PROVINCE,
    STANDARD,
    SWITCH,
    CountyProject,
    write_counties,
    write_county,
)
from support.paths import EXAMPLES
from support.small import coefficient, write_set, write_table
from support.years import PRODUCTS_METHODS, row

import gep
from gep.account.lines import TOTAL
from gep.cli.app import main
from gep.collection.alternatives import ranks_of
from gep.collection.choice_effects import differing_rows
from gep.collection.counties import CollectionOptions
from gep.collection.recompute import merge_counties
from gep.project.project import read_project
from gep.texts.catalogue import LANGUAGES
from gep.workflows.collect import RECORD, TABLES, CountyCollection, collect_projects

OWN_LAND = (coefficient("land_value", 3000, "CNY ha-1", ecosystem="field"),)
PLAIN = CountyProject()  # 300 + 100
SOME: Mapping[str, CountyProject] = {
    "a": PLAIN,
    "b": CountyProject(crops={2020: 900.0}, own=OWN_LAND),  # 270 + 150, in common 270 + 100
    "c": CountyProject(
        crops={2020: 500.0}, own=OWN_LAND, switches={"land": "half"}
    ),  # 150 + 75, in common 150 + 100
}
SEVERAL = {2019: 500.0, 2020: 500.0}


def _collected(
    folder: Path, counties: Mapping[str, CountyProject], **asked: object
) -> CountyCollection:
    return collect_projects(
        write_counties(folder, counties),
        options=replace(CollectionOptions(allow_code=True), **asked),
    )


def _problems(folder: Path, **asked: object) -> list[gep.Problem]:
    with pytest.raises(gep.ProblemsFound) as found:
        collect_projects(folder, options=replace(CollectionOptions(allow_code=True), **asked))
    assert not (folder / "collected").exists(), "nothing is written"
    return list(found.value.problems)


def _total(table: pd.DataFrame, county: str, **keys: object) -> pd.Series:
    return row(table, county=county, category=TOTAL, indicator=TOTAL, region="", **keys)


def test_every_county_under_its_own_and_under_the_common_choice(tmp_path: Path) -> None:
    found = _collected(tmp_path / "p", SOME)
    table = found.tables["replayed.csv"]
    by_hand = {"a": (400, 400, 2, 1), "b": (420, 370, 1, 2), "c": (225, 250, 3, 3)}
    for county, (own, common, rank_own, rank_common) in by_hand.items():
        one = _total(table, county)
        assert [one["own"], one["common"], one["difference"]] == pytest.approx(
            [own, common, own - common]
        )
        assert (one["rank_own"], one["rank_common"]) == (rank_own, rank_common)
    land = row(table, county="b", indicator="land")
    assert (land["own"], land["common"], land["relative"]) == pytest.approx((150, 100, 0.5))
    assert row(table, county="b", indicator="crop")["difference"] == 0
    assert set(table["region"]) == {""}, "counties of one region have no row for it"


def test_what_a_difference_is_made_of(tmp_path: Path) -> None:
    found = _collected(tmp_path / "p", SOME)
    table, rows = found.tables["moved.csv"], found.tables["differing_rows.csv"]
    assert set(table["county"]) == {"b", "c"}
    assert row(table, county="b", choice="coefficient")["effect"] == pytest.approx(50)
    assert row(table, county="b", choice="interaction")["effect"] == pytest.approx(0)
    of_c = {
        one["choice"]: one["effect"] for one in table[table["county"] == "c"].to_dict("records")
    }
    # own: 3000 x 500 ha / 2 = 75; with the common switch 150, with the common price 50
    assert of_c == pytest.approx({"switch": -75, "coefficient": 25, "interaction": 25})
    for county, some in table.groupby("county"):
        assert some["effect"].sum() == pytest.approx(
            _total(found.tables["replayed.csv"], county)["difference"]
        )
    one = row(rows, county="b")
    assert (one["name"], one["own_set"], one["common_set"]) == (
        "land_value",
        "mine@1.0.0",
        "province@1.0.0",
    )
    assert (one["own_value"], one["common_value"], one["steps"]) == (3000, 2000, "land.value")
    assert one["own_keys"] == "ecosystem=field price_year=2020"


def test_a_row_that_says_the_same_is_no_difference(tmp_path: Path) -> None:
    same = [
        coefficient("land_value", 0.2, "10^4 CNY ha-1", ecosystem="field"),
        coefficient("product_price", 3000, "CNY t-1", product="rice"),
    ]
    found = _collected(tmp_path / "p", {"a": PLAIN, "b": CountyProject(own=same)})
    assert found.tables["differing_rows.csv"].empty
    assert found.tables["moved.csv"].empty
    assert set(found.tables["replayed.csv"]["difference"]) == {0}


def test_a_row_by_region_stands_against_the_common_one_without(tmp_path: Path) -> None:
    rows = [
        coefficient("land_share", 0.5, "1", region="b"),
        coefficient("land_value", "na", "CNY ha-1", ecosystem="forest"),
    ]
    found = _collected(tmp_path / "p", {"a": PLAIN, "b": CountyProject(own=rows)})
    one = row(found.tables["differing_rows.csv"], county="b")
    assert (one["name"], one["own_keys"], one["common_keys"]) == ("land_share", "region=b", "")
    assert row(found.tables["moved.csv"], choice="coefficient")["effect"] == pytest.approx(-50)


def test_a_price_that_a_county_says_to_have_none_of(tmp_path: Path) -> None:
    none = [coefficient("product_price", "na", "CNY kg-1", product="rice")]
    tables = _collected(tmp_path / "p", {"a": PLAIN, "b": CountyProject(own=none)}).tables
    crop = row(tables["replayed.csv"], county="b", indicator="crop")
    assert (crop["own"], crop["common"], crop["difference"]) == (
        "na",
        pytest.approx(300),
        pytest.approx(-300),
    )
    assert row(tables["moved.csv"], choice="coefficient")["effect"] == pytest.approx(-300)
    assert row(tables["differing_rows.csv"])["own_value"] == "na"


def test_the_common_sets_and_switches_can_be_named(tmp_path: Path) -> None:
    rows = [coefficient("land_value", 1000, "CNY ha-1", ecosystem="field")]
    common = write_set(tmp_path / "common", rows)
    found = _collected(tmp_path / "p", SOME, coefficients=(str(common),), switches={"land": "half"})
    assert [one.label for one in found.common.sets] == ["common@1.0.0", "province@1.0.0"]
    assert _total(found.tables["replayed.csv"], "a")["common"] == pytest.approx(300 + 25)
    record = json.loads((found.out / "collection.json").read_text(encoding="utf-8"))
    assert record["common"]["switches"] == {"land": "half"}


def test_the_matrix_tells_what_is_given_missing_recalled(tmp_path: Path) -> None:
    doubtful = [coefficient("land_value", 2000, "CNY ha-1", ecosystem="field", grade="recalled")]
    made_up = [coefficient("land_value", 2000, "CNY ha-1", ecosystem="field", grade="placeholder")]
    allowed = CountyProject(
        own=made_up, heading="price_year = 2020\nallow_placeholder = true", people=""
    )
    counties = {
        "a": PLAIN,
        "b": CountyProject(crops={}),
        "c": CountyProject(own=doubtful),
        "d": allowed,
    }
    counties["e"] = CountyProject(crops={2020: "na"})
    found = _collected(tmp_path / "p", counties)
    table = found.tables["completeness.csv"]
    status = {(one["county"], one["name"]): one["status"] for one in table.to_dict("records")}
    assert [status[county, "output"] for county in "abe"] == ["given", "missing", "na"]
    assert [status[county, "crop"] for county in "abe"] == ["given", "missing", "na"]
    assert [status[county, "product_price"] for county in "ab"] == ["given", "not_due"]
    assert [status[county, "population"] for county in "ad"] == ["given", "missing"]
    assert (status["d", "land_value"], status["d", "land"]) == ("placeholder", "placeholder")
    assert row(table, county="c", name="land_value")["recalled"] == 1
    assert row(table, county="c", name="land")["recalled"] == 1
    assert row(table, county="c", name="crop")["recalled"] == 0
    lacking = _total(found.tables["replayed.csv"], "b")
    assert (lacking["own"], lacking["difference"], lacking["rank_common"]) == (
        "not_compiled",
        "",
        "",
    )
    assert _total(found.tables["replayed.csv"], "e")["own"] == pytest.approx(100)
    ranks = found.tables["ranks.csv"]
    assert row(ranks, county="b")["alternatives"] == 0
    assert row(ranks, county="a")["above_always"] == 1, "above e; c and d are equal, b is not known"


def test_what_only_some_are_asked_for_is_told(tmp_path: Path) -> None:
    without = STANDARD.replace(SWITCH, SWITCH.replace('"half"]', '"half", "none"]'))
    counties = {
        "a": CountyProject(standard=without),
        "b": CountyProject(standard=without, switches={"land": "none"}),
    }
    table = _collected(tmp_path / "p", counties).tables["completeness.csv"]
    assert row(table, county="b", name="land_value")["status"] == "not_asked"


BROKEN = {
    "a": PLAIN,
    "x": CountyProject(heading="price_year = 2020\ncolour = 1"),
    "y": CountyProject(own=[coefficient("land_value", 3, "t", ecosystem="field")]),
}


def test_the_problems_of_all_counties_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = write_counties(tmp_path / "p", BROKEN)
    write_county(home / "z", CountyProject(region="a"))
    controls = write_table(
        tmp_path / "c.csv", [{"region": "top", "year": "?", "name": "x", "value": 1, "unit": "t"}]
    )
    problems = _problems(home, controls=controls, jump=-1)
    told = {(one.code, one.where.split(":")[0]) for one in problems}
    assert {("unknown-key", "x"), ("wrong-dimension", "y"), ("region-twice", "z")} <= told
    assert {"missing-column", "toml-value"} <= {code for code, _ in told}
    assert main(["collect", str(home), "--allow-code"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "[unknown-key] x: project.toml" in printed.err
    assert "[wrong-dimension] y: " in printed.err


def test_broken_counties_are_left_out_and_listed_if_asked(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", BROKEN)
    (home / "stray").mkdir()
    found = collect_projects(home, options=CollectionOptions(allow_code=True, skip_broken=True))
    table = found.tables["completeness.csv"]
    assert {name: row(table, county=name)["note"] for name in "xy"} == {
        "x": "unknown-key",
        "y": "wrong-dimension",
    }
    assert set(table[table["status"] == "unreadable"]["county"]) == {"x", "y"}
    assert row(found.tables["counties.csv"], county="x")["problem"] == "unknown-key"
    left_out = {
        problem.where: problem.what
        for problem in found.warnings
        if problem.code == "county-left-out"
    }
    assert set(left_out) == {"x", "y", "stray"}
    assert "problems: 1 (unknown-key)" in left_out["x"]
    assert "x: project.toml project.colour: key 'colour' is not known" in left_out["x"]
    assert set(found.tables["replayed.csv"]["county"]) == {"a"}
    assert set(
        json.loads((found.out / "collection.json").read_text(encoding="utf-8"))["left_out"]
    ) == {"x", "y"}


def test_a_county_that_cannot_be_computed_in_common_is_broken_too(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", {"a": PLAIN, "b": PLAIN})
    with (home / "b" / "areas.csv").open("a", encoding="utf-8") as file:
        file.write("b,2020,forest,10,hm2\n")
    write_set(home / "b" / "mine", [coefficient("land_value", 1, "CNY ha-1", ecosystem="forest")])
    text = (
        (home / "b" / "project.toml")
        .read_text(encoding="utf-8")
        .replace("coefficients = []", 'coefficients = ["./mine"]')
    )
    (home / "b" / "project.toml").write_text(text, encoding="utf-8")
    scoped = write_set(tmp_path / "scoped", PROVINCE[1:2], '[scope]\nregions = ["a"]\n')
    write_county(home / "c", PLAIN)
    problems = _problems(home, coefficients=(str(scoped),))
    assert {one.code for one in problems} == {"value-transfer"}
    assert sorted(one.where for one in problems) == [
        "b common: scoped@1.0.0",
        "c common: scoped@1.0.0",
    ]
    found = collect_projects(
        home,
        options=CollectionOptions(allow_code=True, coefficients=(str(scoped),), skip_broken=True),
    )
    assert set(found.tables["replayed.csv"]["county"]) == {"a"}
    assert row(found.tables["counties.csv"], county="b")["problem"] == "value-transfer"
    found = collect_projects(
        home,
        options=CollectionOptions(
            allow_code=True, coefficients=(str(scoped),), allow_transfer=True
        ),
    )
    assert row(found.tables["counties.csv"], county="c")["common_transfer"] == pytest.approx(
        100 / 400
    )
    matrix = found.tables["replayed.csv"]
    assert _total(matrix, "b")["common"] == "not_compiled", (
        "the common sets say nothing of the forest"
    )
    lost = row(found.tables["completeness.csv"], county="b", name="land_value", status="missing")
    assert (lost["kind"], lost["cells"], lost["missing"]) == ("common:coefficient", 2, 1)


def test_no_county_at_all(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    assert {one.code for one in _problems(tmp_path / "p")} == {"no-county"}
    write_counties(tmp_path / "q", {"x": BROKEN["x"]})
    assert {one.code for one in _problems(tmp_path / "q", skip_broken=True)} == {"unknown-key"}


def test_files_are_held_against_the_record_of_the_run(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", {**SOME, "d": PLAIN, "e": PLAIN})
    for name in "abcd":
        gep.run_project(home / name, allow_code=True)
    data = home / "b" / "data.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("900", "950"), encoding="utf-8")
    with (home / "c" / "out" / "summary.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    (home / "d" / "out" / "manifest.json").write_text("[]", encoding="utf-8")
    found = collect_projects(home, options=CollectionOptions(allow_code=True))
    runs = found.tables["counties.csv"].set_index("county")["run"].to_dict()
    assert runs == {
        "a": "agrees",
        "b": "edited",
        "c": "results_edited",
        "d": "unreadable",
        "e": "no_run",
    }
    files = found.tables["files.csv"]
    one = row(files, county="b", file="data.csv")
    assert (one["status"], len(one["recorded"]), len(one["sha256"])) == ("edited", 64, 64)
    assert set(files[files["county"] == "a"]["status"]) == {"agrees"}
    assert row(files, county="c", status="edited")["file"] == "summary.csv"
    assert row(found.tables["counties.csv"], county="a")["gep"] == gep.__version__
    warned = {one.where: one.what for one in found.warnings if one.code == "run-record"}
    assert set(warned) == {"b", "c", "d", "e"}
    assert "data.csv (edited)" in warned["b"]
    edited = next(problem for problem in found.warnings if problem.where == "b")
    assert edited.say_what("zh") == "文件与运行记录不符：data.csv（已改动）"


def test_one_set_of_two_contents_is_told(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", {"a": PLAIN, "b": PLAIN})
    write_set(home / "b" / "province", [*PROVINCE[:2], coefficient("land_share", 0.9, "1")])
    found = collect_projects(home, options=CollectionOptions(allow_code=True))
    warned = [problem for problem in found.warnings if problem.code == "content-differs"]
    assert [problem.where for problem in warned] == ["set province@1.0.0"]
    assert warned[0].say_where("zh") == "参数集 province@1.0.0"
    assert "(a), (b)" in warned[0].what
    assert row(found.tables["differing_rows.csv"], county="b")["own_value"] == 0.9


def test_counties_must_be_alike_or_the_common_choice_named(tmp_path: Path) -> None:
    other = (
        PRODUCTS_METHODS.replace("return quantity * price", "return quantity * price * 2") + HALF
    )
    counties = {"a": PLAIN, "b": CountyProject(methods=other), "c": CountyProject(heading="")}
    counties["d"] = CountyProject(crops=SEVERAL, hectares=SEVERAL)
    home = write_counties(tmp_path / "p", counties)
    differences = [problem for problem in _problems(home) if problem.code == "counties-differ"]
    places = [problem.where.split()[0] for problem in differences]
    assert sorted(places) == ["prices", "standard", "years"]
    of_prices = next(problem for problem in differences if problem.where.startswith("prices"))
    assert of_prices.what == "the counties differ: (a, b, d: constant:2020), (c: current)"
    asked = CollectionOptions(
        allow_code=True, standard=str(home / "a" / "standard.toml"), prices="2020", years=(2020,)
    )
    found = collect_projects(home, options=asked)
    assert _total(found.tables["replayed.csv"], "b")["difference"] == pytest.approx(300)
    assert row(found.tables["moved.csv"], county="b", choice="standard")["own"] == "county-standard"
    prices = row(found.tables["moved.csv"], county="c", choice="prices")
    assert (prices["own"], prices["common"], prices["effect"]) == ("current", "constant:2020", 0)
    assert {one.where for one in _problems(home / "..", skip_broken=True)} != set()


def test_a_year_that_a_county_lacks(tmp_path: Path) -> None:
    home = write_counties(
        tmp_path / "p", {"a": PLAIN, "b": CountyProject(crops=SEVERAL, hectares=SEVERAL)}
    )
    problems = _problems(home, years=(2019, 2020))
    assert [(one.code, one.where) for one in problems] == [
        ("missing-year", "a: project.toml years")
    ]


def _jumpy(*explanations: Mapping[str, object]) -> CountyProject:
    return CountyProject(
        crops={2019: 1000, 2020: 1500}, hectares=SEVERAL, explanations=explanations
    )


def test_jumps_need_an_explanation(tmp_path: Path) -> None:
    def told(indicator: str, document: str) -> dict[str, object]:
        return {
            "region": "b",
            "year": 2020,
            "indicator": indicator,
            "explanation": "新建水库",
            "document": document,
        }

    steady = CountyProject(crops={2019: 1000, 2020: 1100}, hectares=SEVERAL)
    idle = {**told("land", "x"), "region": "c"}
    counties = {
        "a": _jumpy(),
        "b": _jumpy(told("crop", "文1"), told("total", "")),
        "c": replace(steady, explanations=[idle]),
    }
    found = _collected(tmp_path / "p", counties)
    jumps = found.tables["jumps.csv"]
    assert set(jumps["county"]) == {"a", "b"}
    assert set(jumps[jumps["county"] == "a"]["status"]) == {"needs_explanation"}
    one = row(jumps, county="b", indicator="crop")
    assert (one["status"], one["document"], one["from"], one["year"]) == (
        "explained",
        "文1",
        2019,
        2020,
    )
    assert one["growth"] == pytest.approx(0.5)
    assert row(jumps, county="b", category="total")["status"] == "no_document"
    assert row(jumps, county="b", category="total")["growth"] == pytest.approx(150 / 400)
    assert (
        row(jumps, county="b", category="provisioning", indicator="total")["status"]
        == "needs_explanation"
    )
    warned = {one.where for one in found.warnings if one.code == "jump-unexplained"}
    assert warned == {"a", "b"}
    unused = [problem for problem in found.warnings if problem.code == "unused-data"]
    assert [problem.where for problem in unused] == ["c: explanations.csv row 2"]
    assert unused[0].say_where("zh") == "c: explanations.csv 第 2 行"
    assert unused[0].what.startswith("Land (land) of c does not jump in 2020")
    wide = collect_projects(tmp_path / "p", options=CollectionOptions(allow_code=True, jump=0.6))
    assert wide.tables["jumps.csv"].empty


def test_a_jump_over_several_years_is_by_the_year(tmp_path: Path) -> None:
    years = {2016: 500.0, 2020: 500.0}
    slow = CountyProject(crops={2016: 1000, 2020: 2000}, hectares=years)  # 18.9 % a year
    fast = CountyProject(crops={2016: 1000, 2020: 2500}, hectares=years)  # 25.7 % a year
    came = CountyProject(crops={2016: 0, 2020: 10}, hectares=years)
    jumps = _collected(tmp_path / "p", {"a": slow, "b": fast, "c": came}).tables["jumps.csv"]
    assert set(jumps[jumps["indicator"] == "crop"]["county"]) == {"b", "c"}
    assert row(jumps, county="b", indicator="crop")["growth"] == pytest.approx(2.5**0.25 - 1)
    assert row(jumps, county="c", indicator="crop")["growth"] == np.inf


def test_growth_of_what_is_below_zero(tmp_path: Path) -> None:
    loss = [coefficient("land_value", -2000, "CNY ha-1", ecosystem="field")]
    county = CountyProject(
        crops={2019: 1000, 2020: 1000}, hectares={2019: 500.0, 2020: 900.0}, own=loss
    )
    jumps = _collected(tmp_path / "p", {"a": county}).tables["jumps.csv"]
    assert row(jumps, indicator="land")["growth"] == pytest.approx(-0.8), (
        "the loss grew: -100 to -180"
    )


def test_explanations_are_read_as_every_table(tmp_path: Path) -> None:
    blank = {"region": "a", "year": 2020, "indicator": "crop", "explanation": ""}
    home = write_counties(tmp_path / "p", {"a": _jumpy(blank)})
    assert [(problem.code, problem.where) for problem in _problems(home)] == [
        ("blank", "a: explanations.csv row 2 column explanation")
    ]


def _controls(folder: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    fixed = {"region": "top", "year": 2020, "source": "统计年鉴"}
    return write_table(folder / "controls.csv", [{**fixed, **one} for one in rows])


def test_control_totals(tmp_path: Path) -> None:
    controls = _controls(
        tmp_path,
        [
            {"name": "population", "value": 300, "unit": "person"},
            {"name": "land_area", "value": 40, "unit": "km2"},
            {"name": "land_area", "value": 1000, "unit": "hm2", "region": "a"},
            {"name": "area:field", "value": 15.1, "unit": "km2"},
            {"name": "total", "value": 1040, "unit": "10^4 CNY", "tolerance": 0.001},
            {"name": "crop", "value": 0.072, "unit": "10^8 CNY"},
        ],
    )
    found = _collected(tmp_path / "p", SOME, controls=controls)
    table = found.tables["controls.csv"]
    assert row(table, name="population")["flag"] == "agrees"
    one = row(table, name="land_area", region="top")
    assert (one["sum"], one["flag"], one["regions"]) == (pytest.approx(30), "differs", 3)
    assert one["relative"] == pytest.approx(-0.25)
    assert row(table, name="land_area", region="a")["flag"] == "agrees"
    assert row(table, name="area:field")["sum"] == pytest.approx(15)
    assert row(table, name="area:field")["flag"] == "agrees", "0.7 % off, 1 % is tolerated"
    assert row(table, name="total", basis="own")["sum"] == pytest.approx(400 + 420 + 225)
    assert row(table, name="total", basis="own")["flag"] == "differs", (
        "0.5 % off, 0.1 % is tolerated"
    )
    assert row(table, name="total", basis="common")["sum"] == pytest.approx(1020)
    assert row(table, name="crop", basis="own")["sum"] == pytest.approx(0.072)
    warned = [one.what for one in found.warnings if one.code == "control-differs"]
    assert len(warned) == 3
    assert warned[0] == (
        "land_area of top, 2020: the counties give 30 km2, the control total is 40 km2 (统计年鉴)"
    )


def test_sums_that_lack_counties_are_incomplete(tmp_path: Path) -> None:
    codes = [{"region": "top", "parent": ""}, *({"region": one, "parent": "top"} for one in "abcd")]
    regions = write_table(tmp_path / "regions.csv", codes)
    controls = _controls(tmp_path, [{"name": "land_area", "value": 40, "unit": "km2"}])
    home = write_counties(tmp_path / "p", {**SOME, "x": BROKEN["x"]})
    asked = CollectionOptions(allow_code=True, skip_broken=True, controls=controls)
    one = row(
        collect_projects(home, options=replace(asked, regions=regions)).tables["controls.csv"]
    )
    assert (one["flag"], one["missing"], one["sum"]) == ("incomplete", "d", pytest.approx(30))
    assert (
        row(collect_projects(home, options=asked).tables["controls.csv"])["flag"] == "incomplete"
    ), "x may lie in it"
    people = _controls(tmp_path, [{"name": "population", "value": 1, "unit": "person"}])
    home = write_counties(tmp_path / "q", {"a": PLAIN, "b": CountyProject(people="")})
    one = row(
        collect_projects(home, options=CollectionOptions(allow_code=True, controls=people)).tables[
            "controls.csv"
        ]
    )
    assert (one["flag"], one["sum"], one["difference"]) == ("unknown", "", "")


@pytest.mark.parametrize(
    ("wrong", "code", "column"),
    [
        ({"region": "tip"}, "unknown-region", "region"),
        ({"year": 2018}, "unknown-region", "region"),
        ({"name": "gold"}, "unknown-reading", "name"),
        ({"name": "area:gold", "unit": "km2"}, "unknown-class", "name"),
        ({"unit": "t"}, "wrong-dimension", "unit"),
        ({"source": ""}, "blank", "source"),
        ({"tolerance": -1}, "negative", "tolerance"),
    ],
)
def test_control_totals_that_mean_nothing(
    tmp_path: Path, wrong: Mapping[str, object], code: str, column: str
) -> None:
    controls = _controls(tmp_path, [{"name": "total", "value": 1, "unit": "10^4 CNY", **wrong}])
    problems = _problems(write_counties(tmp_path / "p", {"a": PLAIN}), controls=controls)
    assert {problem.code for problem in problems} == {code}
    assert {problem.where for problem in problems} == {f"controls.csv row 2 column {column}"}
    value = next(iter(wrong.values()))
    for problem in problems:
        for language in LANGUAGES:
            named = f"{value}".removeprefix("area:") or column
            assert named in problem.say_what(language)


CLOSE = {
    "a": CountyProject(crops={2020: 1000.0}, hectares={2020: 100.0}),  # 300 + 20, half: 300 + 10
    "b": CountyProject(crops={2020: 900.0}, hectares={2020: 300.0}),  # 270 + 60, half: 270 + 30
    "c": CountyProject(crops={2020: 100.0}, hectares={2020: 100.0}),
}


def test_an_alternative_that_turns_a_rank(tmp_path: Path) -> None:
    tables = _collected(tmp_path / "p", CLOSE).tables
    table = tables["alternatives.csv"]
    assert list(table["alternative"].unique()) == ["own", "common", "land=half"]
    ranks = {(one["alternative"], one["county"]): one["rank"] for one in table.to_dict("records")}
    assert [ranks[name, "a"] for name in ("own", "common", "land=half")] == [2, 2, 1]
    assert row(table, alternative="land=half", county="b")["value"] == pytest.approx(300)
    one = row(tables["ranks.csv"], county="a")
    assert (one["rank"], one["best"], one["worst"], one["alternatives"]) == (2, 1, 2, 3)
    assert one["kept"] == pytest.approx(2 / 3)
    assert row(tables["ranks.csv"], county="c")["kept"] == 1
    pairs = set(zip(tables["pairs.csv"]["above"], tables["pairs.csv"]["below"], strict=True))
    assert pairs == {("a", "c"), ("b", "c")}, "a and b change places"


def test_alternatives_of_a_file(tmp_path: Path) -> None:
    write_set(tmp_path / "dear", [coefficient("land_value", 20000, "CNY ha-1", ecosystem="field")])
    text = """
    [[alternative]]
    name = "dear land"
    coefficients = ["./dear"]
    [[alternative]]
    name = "today"
    price_year = "current"
    switches = { land = "half" }
    [[alternative]]
    name = "other standard"
    standard = "./p/a/standard.toml"
    """
    (tmp_path / "alternatives.toml").write_text(text, encoding="utf-8")
    table = _collected(tmp_path / "p", CLOSE, alternatives=tmp_path / "alternatives.toml").tables[
        "alternatives.csv"
    ]
    # the standard's own sets follow those named: product prices are the province's
    assert row(table, alternative="dear land", county="b")["value"] == pytest.approx(270 + 600)
    assert row(table, alternative="dear land", county="b")["sets"] == "dear@1.0.0;province@1.0.0"
    today = row(table, alternative="today", county="a")
    assert (today["value"], today["price_basis"], today["switches"]) == (
        pytest.approx(310),
        "current",
        "land=half",
    )
    assert row(table, alternative="other standard", county="a")["value"] == pytest.approx(320)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('name = "own"', "duplicate-id"),
        ('name = "x"\nswitches = { sea = "full" }', "unknown-switch"),
        ('name = "x"\nswitches = { land = "double" }', "unknown-option"),
        ('name = "x"\ncoefficients = ["./nowhere"]', "missing-set"),
        ('name = "x"\nstandard = "nothing"', "unknown-id"),
        ('name = "x"\nprice_year = 2015', "price-year"),
        ('name = "x"\ncolour = 1', "unknown-key"),
    ],
)
def test_alternatives_that_cannot_be(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "alternatives.toml").write_text(f"[[alternative]]\n{line}\n", encoding="utf-8")
    home = write_counties(tmp_path / "p", CLOSE)
    assert {one.code for one in _problems(home, alternatives=tmp_path / "alternatives.toml")} == {
        code
    }


def _steps(standard: str) -> list[str]:
    return ["[[indicator.step]]" + one for one in standard.split("[[indicator.step]]")[1:]]


def test_an_alternative_that_lacks_numbers_is_told(tmp_path: Path) -> None:
    wet = STANDARD.replace('options = ["full", "half"]', 'options = ["full", "half", "new"]')
    step = _steps(wet)[-1].split("\n[[total]]")[0]
    wet = wet.replace(
        step, step + step.replace('"half"', '"new"').replace("land_share", "new_share")
    )
    share = [coefficient("new_share", 0.5, "1")]
    counties = {name: replace(one, standard=wet) for name, one in CLOSE.items()}
    home = write_counties(tmp_path / "p", counties)
    found = collect_projects(home, options=CollectionOptions(allow_code=True))
    assert "land=new" not in set(found.tables["alternatives.csv"]["alternative"])
    warned = [one for one in found.warnings if one.code == "alternative-left-out"]
    reason = "numbers that it needs are missing in some counties (3): a, b, c"
    assert [(one.where, one.what) for one in warned] == [
        ("land=new", f"the alternative is not complete: {reason}")
    ]
    assert warned[0].say_what("zh") == "该备选方案未能完整计算：有 3 个县缺少所需的数据：a、b、c"
    assert set(found.tables["ranks.csv"]["alternatives"]) == {3}
    listed = tmp_path / "listed.toml"
    listed.write_text(
        '[[alternative]]\nname = "x"\nswitches = { land = "new" }\n', encoding="utf-8"
    )
    found = collect_projects(home, options=CollectionOptions(allow_code=True, alternatives=listed))
    assert set(found.tables["alternatives.csv"]["value"].iloc[-3:]) == {"not_compiled"}
    assert [one.code for one in found.warnings if one.where == "x"] == ["alternative-left-out"]
    for name in home.iterdir():
        if (name / "province").is_dir():
            write_set(name / "province", [*PROVINCE, *share])
    assert "land=new" in set(
        collect_projects(home, options=CollectionOptions(allow_code=True)).tables[
            "alternatives.csv"
        ]["alternative"]
    )


def test_an_option_that_not_all_can_compute_is_left_out_and_told(tmp_path: Path) -> None:
    wet = STANDARD.replace('options = ["full", "half"]', 'options = ["full", "half", "bad"]')
    step = _steps(wet)[-1].split("\n[[total]]")[0]
    wet = wet.replace(step, step + step.replace('"half"', '"bad"').replace(":half", ":fails"))
    methods = (
        PRODUCTS_METHODS
        + HALF
        + HALF.replace("def half", "def fails").replace("share / 2", "share / 0")
    )
    counties = {name: replace(one, standard=wet, methods=methods) for name, one in CLOSE.items()}
    found = _collected(tmp_path / "p", counties)
    assert "land=bad" not in set(found.tables["alternatives.csv"]["alternative"])
    assert [one.where for one in found.warnings if one.code == "alternative-left-out"] == [
        "land=bad"
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=5))
def test_ranks_and_lasting_orders_by_counting(levels: list[list[int]]) -> None:
    names = ["own", "common", "other"]
    values = {
        name: pd.DataFrame(
            {
                "county": [f"c{spot}" for spot in range(len(levels))], "region": "", "year": 2020, "category": TOTAL,
                "indicator": TOTAL, "value": [float(one[at]) for one in levels], "state": "", "unit": "CNY",
            }
        )
        for at, name in enumerate(names)
    }  # fmt: skip
    found = ranks_of(values)
    for spot, own in enumerate(levels):
        ranks = [1 + sum(other[at] > own[at] for other in levels) for at in range(3)]
        one = row(found.table, county=f"c{spot}")
        assert (one["rank"], one["best"], one["worst"]) == (ranks[1], min(ranks), max(ranks))
        assert one["kept"] == pytest.approx(ranks.count(ranks[1]) / 3)
        beaten = {
            f"c{at}"
            for at, other in enumerate(levels)
            if all(x > y for x, y in zip(own, other, strict=True))
        }
        assert set(found.pairs.loc[found.pairs["above"] == f"c{spot}", "below"]) == beaten
        assert one["above_always"] == len(beaten)


def test_counties_of_several_crosswalks_under_an_alternative(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", {"a": PLAIN, "b": PLAIN, "c": PLAIN})
    for name, share in (("a", 1), ("b", 0.5), ("c", 0.25)):
        walk = [("field", share), ("na", 1 - share)]
        write_table(
            home / name / "walk.csv",
            [{"class": "plot", "ecosystem": one, "share": part} for one, part in walk],
        )
        for file, old, new in (
            ("areas.csv", "field", "plot"),
            ("project.toml", "areas =", 'crosswalk = "./walk.csv"\nareas ='),
        ):
            text = (home / name / file).read_text(encoding="utf-8").replace(old, new)
            (home / name / file).write_text(text, encoding="utf-8")
    controls = _controls(tmp_path, [{"name": "area:plot", "value": 15, "unit": "km2"}])
    found = collect_projects(home, options=CollectionOptions(allow_code=True, controls=controls))
    table = found.tables["alternatives.csv"]
    for alternative, land in (("own", 100), ("common", 100), ("land=half", 50)):
        values = [row(table, alternative=alternative, county=name)["value"] for name in "abc"]
        assert values == pytest.approx([300 + land, 300 + land / 2, 300 + land / 4])
    assert [one.where for one in found.warnings if one.code == "content-differs"] == [
        "crosswalk walk"
    ]
    assert row(found.tables["controls.csv"])["flag"] == "agrees", (
        "what the crosswalk leaves out is counted in a class"
    )


def test_regions_of_a_county_are_summed_and_shown(tmp_path: Path) -> None:
    home = write_counties(tmp_path / "p", {"a": PLAIN})
    write_table(
        home / "a" / "regions.csv",
        [{"region": one, "parent": "a"} for one in ("t1", "t2")] + [{"region": "a"}],
    )
    for name in ("areas.csv", "data.csv"):
        head, line = (home / "a" / name).read_text(encoding="utf-8").strip().split("\n")
        lines = [head, line.replace("a,", "t1,", 1), line.replace("a,", "t2,", 1)]
        (home / "a" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    controls = _controls(
        tmp_path, [{"region": "a", "name": "total", "value": 800, "unit": "10^4 CNY"}]
    )
    found = collect_projects(home, options=CollectionOptions(allow_code=True, controls=controls))
    table = found.tables["replayed.csv"]
    totals = table[(table["category"] == TOTAL).to_numpy()].set_index("region")["own"].to_dict()
    assert totals == pytest.approx({"": 800, "t1": 400, "t2": 400})
    assert row(found.tables["controls.csv"], basis="own")["flag"] == "agrees"


def test_results_are_written_whole_with_their_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = write_counties(tmp_path / "p", SOME)
    command = ["collect", str(home), "--allow-code", "--switch", "land=full"]
    assert main(command) == 0
    out = home / "collected"
    assert {path.name for path in out.iterdir()} == {*TABLES, RECORD, "collection.xlsx"}
    record = json.loads((out / "collection.json").read_text(encoding="utf-8"))
    assert set(record["results"]) == set(TABLES)
    assert set(record["other_results"]) == {"collection.xlsx"}
    assert record["thresholds"]["jump"] == 0.2
    for path in out.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name
    printed = capsys.readouterr().out
    for text in (
        "read in published papers",
        "land_value",
        "replayed.csv",
        "ranks.csv",
        "province@1.0.0",
    ):
        assert text in printed
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main([*command, "--quiet"]) == 0, "its own results are no county"
    assert {name: (out / name).read_bytes() for name in before} == before
    assert main(["collect", str(home), "--allow-code", "--switch", "land"]) == 2


def test_results_are_not_written_over_what_they_are_made_of(tmp_path: Path) -> None:
    controls = _controls(tmp_path, [{"name": "population", "value": 1, "unit": "person"}])
    home = write_counties(tmp_path / "p", {"a": PLAIN})
    for out in (tmp_path, home / "a" / "province"):
        with pytest.raises(gep.ProblemsFound) as found:
            collect_projects(home, out, CollectionOptions(allow_code=True, controls=controls))
        assert [one.code for one in found.value.problems] == ["cannot-write"]


def _split(example: Path, folder: Path) -> pd.DataFrame:
    """The counties of an example as a project each; returns the example's table of regions."""
    tables = {
        name: pd.read_csv(example / name, dtype=str, keep_default_na=False)
        for name in ("areas.csv", "regions.csv")
    }
    parents = set(tables["regions.csv"]["parent"])
    text = (example / "project.toml").read_text(encoding="utf-8")
    for code in tables["regions.csv"]["region"]:
        if code in parents:
            continue
        (folder / code).mkdir(parents=True)
        (folder / code / "project.toml").write_text(text, encoding="utf-8")
        for name in ("crosswalk.csv", "sources.toml"):
            (folder / code / name).write_bytes((example / name).read_bytes())
        for name, table in tables.items():
            own = table["region"] == code
            if name == "regions.csv":
                own |= table["region"].isin(parents)
            table[own].to_csv(folder / code / name, index=False)
    return tables["regions.csv"]


def _three_cities(folder: Path) -> Path:
    """The example of Jiangxi, with the counties of three of its cities alone."""
    shutil.copytree(EXAMPLES / "jiangxi-counties", folder, ignore=shutil.ignore_patterns("out*"))
    cities = ("360100", "360200", "360500")
    regions = pd.read_csv(folder / "regions.csv", dtype=str, keep_default_na=False)
    is_top = regions["parent"] == ""
    regions.loc[is_top, ["area", "area_unit", "population"]] = ""  # those of all cities
    regions = regions[is_top | regions["region"].isin(cities) | regions["parent"].isin(cities)]
    regions.to_csv(folder / "regions.csv", index=False)
    areas = pd.read_csv(folder / "areas.csv", dtype=str, keep_default_na=False)
    areas[areas["region"].isin(regions["region"])].to_csv(folder / "areas.csv", index=False)
    return folder


def test_many_counties_give_what_one_project_of_them_gives(tmp_path: Path) -> None:
    example = _three_cities(tmp_path / "whole")
    regions = _split(example, tmp_path / "p")
    people = pd.to_numeric(regions["population"])[~regions["region"].isin(regions["parent"])]
    controls = _controls(
        tmp_path,
        [
            {"region": "360000", "year": 2019, "name": "population", "value": people.sum(), "unit": "person"},
            {"region": "360100", "year": 2019, "name": "total", "value": 1, "unit": "10^8 CNY"},
        ],
    )  # fmt: skip
    (tmp_path / "same.toml").write_text('[[alternative]]\nname = "same"\n', encoding="utf-8")
    found = collect_projects(
        tmp_path / "p",
        options=CollectionOptions(controls=controls, alternatives=tmp_path / "same.toml"),
    )
    whole = gep.run_project(example, tmp_path / "out").accounts[0]
    codes = [str(code) for code in whole.plan.extent.regions]
    assert len(codes) == 15
    expected = {
        code: whole.total(code) for code in codes if np.isfinite(whole.total(code))
    }  # the others have na alone
    for name in ("own", "common", "same"):
        some = found.tables["alternatives.csv"]
        some = some[(some["alternative"] == name) & (some["value"] != "na")].set_index("county")
        assert some["value"].to_dict() == pytest.approx(expected)
    assert some["rank"].to_dict() == {
        code: 1 + sum(one > own for one in expected.values()) for code, own in expected.items()
    }
    assert found.tables["moved.csv"].empty
    known = len(expected)
    assert len(found.tables["pairs.csv"]) == known * (known - 1) / 2, (
        "all three are alike: every order lasts"
    )
    table = found.tables["controls.csv"]
    assert row(table, name="population")["flag"] == "agrees"
    unit = whole.plan.standard.spec.unit
    nanchang = row(table, name="total", basis="own")
    assert nanchang["sum"] == pytest.approx(
        whole.total("360100") * gep.units.factor(unit, "10^8 CNY")
    )
    assert nanchang["flag"] == "differs"


# --- rates of a region above --------------------------------------------------------------------------------------------

_RATE = """
[data.land_rate]
name = { zh = "单位面积价值", en = "Value per area" }
unit = "CNY ha-1"
inherit = ["region"]
"""


def _counties_with_rates(folder: Path, rates: Mapping[str, object], unit: str = "CNY ha-1") -> Path:
    """Counties whose land has a value per area that each takes from the region above."""
    standard = STANDARD.replace('value = { coef = "land_value" }', 'value = { data = "land_rate" }')
    assert standard != STANDARD
    standard = standard.replace("[data.output]", _RATE + "\n[data.output]", 1)
    write_counties(folder, {name: CountyProject(standard=standard) for name in rates})
    for name, rate in rates.items():
        data = folder / name / "data.csv"
        head, *rows = data.read_text(encoding="utf-8").splitlines()
        columns = head.split(",")
        cells = {
            "region": "top", "year": "2020", "name": "land_rate", "value": str(rate), "unit": unit, "source": "made up",
        }  # fmt: skip
        rows.append(",".join(cells.get(column, "") for column in columns))
        data.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


def test_counties_that_take_one_rate_from_the_region_above(tmp_path: Path) -> None:
    """Replayed together: 500 ha at 2000 CNY are 100 x 10^4 CNY in each, and the row is one number in each."""
    folder = _counties_with_rates(tmp_path / "same", {"a": 2000, "b": 2000})
    collection = collect_projects(folder, options=CollectionOptions(allow_code=True))
    tables = dict(collection.tables)
    values = _land_values(tables)
    assert values == {"a": 100.0, "b": 100.0}
    matrix = tables["completeness.csv"]
    rows = matrix[(matrix["name"] == "land_rate").to_numpy()]
    assert list(rows["given"]) == [1, 1]


def test_counties_that_take_other_rates_from_the_region_above(tmp_path: Path) -> None:
    """Neither takes the number of the other."""
    folder = _counties_with_rates(tmp_path / "other", {"a": 2000, "b": 3000})
    collection = collect_projects(folder, options=CollectionOptions(allow_code=True))
    assert _land_values(dict(collection.tables)) == {"a": 100.0, "b": 150.0}


def _land_values(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """The land of each county under the common choice."""
    values = tables["replayed.csv"]
    is_land = (values["indicator"] == "land") & (values["region"] == "")
    rows = values[is_land.to_numpy()]
    return {str(row.county): float(row.common) for row in rows.itertuples()}


@pytest.mark.parametrize(("rates", "groups"), [((2000, 2000), 1), ((2000, 3000), 2)])
def test_counties_are_merged_only_with_the_same_rates_above(
    tmp_path: Path, rates: tuple[int, int], groups: int
) -> None:
    folder = _counties_with_rates(tmp_path, dict(zip("ab", rates, strict=True)))
    parts = {name: read_project(folder / name, allow_code=True).parts for name in "ab"}
    merged = merge_counties(parts)
    assert len(merged) == groups
    for _, merged_parts in merged:
        names = merged_parts.data.rows["name"]
        assert (names == "land_rate").sum() == 1, "one row, one number"


def test_coefficients_of_other_ecosystem_types_are_no_pairs() -> None:
    """Two schemes may have as many types as each other: the first of one is not that of the other."""
    areas = pd.DataFrame({"region": "1", "year": 2007, "area": 1.0, "unit": "km2"}, index=[0, 1])
    plans = []
    for standard, classes in (
        ("xie-2003", ["forest", "grassland"]),
        ("xie-2008", ["cropland", "water"]),
    ):
        given = areas.assign(**{"class": classes})
        plans.append(gep.make_plan(standard=standard, areas=given))
    rows = differing_rows(*plans)
    pairs = rows[rows["name"] == "equivalents"]
    assert pairs.empty
