"""A final result is sealed: another computation does not replace it before a review opens it again."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.schemes import Whole, one, reading

import gep
from gep.workflows.verify import verify

ENTRY: dict[str, Any] = {"who": "考核办", "document": "1号", "scheme": "demo", "year": 2020}
ROWS = [reading("a", "water", 30), reading("b", "water", 20)]
WHOLE = Whole([([one("water", 40)], {})], readings=ROWS, more='log = "log.csv"')


def sealed(folder: Path, whole: Whole = WHOLE, year: int = 2020) -> Path:
    """A project whose result of a year is final and written."""
    whole.write(folder)
    entry = {**ENTRY, "year": year}
    for state in ("初算", "复核", "反馈", "终核"):
        gep.record_review(folder, state=state, at="2021-01-31", **entry)
    gep.assess_project(folder, allow_code=True)
    return folder


def record_of(folder: Path) -> dict[str, Any]:
    file = folder / "out" / "assessment" / "demo" / "assessment.json"
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def change_reading(folder: Path) -> None:
    file = folder / "readings.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count("a,2020,water,30") == 1
    file.write_text(text.replace("a,2020,water,30", "a,2020,water,31"), encoding="utf-8")


def test_the_record_of_a_final_result_has_a_seal(tmp_path: Path) -> None:
    seal = record_of(sealed(tmp_path))["sealed"]["2020"]
    assert set(seal) == {"at", "who", "document", "results", "inputs", "log"}
    assert (seal["at"], seal["document"]) == ("2021-01-31", "1号")
    gep.assess_project(tmp_path, allow_code=True)
    assert record_of(tmp_path)["sealed"]["2020"] == seal
    assert verify(tmp_path / "out", allow_code=True) == []


def test_another_result_is_refused_until_a_review_opens_it(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    before = record_of(folder)
    change_reading(folder)
    with pytest.raises(gep.ProblemsFound) as refused:
        gep.assess_project(folder, allow_code=True, language="en")
    (problem,) = refused.value.problems
    assert problem.code == "sealed"
    assert "gep record" in problem.say_fix("en")
    assert record_of(folder) == before
    gep.assess_project(folder, tmp_path / "elsewhere", allow_code=True)
    gep.record_review(folder, state="复核", at="2021-03-01", **ENTRY)
    gep.assess_project(folder, allow_code=True)
    assert "sealed" not in record_of(folder)
    gep.record_review(folder, state="终核", at="2021-03-02", **ENTRY)
    gep.assess_project(folder, allow_code=True)
    assert record_of(folder)["sealed"]["2020"]["results"] != before["sealed"]["2020"]["results"]


def test_readings_of_a_later_year_leave_the_seal_as_it_is(tmp_path: Path) -> None:
    rows = [{**row, "year": 2019} for row in ROWS]
    folder = sealed(tmp_path, replace(WHOLE, readings=rows), 2019)
    seal = record_of(folder)["sealed"]
    file = folder / "readings.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    later = [line.replace(",2019,", ",2020,") for line in lines[1:]]
    file.write_text("\n".join([*lines, *later]) + "\n", encoding="utf-8")
    gep.assess_project(folder, allow_code=True)
    assert record_of(folder)["sealed"] == seal


def test_a_project_that_drops_its_log_does_not_break_the_seal(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    change_reading(folder)
    file = folder / "project.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('log = "log.csv"', ""), encoding="utf-8"
    )
    with pytest.raises(gep.ProblemsFound) as refused:
        gep.assess_project(folder, allow_code=True)
    assert {problem.code for problem in refused.value.problems} == {"sealed"}


def test_a_record_is_on_numbers_of_the_result(tmp_path: Path) -> None:
    """Regions by code or name, items, and old numbers, each with the nearest that there is."""
    folder = replace(WHOLE).write(tmp_path)
    for state in ("初算", "复核", "反馈"):
        gep.record_review(folder, state=state, at="2021-01-31", **ENTRY)
    appeal = {**ENTRY, "state": "申诉", "at": "2021-02-01", "reason": "r", "allow_code": True}
    cases = (
        ({"region": "丙县", "item": "water"}, "unknown-region", "甲县"),
        ({"region": "a", "item": "waters"}, "unknown-indicator", "water"),
        ({"region": "a", "item": "water", "old": "31", "new": "33"}, "log-number", ""),
    )
    for given, code, hint in cases:
        with pytest.raises(gep.ProblemsFound) as refused:
            gep.record_review(folder, **{**appeal, **given})
        (problem,) = refused.value.problems
        assert problem.code == code
        assert hint in problem.say_fix("zh")
    with pytest.raises(gep.ProblemsFound) as refused:
        gep.record_review(folder, **{**appeal, "year": 2030})
    assert {problem.code for problem in refused.value.problems} == {"missing-year"}
    log = gep.record_review(
        folder, **{**appeal, "region": "甲县", "item": "water", "old": "30", "new": "33"}
    )
    assert log.entries[-1].region == "a"
