"""The life of a result: a log whose chain tells what was changed, the order of states, and the tables on the way."""

import csv
import hashlib
import os
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.small import Row, datum, write_table
from support.years import row

import gep
from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_events
from gep.assessment.kinds import read_scheme
from gep.assessment.readings import Reading, SchemeReading
from gep.assessment.review.log import (
    LOG_COLUMNS,
    NEXT,
    STATES,
    LogEntry,
    ReviewLog,
    append_entry,
    keep_head,
    kept_head,
    open_appeals,
    read_log,
    state_of,
)
from gep.assessment.review.tables import (
    appeals_table,
    deductions_table,
    jumps_table,
    rates_of,
    results_table,
    review_tables,
    revisions_table,
    sources_table,
)
from gep.assessment.scoring.scheme import EventRule, ScoredIndicator
from gep.assessment.targets import read_targets
from gep.errors import Problem, ProblemLog
from gep.inputs.data import read_data

SOME = settings(max_examples=60, deadline=None, derandomize=True, database=None)
FIRST = LogEntry("2026-01-10", "评价办公室", "初算", "计算单", "s", "", 2025)


def entry(state: str, day: str = "2026-01-10", **more: Any) -> LogEntry:
    return replace(FIRST, state=state, at=day, **more)


def logged(path: Path, *entries: LogEntry) -> ReviewLog:
    log = ReviewLog((), path, "")
    for one in entries:
        log = append_entry(path, one)
    return log


def codes(path: Path, head: str = "") -> list[str]:
    problems = ProblemLog()
    read_log(path, problems, head)
    return [one.code for one in problems.errors]


def refused(path: Path, one: LogEntry) -> set[str]:
    return {problem.code for problem in problems_of_refused(path, one)}


def problems_of_refused(path: Path, one: LogEntry) -> tuple[Problem, ...]:
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(gep.ProblemsFound) as caught:
        append_entry(path, one)
    assert (path.read_bytes() if path.exists() else None) == before
    assert [file.name for file in path.parent.iterdir()] == (
        [path.name] if before is not None else []
    )
    return caught.value.problems


WAY = (
    entry("初算"),
    entry("复核", "2026-01-12", who="审核处"),
    entry("反馈", "2026-01-20"),
    entry(
        "申诉",
        "2026-01-25",
        who="a 县",
        region="a",
        item="gep",
        old="7",
        new="9",
        document="函1",
        reason="面积",
    ),
    entry(
        "复核",
        "2026-02-01",
        who="审核处",
        region="a",
        item="gep",
        old="7",
        new="8",
        document="纪要2",
        reason="核实",
    ),
    entry("终核", "2026-02-10", who="领导小组", document="纪要3"),
)


def test_a_result_goes_its_way(tmp_path: Path) -> None:
    log = logged(tmp_path / "log.csv", *WAY)
    problems = ProblemLog()
    assert read_log(tmp_path / "log.csv", problems) == log
    assert (problems.errors, log.entries) == ([], WAY)
    assert state_of(log, "s", 2025) == state_of(log, "s", 2025, "a") == "终核"
    assert state_of(log, "s", 2024) == state_of(log, "other", 2025) == ""
    part = replace(log, entries=WAY[:4])
    assert [state_of(part, "s", 2025, region) for region in ("", "a", "b")] == [
        "反馈",
        "申诉",
        "反馈",
    ]
    assert (open_appeals(part.of("s", 2025)), open_appeals(log.of("s", 2025))) == (["a"], [])


def test_each_line_holds_the_checksum_of_the_line_before(tmp_path: Path) -> None:
    log = logged(tmp_path / "log.csv", *WAY)
    lines = (tmp_path / "log.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == ",".join(LOG_COLUMNS)
    for before, line in pairwise(lines):
        assert next(csv.reader([line]))[-1] == hashlib.sha256(before.encode()).hexdigest()
    assert log.head == hashlib.sha256(lines[-1].encode()).hexdigest()


def test_adding_leaves_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logged(path, *WAY[:3])
    before = path.read_bytes()
    append_entry(path, WAY[3])
    assert path.read_bytes().startswith(before)
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


@SOME
@given(st.data())
def test_a_changed_or_removed_line_is_told(tmp_path_factory: Any, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    head = logged(path, *WAY).head
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    at = data.draw(st.integers(1, len(lines) - 1))
    if data.draw(st.booleans()):
        broken = [*lines[:at], *lines[at + 1 :]]
    else:
        spot = data.draw(st.integers(0, len(lines[at]) - 1))
        mark = data.draw(
            st.sampled_from("0123456789abcdef甲").filter(lambda one: one != lines[at][spot])
        )
        broken = [*lines[:at], lines[at][:spot] + mark + lines[at][spot + 1 :], *lines[at + 1 :]]
    path.write_text("\n".join(broken) + "\n", encoding="utf-8")
    assert "log-chain" in codes(path, head) or "log-entry" in codes(path, head)
    if at < len(lines) - 1 and len(broken) == len(lines):
        assert codes(path)  # in the middle the chain alone tells it


def test_a_log_that_was_cut_is_told_by_its_head_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    head = logged(path, *WAY).head
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert codes(path) == []
    assert codes(path, head) == ["log-chain"]
    path.unlink()
    assert (codes(path), codes(path, head)) == ([], ["log-chain"])


def test_an_earlier_head_is_still_in_a_longer_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    early = logged(path, *WAY[:2]).head
    append_entry(path, WAY[2], early)
    assert codes(path, early) == []


def test_line_ends_of_a_spreadsheet_do_not_break_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    head = logged(path, *WAY).head
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert codes(path, head) == []


@SOME
@given(st.lists(st.sampled_from(list(STATES)), max_size=6))
def test_states_follow_one_another_as_the_table_says(
    tmp_path_factory: Any, states: list[str]
) -> None:
    path, now = tmp_path_factory.mktemp("states") / "log.csv", ""
    for day, state in enumerate(states, 10):
        one = entry(
            state, f"2026-01-{day}", document="d", region="a"
        )  # of one region, so that all states can be entered
        if state in NEXT[now]:
            append_entry(path, one)
            now = state
        else:
            assert refused(path, one) == {"log-transition"}, (now, state)


BROKEN: dict[str, tuple[int, LogEntry, str]] = {
    "no-office": (0, entry("初算", who=""), "log-entry"),
    "no-scheme": (0, entry("初算", scheme=""), "log-entry"),
    "no-day": (0, entry("初算", "2026"), "log-entry"),
    "state": (0, entry("初核"), "log-entry"),
    "not-first": (0, entry("复核"), "log-transition"),
    "appeal-before-feedback": (
        2,
        entry("申诉", "2026-01-13", region="a", document="d"),
        "log-transition",
    ),
    "appeal-of-nobody": (3, entry("申诉", "2026-01-25", document="d"), "log-entry"),
    "appeal-document": (3, entry("申诉", "2026-01-25", region="a", document=""), "log-entry"),
    "final-document": (3, entry("终核", "2026-01-25", document=""), "log-entry"),
    "final-approver": (3, entry("终核", "2026-01-25", who=""), "log-entry"),
    "final-with-open-appeal": (4, entry("终核", "2026-02-10"), "log-transition"),
    "after-final": (6, entry("反馈", "2026-02-11"), "log-transition"),
    "backward": (2, entry("反馈", "2026-01-11"), "log-entry"),
    "no-reason": (
        3,
        entry("复核", "2026-01-25", region="a", item="gep", old="7", new="8"),
        "log-entry",
    ),
    "line-break": (0, entry("初算", reason="a\nb"), "log-entry"),
    "formula": (0, entry("初算", document="=1+1"), "log-entry"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_refused_and_the_log_left_alone(name: str, tmp_path: Path) -> None:
    count, one, code = BROKEN[name]
    logged(tmp_path / "log.csv", *WAY[:count])
    problems = problems_of_refused(tmp_path / "log.csv", one)
    assert {problem.code for problem in problems} == {code}
    for problem in problems:
        assert problem.say_where("en").startswith("log.csv, new entry, column ")
        assert problem.say_where("zh").startswith("log.csv 新记录 ")
        assert "review." not in problem.say("zh") + problem.say("en")  # all texts are there


def test_a_state_that_cannot_follow_is_told_in_both_languages(tmp_path: Path) -> None:
    logged(tmp_path / "log.csv", *WAY[:4])
    early = entry("反馈", "2026-01-26", region="a")
    (problem,) = problems_of_refused(tmp_path / "log.csv", early)
    assert problem.say_what("zh") == "s 2025 年 a 的结果处于申诉环节，其后不能是反馈"
    assert problem.say_fix("zh") == "改为下列之一：申诉、复核、终核"
    assert problem.say_what("en") == (
        "the result of a in s 2025 is in state appeal (申诉); feedback (反馈) cannot follow it"
    )
    assert problem.say_fix("en") == "enter one of: appeal (申诉), review (复核), final (终核)"
    (problem,) = problems_of_refused(tmp_path / "log.csv", WAY[5])
    assert problem.say_what("zh") == "a 的申诉尚未处理，不能终核"


def test_nothing_is_added_to_a_broken_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logged(path, *WAY[:3])
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace("审核处", "审计处"), encoding="utf-8"
    )
    assert refused(path, WAY[3]) == {"log-chain"}


def test_a_final_result_is_opened_again_by_a_review_only(tmp_path: Path) -> None:
    log = logged(tmp_path / "log.csv", *WAY, entry("复核", "2026-03-01", document="更正"))
    assert state_of(log, "s", 2025) == "复核"


def test_english_words_for_states_are_taken(tmp_path: Path) -> None:
    assert logged(tmp_path / "log.csv", entry("preliminary")).entries[0].state == "初算"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"at,who\n", "log-chain"), (b"\xff\xfe", "encoding"),
        (",".join(LOG_COLUMNS).encode() + b"\na,b\n", "log-entry"),
        (",".join(LOG_COLUMNS).encode() + b"\n2026-01-01,o,,,s,,x,,,,,\n", "bad-year"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_log_is_told(tmp_path: Path, text: bytes, code: str) -> None:
    (tmp_path / "log.csv").write_bytes(text)
    assert code in codes(tmp_path / "log.csv")


def test_a_log_that_cannot_be_written_is_told_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(gep.ProblemsFound) as caught:
        append_entry(tmp_path / "file" / "log.csv", FIRST)
    assert {one.code for one in caught.value.problems} == {"cannot-write"}
    (tmp_path / "file").unlink()
    logged(tmp_path / "log.csv", FIRST)

    def held(*_: object) -> None:
        raise PermissionError(13, "held by another program")

    monkeypatch.setattr("os.replace", held)
    assert refused(tmp_path / "log.csv", WAY[1]) == {"cannot-write"}


def test_entries_that_are_added_at_once_follow_one_another(tmp_path: Path) -> None:
    """Every entry is there, and every head that was returned is in the chain."""
    path = tmp_path / "log.csv"
    logs: list[ReviewLog] = []
    failures: list[BaseException] = []

    def add(office: str) -> None:
        try:
            for number in range(6):
                logs.append(append_entry(path, entry("初算", who=f"{office}{number}")))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(office,)) for office in ("甲", "乙", "丙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    problems = ProblemLog()
    log = read_log(path, problems, {one.head: "minutes" for one in logs})
    assert log is not None
    assert problems.errors == []
    assert len({one.who for one in log.entries}) == len(log.entries) == 18
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


def test_a_linked_log_stays_a_link_and_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    real = tmp_path / "records" / "log.csv"
    logged(real, *WAY[:1])
    real.chmod(0o640)
    (tmp_path / "log.csv").symlink_to("records/log.csv")
    log = append_entry(tmp_path / "log.csv", WAY[1])
    assert (tmp_path / "log.csv").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(log.entries) == 2
    assert codes(real, log.head) == []
    assert [file.name for file in (tmp_path / "records").iterdir()] == ["log.csv"]


def test_what_is_no_file_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.mkdir()
    assert codes(path) == ["not-a-file"]
    path.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        assert codes(path) == ["not-a-file"]
        with pytest.raises(gep.ProblemsFound, match="not-a-file"):
            append_entry(path, FIRST)
        path.unlink()
    path.symlink_to("nowhere.csv")
    assert codes(path) == ["missing-file"]


@pytest.mark.parametrize("cell", ["\t=1", "+cmd", "-cmd", "＝1", "@a", "a\u202eb"])
def test_an_entry_that_a_spreadsheet_would_run_or_that_hides_is_refused(
    cell: str, tmp_path: Path
) -> None:
    assert refused(tmp_path / "log.csv", entry("初算", reason=cell)) == {"log-entry"}


@pytest.mark.parametrize("year", ["9" * 5000, "20251", "٢٠٢٥", "-1"])
def test_a_year_of_another_length_is_told(year: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    header = ",".join(LOG_COLUMNS)
    head = hashlib.sha256(header.encode()).hexdigest()
    path.write_text(f"{header}\n2026-01-01,o,初算,,s,,{year},,,,,{head}\n", encoding="utf-8")
    assert codes(path) == ["bad-year"]


def test_a_cell_longer_than_can_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    long = "a" * 200_000
    path.write_text(f"{','.join(LOG_COLUMNS)}\n2026-01-01,{long}\n", encoding="utf-8")
    assert codes(path) == ["log-entry"]


def test_a_head_that_is_kept_beside_the_log_tells_that_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    assert kept_head(path) == ""
    first = logged(path, *WAY[:1])
    last = append_entry(path, WAY[1])
    keep_head(first)  # another entry was added since: the head is the last one's
    assert kept_head(path) == last.head
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    problems = ProblemLog()
    read_log(path, problems, {last.head: "log.csv.head"})
    (problem,) = problems.errors
    assert problem.code == "log-chain"
    assert "log.csv.head" in problem.say_what("en")
    assert "log.csv.head" in problem.say_fix("zh")


# --- tables ----------------------------------------------------------------------------------------------------------


def scores(*rows: tuple[str, int, str, Any, Any, Any]) -> pd.DataFrame:
    """Rows of region, year, indicator, reading, points, max_points."""
    frame = pd.DataFrame(
        rows, columns=["region", "year", "indicator", "reading", "points", "max_points"]
    )
    return frame.astype(object).assign(rule="attain", grade="published", note="", group="")


SCORED = scores(
    ("a", 2024, "gep", 100.0, 10.0, 10.0), ("a", 2024, "air", 80.0, 20.0, 20.0), ("a", 2024, "total", "", 30.0, 30.0),
    ("a", 2025, "gep", 130.0, 7.0, 10.0), ("a", 2025, "air", 82.0, 20.0, 20.0), ("a", 2025, "total", "", 27.0, 30.0),
    ("b", 2025, "gep", 50.0, 10.0, 10.0), ("b", 2025, "air", "", "", 20.0), ("b", 2025, "total", "", 10.0, 30.0),
)  # fmt: skip
TARGET: Row = {
    "region": "a", "indicator": "gep", "base_year": "", "base": "", "year": 2025, "comparator": ">=", "target": 140,
    "form": "level", "unit": "1", "source": "责任书",
}  # fmt: skip
TARGETS = pd.DataFrame(
    [("a", 2025, "gep", 140.0, ">=", "missed", "1")],
    columns=["region", "year", "indicator", "target", "comparator", "status", "unit"],
)


def ground(folder: Path) -> AssessmentContext:
    values = {("a", 2024): (100, 80), ("a", 2025): (130, 82), ("b", 2025): (50, "na")}
    rows = [
        {
            **datum(region, name, value, "1", year=year),
            "source": "年鉴",
            "locator": f"{name} {year}",
            "grade": "official",
        }
        for (region, year), own in values.items()
        for name, value in zip(("gep", "air"), own, strict=True)
    ]
    events = [
        {
            "region": "a",
            "year": 2025,
            "event": "spill",
            "document": "通报",
            "date": "2025-05-01",
            "times": 3,
        },
        {
            "region": "a",
            "year": 2025,
            "event": "fake",
            "document": "通报2",
            "date": "2025-06-01",
            "times": "",
        },
    ]
    problems = ProblemLog()
    loaded = load_events(write_table(folder / "events.csv", events), problems)
    problems.raise_errors()
    targets = read_targets(write_table(folder / "targets.csv", [TARGET]))
    data = read_data(write_table(folder / "readings.csv", rows))
    return AssessmentContext((2024, 2025), ("a", "b"), {}, data, targets=targets, events=loaded)


def test_the_sources_of_readings_and_who_reviewed_them(tmp_path: Path) -> None:
    log = logged(tmp_path / "log.csv", *WAY[:4])
    items = [
        SchemeReading(Reading(data="gep"), "1", "s gep", item="gep"),
        SchemeReading(Reading(data="gep", form="growth"), "1", "s growth", item="growth"),
    ]
    table = sources_table(items, ground(tmp_path), log, "s")
    one = row(table, region="a", year=2025, indicator="gep")
    assert (one["value"], one["source"], one["locator"], one["grade"]) == (
        130,
        "年鉴",
        "gep 2025",
        "official",
    )
    assert (one["reviewed_by"], one["reviewed_at"], one["where"]) == (
        "审核处",
        "2026-01-12",
        "readings.csv row 4",
    )
    assert row(table, region="a", year=2024, indicator="gep")["reviewed_by"] == ""
    growth = row(table, region="a", year=2025, indicator="growth")
    assert (growth["value"], growth["source"]) == (pytest.approx(0.3), "年鉴")
    assert (
        len(table) == 4
    )  # b has nothing in 2024, and nobody has growth from the year before the first
    assert set(sources_table(items, ground(tmp_path), None, "s")["reviewed_by"]) == {""}


def test_jumps_need_an_explanation(tmp_path: Path) -> None:
    table = jumps_table(SCORED, 0.2)
    assert table[["region", "indicator", "from", "to", "status"]].to_numpy().tolist() == [
        ["a", "gep", 2024, 2025, "needs_explanation"]
    ]
    assert table["change"].item() == pytest.approx(0.3)
    assert len(jumps_table(SCORED, 0.02)) == 2
    assert len(jumps_table(SCORED, 0.3)) == 0
    log = logged(
        tmp_path / "log.csv",
        *WAY[:1],
        entry("复核", region="a", item="gep", reason="新增湿地", document="函9"),
    )
    told = jumps_table(SCORED, 0.2, log, "s")
    assert told[["explanation", "document", "status"]].to_numpy().tolist() == [
        ["新增湿地", "函9", "explained"]
    ]
    assert jumps_table(SCORED, 0.2, log, "other")["status"].item() == "needs_explanation"


def test_rates_are_compared_by_difference() -> None:
    """Growth of 1 % after 2 % is a point less, not half; 14 % after 4 % is a jump of ten points."""
    table = jumps_table(
        scores(
            ("a", 2024, "g", 2.0, 1, 1), ("a", 2025, "g", 1.0, 1, 1),
            ("b", 2024, "g", 4.0, 1, 1), ("b", 2025, "g", 14.0, 1, 1),
            ("c", 2024, "h", 0.0, 1, 1), ("c", 2025, "h", 0.01, 1, 1),
        ),
        0.2,
        rates={"g": "%", "h": "1"},
    )  # fmt: skip
    columns = ["region", "compared", "change", "threshold", "unit"]
    assert table[columns].to_numpy().tolist() == [["b", "difference", 10.0, 5.0, "%"]]
    levels = jumps_table(SCORED, 0.2)
    assert levels[["compared", "unit"]].to_numpy().tolist() == [["relative", "1"]]


def test_rates_are_growths_and_percentages() -> None:
    listed = []
    for name, unit, form in (("a", "%", "level"), ("b", "1", "growth"), ("c", "t", "level")):
        listed.append(
            ScoredIndicator.model_validate(
                {
                    "id": name, "name": name, "property": "binding", "direction": "+", "unit": unit,
                    "reading": {"data": "x", "form": form}, "grade": "published",
                }
            )
        )  # fmt: skip
    assert rates_of(listed) == {"a": "%", "b": "1"}


def test_a_reading_that_comes_from_0_jumps() -> None:
    table = jumps_table(scores(("a", 2024, "x", 0.0, 1, 1), ("a", 2025, "x", 1.0, 1, 1)), 0.5)
    assert table["change"].tolist() == [""]
    assert (
        len(jumps_table(scores(("a", 2024, "x", 0.0, 1, 1), ("a", 2025, "x", 0.0, 1, 1)), 0.5)) == 0
    )


def test_every_deduction_has_its_grounds(tmp_path: Path) -> None:
    rules = [
        EventRule.model_validate(
            {"id": "spill", "name": "spill", "effect": "deduct", "points": 2, "most": 5}
        ),
        EventRule.model_validate({"id": "fake", "name": "fake", "effect": "cap", "grade": "合格"}),
    ]
    table = deductions_table(SCORED, TARGETS, ground(tmp_path), rules)
    own = row(table, indicator="gep")
    assert (own["region"], own["year"], own["deducted"], own["reading"]) == ("a", 2025, 3.0, 130.0)
    assert (own["target"], own["status"], own["document"], own["rule"]) == (
        ">= 140.0",
        "missed",
        "责任书",
        "attain",
    )
    spill = row(table, indicator="spill")
    assert (spill["deducted"], spill["document"]) == (5.0, "通报 2025-05-01")  # 3 x 2, at most 5
    assert (row(table, indicator="fake")["deducted"], row(table, indicator="fake")["status"]) == (
        "",
        "合格",
    )
    assert len(table) == 3
    empty = deductions_table(SCORED[:3], TARGETS[:0], replace(ground(tmp_path), events=None))
    assert len(empty) == 0


def test_the_deductions_sum_to_what_is_missing(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    rows = [(f"{one}", 2025, "x", 1.0, float(generator.integers(0, 11)), 10.0) for one in range(30)]
    table = deductions_table(
        scores(*rows), TARGETS, replace(ground(tmp_path), events=None, targets=None)
    )
    assert table["deducted"].sum() == 300 - sum(row[4] for row in rows)


def test_appeals_and_what_came_of_them(tmp_path: Path) -> None:
    more = entry(
        "申诉",
        "2026-01-26",
        who="b 县",
        region="b",
        item="air",
        old="0",
        new="20",
        document="函2",
        reason="漏报",
    )
    log = logged(tmp_path / "log.csv", *WAY[:4], more)
    table = appeals_table(log, "s", 2025)
    assert table["outcome"].tolist() == ["open", "open"]
    kept = entry("复核", "2026-02-02", who="审核处", region="b", document="纪要4", reason="无依据")
    log = logged(tmp_path / "log.csv", WAY[4], kept)
    table = appeals_table(log, "s", 2025)
    assert table[["region", "old", "claimed", "final", "outcome", "handled_by"]].to_numpy().tolist() == [
        ["a", "7", "9", "8", "adjusted", "审核处"], ["b", "0", "20", "0", "upheld", "审核处"],
    ]  # fmt: skip


def test_computed_appealed_and_final_side_by_side(tmp_path: Path) -> None:
    log = logged(tmp_path / "log.csv", *WAY[:5])
    decided = SCORED.copy()
    is_decided = (SCORED["region"] == "a") & (SCORED["year"] == 2025)
    decided.loc[is_decided & (SCORED["indicator"] == "gep"), "points"] = 8.0
    decided.loc[is_decided & (SCORED["indicator"] == "total"), "points"] = 9.0
    before = results_table(SCORED, decided, log, "s", 2025)
    assert set(before["final"]) == {""}
    assert row(before, region="a", item="gep")["claimed"] == "9"
    log = append_entry(tmp_path / "log.csv", WAY[5])
    after = results_table(SCORED, decided, log, "s", 2025)
    own = row(after, region="a", item="gep")
    assert (own["computed"], own["claimed"], own["final"], own["difference"]) == (
        7.0,
        "9",
        8.0,
        1.0,
    )
    assert row(after, region="b", item="gep")["final"] == 10.0
    total = row(after, region="a", item="total")
    assert total["final"] == 9.0
    assert row(after, region="b", item="total")["final"] == 10.0


def test_two_versions_side_by_side() -> None:
    new = SCORED.copy()
    new.loc[3, "points"] = 8.0
    new = pd.concat(
        [new.drop(index=6), scores(("c", 2025, "gep", 1.0, 2.0, 10.0))], ignore_index=True
    )
    table = revisions_table(SCORED, new)
    assert row(table, region="a")["difference"] == 1.0
    kinds = {one["region"]: one["kind"] for one in table.to_dict("records")}
    assert kinds == {"a": "changed", "b": "removed", "c": "added"}
    assert row(table, region="c")["points_old"] == ""
    assert len(revisions_table(SCORED, SCORED)) == 0


def test_versions_read_back_from_files_are_the_same(tmp_path: Path) -> None:
    SCORED.to_csv(tmp_path / "scores.csv", index=False)
    read = pd.read_csv(tmp_path / "scores.csv", dtype=str, keep_default_na=False)
    assert len(revisions_table(SCORED, read)) == 0
    assert len(jumps_table(read, 0.2)) == 1


SCHEME = """
id = "s"
title = "s"
kind = "score"
source = "me"
evidence = "published"
legal = "research"
sources = { me = { title = "own" } }
[[indicator]]
id = "gep"
name = "gep"
property = "binding"
direction = "+"
unit = "1"
points = 10
reading = { data = "gep" }
rule = { kind = "deduct", rate = 1, per = 5 }
grade = "expert"
[[event]]
id = "spill"
name = "spill"
effect = "deduct"
points = 2
"""


def test_all_tables_of_a_scored_scheme(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(SCHEME, encoding="utf-8")
    scheme, on = read_scheme(tmp_path / "s.toml"), ground(tmp_path)
    done = scheme.kind.assess(scheme, on)
    assert set(review_tables(done, on)) == {
        "life_sources.csv",
        "life_jumps.csv",
        "life_deductions.csv",
    }
    log = logged(tmp_path / "log.csv", *WAY)
    found = review_tables(done, on, log, before=done.tables["scores.csv"])
    assert row(found["life_results.csv"], region="a", item="gep", year=2025)["final"] == 8.0
    assert set(found) == {
        "life_sources.csv",
        "life_jumps.csv",
        "life_deductions.csv",
        "life_appeals.csv",
        "life_results.csv",
        "life_revisions.csv",
    }
    # the target of 140 is missed by 40 and 10: 8 points in 2024, 2 in 2025, and 3 spills of 2 points each in 2025
    own = found["life_deductions.csv"]
    assert own[own["region"] == "a"][["year", "indicator", "deducted"]].to_numpy().tolist() == [
        [2024, "gep", 8.0], [2025, "gep", 2.0], [2025, "spill", 6.0],
    ]  # fmt: skip
    assert len(found["life_revisions.csv"]) == 0
    audit = read_scheme(
        Path(gep.__file__).parent / "assessment" / "schemes" / "leaving-office-audit-2017.toml"
    )
    assert review_tables(replace(done, scheme=audit), on) == {}


def test_a_head_of_an_empty_log_asks_for_no_log(tmp_path: Path) -> None:
    """The record of a run before the first entry: there was nothing to lose."""
    problems = ProblemLog()
    empty = read_log(tmp_path / "log.csv", problems)
    assert empty is not None
    again = read_log(tmp_path / "log.csv", problems, empty.head)
    assert again == empty
    assert problems.errors == []
