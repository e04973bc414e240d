"""The shipped sets beside those of the standards: tax rates, equivalents, prices of the nation, indices, papers."""

from pathlib import Path

import pandas as pd
import pytest
from support.published import Results, cases, write_project

from gep.inputs.coefficients import read_coefficient_set
from gep.inputs.value_rows import GRADE, KEYS
from gep.io.catalog import shipped
from gep.units import factor

KILOGRAMS = 1000
DEFAULTS = ("china", "rcees-parameters", "rcees-defaults")
# numbers of other sets that are not another reading of the same: a tax beside a fee, another place
OTHER_THINGS = {
    ("air_treatment_cost", "NOx"): "fee of 2003 and tax of 2018",
    ("nutrient_treatment_cost", "N"): "fee of 2003 and tax of 2018",
    ("nutrient_treatment_cost", "P"): "fee of 2003 and tax of 2018",
    ("water_treatment_cost", "COD"): "fee of 2003 and tax of 2018",
    ("water_treatment_cost", "NH3-N"): "fee of 2003 and tax of 2018",
    ("water_treatment_cost", "TP"): "fee of 2003, tax of 2018, cost of industrial removal",
    ("soil_nutrient_content", "N"): "soils of two places",
    ("soil_nutrient_content", "P"): "soils of two places",
    ("electricity_price", ""): "tariffs of two places",
}
OF_POLLUTANTS = {"N": "NH3-N", "P": "TP"}  # soil nutrients are priced as these


def number(set_id: str, name: str, **keys: str) -> float:
    """The number of a set at some keys, in the unit of its row."""
    rows = read_coefficient_set(set_id).named(name)
    for key, member in keys.items():
        rows = rows[(rows[key] == member).to_numpy()]
    assert len(rows) == 1, (set_id, name, keys)
    return float(rows["value"].iloc[0])


# the audit's own arithmetic, with the rates 1.2 and 1.4 CNY over the equivalents
@pytest.mark.parametrize(
    ("name", "substance", "hand"),
    [
        ("air_treatment_cost", "SO2", 1263.2),
        ("air_treatment_cost", "NOx", 1263.2),
        ("air_treatment_cost", "dust", 300),
        ("water_treatment_cost", "COD", 1400),
        ("water_treatment_cost", "NH3-N", 1750),
        ("water_treatment_cost", "TP", 5600),
        ("nutrient_treatment_cost", "N", 1750),
        ("nutrient_treatment_cost", "P", 5600),
    ],
)
def test_prices_of_jiangxi_are_its_rates_over_the_equivalents(
    name: str, substance: str, hand: float
) -> None:
    pollutant = OF_POLLUTANTS.get(substance, substance)
    rate = number("jiangxi", "environmental_tax_rate", substance=pollutant)
    equivalent = number("pollutant-equivalents", "pollutant_equivalent", substance=pollutant)
    price = number("jiangxi", name, substance=substance)
    assert price == pytest.approx(rate / equivalent * KILOGRAMS, rel=1e-9)
    assert price == pytest.approx(hand, abs=0.05)


def test_the_rates_of_jiangxi_are_in_the_band_of_the_law() -> None:
    bands = read_coefficient_set("china").named("environmental_tax_rate").set_index("substance")
    rates = read_coefficient_set("jiangxi").named("environmental_tax_rate").set_index("substance")
    assert set(rates.index) == set(bands.index)
    band = bands.loc[rates.index]
    assert (rates["value"] >= band["low"]).all()
    assert (rates["value"] <= band["high"]).all()


def test_an_account_of_jiangxi_uses_its_tax_rates(tmp_path: Path) -> None:
    """100 t of SO2, 200 of NOx, 3000 of dust; 500 t of COD, 50 of NH3-N: the account of hand.csv."""
    rows = []
    for row in cases()["rcees-2017", "hand-default"]:
        if row["role"] != "expect":
            rows.append({**row, "region": "360321"})
    folder = write_project("rcees-2017", tuple(rows), tmp_path)
    project = folder / "project.toml"
    before = Results(folder, tmp_path / "before").account
    text = project.read_text(encoding="utf-8")
    own = 'coefficients = ["./own"]'
    assert own in text
    listed = 'coefficients = ["jiangxi", "pollutant-equivalents", "./own"]'
    project.write_text(text.replace(own, listed), encoding="utf-8")
    account = Results(folder, tmp_path / "after").account
    # (100 + 200) x 1263.157895 + 3000 x 300 CNY; before 100 x 1200 + 200 x 630 + 3000 x 150
    assert value(account, "air_purification") == pytest.approx(127.894737, abs=1e-5)
    assert value(before, "air_purification") == pytest.approx(69.6, abs=1e-9)
    # 500 x 1400 + 50 x 1750 CNY; before 500 x 700 + 50 x 875
    assert value(account, "water_purification") == pytest.approx(78.75, abs=1e-9)
    assert value(before, "water_purification") == pytest.approx(39.375, abs=1e-9)


def value(account: pd.DataFrame, indicator: str) -> float:
    """The value of an indicator in the rows of account.csv, in 10^4 CNY."""
    rows = account[(account["indicator"] == indicator) & (account["kind"] == "value")]
    assert set(rows["unit"]) == {"10^4 CNY"}
    return float(rows["value"].astype(float).sum())


def test_indices_are_chained_from_the_year_before() -> None:
    rows = read_coefficient_set("price-index").rows
    assert set(rows["base"]) == {"previous=100"}
    whole = {"cpi": range(1995, 2026), "ppi": range(1995, 2026), "fixed_assets": range(1995, 2012)}
    for index, years in whole.items():
        of_index = rows[(rows["index"] == index).to_numpy()]
        assert sorted(of_index["price_year"].astype(int)) == list(years)


def test_the_yearbook_agrees_with_its_own_fixed_base() -> None:
    """Table 9-2 of the yearbook of 2012 has the same prices on fixed bases: their ratio over years is the chain."""
    rows = read_coefficient_set("price-index").rows
    printed = (("cpi", 1995, 396.9, 565.0), ("ppi", 1995, 307.1, 400.2))
    for index, first, before, after in (*printed, ("fixed_assets", 1995, 186.9, 271.4)):
        of_index = rows[(rows["index"] == index).to_numpy()]
        years = of_index["price_year"].astype(int).between(first + 1, 2011).to_numpy()
        assert years.sum() == 2011 - first
        chained = (of_index.loc[years, "value"] / 100).prod()
        assert chained == pytest.approx(after / before, rel=2e-3), index


def test_consumer_prices_agree_with_the_ratio_that_a_paper_prints() -> None:
    rows = read_coefficient_set("price-index").rows
    cpi = rows[(rows["index"] == "cpi").to_numpy()]
    years = cpi["price_year"].astype(int).between(2009, 2014).to_numpy()
    chained = (cpi.loc[years, "value"] / 100).prod()
    assert chained == pytest.approx(606.70 / 522.70, rel=5e-4)  # CPI14 / CPI08 of Gaotianyan


def test_the_default_index_is_the_shipped_one() -> None:
    """Consumer prices stand in two sets, so that rcees-2017 has them by itself: they are the same."""
    merged = []
    for set_id in ("price-index", "rcees-defaults"):
        rows = read_coefficient_set(set_id).named("price_index")
        cpi = rows[(rows["index"] == "cpi").to_numpy()]
        merged.append(cpi.set_index("price_year")["value"])
    both = pd.concat(merged, axis=1, join="inner")
    assert len(both) > 15
    assert (both.iloc[:, 0] == both.iloc[:, 1]).all()


def test_no_chain_of_the_set_breaks_that_of_the_defaults() -> None:
    """A chain that a listed set has is not mended by a default: what the defaults have longer goes by another name."""
    listed, defaults = (
        read_coefficient_set(name).named("price_index")
        for name in ("price-index", "rcees-defaults")
    )
    for index, rows in defaults.groupby("index", observed=True):
        of_index = listed[(listed["index"] == index).to_numpy()]
        assert not len(of_index) or set(rows["price_year"]) <= set(of_index["price_year"]), index


def every_row() -> pd.DataFrame:
    """The rows of all shipped sets, with the id of the set."""
    frames = []
    for set_id in shipped("coefficients"):
        frames.append(read_coefficient_set(set_id).rows.assign(set_id=set_id))
    return pd.concat(frames, ignore_index=True)


def test_limits_of_the_nation_span_what_the_papers_print() -> None:
    """The limits of a price of ``china`` lie among the numbers of the other sets, and span them."""
    rows = every_row()
    national = read_coefficient_set("china").rows
    prices = national[(national["low"].notna() & (national["name"] != "environmental_tax_rate"))]
    assert len(prices) == 4
    for _, price in prices.iterrows():
        others = rows[((rows["name"] == price["name"]) & (rows["set_id"] != "china")).to_numpy()]
        numbers = [
            float(row["value"]) * factor(str(row["unit"]), str(price["unit"]))
            for _, row in others.iterrows()
        ]
        inside = [number for number in numbers if price["low"] <= number <= price["high"]]
        assert len(inside) > 2, price["name"]
        assert price["low"] < price["value"] <= price["high"]
        assert price["note"], "a note says whose numbers the limits are"


def test_defaults_have_limits_where_other_sources_differ() -> None:
    """A default that another set contradicts says between which limits, unless it is another thing."""
    rows = every_row()
    keys = ["name", *KEYS]
    lacking = set()
    for key, same in rows[(rows["name"] != "price_index").to_numpy()].groupby(keys, observed=True):
        defaults = same[same["set_id"].isin(DEFAULTS).to_numpy()]
        for _, default in defaults.iterrows():
            scales = same["unit"].map(lambda unit, to=default["unit"]: factor(str(unit), str(to)))
            differ = (same["value"] * scales - default["value"]).abs() > 1e-6 * abs(
                default["value"]
            )
            if differ.any() and not default["low"] < default["high"]:
                lacking.add((key[0], default["substance"]))
    assert lacking == set(OTHER_THINGS)


def test_numbers_of_one_place_say_of_which() -> None:
    """A set of a paper on one place has a scope: elsewhere its numbers are a value transfer."""
    for set_id in ("gaotianyan-2014", "garze-2010", "huanghua-2011", "weihe-2015", "jiangxi"):
        assert read_coefficient_set(set_id).header.scope.regions, set_id
    for set_id in ("baiyangdian-2011", "jiajiyu-2012", "xian-2018", "youyang-2023"):
        assert read_coefficient_set(set_id).header.scope.regions, set_id


def test_what_was_read_in_a_program_alone_is_recalled() -> None:
    rows = every_row()
    of_programs = rows[rows["source"].isin(["program", "redline-program"]).to_numpy()]
    assert len(of_programs) > 40
    assert (of_programs["grade"] == GRADE["recalled"]).all()


def test_no_number_stands_twice_in_one_set() -> None:
    rows = every_row()
    assert not rows.duplicated(["set_id", "name", *KEYS, "price_year"]).any()
