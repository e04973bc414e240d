"""The base value of compensation of one paper, and the ratio of two sums."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array

_LEAST = 1.6  # 10^4 CNY ha-1 a-1: the least density of services, and the least base value
_RANGE = 6.01  # 10^4 CNY ha-1 a-1: from the least density to the greatest
_SPREAD = 0.93  # 10^4 CNY ha-1 a-1: from the least base value to the greatest


def base_value(
    *, density: Annotated[Array, "10^4 CNY ha-1", NOT_NEGATIVE]
) -> Annotated[Array, "10^4 CNY ha-1"]:
    """Base value of compensation of a hectare of sea and year (补偿基准值).

    Notes
    -----
    X = (d - 1.6) / 6.01 x 0.93 + 1.6

    References
    ----------
    ChinaXiv:201711.00060, Table 2.
    """
    return (density - _LEAST) / _RANGE * _SPREAD + _LEAST


def times_the_old(
    *,
    new: Annotated[Array, "10^4 CNY", NOT_NEGATIVE],
    old: Annotated[Array, "10^4 CNY", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """What a project pays by the new method over what it paid by the old standard (新旧之比).

    References
    ----------
    ChinaXiv:201711.00060, Table 9.
    """
    return new / old
