"""Wide tables are taken apart without knowing what they are about: a table of a paper, services by classes."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from gep.errors import ProblemLog
from gep.io.grid import CellGrid, address, load_grid
from gep.io.wide_table import Answers, Vocabulary, WideTable, read_wide_table

SERVICES = {"食物生产": "food", "原料生产": "materials", "气体调节": "gas", "水文调节": "water"}
CLASSES = {"森林": "forest", "草地": "grassland", "农田": "cropland"}
PAPER = Vocabulary(
    members={
        "service": lambda word: SERVICES.get(word, ""),
        "ecosystem": lambda word: CLASSES.get(word, ""),
        "unit": lambda word: word if word == "元/hm2" else "",
    },
    heads={},
    inside={},
    required=("service", "ecosystem", "unit"),
)
# Made up; the shape is that of the tables of equivalents in papers.
TABLE = [
    ["表2 单位面积生态系统服务价值（元/hm2）", None, None, None, None],
    ["一级类型", "二级类型", "森林", "草地", "农田"],
    ["供给服务", "食物生产", 0.33, 0.43, 1],
    [None, "原料生产", 2.98, 0.36, 0.39],
    [None, "小计", 3.31, 0.79, 1.39],
    ["调节服务", "气体调节", 4.32, 1.5, "—"],
    [None, "水文调节", 4.09, 1.52, 0.77],
    [None, "小计", 8.41, 3.02, 0.77],
    ["合计", None, 11.72, 3.81, 2.16],
]
MERGED = ("A1:E1", "A3:A5", "A6:A8", "A9:B9")


def _grid(file: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> CellGrid:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(file)
    grid = load_grid(file, ProblemLog())
    assert grid is not None
    return grid


def _read(grid: CellGrid, answers: Answers | None = None) -> tuple[WideTable | None, ProblemLog]:
    problems = ProblemLog()
    return read_wide_table(grid, PAPER, answers or Answers(), problems), problems


def test_services_by_classes(tmp_path: Path) -> None:
    table, problems = _read(_grid(tmp_path / "paper.xlsx", TABLE, MERGED))
    assert problems.errors == []
    assert table is not None
    cells = [
        (
            cell.members["service"],
            cell.members["ecosystem"],
            cell.written,
            address(cell.row, cell.column),
        )
        for cell in table.cells
    ]
    assert cells == [
        ("food", "forest", "0.33", "C3"),
        ("food", "grassland", "0.43", "D3"),
        ("food", "cropland", "1", "E3"),
        ("materials", "forest", "2.98", "C4"),
        ("materials", "grassland", "0.36", "D4"),
        ("materials", "cropland", "0.39", "E4"),
        ("gas", "forest", "4.32", "C6"),
        ("gas", "grassland", "1.5", "D6"),
        ("water", "forest", "4.09", "C7"),
        ("water", "grassland", "1.52", "D7"),
        ("water", "cropland", "0.77", "E7"),
    ]
    assert {cell.members["unit"] for cell in table.cells} == {"元/hm2"}
    assert table.dashes == 1
    assert [(line.number, line.parts) for line in table.rows if line.total] == [
        (5, (3, 4)),
        (8, (6, 7)),
        (9, (3, 4, 6, 7)),
    ]


def test_a_total_that_differs_names_its_cell(tmp_path: Path) -> None:
    rows = [list(row) for row in TABLE]
    rows[7][3] = 3.2
    _, problems = _read(_grid(tmp_path / "paper.xlsx", rows, MERGED))
    assert [problem.code for problem in problems.errors] == ["total-differs"]
    assert problems.errors[0].say_where("en") == "paper.xlsx#Sheet row 8 column D"


def test_answers_skip_rename_and_place(tmp_path: Path) -> None:
    rows: list[list[object]] = [["", "林"], ["食物", 2], ["其他", 3]]
    grid = _grid(tmp_path / "short.xlsx", rows)
    answers = Answers(
        roles={"A": "service"},
        skip=frozenset({"其他"}),
        meanings={"食物": "食物生产", "林": "森林"},
        constants={"unit": "元/hm2"},
    )
    table, problems = _read(grid, answers)
    assert problems.errors == []
    assert table is not None
    assert [dict(cell.members) for cell in table.cells] == [
        {"service": "food", "ecosystem": "forest", "unit": "元/hm2"}
    ]


def test_a_sheet_without_numbers_is_told(tmp_path: Path) -> None:
    table, problems = _read(_grid(tmp_path / "words.xlsx", [["服务", "森林"], ["食物生产", "多"]]))
    assert table is None
    assert [problem.code for problem in problems.errors] == ["table-layout"]


@pytest.mark.parametrize(("number", "letters"), [(1, "A1"), (26, "Z1"), (27, "AA1"), (703, "AAA1")])
def test_addresses(number: int, letters: str) -> None:
    assert address(1, number) == letters
