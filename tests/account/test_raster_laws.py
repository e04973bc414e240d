"""Laws of accounts on rasters: a plain loop over pixels, scaling, splitting and moving, chains of steps, memory."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st
from support import plain_pixels, small
from support.plain_pixels import (
    STEPS,
    account_amounts,
    cell_of_degrees,
    cell_of_metres,
    plain_account,
)
from support.small_rasters import NODATA, PIXEL, RASTER, ZONES, SmallRasters

import gep

pytest.importorskip("rasterio")

FEW = settings(
    max_examples=24,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # small as they are, accounts are too slow to shrink
    suppress_health_check=list(HealthCheck),
)
CORNER = (1_000_000.0, 3_200_000.0)
DEGREES = {"crs": "EPSG:4326", "corner": (115.0, 28.5), "pixel": 1 / 64}
SHAPES = [(1, 1), (2, 3), (1, 40), (23, 1), (17, 31), (2, 1100), (520, 3)]


def board(
    shape: tuple[int, int], seed: int, *, nodata: float = 0, gaps: float = 0, **more: Any
) -> SmallRasters:
    """Random classes, stripes of zones and random layers, with nodata in each."""
    random = np.random.default_rng(seed)
    cover = random.integers(1, 6, shape)
    cover[random.random(shape) < nodata] = NODATA
    zones = np.broadcast_to(1 + np.arange(shape[1]) * 3 // shape[1], shape).copy()
    layers = {}
    for name, unit in (("rain", "mm"), ("wet.1", "mm"), ("wet.2", "mm")):
        numbers = random.uniform(5, 2500, shape).astype(np.float32)
        numbers[random.random(shape) < gaps] = np.nan
        layers[name] = (numbers, unit)
    settings_of_board: dict[str, Any] = {
        "raster": RASTER.replace("0.9", "0.0"),
        "standard": plain_pixels.STANDARD,
        "indicators": plain_pixels.INDICATORS,
        "methods": plain_pixels.METHODS,
        "coefficients": plain_pixels.COEFFICIENTS,
    }
    return SmallRasters({2020: cover}, zones, layers, **settings_of_board | more)


def computed(project: SmallRasters) -> gep.Account:
    with tempfile.TemporaryDirectory() as folder:
        project.write(Path(folder))
        (account,) = gep.read_project(folder, allow_code=True).compute()
    return account


def amounts(project: SmallRasters) -> plain_pixels.Amounts:
    return account_amounts(computed(project).frame())


def check(project: SmallRasters, zones_of: Any, area_of: Any = cell_of_metres) -> None:
    """Hold an account to the plain loop."""
    numbers = {name: layer.astype(float) for name, (layer, _) in project.layers.items()}
    expected = plain_account(project.cover[2020], numbers, zones_of, area_of)
    regions = {region for region, _ in expected}
    assume(regions == set(project.regions()))
    for region in regions:  # a region without any number is another matter
        assume(expected[region, "water.kept"] > 0)
        assume(expected[region, "wash.washed"] > 0)
    ours = amounts(project)
    for region in regions:
        for step in STEPS:
            known = ours[region, step]
            assert known == pytest.approx(expected[region, step], rel=1e-9), (region, step)


@FEW
@given(
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 2**32 - 1),
    nodata=st.sampled_from([0, 0.2]),
    gaps=st.sampled_from([0, 0.1]),
    blank=st.sampled_from([0, 0.3]),
    is_geographic=st.booleans(),
    tile=st.sampled_from([16, 64, 256]),
)
def test_an_account_is_a_plain_loop_over_pixels(
    shape: tuple[int, int],
    seed: int,
    nodata: float,
    gaps: float,
    blank: float,
    is_geographic: bool,
    tile: int,
) -> None:
    """A zone raster; pixels outside every zone are blank."""
    options = {"blockxsize": tile, "blockysize": tile}
    project = board(shape, seed, nodata=nodata, gaps=gaps, options=options)
    project.zones[np.random.default_rng(seed + 1).random(shape) < blank] = 0
    area_of = cell_of_metres
    if is_geographic:
        project = replace(project, grid=DEGREES)
        area_of = cell_of_degrees(28.5, 1 / 64)

    def zones_of(row: int, column: int) -> dict[str, float]:
        zone = int(project.zones[row, column])
        return {ZONES[zone]: 1.0} if zone else {}

    assume(project.regions())
    check(project, zones_of, area_of)


EDGES = [-1.0, 3.25, 9.25, 30.0]
TOPS = [-2, 3, 0]
quarter = st.integers(-8, 100).map(lambda number: number / 4)


@FEW
@given(
    seed=st.integers(0, 2**32 - 1),
    edges=st.lists(quarter, min_size=4, max_size=4, unique=True).map(sorted),
    top=st.lists(st.integers(-3, 8), min_size=3, max_size=3),
    fractions=st.booleans(),
    is_geographic=st.booleans(),
    gaps=st.sampled_from([0, 0.1]),
)
@example(seed=3, edges=EDGES, top=TOPS, fractions=True, is_geographic=True, gaps=0.1)
@example(seed=4, edges=EDGES, top=TOPS, fractions=False, is_geographic=False, gaps=0.1)
def test_polygons_count_by_centres_or_by_exact_shares(
    seed: int,
    edges: list[float],
    top: list[int],
    fractions: bool,
    is_geographic: bool,
    gaps: float,
) -> None:
    """Rectangles that may stick out of the grid, and one far outside of a region that is not accounted for."""
    shape = (9, 21)
    grid: dict[str, Any] = DEGREES if is_geographic else {"corner": CORNER, "pixel": PIXEL}
    boxes = {}
    for code, left, right, upper in zip("123", edges[:-1], edges[1:], top, strict=True):
        boxes[code] = (left, upper / 2 + 0.25, right, 9.75)
    boxes["9"] = (200.0, 200.0, 210.0, 210.0)
    (west, north), size = grid["corner"], grid["pixel"]
    polygons = []
    for code, (left, upper, right, lower) in boxes.items():
        corners = (west + left * size, north - lower * size, west + right * size)
        polygons.append((code, shapely.box(*corners, north - upper * size)))
    raster = RASTER.replace("0.9", "0.0") + f"fractions = {str(fractions).lower()}\n"
    project = board(shape, seed, gaps=gaps, polygons=polygons, raster=raster, grid=grid)
    is_inside = [min(box[2], 21) > max(box[0], 0) for box in boxes.values()]
    assume(all(is_inside[:3]))

    def zones_of(row: int, column: int) -> dict[str, float]:
        shares = {}
        for code in "123":
            left, upper, right, lower = boxes[code]
            across = min(right, column + 1) - max(left, column)
            down = min(lower, row + 1) - max(upper, row)
            share = max(across, 0) * max(down, 0)
            if not fractions:
                is_centre = left < column + 0.5 < right and upper < row + 0.5 < lower
                on_edge = column + 0.5 in (left, right) or row + 0.5 in (upper, lower)
                assume(not on_edge)
                share = float(is_centre)
            if share:
                shares[code] = share
        return shares

    for row in range(shape[0]):
        for column in range(shape[1]):
            inside = zones_of(row, column)
            project.zones[row, column] = int(next(iter(inside), 0))
    assume(set(project.regions()) == set("123"))
    check(project, zones_of, cell_of_degrees(28.5, 1 / 64) if is_geographic else cell_of_metres)


# --- scaling and splitting -----------------------------------------------------------------------

LINEAR = ("water.kept", "water.value")
WHOLE = board((40, 60), 7, nodata=0.1, gaps=0.05)


def close(ours: plain_pixels.Amounts, theirs: plain_pixels.Amounts, rel: float = 1e-12) -> None:
    assert set(ours) == set(theirs)
    for key, amount in ours.items():
        assert amount == pytest.approx(theirs[key], rel=rel), key


@pytest.fixture(scope="module")
def whole() -> plain_pixels.Amounts:
    return amounts(WHOLE)


def test_twice_the_rain_is_twice_what_is_linear_in_it(whole: plain_pixels.Amounts) -> None:
    rain, unit = WHOLE.layers["rain"]
    doubled = amounts(replace(WHOLE, layers=WHOLE.layers | {"rain": (rain * 2, unit)}))
    for region in WHOLE.regions():
        for step in LINEAR:
            assert doubled[region, step] == pytest.approx(2 * whole[region, step], rel=1e-12)
        assert doubled[region, "wash.washed"] == whole[region, "wash.washed"]


def test_larger_pixels_scale_all_that_is_linear_in_area(whole: plain_pixels.Amounts) -> None:
    larger = amounts(replace(WHOLE, grid={"pixel": 3 * PIXEL}))
    for region in WHOLE.regions():
        for step in (*LINEAR, "wash.washed"):
            assert larger[region, step] == pytest.approx(9 * whole[region, step], rel=1e-12)


def test_a_region_that_is_split_in_two_sums_to_the_whole() -> None:
    """Without the step that takes a number of its region."""
    one = replace(WHOLE, zones=np.ones_like(WHOLE.zones))
    halves = np.where(np.random.default_rng(1).random(WHOLE.zones.shape) < 0.4, 1, 2)
    two = amounts(replace(WHOLE, zones=halves))
    for step in (*LINEAR, "wash.washed"):
        assert two["1", step] + two["2", step] == pytest.approx(amounts(one)["1", step], rel=1e-12)


def test_classes_that_are_the_same_may_be_split(whole: plain_pixels.Amounts) -> None:
    """Wood and grove are one thing under two names."""
    cover = WHOLE.cover[2020]
    wood = np.where(cover == 2, 1, cover)
    close(amounts(replace(WHOLE, cover={2020: wood})), whole)


def test_a_county_cut_out_of_its_province_is_the_county_of_the_province() -> None:
    """Bit for bit where the cut keeps the units of 512 pixels."""
    province = board((600, 1100), 9, gaps=0.02)
    province.zones[:] = 1
    province.zones[512:, 512:] = 2
    cut = (slice(512, None), slice(512, None))
    county = replace(
        province,
        cover={2020: province.cover[2020][cut]},
        zones=province.zones[cut],
        layers={name: (layer[cut], unit) for name, (layer, unit) in province.layers.items()},
        grid={"corner": (CORNER[0] + 512 * PIXEL, CORNER[1] - 512 * PIXEL)},
    )
    of_province = amounts(province)
    of_county = amounts(county)
    assert {region for region, _ in of_county} == {"2"}
    for key, amount in of_county.items():
        assert amount == of_province[key]


def test_the_order_of_polygons_changes_no_bit() -> None:
    edges = [0.0, 17.3, 41.9, 60.0]
    polygons = []
    for code, left, right in zip("123", edges[:-1], edges[1:], strict=True):
        west, east = CORNER[0] + left * PIXEL, CORNER[0] + right * PIXEL
        polygons.append((code, shapely.box(west, CORNER[1] - 40 * PIXEL, east, CORNER[1])))
    raster = WHOLE.raster + "fractions = true\n"
    listed = replace(WHOLE, polygons=polygons, raster=raster)
    assert amounts(replace(listed, polygons=polygons[::-1])) == amounts(listed)


def test_a_grid_that_is_moved_by_whole_pixels_has_the_same_account(
    whole: plain_pixels.Amounts,
) -> None:
    """A projection that keeps areas has the same pixels everywhere."""
    moved = {"corner": (CORNER[0] + 700 * PIXEL, CORNER[1] - 300 * PIXEL)}
    assert amounts(replace(WHOLE, grid=moved)) == whole


def test_pixels_may_move_inside_their_region_together(whole: plain_pixels.Amounts) -> None:
    """Rows upside down in all rasters: other sums by row, the same account."""
    flipped = replace(
        WHOLE,
        cover={2020: WHOLE.cover[2020][::-1]},
        zones=WHOLE.zones[::-1],
        layers={name: (layer[::-1], unit) for name, (layer, unit) in WHOLE.layers.items()},
    )
    close(amounts(flipped), whole)


def test_a_month_that_counts_for_nothing_adds_nothing_to_the_step_that_takes_their_sum() -> None:
    """A coefficient by month is na in the second: the account is that without rain in it, on tables as at pixels."""
    by_month = (
        small.coefficient("power_share", 1, "1", month="1"),
        small.coefficient("power_share", "na", "1", month="2"),
    )
    rain = 'inputs = { rain = { data = "wet" }'
    standard = plain_pixels.STANDARD.replace(rain, f'{rain}, share = {{ coef = "power_share" }}')
    methods = plain_pixels.METHODS.replace(
        'def squared(*, rain: Annotated[Array, "mm"])',
        'def squared(*, rain: Annotated[Array, "mm"], share: Annotated[Array, "1"])',
    ).replace("rain * rain / 1000", "rain * rain / 1000 * share")
    with_share = replace(
        WHOLE,
        standard=standard,
        methods=methods,
        coefficients=(*plain_pixels.COEFFICIENTS, *by_month),
    )
    layers = dict(WHOLE.layers)
    dry, unit = layers["wet.2"]
    layers["wet.2"] = (dry * 0, unit)
    close(amounts(with_share), amounts(replace(WHOLE, layers=layers)))
