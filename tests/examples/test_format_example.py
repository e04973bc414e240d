"""The format example gives its expected files: exact columns, every row, numbers to 1e-9."""

import pytest
from support.museum import BASE, project
from support.tables import by_key, read, same

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
    "source",
    "locator",
    "name",
]


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
