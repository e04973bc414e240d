"""Noise reduction by belts of trees and green space, by sound level (噪声消减).

Owns the forms by decibel; the form by length of sound wall is `ratios.length` with
`valuation.length_value`.
"""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def noise_reduction_by_levels(
    *, source_level: Annotated[Array, "dB"], level: Annotated[Array, "dB"]
) -> Annotated[Array, "dB"]:
    """Sound level taken off by a belt, or due to meet a limit (降噪分贝数, 两处声级之差).

    Symbols
    -------
    W : source_level
    R : level

    Notes
    -----
    ΔL = W - R. A level is a logarithm: levels of two sources do not add up, only a difference at
    one place is an amount.

    Valid for
    ---------
    W before and R behind the belt for what it supplies; W as measured and R the limit for what is
    asked for. The same weighting, A or none, in both.

    References
    ----------
    Xi'an green infrastructure (ChinaXiv 202110.00026), section 2.2.6, the difference alone (there
    of demand).

    Examples
    --------
    >>> noise_reduction_by_levels(source_level=68.5, level=62.0)
    6.5
    """
    return source_level - level


def noise_reduction_by_belt(
    *,
    width: Annotated[Array, "m", NOT_NEGATIVE],
    attenuation: Annotated[Array, "dB m-1", NOT_NEGATIVE],
) -> Annotated[Array, "dB"]:
    """Sound level that a belt of trees takes off, by its width (林带降噪分贝数, 按宽度).

    Symbols
    -------
    ΔL : result
    b : width
    a : attenuation

    Notes
    -----
    ΔL = a b

    Valid for
    ---------
    Belts in the range of widths in which the attenuation was measured; it does not go on without
    end.

    References
    ----------
    Linear attenuation of a belt; general knowledge, recalled, not held against a text. Beijing road
    green space (Journal of Natural Resources 28(12), 2013, abstract) finds that reduction grows
    with the width.

    Examples
    --------
    >>> noise_reduction_by_belt(width=20, attenuation=0.25)
    5.0
    """
    return width * attenuation


def noise_value(
    *,
    reduction: Annotated[Array, "dB", NOT_NEGATIVE],
    price: Annotated[Array, "CNY dB-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Value of decibels taken off at a cost of one decibel (降噪价值, 按分贝).

    Symbols
    -------
    ΔL : reduction
    P : price

    Notes
    -----
    V = P ΔL

    Valid for
    ---------
    Decibels summed over the cells or stretches that the price was made for; a price made for other
    cells gives another value.

    References
    ----------
    Xi'an green infrastructure (ChinaXiv 202110.00026), section 2.2.6: P = 7.66 CNY/dB(A), a cell of
    30 m, demand side. Beijing road green space (Journal of Natural Resources 28(12), 2013,
    abstract): 9.35 10⁷ dB(A) a year worth 7.13 10⁸ CNY.

    Examples
    --------
    >>> round(noise_value(reduction=6.5, price=7.66), 2)
    49.79
    """
    return reduction * price


def noise_value_by_length(
    *,
    reduction: Annotated[Array, "dB", NOT_NEGATIVE],
    length: Annotated[Array, "km", NOT_NEGATIVE],
    price: Annotated[Array, "CNY dB-1 km-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Value of decibels taken off along a road, at a cost per decibel and kilometre (按路段计).

    Symbols
    -------
    ΔL : reduction
    L : length
    P : price

    Notes
    -----
    V = Σ P ΔL_i L_i over stretches i of road

    Valid for
    ---------
    Roads and railways with belts of trees.

    References
    ----------
    Noise by stretches of road, form of Chinese GEP rules since 2022; recalled, not held against the
    text.

    Examples
    --------
    >>> noise_value_by_length(reduction=4, length=10, price=5000)
    200000
    """
    return reduction * length * price
