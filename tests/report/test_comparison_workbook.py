"""The workbooks of comparisons and collections: formulas that give our numbers, verified with the rest."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import openpyxl
import pytest
from support.counties import CountyProject, write_counties
from support.paths import ROOT
from support.recalculation import differing_formulas, formula_cells
from support.small import coefficient
from support.years import CROP, LAND, Years, field_areas, of_products, outputs, prices

import gep
from gep.collection.counties import CollectionOptions
from gep.workflows.collect import collect_projects


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of the four years of the zone of Lake Poyang."""
    folder = tmp_path_factory.mktemp("zone") / "poyang-zone"
    copytree(ROOT / "examples" / "poyang-zone", folder)
    gep.compare_projects(folder, language="zh", prices=["current"])
    return folder / "out"


def _rows(path: Path, sheet: str) -> list[list[object]]:
    page = openpyxl.load_workbook(path, data_only=True)[sheet]
    return [list(row) for row in page.iter_rows(values_only=True)]


@pytest.mark.office
def test_libreoffice_gets_our_numbers_of_a_comparison(zone: Path, tmp_path: Path) -> None:
    cells, differing = differing_formulas(zone / "对比表.xlsx", tmp_path)
    assert differing == []
    sheets = {"总量变化", "价值变化", "变化原因", "土地转移"}
    assert {cell.sheet for cell in cells} == sheets


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two regions below a parent at two price bases: 15 and 15, then 20 and 20 of 10^4 CNY."""
    folder = tmp_path_factory.mktemp("regions")
    rice, field = {2015: (100, 100), 2020: (150, 50)}, {2015: (100, 100), 2020: (100, 300)}
    codes = ("a", "b")
    small = of_products(
        CROP,
        LAND,
        areas=field_areas(
            {(code, year): field[year][n] for n, code in enumerate(codes) for year in field}
        ),
        data=outputs(
            {(code, year, "rice"): rice[year][n] for n, code in enumerate(codes) for year in rice}
        ),
        sets=[
            *prices({("rice", year): 1000 for year in rice}),
            coefficient("land_value", 1000, "CNY ha-1", price_year="2015"),
            coefficient("land_value", 1000, "CNY ha-1", price_year="2020"),
            coefficient("land_share", 0.5, "1"),
        ],
        regions=({"region": "p"}, {"region": "a", "parent": "p"}, {"region": "b", "parent": "p"}),
    )
    Years(small, (2015, 2020)).project(folder / "years")
    gep.compare_projects(folder / "years", folder / "out", allow_code=True, language="en")
    return folder / "out" / "comparison.xlsx"


@pytest.mark.office
def test_libreoffice_gets_our_numbers_of_regions(regions: Path, tmp_path: Path) -> None:
    cells, differing = differing_formulas(regions, tmp_path)
    assert {cell.sheet for cell in cells} >= {"Growth", "Changes of values", "Reasons"}
    assert differing == []


def test_sums_of_a_region_are_live(regions: Path) -> None:
    """Region a in 2015: rice 10 and land 5 give 15; its total is the sum of two categories."""
    rows = _rows(regions, "Changes of values")
    places = {(row[0], row[4], row[5]): number for number, row in enumerate(rows, 1)}
    line = places["a", "total", "total"]
    assert rows[line - 1][6:9] == [15, 20, 5]
    formulas = {
        cell.address: cell.formula
        for cell in formula_cells(regions)
        if cell.sheet == "Changes of values"
    }
    parts = [
        place for (region, _, item), place in places.items() if region == "a" and item == "total"
    ]
    assert formulas[f"G{line}"].startswith("=SUM(")
    assert all(f"G{place}" in formulas[f"G{line}"] for place in parts if place != line)
    assert formulas[f"N{line}"] == f"=G{line}/G{line}"


def test_the_change_of_a_total_is_a_formula(zone: Path) -> None:
    """4776100.04968 to 4692513.556 of 10^4 CNY: -83586.49368, -1.7501 %."""
    row = _rows(zone / "对比表.xlsx", "总量变化")[3]
    assert row[:4] == ["鄱阳湖生态经济区", "当年价", "2004", "2008"]
    assert row[4:7] == pytest.approx([477.610004968, 469.2513556, -8.358649368])
    assert row[7] == "亿元"
    assert row[8] == pytest.approx(-0.0175009930)
    formulas = {
        cell.address: cell.formula
        for cell in formula_cells(zone / "对比表.xlsx")
        if cell.sheet == "总量变化"
    }
    assert formulas["G4"] == "=F4-E4"
    assert formulas["I4"] == "=F4/E4-1"
    assert formulas["J4"] == "=(F4/E4)^(1/4)-1"


def test_a_comparison_is_verified_with_its_workbook(zone: Path) -> None:
    assert gep.verify(zone) == []
    path = zone / "对比表.xlsx"
    kept = path.read_bytes()
    book = openpyxl.load_workbook(path)
    book["总量变化"]["G4"].value = "=1+1"
    book.save(path)
    assert any("对比表.xlsx" in str(problem) for problem in gep.verify(zone))
    path.write_bytes(kept)


def test_a_further_total_has_its_title(tmp_path: Path) -> None:
    """A standard that states another total beside the headline: named as the standard names it."""
    further = """
[[total]]
id = "fields"
name = { zh = "田地合计", en = "All fields" }
indicators = ["land"]
"""
    small = of_products(
        CROP,
        LAND,
        areas=field_areas({("a", 2015): 100, ("a", 2020): 150}),
        data=outputs({("a", 2015, "rice"): 10, ("a", 2020, "rice"): 20}),
        sets=[
            *prices({("rice", 2015): 1000, ("rice", 2020): 1000}),
            coefficient("land_value", 1000, "CNY ha-1", price_year="2015"),
            coefficient("land_value", 1000, "CNY ha-1", price_year="2020"),
            coefficient("land_share", 0.5, "1"),
        ],
    )
    small = replace(small, standard=small.standard + further)
    Years(small, (2015, 2020)).project(tmp_path / "years")
    gep.compare_projects(tmp_path / "years", tmp_path / "out", allow_code=True, language="en")
    titles = {row[4] for row in _rows(tmp_path / "out" / "comparison.xlsx", "Changes of values")}
    assert "All fields" in titles


# --- collections ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three counties of two years: b counts half its land, and c has a price of its own."""
    hectares = {2019: 500.0, 2020: 520.0}
    own_price = coefficient("product_price", 4, "CNY kg-1", product="rice")
    counties = {
        "a": CountyProject(crops={2019: 1000.0, 2020: 1900.0}, hectares=hectares),
        "b": CountyProject(
            crops={2019: 800.0, 2020: 810.0}, hectares=hectares, switches={"land": "half"}
        ),
        "c": CountyProject(crops={2019: 500.0, 2020: 480.0}, hectares=hectares, own=[own_price]),
    }
    home = write_counties(tmp_path_factory.mktemp("counties") / "all", counties)
    collect_projects(home, options=CollectionOptions(allow_code=True), language="zh")
    return home / "collected"


@pytest.mark.office
def test_libreoffice_gets_our_numbers_of_a_collection(collected: Path, tmp_path: Path) -> None:
    cells, differing = differing_formulas(collected / "县区汇总表.xlsx", tmp_path)
    assert {cell.sheet for cell in cells} == {"县区合计", "自选与统一", "异常变动"}
    assert differing == []


def test_counties_add_up_under_both_choices(collected: Path) -> None:
    """2019: a 300 + 100, b 240 + 50, c 200 + 100; in common b has 100 of land and c 150 of rice."""
    rows = _rows(collected / "县区汇总表.xlsx", "县区合计")
    assert [row[:5] for row in rows[3:7]] == [
        ["a", "2019", 400, 400, 0],
        ["b", "2019", 290, 340, -50],
        ["c", "2019", 300, 250, 50],
        ["合计", "2019", 990, 990, 0],
    ]
    formulas = {
        cell.address: cell.formula
        for cell in formula_cells(collected / "县区汇总表.xlsx")
        if cell.sheet == "县区合计"
    }
    assert formulas["C7"] == "=SUM(C4:C6)"
    assert formulas["E5"] == "=C5-D5"
    assert formulas["F5"] == "=E5/D5"


def test_a_collection_is_verified_with_its_workbook(collected: Path) -> None:
    assert gep.verify(collected, allow_code=True) == []
    path = collected / "县区汇总表.xlsx"
    kept = path.read_bytes()
    book = openpyxl.load_workbook(path)
    book["县区合计"]["C4"].value = 401
    book.save(path)
    problems = gep.verify(collected, allow_code=True)
    assert any(path.name in str(problem) for problem in problems)
    path.write_bytes(kept)
