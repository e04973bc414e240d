"""Numbers computed elsewhere and handed on (已核算或直接给定的量).

Owns one identity per kind of quantity, because units are declared; which quantity it is, the
standard's step says.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, SHARE, Array


def mass(*, mass: Annotated[Array, "t"]) -> Annotated[Array, "t"]:
    """Mass from statistics or as computed elsewhere: soil, sand, oxygen, pollutants (已核算的质量).

    Symbols
    -------
    A_s, Q_f, Q_o, Q : mass

    Notes
    -----
    Q = Q. Pollutants purified, taken as what is emitted: Q = E, so more pollution counts as more
    service.

    Valid for
    ---------
    Results of a documented computation, or statistics, of the same year and region. Emission for
    purification: regions that emit no more than their ecosystems can take up.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), sections 3.2.2 (soil), 3.2.3 (sand) and
    3.2.7 (oxygen), which print only totals; 2.4.5 and 3.2.5 (air), 2.4.6 and 3.2.6 (water):
    purified as emitted.

    Examples
    --------
    >>> mass(mass=38.86)
    38.86
    """
    return mass


def volume(*, volume: Annotated[Array, "m3"]) -> Annotated[Array, "m3"]:
    """Volume of water from statistics or computed elsewhere (已核算的水量).

    Symbols
    -------
    Q_w, C, Q_p : volume

    Notes
    -----
    Q = Q

    Valid for
    ---------
    Results of a documented computation, or the water bulletin, of the same year and region.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 1 (water used by purpose), section 3.2.4
    (flood storage) and Table 3 (water retained), which prints only the totals.

    Examples
    --------
    >>> volume(volume=321.49)
    321.49
    """
    return volume


def energy(*, energy: Annotated[Array, "kWh", NOT_NEGATIVE]) -> Annotated[Array, "kWh"]:
    """Electricity from statistics or computed elsewhere (发电量, 已核算的折合电量).

    Symbols
    -------
    Q_e, E : energy

    Notes
    -----
    Q = Q

    Valid for
    ---------
    Hydropower of the yearbook; electricity that cooling and humidifying save, from a documented
    computation of the same year and region.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.3 (3) and Table 3.

    Examples
    --------
    >>> energy(energy=95.3)
    95.3
    """
    return energy


def depth(*, depth: Annotated[Array, "mm", NOT_NEGATIVE]) -> Annotated[Array, "mm"]:
    """Depth of water as observed, modelled or assumed (水深, 径流深, 直接给定).

    Symbols
    -------
    R, H : depth

    Notes
    -----
    R = R for runoff; C_m = H S for a marsh, H = 0.3 m.
    The second is 0.3 S 10⁶ with S in km2, so in m3; the paper labels it 10⁴ m3, which its own
    result disproves.

    Valid for
    ---------
    Depths per ecosystem type and year; 0.3 m is what the paper takes for marshes.

    References
    ----------
    HJ 1173-2021, equation A.1 (runoff); Garzê GEP 2010 (doi 10.5846/stxb201607011362), equation 9,
    unit corrected (marshes).

    Examples
    --------
    >>> depth(depth=80)
    80
    """
    return depth


def area(*, area: Annotated[Array, "ha", NOT_NEGATIVE]) -> Annotated[Array, "ha"]:
    """Area from a survey: recovered from pests by itself (发生病虫害后自愈的面积).

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
    >>> area(area=1580000)
    1580000
    """
    return area


def share(*, share: Annotated[Array, "1", SHARE]) -> Annotated[Array, "1"]:
    """Share or factor from a survey or a table: area healed, cover factor (比例或因子, 直接给定).

    Symbols
    -------
    s, C : share

    Notes
    -----
    C = C for a cover factor; S = s A for the area healed from pests, the area applied once to the
    result.

    Valid for
    ---------
    Shares of forest and grassland with a survey of pests; cover factors between 0 and 1 of the same
    ecosystem types.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 2.4.9 (pests); HJ 1173-2021, section A.2:
    cover factors of paddy, wetland, town and desert are constants.

    Examples
    --------
    >>> share(share=0.495)
    0.495
    """
    return share


def mass_rate(
    *, rate: Annotated[Array, "t ha-1 a-1", NOT_NEGATIVE]
) -> Annotated[Array, "t ha-1 a-1"]:
    """Mass per hectare and year, measured or modelled (单位面积质量, 直接给定).

    Symbols
    -------
    Q, NPP, B : rate

    Notes
    -----
    Q_sr = Q for soil; NPP = NPP as dry matter, not carbon.

    Valid for
    ---------
    Rates of the same ecosystem type.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), section 4.7 (soil) and Table 1 (dry
    matter).

    Examples
    --------
    >>> mass_rate(rate=2985.4)
    2985.4
    """
    return rate


def carbon_dioxide(*, carbon_dioxide: Annotated[Array, "tCO2"]) -> Annotated[Array, "tCO2"]:
    """Carbon dioxide fixed, as computed elsewhere (已核算的固碳量).

    Symbols
    -------
    Q_c : carbon_dioxide

    Notes
    -----
    Q_c = Q_c

    Valid for
    ---------
    Results of a documented computation of the same year and region.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 3.2.7, prints only the total.

    Examples
    --------
    >>> carbon_dioxide(carbon_dioxide=0.31)
    0.31
    """
    return carbon_dioxide


def visits(*, visits: Annotated[Array, "visit", NOT_NEGATIVE]) -> Annotated[Array, "visit"]:
    """All visits of the tourism statistics (旅游总人次).

    Symbols
    -------
    N : visits

    Notes
    -----
    N = N

    Valid for
    ---------
    Accounts that count every visit as one to nature.

    References
    ----------
    Garzê GEP 2010 (doi 10.5846/stxb201607011362), section 3.3.

    Examples
    --------
    >>> visits(visits=358.68)
    358.68
    """
    return visits


def erodibility(
    *, erodibility: Annotated[Array, "t h MJ-1 mm-1", NOT_NEGATIVE]
) -> Annotated[Array, "t h MJ-1 mm-1"]:
    """Soil erodibility from a map or a survey (土壤可蚀性因子, 直接给定).

    Symbols
    -------
    K : erodibility

    Notes
    -----
    K = K, in the SI unit; in the US customary unit numbers are 7.6 times as large.

    Valid for
    ---------
    Soil of the same ecosystem type.

    References
    ----------
    HJ 1173-2021, equation A.3.

    Examples
    --------
    >>> erodibility(erodibility=0.03)
    0.03
    """
    return erodibility


def erosivity(
    *, erosivity: Annotated[Array, "MJ mm ha-1 h-1 a-1", NOT_NEGATIVE]
) -> Annotated[Array, "MJ mm ha-1 h-1 a-1"]:
    """Rainfall erosivity from a map or a model of days (降雨侵蚀力因子, 直接给定).

    Symbols
    -------
    R : erosivity

    Notes
    -----
    R = R

    Valid for
    ---------
    Means of many years, or the year, by the method that the soil erodibility beside it asks for.

    References
    ----------
    HJ 1173-2021, equation A.3.

    Examples
    --------
    >>> erosivity(erosivity=7000)
    7000
    """
    return erosivity


def weather_factor(
    *, weather: Annotated[Array, "kg m-1", NOT_NEGATIVE]
) -> Annotated[Array, "kg m-1"]:
    """Weather factor of wind erosion, summed over the months (风蚀气候因子, 直接给定).

    Symbols
    -------
    WF : weather

    Notes
    -----
    WF = WF

    Valid for
    ---------
    Sums of twelve months of the year, or of a mean year.

    References
    ----------
    HJ 1173-2021, equations A.15 and A.17.

    Examples
    --------
    >>> weather_factor(weather=12.5)
    12.5
    """
    return weather
