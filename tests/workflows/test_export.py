"""Results in files of the trade, tables from them, and the data package of a result folder."""

import json
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pytest
from support.paths import TESTS

import gep
from gep.errors import ProblemLog, ProblemsFound
from gep.io.geopackage import layer_names, read_attributes, write_features

PROJECT = TESTS / "cases" / "jiaozhou-bay-2005-2015"
SQUARE = [[[120.0, 36.0], [120.5, 36.0], [120.5, 36.4], [120.0, 36.4], [120.0, 36.0]]]
BOUNDARIES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "370200"},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
    ],
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    gep.run_project(PROJECT, folder)
    return folder


@pytest.fixture
def boundaries(tmp_path: Path) -> Path:
    path = tmp_path / "regions.geojson"
    path.write_text(json.dumps(BOUNDARIES), encoding="utf-8")
    return path


def test_the_data_package_describes_every_table(out: Path) -> None:
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    tables = {resource["path"]: resource for resource in package["resources"]}
    assert set(tables) == {path.name for path in out.glob("*.csv")}
    for name, resource in tables.items():
        header = pd.read_csv(out / name, nrows=0).columns
        assert [field["name"] for field in resource["schema"]["fields"]] == list(header)
    types = {field["name"]: field["type"] for field in tables["account.csv"]["schema"]["fields"]}
    assert (types["value"], types["year"], types["region"]) == ("number", "year", "string")
    assert "datapackage.json" in json.loads((out / "manifest.json").read_text())["other_results"]


def test_a_run_with_a_data_package_is_verified_and_run_again(out: Path) -> None:
    assert list(gep.verify(out, PROJECT)) == []
    gep.run_project(PROJECT, out)


def test_values_are_joined_to_boundaries(out: Path, boundaries: Path, tmp_path: Path) -> None:
    gep.export_results(out, tmp_path / "values.geojson", boundaries=boundaries)
    (feature,) = json.loads((tmp_path / "values.geojson").read_text(encoding="utf-8"))["features"]
    summary = pd.read_csv(out / "summary.csv", dtype={"region": str})
    of_year = summary[(summary["category"] == "total") & (summary["year"] == 2010)]
    assert feature["properties"]["total_2010"] == of_year["value"].iloc[0]
    assert feature["properties"]["measure"] == "gep"
    assert feature["properties"]["price_basis"] == "current"
    assert feature["geometry"]["coordinates"] == SQUARE


def test_a_geopackage_has_the_same_values(out: Path, boundaries: Path, tmp_path: Path) -> None:
    file = gep.export_results(out, tmp_path / "values.gpkg", boundaries=boundaries)
    assert layer_names(file) == ["values"]
    frame = read_attributes(file, "values")
    assert frame["region"].tolist() == ["370200"]
    assert isinstance(frame["total_2005"].iloc[0], float)
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        (blob,) = database.execute('SELECT geom FROM "values"').fetchone()
        box = database.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents").fetchone()
    assert blob[:2] == b"GP"
    assert len(blob) == 8 + 9 + 4 + 5 * 16  # head, polygon, ring, five points
    assert box == (120.0, 36.0, 120.5, 36.4)


def test_a_netcdf_keeps_units_and_what_the_numbers_are(out: Path, tmp_path: Path) -> None:
    xr = pytest.importorskip("xarray")
    pytest.importorskip("scipy")
    file = gep.export_results(out, tmp_path / "values.nc")
    with xr.open_dataset(file, engine="scipy") as dataset:
        salt = dataset["salt__value"]
        assert salt.dims == ("year", "region")
        assert float(salt.sel(year=2005)[0]) == pytest.approx(18.1)
        assert salt.attrs["units"] == "10^7 CNY"
        assert dataset.attrs["measure"] == "gep"
        assert dataset.attrs["state"] == "试算"


def test_without_its_library_a_parquet_is_refused_by_name(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    target = tmp_path / "account.parquet"
    with pytest.raises(ProblemsFound, match="pyarrow"):
        gep.export_results(out, target, language="en")
    assert not target.exists()


def test_a_parquet_has_typed_columns(out: Path, tmp_path: Path) -> None:
    target = tmp_path / "account.parquet"
    gep.export_results(out, target)
    frame = pd.read_parquet(target)
    assert frame["value"].dtype.kind == "f"
    assert set(frame["status"]) == {"number"}


@pytest.mark.parametrize(
    ("target", "code"), [("values.shp", "file-format"), ("values", "file-format")]
)
def test_other_endings_are_refused(out: Path, tmp_path: Path, target: str, code: str) -> None:
    with pytest.raises(ProblemsFound) as raised:
        gep.export_results(out, tmp_path / target)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_what_is_missing_is_named(out: Path, tmp_path: Path) -> None:
    for arguments in ({"folder": tmp_path}, {"folder": out}):
        with pytest.raises(ProblemsFound) as raised:
            gep.export_results(target=tmp_path / "values.geojson", **arguments)
        assert [problem.code for problem in raised.value.problems] == ["missing-file"]
    (tmp_path / "there.nc").write_text("mine")
    with pytest.raises(ProblemsFound) as raised:
        gep.export_results(out, tmp_path / "there.nc")
    assert [problem.code for problem in raised.value.problems] == ["file-exists"]
    assert (tmp_path / "there.nc").read_text() == "mine"


# --- tables from them -----------------------------------------------------------------------------


def write_areas(path: Path, layers: tuple[str, ...] = ("areas",)) -> Path:
    """Write areas of two classes as layers of a GeoPackage; the numbers are made up."""
    columns = {"region": "TEXT", "year": "REAL", "class": "TEXT", "area": "REAL", "unit": "TEXT"}
    features = []
    for name, area in (("wetland", 38299.0), ("sea", 12.5)):
        properties = {
            "region": "010101",
            "year": 2005.0,
            "class": name,
            "area": area,
            "unit": "hm2",
        }
        features.append({**BOUNDARIES["features"][0], "properties": properties})
    write_features(path, layers[0], features, columns)
    for layer in layers[1:]:
        with sqlite3.connect(path) as database:
            database.execute(f"CREATE TABLE {layer} (region TEXT)")
            row = (layer, "attributes", layer, "", "1970-01-01T00:00:00.000Z")
            database.execute(
                "INSERT INTO gpkg_contents VALUES (?,?,?,?,?,NULL,NULL,NULL,NULL,NULL)", row
            )
    return path


def test_areas_are_read_from_a_geopackage(tmp_path: Path) -> None:
    rows = gep.read_areas(write_areas(tmp_path / "areas.gpkg")).rows
    assert rows["region"].tolist() == ["010101", "010101"]
    assert rows["year"].tolist() == [2005, 2005]
    assert rows["area"].tolist() == [382990000.0, 125000.0]


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    file = write_areas(tmp_path / "areas.gpkg", ("areas", "other"))
    for path in (file, file.with_name("areas.gpkg#third")):
        with pytest.raises(ProblemsFound) as raised:
            gep.read_areas(path)
        assert [problem.code for problem in raised.value.problems] == ["missing-sheet"]
    assert len(gep.read_areas(file.with_name("areas.gpkg#areas")).rows) == 2


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.json", "areas.shp", "areas.docx"])
def test_what_is_not_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("region,year,class,area,unit\n1,2020,paddy,1,km2\n")
    with pytest.raises(ProblemsFound) as raised:
        gep.read_areas(tmp_path / name)
    (problem,) = raised.value.problems
    assert problem.code == "file-format"
    assert Path(name).suffix in problem.say("en")


def test_areas_are_read_from_a_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "areas.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(ProblemsFound) as raised:
        gep.read_areas(path)
    assert [problem.code for problem in raised.value.problems] == ["file-format"]
    row = {
        "region": ["010101"],
        "year": [2005],
        "class": ["wetland"],
        "area": [1.5],
        "unit": ["km2"],
    }
    pd.DataFrame(row).to_parquet(path)
    assert gep.read_areas(path).rows["area"].tolist() == [1.5e6]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ProblemsFound, match="library that is not installed"):
        gep.read_areas(path)


def test_a_parquet_may_have_an_index_and_lists(tmp_path: Path) -> None:
    row = {"region": "010101", "year": 2005, "class": "wetland", "area": 1.5, "unit": "km2"}
    areas = pd.DataFrame([row])
    path = tmp_path / "areas.parquet"
    areas.set_index(["region", "class"]).to_parquet(path)
    rows = gep.read_areas(path).rows
    assert rows[["region", "class"]].to_numpy().tolist() == [["010101", "wetland"]]
    areas.assign(area=[[1.5, 2.5]]).to_parquet(path)
    with pytest.raises(ProblemsFound) as raised:
        gep.read_areas(path)
    assert [problem.code for problem in raised.value.problems] == ["not-a-number"]


def test_reading_notes_the_checksum(tmp_path: Path) -> None:
    from gep.extent.areas import load_areas

    problems = ProblemLog()
    assert load_areas(write_areas(tmp_path / "areas.gpkg"), problems) is not None
    assert len(problems.checksums) == 1
