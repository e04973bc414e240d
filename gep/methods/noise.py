"""Noise reduction by belts of trees (噪声消减)."""

from typing import Annotated

from gep.units import Array


def sound_wall_equivalent(
    *, length: Annotated[Array, "km"], wall_share: Annotated[Array, "1"]
) -> Annotated[Array, "km"]:
    """Length of sound wall that tree belts along roads and railways replace (折合隔音墙长度).

    Symbols
    -------
    A : result
    L, s : length, wall_share

    Notes
    -----
    A = L s; the value is A times the cost of a kilometre of sound wall (`valuation.length_value`).

    Valid for
    ---------
    Belts beside traffic lines.

    References
    ----------
    LY/T 1721-2008, noise reduction; recalled, not held against the text.

    Examples
    --------
    >>> sound_wall_equivalent(length=80, wall_share=0.5)
    40.0
    """
    return length * wall_share
