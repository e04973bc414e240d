"""Standards derived from a base: what is added, replaced and removed, and what is wrong with it."""

import tomllib
from pathlib import Path

import pytest

import gep
from gep.errors import Problem, ProblemsFound
from gep.io.catalog import shipped
from gep.standards.standard import Standard

HEAD = """
base = "rcees-2017"
id = "ours"
title = "Ours"
source = "own"
evidence = "recalled"
legal = "draft"
[sources.own]
title = "Made up"
"""
NOISE = """
[data.walls]
name = "Walls"
unit = "km"
[[indicator]]
id = "noise"
name = "Noise"
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "gep.methods.valuation:reported_value"
per = "region"
unit = "10^4 CNY"
inputs = { value = { data = "walls" } }
[[total]]
id = "gep"
add = ["noise"]
"""
BASE = gep.read_standard("rcees-2017")


def _read(folder: Path, text: str) -> Standard:
    (folder / "ours.toml").write_text(text, encoding="utf-8")
    return gep.read_standard(folder / "ours.toml")


def _problems(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(ProblemsFound) as caught:
        _read(folder, text)
    return list(caught.value.problems)


def test_what_is_not_named_is_that_of_the_base(tmp_path: Path) -> None:
    ours = _read(tmp_path, HEAD)
    assert (ours.id, ours.spec.evidence, ours.spec.note) == ("ours", "recalled", "")
    assert ours.spec.indicator == BASE.spec.indicator
    assert ours.spec.sources.keys() == BASE.spec.sources.keys() | {"own"}
    assert ours.files == (tmp_path / "ours.toml", BASE.path)


def test_an_indicator_is_added_to_the_base_and_its_total(tmp_path: Path) -> None:
    ours = _read(tmp_path, HEAD + NOISE)
    assert [one.id for one in ours.spec.indicator] == [
        *(one.id for one in BASE.spec.indicator),
        "noise",
    ]
    assert ours.spec.total[0].indicators == (*BASE.spec.total[0].indicators, "noise")
    assert ours.spec.total[1:] == BASE.spec.total[1:]


def test_a_step_is_replaced_in_its_place_and_the_rest_of_the_indicator_stays(
    tmp_path: Path,
) -> None:
    before = BASE.spec.indicator[0]
    step = before.step[0]
    when = ", ".join(f'{name} = "{option}"' for name, option in step.when.items())
    change = f'''
    [[indicator]]
    id = "{before.id}"
    note = "ours"
    [[indicator.step]]
    id = "{step.id}"
    kind = "{step.kind}"
    method = "gep.methods.valuation:reported_value"
    per = "region"
    unit = "10^4 CNY"
    clause = "ours"
    when = {{ {when} }}
    inputs = {{ value = {{ data = "net_output_value" }} }}
    '''
    after = _read(tmp_path, HEAD + change).spec.indicator[0]
    assert (after.name, after.category, after.note) == (before.name, before.category, "ours")
    assert [one.clause for one in after.step] == ["ours", *(one.clause for one in before.step[1:])]


def test_an_indicator_that_is_removed_leaves_totals_and_overlaps(tmp_path: Path) -> None:
    name = BASE.spec.total[0].indicators[-1]
    ours = _read(tmp_path, HEAD + f'[remove]\nindicator = ["{name}"]\n')
    assert name not in [one.id for one in ours.spec.indicator]
    assert ours.spec.total[0].indicators == BASE.spec.total[0].indicators[:-1]


def test_the_base_itself_is_not_changed(tmp_path: Path) -> None:
    _read(tmp_path, HEAD + NOISE)
    assert gep.read_standard("rcees-2017") == BASE


@pytest.mark.parametrize("name", shipped("standards"))
def test_a_standard_that_is_printed_reads_as_the_same(name: str, tmp_path: Path) -> None:
    standard = gep.read_standard(name)
    assert tomllib.loads(standard.text) == standard.document
    (tmp_path / "printed.toml").write_text(standard.text, encoding="utf-8")
    assert gep.read_standard(tmp_path / "printed.toml").spec == standard.spec


def test_the_complete_standard_stands_alone(tmp_path: Path) -> None:
    ours = _read(tmp_path, HEAD + NOISE)
    (tmp_path / "complete.toml").write_text(ours.text, encoding="utf-8")
    complete = gep.read_standard(tmp_path / "complete.toml")
    assert (complete.base, complete.spec, complete.checksum) == (None, ours.spec, ours.checksum)


def test_a_base_in_another_folder_keeps_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "land").mkdir()
    (tmp_path / "land" / "base.toml").write_text(
        BASE.text.replace('"hj1166-2021"', '"./classes.csv"'), encoding="utf-8"
    )
    ours = _read(tmp_path, HEAD.replace("rcees-2017", "./land/base.toml"))
    assert ours.home_of(ours.spec.ecosystems) == tmp_path / "land"
    (problem,) = _problems(
        tmp_path, 'ecosystems = "./classes.csv"\n' + HEAD.replace("rcees-2017", "./land/base.toml")
    )
    assert problem.code == "duplicate-id"
    assert "base.toml" in problem.say("en")


WRONG = {
    "a base that is not there": (("rcees-2017", "rcees-2071"), "unknown-id", "ours.toml base"),
    "a base that is a number": (('"rcees-2017"', "7"), "toml-value", "ours.toml base"),
    "the id of the base": (('id = "ours"', 'id = "rcees-2017"'), "duplicate-id", "ours.toml id"),
    "what its base says of itself": (('legal = "draft"', ""), "missing-key", "ours.toml legal"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_derived_standard(case: str, tmp_path: Path) -> None:
    edit, code, place = WRONG[case]
    (problem,) = _problems(tmp_path, HEAD.replace(*edit))
    assert (problem.code, problem.where) == (code, place)


@pytest.mark.parametrize("kind", ["indicator", "step", "total", "data", "switch", "sources"])
def test_what_cannot_be_removed_is_told(kind: str, tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, HEAD + f'[remove]\n{kind} = ["nothing"]\n')
    assert (problem.code, problem.where) == ("unknown-id", f"ours.toml remove.{kind}")
    assert "nothing that could be removed" in problem.say("en")


def test_a_step_that_others_need_cannot_be_removed_in_silence(tmp_path: Path) -> None:
    needed = next(
        binding.step
        for _, _, step in BASE.steps()
        for binding in step.inputs.values()
        if binding.step
    )
    problems = _problems(tmp_path, HEAD + f'[remove]\nstep = ["{needed}"]\n')
    assert {problem.code for problem in problems} == {"unknown-step"}


def test_a_base_has_no_base(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(HEAD.replace('"ours"', '"between"'), encoding="utf-8")
    (problem,) = _problems(tmp_path, HEAD.replace("rcees-2017", "./base.toml"))
    assert (problem.code, problem.where) == ("toml-value", "ours.toml base")
    assert "has a base itself" in problem.say("en")


def test_only_a_derived_standard_that_ships_can_be_a_base(tmp_path: Path) -> None:
    ours = _read(tmp_path, HEAD.replace("rcees-2017", "db36t1402-2021"))
    between = gep.read_standard("db36t1402-2021")
    assert ours.spec.indicator == between.spec.indicator
    assert ours.files == (tmp_path / "ours.toml", between.path, BASE.path)
    assert (ours.spec.to_check, ours.spec.table) == ((), ())  # of the other text, not of this one


def test_a_switch_of_the_base_gets_another_default(tmp_path: Path) -> None:
    ours = _read(tmp_path, HEAD + '[defaults]\nagri_value = "gross_output"\n')
    assert BASE.spec.switch["agri_value"].default == "net_output"
    switch = ours.spec.switch["agri_value"]
    assert switch.default == "gross_output"
    assert switch.model_copy(update={"default": "net_output"}) == BASE.spec.switch["agri_value"]


DEFAULTS = {
    "a switch that is not there": ("agri_values", "net_output", "ours.toml defaults"),
    "an option that is not there": ("agri_value", "gross", "ours.toml switch.agri_value"),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_what_is_wrong_with_a_default(case: str, tmp_path: Path) -> None:
    switch, option, place = DEFAULTS[case]
    (problem,) = _problems(tmp_path, HEAD + f'[defaults]\n{switch} = "{option}"\n')
    assert (problem.code, problem.where) == ("unknown-option", place)


def test_clauses_of_the_base_begin_as_the_standard_says_and_its_own_do_not(tmp_path: Path) -> None:
    clauses = '[clauses]\nvalue = "chapter 7, not read:"\n'
    ours = _read(tmp_path, HEAD + clauses + NOISE)
    before = {(name, str(step.when)): step for name, _, step in BASE.steps()}
    for name, _, step in ours.steps():
        if name == "noise.value":
            assert step.clause == ""
            continue
        clause = before[name, str(step.when)].clause
        assert step.clause == (f"chapter 7, not read: {clause}" if step.kind == "value" else clause)


TABLE = """
[[table]]
id = "ours"
name = "Ours"
layout = "rows"
[[table.row]]
name = "Farm products"
value = "farming.value"
"""
WRONG_TABLES = {
    "a step that is not there": ("farming.value", "farming.values", "unknown-step"),
    "an indicator that is not there": ('value = "farming.value"', 'indicators = ["farm"]', "unknown-indicator"),
    "a sum that is not there": ('value = "farming.value"', 'sum = "culture"', "unknown-indicator"),
    "a row without a value": ('value = "farming.value"', 'quantity = "farming.value"', "toml-value"),
    "a row with two": ('value = "farming.value"', 'value = "farming.value"\nsum = "regulating"', "toml-value"),
    "rows that the layout has": ('layout = "rows"', 'layout = "extent"', "toml-value"),
    "a layout that is not there": ('layout = "rows"', 'layout = "column"', "toml-value"),
}  # fmt: skip


def test_a_table_is_read(tmp_path: Path) -> None:
    (table,) = _read(tmp_path, HEAD + TABLE).spec.table
    assert [row.value for row in table.row] == ["farming.value"]


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_what_is_wrong_with_a_table(case: str, tmp_path: Path) -> None:
    old, new, code = WRONG_TABLES[case]
    assert old in TABLE
    (problem,) = _problems(tmp_path, HEAD + TABLE.replace(old, new))
    assert problem.code == code


def test_two_tables_have_two_ids(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, HEAD + TABLE + TABLE)
    assert problem.code == "duplicate-id"
    assert "more than once" in problem.say("en")
