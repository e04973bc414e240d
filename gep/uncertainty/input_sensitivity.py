"""Which inputs move an account most (敏感性分析): swings one at a time and Sobol indices of rows with limits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.errors import ProblemsFound, make_problem
from gep.plan.plan import Plan
from gep.uncertainty.sampled_plan import SampledResult, sample_result
from gep.uncertainty.sobol import one_at_a_time, sobol_indices

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
SHOWN = 30  # inputs whose Sobol indices are estimated: those that swing most


def input_sensitivity(
    plans: Sequence[Plan],
    region: str,
    year: int,
    *,
    start: int | None = None,
    category: str = "total",
    indicator: str = "total",
    points: int = 0,
    seed: int = 0,
    most: int = SHOWN,
) -> pd.DataFrame:
    """The inputs behind a value of a region or parent in ``year`` (or behind its change since ``start``).

    ``swing`` is the result with the input at its high less that at its low, the others at their values. With ``points``
    (a power of two) ``first`` and ``total`` are Sobol indices of the ``most`` inputs that swing most, the others being
    held at their medians; else they are blank. Raises ``ProblemsFound``.
    """
    behind = sample_result(plans, region, year, start)
    if behind.inputs.empty:
        what = f"no number behind {region} has low and high"
        fix = "fill low, high and distribution of the coefficients or data"
        raise ProblemsFound([make_problem("no-uncertainty", region, what, fix)])
    line = _line(behind, category, indicator)
    count = len(behind.inputs)
    swings = one_at_a_time(
        lambda steps: behind.between(steps)[line], -np.ones(count), np.ones(count), np.zeros(count)
    )
    frame = behind.inputs.rename(columns={"title": "input"}).assign(
        result_low=swings.low,
        result=swings.centre,
        result_high=swings.high,
        swing=swings.high - swings.low,
    )
    order = np.argsort(-np.abs(frame["swing"].to_numpy()), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    for name in SENSITIVITY_COLUMNS:
        if name not in frame:
            frame[name] = np.nan
    if points:
        _indices(frame, behind, line, order[:most], points, seed)
    return frame[SENSITIVITY_COLUMNS]


def _line(behind: SampledResult, category: str, indicator: str) -> int:
    frame = behind.lines.frame
    same = (frame["indicator"] == indicator) & (frame["item"] == "") & (frame["kind"] == "value")
    if indicator == "total":
        same &= frame["category"] == category
    return int(np.flatnonzero(same.to_numpy())[0])


def _indices(
    frame: pd.DataFrame,
    behind: SampledResult,
    line: int,
    chosen: np.ndarray,
    points: int,
    seed: int,
) -> None:
    """Fill in the Sobol indices of the chosen streams."""
    if points < 2 or points & (points - 1):
        what = f"{points} points"
        raise ProblemsFound(
            [make_problem("bad-draws", "--sobol", what, "take a power of two, such as 1024")]
        )

    def result(uniform: np.ndarray) -> np.ndarray:
        every = np.full((len(behind.inputs), uniform.shape[1]), 0.5)
        every[chosen] = uniform
        return np.asarray(behind.at(every)[line])

    found = sobol_indices(result, len(chosen), points, seed)
    for name in ("first", "first_low", "first_high", "total", "total_low", "total_high"):
        frame.loc[: len(chosen) - 1, name] = getattr(found, name)
