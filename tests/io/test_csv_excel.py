"""Cells of files: encodings, quotation marks, sheets, and how messages show what was found."""

import csv
import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import gep.io.csv_excel as csv_module
from gep.errors import Place, Problem, ProblemLog
from gep.io.csv_excel import (
    check_file,
    csv_cells,
    csv_header,
    decode,
    printable,
    read_sheet,
    row_place,
    rows_of_codes,
    split_sheet,
    system_reason,
)


def _only(problems: ProblemLog) -> Problem:
    (problem,) = [*problems.errors, *problems.warnings]
    return problem


def test_a_value_is_shown_on_one_line_and_cut() -> None:
    assert printable("水田 1") == "水田 1"
    assert printable("a\nb\u200b") == "a\\nb\\u200b"
    assert printable("x" * 41) == "x" * 40 + " ..."
    assert printable("x" * 40) == "x" * 40
    assert printable(7.5) == "7.5"


def test_the_place_of_rows_is_sorted_without_duplicates() -> None:
    assert row_place("a.csv", [4, 3, 4], "unit") == Place("a.csv", (3, 4), "unit")
    assert row_place("a.csv", [4, 3], "unit").say("en") == "a.csv row 3, 4 column unit"
    assert row_place("a.csv", [3]).say("zh") == "a.csv 第 3 行"


def test_a_sheet_is_named_after_the_file_unless_a_file_has_that_name(tmp_path: Path) -> None:
    assert split_sheet(tmp_path / "book.xlsx#2020") == (tmp_path / "book.xlsx", "2020")
    assert split_sheet(tmp_path / "areas.csv") == (tmp_path / "areas.csv", None)
    (tmp_path / "areas#2.csv").touch()
    assert split_sheet(tmp_path / "areas#2.csv") == (tmp_path / "areas#2.csv", None)


@pytest.mark.parametrize(
    ("name", "code", "en", "zh"),
    [
        ("folder", "not-a-file", "is a folder", "是文件夹"),
        ("none.csv", "missing-file", "none.csv does not exist", "找不到文件"),
        ("empty.csv", "empty-file", "0 bytes", "0 字节"),
    ],
)
def test_a_path_that_leads_to_no_table(
    name: str, code: str, en: str, zh: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    problems = ProblemLog()
    assert not check_file(tmp_path / name, name, problems)
    problem = _only(problems)
    assert (problem.code, problem.where) == (code, name)
    assert en in problem.say_what("en")
    assert zh in problem.say_what("zh")


def test_an_empty_file_may_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").touch()
    problems = ProblemLog()
    assert check_file(tmp_path / "empty.toml", "empty.toml", problems, may_be_empty=True)
    assert not problems.errors


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    problems = ProblemLog()
    assert not check_file(tmp_path / "pipe", "pipe", problems)
    assert _only(problems).code == "not-a-file"


@pytest.mark.parametrize(
    ("data", "content", "codes"),
    [
        ("水田".encode(), "水田", []),
        ("\ufeff水田".encode(), "水田", []),
        ("水田".encode("gbk"), "水田", ["gbk"]),
        ("水田".encode("utf-16"), None, ["encoding"]),
        (b"\xff\xff\xff", None, ["encoding"]),
        (b"a\x00b", None, ["encoding"]),
    ],
)
def test_encodings(data: bytes, content: str | None, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    problems = ProblemLog()
    assert decode(tmp_path / "a.csv", "a.csv", problems) == content
    assert [problem.code for problem in [*problems.errors, *problems.warnings]] == codes


@pytest.mark.parametrize(
    ("number", "key"), [(errno.EACCES, "permission"), (errno.ENOSPC, "disk-full")]
)
def test_why_the_system_refuses_is_said_in_both_languages(number: int, key: str) -> None:
    reason = system_reason(OSError(number, os.strerror(number)))
    assert reason.key == f"io.reason.{key}"
    assert reason.say("zh") != reason.say("en")


def test_a_reason_without_words_of_ours_is_given_as_reported() -> None:
    assert system_reason(OSError(errno.EIO, "Input/output error")).say("en") == "Input/output error"
    assert system_reason(OSError("odd")).say("en") == "odd"


@pytest.mark.parametrize(
    ("content", "header", "codes"),
    [
        ("region, year ,\n1,2,\n", ["region", "year", ""], []),
        ("", [], []),
        ("region;year\n", None, ["separator"]),
        ("region，year\n", None, ["separator"]),
        ("x" * 200_000, None, ["file-format"]),
    ],
)
def test_headers(content: str, header: list[str] | None, codes: list[str]) -> None:
    problems = ProblemLog()
    assert csv_header(content, "a.csv", problems) == header
    assert [problem.code for problem in problems.errors] == codes


@pytest.fixture(params=["python", "pandas"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small files are parsed by Python, others by pandas."""
    name: str = request.param
    if name == "pandas":
        monkeypatch.setattr(csv_module, "_SMALL", 0)
    return name


@pytest.mark.usefixtures("parser")
def test_cells_below_the_header() -> None:
    problems = ProblemLog()
    cells = csv_cells(b'a,b\n1,"x, ""y""\nz"\n\n3,4\n', 2, "a.csv", problems)
    assert cells is not None
    rows = [list(row) for row in zip(*(column.cells() for column in cells), strict=True)]
    assert rows == [["1", 'x, "y"\nz'], ["", ""], ["3", "4"]]
    assert not problems.errors


@pytest.mark.usefixtures("parser")
def test_rows_of_a_wrong_width_are_named() -> None:
    problems = ProblemLog()
    assert csv_cells(b"a,b\n1,2\n1\n1,2,3\n", 2, "a.csv", problems) is None
    problem = _only(problems)
    assert problem.place == Place("a.csv", (3, 4))
    assert problem.say_what("en") == "row 3 has 1 cell, the header has 2"


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("row", ['1,"2', '1,"2"x', '1,"2"x"', '"1"x,2', '"1" x,2'])
def test_quotation_marks_that_do_not_fit_are_named(row: str) -> None:
    problems = ProblemLog()
    assert csv_cells(f"a,b\n1,2\n{row}\n".encode(), 2, "a.csv", problems) is None
    problem = _only(problems)
    assert (problem.code, problem.place) == ("quotes", Place("a.csv", (3,)))


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("rows", [1, csv_module._ROWS_AT_ONCE - 1, csv_module._ROWS_AT_ONCE])
def test_blanks_behind_quotation_marks_are_no_text(rows: int) -> None:
    problems = ProblemLog()
    content = '"a" ,b\n' + "1,2\n" * (rows - 1) + '"x "" , ""y"\t,"z"\u3000\n'
    cells = csv_cells(content.encode(), 2, "a.csv", problems)
    assert cells is not None
    assert not problems.errors
    assert [len(column) for column in cells] == [rows, rows]
    assert [column.cells()[-1] for column in cells] == ['x " , "y', "z"]


@pytest.mark.usefixtures("parser")
def test_a_cell_may_be_longer_than_the_limit_of_python() -> None:
    problems = ProblemLog()
    note = '5" ' + "x" * 200_000
    limit = csv.field_size_limit()
    cells = csv_cells(f"a,b\n1,{note}\n".encode(), 2, "a.csv", problems)
    assert cells is not None
    assert cells[1].cells().tolist() == [note]
    assert csv.field_size_limit() == limit


@pytest.mark.usefixtures("parser")
def test_a_quotation_mark_within_a_cell_encloses_nothing() -> None:
    """pandas takes it for the beginning of a cell, and drops the cells behind it in silence."""
    problems = ProblemLog()
    assert csv_cells(b'a,b\n1,5" pipe,6,7" pipe\n', 2, "a.csv", problems) is None
    assert _only(problems).code == "ragged-row"
    problems = ProblemLog()
    cells = csv_cells(b'a,b\n5" pipe,7" pipe\n', 2, "a.csv", problems)
    assert cells is not None
    assert [column.cells().tolist() for column in cells] == [['5" pipe'], ['7" pipe']]
    assert not problems.errors


_CELL = st.text('ab,"\n\x0b\u2028 中', max_size=4)


@given(
    rows=st.lists(st.lists(_CELL, min_size=1, max_size=3), max_size=5),
    is_quoted=st.booleans(),
    end=st.sampled_from(["", "\n", "\n\n"]),
    block=st.sampled_from([1, 3, 2**22]),
)
@settings(max_examples=400, deadline=None)
def test_small_files_and_large_ones_are_parsed_alike(
    rows: list[list[str]], *, is_quoted: bool, end: str, block: int
) -> None:
    lines = ["a,b"]
    for row in rows:
        cells = ['"{}"'.format(cell.replace('"', '""')) for cell in row] if is_quoted else row
        lines.append(",".join(cells))
    data = ("\n".join(lines) + end).encode()
    found = []
    for small in (0, len(data)):
        with mock.patch.multiple(csv_module, _SMALL=small, _BLOCK=block):
            problems = ProblemLog()
            columns = csv_cells(data, 2, "a.csv", problems)
        cells_of_columns = None if columns is None else [list(of.cells()) for of in columns]
        found.append((cells_of_columns, problems.errors))
    assert found[0] == found[1]


def _workbook(path: Path) -> Path:
    book = Workbook()
    book.active.title = "areas"
    book.active.append(["region", "area"])
    book.active.append(["010101", 300.0, " x "])
    book.create_sheet("2020").append([0.5, 1e16])
    book.save(path)
    return path


def test_cells_of_a_sheet_are_text_and_whole_numbers_have_no_point(tmp_path: Path) -> None:
    book = _workbook(tmp_path / "book.xlsx")
    problems = ProblemLog()
    first = read_sheet(book, None, "book.xlsx", problems)
    assert first is not None
    assert first.title == "areas"
    assert first.top(3) == [["region", "area"], ["010101", "300", "x"], []]
    assert first.rows.tolist() == [1, 1, 2, 2, 2]
    second = read_sheet(book, "2020", "book.xlsx#2020", problems)
    assert second is not None
    assert second.top(1) == [["0.5", "1e+16"]]
    assert not problems.errors


def test_sheets_that_cannot_be_read(tmp_path: Path) -> None:
    book = _workbook(tmp_path / "book.xlsx")
    problems = ProblemLog()
    assert read_sheet(book, "area", "book.xlsx#area", problems) is None
    problem = _only(problems)
    assert (problem.code, problem.where) == ("missing-sheet", "book.xlsx#area")
    assert "areas, 2020" in problem.say_fix("en")
    book.write_bytes(book.read_bytes()[:100])
    problems = ProblemLog()
    assert read_sheet(book, None, "book.xlsx", problems) is None
    assert _only(problems).code == "file-format"


_TEXTS = st.text("abc 水田<&>'\"é_x0041_\n0123", min_size=1, max_size=12)
_NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e15, 1e15, allow_nan=False).map(lambda number: float(f"{number:.15g}")),
)
_CELLS = st.one_of(st.none(), _TEXTS, _NUMBERS, st.booleans(), st.just("=1+1"))
_ROWS = st.lists(st.lists(_CELLS, max_size=6), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(rows=_ROWS, hidden=st.sets(st.integers(1, 6), max_size=2))
def test_a_sheet_is_read_as_openpyxl_reads_it(rows: list[list[object]], hidden: set[int]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        book = Workbook()
        for row in rows:
            book.active.append(row)
        for number in hidden:
            book.active.row_dimensions[number].hidden = True
        book.save(path)
        page = load_workbook(path, data_only=True).active
        problems = ProblemLog()
        sheet = read_sheet(path, None, "book.xlsx", problems)
    assert sheet is not None
    assert not problems.errors
    words = {}
    for row in page.iter_rows():
        for cell in row:
            if isinstance(cell.value, bool):
                words[cell.row, cell.column] = str(cell.value).upper()
            elif isinstance(cell.value, str):
                words[cell.row, cell.column] = cell.value.strip()
            elif cell.value is not None:
                words[cell.row, cell.column] = float(cell.value)
    found = {}
    for row, column, word in zip(sheet.rows, sheet.columns, sheet.cells, strict=True):
        is_number = isinstance(words.get((row, column)), float)
        found[row, column] = float(word) if is_number else word
    assert found == {place: word for place, word in words.items() if word != ""}
    assert sheet.hidden_rows == hidden


def test_rows_of_a_code_are_cut_out_with_their_numbers() -> None:
    data = b'region,x\n01,a\n1,b\n\n010,c\r\n01,"d,e"\n012345678901234,f\n01,z'
    cut = rows_of_codes(data, ["01"])
    assert cut is not None
    assert cut[0] == b'region,x\n01,a\n01,"d,e"\n01,z'
    assert cut[1].tolist() == [2, 6, 8]
    shorter = rows_of_codes(data, ["1"])
    assert shorter is not None
    assert shorter[1].tolist() == [3], "zeros in front count"


@pytest.mark.parametrize(
    "line",
    ["\uff10\uff11,a", "county,a", '"01",a', '01,"a\nb"', "01.0,a", ",a", "01"],
    ids=["full width", "name", "quoted code", "cell of two lines", "number", "blank", "no comma"],
)
def test_rows_are_not_cut_out_where_a_code_may_be_spelled_otherwise(line: str) -> None:
    assert rows_of_codes(f"region,x\n02,b\n{line}\n".encode(), ["01"]) is None
    assert rows_of_codes(b"region,x\n02,b\n", ["a county"]) is None
