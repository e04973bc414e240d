"""Boundaries: what is said of a file that cannot be drawn; that good ones are drawn is in ``test_maps``."""

import json
from pathlib import Path
from typing import Any

import pytest

from gep.errors import Problem, ProblemLog
from gep.extent.regions import check_boundaries, read_boundaries

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
POINT = {"type": "Point", "coordinates": [0, 0]}


def feature(geometry: Any, **properties: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def problem_of(path: Path) -> Problem:
    problems = ProblemLog()
    check_boundaries(path, "code", problems)
    (problem,) = problems.errors
    assert problem.say_where("en") == path.name
    assert problem.say("zh") != problem.say("en")
    return problem


def written(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "b.geojson"
    collection = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(collection), encoding="utf-8-sig")
    return path


def test_good_boundaries_are_read_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, feature(SQUARE, code="a"), feature(None, code="b"))
    problems = ProblemLog()
    check_boundaries(path, "code", problems)
    assert not problems.errors
    codes = [one["properties"]["code"] for one in read_boundaries(path)["features"]]
    assert codes == ["a", "b"]


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    missing = problem_of(tmp_path / "b.geojson")
    assert (missing.code, missing.say_what("en")) == (
        "missing-file",
        f"there is no file {tmp_path / 'b.geojson'}",
    )
    folder = problem_of(tmp_path)
    assert (folder.code, folder.say_what("zh")) == ("not-a-file", f"{tmp_path} 是文件夹")


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "JSONDecodeError: "), ("[]", "TypeError: "), ("{}", "KeyError: ")]
)
def test_what_is_no_geojson(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "b.geojson").write_text(text, encoding="utf-8")
    problem = problem_of(tmp_path / "b.geojson")
    assert problem.code == "file-format"
    assert problem.say_what("en").startswith(f"the file cannot be read as GeoJSON ({reason}")


def test_shapes_that_are_no_polygons_are_named(tmp_path: Path) -> None:
    problem = problem_of(written(tmp_path, feature(POINT, code="a"), feature({"type": None})))
    assert problem.code == "file-format"
    assert problem.say_what("en") == "the file has no polygon; its shapes are: None, Point"


def test_features_without_the_code_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, feature(SQUARE, code="a"), feature(SQUARE, id="b"), feature(SQUARE))
    problem = problem_of(path)
    assert problem.code == "missing-key"
    assert problem.say_what("en") == "2 of 3 features have no property 'code'"
    assert problem.say_what("zh") == "3 个要素中有 2 个没有属性“code”"
