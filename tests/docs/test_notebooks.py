"""The notebooks of the manual run, and say what they are said to say."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support.paths import ROOT

NOTEBOOKS = ROOT / "docs" / "notebooks"
LINES = 20  # of code, from a DataFrame to a map and the reasons of a change


def _lines(notebook: nbformat.NotebookNode) -> list[str]:
    code = [cell["source"] for cell in notebook.cells if cell["cell_type"] == "code"]
    return [line for line in "\n".join(code).splitlines() if line.strip()]


@pytest.mark.parametrize("file", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_are_kept_without_outputs(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.filterwarnings("default")  # those of Jupyter are not ours
def test_a_data_frame_becomes_a_map_and_a_decomposition_in_twenty_lines(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / "dataframe-to-map.ipynb", as_version=4)
    assert len(_lines(notebook)) <= LINES
    for name in ("jiangxi-counties", "beibu-gulf"):
        shutil.copytree(ROOT / "examples" / name, tmp_path / "examples" / name)
    folder = tmp_path / "docs" / "notebooks"
    folder.mkdir(parents=True)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    data = [output["data"] for output in shown if output["output_type"] == "execute_result"]
    table, picture, origin, types, reasons = data
    assert "东湖区" in table["text/html"]
    assert "image/png" in picture
    assert "xie-2015@1.0.0" in origin["text/html"]
    assert "3678.8" in types["text/html"]  # areas of 1999 and 2014, as the paper prints them
    assert "2636.67" in types["text/html"]
    assert "areas" in reasons["text/html"]
    assert not [output for output in shown if output["output_type"] == "error"]
