"""From computed to final: what the log decides, and what follows from it, worked out by hand."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.schemes import PLAIN, Demo, cell, one, points, reading

import gep
from gep.assessment.apply import apply
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import load_pools
from gep.assessment.review.decisions import agrees
from gep.assessment.review.final import apply_final, final_tables
from gep.assessment.review.log import LogEntry, ReviewLog, append_entry, read_log
from gep.assessment.review.tables import review_tables
from gep.assessment.scheme import Assessment, Scheme
from gep.errors import Problem, ProblemLog

SOME = settings(max_examples=40, deadline=None, derandomize=True, database=None)
STEP = LogEntry("2021-01-10", "考核办", "初算", "1号", "demo", "", 2020)

# Water: points by the reading; air: 20 points from 80 to 100. Scores: a 30 + 10 = 40, b 25 + 20 = 45, c 38 + 4 = 42.
TO_AIR = {"kind": "interpolate", "at": [80, 100], "values": [0, 20]}
DEMO = Demo(
    [one("water", 40, PLAIN), one("air", 20, TO_AIR)],
    [
        *(reading(code, "water", value) for code, value in (("a", 30), ("b", 25), ("c", 38))),
        *(reading(code, "air", value) for code, value in (("a", 90), ("b", 100), ("c", 84))),
    ],
)


def step(state: str, day: str, region: str = "", item: str = "", *numbers: str) -> LogEntry:
    """An entry; numbers are old and new."""
    old, new = (*numbers, "", "")[:2]
    reason = "核实" if numbers else ""
    more: dict[str, Any] = {"region": region, "item": item, "old": old, "new": new}
    return replace(STEP, state=state, at=day, document="2号", reason=reason, **more)


BEGUN = (step("初算", "2021-01-10"), step("复核", "2021-01-11"), step("反馈", "2021-01-12"))
CLOSED = step("终核", "2021-03-01")


class Final:
    """A scheme applied, and applied again to what a log decided."""

    def __init__(self, folder: Path, *entries: LogEntry, demo: Demo = DEMO) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = ReviewLog((), folder / "log.csv", "")
        for entry in entries:
            self.log = append_entry(folder / "log.csv", entry)
        schemes: list[Scheme] = [demo.scheme(folder)]
        context: AssessmentContext = demo.ground(folder)
        self.problems = ProblemLog()
        self.computed: Assessment = apply(schemes, context).assessments[0]
        self.final: Assessment = apply_final(
            schemes, context, [self.computed], self.log, self.problems
        )[0]
        self.tables = final_tables(self.computed, self.final, self.log)
        self.review = review_tables(self.computed, context, self.log, final=self.final)

    @property
    def errors(self) -> list[Problem]:
        return self.problems.errors

    def ranked(self, column: str, region: str) -> Any:
        return cell(self.tables["final_ranking.csv"], column, region)


def handled(region: str, item: str, old: str, claimed: str, decided: str) -> list[LogEntry]:
    """An appeal and the review that answers it."""
    return [
        step("申诉", "2021-02-01", region, item, old, claimed),
        step("复核", "2021-02-10", region, item, old, decided),
    ]


def test_an_appeal_that_is_accepted_moves_scores_ranks_and_names_who_passed_whom(
    tmp_path: Path,
) -> None:
    """a gets 36 for water: 46 in all, from third to first, past b (45) and c (42)."""
    found = Final(tmp_path, *BEGUN, *handled("a", "water", "30", "38", "36"), CLOSED)
    assert found.errors == []
    assert points(found.computed, "total") == 40.0
    assert points(found.final, "total") == 46.0
    assert [found.ranked(name, "a") for name in ("score_computed", "score_final")] == [40.0, 46.0]
    assert [int(found.ranked(name, "a")) for name in ("rank_computed", "rank_final")] == [3, 1]
    assert (found.ranked("rank_moved", "a"), found.ranked("score_moved", "a")) == (2.0, 6.0)
    assert set(found.ranked("overtook", "a").split("、")) == {"b", "c"}
    assert (found.ranked("overtaken_by", "b"), found.ranked("overtaken_by", "c")) == ("a", "a")
    numbers = found.tables["final_numbers.csv"]
    assert cell(numbers, "moved", item="water") == 6.0
    assert cell(numbers, "moved", "b", item="water") == 0.0
    results = found.review["life_results.csv"]
    assert cell(results, "final", item="total") == 46.0


def test_a_reading_that_is_decided_gives_its_points(tmp_path: Path) -> None:
    """c has 94 instead of 84 for air: 14 points instead of 4, and 52 in all."""
    found = Final(tmp_path, *BEGUN, *handled("c", "reading:air", "84", "94", "94"), CLOSED)
    assert found.errors == []
    assert points(found.final, "air", "c") == 14.0
    assert points(found.final, "total", "c") == 52.0
    assert found.ranked("rank_final", "c") == 1


def test_a_total_that_is_decided_is_ranked(tmp_path: Path) -> None:
    found = Final(tmp_path, *BEGUN, *handled("a", "total", "40", "44", "44"), CLOSED)
    assert found.errors == []
    assert [found.ranked("rank_final", code) for code in "abc"] == [2, 1, 3]


def test_the_old_number_of_an_appeal_is_held_against_the_computed_one(tmp_path: Path) -> None:
    """Both are named, with the row; a reading that was written for points is told."""
    appeal = step("申诉", "2021-02-01", "a", "air", "90", "95")
    found = Final(tmp_path, *BEGUN, appeal)
    (problem,) = found.errors
    assert problem.code == "log-number"
    assert problem.say_where("en") == "log.csv row 5 column old"
    assert "90" in problem.say_what("en")
    assert "10" in problem.say_what("en")
    assert "reading:air" in problem.say_fix("en")


def test_an_old_number_may_be_one_that_was_decided_before(tmp_path: Path) -> None:
    again = [
        step("复核", "2021-02-15", "a", "water", "36", "37"),
    ]
    found = Final(tmp_path, *BEGUN, *handled("a", "water", "30", "38", "36"), *again, CLOSED)
    assert found.errors == []
    assert points(found.final, "water") == 37.0


@pytest.mark.parametrize("region", ["d", "A县"])
def test_an_unknown_region_or_item_is_told(tmp_path: Path, region: str) -> None:
    found = Final(tmp_path, *BEGUN, step("申诉", "2021-02-01", region, "air", "1", "2"))
    assert [problem.code for problem in found.errors] == ["unknown-region"]
    found = Final(tmp_path / "item", *BEGUN, step("申诉", "2021-02-01", "a", "airs", "1", "2"))
    (problem,) = found.errors
    assert problem.code == "unknown-indicator"
    assert "air" in problem.say_fix("en")


@SOME
@given(st.data())
def test_rejecting_every_appeal_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever was appealed against, in whatever digits, and however the rejection is written."""
    folder = tmp_path_factory.mktemp("rejected")
    keys = st.tuples(
        st.sampled_from("abc"), st.sampled_from(["water", "air", "total", "reading:air"])
    )
    chosen = data.draw(st.lists(keys, min_size=1, unique_by=lambda key: key[0]))
    demo = replace(DEMO, readings=[_moved(row) for row in DEMO.readings])
    bare = Final(folder / "bare", demo=demo)
    scores = bare.computed.tables["scores.csv"]
    appeals = []
    answers = []
    for region, item in chosen:
        column = "reading" if item.startswith("reading:") else "points"
        value = cell(scores, column, region, indicator=item.removeprefix("reading:"))
        old = f"{value:.{data.draw(st.integers(0, 6))}f}"
        appeals.append(step("申诉", "2021-02-01", region, item, old, "99"))
        new = data.draw(st.sampled_from([old, "", f"{float(old):.7f}"]))
        answers.append(step("复核", "2021-02-02", region, item, old if new else "", new))
    found = Final(folder / "log", *BEGUN, *appeals, *answers, CLOSED, demo=demo)
    assert found.errors == []
    assert found.final is found.computed
    ranking = found.tables["final_ranking.csv"]
    assert (ranking["rank_computed"] == ranking["rank_final"]).all()
    assert set(found.tables["final_numbers.csv"]["moved"]) <= {0.0, ""}
    assert set(found.review["life_appeals.csv"]["outcome"]) == {"upheld"}


def _moved(row: Any) -> dict[str, Any]:
    """A reading that is not round, so that the log has other digits than the result."""
    return {**row, "value": float(row["value"]) + 1 / 7}


def test_the_order_of_entries_within_a_day_changes_nothing(tmp_path: Path) -> None:
    """Of all orders of a day's entries, those that the log takes give the same final numbers."""
    day = "2021-02-01"
    entries = [
        step("申诉", day, "a", "water", "30", "38"),
        step("复核", day, "a", "water", "30", "36"),
        step("申诉", day, "b", "air", "20", "15"),
        step("复核", day, "b", "air", "20", "18"),
        step("复核", day),
    ]
    results = set()
    taken = 0
    codes: set[str] = set()
    for number, order in enumerate(permutations(entries)):
        try:
            found = Final(tmp_path / str(number), *BEGUN, *order, CLOSED)
        except gep.ProblemsFound as refused:
            codes |= {known.code for known in refused.problems}
            continue
        taken += 1
        assert found.errors == []
        tables = [found.final.tables["scores.csv"], *found.tables.values()]
        results.add("".join(table.to_csv() for table in tables))
    assert codes <= {"log-transition", "log-entry"}
    assert taken > 5
    assert len(results) == 1


def test_two_decisions_of_one_day_need_their_times(tmp_path: Path) -> None:
    first = step("复核", "2021-02-01", "a", "water", "30", "36")
    second = replace(first, old="36", new="37")
    with pytest.raises(gep.ProblemsFound) as refused:
        Final(tmp_path / "1", *BEGUN, first, second)
    assert {problem.code for problem in refused.value.problems} == {"log-entry"}
    timed = [replace(first, at="2021-02-01T09:00"), replace(second, at="2021-02-01T10:00")]
    found = Final(tmp_path / "2", *BEGUN, *timed, CLOSED)
    assert points(found.final, "water") == 37.0


def test_a_final_result_is_not_opened_on_its_own_day_without_a_time(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound) as refused:
        Final(tmp_path, *BEGUN, CLOSED, step("复核", CLOSED.at))
    assert {problem.code for problem in refused.value.problems} == {"log-entry"}


def test_what_is_not_final_moves_nothing(tmp_path: Path) -> None:
    found = Final(tmp_path, *BEGUN, *handled("a", "water", "30", "38", "36"))
    assert found.final is found.computed
    assert found.tables == {}
    opened = Final(
        tmp_path / "opened",
        *BEGUN,
        *handled("a", "water", "30", "38", "36"),
        CLOSED,
        step("复核", "2021-04-01"),
    )
    assert opened.final is opened.computed


def test_what_was_decided_before_a_new_computation_does_not_stand(tmp_path: Path) -> None:
    anew = [step("初算", "2021-02-20"), step("复核", "2021-02-21")]
    found = Final(tmp_path, *BEGUN, *handled("a", "water", "30", "38", "36"), *_reopened(anew))
    assert found.final is found.computed
    assert set(found.tables["final_numbers.csv"]["moved"]) <= {0.0}


def _reopened(anew: list[LogEntry]) -> list[LogEntry]:
    """A review of the whole result, then a new computation, then the final result."""
    return [step("复核", "2021-02-19"), *anew, CLOSED]


def test_numbers_agree_in_the_digits_they_are_written_in() -> None:
    assert agrees(67.049, "67.05")
    assert agrees(67.05, "67.1")
    assert not agrees(67.049, "67.1")
    assert agrees(66.6, "67")
    assert not agrees(66.6, "67", "66.6")
    assert not agrees(float("nan"), "1")


def test_the_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = Final(tmp_path, *BEGUN, *handled("a", "water", "30", "38", "36"), CLOSED)
    problems = ProblemLog()
    read = read_log(tmp_path / "log.csv", problems)
    assert problems.errors == []
    assert read == found.log
    assert isinstance(found.tables["final_numbers.csv"], pd.DataFrame)


ALLOCATION = """
id = "fund"
title = "分配"
kind = "allocation"
source = "me"
evidence = "published"
legal = "research"
method = "factors"
pool = "fund"
sources = { me = { title = "own" } }
[[factor]]
id = "water"
name = "水"
weight = 100
reading = { data = "water" }
source = "me"
grade = "expert"
"""


def test_money_follows_a_reading_that_was_decided_to_the_fen(tmp_path: Path) -> None:
    """Of 93 yuan a, b, c have 30, 25, 38; with 28 for the water of b, 93 parts become 96."""
    (tmp_path / "fund.toml").write_text(ALLOCATION, encoding="utf-8")
    pools = "year,pool,amount,unit,source,grade\n2020,fund,93,CNY,made-up,published\n"
    (tmp_path / "pools.csv").write_text(pools, encoding="utf-8")
    scheme = gep.read_scheme(tmp_path / "fund.toml")
    problems = ProblemLog()
    context = replace(DEMO.ground(tmp_path), pools=load_pools(tmp_path / "pools.csv", problems))
    log = ReviewLog((), tmp_path / "log.csv", "")
    entries = [*BEGUN, *handled("b", "reading:water", "25", "28", "28"), CLOSED]
    for entry in entries:
        log = append_entry(tmp_path / "log.csv", replace(entry, scheme="fund"))
    computed = apply([scheme], context).assessments
    (final,) = apply_final([scheme], context, computed, log, problems)
    assert problems.errors == []
    numbers = final_tables(computed[0], final, log)["final_numbers.csv"]
    assert numbers["computed"].tolist() == [30.0, 25.0, 38.0]
    expected = [93 * part / 96 for part in (30, 28, 38)]
    assert numbers["final"].tolist() == pytest.approx(expected, abs=0.01)
    assert round(sum(numbers["final"]), 2) == 93.0
    assert round(sum(numbers["moved"]), 2) == 0.0


def test_an_amount_is_not_decided_by_itself(tmp_path: Path) -> None:
    (tmp_path / "fund.toml").write_text(ALLOCATION, encoding="utf-8")
    pools = "year,pool,amount,unit,source,grade\n2020,fund,93,CNY,made-up,published\n"
    (tmp_path / "pools.csv").write_text(pools, encoding="utf-8")
    scheme = gep.read_scheme(tmp_path / "fund.toml")
    problems = ProblemLog()
    context = replace(DEMO.ground(tmp_path), pools=load_pools(tmp_path / "pools.csv", problems))
    log = ReviewLog((), tmp_path / "log.csv", "")
    for entry in [*BEGUN, *handled("b", "total", "25", "28", "28")]:
        log = append_entry(tmp_path / "log.csv", replace(entry, scheme="fund"))
    apply_final([scheme], context, apply([scheme], context).assessments, log, problems)
    assert [problem.code for problem in problems.errors] == ["log-number"]
    assert "reading:water" in problems.errors[0].say_fix("en")


def test_a_scheme_that_reads_scores_reads_the_final_ones(tmp_path: Path) -> None:
    """The term's scheme takes the yearly score as its points: 46 of a after the appeal, 40 before."""
    term = Demo(
        [one("yearly", 60, PLAIN, reading={"scheme": "demo"})], DEMO.readings, head={"id": "term"}
    )
    schemes = [DEMO.scheme(tmp_path), term.scheme(tmp_path)]
    context = DEMO.ground(tmp_path)
    log = ReviewLog((), tmp_path / "log.csv", "")
    for entry in [*BEGUN, *handled("a", "water", "30", "38", "36"), CLOSED]:
        log = append_entry(tmp_path / "log.csv", entry)
    problems = ProblemLog()
    computed = apply(schemes, context).assessments
    final = apply_final(schemes, context, computed, log, problems)
    assert problems.errors == []
    assert points(computed[1], "total") == 40.0
    assert points(final[1], "total") == 46.0
    numbers = final_tables(computed[1], final[1], log)["final_numbers.csv"]
    assert cell(numbers, "moved", item="total") == 6.0
    assert set(numbers["state"]) == {""}
