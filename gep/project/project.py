"""Projects (核算项目): a folder with ``project.toml``; read whole and checked whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd
from pydantic import Field

from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.areas import load_areas, report_no_areas
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import load_crosswalk
from gep.extent.region_changes import RegionChanges, check_codes, load_region_changes, map_codes
from gep.extent.regions import check_boundaries, load_regions
from gep.extent.transitions import Transitions, check_transitions, load_transitions
from gep.inputs.data import Data, load_data
from gep.io.catalog import resolve_inside
from gep.io.toml_documents import Frozen, TitleField, read_toml, validate_document
from gep.plan.build import PARTIAL, Permissions, PlanInputs, build_plan, load_sets
from gep.plan.plan import TRIAL, Plan
from gep.standards.standard import load_standard
from gep.texts.catalogue import Language

Loaded = TypeVar("Loaded")


class HeaderSpec(Frozen):
    """``[project]``."""

    id: str
    title: TitleField
    standard: str
    coefficients: tuple[str, ...] = ()
    years: tuple[int, ...] = Field(min_length=1)
    price_year: int | None = None
    language: Literal["zh", "en"] = "zh"
    allow_placeholder: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
    approver: str = ""
    document: str = ""


class InputsSpec(Frozen):
    """``[inputs]``."""

    areas: str = Field(min_length=1)
    data: tuple[str, ...] = ()
    normal: str = ""
    transitions: str = ""
    changes: str = ""
    crosswalk: str = ""
    regions: str = ""
    boundaries: str = ""
    boundary_key: str = "code"
    approval: str = ""
    raster: dict[str, Any] | None = None


class AssessmentSpec(Frozen):
    """``[assessment]``."""

    schemes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()  # default: those of the project
    readings: tuple[str, ...] = ()
    targets: str = ""
    groups: str = ""
    events: str = ""
    previous: str = ""  # ranking.csv of the year before the first
    stocks: str = ""
    causes: str = ""
    prices: str = ""  # of stocks
    terms: str = ""
    pools: str = ""
    log: str = ""
    earlier: str = ""  # folder with <scheme>/scores.csv of an earlier version


class ProjectSpec(Frozen):
    """``project.toml``."""

    project: HeaderSpec
    switches: dict[str, str] = Field(default_factory=dict)
    inputs: InputsSpec
    assessment: AssessmentSpec = AssessmentSpec()


@dataclass(frozen=True)
class Project:
    """A project that was read: its text, its folder and everything its plans are built of."""

    spec: ProjectSpec
    folder: Path
    parts: PlanInputs
    boundaries: Path | None
    warnings: tuple[Problem, ...]
    own_code: bool
    normal: Data | None = None  # data of reference years' weather
    transitions: Transitions | None = None
    changes: RegionChanges | None = None  # of region codes

    @property
    def language(self) -> Language:
        """``zh`` or ``en``."""
        return self.spec.project.language

    @property
    def state(self) -> str:
        """试算 until an approver and a document are recorded."""
        record = self.spec.project
        return (
            f"{record.approver} {record.document}" if record.approver and record.document else TRIAL
        )


def read_project(path: str | Path, *, allow_code: bool = False, partial: bool = False) -> Project:
    """Read a project folder (or its ``project.toml``). Raises ``ProblemsFound`` with everything that is wrong."""
    problems = ProblemLog()
    folder = Path(path)
    folder = folder.parent if folder.name == "project.toml" else folder
    text = validate_document(
        ProjectSpec,
        read_toml(folder / "project.toml", "project.toml", problems),
        "project.toml",
        problems,
    )
    if text is None:
        problems.raise_errors()
    assert text is not None
    changes = _table(text.inputs.changes, "changes", load_region_changes, folder, problems)
    parts = _load(text, folder, allow_code and text.project.allow_code, partial, changes, problems)
    boundaries = _boundaries(text.inputs, folder, problems)
    transitions = _table(text.inputs.transitions, "transitions", load_transitions, folder, problems)
    normal = _table(
        text.inputs.normal, "normal", lambda path, found: load_data([path], found), folder, problems
    )
    if parts is not None and transitions is not None:
        _check_transitions(transitions, parts, text.project.years, problems)
    problems.raise_errors()
    assert parts is not None
    more = [file for one in (transitions, normal, changes) if one is not None for file in one.files]
    parts = replace(parts, files=(*parts.files, *([boundaries] if boundaries else []), *more))
    return Project(
        text,
        folder,
        parts,
        boundaries,
        tuple(problems.warnings),
        allow_code,
        normal,
        transitions,
        changes,
    )


def _check_transitions(
    transitions: Transitions, parts: PlanInputs, years: Sequence[int], problems: ProblemLog
) -> None:
    """Transitions against the project; their regions are those that have areas in the later year."""
    areas = parts.areas.rows
    for last, rows in transitions.rows.groupby("to", sort=False):
        here = areas.loc[(areas["year"] == last).to_numpy(), "region"].unique()
        codes = here if len(here) else areas["region"].unique()
        check_transitions(
            replace(transitions, rows=rows.reset_index(drop=True)),
            parts.scheme,
            parts.crosswalk,
            codes,
            years,
            problems,
        )


def _table(
    name: str,
    key: str,
    load: Callable[[Path, ProblemLog], Loaded | None],
    folder: Path,
    problems: ProblemLog,
) -> Loaded | None:
    """A table that the project may name."""
    path = resolve_inside(name, folder, f"project.toml inputs.{key}", problems) if name else None
    return load(path, problems) if path is not None else None


def _boundaries(inputs: InputsSpec, folder: Path, problems: ProblemLog) -> Path | None:
    """The boundaries that a map is drawn with, checked."""
    if not inputs.boundaries:
        return None
    path = resolve_inside(inputs.boundaries, folder, "project.toml inputs.boundaries", problems)
    if path is not None:
        check_boundaries(path, inputs.boundary_key, problems)
    return path


def _load(
    text: ProjectSpec,
    folder: Path,
    code: bool,
    partial: bool,
    changes: RegionChanges | None,
    problems: ProblemLog,
) -> PlanInputs | None:
    record, inputs, where = text.project, text.inputs, "project.toml"
    if inputs.raster is not None:
        problems.add(
            "not-supported",
            f"{where} inputs.raster",
            "rasters are not read by this version",
            "give areas as a table",
        )
    if len(set(record.years)) < len(record.years):
        problems.add("toml-value", f"{where} years", "a year stands twice", "name each year once")
    standard = load_standard(record.standard, folder, where, problems)

    def file(name: str, key: str) -> Path | None:
        return resolve_inside(name, folder, f"{where} inputs.{key}", problems) if name else None

    areas_path = file(inputs.areas, "areas")
    areas = load_areas(areas_path, problems) if areas_path else None
    paths = [path for name in inputs.data if (path := file(name, "data"))]
    data = load_data(paths, problems)
    regions_path = file(inputs.regions, "regions")
    regions = load_regions(regions_path, problems) if regions_path else None
    if standard is None:
        return None
    sets = load_sets(record.coefficients, standard, folder, problems)
    scheme = load_class_scheme(
        standard.spec.ecosystems, standard.path.parent, standard.path.name, problems
    )
    walk = (
        load_crosswalk(inputs.crosswalk, folder, scheme, where, problems)
        if scheme and inputs.crosswalk
        else None
    )
    if areas is None or scheme is None:
        return None
    for year in (
        record.years if (areas.rows["year"] > 0).all() else ()
    ):  # years that do not read are told already
        if not (areas.rows["year"] == year).any():
            report_no_areas(areas, year, inputs.areas, problems)
    _same_regions(areas.rows, record.years, inputs.areas, changes, problems)
    files = _files(
        folder,
        standard.path,
        scheme.path,
        areas.files,
        paths,
        regions_path,
        walk.path if walk else None,
        sets,
    )
    allowed = Permissions(
        record.allow_placeholder, record.allow_transfer, code, PARTIAL if partial else ()
    )
    return PlanInputs(
        standard,
        areas,
        data,
        sets,
        scheme,
        walk,
        regions,
        text.switches,
        record.price_year,
        allowed,
        files,
    )


def _same_regions(
    rows: pd.DataFrame,
    years: Sequence[int],
    label: str,
    changes: RegionChanges | None,
    problems: ProblemLog,
) -> None:
    """A region must have areas in every year of the project, or a parent's sums would not compare.

    Codes that changed are the same region on the boundary of the last year.
    """
    if (rows["year"] == 0).any():
        return
    seen: dict[int, set[str]] = {}
    for year in years:
        codes = set(rows.loc[(rows["year"] == year).to_numpy(), "region"])
        if changes is not None:
            check_codes(changes, codes, year, label, problems)
            codes = {
                new
                for some in map_codes(changes, codes, year, max(years)).values()
                for new, _ in some
            }
        seen[year] = codes
    everywhere = set().union(*seen.values())
    for year, codes in seen.items():
        if codes and (lacking := sorted(everywhere - codes)):
            what = f"{', '.join(lacking[:5])} has areas in other years, not in {year}"
            fix = "add its areas, or take it out of the other years; a code that changed goes into changes"
            problems.add("region-missing-year", label, what, fix)


def _files(folder: Path, *found: Any) -> tuple[Path, ...]:
    files = [folder / "project.toml"]
    for one in found:
        if isinstance(one, Path):
            files.append(one)
        elif one is not None:
            files += [
                part for item in one for part in (item.files if hasattr(item, "files") else [item])
            ]
    return tuple(dict.fromkeys(files))


def build_plans(project: Project, passed: Sequence[str] = ()) -> list[Plan]:
    """The plan of every year; all problems of all years are raised at once, but for codes ``passed``."""
    allowed = replace(project.parts.allowed, passed=(*project.parts.allowed.passed, *passed))
    parts = replace(project.parts, allowed=allowed)
    found: list[Plan] = []
    errors: list[Problem] = []
    warnings = list(project.warnings)
    for year in project.spec.project.years:
        problems = ProblemLog()
        try:
            found.append(build_plan(parts, year, problems))
        except ProblemsFound as error:
            errors += error.problems
            warnings += error.warnings
    if errors:
        raise ProblemsFound(errors, warnings)
    return [replace(plan, state=project.state) for plan in found]


def check_project(
    path: str | Path, *, allow_code: bool = False, partial: bool = False
) -> tuple[Project, list[Plan]]:
    """Everything but computing."""
    project = read_project(path, allow_code=allow_code, partial=partial)
    return project, build_plans(project)
