"""Names as people write them: in Chinese, in full width, in other case; and rows that serve nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.museum import edit
from support.paths import EXAMPLES

import gep
from gep.errors import ProblemLog
from gep.inputs.data import NONE, Data
from gep.inputs.value_rows import KEYS, member_spellings
from gep.io.tables import make_spellings, plain_spelling
from gep.plan.build import name_spellings


def _problems(folder: Path) -> gep.ProblemsFound:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.check_project(folder, allow_code=True)
    return found.value


def _add(file: Path, line: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + line, encoding="utf-8")


@pytest.mark.parametrize(
    ("word", "plain"),
    [("ＮＨ３－Ｎ", "nh3n"), ("NH₃-N", "nh3n"), ("Arbor forest", "arborforest"), ("-5", "-5")],
)
def test_what_spellings_differ_in(word: str, plain: str) -> None:
    assert plain_spelling(word) == plain


def test_a_region_says_that_it_has_none_in_every_table_of_data() -> None:
    """In data of reference years too, which are recognized by themselves."""
    parts = gep.read_project(EXAMPLES / "jiangxi-counties").parts
    cells = {"region": ["361130"], "year": [2019], "name": ["sown_share"], "value": [np.nan]}
    rows = pd.DataFrame(cells).assign(na=True, price_year=0, file="normal.csv", row=2)
    rows[[key for key in KEYS if key != "region"]] = ""
    data = name_spellings(parts).recognize_data(Data(rows, ()), ProblemLog())
    assert data.rows["product"].to_list() == [NONE]


def test_a_word_of_several_names_means_none_of_them() -> None:
    spellings = make_spellings(["a", "b", "C"], {"a": ("水", "Water"), "b": ("水",)})
    assert [spellings.find(word) for word in ("a", "c", "water", "水", "")] == [
        "a",
        "C",
        "a",
        "水",
        "",
    ]


def test_a_title_of_another_kind_does_not_help_a_word_that_is_not_clear() -> None:
    spellings = make_spellings(["a", "b"], {"a": ("水",), "b": ("水",)}, {"a": ("水",)})
    assert spellings.find("水") == "水"


@pytest.mark.parametrize(
    ("key", "known", "word", "name"),
    [
        ("substance", ("SO2", "NOx"), "二氧化硫", "SO2"),
        ("substance", ("二氧化硫",), "SO₂", "二氧化硫"),  # a standard with names of its own
        ("substance", ("SO2", "NOx"), "二氧化氮", "二氧化氮"),
        ("product", ("farming", "forestry"), "农业", "farming"),
        ("use", ("domestic", "farming"), "农业", "farming"),
        ("product", ("farming",), "合计", "合计"),
        ("month", ("1", "11"), "１月", "1"),
    ],
)
def test_members_in_chinese(key: str, known: tuple[str, ...], word: str, name: str) -> None:
    assert key in KEYS
    assert member_spellings(key, known).find(word) == name


def test_a_missing_number_names_the_row_that_may_be_meant(villages: Path) -> None:
    edit(villages / "data.csv", "990101,2020,emission,,SO2,,20", "990101,2020,emission,,S02,,20")
    error = _problems(villages)
    (problem,) = error.problems
    assert "data.csv row 10 gives it for substance 'S02'" in problem.say_fix("en")
    assert (
        "data.csv 第 10 行填的污染物是“S02”，没有步骤使用，如即此项，请改写为 SO2"
        in problem.say_fix("zh")
    )
    (warning,) = [entry for entry in error.warnings if entry.code == "unused-data"]
    assert warning.say_where("en") == "data.csv row 10 column substance"


def test_a_missing_number_names_the_row_of_another_year(villages: Path) -> None:
    edit(villages / "data.csv", "990101,2020,visits", "990101,2019,visits")
    (problem,) = _problems(villages).problems
    assert "data.csv row 16 gives it for 2019: correct the year" in problem.say_fix("en")
    assert "data.csv 第 16 行是 2019 年的数，如属 2020 年，请改正年份" in problem.say_fix("zh")


def test_a_missing_number_names_the_row_of_the_county(villages: Path) -> None:
    text = (villages / "data.csv").read_text(encoding="utf-8")
    text = text.replace("990101,2020,visits", "990100,2020,visits")
    text = text.replace("990102,2020,visits,,,,0,人次,made up\n", "")
    (villages / "data.csv").write_text(text, encoding="utf-8")
    error = _problems(villages)
    (problem,) = error.problems
    said = "data.csv row 16 gives the amount of Example county (990100): an amount never serves"
    assert said in problem.say_fix("en")
    (warning,) = error.warnings
    assert warning.code == "unused-data"
    assert "the amount of one region never serves another" in warning.say_fix("en")


def test_a_name_that_two_regions_have(villages: Path) -> None:
    edit(villages / "regions.csv", "乙村", "甲村")
    _add(villages / "areas.csv", "甲村,2020,pond,1,hm2\n")
    (problem,) = _problems(villages).problems
    assert problem.code == "unknown-region"
    assert "甲村 (990101)" in problem.say_fix("zh")
    assert "甲村 (990102)" in problem.say_fix("zh")


def test_a_row_of_another_year_that_an_account_lacks(villages: Path) -> None:
    edit(villages / "areas.csv", "990101,2020,paddy", "990101,2019,paddy")
    result = gep.run_project(villages, allow_code=True, language="en")
    warning = next(entry for entry in result.warnings if entry.code == "year-not-accounted")
    assert warning.say_where("en") == "areas.csv row 3 column year"
    assert "paddy of Village A (990101) have areas in 2019 only" in warning.say_what("en")
    assert "write 2020 as their year" in warning.say_fix("en")


@pytest.mark.parametrize(("name", "is_told"), [("numbers.xls", True), ("~$numbers.xlsx", False)])
def test_files_among_the_tables_of_a_set(villages: Path, name: str, is_told: bool) -> None:
    (villages / "base" / name).write_bytes(b"x")
    result = gep.run_project(villages, allow_code=True)
    assert [warning.code for warning in result.warnings] == ["file-not-read"] * is_told


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_table_of_a_set_that_was_saved_as_text(villages: Path, separator: str) -> None:
    head = separator.join(["coefficient", "value", "unit", "source", "locator", "grade"])
    for name, text in (
        ("more.txt", f"{head}\nyield,1,t,made,p. 1,expert\n"),
        ("readme.txt", "About the coefficient\n"),
    ):
        (villages / "base" / name).write_text(text, encoding="utf-8")
    (warning,) = gep.run_project(villages, allow_code=True).warnings
    assert warning.code == "file-not-read"
    assert warning.say_where("en") == "base/more.txt"


def test_a_member_without_a_price_names_its_row_and_those_with_one(villages: Path) -> None:
    _add(villages / "data.csv", "990102,2020,output,,,藕,30,t,made up\n")
    (problem,) = _problems(villages).problems
    assert problem.code == "missing-coefficient"
    said = "data.csv row 18 names product '藕', and the sets have rice, fish: write one of these"
    assert said in problem.say_fix("en")
    assert "data.csv 第 18 行填的产品是“藕”" in problem.say_fix("zh")
