"""Equivalent factors: the value of one equivalent and unit values per area (当量因子法, 单位面积价值法).

Results of these are ecosystem service values (ESV), never titled GEP.
"""

from typing import Annotated

from gep.units import Array

# Xie 2003: one equivalent is a seventh of the market value of the grain of one hectare of cropland.
GRAIN_DIVISOR = 7


def standard_equivalent(*, value: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """Value of one equivalent as printed (一个标准当量的价值).

    Symbols
    -------
    D : value

    Notes
    -----
    D = D

    Valid for
    ---------
    The equivalent table and the year that the value was made for.

    References
    ----------
    Xie 2003, 2008, 2015, as cited by the paper that prints the value.

    Examples
    --------
    >>> standard_equivalent(value=884.9)
    884.9
    """
    return value


def value_of_equivalent_from_grain(
    *, grain_yield: Annotated[Array, "kg ha-1"], grain_price: Annotated[Array, "CNY kg-1"]
) -> Annotated[Array, "CNY ha-1"]:
    """Value of one equivalent: a seventh of the market value of grain per hectare (单位当量价值, 粮食产值法).

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
    Xie 2003: the economic value of one equivalent is 1/7 of the market value of the grain yield of the year.

    Examples
    --------
    >>> round(value_of_equivalent_from_grain(grain_yield=5915, grain_price=2.28), 1)
    1926.6
    """
    return grain_yield * grain_price / GRAIN_DIVISOR


def value_of_equivalent_from_crop(
    *, sown_share: Annotated[Array, "1"], net_profit: Annotated[Array, "CNY ha-1"]
) -> Annotated[Array, "CNY ha-1"]:
    """Share of one crop in the value of one equivalent; sum it over the crops (单位当量价值, 净利润法).

    Symbols
    -------
    S : sown_share
    F : net_profit

    Notes
    -----
    D = S_r F_r + S_w F_w + S_c F_c (rice, wheat, maize)

    Valid for
    ---------
    Shares of the three grains' sown area that sum to 1.

    References
    ----------
    Xie 2015; recalled, not held against the text.

    Examples
    --------
    >>> value_of_equivalent_from_crop(sown_share=0.5, net_profit=4000)
    2000.0
    """
    return sown_share * net_profit


def value_by_equivalent(
    *, equivalents: Annotated[Array, "1"], equivalent_value: Annotated[Array, "CNY ha-1"]
) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare of a service: its equivalents times the value of one (当量因子法).

    Symbols
    -------
    e_ij : equivalents
    D : equivalent_value

    Notes
    -----
    ESV = Σ A_i e_ij D

    Valid for
    ---------
    Tables of equivalents by ecosystem and service; negative equivalents are kept.

    References
    ----------
    Xie 2003, 2008, 2015.

    Examples
    --------
    >>> round(value_by_equivalent(equivalents=3.5, equivalent_value=884.9), 2)
    3097.15
    """
    return equivalents * equivalent_value


def value_by_corrected_equivalent(
    *,
    equivalents: Annotated[Array, "1"],
    equivalent_value: Annotated[Array, "CNY ha-1"],
    correction: Annotated[Array, "1"],
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
    >>> round(value_by_corrected_equivalent(equivalents=2, equivalent_value=884.9, correction=1.25), 2)
    2212.25
    """
    return equivalents * equivalent_value * correction


def unit_value(*, unit_value: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare of a service as printed (单位面积价值).

    Symbols
    -------
    VC : unit_value

    Notes
    -----
    ESV = Σ A VC

    Valid for
    ---------
    Unit values of the region and price year they were made for; negative ones are kept.

    References
    ----------
    Costanza 1997: ecosystem service value as area times unit value.

    Examples
    --------
    >>> unit_value(unit_value=1250.5)
    1250.5
    """
    return unit_value


def corrected_unit_value(
    *, unit_value: Annotated[Array, "CNY ha-1"], correction: Annotated[Array, "1"]
) -> Annotated[Array, "CNY ha-1"]:
    """Value per hectare of a service with a local correction (修正单位面积价值).

    Symbols
    -------
    VC : unit_value
    f : correction

    Notes
    -----
    ESV = Σ A VC f

    Valid for
    ---------
    Corrections for net primary production, cover, rain or soil retention of the place.

    References
    ----------
    Jiangsu red lines 2013 (doi 10.5846/stxb201603140453): value = area × unit value × adjustment.

    Examples
    --------
    >>> corrected_unit_value(unit_value=1200, correction=1.25)
    1500.0
    """
    return unit_value * correction


def unit_value_in_dollars(*, unit_value: Annotated[Array, "USD ha-1"]) -> Annotated[Array, "USD ha-1"]:
    """Value per hectare of a biome's services in US dollars, as printed (单位面积价值, 美元).

    Symbols
    -------
    V : unit_value

    Notes
    -----
    ESV = Σ A V

    Valid for
    ---------
    Biomes at world scale and the dollars' price year; currencies are never converted, hence its own function.

    References
    ----------
    Costanza 1997, 2014: ecosystem service value as area times unit value.

    Examples
    --------
    >>> unit_value_in_dollars(unit_value=5382)
    5382
    """
    return unit_value
