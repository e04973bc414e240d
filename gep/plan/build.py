"""Making a plan (编制方案): everything is bound and checked before anything is computed.

``make_plan`` is for users: it loads what is given by id or path. ``build_plan`` takes what a
project has loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound
from gep.extent.areas import Areas
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk, load_crosswalk
from gep.extent.extent import Extent
from gep.extent.regions import Regions, load_regions
from gep.extent.table_extent import build_extent
from gep.inputs.coefficients import CoefficientSet, load_coefficient_set, read_sources
from gep.inputs.data import (
    COMMON,
    EMPTY,
    Data,
    Sizes,
    check_data_names,
    check_proportions,
    mark_absent,
)
from gep.inputs.value_rows import check_range
from gep.io.csv_excel import row_place
from gep.io.tables import HINTED, LIKEWISE, suggestion
from gep.plan.binding import BoundInput, check_placeholders
from gep.plan.binding_context import ActiveStep, BindingContext, region_title, step_label
from gep.plan.blank_form import SpokenUnit
from gep.plan.missing import report_missing
from gep.plan.plan import PARTIAL as PARTIAL
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.plan.prices import PriceBasis
from gep.plan.steps import plan_step
from gep.standards.method import Method, load_method
from gep.standards.standard import Standard, load_standard
from gep.texts.catalogue import Label, Listed, Text, text
from gep.units import SHARE, Limits, factor, per_calendar_time, same_dimension

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


def make_plan(
    *,
    standard: Standard | str | Path,
    extent: Areas,
    year: int | None = None,
    data: Data = EMPTY,
    coefficients: Sequence[CoefficientSet | str | Path] = (),
    crosswalk: str | Path | None = None,
    regions: Regions | str | Path | None = None,
    switches: Mapping[str, str] | None = None,
    price_year: int | None = None,
    allow_placeholder: bool = False,
    allow_transfer: bool = False,
    allow_code: bool = False,
    partial: bool = False,
    base: Path | None = None,
) -> Plan:
    """Make a plan: bind a standard to areas, data and coefficient sets for one year.

    Parameters
    ----------
    standard : Standard, str or Path
        A standard, or its id or path.
    extent : Areas
        Area rows, of one or more years (``gep.read_areas``).
    year : int, optional
        The year of the account; may be left out if the areas are of one year.
    data : Data, optional
        Data rows, of one or more years (``gep.read_data``).
    coefficients : sequence of CoefficientSet, str or Path, optional
        Coefficient sets, or their ids or paths. The standard's own sets follow them; the first set
        that has a row supplies the number.
    crosswalk : str or Path, optional
        Id or path of the crosswalk from the classes of the areas to ecosystem types.
    regions : Regions, str or Path, optional
        Table of regions, or its path; gives names, parents and land areas.
    switches : mapping of str to str, optional
        Switch to option; others take their default.
    price_year : int, optional
        The year of constant prices; default: each account is at prices of its own year.
    allow_placeholder : bool, default False
        Whether made-up numbers may be used.
    allow_transfer : bool, default False
        Whether numbers may be used outside the scope of their set (value transfer).
    allow_code : bool, default False
        Whether methods that do not ship with gep may run.
    partial : bool, default False
        Whether regions whose numbers are missing are left out as "not compiled" instead of stopping
        the plan.
    base : Path, optional
        Folder from which relative paths start and which they must not leave; default: the working
        folder.

    Returns
    -------
    Plan

    Raises
    ------
    ProblemsFound
        With everything that is wrong, and the warnings. What is loaded: problems of the readers,
        such as ``unknown-id``, ``missing-set``, ``duplicate-id``. The choice of year, switches and
        methods: ``bad-year``, ``missing-year``, ``unknown-switch``, ``unknown-option``,
        ``unknown-step``, ``step-cycle``, ``unknown-method``, ``code-not-allowed``,
        ``method-signature``, ``method-argument``. Rows that do not fit: ``unknown-class``,
        ``class-overlap``, ``class-coarse``, ``unknown-region``, ``parent-with-rows``,
        ``wrong-keys``, ``wrong-dimension``, ``ecosystem-key``, ``open-key``, ``members-differ``,
        ``missing-member``, ``unknown-source``. Numbers: ``missing-data``, ``missing-coefficient``,
        ``price-year``, ``nominal-price``, ``placeholder``, ``value-transfer``.
    """
    problems = ProblemLog()
    if not isinstance(standard, Standard):
        loaded_standard = load_standard(str(standard), base, "standard", problems)
        if loaded_standard is None:
            raise ProblemsFound(problems.errors, problems.warnings)
        standard = loaded_standard
    if regions is not None and not isinstance(regions, Regions):
        regions = load_regions(Path(regions), problems)
    sets = load_sets(coefficients, standard, base, problems)
    scheme = load_class_scheme(
        standard.spec.ecosystems, standard.path.parent, standard.path.name, problems
    )
    loaded_crosswalk: Crosswalk | None = None
    if crosswalk and scheme is not None:
        loaded_crosswalk = load_crosswalk(
            name=str(crosswalk), base=base, scheme=scheme, where="crosswalk", problems=problems
        )
    problems.raise_errors()
    if scheme is None:
        raise ProblemsFound(problems.errors, problems.warnings)
    years = sorted(set(extent.rows["year"]))
    if year is None and not years:
        problems.add("bad-year", "areas", "plan.no-areas")
    elif year is None and len(years) > 1:
        problems.add("bad-year", "areas", "plan.year-not-chosen", years=tuple(map(int, years)))
    problems.raise_errors()
    parts = PlanInputs(
        standard=standard,
        areas=extent,
        data=data,
        sets=sets,
        scheme=scheme,
        crosswalk=loaded_crosswalk,
        regions=regions,
        switches=dict(switches or {}),
        price_year=price_year,
        allowed=Permissions(
            placeholder=allow_placeholder,
            transfer=allow_transfer,
            code=allow_code,
            passed=PARTIAL if partial else (),
        ),
    )
    if year is None:
        year = int(years[0])
    return build_plan(parts, year, problems)


def load_sets(
    names: Sequence[CoefficientSet | str | Path],
    standard: Standard,
    base: Path | None,
    problems: ProblemLog,
) -> tuple[CoefficientSet, ...]:
    """Load the sets that are named, then those of the standard, each once.

    Parameters
    ----------
    names : sequence of CoefficientSet, str or Path
        Sets, or their ids or paths.
    standard : Standard
        Names sets of its own.
    base : Path or None
        Folder from which relative paths start; None for the working folder.
    problems : ProblemLog
        Receives ``duplicate-id`` for two sets of one id, and the problems of reading sets.

    Returns
    -------
    tuple of CoefficientSet
        Without sets that could not be read.
    """
    by_folder: dict[Path, CoefficientSet] = {}
    for name in names:
        if isinstance(name, CoefficientSet):
            coefficient_set: CoefficientSet | None = name
        else:
            where = f"coefficients {name}"
            coefficient_set = load_coefficient_set(str(name), base, where, problems)
        if coefficient_set is not None:
            by_folder.setdefault(coefficient_set.path.resolve(), coefficient_set)
    for set_name in standard.spec.coefficients:
        where = f"{standard.path.name} coefficients"
        coefficient_set = load_coefficient_set(set_name, standard.path.parent, where, problems)
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
    return tuple(by_folder.values())


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
    _check_switches(parts, problems)
    problems.raise_errors()
    parts = replace(parts, data=mark_absent(parts.data, standard.spec.data))
    switches = standard.chosen(parts.switches)
    active_steps = _order_steps(_active_steps(standard, switches), standard, problems)
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
    )
    _check_sources(parts, problems)
    if extent is None or len(methods) < len(active_steps):
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)
    _check_regions(parts, extent, problems)
    data = parts.data.of(year)
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
    )
    _check_made_up_areas(parts, context)
    check_proportions(parts.data, year, standard.spec.data, _sizes(context), problems)
    planned: dict[str, PlannedStep] = {}
    for active in active_steps:
        # what follows from rows of wrong keys need not be reported
        data_names = {binding.data for binding in active.step.inputs.values()}
        if not data_names.isdisjoint(names_with_wrong_keys):
            continue
        step = plan_step(active, methods[active.name], planned, context)
        if step is not None:
            planned[active.name] = step
    report_missing(context, switches, planned)
    _check_coefficient_ranges(planned, context)
    _check_possible(planned, context)
    if any(problem.code not in parts.allowed.passed for problem in problems.errors):
        problems.raise_errors()
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
    )


def _check_switches(parts: PlanInputs, problems: ProblemLog) -> None:
    """Check the switches and options chosen (``unknown-switch``, ``unknown-option``)."""
    switches = parts.standard.spec.switch
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
                options=switches[name].options,
            )


def _active_steps(standard: Standard, switches: Mapping[str, str]) -> list[ActiveStep]:
    """Return the steps that the switches turn on."""
    active: list[ActiveStep] = []
    for name, indicator, step in standard.steps():
        if step.active(switches):
            place = f"{standard.path.name} {name}"
            active.append(ActiveStep(name, indicator, step, place))
    return active


def _load_methods(
    parts: PlanInputs, active_steps: Sequence[ActiveStep], problems: ProblemLog
) -> dict[str, Method]:
    """Load the methods of steps, by the step's name; without those that cannot be loaded."""
    methods: dict[str, Method] = {}
    for active in active_steps:
        method = load_method(
            active.step.method,
            parts.standard.path.parent,
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
    if parts.crosswalk is None:
        return
    known = set(parts.standard.spec.sources)
    beside = parts.crosswalk.path.parent / "sources.toml"
    if beside.exists():
        known.update(read_sources(beside, "sources.toml", problems))
    for coefficient_set in parts.sets:
        known.update(coefficient_set.sources)
    frame = parts.crosswalk.frame
    is_known = frame["source"].isin(["", *known]).to_numpy()
    for source, group in frame[~is_known].groupby("source", sort=False):
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
    rows = rows[(rows["year"] == extent.year).to_numpy()]
    without_areas = rows[~rows["region"].isin(extent.regions).to_numpy()]
    files = [file.name for file in parts.areas.files]  # none where areas were made in Python
    for number, (code, region_rows) in enumerate(without_areas.groupby("region", sort=False)):
        advice: Text = LIKEWISE
        if number < HINTED:
            advice = suggestion(str(code), extent.regions, "".join(files[:1]))
        label = Label(str(code))
        listed = False
        if parts.regions is not None:
            label = Label(str(code), region_title(parts.regions, str(code)))
            listed = code in parts.regions.frame.index
        for file, file_rows in region_rows.groupby("file", sort=False):
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
    area_parts = context.extent.parts
    area_rows = area_parts.assign(grade=area_parts["own_grade"]).drop_duplicates(["file", "row"])
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
    """Warn of coefficients in use that are outside their plausible range (``implausible``)."""
    rows_of: dict[str, list[pd.DataFrame]] = {}
    for step, argument, bound in _rows_in_use(planned):
        name = step.bindings[argument].coef
        if name:
            rows_of.setdefault(name, []).append(bound.used)
    for name, frames in rows_of.items():
        declared = context.declared_coefficient(name)
        if declared is None:
            continue
        rows = pd.concat(frames).drop_duplicates(["set", "file", "row"]).sort_values("row")
        check_range(context.coefficient_label(name), rows, declared, context.problems)


def _check_possible(planned: Mapping[str, PlannedStep], context: BindingContext) -> None:
    """Check that no number in use is impossible: adds ``impossible`` and ``working-time``."""
    for step, argument, bound in _rows_in_use(planned):
        limits = step.method.limits.get(argument)
        if limits is None:
            continue
        used = bound.used[~bound.used["na"].astype(bool)]
        value = used["value"].to_numpy(dtype=float) * used["factor"].to_numpy(dtype=float)
        slack = _ROUNDING * (limits.high - limits.low if np.isfinite(limits.high) else 0)
        wrong = (value < limits.low - slack) | (value > limits.high + slack)
        binding = step.bindings[argument]
        name = context.coefficient_label(binding.coef)
        if binding.data:
            name = context.data_label(binding.data)
        if limits.working_time:
            _refuse_calendar_time(name, used, step.method.inputs[argument], context)
        for file, rows in used[wrong].groupby("file", sort=False):
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
    for (file, unit), group in wrong.groupby(["file", "unit"], sort=False):
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
    rows = data.get(_GDP, pd.DataFrame(columns=["region", "value", "unit"]))
    is_money = [same_dimension(unit, _GDP_UNIT) for unit in rows["unit"]]
    rows = rows[np.array(is_money, dtype=bool)].drop_duplicates("region").dropna(subset="value")
    scales = np.array([factor(unit, _GDP_UNIT) for unit in rows["unit"]], dtype=float)
    return pd.Series(rows["value"].to_numpy(dtype=float) * scales, index=rows["region"])


# --- land area ------------------------------------------------------------------------------------


def _land_rows(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Select the data rows land_area that have a number, one for each region."""
    no_rows = pd.DataFrame(columns=["region", "value", "unit"])
    rows = data.get(_LAND_AREA, no_rows)
    # rows of another dimension are problems already
    is_area = [same_dimension(unit, "km2") for unit in rows["unit"]]
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
    rows = _land_rows(data)
    factors = [factor(unit, "km2") for unit in rows["unit"]]
    area = rows["value"].to_numpy(dtype=float) * np.array(factors, dtype=float)
    return pd.Series(area, index=rows["region"], dtype=float)


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
