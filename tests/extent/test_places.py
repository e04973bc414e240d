"""Places of a unit in the order of their cells: sums of pieces are those of a loop, however many cells there are."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.land_covers import EQUAL_AREA, ArrayZones, array_raster

from gep.extent.blocks import UNIT, units_of
from gep.extent.labels import KeptRuns
from gep.extent.raster_extent import ClassCodes, PlaceFinder, Places
from gep.extent.rasters import Window
from gep.extent.schedule import Schedule
from gep.extent.tabulation import tabulate


def places_of(cell: np.ndarray, area: np.ndarray | float, shape: tuple[int, int]) -> Places:
    """The places of pixels whose cells are given."""
    order = np.argsort(cell, kind="stable")
    cells, starts = np.unique(cell[order], return_index=True)
    areas = area[order] if isinstance(area, np.ndarray) else area
    return Places(order, cells, starts, areas, shape)


@given(
    cells=st.lists(st.integers(0, 11), min_size=1, max_size=60),
    size=st.integers(1, 70),
    is_constant=st.booleans(),
    keys=st.integers(1, 3),
)
@settings(max_examples=200, deadline=None)
def test_sums_of_pieces_are_those_of_a_loop(
    cells: list[int], size: int, *, is_constant: bool, keys: int
) -> None:
    random = np.random.default_rng(len(cells))
    cell = np.array(cells)
    area = 2.5 if is_constant else random.uniform(1, 2, len(cell))
    places = places_of(cell, area, (4, 3))
    of_cells = random.uniform(0, 1, (4, 3))
    densities = random.uniform(0, 1, (len(cell), keys))
    expected = np.zeros((12, keys))
    for number, position in enumerate(cells):
        weight = area[number] if isinstance(area, np.ndarray) else area
        expected[position] += densities[number] * of_cells.flat[position] * weight
    sums = np.zeros((12, keys))
    count = 0
    for piece in places.pieces(size):
        assert 0 < len(piece) <= size
        factors = piece.spread(of_cells, ["region", "ecosystem"], ["region", "ecosystem"])
        at_places = densities[piece.pixel] * factors[:, None]
        sums[piece.cells] += piece.collect(at_places)
        np.testing.assert_array_equal(piece.cell, cell[piece.pixel])
        count += len(piece)
    assert count == len(cell)
    np.testing.assert_allclose(sums, expected, rtol=1e-12)


@pytest.mark.parametrize("zone_count", [2_500, 70_000])
def test_more_cells_than_16_bits_count_are_in_their_order(zone_count: int) -> None:
    """A country has some 100,000 cells, of which few are in a unit."""
    random = np.random.default_rng(1)
    position = random.integers(-1, zone_count, (UNIT, UNIT))
    codes = random.integers(1, 5, (UNIT, UNIT)).astype(np.uint8)
    ecosystems = np.array([1, 0, -1])  # of the codes 1 and 2; none of any other
    finder = PlaceFinder(
        land_cover=array_raster(codes, None, EQUAL_AREA),
        zones=ArrayZones(tuple(map(str, range(zone_count))), position),
        region_of_zone=np.arange(zone_count),
        classes=ClassCodes(np.array([1, 2]), ecosystems[:, None], np.ones((3, 1))),
        shape=(zone_count, 2),
        fractions=False,
    )
    ((unit, (places,)),) = finder.units(Window(0, 0, UNIT, UNIT))
    assert unit == Window(0, 0, UNIT, UNIT)
    ecosystem = ecosystems[np.minimum(codes, 3) - 1]
    cell = np.where((position >= 0) & (ecosystem >= 0), position * 2 + ecosystem, -1).ravel()
    order = np.argsort(cell, kind="stable")
    np.testing.assert_array_equal(places.pixel, order[np.count_nonzero(cell < 0) :])
    np.testing.assert_array_equal(places.cell, cell[places.pixel])
    assert (len(places.cells) > 2**16) == (zone_count > 2**16)


def finder_of(codes: np.ndarray, position: np.ndarray, kept_runs: KeptRuns | None) -> PlaceFinder:
    """The places of codes 1 to 4 in zones whose positions are given; code 4 is no ecosystem type."""
    ecosystems = np.array([1, 0, 2, -1, -1])
    zone_count = int(position.max()) + 1
    return PlaceFinder(
        land_cover=array_raster(codes, None, EQUAL_AREA),
        zones=ArrayZones(tuple(map(str, range(zone_count))), position),
        region_of_zone=np.arange(zone_count),
        classes=ClassCodes(np.array([1, 2, 3, 4]), ecosystems[:, None], np.ones((5, 1))),
        shape=(zone_count, 3),
        fractions=False,
        kept_runs=kept_runs,
    )


def tabulated(finder: PlaceFinder) -> None:
    """Have the areas tabulated, by which runs are kept."""
    tabulate(finder.land_cover, finder.zones, Schedule(threads=2), kept_runs=finder.kept_runs)


def same_places(first: PlaceFinder, second: PlaceFinder, block: Window) -> None:
    """The places of all units are alike."""
    for (unit, parts), (other_unit, others) in zip(
        first.units(block), second.units(block), strict=True
    ):
        assert unit == other_unit
        for places, other in zip(parts, others, strict=True):
            for name in ("pixel", "cells", "starts", "area"):
                np.testing.assert_array_equal(getattr(places, name), getattr(other, name))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (700, 40), (600, 1100)])
@pytest.mark.parametrize("zone_count", [3, 300, 40_000])
def test_places_of_kept_runs_are_those_of_runs_that_are_found(
    shape: tuple[int, int], zone_count: int
) -> None:
    random = np.random.default_rng(zone_count)
    codes = np.repeat(random.integers(1, 5, shape), 3, axis=1)[:, : shape[1]].astype(np.uint8)
    position = random.integers(-1, zone_count, shape)
    position.flat[0] = zone_count - 1
    kept_runs = KeptRuns(2**28)
    with_runs = finder_of(codes, position, kept_runs)
    tabulated(with_runs)
    block = Window(0, 0, *shape)
    assert kept_runs.of_block(block) is not None
    # other codes than those of the runs: they are not read again
    blank = finder_of(np.zeros_like(codes), position, kept_runs)
    same_places(finder_of(codes, position, None), blank, block)


def test_runs_are_kept_as_far_as_they_fit_and_found_where_they_are_not() -> None:
    random = np.random.default_rng(5)
    codes = random.integers(1, 5, (1100, 600)).astype(np.uint8)
    position = random.integers(-1, 9, codes.shape)
    unit, block = Window(512, 0, 512, 512), Window(0, 0, *codes.shape)
    everything = KeptRuns(2**26)
    tabulated(finder_of(codes, position, everything))
    ((_, runs),) = everything.of_block(unit) or ()
    for most_bytes in (0, 1.5 * runs.byte_count, 2.2 * runs.byte_count):
        kept_runs = KeptRuns(int(most_bytes))
        finder = finder_of(codes, position, kept_runs)
        tabulated(finder)
        held = 0
        for _, _, window in units_of(block):
            kept = kept_runs.of_block(window)
            held += 0 if kept is None else kept[0][1].byte_count
        assert held <= most_bytes
        assert (held > 0) == (most_bytes > 0)
        assert kept_runs.of_block(block) is None
        same_places(finder, finder_of(codes, position, None), block)


def test_a_copy_in_another_process_keeps_no_runs() -> None:
    kept_runs = KeptRuns(2**20)
    codes = np.ones((20, 30), np.uint8)
    tabulated(finder_of(codes, np.zeros(codes.shape, int), kept_runs))
    block = Window(0, 0, *codes.shape)
    assert kept_runs.of_block(block) is not None
    copy = pickle.loads(pickle.dumps(kept_runs))
    assert copy.of_block(block) is None
    tabulated(finder_of(codes, np.zeros(codes.shape, int), copy))
    assert copy.of_block(block) is None
