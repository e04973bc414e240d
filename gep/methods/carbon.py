"""Carbon sequestration: the ways to a yearly amount of CO2 fixed, and the price base (固碳).

Each way is its own function: CO2 may follow net ecosystem production while oxygen follows net
primary production.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array

# Mass ratios from the molar masses 12 and 44 g/mol.
CO2_PER_CARBON = 44 / 12


def net_ecosystem_production(
    *,
    net_primary_production: Annotated[Array, "tC ha-1 a-1", NOT_NEGATIVE],
    respiration: Annotated[Array, "tC ha-1 a-1", NOT_NEGATIVE],
) -> Annotated[Array, "tC ha-1 a-1"]:
    """Net ecosystem production: primary production less respiration of the soil (净生态系统生产力).

    Symbols
    -------
    NPP : net_primary_production
    R_s, R_H : respiration

    Notes
    -----
    NEP = NPP - R_s, or NEP = NPP - R_H with heterotrophic respiration only; a source keeps its
    minus sign.

    Valid for
    ---------
    Both as carbon.

    References
    ----------
    National forest assets (doi 10.5846/stxb201606161172), section 1.2; NPP and Rh study (ChinaXiv
    202106.00081).

    Examples
    --------
    >>> net_ecosystem_production(net_primary_production=6.5, respiration=4)
    2.5
    """
    return net_primary_production - respiration


def net_ecosystem_production_by_share(
    *,
    net_primary_production: Annotated[Array, "tC ha-1 a-1", NOT_NEGATIVE],
    share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "tC ha-1 a-1"]:
    """Net ecosystem production as a share of net primary production (NEP与NPP换算).

    Symbols
    -------
    α : share
    NPP : net_primary_production

    Notes
    -----
    NEP = α NPP, NPP as carbon. With NPP as dry matter the form is α NPP 72/162
    (`vegetation.carbon_in_dry_matter`).

    Valid for
    ---------
    Provincial shares.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> net_ecosystem_production_by_share(net_primary_production=6.5, share=0.25)
    1.625
    """
    return share * net_primary_production


def carbon_rate(*, rate: Annotated[Array, "tC ha-1 a-1"]) -> Annotated[Array, "tC ha-1 a-1"]:
    """Yearly rate of carbon that an ecosystem fixes, as given (固碳速率, 净生态系统生产力).

    Symbols
    -------
    FCSR, GSR, SCSR, NEP : rate

    Notes
    -----
    C = rate × area, by ecosystem; the rate is net ecosystem production where that is what is known.

    Valid for
    ---------
    Rates by ecosystem and province, soil included where the rate holds it; net ecosystem production
    from towers, a model or a product.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.4.7, names the rate as a way; formula
    of rules recalled. Net ecosystem production: one way to carbon fixation in GB/T 46869-2025, A.7
    (read in a secondary source).

    Examples
    --------
    >>> carbon_rate(rate=0.9)
    0.9
    """
    return rate


def fixed_by_carbon(
    *, carbon: Annotated[Array, "tC ha-1 a-1"]
) -> Annotated[Array, "tCO2 ha-1 a-1"]:
    """Carbon dioxide fixed per hectare from carbon kept by the ecosystem (固碳量, 以CO2计).

    Symbols
    -------
    Q_CO2 : result
    NEP : carbon

    Notes
    -----
    Q_CO2 = (44/12) NEP

    Valid for
    ---------
    Carbon of any of the ways above.

    References
    ----------
    Molar masses; form of Chinese GEP rules.

    Examples
    --------
    >>> fixed_by_carbon(carbon=3)
    11.0
    """
    return carbon * CO2_PER_CARBON


def fixed_by_dry_matter(
    *,
    dry_matter: Annotated[Array, "t", NOT_NEGATIVE],
    ratio: Annotated[Array, "tCO2 t-1", NOT_NEGATIVE],
) -> Annotated[Array, "tCO2"]:
    """Carbon dioxide fixed in the dry matter grown in a year (固碳量, 干物质法).

    Symbols
    -------
    NPP, r : dry_matter, ratio

    Notes
    -----
    Q = r NPP, r = 1.63 (264/162 = 1.6296).

    Valid for
    ---------
    Net primary production as dry matter, not as carbon.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 3.

    Examples
    --------
    >>> round(fixed_by_dry_matter(dry_matter=6050.31, ratio=1.63), 2)
    9862.01
    """
    return dry_matter * ratio


def fixed_per_hectare_by_dry_matter(
    *,
    dry_matter: Annotated[Array, "t ha-1 a-1", NOT_NEGATIVE],
    ratio: Annotated[Array, "tCO2 t-1", NOT_NEGATIVE],
) -> Annotated[Array, "tCO2 ha-1 a-1"]:
    """Carbon dioxide fixed per hectare in a year's dry matter (单位面积固碳量, 干物质法).

    Symbols
    -------
    B, r : dry_matter, ratio

    Notes
    -----
    q = r B, r = 1.63; times 12/44 (27.27 %) it is carbon, as LY/T 1721 writes it.

    Valid for
    ---------
    Net primary production as dry matter, not as carbon.

    References
    ----------
    LY/T 1721-2008, carbon fixation of vegetation; read in papers that apply it.

    Examples
    --------
    >>> round(fixed_per_hectare_by_dry_matter(dry_matter=10, ratio=1.63), 2)
    16.3
    """
    return dry_matter * ratio


def stock_change(
    *,
    opening: Annotated[Array, "tC", NOT_NEGATIVE],
    closing: Annotated[Array, "tC", NOT_NEGATIVE],
    years: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "tCO2"]:
    """Carbon dioxide fixed in a year from two stocks of biomass carbon (生物量法).

    Symbols
    -------
    C_t1, C_t2 : opening, closing
    Δt : years

    Notes
    -----
    Q_CO2 = (C_t2 - C_t1) / Δt × 44/12

    Valid for
    ---------
    Two inventories of the same area.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> stock_change(opening=100, closing=115, years=5)
    11.0
    """
    return (closing - opening) / years * CO2_PER_CARBON


def price_per_co2(
    *, price: Annotated[Array, "CNY tCO2-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY tCO2-1"]:
    """Price of carbon dioxide as given (每吨CO2价格).

    Symbols
    -------
    P_c : price

    Notes
    -----
    P_c = P_c

    Valid for
    ---------
    Prices whose base is stated as CO2.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), Table 3.

    Examples
    --------
    >>> price_per_co2(price=380)
    380
    """
    return price


def carbon_price_per_co2(
    *, price: Annotated[Array, "CNY tC-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY tCO2-1"]:
    """Price of carbon dioxide from a price per tonne of carbon (由每吨碳价格折算).

    Symbols
    -------
    C_C : price

    Notes
    -----
    P_c = C_C × 12/44

    Valid for
    ---------
    Prices whose base is stated as carbon, such as 1200 CNY/tC.

    References
    ----------
    Molar masses; Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 3, prices CO2 so.

    Examples
    --------
    >>> round(carbon_price_per_co2(price=1200), 2)
    327.27
    """
    return price / CO2_PER_CARBON
