"""Texts that are kept once stay what they are in each row."""

import numpy as np
import pandas as pd
import pytest

from gep.io.distinct_cells import Distinct

ROWS = 400


def texts(count: int, seed: int) -> pd.Series:
    """Return a column of so many different texts, in an order of chance."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, count, ROWS)
    return pd.Series([f"w{code}" for code in codes], dtype=object)


@pytest.mark.parametrize("dtype", [object, "string", "category"])
@pytest.mark.parametrize("count", [1, 3, 300])
def test_each_row_keeps_its_text(count: int, dtype: str) -> None:
    column = texts(count, 0)
    coded = Distinct.of(column.astype(dtype))
    assert coded.cells().tolist() == column.tolist()
    assert len(coded) == ROWS
    assert len(coded.words) == column.nunique()


@pytest.mark.parametrize("first", [1, 3, 300])
@pytest.mark.parametrize("second", [1, 5, 300])
def test_texts_follow_each_other(first: int, second: int) -> None:
    before = texts(first, 1)
    after = texts(second, 2)
    coded = Distinct.of(before).followed_by(Distinct.of(after))
    pairs = zip(before, after, strict=True)
    assert coded.cells().tolist() == [text + follower for text, follower in pairs]
    if first * second < ROWS / 4:
        assert len(coded.words) == len(set(coded.cells())), "each pair is kept once"


@pytest.mark.parametrize("dtype", [object, "string", "category"])
@pytest.mark.parametrize("cells", [["a", None, "a"], [None, "b"], [None, None]])
def test_a_gap_stays_one(cells: list[str | None], dtype: str) -> None:
    column = pd.Series(cells, dtype=dtype)
    read = Distinct.of(column).cells()
    assert pd.isna(read).tolist() == column.isna().tolist()
    assert [cell for cell in read if isinstance(cell, str)] == [cell for cell in cells if cell]


def test_a_column_without_rows() -> None:
    assert len(Distinct.of(pd.Series([], dtype=object)).cells()) == 0


def test_columns_one_below_the_other() -> None:
    above = Distinct.of(pd.Series(["b", "a", "b"], dtype=object))
    below = Distinct.of(pd.Series(["c", "a"], dtype=object))
    joined = Distinct.join([above, below, Distinct.of(pd.Series([], dtype=object))])
    assert joined.cells().tolist() == ["b", "a", "b", "c", "a"]
    assert joined.words.tolist() == ["b", "a", "c"], "in the order in which they occur"
    assert joined.positions(1).tolist() == [1, 4]


def test_cells_that_differ_in_blanks_only_are_the_same() -> None:
    stripped = Distinct.of(pd.Series([" a", "b", "a "], dtype=object)).stripped()
    assert stripped.words.tolist() == ["a", "b"]
    assert stripped.cells().tolist() == ["a", "b", "a"]


@pytest.mark.parametrize("count", [1, 127, 128, 129, 40_000])
def test_codes_are_as_short_as_they_can_be(count: int) -> None:
    words = np.array([f"w{number}" for number in range(count)], dtype=object)
    cells = Distinct.of(words)
    assert cells.cells().tolist() == words.tolist()
    assert cells.codes.itemsize == (1 if count < 128 else 2 if count < 2**15 else 4)
