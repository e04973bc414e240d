"""Making a plan (编制方案): everything is bound and checked before anything is computed.

``make_plan`` is for users: it loads what is given by id or path. ``build_plan`` takes what a
project has loaded.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound
from gep.extent.areas import AREA_IDENTITY, NO_AREAS, Areas, load_areas
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk, class_spellings, load_crosswalk, without_remark
from gep.extent.extent import CELL_DIMS, Extent
from gep.extent.raster_extent import RASTER_TIER, RasterYear
from gep.extent.regions import Regions, load_regions, region_label, region_spellings
from gep.extent.table_extent import Coverage, build_extent, check_land
from gep.extent.transitions import TRANSITION_IDENTITY, Transitions
from gep.inputs.coefficients import (
    PRICE_INDEX,
    PRICE_INDEX_NAME,
    CoefficientSet,
    load_coefficient_set,
    read_sources,
    set_of_argument,
)
from gep.inputs.data import (
    COMMON,
    Data,
    Sizes,
    check_data_names,
    check_proportions,
    data_sources,
    load_data,
    mark_absent,
)
from gep.inputs.day_cells import DAY
from gep.inputs.signed_rows import signed_set
from gep.inputs.value_rows import (
    KEYS,
    check_draws_positive,
    check_duplicates,
    check_limit_range,
    check_possible,
    check_range,
    is_readable,
    member_spellings,
    outside_range,
    range_in_units,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import (
    GivenTable,
    TableArgument,
    named_source,
    names_of_several,
    table_source,
)
from gep.io.catalog import check_link, display_name, is_found_by_id, locate
from gep.io.csv_excel import row_place
from gep.io.tables import (
    HINTED,
    LIKEWISE,
    Spellings,
    is_broken_code,
    make_spellings,
    recognize,
    suggestion,
)
from gep.io.toml_documents import Title
from gep.plan.binding import BoundInput, check_placeholders
from gep.plan.binding_context import (
    ActiveStep,
    BindingContext,
    region_ancestors,
    related_regions,
    step_label,
)
from gep.plan.blank_form import SpokenUnit
from gep.plan.contract import check_contract
from gep.plan.missing import report_missing, report_unused
from gep.plan.plan import PARTIAL as PARTIAL
from gep.plan.plan import Edit, Plan
from gep.plan.planned_step import PlannedStep
from gep.plan.prices import PriceBasis
from gep.plan.steps import plan_step
from gep.standards.method import Method, load_method
from gep.standards.standard import (
    Binding,
    DataName,
    DeclaredName,
    Possible,
    Standard,
    load_standard,
)
from gep.texts.catalogue import Label, Listed, Text, text
from gep.units import ANY, SHARE, Limits, factor, per_calendar_time, same_dimension

_LAND_APART = 0.05  # two land areas of a region that differ by so much are told
_LAND_AREA = "land_area"  # data that every standard takes: values per km2 rest on it
_GDP = "gdp"  # data that every standard takes: results are held against it
_GDP_UNIT = "10^4 CNY"
_M2_PER_KM2 = 1e6
_CALENDAR = {"day": "d", "month": "month", "year": "a"}
_ROUNDING = 1e-9  # by which a number may pass a physical limit


@dataclass(frozen=True)
class Permissions:
    """What the user permits.

    Attributes
    ----------
    placeholder : bool
        Whether made-up numbers may be used.
    transfer : bool
        Whether numbers may be used outside the scope of their set.
    code : bool
        Whether code of the project may run.
    passed : tuple of str
        Codes of errors that become warnings of the plan and do not stop it.
    """

    placeholder: bool = False
    transfer: bool = False
    code: bool = False
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanInputs:
    """Everything that plans are made from, loaded, for all years.

    Attributes
    ----------
    standard : Standard
    areas : Areas
        Area rows of all years.
    data : Data
        Data rows of all years.
    sets : tuple of CoefficientSet
        Coefficient sets in the order in which they are searched.
    scheme : ClassScheme
        The ecosystem types of the standard.
    crosswalk : Crosswalk or None
        Brings the classes of the areas to ecosystem types.
    regions : Regions or None
        The table of regions.
    switches : dict of str to str
        Options that the project chooses; other switches take their default.
    price_year : int or None
        The year of constant prices; None for current prices.
    allowed : Permissions
    files : tuple of Path
        The files that all this was loaded from.
    coverage : {'whole', 'part'}
        Whether the areas cover the regions, or a part of them only, such as forests.
    years : tuple of int
        The years that are accounted for.
    unfilled : DataFrame or None
        Data rows of a form whose value is blank: ``name``, ``year``, ``KEYS``, ``file``, ``row``.
    edits : tuple of Edit
        What a scenario changes.
    indicator : str
        The only indicator that is planned, with the steps that it needs; blank for all.
    rasters : mapping of int to RasterYear
        What pixels are read from, by year; empty where areas are from a table.
    """

    standard: Standard
    areas: Areas
    data: Data
    sets: tuple[CoefficientSet, ...]
    scheme: ClassScheme
    crosswalk: Crosswalk | None
    regions: Regions | None
    switches: dict[str, str]
    price_year: int | None
    allowed: Permissions
    files: tuple[Path, ...] = ()
    coverage: Coverage = "whole"
    years: tuple[int, ...] = ()
    unfilled: pd.DataFrame | None = None
    edits: tuple[Edit, ...] = ()
    indicator: str = ""
    rasters: Mapping[int, RasterYear] = field(default_factory=dict)

    @property
    def layer_files(self) -> frozenset[str]:
        """The files whose data rows stand for pixels, which are checked where they are read."""
        labels: set[str] = set()
        for raster in self.rasters.values():
            labels.update(layer.label for layer in raster.layers)
        return frozenset(labels)

    @property
    def tabular_data(self) -> Data:
        """The data rows of tables."""
        if not self.rasters or self.data.rows.empty:
            return self.data
        is_layer = self.data.rows["file"].isin(self.layer_files).to_numpy()
        return Data(self.data.rows[~is_layer].reset_index(drop=True), self.data.files)


SetArgument: TypeAlias = CoefficientSet | TableArgument


@checked_arguments
def make_plan(
    *,
    standard: Standard | str | Path,
    areas: Areas | TableArgument,
    year: int | None = None,
    data: Data | TableArgument | Sequence[TableArgument] = (),
    coefficients: SetArgument | Sequence[SetArgument] = (),
    crosswalk: Crosswalk | TableArgument | None = None,
    regions: Regions | TableArgument | None = None,
    switches: Mapping[str, str] | None = None,
    price_year: int | None = None,
    coverage: Coverage = "whole",
    allow_placeholder: bool = False,
    allow_transfer: bool = False,
    allow_code: bool = False,
    partial: bool = False,
    base: str | Path | None = None,
) -> Plan:
    """Make a plan: bind a standard to areas, data and coefficient sets for one year.

    Parameters
    ----------
    standard : Standard, str or Path
        A standard, or its id or path.
    areas : Areas, str, Path, DataFrame or xarray object
        Areas by region, year and class, of one or more years, each in its own unit: what
        ``gep.read_areas`` returned, the path of a table, or a table in the columns of
        ``areas.csv`` or with named axes (docs/zh/how-to/python.md). Codes of regions may be whole
        numbers, where no zero was lost.
    year : int, optional
        The year of the account; may be left out if the areas are of one year. Tables without a
        year are of this one.
    data : Data, str, Path, DataFrame, xarray object or sequence of these, optional
        Data by region, year and name, each in its own unit, in the same ways.
    coefficients : CoefficientSet, str, Path, DataFrame or sequence of these, optional
        Coefficient sets, or their ids or paths, or tables in the columns of a set. The standard's
        own sets follow them; the first set that has a row supplies the number.
    crosswalk : Crosswalk, str, Path, DataFrame or xarray object, optional
        The crosswalk from the classes of the areas to ecosystem types: its id, path or table.
    regions : Regions, str, Path, DataFrame or xarray object, optional
        Table of regions, or its path; gives names, parents, land area (km2) and population
        (persons).
    switches : mapping of str to str, optional
        Switch to option; others take their default.
    price_year : int, optional
        The year of constant prices; default: each account is at prices of its own year.
    coverage : {'whole', 'part'}, default 'whole'
        Whether the areas cover the regions, or a part of them only, such as forests: then less than
        the land area of a region is as it should be.
    allow_placeholder : bool, default False
        Whether made-up numbers may be used.
    allow_transfer : bool, default False
        Whether numbers may be used outside the scope of their set (value transfer).
    allow_code : bool, default False
        Whether methods that do not ship with gep may run.
    partial : bool, default False
        Whether regions whose numbers are missing are left out as "not compiled" instead of stopping
        the plan.
    base : str or Path, optional
        Folder from which relative paths start and which they must not leave; default: the working
        folder.

    Returns
    -------
    Plan

    Raises
    ------
    ProblemsFound
        With everything that is wrong, and the warnings; places name the argument and the label of
        the row: ``areas row 3``. What is loaded: ``wrong-argument``, problems of the readers,
        such as ``unknown-id``, ``missing-set``, ``duplicate-id``. The choice of year, switches and
        methods: ``bad-year``, ``missing-year``, ``unknown-switch``, ``unknown-option``,
        ``unknown-step``, ``step-cycle``, ``unknown-method``, ``code-not-allowed``,
        ``method-signature``, ``method-argument``. Rows that do not fit: ``unknown-class``,
        ``class-overlap``, ``class-coarse``, ``unknown-region``, ``parent-with-rows``, ``land-sum``,
        ``wrong-keys``, ``wrong-dimension``, ``ecosystem-key``, ``open-key``, ``members-differ``,
        ``missing-member``, ``unknown-source``. Numbers: ``missing-data``, ``missing-coefficient``,
        ``price-year``, ``nominal-price``, ``placeholder``, ``value-transfer``. Own code that does
        not keep the contract of methods: ``method-contract``.

    Examples
    --------
    >>> import gep
    >>> folder = "examples/beibu-gulf"
    >>> gep.make_plan(
    ...     standard="xie-2015",
    ...     areas=f"{folder}/areas.csv",
    ...     year=2014,
    ...     price_year=2010,
    ...     crosswalk=f"{folder}/crosswalk.csv",
    ... )
    <Plan of xie-2015, 2014, 1 region, ... steps>
    """
    problems = ProblemLog()
    base = None if base is None else Path(base)
    if not isinstance(standard, Standard):
        loaded_standard = load_standard(str(standard), base, "standard", problems)
        if loaded_standard is None:
            raise ProblemsFound(problems.errors, problems.warnings)
        standard = loaded_standard
    if not isinstance(areas, Areas):
        source = table_source(areas, "areas", year=year)
        areas = load_areas(source, problems) or NO_AREAS
    if not isinstance(data, Data):
        data = load_data(data_sources(data, year), problems)
    if regions is not None and not isinstance(regions, Regions):
        regions = load_regions(table_source(regions, "regions"), problems)
    sets = load_sets(coefficients, standard, base, problems)
    ecosystems = standard.spec.ecosystems
    home = standard.home_of(ecosystems)
    scheme = load_class_scheme(ecosystems, home, standard.path.name, problems)
    if crosswalk is not None and not isinstance(crosswalk, Crosswalk) and scheme is not None:
        crosswalk = load_crosswalk(
            name=named_source(crosswalk, "crosswalk"),
            base=base,
            scheme=scheme,
            where="crosswalk",
            problems=problems,
        )
    problems.raise_errors()
    if scheme is None or not (crosswalk is None or isinstance(crosswalk, Crosswalk)):
        raise ProblemsFound(problems.errors, problems.warnings)
    years = sorted(set(areas.rows["year"]))
    if year is None and not years:
        problems.add("bad-year", "areas", "plan.no-areas")
    elif year is None and len(years) > 1:
        problems.add("bad-year", "areas", "plan.year-not-chosen", years=tuple(map(int, years)))
    problems.raise_errors()
    parts = PlanInputs(
        standard=standard,
        areas=areas,
        data=data,
        sets=sets,
        scheme=scheme,
        crosswalk=crosswalk,
        regions=regions,
        switches=dict(switches or {}),
        price_year=price_year,
        allowed=Permissions(
            placeholder=allow_placeholder,
            transfer=allow_transfer,
            code=allow_code,
            passed=PARTIAL if partial else (),
        ),
        coverage=coverage,
    )
    if year is None:
        year = int(years[0])
    parts = recognize_names(replace(parts, years=(year,)), problems)
    return build_plan(parts, year, problems)


def load_sets(
    names: SetArgument | Sequence[SetArgument],
    standard: Standard | None,
    base: Path | None,
    problems: ProblemLog,
) -> tuple[CoefficientSet, ...]:
    """Load the sets that are named, then those of the standard, each once.

    Parameters
    ----------
    names : CoefficientSet, str, Path, DataFrame, xarray object or sequence of these
        Sets, or their ids or paths, or tables in the columns of a set.
    standard : Standard or None
        Names sets of its own; None where it could not be read.
    base : Path or None
        Folder from which relative paths start; None for the working folder.
    problems : ProblemLog
        Receives ``duplicate-id`` for two sets of one id, the problems of reading sets, and the
        warning ``sign-off-changed``.

    Returns
    -------
    tuple of CoefficientSet
        Without sets that could not be read.
    """
    by_folder: dict[Path, CoefficientSet] = {}
    for name, argument in names_of_several(names, "coefficients"):
        coefficient_set: CoefficientSet | None = None
        if isinstance(name, CoefficientSet):
            coefficient_set = name
        else:
            source = named_source(name, argument)
            if isinstance(source, GivenTable):
                coefficient_set = set_of_argument(source, problems)
            else:
                where = f"coefficients {name}"
                coefficient_set = load_coefficient_set(source, base, where, problems)
        if coefficient_set is not None:
            by_folder.setdefault(coefficient_set.path.resolve(), coefficient_set)
    if standard is not None:
        where = f"{standard.path.name} coefficients"
        for set_name in standard.spec.coefficients:
            home = standard.home_of(set_name)
            path = locate(
                "coefficients",
                set_name,
                home,
                where,
                problems,
            )
            if path is not None and path.resolve() in by_folder:
                continue
            coefficient_set = load_coefficient_set(set_name, home, where, problems)
            if coefficient_set is not None:
                by_folder.setdefault(coefficient_set.path.resolve(), coefficient_set)
    by_id: dict[str, CoefficientSet] = {}
    for coefficient_set in by_folder.values():
        first = by_id.setdefault(coefficient_set.header.id, coefficient_set)
        if first is not coefficient_set:
            problems.add(
                "duplicate-id",
                coefficient_set.path.name,
                "plan.two-sets-of-one-id",
                id=coefficient_set.header.id,
                first=first.path.name,
            )
    if standard is None or not standard.sign_off.signed:
        return tuple(by_folder.values())
    return tuple(signed_set(each, standard.sign_off, problems) for each in by_folder.values())


# --- names as they are spelled --------------------------------------------------------------------


@dataclass(frozen=True)
class NameSpellings:
    """The spellings by which the names in the tables of a project are recognized.

    Attributes
    ----------
    regions : Spellings
        Codes of regions, and their names where there is a table of them.
    classes : Spellings
        Classes of area rows.
    data, coefficients : Spellings
        Names of data and of coefficients.
    members : mapping of str to tuple of Spellings
        For each key the members that the standard names, then those that coefficient sets name.
    declared : mapping of str to DataName
        The data names of the standard.
    """

    regions: Spellings
    classes: Spellings
    data: Spellings
    coefficients: Spellings
    members: Mapping[str, tuple[Spellings, ...]]
    declared: Mapping[str, DataName]

    def recognize_areas(self, areas: Areas, problems: ProblemLog) -> Areas:
        """Return area rows with regions and classes as they are known; adds ``duplicate-row``."""
        rows = recognize(areas.rows, "region", self.regions)
        rows = recognize(rows, "class", self.classes)
        if rows is areas.rows:
            return areas
        check_duplicates(rows, list(AREA_IDENTITY), problems)
        return replace(areas, rows=rows)

    def recognize_data(self, data: Data, problems: ProblemLog) -> Data:
        """Return data rows with names and members as they are known; adds ``duplicate-row``.

        Rows by which a region says that it has none of any member are marked.
        """
        if data.rows.empty:
            return data
        rows = self.recognize_rows(data.rows)
        if rows is not data.rows:
            check_duplicates(rows, ["name", *KEYS, "price_year", "year"], problems)
            data = Data(rows, data.files)
        return mark_absent(data, self.declared)

    def recognize_rows(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of data with names and members as they are known."""
        return self._recognize_members(recognize(rows, "name", self.data))

    def recognize_coefficients(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of coefficients with names and members as they are known."""
        return self._recognize_members(recognize(rows, "name", self.coefficients))

    def recognize_set(self, coefficients: CoefficientSet, problems: ProblemLog) -> CoefficientSet:
        """Return a set with names and members as they are known; adds ``duplicate-row``."""
        rows = self.recognize_coefficients(coefficients.rows)
        if rows is coefficients.rows:
            return coefficients
        check_duplicates(rows, ["name", *KEYS, "price_year"], problems)
        return replace(coefficients, rows=rows, _by_name={})

    def recognize_transitions(self, transitions: Transitions, problems: ProblemLog) -> Transitions:
        """Return transitions with regions and classes as they are known."""
        rows = recognize(transitions.rows, "region", self.regions)
        for column in ("from_class", "to_class"):
            rows = recognize(rows, column, self.classes)
        if rows is transitions.rows:
            return transitions
        check_duplicates(rows, TRANSITION_IDENTITY, problems)
        return replace(transitions, rows=rows)

    def _recognize_members(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write the members of all keys as they are known."""
        rows = recognize(rows, "region", self.regions)
        for key, spellings in self.members.items():
            for kind in spellings:
                rows = recognize(rows, key, kind)
        return rows


def name_spellings(parts: PlanInputs) -> NameSpellings:
    """Gather the spellings of the names of a project.

    Parameters
    ----------
    parts : PlanInputs
        Their standard, classes, regions and coefficient sets.

    Returns
    -------
    NameSpellings
    """
    standard = parts.standard
    titles: dict[str, tuple[str, ...]] = {}
    short_titles: dict[str, tuple[str, ...]] = {}
    for name, declared in {**COMMON, **standard.spec.data}.items():
        words = _both(declared.name)
        titles[name] = words
        short_titles[name] = tuple(without_remark(word) for word in words)
    coefficients = {PRICE_INDEX}
    members: dict[str, dict[str, None]] = {key: {} for key in KEYS}
    for _, _, step in standard.steps():
        for over_key, names in step.over.items():
            members[over_key].update(dict.fromkeys(names))
        for binding in step.inputs.values():
            coefficients.add(binding.coef)
            members["index"][binding.index] = None
            for fixed_key, member in binding.at.items():
                members[fixed_key][member] = None
    spellings: dict[str, tuple[Spellings, ...]] = {"ecosystem": (class_spellings(parts.scheme),)}
    for key in KEYS:
        if key not in CELL_DIMS and key != DAY:  # days are known once they are read
            by_standard = member_spellings(key, members[key])
            in_sets = dict(members[key])
            for coefficient_set in parts.sets:
                for word in coefficient_set.rows[key].unique():
                    in_sets[by_standard.find(str(word))] = None
            spellings[key] = (by_standard, member_spellings(key, in_sets))
    if parts.regions is not None:
        regions = region_spellings(parts.regions)
    else:
        regions = make_spellings(parts.areas.rows["region"].unique())
    return NameSpellings(
        regions=regions,
        classes=class_spellings(parts.scheme, parts.crosswalk),
        data=make_spellings(titles, titles, short_titles),
        coefficients=make_spellings(coefficients, _coefficient_titles(parts)),
        members=spellings,
        declared=standard.spec.data,
    )


def _coefficient_titles(parts: PlanInputs) -> dict[str, tuple[str, str]]:
    """Return the titles of coefficients by name; those of the standard go before those of sets."""
    titles = {PRICE_INDEX: _both(PRICE_INDEX_NAME.name)}
    for coefficient_set in parts.sets:
        for name, quantity in coefficient_set.header.coefficient.items():
            titles[name] = _both(quantity.name)
    for name, quantity in parts.standard.spec.coefficient.items():
        titles[name] = _both(quantity.name)
    return titles


def _both(title: Title) -> tuple[str, str]:
    """Return a title in both languages."""
    return title.say("zh"), title.say("en")


def _unfilled_rows(parts: PlanInputs, year: int) -> pd.DataFrame:
    """Return the rows of a form that were left blank in a year."""
    rows = parts.unfilled
    if rows is None:
        return pd.DataFrame()
    return rows[(rows["year"] == str(year)).to_numpy()]


def recognize_names(parts: PlanInputs, problems: ProblemLog) -> PlanInputs:
    """Write regions, classes, data names and members as the standard and its sets name them.

    Names may be given in Chinese, in full width, and in other common spellings; what is not
    recognized stays as it is, and is reported by the checks that follow. Rows of data by which a
    region says that it has none of any member are marked (see ``gep.inputs.data``).

    Parameters
    ----------
    parts : PlanInputs
    problems : ProblemLog
        Receives ``duplicate-row`` where two spellings of one name give the same number.

    Returns
    -------
    PlanInputs
    """
    names = name_spellings(parts)
    return replace(
        parts,
        areas=names.recognize_areas(parts.areas, problems),
        data=names.recognize_data(parts.data, problems),
        sets=tuple(names.recognize_set(of_set, problems) for of_set in parts.sets),
        unfilled=None if parts.unfilled is None else names.recognize_rows(parts.unfilled),
    )


def build_plan(parts: PlanInputs, year: int, problems: ProblemLog) -> Plan:
    """Build the plan of one year from everything that a project has loaded.

    Parameters
    ----------
    parts : PlanInputs
    year : int
        The year of the account.
    problems : ProblemLog
        Holds what was found so far, and receives the problems of the plan.

    Returns
    -------
    Plan
        Errors whose code is in ``parts.allowed.passed`` are among its warnings.

    Raises
    ------
    ProblemsFound
        With all errors and warnings; see ``make_plan`` for the codes.
    """
    standard = parts.standard
    switches = standard.chosen(_check_switches(parts, problems))
    active_steps = _order_steps(_active_steps(standard, switches, year), standard, problems)
    if parts.indicator:
        active_steps = _steps_behind(parts.indicator, active_steps)
        parts = replace(parts, data=_named(parts.data, _data_in_use(active_steps)))
    methods = _load_methods(parts, active_steps, problems)
    extent = build_extent(
        areas=parts.areas,
        year=year,
        scheme=parts.scheme,
        crosswalk=parts.crosswalk,
        regions=parts.regions,
        problems=problems,
    )
    names_with_wrong_keys = check_data_names(
        data=parts.data,
        names=standard.spec.data,
        used=_data_in_use(active_steps),
        standard=standard.id,
        problems=problems,
        unread=parts.layer_files,
    )
    _check_sources(parts, problems)
    if extent is None:
        raise _refusal(parts, problems)
    if parts.rasters:
        extent = replace(extent, tier=RASTER_TIER)
    _check_regions(parts, extent, problems)
    data = parts.data.of(year)
    sound_data = {name: data[name] for name in data.keys() - names_with_wrong_keys}
    if _has_all_areas(problems):
        check_land(
            extent=extent,
            stated=_stated_land(parts.regions, sound_data, problems),
            regions=parts.regions,
            coverage=parts.coverage,
            problems=problems,
        )
    context = BindingContext(
        standard=standard,
        extent=extent,
        data=data,
        sets=parts.sets,
        scheme=parts.scheme,
        regions=_with_land_area(parts.regions, data),
        basis=PriceBasis(parts.price_year),
        allow_placeholder=parts.allowed.placeholder,
        allow_transfer=parts.allowed.transfer,
        problems=problems,
        other_years=_rows_of_other_years(parts),
        unfilled=_unfilled_rows(parts, year),
    )
    _check_made_up_areas(parts, context)
    tabular_data = parts.tabular_data
    if tabular_data.of(year):
        check_proportions(
            tabular_data,
            year,
            standard.spec.data,
            _sizes(context),
            problems,
        )
    planned: dict[str, PlannedStep] = {}
    for active in active_steps:
        # what follows from rows of wrong keys need not be reported
        data_names = {binding.data for binding in active.step.inputs.values()}
        if active.name not in methods or not data_names.isdisjoint(names_with_wrong_keys):
            continue
        step = plan_step(active, methods[active.name], planned, context)
        if step is not None:
            planned[active.name] = step
    report_missing(context, switches, planned)
    report_unused(context, active_steps)
    _check_coefficient_ranges(planned, context)
    _check_possible(planned, context, parts.layer_files)
    for planned_step in planned.values():
        check_contract(planned_step, planned, standard.spec.data, problems)
    _report_defaults(planned, context)
    if any(problem.code not in parts.allowed.passed for problem in problems.errors):
        raise _refusal(parts, problems)
    return Plan(
        standard=standard,
        extent=extent,
        steps=tuple(planned.values()),
        sets=parts.sets,
        regions=context.regions,
        scheme=parts.scheme,
        crosswalk=parts.crosswalk,
        switches=switches,
        price_year=parts.price_year,
        land_area=_land_area(context),
        warnings=(*problems.warnings, *problems.errors),
        files=parts.files,
        land=_land_rows_used(context),
        gdp=_gdp(data),
        edits=parts.edits,
        indicator=parts.indicator,
        raster=parts.rasters.get(year),
    )


def _refusal(parts: PlanInputs, problems: ProblemLog) -> ProblemsFound:
    """Return the error that reports all problems; those that are let pass are warnings."""
    passed = [problem for problem in problems.errors if problem.code in parts.allowed.passed]
    errors = [problem for problem in problems.errors if problem not in passed]
    return ProblemsFound(errors, [*problems.warnings, *passed], problems.language)


def _rows_of_other_years(parts: PlanInputs) -> pd.DataFrame:
    """Return the data rows of years that are not accounted for; none if these are not known."""
    rows = parts.data.rows
    if rows.empty or not parts.years:
        return rows.iloc[:0]
    is_other = ~np.isin(rows["year"].to_numpy(), [0, *parts.years])
    return rows[is_other] if is_other.any() else rows.iloc[:0]


def _has_all_areas(problems: ProblemLog) -> bool:
    """Return whether the extent has all rows of the areas, so that they sum to the land."""
    return not problems.has("unknown-class", "unknown-region", "parent-with-rows", "class-overlap")


def _check_switches(parts: PlanInputs, problems: ProblemLog) -> dict[str, str]:
    """Check the switches and options chosen (``unknown-switch``, ``unknown-option``).

    Returns the choices that the standard knows.
    """
    switches = parts.standard.spec.switch
    known: dict[str, str] = {}
    for name, option in parts.switches.items():
        if name not in switches:
            problems.add(
                "unknown-switch",
                "switches",
                "plan.unknown-switch",
                standard=Label(parts.standard.id, parts.standard.spec.title),
                name=name,
                advice=suggestion(name, switches),
            )
        elif option not in switches[name].options:
            problems.add(
                "unknown-option",
                f"switches.{name}",
                "plan.unknown-option",
                switch=Label(name, switches[name].name),
                option=option,
                options=tuple(map(switches[name].option, switches[name].options)),
            )
        else:
            known[name] = option
    return known


def _active_steps(standard: Standard, switches: Mapping[str, str], year: int) -> list[ActiveStep]:
    """Return the steps that the switches turn on, over the days of a year."""
    active: list[ActiveStep] = []
    for name, indicator, step in standard.steps():
        if step.active(switches):
            place = f"{standard.path.name} {name}"
            active.append(ActiveStep(name, indicator, step.of_year(year), place))
    return active


def _steps_behind(indicator: str, ordered: Sequence[ActiveStep]) -> list[ActiveStep]:
    """Return the steps of an indicator and those that they need, of steps in order."""
    needed: set[str] = set()
    for active in reversed(ordered):  # each is after those that it takes
        is_own = active.indicator is not None and active.indicator.id == indicator
        if is_own or active.name in needed:
            needed.add(active.name)
            needed.update(binding.step for binding in active.step.inputs.values())
    return [active for active in ordered if active.name in needed]


def _named(data: Data, names: set[str]) -> Data:
    """Return the data rows of some names."""
    rows = data.rows[data.rows["name"].isin(names).to_numpy()]
    return Data(rows.reset_index(drop=True), data.files)


def _load_methods(
    parts: PlanInputs, active_steps: Sequence[ActiveStep], problems: ProblemLog
) -> dict[str, Method]:
    """Load the methods of steps, by the step's name; without those that cannot be loaded."""
    methods: dict[str, Method] = {}
    for active in active_steps:
        method = load_method(
            active.step.method,
            parts.standard.home_of(active.step.method),
            active.place,
            problems,
            allow_code=parts.allowed.code,
        )
        if method is not None:
            methods[active.name] = method
    return methods


def _data_in_use(active_steps: Sequence[ActiveStep]) -> set[str]:
    """Return the names of the data that the steps need, and of those that every standard takes."""
    names = set(COMMON)
    for active in active_steps:
        for binding in active.step.inputs.values():
            if binding.data:
                names.add(binding.data)
    return names


def _check_sources(parts: PlanInputs, problems: ProblemLog) -> None:
    """Check that the sources of a crosswalk are described somewhere (``unknown-source``)."""
    if parts.crosswalk is None or parts.crosswalk.is_given:  # its sources are words
        return
    known = set(parts.standard.spec.sources)
    beside = parts.crosswalk.sources_path
    links = ProblemLog()
    check_link(beside, beside.parent, beside.name, links)
    if links.errors and not is_found_by_id(display_name(beside)):
        problems.include_log(links)
    if beside.exists() and not problems.has("path-outside"):
        known.update(read_sources(beside, beside.name, problems))
    for coefficient_set in parts.sets:
        known.update(coefficient_set.sources)
    frame = parts.crosswalk.frame
    is_known = frame["source"].isin(["", *known]).to_numpy()
    for source, group in frame[~is_known].groupby("source", sort=False, observed=True):
        place = row_place(str(group["file"].iloc[0]), group["row"])
        problems.add(
            "unknown-source",
            replace(place, column="source"),
            "plan.unknown-source",
            source=str(source),
            advice=suggestion(str(source), known),
        )


def _check_regions(parts: PlanInputs, extent: Extent, problems: ProblemLog) -> None:
    """Check that data rows are of regions with areas.

    Adds ``unknown-region``, or ``unused-data`` for a region that the table of regions lists.
    """
    rows = parts.data.rows
    if rows.empty:
        return
    of_year = rows["year"].to_numpy() == extent.year
    if not of_year.all():
        rows = rows[of_year]
    areas = parts.areas.rows
    codes = areas.loc[(areas["year"] == extent.year).to_numpy(), "region"]
    broken = [code for code in rows["region"].unique() if is_broken_code(code)]  # reported
    known = ["", *codes.unique(), *broken]
    serving = _rows_for_parts(rows, parts, extent)
    without_areas = rows[~rows["region"].isin(known).to_numpy() & ~serving]
    files = [file.name for file in parts.areas.files]  # none where areas were made in Python
    for number, (code, region_rows) in enumerate(
        without_areas.groupby("region", sort=False, observed=True)
    ):
        advice: Text = LIKEWISE
        if number < HINTED:
            related = related_regions(str(code), extent.regions, parts.regions)
            if related:
                labels = [region_label(name, parts.regions) for name in related]
                amounts = _amounts_among(region_rows["name"], parts.standard)
                if amounts:
                    advice = text("plan.amounts-of-other-level", regions=labels, names=amounts)
                else:
                    advice = text("plan.data-of-other-level", regions=labels)
            else:
                same_names = rows["name"].isin(region_rows["name"]).to_numpy()
                taken = rows.loc[same_names, "region"]
                advice = suggestion(str(code), extent.regions, "".join(files[:1]), taken)
        label = region_label(str(code), parts.regions)
        listed = parts.regions is not None and code in parts.regions.frame.index
        for file, file_rows in region_rows.groupby("file", sort=False, observed=True):
            if listed and set(file_rows["name"]) <= set(COMMON):
                continue  # the land area or GDP of a parent
            problems.add(
                "unused-data" if listed else "unknown-region",
                replace(row_place(str(file), file_rows["row"]), column="region"),
                "plan.data-of-region-without-areas",
                region=label,
                year=extent.year,
                advice=advice,
            )


def _rows_for_parts(rows: pd.DataFrame, parts: PlanInputs, extent: Extent) -> np.ndarray:
    """Find the data rows of parents that may serve the regions below them, which have areas."""
    above: set[str] = set()
    for code in extent.regions:
        above.update(region_ancestors(str(code), parts.regions))
    names = []
    for name, declared in parts.standard.spec.data.items():
        if "region" in declared.inherit:
            names.append(name)
    is_serving = rows["name"].isin(names) & rows["region"].isin(above)
    return np.asarray(is_serving)


def _amounts_among(names: pd.Series, standard: Standard) -> list[Label]:
    """Return the names of data that are amounts, with their titles."""
    amounts: list[Label] = []
    for name in names.unique():
        declared = {**COMMON, **standard.spec.data}.get(str(name))
        if declared is not None and declared.is_amount:
            amounts.append(Label(str(name), declared.name))
    return amounts


def _order_steps(
    steps: Sequence[ActiveStep], standard: Standard, problems: ProblemLog
) -> list[ActiveStep]:
    """Put steps after those whose results they take.

    Adds ``unknown-step`` for a step that is switched off, and ``step-cycle``.
    """
    by_name = {active.name: active for active in steps}
    labels: dict[str, Label] = {}
    for name, indicator, step in standard.steps():
        labels[name] = step_label(name, indicator, step)
    for active in steps:
        for argument, binding in active.step.inputs.items():
            if binding.step and binding.step not in by_name:
                problems.add(
                    "unknown-step",
                    active.place,
                    "plan.step-switched-off",
                    argument=argument,
                    source=labels[binding.step],
                )
    ordered: dict[str, ActiveStep] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        """Append a step after those that it takes; ``path`` names the steps that lead to it."""
        if name in path:
            circle = (*path[path.index(name) :], name)
            circle_labels = tuple(labels[step_name] for step_name in circle)
            problems.add(
                "step-cycle",
                standard.path.name,
                "plan.step-cycle",
                steps=Listed(circle_labels, len(circle_labels)),
            )
            return
        if name in ordered:
            return
        for binding in by_name[name].step.inputs.values():
            if binding.step in by_name:
                visit(binding.step, (*path, name))
        ordered[name] = by_name[name]

    for active in steps:
        visit(active.name, ())
    return list(ordered.values())


def _check_made_up_areas(parts: PlanInputs, context: BindingContext) -> None:
    """Check that no area or share is made up, unless that is allowed (``placeholder``)."""
    if context.allow_placeholder:
        return
    area_parts = context.extent.parts
    area_rows = area_parts[["own_grade", "file", "row"]].rename(columns={"own_grade": "grade"})
    check_placeholders(area_rows, context, text("plan.areas"))
    if parts.crosswalk is not None:
        frame = parts.crosswalk.frame
        in_use = frame["class"].isin(area_parts["class"]).to_numpy()
        check_placeholders(frame[in_use], context, text("plan.crosswalk-shares"))


# --- magnitudes -----------------------------------------------------------------------------------


def _sizes(context: BindingContext) -> Sizes:
    """Return areas and population of the regions, that their data are held against."""
    extent = context.extent
    area = extent.area_of() / _M2_PER_KM2
    region, ecosystem = np.nonzero(extent.present)
    cells = pd.DataFrame(
        {
            "region": extent.regions[region],
            "ecosystem": extent.ecosystems[ecosystem],
            "area": area[region, ecosystem],
        }
    )
    land = _land_area(context)
    accounted = area.sum(axis=1) + extent.unaccounted / _M2_PER_KM2
    persons = pd.Series(np.nan, index=extent.regions)
    if context.regions is not None:
        persons = context.regions.frame["population"].reindex(extent.regions).astype(float)
        # a broken number of persons is told where it is read
        persons = persons.where(np.isclose(persons, persons.round(), rtol=0, atol=1e-3))
    return Sizes(
        km2=pd.Series(np.where(np.isfinite(land), land, accounted), index=extent.regions),
        persons=persons,
        cells=cells,
        label=context.member_label,
        within=context.scheme.within,
    )


def _rows_in_use(
    planned: Mapping[str, PlannedStep],
) -> Iterator[tuple[PlannedStep, str, BoundInput]]:
    """Yield the inputs of steps that take their numbers from rows, with step and argument."""
    for step in planned.values():
        for argument, bound in step.inputs.items():
            if isinstance(bound, BoundInput) and "area" not in bound.frame and len(bound.used):
                yield step, argument, bound


def _check_coefficient_ranges(planned: Mapping[str, PlannedStep], context: BindingContext) -> None:
    """Warn of numbers of sets in use, and of their limits, outside the plausible range."""
    suspects: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for step, argument, bound in _rows_in_use(planned):
        binding = step.bindings[argument]
        declared = _declared(binding, context)
        if declared is None:
            continue
        used = bound.used
        is_suspect = _is_uncertain(used) | outside_range(used, declared)
        is_suspect &= _is_of_set(used)  # rows of data are checked where they are read
        if is_suspect.any():
            name = (binding.data, binding.coef)
            suspects.setdefault(name, []).append(used[is_suspect])
    for (data, coefficient), frames in suspects.items():
        declared = _declared(Binding(data=data, coef=coefficient), context)
        if declared is not None:
            rows = pd.concat(frames).drop_duplicates(["set", "file", "row"]).sort_values("row")
            label = context.data_label(data) if data else context.coefficient_label(coefficient)
            check_range(label, rows, declared, context.problems)
            check_limit_range(label, rows, declared, context.problems)


def _declared(binding: Binding, context: BindingContext) -> DeclaredName | None:
    """Return what is declared of the data or the coefficient that an input is bound to."""
    if binding.data:
        return context.standard.spec.data.get(binding.data)
    return context.declared_coefficient(binding.coef) if binding.coef else None


def _is_of_set(rows: pd.DataFrame) -> np.ndarray:
    """Find the rows that a coefficient set supplies; the others are data."""
    return np.asarray(rows["set"].to_numpy(dtype=object) != "", dtype=bool)


def _is_uncertain(rows: pd.DataFrame) -> np.ndarray:
    """Find the rows with limits that are apart."""
    low = rows["low"].to_numpy(dtype=float)
    return np.asarray(low < rows["high"].to_numpy(dtype=float))


def _is_read(rows: pd.DataFrame, unread: Collection[str]) -> np.ndarray:
    """Find the rows that are not of the files ``unread``."""
    return np.asarray(~rows["file"].isin(unread).to_numpy())


def _check_possible(
    planned: Mapping[str, PlannedStep], context: BindingContext, unread: Collection[str]
) -> None:
    """Check that no number in use is impossible, nor one that is drawn for it.

    Rows of the files ``unread`` stand for pixels, which are checked where they are read. Adds
    ``impossible`` and ``working-time``; for coefficients, whose range only the method knows, also
    ``limit-impossible``, ``draws-outside`` and ``distribution-limits``.
    """
    for step, argument, bound in _rows_in_use(planned):
        limits = _physical_limits(step, argument, context)
        used = bound.used
        _check_draws(step, argument, used, context)
        if limits is None:
            continue
        value = used["value"].to_numpy(dtype=float) * used["factor"].to_numpy(dtype=float)
        slack = _ROUNDING * (limits.high - limits.low if np.isfinite(limits.high) else 0)
        wrong = (value < limits.low - slack) | (value > limits.high + slack)
        if not (wrong.any() or limits.working_time):
            continue
        wrong &= _is_read(used, unread)
        binding = step.bindings[argument]
        name = context.coefficient_label(binding.coef)
        if binding.data:
            name = context.data_label(binding.data)
        if limits.working_time:
            with_number = used[_is_read(used, unread) & ~used["na"].to_numpy(dtype=bool)]
            _refuse_calendar_time(name, with_number, step.method.inputs[argument], context)
        for file, rows in used[wrong].groupby("file", sort=False, observed=True):
            first = rows.iloc[0]
            unit = SpokenUnit(step.method.inputs[argument])
            context.problems.add(
                "impossible",
                replace(row_place(str(file), rows["row"]), column="value"),
                _limits_message(limits),
                name=name,
                value=float(first["value"]),
                unit=str(first["unit"]),
                low=limits.low,
                high=limits.high,
                target=unit,
            )


def _physical_limits(step: PlannedStep, argument: str, context: BindingContext) -> Limits | None:
    """Return the limits that the method, or the declaration of the data, sets to an argument."""
    limits = step.method.limits.get(argument)
    declared = context.standard.spec.data.get(step.bindings[argument].data)
    if declared is None or declared.possible == Possible():
        return limits
    limits = limits or ANY
    least = declared.possible.least
    most = declared.possible.most
    if np.isfinite(most):
        most = most * factor(declared.unit, step.method.inputs[argument])
    low = max(limits.low, float(least))
    high = min(limits.high, float(most))
    return replace(limits, low=low, high=high)


def _report_defaults(planned: Mapping[str, PlannedStep], context: BindingContext) -> None:
    """List the numbers in use that stand in for those of the place (``default-used``)."""
    messages: dict[str, str] = {}
    for of_set in context.sets:
        if of_set.header.typical:
            messages[of_set.label] = "plan.typical-used"
        elif of_set.header.defaults:
            messages[of_set.label] = "plan.default-used"
    labels: dict[str, dict[str, Label]] = {label: {} for label in messages}
    for step, argument, bound in _rows_in_use(planned):
        is_data = bool(step.bindings[argument].data)
        for rows in (bound.used, bound.index):
            if rows is None:
                continue
            for label in messages:
                for name in rows.loc[(rows["set"] == label).to_numpy(), "name"]:
                    named = context.data_label if is_data else context.coefficient_label
                    labels[label].setdefault(str(name), named(str(name)))
    for label, used in labels.items():
        if used:
            context.problems.add(
                "default-used",
                label,
                messages[label],
                count=len(used),
                names=Listed(tuple(used.values()), len(used)),
            )


def _check_draws(
    step: PlannedStep, argument: str, rows: pd.DataFrame, context: BindingContext
) -> None:
    """Check that the limits and draws of rows of sets are possible for the method."""
    is_uncertain = _is_uncertain(rows)
    if is_uncertain.any():
        is_uncertain &= _is_of_set(rows)
    if not is_uncertain.any():
        return
    limits = step.method.limits.get(argument, ANY)
    binding = step.bindings[argument]
    name = context.coefficient_label(binding.coef)
    if binding.data:
        name = context.data_label(binding.data)
    for file, rows_of_file in rows[is_uncertain].groupby("file", sort=False, observed=True):
        place_of = partial(_place_of, str(file), rows_of_file["row"].to_numpy())
        if limits == ANY:
            check_draws_positive(rows_of_file, place_of, context.problems)
            continue
        unit = step.method.inputs[argument]
        possible = range_in_units(Possible(limits.low, limits.high), unit, rows_of_file["unit"])
        check_possible(
            rows_of_file,
            place_of,
            possible,
            name,
            context.problems,
        )


def _place_of(file: str, rows: np.ndarray, positions: np.ndarray) -> Place:
    """Return the place of some of the rows of a file."""
    return row_place(file, rows[positions])


def _refuse_calendar_time(
    name: Label, rows: pd.DataFrame, target: str, context: BindingContext
) -> None:
    """Refuse pay by the time of the calendar, and say what an hour of work earns.

    Parameters
    ----------
    name : Label
        The data or coefficient.
    rows : DataFrame
        Rows in use.
    target : str
        The unit that the method expects, per hour.
    context : BindingContext
        Its problems receive ``working-time``.
    """
    periods = {unit: per_calendar_time(unit) for unit in rows["unit"].unique()}
    wrong = rows[rows["unit"].map(periods).notna().to_numpy()]
    for (file, unit), group in wrong.groupby(["file", "unit"], sort=False, observed=True):
        period = periods[unit]
        value = float(group["value"].iloc[0])
        working_hours = factor(f"work{period}", "h")
        calendar_hours = factor(_CALENDAR[str(period)], "h")
        by_calendar = value * factor(str(unit), target)
        context.problems.add(
            "working-time",
            replace(row_place(str(file), group["row"]), column="unit"),
            "plan.calendar-time",
            name=name,
            value=value,
            unit=str(unit),
            hours=working_hours,
            calendar_hours=calendar_hours,
            by_calendar=by_calendar,
            by_work=by_calendar * calendar_hours / working_hours,
            target=SpokenUnit(target),
            work_unit=text(f"plan.work-unit.{period}"),
        )


def _limits_message(limits: Limits) -> str:
    """Return the key of the message about a number beyond physical limits."""
    if limits == SHARE:
        return "plan.not-a-share"
    if np.isfinite(limits.high):
        return "plan.beyond-limits"
    return "plan.below-limit"


def _gdp(data: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the data gdp by region, 10^4 CNY; empty if there is none."""
    if _GDP not in data:
        return pd.Series(dtype=float)
    rows = data[_GDP]
    is_money = [same_dimension(unit, _GDP_UNIT) for unit in rows["unit"]]
    rows = rows[np.array(is_money, dtype=bool)].drop_duplicates("region").dropna(subset="value")
    scales = np.array([factor(unit, _GDP_UNIT) for unit in rows["unit"]], dtype=float)
    return pd.Series(rows["value"].to_numpy(dtype=float) * scales, index=rows["region"])


# --- land area ------------------------------------------------------------------------------------


def _land_rows(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Select the data rows land_area that have a number, one for each region."""
    if _LAND_AREA not in data:
        return pd.DataFrame(columns=["region", "value", "unit"])
    rows = data[_LAND_AREA]
    # rows of another dimension are problems already
    is_area = [is_readable(unit) and same_dimension(unit, "km2") for unit in rows["unit"]]
    rows = rows[np.array(is_area, dtype=bool)]
    return rows.drop_duplicates("region").dropna(subset="value")


def _land_rows_used(context: BindingContext) -> pd.DataFrame:
    """Select the data rows land_area of regions that have areas, and of their parents."""
    rows = _land_rows(context.data)
    codes = list(context.extent.regions)
    if context.regions is not None:
        codes += list(context.regions.frame.index)
    return rows[rows["region"].isin(codes).to_numpy()]


def _land_data(data: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the data land_area by region, km2."""
    if _LAND_AREA not in data:
        return pd.Series(dtype=float)
    rows = _land_rows(data)
    factors = [factor(unit, "km2") for unit in rows["unit"]]
    area = rows["value"].to_numpy(dtype=float) * np.array(factors, dtype=float)
    return pd.Series(area, index=rows["region"], dtype=float)


def _stated_land(
    regions: Regions | None, data: Mapping[str, pd.DataFrame], problems: ProblemLog
) -> pd.DataFrame:
    """Return the land areas that are stated, by region: ``area`` (km2), ``file`` and ``row``.

    Those of the data land_area come before those of the table of regions; adds ``land-differs``
    where the two are far apart.
    """
    stated = pd.DataFrame({"area": _land_data(data)}, dtype=float)
    if _LAND_AREA in data:
        rows = _land_rows(data).set_index("region")
        stated = stated.assign(file=rows["file"], row=rows["row"])
    if regions is None:
        return stated
    listed = regions.frame[["area", "file", "row"]]
    for code in listed.index.intersection(stated.index):
        reported = float(stated.at[code, "area"])
        area = float(listed.at[code, "area"])
        if area > 0 and abs(reported / area - 1) >= _LAND_APART:
            problems.add(
                "land-differs",
                row_place(str(stated.at[code, "file"]), [stated.at[code, "row"]]),
                "plan.two-land-areas",
                region=region_label(str(code), regions),
                reported=reported,
                area=area,
                source=row_place(str(listed.at[code, "file"]), [listed.at[code, "row"]]),
            )
    others = listed[~listed.index.isin(stated.index)]
    return others if stated.empty else pd.concat([stated, others])


def _with_land_area(regions: Regions | None, data: Mapping[str, pd.DataFrame]) -> Regions | None:
    """Return the table of regions, its areas replaced by the data land_area, also for parents."""
    if regions is None:
        return None
    reported = _land_data(data)
    if reported.empty:
        return regions
    area = reported.reindex(regions.frame.index).fillna(regions.frame["area"])
    return replace(regions, frame=regions.frame.assign(area=area))


def _land_area(context: BindingContext) -> np.ndarray:
    """Return the land area of the regions, km2; NaN if it is not known.

    It is that of the data land_area, else of the table of regions; never the sum of classes.
    """
    if context.regions is not None:
        known = context.regions.frame["area"]
    else:
        known = _land_data(context.data)
    return np.asarray(known.reindex(context.extent.regions), dtype=float)
