"""Evaporation of a year on the Budyko curve, and the water that is left (布迪科曲线).

Owns the forms of Fu and of Zhang, and what InVEST's annual water yield adds to Fu's. Shares of the
rain evaporate, so that no depth is subtracted before the last step; potential evapotranspiration is
left to `evaporation`, the depth that evaporates is `water.share_of_rain`.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array, Limits

# Least shape of Fu's curve in InVEST, and its greatest (annual water yield: 1.25 and 5).
LEAST_SHAPE, GREATEST_SHAPE = 1.25, 5.0
# Where it never rains nothing evaporates: rain is taken as no less than this, mm, in ratios to it.
LEAST_RAIN = 1e-3


def dryness_index(
    *,
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    reference_evapotranspiration: Annotated[Array, "mm", NOT_NEGATIVE],
    crop_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Potential evapotranspiration of a type of land for each unit of rain (干燥度指数).

    Symbols
    -------
    φ : result
    P : rainfall
    ET_0, K_c : reference_evapotranspiration, crop_coefficient

    Notes
    -----
    φ = K_c ET_0 / P. Rain counts as no less than 0.001 mm.

    Valid for
    ---------
    Years, and means of years. K_c is 1 where ET_0 is the potential evapotranspiration itself.

    References
    ----------
    Budyko 1974, as Zhang et al. 2004 (doi 10.1029/2003WR002710) and InVEST's annual water yield use
    it; the program of InVEST was read (natcap/invest, annual_water_yield.py), the papers not.

    Examples
    --------
    >>> float(dryness_index(rainfall=1600, reference_evapotranspiration=1000, crop_coefficient=0.8))
    0.5
    """
    return crop_coefficient * reference_evapotranspiration / np.maximum(rainfall, LEAST_RAIN)


def available_water(
    *,
    soil_depth: Annotated[Array, "mm", NOT_NEGATIVE],
    root_depth: Annotated[Array, "mm", NOT_NEGATIVE],
    available_share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "mm"]:
    """Water that soil holds for plants, down to where roots end or rock begins (植被可利用水).

    Symbols
    -------
    AWC : result
    D_s, D_r : soil_depth, root_depth
    PAWC : available_share

    Notes
    -----
    AWC = min(D_s, D_r) PAWC

    Valid for
    ---------
    Depth of soil to a layer that stops roots; depth of roots by type of land.

    References
    ----------
    InVEST, annual water yield: read in its program (natcap/invest, annual_water_yield.py).

    Examples
    --------
    >>> float(available_water(soil_depth=1000, root_depth=3500, available_share=0.25))
    250.0
    """
    return np.minimum(soil_depth, root_depth) * available_share


def curve_shape(
    *,
    available_water: Annotated[Array, "mm", NOT_NEGATIVE],
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    seasonality: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Shape of Fu's curve from the water that soil holds (曲线参数ω, InVEST).

    Symbols
    -------
    ω : result
    AWC, P : available_water, rainfall
    Z : seasonality

    Notes
    -----
    ω = Z AWC / P + 1.25, no more than 5. Rain counts as no less than 0.001 mm.

    Valid for
    ---------
    Vegetated land, years; Z of 1 to 30 goes with the number of rains of a year and is calibrated.

    References
    ----------
    InVEST, annual water yield, after Donohue et al. 2012: read in its program (natcap/invest,
    annual_water_yield.py), the paper not.

    Examples
    --------
    >>> float(curve_shape(available_water=250, rainfall=1000, seasonality=5))
    2.5
    """
    return np.minimum(
        seasonality * available_water / np.maximum(rainfall, LEAST_RAIN) + LEAST_SHAPE,
        GREATEST_SHAPE,
    )


def evaporated_share(
    *,
    dryness: Annotated[Array, "1", NOT_NEGATIVE],
    shape: Annotated[Array, "1", Limits(1)],
) -> Annotated[Array, "1"]:
    """Share of the rain that evaporates, on the curve of Fu (实际蒸散占降水的比例, 傅抱璞公式).

    Symbols
    -------
    φ, ω : dryness, shape
    F : result

    Notes
    -----
    F = 1 + φ - (1 + φ^ω)^(1/ω)

    Valid for
    ---------
    Years in which little water is stored or lost to depth, catchments and larger; ω above 1. ω = 1
    evaporates nothing, large ω the lesser of rain and potential evapotranspiration.

    References
    ----------
    Fu 1981, Zhang et al. 2004 (doi 10.1029/2003WR002710); form read in programs (natcap/invest,
    annual_water_yield.py), the papers not.

    Examples
    --------
    >>> round(float(evaporated_share(dryness=1, shape=2)), 6)
    0.585786
    """
    return 1 + dryness - (1 + dryness**shape) ** (1 / shape)


def evaporated_share_by_cover(
    *,
    dryness: Annotated[Array, "1", NOT_NEGATIVE],
    shape: Annotated[Array, "1", Limits(1)],
    vegetated: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "1"]:
    """Share of the rain that evaporates, on Fu's curve where plants grow (蒸散比例, 分有无植被).

    Symbols
    -------
    φ, ω : dryness, shape
    v : vegetated
    F : result

    Notes
    -----
    F = v [1 + φ - (1 + φ^ω)^(1/ω)] + (1 - v) min(φ, 1), v = 1 where plants grow and 0 on water,
    wetland, built-up and bare land, which evaporate as much as they can, but no more than it rains.

    Valid for
    ---------
    Types of land that are vegetated or not (InVEST knows 1 and 0 alone); v between is a mixture by
    area.

    References
    ----------
    InVEST, annual water yield: read in its program (natcap/invest, annual_water_yield.py), whose
    ω is that of `curve_shape`.

    Examples
    --------
    >>> [round(float(evaporated_share_by_cover(dryness=0.8, shape=2, vegetated=v)), 6)
    ...  for v in (1, 0)]
    [0.519375, 0.8]
    """
    return vegetated * (1 + dryness - (1 + dryness**shape) ** (1 / shape)) + (
        1 - vegetated
    ) * np.minimum(dryness, 1.0)


def evaporated_share_by_plant_water(
    *,
    dryness: Annotated[Array, "1", NOT_NEGATIVE],
    plant_water: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Share of the rain that evaporates, by the water plants can use (蒸散比例, Zhang等2001).

    Symbols
    -------
    φ : dryness
    w : plant_water
    F : result

    Notes
    -----
    F = (1 + w φ) / (1 + w φ + 1/φ), written as φ (1 + w φ) / [1 + φ (1 + w φ)] so that φ = 0 gives
    0. w is 2.0 for forest, 0.5 for grass and crops in use. With w above 1 more than φ evaporates
    where φ is below (w - 1)/w: no cap is added.

    Valid for
    ---------
    Means of years, catchments and larger.

    References
    ----------
    Zhang, Dawes, Walker 2001 (doi 10.1029/2000WR900325); recalled, not held against the text.

    Examples
    --------
    >>> float(evaporated_share_by_plant_water(dryness=1.0, plant_water=2.0))
    0.75
    """
    ratio = dryness * (1 + plant_water * dryness)
    return ratio / (1 + ratio)


def water_yield(
    *,
    rainfall: Annotated[Array, "mm", NOT_NEGATIVE],
    evaporated: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "mm"]:
    """Rain of a year that does not evaporate (产水量).

    Symbols
    -------
    Y : result
    P : rainfall
    F : evaporated

    Notes
    -----
    Y = P (1 - F)

    Valid for
    ---------
    Years; where it flows to, and when, is not said.

    References
    ----------
    InVEST, annual water yield: read in its program (natcap/invest, annual_water_yield.py).

    Examples
    --------
    >>> float(water_yield(rainfall=1600, evaporated=0.375))
    1000.0
    """
    return rainfall * (1 - evaporated)
