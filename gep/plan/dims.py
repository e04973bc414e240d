"""The dimensions of a step, and arrays over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gep.inputs.value_rows import KEYS

DIMS = KEYS


@dataclass(frozen=True)
class Axes:
    """What a step runs over: cells, the members of its other keys, and which members a region has."""

    present: np.ndarray  # region x ecosystem
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    having: Mapping[str, np.ndarray] = field(default_factory=dict)  # key -> region x member
    absent: bool = False  # an input has no number at all, so the members are not known
    lacking: np.ndarray | None = None  # regions without data rows of a key that others have

    def size(self, dim: str) -> int:
        """Length along a dim."""
        return (
            self.present.shape[DIMS.index(dim)]
            if dim in ("region", "ecosystem")
            else len(self.members[dim])
        )

    def needed(self, dims: Sequence[str]) -> np.ndarray:
        """Where a number keyed by ``dims`` is due."""
        need = np.ones([self.size(dim) for dim in dims], dtype=bool)
        if "ecosystem" in dims:
            cells = self.present if "region" in dims else self.present.any(axis=0)
            need &= expand(
                np.asarray(cells), [dim for dim in dims if dim in ("region", "ecosystem")], dims
            )
        for key, having in self.having.items():
            if key in dims:
                part = having if "region" in dims else having.any(axis=0)
                need &= expand(
                    np.asarray(part), [dim for dim in dims if dim in ("region", key)], dims
                )
        return need


def expand(values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
    """Give an array the axes of ``target``, length 1 where it does not vary; axes ahead of ``dims`` (draws) stay."""
    ahead = values.shape[: values.ndim - len(dims)]
    sizes = dict(zip(dims, values.shape[len(ahead) :], strict=True))
    return values.reshape([*ahead, *(sizes.get(dim, 1) for dim in target)])
