"""Files beside an own method: imported, opened, recorded."""

import sys
from pathlib import Path
from typing import Any

import pytest

from gep.errors import ProblemLog
from gep.standards.method import Method, load_method
from gep.standards.own_code import files_of_code

METHOD = '''
from typing import Annotated
import numpy as np
{imports}
from gep.units import Array

def good(*, area: Annotated[Array, "ha"]) -> Annotated[Array, "t"]:
    """Scale."""
    return area * {factor}
'''


def _load(folder: Path, imports: str, factor: str) -> tuple[Method | None, ProblemLog]:
    text = METHOD.format(imports=imports, factor=factor)
    (folder / "own.py").write_text(text, encoding="utf-8")
    problems = ProblemLog()
    return load_method("./own.py:good", folder, "x", problems, allow_code=True), problems


IMPORTS = {
    "a module": ("import tables", "tables.FACTOR"),
    "a name of it": ("from tables import FACTOR", "FACTOR"),
    "a module beside": ("from . import tables", "tables.FACTOR"),
    "a name of a module beside": ("from .tables import FACTOR", "FACTOR"),
    "one that imports another": ("import more", "more.tables.FACTOR"),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_a_file_beside_a_method_is_imported_and_recorded(case: str, tmp_path: Path) -> None:
    (tmp_path / "tables.py").write_text("FACTOR = 3\n", encoding="utf-8")
    (tmp_path / "more.py").write_text("import tables\n", encoding="utf-8")
    method, problems = _load(tmp_path, *IMPORTS[case])
    assert method is not None, problems.errors
    assert method.own is not None
    assert method.function(area=2.0) == 6.0
    names = {file.name for file in method.own.files}
    assert names - {"more.py"} == {"own.py", "tables.py"}
    assert "tables" not in sys.modules
    assert not (tmp_path / "__pycache__").exists()
    assert {file.name for file in files_of_code(tmp_path / "own.py")} == names


def test_a_file_that_is_opened_is_recorded_and_one_elsewhere_refused(tmp_path: Path) -> None:
    (tmp_path / "factor.txt").write_text("5", encoding="utf-8")
    method, _ = _load(tmp_path, "import gep", 'float(gep.open_beside("factor.txt").read())')
    assert method is not None
    assert method.own is not None
    assert method.function(area=2.0) == 10.0
    assert {file.name for file in method.own.files} == {"own.py", "factor.txt"}
    method, problems = _load(tmp_path, 'import gep\nF = gep.open_beside("../x.txt")', "1")
    assert method is None
    (problem,) = problems.errors
    assert problem.code == "unknown-method"
    assert "is not beside own.py" in problem.say("en")


def test_a_link_that_leads_out_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("FACTOR = 3\n", encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "tables.py").symlink_to(tmp_path / "outside.py")
    method, problems = _load(home, "import tables", "tables.FACTOR")
    assert method is None
    assert [problem.code for problem in problems.errors] == ["unknown-method"]


def test_in_a_notebook_files_are_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.txt").write_text("1 2")
    cell: dict[str, Any] = {}  # a notebook has no __file__
    exec("import gep\ncontent = gep.open_beside('numbers.txt').read()", cell)
    assert cell["content"] == b"1 2"
    with pytest.raises(ValueError, match="not beside"):
        exec("gep.open_beside('../numbers.txt')", cell)
