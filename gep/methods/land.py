"""Land and fertility kept with the soil or the sand (减少土地废弃, 减少沙化, 保肥)."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


def fertiliser_value(
    *,
    nutrient: Annotated[Array, "t"],
    nutrient_share: Annotated[Array, "1", SHARE],
    fertiliser_price: Annotated[Array, "CNY t-1", NOT_NEGATIVE],
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
    *,
    mass: Annotated[Array, "t"],
    bulk_density: Annotated[Array, "t m-3", NOT_NEGATIVE],
    depth: Annotated[Array, "m", NOT_NEGATIVE],
) -> Annotated[Array, "m2"]:
    """Area of land that the soil or sand kept in place amounts to (减少土地废弃面积, 减少沙化面积).

    Symbols
    -------
    Q, Q_f : mass
    ρ : bulk_density
    h : depth

    Notes
    -----
    S = Q / (ρ h)

    Valid for
    ---------
    Soil retained: h is the mean depth of the soil layer that would be lost. Sand kept in place: h
    is the depth of sand from which land counts as sandy (0.1 m).

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 12;
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 6.

    Examples
    --------
    >>> round(land_kept(mass=2985.4, bulk_density=0.37, depth=0.67), 2)
    12042.76
    >>> round(land_kept(mass=779.42e4, bulk_density=1.28, depth=0.1) / 1e6, 3)
    60.892
    """
    return mass / (bulk_density * depth)
