"""A standard with chains of steps at pixels, and its account by a plain loop over the pixels."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from support import small
from support.small_rasters import CODES, PIXEL

METHODS = (
    small.METHODS
    + '''

def squared(*, rain: Annotated[Array, "mm"]) -> Annotated[Array, "mm"]:
    """Not linear, so that means of rain do not do."""
    return rain * rain / 1000


def washed(
    *, power: Annotated[Array, "mm"], cover: Annotated[Array, "1"]
) -> Annotated[Array, "t ha-1"]:
    """Not linear either, and wrong by far where the power comes in another unit."""
    return power * power * cover / 1e4


def thousandth(*, amount: Annotated[Array, "t"]) -> Annotated[Array, "t"]:
    """Of what a region has in all."""
    return amount / 1000


def capped(*, rain: Annotated[Array, "mm"], limit: Annotated[Array, "t"]) -> Annotated[Array, "t ha-1"]:
    """A number of the pixel, at most one that the region has."""
    return np.minimum(rain / 100, limit)
'''
)
WASH = """
[data.wet]
name = { zh = "月降水量", en = "Rain by month" }
unit = "mm"
keys = ["region", "month"]

[[indicator]]
id = "wash"
name = { zh = "冲刷", en = "Wash" }
category = "regulating"
[[indicator.step]]
id = "power"
kind = "auxiliary"
method = "./own.py:squared"
per = "none"
unit = "m"
over = { month = ["1", "2"] }
sum_over = ["month"]
inputs = { rain = { data = "wet" } }
[[indicator.step]]
id = "washed"
kind = "quantity"
method = "./own.py:washed"
per = "area"
unit = "10^4 t"
clause = "1"
inputs = { power = { step = "wash.power" }, cover = { coef = "cover" } }
[[indicator.step]]
id = "limit"
kind = "auxiliary"
method = "./own.py:thousandth"
per = "region"
unit = "kg"
additive = false
inputs = { amount = { step = "wash.washed" } }
[[indicator.step]]
id = "capped"
kind = "quantity"
method = "./own.py:capped"
per = "area"
unit = "t"
clause = "2"
inputs = { rain = { data = "rain" }, limit = { step = "wash.limit" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "amount"
unit = "10^4 CNY"
clause = "3"
inputs = { quantity = { step = "wash.capped" }, price = { coef = "wash_price" } }
"""
STANDARD = small.HEAD + small.WATER + WASH
INDICATORS = ("water", "wash")
COVER = {"forest": 0.5, "shrub": 0.25, "field": 1.0}
PRICE = 30.0
KEPT = {"forest": 0.75, "shrub": 0.6}  # of the rain; fields have na
COEFFICIENTS = (
    *small.COEFFICIENTS,
    *(small.coefficient("cover", share, "1", ecosystem=name) for name, share in COVER.items()),
    small.coefficient("wash_price", PRICE, "CNY t-1"),
)
SHARES = {"wood": {"forest": 0.75, "shrub": 0.25}, "grove": {"forest": 0.75, "shrub": 0.25}}
SHARES |= {"bush": {"shrub": 1.0}, "paddy": {"field": 1.0}}
NAMES = {code: name for name, code in CODES.items()}

Amounts = dict[tuple[str, str], float]


def plain_account(
    cover: np.ndarray,
    layers: Mapping[str, np.ndarray],
    zones_of: Callable[[int, int], Mapping[str, float]],
    area_of: Callable[[int], float],
) -> Amounts:
    """The account pixel by pixel: by region and step, in the units of the standard.

    ``zones_of`` gives the shares of a pixel in the regions, ``area_of`` the area of a pixel in a row.
    """
    sums: Amounts = defaultdict(float)
    second: list[tuple[str, float, float]] = []  # region, hm2, rain of the parts of the second pass
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            shares = SHARES.get(NAMES.get(int(cover[row, column]), ""), {})
            rain, first, other = (
                float(layers[name][row, column]) for name in ("rain", "wet.1", "wet.2")
            )
            power = first * first / 1000 + other * other / 1000
            for region, inside in zones_of(row, column).items():
                for ecosystem, share in shares.items():
                    area = area_of(row) * inside * share / 1e4  # hm2
                    sums[region, "area"] += area
                    if not math.isnan(rain):
                        kept = rain * KEPT.get(ecosystem, 0.0) * area * 10 / 1e4
                        sums[region, "water.kept"] += kept  # 10^4 m3
                        second.append((region, area, rain))
                    if not math.isnan(power):
                        washed = power * power * COVER[ecosystem] / 1e4 * area
                        sums[region, "wash.washed"] += washed / 1e4
    for region in {region for region, _ in sums}:
        sums[region, "wash.limit"] = sums[region, "wash.washed"] * 1e4  # kg
    for region, area, rain in second:
        limit = sums[region, "wash.limit"] / 1000
        sums[region, "wash.capped"] += min(rain / 100, limit) * area
    for region in {region for region, _ in sums}:
        sums[region, "wash.value"] = sums[region, "wash.capped"] * PRICE / 1e4
        sums[region, "water.value"] = sums[region, "water.kept"] * 2
    return sums


STEPS = (
    "water.kept",
    "water.value",
    "wash.washed",
    "wash.limit",
    "wash.capped",
    "wash.value",
)


def account_amounts(frame: Any) -> Amounts:
    """The amounts of the regions of an account, as ``plain_account`` gives them."""
    rows = frame[frame["level"] == "region"]
    keys = zip(rows["region"], rows["indicator"] + "." + rows["step"], strict=True)
    return dict(zip(keys, rows["value"].astype(float), strict=True))


def cell_of_degrees(north: float, step: float) -> Callable[[int], float]:
    """The area (m2) of a pixel of a grid in degrees of WGS 84, by row: between parallels and meridians."""
    semi_minor = 6_356_752.314245179
    flattening = 1 / 298.257223563
    eccentricity = math.sqrt(flattening * (2 - flattening))

    def zone(degrees: float) -> float:
        sine = math.sin(math.radians(degrees))
        bent = sine / (1 - (eccentricity * sine) ** 2)
        return bent + math.atanh(eccentricity * sine) / eccentricity

    def area(row: int) -> float:
        top, bottom = north - row * step, north - (row + 1) * step
        return semi_minor**2 / 2 * math.radians(step) * (zone(top) - zone(bottom))

    return area


def cell_of_metres(row: int) -> float:
    """The area (m2) of a pixel of the Albers grid, which keeps areas."""
    return PIXEL * PIXEL
