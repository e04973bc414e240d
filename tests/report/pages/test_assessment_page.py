"""The page of an assessment: its numbers are those of the result tables, and each is explained."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest
from support.page_tables import packed_data, page_data, read_tables, read_text
from support.paths import EXAMPLES
from support.schemes import Whole, one, reading, target

import gep
from gep.report.assessment_workbook import note_in
from gep.report.pages.assessment_page import MADE_UP_MARK
from gep.texts.catalogue import LANGUAGES
from gep.workflows.assess import ProjectAssessment

CLOSE = 1e-9
# Tables without a region, whose rows nothing explains further.


@pytest.fixture(scope="module")
def jiangxi(tmp_path_factory: pytest.TempPathFactory) -> ProjectAssessment:
    out = tmp_path_factory.mktemp("assessed")
    return gep.assess_project(EXAMPLES / "jiangxi-assessment", out)


@pytest.fixture(scope="module")
def html(jiangxi: ProjectAssessment) -> str:
    return (jiangxi.out / "report.html").read_text(encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_number_is_that_of_the_file_and_is_explained(
    jiangxi: ProjectAssessment, html: str
) -> None:
    explanations: dict[str, Any] = packed_data(html, "explanations")
    checked = 0
    for table in read_tables(html).values():
        if not table.file:
            continue
        rows = _rows(jiangxi.out / table.file)
        assert len(rows) == len(table.rows)
        for shown, row in zip(table.rows, rows, strict=True):
            for column, cell in shown.items():
                if cell.value is None:
                    continue
                assert cell.value == pytest.approx(float(row[column]), rel=CLOSE), column
                written = cell.zh.replace(MADE_UP_MARK, "").replace(",", "").strip()
                decimals = len(written.partition(".")[2])
                assert abs(float(written) - cell.value) <= 0.5 * 10**-decimals * (1 + 1e-9)
                assert cell.opens in explanations, (table.file, column)
                checked += 1
    assert checked > 1000


def test_no_number_of_a_file_is_left_out(jiangxi: ProjectAssessment, html: str) -> None:
    """Columns that are shown as words alone hold codes, years, texts: no number of an amount."""
    numbers = {"value", "reading", "points", "score", "target", "attainment", "amount", "deducted"}
    for table in read_tables(html).values():
        if not table.file:
            continue
        rows = _rows(jiangxi.out / table.file)
        for shown, row in zip(table.rows, rows, strict=True):
            for column in numbers & set(row):
                is_number = row[column].replace(".", "").replace("-", "").isdigit()
                if is_number:
                    assert shown[column].value is not None, (table.file, column)


def test_explanations_are_those_of_gep_explain_in_both_languages(
    jiangxi: ProjectAssessment, html: str
) -> None:
    explanations: dict[str, Any] = packed_data(html, "explanations")
    kinds = set()
    for assessment in jiangxi.assessments:
        prefix = f"assess:{assessment.scheme.id}:"
        keys = [key for key in explanations if key.startswith(prefix)]
        assert keys
        for key in keys[:5]:
            _, _, year, region, item = key.split(":", 4)
            for language in LANGUAGES:
                lines = assessment.explain(region, int(year), item, language)
                told = explanations[key]["lines"]
                words = [line[language] if isinstance(line, dict) else line for line in told]
                assert words == lines
        kinds.add(assessment.scheme.spec.kind)
    assert kinds == {"score", "index", "geep", "allocation"}


def test_readings_of_the_account_open_it(html: str) -> None:
    accounts: dict[str, Any] = packed_data(html, "accounts")
    explanation = packed_data(html, "explanations")[
        "assess:placeholder-ranking:2019:361127:regulating_per_km2"
    ]
    (table,) = explanation["tables"]
    assert table["rows"]
    for cells in table["rows"]:
        _, value, key = cells[2]
        _, year, region, line = key.split(":")
        lines = accounts["years"][year]["lines"]
        figure = lines["values"][line][lines["codes"].index(region)]
        assert value == pytest.approx(figure, rel=CLOSE)


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("无读数，分值分摊 no reading", "无读数，分值分摊", "no reading"),
        ("事项加减分 events -1.5", "事项加减分 -1.5", "events -1.5"),
        (
            "分值未定 no score; 事项加减分 events +2",
            "分值未定；事项加减分 +2",
            "no score; events +2",
        ),
        ("3 项约束性指标未完成", "3 项约束性指标未完成", "3 项约束性指标未完成"),
    ],
)
def test_remarks_of_files_are_shown_in_one_language(said: str, zh: str, en: str) -> None:
    """Files hold remarks in both languages, followed by points; a page shows those of its own."""
    assert (note_in(said, "zh"), note_in(said, "en")) == (zh, en)


def test_made_up_numbers_are_marked(html: str) -> None:
    tables = read_tables(html)
    made_up = tables["placeholder-ranking-ranking"].rows
    assert all(row["score"].zh.endswith(MADE_UP_MARK) for row in made_up if row["score"].zh)
    published = tables["jiangxi-targets-targets"].rows
    assert not any(MADE_UP_MARK in cell.zh for row in published for cell in row.values())


def test_each_scheme_says_what_it_is(jiangxi: ProjectAssessment, html: str) -> None:
    text = read_text(html)
    for assessment in jiangxi.assessments:
        title = assessment.scheme.spec.title
        for language in LANGUAGES:
            assert text.count(title.say(language)) >= 2  # contents and heading
            for line in assessment.caption:
                assert " ".join(line.say(language).split()) in text
    rows = read_tables(html)["schemes"].rows
    assert len(rows) == len(jiangxi.assessments)


def test_intervals_of_ranks_are_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    copytree(EXAMPLES / "jiangxi-assessment", folder)
    city = ("36010", "36011")  # one group of few regions
    areas = pd.read_csv(folder / "areas.csv", dtype=str)
    areas = areas[areas["region"].str.startswith(city)]
    areas["low"] = areas["area"].astype(float) * 0.8
    areas["high"] = areas["area"].astype(float) * 1.2
    areas.assign(distribution="uniform").to_csv(folder / "areas.csv", index=False)
    header = (folder / "project.toml").read_text(encoding="utf-8")
    kept = [line for line in header.splitlines() if "compensation" not in line]
    kept = [line for line in kept if not line.startswith("pools")]
    (folder / "project.toml").write_text("\n".join(kept), encoding="utf-8")
    result = gep.assess_project(folder, tmp_path / "out", draws=200, seed=1)
    html = (result.out / "report.html").read_text(encoding="utf-8")
    (chart,) = [chart for chart in page_data(html)["charts"] if chart["kind"] == "intervals"]
    ranks = _rows(result.out / "placeholder-ranking" / "ranking.csv")
    intervals = _rows(result.out / "placeholder-ranking" / "rank_intervals.csv")
    place = {row["region"]: float(row["rank"]) for row in ranks if row["rank"]}
    expected = sorted(
        (place[row["region"]], float(row["rank_p025"]), float(row["rank_p975"]))
        for row in intervals
    )
    drawn = [(bar["value"], bar["low"], bar["high"]) for bar in chart["data"]["rows"]]
    assert sorted(drawn) == expected
    explanations: dict[str, Any] = packed_data(html, "explanations")
    assert all(bar["opens"] in explanations for bar in chart["data"]["rows"])
    assert "200 draws" in read_text(html)


def _assessed(folder: Path, **more: Any) -> Mapping[str, Any]:
    whole = Whole(
        [([one("x", 100)], {})],
        readings=[reading("a", "x", 60), reading("b", "x", 80)],
        targets=[target("a", "x", 80)],
        **more,
    )
    project = whole.write(folder)
    result = gep.assess_project(project, allow_code=True)
    return {"out": result.out, "project": project}


def test_the_page_is_recorded_replaced_and_never_taken_for_a_foreign_file(tmp_path: Path) -> None:
    written = _assessed(tmp_path / "p")
    out, project = written["out"], written["project"]
    record = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert set(record["other_results"]) == {"report.html"}
    assert gep.verify(out.parent, allow_code=True) == []
    first = (out / "report.html").read_bytes()
    gep.assess_project(project, allow_code=True)  # replaces what it wrote
    assert (out / "report.html").read_bytes() == first
    assert not list(out.glob("*.edited*"))


def test_a_page_that_says_something_else_is_found(tmp_path: Path) -> None:
    out = _assessed(tmp_path / "p")["out"]
    page = out / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("</h1>", "!</h1>"), encoding="utf-8")
    places = {str(problem.place) for problem in gep.verify(out.parent, allow_code=True)}
    assert any("assessment/report.html" in place for place in places)
    (out / "report.json").unlink()
    assert gep.verify(out.parent, allow_code=True)


def test_a_page_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    written = _assessed(tmp_path / "p")
    (written["out"] / "report.json").unlink()
    (written["out"] / "report.html").write_text("mine", encoding="utf-8")
    with pytest.raises(gep.ProblemsFound) as found:
        gep.assess_project(written["project"], allow_code=True)
    assert [problem.code for problem in found.value.problems] == ["cannot-write"]
    assert (written["out"] / "report.html").read_text(encoding="utf-8") == "mine"


def test_the_state_of_a_result_is_told(tmp_path: Path) -> None:
    written = _assessed(tmp_path / "p", more='log = "log.csv"')
    step = {"state": "computed", "who": "office", "document": "1", "scheme": "demo", "year": 2020}
    gep.record_review(written["project"], **step)
    result = gep.assess_project(written["project"], allow_code=True)
    text = read_text((result.out / "report.html").read_text(encoding="utf-8"))
    assert "2020 年 初算" in text
    assert "2020 preliminary" in text
