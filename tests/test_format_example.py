"""The format example gives its expected files: exact columns, every row, numbers to 1e-9."""

import csv
from pathlib import Path

import pytest
from museum import BASE, project

import gep
from gep.workflows.run import ProjectRun

PLAN_COLUMNS = [
    "year",
    "step",
    "input",
    "method",
    "clause",
    "binding",
    "set@version",
    "file",
    "row",
    "value",
    "unit",
    "factor",
    "grade",
]
KEYS = (
    "year",
    "region",
    "level",
    "category",
    "indicator",
    "step",
    "item",
    "kind",
    "unit",
    "ecosystem",
)


def read(path: Path) -> list[dict[str, str]]:
    """A result or expected file as rows of text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_key(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
    """Rows by what identifies them; a row that stands twice is a failure."""
    found = {tuple(row[key] for key in KEYS if key in row): row for row in rows}
    assert len(found) == len(rows)
    return found


def same(expected: str, given: str) -> bool:
    """Whether two cells agree: texts to the letter, numbers to 1e-9 relative (10 printed digits leave 1e-9)."""
    try:
        return float(given) == pytest.approx(float(expected), rel=1e-9)
    except ValueError:
        return given == expected


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> ProjectRun:
    return gep.run_project(project(tmp_path_factory.mktemp("format") / "p"), allow_code=True)


@pytest.mark.parametrize("name", ["account.csv", "by_ecosystem.csv", "summary.csv"])
def test_results_are_those_expected(outcome: ProjectRun, name: str) -> None:
    expected, given = read(BASE / "expected" / name), read(outcome.out / name)
    assert list(given[0]) == list(expected[0])
    due, found = by_key(expected), by_key(given)
    assert set(found) == set(due)
    unlike = {
        key: row
        for key, row in found.items()
        if not all(same(due[key][name], row[name]) for name in row)
    }
    assert not unlike


def test_no_warning(outcome: ProjectRun) -> None:
    assert outcome.warnings == ()


@pytest.mark.parametrize("region", ["990101", "990102", "990100"])
def test_parts_sum_to_the_number(outcome: ProjectRun, region: str) -> None:
    expected = [row for row in read(BASE / "expected" / "account.csv") if row["region"] == region]
    for indicator in sorted({row["indicator"] for row in expected}):
        explanation = outcome.accounts[0].explain(indicator, region)
        due = [row for row in expected if row["indicator"] == indicator]
        assert explanation.value == pytest.approx(
            sum(float(row["value"]) for row in due if row["kind"] == "value"), rel=1e-9
        )
        for step in sorted({row["step"] for row in due}):
            parts = explanation.step(f"{indicator}.{step}").parts
            number = sum(float(row["value"]) for row in due if row["step"] == step)
            assert parts["amount"].sum() == pytest.approx(number, rel=1e-9), (indicator, step)


def test_the_plan_has_a_row_for_every_row_used(outcome: ProjectRun) -> None:
    plan = read(outcome.out / "plan.csv")
    assert list(plan[0]) == PLAN_COLUMNS
    used = {(row["file"], int(row["row"])) for row in plan}

    def rows(file: str, *unused: int) -> set[tuple[str, int]]:
        return {
            (file, number)
            for number in range(2, len(read(BASE / file)) + 2)
            if number not in unused
        }

    answered_by_local, no_member = (
        18,
        20,
    )  # treatment_cost of SO2 comes from the local set, NOx is not asked for
    assert used == (
        rows("areas.csv") | rows("crosswalk.csv") | rows("data.csv") | rows("local/treatment.csv")
        | rows("base/numbers.csv", answered_by_local, no_member)
    )  # fmt: skip


def test_the_plan_shows_units_factors_and_the_set_that_answered(outcome: ProjectRun) -> None:
    plan = read(outcome.out / "plan.csv")
    rice = next(row for row in plan if row["file"] == "base/numbers.csv" and row["row"] == "7")
    assert (rice["step"], rice["input"], rice["set@version"]) == (
        "farm_products.value",
        "price",
        "base@1.0.0",
    )
    assert (float(rice["value"]), rice["unit"], float(rice["factor"]), rice["grade"]) == (
        2.8,
        "CNY kg-1",
        1000,
        "placeholder",
    )
    treated = next(row for row in plan if row["file"] == "local/treatment.csv")
    assert (treated["set@version"], treated["clause"]) == ("local@1.0.0", "3.3")
    na = next(row for row in plan if row["file"] == "base/numbers.csv" and row["row"] == "4")
    assert na["value"] == "na"
