"""Provisioning services: the value of products, with human inputs taken off (物质产品供给).

Owns also what is deducted from the account: products that come from outside the region.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


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


def land_rent(
    *,
    rent: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    improvement_cost: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1 a-1"]:
    """Rent of a hectare of land less the yearly cost of its improvements (土地租金法).

    Symbols
    -------
    r : rent
    k : improvement_cost

    Notes
    -----
    v = r - k, k the yearly cost of terraces, ditches and roads that are let with the land. Rent as
    it is paid, without k, is `equivalents.unit_value`. A negative rent is kept.

    Valid for
    ---------
    Biomass provisioning on land that is let at prices of a market.

    References
    ----------
    Land rent method of the 2022 trial rules; recalled, not held against the text. That the part of
    produced assets is taken off: SEEA EA (2021), chapter 9, recalled.

    Examples
    --------
    >>> land_rent(rent=9000, improvement_cost=1500)
    7500
    """
    return rent - improvement_cost


def wild_and_farmed_value(
    *,
    wild: Annotated[Array, "CNY", NOT_NEGATIVE],
    farmed: Annotated[Array, "CNY", NOT_NEGATIVE],
    human_share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "CNY"]:
    """Value of wild products in full, of farmed ones without the human part (野生与集约化产品分计).

    Symbols
    -------
    V_w, V_f : wild, farmed
    h : human_share

    Notes
    -----
    V = V_w + V_f (1 - h), h the share of labour, capital and bought inputs in the value of what is
    farmed.

    Valid for
    ---------
    Products whose statistics tell gathered, caught or free-ranging ones from planted, fattened or
    stocked ones.

    References
    ----------
    That wild and intensively farmed products are told apart is read in a text of a GEP rule
    (desk33.com, p-1844076); the equation follows from taking human inputs off and is not printed
    there.

    Examples
    --------
    >>> wild_and_farmed_value(wild=20, farmed=100, human_share=0.75)
    45.0
    """
    return wild + farmed * (1 - human_share)


def deduction(*, value: Annotated[Array, "CNY", NOT_NEGATIVE]) -> Annotated[Array, "CNY"]:
    """Value of products from outside the region, as a deduction (区域外生态产品价值扣除).

    Symbols
    -------
    V_o : value

    Notes
    -----
    D = -V_o. GEP = provisioning + regulating + cultural + Σ D: the step stands in an indicator of
    the category `adjustment`, which totals add as it is, negative.

    Valid for
    ---------
    Value that the account holds and that ecosystems outside the region supplied, such as fodder,
    seedlings or water led in.

    References
    ----------
    GB/T 46869-2025, definition of GEP, read in secondary sources: less the value of ecological
    products that come from outside the area. How it is computed was not read.

    Examples
    --------
    >>> deduction(value=120)
    -120
    """
    return -value


def deduction_by_share(
    *,
    value: Annotated[Array, "CNY", NOT_NEGATIVE],
    outside_share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "CNY"]:
    """Part of a value that is owed to ecosystems outside, as a deduction (按区域外比例扣除).

    Symbols
    -------
    V : value
    s_o : outside_share

    Notes
    -----
    D = -V s_o

    Valid for
    ---------
    Values of an indicator of the account with a share known from trade or from a water balance.

    References
    ----------
    GB/T 46869-2025, definition of GEP, read in secondary sources; the share is one way to the
    amount and was not read there.

    Examples
    --------
    >>> deduction_by_share(value=400, outside_share=0.25)
    -100.0
    """
    return -value * outside_share
