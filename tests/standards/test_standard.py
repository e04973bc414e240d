"""The model of a standard: its steps by name, its bindings, and what is wrong with it."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from support.museum import BASE, edit

import gep
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.standards.standard import Binding, NamedStep, Step, load_standard


def _copy(folder: Path, *edits: tuple[str, str]) -> Path:
    """Copy the standard of the format example and replace texts that stand once."""
    path = folder / "standard.toml"
    path.write_text((BASE / "standard.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for old, new in edits:
        edit(path, old, new)
    return path


def _problems(folder: Path, *edits: tuple[str, str]) -> list[Problem]:
    with pytest.raises(ProblemsFound) as caught:
        gep.read_standard(_copy(folder, *edits))
    return list(caught.value.problems)


def test_steps_have_names_and_unpack(tmp_path: Path) -> None:
    standard = gep.read_standard(_copy(tmp_path))
    named = {step.name: step for step in standard.steps()}
    assert len(named) == len(standard.steps())
    retained = named["water_retention.retained"]
    assert isinstance(retained, NamedStep)
    assert retained.indicator is not None
    assert (retained.indicator.id, retained.step.id) == ("water_retention", "retained")
    name, indicator, step = retained
    assert (name, indicator, step) == (retained.name, retained.indicator, retained.step)


def test_shared_steps_come_first_and_have_no_indicator() -> None:
    standard = gep.read_standard("xie-2015")
    shared = [named for named in standard.steps() if named.indicator is None]
    assert [named.step for named in shared] == list(standard.spec.step)
    assert standard.steps()[: len(shared)] == shared
    assert all(named.name == named.step.id for named in shared)


def test_switches_are_filled_with_their_defaults(tmp_path: Path) -> None:
    standard = gep.read_standard(_copy(tmp_path))
    assert standard.chosen({}) == {"oxygen": "with"}
    assert standard.chosen({"oxygen": "without", "other": "x"}) == {"oxygen": "without"}
    oxygen = next(named.step for named in standard.steps() if named.step.when)
    assert oxygen.active({"oxygen": "with"})
    assert not oxygen.active({"oxygen": "without"})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"data": "rain"}, "data=rain"),
        ({"area": ["forest", "shrub"]}, "area=forest+shrub"),
        ({"coef": "price", "at": {"use": "x"}, "index": "i"}, "coef=price use=x index=i"),
    ],
)
def test_bindings_are_written_in_one_line(values: dict[str, object], text: str) -> None:
    assert str(Binding.model_validate(values)) == text


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "standards.binding-without-source"),
        ({"data": "a", "coef": "b"}, "standards.binding-of-several"),
        ({"step": "a", "index": "b"}, "standards.binding-index"),
        ({"area": ["a"], "at": {"use": "b"}}, "standards.binding-at"),
    ],
)
def test_bindings_that_contradict_themselves(values: dict[str, object], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Binding.model_validate(values)
    assert [fault["type"] for fault in caught.value.errors()] == [key]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"per": "none"}, "standards.step-none"),
        ({"inputs": {}}, "standards.step-without-inputs"),
    ],
)
def test_steps_that_contradict_themselves(change: dict[str, object], key: str) -> None:
    values = {"id": "a", "kind": "value", "method": "m:f", "per": "area", "unit": "CNY"}
    values["inputs"] = {"x": {"data": "y"}}
    assert Step.model_validate(values).additive
    with pytest.raises(ValidationError) as caught:
        Step.model_validate({**values, **change})
    assert [fault["type"] for fault in caught.value.errors()] == [key]


EDITS: dict[str, tuple[tuple[str, str], str, str, str, str]] = {
    "a source": (
        ('source = "made_up"', 'source = "nobody"'),
        "unknown-source", "standard.toml", "add [sources.nobody]", "来源“nobody”没有登记",
    ),
    "a default": (
        ('default = "with"', 'default = "wihtout"'),
        "unknown-option", "standard.toml switch.oxygen", "options: with, without", "“wihtout”不是开关",
    ),
    "an option": (
        ('when = { oxygen = "with" }', 'when = { oxygen = "wit" }'),
        "unknown-option", "standard.toml oxygen_release.value", "did you mean with", "(oxygen) 的选项",
    ),
    "a switch": (
        ('when = { oxygen = "with" }', 'when = { oxygne = "with" }'),
        "unknown-option", "standard.toml oxygen_release.value", "did you mean oxygen?", "开关“oxygne”不存在",
    ),
    "a step": (
        ('step = "water_retention.retained"', 'step = "water_retention.retain"'),
        "unknown-step", "standard.toml water_retention.value", "mean water_retention.retained", "规范中没有该步骤",
    ),
    "a data name": (
        ('{ data = "visits" }', '{ data = "visit" }'),
        "unknown-data-name", "standard.toml recreation.value", "add [data.visit]; did you mean visits?",
        "规范没有声明该数据",
    ),
    "an indicator in a total": (
        ('"oxygen_release", "recreation"]', '"oxygen_release", "recreations"]'),
        "unknown-indicator", "standard.toml total.gep", "did you mean recreation?", "没有核算科目“recreations”",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITS)
def test_what_a_standard_names_and_does_not_have(case: str, tmp_path: Path) -> None:
    change, code, place, en, zh = EDITS[case]
    (problem,) = _problems(tmp_path, change)
    assert (problem.code, problem.where) == (code, place)
    assert en in problem.say("en")
    assert zh in problem.say("zh")


def test_ids_stand_beside_their_titles(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, ('default = "with"', 'default = "x"'))
    title = gep.read_standard(_copy(tmp_path)).spec.switch["oxygen"].name
    assert f"{title.zh} (oxygen)" in problem.say_what("zh")
    assert f"{title.en} (oxygen)" in problem.say_what("en")


def test_a_standard_with_a_problem_is_none(tmp_path: Path) -> None:
    for name, code in (("standard.toml", "unknown-source"), ("none.toml", "missing-file")):
        _copy(tmp_path, ('source = "made_up"', 'source = "nobody"'))
        problems = ProblemLog()
        assert load_standard(str(tmp_path / name), None, "--standard", problems) is None
        assert [problem.code for problem in problems.errors] == [code]
