"""What the terminal shows of accounts, plans, comparisons and uncertainty, in either language."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.paths import EXAMPLES

from gep.io.toml_documents import Title
from gep.project.project import check_project, read_project
from gep.terminal import account as printed_account
from gep.terminal.account import (
    number,
    print_account,
    print_caption,
    print_files,
    print_intervals,
    print_line,
    print_plan,
    print_swings,
    print_table,
    rounded_change,
    rounded_effects,
    unit_title,
)
from gep.terminal.comparison import print_comparison, print_written
from gep.texts.catalogue import LANGUAGES, Language, say
from gep.workflows.compare import FILES as COMPARISON_FILES
from gep.workflows.compare import compare_projects
from gep.workflows.run import run_project
from gep.workflows.sensitivity import analyse_sensitivity

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
BASIN = EXAMPLES / "poyang-basin"
VALLEY = Title(zh="流域", en="Basin")


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


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0"),
        (1234567.8, "1,234,568"),
        (-1000, "-1,000"),
        (999.994, "999.99"),
        (1, "1.00"),
        (0.51044, "0.5104"),
        (0.001, "0.0010"),
        (0.00051234, "0.000512"),
        (float("nan"), "-"),
        (float("inf"), "-"),
    ],
)
def test_numbers_are_rounded_for_people(value: float, printed: str) -> None:
    assert number(value) == printed


def test_units_are_written_as_people_do() -> None:
    assert unit_title("10^4 CNY km-2", "zh") == "万元/平方千米"
    assert unit_title("亿元", "zh") == "亿元"
    assert unit_title("万元", "en") == "10^4 CNY"


# Of an attack or of a copy from a web page: each would change what else stands on the screen.
HOSTILE = {
    "\x1b[2K\x1b[A核定": "\\x1b[2K\\x1b[A核定",
    "试算\r核定": "试算\\r核定",
    "a\u202etxt.exe": "a\\u202etxt.exe",
    "a\u200bb\x07\x9b1m": "a\\u200bb\\x07\\x9b1m",
    "\udc80": "\\udc80",
}
MARKUP = ("[gb 38582]", "[bold]x[/bold]", "[/]", ":cn:", "a\\", "[link=x]y", "甲　乙")


@pytest.mark.parametrize("words", [*HOSTILE, *MARKUP])
def test_texts_are_printed_as_they_are_and_move_no_cursor(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = HOSTILE.get(words, words)
    heads = pd.Index([words], dtype=object)  # arrow refuses half a letter, objects do not
    print_table(words, pd.DataFrame([[words]], columns=heads, dtype=object))
    print_line(words)
    print_caption(words, [words])
    printed = capsys.readouterr().out
    blanks = {"甲　乙": 1, "试算\r核定": 2}  # in titles and captions these are plain blanks
    assert printed.count(shown) == 6 - blanks.get(words, 0)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b\ud800-\udfff]", printed)


def test_a_title_and_a_caption_do_not_add_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_caption("甲\n状态：终核", ["一\n状态：终核", "二\u2028三"])
    assert capsys.readouterr().out == "\n甲 状态：终核\n一 状态：终核\n二 三\n"


ACCOUNT_ROWS: dict[Language, list[list[str]]] = {
    "zh": [
        ["", "物质产品", "调节服务", "文化服务", "合计", "每平方千米", "人均"],
        ["区域", "万元", "万元", "万元", "万元", "万元/平方千米", "万元"],
        ["甲村 (990101)", "196.00", "431.30", "40.00", "667.30", "166.83", "0.6673"],
        ["乙村 (990102)", "36.00", "113.27", "0.00", "149.27", "123.36", "0.2488"],
        ["示例县 (990100)", "232.00", "544.57 *", "40.00", "816.57 *", "156.73", "0.5104"],
    ],
    "en": [
        ["", "provisioning", "regulating", "cultural", "total", "per km2", "per head"],
        ["region", *["10^4 CNY"] * 4, "10^4 CNY km-2", "10^4 CNY"],
        ["Village A (990101)", "196.00", "431.30", "40.00", "667.30", "166.83", "0.6673"],
        ["Village B (990102)", "36.00", "113.27", "0.00", "149.27", "123.36", "0.2488"],
        ["Example county (990100)", "232.00", "544.57 *", "40.00", "816.57 *", "156.73", "0.5104"],
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_is_printed_in_one_language(
    villages: Path, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    run = run_project(villages, allow_code=True)
    (account,) = run.accounts
    title = run.project.spec.project.title
    print_account(account, title, language)
    printed = capsys.readouterr().out
    caption = [line.strip() for line in printed.splitlines()[1:] if line[:1] not in "┏┃┡│└"]
    footnote = say(language, "account.table.sum-of-parts")
    assert caption == [title.say(language), *account.caption(language), footnote]
    assert _rows(printed) == ACCOUNT_ROWS[language]
    assert language == "zh" or not CHINESE.search(printed)
    print_files(run.out, language)
    names = ("report.html", "account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv")
    names += ("manifest.json", "datapackage.json", "核算表.xlsx")  # in the language of the project
    line = capsys.readouterr().out.rstrip("\n")
    if language == "zh":
        assert line == f"结果文件：{run.out}：{'、'.join(names)}"
    else:
        assert line == f"files: {run.out}: {', '.join(names)}"


def test_regions_that_are_not_shown_are_counted(
    villages: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed_account, "_MOST_REGIONS", 2)
    (account,) = run_project(villages, allow_code=True).accounts
    for language, line in (
        ("zh", "…… 另有 1 行，见 summary.csv"),
        ("en", "… 1 more in summary.csv"),
    ):
        print_account(account, VALLEY, language)  # type: ignore[arg-type]
        printed = capsys.readouterr().out
        footnote = say(language, "account.table.sum-of-parts")  # type: ignore[arg-type]
        assert printed.splitlines()[-2:] == [line, footnote]
        assert "990101" in printed, "the first half of the rows is shown"
        assert "990100" in printed, "and the last"
        assert "990102" not in printed


@pytest.mark.parametrize(
    ("language", "word"), [("zh", "未核算"), ("en", "not compiled")], ids=LANGUAGES
)
def test_a_sum_with_a_gap_is_said_to_be_not_compiled(
    villages: Path, capsys: pytest.CaptureFixture[str], language: Language, word: str
) -> None:
    data = (villages / "data.csv").read_text(encoding="utf-8")
    lines = [line for line in data.splitlines() if not line.startswith("990101,2020,visits")]
    (villages / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (account,) = run_project(villages, allow_code=True, partial=True).accounts
    print_account(account, VALLEY, language)
    village = _rows(capsys.readouterr().out)[2]
    assert village[3:] == [word, word, "-", "-"]


@pytest.mark.parametrize("lacking", ["", "990101,2020,emission,,SO2"])
def test_the_remark_on_sums_of_parts_is_there_if_a_figure_is_one(
    villages: Path, capsys: pytest.CaptureFixture[str], lacking: str
) -> None:
    """The parent's regulating services and total rest on purified pollutants, or are not compiled."""
    _without(villages / "data.csv", lacking)
    (account,) = run_project(villages, allow_code=True, partial=True).accounts
    print_account(account, VALLEY, "en")
    printed = capsys.readouterr().out
    parent = _rows(printed)[-1]
    marked = [figure for figure in parent if figure.endswith("*")]
    assert marked == ([] if lacking else ["544.57 *", "816.57 *"])
    assert (say("en", "account.table.sum-of-parts") in printed) == (not lacking)


def _without(file: Path, beginning: str) -> None:
    """Take the row out that begins so; none if that is blank."""
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not beginning or not line.startswith(beginning)]
    assert len(kept) == len(lines) - bool(beginning)
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "word"), [("zh", "未核算"), ("en", "not compiled")], ids=LANGUAGES
)
def test_a_quantity_with_a_gap_is_said_to_be_not_compiled(
    villages: Path, capsys: pytest.CaptureFixture[str], language: Language, word: str
) -> None:
    """Under a standard of quantities alone; a gap is no sum of parts."""
    standard = villages / "standard.toml"
    blocks = re.split(r"(?=\[\[)", standard.read_text(encoding="utf-8"))
    physical = ("water_retention", "air_purification")
    kept = [blocks[0].replace('measure = "gep"', 'measure = "quantity"')]
    is_kept = False
    for block in blocks[1:]:
        if block.startswith("[[indicator]]"):
            is_kept = any(f'id = "{name}"' in block for name in physical)
        if block.startswith("[[total]]") or 'kind = "value"' in block:
            continue
        if is_kept:
            kept.append(block)
    total = '[[total]]\nid = "gep"\nname = "x"\nindicators = ["water_retention"]\n'
    standard.write_text("".join([*kept, total]), encoding="utf-8")
    _without(villages / "data.csv", "990101,2020,emission,,SO2")
    (account,) = run_project(villages, allow_code=True, partial=True).accounts
    print_account(account, VALLEY, language)
    printed = capsys.readouterr().out
    amounts = [row[3] for row in _rows(printed)[1:]]
    assert amounts[:3] == ["1,872,000", word, word]
    assert amounts[3:6] == ["530,000", "9.00", "100.00"]
    assert amounts[6:] == ["2,402,000", word, word]
    assert say(language, "account.table.sum-of-parts") not in printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_names_steps_members_and_rows(
    villages: Path, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    _, plans = check_project(villages, allow_code=True)
    table = pd.concat([plan.table() for plan in plans], ignore_index=True)
    print_plan(plans, table, language)
    printed = capsys.readouterr().out
    rows = _rows(printed)
    lines = [line.strip() for line in printed.splitlines()]
    if language == "zh":
        assert lines[:2] == [
            "核算方案：格式示例规范 (format-example)；2020 年",
            "规范选项：是否计释氧 (oxygen) = with",
        ]
        assert "2020 年 水源涵养 (water_retention.retained)" in lines
        assert "方法：./methods.py:water_balance" in lines
        assert "条款：2.1" in lines
        assert rows[0] == ["输入", "取自", "数值", "单位", "换算系数", "依据等级", "出处"]
        row = "base@1.0.0 base/numbers.csv 第 2 行"
        forest = "runoff_share 森林 (forest)"
        wood = "class=woodland 甲村 (990101)"
        assert ["面积", wood, "300", "hm2", "1", "unstated", "areas.csv 第 2 行"] in rows
    else:
        assert lines[:2] == [
            "plan: Format example standard (format-example); 2020",
            "switches: Oxygen release counted (oxygen) = with",
        ]
        assert "2020 Water retention (water_retention.retained)" in lines
        assert "2020 areas, crosswalk, land area" in lines
        row = "base@1.0.0 base/numbers.csv row 2"
        forest = "runoff_share Forest (forest)"
    assert ["runoff_share", forest, "5", "%", "0.01", "placeholder", row] in rows
    headings = [cells for cells in rows if cells[0] in ("输入", "input")]
    assert len(rows) - len(headings) == len(table), "every row of the plan is shown"


def test_a_table_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"id": ["[bold]"], "number": [0.12345678901]})
    print_table("[title]", frame)
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].strip() == "[title]"
    assert _rows(printed) == [["id", "number"], ["[bold]", "0.123456789"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_is_printed_in_one_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    result = compare_projects(BASIN, tmp_path / "out", prices=["current", "1990"])
    print_comparison(result.comparison, dict(result.tables), VALLEY, language)
    printed = capsys.readouterr().out
    rows = _rows(printed)
    titles = [line.strip() for line in printed.splitlines()]
    if language == "zh":
        assert "鄱阳湖流域 (poyang-basin)：合计的增长（万元）" in titles
        assert "鄱阳湖流域 (poyang-basin)：变化的原因（万元）" in titles
        current, constant, both = (
            "当年价",
            "1990 年不变价",
            "价格（平减指数）：当年价/1990 年不变价",
        )
        reasons = ["年份", "面积", "数据", "参数", "价格"]
    else:
        assert not CHINESE.search(printed)
        current, constant = "current prices", "constant prices of 1990"
        both = f"prices (implied deflator): {current}/{constant}"
        reasons = ["years", "areas", "data", "coefficients", "prices"]
    growth = ["13,543,700", "13,807,800", "264,100", "+1.95", "+0.19"]
    assert [current, "1990-2000", *growth] in rows
    growth = ["13,543,700", "13,555,763", "12,063", "+0.09", "+0.01"]
    assert [constant, "1990-2000", *growth] in rows
    assert [both, "1990-2000", "1.00", "1.02", "0.02", "+1.86", "+0.18"] in rows
    assert reasons in rows
    assert ["1990-2000", "12,175", "0", "0", "251,925"] in rows
    print_written(result.out, COMPARISON_FILES, language)
    line = capsys.readouterr().out.rstrip("\n")
    assert line.startswith("结果文件：" if language == "zh" else "files: ")
    assert "comparison.csv" in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_intervals_are_printed_in_one_language(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: Language,
) -> None:
    monkeypatch.setattr(printed_account, "_MOST_INTERVALS", 4)
    run = run_project(BASIN, tmp_path / "out", draws=100, seed=3)
    assert run.uncertainty is not None
    print_intervals(run.uncertainty, run.accounts[-1], language)
    printed = capsys.readouterr().out
    rows = _rows(printed)
    lines = [line.strip() for line in printed.splitlines()]
    years = ["1990", "2000", "2008", "1990-2000"]
    assert [row[1] for row in rows[1:]] == years
    if language == "zh":
        assert lines[0] == (
            "100 次抽样，种子 3；所用 31 行中抽样 21 行；价值的 0.0% 未给出不确定性"
        )
        assert lines[1] == "万元"
        assert lines[-1] == "…… 另有 2 行，见 uncertainty.csv"
        headings = ["区域", "年份", "均值", "2.5 %", "97.5 %", "大于零的概率", "位次区间"]
    else:
        assert lines[0] == (
            "100 draws, seed 3; 21 of 31 rows drawn; 0.0% of value states no uncertainty"
        )
        assert lines[1] == "10^4 CNY"
        assert lines[-1] == "… 2 more in uncertainty.csv"
        headings = ["region", "years", "mean", "2.5 %", "97.5 %", "P(above 0)", "rank interval"]
        assert not CHINESE.search(printed)
    assert rows[0] == headings
    assert rows[1][5:] == ["", "1-1"], "a level has no probability of a rise"
    assert rows[4][5:] == ["1.000", ""], "a change has no rank"


def _copy_in(language: Language, folder: Path) -> Path:
    """A copy of the basin whose project speaks a language."""
    target = folder / language
    shutil.copytree(BASIN, target)
    text = (target / "project.toml").read_text(encoding="utf-8")
    changed = re.sub('^language = ".."$', f'language = "{language}"', text, flags=re.MULTILINE)
    (target / "project.toml").write_text(changed, encoding="utf-8")
    return target


SWING_HEADINGS: dict[Language, Sequence[str]] = {
    "zh": ("参数", "行数", "低", "高", "取低值时", "取高值时", "变幅", "一阶指数", "总指数"),
    "en": (
        "input", "rows", "low", "high", "result at low", "at high", "swing", "first order", "total",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_swings_are_printed_in_the_language_of_the_project(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: Language,
) -> None:
    monkeypatch.setattr(printed_account, "_MOST_INPUTS", 3)
    home = _copy_in(language, tmp_path)
    print_swings(analyse_sensitivity(home, "poyang-basin", 2008, points=4))
    printed = capsys.readouterr().out
    rows = _rows(printed)
    assert rows[0] == list(SWING_HEADINGS[language])
    assert len(rows) == 4
    assert re.fullmatch(r"-?\d+\.\d{3} \[-?\d+\.\d{3}, -?\d+\.\d{3}\]", rows[1][-1])
    inputs = [row[0] for row in rows[1:]]
    last = printed.splitlines()[-1].strip()
    if language == "zh":
        assert any("面积 鄱阳湖流域 (poyang-basin) " in name for name in inputs)
        assert re.fullmatch(r"…… 另有 \d+ 行，见 sensitivity\.csv", last)
    else:
        assert any(name.startswith("area Poyang") for name in inputs)
        assert re.fullmatch(r"… \d+ more in sensitivity\.csv", last)
        assert not CHINESE.search(printed)


def test_effects_sum_to_the_change_that_is_printed() -> None:
    """The reasons of beibu-gulf, 2006 to 2014, printed 50,326 beside a change of 50,327."""
    first, last = 5348139.1421355, 5398465.5721355
    change = rounded_change(first, last)[2]
    assert change == "50,327"
    assert rounded_effects(first, last, [last - first, 0.0, 0.0]) == ["50,327", "0", "0"]
    generator = np.random.default_rng(5)
    for _ in range(200):
        effects = generator.choice([-1, 1], 4) * generator.uniform(10, 1e4, 4)
        start = float(generator.uniform(1e5, 1e6))
        end = start + float(effects.sum())
        printed = rounded_effects(start, end, effects.tolist())
        total = sum(int(cell.replace(",", "")) for cell in printed)
        assert total == int(rounded_change(start, end)[2].replace(",", ""))
    assert rounded_effects(1e5, 2e5, [3.0]) == ["3.00"]  # not all of the change


WUYUAN = EXAMPLES / "wuyuan-first-account"


def test_what_is_compiled_is_listed_where_the_total_of_a_region_is_withheld(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = read_project(WUYUAN, partial=True).compute()[0]
    print_account(account, VALLEY, "en")
    printed = capsys.readouterr().out
    rows = _rows(printed)
    assert ["Wuyuan (361130)", *["not compiled"] * 4, "-", "-"] in rows
    compiled = [row[1] for row in rows if row[0] == "regulating" and len(row) == 5]
    assert len(compiled) == 10
    assert sum(name.startswith("Water retention") for name in compiled) == 2


def test_nothing_more_is_listed_where_the_total_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = read_project(EXAMPLES / "garze-2010").compute()[0]
    print_account(account, VALLEY, "en")
    assert say("en", "terminal.account.compiled") not in capsys.readouterr().out
