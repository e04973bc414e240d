"""Labels of pixels: what bins count and stand for is what a loop over the pixels tells."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gep.extent import labels as labels_module
from gep.extent.blocks import unit_view
from gep.extent.labels import Bins, Labels, combine, label_pixels, smallest_type, unit_bins
from gep.extent.rasters import Window

TYPES = [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64]


def labels_of(numbers: np.ndarray) -> Labels:
    """Labels whose names differ from the numbers, so that one is not taken for the other."""
    labels = label_pixels(numbers)
    return Labels(labels.pixels, labels.lowest, labels.names * 3 + 1)


def expected_of(*kinds: np.ndarray) -> Counter[tuple[int, ...]]:
    flat = [(kind.astype(np.int64) * 3 + 1).ravel().tolist() for kind in kinds]
    return Counter(zip(*flat, strict=True))


def counted(bins: Bins) -> Counter[tuple[int, ...]]:
    result: Counter[tuple[int, ...]] = Counter()
    for position, count in enumerate(bins.count().tolist()):
        if count:
            result[tuple(int(names[position]) for names in bins.names)] += count
    return result


@given(
    kinds=st.lists(
        st.tuples(st.sampled_from(TYPES), st.integers(-300, 300), st.integers(1, 400)),
        min_size=1,
        max_size=3,
    ),
    shape=st.sampled_from([(1, 1), (3, 7), (40, 33), (300, 301)]),
    most=st.sampled_from([1, 50, 2**18]),
)
@settings(max_examples=120, deadline=None)
def test_bins_count_what_a_loop_counts(
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
        bins = combine([labels_of(number) for number in numbers])
        expected = expected_of(*numbers)
        assert counted(bins) == expected
        weights = random.integers(0, 5, shape).astype(float)
        names = np.stack([kind[bins.pixels] for kind in bins.names])
        for kind, number in zip(names, numbers, strict=True):
            np.testing.assert_array_equal(kind, number.astype(np.int64) * 3 + 1)
        sums = np.zeros(len(bins))
        np.add.at(sums, bins.pixels, weights)
        np.testing.assert_array_equal(bins.sum(weights), sums)


@pytest.mark.parametrize("nodata", [None, 5, -2147483648, 2147483647])
@pytest.mark.parametrize("far", [2147483647, 3_000_000, 300_000])
def test_a_number_far_away_does_not_make_bins_of_all_between(nodata: int | None, far: int) -> None:
    """As nodata of a raster of 32 bits."""
    for numbers in ([[-2147483648, 5], [7, far]], [[5, 5], [7, far]], [[far, far], [far, far]]):
        pixels = np.array(numbers, np.int32)
        labels = label_pixels(pixels, nodata)
        assert len(labels) <= 4
        assert labels.named().tolist() == numbers


@pytest.mark.parametrize("most", [1, 2**14])
def test_bins_of_units_are_those_of_their_pixels(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels_module, "_MOST_BINS_OF_BLOCK", most)
    random = np.random.default_rng(3)
    block = Window(512, 1024, 600, 700)
    zones, codes = (random.integers(3, 20, block.shape).astype(np.uint8) for _ in range(2))
    units = list(unit_bins([labels_of(zones), labels_of(codes)], block))
    assert [unit.shape for unit, _ in units] == [(512, 512), (512, 188), (88, 512), (88, 188)]
    for unit, bins in units:
        parts = (unit_view(pixels, block, unit) for pixels in (zones, codes))
        assert counted(bins) == expected_of(*parts)


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
    assert counted(combine([labels_of(numbers)])) == expected_of(numbers)


def test_labels_without_the_numbers_that_do_not_occur() -> None:
    numbers = np.array([[10, 200], [200, 90]], np.uint8)
    thin = label_pixels(numbers).thinned()
    assert thin.names.tolist() == [10, 90, 200]
    assert thin.named().tolist() == numbers.tolist()
