"""plan.csv tells its rows apart by what stands in them: keys, price year; land areas have rows too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.museum import edit, project
from support.small import COEFFICIENTS, DATA, Small, coefficient, datum, indicator

import gep
from gep.plan.binding_context import class_title
from gep.plan.plan_table import PLAN_COLUMNS, RowNames, plan_pieces
from gep.texts.catalogue import LANGUAGES

VALUE = """
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price", index = "cpi" } }
"""
AT = VALUE.replace('data = "output"', 'data = "output", at = { product = "rice" }').replace(
    'coef = "product_price"', 'coef = "product_price", at = { product = "rice" }'
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    return Small().account(tmp_path_factory.mktemp("small"))


def bindings(account: gep.Account, step: str) -> list[str]:
    table = account.plan.table()
    return table[table["step"] == step]["binding"].tolist()


def test_every_row_says_its_keys(account: gep.Account) -> None:
    assert bindings(account, "air.capacity")[:2] == [
        "coef=uptake ecosystem=forest substance=SO2", "coef=uptake ecosystem=shrub substance=SO2"
    ]  # fmt: skip
    assert bindings(account, "water.kept")[:3] == [
        "data=rain region=a", "data=rain region=b", "coef=runoff ecosystem=forest"
    ]  # fmt: skip
    table = account.plan.table()
    assert table[table["input"] == "area"]["binding"].tolist() == [
        "class=wood region=a", "class=paddy region=a", "class=bush region=b", "class=wood region=b",
        "class=road region=b",
    ]  # fmt: skip
    assert list(table.columns) == PLAN_COLUMNS


def test_pieces_keep_texts_once_and_the_table_has_plain_ones(account: gep.Account) -> None:
    table = account.plan.table()
    pieces = list(account.plan.table_pieces())
    assert isinstance(pieces[0]["method"].dtype, pd.CategoricalDtype)
    for name in PLAN_COLUMNS:
        cells = [cell for piece in pieces for cell in piece[name]]
        assert table[name].tolist() == cells
        assert not isinstance(table[name].dtype, pd.CategoricalDtype)
    assert table["method"].dtype == pd.Series(np.array(["text"], dtype=object)).dtype


def test_every_row_says_its_source_and_what_it_is_called(account: gep.Account) -> None:
    """Source and locator are those of the row in its file; the name is in words."""
    table = account.plan.table()
    uptake = table[table["step"] == "air.capacity"].iloc[0]
    frame = next(
        step.inputs[uptake["input"]].frame  # type: ignore[union-attr]
        for step in account.plan.steps
        if step.name == "air.capacity"
    )
    row = frame[frame["row"] == uptake["row"]].iloc[0]
    assert (uptake["source"], uptake["locator"]) == (row["source"], row["locator"])
    assert row["source"]
    spec = account.plan.standard.spec
    title = spec.coefficient["uptake"].name.say("zh") if "uptake" in spec.coefficient else "uptake"
    forest = class_title(account.plan.scheme, "forest").say("zh")
    assert uptake["name"] == f"{title}，{forest}，二氧化硫"
    english = replace(account.plan, language="en").table()
    assert english["name"].str.contains(", ").any()
    same = [column for column in PLAN_COLUMNS if column != "name"]
    assert english[same].equals(table[same])
    assert (table["name"] != "").all()


def test_the_language_of_names_is_the_projects_whoever_asks(tmp_path: Path) -> None:
    """So that another language of the screen does not change the table that people sign."""
    folder = project(tmp_path / "p")
    names = []
    for language in LANGUAGES:
        _, (plan,) = gep.check_project(folder, allow_code=True, language=language)
        names.append(plan.table()["name"].tolist())
    assert names[0] == names[1]
    edit(folder / "project.toml", 'language = "zh"', 'language = "en"')
    _, (plan,) = gep.check_project(folder, allow_code=True)
    assert plan.table()["name"].tolist() != names[0]


def test_rows_are_told_apart_without_their_numbers(account: gep.Account) -> None:
    table = account.plan.table()
    assert not table.duplicated(["year", "step", "input", "binding", "file"]).any()


@pytest.mark.parametrize("step", [VALUE, AT])
def test_money_and_index_rows_say_their_price_year(tmp_path: Path, step: str) -> None:
    index = [
        coefficient("price_index", value, "1", index="cpi", price_year=year)
        for year, value in ((2015, 1), (2020, 1.1))
    ]
    prices = [
        {**row, "price_year": 2015} for row in COEFFICIENTS if row["coefficient"] == "product_price"
    ]
    rice = bindings(
        Small(standard=indicator(step), sets={"base": [*prices, *index]}).account(tmp_path),
        "x.value",
    )
    assert "coef=product_price product=rice index=cpi price_year=2015" in rice
    assert rice[-2:] == [f"coef=price_index index=cpi price_year={year}" for year in (2015, 2020)]
    assert "data=output region=a product=rice" in rice, "tonnes have no price year"


def test_nominal_prices_and_data_in_money_say_so(tmp_path: Path) -> None:
    prices = [
        {**row, "price_year": "nominal"}
        for row in COEFFICIENTS
        if row["coefficient"] == "product_price"
    ]
    account = Small(standard=indicator(VALUE), sets={"base": prices}).account(tmp_path)
    assert "coef=product_price product=fish index=cpi price_year=nominal" in bindings(
        account, "x.value"
    )
    head = '[data.farm_price]\nname = "Price"\nunit = "CNY t-1"\nkeys = ["region", "product"]\n'
    text = indicator(VALUE.replace('coef = "product_price", index = "cpi"', 'data = "farm_price"'))
    text = text.replace("[data.output]", f"{head}[data.output]")
    own = [
        datum(code, "farm_price", 5, "CNY t-1", product=one)
        for code, one in (("a", "rice"), ("b", "rice"), ("b", "fish"))
    ]
    account = Small(standard=text, data=[*DATA, *own], sets={"base": COEFFICIENTS}).account(
        tmp_path / "data"
    )
    assert "data=farm_price region=b product=fish price_year=2020" in bindings(account, "x.value")


def test_land_area_has_rows_of_no_step(tmp_path: Path, account: gep.Account) -> None:
    land = [
        datum("a", "land_area", 700, "hm2", grade="official"),
        datum("b", "land_area", 4, "km2"),
    ]
    data = Small(data=[*DATA, *land]).arguments(tmp_path)["data"].of(2020)["land_area"]
    plan = account.plan
    names = RowNames(plan.standard, plan.scheme, plan.regions, "zh")
    pieces = plan_pieces(plan.extent, plan.crosswalk, plan.steps, names, data)
    table = pd.concat(pieces, ignore_index=True)
    rows = table[table["input"] == "land_area"]
    assert rows["binding"].tolist() == ["data=land_area region=a", "data=land_area region=b"]
    assert rows[["step", "value", "unit", "factor", "grade"]].to_numpy().tolist() == [
        ["", 700, "hm2", pytest.approx(0.01), "official"], ["", 4, "km2", 1, "unstated"]
    ]  # fmt: skip
