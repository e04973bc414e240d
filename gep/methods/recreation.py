"""Recreation: visits owed to nature and what people give up for them (旅游康养, 景观游憩).

Owns also leisure near home and what landscape adds to the price of houses and rooms.
"""

from typing import Annotated

import numpy as np

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


def zonal_visits(
    *,
    population: Annotated[Array, "person", NOT_NEGATIVE],
    intercept: Annotated[Array, "1"],
    slope: Annotated[Array, "visit CNY-1", NOT_NEGATIVE],
    cost: Annotated[Array, "CNY visit-1", NOT_NEGATIVE],
    visits_per_head: Annotated[Array, "visit person-1", NOT_NEGATIVE],
) -> Annotated[Array, "visit"]:
    """Visits from a zone of origin by a demand curve (分区旅行费用法: 出游需求曲线).

    Symbols
    -------
    P_i : population
    a, b : intercept, slope
    TC_i : cost
    u : visits_per_head

    Notes
    -----
    N_i = P_i u exp(a - b TC_i), from the regression ln(v_i / u) = a - b TC_i of the visits per head
    v_i = N_i / P_i; u is the unit of the visits per head in the regression, such as 1 visit per
    person or per 1000 persons.

    Valid for
    ---------
    Zones of origin of visitors; a and b from a regression over the zones of the same survey, which
    is made outside the account.

    References
    ----------
    Zonal travel cost method; general knowledge, not held against a text.

    Examples
    --------
    >>> round(float(zonal_visits(
    ...     population=1e6, intercept=-3, slope=0.002, cost=500, visits_per_head=1)), 1)
    18315.6
    """
    return population * visits_per_head * np.exp(intercept - slope * cost)


def consumer_surplus_of_exponential_demand(
    *,
    visits: Annotated[Array, "visit", NOT_NEGATIVE],
    slope: Annotated[Array, "visit CNY-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Consumer surplus of visits whose logarithm falls with the cost (消费者剩余, 半对数需求曲线).

    Symbols
    -------
    N_i : visits
    b : slope

    Notes
    -----
    CS = N_i / b, the integral of N_i exp(-b (c - TC_i)) over all costs c above TC_i; 1/b is the
    surplus of one visit.

    Valid for
    ---------
    Zones, or all visits of an individual travel cost model with the count regressions (Poisson and
    the like), whose surplus a visit is 1/b too.

    References
    ----------
    Travel cost method; general knowledge, not held against a text. Baiyangdian wetland (ChinaXiv
    201704.00322), 2.3.1, uses a truncated Poisson regression and prints the surplus alone.

    Examples
    --------
    >>> consumer_surplus_of_exponential_demand(visits=20000, slope=0.002)
    10000000.0
    """
    return visits / slope


def consumer_surplus_of_linear_demand(
    *,
    visits: Annotated[Array, "visit", NOT_NEGATIVE],
    population: Annotated[Array, "person", NOT_NEGATIVE],
    slope: Annotated[Array, "visit2 person-1 CNY-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Consumer surplus of a zone whose visits per head fall straight with the cost (线性需求曲线).

    Symbols
    -------
    N_i : visits
    P_i : population
    b : slope

    Notes
    -----
    CS = N_i² / (2 b P_i), the triangle under v = a - b c between TC_i and the cost at which nobody
    comes, times P_i.

    Valid for
    ---------
    Zones of origin; b of the regression v_i = a - b TC_i of visits per head on cost.

    References
    ----------
    Zonal travel cost method; general knowledge, not held against a text.

    Examples
    --------
    >>> consumer_surplus_of_linear_demand(visits=20000, population=1000000, slope=0.00005)
    4000000.0
    """
    return visits**2 / (2 * slope * population)


def non_use_value(
    *,
    willingness: Annotated[Array, "CNY person-1", NOT_NEGATIVE],
    payer_share: Annotated[Array, "1", SHARE],
    persons: Annotated[Array, "person", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Value that people put on a place they need not use, by their answers (条件价值法).

    Symbols
    -------
    W : willingness
    R : payer_share
    P : persons

    Notes
    -----
    V = W R P, W for a year, R the share of people who would pay. A stated value is no exchange
    value.

    Valid for
    ---------
    Groups of people, each with a survey of its own (a key).

    References
    ----------
    Baiyangdian wetland (ChinaXiv 201704.00322), equation of 1.3.3 (2) and section 2.3.2.

    Examples
    --------
    >>> round(non_use_value(willingness=11.31 * 12, payer_share=0.8344, persons=61.92e4) / 1e8, 2)
    0.7
    """
    return willingness * payer_share * persons
