"""Scenarios: edits give the account that edited files give, are marked everywhere, and change no file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gep
from gep.cli.app import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "jiangxi-counties"


@pytest.fixture(scope="module")
def project() -> gep.Project:
    return gep.read_project(EXAMPLE)


@pytest.fixture(scope="module")
def base(project: gep.Project) -> gep.Account:
    return project.compute()[0]


@pytest.fixture(scope="module")
def dearer(project: gep.Project) -> gep.Account:
    return project.compute(years=[2019], set={"equivalent_value": 3700})[0]


def test_values_are_proportional_to_the_value_of_one_equivalent(
    base: gep.Account, dearer: gep.Account
) -> None:
    assert dearer.total("360000") == pytest.approx(base.total("360000") * 3700 / 3406.5, rel=1e-12)


def test_an_edit_is_marked(base: gep.Account, dearer: gep.Account) -> None:
    told = str(dearer.explain("food_production", region=361130))
    assert "edited@scenario" in told
    assert "was 3406.5 CNY ha-1 (xie-2015@1.0.0; luo-2018;" in told
    assert "equivalent_value 3406.5 → 3700 CNY ha-1" in "\n".join(dearer.caption("en"))
    table = dearer.plan.table()
    edited = table[table["set@version"] == "edited@scenario"]
    assert set(edited["value"]) == {3700.0}
    assert "edited" not in str(base.explain("food_production", region=361130))
    assert "edited@scenario" not in set(base.plan.table()["set@version"])


def test_a_factor_and_a_number_agree(project: gep.Project, dearer: gep.Account) -> None:
    by_factor = project.compute(set={"equivalent_value": f"x{3700 / 3406.5!r}"})[0]
    assert by_factor.total("360000") == pytest.approx(dearer.total("360000"), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"equivalent": 3700}, "unknown-id", "equivalent"),
        ({"equivalent_value": "dear"}, "scenario-edit", "neither a number nor a factor"),
        ({"equivalent_value[colour=red]": 1}, "scenario-edit", "name[key=member]"),
        ({"price_year": "soon"}, "scenario-edit", "year"),
        ({"switches.colour": "red"}, "unknown-switch", "colour"),
    ],
)
def test_an_edit_that_is_not_clear_is_a_problem(
    project: gep.Project, changes: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        project.compute(set=changes)
    (problem,) = found.value.problems
    assert problem.code == code
    assert words in problem.say("en")


def with_set(project: gep.Project, rows: dict[str, list[Any]]) -> gep.Project:
    """Return the project with a set of its own, which is searched first."""
    table = pd.DataFrame(rows).assign(source="made up", locator="-", grade="expert")
    first = gep.read_coefficient_set(table)
    sets = (first, *project.parts.sets)
    return replace(project, parts=replace(project.parts, sets=sets))


def totals(project: gep.Project, changes: dict[str, Any] | None = None) -> dict[str, float]:
    account = project.compute(set=changes)[0]
    return {code: account.total(code) for code in ("361130", "360102", "360000")}


def test_a_factor_reaches_the_rows_of_all_sets(project: gep.Project) -> None:
    """Of one county by the first set, and of all others by another set in other keys."""
    rows: dict[str, list[Any]] = {"coefficient": ["equivalent_value"], "region": ["361130"]}
    rows |= {"value": [3000.0], "unit": ["CNY ha-1"], "price_year": [2010]}
    own = with_set(project, rows)
    before = totals(own)
    after = totals(own, {"equivalent_value": "x2"})
    assert after == pytest.approx({code: 2 * total for code, total in before.items()})
    of_county = totals(own, {"equivalent_value[region=361130]": "x2"})
    assert of_county["361130"] == pytest.approx(2 * before["361130"])
    assert of_county["360102"] == before["360102"]


def test_an_edit_after_another_builds_on_it(project: gep.Project) -> None:
    """For coefficients as for data, whatever words the two choose the rows by."""
    before = totals(project)
    after = totals(project, {"equivalent_value": "x2", "equivalent_value ": "x3"})
    assert after == pytest.approx({code: 6 * total for code, total in before.items()})


def test_one_number_for_rows_that_differ_is_refused(project: gep.Project) -> None:
    differing = [
        name
        for name, rows in project.parts.sets[0].rows.groupby("name")
        if rows["value"].nunique() > 1 and rows["unit"].nunique() == 1
    ]
    with pytest.raises(gep.ProblemsFound) as found:
        project.compute(set={differing[0]: 1})
    assert [problem.code for problem in found.value.problems] == ["scenario-edit"]


def test_years_that_the_project_does_not_have(project: gep.Project) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        project.compute(years=[2019, 2020])
    assert [problem.code for problem in found.value.problems] == ["missing-year"]
    assert project.plan("2019").year == 2019


def test_scenarios_compare(base: gep.Account, dearer: gep.Account) -> None:
    table = gep.compare(dearer, base).table()
    headline = table[(table["region"] == "360000") & (table["category"] == "total")].iloc[0]
    assert headline["value_base"] == pytest.approx(base.total("360000"))
    assert headline["growth"] == pytest.approx(3700 / 3406.5 - 1)
    assert headline["scenario"] == "equivalent_value 3406.5 -> 3700 CNY ha-1"
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(base, base)
    assert "same-year" in {problem.code for problem in found.value.problems}


def test_a_comparison_of_scenarios_says_what_has_no_number(villages: Path) -> None:
    """As in ``account.frame``: a village whose emissions nobody gave has no total."""
    table = pd.read_csv(villages / "data.csv", dtype=str)
    lacks = (table["region"] == "990101") & (table["name"] == "emission")
    table[~lacks].to_csv(villages / "data.csv", index=False)
    project = gep.read_project(villages, allow_code=True, partial=True)
    edited = project.compute(set={"treatment_cost[substance=SO2]": "x2"})
    table = gep.compare(project.compute(), edited).table()
    assert list(table.columns[-2:]) == ["scenario", "status"]
    totals = table[(table["category"] == "total").to_numpy()]
    statuses = totals.drop_duplicates("region").set_index("region")["status"].to_dict()
    assert statuses["990101"] == "not_compiled"
    assert statuses["990102"] == "number"
    has_number = (table["status"] == "number").to_numpy()
    for name in ("value_base", "value_scenario", "change"):
        assert table[name].dtype == float
        assert (table[name].notna().to_numpy() == has_number).all()
    assert set(table["status"]) >= {"number", "not_compiled"}


def test_a_scenario_file_is_run_and_verified(
    tmp_path: Path, dearer: gep.Account, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = gep.write_scenario(
        tmp_path / "dearer.toml", {"equivalent_value": 3700}, "a higher price"
    )
    with pytest.raises(gep.ProblemsFound):
        gep.write_scenario(scenario, {})
    out = tmp_path / "out"
    assert (
        main(["run", str(EXAMPLE), "--scenario", str(scenario), "--out", str(out), "--quiet"]) == 0
    )
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert record["options"]["set"] == {"equivalent_value": 3700}
    assert f"{dearer.total('360000'):.6g}"[:5] in (out / "summary.csv").read_text(encoding="utf-8")
    assert main(["verify", str(out), "--project", str(EXAMPLE)]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_scenario_is_written_that_could_not_be_run(tmp_path: Path, number: float) -> None:
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.write_scenario(tmp_path / "odd.toml", {"equivalent_value": number, "price_year": 2010})
    (problem,) = caught.value.problems
    assert problem.code == "scenario-edit"
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_part_of_a_scenario_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r", *arguments: object, **others: object) -> object:
        if mode != "xb":
            return opened(path, mode, *arguments, **others)
        path.touch()
        return opened(Path("/dev/full"), "wb", buffering=0)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.write_scenario(tmp_path / "dearer.toml", {"equivalent_value": 3700})
    assert caught.value.problems[0].code == "cannot-write"
    assert not any(tmp_path.iterdir())
