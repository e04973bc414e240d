"""Contingent valuation of one paper: what households would pay."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def households(
    *,
    people: Annotated[Array, "person", NOT_NEGATIVE],
    size: Annotated[Array, "person", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Number of households (户数).

    Notes
    -----
    H = N / n

    References
    ----------
    ChinaXiv:201803.01073 (doi 10.5846/stxb201702110236), section 4.
    """
    return people / size


def yearly_willingness(
    *, willingness: Annotated[Array, "CNY a-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY a-1"]:
    """Willingness to pay of a household and year (年支付意愿); its unit makes a month a year.

    References
    ----------
    ChinaXiv:201803.01073 (doi 10.5846/stxb201702110236), Table 6.
    """
    return willingness


def value_of_willingness(
    *,
    willingness: Annotated[Array, "CNY a-1", NOT_NEGATIVE],
    households: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Value as the willingness to pay of all households (支付意愿总值).

    Notes
    -----
    V = W H

    References
    ----------
    ChinaXiv:201803.01073 (doi 10.5846/stxb201702110236), section 4.
    """
    return willingness * households
