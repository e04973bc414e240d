"""The form: written, filled in, read; slips in it are read right or answered with sheet, cell and fix."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from gep.workflows.run import run_project
from support.forms import FORM, GARZE, filled_project, project_with_form

RESULTS = ("account.csv", "by_ecosystem.csv", "summary.csv")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_project(tmp_path_factory.mktemp("forms") / "filled")


@pytest.fixture(scope="module")
def from_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("csv") / "out"
    run_project(GARZE, out)
    return out


def test_the_filled_form_gives_the_account_of_the_csv_files(
    filled: Path, from_csv: Path, tmp_path: Path
) -> None:
    run_project(filled, tmp_path / "out")
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (from_csv / name).read_bytes(), name


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed"
)
def test_a_form_saved_by_libreoffice_gives_the_same_account(
    filled: Path, from_csv: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "project")
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
               "--convert-to", "xlsx", "--outdir", str(tmp_path), str(filled / FORM)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    shutil.copy(tmp_path / FORM, tmp_path / "project" / FORM)
    assert (tmp_path / FORM).read_bytes() != (filled / FORM).read_bytes()
    run_project(tmp_path / "project", tmp_path / "out")
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (from_csv / name).read_bytes(), name
