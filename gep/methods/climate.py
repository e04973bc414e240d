"""Local climate regulation: heat that transpiration and evaporation take up (局部气候调节).

Owns the electricity that the same cooling and humidifying would use, and forms by volume of vapour.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array

# Seconds of an hour: kJ to kWh.
KILOJOULE_PER_KILOWATT_HOUR = 3600.0
# Density of water, kg/m3 and t/m3.
WATER_KILOGRAM_PER_M3, WATER_TONNE_PER_M3 = 1000.0, 1.0


def cooling_by_transpiration(
    *,
    heat: Annotated[Array, "kJ m-2 d-1", NOT_NEGATIVE],
    days: Annotated[Array, "d", NOT_NEGATIVE],
    efficiency_ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "kWh m-2"]:
    """Electricity that air conditioners would use for the cooling by plants (植被蒸腾降温折合电量).

    Symbols
    -------
    EPP : heat
    S : area
    d : days
    r : efficiency_ratio

    Notes
    -----
    E_pt = Σ EPP S d / (3600 r). The paper prints GPP for the heat, which it is not.

    Valid for
    ---------
    Forest, shrub and grassland; d is the number of days on which air conditioning is on.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 12.

    Examples
    --------
    >>> electricity = cooling_by_transpiration(heat=2837.27, days=15, efficiency_ratio=3)
    >>> round(electricity * 31920.60e6 / 1e8, 2)
    1257.88
    """
    return heat * days / (KILOJOULE_PER_KILOWATT_HOUR * efficiency_ratio)


def cooling_by_evaporation(
    *,
    evaporation: Annotated[Array, "m", NOT_NEGATIVE],
    latent_heat: Annotated[Array, "kJ kg-1", NOT_NEGATIVE],
    humidifier_energy: Annotated[Array, "kWh m-3", NOT_NEGATIVE],
) -> Annotated[Array, "kWh m-2"]:
    """Electricity for cooling and humidifying by water in full (水面蒸发降温增湿折合电量).

    Symbols
    -------
    E : evaporation times area
    q : latent_heat
    γ : humidifier_energy
    ρ : density of water

    Notes
    -----
    E_we = E ρ q / 3600 + E γ. The latent heat is not divided by an efficiency ratio, unlike that of
    plants.

    Valid for
    ---------
    Open water; evaporation as a depth over the days counted.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 13.

    Examples
    --------
    >>> round(cooling_by_evaporation(evaporation=1, latent_heat=2450, humidifier_energy=120), 3)
    800.556
    """
    heat = WATER_KILOGRAM_PER_M3 * latent_heat / KILOJOULE_PER_KILOWATT_HOUR
    return evaporation * (heat + humidifier_energy)


def cooling_by_evaporation_with_ratio(
    *,
    evaporation: Annotated[Array, "m", NOT_NEGATIVE],
    latent_heat: Annotated[Array, "kJ kg-1", NOT_NEGATIVE],
    humidifier_energy: Annotated[Array, "kWh m-3", NOT_NEGATIVE],
    efficiency_ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "kWh m-2"]:
    """Electricity for cooling and humidifying by water, heat by ratio (水面蒸发, 计空调能效比).

    Symbols
    -------
    E : evaporation times area
    q : latent_heat
    γ : humidifier_energy
    r : efficiency_ratio

    Notes
    -----
    E_we = E ρ q / (3600 r) + E γ

    Valid for
    ---------
    Open water; with r = 3 the result is less than half of the form without the ratio.

    References
    ----------
    Variant of Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 13, in later rules; recalled,
    not held against the text.

    Examples
    --------
    >>> round(cooling_by_evaporation_with_ratio(
    ...     evaporation=1, latent_heat=2450, humidifier_energy=120, efficiency_ratio=3), 3)
    346.852
    """
    heat = WATER_KILOGRAM_PER_M3 * latent_heat / (KILOJOULE_PER_KILOWATT_HOUR * efficiency_ratio)
    return evaporation * (heat + humidifier_energy)


def transpired_water(
    *,
    dry_matter: Annotated[Array, "t", NOT_NEGATIVE],
    transpiration_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """Water that plants transpire for the dry matter they make (植被蒸腾水量).

    Symbols
    -------
    W_T : result
    W_Ti, NPP_i : transpiration_coefficient, dry_matter

    Notes
    -----
    W_T = Σ W_Ti NPP_i, t of water per t of dry matter, 1 t of water is 1 m3.

    Valid for
    ---------
    Net primary production as dry matter.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 6.

    Examples
    --------
    >>> round(transpired_water(dry_matter=6050.31, transpiration_coefficient=750) / 1e4, 2)
    453.77
    """
    return dry_matter * transpiration_coefficient / WATER_TONNE_PER_M3


def temperature_difference_value(
    *,
    warmest: Annotated[Array, "degC"],
    temperature: Annotated[Array, "degC"],
    cost: Annotated[Array, "CNY ha-1 degC-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1"]:
    """Value of an area being cooler than the warmest place of the region (温差法).

    Symbols
    -------
    T_1 : warmest
    T_i : temperature
    C : cost

    Notes
    -----
    v = C (T_1 - T_i), C the cost of cooling one hectare by one degree.

    Valid for
    ---------
    Cities in summer, near-ground air temperature.

    References
    ----------
    Xi'an green infrastructure (ChinaXiv 202110.00026), supply of cooling; a study, not a rule.

    Examples
    --------
    >>> temperature_difference_value(warmest=38, temperature=35.5, cost=1000)
    2500.0
    """
    return cost * (warmest - temperature)


def cooling_by_temperature_difference(
    *,
    difference: Annotated[Array, "degC", NOT_NEGATIVE],
    days: Annotated[Array, "1", NOT_NEGATIVE],
    heat_capacity: Annotated[Array, "kJ m-3 degC-1", NOT_NEGATIVE],
    height: Annotated[Array, "m", NOT_NEGATIVE],
    efficiency_ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "kWh m-2"]:
    """Electricity for cooling the air as much as an ecosystem is cooler (温差法折合电量).

    Symbols
    -------
    ΔT : difference
    d : days
    ρ_c : heat_capacity
    V : height times area
    r : efficiency_ratio

    Notes
    -----
    E = Σ ΔT d ρ_c V / (3600 r): the air over the area is cooled once a day, ΔT is the mean of the
    days. 1004.68 J/(m3 °C) is in use for ρ_c; that is the heat of a kilogram of air, a cubic metre
    has 1.2 to 1.3 times as much.

    Valid for
    ---------
    Days above the temperature from which air is conditioned, with the temperature measured inside
    and outside.

    References
    ----------
    Measured temperature difference: form of Chinese GEP rules since 2020, recalled, not held
    against the text. That GB/T 46869-2025, A.11, has a measured difference beside the energy was
    read in a secondary source, its formula not.

    Examples
    --------
    >>> round(cooling_by_temperature_difference(
    ...     difference=2, days=60, heat_capacity=1.2, height=10, efficiency_ratio=3), 6)
    0.133333
    """
    heat = difference * days * heat_capacity * height
    return heat / (KILOJOULE_PER_KILOWATT_HOUR * efficiency_ratio)


def air_temperature_over_surface(
    *, surface_temperature: Annotated[Array, "degC"]
) -> Annotated[Array, "degC"]:
    """Air temperature near the ground from that of the surface (近地面气温, 由地表温度).

    Symbols
    -------
    T_i : result
    D_i : surface_temperature

    Notes
    -----
    T_i = (D_i - 6.3655) / 1.137

    Valid for
    ---------
    Summer days of the region in which the regression was fitted; the study takes it from another
    one.

    References
    ----------
    Xi'an green infrastructure (ChinaXiv 202110.00026), equation 2.

    Examples
    --------
    >>> round(air_temperature_over_surface(surface_temperature=40), 3)
    29.582
    """
    return (surface_temperature - 6.3655) / 1.137
