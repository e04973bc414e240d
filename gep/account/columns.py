"""Results as columns (结果矩阵): regions and their parents by steps and items.

Owns the matrix that result tables, lines, comparisons and draws are cut from, and the sums of
regions to their parents. It knows nothing of files or of the wording of tables.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from gep.extent.regions import Regions
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.units import factor

NOT_COMPILED = "not_compiled"  # a cell whose inputs are missing in a partial account


@dataclass(frozen=True)
class ResultColumns:
    """The results of an account side by side: rows are regions, then parents; columns are items.

    Attributes
    ----------
    values : ndarray of float, region x column
        Numbers in the unit of each column; meaningless where not ``valid``.
    present : ndarray of bool, region x column
        Whether the cell exists.
    valid : ndarray of bool, region x column
        Whether the cell exists and is not ``na``.
    gap : ndarray of bool, region x column
        Whether the cell is not compiled because an input is missing.
    columns : DataFrame
        A row for each column: category, indicator, step, item, kind, unit, ecosystem, additive
        (False: a parent's figure is a sum of parts, see ``Plan.sums_of_parts``), and ``scale``, the
        factor from its unit to the standard's (NaN for columns that are not values).
    """

    values: np.ndarray
    present: np.ndarray
    valid: np.ndarray
    gap: np.ndarray
    columns: pd.DataFrame

    def select(self, rows: slice) -> "ResultColumns":
        """Return the same columns of some of the rows."""
        return ResultColumns(
            values=self.values[rows],
            present=self.present[rows],
            valid=self.valid[rows],
            gap=self.gap[rows],
            columns=self.columns,
        )

    def cells(self) -> np.ndarray:
        """Return the cells as they are written: numbers, ``na`` or ``not_compiled``."""
        is_number = self.valid & ~self.gap
        if is_number[self.present].all():
            return self.values
        cells = self.values.astype(object)
        cells[~self.valid] = "na"
        cells[self.gap] = NOT_COMPILED
        return cells


@dataclass(frozen=True)
class ParentRegions:
    """The parents of an account's regions: their codes, and the positions of their regions."""

    codes: tuple[str, ...]
    members: tuple[np.ndarray, ...]


def parents(plan: Plan) -> ParentRegions:
    """Return the parents of a plan's regions, the nearest first."""
    return parents_of(plan.regions, plan.extent.regions)


def parents_of(regions: Regions | None, codes: Iterable[str]) -> ParentRegions:
    """Return the parents of some regions.

    Parameters
    ----------
    regions : Regions or None
        The regions table; None if the project has none.
    codes : iterable of str
        Codes of regions. The positions in ``members`` count them.

    Returns
    -------
    ParentRegions
        The lowest level first, each level in the order of the regions table; empty without a table.
    """
    if regions is None:
        return ParentRegions((), ())
    members: dict[str, list[int]] = {}
    for position, code in enumerate(codes):
        for parent in regions.ancestors(code):
            members.setdefault(parent, []).append(position)
    in_table_order = [code for code in regions.frame.index if code in members]
    lowest_first = sorted(
        in_table_order,
        key=lambda code: len(regions.ancestors(code)),
        reverse=True,
    )
    positions = [np.array(members[code]) for code in lowest_first]
    return ParentRegions(tuple(lowest_first), tuple(positions))


def roll_up(values: np.ndarray, parent_regions: ParentRegions, how: str = "sum") -> np.ndarray:
    """Append a row for each parent to the rows of the regions.

    Parameters
    ----------
    values : ndarray, ... x region x column
        Numbers or flags of the regions; axes before them (draws) stay.
    parent_regions : ParentRegions
        The parents, whose ``members`` are positions along the axis of regions.
    how : {'sum', 'any'}, default 'sum'
        How the rows of a parent's members become its own.

    Returns
    -------
    ndarray, ... x (region, then parent) x column
    """
    if not parent_regions.codes:
        return values
    reduce = getattr(np, how)
    rows = [values]
    for members in parent_regions.members:
        rows.append(reduce(values[..., members, :], axis=-2, keepdims=True))
    return np.concatenate(rows, axis=-2)


def columns_of(
    plan: Plan, results: Mapping[str, np.ndarray], *, by_ecosystem: bool
) -> ResultColumns:
    """Put the results of all steps side by side.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        The results of ``gep.account.evaluation.evaluate``.
    by_ecosystem : bool
        Whether each ecosystem type has its own column (auxiliary steps are then left out), or
        results are summed over ecosystem types.

    Returns
    -------
    ResultColumns
        Rows are the plan's regions, without parents. Steps with ``per = "none"`` are left out.
    """
    values: list[np.ndarray] = []
    present: list[np.ndarray] = []
    valid: list[np.ndarray] = []
    gaps: list[np.ndarray] = []
    descriptions: list[pd.DataFrame] = []
    count = len(plan.extent.regions)
    for step in _tabulated_steps(plan):
        if by_ecosystem and step.step.kind == "auxiliary":
            continue
        step_values = results[step.name]
        step_present = step.present
        step_valid = step.valid
        if not by_ecosystem:
            step_values = _collect(plan, step, step_values)
            step_present = _any_ecosystem(step, step_present)
            step_valid = _any_ecosystem(step, step_valid)
        step_values = step_values.reshape(count, -1)
        gap = np.zeros(count, dtype=bool) if step.gap is None else step.gap
        values.append(step_values)
        present.append(step_present.reshape(count, -1))
        valid.append(step_valid.reshape(count, -1))
        gaps.append(np.broadcast_to(gap[:, None], step_values.shape))
        descriptions.append(_describe_columns(plan, step, by_ecosystem=by_ecosystem))
    return ResultColumns(
        values=_side_by_side(values, count, float),
        present=_side_by_side(present, count, bool),
        valid=_side_by_side(valid, count, bool),
        gap=_side_by_side(gaps, count, bool),
        columns=pd.concat(descriptions or [_no_columns()], ignore_index=True),
    )


def _side_by_side(blocks: list[np.ndarray], count: int, dtype: type) -> np.ndarray:
    """Join the columns of steps; an account of factors alone has none."""
    return np.hstack([np.empty((count, 0), dtype=dtype), *blocks])


def _no_columns() -> pd.DataFrame:
    """Return the description of no columns, as ``_describe_columns`` would give it."""
    texts = ["category", "indicator", "step", "item", "kind", "unit", "ecosystem"]
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in texts})
    return empty.assign(additive=pd.Series(dtype=bool), scale=pd.Series(dtype=float))


def column_values(plan: Plan, results: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the values of ``columns_of`` summed over ecosystem types.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        Results of the steps, with an axis of draws before their dims or without.

    Returns
    -------
    ndarray, (draw x) region x column
        In the unit of each column.
    """
    parts = list(column_parts(plan, results))
    draw_shapes = [part.shape[:-2] for part in parts]
    draws = np.broadcast_shapes(*draw_shapes)
    wide = [np.empty((*draws, len(plan.extent.regions), 0))]
    for part in parts:
        shape = (*draws, *part.shape[-2:])
        wide.append(np.broadcast_to(part, shape))
    return np.concatenate(wide, axis=-1)


def column_parts(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the values of ``columns_of`` step by step, as they lie in memory.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        Results of the steps, with an axis of draws before their dims or without.

    Yields
    ------
    ndarray, (draw x) region x item
    """
    count = len(plan.extent.regions)
    for step in _tabulated_steps(plan):
        part = _collect(plan, step, results[step.name])
        dims = [dim for dim in step.out if dim != "ecosystem"]
        draw_axes = part.ndim - len(dims)
        draws = part.shape[:draw_axes]
        yield part.reshape(*draws, count, -1)


def with_parents(block: ResultColumns, parent_regions: ParentRegions) -> ResultColumns:
    """Append the rows of the parents, ``na`` counting as nothing in their sums."""
    values = np.where(block.valid, block.values, 0.0)
    return ResultColumns(
        values=roll_up(values, parent_regions),
        present=roll_up(block.present, parent_regions, "any"),
        valid=roll_up(block.valid, parent_regions, "any"),
        gap=roll_up(block.gap, parent_regions, "any"),
        columns=block.columns,
    )


def _tabulated_steps(plan: Plan) -> list[PlannedStep]:
    """Return the steps that result tables show: all but those that are handed on as they are."""
    return [step for step in plan.steps if step.step.per != "none"]


def _collect(plan: Plan, step: PlannedStep, values: np.ndarray) -> np.ndarray:
    """Sum a step's amounts over ecosystem types, if it has them."""
    if "ecosystem" not in step.out:
        return values
    axis = step.out.index("ecosystem") - len(step.out)
    return np.asarray(values.sum(axis=axis))


def _any_ecosystem(step: PlannedStep, mask: np.ndarray) -> np.ndarray:
    """Reduce a mask over a step's ``out`` dims to the cells where any ecosystem type has it."""
    if "ecosystem" not in step.out:
        return mask
    axis = step.out.index("ecosystem")
    return np.asarray(mask.any(axis=axis))


def _describe_columns(plan: Plan, step: PlannedStep, *, by_ecosystem: bool) -> pd.DataFrame:
    """Describe a step's columns, a row each; see ``ResultColumns.columns``."""
    ecosystems = ["unallocated"]
    if by_ecosystem and "ecosystem" in step.out:
        ecosystems = list(plan.extent.ecosystems)
    keys = [dim for dim in step.out if dim not in ("region", "ecosystem")]
    items = []
    for members in product(*(step.members[key] for key in keys)):
        pairs = zip(keys, members, strict=True)
        items.append(";".join(f"{key}={member}" for key, member in pairs))
    ecosystem_of_columns: list[str] = []
    for ecosystem in ecosystems:
        ecosystem_of_columns += [ecosystem] * len(items)
    scale = np.nan
    if step.step.kind == "value":
        scale = factor(step.step.unit, plan.standard.spec.unit)
    return pd.DataFrame(
        {
            "category": step.indicator.category if step.indicator else "",
            "indicator": step.indicator.id if step.indicator else "",
            "step": step.step.id,
            "item": items * len(ecosystems),
            "kind": step.step.kind,
            "unit": step.step.unit,
            "ecosystem": ecosystem_of_columns,
            "additive": step.name not in plan.sums_of_parts,
            "scale": scale,
        }
    )
