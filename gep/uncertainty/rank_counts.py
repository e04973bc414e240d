"""Places in a ranking from draws (排名抽样): how often each region stands where, and how often it exceeds another.

All numbers of a draw belong together (common random numbers), so one region can exceed another in every draw while
their intervals overlap. Ranks are 1, 2, 2, 4 by value, the largest first; quantiles of ranks are ranks that occur.
"""

from dataclasses import dataclass, field

import numpy as np

PAIRED = 300  # members of a group for which pairs are counted
_QUANTILES = (25, 975)  # thousandths
_AT_ONCE = 1 << 18


@dataclass
class Standing:
    """Counts over draws of one year and one group: ``ranks`` is member x rank, ``wins`` member x member."""

    members: np.ndarray  # positions among all regions and parents
    draws: int = 0
    ranks: np.ndarray = field(init=False)
    wins: np.ndarray | None = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.members)
        self.ranks = np.zeros((size, size), dtype=np.uint32)
        self.wins = np.zeros((size, size), dtype=np.uint32) if size <= PAIRED else None

    def add(self, values: np.ndarray) -> None:
        """Count more draws: member x draw."""
        size, draws = values.shape
        each = max(1, _AT_ONCE // max(1, size))
        for start in range(0, draws, each):
            part = ranks_of(values[:, start : start + each]) - 1
            spots = part + np.arange(size)[:, None] * size
            self.ranks += np.bincount(spots.ravel(), minlength=size * size).reshape(size, size).astype(np.uint32)
        if self.wins is not None:
            for member in range(size):
                self.wins[member] += (values[member] > values).sum(axis=1).astype(np.uint32)
        self.draws += draws

    def interval(self) -> np.ndarray:
        """The ranks at 2.5 % and 97.5 % of each member (2 x member): the inverse of the empirical distribution."""
        reached = np.cumsum(self.ranks, axis=1, dtype=np.int64) * 1000
        return np.stack([(reached >= part * self.draws).argmax(axis=1) + 1 for part in _QUANTILES])

    def probabilities(self) -> np.ndarray | None:
        """P(row > column), NaN on the diagonal; None for groups that are too large."""
        if self.wins is None:
            return None
        found = self.wins / self.draws
        np.fill_diagonal(found, np.nan)
        return np.asarray(found)


def ranks_of(values: np.ndarray) -> np.ndarray:
    """The rank of each member in each draw (member x draw)."""
    turned = np.ascontiguousarray(-values.T)
    order = np.argsort(turned, axis=1, kind="stable")
    ordered = np.take_along_axis(turned, order, axis=1)
    first = np.ones(ordered.shape, dtype=bool)
    first[:, 1:] = ordered[:, 1:] > ordered[:, :-1]
    place = np.maximum.accumulate(np.where(first, np.arange(1, ordered.shape[1] + 1), 0), axis=1)
    found = np.empty_like(place)
    np.put_along_axis(found, order, place, axis=1)
    return found.T
