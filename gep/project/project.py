"""Projects (核算项目): the model of ``project.toml``, reading a project folder, and its files.

A project is read as a whole, so that all its problems are reported at once. Plans are built by
``gep.plan.build``; the tables of ``[assessment]`` are read by the workflow that needs them.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from gep.account.account import Account, account_from_plan
from gep.account.frames import Wide
from gep.account.lines import indicators_called
from gep.errors import Head, Place, Problem, ProblemLog, ProblemsFound, make_problem
from gep.extent.areas import (
    AREA_IDENTITY,
    NO_AREAS,
    Areas,
    areas_of_table,
    check_alike_codes,
    load_areas,
    report_no_areas,
)
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk, load_crosswalk
from gep.extent.region_changes import (
    RegionChanges,
    absorbed_codes,
    check_codes,
    check_handed_on,
    load_region_changes,
    map_codes,
    renames,
)
from gep.extent.regions import (
    Regions,
    check_boundaries,
    load_regions,
    region_spellings,
    regions_of_table,
)
from gep.extent.table_extent import Coverage, check_area_years
from gep.extent.transitions import Transitions, check_transitions, load_transitions
from gep.inputs.coefficients import CoefficientSet, set_of_table
from gep.inputs.data import Data, check_data_years, load_data
from gep.inputs.value_rows import check_duplicates
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.io.catalog import check_link, leads_out, library_checksum, resolve_inside
from gep.io.csv_excel import printable, row_place, split_sheet
from gep.io.notebook import ShownAsTable, html_table
from gep.io.result_folder import cannot_write, display_path, sha256
from gep.io.tables import is_broken_code, is_total
from gep.io.toml_documents import Frozen, Title, TitleField, read_toml, validate_leniently
from gep.plan.alignment import relabel_regions
from gep.plan.binding_context import region_ancestors
from gep.plan.build import (
    PARTIAL,
    Permissions,
    PlanInputs,
    build_plan,
    load_sets,
    name_spellings,
    recognize_names,
)
from gep.plan.edits import Changes, edit_inputs
from gep.plan.plan import TRIAL, Plan
from gep.project.form import FilledForm, load_form
from gep.project.raster_files import ProjectRasters, RasterSpec, class_names_of, load_rasters
from gep.project.stages import HEAVY, ProgressCall, Stages
from gep.standards.standard import Route, Standard, load_standard
from gep.texts.catalogue import LANGUAGES, Label, Language, Text, counted, locale_language, text

if TYPE_CHECKING:
    from gep.uncertainty.interval_tables import Uncertainty

_FILE = "project.toml"
_M2_PER_KM2 = 1e6
_PATH_SHOWN = 200  # characters of a path that a message shows
_LARGE_TABLES = 4_000_000  # bytes of areas and data that take seconds to read
_NOT_OF_ACCOUNTS = ("transitions", "normal")  # tables that comparisons alone need
_LAND_IN_TIME = 0.01  # the land of a region in two years differs by less, as a share


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
    route
        ``short`` where data are asked for at first-level ecosystem types, and quantities as they
        are reported where the standard has such a switch; ``full`` asks for all that it can use.
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
    route: Route = "full"
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
        Areas by region, year and class; blank only where a form has them.
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
        Land cover, zones and layers as rasters, in the place of ``areas``.
    form
        The workbook in which the departments filled in regions, areas, data and coefficients.
    coverage
        ``whole`` where the areas cover the regions, ``part`` where they are a part of them only,
        such as forests.
    """

    areas: str = Field(default="", min_length=1)
    data: tuple[str, ...] = ()
    normal: str = ""
    transitions: str = ""
    changes: str = ""
    crosswalk: str = ""
    regions: str = ""
    boundaries: str = ""
    boundary_key: str = "code"
    approval: str = ""
    form: str = ""
    raster: RasterSpec | None = None
    coverage: Coverage = "whole"


class AssessmentSpec(Frozen):
    """The table ``[assessment]``: schemes, the years to assess, and paths of their tables.

    Attributes
    ----------
    schemes
        Ids or paths of schemes.
    years
        Years assessed; by default those of the project.
    scheme_years
        For schemes that assess other years, their years, by scheme as it stands in ``schemes``.
    readings, targets, groups, events
        Tables of readings, targets, groups of regions, and events.
    previous
        The ``ranking.csv`` of the year before the first.
    stocks, causes, prices
        Tables of stocks, of causes of their changes, and of their prices.
    terms, pools, log
        Terms of office, pools of funds, and the review log.
    registers
        Tables of the register with dates.
    earlier
        Folder with ``<scheme>/scores.csv`` of an earlier version.
    options
        For schemes that leave a rule open, the reading that is taken of it.
    """

    schemes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    scheme_years: dict[str, tuple[int, ...]] = Field(default_factory=dict)
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
    registers: tuple[str, ...] = ()
    log: str = ""
    earlier: str = ""
    options: dict[str, dict[str, str]] = Field(default_factory=dict)


class SeeaSpec(Frozen):
    """The table ``[seea]``: paths of what a project adds to its tables of SEEA EA.

    Attributes
    ----------
    services
        Which service of the reference list an indicator is.
    condition
        Variables of condition with their reference levels.
    use
        Shares of the users of services.
    losses
        Shares of the losses of a period that were catastrophes.
    """

    services: str = ""
    condition: str = ""
    use: str = ""
    losses: str = ""


class LibrarySpec(Frozen):
    """A folder of sets, standards and classes that the project shares with others.

    Attributes
    ----------
    folder
        Its path, which may lead out of the project.
    sha256
        The checksum of what it had when it was taken into use.
    """

    folder: str = Field(min_length=1)
    sha256: str = ""


class ProjectSpec(Frozen):
    """The file ``project.toml``; ``switches`` holds the chosen option of each switch named."""

    project: HeaderSpec
    switches: dict[str, str] = Field(default_factory=dict)
    inputs: InputsSpec
    assessment: AssessmentSpec = AssessmentSpec()
    seea: SeeaSpec = SeeaSpec()
    library: tuple[LibrarySpec, ...] = ()


@dataclass(frozen=True)
class ProjectFolder:
    """A folder whose ``project.toml`` was read.

    Attributes
    ----------
    spec : ProjectSpec
        Its ``project.toml``.
    folder : Path
        Its folder.
    """

    spec: ProjectSpec
    folder: Path


class ProjectAccounts(list[Account]):
    """The accounts of a project, one for each year, in order.

    Attributes
    ----------
    uncertainty : Uncertainty or None
        Intervals and ranks, if draws were made.
    """

    uncertainty: "Uncertainty | None" = None

    def __repr__(self) -> str:
        """Return a line: years, and how many accounts."""
        years = sorted({account.year for account in self})
        return f"<ProjectAccounts: {counted(len(self), 'account')}, years {years}>"

    def _repr_html_(self) -> str:
        """Return the totals and categories of all years, as a notebook shows them."""
        summaries = [account.summary() for account in self]
        return html_table([repr(self)], pd.concat([pd.DataFrame(), *summaries]))

    @checked_arguments
    def frame(
        self,
        *,
        year: int | str | Sequence[int | str] | None = None,
        region: str | int | Sequence[str | int] | None = None,
        names: bool = False,
        wide: Wide | None = None,
        language: Language | None = None,
    ) -> pd.DataFrame:
        """Return the frames of all accounts below each other.

        Parameters
        ----------
        year : int, str or sequence of these, optional
            The years; all by default.
        region, names, wide, language
            See ``Account.frame``.

        Returns
        -------
        DataFrame
            As ``Account.frame``; wide tables have the index ``year`` ahead of ``region``.

        Raises
        ------
        ProblemsFound
            ``missing-year`` and those of ``Account.frame``.

        Examples
        --------
        >>> import gep
        >>> accounts = gep.read_project("examples/beibu-gulf").compute([1999, 2014])
        >>> accounts.frame(wide="category")["provisioning"].round(1).to_list()  # in 10^4 CNY
        [124874.3, 211865.7]
        """
        years = {str(wanted) for wanted in several(year)}
        chosen = [account for account in self if not years or str(account.year) in years]
        if not chosen:
            known = tuple(account.year for account in self)
            problem = make_problem(
                "missing-year", "year", "project.year-not-of-project", year=year, years=known
            )
            raise ProblemsFound([problem])
        frames = []
        for account in chosen:
            frames.append(account.frame(region=region, names=names, wide=wide, language=language))
        if wide is None:
            return pd.concat(frames, ignore_index=True)
        return pd.concat(frames, keys=[account.year for account in chosen], names=["year"])


@dataclass(frozen=True, repr=False)
class Project(ProjectFolder, ShownAsTable):
    """A project folder that was read and checked.

    Attributes
    ----------
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
    checksums : mapping of str to str
        SHA-256 of the bytes that were read, by the real path of the file.
    heads : mapping of str to mapping of str to Head
        By sheet of a form what it calls its columns.
    changes_of_scenario : mapping of str to object
        The edits of a scenario; see ``Project.compute``.

    Examples
    --------
    >>> import gep
    >>> gep.read_project("examples/beibu-gulf")
    <Project beibu-gulf: xie-2015, years [1999, 2006, 2014]>
    """

    parts: PlanInputs
    boundaries: Path | None
    warnings: tuple[Problem, ...]
    own_code: bool
    normal: Data | None = None
    transitions: Transitions | None = None
    changes: RegionChanges | None = None
    asked_language: Language | None = None
    checksums: Mapping[str, str] = field(default_factory=dict, repr=False)
    heads: Mapping[str, Mapping[str, Head]] = field(default_factory=dict, repr=False)
    changes_of_scenario: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return a line: id, standard, years."""
        header = self.spec.project
        return f"<Project {header.id}: {header.standard}, years {list(header.years)}>"

    @property
    def language(self) -> Language:
        """The language asked for, else the project's, else that of the user's system."""
        return self.asked_language or self.spec.project.language or locale_language()

    @property
    def partial(self) -> bool:
        """Whether missing numbers leave gaps in the accounts instead of stopping them."""
        return bool(self.parts.allowed.passed)

    @property
    def state(self) -> str:
        """State of the accounts: a trial (试算) until an approver and a document are recorded."""
        if self.approval is None:
            return TRIAL
        header = self.spec.project
        return f"{header.approver} {header.document}"

    @property
    def approval(self) -> Text | None:
        """Who approved the accounts, and in which document, in words; None if they are a trial."""
        header = self.spec.project
        if self.changes_of_scenario:  # nobody approved what is not
            return None
        if not (header.approver and header.document):
            return None
        return text("account.caption.approved", approver=header.approver, document=header.document)

    @checked_arguments
    def plan(self, year: int | str | None = None, *, set: Changes | None = None) -> Plan:
        """Make the plan of a year: everything but computing; nothing is written.

        Parameters
        ----------
        year : int or str, optional
            May be left out if the project has one year.
        set : mapping of str to object, optional
            Edits of a scenario; see ``compute``.

        Returns
        -------
        Plan

        Raises
        ------
        ProblemsFound
            ``missing-year``, ``bad-year`` if there are several years, the codes of
            ``gep.make_plan``, ``unknown-id`` and ``scenario-edit``.

        Examples
        --------
        >>> import gep
        >>> project = gep.read_project("examples/beibu-gulf")
        >>> project.plan(2014).table().loc[0, ["name", "value", "unit", "source"]].to_list()
        ['一个当量的价值', 3406.5, 'CNY ha-1', 'luo-2018']
        """
        years = self.spec.project.years
        if year is None and len(years) > 1:
            problem = make_problem("bad-year", "year", "plan.year-not-chosen", years=years)
            raise ProblemsFound([problem])
        chosen = _chosen_years(self, year)
        return build_plans(edited_project(self, set), years=chosen)[0]

    @checked_arguments
    def compute(
        self,
        years: int | str | Sequence[int | str] | None = None,
        *,
        draws: int = 0,
        seed: int = 0,
        set: Changes | None = None,
        progress: ProgressCall | None = None,
    ) -> ProjectAccounts:
        """Compute accounts; nothing is written.

        Parameters
        ----------
        years : int, str or sequence of these, optional
            By default all years of the project.
        draws : int, default 0
            Number of draws by which the uncertainty of the inputs is propagated; 0: none.
        seed : int, default 0
            Seed of the draws.
        set : mapping of str to object, optional
            Edits of a scenario: by name of a coefficient or of data the number in the unit of its
            row, or a factor such as ``"x1.1"``; members in brackets choose among its rows
            (``"rainfall[region=361130]"``); also ``price_year`` and ``switches.<name>``. What is
            edited is marked in plan, explanations and caption, has the grade ``expert``, and the
            accounts are trials.
        progress : callable, optional
            Is called with a ``Progress``: a number from 0 to 1, the share of the work that is done,
            whose ``stage`` says what is being done.

        Returns
        -------
        ProjectAccounts
            A list of ``Account``, one for each year; intervals are in its ``uncertainty``.

        Raises
        ------
        ProblemsFound
            The problems of all years at once: ``missing-year``, the codes of ``gep.make_plan``,
            ``unknown-id`` and ``scenario-edit`` for edits, ``bad-draws``.

        Examples
        --------
        >>> import gep
        >>> project = gep.read_project("examples/beibu-gulf")
        >>> (base,) = project.compute(2014)
        >>> (dearer,) = project.compute(2014, set={"equivalent_value": 3700})
        >>> round(dearer.total("beibu-gulf") / base.total("beibu-gulf"), 6)  # 3700 / 3406.5
        1.086159
        """
        edited = edited_project(self, set)
        chosen = _chosen_years(self, years)
        stages = Stages(progress)
        stages.expect((1 + self.account_weight) * len(chosen) + bool(draws))
        plans = build_plans(edited, years=chosen, stages=stages)
        accounts = ProjectAccounts(compute_accounts(plans, stages))
        if draws:
            stages.begin("project.progress.draws")
            accounts.uncertainty = project_uncertainty(
                edited, plans, draws, seed, progress=stages.advance
            )
        else:
            stages.advance(1.0)
        return accounts

    @property
    def account_weight(self) -> int:
        """How many other stages the account of a year takes as long as."""
        return 1 if self.spec.inputs.raster is None else HEAVY

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        header = self.spec.project.model_dump(exclude_defaults=True)
        return pd.DataFrame({"value": {name: str(cell) for name, cell in header.items()}})


def compute_accounts(plans: Iterable[Plan], stages: Stages) -> list[Account]:
    """Compute the account of each plan.

    Parameters
    ----------
    plans : iterable of Plan
    stages : Stages
        Has a stage begun for each account.

    Returns
    -------
    list of Account
    """
    accounts = []
    for plan in plans:
        weight = 1 if plan.raster is None else HEAVY
        stages.begin("project.progress.computing", weight, year=plan.year)
        accounts.append(account_from_plan(plan, stages.advance))
    return accounts


def _chosen_years(project: Project, years: object) -> tuple[int, ...]:
    """Return the years that are asked for; raise ``missing-year`` for those of no account."""
    known = project.spec.project.years
    chosen = []
    problems = ProblemLog(project.language)
    for year in several(years):
        matches = [number for number in known if str(number) == str(year)]
        chosen += matches
        if not matches:
            place = f"{_FILE} years"
            problems.add(
                "missing-year", place, "project.year-not-of-project", year=year, years=known
            )
    problems.raise_errors()
    return tuple(dict.fromkeys(chosen)) or known


def edited_project(project: Project, changes: Changes | None) -> Project:
    """Return a project with the edits of a scenario; its files stay as they are.

    Parameters
    ----------
    project : Project
    changes : mapping of str to object or None
        See ``Project.compute``.

    Returns
    -------
    Project

    Raises
    ------
    ProblemsFound
        ``unknown-id`` and ``scenario-edit``, all at once.
    """
    if not changes:
        return project
    problems = ProblemLog(project.language)
    parts = edit_inputs(project.parts, changes, problems)
    problems.raise_errors()
    return replace(project, parts=parts, changes_of_scenario=dict(changes))


def project_uncertainty(
    project: Project,
    plans: Sequence[Plan],
    draws: int,
    seed: int,
    *,
    progress: Callable[[float], None] | None = None,
) -> "Uncertainty":
    """Propagate the uncertainty of a project's inputs to its accounts.

    Parameters
    ----------
    project : Project
    plans : sequence of Plan
        One for each year. Regions whose code only changed are one region in all years.
    draws, seed : int
    progress : callable, optional
        Is called with the share that is done (0 to 1).

    Returns
    -------
    Uncertainty

    Raises
    ------
    ProblemsFound
        ``bad-draws``, and the codes of ``gep.propagate_uncertainty``.
    """
    from gep.uncertainty.monte_carlo import propagate_uncertainty  # loads scipy

    last_year = max(plan.year for plan in plans)
    relabeled = [_relabel_renamed(plan, project, last_year) for plan in plans]
    workers = os.cpu_count() or 1
    return propagate_uncertainty(
        relabeled,
        draws,
        seed,
        progress=progress,
        workers=workers,
    )


def _relabel_renamed(plan: Plan, project: Project, last_year: int) -> Plan:
    """Return the plan with regions that were only renamed under their code of the last year."""
    if project.changes is None:
        return plan
    codes = [str(code) for code in plan.extent.regions]
    successors = renames(project.changes, codes, plan.year, last_year)
    return relabel_regions(plan, [successors.get(code, code) for code in codes])


@checked_arguments
def read_project(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
    for_form: bool = False,
    region: str = "",
    stages: Stages | None = None,
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
    for_form : bool, default False
        Whether the form is about to be written: if there is none yet, or it is blank, areas and
        regions that are not given either are no problem, and no row is of any year.
    region : str, optional
        Code or name of the only region or parent that is read: areas, data and regions are those of
        it, of the regions in it and of those above. By default all.
    stages : Stages, optional
        Has a stage begun for the land cover of each year, where that is a raster.

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

    Examples
    --------
    >>> import gep
    >>> gep.read_project("examples/beibu-gulf")
    <Project beibu-gulf: xie-2015, years [1999, 2006, 2014]>
    """
    problems = ProblemLog(language)
    header, faulty_keys = read_header(path, problems)
    if header is None:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)
    spec = header.spec
    permissions = Permissions(
        placeholder=spec.project.allow_placeholder,
        transfer=spec.project.allow_transfer,
        code=allow_code and spec.project.allow_code,
        passed=PARTIAL if partial else (),
    )
    tables = _ProjectTables(header, faulty_keys, problems)
    tables.for_form = for_form
    tables.region = region
    tables.stages = stages or Stages()
    changes = tables.load("changes", load_region_changes)
    parts = tables.plan_inputs(permissions, changes)
    boundaries = tables.path(spec.inputs.boundaries, "inputs.boundaries")
    if boundaries is not None and not region:
        drawn = _regions_of_map(parts)
        check_boundaries(boundaries, spec.inputs.boundary_key, drawn, problems)
    transitions = tables.transitions(parts)
    normal = tables.normal(parts)
    if parts is None or problems.errors:
        errors, warnings = _problems_of_plans(parts, tables)
        errors = [*problems.errors, *errors]
        warnings = [*problems.warnings, *warnings]
        raise ProblemsFound(errors, warnings, problems.language)

    files = list(parts.files)
    if boundaries is not None:
        files.append(boundaries)
    for table in (transitions, normal, changes):
        if table is not None:
            files += table.files
    return Project(
        spec=spec,
        folder=header.folder,
        parts=replace(parts, files=tuple(files)),
        boundaries=boundaries,
        warnings=tuple(problems.warnings),
        own_code=allow_code,
        normal=normal,
        transitions=transitions,
        changes=changes,
        asked_language=language,
        checksums=problems.checksums,
        heads=problems.heads,
    )


def read_header(
    path: str | Path, problems: ProblemLog
) -> tuple[ProjectFolder | None, frozenset[str]]:
    """Read the ``project.toml`` of a project.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    problems : ProblemLog
        Gets ``missing-file``, ``toml-syntax``, ``unknown-key``, ``missing-key`` and ``toml-value``,
        and the language of the project if it has none.

    Returns
    -------
    header : ProjectFolder or None
        None if the file cannot be read at all. A key that is wrong does not keep the rest from
        being read: its value is blank then, or that of a key with a similar name.
    faulty_keys : frozenset of str
        The keys that are wrong, as ``table.key``.
    """
    folder = _project_folder(path)
    document = None
    if check_link(folder / _FILE, folder, _FILE, problems):
        document = read_toml(folder / _FILE, _FILE, problems)
    problems.language = problems.language or _stated_language(document)
    spec, faulty_keys = validate_leniently(
        ProjectSpec,
        document,
        _FILE,
        problems,
        _STAND_INS,
    )
    return (None if spec is None else ProjectFolder(spec, folder)), faulty_keys


def _problems_of_plans(
    parts: PlanInputs | None, tables: "_ProjectTables"
) -> tuple[list[Problem], list[Problem]]:
    """Find what else is wrong with a project that has errors, by building its plans all the same.

    What may only follow from the errors that were found is left out.

    Returns
    -------
    errors, warnings : list of Problem
    """
    errors: list[Problem] = []
    warnings: list[Problem] = []
    if parts is None:
        return errors, warnings
    for year in parts.years:
        try:
            log = ProblemLog()
            log.heads = tables.problems.heads
            build_plan(parts, year, log)
        except ProblemsFound as error:
            errors += error.problems
            warnings += error.warnings
        except Exception:  # tables with errors may break anything; their errors are reported
            continue
    doubtful = tables.doubtful()
    errors = [problem for problem in errors if problem.code not in doubtful]
    warnings = [problem for problem in warnings if problem.code not in doubtful]
    return errors, warnings


def build_plans(
    project: Project,
    passed: Sequence[str] = (),
    years: Sequence[int] | None = None,
    stages: Stages | None = None,
) -> list[Plan]:
    """Build the plan of every year of a project.

    Parameters
    ----------
    project : Project
    passed : sequence of str, optional
        Codes of problems that leave gaps in the plans instead of stopping them, beside those of the
        project.
    years : sequence of int, optional
        By default all years of the project.
    stages : Stages, optional
        Has a stage begun for each year.

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
    stages = stages or Stages()
    for year in project.spec.project.years if years is None else years:
        stages.begin("project.progress.planning", year=year)
        try:
            problems = ProblemLog(project.language)
            problems.heads = dict(project.heads)
            plans.append(build_plan(parts, year, problems))
        except ProblemsFound as error:
            errors += error.problems
            warnings += error.warnings
    if errors:
        raise ProblemsFound(errors, warnings, project.language)
    language = project.spec.project.language or "zh"  # of its tables, whoever runs it
    state = project.state
    approval = project.approval
    return [replace(plan, state=state, approval=approval, language=language) for plan in plans]


@checked_arguments
def check_project(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
    set: Changes | None = None,
    stages: Stages | None = None,
) -> tuple[Project, list[Plan]]:
    """Read a project and build its plans, which is everything but computing.

    Parameters
    ----------
    path, allow_code, partial, language
        See :func:`read_project`.
    set : mapping of str to object, optional
        Edits of a scenario; see :meth:`Project.compute`.
    stages : Stages, optional
        Has stages begun for reading, and for each plan.

    Returns
    -------
    project : Project
    plans : list of Plan
        One for each year.

    Raises
    ------
    ProblemsFound
        Those of :func:`read_project`; if there are none, those of :func:`build_plans`.

    Examples
    --------
    >>> import gep
    >>> project, plans = gep.check_project("examples/beibu-gulf")
    >>> [plan.year for plan in plans]
    [1999, 2006, 2014]
    """
    stages = stages or Stages()
    stages.begin("project.progress.reading")
    project = read_project(
        path, allow_code=allow_code, partial=partial, language=language, stages=stages
    )
    project = edited_project(project, set)
    stages.expect(
        (2 + project.account_weight) * len(project.spec.project.years) + 1
    )  # and tables; the rest
    return project, build_plans(project, stages=stages)


def read_part(
    path: str | Path,
    *,
    region: str,
    year: int,
    indicator: str,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> Project | None:
    """Read of a large project what one number needs.

    Parameters
    ----------
    path, allow_code, partial, language
        See :func:`read_project`.
    region : str
        Code or name of a region or parent.
    year : int
    indicator : str
        Id or name of an indicator.

    Returns
    -------
    Project or None
        A project of the region (and the regions in it and above it), the year and the indicator.
        None for projects that are not large, that have a form or changes of codes, and where
        anything is wrong: these are read as a whole.
    """
    header, faulty_keys = read_header(path, ProblemLog(language))
    if header is None or faulty_keys or not _is_large(header):
        return None
    try:
        project = read_project(
            path, allow_code=allow_code, partial=partial, language=language, region=region
        )
    except ProblemsFound:
        return None
    parts = project.parts
    named = indicators_called(parts.standard.spec, indicator)
    has_value = False
    for _, owner, step in parts.standard.steps():
        has_value |= owner is not None and [owner.id] == named and step.kind == "value"
    if len(named) != 1 or not has_value or year not in project.spec.project.years:
        return None
    return replace(project, parts=replace(parts, indicator=named[0]))


def _is_large(header: ProjectFolder) -> bool:
    """Return whether the tables of a project are so large that a part of it is read at once."""
    inputs = header.spec.inputs
    if inputs.form or inputs.changes:
        return False
    size = 0
    for name in (inputs.areas, *inputs.data):
        path, sheet = split_sheet(header.folder / name)
        if sheet is None and path.is_file():
            size += path.stat().st_size
    return size > _LARGE_TABLES


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


def has_form(path: str | Path) -> bool:
    """Return whether a project names a form, without reading the whole project.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.

    Returns
    -------
    bool
    """
    document = read_toml(_project_folder(path) / _FILE, _FILE, ProblemLog())
    inputs = document.get("inputs") if document is not None else None
    return isinstance(inputs, Mapping) and bool(inputs.get("form"))


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


def _regions_of_map(parts: PlanInputs | None) -> dict[str, Label]:
    """Return the regions with areas in the last year, by code, which is what a map shows."""
    if parts is None or not parts.years:
        return {}
    rows = parts.areas.rows
    codes = rows.loc[(rows["year"] == max(parts.years)).to_numpy(), "region"].unique().tolist()
    return dict(zip(codes, region_labels(codes, parts.regions), strict=True))


def _stated_language(document: Mapping[str, Any] | None) -> Language | None:
    """Return the language that a ``project.toml`` states, even if other keys of it are wrong."""
    header = document.get("project") if document is not None else None
    if isinstance(header, Mapping):
        for language in LANGUAGES:
            if header.get("language") == language:
                return language
    return None


Loaded = TypeVar("Loaded")


class _ProjectTables:
    """Reads the tables of a project, and notes which of them cannot be relied upon.

    Attributes
    ----------
    unsound : set of str
        Keys of ``_FOLLOWING`` whose table, or whose value in ``project.toml``, is not as it was
        meant.
    faulty : set of str
        These, and the keys whose table has errors of single numbers only.
    """

    def __init__(
        self, header: ProjectFolder, faulty_keys: Collection[str], problems: ProblemLog
    ) -> None:
        self.spec = header.spec
        self.folder = header.folder
        self.problems = problems
        self.unsound = set(faulty_keys)
        self.faulty = set(faulty_keys)
        self.for_form = False
        self.region = ""
        self.stages = Stages()
        self._codes: frozenset[str] = frozenset()  # of the regions that are read; empty for all
        self._loaded_classes: tuple[ClassScheme | None, ProblemLog] | None = None

    def doubtful(self) -> set[str]:
        """Return the codes of problems that may only follow from others."""
        codes: set[str] = set()
        for key in self.unsound:
            codes |= _FOLLOWING.get(key, set())
        if not self.faulty.isdisjoint(_OF_LAND):  # a sum needs every number
            codes |= {"land-sum", "land-differs"}
        return codes

    def path(self, name: str, key: str) -> Path | None:
        """Return the path that a key of ``project.toml`` names; None if it leads elsewhere."""
        if not name or key in self.unsound:
            return None
        path = resolve_inside(name, self.folder, f"{_FILE} {key}", self.problems)
        if path is None:
            self.unsound.add(key)
        return path

    def load(self, key: str, load: Callable[[Path, ProblemLog], Loaded | None]) -> Loaded | None:
        """Load the table that a key of ``[inputs]`` names; None if there is none."""
        if self.region and key in _NOT_OF_ACCOUNTS:
            return None
        path = self.path(getattr(self.spec.inputs, key), f"inputs.{key}")
        if path is None:
            return None
        return self.watch(f"inputs.{key}", lambda problems: load(path, problems))

    def watch(self, key: str, load: Callable[[ProblemLog], Loaded]) -> Loaded:
        """Load something, and note whether it can be relied upon."""
        log = ProblemLog()
        log.checksums = self.problems.checksums
        log.heads = self.problems.heads
        loaded = load(log)
        self.problems.include([*log.errors, *log.warnings])
        is_single = len(self.years()) == 1
        if loaded is None or log.errors:
            self.faulty.add(key)
        if loaded is None or not all(_is_of_value(problem, is_single) for problem in log.errors):
            self.unsound.add(key)
        return loaded

    def years(self) -> tuple[int, ...]:
        """Return the accounting years; none if they cannot be read."""
        years = self.spec.project.years
        return () if "project.years" in self.unsound else tuple(dict.fromkeys(years))

    def plan_inputs(
        self, permissions: Permissions, changes: RegionChanges | None
    ) -> PlanInputs | None:
        """Load everything that plans are built of.

        Parameters
        ----------
        permissions : Permissions
            What the project and its user permit.
        changes : RegionChanges or None
            Changes of region codes, by which regions are recognized in other years.

        Returns
        -------
        PlanInputs or None
            None if the standard or its class scheme could not be loaded.
        """
        header = self.spec.project
        self._check_header()
        standard = self._standard()
        form = self._form()
        if self.region:
            regions = self._regions(form)
            self._codes = self._codes_about(regions)
        rasters = self._rasters(standard)
        areas = self._areas(form) if rasters is None else rasters.areas
        data_paths = self._data_paths()
        data_tables = () if form is None else form.data
        if rasters is not None:
            data_tables = (*data_tables, *rasters.data)
        data = self.watch(
            "inputs.data",
            lambda problems: load_data(data_paths, problems, data_tables, self._codes),
        )
        if not self.region:
            regions = self._regions(form)
        sets = self.watch(
            "project.coefficients", lambda problems: self._sets(standard, form, problems)
        )
        scheme = None
        if standard is not None:
            scheme = self.watch("classes", partial(self._classes, standard))
        if standard is None or scheme is None:
            if areas is not None:
                self._check_years(_with_regions(areas, self.years()), regions, changes)
            return None
        crosswalk = self._crosswalk(scheme)
        parts = PlanInputs(
            standard=standard,
            areas=_with_regions(areas or NO_AREAS, self.years()),
            data=_with_year(data, self.years()),
            sets=sets,
            scheme=scheme,
            crosswalk=crosswalk,
            regions=regions,
            switches=standard.with_route(self.spec.switches, header.route),
            price_year=header.price_year,
            allowed=permissions,
            years=self.years(),
            coverage=self.spec.inputs.coverage,
            unfilled=None if form is None else form.unfilled,
            rasters={} if rasters is None else rasters.years,
        )
        files = self._files(parts, data_paths)
        if form is not None and form.path not in files:
            files = (*files, form.path)
        parts = replace(parts, files=files)
        parts = _with_codes(recognize_names(parts, self.problems), self._codes)
        if areas is not None:
            self._check_years(parts.areas, regions, changes)
        if "inputs.data" not in self.unsound:
            check_data_years(parts.data, parts.years, standard.spec.data, self.problems)
        if not parts.years:
            years = sorted({int(year) for year in parts.areas.rows["year"]} - {0})
            parts = replace(parts, years=tuple(years))
        if self.spec.inputs.crosswalk and crosswalk is None:
            parts = replace(parts, areas=NO_AREAS)  # their classes cannot be known
        return parts

    def _check_header(self) -> None:
        """Check what the model of ``project.toml`` cannot check by itself."""
        inputs = self.spec.inputs
        has_areas = bool(inputs.areas or inputs.form or inputs.raster or self.for_form)
        if not has_areas and self.unsound.isdisjoint({"inputs", "inputs.areas"}):
            values = {"name": "areas", "form": "areas = ..."}
            self.problems.add("missing-key", f"{_FILE} inputs.areas", "io.missing-key", **values)
            self.unsound.add("inputs.areas")
        if inputs.raster is not None and (inputs.areas or inputs.form):
            self.problems.add("not-supported", f"{_FILE} inputs.areas", "project.areas-twice")
        years = self.spec.project.years
        repeated = [year for year in self.years() if years.count(year) > 1]
        if repeated:
            place = f"{_FILE} years"
            self.problems.add("toml-value", place, "project.year-repeated", years=repeated)
        for library in self.spec.library:
            check_library(library, self.folder, self.problems)

    def _form(self) -> FilledForm | None:
        """Load the form; None if there is none or it cannot be read."""
        name = self.spec.inputs.form
        if self.for_form and not os.path.lexists(self.folder / name):
            return None
        form = self.load("form", load_form)
        if form is None and name:
            self.unsound |= {"inputs.areas", "inputs.data", "inputs.regions"}
        return form

    def _classes(self, standard: Standard, problems: ProblemLog) -> ClassScheme | None:
        """Load the ecosystem types of a standard, once."""
        if self._loaded_classes is None:
            log = ProblemLog()
            self._loaded_classes = (_load_classes(standard, log), log)
        scheme, log = self._loaded_classes
        problems.include_log(log)
        return scheme

    def _rasters(self, standard: Standard | None) -> ProjectRasters | None:
        """Load the rasters and tabulate land cover; None where there are none to rely on."""
        spec = self.spec.inputs.raster
        if spec is None or standard is None:
            return None
        unheard = ProblemLog()  # classes and crosswalk are loaded, and reported, in their turn
        scheme = self._classes(standard, unheard)
        if scheme is None:
            return None
        crosswalk = None
        if self.spec.inputs.crosswalk:
            name = self.spec.inputs.crosswalk
            crosswalk = load_crosswalk(
                name,
                self.folder,
                scheme,
                _FILE,
                unheard,
            )
            if crosswalk is None:
                return None
        names = class_names_of(scheme, crosswalk)
        regions = None
        if self.spec.inputs.regions:
            path = resolve_inside(self.spec.inputs.regions, self.folder, _FILE, unheard)
            regions = None if path is None else load_regions(path, unheard)
        return self.watch(
            "inputs.raster",
            lambda problems: load_rasters(
                spec,
                self.folder,
                self.years(),
                names,
                regions,
                problems,
                data_names=standard.spec.data,
                stages=self.stages,
            ),
        )

    def _areas(self, form: FilledForm | None) -> Areas | None:
        """Load the areas from their table and from the form."""
        pieces = []
        areas = self.load("areas", partial(load_areas, codes=self._codes))
        if areas is not None:
            pieces.append(areas)
        for table in () if form is None else form.areas:
            load = partial(areas_of_table, table, table.path)
            pieces.append(self.watch("inputs.areas", load))
        if not pieces and form is not None and not self.for_form:
            for year in self.years():
                report_no_areas(NO_AREAS, year, form.path.name, self.problems)
            self.unsound.add("inputs.areas")
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        rows = pd.concat([piece.rows for piece in pieces], ignore_index=True)
        check_duplicates(rows, list(AREA_IDENTITY), self.problems)
        files: dict[Path, None] = {}
        for piece in pieces:
            files.update(dict.fromkeys(piece.files))
        return Areas(rows, tuple(files))

    def _codes_about(self, regions: Regions | None) -> frozenset[str]:
        """Return the codes of the region that is asked for, of those in it and those above them."""
        if regions is None:
            return frozenset([self.region, *region_ancestors(self.region, None)])
        code = region_spellings(regions).find(self.region)
        inside = [each for each in regions.frame.index if code in regions.ancestors(each)]
        codes = {code, *inside}
        for each in (code, *inside):
            codes.update(region_ancestors(each, regions))
        return frozenset(codes)

    def _regions(self, form: FilledForm | None) -> Regions | None:
        """Load the regions from their table, else from the form."""
        regions = self.load("regions", load_regions)
        table = None if form is None else form.regions
        if table is None:
            return regions
        if self.spec.inputs.regions:
            place = f"{_FILE} inputs.regions"
            self.problems.add("toml-value", place, "project.regions-twice", form=table.label)
            return regions
        load = partial(regions_of_table, table, table.path)
        return self.watch("inputs.regions", load)

    def _sets(
        self, standard: Standard | None, form: FilledForm | None, problems: ProblemLog
    ) -> tuple[CoefficientSet, ...]:
        """Load the coefficient sets; what the form has goes first."""
        header = self.spec.project
        sets: list[CoefficientSet | str | Path] = []
        for table in () if form is None else form.coefficients:
            sets.append(set_of_table(table, header.title, problems))
        sets += header.coefficients
        return load_sets(sets, standard, self.folder, problems)

    def _crosswalk(self, scheme: ClassScheme) -> Crosswalk | None:
        """Load the crosswalk; None if there is none or it cannot be read."""
        name = self.spec.inputs.crosswalk
        if not name or "inputs.crosswalk" in self.unsound:
            return None
        return self.watch(
            "inputs.crosswalk",
            lambda problems: load_crosswalk(
                name,
                self.folder,
                scheme,
                _FILE,
                problems,
            ),
        )

    def _files(self, parts: PlanInputs, data_paths: Sequence[Path]) -> tuple[Path, ...]:
        """Return the files that plans are made of, each once."""
        files = [self.folder / _FILE, *parts.standard.files, parts.scheme.path]
        files += [*parts.areas.files, *data_paths]
        if parts.regions is not None:
            files.append(parts.regions.path)
        if parts.crosswalk is not None:
            files += parts.crosswalk.files
        for coefficient_set in parts.sets:
            files += coefficient_set.files
        return tuple(dict.fromkeys(files))

    def _standard(self) -> Standard | None:
        """Load the standard."""
        if "project.standard" in self.unsound:
            return None
        name = self.spec.project.standard
        return load_standard(name, self.folder, _FILE, self.problems)

    def _data_paths(self) -> list[Path]:
        """Return the paths of the tables of data."""
        paths: list[Path] = []
        for name in self.spec.inputs.data:
            path = resolve_inside(name, self.folder, f"{_FILE} inputs.data", self.problems)
            if path is None:
                self.unsound.add("inputs.data")
            else:
                paths.append(path)
        return paths

    def _check_years(
        self, areas: Areas, regions: Regions | None, changes: RegionChanges | None
    ) -> None:
        """Check the years of areas, as far as these can be relied upon."""
        if self.unsound.isdisjoint({"inputs.areas", "inputs.changes", "project.years"}):
            _check_areas(
                areas,
                self.years(),
                regions,
                changes,
                self.spec.inputs,
                self.problems,
            )

    def transitions(self, parts: PlanInputs | None) -> Transitions | None:
        """Load the transitions, and check them against the other tables."""
        transitions = self.load("transitions", load_transitions)
        if transitions is None or parts is None:
            return transitions
        transitions = name_spellings(parts).recognize_transitions(transitions, self.problems)
        if self.unsound.isdisjoint({"inputs.areas", "inputs.crosswalk", "project.years"}):
            _check_project_transitions(transitions, parts, parts.years, self.problems)
        return transitions

    def normal(self, parts: PlanInputs | None) -> Data | None:
        """Load the data of reference years."""
        normal = self.load("normal", lambda path, problems: load_data([path], problems))
        if normal is None or parts is None:
            return normal
        return name_spellings(parts).recognize_data(normal, self.problems)


def check_library(library: LibrarySpec, folder: Path, problems: ProblemLog) -> None:
    """Check that a library is what it was when the project took it into use.

    Parameters
    ----------
    library : LibrarySpec
    folder : Path
        The project's folder.
    problems : ProblemLog
        Receives ``missing-file`` and ``library-changed``.
    """
    place = f"{_FILE} library"
    shown = printable(library.folder, _PATH_SHOWN)
    try:
        current = library_checksum(folder / library.folder)
    except (OSError, ValueError):
        current = ""
    if not current:
        problems.add("missing-file", place, "project.library-not-there", folder=shown)
    elif current != library.sha256:
        message = (
            "project.library-changed" if library.sha256 else "project.library-without-checksum"
        )
        problems.add(
            "library-changed",
            place,
            message,
            folder=shown,
            checksum=current,
        )


def _load_classes(standard: Standard, problems: ProblemLog) -> ClassScheme | None:
    """Load the ecosystem types of a standard."""
    ecosystems = standard.spec.ecosystems
    home = standard.home_of(ecosystems)
    return load_class_scheme(ecosystems, home, standard.path.name, problems)


_FOLLOWING_AREAS = {
    "missing-year",
    "region-missing-year",
    "unknown-region",
    "unused-data",
    "region-without-areas",
    "year-not-accounted",
}
# By table or key, the codes of problems that may follow where it is not as it was meant: where rows
# could not be read, others seem to be missing.
_FOLLOWING = {
    "inputs.areas": _FOLLOWING_AREAS,
    "inputs.raster": {*_FOLLOWING_AREAS, "missing-data", "missing-member", "open-key"},
    "inputs.data": {
        "missing-data",
        "members-differ",
        "missing-member",
        "open-key",
        "wrong-keys",
        "unused-data",
        "year-not-accounted",
    },
    "inputs.regions": {
        "value-transfer",
        "unknown-region",
        "parent-with-rows",
        "region-without-areas",
        "unused-data",
    },
    "inputs.crosswalk": {*_FOLLOWING_AREAS, "unknown-class", "class-coarse", "class-overlap"},
    "inputs.changes": {"region-missing-year", "unknown-region"},
    "classes": {"unknown-class", "class-coarse", "class-overlap", "land-sum", "land-differs"},
    "project.coefficients": {
        "missing-coefficient",
        "open-key",
        "price-year",
        "nominal-price",
        "unknown-source",
    },
    "project.price_year": {"price-year", "nominal-price"},
    "project.allow_placeholder": {"placeholder"},
    "project.allow_transfer": {"value-transfer"},
    "project.allow_code": {"code-not-allowed"},
    "project.years": {*_FOLLOWING_AREAS, "missing-data", "value-transfer"},
    "switches": {"missing-data", "missing-coefficient", "unused-data"},
}
# Tables by which the land of a region is summed, and held against its area.
_OF_LAND = {"inputs.areas", "inputs.crosswalk", "inputs.regions", "classes"}
# What stands in for a required key that is wrong, so that the rest can be checked.
_STAND_INS: Mapping[str, object] = {
    "project": {},
    "inputs": {},
    "project.id": "-",
    "project.title": "-",
    "project.standard": "-",
    "project.years": [0],
}
# Problems of a number, its unit or its source: the row is there all the same.
_OF_VALUES = {
    "distribution-limits",
    "duplicate-row",
    "full-width",
    "low-high",
    "negative",
    "not-a-number",
    "not-finite",
    "price-year-missing",
    "share-range",
    "share-sum",
    "thousands-separator",
    "unknown-distribution",
    "unknown-grade",
    "unknown-source",
    "unknown-unit",
    "wrong-dimension",
}
_VALUE_COLUMNS = {
    "area",
    "area_unit",
    "distribution",
    "grade",
    "group",
    "high",
    "locator",
    "low",
    "note",
    "population",
    "price_year",
    "share",
    "source",
    "unit",
    "value",
}


def _is_of_value(problem: Problem, is_single: bool) -> bool:
    """Return whether a problem leaves its row where it belongs; a single year can be no other."""
    column = problem.place.column if isinstance(problem.place, Place) else ""
    if problem.code in _OF_VALUES or column in _VALUE_COLUMNS:
        return True
    return problem.code == "bad-year" and is_single


def _with_regions(areas: Areas, years: Sequence[int]) -> Areas:
    """Return the area rows that have a region, with a year if there is only one it can be.

    Blank regions and years that cannot be read were reported with the table.
    """
    rows = areas.rows
    has_region = (rows["region"] != "").to_numpy()
    if not has_region.all():
        rows = rows[has_region].reset_index(drop=True)
    if len(years) == 1 and (rows["year"] == 0).any():
        rows = rows.assign(year=rows["year"].replace(0, years[0]))
    return replace(areas, rows=rows)


def _with_codes(parts: PlanInputs, codes: Collection[str]) -> PlanInputs:
    """Return what plans are made from, of the regions of some codes only; all if there are none."""
    if not codes:
        return parts
    areas = parts.areas.rows[parts.areas.rows["region"].isin(codes).to_numpy()]
    data = parts.data.rows[parts.data.rows["region"].isin(codes).to_numpy()]
    regions = parts.regions
    if regions is not None:
        frame = regions.frame[regions.frame.index.isin(list(codes))]
        parent = {code: above for code, above in regions.parent.items() if code in codes}
        regions = replace(regions, frame=frame, parent=parent)
    return replace(
        parts,
        areas=replace(parts.areas, rows=areas.reset_index(drop=True)),
        data=Data(data.reset_index(drop=True), parts.data.files),
        regions=regions,
    )


def _with_year(data: Data, years: Sequence[int]) -> Data:
    """Return the data rows with a year, if there is only one it can be."""
    rows = data.rows
    if len(years) != 1 or not (rows["year"] == 0).any():
        return data
    return Data(rows.assign(year=rows["year"].replace(0, years[0])), data.files)


def _check_areas(
    areas: Areas,
    years: Sequence[int],
    regions: Regions | None,
    changes: RegionChanges | None,
    inputs: InputsSpec,
    problems: ProblemLog,
) -> None:
    """Check that there are areas of every year, and of the same regions in each.

    Otherwise the sums of parents would not be comparable. Codes that changed are compared on the
    boundaries of the last year.

    Parameters
    ----------
    areas : Areas
        The areas of all years.
    years : sequence of int
        The years that are accounted for.
    regions : Regions or None
        Names of regions, for messages.
    changes : RegionChanges or None
        Changes of region codes.
    inputs : InputsSpec
        Names the table of areas, and whether it covers the regions.
    problems : ProblemLog
        Gets ``missing-year``, ``region-missing-year``, ``unknown-region`` for codes that ended
        before, ``changed-twice`` for codes that are not handed on, and the warnings
        ``year-not-accounted`` and ``land-differs``.
    """
    rows = areas.rows
    label = inputs.areas or inputs.form
    if not (rows["year"] > 0).all():  # years that cannot be read were reported with the table
        return
    for year in years:
        if not (rows["year"] == year).any():
            report_no_areas(areas, year, label, problems)
    names = rows["region"].unique()
    no_regions = {name for name in names if is_broken_code(name)}  # reported with the table
    no_regions |= {name for name in names if is_total(name) and len(names) > 1}
    listed = rows if regions is None else regions.frame.reset_index()
    check_alike_codes(listed, problems)
    codes_by_year: dict[int, set[str]] = {}
    codes_with_areas: dict[int, set[str]] = {}
    for year in years:
        codes = set(rows.loc[(rows["year"] == year).to_numpy(), "region"]) - no_regions
        codes_with_areas[year] = codes
        if changes is not None:
            check_codes(
                changes,
                codes,
                year,
                label,
                problems,
            )
            successors = map_codes(changes, codes, year, max(years))
            codes = set()
            for shares in successors.values():
                codes.update(code for code, _ in shares)
        codes_by_year[year] = codes
    if changes is not None:
        check_handed_on(changes, codes_with_areas, problems)
    _check_regions_of_years(codes_by_year, label, regions, problems)
    if any(codes_by_year.values()):
        rows_of_years = rows
        if changes is not None:  # codes of other boundaries belong to other years
            changed = [*changes.rows["from"], *changes.rows["to"]]
            rows_of_years = rows[~rows["region"].isin(changed).to_numpy()]
        check_area_years(rows_of_years, years, regions, problems)
    if inputs.coverage == "whole":
        check_land_in_time(
            areas,
            years,
            regions,
            changes,
            problems,
        )


def _check_regions_of_years(
    codes_by_year: Mapping[int, set[str]],
    label: str,
    regions: Regions | None,
    problems: ProblemLog,
) -> None:
    """Check that every year has areas of the same regions; adds ``region-missing-year``."""
    all_codes = set().union(*codes_by_year.values())
    for year, codes in codes_by_year.items():
        missing = sorted(all_codes - codes)
        if codes and missing:
            problems.add(
                "region-missing-year",
                label,
                "project.region-without-areas",
                regions=region_labels(missing, regions),
                year=year,
            )


def check_land_in_time(
    areas: Areas,
    years: Sequence[int],
    regions: Regions | None,
    changes: RegionChanges | None,
    problems: ProblemLog,
) -> None:
    """Check that the land of regions whose boundary did not change is the same in every year.

    Regions that were merged or split are compared together.

    Parameters
    ----------
    areas : Areas
        The areas of all years.
    years : sequence of int
        The years of the project.
    regions : Regions or None
        Names of regions, for messages.
    changes : RegionChanges or None
        Changes of region codes.
    problems : ProblemLog
        Gets the warning ``land-differs``.
    """
    rows = areas.rows[areas.rows["year"].isin(list(years)).to_numpy()]
    accounted = sorted(set(rows["year"]))
    is_incomplete = "area" not in rows or rows["area"].isna().any()  # which is reported
    if len(accounted) < 2 or is_incomplete:
        return
    land = rows.groupby(["year", "region"])["area"].sum() / _M2_PER_KM2
    for first, last in pairwise(accounted):
        earlier = land[first]
        later = land[last]
        groups = _same_land(earlier.index, first, last, changes)
        if changes is None:  # most of many regions are the same in both, which is seen at once
            groups = [([code], [code]) for code in _codes_apart(earlier, later)]
        for old_codes, new_codes in groups:
            if not set(new_codes) <= set(later.index):
                continue  # a region without areas of that year is reported
            before = float(earlier[old_codes].sum())
            after = float(later[new_codes].sum())
            if abs(after - before) <= _LAND_IN_TIME * max(before, after):
                continue
            is_of_year = (rows["year"] == last) & rows["region"].isin(new_codes)
            rows_of_year = rows[is_of_year.to_numpy()]
            place = row_place(str(rows_of_year["file"].iloc[0]), rows_of_year["row"])
            is_same = old_codes == new_codes
            problems.add(
                "land-differs",
                place,
                "project.land-in-time" if is_same else "project.land-of-changed-regions",
                old=region_labels(old_codes, regions),
                new=region_labels(new_codes, regions),
                first=first,
                last=last,
                before=before,
                after=after,
                difference=after / before - 1 if before > 0 else 1.0,
            )


def _codes_apart(earlier: pd.Series, later: pd.Series) -> list[str]:
    """Return the regions of two years whose land differs, in the order of the earlier one."""
    before = earlier[earlier.index.isin(later.index)]
    after = later.reindex(before.index).to_numpy()
    largest = np.maximum(before.to_numpy(), after)
    is_same = np.abs(after - before.to_numpy()) < _LAND_IN_TIME * largest
    return [str(code) for code in before.index[~is_same]]


def _same_land(
    codes: Iterable[str], first: int, last: int, changes: RegionChanges | None
) -> list[tuple[list[str], list[str]]]:
    """Group the regions of a year with those of a later one that have the same land together.

    Groups that land of regions outside has joined are left out.
    """
    if changes is None:
        return [([code], [code]) for code in codes]
    mapped = map_codes(changes, codes, first, last)
    absorbed = absorbed_codes(changes, codes, first, last)
    groups: list[tuple[list[str], list[str]]] = []
    for code, shares in mapped.items():
        old_codes = [code]
        new_codes = [new_code for new_code, _ in shares]
        apart = []
        for old_group, new_group in groups:
            if set(new_group).isdisjoint(new_codes):
                apart.append((old_group, new_group))
            else:
                old_codes = [*old_group, *old_codes]
                new_codes = list(dict.fromkeys([*new_group, *new_codes]))
        groups = [*apart, (old_codes, new_codes)]
    return [group for group in groups if absorbed.keys().isdisjoint(group[1])]


def _check_project_transitions(
    transitions: Transitions, parts: PlanInputs, years: Sequence[int], problems: ProblemLog
) -> None:
    """Check transitions against the project's classes, years and regions.

    The regions are those with areas in the later year; if there are none, those of any year.
    """
    areas = parts.areas.rows
    for later_year, rows in transitions.rows.groupby("to", sort=False, observed=True):
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


def rows_of_other_years(project: Project) -> list[tuple[str, int, int]]:
    """Count the rows of areas and data that no account uses, as their year is not accounted for.

    Parameters
    ----------
    project : Project

    Returns
    -------
    list of (str, int, int)
        File, year, and number of rows.
    """
    counts: list[tuple[str, int, int]] = []
    for rows in (project.parts.areas.rows, project.parts.data.rows):
        if rows.empty:
            continue
        is_used = rows["year"].isin(project.parts.years).to_numpy()
        unused = rows.loc[~is_used, ["file", "year"]]
        sizes = unused.groupby(["file", "year"], sort=False, observed=True).size()
        for (file, year), count in sizes.items():
            counts.append((str(file), int(year), int(count)))
    return counts


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
    target = leads_out(out, project.folder)
    if target is not None:
        raise cannot_write(out, "io.out-is-a-link", target=target)
    for coefficient_set in project.parts.sets:
        if out.resolve() == coefficient_set.path.resolve():
            raise cannot_write(out, "io.folder-of-set")
    files = [*files_of(project, plans), *_assessment_files(project), *other_inputs]
    inputs = {file.resolve() for file in files}
    overwritten = [name for name in names if (out / name).resolve() in inputs]
    if overwritten:
        raise cannot_write(out, "io.input-lost", files=overwritten)


def _assessment_files(project: Project) -> list[Path]:
    """Return the tables that ``[assessment]`` names, with those of an earlier version."""
    spec = project.spec.assessment
    names = [*spec.readings]
    for key in AssessmentSpec.model_fields:
        name = getattr(spec, key)
        if isinstance(name, str) and name:
            names.append(name)
    files = []
    for name in names:
        path = resolve_inside(name, project.folder, _FILE, ProblemLog())
        if path is not None:
            files.append(split_sheet(path)[0])
    if spec.earlier:
        files += (project.folder / spec.earlier).glob("*/scores.csv")
    return files


def files_of(project: Project, plans: Sequence[Plan]) -> list[Path]:
    """Return every file that the plans are made of, a workbook without the name of its sheet."""
    methods: set[Path] = set()
    for plan in plans:
        for step in plan.steps:
            if step.method.own is not None:
                methods.update(step.method.own.files)
    files = [*project.parts.files, *sorted(methods)]
    return [split_sheet(file)[0] for file in files]


def file_sums(project: Project, plans: Sequence[Plan]) -> dict[str, str]:
    """Return the SHA-256 checksum of every file that the plans are made of, by path.

    It is of the bytes that were read, even if the file was replaced since.

    Parameters
    ----------
    project : Project
    plans : sequence of Plan

    Returns
    -------
    dict of str to str
        By path, as manifests name files.
    """
    checksums = dict(project.checksums)
    for plan in plans:
        for step in plan.steps:
            own = step.method.own
            for file, checksum in () if own is None else own.files.items():
                checksums[os.path.realpath(file)] = checksum
    sums: dict[str, str] = {}
    for file in files_of(project, plans):
        checksum = checksums.get(os.path.realpath(file)) or sha256(file)
        sums[display_path(file, project.folder)] = checksum
    return sums
