"""Scoring schemes: totals, events, veto, grades, ranks, what is told of a score, and what can be wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.schemes import (
    ATTAIN,
    GRADES,
    Demo,
    but,
    cell,
    event,
    faults_of,
    one,
    points,
    rank,
    reading,
    target,
    write_scheme,
)

from gep.assessment.events import load_events
from gep.assessment.scheme import Assessment
from gep.errors import ProblemLog

X = [one("x", 100)]


def graded(x: float, **parts: Any) -> Demo:
    """One indicator whose reading is the score, with grades."""
    return Demo(X, [reading("a", "x", x)], head={"grade": GRADES, **parts.pop("head", {})}, **parts)


def grade(demo: Demo, folder: Path, region: str = "a", year: int = 2020) -> str:
    """The grade of a region."""
    return str(rank(demo.assessed(folder), "grade", region, year))


# --- totals ----------------------------------------------------------------------------------------------------------


def test_the_total_is_the_sum_of_points(tmp_path: Path) -> None:
    """Three indicators, three points."""
    demo = Demo([one("x", 50), one("y", 30), one("z", 20)],
                [reading("a", name, value) for name, value in (("x", 40), ("y", 30), ("z", 5))])  # fmt: skip
    found = demo.assessed(tmp_path)
    assert points(found, "total") == 75
    assert cell(found.tables["scores.csv"], "max_points", indicator="total") == 100


@pytest.mark.parametrize(
    ("missing", "floor", "own", "total"),
    [("floor", 0, "", 30), ("floor", 0.6, "", 54), ("spread", 0, "", 50), ("floor", 0, "spread", 50),
     ("spread", 0.6, "floor", 54)],
)  # fmt: skip
def test_what_lacks(tmp_path: Path, missing: str, floor: float, own: str, total: float) -> None:
    """y of 40 points lacks: 30 of 60 and nothing, or 24 of 40, or its weight spread (30/60 of 100)."""
    listed = [one("x", 60), one("y", 40, **({"missing": own} if own else {}))]
    readings = [reading("a", "x", 30), reading("b", "x", 30), reading("b", "y", 40)]
    found = Demo(listed, readings, head={"missing": missing, "floor": floor}).assessed(tmp_path)
    assert points(found, "total") == pytest.approx(total)
    assert points(found, "total", "b") == 70
    rows = found.tables["scores.csv"]
    assert cell(rows, "note", indicator="y") != cell(rows, "note", "b", indicator="y")


def test_points_kept_at_the_floor_stand_in_the_table(tmp_path: Path) -> None:
    """24 of 40 points that count in the total are seen in the row of the indicator that lacks."""
    readings = [reading("a", "x", 30), reading("b", "x", 30), reading("b", "y", 40)]
    found = Demo([one("x", 60), one("y", 40)], readings, head={"floor": 0.6}).assessed(tmp_path)
    assert points(found, "y") == pytest.approx(24)


def test_a_region_without_any_reading_has_no_score(tmp_path: Path) -> None:
    """Nothing read is not nought."""
    rows = [reading("a", "x", 30), reading("b", "x", "na")]
    found = Demo(X, rows, head={"grade": GRADES}).assessed(tmp_path)
    assert [rank(found, name, "b") for name in ("score", "rank", "grade")] == ["", "", ""]
    assert rank(found, "rank") == 1


def test_points_that_no_text_gives_leave_no_score_and_no_grade(tmp_path: Path) -> None:
    """A blank weight: readings are shown, the sum and the grade are not made up."""
    listed = [one("x", 60), one("y", None)]
    readings = [reading("a", "x", 30), reading("a", "y", 5)]
    found = Demo(listed, readings, head={"grade": GRADES}).assessed(tmp_path)
    assert [rank(found, name) for name in ("score", "rank", "grade")] == ["", "", ""]
    assert cell(found.tables["scores.csv"], "reading", indicator="y") == 5
    assert "分值未定" in cell(found.tables["scores.csv"], "note", indicator="total")


def test_full_marks_are_the_sum_of_the_weights(tmp_path: Path) -> None:
    """Sixty times 100/60 is 100, and 100 is enough for a grade from 100."""
    listed = [one(f"x{number}", 100 / 60, ATTAIN) for number in range(60)]
    demo = Demo(
        listed, [reading("a", each["id"], 1) for each in listed], [target("a", each["id"], 1) for each in listed],
        head={"grade": [{"name": "满分", "from": 100}, {"name": "其他"}]},
    )  # fmt: skip
    assert grade(demo, tmp_path) == "满分"


@pytest.mark.parametrize("parts", [(0.1, 0.2, 0.3, 89.4), (33.3, 33.3, 23.4), (29.7, 0.1, 60.2)])
def test_a_score_of_ninety_is_ninety(tmp_path: Path, parts: Sequence[float]) -> None:
    """Points that sum to 90 on paper have the grade from 90, in any order."""
    for number, order in enumerate((parts, parts[::-1])):
        listed = [one(f"x{place}", 100) for place in range(len(order))]
        readings = [reading("a", f"x{place}", value) for place, value in enumerate(order)]
        assert (
            grade(Demo(listed, readings, head={"grade": GRADES}), tmp_path / str(number)) == "优秀"
        )


def test_scores_that_are_equal_on_paper_share_a_rank(tmp_path: Path) -> None:
    """0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 are the same score."""
    listed = [one(name, 1) for name in "xyz"]
    values = {"a": (0.1, 0.2, 0.3), "b": (0.3, 0.2, 0.1), "c": (0.6, 0, 0), "d": (0.5, 0, 0)}
    readings = [
        reading(code, name, x)
        for code, some in values.items()
        for name, x in zip("xyz", some, strict=True)
    ]
    found = Demo(listed, readings).assessed(tmp_path)
    assert [rank(found, "rank", code) for code in "abcd"] == [1, 1, 1, 4]


# --- grades ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "name"), [(100, "优秀"), (90, "优秀"), (89.99, "良好"), (60, "合格"), (0, "不合格")]
)
def test_grades_begin_at_their_cut_off(tmp_path: Path, score: float, name: str) -> None:
    """From 90, 80, 60."""
    assert grade(graded(score), tmp_path) == name


# --- events ----------------------------------------------------------------------------------------------------------

FALSE = {"id": "false_data", "name": "数据造假", "effect": "fail"}
SERIOUS = {"id": "serious", "name": "特别重大环境事件", "effect": "cap", "grade": "良好"}
LISTED = {"id": "listed", "name": "挂牌督办", "effect": "deduct", "points": 3, "most": 5}
PRIZE = {"id": "prize", "name": "表彰", "effect": "bonus", "points": 2, "most": 4}
EVENTS = {"event": [FALSE, SERIOUS, LISTED, PRIZE]}


@pytest.mark.parametrize(
    ("events", "score"),
    [
        ([event("a", "listed")], 87),
        ([event("a", "listed"), event("a", "listed", document="另一份")], 85),
        ([event("a", "listed", times=10)], 85),
        ([event("a", "prize")], 92),
        ([event("a", "prize", times=5)], 94),
        ([event("a", "prize"), event("a", "listed")], 89),
        ([event("b", "listed")], 90),
        ([], 90),
    ],
)
def test_points_off_and_on_up_to_the_most(
    tmp_path: Path, events: list[dict[str, object]], score: float
) -> None:
    """3 off each, 5 at most; 2 on each, 4 at most; of one's own region."""
    demo = graded(90, events=[*events, event("b", "prize")], head=EVENTS)
    demo = but(demo, readings=[*demo.readings, reading("b", "x", 90)])
    assert points(demo.assessed(tmp_path), "total") == score


def test_deductions_never_go_below_nought_and_bonuses_may_go_beyond_all(tmp_path: Path) -> None:
    """2 points less 3 is 0; 100 points and 2 are 102."""
    assert (
        points(
            graded(2, events=[event("a", "listed")], head=EVENTS).assessed(tmp_path / "1"), "total"
        )
        == 0
    )
    assert (
        points(
            graded(100, events=[event("a", "prize")], head=EVENTS).assessed(tmp_path / "2"), "total"
        )
        == 102
    )


@pytest.mark.parametrize(
    ("score", "name", "due"),
    [
        (95, "serious", "良好"),
        (85, "serious", "良好"),
        (65, "serious", "合格"),
        (95, "false_data", "不合格"),
    ],
)
def test_an_event_bars_the_best_grade_or_fails(
    tmp_path: Path, score: float, name: str, due: str
) -> None:
    """The score stays, the grade is at most what the event leaves."""
    found = graded(score, events=[event("a", name)], head=EVENTS).assessed(tmp_path)
    assert (rank(found, "score"), rank(found, "grade")) == (score, due)


def test_why_a_grade_is_not_that_of_the_score(tmp_path: Path) -> None:
    """Event, document and date stand in the note; every reason that leads there does."""
    veto = {"property": "binding", "missed": 1, "grade": "不合格"}
    demo = Demo(
        [one("x", 100, ATTAIN), one("y", 0, ATTAIN)], [reading("a", "x", 5), reading("a", "y", 5)],
        [target("a", "x", 1), target("a", "y", 9)], events=[event("a", "false_data")],
        head={"grade": GRADES, "veto": veto, **EVENTS},
    )  # fmt: skip
    note = cell(demo.assessed(tmp_path).tables["scores.csv"], "note", indicator="total")
    assert "数据造假" in note
    assert "通报〔2020〕1号" in note
    assert "2020-05-06" in note
    assert "未完成" in note, "the veto leads to the same grade"


@pytest.mark.parametrize(
    ("expires", "years"),
    [("", [2019]), ("2019-12-31", [2019]), ("2020-06-30", [2019]), ("2020-12-31", [2019, 2020]),
     ("2022-01-01", [2019, 2020, 2021])],
)  # fmt: skip
def test_how_long_an_event_bears(tmp_path: Path, expires: str, years: list[int]) -> None:
    """On its own year, and on later ones at whose end it has not expired."""
    readings = [reading("a", "x", 95, year=year) for year in (2018, 2019, 2020, 2021)]
    demo = Demo(
        X,
        readings,
        events=[event("a", "serious", 2019, expires=expires)],
        head={"grade": GRADES, **EVENTS},
    )
    found = demo.assessed(tmp_path)
    assert [
        year for year in (2018, 2019, 2020, 2021) if rank(found, "grade", year=year) == "良好"
    ] == years


def event_codes(folder: Path, *rows: Mapping[str, Any]) -> set[str]:
    """The codes of what is wrong with events."""
    problems = ProblemLog()
    path = folder / "events.csv"
    pd.DataFrame(list(rows)).to_csv(path, index=False)
    load_events(path, problems)
    return {problem.code for problem in problems.errors}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"date": "2020-13-01"}, "bad-date"), ({"date": "May 2020"}, "bad-date"), ({"date": "20200506"}, "bad-date"),
        ({"expires": "20201231"}, "bad-date"), ({"expires": "2020-W53-4"}, "bad-date"),
        ({"expires": "2019-01-01"}, "bad-date"), ({"date": ""}, "blank"), ({"document": ""}, "blank"),
        ({"region": ""}, "blank"), ({"event": ""}, "blank"), ({"year": "20"}, "bad-year"),
        ({"times": "twice"}, "not-a-number"), ({"times": "-1"}, "negative"),
    ],
)  # fmt: skip
def test_events_that_are_not_whole(tmp_path: Path, part: dict[str, object], code: str) -> None:
    """An event has its document and date, dates are written one way, it ends after it begins, and times count up."""
    assert event_codes(tmp_path, {**event("a", "listed"), **part}) == {code}


def test_an_event_that_stands_twice(tmp_path: Path) -> None:
    """The same document and date twice is one event; two documents are two."""
    row = event("a", "listed")
    assert event_codes(tmp_path, row, row) == {"duplicate-row"}
    assert event_codes(tmp_path, row, {**row, "document": "另一份"}) == set()


# --- veto ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goals", "year", "due"),
    [
        ((1, 1), 2020, "优秀"),
        ((1, 9), 2020, "优秀"),
        ((9, 9), 2020, "不合格"),
        ((9, 9), 2025, "优秀"),
    ],
)
def test_veto_of_binding_targets_missed(
    tmp_path: Path, goals: tuple[float, float], year: int, due: str
) -> None:
    """Two binding targets missed are the veto; one, or two that are not due yet, are not; expected ones never."""
    listed = [
        one("x", 100), one("y", 0, ATTAIN), one("z", 0, ATTAIN),
        one("w", 0, ATTAIN, property="expected"), one("v", 0, ATTAIN, property="expected"),
    ]  # fmt: skip
    readings = [reading("a", "x", 95), *(reading("a", name, 5) for name in "yzwv")]
    targets = [target("a", name, goal, year=year) for name, goal in zip("yz", goals, strict=True)]
    targets += [target("a", name, 9) for name in "wv"]
    veto = {"property": "binding", "missed": 2, "grade": "不合格"}
    found = Demo(listed, readings, targets, head={"grade": GRADES, "veto": veto}).assessed(tmp_path)
    assert rank(found, "grade") == due
    assert ("2 项" in cell(found.tables["scores.csv"], "note", indicator="total")) == (
        due == "不合格"
    )


# --- ranks -----------------------------------------------------------------------------------------------------------


def test_ranks_in_groups_with_ties_and_those_of_the_year_before(tmp_path: Path) -> None:
    """Up is positive; the first year's are compared with the ranking that the project names."""
    scores = {"a": (50, 90), "b": (60, 70), "c": (60, 70), "d": (10, 20)}
    readings = [
        reading(code, "x", value, year=year)
        for code, some in scores.items() for year, value in zip((2019, 2020), some, strict=True)
    ]  # fmt: skip
    groups = {"a": "一类", "b": "一类", "c": "一类", "d": "二类"}
    found = Demo(X, readings, groups=groups, previous={"a": 1, "d": 1}).assessed(tmp_path)
    table = {
        (code, year): tuple(rank(found, name, code, year) for name in ("group", "rank", "previous_rank", "change"))
        for code in "abcd" for year in (2019, 2020)
    }  # fmt: skip
    assert table == {
        ("a", 2019): ("一类", 3, 1, -2), ("a", 2020): ("一类", 1, 3, 2),
        ("b", 2019): ("一类", 1, "", ""), ("b", 2020): ("一类", 2, 1, -1),
        ("c", 2019): ("一类", 1, "", ""), ("c", 2020): ("一类", 2, 1, -1),
        ("d", 2019): ("二类", 1, 1, 0), ("d", 2020): ("二类", 1, 1, 0),
    }  # fmt: skip


# --- laws ------------------------------------------------------------------------------------------------------------


def as_map(found: Assessment) -> dict[tuple[str, str, str], Any]:
    """Everything that ranks say, by region and column."""
    rows = found.tables["ranking.csv"].to_dict("records")
    return {
        (str(row["region"]), str(row["year"]), str(name)): value
        for row in rows
        for name, value in row.items()
    }


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_order_changes_nothing(data: st.DataObject) -> None:
    """Indicators and regions in another order: the same scores, ranks and grades; and ranks follow the scores."""
    count = data.draw(st.integers(2, 5))
    weights = data.draw(
        st.lists(st.integers(1, 300).map(lambda tenth: tenth / 10), min_size=count, max_size=count)
    )
    rules = data.draw(
        st.lists(st.sampled_from([PLAIN_RULE, {"kind": "efficacy"}, {"kind": "rank", "step": 0.1}]), min_size=count,
                 max_size=count)
    )  # fmt: skip
    listed = [
        one(f"x{place}", weight, rule)
        for place, (weight, rule) in enumerate(zip(weights, rules, strict=True))
    ]
    codes = [f"r{number}" for number in range(data.draw(st.integers(2, 5)))]
    value = st.one_of(st.just("na"), st.integers(0, 30).map(lambda tenth: tenth / 10))
    readings = [reading(code, each["id"], data.draw(value)) for code in codes for each in listed]
    groups = {code: data.draw(st.sampled_from(["p", "q"])) for code in codes}
    missing = data.draw(st.sampled_from(["floor", "spread"]))
    demo = Demo(
        listed, readings, groups=groups, head={"grade": GRADES, "missing": missing, "floor": 0.5}
    )
    other = replace(
        demo, indicators=data.draw(st.permutations(listed)), readings=data.draw(st.permutations(readings)),
        groups=dict(data.draw(st.permutations(list(groups.items())))),
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        found, again = demo.assessed(Path(folder) / "1"), other.assessed(Path(folder) / "2")
    assert as_map(found) == as_map(again)
    rows = found.tables["ranking.csv"]
    for _, some in rows[(rows["score"] != "").to_numpy()].groupby("group"):
        scores = [float(score) for score in some["score"]]
        assert some["rank"].tolist() == [
            1 + sum(other > score for other in scores) for score in scores
        ]
    whole = sum(weights)
    assert all(score == "" or -1e-9 <= score <= whole + 1e-9 for score in rows["score"])


PLAIN_RULE = {"kind": "reading"}


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.one_of(st.just("na"), st.integers(0, 20))),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
def test_the_rows_of_a_total_sum_to_it(parts: list[tuple[int, Any]]) -> None:
    """With weights kept, the points in the table and those of events are the score."""
    listed = [one(f"x{place}", weight) for place, (weight, _) in enumerate(parts)]
    readings = [reading("a", f"x{place}", value) for place, (_, value) in enumerate(parts)]
    demo = Demo(
        listed,
        readings,
        events=[event("a", "prize")],
        head={"floor": 0.5, **EVENTS, "grade": GRADES},
    )
    with TemporaryDirectory() as folder:
        rows = demo.assessed(Path(folder)).tables["scores.csv"]
    each = rows[(rows["indicator"] != "total").to_numpy()]["points"]
    total = cell(rows, "points", indicator="total")
    assert total == "" or sum(0.0 if value == "" else value for value in each) + 2 == pytest.approx(
        total
    )


# --- how a score came about ------------------------------------------------------------------------------------------


def told(demo: Demo, folder: Path, item: str, region: str = "a", language: str = "zh") -> str:
    """The lines of a number."""
    return "\n".join(demo.assessed(folder).explain(region, 2020, item, language))


def test_a_score_is_told_down_to_its_rows(tmp_path: Path) -> None:
    """Reading and target with file and row, rule, points; the total with each indicator, events and what they did."""
    demo = Demo(
        [one("x", 60, {"kind": "deduct", "rate": 0.5}, source="made_up", locator="第三条"), one("y", 40)],
        [reading("a", "y", 40), reading("a", "x", 70)], [target("b", "x", 1), target("a", "x", 80)],
        events=[event("a", "listed")], head={"grade": GRADES, **EVENTS},
    )  # fmt: skip
    demo = but(demo, readings=[*demo.readings, reading("b", "x", 1)])
    lines = told(demo, tmp_path, "x")
    for part in (
        "readings.csv 第 3 行",
        "70",
        "targets.csv 第 3 行",
        ">= 80",
        "deduct",
        "0.5",
        "55 / 60",
        "第三条",
    ):
        assert part in lines, part
    total = told(demo, tmp_path, "total")
    for part in (
        "55 / 60",
        "40 / 40",
        "挂牌督办 (listed)",
        "通报〔2020〕1号",
        "events.csv 第 2 行",
        "-3",
        "92 / 100",
        "优秀",
    ):
        assert part in total, part
    assert "score: 92 / 100" in told(demo, tmp_path, "total", language="en")


def test_the_explanation_of_a_score_adds_up_and_names_its_own_events(tmp_path: Path) -> None:
    """30 of 60 spread to 50 of 100, less 2 of 3 points (the most), and an event of another scheme is not told."""
    rule = {"id": "late", "name": "迟报", "effect": "deduct", "points": 1, "most": 2}
    demo = Demo(
        [one("x", 60), one("y", 40)],
        [reading("a", "x", 30), reading("b", "x", 60), reading("b", "y", 40)],
        events=[event("a", "late", times=3), event("a", "of_another")],
        head={"missing": "spread", "event": [rule]},
    )
    total = told(demo, tmp_path, "total")
    assert "30 / 60；按满分 100 折算为 50" in total
    assert "：-2 分，3 次" in total
    assert "总得分: 48 / 100" in total
    assert "of_another" not in total


def test_a_score_beyond_its_limits_is_told_to_be_cut(tmp_path: Path) -> None:
    """1 point less 3 is told as -2 before it is nought."""
    rule = {"id": "late", "name": "迟报", "effect": "deduct", "points": 3}
    demo = Demo(X, [reading("a", "x", 1)], events=[event("a", "late")], head={"event": [rule]})
    total = told(demo, tmp_path, "total")
    assert "-2 超出得分的上下限" in total
    assert "总得分: 0 / 100" in total


def test_peers_and_places_are_told(tmp_path: Path) -> None:
    """Of the group alone, in the order of places; for a rank as a rule, and for the score."""
    rows = [reading(code, "x", value) for code, value in (("a", 5), ("b", 9), ("c", 7), ("d", 8))]
    groups = {"a": "一类", "b": "一类", "c": "一类", "d": "二类"}
    demo = Demo([one("x", 100, {"kind": "rank", "step": 10})], rows, groups=groups)
    assert "一类，3 个区域中第 3" in told(demo, tmp_path, "x")
    assert "1 b 9、2 c 7、3 a 5" in told(demo, tmp_path, "x")
    assert "1 b 100、2 c 90、3 a 80" in told(demo, tmp_path, "total")
    assert "组内只有该区域" in told(demo, tmp_path, "total", region="d")
    assert "组内只有该区域" in told(demo, tmp_path, "x", region="d")


def test_missed_targets_are_named(tmp_path: Path) -> None:
    """In the explanation, and in the reason of a grade that the veto leaves."""
    demo = Demo(
        [one("x", 100)], [reading("a", "x", 95)], [target("a", "x", 99)],
        head={"grade": GRADES, "veto": {"grade": "不合格"}},
    )  # fmt: skip
    total = told(demo, tmp_path, "total")
    assert "未完成目标: 1 项：指标x (x)（约束性）" in total
    assert "等级: 不合格（1 项约束性指标未完成：指标x (x)）" in total


# --- groups of one, properties of targets, growth over years ---------------------------------------------------------


def test_the_only_region_of_a_group_says_so(tmp_path: Path) -> None:
    """A first place among one is no first place: in the ranking, and beside points by comparison."""
    rows = [reading(code, "x", value) for code, value in (("a", 5), ("b", 9), ("c", 7))]
    groups = {"a": "一类", "b": "一类", "c": "二类"}
    for rule in ({"kind": "rank", "step": 10}, {"kind": "efficacy"}):
        found = Demo([one("x", 100, rule)], rows, groups=groups).assessed(tmp_path)
        assert [("组内只有该区域" in rank(found, "note", code)) for code in "abc"] == [
            False,
            False,
            True,
        ]
        scores = found.tables["scores.csv"]
        assert "组内只有该区域" in cell(scores, "note", "c", indicator="x")
        assert cell(scores, "note", "a", indicator="x") == ""
    alone = Demo([one("x", 100, {"kind": "efficacy", "low": 0, "high": 10})], rows, groups=groups)
    assert cell(alone.assessed(tmp_path).tables["scores.csv"], "note", "c", indicator="x") == ""


@pytest.mark.parametrize(
    ("written", "grade_due", "property_due"),
    [("", "优秀", "expected"), ("约束性", "不合格", "binding"), ("binding", "不合格", "binding"),
     ("预期性", "优秀", "expected")],
)  # fmt: skip
def test_the_property_of_a_target_rules(
    tmp_path: Path, written: str, grade_due: str, property_due: str
) -> None:
    """What the target says goes before what the scheme says: the veto is of binding targets."""
    demo = Demo(
        [one("x", 100, property="expected"), one("y", 0)], [reading("a", "x", 95), reading("a", "y", 0)],
        [target("a", "x", 99, property=written)], head={"grade": GRADES, "veto": {"grade": "不合格"}},
    )  # fmt: skip
    found = demo.assessed(tmp_path)
    assert rank(found, "grade") == grade_due
    assert cell(found.tables["targets.csv"], "property", indicator="x") == property_due


def test_a_property_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """A word of the scheme is known, any other is not."""
    rows = [reading("a", "x", 95)]
    wrong = Demo(X, rows, [target("a", "x", 99, property="bindng")])
    (problem,) = wrong.problems(tmp_path)
    assert (problem.code, problem.where) == ("target-form", "targets.csv row 2 column property")
    own = Demo([one("x", 100, property="示范性")], rows, [target("a", "x", 99, property="示范性")])
    assert own.problems(tmp_path) == []


def warned(demo: Demo, folder: Path) -> list[str]:
    """The codes of what the ground of a scheme is warned of."""
    problems = ProblemLog()
    scheme = demo.scheme(folder)
    scheme.kind.check_inputs(scheme, demo.ground(folder), problems)
    assert problems.errors == []
    return [problem.code for problem in problems.warnings]


GROWTH_ROWS = [
    reading("a", "x", value, "t", year) for year, value in ((2015, 100), (2020, 161.051))
]


def test_growth_over_several_years_is_not_scored_in_silence(tmp_path: Path) -> None:
    """61 % in five years is 10 % a year: warned of and noted, and as an option taken a year."""
    rule = {"kind": "interpolate", "at": [0, 20], "values": [0, 10]}
    growth = one("g", 10, rule, unit="%", reading={"data": "x", "form": "growth"})
    demo = Demo([growth], GROWTH_ROWS)
    assert warned(demo, tmp_path) == ["growth-years"]
    scores = demo.assessed(tmp_path).tables["scores.csv"]
    assert "跨多年的增长" in cell(scores, "note", indicator="g")
    assert "5 年间的增长" in told(demo, tmp_path, "g")
    yearly = Demo([{**growth, "reading": {"data": "x", "form": "yearly_growth"}}], GROWTH_ROWS)
    assert warned(yearly, tmp_path) == []
    found = yearly.assessed(tmp_path)
    assert cell(found.tables["scores.csv"], "reading", indicator="g") == pytest.approx(10)
    assert points(found, "g") == pytest.approx(5)
    assert "平均每年" in cell(found.tables["scores.csv"], "note", indicator="g")


def test_growth_of_one_year_or_without_points_is_not_warned_of(tmp_path: Path) -> None:
    """Nothing is scored by thresholds that do not fit."""
    growth = one("g", 10, unit="%", reading={"data": "x", "form": "growth"})
    rows = [reading("a", "x", value, "t", year) for year, value in ((2019, 100), (2020, 110))]
    assert warned(Demo([growth], rows), tmp_path) == []
    assert warned(Demo([{**growth, "points": None} | {"points": 0}], rows), tmp_path) == []
    unscored = one("g", None, None, unit="%", reading={"data": "x", "form": "growth"})
    assert warned(Demo([unscored], GROWTH_ROWS), tmp_path) == []


def test_the_target_of_a_growth_is_no_percentage_of_a_growth(tmp_path: Path) -> None:
    """Growth rates differ by points, so 5 % more than a growth of 4 % is refused."""
    growth = one("g", 10, unit="%", reading={"data": "x", "form": "growth"})
    rows = [reading("a", "x", value, "t", year) for year, value in ((2019, 100), (2020, 110))]
    change = {"form": "cumulative_change", "base_year": 2018, "base": 4}
    wrong = Demo([growth], rows, [target("a", "g", 5, unit="%", **change)])
    assert [problem.code for problem in wrong.problems(tmp_path)] == ["target-form"]
    right = Demo([growth], rows, [target("a", "g", 5, unit="%")])
    assert right.problems(tmp_path) == []


def test_limits_of_the_group_are_told(tmp_path: Path) -> None:
    """Points between the group's own least and most cannot be followed without them."""
    rows = [reading(code, "x", value) for code, value in (("a", 20), ("b", 17.5), ("c", 31.25))]
    lines = told(Demo([one("x", 100, {"kind": "efficacy"})], rows), tmp_path, "x")
    assert "17.5" in lines
    assert "31.25" in lines


def test_growth_is_told_with_both_rows(tmp_path: Path) -> None:
    """The row of this year and that of the year before."""
    rows = [reading("a", "x", 100, "t", 2019), reading("a", "x", 110, "t")]
    listed = [one("g", 1, unit="%", reading={"data": "x", "form": "growth"})]
    lines = told(Demo(listed, rows), tmp_path, "g")
    assert "readings.csv 第 3 行，与 readings.csv 第 2 行 相比" in lines


# --- readings from rows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "value"), [("1", 0.1), ("%", 10)])
def test_growth_of_data_rows(tmp_path: Path, unit: str, value: float) -> None:
    """110 t after 100 t is 0.1, or 10 %; the first year has none."""
    rows = [reading("a", "x", 100, "t", 2018), reading("a", "x", 110_000, "kg")]
    listed = [one("g", 100, unit=unit, reading={"data": "x", "form": "growth"})]
    table = Demo(listed, rows).assessed(tmp_path).tables["scores.csv"]
    assert cell(table, "reading", indicator="g") == pytest.approx(value)
    assert cell(table, "reading", year=2018, indicator="g") == ""


def test_the_mean_of_the_years_so_far(tmp_path: Path) -> None:
    """4 in the first year, 5 in the second, 6 in the third: the means are 4, 4.5, 5; who lacks a year has none."""
    rows = [reading("a", "x", value, year=2018 + place) for place, value in enumerate((4, 5, 6))]
    rows += [reading("b", "x", 1, year=2018), reading("b", "x", 3, year=2020)]
    table = (
        Demo([one("m", reading={"data": "x", "form": "mean"})], rows)
        .assessed(tmp_path)
        .tables["scores.csv"]
    )
    means = [cell(table, "reading", year=year, indicator="m") for year in (2018, 2019, 2020)]
    assert means == pytest.approx([4, 4.5, 5])
    assert cell(table, "reading", "b", indicator="m") == ""


def test_units_of_rows(tmp_path: Path) -> None:
    """Rows in several units become the indicator's; one of another dimension is told."""
    rows = [reading("a", "x", 2, "t"), reading("b", "x", 3000, "kg")]
    table = Demo([one("x", unit="kg")], rows).assessed(tmp_path / "1").tables["scores.csv"]
    assert [cell(table, "reading", code, indicator="x") for code in "ab"] == [2000, 3000]
    wrong = Demo([one("x", unit="kg")], [*rows, reading("c", "x", 1, "hm2")])
    assert {problem.code for problem in wrong.problems(tmp_path / "2")} == {"wrong-dimension"}


def test_several_rows_of_a_region_are_no_reading(tmp_path: Path) -> None:
    """Emissions by substance: which of them is meant is not guessed."""
    rows = [reading("a", "x", 1, "t", substance="SO2"), reading("a", "x", 2, "t", substance="dust")]
    assert Demo([one("x", unit="t")], rows).problems(tmp_path)


@pytest.mark.parametrize("worst", ["recalled", "published"])
def test_the_grade_of_a_score_is_the_worst_behind_it(tmp_path: Path, worst: str) -> None:
    """Of the indicator's own and the reading's."""
    for number, (own, row) in enumerate(((worst, "official"), ("official", worst))):
        demo = Demo([one("x", grade=own)], [reading("a", "x", 1, grade=row)])
        table = demo.assessed(tmp_path / str(number)).tables["scores.csv"]
        assert cell(table, "grade", indicator="x") == worst


# --- TOML and CSV ----------------------------------------------------------------------------------------------------

MIXED = (
    one(
        "x",
        40,
        {"kind": "deduct", "rate": 0.5, "per": 2.0},
        least=-5.0,
        source="made_up",
        locator="一",
    ),
    one(
        "y",
        30,
        {"kind": "interpolate", "at": [0, 5, 9], "values": [0, 20, 30]},
        direction="-",
        missing="spread",
    ),
    one(
        "z",
        30,
        {"kind": "efficacy", "low": 0.0, "high": 10.0, "floor": 50.0},
        property="expected",
        most=9.0,
    ),
    one("w", 20, {"kind": "rank", "step": 2.0}, unit="%", note="甲"),
    one("v", 10, ATTAIN, direction="-", section="s"),
)


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    """Indicators with every rule and key: the same tables, cell by cell."""
    readings = [
        reading(code, name, value, "%" if name == "w" else "1")
        for code, some in (("a", (70, 3, 8, 1, 5)), ("b", (90, 6, 12, 2, 4)), ("c", ("na", "na", 0, 3, 6)))
        for name, value in zip("xyzwv", some, strict=True)
    ]  # fmt: skip
    targets = [
        target(code, name, goal, word)
        for code in "abc"
        for name, goal, word in (("x", 80, ">="), ("v", 5, "<="))
    ]
    head = {"section": [{"id": "s", "name": "节", "points": 10}], "grade": GRADES, "total": 130}
    demo = Demo(MIXED, readings, targets, head=head)
    found, again = demo.assessed(tmp_path / "1"), but(demo, as_csv=True).assessed(tmp_path / "2")
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert points(found, "x") == 37.5  # 10 short of 80: 5 times 0.5 off


# --- broken schemes --------------------------------------------------------------------------------------------------


def fault_codes(
    folder: Path, listed: Sequence[Mapping[str, Any]] = X, as_csv: bool = False, **head: Any
) -> set[str]:
    """The codes of what is wrong with a scheme itself."""
    return {problem.code for problem in faults_of(write_scheme(folder, listed, as_csv, **head))}


BROKEN: dict[str, tuple[Callable[[Path], set[str]], str]] = {
    "weights do not sum": (lambda to: fault_codes(to, total=90), "weights-sum"),
    "weights of a section": (
        lambda to: fault_codes(to, [one("x", 9, section="s")], section=[{"id": "s", "name": "节", "points": 10}]),
        "weights-sum",
    ),
    "sections do not sum": (
        lambda to: fault_codes(
            to, [one("x", None, section="s")], section=[{"id": "s", "name": "节", "points": 10}], total=100
        ),
        "weights-sum",
    ),
    "cut-offs ascend": (
        lambda to: fault_codes(to, grade=[{"name": "甲", "from": 60}, {"name": "乙", "from": 80}, {"name": "丙"}]),
        "grade-cutoffs",
    ),
    "cut-offs alike": (
        lambda to: fault_codes(to, grade=[{"name": "甲", "from": 60}, {"name": "乙", "from": 60}, {"name": "丙"}]),
        "grade-cutoffs",
    ),
    "a grade in the middle without cut-off": (
        lambda to: fault_codes(to, grade=[{"name": "甲"}, {"name": "乙", "from": 60}]), "grade-cutoffs",
    ),
    "no grade for the lowest scores": (
        lambda to: fault_codes(to, grade=[{"name": "甲", "from": 80}, {"name": "乙", "from": 60}]), "grade-cutoffs",
    ),
    "a grade twice": (
        lambda to: fault_codes(to, grade=[{"name": "甲", "from": 80}, {"name": "甲"}]), "grade-cutoffs",
    ),
    "unknown grade in a cap": (
        lambda to: fault_codes(to, grade=GRADES, event=[{**SERIOUS, "grade": "特优"}]), "grade-unknown",
    ),
    "unknown grade in the veto": (
        lambda to: fault_codes(to, grade=GRADES, veto={"grade": "差"}), "grade-unknown",
    ),
    "an event fails, there are no grades": (lambda to: fault_codes(to, event=[FALSE]), "grade-unknown"),
    "veto on a property of none": (
        lambda to: fault_codes(to, grade=GRADES, veto={"property": "示范性", "grade": "不合格"}), "scheme-rule",
    ),
    "deduct without rate": (lambda to: fault_codes(to, [one("x", rule={"kind": "deduct"})]), "toml-value"),
    "deduct per nothing": (
        lambda to: fault_codes(to, [one("x", rule={"kind": "deduct", "rate": 1, "per": 0})]), "toml-value",
    ),
    "rank without step": (lambda to: fault_codes(to, [one("x", rule={"kind": "rank"})]), "toml-value"),
    "interpolate without points": (lambda to: fault_codes(to, [one("x", rule={"kind": "interpolate"})]), "toml-value"),
    "interpolate not ascending": (
        lambda to: fault_codes(to, [one("x", rule={"kind": "interpolate", "at": [2, 1], "values": [0, 1]})]),
        "toml-value",
    ),
    "interpolate beyond its points": (
        lambda to: fault_codes(to, [one("x", rule={"kind": "interpolate", "at": [1, 2], "values": [0, 11]})]),
        "scheme-rule",
    ),
    "limits the wrong way round": (
        lambda to: fault_codes(to, [one("x", rule={"kind": "efficacy", "low": 2, "high": 1})]), "toml-value",
    ),
    "guards the wrong way round": (lambda to: fault_codes(to, [one("x", least=2, most=1)]), "toml-value"),
    "a rule of no known kind": (lambda to: fault_codes(to, [one("x", rule={"kind": "magic"})]), "toml-value"),
    "a key of no known name": (lambda to: fault_codes(to, [one("x", weight=5)]), "unknown-key"),
    "an indicator without unit": (lambda to: fault_codes(to, [one("x", unit=None)]), "missing-key"),
    "a direction of neither kind": (lambda to: fault_codes(to, [one("x", direction="up")]), "toml-value"),
    "a negative weight": (lambda to: fault_codes(to, [one("x", -5)]), "toml-value"),
    "a reading from two places": (
        lambda to: fault_codes(to, [one("x", reading={"data": "x", "account": "total"})]), "toml-value",
    ),
    "a reading from nowhere": (lambda to: fault_codes(to, [one("x", reading={})]), "toml-value"),
    "points without a rule": (lambda to: fault_codes(to, [one("x", rule=None)]), "scheme-rule"),
    "an id twice": (lambda to: fault_codes(to, [one("x"), one("x")]), "duplicate-id"),
    "an event's id twice": (lambda to: fault_codes(to, event=[LISTED, LISTED]), "duplicate-id"),
    "a section's id twice": (
        lambda to: fault_codes(to, section=[{"id": "s", "name": "节"}, {"id": "s", "name": "节"}]), "duplicate-id",
    ),
    "an indicator called total": (lambda to: fault_codes(to, [one("total")]), "duplicate-id"),
    "an unknown section": (lambda to: fault_codes(to, [one("x", section="s")]), "scheme-section"),
    "an unknown unit": (lambda to: fault_codes(to, [one("x", unit="furlong")]), "unknown-unit"),
    "an unknown source": (lambda to: fault_codes(to, [one("x", source="nobody")]), "unknown-source"),
    "an unknown source of the scheme": (lambda to: fault_codes(to, source="nobody"), "unknown-source"),
    "a cap without grade": (
        lambda to: fault_codes(to, grade=GRADES, event=[{"id": "e", "name": "e", "effect": "cap"}]), "toml-value",
    ),
    "a deduction without points": (
        lambda to: fault_codes(to, event=[{"id": "e", "name": "e", "effect": "deduct"}]), "toml-value",
    ),
    "no indicator": (lambda to: fault_codes(to, []), "scheme-indicator"),
    "no such table of indicators": (lambda to: fault_codes(to, [], indicators="none.csv"), "missing-file"),
    "indicators outside the folder": (lambda to: fault_codes(to, [], indicators="../none.csv"), "path-outside"),
    "unknown kind": (lambda to: fault_codes(to, kind="scores"), "scheme-kind"),
    "no kind": (lambda to: fault_codes(to, kind=None), "scheme-kind"),
    "unknown legal force": (lambda to: fault_codes(to, legal="law"), "toml-value"),
    "a day that is none": (lambda to: fault_codes(to, valid_from="2020-02-30"), "bad-date"),
    "valid until before it begins": (
        lambda to: fault_codes(to, valid_from="2020-02-01", valid_to="2019-01-01"), "bad-date",
    ),
    "CSV: no points a number": (lambda to: fault_codes(to, [one("x", "ten")], True), "scheme-indicator"),
    "CSV: unknown rule": (lambda to: fault_codes(to, [one("x", rule={"kind": "magic"})], True), "scheme-indicator"),
    "CSV: rule not whole": (lambda to: fault_codes(to, [one("x", rule={"kind": "deduct"})], True), "scheme-indicator"),
    "CSV: no reading": (lambda to: fault_codes(to, [one("x", reading={"data": ""})], True), "scheme-indicator"),
    "CSV: unknown column": (lambda to: fault_codes(to, [one("x", weight=5)], True), "unknown-column"),
    "CSV: blank grade": (lambda to: fault_codes(to, [one("x", grade="")], True), "scheme-indicator"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_scheme_gives_its_code(tmp_path: Path, name: str) -> None:
    """One defect, its code, nothing else told."""
    work, code = BROKEN[name]
    assert work(tmp_path) == {code}


def test_indicators_in_the_toml_and_in_a_csv(tmp_path: Path) -> None:
    """One of them is too many."""
    write_scheme(tmp_path, X, as_csv=True)
    assert fault_codes(tmp_path, X, indicators="indicators.csv") == {"scheme-indicator"}


def test_faults_of_a_csv_name_its_rows(tmp_path: Path) -> None:
    """Every row that is wrong, with file and row."""
    path = write_scheme(
        tmp_path, [one("x"), one("y", "ten"), one("z", direction="up")], as_csv=True
    )
    assert [problem.where for problem in faults_of(path)] == [
        "indicators.csv row 3 column points",
        "indicators.csv row 4 column direction",
    ]


def test_problems_are_worded_in_both_languages(tmp_path: Path) -> None:
    """Place, the value found, names with their ids."""
    (unread,) = faults_of(write_scheme(tmp_path / "1", [one("x", rule={"kind": "rank"})]))
    assert unread.say_what("zh") == "位次规则（rank）应写明 step，且不小于 0，现为空"
    assert unread.say_what("en") == "a rule of kind rank needs a step of 0 or more; step is blank"
    (sums,) = faults_of(write_scheme(tmp_path / "2", X, total=90))
    assert sums.say("zh") == (
        "[weights-sum] demo.toml total：各指标分值合计 100 分，方案总分 total 为 90 分"
        " / 改正：更正指标分值，或更正 total"
    )
    demo = Demo([one("x", rule=ATTAIN)], [reading("a", "x", 1)])
    (target_missing,) = demo.problems(tmp_path / "3")
    assert target_missing.say_what("zh") == (
        "指标x (x) 按“完成目标得分 (attain)”计分，须有目标，而下列区域没有目标：a"
    )
    assert target_missing.say_what("en") == (
        "the rule target met or missed (attain) of x needs a target, and there is none for a"
    )


def test_why_there_is_no_score_is_said_in_both_languages(tmp_path: Path) -> None:
    """The caption counts the grades of the indicators, and says that points are not given."""
    listed = [one("x", 60), one("y", None, grade="expert")]
    rows = [reading("a", "x", 30), reading("a", "y", 5)]
    caption = Demo(listed, rows).assessed(tmp_path).caption
    assert [line.say("zh") for line in caption] == [
        "指标的依据等级（项数）：公开发表 1、专家判断 1",
        "分值未定：不计总分、位次和等级",
    ]
    assert [line.say("en") for line in caption] == [
        "grades of the indicators (how many): published 1, expert judgement 1",
        "points are not given: no score, no rank, no grade",
    ]


def test_defects_of_one_scheme_are_told_together(tmp_path: Path) -> None:
    """What can be read is checked whole."""
    listed = [one("x", 9, section="s"), one("x", 5, rule=None, unit="furlong", source="nobody")]
    head = {
        "total": 90,
        "grade": [{"name": "甲", "from": 1}, {"name": "乙", "from": 2}],
        "event": [LISTED, LISTED],
    }
    assert fault_codes(tmp_path, listed, veto={"grade": "丁"}, **head) >= {
        "scheme-section", "duplicate-id", "scheme-rule", "unknown-unit", "unknown-source", "weights-sum",
        "grade-cutoffs", "grade-unknown",
    }  # fmt: skip


GROUND: dict[str, tuple[Demo, str]] = {
    "no such data": (Demo([one("x"), one("y")], [reading("a", "x", 1)]), "unknown-reading"),
    "no account": (Demo([one("x", reading={"account": "total"})], [reading("a", "x", 1)]), "unknown-reading"),
    "no such scheme": (Demo([one("x", reading={"scheme": "early"})], [reading("a", "x", 1)]), "unknown-scheme"),
    "a target that is not there": (Demo([one("x", rule=ATTAIN)], [reading("a", "x", 1)]), "missing-target"),
    "a target of no such region": (
        Demo([one("x", rule=ATTAIN)], [reading("a", "x", 1)], [target("a", "x", 1), target("z", "x", 1)]),
        "unknown-region",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUND)
def test_a_ground_that_does_not_fit(tmp_path: Path, name: str) -> None:
    """One defect, its code."""
    demo, code = GROUND[name]
    assert {problem.code for problem in demo.problems(tmp_path)} == {code}
