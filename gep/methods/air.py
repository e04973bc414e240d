"""Negative ions that forest supplies and their value (负氧离子)."""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, Array

# LY/T 1721: 10^6 cm3 per m3 x 10^4 m2 per ha x 525 600 min per year of 365 d.
IONS_PER_YEAR = 5.256e15
# LY/T 1721: below 600 ions per cm3 the air is counted as giving no benefit.
ION_THRESHOLD = 600


def negative_ions(
    *,
    concentration: Annotated[Array, "ion cm-3", NOT_NEGATIVE],
    height: Annotated[Array, "m", NOT_NEGATIVE],
    lifetime: Annotated[Array, "min", NOT_NEGATIVE],
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
    LY/T 1721-2008, supply of negative ions; read in a program that implements it. Another program
    drops the / L.

    Examples
    --------
    >>> negative_ions(concentration=1600, height=10, lifetime=10)
    8.4096e+18
    """
    return IONS_PER_YEAR * concentration * height / lifetime


def negative_ion_value(
    *,
    concentration: Annotated[Array, "ion cm-3", NOT_NEGATIVE],
    height: Annotated[Array, "m", NOT_NEGATIVE],
    lifetime: Annotated[Array, "min", NOT_NEGATIVE],
    price: Annotated[Array, "CNY ion-1", NOT_NEGATIVE],
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
    >>> value = negative_ion_value(concentration=1600, height=10, lifetime=10, price=5.8185e-18)
    >>> round(float(value), 4)
    30.582
    """
    return (
        IONS_PER_YEAR * height * price * np.maximum(concentration - ION_THRESHOLD, 0.0) / lifetime
    )
