"""The density of a cell as a function of coefficients (单元密度): a polynomial between nodes.

What the pixels of a cell give is often a polynomial, or as good as one, of the numbers that do not
vary inside it: of the first degree in each number in which a method is affine, of a higher one
where it is smooth. The sums at a grid of such numbers then tell all of it, and pixels need not be
read again.
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
    nodes : ndarray
        The densities, over an axis for each argument, then the dims of the step. Along an axis are
        the start, perhaps nodes between (see ``node_positions``), and the end.
    """

    arguments: tuple[CellArgument, ...]
    starts: tuple[np.ndarray, ...]
    ends: tuple[np.ndarray, ...]
    nodes: np.ndarray

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
        densities = self.nodes[..., None]
        rank = self.nodes.ndim - len(self.arguments)
        for number, numbers in enumerate(values):
            if numbers.ndim == rank:
                numbers = numbers[None]
            draws_last = np.moveaxis(numbers, 0, -1)
            start = self.starts[number][..., None]
            end = self.ends[number][..., None]
            width = end - start
            distance = draws_last - start
            with np.errstate(invalid="ignore", divide="ignore"):
                position = distance / width
            position = np.where(width != 0, position, 0.0)
            densities = _between(densities, position)
        return np.moveaxis(densities, -1, 0)

    def placed(self, place: Callable[[np.ndarray], np.ndarray]) -> "CellDensity":
        """Return the same on other axes; ``place`` brings an array over the dims to them."""
        count = len(self.arguments)
        nodes = self.nodes.reshape([-1, *self.nodes.shape[count:]])
        placed = np.stack([place(node) for node in nodes])
        return replace(
            self,
            starts=tuple(place(start) for start in self.starts),
            ends=tuple(place(end) for end in self.ends),
            nodes=placed.reshape([*self.nodes.shape[:count], *placed.shape[1:]]),
        )


def node_positions(count: int) -> np.ndarray:
    """Return the positions of nodes from 0 (start) to 1 (end).

    Parameters
    ----------
    count : int
        At least 2.

    Returns
    -------
    ndarray
        Chebyshev points, which are dense at the ends: polynomials through them keep near to smooth
        functions.
    """
    turn = np.pi / (count - 1)
    angles = turn * np.arange(count)
    positions = (1 - np.cos(angles)) / 2
    return np.asarray(positions)


def _between(nodes: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Interpolate along the first axis, by Lagrange's polynomials."""
    places = node_positions(len(nodes))
    total = np.zeros(())
    for number, place in enumerate(places.tolist()):
        weight = np.ones(())
        others = np.delete(places, number)
        for other in others.tolist():
            share = (position - other) / (place - other)
            weight = weight * share
        weighted = nodes[number] * weight
        total = total + weighted
    return total
