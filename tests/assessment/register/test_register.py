"""Registers: credit until repair, draws, days of flow, deadlines, refusals; each number worked out by hand."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from support.small import Row, write_table

import gep
from gep.assessment.kinds import load_scheme
from gep.assessment.registers import has_person_number, read_register
from gep.assessment.scheme import Assessment
from gep.errors import ProblemLog

SOME = settings(max_examples=60, deadline=None, derandomize=True, database=None)
JIANGSU = "enterprise-credit-jiangsu-2019"
JIANGXI = "enterprise-credit-jiangxi"
FUJIAN = "enterprise-credit-fujian-2016"
NATIONAL = "enterprise-credit-national-2013"
COUNTY = "supervision-draw-jiangxi-county"
FLOW = "ecological-flow"
TASKS = "rectification-list"
OFFICES = "government-credit"
COLUMNS = (
    "region", "subject_kind", "subject", "item", "date", "value", "unit", "event", "until", "document",
)  # fmt: skip


def entry(subject: str, item: str, day: str, kind: str = "enterprise", **cells: Any) -> Row:
    row = {"region": "a", "subject_kind": kind, "subject": subject, "item": item, "date": day}
    row |= {"document": f"{item} of {day}"} | cells
    return {column: row.get(column, "") for column in COLUMNS}


def assessed(scheme: str, rows: Sequence[Row], *years: int, **tables: Any) -> Assessment:
    return gep.assess(scheme, register=pd.DataFrame(list(rows)), years=list(years), **tables)


def states(scheme: str, rows: Sequence[Row], *years: int) -> dict[str, Mapping[Any, Any]]:
    """The rows of one year by subject."""
    table = assessed(scheme, rows, *years).tables["register_states.csv"]
    return {row["subject"]: row for row in table.to_dict("records")}


def problems(scheme: str, rows: Sequence[Row], *years: int) -> set[str]:
    with pytest.raises(gep.ProblemsFound) as found:
        assessed(scheme, rows, *years)
    return {problem.code for problem in found.value.problems}


# ------------------------------------------------------------------------------------------------ credit


def test_points_classes_and_supervision_of_jiangsu() -> None:
    """First score 9; 11 and more green, 6 blue, 3 yellow, 1 red, below that black."""
    rows = [
        entry("none", "assessed", "2023-01-01"),
        entry("promise", "commitment", "2023-01-01", value=2),
        *(entry("four", "warning", f"2023-0{month}-01") for month in range(1, 5)),
        entry("seven", "other_conduct", "2023-02-01", value=7),
        entry("crime", "crime", "2023-02-01"),
        entry("unknown", "other_conduct", "2023-02-01"),
    ]
    found = states(JIANGSU, rows, 2023)
    scores = {name: row["value"] for name, row in found.items()}
    expected = {"none": 9, "promise": 11, "four": 5, "seven": 2, "crime": -3, "unknown": ""}
    assert scores == expected
    classes = {name: row["class"] for name, row in found.items()}
    assert classes == {
        "none": "blue", "promise": "green", "four": "yellow", "seven": "red", "crime": "black", "unknown": "",
    }  # fmt: skip
    assert "0.6" in found["seven"]["supervision"]
    assert "no points given" in found["unknown"]["note"]


DAYS = st.dates(date(2019, 1, 1), date(2024, 12, 31))


@SOME
@given(begin=DAYS, length=st.integers(0, 800), later=st.booleans())
def test_a_repaired_entry_counts_until_its_repair_and_not_after(begin, length, later):
    """By a row of repair or by until: the same; the day of account is every 31 December."""
    end = begin + timedelta(days=length)
    member = entry("E", "assessed", "2018-01-01")
    by_event = [
        member,
        entry("E", "warning", begin.isoformat()),
        entry("E", "warning", end.isoformat(), event="repaired", document="repair"),
    ]
    by_until = [
        member,
        entry("E", "警告或责令停止、改正违法行为", begin.isoformat(), until=end.isoformat()),
    ]
    if later:  # another entry after the repair is not repaired by it
        after = entry("E", "warning", (end + timedelta(days=1)).isoformat(), document="again")
        by_event.append(after)
        by_until.append(after)
    for year in range(2019, 2028):
        day = date(year, 12, 31)
        expected = 9 - (begin <= day <= end) - (later and end < day)
        for rows in (by_event, by_until):
            assert states(JIANGSU, rows, year)["E"]["value"] == expected


def test_on_the_day_of_the_repair_itself_the_entry_counts() -> None:
    rows = [
        entry("E", "warning", "2023-03-01"),
        entry("E", "warning", "2023-12-31", event="信用修复"),
    ]
    assert states(JIANGSU, rows, 2023)["E"]["value"] == 8
    assert states(JIANGSU, rows, 2024)["E"]["value"] == 9
    history = assessed(JIANGSU, rows, 2024).tables["register_history.csv"]
    assert list(history["until"]) == ["2023-12-31", ""]
    assert history["ended_by"].iloc[0] == "warning of 2023-12-31"


def test_in_jiangxi_no_text_gives_points_and_cuts_so_there_is_no_colour_but_the_announced() -> None:
    rows = [
        entry("clean", "assessed", "2023-01-01"),
        entry("entry", "pollution_control", "2023-02-01"),
        entry("stated", "pollution_control", "2023-02-01", value=12),
        entry("green", "credit_class", "2023-03-01", event="green"),
        entry("listed", "black_list", "2023-02-01"),
        entry("carded", "公布等级", "2023-03-01", event="绿色（优秀）"),
        entry("carded", "yellow_card", "2023-05-01"),
        entry("before", "yellow_card", "2023-02-01"),
        entry("before", "credit_class", "2023-03-01", event="blue"),
        entry("detained", "credit_class", "2023-01-01", event="green"),
        entry("detained", "detention_or_crime", "2023-02-01"),
    ]
    found = states(JIANGXI, rows, 2023)
    assert {name: row["value"] for name, row in found.items()} == {
        "clean": 100, "entry": "", "stated": 88, "green": 100, "listed": 100, "carded": 100, "before": 100,
        "detained": 100,
    }  # fmt: skip
    assert {name: (row["class"], row["class_from"]) for name, row in found.items()} == {
        "clean": ("", ""),
        "entry": ("", ""),
        "stated": ("", ""),
        "green": ("green", "announced"),
        "listed": ("black", "score"),  # the worst, whatever the score
        "carded": ("blue", "announced"),  # a class lower, as the card came after
        "before": ("blue", "announced"),
        "detained": ("", ""),  # the report breaks off before the class that follows
    }
    assert found["listed"]["status"] == "barred"
    assert "cuts" in found["clean"]["note"]
    assert "which class" in found["detained"]["note"]


def test_a_bar_ends_with_its_repair() -> None:
    rows = [
        entry("E", "score", "2016-01-01", value=97),
        entry("E", "veto", "2016-05-01"),
        entry("E", "veto", "2017-02-01", event="repaired"),
    ]
    assert states(FUJIAN, rows, 2016)["E"]["class"] == "red"
    assert states(FUJIAN, rows, 2017)["E"]["class"] == "green"


@pytest.mark.parametrize(
    ("score", "name"), [(96, "green"), (95.9, "blue"), (70, "blue"), (69, "yellow"), (60, "yellow"), (59.9, "red")]
)  # fmt: skip
def test_cuts_of_fujian(score: float, name: str) -> None:
    rows = [entry("E", "score", "2016-06-01", value=score)]
    assert states(FUJIAN, rows, 2016)["E"]["class"] == name


def test_who_no_longer_takes_part_is_not_assessed() -> None:
    rows = [
        entry("E", "assessed", "2020-01-01", until="2021-06-30"),
        entry("F", "warning", "2020-01-01"),
    ]
    assert set(states(JIANGSU, rows, 2020)) == {"E", "F"}
    assert set(states(JIANGSU, rows, 2021)) == {"F"}


def test_offices_have_entries_and_no_score() -> None:
    rows = [
        entry("finance", "judgment_defaulter", "2022-03-01", "office"),
        entry("finance", "judgment_defaulter", "2023-03-01", "office", event="repaired"),
        entry("transport", "debt", "2022-03-01", "office"),
    ]
    found = states(OFFICES, rows, 2023)
    told = {name: (row["status"], row["entries"], row["value"]) for name, row in found.items()}
    assert told == {"finance": ("clear", 0, ""), "transport": ("on_record", 1, "")}
    counts = assessed(OFFICES, rows, 2022).tables["register_counts.csv"].to_dict("records")
    assert [(row["status"], row["count"], row["share"]) for row in counts] == [("on_record", 2, 1)]


def test_counts_sum_to_the_regions_above() -> None:
    regions = pd.DataFrame(
        [
            {"region": "c", "name": "City", "parent": ""},
            {"region": "a", "name": "A", "parent": "c"},
            {"region": "b", "name": "B", "parent": "c"},
        ]
    )
    rows = [
        entry("E", "crime", "2023-01-01"),
        entry("F", "assessed", "2023-01-01"),
        entry("G", "assessed", "2023-01-01", region="b"),
    ]
    table = assessed(JIANGSU, rows, 2023, regions=regions).tables["register_counts.csv"]
    counts = {(row["region"], row["class"]): row["count"] for row in table.to_dict("records")}
    whole = {("a", "blue"): 1, ("a", "black"): 1, ("b", "blue"): 1}
    assert counts == whole | {("c", "blue"): 2, ("c", "black"): 1}


# ------------------------------------------------------------------------------------------------ draws


def pool(count: int, name: str = "A", inspectors: int = 4) -> list[Row]:
    rows = [
        entry(f"{name}{number}", "supervision_class", "2023-01-20", event=name)
        for number in range(count)
    ]
    return rows + [
        entry(f"JC-{n}", "on_duty", "2023-01-01", "inspector") for n in range(inspectors)
    ]


def drawing(day: str, seed: int, **cells: Any) -> Row:
    return entry("bureau", "draw", day, "office", value=seed, **cells)


def log(rows: Sequence[Row], *years: int) -> pd.DataFrame:
    return assessed(COUNTY, rows, *years).tables["draw_log.csv"]


def drawn(rows: Sequence[Row], *years: int) -> list[tuple[str, str]]:
    table = log(rows, *years)
    table = table[table["drawn"] == 1]
    return list(zip(table["date"], table["subject"], strict=True))


def test_a_ticket_can_be_checked_with_any_tool() -> None:
    table = log([*pool(8), drawing("2023-02-05", 4711)], 2023)
    for row in table.to_dict("records"):
        words = f"4711|2023-02-05|a|bureau|A|a|{row['subject']}"
        assert row["ticket"] == hashlib.sha256(words.encode()).hexdigest()[:16]
    assert list(table["ticket"]) == sorted(table["ticket"])
    assert list(table["drawn"]) == [1, 1, 0, 0, 0, 0, 0, 0], "a quarter of 8"
    inspectors = table["inspectors"].iloc[0].split("; ")
    assert len(set(inspectors)) == 2


def test_four_quarters_reach_every_enterprise_of_class_a_and_none_twice() -> None:
    days = ("2023-02-05", "2023-05-05", "2023-08-05", "2023-11-05")
    rows = [*pool(8), *(drawing(day, number) for number, day in enumerate(days))]
    names = [name for _, name in drawn(rows, 2023)]
    assert Counter(names) == Counter({f"A{number}": 1 for number in range(8)})


def test_a_second_draw_in_a_period_adds_nothing_and_half_of_class_b_is_drawn_a_year() -> None:
    rows = [*pool(9), *pool(5, "B", 0), drawing("2023-02-05", 1), drawing("2023-03-05", 2)]
    counts = Counter(name[0] for _, name in drawn(rows, 2023))
    assert counts == {"A": math.ceil(9 / 4), "B": math.ceil(5 / 2)}
    table = log(rows, 2023)
    again = table[(table["date"] == "2023-03-05") & (table["class"] == "A")]
    assert set(again["number"]) == {0}
    assert set(again["drawn_before"]) == {3}


def test_a_class_that_has_no_rate_is_not_drawn_by_a_city() -> None:
    rows = [*pool(20, "A"), *pool(7, "C", 0), drawing("2023-02-05", 5)]
    table = assessed("supervision-draw-jiangxi-city", rows, 2023).tables["draw_log.csv"]
    assert set(table["class"]) == {"A"}
    assert table["drawn"].sum() == 1, "5 % of 20"
    assert problems("supervision-draw-jiangxi-city", [*rows[:-1], drawing("2023-02-05", 5, event="C")], 2023) == {
        "register-draw"
    }  # fmt: skip


def test_who_recuses_is_not_sent() -> None:
    rows = [*pool(4, inspectors=3), drawing("2023-02-05", 7)]
    ((_, name),) = drawn(rows, 2023)
    rows.append(entry("JC-1", "recusal", "2023-01-02", "inspector", event=name))
    table = log(rows, 2023)
    assert table["inspectors"].iloc[0].split("; ").count("JC-1") == 0
    rows.append(entry("JC-2", "recusal", "2023-01-02", "inspector", event=name))
    assert problems(COUNTY, rows, 2023) == {"register-draw"}


@SOME
@given(seed=st.integers(0, 2**53), order=st.randoms(use_true_random=False))
def test_a_draw_follows_from_its_seed_and_not_from_the_order_of_rows(seed, order):
    rows = [*pool(11), *pool(6, "B", 0), drawing("2023-02-05", seed), drawing("2023-05-05", seed)]
    expected = log(rows, 2023)
    order.shuffle(rows)
    pd.testing.assert_frame_equal(log(rows, 2023), expected)


def test_draws_are_uniform() -> None:
    """Chi-square over 1,000 seeds: enterprises and pairs of inspectors; 3 of 12 are drawn, 2 of 4 are sent."""
    seeds = 1000
    members: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for seed in range(seeds):
        table = log([*pool(12), drawing("2023-02-05", seed)], 2023)
        table = table[table["drawn"] == 1]
        members.update(table["subject"])
        first = table["inspectors"].iloc[0].split("; ")
        pairs.update(["+".join(sorted(first))])
    assert sum(members.values()) == 3 * seeds
    mean = 3 * seeds / 12
    # draws of 3 without replacement vary less than independent ones: divide by (12 - 3) / (12 - 1)
    spread = sum((members[f"A{number}"] - mean) ** 2 / mean for number in range(12)) * 11 / 9
    assert chi2.ppf(0.001, 11) < spread < chi2.ppf(0.999, 11)
    assert len(pairs) == 6
    spread = sum((count - seeds / 6) ** 2 / (seeds / 6) for count in pairs.values())
    assert chi2.ppf(0.001, 5) < spread < chi2.ppf(0.999, 5)


# ------------------------------------------------------------------------------------------------ days


def flows(low: int, missing: int = 0, year: int = 2023) -> list[Row]:
    """A year of daily flows, the first ``low`` days too low, the last ``missing`` left out."""
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    rows = [entry("S1", "ecological_flow", "2020-01-01", "section", value=30, unit="m3 s-1")]
    for number in range(length - missing):
        day = first + timedelta(days=number)
        value = 29.9 if number < low else 30
        rows.append(
            entry("S1", "daily_flow", day.isoformat(), "section", value=value, unit="m3 s-1")
        )
    return rows


@pytest.mark.parametrize(
    ("low", "missing", "status"),
    [(0, 0, "met"), (36, 0, "met"), (37, 0, "missed"), (36, 1, ""), (37, 1, "missed"), (0, 36, "met"), (0, 37, "")],
)  # fmt: skip
def test_nine_tenths_of_the_days_and_no_verdict_that_missing_days_could_change(
    low, missing, status
):
    """0.9 of 365 days are 328.5: 329 days must be met, 36 may be missed."""
    table = assessed(FLOW, flows(low, missing), 2023).tables["register_days.csv"]
    year = table[table["period"] == "2023"].iloc[0]
    assert year["status"] == status
    assert (year["days"], year["days_read"], year["days_met"]) == (
        365,
        365 - missing,
        365 - missing - low,
    )
    assert year["share"] == pytest.approx((365 - missing - low) / (365 - missing))
    january = table[table["period"] == "2023-01"].iloc[0]
    assert january["days_met"] == max(31 - low, 0)
    months = table[table["period"] != "2023"]
    assert months["days_met"].sum() == year["days_met"]
    assert len(months) == 12


def test_a_target_of_a_season_holds_in_it_and_units_are_converted() -> None:
    rows = [
        entry("S1", "ecological_flow", "2023-01-01", "section", value=30000, unit="L s-1"),
        entry("S1", "ecological_flow", "2023-03-01", "section", value=80, unit="m3 s-1", until="2023-03-31"),
        *(entry("S1", "daily_flow", day, "section", value=50, unit="m3 s-1") for day in ("2023-02-28", "2023-03-01", "2023-03-31", "2023-04-01")),
    ]  # fmt: skip
    table = assessed(FLOW, rows, 2023).tables["register_days.csv"].set_index("period")
    met = {month: table.loc[f"2023-{month}", "days_met"] for month in ("02", "03", "04")}
    assert met == {"02": 1, "03": 0, "04": 1}


def test_days_without_a_target_are_not_judged() -> None:
    rows = [entry("S1", "daily_flow", "2023-02-01", "section", value=50, unit="m3 s-1")]
    year = assessed(FLOW, rows, 2023).tables["register_days.csv"].iloc[-1]
    assert (year["days_read"], year["days_judged"], year["share"], year["status"]) == (1, 0, "", "")


def test_a_leap_year_has_366_days() -> None:
    table = assessed(FLOW, flows(0, 0, 2024), 2024).tables["register_days.csv"].set_index("period")
    assert (table.loc["2024", "days"], table.loc["2024-02", "days"]) == (366, 29)


# ------------------------------------------------------------------------------------------------ deadlines


def task(event: str, day: str, item: str = "T1", **cells: Any) -> Row:
    return entry(
        "water bureau", item, day, "office", event=event, document=f"{event} {day}", **cells
    )


SET = task("assigned", "2022-01-10", until="2022-12-31")


@pytest.mark.parametrize(
    ("rows", "year", "status", "late"),
    [
        ([SET], 2022, "open", ""),  # the deadline itself is still in time
        ([SET], 2023, "overdue", 365),
        ([SET, task("销号", "2022-12-31")], 2022, "on_time", ""),
        ([SET, task("signed_off", "2023-01-05")], 2022, "open", ""),
        ([SET, task("signed_off", "2023-01-05")], 2023, "late", 5),
        ([SET, task("extended", "2022-11-01", until="2023-06-30"), task("signed_off", "2023-01-05")], 2023, "on_time", ""),
        ([SET, task("extended", "2022-11-01", until="2023-06-30")], 2022, "open", ""),
        ([SET, task("signed_off", "2022-06-01"), task("reopened", "2022-09-01")], 2022, "open", ""),
        ([SET, task("signed_off", "2022-06-01"), task("reopened", "2023-09-01")], 2023, "overdue", 365),
        ([SET, task("signed_off", "2023-02-01"), task("extended", "2023-03-01", until="2024-01-01")], 2023, "late", 32),
        ([SET, task("reported", "2022-12-30")], 2023, "overdue", 365),
    ],
)  # fmt: skip
def test_states_of_a_task(rows, year, status, late):
    (row,) = assessed(TASKS, rows, year).tables["register_states.csv"].to_dict("records")
    assert (row["status"], row["value"]) == (status, late)


def test_tasks_are_counted_by_state() -> None:
    rows = [
        SET,
        task("assigned", "2022-01-10", "T2", until="2023-12-31"),
        task("signed_off", "2022-05-01"),
    ]
    table = assessed(TASKS, rows, 2022).tables["register_counts.csv"]
    counts = {row["status"]: (row["count"], row["share"]) for row in table.to_dict("records")}
    assert counts == {"on_time": (1, 0.5), "open": (1, 0.5)}


# ------------------------------------------------------------------------------------------------ all rules


MIXED = {
    JIANGSU: [entry("E", "warning", "2023-01-01"), entry("E", "warning", "2023-05-01", event="repaired"), entry("F", "crime", "2023-02-01")],
    FLOW: flows(40, 3)[:60],
    TASKS: [SET, task("extended", "2022-11-01", until="2023-06-30"), task("signed_off", "2023-01-05")],
    NATIONAL: [entry("E", "credit_class", "2023-01-01", event="green"), entry("E", "general_event", "2023-04-01")],
}  # fmt: skip


@pytest.mark.parametrize("scheme", MIXED)
@given(order=st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
def test_the_order_of_rows_changes_nothing(scheme, order):
    rows = [row | {"document": f"d{number}"} for number, row in enumerate(MIXED[scheme])]
    expected = assessed(scheme, rows, 2022, 2023)
    shuffled = list(rows)
    order.shuffle(shuffled)
    found = assessed(scheme, shuffled, 2022, 2023)
    for name, table in expected.tables.items():
        columns = [column for column in table if column != "row"]
        pd.testing.assert_frame_equal(found.tables[name][columns], table[columns])


@pytest.mark.parametrize("scheme", MIXED)
def test_a_state_is_explained_down_to_its_rows(scheme: str) -> None:
    found = assessed(scheme, MIXED[scheme], 2023)
    for row in found.tables["register_states.csv"].to_dict("records"):
        assert row["subject"] in found.items("a", 2023)
        zh, en = (found.explain("a", 2023, row["subject"], language) for language in ("zh", "en"))
        assert len(zh) == len(en) > 0
        assert any("register row" in line for line in en)
    assert found.explain("a", 2023, "nobody", "en") == []
    assert found.items("b", 2023) == []


def test_the_explanation_of_a_score_adds_up() -> None:
    lines = assessed(JIANGSU, MIXED[JIANGSU], 2023).explain("a", 2023, "F", "en")
    assert [line.strip().partition(";")[0] for line in lines[1:4]] == [
        "base 9", "Environmental crime (crime) -12", "score: -3",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what is wrong


def wrong(**cells: Any) -> list[Row]:
    return [entry("E", "warning", "2023-01-01") | cells]


LATER = entry("E", "warning", "2023-02-01", event="repaired")
TARGET = entry("S1", "ecological_flow", "2020-01-01", "section", value=30, unit="m3 s-1")


@pytest.mark.parametrize(
    ("scheme", "rows", "code"),
    [
        (JIANGSU, wrong(subject_kind="person"), "register-subject"),
        (JIANGSU, wrong(date=""), "bad-date"),
        (JIANGSU, wrong(date="2023/1/1"), "bad-date"),
        (JIANGSU, wrong(until="2022-12-31"), "bad-date"),
        (JIANGSU, wrong(document=""), "blank"),
        (JIANGSU, wrong(value="many"), "not-a-number"),
        (JIANGSU, wrong(value=-1), "negative"),
        (JIANGSU, wrong(unit="flagons"), "unknown-unit"),
        (JIANGSU, wrong(item="warned"), "unknown-item"),
        (JIANGSU, wrong(subject_kind="office"), "unknown-item"),
        (JIANGSU, wrong() * 2, "duplicate-row"),
        (JIANGSU, [LATER], "register-repair"),
        (JIANGSU, [entry("E", "warning", "2023-03-01"), LATER], "register-repair"),
        (NATIONAL, [entry("E", "credit_class", "2023-01-01", event="purple")], "register-row"),
        (FUJIAN, [entry("E", "score", "2023-01-01")], "register-row"),
        (COUNTY, [*pool(4), drawing("2023-02-05", -1)], "register-draw"),
        (COUNTY, [*pool(4), drawing("2023-02-05", 1.5)], "register-draw"),
        (COUNTY, [*pool(4, inspectors=1), drawing("2023-02-05", 1)], "register-draw"),
        (COUNTY, [*pool(4), drawing("2023-01-05", 1)], "register-draw"),  # before the list
        (COUNTY, [*pool(4), drawing("2023-02-05", 1, event="Z")], "register-row"),
        (COUNTY, [*pool(4), entry("JC-1", "recusal", "2023-01-02", "inspector")], "register-row"),
        (FLOW, [TARGET, entry("S1", "daily_flow", "2023-01-01", "section")], "register-row"),
        (FLOW, [TARGET | {"unit": "kg"}], "wrong-dimension"),
        (FLOW, [TARGET, TARGET | {"document": "other", "value": 40}], "duplicate-row"),
        (TASKS, [task("assigned", "2022-01-10")], "register-row"),
        (TASKS, [task("signed_off", "2022-01-10")], "register-row"),
        (TASKS, [SET, task("signed_off", "2022-05-01"), task("signed_off", "2022-06-01")], "register-row"),
        (TASKS, [SET, task("reopened", "2022-05-01")], "register-row"),
        (TASKS, [SET, task("signedoff", "2022-05-01")], "unknown-item"),
        (JIANGSU, wrong(subject="110105194912310024"), "personal-data"),  # the example of GB 11643
        (JIANGSU, wrong(document="移送 11010519491231002X 一案"), "personal-data"),
        (JIANGSU, wrong(subject="13800138000"), "personal-data"),
        (COUNTY, [entry("张三", "on_duty", "2023-01-01", "inspector")], "personal-data"),
        (COUNTY, [entry("ZhangSan", "on_duty", "2023-01-01", "inspector")], "personal-data"),
        (JIANGSU, [wrong()[0] | {"姓名": "x"}], "personal-data"),
        (JIANGSU, [wrong()[0] | {"Person": "x"}], "personal-data"),
    ],
)  # fmt: skip
def test_broken_registers(scheme, rows, code):
    found = problems(scheme, rows, 2023)
    assert code in found
    assert found - {"unknown-column", code} == set()


def test_the_number_of_a_person_is_not_repeated_in_the_message() -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        read_register(pd.DataFrame(wrong(subject="110105194912310024")))
    for language in ("zh", "en"):
        words = found.value.problems[0].say(language)
        assert "19491231" not in words


@pytest.mark.parametrize(
    ("words", "is_person"),
    [
        ("91350100M000100Y43", False),  # the example of GB 32100-2015
        ("11010519491231002X", True),
        ("11010519491331002X", False),  # no such month
        ("2024123112345678901", False),
        ("E-0001", False),
        ("赣环罚〔2023〕13800138000号", True),
        ("360100210001234", False),  # an old number of a business licence
    ],
)
def test_numbers_of_persons_are_told_from_codes_of_enterprises(words: str, is_person: bool) -> None:
    assert has_person_number(words) == is_person


def test_a_credit_code_of_digits_alone_is_told_by_its_check_sign() -> None:
    """Of 18 digits with a day inside, one last digit of all makes a credit code, at most."""
    head = (
        "11360119900101000"  # of an office: those of enterprises begin with 91, as no province does
    )
    assert sum(not has_person_number(f"{head}{sign}") for sign in "0123456789X") in (0, 1)


HEAD = 'id = "own"\ntitle = "own"\nkind = "register"\nsource = "me"\nevidence = "published"\nlegal = "research"\n'
ITEM = '[[item]]\nid = "x"\nname = "x"\ngrade = "expert"\nrole = "{role}"\n{more}\n'
SOURCES = '[sources.me]\ntitle = "own"\n'
POINTS = 'rule = "points"\nsubject_kind = "enterprise"\n'


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (POINTS + ITEM.format(role="deduct", more=""), set()),
        (POINTS + ITEM.format(role="reading", more=""), {"register-rule"}),
        (POINTS + ITEM.format(role="bar", more='class = "red"'), {"register-rule"}),
        (POINTS + ITEM.format(role="deduct", more='part = "air"'), {"register-rule"}),
        (POINTS + ITEM.format(role="deduct", more='source = "nobody"'), {"unknown-source"}),
        (POINTS + ITEM.format(role="deduct", more="") * 2, {"duplicate-id"}),
        (POINTS + 'day = "02-30"\n' + ITEM.format(role="deduct", more=""), {"bad-date"}),
        ('rule = "draw"\nsubject_kind = "enterprise"\n' + ITEM.format(role="class", more=""), {"register-rule"}),
        ('rule = "days"\nsubject_kind = "section"\n' + ITEM.format(role="target", more=""), {"register-rule"}),
        ('rule = "deadlines"\nsubject_kind = "office"\n', {"register-rule"}),
        (POINTS + '[[event]]\nid = "e"\nname = "e"\nrole = "set"\n', {"register-rule"}),
        (POINTS + "".join(f'[[class]]\nid = "{n}"\nname = "{n}"\ngrade = "expert"\nfrom = {n}\n' for n in (1, 2)), {"grade-cutoffs"}),
    ],
)  # fmt: skip
def test_broken_schemes(tmp_path: Path, text: str, codes: set[str]) -> None:
    (tmp_path / "own.toml").write_text(HEAD + text + SOURCES, encoding="utf-8")
    log = ProblemLog()
    load_scheme(str(tmp_path / "own.toml"), None, "scheme", log)
    assert {problem.code for problem in log.errors} == codes


def test_without_a_register_there_is_nothing_to_assess() -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.assess(JIANGSU, years=[2023])
    assert {problem.code for problem in found.value.problems} == {"missing-register"}


def test_a_region_that_no_table_knows_is_refused() -> None:
    regions = pd.DataFrame([{"region": "b", "name": "B"}])
    with pytest.raises(gep.ProblemsFound) as found:
        assessed(JIANGSU, wrong(), 2023, regions=regions)
    assert {problem.code for problem in found.value.problems} == {"unknown-region"}


def test_years_are_those_of_the_register_if_none_are_asked_for(tmp_path: Path) -> None:
    path = write_table(tmp_path / "register.csv", wrong())
    table = gep.assess(JIANGSU, register=path).tables["register_states.csv"]
    assert list(table["year"]) == [2023]
