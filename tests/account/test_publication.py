"""Public editions: restricted rows and what would tell them are left out, and sums stay true."""

from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import openpyxl
import pandas as pd
import pytest
from support.paths import ROOT
from support.small import coefficient
from support.tables import read
from support.years import CROP, LAND, Years, field_areas, of_products, outputs, prices

import gep
from gep.account.publication import withheld


def _account(folder: Path, restricted: Sequence[str]) -> gep.Account:
    """Regions a and b below p: crops rest on a row each, land on areas and coefficients only."""
    rows = outputs({("a", 2020, "rice"): 100, ("b", 2020, "rice"): 50})
    for row in rows:
        row["restricted"] = "yes" if row["region"] in restricted else ""
    small = of_products(
        CROP,
        LAND,
        areas=field_areas({("a", 2020): 100, ("b", 2020): 300}),
        data=rows,
        sets=[
            *prices({("rice", 2020): 1000}),
            coefficient("land_value", 1000, "CNY ha-1", price_year="2020"),
            coefficient("land_share", 0.5, "1"),
        ],
        regions=({"region": "p"}, {"region": "a", "parent": "p"}, {"region": "b", "parent": "p"}),
    )
    return Years(small, (2020,)).accounts(folder)[0]


def test_nothing_is_withheld_without_restricted_rows(tmp_path: Path) -> None:
    left_out = withheld(_account(tmp_path, ()))
    assert (left_out.figures, left_out.sums, left_out.rows) == (set(), set(), set())


def test_sums_that_tell_a_restricted_figure_are_withheld(tmp_path: Path) -> None:
    """Nothing of region a can be withheld beside its crop: all its sums with the crop tell it."""
    left_out = withheld(_account(tmp_path, "a"))
    assert left_out.figures == {("a", "crop"), ("p", "crop")}
    assert left_out.sums == {
        ("a", "provisioning"),
        ("a", "total"),
        ("p", "provisioning"),
        ("p", "total"),
    }
    assert left_out.marked == len(left_out.rows) == 1


def test_a_sum_of_two_restricted_figures_tells_neither(tmp_path: Path) -> None:
    left_out = withheld(_account(tmp_path, "ab"))
    assert left_out.figures == {("a", "crop"), ("b", "crop")}
    assert {figure for figure in left_out.sums if figure[0] == "p"} == set()
    assert {("a", "total"), ("b", "total")} <= left_out.sums


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county of the tutorial, whose first use of water is restricted; run twice."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    copytree(ROOT / "docs" / "demo-county", folder)
    data = pd.read_csv(folder / "data.csv", dtype=str, keep_default_na=False)
    is_first = data.index == data.index[data["name"] == "water_use"][0]
    data["restricted"] = ["yes" if mark else "" for mark in is_first]
    data.to_csv(folder / "data.csv", index=False)
    gep.run_project(folder, language="zh")
    gep.run_project(folder, language="zh", edition="public")
    return folder


def test_sums_of_a_public_edition_are_true(county: Path) -> None:
    full = read(county / "out" / "summary.csv")
    assert read(county / "public" / "summary.csv") == full


def test_what_rests_on_a_restricted_row_is_nowhere(county: Path) -> None:
    """The water that is used is withheld, and a second item of the category with its data."""
    full = read(county / "out" / "account.csv")
    public = read(county / "public" / "account.csv")
    gone = {row["indicator"] for row in full} - {row["indicator"] for row in public}
    assert "water_resource" in gone or "water_supply" in gone
    assert len(gone) == 2
    categories = {row["category"] for row in full if row["indicator"] in gone}
    assert categories == {"provisioning"}
    rows = {(row["file"], row["row"]) for row in read(county / "out" / "plan.csv")}
    left = {(row["file"], row["row"]) for row in read(county / "public" / "plan.csv")}
    assert ("data.csv", "6") in rows - left
    book = openpyxl.load_workbook(county / "public" / "核算表.xlsx", data_only=True)
    cover = [str(row[0]) for row in book["封面"].iter_rows(values_only=True)]
    assert any(line.startswith("公开版：有 1 行标为不公开") for line in cover)
    shown = {row[3] for row in book["价值量"].iter_rows(values_only=True)}
    assert not any("水资源" in str(item) for item in shown)


def test_a_public_edition_is_verified(county: Path) -> None:
    assert gep.verify(county / "public") == []
    assert gep.verify(county / "out") == []


def test_a_mark_that_is_neither_yes_nor_no_is_refused(county: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    copytree(county, folder)
    path = folder / "data.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",yes\n", ",maybe\n"), encoding="utf-8"
    )
    with pytest.raises(gep.ProblemsFound) as refusal:
        gep.check_project(folder)
    assert [problem.code for problem in refusal.value.problems] == ["unknown-option"]
    assert "data.csv 第 6 行 restricted 列" in str(refusal.value)
