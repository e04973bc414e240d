"""Carbon sequestration: the ways to a yearly amount of CO2 fixed, and the price base (固碳).

Each way is its own function: CO2 may follow net ecosystem production while oxygen follows net
primary production.
"""

from typing import Annotated

import numpy as np

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


def density_change(
    *,
    opening: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
    closing: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
    years: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "tCO2 ha-1 a-1"]:
    """Carbon dioxide fixed per hectare and year from two densities of carbon (碳密度变化).

    Symbols
    -------
    c_t1, c_t2 : opening, closing
    Δt : years

    Notes
    -----
    q_CO2 = (c_t2 - c_t1) / Δt × 44/12. What is lost is negative.

    Valid for
    ---------
    Two densities of one place, of the same pools; that of a class of land changes where the class
    changes, and at once, which soil does not.

    References
    ----------
    Form of `stock_change` per hectare; InVEST's carbon model subtracts two maps so, in carbon and
    not by year (read in its program, natcap/invest, carbon.py).

    Examples
    --------
    >>> density_change(opening=100, closing=115, years=5)
    11.0
    """
    return (closing - opening) / years * CO2_PER_CARBON


def density_of_pools(
    *,
    above_ground: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
    below_ground: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
    soil: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
    dead_matter: Annotated[Array, "tC ha-1", NOT_NEGATIVE],
) -> Annotated[Array, "tC ha-1"]:
    """Carbon per hectare of a class of land in its four pools (碳密度, 四个碳库).

    Symbols
    -------
    C_above, C_below : above_ground, below_ground
    C_soil, C_dead : soil, dead_matter

    Notes
    -----
    C = C_above + C_below + C_soil + C_dead; a stock is C times the area.

    Valid for
    ---------
    Densities by class of land and region, as carbon, soil to one depth in all classes.

    References
    ----------
    InVEST, carbon storage: read in its program (natcap/invest, carbon.py).

    Examples
    --------
    >>> density_of_pools(above_ground=60, below_ground=15, soil=95, dead_matter=5)
    175
    """
    return above_ground + below_ground + soil + dead_matter


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


def heterotrophic_respiration(
    *, temperature: Annotated[Array, "degC"], rainfall: Annotated[Array, "mm", NOT_NEGATIVE]
) -> Annotated[Array, "gC m-2"]:
    """Carbon that soil microbes respire in a month, from its weather (土壤微生物呼吸, 按月).

    Symbols
    -------
    R_H : result
    T : temperature
    P : rainfall

    Notes
    -----
    R_H = 0.22 [exp(0.0912 T) + ln(0.3145 P + 1)] 30 46.5 %. 30 are the days of a month, 46.5 % is
    printed with no word of what it stands for. Sum it over the months and convert gC/m2 to tC/ha.

    Valid for
    ---------
    Months with mean temperature and sum of rain. The regression comes from the arid northwest of
    China; for Jiangxi, far outside its rain, it is a formula without evidence.

    References
    ----------
    NPP and Rh study (ChinaXiv 202106.00081), section 1.3.3.

    Examples
    --------
    >>> round(float(heterotrophic_respiration(temperature=20, rainfall=100)), 3)
    29.697
    """
    days, share = 30, 0.465
    return 0.22 * (np.exp(0.0912 * temperature) + np.log(0.3145 * rainfall + 1)) * days * share


def stock_by_volume(
    *,
    volume: Annotated[Array, "m3", NOT_NEGATIVE],
    wood_density: Annotated[Array, "t m-3", NOT_NEGATIVE],
    expansion_factor: Annotated[Array, "1", NOT_NEGATIVE],
    root_ratio: Annotated[Array, "1", NOT_NEGATIVE],
    carbon_fraction: Annotated[Array, "tC t-1", NOT_NEGATIVE],
) -> Annotated[Array, "tC"]:
    """Carbon in living trees from the volume of their stems (森林碳储量, 生物量扩展因子法).

    Symbols
    -------
    V : volume
    D : wood_density
    BEF : expansion_factor
    R : root_ratio
    CF : carbon_fraction

    Notes
    -----
    C = V D BEF (1 + R) CF. With the stocks of two inventories `stock_change` gives the yearly
    amount of CO2.

    Valid for
    ---------
    Stocks by tree species or group (a key), from forest inventories; trees only, no soil, litter
    or undergrowth.

    References
    ----------
    IPCC volume method; recalled, read in programs that implement it.

    Examples
    --------
    >>> round(stock_by_volume(
    ...     volume=1000, wood_density=0.5, expansion_factor=1.4, root_ratio=0.25,
    ...     carbon_fraction=0.47), 3)
    411.25
    """
    return volume * wood_density * expansion_factor * (1 + root_ratio) * carbon_fraction


def stock_by_volume_with_undergrowth_and_soil(
    *,
    volume: Annotated[Array, "m3", NOT_NEGATIVE],
    expansion_factor: Annotated[Array, "1", NOT_NEGATIVE],
    wood_density: Annotated[Array, "t m-3", NOT_NEGATIVE],
    carbon_fraction: Annotated[Array, "tC t-1", NOT_NEGATIVE],
    undergrowth_ratio: Annotated[Array, "1", NOT_NEGATIVE],
    soil_ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "tC"]:
    """Carbon in trees, undergrowth and soil from the volume of stems (森林蓄积量扩展法).

    Symbols
    -------
    V : volume
    δ, ρ, γ : expansion_factor, wood_density, carbon_fraction
    α, β : undergrowth_ratio, soil_ratio

    Notes
    -----
    C = V δ ρ γ (1 + α + β). Soil follows the trees in this form, so a growth of the trees counts
    as a growth of the soil, which nobody has measured.

    Valid for
    ---------
    Stocks of a forest inventory.

    References
    ----------
    Volume expansion method of Chinese forest carbon studies (δ 1.90, ρ 0.5, γ 0.5, α 0.195, β 1.244
    in use); recalled, not held against a text.

    Examples
    --------
    >>> round(stock_by_volume_with_undergrowth_and_soil(
    ...     volume=1000, expansion_factor=1.9, wood_density=0.5, carbon_fraction=0.5,
    ...     undergrowth_ratio=0.195, soil_ratio=1.244), 3)
    1158.525
    """
    trees = volume * expansion_factor * wood_density * carbon_fraction
    return trees * (1 + undergrowth_ratio + soil_ratio)


def stock_by_linear_biomass(
    *,
    volume: Annotated[Array, "m3 ha-1", NOT_NEGATIVE],
    slope: Annotated[Array, "t m-3", NOT_NEGATIVE],
    intercept: Annotated[Array, "t ha-1"],
    carbon_fraction: Annotated[Array, "tC t-1", NOT_NEGATIVE],
) -> Annotated[Array, "tC ha-1"]:
    """Carbon per hectare of forest by a straight line of biomass on volume (转换因子连续函数法).

    Symbols
    -------
    V : volume
    a, b : slope, intercept
    CF : carbon_fraction

    Notes
    -----
    C = (a V + b) CF. Where V is 0 it gives b CF, so it holds for stands only.

    Valid for
    ---------
    Stands by forest type, with the a and b of the type.

    References
    ----------
    Continuous biomass expansion factor of Chinese forest inventories; recalled, not held against a
    text.

    Examples
    --------
    >>> round(stock_by_linear_biomass(volume=80, slope=0.5, intercept=20, carbon_fraction=0.5), 6)
    30.0
    """
    return (slope * volume + intercept) * carbon_fraction


def forest_rate_with_soil(
    *,
    rate: Annotated[Array, "tC ha-1 a-1"],
    soil_ratio: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "tC ha-1 a-1"]:
    """Yearly rate of carbon that forest fixes, soil by a ratio (森林固碳速率, 含土壤).

    Symbols
    -------
    FCSR : rate
    β : soil_ratio

    Notes
    -----
    r = FCSR (1 + β); C = r SF

    Valid for
    ---------
    Rates of the vegetation of forest by province.

    References
    ----------
    Fixed rate method of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> forest_rate_with_soil(rate=0.8, soil_ratio=0.5)
    1.2000000000000002
    """
    return rate * (1 + soil_ratio)


def cropland_rate(
    *,
    base_rate: Annotated[Array, "tC ha-1 a-1"],
    fertiliser_rate: Annotated[Array, "tC ha-1 a-1"],
    straw_rate: Annotated[Array, "tC ha-1 a-1"],
    straw_share: Annotated[Array, "1", SHARE],
) -> Annotated[Array, "tC ha-1 a-1"]:
    """Yearly rate of carbon that the soil of fields fixes, by what is put on it (农田土壤固碳速率).

    Symbols
    -------
    BSS : base_rate
    SCSR_N : fertiliser_rate
    SCSR_S : straw_rate
    PR : straw_share

    Notes
    -----
    r = BSS + SCSR_N + PR SCSR_S; C = r SC. BSS is the rate without fertiliser and straw, and may be
    negative.

    Valid for
    ---------
    Fields; PR is the share of fields whose straw returns to the soil.

    References
    ----------
    Fixed rate method of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> cropland_rate(base_rate=-0.5, fertiliser_rate=0.25, straw_rate=0.5, straw_share=0.75)
    0.125
    """
    return base_rate + fertiliser_rate + straw_share * straw_rate
