"""Vegetation from satellites: cover, light, primary production (植被覆盖度, 净初级生产力).

Owns the sub-models that give the inputs of soil retention and carbon fixation.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array

# Share of sunlight that plants can use for photosynthesis (CASA).
PHOTOSYNTHETIC_SHARE = 0.5

# Mass share of carbon in C6H10O5 (72 of 162 g/mol).
CARBON_PER_DRY_MATTER = 72 / 162


def vegetation_cover(
    *,
    ndvi: Annotated[Array, "1"],
    ndvi_soil: Annotated[Array, "1"],
    ndvi_vegetation: Annotated[Array, "1"],
) -> Annotated[Array, "1"]:
    """Share of the ground covered by vegetation, from NDVI (植被覆盖度).

    Symbols
    -------
    FVC : result
    NDVI, NDVI_soil, NDVI_veg : ndvi, ndvi_soil, ndvi_vegetation

    Notes
    -----
    FVC = (NDVI - NDVI_soil) / (NDVI_veg - NDVI_soil), kept between 0 and 1.

    Valid for
    ---------
    NDVI of the growing season with end members of the same scene.

    References
    ----------
    HJ 1172-2021, vegetation cover.

    Examples
    --------
    >>> round(float(vegetation_cover(ndvi=0.5, ndvi_soil=0.05, ndvi_vegetation=0.95)), 6)
    0.5
    """
    return np.minimum(np.maximum((ndvi - ndvi_soil) / (ndvi_vegetation - ndvi_soil), 0.0), 1.0)


def absorbed_light_share(*, ndvi: Annotated[Array, "1"]) -> Annotated[Array, "1"]:
    """Share of photosynthetic light that the canopy absorbs (光合有效辐射吸收比例).

    Symbols
    -------
    FPAR : result
    NDVI : ndvi

    Notes
    -----
    FPAR = 0 for NDVI ≤ 0.075, else min(1.16 NDVI - 0.0439, 0.9)

    Valid for
    ---------
    The CASA variant of the study cited.

    References
    ----------
    NPP and Rh study (ChinaXiv 202106.00081).

    Examples
    --------
    >>> round(float(absorbed_light_share(ndvi=0.5)), 4), float(absorbed_light_share(ndvi=0.05))
    (0.5361, 0.0)
    """
    return (ndvi > 0.075) * np.minimum(1.16 * ndvi - 0.0439, 0.9)


def primary_production_by_casa(
    *,
    radiation: Annotated[Array, "MJ m-2", NOT_NEGATIVE],
    light_share: Annotated[Array, "1", SHARE],
    cold_stress: Annotated[Array, "1", SHARE],
    heat_stress: Annotated[Array, "1", SHARE],
    water_stress: Annotated[Array, "1", SHARE],
    efficiency: Annotated[Array, "gC MJ-1", NOT_NEGATIVE],
) -> Annotated[Array, "gC m-2"]:
    """Net primary production of one month by light use; sum it over the months (CASA模型).

    Symbols
    -------
    SOL : radiation
    FPAR : light_share
    Tε1, Tε2, Wε : cold_stress, heat_stress, water_stress
    ε_max : efficiency

    Notes
    -----
    NPP = SOL FPAR 0.5 Tε1 Tε2 Wε ε_max

    Valid for
    ---------
    Months.

    References
    ----------
    NPP and Rh study (ChinaXiv 202106.00081).

    Examples
    --------
    >>> primary_production_by_casa(
    ...     radiation=500, light_share=0.5, cold_stress=1, heat_stress=1, water_stress=0.5,
    ...     efficiency=0.5,
    ... )
    31.25
    """
    stress = cold_stress * heat_stress * water_stress
    return radiation * light_share * PHOTOSYNTHETIC_SHARE * stress * efficiency


def carbon_in_dry_matter(
    *, dry_matter: Annotated[Array, "t ha-1 a-1", NOT_NEGATIVE]
) -> Annotated[Array, "tC ha-1 a-1"]:
    """Carbon in dry matter taken as cellulose (干物质含碳量).

    Symbols
    -------
    NPP : dry_matter

    Notes
    -----
    C = NPP 72/162

    Valid for
    ---------
    Dry matter as C6H10O5.

    References
    ----------
    Molar masses.

    Examples
    --------
    >>> round(carbon_in_dry_matter(dry_matter=9), 6)
    4.0
    """
    return dry_matter * CARBON_PER_DRY_MATTER


def cold_stress(
    *, temperature: Annotated[Array, "degC"], optimum: Annotated[Array, "degC"]
) -> Annotated[Array, "1"]:
    """Stress of light use by the climate being off the best for plants, CASA (低温胁迫系数).

    Symbols
    -------
    Tε1 : result
    T : temperature
    T_opt : optimum

    Notes
    -----
    Tε1 = 0.8 + 0.02 T_opt - 0.0005 T_opt², 0 in months of -10 °C or less

    Valid for
    ---------
    Months; T_opt is the mean temperature of the month in which NDVI is highest.

    References
    ----------
    CASA model; recalled, not held against a text. The study that uses it (ChinaXiv 202106.00081)
    names the factor and does not print it.

    Examples
    --------
    >>> round(float(cold_stress(temperature=15, optimum=25)), 4)
    0.9875
    """
    return np.heaviside(temperature + 10, 0.0) * (0.8 + 0.02 * optimum - 0.0005 * optimum**2)


def heat_stress(
    *, temperature: Annotated[Array, "degC"], optimum: Annotated[Array, "degC"]
) -> Annotated[Array, "1"]:
    """Stress of light use by a month being warmer or colder than the best, CASA (高温胁迫系数).

    Symbols
    -------
    Tε2 : result
    T : temperature
    T_opt : optimum

    Notes
    -----
    Tε2 = 1.1814 / {1 + exp[0.2 (T_opt - 10 - T)]} / {1 + exp[0.3 (-T_opt - 10 + T)]}. Months more
    than 10 °C above or 13 °C below T_opt have half of what T_opt has, 0.4956; the formula itself
    gives less far out, so half is not a floor.

    Valid for
    ---------
    Months.

    References
    ----------
    CASA model; recalled, not held against a text. The study that uses it (ChinaXiv 202106.00081)
    names the factor and does not print it.

    Examples
    --------
    >>> [round(float(heat_stress(temperature=t, optimum=25)), 4) for t in (25, 15, 5)]
    [0.9912, 0.5892, 0.4956]
    """
    cold = 1 + np.exp(0.2 * (optimum - 10 - temperature))
    warm = 1 + np.exp(0.3 * (temperature - optimum - 10))
    # a number of Python, so that arrays of float32 stay what they are
    at_optimum = float(1.1814 / ((1 + np.exp(-2.0)) * (1 + np.exp(-3.0))))
    too_warm = np.heaviside(temperature - optimum - 10, 0.0)
    far = too_warm + np.heaviside(optimum - 13 - temperature, 0.0)
    return (1 - far) * 1.1814 / (cold * warm) + far * 0.5 * at_optimum


def water_stress(
    *,
    evapotranspiration: Annotated[Array, "mm", NOT_NEGATIVE],
    potential: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Stress of light use by lack of water, CASA (水分胁迫系数).

    Symbols
    -------
    Wε : result
    E, E_p : evapotranspiration, potential

    Notes
    -----
    Wε = 0.5 + 0.5 E / E_p, no more than 1, which it passes where E of one source is above E_p of
    another.

    Valid for
    ---------
    Months in which E_p is above 0.

    References
    ----------
    NPP and Rh study (ChinaXiv 202106.00081), section 1.3.2; the cap is added.

    Examples
    --------
    >>> float(water_stress(evapotranspiration=60, potential=120))
    0.75
    """
    return np.minimum(0.5 + 0.5 * evapotranspiration / potential, 1.0)
