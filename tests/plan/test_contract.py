"""Own methods that do not keep their contract are refused before anything is computed, with the numbers that differ."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import gep
from gep.cli.app import main
from gep.errors import Problem, ProblemsFound
from gep.plan import contract

PROJECT = """
[project]
id = "own"
title = "Own"
standard = "./standard.toml"
years = [2020]
allow_code = true
[inputs]
areas = "areas.csv"
data = ["data.csv"]
"""
STANDARD = """
id = "own"
title = "Own"
source = "own"
measure = "quantity"
evidence = "recalled"
legal = "draft"
ecosystems = "hj1166-2021"
unit = "t"
[sources.own]
title = "Made up"
[data.yield]
name = "Yield"
unit = "t"
keys = ["region", "ecosystem"]
[data.share]
name = "Share"
unit = "1"
keys = ["region", "ecosystem"]
[[indicator]]
id = "wood"
name = "Wood"
category = "provisioning"
[[indicator.step]]
id = "cut"
kind = "quantity"
method = "./own.py:method"
per = "{per}"
unit = "t"
additive = {additive}
inputs = {{ amount = {{ data = "yield" }}, share = {{ data = "share" }} }}
[[total]]
id = "all"
name = "All"
indicators = ["wood"]
"""
METHOD = '''
import numpy as np
from typing import Annotated
from gep.units import Array

calls = []

def method(*, amount: Annotated[Array, "t"], share: Annotated[Array, "1"]) -> Annotated[Array, "t"]:
    """Wood that is cut."""
    {body}
'''
AREAS = "region,year,class,area,unit\n" + "".join(
    f"{region},2020,{name},10,km2\n" for region in ("a", "b") for name in ("forest", "shrub")
)
DATA = "region,year,name,ecosystem,value,unit,source\n" + "".join(
    f"{region},2020,{name},{ecosystem},{value},{unit},made up\n"
    for region, ecosystem, amount, share in (
        ("a", "forest", 100, 0.1),
        ("a", "shrub", 20, 0.2),
        ("b", "forest", 300, 0.3),
        ("b", "shrub", 50, 0.4),
    )
    for name, value, unit in (("yield", amount, "t"), ("share", share, "1"))
)


def write(folder: Path, body: str, per: str = "amount", additive: str = "true") -> Path:
    """Write a project of one step, whose method has this body."""
    files = {
        "project.toml": PROJECT,
        "standard.toml": STANDARD.format(per=per, additive=additive),
        "areas.csv": AREAS,
        "data.csv": DATA,
        "own.py": METHOD.format(body=body),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def _breach(folder: Path, body: str, **options: str) -> Problem:
    with pytest.raises(ProblemsFound) as caught:
        gep.check_project(write(folder, body, **options), allow_code=True)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("method-contract", "wood.cut")
    assert "./own.py:method" in problem.say("zh")
    return problem


def _numbers(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", words)]


BREACHES = {
    "a sum": ("return amount * share / amount.sum()", "alone"),
    "a sum along regions": ("return amount - amount.mean(axis=0)", "alone"),
    "a sum along types": ("return amount * share / amount.sum(axis=-1, keepdims=True)", "alone"),
    "one number for all": ("return amount.sum()", "alone"),
    "a sort": ("return np.sort(amount, axis=-1)", "alone"),
    "a rank": ("return amount * (1 + np.arange(amount.size)).reshape(amount.shape)", "alone"),
    "a constant": ("return np.full(amount.shape, 7.0)", "constant"),
    "a bare number": ("return 7.0", "constant"),
    "a complex number": ("return amount * share + 1j", "complex"),
    "texts": ("return amount.astype(str)", "not-a-number"),
    "conditions": ("return amount > share", "not-a-number"),
    "another shape": ("return amount.ravel()[:5]", "shape"),
    "a state": ("calls.append(1); return amount * share * len(calls)", "repeat"),
    "an argument that is changed": ("amount *= share; return amount", "changes"),
    "a square": ("return amount ** 2 * share", "linear"),
    "a constant added": ("return amount * share + 1", "linear"),
    "a limit": ("return np.minimum(amount, 90) * share", "linear"),
}


@pytest.mark.parametrize("case", BREACHES)
def test_a_method_that_breaks_its_contract_is_refused(case: str, tmp_path: Path) -> None:
    body, message = BREACHES[case]
    assert _breach(tmp_path, body).message == f"plan.contract-{message}"
    assert not (tmp_path / "out").exists()


def test_the_two_numbers_that_differ_are_shown(tmp_path: Path) -> None:
    """Alone, each cell is the whole."""
    words = _breach(tmp_path, "return amount / amount.sum()").say_what("en")
    among, count, alone, amount, _ = _numbers(words.partition(" gives ")[2])
    assert (alone, count) == (1, 6)
    assert 0 < among < 1
    assert 20 <= amount <= 300


def test_the_sum_of_two_amounts_is_shown_beside_what_it_should_be(tmp_path: Path) -> None:
    words = _breach(tmp_path, "return amount ** 2 + 0 * share").say_what("en")
    first, second = (float(value) for value in re.findall(r"amount = ([\d.]+)", words))
    assert f"together {first**2 + second**2:g}" in words
    assert f"gives {(first + second) ** 2:g} for the sum of both" in words


def test_a_complex_number_is_shown(tmp_path: Path) -> None:
    words = _breach(tmp_path, "return share * 0 + 2 + 3j + 0 * amount").say_what("en")
    assert "(2+3j)" in words
    assert "real part is 2" in words


def test_numbers_are_written_with_the_digits_that_tell_them_apart(tmp_path: Path) -> None:
    body = "return amount * 0 + 20 + 1e-6 / amount.size"
    words = _breach(tmp_path, body).say_what("en")
    numbers = re.findall(r"gives (\S+) for a cell among 6 and (\S+) for", words)
    assert numbers == [("20", "20.000001")]  # 20 + 1e-6 / 6 and 20 + 1e-6


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_check_has_room_for_both_numbers(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, "return amount * 0 + amount.sum()")
    assert main(["check", str(folder), "--allow-code", "--language", language]) == 2
    (line,) = re.findall(r"^ *wood\.cut.*own\.py:method.*$", capsys.readouterr().out, re.MULTILINE)
    words = {
        "zh": r"在 6 个单元里得 (\S+)，单独算得 (\S+)（amount = (\S+)、",
        "en": r"gives (\S+) for a cell among 6 and (\S+) for the same cell alone \(amount = (\S+),",
    }
    ((among, alone, amount),) = re.findall(words[language], line)
    assert (among, alone) == ("688", amount)


KEPT = {
    "a product": ("return amount * share", "amount", "true"),
    "a choice": ("return np.where(share > 0.25, amount, 0.5 * amount)", "amount", "true"),
    "a product without units of share": ("return amount", "amount", "true"),
}


@pytest.mark.parametrize("case", KEPT)
def test_a_method_that_keeps_its_contract_runs(case: str, tmp_path: Path) -> None:
    body, per, additive = KEPT[case]
    folder = write(tmp_path, body, per, additive)
    _, (plan,) = gep.check_project(folder, allow_code=True)
    assert plan.steps[0].name == "wood.cut"


def test_each_axis_has_cells_that_can_be_mixed_up() -> None:
    method = SimpleNamespace(limits={})
    dims = ("region", "ecosystem", "substance", "product")
    step: Any = SimpleNamespace(dims=dims, method=method, inputs={"rate": None})
    assert min(contract._tried_numbers(step)["rate"].shape) > 1
