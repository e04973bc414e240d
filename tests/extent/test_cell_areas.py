"""Areas of cells: against geodesics, against PROJ's factors, and the same bits in every window."""

import pickle
import warnings
from collections.abc import Sequence

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import shared_file

from gep.errors import ProblemLog
from gep.extent.cell_areas import cell_areas, cell_sizes, check_measurable
from gep.extent.rasters import Grid, Window

Transform = tuple[float, float, float, float, float, float]
LCC = "+proj=lcc +lat_1=25 +lat_2=47 +lon_0=105 +datum=WGS84"
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +datum=WGS84"


def grid(crs: str, transform: Transform, width: int = 2000, height: int = 2000) -> Grid:
    return Grid(pyproj.CRS.from_user_input(crs).to_wkt(), transform, width, height)


def whole(of: Grid) -> np.ndarray:
    return cell_areas(of, Window(0, 0, of.height, of.width))


def geodesic(of: Grid, row: float, column: float, rows: int = 1, columns: int = 1) -> float:
    """The area of a block of pixels by pyproj.Geod, its edges in 8000 pieces."""
    crs = pyproj.CRS.from_user_input(of.crs)
    along = np.linspace(0, 1, 2000, endpoint=False)
    edge = np.ones(2000)
    across = np.concatenate([along, edge, 1 - along, 0 * edge]) * columns + column
    down = np.concatenate([0 * edge, along, edge, 1 - along]) * rows + row
    a, b, c, d, e, f = of.transform
    x, y = a * across + b * down + c, d * across + e * down + f
    if not crs.is_geographic:
        to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        x, y = to_degrees.transform(x, y)
    from shapely.geometry import Polygon

    area, _ = crs.get_geod().geometry_area_perimeter(Polygon(np.column_stack([x, y])))
    return abs(area)


# Grids of the kinds that county accounts meet; blocks of pixels are held against geodesics, whose
# own error on a single pixel of 30 m is larger than the one that is looked for.
GRIDS = {
    "degrees 0.05": ("EPSG:4326", (0.05, 0, 113.55, 0, -0.05, 30.1), 20),
    "degrees 1 second, CGCS2000": ("EPSG:4490", (1 / 3600, 0, 113.55, 0, -1 / 3600, 30.1), 200),
    "degrees, a sphere": ("+proj=longlat +R=6371007.181", (0.5, 0, 70, 0, -0.5, 54), 1),
    "degrees, rotated": ("EPSG:4326", (0.01, 0.002, 113.5, 0.002, -0.01, 30.1), 20),
    "web Mercator 30 m": ("EPSG:3857", (30, 0, 1.26e7, 0, -30, 3.6e6), 200),
    "web Mercator 1 km": ("EPSG:3857", (1000, 0, 1.26e7, 0, -1000, 3.6e6), 20),
    "Mercator 30 m": ("EPSG:3395", (30, 0, 1.26e7, 0, -30, 3.6e6), 200),
    "Mercator, turned": ("EPSG:3395", (300, 30, 1.26e7, 30, -300, 3.6e6), 50),
    "plate carree in metres": ("EPSG:4087", (1000, 0, 1.2e7, 0, -1000, 5e6), 20),
    "UTM 30 m": ("EPSG:32650", (30, 0, 3e5, 0, -30, 3.3e6), 200),
    "UTM 1 km": ("EPSG:32650", (1000, 0, -8e5, 0, -1000, 4.3e6), 20),
    "UTM 20 km": ("EPSG:32650", (20_000, 0, -8e5, 0, -20_000, 5.3e6), 1),
    "UTM 80 km": ("EPSG:32650", (80_000, 0, -8e5, 0, -80_000, 5.3e6), 1),
    "Gauss-Kruger 10 m": ("EPSG:4547", (10, 0, 4e5, 0, -10, 3.3e6), 500),
    "Gauss-Kruger with its zone": ("EPSG:4526", (30, 0, 38_400_000, 0, -30, 3.3e6), 200),
    "Lambert conformal 1 km": (LCC, (1000, 0, -2e6, 0, -1000, 5e6), 20),
    "Albers 1 km": (ALBERS, (1000, 0, -2e6, 0, -1000, 5e6), 20),
    "polar": ("EPSG:3413", (5000, 0, -5e6, 0, -5000, 5e6), 10),
    "feet": ("EPSG:2227", (100, 0, 6e6, 0, -100, 2.2e6), 200),
    "Mollweide 1 km": ("ESRI:54009", (1000, 0, 9e6, 0, -1000, 4e6), 20),
    "Goode 250 m": ("+proj=igh +datum=WGS84", (250, 0, 9e6, 0, -250, 3.4e6), 80),
    "sinusoidal of MODIS": ("+proj=sinu +R=6371007.181", (463.3, 0, 1e7, 0, -463.3, 3.3e6), 50),
}


@pytest.mark.parametrize("kind", GRIDS)
def test_areas_are_those_of_geodesics(kind: str) -> None:
    crs, transform, side = GRIDS[kind]
    blocks = 200 if side == 1 else 2000
    of = grid(crs, transform, blocks, blocks)
    if side == 1:
        of = grid(crs, transform, 60, 60)
    areas = np.broadcast_to(whole(of), of.shape)
    random = np.random.default_rng(16)
    for _ in range(8):
        row, column = random.integers(0, of.height - side, 2)
        total = float(areas[row : row + side, column : column + side].sum())
        assert total == pytest.approx(geodesic(of, row, column, side, side), rel=1e-9)


@pytest.mark.parametrize("side", [30.0, 100.0, 250.0, 1000.0, 5000.0, 50_000.0])
@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:3857", LCC])
def test_a_pixel_in_a_tile_is_the_pixel_by_itself(crs: str, side: float) -> None:
    """A grid of one pixel at a time has its nodes elsewhere: what is between them is right too."""
    x, y = {"EPSG:32650": (3e5, 3.3e6), "EPSG:3857": (1.26e7, 3.6e6), LCC: (-1e6, 4e6)}[crs]
    of = grid(crs, (side, 0, x, 0, -side, y), 600, 600)
    areas = np.broadcast_to(cell_areas(of, Window(0, 0, 40, 600)), (40, 600))
    random = np.random.default_rng(17)
    for row, column in random.integers(0, (40, 600), (12, 2)):
        corner = (side, 0, x + side * column, 0, -side, y - side * row)
        single = whole(grid(crs, corner, 1, 1))[0, 0]
        assert areas[row, column] == pytest.approx(single, rel=1e-9)


@pytest.mark.parametrize(
    "kind", ["UTM 30 m", "Gauss-Kruger 10 m", "Lambert conformal 1 km", "feet"]
)
def test_areas_are_the_face_by_the_factors_of_proj(kind: str) -> None:
    crs, transform, _ = GRIDS[kind]
    of = grid(crs, transform)
    areas = whole(of)
    rows, columns = np.meshgrid(np.arange(3, 2000, 89), np.arange(5, 2000, 97), indexing="ij")
    a, b, c, d, e, f = transform
    x = a * (columns + 0.5) + b * (rows + 0.5) + c
    y = d * (columns + 0.5) + e * (rows + 0.5) + f
    known = pyproj.CRS.from_user_input(crs)
    degrees = pyproj.Transformer.from_crs(known, known.geodetic_crs, always_xy=True).transform(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scale = pyproj.Proj(known).get_factors(*degrees).areal_scale
    unit = known.axis_info[0].unit_conversion_factor
    expected = abs(a * e) * unit**2 / scale
    np.testing.assert_allclose(areas[rows, columns], expected, rtol=1e-8)  # differences of PROJ


def test_a_mercator_pixel_at_30_degrees_is_three_quarters_of_its_face() -> None:
    y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3395", always_xy=True).transform(117, 30)[1]
    of = grid("EPSG:3395", (30, 0, 1.3e7, 0, -30, y), 10, 10)
    assert whole(of).shape == (10, 1)
    assert whole(of)[0, 0] / 900 == pytest.approx(0.75, abs=0.003)


def test_utm_is_corrected_on_its_central_meridian() -> None:
    of = grid("EPSG:32650", (30, 0, 500_000 - 15, 0, -30, 3.3e6), 10, 10)
    assert whole(of)[0, 0] == pytest.approx(900 / 0.9996**2, rel=1e-9)


@pytest.mark.parametrize("crs", [ALBERS, "EPSG:6933", "EPSG:3035", "+proj=sinu +R=6371007.181"])
def test_projections_that_keep_areas_give_the_face(crs: str) -> None:
    of = grid(crs, (30, 0, 1e6, 0, -30, 3e6))
    assert whole(of).shape == (2000, 1)
    assert set(whole(of).ravel()) == {900.0}


def test_all_of_the_earth_has_the_area_of_the_ellipsoid() -> None:
    of = grid("EPSG:4326", (0.25, 0, -180, 0, -0.25, 90), 1440, 720)
    ellipsoid = 510_065_621_724_089.0  # m2 of WGS 84 (GeographicLib, Planimeter)
    assert float(whole(of).sum()) * 1440 == pytest.approx(ellipsoid, rel=1e-12)


def test_what_a_world_map_does_not_show_has_no_area() -> None:
    of = grid("ESRI:54030", (50_000, 0, -17.1e6, 0, -50_000, 8.7e6), 684, 348)
    areas = whole(of)
    assert areas[0, 0] == 0
    assert float(areas.sum()) == pytest.approx(5.1006562e14, rel=0.02)  # but for its rim
    assert np.isfinite(areas).all()


WINDOWS = st.tuples(
    st.integers(0, 1299), st.integers(0, 1299), st.integers(1, 700), st.integers(1, 700)
)


@pytest.mark.parametrize("kind", ["degrees 0.05", "web Mercator 1 km", "UTM 30 m", "UTM 1 km"])
@settings(max_examples=12, deadline=None)
@given(place=WINDOWS)
def test_a_cell_has_the_same_bits_in_every_window(kind: str, place: Sequence[int]) -> None:
    crs, transform, _ = GRIDS[kind]
    of = grid(crs, transform, 1300, 1300)
    row, column, height, width = place
    window = Window(row, column, min(height, 1300 - row), min(width, 1300 - column))
    areas = np.broadcast_to(whole(of), of.shape)
    expected = areas[row : row + window.height, column : column + window.width]
    there = np.broadcast_to(cell_areas(of, window), (window.height, window.width))
    assert there.tobytes() == expected.tobytes()
    assert cell_areas(pickle.loads(pickle.dumps(of)), window).tobytes() == (
        cell_areas(of, window).tobytes()
    )


def test_a_crs_that_is_not_of_the_earth_has_no_areas() -> None:
    local = 'LOCAL_CS["mine",UNIT["metre",1]]'
    for crs in ("", local, "no CRS at all"):
        of = Grid(crs, (1, 0, 0, 0, -1, 0), 5, 5)
        problems = ProblemLog("en")
        assert not check_measurable(of, problems, "lc.tif")
        assert [problem.code for problem in problems.errors] == ["raster-crs"]
        with pytest.raises(ValueError, match="places on the earth"):
            whole(of)
    assert check_measurable(grid("EPSG:32650", (30, 0, 3e5, 0, -30, 3.3e6)), ProblemLog(), "lc.tif")


def test_the_cells_of_jiangxi_are_its_file_s() -> None:
    import rasterio

    path = shared_file("data", "jiangxi_land_cover_2019_mcd12c1.tif")
    with rasterio.open(path) as file:
        of = Grid(file.crs.to_wkt(), tuple(file.transform)[:6], file.width, file.height)
    areas = whole(of)
    assert areas.shape == (of.height, 1)
    assert areas[40, 0] == pytest.approx(geodesic(of, 40, 3), rel=1e-9)


@pytest.mark.parametrize("latitude", [0.0, 28.5, 66.0])
def test_pixels_in_degrees_are_as_wide_and_high_as_the_geodesic_says(latitude: float) -> None:
    step = 1 / 1200
    grid = Grid(
        pyproj.CRS("EPSG:4326").to_wkt(),
        (step, 0.0, 115.0, 0.0, -step, latitude + 2.5 * step),
        10,
        5,
    )
    width, height = cell_sizes(grid, Window(2, 3, 1, 4))
    geod = pyproj.Geod(ellps="WGS84")
    across = geod.line_length([115, 115 + step], [latitude, latitude])
    along = geod.line_length([115, 115], [latitude - step / 2, latitude + step / 2])
    assert width[0, 0] == pytest.approx(across, rel=1e-7)
    assert height[0, 0] == pytest.approx(along, rel=1e-7)


@pytest.mark.parametrize(
    ("crs", "longitude", "latitude", "tolerance"),
    [
        ("EPSG:32650", 115.0, 28.5, 1e-6),  # UTM, keeps angles
        ("EPSG:4549", 121.9, 28.5, 1e-6),  # Gauss-Krueger, far from its meridian
        ("EPSG:3395", 115.0, 30.0, 1e-6),  # Mercator: a third too large
        ("EPSG:3857", 115.0, 30.0, 4e-3),  # of a sphere: no angle is quite kept
        # Albers of China, keeps areas and stretches lengths
        ("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80", 115.0, 28.5, 2e-2),
    ],
)
def test_pixels_of_a_projection_are_as_wide_and_high_as_the_geodesic_says(
    crs: str, longitude: float, latitude: float, tolerance: float
) -> None:
    known = pyproj.CRS(crs)
    to_map = pyproj.Transformer.from_crs(known.geodetic_crs, known, always_xy=True)
    x, y = to_map.transform(longitude, latitude)
    step = 30.0
    grid = Grid(known.to_wkt(), (step, 0.0, x - 2.5 * step, 0.0, -step, y + 2.5 * step), 5, 5)
    width, height = cell_sizes(grid, Window(2, 2, 1, 1))
    ends_x = [x - step / 2, x + step / 2, x, x]
    ends_y = [y, y, y - step / 2, y + step / 2]
    longitudes, latitudes = to_map.transform(ends_x, ends_y, direction="INVERSE")
    geod = known.get_geod()
    assert geod is not None
    across = geod.line_length(longitudes[:2], latitudes[:2])
    along = geod.line_length(longitudes[2:], latitudes[2:])
    assert width[0, 0] == pytest.approx(across, rel=tolerance)
    assert height[0, 0] == pytest.approx(along, rel=tolerance)
    assert width[0, 0] * height[0, 0] == pytest.approx(across * along, rel=1e-3)
