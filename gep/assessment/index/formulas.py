"""The few formulas of composite indices that are more than weighted sums; inputs are arrays by region."""

from collections.abc import Callable, Mapping

import numpy as np

_PLENTY, _TOO_MUCH = 1.4, 2.4  # this year's water resources over their mean of many years


def effective_water_resources(actual: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Water resources that count (W*): too much water does not make an environment better.

    With a = actual / mean of many years: actual below 1.4, mean (2.4 - a) from 1.4 to 2.4, 0 above. Falls at 1.4 from
    1.4 to 1.0 times the mean: so in public code for HJ 192-2015, to be held against the standard. NaN without a mean.
    """
    ratio = actual / np.where(mean > 0, mean, np.nan)
    counted = np.select([ratio < _PLENTY, ratio <= _TOO_MUCH], [actual, mean * (_TOO_MUCH - ratio)], 0.0)
    return np.asarray(np.where(np.isfinite(ratio), counted, np.nan))


def total(*parts: np.ndarray) -> np.ndarray:
    """The sum of quantities that are read elsewhere in the tree, in the same unit."""
    return np.asarray(np.sum(parts, axis=0))


FORMULAS: Mapping[str, Callable[..., np.ndarray]] = {
    "effective_water_resources": effective_water_resources,
    "total": total,
}
INPUTS: Mapping[str, int | None] = {"effective_water_resources": 2, "total": None}  # how many, None: any
