"""The cells that a page explains numbers from say what ``gep explain`` says, and sum to the account."""

import json
import random
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.account_cells import CellReader
from support.paths import EXAMPLES

import gep
from gep.inputs.value_rows import KEYS
from gep.report.pages.account_cells import account_cells

PROJECTS = (
    "jiangxi-counties",
    "beibu-gulf",
    "garze-2010",
    "gaotianyan-2014",
    "hongsibu",
    "poyang-basin",
)
CLOSE = 1e-9  # of numbers with ten figures
EXPLAINED = 12  # indicators of regions that are compared, drawn at random
MEMBERS = (*KEYS, "class")
SAME = ("unit", "price_year", "locator", "grade", "index_grade")


@cache
def _accounts(name: str) -> list[gep.Account]:
    return gep.read_project(EXAMPLES / name).compute()


@cache
def _cells(name: str) -> dict[str, Any]:
    return json.loads(json.dumps(account_cells(_accounts(name)), allow_nan=False))


def _drawn(name: str) -> list[tuple[gep.Account, str, str]]:
    """Indicators of regions."""
    choice = random.Random(name)
    drawn = []
    for _ in range(EXPLAINED):
        account = choice.choice(_accounts(name))
        step = choice.choice([step for step in account.plan.steps if step.indicator is not None])
        drawn.append((account, step.indicator.id, choice.choice(account.plan.extent.regions)))
    return drawn


def _number(value: float | None) -> str:
    return "na" if value is None or not np.isfinite(value) else f"{value:.9g}"


@pytest.mark.parametrize("name", PROJECTS)
def test_amounts_of_cells_sum_to_the_account(name: str) -> None:
    for account in _accounts(name):
        reader = CellReader(_cells(name), account.year)
        table = account.frame()
        table = table[(table["level"] == "region") & (table["status"] == "number")]
        regions = list(table["region"].unique())
        for region in random.Random(name).sample(regions, min(8, len(regions))):
            of_region = table[table["region"] == region]
            for (indicator, step), rows in of_region.groupby(["indicator", "step"]):
                cells = reader.cells(f"{indicator}.{step}".removeprefix("."), region)
                amounts = [cell["amount"] for cell in cells if cell["amount"] is not None]
                assert amounts
                allowed = CLOSE * sum(abs(amount) for amount in amounts)
                assert abs(sum(amounts) - rows["value"].sum()) <= allowed, (region, indicator)


@pytest.mark.parametrize("name", PROJECTS)
def test_lines_are_the_sums_and_indicators_of_the_account(name: str) -> None:
    for account in _accounts(name):
        lines = _cells(name)["years"][str(account.year)]["lines"]
        for wide in ("category", "indicator"):
            frame = account.frame(wide=wide)
            assert list(frame.index) == lines["codes"]
            for column in frame:
                shown = [np.nan if isinstance(v, str) else v for v in lines["values"][column]]
                np.testing.assert_allclose(shown, frame[column], rtol=CLOSE)
        sums = _cells(name)["sums"]
        for total, addends in sums.items():
            parts = account.frame(wide="category" if total == "total" else "indicator")[addends]
            expected = account.frame(wide="category")[total]
            np.testing.assert_allclose(parts.sum(axis=1, min_count=1), expected, rtol=1e-8)


@pytest.mark.parametrize("name", PROJECTS)
def test_cells_are_the_parts_of_an_explanation(name: str) -> None:
    for account, indicator, region in _drawn(name):
        explanation = account.explain(indicator, region)
        reader = CellReader(_cells(name), account.year)
        assert explanation.steps
        for step in explanation.steps:
            cells = [c for c in reader.cells(step.name, region) if c["amount"] is not None]
            described = reader.steps[step.name]
            assert described["formula"] == step.formula
            assert (described["unit"], described["clause"]) == (step.unit, step.clause)
            parts = step.parts.to_dict("records")
            assert len(cells) == len(parts)
            for cell, part in zip(cells, parts, strict=True):  # both in the order of the dims
                assert [cell[dim] for dim in described["dims"]] == [
                    part[dim] for dim in described["dims"]
                ]
                numbers = _numbers(cell, described, "in:{}", "area")
                expected = _numbers(part, described, "{}", "cell area")
                np.testing.assert_allclose(numbers, expected, rtol=CLOSE)


def _numbers(
    cell: Mapping[Any, Any], step: Mapping[str, Any], pattern: str, area: str
) -> list[float]:
    names = [pattern.format(source["name"]) for source in step["inputs"]]
    if step["perArea"]:
        names.append(area)
    return [float(cell[name]) for name in (*names, "result", "amount")]


@pytest.mark.parametrize("name", PROJECTS)
def test_rows_are_those_of_an_explanation(name: str) -> None:
    rows_compared = 0
    for account, indicator, region in _drawn(name):
        explanation = account.explain(indicator, region)
        frame = explanation.frame()
        reader = CellReader(_cells(name), account.year)
        for step in explanation.steps:
            expected = frame[(frame["step"] == step.name).to_numpy()]
            listed = reader.rows_behind(step.name, region)
            assert Counter(_listed(what, row) for what, row in listed) == Counter(
                _explained(row) for row in expected.to_dict("records")
            )
            rows_compared += len(listed)
    assert rows_compared > EXPLAINED


def _listed(what: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    where = f"{row['set']} {row['file']} row {row['row']}".strip()
    members = [row.get(key, "") for key in MEMBERS]
    source = row["source"] if isinstance(row["source"], str) else row["source"]["en"]
    same = [row[name] for name in SAME]
    return (what, where, source, *members, *same, _number(row["value"]), _number(row["factor"]))


def _explained(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    members = [row[key] for key in MEMBERS]
    same = [row[name] for name in SAME]
    numbers = (_number(row["value"]), _number(row["factor"]))
    return (row["input"], row["where"], row["source"], *members, *same, *numbers)


def test_numbers_have_ten_figures_and_no_time_is_written() -> None:
    text = json.dumps(account_cells(_accounts("jiangxi-counties")), allow_nan=False)
    assert text == json.dumps(account_cells(_accounts("jiangxi-counties")), allow_nan=False)
    longest = pd.Series(text.split()).str.strip("[],}{:").str.fullmatch(r"-?\d+\.\d{12,}")
    assert not longest.any()
