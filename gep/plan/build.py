"""Building a plan: everything is bound and checked before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.extent.areas import Areas
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk, load_crosswalk
from gep.extent.regions import Regions, load_regions
from gep.extent.table_extent import TableExtent, build_extent
from gep.inputs.coefficients import CoefficientSet, load_coefficient_set
from gep.inputs.data import EMPTY, Data, check_data_names, mark_absent
from gep.io.tables import HINTED, LIKEWISE, suggestion
from gep.plan.binding import check_placeholders
from gep.plan.binding_context import BindingContext
from gep.plan.missing import report_missing
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.plan.steps import plan_step
from gep.standards.method import load_method
from gep.standards.standard import Indicator, Standard, Step, load_standard
from gep.units import factor, same_dimension

PARTIAL = (
    "missing-data",
    "missing-coefficient",
)  # what --partial lets pass: gaps, that withhold the totals over them


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
    """Bind a standard to areas, data and sets for one year, or raise ``ProblemsFound`` with everything in the way.

    ``coefficients`` are ids, paths or loaded sets; the standard's own follow them and the first set that has a row
    answers. ``year`` may be left out where the areas are of one year. ``base`` is the folder that relative paths start
    from and must not leave (None: the user's own working folder).
    """
    problems = ProblemLog()
    the_standard = (
        standard
        if isinstance(standard, Standard)
        else load_standard(str(standard), base, "standard", problems)
    )
    if the_standard is None:
        problems.raise_errors()
        raise AssertionError("a standard that is not loaded leaves a problem")
    if not isinstance(regions, Regions) and regions is not None:
        regions = load_regions(Path(regions), problems)
    sets = load_sets(coefficients, the_standard, base, problems)
    scheme = load_class_scheme(
        the_standard.spec.ecosystems, the_standard.path.parent, the_standard.path.name, problems
    )
    walk = (
        load_crosswalk(str(crosswalk), base, scheme, "crosswalk", problems)
        if crosswalk and scheme
        else None
    )
    problems.raise_errors()
    assert scheme is not None
    years = sorted(set(extent.rows["year"]))
    if year is None and len(years) != 1:
        have = ", ".join(str(one) for one in years) or "none"
        problems.add(
            "bad-year",
            "areas",
            f"areas of these years: {have}; none is chosen",
            "say which: year = ...",
        )
        problems.raise_errors()
    year = int(years[0]) if year is None else year
    allowed = Permissions(allow_placeholder, allow_transfer, allow_code, PARTIAL if partial else ())
    parts = PlanInputs(
        the_standard,
        extent,
        data,
        sets,
        scheme,
        walk,
        regions,
        dict(switches or {}),
        price_year,
        allowed,
    )
    return build_plan(parts, year, problems)


def load_sets(
    names: Sequence[CoefficientSet | str | Path],
    standard: Standard,
    base: Path | None,
    problems: ProblemLog,
) -> tuple[CoefficientSet, ...]:
    """The project's sets, then the standard's, each once."""
    found: dict[str, CoefficientSet] = {}
    for name in names:
        one = (
            name
            if isinstance(name, CoefficientSet)
            else load_coefficient_set(str(name), base, f"coefficients {name}", problems)
        )
        if one is not None:
            found.setdefault(str(one.path.resolve()), one)
    for own in standard.spec.coefficients:
        another = load_coefficient_set(
            own, standard.path.parent, f"{standard.path.name} coefficients", problems
        )
        if another is not None:
            found.setdefault(str(another.path.resolve()), another)
    versions: dict[str, CoefficientSet] = {}
    for one in found.values():
        twin = versions.setdefault(one.header.id, one)
        if twin is not one:
            what = f"two sets are called {one.header.id!r}"
            problems.add("duplicate-id", one.path.name, what, "give each its own id")
    return tuple(found.values())


@dataclass(frozen=True)
class Permissions:
    """What the user permits."""

    placeholder: bool = False
    transfer: bool = False
    code: bool = False
    passed: tuple[str, ...] = ()  # codes of errors that are told and do not stop


@dataclass(frozen=True)
class PlanInputs:
    """Everything a plan is built of, loaded."""

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


def build_plan(parts: PlanInputs, year: int, problems: ProblemLog) -> Plan:
    """Build the plan of a year; raises ``ProblemsFound`` (what is missing becomes a gap where partial is allowed)."""
    standard, label = parts.standard, parts.standard.path.name
    _check_switches(parts, problems)
    problems.raise_errors()
    parts = replace(parts, data=mark_absent(parts.data, standard.spec.data))
    switches = standard.chosen(parts.switches)
    active = _in_order(
        [one for one in standard.steps() if one[2].active(switches)], label, problems
    )
    code, folder = parts.allowed.code, standard.path.parent
    methods = {
        name: load_method(step.method, folder, f"{label} {name}", problems, allow_code=code)
        for name, _, step in active
    }
    extent = build_extent(parts.areas, year, parts.scheme, parts.crosswalk, parts.regions, problems)
    asked = {
        binding.data for _, _, step in active for binding in step.inputs.values() if binding.data
    } | {"land_area"}
    wrong = check_data_names(parts.data, standard.spec.data, asked, standard.id, problems)
    _check_sources(parts, problems)
    if extent is None or any(method is None for method in methods.values()):
        problems.raise_errors()
    assert extent is not None
    _check_regions(parts, extent, problems)
    data = parts.data.of(year)
    ground = BindingContext(
        extent,
        data,
        parts.sets,
        parts.scheme,
        _with_land_area(parts.regions, data),
        parts.price_year,
        parts.allowed.placeholder,
        parts.allowed.transfer,
        problems,
        standard.spec.data,
    )
    _refuse_made_up_areas(parts, ground)
    planned: dict[str, PlannedStep] = {}
    for name, indicator, step in active:
        method = methods[name]
        if method is not None and not any(
            binding.data in wrong for binding in step.inputs.values()
        ):
            done = plan_step(name, indicator, step, method, planned, ground, standard)
            if done is not None:
                planned[name] = done
    report_missing(ground, standard, switches, planned)
    if any(one.code not in parts.allowed.passed for one in problems.errors):
        problems.raise_errors()
    warnings = (*problems.warnings, *problems.errors)
    return Plan(
        standard,
        extent,
        tuple(planned.values()),
        parts.sets,
        ground.regions,
        parts.scheme,
        parts.crosswalk,
        switches,
        parts.price_year,
        _land_area(ground),
        warnings,
        parts.files,
        land=_land_used(ground),
    )


def _check_switches(parts: PlanInputs, problems: ProblemLog) -> None:
    known = parts.standard.spec.switch
    for name, option in parts.switches.items():
        if name not in known:
            what = f"{parts.standard.id} has no switch {name!r}"
            problems.add("unknown-switch", "switches", what, suggestion(name, known))
        elif option not in known[name].options:
            fix = f"options are: {', '.join(known[name].options)}"
            problems.add("unknown-option", f"switches.{name}", f"option {option!r}", fix)


def _check_sources(parts: PlanInputs, problems: ProblemLog) -> None:
    """Sources named by a crosswalk or scheme of the project must be described somewhere."""
    if parts.crosswalk is None:
        return
    from gep.inputs.coefficients import read_sources

    beside = parts.crosswalk.path.parent / "sources.toml"
    own = read_sources(beside, "sources.toml", problems) if beside.exists() else {}
    known = {
        *own,
        *parts.standard.spec.sources,
        *(name for one in parts.sets for name in one.sources),
    }
    frame = parts.crosswalk.frame
    for source, some in frame[~frame["source"].isin(["", *known]).to_numpy()].groupby(
        "source", sort=False
    ):
        where = f"{some['file'].iloc[0]} row {some['row'].iloc[0]}"
        fix = f"describe it in a sources.toml beside; {suggestion(str(source), known)}"
        problems.add("unknown-source", where, f"source {source!r}", fix)


def _check_regions(parts: PlanInputs, extent: TableExtent, problems: ProblemLog) -> None:
    """Data for regions that have no areas."""
    rows = parts.data.rows
    if rows.empty:
        return
    rows = rows[(rows["year"] == extent.year).to_numpy()]
    lost = rows[~rows["region"].isin(extent.regions).to_numpy()]
    for number, (code, some) in enumerate(lost.groupby("region", sort=False)):
        home = parts.areas.files[0].name
        hint = suggestion(str(code), extent.regions, home) if number < HINTED else LIKEWISE
        for file, these in some.groupby("file", sort=False):
            where = f"{file} row {', '.join(str(row) for row in these['row'].head(5))}"
            listed = parts.regions is not None and code in parts.regions.frame.index
            if listed and set(these["name"]) <= {"land_area"}:
                continue
            kind = "unused-data" if listed else "unknown-region"
            what = f"region {code!r} has no areas in {extent.year}"
            problems.add(kind, where, what, hint)


def _in_order(
    steps: list[tuple[str, Indicator | None, Step]], label: str, problems: ProblemLog
) -> list[tuple[str, Indicator | None, Step]]:
    """Steps after those that they need; a cycle or a step that is switched off is a problem."""
    names = {name for name, _, _ in steps}
    done: list[tuple[str, Indicator | None, Step]] = []
    for name, _, step in steps:
        for argument, binding in step.inputs.items():
            if binding.step and binding.step not in names:
                what = f"{argument} needs step {binding.step!r}, which the switches turn off"
                problems.add("unknown-step", f"{label} {name}", what, "choose other switches")
    by_name = {one[0]: one for one in steps}
    state: dict[str, bool] = {}  # False: on the way, True: done

    def visit(name: str, way: tuple[str, ...]) -> None:
        if state.get(name):
            return
        if name in state:
            what = f"these steps need each other: {' -> '.join([*way[way.index(name) :], name])}"
            problems.add("step-cycle", label, what, "break the circle")
            return
        state[name] = False
        for binding in by_name[name][2].inputs.values():
            if binding.step in by_name:
                visit(binding.step, (*way, name))
        state[name] = True
        done.append(by_name[name])

    for name, _, _ in steps:
        visit(name, ())
    return done


def _refuse_made_up_areas(parts: PlanInputs, ground: BindingContext) -> None:
    """Areas and crosswalk shares of grade placeholder, like any other number."""
    used = ground.extent.parts
    check_placeholders(
        used.assign(name="area", grade=used["own_grade"]).drop_duplicates(["file", "row"]), ground
    )
    if parts.crosswalk is not None:
        walk = parts.crosswalk.frame
        check_placeholders(
            walk[walk["class"].isin(used["class"]).to_numpy()].assign(name="crosswalk"), ground
        )


def _land_rows(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The data rows ``land_area`` that give a number, one a region."""
    rows = data.get("land_area", pd.DataFrame(columns=["region", "value", "unit"]))
    fits = np.array(
        [same_dimension(unit, "km2") for unit in rows["unit"]], dtype=bool
    )  # others are problems
    return rows[fits].drop_duplicates("region").dropna(subset="value")


def _land_used(ground: BindingContext) -> pd.DataFrame:
    """Those of them that values per km2 rest on: of regions with areas and of their parents."""
    rows, listed = (
        _land_rows(ground.data),
        () if ground.regions is None else ground.regions.frame.index,
    )
    return rows[rows["region"].isin([*ground.extent.regions, *listed]).to_numpy()]


def _land_data(data: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Data ``land_area`` in km2 by region."""
    rows = _land_rows(data)
    given = rows["value"].to_numpy(dtype=float) * np.array(
        [factor(unit, "km2") for unit in rows["unit"]], dtype=float
    )
    return pd.Series(given, index=rows["region"], dtype=float)


def _with_land_area(regions: Regions | None, data: Mapping[str, pd.DataFrame]) -> Regions | None:
    """The regions' table with data ``land_area`` where there is some, for parents too."""
    given = pd.Series(dtype=float) if regions is None else _land_data(data)
    if regions is None or given.empty:
        return regions
    area = given.reindex(regions.frame.index).fillna(regions.frame["area"])
    return replace(regions, frame=regions.frame.assign(area=area))


def _land_area(ground: BindingContext) -> np.ndarray:
    """Land area in km2: data ``land_area`` first, else the regions' table; never class sums."""
    known = ground.regions.frame["area"] if ground.regions is not None else _land_data(ground.data)
    return np.asarray(known.reindex(ground.extent.regions), dtype=float)
