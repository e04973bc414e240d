"""Explanations as data: of accounts rows and cells that add up, of assessments the rows of the item."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.schemes import GRADES, Whole, one, reading

import gep
from gep.cli.app import main
from gep.units import factor

YEAR = 2020
WHOLE = Whole(
    [([one("x", 60), one("y", 40)], {"grade": GRADES})],
    readings=[reading(code, name, 30, year=YEAR) for code in "ab" for name in ("x", "y")],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return WHOLE.write(tmp_path_factory.mktemp("explained"))


def _document(folder: Path, indicator: str, region: str | int = "a") -> dict[str, Any]:
    words = gep.explain_number(
        folder, region=region, year=YEAR, indicator=indicator, allow_code=True, as_json=True
    )
    document: dict[str, Any] = json.loads(words)
    assert "NaN" not in words
    return document


def test_every_indicator_of_an_account_is_data(folder: Path) -> None:
    account = gep.read_project(folder, allow_code=True).compute(YEAR)[0]
    for indicator in account.plan.standard.spec.indicator:
        explanation = account.explain(indicator.id, "a")
        frame = explanation.frame()
        assert frame["value"].dtype == float
        assert set(frame["status"]) <= {"number", "none"}
        assert {"unit", "source", "locator", "grade", "where"} <= set(frame.columns)
        parts = explanation.parts()
        value = parts[(parts["kind"] == "value").to_numpy()]["amount"].sum()
        unit = parts["unit"].iloc[-1]
        assert value * factor(unit, explanation.unit) == pytest.approx(explanation.value)
        document = _document(folder, indicator.id)
        assert document["value"] == pytest.approx(explanation.value)
        assert document["unit"] == explanation.unit


@pytest.mark.parametrize(("item", "points"), [("x", 30), ("y", 30), ("total", 60)])
def test_a_score_is_data(folder: Path, item: str, points: float) -> None:
    document = _document(folder, f"demo:{item}")
    assert document["scheme"] == "demo"
    assert document["item"] == item
    (row,) = document["tables"]["scores.csv"]
    assert row["points"] == points
    assert (row["region"], row["year"], row["status"]) == ("a", YEAR, "number")
    assert ("ranking.csv" in document["tables"]) == (item == "total")
    assert any("30" in line for line in document["lines"])


def test_the_command_writes_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["explain", str(folder), "--region", "a", "--year", str(YEAR), "--allow-code"]
    assert main([*asked, "--indicator", "demo:x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == _document(folder, "demo:x")


def test_a_comparison_of_scenarios_is_data(folder: Path) -> None:
    project = gep.read_project(folder, allow_code=True)
    edited = project.compute(YEAR, set={"land_share": 0.4})[0]
    assert (edited.explain("land", "a").frame()["grade"] == "expert").any()
    base = project.compute(YEAR)[0]
    table = gep.compare(base, edited).table()
    numbers = table.select_dtypes("number").to_numpy()
    assert np.isfinite(numbers).any()
