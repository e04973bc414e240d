"""Pest control: area that heals without treatment (病虫害控制)."""

from typing import Annotated

from gep.units import Array


def self_healed_area(*, area: Annotated[Array, "ha"]) -> Annotated[Array, "ha"]:
    """Area that recovered from pests by itself (发生病虫害后自愈的面积).

    Symbols
    -------
    S : area

    Notes
    -----
    S = S. The paper takes the whole area of natural forest and natural grassland.

    Valid for
    ---------
    Forest and grassland.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), sections 2.4.9 and 3.2.9.

    Examples
    --------
    >>> self_healed_area(area=1580000)
    1580000
    """
    return area


def self_healed_share(*, share: Annotated[Array, "1"]) -> Annotated[Array, "1"]:
    """Share of an ecosystem's area that recovered from pests by itself (自愈面积比例).

    Symbols
    -------
    s : share

    Notes
    -----
    S = s A, the area applied once to the result.

    Valid for
    ---------
    Forest and grassland with a survey of pests.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.4.9.

    Examples
    --------
    >>> self_healed_share(share=0.495)
    0.495
    """
    return share
