"""Land and fertility kept with the soil, in the forms of forest accounts (减少土地废弃, 保肥)."""

from typing import Annotated

from gep.units import Array


def fertiliser_value(
    *,
    nutrient: Annotated[Array, "t"],
    nutrient_share: Annotated[Array, "1"],
    fertiliser_price: Annotated[Array, "CNY t-1"],
) -> Annotated[Array, "CNY"]:
    """Value of nutrients kept, at the price of the fertiliser that holds them (保肥价值).

    Symbols
    -------
    G : nutrient
    R1, R2, R3 : nutrient_share
    C1, C2, C3 : fertiliser_price

    Notes
    -----
    U = G C / R, R the share of the nutrient in the fertiliser.

    Valid for
    ---------
    N, P and K; organic matter with R = 1.

    References
    ----------
    LY/T 1721-2008, fertility value; read in a program that implements it. Gaotianyan reserve 2014
    (doi 10.5846/stxb201607091410), equation 13.

    Examples
    --------
    >>> fertiliser_value(nutrient=5, nutrient_share=0.5, fertiliser_price=1920)
    19200.0
    """
    return nutrient / nutrient_share * fertiliser_price


def land_kept(
    *, soil: Annotated[Array, "t"], bulk_density: Annotated[Array, "t m-3"], depth: Annotated[Array, "m"]
) -> Annotated[Array, "m2"]:
    """Area of land that would be lost if the soil retained were washed away (减少土地废弃面积).

    Symbols
    -------
    Q : soil
    ρ : bulk_density
    h : depth

    Notes
    -----
    S = Q / (ρ h)

    Valid for
    ---------
    h is the mean depth of the soil layer.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 12.

    Examples
    --------
    >>> round(land_kept(soil=2985.4, bulk_density=0.37, depth=0.67), 2)
    12042.76
    """
    return soil / (bulk_density * depth)
