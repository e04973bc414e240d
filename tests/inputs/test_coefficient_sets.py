"""Coefficient sets: what is said about their files, sources, keys and price indices."""

from pathlib import Path
from typing import Any

import pytest
from support.small import write_set

import gep
from gep.inputs.coefficients import Scope

PRICE = {
    "coefficient": "price",
    "value": 2,
    "unit": "CNY t-1",
    "price_year": 2020,
    "source": "made_up",
    "locator": "t1",
    "grade": "published",
}


def problems_of(folder: Path, *rows: dict[str, Any], head: str = "") -> list[gep.Problem]:
    write_set(folder / "base", rows, head)
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_coefficient_set(folder / "base")
    return list(caught.value.problems)


def test_a_scope_is_written_as_in_its_file() -> None:
    assert str(Scope(regions=("360000", "350000"), years=(2015,))) == (
        "regions: 360000, 350000; years: 2015"
    )
    assert str(Scope()) == ""


def test_rows_and_label_of_a_set(tmp_path: Path) -> None:
    rows = [PRICE, {**PRICE, "coefficient": "cost"}]
    found = gep.read_coefficient_set(write_set(tmp_path / "base", rows, 'inherit = ["region"]\n'))
    assert found.label == "base@1.0.0"
    assert found.named("cost")["row"].tolist() == [3]
    assert found.named("cost") is found.named("cost")
    assert len(found.named("none")) == 0
    assert (found.inherits("price", "region"), found.inherits("price", "ecosystem")) == (
        True,
        False,
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_coefficient_set(tmp_path / "nothing")
    (problem,) = caught.value.problems
    assert problem.code == "missing-set"
    assert problem.say_what("en") == f"there is no folder {tmp_path / 'nothing'}"
    assert "set.toml" in problem.say_fix("zh")


def test_a_source_that_is_not_described(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, PRICE, {**PRICE, "coefficient": "cost", "source": "made"})
    assert problem.say_where("en") == "base/numbers.csv row 3"
    assert problem.say_what("en") == "source 'made' is not described in sources.toml"
    assert "did you mean made_up?" in problem.say_fix("en")


def test_a_price_index_is_keyed_by_index_and_year_alone(tmp_path: Path) -> None:
    index = {**PRICE, "coefficient": "price_index", "unit": "1", "index": "farm"}
    rows = [
        index,
        {**index, "price_year": ""},
        {**index, "index": "", "price_year": 2018},
        {**index, "price_year": 2019, "region": "a"},
    ]
    told = [
        (problem.code, problem.say_where("en"), problem.say_what("en"))
        for problem in problems_of(tmp_path, *rows)
        if problem.code == "price-index"
    ]
    assert told == [
        (
            "price-index",
            "base/numbers.csv row 3, 4",
            "a price_index row requires both index and price_year",
        ),
        (
            "price-index",
            "base/numbers.csv row 5",
            "a price_index row fills a key column other than index",
        ),
    ]


def test_what_a_set_inherits_must_be_known(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, PRICE, head='inherit = ["region", "prices"]\n')
    assert (problem.code, problem.say_where("en")) == ("toml-value", "base/set.toml inherit")
    assert problem.say_what("zh") == "“prices”既不是 region、ecosystem，也不是本参数集的参数"
    assert "did you mean price" in problem.say_fix("en")
