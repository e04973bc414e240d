"""Indicators and regions found by id or name; what is not found is answered with labels, in either language."""

from pathlib import Path

import pytest
from support.small import REGIONS, Small

import gep
from gep.account.lines import indicator_named, region_named
from gep.errors import Problem, ProblemsFound


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> gep.Plan:
    return Small().account(tmp_path_factory.mktemp("small")).plan


def refused(plan: gep.Plan, asked: str, kind: str) -> Problem:
    find = indicator_named if kind == "indicator" else region_named
    with pytest.raises(ProblemsFound) as caught:
        find(plan, asked)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("asked", ["water", "水源涵养", "Water retention", " water RETENTION "])
def test_an_indicator_is_found_by_id_or_name(plan: gep.Plan, asked: str) -> None:
    assert indicator_named(plan, asked) == "water"


@pytest.mark.parametrize(("asked", "code"), [("a", "a"), ("甲", "a"), ("B", "b"), ("省", "top")])
def test_a_region_or_parent_is_found_by_code_or_name(plan: gep.Plan, asked: str, code: str) -> None:
    assert region_named(plan, asked) == code


def test_close_names_are_suggested_with_their_ids(plan: gep.Plan) -> None:
    problem = refused(plan, "Water retentoin", "indicator")
    assert (problem.code, problem.place) == ("unknown-indicator", "--indicator")
    english = problem.say("en")
    assert "standard Small standard (small) has no indicator 'Water retentoin'" in english
    assert "did you mean Water retention (water)" in english
    chinese = problem.say("zh")
    assert "规范 小规范 (small) 没有核算科目“Water retentoin”" in chinese
    assert "是否为 水源涵养 (water)" in chinese


def test_otherwise_what_exists_is_listed(plan: gep.Plan) -> None:
    problem = refused(plan, "xyz", "region")
    assert (problem.code, problem.place) == ("unknown-region", "--region")
    assert problem.say_what("en") == "the account has no region 'xyz'"
    assert problem.say_fix("en").endswith("known are: A (a), B (b), 市 (mid), 省 (top)")
    assert problem.say_what("zh") == "本账户没有区域“xyz”"
    assert problem.say_fix("zh").endswith("已有：甲 (a)、乙 (b)、市 (mid)、省 (top)")


def test_a_lost_zero_is_pointed_out(tmp_path: Path) -> None:
    codes = {"a": "010101", "b": "010102"}
    small = Small()
    plan = (
        Small(
            areas=[{**row, "region": codes[row["region"]]} for row in small.areas],
            data=[{**row, "region": codes[row["region"]]} for row in small.data],
            regions=None,
        )
        .account(tmp_path)
        .plan
    )
    problem = refused(plan, "10101", "region")
    assert "a leading zero was lost: write 010101" in problem.say_fix("en")


def test_a_name_of_several_regions_is_not_guessed(tmp_path: Path) -> None:
    regions = [{**row, "name": "甲"} if row["region"] == "b" else row for row in REGIONS]
    plan = Small(regions=regions).account(tmp_path).plan
    problem = refused(plan, "甲", "region")
    assert problem.code == "unknown-region"
    assert problem.say_what("zh") == "有多个区域叫“甲”：甲 (a)、甲 (b)"
    assert problem.say_what("en") == "several regions are called '甲': A (a), B (b)"


def test_a_name_of_several_indicators_is_not_guessed(tmp_path: Path) -> None:
    standard = Small().standard.replace("Soil retention", "Water retention")
    plan = Small(standard=standard).account(tmp_path).plan
    problem = refused(plan, "water retention", "indicator")
    assert problem.code == "unknown-indicator"
    named = "several indicators are called 'water retention'"
    listed = "Water retention (water), Water retention (soil)"
    assert problem.say_what("en") == f"{named}: {listed}"
