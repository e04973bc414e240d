"""Identities of published totals: parts, wholes, shares, changes. Their sources print nothing that they rest on."""

from typing import Annotated

from gep.units import Array


def sum_of_parts(
    *, part_1: Annotated[Array, "CNY"], part_2: Annotated[Array, "CNY"]
) -> Annotated[Array, "CNY"]:
    """Sum of two parts (合计)."""
    return part_1 + part_2


def rest(
    *, whole: Annotated[Array, "CNY"], part: Annotated[Array, "CNY"]
) -> Annotated[Array, "CNY"]:
    """What is left of a whole; the change, where the whole is the later and the part the earlier."""
    return whole - part


def share(
    *, part: Annotated[Array, "CNY"], whole: Annotated[Array, "CNY"]
) -> Annotated[Array, "1"]:
    """Share of a part in a whole (占比)."""
    return part / whole


def growth(
    *, earlier: Annotated[Array, "CNY"], later: Annotated[Array, "CNY"]
) -> Annotated[Array, "1"]:
    """Growth from an earlier total to a later one (增长率)."""
    return later / earlier - 1


def green_gdp(
    *,
    gdp: Annotated[Array, "1"],
    cost_1: Annotated[Array, "1"],
    cost_2: Annotated[Array, "1"],
    cost_3: Annotated[Array, "1"],
) -> Annotated[Array, "1"]:
    """GDP less three costs, in the unit of the page, which is not known (绿色GDP)."""
    return gdp - cost_1 - cost_2 - cost_3


def green_share(
    *,
    gdp: Annotated[Array, "1"],
    cost_1: Annotated[Array, "1"],
    cost_2: Annotated[Array, "1"],
    cost_3: Annotated[Array, "1"],
) -> Annotated[Array, "1"]:
    """GDP less three costs, over GDP (绿色GDP占比)."""
    return (gdp - cost_1 - cost_2 - cost_3) / gdp
