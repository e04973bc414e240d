"""Checking a project (核对): what is ready, what is missing, what to do next, and all problems.

Nothing is computed, and nothing is written but the list of problems. What is wrong is found by
``gep.project`` and ``gep.plan``; this module counts and advises, and ``gep.terminal.check`` shows.
"""

import getpass
import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gep.account.layer_checks import LayerMeans, check_layers
from gep.account.pixel_evaluation import scan_layers
from gep.errors import Problem, ProblemLog, ProblemsFound, worded_in
from gep.io.catalog import shipped
from gep.io.csv_tables import csv_text
from gep.io.result_folder import scratch_folder
from gep.io.spreadsheets import unwritten, write_tables
from gep.plan.binding import BoundInput
from gep.plan.blank_form import PASSED, blank_form
from gep.plan.plan import Plan, warnings_of
from gep.project.form import load_form
from gep.project.project import (
    Project,
    ProjectFolder,
    build_plans,
    project_language,
    read_header,
    read_project,
    rows_of_other_years,
)
from gep.project.stages import ProgressCall, Stages
from gep.standards.standard import Standard, Switch, load_standard
from gep.texts.catalogue import Label, Language, Listed, Text, say, text
from gep.workflows.assess import check_assessment, has_assessment

LIST_COLUMNS = ("number", "kind", "code", "title", "where", "what", "fix")
MISSING_ROWS = ("missing-data", "missing-coefficient")
_BELOW_AREA = "extent.classes-below-area"  # a message that the setting ``coverage`` may answer
_STEP_OF_FILE = "workflows.check.step-file"
_STEPS = 3
# what is wrong where rows of the tables of an assessment are missing
_LACKS_OF_ASSESSMENT = (
    "unknown-reading",
    "missing-target",
    "missing-terms",
    "missing-stock",
    "missing-register",
)
_PASSED = (*PASSED, "land-sum")  # codes of problems that do not keep rows from being counted
_NAMED = 4
_DIGITS = 8  # of the checksum of a folder, in the name of its list


@dataclass(frozen=True)
class Question:
    """A choice that is the user's: what is asked, what follows from it, how it is answered.

    Attributes
    ----------
    ask, consequence, answer : Text
        ``answer`` is the line or the command to type.
    """

    ask: Text
    consequence: Text
    answer: Text


@dataclass(frozen=True)
class RowCounts:
    """How many rows a project has, and how many it lacks.

    Attributes
    ----------
    data, missing_data : mapping of str to int
        Rows of data in use, and rows that are missing, by data name.
    coefficients, missing_coefficients : mapping of str to int
        The same of coefficients.
    is_exact : bool
        False where the tables have errors: then names are counted, one each, for want of the rows.
    """

    data: Mapping[str, int] = field(default_factory=dict)
    missing_data: Mapping[str, int] = field(default_factory=dict)
    coefficients: Mapping[str, int] = field(default_factory=dict)
    missing_coefficients: Mapping[str, int] = field(default_factory=dict)
    is_exact: bool = True


@dataclass(frozen=True)
class PixelCheck:
    """What the pixels of a project's layers are, before anything is computed of them.

    Attributes
    ----------
    means : mapping of int to tuple of LayerMeans
        By year: means, cover and extremes of each layer that the account takes.
    seconds : float
        What reading them took.
    """

    means: Mapping[int, tuple[LayerMeans, ...]]
    seconds: float


@dataclass(frozen=True)
class ProjectCheck:
    """What there is to know of a project before it is computed.

    Attributes
    ----------
    path : Path
        The project as the user named it.
    language : {'zh', 'en'}
    problems, warnings : tuple of Problem
        What stops the account, and what should be looked at.
    project : Project or None
        None if its tables cannot be read.
    header : ProjectFolder or None
        Its ``project.toml``; None if that cannot be read.
    standard : Standard or None
    plans : tuple of Plan
        One for each year, with gaps where rows are missing; empty if they cannot be made.
    counts : RowCounts
    steps : tuple of Text
        What to do next, the first thing first.
    questions : tuple of Question
        Choices that are still open.
    other_years : tuple of (str, int, int)
        File, year and number of rows that no account uses.
    pixels : PixelCheck or None
        What the rasters are in the regions; None without rasters, or without a plan.
    """

    path: Path
    language: Language
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    project: Project | None = None
    header: ProjectFolder | None = None
    standard: Standard | None = None
    plans: tuple[Plan, ...] = ()
    counts: RowCounts = RowCounts()
    steps: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = ()
    other_years: tuple[tuple[str, int, int], ...] = ()
    pixels: PixelCheck | None = None

    @property
    def error(self) -> ProblemsFound:
        """The problems as any other command raises them."""
        return ProblemsFound(self.problems, self.warnings, self.language)


def check_folder(
    path: str | Path,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
    progress: ProgressCall | None = None,
) -> ProjectCheck:
    """Check a project and its assessment, and say what to do next; problems are not raised.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    allow_code : bool, default False
        Whether the project's own code may run; the project must allow it too.
    partial : bool, default False
        Whether missing rows leave gaps in the account instead of stopping it.
    language : {'zh', 'en'}, optional
        Language of the answer; by default the project's, then that of the user's system.
    progress : callable, optional
        Is called with a ``gep.project.project.Progress`` while rasters are read.

    Returns
    -------
    ProjectCheck
    """
    path = Path(path)
    stages = Stages(progress)
    project: Project | None = None
    plans: Sequence[Plan] = ()
    problems: tuple[Problem, ...] = ()
    warnings: Sequence[Problem] = ()
    try:
        project = read_project(
            path, allow_code=allow_code, partial=partial, language=language, stages=stages
        )
        plans = build_plans(project)
        warnings = [*project.warnings, *warnings_of(plans)]
    except ProblemsFound as error:
        problems, warnings = error.problems, error.warnings
    if has_assessment(path):
        try:
            _, _, warnings = check_assessment(
                path, allow_code=allow_code, partial=partial, language=language
            )
        except ProblemsFound as error:
            problems, warnings = error.problems, error.warnings
    if project is not None and not plans:
        plans = _plans_with_gaps(project)
    log = ProblemLog()
    pixels = _check_pixels(plans, stages, log)
    problems = (*problems, *log.errors)
    warnings = [*warnings, *log.warnings]
    header, _ = read_header(path, ProblemLog())
    check = ProjectCheck(
        path=path,
        language=project_language(path, language),
        problems=problems,
        warnings=tuple(dict.fromkeys(warnings)),
        project=project,
        header=header,
        standard=_standard_of(project, header),
        plans=tuple(plans),
        pixels=pixels,
    )
    check = replace(check, counts=_count_rows(check))
    check = replace(check, questions=_questions(check))
    if project is not None:
        check = replace(check, other_years=tuple(rows_of_other_years(project)))
    return replace(check, steps=_next_steps(check, allow_code))


def has_rasters(path: Path) -> bool:
    """Return whether a project's areas are from rasters.

    Parameters
    ----------
    path : Path
        The project's folder, or its ``project.toml``.

    Returns
    -------
    bool
        False if that cannot be read.
    """
    header, _ = read_header(path, ProblemLog())
    return header is not None and header.spec.inputs.raster is not None


def _check_pixels(plans: Sequence[Plan], stages: Stages, log: ProblemLog) -> PixelCheck | None:
    """Read the layers of plans and check their pixels, without evaluating anything."""
    on_rasters = [plan for plan in plans if plan.raster is not None]
    if not on_rasters:
        return None
    start = time.perf_counter()
    stages.expect(len(on_rasters))
    means: dict[int, tuple[LayerMeans, ...]] = {}
    for plan in on_rasters:
        stages.begin("workflows.check.pixels", year=plan.year)
        try:
            of_year = scan_layers(plan, stages.advance)
            means[plan.year] = tuple(of_year)
            log.include(check_layers(plan, of_year))
        except ProblemsFound as error:
            log.include((*error.problems, *error.warnings))
    return PixelCheck(means, time.perf_counter() - start)


def _standard_of(project: Project | None, header: ProjectFolder | None) -> Standard | None:
    """Return the standard of a project, even if its tables cannot be read."""
    if project is not None:
        return project.parts.standard
    if header is None:
        return None
    name = header.spec.project.standard
    return load_standard(name, header.folder, "project.toml", ProblemLog())


def _plans_with_gaps(project: Project) -> Sequence[Plan]:
    """Build the plans of a project that lacks rows; none if more than that is wrong."""
    try:
        return build_plans(project, _PASSED)
    except ProblemsFound:
        return ()


# --- counts --------------------------------------------------------------------------------------


def _count_rows(check: ProjectCheck) -> RowCounts:
    """Count the rows that plans use and lack; without plans, the names that problems tell of."""
    if not check.plans:
        missing: dict[str, Counter[str]] = {code: Counter() for code in MISSING_ROWS}
        for problem in check.problems:
            if problem.code in missing:
                missing[problem.code][_name_of(problem)] = 1
        data, coefficients = missing.values()
        return RowCounts(missing_data=data, missing_coefficients=coefficients, is_exact=False)
    used: dict[str, set[str]] = {}
    supplied: dict[str, set[str]] = {}
    for plan in check.plans:
        for step in plan.steps:
            for argument, bound in step.inputs.items():
                if not isinstance(bound, BoundInput):
                    continue
                binding = step.bindings[argument]
                if binding.data:
                    used.setdefault(binding.data, set()).update(_row_ids(bound))
                elif binding.coef:
                    supplied.setdefault(binding.coef, set()).update(_row_ids(bound))
    blank = blank_form(check.plans, check.language)
    return RowCounts(
        data={name: len(rows) for name, rows in used.items() if rows},
        missing_data=Counter(map(str, blank.data["name"])),
        coefficients={name: len(rows) for name, rows in supplied.items() if rows},
        missing_coefficients=Counter(map(str, blank.coefficient_rows["coefficient"])),
    )


def _row_ids(bound: BoundInput) -> set[str]:
    """Identify the rows that an input uses."""
    rows = bound.used
    return set(rows["file"].astype(str) + " " + rows["row"].astype(str))


def _name_of(problem: Problem) -> str:
    """Return the name of the data or coefficient that a problem says is missing."""
    name = dict(problem.values)["name"]
    if isinstance(name, Text):  # with the members that the binding fixes
        name = dict(name.values)["name"]
    return name.id if isinstance(name, Label) else str(name)


# --- what to do next -----------------------------------------------------------------------------


def _next_steps(check: ProjectCheck, allow_code: bool) -> tuple[Text, ...]:
    """Return the next things to do: settings, tables, missing rows; then the next command."""
    options = " --allow-code" if allow_code else ""
    folder = _quoted(check.path)
    if not check.problems:
        steps = [
            text("workflows.check.step-plan", folder=folder, options=options),
            text("workflows.check.step-run", folder=folder, options=options),
        ]
        if has_assessment(check.path):
            steps.append(text("workflows.check.step-assess", folder=folder, options=options))
        return tuple(steps)
    corrections = _corrections(check)
    in_files = [step for step in corrections if step.key == _STEP_OF_FILE]
    elsewhere = [step for step in corrections if step.key != _STEP_OF_FILE]
    forms = _forms(check, options)
    again = text("workflows.check.step-again", folder=folder, options=options)
    blank_step = _blank_form_step(check)
    if blank_step:
        return (blank_step, again)
    if forms:
        in_files = in_files[:1]
    return (*[*in_files, *forms, *elsewhere][: _STEPS - 1], again)


def _blank_form_step(check: ProjectCheck) -> Text | None:
    """Return the step that fills in a form without areas, sheet by sheet; None if it has some."""
    header = check.header
    if header is None or not header.spec.inputs.form or header.spec.inputs.areas:
        return None
    path = header.folder / header.spec.inputs.form
    form = load_form(path, ProblemLog()) if path.exists() else None
    if form is None or form.areas:
        return None
    counts = []
    for kind, table in form.sheets:
        rows = int((table.column("value") == "").sum())
        if kind == "data" and rows:
            sheet = table.label.partition("#")[2]
            counts.append(text("workflows.check.sheet-count", sheet=sheet, count=rows))
    if not counts:
        return None
    sheets = Listed(tuple(counts), len(counts))
    return text("workflows.check.step-blank-form", file=_quoted(path), sheets=sheets)


def _forms(check: ProjectCheck, options: str) -> list[Text]:
    """Return the steps that fill in what is missing, where the rows could be counted."""
    counts = check.counts
    steps: list[Text] = []
    if any(problem.code in _LACKS_OF_ASSESSMENT for problem in check.problems):
        folder = _quoted(check.path)
        steps.append(text("workflows.check.step-assessment-form", folder=folder))
    form = "" if check.header is None else check.header.spec.inputs.form
    if form and (counts.missing_data or counts.missing_coefficients):
        return [*steps, text("workflows.check.step-fill", file=form)]
    if counts.is_exact and counts.missing_data:
        steps.append(_step_of_form(check, options))
    if counts.is_exact and counts.missing_coefficients:
        folder = _quoted(check.path)
        file = _quoted(_new_file(check.path, say(check.language, "workflows.check.rows-file")))
        command = text("workflows.check.form-of-rows", folder=folder, file=file, options=options)
        steps.append(text("workflows.check.step-coefficients", command=command))
    return steps


def _corrections(check: ProjectCheck) -> list[Text]:
    """Return a step for each file with problems, ``project.toml`` first, then for other places."""
    ships = shipped("coefficients")
    by_file: dict[str, list[Problem]] = {}
    for problem in check.problems:
        if problem.code not in MISSING_ROWS:
            file = problem.file
            if file.partition("/")[0] in ships:  # its rows are right as they are
                file = ""
            by_file.setdefault(file, []).append(problem)
    steps: list[Text] = []
    for file in sorted(by_file, key=lambda name: (name != "project.toml", name == "")):
        problems = by_file[file]
        first = problems[0]
        title = text(f"problem_titles.{first.code}")
        values: dict[str, object] = {"count": len(problems), "title": title}
        if file:
            step = text(_STEP_OF_FILE, file=file, where=_Where(first), **values)
        else:
            step = text("workflows.check.step-place", fix=_Fix(first), **values)
        steps.append(step)
    return steps


@dataclass(frozen=True)
class _Where:
    """The place of a problem, in a sentence."""

    problem: Problem

    def say(self, language: Language) -> str:
        """Return the place in words."""
        return self.problem.say_where(language)


@dataclass(frozen=True)
class _Fix:
    """What to do about a problem, in a sentence."""

    problem: Problem

    def say(self, language: Language) -> str:
        """Return the fix in words."""
        return self.problem.say_fix(language)


def _step_of_form(check: ProjectCheck, options: str) -> Text:
    """Return the step that writes a form of what is missing and fills it in."""
    name = say(check.language, "workflows.check.form-file")
    file = _new_file(check.path, name)
    command = text(
        "workflows.check.form", folder=_quoted(check.path), file=_quoted(file), options=options
    )
    return text("workflows.check.step-form", command=command, entry=f'"{file.name}#data"')


def _new_file(path: Path, name: str) -> Path:
    """Return a file of the project's folder that is not there yet."""
    folder = path.parent if path.suffix == ".toml" else path
    file = folder / name
    number = 2
    while os.path.lexists(file):
        file = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return file


def _quoted(path: Path) -> str:
    """Return a path as it is typed in a command."""
    words = str(path)
    return f'"{words}"' if " " in words else words


# --- choices that are open -----------------------------------------------------------------------


def _questions(check: ProjectCheck) -> tuple[Question, ...]:
    """Return the choices that are the user's: permissions, coverage, switches, overlaps."""
    questions: list[Question] = []
    folder = _quoted(check.path)
    codes = {problem.code for problem in check.problems}
    messages = {problem.message for problem in (*check.problems, *check.warnings)}
    if _BELOW_AREA in messages:
        questions.append(_settled("coverage", folder))
    for code in ("value-transfer", "placeholder"):
        if code in codes:
            questions.append(_settled(code, folder))
    if check.plans and check.project is not None:
        of_switches = _switch_questions(check.plans, check.project, check.counts, folder)
        overlaps = _overlap_question(check.plans[0])
        questions += [*of_switches[:1], *overlaps, *of_switches[1:]]
    return tuple(questions)


def _settled(name: str, folder: str) -> Question:
    """Return a question whose words need no values but the folder of the project."""
    return Question(
        ask=text(f"workflows.check.question.{name}"),
        consequence=text(f"workflows.check.consequence.{name}"),
        answer=text(f"workflows.check.answer.{name}", folder=folder),
    )


def _switch_questions(
    plans: Sequence[Plan], project: Project, counts: RowCounts, folder: str
) -> list[Question]:
    """Ask for the switches left at their default where another option needs fewer rows."""
    standard = plans[0].standard
    chosen = project.spec.switches
    switches = {name: chosen.get(name, spec.default) for name, spec in standard.spec.switch.items()}
    needed = _inputs_needed(standard, switches)
    questions: list[tuple[int, Question]] = []
    for name, spec in standard.spec.switch.items():
        if name in chosen:
            continue
        best: tuple[int, Question] | None = None
        for option in spec.options:
            others = _inputs_needed(standard, {**switches, name: option})
            spared = {data: counts.missing_data.get(data, 0) for data in needed.data - others.data}
            added = _Inputs(others.data - needed.data, others.coefficients - needed.coefficients)
            most = sum(_most_rows(data, plans) for data in added.data) + len(added.coefficients)
            fewer = sum(spared.values()) - most
            if fewer > 0 and (best is None or fewer > best[0]):
                question = _switch_question(
                    standard,
                    (name, spec),
                    option,
                    spared,
                    added,
                    folder,
                )
                best = (fewer, question)
        if best is not None:
            questions.append(best)
    questions.sort(key=lambda entry: -entry[0])
    return [question for _, question in questions]


def _most_rows(name: str, plans: Sequence[Plan]) -> int:
    """Return how many rows data may need: one a region and year, or one a cell."""
    keys = plans[0].standard.spec.data[name].keys
    rows = 0
    for plan in plans:
        types = len(plan.extent.ecosystems) if "ecosystem" in keys else 1
        rows += len(plan.extent.regions) * types
    return rows


def _switch_question(
    standard: Standard,
    switch: tuple[str, Switch],
    option: str,
    spared: Mapping[str, int],
    added: "_Inputs",
    folder: str,
) -> Question:
    """Ask whether another option of a switch is meant, which spares rows and needs others."""
    name, spec = switch
    names = [data.name for key, data in standard.spec.data.items() if spared.get(key)]
    instead = [data.name for key, data in standard.spec.data.items() if key in added.data]
    for key, coefficient in standard.spec.coefficient.items():
        if key in added.coefficients:
            instead.append(coefficient.name)
    message = "switch-instead" if instead else "switch-without"
    default = spec.option(spec.default)
    return Question(
        ask=text("workflows.check.question.switch", switch=spec.name, option=default),
        consequence=text(
            f"workflows.check.consequence.{message}",
            option=spec.option(option),
            spared=Listed(tuple(names), _NAMED),
            rows=sum(spared.values()),
            added=Listed(tuple(instead), _NAMED),
        ),
        answer=text("workflows.check.answer.switch", folder=folder, switch=name, option=option),
    )


class _Inputs(NamedTuple):
    """Names of data and of coefficients."""

    data: set[str]
    coefficients: set[str]


def _inputs_needed(standard: Standard, switches: Mapping[str, str]) -> _Inputs:
    """Return the names that the steps need which the switches turn on."""
    data: set[str] = set()
    coefficients: set[str] = set()
    for _, _, step in standard.steps():
        if step.active(switches):
            data.update(binding.data for binding in step.inputs.values())
            coefficients.update(binding.coef for binding in step.inputs.values())
    return _Inputs(data - {""}, coefficients - {""})


def _overlap_question(plan: Plan) -> list[Question]:
    """Ask about the pairs of indicators of a plan that may count the same service twice."""
    planned = {step.indicator.id: step.indicator for step in plan.steps if step.indicator}
    pairs: dict[frozenset[str], Text] = {}
    for indicator in planned.values():
        for other in indicator.overlaps:
            if other in planned:
                words = text(
                    "workflows.check.pair", first=indicator.name, second=planned[other].name
                )
                pairs.setdefault(frozenset((indicator.id, other)), words)
    if not pairs:
        return []
    listed = Listed(tuple(pairs.values()), _NAMED)
    question = Question(
        ask=text("workflows.check.question.overlaps", pairs=listed),
        consequence=text("workflows.check.consequence.overlaps"),
        answer=text("workflows.check.answer.overlaps"),
    )
    return [question]


# --- the list of everything ----------------------------------------------------------------------


def problem_list(check: ProjectCheck) -> pd.DataFrame:
    """Make the complete list of a check: problems, warnings, questions.

    Parameters
    ----------
    check : ProjectCheck

    Returns
    -------
    DataFrame
        Columns ``LIST_COLUMNS``. ``kind`` is problem, warning or question, in the language of the
        check; ``where`` is blank for questions, whose consequence is ``what``, whose answer is
        ``fix``.
    """
    language = check.language
    rows: list[dict[str, object]] = []
    for kind, problems in (("problem", check.problems), ("warning", check.warnings)):
        for problem in problems:
            rows.append(
                {
                    "kind": say(language, f"workflows.check.kind.{kind}"),
                    "code": problem.code,
                    "title": say(language, f"problem_titles.{problem.code}"),
                    "where": problem.say_where(language),
                    "what": problem.say_what(language),
                    "fix": problem.say_fix(language),
                }
            )
    for question in check.questions:
        rows.append(
            {
                "kind": say(language, "workflows.check.kind.question"),
                "code": "",
                "title": question.ask.say(language),
                "where": "",
                "what": question.consequence.say(language),
                "fix": question.answer.say(language),
            }
        )
    frame = pd.DataFrame(rows, columns=list(LIST_COLUMNS), dtype=object)
    frame["number"] = range(1, len(frame) + 1)
    return frame


def write_list(check: ProjectCheck, file: Path) -> None:
    """Write the complete list of a check; an earlier list is replaced, no other file is.

    Parameters
    ----------
    check : ProjectCheck
    file : Path
        A ``.csv``.

    Raises
    ------
    ProblemsFound
        ``file-exists``, ``cannot-write``.
    """
    frame = problem_list(check)
    with worded_in(check.language):
        if not _is_list(file):
            write_tables({file: {"problems": frame}})
            return
        try:
            with scratch_folder(file.parent) as scratch:
                new = scratch / "new" / file.name
                write_tables({new: {"problems": frame}})
                os.replace(new, file)
        except OSError as error:
            raise ProblemsFound([unwritten(file, error)]) from None


def _is_list(file: Path) -> bool:
    """Return whether a file is a list that an earlier check wrote."""
    head = csv_text(pd.DataFrame(columns=list(LIST_COLUMNS))).strip().encode()
    try:
        if file.is_symlink() or file.suffix.lower() != ".csv":
            return False
        with file.open("rb") as stream:
            return stream.readline().removeprefix(b"\xef\xbb\xbf").strip() == head
    except OSError:
        return False


def default_list_file(path: Path) -> Path:
    """Return where the list of a project is written if no file was named.

    It is in a folder of the user's own under the system's folder for temporary files: a check
    leaves the project as it is.

    Parameters
    ----------
    path : Path
        The project.

    Returns
    -------
    Path
    """
    place = path.resolve()
    digits = hashlib.sha256(os.fsencode(place)).hexdigest()[:_DIGITS]
    return _own_folder() / f"{place.name}-{digits}.csv"


def _own_folder() -> Path:
    """Return the folder for lists: the user's own, so that nobody else can put a link there."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        user = "user"
    return Path(tempfile.gettempdir()) / f"gep-check-{user}"


def save_default_list(check: ProjectCheck) -> Path | None:
    """Write the complete list where it does no harm.

    Parameters
    ----------
    check : ProjectCheck

    Returns
    -------
    Path or None
        The file; None if the system does not let it be written.
    """
    file = default_list_file(check.path)
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        owner = file.parent.lstat()
        is_ours = not hasattr(os, "getuid") or owner.st_uid == os.getuid()
        if file.parent.is_symlink() or not is_ours:
            return None
        write_list(check, file)
    except (OSError, ProblemsFound):
        return None
    return file
