"""Zones: every pixel has the zone of its centre, whatever the window; what is wrong is told by code."""

import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import shared_file
from support.zone_files import coasts, square_grid, write_zones

from gep.errors import ProblemLog
from gep.extent.cell_areas import cell_areas
from gep.extent.rasters import Grid, Window, open_raster
from gep.extent.zones import PolygonZones, Zones, load_zones


def load(path: Path, grid: Grid, key: str = "code", **options: Any) -> Zones:
    problems = ProblemLog("en")
    zones = load_zones(path, key, grid, problems, "inputs.raster.zones", **options)
    assert not problems.errors, [str(problem) for problem in problems.errors]
    assert zones is not None
    return zones


def told(path: Path, grid: Grid, key: str = "code", **options: Any) -> list[tuple[str, str]]:
    """Code and sentence of each problem; a refusal gives no zones."""
    problems = ProblemLog("en")
    zones = load_zones(path, key, grid, problems, "inputs.raster.zones", **options)
    assert (zones is None) == bool(problems.errors)
    for problem in problems.errors + problems.warnings:
        assert problem.say_fix("zh")
        assert problem.say_fix("en")
    return [(item.code, item.say_what("en")) for item in problems.errors + problems.warnings]


def whole(grid: Grid) -> Window:
    return Window(0, 0, grid.height, grid.width)


def degrees(shape: Any, grid: Grid) -> Any:
    """Columns and rows of a grid as its coordinates."""
    a, b, c, d, e, f = grid.transform
    scale = np.array([[a, d], [b, e]])
    return shapely.transform(shape, lambda xy: xy @ scale + [c, f])


def on_pixels(shapes: Sequence[Any], grid: Grid) -> PolygonZones:
    polygons = np.array(list(shapes), dtype=object)
    codes = tuple(f"{number:03d}" for number in range(len(polygons)))
    return PolygonZones(codes, grid, polygons, (0.0,) * len(codes))


def by_shapely(shapes: Sequence[Any], height: int, width: int) -> np.ndarray:
    rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    zones = np.full((height, width), -1)
    for number, shape in reversed(list(enumerate(shapes))):
        zones[shapely.contains_xy(shape, columns + 0.5, rows + 0.5)] = number
    return zones


# --- pixel centres --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_zones_are_those_of_the_pixel_centres(seed: int) -> None:
    grid = square_grid(140)
    shapes = coasts(12, 60, 120.0, seed)
    moved = [shapely.transform(shape, lambda xy: xy + 7.3) for shape in shapes]
    zones = on_pixels(moved, grid).labels(whole(grid)).named()
    assert zones.dtype == np.int64
    assert (zones == -1).any()
    np.testing.assert_array_equal(zones, by_shapely(moved, 140, 140))


@pytest.mark.parametrize("seed", range(3))
def test_zones_are_those_that_gdal_rasterises(seed: int) -> None:
    from rasterio.features import rasterize

    grid = square_grid(600)
    shapes = coasts(20, 200, 600.0, seed + 100)
    pairs = [(shape, number) for number, shape in enumerate(shapes)]
    expected = rasterize(pairs, out_shape=(600, 600), fill=-1, dtype="int32")
    np.testing.assert_array_equal(on_pixels(shapes, grid).labels(whole(grid)).named(), expected)


def test_holes_islands_and_rings_of_either_direction() -> None:
    outer = [(2.1, 2), (38, 3.1), (37, 38.2), (1, 36)]
    hole = [(10.1, 10), (30, 11.2), (28.3, 30), (9, 29.4)]
    island = [(15.1, 15), (22, 16.3), (20.2, 23)]
    grid = square_grid(40)
    for turn in (1, -1):
        for turn_of_hole in (1, -1):
            ring = shapely.Polygon(outer[::turn], [hole[::turn_of_hole]])
            both = shapely.MultiPolygon([ring, shapely.Polygon(island[::turn])])
            lake = shapely.Polygon(hole, [island])
            shapes = [both, lake]
            zones = on_pixels(shapes, grid).labels(whole(grid)).named()
            np.testing.assert_array_equal(zones, by_shapely(shapes, 40, 40))


def test_a_centre_on_a_shared_edge_is_in_exactly_one_zone() -> None:
    """Edges and corners of this chequerboard, and its diagonals, run through centres of pixels."""
    shapes = []
    for row in range(0, 40, 10):
        for column in range(0, 40, 10):
            x, y = column + 0.5, row + 0.5
            shapes.append(shapely.Polygon([(x, y), (x + 10, y), (x + 10, y + 10)]))
            shapes.append(shapely.Polygon([(x, y), (x + 10, y + 10), (x, y + 10)]))
    grid = square_grid(42)
    counts = np.zeros((42, 42))
    for shape in shapes:
        counts += on_pixels([shape], grid).labels(whole(grid)).named() == 0
    assert counts.max() == 1
    assert counts[1:40, 1:40].min() == 1
    assert counts.sum() == 40 * 40
    together = on_pixels(shapes, grid).labels(whole(grid)).named()
    np.testing.assert_array_equal(together >= 0, counts == 1)


def test_where_zones_overlap_the_first_has_the_pixel() -> None:
    grid = square_grid(30)
    shapes = [shapely.box(12, 3, 25, 25), shapely.box(2, 5, 20, 20), shapely.box(14, 8, 16, 12)]
    zones = on_pixels(shapes, grid).labels(whole(grid)).named()
    np.testing.assert_array_equal(zones, by_shapely(shapes, 30, 30))


WINDOWS = st.tuples(
    st.integers(0, 1199), st.integers(0, 1199), st.integers(1, 1200), st.integers(1, 1200)
)
LARGE = square_grid(1200, 0.0005)


@pytest.fixture(scope="module")
def counties() -> PolygonZones:
    shapes = [shapely.transform(shape, lambda xy: xy - 20) for shape in coasts(15, 300, 1200.0)]
    return on_pixels([*shapes, shapely.box(300, 250, 700, 900)], LARGE)


@settings(max_examples=40, deadline=None)
@given(place=WINDOWS)
def test_a_pixel_has_the_same_zone_in_every_window(
    counties: PolygonZones, place: tuple[int, int, int, int]
) -> None:
    row, column, height, width = place
    window = Window(row, column, min(height, 1200 - row), min(width, 1200 - column))
    expected = counties.labels(whole(LARGE)).named()
    expected = expected[row : row + window.height, column : column + window.width]
    assert counties.labels(window).named().tobytes() == expected.tobytes()


def test_zones_travel_to_other_processes(counties: PolygonZones) -> None:
    there = pickle.loads(pickle.dumps(counties))
    window = Window(500, 300, 300, 700)
    assert there.labels(window).named().tobytes() == counties.labels(window).named().tobytes()
    assert there.codes == counties.codes
    here, share = counties.fractions(window), there.fractions(window)
    assert here.share.tobytes() == share.share.tobytes()


# --- cell fractions -------------------------------------------------------------------------------


def test_fractions_are_shares_of_the_areas_of_pixels() -> None:
    grid = square_grid(20)
    shapes = [shapely.transform(shape, lambda xy: xy + 1.7) for shape in coasts(6, 40, 15.0)]
    fractions = on_pixels(shapes, grid).fractions(whole(grid))
    shares = np.zeros((400, 6))
    shares[fractions.pixel, fractions.zone] = fractions.share
    for pixel in range(400):
        row, column = divmod(pixel, 20)
        cell = shapely.box(column, row, column + 1, row + 1)
        expected = shapely.area(shapely.intersection(shapes, cell))
        np.testing.assert_allclose(shares[pixel], expected, atol=2e-7)
    order = np.lexsort((fractions.zone, fractions.pixel))
    np.testing.assert_array_equal(order, np.arange(len(order)))
    assert shares.sum(axis=1).max() <= 1 + 1e-12
    assert (fractions.share > 0).all()


@settings(max_examples=5, deadline=None)
@given(place=WINDOWS)
def test_fractions_have_the_same_bits_in_every_window(
    counties: PolygonZones, place: tuple[int, int, int, int]
) -> None:
    row, column, height, width = place
    window = Window(row, column, min(height, 1200 - row), min(width, 1200 - column))
    all_of_it = counties.fractions(whole(LARGE))
    down, across = all_of_it.pixel // 1200 - row, all_of_it.pixel % 1200 - column
    inside = (down >= 0) & (down < window.height) & (across >= 0) & (across < window.width)
    fractions = counties.fractions(window)
    np.testing.assert_array_equal(fractions.pixel, (down * window.width + across)[inside])
    np.testing.assert_array_equal(fractions.zone, all_of_it.zone[inside])
    assert fractions.share.tobytes() == all_of_it.share[inside].tobytes()
    if len(fractions.pixel):
        assert np.bincount(fractions.pixel, weights=fractions.share).max() <= 1 + 1e-12


# --- files ----------------------------------------------------------------------------------------

GRID = square_grid(60)
WEST, EAST = shapely.box(114.05, 28.5, 114.3, 28.9), shapely.box(114.3, 28.5, 114.5, 28.9)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp"])
def test_formats_give_the_same_zones_and_keep_zeros(suffix: str, tmp_path: Path) -> None:
    path = write_zones(tmp_path / f"counties{suffix}", [WEST, EAST], ["0361130", "0361129"])
    zones = load(path, GRID)
    assert zones.codes == ("0361129", "0361130")
    assert zones.outside == (0.0, 0.0)
    assert zones.raster is None
    pixels = zones.labels(whole(GRID)).named()
    assert (np.unique(pixels) == [-1, 0, 1]).all()
    assert (pixels[20, 10], pixels[20, 40], pixels[5, 10]) == (1, 0, -1)
    assert (pixels == 0).sum() == 20 * 40
    assert (pixels == 1).sum() == 25 * 40


def test_codes_that_are_numbers_are_their_digits(tmp_path: Path) -> None:
    for codes in ([361130, 361129], [361130.0, 361129.0]):
        path = write_zones(tmp_path / "n.gpkg", [WEST, EAST], codes)
        assert load(path, GRID).codes == ("361129", "361130")
        path.unlink()


def test_features_with_one_code_are_joined(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "joined.gpkg", [WEST, EAST], ["a", "a"])
    zones = load(path, GRID)
    assert zones.codes == ("a",)
    assert (zones.labels(whole(GRID)).named() == 0).sum() == 45 * 40


def test_a_layer_is_named_behind_the_file(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "z.gpkg", [WEST], ["a"], layer="counties")
    write_zones(path, [EAST], ["b"], layer="towns", append=True)
    assert load(path.with_name("z.gpkg#towns"), GRID).codes == ("b",)
    assert told(path, GRID)[0][0] == "file-format"
    assert "counties, towns" in told(path, GRID)[0][1]
    assert told(path.with_name("z.gpkg#villages"), GRID)[0][0] == "file-format"


def test_polygons_are_brought_to_the_crs_of_the_grid(tmp_path: Path) -> None:
    """An edge that is straight in degrees is bent in Albers: by 2 km where it is 4 degrees long."""
    import pyproj

    albers = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +datum=WGS84"
    grid = square_grid(400, 2000.0, albers, 7e5, 3.7e6)
    long_boxes = [shapely.box(113.1, 27.2, 117.3, 29.1), shapely.box(113.1, 29.1, 117.3, 31.3)]
    path = write_zones(tmp_path / "z.geojson", long_boxes, ["a", "b"])
    zones = load(path, grid).labels(whole(grid)).named()
    a, _, c, _, e, f = grid.transform
    columns, rows = np.meshgrid(np.arange(400) + 0.5, np.arange(400) + 0.5)
    to_degrees = pyproj.Transformer.from_crs(albers, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(a * columns + c, e * rows + f)
    is_inside = (lon > 113.1) & (lon < 117.3)
    expected = np.where(is_inside & (lat > 27.2) & (lat < 29.1), 0, -1)
    expected = np.where(is_inside & (lat > 29.1) & (lat < 31.3), 1, expected)
    assert (expected >= 0).sum() > 20_000
    assert (zones != expected).sum() <= 2  # within a thousandth of a pixel of an edge
    two = write_zones(tmp_path / "two.geojson", long_boxes[:1], ["a"])
    bent = load(two, grid).labels(whole(grid)).named()
    np.testing.assert_array_equal(bent == 0, zones == 0)


def test_neighbours_stay_neighbours_in_another_crs(tmp_path: Path) -> None:
    """Their common edges are bent from either end, and differ in the last digit."""
    inside = [shapely.transform(shape, lambda xy: xy + 60) for shape in coasts(15, 60, 400.0)]
    shapes = [degrees(shape, square_grid(520, 0.003, x=115.0)) for shape in inside]
    codes = [f"{number:02}" for number in range(len(shapes))]
    grid = square_grid(1000, 200.0, "EPSG:32650", 2.6e5, 3.24e6)
    path = write_zones(tmp_path / "z.gpkg", shapes, codes)
    assert told(path, grid) == []
    zones = load(path, grid)
    pixels = zones.labels(whole(grid)).named()
    assert isinstance(zones, PolygonZones)
    united = shapely.union_all(zones.polygons)
    columns, rows = np.meshgrid(np.arange(1000) + 0.5, np.arange(1000) + 0.5)
    assert (pixels >= 0).sum() > 200_000
    np.testing.assert_array_equal(pixels >= 0, shapely.contains_xy(united, columns, rows))


def test_geojson_may_say_its_crs(tmp_path: Path) -> None:
    grid = square_grid(40, 1000.0, "EPSG:32650", 4e5, 3.2e6)
    box = shapely.box(405_000, 3_170_000, 420_000, 3_190_000)
    path = write_zones(tmp_path / "utm.geojson", [box], ["a"], crs="EPSG:32650")
    assert '"crs"' in path.read_text(encoding="utf-8")
    zones = load(path, grid).labels(whole(grid)).named()
    assert (zones == 0).sum() == 15 * 20
    assert (zones[10:30, 5:20] == 0).all()


# --- zone rasters ---------------------------------------------------------------------------------


def write_raster(path: Path, pixels: np.ndarray, nodata: float | None, grid: Grid = GRID) -> Path:
    import rasterio
    from rasterio.transform import Affine

    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=pixels.shape[0],
        width=pixels.shape[1],
        count=1,
        dtype=pixels.dtype,
        crs=grid.crs,
        transform=Affine(*grid.transform),
        nodata=nodata,
    ) as file:
        file.write(pixels, 1)
    return path


@pytest.mark.parametrize("dtype", ["int32", "float64", "float32"])
def test_a_zone_raster_has_the_codes_of_its_pixels(dtype: str, tmp_path: Path) -> None:
    pixels = np.full((60, 60), 361130, dtype=dtype)
    pixels[:20] = 99
    pixels[:, 40:] = -1
    pixels[50:, :10] = 361129
    zones = load(write_raster(tmp_path / "z.tif", pixels, -1), GRID)
    assert zones.codes == ("361129", "361130", "99")
    assert zones.raster is not None
    expected = np.select([pixels == -1, pixels == 99, pixels == 361129], [-1, 2, 0], 1)
    np.testing.assert_array_equal(zones.labels(whole(GRID)).named(), expected)
    window = Window(15, 30, 20, 20)
    np.testing.assert_array_equal(zones.labels(window).named(), expected[15:35, 30:50])
    fractions = zones.fractions(window)
    np.testing.assert_array_equal(expected[15:35, 30:50].ravel()[fractions.pixel], fractions.zone)
    assert set(fractions.share) == {1.0}
    assert len(fractions.pixel) == (expected[15:35, 30:50] >= 0).sum()
    there = pickle.loads(pickle.dumps(zones)).labels(window).named()
    np.testing.assert_array_equal(there, expected[15:35, 30:50])


def test_zone_rasters_that_hold_no_codes(tmp_path: Path) -> None:
    heights = np.linspace(0, 900, 3600).reshape(60, 60)
    [(code, what)] = told(write_raster(tmp_path / "dem.tif", heights, -1), GRID)
    assert code == "zone-code"
    assert "0.25" in what
    many = np.arange(400 * 400, dtype=np.int32).reshape(400, 400)
    [(code, _)] = told(write_raster(tmp_path / "many.tif", many, -1), GRID)
    assert code == "zone-code"
    nothing = np.full((60, 60), 255, dtype=np.uint8)
    [(code, _)] = told(write_raster(tmp_path / "nothing.tif", nothing, 255), GRID)
    assert code == "zone-code"
    assert told(tmp_path / "not-there.tif", GRID)[0][0] == "missing-file"


def test_a_damaged_zone_raster_is_told(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    path = write_raster(tmp_path / "z.tif", random.integers(1, 9, (60, 60), dtype=np.int32), -1)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert told(path, GRID)[0][0] == "unreadable-raster"


# --- what is wrong --------------------------------------------------------------------------------


def test_attributes_and_codes(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "a.gpkg", [WEST, EAST], ["1", "2"], key="PAC")
    [(code, what)] = told(path, GRID)
    assert code == "missing-key"
    assert '"code"' in what
    problems = ProblemLog("en")
    load_zones(path, "code", GRID, problems, "zones")
    assert "PAC" in problems.errors[0].say_fix("en")
    path = write_zones(tmp_path / "b.gpkg", [WEST, EAST, EAST], ["1", None, " "])
    [(code, what)] = told(path, GRID)
    assert code == "blank"
    assert "2 features have no region code" in what
    path = write_zones(tmp_path / "c.gpkg", [WEST, EAST], ["036113", "36113"])
    [(code, what)] = told(path, GRID)
    assert code == "zone-code"
    assert "036113, 36113" in what
    path = write_zones(tmp_path / "d.gpkg", [WEST, EAST], [3.61, 5.0])
    [(code, what)] = told(path, GRID)
    assert code == "zone-code"
    assert "1 (3.61)" in what


def test_files_without_polygons(tmp_path: Path) -> None:
    points = write_zones(tmp_path / "p.geojson", [shapely.Point(114.1, 28.6)], ["1"])
    [(code, what)] = told(points, GRID)
    assert code == "file-format"
    assert "Point" in what
    mixed = write_zones(tmp_path / "m.geojson", [WEST, shapely.Point(114.1, 28.6)], ["1", "2"])
    [(code, what)] = told(mixed, GRID)
    assert code == "file-format"
    assert "2 (2)" in what
    empty = tmp_path / "e.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert {code for code, _ in told(empty, GRID)} <= {"file-format", "missing-key"}
    broken = tmp_path / "b.geojson"
    broken.write_text('{"type": "FeatureCollection", "feat', encoding="utf-8")
    assert told(broken, GRID)[0][0] == "file-format"
    for name in ("broken.gpkg", "broken.shp"):
        (tmp_path / name).write_bytes(b"no such format")
        assert told(tmp_path / name, GRID)[0][0] == "file-format"
    (tmp_path / "z.kml").write_text("<kml/>", encoding="utf-8")
    assert told(tmp_path / "z.kml", GRID)[0][0] == "file-format"
    assert told(tmp_path / "not-there.geojson", GRID)[0][0] == "missing-file"


def test_a_geometry_that_is_null_is_no_polygon(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "n.geojson", [WEST, EAST], ["1", "2"])
    document = json.loads(path.read_text(encoding="utf-8"))
    document["features"][1]["geometry"] = None
    path.write_text(json.dumps(document), encoding="utf-8")
    [(code, what)] = told(path, GRID)
    assert code == "file-format"
    assert "2 (2)" in what


def test_rings_that_gdal_complains_of_are_told_by_code_alone(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "n.geojson", [WEST, EAST], ["1", "2"])
    document = json.loads(path.read_text(encoding="utf-8"))
    document["features"][1]["geometry"]["coordinates"] = [[[114.3, 28.5], [114.5, 28.5]]]
    path.write_text(json.dumps(document), encoding="utf-8")
    [(code, _)] = told(path, GRID)
    assert code in ("file-format", "zone-broken")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_polygons_without_a_crs_and_with_a_wrong_one(tmp_path: Path) -> None:
    path = write_zones(tmp_path / "z.shp", [WEST, EAST], ["1", "2"], crs=None)
    assert [code for code, _ in told(path, GRID)] == ["zone-crs"]
    metres = [shapely.box(4e5, 3.1e6, 4.5e5, 3.2e6)]
    path = write_zones(tmp_path / "z.geojson", metres, ["1"])
    utm = square_grid(40, 1000.0, "EPSG:32650", 4e5, 3.2e6)
    [(code, what)] = told(path, utm)
    assert code == "zone-crs"
    assert "degrees" in what
    local = Grid('LOCAL_CS["mine",UNIT["metre",1]]', (1, 0, 0, 0, -1, 0), 5, 5)
    assert told(path, local)[0][0] == "raster-crs"


def test_rings_that_cross_themselves(tmp_path: Path) -> None:
    crossing = [(114.05, 28.5), (114.3, 28.5), (114.3, 28.9), (114.2, 28.9), (114.199, 28.901)]
    crossing += [(114.201, 28.901), (114.1995, 28.9), (114.05, 28.9)]
    path = write_zones(tmp_path / "r.gpkg", [shapely.Polygon(crossing)], ["1"])
    [(code, what)] = told(path, GRID)
    assert code == "zone-repaired"
    assert "1 (1)" in what
    bow = shapely.Polygon([(114.1, 28.5), (114.4, 28.9), (114.4, 28.5), (114.1, 28.9)])
    path = write_zones(tmp_path / "b.gpkg", [WEST, bow], ["1", "2"])
    told_of = told(path, GRID)
    assert told_of[0][0] == "zone-broken"
    assert "2 (2)" in told_of[0][1]


def test_zones_that_overlap(tmp_path: Path) -> None:
    """0.05 x 0.4 degrees at 28.7 north are 4.882 km x 44.33 km."""
    from pyproj import Geod

    wide = shapely.box(114.25, 28.5, 114.5, 28.9)
    [(code, what)] = told(write_zones(tmp_path / "o.gpkg", [WEST, wide], ["1", "2"]), GRID)
    assert code == "zone-overlap"
    area = abs(
        Geod(ellps="WGS84").geometry_area_perimeter(shapely.box(114.25, 28.5, 114.3, 28.9))[0]
    )
    number = float(what.split(" by ")[1].split(" km2")[0])
    assert number == pytest.approx(area / 1e6, rel=0.005)
    assert "20.00%" in what
    sliver = shapely.box(114.2995, 28.5, 114.5, 28.9)
    path = write_zones(tmp_path / "s.gpkg", [WEST, sliver], ["1", "2"])
    [(code, what)] = told(path, GRID)
    assert code == "zone-sliver"
    assert load(path, GRID).labels(whole(GRID)).named()[20, 29] == 0
    hair = shapely.box(114.299999, 28.5, 114.5, 28.9)
    assert told(write_zones(tmp_path / "h.gpkg", [WEST, hair], ["1", "2"]), GRID) == []
    within = shapely.box(114.1, 28.6, 114.2, 28.7)
    [(code, what)] = told(write_zones(tmp_path / "w.gpkg", [WEST, within], ["1", "2"]), GRID)
    assert code == "zone-overlap"
    assert "100.00%" in what
    [(code, _)] = told(write_zones(tmp_path / "t.gpkg", [WEST, WEST], ["1", "2"]), GRID)
    assert code == "zone-overlap"


def test_neighbours_of_real_and_wound_boundaries_do_not_overlap(tmp_path: Path) -> None:
    grid = square_grid(200)
    inside = [shapely.transform(shape, lambda xy: xy + 25) for shape in coasts(20, 200, 150.0)]
    shapes = [degrees(shape, grid) for shape in inside]
    path = write_zones(tmp_path / "c.gpkg", shapes, [f"{number:02}" for number in range(20)])
    assert told(path, grid) == []


def test_zones_outside_of_the_raster(tmp_path: Path) -> None:
    away = shapely.box(120.0, 28.5, 120.5, 28.9)
    exchanged = shapely.box(28.5, 114.05, 28.9, 114.3)
    [(code, what)] = told(write_zones(tmp_path / "a.gpkg", [away], ["1"]), GRID)
    assert code == "zone-outside"
    assert "600" in what
    assert told(write_zones(tmp_path / "x.shp", [away], ["1"]), GRID)[0][0] == "zone-outside"
    [(code, _)] = told(write_zones(tmp_path / "e.gpkg", [exchanged], ["1"]), GRID)
    assert code in ("zone-outside", "zone-crs")
    path = write_zones(tmp_path / "b.gpkg", [WEST, away], ["1", "2"])
    [(code, what)] = told(path, GRID)
    assert code == "zone-outside"
    assert what == "1 zone is outside of the raster: 2"
    assert load(path, GRID, only={"1"}).codes == ("1",)
    [(code, what)] = told(path, GRID, only={"3"})
    assert code == "unknown-region"
    half = shapely.box(113.8, 28.5, 114.2, 28.9)
    path = write_zones(tmp_path / "c.gpkg", [half], ["1"])
    [(code, what)] = told(path, GRID)
    assert code == "zone-outside"
    assert "50.00%" in what
    [(code, what)] = told(path, GRID, min_cover=0.4)
    assert code == "zone-cut"
    assert load(path, GRID, min_cover=0.4).outside == (pytest.approx(0.5, rel=1e-9),)


def test_all_is_told_at_once(tmp_path: Path) -> None:
    bow = shapely.Polygon([(114.1, 28.5), (114.4, 28.9), (114.4, 28.5), (114.1, 28.9)])
    away = shapely.box(120.0, 28.5, 120.5, 28.9)
    wide = shapely.box(114.25, 28.5, 114.5, 28.9)
    path = write_zones(tmp_path / "z.gpkg", [WEST, wide, away], ["1", "2", "3"])
    assert {code for code, _ in told(path, GRID)} == {"zone-overlap", "zone-outside"}
    point = shapely.Point(114.1, 28.6)
    path = write_zones(tmp_path / "y.gpkg", [WEST, bow, point], ["1", None, "01"])
    assert {code for code, _ in told(path, GRID)} == {"blank", "file-format", "zone-code"}


def test_a_missing_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    path = write_zones(tmp_path / "z.gpkg", [WEST], ["1"])
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    [(code, what)] = told(path, GRID)
    assert code == "file-format"
    assert "pyogrio" in what


# --- Jiangxi --------------------------------------------------------------------------------------


def test_the_counties_of_jiangxi_have_the_areas_of_the_published_table() -> None:
    """SOURCES.md: geodesic area of the county polygon inside each cell; printed to 0.01 km2."""
    problems = ProblemLog("en")
    raster = open_raster(
        shared_file("data", "jiangxi_land_cover_2019_mcd12c1.tif"), problems, "land_cover"
    )
    assert raster is not None
    zones = load(shared_file("data", "jiangxi_counties_2021.geojson"), raster.grid)
    table = pd.read_csv(shared_file("data", "land_cover_modis_igbp_2019.csv"), dtype={"code": str})
    window = whole(raster.grid)
    fractions = zones.fractions(window)
    cells = np.broadcast_to(cell_areas(raster.grid, window), raster.grid.shape).ravel()
    rows = pd.DataFrame(
        {
            "code": np.array(zones.codes)[fractions.zone],
            "class": raster.read(window).ravel()[fractions.pixel],
            "area": fractions.share * cells[fractions.pixel] / 1e6,
        }
    )
    computed = rows.groupby(["code", "class"])["area"].sum()
    table["number"] = table["class"].str.extract(r"IGBP(\d+) ")[0].astype(int)
    expected = table.set_index(["code", "number"])["value"]
    assert len(expected) == 501
    assert set(computed.index) == set(expected.index)
    computed = computed.loc[expected.index]
    difference = (computed - expected).abs().to_numpy()
    assert (difference <= 1e-3 * expected.to_numpy() + 0.005).all()
    counties_computed = computed.groupby("code").sum()
    counties_expected = expected.groupby("code").sum()
    np.testing.assert_allclose(counties_computed, counties_expected, rtol=1e-3)


def test_the_counties_of_jiangxi_leave_no_pixel_between_them() -> None:
    problems = ProblemLog("en")
    path = shared_file("data", "jiangxi_counties_2021.geojson")
    grid = square_grid(1200, 0.005, x=113.50123, y=30.20127)  # no centre on a corner of 4 digits
    zones = load_zones(path, "code", grid, problems, "zones")
    assert zones is not None
    assert problems.errors == problems.warnings == []
    pixels = zones.labels(whole(grid)).named()
    assert isinstance(zones, PolygonZones)
    united = shapely.union_all(zones.polygons)
    columns, rows = np.meshgrid(np.arange(1200) + 0.5, np.arange(1200) + 0.5)
    np.testing.assert_array_equal(pixels >= 0, shapely.contains_xy(united, columns, rows))
