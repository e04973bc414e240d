"""Flood mitigation: water that vegetation, lakes, reservoirs and marshes hold back (洪水调蓄)."""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array, Limits

# SCS curve number model, metric form: potential retention in mm is 25400 / CN - 254.
CURVE_SCALE = 25400.0  # mm
CURVE_OFFSET = 254.0  # mm
INITIAL_SHARE = 0.2  # of the potential retention is lost before any runoff
LEAST_DEPTH = 1e-9  # mm, so that no rain on a curve number of 100 gives 0, not 0 / 0


def lake_storage(
    *,
    area: Annotated[Array, "km2", NOT_NEGATIVE],
    intercept: Annotated[Array, "1"],
    exponent: Annotated[Array, "1"],
    exchanges: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "10^4 m3"]:
    """Flood storage of a lake, or of all lakes together, from the area (湖泊洪水调蓄量).

    Symbols
    -------
    C_l : result
    A : area
    a, b : intercept, exponent
    T : exchanges

    Notes
    -----
    C_l = e^a A^b T. As b is not 1, the sum over lakes and the storage of the summed area differ;
    the standard's switch says which is meant. Results of parts do not add up to the whole.

    Valid for
    ---------
    Lakes of the region the regression was fitted in; T is the number of water exchanges in a year.

    References
    ----------
    Rao 2014 (doi 10.5846/stxb201310122456), five lake regions; Garzê GEP 2010 (doi
    10.5846/stxb201607011362), equation 7 for the Tibetan plateau (6.636, 0.678, T = 1, total area).

    Examples
    --------
    >>> round(float(lake_storage(area=100, intercept=6.636, exponent=0.678, exchanges=1)), 1)
    17297.3
    """
    return np.exp(intercept) * area**exponent * exchanges


def reservoir_storage(
    *, capacity: Annotated[Array, "m3", NOT_NEGATIVE], flood_share: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "m3"]:
    """Flood storage of reservoirs as a share of their capacity (水库洪水调蓄量).

    Symbols
    -------
    C_r : result
    C_t, s : capacity, flood_share

    Notes
    -----
    C_r = s C_t, s = 0.35.

    Valid for
    ---------
    Sums of reservoirs of all sizes.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 8.

    Examples
    --------
    >>> round(reservoir_storage(capacity=3e6, flood_share=0.35), 3)
    1050000.0
    """
    return flood_share * capacity


def marsh_soil_and_surface_storage(
    *,
    soil_depth: Annotated[Array, "m", NOT_NEGATIVE],
    bulk_density: Annotated[Array, "t m-3", NOT_NEGATIVE],
    saturated_content: Annotated[Array, "1", NOT_NEGATIVE],
    content: Annotated[Array, "1", NOT_NEGATIVE],
    surface_depth: Annotated[Array, "m", NOT_NEGATIVE],
) -> Annotated[Array, "m"]:
    """Depth of water that a marsh holds in its soil and on its surface (沼泽土壤蓄水与地表滞水量).

    Symbols
    -------
    h : soil_depth
    ρ : bulk_density
    F : saturated_content
    E : content
    H : surface_depth

    Notes
    -----
    q = h ρ (F - E) / ρ_w + H, water contents as shares of the mass of dry soil, which peat exceeds
    several times; ρ_w = 1 t/m3.

    Valid for
    ---------
    Marshes with soil data.

    References
    ----------
    Full form of the marsh term; recalled, not held against a text.

    Examples
    --------
    >>> storage = marsh_soil_and_surface_storage(
    ...     soil_depth=0.4, bulk_density=0.5, saturated_content=1.2, content=0.7, surface_depth=0.3
    ... )
    >>> round(storage, 4)
    0.4
    """
    water_density = 1.0
    return soil_depth * bulk_density * (saturated_content - content) / water_density + surface_depth


def storm_runoff_by_curve_number(
    *,
    storm_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    curve_number: Annotated[Array, "1", Limits(0, 100)],
) -> Annotated[Array, "mm"]:
    """Runoff of one storm by the SCS curve number (单次暴雨径流量, SCS曲线数法).

    Symbols
    -------
    P : storm_rain
    CN : curve_number
    S : potential retention

    Notes
    -----
    R = (P - 0.2 S)² / (P + 0.8 S) for P > 0.2 S, else 0; S = 25400/CN - 254 mm.

    Valid for
    ---------
    Single storms; curve numbers above 0 and up to 100.

    References
    ----------
    SCS curve number model; recalled, not held against a text.

    Examples
    --------
    >>> round(float(storm_runoff_by_curve_number(storm_rain=100, curve_number=70)), 3)
    32.711
    """
    retention = CURVE_SCALE / curve_number - CURVE_OFFSET
    excess = np.maximum(storm_rain - INITIAL_SHARE * retention, 0.0)
    return excess**2 / np.maximum(excess + retention, LEAST_DEPTH)


def vegetation_storage(
    *,
    storm_rain: Annotated[Array, "mm", NOT_NEGATIVE],
    storm_runoff: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """Depth of storm water that vegetation holds back (植被洪水调蓄量).

    Symbols
    -------
    C_fc : result times area
    P_h : storm_rain
    R_f : storm_runoff

    Notes
    -----
    C_fc = Σ (P_h - R_f) A 10³ with A in km2 and depths in mm.

    Valid for
    ---------
    Natural vegetation; storm rain of the year.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> vegetation_storage(storm_rain=400, storm_runoff=100)
    300
    """
    return storm_rain - storm_runoff


def spell_storage(
    *,
    highest: Annotated[Array, "m3", NOT_NEGATIVE],
    lowest: Annotated[Array, "m3", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """Flood water that a water body holds back in one spell of rising level (一次洪水调蓄量, 实测).

    Symbols
    -------
    Q_r1, Q_r2 : highest, lowest

    Notes
    -----
    C = Σ (Q_r1 - Q_r2) over the spells of the year in which the level rises.

    Valid for
    ---------
    Lakes and reservoirs with daily levels and a curve of volume on level.

    References
    ----------
    Baiyangdian wetland (ChinaXiv 201704.00322), equations 4 and 5 and section 2.2.1.

    Examples
    --------
    >>> round(spell_storage(highest=2.90, lowest=1.26), 2)
    1.64
    """
    return highest - lowest


def area_over_seasons(
    *,
    wet_area: Annotated[Array, "km2", NOT_NEGATIVE],
    dry_area: Annotated[Array, "km2", NOT_NEGATIVE],
    wet_share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "km2"]:
    """Mean area of a lake that shrinks in the dry season (季节性湖泊平均水面面积).

    Symbols
    -------
    A_w, A_d : wet_area, dry_area
    s : wet_share

    Notes
    -----
    A = s A_w + (1 - s) A_d, s the share of the year with the area of the wet season. Where a
    formula is not a straight line in A, as that of lakes is not, the formula of the mean is not the
    mean of the formula: flood storage takes the area of the flood season.

    Valid for
    ---------
    Lakes such as Poyang, for services that go with the area all the year (evaporation,
    purification).

    References
    ----------
    Mean weighted by time; no text that was read says how a seasonal lake counts.

    Examples
    --------
    >>> area_over_seasons(wet_area=3000, dry_area=1000, wet_share=0.25)
    1500.0
    """
    return wet_area * wet_share + dry_area * (1 - wet_share)
