"""Rows of cited numbers: what is said about years, units, grades, keys and repetitions, and where."""

from pathlib import Path

import pytest
from support.small import write_table

import gep
from gep.errors import ProblemLog
from gep.inputs.value_rows import (
    COEFFICIENT_COLUMNS,
    KEYS,
    check_not_blank,
    check_units,
    filled_keys,
    read_value_rows,
    read_years,
    unit_factors,
    unit_fault,
)
from gep.io.distinct_cells import distinct_cells
from gep.io.tables import Columns, Table, read_table

COLUMNS = Columns(("name",), ("year", "from", "unit", "grade"))
ROW = {"region": "a", "year": 2020, "name": "rain", "value": 1, "unit": "mm", "source": "made up"}
COEFFICIENT = {
    "coefficient": "price",
    "value": 2,
    "unit": "CNY t-1",
    "price_year": 2020,
    "source": "made_up",
    "locator": "t1",
    "grade": "published",
}


def table_of(folder: Path, column: str, *words: object) -> Table:
    """A table with one column that is checked."""
    path = write_table(folder / "t.csv", [{"name": "x", column: word} for word in words])
    table = read_table(path, COLUMNS, ProblemLog())
    assert table is not None
    return table


def said(problems: ProblemLog) -> list[str]:
    """Problems in English, without their fixes."""
    told = (*problems.errors, *problems.warnings)
    return [f"{problem.say_where('en')}: {problem.say_what('en')}" for problem in told]


# --- columns ---------------------------------------------------------------------------------


def test_years_that_cannot_be_read_are_0_and_said_with_their_cell(tmp_path: Path) -> None:
    problems = ProblemLog()
    table = table_of(tmp_path, "from", 2020, "2020年", "", "1899", "２０１５")
    assert read_years(table, problems, "from").tolist() == [2020, 0, 0, 0, 0]
    assert said(problems) == [
        "t.csv row 3 column from: '2020年' is not a year from 1900 to 2100",
        "t.csv row 4 column from: year is blank",
        "t.csv row 5 column from: '1899' is not a year from 1900 to 2100",
        "t.csv row 6 column from: '２０１５' is not a year from 1900 to 2100",
    ]
    assert problems.errors[0].say_where("zh") == "t.csv 第 3 行 from 列"
    assert problems.errors[0].say_what("zh") == "“2020年”不是 1900—2100 年之间的年份"
    assert [problem.say_fix("en") for problem in problems.errors] == [
        f"write the year with four digits, such as {year}" for year in (2020, 2020, 1899, 2015)
    ]


def test_units_are_said_with_what_they_should_measure(tmp_path: Path) -> None:
    problems = ProblemLog()
    check_units(table_of(tmp_path, "unit", "hm2", "", "t", "hm22x", "t"), "m2", problems)
    blank, mass, unknown = problems.errors
    assert [problem.code for problem in problems.errors] == [
        "blank",
        "wrong-dimension",
        "unknown-unit",
    ]
    assert blank.say("en").startswith("[blank] t.csv row 3 column unit: the unit is blank / fix: ")
    assert "such as m2" in blank.say_fix("en")
    assert mass.say_where("en") == "t.csv row 4, 6 column unit"
    assert mass.say_what("en") == "'t' measures something else than m2: the two cannot be converted"
    assert mass.say_what("zh") == "单位“t”与 m2 量纲不同，不能换算"
    assert unknown.say_what("en").startswith("'hm22x' is not a unit: ")


@pytest.mark.parametrize(
    ("unit", "target", "code"),
    [
        ("hm2", None, None),
        ("亩", "km2", None),
        ("", "km2", "blank"),
        ("xyz", None, "unknown-unit"),
        ("t", "km2", "wrong-dimension"),
    ],
)
def test_a_fault_of_a_unit_waits_for_its_language(
    unit: str, target: str | None, code: str | None
) -> None:
    fault = unit_fault(unit, target)
    if code is None:
        assert fault is None
        return
    assert fault is not None
    assert fault[0] == code
    assert fault[1].say("zh") != fault[1].say("en")


def test_factors_follow_the_rows(tmp_path: Path) -> None:
    units = table_of(tmp_path, "unit", "hm2", "km2", "hm2").column("unit")
    assert unit_factors(units, "m2").tolist() == [1e4, 1e6, 1e4]


def test_a_blank_cell_is_said_with_its_column(tmp_path: Path) -> None:
    problems = ProblemLog()
    check_not_blank(table_of(tmp_path, "grade", "x", "", ""), "grade", problems)
    assert said(problems) == ["t.csv row 3, 4 column grade: grade is blank"]


# --- whole rows ------------------------------------------------------------------------------


def test_a_repeated_number_names_the_first_row(tmp_path: Path) -> None:
    path = write_table(tmp_path / "data.csv", [ROW, {**ROW, "value": 2}, {**ROW, "region": "b"}])
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_data(path)
    (problem,) = caught.value.problems
    assert problem.say_where("en") == "data.csv row 3"
    assert problem.say_what("en") == "rain a 2020: the same number is already in data.csv row 2"
    assert problem.say_what("zh") == "rain a 2020：data.csv 第 2 行已给出同一个数"


def test_rows_of_one_name_fill_the_same_keys(tmp_path: Path) -> None:
    keyed = [{**ROW, "product": product} for product in ("rice", "wheat")]
    path = write_table(tmp_path / "data.csv", [*keyed, {**ROW, "region": "b"}])
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_data(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.say_where("en")) == ("mixed-keys", "data.csv row 4")
    assert "which fill region, product" in problem.say_what("en")
    none_at_all = {**ROW, "region": "b", "value": "na"}
    assert len(gep.read_data(write_table(tmp_path / "na.csv", [*keyed, none_at_all])).rows) == 3


def test_keys_that_only_some_rows_have(tmp_path: Path) -> None:
    rows = [COEFFICIENT, {**COEFFICIENT, "price_year": 2019}, {**COEFFICIENT, "product": "rice"}]
    problems = ProblemLog()
    path = write_table(tmp_path / "numbers.csv", rows)
    assert read_value_rows(path, COEFFICIENT_COLUMNS, problems) is not None
    assert said(problems) == [
        "numbers.csv row 4: these rows of price fill key columns, the rest fill none"
    ]


def test_money_has_a_price_year_and_na_needs_none(tmp_path: Path) -> None:
    bare = {**COEFFICIENT, "price_year": ""}
    rows = [
        {**bare, "value": "na", "product": "a"},
        {**bare, "product": "b"},
        {**COEFFICIENT, "price_year": "20", "product": "c"},
        {**COEFFICIENT, "price_year": "nominal", "product": "d"},
    ]
    problems = ProblemLog()
    path = write_table(tmp_path / "numbers.csv", rows)
    read_value_rows(path, COEFFICIENT_COLUMNS, problems)
    assert said(problems) == [
        "numbers.csv row 4 column price_year: '20' is neither a year nor nominal",
        "numbers.csv row 3 column price_year: the unit CNY t-1 holds money, and price_year is blank",
    ]


def test_grades_are_listed_in_full(tmp_path: Path) -> None:
    problems = ProblemLog()
    path = write_table(tmp_path / "numbers.csv", [{**COEFFICIENT, "grade": "good"}])
    read_value_rows(path, COEFFICIENT_COLUMNS, problems)
    (problem,) = problems.errors
    assert problem.say_what("en") == "'good' is not one of the grades"
    assert problem.say_fix("en") == (
        "write one of these grades: official, published, derived, expert, recalled, placeholder"
    )


def test_each_key_has_its_bit(tmp_path: Path) -> None:
    rows = [COEFFICIENT, {**COEFFICIENT, "region": "a", "product": "b"}]
    path = write_table(tmp_path / "numbers.csv", rows)
    frame = read_value_rows(path, COEFFICIENT_COLUMNS, ProblemLog())
    assert frame is not None
    bits = (1 << KEYS.index("region")) + (1 << KEYS.index("product"))
    assert filled_keys(distinct_cells(frame, KEYS)).tolist() == [0, bits]
