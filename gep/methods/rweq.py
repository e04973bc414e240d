"""Factors of the revised wind erosion equation (修正风蚀方程因子).

Owns the sub-models that give the inputs of `sand`. Sums over months are declared in the step.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, PERCENT, SHARE, Array


def erodible_fraction(
    *,
    coarse_sand: Annotated[Array, "%", PERCENT],
    silt: Annotated[Array, "%", PERCENT],
    clay: Annotated[Array, "%", PERCENT],
    organic_matter: Annotated[Array, "%", PERCENT],
    carbonate: Annotated[Array, "%", PERCENT],
) -> Annotated[Array, "1"]:
    """Share of the soil that wind can carry (土壤可蚀因子).

    Symbols
    -------
    EF : result
    sa, si, cl : coarse_sand, silt, clay
    OM : organic_matter
    CaCO3 : carbonate

    Notes
    -----
    EF = [29.09 + 0.31 sa + 0.17 si + 0.33 sa/cl - 2.59 OM - 0.95 CaCO3] / 100; the carbonate may be
    left out (0). The clause says coarse sand, of 0.2 to 2 mm (土壤粗砂含量), where the soil erodibility
    of A.7 takes all sand, of 0.05 to 2 mm: with 60 % of sand of which 25 % are coarse the fraction
    is 0.39 by the clause, and would be 0.50 by all sand. The standards for field observation of
    the same series (HJ 1168-2021 and HJ 1170-2021, notes to table A.2) call all grains above
    0.05 mm coarse sand: state which fraction was measured.

    Valid for
    ---------
    Contents in percent of mass: sand of 0.2 to 2 mm, silt and clay; clay above 0.

    References
    ----------
    HJ 1173-2021, equation A.18; HJ 1175-2021, equation B.9, the same.

    Examples
    --------
    >>> soil = {"silt": 25, "clay": 15, "organic_matter": 1.2, "carbonate": 0}
    >>> round(erodible_fraction(coarse_sand=25, **soil), 5)
    0.38532
    """
    shares = 29.09 + 0.31 * coarse_sand + 0.17 * silt + 0.33 * (coarse_sand / clay)
    return (shares - 2.59 * organic_matter - 0.95 * carbonate) / 100


def crust_factor(
    *, clay: Annotated[Array, "%", PERCENT], organic_matter: Annotated[Array, "%", PERCENT]
) -> Annotated[Array, "1"]:
    """Soil crust factor (土壤结皮因子).

    Symbols
    -------
    SCF : result
    cl : clay
    OM : organic_matter

    Notes
    -----
    SCF = 1 / [1 + 0.0066 cl² + 0.021 OM²]

    Valid for
    ---------
    Contents in percent.

    References
    ----------
    HJ 1173-2021, equation A.19.

    Examples
    --------
    >>> round(crust_factor(clay=15, organic_matter=1.2), 5)
    0.39758
    """
    return 1 / (1 + 0.0066 * clay**2 + 0.021 * organic_matter**2)


def wind_cover_factor(
    *,
    vegetation_cover: Annotated[Array, "%", PERCENT],
    type_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Vegetation cover factor of wind erosion (植被覆盖因子).

    Symbols
    -------
    SC : vegetation_cover
    a_i : type_coefficient

    Notes
    -----
    C = exp(-a_i SC). The clause prints no unit of SC; only percent gives factors that fall with
    cover as they must.

    Valid for
    ---------
    Cover in percent.

    References
    ----------
    HJ 1173-2021, equation A.20.

    Examples
    --------
    >>> round(float(wind_cover_factor(vegetation_cover=40, type_coefficient=0.1151)), 6)
    0.010012
    """
    return np.exp(-type_coefficient * vegetation_cover)


def roughness_factor(
    *, ridge_roughness: Annotated[Array, "cm", NOT_NEGATIVE]
) -> Annotated[Array, "1"]:
    """Surface roughness factor, random roughness 0 (地表粗糙度因子).

    Symbols
    -------
    K' : result
    K_r : ridge_roughness

    Notes
    -----
    K' = exp(1.86 K_r - 2.41 K_r^0.934 - 0.127 C_rr), C_rr = 0 by the clause.

    Valid for
    ---------
    K_r of `ridge_roughness`, cm.

    References
    ----------
    HJ 1173-2021, equation A.21.

    Examples
    --------
    >>> round(float(roughness_factor(ridge_roughness=1.0)), 4)
    0.5769
    """
    return np.exp(1.86 * ridge_roughness - 2.41 * ridge_roughness**0.934)


def ridge_roughness(
    *,
    height_range: Annotated[Array, "cm", NOT_NEGATIVE],
    distance: Annotated[Array, "cm", NOT_NEGATIVE],
) -> Annotated[Array, "cm"]:
    """Ridge roughness by Smith and Carson (土垄糙度).

    Symbols
    -------
    ΔH : height_range
    L : distance

    Notes
    -----
    K_r = 0.2 (ΔH)² / L

    Valid for
    ---------
    Height range within the distance, same unit.

    References
    ----------
    HJ 1173-2021, equation A.22.

    Examples
    --------
    >>> ridge_roughness(height_range=10, distance=20)
    1.0
    """
    return 0.2 * height_range**2 / distance


def weather_factor(
    *,
    wind_factor: Annotated[Array, "m3 s-3", NOT_NEGATIVE],
    air_density: Annotated[Array, "kg m-3", NOT_NEGATIVE],
    gravity: Annotated[Array, "m s-2", NOT_NEGATIVE],
    soil_wetness: Annotated[Array, "1", SHARE],
    snow_cover: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "kg m-1"]:
    """Weather factor of one month; its sum over twelve months is WF (气候因子).

    Symbols
    -------
    Wf : wind_factor
    ρ : air_density
    g : gravity
    SW : soil_wetness
    SD : snow_cover

    Notes
    -----
    WF = Wf (ρ/g) SW SD; (m/s)³ kg m⁻³ / (m s⁻²) is kg m⁻¹ s⁻¹, of which the model keeps the number
    as kg/m.

    Valid for
    ---------
    Months; HJ 1173 does not say how Wf, SW and SD are computed.

    References
    ----------
    HJ 1173-2021, equation A.17.

    Examples
    --------
    >>> factor = weather_factor(
    ...     wind_factor=98, air_density=1.2, gravity=9.8, soil_wetness=0.5, snow_cover=1
    ... )
    >>> round(factor, 6)
    6.0
    """
    return wind_factor * (air_density / gravity) * soil_wetness * snow_cover
