"""A known amount times a ratio of the same kind (按比例计算).

Owns the products of an amount and a pure ratio, one function per kind of quantity; rain by a share
is in `water`.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def mass(
    *, mass: Annotated[Array, "t"], ratio: Annotated[Array, "1", NOT_NEGATIVE]
) -> Annotated[Array, "t"]:
    """Mass by a ratio, of nutrient, silt or oxygen (质量乘比例: 养分含量, 泥沙比例, 释氧系数).

    Symbols
    -------
    A_s, Q, NPP : mass
    C_N, C_P, λ, r : ratio

    Notes
    -----
    Q = A_s C for a nutrient; M = λ Q for silt; Q = r NPP for oxygen.
    C is the pure content as a share of mass, r is 1.19 (192/162 = 1.185). A paper that prices the
    mass of silt per m3 takes 1 t as 1 m3; `soil.silt_avoided` divides by the density.

    Valid for
    ---------
    Nutrients in the soil kept: N and P as pollution avoided; N, P, K and organic matter as
    fertility kept. Printed masses of silt. Net primary production as dry matter.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 5; Gaotianyan reserve 2014 (doi
    10.5846/stxb201607091410), equations 4 (oxygen), 12 with Table 3 (silt) and 13 (nutrients).

    Examples
    --------
    >>> round(mass(mass=38.86e8, ratio=0.0037) / 1e4, 2)
    1437.82
    >>> round(mass(mass=6050.31, ratio=1.19), 2)
    7199.87
    """
    return mass * ratio


def length(
    *, length: Annotated[Array, "km"], ratio: Annotated[Array, "1", NOT_NEGATIVE]
) -> Annotated[Array, "km"]:
    """Length of shore protected or of sound wall replaced (受防护海岸长度, 折合隔音墙长度).

    Symbols
    -------
    D, A : result
    L, s : length, ratio

    Notes
    -----
    D = L s; the value is D times the cost of a kilometre of sea wall or sound wall
    (`valuation.length_value`).

    Valid for
    ---------
    Shore of mangrove, reef, salt marsh or forest, with a ratio of 1 where the length already counts
    only protecting shore; belts beside roads and railways.

    References
    ----------
    Coast: form of Chinese GEP rules since 2020; noise: LY/T 1721-2008. Both recalled, not held
    against the text.

    Examples
    --------
    >>> length(length=120, ratio=0.25)
    30.0
    """
    return length * ratio


def money(
    *, value: Annotated[Array, "CNY"], ratio: Annotated[Array, "1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Money by a ratio, such as nature's share of revenue (金额乘比例: 自然贡献比例, 野生产品比例).

    Symbols
    -------
    V : value
    s : ratio

    Notes
    -----
    V_s = s V. A ratio above 1 is possible: a paper prints 3.0 times the revenue of tourism and does
    not say why.

    Valid for
    ---------
    Revenue of tourism with the share owed to nature; output with the share of wild products or of
    rent.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 3.3: 70.67 of 23.56 (ratio by own check).
    Nature's share: form of Chinese GEP rules since 2020, recalled.

    Examples
    --------
    >>> round(money(value=23.56, ratio=3.0), 2)
    70.68
    """
    return value * ratio
