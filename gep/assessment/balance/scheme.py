"""What a scheme of balance sheets states (资产负债表方案): resources, how they hang together, rows of its tables."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField

Item = Literal[
    "opening",
    "addition",
    "additions",
    "reduction",
    "reductions",
    "net_change",
    "statistical_error",
    "revaluation",
    "closing",
]
Nature = Literal["human", "natural", "reclassification", "net", "between"]
ChangesAt = Literal["mean", "opening", "closing"]


class QualityOf(Frozen):
    """The class of a resource whose quality classes sum to it."""

    resource: str
    class_: str = Field(alias="class")


class Resource(Frozen):
    """A resource: its unit, where its stocks come from, and the identities that it must keep.

    ``areas``: where a region has no stocks they are the areas of ecosystem types of the accounts. ``whole``: the
    classes make up the area of the region (I3). ``of``: they are quality classes of a class of another resource (I5).
    ``area``: the resource whose classes of the same names are its areas; stock per area is in ``density_unit`` (I6).
    ``between``: causes that are flows between regions, netted where regions are summed (I7).
    """

    id: str
    name: TitleField
    unit: str
    areas: bool = False
    whole: bool = False
    of: QualityOf | None = None
    area: str = ""
    density_unit: str = ""
    between: tuple[str, ...] = ()
    classes: dict[str, TitleField] = Field(default_factory=dict)
    causes: dict[str, TitleField] = Field(default_factory=dict)


class Row(Frozen):
    """A row of the table that is handed in; an addition or reduction stands in the narrowest row that it fits."""

    id: str
    name: TitleField
    item: Item
    natures: tuple[Nature, ...] = ()
    causes: tuple[str, ...] = ()

    def takes(self, direction: str, nature: str, cause: str) -> int:
        """How narrowly the row fits a change; -1 where it does not."""
        if self.item != direction or (self.natures and nature not in self.natures):
            return -1
        if self.causes and cause not in self.causes:
            return -1
        return 2 * bool(self.causes) + bool(self.natures)


class BalanceSpec(SchemeSpec):
    """A scheme of kind ``balance``: resources and the rows of the tables; ``matrix`` asks for the change matrix."""

    kind: Literal["balance"] = "balance"
    resource: tuple[Resource, ...] = Field(min_length=1)
    row: tuple[Row, ...] = Field(min_length=1)
    matrix: bool = False
    money: str = "10^4 CNY"
    changes_at: ChangesAt = "mean"


@dataclass(frozen=True)
class BalanceScheme(Scheme):
    """A scheme of kind ``balance``."""

    spec: BalanceSpec


def row_of(rows: tuple[Row, ...], direction: str, nature: str, cause: str) -> Row | None:
    """The row in which a change stands."""
    fit = [(one.takes(direction, nature, cause), -number, one) for number, one in enumerate(rows)]
    best = max(fit, key=lambda one: one[:2], default=None)
    return best[2] if best is not None and best[0] >= 0 else None
