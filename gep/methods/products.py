"""Provisioning services: the value of products, with human inputs taken off (物质产品供给)."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


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
    """Output less the cost of human inputs: the ecosystem's contribution (残值法).

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
    Residual method of the 2022 trial rules and of SEEA EA (2021) chapter 9; recalled, not held
    against the text.

    Examples
    --------
    >>> residual_value(
    ...     gross_output=100, intermediate_consumption=40, labour_cost=30, fixed_capital_cost=10
    ... )
    20
    """
    return gross_output - intermediate_consumption - labour_cost - fixed_capital_cost


def stem_value(
    *,
    stems: Annotated[Array, "stem", NOT_NEGATIVE],
    price: Annotated[Array, "CNY stem-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
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
