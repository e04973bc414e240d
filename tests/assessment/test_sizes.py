"""Land area and population by year: a form that divides takes the figure of that year."""

from pathlib import Path

import pandas as pd
import pytest
from support.schemes import cell
from support.small import Row

import gep
from gep.assessment.scheme import Assessment
from gep.errors import ProblemsFound

HEAD = """id = "heads"
title = { zh = "人均", en = "Per head" }
kind = "score"
source = "made-up"
evidence = "placeholder"
legal = "research"

[sources.made-up]
title = { zh = "编造", en = "Made up" }
"""
INDICATOR = """
[[indicator]]
id = "{form}"
name = "{form}"
property = "reference"
direction = "+"
unit = "CNY"
points = 50
rule = {{ kind = "rank", step = 10 }}
reading = {{ data = "gdp", form = "{form}" }}
source = "made-up"
grade = "published"
"""
REGIONS = pd.DataFrame(
    {
        "region": ["990900", "990901", "990902"],
        "name": ["市", "甲县", "乙县"],
        "parent": ["", "990900", "990900"],
        "area": [900, 500, 400],
        "area_unit": "km2",
        "population": [100, 60, 40],
    }
)


def number(region: str, year: int, name: str, value: object, unit: str, **more: str) -> Row:
    keys = {"region": region, "year": year, "name": name, "value": value, "unit": unit}
    return {**keys, "source": "t", "grade": "published"} | more


GDP = [
    number("990901", 2019, "gdp", 1200, "CNY"),
    number("990901", 2020, "gdp", 1500, "CNY"),
    number("990902", 2019, "gdp", 800, "CNY"),
    number("990902", 2020, "gdp", 840, "CNY"),
    number("990900", 2020, "gdp", 2340, "CNY"),
]


def assessed(folder: Path, *rows: Row) -> Assessment:
    """GDP per head and per km2 with further rows of readings."""
    parts = [INDICATOR.format(form=form) for form in ("per_capita", "per_km2")]
    (folder / "heads.toml").write_text(HEAD + "".join(parts), encoding="utf-8")
    readings = pd.DataFrame([*GDP, *rows])
    return gep.assess(folder / "heads.toml", readings=readings, regions=REGIONS)


def value(result: Assessment, form: str, region: str, year: int) -> float:
    table = result.tables["scores.csv"]
    return float(cell(table, "reading", region, year, indicator=form))


def test_without_rows_the_table_of_regions_holds_for_every_year(tmp_path: Path) -> None:
    result = assessed(tmp_path)
    assert value(result, "per_capita", "990901", 2019) == 1200 / 60
    assert value(result, "per_capita", "990901", 2020) == 1500 / 60
    assert value(result, "per_km2", "990902", 2020) == pytest.approx(840 / 400)


def test_the_figure_of_the_year_comes_first(tmp_path: Path) -> None:
    """60 persons of the table become 50 in 2019 and 75 in 2020; 400 km2 become 420 in 2020."""
    rows = [
        number("990901", 2019, "population", 50, "person"),
        number("990901", 2020, "population", 0.0075, "10^4 person", grade="recalled"),
        number("990902", 2019, "population", 41, "person"),
        number("990902", 2020, "population", 42, "person"),
        number("990902", 2019, "land_area", 40000, "ha"),
        number("990902", 2020, "land_area", 42000, "ha"),
    ]
    result = assessed(tmp_path, *rows)
    assert value(result, "per_capita", "990901", 2019) == 1200 / 50
    assert value(result, "per_capita", "990901", 2020) == pytest.approx(1500 / 75)
    assert value(result, "per_km2", "990902", 2019) == pytest.approx(800 / 400)
    assert value(result, "per_km2", "990902", 2020) == pytest.approx(840 / 420)
    assert value(result, "per_km2", "990901", 2020) == pytest.approx(1500 / 500)
    # a parent that has no row of its own is the sum of its regions: 75 + 42 and not 100
    assert value(result, "per_capita", "990900", 2020) == pytest.approx(2340 / (75 + 42))
    keys = {"region": "990901", "year": 2020, "indicator": "per_capita"}
    grade = cell(result.tables["scores.csv"], "grade", **keys)  # type: ignore[arg-type]
    assert grade == "recalled"
    lines = "\n".join(result.explain("990901", 2020, "per_capita", "en"))
    assert "readings row 1, by readings row 6;" in lines


def test_a_row_of_a_parent_is_its_own_figure(tmp_path: Path) -> None:
    rows = [
        number("990900", 2020, "population", 130, "person"),
        number("990901", 2020, "population", 75, "person"),
        number("990901", 2019, "population", 75, "person"),
    ]
    result = assessed(tmp_path, *rows)
    assert value(result, "per_capita", "990900", 2020) == 2340 / 130
    assert value(result, "per_capita", "990902", 2020) == 840 / 40


def test_a_year_without_a_row_is_told(tmp_path: Path) -> None:
    """Not read from the table of regions beside rows of other years, as growth would then be made up."""
    rows = [number("990901", 2019, "population", 50, "person")]
    with pytest.raises(ProblemsFound) as caught:
        assessed(tmp_path, *rows)
    (problem,) = caught.value.problems
    assert problem.code == "missing-data"
    assert "990901" in problem.what
    assert "2020" in problem.what


def test_a_unit_that_is_no_area_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        assessed(tmp_path, *[number("990901", year, "land_area", 5, "t") for year in (2019, 2020)])
    assert {problem.code for problem in caught.value.problems} == {"wrong-dimension"}
