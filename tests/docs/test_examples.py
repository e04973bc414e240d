"""The examples in docstrings: every public name has one, and all run as they are written."""

import doctest
import shutil
from pathlib import Path

import pytest
from support.paths import EXAMPLES

import gep

NAMES = sorted(set(gep.__all__) - {"__version__"})
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


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
    described = getattr(gep, name).__doc__
    assert "    Examples\n    --------\n" in described, f"{name} has no example"
    assert "+SKIP" not in described
    monkeypatch.chdir(folder)
    example = doctest.DocTestParser().get_doctest(described, {}, name, None, None)
    assert any(step.want for step in example.examples), f"the example of {name} shows nothing"
    words: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example, out=words.append)
    assert not result.failed, "".join(words)
