"""What of the reviewed methods the shipped standards have: ``coverage.csv``, held against the standards themselves.

A row is an item of the review of the field (sections 3 to 6: products, regulating services, cultural services, models),
whose ``state`` is ``bound`` or ``absent``: a function that no standard binds carries nothing. Cells list things that
are separated by blanks:

- ``methods``: ``module:function@indicator``; a step of that indicator (or the shared step of that name) has the method
  in a shipped standard. ``options``: ``switch=option`` of a shipped standard. ``coefficients``: ``set:name``; the shipped
  set has the name and a step binds it. An item that has any of these is ``bound``.
- ``projects``: folders whose own standard binds a method of ``methods`` too.
- ``reason``: why nothing is there.
"""

import importlib
import inspect
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from support.paths import ROOT, shared_file
from support.published import Row, read

import gep
from gep.io.catalog import shipped
from gep.standards.method import SHIPPED_MODULES

ROWS = read(Path(__file__).with_name("coverage.csv"))
STATES = {"bound", "absent"}
ITEMS = 84
OWN = "gep.methods."
PARTS = ("methods", "options", "coefficients")


def _named(row: Row) -> str:
    return f"{row['section']} {row['item']}"


@cache
def public_methods() -> frozenset[str]:
    """Every public function that a standard may bind, as module:function."""
    names: set[str] = set()
    for home in SHIPPED_MODULES:
        module = importlib.import_module(home)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                names.add(f"{home.removeprefix(OWN)}:{name}")
    return frozenset(names)


def bound_by(standards: list[str | Path]) -> tuple[set[str], set[str]]:
    """What the steps of standards bind: methods with the indicator they are bound for, and coefficients."""
    methods: set[str] = set()
    coefficients: set[str] = set()
    for name in standards:
        for full, indicator, step in gep.read_standard(name).steps():
            place = full if indicator is None else indicator.id
            methods.add(f"{step.method.removeprefix(OWN)}@{place}")
            coefficients |= {binding.coef for binding in step.inputs.values()}
    return methods, coefficients - {""}


@cache
def shipped_bindings() -> tuple[set[str], set[str], set[str]]:
    """Methods with indicators and coefficients that shipped standards bind, and their options."""
    methods, coefficients = bound_by(sorted(shipped("standards")))
    options: set[str] = set()
    for name in shipped("standards"):
        for switch, declared in gep.read_standard(name).spec.switch.items():
            options |= {f"{switch}={option}" for option in declared.options}
    return methods, coefficients, options


def _has(token: str) -> bool:
    """Whether a shipped set has the coefficient that ``set:name`` names."""
    name, _, coefficient = token.partition(":")
    if name not in shipped("coefficients"):
        return False
    return coefficient in set(gep.read_coefficient_set(name).rows["name"])


@pytest.mark.parametrize("row", ROWS, ids=_named)
def test_the_state_of_an_item_is_what_the_standards_say(row: Row) -> None:
    methods, coefficients, options = shipped_bindings()
    assert set(row["methods"].split()) <= methods, "no shipped standard binds it so"
    assert set(row["options"].split()) <= options, "no shipped standard has the option"
    for token in row["coefficients"].split():
        assert _has(token), f"no shipped set has {token}"
        assert token.partition(":")[2] in coefficients, f"no step binds {token}"
    assert row["state"] == ("bound" if any(row[part] for part in PARTS) else "absent")


@pytest.mark.parametrize("row", [row for row in ROWS if row["projects"]], ids=_named)
def test_projects_bind_what_they_are_named_for(row: Row) -> None:
    for project in row["projects"].split():
        methods, _ = bound_by([ROOT / project / "standard.toml"])
        bound = {method.partition("@")[0] for method in methods}
        listed = {token.partition("@")[0] for token in row["methods"].split()}
        assert bound & listed, project


def test_what_is_absent_says_why() -> None:
    assert {row["state"] for row in ROWS} <= STATES
    assert all(row["reason"] for row in ROWS if row["state"] != "bound")


def test_every_item_has_one_row() -> None:
    assert len(ROWS) == ITEMS
    assert max(Counter(map(_named, ROWS)).values()) == 1


def test_the_items_are_those_of_the_review() -> None:
    reviewed = read(shared_file("standards", "COVERAGE.csv"))
    assert [_named(row) for row in reviewed] == [_named(row) for row in ROWS]


def test_every_method_is_bound_by_a_standard() -> None:
    methods, _, _ = shipped_bindings()
    assert public_methods() - {method.partition("@")[0] for method in methods} == set()


def test_a_name_that_no_standard_has_is_not_taken_for_bound() -> None:
    methods, _, _ = shipped_bindings()
    assert "soil:retention_by_rusle@recreation" not in methods
    assert "soil:retention_by_rusle@soil_retention" in methods
    assert not _has("rcees-parameters:no_such_name")
    assert _has("rcees-parameters:runoff_coefficient")
