"""What the inputs of a plan are bound to (绑定的依据): extent, data, sets, prices, permissions.

Also here: the scope of a set, outside of which its numbers are a value transfer (价值转移), and how
members, steps and inputs are named in messages. How an input is bound is left to
``gep.plan.binding``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.classes import ClassScheme
from gep.extent.extent import Extent
from gep.extent.regions import Regions, administrative_ancestors
from gep.inputs.coefficients import PRICE_INDEX, PRICE_INDEX_NAME, CoefficientSet, Scope
from gep.io.tables import lost_zero
from gep.io.toml_documents import Title
from gep.plan.prices import PriceBasis, PriceTarget, UnindexedPrice
from gep.standards.standard import Binding, CellKey, CoefficientName, Indicator, Standard, Step
from gep.texts.catalogue import Label, Listed, Sayable, Text, text

_NAMED = 5  # members that a message names; the rest are counted
_SHORTEST_PREFIX = 6  # digits of a county's code, with which those of its townships begin


@dataclass(frozen=True)
class ActiveStep:
    """A step of a standard that the switches turn on.

    Attributes
    ----------
    name : str
        Full name, ``indicator.step``, or the id of a shared step.
    indicator : Indicator or None
        The indicator that the step belongs to; None for a shared step.
    step : Step
        The step as the standard writes it.
    place : str
        File of the standard and name of the step, for messages.
    """

    name: str
    indicator: Indicator | None
    step: Step
    place: str

    @property
    def label(self) -> Label:
        """The name with the titles of indicator and step."""
        return step_label(self.name, self.indicator, self.step)


@dataclass(frozen=True)
class StepInput:
    """An input of a step that is still to be bound.

    Attributes
    ----------
    argument : str
        The argument of the method.
    binding : Binding
        Where the standard says that the number comes from.
    unit : str
        The unit that the method expects.
    name : str or Label
        Name of the data or coefficient, with its title if it has one; blank for other bindings.
    step : Label
        The step, with its title.
    place : str
        File of the standard, step and argument, for messages.
    """

    argument: str
    binding: Binding
    unit: str
    name: str | Label
    step: Label
    place: str


@dataclass(frozen=True)
class MissingInput:
    """Cells of an input for which no row was found: the names along each dimension."""

    input: StepInput
    cells: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class BindingContext:
    """What the inputs of one year are bound to, and the log of what is found wrong on the way.

    Everything is fixed but the four logs ``problems``, ``missing``, ``unindexed`` and ``asked``:
    they fill while steps are planned, and ``gep.plan.missing`` words the last three when all steps
    are known; and but ``ancestors``, which are kept once they were sought.

    Attributes
    ----------
    standard : Standard
        The standard whose steps are planned.
    extent : Extent
        Regions and ecosystem types with their areas.
    data : mapping of str to DataFrame
        Data rows of the year by name.
    sets : sequence of CoefficientSet
        Coefficient sets in the order in which they are searched.
    scheme : ClassScheme
        The ecosystem types, with titles and parents.
    regions : Regions or None
        The table of regions, if the project has one.
    basis : PriceBasis
        The price basis of the account.
    allow_placeholder : bool
        Whether made-up numbers may be used.
    allow_transfer : bool
        Whether numbers may be used outside the scope of their set.
    problems : ProblemLog
        Problems found so far.
    missing : list of MissingInput
        Inputs for which rows are missing.
    unindexed : list of UnindexedPrice
        Prices that cannot be converted.
    other_years : DataFrame
        Data rows of years that are not accounted for.
    asked : dict of (str, str) to list of mapping
        By kind (``data`` or ``coef``) and name, an entry for each input that is bound to it: the
        members of each key that the input takes.
    unfilled : DataFrame
        Rows of a form for the year whose value is blank.
    ancestors : dict of str to list of Index
        For regions and for ecosystem types, once asked for, what lies above each, nearest first.
    """

    standard: Standard
    extent: Extent
    data: Mapping[str, pd.DataFrame]
    sets: Sequence[CoefficientSet]
    scheme: ClassScheme
    regions: Regions | None
    basis: PriceBasis
    allow_placeholder: bool
    allow_transfer: bool
    problems: ProblemLog
    missing: list[MissingInput] = field(default_factory=list)
    unindexed: list[UnindexedPrice] = field(default_factory=list)
    other_years: pd.DataFrame = field(default_factory=pd.DataFrame)
    asked: dict[tuple[str, str], list[Mapping[str, Sequence[str]]]] = field(default_factory=dict)
    unfilled: pd.DataFrame = field(default_factory=pd.DataFrame)
    ancestors: dict[str, list[pd.Index]] = field(default_factory=dict)

    @cached_property
    def regions_outside(self) -> Mapping[str, np.ndarray]:
        """For each set, by its label, the regions outside its scope: bool over region."""
        outside: dict[str, np.ndarray] = {}
        for coefficient_set in self.sets:
            outside[coefficient_set.label] = outside_scope(
                coefficient_set.header.scope, self.extent.regions, self.year, self.regions
            )
        return outside

    @cached_property
    def typical_sets(self) -> tuple[CoefficientSet, ...]:
        """The sets whose rows also serve where data has none, in the order of search."""
        return tuple(of_set for of_set in self.sets if of_set.header.typical)

    def note_asked(
        self, name: tuple[str, str], binding: Binding, members: Mapping[str, Sequence[str]]
    ) -> None:
        """Note the members that a binding takes of data or of a coefficient."""
        asked: dict[str, Sequence[str]] = dict(members)
        for key, member in binding.at.items():
            asked[key] = (member,)
        self.asked.setdefault(name, []).append(asked)

    @property
    def year(self) -> int:
        """The account's year."""
        return self.extent.year

    @property
    def areas_file(self) -> str:
        """The file with the areas, for messages."""
        return str(self.extent.parts["file"].iloc[0])

    @property
    def prices(self) -> PriceTarget:
        """The price year that all money is brought to."""
        return PriceTarget(self.basis, self.year, self.sets)

    def member_label(self, dim: str, name: str) -> Label:
        """Return a region, ecosystem type or other member with its title, if it has one."""
        if dim == "ecosystem":
            return Label(name, class_title(self.scheme, name))
        if dim == "region" and self.regions is not None:
            return Label(name, region_title(self.regions, name))
        return Label(name)

    def member_labels(self, dim: str, names: Iterable[str], limit: int = _NAMED) -> Listed:
        """List members in a message; those that it names, at most ``limit``, get their titles."""
        items: list[Label] = []
        for position, name in enumerate(names):
            if position < limit:
                items.append(self.member_label(dim, name))
            else:
                items.append(Label(name))
        return Listed(tuple(items), limit)

    def step_input(self, active: ActiveStep, argument: str, unit: str) -> StepInput:
        """Describe an input of a step whose method expects ``unit``."""
        binding = active.step.inputs[argument]
        name: str | Label = binding.coef
        if binding.data:
            name = self.data_label(binding.data)
        elif binding.coef:
            name = self.coefficient_label(binding.coef)
        return StepInput(
            argument=argument,
            binding=binding,
            unit=unit,
            name=name,
            step=active.label,
            place=f"{active.place}.{argument}",
        )

    def data_label(self, name: str) -> Label:
        """Return the name of data with its title in the standard."""
        declared = self.standard.spec.data.get(name)
        return Label(name, declared.name if declared is not None else None)

    def inherited(self, name: str) -> tuple[CellKey, ...]:
        """Return the keys along which data rows of a parent serve what lies below it."""
        declared = self.standard.spec.data.get(name)
        return declared.inherit if declared is not None else ()

    def coefficient_label(self, name: str) -> Label:
        """Return the name of a coefficient with its title, if the standard or a set declares it."""
        declared = PRICE_INDEX_NAME if name == PRICE_INDEX else self.declared_coefficient(name)
        return Label(name, declared.name if declared is not None else None)

    def declared_coefficient(self, name: str) -> CoefficientName | None:
        """Return what the standard, else the first set that does, declares of a coefficient."""
        declared = self.standard.spec.coefficient.get(name)
        for coefficient_set in self.sets:
            if declared is None:
                declared = coefficient_set.header.coefficient.get(name)
        return declared


def class_title(scheme: ClassScheme, name: str) -> Title:
    """Return the title of an ecosystem type.

    Parameters
    ----------
    scheme : ClassScheme
    name : str

    Returns
    -------
    Title
        Blank for a type that the scheme does not have.
    """
    zh, en = scheme.titles.get(name, ("", ""))
    return Title(zh=zh, en=en)


def region_title(regions: Regions, code: str) -> Title:
    """Return the name of a region; its code if it has no name."""
    zh = regions.name(code, "zh")
    en = regions.name(code, "en")
    return Title(zh=zh, en=en)


def step_label(name: str, indicator: Indicator | None, step: Step) -> Label:
    """Return the full name of a step with the titles of its indicator and of itself."""
    title: Sayable | None = step.name
    if indicator is not None and step.name is not None:
        title = text("plan.step-title", indicator=indicator.name, step=step.name)
    elif indicator is not None:
        title = indicator.name
    return Label(name, title)


# --- the scope of a coefficient set ---------------------------------------------------------------


def region_ancestors(code: str, regions: Regions | None) -> list[str]:
    """List the regions above a region, nearest first.

    Parameters
    ----------
    code : str
        Code of the region.
    regions : Regions or None
        The project's table of regions.

    Returns
    -------
    list of str
        The parents in the table, then those that the digits of these codes imply (GB/T 2260).
    """
    listed = regions.ancestors(code) if regions is not None else []
    implied: list[str] = []
    for known_code in (code, *listed):
        implied += administrative_ancestors(known_code)
    ancestors = dict.fromkeys([*listed, *implied])
    ancestors.pop(code, None)
    return list(ancestors)


def related_regions(code: str, codes: Iterable[str], regions: Regions | None) -> list[str]:
    """Find the regions that a region lies in, or that lie in it.

    Parameters
    ----------
    code : str
    codes : iterable of str
        Codes of other regions.
    regions : Regions or None
        The project's table of regions; codes that begin with another code are parts of it too.

    Returns
    -------
    list of str
        Those of ``codes`` that are above or below the region.
    """
    above = set(region_ancestors(code, regions))
    related = []
    for candidate in codes:
        is_part = min(len(code), len(candidate)) >= _SHORTEST_PREFIX and (
            code.startswith(candidate) or candidate.startswith(code)
        )
        if candidate == code:
            continue
        if is_part or candidate in above or code in region_ancestors(candidate, regions):
            related.append(candidate)
    return related


def outside_scope(scope: Scope, codes: pd.Index, year: int, regions: Regions | None) -> np.ndarray:
    """Find the regions that are outside the scope of a coefficient set.

    Parameters
    ----------
    scope : Scope
        Regions, years and climates for which the numbers of the set hold; an empty list means no
        limit.
    codes : Index
        Codes of the regions.
    year : int
        The account's year.
    regions : Regions or None
        The project's table, with parents and ``attribute:climate``; a region without a climate
        counts as inside.

    Returns
    -------
    ndarray of bool
        Over ``codes``.
    """
    if scope.years and year not in scope.years:
        return np.ones(len(codes), dtype=bool)
    outside = np.zeros(len(codes), dtype=bool)
    if scope.regions:
        in_scope = set(scope.regions)
        for position, code in enumerate(codes):
            ancestors = region_ancestors(code, regions)
            outside[position] = in_scope.isdisjoint([code, *ancestors])
    if scope.climate and regions is not None and "attribute:climate" in regions.frame:
        climate = regions.frame["attribute:climate"].reindex(codes, fill_value="")
        outside |= ~climate.isin(["", *scope.climate]).to_numpy()
    return outside


def suggest_scope_fix(
    coefficient_set: CoefficientSet, codes: Iterable[str], context: BindingContext
) -> Text:
    """Suggest what to do about regions outside the scope of a set.

    Parameters
    ----------
    coefficient_set : CoefficientSet
    codes : iterable of str
        Codes of the regions outside.
    context : BindingContext

    Returns
    -------
    Text
        To restore a leading zero, if the scope has the region but for that; else to use another
        set, or to allow value transfer.
    """
    for code in codes:
        restored = _suggest_lost_zero(code, coefficient_set, context)
        if restored is not None:
            return restored
    return text("plan.use-local-set")


def _suggest_lost_zero(
    code: str, coefficient_set: CoefficientSet, context: BindingContext
) -> Text | None:
    """Suggest to restore a zero, if the scope has a code or one above it but for that zero."""
    scope_regions = coefficient_set.header.scope.regions
    scope_place = f"{coefficient_set.path.name}/set.toml scope.regions"
    for name in (code, *region_ancestors(code, context.regions)):
        restored = lost_zero(name, scope_regions, context.areas_file, scope_place)
        if restored is not None:
            return restored
    longer = f"0{code}"
    if {longer, *administrative_ancestors(longer)}.isdisjoint(scope_regions):
        return None
    return lost_zero(code, [longer], context.areas_file, scope_place)
