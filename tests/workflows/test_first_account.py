"""What a first account asks a person to type; the benchmark plays it to the end from the command line."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.paths import ROOT, shared_file

from gep.project.project import check_project
from gep.workflows.new_project import make_project, read_answers
from gep.workflows.project_keys import set_project_key


@pytest.fixture(scope="module")
def first_account() -> ModuleType:
    path = ROOT / "benchmarks" / "first_account.py"
    spec = importlib.util.spec_from_file_location("first_account", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["first_account"] = module
    spec.loader.exec_module(module)
    module.__dict__["SHARED"] = shared_file("data")
    return module


@pytest.mark.parametrize("route", ["full", "short"])
def test_the_form_of_a_county_asks_for_so_many_numbers(
    route: str, first_account: ModuleType, tmp_path: Path
) -> None:
    words = {"place": "婺源县", "years": "2020", "standard": "rcees-2017", "route": route}
    project = make_project(tmp_path / "county", read_answers({**words, "with": "areas"}), "zh")
    tally = first_account.Tally()
    first_account.fill(project / first_account.FORM, tally)
    assert tally.areas == 36
    assert tally.values <= first_account.MOST_VALUES[route]
    set_project_key(project, "allow_placeholder", "true")
    if route == "full":
        set_project_key(project, "switches.sand_fixation_quantity", "none")
    _, plans = check_project(project)
    assert len(plans) == 1, "nothing else is missing"
