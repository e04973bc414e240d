"""What schemes are applied to (考核依据的读取): a project's tables, its accounts at every basis; and applying one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.assessment.allocation.kind import load_pools
from gep.assessment.audit.kind import load_terms
from gep.assessment.context import AssessmentContext
from gep.assessment.events import Events, Groups, load_events, load_groups
from gep.assessment.review.log import ReviewLog, read_log
from gep.assessment.scheme import Assessment, Scheme, read_scheme
from gep.assessment.scoring.year_scores import SCORE_COLUMNS
from gep.assessment.stocks import load_causes, load_stock_prices, load_stocks
from gep.assessment.targets import Targets, load_targets
from gep.comparison.comparison import Comparison, compare
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import ProblemLog, joined
from gep.inputs.data import EMPTY, Data, load_data
from gep.inputs.value_rows import GRADE, read_years
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, read_numbers, read_table, suggestion
from gep.plan.plan import Plan
from gep.project.project import Project, build_plans
from gep.uncertainty.monte_carlo import SampledLines, sample_lines

Loaded = TypeVar("Loaded")
RECORD = "assessment.json"
_BESIDE: Mapping[str, Callable[[Path, ProblemLog], Any]] = {
    "stocks": load_stocks,
    "causes": load_causes,
    "prices": load_stock_prices,
    "terms": load_terms,
    "pools": load_pools,
}


def log_head(project: Project) -> str:
    """The head of the log that the last assessment in the project's own folder recorded; blank where there is none."""
    for file in sorted((project.folder / "out" / "assessment").glob(f"*/{RECORD}")):
        try:
            return str(json.loads(file.read_text(encoding="utf-8")).get("log_head", ""))
        except (OSError, ValueError):
            continue
    return ""


@dataclass(frozen=True)
class AssessmentInputs:
    """What ``[assessment]`` names, loaded."""

    readings: Data
    targets: Targets | None
    groups: Groups | None
    events: Events | None
    previous: Mapping[tuple[str, str], int]
    tables: Mapping[str, Any]
    log: ReviewLog | None
    earlier: Mapping[str, pd.DataFrame]  # scheme -> the scores of an earlier version
    files: tuple[Path, ...]


def inputs_of(project: Project, problems: ProblemLog) -> AssessmentInputs:
    """Read the tables that ``[assessment]`` names."""
    text, folder = project.spec.assessment, project.folder
    files: list[Path] = []

    def table(key: str, load: Callable[[Path, ProblemLog], Loaded | None]) -> Loaded | None:
        name = getattr(text, key)
        path = (
            resolve_inside(name, folder, f"project.toml assessment.{key}", problems)
            if name
            else None
        )
        if path is not None:
            files.append(path)
        return None if path is None else load(path, problems)

    paths = [
        resolve_inside(name, folder, "project.toml assessment.readings", problems)
        for name in text.readings
    ]
    given = [path for path in paths if path is not None]
    readings = load_data(given, problems) if given else EMPTY
    beside = {key: table(key, load) for key, load in _BESIDE.items()}
    first = min(text.years or project.spec.project.years)
    known = set(project.spec.project.years)
    for year in text.years:
        if year not in known and not (len(readings.rows) and (readings.rows["year"] == year).any()):
            what = f"{year} has neither accounts nor readings"
            problems.add(
                "missing-year",
                "project.toml assessment.years",
                what,
                "correct the years, or add rows",
            )
    return AssessmentInputs(
        readings,
        table("targets", load_targets),
        table("groups", load_groups),
        table("events", load_events),
        table("previous", partial(_previous, first)) or {},
        _as_named(beside, project),
        table("log", lambda path, found: read_log(path, found, log_head(project))),
        _earlier(project, problems),
        (*given, *files),
    )


def _earlier(project: Project, problems: ProblemLog) -> dict[str, pd.DataFrame]:
    """The scores of an earlier version: ``<scheme>/scores.csv`` in the folder that the project names."""
    name, where = project.spec.assessment.earlier, "project.toml assessment.earlier"
    folder = resolve_inside(name, project.folder, where, problems) if name else None
    if folder is None:
        return {}
    files = sorted(folder.glob("*/scores.csv"))
    if not files:
        what = f"no scores.csv lies in a folder of {name!r}"
        problems.add(
            "missing-file",
            where,
            what,
            "name the folder that holds <scheme>/scores.csv of the earlier version",
        )
    found = {}
    for file in files:
        table = read_table(file, Columns(tuple(SCORE_COLUMNS)), problems)
        if table is not None:
            found[file.parent.name] = table.frame[SCORE_COLUMNS]
    return found


def _as_named(beside: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """The tables that are there, as schemes call them, and the regions' table."""
    named = {
        "stock_prices" if key == "prices" else key: one
        for key, one in beside.items()
        if one is not None
    }
    return named | ({"regions": project.parts.regions} if project.parts.regions is not None else {})


def _previous(first: int, path: Path, problems: ProblemLog) -> dict[tuple[str, str], int]:
    """The ranks of an earlier ``ranking.csv``, whose folder is called after the scheme, in its last year before one."""
    optional = ("year", "group", "score", "previous_rank", "change", "grade", "scheme")
    found = read_table(path, Columns(("region", "rank"), optional), problems)
    if found is None:
        return {}
    rank, _ = read_numbers(found, "rank", problems, blank=True)
    when = read_years(found, problems) if "year" in found.frame else np.zeros(len(rank), dtype=int)
    scheme = found.column("scheme").to_numpy()
    earlier = [
        spot
        for spot in np.argsort(when, kind="stable")
        if np.isfinite(rank[spot]) and when[spot] < first
    ]
    return {
        (scheme[spot] or path.parent.name, found.frame["region"].iloc[spot]): int(rank[spot])
        for spot in earlier
    }


def comparisons_of(project: Project, bases: set[str]) -> tuple[dict[str, Comparison], list[Plan]]:
    """The accounts of all years at each basis that is asked for and can be had."""
    own = build_plans(project)
    accounts = [account_from_plan(plan) for plan in own]
    at_project = compare(accounts, pairs=(), changes=project.changes)
    found, planned = {"project": at_project}, list(own)
    price_year = project.parts.price_year
    if "constant" in bases and price_year is not None:
        found["constant"] = at_project
    if "current" in bases:
        found["current"] = at_project
        if price_year is not None:
            current = replace(project, parts=replace(project.parts, price_year=None))
            more = build_plans(current)
            planned += more
            found["current"] = compare(
                [account_from_plan(plan) for plan in more], pairs=(), changes=project.changes
            )
    if "normal_climate" in bases and project.normal is not None:
        normal = under_reference_weather(project.parts, project.normal, [plan.year for plan in own])
        found["normal_climate"] = compare(
            accounts, pairs=(), changes=project.changes, normal=normal
        )
    return found, planned


def draws_of(
    comparisons: Mapping[str, Comparison], draws: int, seed: int
) -> dict[str, SampledLines]:
    """The values of accounts at draws at each basis but normal climate, which is a mean of several accounts."""
    found: dict[int, SampledLines] = {}
    by_basis = {}
    for basis, one in comparisons.items():
        if basis == "normal_climate":
            continue
        if id(one) not in found:
            frame = one.lines
            chosen = list(zip(frame["category"], frame["indicator"], frame["item"], strict=True))
            found[id(one)] = sample_lines(
                [account.plan for account in one.accounts], draws, seed, chosen
            )
        by_basis[basis] = found[id(one)]
    return by_basis


def ground_of(
    comparisons: Mapping[str, Comparison], parts: AssessmentInputs, project: Project | None = None
) -> AssessmentContext:
    """What schemes are applied to: the regions of the accounts, then those that only readings name."""
    at = comparisons.get("project")
    codes = [str(code) for code in at.codes] if at is not None else []
    named = (
        [str(code) for code in parts.readings.rows["region"].unique()]
        if len(parts.readings.rows)
        else []
    )
    more = [code for code in named if code not in codes]
    parents = (
        [code for code, depth in zip(codes, at.depth, strict=True) if depth >= 0]
        if at is not None
        else []
    )
    own = [str(code) for code in at.regions] if at is not None else []
    table = at.accounts[-1].plan.regions if at is not None else parts.tables.get("regions")
    names, area, population = {}, {}, {}
    for code in [*codes, *more]:
        names[code] = (
            (table.name(code, "zh"), table.name(code, "en")) if table is not None else (code, code)
        )
        if table is not None and code in table.frame.index:
            row = table.frame.loc[code]
            area[code], population[code] = float(row["area"]), float(row["population"])
    read_years = tuple(account.year for account in at.accounts) if at is not None else ()
    if project is not None and project.spec.assessment.years:
        read_years = project.spec.assessment.years
    return AssessmentContext(
        tuple(sorted(read_years)),
        (*own, *(code for code in parents if code in named), *more),
        comparisons,
        parts.readings,
        parts.targets,
        parts.groups,
        parts.events,
        names,
        area,
        population,
        parts.previous,
        parts.tables,
        project.transitions if project is not None else None,
        parts.files,
    )


def refuse_placeholders(
    project: Project, ground: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Made-up readings, targets and schemes, unless the project is a demonstration."""
    if project.spec.project.allow_placeholder:
        return
    fix = "replace them; or allow_placeholder = true for a demonstration"
    tables = [
        ground.readings,
        ground.targets,
        *(one for one in ground.tables.values() if hasattr(one, "rows")),
    ]
    for rows in (one.rows for one in tables if one is not None and "grade" in one.rows):
        made_up = (
            rows[(rows["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool)]
            if len(rows)
            else rows
        )
        for file, some in made_up.groupby("file", sort=False) if len(made_up) else ():
            problems.add(
                "placeholder",
                row_place(str(file), some["row"]),
                "made-up numbers (grade placeholder)",
                fix,
            )
    for scheme in schemes:
        if scheme.spec.evidence == "placeholder":
            problems.add(
                "placeholder", scheme.path.name, "the scheme is made up (evidence placeholder)", fix
            )
        for one in getattr(scheme.spec, "indicator", ()):
            if one.grade == "placeholder":
                where = f"{scheme.path.name} {one.id}"
                problems.add(
                    "placeholder", where, "the indicator is made up (grade placeholder)", fix
                )


def check_tables(
    ground: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Groups of regions that are assessed, all of them; targets of indicators that a scheme has."""
    of = {} if ground.groups is None else ground.groups.of
    label = "" if ground.groups is None else ground.groups.files[0].name
    for code in (code for code in of if code not in ground.regions):
        what = f"region {code!r} is not assessed"
        problems.add("unknown-region", label, what, suggestion(code, ground.regions))
    bare = [code for code in ground.regions if of and code not in of]
    if bare:
        what = f"{joined(bare, ', ')} are in no group, and ranked by themselves"
        problems.add("region-ungrouped", label, what, "add them to the table of groups")
    known = [scheme.spec.targeted() for scheme in schemes]
    if ground.targets is None or None in known:
        return
    ids, rows = {name for some in known for name in some or ()}, ground.targets.rows
    for name, some in rows[~rows["indicator"].isin(ids).to_numpy()].groupby(
        "indicator", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-indicator",
            where,
            f"no scheme has indicator {name!r}",
            suggestion(str(name), ids),
        )


def check_events(
    ground: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Events that none of the schemes knows, or of regions that are not scored."""
    if ground.events is None:
        return
    rows, known = ground.events.rows, {name for one in schemes for name in one.spec.events()}
    for name, some in rows[~rows["event"].isin(known).to_numpy()].groupby("event", sort=False):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add("unknown-event", where, f"event {name!r}", suggestion(str(name), known))
    for code, some in rows[~rows["region"].isin(ground.regions).to_numpy()].groupby(
        "region", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-region",
            where,
            f"region {code!r} is not assessed",
            suggestion(str(code), ground.regions),
        )


def assess(
    scheme: Scheme | str | Path,
    accounts: Sequence[Account] = (),
    targets: Targets | None = None,
    *,
    readings: Data = EMPTY,
    groups: Groups | None = None,
    events: Events | None = None,
    read_years: Sequence[int] = (),
    tables: Mapping[str, Any] | None = None,
) -> Assessment:
    """Apply a scheme, loaded or by id or path, to accounts and readings. Raises ``ProblemsFound``.

    The accounts are taken at their own price basis, also where a scheme asks for constant prices and they are at such.
    ``years`` are those assessed (default: those of the accounts, else of the readings). ``tables`` are what
    ``[assessment]`` of a project names besides, loaded: stocks, causes, stock_prices, terms, pools, regions.
    """
    the_scheme = scheme if isinstance(scheme, Scheme) else read_scheme(scheme)
    found: dict[str, Comparison] = {}
    if accounts:
        at = compare(list(accounts), pairs=())
        constant = all(account.plan.price_year is not None for account in at.accounts)
        found = {"project": at, "constant" if constant else "current": at}
    seen = [account.year for account in accounts] or sorted(set(readings.rows["year"]))
    ground = replace(
        ground_of(
            found,
            AssessmentInputs(readings, targets, groups, events, {}, tables or {}, None, {}, ()),
        ),
        years=tuple(sorted(read_years or seen)),
    )
    problems = ProblemLog()
    the_scheme.spec.check_ground(the_scheme, ground, problems)
    check_events(ground, [the_scheme], problems)
    problems.raise_errors()
    return the_scheme.spec.assess(the_scheme, ground)


def apply(schemes: Sequence[Scheme], ground: AssessmentContext) -> tuple[Assessment, ...]:
    """The schemes one after the other; a later one may read the scores of an earlier one."""
    done: list[Assessment] = []
    for scheme in schemes:
        done.append(scheme.spec.assess(scheme, replace(ground, done=tuple(done))))
    return tuple(done)
