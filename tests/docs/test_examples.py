"""The examples in docstrings: every public name has one, and all run as they are written."""

import doctest
import inspect
import shutil
from pathlib import Path

import pytest
from support.paths import EXAMPLES, ROOT

import gep
from gep.project.project import ProjectAccounts

NAMES = sorted(set(gep.__all__) - {"__version__"})
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _methods_with_example() -> dict[str, str]:
    """The docstrings with an example, by method of a class that users meet, as ``Account.frame``."""
    public = [getattr(gep, name) for name in NAMES]
    described = {}
    for kind in [*filter(inspect.isclass, public), ProjectAccounts]:
        for name, member in vars(kind).items():
            words = member.__doc__ if inspect.isfunction(member) else None
            if words and "Examples\n" in words:
                described[f"{kind.__name__}.{name}"] = words
    return described


METHODS = _methods_with_example()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples that ship, as somebody has it who took them from the release."""
    home = tmp_path_factory.mktemp("docs")
    ignored = shutil.ignore_patterns("out", "out-*", "__pycache__")
    shutil.copytree(EXAMPLES, home / "examples", ignore=ignored)
    return home


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_public_name_runs(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    _run_example(name, getattr(gep, name).__doc__)


@pytest.mark.parametrize("name", METHODS)
def test_the_example_of_a_method_runs(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    _run_example(name, METHODS[name])


def test_the_methods_that_people_begin_with_have_an_example() -> None:
    expected = {"Account.frame", "Account.to_xarray", "Project.plan", "Project.compute"}
    assert set(METHODS) >= expected


def test_no_example_is_skipped() -> None:
    for file in sorted((ROOT / "gep").rglob("*.py")):
        assert "+SKIP" not in file.read_text(encoding="utf-8"), file


def _run_example(name: str, described: str) -> None:
    assert "Examples\n" in described, f"{name} has no example"
    example = doctest.DocTestParser().get_doctest(described, {}, name, None, None)
    assert any(step.want for step in example.examples), f"the example of {name} shows nothing"
    words: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example, out=words.append)
    assert not result.failed, "".join(words)
