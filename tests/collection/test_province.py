"""Counties in folders become one project: collected, then assessed; every number by own arithmetic."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.small import Row, write_table

import gep
from gep.collection.counties import CollectionOptions
from gep.errors import ProblemsFound
from gep.workflows.assess import assess_project
from gep.workflows.collect import CountyCollection, collect_projects

# Equivalents of Xie et al. 2008, Table 4, and the value of one at prices of 2007 (CNY per hectare).
EQUIVALENT = {"forest": 28.12, "cropland": 7.90, "grassland": 11.67}
VALUE = 449.1
# hectares by class and year; 林 is forest in a and b, and three quarters forest in c
HECTARES: dict[str, dict[str, tuple[float, float]]] = {
    "a": {"林": (10000, 11000), "田": (5000, 5000)},
    "b": {"林": (8000, 8000), "田": (2000, 2500)},
    "c": {"林": (4000, 4400)},
    "d": {"forest": (9500, 9400), "cropland": (3000, 3100)},
    "e": {"grassland": (7000, 7000)},
    "f": {"cropland": (12000, 11000), "forest": (100, 900)},
}
CODES = {name: f"99100{number}" for number, name in enumerate("abcdef", start=1)}
KM2 = {"a": 200, "b": 150, "c": 60, "d": 140, "e": 90, "f": 160}
CITY = {name: "991010" if name in "abc" else "991020" for name in CODES}
YEARS = (2019, 2020)
CROSSWALKS = {
    "a": (("林", "forest", 1), ("田", "cropland", 1)),
    "b": (("林", "forest", 1), ("田", "cropland", 1)),
    "c": (("林", "forest", 0.75), ("林", "grassland", 0.25)),
}
PEOPLE = {
    "a": (100, 110),
    "b": (90, 90),
    "c": (30, 31),
    "d": (80, 79),
    "e": (20, 20),
    "f": (60, 66),
}
AIR = {"a": (90, 92), "b": (85, 85), "c": (97, 99), "d": (80, 84), "e": (88, 88), "f": (70, 60)}
SCORE = """id = "counties"
title = { zh = "六县考核（编造）", en = "Six counties (made up)" }
kind = "score"
source = "made-up"
evidence = "placeholder"
legal = "research"

[[indicator]]
id = "value"
name = { zh = "单位面积价值", en = "Value per km2" }
property = "expected"
direction = "+"
unit = "10^4 CNY"
points = 40
rule = { kind = "rank", step = 5 }
reading = { account = "total", form = "per_km2" }
source = "made-up"
grade = "placeholder"

[[indicator]]
id = "heads"
name = { zh = "人均价值", en = "Value per head" }
property = "expected"
direction = "+"
unit = "10^4 CNY"
points = 20
rule = { kind = "rank", step = 2 }
reading = { account = "total", form = "per_capita" }
source = "made-up"
grade = "placeholder"

[[indicator]]
id = "air"
name = { zh = "空气", en = "Air" }
property = "binding"
direction = "+"
unit = "%"
points = 40
rule = { kind = "interpolate", at = [50, 100], values = [0, 40] }
reading = { data = "good_air_days" }
source = "made-up"
grade = "placeholder"

[sources.made-up]
title = "编造"
"""


def write_county(folder: Path, name: str, readings: list[Row] | None = None) -> Path:
    """A county's project with its areas, crosswalk, regions and readings."""
    home = folder / name
    home.mkdir(parents=True)
    code = CODES[name]
    areas = []
    rows = []
    for position, year in enumerate(YEARS):
        keys = {"region": code, "year": year, "source": f"{name}县自然资源局"}
        for class_name, hectares in HECTARES[name].items():
            areas.append({**keys, "class": class_name, "area": hectares[position], "unit": "hm2"})
        for item, unit, values in (
            ("population", "person", PEOPLE[name]),
            ("good_air_days", "%", AIR[name]),
        ):
            row = {"name": item, "value": values[position], "unit": unit, "grade": "official"}
            rows.append(keys | row)
    write_table(home / "areas.csv", areas)
    write_table(home / "readings.csv", [*rows, *(readings or ())])
    place = {"area": KM2[name], "area_unit": "km2", "name": f"{name}县", "parent": CITY[name]}
    blank = {"area": "", "area_unit": ""}
    write_table(
        home / "regions.csv",
        [
            {"region": code, **place},
            {"region": CITY[name], **blank, "name": f"{CITY[name]}市", "parent": "991000"},
            {"region": "991000", **blank, "name": "省", "parent": ""},
        ],
    )
    crosswalk = ""
    if name in CROSSWALKS:
        columns = ["class", "ecosystem", "share"]
        table = pd.DataFrame(CROSSWALKS[name], columns=columns)
        table.to_csv(home / "crosswalk.csv", index=False)
        crosswalk = 'crosswalk = "./crosswalk.csv"'
    (home / "project.toml").write_text(
        f"""[project]
id = "{name}"
title = "{name}县"
standard = "xie-2008"
years = [2019, 2020]
price_year = 2007

[inputs]
areas = "areas.csv"
coverage = "part"
regions = "regions.csv"
{crosswalk}

[assessment]
readings = ["readings.csv"]
""",
        encoding="utf-8",
    )
    return home


@pytest.fixture
def province(tmp_path: Path) -> Path:
    """Six counties in six folders."""
    for name in CODES:
        write_county(tmp_path / "province", name)
    return tmp_path / "province"


def collected(folder: Path, **options: Any) -> CountyCollection:
    return collect_projects(
        folder, options=CollectionOptions(project=True, **options), language="en"
    )


def by_hand(name: str, position: int) -> float:
    """The value of a county in 10^4 CNY."""
    shares: dict[str, list[tuple[str, float]]] = {}
    for class_name, ecosystem, share in CROSSWALKS.get(name, ()):
        shares.setdefault(class_name, []).append((ecosystem, share))
    value = 0.0
    for class_name, hectares in HECTARES[name].items():
        for ecosystem, share in shares.get(class_name, [(class_name, 1)]):
            value += hectares[position] * share * EQUIVALENT[ecosystem]
    return value * VALUE / 1e4


def points_of(values: dict[str, float], full: float, step: float) -> dict[str, float]:
    """Points by rank: the first has all."""
    points = {}
    for name, value in values.items():
        better = [other for other in values.values() if other > value * (1 + 1e-12)]
        points[name] = full - step * len(better)
    return points


def test_six_counties_are_collected_then_scored(province: Path) -> None:
    collection = collected(province)
    assert (province / "project.toml").is_file()
    for name in CODES:  # what the counties sent is as it was
        assert sorted(file.name for file in (province / name).iterdir()) == sorted(
            ["areas.csv", "project.toml", "readings.csv", "regions.csv"]
            + (["crosswalk.csv"] if name in CROSSWALKS else [])
        )
    areas = collection.tables["project_areas.csv"]
    assert len(areas) == sum(len(classes) for classes in HECTARES.values()) * len(YEARS)
    assert set(areas["source"]) == {f"{name}县自然资源局" for name in CODES}
    assert "c/areas.csv row 2" in set(areas["note"])
    text = (province / "project.toml").read_text(encoding="utf-8")
    assert str(province) not in text  # all paths are relative
    (province / "score.toml").write_text(SCORE, encoding="utf-8")
    text = text.replace("schemes = []", 'schemes = ["./score.toml"]')
    text = text.replace("[inputs]", "allow_placeholder = true\n\n[inputs]")
    (province / "project.toml").write_text(text, encoding="utf-8")
    result = assess_project(province, language="en")
    scores = result.assessments[0].tables["scores.csv"]
    ranking = result.assessments[0].tables["ranking.csv"]
    for position, year in enumerate(YEARS):
        values = {name: by_hand(name, position) for name in CODES}
        per_km2 = {name: value / KM2[name] for name, value in values.items()}
        per_head = {name: value / PEOPLE[name][position] for name, value in values.items()}
        air = {name: float(AIR[name][position]) for name in CODES}
        points = {
            "value": points_of(per_km2, 40, 5),
            "heads": points_of(per_head, 20, 2),
            "air": {name: (value - 50) / 50 * 40 for name, value in air.items()},
        }
        read = {"value": per_km2, "heads": per_head, "air": air}
        totals = {}
        for name, code in CODES.items():
            rows = scores[((scores["region"] == code) & (scores["year"] == year)).to_numpy()]
            rows = rows.set_index("indicator")
            for indicator, of_indicator in points.items():
                assert float(rows.at[indicator, "reading"]) == pytest.approx(read[indicator][name])
                assert float(rows.at[indicator, "points"]) == pytest.approx(of_indicator[name])
            totals[name] = sum(of_indicator[name] for of_indicator in points.values())
            assert float(rows.at["total", "points"]) == pytest.approx(totals[name])
        ranks = ranking[(ranking["year"] == year).to_numpy()].set_index("region")["rank"]
        for name, code in CODES.items():
            better = [other for other in totals.values() if other > totals[name] + 1e-9]
            assert int(ranks[code]) == 1 + len(better)


def test_collecting_again_takes_what_a_county_sent_anew(province: Path) -> None:
    collected(province)
    before = (province / "project.toml").read_bytes()
    file = province / "e" / "areas.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("7000", "6000"), encoding="utf-8")
    collection = collected(province)
    areas = collection.tables["project_areas.csv"]
    of_e = areas[(areas["region"] == CODES["e"]).to_numpy()]
    assert set(of_e["area"]) == {6000}
    assert (province / "project.toml").read_bytes() == before
    assert gep.verify(province / "collected") == []


def test_a_project_of_other_years_is_told(province: Path) -> None:
    collected(province)
    with pytest.raises(ProblemsFound) as caught:
        collected(province, years=(2020,))
    assert [problem.code for problem in caught.value.problems] == ["counties-differ"]


def test_rows_that_contradict_each_other_are_told_with_county_and_row(tmp_path: Path) -> None:
    city = {"region": "991010", "year": 2020, "name": "gdp", "unit": "10^8 CNY", "source": "t"}
    folder = tmp_path / "province"
    write_county(folder, "a", [{**city, "value": 70}])
    write_county(folder, "b", [{**city, "value": 71}])
    write_county(folder, "c", [{**city, "value": 70, "region": CODES["a"]}])
    with pytest.raises(ProblemsFound) as caught:
        collected(folder)
    said = {problem.code: str(problem) for problem in caught.value.problems}
    assert set(said) == {"counties-differ", "region-twice"}
    for words in ("b/readings.csv row 6", "71 10^8 CNY", "70 10^8 CNY", "a/readings.csv row 6"):
        assert words in said["counties-differ"]
    for words in ("c/readings.csv row 6", CODES["a"]):
        assert words in said["region-twice"]


def test_rows_that_agree_stand_once(tmp_path: Path) -> None:
    city = {"region": "991010", "year": 2020, "name": "gdp", "unit": "10^8 CNY", "source": "t"}
    for name in ("a", "b"):
        write_county(tmp_path / "province", name, [{**city, "value": 70}])
    readings = collected(tmp_path / "province").tables["project_readings.csv"]
    assert (readings["name"] == "gdp").sum() == 1


def test_tables_of_regions_that_contradict_each_other_are_told(
    province: Path, tmp_path: Path
) -> None:
    file = province / "b" / "regions.csv"
    text = file.read_text(encoding="utf-8").replace("991010市", "别的市")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        collected(province)
    (problem,) = caught.value.problems
    assert problem.code == "counties-differ"
    assert "b/regions.csv row 3" in str(problem)
    rows = [{"region": "991010", "name": "省定名", "parent": "991000"}, {"region": "991000"}]
    regions = write_table(tmp_path / "regions.csv", rows)
    table = collected(province, regions=regions).tables["project_regions.csv"].set_index("region")
    assert table.at["991010", "name"] == "省定名"
    assert table.at[CODES["b"], "area"] == 150


def test_an_alternative_may_name_a_crosswalk(tmp_path: Path) -> None:
    """Under the crosswalk of c, forest of a and b is a quarter grassland: 28.12 becomes 24.0075."""
    folder = tmp_path / "province"
    for name in ("a", "b", "c"):
        write_county(folder, name)
    table = pd.DataFrame(
        [("林", "forest", 0.75), ("林", "grassland", 0.25), ("田", "cropland", 1)],
        columns=["class", "ecosystem", "share"],
    )
    table.to_csv(folder / "other.csv", index=False)
    alternatives = folder / "alternatives.toml"
    alternatives.write_text(
        '[[alternative]]\nname = "other-classes"\ncrosswalk = "./other.csv"\n', encoding="utf-8"
    )
    options = CollectionOptions(alternatives=alternatives)
    result = collect_projects(folder, options=options, language="en")
    shown = result.tables["alternatives.csv"]
    rows = shown[(shown["alternative"] == "other-classes").to_numpy()]
    assert set(rows["crosswalk"]) == {"other"}
    assert set(shown.loc[(shown["alternative"] == "common").to_numpy(), "crosswalk"]) == {"own"}
    mixed = 0.75 * EQUIVALENT["forest"] + 0.25 * EQUIVALENT["grassland"]
    for row in rows.to_dict("records"):
        position = YEARS.index(int(row["year"]))
        hectares = HECTARES[str(row["county"])]
        by_class = {"林": mixed, "田": EQUIVALENT["cropland"]}
        value = sum(by_class[name] * hectares[name][position] for name in hectares)
        assert float(row["value"]) == pytest.approx(value * VALUE / 1e4)
    assert "other.csv" in str((folder / "collected" / "collection.json").read_text("utf-8"))
    assert gep.verify(folder / "collected") == []


def test_counties_contribute_to_the_growth_of_city_and_province(province: Path) -> None:
    """At constant prices: what a county gained over what city or province had; they add up to the growth."""
    collected(province)
    comparison = gep.compare_projects(province, language="en")
    table = comparison.tables["contributions.csv"]
    rows = table[((table["category"] == "total") & (table["indicator"] == "total")).to_numpy()]
    assert set(rows["price_basis"]) == {"constant:2007"}
    before = {name: by_hand(name, 0) for name in CODES}
    after = {name: by_hand(name, 1) for name in CODES}
    members = {"991010": "abc", "991020": "def", "991000": "abcdef"}
    for parent, names in members.items():
        of_parent = rows[(rows["parent"] == parent).to_numpy()]
        counties = of_parent[(of_parent["level"] == "region").to_numpy()].set_index("region")
        base = sum(before[name] for name in names)
        growth = 100 * (sum(after[name] for name in names) / base - 1)
        for name in names:
            expected = 100 * (after[name] - before[name]) / base
            said = float(counties.at[CODES[name], "contribution"])
            assert said == pytest.approx(expected, abs=1e-9)
        total = counties["contribution"].astype(float).sum()
        assert total == pytest.approx(growth, abs=1e-9)
        stated = counties["parent_growth"].astype(float)
        assert stated.tolist() == pytest.approx([growth] * len(names), abs=1e-9)
    cities = rows[((rows["parent"] == "991000") & (rows["level"] == "parent")).to_numpy()]
    total = cities["contribution"].astype(float).sum()
    assert total == pytest.approx(float(cities["parent_growth"].iloc[0]), abs=1e-9)
    for (_, _, _), of_line in table[(table["level"] == "region").to_numpy()].groupby(
        ["parent", "category", "indicator"]
    ):
        total = of_line["contribution"].astype(float).sum()
        assert total == pytest.approx(float(of_line["parent_growth"].iloc[0]), abs=1e-9)
