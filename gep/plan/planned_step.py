"""A step of a plan, its inputs bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gep.plan.binding import BoundInput
from gep.standards.method import Method
from gep.standards.standard import Indicator, Step


@dataclass(frozen=True)
class StepLink:
    """An input that hands over another step's result: members chosen, ecosystems summed if the step runs by region."""

    source: str
    pick: tuple[tuple[str, tuple[int, ...], bool], ...]  # dim, positions, whether the dim goes
    total: bool  # sum over ecosystems first
    factor: float
    dims: tuple[str, ...]


@dataclass(frozen=True)
class PlannedStep:
    """A step ready to evaluate. ``dims`` are those of the method's result, ``out`` those left after ``sum_over``."""

    name: str
    indicator: Indicator | None
    step: Step
    method: Method
    inputs: Mapping[str, BoundInput | StepLink]
    dims: tuple[str, ...]
    out: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    factor: float  # method's unit (times m2 where per area) to the step's unit
    present: np.ndarray  # over out
    valid: np.ndarray  # over out: present and not na
    due: np.ndarray  # over dims: cells that exist, with a number or na
    live: np.ndarray  # over dims: cells that count before sum_over
    gap: np.ndarray | None  # regions whose result is not compiled

    @cached_property
    def all_live(self) -> bool:
        """Whether no cell has to be blanked."""
        return bool(self.live.all())


def resolve_link(link: StepLink, values: np.ndarray, out: Sequence[str], how: str) -> np.ndarray:
    """Take what a link hands over from an array over the source's ``out`` dims, by sum, any or max over ecosystems.

    Axes ahead of ``out`` (draws) stay.
    """
    dims = list(out)
    if link.total:
        start = {"initial": 0} if how == "max" else {}  # a region may have no ecosystem at all
        values = getattr(np, how)(values, axis=dims.index("ecosystem") - len(dims), **start)
        dims.remove("ecosystem")
    for dim, positions, goes in link.pick:
        axis = dims.index(dim) - len(dims)
        values = np.take(values, positions[0] if goes else positions, axis=axis)
        if goes:
            dims.remove(dim)
    return values
