"""The workbook of an assessment: one language, names beside codes, missed targets, what is made up."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import openpyxl
import pytest
from support.schemes import Demo, one, reading, target

from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment
from gep.io.toml_documents import Title
from gep.report.assessment_workbook import save_tables, spoken_table
from gep.texts.catalogue import say

Sheets = dict[str, list[list[object]]]
CHINESE = ("\u4e00", "\u9fff")
DEMO = Demo(
    [one("air"), one("water")],
    [reading("a", "air", 1), reading("a", "water", 3), reading("b", "air", 4)],
    [target("a", "air", 2), target("a", "water", 2), target("b", "air", 2)],
)
REVIEW_TABLES = (
    "life_sources",
    "life_jumps",
    "life_deductions",
    "life_appeals",
    "life_results",
    "life_revisions",
)
NAMES = {"a": Title(zh="甲县", en="Jia County"), "b": Title(zh="乙县", en="Yi County")}


def _assess(folder: Path, demo: Demo) -> tuple[Assessment, AssessmentContext]:
    scheme = demo.scheme(folder)
    context = replace(demo.ground(folder), names=NAMES)
    return scheme.kind.assess(scheme, context), context


def _sheets(path: Path) -> Sheets:
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


def _headings(rows: list[list[object]], *, blanks: bool = False) -> list[object]:
    """The first row with two cells: above it are lines across the sheet."""
    row = next(row for row in rows if len([cell for cell in row if cell is not None]) > 1)
    return row if blanks else [cell for cell in row if cell is not None]


def _has_chinese(cell: object) -> bool:
    return any(CHINESE[0] <= character <= CHINESE[1] for character in str(cell))


@pytest.mark.parametrize(
    ("language", "sheets", "missed"),
    [
        (
            "zh",
            ["说明", "目标完成情况表", "考核评分表", "分类排名表", "约束性指标未完成清单"],
            [["a", "甲县", "2020", "air", "指标air", "约束性"]],
        ),
        (
            "en",
            ["Notes", "Targets", "Scores", "Ranking", "Binding targets missed"],
            [["a", "Jia County", "2020", "air", "air", "binding"]],
        ),
    ],
)
def test_the_workbook_speaks_one_language(
    tmp_path: Path, language: Literal["zh", "en"], sheets: list[str], missed: list[list[object]]
) -> None:
    assessment, context = _assess(tmp_path, DEMO)
    path = tmp_path / "tables.xlsx"
    save_tables(assessment, context, path, language)
    written = _sheets(path)
    assert list(written) == sheets
    for name in sheets:
        headings = _headings(written[name])
        assert len(set(headings)) == len(headings)
        assert {_has_chinese(heading) for heading in headings} == {language == "zh"}, name
    rows = written[sheets[-1]]
    first = rows.index(_headings(rows, blanks=True)) + 1
    assert [row[:6] for row in rows[first:-2]] == missed


def test_what_is_made_up_or_recalled_is_said_on_every_sheet(tmp_path: Path) -> None:
    warnings = {
        "published": None,
        "recalled": "with content from general knowledge, not held against its text (recalled)",
        "placeholder": "with made-up numbers (placeholder), a demonstration only",
    }
    for evidence, warning in warnings.items():
        folder = tmp_path / evidence
        demo = replace(DEMO, head={"evidence": evidence})
        assessment, context = _assess(folder, demo)
        save_tables(assessment, context, folder / "tables.xlsx", "en")
        for name, rows in _sheets(folder / "tables.xlsx").items():
            above = [row[0] for row in rows[: rows.index(_headings(rows, blanks=True))]]
            if warning is None:
                assert not set(above) & set(warnings.values()), name
            else:
                assert warning in above, name


def test_codes_and_columns_without_a_word_stay(tmp_path: Path) -> None:
    assessment, context = _assess(tmp_path, DEMO)
    table = assessment.tables["targets.csv"].assign(status="unheard-of", strange=1)
    spoken = spoken_table(table, context, assessment.names, "zh")
    assert list(spoken["判定"]) == ["unheard-of"] * 3
    assert "strange" in spoken
    assert list(table.columns) == [*assessment.tables["targets.csv"].columns, "strange"]
    without_names = spoken_table(table, context, language="zh")
    assert "指标名称" not in without_names


def test_the_tables_of_a_review_have_the_titles_that_offices_use() -> None:
    """And sheet names that Excel takes: at most 31 characters, none of them reserved."""
    titles = {stem: say("zh", f"report.sheet.{stem}") for stem in REVIEW_TABLES}
    assert set(titles.values()) >= {
        "考核数据来源及审核表",
        "异常变动说明表",
        "扣分依据清单",
        "申诉处理表",
        "版本修订对照表",
    }
    for stem in REVIEW_TABLES:
        title = say("en", f"report.sheet.{stem}")
        assert title.isascii()
        assert len(title) <= 31
        assert not set(title) & set("[]:*?/\\")


def test_every_sheet_and_table_says_the_state_of_its_numbers(tmp_path: Path) -> None:
    """A trial until somebody approves; the last entry of the log on the whole result, with office and document."""
    from support.page_tables import read_text
    from support.schemes import Whole

    import gep

    readings = [reading("a", "air", 4), reading("b", "air", 3)]
    whole = Whole([([one("air", 100)], {"id": "demo"})], readings=readings, more='log = "log.csv"')
    folder = whole.write(tmp_path / "project")
    for state, who, document, year in (
        ("初算", "考核办", "考〔2022〕1号", 2019),
        ("初算", "考核办", "考〔2022〕1号", 2020),
        ("复核", "统计局", "统〔2022〕4号", 2020),
        ("反馈", "考核办", "考〔2022〕2号", 2020),
        ("终核", "管委会", "管〔2022〕9号", 2020),
    ):
        entry = {"state": state, "who": who, "document": document, "year": year}
        gep.record_review(folder, scheme="demo", at="2022-03-01", **entry)
    expected = {
        "zh": "账户状态：试算，未经审批。考核结果状态：2019年初算（考核办 考〔2022〕1号）、2020年终核（管委会 管〔2022〕9号）。",
        "en": "State of the accounts: trial calculation, not approved. State of the results:"
        " 2019 preliminary (考核办 考〔2022〕1号), 2020 final (管委会 管〔2022〕9号).",
    }
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    for language in languages:
        out = tmp_path / language
        gep.assess_project(folder, out, allow_code=True, language=language)
        sheets = _sheets(out / "assessment" / "demo" / "tables.xlsx")
        assert len(sheets) > 3
        for name, rows in sheets.items():
            assert expected[language] in [row[0] for row in rows[:4]], name
        page = (out / "assessment" / "report.html").read_text(encoding="utf-8")
        tables = page.count("<caption")
        states = page.count('class="table-note"')
        assert tables == states > 3
        for said in expected.values():
            assert said in read_text(page)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    approved = text.replace(
        "[project]\n", '[project]\napprover = "管委会"\ndocument = "管〔2022〕3号"\n'
    )
    (folder / "project.toml").write_text(approved, encoding="utf-8")
    gep.assess_project(folder, tmp_path / "approved", allow_code=True, language="en")
    book = _sheets(tmp_path / "approved" / "assessment" / "demo" / "tables.xlsx")
    for name, rows in book.items():
        said = "State of the accounts: approved by 管委会, document 管〔2022〕3号."
        assert any(said in str(row[0]) for row in rows[:4]), name
