"""Tables as offices make them, through ``gep import``: the rows that a person would write by hand."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from support.paths import ROOT

from gep.cli.app import main

Rows = Sequence[Sequence[object]]
Expected = Sequence[tuple[str, str, str, str, str, str]]

TOWNS = """region,name,name_en,parent
990201,示例县,,
990201101,东镇,,990201
990201102,西镇,,990201
990201103,南乡,,990201
"""


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A project of one county, without areas and data."""
    folder = tmp_path / "county"
    shutil.copytree(ROOT / "docs" / "demo-county", folder)
    (folder / "areas.csv").unlink()
    (folder / "data.csv").unlink()
    return folder


@pytest.fixture
def towns(county: Path) -> Path:
    """The same with its townships."""
    (county / "regions.csv").write_text(TOWNS, encoding="utf-8")
    return county


def _book(file: Path, sheets: dict[str, Rows], merged: Sequence[str] = ()) -> Path:
    """A workbook with these sheets; cells are merged in each of them."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
        for area in merged:
            page.merge_cells(area)
    book.save(file)
    return file


def _import(project: Path, *arguments: object, kind: str = "areas") -> int:
    words = ["import", kind, *arguments, "--project", project, "--language", "zh"]
    return main([str(word) for word in words])


def _written(project: Path, name: str = "areas.csv") -> list[dict[str, str]]:
    with (project / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _areas(project: Path) -> list[tuple[str, ...]]:
    """The rows of areas.csv: region, year, class, area, unit and the cell."""
    names = ("region", "year", "class", "area", "unit")
    rows = []
    for row in _written(project):
        cell = row["locator"].rpartition(" ")[2]
        rows.append((*(row[name] for name in names), cell))
    return rows


# --- layouts of area tables -----------------------------------------------------------------------


def test_classes_down_with_codes_titles_and_totals(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["示例县2020年土地利用现状分类面积汇总表", None, None, None],
        [None, None, None, "单位：公顷"],
        ["地类编码", "地类名称", "面积", "占比（%）"],
        [None, "合计", 60000.5, 100],
        ["01", "耕地", 1000.5, 1.67],
        ["0101", "水田", 800.25, 1.34],
        ["0103", "旱地", 200.25, 0.33],
        ["03", "林地", 59000, 98.33],
        ["0301", "乔木林地", 50000, 83.33],
        ["0302", "竹林地", 9000, 15],
        ["注：数据来自2020年度国土变更调查", None, None, None],
    ]
    book = _book(tmp_path / "三调.xlsx", {"表1": sheet}, ["A1:D1"])
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "800.25", "公顷", "C6"),
        ("990201", "2020", "旱地", "200.25", "公顷", "C7"),
        ("990201", "2020", "乔木林地", "50000", "公顷", "C9"),
        ("990201", "2020", "竹林地", "9000", "公顷", "C10"),
    ]
    assert _written(county)[0]["locator"] == "三调.xlsx#表1 C6"


def test_townships_side_by_side(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["土地利用现状面积按乡镇汇总表（2020年）"],
        ["计量单位：亩"],
        ["地类", "代码", "合计", "东镇", "西镇", "南乡"],
        ["水田", "0101", 600, 100, 200, 300],
        ["旱地", "0103", 60, 10, 20, 30],
        ["乔木林地", "0301", 6000, 1000, 2000, 3000],
        ["总  计", None, 6660, 1110, 2220, 3330],
    ]
    book = _book(tmp_path / "乡镇.xlsx", {"Sheet1": sheet}, ["A1:F1", "A2:F2"])
    assert _import(towns, book) == 0
    east, west, south = "990201101", "990201102", "990201103"
    assert _areas(towns) == [
        (east, "2020", "水田", "100", "亩", "D4"),
        (west, "2020", "水田", "200", "亩", "E4"),
        (south, "2020", "水田", "300", "亩", "F4"),
        (east, "2020", "旱地", "10", "亩", "D5"),
        (west, "2020", "旱地", "20", "亩", "E5"),
        (south, "2020", "旱地", "30", "亩", "F5"),
        (east, "2020", "乔木林地", "1000", "亩", "D6"),
        (west, "2020", "乔木林地", "2000", "亩", "E6"),
        (south, "2020", "乔木林地", "3000", "亩", "F6"),
    ]


def test_classes_across_under_merged_groups(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["示例县土地利用现状一级、二级地类面积表", *[None] * 8],
        ["填报单位：示例县自然资源局", None, None, "2020年", None, None, None, "单位：公顷", None],
        ["行政区", "行政区代码", "土地总面积", "耕地（01）", None, None, "林地（03）", None, None],
        [
            None,
            None,
            None,
            "小计",
            "水田（0101）",
            "旱地（0103）",
            "小计",
            "乔木林地（0301）",
            "竹林地（0302）",
        ],
        ["东镇", "990201101", 111, 11, 10, 1, 100, 60, 40],
        ["西镇", "990201102", 222, 22, 20, 2, 200, 120, 80],
        ["合计", None, 333, 33, 30, 3, 300, 180, 120],
    ]
    merged = ["A1:I1", "A3:A4", "B3:B4", "C3:C4", "D3:F3", "G3:I3"]
    book = _book(tmp_path / "a.xlsx", {"面积": sheet}, merged)
    assert _import(towns, book) == 0
    east, west = "990201101", "990201102"
    assert _areas(towns) == [
        (east, "2020", "水田", "10", "公顷", "E5"),
        (east, "2020", "旱地", "1", "公顷", "F5"),
        (east, "2020", "乔木林地", "60", "公顷", "H5"),
        (east, "2020", "竹林地", "40", "公顷", "I5"),
        (west, "2020", "水田", "20", "公顷", "E6"),
        (west, "2020", "旱地", "2", "公顷", "F6"),
        (west, "2020", "乔木林地", "120", "公顷", "H6"),
        (west, "2020", "竹林地", "80", "公顷", "I6"),
    ]


def test_several_years_as_columns(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["示例县各年地类面积（单位：公顷）", None, None, None],
        ["序号", "地类名称", "2015年", "2020年"],
        [1, "水田", 120.5, 118],
        [2, "茶园", 30, 33.25],
        [3, "合计", 150.5, 151.25],
    ]
    book = _book(tmp_path / "years.xlsx", {"Sheet1": sheet}, ["A1:D1"])
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2015", "水田", "120.5", "公顷", "C3"),
        ("990201", "2020", "水田", "118", "公顷", "D3"),
        ("990201", "2015", "茶园", "30", "公顷", "C4"),
        ("990201", "2020", "茶园", "33.25", "公顷", "D4"),
    ]


def test_years_over_areas_and_shares(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["地类", "2015年", None, "2020年", None],
        [None, "面积（亩）", "占比（%）", "面积（亩）", "占比（%）"],
        ["水田", 100, 25, 110, 27.5],
        ["旱地", 300, 75, 290, 72.5],
    ]
    book = _book(tmp_path / "b.xlsx", {"Sheet1": sheet}, ["A1:A2", "B1:C1", "D1:E1"])
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2015", "水田", "100", "亩", "B3"),
        ("990201", "2020", "水田", "110", "亩", "D3"),
        ("990201", "2015", "旱地", "300", "亩", "B4"),
        ("990201", "2020", "旱地", "290", "亩", "D4"),
    ]


def test_a_long_table_with_merged_townships(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["年份", "乡镇", "地类", "面积", "单位"],
        [2020, "东镇", "水田", 10, "公顷"],
        [2020, None, "旱地", 5, "公顷"],
        [2020, None, "小计", 15, "公顷"],
        [2020, "西镇", "水田", 300, "亩"],
        [2020, None, "旱地", 150, "亩"],
        [2020, None, "小计", 450, "亩"],
    ]
    book = _book(tmp_path / "long.xlsx", {"Sheet1": sheet}, ["B2:B4", "B5:B7"])
    assert _import(towns, book) == 0
    assert _areas(towns) == [
        ("990201101", "2020", "水田", "10", "公顷", "D2"),
        ("990201101", "2020", "旱地", "5", "公顷", "D3"),
        ("990201102", "2020", "水田", "300", "亩", "D5"),
        ("990201102", "2020", "旱地", "150", "亩", "D6"),
    ]


def test_two_levels_of_classes_in_two_columns(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["2020年示例县地类面积", None, None, None, None],
        ["一级类", None, "二级类", None, "面积（公顷）"],
        ["编码", "名称", "编码", "名称", None],
        ["00", "湿地", None, "小计", 30],
        [None, None, "0303", "红树林地", 10],
        [None, None, "1106", "内陆滩涂", 20],
        ["01", "耕地", None, "小计", 150],
        [None, None, "0101", "水田", 100],
        [None, None, "0103", "旱地", 50],
        ["总计", None, None, None, 180],
    ]
    merged = ["A1:E1", "A2:B2", "C2:D2", "E2:E3", "A4:A6", "B4:B6", "A7:A9", "B7:B9", "A10:D10"]
    book = _book(tmp_path / "two.xlsx", {"Sheet1": sheet}, merged)
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2020", "红树林地", "10", "公顷", "E5"),
        ("990201", "2020", "内陆滩涂", "20", "公顷", "E6"),
        ("990201", "2020", "水田", "100", "公顷", "E8"),
        ("990201", "2020", "旱地", "50", "公顷", "E9"),
    ]


BOTH_UNITS = [
    ["2020年示例县第三次国土调查主要地类面积", None, None],
    ["地类", "面积", None],
    [None, "公顷", "亩"],
    ["水田", 100, 1500],
    ["旱地", 20, 300],
    ["合计", 120, 1800],
]


def test_two_units_side_by_side_need_an_answer(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = _book(tmp_path / "u.xlsx", {"Sheet1": BOTH_UNITS}, ["A1:C1", "A2:A3", "B2:C2"])
    assert _import(county, book) == 2
    assert "--unit" in capsys.readouterr().err
    assert not (county / "areas.csv").exists()
    assert _import(county, book, "--unit", "亩") == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "1500", "亩", "C4"),
        ("990201", "2020", "旱地", "300", "亩", "C5"),
    ]


def test_numbered_columns_dashes_and_blanks(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["表3-1  土地利用现状", None, None, None, None],
        ["单位：公顷", None, None, "2020 年", None],
        ["项    目", "合  计", "国有", "集体", "备注"],
        ["甲", 1, 2, 3, "乙"],
        ["水 田", 120, "—", 120, None],
        ["河流水面", 45.5, 45.5, None, "含界河"],
    ]
    book = _book(tmp_path / "n.xlsx", {"Sheet1": sheet}, ["A1:E1"])
    arguments = ["--skip", "国有", "--skip", "集体"]
    assert _import(county, book, *arguments) == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "120", "公顷", "B5"),
        ("990201", "2020", "河流水面", "45.5", "公顷", "B6"),
    ]


def test_wetlands_first_and_codes_without_zeros(county: Path, tmp_path: Path) -> None:
    """Excel made numbers of the codes; the group of wetlands has members of other groups."""
    sheet = [
        ["地类编码", "地类", "面积（公顷）"],
        [0, "湿地", 35.5],
        [303, "红树林地", 5.25],
        [1105, "沿海滩涂", 30.25],
        [2, "种植园用地", 12],
        [202, "茶园", 12],
        [3, "林地", 200],
        [301, "乔木林地", 150],
        [307, "其他林地", 50],
    ]
    book = _book(tmp_path / "2020年.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2020", "红树林地", "5.25", "公顷", "C3"),
        ("990201", "2020", "沿海滩涂", "30.25", "公顷", "C4"),
        ("990201", "2020", "茶园", "12", "公顷", "C6"),
        ("990201", "2020", "乔木林地", "150", "公顷", "C8"),
        ("990201", "2020", "其他林地", "50", "公顷", "C9"),
    ]


def test_labels_that_are_numbered_and_set_in(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["地  类", "面积（万亩）"],
        ["一、农用地", 9.5],
        ["  （一）耕地", 3],
        ["    其中：水田", 2.5],
        ["          旱地", 0.5],
        ["  （二）林地", 6.5],
        ["    1.乔木林地", 6],
        ["    2.竹林地", 0.5],
    ]
    book = _book(tmp_path / "s.xlsx", {"2020": sheet})
    assert _import(county, book) == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "2.5", "万亩", "B4"),
        ("990201", "2020", "旱地", "0.5", "万亩", "B5"),
        ("990201", "2020", "乔木林地", "6", "万亩", "B7"),
        ("990201", "2020", "竹林地", "0.5", "万亩", "B8"),
    ]


def test_one_sheet_a_year_in_one_command(county: Path, tmp_path: Path) -> None:
    sheets = {
        "2015年": [["地类", "面积（km2）"], ["水田", 1.5]],
        "2020年": [["地类", "面积（km2）"], ["水田", 1.25]],
    }
    book = _book(tmp_path / "c.xlsx", sheets)
    assert _import(county, f"{book}#2015年", f"{book}#2020年") == 0
    assert _areas(county) == [
        ("990201", "2015", "水田", "1.5", "km2", "B2"),
        ("990201", "2020", "水田", "1.25", "km2", "B2"),
    ]
    locators = [row["locator"] for row in _written(county)]
    assert locators == ["c.xlsx#2015年 B2", "c.xlsx#2020年 B2"]


def test_the_row_of_the_county_among_its_townships_is_a_total(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["行政区代码", "行政区名称", "水田", "旱地"],
        ["990201", "示例县", 60, 6],
        ["990201101", "东镇", 10, 1],
        ["990201102", "西镇", 20, 2],
        ["990201103", "南乡", 30, 3],
    ]
    book = _book(tmp_path / "t.xlsx", {"Sheet1": sheet})
    assert _import(towns, book, "--year", "2020", "--unit", "公顷") == 0
    assert [(row[0], row[2], row[3]) for row in _areas(towns)] == [
        ("990201101", "水田", "10"),
        ("990201101", "旱地", "1"),
        ("990201102", "水田", "20"),
        ("990201102", "旱地", "2"),
        ("990201103", "水田", "30"),
        ("990201103", "旱地", "3"),
    ]


def test_a_csv_in_gbk_with_a_title(county: Path, tmp_path: Path) -> None:
    file = tmp_path / "三调.csv"
    lines = ["示例县2020年,,", "单位：亩,,", "地类,面积,", "水田,1500,", "旱地,300,", "合计,1800,"]
    file.write_text("\n".join(lines), encoding="gbk")
    assert _import(county, file) == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "1500", "亩", "B4"),
        ("990201", "2020", "旱地", "300", "亩", "B5"),
    ]
    assert _written(county)[0]["locator"] == "三调.csv B4"


def test_english_heads_and_answers_by_option(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["Land use", "2020 (ha)", "Note"],
        ["水田", 12.5, "paddy"],
        ["茶园", 3, None],
        ["Total", 15.5, None],
    ]
    book = _book(tmp_path / "e.xlsx", {"Sheet1": sheet})
    assert _import(county, book, "--class-column", "A") == 0
    assert _areas(county) == [
        ("990201", "2020", "水田", "12.5", "ha", "B2"),
        ("990201", "2020", "茶园", "3", "ha", "B3"),
    ]


# --- what is not clear ----------------------------------------------------------------------------

SIMPLE = [
    ["示例县2020年地类面积", None],
    ["地类", "面积（公顷）"],
    ["水田", 100],
    ["旱地", 50],
    ["合计", 150],
]


def _changed(row: int, column: int, value: object) -> Rows:
    """The simple sheet with one cell changed; rows and columns are counted from 1."""
    sheet = [list(cells) for cells in SIMPLE]
    sheet[row - 1][column - 1] = value
    return sheet


@pytest.mark.parametrize(
    ("row", "column", "value", "code", "words"),
    [
        (5, 2, 160, "total-differs", ("第 5 行 B 列", "160", "150", "相差 10", "--skip 合计")),
        (3, 1, "果树林", "unknown-class", ("第 3 行 A 列", "果树林", "--read 果树林=地类")),
        (1, 1, "示例县2019至2020年地类面积", "missing-answer", ("--year", "B3")),
        (2, 2, "面积", "missing-answer", ("--unit", "2 个数")),
        (3, 2, "1O0", "not-a-number", ("第 3 行 B 列", "1O0")),
        (3, 2, "1,000", "thousands-separator", ("第 3 行 B 列", "1000")),
        (3, 2, "#REF!", "error-value", ("第 3 行 B 列",)),
        (3, 2, "=1+1", "blank", ("第 3 行 B 列", "从未计算")),
        (3, 2, -100, "negative", ("第 3 行 B 列",)),
        (4, 1, "水田", "duplicate-row", ("第 4 行 B 列", "slip.xlsx#Sheet1 B3")),
    ],
)
def test_what_is_not_clear_is_a_problem_with_its_cell(
    county: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    row: int,
    column: int,
    value: object,
    code: str,
    words: tuple[str, ...],
) -> None:
    book = _book(tmp_path / "slip.xlsx", {"Sheet1": _changed(row, column, value)})
    before = sorted(path.name for path in county.iterdir())
    assert _import(county, book) == 2
    report = capsys.readouterr().err
    assert f"[{code}]" in report
    for word in words:
        assert word in report
    assert sorted(path.name for path in county.iterdir()) == before


def test_answers_by_options(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["2019—2020年变更调查", None],
        ["地类", "数"],
        ["有林地", 100],
        ["盐碱荒地", 50],
        ["合计", 160],
    ]
    book = _book(tmp_path / "o.xlsx", {"Sheet1": sheet})
    answers = ["--year", "2020", "--unit", "公顷", "--read", "有林地=乔木林地"]
    assert _import(county, book, *answers, "--skip", "盐碱荒地", "--skip", "合计") == 0
    assert _areas(county) == [("990201", "2020", "乔木林地", "100", "公顷", "B3")]
    assert _written(county)[0]["note"] == "有林地; 数"


def test_a_code_and_a_name_must_mean_the_same(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [["编码", "地类", "面积（公顷）"], ["0101", "旱地", 5], ["0103", "旱地", 6]]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 2
    report = capsys.readouterr().err
    assert "[table-layout]" in report
    assert "“0101”与“旱地”" in report
    assert _import(county, book, "--skip", "B") == 0
    assert [row[2] for row in _areas(county)] == ["水田", "旱地"]


def test_a_merged_number_is_refused(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = _book(tmp_path / "m.xlsx", {"Sheet1": SIMPLE[:4]}, ["B3:B4"])
    assert _import(county, book) == 2
    assert "合并单元格 B3（100）" in capsys.readouterr().err


def test_hidden_rows_are_told(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Workbook()
    page = book.active
    for row in SIMPLE:
        page.append(row)
    page.row_dimensions[4].hidden = True
    book.save(tmp_path / "h.xlsx")
    assert _import(county, tmp_path / "h.xlsx") == 0
    assert "[hidden-cells]" in capsys.readouterr().err
    assert len(_areas(county)) == 2


def test_a_file_that_is_there_is_kept(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = _book(tmp_path / "a.xlsx", {"Sheet1": SIMPLE})
    assert _import(county, book) == 0
    first = (county / "areas.csv").read_bytes()
    assert _import(county, book) == 2
    assert "[file-exists]" in capsys.readouterr().err
    assert _import(county, book, "--append") == 2
    assert "[duplicate-row]" in capsys.readouterr().err
    assert (county / "areas.csv").read_bytes() == first
    later = _book(tmp_path / "b.xlsx", {"Sheet1": _changed(1, 1, "示例县2021年地类面积")})
    assert _import(county, later, "--append") == 0
    assert [row[1] for row in _areas(county)] == ["2020", "2020", "2021", "2021"]
    assert _import(county, book, "--replace") == 0
    assert (county / "areas.csv").read_bytes() == first


def test_show_writes_nothing_and_says_what_was_understood(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = _book(tmp_path / "a.xlsx", {"Sheet1": SIMPLE, "附表": [["项"]]})
    assert _import(county, book, "--show") == 0
    page = capsys.readouterr().out
    for line in (
        "a.xlsx#Sheet1：数在 B3:B5",
        "地类：A 列“地类”",
        "各行的地类（2）：水田、旱地",
        "年份：2020（取自A1）",
        "各列的单位（1）：公顷",
        "合计：第 5 行“合计”等于 2 行之和",
        "没有读的工作表：附表",
    ):
        assert line in page
    assert not (county / "areas.csv").exists()


def test_in_a_terminal_it_asks(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = [["地类", "面积"], ["水田", 100], ["果树林", 50], ["荒地", 7]]
    book = _book(tmp_path / "q.xlsx", {"Sheet1": sheet})
    answers = iter(["果园", "-", "2020", "公顷"])
    questions = []

    def answer(question: str) -> str:
        questions.append(question)
        return next(answers)

    monkeypatch.setattr("gep.cli.import_commands._is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", answer)
    monkeypatch.setattr("typer.confirm", lambda question, default: True)
    assert _import(county, book) == 0
    assert [row[:5] for row in _areas(county)] == [
        ("990201", "2020", "水田", "100", "公顷"),
        ("990201", "2020", "果园", "50", "公顷"),
    ]
    assert "果树林" in questions[0]
    assert "--unit" in questions[3]


# --- statistical tables ---------------------------------------------------------------------------


def _data(project: Path) -> list[tuple[str, ...]]:
    """The rows of data.csv: region, year, name, value, unit and the cell."""
    names = ("region", "year", "name", "value", "unit")
    rows = []
    for row in _written(project, "data.csv"):
        cell = row["locator"].rpartition(" ")[2]
        rows.append((*(row[name] for name in names), cell))
    return rows


def test_items_down_and_years_across(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["主要指标", None, None, None],
        ["指标", "单位", "2019年", "2020年"],
        ["地区生产总值", "亿元", 98.7, 103.2],
        ["旅游人次", "万人次", 310, 205.5],
        ["常住人口", "万人", 20.1, 20],
    ]
    book = _book(tmp_path / "年鉴.xlsx", {"1-1": sheet}, ["A1:D1"])
    source = ["--source", "示例县统计年鉴2021"]
    assert _import(county, book, *source, kind="data") == 2
    assert _import(county, book, *source, "--skip-unknown", kind="data") == 0
    assert _data(county) == [
        ("990201", "2019", "gdp", "98.7", "亿元", "C3"),
        ("990201", "2020", "gdp", "103.2", "亿元", "D3"),
        ("990201", "2019", "visits", "310", "万人次", "C4"),
        ("990201", "2020", "visits", "205.5", "万人次", "D4"),
    ]
    assert {row["source"] for row in _written(county, "data.csv")} == {"示例县统计年鉴2021"}


def test_regions_down_and_items_across_with_units_in_heads(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["2020年各乡镇基本情况", None, None],
        ["乡镇", "地区生产总值（万元）", "水库总库容（万立方米）"],
        ["东镇", 1200, 30],
        ["西镇", 900, 12.5],
        ["合计", 2100, 42.5],
    ]
    book = _book(tmp_path / "x.xlsx", {"Sheet1": sheet}, ["A1:C1"])
    assert _import(towns, book, "--source", "统计局", kind="data") == 0
    east, west = "990201101", "990201102"
    assert _data(towns) == [
        (east, "2020", "gdp", "1200", "万元", "B3"),
        (east, "2020", "reservoir_capacity", "30", "万立方米", "C3"),
        (west, "2020", "gdp", "900", "万元", "B4"),
        (west, "2020", "reservoir_capacity", "12.5", "万立方米", "C4"),
    ]


def test_substances_of_one_item(county: Path, tmp_path: Path) -> None:
    sheet = [
        ["污染物", "2020年排放量（吨）"],
        ["二氧化硫", 820],
        ["氮氧化物", 610.5],
    ]
    book = _book(tmp_path / "env.xlsx", {"Sheet1": sheet})
    arguments = [
        "--name",
        "air_emission",
        "--source",
        "生态环境局",
        "--read",
        "2020年排放量（吨）=2020年（吨）",
    ]
    assert _import(county, book, *arguments, kind="data") == 0
    rows = _written(county, "data.csv")
    assert [(row["substance"], row["value"], row["unit"]) for row in rows] == [
        ("SO2", "820", "吨"),
        ("NOx", "610.5", "吨"),
    ]


def test_an_item_that_names_its_substance_is_read_by_an_answer(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [["指标", "单位", "2020"], ["二氧化硫排放量", "吨", 820]]
    book = _book(tmp_path / "env.xlsx", {"Sheet1": sheet})
    source = ["--source", "生态环境局"]
    assert _import(county, book, *source, kind="data") == 2
    assert "[unknown-data-name]" in capsys.readouterr().err
    meaning = "二氧化硫排放量=air_emission substance=SO2"
    assert _import(county, book, *source, "--read", meaning, kind="data") == 0
    row = _written(county, "data.csv")[0]
    assert (row["name"], row["substance"], row["value"]) == ("air_emission", "SO2", "820")


def test_data_need_a_source_and_their_keys(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [["指标", "单位", "2020年"], ["大气污染物排放量", "公顷", 820]]
    book = _book(tmp_path / "d.xlsx", {"Sheet1": sheet})
    assert _import(county, book, kind="data") == 2
    report = capsys.readouterr().err
    assert "--source" in report
    assert "--key substance=" in report
    assert "[wrong-dimension]" in report


# --- harder cases ---------------------------------------------------------------------------------


def test_a_total_over_townships_and_classes(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["乡镇", "地类", "面积（亩）"],
        ["东镇", "水田", 10],
        ["东镇", "旱地", 5],
        ["西镇", "水田", 20],
        ["合计", "水田", 30],
        ["合计", "小计", 35],
    ]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(towns, book) == 0
    assert [row[3] for row in _areas(towns)] == ["10", "5", "20"]
    sheet[-1][2] = 40
    _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(towns, book, "--replace") == 2


def test_a_label_that_equals_its_neighbor_by_chance_is_no_group(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [["地类", "面积（公顷）"], ["农光互补用地", 12], ["茶园", 12], ["水田", 100]]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 2
    assert "农光互补用地" in capsys.readouterr().err


def test_a_table_folded_into_two_halves_is_refused_and_read_in_two_runs(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [
        ["地类", "面积（公顷）", "地类", "面积（公顷）"],
        ["水田", 10, "茶园", 30],
        ["旱地", 20, "果园", 40],
    ]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 2
    assert "左右两栏" in capsys.readouterr().err
    assert _import(county, book, "--skip", "C", "--skip", "D") == 0
    assert _import(county, book, "--skip", "A", "--skip", "B", "--append") == 0
    assert [(row[2], row[3]) for row in _areas(county)] == [
        ("水田", "10"),
        ("旱地", "20"),
        ("茶园", "30"),
        ("果园", "40"),
    ]


def test_blocks_of_townships_below_one_another_are_not_read_wrongly(
    towns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [
        ["东镇", None],
        ["地类", "面积（公顷）"],
        ["水田", 10],
        ["西镇", None],
        ["地类", "面积（公顷）"],
        ["水田", 20],
    ]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(towns, book) == 2
    report = capsys.readouterr().err
    assert "第 5 行 B 列" in report
    assert not (towns / "areas.csv").exists()


def test_what_is_written_is_read_by_the_project(county: Path, tmp_path: Path) -> None:
    from gep.extent.areas import read_areas

    sheet = [["地类", "面积（公顷）"], ["水田", 0], ["旱地", 12.5], ["乔木林地", 1e5]]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book, "--source", "=cmd", "--grade", "official") == 0
    rows = read_areas(county / "areas.csv").rows
    assert rows["area"].tolist() == [0, 125_000, 1e9]
    assert rows["locator"].tolist() == [f"2020.xlsx#Sheet1 B{row}" for row in (2, 3, 4)]


def test_a_total_of_rounded_numbers_says_by_how_much_it_differs(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = [["地类", "面积（公顷）"], ["水田", 10.3], ["旱地", 5.3], ["茶园", 4.3], ["合计", 20]]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 0
    assert "相差 0.1，在各数的舍入之内" in capsys.readouterr().out
    sheet[-1][1] = 21
    _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book, "--replace") == 2
    assert "相差 1.1" in capsys.readouterr().err


def test_heads_broken_into_lines(towns: Path, tmp_path: Path) -> None:
    sheet = [
        ["乡 镇\n名 称", "水\n田", "乔木林\n地（0301）", "0103\n旱地", "合\n计"],
        ["东镇", 1, 2, 3, 6],
        ["西 镇", 4, 5, 6, 15],
    ]
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(towns, book, "--unit", "公顷") == 0
    assert [(row[0], row[2], row[3]) for row in _areas(towns)] == [
        ("990201101", "水田", "1"),
        ("990201101", "乔木林地", "2"),
        ("990201101", "旱地", "3"),
        ("990201102", "水田", "4"),
        ("990201102", "乔木林地", "5"),
        ("990201102", "旱地", "6"),
    ]


def test_answers_that_meet_nothing_are_told(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = _book(tmp_path / "a.xlsx", {"Sheet1": SIMPLE})
    answers = ["--skip", "水由", "--read", "早地=旱地", "--class-column", "K"]
    assert _import(county, book, *answers) == 2
    report = capsys.readouterr().err
    for word in ("--skip", "水由", "--read", "早地", "--class-column", "K 列"):
        assert word in report


def test_without_a_table_of_regions_names_are_as_they_are_written(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (county / "regions.csv").unlink()
    file = county / "project.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('regions = "regions.csv"', ""), "utf-8"
    )
    sheet: list[list[object]] = [["乡镇", "地类", "面积（公顷）"]]
    for town in range(30):
        sheet += [
            [f"第{town}镇", "水田", 2],
            [f"第{town}镇", "旱地", 1],
            [f"第{town}镇", "小计", 3],
        ]
    sheet.append(["990201199", "水田", 7])
    book = _book(tmp_path / "2020.xlsx", {"Sheet1": sheet})
    assert _import(county, book) == 0
    rows = _areas(county)
    assert len(rows) == 61
    assert rows[0] == ("第0镇", "2020", "水田", "2", "公顷", "C2")
    assert rows[-1] == ("990201199", "2020", "水田", "7", "公顷", "C92")
    assert "另有 10 个合计" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "word", "code"),
    [
        ("--unit", "千克", "unknown-unit"),
        ("--unit", "公倾", "unknown-unit"),
        ("--year", "二〇二〇", "bad-year"),
        ("--region", "邻县", "unknown-region"),
        ("--class", "水由", "unknown-class"),
    ],
)
def test_answers_that_mean_nothing_are_told(
    county: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    word: str,
    code: str,
) -> None:
    book = _book(tmp_path / "a.xlsx", {"Sheet1": SIMPLE})
    assert _import(county, book, option, word) == 2
    report = capsys.readouterr().err
    assert f"[{code}] {option}" in report
    assert word in report


def test_classes_of_a_crosswalk_that_the_project_does_not_name(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command names it, and the same import is then understood."""
    main(["set", str(county), "crosswalk", "-", "--language", "zh"])
    rows = [
        ["地类名称", "面积（公顷）"],
        ["乔木林地", 300],
        ["河流水面", 20],
        ["城镇住宅用地", 10],
        ["外星", 1],
    ]
    book = _book(tmp_path / "survey.xlsx", {"汇总": rows})
    options = ("--region", "990201", "--year", "2020", "--source", "三调")
    assert _import(county, book, *options) == 2
    said = capsys.readouterr().err
    command = f"gep set {county} inputs.crosswalk third-survey-to-hj1166"
    assert command in said
    assert said.count("[unknown-class]") == 2, "the crosswalk, and the one class that it has not"
    assert main(command.split()[1:]) == 0
    assert _import(county, book, *options, "--skip", "外星") == 0
    assert [row["class"] for row in _written(county)] == ["乔木林地", "河流水面", "城镇住宅用地"]


def test_townships_beside_a_county_are_named_not_taken_for_it(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Regions under a two-row head: what is not registered is asked for, or left out."""
    rows: Rows = [
        ["示例县2020年土地利用现状分类面积汇总表"],
        ["单位：公顷（0.00）"],
        ["行政区域", "", "林地（03）"],
        ["名称", "代码", "小计", "乔木林地", "竹林地"],
        ["示例县", "990201", 30, 20, 10],
        ["甲镇", "990201100", 12, 8, 4],
        ["乙镇", "990201101", 18, 12, 6],
    ]
    book = _book(tmp_path / "汇总.xlsx", {"表1": rows}, merged=["A3:B3", "C3:E3"])
    assert _import(county, book) == 2
    told = capsys.readouterr().err
    assert told.count("[unknown-region]") == 2
    assert "登记在 regions.csv" in told
    assert not (county / "areas.csv").exists()
    assert _import(county, book, "--skip-unknown") == 0
    assert "gep set" not in capsys.readouterr().out, "the project names areas.csv"
    assert _areas(county) == [
        ("990201", "2020", "乔木林地", "20", "公顷", "D5"),
        ("990201", "2020", "竹林地", "10", "公顷", "E5"),
    ]


def test_a_first_level_class_of_one_class_is_its_total(county: Path, tmp_path: Path) -> None:
    """湿地 with 内陆滩涂 alone is left out as a total; a label that is no group is not."""
    rows: Rows = [
        ["示例县2020年度变更调查", "单位：亩"],
        ["地类名称", "地类编码", "面积"],
        ["湿地", "00", 30],
        ["  内陆滩涂", "", 30],
        ["草地", "04", 12.5],
        ["  其他草地", "", 12.5],
    ]
    book = _book(tmp_path / "表.xlsx", {"表1": rows})
    assert _import(county, book) == 0
    assert [row[2:4] for row in _areas(county)] == [("内陆滩涂", "30"), ("其他草地", "12.5")]
    other: Rows = [[str(cell).replace("湿地", "潮湿的地") for cell in row] for row in rows]
    odd = _book(tmp_path / "怪表.xlsx", {"表1": other})
    assert _import(county, odd, "--replace") == 2


def test_a_section_below_the_heads_of_a_yearbook_is_no_title(county: Path, tmp_path: Path) -> None:
    """一、工业 between the row of years and the first number does not hide the years."""
    rows: Rows = [
        ["1-1 国民经济主要指标"],
        ["指标", "计量单位", "2019年", "2020年"],
        ["一、工业"],
        ["水力发电量", "万千瓦时", 2900, 3000],
        ["二、旅游"],
        ["旅游人次", "万人次", 150, 120],
    ]
    book = _book(tmp_path / "年鉴.xlsx", {"1-1": rows})
    assert _import(county, book, "--source", "年鉴", "--year", "2020", kind="data") == 0
    written = _written(county, "data.csv")
    names = ("year", "name", "value", "unit")
    assert [tuple(row[name] for name in names) for row in written] == [
        ("2020", "hydropower_generation", "3000", "万千瓦时"),
        ("2020", "visits", "120", "万人次"),
    ]


def test_a_file_that_the_project_does_not_use_is_told(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A project with a form names no areas: the command that names them is shown."""
    config = county / "project.toml"
    spoken = config.read_text(encoding="utf-8").replace('areas = "areas.csv"\n', "")
    config.write_text(
        spoken.replace("[inputs]\n", '[inputs]\nform = "数据表.xlsx"\n'), encoding="utf-8"
    )
    rows: Rows = [["示例县2020年", "单位：亩"], ["地类名称", "面积"], ["水田", 30], ["旱地", 2]]
    book = _book(tmp_path / "表.xlsx", {"表1": rows})
    assert _import(county, book) == 0
    assert f"gep set {county} areas areas.csv" in capsys.readouterr().out
