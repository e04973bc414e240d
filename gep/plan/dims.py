"""Dimensions of a step (核算维度): their order, arrays over them, and the axes of a step.

Arrays of a plan are bare. Their dimensions follow the order of ``DIMS``, and an array without a
dimension does not vary along it. What a step runs over is found in ``gep.plan.axes``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gep.extent.extent import CELL_DIMS
from gep.inputs.value_rows import KEYS

DIMS = KEYS


@dataclass(frozen=True)
class Axes:
    """What a step runs over: its cells, and the members of its other keys by region.

    Attributes
    ----------
    present : ndarray of bool
        The cells that the step runs on, region x ecosystem.
    members : mapping of str to tuple of str
        The members of each key besides region and ecosystem, in the order of the arrays.
    supplied : mapping of str to ndarray of bool
        Which regions have which members, region x member, for keys whose members come from data
        rows or steps. A key that the step's ``over`` names is not here: every region has all its
        members.
    unsupplied : ndarray of bool
        Regions that have no data row of a key that other regions have.
    members_unknown : bool
        Whether an input has no number at all, so that not every key has members.
    """

    present: np.ndarray
    members: Mapping[str, tuple[str, ...]]
    supplied: Mapping[str, np.ndarray]
    unsupplied: np.ndarray
    members_unknown: bool

    def size(self, dim: str) -> int:
        """Return the length of a dimension."""
        if dim in CELL_DIMS:
            axis = CELL_DIMS.index(dim)
            return int(self.present.shape[axis])
        return len(self.members[dim])

    def needed(self, dims: Sequence[str]) -> np.ndarray:
        """Find the cells that need a number from an input.

        Parameters
        ----------
        dims : sequence of str
            Dimensions of the input.

        Returns
        -------
        ndarray of bool
            Over ``dims``: True for cells that are present in some region, with a member that some
            region has.
        """
        needed = np.ones([self.size(dim) for dim in dims], dtype=bool)
        if "ecosystem" in dims:
            needed &= _project(self.present, "ecosystem", dims)
        for key, supplied in self.supplied.items():
            if key in dims:
                needed &= _project(supplied, key, dims)
        return needed


def _project(by_region: np.ndarray, key: str, dims: Sequence[str]) -> np.ndarray:
    """Bring an array over region and ``key`` to ``dims``; without regions, any region counts."""
    if "region" in dims:
        return expand(by_region, ("region", key), dims)
    in_any_region = np.asarray(by_region.any(axis=0))
    return expand(in_any_region, (key,), dims)


def expand(values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
    """Give an array the axes of more dimensions, so that it broadcasts against arrays over them.

    Parameters
    ----------
    values : ndarray
        Over ``dims``; axes ahead of them (draws) stay where they are.
    dims : sequence of str
        Dimensions of ``values``.
    target : sequence of str
        Dimensions of the result, in the same order, a superset of ``dims``.

    Returns
    -------
    ndarray
        Over ``target``, of length 1 along dimensions that are not in ``dims``. A view where that is
        possible.
    """
    axes_ahead = values.ndim - len(dims)
    sizes = dict(zip(dims, values.shape[axes_ahead:], strict=True))
    shape = list(values.shape[:axes_ahead])
    for dim in target:
        shape.append(sizes.get(dim, 1))
    return values.reshape(shape)
