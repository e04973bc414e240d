"""Data against the data names of a standard: what is said, and "none here"."""

from pathlib import Path
from typing import Any

import pytest
from support.small import write_table

import gep
from gep.errors import ProblemLog
from gep.inputs.data import (
    COMMON,
    Data,
    check_data_names,
    data_label,
    expand_absent,
    mark_absent,
)
from gep.io.toml_documents import Title
from gep.standards.standard import DataName
from gep.texts.catalogue import Label

NAMES = {
    "rain": DataName(name=Title(zh="降水量", en="Rain"), unit="mm", min=100, max=4000),
    "output": DataName(name=Title(zh="产量", en="Output"), unit="t", keys=("region", "product")),
}
STANDARD = Label("small", Title(zh="小规范", en="Small standard"))


def data_of(folder: Path, *rows: dict[str, Any]) -> Data:
    """Data rows of 2020, from a file."""
    common = {"region": "a", "year": 2020, "source": "made up"}
    return gep.read_data(write_table(folder / "data.csv", [{**common, **row} for row in rows]))


def rain(value: float, unit: str = "mm", **more: Any) -> dict[str, Any]:
    return {"name": "rain", "value": value, "unit": unit, **more}


def output(value: object, product: str = "", **more: Any) -> dict[str, Any]:
    return {"name": "output", "value": value, "unit": "t", "product": product, **more}


def test_a_name_is_said_with_its_title() -> None:
    assert data_label("rain", NAMES).say("zh") == "降水量 (rain)"
    assert data_label("rain", NAMES).say("en") == "Rain (rain)"
    assert data_label("rian", NAMES).say("zh") == "rian"


@pytest.mark.parametrize(
    ("name", "unit", "meant"),
    [
        ("降水", "mm", "did you mean Rain (rain)?"),  # a part of its title
        ("precipitation", "mm", "did you mean Rain (rain)?"),  # what lacks, in this unit
        ("rian", "t", "did you mean Output (output)?"),  # rain is not in tonnes
        ("forest cover", "%", "known are: "),
    ],
)
def test_a_name_that_is_not_known_is_held_against_titles_and_units(
    name: str, unit: str, meant: str, tmp_path: Path
) -> None:
    data = data_of(tmp_path, {"name": name, "value": 1, "unit": unit})
    problems = ProblemLog()
    check_data_names(data, NAMES, {"rain", "output"}, STANDARD, problems)
    (problem,) = problems.warnings
    assert meant in problem.say_fix("en")


def test_a_name_is_not_guessed_among_those_that_have_rows(tmp_path: Path) -> None:
    data = data_of(tmp_path, rain(1600), {"name": "snow", "value": 1, "unit": "mm"})
    problems = ProblemLog()
    check_data_names(data, NAMES, {"rain"}, STANDARD, problems)
    (problem,) = problems.warnings
    assert "known are: " in problem.say_fix("en")


def test_what_does_not_fit_the_standard(tmp_path: Path) -> None:
    data = data_of(
        tmp_path,
        rain(1600),
        rain(1.6, region="b"),
        rain(9, "m", region="c"),
        rain(5, "t", region="d"),
        {"name": "rian", "value": 1, "unit": "mm"},
        output(3, region="b"),
    )
    problems = ProblemLog()
    wrong = check_data_names(data, NAMES, {"rain"}, STANDARD, problems)
    assert wrong == {"output"}
    told = [*problems.errors, *problems.warnings]
    assert [
        (problem.code, problem.say_where("en"), problem.say_what("en")) for problem in told
    ] == [
        (
            "wrong-dimension",
            "data.csv row 5",
            "Rain (rain) is in 't', which cannot be converted to mm",
        ),
        (
            "wrong-keys",
            "data.csv row 7",
            "these rows fill other key columns than Output (output) has: product, region",
        ),
        (
            "implausible",
            "data.csv row 3",
            "Rain (rain) is 1.6 mm; less than 100 mm is implausible",
        ),
        (
            "implausible",
            "data.csv row 4",
            "Rain (rain) is 9 m; more than 4000 mm is implausible",
        ),
        (
            "unused-data",
            "data.csv row 6",
            "standard Small standard (small) has no data name 'rian'",
        ),
        ("unused-data", "data.csv row 7", "no active step uses Output (output)"),
    ]
    assert "did you mean Rain (rain)?" in told[4].say_fix("en")
    assert "leave product blank only in a row of na" in told[1].say_fix("en")
    assert told[2].say_what("zh") == "降水量 (rain) 为 1.6 mm，小于合理下限 100 mm"
    assert all(problem.say("zh") for problem in told)


def test_land_area_needs_no_declaration(tmp_path: Path) -> None:
    data = data_of(tmp_path, {"name": "land_area", "value": 4, "unit": "km2", "product": "x"})
    problems = ProblemLog()
    assert check_data_names(data, NAMES, {"land_area"}, "small", problems) == {"land_area"}
    (problem,) = problems.errors
    assert problem.say_fix("en") == "fill region and no other key column"
    assert problem.say_what("zh").startswith(COMMON["land_area"].name.zh)


def test_na_with_a_blank_key_is_none_of_any_member(tmp_path: Path) -> None:
    data = data_of(tmp_path, output(3, "rice"), output("na", region="b"))
    marked = mark_absent(data, NAMES)
    assert marked.rows["product"].tolist() == ["rice", "na"]
    assert data.rows["product"].tolist() == ["rice", ""], "the data that were read stay as they are"
    spread = expand_absent(marked.rows, {"product": ("rice", "fish")})
    assert list(zip(spread["region"], spread["product"], strict=True)) == [
        ("a", "rice"),
        ("b", "rice"),
        ("b", "fish"),
    ]
    assert spread["na"].tolist() == [False, True, True]
    same = expand_absent(marked.rows, {"product": ("rice", "na")})
    assert same["product"].tolist() == ["rice", "na"], "a step may run over na itself"


def test_na_beside_other_rows_is_left_as_it_is(tmp_path: Path) -> None:
    data = data_of(tmp_path, output(3, "rice", region="b"), output("na", region="b"))
    assert mark_absent(data, NAMES) is data


def test_rows_of_a_year_are_kept(tmp_path: Path) -> None:
    data = data_of(tmp_path, rain(1), rain(2, year=2021), output(3, "rice"))
    assert list(data.of(2020)) == ["rain", "output"]
    assert data.of(2021)["rain"]["value"].tolist() == [2]
    assert data.of(2021) is data.of(2021)
    assert data.of(1999) == {}
