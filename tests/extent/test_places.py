"""Places of a unit in the order of their cells: sums of pieces are those of a loop, however many cells there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.land_covers import EQUAL_AREA, ArrayZones, array_raster

from gep.extent.blocks import UNIT
from gep.extent.raster_extent import ClassCodes, PlaceFinder, Places
from gep.extent.rasters import Window


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
