"""Assessing a project (考核评价结果): schemes are applied to accounts and readings, and written.

Schemes and their results belong to ``gep.assessment``, the tables that they are applied to are read
by ``assessment_inputs``. This module reports everything that is wrong at once, decides which files
there are, and adds entries to the review log.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.assessment.apply import (
    AssessmentInputs,
    apply,
    check_events,
    check_placeholders,
    check_register,
    check_tables,
    context_of,
)
from gep.assessment.balance.scheme import BalanceScheme
from gep.assessment.context import AssessmentContext
from gep.assessment.kinds import load_scheme
from gep.assessment.references import (
    check_circles,
    check_references,
    evaluation_order,
    publish,
    referred_schemes,
    with_results,
)
from gep.assessment.review.decisions import ComputedNumbers, check_entry, since_computed
from gep.assessment.review.final import apply_final, final_tables
from gep.assessment.review.log import (
    PRELIMINARY,
    LogEntry,
    ReviewLog,
    append_entry,
    check_addition,
    keep_head,
    state_of,
)
from gep.assessment.review.tables import review_tables
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.stocks import Causes
from gep.comparison.panel import Pair
from gep.errors import Problem, ProblemLog, ProblemsFound, worded_in
from gep.inputs.data import EMPTY
from gep.io.argument_types import checked_arguments
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import split_sheet
from gep.io.csv_tables import append_csv
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    display_path,
    refuse_foreign,
    relative_path,
    replace_folder,
    sha256,
    write_record,
)
from gep.io.tables import suggestion
from gep.plan.plan import Plan, warnings_of
from gep.project.project import (
    Project,
    ProjectFolder,
    check_project,
    file_sums,
    read_header,
    read_project,
    refuse_inputs,
)
from gep.project.raster_transitions import with_raster_transitions
from gep.report.assessment_workbook import save_tables
from gep.report.pages.account_cells import account_cells
from gep.report.pages.assessment_page import assessment_page
from gep.report.pages.page import write_page
from gep.report.pages.page_size import page_left_out
from gep.report.standing import standing
from gep.texts.catalogue import Language, Listed
from gep.workflows.assessment_inputs import (
    RECORD,
    assessment_inputs,
    comparisons_by_basis,
    recorded_log_heads,
    sample_by_basis,
)
from gep.workflows.input_rows import ROWS, row_sums
from gep.workflows.run import result_sums
from gep.workflows.seal import SEALED, check_seals, make_seals, recorded_seals

WORKBOOK = "tables.xlsx"
PAGE = "report.html"  # of all schemes, in the folder of assessments
PAGE_RECORD = "report.json"
_FOLDER = "assessment"  # in the folder of results
COMPUTED = "computed"  # the word of ``gep record`` for the first state of a result
_DAY = len("2026-01-31")
_SCHEMES = "project.toml assessment.schemes"
# Problems that may only follow from a scheme that is read and has no results.
_FOLLOWING = frozenset(
    {
        "allocation-infeasible",
        "factor-zero",
        "missing-data",
        "missing-reading",
        "zero-denominator",
    }
)


@dataclass(frozen=True, repr=False)
class ProjectAssessment(ShownAsTable):
    """The result of applying a project's schemes.

    Attributes
    ----------
    project : Project
    context : AssessmentContext
        What the schemes were applied to.
    assessments : tuple of Assessment
        One for each scheme.
    out : Path
        Folder with a folder of result files for each scheme.
    warnings : tuple of Problem
        What should be looked at.
    plans : tuple of Plan
        The plans of the accounts at all bases.
    log : ReviewLog or None
    draws, seed : int
        Number of draws by which scores have intervals, 0 if they have none; seed of the draws.
    checksums : mapping of str to str
        SHA-256 of the bytes that were read, by the real path of the file.
    finals : tuple of Assessment
        The schemes applied again to what the log decided; none where it decided nothing.

    Examples
    --------
    >>> import gep
    >>> gep.assess_project("examples/jiangxi-assessment", "results-b")
    <ProjectAssessment of jiangxi-assessment: ...>
    """

    project: Project
    context: AssessmentContext
    assessments: tuple[Assessment, ...]
    out: Path
    warnings: tuple[Problem, ...]
    plans: tuple[Plan, ...] = ()
    log: ReviewLog | None = None
    draws: int = 0
    seed: int = 0
    checksums: Mapping[str, str] = field(default_factory=dict, repr=False)
    finals: tuple[Assessment, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        schemes = ", ".join(assessment.scheme.id for assessment in self.assessments)
        return f"<ProjectAssessment of {self.project.spec.project.id}: {schemes}>"

    def _shown_lines(self) -> list[str]:
        """Return the titles of the schemes."""
        language = self.project.language
        return [item.scheme.spec.title.say(language) for item in self.assessments]

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        rows = []
        for assessment in self.assessments:
            for name, table in assessment.tables.items():
                rows.append((assessment.scheme.id, name, len(table)))
        return pd.DataFrame(rows, columns=["scheme", "table", "rows"])


@checked_arguments
def assess_project(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    partial: bool = False,
    draws: int = 0,
    seed: int = 0,
    language: Language | None = None,
) -> ProjectAssessment:
    """Apply the schemes that a project names, and write their tables.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    out : str or Path, optional
        Folder in which ``assessment`` is made; by default ``out`` in the project.
    allow_code, partial
        See :func:`gep.run_project`.
    draws : int, default 0
        Number of draws by which the uncertainty of the accounts is carried to points, scores and
        ranks; 0: none.
    seed : int, default 0
        Seed of the draws.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    ProjectAssessment

    Raises
    ------
    ProblemsFound
        Those of :func:`apply_schemes`, ``sealed`` if a final result would become another one, and
        ``cannot-write``. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> gep.assess_project("examples/jiangxi-assessment", "results-c")
    <ProjectAssessment of jiangxi-assessment: ...>
    """
    result = apply_schemes(
        path,
        out,
        allow_code=allow_code,
        partial=partial,
        draws=draws,
        seed=seed,
        language=language,
    )
    with worded_in(result.project.language):
        for assessment in result.assessments:
            scheme = assessment.scheme
            names = [*assessment.tables, WORKBOOK, RECORD]
            table_files = [*result.context.files, *scheme.files]
            refuse_inputs(
                project=result.project,
                plans=result.plans,
                out=result.out / scheme.id,
                names=names,
                other_inputs=[split_sheet(file)[0] for file in table_files],
            )
            paths = [f"{_FOLDER}/{scheme.id}/{name}" for name in names]
            refuse_foreign(result.out.parent, paths, _records(result))
        _check_seals(result)
        page_files = [f"{_FOLDER}/{name}" for name in (PAGE, PAGE_RECORD)]
        refuse_foreign(result.out.parent, page_files, _records(result))
        problems = ProblemLog()
        with replace_folder(result.out.parent, _records(result), problems) as scratch:
            (scratch / _FOLDER).mkdir()
            not_drawn = write_assessment(result, scratch / _FOLDER)
    return replace(result, warnings=(*result.warnings, *not_drawn, *problems.warnings))


def _check_seals(result: ProjectAssessment) -> None:
    """Raise ``ProblemsFound`` (``sealed``) if a sealed result would be replaced by another one."""
    problems = ProblemLog(result.project.language)
    for assessment in result.assessments:
        file = result.out / assessment.scheme.id / RECORD
        place = f"{_FOLDER}/{assessment.scheme.id}/{RECORD}"
        check_seals(
            assessment,
            result.log,
            recorded_seals(file),
            place,
            problems,
        )
    problems.raise_errors()


def apply_schemes(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    partial: bool = False,
    draws: int = 0,
    seed: int = 0,
    language: Language | None = None,
) -> ProjectAssessment:
    """Apply the schemes of a project without writing anything.

    Parameters
    ----------
    path, out, allow_code, partial, draws, seed, language
        See :func:`assess_project`. Records of earlier results in ``out`` are read.

    Returns
    -------
    ProjectAssessment
        ``out`` is where it would be written.

    Raises
    ------
    ProblemsFound
        Those of ``gep.check_project``; ``missing-key`` and ``duplicate-id`` for the list of
        schemes; ``placeholder``; the codes of ``assessment_inputs``, of schemes and of their kinds.
    """
    prepared = _prepare(
        path,
        out,
        allow_code=allow_code,
        partial=partial,
        language=language,
    )
    project = prepared.project
    context = prepared.context
    with worded_in(project.language):
        if draws:
            context = replace(context, draws=sample_by_basis(context.comparisons, draws, seed))
        log = prepared.inputs.log
        problems = ProblemLog(project.language)
        assessments = []
        warnings = list(prepared.warnings)
        for comparison in context.comparisons.values():
            for account in comparison.accounts:
                warnings += account.warnings
        applied, context = apply(prepared.schemes, context)
        finals = applied
        if log is not None:
            not_drawn = replace(context, draws={})
            finals = apply_final(
                prepared.schemes,
                not_drawn,
                applied,
                log,
                problems,
            )
            problems.raise_errors()
        for assessment, final in zip(applied, finals, strict=True):
            scheme_id = assessment.scheme.id
            earlier = prepared.inputs.earlier.get(scheme_id)
            of_scheme = context.for_scheme(scheme_id)
            reviewed = review_tables(
                assessment,
                of_scheme,
                log,
                before=earlier,
                final=final,
            )
            reviewed |= final_tables(assessment, final, log)
            assessments.append(replace(assessment, tables={**assessment.tables, **reviewed}))
            warnings += assessment.warnings
    return ProjectAssessment(
        project=project,
        context=context,
        assessments=tuple(assessments),
        out=(project.folder / "out" if out is None else Path(out)) / _FOLDER,
        warnings=tuple(dict.fromkeys(warnings)),
        plans=prepared.plans,
        log=log,
        draws=draws,
        seed=seed,
        checksums={**project.checksums, **prepared.checksums},
        finals=() if finals is applied else finals,
    )


def check_assessment(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> tuple[Project, list[Plan], list[Problem]]:
    """Check a project, and its assessment if it names schemes, without writing anything.

    Parameters
    ----------
    path, allow_code, partial, language
        See :func:`assess_project`.

    Returns
    -------
    project : Project
    plans : list of Plan
        The plans of the project's years.
    warnings : list of Problem
        What should be looked at.

    Raises
    ------
    ProblemsFound
        Everything that is wrong with the project, its accounts, schemes and tables.
    """
    if not has_assessment(path):
        project, plans = check_project(
            path, allow_code=allow_code, partial=partial, language=language
        )
        return project, plans, list(dict.fromkeys([*project.warnings, *warnings_of(plans)]))
    prepared = _prepare(path, allow_code=allow_code, partial=partial, language=language)
    years = set(prepared.project.parts.years)
    plans = list(prepared.plans)[: len(years)]
    return prepared.project, plans, list(dict.fromkeys(prepared.warnings))


def has_assessment(path: str | Path) -> bool:
    """Return whether a project names schemes, or means to.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.

    Returns
    -------
    bool
    """
    header, faulty_keys = read_header(path, ProblemLog())
    if header is None:
        return False
    return "assessment.schemes" in faulty_keys or _has_schemes(header)


def _has_schemes(header: ProjectFolder) -> bool:
    """Return whether a project names schemes."""
    return bool(header.spec.assessment.schemes)


@dataclass(frozen=True)
class _Prepared:
    """A project whose schemes can be applied.

    Attributes
    ----------
    project : Project
    schemes : tuple of Scheme
    inputs : AssessmentInputs
        The tables of ``[assessment]``.
    context : AssessmentContext
        What the schemes are applied to.
    plans : tuple of Plan
        The plans of the project's years, then those at other bases.
    warnings : tuple of Problem
    checksums : mapping of str to str
        SHA-256 of the bytes that were read, by the real path of the file.
    """

    project: Project
    schemes: tuple[Scheme, ...]
    inputs: AssessmentInputs
    context: AssessmentContext
    plans: tuple[Plan, ...]
    warnings: tuple[Problem, ...]
    checksums: Mapping[str, str]


def _prepare(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool,
    partial: bool,
    language: Language | None,
) -> _Prepared:
    """Read a project with its schemes and tables, compute its accounts, and check all of it."""
    try:
        project = read_project(path, allow_code=allow_code, partial=partial, language=language)
    except ProblemsFound as error:
        raise _with_tables(path, error) from None
    problems = ProblemLog(project.language)
    with worded_in(project.language):
        schemes, broken = load_schemes(project, problems)
        scheme_years = _years_of_schemes(project, schemes)
        home = None if out is None else Path(out)
        inputs = assessment_inputs(project, project.parts.regions, problems, home)
        _check_scheme_years(project, scheme_years, inputs, problems)
        context, plans = _make_context(project, schemes, inputs, problems)
        context = publish(schemes, replace(context, scheme_years=scheme_years))
        if _is_unread(project, inputs):
            problems.raise_errors()
        _check_schemes(
            project,
            schemes,
            broken,
            context,
            problems,
        )
        problems.raise_errors()
    return _Prepared(
        project=project,
        schemes=tuple(schemes),
        inputs=inputs,
        context=context,
        plans=tuple(plans),
        warnings=(*project.warnings, *warnings_of(plans), *problems.warnings),
        checksums=problems.checksums,
    )


def _with_tables(path: str | Path, error: ProblemsFound) -> ProblemsFound:
    """Add what is wrong with schemes and tables of ``[assessment]`` to the problems of a project.

    What may only follow from keys that could not be read is left out.
    """
    header, faulty_keys = read_header(path, ProblemLog())
    if header is None:
        return error
    problems = ProblemLog()
    load_schemes(header, problems)
    assessment_inputs(header, None, problems)
    doubtful = set()
    if not faulty_keys.isdisjoint({"project.years", "assessment.years"}):
        doubtful.add("missing-year")
    if not faulty_keys.isdisjoint({"assessment", "assessment.schemes"}):
        doubtful.add("missing-key")
    errors = [problem for problem in problems.errors if problem.code not in doubtful]
    warnings = [*error.warnings, *problems.warnings]
    return ProblemsFound([*error.problems, *errors], warnings, error.language)


def load_schemes(project: ProjectFolder, problems: ProblemLog) -> tuple[list[Scheme], set[str]]:
    """Load the schemes that a project names.

    Parameters
    ----------
    project : ProjectFolder
    problems : ProblemLog
        Gets ``missing-key``, ``duplicate-id``, and the codes of schemes.

    Returns
    -------
    schemes : list of Scheme
        Those that could be read.
    broken : set of str
        Ids of those with something wrong in themselves.
    """
    names = project.spec.assessment.schemes
    if not names:
        problems.add("missing-key", _SCHEMES, "workflows.no-scheme")
    for key in ("options", "scheme_years"):
        for name in getattr(project.spec.assessment, key):
            if name not in names:
                hint = suggestion(name, names)
                place = f"project.toml assessment.{key}"
                problems.add(
                    "unknown-id", place, "workflows.options-of-no-scheme", name=name, hint=hint
                )
    schemes: list[Scheme] = []
    broken: set[str] = set()
    for name in names:
        error_count = len(problems.errors)
        options = project.spec.assessment.options.get(name, {})
        scheme = load_scheme(
            name,
            project.folder,
            _SCHEMES,
            problems,
            options,
        )
        if scheme is None:
            continue
        schemes.append(scheme)
        if len(problems.errors) > error_count:
            broken.add(scheme.id)
    ids = [scheme.id for scheme in schemes]
    for scheme_id in dict.fromkeys(ids):
        if ids.count(scheme_id) > 1:
            problems.add("duplicate-id", _SCHEMES, "workflows.scheme-twice", id=scheme_id)
    return schemes, broken


def _years_of_schemes(
    project: ProjectFolder, schemes: Sequence[Scheme]
) -> dict[str, tuple[int, ...]]:
    """Return the years of the schemes for which the project or the scheme itself states them."""
    stated = project.spec.assessment.scheme_years
    years = {}
    for scheme in schemes:
        if scheme.spec.years:
            years[scheme.id] = tuple(sorted(scheme.spec.years))
        for name, of_scheme in stated.items():
            if of_scheme and _is_name_of(name, scheme):
                years[scheme.id] = tuple(sorted(of_scheme))
    return years


def _is_name_of(name: str, scheme: Scheme) -> bool:
    """Return whether a scheme has an id or path, as the project lists it."""
    parts = [part for part in Path(name).parts if part not in (".", "..")]
    end = scheme.path.parts[-len(parts) :]
    return name == scheme.id or list(end) == parts


def _check_scheme_years(
    project: Project,
    years: Mapping[str, tuple[int, ...]],
    inputs: AssessmentInputs,
    problems: ProblemLog,
) -> None:
    """Check (``missing-year``) that years of single schemes have accounts, readings or pools."""
    known = {*project.spec.project.years, *project.spec.assessment.years}
    known.update(inputs.readings.rows["year"])
    if inputs.pools is not None:
        known.update(inputs.pools.rows["year"])
    for scheme, of_scheme in years.items():
        for year in of_scheme:
            if year not in known:
                place = f"{scheme} years"
                problems.add("missing-year", place, "workflows.missing-year", year=year)


def _is_unread(project: Project, inputs: AssessmentInputs) -> bool:
    """Return whether a table without which nothing can be checked could not be read."""
    spec = project.spec.assessment
    for name in ("targets", "groups", "events"):
        if getattr(spec, name) and getattr(inputs, name) is None:
            return True
    if spec.registers and inputs.register is None:
        return True
    return bool(spec.readings) and inputs.readings is EMPTY


def _make_context(
    project: Project, schemes: Iterable[Scheme], inputs: AssessmentInputs, problems: ProblemLog
) -> tuple[AssessmentContext, list[Plan]]:
    """Compute the accounts that the schemes read, and put together what they are applied to.

    Problems of the accounts are raised together with those that ``problems`` holds already.
    """
    bases: set[str] = set()
    for scheme in schemes:
        bases |= scheme.kind.bases(scheme)
    try:
        comparisons, plans = comparisons_by_basis(project, bases)
    except ProblemsFound as error:
        errors = [*problems.errors, *error.problems]
        warnings = [*problems.warnings, *error.warnings]
        raise ProblemsFound(errors, warnings, project.language) from None
    named = project.spec.assessment.years
    years = [year for year in named if year not in inputs.years_left_out]
    account_years = [account.year for account in comparisons["project"].accounts]
    periods = _periods_of_land(schemes, inputs.causes, account_years)
    project, lost_land = with_raster_transitions(project, periods)
    problems.include(lost_land)
    return context_of(comparisons, inputs, years or named, project.transitions), plans


def _periods_of_land(
    schemes: Iterable[Scheme], causes: Causes | None, years: Sequence[int]
) -> list[Pair]:
    """Return the periods of balance sheets of land: of no other kind is it read where it went.

    These are from each year of account to the next, and the periods of causes.
    """
    takers: set[str] = set()
    for scheme in schemes:
        if isinstance(scheme, BalanceScheme):
            takers |= {resource.id for resource in scheme.spec.resource if resource.areas}
    if not takers:
        return []
    periods = list(pairwise(years))
    if causes is not None:
        rows = causes.rows[causes.rows["resource"].isin(takers).to_numpy()]
        periods += zip(rows["from"].astype(int), rows["to"].astype(int), strict=True)
    return list(dict.fromkeys(periods))


def _check_schemes(
    project: Project,
    schemes: Sequence[Scheme],
    broken: set[str],
    context: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Check that schemes and tables fit together.

    Parameters
    ----------
    project, schemes, context
    broken : set of str
        Ids of schemes with something wrong in themselves; what they need is not checked.
    problems : ProblemLog
        Gets ``placeholder``, the codes of events and targets that do not fit, and those of the
        kinds of schemes.
    """
    if not project.spec.project.allow_placeholder:
        check_placeholders(context, schemes, problems)
    if len(schemes) == len(project.spec.assessment.schemes):  # else their events are not known
        check_events(context, schemes, problems)
        check_register(context, schemes, problems)
        check_tables(context, schemes, problems)
    all_loaded = len(schemes) == len(project.spec.assessment.schemes)
    failed = broken | check_circles(schemes, _SCHEMES, problems)
    if len({scheme.id for scheme in schemes}) < len(schemes):  # of two, none is known to be meant
        return
    _check_in_order(
        schemes,
        failed,
        context,
        all_loaded=all_loaded,
        problems=problems,
    )


def _check_in_order(
    schemes: Sequence[Scheme],
    failed: set[str],
    context: AssessmentContext,
    *,
    all_loaded: bool,
    problems: ProblemLog,
) -> None:
    """Check each scheme after those that it reads, with their results.

    Of a scheme that reads one in which something is wrong, what may only follow from that is left
    out: it is told once, of the scheme that failed.

    Parameters
    ----------
    schemes : sequence of Scheme
        With ids that differ.
    failed : set of str
        Ids of schemes in which something is wrong.
    context : AssessmentContext
        With what the schemes publish.
    all_loaded : bool
        Whether all schemes of the project could be read; a reference may be of one that was not.
    problems : ProblemLog
        Gets what is wrong with references, and the codes of the kinds.
    """
    failed = set(failed)
    # what is made up does not keep results from being computed
    is_computable = all(problem.code == "placeholder" for problem in problems.errors)
    sound = [scheme for scheme in schemes if scheme.id not in failed]
    read_by_others: set[str] = set()
    for scheme in sound:
        read_by_others.update(referred_schemes(scheme))
    for scheme in evaluation_order(sound):
        references = set(referred_schemes(scheme))
        unknown = references - set(context.publications)
        is_without_results = bool(references & failed) or (bool(unknown) and not all_loaded)
        scheme_problems = ProblemLog(problems.language)
        if not is_without_results:
            check_references(scheme, context, scheme_problems)
            is_without_results = bool(scheme_problems.errors)
        of_scheme = context.for_scheme(scheme.id)
        if is_without_results:
            of_scheme = replace(of_scheme, publications={})
        of_kind = ProblemLog(problems.language)
        scheme.kind.check_inputs(scheme, of_scheme, of_kind)
        for problem in (*of_kind.errors, *of_kind.warnings):
            if not is_without_results or problem.code not in _FOLLOWING:
                scheme_problems.include([problem])
        problems.include([*scheme_problems.errors, *scheme_problems.warnings])
        if is_without_results or scheme_problems.errors:
            failed.add(scheme.id)
        elif scheme.id in read_by_others and is_computable:
            assessment = scheme.kind.assess(scheme, context.for_scheme(scheme.id))
            context = with_results(context, scheme, assessment.tables)
        elif scheme.id in read_by_others:
            failed.add(scheme.id)  # its results are not known, as tables are wrong


@checked_arguments
def record_review(
    path: str | Path,
    *,
    state: str,
    who: str,
    document: str,
    scheme: str,
    year: int,
    region: str | int = "",
    item: str = "",
    old: str = "",
    new: str = "",
    reason: str = "",
    at: str = "",
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> ReviewLog:
    """Add an entry to the review log of a project (``[assessment] log``).

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    state : str
        State of the result: ``computed``, ``review``, ``feedback``, ``appeal``, ``final``, or the
        Chinese word that the log has for it.
    who, document : str
        The office in charge, never a person's name; number of its document.
    scheme : str
        Id of a scheme of the project.
    year : int
        Year of the result.
    region : str or int, optional
        Code or name of an assessed region; blank for the whole result.
    item : str, optional
        An item of the result of the region, such as an indicator or ``total``, or
        ``reading:INDICATOR`` for what the indicator reads; blank for the whole result.
    old, new, reason : str, optional
        Numbers before and after, and why they differ. The old one must be the computed one, in the
        digits it is written in, or one that was decided since.
    at : str, optional
        Day, such as ``2026-01-31``, or with the time; by default today.
    allow_code, partial
        See :func:`gep.run_project`; the results are computed for entries on a region.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    ReviewLog
        The log with the new entry.

    Raises
    ------
    ProblemsFound
        ``missing-key`` if no log is named, ``unknown-id``, ``missing-year``, ``unknown-region``,
        ``unknown-indicator``, ``log-number``, ``log-entry``, ``log-transition``, ``log-chain``,
        ``cannot-write``, and what keeps results from being computed. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> import shutil
    >>> folder = shutil.copytree("examples/jiangxi-assessment", "reviewed")
    >>> try:
    ...     log = gep.record_review(
    ...         folder,
    ...         state="computed",
    ...         who="office",
    ...         document="No. 1",
    ...         scheme="jiangxi-targets",
    ...         year=2020,
    ...     )
    ... except gep.ProblemsFound as error:  # the project names no log
    ...     print(error.problems[0].code)
    missing-key
    """
    project = read_project(path, language=language)
    problems = ProblemLog(project.language)
    place = "project.toml assessment.log"
    name = project.spec.assessment.log
    if not name:
        problems.add("missing-key", place, "workflows.no-log")
        problems.raise_errors()
    file = resolve_inside(name, project.folder, place, problems)
    schemes, _ = load_schemes(project, problems)
    ids = [known.id for known in schemes]
    if scheme not in ids:
        hint = suggestion(scheme, ids)
        problems.add(
            "unknown-id",
            "--scheme",
            "workflows.unknown-scheme",
            scheme=scheme,
            hint=hint,
        )
    today = date.today().isoformat()
    day = at or today
    if day[:_DAY] > today:
        problems.add(
            "log-entry",
            "--at",
            "workflows.day-in-future",
            day=day,
            today=today,
        )
    years = project.spec.assessment.years or project.spec.project.years
    years = _years_of_schemes(project, schemes).get(scheme, years)
    check_assessed_year(years, year, problems)
    if file is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings, project.language)
    entry = LogEntry(
        at=day,
        who=who,
        state=PRELIMINARY if state == COMPUTED else state,
        document=document,
        scheme=scheme,
        region=str(region),
        year=year,
        item=item,
        old=old,
        new=new,
        reason=reason,
    )
    if entry.region:
        with worded_in(project.language):
            check_addition(file, entry, recorded_log_heads(project))
        result = apply_schemes(path, allow_code=allow_code, partial=partial, language=language)
        entry = _known_entry(entry, result)
    with worded_in(project.language):
        log = append_entry(file, entry, recorded_log_heads(project))
        keep_head(log)
    return log


def _known_entry(entry: LogEntry, result: ProjectAssessment) -> LogEntry:
    """Return an entry with the code of its region, checked against the computed result."""
    problems = ProblemLog(result.project.language)
    (assessment,) = (known for known in result.assessments if known.scheme.id == entry.scheme)
    computed = ComputedNumbers(assessment, result.context)
    codes = result.context.codes_called(entry.region)
    entry = replace(entry, region=codes[0] if len(codes) == 1 else entry.region)
    entries: Sequence[LogEntry] = ()
    if result.log is not None:
        entries = since_computed(result.log.of(entry.scheme, entry.year))
    places = {name: f"--{name}" for name in ("region", "item", "old", "new")}
    check_entry(
        entry,
        entries,
        computed,
        places,
        problems,
    )
    problems.raise_errors()
    return entry


def check_assessed_year(years: Sequence[int], year: int, problems: ProblemLog) -> None:
    """Check (``missing-year``) that ``--year`` is one of the assessed years."""
    if year not in years:
        listed = Listed(tuple(years), len(years))
        problems.add(
            "missing-year",
            "--year",
            "workflows.not-assessed",
            year=year,
            years=listed,
        )


def write_assessment(result: ProjectAssessment, folder: Path) -> list[Problem]:
    """Write a folder of result files for each scheme, with workbook and record, and a page of all.

    Parameters
    ----------
    result : ProjectAssessment
    folder : Path
        An empty folder; the records name the project as seen from the folders in ``result.out``.

    Returns
    -------
    list of Problem
        Warnings of writing.
    """
    project = result.project
    project_sums = file_sums(project, result.plans)
    all_sums = dict(project_sums)
    for assessment in result.assessments:
        scheme = assessment.scheme
        scheme_folder = folder / scheme.id
        scheme_folder.mkdir()
        for name, table in assessment.tables.items():
            append_csv(scheme_folder / name, table)
        workbook = scheme_folder / WORKBOOK
        state = standing(project.approval, result.log, scheme.id, result.context.years)
        language = project.language
        save_tables(
            assessment,
            result.context,
            workbook,
            language=language,
            state=state,
        )
        table_files = [*result.context.files, *scheme.files]
        inputs = project_sums | _file_sums(table_files, result)
        all_sums |= inputs
        earlier = recorded_seals(result.out / scheme.id / RECORD)
        seals = make_seals(
            assessment,
            result.log,
            result.context.years,
            inputs,
            earlier,
        )
        record = {
            "gep": __version__,
            **_origin(result, result.out / scheme.id),
            **statement(assessment, result),
            **({SEALED: seals} if seals else {}),
            "inputs": inputs,
            **result_sums(scheme_folder, "tables"),
        }
        write_record(scheme_folder / RECORD, record)
    return _write_page(result, folder, all_sums)


def _origin(result: ProjectAssessment, folder: Path) -> dict[str, Any]:
    """Return what a record says of project and options, as seen from a folder."""
    project = result.project
    return {
        "project": {
            "id": project.spec.project.id,
            "folder": relative_path(project.folder, folder),
        },
        "options": {
            "allow_code": project.own_code,
            "partial": project.partial,
            "language": project.language,
        },
    }


def _write_page(result: ProjectAssessment, folder: Path, inputs: Iterable[str]) -> list[Problem]:
    """Write the page of all schemes and its record, with the rows of inputs; returns warnings."""
    comparison = result.context.comparisons.get("project")
    accounts = () if comparison is None else comparison.accounts
    warnings = page_left_out(accounts, PAGE)
    if not warnings:
        page = assessment_page(
            result.project,
            result.context,
            result.assessments,
            log=result.log,
            draws=result.draws,
            warnings=result.warnings,
            accounts=account_cells(accounts) if accounts else {},
        )
        warnings = write_page(page, folder / PAGE)
    record = {
        "gep": __version__,
        **_origin(result, result.out),
        "schemes": [assessment.scheme.id for assessment in result.assessments],
    }
    if result.draws:
        record |= {"draws": result.draws, "seed": result.seed}
    record["warnings"] = [problem.say(result.project.language) for problem in warnings]
    record["inputs"] = {}
    record[ROWS] = row_sums(inputs, result.project.folder)
    write_record(folder / PAGE_RECORD, record | result_sums(folder, "tables"))
    return warnings


def _records(result: ProjectAssessment) -> dict[str, tuple[str, ...]]:
    """Return the records of the schemes, which may name any table beside them, and of the page."""
    ids = [assessment.scheme.id for assessment in result.assessments]
    records: dict[str, tuple[str, ...]] = {f"{_FOLDER}/{name}/{RECORD}": () for name in ids}
    return records | {f"{_FOLDER}/{PAGE_RECORD}": (PAGE,)}


def _file_sums(files: Sequence[Path], result: ProjectAssessment) -> dict[str, str]:
    """Return the checksums of those files that exist, by displayed path."""
    sums = {}
    for file in dict.fromkeys(split_sheet(file)[0] for file in files):
        checksum = result.checksums.get(os.path.realpath(file), "")
        if checksum or file.is_file():
            sums[display_path(file, result.project.folder)] = checksum or sha256(file)
    return sums


def statement(assessment: Assessment, result: ProjectAssessment) -> dict[str, Any]:
    """Return what ``assessment.json`` states of an assessment.

    Parameters
    ----------
    assessment : Assessment
    result : ProjectAssessment
        The result that it is part of.

    Returns
    -------
    dict of str to object
        State of the accounts; state of each year's result in the review; scheme with evidence,
        legal force and validity; years; draws; price bases; caption (Chinese, English); warnings.
    """
    spec = assessment.scheme.spec
    log = result.log
    states = {}
    if log is not None:
        for year in result.context.years_of(spec.id):
            states[str(year)] = state_of(log, spec.id, year)
    bases = {}
    for basis, comparison in result.context.comparisons.items():
        bases[basis] = comparison.basis
    record: dict[str, Any] = {
        "state": result.project.state,
        "results": states,
        "log_head": "" if log is None else log.head,
        "scheme": {
            "id": spec.id,
            "title": str(spec.title),
            "kind": spec.kind,
            "evidence": spec.evidence,
            "legal": spec.legal,
            "valid_from": spec.valid_from,
            "valid_to": spec.valid_to,
            "replaced_by": spec.replaced_by,
        },
        "years": list(result.context.years_of(spec.id)),
    }
    if result.draws:
        record |= {"draws": result.draws, "seed": result.seed}
    record["price_basis"] = bases
    record["caption"] = [[line.say("zh"), line.say("en")] for line in assessment.caption]
    language = result.project.language
    record["warnings"] = [problem.say(language) for problem in assessment.warnings]
    return record
