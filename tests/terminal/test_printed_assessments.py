"""What the terminal shows of assessments and of collections of counties, in either language."""

import re
from pathlib import Path
from typing import Any

import pytest
from support.counties import CountyProject, write_counties
from support.small import coefficient, datum, write_table

from gep.assessment.context import AssessmentContext
from gep.assessment.kinds import read_scheme
from gep.assessment.scheme import Assessment, SchemeSpec
from gep.collection.counties import CollectionOptions
from gep.inputs.data import read_data
from gep.io.toml_documents import Title
from gep.terminal import assessment as printed_assessment
from gep.terminal.assessment import print_assessment, print_folder, validity
from gep.terminal.collection import print_collection
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.collect import RECORD, TABLES, CountyCollection, collect_projects

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
COUNTIES = {"a": 20, "b": 8, "c": 28}  # indicators met


@pytest.fixture(autouse=True)
def wide_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen on which no cell is folded."""
    monkeypatch.setenv("COLUMNS", "250")


def _rows(printed: str) -> list[list[str]]:
    """The cells of all rows of all tables, headings too."""
    rows = []
    for line in printed.splitlines():
        if line.startswith(("│", "┃")):
            cells = re.split("[│┃]", line)[1:-1]
            rows.append([cell.strip() for cell in cells])
    return rows


# --- assessments -----------------------------------------------------------------------------------


def _compensation(folder: Path) -> tuple[Assessment, AssessmentContext]:
    """Three counties that each pay in 1,000,000 yuan; b loses 200,000."""
    rows = [datum(code, "indicators_met", met, "1", year=2016) for code, met in COUNTIES.items()]
    rows.append(datum("b", "deducted_money", 20, "10^4 CNY", year=2016))
    readings = read_data(write_table(folder / "readings.csv", rows))
    names = {code: Title(zh=f"{code}县", en=f"County {code}") for code in COUNTIES}
    context = AssessmentContext((2016,), tuple(COUNTIES), {}, readings, names=names)
    scheme = read_scheme("compensation-horizontal")
    return scheme.kind.assess(scheme, context), context


HEAD: dict[Language, list[str]] = {
    "zh": [
        "县际横向生态保护补偿 (compensation-horizontal)",
        "依据公开资料，未核对原文；研究依据，非官方规范；有效期未注明",
        "金额按最大余额法分配到分，余额相同的按地区代码先后",
        "扣减资金按达标指标数分配，发生事件的不参与分配；无人可得时转入下一年度",
        "补偿资金分配表 (allocation.csv)",
    ],
    "en": [
        "Horizontal compensation between counties (compensation-horizontal)",
        "read in publications, not held against its text; research basis, no official standard; "
        "validity not stated",
        "every fen is allotted by the largest remainder method, ties by region code",
        "deductions are shared out by indicators met, not to regions with an event; "
        "else carried forward",
        "Compensation (allocation.csv)",
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_assessment_opens_with_the_state_of_its_scheme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    assessment, context = _compensation(tmp_path)
    print_assessment(assessment, context, language)
    printed = capsys.readouterr().out
    lines = [line.strip() for line in printed.splitlines()]
    assert lines[1:6] == HEAD[language]
    amounts = [row for row in _rows(printed) if row[0] in COUNTIES]
    assert [row[0] for row in amounts] == ["a", "b", "c"]
    assert [row[4] for row in amounts] == ["1071428.57", "828571.43", "1100000.00"]


@pytest.mark.parametrize(
    ("language", "caption"),
    [("zh", "…… 另有 1 行，见 allocation.csv"), ("en", "… 1 more in allocation.csv")],
    ids=LANGUAGES,
)
def test_rows_that_are_not_shown_are_counted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: Language,
    caption: str,
) -> None:
    monkeypatch.setattr(printed_assessment, "_MOST_ROWS", 2)
    assessment, context = _compensation(tmp_path)
    print_assessment(assessment, context, language)
    printed = capsys.readouterr().out
    lines = [line.strip() for line in printed.splitlines()]
    assert lines.count(caption) == 1
    assert [row[0] for row in _rows(printed) if row[0] in COUNTIES] == ["a", "b"]


def _spec(**days: str) -> SchemeSpec:
    keys: dict[str, Any] = {
        "id": "own",
        "title": "own",
        "kind": "allocation",
        "source": "me",
        "evidence": "published",
        "legal": "research",
    }
    return SchemeSpec(**keys, **days)


def test_validity_names_the_days_that_are_known() -> None:
    assert validity(_spec(), "en") == "validity not stated"
    assert validity(_spec(valid_from="2016"), "en") == "valid 2016 – …"
    assert validity(_spec(valid_to="2020-12-31"), "zh") == "有效期 … – 2020-12-31"


def test_folder_and_page_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_folder(tmp_path, "report.html", "zh")
    assert capsys.readouterr().out.rstrip("\n") == f"结果文件：{tmp_path}"
    (tmp_path / "report.html").touch()
    print_folder(tmp_path, "report.html", "en")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"tables: {tmp_path}", f"report page: {tmp_path / 'report.html'}"]


# --- collections -----------------------------------------------------------------------------------


def _collection(folder: Path) -> CountyCollection:
    """Three counties: b has its own value of land and yields of which one jumps, d cannot be read."""
    values = (coefficient("land_value", 3000, "CNY ha-1", ecosystem="field"),)
    years = {2019: 500.0, 2020: 500.0}
    counties = {
        "a": CountyProject(crops=dict.fromkeys((2019, 2020), 900.0), hectares=years),
        "b": CountyProject(crops={2019: 300.0, 2020: 900.0}, hectares=years, own=values),
    }
    home = write_counties(folder / "p", counties)
    (home / "d").mkdir()
    (home / "d" / "project.toml").write_text('[project]\nid = "d"\n', encoding="utf-8")
    total = {"region": "top", "year": 2020, "name": "total", "value": 750, "unit": "10^4 CNY"}
    controls = write_table(folder / "controls.csv", [{**total, "source": "yearbook"}])
    options = CollectionOptions(
        allow_code=True, switches={"land": "full"}, controls=controls, skip_broken=True
    )
    return collect_projects(home, None, options)


def test_a_collection_is_printed_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collection = _collection(tmp_path)
    print_collection(collection, "zh")
    printed = capsys.readouterr().out
    lines = [line.strip() for line in printed.splitlines()]
    rows = _rows(printed)
    assert lines[1:6] == [
        "县级成果汇总：2 个县；未纳入 1 个",
        "统一规范：小规范 (county-standard)；研究依据，非官方规范；依据公开论文整理，未与任何官方文本核对",
        "统一参数：province@1.0.0",
        "统一选项：土地计法 (land) = full",
        "统一价格：2020 年不变价",
    ]
    assert ["县", "运行记录", "状态", "参数集", "规范选项", "价格基准", "问题"] in rows
    state = ["没有记录", "试算，未经审批"]
    switch = "土地计法 (land) = full"
    assert ["a", *state, "province@1.0.0", switch, "2020 年不变价", ""] in rows
    assert ["d", "", "", "", "", "", "缺少必填项 (missing-key)"] in rows
    assert ["d", "", "县", "项目", "无法读取", "", "", "缺少必填项 (missing-key)"] in rows
    assert ["b", "2020", "420.00", "370.00", "50.00", "0.1351", "1", "1", "万元"] in rows
    assert ["b", "2020", "相互作用", "", "", "", "0", "万元"] in rows
    jump = ["2019", "2020", "合计", "合计", "240.00", "420.00", "0.7500", "0.2000", "万元"]
    assert ["b", "b", *jump] in rows
    names = [*TABLES, RECORD, "collection.xlsx"]
    assert lines[-1] == f"结果文件：{collection.out}：{'、'.join(names)}"


def test_a_collection_is_printed_in_english(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_collection(_collection(tmp_path), "en")
    printed = capsys.readouterr().out
    rows = _rows(printed)
    assert not CHINESE.search(printed)
    assert "collection: 2 counties; left out: 1" in printed
    assert "common switches: How land counts (land) = full" in printed
    assert "Jumps to be explained (jumps.csv)" in printed
    assert ["county", "run", "state", "sets", "switches", "prices", "problem"] in rows
    control = ["own", "750.00", "790.00", "40.00", "0.0533", "regions missing", "2", "10^4 CNY"]
    assert ["top", "2020", "total", *control, "yearbook"] in rows
    jump = ["2019", "2020", "total", "total", "240.00", "420.00", "0.7500", "0.2000", "10^4 CNY"]
    assert ["b", "b", *jump] in rows
