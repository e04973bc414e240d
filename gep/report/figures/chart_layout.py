"""Where the parts of a chart lie, and how its numbers read: plain arithmetic, nothing is drawn here."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import floor, isfinite, log10
from typing import Any, Literal, TypeVar

import numpy as np

_Key = TypeVar("_Key", bound=Hashable)
_TINY = 1e-6  # of the larger level: a remainder below it is rounding
_BROKEN = (
    0.4  # of the larger level: a path that keeps within it is drawn on an axis broken from zero
)


def checked(what: str, values: Sequence[float]) -> None:
    """Raise ``ValueError`` where nothing is given or a value is not a finite number: a chart has no place for it."""
    if not values:
        raise ValueError(f"{what}: nothing to draw")
    if not all(isfinite(value) for value in values):
        raise ValueError(f"{what}: a value is missing or not finite")


def number_texts(values: Sequence[float], signed: bool = False, figures: int = 5) -> list[str]:
    """Numbers to the same place: three figures of the largest, two of the smallest within ``figures`` in all."""
    sizes = [floor(log10(abs(value))) for value in values if value]
    most, least = (max(sizes), min(sizes)) if sizes else (0, 0)
    places = max(0, 2 - most, min(1 - least, figures - 1 - most)) if sizes else 0
    return [_number(value, places, signed, plain=-5 <= most < 12) for value in values]


def _number(value: float, places: int, signed: bool, plain: bool) -> str:
    if not plain:
        mantissa, _, power = f"{value:.2e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa}×10{raised}" if value else "0"
    else:
        text = f"{value:,.{places}f}"
        if value and not any(mark in text for mark in "123456789"):
            text = number_text(float(f"{value:.1g}"))  # not to be shown as zero
        elif not value:
            text = text.removeprefix("-")
    plus = "+" if signed and value > 0 else ""
    return plus + text.replace("-", "−")


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres of labels of such sizes, nearest (least squares) to where they are wanted, in order, not overlapping.

    They keep within ``low`` and ``high`` where there is room for all.
    """
    if not wanted:
        return []
    shifts = [0.0, *accumulate((one + other) / 2 for one, other in pairwise(sizes))]
    pools: list[tuple[float, int]] = []  # mean, count: pool adjacent violators
    for place, shift in zip(wanted, shifts, strict=True):
        pools.append((place - shift, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, few), (other, more) = pools[-2:]
            pools[-2:] = [((one * few + other * more) / (few + more), few + more)]
    first, last = low + sizes[0] / 2, high - sizes[-1] / 2 - shifts[-1]
    free = [max(min(mean, last), first) for mean, count in pools for _ in range(count)]
    return [place + shift for place, shift in zip(free, shifts, strict=True)]


# --- a change taken apart ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waterfall:
    """The bars of a waterfall, from and to: the first and last are the levels; ``base`` is where the axis begins."""

    bars: Sequence[tuple[float, float]]
    base: float
    remainder: float

    @property
    def broken(self) -> bool:
        """Whether the axis does not begin at zero."""
        return self.base != 0


def waterfall_layout(start: float, effects: Sequence[float], end: float) -> Waterfall:
    """Every effect begins where the one before it ended; what they do not explain is one bar more."""
    checked("waterfall", [start, *effects, end])
    path = list(accumulate(effects, initial=start))
    largest = max(map(abs, [*path, end]))
    remainder = end - path[-1]
    if abs(remainder) <= _TINY * max(abs(start), abs(end)):
        remainder = 0.0
    path[-1 if not remainder else len(path) :] = [end]
    nearest, span = min(map(abs, path)), max(path) - min(path)
    base = 0.0
    if min(path) * max(path) > 0 and 0 < span < _BROKEN * largest:
        base = (nearest - min(0.6 * span, nearest / 2)) * (1 if start > 0 else -1)
    return Waterfall([(base, start), *pairwise(path), (base, end)], base, remainder)


def by_swing(centre: float, swings: Sequence[tuple[float, float]]) -> list[int]:
    """The places of the swings (result at low, at high), the widest first; the centre counts as reached."""
    size = [max(centre, *swing) - min(centre, *swing) for swing in swings]
    return sorted(range(len(swings)), key=lambda place: -size[place])


# --- stacked years ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stacks:
    """For every part (rows) and year its bar from and to, and the total of every year."""

    bars: Sequence[Sequence[tuple[float, float]]]
    totals: Sequence[float]


def stack(parts: Sequence[Sequence[float]]) -> Stacks:
    """What is positive piles up from zero, what is negative down from zero; the total is of both."""
    bars: list[list[tuple[float, float]]] = []
    tops: dict[tuple[int, bool], float] = {}
    for values in parts:
        row = []
        for year, value in enumerate(values):
            begin = tops.get((year, value < 0), 0.0)
            tops[year, value < 0] = begin + value
            row.append((begin, begin + value))
        bars.append(row)
    return Stacks(bars, [sum(values) for values in zip(*parts, strict=True)])


def largest_parts(
    parts: Mapping[_Key, Sequence[float]], most: int
) -> tuple[list[_Key], list[float]]:
    """The keys of the largest parts in their order, at most so many, and the sums of the others (empty: no other)."""
    if len(parts) <= most:
        return list(parts), []
    sizes = {key: sum(map(abs, values)) for key, values in parts.items()}
    kept = set(sorted(sizes, key=lambda key: -sizes[key])[: most - 1])
    others = [values for key, values in parts.items() if key not in kept]
    return [key for key in parts if key in kept], [
        sum(values) for values in zip(*others, strict=True)
    ]


# --- flows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FlowNode:
    """A type at one end: its upper edge and height."""

    top: float
    height: float
    amount: float


@dataclass(frozen=True)
class Ribbon:
    """A flow: its upper edge at either end, its height."""

    source: str
    target: str
    left: float
    right: float
    height: float


def flow_layout(
    flows: Mapping[tuple[str, str], float], order: Sequence[str], tall: float, gap: float
) -> tuple[dict[str, FlowNode], dict[str, FlowNode], list[Ribbon]]:
    """Opening nodes, closing nodes and the ribbons between them, from 0 down to ``tall``, all to one scale."""
    rank = {key: place for place, key in enumerate(order)}
    ends: list[dict[str, float]] = [{}, {}]
    for pair, amount in flows.items():
        for end, key in zip(ends, pair, strict=True):
            end[key] = end.get(key, 0.0) + amount
    scale = (tall - gap * (max(map(len, ends)) - 1)) / sum(flows.values())
    nodes: list[dict[str, FlowNode]] = []
    for end in ends:
        top = (tall - scale * sum(end.values()) - gap * (len(end) - 1)) / 2
        nodes.append({})
        for key in sorted(end, key=rank.__getitem__):
            nodes[-1][key] = FlowNode(top, scale * end[key], end[key])
            top += scale * end[key] + gap
    used: list[dict[str, float]] = [{}, {}]
    places: dict[tuple[str, str], list[float]] = {pair: [0.0, 0.0] for pair in flows}
    for side in (0, 1):
        for pair in sorted(flows, key=lambda one: (rank[one[0]], rank[one[1]])):
            before = used[side].get(pair[side], 0.0)
            places[pair][side] = nodes[side][pair[side]].top + before
            used[side][pair[side]] = before + scale * flows[pair]
    ribbons = [
        Ribbon(*pair, left=places[pair][0], right=places[pair][1], height=scale * amount)
        for pair, amount in flows.items()
    ]
    return nodes[0], nodes[1], ribbons


Numbers = np.ndarray[Any, np.dtype[np.float64]]


LegendClasses = Literal["quantile", "linear"]


def class_edges(values: Iterable[float], classes: LegendClasses = "quantile") -> list[float]:
    """Round numbers that part the values into classes [edge, next edge); zero is an edge where some are negative."""
    known = np.array([value for value in values if np.isfinite(value)], dtype=float)
    negative, rest = known[known < 0], known[known >= 0]
    if not len(negative):
        return _edges(known, 6, classes)
    zero = [0.0] if len(rest) else []
    return [*_edges(negative, 3, classes), *zero, *_edges(rest, 3, classes)]


def _edges(known: Numbers, count: int, classes: LegendClasses) -> list[float]:
    ordered = np.unique(known)
    if len(ordered) < 2:
        return []
    shares = np.arange(1, count) / count
    cuts = (
        np.quantile(known, shares)
        if classes == "quantile"
        else ordered[0] + shares * np.ptp(ordered)
    )
    edges = set()
    for cut in cuts:
        above = min(max(int(np.searchsorted(ordered, cut)), 1), len(ordered) - 1)
        edges.add(_roundest(float(ordered[above - 1]), float(ordered[above])))
    return sorted(edges)


def _roundest(below: float, above: float) -> float:
    """The roundest number that is more than the one and not more than the other."""
    power = int(np.ceil(np.log10(max(abs(below), abs(above))))) + 1
    for exponent in range(power, power - 18, -1):
        for digit in (5, 2, 1):
            step = digit * 10.0**exponent
            number = round(float(np.floor(above / step) * step), max(-exponent, 0))
            if below < number <= above:
                return number
    return above


def class_names(edges: Sequence[float], known: Sequence[float]) -> list[str]:
    """The range of every class in words: below the first edge, between two, from the last on."""
    if not edges:
        return [number_text(known[0])] if len(known) else []
    words = [number_text(edge) for edge in edges]
    between = [f"{low} – {high}" for low, high in pairwise(words)]
    return [f"< {words[0]}", *between, f"≥ {words[-1]}"]


def number_text(value: float) -> str:
    """A number as a reader expects it: thousands parted, a true minus sign."""
    text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.10g}"
    return text.replace("-", "−")
