"""The example jiangxi-counties: run as a project and held against hand calculations and land survey totals."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.paths import ROOT, shared_file

import gep
from gep.workflows.run import ProjectRun, run_project

EXAMPLE = ROOT / "examples" / "jiangxi-counties"
NO_VALUE = {"360103", "360104"}  # all built-up on this map


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> ProjectRun:
    return run_project(EXAMPLE, tmp_path_factory.mktemp("jiangxi"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def result(outcome: ProjectRun, name: str) -> pd.DataFrame:
    table = pd.read_csv(outcome.out / name, dtype=str, keep_default_na=False)
    return table.assign(number=pd.to_numeric(table["value"], errors="coerce"))


def areas_after_split(outcome: ProjectRun) -> pd.DataFrame:
    extent = outcome.accounts[0].plan.extent
    return pd.DataFrame(extent.area / 1e6, index=extent.regions, columns=extent.ecosystems)


def test_two_counties_by_hand_and_the_land_survey() -> None:
    check = gep.check_figures(EXAMPLE)
    assert check.misses == ()
    assert (len(check.figures), len(check.mismatches)) == (24 + 6, 0)


def test_arithmetic_shown_gives_the_value_shown() -> None:
    """The note is for readers; it must not say something else than ``value``."""
    checked = 0
    for row in rows(EXAMPLE / "expected.csv"):
        found = re.fullmatch(r"([\d.]+) x \((.*)\)", row["note"])
        if found is None or row["region"] == "360000":
            assert row["item"] == "total" or row["region"] == "360000"
            continue
        products = [part.split(" x ") for part in found[2].split(" + ")]
        value = float(found[1]) * sum(
            float(area) * float(factor.strip("()")) for area, factor in products
        )
        assert value == pytest.approx(float(row["value"]), abs=1e-6), row
        checked += 1
    assert checked == 22


def test_areas_are_conserved(outcome: ProjectRun) -> None:
    given: dict[str, float] = defaultdict(float)
    for row in rows(EXAMPLE / "areas.csv"):
        given[row["region"]] += float(row["area"])
    extent = outcome.accounts[0].plan.extent
    kept = extent.area.sum(axis=1) + extent.unaccounted
    assert len(given) == 100
    for code, area in zip(extent.regions, kept / 1e6, strict=True):
        assert area == pytest.approx(given[code], rel=1e-9), code
    assert sum(given.values()) == pytest.approx(166920.19, abs=0.005)
    # regions.csv measures the polygons whole, areas.csv cell by cell: the two differ by up to 0.2 %, or 0.23 km2
    for row in rows(EXAMPLE / "regions.csv"):
        if row["region"] in given:
            assert given[row["region"]] == pytest.approx(float(row["area"]), rel=3e-3), row
    # the province's land in the 1996 survey, 16689433.8 hm2: an independent figure for the sum of the boundaries
    assert sum(given.values()) == pytest.approx(166894.338, rel=1e-3)


def test_rolls_up_to_eleven_cities_and_the_province(outcome: ProjectRun) -> None:
    """Counties belong to the city of their first four digits (GB/T 2260): a way round the parents of regions.csv."""
    account = result(outcome, "account.csv")
    counties = account[account["level"] == "region"]
    above = account[account["level"] == "parent"].set_index(["region", "indicator"])["number"]
    by_city = counties.groupby([counties["region"].str[:4] + "00", "indicator"])["number"].sum()
    cities = by_city.index.get_level_values(0).unique()
    assert list(cities) == [f"36{number:02d}00" for number in range(1, 12)]
    assert set(above.index.get_level_values(0)) == {*cities, "360000"}
    np.testing.assert_allclose(above.reindex(by_city.index), by_city, rtol=1e-9)
    whole = counties.groupby("indicator")["number"].sum()
    assert len(whole) == 11
    np.testing.assert_allclose(above["360000"].reindex(whole.index), whole, rtol=1e-9)


def test_negative_water_supply_of_paddy_keeps_its_line(outcome: ProjectRun) -> None:
    paddy = areas_after_split(outcome)["paddy"]
    by_ecosystem = result(outcome, "by_ecosystem.csv")
    lines = by_ecosystem[
        (by_ecosystem["indicator"] == "water_supply") & (by_ecosystem["ecosystem"] == "paddy")
    ]
    found = lines[lines["level"] == "region"].set_index("region")["number"]
    grown = paddy[paddy > 0]
    forest_only = {"360926", "361028", "361130"}  # Tonggu, Zixi, Wuyuan: no class that holds fields
    assert set(paddy.index) - set(grown.index) == NO_VALUE | forest_only
    assert len(grown) == 95
    np.testing.assert_allclose(found.reindex(grown.index), grown * -2.63 * 34.065, rtol=1e-9)
    account = result(outcome, "account.csv")
    negative = account[account["number"] < 0]
    assert set(negative["indicator"]) == {"water_supply"}
    assert "360102" in set(negative["region"])


def test_nothing_to_account_for_is_na(outcome: ProjectRun) -> None:
    summary = result(outcome, "summary.csv")
    assert set(summary.loc[summary["value"] == "na", "region"]) == NO_VALUE


def test_is_called_a_demonstration_of_unit_values(outcome: ProjectRun) -> None:
    title = outcome.project.spec.project.title
    assert "教学演示" in title.zh
    assert "Teaching demonstration" in title.en
    assert outcome.accounts[0].plan.standard.spec.measure == "esv"
    assert not outcome.warnings


def test_readme_shows_modis_beside_the_survey() -> None:
    area: dict[str, float] = defaultdict(float)
    for row in rows(EXAMPLE / "areas.csv"):
        area[row["class"]] += float(row["area"])
    whole = sum(area.values())
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    savanna = area["woody_savannas"] + area["savannas"]
    for share in (savanna / whole, area["croplands"] / whole, 27216 / whole):
        assert f"{share * 100:.1f} %" in text
    shown = text.replace(" ", "")
    for name, value in area.items():
        if "broadleaf" not in name:  # shown as their sum
            assert f"{value:.2f}" in shown, name
    assert f"{area['evergreen_broadleaf_forest'] + area['deciduous_broadleaf_forest']:.2f}" in shown


def source_rows(name: str) -> list[dict[str, str]]:
    return rows(shared_file("data", name))


def test_areas_are_those_of_modis() -> None:
    """The tables carry over other people's figures unchanged."""
    modis = source_rows("land_cover_modis_igbp_2019.csv")
    source = {(row["code"], row["class"].split()[0], row["value"]) for row in modis}
    label = "Majority_Land_Cover_Type_1 = "
    example = rows(EXAMPLE / "areas.csv")
    ours = {(row["region"], row["locator"].replace(label, "IGBP"), row["area"]) for row in example}
    assert ours == source


def test_regions_are_those_of_the_census() -> None:
    units = {row["code"]: row for row in source_rows("admin_units.csv")}
    people = {
        row["code"]: row["value"]
        for row in source_rows("census_2020.csv")
        if row["class"] == "总人口"
    }
    ours = {row["region"]: row for row in rows(EXAMPLE / "regions.csv")}
    assert set(ours) == set(units)
    same = {
        "name": "name",
        "name_en": "name_en",
        "area": "area_km2_gis",
        "lon": "lon",
        "lat": "lat",
    }
    for code, row in ours.items():
        assert row["population"] == people[code]
        assert {name: row[name] for name in same} == {
            name: units[code][theirs] for name, theirs in same.items()
        }


def test_survey_totals_are_those_of_the_bulletin() -> None:
    chosen = [
        row
        for row in source_rows("land_area.csv")
        if row["unit"] == "万公顷" and row["year"] == "2019"
    ]
    survey = {row["class"]: row["value"] for row in chosen if row["code"] == "360000"}
    read = {"耕地": "272.16", "耕地/水田": "227.05", "耕地/水浇地": "0.41", "耕地/旱地": "44.7"}
    read |= {"园地": "57.24", "林地": "1041.37", "林地/乔木林地": "803.41"}
    assert {name: survey[name] for name in read} == read
