"""Methods by their path: what ships, what is the user's own, and the units of annotations."""

from pathlib import Path

import pytest

from gep.errors import Problem, ProblemLog
from gep.standards.method import SHIPPED_MODULES, is_own_file, load_method, read_units

OWN = '''
from typing import Annotated
from gep.units import Array

def good(*, area: Annotated[Array, "ha"], share: Annotated[Array, "1"] = 1.0) -> Annotated[Array, "t"]:
    """Do something.

    Notes
    -----
    The product:
    y = a s
    z = y
    """
    return area * share

def positional(area: Annotated[Array, "ha"]) -> Annotated[Array, "t"]: ...
def unannotated(*, area) -> Annotated[Array, "t"]: ...
def without_result(*, area: Annotated[Array, "ha"]): ...
def without_inputs() -> Annotated[Array, "t"]: ...
def unreadable(*, area: "Annotated[Arr, 'ha']") -> Annotated[Array, "t"]: ...
'''


def _problem(name: str, base: Path, *, allow_code: bool = True) -> Problem:
    problems = ProblemLog()
    assert load_method(name, base, "x.toml a.b", problems, allow_code=allow_code) is None
    (problem,) = problems.errors
    assert problem.where == "x.toml a.b"
    return problem


def test_a_shipped_method_needs_no_consent() -> None:
    problems = ProblemLog()
    name = "gep.methods.soil:retention_by_rusle"
    method = load_method(name, Path(), "x", problems, allow_code=False)
    assert method is not None
    assert (method.path, method.file) == (name, None)
    assert method.inputs["erosivity"] == "MJ mm ha-1 h-1 a-1"
    assert method.unit == "t ha-1 a-1"
    assert not problems.errors


def test_an_own_method_has_its_file_its_formula_and_optional_arguments(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    problems = ProblemLog()
    method = load_method("./own.py:good", tmp_path, "x", problems, allow_code=True)
    assert method is not None
    assert method.file == tmp_path / "own.py"
    assert method.inputs == {"area": "ha", "share": "1"}
    assert method.optional == {"share"}
    assert method.formula == "y = a s"
    assert method.function(area=2.0) == 2.0
    assert not (tmp_path / "__pycache__").exists()


def test_a_method_without_notes_shows_its_first_line() -> None:
    def plain() -> None:
        """Do something plain.

        Nothing else.
        """

    method = load_method(
        "gep.methods.soil:retention_by_rusle", Path(), "x", ProblemLog(), allow_code=False
    )
    assert method is not None
    assert type(method)("x", plain, {}, frozenset(), "1").formula == "Do something plain."


@pytest.mark.parametrize(
    ("function", "key"),
    [
        ("positional", "standards.argument-without-unit"),
        ("unannotated", "standards.argument-without-unit"),
        ("without_result", "standards.result-without-unit"),
        ("without_inputs", "standards.method-without-inputs"),
        ("unreadable", "standards.annotations-unreadable"),
    ],
)
def test_signatures_that_do_not_tell_their_units(function: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    problem = _problem(f"./own.py:{function}", tmp_path)
    assert (problem.code, problem.message) == ("method-signature", key)
    assert f"./own.py:{function}" in problem.say_what("zh")


@pytest.mark.parametrize(
    ("name", "code", "key"),
    [
        ("gep.methods.soil", "unknown-method", "standards.method-without-function"),
        ("gep.methods.soil:retention", "unknown-method", "standards.unknown-function"),
        ("gep.methods.soil:np", "unknown-method", "standards.unknown-function"),
        ("gep.no.module:f", "unknown-method", "standards.module-fails"),
        ("./none.py:f", "unknown-method", "standards.module-fails"),
        ("../own.py:f", "path-outside", "io.path-outside"),
    ],
)
def test_methods_that_cannot_be_loaded(name: str, code: str, key: str, tmp_path: Path) -> None:
    problem = _problem(name, tmp_path)
    assert (problem.code, problem.message) == (code, key)


def test_own_code_is_not_run_without_consent(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise RuntimeError", encoding="utf-8")
    for name in ("./own.py:f", "os:getcwd"):
        problem = _problem(name, tmp_path, allow_code=False)
        assert problem.code == "code-not-allowed"
        assert "--allow-code" in problem.say_fix("zh")


def test_the_error_of_own_code_is_shown_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise RuntimeError('a\\nb' * 500)", encoding="utf-8")
    words = _problem("./own.py:f", tmp_path).say_what("en")
    assert "RuntimeError: a\\nb" in words
    assert len(words) < 500


def test_files_and_modules() -> None:
    assert not any(is_own_file(name) for name in (*SHIPPED_MODULES, "os.path", "own"))
    assert all(is_own_file(name) for name in ("./own.py", "a/b", "a\\b", "own.PY"))


def test_units_are_read_from_any_function() -> None:
    problems = ProblemLog()
    assert read_units("print", print, None, "x", problems) is None
    assert [problem.code for problem in problems.errors] == ["method-signature"]
