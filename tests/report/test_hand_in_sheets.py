"""Sheets that are handed in: all columns of the files, one page across on A4, 100 columns of a terminal."""

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import get_args

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len
from rich.console import Console
from support.paths import EXAMPLES, not_available
from support.recalculation import differing_formulas
from support.schemes import Demo, one, reading, target

import gep
from gep.assessment.allocation import tables as allocation
from gep.assessment.audit import tables as audit
from gep.assessment.audit.scheme import Issue
from gep.assessment.balance import tables as balance
from gep.assessment.context import AssessmentContext
from gep.assessment.geep import tables as geep
from gep.assessment.index import tables as index
from gep.assessment.kinds import read_scheme
from gep.assessment.register import tables as register
from gep.assessment.review import final
from gep.assessment.review import tables as review
from gep.assessment.scheme import Assessment
from gep.assessment.scoring import tables as scoring
from gep.inputs.data import EMPTY
from gep.io.toml_documents import Title
from gep.report.assessment_layouts import HandInLayout, hand_in_layouts, layout_of
from gep.report.assessment_workbook import save_tables
from gep.terminal import assessment as printed
from gep.texts.catalogue import LANGUAGES, Language, has_key, say

WIDTH = 100
COLUMNS = {
    "targets.csv": scoring.TARGET_COLUMNS,
    "scores.csv": scoring.SCORE_COLUMNS,
    "ranking.csv": scoring.RANK_COLUMNS,
    "rank_intervals.csv": scoring.RANK_INTERVAL_COLUMNS,
    "life_sources.csv": review.SOURCE_COLUMNS,
    "life_jumps.csv": review.JUMP_COLUMNS,
    "life_deductions.csv": review.DEDUCTION_COLUMNS,
    "life_appeals.csv": review.APPEAL_COLUMNS,
    "life_results.csv": review.RESULT_COLUMNS,
    "life_revisions.csv": review.REVISION_COLUMNS,
    "final_numbers.csv": final.FINAL_NUMBER_COLUMNS,
    "final_ranking.csv": final.FINAL_RANK_COLUMNS,
    "index.csv": index.INDEX,
    "geep.csv": geep.GEEP_COLUMNS,
    "balance.csv": balance.BALANCE_COLUMNS,
    "audit.csv": audit.AUDIT_COLUMNS,
    "audit_quality.csv": audit.QUALITY_COLUMNS,
    "audit_targets.csv": audit.BINDING_COLUMNS,
    "audit_issues.csv": audit.ISSUE_COLUMNS,
    "audit_scores.csv": audit.SCORE_COLUMNS,
    "allocation.csv": allocation.ALLOCATION_COLUMNS,
    "allocation_pools.csv": allocation.POOL_COLUMNS,
    "allocation_rules.csv": allocation.RULE_COLUMNS,
    "register_states.csv": register.STATE_COLUMNS,
    "register_counts.csv": register.COUNT_COLUMNS,
    "register_days.csv": register.DAY_COLUMNS,
    "draw_log.csv": register.DRAW_COLUMNS,
    "register_history.csv": register.HISTORY_COLUMNS,
}
SCHEMES = {  # of which each layout of registers is
    "points": "enterprise-credit-jiangxi",
    "draw": "supervision-draw-jiangxi-county",
    "days": "ecological-flow",
    "deadlines": "rectification-list",
    "": "gep-yearly",
}
# Long cells, as results have them.
CELLS = {
    "region": "360734",
    "indicator": "national_sections_of_good_quality",
    "office": "某某县人民政府县长",
    "subject": "91360100MA35ABCD1X",
    "status": "needs_explanation",
    "property": "expected",
    "unit": "10^4 CNY",
    "rule": "efficacy",
    "grade": "published",
    "class": "A 类（监管最重）",
    "inspectors": "JC-11; JC-12",
    "note": "无读数，分值分摊 no reading, its points spread over others",
    "document": "赣环督字〔2024〕11号",
    "source": "jiangxi-statistical-yearbook-2020",
    "reviewed_by": "某某市生态环境局",
    "explanation": "监测站点迁移",
}
SIZES = {
    "code": 2020,
    "money": Decimal("2091000000.00"),
    "points": 100.25,
    "count": 1234,
    "share": 3.1213,
}
DAYS = (
    "date",
    "due",
    "done",
    "day",
    "until",
    "term_start",
    "term_end",
    "appealed_at",
    "handled_at",
)
NUMBERS = frozenset(
    [
        "value",
        "reading",
        "target",
        "base",
        "change",
        "threshold",
        "reading_from",
        "reading_to",
        "value_start",
        "value_end",
        "human",
        "natural",
        "coefficient",
        "difference",
        "attainment",
        "share",
        "deduction",
        "rate",
    ]
)
NAMES = {"360734": Title(zh="双江土家族自治县", en="Shuangjiang Autonomous County")}
CONTEXT = AssessmentContext((2020,), ("360734",), {}, EMPTY, names=NAMES)
LAYOUTS = [layout for layout in hand_in_layouts() if not layout.wide]


def _id(layout: HandInLayout) -> str:
    return f"{layout.file} {layout.rule}".strip()


def _cell(layout: HandInLayout, name: str) -> object:
    size = SIZES.get(layout.formats.get(name, ""))
    if name in DAYS:
        return "2024-12-31"
    if name in CELLS:
        return CELLS[name]
    if size is not None:
        return size
    return 123456.789 if name in NUMBERS else "some_word"


def _made(layout: HandInLayout) -> tuple[Assessment, pd.DataFrame]:
    """A table with every column of its file, with long cells."""
    columns = COLUMNS.get(layout.file, scoring.TARGET_COLUMNS)
    table = pd.DataFrame([{name: _cell(layout, name) for name in columns}] * 2)
    scheme = read_scheme(SCHEMES[layout.rule])
    tables = {layout.file: table}
    made = Assessment(scheme, tables, lambda *_: [], lambda *_: [])
    return made, table


@pytest.mark.parametrize("file", COLUMNS)
def test_layouts_leave_no_column_of_a_file_out(file: str) -> None:
    shown: set[str] = set()
    for layout in hand_in_layouts():
        if layout.file == file:
            shown |= set(layout.columns)
            assert set(layout.terminal or ()) <= set(layout.columns)
            assert set(layout.sums) <= set(layout.columns)
    assert shown >= set(COLUMNS[file])


def test_every_layout_names_a_table_that_there_is_and_says_whose_it_is() -> None:
    """No layout that could be read whole is known: none may call itself official."""
    patterns = {"missed", "geep_table.csv", "table_*_value.csv", "table_*.csv", "matrix_*.csv"}
    assert {layout.file for layout in hand_in_layouts()} == patterns | set(COLUMNS)
    for layout in hand_in_layouts():
        assert layout.status != "official" or layout.source is not None
        is_ours = layout.status == "ours"
        assert ("本软件拟" in layout.standing("zh")) == is_ours
        assert ("proposed by gep" in layout.standing("en")) == is_ours


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layout", LAYOUTS, ids=_id)
def test_a_table_fits_a_terminal_of_100_columns(
    layout: HandInLayout, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """No line is longer, no cell is cut, and no heading is broken within a word."""
    assessment, table = _made(layout)
    assert layout_of(layout.file, assessment) == layout
    shown = printed._shown_table(
        layout.file, table, assessment=assessment, context=CONTEXT, language=language
    )
    Console(width=300, highlight=False).print(shown, width=WIDTH)
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(line) for line in lines) <= WIDTH
    assert not any("…" in line for line in lines)
    heads = " ".join(line for line in lines if line.startswith("┃"))
    for column in shown.columns:
        for word in str(column.header).split() if language == "en" else ():
            assert word in heads


def test_the_example_fits_a_terminal_of_100_columns(
    assessed: dict[Language, gep.ProjectAssessment], capsys: pytest.CaptureFixture[str]
) -> None:
    for language, result in assessed.items():
        for assessment in result.assessments:
            printed.print_assessment(assessment, result.context, language)
            lines = capsys.readouterr().out.splitlines()
            tables = [line for line in lines if line[:1] in "┏┃┡│└"]
            assert tables
            for line in tables:
                assert cell_len(line.rstrip()) <= WIDTH
                assert "…" not in line


# --- workbooks -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assessed(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[Language, gep.ProjectAssessment]:
    results = {}
    for language in LANGUAGES:
        out = tmp_path_factory.mktemp(language)
        results[language] = gep.assess_project(
            EXAMPLES / "jiangxi-assessment", out, language=language
        )
    return results


def _books(result: gep.ProjectAssessment) -> list[Path]:
    return sorted(result.out.glob("*/tables.xlsx"))


def _heads(page: Worksheet) -> list[str]:
    """The row of heads: the last of those that are printed on every page."""
    row = int(str(page.print_title_rows).rpartition("$")[2])
    return [str(cell.value) for cell in page[row] if cell.value is not None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_are_set_up_for_one_page_across(
    assessed: dict[Language, gep.ProjectAssessment], language: Language
) -> None:
    for path in _books(assessed[language]):
        for page in openpyxl.load_workbook(path).worksheets:
            assert page.page_setup.paperSize == 9  # A4
            assert page.sheet_properties.pageSetUpPr.fitToPage
            assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
            last = page.cell(page.max_row, page.max_column).coordinate.replace("$", "")
            assert str(page.print_area).replace("$", "").rpartition("!")[2] == f"A1:{last}"
            assert len(_heads(page)) == page.max_column
            if page.title != say(language, "report.sheet.notes"):
                below = [str(row[0].value) for row in page.iter_rows(min_row=page.max_row - 1)]
                assert below[-1] == say(language, "report.hand-in.signature")
                assert say(language, "report.hand-in.ours")[:6] in below[0]


@pytest.mark.parametrize(
    "layout", hand_in_layouts(), ids=lambda layout: f"{layout.file}-{layout.rule}"
)
def test_every_sheet_has_a_title_and_every_column_a_head(layout: HandInLayout) -> None:
    titled = layout.name is not None or has_key("zh", f"report.sheet.{Path(layout.file).stem}")
    assert titled or "*" in layout.file
    for column in layout.columns:
        assert column in layout.heads or has_key("zh", f"report.column.{column}"), column


@pytest.mark.parametrize(
    "code",
    [
        *get_args(Issue.model_fields["effect"].annotation),
        *("improved", "worsened", "unchanged"),  # AuditedItem.judgement
        *("open", "upheld", "as_claimed", "adjusted"),  # outcomes of appeals
        *("added", "removed", "changed"),  # kinds of differences between versions
    ],
)
def test_every_code_of_a_sheet_has_a_word(code: str) -> None:
    assert not re.search("[a-z]", say("zh", f"report.word.{code}"))


def test_words_are_of_one_language_and_units_in_words(
    assessed: dict[Language, gep.ProjectAssessment],
) -> None:
    path = assessed["zh"].out / "jiangxi-targets" / "tables.xlsx"
    cells = {
        str(cell.value)
        for page in openpyxl.load_workbook(path).worksheets
        for row in page.iter_rows()
        for cell in row
    }
    assert {"微克/立方米", "公开发表", "≤", "预期性", "水平"} <= cells
    assert not cells & {"10^-3 mg m-3", "published", "<=", "expected", "level"}


def test_money_is_summed_by_a_formula_to_the_fen(
    assessed: dict[Language, gep.ProjectAssessment],
) -> None:
    folder = assessed["zh"].out / "compensation-jiangxi-2016"
    page = openpyxl.load_workbook(folder / "tables.xlsx", data_only=True)["补偿资金分配表"]
    live = openpyxl.load_workbook(folder / "tables.xlsx")["补偿资金分配表"]
    column = _heads(page).index("分配额") + 1
    (row,) = (cell.row for cell in page["A"] if cell.value == "2016 年合计")
    assert page.cell(row, column).value == 2091000000.0
    assert str(live.cell(row, column).value).startswith("=SUM(")
    assert page.cell(row, column).number_format == "#,##0.00"
    assert any(cell.value == "单位：元" for cell in page["A"])


@pytest.mark.office
def test_sheets_print_one_page_across(
    assessed: dict[Language, gep.ProjectAssessment], tmp_path: Path
) -> None:
    """Every page that LibreOffice prints has all heads of its sheet, upright or across an A4 page."""
    soffice, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or reader is None:
        not_available("LibreOffice (soffice) or pdftotext is not installed")
        raise AssertionError
    checked = 0
    books = []
    for path in _books(assessed["zh"]):
        copy = tmp_path / f"{path.parent.name}.xlsx"
        books.append(shutil.copy(path, copy))
    command = [soffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, books)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    for book in books:
        pages = openpyxl.load_workbook(book).worksheets
        printed_pages = subprocess.run(
            [reader, "-raw", str(Path(book).with_suffix(".pdf")), "-"],
            check=True,
            capture_output=True,
        ).stdout.decode()
        seen = set()
        for said in printed_pages.split("\f")[:-1]:
            words = "".join(said.split())
            of_sheet = [page for page in pages if re.search(rf"{page.title}\d+/\d+", words)]
            of_sheet = of_sheet or [page for page in pages if page.title in words]
            assert of_sheet, words[:80]
            (sheet,) = of_sheet[:1]
            seen.add(sheet.title)
            missing = [head for head in _heads(sheet) if "".join(head.split()) not in words]
            assert not missing, (book, sheet.title)
            checked += 1
        assert seen == {page.title for page in pages}
    assert checked > 30


@pytest.mark.office
def test_sums_of_sheets_are_those_of_libreoffice(
    assessed: dict[Language, gep.ProjectAssessment], tmp_path: Path
) -> None:
    path = assessed["zh"].out / "compensation-jiangxi-2016" / "tables.xlsx"
    formulas, differing = differing_formulas(path, tmp_path)
    assert len(formulas) == 3
    assert not differing


def test_points_stand_beside_their_targets(tmp_path: Path) -> None:
    """分值、得分 of the table of targets are those of the scores; the unit is that of the target."""
    demo = Demo(
        [one("air", 60), one("water", 40)],
        [reading("a", "air", 1), reading("a", "water", 3)],
        [target("a", "air", 2), target("a", "water", 2)],
    )
    assessment = demo.assessed(tmp_path)
    save_tables(assessment, demo.ground(tmp_path), tmp_path / "a.xlsx", "zh")
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["目标完成情况表"]
    heads = _heads(page)
    scores = assessment.tables["scores.csv"].set_index("indicator")["points"]
    first = int(str(page.print_title_rows).rpartition("$")[2]) + 1
    for row in page.iter_rows(min_row=first, max_row=page.max_row - 2, values_only=True):
        cells = dict(zip(heads, row, strict=True))
        assert cells["得分"] == scores[str(cells["指标"])]
        assert cells["分值"] == {"air": 60, "water": 40}[str(cells["指标"])]
