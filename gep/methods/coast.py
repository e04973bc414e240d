"""Coastal protection: shore that spares a sea wall (海岸带防护)."""

from typing import Annotated

from gep.units import Array


def protecting_shore(
    *, length: Annotated[Array, "km"], protecting_share: Annotated[Array, "1"]
) -> Annotated[Array, "km"]:
    """Length of shore that mangrove, reef, salt marsh or forest protects (受生态系统防护的海岸长度).

    Symbols
    -------
    D : result
    L, s : length, protecting_share

    Notes
    -----
    D = L s

    Valid for
    ---------
    Coasts; the share is 1 where the length already counts only protecting shore.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> protecting_shore(length=120, protecting_share=0.25)
    30.0
    """
    return length * protecting_share
