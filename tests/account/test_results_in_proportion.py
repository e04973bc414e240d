"""Results held against what is possible and what is published: what is told, and what is not."""

from pathlib import Path

import pytest
from support.museum import BAD, edit, project
from support.paths import ROOT

import gep
from gep.account.evaluation import published_ranges

DEMO = ROOT / "docs" / "demo-county"


def county(folder: Path, case: str) -> tuple[gep.Account, list[str]]:
    """The account of a case of the museum, and what is out of proportion in its results."""
    run = gep.run_project(project(folder, BAD / case), allow_code=True, language="en")
    (account,) = run.accounts
    return account, [problem.say_what("en") for problem in account.warnings]


def test_the_demonstration_is_in_proportion(tmp_path: Path) -> None:
    run = gep.run_project(DEMO, tmp_path / "out")
    assert run.warnings == ()
    assert not any("合理范围" in line for line in run.accounts[0].caption("zh"))


def test_a_negative_result_names_the_numbers_behind_it_once(tmp_path: Path) -> None:
    account, told = county(tmp_path / "p", "evaporation-above-rain")
    (what,) = told  # of the quantity, not of its value again
    assert "Water retained (water_retention.retained) is -1.4808e+08 m3, below 0" in what
    assert "(rainfall) 1600 mm (data.csv row 10)" in what
    assert "(evapotranspiration) 1900 mm (data.csv row 12)" in what
    (line,) = [line for line in account.caption("en") if "plausible range" in line]
    assert line == ("outside the plausible range: 2 warnings, at data.csv row 12, data.csv row 10")


def test_a_value_that_its_source_makes_negative_is_not_told(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    for name in ("500", "300"):
        edit(folder / "base" / "numbers.csv", f"oxygen,{name},CNY", f"oxygen,-{name},CNY")
    run = gep.run_project(folder, allow_code=True)
    assert run.accounts[0].total("990101") < 667.3 - 13.8
    assert run.warnings == ()


def test_a_result_that_its_step_declares_impossible(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "standard.toml", 'unit = "m3"\n', 'unit = "m3"\nper_km2 = [0, 460000]\n')
    run = gep.run_project(folder, allow_code=True, language="en")
    (problem,) = run.warnings
    assert problem.code == "implausible"
    what = problem.say_what("en")
    assert "1.872e+06 m3 in Village A (990101), 4.68e+05 m3 for each km2" in what


FACTOR = """
[[step]]
id = "wet"
kind = "auxiliary"
method = "gep.methods.ratios:mass"
per = "none"
unit = "t"
inputs = { mass = { coef = "wet_mass" }, ratio = { coef = "wet_ratio" } }
[[indicator]]
id = "wet_land"
name = "Wet land"
category = "regulating"
[[indicator.step]]
id = "purified"
kind = "auxiliary"
method = "gep.methods.purification:lesser_of_emission_and_capacity"
per = "region"
unit = "t"
inputs = { emission = { step = "wet" }, capacity = { step = "wet" } }
"""


def test_a_factor_that_another_step_cannot_take(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    with (folder / "standard.toml").open("a", encoding="utf-8") as file:
        file.write(FACTOR)
    (folder / "base" / "wet.csv").write_text(
        "coefficient,value,unit,source,locator,grade\n"
        "wet_mass,-3,t,made_up,t9,placeholder\nwet_ratio,1,1,made_up,t9,placeholder\n",
        encoding="utf-8",
    )
    run = gep.run_project(folder, allow_code=True, language="en")
    (problem,) = run.warnings
    assert problem.where == "base/wet.csv row 2"
    assert "is -3 t; " in problem.say_what("en")
    assert "can only take 0 to inf" in problem.say_what("en")


def test_totals_are_held_against_published_accounts(tmp_path: Path) -> None:
    _, told = county(tmp_path / "p", "output-in-yi-yuan")
    by_area = [what for what in told if "km2" in what]
    assert "on 600 km2, 7.52e+09 CNY for each km2" in by_area[0]
    assert "Most is Farm products" in by_area[0]


def test_published_ranges_hold_what_is_published() -> None:
    assert {(row.measure, row.quantity) for row in published_ranges()} == {
        (measure, quantity)
        for measure in ("gep", "esv")
        for quantity in ("per_km2", "per_person", "per_gdp")
    }
    assert all(0 < row.low < row.high for row in published_ranges())


@pytest.mark.parametrize("share", ["1.0000000001", "0"])
def test_a_share_at_its_limit_is_a_share(tmp_path: Path, share: str) -> None:
    folder = project(tmp_path / "p", BAD / "share-of-visits-50")
    edit(
        folder / "county" / "numbers.csv",
        "nature_visit_share,,,50,1",
        f"nature_visit_share,,,{share},1",
    )
    assert gep.run_project(folder).warnings == ()


BALANCE = "gep.methods.water:retention_by_water_balance"


def _balance(folder: Path, method: str) -> Path:
    """The format example, whose water retained is rain less twice the evapotranspiration."""
    standard = project(folder) / "standard.toml"
    edit(standard, "./methods.py:water_balance", method)
    edit(standard, "precipitation = { data", "rainfall = { data")
    edit(
        standard, 'runoff_share = { coef = "runoff_share"', 'runoff = { data = "evapotranspiration"'
    )
    return folder


def test_what_a_floor_leaves_out_is_told_by_region(tmp_path: Path) -> None:
    kept = gep.run_project(_balance(tmp_path / "kept", BALANCE), allow_code=True)
    floored = gep.run_project(_balance(tmp_path / "cut", f"{BALANCE}_floored"), allow_code=True)
    (problem,) = [one for one in floored.warnings if one.code == "deficit-clipped"]
    what = problem.say_what("en")
    # A: forest 240 ha x (1600 - 2 x 900 mm) = -480 000 m3, shrub 1600 - 2 x 800 = 0
    # B: forest 80 ha x (1500 - 2 x 900 mm) = -240 000, shrub 20 ha x -100 mm = -20 000,
    #    water 20 ha x (1500 - 2 x 1000 mm) = -100 000
    assert "(cells: 4)" in what
    assert "deficits of 840000 m3 are left out" in what
    assert "Village A (990101) 480000" in what
    assert "Village B (990102) 360000" in what
    assert what in floored.accounts[0].caption("en")
    difference = floored.accounts[0].total("990101") - kept.accounts[0].total("990101")
    assert difference > 0
    assert not any(one.code == "deficit-clipped" for one in kept.warnings)


def test_a_floor_that_is_never_met_tells_nothing(tmp_path: Path) -> None:
    folder = _balance(tmp_path / "p", f"{BALANCE}_floored")
    for before, after in (("1600,mm", "3600,mm"), ("1.5,m", "3.5,m")):
        edit(folder / "data.csv", f"precipitation,,,,{before}", f"precipitation,,,,{after}")
    assert gep.run_project(folder, allow_code=True).warnings == ()


def test_a_step_that_refuses_deficits_takes_a_balance_without(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    before = gep.run_project(folder, allow_code=True).accounts[0].total("990101")
    edit(folder / "standard.toml", 'clause = "2.1"', 'clause = "2.1"\nnegative = "refuse"')
    assert gep.run_project(folder, allow_code=True).accounts[0].total("990101") == before
