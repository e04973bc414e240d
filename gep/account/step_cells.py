"""The cells of a step (步骤的计算单元): its inputs, area, result and amount, cell by cell.

Explanations read them for a region, report pages for all regions at once. The rows behind the
numbers are left to ``gep.account.explanation_rows``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gep.account.evaluation import EvaluatedPlan, arguments
from gep.account.pixel_evaluation import varying_inputs
from gep.plan.dims import expand
from gep.plan.planned_step import PlannedStep

SEPARATE_KEYS = ("substance", "product")  # their members are different things
CELL_AREA = "cell area"  # column of a part's area in hm2; no argument of a method can be called so
_M2_PER_HM2 = 1e4


@dataclass(frozen=True)
class StepCells:
    """The cells of a step, each an entry of every array.

    Attributes
    ----------
    positions : mapping of str to ndarray of int
        For each dim of the step, the position of the cell's member.
    inputs : mapping of str to ndarray
        The arguments of the method, in its units; NaN for what differs from pixel to pixel.
    area : ndarray or None
        hm2; None if the step does not multiply by area.
    result : ndarray
        What the method returns, in its unit; of a step at pixels their mean, weighted by area.
    amount : ndarray
        In the step's unit; NaN where the cell is ``na``. The amounts sum to the step's number.
    """

    positions: Mapping[str, np.ndarray]
    inputs: Mapping[str, np.ndarray]
    area: np.ndarray | None
    result: np.ndarray
    amount: np.ndarray


def cells_of_step(
    evaluated: EvaluatedPlan, step: PlannedStep, is_cell: np.ndarray, regions: np.ndarray | None
) -> StepCells:
    """Evaluate a step again, cell by cell.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        The account, whose results supply the inputs that are other steps.
    step : PlannedStep
    is_cell : ndarray of bool
        Over the step's dims: the cells wanted, such as ``step.live``.
    regions : ndarray of int or None
        Positions of the regions wanted in ``plan.extent.regions``; None for all.

    Returns
    -------
    StepCells
    """
    extent = evaluated.plan.extent
    if regions is not None and "region" in step.dims:
        in_regions = np.zeros(len(extent.regions), dtype=bool)
        in_regions[regions] = True
        is_cell = is_cell & expand(
            in_regions,
            ("region",),
            step.dims,
        )
    cells = np.argwhere(is_cell)
    cell_index = tuple(cells.T)
    inputs = {}
    varying = varying_inputs(evaluated.plan, step)
    for name, values in arguments(evaluated.plan, step, evaluated.results).items():
        if name in varying:  # a mean, of which the method gives another number
            inputs[name] = np.full(len(cells), np.nan)
            continue
        wide = np.broadcast_to(values, step.live.shape)
        inputs[name] = wide[cell_index].reshape(len(cells))
    if step.density is None:
        with np.errstate(all="ignore"):  # cells that are na
            result = np.asarray(step.method.function(**inputs), dtype=float)
    else:
        result = np.broadcast_to(step.density, step.live.shape)[cell_index].reshape(len(cells))
    result = np.broadcast_to(result, len(cells))
    amount = result * step.factor
    positions = dict(zip(step.dims, cell_index, strict=True))
    area = None
    if step.step.per == "area":
        in_m2 = extent.area_of()[positions["region"], positions["ecosystem"]]
        area = in_m2 / _M2_PER_HM2
        amount = amount * in_m2
    is_live = step.live[cell_index].reshape(len(cells))
    amount = np.where(
        is_live,
        amount,
        np.nan,
    )
    return StepCells(
        positions,
        inputs,
        area,
        result,
        amount,
    )
