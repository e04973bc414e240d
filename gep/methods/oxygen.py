"""Oxygen release: the ways to a yearly amount of O2 released (释氧).

Oxygen keeps a base of its own; a standard's switch says whether it follows production or the CO2
fixed.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array

# Mass ratios from the molar masses 12, 32 and 44 g/mol.
O2_PER_CO2 = 32 / 44
O2_PER_CARBON = 32 / 12


def oxygen_by_carbon_dioxide(*, carbon_dioxide: Annotated[Array, "tCO2"]) -> Annotated[Array, "t"]:
    """Oxygen released with the carbon dioxide fixed (释氧量, 按固碳量折算).

    Symbols
    -------
    Q_O2 : result
    Q_CO2 : carbon_dioxide

    Notes
    -----
    Q_O2 = (32/44) Q_CO2

    Valid for
    ---------
    Rules that tie oxygen to the CO2 fixed.

    References
    ----------
    Molar masses; form of Chinese GEP rules since 2020, recalled.

    Examples
    --------
    >>> round(oxygen_by_carbon_dioxide(carbon_dioxide=11), 6)
    8.0
    """
    return carbon_dioxide * O2_PER_CO2


def oxygen_by_primary_production(
    *, net_primary_production: Annotated[Array, "tC ha-1 a-1", NOT_NEGATIVE]
) -> Annotated[Array, "t ha-1 a-1"]:
    """Oxygen released per hectare with the primary production (释氧量, 按净初级生产力).

    Symbols
    -------
    NPP : net_primary_production

    Notes
    -----
    Q_O2 = (32/12) NPP, NPP as carbon; the same as 192/162 (1.19) times dry matter.

    Valid for
    ---------
    Accounts whose CO2 follows NEP or a rate while O2 follows NPP.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.4.7; ratio from molar masses.

    Examples
    --------
    >>> oxygen_by_primary_production(net_primary_production=3)
    8.0
    """
    return net_primary_production * O2_PER_CARBON


def oxygen_per_hectare_by_dry_matter(
    *,
    dry_matter: Annotated[Array, "t ha-1 a-1", NOT_NEGATIVE],
    ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "t ha-1 a-1"]:
    """Oxygen released per hectare with the dry matter grown in a year (单位面积释氧量, 干物质法).

    Symbols
    -------
    B, r : dry_matter, ratio

    Notes
    -----
    q = r B, r = 1.19

    Valid for
    ---------
    Net primary production as dry matter.

    References
    ----------
    LY/T 1721-2008, oxygen release; read in papers that apply it. One program prints 1.91, a
    misprint.

    Examples
    --------
    >>> round(oxygen_per_hectare_by_dry_matter(dry_matter=10, ratio=1.19), 2)
    11.9
    """
    return dry_matter * ratio
