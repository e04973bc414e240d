"""All values of a coefficient: one unit, whose default, keys of several values, the manual's page."""

from pathlib import Path

import pytest
from manual.reference_pages import coefficient_page
from support.small import coefficient, write_set

import gep
from gep.inputs.value_rows import KEYS
from gep.io.catalog import shipped
from gep.report.coefficient_values import (
    coefficient_rows,
    coefficient_values,
    named_coefficients,
    names_of,
    several_values,
)
from gep.texts.catalogue import LANGUAGES, Language


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sets that are found by their ids, besides those that ship."""
    monkeypatch.setenv("GEP_PATH", str(tmp_path))
    return tmp_path / "coefficients"


def test_every_row_that_ships_is_a_value_of_its_coefficient() -> None:
    named = named_coefficients()
    assert list(named) == sorted(named)
    rows = sum(len(gep.read_coefficient_set(name).rows) for name in shipped("coefficients"))
    assert len(coefficient_values(list(named), "en")) == rows
    for name, declared in named.items():
        assert declared is not None, f"{name} has no title: declare it in its set"


def test_values_are_in_one_unit(library: Path) -> None:
    dear = coefficient(
        "oxygen_price", 0.1, "10^4 CNY t-1", low=0.05, high=0.2, checked="2026-02-03"
    )
    other = coefficient("oxygen_price", 5, "CNY m-3")
    absent = coefficient("oxygen_price", "na", "CNY t-1", price_year="2012")
    write_set(library / "dear", [dear])
    write_set(library / "other", [other])
    write_set(library / "absent", [absent])
    table = coefficient_values(["oxygen_price"], "en").set_index("set")
    row = table.loc["dear@1.0.0"]
    assert (row["value"], row["low"], row["high"], row["unit"]) == (
        "1000",
        "500",
        "2000",
        "CNY t-1",
    )
    assert (row["printed"], row["price year"]) == ("0.1 10^4 CNY t-1", "2020")
    assert (row["source"], row["locator"]) == ("Made up for tests", "t")
    assert (row["grade"], row["checked"], row["default of"]) == ("published", "2026-02-03", "")
    assert (table.loc["other@1.0.0", "value"], table.loc["other@1.0.0", "unit"]) == ("5", "CNY m-3")
    assert table.loc["absent@1.0.0", "value"] == "na"
    of_gep = next(set_id for set_id in table.index if str(set_id).startswith("rcees-parameters@"))
    assert "rcees-2017" in table.loc[of_gep, "default of"]


def test_the_default_is_the_first_set_of_the_standard_with_a_row(library: Path) -> None:
    """rcees-2017 looks through rcees-parameters before rcees-defaults, key by key."""
    for name in named_coefficients():
        values = coefficient_values([name], "en")
        of_standard = values[values["default of"].str.contains("rcees-2017").to_numpy()]
        if name == "price_index":
            continue
        sets = of_standard.groupby("keys")["set"].nunique()
        assert (sets == 1).all(), name  # one set for each key
    order = list(gep.read_standard("rcees-2017").spec.coefficients)
    values = coefficient_values(["runoff_coefficient"], "en")
    for keys, rows in values.groupby("keys"):
        ids = [str(label).partition("@")[0] for label in rows["set"]]
        if not set(ids) & set(order):
            continue  # known to other sets alone
        first = min((set_id for set_id in ids if set_id in order), key=order.index)
        taken = rows[rows["default of"].str.contains("rcees-2017").to_numpy()]
        assert taken["set"].str.partition("@")[0].tolist() == [first], keys


def test_keys_with_several_values(library: Path) -> None:
    write_set(library / "one", [coefficient("made_up_rate", 3, "t ha-1", ecosystem="forest")])
    rows = [
        coefficient("made_up_rate", 5, "t ha-1", ecosystem="forest"),
        coefficient("made_up_rate", 4, "t ha-1", ecosystem="shrub"),
        coefficient("made_up_rate", "na", "t ha-1", ecosystem="field"),
    ]
    write_set(library / "two", rows)
    numbers = coefficient_rows("made_up_rate")
    assert numbers[list(KEYS)].sum(axis=1).tolist() == ["field", "forest", "forest", "shrub"]
    assert several_values(numbers) == {"ecosystem=forest [t ha-1]": ["3", "5"]}


def test_names_of_coefficients_and_of_sets() -> None:
    assert names_of(["oxygen_price", "oxygen_price"], "en") == ["oxygen_price"]
    assert names_of(["xie-2008"], "en") == ["equivalent_value", "equivalents"]
    with pytest.raises(gep.ProblemsFound) as raised:
        names_of(["oxigen_price", "xie-2007"], "zh")
    assert [problem.code for problem in raised.value.problems] == ["unknown-id"] * 2
    assert "oxygen_price" in raised.value.say("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_coefficient(language: Language, library: Path) -> None:
    write_set(library / "dear", [coefficient("oxygen_price", 900, "CNY t-1", price_year="2010")])
    page = coefficient_page("oxygen_price", language)
    values = coefficient_values(["oxygen_price"], language)
    for row in values.to_dict("records"):
        line = next(line for line in page.splitlines() if f"| {row['set']} |" in line)
        for column in ("value", "unit", "price year", "source", "locator", "grade", "default of"):
            assert row[column] in line
    assert "[rcees-2017](../standards/rcees-2017.md)" in page
    several = {"zh": "## 取值不一的", "en": "## Where sources differ"}
    assert several[language] in page
    assert "⚠" in coefficient_page("equivalent_value", language)  # that of xie-2008 is recalled
