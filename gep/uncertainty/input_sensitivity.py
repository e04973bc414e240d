"""Sensitivity of an account to its inputs (敏感性分析): which uncertain rows move a result most.

This module owns the table ``sensitivity.csv``: one-at-a-time swings and Sobol indices of the inputs
behind one result. The estimators of the indices are SciPy's, imported when they are asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.account.lines import TOTAL
from gep.errors import ProblemsFound, make_problem
from gep.extent.regions import region_label
from gep.plan.plan import Plan
from gep.uncertainty.sampled_plan import SampledResult, sample_result

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
_MOST_NUMBERS = 50_000_000  # points times inputs; more do not fit into memory
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
        points that are not a power of two or too many, ``not-finite-result`` or ``method-failed``
        where numbers within the limits are outside what a method accepts.
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
    if points * len(result.inputs) > _MOST_NUMBERS:
        problem = make_problem(
            "bad-draws",
            "--sobol",
            "uncertainty.many-points",
            points=points,
            inputs=len(result.inputs),
            most=_largest_power_of_two(_MOST_NUMBERS // len(result.inputs)),
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
        _fill_indices(
            table,
            result,
            line,
            order[:most],
            points=points,
            seed=seed,
        )
    return table[SENSITIVITY_COLUMNS]


def _largest_power_of_two(limit: int) -> int:
    """Return the largest power of two that is not above a limit of 1 or more."""
    return int(1 << (limit.bit_length() - 1))


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


ResultFunction = Callable[
    [np.ndarray], np.ndarray
]  # (input x point) -> (point) or (result x point)

_RESAMPLES = 999  # of the bootstrap
_RESAMPLES_AT_ONCE = 50  # which bounds memory
_ROUNDING = 1e-12  # a result that varies by less, relative to its size, varies by rounding alone
_EDGE = 2.0**-53  # the distance that points keep from 0 and 1, where quantiles may be infinite


@dataclass(frozen=True)
class Swings:
    """Results of moving one input at a time.

    Attributes
    ----------
    centre : ndarray
        The result with all inputs at their centre, () or (result).
    low, high : ndarray
        The result with one input at its low or high, (input) or (result x input).
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray


def one_at_a_time(
    result: ResultFunction, low: np.ndarray, high: np.ndarray, centre: np.ndarray
) -> Swings:
    """Compute a result with each input at its low and at its high, the others at their centre.

    ``result`` is called once, with 2 d + 1 points for d inputs. Swings say nothing of inputs that
    act together; see ``sobol_indices``.

    Parameters
    ----------
    result : callable
        Takes input x point, returns (point) or (result x point).
    low, high, centre : ndarray
        Numbers of each input.

    Returns
    -------
    Swings
    """
    centre = np.asarray(centre, dtype=float)
    count = len(centre)
    inputs = np.arange(count)
    centre_point = 2 * count  # behind a point for each low and a point for each high
    points = np.repeat(centre[:, None], centre_point + 1, axis=1)
    points[inputs, inputs] = low
    points[inputs, count + inputs] = high
    values = np.asarray(result(points), dtype=float)
    return Swings(
        centre=values[..., centre_point],
        low=values[..., :count],
        high=values[..., count:centre_point],
    )


@dataclass(frozen=True)
class SobolIndices:
    """Sobol indices of a result, (input) or (result x input), with bootstrap intervals.

    Estimates may lie a little outside 0 to 1.

    Attributes
    ----------
    first, first_low, first_high : ndarray
        First-order index: the share of the variance that would go if the input were known; and the
        limits of its interval.
    total, total_low, total_high : ndarray
        Total index: the share that would remain if all other inputs were known; and its limits.
    varies : ndarray of bool
        Whether the result varies, () or (result). Where it does not, all indices are 0.
    """

    first: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    varies: np.ndarray


def sobol_indices(
    result: ResultFunction, inputs: int, points: int, seed: int, confidence: float = 0.95
) -> SobolIndices:
    """Estimate first-order and total Sobol indices of a function of independent uniform numbers.

    Estimators are those of Saltelli et al. (2010) for the first order and of Jansen (1999) for the
    total, on a scrambled Sobol sequence, through ``scipy.stats.sobol_indices``; intervals are
    percentiles of a bootstrap of the points. Needs SciPy 1.15.

    Parameters
    ----------
    result : callable
        Takes numbers in (0, 1), input x point, returns (point) or (result x point). It is called
        ``inputs + 2`` times with ``points`` points.
    inputs : int
        Number of inputs.
    points : int
        Number of base points, a power of two of at least 2.
    seed : int
        Seed of the sequence and of the bootstrap. The same seed gives the same numbers.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If ``points`` is not a power of two.
    """
    if not is_power_of_two(points):
        raise ValueError(f"points = {points} is not a power of two of at least 2")
    sequence_rng, bootstrap_rng = np.random.default_rng(seed).spawn(2)
    f_a, f_b, f_ab = _base_values(result, inputs, points, sequence_rng)
    is_single = f_a.ndim == 1
    if is_single:
        f_a = f_a[None]
        f_b = f_b[None]
        f_ab = f_ab[:, None]
    varies = _varies(f_a, f_b, f_ab)
    estimates = np.zeros((6, len(varies), inputs))
    if inputs == 1:
        estimates[:, varies] = 1  # all variance is that of the only input
    elif varies.any():
        estimates[:, varies] = _estimate(
            f_a=f_a[varies],
            f_b=f_b[varies],
            f_ab=f_ab[:, varies],
            rng=bootstrap_rng,
            confidence=confidence,
        )
    if is_single:
        estimates = estimates[:, 0]
        varies = varies[0]
    first, first_low, first_high, total, total_low, total_high = estimates
    return SobolIndices(
        first=first,
        first_low=first_low,
        first_high=first_high,
        total=total,
        total_low=total_low,
        total_high=total_high,
        varies=np.asarray(varies),
    )


def is_power_of_two(points: int) -> bool:
    """Return whether a number of points is 2, 4, 8 and so on, as the Sobol sequence needs it."""
    return points >= 2 and points & (points - 1) == 0


def _base_values(
    result: ResultFunction, inputs: int, points: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute a result at the points A, at B, and at A with one input after the other from B."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(2 * inputs, bits=64, rng=rng)
    uniform = sequence.random(points).T
    uniform = uniform.clip(_EDGE, 1 - _EDGE)
    a = uniform[:inputs]
    b = uniform[inputs:]
    mixed_values = []
    for position in range(inputs):
        mixed = a.copy()
        mixed[position] = b[position]
        values = np.array(result(mixed), dtype=float)
        mixed_values.append(values)
    values_of_a = np.array(result(a), dtype=float)
    values_of_b = np.array(result(b), dtype=float)
    return values_of_a, values_of_b, np.stack(mixed_values)


def _varies(f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray) -> np.ndarray:
    """Return whether each result varies by more than rounding."""
    values = np.concatenate([f_a[None], f_b[None], f_ab])
    points = (0, 2)  # the axes but that of results
    size = np.abs(values).max(axis=points)
    variation = np.ptp(values, axis=points)
    return np.asarray(variation > _ROUNDING * size)


def _estimate(
    *,
    f_a: np.ndarray,
    f_b: np.ndarray,
    f_ab: np.ndarray,
    rng: np.random.Generator,
    confidence: float,
) -> np.ndarray:
    """Estimate indices: first with low and high, then total with low and high, x result x input.

    Parameters
    ----------
    f_a, f_b : ndarray
        The result at the points A and B, result x point.
    f_ab : ndarray
        The result at the mixed points, input x result x point.
    rng : Generator
        Random numbers of the bootstrap.
    confidence : float
        Level of the intervals.
    """
    from scipy.stats import bootstrap, sobol_indices

    results, points = f_a.shape

    def indices(chosen: np.ndarray) -> np.ndarray:
        """Estimate first and total (2 x result x input) from the chosen points."""
        values = {
            "f_A": f_a[:, chosen],
            "f_B": f_b[:, chosen],
            "f_AB": f_ab[..., chosen],
        }
        estimates = sobol_indices(func=values, n=points)
        both = np.stack([estimates.first_order, estimates.total_order])
        return both.reshape(2, results, -1)  # SciPy drops the axis of a single result

    # SciPy's own SobolResult.bootstrap takes no seed.
    resampled = bootstrap(
        (np.arange(points),),
        indices,
        n_resamples=_RESAMPLES,
        batch=_RESAMPLES_AT_ONCE,
        vectorized=False,
        confidence_level=confidence,
        method="percentile",
        rng=rng,
    )
    interval = resampled.confidence_interval
    best = indices(np.arange(points))
    estimates = np.stack([best, interval.low, interval.high])
    estimates = estimates.swapaxes(0, 1)
    return np.asarray(estimates.reshape(6, results, -1))
