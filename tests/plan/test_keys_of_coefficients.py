"""Keys that every row of a coefficient must fill: the blank form asks for them, and a set without them is refused."""

from pathlib import Path

import pytest

import gep
from gep.errors import ProblemsFound
from gep.plan.blank_form import PASSED
from gep.project.project import build_plans

TYPES = ("forest", "grassland", "cropland", "wetland", "water", "desert")
PROJECT = """
[project]
id = "place"
title = "place"
standard = "xie-2003"
coefficients = ["./own"]
years = [2010]

[switches]
unit_values = "printed"

[inputs]
areas = "areas.csv"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.toml").write_text(PROJECT, encoding="utf-8")
    rows = [f"990101,2010,{name},1,km2\n" for name in TYPES]
    (tmp_path / "areas.csv").write_text("region,year,class,area,unit\n" + "".join(rows))
    gep.new_coefficient_set(tmp_path / "own")
    return tmp_path


def fill(project: Path, keys: list[tuple[str, str]]) -> None:
    """Write a set with a value for each pair of ecosystem type and service."""
    head = "coefficient,ecosystem,service,value,unit,price_year,source,locator,grade\n"
    rows = [f"unit_value,{a},{b},100,CNY hm-2,2010,book,p,published\n" for a, b in keys]
    (project / "own" / "numbers.csv").write_text(head + "".join(rows))
    (project / "own" / "sources.toml").write_text('[book]\ntitle = "Book"\n')


def test_the_form_asks_for_every_service_of_every_type(project: Path) -> None:
    (project / "project.toml").write_text(PROJECT.replace('"./own"', ""), encoding="utf-8")
    form = gep.blank_form(build_plans(gep.read_project(project), PASSED)).coefficient_rows
    assert len(form) == 9 * 6
    assert set(form["ecosystem"]) == set(TYPES)
    assert form["service"].nunique() == 9
    (project / "project.toml").write_text(PROJECT, encoding="utf-8")
    fill(project, list(zip(form["ecosystem"], form["service"], strict=True)))
    plans = gep.check_project(project)[1]
    values = [step for step in plans[0].steps if step.step.kind == "value"]
    assert len(values) == 9


def test_a_set_that_leaves_a_key_blank_is_refused(project: Path) -> None:
    services = [indicator.id for indicator in gep.read_standard("xie-2003").spec.indicator]
    fill(project, [("", service) for service in services])
    with pytest.raises(ProblemsFound) as raised:
        gep.check_project(project)
    found = [problem for problem in raised.value.problems if problem.code == "wrong-keys"]
    assert len(found) == 1
    assert "numbers.csv" in found[0].place.say("en")
    assert "column ecosystem" in found[0].place.say("en")


def test_every_coefficient_of_a_shipped_standard_is_declared_with_unit_and_meaning() -> None:
    for name in gep.catalog("standards")["standard"]:
        spec = gep.read_standard(name).spec
        for indicator in spec.indicator:
            for step in indicator.step:
                bound = {binding.coef for binding in step.inputs.values() if binding.coef}
                assert bound <= spec.coefficient.keys(), f"{name} {indicator.id}"
        for declared in spec.coefficient.values():
            assert declared.unit
            assert declared.name.zh
            assert declared.name.en
            assert declared.range_source
