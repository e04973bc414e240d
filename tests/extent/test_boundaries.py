"""Boundaries: what is said of a file that cannot be drawn; that good ones are drawn is in ``test_maps``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gep.errors import Problem, ProblemLog
from gep.extent.regions import check_boundaries, feature_code, feature_polygons, read_boundaries
from gep.texts.catalogue import Label

RING = [[0, 0], [0, 1], [1, 1], [0, 0]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
POINT = {"type": "Point", "coordinates": [0, 0]}
REGIONS = {code: Label(code) for code in ("360981", "360982", "360983")}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def problems_of(path: Path, regions: dict[str, Label] | None = None) -> ProblemLog:
    problems = ProblemLog()
    check_boundaries(path, "code", regions or {}, problems)
    for problem in [*problems.errors, *problems.warnings]:
        assert problem.say("zh") != problem.say("en")
        assert problem.say_where("en").startswith(path.name)
    return problems


def problem_of(path: Path, regions: dict[str, Label] | None = None) -> Problem:
    (problem,) = problems_of(path, regions).errors
    return problem


def written(folder: Path, *features: Any) -> Path:
    path = folder / "b.geojson"
    collection = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(collection), encoding="utf-8-sig")
    return path


def polygon(*corners: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(corners)]}


def test_good_boundaries_are_read_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, feature(SQUARE, code="a"), feature(None, code="b"))
    problems = problems_of(path)
    assert not problems.errors
    codes = [feature_code(one, "code") for one in read_boundaries(path)["features"]]
    assert codes == ["a", "b"]


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    missing = problem_of(tmp_path / "b.geojson")
    assert missing.code == "missing-file"
    assert str(tmp_path / "b.geojson") in missing.say_what("en")
    folder = problem_of(tmp_path)
    assert folder.code == "not-a-file"
    assert f"{tmp_path}" in folder.say_what("zh")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"type": "FeatureCollection",\n "features": [}', "b.geojson row 2: the file is no GeoJSON from column 15"),
        ("[]", "the file is no GeoJSON FeatureCollection"),
        ("{}", "the file is no GeoJSON FeatureCollection"),
        ('{"features": {"a": 1}}', "the file is no GeoJSON FeatureCollection"),
        ('{"features": [1, null]}', "the file is no GeoJSON FeatureCollection"),
        ("[" * 100_000, "nests lists too deep"),
        ('{"features": ' + "9" * 5000 + "}", "holds a number that is too long"),
    ],
)  # fmt: skip
def test_what_is_no_geojson(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "b.geojson").write_text(text, encoding="utf-8")
    problem = problem_of(tmp_path / "b.geojson")
    assert problem.code == "file-format"
    assert told in problem.say("en")


def test_shapes_that_are_no_polygons_are_named(tmp_path: Path) -> None:
    problem = problem_of(written(tmp_path, feature(POINT, code="a"), feature({"type": None})))
    assert problem.code == "file-format"
    assert problem.say_what("en") == "the file has no polygon; its shapes are: None, Point"


BROKEN = {
    "a geometry that is a text": "Polygon",
    "no coordinates": {"type": "Polygon"},
    "coordinates that are a number": {"type": "Polygon", "coordinates": 3},
    "a ring too few": {"type": "Polygon", "coordinates": RING},
    "a ring too many": {"type": "Polygon", "coordinates": [[RING]]},
    "a polygon in a list of polygons": {"type": "MultiPolygon", "coordinates": [RING]},
    "a line of two corners": polygon([0, 0], [1, 1]),
    "an empty ring": polygon(),
    "a corner of one number": polygon([0], [1], [2], [0]),
    "corners of unequal length": polygon([0, 0], [1], [1, 1], [0, 0]),
    "a text": polygon([0, 0], [0, "north"], [1, 1], [0, 0]),
    "null": polygon([0, 0], [0, None], [1, 1], [0, 0]),
    "NaN": polygon([0, 0], [0, float("nan")], [1, 1], [0, 0]),
    "infinite": polygon([0, 0], [0, float("inf")], [1, 1], [0, 0]),
    "a number of 400 digits": polygon([0, 0], [0, 10**400], [1, 1], [0, 0]),
    "an object": polygon([0, 0], {"lon": 0, "lat": 1}, [1, 1], [0, 0]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_coordinates_of_a_wrong_shape_are_counted(case: str, tmp_path: Path) -> None:
    path = written(tmp_path, feature(SQUARE, code="a"), feature(BROKEN[case], code="b"))
    problem = problem_of(path)
    assert problem.code == "file-format"
    assert problem.say_what("en") == (
        "features whose coordinates are not those of a polygon: 1 of 2, by number 2"
    )


def test_projected_and_exchanged_coordinates_are_told(tmp_path: Path) -> None:
    gauss = polygon([39_452_000.5, 3_120_000], [39_452_000, 3_121_000], [39_453_000, 3_120_000])
    problem = problem_of(written(tmp_path, feature(gauss, code="a")))
    assert problem.say_what("en") == (
        "corners that are not degrees of longitude and latitude: 3 of 3, such as 39452000.5, 3120000"
    )
    exchanged = polygon([28.1, 115.2], [28.2, 115.2], [28.2, 115.3], [28.1, 115.2])
    problem = problem_of(written(tmp_path, feature(exchanged, code="a")))
    assert problem.say_what("en") == (
        "longitude and latitude are exchanged in 4 of 4 corners, such as 28.1, 115.2"
    )


def test_outlines_without_extent_are_told(tmp_path: Path) -> None:
    line = polygon([115, 28], [115, 29], [115, 30], [115, 28])
    assert problem_of(written(tmp_path, feature(line, code="a"))).message == "extent.no-extent"


def test_features_without_the_code_are_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        feature(SQUARE, code="360981", adcode=360981),
        feature(SQUARE, id="b", adcode=360982),
        feature(SQUARE, code=None, adcode=360983),
    )
    problem = problem_of(path, REGIONS)
    assert problem.code == "missing-key"
    assert problem.say_what("en") == "features without a property 'code': 2 of 3"
    assert problem.say_what("zh") == "3 个要素中有 2 个没有属性“code”"
    assert problem.say_fix("en").endswith("property 'adcode' holds 3 of the codes")


def test_codes_that_no_region_has_are_no_grey_map(tmp_path: Path) -> None:
    names = [feature(SQUARE, code=name, name=name) for name in ("丰城市", "樟树市", "高安市")]
    problem = problem_of(written(tmp_path, *names), REGIONS)
    assert problem.code == "unknown-region"
    assert problem.say_what("en") == (
        "no code in property 'code' (3 codes, such as 丰城市) is that of a region (3 regions): the map would be blank"
    )
    assert problem.say_fix("en").endswith("the features have: code, name")
    lost = {"010101": Label("010101")}
    problem = problem_of(written(tmp_path, feature(SQUARE, code=10101)), lost)
    assert "a leading zero was lost: write 010101" in problem.say_fix("en")


def test_regions_without_a_polygon_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, feature(SQUARE, code="360981"), feature(SQUARE, code="36982"))
    problems = problems_of(path, REGIONS)
    assert not problems.errors
    (warning,) = problems.warnings
    assert warning.code == "region-not-drawn"
    assert warning.say_what("en") == (
        "regions missing on the map, as no polygon has their code in its property 'code': 2 of 3: 360982, 360983"
    )
    assert "36982" in warning.say_fix("en")


GOOD = {
    "codes as numbers": [feature(SQUARE, code=int(code)) for code in REGIONS],
    "codes as decimal numbers": [feature(SQUARE, code=float(code)) for code in REGIONS],
    "codes with blanks": [feature(SQUARE, code=f" {code} ") for code in REGIONS],
    "neighbours beside": [feature(SQUARE, code=code) for code in (*REGIONS, "360721")],
    "points for labels beside": [
        *(feature(SQUARE, code=code) for code in REGIONS),
        *(feature(POINT, code=code) for code in REGIONS),
    ],
    "heights": [
        feature(polygon([0, 0, 8], [0, 1, 9], [1, 1, 9], [0, 0, 8]), code=code) for code in REGIONS
    ],
    "an island and an empty polygon": [
        feature({"type": "MultiPolygon", "coordinates": [[RING], [RING], []]}, code=code)
        for code in REGIONS
    ],
    "a ring that is not closed": [
        feature(polygon([0, 0], [0, 1], [1, 1]), code=code) for code in REGIONS
    ],
    "a county in two features": [feature(SQUARE, code=code) for code in [*REGIONS, *REGIONS]],
}


@pytest.mark.parametrize("case", GOOD)
def test_odd_boundaries_are_drawn_without_a_word(case: str, tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD[case])
    problems = problems_of(path, REGIONS)
    assert not problems.errors
    assert not problems.warnings
    for one in read_boundaries(path)["features"]:
        for rings in feature_polygons(one):
            assert all(np.isfinite(ring).all() for ring in rings)


def test_boundaries_in_gbk_are_read(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    collection = {"features": [feature(SQUARE, code="360981", name="丰城市")]}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="gbk")
    problems = problems_of(path)
    assert [problem.code for problem in problems.warnings] == ["gbk"]
    assert read_boundaries(path)["features"][0]["properties"]["name"] == "丰城市"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    assert problem_of(path).message == "io.large-file"
