"""Where the limits of shipped coefficients come from: a spread of named sources, or what a source prints.

A note that says "spread of N sources (...)" or "spread of N kinds (...)" names where the numbers are: the id of a set,
whose row of the same coefficient and keys is meant, ``set/ecosystem`` for a row of another ecosystem, or a number with
its document. ``row_limits.csv`` counts the rows of each set with and without limits and says why the rest has none.
"""

import re
from functools import cache

import pandas as pd
import pytest
from support.paths import TESTS

from gep.inputs.coefficients import read_coefficient_set
from gep.inputs.value_rows import KEYS
from gep.io.catalog import shipped
from gep.units import factor

COUNTS = pd.read_csv(TESTS / "inputs" / "row_limits.csv", dtype=str, keep_default_na=False)
SPREAD = re.compile(r"spread of (\d+) (?:sources|kinds) \(([^)]*)\)")
SAID = re.compile(
    r"spread of|\blimits\b|\blow:|\bhigh:|\blow and high\b|least and largest year|as for forest"
    r"|read in a program; (high cover|88|90)|120 read in a program"
)


@cache
def rows_of(set_id: str) -> pd.DataFrame:
    """The rows of a shipped set, read once; nobody changes them."""
    return read_coefficient_set(set_id).rows


def limited_rows() -> list[tuple[str, pd.Series]]:
    """Every row with limits, with the id of its set."""
    found = []
    for set_id in shipped("coefficients"):
        rows = rows_of(set_id)
        for _, row in rows[(rows["low"].notna() | rows["high"].notna()).to_numpy()].iterrows():
            found.append((set_id, row))
    return found


LIMITED = limited_rows()
OF_SPREAD = [(set_id, row) for set_id, row in LIMITED if SPREAD.search(str(row["note"]))]


def number_of(item: str, row: pd.Series) -> float:
    """The number that an item of a spread names, in the unit of the row."""
    printed = re.fullmatch(r"([\d.]+) of doi \S+", item)
    if printed is not None:
        return float(printed[1])
    set_id, _, ecosystem = item.partition("/")
    rows = rows_of(set_id)
    rows = rows[(rows["name"] == row["name"]).to_numpy()]
    for key in KEYS:
        member = ecosystem if key == "ecosystem" and ecosystem else row[key]
        rows = rows[(rows[key] == member).to_numpy()]
    assert len(rows) == 1, f"{item}: {len(rows)} rows"
    other = rows.iloc[0]
    return float(other["value"]) * factor(str(other["unit"]), str(row["unit"]))


@pytest.mark.parametrize(
    ("set_id", "row"),
    OF_SPREAD,
    ids=[f"{name}-{row['name']}-{row['row']}" for name, row in OF_SPREAD],
)
def test_a_spread_is_that_of_the_rows_that_it_names(set_id: str, row: pd.Series) -> None:
    match = SPREAD.search(str(row["note"]))
    assert match is not None
    items = [item.strip() for item in match[2].split(", ")]
    assert len(items) == len(set(items)) == int(match[1]) > 1, set_id
    numbers = [number_of(item, row) for item in items]
    assert row["low"] == pytest.approx(min(numbers), rel=1e-9)
    assert row["high"] == pytest.approx(max(numbers), rel=1e-9)
    assert row["low"] <= row["value"] <= row["high"]


def test_limits_say_where_they_come_from() -> None:
    silent = []
    for set_id, row in LIMITED:
        if not SAID.search(f"{row['locator']}; {row['note']}"):
            silent.append(f"{set_id} {row['name']}: {row['note']}")
    assert not silent
    assert len(OF_SPREAD) > 50


def test_each_set_says_how_many_rows_have_limits_and_why_the_rest_has_none() -> None:
    counted = []
    for set_id in shipped("coefficients"):
        rows = rows_of(set_id)
        has = rows["low"].notna() | rows["high"].notna()
        spread = sum(own == set_id for own, _ in OF_SPREAD)
        counted.append([set_id, str(has.sum()), str(spread), str(len(rows) - has.sum())])
    heads = ["set", "with_limits", "of_spread", "without"]
    assert COUNTS[heads].to_numpy().tolist() == counted
    lacks = (COUNTS["without"] != "0").to_numpy()
    assert (COUNTS.loc[lacks, "reason"] != "").all()
    assert (COUNTS.loc[~lacks, "reason"] == "").all()
