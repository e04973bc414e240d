"""Targets: how they are written, what they ask for, and how far readings have come."""

import csv
import re
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.schemes import ATTAIN, Demo, cell, one, reading, target
from support.small import Row, write_table

import gep
from gep.assessment.targets import Attainment, Targets, attainment, read_targets

CHANGE = {"form": "cumulative_change", "unit": "%", "base_year": 2015}


def read(folder: Path, *rows: Row) -> Targets:
    """Targets written and read."""
    return read_targets(write_table(folder / "targets.csv", rows))


def codes(folder: Path, *rows: Row) -> set[str]:
    """The codes of what is wrong with targets."""
    try:
        read(folder, *rows)
    except gep.ProblemsFound as found:
        return {problem.code for problem in found.problems}
    return set()


def judged(
    targets: Targets, value: float, direction: str = "+", year: int = 2020, unit: str = "1"
) -> Attainment:
    """A reading of region a against the target of indicator x that is due."""
    due = targets.current("x", year).reindex(["a"])
    return attainment(due, np.array([value]), unit, direction, year)


def status(
    targets: Targets, value: float, direction: str = "+", year: int = 2020, unit: str = "1"
) -> str:
    """The status of a reading."""
    return str(judged(targets, value, direction, year, unit).status[0])


# --- comparators -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "below", "at", "above"),
    [(">=", "missed", "met", "met"), ("<=", "met", "met", "missed"), (">", "missed", "missed", "met"),
     ("<", "met", "missed", "missed")],
)  # fmt: skip
def test_comparators_at_the_target_s_year(
    tmp_path: Path, word: str, below: str, at: str, above: str
) -> None:
    """What is below, at and above a target of 80."""
    targets = read(tmp_path, target("a", "x", 80, word))
    assert [status(targets, value) for value in (79.9, 80, 80.1)] == [below, at, above]


@pytest.mark.parametrize(
    ("word", "means"),
    [("≥", ">="), ("≤", "<="), ("＞", ">"), ("＜", "<"), ("约", "~"), ("左右", "~"), ("～", "~")],
)
def test_comparators_as_chinese_texts_write_them(tmp_path: Path, word: str, means: str) -> None:
    """Chinese forms mean the same as the signs."""
    assert read(tmp_path, target("a", "x", 80, word)).rows["comparator"].tolist() == [means]


def test_about_a_target_meets_it_from_both_sides(tmp_path: Path) -> None:
    """ "15 or so": a little less and a little more will do, a third more will not."""
    targets = read(tmp_path, target("a", "x", 15, "左右"))
    assert [status(targets, value) for value in (10, 14.9, 15, 15.1, 20)] == [
        "missed",
        "met",
        "met",
        "met",
        "missed",
    ]


@pytest.mark.parametrize("word", ["=>", "==", "不低于", "above"])
def test_a_comparator_that_is_not_known(tmp_path: Path, word: str) -> None:
    """It is told, and no verdict is guessed."""
    assert codes(tmp_path, target("a", "x", 80, word)) & {"target-form", "formula-cell"}


def test_a_level_without_comparator_is_told(tmp_path: Path) -> None:
    """Whether 5 is the most or the least is not guessed; a change is one of at least so much."""
    assert codes(tmp_path, target("a", "x", 5, "")) == {"target-form"}
    assert codes(tmp_path, target("a", "x", 5, "", base=10, **CHANGE)) == set()


# --- levels and changes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "goal", "due"),
    [("+", 10, 110.0), ("-", 10, 90.0), ("-", 18, 82.0), ("+", 0, 100.0)],
)
def test_a_change_in_percent_is_of_the_base(
    tmp_path: Path, direction: str, goal: float, due: float
) -> None:
    """Ten percent more, or less where less is better, of the base."""
    found = judged(read(tmp_path, target("a", "x", goal, base=100, **CHANGE)), due, direction)
    assert found.target[0] == pytest.approx(due)
    assert found.status[0] == "met"


def test_a_change_in_the_unit_is_added_to_the_base(tmp_path: Path) -> None:
    """500 t less than 2,000 t, read in kg."""
    row = target("a", "x", 500, base=2000, base_year=2015, form="cumulative_change", unit="t")
    found = judged(read(tmp_path, row), 1_500_000, "-", unit="kg")
    assert (found.target[0], found.status[0], found.attainment[0]) == (1_500_000, "met", 1)


def test_a_decline_of_at_least_so_much_is_a_level_of_at_most_so_much(tmp_path: Path) -> None:
    """The comparator of a change speaks of the change."""
    targets = read(tmp_path, target("a", "x", 18, ">=", base=50, **CHANGE))
    assert [status(targets, value, "-") for value in (40.9, 41, 41.1)] == ["met", "met", "missed"]
    strict = read(tmp_path, target("a", "x", 18, ">", base=50, **CHANGE))
    assert [status(strict, value, "-") for value in (40.9, 41, 41.1)] == ["met", "missed", "missed"]


@given(
    base=st.integers(1, 9999),
    decimals=st.integers(0, 3),
    percent=st.integers(1, 99),
    direction=st.sampled_from("+-"),
)
@settings(max_examples=60, deadline=None)
def test_what_a_calculator_says_is_reached_is_met(
    base: int, decimals: int, percent: int, direction: str
) -> None:
    """A reading equal to its target in decimal arithmetic meets it, whatever binary fractions leave over."""
    start = Decimal(base).scaleb(-decimals)
    sign = 1 if direction == "+" else -1
    reached = start * (100 + sign * percent) / 100
    with TemporaryDirectory() as folder:
        targets = read(Path(folder), target("a", "x", percent, base=start, **CHANGE))
    found = judged(targets, float(reached), direction)
    assert (found.status[0], found.attainment[0]) == ("met", pytest.approx(1))


@given(
    value=st.integers(1, 9999),
    decimals=st.integers(0, 3),
    units=st.sampled_from([("t", "kg"), ("%", "1")]),
)
@settings(max_examples=40, deadline=None)
def test_a_target_in_another_unit_is_met_where_it_is_equal(
    value: int, decimals: int, units: tuple[str, str]
) -> None:
    """The same number in two units is the same number."""
    scale = {"t": Decimal(1000), "%": Decimal("0.01")}[units[0]]
    goal = Decimal(value).scaleb(-decimals)
    with TemporaryDirectory() as folder:
        least = read(Path(folder), target("a", "x", goal, ">=", unit=units[0]))
        most = read(Path(folder), target("a", "x", goal, "<=", unit=units[0]))
    for targets in (least, most):
        assert status(targets, float(goal * scale), unit=units[1]) == "met"


def test_units_that_do_not_fit(tmp_path: Path) -> None:
    """A target in tonnes of an indicator in hectares is told before anything is judged."""
    demo = Demo(
        [one("x", unit="hm2")], [reading("a", "x", 1, "hm2")], [target("a", "x", 1, unit="t")]
    )
    assert {problem.code for problem in demo.problems(tmp_path)} == {"wrong-dimension"}


# --- base, base year -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        {"form": "cumulative_change", "unit": "%"},
        {"form": "cumulative_change", "unit": "%", "base": 5},
        {"form": "cumulative_change", "unit": "%", "base_year": 2015},
        {"base": 5},
        {"base_year": 2015},
        {"base": 5, "base_year": 2020},
        {"base": 5, "base_year": 2021},
    ],
)
def test_bases_that_are_not_whole(tmp_path: Path, part: dict[str, Any]) -> None:
    """A change needs base and base year; a level both or neither; the base year comes before."""
    assert codes(tmp_path, target("a", "x", 10, **part)) == {"target-base"}


def test_bases_that_are_whole(tmp_path: Path) -> None:
    """Both, or neither for a level."""
    rows = [
        target("a", "x", 10),
        target("b", "x", 10, base=5, base_year=2015),
        target("c", "x", 10, base=5, **CHANGE),
    ]
    assert codes(tmp_path, *rows) == set()


def test_every_defect_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    """One table, one defect a row."""
    rows = [
        target("a", "x", "", ">="), target("b", "x", 5, "above"), target("c", "x", 5, form="lvl"),
        target("d", "x", 5, unit="furlong"), target("e", "x", 5, year="20"), target("f", "x", 5, base_year="x", base=1),
        target("g", "x", 5, source=""), target("", "x", 5), target("h", "", 5), target("i", "x", 5, base=5),
        target("j", "x", 5), target("j", "x", 6), target("k", "x", 5, grade="sure"),
    ]  # fmt: skip
    assert codes(tmp_path, *rows) >= {
        "blank", "target-form", "unknown-unit", "bad-year", "target-base", "duplicate-row", "unknown-grade",
    }  # fmt: skip


# --- on the way ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "value", "due"),
    [(2016, 71.9, "behind"), (2016, 72, "on_schedule"), (2018, 75.9, "behind"), (2018, 76, "on_schedule"),
     (2018, 80, "met"), (2020, 79.9, "missed"), (2020, 80, "met"), (2021, 79.9, "missed")],
)  # fmt: skip
def test_the_straight_way_from_base_to_target(
    tmp_path: Path, year: int, value: float, due: str
) -> None:
    """From 70 in 2015 to 80 in 2020: 2 a year."""
    targets = read(tmp_path, target("a", "x", 80, base=70, base_year=2015))
    assert status(targets, value, year=year) == due


def test_the_straight_way_downwards(tmp_path: Path) -> None:
    """From 100 to 80 where less is better: 4 a year."""
    targets = read(tmp_path, target("a", "x", 20, base=100, **CHANGE))
    assert [status(targets, value, "-", 2018) for value in (88.1, 88, 80)] == [
        "behind",
        "on_schedule",
        "met",
    ]


def test_without_a_base_there_is_no_way(tmp_path: Path) -> None:
    """Before its year a target that is not reached is behind, never on schedule."""
    targets = read(tmp_path, target("a", "x", 80))
    assert [status(targets, value, year=2018) for value in (79.9, 80)] == ["behind", "met"]


def test_no_reading_and_no_target(tmp_path: Path) -> None:
    """Neither is a verdict: no data, and nothing."""
    targets = read(tmp_path, target("a", "x", 80))
    assert status(targets, np.nan) == "no_data"
    none = attainment(targets.current("x", 2020).reindex(["b"]), np.array([5.0]), "1", "+", 2020)
    assert (none.status[0], bool(none.met[0])) == ("", False)
    assert np.isnan(none.target[0])
    assert np.isnan(none.attainment[0])


def test_of_two_targets_the_next_one_counts(tmp_path: Path) -> None:
    """2020 until 2020, then 2025; after 2025 still 2025."""
    targets = read(tmp_path, target("a", "x", 90, year=2025), target("a", "x", 80, year=2020))
    due = {
        year: targets.current("x", year).loc["a", "target"]
        for year in (2018, 2020, 2021, 2025, 2030)
    }
    assert due == {2018: 80, 2020: 80, 2021: 90, 2025: 90, 2030: 90}


def test_the_next_target_is_each_region_s_own(tmp_path: Path) -> None:
    """A region whose target lies further away keeps it."""
    rows = [target("a", "x", 80), target("a", "x", 90, year=2025), target("b", "x", 70, year=2030)]
    due = read(tmp_path, *rows).current("x", 2022)
    assert due["target"].to_dict() == {"a": 90, "b": 70}


# --- attainment ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "base", "goal", "value", "share"),
    [(">=", 70, 80, 75, 0.5), (">=", 70, 80, 85, 1.5), (">=", 70, 80, 65, -0.5), ("<=", 10, 5, 7.5, 0.5),
     ("<=", 10, 5, 10, 0), (">=", 70, 80, 70, 0), (">=", "", 80, 60, 0.75), ("<=", "", 5, 10, 0.5),
     ("<=", "", 5, 4, 1.25)],
)  # fmt: skip
def test_attainment(
    tmp_path: Path, word: str, base: Any, goal: float, value: float, share: float
) -> None:
    """The share of the way from base to target; without a base reading over target, or target over reading."""
    row = target("a", "x", goal, word, base=base, base_year=2015 if base else "")
    found = judged(read(tmp_path, row), value).attainment[0]
    assert found == pytest.approx(share)
    assert not np.signbit(found) or share < 0, "minus nought"


def test_the_table_has_reading_and_target_in_one_unit(tmp_path: Path) -> None:
    """A target of 1.5 t read as 1,200 kg: ``unit`` holds for all numbers of the row."""
    demo = Demo(
        [one("x", unit="kg")], [reading("a", "x", 1200, "kg")], [target("a", "x", 1.5, unit="t")]
    )
    rows = demo.assessed(tmp_path).tables["targets.csv"]
    found = {name: cell(rows, name) for name in ("target", "reading", "unit", "status")}
    assert found in (
        {"target": 1.5, "reading": 1.2, "unit": "t", "status": "missed"},
        {"target": 1500, "reading": 1200, "unit": "kg", "status": "missed"},
    )


# --- texts of others -------------------------------------------------------------------------------------------------


def national(shared: Path, base: object) -> list[dict[str, object]]:
    """The eight rows of the 13th plan as ``targets.csv`` has them; ``base`` is that of the two changes."""
    file = shared / "assessment" / "csv" / "targets_13fyp_environment.csv"
    with file.open(encoding="utf-8", newline="") as text:
        printed = list(csv.DictReader(text))
    rows = []
    for number, row in enumerate(printed):
        change = re.fullmatch("〔(.*)〕", row["cumulative"])
        parts = re.fullmatch(r"([<>]?)([\d.]+)(左右)?", row["target_2020"])
        given: dict[str, object] = {
            "base": row["base_2015"],
            "base_year": 2015,
            "unit": "%",
            "property": row["property"],
        }
        if change:
            given |= {"form": "cumulative_change", "base": base, "base_year": 2015 if base else ""}
        goal, word = (
            (change[1], "") if change else (parts[2], parts[1] or parts[3]) if parts else ("", "")
        )
        rows.append(target("a", f"n{number}", goal, word, source="13th plan", **given))
    return rows


def test_the_national_plan_s_eight_rows(tmp_path: Path, shared: Path) -> None:
    """Six levels with their bases, two changes; a change that is printed without its base is told, both rows."""
    with pytest.raises(gep.ProblemsFound) as found:
        read(tmp_path, *national(shared, ""))
    assert [(problem.code, problem.where) for problem in found.value.problems] == [
        ("target-base", "targets.csv row 3, 4")
    ]
    targets = read(tmp_path, *national(shared, 100))
    assert targets.rows["comparator"].tolist() == [">", ">=", ">=", ">", "<", ">", "~", "~"]
    assert targets.rows["property"].tolist().count("binding") == 4  # as the code for 约束性
    asked = {}
    for number, direction in enumerate("+--+-+-+"):
        due = targets.current(f"n{number}", 2020).reindex(["a"])
        asked[number] = float(attainment(due, np.array([0.0]), "%", direction, 2020).target[0])
    assert asked == {0: 80, 1: 82, 2: 75, 3: 70, 4: 5, 5: 80, 6: 15, 7: 70}


def test_the_readings_of_jiangxi(tmp_path: Path, shared: Path) -> None:
    """PM2.5 from 35 to 30 is -14.3 %; to at most 29 in 2025 that is five sixths of the way; sections reached early."""
    with (shared / "assessment" / "csv" / "targets_jiangxi_readings.csv").open(
        encoding="utf-8", newline=""
    ) as text:
        printed = {row["indicator"]: row for row in csv.DictReader(text)}
    pm25, sections = printed["设区市PM2.5年均浓度(μg/m3)"], printed["国考断面水质优良比例(%)"]
    readings = [
        reading("360000", name, row[str(year)], unit, year)
        for name, row, unit in (("pm25", pm25, "10^-3 mg m-3"), ("sections", sections, "%")) for year in (2019, 2020)
    ]  # fmt: skip
    targets = [
        target("360000", "pm25", pm25["2025_target"].removeprefix("≤"), "≤", 2025, base=pm25["2019"], base_year=2019,
               unit="10^-3 mg m-3"),
        target("360000", "sections", sections["2025_target"], "≥", 2025, unit="%"),
    ]  # fmt: skip
    listed = [
        one("pm25", None, None, unit="10^-3 mg m-3", direction="-"), one("sections", None, None, unit="%"),
        one("fall", None, None, unit="%", direction="-", reading={"data": "pm25", "form": "growth"}),
    ]  # fmt: skip
    tables = Demo(listed, readings, targets).assessed(tmp_path).tables
    rows = tables["targets.csv"]
    assert cell(rows, "attainment", "360000", indicator="pm25") == pytest.approx(
        (35 - 30) / (35 - 29)
    )
    assert cell(rows, "status", "360000", indicator="pm25") == "on_schedule"
    assert cell(rows, "status", "360000", indicator="sections") == "met"
    assert round(cell(tables["scores.csv"], "reading", "360000", indicator="fall"), 1) == -14.3


def test_a_target_that_must_be_met_to_score(tmp_path: Path) -> None:
    """A region that has no target is told where a rule needs one: it neither meets nor misses it."""
    readings = [reading(code, "x", 5) for code in "ab"]
    demo = Demo([one("x", rule=ATTAIN)], readings, [target("a", "x", 1)])
    assert {problem.code for problem in demo.problems(tmp_path)} == {"missing-target"}
