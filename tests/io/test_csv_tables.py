"""Tables written as CSV read back as they were, and no spreadsheet runs a text of them."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gep.io import csv_tables
from gep.io.csv_tables import append_csv, csv_text, would_run

TABLE = pd.DataFrame(
    {
        "text": ["a", 'say "x"', "two\nlines", "a,b", " ", ""],
        "number": [0.1, 1e300, -0.0, np.nan, np.inf, 5.0],
        "count": [1, 2, -3, 4, 5, 6],
        "mixed": [1.5, "na", 2, True, None, np.float64(0.1)],
        "gaps": ["a", None, "b", np.nan, "a", "b"],
        "kind": pd.Categorical(["x", "y", None, "x", "y", "x"]),
        "whole": pd.array([1, None, 3, 4, None, 6], dtype="Int64"),
        "truth": [True, False, True, True, False, False],
    }
)


def read_back(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what pandas reads from a table written as CSV."""
    text = StringIO(csv_text(frame), newline="")
    return pd.read_csv(text, dtype=str, keep_default_na=False, lineterminator="\n")


@pytest.mark.parametrize(
    "word", ["=1", "-x", "@a", "+1", "\t=1", "\r=1", "\n\t @x", "＝1", "\ufeff=1"]
)
def test_texts_that_a_spreadsheet_would_run(word: str) -> None:
    assert would_run(word)
    table = read_back(pd.DataFrame({word: [word], "a": 1}))
    assert table.columns[0] == table.iloc[0, 0] == f"'{word}"


@pytest.mark.parametrize("word", ["a=1", "", "\t", "'=1", "1-2", "水田", "(=)"])
def test_other_texts_are_left_as_they_are(word: str) -> None:
    assert not would_run(word)
    table = read_back(pd.DataFrame({"a": [word], "b": 1}))
    assert table["a"].tolist() == [word]


def test_numbers_are_not_escaped() -> None:
    frame = pd.DataFrame({"text": ["=1", "-x"], "value": [-1.0, 2.0]})
    assert csv_text(frame) == "text,value\n'=1,-1.0\n'-x,2.0\n"
    assert frame["text"].tolist()[0] == "=1", "the table itself stays"


def test_numbers_as_they_are_printed_are_not_escaped_where_numbers_stand() -> None:
    words = ["-2067.73", "+1", "-1.5e3", "-1+2", "-x"]
    frame = read_back(pd.DataFrame({"value": words, "area": words, "note": words}))
    escaped = ["-2067.73", "+1", "-1.5e3", "'-1+2", "'-x"]
    assert frame["value"].tolist() == frame["area"].tolist() == escaped
    assert frame["note"].tolist() == [f"'{word}" for word in words]


def test_a_table_reads_back_as_it_was_written() -> None:
    frame = pd.DataFrame({"region": ["0101", "=x"], "value": [0.1, 1e300], "=note": ["", "na"]})
    assert read_back(frame).to_dict("list") == {
        "region": ["0101", "'=x"],
        "value": ["0.1", "1e+300"],
        "'=note": ["", "na"],
    }
    assert csv_text(frame).startswith("region,value,'=note\n")


def test_rows_are_appended_below_one_header(tmp_path: Path) -> None:
    for value in ("一", "=2"):
        append_csv(tmp_path / "a.csv", pd.DataFrame({"value": [value]}))
    assert (tmp_path / "a.csv").read_bytes() == "\ufeffvalue\n一\n'=2\n".encode()


@pytest.mark.parametrize("name", TABLE.columns)
def test_a_table_is_written_as_pandas_writes_it(name: str) -> None:
    for frame in (TABLE, TABLE[[name]], TABLE[[name]].iloc[:0], TABLE[[name]].iloc[[3, 0, 3]]):
        assert csv_text(frame) == frame.to_csv(index=False, lineterminator="\n")


WORDS = ["", "a", "b,c", 'say "x"', "two\nlines", "水田", " x ", "1"]
ROWS = 600


def columns(seed: int) -> dict[str, pd.Series]:
    """Return columns of all kinds, in an order of chance: few different cells, or all different."""
    random = np.random.default_rng(seed)
    some = random.integers(-1, len(WORDS), ROWS)
    words = np.array([*WORDS, None], dtype=object)
    each = np.array([f"{word}\0{row}" for row, word in enumerate(words[some])], dtype=object)
    numbers = random.lognormal(size=ROWS)
    few = np.array([0.0, -0.0, np.nan, np.inf, 1e22, 0.1])[some % 6]
    mixed = numbers.astype(object)
    mixed[some < 3] = "na"
    kinds = {
        "category": pd.Categorical.from_codes(some, WORDS),
        "all": pd.Categorical(["x"] * ROWS, categories=["unused", "x"]),
        "words": pd.Series(words[some], dtype=object),
        "texts": pd.Series(words[some], dtype="string"),
        "each": pd.Series(each, dtype=object),
        "each_text": pd.Series(np.where(some < 0, None, each), dtype="string"),
        "plain": pd.Series([f"r{row}" for row in range(ROWS)], dtype=object),
        "same": pd.Series(["same"] * ROWS),
        "blank": pd.Series([""] * ROWS, dtype=object),
        "none": pd.Series([None] * ROWS, dtype=object),
        "number": pd.Series(numbers * (some - 3)),
        "few": pd.Series(few),
        "gaps": pd.Series(np.where(some < 2, np.nan, numbers)),
        "value": pd.Series(mixed, dtype=object),
        "count": pd.Series(some),
        "row": pd.Series(np.arange(ROWS)),
        "small": pd.Series(some.astype(np.int8)),
        "whole": pd.Series(some, dtype="Int64").where(some > 0),
        "truth": pd.Series(some > 2),
    }
    order = random.permutation(list(kinds))
    return {str(name): pd.Series(kinds[name]) for name in order}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rows", [7, 100, 15_000])
def test_neighbours_are_written_as_pandas_writes_them(
    monkeypatch: pytest.MonkeyPatch, seed: int, rows: int
) -> None:
    """Columns are joined with their neighbours in ways that depend on which repeat."""
    monkeypatch.setattr(csv_tables, "_ROWS_AT_ONCE", rows)
    frame = pd.DataFrame(columns(seed))
    width = 1 + seed % 4
    for first in range(0, len(frame.columns), width):
        part = frame.iloc[:, first : first + width]
        assert csv_text(part) == part.to_csv(index=False, lineterminator="\n"), list(part)
    assert csv_text(frame) == frame.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_what_would_run_is_escaped_however_pandas_keeps_it(dtype: str, count: int) -> None:
    words = ["=1", "a", "-2", None, "@x"] * count
    each = [f"{word}{row}" for row, word in enumerate(words)]
    frame = pd.DataFrame({"note": words, "value": words, "each": each}, dtype=dtype)
    lines = csv_text(frame).splitlines()[1:]
    assert lines[:5] == ["'=1,'=1,'=10", "a,a,a1", "'-2,-2,'-22", ",,None3", "'@x,'@x,'@x4"]
    assert len(lines) == len(words)
    assert lines[-1] == f"'@x,'@x,'@x{len(words) - 1}"


def test_a_large_table_is_whole(tmp_path: Path) -> None:
    rows = 120_001
    frame = pd.DataFrame({"row": np.arange(rows), "text": np.resize(["a", "b,c"], rows)})
    append_csv(tmp_path / "a.csv", frame)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), frame)
