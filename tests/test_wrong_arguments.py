"""Arguments of wrong types: every public function refuses them with ``ProblemsFound`` that names the argument."""

import inspect
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.paths import FORMAT_EXAMPLE
from support.small import Small

import gep
from gep.project.project import ProjectAccounts

FUNCTIONS = sorted(name for name in gep.__all__ if inspect.isfunction(getattr(gep, name)))
PARAMETERS = [
    (name, parameter)
    for name in FUNCTIONS
    for parameter in inspect.signature(getattr(gep, name)).parameters
]
NUMBERS = xr.DataArray(np.ones((1, 1)), dims=("u", "v"), name="area")
SCHEMES = {"assess": "gep-yearly", "read_crosswalk": "xie-2015"}
WRONG: dict[str, Any] = {
    "None": None,
    "number": 3.5,
    "object": object(),
    "frame": pd.DataFrame({"colour": ["red"]}),
    "dataset": xr.Dataset({"area": NUMBERS}),
    "list": [],
    "list of objects": [object()],
    "bytes": b"areas.csv",
}


def _leaves(hint: Any) -> list[Any]:
    """The types that an annotation consists of."""
    if get_origin(hint) in (Union, UnionType):
        return [leaf for part in get_args(hint) for leaf in _leaves(part)]
    return [hint]


def _may_be(kind: str, parameter: inspect.Parameter) -> bool:
    """Whether an argument of a kind is a right one."""
    leaves = _leaves(parameter.annotation)
    is_optional = parameter.default is not inspect.Parameter.empty
    names = str(parameter.annotation)
    if kind == "None":
        return type(None) in leaves
    if kind == "number":
        return float in leaves or "float" in names
    if kind == "list":
        is_list = any("Sequence" in str(leaf) for leaf in leaves)
        return is_list and is_optional
    return False


def _sound(name: str, folder: Path) -> dict[str, Any]:
    """Arguments of a function that are of the types that it takes; they need not exist."""
    sound: dict[str, Any] = {}
    small = Small().arguments(folder)
    for parameter in inspect.signature(getattr(gep, name)).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            continue
        if parameter.name in small:
            sound[parameter.name] = small[parameter.name]
        elif parameter.name == "scheme":
            sound[parameter.name] = SCHEMES.get(name, "nothing")
        elif int in _leaves(parameter.annotation):
            sound[parameter.name] = 2020
        elif parameter.name == "set":
            sound[parameter.name] = {"rate": 3}
        else:
            sound[parameter.name] = str(folder / "nothing")
    return sound


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    return gep.compute(**Small().arguments(tmp_path_factory.mktemp("small")))


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_every_function_refuses_arguments_of_wrong_types(
    tmp_path: Path, account: gep.Account, name: str, parameter: str
) -> None:
    function: Callable[..., object] = getattr(gep, name)
    described = inspect.signature(function).parameters[parameter]
    sound = _sound(name, tmp_path)
    if "accounts" in sound:
        sound["accounts"] = account
    tried = 0
    for kind, wrong in WRONG.items():
        if _may_be(kind, described):
            continue
        arguments = {**sound, parameter: wrong}
        positions = []
        if described.kind is inspect.Parameter.VAR_POSITIONAL:
            positions.append(arguments.pop(parameter))
        elif "accounts" in arguments and name in ("compare", "seea_tables"):
            positions.append(arguments.pop("accounts"))
        with pytest.raises(gep.ProblemsFound) as found:
            function(*positions, **arguments)
        tried += 1
        places = [problem.say_where("en") for problem in found.value.problems]
        table = {"name": "crosswalk", "path": name.removeprefix("read_")}.get(parameter, parameter)
        words = (parameter, table, "changes", "coefficients", "stock prices")
        assert any(place.startswith(words) for place in places), (kind, places)
        for problem in found.value.problems:
            assert problem.say_fix("zh")
    assert tried >= 4


METHODS = {
    "Account": ("frame", "total", "table", "quantities", "caption", "explain", "to_xarray"),
    "ProjectAccounts": ("frame",),
    "Project": ("plan", "compute"),
    "Comparison": ("transitions",),
}
CHECKED_METHODS = [(kind, name) for kind, names in METHODS.items() for name in names]
SOUND = {"region": "a", "indicator": "farm"}


@pytest.fixture(scope="module")
def objects(account: gep.Account, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("villages")
    shutil.copytree(FORMAT_EXAMPLE, folder, dirs_exist_ok=True)
    return {
        "Account": account,
        "ProjectAccounts": ProjectAccounts([account]),
        "Project": gep.read_project(folder, allow_code=True),
        "Comparison": gep.compare(account, pairs=()),
    }


@pytest.mark.parametrize(("kind", "name"), CHECKED_METHODS)
def test_methods_refuse_arguments_of_wrong_types(
    objects: dict[str, Any], kind: str, name: str
) -> None:
    method: Callable[..., object] = getattr(objects[kind], name)
    parameters = inspect.signature(method).parameters.values()
    needed = {
        parameter.name: SOUND[parameter.name]
        for parameter in parameters
        if parameter.default is inspect.Parameter.empty
    }
    for parameter in parameters:
        tried = 0
        for label, wrong in WRONG.items():
            if _may_be(label, parameter):
                continue
            with pytest.raises(gep.ProblemsFound) as found:
                method(**{**needed, parameter.name: wrong})
            (problem,) = found.value.problems
            assert problem.code == "wrong-argument", (parameter.name, label)
            assert problem.say_where("en").startswith(parameter.name)
            tried += 1
        assert tried >= 4, parameter.name


def test_tables_of_results_are_asked_for_by_name() -> None:
    for kind in (gep.Assessment, gep.CountyCollection, gep.ProjectComparison):
        with pytest.raises(gep.ProblemsFound, match=r"\[wrong-argument\] name"):
            kind.frame(object(), name=3)  # type: ignore[arg-type]


def test_no_list_is_read_letter_by_letter() -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare_projects("nowhere", prices="current", allow="prices")
    assert "nowhere" in str(found.value)


@pytest.mark.parametrize("language", ["fr", "", 1, math.nan])
def test_of_choices_the_message_lists_them(language: Any) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.catalog("standards", language=language)
    (problem,) = found.value.problems
    assert problem.say_fix("en") == "give 'zh' | 'en' | None"


def test_all_wrong_arguments_are_named_at_once() -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compute(standard=3, areas=None, year="2020", coverage="half")  # type: ignore[arg-type]
    places = [problem.say_where("en") for problem in found.value.problems]
    assert places == ["standard", "areas", "year", "coverage"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_shows_the_whole_signature(name: str) -> None:
    signature = inspect.signature(getattr(gep, name))
    for parameter in signature.parameters.values():
        assert parameter.kind is not inspect.Parameter.VAR_KEYWORD
        assert parameter.annotation not in (inspect.Parameter.empty, Any)
        assert get_origin(parameter.annotation) is not Literal or parameter.default
    assert signature.return_annotation is not inspect.Signature.empty
