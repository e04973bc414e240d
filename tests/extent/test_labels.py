"""Names beside codes: ecosystem types and regions never stand alone, and parents lead up, never round."""

from pathlib import Path
from typing import Any

import pytest
from support.small import write_table

import gep
from gep.errors import ProblemLog
from gep.extent.classes import ClassScheme, ancestors_of, load_class_scheme
from gep.extent.regions import administrative_ancestors, region_label

REGIONS = (
    {"region": "361130", "name": "婺源县", "name_en": "Wuyuan", "parent": "361100"},
    {"region": "361100", "name": "上饶市", "name_en": ""},
    {"region": "361181", "name": "", "name_en": ""},
)


def scheme_of(folder: Path, *rows: dict[str, Any]) -> tuple[ClassScheme, ProblemLog]:
    blank = {"code": "", "zh": "", "en": "", "parent": "", "source": "", "locator": ""}
    write_table(folder / "classes.csv", [{"class": row["class"], **blank, **row} for row in rows])
    problems = ProblemLog()
    scheme = load_class_scheme("./classes.csv", folder, "standard.toml", problems)
    assert scheme is not None
    return scheme, problems


def test_ecosystem_types_have_titles(tmp_path: Path) -> None:
    scheme, problems = scheme_of(
        tmp_path,
        {"class": "paddy", "zh": "水田", "en": "Paddy field", "parent": "crop"},
        {"class": "crop", "zh": "农田"},
        {"class": "road"},
    )
    assert not problems.errors
    said = [(scheme.label(name).say("zh"), scheme.label(name).say("en")) for name in scheme.classes]
    assert said == [
        ("水田 (paddy)", "Paddy field (paddy)"),
        ("农田 (crop)", "农田 (crop)"),
        ("road", "road"),
    ]
    assert scheme.label("marsh").say("zh") == "marsh"
    assert scheme.within(["crop"]) == {"paddy", "crop"}
    assert scheme.within([]) == set()


def test_regions_have_names(tmp_path: Path) -> None:
    regions = gep.read_regions(write_table(tmp_path / "regions.csv", REGIONS))
    codes = ("361130", "361100", "361181", "999999")
    assert [regions.label(code).say("zh") for code in codes] == [
        "婺源县 (361130)",
        "上饶市 (361100)",
        "361181",
        "999999",
    ]
    assert regions.label("361130").say("en") == "Wuyuan (361130)"
    assert region_label("361130", regions) == regions.label("361130")
    assert region_label("361130", None).say("zh") == "361130"
    assert [regions.name(code, "en") for code in codes] == ["Wuyuan", "上饶市", "361181", "999999"]


@pytest.mark.parametrize(
    ("code", "ancestors"),
    [
        ("360981", ["360900", "360000"]),
        ("360900", ["360000"]),
        ("360000", []),
        ("36098", []),
        ("36098a", []),
    ],
)
def test_city_and_province_by_the_digits(code: str, ancestors: list[str]) -> None:
    assert administrative_ancestors(code) == ancestors


def test_ancestors_end_before_they_repeat() -> None:
    parent = {"a": "b", "b": "c", "c": "b", "d": ""}
    assert ancestors_of(parent, "a") == ["b", "c"]
    assert ancestors_of(parent, "b") == ["c", "b"]
    assert ancestors_of(parent, "d") == []


def test_every_name_of_a_circle_and_below_it_is_said(tmp_path: Path) -> None:
    _, problems = scheme_of(
        tmp_path,
        {"class": "a", "parent": "b"},
        {"class": "b", "parent": "c"},
        {"class": "c", "parent": "b"},
        {"class": "d"},
    )
    assert [(problem.code, problem.say_where("en")) for problem in problems.errors] == [
        ("parent-cycle", f"classes.csv row {row} column parent") for row in (2, 3, 4)
    ]
    assert problems.errors[1].say_what("en") == "b is above itself: c, b"
    assert problems.errors[1].say_what("zh") == "b 成了自己的上级：c、b"


def test_a_parent_that_is_not_there(tmp_path: Path) -> None:
    _, problems = scheme_of(tmp_path, {"class": "crop"}, {"class": "paddy", "parent": "crops"})
    (problem,) = problems.errors
    assert problem.say_where("en") == "classes.csv row 3 column parent"
    assert problem.say_what("en") == "parent 'crops' is not a class of this table"
    assert "did you mean crop?" in problem.say_fix("en")


def test_numbers_of_regions_that_cannot_be(tmp_path: Path) -> None:
    rows = [
        {"region": "a", "area": -1, "area_unit": "km2", "population": -5},
        {"region": "b", "area": 2, "area_unit": "t", "parent": "c"},
    ]
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_regions(write_table(tmp_path / "regions.csv", rows))
    told = [
        (problem.code, problem.say_where("en"), problem.say_what("en"))
        for problem in caught.value.problems
    ]
    assert told == [
        ("negative", "regions.csv row 2 column area", "area -1 is negative"),
        (
            "wrong-dimension",
            "regions.csv row 3 column area_unit",
            "'t' measures something else than km2: the two cannot be converted",
        ),
        ("negative", "regions.csv row 2 column population", "population -5 is negative"),
        (
            "unknown-region",
            "regions.csv row 3 column parent",
            "parent 'c' has no row in this table",
        ),
    ]
