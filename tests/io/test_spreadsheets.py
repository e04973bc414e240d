"""Files of tables that the user asked for: CSV and Excel, never over a file, all or none."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from gep.errors import ProblemsFound
from gep.io import spreadsheets
from gep.io.spreadsheets import refuse_existing, unwritten, write_tables

FRAME = pd.DataFrame({"region": ["0101", "=x\x07"], "value": ["", ""], "area": [1.5, 2.0]})


def test_a_csv_has_the_mark_of_excel_and_escapes_formulas(tmp_path: Path) -> None:
    write_tables({tmp_path / "new" / "a.csv": {"a": FRAME.drop(columns="value")}})
    content = (tmp_path / "new" / "a.csv").read_bytes()
    assert content == "\ufeffregion,area\n0101,1.5\n'=x\x07,2.0\n".encode()


def test_a_workbook_keeps_codes_as_text_and_columns_to_fill_as_numbers(tmp_path: Path) -> None:
    write_tables({tmp_path / "a.xlsx": {"data": FRAME, "more": FRAME}})
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["data", "more"]
    page = book["data"]
    assert page.freeze_panes == "A2"
    assert [cell.value for cell in page["A"]] == ["region", "0101", "=x"]
    assert page["A3"].data_type == "s"
    assert [page[f"{letter}2"].number_format for letter in "ABC"] == ["@", "General", "General"]
    assert page["C2"].value == 1.5


def test_headings_and_titles_of_sheets_are_texts_that_excel_takes(tmp_path: Path) -> None:
    """Names of regions and indicators become headings; those of schemes become sheets."""
    names = ["=1+1", "+cmd", "\t=x", "a\x0bb", "\x1b\ud800", "甲" * 40000]
    titles = ["[a]:*?/\\", "甲" * 40, "甲" * 41, "A", "a", "'", "\x07b"]
    headings = pd.Index(names, dtype=object)  # arrow refuses half a character, objects do not
    frame = pd.DataFrame([[1.0] * len(names)], columns=headings)
    write_tables({tmp_path / "a.xlsx": dict.fromkeys(titles, frame)})
    book = load_workbook(tmp_path / "a.xlsx")
    assert len({title.casefold() for title in book.sheetnames}) == len(titles)
    assert all(0 < len(title) <= 31 for title in book.sheetnames)
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]] == [
        "=1+1", "+cmd", "\t=x", "ab", None, "甲" * 32_767,
    ]  # fmt: skip
    assert {cell.data_type for cell in page[1] if cell.value} == {"s"}


def test_a_heading_of_a_csv_is_escaped(tmp_path: Path) -> None:
    write_tables({tmp_path / "a.csv": {"a": pd.DataFrame({"=1+1": ["\t=2"]})}})
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == "'=1+1\n'\t=2\n"


def test_a_file_that_came_to_be_there_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the last step; none of the others is left behind."""
    write = spreadsheets._write

    def write_late(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
        write(path, tables)
        if path.name == "b.csv":
            (tmp_path / "b.csv").write_text("mine", encoding="utf-8")

    monkeypatch.setattr(spreadsheets, "_write", write_late)
    with pytest.raises(ProblemsFound, match=r"\[file-exists\]"):
        write_tables({tmp_path / "a.csv": {"a": FRAME}, tmp_path / "b.csv": {"b": FRAME}})
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == "mine"


def test_a_broken_link_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ProblemsFound, match=r"\[file-exists\]"):
        write_tables({tmp_path / "a.csv": {"a": FRAME}})
    assert not (tmp_path / "nowhere").exists()


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_tables({tmp_path / name / "t.xlsx": {"data": FRAME}})
    assert (tmp_path / "a/t.xlsx").read_bytes() == (tmp_path / "b/t.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("name", "count", "en", "zh"),
    [
        ("a.txt", 1, ".txt files are not written", "不能写出 .txt 文件"),
        ("a", 1, "no ending", "没有扩展名"),
        ("a.csv", 2, "one table, and there are 2", "现有 2 张"),
        ("a.xlsx", 1, "Excel holds 1 rows, and the table has 2", "该表有 2 行"),
    ],
)
def test_names_that_do_not_fit_the_tables(
    name: str, count: int, en: str, zh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "_MAX_ROWS", 1)
    tables = {str(number): FRAME for number in range(count)}
    with pytest.raises(ProblemsFound) as caught:
        write_tables({tmp_path / name: tables})
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("cannot-write", str(tmp_path / name))
    assert en in problem.say_what("en")
    assert zh in problem.say_what("zh")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_left_as_it_is_and_no_other_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[file-exists\]"):
        write_tables({tmp_path / "a.csv": {"a": FRAME}, tmp_path / "b.csv": {"b": FRAME}})
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == "mine"
    with pytest.raises(ProblemsFound):
        refuse_existing(tmp_path)
    refuse_existing(tmp_path / "c.csv")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
        write_tables({tmp_path / "file" / "a.csv": {"a": FRAME}})
    problem = unwritten(tmp_path, OSError(28, "No space left on device"))
    assert "the disk is full" in problem.say_what("en")
    assert "磁盘已满" in problem.say_what("zh")
