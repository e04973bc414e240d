"""Texts that are kept once stay what they are in each row."""

import numpy as np
import pandas as pd
import pytest

from gep.io.coded_texts import CodedTexts

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
    coded = CodedTexts.of(column.astype(dtype))
    assert coded.texts().tolist() == column.tolist()
    assert len(coded) == ROWS
    assert len(coded.words) == column.nunique()


@pytest.mark.parametrize("first", [1, 3, 300])
@pytest.mark.parametrize("second", [1, 5, 300])
def test_texts_follow_each_other(first: int, second: int) -> None:
    before = texts(first, 1)
    after = texts(second, 2)
    coded = CodedTexts.of(before).followed_by(CodedTexts.of(after))
    pairs = zip(before, after, strict=True)
    assert coded.texts().tolist() == [text + follower for text, follower in pairs]
    if first * second < ROWS / 4:
        assert len(coded.words) == len(set(coded.texts())), "each pair is kept once"


@pytest.mark.parametrize("dtype", [object, "string", "category"])
@pytest.mark.parametrize("cells", [["a", None, "a"], [None, "b"], [None, None]])
def test_a_gap_stays_one(cells: list[str | None], dtype: str) -> None:
    column = pd.Series(cells, dtype=dtype)
    read = CodedTexts.of(column).texts()
    assert pd.isna(read).tolist() == column.isna().tolist()
    assert [cell for cell in read if isinstance(cell, str)] == [cell for cell in cells if cell]


def test_a_column_without_rows() -> None:
    assert len(CodedTexts.of(pd.Series([], dtype=object)).texts()) == 0
