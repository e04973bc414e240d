"""Labels of pixels and their runs: what a loop over the pixels tells."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gep.extent import labels as labels_module
from gep.extent.blocks import unit_view
from gep.extent.labels import (
    Labels,
    Runs,
    count_up,
    find_runs,
    label_pixels,
    smallest_type,
    unit_runs,
)
from gep.extent.rasters import Window

TYPES = [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64]


def labels_of(numbers: np.ndarray) -> Labels:
    """Labels whose names differ from the numbers, so that one is not taken for the other."""
    labels = label_pixels(numbers)
    return Labels(labels.pixels, labels.lowest, labels.names * 3 + 1)


def expected_of(*kinds: np.ndarray) -> Counter[tuple[int, ...]]:
    flat = [(kind.astype(np.int64) * 3 + 1).ravel().tolist() for kind in kinds]
    return Counter(zip(*flat, strict=True))


def runs_of(*kinds: np.ndarray) -> Runs:
    """The runs of one unit."""
    flat = []
    for kind in kinds:
        labels = labels_of(kind)
        flat.append(Labels(labels.pixels.reshape(-1), labels.lowest, labels.names))
    (runs,) = find_runs(flat, [kinds[0].shape])
    return runs


def counted(runs: Runs) -> Counter[tuple[int, ...]]:
    combinations = zip(*(names.tolist() for names in runs.names), strict=True)
    return Counter(dict(zip(combinations, runs.pixels.tolist(), strict=True)))


@given(
    kinds=st.lists(
        st.tuples(st.sampled_from(TYPES), st.integers(-300, 300), st.integers(0, 400)),
        min_size=1,
        max_size=3,
    ),
    shape=st.sampled_from([(1, 1), (3, 7), (40, 33), (300, 301)]),
    most=st.sampled_from([1, 50, 2**16]),
)
@settings(max_examples=120, deadline=None)
def test_runs_tell_what_a_loop_over_the_pixels_tells(
    kinds: list[tuple[type, int, int]], shape: tuple[int, int], most: int
) -> None:
    random = np.random.default_rng(len(kinds))
    numbers = []
    for dtype, lowest, span in kinds:
        bounds = np.iinfo(dtype)
        low = int(np.clip(lowest, bounds.min, bounds.max))
        high = int(np.clip(lowest + span, low, bounds.max))
        numbers.append(random.integers(low, high, shape, dtype=dtype, endpoint=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels_module, "_MOST_BINS", most)
        runs = runs_of(*numbers)
    assert counted(runs) == expected_of(*numbers)
    assert len(set(runs.occurs.tolist())) == len(runs.occurs)

    every = np.arange(len(runs.starts))
    np.testing.assert_array_equal(runs.pixels_of(every), np.arange(numbers[0].size))
    rows = runs.starts // shape[1]
    np.testing.assert_array_equal((runs.starts + runs.lengths - 1) // shape[1], rows)
    for names, number in zip(runs.names, numbers, strict=True):
        of_pixels = np.repeat(runs.look_up(names), runs.lengths)
        np.testing.assert_array_equal(of_pixels, number.ravel().astype(np.int64) * 3 + 1)

    order = random.permutation(every)
    expected = [range(runs.starts[run], runs.starts[run] + runs.lengths[run]) for run in order]
    assert runs.pixels_of(order).tolist() == [pixel for run in expected for pixel in run]


@pytest.mark.parametrize("is_alike_in_rows", [True, False])
def test_numbers_of_pixels_are_summed_by_combination(is_alike_in_rows: bool) -> None:
    random = np.random.default_rng(8)
    zones, codes = (random.integers(3, 6, (30, 40)).astype(np.uint8) for _ in range(2))
    weights = random.integers(0, 5, (30, 1 if is_alike_in_rows else 40)).astype(float)
    runs = runs_of(zones, codes)
    for zone, code, total in zip(*runs.names, runs.sum(weights), strict=True):
        is_here = (zones * 3 + 1 == zone) & (codes * 3 + 1 == code)
        assert total == np.broadcast_to(weights, zones.shape)[is_here].sum()


@pytest.mark.parametrize("nodata", [None, 5, -2147483648, 2147483647])
@pytest.mark.parametrize("far", [2147483647, 3_000_000, 300_000])
def test_a_number_far_away_does_not_make_bins_of_all_between(nodata: int | None, far: int) -> None:
    """As nodata of a raster of 32 bits."""
    for numbers in ([[-2147483648, 5], [7, far]], [[5, 5], [7, far]], [[far, far], [far, far]]):
        pixels = np.array(numbers, np.int32)
        labels = label_pixels(pixels, nodata)
        assert len(labels) <= 4
        assert labels.named().tolist() == numbers


@pytest.mark.parametrize("most", [1, 2**16])
@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_runs_of_units_are_those_of_their_pixels(
    most: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels_module, "_MOST_BINS", most)
    monkeypatch.setattr(labels_module, "_UNITS_AT_ONCE", at_once)
    random = np.random.default_rng(3)
    block = Window(512, 1024, 600, 700)
    zones, codes = (random.integers(3, 20, block.shape).astype(np.uint8) for _ in range(2))
    units = list(unit_runs([labels_of(zones), labels_of(codes)], block))
    assert [unit.shape for unit, _ in units] == [(512, 512), (512, 188), (88, 512), (88, 188)]
    for unit, runs in units:
        parts = [unit_view(pixels, block, unit) for pixels in (zones, codes)]
        assert counted(runs) == expected_of(*parts)
        alone = runs_of(*parts)
        np.testing.assert_array_equal(runs.starts, alone.starts)
        np.testing.assert_array_equal(runs.lengths, alone.lengths)
        assert runs.width == alone.width
        for names, names_alone in zip(runs.names, alone.names, strict=True):
            np.testing.assert_array_equal(runs.look_up(names), alone.look_up(names_alone))


@pytest.mark.parametrize("count", [1, 256, 257, 65536, 65537])
def test_the_smallest_type_holds_the_numbers_below_a_count(count: int) -> None:
    dtype = smallest_type(count)
    assert np.iinfo(dtype).max >= count - 1
    if dtype.itemsize > 1:
        assert np.iinfo(smallest_type(count - 1)).max >= count - 2


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.uint32])
def test_long_codes_are_labels(dtype: type) -> None:
    """As villages have: twelve digits."""
    lowest = 361130001001 if np.dtype(dtype).itemsize == 8 else 3611300010
    numbers = np.array([[lowest, lowest + 900], [lowest + 3, lowest]], dtype)
    labels = label_pixels(numbers)
    assert labels.named().tolist() == labels.thinned().named().tolist() == numbers.tolist()
    assert counted(runs_of(numbers)) == expected_of(numbers)
    assert counted(runs_of(numbers, numbers)) == expected_of(numbers, numbers)


def test_labels_without_the_numbers_that_do_not_occur() -> None:
    numbers = np.array([[10, 200], [200, 90]], np.uint8)
    thin = label_pixels(numbers).thinned()
    assert thin.names.tolist() == [10, 90, 200]
    assert thin.named().tolist() == numbers.tolist()


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 4)), max_size=20))
def test_counting_up_from_starts_is_a_loop_of_ranges(pairs: list[tuple[int, int]]) -> None:
    starts, counts = np.array(pairs, np.int64).reshape(-1, 2).T
    expected = [number for start, count in pairs for number in range(start, start + count)]
    assert count_up(starts, counts).tolist() == expected
