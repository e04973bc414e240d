"""Factors of the revised universal soil loss equation: R, K, L, S, C (土壤流失方程因子).

Owns the sub-models that give the inputs of `soil`. Sums over days, half-months or months are
declared in the step.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, PERCENT, SHARE, Array, Limits

# HJ 1173-2021 A.7 and A.8: EPIC erodibility, its correction, and the change from US to SI units.
EPIC_INTERCEPT, EPIC_SLOPE, US_TO_SI = -0.01383, 0.51575, 0.1317
# HJ 1173-2021 A.9: length of the unit plot, m.
UNIT_PLOT_LENGTH = 22.13
# HJ 1173-2021 A.12: bounds of the slope classes, degrees (9 %, 18 % and 55 %), and what the sine is
# multiplied with in each class, and what is added.
SLOPE_BOUNDS = (5.14, 10.20, 28.81)
STEEPNESS = ((10.8, 0.03), (16.8, -0.5), (21.9, -0.96), (0.0, 9.5988))
# HJ 1173-2021 Table A.1: bounds between the cover classes, which hold their lower one.
COVER_BOUNDS = (0.1, 0.3, 0.5, 0.7, 0.9)
# Change of the erosivity from hundreds of ft tonf in/(acre h a) to MJ mm/(ha h a); recalled.
US_EROSIVITY_TO_SI = 17.02
HALF_RADIANS_PER_DEGREE = np.pi / 360
# A logarithm of nothing has no value; below this cover every factor is already at its cap of 1, and
# with this ratio of lengths the factor is as good as 0.
LEAST_COVER = 1e-6
LEAST_RATIO = 1e-37


def _sine(slope: Array) -> Array:
    """Sine of an angle in degrees, by the tangent of its half: numpy is six times as fast at it."""
    tangent = np.tan(slope * HALF_RADIANS_PER_DEGREE)
    return 2 * tangent / (1 + tangent * tangent)


def _line_by_slope(
    slope: Array, bounds: tuple[float, ...], lines: tuple[tuple[float, float], ...]
) -> Array:
    """Line of the sine of a slope that goes with its class; a class holds its lower bound."""
    sine = _sine(slope)
    row = np.zeros(np.shape(slope), dtype=np.intp)
    for bound in bounds:
        row = row + (slope >= bound)
    factors, constants = np.array(lines, dtype=sine.dtype).T
    return factors.take(row) * sine + constants.take(row)


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


def season_factor(
    *,
    warm_season: Annotated[Array, "1", SHARE],
    warm: Annotated[Array, "1", NOT_NEGATIVE],
    cold: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Factor of the daily erosivity in the season of a day (暖季、冷季的日降雨侵蚀力系数).

    Symbols
    -------
    w : warm_season
    α_w, α_c : warm, cold
    α : result

    Notes
    -----
    α = w α_w + (1 - w) α_c, w = 1 on days of the warm season and 0 on the others.

    Valid for
    ---------
    China. HJ 1173 prints both factors and not the months of the seasons, so w is given by day.

    References
    ----------
    HJ 1173-2021, A.6, α.

    Examples
    --------
    >>> [float(season_factor(warm_season=w, warm=0.3937, cold=0.3101)) for w in (1.0, 0.0)]
    [0.3937, 0.3101]
    """
    return warm_season * warm + (1 - warm_season) * cold


def daily_erosivity(
    *,
    erosive_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    coefficient: Annotated[Array, "1", NOT_NEGATIVE],
    exponent: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "MJ mm ha-1 h-1 a-1"]:
    """Part of a day in the yearly erosivity; the sum over the days of a year is R (日降雨侵蚀力).

    Symbols
    -------
    P_ijk, D_j : erosive_rain
    α, λ : coefficient
    β : exponent

    Notes
    -----
    HJ 1173: R_k = (1/n) Σ_i Σ_j α P_ijk^1.7265, R = Σ_k R_k over 24 half-months, α by
    `season_factor`. Zhang: R_k = λ Σ_j D_j^β, λ and β by `zhang_coefficient` and `zhang_exponent`.
    A day that does not erode has 0 (`erosive_rain`).

    Valid for
    ---------
    China. R of one year (n = 1); that of a mean year is the mean of R over years. Zhang's λ and β
    are those of the same station.

    References
    ----------
    HJ 1173-2021, equations A.5 and A.6; Zhang's half-month model, as printed in the soil retention
    paper (ChinaXiv 201711.00309), section 2.2 (1).

    Examples
    --------
    >>> round(daily_erosivity(erosive_rain=50, coefficient=0.3937, exponent=1.7265), 2)
    337.63
    >>> round(daily_erosivity(erosive_rain=50, coefficient=1.17, exponent=1.5), 3)
    413.657
    """
    return coefficient * erosive_rain**exponent


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


def yearly_erosivity(
    *, annual_rain: Annotated[Array, "mm", NOT_NEGATIVE]
) -> Annotated[Array, "MJ mm ha-1 h-1 a-1"]:
    """Yearly erosivity where only the rain of the year is known (年降雨侵蚀力模型).

    Symbols
    -------
    P : annual_rain

    Notes
    -----
    R = 0.0534 P^1.6548

    Valid for
    ---------
    China, means of many years, where neither days nor months are at hand; storms are not seen.

    References
    ----------
    Zhang and Fu 2003 (章文波、付金生, 资源科学 25(1)); recalled, not held against the text.

    Examples
    --------
    >>> round(yearly_erosivity(annual_rain=1600), 1)
    10708.3
    """
    coefficient, exponent = 0.0534, 1.6548
    return coefficient * annual_rain**exponent


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
    sine = _sine(slope)
    rill = sine / 0.089
    interrill = 3.0 * sine**0.8 + 0.56
    exponent = rill / (rill + interrill)
    # numpy takes four times as long for a power whose base is one number for many exponents
    return np.exp(exponent * np.log(np.maximum(length / UNIT_PLOT_LENGTH, LEAST_RATIO)))


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
    return _line_by_slope(slope, SLOPE_BOUNDS, STEEPNESS)


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
    reached = [vegetation_cover >= bound for bound in COVER_BOUNDS]
    values = (from_10, from_30, from_50, from_70, from_90)
    by_class = (vegetation_cover < COVER_BOUNDS[0]) * below_10
    for number, value in enumerate(values[:-1]):
        by_class = by_class + (reached[number] ^ reached[number + 1]) * value
    by_class = by_class + reached[-1] * values[-1]
    logarithm = log_slope * np.log10(np.maximum(vegetation_cover, LEAST_COVER))
    return np.minimum(np.maximum(by_class + logarithm, 0.0), 1.0)


def zhang_exponent(
    *,
    mean_erosive_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    yearly_erosive_rain: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Exponent of the daily rain in Zhang's half-month erosivity (半月降雨侵蚀力模型指数).

    Symbols
    -------
    β : result
    P_d12 : mean_erosive_rain
    P_y12 : yearly_erosive_rain

    Notes
    -----
    β = 0.8363 + 18.144 / P_d12 + 24.455 / P_y12

    Valid for
    ---------
    China; P_d12 is the mean rain of days of 12 mm or more, P_y12 their mean sum of a year.

    References
    ----------
    Zhang's half-month model, as printed in the soil retention paper (ChinaXiv 201711.00309),
    section 2.2 (1).

    Examples
    --------
    >>> round(zhang_exponent(mean_erosive_rain=28, yearly_erosive_rain=1100), 5)
    1.50653
    """
    return 0.8363 + 18.144 / mean_erosive_rain + 24.455 / yearly_erosive_rain


def zhang_coefficient(*, exponent: Annotated[Array, "1", NOT_NEGATIVE]) -> Annotated[Array, "1"]:
    """Coefficient of Zhang's half-month erosivity (半月降雨侵蚀力模型系数).

    Symbols
    -------
    λ : result
    β : exponent

    Notes
    -----
    λ = 21.586 β^(-7.1891)

    Valid for
    ---------
    β of `zhang_exponent`.

    References
    ----------
    Zhang's half-month model, as printed in the soil retention paper (ChinaXiv 201711.00309),
    section 2.2 (1).

    Examples
    --------
    >>> round(zhang_coefficient(exponent=1.5), 5)
    1.17013
    """
    return 21.586 * exponent**-7.1891


def wischmeier_monthly_erosivity(
    *,
    monthly_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    annual_rain: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "MJ mm ha-1 h-1 a-1"]:
    """Part of a month in the yearly erosivity by Wischmeier's formula (Wischmeier月降雨侵蚀力).

    Symbols
    -------
    P_i, P : monthly_rain, annual_rain

    Notes
    -----
    R = 17.02 Σ_i 1.735 10^(1.5 lg(P_i²/P) - 0.8188) over the 12 months. The paper prints the sum
    without 17.02 and labels it MJ mm/(km2 h a); the original is in the US unit, whose change to
    MJ mm/(ha h a) is 17.02, recalled. Another reading in use has -0.08188 and no factor: it gives
    0.32 of this one, so the two are not the same formula in other units. Held against no text:
    prefer `daily_erosivity` or `monthly_erosivity`.

    Valid for
    ---------
    Years with rain, where daily rain is not at hand; the doubt of a factor of three is to be told
    with the result.

    References
    ----------
    Grassland study (ChinaXiv 201811.00038), section 1.2.1; factor of the unit recalled.

    Examples
    --------
    >>> round(float(wischmeier_monthly_erosivity(monthly_rain=200, annual_rain=1600)), 2)
    560.23
    """
    index = monthly_rain**2 / annual_rain
    return US_EROSIVITY_TO_SI * 1.735 * index**1.5 * 10**-0.8188


def slope_length_factor_by_class(
    *, length: Annotated[Array, "m", NOT_NEGATIVE], slope: Annotated[Array, "degree", Limits(0, 90)]
) -> Annotated[Array, "1"]:
    """Slope length factor with an exponent by class of slope (坡长因子, 指数分级).

    Symbols
    -------
    l : length
    θ : slope

    Notes
    -----
    L = (l/22.13)^m, m = 0.2 for slopes under 1 %, 0.3 from 1 %, 0.4 from 3 %, 0.5 from 9 %

    Valid for
    ---------
    Slope length as the horizontal run of a slope, not a cell's edge.

    References
    ----------
    Soil retention paper (ChinaXiv 201711.00309), section 2.2 (3).

    Examples
    --------
    >>> [round(float(slope_length_factor_by_class(length=50, slope=s)), 4) for s in (0.3, 4, 10)]
    [1.1771, 1.3855, 1.5031]
    """
    gradient = np.tan(np.deg2rad(slope))
    steps = np.heaviside(gradient - 0.01, 1) + np.heaviside(gradient - 0.03, 1)
    exponent = 0.2 + 0.1 * (steps + np.heaviside(gradient - 0.09, 1))
    return (length / UNIT_PLOT_LENGTH) ** exponent


def slope_steepness_factor_uncapped(
    *, slope: Annotated[Array, "degree", Limits(0, 90)]
) -> Annotated[Array, "1"]:
    """Slope steepness factor with bounds of 9 % and 25 % and no cap (坡度因子, 不设上限).

    Symbols
    -------
    θ : slope
    S : result

    Notes
    -----
    S = 10.8 sin θ + 0.03 for θ < 5.1428°; 16.8 sin θ - 0.5 for θ < 14.0362°; 21.91 sin θ - 0.96
    above. Papers print variants that look like slips: -0.05 for -0.5 and the slope for its sine
    (ChinaXiv 201711.00309), 20.91 and -0.90 (ChinaXiv 201811.00038).

    Valid for
    ---------
    Slopes of 0 to 90 degrees; above 28.81° it goes on where HJ 1173 stops.

    References
    ----------
    Erosion study (ChinaXiv 201911.00021).

    Examples
    --------
    >>> [round(float(slope_steepness_factor_uncapped(slope=s)), 4) for s in (3, 12, 20, 35)]
    [0.5952, 2.9929, 6.5337, 11.6071]
    """
    return _line_by_slope(slope, (5.1428, 14.0362), ((10.8, 0.03), (16.8, -0.5), (21.91, -0.96)))


def slope_steepness_factor_by_ten_degrees(
    *, slope: Annotated[Array, "degree", Limits(0, 90)]
) -> Annotated[Array, "1"]:
    """Slope steepness factor of the Chinese soil loss equation (坡度因子, 中国土壤流失方程).

    Symbols
    -------
    θ : slope
    S : result

    Notes
    -----
    S = 10.8 sin θ + 0.03 for θ < 5°; 16.8 sin θ - 0.5 for θ < 10°; 21.9 sin θ - 0.96 above

    Valid for
    ---------
    Slopes of 0 to 90 degrees.

    References
    ----------
    Chinese soil loss equation; recalled, not held against a text.

    Examples
    --------
    >>> [round(float(slope_steepness_factor_by_ten_degrees(slope=s)), 4) for s in (3, 8, 20, 35)]
    [0.5952, 1.8381, 6.5302, 11.6013]
    """
    return _line_by_slope(slope, (5, 10), ((10.8, 0.03), (16.8, -0.5), (21.9, -0.96)))


def cover_factor_by_logarithm(
    *, vegetation_cover: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "1"]:
    """Cover factor by the logarithm of the cover in percent (植被覆盖因子, 对数式).

    Symbols
    -------
    C : result
    c : vegetation_cover

    Notes
    -----
    C = 0.6508 - 0.3436 lg c with c in percent, kept between 0 and 1: 1 without cover, 0 from 78.3 %
    up. As printed, C is 1 at a cover of 0 alone; the formula passes 1 under 0.1 %. The copy reads
    0.3464, which is not 0 at 78.3 %; 0.3436 is.

    Valid for
    ---------
    Cover as a share, of a month or a year.

    References
    ----------
    Soil retention paper (ChinaXiv 201711.00309), section 2.2 (5).

    Examples
    --------
    >>> [round(float(cover_factor_by_logarithm(vegetation_cover=c)), 4) for c in (0.0, 0.4, 0.9)]
    [1.0, 0.1003, 0.0]
    """
    percent = 100 * np.maximum(vegetation_cover, LEAST_COVER)
    return np.minimum(np.maximum(0.6508 - 0.3436 * np.log10(percent), 0.0), 1.0)


def cover_factor_by_line(
    *, vegetation_cover: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "1"]:
    """Cover factor that falls straight with the cover in percent (植被覆盖因子, 线性式).

    Symbols
    -------
    C : result
    c : vegetation_cover

    Notes
    -----
    C = 0.4149 - 0.0052 c with c in percent, no less than 0, which it is from 79.8 % up.

    Valid for
    ---------
    Cover of July as a share, grassland.

    References
    ----------
    Grassland study (ChinaXiv 201811.00038), equation 10; the floor is added.

    Examples
    --------
    >>> [round(float(cover_factor_by_line(vegetation_cover=c)), 4) for c in (0.0, 0.4, 0.9)]
    [0.4149, 0.2069, 0.0]
    """
    return np.maximum(0.4149 - 0.52 * vegetation_cover, 0.0)
