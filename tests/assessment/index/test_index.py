"""Composite indices: EI against what is published of it, the engine against hand arithmetic, and its properties.

Readings without a source in the text are made up; what they must give is worked out in the test.
"""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.small import Small, area, coefficient
from support.years import LAND, PRODUCTS_METHODS, Years, products

from gep.assessment.context import AssessmentContext
from gep.assessment.events import Events, Groups, load_events
from gep.assessment.index.scheme import IndexScheme
from gep.assessment.index.tree import IndexTree, effective_water_resources
from gep.assessment.kinds import read_scheme
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.targets import read_targets
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.inputs.data import EMPTY, read_data
from gep.io.catalog import shipped
from gep.texts.catalogue import Language

NANTONG = {
    "ei_bai": 30.59,
    "ei_vci": 76.93,
    "ei_wndi": 93.94,
    "ei_lsi": 6.08,
    "ei_pli": 1.48,
}  # published, 2017
EI = "ei-hj192-2015"
Readings = Mapping[
    tuple[str, int], Mapping[str, object]
]  # region, year -> data name -> value (in the scheme's unit)


def tree_of(scheme: Scheme) -> IndexTree:
    """The tree of a scheme."""
    assert isinstance(scheme, IndexScheme)
    assert scheme.tree.nodes
    return scheme.tree


def ground(folder: Path, scheme: Scheme, readings: Readings, **parts: Any) -> AssessmentContext:
    """Data rows written, read, and put under a scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    units = {
        node.reading.data: node.unit
        for node in tree_of(scheme).nodes.values()
        if node.reading is not None
    }
    file = folder / "readings.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["region", "year", "name", "value", "unit", "source", "price_year"])
        for (region, year), values in readings.items():
            for name, value in values.items():
                rows.writerow([region, year, name, value, units[name], "test", ""])
    regions = tuple(dict.fromkeys(region for region, _ in readings))
    years = tuple(sorted({year for _, year in readings}))
    return AssessmentContext(years, regions, {}, read_data(file), **parts)


def problems_of(scheme: Scheme, on: AssessmentContext) -> list[Problem]:
    """What a ground lacks for a scheme."""
    problems = ProblemLog()
    scheme.kind.check_inputs(scheme, on, problems)
    return problems.errors


def assessed(scheme: Scheme, on: AssessmentContext) -> Assessment:
    """A scheme applied; nothing may be wrong."""
    assert [str(one) for one in problems_of(scheme, on)] == []
    return scheme.kind.assess(scheme, on)


def captions(assessment: Assessment, language: Language = "en") -> list[str]:
    """The lines of the caption in a language."""
    return [line.say(language) for line in assessment.caption]


def value(
    found: Assessment, component: str = "total", region: str = "a", year: int = 2020
) -> float:
    """A value of index.csv; NaN where it has no row."""
    rows = found.tables["index.csv"]
    mine = rows[
        (rows["region"] == region) & (rows["year"] == year) & (rows["component"] == component)
    ]
    assert len(mine) <= 1
    return float(mine["value"].iloc[0]) if len(mine) else np.nan


def cell(found: Assessment, column: str, region: str = "a", year: int = 2020) -> str:
    """A text of the total's row."""
    rows = found.tables["index.csv"]
    mine = rows[
        (rows["region"] == region) & (rows["year"] == year) & (rows["component"] == "total")
    ]
    return str(mine[column].iloc[0])


def own(folder: Path, head: str = "", nodes: str = "", weights: str = "") -> Path:
    """A scheme of one's own in a folder: ``nodes`` replaces the usual three."""
    folder.mkdir(parents=True, exist_ok=True)
    text = """
id = "own"
title = "own"
kind = "index"
source = "me"
evidence = "placeholder"
legal = "research"
indicators = "nodes.csv"
root = "index"
[sources.me]
title = "made up"
"""
    plain = """node,parent,zh,en,weight,data,unit,direction,source,locator,grade
index,,指数,Index,,,1,,me,1,placeholder
good,index,好,Good,0.75,good,1,,me,2,placeholder
bad,index,坏,Bad,0.25,bad,1,-,me,3,placeholder
"""
    (folder / "own.toml").write_text(
        text.replace("[sources.me]", f"{head}\n[sources.me]"), encoding="utf-8"
    )
    (folder / "nodes.csv").write_text(nodes or plain, encoding="utf-8")
    if weights:
        (folder / "weights.csv").write_text(weights, encoding="utf-8")
    return folder / "own.toml"


def copied(scheme: str, folder: Path, extra: str) -> Scheme:
    """A shipped scheme with its table in a folder of one's own, with one more line above."""
    folder.mkdir(parents=True, exist_ok=True)
    path = shipped("schemes")[scheme]
    for file in (path, path.with_name(f"{scheme}-indicators.csv")):
        shutil.copy(file, folder / file.name)
    mine = folder / path.name
    mine.write_text(extra + "\n" + mine.read_text(encoding="utf-8"), encoding="utf-8")
    return read_scheme(mine)


def county(**given: object) -> dict[str, object]:
    """All raw readings of EI for a county of 100 km2 without anything but what is given."""
    names = [
        node.reading.data
        for node in tree_of(read_scheme(EI)).nodes.values()
        if node.reading is not None
    ]
    finished = {*NANTONG, "ei", "ei_hq", "ei_bi", "ei_built_up_area"}
    usual = {name: 0 for name in names if name not in finished}
    return (
        usual | {"land_area": 100, "ei_precipitation": 1000, "ei_water_resources_mean": 50} | given
    )


# --- EI -------------------------------------------------------------------------------------------


def test_nantong_follows_from_its_five_sub_indices(tmp_path: Path) -> None:
    """EI of Nantong 2017 as published: 67.97; the sub-indices are taken as given and the working says so."""
    scheme = read_scheme(EI)
    found = assessed(scheme, ground(tmp_path, scheme, {("320600", 2017): NANTONG}))
    assert value(found, region="320600", year=2017) == pytest.approx(67.97, abs=0.005)
    assert cell(found, "grade", "320600", 2017) == "良"
    assert list(found.tables["index.csv"]["component"]) == [
        "total",
        "bai",
        "vci",
        "wndi",
        "lsi",
        "pli",
    ]
    lines = "\n".join(found.explain("320600", 2017, "total", "zh"))
    assert "0.15 × (100 - 6.08)" in lines
    assert lines.count("直接给出，不由下级合成") == 5
    assert "readings.csv 第 2 行" in lines
    assert "recalled" not in lines  # none of what is only recalled has a part in it
    assert captions(found)[0].endswith("published 100 %")


def test_rounding_of_sub_indices_is_an_option(tmp_path: Path) -> None:
    """The public code rounds them to one decimal: 67.955, off the published number, so it is off by default."""
    scheme = copied(EI, tmp_path / "scheme", "round_components = 1")
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): NANTONG}))
    assert value(found) == pytest.approx(67.955, abs=1e-9)
    assert value(found, "bai") == 30.6


def test_closed_forest_is_capped(tmp_path: Path) -> None:
    """511.264 x 0.35 x 0.6 = 107.4 is capped; first-level weights alone would give 178.9."""
    scheme = read_scheme(EI)
    found = assessed(
        scheme, ground(tmp_path, scheme, {("a", 2020): county(ei_closed_forest_area=100)})
    )
    assert value(found, "hq") == 100
    assert value(found, "forest") == pytest.approx(60)
    told = "\n".join(found.explain("a", 2020, "hq", "en"))
    assert "capped from 107.365 to 100" in told
    assert "values that were capped: 1" in captions(found)


def test_every_land_class_alone(tmp_path: Path, shared: Path) -> None:
    """HQ of a county of one class, worked out beside the weights by others (uncapped, two decimals)."""
    with (shared / "assessment" / "csv" / "ei_weights.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    scheme = read_scheme(EI)
    nodes = {node.name.zh: node for node in tree_of(scheme).nodes.values()}
    named = {row["land_class_L2"]: nodes[row["land_class_L2"]].reading for row in rows}
    readings = {
        (zh, 2020): county(**{reading.data: 100})
        for zh, reading in named.items()
        if reading is not None
    }
    assert len(readings) == 20
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    for row in rows:
        due = min(float(row["HQ_if_100pct_of_county (uncapped)"]), 100)
        assert value(found, "hq", row["land_class_L2"]) == pytest.approx(due, abs=0.005)


def test_raw_readings_by_hand(tmp_path: Path) -> None:
    """A county of 500 km2 against the formulas of the sub-indices, written out."""
    raw = county(
        land_area=500, ei_closed_forest_area=120, ei_paddy_area=200, ei_lake_area=40, ei_urban_land_area=30,
        ei_other_built_up_area=10, ei_ndvi=0.62, ei_river_length=260, ei_water_area=45, ei_water_resources=300,
        ei_water_resources_mean=280, ei_heavy_erosion_area=3, ei_moderate_erosion_area=9, ei_other_stress_area=2,
        ei_precipitation=1600, ei_cod=4000, ei_ammonia_nitrogen=420, ei_so2=900, ei_dust=700, ei_nox=1300,
        ei_solid_waste=50,
    )  # fmt: skip
    hq = (
        511.2642131067
        * (0.35 * 0.6 * 120 + 0.11 * 0.6 * 200 + 0.28 * 0.3 * 40 + 0.04 * 0.3 * (30 + 10))
        / 500
    )
    vci = 0.0121165124 * 6200
    wndi = (84.3704083981 * 260 + 591.7908642005 * 45 + 86.3869548281 * 300) / (3 * 500)
    lsi = 236.04356779 * (0.4 * 3 + 0.2 * 9 + 0.2 * 40 + 0.2 * 2) / 500
    rain = 1600 * 500
    pli = (
        0.2 * 4.3937397289 * 4000 / rain
        + 0.2 * 40.1764754986 * 420 / rain
        + 0.2 * 0.0648660287 * 900 / 500
    )
    pli += (
        0.1 * 4.0904459321 * 700 / 500
        + 0.2 * 0.5103049278 * 1300 / 500
        + 0.1 * 0.0749894283 * 50 / 500
    )
    assert max(hq, vci, wndi, lsi, pli) < 100
    scheme = read_scheme(EI)
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): raw}))
    parts = {
        "hq": hq,
        "vci": vci,
        "wndi": wndi,
        "lsi": lsi,
        "pli": pli,
        "bai": hq,
    }  # no BI: BAI is HQ
    for name, due in parts.items():
        assert value(found, name) == pytest.approx(due, rel=1e-12), name
    due = 0.35 * hq + 0.25 * vci + 0.15 * wndi + 0.15 * (100 - lsi) + 0.1 * (100 - pli)
    assert value(found) == pytest.approx(due, rel=1e-12)
    assert np.isnan(value(found, "county_area"))  # a denominator is no component
    # coefficients of the land classes stand in programs only, so that the whole index is recalled
    assert "recalled 100 %" in captions(found)[0]


def test_water_resources_that_count_jump_at_1_4() -> None:
    """Both sides of the jump, the end, and no mean to go by."""
    found = effective_water_resources(
        np.array([139.0, 140.0, 240.0, 241.0, 1.0]), np.array([100.0] * 4 + [0.0])
    )
    assert found[:4] == pytest.approx([139, 100, 0, 0])
    assert np.isnan(found[4])


def test_bai_follows_hq_without_new_bi(tmp_path: Path) -> None:
    """BI of 2015 only: BAI of 2020 is that of 2015 plus the change of HQ, not HQ alone."""
    scheme = read_scheme(EI)
    rest = {name: NANTONG[name] for name in ("ei_vci", "ei_wndi", "ei_lsi", "ei_pli")}
    readings: Readings = {
        ("a", 2015): {"ei_bi": 60, "ei_hq": 40, **rest},
        ("a", 2020): {"ei_hq": 44, **rest},
    }
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    assert value(found, "bai", year=2015) == pytest.approx(50)
    assert value(found, "bai") == pytest.approx(54)
    assert "the value of the previous year plus the change of these components" in "\n".join(
        found.explain("a", 2020, "bai", "en")
    )


def test_area_of_the_regions_table_stands_in(tmp_path: Path) -> None:
    """Without land_area rows the area of regions.csv divides; rows come first."""
    scheme, raw = read_scheme(EI), county(ei_paddy_area=50)
    del raw["land_area"]
    given: Readings = {("a", 2020): raw, ("b", 2020): raw | {"land_area": 200}}
    found = assessed(scheme, ground(tmp_path, scheme, given, area={"a": 100.0, "b": 100.0}))
    assert value(found, "hq", "a") == pytest.approx(2 * value(found, "hq", "b"))
    lacking = problems_of(scheme, ground(tmp_path / "none", scheme, {("a", 2020): raw}))
    assert [(one.code, "land_area" in one.what) for one in lacking] == [("unknown-reading", True)]


def _events(folder: Path, *rows: str) -> Events:
    file = folder / "events.csv"
    file.write_text(
        "region,year,event,document,date,expires\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    problems = ProblemLog()
    found = load_events(file, problems)
    assert found is not None
    assert not problems.errors
    return found


@pytest.mark.parametrize(
    ("event", "before", "after", "grade"),
    [
        ("ei_grade_down", 80, 74.9, "良"),
        ("ei_grade_down", 75, 74.9, "良"),
        ("ei_grade_down", 60, 54.9, "一般"),
        ("ei_grade_down", 35, 34.9, "较差"),
        ("ei_grade_down", 20, 19.9, "差"),
        ("ei_grade_down", 12, 12, "差"),
        ("ei_not_good", 80, 54.9, "一般"),
        ("ei_not_good", 54.9, 34.9, "较差"),
        ("other_event", 80, 80, "优"),
    ],
)
def test_events_lower_the_grade(
    tmp_path: Path, event: str, before: float, after: float, grade: str
) -> None:
    scheme = read_scheme(EI)
    events = _events(tmp_path, f"a,2020,{event},文号1,2020-05-01,")
    both: Readings = {("a", 2020): {"ei": before}, ("b", 2020): {"ei": before}}
    found = assessed(scheme, ground(tmp_path, scheme, both, events=events))
    assert (value(found), cell(found, "grade")) == (after, grade)
    assert value(found, region="b") == before  # another region's event
    changed = before if after < before else np.nan
    assert value(found, "before_restriction") == pytest.approx(changed, nan_ok=True)
    assert ("文号1" in "\n".join(found.explain("a", 2020, "total", "zh"))) == (
        event != "other_event"
    )


def test_of_several_events_the_hardest_counts_and_changes_are_before_them(tmp_path: Path) -> None:
    """An event lasts until it expires; the change is that of the ecosystem, not of the event."""
    scheme = read_scheme(EI)
    rows = ["a,2020,ei_grade_down,x,2020-05-01,", "a,2020,ei_not_good,y,2020-06-01,2021-12-31"]
    readings: Readings = {
        ("a", year): {"ei": level} for year, level in ((2020, 80), (2021, 80.5), (2022, 80.5))
    }
    found = assessed(scheme, ground(tmp_path, scheme, readings, events=_events(tmp_path, *rows)))
    assert [value(found, year=year) for year in (2020, 2021, 2022)] == [54.9, 54.9, 80.5]
    assert [cell(found, "change_grade", year=year) for year in (2020, 2021, 2022)] == [
        "",
        "无明显变化",
        "无明显变化",
    ]


def _grades(shared: Path, name: str, lower: str) -> list[tuple[float | None, str]]:
    with (shared / "assessment" / "csv" / name).open(encoding="utf-8", newline="") as file:
        return [
            (float(row[lower]) if row[lower] else None, row[next(iter(row))])
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(
    ("name", "reading", "file", "column"),
    [
        (EI, "ei", "ei_grades.csv", "lower_incl"),
        ("eqi-2021", "eqi", "eqi_grades.csv", "lower_incl"),
    ],
)
def test_lower_bounds_of_grades_are_inclusive(
    tmp_path: Path, shared: Path, name: str, reading: str, file: str, column: str
) -> None:
    scheme, cuts = read_scheme(name), _grades(shared, file, column)
    values = {
        f"{cut}{step:+g}": cut + step for cut, _ in cuts if cut is not None for step in (0, -1e-6)
    }
    readings: Readings = {(label, 2020): {reading: f"{x:.7f}"} for label, x in values.items()}
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    names = [grade for _, grade in cuts]
    for spot, (cut, grade) in enumerate(cuts):
        if cut is not None:
            assert cell(found, "grade", f"{cut}+0") == grade
            assert cell(found, "grade", f"{cut}-1e-06") == names[spot + 1]


def test_published_eqi_values_have_their_published_class(tmp_path: Path, shared: Path) -> None:
    """Every published EQI with a class; none lies near 40 or 30, so these two cut-offs stay recalled."""
    table = pd.read_csv(
        shared / "assessment" / "csv" / "eqi_observations.csv", dtype={"class": str}
    ).dropna(subset="class")
    scheme = read_scheme("eqi-2021")
    readings: Readings = {
        (row["unit"], int(row["year"])): {"eqi": row["EQI"]} for _, row in table.iterrows()
    }
    found = assessed(scheme, ground(tmp_path, scheme, {**_filled(readings)}))
    assert len(table) >= 9
    for _, row in table.iterrows():
        assert cell(found, "grade", row["unit"], int(row["year"])) == row["class"]
    assert "cut-offs of grades: recalled" in captions(found)
    assert "分级界限的依据等级：recalled" in captions(found, "zh")


def _filled(readings: Readings) -> Readings:
    """Every region in every year: those that were not published take their first value."""
    years = sorted({year for _, year in readings})
    first: dict[str, Mapping[str, object]] = {}
    for (region, _), values in readings.items():
        first.setdefault(region, values)
    return {
        (region, year): readings.get((region, year), values)
        for region, values in first.items()
        for year in years
    }


@pytest.mark.parametrize(
    ("scheme", "reading", "change", "grade"),
    [
        (EI, "ei", 0.99, "无明显变化"),
        (EI, "ei", -0.99, "无明显变化"),
        (EI, "ei", 1, "略微变好"),
        (EI, "ei", -1, "略微变差"),
        (EI, "ei", -0.2, "无明显变化"),  # Jiangsu 2018: -0.2 is published so
        (EI, "ei", 3, "明显变好"),
        (EI, "ei", -7.99, "明显变差"),
        (EI, "ei", -8, "显著变差"),
        ("eqi-2021", "eqi", 1, "轻微变好"),
        ("eqi-2021", "eqi", 2, "一般变好"),
        ("eqi-2021", "eqi", -4, "明显变差"),
        ("eqi-2021", "eqi", 0, "基本稳定"),
    ],
)
def test_grades_of_change_are_signed(
    tmp_path: Path, scheme: str, reading: str, change: float, grade: str
) -> None:
    base, text = 66.97, read_scheme(scheme)
    readings: Readings = {
        ("a", 2019): {reading: base},
        ("a", 2020): {reading: f"{base + change:.2f}"},
    }
    assert cell(assessed(text, ground(tmp_path, text, readings)), "change_grade") == grade


# --- EQI, green development, beautiful China ------------------------------------------------------


def _leaves(scheme: Scheme) -> list[str]:
    """The data names of a scheme's leaves."""
    tree = tree_of(scheme)
    return [
        reading.data for name in tree.leaves if (reading := tree.nodes[name].reading) is not None
    ]


def test_eqi_without_weights_is_refused_until_one_gives_them(tmp_path: Path) -> None:
    """Below the four dimensions 11 + 18 weights are due; na (no coast) hands its weight to the others."""
    scheme = read_scheme("eqi-2021")
    leaves: dict[str, object] = {name: 50 + spot for spot, name in enumerate(_leaves(scheme))}
    leaves["eqi_natural_shoreline"] = "na"
    found = problems_of(scheme, ground(tmp_path, scheme, {("a", 2020): leaves}))
    assert [one.code for one in found] == ["weights-missing"] * 29
    nodes, lines = tree_of(scheme).nodes, ["node,weight,source,locator,grade"]
    for node in nodes.values():
        if np.isnan(node.weight) and node.parent:
            count = sum(one.parent == node.parent for one in nodes.values())
            lines.append(f"{node.id},1/{count},eqi-2021,assumed equal,placeholder")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "weights.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    mine = copied("eqi-2021", folder, 'weights = "weights.csv"')
    assert folder / "weights.csv" in mine.files
    result = assessed(mine, ground(tmp_path / "own", mine, {("a", 2020): leaves}))
    assert value(result, "components") == leaves["eqi_ecological_land"]
    dimensions = [value(result, name) for name in ("pattern", "function", "biodiversity", "stress")]
    assert value(result) == pytest.approx(
        np.dot([0.36, 0.35, 0.19, 0.10], [*dimensions[:3], 100 - dimensions[3]])
    )
    assert captions(result)[0].endswith("placeholder 100 %")


def test_eqi_from_its_four_dimensions_needs_no_lower_weights(tmp_path: Path) -> None:
    scheme = read_scheme("eqi-2021")
    four = {"eqi_pattern": 60, "eqi_function": 70, "eqi_biodiversity": 50, "eqi_stress": 20}
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): four}))
    assert value(found) == pytest.approx(0.36 * 60 + 0.35 * 70 + 0.19 * 50 + 0.1 * 80)
    assert captions(found)[0].endswith("recalled 100 %")


GDI = "green-development-2016"


def test_weights_of_the_55_indicators_give_the_published_weights_of_the_groups() -> None:
    """Marks 3:2:1 over 109 are recalled, the weights of the six groups (in %) published, rounded to one decimal."""
    tree = tree_of(read_scheme(GDI))
    groups = tree.children["gdi"]
    marks = {"★": 3, "◆": 2, "△": 1}
    sums = {
        name: sum(marks[tree.nodes[one].locator.split()[1]] for one in tree.children[name])
        for name in groups
    }
    assert sum(len(tree.children[name]) for name in groups) == 55
    assert sum(sums.values()) == 109
    for name in groups:
        assert tree.nodes[name].weight == pytest.approx(100 * sums[name] / 109, abs=0.07)
        for child in (tree.nodes[one] for one in tree.children[name]):
            assert child.weight == pytest.approx(marks[child.locator.split()[1]] / sums[name])


def test_beijing_2016_is_a_mixed_check(tmp_path: Path) -> None:
    """83.71 from six sub-indices: three and the total are recalled, three read: this is no clean verification."""
    scheme = read_scheme(GDI)
    six = {
        "gdi_resource_use": 82.92, "gdi_environmental_governance": 98.36, "gdi_environmental_quality": 78.75,
        "gdi_ecological_protection": 70.86, "gdi_growth_quality": 93.91, "gdi_green_living": 83.15,
    }  # fmt: skip
    found = assessed(scheme, ground(tmp_path, scheme, {("110000", 2016): six}))
    assert value(found, region="110000", year=2016) == pytest.approx(83.71, abs=0.02)


def test_green_development_keeps_the_weight_of_what_lacks_and_spreads_what_is_not_there(
    tmp_path: Path,
) -> None:
    """Three regions, one group given by its indicators: efficacy in both directions, 60 where no data, na spread."""
    scheme = read_scheme(GDI)
    tree = tree_of(scheme)
    others = {f"gdi_{name}": 80 for name in tree.children["gdi"] if name != "growth_quality"}
    growth: dict[str, list[object]] = {
        "gdi_gdp_per_capita_growth": [2, 4, 6],
        "gdi_disposable_income": [30000, 30000, 50000],
        "gdi_services_share": ["na", 40, 60],
    }  # fmt: skip  strategic industries and research: no data anywhere
    readings: Readings = {
        (region, 2020): others
        | {name: values[spot] for name, values in growth.items()}
        | {"gdi_satisfaction": 90}
        for spot, region in enumerate("abc")
    }
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    due = {
        "a": (60 + 60 + 60 + 60) / 4,
        "b": (80 + 60 + 60 + 60 + 60) / 5,
        "c": (100 * 3 + 60 * 2) / 5,
    }
    for region, one in due.items():
        assert value(found, "growth_quality", region) == pytest.approx(one)
        assert value(found, region=region) == pytest.approx(0.908 * 80 + 0.092 * one)
        assert value(found, "satisfaction", region) == 90  # apart, not part of the index
    assert "kept" in "\n".join(found.explain("a", 2020, "rd_share", "en"))
    assert "na" in found.explain("a", 2020, "services_share", "en")[0]
    count = "readings that are missing and count as the floor, their weight kept: 6"
    assert count in captions(found)


def test_efficacy_functions_go_by_group(tmp_path: Path) -> None:
    """Limits are those of the region's group; less is better turns the function."""
    nodes = """node,parent,zh,en,weight,data,unit,direction,normalise,low,high,source,locator,grade
index,,指数,Index,,,1,,,,,me,1,placeholder
good,index,好,Good,0.5,good,1,,efficacy,,,me,2,placeholder
bad,index,坏,Bad,0.5,bad,1,-,efficacy,0,10,me,3,placeholder
"""
    scheme = read_scheme(own(tmp_path / "own", nodes=nodes))
    readings: Readings = {
        (code, 2020): {"good": x, "bad": y}
        for code, x, y in (("a", 1, 5), ("b", 3, -2), ("c", 9, 12))
    }
    groups = Groups({"a": "I", "b": "I", "c": "II"}, ())
    found = assessed(scheme, ground(tmp_path, scheme, readings, groups=groups))
    assert [value(found, "good", code) for code in "abc"] == [60, 100, 100]
    assert [value(found, "bad", code) for code in "abc"] == [80, 100, 60]


def test_beautiful_china_has_targets_and_no_total(tmp_path: Path) -> None:
    """22 indicators without published weights; PM2.5 of Jiangxi 35 (2019) and 30 (2020) against at most 29 in 2025."""
    scheme = read_scheme("beautiful-china-2020")
    assert len(_leaves(scheme)) == 22
    file = tmp_path / "targets.csv"
    file.write_text(
        "region,indicator,base_year,base,year,comparator,target,form,unit,source,property\n"
        "360000,pm25,2019,35,2025,<=,29,level,10^-3 mg m-3,plan,约束性\n"
        "360000,forest_cover,,,2020,>=,63.1,level,%,plan,约束性\n",
        encoding="utf-8",
    )
    readings: Readings = {("360000", 2020): {"bci_pm25": 30, "bci_forest_cover": 63.1}}
    on = ground(tmp_path, scheme, readings, targets=read_targets(file))
    found = assessed(scheme, on)
    assert set(found.tables) == {"targets.csv"}
    rows = found.tables["targets.csv"].set_index("indicator")
    assert list(rows["status"]) == ["on_schedule", "met"]
    assert rows.loc["pm25", "attainment"] == pytest.approx(5 / 6)
    assert "targets.csv row 2" in "\n".join(found.explain("360000", 2020, "pm25", "en"))
    assert "targets.csv 第 2 行" in "\n".join(found.explain("360000", 2020, "pm25", "zh"))
    none = problems_of(scheme, ground(tmp_path / "none", scheme, readings))
    assert [one.code for one in none] == ["missing-target"]


# --- the engine -----------------------------------------------------------------------------------


def test_a_scheme_of_ones_own_runs_and_reads_accounts(tmp_path: Path) -> None:
    """A node may read the account: the total per km2, beside a data row, in a folder outside the repository."""
    nodes = """node,parent,zh,en,weight,data,account,form,unit,direction,source,locator,grade
index,,指数,Index,,,,,1,,me,1,placeholder
gep,index,单位面积,Per km2,0.5,,total,per_km2,10^4 CNY,,me,2,placeholder
bad,index,坏,Bad,0.5,bad,,,1,-,me,3,placeholder
"""
    scheme = read_scheme(own(tmp_path / "own", nodes=nodes))
    small = Small(
        standard=products(LAND), methods=PRODUCTS_METHODS,
        areas=[area("a", "wood", 200, year=year) for year in (2019, 2020)],
        sets={"own": [coefficient("land_value", 500, "CNY ha-1"), coefficient("land_share", 1, "1")]},
    )  # fmt: skip
    compared = Years(small, price_year=2020).compared(tmp_path / "account")
    readings = read_data(_one_row(tmp_path, "a,2020,bad,30,1,test"))
    on = AssessmentContext((2019, 2020), ("a",), {"project": compared}, readings, area={"a": 2.0})
    lacking = problems_of(scheme, on)
    assert [(one.code, "2019" in one.what) for one in lacking] == [("missing-reading", True)]
    found = assessed(
        scheme, AssessmentContext((2020,), ("a",), {"project": compared}, readings, area={"a": 2.0})
    )
    assert value(found, "gep") == pytest.approx(200 * 500 / 1e4 / 2)
    assert value(found) == pytest.approx(0.5 * 5 + 0.5 * 70)
    assert {name: one.account for name, one in found.account_readings.items()} == {"gep": "total"}


def _one_row(folder: Path, *rows: str) -> Path:
    file = folder / "one.csv"
    file.write_text(
        "region,year,name,value,unit,source\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    return file


def test_readings_that_lack_are_told_at_once_and_only_where_needed(tmp_path: Path) -> None:
    """Region a gives BAI itself and needs no areas; region b lacks NDVI, its county area is 0, c has no rows at all."""
    scheme = read_scheme(EI)
    raw = county(land_area=0)
    del raw["ei_ndvi"]
    readings: Readings = {("a", 2020): NANTONG, ("b", 2020): raw, ("c", 2021): {"ei_bai": 30}}
    found = problems_of(scheme, ground(tmp_path, scheme, readings))
    assert {one.code for one in found} == {"unknown-reading", "missing-reading", "zero-denominator"}
    told = "\n".join(one.what for one in found)
    assert "'land_area'" not in told
    assert "(county_area) has no number in 2020 for c: data=land_area" in told
    assert "(county_area) is not above 0 in 2020" in told
    assert "b has 0" in told


def test_years_without_readings_are_left_out_and_told(tmp_path: Path) -> None:
    scheme = read_scheme(EI)
    on = ground(tmp_path, scheme, {("a", 2020): NANTONG})
    found = assessed(scheme, AssessmentContext((2019, 2020), on.regions, {}, on.readings))
    assert set(found.tables["index.csv"]["year"]) == {2020}
    assert "years without any reading: 2019" in captions(found)
    nothing = problems_of(scheme, AssessmentContext((2020,), ("a",), {}, EMPTY))
    assert {one.code for one in nothing} == {"missing-reading"}
    raw = ground(tmp_path / "raw", scheme, {("a", 2020): county()})
    elsewhen = problems_of(scheme, AssessmentContext((2019,), raw.regions, {}, raw.readings))
    assert {one.code for one in elsewhen} == {"missing-reading"}


def test_a_node_without_value_is_explained_without_a_formula(tmp_path: Path) -> None:
    """A parent whose components are all missing has no sum; a number that is not known is not rounded."""
    nodes = """node,parent,zh,en,weight,data,unit,source,locator,grade,missing
index,,指数,Index,,,1,me,1,placeholder,
one,index,一,One,0.5,one,1,me,2,placeholder,
two,index,二,Two,0.5,,1,me,3,placeholder,spread
below,two,下,Below,1,below,1,me,4,placeholder,spread
"""
    scheme = read_scheme(own(tmp_path / "own", nodes=nodes))
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): {"one": 40}}))
    assert value(found) == 40
    assert found.explain("a", 2020, "two", "en")[0] == (
        "Two (two) = -: none of its components has a value"
    )
    assert found.explain("a", 2020, "below", "zh")[0] == "下 (below) = -：无数据，权重由其余分担"


def test_a_wrong_sum_of_weights_names_the_rows_of_both_tables(tmp_path: Path) -> None:
    """One weight stands in the table of nodes, the other in the scheme's table of weights."""
    weights = "node,weight,source,locator,grade\nbad,0.5,me,1,placeholder\n"
    with pytest.raises(ProblemsFound) as found:
        read_scheme(own(tmp_path, 'weights = "weights.csv"', weights=weights))
    (problem,) = found.value.problems
    assert problem.code == "weights-sum"
    assert problem.say_where("en") == (
        "nodes.csv row 3 column weight and weights.csv row 2 column weight"
    )
    assert problem.say_what("en") == "the weights below Index (index) sum to 1.25, not to 1"


def test_units_are_converted_and_must_fit(tmp_path: Path) -> None:
    """An area may come in mu; a mass in its place is refused."""
    scheme, raw = read_scheme(EI), county(ei_paddy_area=50)
    on = ground(tmp_path, scheme, {("a", 2020): raw})
    file = on.readings.files[0]
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("ei_paddy_area,50,km2", "ei_paddy_area,75000,mu"), encoding="utf-8"
    )
    mu = AssessmentContext((2020,), ("a",), {}, read_data(file))
    assert value(assessed(scheme, mu), "hq") == pytest.approx(value(assessed(scheme, on), "hq"))
    file.write_text(text.replace("ei_paddy_area,50,km2", "ei_paddy_area,50,t"), encoding="utf-8")
    wrong = problems_of(scheme, AssessmentContext((2020,), ("a",), {}, read_data(file)))
    assert [one.code for one in wrong] == ["wrong-dimension"]


def test_a_sum_skips_na_and_a_mean_spreads_it(tmp_path: Path) -> None:
    nodes = """node,parent,zh,en,weight,combine,data,unit,source,locator,grade,missing
index,,指数,Index,,{},,1,me,1,placeholder,
one,index,一,One,0.75,,one,1,me,2,placeholder,
two,index,二,Two,0.25,,two,1,me,3,placeholder,{}
"""
    readings: Readings = {("a", 2020): {"one": 40, "two": "na"}, ("b", 2020): {"one": 40}}
    for combine, due in (("mean", 40), ("sum", 30)):
        scheme = read_scheme(own(tmp_path / combine, nodes=nodes.format(combine, "spread")))
        found = assessed(scheme, ground(tmp_path / combine, scheme, readings))
        assert [value(found, region=code) for code in "ab"] == pytest.approx([due, due])
    required = read_scheme(own(tmp_path / "required", nodes=nodes.format("mean", "")))
    found_problems = problems_of(required, ground(tmp_path, required, readings))
    assert [(one.code, "for b" in one.what) for one in found_problems] == [
        ("missing-reading", True)
    ]


def test_na_for_a_parent_leaves_it_out_whatever_stands_below(tmp_path: Path) -> None:
    nodes = """node,parent,zh,en,weight,data,unit,source,locator,grade
index,,指数,Index,,,1,me,1,placeholder
one,index,一,One,0.5,one,1,me,2,placeholder
below,one,下,Below,1,below,1,me,3,placeholder
two,index,二,Two,0.5,two,1,me,4,placeholder
"""
    scheme = read_scheme(own(tmp_path / "own", nodes=nodes))
    readings: Readings = {
        ("a", 2020): {"one": "na", "below": 90, "two": 40},
        ("b", 2020): {"below": 90, "two": 40},
    }
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    assert [value(found, region=code) for code in "ab"] == [40, 65]
    assert np.isnan(value(found, "one"))
    assert np.isnan(value(found, "below"))


_EI_SIGNS = {  # leaves that the index rises or falls with; denominators and water resources (which jump) are apart
    "+": ["ei_closed_forest_area", "ei_dense_grassland_area", "ei_lake_area", "ei_paddy_area", "ei_urban_land_area",
          "ei_sand_area", "ei_bi", "ei_ndvi", "ei_river_length", "ei_water_area"],
    "-": ["ei_heavy_erosion_area", "ei_moderate_erosion_area", "ei_built_up_area", "ei_other_stress_area", "ei_cod",
          "ei_ammonia_nitrogen", "ei_so2", "ei_dust", "ei_nox", "ei_solid_waste"],
}  # fmt: skip
_LARGEST = {"ei_ndvi": 1.0, "ei_bi": 100.0}


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_ei_stays_within_0_and_100_and_is_monotone(tmp_path: Path, data: st.DataObject) -> None:
    """Region ``base`` has any readings; in each other region one of them is more."""
    names = [*_EI_SIGNS["+"], *_EI_SIGNS["-"]]
    base = county(**{
        name: round(data.draw(st.floats(0, _LARGEST.get(name, 1e4))), 9) for name in names
    })  # fmt: skip
    base |= {
        "ei_water_resources": round(data.draw(st.floats(0, 200)), 9),
        "land_area": data.draw(st.floats(1, 1e4)),
    }
    more = {
        name: base | {name: float(str(base[name])) + round(data.draw(st.floats(0, 1e3)), 9)}
        for name in names
    }
    scheme = read_scheme(EI)
    on = ground(
        tmp_path,
        scheme,
        {("base", 2020): base} | {(name, 2020): some for name, some in more.items()},
    )
    found = assessed(scheme, on)
    table = found.tables["index.csv"]
    capped = table[table["component"].isin(["total", "bai", "hq", "vci", "wndi", "lsi", "pli"])]
    assert capped["value"].between(0, 100).all()
    for sign, some in _EI_SIGNS.items():
        for name in some:
            step = value(found, region=name) - value(found, region="base")
            assert (step if sign == "+" else -step) >= -1e-9, name


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, 2**32),
    st.floats(0, 1),
    st.sampled_from([("energy_use", -1), ("forest_cover", 1)]),
)
def test_green_development_stays_within_60_and_100_and_is_monotone(
    tmp_path: Path, seed: int, share: float, moved: tuple[str, int]
) -> None:
    """Three regions with some readings lacking, some na; one reading of one region is bettered."""
    scheme, draw, (name, sign) = read_scheme(GDI), np.random.default_rng(seed), moved
    drawn = {
        (region, 2016): {
            one: "na" if draw.random() < 0.1 else draw.uniform(0, 100)
            for one in _leaves(scheme)
            if draw.random() < share
        }
        | {"gdi_water_use": 50.0}
        for region in "abc"
    }
    start = float(draw.uniform(0, 100))
    found = assessed(scheme, ground(tmp_path, scheme, _with(drawn, f"gdi_{name}", start)))
    totals = [value(found, region=region, year=2016) for region in "abc"]
    assert all(60 - 1e-9 <= one <= 100 + 1e-9 for one in totals)
    better = start + sign * float(draw.uniform(0, 50))
    after = assessed(scheme, ground(tmp_path, scheme, _with(drawn, f"gdi_{name}", better)))
    assert value(after, region="a", year=2016) >= totals[0] - 1e-9


def _with(readings: Readings, name: str, x: float) -> Readings:
    """The readings with one of region a replaced."""
    return {
        key: {**values, name: x} if key[0] == "a" else values for key, values in readings.items()
    }


_NODES = """node,parent,zh,en,weight,data,unit,direction,source,locator,grade
index,,指数,Index,,,1,,me,1,placeholder
good,index,好,Good,0.75,good,1,,me,2,placeholder
bad,index,坏,Bad,0.25,bad,1,-,me,3,placeholder
"""
_MORE = "node,parent,zh,en,weight,data,unit,source,locator,grade,{}\nindex,,指数,I,,,1,me,1,placeholder,{}\n"
_MORE += "good,index,好,G,1,good,1,me,2,placeholder,{}\n"
_CUTS = 'source = "me"\nlocator = "x"\ngrade = "placeholder"\n'
_LEVELS = (
    "[grades]\n" + _CUTS + "levels = [{ name = '优', from = 60 }, { name = '良', from = 70 }]\n"
)
_CHANGE = "[changes]\n" + _CUTS + "levels = [{ better = '好', worse = '差', from = -1 }]\n"
_EVENT = (
    "[[restriction]]\n" + _CUTS + 'event = "e"\nname = "e"\nwrites = [{ from = 50, value = 60 }]\n'
)
_ORDER = _EVENT.replace("value = 60 }", "value = 40 }, { from = 55, value = 30 }")
BROKEN: dict[str, tuple[str, str, str]] = {
    "weights do not sum": ("", _NODES.replace("0.25", "0.35"), "weights-sum"),
    "unknown parent": ("", _NODES.replace("bad,index", "bad,indes"), "index-node"),
    "parents in a circle": ("", _NODES.replace("index,,指数", "index,good,指数"), "parent-cycle"),
    "no reading": ("", _NODES.replace("0.75,good", "0.75,"), "index-node"),
    "negative weight": (
        "",
        _NODES.replace("0.75", "1.25").replace("0.25,bad", "-0.25,bad"),
        "negative",
    ),
    "unknown direction": ("", _NODES.replace("1,-,me", "1,down,me"), "index-node"),
    "unknown unit": ("", _NODES.replace("good,1,,me", "good,mugs,,me"), "unknown-unit"),
    "unknown source": ("", _NODES.replace("me,3", "you,3"), "unknown-source"),
    "unknown grade": ("", _NODES.replace("me,3,placeholder", "me,3,good"), "unknown-grade"),
    "no locator": ("", _NODES.replace("me,3", "me,"), "blank"),
    "node twice": ("", _NODES.replace("bad,index,坏", "good,index,坏"), "duplicate-row"),
    "weight no number": ("", _NODES.replace("0.75", "most"), "not-a-number"),
    "kept name": ("", _NODES.replace("bad,index", "total,index"), "index-node"),
    "unknown column": ("", _NODES.replace("direction", "way"), "unknown-column"),
    "floor without efficacy": ("", _MORE.format("missing", "", "floor"), "index-node"),
    "unknown formula": ("", _MORE.format("formula,inputs", ",", "magic,index"), "index-node"),
    "efficacy limits": ("", _MORE.format("normalise,low,high", ",,", "efficacy,5,5"), "index-node"),
    "caps": ("", _MORE.format("min,max", "100,0", ","), "index-node"),
    "coefficient": ("", _MORE.format("coefficient", "0", "1"), "index-node"),
    "inputs of a formula": (
        "",
        _MORE.format("formula,inputs", ",", "effective_water_resources,"),
        "index-node",
    ),
    "grades not descending": (_LEVELS, _NODES, "grade-cutoffs"),
    "changes below 0": (_CHANGE, _NODES, "grade-cutoffs"),
    "restriction that lifts": (_EVENT, _NODES, "restriction"),
    "restriction not descending": (_ORDER, _NODES, "restriction"),
    "source of cuts": (_LEVELS.replace('"me"', '"you"'), _NODES, "unknown-source"),
    "grade of cuts": (_LEVELS.replace('"placeholder"', '"sure"'), _NODES, "unknown-grade"),
    "event twice": (_EVENT + _EVENT, _NODES, "duplicate-id"),
    "table outside": ("", "OUTSIDE", "path-outside"),
    "unknown root": ("", "ROOT", "index-node"),
    "unknown key": ("roots = 1", _NODES, "unknown-key"),
    "weights of no node": ("WEIGHTS", _NODES, "index-node"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_schemes_are_told(tmp_path: Path, name: str) -> None:
    head, nodes, code = BROKEN[name]
    weights = (
        "node,weight,source,locator,grade\nugly,1,me,1,placeholder\n" if head == "WEIGHTS" else ""
    )
    path = own(
        tmp_path,
        head.replace("WEIGHTS", 'weights = "weights.csv"'),
        _NODES if nodes.isupper() else nodes,
        weights,
    )
    text = path.read_text(encoding="utf-8")
    text = text.replace('"nodes.csv"', '"../nodes.csv"') if nodes == "OUTSIDE" else text
    path.write_text(
        text.replace('root = "index"', 'root = "indes"') if nodes == "ROOT" else text,
        encoding="utf-8",
    )
    with pytest.raises(ProblemsFound) as found:
        read_scheme(path)
    assert code in {one.code for one in found.value.problems}, str(found.value)
    assert "index." not in found.value.say("zh") + found.value.say("en")  # all texts are there
    read_scheme(own(tmp_path / "whole", nodes=_NODES))  # the same without the defect


NODE_FAULTS: dict[str, str] = {
    "index.formula-without-inputs": _MORE.format("formula", "", "total"),
    "index.inputs-without-formula": _MORE.format("inputs", "", "good"),
    "index.formula-of-parent": _MORE.format("formula,inputs", "total,good", ","),
    "index.one-limit": _MORE.format("normalise,low,high", ",,", "efficacy,5,"),
    "index.limits-without-efficacy": _MORE.format("normalise,low,high", ",,", ",1,5"),
    "index.efficacy-of-parent": _MORE.format("normalise", "efficacy", ""),
    "index.follow-not-under-mean": _MORE.format("combine,missing", "sum,", ",follow"),
    "index.two-readings": _MORE.format("account", "", "total"),
    "index.basis-of-data": _MORE.format("basis", "", "constant"),
}


@pytest.mark.parametrize("message", NODE_FAULTS)
def test_columns_of_a_node_that_do_not_fit_are_told(tmp_path: Path, message: str) -> None:
    """Each is told with a message of its own, which names the node or the cells."""
    with pytest.raises(ProblemsFound) as found:
        read_scheme(own(tmp_path, nodes=NODE_FAULTS[message]))
    problems = {problem.message: problem for problem in found.value.problems}
    assert message in problems, str(found.value)
    assert problems[message].code == "index-node"
    assert "index." not in problems[message].say("zh") + problems[message].say("en")


def test_a_table_of_weights_needs_weight_and_source(tmp_path: Path) -> None:
    weights = "node,weight,source,locator,grade\ngood,0.75,,me,placeholder\nbad,,me,1,placeholder\n"
    with pytest.raises(ProblemsFound) as found:
        read_scheme(own(tmp_path, 'weights = "weights.csv"', weights=weights))
    assert [(problem.code, problem.say_what("en")) for problem in found.value.problems] == [
        (
            "index-node",
            "the weight of Good (good) is '0.75', its source is ''; one of them is blank or cannot be read",
        ),
        (
            "index-node",
            "the weight of Bad (bad) is '', its source is 'me'; one of them is blank or cannot be read",
        ),
    ]


def test_targets_in_another_unit_are_told(tmp_path: Path) -> None:
    """A share in place of a concentration: the rows and the column of the unit are named."""
    scheme = read_scheme("beautiful-china-2020")
    file = tmp_path / "targets.csv"
    file.write_text(
        "region,indicator,base_year,base,year,comparator,target,form,unit,source\n"
        "360000,pm25,,,2025,<=,29,level,km2,plan\n",
        encoding="utf-8",
    )
    readings: Readings = {("360000", 2020): {"bci_pm25": 30}}
    on = ground(tmp_path, scheme, readings, targets=read_targets(file))
    (problem,) = problems_of(scheme, on)
    assert problem.code == "wrong-dimension"
    assert problem.say_where("en") == "targets.csv row 2 column unit"
    assert "(pm25)" in problem.say_what("en")


def test_all_that_is_broken_is_told_at_once(tmp_path: Path) -> None:
    nodes = (
        _NODES.replace("0.25", "0.35")
        .replace("me,3", "you,")
        .replace("good,1,,me", "good,mugs,,me")
    )
    with pytest.raises(ProblemsFound) as found:
        read_scheme(own(tmp_path, _LEVELS + _EVENT, nodes))
    due = {"weights-sum", "unknown-source", "blank", "unknown-unit", "grade-cutoffs", "restriction"}
    assert due <= {one.code for one in found.value.problems}


@pytest.mark.parametrize("name", [EI, "eqi-2021", GDI, "beautiful-china-2020"])
def test_shipped_schemes_cite_every_number(name: str) -> None:
    """Each node has source, locator and a grade that a citation can have; none is made up."""
    scheme = read_scheme(name)
    for node in tree_of(scheme).nodes.values():
        assert node.source in scheme.spec.sources
        assert node.locator
        assert node.grade != 3 or node.note  # expert: never without a word
        assert node.name.zh != node.name.en
