"""The shape of the code: layers, no circles, names that mean one thing, heavy libraries imported late."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import gep

PACKAGE = Path(gep.__file__).parent
# From the ground up. Imports run down only, and names on one line do not import each other.
LAYERS = (
    "texts",
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
    "collection",
    "report",
    "workflows",
    "terminal",
    "cli",
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names.split()}
KINDS = {"scoring", "index", "geep", "balance", "audit", "allocation", "register"}
HEAVY = {"jinja2", "matplotlib", "numpy", "pandas", "pydantic", "scipy", "xarray"}
HEAVY |= {
    "cloudpickle",
    "dask",
    "distributed",
    "exactextract",
    "pyogrio",
    "pyproj",
    "rasterio",
    "shapely",
}
METHODS_SEE = {"__future__", "typing", "numpy", "xarray", "gep.units"}
DRAWING = ("report/figures/page.py", "report/figures/charts.py", "report/figures/maps.py")
ONLY_IN = {
    "matplotlib": DRAWING,
    "mpl_toolkits": DRAWING,
    "scipy": (
        "report/figures/hexagon_grid.py",
        "uncertainty/distributions.py",
        "uncertainty/input_sensitivity.py",
    ),
    "openpyxl": (
        "io/csv_excel.py",
        "io/spreadsheets.py",
        "io/workbook.py",
        "report/form_workbook.py",
    ),
    "jinja2": ("io/html_parts.py", "report/pages/page.py"),
    "markupsafe": ("io/html_parts.py", "report/pages/page.py"),
    "rasterio": ("extent/aligned_copies.py", "extent/rasters.py", "extent/zones.py"),
    "netCDF4": (),  # by xarray
    "zarr": (),  # by xarray
    "exactextract": ("extent/zones.py",),
    "pyogrio": ("extent/zones.py",),
    "shapely": ("extent/zones.py",),
    "pyproj": ("extent/cell_areas.py",),
    "cloudpickle": ("extent/blocks.py",),
    "dask": ("extent/blocks.py",),
    "distributed": ("extent/blocks.py",),
    "mpld3": (),  # its package is read, never imported
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "shipped" not in path.parts)
LAYERED = [path for path in MODULES if path.parent != PACKAGE or path.stem in LEVEL]
FRONT = ("gep", "gep.cli.app")


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {_module(path) for path in MODULES}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """Every module imported anywhere in a file, inside functions and for type checkers too."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno}: write imports absolutely"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in NAMES else node.module


@cache
def _own_imports(path: Path) -> frozenset[str]:
    """The modules of gep that a module imports."""
    own = {name for name in _imports(path) if name in NAMES and name != "gep"}
    return frozenset(own - {_module(path)})


def _top(module: str) -> str:
    return module.split(".")[1]


def test_layers_name_what_exists() -> None:
    tops = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    tops |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(LEVEL) == tops


@pytest.mark.parametrize("path", LAYERED, ids=_name)
def test_imports_run_down(path: Path) -> None:
    top = _top(_module(path))
    for name in _own_imports(path):
        other = _top(name)
        down = LEVEL[other] < LEVEL[top] or other == top
        assert down, f"gep/{_name(path)} imports {name}: not a step down"


@pytest.mark.parametrize(
    "path", [path for path in LAYERED if "assessment" in path.parts], ids=_name
)
def test_kinds_of_schemes_do_not_know_each_other(path: Path) -> None:
    kind = path.parent.name
    for name in _own_imports(path):
        parts = name.split(".")
        other = parts[2] if len(parts) > 3 and parts[1] == "assessment" else ""
        if kind in KINDS:
            assert other in ("", kind), f"gep/{_name(path)} imports {name}, of another kind"
        elif kind == "review":
            assert other in ("", "review", "scoring"), f"gep/{_name(path)} imports {name}"
        elif other in KINDS:
            assert path.stem == "kinds", f"gep/{_name(path)} imports {name}: only kinds.py may"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {_module(path): set(_own_imports(path)) for path in MODULES}
    while leaves := [name for name, needs in graph.items() if not needs & set(graph)]:
        for name in leaves:
            del graph[name]
    inside = {name: sorted(needs & set(graph)) for name, needs in graph.items()}
    assert not inside, f"circles, with the modules above them: {inside}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "methods").glob("*.py")), ids=_name)
def test_methods_see_arrays_and_units_only(path: Path) -> None:
    seen = {name if name.startswith("gep") else name.split(".")[0] for name in _imports(path)}
    assert seen <= METHODS_SEE, f"{_name(path)} imports {sorted(seen - METHODS_SEE)}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_libraries_stay_where_they_are_needed(path: Path) -> None:
    for library in {name.split(".")[0] for name in _imports(path)} & set(ONLY_IN):
        allowed = ONLY_IN[library]
        assert _name(path) in allowed, f"{_name(path)} imports {library}: only {allowed} may"


@pytest.mark.parametrize("module", FRONT)
def test_the_front_door_is_light(module: str) -> None:
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    pattern = r"^import time:.*\|\s*(\S+)$"
    loaded = {match.group(1) for match in re.finditer(pattern, report, re.MULTILINE)}
    assert module in loaded
    heavy = sorted({name.split(".")[0] for name in loaded} & HEAVY)
    assert not heavy, f"import {module} loads {heavy}: import them inside the functions"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_say_what_they_own(path: Path) -> None:
    assert path.stem not in NO_NAMES, f"{_name(path)}: name the module for what it owns"
    assert ast.get_docstring(_tree(path)), f"{_name(path)} has no docstring"


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/**/__init__.py")), ids=_name)
def test_packages_are_described_and_hold_nothing_else(path: Path) -> None:
    tree = _tree(path)
    assert len(tree.body) == 1, f"{_name(path)} holds more than its docstring"
    lines = (ast.get_docstring(tree) or "").splitlines()
    assert len(lines) >= 3, f"{_name(path)}: what it owns, what it does not, where to begin"


def test_a_class_name_means_one_thing() -> None:
    names = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_constant_is_set_once(path: Path) -> None:
    names = Counter(
        node.id
        for statement in _tree(path).body
        if isinstance(statement, ast.Assign)
        for node in statement.targets
        if isinstance(node, ast.Name)
    )
    assert [name for name, count in names.items() if count > 1] == []


# Words that name nothing: what a loop runs over, or what was computed, has a better one.
VAGUE_NAMES = """
one other some found done told spot spots fine own at text way whole mine here there made each every
more above behind given due lost kept seen both have lacking twin
"""
VAGUE = frozenset(VAGUE_NAMES.split())
VAGUE_SHARE = 0.015  # of the uses of identifiers
COMPREHENSIONS_A_HUNDRED_LINES = 3
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def test_names_say_what_they_name() -> None:
    uses = Counter[str]()
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Name):
                uses[node.id] += 1
            elif isinstance(node, ast.arg):
                uses[node.arg] += 1
    vague = {name: count for name, count in uses.items() if name in VAGUE}
    # ``text`` is the function of the catalogue, and a good name for it
    share = sum(count for name, count in vague.items() if name != "text") / uses.total()
    assert share <= VAGUE_SHARE, f"{share:.1%} of the names say nothing: {vague}"


def test_comprehensions_are_few_and_flat() -> None:
    count = 0
    lines = 0
    nested = []
    for path in MODULES:
        lines += len(path.read_text(encoding="utf-8").splitlines())
        for node in ast.walk(_tree(path)):
            if isinstance(node, COMPREHENSIONS):
                count += 1
                if len(node.generators) > 1:
                    nested.append(f"{_name(path)}:{node.lineno}")
    assert count <= COMPREHENSIONS_A_HUNDRED_LINES * lines / 100
    assert not nested, "a comprehension has one for"


def _used_elsewhere() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """The functions that a module of another package imports, methods of accounting left out."""
    imported: set[tuple[str, str]] = set()
    for path in MODULES:
        package = _module(path).rpartition(".")[0]
        for node in ast.walk(_tree(path)):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            if node.module.rpartition(".")[0] != package:
                imported.update((node.module, alias.name) for alias in node.names)
    for path in MODULES:
        if path.parent.name == "methods":  # described by symbols, equation and example
            continue
        for node in _tree(path).body:
            if isinstance(node, ast.FunctionDef) and (_module(path), node.name) in imported:
                yield path, node


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [
        argument.arg
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    ]


@pytest.mark.parametrize(
    ("path", "function"),
    [pytest.param(path, node, id=f"{_name(path)}:{node.name}") for path, node in _used_elsewhere()],
)
def test_what_other_packages_use_is_described(path: Path, function: ast.FunctionDef) -> None:
    where = f"{_name(path)}:{function.lineno} {function.name}"
    described = ast.get_docstring(function) or ""
    _, _, section = described.partition("Parameters\n----------\n")
    for parameter in _parameters(function):
        pattern = rf"(^|[ ,*]){re.escape(parameter)}\b"
        assert re.search(pattern, section, re.MULTILINE), f"{where}: parameter {parameter}"
    returns = ast.unparse(function.returns) if function.returns is not None else "None"
    if returns != "None" and not returns.startswith("Iterator"):
        assert "Returns\n-------\n" in described, f"{where}: Returns"


def test_the_formatter_is_switched_off_for_tables_of_numbers_only() -> None:
    texts = [path.read_text(encoding="utf-8") for path in MODULES]
    assert sum(text.count("# fmt: skip") + text.count("# fmt: off") for text in texts) <= 10


def _density(paths: list[Path]) -> float:
    """Syntax nodes a line inside functions, docstrings left out."""
    nodes = lines = 0
    for path in paths:
        for function in ast.walk(_tree(path)):
            if not isinstance(function, ast.FunctionDef):
                continue
            described = ast.get_docstring(function) is not None
            occupied = set()
            for statement in function.body[1 if described else 0 :]:
                for node in ast.walk(statement):
                    nodes += 1
                    occupied.add(getattr(node, "lineno", None))
            lines += len(occupied - {None})
    return nodes / max(lines, 1)


def test_density_is_measured(record_property: Callable[[str, object], None]) -> None:
    """A figure to look at, not a cap on lines: packed code is what a cap brought."""
    packages: Mapping[str, list[Path]] = {
        folder.name: sorted(folder.rglob("*.py"))
        for folder in sorted(PACKAGE.iterdir())
        if (folder / "__init__.py").exists()
    }
    density = {name: _density(paths) for name, paths in packages.items()}
    print({name: round(value, 1) for name, value in density.items()})
    without_methods = [path for path in MODULES if path.parent.name != "methods"]
    whole = _density(without_methods)
    record_property("nodes_a_line", whole)
    assert whole <= 11, f"{whole:.1f} syntax nodes a line: {density}"
