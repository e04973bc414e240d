"""Every published case of ``tests/cases``: files -> plan -> run, compared at the digits printed (see ``published``)."""

from pathlib import Path

import pytest
from support.published import Results, Row, cases, hold, write_project

CHECKED = [
    (key, row)
    for key, rows in cases().items()
    for row in rows
    if row["role"] in ("expect", "mismatch")
]
KNOWN_ROLES = {"area", "map", "class", "data", "coef", "switch", "project", "expect", "mismatch"}


def called(standard_case: tuple[str, str], row: Row) -> str:
    keys = (
        row.get(key, "")
        for key in ("year", "region", "ecosystem", "substance", "product", "use", "water_body")
    )
    words = "-".join(word for word in (row["name"], *keys) if word)
    return f"{'/'.join(standard_case)}:{row['role']}:{words}"


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory):
    done: dict[tuple[str, str], Results] = {}

    def run(key: tuple[str, str]) -> Results:
        if key not in done:
            folder: Path = tmp_path_factory.mktemp("case")
            done[key] = Results(write_project(key[0], cases()[key], folder), folder / "out")
        return done[key]

    return run


@pytest.mark.parametrize(("key", "row"), CHECKED, ids=[called(key, row) for key, row in CHECKED])
def test_published_figure(key, row, results):
    hold(row, results(key).figure(row))


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
    ("rcees-2017", "hand-default"): {"implausible", "unused-data"},
    ("xie-2003", "tarim-lower-2000-2020"): {"land-differs"},
    ("xie-2015", "gansu-equivalents"): {"implausible"},
}


@pytest.mark.parametrize("key", cases(), ids="/".join)
def test_case_runs_without_warnings_but_those_that_are_true(key, results):
    codes = {one.code for one in results(key).outcome.warnings}
    assert codes == TRUE_WARNINGS.get(key, set())
