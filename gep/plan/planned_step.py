"""A step of a plan (方案中的步骤) with its inputs bound, and the link from one step to another.

Steps are planned in ``gep.plan.steps`` and evaluated in ``gep.account.evaluation``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from gep.plan.binding import BoundInput
from gep.plan.binding_context import step_label
from gep.plan.cell_density import CellDensity
from gep.standards.method import Method
from gep.standards.standard import Binding, Indicator, Step
from gep.texts.catalogue import Label


class Selection(NamedTuple):
    """The members that a link takes along one dimension of another step's result."""

    dim: str
    positions: tuple[int, ...]
    drop_dim: bool  # the one member is fixed (``at``), so that the dimension is gone


@dataclass(frozen=True)
class StepLink:
    """An input that takes the result of another step.

    Attributes
    ----------
    source : str
        Full name of the step whose result is taken.
    pick : tuple of Selection
        Members that are selected, one entry for each dimension of which not all are taken as they
        are.
    total : bool
        Whether the result is first summed over ecosystem types, because the taking step runs by
        region.
    factor : float
        From the unit of the source to the unit that the method expects.
    dims : tuple of str
        Dimensions of what is taken.
    """

    source: str
    pick: tuple[Selection, ...]
    total: bool
    factor: float
    dims: tuple[str, ...]


@dataclass(frozen=True)
class PlannedStep:
    """A step that is ready to evaluate.

    Attributes
    ----------
    name : str
        Full name, ``indicator.step``, or the id of a shared step.
    indicator : Indicator or None
        The indicator that the step belongs to; None for a shared step.
    step : Step
        The step as the standard writes it.
    method : Method
        The function that is called.
    inputs : mapping of str to BoundInput or StepLink
        Where each argument of the method comes from.
    dims : tuple of str
        Dimensions of the method's result.
    out : tuple of str
        Dimensions of the step's result: ``dims`` without those in ``sum_over``.
    members : mapping of str to tuple of str
        Members of each dimension besides region and ecosystem.
    factor : float
        From the method's unit (times m2 where the step runs per area) to the step's unit.
    present : ndarray of bool
        Over ``out``: cells that exist.
    valid : ndarray of bool
        Over ``out``: cells that exist and are not na.
    required : ndarray of bool
        Over ``dims``: cells that exist, with a number or na.
    live : ndarray of bool
        Over ``dims``: cells that count before ``sum_over``.
    gap : ndarray of bool or None
        Regions whose result is not compiled because an input is missing; None if there are none.
    density : ndarray or None
        Over ``dims``, what the method gave on the pixels of each cell, by their area: it stands in
        the place of the method. None where the step is evaluated on cells.
    density_at : CellDensity or None
        How ``density`` follows from coefficients that are drawn; None where they are not, or where
        only the pixels can tell.
    """

    name: str
    indicator: Indicator | None
    step: Step
    method: Method
    inputs: Mapping[str, BoundInput | StepLink]
    dims: tuple[str, ...]
    out: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    factor: float
    present: np.ndarray
    valid: np.ndarray
    required: np.ndarray
    live: np.ndarray
    gap: np.ndarray | None
    density: np.ndarray | None = None
    density_at: CellDensity | None = None

    @property
    def per(self) -> Literal["area", "amount", "region", "none"]:
        """What the method computes: a density, an amount of a cell, of a region, or neither."""
        return self.step.per

    @property
    def unit(self) -> str:
        """The unit of the result."""
        return self.step.unit

    @property
    def kind(self) -> Literal["quantity", "value", "auxiliary"]:
        """What the result is: a physical quantity, a value in money, or an intermediate number."""
        return self.step.kind

    @property
    def bindings(self) -> Mapping[str, Binding]:
        """Where the standard says that each argument comes from."""
        return self.step.inputs

    @property
    def label(self) -> Label:
        """The full name with the titles of indicator and step, for messages."""
        return step_label(self.name, self.indicator, self.step)

    @cached_property
    def all_live(self) -> bool:
        """Return whether every cell counts, so that none has to be blanked."""
        return bool(self.live.all())


def resolve_link(link: StepLink, values: np.ndarray, out: Sequence[str], how: str) -> np.ndarray:
    """Take what a link takes from an array over the result of its source.

    Parameters
    ----------
    link : StepLink
    values : ndarray
        Over ``out``; axes ahead of them (draws) stay where they are.
    out : sequence of str
        Dimensions of the source's result.
    how : {'sum', 'any', 'max'}
        How ecosystem types are reduced where the link takes their total: amounts are summed, flags
        are joined by "any", grades by their maximum.

    Returns
    -------
    ndarray
        Over ``link.dims``, in the source's unit.
    """
    dims = list(out)
    if link.total:
        axis = dims.index("ecosystem") - len(dims)
        if how == "sum":
            values = np.sum(values, axis=axis)
        elif how == "any":
            values = np.any(values, axis=axis)
        else:
            values = np.max(values, axis=axis, initial=0)  # a region may have no type at all
        dims.remove("ecosystem")
    for selection in link.pick:
        axis = dims.index(selection.dim) - len(dims)
        if selection.drop_dim:
            values = np.take(values, selection.positions[0], axis=axis)
            dims.remove(selection.dim)
        else:
            values = np.take(values, selection.positions, axis=axis)
    return values
