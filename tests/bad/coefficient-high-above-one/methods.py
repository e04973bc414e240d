"""Methods of the format example."""

from typing import Annotated

import numpy as np

from gep.units import SHARE, Array


def market_value(
    *, quantity: Annotated[Array, "t"], price: Annotated[Array, "CNY t-1"]
) -> Annotated[Array, "CNY"]:
    """Quantity times price."""
    return quantity * price


def water_balance(
    *,
    precipitation: Annotated[Array, "mm"],
    runoff_share: Annotated[Array, "1", SHARE],
    evapotranspiration: Annotated[Array, "mm"],
) -> Annotated[Array, "mm"]:
    """Depth of water kept: rain less runoff less evapotranspiration."""
    return precipitation * (1 - runoff_share) - evapotranspiration


def replacement_cost(
    *, quantity: Annotated[Array, "m3"], unit_cost: Annotated[Array, "CNY m-3"]
) -> Annotated[Array, "CNY"]:
    """Quantity times the cost of replacing one unit."""
    return quantity * unit_cost


def by_rate(*, rate: Annotated[Array, "kg ha-1"]) -> Annotated[Array, "kg ha-1"]:
    """A rate per area as it is."""
    return rate


def lesser_of(
    *, emission: Annotated[Array, "t"], capacity: Annotated[Array, "t"]
) -> Annotated[Array, "t"]:
    """What is emitted, at most what can be taken up."""
    return np.minimum(emission, capacity)


def value_density(*, unit_value: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """A value per area as it is."""
    return unit_value


def spending(
    *, visits: Annotated[Array, "visit"], spending: Annotated[Array, "CNY visit-1"]
) -> Annotated[Array, "CNY"]:
    """Visits times spending per visit."""
    return visits * spending
