"""Sensitivity of an account to its inputs (敏感性分析): which uncertain rows move a result most.

This module owns the table ``sensitivity.csv``: one-at-a-time swings and Sobol indices of the inputs
behind one result. ``gep.uncertainty.sobol`` has the estimators.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.account.lines import TOTAL
from gep.errors import ProblemsFound, make_problem
from gep.extent.regions import region_label
from gep.plan.plan import Plan
from gep.uncertainty.sampled_plan import SampledResult, sample_result
from gep.uncertainty.sobol import is_power_of_two, one_at_a_time, sobol_indices

SENSITIVITY_COLUMNS = [
    "input",
    "rows",
    "low",
    "value",
    "high",
    "unit",
    "result_low",
    "result",
    "result_high",
    "swing",
    "first",
    "first_low",
    "first_high",
    "total",
    "total_low",
    "total_high",
]
MOST_INDICES = 30  # inputs whose Sobol indices are estimated: those that swing most
_MEDIAN = 0.5  # as a probability


def input_sensitivity(
    plans: Sequence[Plan],
    region: str,
    year: int,
    *,
    start: int | None = None,
    category: str = TOTAL,
    indicator: str = TOTAL,
    points: int = 0,
    seed: int = 0,
    most: int = MOST_INDICES,
) -> pd.DataFrame:
    """Analyse how the uncertain inputs behind a result move it.

    An input is an uncertain row, or the rows of a group, which move together.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of different years.
    region : str
        Code of a region, or of a parent whose regions are summed.
    year : int
        Year of the result.
    start : int, optional
        Year since when the change to ``year`` is the result; by default the level of ``year``.
    category : str, default 'total'
        Category of the total that is the result, ``total`` for the headline. Only read if
        ``indicator`` is ``total``.
    indicator : str, default 'total'
        Id of the indicator whose value is the result, ``total`` for a total.
    points : int, default 0
        Number of base points of Sobol indices, a power of two of at least 2; 0 for none.
    seed : int, default 0
        Seed of the Sobol indices.
    most : int, default 30
        How many inputs, those that swing most, get Sobol indices. The others are held at their
        medians.

    Returns
    -------
    DataFrame
        A row for each input, the largest swing first; columns ``SENSITIVITY_COLUMNS``. ``low``,
        ``value`` and ``high`` are in ``unit`` (NaN for a group of rows), the ``result`` columns in
        the unit of the result. ``swing`` is the result with the input at its high less that at its
        low, the others at their values. Sobol indices are shares of the variance, NaN where they
        are not estimated.

    Raises
    ------
    ProblemsFound
        ``no-uncertainty`` where no row behind the result gives low and high, ``bad-draws`` for
        points that are not a power of two, ``not-finite-result`` or ``method-failed`` where numbers
        within the limits are outside what a method accepts.
    KeyError
        If the plans do not have the region or year.
    """
    result = sample_result(plans, region, year, start)
    if result.inputs.empty:
        problem = make_problem(
            "no-uncertainty",
            region_label(region, plans[0].regions),
            "uncertainty.no-limits-of-region",
            years=[year] if start is None else [start, year],
        )
        raise ProblemsFound([problem])
    if points and not is_power_of_two(points):
        problem = make_problem(
            "bad-draws",
            "--sobol",
            "uncertainty.not-a-power-of-two",
            points=points,
        )
        raise ProblemsFound([problem])
    line = _line_position(result, category, indicator)
    count = len(result.inputs)

    def line_between(positions: np.ndarray) -> np.ndarray:
        values = result.between(positions)
        return np.asarray(values[line])

    swings = one_at_a_time(
        line_between,
        low=-np.ones(count),
        high=np.ones(count),
        centre=np.zeros(count),
    )
    table = result.inputs.rename(columns={"title": "input"})
    table["result_low"] = swings.low
    table["result"] = swings.centre
    table["result_high"] = swings.high
    table["swing"] = swings.high - swings.low
    swing = np.abs(table["swing"].to_numpy())
    order = np.argsort(-swing, kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    for name in SENSITIVITY_COLUMNS:
        if name not in table:
            table[name] = np.nan
    if points:
        _fill_indices(table, result, line, order[:most], points=points, seed=seed)
    return table[SENSITIVITY_COLUMNS]


def _line_position(result: SampledResult, category: str, indicator: str) -> int:
    """Return the position of the line of a total or of an indicator's value."""
    lines = result.lines.frame
    is_whole = lines["item"] == ""  # not an item of the indicator
    is_value = lines["kind"] == "value"
    is_line = is_whole & is_value & (lines["indicator"] == indicator)
    if indicator == TOTAL:
        is_line &= lines["category"] == category
    return int(np.flatnonzero(is_line.to_numpy())[0])


def _fill_indices(
    table: pd.DataFrame,
    result: SampledResult,
    line: int,
    streams: np.ndarray,
    *,
    points: int,
    seed: int,
) -> None:
    """Fill the Sobol indices of some streams into the first rows of the table, in their order."""

    def line_at(uniform: np.ndarray) -> np.ndarray:
        draws = uniform.shape[1]
        uniform_of_all = np.full((len(result.inputs), draws), _MEDIAN)
        uniform_of_all[streams] = uniform
        values = result.at(uniform_of_all)
        return np.asarray(values[line])

    count = len(streams)
    indices = sobol_indices(
        line_at,
        inputs=count,
        points=points,
        seed=seed,
    )
    estimates = {
        "first": indices.first,
        "first_low": indices.first_low,
        "first_high": indices.first_high,
        "total": indices.total,
        "total_low": indices.total_low,
        "total_high": indices.total_high,
    }
    for name, values in estimates.items():
        table.loc[: count - 1, name] = values
