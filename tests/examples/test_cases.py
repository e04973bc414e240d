"""Every published case of ``tests/cases``: files -> plan -> run, compared at the digits printed (see ``published``)."""

from pathlib import Path

import pytest
from support.published import cases, write_project

import gep

PRINTED = ("expect", "mismatch")
KNOWN_ROLES = {"area", "map", "class", "data", "coef", "switch", "project", *PRINTED}


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory):
    done: dict[tuple[str, str], Path] = {}

    def written(key: tuple[str, str]) -> Path:
        if key not in done:
            done[key] = write_project(key[0], cases()[key], tmp_path_factory.mktemp("case"))
        return done[key]

    return written


@pytest.mark.parametrize("key", cases(), ids="/".join)
def test_published_figures(key, projects):
    check = gep.check_figures(projects(key))
    assert check.misses == ()
    roles = [row["role"] for row in cases()[key]]
    assert len(check.figures) == sum(role in PRINTED for role in roles)
    assert len(check.mismatches) == roles.count("mismatch")


def test_the_figures_are_counted():
    """A table that is read as shorter than it is would hold all the same."""
    roles = [row["role"] for rows in cases().values() for row in rows]
    assert (roles.count("expect"), roles.count("mismatch")) == (554, 69)


@pytest.mark.parametrize("key", cases(), ids="/".join)
def test_case_is_complete(key):
    rows = cases()[key]
    assert {row["role"] for row in rows} <= KNOWN_ROLES
    assert all(
        row["locator"]
        for row in rows
        if row["role"] in ("area", "data", "coef", "expect", "mismatch")
    )
    assert any(row["role"] == "expect" for row in rows)


# True warnings of published tables; tests/cases/README.md says why they are right.
TRUE_WARNINGS = {
    ("rcees-2017", "hand-default"): {"implausible", "option-matters", "unused-data"},
    ("xie-2003", "tarim-lower-2000-2020"): {"land-differs"},
    ("xie-2015", "gansu-equivalents"): {"implausible"},
}


@pytest.mark.parametrize("key", cases(), ids="/".join)
def test_case_runs_without_warnings_but_those_that_are_true(key, projects, tmp_path):
    outcome = gep.run_project(projects(key), tmp_path / "out")
    codes = {one.code for one in outcome.warnings}
    assert codes == TRUE_WARNINGS.get(key, set())
