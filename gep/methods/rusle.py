"""Factors of the revised universal soil loss equation: R, K, L, S, C (土壤流失方程因子).

Owns the sub-models that give the inputs of `soil`. Sums over days, half-months or months are
declared in the step.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, PERCENT, SHARE, Array, Limits

# HJ 1173-2021 A.6: exponent of the daily erosive rain.
DAILY_EXPONENT = 1.7265
# HJ 1173-2021 A.7 and A.8: EPIC erodibility, its correction, and the change from US to SI units.
EPIC_INTERCEPT, EPIC_SLOPE, US_TO_SI = -0.01383, 0.51575, 0.1317
# HJ 1173-2021 A.9: length of the unit plot, m.
UNIT_PLOT_LENGTH = 22.13
# HJ 1173-2021 A.12: bounds of the slope classes, degrees (9 %, 18 % and 55 %), and the value above
# the last.
GENTLE, MODERATE, STEEP, STEEPEST = 5.14, 10.20, 28.81, 9.5988
# HJ 1173-2021 Table A.1: bounds of the cover classes, taken as closed below and open above.
COVER_BOUNDS = (float("-inf"), 0.1, 0.3, 0.5, 0.7, 0.9, float("inf"))
# A logarithm of nothing has no value; below this cover every factor is already at its cap of 1.
LEAST_COVER = 1e-6


def erosive_rain(
    *, rain: Annotated[Array, "mm", NOT_NEGATIVE], threshold: Annotated[Array, "mm", NOT_NEGATIVE]
) -> Annotated[Array, "mm"]:
    """Rain of a day if it can erode, else nothing (侵蚀性降雨量).

    Symbols
    -------
    P_ijk : result
    P, P0 : rain, threshold

    Notes
    -----
    P_ijk = P if P ≥ P0, else 0

    Valid for
    ---------
    Daily rain. HJ 1173 gives no threshold; 12 mm is used in papers.

    References
    ----------
    HJ 1173-2021, A.6 (term only); threshold: soil retention paper (ChinaXiv 201711.00309).

    Examples
    --------
    >>> float(erosive_rain(rain=30.0, threshold=12)), float(erosive_rain(rain=8.0, threshold=12))
    (30.0, 0.0)
    """
    return rain * np.heaviside(rain - threshold, 1.0)


def daily_erosivity(
    *,
    erosive_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    season_factor: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "MJ mm ha-1 h-1"]:
    """Erosivity of one day; its sum over the days of a mean year is R (日降雨侵蚀力).

    Symbols
    -------
    α : season_factor
    P_ijk : erosive_rain

    Notes
    -----
    R_k = (1/n) Σ_i Σ_j α P_ijk^1.7265, R = Σ_k R_k over 24 half-months.

    Valid for
    ---------
    China; α is 0.3937 in the warm and 0.3101 in the cold season, whose months HJ 1173 does not
    name.

    References
    ----------
    HJ 1173-2021, equations A.5 and A.6.

    Examples
    --------
    >>> round(daily_erosivity(erosive_rain=50, season_factor=0.3937), 2)
    337.63
    """
    return season_factor * erosive_rain**DAILY_EXPONENT


def fournier_term(
    *,
    monthly_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    annual_rain: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """Share of a month in the modified Fournier index (修正Fournier指数的月分量).

    Symbols
    -------
    P_j, P : monthly_rain, annual_rain

    Notes
    -----
    F = Σ_j P_j² / P

    Valid for
    ---------
    Years with rain; mean of the index over years for a many-year R.

    References
    ----------
    Monthly model cited in ChinaXiv 201911.00021.

    Examples
    --------
    >>> fournier_term(monthly_rain=200, annual_rain=1600)
    25.0
    """
    return monthly_rain**2 / annual_rain


def monthly_erosivity(
    *, fournier_index: Annotated[Array, "mm", NOT_NEGATIVE]
) -> Annotated[Array, "MJ mm ha-1 h-1 a-1"]:
    """Yearly erosivity from monthly rain (月降雨侵蚀力模型).

    Symbols
    -------
    F_f : fournier_index

    Notes
    -----
    R = 0.1833 F_f^1.9957

    Valid for
    ---------
    China, where daily rain is not at hand.

    References
    ----------
    Monthly model cited in ChinaXiv 201911.00021.

    Examples
    --------
    >>> round(monthly_erosivity(fournier_index=200), 1)
    7166.8
    """
    coefficient, exponent = 0.1833, 1.9957
    return coefficient * fournier_index**exponent


def epic_erodibility(
    *,
    sand: Annotated[Array, "%", PERCENT],
    silt: Annotated[Array, "%", PERCENT],
    clay: Annotated[Array, "%", PERCENT],
    carbon: Annotated[Array, "%", PERCENT],
) -> Annotated[Array, "1"]:
    """Soil erodibility of the EPIC model, in the US customary unit of that model (EPIC土壤可蚀性).

    Symbols
    -------
    m_s : sand
    m_silt : silt
    m_c : clay
    orgC : carbon

    Notes
    -----
    K_EPIC = {0.2 + 0.3 exp[-0.0256 m_s (1 - m_silt/100)]} [m_silt/(m_c + m_silt)]^0.3
    {1 - 0.25 orgC/[orgC + exp(3.72 - 2.95 orgC)]}
    {1 - 0.7 (1 - m_s/100)/[(1 - m_s/100) + exp(-5.51 + 22.9 (1 - m_s/100))]}.
    HJ 1173 labels it with the SI unit, but A.8 converts it, so it is in the US unit; no unit is
    declared for it here.

    Valid for
    ---------
    Sand 0.05-2 mm, silt 0.002-0.05 mm, clay under 0.002 mm, all in percent of mass.

    References
    ----------
    HJ 1173-2021, equation A.7 (minus signs restored).

    Examples
    --------
    >>> round(float(epic_erodibility(sand=30, silt=40, clay=30, carbon=1.5)), 5)
    0.26719
    """
    fine = 1 - sand / 100
    texture = 0.2 + 0.3 * np.exp(-0.0256 * sand * (1 - silt / 100))
    clay_ratio = (silt / (clay + silt)) ** 0.3
    organic = 1 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon))
    high_sand = 1 - 0.7 * fine / (fine + np.exp(-5.51 + 22.9 * fine))
    return texture * clay_ratio * organic * high_sand


def erodibility(
    *, epic_erodibility: Annotated[Array, "1", NOT_NEGATIVE]
) -> Annotated[Array, "t h MJ-1 mm-1"]:
    """Soil erodibility for China from the EPIC value (土壤可蚀性因子).

    Symbols
    -------
    K_EPIC : epic_erodibility
    K : result

    Notes
    -----
    K = (-0.01383 + 0.51575 K_EPIC) 0.1317

    Valid for
    ---------
    K_EPIC of `epic_erodibility`.

    References
    ----------
    HJ 1173-2021, equation A.8.

    Examples
    --------
    >>> round(erodibility(epic_erodibility=0.26719), 6)
    0.016327
    """
    return (EPIC_INTERCEPT + EPIC_SLOPE * epic_erodibility) * US_TO_SI


def slope_length_factor(
    *, length: Annotated[Array, "m", NOT_NEGATIVE], slope: Annotated[Array, "degree", Limits(0, 90)]
) -> Annotated[Array, "1"]:
    """Slope length factor (坡长因子).

    Symbols
    -------
    λ : length
    θ : slope
    L : result

    Notes
    -----
    L = (λ/22.13)^m, m = β/(1 + β), β = (sin θ/0.089) / [3.0 (sin θ)^0.8 + 0.56]

    Valid for
    ---------
    Slope length as the horizontal run of a slope, not a cell's edge.

    References
    ----------
    HJ 1173-2021, equations A.9 to A.11.

    Examples
    --------
    >>> round(float(slope_length_factor(length=50, slope=10)), 4)
    1.6311
    """
    sine = np.sin(np.deg2rad(slope))
    ratio = (sine / 0.089) / (3.0 * sine**0.8 + 0.56)
    return (length / UNIT_PLOT_LENGTH) ** (ratio / (1 + ratio))


def slope_steepness_factor(
    *, slope: Annotated[Array, "degree", Limits(0, 90)]
) -> Annotated[Array, "1"]:
    """Slope steepness factor (坡度因子).

    Symbols
    -------
    θ : slope
    S : result

    Notes
    -----
    S = 10.8 sin θ + 0.03 for θ < 5.14°; 16.8 sin θ - 0.5 for 5.14° ≤ θ < 10.20°; 21.9 sin θ - 0.96
    for 10.20° ≤ θ < 28.81°; 9.5988 above. The clause leaves 28.81° itself open (taken as above) and
    S jumps at 10.20°.

    Valid for
    ---------
    Slopes of 0 to 90 degrees.

    References
    ----------
    HJ 1173-2021, equation A.12.

    Examples
    --------
    >>> [round(float(slope_steepness_factor(slope=s)), 4) for s in (3, 8, 20, 35)]
    [0.5952, 1.8381, 6.5302, 9.5988]
    """
    sine = np.sin(np.deg2rad(slope))
    gentle = (slope < GENTLE) * (10.8 * sine + 0.03)
    moderate = ((slope >= GENTLE) & (slope < MODERATE)) * (16.8 * sine - 0.5)
    steep = ((slope >= MODERATE) & (slope < STEEP)) * (21.9 * sine - 0.96)
    return gentle + moderate + steep + (slope >= STEEP) * STEEPEST


def cover_factor(
    *,
    vegetation_cover: Annotated[Array, "1", SHARE],
    below_10: Annotated[Array, "1", SHARE],
    from_10: Annotated[Array, "1", SHARE],
    from_30: Annotated[Array, "1", SHARE],
    from_50: Annotated[Array, "1", SHARE],
    from_70: Annotated[Array, "1", SHARE],
    from_90: Annotated[Array, "1", SHARE],
    log_slope: Annotated[Array, "1"],
) -> Annotated[Array, "1"]:
    """Cover factor from the vegetation cover, by ecosystem type (植被覆盖因子).

    Symbols
    -------
    C : result
    c, s : vegetation_cover, log_slope
    C_k : below_10, from_10, from_30, from_50, from_70, from_90

    Notes
    -----
    C = C_k + s lg c, kept between 0 and 1: C_k the row of Table A.1 for the class of c, s = 0. For
    dry fields C_k = 0.221 in every class and s = -0.595, which is A.13; for paddy, wetland, town
    and desert C_k is the constant of the text. A.13 as printed exceeds 1 under a cover of 0.0491,
    hence the cap.

    Valid for
    ---------
    Cover as a share; a class holds its lower bound (the closure is not printed).

    References
    ----------
    HJ 1173-2021, section A.2, Table A.1 and equation A.13.

    Examples
    --------
    >>> forest = dict(below_10=0.1, from_10=0.08, from_30=0.06, from_50=0.02)
    >>> forest |= dict(from_70=0.004, from_90=0.001, log_slope=0)
    >>> float(cover_factor(vegetation_cover=0.8, **forest))
    0.004
    """
    values = (below_10, from_10, from_30, from_50, from_70, from_90)
    bounds = zip(COVER_BOUNDS[:-1], COVER_BOUNDS[1:], values, strict=True)
    by_class = sum(
        ((vegetation_cover >= low) & (vegetation_cover < high)) * value
        for low, high, value in bounds
    )
    logarithm = log_slope * np.log10(np.maximum(vegetation_cover, LEAST_COVER))
    return np.minimum(np.maximum(by_class + logarithm, 0.0), 1.0)


def dryland_cover_factor(
    *, vegetation_cover: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "1"]:
    """Cover factor of dry fields (旱地植被覆盖因子).

    Symbols
    -------
    C : result
    c : vegetation_cover

    Notes
    -----
    C = 0.221 - 0.595 lg c, kept between 0 and 1: as printed it exceeds 1 under a cover of 0.0491.

    Valid for
    ---------
    Cover as a share.

    References
    ----------
    HJ 1173-2021, equation A.13.

    Examples
    --------
    >>> factors = dryland_cover_factor(vegetation_cover=np.array([0.5, 0.0]))
    >>> round(float(factors[0]), 4), float(factors[1])
    (0.4001, 1.0)
    """
    cover = np.maximum(vegetation_cover, LEAST_COVER)
    return np.minimum(np.maximum(0.221 - 0.595 * np.log10(cover), 0.0), 1.0)
