"""Registers in a project: the example of all rules, its files and pages; published counts of enterprises as figures."""

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from support.paths import TESTS
from support.small import Row, write_table

import gep
from gep.cli.app import main
from gep.io.result_folder import read_record
from gep.workflows import input_rows
from gep.workflows.verify import verify

EXAMPLE = TESTS / "assessment" / "register" / "example"
CASES = TESTS / "cases" / "enterprise-credit-counts" / "cases.csv"
# The classes in the order in which each source prints them, and a row that puts an enterprise there: a score at the
# lower cut, points off 9, or what was announced. The fifth of Fujian took no part in the end.
PRINTED = {
    "Fujian 2016": (
        "enterprise-credit-fujian-2016",
        {
            "green": {"item": "score", "value": 96},
            "blue": {"item": "score", "value": 70},
            "yellow": {"item": "score", "value": 60},
            "red": {"item": "veto"},
            "none": {"item": "assessed"},
        },
    ),
    "Guangdong": (
        "enterprise-credit-national-2013",
        {
            name: {"item": "credit_class", "event": name}
            for name in ("red", "yellow", "blue", "green")
        },
    ),
    "Jiangsu 2016": (
        "enterprise-credit-jiangsu-2019",
        {
            "green": {"item": "commitment", "value": 2},
            "blue": {"item": "other_conduct", "value": 3},
            "yellow": {"item": "other_conduct", "value": 6},
            "red": {"item": "other_conduct", "value": 8},
            "black": {"item": "other_conduct", "value": 9},
        },
    ),
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> gep.ProjectAssessment:
    folder = tmp_path_factory.mktemp("register") / "example"
    shutil.copytree(EXAMPLE, folder)
    return gep.assess_project(folder, folder / "out")


def tables(result: gep.ProjectAssessment, scheme: str) -> dict[str, pd.DataFrame]:
    (found,) = [one for one in result.assessments if one.scheme.id == scheme]
    return dict(found.tables)


def test_every_rule_is_shown_and_nothing_is_warned_of(result: gep.ProjectAssessment) -> None:
    assert {one.scheme.spec.rule for one in result.assessments} == {
        "points",
        "draw",
        "days",
        "deadlines",
    }
    assert [str(warning) for warning in result.warnings] == []


def test_states_of_the_example_by_hand(result: gep.ProjectAssessment) -> None:
    table = tables(result, "rectification-list")["register_states.csv"]
    told = {(row["year"], row["item"]): row["status"] for row in table.to_dict("records")}
    assert told == {
        (2023, "JX-2023-01"): "on_time", (2023, "JX-2023-02"): "open", (2023, "JX-2023-03"): "open",
        (2023, "JX-2023-04"): "open", (2024, "JX-2023-01"): "on_time", (2024, "JX-2023-02"): "late",
        (2024, "JX-2023-03"): "overdue", (2024, "JX-2023-04"): "open",
    }  # fmt: skip
    credit = tables(result, "enterprise-credit-jiangsu-2019")["register_states.csv"]
    scores = {(row["year"], row["subject"]): row["value"] for row in credit.to_dict("records")}
    assert [scores[year, "QY-101"] for year in (2023, 2024)] == [8, 9], "repaired on 2024-02-01"
    assert scores[2024, "QY-104"] == 11
    assert scores[2023, "QY-103"] == "", "the decision states no points"
    draws = tables(result, "supervision-draw-jiangxi-county")["draw_log.csv"]
    sent = draws[(draws["subject"] == "QY-101") & (draws["drawn"] == 1)]
    assert len(sent) == 2, "once a year"
    assert not any("JC-11" in who for who in sent["inspectors"]), "recusal"


def test_files_workbooks_and_the_page(result: gep.ProjectAssessment) -> None:
    folder = result.out / "supervision-draw-jiangxi-county"
    with (folder / "draw_log.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(tables(result, folder.name)["draw_log.csv"])
    book = load_workbook(folder / "tables.xlsx")
    assert book.sheetnames[1:] == ["名录状态表", "分级分区统计表", "双随机抽取记录", "名录历史记录"]
    cells = {str(cell.value) for row in book["名录状态表"].iter_rows() for cell in row}
    assert {"企业", "已抽中", "A 类（监管最重）", "示例县"} <= cells
    page = (result.out / "report.html").read_text(encoding="utf-8")
    assert "双随机抽取记录" in page
    assert "带日期的名录" in page


def test_every_subject_opens_its_explanation_on_the_page(result: gep.ProjectAssessment) -> None:
    page = (result.out / "report.html").read_text(encoding="utf-8")
    assert "assess:rectification-list:2024:990201:示例县水利局" in page
    assert "assess:enterprise-credit-jiangsu-2019:2024:990202:QY-201" in page


def test_explain_and_verify_from_the_command_line(
    result: gep.ProjectAssessment, capsys: pytest.CaptureFixture[str]
) -> None:
    project = str(result.project.folder)
    asked = [
        "--region",
        "示例县",
        "--year",
        "2024",
        "--indicator",
        "rectification-list:示例县水利局",
    ]
    assert main(["explain", project, *asked, "--language", "zh"]) == 0
    assert (
        "JX-2023-02：2024-12-31 为逾期完成；期限 2024-06-30，销号 2024-08-15，迟 46 天"
        in capsys.readouterr().out
    )
    assert main(["verify", str(result.out / "rectification-list")]) == 0
    register = result.project.folder / "register.csv"
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("2024-08-15", "2024-08-16"), encoding="utf-8")
    try:
        assert main(["verify", str(result.out / "rectification-list")]) != 0
        assert "register.csv" in capsys.readouterr().err
    finally:
        register.write_text(text, encoding="utf-8")


def test_a_digit_of_any_row_of_a_register_is_told_with_its_row(tmp_path: Path) -> None:
    """Days, points, seeds, flows, codes: a digit of each cell of every few rows."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "p"))
    gep.assess_project(folder)
    rows = input_rows.recorded_rows(read_record(folder / "out" / "assessment" / "report.json"))
    changed = tmp_path / "changed.csv"
    for name, step in (("register.csv", 1), ("flows.csv", 41)):
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        for row in range(2, len(lines) + 1, step):
            cells = lines[row - 1].split(",")
            for position, cell in enumerate(cells):
                digit = next((sign for sign in cell if sign.isascii() and sign.isdigit()), "")
                if not digit:
                    continue
                other = cell.replace(digit, str((int(digit) + 1) % 10), 1)
                edited = ",".join([*cells[:position], other, *cells[position + 1 :]])
                changed.write_text(
                    "".join([*lines[: row - 1], edited, *lines[row:]]), encoding="utf-8"
                )
                assert input_rows.edited_rows(changed, rows[name]) == [row]
    flows = folder / "flows.csv"
    lines = flows.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[99] = re.sub(r",(\d+)(?=[.\d]*,m3)", lambda cell: f",1{cell[1]}", lines[99], count=1)
    flows.write_text("".join(lines), encoding="utf-8")
    places = {problem.say_where("en") for problem in verify(folder / "out")}
    assert any("flows.csv" in place and "100" in place for place in places)


def test_the_log_has_steps_of_a_register_and_no_numbers(tmp_path: Path) -> None:
    """What a register says is changed by a row with its document, not by a number in the log."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "p"))
    toml = folder / "project.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("[assessment]", '[assessment]\nlog = "log.csv"'), encoding="utf-8")
    scheme = "enterprise-credit-jiangsu-2019"
    entry = {"who": "市生态环境局", "document": "1号", "scheme": scheme, "year": 2023}
    for day, state in enumerate(("computed", "review", "feedback"), start=1):
        gep.record_review(folder, state=state, at=f"2024-03-0{day}", **entry)
    of_enterprise = {"region": "990201", "item": "QY-101", "reason": "已修复"}
    numbers = {"old": "8", "new": "9"}
    with pytest.raises(gep.ProblemsFound) as found:
        gep.record_review(
            folder,
            state="appeal",
            at="2024-03-04",
            **entry,
            **of_enterprise,
            **numbers,
            language="en",
        )
    (problem,) = found.value.problems
    assert problem.code == "log-number"
    assert "in the register write a row with its document" in problem.fix
    gep.record_review(folder, state="appeal", at="2024-03-04", **entry, **of_enterprise)
    gep.record_review(folder, state="review", at="2024-03-05", **entry, **of_enterprise)
    gep.record_review(folder, state="final", at="2024-03-06", **entry)
    result = gep.assess_project(folder)
    record = read_record(result.out / scheme / "assessment.json")
    assert record["results"]["2023"] == "终核"
    assert "2023" in record["sealed"]
    appeals = tables(result, scheme)["life_appeals.csv"]
    assert list(appeals["item"]) == ["QY-101"]


def test_made_up_rows_are_refused_unless_allowed(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "x")
    toml = tmp_path / "x" / "project.toml"
    text = toml.read_text(encoding="utf-8").replace("allow_placeholder = true", "")
    toml.write_text(text, encoding="utf-8")
    with pytest.raises(gep.ProblemsFound) as found:
        gep.assess_project(tmp_path / "x", tmp_path / "out")
    assert {problem.code for problem in found.value.problems} == {"placeholder"}


def test_a_register_that_cannot_be_read_is_told_alone(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "x")
    (tmp_path / "x" / "flows.csv").unlink()
    with pytest.raises(gep.ProblemsFound) as found:
        gep.assess_project(tmp_path / "x", tmp_path / "out")
    assert {problem.code for problem in found.value.problems} == {"missing-file"}


def printed(case: str) -> dict[str, str]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return {row["item"]: row["value"] for row in csv.DictReader(file) if row["case"] == case}


def shares_of_guangdong() -> dict[str, str]:
    """The shares that are printed, by class: the file names them a to d in the order of the source."""
    names = PRINTED["Guangdong"][1]
    return {
        name: printed(f"Guangdong, class {letter}")["./methods.py:share"]
        for name, letter in zip(names, "abcd", strict=True)
    }


@pytest.mark.parametrize("case", PRINTED)
def test_published_counts_are_counted_from_as_many_rows(case: str, tmp_path: Path) -> None:
    """As many enterprises as each source prints, announced in their classes: counts, totals and shares as printed."""
    scheme, classes = PRINTED[case]
    rows: list[Row] = []
    expected: list[Row] = []
    numbers = printed(case)
    for place, (name, made) in enumerate(classes.items(), start=1):
        count = int(numbers[f"class_{place}"])
        for number in range(count):
            row = {"region": "990201", "subject_kind": "enterprise", "subject": f"{name}-{number}"}
            row |= {"date": "2023-06-13", "document": "as printed", "grade": "derived"}
            rows.append({**dict.fromkeys(("value", "event"), ""), **row, **made})
        item = f"{scheme}/register_counts.csv:class={name}"
        values = {"item": f"{item}:count", "value": count, "unit": "1"}
        expected.append(values)
        if case == "Guangdong":
            expected.append(
                {"item": f"{item}:share", "value": shares_of_guangdong()[name], "unit": "%"}
            )
    folder = tmp_path / "x"
    shutil.copytree(EXAMPLE, folder)
    (folder / "flows.csv").unlink()
    toml = folder / "project.toml"
    head, _, _ = toml.read_text(encoding="utf-8").partition("[assessment]")
    tail = f'[assessment]\nschemes = ["{scheme}"]\nregisters = ["register.csv"]\n'
    toml.write_text(head + tail, encoding="utf-8")
    write_table(folder / "register.csv", rows)
    common = {"year": 2023, "region": "990201", "locator": "cases.csv", "role": "match"}
    write_table(folder / "expected.csv", [common | row for row in expected])
    check = gep.check_figures(folder)
    assert check.misses == ()
    assert len(check.figures) == len(expected)
    table = (
        gep.assess_project(folder, tmp_path / "out").assessments[0].tables["register_counts.csv"]
    )
    whole = set(table.loc[table["region"] == "990201", "total"])
    assert whole == {int(numbers["./methods.py:enterprises"])}
