"""The audit of the numbers behind a result: shares and findings by hand, examples, refusals."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.paths import EXAMPLES
from support.small import (
    COEFFICIENTS,
    DATA,
    HEAD,
    Small,
    area,
    coefficient,
    datum,
    indicator,
    write_set,
)

import gep
from gep.workflows.coefficient_audit import AUDIT_COLUMNS, FINDINGS, audit_lines

HEADER = """
[project]
id = "small"
title = "Small"
standard = "small.toml"
coefficients = [{sets}]
years = [2020]
allow_code = true
language = "en"
{more}
[inputs]
areas = "areas.csv"
regions = "regions.csv"
coverage = "part"
{inputs}
"""
WATER = (1.6 * 300 + 1.5 * 75) * 0.75 * 2 + (1.6 * 100 + 1.5 * 225) * 0.6 * 2
SO2 = 32 * 0.126
DUST = 3600 * 0.015
TOTAL = 306 + WATER + SO2 + DUST + 11.25 * 0.2625 + 0.65 * 0.42 + 40  # see test_row_effects
GRADED = [{**row, "grade": "published"} for row in DATA]
CHECKED = [{**row, "checked": "2026-01-01"} for row in COEFFICIENTS]


def project(
    folder: Path,
    sets: Mapping[str, Sequence[Mapping[str, Any]]],
    small: Small | None = None,
    more: str = "",
) -> Path:
    """The small project in a folder."""
    small = small or Small(data=GRADED)
    small.arguments(folder)
    for name, rows in sets.items():
        write_set(folder / name, rows)
    inputs = 'data = ["data.csv"]\n' if small.data else ""
    if small.walk:
        inputs += 'crosswalk = "walk.csv"\n'
    listed = ", ".join(f'"./{name}"' for name in sets)
    header = HEADER.format(sets=listed, more=more, inputs=inputs)
    (folder / "project.toml").write_text(header, encoding="utf-8")
    return folder


def audit(folder: Path, **sets: Sequence[Mapping[str, Any]]) -> gep.CoefficientAudit:
    """The audit of the small account with these sets."""
    return gep.audit_coefficients(project(folder, sets), allow_code=True)


def changed(name: str, rows: Sequence[Mapping[str, Any]] = CHECKED, **cells: Any) -> list[Any]:
    """Rows of which those of a name have other cells."""
    return [{**row, **cells} if row["coefficient"] == name else dict(row) for row in rows]


def row_of(result: gep.CoefficientAudit, name: str) -> Mapping[str, Any]:
    """The row of a number that has one."""
    rows = result.table[(result.table["name"] == name).to_numpy()]
    assert len(rows) == 1
    return dict(rows.iloc[0])


def test_each_number_stands_once_with_what_it_moves(tmp_path: Path) -> None:
    result = audit(tmp_path, base=CHECKED)
    table = result.table
    assert list(table.columns) == AUDIT_COLUMNS
    kinds = table["kind"].value_counts().to_dict()
    assert kinds == {"coefficient": len(COEFFICIENTS), "data": 11, "area": 5, "crosswalk": 5}
    assert table["effect"].abs().is_monotonic_decreasing
    cost = row_of(result, "storage_cost")
    assert cost["effect"] == pytest.approx(WATER / TOTAL)
    assert (cost["value"], cost["unit"], cost["price_year"]) == (2, "CNY m-3", "2020")
    assert (cost["set@version"], cost["file"], cost["row"]) == ("base@1.0.0", "base/numbers.csv", 7)
    assert (cost["source"], cost["locator"], cost["grade"]) == (
        "Made up for tests",
        "t",
        "published",
    )
    assert cost["steps"] == "water.value"
    most = result.most_important(3)
    assert most["name"].tolist() == ["storage_cost", "rain", "rain"]
    assert most["title"].tolist()[1] == "Rain, A"


def test_never_checked_is_blank_or_poor(tmp_path: Path) -> None:
    assert audit(tmp_path / "all", base=CHECKED).found("never_checked").empty
    blank = audit(tmp_path / "blank", base=changed("storage_cost", checked=""))
    assert blank.found("never_checked")["name"].tolist() == ["storage_cost"]
    assert blank.shares["never_checked"] == pytest.approx(WATER / TOTAL)
    recalled = audit(tmp_path / "poor", base=changed("storage_cost", grade="recalled"))
    assert recalled.found("never_checked")["name"].tolist() == ["storage_cost"]
    unstated = [{**row, "grade": ""} if row["name"] == "visits" else row for row in GRADED]
    small = Small(data=unstated)
    folder = project(tmp_path / "data", {"base": CHECKED}, small)
    of_data = gep.audit_coefficients(folder, allow_code=True)
    assert set(of_data.found("never_checked")["name"]) == {"visits"}
    assert of_data.shares["never_checked"] == pytest.approx(40 / TOTAL)


def test_without_limits(tmp_path: Path) -> None:
    with_limits = [
        {**row, "low": row["value"], "high": row["value"]} if row["value"] != "na" else dict(row)
        for row in CHECKED
    ]
    data = [{**row, "low": row["value"], "high": row["value"]} for row in GRADED]
    folder = project(
        tmp_path, {"base": changed("spending", with_limits, low="", high="")}, Small(data=data)
    )
    result = gep.audit_coefficients(folder, allow_code=True)
    assert result.found("without_limits")["name"].tolist() == ["spending"]
    assert result.shares["without_limits"] == pytest.approx(40 / TOTAL)
    assert row_of(result, "storage_cost")["low"] == 2


@pytest.mark.parametrize(
    ("others", "outside", "span"),
    [
        ([("CNY m-3", 1, "2020"), ("10^4 CNY m-3", 3e-4, "2020")], False, (1, 3)),
        ([("CNY m-3", 3, "2020"), ("CNY m-3", 4, "2020")], True, (3, 4)),
        ([("CNY m-3", 1, "2020")], True, (1, 1)),
        ([("CNY m-3", 2.005, "2020")], False, (2.005, 2.005)),  # as others round it
        ([("CNY m-3", 1, "2010")], False, None),  # of another price year: shown, not compared
        ([("CNY t-1", 9, "2020")], False, None),  # not the same thing
    ],
)
def test_outside_of_what_other_sets_say(
    tmp_path: Path,
    others: Sequence[tuple[str, float, str]],
    outside: bool,
    span: tuple[float, float] | None,
) -> None:
    sets = {"base": CHECKED}
    for position, (unit, value, year) in enumerate(others):
        row = coefficient("storage_cost", value, unit, price_year=year)
        sets[f"other{position}"] = [row]
    result = audit(tmp_path, **sets)
    row = row_of(result, "storage_cost")
    assert row["outside"] == outside
    if span is None:
        assert row["others_low"] != row["others_low"]  # there is none
    else:
        assert (row["others_low"], row["others_high"]) == pytest.approx(span)
    assert result.shares["outside"] == pytest.approx(WATER / TOTAL if outside else 0)
    if others[0][0] == "CNY m-3":
        year = others[0][2]
        assert f"(prices of {year}; other0@1.0.0, published)" in row["other_values"]


def test_limits_of_others_widen_their_range_and_keys_must_fit(tmp_path: Path) -> None:
    wide = coefficient("runoff", 0.5, "1", ecosystem="forest", low=0.2, high=0.6)
    result = audit(tmp_path / "wide", base=CHECKED, other=[wide])
    table = result.table[(result.table["name"] == "runoff").to_numpy()].set_index("ecosystem")
    assert not table["outside"].any()
    assert (table.loc["forest", "others_low"], table.loc["forest", "others_high"]) == (0.2, 0.6)
    assert table.loc["shrub", "others"] == 0
    general = audit(tmp_path / "general", base=CHECKED, other=[coefficient("runoff", 30, "%")])
    table = general.table[(general.table["name"] == "runoff").to_numpy()].set_index("ecosystem")
    assert table.loc[["forest", "shrub"], "outside"].all()  # 0.25 and 0.4 beside 0.3 of all types
    assert table.loc["forest", "others_low"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("base", "years", "effects"),
    [
        ("2010=100", {"2010": 100, "2020": 125}, {"2010": -1, "2020": 1}),
        (
            "previous=100",
            {"2010": 99, "2018": 99, "2019": 102, "2020": 103},
            {"2019": 1, "2020": 1},
        ),
    ],
)
def test_price_indices_move_the_value_too(
    tmp_path: Path, base: str, years: Mapping[str, float], effects: Mapping[str, float]
) -> None:
    step = """
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price", index = "cpi" } }
"""
    price_year = "2018" if base.startswith("previous") else "2010"
    rows = [coefficient("product_price", 3, "CNY kg-1", price_year=price_year, product="rice")]
    for year, number in years.items():
        index = coefficient("price_index", number, "1", index="cpi", base=base, price_year=year)
        rows.append(index)
    small = Small(
        areas=[area("a", "field", 10)],
        data=[datum("a", "output", 7, "t", product="rice", grade="published")],
        standard=indicator(step, head=HEAD),
        walk=None,
        sets={"base": rows},
    )
    folder = project(tmp_path, {"base": rows}, small)
    result = gep.audit_coefficients(folder, allow_code=True)
    used = result.table[(result.table["kind"] == "price_index").to_numpy()]
    found = dict(zip(used["price_year"], used["effect"], strict=True))
    assert found == pytest.approx(effects)
    assert row_of(result, "product_price")["effect"] == pytest.approx(1)


def test_grades_are_those_of_the_caption(tmp_path: Path) -> None:
    result = audit(tmp_path, base=changed("spending", grade="recalled"))
    grades = result.grades().set_index("grade")
    assert grades.loc["recalled", "share"] == pytest.approx(40 / TOTAL)
    assert grades.loc["recalled", "numbers"] == 1
    assert grades["share"].sum() == pytest.approx(1)
    assert grades["numbers"].sum() == len(result.table)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_ten_of_garze_are_those_of_its_largest_services(language: Any) -> None:
    """Water, oxygen and cooling are most of the published total, by their quantities and prices."""
    result = gep.audit_coefficients(EXAMPLES / "garze-2010", language=language)
    account = result.account
    total = account.total("513300")
    most = result.most_important()
    effects = dict(zip(most["name"], most["effect"], strict=True))
    frame = account.frame()
    values = frame[(frame["kind"] == "value").to_numpy()].groupby("indicator")["value"].sum()
    # by hand: a price of one service carries that service, a price of several carries them all
    assert effects["oxygen_price"] == pytest.approx(values["oxygen_release"] / total)
    stored = values["water_retention"] + values["flood_mitigation"]
    assert effects["reservoir_construction_cost"] == pytest.approx(stored / total)
    power = values["hydropower"] + values["climate_regulation"]
    assert effects["electricity_price"] == pytest.approx(power / total)
    assert effects["energy_efficiency_ratio"] < 0  # better machines make cooling cheaper
    assert next(iter(effects)) == "reservoir_construction_cost"
    never = result.found("never_checked")
    assert set(never["name"]) == {"transpiration_heat"}
    lines = audit_lines(result)
    assert any("19.7%" in line for line in lines)
    assert all(line.strip() for line in lines)


def test_counties_are_audited_together() -> None:
    result = gep.audit_coefficients(EXAMPLES / "jiangxi-counties", language="en")
    first = result.most_important(1).iloc[0]
    assert first["name"] == "equivalent_value"
    assert first["effect"] == pytest.approx(1)
    equivalents = result.table[(result.table["name"] == "equivalents").to_numpy()]
    assert equivalents["effect"].sum() == pytest.approx(1)  # every value is one of them
    for kind in ("area", "crosswalk"):
        of_kind = result.table[(result.table["kind"] == kind).to_numpy()]
        assert of_kind["effect"].sum() == pytest.approx(1), kind
    assert result.found("outside")["name"].eq("equivalents").all()


def test_the_year_and_what_is_wrong(tmp_path: Path) -> None:
    assert gep.audit_coefficients(EXAMPLES / "beibu-gulf").year == 2014  # the last
    assert gep.audit_coefficients(EXAMPLES / "beibu-gulf", 1999).year == 1999
    with pytest.raises(gep.ProblemsFound) as raised:
        gep.audit_coefficients(EXAMPLES / "beibu-gulf", 1500)
    assert [problem.code for problem in raised.value.problems] == ["missing-year"]
    with pytest.raises(gep.ProblemsFound):
        gep.audit_coefficients(tmp_path)


def test_findings_are_worded_where_there_are_none(tmp_path: Path) -> None:
    result = audit(tmp_path, base=CHECKED)
    lines = audit_lines(result)
    assert len(lines) >= len(FINDINGS)
    assert "Never checked: none." in lines
