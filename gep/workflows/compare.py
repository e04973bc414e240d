"""The outcome of a comparison (对比结果): accounts of projects compared, tables and pictures written."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.comparison.comparison import Comparison, Pair, compare
from gep.comparison.comparison_table import comparison_table, deflators
from gep.comparison.decomposition import decomposition_table
from gep.comparison.land_change import transitions_table
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem
from gep.inputs.data import Data
from gep.io.result_folder import append_csv, relative_path, replace_folder, sha256
from gep.plan.plan import Plan, warnings_of
from gep.project.files import file_sums, refuse_inputs
from gep.project.project import Project, build_plans, read_project
from gep.report.result_figures import draw

TABLES = ("comparison.csv", "decomposition.csv", "transitions.csv")
PICTURES = ("change.png", "years.png", "transitions.png", "growth.png")
RECORD = "comparison.json"
FILES = (*TABLES, RECORD, *PICTURES)
CURRENT = "current"


@dataclass(frozen=True)
class ProjectComparison:
    """Projects that were compared: the comparison at the first price basis, its tables, where they are."""

    projects: tuple[Project, ...]
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    out: Path
    warnings: tuple[Problem, ...]

    def __repr__(self) -> str:
        return f"<Compared {self.comparison!r}, in {self.out}>"


def compare_projects(
    paths: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    from_year: int | None = None,
    to_year: int | None = None,
    prices: Sequence[str] = (),
    allow: Collection[str] = (),
    moving_mean: int = 0,
    allow_code: bool = False,
    partial: bool = False,
) -> ProjectComparison:
    """Compare the accounts of a project, or of several, and write the tables. Raises ``ProblemsFound`` before that.

    ``prices`` are ``current`` or years, the first of which the reasons are told at (default: the project's own).
    """
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    projects = [read_project(path, allow_code=allow_code, partial=partial) for path in several]
    folder = Path(out) if out is not None else projects[0].folder / "out"
    bases = _bases(prices)
    found, warnings = [], []
    planned: list[list[Plan]] = [[] for _ in projects]
    for basis in bases:
        at = [_at_prices(project, basis) for project in projects]
        own = [build_plans(project) for project in at]
        for some, new in zip(planned, own, strict=True):
            some += new
        found.append(_compare(at, own, from_year, to_year, allow, moving_mean))
        under = [account.plan for some in found[-1].normal.values() for account in some]
        warnings += warnings_of([*(plan for some in own for plan in some), *under])
    for project, some in zip(projects, planned, strict=True):
        refuse_inputs(project, some, folder, FILES)
    tables, told = tables_of(found, projects[0])
    warnings = (
        [one for project in projects for one in project.warnings]
        + warnings
        + [*found[0].warnings, *told]
    )
    compared = ProjectComparison(
        tuple(projects), found[0], tables, folder, tuple(dict.fromkeys(warnings))
    )
    return _write(
        compared,
        planned,
        {"prices": list(prices), "allow": sorted(allow), "moving_mean": moving_mean},
    )


def _bases(prices: Sequence[str]) -> list[int | str | None]:
    """The price bases asked for: None for the project's own."""
    problems, found = ProblemLog(), list[int | str | None]()
    for one in prices:
        if one == CURRENT or (one.isascii() and one.isdigit() and 1900 <= int(one) <= 2100):
            found.append(one if one == CURRENT else int(one))
        else:
            problems.add(
                "bad-year",
                "--prices",
                f"prices reads {one!r}",
                f"write {CURRENT}, or a year such as 2020",
            )
    problems.raise_errors()
    return list(dict.fromkeys(found)) or [None]


def _at_prices(project: Project, basis: int | str | None) -> Project:
    if basis is None:
        return project
    return replace(
        project, parts=replace(project.parts, price_year=None if basis == CURRENT else int(basis))
    )


def _compare(
    projects: Sequence[Project],
    planned: Sequence[Sequence[Plan]],
    first: int | None,
    last: int | None,
    allow: Collection[str],
    moving_mean: int,
) -> Comparison:
    accounts = [account_from_plan(plan) for some in planned for plan in some]
    normal: dict[int, Sequence[Account]] = {}
    errors: list[Problem] = []
    for project, some in zip(projects, planned, strict=True):
        if project.normal is not None and not moving_mean:
            try:
                normal |= under_reference_weather(
                    project.parts, project.normal, [plan.year for plan in some]
                )
            except ProblemsFound as error:
                errors += error.problems
    if errors:
        raise ProblemsFound(errors)
    years = {
        tuple(sorted(set(one.normal.rows["year"]))) for one in projects if one.normal is not None
    }
    if normal and len(years) > 1:
        what = "the projects give the weather of other reference years: "
        what += "; ".join(", ".join(map(str, some)) for some in sorted(years))
        raise ProblemsFound(
            [
                make_problem(
                    "not-comparable", "inputs.normal", what, "give all projects the same ones"
                )
            ]
        )
    if normal and len(normal) < len(accounts):
        what = "some of the projects have no normal.csv, the others have"
        raise ProblemsFound(
            [
                make_problem(
                    "missing-file", "inputs.normal", what, "give it to all projects, or to none"
                )
            ]
        )
    pairs = _pairs(sorted(account.year for account in accounts), first, last)
    changes = next((project.changes for project in projects if project.changes is not None), None)
    found = compare(
        accounts, pairs=pairs, allow=allow, changes=changes, normal=normal, moving_mean=moving_mean
    )
    unused = [
        one.normal for one in projects if one.normal is not None and not normal and not moving_mean
    ]
    return replace(found, warnings=(*found.warnings, *(_not_taken(one) for one in unused)))


def _not_taken(normal: Data) -> Problem:
    """That no step takes any of the data of reference years, so that there is no normal climate."""
    names = ", ".join(sorted(set(normal.rows["name"])))
    what = f"no step of the standard takes any of {names}: there is no normal climate apart from the actual one"
    return make_problem(
        "unused-data",
        normal.files[0].name,
        what,
        "take normal out of [inputs], or correct the names",
    )


def _pairs(years: Sequence[int], first: int | None, last: int | None) -> list[Pair] | None:
    if first is None and last is None:
        return None
    return [(first if first is not None else years[0], last if last is not None else years[-1])]


def tables_of(
    found: Sequence[Comparison], project: Project
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The result tables; the reasons are those of the first comparison."""
    pieces = [comparison_table(one) for one in found]
    current = next((one for one in found if one.basis == CURRENT), None)
    if current is not None:
        pieces += [deflators(current, one) for one in found if one is not current]
    reasons, refused = decomposition_table(found[0])
    land, lost = transitions_table(found[0], project.transitions)
    tables = {
        "comparison.csv": pd.concat([one for one in pieces if len(one)], ignore_index=True),
        "decomposition.csv": reasons,
        "transitions.csv": land,
    }
    return tables, [*refused, *lost]


def _write(
    compared: ProjectComparison, planned: Sequence[Sequence[Plan]], options: Mapping[str, Any]
) -> ProjectComparison:
    out = compared.out
    stale = PICTURES if (out / RECORD).exists() else ()
    with replace_folder(out, stale) as scratch:
        for name, table in compared.tables.items():
            append_csv(scratch / name, table)
        more = draw(compared.comparison, compared.tables, compared.projects[0], scratch)
        compared = replace(compared, warnings=(*compared.warnings, *more))
        record = {
            "gep": __version__,
            "projects": [
                {"id": one.spec.project.id, "folder": relative_path(one.folder, out)}
                for one in compared.projects
            ],
            "options": options,
            **statement(compared.comparison),
            "warnings": [str(problem) for problem in compared.warnings],
            "inputs": _sums(compared, planned),
            "results": {file.name: sha256(file) for file in sorted(scratch.glob("*.csv"))},
        }
        (scratch / RECORD).write_text(
            json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return compared


def _sums(compared: ProjectComparison, planned: Sequence[Sequence[Plan]]) -> dict[str, str]:
    """The checksum of every input, of several projects under the way to each."""
    found = {}
    for one, some in zip(compared.projects, planned, strict=True):
        ahead = f"{relative_path(one.folder, compared.out)}/" if len(compared.projects) > 1 else ""
        for name, digest in file_sums(one, some).items():
            found[name if name.startswith("gep:") else f"{ahead}{name}"] = digest
    return found


def statement(found: Comparison) -> dict[str, Any]:
    """What is said of a comparison: years, standard, price and climate basis, boundary, what differs, flags."""
    return {
        "years": [account.year for account in found.accounts],
        "pairs": [list(pair) for pair in found.pairs],
        "standard": list(dict.fromkeys(account.plan.standard.id for account in found.accounts)),
        "price_basis": found.basis,
        "climate": found.climate if found.normal else "actual",
        "boundary": found.boundary,
        "differs": dict(found.differs),
        "flags": list(found.flags),
    }
