"""Recreation: visits owed to nature and what people give up for them (旅游康养, 景观游憩)."""

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
