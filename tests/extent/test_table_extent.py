"""The extent of area tables: what every tier offers, bit for bit, and what is said of rows that do not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.small import write_table

import gep
from gep.errors import ProblemLog
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk
from gep.extent.extent import CELL_DIMS, Extent
from gep.extent.regions import Regions
from gep.extent.table_extent import Coverage, TableExtent, build_extent, check_land
from gep.plan.dims import expand

CLASSES = (
    {"class": "forest", "code": "1", "zh": "森林", "en": "Forest"},
    {"class": "pine", "code": "11", "zh": "松林", "en": "Pine", "parent": "forest"},
    {"class": "crop", "code": "2", "zh": "农田", "en": "Cropland"},
    {"class": "water", "code": "3", "zh": "水域", "en": "Water"},
)
REGIONS = (
    {"region": "top", "name": "省", "name_en": "Top"},
    {"region": "a", "name": "甲", "name_en": "A", "parent": "top", "area": 3, "area_unit": "km2"},
    {"region": "b", "name": "乙", "parent": "top"},
)
WALK = (
    ("wood", "forest", 0.75),
    ("wood", "water", 0.25),
    ("road", "na", 1.0),
    ("field", "crop", 1.0),
)
YEAR = 2020


def scheme_of(folder: Path) -> ClassScheme:
    blank = {"parent": "", "source": "", "locator": ""}
    write_table(folder / "classes.csv", [{**row, **blank} | row for row in CLASSES])
    scheme = load_class_scheme("./classes.csv", folder, "standard.toml", ProblemLog())
    assert scheme is not None
    return scheme


def crosswalk() -> Crosswalk:
    frame = pd.DataFrame(WALK, columns=["class", "ecosystem", "share"])
    frame = frame.assign(grade=np.array([0, 3, 0, 0], dtype=np.uint8), row=range(2, 6))
    frame = frame.assign(code=["W", "", "R", "F"], file="walk.csv")
    return Crosswalk("walk", Path("walk.csv"), frame)


def built(
    folder: Path,
    *rows: tuple[Any, ...],
    walk: Crosswalk | None = None,
    regions: Regions | None = None,
) -> tuple[TableExtent | None, ProblemLog]:
    """The extent of rows of region, class, area (hm2), grade; and the problems."""
    columns = ("region", "class", "area", "grade")
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    path = write_table(
        folder / "areas.csv", [{"year": YEAR, "unit": "hm2", **row} for row in listed]
    )
    problems = ProblemLog()
    areas = gep.read_areas(path)
    return build_extent(areas, YEAR, scheme_of(folder), walk, regions, problems), problems


@pytest.fixture
def extent(tmp_path: Path) -> TableExtent:
    """Two regions; b has no water, and 4 hm2 that are not accounted for."""
    rows = (
        ("a", "wood", 100, "official"),
        ("a", "field", 0, "expert"),
        ("b", "field", 7, "published"),
        ("b", "road", 4, ""),
    )
    extent, problems = built(tmp_path, *rows, walk=crosswalk())
    assert not problems.errors
    assert extent is not None
    return extent


# --- what it holds ---------------------------------------------------------------------------


def test_it_offers_what_every_tier_offers(extent: TableExtent) -> None:
    assert isinstance(extent, Extent)
    assert (extent.tier, extent.year) == ("table", YEAR)
    assert extent.regions.tolist() == ["a", "b"]
    assert extent.ecosystems.tolist() == ["forest", "crop", "water"], "in the order of the scheme"


def test_cells_are_sums_of_shares_and_have_the_worst_grade(extent: TableExtent) -> None:
    assert extent.area_of().tolist() == [[75e4, 0, 25e4], [0, 7e4, 0]]
    assert extent.present.tolist() == [[True, True, True], [False, True, False]]
    assert extent.grade.tolist() == [[0, 3, 3], [0, 1, 0]]
    assert extent.unaccounted.tolist() == [0, 4e4]
    parts = extent.parts
    assert parts["area"].tolist() == [75e4, 25e4, 0, 7e4, 4e4]
    assert parts["own_grade"].tolist() == [0, 0, 3, 1, 4]
    assert parts["cross_row"].tolist() == [2, 3, 5, 5, 4]
    described = {
        "region", "class", "ecosystem", "area", "share", "value", "unit", "low", "high",
        "distribution", "group", "grade", "own_grade", "cross_row", "file", "row", "source", "locator",
    }  # fmt: skip
    assert described <= set(parts.columns)


def test_areas_of_some_types_and_of_classes(extent: TableExtent) -> None:
    assert extent.mask_of({"water", "crop", "marsh"}).tolist() == [False, True, True]
    assert extent.area_of({"water", "marsh"}).tolist() == [[0, 0, 25e4], [0, 0, 0]]
    assert extent.area_of(()).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert extent.class_area("wood").tolist() == [100e4, 0]
    assert extent.class_area("road").tolist() == [0, 4e4]
    assert extent.class_area("marsh").tolist() == [0, 0]


# --- the two verbs ---------------------------------------------------------------------------

STEP_DIMS = ("region", "ecosystem", "substance")


@pytest.mark.parametrize(
    ("dims", "shape"),
    [
        ((), ()),
        (("ecosystem",), (3,)),
        (("region", "substance"), (2, 4)),
        (STEP_DIMS, (2, 3, 4)),
    ],
)
@pytest.mark.parametrize("ahead", [(), (5,)], ids=["exact", "draws"])
def test_an_input_is_spread_as_a_view(
    extent: TableExtent, dims: tuple[str, ...], shape: tuple[int, ...], ahead: tuple[int, ...]
) -> None:
    values = np.random.default_rng(1).random((*ahead, *shape))
    spread = extent.spread(values, dims, STEP_DIMS)
    expected = expand(values, dims, STEP_DIMS)
    assert (
        spread.shape
        == expected.shape
        == (
            *ahead,
            *(size if dim in dims else 1 for dim, size in zip(STEP_DIMS, (2, 3, 4), strict=True)),
        )
    )
    assert np.array_equal(spread, expected)
    assert np.shares_memory(spread, values)


@pytest.mark.parametrize("drawn_area", [False, True])
@pytest.mark.parametrize("dims", [CELL_DIMS, STEP_DIMS])
def test_a_density_is_collected_bit_for_bit(
    extent: TableExtent, dims: tuple[str, ...], drawn_area: bool
) -> None:
    random = np.random.default_rng(2)
    density = random.random((5, 2, 3, 4)[: len(dims) + 1])
    if drawn_area:
        extent = extent.with_area(random.random((5, 2, 3)) * 1e6)
    amounts = extent.collect(density, dims)
    assert np.array_equal(amounts, density * expand(extent.area, CELL_DIMS, dims))
    assert not np.shares_memory(amounts, density)
    one_draw = extent.with_area(extent.area[0]) if drawn_area else extent
    assert np.array_equal(amounts[0], one_draw.collect(density[0], dims))


# --- other extents ---------------------------------------------------------------------------


def test_other_areas_of_the_same_cells(extent: TableExtent) -> None:
    other = extent.with_area(extent.area * 2)
    assert other.area_of({"forest"}).tolist() == [[150e4, 0, 0], [0, 0, 0]]
    assert other.present is extent.present
    assert extent.area_of({"forest"}).tolist() == [[75e4, 0, 0], [0, 0, 0]]


def test_other_labels(extent: TableExtent) -> None:
    regions = pd.Index(["b", "z", "a"], name="region", dtype=object)
    ecosystems = pd.Index(["pine", "water", "forest"], name="ecosystem", dtype=object)
    other = extent.reindex(regions, ecosystems)
    assert other.area_of().tolist() == [[0, 0, 0], [0, 0, 0], [0, 25e4, 75e4]]
    assert other.present.tolist() == [[False] * 3, [False] * 3, [False, True, True]]
    assert other.present.dtype == bool
    assert other.grade.tolist() == [[0, 0, 0], [0, 0, 0], [0, 3, 0]]
    assert other.grade.dtype == np.uint8
    assert other.unaccounted.tolist() == [4e4, 0, 0]
    assert other.parts is extent.parts
    assert extent.reindex(extent.regions, extent.ecosystems).area is extent.area
    part = extent.reindex(regions[:1], extent.ecosystems)
    assert part.area.tolist() == [[0, 7e4, 0]]


def test_other_codes(extent: TableExtent) -> None:
    other = extent.relabel(["c", "d"])
    assert other.regions.tolist() == ["c", "d"]
    assert other.regions.name == "region"
    assert other.area is extent.area


# --- rows that do not fit --------------------------------------------------------------------


def regions_of(folder: Path) -> Regions:
    return gep.read_regions(write_table(folder / "regions.csv", REGIONS))


def test_a_region_without_a_row_and_one_without_areas(tmp_path: Path) -> None:
    extent, problems = built(tmp_path, ("c", "crop", 1, ""), regions=regions_of(tmp_path))
    assert extent is None
    (unknown,) = problems.errors
    assert (unknown.code, unknown.say_where("en")) == (
        "unknown-region",
        "areas.csv row 2 column region",
    )
    assert unknown.say_what("en") == "region 'c' is not in regions.csv"
    (missing,) = problems.warnings
    assert (missing.code, missing.say_where("en")) == ("region-without-areas", "areas.csv")
    assert missing.say_what("en") == "regions.csv lists regions without areas: A (a), 乙 (b)"
    assert missing.say_what("zh") == "regions.csv 所列区域中没有面积的有：甲 (a)、乙 (b)"


def test_a_parent_with_rows_names_its_child(tmp_path: Path) -> None:
    rows = (("top", "crop", 1, ""), ("a", "crop", 300, ""), ("b", "crop", 1, ""))
    extent, problems = built(tmp_path, *rows, regions=regions_of(tmp_path))
    assert extent is not None
    assert list(extent.regions) == ["a", "b"], "what is left is checked too"
    (problem,) = problems.errors
    assert problem.code == "parent-with-rows"
    assert problem.say_what("en") == "Top (top) has areas, and so has A (a), which lies in it"


def test_a_class_with_its_part(tmp_path: Path) -> None:
    rows = (("a", "pine", 1, ""), ("a", "forest", 1, ""), ("b", "pine", 1, ""))
    extent, problems = built(tmp_path, *rows)
    assert extent is not None
    (problem,) = problems.errors
    assert (problem.code, problem.say_where("zh")) == ("class-overlap", "areas.csv")
    assert problem.say_what("en") == "Forest (forest) and its part Pine (pine) both have areas in a"
    assert problem.say_what("zh") == "森林 (forest) 与其所含的 松林 (pine) 在下列区域都有面积：a"


def land_checked(
    folder: Path, *rows: tuple[Any, ...], coverage: Coverage = "whole", **more: Any
) -> ProblemLog:
    """What is said of the land of regions whose table gives areas."""
    regions = regions_of(folder)
    extent, problems = built(folder, *rows, regions=regions, **more)
    assert extent is not None
    stated = regions.frame[["area", "file", "row"]]
    check_land(extent, stated, regions, coverage, problems)
    return problems


def test_classes_far_from_the_area_of_their_region(tmp_path: Path) -> None:
    rows = (("a", "crop", 100, ""), ("b", "crop", 1, ""))
    (problem,) = land_checked(tmp_path, *rows).errors
    assert problem.say("en").startswith(
        "[land-sum] areas.csv row 2: the classes of A (a) sum to 1 km2 in 2020, "
        "and regions.csv row 3 gives it 3 km2 (-66.7%) / fix: "
    )
    problems = land_checked(tmp_path, *rows, coverage="part")
    assert not problems.errors
    assert not problems.warnings


@pytest.mark.parametrize(
    ("hectares", "code"),
    [
        (210, "land-sum"), (211, "land-differs"), (285, "land-differs"), (286, ""), (300, ""), (314, ""),
        (315, "land-differs"), (389, "land-differs"), (390, "land-sum"),
    ],
)  # fmt: skip
def test_five_percent_is_told_and_thirty_is_refused(
    tmp_path: Path, hectares: float, code: str
) -> None:
    problems = land_checked(tmp_path, ("a", "crop", hectares, ""), ("b", "crop", 1, ""))
    codes = [problem.code for problem in (*problems.errors, *problems.warnings)]
    assert codes == ([code] if code else [])
    above = land_checked(
        tmp_path, ("a", "crop", hectares, ""), ("b", "crop", 1, ""), coverage="part"
    )
    is_above = bool(code) and hectares > 300
    assert [problem.code for problem in (*above.errors, *above.warnings)] == [code] * is_above


def walk_of(*rows: tuple[str, str]) -> Crosswalk:
    """A crosswalk of classes with codes, all of them cropland."""
    frame = pd.DataFrame(rows, columns=["class", "code"]).assign(ecosystem="crop", share=1.0)
    frame = frame.assign(grade=np.zeros(len(rows), dtype=np.uint8), row=range(2, len(rows) + 2))
    return Crosswalk("walk", Path("walk.csv"), frame.assign(file="walk.csv"))


@pytest.mark.parametrize(
    ("codes", "areas", "is_told"),
    [
        (("03", "0301", "0302"), (5, 2, 1), True),
        (("1104", "1104A", "12"), (5, 2, 1), True),
        (("5", "51", "52"), (3, 2, 1), True),
        (("5", "51", "52"), (4, 2, 1), False),
        (("1", "10", "11"), (4, 2, 1), False),
        (("03", "0301", "0302"), (0, 2, 1), False),
        (("", "0301", "0302"), (3, 2, 1), False),
    ],
)
def test_a_class_and_its_part_by_their_codes(
    tmp_path: Path, codes: tuple[str, ...], areas: tuple[float, ...], is_told: bool
) -> None:
    walk = walk_of(*zip("xyz", codes, strict=True))
    rows = [("b", name, area, "") for name, area in zip("xyz", areas, strict=True)]
    extent, problems = built(tmp_path, *rows, walk=walk)
    assert extent is not None
    assert [problem.code for problem in problems.errors] == ["class-overlap"] * is_told


@pytest.mark.parametrize(
    ("others", "is_told"), [((6, 4, 2), True), ((4, 2, 1), False), ((0, 2, 1), True)]
)
def test_a_sum_by_chance_in_one_of_many_regions_is_not_told(
    tmp_path: Path, others: tuple[float, ...], is_told: bool
) -> None:
    """Codes 1 to 12 of a land cover: some county of a hundred has as much of 1 as of 10, 11 and 12."""
    walk = walk_of(*zip("xyz", ("1", "10", "11"), strict=True))
    rows = [("b", name, area, "") for name, area in zip("xyz", (3, 2, 1), strict=True)]
    rows += [("a", name, area, "") for name, area in zip("xyz", others, strict=True)]
    extent, problems = built(tmp_path, *rows, walk=walk)
    assert extent is not None
    assert [problem.code for problem in problems.errors] == ["class-overlap"] * is_told


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("012", "known are: field, road, wood", "已有：field、road、wood"),
        ("R", "code R is road: write the name of the class", "R 是 road 的代码：应写类型名"),
        ("wod", "did you mean wood?", "是否为 wood？"),
        ("森林", "the areas are of the classes of walk", "面积应按 walk 的类型填写"),
    ],
)
def test_an_unknown_class_gets_a_hint(
    tmp_path: Path, name: str, english: str, chinese: str
) -> None:
    extent, problems = built(tmp_path, ("a", name, 1, ""), walk=crosswalk())
    assert extent is None
    (problem,) = problems.errors
    assert problem.say_where("en") == "areas.csv row 2 column class"
    assert problem.say_what("en") == f"'{name}' is not a class of walk"
    assert english in problem.say_fix("en")
    assert chinese in problem.say_fix("zh")


def test_no_areas_of_a_year(tmp_path: Path) -> None:
    path = write_table(
        tmp_path / "areas.csv",
        [
            {"region": "a", "year": year, "class": "crop", "area": 1, "unit": "hm2"}
            for year in (2015, 2010)
        ],
    )
    problems = ProblemLog()
    scheme = scheme_of(tmp_path)
    assert build_extent(gep.read_areas(path), YEAR, scheme, None, None, problems) is None
    (problem,) = problems.errors
    assert (problem.code, problem.say_where("en")) == ("missing-year", "areas.csv")
    assert problem.say_what("en") == "there are no areas for 2020; the table has 2010, 2015"
    assert problem.say_what("zh") == "没有 2020 年的面积，表中有的年份为 2010、2015"
