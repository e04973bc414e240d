"""Classes of values for a legend: parted at round numbers that leave every value in its class."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Classes = Literal["quantile", "linear"]


def class_edges(values: Iterable[float], classes: Classes = "quantile") -> list[float]:
    """Round numbers that part the values into classes [edge, next edge); zero is an edge where some are negative."""
    known = np.array([value for value in values if np.isfinite(value)], dtype=float)
    negative, rest = known[known < 0], known[known >= 0]
    if not len(negative):
        return _edges(known, 6, classes)
    zero = [0.0] if len(rest) else []
    return [*_edges(negative, 3, classes), *zero, *_edges(rest, 3, classes)]


def _edges(known: Numbers, count: int, classes: Classes) -> list[float]:
    ordered = np.unique(known)
    if len(ordered) < 2:
        return []
    shares = np.arange(1, count) / count
    cuts = np.quantile(known, shares) if classes == "quantile" else ordered[0] + shares * np.ptp(ordered)
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
