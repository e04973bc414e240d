"""Limits of a number (上下限): low, high and distribution beside a value, checked as rows."""

from typing import TypeAlias

import numpy as np
import pandas as pd

DISTRIBUTIONS = ("", "triangular", "uniform", "normal", "lognormal")


Z95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


_SKEWED = 0.1  # of the width of the limits, between the value and their middle


Fault: TypeAlias = tuple[
    np.ndarray, str, str, str
]  # positions of rows, problem code, what is wrong, fix


def distribution_faults(frame: pd.DataFrame) -> list[Fault]:
    """What is wrong with the columns value, low, high (nan: none), distribution and, if there, na (bool) of rows."""
    low, value, high = (frame[name].to_numpy(dtype=float) for name in ("low", "value", "high"))
    kind = frame["distribution"].to_numpy(dtype=object)
    na = frame["na"].to_numpy(dtype=bool) if "na" in frame else np.zeros(len(frame), dtype=bool)
    some, both = ~(np.isnan(low) & np.isnan(high)), ~(np.isnan(low) | np.isnan(high))
    limits, skewed = "distribution-limits", "distribution-skewed"
    even = "use triangular, or give limits that lie evenly about the value"
    outside = (low > value) | (high < value) | (low > high)
    stated = np.isin(kind, DISTRIBUTIONS[1:])
    found = [
        *(
            (kind == word, "unknown-distribution", f"distribution reads {word!r}", _KNOWN)
            for word in _unknown(kind)
        ),
        (outside, "low-high", "the value lies outside low..high", "low <= value <= high is due"),
        (
            some & ~both & ~na,
            limits,
            "one of low and high is missing",
            "give both low and high, or neither",
        ),
        (
            ~some & stated & ~na,
            limits,
            "a distribution without low and high",
            "give both, or leave it blank",
        ),
        (
            na & (some | stated) & ~outside,
            limits,
            "na with low, high or distribution",
            "leave the three blank",
        ),
        (
            (kind == "lognormal") & (low <= 0),
            limits,
            "lognormal with low <= 0",
            "give low > 0, or use triangular",
        ),
        (
            ~outside & (kind == "normal") & _off(low, value, high),
            skewed,
            "the value is far from the middle",
            even,
        ),
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (
            ~outside
            & (kind == "lognormal")
            & (low > 0)
            & _off(np.log(low), np.log(value), np.log(high))
        )
    found.append((off, skewed, "the value is far from the middle of the logarithms", even))
    return [
        (np.flatnonzero(rows), code, what, fix) for rows, code, what, fix in found if rows.any()
    ]


_KNOWN = f"known are: {', '.join(DISTRIBUTIONS[1:])}"


def _unknown(kind: np.ndarray) -> list[str]:
    return [word for word in pd.unique(kind) if word not in DISTRIBUTIONS]


def _off(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether the value is farther from the middle of its limits than a tenth of their width."""
    return np.asarray(np.abs(value - (low + high) / 2) > _SKEWED * (high - low))
