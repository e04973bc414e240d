"""The outcome of an assessment (考核评价结果): schemes applied to a project's accounts and readings, and written."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from gep import __version__
from gep.account import account_of
from gep.assessment.assessed import Assessment
from gep.assessment.audit import load_terms
from gep.assessment.compensation import load_pools
from gep.assessment.events import Events, Groups, load_events, load_groups
from gep.assessment.ground import Ground
from gep.assessment.life import Log, read_log, state_of
from gep.assessment.life_tables import life_tables
from gep.assessment.scheme import Scheme, load_scheme
from gep.assessment.stocks import load_causes, load_stocks
from gep.assessment.targets import Targets, load_targets
from gep.catalog import inside
from gep.comparison import Comparison, compare
from gep.data import EMPTY, Data, load_data
from gep.errors import Problem, Problems
from gep.outcome import file_sums, refuse_inputs
from gep.plan import Plan, warnings_of
from gep.project import Project, plans, read_project
from gep.rows import GRADE
from gep.tables import Columns, numbers, place, read_table, suggestion
from gep.weather import under_reference_weather
from gep.writing import append, sha256, way, whole

Loaded = TypeVar("Loaded")
RECORD = "assessment.json"
_BESIDE: Mapping[str, Callable[[Path, Problems], Any]] = {
    "stocks": load_stocks,
    "causes": load_causes,
    "terms": load_terms,
    "pools": load_pools,
}


@dataclass(frozen=True)
class Assessed:
    """A project whose schemes were applied: the assessments, what they were applied to, where the tables are."""

    project: Project
    ground: Ground
    assessments: tuple[Assessment, ...]
    out: Path
    warnings: tuple[Problem, ...]
    log: Log | None = None


def assess_project(
    path: str | Path, out: str | Path | None = None, *, allow_code: bool = False, partial: bool = False
) -> Assessed:
    """Apply the schemes of ``[assessment]`` and write their tables. Raises ``ProblemsFound`` before that."""
    project = read_project(path, allow_code=allow_code, partial=partial)
    problems = Problems()
    schemes = _schemes(project, problems)
    parts = _parts(project, problems)
    problems.raise_errors()
    comparisons, planned = comparisons_of(project, {basis for one in schemes for basis in one.text.bases()})
    ground = ground_of(project, comparisons, parts)
    _refuse_placeholders(project, ground, schemes, problems)
    _check_events(ground, schemes, problems)
    for number, scheme in enumerate(schemes):
        scored = tuple(one.id for one in schemes[:number] if one.text.kind == "score")
        scheme.text.check_ground(scheme, replace(ground, before=scored), problems)
    problems.raise_errors()
    done = tuple(_with_life(one, ground, parts.log) for one in apply(schemes, ground))
    folder = (Path(out) if out is not None else project.folder / "out") / "assessment"
    told = [warning for one in done for warning in one.warnings]
    warnings = [*project.warnings, *warnings_of(planned), *problems.warnings, *told]
    assessed = Assessed(project, ground, done, folder, tuple(dict.fromkeys(warnings)), parts.log)
    for one in done:
        refuse_inputs(project, planned, folder / one.scheme.id, [*one.tables, RECORD])
    _write(assessed, planned)
    return assessed


def apply(schemes: Sequence[Scheme], ground: Ground) -> tuple[Assessment, ...]:
    """The schemes one after the other; a later one may read the scores of an earlier one."""
    done: list[Assessment] = []
    for scheme in schemes:
        done.append(scheme.text.assess(scheme, replace(ground, done=tuple(done))))
    return tuple(done)


def _with_life(one: Assessment, ground: Ground, log: Log | None) -> Assessment:
    """The assessment with the tables of its life: sources, jumps, deductions, appeals, final results."""
    return replace(one, tables={**one.tables, **life_tables(one, ground, log)})


def _schemes(project: Project, problems: Problems) -> list[Scheme]:
    named = project.text.assessment.schemes
    if not named:
        fix = 'write schemes = ["..."] there; gep catalog schemes lists what ships'
        problems.add("missing-key", "project.toml assessment.schemes", "no scheme is named", fix)
    found = [load_scheme(name, project.folder, "project.toml assessment.schemes", problems) for name in named]
    known = [one for one in found if one is not None]
    ids = [one.id for one in known]
    for name in dict.fromkeys(one for one in ids if ids.count(one) > 1):
        problems.add("duplicate-id", "project.toml assessment.schemes", f"two schemes are called {name!r}", "name one")
    return known


@dataclass(frozen=True)
class _Parts:
    """What ``[assessment]`` names, loaded."""

    readings: Data
    targets: Targets | None
    groups: Groups | None
    events: Events | None
    previous: Mapping[tuple[str, str], int]
    tables: Mapping[str, Any]
    log: Log | None
    files: tuple[Path, ...]


def _parts(project: Project, problems: Problems) -> _Parts:
    text, folder = project.text.assessment, project.folder
    files: list[Path] = []

    def table(key: str, load: Callable[[Path, Problems], Loaded | None]) -> Loaded | None:
        name = getattr(text, key)
        path = inside(name, folder, f"project.toml assessment.{key}", problems) if name else None
        if path is not None:
            files.append(path)
        return None if path is None else load(path, problems)

    paths = [inside(name, folder, "project.toml assessment.readings", problems) for name in text.readings]
    given = [path for path in paths if path is not None]
    readings = load_data(given, problems) if given else EMPTY
    beside = {key: table(key, load) for key, load in _BESIDE.items()}
    known = set(project.text.project.years)
    for year in text.years:
        if year not in known and not (len(readings.rows) and (readings.rows["year"] == year).any()):
            what = f"{year} has neither accounts nor readings"
            problems.add("missing-year", "project.toml assessment.years", what, "correct the years, or add rows")
    return _Parts(
        readings, table("targets", load_targets), table("groups", load_groups), table("events", load_events),
        table("previous", _previous) or {}, {key: one for key, one in beside.items() if one is not None},
        table("log", read_log),
        (*given, *files),
    )  # fmt: skip


def _previous(path: Path, problems: Problems) -> dict[tuple[str, str], int]:
    """The ranks of an earlier ``ranking.csv``; its folder is called after the scheme."""
    optional = ("year", "group", "score", "previous_rank", "change", "grade", "scheme")
    found = read_table(path, Columns(("region", "rank"), optional), problems)
    if found is None:
        return {}
    rank, _ = numbers(found, "rank", problems, blank=True)
    scheme = found.column("scheme").to_numpy()
    return {
        (name or path.parent.name, code): int(one)
        for name, code, one in zip(scheme, found.frame["region"], rank, strict=True)
        if np.isfinite(one)
    }


def comparisons_of(project: Project, bases: set[str]) -> tuple[dict[str, Comparison], list[Plan]]:
    """The accounts of all years at each basis that is asked for and can be had."""
    own = plans(project)
    accounts = [account_of(plan) for plan in own]
    at_project = compare(accounts, pairs=(), changes=project.changes)
    found, planned = {"project": at_project}, list(own)
    price_year = project.parts.price_year
    if "constant" in bases and price_year is not None:
        found["constant"] = at_project
    if "current" in bases:
        found["current"] = at_project
        if price_year is not None:
            current = replace(project, parts=replace(project.parts, price_year=None))
            more = plans(current)
            planned += more
            found["current"] = compare([account_of(plan) for plan in more], pairs=(), changes=project.changes)
    if "normal_climate" in bases and project.normal is not None:
        normal = under_reference_weather(project.parts, project.normal, [plan.year for plan in own])
        found["normal_climate"] = compare(accounts, pairs=(), changes=project.changes, normal=normal)
    return found, planned


def ground_of(project: Project, comparisons: Mapping[str, Comparison], parts: _Parts) -> Ground:
    """What the project's schemes are applied to."""
    at = comparisons["project"]
    codes = [str(code) for code in at.codes]
    named = [str(code) for code in parts.readings.rows["region"].unique()] if len(parts.readings.rows) else []
    more = [code for code in named if code not in codes]
    parents = [code for code, depth in zip(codes, at.depth, strict=True) if depth >= 0]
    regions = [str(code) for code in at.regions] + [code for code in parents if code in named] + more
    table = at.accounts[-1].plan.regions
    names, area, population = {}, {}, {}
    for code in [*codes, *more]:
        names[code] = (table.name(code, "zh"), table.name(code, "en")) if table is not None else (code, code)
        if table is not None and code in table.frame.index:
            row = table.frame.loc[code]
            area[code], population[code] = float(row["area"]), float(row["population"])
    years = project.text.assessment.years or tuple(account.year for account in at.accounts)
    return Ground(
        tuple(sorted(years)), tuple(regions), comparisons, parts.readings, parts.targets, parts.groups, parts.events,
        names, area, population, parts.previous, parts.tables, project.transitions, parts.files,
    )  # fmt: skip


def _refuse_placeholders(project: Project, ground: Ground, schemes: Sequence[Scheme], problems: Problems) -> None:
    """Made-up readings, targets and schemes, unless the project is a demonstration."""
    if project.text.project.allow_placeholder:
        return
    fix = "replace them; or allow_placeholder = true for a demonstration"
    tables = [ground.readings.rows] + ([ground.targets.rows] if ground.targets is not None else [])
    for rows in tables:
        made_up = rows[(rows["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool)] if len(rows) else rows
        for file, some in made_up.groupby("file", sort=False) if len(made_up) else ():
            problems.add("placeholder", place(str(file), some["row"]), "made-up numbers (grade placeholder)", fix)
    for scheme in schemes:
        if scheme.text.evidence == "placeholder":
            problems.add("placeholder", scheme.path.name, "the scheme is made up (evidence placeholder)", fix)


def _check_events(ground: Ground, schemes: Sequence[Scheme], problems: Problems) -> None:
    """Events that none of the schemes knows, or of regions that are not scored."""
    if ground.events is None:
        return
    rows, known = ground.events.rows, {name for one in schemes for name in one.text.events()}
    for name, some in rows[~rows["event"].isin(known).to_numpy()].groupby("event", sort=False):
        where = place(str(some["file"].iloc[0]), some["row"])
        problems.add("unknown-event", where, f"event {name!r}", suggestion(str(name), known))
    for code, some in rows[~rows["region"].isin(ground.regions).to_numpy()].groupby("region", sort=False):
        where = place(str(some["file"].iloc[0]), some["row"])
        problems.add("unknown-region", where, f"region {code!r} is not assessed", suggestion(str(code), ground.regions))


def _write(assessed: Assessed, planned: Sequence[Plan]) -> None:
    from gep.report.assessment_sheets import save_tables

    sums = file_sums(assessed.project, planned)
    for one in assessed.assessments:
        out = assessed.out / one.scheme.id
        with whole(out) as scratch:
            for name, table in one.tables.items():
                append(scratch / name, table)
            save_tables(one, assessed.ground, scratch / "tables.xlsx")
            record = {
                "gep": __version__,
                "project": {"id": assessed.project.text.project.id, "folder": way(assessed.project.folder, out)},
                **statement(one, assessed),
                "inputs": sums | _sums([*assessed.ground.files, *one.scheme.files], assessed.project.folder),
                "tables": {file.name: sha256(file) for file in sorted(scratch.glob("*.csv"))},
            }
            text = json.dumps(record, ensure_ascii=False, indent=1)
            (scratch / RECORD).write_text(text + "\n", encoding="utf-8")


def _sums(files: Sequence[Path], folder: Path) -> dict[str, str]:
    from gep.writing import called

    return {called(file, folder): sha256(file) for file in dict.fromkeys(files)}


def _states(one: Assessment, assessed: Assessed) -> dict[str, str]:
    """In which state of its life the result of each year is (初算 ... 终核)."""
    log = assessed.log
    return {str(year): state_of(log, one.scheme.id, year) for year in assessed.ground.years} if log else {}


def statement(one: Assessment, assessed: Assessed) -> dict[str, Any]:
    """What is said of an assessment: scheme, evidence, legal force, validity, years, state."""
    text = one.scheme.text
    return {
        "state": assessed.project.state,
        "results": _states(one, assessed),
        "log_head": assessed.log.head if assessed.log is not None else "",
        "scheme": {
            "id": text.id, "title": str(text.title), "kind": text.kind, "evidence": text.evidence, "legal": text.legal,
            "valid_from": text.valid_from, "valid_to": text.valid_to, "replaced_by": text.replaced_by,
        },
        "years": list(assessed.ground.years),
        "price_basis": {name: found.basis for name, found in assessed.ground.comparisons.items()},
        "caption": [list(line) for line in one.caption],
        "warnings": [str(problem) for problem in one.warnings],
    }  # fmt: skip
