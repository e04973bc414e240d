"""Price years and indices (DESIGN section 5, Money): which row is taken, how it is moved, what is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.small import HEAD, Row, Small, area, cell, codes_of, coefficient, datum

import gep

FARM_ONLY = """
[[indicator]]
id = "farm"
name = "Farm products"
category = "provisioning"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = {{ quantity = {{ data = "output", at = {{ product = "rice" }} }}, price = {{ {price} }} }}
[[total]]
id = "gep"
name = "GEP"
indicators = ["farm"]
"""
TONNES = 10  # of rice in 2020
INDEX = (("2010", 80), ("2015", 100), ("2020", 110))


def index_rows(
    *years: tuple[str, object], name: str = "farm", unit: str = "1"
) -> list[dict[str, object]]:
    return [
        coefficient("price_index", value, unit, index=name, price_year=year)
        for year, value in years
    ]


def price(value: object, year: object, **more: object) -> dict[str, object]:
    return coefficient("price", value, "CNY t-1", price_year=year, **more)


def small(
    *rows: Row,
    data: Sequence[Row] = (),
    binding: str = 'coef = "price", index = "farm"',
    **more: Any,
) -> Small:
    output = datum("a", "output", TONNES, "t", product="rice")
    declared = HEAD + '[data.price]\nname = "Price"\nunit = "CNY t-1"\n'
    return Small(
        areas=[area("a", "field", 1)], data=[output, *data], sets={"base": list(rows) or [price(1, 2020)]},
        standard=declared + FARM_ONLY.format(price=binding), walk=None, regions=None, **more,
    )  # fmt: skip


def value(account: gep.Account) -> float:
    return float(cell(account, "a", "farm", "value"))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_rows_alike_the_accounts_year_is_taken(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [price(7, 2015), price(11, 2020), price(13, 2010)]
    assert value(small(*[rows[one] for one in order]).account(tmp_path)) == TONNES * 11


def test_the_projects_price_year_goes_before_the_accounts_year(tmp_path: Path) -> None:
    rows = [price(7, 2015), price(11, 2020)]
    account = small(*rows).account(tmp_path, price_year=2015)
    assert value(account) == TONNES * 7
    assert any("2015 年不变价" in line for line in account.caption("zh"))
    assert any("constant prices of 2015" in line for line in account.caption("en"))


def test_an_index_moves_the_price_and_its_rows_stand_in_the_plan(tmp_path: Path) -> None:
    account = small(price(7, 2015), *index_rows(*INDEX)).account(tmp_path)
    assert value(account) == pytest.approx(TONNES * 7 * 110 / 100, rel=1e-12)
    table = account.plan.table()
    row = table[table["binding"] == "coef=price index=farm price_year=2015"]
    assert row["factor"].tolist() == [pytest.approx(1.1, rel=1e-12)]
    assert row["row"].tolist() == [2]
    index = table[table["binding"].str.startswith("coef=price_index index=farm price_year=")]
    assert sorted(index["row"]) == [4, 5], "the rows of 2015 and 2020, below that of 2010"
    rows = account.explain("farm", "a").step("farm.value").rows
    assert sorted(rows[rows["input"] == "price, price index"]["value"]) == ["100", "110"]


def test_of_two_other_years_the_one_that_the_index_moves_is_taken(tmp_path: Path) -> None:
    rows = [price(7, 2010), price(9, 2018)]
    account = small(*rows, *index_rows(("2010", 80), ("2020", 110))).account(tmp_path)
    assert value(account) == pytest.approx(TONNES * 7 * 110 / 80, rel=1e-12)


def test_a_missing_index_is_refused_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound) as found:
        small(price(7, 2015), *index_rows(("2020", 110))).account(tmp_path)
    (problem,) = found.value.problems
    assert problem.code == "price-year"
    assert "base/numbers.csv row 2" in problem.where
    assert "2015" in problem.what
    assert "price_index rows of 'farm' for 2015 and 2020" in problem.fix
    assert "price_year = 2015" in problem.fix


def test_without_an_index_in_the_binding_the_fix_names_the_year(tmp_path: Path) -> None:
    rows = [price(7, 2015), *index_rows(*INDEX)]
    with pytest.raises(gep.ProblemsFound) as found:
        small(*rows, binding='coef = "price"').account(tmp_path)
    (problem,) = found.value.problems
    assert problem.code == "price-year"
    assert "a row of price year 2020" in problem.fix


@pytest.mark.parametrize(
    ("broken", "code"), [("na", "price-year"), (0, "price-index"), (-100, "price-index")]
)
def test_an_index_without_a_number_is_no_index(tmp_path: Path, broken: object, code: str) -> None:
    rows = index_rows(("2015", broken), ("2020", 110))
    assert codes_of(small(price(7, 2015), *rows), tmp_path) == {code}


CHANGES = (("2016", 102), ("2017", 96), ("2018", 110), ("2019", 101), ("2020", 105))
CHAINED = 1.02 * 0.96 * 1.10 * 1.01 * 1.05


@pytest.mark.parametrize(
    ("base", "scale"), [("previous=100", 1), ("上年=100", 1), ("previous", 1), ("上年=1", 100)]
)
def test_an_index_on_the_year_before_is_chained(tmp_path: Path, base: str, scale: int) -> None:
    years = [(year, change / scale) for year, change in CHANGES]
    rows = [row | {"base": base} for row in index_rows(*years)]
    account = small(price(7, 2015), *rows).account(tmp_path)
    assert value(account) == pytest.approx(TONNES * 7 * CHAINED, rel=1e-12)
    used = account.plan.table()
    assert sum(used["binding"].str.startswith("coef=price_index")) == len(CHANGES)


def test_an_index_on_the_year_before_may_be_in_percent(tmp_path: Path) -> None:
    rows = [row | {"base": "上年=100"} for row in index_rows(*CHANGES, unit="%")]
    account = small(price(7, 2015), *rows).account(tmp_path)
    assert value(account) == pytest.approx(TONNES * 7 * CHAINED, rel=1e-12)


def test_a_chain_leads_back_as_well(tmp_path: Path) -> None:
    rows = [row | {"base": "previous=100"} for row in index_rows(("2021", 104), ("2022", 98))]
    account = small(price(7, 2022), *rows).account(tmp_path)
    assert value(account) == pytest.approx(TONNES * 7 / (1.04 * 0.98), rel=1e-12)


def test_a_chain_names_the_year_that_it_lacks(tmp_path: Path) -> None:
    given = [pair for pair in CHANGES if pair[0] != "2018"]
    rows = [row | {"base": "previous=100"} for row in index_rows(*given)]
    with pytest.raises(gep.ProblemsFound) as found:
        small(price(7, 2015), *rows).account(tmp_path)
    (problem,) = found.value.problems
    assert problem.code == "price-year"
    assert "add its rows for 2018" in problem.fix


def test_index_rows_of_two_units_are_brought_together(tmp_path: Path) -> None:
    rows = [*index_rows(("2015", 80), unit="%"), *index_rows(("2020", 1.0))]
    assert value(small(price(8, 2015), *rows).account(tmp_path)) == pytest.approx(
        TONNES * 10, rel=1e-12
    )


def test_an_index_keyed_otherwise_is_refused(tmp_path: Path) -> None:
    rows = [row | {"region": "a"} for row in index_rows(*INDEX)]
    assert codes_of(small(price(7, 2015), *rows), tmp_path) == {"price-index"}


def test_the_first_set_that_has_both_years_gives_the_index(tmp_path: Path) -> None:
    local = index_rows(("2015", 100))
    other = [price(7, 2015), *index_rows(("2015", 50), ("2020", 60))]
    two = Small(**{**vars(small()), "sets": {"local": local, "base": other}})
    assert value(two.account(tmp_path)) == pytest.approx(TONNES * 7 * 60 / 50, rel=1e-12)


def test_data_are_at_their_rows_year_or_at_the_year_that_they_name(tmp_path: Path) -> None:
    binding = 'data = "price", index = "farm"'
    plain = small(*index_rows(*INDEX), data=[datum("a", "price", 5, "CNY t-1")], binding=binding)
    assert value(plain.account(tmp_path / "plain")) == TONNES * 5
    assert value(plain.account(tmp_path / "constant", price_year=2015)) == pytest.approx(
        TONNES * 5 * 100 / 110
    )
    named = [datum("a", "price", 5, "CNY t-1", price_year=2010)]
    dated = small(*index_rows(*INDEX), data=named, binding=binding)
    assert value(dated.account(tmp_path / "dated")) == pytest.approx(TONNES * 5 * 110 / 80)
    assert codes_of(small(data=named, binding='data = "price"'), tmp_path / "bare") == {
        "price-year"
    }


def test_a_data_row_of_blank_and_one_of_the_same_year_are_the_same_number_twice(
    tmp_path: Path,
) -> None:
    twice = [datum("a", "price", 5, "CNY t-1"), datum("a", "price", 6, "CNY t-1", price_year=2020)]
    assert codes_of(small(data=twice, binding='data = "price"'), tmp_path) == {"duplicate-row"}


def test_nominal_prices_are_used_as_they_stand_and_counted(tmp_path: Path) -> None:
    account = small(price(7, "nominal"), *index_rows(*INDEX)).account(tmp_path)
    assert value(account) == TONNES * 7
    assert account.shares()["nominal"] == 1
    assert any(
        "未注价格年份" in line and "100.0%" in line
        for line in account.table(language="zh").attrs["caption"]
    )
    dated = small(price(7, 2020)).account(tmp_path / "dated")
    assert dated.shares()["nominal"] == 0
    assert not any("未注价格年份" in line for line in dated.caption("zh"))


def test_nominal_prices_are_refused_at_constant_prices(tmp_path: Path) -> None:
    assert codes_of(small(price(7, "nominal")), tmp_path / "constant", price_year=2020) == {
        "nominal-price"
    }


def test_money_without_a_price_year_is_refused_in_a_set(tmp_path: Path) -> None:
    assert codes_of(small(price(7, "")), tmp_path) == {"price-year-missing"}


def test_currencies_are_not_converted(tmp_path: Path) -> None:
    dollars = coefficient("price", 7, "USD t-1", price_year=2020)
    assert codes_of(small(dollars, *index_rows(*INDEX)), tmp_path) == {"wrong-dimension"}


def test_na_needs_no_price_year_and_moves_nowhere(tmp_path: Path) -> None:
    account = small(price("na", 2015)).account(tmp_path)
    assert cell(account, "a", "farm", "value") == "na"


def test_a_number_per_yuan_moves_the_other_way(tmp_path: Path) -> None:
    """10 t at 0.5 t per yuan of 2010 cost 20 yuan of 2010; prices rose by 110/80, so 27.5 yuan of 2020."""
    methods = """
from typing import Annotated
from gep.units import Array


def sold(*, quantity: Annotated[Array, "t"], price: Annotated[Array, "t CNY-1"]) -> Annotated[Array, "CNY"]:
    \"\"\"Quantity over what a yuan buys.\"\"\"
    return quantity / price
"""
    bought = coefficient("price", 0.5, "t CNY-1", price_year=2010)
    account = small(bought, *index_rows(*INDEX), methods=methods).account(tmp_path)
    assert value(account) == pytest.approx(27.5, rel=1e-12)


CARBON = """
[data.fixed]
name = "Carbon dioxide fixed"
unit = "tCO2"
[[step]]
id = "carbon_price"
kind = "auxiliary"
method = "gep.methods.carbon:carbon_price_per_co2"
per = "none"
unit = "CNY tCO2-1"
inputs = { price = { coef = "carbon_price", index = "cpi" } }
[[indicator]]
id = "carbon"
name = "Carbon sequestration"
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "gep.methods.valuation:carbon_dioxide_value"
per = "region"
unit = "10^4 CNY"
inputs = { carbon_dioxide = { data = "fixed" }, price = { step = "carbon_price" } }
[[total]]
id = "gep"
name = "GEP"
indicators = ["carbon"]
"""


@pytest.mark.parametrize("year", [2014, 2011])
def test_the_carbon_price_of_gaotianyan_is_its_printed_price(tmp_path: Path, year: int) -> None:
    """1200 yuan/tC of 2008 x 12/44 x 606.70/522.70 = 379.87 yuan/tCO2 of 2014 (doi 10.5846/stxb201607091410).

    The price is printed in Table 1; 9862.01 tCO2 of coniferous forest as 374.62 x 10^4 yuan in Table 2. The index
    is 1978 = 100; that of 2008 is not printed in the paper. In the account of another year too the price is that of
    2014 if the project says so.
    """
    rows = [
        coefficient("carbon_price", 1200, "CNY tC-1", price_year=2008),
        *index_rows(("2008", 522.70), ("2014", 606.70), name="cpi"),
    ]
    carbon = Small(
        areas=[area("a", "forest", 1, year=year)], data=[datum("a", "fixed", 9862.01, "tCO2", year=year)],
        sets={"base": rows}, standard=HEAD + CARBON, walk=None, regions=None,
    )  # fmt: skip
    account = carbon.account(tmp_path, price_year=2014)
    assert float(account.results["carbon_price"]) == pytest.approx(379.87, abs=0.005)
    assert cell(account, "a", "carbon", "value") == pytest.approx(374.62, abs=0.01)
    table = account.plan.table()
    factor = table.loc[
        table["binding"].str.startswith("coef=carbon_price index=cpi "), "factor"
    ].item()
    assert factor == pytest.approx(606.70 / 522.70, rel=1e-12)
