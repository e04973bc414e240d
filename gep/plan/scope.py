"""Where and when the numbers of a set hold (适用范围): what lies outside of it, and why that may be."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gep.extent.classes import Regions, administrative_ancestors
from gep.inputs.coefficients import CoefficientSet, Scope
from gep.io.tables import lost_zero


def region_ancestors(code: str, regions: Regions | None) -> list[str]:
    """Parents in the project's table, then those that the digits of these codes tell, nearest first."""
    listed = regions.ancestors(code) if regions else []
    told = [above for one in (code, *listed) for above in administrative_ancestors(one)]
    return [one for one in dict.fromkeys([*listed, *told]) if one != code]


def beyond_scope(scope: Scope, codes: pd.Index, year: int, regions: Regions | None) -> np.ndarray:
    """Which of the regions lie outside a scope in a year."""
    if scope.years and year not in scope.years:
        return np.ones(len(codes), dtype=bool)
    beyond = np.zeros(len(codes), dtype=bool)
    if scope.regions:
        beyond |= [not {code, *region_ancestors(code, regions)} & set(scope.regions) for code in codes]
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
            return lost
    whole = f"0{code}"
    held = {whole, *administrative_ancestors(whole)} & set(scope)
    return lost_zero(code, [whole], "the areas", home) if held else ""
