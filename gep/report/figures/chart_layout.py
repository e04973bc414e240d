"""Where the parts of a chart lie, and how its numbers read.

The module owns plain arithmetic on numbers: bars of waterfalls and stacks, ribbons of flows, labels
that keep apart, classes of a map, numbers in words. Nothing is drawn here; drawing is left to
``gep.report.figures.charts`` and ``gep.report.figures.maps``.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from math import floor, isfinite, log10
from typing import Literal, NamedTuple, TypeVar

import numpy as np

_Key = TypeVar("_Key", bound=Hashable)
LegendClasses = Literal["quantile", "linear"]

_ROUNDING = 1e-6  # share of the larger level below which a remainder is rounding
_BROKEN_BELOW = 0.4  # share of the larger level: a path that spans less has a broken axis
_CLASSES = 6  # of a map
_CLASSES_OF_A_SIGN = 3  # on either side of zero
_DECADES_TRIED = 18  # powers of ten that are tried for a round number
_PLAIN_POWERS = range(-5, 12)  # powers of ten that are written without an exponent
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Bar(NamedTuple):
    """A bar, from one value to another."""

    start: float
    end: float


def check_finite(chart: str, values: Sequence[float]) -> None:
    """Raise ``ValueError`` if there is no value, or one that is not finite and so has no place."""
    if not values:
        raise ValueError(f"{chart}: nothing to draw")
    if not all(isfinite(value) for value in values):
        raise ValueError(f"{chart}: a value is missing or not finite")


# --- numbers in words ----------------------------------------------------------------------------


def number_texts(values: Sequence[float], signed: bool = False, figures: int = 5) -> list[str]:
    """Write numbers to the same decimal place.

    Parameters
    ----------
    values : sequence of float
    signed : bool, default False
        Whether a positive number is written with its sign.
    figures : int, default 5
        Figures of the largest number at most.

    Returns
    -------
    list of str
        Three figures of the largest number at least, and two of the smallest as far as ``figures``
        allow.
    """
    powers = [floor(log10(abs(value))) for value in values if value]
    largest = max(powers, default=0)
    decimals = 0
    if powers:
        decimals_of_smallest = min(1 - min(powers), figures - 1 - largest)
        decimals = max(0, 2 - largest, decimals_of_smallest)
    if largest in _PLAIN_POWERS:
        words = [_plain_number(value, decimals) for value in values]
    else:
        words = [_scientific_number(value) for value in values]
    if not signed:
        return words
    signed_words = []
    for value, word in zip(values, words, strict=True):
        sign = "+" if value > 0 else ""
        signed_words.append(sign + word)
    return signed_words


def number_text(value: float) -> str:
    """Write a number with thousands separators and a true minus sign."""
    written = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.10g}"
    return written.replace("-", "−")


def _plain_number(value: float, decimals: int) -> str:
    """Write a number with so many decimals, or more where it would read as zero and is not."""
    written = f"{value:,.{decimals}f}"
    if not value:
        return written.removeprefix("-")
    if not any(digit in written for digit in "123456789"):
        written = number_text(float(f"{value:.1g}"))
    return written.replace("-", "−")


def _scientific_number(value: float) -> str:
    """Write a number as a mantissa and a power of ten."""
    if not value:
        return "0"
    mantissa, _, power = f"{value:.2e}".partition("e")
    raised = str(int(power)).translate(_RAISED)
    return f"{mantissa}×10{raised}".replace("-", "−")


# --- labels that keep apart ----------------------------------------------------------------------


class _Pool(NamedTuple):
    """Neighbouring labels that touch each other: the mean of their places, and their number."""

    mean: float
    size: int


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels apart, as little as possible (least squares) and without changing their order.

    Parameters
    ----------
    wanted : sequence of float
        Where the centre of each label should be, ascending.
    sizes : sequence of float
        Size of each label.
    low, high : float
        The limits within which all labels stay if there is room.

    Returns
    -------
    list of float
        The centres of the labels.
    """
    if not wanted:
        return []
    shifts = [0.0]  # from the first label to each, if all labels touch
    for size, next_size in pairwise(sizes):
        gap = (size + next_size) / 2
        shifts.append(shifts[-1] + gap)
    places = []
    for place, shift in zip(wanted, shifts, strict=True):
        places.append(place - shift)
    lowest = low + sizes[0] / 2
    highest = high - sizes[-1] / 2 - shifts[-1]
    centres: list[float] = []
    for pool in _pool_violators(places):
        centre = max(min(pool.mean, highest), lowest)
        centres += [centre] * pool.size
    return [centre + shift for centre, shift in zip(centres, shifts, strict=True)]


def _pool_violators(places: Sequence[float]) -> list[_Pool]:
    """Pool neighbouring places that are not in ascending order, until the means of pools are."""
    pools: list[_Pool] = []
    for place in places:
        pool = _Pool(place, 1)
        while pools and pools[-1].mean > pool.mean:
            previous = pools.pop()
            size = previous.size + pool.size
            total = previous.mean * previous.size + pool.mean * pool.size
            pool = _Pool(total / size, size)
        pools.append(pool)
    return pools


# --- a change and its reasons --------------------------------------------------------------------


@dataclass(frozen=True)
class Waterfall:
    """The bars of a waterfall.

    Attributes
    ----------
    bars : sequence of Bar
        The opening level, a bar for each effect, one for the remainder if any, the closing level.
    base : float
        Where the bars of the two levels begin.
    remainder : float
        What the effects leave unexplained; 0 if that is rounding.
    """

    bars: Sequence[Bar]
    base: float
    remainder: float

    @property
    def broken(self) -> bool:
        """Whether the axis does not begin at zero."""
        return self.base != 0


def waterfall_layout(start: float, effects: Sequence[float], end: float) -> Waterfall:
    """Lay out a waterfall, in which every effect begins where the previous one ended.

    Parameters
    ----------
    start, end : float
        The levels.
    effects : sequence of float

    Returns
    -------
    Waterfall
        Its axis is broken where the effects are small beside the levels.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    check_finite("waterfall", [start, *effects, end])
    path = list(accumulate(effects, initial=start))
    largest = max(abs(level) for level in [*path, end])
    larger_level = max(abs(start), abs(end))
    remainder = end - path[-1]
    if abs(remainder) <= _ROUNDING * larger_level:
        remainder = 0.0
    if remainder:
        path.append(end)
    else:
        path[-1] = end
    span = max(path) - min(path)
    base = 0.0
    has_one_sign = min(path) * max(path) > 0
    if has_one_sign and 0 < span < _BROKEN_BELOW * largest:
        nearest = min(abs(level) for level in path)
        base = nearest - min(0.6 * span, nearest / 2)
        if start <= 0:
            base = -base
    bars = [
        Bar(base, start),
        *(Bar(*ends) for ends in pairwise(path)),
        Bar(base, end),
    ]
    return Waterfall(bars, base, remainder)


def by_swing(centre: float, swings: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of swings, the widest first.

    Parameters
    ----------
    centre : float
        The result at the central values of all inputs; a swing that misses it is as wide as if it
        began there.
    swings : sequence of (float, float)
        The result at the low and at the high value of each input.

    Returns
    -------
    list of int
    """
    widths = []
    for swing in swings:
        low = min(centre, *swing)
        high = max(centre, *swing)
        widths.append(high - low)
    return sorted(range(len(swings)), key=lambda position: -widths[position])


# --- stacked years -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stacks:
    """Stacked bars: for every part (rows) and year a bar, and the total of every year."""

    bars: Sequence[Sequence[Bar]]
    totals: Sequence[float]

    @property
    def ends(self) -> list[float]:
        """The ends of all bars."""
        bars = chain.from_iterable(self.bars)
        return list(chain.from_iterable(bars))


def stack(parts: Sequence[Sequence[float]]) -> Stacks:
    """Stack parts by year: positive values up from zero, negative ones down.

    Parameters
    ----------
    parts : sequence of sequence of float
        For each part its value in each year.

    Returns
    -------
    Stacks
    """
    rows: list[list[Bar]] = []
    count = len(parts[0]) if parts else 0
    tops = [0.0] * count
    bottoms = [0.0] * count
    for values in parts:
        row = []
        for year, value in enumerate(values):
            ends = bottoms if value < 0 else tops
            start = ends[year]
            ends[year] = start + value
            row.append(Bar(start, start + value))
        rows.append(row)
    totals = [sum(values) for values in zip(*parts, strict=True)]
    return Stacks(rows, totals)


def largest_parts(
    parts: Mapping[_Key, Sequence[float]], most: int
) -> tuple[list[_Key], list[float]]:
    """Choose the largest parts, and sum the rest.

    Parameters
    ----------
    parts : mapping of key to sequence of float
        The values of each part by year.
    most : int
        The number of parts to show, the sum of the rest included.

    Returns
    -------
    largest : list of key
        In the order of ``parts``.
    rest : list of float
        The sum of the others by year; empty if all parts are shown.
    """
    if len(parts) <= most:
        return list(parts), []
    sizes = {}
    for key, values in parts.items():
        sizes[key] = sum(abs(value) for value in values)
    by_size = sorted(sizes, key=lambda key: -sizes[key])
    largest = set(by_size[: most - 1])
    shown = []
    others = []
    for key, values in parts.items():
        if key in largest:
            shown.append(key)
        else:
            others.append(values)
    rest = [sum(values) for values in zip(*others, strict=True)]
    return shown, rest


# --- flows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FlowNode:
    """A type at one end of the flows: its upper edge and height on the page, and its amount."""

    top: float
    height: float
    amount: float


@dataclass(frozen=True)
class Ribbon:
    """A flow between two types.

    Attributes
    ----------
    source, target : str
        The types.
    left, right : float
        The upper edge at either end.
    height : float
    """

    source: str
    target: str
    left: float
    right: float
    height: float


class FlowLayout(NamedTuple):
    """The nodes at the opening and at the closing, by type, and the ribbons between them."""

    opening: Mapping[str, FlowNode]
    closing: Mapping[str, FlowNode]
    ribbons: Sequence[Ribbon]


def flow_layout(
    flows: Mapping[tuple[str, str], float], order: Sequence[str], height: float, gap: float
) -> FlowLayout:
    """Lay out flows from the types at the left to those at the right, all to one scale.

    Parameters
    ----------
    flows : mapping of (str, str) to float
        Amounts above 0, by source and target.
    order : sequence of str
        All types, from the top down.
    height : float
        Room for the nodes, whose edges lie from 0 down to ``height``.
    gap : float
        Between two nodes.

    Returns
    -------
    FlowLayout
    """
    opening: dict[str, float] = {}
    closing: dict[str, float] = {}
    for (source, target), amount in flows.items():
        opening[source] = opening.get(source, 0.0) + amount
        closing[target] = closing.get(target, 0.0) + amount
    most_nodes = max(len(opening), len(closing))
    room = height - gap * (most_nodes - 1)
    scale = room / sum(flows.values())
    opening_nodes = _node_column(opening, order, scale, height, gap)
    closing_nodes = _node_column(closing, order, scale, height, gap)
    left_edges = {key: node.top for key, node in opening_nodes.items()}
    right_edges = {key: node.top for key, node in closing_nodes.items()}
    rank = {key: position for position, key in enumerate(order)}

    def from_the_top(pair: tuple[str, str]) -> tuple[int, int]:
        source, target = pair
        return rank[source], rank[target]

    ribbons = {}
    for pair in sorted(flows, key=from_the_top):
        source, target = pair
        ribbon = Ribbon(
            source,
            target,
            left=left_edges[source],
            right=right_edges[target],
            height=scale * flows[pair],
        )
        ribbons[pair] = ribbon
        left_edges[source] += ribbon.height
        right_edges[target] += ribbon.height
    in_order_of_flows = [ribbons[pair] for pair in flows]
    return FlowLayout(opening_nodes, closing_nodes, in_order_of_flows)


def _node_column(
    amounts: Mapping[str, float],
    order: Sequence[str],
    scale: float,
    height: float,
    gap: float,
) -> dict[str, FlowNode]:
    """Place the nodes of one side below each other, in the middle of the height."""
    filled = scale * sum(amounts.values())
    gaps = gap * (len(amounts) - 1)
    top = (height - filled - gaps) / 2
    nodes = {}
    for key in order:
        if key not in amounts:
            continue
        amount = amounts[key]
        node = FlowNode(top, scale * amount, amount)
        nodes[key] = node
        top += node.height + gap
    return nodes


# --- classes of a map ----------------------------------------------------------------------------


def class_edges(values: Iterable[float], classes: LegendClasses = "quantile") -> list[float]:
    """Choose round numbers that divide values into classes.

    Parameters
    ----------
    values : iterable of float
        NaN where there is no value.
    classes : {'quantile', 'linear'}
        Whether classes hold equal numbers of values, or are equally wide.

    Returns
    -------
    list of float
        The edges between the classes, ascending; a value on an edge belongs to the class above it.
        Zero is an edge if some values are negative and others are not.
    """
    known = same_values(values)
    known = known[np.isfinite(known)]
    negative = known[known < 0]
    positive = known[known >= 0]
    if not len(negative):
        return _edges(known, _CLASSES, classes)
    zero = [0.0] if len(positive) else []
    below_zero = _edges(negative, _CLASSES_OF_A_SIGN, classes)
    above_zero = _edges(positive, _CLASSES_OF_A_SIGN, classes)
    return [*below_zero, *zero, *above_zero]


def same_values(values: Iterable[float]) -> np.ndarray:
    """Return values without what tells numbers apart that are equal but for rounding.

    Parameters
    ----------
    values : iterable of float
        NaN where there is no value.

    Returns
    -------
    ndarray
        To nine significant figures, so that equal values are in one class.
    """
    return np.array([float(f"{value:.9g}") for value in values], dtype=float)


def _edges(known: np.ndarray, count: int, classes: LegendClasses) -> list[float]:
    """Return the edges of at most so many classes of values, none where all are equal."""
    ordered = np.unique(known)
    if len(ordered) < 2:
        return []
    shares = np.arange(1, count) / count
    if classes == "quantile":
        cuts = np.quantile(known, shares)
    else:
        cuts = ordered[0] + shares * np.ptp(ordered)
    edges = set()
    for cut in cuts:
        position = int(np.searchsorted(ordered, cut))
        position = min(max(position, 1), len(ordered) - 1)
        edges.add(_roundest(float(ordered[position - 1]), float(ordered[position])))
    return sorted(edges)


def _roundest(low: float, high: float) -> float:
    """Return the roundest number that is above ``low`` and not above ``high``."""
    largest = max(abs(low), abs(high))
    power = int(np.ceil(np.log10(largest))) + 1
    for exponent in range(power, power - _DECADES_TRIED, -1):
        for digit in (5, 2, 1):
            step = digit * 10.0**exponent
            multiple = float(np.floor(high / step) * step)
            number = round(multiple, max(-exponent, 0))
            if low < number <= high:
                return number
    return high


def class_names(edges: Sequence[float], known: Sequence[float]) -> list[str]:
    """Name the range of every class: below the first edge, between two, from the last on.

    Parameters
    ----------
    edges : sequence of float
        See :func:`class_edges`.
    known : sequence of float
        The values, which are all equal where there is no edge.

    Returns
    -------
    list of str
    """
    if not edges:
        return [number_text(known[0])] if len(known) else []
    words = [number_text(edge) for edge in edges]
    names = [f"< {words[0]}"]
    for low, high in pairwise(words):
        names.append(f"{low} – {high}")
    names.append(f"≥ {words[-1]}")
    return names
