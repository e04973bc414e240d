"""Workbooks in LibreOffice: saved by it, and their formulas as it calculates them."""

import math
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import openpyxl

from support.paths import not_available

_SECONDS = 180


class FormulaCell(NamedTuple):
    """A formula with the number that is stored beside it."""

    sheet: str
    address: str
    formula: str
    stored: object


def formula_cells(path: Path) -> list[FormulaCell]:
    """Return the formulas of a workbook."""
    formulas = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)
    cells = []
    for page in formulas.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    stored = values[page.title][cell.coordinate].value
                    cells.append(FormulaCell(page.title, cell.coordinate, str(cell.value), stored))
    return cells


def save_by_libreoffice(path: Path, folder: Path) -> Path:
    """Have LibreOffice open and save a workbook; without it the test is skipped, in CI it fails."""
    soffice = shutil.which("soffice")
    if soffice is None:
        not_available("LibreOffice (soffice) is not installed")
        raise AssertionError
    out = folder / "saved"
    command = [soffice, "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    return out / path.name


def recalculated(path: Path, folder: Path) -> dict[tuple[str, str], object]:
    """Have LibreOffice calculate a copy of a workbook without the stored numbers."""
    bare = folder / "bare.xlsx"
    openpyxl.load_workbook(path).save(bare)  # openpyxl drops the stored numbers
    assert all(cell.stored is None for cell in formula_cells(bare))
    calculated = save_by_libreoffice(bare, folder)
    return {(cell.sheet, cell.address): cell.stored for cell in formula_cells(calculated)}


def differing_formulas(path: Path, folder: Path) -> tuple[list[FormulaCell], list[FormulaCell]]:
    """Return the formulas of a workbook, and those to which LibreOffice gives another number."""
    cells = formula_cells(path)
    if not cells:
        return [], []
    calculated = recalculated(path, folder)
    differing = []
    for cell in cells:
        number = calculated[cell.sheet, cell.address]
        assert isinstance(cell.stored, int | float)
        is_number = isinstance(number, int | float)
        if not is_number or not math.isclose(number, cell.stored, rel_tol=1e-9):
            differing.append(cell)
    return cells, differing
