"""Values per area (单位面积价值) behind the values of an account that are areas times unit values.

The module finds the unit values as the method gives them, by region and ecosystem type. Which cells
of a workbook hold them is left to ``gep.report.account_sheets``.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gep.account.account import Account
from gep.account.evaluation import arguments
from gep.plan.planned_step import PlannedStep
from gep.units import factor

_CELL_DIMS = ("region", "ecosystem")


@dataclass(frozen=True)
class UnitValues:
    """The unit values of one value of an account.

    Attributes
    ----------
    values : ndarray of float
        Region x ecosystem, in ``unit``; NaN where the type does not count.
    unit : str
        Of the method: ``CNY ha-1``.
    factor : float
        From km2 times unit value to the standard's unit of money.
    """

    values: np.ndarray
    unit: str
    factor: float

    @property
    def is_uniform(self) -> bool:
        """Whether no type has different unit values in two regions."""
        lowest = np.fmin.reduce(self.values, axis=0)
        highest = np.fmax.reduce(self.values, axis=0)
        return bool((np.isnan(lowest) | (lowest == highest)).all())

    def rows(
        self, regions: Iterable[object], ecosystems: Iterable[object], hidden: Collection[str]
    ) -> Iterator[tuple[str, str, float]]:
        """Yield region, ecosystem type and unit value.

        Parameters
        ----------
        regions, ecosystems : iterable
            The labels of ``values``.
        hidden : collection of str
            Regions that are left out.

        Yields
        ------
        region : str
            Blank where all regions have the same unit values.
        ecosystem : str
        value : float
        """
        names = [str(name) for name in ecosystems]
        codes = [str(code) for code in regions]
        shown = [code for code in codes if code not in hidden]
        if self.is_uniform and shown:
            values = np.fmax.reduce(self.values, axis=0)
            yield from _finite("", names, values)
            return
        for code in shown:
            yield from _finite(code, names, self.values[codes.index(code)])


def _finite(code: str, names: list[str], values: np.ndarray) -> Iterator[tuple[str, str, float]]:
    """Yield the unit values of a region that are numbers."""
    for name, value in zip(names, values.tolist(), strict=True):
        if math.isfinite(value):
            yield code, name, value


def unit_values(account: Account) -> Mapping[int, UnitValues]:
    """Find the values that are sums of areas times unit values.

    Parameters
    ----------
    account : Account

    Returns
    -------
    dict of int to UnitValues
        By position of the value's column in ``account.block``.
    """
    columns = account.block.columns
    by_step: dict[str, list[int]] = {}
    for position, column in enumerate(columns.itertuples()):
        name = f"{column.indicator}.{column.step}" if column.indicator else column.step
        by_step.setdefault(name, []).append(position)
    found = {}
    for step in account.plan.steps:
        is_of_area = step.step.kind == "value" and step.step.per == "area"
        if not is_of_area or not set(_CELL_DIMS) <= set(step.dims):
            continue
        wide = _by_item(account, step)
        positions = by_step.get(step.name, [])
        if wide is None or wide.shape[-1] != len(positions):
            continue
        for item, position in enumerate(positions):
            found[position] = UnitValues(
                values=wide[:, :, item],
                unit=step.method.unit,
                factor=factor(f"{step.method.unit} km2", account.plan.standard.spec.unit),
            )
    return found


def _by_item(account: Account, step: PlannedStep) -> np.ndarray | None:
    """Return what a method gives per area, region x ecosystem x item; None if items are summed."""
    items = [dim for dim in step.dims if dim not in _CELL_DIMS]
    if any(dim not in step.out for dim in items):
        return None
    given = step.method.function(**arguments(account.plan, step, account.results))
    wide = np.where(step.live, np.broadcast_to(given, step.live.shape), np.nan)
    order = [step.dims.index(dim) for dim in (*_CELL_DIMS, *items)]
    moved = np.transpose(wide, order)
    return np.asarray(moved.reshape(*moved.shape[:2], -1))
