"""Formulas of a workbook: as stored, and as LibreOffice calculates them."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import openpyxl

SOFFICE = shutil.which("soffice")
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


def recalculated(path: Path, folder: Path) -> dict[tuple[str, str], object]:
    """Have LibreOffice calculate a copy of a workbook without the stored numbers."""
    assert SOFFICE is not None
    bare = folder / "bare.xlsx"
    openpyxl.load_workbook(path).save(bare)  # openpyxl drops the stored numbers
    assert all(cell.stored is None for cell in formula_cells(bare))
    out = folder / "calculated"
    command = [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), str(bare)]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    return {(cell.sheet, cell.address): cell.stored for cell in formula_cells(out / "bare.xlsx")}
