"""The map that a run draws: hexagons by longitude and latitude, polygons where the project brings boundaries."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.paths import shared_file

import gep
from gep.errors import ProblemLog
from gep.extent.regions import check_boundaries
from gep.report import result_figures as maps
from gep.report.figures import maps as map_figures

pytest.importorskip("matplotlib")
pytest.importorskip("scipy")


def _square(code: str, west: float) -> dict[str, Any]:
    ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _collection(*codes: str) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [_square(code, west) for west, code in enumerate(codes)],
    }


@pytest.fixture
def counties(tmp_path: Path) -> Path:
    """Four regions with places; the third has no population."""
    files = {
        "areas.csv": "region,year,class,area,unit\na,2010,paddy,10,km2\n"
        "b,2010,broadleaf,20,km2\nc,2010,water,5,km2\nd,2010,desert,4,km2\n",
        "regions.csv": "region,name,name_en,area,area_unit,population,lon,lat\n"
        "a,甲县,A,10,km2,100,115,28\nb,乙县,B,20,km2,100,116,28\nc,丙县,C,5,km2,,116,29\nd,丁县,D,4,km2,10,115,29\n",
        "project.toml": '[project]\nid = "p"\ntitle = { zh = "四县", en = "Four counties" }\n'
        'standard = "xie-2015"\nyears = [2010]\n'
        'price_year = 2010\n[inputs]\nareas = "areas.csv"\nregions = "regions.csv"\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, float], dict[str, Any]]]:
    """What the map hands to the figures: which figure, the values, the texts."""
    seen: list[tuple[str, dict[str, float], dict[str, Any]]] = []
    for name in ("hexagon_map", "choropleth"):
        real = getattr(map_figures, name)

        def spy(
            values: dict[str, float], *rest: Any, _real: Any = real, _name: str = name, **texts: Any
        ) -> Path:
            seen.append((_name, values, texts))
            found: Path = _real(values, *rest, **texts)
            return found

        monkeypatch.setattr(map_figures, name, spy)
    return seen


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            (
                "四县\n生态系统服务价值（当量因子法），不是生态产品总值 · 2010（示意图）",
                "万元 km-2",
                "状态：试算，未经审批",
            ),
        ),
        (
            "en",
            (
                "Four counties\necosystem service value (equivalent factors), not GEP · 2010 (schematic map)",
                "10^4 CNY km-2",
                "state: trial calculation, not approved",
            ),
        ),
    ],
)
def test_a_run_draws_hexagons_of_value_per_km2(
    counties: Path,
    drawn: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    expected: tuple[str, str, str],
) -> None:
    monkeypatch.setattr(maps, "drawn_language", lambda wanted: wanted)  # whatever fonts there are
    project = (counties / "project.toml").read_text(encoding="utf-8")
    project = project.replace("[inputs]", f'language = "{language}"\n[inputs]')
    (counties / "project.toml").write_text(project, encoding="utf-8")
    outcome = gep.run_project(counties)
    ((figure, values, texts),) = drawn
    assert figure == "hexagon_map"
    account = outcome.accounts[0]
    assert values == {
        code: pytest.approx(account.total(code) / area)
        for code, area in zip("abcd", (10, 20, 5, 4), strict=True)
    }
    assert (texts["title"], texts["unit"], texts["status"]) == expected
    assert (counties / "out" / "map.png").read_bytes().startswith(b"\x89PNG")


def test_boundaries_of_the_project_make_a_choropleth(counties: Path, drawn: list[Any]) -> None:
    (counties / "shapes.geojson").write_text(json.dumps(_collection(*"abcd")), encoding="utf-8")
    project = (counties / "project.toml").read_text(encoding="utf-8")
    (counties / "project.toml").write_text(
        project + 'boundaries = "shapes.geojson"\napproval = "GS(2024)0001"\n', encoding="utf-8"
    )
    gep.run_project(counties)
    ((figure, _, texts),) = drawn
    assert figure == "choropleth"
    assert texts["approval"] == "GS(2024)0001"
    (counties / "shapes.geojson").write_text(json.dumps(_collection(*"abcde")), encoding="utf-8")
    told = [str(problem) for problem in gep.verify(counties / "out")]
    assert len(told) == 1
    assert told[0].startswith("[differs] shapes.geojson: "), (
        "boundaries are an input: their checksum is recorded"
    )


def test_no_map_without_places_or_for_few_regions(villages: Path) -> None:
    gep.run_project(villages, allow_code=True)
    assert not (villages / "out" / "map.png").exists()


def test_without_the_libraries_the_run_goes_on_and_says_so(
    counties: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ModuleNotFoundError("No module named 'scipy'", name="scipy")

    monkeypatch.setattr(maps, "account_map", missing)
    outcome = gep.run_project(counties)
    assert [problem.code for problem in outcome.warnings] == ["missing-extra"]
    assert "gep-accounting[report]" in outcome.warnings[0].fix
    assert (counties / "out" / "account.csv").exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "missing-file"),
        ("{", "file-format"),
        ("[]", "file-format"),
        (
            '{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [1, 1]}}]}',
            "file-format",
        ),
        (json.dumps(_collection("a")).replace('"code"', '"id"'), "missing-key"),
    ],
)
def test_boundaries_that_cannot_be_drawn(tmp_path: Path, text: str | None, code: str) -> None:
    if text is not None:
        (tmp_path / "b.geojson").write_text(text, encoding="utf-8")
    problems = ProblemLog()
    check_boundaries(tmp_path / "b.geojson", "code", {}, problems)
    assert [problem.code for problem in problems.errors] == [code]


def test_real_boundaries_of_others_are_drawn(counties: Path) -> None:
    path = shared_file("data", "jiangxi_counties_2021.geojson")
    problems = ProblemLog()
    check_boundaries(path, "code", {}, problems)
    assert problems.errors == []
