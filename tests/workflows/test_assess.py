"""The whole way of ``gep assess``: the schemes of a project, applied to its accounts and rows, and written."""

import csv
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.paths import ROOT
from support.schemes import (
    ACCOUNT,
    ATTAIN,
    CROPS,
    GRADES,
    Whole,
    cell,
    event,
    one,
    points,
    rank,
    reading,
    target,
    write_scheme,
)
from support.small import datum, write_table
from support.years import changed

import gep
from gep.cli.app import main
from gep.io import result_folder
from gep.workflows.assess import apply_schemes, check_assessment

NOW = ACCOUNT
CONSTANT = replace(ACCOUNT, price_year=2020)


def of(account: str, **more: Any) -> dict[str, Any]:
    """An indicator without points that reads the account."""
    given: dict[str, Any] = {"unit": "CNY", **more}
    keys = {name: given.pop(name) for name in ("basis", "form") if name in given}
    return one("x", None, None, reading={"account": account, **keys}, **given)


def readings(
    folder: Path, indicator: dict[str, Any], account: Any = NOW, as_csv: bool = False
) -> dict[str, Any]:
    """What an indicator reads: a2019, a2020, b2019, b2020."""
    whole = Whole([([indicator], {})], account, as_csv=as_csv)
    table = whole.assessed(folder).assessments[0].tables["scores.csv"]
    return {
        f"{code}{year}": cell(table, "reading", code, year, indicator="x")
        for code in "ab"
        for year in (2019, 2020)
    }


def values(a2019: Any, a2020: Any, b2019: Any, b2020: Any) -> Any:
    """The same as a dictionary to compare with."""
    return pytest.approx({"a2019": a2019, "a2020": a2020, "b2019": b2019, "b2020": b2020})


def codes(work: Any) -> set[str]:
    """The codes of the problems that stop it."""
    try:
        work()
    except gep.ProblemsFound as found:
        return {problem.code for problem in found.problems}
    return set()


# --- readings of accounts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("total", (250_000, 580_000, 550_000, 900_000)),
        ("provisioning", (200_000, 480_000, 400_000, 600_000)),
        ("regulating", (50_000, 100_000, 150_000, 300_000)),
        ("crop", (200_000, 480_000, 400_000, 600_000)),
        ("crop.value", (200_000, 480_000, 400_000, 600_000)),
    ],
)
def test_total_category_indicator_and_step(
    tmp_path: Path, account: str, expected: tuple[float, ...]
) -> None:
    """Each in yuan, worked out by hand beside ``ACCOUNT``."""
    assert readings(tmp_path, of(account)) == values(*expected)


@pytest.mark.parametrize("as_csv", [False, True])
def test_current_and_constant_prices(tmp_path: Path, as_csv: bool) -> None:
    """At prices of 2020 the year 2019 is worth more; at current prices it is what it was."""
    constant, current = (
        values(500_000, 580_000, 1_100_000, 900_000),
        values(250_000, 580_000, 550_000, 900_000),
    )
    assert readings(tmp_path / "1", of("total", basis="constant"), CONSTANT, as_csv) == constant
    assert readings(tmp_path / "2", of("total"), CONSTANT, as_csv) == constant
    assert readings(tmp_path / "3", of("total", basis="current"), CONSTANT, as_csv) == current
    assert readings(tmp_path / "4", of("total", basis="current"), NOW, as_csv) == current


@pytest.mark.parametrize(("unit", "scale"), [("1", 1), ("%", 100)])
def test_growth_of_an_account(tmp_path: Path, unit: str, scale: float) -> None:
    """580/500 and 900/1100 at constant prices, in the indicator's unit; 2019 has no year before."""
    found = readings(tmp_path, of("total", basis="constant", form="growth", unit=unit), CONSTANT)
    assert (found["a2019"], found["b2019"]) == ("", "")
    assert found["a2020"] == pytest.approx(0.16 * scale)
    assert found["b2020"] == pytest.approx((900 / 1100 - 1) * scale)


def test_per_area_and_per_head(tmp_path: Path) -> None:
    """4 and 10 km2; 200 and 500 people; the unit is that of the level."""
    per_km2 = readings(tmp_path / "1", of("total", form="per_km2", unit="10^4 CNY"))
    assert per_km2 == values(6.25, 14.5, 5.5, 9.0)
    per_head = readings(tmp_path / "2", of("total", form="per_capita"))
    assert per_head == values(1250, 2900, 1100, 1800)


def test_per_area_rests_on_the_same_area_as_the_summary(tmp_path: Path) -> None:
    """Data ``land_area`` comes before the regions' table, as in summary.csv."""
    land = [datum(code, "land_area", 5, "km2", year=year) for code in "ab" for year in (2019, 2020)]
    account = changed(ACCOUNT, data=[*CROPS.data, *land])
    found = readings(tmp_path, of("total", form="per_km2"), account)
    assert found == values(50_000, 116_000, 110_000, 180_000)


def test_a_region_without_area_or_people_has_no_such_reading(tmp_path: Path) -> None:
    """Blank, not infinite and not the level."""
    regions = [{**row, "population": ""} for row in CROPS.regions or ()]
    found = readings(tmp_path, of("total", form="per_capita"), changed(ACCOUNT, regions=regions))
    assert set(found.values()) == {""}


@pytest.mark.parametrize("basis", ["constant", "normal_climate"])
def test_a_basis_that_the_project_has_not(tmp_path: Path, basis: str) -> None:
    """No price year, no normal weather: told with what to write."""
    assert codes(lambda: readings(tmp_path, of("total", basis=basis))) == {"unknown-reading"}


def test_a_published_account_is_read(tmp_path: Path) -> None:
    """The example of Poyang: a reading of its total is the headline of its account, year by year."""
    folder = tmp_path / "zone"
    shutil.copytree(ROOT / "examples" / "poyang-zone", folder, ignore=shutil.ignore_patterns("out"))
    path = write_scheme(folder / "schemes", [of("total", unit="10^4 CNY")])
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[assessment]\nschemes = ["./schemes/{path.name}"]\n')
    from gep.workflows.assess import assess_project

    found = assess_project(folder).assessments[0].tables["scores.csv"]
    for account in gep.run_project(folder, tmp_path / "run").accounts:
        summary = account.summary()
        head = summary[
            ((summary["category"] == "total") & (summary["level"] == "region")).to_numpy()
        ]
        for row in head.itertuples():
            assert row.unit == "10^4 CNY"
            mine = cell(found, "reading", str(row.region), account.year, indicator="x")
            assert mine == pytest.approx(row.value)


def test_a_five_year_scheme_takes_in_the_yearly_one(tmp_path: Path) -> None:
    """The mean of the yearly scores (70 and 90; 50 and 60) counts half; in the last year it is whole."""
    yearly = ([one("x", 100)], {"id": "yearly"})
    five = ([one("mean", 50, {"kind": "interpolate", "at": [0, 100], "values": [0, 50]},
                 reading={"scheme": "yearly", "form": "mean"}), one("y", 50)], {"id": "five"})  # fmt: skip
    rows = [
        reading(code, name, value, year=year)
        for code, some in (("a", ((2019, 70, 0), (2020, 90, 45))), ("b", ((2019, 50, 0), (2020, 60, 30))))
        for year, x, y in some for name, value in (("x", x), ("y", y))
    ]  # fmt: skip
    found = Whole([yearly, five], readings=rows).assessed(tmp_path / "1").assessments[1]
    assert [points(found, "mean", code) for code in "ab"] == [40, 27.5]
    assert [points(found, "total", code) for code in "ab"] == [85, 57.5]
    assert [points(found, "mean", code, 2019) for code in "ab"] == [35, 25]
    late = Whole([five, yearly], readings=rows).assessed(tmp_path / "2").assessments
    assert [assessment.scheme.id for assessment in late] == ["five", "yearly"]
    assert late[0].tables["scores.csv"].equals(found.tables["scores.csv"])


# --- files -----------------------------------------------------------------------------------------------------------

SCHEME = (
    one(
        "gep",
        40,
        {"kind": "efficacy"},
        unit="CNY",
        property="expected",
        reading={"account": "total"},
    ),
    one("water", 60, ATTAIN, property="约束性", unit="%"),
    one("air", 0, ATTAIN, unit="%"),
)
ROWS = [reading(code, name, value, "%", year) for code, name, value in
        (("a", "water", 96), ("b", "water", 80), ("a", "air", 1), ("b", "air", 99))
        for year in (2019, 2020)]  # fmt: skip
TARGETS = [target(code, name, 90, unit="%") for code in "ab" for name in ("water", "air")]
WHOLE = Whole(
    [(SCHEME, {"grade": GRADES, "event": [{"id": "listed", "name": "挂牌督办", "effect": "deduct", "points": 3}]})],
    readings=ROWS, targets=TARGETS, groups=[{"region": "a", "group": "一类"}, {"region": "b", "group": "一类"}],
    events=[event("a", "listed")],
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a command said."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[[Path], Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``gep assess`` in this process."""

    def work(folder: Path) -> Said:
        status = main(["assess", str(folder), "--allow-code"])
        return Said(status, *capsys.readouterr())

    return work


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder with what they hold."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_writes_its_tables(tmp_path: Path, run: Run) -> None:
    """The columns that the issue fixes, the numbers worked out by hand, the record of what it was made of."""
    folder = WHOLE.write(tmp_path)
    done = run(folder)
    assert done.exit_code == 0, done.stderr
    out = folder / "out" / "assessment" / "demo"
    assert {"targets.csv", "scores.csv", "ranking.csv", "tables.xlsx", "assessment.json"} <= {
        path.name for path in out.iterdir()
    }
    heads = {name: (out / name).read_text(encoding="utf-8-sig").split("\n")[0] for name in
             ("targets.csv", "scores.csv", "ranking.csv")}  # fmt: skip
    assert heads == {
        "targets.csv": "region,year,indicator,property,base_year,base,target,comparator,form,reading,attainment,"
        "status,unit",
        "scores.csv": "region,year,indicator,group,reading,points,points_low,points_high,max_points,rule,grade,note",
        "ranking.csv": "region,year,group,score,rank,previous_rank,change,grade,note",
    }
    ranks = [row for row in rows_of(out / "ranking.csv") if row["year"] == "2020"]
    # a: least GEP 0.6 x 40 = 24, water met 60, listed -3; b: most GEP 40, water missed 0
    assert [(row["region"], float(row["score"]), row["rank"], row["grade"]) for row in ranks] == [
        ("a", 81, "1", "良好"), ("b", 40, "2", "不合格"),
    ]  # fmt: skip
    record = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    assert {"readings.csv", "targets.csv", "groups.csv", "events.csv"} <= {
        Path(name).name for name in record["inputs"]
    }
    assert set(record["tables"]) == {path.name for path in out.glob("*.csv")}
    assert "81" in done.stdout
    assert "良好" in done.stdout


def test_the_workbook_is_for_people(tmp_path: Path) -> None:
    """Sheets and headings in Chinese, names beside codes; the list of what binds and was missed, in any wording."""
    folder = WHOLE.write(tmp_path)
    assert main(["assess", str(folder), "--allow-code", "--language", "zh"]) == 0
    book = openpyxl.load_workbook(folder / "out" / "assessment" / "demo" / "tables.xlsx")
    assert {"目标完成情况表", "考核评分表", "分类排名表", "约束性指标未完成清单"} <= set(
        book.sheetnames
    )
    for name in ("目标完成情况表", "考核评分表", "分类排名表", "约束性指标未完成清单"):
        first = str(book[name].print_title_rows).rpartition("$")[2]  # the last of those repeated
        heads = [str(heading.value) for heading in book[name][int(first)]]
        assert all(any("\u4e00" <= mark <= "\u9fff" for mark in head) for head in heads), heads
    missed = [
        [str(one_cell.value) for one_cell in row]
        for row in book["约束性指标未完成清单"].iter_rows(min_row=2)
    ]
    listed = {(row[0], part) for row in missed for part in row if part in ("water", "air")}
    assert listed == {("a", "air"), ("b", "water")}
    assert {row[1] for row in missed if row[0] in ("a", "b")} == {"甲县", "乙县"}
    assert any(row[0].startswith("账户状态：试算，未经审批") for row in missed)


def test_twice_gives_the_same_bytes(tmp_path: Path, run: Run) -> None:
    """Every file, the workbook too, though the clock went on."""
    folder = WHOLE.write(tmp_path)
    assert run(folder).exit_code == 0
    first = files(folder / "out" / "assessment")
    time.sleep(2.1)  # the step of the times in a workbook is two seconds
    assert run(folder).exit_code == 0
    again = files(folder / "out" / "assessment")
    assert [name for name in first if first[name] != again.get(name)] == []
    assert set(first) == set(again)


def _no_exchange(*_: object) -> None:
    raise OSError(22, "folders are not exchanged here, so files are")


def test_a_failing_write_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """The second file cannot be moved (Excel holds it): all files are those of the first run."""
    folder = WHOLE.write(tmp_path)
    assert run(folder).exit_code == 0
    before = files(folder / "out" / "assessment")
    write_table(folder / "readings.csv", [dict(row) | {"value": 50} for row in ROWS])
    move = os.replace

    def held(source: Any, goal: Any) -> None:
        if (
            Path(goal).name == "targets.csv"
            and "old" not in Path(goal).parts
            and "old" not in Path(source).parts
        ):
            raise PermissionError(13, "Permission denied", str(goal))
        move(source, goal)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(result_folder, "_exchange", _no_exchange)
    done = run(folder)
    assert done.exit_code == 2
    assert "cannot-write" in done.stderr
    assert files(folder / "out" / "assessment") == before


def test_a_failing_second_scheme_leaves_the_first_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Two schemes of one project are written together or not at all."""
    whole = replace(WHOLE, schemes=[*WHOLE.schemes, (SCHEME[1:], {"id": "second"})])
    folder = whole.write(tmp_path)
    assert run(folder).exit_code == 0
    before = files(folder / "out" / "assessment")
    write_table(folder / "readings.csv", [dict(row) | {"value": 50} for row in ROWS])
    move = os.replace

    def held(source: Any, goal: Any) -> None:
        if (
            "second" in Path(goal).parts
            and Path(goal).name == "scores.csv"
            and "old" not in Path(source).parts
        ):
            raise PermissionError(13, "Permission denied", str(goal))
        move(source, goal)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(result_folder, "_exchange", _no_exchange)
    assert run(folder).exit_code == 2
    assert files(folder / "out" / "assessment") == before


def test_the_ranking_of_last_year_is_never_written_over(tmp_path: Path, run: Run) -> None:
    """``previous`` that names a result of this very run would be lost."""
    folder = WHOLE.write(tmp_path)
    assert run(folder).exit_code == 0
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('previous = "out/assessment/demo/ranking.csv"\n')
    before = files(folder / "out" / "assessment")
    done = run(folder)
    assert done.exit_code == 2
    assert "cannot-write" in done.stderr
    assert files(folder / "out" / "assessment") == before


def test_of_an_earlier_ranking_the_last_year_before_counts(tmp_path: Path) -> None:
    """2018, 2017 and this year's own stand in it, in any order: 2018 is the year before 2019."""
    ranks = [(2018, 2), (2020, 7), (2017, 5), (2019, 9)]
    write_table(tmp_path / "before.csv", [
        {"region": code, "year": year, "rank": place, "scheme": "demo"} for year, place in ranks for code in "ab"
    ])  # fmt: skip
    found = replace(WHOLE, more='previous = "before.csv"').assessed(tmp_path).assessments[0]
    assert [rank(found, "previous_rank", code, 2019) for code in "ab"] == [2, 2]


def test_ranks_before_are_those_before_the_years_of_the_scheme(tmp_path: Path) -> None:
    """The project assesses 2019 and 2020, the scheme 2020 alone: 2019 is the year before it."""
    ranks = [(2018, 2), (2019, 9), (2020, 7)]
    write_table(tmp_path / "before.csv", [
        {"region": code, "year": year, "rank": place, "scheme": "demo"} for year, place in ranks for code in "ab"
    ])  # fmt: skip
    (indicators, head) = WHOLE.schemes[0]
    late = replace(WHOLE, schemes=[(indicators, {**head, "years": [2020]})])
    found = replace(late, more='previous = "before.csv"').assessed(tmp_path).assessments[0]
    assert [rank(found, "previous_rank", code, 2020) for code in "ab"] == [9, 9]


def test_made_up_numbers_are_refused(tmp_path: Path) -> None:
    """In readings, targets, the scheme, its indicators; allowed where the project says that it is a demonstration."""
    made_up = {"grade": "placeholder"}
    kinds = {
        "readings": replace(WHOLE, readings=[dict(row) | made_up for row in ROWS]),
        "targets": replace(WHOLE, targets=[row | made_up for row in TARGETS]),
        "scheme": replace(WHOLE, schemes=[(SCHEME, {"evidence": "placeholder"})], events=()),
        "indicator": replace(WHOLE, schemes=[([*SCHEME[:2], SCHEME[2] | made_up], {})], events=()),
    }
    for name, whole in kinds.items():
        assert codes(lambda it=whole, to=tmp_path / name: it.assessed(to)) == {"placeholder"}, name
        allowed = replace(whole, account=replace(ACCOUNT, heading="allow_placeholder = true"))
        assert (
            codes(lambda it=allowed, to=tmp_path / f"{name}-allowed": it.assessed(to)) == set()
        ), name


def test_lines_reach_the_rows_of_the_account(tmp_path: Path) -> None:
    """A reading of the account names it and the indicator behind it, which ``gep explain`` takes apart."""
    scheme = [one("crop", 10, {"kind": "efficacy"}, unit="CNY", reading={"account": "crop"})]
    found = Whole([(scheme, {})]).assessed(tmp_path).assessments[0]
    lines = "\n".join(found.explain("a", 2020, "crop", "zh"))
    assert "480000" in lines
    assert "crop" in lines
    assert found.account_readings["crop"].account == "crop"


def test_a_record_takes_the_english_words_for_states(tmp_path: Path) -> None:
    """The log itself is in Chinese; what cannot follow is refused in the language asked for."""
    folder = replace(WHOLE, more='log = "log.csv"').write(tmp_path)
    entry: dict[str, Any] = {"who": "office", "document": "1", "scheme": "demo", "year": 2020}
    for state in ("computed", "review", "feedback", "final"):
        log = gep.record_review(folder, state=state, **entry)
    assert [known.state for known in log.entries] == ["初算", "复核", "反馈", "终核"]
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.record_review(folder, state="appeal", region="a", language="en", **entry)
    assert {problem.code for problem in caught.value.problems} == {"log-transition"}
    assert caught.value.language == "en"


@pytest.mark.parametrize("out", [None, "elsewhere"])
def test_a_log_that_was_cut_is_told_wherever_results_go(tmp_path: Path, out: str | None) -> None:
    """By the head beside the log, and by the records of all schemes, in both folders of results."""
    folder = replace(WHOLE, more='log = "log.csv"').write(tmp_path / "p")
    entry: dict[str, Any] = {"who": "office", "document": "1", "scheme": "demo", "year": 2020}
    gep.record_review(folder, state="computed", **entry)
    dropped = folder / "out" / "assessment" / "a-dropped-scheme"
    gep.assess_project(folder, allow_code=True)
    shutil.copytree(folder / "out" / "assessment" / "demo", dropped)  # its head is the older one
    gep.record_review(folder, state="review", **entry)
    goal = None if out is None else tmp_path / out
    gep.assess_project(folder, goal, allow_code=True)
    lines = (folder / "log.csv").read_text(encoding="utf-8").splitlines()
    (folder / "log.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    for is_head_kept in (True, False):
        if not is_head_kept:
            (folder / "log.csv.head").unlink()
        with pytest.raises(gep.ProblemsFound) as caught:
            gep.assess_project(folder, goal, allow_code=True)
        assert {problem.code for problem in caught.value.problems} == {"log-chain"}


def test_records_at_once_are_all_kept(tmp_path: Path) -> None:
    folder = replace(WHOLE, more='log = "log.csv"').write(tmp_path)
    entry: dict[str, Any] = {"document": "1", "scheme": "demo", "year": 2020, "state": "computed"}

    def record(office: str) -> None:
        gep.record_review(folder, who=office, **entry)

    threads = [threading.Thread(target=record, args=(office,)) for office in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = gep.record_review(folder, who="last", **entry)
    assert {known.who for known in log.entries} == {"a", "b", "c", "last"}
    assert (folder / "log.csv.head").read_text(encoding="utf-8") == f"{log.head}\n"


def test_an_earlier_version_in_the_folder_of_results_is_not_replaced(
    tmp_path: Path, run: Run
) -> None:
    folder = WHOLE.write(tmp_path)
    assert run(folder).exit_code == 0
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('earlier = "out/assessment"\n')
    before = files(folder / "out" / "assessment")
    done = run(folder)
    assert done.exit_code == 2
    assert "cannot-write" in done.stderr
    assert files(folder / "out" / "assessment") == before


# --- a scheme of one's own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_csv", [False, True])
def test_a_scheme_outside_the_repository_runs_by_its_path(tmp_path: Path, as_csv: bool) -> None:
    """Written from the docs into a folder of one's own, with prices of a year of which there are no others."""
    rows = [
        row for row in CROPS.sets["base"] if row["price_year"] in ("", "2020")
    ]  # no prices of 2019: current prices cannot be had, and are not asked for
    account = replace(changed(ACCOUNT, sets={"base": rows}), price_year=2020)
    found = replace(WHOLE, account=account, as_csv=as_csv).assessed(tmp_path).assessments[0]
    assert [rank(found, "score", code) for code in "ab"] == [81, 40]


# --- everything wrong at once ----------------------------------------------------------------------------------------


def test_everything_wrong_is_told_at_once(tmp_path: Path, run: Run) -> None:
    """Four schemes, two of them broken in themselves; readings, targets, groups and events that do not fit."""
    broken = (
        [one("x", 9, section="none"), one("x", 5, None, unit="furlong", source="nobody"), one("y", 0, least=0)],
        {"id": "broken", "total": 90, "grade": [{"name": "甲", "from": 1}, {"name": "乙", "from": 2}],
         "veto": {"property": "nothing", "grade": "丁"}, "source": "nobody"},
    )  # fmt: skip
    unread = ([one("x", weight=3, direction="up", unit=None)], {"id": "unread", "legal": "law"})
    strange = ([one("x")], {"id": "strange", "kind": "scores"})
    sound = [
        one("r", reading={"data": "nobody"}), one("t", rule=ATTAIN, reading={"data": "water"}, unit="%"),
        one("u", reading={"account": "nothing"}, unit="CNY"), one("v", reading={"account": "total"}, unit="hm2"),
        one("w", reading={"account": "total", "basis": "constant"}, unit="CNY"),
        one("air", rule=ATTAIN, unit="%"), one("s", reading={"scheme": "later"}),
    ]  # fmt: skip
    whole = Whole(
        [broken, unread, strange, (sound, {"id": "sound"})],
        readings=[*ROWS, reading("a", "thing", "1,000"), reading("a", "water", 1, year=2019)],
        targets=[*TARGETS[-2:], target("z", "air", 5, unit="%"), target("a", "air", 5, "==", 2030, unit="%"),
                 target("b", "air", 5, year=2030, base=4, unit="%")],
        groups=[{"region": "a", "group": "一类"}, {"region": "a", "group": "二类"}],
        events=[event("a", "none"), event("z", "none"), event("a", "none", date="soon"),
                event("b", "none", document="")],
        more="years = [2019, 2020, 2031]",
    )  # fmt: skip
    folder = whole.write(tmp_path)
    done = run(folder)
    assert done.exit_code == 2
    told = {
        line.split("]")[0].split("[")[1]
        for line in done.stderr.splitlines()
        if "[" in line and "]" in line
    }
    due = {
        "scheme-section", "duplicate-id", "scheme-rule", "unknown-unit", "unknown-source", "weights-sum",
        "grade-cutoffs", "grade-unknown", "unknown-key", "toml-value", "missing-key", "scheme-kind",
        "thousands-separator", "duplicate-row", "target-form", "target-base", "bad-date", "blank", "year-without-readings",
        "unknown-reading", "wrong-dimension", "missing-target", "unknown-region",
    }  # fmt: skip
    assert due - told == set()
    assert not (folder / "out").exists()


def test_a_year_that_nothing_is_known_of_is_left_out(tmp_path: Path) -> None:
    """With a word, whether it has areas (2019, read by nobody) or nothing at all (2031); all such is wrong."""
    read = [reading(code, "x", 5) for code in "ab"]
    listed = [one("x", 10)]
    whole = Whole([(listed, {})], readings=read, more="years = [2019, 2020, 2031]")
    result = whole.assessed(tmp_path / "p")
    assert "year-without-readings" in [problem.code for problem in result.warnings]
    (found,) = result.assessments
    assert set(found.tables["scores.csv"]["year"]) == {2020}
    assert "无任何读数而未评价的年份：2019" in [line.say("zh") for line in found.caption]
    nothing = replace(whole, more="years = [2031]")
    with pytest.raises(gep.ProblemsFound) as told:
        nothing.assessed(tmp_path / "q")
    assert "missing-year" in [problem.code for problem in told.value.problems]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ('schemes = ["nobody"]', "unknown-id"), ('schemes = ["./nobody.toml"]', "missing-file"),
        ("schemes = []", "missing-key"),
        ("schemes = [1]", "toml-value"), ('scheme = "demo"', "unknown-key"),
        ('schemes = ["./scheme-0/demo.toml", "./scheme-0/demo.toml"]', "duplicate-id"),
    ],
)  # fmt: skip
def test_the_project_names_its_schemes(tmp_path: Path, lines: str, code: str, run: Run) -> None:
    """What is wrong with ``[assessment]`` itself."""
    folder = WHOLE.write(tmp_path)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    kept = text.split("[assessment]")[0]
    (folder / "project.toml").write_text(f"{kept}[assessment]\n{lines}\n", encoding="utf-8")
    done = run(folder)
    assert done.exit_code == 2
    assert f"[{code}]" in done.stderr


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"targets": [*TARGETS, target("a", "watr", 5)]}, "unknown-indicator"),
        ({"groups": [*WHOLE.groups, {"region": "z", "group": "一类"}]}, "unknown-region"),
        ({"events": [event("z", "listed")]}, "unknown-region"),
        ({"events": [event("a", "listd")]}, "unknown-event"),
        ({"targets": TARGETS[1:]}, "missing-target"),
        ({"targets": [*TARGETS, target("z", "air", 5, unit="%")]}, "unknown-region"),
    ],
)
def test_tables_that_do_not_fit_the_schemes(
    tmp_path: Path, part: dict[str, Any], code: str
) -> None:
    """Indicators, regions and events that nobody knows, and targets that lack."""
    assert codes(lambda: replace(WHOLE, **part).assessed(tmp_path)) == {code}


def test_a_region_without_group_is_told(tmp_path: Path) -> None:
    """It would be ranked by itself, first of one."""
    found = replace(WHOLE, groups=WHOLE.groups[:1]).assessed(tmp_path)
    assert "region-ungrouped" in {problem.code for problem in found.warnings}


def test_tables_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    """A table that is no longer made is not left beside the new ones, nor is a file of another's taken away."""
    folder = WHOLE.write(tmp_path)
    from gep.workflows.assess import assess_project

    assess_project(folder, allow_code=True)
    out = folder / "out" / "assessment" / "demo"
    record = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    record["tables"]["life_appeals.csv"] = "0"
    (out / "assessment.json").write_text(json.dumps(record), encoding="utf-8")
    for name in ("life_appeals.csv", "own.csv"):
        (out / name).write_text("region\n", encoding="utf-8")
    assess_project(folder, allow_code=True)
    assert not (out / "life_appeals.csv").exists()
    assert (out / "own.csv").exists()


@pytest.mark.parametrize("key", ["readings", "targets", "groups", "events", "previous"])
def test_tables_stay_inside_the_project(tmp_path: Path, key: str) -> None:
    """A path that leads out of the folder is refused."""
    name = '["../x.csv"]' if key == "readings" else '"../x.csv"'
    whole = Whole(
        [([one("gep", unit="CNY", reading={"account": "total"})], {})], more=f"{key} = {name}"
    )
    assert codes(lambda: whole.assessed(tmp_path / "p")) == {"path-outside"}


def test_regions_in_another_order_change_nothing(tmp_path: Path) -> None:
    """The rows of every input the other way round: the same results but for their order."""

    def turned(rows: Sequence[Any]) -> list[Any]:
        return list(rows)[::-1]

    other = replace(
        WHOLE, readings=turned(ROWS), targets=turned(TARGETS), groups=turned(WHOLE.groups),
        account=changed(ACCOUNT, areas=turned(CROPS.areas), data=turned(CROPS.data),
                        regions=turned(CROPS.regions or ())),
    )  # fmt: skip
    found, again = (it.assessed(tmp_path / name) for name, it in (("1", WHOLE), ("2", other)))
    for name in ("targets.csv", "scores.csv", "ranking.csv"):
        ours, theirs = (
            one_run.assessments[0].tables[name].astype(str) for one_run in (found, again)
        )
        columns = list(ours.columns)
        assert sorted(map(tuple, ours.to_numpy().tolist())) == sorted(
            map(tuple, theirs[columns].to_numpy().tolist())
        )


@pytest.mark.parametrize("name", ["../evil", "a/b", "a\\\\b", ".hidden", ""])
def test_the_id_of_a_scheme_names_a_folder_and_leads_nowhere_else(
    tmp_path: Path, name: str, run: Run
) -> None:
    folder = WHOLE.write(tmp_path)
    (toml,) = folder.glob("scheme-0/*.toml")
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('id = "demo"', f'id = "{name}"', 1), encoding="utf-8")
    done = run(folder)
    assert done.exit_code == 2
    assert "[toml-value]" in done.stderr
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ('ei-hj192-2015 = { precipitation_unit = "mm" }', "unknown-option"),
        ('geep-caep-2018 = { precipitation_unit = "10^3_m3" }', "unknown-option"),
        ('ei = { precipitation_unit = "10^3_m3" }', "unknown-id"),
    ],
)
def test_options_of_schemes_are_checked(options: str, code: str, tmp_path: Path) -> None:
    folder = with_options(options, tmp_path)
    with pytest.raises(gep.ProblemsFound) as caught:
        check_assessment(folder)
    assert code in {problem.code for problem in caught.value.problems}


def test_an_option_of_a_scheme_is_taken(tmp_path: Path) -> None:
    folder = with_options('ei-hj192-2015 = { precipitation_unit = "10^3_m3" }', tmp_path)
    result = apply_schemes(folder)
    spec = next(
        assessment.scheme.spec
        for assessment in result.assessments
        if assessment.scheme.id == "ei-hj192-2015"
    )
    assert spec.option["precipitation_unit"].default == "10^3_m3"


def with_options(options: str, folder: Path) -> Path:
    """The example of assessments with options of its schemes."""
    copy = folder / "project"
    shutil.copytree(ROOT / "examples" / "jiangxi-assessment", copy)
    path = copy / "project.toml"
    document = path.read_text(encoding="utf-8")
    path.write_text(f"{document}\n[assessment.options]\n{options}\n", encoding="utf-8")
    return copy
