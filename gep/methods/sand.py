"""Sand fixation: the loss to wind and the sand kept in place (防风固沙).

The factors of the equation are in `rweq`, the area of land that corresponds to the sand in `land`.
"""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array

# HJ 1173-2021 A.15 and A.16: largest transport (kg/m), critical field length (m) and its exponent.
TRANSPORT, FIELD_LENGTH, LENGTH_EXPONENT = 109.8, 150.71, -0.3711
# Closed form of later rules: a coefficient that holds for one ratio of z to the field length, and
# its exponent.
CLOSED_COEFFICIENT, CLOSED_EXPONENT = 0.1699, 1.3711


def wind_erosion(
    *,
    weather: Annotated[Array, "kg m-1", NOT_NEGATIVE],
    erodible_fraction: Annotated[Array, "1", SHARE],
    crust: Annotated[Array, "1", SHARE],
    roughness: Annotated[Array, "1", SHARE],
    cover: Annotated[Array, "1", SHARE],
    distance: Annotated[Array, "m", NOT_NEGATIVE],
) -> Annotated[Array, "kg m-2"]:
    """Soil lost to wind in a year; potential with a cover factor of 1 (风力侵蚀量).

    Symbols
    -------
    S_L : result
    WF, EF, SCF, K', C : weather, erodible_fraction, crust, roughness, cover
    z : distance

    Notes
    -----
    X = WF EF SCF K' C; Q_max = 109.8 X; S = 150.71 X^-0.3711; S_L = (2 z / S²) Q_max exp[-(z/S)²].
    The formula gives kg/m2; the clause prints t/(km2 a), which is a thousand times as small a unit.

    Valid for
    ---------
    X above 0; z, the distance of the largest wind erosion, is not given by the clause.

    References
    ----------
    HJ 1173-2021, equations A.15 and A.16.

    Examples
    --------
    >>> erosion = wind_erosion(
    ...     weather=20, erodible_fraction=0.5, crust=0.4, roughness=0.6, cover=1, distance=50
    ... )
    >>> round(float(erosion), 4)
    1.7996
    """
    return _loss(weather * erodible_fraction * crust * roughness * cover, distance)


def _loss(drive: Array, distance: Array) -> Array:
    length = FIELD_LENGTH * drive**LENGTH_EXPONENT
    return 2 * distance / length**2 * (TRANSPORT * drive) * np.exp(-((distance / length) ** 2))


def retention_by_rweq(
    *,
    weather: Annotated[Array, "kg m-1", NOT_NEGATIVE],
    erodible_fraction: Annotated[Array, "1", SHARE],
    crust: Annotated[Array, "1", SHARE],
    roughness: Annotated[Array, "1", SHARE],
    cover: Annotated[Array, "1", SHARE],
    distance: Annotated[Array, "m", NOT_NEGATIVE],
) -> Annotated[Array, "kg m-2"]:
    """Sand kept in place: potential less actual loss to wind (防风固沙量).

    Symbols
    -------
    SR : result
    WF, EF, SCF, K', C : weather, erodible_fraction, crust, roughness, cover
    z : distance

    Notes
    -----
    SR = S_L(C = 1) - S_L(C), in kg/m2 (see `wind_erosion` on the printed unit).

    Valid for
    ---------
    Dry and sandy land with a weather factor above 0.

    References
    ----------
    HJ 1173-2021, equations A.14 to A.16.

    Examples
    --------
    >>> retained = retention_by_rweq(
    ...     weather=20, erodible_fraction=0.5, crust=0.4, roughness=0.6, cover=0.5, distance=50
    ... )
    >>> round(float(retained), 4)
    1.2141
    """
    drive = weather * erodible_fraction * crust * roughness
    return _loss(drive, distance) - _loss(drive * cover, distance)


def retention_by_rweq_closed_form(
    *,
    weather: Annotated[Array, "kg m-1", NOT_NEGATIVE],
    erodible_fraction: Annotated[Array, "1", SHARE],
    crust: Annotated[Array, "1", SHARE],
    roughness: Annotated[Array, "1", SHARE],
    cover: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "kg m-2"]:
    """Sand kept in place, closed form for a fixed ratio of lengths (防风固沙量, 简化式).

    Symbols
    -------
    SR : result
    WF, EF, SCF, K', C : weather, erodible_fraction, crust, roughness, cover

    Notes
    -----
    SR = 0.1699 (WF EF SCF K')^1.3711 (1 - C^1.3711). Agrees with HJ 1173 only where z is 0.118 or
    1.62 of S.

    Valid for
    ---------
    Rules that print this form.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> round(retention_by_rweq_closed_form(
    ...     weather=20, erodible_fraction=0.5, crust=0.4, roughness=0.6, cover=0.5), 4)
    0.3461
    """
    drive = weather * erodible_fraction * crust * roughness
    return CLOSED_COEFFICIENT * drive**CLOSED_EXPONENT * (1 - cover**CLOSED_EXPONENT)
