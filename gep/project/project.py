"""Projects (核算项目): the model of ``project.toml``, reading a project folder, and its files.

A project is read as a whole, so that all its problems are reported at once. Plans are built by
``gep.plan.build``; the tables of ``[assessment]`` are read by the workflow that needs them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.areas import load_areas, report_no_areas
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import load_crosswalk
from gep.extent.region_changes import RegionChanges, check_codes, load_region_changes, map_codes
from gep.extent.regions import Regions, check_boundaries, load_regions
from gep.extent.table_extent import check_area_years
from gep.extent.transitions import Transitions, check_transitions, load_transitions
from gep.inputs.data import Data, check_data_years, load_data
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import split_sheet
from gep.io.result_folder import cannot_write, display_path, sha256
from gep.io.toml_documents import Frozen, Title, TitleField, read_toml, validate_document
from gep.plan.build import (
    PARTIAL,
    Permissions,
    PlanInputs,
    build_plan,
    load_sets,
    name_spellings,
    recognize_names,
)
from gep.plan.plan import TRIAL, Plan
from gep.standards.standard import load_standard
from gep.texts.catalogue import LANGUAGES, Label, Language, locale_language

_FILE = "project.toml"


class HeaderSpec(Frozen):
    """The table ``[project]``: what is computed, for which years, by which rules.

    Attributes
    ----------
    id, title
        The project's identifier, and its title in one language or in both.
    standard
        Id of a shipped standard, or path of a standard's TOML.
    coefficients
        Ids or paths of coefficient sets; those of the standard follow them.
    years
        The accounting years, at least one; each gets an account.
    price_year
        Year of constant prices; by default each account is at its own year's prices.
    language
        Language of messages, figures and explanations; by default that of the user's system.
    allow_placeholder, allow_transfer, allow_code
        Permissions: made-up numbers, numbers outside their scope, own code (which also needs the
        caller's consent).
    approver, document
        Who approved the account, in which document; with both the account is no trial any more.
    """

    id: str
    title: TitleField
    standard: str
    coefficients: tuple[str, ...] = ()
    years: tuple[int, ...] = Field(min_length=1)
    price_year: int | None = None
    language: Language | None = None
    allow_placeholder: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
    approver: str = ""
    document: str = ""


class InputsSpec(Frozen):
    """The table ``[inputs]``: paths of the project's files, blank where it has none.

    Attributes
    ----------
    areas
        Areas by region, year and class.
    data
        Tables of data rows.
    normal
        Data rows of the reference years' weather.
    transitions
        Areas that changed from one class to another.
    changes
        Changes of region codes.
    crosswalk
        Id or path of a crosswalk from the classes of ``areas`` to ecosystem types.
    regions
        Names, parents, areas and population of regions.
    boundaries, boundary_key, approval
        GeoJSON file for maps, its property with the region code, and its approval number (审图号).
    raster
        Raster inputs, which this version refuses.
    """

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
    """The table ``[assessment]``: schemes, the years to assess, and paths of their tables.

    Attributes
    ----------
    schemes
        Ids or paths of schemes.
    years
        Years assessed; by default those of the project.
    readings, targets, groups, events
        Tables of readings, targets, groups of regions, and events.
    previous
        The ``ranking.csv`` of the year before the first.
    stocks, causes, prices
        Tables of stocks, of causes of their changes, and of their prices.
    terms, pools, log
        Terms of office, pools of funds, and the review log.
    earlier
        Folder with ``<scheme>/scores.csv`` of an earlier version.
    """

    schemes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    readings: tuple[str, ...] = ()
    targets: str = ""
    groups: str = ""
    events: str = ""
    previous: str = ""
    stocks: str = ""
    causes: str = ""
    prices: str = ""
    terms: str = ""
    pools: str = ""
    log: str = ""
    earlier: str = ""


class ProjectSpec(Frozen):
    """The file ``project.toml``; ``switches`` holds the chosen option of each switch named."""

    project: HeaderSpec
    switches: dict[str, str] = Field(default_factory=dict)
    inputs: InputsSpec
    assessment: AssessmentSpec = AssessmentSpec()


@dataclass(frozen=True)
class Project:
    """A project folder that was read and checked.

    Attributes
    ----------
    spec : ProjectSpec
        Its ``project.toml``.
    folder : Path
        Its folder.
    parts : PlanInputs
        Everything that its plans are built of.
    boundaries : Path or None
        GeoJSON file for maps.
    warnings : tuple of Problem
        Warnings from reading.
    own_code : bool
        Whether the caller consented to run the project's own code.
    normal : Data or None
        Data rows of the reference years' weather.
    transitions : Transitions or None
        Areas that changed their class.
    changes : RegionChanges or None
        Changes of region codes.
    asked_language : {'zh', 'en'} or None
        The language that the caller asked for, which goes before the project's own.
    """

    spec: ProjectSpec
    folder: Path
    parts: PlanInputs
    boundaries: Path | None
    warnings: tuple[Problem, ...]
    own_code: bool
    normal: Data | None = None
    transitions: Transitions | None = None
    changes: RegionChanges | None = None
    asked_language: Language | None = None

    @property
    def language(self) -> Language:
        """The language asked for, else the project's, else that of the user's system."""
        return self.asked_language or self.spec.project.language or locale_language()

    @property
    def state(self) -> str:
        """State of the accounts: a trial (试算) until an approver and a document are recorded."""
        header = self.spec.project
        if header.approver and header.document:
            return f"{header.approver} {header.document}"
        return TRIAL


def read_project(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> Project:
    """Read a project and check everything that can be checked before plans are built.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    allow_code : bool, default False
        Whether the project's own code may run; the project must allow it too.
    partial : bool, default False
        Whether missing numbers leave gaps in the account instead of stopping it.
    language : {'zh', 'en'}, optional
        Language of messages and results; by default the project's, then that of the user's system.

    Returns
    -------
    Project

    Raises
    ------
    ProblemsFound
        With all problems, in the language asked for, else in the project's. Of the project:
        ``unknown-key``, ``missing-key``, ``toml-value``, ``not-supported``, ``path-outside``,
        ``unknown-id``, ``missing-year``, ``region-missing-year``. Of the files that it names: the
        codes of their readers, such as ``missing-file``.
    """
    folder = _project_folder(path)
    problems = ProblemLog(language)
    document = read_toml(folder / _FILE, _FILE, problems)
    problems.language = language or _stated_language(document)
    spec = validate_document(ProjectSpec, document, _FILE, problems)
    if spec is None:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)

    header = spec.project
    inputs = spec.inputs
    permissions = Permissions(
        placeholder=header.allow_placeholder,
        transfer=header.allow_transfer,
        code=allow_code and header.allow_code,
        passed=PARTIAL if partial else (),
    )
    changes_path = _input_path(inputs.changes, "changes", folder, problems)
    changes = load_region_changes(changes_path, problems) if changes_path else None
    parts = _load_plan_inputs(spec, folder, permissions, changes, problems)
    boundaries = _input_path(inputs.boundaries, "boundaries", folder, problems)
    if boundaries is not None:
        check_boundaries(boundaries, inputs.boundary_key, problems)
    transitions_path = _input_path(inputs.transitions, "transitions", folder, problems)
    transitions = load_transitions(transitions_path, problems) if transitions_path else None
    normal_path = _input_path(inputs.normal, "normal", folder, problems)
    normal = load_data([normal_path], problems) if normal_path else None
    if parts is not None:
        names = name_spellings(parts)
        if transitions is not None:
            transitions = names.recognize_transitions(transitions, problems)
            _check_project_transitions(transitions, parts, header.years, problems)
        if normal is not None:
            normal = names.recognize_data(normal, problems)
    if parts is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)

    files = list(parts.files)
    if boundaries is not None:
        files.append(boundaries)
    for table in (transitions, normal, changes):
        if table is not None:
            files += table.files
    return Project(
        spec=spec,
        folder=folder,
        parts=replace(parts, files=tuple(files)),
        boundaries=boundaries,
        warnings=tuple(problems.warnings),
        own_code=allow_code,
        normal=normal,
        transitions=transitions,
        changes=changes,
        asked_language=language,
    )


def build_plans(project: Project, passed: Sequence[str] = ()) -> list[Plan]:
    """Build the plan of every year of a project.

    Parameters
    ----------
    project : Project
    passed : sequence of str, optional
        Codes of problems that leave gaps in the plans instead of stopping them, beside those of the
        project.

    Returns
    -------
    list of Plan
        In the order of the project's years.

    Raises
    ------
    ProblemsFound
        With the problems of all years at once; their codes are those of
        ``gep.plan.build.build_plan``.
    """
    permissions = project.parts.allowed
    permissions = replace(permissions, passed=(*permissions.passed, *passed))
    parts = replace(project.parts, allowed=permissions)
    plans: list[Plan] = []
    errors: list[Problem] = []
    warnings = list(project.warnings)
    for year in project.spec.project.years:
        try:
            plans.append(build_plan(parts, year, ProblemLog(project.language)))
        except ProblemsFound as error:
            errors += error.problems
            warnings += error.warnings
    if errors:
        raise ProblemsFound(errors, warnings, project.language)
    return [replace(plan, state=project.state) for plan in plans]


def check_project(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> tuple[Project, list[Plan]]:
    """Read a project and build its plans, which is everything but computing.

    Parameters
    ----------
    path, allow_code, partial, language
        See :func:`read_project`.

    Returns
    -------
    project : Project
    plans : list of Plan
        One for each year.

    Raises
    ------
    ProblemsFound
        Those of :func:`read_project`; if there are none, those of :func:`build_plans`.
    """
    project = read_project(path, allow_code=allow_code, partial=partial, language=language)
    return project, build_plans(project)


def project_language(path: str | Path, language: Language | None = None) -> Language:
    """Return the language in which a project is spoken of, without reading the whole project.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    language : {'zh', 'en'}, optional
        The language that the caller asked for, which goes first.

    Returns
    -------
    {'zh', 'en'}
        Else that of the project, else that of the user's system.
    """
    if language is not None:
        return language
    file = _project_folder(path) / _FILE
    stated = _stated_language(read_toml(file, _FILE, ProblemLog()))
    return stated or locale_language()


def _project_folder(path: str | Path) -> Path:
    """Return the folder of a project that is named by its folder or its ``project.toml``."""
    folder = Path(path)
    return folder.parent if folder.name == _FILE else folder


def region_labels(codes: Iterable[str], regions: Regions | None) -> tuple[Label, ...]:
    """Label region codes with the names that a table of regions gives them, for a sentence.

    Parameters
    ----------
    codes : iterable of str
    regions : Regions or None

    Returns
    -------
    tuple of Label
    """
    labels = []
    for code in codes:
        title = None
        if regions is not None:
            title = Title(zh=regions.name(code, "zh"), en=regions.name(code, "en"))
        labels.append(Label(code, title))
    return tuple(labels)


def _stated_language(document: Mapping[str, Any] | None) -> Language | None:
    """Return the language that a ``project.toml`` states, even if other keys of it are wrong."""
    header = document.get("project") if document is not None else None
    if isinstance(header, Mapping):
        for language in LANGUAGES:
            if header.get("language") == language:
                return language
    return None


def _input_path(name: str, key: str, folder: Path, problems: ProblemLog) -> Path | None:
    """Return the path behind a key of ``[inputs]``; None where it is blank or leaves the folder."""
    if not name:
        return None
    return resolve_inside(name, folder, f"{_FILE} inputs.{key}", problems)


def _load_plan_inputs(
    spec: ProjectSpec,
    folder: Path,
    permissions: Permissions,
    changes: RegionChanges | None,
    problems: ProblemLog,
) -> PlanInputs | None:
    """Load everything that plans are built of.

    Parameters
    ----------
    spec, folder
        The project.
    permissions : Permissions
        What the project and its user permit.
    changes : RegionChanges or None
        Changes of region codes, by which regions are recognized in other years.
    problems : ProblemLog
        Gets ``not-supported``, ``toml-value``, ``missing-year``, ``region-missing-year`` and those
        of the loaders.

    Returns
    -------
    PlanInputs or None
        None if standard, areas or class scheme could not be loaded.
    """
    header = spec.project
    inputs = spec.inputs
    if inputs.raster is not None:
        problems.add("not-supported", f"{_FILE} inputs.raster", "project.raster-inputs")
    repeated = [year for year in dict.fromkeys(header.years) if header.years.count(year) > 1]
    if repeated:
        problems.add("toml-value", f"{_FILE} years", "project.year-repeated", years=repeated)
    standard = load_standard(header.standard, folder, _FILE, problems)
    areas_path = _input_path(inputs.areas, "areas", folder, problems)
    areas = load_areas(areas_path, problems) if areas_path else None
    data_paths: list[Path] = []
    for name in inputs.data:
        data_path = _input_path(name, "data", folder, problems)
        if data_path is not None:
            data_paths.append(data_path)
    data = load_data(data_paths, problems)
    regions_path = _input_path(inputs.regions, "regions", folder, problems)
    regions = load_regions(regions_path, problems) if regions_path else None
    if standard is None:
        return None
    sets = load_sets(header.coefficients, standard, folder, problems)
    scheme = load_class_scheme(
        standard.spec.ecosystems, standard.path.parent, standard.path.name, problems
    )
    crosswalk = None
    if scheme is not None and inputs.crosswalk:
        crosswalk = load_crosswalk(inputs.crosswalk, folder, scheme, _FILE, problems)
    if areas is None or scheme is None:
        return None
    files = [folder / _FILE, standard.path, scheme.path, *areas.files, *data_paths]
    if regions_path is not None:
        files.append(regions_path)
    if crosswalk is not None:
        files.append(crosswalk.path)
    for coefficient_set in sets:
        files += coefficient_set.files
    parts = PlanInputs(
        standard=standard,
        areas=areas,
        data=data,
        sets=sets,
        scheme=scheme,
        crosswalk=crosswalk,
        regions=regions,
        switches=spec.switches,
        price_year=header.price_year,
        allowed=permissions,
        files=tuple(dict.fromkeys(files)),
        years=header.years,
    )
    parts = recognize_names(parts, problems)
    _check_areas(parts, spec.inputs.areas, changes, problems)
    check_data_years(parts.data, parts.years, standard.spec.data, problems)
    return parts


def _check_areas(
    parts: PlanInputs, label: str, changes: RegionChanges | None, problems: ProblemLog
) -> None:
    """Check that there are areas of every year, and of the same regions in each.

    Otherwise the sums of parents would not be comparable. Codes that changed are compared on the
    boundaries of the last year.

    Parameters
    ----------
    parts : PlanInputs
        Has the areas of all years, and names of regions for messages.
    label : str
        The table of areas, for messages.
    changes : RegionChanges or None
        Changes of region codes.
    problems : ProblemLog
        Gets ``missing-year``, ``region-missing-year``, ``unknown-region`` for codes that ended
        before, and the warning ``year-not-accounted``.
    """
    rows = parts.areas.rows
    years = parts.years
    if not (rows["year"] > 0).all():  # years that cannot be read were reported with the table
        return
    for year in years:
        if not (rows["year"] == year).any():
            report_no_areas(parts.areas, year, label, problems)
    codes_by_year: dict[int, set[str]] = {}
    for year in years:
        codes = set(rows.loc[(rows["year"] == year).to_numpy(), "region"])
        if changes is not None:
            check_codes(changes, codes, year, label, problems)
            successors = map_codes(changes, codes, year, max(years))
            codes = set()
            for shares in successors.values():
                codes.update(code for code, _ in shares)
        codes_by_year[year] = codes
    all_codes = set().union(*codes_by_year.values())
    for year, codes in codes_by_year.items():
        missing = sorted(all_codes - codes)
        if codes and missing:
            problems.add(
                "region-missing-year",
                label,
                "project.region-without-areas",
                regions=region_labels(missing, parts.regions),
                year=year,
            )
    if all_codes:
        is_known = np.ones(len(rows), dtype=bool)
        if changes is not None:  # codes of other boundaries belong to other years
            is_known = ~rows["region"].isin([*changes.rows["from"], *changes.rows["to"]]).to_numpy()
        check_area_years(rows[is_known], years, parts.regions, parts.scheme, problems)


def _check_project_transitions(
    transitions: Transitions, parts: PlanInputs, years: Sequence[int], problems: ProblemLog
) -> None:
    """Check transitions against the project's classes, years and regions.

    The regions are those with areas in the later year; if there are none, those of any year.
    """
    areas = parts.areas.rows
    for later_year, rows in transitions.rows.groupby("to", sort=False):
        codes = areas.loc[(areas["year"] == later_year).to_numpy(), "region"].unique()
        if len(codes) == 0:
            codes = areas["region"].unique()
        check_transitions(
            transitions=replace(transitions, rows=rows.reset_index(drop=True)),
            scheme=parts.scheme,
            crosswalk=parts.crosswalk,
            regions_with_areas=codes,
            years=years,
            problems=problems,
        )


def refuse_inputs(
    project: Project,
    plans: Sequence[Plan],
    out: Path,
    names: Sequence[str],
    other_inputs: Sequence[Path] = (),
) -> None:
    """Refuse a folder where results would overwrite inputs or join the tables of a set.

    Parameters
    ----------
    project : Project
        The project whose results are about to be written.
    plans : sequence of Plan
        Its plans; files with methods of its own are inputs too.
    out : Path
        Folder for the results.
    names : sequence of str
        Names of the result files.
    other_inputs : sequence of Path, optional
        Further inputs, such as the tables of an assessment.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    for coefficient_set in project.parts.sets:
        if out.resolve() == coefficient_set.path.resolve():
            raise cannot_write(out, "io.folder-of-set")
    files = [*files_of(project, plans), *other_inputs]
    inputs = {file.resolve() for file in files}
    overwritten = [name for name in names if (out / name).resolve() in inputs]
    if overwritten:
        raise cannot_write(out, "io.input-lost", files=overwritten)


def files_of(project: Project, plans: Sequence[Plan]) -> list[Path]:
    """Return every file that the plans are made of, a workbook without the name of its sheet."""
    methods: set[Path] = set()
    for plan in plans:
        for step in plan.steps:
            if step.method.file:
                methods.add(step.method.file)
    files = [*project.parts.files, *sorted(methods)]
    return [split_sheet(file)[0] for file in files]


def file_sums(project: Project, plans: Sequence[Plan]) -> dict[str, str]:
    """Return the SHA-256 checksum of every file that the plans are made of, by path.

    Parameters
    ----------
    project : Project
    plans : sequence of Plan

    Returns
    -------
    dict of str to str
        By path, as manifests name files.
    """
    sums: dict[str, str] = {}
    for file in files_of(project, plans):
        sums[display_path(file, project.folder)] = sha256(file)
    return sums
