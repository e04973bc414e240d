"""Standards (核算规范): indicators, steps and bindings as data, read from TOML into frozen values.

The module owns the model of a standard and the checks of what it states about itself. Whether its
methods exist and its inputs have numbers is checked when a plan is made.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.io.argument_types import checked_arguments
from gep.io.catalog import locate, shipped_folder
from gep.io.csv_excel import printable
from gep.io.days import days_in, read_stretch
from gep.io.notebook import ShownAsTable
from gep.io.tables import suggestion
from gep.io.toml_documents import (
    Frozen,
    Source,
    TitleField,
    invalid_value,
    read_toml,
    toml_text,
    validate_document,
)
from gep.standards.derived import (
    complete_document,
    paths_named,
    read_derivation,
)
from gep.standards.layouts import OpenPoint, TableLayout
from gep.standards.sign_off import SignOff, contents_of, load_sign_off
from gep.texts.catalogue import Label, Listed, counted
from gep.units import UnitError, factor, has_money, same_dimension

CATEGORIES = ("provisioning", "regulating", "cultural", "unallocated", "adjustment")
Category = Literal["provisioning", "regulating", "cultural", "unallocated", "adjustment"]
PriceConcept = Literal[
    "exchange", "replacement_cost", "avoided_cost", "gross_output", "net_output", "welfare"
]
Route = Literal["full", "short"]
Department = Literal[
    "statistics",
    "natural_resources",
    "water",
    "forestry",
    "agriculture",
    "environment",
    "meteorology",
    "culture_tourism",
    "accounting_body",
]
DEPARTMENTS: tuple[Department, ...] = get_args(Department)  # in the order of the sheets of a form
Key = Literal[
    "region",
    "ecosystem",
    "substance",
    "product",
    "use",
    "water_body",
    "service",
    "month",
    "day",
    "index",
]

CellKey = Literal["region", "ecosystem"]

_BINDING_SOURCES = ("data", "coef", "step", "area")
EXPERT = "expert"  # the source of a range that is a judgement of its authors
AREA = "area"  # what a quantity may be held against besides data: the area of its cell
COMMON_DATA = ("land_area", "gdp")  # data names that every standard has

# Amounts in these grow with the size of the region; days, depths and shares do not.
_EXTENSIVE_UNITS = (
    "CNY",
    "USD",
    "EUR",
    "t",
    "tC",
    "tCO2",
    "ha",
    "m3",
    "kWh",
    "visit",
    "person",
    "stem",
    "ion",
)
_EXTENSIVE_PER_TIME = tuple(f"{unit} a-1" for unit in _EXTENSIVE_UNITS)

# The least and the greatest plausible number; ``inf`` where there is no limit.
Range = tuple[float, float]


class Binding(Frozen):
    """Where an input of a step comes from: exactly one of data, coef, step and area.

    Attributes
    ----------
    data : str
        Name of data rows.
    coef : str
        Name of a coefficient.
    step : str
        Full name of a step, whose result is taken.
    area : tuple of str
        Ecosystem classes, whose area is taken.
    at : dict
        Members at which keys are fixed.
    index : str
        Member of the price index that converts prices of other years.
    """

    data: str = ""
    coef: str = ""
    step: str = ""
    area: tuple[str, ...] = ()
    at: dict[Key, str] = Field(default_factory=dict)
    index: str = ""

    @model_validator(mode="after")
    def _check(self) -> "Binding":
        """Refuse none or several sources, and keys that do not go with the source."""
        sources = self._sources()
        if not sources:
            raise invalid_value("standards.binding-without-source")
        if len(sources) > 1:
            raise invalid_value("standards.binding-of-several", sources=sources)
        if self.index and not (self.data or self.coef):
            raise invalid_value("standards.binding-index", index=self.index, source=sources[0])
        if self.at and self.area:
            raise invalid_value("standards.binding-at", keys=list(self.at))
        return self

    def _sources(self) -> list[str]:
        """Return the names of the sources that are filled; a checked binding has one."""
        return [name for name in _BINDING_SOURCES if getattr(self, name)]

    def __str__(self) -> str:
        source = self._sources()[0]
        value = getattr(self, source)
        name = value if isinstance(value, str) else "+".join(value)
        words = [f"{source}={name}"]
        words += [f"{key}={member}" for key, member in self.at.items()]
        if self.index:
            words.append(f"index={self.index}")
        return " ".join(words)


class Step(Frozen):
    """One method applied to its inputs.

    Attributes
    ----------
    id : str
        Unique among the steps of an indicator that are active together.
    name : Title or None
    kind : {'quantity', 'value', 'auxiliary'}
        Physical quantity, value in money, or neither.
    method : str
        ``module:function`` of what ships, or ``./file.py:function``.
    per : {'area', 'amount', 'region', 'none'}
        What the method gives: a density, an amount of a cell, an amount of a region, or neither.
    unit : str
        Unit of the result.
    clause : str
        Where the source prints the formula.
    over : dict
        Members of keys that the step runs over; days as stretches, such as ``01-01/12-31``.
    sum_over : tuple of str
        Keys that are summed after the method.
    mixed : tuple of str
        Types of which a part may be one that the step names, without telling which: a region that
        has areas of these and of none that is named is refused (``class-coarse``).
    additive : bool
        Whether results of regions add up to the result of their parent.
    when : dict
        Switches with the options at which the step is active.
    inputs : dict
        Arguments of the method with their bindings.
    per_km2 : tuple of (float, float) or None
        Plausible range of a region's result by its land area, in ``unit`` per km2. Without it a
        result below 0 is told.
    negative : {'keep', 'refuse'}
        Whether a cell of the result may be below 0, or an account with one is refused.
    """

    id: str
    name: TitleField | None = None
    kind: Literal["quantity", "value", "auxiliary"]
    method: str
    per: Literal["area", "amount", "region", "none"]
    unit: str
    clause: str = ""
    over: dict[Key, tuple[str, ...]] = Field(default_factory=dict)
    sum_over: tuple[Key, ...] = ()
    mixed: tuple[str, ...] = ()
    additive: bool = True
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    inputs: dict[str, Binding]
    per_km2: Range | None = None
    negative: Literal["keep", "refuse"] = "keep"

    @model_validator(mode="after")
    def _check(self) -> "Step":
        """Refuse a result that is handed on but not auxiliary, and a step without inputs."""
        _check_range("per_km2", self.per_km2)
        if self.per == "none" and self.kind != "auxiliary":
            raise invalid_value("standards.step-none", kind=self.kind)
        if not self.inputs:
            raise invalid_value("standards.step-without-inputs")
        for stretch in self.over.get("day", ()):
            if read_stretch(stretch) != stretch:
                raise invalid_value("standards.step-days", stretch=stretch)
        return self

    def of_year(self, year: int) -> "Step":
        """Return the step with the days of a year in the place of stretches that it runs over."""
        if "day" not in self.over:
            return self
        days = days_in(self.over["day"], year)
        return self.model_copy(update={"over": {**self.over, "day": days}})

    def options(self, switch: str) -> tuple[str, ...]:
        """Return the options of a switch at which the step is active."""
        wanted = self.when[switch]
        return (wanted,) if isinstance(wanted, str) else wanted

    def active(self, switches: Mapping[str, str]) -> bool:
        """Return whether the chosen options of the switches let the step run."""
        return all(switches[name] in self.options(name) for name in self.when)


class Indicator(Frozen):
    """One service or product (核算科目) of the standard.

    Attributes
    ----------
    id : str
    name : Title
    category : str
        One of ``CATEGORIES``.
    price_concept : str or None
        What its prices are.
    overlaps : tuple of str
        Indicators that may count the same thing twice; printed, never netted.
    note : str
    source_category : str
        The category of the source, where it differs.
    step : tuple of Step
    """

    id: str
    name: TitleField
    category: Category
    price_concept: PriceConcept | None = None
    overlaps: tuple[str, ...] = ()
    note: str = ""
    source_category: str = ""
    step: tuple[Step, ...] = Field(min_length=1)


class Possible(NamedTuple):
    """The range that a quantity cannot leave, such as 0 and infinity for areas.

    Attributes
    ----------
    least, most : float or ndarray
        The smallest and the largest number, in some unit; infinite where there is none. Arrays hold
        a number for each row of a table.
    """

    least: float | np.ndarray = -np.inf
    most: float | np.ndarray = np.inf


class DeclaredName(Frozen):
    """What a standard or a set declares of a named number: unit, meaning and plausible range.

    Attributes
    ----------
    name : Title
    unit : str
        Unit in which the limits are given; rows may use another of the same dimension.
    min, max : float or None
        Plausible limits. A number beyond them is used and told (``implausible``).
    zero : bool
        Whether 0 is plausible though it is less than ``min``.
    range_source : str
        Where the range is from: the id of a source, or ``expert``.
    note : str
        What the name alone does not say.
    """

    name: TitleField
    unit: str
    min: float | None = None
    max: float | None = None
    zero: bool = False
    range_source: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _check_limits(self) -> "DeclaredName":
        """Refuse limits that are not in order."""
        low = -math.inf if self.min is None else self.min
        high = math.inf if self.max is None else self.max
        _check_range("min, max", (low, high))
        return self


class CoefficientName(DeclaredName):
    """A name that coefficient rows may have.

    Attributes
    ----------
    keys : tuple of str
        Keys that every row of it must fill, such as ``ecosystem`` for values of a hectare of each
        type; rows may fill others as well.
    """

    keys: tuple[Key, ...] = ()


class AtMost(Frozen):
    """What a quantity should not exceed in its region (数据之间的关系).

    Attributes
    ----------
    data : str
        Name of other data, ``gdp``, or ``area`` for the area of the cell or region.
    times : float
        How many times that.
    except_ : tuple of str
        Ecosystem types, with their parts, that are not held against it.
    """

    data: str
    times: float = 1.0
    except_: tuple[str, ...] = Field(default=(), alias="except")


class DataName(DeclaredName):
    """A name that data rows may have.

    Attributes
    ----------
    from_ : Title or None
        Who has the data, in words.
    department : str
        The one to ask first, of ``DEPARTMENTS``: the accounting body if the standard names none.
    keys : tuple of str
        Key columns that its rows fill.
    per_km2, per_person : tuple of (float, float) or None
        Plausible range of the sum of a region's rows by its land area or population, in ``unit``.
    at_most : tuple of AtMost
        What the rows of a region should not exceed.
    mean_min : float or None
        What some region should reach, in ``unit``: where all are below, their unit is another one.
    inherit : tuple of {'region', 'ecosystem'}
        Keys along which a row of a parent serves what lies below it and has no row of its own;
        only for rates, since a part of an amount is not the amount.
    ecosystems : tuple of str
        Ecosystem types that can have the data, with all below and above them; in the others a form
        has ``na``. All types if it is empty.
    """

    from_: TitleField | None = Field(default=None, alias="from")
    department: Department = "accounting_body"
    keys: tuple[Key, ...] = ("region",)
    inherit: tuple[CellKey, ...] = ()
    ecosystems: tuple[str, ...] = ()
    per_km2: Range | None = None
    per_person: Range | None = None
    at_most: tuple[AtMost, ...] = ()
    mean_min: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _check_ranges(self) -> "DataName":
        """Refuse ranges that are not in order."""
        _check_range("per_km2", self.per_km2)
        _check_range("per_person", self.per_person)
        if self.mean_min is not None:
            most = math.inf if self.max is None else self.max
            _check_range("mean_min, max", (self.mean_min, most))
        return self

    @model_validator(mode="after")
    def _check_inherit(self) -> "DataName":
        """Refuse an amount of a parent for its parts, and members of what is no key."""
        if self.inherit and self.is_amount:
            raise invalid_value("standards.inherited-amount", unit=self.unit)
        for key in self.inherit:
            if key not in self.keys:
                raise invalid_value("standards.inherit-without-key", key_name=key)
        if self.ecosystems and "ecosystem" not in self.keys:
            raise invalid_value("standards.ecosystems-without-key")
        return self

    @property
    def is_amount(self) -> bool:
        """Whether the data grow with the size of their region, so that a part has only a part.

        That is so where the unit says so, but for pay by time, and where the data are held against
        the size of the region.
        """
        if self.per_km2 is not None or self.per_person is not None:
            return True
        try:
            units = _EXTENSIVE_UNITS if has_money(self.unit) else _EXTENSIVE_PER_TIME
            return any(same_dimension(self.unit, unit) for unit in units)
        except UnitError:  # reported by ``check_quantities``
            return False

    @property
    def possible(self) -> Possible:
        """The range that the data cannot leave, in ``unit``.

        Data with ``min`` of 0 or more are never negative. Those that are shares as well, with
        ``max`` of 1 or 100 %, are never above it. Any other limit is one of plausibility.
        """
        if self.min is None or self.min < 0:
            return Possible()
        is_share = self.max is not None and same_dimension(self.unit, "1")
        if is_share and self.max == factor("1", self.unit):
            return Possible(least=0.0, most=self.max)
        return Possible(least=0.0)


def is_extensive(unit: str) -> bool:
    """Return whether amounts in a unit grow with the size of the region.

    Parameters
    ----------
    unit : str

    Returns
    -------
    bool
        True for money, mass, area, volume, energy and counts, also per year; False for depths,
        days, shares and anything "per" something else.
    """
    return any(same_dimension(unit, extensive) for extensive in _EXTENSIVE_PER_TIME)


def _check_range(name: str, limits: Range | None) -> None:
    """Refuse a range whose ends are not numbers in order."""
    if limits is not None and not limits[0] <= limits[1]:
        raise invalid_value("standards.range-order", name=name, low=limits[0], high=limits[1])


class Switch(Frozen):
    """A choice that the standard leaves open.

    Attributes
    ----------
    name : Title
    options : tuple of str
    default : str
        The option that is taken if a project chooses none.
    short : str
        The option of the short route, if it asks for less; blank if that is the default.
    beside : tuple of str
        Options of which each is computed beside the others where their inputs are there, and the
        difference told (``option-matters``).
    titles : mapping of str to Title
        What options are called.
    """

    name: TitleField
    options: tuple[str, ...] = Field(min_length=1)
    default: str
    short: str = ""
    beside: tuple[str, ...] = ()
    titles: Mapping[str, TitleField] = Field(default_factory=dict)

    def option(self, option: str) -> Label:
        """Return an option with its title."""
        return Label(option, self.titles.get(option))


class Total(Frozen):
    """A sum of indicators; the first total of a standard is the headline."""

    id: str
    name: TitleField
    indicators: tuple[str, ...] = Field(min_length=1)


class StandardSpec(Frozen):
    """The TOML of a standard.

    Attributes
    ----------
    id, title, note : str, Title, str
    source : str
        An id in ``sources``.
    measure : {'gep', 'esv', 'quantity'}
        Gross ecosystem product, value by unit values (当量因子法), or physical quantities only.
    evidence : {'verified', 'published', 'recalled'}
        How its text was read.
    legal : str
        Legal force; with ``in_force`` a date, with ``replaced_by`` the id of the successor.
    ecosystems : str
        The class scheme, an id or a path.
    coefficients : tuple of str
        Coefficient sets that are used by default.
    unit : str
        Unit in which values are reported.
    sources, data, coefficient, switch : dict
        Documents, data names, coefficients and switches by id.
    step : tuple of Step
        Steps that indicators share.
    indicator, total : tuple
    to_check : tuple of OpenPoint
        What is not known of the text, or was not held against it.
    table : tuple of TableLayout
        Tables for people in a layout of the standard's own.
    """

    id: str
    title: TitleField
    source: str
    measure: Literal["gep", "esv", "quantity"]
    approach: Literal["equivalent_factors"] | None = None  # how an "esv" is made, for its title
    evidence: Literal["verified", "published", "recalled"]
    legal: Literal["in_force", "trial", "draft", "superseded", "unchecked", "research"]
    in_force: Any = None
    replaced_by: str = ""
    note: str = ""
    ecosystems: str
    coefficients: tuple[str, ...] = ()
    unit: str
    sources: dict[str, Source] = Field(default_factory=dict)
    data: dict[str, DataName] = Field(default_factory=dict)
    coefficient: dict[str, CoefficientName] = Field(default_factory=dict)
    switch: dict[str, Switch] = Field(default_factory=dict)
    step: tuple[Step, ...] = ()
    indicator: tuple[Indicator, ...] = Field(min_length=1)
    total: tuple[Total, ...] = Field(min_length=1)
    to_check: tuple[OpenPoint, ...] = ()
    table: tuple[TableLayout, ...] = ()


class NamedStep(NamedTuple):
    """A step with its full name and its indicator."""

    name: str  # the id of a shared step, else ``indicator.step``
    indicator: Indicator | None  # None for a shared step
    step: Step


@dataclass(frozen=True, repr=False)
class Standard(ShownAsTable):
    """A standard and the file it was read from.

    Attributes
    ----------
    spec : StandardSpec
        The complete standard, also where its file states only what it changes of a base.
    path : Path
    base : Standard or None
        The standard that it is derived from.
    document : mapping of str to object
        The complete TOML.
    sign_off : SignOff
        What two readers of the official text have confirmed of it.

    Examples
    --------
    >>> import gep
    >>> gep.read_standard("xie-2015")
    <Standard xie-2015 (esv): 11 indicators>
    """

    spec: StandardSpec
    path: Path
    base: "Standard | None" = None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    sign_off: SignOff = field(default_factory=SignOff, repr=False, compare=False)

    def __repr__(self) -> str:
        """Return a line: id, measure, how many indicators."""
        indicators = counted(len(self.spec.indicator), "indicator")
        return f"<Standard {self.id} ({self.spec.measure}): {indicators}>"

    @property
    def id(self) -> str:
        """The standard's id."""
        return self.spec.id

    @property
    def files(self) -> tuple[Path, ...]:
        """Its file, those of its base, and those in which readers have confirmed it."""
        bases = () if self.base is None else self.base.files
        return (self.path, *bases, *self.sign_off.files)

    @property
    def text(self) -> str:
        """The complete standard as TOML, as if it had been written without a base."""
        return toml_text(self.document)

    @property
    def checksum(self) -> str:
        """SHA-256 of the complete standard as it is printed."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def home_of(self, name: str) -> Path:
        """Return the folder that a path in the standard starts from: that of the file it is in.

        Parameters
        ----------
        name : str
            What the standard names: a class scheme, a coefficient set, or a method.
        """
        if self.base is not None and name.partition(":")[0] in paths_named(self.base.document):
            return self.base.home_of(name)
        return self.path.parent

    def steps(self) -> list[NamedStep]:
        """Return all steps with their full names, shared ones first."""
        steps = [NamedStep(step.id, None, step) for step in self.spec.step]
        for indicator in self.spec.indicator:
            for step in indicator.step:
                steps.append(NamedStep(f"{indicator.id}.{step.id}", indicator, step))
        return steps

    def with_route(self, switches: Mapping[str, str], route: Route) -> dict[str, str]:
        """Return the switches that are chosen, and those that a route sets if they are not."""
        of_route: dict[str, str] = {}
        if route == "short":
            for name, switch in self.spec.switch.items():
                if switch.short:
                    of_route[name] = switch.short
        return {**of_route, **switches}

    def chosen(self, switches: Mapping[str, str]) -> dict[str, str]:
        """Return all switches with their options, defaults filled in."""
        defaults = {name: switch.default for name, switch in self.spec.switch.items()}
        return {name: switches.get(name, default) for name, default in defaults.items()}

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        indicators = []
        for indicator in self.spec.indicator:
            name = indicator.name
            indicators.append((indicator.id, indicator.category, name.zh, name.en))
        return pd.DataFrame(indicators, columns=["indicator", "category", "zh", "en"])


@checked_arguments
def read_standard(name: str | Path, *, base: str | Path | None = None) -> Standard:
    """Read a standard.

    Parameters
    ----------
    name : str or Path
        The id of a standard that ships, or a path.
    base : str or Path, optional
        Folder inside which the path must stay; without it the path may lead anywhere.

    Returns
    -------
    Standard

    Raises
    ------
    ProblemsFound
        Everything that is wrong in it; for the codes see :func:`load_standard`.

    Examples
    --------
    >>> import gep
    >>> gep.read_standard("xie-2015")
    <Standard xie-2015 (esv): 11 indicators>
    """
    problems = ProblemLog()
    home = None if base is None else Path(base)
    standard = load_standard(str(name), home, str(name), problems)
    if standard is None:
        raise ProblemsFound(problems.errors, problems.warnings)
    return standard


def load_standard(
    name: str, base: Path | None, place: Where, problems: ProblemLog
) -> Standard | None:
    """Load a standard, and check what it states about itself.

    Parameters
    ----------
    name : str
        The id of a standard that ships, or a path.
    base : Path or None
        The folder of the file that names the standard; None if the user named it directly.
    place : str or Sayable
        Where it is named, for messages.
    problems : ProblemLog
        Receives ``unknown-id``, ``path-outside``, the codes of ``read_toml`` and
        ``validate_document``, and ``unknown-source``, ``unknown-option``, ``duplicate-id``,
        ``unknown-indicator``, ``unknown-step`` or ``unknown-data-name``, and what is wrong with
        the sign-off files beside it and in ``base`` (see ``gep.standards.sign_off``).

    Returns
    -------
    Standard or None
        None if it cannot be used. One that names a ``base`` is complete: see
        :mod:`gep.standards.derived`.
    """
    path = locate("standards", name, base, place, problems)
    standard = None if path is None else _load_path(path, problems)
    if standard is None:
        return None
    folders = [standard.path.parent, *([] if base is None else [base])]
    contents = contents_of(standard.document, standard.home_of)
    log = ProblemLog()
    log.checksums = problems.checksums
    sign_off = load_sign_off(standard.id, contents, folders, log)
    problems.include_log(log)
    if log.errors:
        return None
    spec = standard.spec
    if sign_off.is_complete:
        spec = spec.model_copy(update={"evidence": "verified"})
    return replace(standard, spec=spec, sign_off=sign_off)


def _load_path(path: Path, problems: ProblemLog) -> Standard | None:
    """Load the standard in a file, without what was confirmed of it."""
    if path.is_relative_to(shipped_folder("standards")):
        standard, log = _load_shipped(path)
        problems.include_log(log)
        return standard
    return _load_file(path, problems)


@cache
def _load_shipped(path: Path) -> tuple[Standard | None, ProblemLog]:
    """Load a standard that ships with gep, once: like the program it does not change."""
    log = ProblemLog()
    return _load_file(path, log), log


def _load_file(path: Path, problems: ProblemLog) -> Standard | None:
    """Load the standard in a file; see ``load_standard``."""
    raw = read_toml(path, path.name, problems)
    count_before = len(problems.errors)
    parent: Standard | None = None
    if raw is not None and "base" in raw:
        derivation = read_derivation(raw, path.name, problems)
        parent = None if derivation is None else load_base(derivation.base, path, problems)
        if derivation is None or parent is None:
            return None
        _check_derived(raw, parent, path, problems)
        raw = complete_document(raw, parent.document, derivation, path.name, problems)
    spec = validate_document(StandardSpec, raw, path.name, problems)
    if spec is None or raw is None:
        return None
    standard = Standard(spec, path, parent, raw)
    _check_spec(spec, path.name, problems)
    _check_steps(standard, path.name, problems)
    _check_tables(standard, path.name, problems)
    return standard if len(problems.errors) == count_before else None


def load_base(name: str, path: Path, problems: ProblemLog) -> Standard | None:
    """Load the base of a derived standard, which has none itself unless it ships.

    Parameters
    ----------
    name : str
        An id, or a path inside the folder of the derived standard.
    path : Path
        The file of the derived standard, which need not exist.
    problems : ProblemLog
        Receives ``toml-value`` if the base has a base and does not ship, and the codes of
        :func:`load_standard`.

    Returns
    -------
    Standard or None
        None if it cannot be used.
    """
    place = f"{path.name} base"
    base_path = locate("standards", name, path.parent, place, problems)
    if base_path is None:
        return None
    raw = read_toml(base_path, base_path.name, ProblemLog())
    ships = base_path.is_relative_to(shipped_folder("standards"))
    if raw is not None and "base" in raw and not ships:
        base_name = printable(name)
        problems.add("toml-value", place, "standards.base-of-base", base=base_name)
        return None
    return _load_path(base_path, problems)


def _check_derived(
    raw: Mapping[str, Any], base: Standard, path: Path, problems: ProblemLog
) -> None:
    """Check that a derived standard is not taken for its base, nor its files for others."""
    if raw.get("id") == base.id:
        problems.add("duplicate-id", f"{path.name} id", "standards.id-of-base", id=base.id)
    if base.path.parent.resolve() == path.parent.resolve():
        return
    for name in sorted(paths_named(raw) & paths_named(base.document)):
        message = "standards.path-of-base"
        problems.add("duplicate-id", path.name, message, path=printable(name), base=base.path.name)


def _check_spec(spec: StandardSpec, label: str, problems: ProblemLog) -> None:
    """Check source, switches, and the ids of indicators and totals."""
    if spec.source not in spec.sources:
        source = printable(spec.source)
        problems.add("unknown-source", label, "standards.unknown-source", source=source)
    for name, switch in spec.switch.items():
        named = (switch.default, switch.short or switch.default, *switch.beside, *switch.titles)
        for option in named:
            if option not in switch.options:
                problems.add(
                    "unknown-option",
                    f"{label} switch.{name}",
                    "standards.unknown-default",
                    switch=Label(name, switch.name),
                    option=printable(option),
                    options=Listed(switch.options, len(switch.options)),
                )
                break
    _check_declarations(spec, label, problems)
    _check_unique(spec.indicator, label, "standards.duplicate-indicator", problems)
    _check_unique(spec.total, label, "standards.duplicate-total", problems)
    indicators = [indicator.id for indicator in spec.indicator]
    for total in spec.total:
        place = f"{label} total.{total.id}"
        _check_indicators(total.indicators, indicators, place, problems)
    for indicator in spec.indicator:
        place = f"{label} {indicator.id}.overlaps"
        _check_indicators(indicator.overlaps, indicators, place, problems)


def _check_declarations(spec: StandardSpec, label: str, problems: ProblemLog) -> None:
    """Check units and sources of ranges, and what data are held against."""
    check_quantities(spec.data, f"{label} data", spec.sources, problems)
    check_quantities(spec.coefficient, f"{label} coefficient", spec.sources, problems)
    known = (*spec.data, *COMMON_DATA, AREA)
    for name, data in spec.data.items():
        for bound in data.at_most:
            if bound.data not in known:
                problems.add(
                    "unknown-data-name",
                    f"{label} data.{name}.at_most",
                    "standards.unknown-data-name",
                    input="at_most",
                    data=printable(bound.data),
                    hint=suggestion(bound.data, known),
                )


def check_quantities(
    quantities: Mapping[str, DeclaredName],
    place: str,
    sources: Iterable[str],
    problems: ProblemLog,
) -> None:
    """Check the units of declared numbers, and the sources of their ranges.

    Parameters
    ----------
    quantities : mapping of str to DeclaredName
        Data names or coefficients by name.
    place : str
        File and table, for messages.
    sources : iterable of str
        Ids of the documents that the file describes.
    problems : ProblemLog
        Receives ``unknown-unit`` and ``unknown-source``.
    """
    for name, quantity in quantities.items():
        try:
            factor(quantity.unit, quantity.unit)
        except UnitError as error:
            problems.add(
                "unknown-unit",
                f"{place}.{name}.unit",
                "standards.unknown-unit",
                unit=printable(quantity.unit),
                reason=error.reason,
            )
        if quantity.range_source not in ("", EXPERT, *sources):
            problems.add(
                "unknown-source",
                f"{place}.{name}.range_source",
                "standards.unknown-range-source",
                source=printable(quantity.range_source),
            )


def _check_unique(
    members: Iterable[Indicator | Total | TableLayout],
    label: str,
    message: str,
    problems: ProblemLog,
) -> None:
    """Check that ids are given once; ``message`` words the problem ``duplicate-id``."""
    titles: dict[str, Label] = {}
    duplicates = set()
    for member in members:
        if member.id in titles:
            duplicates.add(member.id)
        titles.setdefault(member.id, Label(member.id, member.name))
    for member_id in sorted(duplicates):
        problems.add("duplicate-id", label, message, member=titles[member_id])


def _check_indicators(
    names: Iterable[str], indicators: list[str], place: str, problems: ProblemLog
) -> None:
    """Check that the indicators named in a list exist (``unknown-indicator``)."""
    for name in names:
        if name not in indicators:
            problems.add(
                "unknown-indicator",
                place,
                "standards.unknown-indicator",
                indicator=printable(name),
                hint=suggestion(name, indicators),
            )


def _check_steps(standard: Standard, label: str, problems: ProblemLog) -> None:
    """Check what every step names, and that steps of one id exclude each other."""
    spec = standard.spec
    steps = standard.steps()
    names = [named.name for named in steps]
    for name, _, step in steps:
        place = f"{label} {name}"
        _check_when(step, spec, place, problems)
        for argument, binding in step.inputs.items():
            if binding.step and binding.step not in names:
                problems.add(
                    "unknown-step",
                    place,
                    "standards.unknown-step",
                    input=argument,
                    step=printable(binding.step),
                    hint=suggestion(binding.step, names),
                )
            if binding.data and binding.data not in spec.data:
                problems.add(
                    "unknown-data-name",
                    place,
                    "standards.unknown-data-name",
                    input=argument,
                    data=printable(binding.data),
                    hint=suggestion(binding.data, spec.data),
                )
        for rival in steps:
            if rival.name == name and rival.step is not step and not _exclude(step, rival.step):
                problems.add(
                    "duplicate-id",
                    place,
                    "standards.duplicate-step",
                    step=Label(step.id, step.name),
                )


def _check_tables(standard: Standard, label: str, problems: ProblemLog) -> None:
    """Check that the steps, indicators and sums that tables name exist, and that ids are unique."""
    spec = standard.spec
    _check_unique(spec.table, label, "standards.duplicate-table", problems)
    steps = [named.name for named in standard.steps()]
    indicators = [indicator.id for indicator in spec.indicator]
    sums = [*CATEGORIES, *(total.id for total in spec.total)]
    for table in spec.table:
        place = f"{label} table.{table.id}"
        for row in table.row:
            _check_indicators(row.indicators, indicators, place, problems)
            for name in filter(None, (row.quantity, row.value)):
                if name not in steps:
                    hint = suggestion(name, steps)
                    values = {"input": "row", "step": printable(name), "hint": hint}
                    problems.add("unknown-step", place, "standards.unknown-step", **values)
            if row.sum and row.sum not in sums:
                hint = suggestion(row.sum, sums)
                values = {"indicator": printable(row.sum), "hint": hint}
                problems.add("unknown-indicator", place, "standards.unknown-indicator", **values)


def _check_when(step: Step, spec: StandardSpec, place: str, problems: ProblemLog) -> None:
    """Check that the switches and options of a step's ``when`` exist (``unknown-option``)."""
    for name in step.when:
        if name not in spec.switch:
            problems.add(
                "unknown-option",
                place,
                "standards.unknown-switch",
                switch=printable(name),
                hint=suggestion(name, spec.switch),
            )
            continue
        switch = spec.switch[name]
        for option in step.options(name):
            if option not in switch.options:
                problems.add(
                    "unknown-option",
                    place,
                    "standards.unknown-option",
                    switch=Label(name, switch.name),
                    option=printable(option),
                    hint=suggestion(option, switch.options),
                )


def _exclude(left: Step, right: Step) -> bool:
    """Return whether two steps ask for different options of a switch, so never run together."""
    for switch in left.when:
        if switch in right.when and set(left.options(switch)).isdisjoint(right.options(switch)):
            return True
    return False
