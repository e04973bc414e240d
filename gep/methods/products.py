"""Provisioning services: products, water and energy handed over to people (物质产品供给).

Owns the physical quantities and the values that statistics give, and the forms that take human inputs off.
"""

from typing import Annotated

from gep.units import Array


def water_used(*, volume: Annotated[Array, "m3"]) -> Annotated[Array, "m3"]:
    """Water used for a purpose in the year (分用途用水量).

    Symbols
    -------
    Q_p : volume

    Notes
    -----
    Q_p = Q_p

    Valid for
    ---------
    Domestic, industrial and farming use of the water bulletin.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 1.

    Examples
    --------
    >>> water_used(volume=1.36)
    1.36
    """
    return volume


def energy_generated(*, energy: Annotated[Array, "kWh"]) -> Annotated[Array, "kWh"]:
    """Electricity generated from renewable sources in the year (发电量).

    Symbols
    -------
    Q_e : energy

    Notes
    -----
    Q_e = Q_e

    Valid for
    ---------
    Hydropower of the statistical yearbook.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.3 (3).

    Examples
    --------
    >>> energy_generated(energy=95.3)
    95.3
    """
    return energy


def net_output_value(
    *, gross_output: Annotated[Array, "CNY"], intermediate_consumption: Annotated[Array, "CNY"]
) -> Annotated[Array, "CNY"]:
    """Net output value: gross output less intermediate consumption (净产值).

    Symbols
    -------
    V : result
    G : gross_output
    I : intermediate_consumption

    Notes
    -----
    V = G - I

    Valid for
    ---------
    Farming, forestry, husbandry and fishery, where the yearbook prints both.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.3 (1), takes the net output value.

    Examples
    --------
    >>> net_output_value(gross_output=20, intermediate_consumption=7.5)
    12.5
    """
    return gross_output - intermediate_consumption


def residual_value(
    *,
    gross_output: Annotated[Array, "CNY"],
    intermediate_consumption: Annotated[Array, "CNY"],
    labour_cost: Annotated[Array, "CNY"],
    fixed_capital_cost: Annotated[Array, "CNY"],
) -> Annotated[Array, "CNY"]:
    """What is left of output when human inputs are paid: the ecosystem's contribution (残值法).

    Symbols
    -------
    G : gross_output
    I : intermediate_consumption
    L : labour_cost
    K : fixed_capital_cost

    Notes
    -----
    V = G - I - L - K. A negative rent is kept.

    Valid for
    ---------
    Biomass provisioning where the costs of production are surveyed.

    References
    ----------
    Residual method of the 2022 trial rules and of SEEA EA (2021) chapter 9; recalled, not held against the text.

    Examples
    --------
    >>> residual_value(gross_output=100, intermediate_consumption=40, labour_cost=30, fixed_capital_cost=10)
    20
    """
    return gross_output - intermediate_consumption - labour_cost - fixed_capital_cost


def land_rent_value(*, rent: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """Yearly rent of the land as the ecosystem's contribution to biomass (土地租金法).

    Symbols
    -------
    r : rent

    Notes
    -----
    v = r, per hectare and year.

    Valid for
    ---------
    Regions with a market of rented land.

    References
    ----------
    Land rent method of the 2022 trial rules; recalled, not held against the text.

    Examples
    --------
    >>> land_rent_value(rent=6000)
    6000
    """
    return rent


def stem_value(*, stems: Annotated[Array, "stem"], price: Annotated[Array, "CNY stem-1"]) -> Annotated[Array, "CNY"]:
    """Value of stems, such as bamboo culms, at a price per stem (按株/根计价).

    Symbols
    -------
    M : stems
    P : price

    Notes
    -----
    V = M P

    Valid for
    ---------
    Products counted by the stem.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 2.

    Examples
    --------
    >>> stem_value(stems=431100, price=5)
    2155500
    """
    return stems * price
