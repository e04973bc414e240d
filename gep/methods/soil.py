"""Soil retention: soil kept in place and what it spares (土壤保持).

Owns the retained amount and the volume of silt that it makes; the factors of the soil loss
equation are in `rusle`, nutrients in `ratios`, fertility and land in `land`.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


def potential_erosion(
    *,
    erosivity: Annotated[Array, "MJ mm ha-1 h-1 a-1", NOT_NEGATIVE],
    erodibility: Annotated[Array, "t h MJ-1 mm-1", NOT_NEGATIVE],
    slope_length: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "t ha-1 a-1"]:
    """Soil loss without any plant cover (潜在土壤侵蚀量).

    Symbols
    -------
    R : erosivity
    K : erodibility
    L : slope_length
    S : slope_steepness

    Notes
    -----
    Q_se_p = R K L S

    Valid for
    ---------
    Water erosion of slopes, many-year mean or year.

    References
    ----------
    HJ 1173-2021, equation A.3.

    Examples
    --------
    >>> potential_erosion(erosivity=8000, erodibility=0.005, slope_length=2, slope_steepness=3)
    240.0
    """
    return erosivity * erodibility * slope_length * slope_steepness


def retention_by_rusle(
    *,
    erosivity: Annotated[Array, "MJ mm ha-1 h-1 a-1", NOT_NEGATIVE],
    erodibility: Annotated[Array, "t h MJ-1 mm-1", NOT_NEGATIVE],
    slope_length: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness: Annotated[Array, "1", NOT_NEGATIVE],
    cover: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "t ha-1 a-1"]:
    """Soil kept in place by vegetation, per hectare and year (土壤保持量).

    Symbols
    -------
    R : erosivity
    K : erodibility
    L : slope_length
    S : slope_steepness
    C : cover

    Notes
    -----
    Q_sr = R K L S - R K L S C = R K L S (1 - C). HJ 1173 has no support practice factor.

    Valid for
    ---------
    Water erosion of slopes; C between 0 and 1.

    References
    ----------
    HJ 1173-2021, equations A.2 to A.4.

    Examples
    --------
    >>> retention_by_rusle(
    ...     erosivity=8000, erodibility=0.005, slope_length=2, slope_steepness=3, cover=0.25
    ... )
    180.0
    """
    return erosivity * erodibility * slope_length * slope_steepness * (1 - cover)


def retention_by_rusle_with_practice(
    *,
    erosivity: Annotated[Array, "MJ mm ha-1 h-1 a-1", NOT_NEGATIVE],
    erodibility: Annotated[Array, "t h MJ-1 mm-1", NOT_NEGATIVE],
    slope_length: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness: Annotated[Array, "1", NOT_NEGATIVE],
    cover: Annotated[Array, "1", SHARE],
    practice: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "t ha-1 a-1"]:
    """Soil kept in place by vegetation and support practice (土壤保持量, 计水土保持措施因子).

    Symbols
    -------
    R : erosivity
    K : erodibility
    L : slope_length
    S : slope_steepness
    C : cover
    P : practice

    Notes
    -----
    Q_sr = R K L S (1 - C P), P = 1 without measures.

    Valid for
    ---------
    Water erosion of slopes; C and P between 0 and 1. One paper prints P the other way round (1 =
    good measures).

    References
    ----------
    Form with P of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> retention_by_rusle_with_practice(
    ...     erosivity=8000, erodibility=0.005, slope_length=2, slope_steepness=3,
    ...     cover=0.5, practice=0.5,
    ... )
    180.0
    """
    return erosivity * erodibility * slope_length * slope_steepness * (1 - cover * practice)


def retention_by_difference(
    *, bare_erosion: Annotated[Array, "t ha-1 a-1"], actual_erosion: Annotated[Array, "t ha-1 a-1"]
) -> Annotated[Array, "t ha-1 a-1"]:
    """Soil kept in place: erosion of bare land less that under forest (森林固土量).

    Symbols
    -------
    X2 : bare_erosion
    X1 : actual_erosion

    Notes
    -----
    G = A (X2 - X1)

    Valid for
    ---------
    Forest with paired plots.

    References
    ----------
    LY/T 1721-2008, soil fixation; read in a program that implements it.

    Examples
    --------
    >>> retention_by_difference(bare_erosion=40, actual_erosion=2.5)
    37.5
    """
    return bare_erosion - actual_erosion


def silt_avoided(
    *,
    soil: Annotated[Array, "t"],
    silt_share: Annotated[Array, "1", SHARE],
    bulk_density: Annotated[Array, "t m-3", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """Volume of silt kept out of rivers, lakes and reservoirs (减少泥沙淤积量).

    Symbols
    -------
    λ : silt_share
    A_s : soil
    ρ : bulk_density

    Notes
    -----
    Q = λ A_s / ρ

    Valid for
    ---------
    λ of the Chinese literature (0.24) unless a local sediment delivery ratio is known.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 4.

    Examples
    --------
    >>> round(silt_avoided(soil=38.86e8, silt_share=0.24, bulk_density=0.93) / 1e8, 4)
    10.0284
    """
    return silt_share * soil / bulk_density


def volume_of_soil(
    *, soil: Annotated[Array, "t"], bulk_density: Annotated[Array, "t m-3", NOT_NEGATIVE]
) -> Annotated[Array, "m3"]:
    """Volume of the soil kept, as earthworks would move it (固土体积).

    Symbols
    -------
    G : soil
    ρ : bulk_density

    Notes
    -----
    V = G / ρ; times the cost of moving a cubic metre of earth it is the value of soil fixed. Unlike
    `silt_avoided` the whole soil counts, not the share that would silt up.

    Valid for
    ---------
    Forest soil.

    References
    ----------
    LY/T 1721-2008, value of soil fixed; recalled. One program that implements it drops the / ρ.

    Examples
    --------
    >>> volume_of_soil(soil=3000, bulk_density=1.25)
    2400.0
    """
    return soil / bulk_density


def retention_by_csle(
    *,
    erosivity: Annotated[Array, "MJ mm ha-1 h-1 a-1", NOT_NEGATIVE],
    erodibility: Annotated[Array, "t h MJ-1 mm-1", NOT_NEGATIVE],
    slope_length: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness: Annotated[Array, "1", NOT_NEGATIVE],
    biological: Annotated[Array, "1", SHARE],
    engineering: Annotated[Array, "1", SHARE],
    tillage: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "t ha-1 a-1"]:
    """Soil kept in place by plants, works and tillage, by the Chinese equation (中国土壤流失方程).

    Symbols
    -------
    R : erosivity
    K : erodibility
    L : slope_length
    S : slope_steepness
    B : biological
    E : engineering
    T : tillage

    Notes
    -----
    M = R K L S B E T is the soil lost, Q_sr = R K L S - M = R K L S (1 - B E T). E is 1 without
    terraces and the like, T is 1 outside fields. What works keep (E) is not owed to ecosystems;
    the rules that were read do not take it out.

    Valid for
    ---------
    Water erosion of slopes; factors of the same equation, whose slope factor is
    `rusle.slope_steepness_factor_by_ten_degrees`.

    References
    ----------
    Chinese soil loss equation; recalled, not held against a text.

    Examples
    --------
    >>> retention_by_csle(
    ...     erosivity=8000, erodibility=0.005, slope_length=2, slope_steepness=3,
    ...     biological=0.5, engineering=0.5, tillage=0.5,
    ... )
    210.0
    """
    loss_share = biological * engineering * tillage
    return erosivity * erodibility * slope_length * slope_steepness * (1 - loss_share)
