"""Ratios of transfers, as a paper prints them."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def mean_of_counties(
    *,
    funds: Annotated[Array, "10^4 CNY", NOT_NEGATIVE],
    counties: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "10^4 CNY"]:
    """Mean transfer of a county (县均转移支付).

    Notes
    -----
    m = T / n
    """
    return funds / counties


def share_of_funds(
    *,
    part: Annotated[Array, "10^4 CNY", NOT_NEGATIVE],
    whole: Annotated[Array, "10^4 CNY", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Share of a class in the transfers (占比).

    Notes
    -----
    s = T_i / T
    """
    return part / whole
