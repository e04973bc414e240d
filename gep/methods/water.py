"""Water retention (水源涵养): the water balance in depths of water."""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array


def share_of_rain(
    *, rainfall: Annotated[Array, "mm", NOT_NEGATIVE], share: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "mm"]:
    """Part of the rain by a coefficient, such as runoff (降水量乘系数: 径流系数法).

    Symbols
    -------
    P, P_h : rainfall
    α, α_h, e : share
    R, R_f, W_E : result

    Notes
    -----
    R = P α for runoff of the year, R_f = P_h α_h for that of storms, W_E = P e A for water
    evaporating from the ground.

    Valid for
    ---------
    Runoff: mean coefficients of plots by ecosystem type, with the rain of the year or the sum of
    its storms. Evaporation: subtropical forest, where the share is printed as 40 to 80 %.

    References
    ----------
    Gong 2017 (doi 10.5846/stxb201512012406), equation 2; Gaotianyan reserve 2014 (doi
    10.5846/stxb201607091410), section 4.4 (evaporation). Storms: form of Chinese GEP rules since
    2020; recalled, not held against the text.

    Examples
    --------
    >>> round(share_of_rain(rainfall=1600, share=0.0465), 6)
    74.4
    """
    return rainfall * share


def retention_by_water_balance(
    *,
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    runoff: Annotated[Array, "mm", NOT_NEGATIVE],
    evapotranspiration: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """Depth of water retained; deficits stay negative (水源涵养量, 水量平衡方程).

    Symbols
    -------
    Q_wr : result times area
    P : rainfall
    R : runoff
    ET : evapotranspiration

    Notes
    -----
    Q_wr = Σ A (P - R - ET) 10⁻³ with A in m2 and depths in mm. The papers that print the equation
    without 10⁻³ leave the change of unit to the reader; here units are declared and the area is
    applied once.

    Valid for
    ---------
    Years; P is the runoff-producing rain in HJ 1173, the yearly rain in the papers of the same
    group.

    References
    ----------
    HJ 1173-2021, equation A.1; Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 2.

    Examples
    --------
    >>> retention_by_water_balance(rainfall=1600, runoff=80, evapotranspiration=900)
    620
    """
    return rainfall - runoff - evapotranspiration


def retention_by_water_balance_floored(
    *,
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    runoff: Annotated[Array, "mm", NOT_NEGATIVE],
    evapotranspiration: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """Depth of water retained, a deficit counted as nothing (水源涵养量, 负值取零).

    Symbols
    -------
    P : rainfall
    R : runoff
    ET : evapotranspiration

    Notes
    -----
    q = max(P - R - ET, 0). The floor acts on each cell, so parts do not add up to the floor of a
    mean.

    Valid for
    ---------
    Where the evaluator decides that a deficit is no service; the absolute value, seen in programs,
    is wrong.

    References
    ----------
    HJ 1173-2021, equation A.1, with a floor that no text read states.

    Examples
    --------
    >>> float(retention_by_water_balance_floored(rainfall=800, runoff=80, evapotranspiration=900))
    0.0
    """
    return np.maximum(rainfall - runoff - evapotranspiration, 0.0)


def storage_by_rain_share(
    *,
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    runoff_rain_share: Annotated[Array, "1", SHARE],
    benefit: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "mm"]:
    """Depth of water that forest stores against bare land, rain-share form (降水贮存法).

    Symbols
    -------
    J0 : rainfall
    K : runoff_rain_share
    R : benefit

    Notes
    -----
    Q = Σ A J R, J = J0 K, R = R0 - Rg with the shares of the rain that run off from bare land (R0)
    and from the ecosystem (Rg). HJ 1175-2021 prints A in m2, J in mm and Q in m3 without the 10^-3
    between them.

    Valid for
    ---------
    Forest and grassland; K is the share of rain that makes runoff (P > 20 mm), R the runoff saved
    against bare land.

    References
    ----------
    HJ 1175-2021, equations B.1 to B.3; Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410),
    equations 7 to 9.

    Examples
    --------
    >>> round(storage_by_rain_share(rainfall=180, runoff_rain_share=0.6, benefit=0.36), 4)
    38.88
    """
    return rainfall * runoff_rain_share * benefit
