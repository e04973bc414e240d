"""What inputs are bound to: extent, data, sets, prices, and what is allowed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, Where
from gep.extent.classes import ClassScheme
from gep.extent.regions import Regions, administrative_ancestors
from gep.extent.table_extent import TableExtent
from gep.inputs.coefficients import CoefficientSet, Scope
from gep.io.tables import lost_zero
from gep.plan.prices import PriceBasis, UnindexedPrice
from gep.standards.standard import Binding, DataName


@dataclass(frozen=True)
class MissingInput:
    """Cells of an input that no row answers: for each dim the names of those that lack."""

    where: Where
    binding: Binding
    unit: str  # of the method
    cells: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class BindingContext:
    """What a plan binds to: extent, data rows by name, sets in their order, and what is allowed."""

    extent: TableExtent
    data: Mapping[str, pd.DataFrame]
    sets: Sequence[CoefficientSet]
    scheme: ClassScheme
    regions: Regions | None
    price_year: int | None
    allow_placeholder: bool
    allow_transfer: bool
    problems: ProblemLog
    names: Mapping[str, DataName] = field(default_factory=dict)  # of the standard
    missing: list[MissingInput] = field(
        default_factory=list
    )  # what binding finds, told when all steps are planned
    unmoved: list[UnindexedPrice] = field(default_factory=list)
    _beyond: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def beyond(self, one: CoefficientSet) -> np.ndarray:
        """The regions that lie outside a set's scope."""
        if one.label not in self._beyond:
            self._beyond[one.label] = outside_scope(
                one.header.scope, self.extent.regions, self.year, self.regions
            )
        return self._beyond[one.label]

    @property
    def year(self) -> int:
        """The account's year."""
        return self.extent.year

    @property
    def prices(self) -> PriceBasis:
        """The price year that the account is at."""
        return PriceBasis(self.price_year, self.year, self.sets)


def region_ancestors(code: str, regions: Regions | None) -> list[str]:
    """Parents in the project's table, then those that the digits of these codes tell, nearest first."""
    listed = regions.ancestors(code) if regions else []
    told = [above for one in (code, *listed) for above in administrative_ancestors(one)]
    return [one for one in dict.fromkeys([*listed, *told]) if one != code]


def outside_scope(scope: Scope, codes: pd.Index, year: int, regions: Regions | None) -> np.ndarray:
    """Which of the regions lie outside a scope in a year."""
    if scope.years and year not in scope.years:
        return np.ones(len(codes), dtype=bool)
    beyond = np.zeros(len(codes), dtype=bool)
    if scope.regions:
        beyond |= [
            not {code, *region_ancestors(code, regions)} & set(scope.regions) for code in codes
        ]
    if scope.climate and regions is not None and "attribute:climate" in regions.frame:
        climate = regions.frame["attribute:climate"].reindex(codes, fill_value="")
        beyond |= ~climate.isin(["", *scope.climate]).to_numpy()
    return beyond


def scope_fix(one: CoefficientSet, codes: Iterable[str], regions: Regions | None) -> str:
    """What to do about regions outside a set's scope: give codes their zeros back, else another set or leave."""
    for code in codes:
        if lost := _lost_zero(code, one, regions):
            return lost
    return "use a set of the place; or allow_transfer = true, and its share is printed"


def _lost_zero(code: str, one: CoefficientSet, regions: Regions | None) -> str:
    """Whether the scope holds a region but for a zero in front, of its code or of those above."""
    scope, home = one.header.scope.regions, f"{one.path.name}/set.toml scope.regions"
    for name in (code, *region_ancestors(code, regions)):
        if lost := lost_zero(name, scope, "the areas", home):
            return str(lost)
    whole = f"0{code}"
    held = {whole, *administrative_ancestors(whole)} & set(scope)
    return str(lost_zero(code, [whole], "the areas", home) or "") if held else ""
