"""Tables under known columns, numbers from text, and suggestions for names that are not known."""

from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from gep.errors import Place, Problem, ProblemLog
from gep.io.tables import (
    Columns,
    Table,
    check_lost_zeros,
    close_to,
    lost_zero,
    read_numbers,
    read_table,
    suggestion,
)

COLUMNS = Columns(("region", "area"), ("note",), free="attribute:")


def _read(folder: Path, content: str) -> tuple[Table | None, list[Problem]]:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    problems = ProblemLog()
    table = read_table(folder / "a.csv", COLUMNS, problems)
    return table, [*problems.errors, *problems.warnings]


def test_columns_that_a_table_may_have() -> None:
    names = ("region", "note", "attribute:soil", "attribute", "area ")
    assert [COLUMNS.has(name) for name in names] == [True, True, True, False, False]
    assert not Columns(("region",)).has("attribute:soil")


def test_cells_are_stripped_text_and_rows_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    table, problems = _read(tmp_path, "region,area,attribute:soil,\n 0101 ,3,,\n,,,\n0102,4,x,\n")
    assert table is not None
    assert problems == []
    assert table.frame.to_dict("list") == {
        "region": ["0101", "0102"],
        "area": ["3", "4"],
        "attribute:soil": ["", "x"],
        "row": [2, 4],
    }
    assert table.place([1, 0], "area") == Place("a.csv", (2, 4), "area")
    assert table.column("note").tolist() == ["", ""]


@pytest.mark.parametrize(
    ("content", "code", "place", "words"),
    [
        ("region,areas\n1,2\n", "unknown-column", Place("a.csv", column="areas"), "mean area?"),
        ("region,note\n1,2\n", "missing-column", Place("a.csv", column="area"), "region, area"),
        ("region,area,area\n1,2,3\n", "duplicate-column", Place("a.csv", column="area"), "one of"),
        ("region,area,\n1,2,3\n", "unknown-column", Place("a.csv", (2,), "3"), "name the column"),
        ("Areas,,\nregion,area,note\n1,2,\n", "header-row", Place("a.csv", (1,)), "in row 1"),
        ("region,area\n,\n", "empty-table", "a.csv", "add the rows"),
        ("region,area\n1,=2\n", "formula-cell", Place("a.csv", (2,), "area"), "not a formula"),
        ("region,area\n1,+x\n", "formula-cell", Place("a.csv", (2,), "area"), "not a formula"),
        ("region,area\n1\u200b,2\n", "control-character", Place("a.csv", (2,), "region"), "again"),
    ],
)
def test_what_is_wrong_with_a_table(
    content: str, code: str, place: Place | str, words: str, tmp_path: Path
) -> None:
    _, problems = _read(tmp_path, content)
    (problem,) = [problem for problem in problems if problem.code == code]
    assert problem.place == place
    assert words in problem.say_fix("en")


def test_everything_wrong_with_a_header_is_reported_at_once(tmp_path: Path) -> None:
    table, problems = _read(tmp_path, "regions,note,note\n1,2,3\n")
    assert table is None
    codes = ["duplicate-column", "unknown-column", "missing-column", "missing-column"]
    assert [problem.code for problem in problems] == codes


def test_a_table_with_a_wrong_header_is_none_each_time_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("region\n1\n", encoding="utf-8")
    problems = ProblemLog()
    for _ in range(2):
        assert read_table(tmp_path / "a.csv", COLUMNS, problems) is None
    assert len(problems.errors) == 1


def test_hidden_characters_are_named_by_code_point(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, "region,area\n1\u200b,2\n")
    assert "U+200B" in problems[0].say_what("zh")


def test_signed_numbers_and_line_ends_are_no_defect(tmp_path: Path) -> None:
    table, problems = _read(tmp_path, 'region,area,note\n1,-2,"a\n\tb"\n2,+3,-5 %\n')
    assert table is not None
    assert problems == []


@pytest.mark.parametrize("suffix", [".xls", ".ET", ".ods"])
def test_old_formats_are_refused(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"x")
    problems = ProblemLog()
    assert read_table(tmp_path / f"a{suffix}", COLUMNS, problems) is None
    (problem,) = problems.errors
    assert problem.code == "file-format"
    assert suffix in problem.say_what("zh")


def test_a_csv_has_no_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("region,area\n361130,1\n", encoding="utf-8")
    problems = ProblemLog()
    assert read_table(tmp_path / "a.csv#areas", COLUMNS, problems) is None
    (problem,) = problems.errors
    assert problem.code == "missing-sheet"
    assert "areas is asked for after the mark #" in problem.say_what("en")


def test_a_sheet_with_short_rows_and_a_blank_first_row(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["region", "area", "note"])
    book.active.append([101, 2])
    book.create_sheet("blank").append([None, None])
    book["blank"].append(["region", None])
    book.save(tmp_path / "b.xlsx")
    problems = ProblemLog()
    table = read_table(tmp_path / "b.xlsx", COLUMNS, problems, label="areas")
    assert table is not None
    assert table.label == "areas"
    assert table.frame["note"].tolist() == [""]
    assert read_table(tmp_path / "b.xlsx#blank", COLUMNS, problems) is None
    (problem,) = problems.errors
    assert (problem.code, problem.where) == ("empty-table", "b.xlsx#blank")


# --- numbers -----------------------------------------------------------------------------------


def test_numbers_na_and_blanks(tmp_path: Path) -> None:
    table, _ = _read(tmp_path, "region,area\n1,3.5\n2,na\n3,\n4,-1e3\n5,.5\n")
    assert table is not None
    problems = ProblemLog()
    values, is_na = read_numbers(table, "area", problems, na=True, blank=True)
    np.testing.assert_array_equal(values, [3.5, np.nan, np.nan, -1000, 0.5])
    assert is_na.tolist() == [False, True, False, False, False]
    assert not problems.errors
    read_numbers(table, "area", problems)
    assert [(problem.code, problem.where) for problem in problems.errors] == [
        ("not-a-number", "a.csv row 3 column area"),
        ("blank", "a.csv row 4 column area"),
    ]


@pytest.mark.parametrize(
    ("cell", "code", "en", "zh"),
    [
        ("NA", "not-a-number", "small letters", "小写的 na"),
        ("无", "not-a-number", "small letters", "小写的 na"),
        ("３５", "full-width", "write 35", "改为半角 35"),
        ("inf", "not-finite", "the number itself", "实际的数值"),
        ("1e200", "not-finite", "the number itself", "实际的数值"),
        ("1,234.5", "thousands-separator", "write 1234.5", "改为 1234.5"),
        ("1 234", "thousands-separator", "write 1234", "改为 1234"),
        ("500,5", "thousands-separator", "decimal comma, write 500.5", "小数点用英文句点"),
        ("1,50,0", "thousands-separator", "check the digits", "核对数字"),
        ("12 t", "not-a-number", "digits only", "只写数字"),
        ("12万", "not-a-number", "another size", "属于单位列"),
        ("1,200亿元", "not-a-number", "write 1200", "只写 1200"),
        ("3 million", "not-a-number", "'million' belongs in the column", "属于单位列"),
        ("1900/10/26", "not-a-number", "format General", "常规"),
        ("2020-03-05 00:00:00", "not-a-number", "format General", "常规"),
        ("3月5日", "not-a-number", "format General", "常规"),
    ],
)
def test_cells_that_are_no_numbers(cell: str, code: str, en: str, zh: str, tmp_path: Path) -> None:
    table, _ = _read(tmp_path, f'region,area\n1,2\n2,"{cell}"\n3,"{cell}"\n')
    assert table is not None
    problems = ProblemLog()
    read_numbers(table, "area", problems)
    (problem,) = problems.errors
    assert (problem.code, problem.where) == (code, "a.csv row 3, 4 column area")
    assert f"'{cell}'" in problem.say_what("en")
    assert f"“{cell}”" in problem.say_what("zh")
    assert en in problem.say_fix("en")
    assert zh in problem.say_fix("zh")


# --- codes and names -----------------------------------------------------------------------------


def test_the_longer_of_two_codes_is_right() -> None:
    assert str(lost_zero("10101", ["010101"], "areas.csv", "regions.csv")) == (
        "a leading zero was lost in areas.csv: write 010101, in Excel as text"
    )
    assert "in regions.csv, which has 10101: write 010101 there" in str(
        lost_zero("010101", ["10101"], "", "regions.csv")
    )
    assert lost_zero("010101", ["10101"], "", "") is None
    assert lost_zero("010101", ["010101", "110101"], "a", "b") is None
    assert "10101," not in str(suggestion("010101", ["10101", "010102"]))


def test_codes_of_a_county_without_their_first_digit_are_suspected(tmp_path: Path) -> None:
    table, _ = _read(tmp_path, "region,area\n10101,1\n110101,1\n1010,1\n10102,1\n")
    assert table is not None
    problems = ProblemLog()
    check_lost_zeros(table, "region", problems)
    (problem,) = problems.warnings
    assert problem.where == "a.csv row 2, 5 column region"
    assert "5 digits in 10101, 10102" in problem.say_what("en")
    assert "010101" in problem.say_fix("zh")


def test_suggestions_are_close_spellings_else_the_names_that_exist() -> None:
    assert suggestion("shrubs", ["shrub", "forest"]).say("zh") == "是否为 shrub？"
    assert suggestion("xyz", ["b", "a"]).say("en") == "known are: a, b"
    assert suggestion("xyz", []).say("en") == "none is defined"
    many = [f"name{number:03d}" for number in range(400)]
    assert suggestion("zzz", many).say("en").endswith("name011 and 388 more")
    assert suggestion("nome007", many).say("en").startswith("did you mean name007")


def test_close_names() -> None:
    assert close_to("visit", ["visits", "visitors", "output"])[0] == "visits"
    assert close_to("visit", ["output"]) == []
