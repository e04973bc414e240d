"""Limits of a number (上下限): low, high and distribution beside a value.

This module checks whether the four fit together. What a distribution does with them, its quantiles
and draws, is the work of ``gep.uncertainty.distributions``.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

DISTRIBUTIONS = ("", "triangular", "uniform", "normal", "lognormal")  # blank counts as triangular

Z95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution

_KNOWN = f"known are: {', '.join(DISTRIBUTIONS[1:])}"
_LARGEST_SKEW = (
    0.1  # distance of the value from the middle of its limits, as a share of their width
)


class LimitFault(NamedTuple):
    """A defect that the limits of several rows share.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the rows.
    code : str
        ``unknown-distribution``, ``low-high``, ``distribution-limits`` or ``distribution-skewed``.
    message : str
        Key of the catalogue for the problem.
    values : mapping of str to object
        Value, low, high and distribution of the first of the rows, as the message shows them.
    """

    rows: np.ndarray
    code: str
    message: str
    values: Mapping[str, object]


def distribution_faults(frame: pd.DataFrame) -> list[LimitFault]:
    """Find the rows whose value, limits and distribution do not fit together.

    Parameters
    ----------
    frame : DataFrame
        Columns ``low``, ``value``, ``high`` (float, in one unit; NaN where there is none),
        ``distribution`` (one of ``DISTRIBUTIONS``) and, where the table allows it, ``na`` (bool:
        the value is ``na``).

    Returns
    -------
    list of LimitFault
        A row may have several faults. Empty if all rows are sound.
    """
    low = frame["low"].to_numpy(dtype=float)
    value = frame["value"].to_numpy(dtype=float)
    high = frame["high"].to_numpy(dtype=float)
    kind = frame["distribution"].to_numpy(dtype=object)
    na = np.zeros(len(frame), dtype=bool)
    if "na" in frame:
        na = frame["na"].to_numpy(dtype=bool)

    has_limits = ~(np.isnan(low) & np.isnan(high))
    has_both = ~(np.isnan(low) | np.isnan(high))
    has_distribution = np.isin(kind, DISTRIBUTIONS[1:])
    outside = (low > value) | (high < value) | (low > high)
    one_limit = has_limits & ~has_both & ~na
    no_limits = ~has_limits & has_distribution & ~na
    na_with_limits = na & (has_limits | has_distribution) & ~outside
    is_normal = ~outside & (kind == "normal")
    skewed_normal = is_normal & _is_skewed(low, value, high)
    with np.errstate(divide="ignore", invalid="ignore"):  # of rows that are not lognormal
        skewed_logarithms = _is_skewed(np.log(low), np.log(value), np.log(high))
    is_lognormal = ~outside & (kind == "lognormal") & (low > 0)
    skewed_lognormal = is_lognormal & skewed_logarithms
    lognormal_below_zero = (kind == "lognormal") & (low <= 0)

    faults: list[LimitFault] = []

    def add(mask: np.ndarray, code: str, message: str) -> None:
        rows = np.flatnonzero(mask)
        if len(rows):
            faults.append(LimitFault(rows, code, message, _shown(frame.iloc[rows[0]])))

    for word in _unknown(kind):
        add(kind == word, "unknown-distribution", "inputs.unknown-distribution")
    add(outside, "low-high", "inputs.value-outside-limits")
    add(one_limit, "distribution-limits", "inputs.one-limit")
    add(no_limits, "distribution-limits", "inputs.no-limits")
    add(na_with_limits, "distribution-limits", "inputs.na-with-limits")
    add(lognormal_below_zero, "distribution-limits", "inputs.lognormal-limits")
    add(skewed_normal, "distribution-skewed", "inputs.skewed-normal")
    add(skewed_lognormal, "distribution-skewed", "inputs.skewed-lognormal")
    return faults


def _unknown(kind: np.ndarray) -> list[str]:
    """Return the words that are not distributions, each once."""
    return [word for word in pd.unique(kind) if word not in DISTRIBUTIONS]


def _is_skewed(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return whether values are far from the middle of their limits, compared with their width."""
    middle = (low + high) / 2
    return np.asarray(np.abs(value - middle) > _LARGEST_SKEW * (high - low))


def _shown(row: pd.Series) -> dict[str, object]:
    """Return value, limits and distribution of a row as a message shows them."""
    shown: dict[str, object] = {"distribution": row["distribution"]}
    for name, blank in (("value", "na"), ("low", ""), ("high", "")):
        shown[name] = blank if np.isnan(row[name]) else f"{row[name]:.10g}"
    return shown
