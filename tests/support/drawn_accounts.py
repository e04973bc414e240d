"""Accounts of two years with limits, for the tests of draws: products of a region, and land at a rate times a price."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gep.plan.build import make_plan
from gep.plan.plan import Plan
from support.small import CLASSES, HEAD, METHODS, Row, Small, area, coefficient, datum

STANDARD = (
    HEAD
    + """
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
inputs = { quantity = { data = "output" }, price = { coef = "product_price" } }

[[indicator]]
id = "land"
name = "Land"
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:priced_rate"
per = "area"
unit = "CNY"
inputs = { rate = { coef = "rate" }, price = { coef = "cost" } }

[[total]]
id = "gep"
name = "GEP"
indicators = ["farm", "land"]
"""
)
YEARS = (2020, 2021)
AREAS = tuple(
    area(region, name, value + 50 * (year - 2020), year=year)
    for year in YEARS
    for region, name, value in (("a", "forest", 400), ("a", "field", 100), ("b", "shrub", 200))
)
DATA = tuple(
    datum(region, "output", value, "t", year=year, product="rice", price_year="")
    for year in YEARS
    for region, value in (("a", 700), ("b", 200))
)
COEFFICIENTS = (
    coefficient("product_price", 3, "CNY kg-1", product="rice"),
    coefficient("rate", 20, "kg ha-1", ecosystem="forest"),
    coefficient("rate", 10, "kg ha-1", ecosystem="shrub"),
    coefficient("rate", 5, "kg ha-1", ecosystem="field"),
    coefficient("cost", 1750, "CNY t-1"),
)
BASE = Small(
    areas=AREAS,
    data=DATA,
    sets={"base": COEFFICIENTS},
    standard=STANDARD,
    methods=METHODS,
    classes=CLASSES,
)
BASE = replace(BASE, walk=None)


def limits(
    row: Row, low: float, high: float, distribution: str = "", group: str = ""
) -> dict[str, Any]:
    """A row with its limits as multiples of the value."""
    value = float(row.get("value", row.get("area")))
    more = {
        "low": repr(value * low),
        "high": repr(value * high),
        "distribution": distribution,
        "group": group,
    }
    return {**row, **more}


def plans_of(
    folder: Path, small: Small, years: Sequence[int] = YEARS, **options: Any
) -> list[Plan]:
    """The plans of the account's years, at prices of 2020."""
    arguments = small.arguments(folder)
    return [make_plan(**arguments, year=year, price_year=2020, **options) for year in years]
