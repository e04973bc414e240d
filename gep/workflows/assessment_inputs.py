"""What a project's schemes are applied to (考核依据的读取): its tables, and its accounts by basis.

The types of the tables belong to ``gep.assessment``; this module knows where ``[assessment]`` of a
project names them, and computes the accounts at each basis that a scheme reads.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from gep.account.account import account_from_plan
from gep.account.shared_densities import settled_like
from gep.assessment.apply import AssessmentInputs
from gep.assessment.events import load_events, load_groups, load_terms
from gep.assessment.pools import load_pools
from gep.assessment.registers import Register, load_registers
from gep.assessment.review.log import ReviewLog, head_file, kept_head, read_log
from gep.assessment.scoring.tables import SCORE_COLUMNS
from gep.assessment.stocks import load_causes, load_stock_prices, load_stocks
from gep.assessment.targets import load_targets
from gep.comparison.comparison import Comparison, compare
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import ProblemLog, ProblemsFound
from gep.extent.regions import Regions
from gep.inputs.data import EMPTY, Data, load_data
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.catalog import check_link, resolve_inside
from gep.io.result_folder import display_path, read_record
from gep.io.tables import Columns, Table, check_region_codes, read_numbers, read_table
from gep.plan.plan import Plan
from gep.project.project import Project, ProjectFolder, build_plans
from gep.uncertainty.monte_carlo import SampledLines, sample_lines

RECORD = "assessment.json"
_PLACE = "project.toml assessment"
_MOST_RANKS = 1_000_000  # no assessment has so many regions
_NORMAL_CLIMATE = "normal_climate"  # the mean of several accounts, which is not sampled

Loaded = TypeVar("Loaded")


def recorded_log_heads(project: ProjectFolder, out: Path | None = None) -> dict[str, str]:
    """Return the heads of the review log that were recorded, which must still be in its chain.

    Parameters
    ----------
    project : Project
    out : Path, optional
        Folder of results, whose records are read beside those in the project's own folder.

    Returns
    -------
    dict of str to str
        The files that hold them, by head: records of assessments, of whatever scheme, and what
        ``gep record`` keeps beside the log.
    """
    folders = [project.folder / "out"]
    if out is not None:
        folders.append(out)
    heads: dict[str, str] = {}
    for folder in folders:
        for file in sorted((folder / "assessment").glob(f"*/{RECORD}")):
            with suppress(ProblemsFound):
                head = read_record(file).get("log_head")
                if head and isinstance(head, str):
                    heads[head] = str(file)
    name = project.spec.assessment.log
    path = resolve_inside(name, project.folder, _PLACE, ProblemLog()) if name else None
    head = "" if path is None else kept_head(path)
    if path is not None and head:
        heads[head] = str(head_file(path))
    return heads


class _Tables:
    """Loads the tables that ``[assessment]`` of a project names, and gathers their files."""

    def __init__(self, project: ProjectFolder, problems: ProblemLog) -> None:
        self.project = project
        self.problems = problems
        self.files: list[Path] = []

    def path(self, key: str, name: str) -> Path | None:
        """Return the path behind a name; None if it is blank or leaves the project's folder."""
        if not name:
            return None
        path = resolve_inside(name, self.project.folder, f"{_PLACE}.{key}", self.problems)
        if path is not None:
            self.files.append(path)
        return path

    def load(self, key: str, load: Callable[[Path, ProblemLog], Loaded | None]) -> Loaded | None:
        """Load the table that a key names; None if it names none or it cannot be read."""
        path = self.path(key, getattr(self.project.spec.assessment, key))
        return None if path is None else load(path, self.problems)

    def readings(self) -> Data:
        """Load the tables of readings."""
        paths = []
        for name in self.project.spec.assessment.readings:
            path = self.path("readings", name)
            if path is not None:
                paths.append(path)
        return load_data(paths, self.problems) if paths else EMPTY

    def register(self) -> Register | None:
        """Load the tables of the register; None if none is named or one cannot be read."""
        paths = []
        for name in self.project.spec.assessment.registers:
            path = self.path("registers", name)
            if path is not None:
                paths.append(path)
        return load_registers(paths, self.problems) if paths else None


def assessment_inputs(
    project: ProjectFolder,
    regions: Regions | None,
    problems: ProblemLog,
    out: Path | None = None,
) -> AssessmentInputs:
    """Read the tables that ``[assessment]`` of a project names.

    Parameters
    ----------
    project : ProjectFolder
        Its folder and ``project.toml``.
    regions : Regions or None
        The project's table of regions.
    problems : ProblemLog
        Gets ``year-without-readings`` for years without accounts, rows and register entries,
        ``missing-year`` if all of them are such, ``path-outside``, ``missing-file``, and the codes
        of the loaders.
    out : Path, optional
        Folder of results, whose records tell what the review log once held.

    Returns
    -------
    AssessmentInputs
        A table that is not named, or cannot be read, is None.
    """
    spec = project.spec.assessment
    tables = _Tables(project, problems)
    readings = tables.readings()
    register = tables.register()
    stocks = tables.load("stocks", load_stocks)
    pools = tables.load("pools", load_pools)
    years_read = set(project.spec.project.years)
    for table in (readings, stocks, pools):
        if table is not None and len(table.rows):
            years_read.update(table.rows["year"])
    if register is not None:
        years_read |= register.years
    is_unread = bool(spec.registers) and register is None  # its years are not known
    unread = [year for year in spec.years if year not in years_read and not is_unread]
    code = "year-without-readings" if len(unread) < len(spec.years) else "missing-year"
    for year in unread:
        problems.add(code, f"{_PLACE}.years", f"workflows.{code}", year=year)

    def load_log(path: Path, problems: ProblemLog) -> ReviewLog | None:
        return read_log(path, problems, recorded_log_heads(project, out))

    return AssessmentInputs(
        readings=readings,
        stocks=stocks,
        causes=tables.load("causes", load_causes),
        stock_prices=tables.load("prices", load_stock_prices),
        terms=tables.load("terms", load_terms),
        pools=pools,
        register=register,
        targets=tables.load("targets", load_targets),
        groups=tables.load("groups", load_groups),
        events=tables.load("events", load_events),
        previous=tables.load("previous", _load_previous_ranks) or {},
        regions=regions,
        log=tables.load("log", load_log),
        earlier=_load_earlier_scores(tables),
        files=tuple(tables.files),
        years_left_out=tuple(unread),
    )


def _load_earlier_scores(tables: _Tables) -> dict[str, pd.DataFrame]:
    """Load ``<scheme>/scores.csv`` of an earlier version from the folder that the project names."""
    project = tables.project
    problems = tables.problems
    name = project.spec.assessment.earlier
    place = f"{_PLACE}.earlier"
    if not name:
        return {}
    folder = resolve_inside(name, project.folder, place, problems)
    if folder is None:
        return {}
    files = sorted(folder.glob("*/scores.csv"))
    if not files:
        problems.add("missing-file", place, "workflows.no-earlier-scores", folder=name)
    scores = {}
    for file in files:
        if not check_link(file, project.folder, place, problems):
            continue
        tables.files.append(file)
        label = display_path(file, project.folder)
        table = read_table(file, Columns(tuple(SCORE_COLUMNS)), problems, label)
        if table is not None:
            check_region_codes(table, "region", problems)
            scores[file.parent.name] = _earlier_scores(table, problems)
    return scores


def _earlier_scores(table: Table, problems: ProblemLog) -> pd.DataFrame:
    """Return the scores of an earlier version, with the numbers that are compared read."""
    scores = table.frame[[*SCORE_COLUMNS, "row"]].assign(file=table.label)
    for name in ("reading", "points"):
        scores[name], _ = read_numbers(table, name, problems, blank=True)
    scores["year"] = read_years(table, problems)
    check_duplicates(scores, ["region", "year", "indicator"], problems)
    return scores[SCORE_COLUMNS]


def _load_previous_ranks(path: Path, problems: ProblemLog) -> dict[tuple[str, str, int], int]:
    """Load ranks from the ``ranking.csv`` of an earlier assessment.

    Parameters
    ----------
    path : Path
        The file; where it does not name the scheme, its folder does.
    problems : ProblemLog
        Gets ``not-a-number`` for ranks that are no whole numbers from 1 on, and the codes of
        ``read_table``, ``read_numbers``, ``read_years`` and ``check_region_codes``.

    Returns
    -------
    dict of (str, str, int) to int
        The rank, by scheme, region and year; year 0 where the table has no years.
    """
    optional = ("year", "group", "score", "previous_rank", "change", "grade", "note", "scheme")
    table = read_table(path, Columns(("region", "rank"), optional), problems)
    if table is None:
        return {}
    check_region_codes(table, "region", problems)
    ranks, _ = read_numbers(table, "rank", problems, blank=True)
    with np.errstate(invalid="ignore"):
        is_rank = (ranks >= 1) & (ranks <= _MOST_RANKS) & (ranks == np.floor(ranks))
    wrong = np.flatnonzero(np.isfinite(ranks) & ~is_rank)
    if len(wrong):
        place = table.place(wrong, "rank")
        rank = table.column("rank").iloc[wrong[0]]
        problems.add(
            "not-a-number",
            place,
            "workflows.bad-rank",
            rank=rank,
            most=_MOST_RANKS,
        )
    years = np.zeros(len(ranks), dtype=int)
    if "year" in table.frame:
        years = read_years(table, problems)
    schemes = table.column("scheme").to_numpy()
    regions = table.frame["region"].to_numpy()
    previous = {}
    for row in np.flatnonzero(is_rank):
        scheme = schemes[row] or path.parent.name
        previous[scheme, regions[row], int(years[row])] = int(ranks[row])
    return previous


def comparisons_by_basis(
    project: Project, bases: Collection[str]
) -> tuple[dict[str, Comparison], list[Plan]]:
    """Compute the accounts of all years at each basis that schemes read.

    Parameters
    ----------
    project : Project
    bases : collection of str
        See ``gep.assessment.readings.Basis``. Those that the project cannot have (constant prices
        without a price year, normal climate without data of reference years) are left out.

    Returns
    -------
    comparisons : dict of str to Comparison
        By basis; ``project``, the project's own, is always among them.
    plans : list of Plan
        The plans of all accounts, but for normal climate.

    Raises
    ------
    ProblemsFound
        With the codes of ``gep.plan.build.build_plan``.
    """
    price_year = project.parts.price_year
    plans = build_plans(project)
    years = [plan.year for plan in plans]
    accounts = [account_from_plan(plan) for plan in plans]
    plans = [account.plan for account in accounts]
    at_project = compare(accounts, pairs=(), changes=project.changes)
    comparisons = {"project": at_project}
    if "constant" in bases and price_year is not None:
        comparisons["constant"] = at_project
    if "current" in bases:
        comparisons["current"] = at_project
    if "current" in bases and price_year is not None:
        current = replace(project, parts=replace(project.parts, price_year=None))
        pairs = zip(build_plans(current), plans, strict=True)
        current_plans = [settled_like(plan, known) for plan, known in pairs]
        current_accounts = [account_from_plan(plan) for plan in current_plans]
        current_plans = [account.plan for account in current_accounts]
        comparisons["current"] = compare(current_accounts, pairs=(), changes=project.changes)
        plans = [*plans, *current_plans]
    if _NORMAL_CLIMATE in bases and project.normal is not None:
        normal = under_reference_weather(project.parts, project.normal, years)
        comparisons[_NORMAL_CLIMATE] = compare(
            accounts, pairs=(), changes=project.changes, normal=normal
        )
    return comparisons, plans


def sample_by_basis(
    comparisons: Mapping[str, Comparison], draws: int, seed: int
) -> dict[str, SampledLines]:
    """Sample the lines of the accounts at each basis.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By basis; bases that share a comparison share its draws.
    draws, seed : int

    Returns
    -------
    dict of str to SampledLines
        By basis, but not for normal climate, which is the mean of several accounts.

    Raises
    ------
    ProblemsFound
        ``bad-draws``.
    """
    sampled: dict[int, SampledLines] = {}
    sampled_by_basis = {}
    for basis, comparison in comparisons.items():
        if basis == _NORMAL_CLIMATE:
            continue
        identity = id(comparison)
        if identity not in sampled:
            frame = comparison.lines
            lines = list(zip(frame["category"], frame["indicator"], frame["item"], strict=True))
            plans = [account.plan for account in comparison.accounts]
            sampled[identity] = sample_lines(plans, draws, seed, lines)
        sampled_by_basis[basis] = sampled[identity]
    return sampled_by_basis
