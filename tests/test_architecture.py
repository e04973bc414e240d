"""The shape of the code: imports run one way, heavy libraries are imported late, nothing grows too large."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gep

PACKAGE = Path(gep.__file__).parent
LAYERS = (
    "errors units",
    "methods io",
    "standards",
    "inputs",
    "extent",
    "plan",
    "account",
    "comparison uncertainty",
    "assessment",
    "project",
    "collection report",
    "workflows",
    "terminal",
    "cli",
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names.split()}
HEAVY = {"matplotlib", "numpy", "pandas", "pint", "pydantic", "scipy", "xarray"}
METHODS_SEE = {"__future__", "typing", "numpy", "xarray", "gep.units"}
DRAWING = ("report/figures/page.py", "report/figures/charts.py", "report/figures/maps.py")
ONLY_IN = {
    "matplotlib": DRAWING,
    "mpl_toolkits": DRAWING,
    "scipy": ("report/figures/hexagon_grid.py", "inputs/distributions.py", "uncertainty/sobol.py"),
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "shipped" not in path.parts)
LAYERED = [path for path in MODULES if path.relative_to(PACKAGE).as_posix() not in ("__init__.py", "__main__.py")]
FRONT = [name for name, file in (("gep", "__init__.py"), ("gep.cli.app", "cli/app.py")) if (PACKAGE / file).exists()]


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """Every module imported anywhere in the file; ``from gep import plan`` is ``gep.plan.plan``."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno}: write imports absolutely"
            assert node.module is not None
            if node.module == "gep":
                yield from (f"gep.{alias.name}" for alias in node.names)
            else:
                yield node.module


def _top(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", LAYERED, ids=_name)
def test_imports_run_down(path: Path) -> None:
    own = _top(path)
    assert own in LEVEL, f"gep/{_name(path)} is new: place it in LAYERS of tests/test_architecture.py and in the design"
    for name in _imports(path):
        if not name.startswith("gep."):
            continue
        other = name.split(".")[1]
        if other == "__version__":
            continue
        assert other in LEVEL, f"gep/{_name(path)} imports {name}, which has no place in LAYERS"
        up = LEVEL[other] > LEVEL[own] or (LEVEL[other] == LEVEL[own] and other != own)
        assert not up, f"gep/{_name(path)} imports {name}: a step up"


@pytest.mark.parametrize("path", sorted((PACKAGE / "methods").glob("*.py")), ids=_name)
def test_methods_see_arrays_and_units_only(path: Path) -> None:
    seen = {name if name.startswith("gep") else name.split(".")[0] for name in _imports(path)}
    assert seen <= METHODS_SEE, f"{_name(path)} imports {sorted(seen - METHODS_SEE)}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_figures_alone_draw(path: Path) -> None:
    for library in {name.split(".")[0] for name in _imports(path)} & set(ONLY_IN):
        assert _name(path) in ONLY_IN[library], f"{_name(path)} imports {library}: only {ONLY_IN[library]} may"


@pytest.mark.parametrize("module", FRONT)
def test_the_front_door_is_light(module: str) -> None:
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    loaded = {match.group(1) for match in re.finditer(r"^import time:.*\|\s*(\S+)$", report, re.MULTILINE)}
    assert module in loaded
    heavy = sorted({name.split(".")[0] for name in loaded} & HEAVY)
    assert not heavy, f"import {module} loads {heavy}: import them inside the functions that need them"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_are_small_and_say_what_they_own(path: Path) -> None:
    assert path.stem not in NO_NAMES, f"{_name(path)}: name the module for what it owns"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 350, f"{_name(path)} has {lines} lines, 350 are allowed"
    assert ast.get_docstring(_tree(path)), f"{_name(path)} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_functions_are_short_and_the_public_ones_described(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        described = ast.get_docstring(node) is not None
        body = node.body[1:] if described and len(node.body) > 1 else node.body
        lines = (node.end_lineno or 0) - body[0].lineno + 1
        assert lines <= 45, f"{_name(path)}: {node.name} has {lines} lines of body, 45 are allowed"
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{_name(path)}: {node.name} has no docstring"
