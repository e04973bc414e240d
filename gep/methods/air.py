"""Air purification and negative ions (空气净化, 负氧离子).

Owns the amounts of air pollutants taken up by vegetation and the ions that forest supplies.
"""

from typing import Annotated

import numpy as np

from gep.units import Array

# LY/T 1721: 10^6 cm3 per m3 x 10^4 m2 per ha x 525 600 min per year of 365 d.
IONS_PER_YEAR = 5.256e15
# LY/T 1721: below 600 ions per cm3 the air is counted as giving no benefit.
ION_THRESHOLD = 600


def purification_by_emission(*, emission: Annotated[Array, "t"]) -> Annotated[Array, "t"]:
    """Air pollutants purified, taken as what is emitted (大气净化量, 按排放量).

    Symbols
    -------
    Q : emission

    Notes
    -----
    Q = emission

    Valid for
    ---------
    Regions whose emission stays within what their vegetation can take up.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), sections 2.4.5 and 3.2.5.

    Examples
    --------
    >>> purification_by_emission(emission=1137)
    1137
    """
    return emission


def purification_capacity(*, rate: Annotated[Array, "kg ha-1"]) -> Annotated[Array, "kg ha-1"]:
    """Air pollutants that an area of vegetation can take up in a year (单位面积大气净化能力).

    Symbols
    -------
    Q_ij : rate

    Notes
    -----
    Q = Σ Q_ij A_i

    Valid for
    ---------
    Vegetation types; the rate is per pollutant and year.

    References
    ----------
    National forest assets (doi 10.5846/stxb201606161172), section 1.2; Gaotianyan reserve 2014
    (doi 10.5846/stxb201607091410), equation 11.

    Examples
    --------
    >>> purification_capacity(rate=88.64)
    88.64
    """
    return rate


def lesser_of_emission_and_capacity(
    *, emission: Annotated[Array, "t"], capacity: Annotated[Array, "t"]
) -> Annotated[Array, "t"]:
    """Air pollutants purified: what is emitted, at most what can be taken up (排放量与净化能力取小).

    Symbols
    -------
    Q : result
    E, Q_ij A_i : emission, capacity

    Notes
    -----
    Q = min(E, Σ Q_ij A_i), by region and pollutant; parts do not add up to the whole.

    Valid for
    ---------
    Regions with both numbers for the same year.

    References
    ----------
    Rule of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> float(lesser_of_emission_and_capacity(emission=12, capacity=9))
    9.0
    """
    return np.minimum(emission, capacity)


def negative_ions(
    *,
    concentration: Annotated[Array, "ion cm-3"],
    height: Annotated[Array, "m"],
    lifetime: Annotated[Array, "min"],
) -> Annotated[Array, "ion ha-1 a-1"]:
    """Negative ions that a hectare of forest supplies in a year (提供负离子量).

    Symbols
    -------
    Q : concentration
    H : height
    L : lifetime

    Notes
    -----
    G = 5.256 10¹⁵ Q A H / L

    Valid for
    ---------
    Forest stands; H is the mean height of the stand, L the life of an ion in minutes.

    References
    ----------
    LY/T 1721-2008, supply of negative ions; read in a program that implements it. Another program drops the / L.

    Examples
    --------
    >>> negative_ions(concentration=1600, height=10, lifetime=10)
    8.4096e+18
    """
    return IONS_PER_YEAR * concentration * height / lifetime


def negative_ion_value(
    *,
    concentration: Annotated[Array, "ion cm-3"],
    height: Annotated[Array, "m"],
    lifetime: Annotated[Array, "min"],
    price: Annotated[Array, "CNY ion-1"],
) -> Annotated[Array, "CNY ha-1 a-1"]:
    """Value of the negative ions of a hectare of forest above the threshold (负离子价值).

    Symbols
    -------
    Q : concentration
    H : height
    L : lifetime
    K : price

    Notes
    -----
    U = 5.256 10¹⁵ A H K (Q - 600) / L, nothing at or under 600 ions per cm3.

    Valid for
    ---------
    Forest stands.

    References
    ----------
    LY/T 1721-2008, value of negative ions; read in a program that implements it.

    Examples
    --------
    >>> round(float(negative_ion_value(concentration=1600, height=10, lifetime=10, price=5.8185e-18)), 4)
    30.582
    """
    return IONS_PER_YEAR * height * price * np.maximum(concentration - ION_THRESHOLD, 0.0) / lifetime
