"""Recreation: visits owed to nature and what people give up for them (旅游康养, 景观游憩).

Owns also leisure near home and what landscape adds to the price of houses and rooms.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, PAY, SHARE, Array


def nature_visits(
    *, visits: Annotated[Array, "visit", NOT_NEGATIVE], nature_share: Annotated[Array, "1", SHARE]
) -> Annotated[Array, "visit"]:
    """Visits owed to nature (自然景观旅游人次).

    Symbols
    -------
    N : result
    n, s : visits, nature_share

    Notes
    -----
    N = n s

    Valid for
    ---------
    All visitors of the statistics, with the share that came for ecosystems; 1 counts all.

    References
    ----------
    Share of nature in tourism: form of Chinese GEP rules since 2020; recalled, not held against the
    text.

    Examples
    --------
    >>> nature_visits(visits=3586800, nature_share=0.5)
    1793400.0
    """
    return visits * nature_share


def travel_cost(
    *,
    trip_time: Annotated[Array, "h visit-1", NOT_NEGATIVE],
    wage: Annotated[Array, "CNY h-1", PAY],
    time_value_share: Annotated[Array, "1", NOT_NEGATIVE],
    direct_cost: Annotated[Array, "CNY visit-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY visit-1"]:
    """Travel cost of one visit: time and direct spending (单次旅行费用).

    Symbols
    -------
    T : trip_time
    W, s : wage, time_value_share
    C : direct_cost

    Notes
    -----
    TC = T s W + C, s the share of the wage at which time is valued (1 in rules, 0.3 in a wetland
    study).

    Valid for
    ---------
    Visitor surveys; consumer surplus is not in it.

    References
    ----------
    Travel cost form of Chinese GEP rules since 2020; recalled, not held against the text. Share
    0.3: Baiyangdian wetland (ChinaXiv 201704.00322).

    Examples
    --------
    >>> travel_cost(trip_time=10, wage=30, time_value_share=0.3, direct_cost=500)
    590.0
    """
    return trip_time * wage * time_value_share + direct_cost


def travel_value(
    *,
    spending: Annotated[Array, "CNY"],
    time_value: Annotated[Array, "CNY"],
    consumer_surplus: Annotated[Array, "CNY"],
) -> Annotated[Array, "CNY"]:
    """Recreation value: spending, time and consumer surplus (旅行费用、时间价值与消费者剩余之和).

    Symbols
    -------
    TE : spending
    TV : time_value
    CS : consumer_surplus

    Notes
    -----
    V = TE + TV + CS; the consumer surplus makes it a welfare value.

    Valid for
    ---------
    Visitor surveys with a demand curve.

    References
    ----------
    Baiyangdian wetland (ChinaXiv 201704.00322), recreation.

    Examples
    --------
    >>> travel_value(spending=500, time_value=90, consumer_surplus=60)
    650
    """
    return spending + time_value + consumer_surplus


def revenue_and_facilities(
    *,
    revenue: Annotated[Array, "CNY", NOT_NEGATIVE],
    facility_cost: Annotated[Array, "CNY", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Recreation value: tourism revenue and building of facilities (旅游收入与辅助设施费用之和).

    Symbols
    -------
    CIT : revenue
    AFC : facility_cost

    Notes
    -----
    V = CIT + AFC. What is spent on facilities is a cost borne for visitors, no price of the
    ecosystem; the paper takes revenue for want of a survey of travel costs.

    Valid for
    ---------
    Reserves and parks with yearly figures of both.

    References
    ----------
    Gaotianyan reserve 2014 (doi 10.5846/stxb201607091410), equation 17.

    Examples
    --------
    >>> revenue_and_facilities(revenue=80, facility_cost=107)
    187
    """
    return revenue + facility_cost


def leisure_value(
    *,
    residents: Annotated[Array, "person", NOT_NEGATIVE],
    time: Annotated[Array, "h person-1", NOT_NEGATIVE],
    wage: Annotated[Array, "CNY h-1", PAY],
    time_value_share: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Value of the time that residents spend in green space near home (休闲游憩价值).

    Symbols
    -------
    N : residents
    t : time
    W, s : wage, time_value_share

    Notes
    -----
    V = N t s W, s the share of the wage at which free time is valued.

    Valid for
    ---------
    Residents with a survey of the hours they spend in parks, green space and at the waterside in a
    year; visitors from elsewhere are in `travel_cost`.

    References
    ----------
    Leisure as time times a share of the wage: form of Chinese GEP rules since 2020; recalled, not
    held against the text. Share 0.3: Baiyangdian wetland (ChinaXiv 201704.00322).

    Examples
    --------
    >>> leisure_value(residents=100000, time=50, wage=20, time_value_share=0.3)
    30000000.0
    """
    return residents * time * wage * time_value_share


def property_premium(
    *,
    area: Annotated[Array, "m2", NOT_NEGATIVE],
    price: Annotated[Array, "CNY m-2", NOT_NEGATIVE],
    premium_share: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Premium of landscape in the price of houses, by a share of the price (景观价值: 房产溢价).

    Symbols
    -------
    A : area
    P : price
    s : premium_share

    Notes
    -----
    V = A P s. With a premium given in money per square metre it is `valuation.area_value`. A
    premium on the price of a house is paid once, for all years: take houses sold in the year, or
    rents, not the stock of houses in each year.

    Valid for
    ---------
    Houses near green space or water, with a share from a hedonic study.

    References
    ----------
    Landscape value A P, form of Chinese GEP rules since 2020; recalled, not held against the text.

    Examples
    --------
    >>> property_premium(area=100000, price=6000, premium_share=0.05)
    30000000.0
    """
    return area * price * premium_share


def room_premium(
    *,
    room_nights: Annotated[Array, "roomnight", NOT_NEGATIVE],
    premium: Annotated[Array, "CNY roomnight-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Premium of landscape in the price of hotel rooms (景观价值: 客房溢价).

    Symbols
    -------
    N : room_nights
    P : premium

    Notes
    -----
    V = N P

    Valid for
    ---------
    Nights of rooms let in hotels and guest houses with a view or in a scenic area.

    References
    ----------
    Landscape value of hotel rooms, form of Chinese GEP rules since 2020; recalled, not held against
    the text.

    Examples
    --------
    >>> room_premium(room_nights=200000, premium=80)
    16000000
    """
    return room_nights * premium
