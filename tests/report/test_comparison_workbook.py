"""The workbooks of comparisons and collections: formulas that give our numbers, verified with the rest."""

from pathlib import Path
from shutil import copytree

import openpyxl
import pytest
from support.paths import ROOT
from support.recalculation import differing_formulas, formula_cells

import gep


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


@pytest.mark.office
def test_libreoffice_gets_our_numbers_of_regions_and_prices(villages: Path, tmp_path: Path) -> None:
    gep.compare_projects(villages, tmp_path / "out", allow_code=True, language="en")
    cells, differing = differing_formulas(tmp_path / "out" / "comparison.xlsx", tmp_path)
    assert cells
    assert differing == []


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
