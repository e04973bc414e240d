"""The outcome of an assessment (考核评价结果): schemes applied to a project's accounts and readings, and written."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from gep import __version__
from gep.assessment.apply import (
    AssessmentInputs,
    apply,
    check_events,
    check_placeholders,
    check_tables,
    context_of,
)
from gep.assessment.context import AssessmentContext
from gep.assessment.kinds import load_scheme
from gep.assessment.readings import Reading, indicators_behind
from gep.assessment.review.log import LogEntry, ReviewLog, append_entry, state_of
from gep.assessment.review.tables import review_tables
from gep.assessment.scheme import Assessment, Scheme
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.inputs.data import EMPTY
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import split_sheet
from gep.io.result_folder import append_csv, display_path, relative_path, replace_folder, sha256
from gep.io.tables import suggestion
from gep.plan.plan import Plan, warnings_of
from gep.project.project import Project, file_sums, read_project, refuse_inputs
from gep.report.assessment_workbook import save_tables
from gep.texts.catalogue import Label, Language
from gep.workflows.assessment_inputs import RECORD, comparisons_of, draws_of, inputs_of, log_head

WORKBOOK = "tables.xlsx"


@dataclass(frozen=True)
class ProjectAssessment:
    """A project whose schemes were applied: the assessments, what they were applied to, where the tables are."""

    project: Project
    ground: AssessmentContext
    assessments: tuple[Assessment, ...]
    out: Path
    warnings: tuple[Problem, ...]
    planned: tuple[Plan, ...] = ()
    log: ReviewLog | None = None
    draws: int = 0
    seed: int = 0

    def __repr__(self) -> str:
        return f"<Assessed {self.project.spec.project.id}: {', '.join(one.scheme.id for one in self.assessments)}>"


def assess_project(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    partial: bool = False,
    draws: int = 0,
    seed: int = 0,
) -> ProjectAssessment:
    """Apply the schemes of ``[assessment]`` and write their tables. Raises ``ProblemsFound`` before that.

    With ``draws`` the uncertainty of the accounts is carried to points, scores and ranks.
    """
    found = _applied(path, allow_code, partial, draws, seed)
    if out is not None:
        found = replace(found, out=Path(out) / "assessment")
    for one in found.assessments:
        names = [*one.tables, WORKBOOK, RECORD]
        more = [split_sheet(file)[0] for file in (*found.ground.files, *one.scheme.files)]
        refuse_inputs(found.project, found.planned, found.out / one.scheme.id, names, more)
    _write(found)
    return found


def _applied(
    path: str | Path, allow_code: bool, partial: bool, draws: int = 0, seed: int = 0
) -> ProjectAssessment:
    """Everything but writing."""
    project = read_project(path, allow_code=allow_code, partial=partial)
    problems = ProblemLog()
    schemes, broken = _schemes(project, problems)
    inputs = inputs_of(project, problems)
    if _unread(project, inputs):
        problems.raise_errors()
    try:
        comparisons, planned = comparisons_of(
            project, {basis for one in schemes for basis in one.kind.bases(one)}
        )
    except ProblemsFound as found:
        raise ProblemsFound(
            [*problems.errors, *found.problems], [*problems.warnings, *found.warnings]
        ) from None
    ground = context_of(comparisons, inputs, project.spec.assessment.years, project.transitions)
    if not project.spec.project.allow_placeholder:
        check_placeholders(ground, schemes, problems)
    if len(schemes) == len(project.spec.assessment.schemes):  # else what they know is not known
        check_events(ground, schemes, problems)
        check_tables(ground, schemes, problems)
    for number, scheme in enumerate(schemes):
        scored = tuple(one.id for one in schemes[:number] if one.spec.kind == "score")
        if scheme.id not in broken:
            scheme.kind.check_inputs(scheme, replace(ground, earlier_schemes=scored), problems)
    problems.raise_errors()
    if draws:
        ground = replace(ground, draws=draws_of(comparisons, draws, seed))
    done = tuple(_with_life(one, ground, inputs) for one in apply(schemes, ground))
    told = [warning for one in done for warning in one.warnings]
    warnings = tuple(
        dict.fromkeys([*project.warnings, *warnings_of(planned), *problems.warnings, *told])
    )
    folder = project.folder / "out" / "assessment"
    return ProjectAssessment(
        project, ground, done, folder, warnings, tuple(planned), inputs.log, draws, seed
    )


def record_review(
    path: str | Path,
    *,
    state: str,
    who: str,
    document: str,
    scheme: str,
    year: int,
    region: str = "",
    item: str = "",
    old: str = "",
    new: str = "",
    reason: str = "",
    at: str = "",
) -> ReviewLog:
    """Add an entry to the project's log (``[assessment] log``). Raises ``ProblemsFound``; then nothing is written."""
    project, problems = read_project(path), ProblemLog()
    name = project.spec.assessment.log
    if not name:
        problems.add(
            "missing-key",
            "project.toml assessment.log",
            "no log is named",
            'write log = "log.csv" there',
        )
        problems.raise_errors()
    file = resolve_inside(name, project.folder, "project.toml assessment.log", problems)
    ids = [one.id for one in _schemes(project, problems)[0]]
    if scheme not in ids:
        problems.add(
            "unknown-id",
            "--scheme",
            f"the project has no scheme {scheme!r}",
            suggestion(scheme, ids),
        )
    when, today = at or date.today().isoformat(), date.today().isoformat()
    if when[:10] > today:
        problems.add(
            "log-entry", "--at", f"{when} is in the future", "write the day on which it was done"
        )
    years = project.spec.assessment.years or project.spec.project.years
    if year not in years:
        fix = f"its years are: {', '.join(map(str, years))}"
        problems.add("missing-year", "--year", f"{year} is not assessed", fix)
    problems.raise_errors()
    assert file is not None
    return append_entry(
        file,
        LogEntry(when, who, state, document, scheme, region, year, item, old, new, reason),
        log_head(project),
    )


def _with_life(one: Assessment, ground: AssessmentContext, inputs: AssessmentInputs) -> Assessment:
    """The assessment with the tables of its life: sources, jumps, deductions, appeals, final results, revisions."""
    earlier = inputs.earlier.get(one.scheme.id)
    return replace(
        one, tables={**one.tables, **review_tables(one, ground, inputs.log, before=earlier)}
    )


def _unread(project: Project, inputs: AssessmentInputs) -> bool:
    """Whether a table that the project names could not be read at all."""
    text = project.spec.assessment
    lost = [
        name
        for name in ("targets", "groups", "events")
        if getattr(text, name) and getattr(inputs, name) is None
    ]
    return bool(lost) or bool(text.readings and inputs.readings is EMPTY)


def _schemes(project: Project, problems: ProblemLog) -> tuple[list[Scheme], set[str]]:
    """The schemes that could be read, and the ids of those with something wrong in themselves."""
    named = project.spec.assessment.schemes
    if not named:
        fix = 'write schemes = ["..."] there; gep catalog schemes lists what ships'
        problems.add("missing-key", "project.toml assessment.schemes", "no scheme is named", fix)
    known, broken = [], set()
    for name in named:
        before = len(problems.errors)
        found = load_scheme(name, project.folder, "project.toml assessment.schemes", problems)
        known += [found] if found is not None else []
        broken |= {found.id} if found is not None and len(problems.errors) > before else set()
    ids = [one.id for one in known]
    for name in dict.fromkeys(one for one in ids if ids.count(one) > 1):
        problems.add(
            "duplicate-id",
            "project.toml assessment.schemes",
            f"two schemes are called {name!r}",
            "name one",
        )
    return known, broken


def explain_score(
    path: str | Path,
    region: str,
    year: int,
    asked: str,
    *,
    allow_code: bool = False,
    partial: bool = False,
) -> str:
    """How a number of an assessment came about (``SCHEME:ITEM``): its working, then the account behind it."""
    found = _applied(path, allow_code, partial)
    project, ground, done = found.project, found.ground, found.assessments
    name, _, item = asked.partition(":")
    language = project.language
    one = next((some for some in done if some.scheme.id == name), None)
    problems = ProblemLog()
    if one is None:
        known = [some.scheme.id for some in done]
        problems.add(
            "unknown-id",
            "--indicator",
            f"the project has no scheme {name!r}",
            suggestion(name, known),
        )
    codes = [
        code
        for code in ground.regions
        if region in (code, ground.name(code, "zh"), ground.name(code, "en"))
    ]
    if not codes:
        what = f"no region {region!r} is assessed"
        problems.add("unknown-region", "--region", what, suggestion(region, ground.regions))
    if year not in ground.years:
        years = ", ".join(map(str, ground.years))
        problems.add("missing-year", "--year", f"{year} is not assessed", f"its years are: {years}")
    problems.raise_errors()
    assert one is not None
    item = item or "total"
    items = one.items(codes[0], year)
    if item not in items:
        problems.add(
            "unknown-indicator",
            "--indicator",
            "assessment.no-item",
            scheme=Label(name, one.scheme.spec.title),
            item=item,
            region=ground.label(codes[0]),
            year=year,
            hint=suggestion(item, items),
        )
        problems.raise_errors()
    lines = one.explain(codes[0], year, item, language)
    reading = one.account_readings.get(item)
    return "\n".join([*lines, *_accounts_behind(ground, reading, codes[0], year, language)])


def _accounts_behind(
    ground: AssessmentContext, reading: Reading | None, code: str, year: int, language: Language
) -> list[str]:
    """Every indicator of the account that a reading rests on, explained at its basis; both years of a growth."""
    found = ground.comparisons.get(reading.basis) if reading is not None else None
    if reading is None or found is None:
        return []
    earlier = ground.year_before(reading, year) if reading.form == "growth" else None
    lines: list[str] = []
    for one in [earlier, year] if earlier is not None else [year]:
        if one not in found.levels or code not in found.codes:
            continue
        account = found.account(one)
        for indicator in indicators_behind(account, reading.account):
            lines += ["", str(account.explain(indicator, code, language))]
    return lines


def _write(assessed: ProjectAssessment) -> None:
    sums = file_sums(assessed.project, assessed.planned)
    with replace_folder(assessed.out, _stale(assessed)) as folder:
        for one in assessed.assessments:
            out, scratch = assessed.out / one.scheme.id, folder / one.scheme.id
            scratch.mkdir()
            for name, table in one.tables.items():
                append_csv(scratch / name, table)
            save_tables(one, assessed.ground, scratch / WORKBOOK)
            record = {
                "gep": __version__,
                "project": {
                    "id": assessed.project.spec.project.id,
                    "folder": relative_path(assessed.project.folder, out),
                },
                **statement(one, assessed),
                "inputs": sums
                | _sums([*assessed.ground.files, *one.scheme.files], assessed.project.folder),
                "tables": {file.name: sha256(file) for file in sorted(scratch.glob("*.csv"))},
            }
            text = json.dumps(record, ensure_ascii=False, indent=1)
            (scratch / RECORD).write_text(text + "\n", encoding="utf-8")


def _stale(assessed: ProjectAssessment) -> list[str]:
    """The tables of an earlier run of the same schemes, by their record."""
    found = []
    for one in assessed.assessments:
        record = assessed.out / one.scheme.id / RECORD
        with suppress(OSError, ValueError):
            tables = json.loads(record.read_text(encoding="utf-8"))["tables"]
            found += [f"{one.scheme.id}/{name}" for name in tables if "/" not in name]
    return found


def _sums(files: Sequence[Path], folder: Path) -> dict[str, str]:
    return {
        display_path(file, folder): sha256(file) for file in dict.fromkeys(files) if file.is_file()
    }


def _states(one: Assessment, assessed: ProjectAssessment) -> dict[str, str]:
    """In which state of its life the result of each year is (初算 ... 终核)."""
    log = assessed.log
    return (
        {str(year): state_of(log, one.scheme.id, year) for year in assessed.ground.years}
        if log
        else {}
    )


def statement(one: Assessment, assessed: ProjectAssessment) -> dict[str, Any]:
    """What is said of an assessment: scheme, evidence, legal force, validity, years, state."""
    text = one.scheme.spec
    return {
        "state": assessed.project.state,
        "results": _states(one, assessed),
        "log_head": assessed.log.head if assessed.log is not None else "",
        "scheme": {
            "id": text.id,
            "title": str(text.title),
            "kind": text.kind,
            "evidence": text.evidence,
            "legal": text.legal,
            "valid_from": text.valid_from,
            "valid_to": text.valid_to,
            "replaced_by": text.replaced_by,
        },
        "years": list(assessed.ground.years),
        **({"draws": assessed.draws, "seed": assessed.seed} if assessed.draws else {}),
        "price_basis": {name: found.basis for name, found in assessed.ground.comparisons.items()},
        "caption": [[line.say("zh"), line.say("en")] for line in one.caption],
        "warnings": [str(problem) for problem in one.warnings],
    }
