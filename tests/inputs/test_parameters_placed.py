"""Every number of the research table of parameters is in a shipped set, or says why it is not.

``parameters_placed.csv`` has a line for each of its rows, in its order: the set, coefficient and keys where the number
is, or the constant of a method (``module:NAME``) or the reason why it is in none. ``read_since`` names what was read
after the table was made, so that a number that it calls recalled may have a better grade; ``unit_meant`` is the unit
where the table spells it otherwise than gep, or leaves part of it to the name.
"""

import importlib
import re

import pandas as pd
import pytest
from support.paths import TESTS, shared_file

import gep
from gep.inputs.value_rows import GRADE, KEYS
from gep.units import factor

PLACED = pd.read_csv(TESTS / "inputs" / "parameters_placed.csv", dtype=str, keep_default_na=False)
SAME = ["standard", "parameter", "class", "value"]
# the best grade that a number of each provenance may have, unless it was read since
BEST = {
    "READ-STD": "official",
    "READ-SEC": "published",
    "CONFIRMED": "derived",
    "RECALLED": "recalled",
}


def parameters() -> pd.DataFrame:
    """The research table, with the columns of the list of places beside its own."""
    path = shared_file("standards", "PARAMETERS.csv")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table.rename(columns={"ecosystem type/class": "class"})
    return pd.concat([table, PLACED.drop(columns=SAME)], axis=1)


def printed(text: str) -> float:
    """The number of a cell: a quotient, a number in front of a formula, or the first of several."""
    quotient = re.fullmatch(r"(\d+)/(\d+)", text)
    if quotient is not None:
        return int(quotient[1]) / int(quotient[2])
    match = re.search(r"-?\d+(\.\d+)?(e-?\d+)?", text)
    assert match is not None, text
    return float(match[0])


def rows_of(place: pd.Series) -> pd.DataFrame:
    """The rows of the set at a place, of any ecosystem below the one named."""
    rows = gep.read_coefficient_set(place["set"]).named(place["coefficient"])
    for pair in filter(None, place["keys"].split("; ")):
        key, member = pair.split("=")
        rows = rows[(rows[key] == member).to_numpy()]
    return rows


def test_the_list_has_the_rows_of_the_table() -> None:
    table = parameters()
    assert len(table) == len(PLACED) > 250
    assert table[SAME].to_numpy().tolist() == PLACED[SAME].to_numpy().tolist()


def test_every_number_is_somewhere_or_has_a_reason() -> None:
    is_placed = (PLACED["set"] != "").to_numpy()
    assert (PLACED.loc[~is_placed, "reason"] != "").all()
    assert (PLACED.loc[is_placed, "coefficient"] != "").all()
    assert is_placed.sum() > 220
    known = {pair.split("=")[0] for keys in PLACED["keys"] for pair in keys.split("; ") if pair}
    assert known <= {*KEYS, "price_year"}


@pytest.mark.parametrize("name", sorted(set(PLACED["set"]) - {""}))
def test_a_placed_number_is_in_the_set(name: str) -> None:
    for _, parameter in parameters().query("set == @name").iterrows():
        rows = rows_of(parameter)
        assert len(rows) == 1, dict(parameter)
        row = rows.iloc[0]
        unit = parameter["unit_meant"] or parameter["unit"]
        wanted = printed(parameter["value"]) * factor(unit, str(row["unit"]))
        if "log10" in parameter["value"]:  # the two numbers of C = 0.221 - 0.595 lg c
            wanted = -0.595
        numbers = [row["value"], row["low"], row["high"]]
        assert any(number == pytest.approx(wanted, rel=1e-9) for number in numbers), dict(parameter)


def test_no_grade_is_better_than_what_was_read() -> None:
    for _, parameter in parameters().query("set != ''").iterrows():
        if parameter["read_since"]:
            continue
        best = GRADE[BEST[parameter["provenance"]]]
        if "GitHub" in parameter["url"] and "program" in parameter["url"]:
            best = GRADE["recalled"]  # read in a program alone
        assert (rows_of(parameter)["grade"] >= best).all(), dict(parameter)


def test_a_constant_of_a_formula_is_that_of_the_method() -> None:
    constants = PLACED[(PLACED["constant"] != "").to_numpy()]
    assert len(constants) > 8
    for _, parameter in constants.iterrows():
        module, name = parameter["constant"].split(":")
        number = getattr(importlib.import_module(f"gep.methods.{module}"), name)
        assert number == pytest.approx(printed(parameter["value"]), rel=1e-12), dict(parameter)
