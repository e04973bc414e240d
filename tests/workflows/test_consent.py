"""Code of a project runs only if the project and the caller both consent, in every command and however it is spelled.

What ships with gep is known by its exact name; a file or module of any other name is the project's own code.
"""

import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.museum import edit
from support.schemes import Whole, one

import gep
from gep.cli.app import main
from gep.collection.counties import CollectionOptions
from gep.project.project import check_project
from gep.standards.method import SHIPPED_MODULES
from gep.workflows.collect import collect_projects

METHOD_MODULES = sorted(path.stem for path in (Path(gep.__file__).parent / "methods").glob("*.py"))
MARKER = "from pathlib import Path\nPath({ran!r}).touch()\n"
CONSENTS = {
    "neither consents": (False, False),
    "only the project consents": (True, False),
    "only the caller consents": (False, True),
}
# Ways to write a method's file or module; each is laid down where a loader could look for it.
SPELLINGS = {
    "a file": ("./own.py", "own.py"),
    "a file without a dot": ("own.py", "own.py"),
    "a file in a folder": ("code/own.py", "code/own.py"),
    "a file named like a shipped module": ("gep.methods.soil.py", "gep.methods.soil.py"),
    "a file in a folder named like ours": ("gep/methods/soil.py", "gep/methods/soil.py"),
    "a backslash": (".\\own.py", "own.py"),
    "a backslash in a name like ours": ("gep.methods.soil\\own.py", "gep.methods.soil/own.py"),
    "another suffix": ("./own.pyw", "own.pyw"),
    "no suffix": ("./own", "own"),
    "a suffix in capitals": ("own.PY", "own.PY"),
    "a module in the project": ("own", "own.py"),
    "a module beside ours": ("gep.methods.own", "gep/methods/own.py"),
    "a shipped module in capitals": ("gep.methods.Soil", "gep/methods/Soil.py"),
    "the package in capitals": ("GEP.methods.soil", "GEP/methods/soil.py"),
    "a package that shadows the methods": ("methods.soil", "methods/soil.py"),
    "a dot at the end": ("gep.methods.soil.", "gep.methods.soil..py"),
    "two dots": ("gep..methods.soil", "gep/methods/soil.py"),
    "a space at the end": ("gep.methods.soil ", "gep.methods.soil .py"),
    "a module of Python": ("os", "os.py"),
}


@dataclass(frozen=True)
class Trap:
    """A project whose own method leaves the file ``ran`` when it is imported."""

    folder: Path
    ran: Path

    def consent(self, *, project: bool) -> None:
        """Write whether the project consents."""
        if not project:
            edit(self.folder / "project.toml", "allow_code = true", "allow_code = false")


def trap(folder: Path, spelling: str = "./own.py", file: str = "own.py") -> Trap:
    """Write a project of two years with a scheme, whose methods are spelled and placed as asked."""
    indicator = one("x", None, None, reading={"account": "total"}, unit="CNY")
    Whole([([indicator], {})]).write(folder)
    ran = folder.parent / "ran"
    code = MARKER.format(ran=str(ran)) + (folder / "own.py").read_text(encoding="utf-8")
    (folder / "own.py").unlink()
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(code, encoding="utf-8")
    standard = folder / "small.toml"
    text = standard.read_text(encoding="utf-8").replace(
        '"./own.py:', f'"{spelling}:'.replace("\\", "\\\\")
    )
    standard.write_text(text, encoding="utf-8")
    return Trap(folder, ran)


@pytest.fixture(scope="module")
def sprung(tmp_path_factory: pytest.TempPathFactory) -> Trap:
    """A trap that has worked once, with the results of that run: copies serve the tests."""
    laid = trap(tmp_path_factory.mktemp("sprung") / "all" / "p")
    assert main(["run", str(laid.folder), "--allow-code", "--quiet"]) == 0
    assert laid.ran.exists(), "the trap must work where both consent, or it shows nothing"
    return laid


@pytest.fixture
def laid(sprung: Trap, tmp_path: Path) -> Trap:
    """A copy of the trap, which has not run; it leaves its mark where the first one does."""
    sprung.ran.unlink(missing_ok=True)
    return Trap(Path(shutil.copytree(sprung.folder, tmp_path / "all" / "p")), sprung.ran)


COMMANDS = {
    "run": ["run", "{p}"],
    "run in part": ["run", "{p}", "--partial"],
    "run with draws": ["run", "{p}", "--draws", "100"],
    "check": ["check", "{p}"],
    "plan": ["plan", "{p}"],
    "form": ["form", "{p}"],
    "explain": ["explain", "{p}", "--region", "a", "--year", "2020", "--indicator", "land"],
    "explain a score": [
        "explain",
        "{p}",
        "--region",
        "a",
        "--year",
        "2020",
        "--indicator",
        "demo:x",
    ],
    "compare": ["compare", "{p}"],
    "sensitivity": ["sensitivity", "{p}", "--region", "a", "--year", "2020"],
    "assess": ["assess", "{p}"],
    "verify": ["verify", "{p}/out"],
    "collect": ["collect", "{p}/.."],
}
CALLS: dict[str, Callable[[Path, bool], object]] = {
    "run": lambda folder, code: gep.run_project(folder, allow_code=code),
    "check": lambda folder, code: gep.check_project(folder, allow_code=code),
    "compare_projects": lambda folder, code: gep.compare_projects(folder, allow_code=code),
    "sense": lambda folder, code: gep.analyse_sensitivity(folder, "a", 2020, allow_code=code),
    "assess_project": lambda folder, code: gep.assess_project(folder, allow_code=code),
    "verify": lambda folder, code: gep.verify(folder / "out", allow_code=code),
    "collect": lambda folder, code: collect_projects(
        folder.parent, options=CollectionOptions(allow_code=code)
    ),
}


def _codes(call: Callable[[], object]) -> set[str]:
    """The codes of the problems that a call raises or returns."""
    try:
        problems = call()
    except gep.ProblemsFound as found:
        problems = found.problems
    return {problem.code for problem in problems} if isinstance(problems, list | tuple) else set()


@pytest.mark.parametrize("consents", CONSENTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_needs_both_consents(
    command: str, consents: str, laid: Trap, capsys: pytest.CaptureFixture[str]
) -> None:
    project, caller = CONSENTS[consents]
    laid.consent(project=project)
    arguments = [word.format(p=laid.folder) for word in COMMANDS[command]]
    assert main([*arguments, *(["--allow-code"] if caller else [])]) == 2
    assert "[code-not-allowed]" in capsys.readouterr().err
    assert not laid.ran.exists()


@pytest.mark.parametrize("consents", CONSENTS)
@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_python_needs_both_consents(call: str, consents: str, laid: Trap) -> None:
    project, caller = CONSENTS[consents]
    laid.consent(project=project)
    assert "code-not-allowed" in _codes(lambda: CALLS[call](laid.folder, caller))
    assert not laid.ran.exists()


def test_the_copy_of_the_trap_works_where_both_consent(laid: Trap) -> None:
    assert not laid.ran.exists()
    gep.check_project(laid.folder, allow_code=True)
    assert laid.ran.exists()


def test_an_account_without_a_project_needs_the_consent_of_the_caller(tmp_path: Path) -> None:
    laid = trap(tmp_path / "p")
    areas = gep.read_areas(laid.folder / "areas.csv", year=2020)
    standard = laid.folder / "small.toml"
    assert "code-not-allowed" in _codes(lambda: gep.compute(standard=standard, areas=areas))
    assert not laid.ran.exists()


def test_a_record_runs_no_code(tmp_path: Path) -> None:
    laid = trap(tmp_path / "p")
    with (laid.folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('log = "log.csv"\n')
    words = [
        "--state",
        "初算",
        "--who",
        "office",
        "--document",
        "1",
        "--scheme",
        "demo",
        "--year",
        "2020",
    ]
    assert main(["record", str(laid.folder), *words]) == 0
    assert not laid.ran.exists()


@pytest.mark.parametrize("inside", [True, False], ids=["in the project's folder", "elsewhere"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_runs_without_consent(
    spelling: str, inside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, file = SPELLINGS[spelling]
    laid = trap(tmp_path / "p", name, file)
    if inside:
        monkeypatch.chdir(laid.folder)
        monkeypatch.syspath_prepend(str(laid.folder))
    assert _codes(lambda: check_project(laid.folder)) == {"code-not-allowed"}
    laid.consent(project=False)
    assert _codes(lambda: check_project(laid.folder, allow_code=True)) == {"code-not-allowed"}
    assert not laid.ran.exists()


@pytest.mark.parametrize(
    "spelling", ["gep.methods:soil", "gep:compute", "gep.methods.soil:np", "gep.methods.soil:Array"]
)
def test_of_a_shipped_module_only_its_own_functions_are_methods(
    spelling: str, tmp_path: Path
) -> None:
    laid = trap(tmp_path / "p")
    text = (
        (laid.folder / "small.toml").read_text(encoding="utf-8").replace("./own.py:land", spelling)
    )
    (laid.folder / "small.toml").write_text(
        text.replace("./own.py:sold", spelling), encoding="utf-8"
    )
    assert (
        _codes(lambda: check_project(laid.folder))
        <= {"code-not-allowed", "unknown-method"}
        != set()
    )


def test_a_link_out_of_the_folder_needs_consent_too(tmp_path: Path) -> None:
    laid = trap(tmp_path / "p")
    (laid.folder / "own.py").rename(tmp_path / "elsewhere.py")
    (laid.folder / "own.py").symlink_to(tmp_path / "elsewhere.py")
    assert _codes(lambda: check_project(laid.folder)) == {"code-not-allowed"}
    assert not laid.ran.exists()


def test_the_source_runs_and_no_bytecode_beside_it(tmp_path: Path) -> None:
    """A forged ``.pyc`` would run another code than the one that the user has read."""
    laid = trap(tmp_path / "p")
    own = laid.folder / "own.py"
    harmless = own.read_text(encoding="utf-8").partition("\n")[2].partition("\n")[2]
    stamp = own.stat()
    cached = Path(importlib.util.cache_from_source(str(own)))
    py_compile.compile(str(own), cfile=str(cached), doraise=True)
    forged = cached.read_bytes()
    own.write_text(harmless.ljust(stamp.st_size), encoding="utf-8")
    os.utime(own, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    check_project(laid.folder, allow_code=True)
    assert not laid.ran.exists()
    assert cached.read_bytes() == forged


def test_the_list_of_what_ships_is_complete() -> None:
    """``terrain`` takes the neighbours of a pixel, so that no step can have it."""
    bound = set(METHOD_MODULES) - {"__init__", "terrain"}
    assert [f"gep.methods.{name}" for name in sorted(bound)] == list(SHIPPED_MODULES)


LIBRARIES = (
    "typing",
    "dataclasses",
    "typer",
    "rich",
    "numpy",
    "pandas",
    "pydantic",
    "openpyxl",
    "xarray",
    "gep_own",
)


@pytest.mark.parametrize(
    "command", [["--help"], ["check", "."], ["run", ".", "--quiet"]], ids=" ".join
)
def test_nothing_in_the_working_folder_is_imported(command: list[str], tmp_path: Path) -> None:
    laid = trap(tmp_path / "p")
    laid.consent(project=False)
    for name in LIBRARIES:
        (laid.folder / f"{name}.py").write_text(MARKER.format(ran=str(laid.ran)), encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "gep", *command],
        cwd=laid.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == (0 if command == ["--help"] else 2), process.stderr
    assert not laid.ran.exists()
