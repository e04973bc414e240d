"""The specification of a scheme of kind ``balance`` (资产负债表方案).

It states the resources, how they are related, and the rows of the tables that are handed in. What
is wrong with a scheme is left to ``checks``.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField
from gep.texts.catalogue import Label

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
Nature = Literal["human", "natural", "reclassification", "net"]
ChangesAt = Literal["mean", "opening", "closing"]


class QualityOf(Frozen):
    """The class of a resource whose quality classes sum to it."""

    resource: str
    class_: str = Field(alias="class")


class Resource(Frozen):
    """A resource: its unit, where its stocks come from, and the identities that it must keep.

    Attributes
    ----------
    id : str
    name : Title
    unit : str
    areas : bool
        Whether stocks are the areas of ecosystem types of the accounts in regions without rows.
    whole : bool
        Whether the classes make up the area of the region (I3).
    of : QualityOf or None
        The class of another resource whose quality classes these are (I5).
    area : str
        The resource whose classes of the same names are the areas of this one (I6); blank for none.
    density_unit : str
        Unit of stock per area.
    between : tuple of str
        Causes that are flows between regions, netted where regions are summed (I7).
    classes, causes : dict of str to Title
        Titles by id.
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

    @property
    def label(self) -> Label:
        """The resource with its title: ``水资源 (water)``."""
        return Label(self.id, self.name)


class Row(Frozen):
    """A row of the table that is handed in; a change is shown in the narrowest row that it fits."""

    id: str
    name: TitleField
    item: Item
    natures: tuple[Nature, ...] = ()
    causes: tuple[str, ...] = ()

    def takes(self, direction: str, nature: str, cause: str) -> int:
        """Return how narrowly the row fits a change, from 0 to 3; -1 where it does not fit."""
        if self.item != direction or (self.natures and nature not in self.natures):
            return -1
        if self.causes and cause not in self.causes:
            return -1
        return 2 * bool(self.causes) + bool(self.natures)


class BalanceSpec(SchemeSpec):
    """The TOML of a scheme of kind ``balance``.

    Attributes
    ----------
    resource : tuple of Resource
    row : tuple of Row
        The rows of the tables, in their order.
    matrix : bool
        Whether change matrices of land are wanted.
    money : str
        Unit of values.
    changes_at : {'mean', 'opening', 'closing'}
        The prices at which changes of volume are valued.
    """

    kind: Literal["balance"] = "balance"
    resource: tuple[Resource, ...] = Field(min_length=1)
    row: tuple[Row, ...] = Field(min_length=1)
    matrix: bool = False
    money: str = "10^4 CNY"
    changes_at: ChangesAt = "mean"


@dataclass(frozen=True, repr=False)
class BalanceScheme(Scheme):
    """A scheme of kind ``balance``."""

    spec: BalanceSpec


def row_of(rows: tuple[Row, ...], direction: str, nature: str, cause: str) -> Row | None:
    """Find the row of a table in which a change is shown.

    Parameters
    ----------
    rows : tuple of Row
    direction : {'addition', 'reduction'}
    nature : str
        One of ``Nature``.
    cause : str

    Returns
    -------
    Row or None
        The first of the rows that fit most narrowly; None if no row fits.
    """
    narrowest = None
    narrowness = -1
    for row in rows:
        fit = row.takes(direction, nature, cause)
        if fit > narrowness:
            narrowest = row
            narrowness = fit
    return narrowest
