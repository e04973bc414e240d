"""What the schemes of a project are applied to (考核依据的读取): its tables, and its accounts at every basis."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from gep.account.account import account_from_plan
from gep.assessment.apply import AssessmentInputs
from gep.assessment.events import load_events, load_groups, load_terms
from gep.assessment.pools import load_pools
from gep.assessment.review.log import read_log
from gep.assessment.scoring.tables import SCORE_COLUMNS
from gep.assessment.stocks import load_causes, load_stock_prices, load_stocks
from gep.assessment.targets import load_targets
from gep.comparison.comparison import Comparison, compare
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import ProblemLog
from gep.inputs.data import EMPTY, load_data
from gep.inputs.value_rows import read_years
from gep.io.catalog import resolve_inside
from gep.io.tables import Columns, read_numbers, read_table
from gep.plan.plan import Plan
from gep.project.project import Project, build_plans
from gep.uncertainty.monte_carlo import SampledLines, sample_lines

Loaded = TypeVar("Loaded")
RECORD = "assessment.json"


def log_head(project: Project) -> str:
    """The head of the log that the last assessment in the project's own folder recorded; blank where there is none."""
    for file in sorted((project.folder / "out" / "assessment").glob(f"*/{RECORD}")):
        try:
            return str(json.loads(file.read_text(encoding="utf-8")).get("log_head", ""))
        except (OSError, ValueError):
            continue
    return ""


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
        readings=readings,
        stocks=table("stocks", load_stocks),
        causes=table("causes", load_causes),
        stock_prices=table("prices", load_stock_prices),
        terms=table("terms", load_terms),
        pools=table("pools", load_pools),
        targets=table("targets", load_targets),
        groups=table("groups", load_groups),
        events=table("events", load_events),
        previous=table("previous", partial(_previous, first)) or {},
        regions=project.parts.regions,
        log=table("log", lambda path, found: read_log(path, found, log_head(project))),
        earlier=_earlier(project, problems),
        files=(*given, *files),
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
