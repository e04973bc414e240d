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
