"""Accounts of several years position by position: plans on one grid, regions renamed, merged, split."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.small import AREAS, COEFFICIENTS, DATA, Row, Small, area, coefficient, datum
from support.years import LAND, Years, changed, effects, field_areas, of_products, priced, row

import gep
from gep.account.account import account_from_plan
from gep.cli.app import main
from gep.comparison.comparison_table import comparison_table
from gep.comparison.decomposition import decomposition_table
from gep.comparison.land_change import transitions_table
from gep.plan.alignment import align_plans, select_regions

# --- plans on one grid -----------------------------------------------------------------------------------------------


def two_accounts(folder: Path) -> list[gep.Account]:
    """2020 as in ``small``; in 2019 the regions in another order, b without wood, a with fish and without rice."""
    areas = [area("b", "paddy", 7, year=2019), area("a", "wood", 350, year=2019), *AREAS]
    data = [
        datum("a", "output", 40, "t", year=2019, product="fish"),
        datum("b", "output", 90, "t", year=2019, product="rice"),
        *({**one, "year": 2019} for one in DATA if one["name"] != "output"), *DATA,
    ]  # fmt: skip
    sets = {"base": priced(COEFFICIENTS, {2019: 0.9, 2020: 1})}
    return Years(Small(areas=areas, data=data, sets=sets)).accounts(folder)


KEYS = ["region", "level", "category", "indicator", "step", "item", "kind", "unit"]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    first, second = (some.set_index(KEYS)["value"].sort_index() for some in (one, other))
    assert list(first.index) == list(second.index)
    assert ((first == "na") == (second == "na")).all()
    numbers = [pd.to_numeric(some, errors="coerce") for some in (first, second)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-12)


def test_aligned_plans_have_one_grid_and_their_own_accounts(tmp_path: Path) -> None:
    accounts = two_accounts(tmp_path)
    plans = align_plans([account.plan for account in accounts])
    assert len({tuple(plan.extent.regions) for plan in plans}) == 1
    assert len({tuple(plan.extent.ecosystems) for plan in plans}) == 1
    for one, other in zip(plans[0].steps, plans[1].steps, strict=True):
        assert (one.name, one.dims, one.members, one.live.shape) == (
            other.name,
            other.dims,
            other.members,
            other.live.shape,
        )
    assert plans[0].step("farm.value").members == {"product": ("fish", "rice")}
    for account, plan in zip(accounts, plans, strict=True):
        same(account_from_plan(plan).frame(), account.frame())


def test_a_plan_of_some_regions_is_that_part_of_the_account(tmp_path: Path) -> None:
    account = two_accounts(tmp_path)[1]
    part = select_regions(account.plan, np.array([1]))
    code = str(account.plan.extent.regions[1])
    one, other = account_from_plan(part).frame(), account.frame()
    same(one[(one["region"] == code).to_numpy()], other[(other["region"] == code).to_numpy()])
    assert set(one.loc[(one["level"] == "region").to_numpy(), "region"]) == {code}


def test_a_region_that_a_plan_does_not_have_is_empty(tmp_path: Path) -> None:
    account = two_accounts(tmp_path)[0]
    (plan,) = align_plans([account.plan], ["new", "a", "b"])
    found = account_from_plan(plan)
    assert set(found.frame()["region"]) == {"a", "b", "mid", "top"}
    same(found.frame(), account.frame())


# --- regions that changed --------------------------------------------------------------------------------------------

# hm2 at 0.05 of 10^4 CNY. a became x; b and c became bc; a quarter of d became d1, the rest d2; e stayed.
BEFORE = {"a": 100, "b": 100, "c": 60, "d": 80, "e": 50}
AFTER = {"x": 120, "bc": 150, "d1": 30, "d2": 70, "e": 40}
CHANGES: tuple[Row, ...] = (
    {"from": "a", "to": "x", "date": "2017-08-31"},
    {"from": "b", "to": "bc", "date": "2018"}, {"from": "c", "to": "bc", "date": "2018"},
    {"from": "d", "to": "d1", "share": 0.25, "date": "2019-05"},
    {"from": "d", "to": "d2", "share": 0.75, "date": "2019-05"},
)  # fmt: skip
REGIONS: tuple[Row, ...] = (
    {"region": "top"}, {"region": "u", "parent": "top"}, {"region": "v", "parent": "top"},
    {"region": "x", "parent": "u"}, {"region": "e", "parent": "u"},
    {"region": "a", "parent": "u"}, {"region": "b", "parent": "v"}, {"region": "c", "parent": "v"},
    {"region": "d", "parent": "v"}, {"region": "bc", "parent": "v"}, {"region": "d1", "parent": "v"},
    {"region": "d2", "parent": "v"},
)  # fmt: skip


def moved(
    before: dict[str, float] | None = None, after: dict[str, float] | None = None, changes: Sequence[Row] = CHANGES,
    regions: Sequence[Row] | None = REGIONS,
) -> Years:  # fmt: skip
    rows = [coefficient("land_share", 0.5, "1")]
    rows += [
        coefficient("land_value", 1000, "CNY ha-1", price_year=str(year)) for year in (2015, 2020)
    ]
    hectares = {(code, 2015): value for code, value in (before or BEFORE).items()}
    hectares |= {(code, 2020): value for code, value in (after or AFTER).items()}
    small = of_products(LAND, areas=field_areas(hectares), data=[], sets=rows, regions=regions)
    return Years(small, (2015, 2020), changes=changes)


# region -> level of 2015 on the boundary of 2020, level of 2020
MAPPED = {
    "x": (5, 6), "bc": (8, 7.5), "d1": (1, 1.5), "d2": (3, 3.5), "e": (2.5, 2),
    "u": (7.5, 8), "v": (12, 12.5), "top": (19.5, 20.5),
}  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> gep.Comparison:
    return moved().compared(tmp_path)


def test_levels_are_mapped_to_the_last_boundary(found: gep.Comparison) -> None:
    table = comparison_table(found)
    assert found.boundary == 2020
    assert set(table["region"]) == set(MAPPED)
    for region, ends in MAPPED.items():
        one = row(table, region=region, indicator="land")
        assert (one["value_from"], one["value_to"]) == pytest.approx(ends)
        assert one["growth"] == pytest.approx(ends[1] / ends[0] - 1)
        assert "mapped-boundary" in one["flags"].split(";")


def test_what_was_merged_or_split_is_an_effect_of_its_own(found: gep.Comparison) -> None:
    """A region that was only renamed is taken apart; parents hold both."""
    reasons, warnings = decomposition_table(found)
    assert warnings == []
    expected = {
        "x": (1, 0), "e": (-0.5, 0), "bc": (0, -0.5), "d1": (0, 0.5), "d2": (0, 0.5), "u": (0.5, 0), "v": (0, 0.5),
        "top": (0.5, 0.5),
    }  # fmt: skip
    for region, (areas, boundary) in expected.items():
        told = effects(reasons, region=region, indicator="land")
        assert told == pytest.approx(
            {"areas": areas, "data": 0, "coefficients": 0, "prices": 0, "boundary": boundary},
            abs=1e-12,
        )
    lmdi = reasons[((reasons["method"] == "lmdi") & (reasons["unit"] != "1")).to_numpy()]
    assert set(lmdi["region"]) == {"x", "e", "u"}
    assert effects(reasons, "lmdi", region="x", indicator="land")["value.area"] == pytest.approx(1)


def test_land_of_merged_and_split_regions_is_not_told_and_that_is_said(
    found: gep.Comparison,
) -> None:
    table, warnings = transitions_table(found, None)
    assert set(table["region"]) == {"x", "e", "u"}
    (problem,) = warnings
    assert (problem.code, problem.what) == (
        "land-not-told",
        "bc, d1, d2, v, top: land transitions from 2015 to 2020 are not reported",
    )


def test_a_change_before_regions_were_merged_or_split_is_taken_apart(tmp_path: Path) -> None:
    """Worked by hand at 0.05 of 10^4 CNY a hectare: from 2015 to 2016 only areas change, by b + 20, c - 10, d + 40."""
    rows = [coefficient("land_share", 0.5, "1")]
    rows += [
        coefficient("land_value", 1000, "CNY ha-1", price_year=str(year))
        for year in (2015, 2016, 2020)
    ]
    hectares = {(code, 2015): value for code, value in BEFORE.items()}
    hectares |= {
        (code, 2016): value for code, value in (BEFORE | {"b": 120, "c": 50, "d": 120}).items()
    }
    hectares |= {(code, 2020): value for code, value in AFTER.items()}
    small = of_products(LAND, areas=field_areas(hectares), data=[], sets=rows, regions=REGIONS)
    found = Years(small, (2015, 2016, 2020), changes=CHANGES).compared(tmp_path)
    reasons, _ = decomposition_table(found)
    early = reasons[((reasons["from"] == 2015) & (reasons["to"] == 2016)).to_numpy()]
    for region, areas in {"bc": 0.5, "d1": 0.5, "d2": 1.5, "x": 0, "v": 2.5, "top": 2.5}.items():
        told = effects(early, region=region, indicator="land")
        assert told == pytest.approx(
            {"areas": areas, "data": 0, "coefficients": 0, "prices": 0}, abs=1e-12
        )
    land, warnings = transitions_table(found, None)
    early = land[((land["from"] == 2015) & (land["to"] == 2016)).to_numpy()]
    net = early[(early["from_ecosystem"] == "net").to_numpy()].set_index("region")["area"]
    assert net["bc"] == pytest.approx(0.1)  # km2: the two that became it
    assert {problem.code for problem in warnings} == {"land-not-told"}


def test_the_order_of_regions_and_of_changes_changes_nothing(
    found: gep.Comparison, tmp_path: Path
) -> None:
    one = moved()
    other = changed(
        one, areas=list(one.small.areas)[::-1], regions=REGIONS[::-1], changes=CHANGES[::-1]
    )
    turned = other.compared(tmp_path / "turned")
    for first, second in (
        (comparison_table(found), comparison_table(turned)),
        (found.decomposition(), turned.decomposition()),
    ):
        keys = [
            name
            for name in first.columns
            if first[name].map(type).eq(str).all() and name not in ("growth", "cagr")
        ]
        keys += ["from", "to"]
        one_way, other_way = (some.set_index(keys).sort_index() for some in (first, second))
        assert list(one_way.index) == list(other_way.index)
        for name in one_way.columns:
            numbers = [pd.to_numeric(some[name], errors="coerce") for some in (one_way, other_way)]
            np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-12, atol=1e-12)


def test_without_the_table_the_boundaries_differ(tmp_path: Path) -> None:
    accounts = replace(moved(), changes=()).accounts(tmp_path)
    with pytest.raises(gep.ProblemsFound) as told:
        gep.compare(accounts)
    (problem,) = told.value.problems
    assert (problem.code, problem.place.id) == ("not-comparable", "boundary")
    found = gep.compare(accounts, allow=["boundary"])
    reasons = found.decomposition()
    gone, stayed = (effects(reasons, region=code, indicator="land") for code in ("a", "e"))
    assert gone == pytest.approx(
        {"areas": 0, "data": 0, "coefficients": 0, "prices": 0, "boundary": -5}
    )
    assert stayed == pytest.approx(
        {"areas": -0.5, "data": 0, "coefficients": 0, "prices": 0, "boundary": 0}
    )
    assert row(comparison_table(found), region="a", indicator="land")["value_to"] == "na"


def refusal(project: Years, folder: Path) -> list[str]:
    """The codes of the problems that stop a comparison; none if it is made."""
    try:
        project.compared(folder)
    except gep.ProblemsFound as refused:
        return [problem.code for problem in refused.problems]
    return []


def test_a_region_that_took_in_one_from_outside_is_not_the_same(tmp_path: Path) -> None:
    """c, merged with b into bc, has no account: what it brought must not pass for a change of areas.

    Either it is refused, or the change is of the boundary.
    """
    one = moved({"b": 100, "e": 50}, {"bc": 150, "e": 40}, regions=None)
    codes = refusal(one, tmp_path / "p")
    if not codes:
        told = effects(one.compared(tmp_path / "q").decomposition(), region="bc", indicator="land")
        assert told["areas"] == 0
        assert told["boundary"] == pytest.approx(2.5)
    assert codes in ([], ["not-comparable"])


def test_a_chain_of_names_is_one_region(tmp_path: Path) -> None:
    changes = ({"from": "a", "to": "w", "date": "2016"}, {"from": "w", "to": "x", "date": "2018"})
    found = moved({"a": 100}, {"x": 120}, changes, None).compared(tmp_path)
    told = effects(found.decomposition(), region="x", indicator="land")
    assert told == pytest.approx({"areas": 1, "data": 0, "coefficients": 0, "prices": 0})


def test_two_regions_that_swapped_their_codes(tmp_path: Path) -> None:
    """On one day a became b and b became a, which is not told from a mistake: the day of each is asked for."""
    changes = (
        {"from": "a", "to": "b", "date": "2017-01-01"},
        {"from": "b", "to": "a", "date": "2017-01-01"},
    )
    assert set(
        refusal(moved({"a": 100, "b": 60}, {"a": 80, "b": 110}, changes, None), tmp_path)
    ) == {"changed-twice"}


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_the_whole_path_with_transitions_of_what_stayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """20 of the 50 hm2 of e became forest; x only has net changes; the others are left out."""
    one = moved(after={**AFTER, "e": 30})
    land = {
        "region": "e",
        "from": 2015,
        "to": 2020,
        "from_class": "field",
        "to_class": "forest",
        "area": 20,
        "unit": "hm2",
    }
    one = changed(one, areas=[*one.small.areas, area("e", "forest", 20)], transitions=[land])
    folder = one.project(tmp_path / "p")
    assert main(["compare", str(folder), "--allow-code"]) == 0
    assert "Traceback" not in capsys.readouterr().err
    table = read(folder / "out" / "transitions.csv")
    assert {"e", "x"} <= set(table["region"]) <= {"e", "x", "u"}
    moved_land = row(table, region="e", from_ecosystem="field", to_ecosystem="forest")
    assert (float(moved_land["area"]), moved_land["area_unit"]) == (pytest.approx(0.2), "km2")
    net = row(table, region="x", from_ecosystem="net", to_ecosystem="field")
    assert float(net["area"]) == pytest.approx(0.2)
    record = (folder / "out" / "comparison.json").read_text(encoding="utf-8")
    assert '"boundary": 2020' in record
    assert '"mapped-boundary"' in record
    assert '"changes.csv"' in record
    reasons = read(folder / "out" / "decomposition.csv")
    assert set(reasons["effect"]) >= {"boundary", "areas"}


def test_codes_that_had_ended_or_not_begun_lack_no_areas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """regions.csv lists the codes of both years; those of the other year are no regions without areas."""
    folder = moved().project(tmp_path)
    assert main(["compare", str(folder), "--allow-code", "--quiet"]) == 0
    assert "[region-without-areas]" not in capsys.readouterr().err


def test_a_code_that_had_ended_has_no_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = moved(
        after={**{code: value for code, value in AFTER.items() if code != "x"}, "a": 120}
    ).project(tmp_path)
    assert main(["compare", str(folder), "--allow-code"]) == 2
    err = capsys.readouterr().err
    assert "[unknown-region]" in err
    assert "'a' ended on 2017-08-31" in err
    assert not (folder / "out").exists()
