"""Tables written as CSV read back as they were, and no spreadsheet runs a text of them."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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


def test_a_large_table_is_whole(tmp_path: Path) -> None:
    rows = 120_001
    frame = pd.DataFrame({"row": np.arange(rows), "text": np.resize(["a", "b,c"], rows)})
    append_csv(tmp_path / "a.csv", frame)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), frame)
