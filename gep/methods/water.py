"""Water (水源涵养, 水资源): the water balance in depths, in volumes, and water by its quality."""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array, Limits


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
    Q = Σ A J R, J = J0 K

    Valid for
    ---------
    Forest; K is the share of rain that makes runoff (P > 20 mm), R the runoff saved against bare
    land.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equations 7 to 9.

    Examples
    --------
    >>> round(storage_by_rain_share(rainfall=180, runoff_rain_share=0.6, benefit=0.36), 4)
    38.88
    """
    return rainfall * runoff_rain_share * benefit


def supply_by_flows(
    *,
    outflow: Annotated[Array, "m3", NOT_NEGATIVE],
    consumption: Annotated[Array, "m3", NOT_NEGATIVE],
    inflow: Annotated[Array, "m3", NOT_NEGATIVE],
    storage_change: Annotated[Array, "m3"],
) -> Annotated[Array, "m3"]:
    """Water that a region supplies, from what leaves it and what comes in (水量供给法, 出入境水量).

    Symbols
    -------
    W_out, W_c : outflow, consumption
    W_in, ΔS : inflow, storage_change

    Notes
    -----
    Q_wr = W_out + W_c - W_in + ΔS. W_out is what leaves over the border and by transfer, W_in what
    comes in both ways, W_c what is used up in the region (not what is withdrawn), ΔS the growth of
    what is stored. By the balance of the region this is P - ET of what nobody uses.

    Valid for
    ---------
    Basins and counties with gauged rivers; what is left negative is kept.

    References
    ----------
    Water supply by in- and outflow is named in Chinese GEP rules since 2020 (recalled); the
    equation is derived from the water balance, not held against the text.

    Examples
    --------
    >>> supply_by_flows(outflow=900, consumption=60, inflow=400, storage_change=-10)
    550
    """
    return outflow + consumption - inflow + storage_change


def water_of_class(
    *,
    volume: Annotated[Array, "m3", NOT_NEGATIVE],
    water_class: Annotated[Array, "1", Limits(1, 6)],
    worst_class: Annotated[Array, "1", Limits(1, 6)],
) -> Annotated[Array, "m3"]:
    """Water of a body or section if it is clean enough, else nothing (达到Ⅲ类及以上的水量).

    Symbols
    -------
    Q : volume
    k, k0 : water_class, worst_class

    Notes
    -----
    Q_k = Q if k ≤ k0, else 0; k0 = 3 for class III. Classes I to V of GB 3838 are 1 to 5, worse
    than V is 6.

    Valid for
    ---------
    Volumes by water body, section or use (a key), each with the class of the year.

    References
    ----------
    Only water at or better than class III of GB 3838 counts: text of a GEP rule (desk33.com,
    p-1844076).

    Examples
    --------
    >>> [float(water_of_class(volume=8.0, water_class=k, worst_class=3)) for k in (2, 3, 4)]
    [8.0, 8.0, 0.0]
    """
    return volume * np.heaviside(worst_class - water_class, 1.0)
