"""Equivalent factors: the value of one equivalent, unit values (当量因子法, 单位面积价值法).

Results of these are ecosystem service values (ESV), never titled GEP.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array

# Xie 2003: one equivalent is a seventh of the market value of the grain of one hectare of cropland.
GRAIN_DIVISOR = 7


def value_of_equivalent_from_grain(
    *,
    grain_yield: Annotated[Array, "kg ha-1", NOT_NEGATIVE],
    grain_price: Annotated[Array, "CNY kg-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1"]:
    """Value of one equivalent: a seventh of grain value per hectare (单位当量价值, 粮食产值法).

    Symbols
    -------
    E_a : result
    q, p : grain_yield, grain_price

    Notes
    -----
    E_a = q p / 7

    Valid for
    ---------
    Mean yield and price of the region's main grains.

    References
    ----------
    Xie 2003: the economic value of one equivalent is 1/7 of the market value of the grain yield of
    the year.

    Examples
    --------
    >>> round(value_of_equivalent_from_grain(grain_yield=5915, grain_price=2.28), 1)
    1926.6
    """
    return grain_yield * grain_price / GRAIN_DIVISOR


def value_by_corrected_equivalent(
    *,
    equivalents: Annotated[Array, "1"],
    equivalent_value: Annotated[Array, "CNY ha-1", NOT_NEGATIVE],
    correction: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare of a service by equivalents with a local correction (修正当量因子法).

    Symbols
    -------
    e_ij : equivalents
    D : equivalent_value
    f : correction

    Notes
    -----
    ESV = Σ A_i e_ij D f

    Valid for
    ---------
    Corrections for net primary production, cover, rain or soil retention of the place.

    References
    ----------
    Jiangsu red lines 2013 (doi 10.5846/stxb201603140453): value = area × unit value × adjustment.

    Examples
    --------
    >>> value = value_by_corrected_equivalent(
    ...     equivalents=2, equivalent_value=884.9, correction=1.25
    ... )
    >>> round(value, 2)
    2212.25
    """
    return equivalents * equivalent_value * correction


def unit_value(*, unit_value: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare as printed: of a service, of one equivalent, or a rent (单位面积价值).

    Symbols
    -------
    VC, D, r : unit_value

    Notes
    -----
    ESV = Σ A VC for a service; D = D for one equivalent; v = r, the yearly rent, by the land rent
    method.

    Valid for
    ---------
    Unit values of the region and price year they were made for; negative ones are kept. D goes with
    the equivalent table and the year that it was made for, a rent with regions that have a market
    of rented land.

    References
    ----------
    Costanza 1997: ecosystem service value as area times unit value. Xie 2003, 2008, 2015, as cited
    by the paper that prints D. Land rent method of the 2022 trial rules; recalled, not held against
    the text.

    Examples
    --------
    >>> unit_value(unit_value=1250.5)
    1250.5
    """
    return unit_value


def unit_value_in_dollars(
    *, unit_value: Annotated[Array, "USD ha-1"]
) -> Annotated[Array, "USD ha-1"]:
    """Value per hectare of a biome's services in US dollars, as printed (单位面积价值, 美元).

    Symbols
    -------
    V : unit_value

    Notes
    -----
    ESV = Σ A V

    Valid for
    ---------
    Biomes at world scale and the dollars' price year; currencies are never converted, hence its own
    function.

    References
    ----------
    Costanza 1997, 2014: ecosystem service value as area times unit value.

    Examples
    --------
    >>> unit_value_in_dollars(unit_value=5382)
    5382
    """
    return unit_value


def value_by_factor(
    *, unit_value: Annotated[Array, "CNY ha-1"], factor: Annotated[Array, "1"]
) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare times equivalents or a correction (当量因子法, 修正系数, 播种面积比例).

    Symbols
    -------
    D, VC, F : unit_value
    e_ij, f, S : factor

    Notes
    -----
    ESV = Σ A e D by equivalents; ESV = Σ A VC f with a correction; D = Σ S F over the crops.
    The last is D = S_r F_r + S_w F_w + S_c F_c: one equivalent from the net profits of rice, wheat
    and maize.

    Valid for
    ---------
    Tables of equivalents by ecosystem and service, negative ones kept; corrections for net primary
    production, cover, rain or soil retention of the place; shares of the three grains' sown area
    that sum to 1.

    References
    ----------
    Xie 2003, 2008, 2015 (equivalents; the crop form of 2015 is recalled, not held against the
    text). Jiangsu red lines 2013 (doi 10.5846/stxb201603140453): value = area × unit value ×
    adjustment.

    Examples
    --------
    >>> round(value_by_factor(unit_value=884.9, factor=3.5), 2)
    3097.15
    >>> value_by_factor(unit_value=1200, factor=1.25)
    1500.0
    """
    return unit_value * factor
