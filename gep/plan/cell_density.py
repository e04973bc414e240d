"""The density of a cell as a function of coefficients (单元密度): a polynomial between corners.

A step at pixels whose method is affine in each number that does not vary inside a cell, given the
others, is multilinear in these numbers, and so are its sums over pixels. The sums at the corners of
a box of them, each number at one end or the other, tell all of it: pixels need not be read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np


class CellArgument(NamedTuple):
    """An argument of a step that is evaluated at pixels, which does not vary inside a cell."""

    step: str
    argument: str


@dataclass(frozen=True)
class CellDensity:
    """What the pixels of each cell give, by the arguments that do not vary inside a cell.

    Attributes
    ----------
    arguments : tuple of CellArgument
        Those that vary with draws.
    starts, ends : tuple of ndarray
        For each of them one number and another, over the dims of the step; alike where the
        argument does not vary.
    corners : ndarray
        The densities, over an axis of length 2 for each argument (at its start, at its end), then
        the dims of the step.
    """

    arguments: tuple[CellArgument, ...]
    starts: tuple[np.ndarray, ...]
    ends: tuple[np.ndarray, ...]
    corners: np.ndarray

    def at(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Compute the densities at drawn numbers.

        Parameters
        ----------
        values : sequence of ndarray
            For each argument its numbers over the dims of the step, of length 1 where they do not
            vary, with an axis of draws ahead or without.

        Returns
        -------
        ndarray
            Draw, then the dims of the step; the axis of draws is the last in memory.
        """
        densities = self.corners[..., None]
        rank = self.corners.ndim - len(self.arguments)
        for start, end, numbers in zip(self.starts, self.ends, values, strict=True):
            if numbers.ndim == rank:
                numbers = numbers[None]
            draws_last = np.moveaxis(numbers, 0, -1)
            width = (end - start)[..., None]
            varies = width != 0
            with np.errstate(invalid="ignore", divide="ignore"):
                position = np.where(varies, (draws_last - start[..., None]) / width, 0.0)
            densities = densities[0] * (1 - position) + densities[1] * position
        return np.moveaxis(densities, -1, 0)

    def placed(self, place: Callable[[np.ndarray], np.ndarray]) -> "CellDensity":
        """Return the same on other axes; ``place`` brings an array over the dims to them."""
        corners = self.corners.reshape([-1, *self.corners.shape[len(self.arguments) :]])
        placed = np.stack([place(corner) for corner in corners])
        return replace(
            self,
            starts=tuple(place(start) for start in self.starts),
            ends=tuple(place(end) for end in self.ends),
            corners=placed.reshape([*[2] * len(self.arguments), *placed.shape[1:]]),
        )
