"""The generator of examples/synthetic-raster: the same bits of any window, a province without gaps, a project that is whole."""

import csv
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.warp import transform
from support.synthetic_raster import FOLDER, generate, synthetic_counties, synthetic_province

from gep.cli.app import main
from gep.errors import ProblemsFound
from gep.workflows.run import run_project

SIZE = (700, 900)
COUNTIES = 14
WORDS = ("--size", "700x900", "--seed", "3", "--counties", str(COUNTIES))
Window = synthetic_province.Window
PROVINCE = synthetic_province.Province(*SIZE, seed=3)
WHOLE = PROVINCE.land(Window(0, 0, *SIZE))
YEARS = PROVINCE.years
# every raster there is, with a year where it has one
RASTERS = [
    (name, year)
    for name, layer in synthetic_province.LAYERS.items()
    for year in (YEARS if layer.yearly else (None,))
]


@pytest.fixture(scope="module")
def counties() -> list["synthetic_counties.County"]:
    return synthetic_counties.make_counties(*SIZE, COUNTIES, 3)


@pytest.fixture(scope="module")
def polygons(counties: list["synthetic_counties.County"]) -> list[shapely.Polygon]:
    return [shapely.Polygon(county.ring) for county in counties]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synthetic")
    generate.main([*WORDS, "--out", str(out)])
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------------------------------------------------------- pixels


@pytest.mark.parametrize(
    "window",
    [Window(0, 0, 512, 512), Window(511, 513, 189, 387), Window(299, 401, 1, 1), Window(37, 5, 260, 803)],
    ids=str,
)  # fmt: skip
def test_a_window_has_the_bits_of_the_whole(window: "synthetic_province.Window") -> None:
    row, column, height, width = window
    part = (slice(row, row + height), slice(column, column + width))
    for year in YEARS:
        cover = PROVINCE.land_cover(window, year)
        assert cover.dtype == np.uint8
        assert (cover == WHOLE.land_cover(year)[part]).all()
    for name, year in RASTERS:
        numbers = PROVINCE.layer(window, name, year)
        assert numbers.dtype == np.float32
        assert numbers.tobytes() == WHOLE.layer(name, year)[part].tobytes(), name


def test_no_raster_is_constant_within_a_county(polygons: list[shapely.Polygon]) -> None:
    zones = rasterize(((polygon, place + 1) for place, polygon in enumerate(polygons)), SIZE)
    for name, year in RASTERS:
        numbers = WHOLE.layer(name, year)
        for place in range(1, COUNTIES + 1):
            inside = numbers[zones == place]
            assert (inside != synthetic_province.NODATA).all()
            assert np.isfinite(inside).all()
            assert inside.std() > 0, name


def test_land_cover_changes_by_a_few_per_cent_and_follows_the_land() -> None:
    before, after = (WHOLE.land_cover(year) for year in YEARS)
    mapped = before != synthetic_province.NODATA_CLASS
    assert (mapped == (after != synthetic_province.NODATA_CLASS)).all()
    assert 0.01 < (before != after)[mapped].mean() < 0.08
    assert set(np.unique(before[mapped])) <= set(synthetic_province.CLASSES)
    height, slope = WHOLE.dem(), WHOLE.slope()
    forest = np.isin(before, [synthetic_province.BROADLEAF, synthetic_province.CONIFER])
    paddy = before == synthetic_province.PADDY
    assert height[forest].mean() > 2 * height[paddy].mean()
    assert slope[forest].mean() > 2 * slope[paddy].mean()
    # a river has lower land on its course than beside it
    river = before == synthetic_province.RIVER
    assert river.any()
    assert height[river].mean() < np.median(height[mapped])


def test_layers_agree_with_each_other() -> None:
    mapped = WHOLE.mapped
    texture = [WHOLE.layer(f"soil_{name}") for name in ("sand", "silt", "clay")]
    assert (sum(texture)[mapped] == 100).all()
    assert min(part[mapped].min() for part in texture) > 0
    for year in YEARS:
        assert (WHOLE.evapotranspiration(year) <= WHOLE.rainfall(year)).all()
    wetter = [WHOLE.rainfall(year).mean() for year in YEARS]
    assert abs(wetter[0] - wetter[1]) > 1


def test_slopes_are_those_of_the_heights() -> None:
    """Horn's slope, worked out here in float64 with the arc tangent of the library."""
    dem = WHOLE.layer("dem").astype(np.float64)
    inner = PROVINCE.layer(Window(1, 1, SIZE[0] - 2, SIZE[1] - 2), "slope")
    around = {(i, j): dem[1 + i : SIZE[0] - 1 + i, 1 + j : SIZE[1] - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)}  # fmt: skip
    north = sum(w * (around[-1, j] - around[1, j]) for j, w in ((-1, 1), (0, 2), (1, 1)))
    west = sum(w * (around[i, -1] - around[i, 1]) for i, w in ((-1, 1), (0, 2), (1, 1)))
    slope = np.degrees(np.arctan(np.hypot(north, west) / (8 * 30)))
    known = np.logical_and.reduce([part != synthetic_province.NODATA for part in around.values()])
    # half a step of rounding, and 0.001 degree of the polynomial
    assert np.abs(inner - slope)[known].max() < 2.0**-7 + 0.0011


def test_the_angle_of_a_gradient_is_right_on_both_sides_of_45_degrees() -> None:
    gradient = np.linspace(0, 4, 4001, dtype=np.float32)
    angle = synthetic_province.degrees(gradient)
    np.testing.assert_allclose(angle, np.degrees(np.arctan(gradient)), atol=0.0011)


def test_noise_has_no_memory_and_no_direction() -> None:
    """Hashed numbers are spread evenly over -1 to 1 and neighbours are not alike, negative positions included."""
    place = np.arange(-300, 300)
    numbers = synthetic_province.hashed(place[:, None], place[None, :], 7).astype(np.float64)
    assert abs(numbers.mean()) < 0.005
    assert numbers.var() == pytest.approx(1 / 3, rel=0.01)
    for moved in (numbers[1:] * numbers[:-1], numbers[:, 1:] * numbers[:, :-1]):
        assert abs(moved.mean()) < 0.005
    other = synthetic_province.hashed(place[:, None], place[None, :], 8)
    assert abs((numbers * other).mean()) < 0.005


def test_another_seed_is_another_province() -> None:
    window = Window(300, 300, 64, 64)
    other = synthetic_province.Province(*SIZE, seed=4)
    assert (other.layer(window, "dem") != PROVINCE.layer(window, "dem")).mean() > 0.9


def test_only_operations_that_every_machine_rounds_alike() -> None:
    """No transcendental function and no product of matrices in the modules that make values."""
    text = (FOLDER / "synthetic_province.py").read_text(encoding="utf-8").split('"""', 2)[2]
    for word in ("np.sin", "np.cos", "np.exp", "np.log", "np.pow", "np.arctan", "np.dot", " @ ", "einsum", "np.hypot"):  # fmt: skip
        assert word not in text, word


# -------------------------------------------------------------------------------------------------------------- counties


@pytest.mark.parametrize(
    ("size", "count"), [(SIZE, 14), ((200, 200), 1), ((64, 96), 5), ((3000, 2000), 150)]
)
def test_counties_share_borders_without_gap_or_overlap(size: tuple[int, int], count: int) -> None:
    made = synthetic_counties.make_counties(*size, count, 3)
    shapes = [shapely.Polygon(county.ring) for county in made]
    assert len({county.code for county in made}) == len(made) == count
    assert all(len(county.code) == 6 and county.code.isdigit() for county in made)
    assert all(shape.is_valid for shape in shapes)
    union = shapely.union_all(shapes)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0
    total = sum(shape.area for shape in shapes)
    assert union.area == pytest.approx(total, rel=1e-9)
    assert sum(county.pixels for county in made) == pytest.approx(total, rel=1e-9)
    # room on all sides, and every pixel of a county mapped
    assert shapely.box(0, 0, size[1], size[0]).contains(union)
    assert total < 0.7 * size[0] * size[1]
    points = shapely.get_coordinates(union) / [size[1] / 2, size[0] / 2] - 1
    assert np.hypot(*points.T).max() < 1


def test_counties_are_irregular(polygons: list[shapely.Polygon]) -> None:
    areas = np.array([polygon.area for polygon in polygons])
    assert areas.max() > 1.2 * areas.min()
    assert all(polygon.area < 0.99 * polygon.convex_hull.area for polygon in polygons)


def test_five_thousand_counties_have_codes_of_their_own() -> None:
    codes = synthetic_counties.county_codes(5000)
    assert len(set(codes)) == 5000
    assert {len(code) for code in codes} == {6}


# ----------------------------------------------------------------------------------------------------------------- files


def test_files_hold_the_values_and_say_what_they_are(folder: Path) -> None:
    with rasterio.open(folder / "land_cover_2020.tif") as file:
        assert (file.read(1) == WHOLE.land_cover(2020)).all()
        assert (file.dtypes[0], file.nodata, file.block_shapes[0]) == ("uint8", 0, (512, 512))
        assert file.crs.is_projected
        assert "nothing of it is real" in file.tags()["source"]
        grid = (file.crs, file.transform, file.shape)
    for name in generate.PROJECT_LAYERS:
        layer = synthetic_province.LAYERS[name]
        for year in YEARS if layer.yearly else (None,):
            with rasterio.open(folder / generate.file_name(name, year)) as file:
                assert (file.crs, file.transform, file.shape) == grid
                assert (file.units[0] or "", file.nodata) == (layer.unit, -9999)
                assert file.read(1).tobytes() == WHOLE.layer(name, year).tobytes()


def test_polygons_in_degrees_are_those_of_the_grid(
    folder: Path, counties: list["synthetic_counties.County"]
) -> None:
    features = json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))["features"]
    with rasterio.open(folder / "land_cover_2015.tif") as file:
        crs, (step, _, west, _, down, north) = file.crs, file.transform[:6]
    for feature, county in zip(features, counties, strict=True):
        assert feature["properties"]["code"] == county.code
        (ring,) = feature["geometry"]["coordinates"]
        across, up = transform("EPSG:4326", crs, *zip(*ring, strict=True))
        points = np.column_stack([(np.array(across) - west) / step, (np.array(up) - north) / down])
        np.testing.assert_allclose(points, county.ring, atol=1e-3)


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """The second one in a process of its own, as a user starts it."""
    command = [sys.executable, FOLDER / "generate.py", *WORDS, "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_a_grid_in_degrees(tmp_path: Path) -> None:
    generate.main(["--size", "96", "--counties", "3", "--degrees", "--layers", "dem", "--out", str(tmp_path)])  # fmt: skip
    with rasterio.open(tmp_path / "dem.tif") as file:
        assert file.crs.to_epsg() == 4326
        assert file.transform.a == pytest.approx(1 / 3600)
        assert shapely.box(*file.bounds).contains(shapely.Point(115, 28))
    features = json.loads((tmp_path / "counties.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == 3


def test_the_project_names_files_that_are_there(folder: Path) -> None:
    spec = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))
    raster = spec["inputs"]["raster"]
    names = [raster["land_cover"], raster["zones"], *(layer["path"] for layer in raster["layer"])]
    for name in names:
        for year in spec["project"]["years"]:
            assert (folder / name.replace("{year}", str(year))).exists()
    assert {layer["name"] for layer in raster["layer"]} == set(generate.PROJECT_LAYERS)
    assert {layer["grade"] for layer in raster["layer"]} == {"placeholder"}


# --------------------------------------------------------------------------------------------------------------- project


def test_the_project_is_whole_without_its_rasters(
    folder: Path, polygons: list[shapely.Polygon], tmp_path: Path
) -> None:
    """The table tier runs it, with areas and means by county and class in place of the rasters."""
    zones = rasterize(((polygon, place + 1) for place, polygon in enumerate(polygons)), SIZE)
    codes = [row["region"] for row in rows(folder / "regions.csv")[1:]]
    areas = ["region,year,class,area,unit"]
    data = (folder / "data.csv").read_text(encoding="utf-8").splitlines()
    for year in YEARS:
        cover = WHOLE.land_cover(year)
        for place, code in enumerate(codes):
            inside = zones == place + 1
            for number, pixels in zip(*np.unique(cover[inside], return_counts=True), strict=True):
                name = synthetic_province.CLASSES[number].ecosystem
                areas.append(f"{code},{year},{name},{pixels * 900},m2")
            for name in generate.PROJECT_LAYERS:
                layer = synthetic_province.LAYERS[name]
                numbers = WHOLE.layer(name, year if layer.yearly else None)
                mean = numbers[inside].mean(dtype=np.float64)
                data.append(f"{code},{year},{name},,{mean:.6f},{layer.unit},made up,placeholder,")
    text, _, _ = (folder / "project.toml").read_text(encoding="utf-8").partition("[inputs.raster]")
    text = text.replace("[inputs]", '[inputs]\nareas = "areas.csv"')
    (tmp_path / "project.toml").write_text(text, encoding="utf-8")
    (tmp_path / "areas.csv").write_text("\n".join(areas) + "\n", encoding="utf-8")
    (tmp_path / "data.csv").write_text("\n".join(data) + "\n", encoding="utf-8")
    for name in ("regions.csv", "crosswalk.csv", "sources.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    outcome = run_project(tmp_path, tmp_path / "out")
    table = outcome.accounts[0].frame()
    for item in ("water_retention", "soil_retention"):
        numbers = table.loc[table["indicator"] == item, "value"].astype(float)
        assert len(numbers) >= COUNTIES


def test_a_check_prints_the_shares_of_all_counties_in_which_pixels_lack(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every county lacks a row of clay, the last of the layers."""
    project = tmp_path / "project"
    shutil.copytree(folder, project)
    with rasterio.open(project / "soil_clay.tif", "r+") as file:
        numbers = file.read(1)
        numbers[::50] = file.nodata
        file.write(numbers, 1)
    text = (project / "project.toml").read_text(encoding="utf-8")
    text = text.replace("min_cover = 0.98", "min_cover = 0.9")
    (project / "project.toml").write_text(text, encoding="utf-8")
    assert main(["check", str(project), "--language", "en"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "land cover 1" in line]
    assert len(lines) == COUNTIES * len(YEARS)
    for line in lines:
        assert line.count("%") == 1 + len(generate.PROJECT_LAYERS)
        assert re.search(r"land cover 100\.0%, [^%]*soil_clay\) 9[78]\.\d%", line), line


def test_maps_of_values_are_refused_where_no_step_gives_money(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="--quantity-maps"):
        run_project(folder, tmp_path / "out", maps="values")
    assert not (tmp_path / "out").exists()


def test_slope_that_the_project_makes_of_heights_is_that_of_a_raster_of_slopes(
    tmp_path: Path,
) -> None:
    """A layer with ``derive = "slope"`` reads heights; the slopes beside it are made here."""
    layers = ",".join(["dem", *generate.PROJECT_LAYERS])
    generate.main(["--size", "300x340", "--counties", "4", "--layers", layers, "--out", str(tmp_path)])  # fmt: skip
    with rasterio.open(tmp_path / "dem.tif") as file:
        heights = file.read(1).astype(float)
        heights[heights == file.nodata] = np.nan
        profile = file.profile | {"dtype": "float64", "nodata": -9999.0}
    weights = np.array([1.0, 2.0, 1.0])
    smooth_down = np.apply_along_axis(np.convolve, 0, heights, weights, "valid")
    smooth_across = np.apply_along_axis(np.convolve, 1, heights, weights, "valid")
    east = (smooth_down[:, 2:] - smooth_down[:, :-2]) / (8 * 30)
    south = (smooth_across[2:] - smooth_across[:-2]) / (8 * 30)
    slopes = np.full(heights.shape, -9999.0)
    slopes[1:-1, 1:-1] = np.nan_to_num(np.degrees(np.arctan(np.hypot(east, south))), nan=-9999)
    with rasterio.open(tmp_path / "slope.tif", "w", **profile) as file:
        file.write(slopes, 1)
    project = tmp_path / "project.toml"
    text = project.read_text(encoding="utf-8").replace("min_cover = 0.98", "min_cover = 0.9")
    assert text.count('path = "slope.tif"') == 1
    frames = []
    for path in ('path = "slope.tif"', 'path = "dem.tif"\nderive = "slope"'):
        project.write_text(text.replace('path = "slope.tif"', path), encoding="utf-8")
        outcome = run_project(tmp_path, tmp_path / "out")
        frames.append(outcome.accounts[0].frame())
    first, second = frames
    is_soil = first["indicator"] == "soil_retention"
    assert is_soil.sum() > 4
    expected = first.loc[is_soil, "value"].astype(float).to_numpy()
    found = second.loc[is_soil, "value"].astype(float).to_numpy()
    assert (expected > 0).any()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
