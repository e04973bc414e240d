"""The rate of carbon and oxygen of one paper, which prices carbon dioxide per tonne."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def carbon_and_oxygen(
    *,
    npp: Annotated[Array, "t hm-2 a-1", NOT_NEGATIVE],
    price_carbon: Annotated[Array, "CNY tCO2-1", NOT_NEGATIVE],
    price_oxygen: Annotated[Array, "CNY t-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY hm-2 a-1"]:
    """Value of carbon dioxide fixed and oxygen released by a hectare (光合作用方程式).

    Notes
    -----
    V = NPP (1.63 P_c + 1.20 P_o)

    References
    ----------
    ChinaXiv:201802.00042 (doi 10.5846/stxb201612012472), section 2.2.2.
    """
    return npp * (1.63 * price_carbon + 1.20 * price_oxygen)
