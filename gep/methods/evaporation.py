"""Reference evapotranspiration from weather (参考作物蒸散量, 作潜在蒸散).

Owns the sub-model that gives the potential evapotranspiration of a month or a day. Amounts are of
the whole period, whose length is an argument; what really evaporates is left to others.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, Array, Limits

# FAO-56: solar constant, MJ m-2 min-1; Stefan-Boltzmann constant, MJ K-4 m-2 d-1; albedo of grass.
SOLAR_CONSTANT, STEFAN_BOLTZMANN, GRASS_ALBEDO = 0.0820, 4.903e-9, 0.23
# FAO-56: millimetres of water that one MJ m-2 evaporates, the inverse of 2.45 MJ/kg.
DEPTH_PER_ENERGY = 0.408
MINUTES_PER_DAY, DAYS_PER_YEAR, KELVIN = 1440, 365, 273.16
RADIANS_PER_DEGREE = np.pi / 180


def _saturation_pressure(temperature: Array) -> Array:
    """Vapour pressure of saturated air in kPa, FAO-56 equation 11."""
    return 0.6108 * np.exp(17.27 * temperature / (temperature + 237.3))


def extraterrestrial_radiation(
    *,
    latitude: Annotated[Array, "degree", Limits(-66, 66)],
    day_of_year: Annotated[Array, "1", NOT_NEGATIVE],
    days: Annotated[Array, "d", NOT_NEGATIVE],
) -> Annotated[Array, "MJ m-2"]:
    """Radiation of the sun above the atmosphere (天文辐射).

    Symbols
    -------
    R_a : result
    φ, J : latitude, day_of_year
    n : days, all like day J

    Notes
    -----
    R_a = n (1440/π) 0.0820 d_r (ω sin φ sin δ + cos φ cos δ sin ω), d_r = 1 + 0.033 cos(2π J/365),
    δ = 0.409 sin(2π J/365 - 1.39), cos ω = -tan φ tan δ

    Valid for
    ---------
    Between the polar circles; a month by its middle day. South is negative.

    References
    ----------
    FAO-56 (Allen et al. 1998), equations 21 to 25, known from memory and from programs.

    Examples
    --------
    >>> round(float(extraterrestrial_radiation(latitude=-20, day_of_year=246, days=1)), 1)
    32.2
    """
    turn = 2 * np.pi * day_of_year / DAYS_PER_YEAR
    distance = 1 + 0.033 * np.cos(turn)
    # by tangents and roots, which numpy computes six times as fast as sines and cosines
    of_latitude = np.tan(latitude * RADIANS_PER_DEGREE)
    of_sun = np.tan(0.409 * np.sin(turn - 1.39))
    product = of_latitude * of_sun
    sunset = np.arccos(-product)
    level = sunset * product + np.sqrt(1 - product * product)
    height = level / np.sqrt((1 + of_latitude * of_latitude) * (1 + of_sun * of_sun))
    return days * MINUTES_PER_DAY / np.pi * SOLAR_CONSTANT * distance * height


def net_radiation(
    *,
    solar_radiation: Annotated[Array, "MJ m-2", NOT_NEGATIVE],
    extraterrestrial: Annotated[Array, "MJ m-2", NOT_NEGATIVE],
    highest_temperature: Annotated[Array, "degC"],
    lowest_temperature: Annotated[Array, "degC"],
    vapour_pressure: Annotated[Array, "kPa", NOT_NEGATIVE],
    elevation: Annotated[Array, "m"],
    days: Annotated[Array, "d", NOT_NEGATIVE],
) -> Annotated[Array, "MJ m-2"]:
    """Radiation that stays at a surface of grass (净辐射).

    Symbols
    -------
    R_n : result
    R_s, R_a : solar_radiation, extraterrestrial
    T_max, T_min : highest_temperature, lowest_temperature
    e_a, z, n : vapour_pressure, elevation, days

    Notes
    -----
    R_n = 0.77 R_s - n σ (T_max,K⁴ + T_min,K⁴)/2 (0.34 - 0.14 √e_a)(1.35 R_s/R_so - 0.35),
    R_so = (0.75 + 2 10⁻⁵ z) R_a, R_s/R_so no more than 1, σ = 4.903 10⁻⁹ MJ K⁻⁴ m⁻² d⁻¹

    Valid for
    ---------
    Grass of albedo 0.23; temperatures are the means of the daily extremes.

    References
    ----------
    FAO-56 (Allen et al. 1998), equations 37 to 40, known from memory and from programs.

    Examples
    --------
    >>> weather = {"highest_temperature": 34.8, "lowest_temperature": 25.6, "vapour_pressure": 2.85}
    >>> sky = {"solar_radiation": 22.65, "extraterrestrial": 38.06, "elevation": 2, "days": 1}
    >>> round(float(net_radiation(**weather, **sky)), 2)
    14.33
    """
    clear_sky = (0.75 + 2e-5 * elevation) * extraterrestrial
    sunny_share = np.minimum(solar_radiation / clear_sky, 1.0)
    warmth = ((highest_temperature + KELVIN) ** 4 + (lowest_temperature + KELVIN) ** 4) / 2
    humid = 0.34 - 0.14 * np.sqrt(vapour_pressure)
    emitted = STEFAN_BOLTZMANN * warmth * humid * (1.35 * sunny_share - 0.35)
    return (1 - GRASS_ALBEDO) * solar_radiation - days * emitted


def reference_evapotranspiration(
    *,
    net_radiation: Annotated[Array, "MJ m-2"],
    soil_heat: Annotated[Array, "MJ m-2"],
    highest_temperature: Annotated[Array, "degC"],
    lowest_temperature: Annotated[Array, "degC"],
    vapour_pressure: Annotated[Array, "kPa", NOT_NEGATIVE],
    wind_speed: Annotated[Array, "m s-1", NOT_NEGATIVE],
    elevation: Annotated[Array, "m"],
    days: Annotated[Array, "d", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """Water that well watered short grass evaporates, by Penman and Monteith (彭曼-蒙特斯).

    Symbols
    -------
    ET_0 : result
    R_n, G : net_radiation, soil_heat
    T_max, T_min : highest_temperature, lowest_temperature
    e_a, u_2, z, n : vapour_pressure, wind_speed, elevation, days

    Notes
    -----
    ET_0 = [0.408 Δ (R_n - G) + n γ 900/(T + 273) u_2 (e_s - e_a)] / [Δ + γ (1 + 0.34 u_2)],
    T = (T_max + T_min)/2, e(T) = 0.6108 exp[17.27 T/(T + 237.3)], e_s = [e(T_max) + e(T_min)]/2,
    Δ = 4098 e(T)/(T + 237.3)², γ = 0.000665 · 101.3 [(293 - 0.0065 z)/293]^5.26

    Valid for
    ---------
    Days and months; the wind at 2 m above the ground.

    References
    ----------
    FAO-56 (Allen et al. 1998), equations 6 to 13, known from memory and from programs.

    Examples
    --------
    >>> air = {"highest_temperature": 34.8, "lowest_temperature": 25.6, "vapour_pressure": 2.85}
    >>> site = {"net_radiation": 14.33, "soil_heat": 0.14, "wind_speed": 2, "elevation": 2}
    >>> round(float(reference_evapotranspiration(**air, **site, days=1)), 2)
    5.72
    """
    temperature = (highest_temperature + lowest_temperature) / 2
    highest = _saturation_pressure(highest_temperature)
    saturated = (highest + _saturation_pressure(lowest_temperature)) / 2
    slope = 4098 * _saturation_pressure(temperature) / (temperature + 237.3) ** 2
    psychrometric = 0.665e-3 * 101.3 * ((293 - 0.0065 * elevation) / 293) ** 5.26
    drying = 900 / (temperature + 273) * wind_speed * (saturated - vapour_pressure)
    energy = DEPTH_PER_ENERGY * slope * (net_radiation - soil_heat)
    return (energy + days * psychrometric * drying) / (
        slope + psychrometric * (1 + 0.34 * wind_speed)
    )


def reference_evapotranspiration_by_temperature(
    *,
    extraterrestrial: Annotated[Array, "MJ m-2", NOT_NEGATIVE],
    highest_temperature: Annotated[Array, "degC"],
    lowest_temperature: Annotated[Array, "degC"],
) -> Annotated[Array, "mm"]:
    """Water that short grass evaporates, where temperature alone is known (哈格里夫斯).

    Symbols
    -------
    ET_0 : result
    R_a : extraterrestrial
    T_max, T_min : highest_temperature, lowest_temperature

    Notes
    -----
    ET_0 = 0.408 · 0.0023 R_a [(T_max + T_min)/2 + 17.8] √(T_max - T_min), never below 0

    Valid for
    ---------
    Months, or spells of ten days; where air is humid it tends to be too high.

    References
    ----------
    FAO-56 (Allen et al. 1998), equation 52, known from memory and from programs.

    Examples
    --------
    >>> extremes = {"highest_temperature": 26.6, "lowest_temperature": 14.8}
    >>> computed = reference_evapotranspiration_by_temperature(extraterrestrial=40.55, **extremes)
    >>> round(float(computed), 1)
    5.0
    """
    temperature = (highest_temperature + lowest_temperature) / 2
    spread = np.sqrt(np.maximum(highest_temperature - lowest_temperature, 0.0))
    depth = DEPTH_PER_ENERGY * 0.0023 * extraterrestrial * (temperature + 17.8) * spread
    return np.maximum(depth, 0.0)
