"""Every workbook that a command writes, calculated by LibreOffice: each formula gives our number, and nothing else moves."""

from pathlib import Path
from shutil import copytree

import openpyxl
import pytest
from support.forms import FORM, project_with_form
from support.paths import ROOT
from support.recalculation import differing_formulas, save_by_libreoffice

import gep
from gep.workflows.assess import assess_project

pytestmark = pytest.mark.office


def _cells(path: Path) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(path, data_only=True)
    cells: dict[tuple[str, str], object] = {}
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.value not in (None, ""):
                    cells[page.title, cell.coordinate] = cell.value
    return cells


def test_a_form_with_its_request_list(tmp_path: Path) -> None:
    """A form asks, so it has no formula; what it shows is the same after LibreOffice saved it."""
    path = project_with_form(tmp_path / "project") / FORM
    cells, differing = differing_formulas(path, tmp_path)
    assert (cells, differing) == ([], [])
    (tmp_path / "again").mkdir()
    saved = save_by_libreoffice(path, tmp_path / "again")
    before = _cells(path)
    assert {sheet for sheet, _ in before} >= {"部门数据需求清单", "填表说明"}
    assert _cells(saved) == before


def test_the_public_edition(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    copytree(ROOT / "docs" / "demo-county", folder)
    path = folder / "data.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    marked = [f"{row},{'yes' if ',water_use,' in row else ''}" for row in rows]
    path.write_text("\n".join([f"{head},restricted", *marked, ""]), encoding="utf-8")
    gep.run_project(folder, language="zh", edition="public")
    cells, differing = differing_formulas(folder / "public" / "核算表.xlsx", tmp_path)
    assert cells
    assert differing == []


def test_the_tables_of_an_assessment(tmp_path: Path) -> None:
    """They are handed in as numbers; a formula that came into them would be checked here."""
    folder = tmp_path / "project"
    copytree(ROOT / "examples" / "jiangxi-assessment", folder)
    assess_project(folder, tmp_path / "out", language="zh")
    books = sorted((tmp_path / "out").rglob("*.xlsx"))
    assert save_by_libreoffice(books[0], tmp_path).is_file()
    for book in books:
        assert differing_formulas(book, tmp_path)[1] == []
