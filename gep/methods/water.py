"""Water retention and water purification (水源涵养, 水质净化).

Owns the water balance in depths of water and the amounts of pollutants that wetlands take up.
"""

from typing import Annotated

import numpy as np

from gep.units import Array


def runoff_by_coefficient(
    *, rainfall: Annotated[Array, "mm"], runoff_coefficient: Annotated[Array, "1"]
) -> Annotated[Array, "mm"]:
    """Surface runoff as a share of the rain (地表径流量).

    Symbols
    -------
    P : rainfall
    α : runoff_coefficient
    R : result

    Notes
    -----
    R = P α

    Valid for
    ---------
    Mean coefficients of runoff plots by ecosystem type, yearly rain.

    References
    ----------
    Gong 2017 (doi 10.5846/stxb201512012406), equation 2.

    Examples
    --------
    >>> round(runoff_by_coefficient(rainfall=1600, runoff_coefficient=0.0465), 6)
    74.4
    """
    return rainfall * runoff_coefficient


def runoff_given(*, runoff: Annotated[Array, "mm"]) -> Annotated[Array, "mm"]:
    """Surface runoff from observation or a hydrological model (实测或模拟地表径流量).

    Symbols
    -------
    R : runoff

    Notes
    -----
    R = R

    Valid for
    ---------
    Depths per ecosystem type and year.

    References
    ----------
    HJ 1173-2021, equation A.1.

    Examples
    --------
    >>> runoff_given(runoff=80)
    80
    """
    return runoff


def retention_by_water_balance(
    *,
    rainfall: Annotated[Array, "mm"],
    runoff: Annotated[Array, "mm"],
    evapotranspiration: Annotated[Array, "mm"],
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
    Q_wr = Σ A (P - R - ET) 10⁻³ with A in m2 and depths in mm. The papers that print the equation without 10⁻³ leave
    the change of unit to the reader; here units are declared and the area is applied once.

    Valid for
    ---------
    Years; P is the runoff-producing rain in HJ 1173, the yearly rain in the papers of the same group.

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
    rainfall: Annotated[Array, "mm"],
    runoff: Annotated[Array, "mm"],
    evapotranspiration: Annotated[Array, "mm"],
) -> Annotated[Array, "mm"]:
    """Depth of water retained, a deficit counted as nothing (水源涵养量, 负值取零).

    Symbols
    -------
    P : rainfall
    R : runoff
    ET : evapotranspiration

    Notes
    -----
    q = max(P - R - ET, 0). The floor acts on each cell, so parts do not add up to the floor of a mean.

    Valid for
    ---------
    Where the evaluator decides that a deficit is no service; the absolute value, seen in programs, is wrong.

    References
    ----------
    HJ 1173-2021, equation A.1, with a floor that no text read states.

    Examples
    --------
    >>> float(retention_by_water_balance_floored(rainfall=800, runoff=80, evapotranspiration=900))
    0.0
    """
    return np.maximum(rainfall - runoff - evapotranspiration, 0.0)


def retention_reported(*, volume: Annotated[Array, "m3"]) -> Annotated[Array, "m3"]:
    """Water retained as computed elsewhere (已核算的水源涵养量).

    Symbols
    -------
    Q_w : volume

    Notes
    -----
    Q_w = Q_w

    Valid for
    ---------
    Results of a documented model run of the same year and region.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), Table 3, prints only the total.

    Examples
    --------
    >>> retention_reported(volume=321.49)
    321.49
    """
    return volume


def storage_by_rain_share(
    *, rainfall: Annotated[Array, "mm"], runoff_rain_share: Annotated[Array, "1"], benefit: Annotated[Array, "1"]
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
    Forest; K is the share of rain that makes runoff (P > 20 mm), R the runoff saved against bare land.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equations 7 to 9.

    Examples
    --------
    >>> round(storage_by_rain_share(rainfall=180, runoff_rain_share=0.6, benefit=0.36), 4)
    38.88
    """
    return rainfall * runoff_rain_share * benefit


def purification_by_emission(*, emission: Annotated[Array, "t"]) -> Annotated[Array, "t"]:
    """Water pollutants purified, taken as what is discharged (水质净化量, 按排放量).

    Symbols
    -------
    Q : emission

    Notes
    -----
    Q = emission

    Valid for
    ---------
    Regions whose discharge stays within what their wetlands can take up.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), sections 2.4.6 and 3.2.6.

    Examples
    --------
    >>> purification_by_emission(emission=5424)
    5424
    """
    return emission


def purification_capacity(*, rate: Annotated[Array, "t km-2"]) -> Annotated[Array, "t km-2"]:
    """Water pollutants that an area of wetland can take up in a year (单位面积水质净化能力).

    Symbols
    -------
    P_ij : rate

    Notes
    -----
    Q = Σ P_ij A_i

    Valid for
    ---------
    Wetland types; the rate is per pollutant and year.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> purification_capacity(rate=110)
    110
    """
    return rate


def lesser_of_emission_and_capacity(
    *, emission: Annotated[Array, "t"], capacity: Annotated[Array, "t"]
) -> Annotated[Array, "t"]:
    """Water pollutants purified: what is discharged, at most what can be taken up (排放量与净化能力取小).

    Symbols
    -------
    Q : result
    E, P_ij A_i : emission, capacity

    Notes
    -----
    Q = min(E, Σ P_ij A_i), by region and pollutant; parts do not add up to the whole.

    Valid for
    ---------
    Regions with both numbers for the same year.

    References
    ----------
    Rule of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> float(lesser_of_emission_and_capacity(emission=625, capacity=500))
    500.0
    """
    return np.minimum(emission, capacity)
