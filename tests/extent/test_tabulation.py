"""Tabulation: areas and pixels against a plain loop, with the same bits in all forms."""

from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.land_covers import (
    DEGREES,
    EQUAL_AREA,
    ArrayZones,
    array_raster,
    write_cover,
)

from gep.errors import ProblemsFound
from gep.extent import labels
from gep.extent.blocks import UNIT, Schedule
from gep.extent.cell_areas import cell_areas
from gep.extent.rasters import Raster, Window
from gep.extent.tabulation import ChangeTabulation, Tabulation, tabulate, tabulate_change
from gep.extent.zones import RasterZones

MERCATOR = "EPSG:3857"
CODES = {
    "few": [1, 2, 3, 4],
    "esa": [0, 10, 11, 12, 20, 50, 100, 150, 200, 210, 220],
    "alone": [7],
    "negative": [-5, 0, 3],
    "wide": [-1_000_000, 5, 40_000, 1_000_000],
    "many": list(range(0, 250)),
}
FORMS = [
    Schedule("threads", 2),
    Schedule("synchronous"),
    Schedule("threads", 3, block=UNIT),
    Schedule("threads", 1, block=2 * UNIT),
]


def plain_loop(
    cover: Raster, zones: ArrayZones, fractions: bool = False
) -> dict[tuple[int, object], list[float]]:
    """Pixels and area by zone and code (None without data), pixel by pixel."""
    window = Window(0, 0, cover.grid.height, cover.grid.width)
    stored = cover.read(window)
    area = np.broadcast_to(cell_areas(cover.grid, window), stored.shape)
    sums: dict[tuple[int, object], list[float]] = defaultdict(lambda: [0, 0.0])
    count = len(zones.codes)
    for row in range(window.height):
        for column in range(window.width):
            value = stored[row, column]
            code = None if np.isnan(value) or value == cover.nodata else int(value)
            zone = int(zones.positions[row, column])
            parts = [(zone, 1.0)]
            if fractions and zone >= 0:
                parts = [(zone, 1 - zones.next_share), ((zone + 1) % count, zones.next_share)]
            for part, share in parts:
                if share:
                    sums[part, code][0] += share
                    sums[part, code][1] += share * float(area[row, column])
    return sums


def agree(table: Tabulation, expected: dict[tuple[int, object], list[float]]) -> None:
    codes = sorted({code for _, code in expected if code is not None})
    assert table.codes.tolist() == codes
    for zone in range(len(table.zones)):
        for column, code in enumerate(codes):
            pixels, area = expected.get((zone, code), (0, 0.0))
            assert table.pixels[zone, column] == pytest.approx(pixels, rel=1e-12)
            assert table.area[zone, column] == pytest.approx(area, rel=1e-12)
        pixels, area = expected.get((zone, None), (0, 0.0))
        assert table.nodata_pixels[zone] == pytest.approx(pixels, rel=1e-12)
        assert table.nodata_area[zone] == pytest.approx(area, rel=1e-12)
    outside = [expected.get((-1, code), (0, 0))[0] for code in codes]
    assert table.outside_pixels.tolist() == pytest.approx(outside)
    assert table.outside_nodata == expected.get((-1, None), (0, 0))[0]


def bits(table: Tabulation | ChangeTabulation) -> list[object]:
    kept: list[object] = []
    for field in fields(table):
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray):
            kept.append(value.tobytes())
        else:
            kept.append(bits(value) if isinstance(value, Tabulation) else value)
    return kept


@st.composite
def covers(draw: st.DrawFn) -> tuple[Raster, ArrayZones]:
    """Thin grids of several units, so that a plain loop over them is quick."""
    thin = draw(st.integers(1, 6))
    long = draw(st.integers(1, 3 * UNIT))
    height, width = (thin, long) if draw(st.booleans()) else (long, thin)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from(["uint8", "int8", "int16", "uint16", "int32", "int64", "float32"]))
    fitting = {
        name: codes
        for name, codes in CODES.items()
        if np.array_equal(np.array(codes).astype(dtype).astype(int), codes)
    }
    codes = fitting[draw(st.sampled_from(sorted(fitting)))]
    patch = draw(st.sampled_from([1, 7, 400]))
    pixels = patches(random, codes, height, width, patch).astype(dtype)
    nodata: float | None = draw(
        st.sampled_from([None, codes[0], 255.0, -2147483648.0, float("nan")])
    )
    if dtype == "float32" and draw(st.booleans()):
        pixels[random.random(pixels.shape) < 0.3] = np.nan
    zone_count = draw(st.sampled_from([1, 3, 400]))
    positions = patches(
        random, range(-1, zone_count), height, width, draw(st.sampled_from([1, 90]))
    )
    crs = draw(st.sampled_from([DEGREES, EQUAL_AREA, MERCATOR]))
    names = tuple(f"z{number}" for number in range(zone_count))
    return array_raster(pixels, nodata, crs), ArrayZones(names, positions, 0.25)


def patches(
    random: np.random.Generator, values: object, height: int, width: int, patch: int
) -> np.ndarray:
    shape = (-(-height // patch), -(-width // patch))
    coarse = random.choice(np.array(values), shape)
    return np.kron(coarse, np.ones((patch, patch), int))[:height, :width]


@given(drawn=covers(), fractions=st.booleans())
@settings(max_examples=40, deadline=None)
def test_areas_are_those_of_a_plain_loop_with_the_same_bits_in_all_forms(
    drawn: tuple[Raster, ArrayZones], fractions: bool
) -> None:
    cover, zones = drawn
    first = tabulate(cover, zones, FORMS[0], fractions=fractions)
    agree(first, plain_loop(cover, zones, fractions))
    for schedule in FORMS[1:]:
        assert bits(tabulate(cover, zones, schedule, fractions=fractions)) == bits(first)


@pytest.mark.parametrize("most_bins", [4, 60, 2**18])
@pytest.mark.parametrize("crs", [DEGREES, EQUAL_AREA, MERCATOR])
@pytest.mark.parametrize("codes", ["few", "esa", "many"])
def test_all_ways_of_counting_agree(
    codes: str, crs: str, most_bins: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    pixels = patches(random, CODES[codes], 3, 1100, 9).astype(np.uint8)
    zones = ArrayZones(tuple("abcde"), patches(random, range(-1, 5), 3, 1100, 130))
    cover = array_raster(pixels, 0, crs)
    monkeypatch.setattr(labels, "_MOST_BINS", most_bins)
    table = tabulate(cover, zones, Schedule(threads=2))
    agree(table, plain_loop(cover, zones))


def test_changes_are_those_of_a_plain_loop_and_margins_are_the_two_tables() -> None:
    random = np.random.default_rng(5)
    shape = (515, 40)
    before = array_raster(patches(random, CODES["esa"], *shape, 11).astype(np.uint8), 0)
    after = array_raster(patches(random, [10, 20, 30, 99], *shape, 5).astype(np.int32), 99)
    zones = ArrayZones(("a", "b", "c"), patches(random, [-1, 0, 2], *shape, 15))
    changes = tabulate_change(before, after, zones, Schedule(threads=2))
    area = np.broadcast_to(cell_areas(before.grid, before.grid.window), shape)
    expected: dict[tuple[int, int, int], float] = defaultdict(float)
    lost = np.zeros(3)
    for place in np.ndindex(shape):
        zone = int(zones.positions[place])
        codes = int(before.pixels[place]), int(after.pixels[place])
        if zone < 0:
            continue
        if codes[0] != 0 and codes[1] != 99:
            expected[zone, *codes] += area[place]
        elif codes[0] != 0 or codes[1] != 99:
            lost[zone] += area[place]
    rows = zip(changes.zone.tolist(), changes.before.tolist(), changes.after.tolist(), strict=True)
    table = dict(zip(rows, changes.area.tolist(), strict=True))
    assert table == pytest.approx(dict(expected), rel=1e-12)
    assert changes.lost_area == pytest.approx(lost, rel=1e-12)
    for alone, cover in ((changes.opening, before), (changes.closing, after)):
        single = tabulate(cover, zones, Schedule(threads=2))
        assert alone.codes.tolist() == single.codes.tolist()
        assert alone.pixels.tolist() == single.pixels.tolist()
        assert alone.outside_pixels.tolist() == single.outside_pixels.tolist()
        assert alone.area == pytest.approx(single.area, rel=1e-12)
        assert alone.nodata_area == pytest.approx(single.nodata_area, rel=1e-12)
    for schedule in FORMS:
        assert bits(tabulate_change(before, after, zones, schedule)) == bits(changes)
    labels = [220, 10, 20, 30]
    matrix = changes.matrix(labels)
    assert matrix.shape == (3, 4, 4)
    assert matrix[2, 0, 3] == pytest.approx(expected[2, 220, 30], rel=1e-12)
    assert matrix[0, 1, 1] == pytest.approx(expected[0, 10, 10], rel=1e-12)


def test_a_land_cover_that_stays_has_no_change() -> None:
    pixels = patches(np.random.default_rng(1), CODES["few"], 600, 600, 7).astype(np.uint8)
    zones = ArrayZones(("a",), np.zeros((600, 600), int))
    changes = tabulate_change(array_raster(pixels), array_raster(pixels), zones, Schedule())
    assert (changes.before == changes.after).all()
    assert changes.pixels.sum() == pixels.size


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"},
        {"compress": "lzw"},
    ],
    ids=["strips", "tiles", "lzw"],
)
def test_files_give_what_arrays_give(profile: dict[str, object], tmp_path: Path) -> None:
    pixels = patches(np.random.default_rng(2), [*CODES["esa"], 255], 1100, 900, 6).astype(np.uint8)
    zones = ArrayZones(("a", "b"), patches(np.random.default_rng(3), [-1, 0, 1], 1100, 900, 300))
    cover = write_cover(tmp_path / "cover.tif", pixels, 255, **profile)
    expected = bits(tabulate(array_raster(pixels, 255), zones, Schedule("synchronous")))
    for block in (None, UNIT):
        assert bits(tabulate(cover, zones, Schedule("threads", 2, block=block))) == expected


def test_processes_read_files_too(tmp_path: Path) -> None:
    pixels = patches(np.random.default_rng(2), CODES["esa"], 600, 900, 6).astype(np.uint8)
    zones = ArrayZones(("a", "b"), patches(np.random.default_rng(3), [-1, 0, 1], 600, 900, 300))
    cover = write_cover(tmp_path / "cover.tif", pixels, 255)
    expected = bits(tabulate(cover, zones, Schedule("synchronous")))
    assert bits(tabulate(cover, zones, Schedule("processes", 2, block=UNIT))) == expected


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32"])
def test_a_zone_raster_gives_what_its_zones_give(dtype: str, tmp_path: Path) -> None:
    pixels = patches(np.random.default_rng(2), CODES["esa"], 600, 700, 6).astype(np.uint8)
    positions = patches(np.random.default_rng(4), [-1, 0, 1, 2], 600, 700, 90)
    stored = np.array([7, 30, 100, 0])[positions].astype(dtype)  # 0 is outside
    zones = RasterZones(
        ("100", "30", "7"),
        write_cover(tmp_path / "zones.tif", stored, 0),
        np.array([100.0, 30.0, 7.0]),
        (0.0,) * 3,
    )
    stray = np.where(stored == 100, 99, stored)  # of no zone, as 0 is
    other = RasterZones(
        zones.codes, write_cover(tmp_path / "stray.tif", stray), zones.values, (0.0,)
    )
    cover = write_cover(tmp_path / "cover.tif", pixels)
    plain = ArrayZones(zones.codes, np.array([2, 1, 0, -1])[positions])
    assert bits(tabulate(cover, zones, Schedule())) == bits(tabulate(cover, plain, Schedule()))
    without = ArrayZones(zones.codes, np.array([2, 1, -1, -1])[positions])
    assert bits(tabulate(cover, other, Schedule())) == bits(tabulate(cover, without, Schedule()))


def test_255_is_a_code_unless_it_is_nodata() -> None:
    pixels = np.array([[1, 255, 255]], np.uint8)
    zones = ArrayZones(("a",), np.zeros((1, 3), int))
    as_code = tabulate(array_raster(pixels), zones, Schedule())
    assert as_code.codes.tolist() == [1, 255]
    assert as_code.nodata_share.tolist() == [0]
    as_nodata = tabulate(array_raster(pixels, 255), zones, Schedule())
    assert as_nodata.codes.tolist() == [1]
    assert as_nodata.nodata_pixels.tolist() == [2]
    assert as_nodata.nodata_share == pytest.approx([2 / 3])


def test_zones_without_pixels_have_rows_of_zeros() -> None:
    pixels = np.array([[1, 2]], np.uint8)
    zones = ArrayZones(("a", "b"), np.array([[-1, -1]]))
    table = tabulate(array_raster(pixels), zones, Schedule())
    assert table.area.tolist() == [[0, 0], [0, 0]]
    assert np.isnan(table.nodata_share).all()
    assert table.outside_pixels.tolist() == [1, 1]
    assert table.code_pixels.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "extent.raster-code-fraction"),
        (3e9, "extent.raster-code-range"),
        (-2e6, "extent.raster-code-range"),
    ],
)
def test_numbers_that_are_no_codes_are_a_problem(value: float, message: str) -> None:
    pixels = np.array([[1, value]], np.float64)
    zones = ArrayZones(("a",), np.zeros((1, 2), int))
    with pytest.raises(ProblemsFound) as caught:
        tabulate(array_raster(pixels), zones, Schedule())
    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.place == "cover.tif"
    assert problem.say("zh")
    assert problem.say("en")
