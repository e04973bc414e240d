"""Purification of air and water: what ecosystems take up of what is emitted (空气净化, 水质净化).

Owns the capacity and the lesser of emission and capacity; pollutants purified as emitted are
`reported.mass`.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, Array


def capacity(*, rate: Annotated[Array, "kg ha-1", NOT_NEGATIVE]) -> Annotated[Array, "kg ha-1"]:
    """Pollutants that an area can take up in a year (单位面积净化能力).

    Symbols
    -------
    Q_ij, P_ij : rate

    Notes
    -----
    Q = Σ Q_ij A_i for air, Q = Σ P_ij A_i for water

    Valid for
    ---------
    Vegetation types for air, wetland types for water; the rate is per pollutant and year.

    References
    ----------
    Air: National forest assets (doi 10.5846/stxb201606161172), section 1.2; Gaotianyan reserve 2014
    (doi 10.5846/stxb201607091410), equation 11. Water: form of Chinese GEP rules since 2020;
    recalled, not held against the text.

    Examples
    --------
    >>> capacity(rate=88.64)
    88.64
    """
    return rate


def lesser_of_emission_and_capacity(
    *, emission: Annotated[Array, "t", NOT_NEGATIVE], capacity: Annotated[Array, "t", NOT_NEGATIVE]
) -> Annotated[Array, "t"]:
    """Pollutants purified: what is emitted, at most what can be taken up (排放量与净化能力取小).

    Symbols
    -------
    Q : result
    E : emission
    Q_ij A_i, P_ij A_i : capacity

    Notes
    -----
    Q = min(E, Σ Q_ij A_i), by region and pollutant; parts do not add up to the whole.

    Valid for
    ---------
    Air and water pollutants; regions with both numbers for the same year.

    References
    ----------
    Rule of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> float(lesser_of_emission_and_capacity(emission=12, capacity=9))
    9.0
    """
    return np.minimum(emission, capacity)
