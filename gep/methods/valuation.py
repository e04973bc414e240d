"""Valuation: an amount times what one unit of it is worth (价值量核算).

Owns the products of a physical quantity and a price, one function per kind of quantity, because
units are declared on the method, and the ways to turn a building cost into a price.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


def reported_value(*, value: Annotated[Array, "CNY"]) -> Annotated[Array, "CNY"]:
    """Value that the statistics or the source give, unchanged (直接采用的价值量).

    Symbols
    -------
    V : value

    Notes
    -----
    V = V

    Valid for
    ---------
    Money of the accounting year; the price concept is that of the source.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.3 (1): net output value of farming,
    forestry, husbandry and fishery.

    Examples
    --------
    >>> reported_value(value=12.2875)
    12.2875
    """
    return value


def mass_value(
    *, mass: Annotated[Array, "t"], price: Annotated[Array, "CNY t-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of a mass at a price or cost per tonne (市场价值法, 替代成本法, 防治费用法).

    Symbols
    -------
    Q : mass
    P : price

    Notes
    -----
    V = Q P

    Valid for
    ---------
    Products, pollutants, nutrients, oxygen; not for CO2 or carbon, whose prices have units of their
    own.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equations 5 and 11, sections 2.4.5 and 2.4.6.

    Examples
    --------
    >>> mass_value(mass=1137, price=1200)
    1364400
    """
    return mass * price


def volume_value(
    *, volume: Annotated[Array, "m3"], price: Annotated[Array, "CNY m-3", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of a volume at a price or cost per cubic metre (市场价值法, 影子工程法).

    Symbols
    -------
    Q_p, Q_w, C : volume
    P_p, P_w, P_s : price

    Notes
    -----
    V = Q P

    Valid for
    ---------
    Water used, water retained, flood storage, silt kept out of reservoirs.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equations 1, 3, 4 and 10.

    Examples
    --------
    >>> round(volume_value(volume=321.49e8, price=7.06) / 1e8, 4)
    2269.7194
    """
    return volume * price


def energy_value(
    *, energy: Annotated[Array, "kWh"], price: Annotated[Array, "CNY kWh-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of electricity made or saved at the electricity price (电价).

    Symbols
    -------
    E : energy
    c : price

    Notes
    -----
    V = E c

    Valid for
    ---------
    Hydropower; electricity that cooling and humidifying would take.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.3 (3), equations 12 and 13.

    Examples
    --------
    >>> round(energy_value(energy=1272.35e8, price=0.53) / 1e8, 4)
    674.3455
    """
    return energy * price


def carbon_dioxide_value(
    *, carbon_dioxide: Annotated[Array, "tCO2"], price: Annotated[Array, "CNY tCO2-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of carbon dioxide fixed (固碳价值).

    Symbols
    -------
    Q_c : carbon_dioxide
    P_c : price

    Notes
    -----
    V = Q_c P_c

    Valid for
    ---------
    Prices per tonne of CO2. A price per tonne of carbon is 44/12 times as high:
    `carbon_price_per_co2`.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 11.

    Examples
    --------
    >>> carbon_dioxide_value(carbon_dioxide=100, price=380)
    38000
    """
    return carbon_dioxide * price


def carbon_value(
    *, carbon: Annotated[Array, "tC"], price: Annotated[Array, "CNY tC-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of carbon fixed, at a price per tonne of carbon (固碳价值, 以碳计).

    Symbols
    -------
    G_C : carbon
    C_C : price

    Notes
    -----
    U = G_C C_C

    Valid for
    ---------
    Prices per tonne of carbon, such as the 1200 CNY of the LY/T 1721-2008 price table.

    References
    ----------
    LY/T 1721-2008, carbon fixation value; recalled, not held against the text.

    Examples
    --------
    >>> carbon_value(carbon=10, price=1200)
    12000
    """
    return carbon * price


def area_value(
    *, area: Annotated[Array, "ha"], price: Annotated[Array, "CNY ha-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of an area at a cost or income per hectare (面积乘单位面积费用).

    Symbols
    -------
    S : area
    P, P_f : price

    Notes
    -----
    V = S P

    Valid for
    ---------
    Pest control, control of sandy land, land kept from being abandoned.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 6 and section 2.4.9.

    Examples
    --------
    >>> area_value(area=1580000, price=375)
    592500000
    """
    return area * price


def length_value(
    *, length: Annotated[Array, "km"], price: Annotated[Array, "CNY km-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of a length at a cost per kilometre (长度乘单位长度费用).

    Symbols
    -------
    L : length
    P : price

    Notes
    -----
    V = L P

    Valid for
    ---------
    Sea walls that a protecting shore replaces, sound walls that a tree belt replaces.

    References
    ----------
    Recalled form of coastal protection in Chinese GEP rules and of noise in LY/T 1721-2008; not
    held against a text.

    Examples
    --------
    >>> length_value(length=2.5, price=400000)
    1000000.0
    """
    return length * price


def visit_value(
    *, visits: Annotated[Array, "visit"], price: Annotated[Array, "CNY visit-1", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Value of visits at an amount per visit (人次乘单次价值).

    Symbols
    -------
    N : visits
    TC : price

    Notes
    -----
    V = N TC

    Valid for
    ---------
    Travel cost or spending per visit.

    References
    ----------
    Travel cost form recalled from Chinese GEP rules; visits as the quantity: Garzê GEP 2010, Table
    3.

    Examples
    --------
    >>> visit_value(visits=1000, price=850)
    850000
    """
    return visits * price


def one_off_cost(
    *, construction_cost: Annotated[Array, "CNY m-3", NOT_NEGATIVE]
) -> Annotated[Array, "CNY m-3"]:
    """Cost of building a cubic metre of reservoir, against one year's flow (一次性工程造价).

    Symbols
    -------
    P_w : construction_cost

    Notes
    -----
    P = P_w. A yearly flow times a whole building cost values the dam anew each year;
    `annualised_cost` does not.

    Valid for
    ---------
    Accounts that follow the papers of the RCEES group.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equations 3 and 10.

    Examples
    --------
    >>> one_off_cost(construction_cost=7.06)
    7.06
    """
    return construction_cost


def annualised_cost(
    *,
    construction_cost: Annotated[Array, "CNY m-3", NOT_NEGATIVE],
    depreciation_rate: Annotated[Array, "1", SHARE],
    operation_cost: Annotated[Array, "CNY m-3", NOT_NEGATIVE],
) -> Annotated[Array, "CNY m-3"]:
    """Yearly cost of a cubic metre of reservoir: depreciation and running (年化库容成本).

    Symbols
    -------
    C_we : construction_cost
    D_r : depreciation_rate
    C_wo : operation_cost

    Notes
    -----
    P = C_we D_r + C_wo, with D_r a share per year (1 / service life when straight-line).

    Valid for
    ---------
    Water retention and flood storage by replacement cost.

    References
    ----------
    Form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> round(annualised_cost(construction_cost=20, depreciation_rate=0.02, operation_cost=0.1), 6)
    0.5
    """
    return construction_cost * depreciation_rate + operation_cost
