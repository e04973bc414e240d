"""The method of one published account, whose prices are in US dollars."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


def value_by_share(
    *,
    energy: Annotated[Array, "GWh", NOT_NEGATIVE],
    price: Annotated[Array, "USD GWh-1", NOT_NEGATIVE],
    share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "USD"]:
    """Value of energy that nature contributes (资源租金份额法).

    Notes
    -----
    V = Q P s

    References
    ----------
    https://github.com/jacob-harr/gep_renewable_energy_production, commit 958d07a.
    """
    return energy * price * share
