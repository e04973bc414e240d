"""The outcome of a project (核算结果): computed, then its tables, map and manifest written, whole or not at all."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.account.result_tables import ecosystem_pieces
from gep.errors import Problem, make_problem
from gep.extent.region_changes import renames
from gep.io.result_folder import append_csv, relative_path, replace_folder, sha256
from gep.plan.alignment import relabel_regions
from gep.plan.plan import TRIAL, Plan, warnings_of
from gep.project.files import file_sums, refuse_inputs
from gep.project.project import Project, check_project
from gep.report.result_figures import draw_ranks
from gep.uncertainty.interval_tables import Uncertainty
from gep.uncertainty.monte_carlo import propagate_uncertainty

DRAWN = ("uncertainty.csv", "pairwise.csv", "ranks.png")
FILES = (
    "account.csv",
    "by_ecosystem.csv",
    "summary.csv",
    "plan.csv",
    "manifest.json",
    "map.png",
    *DRAWN,
)


@dataclass(frozen=True)
class ProjectRun:
    """A project that was run: its accounts, where the files are, and what to look at."""

    project: Project
    accounts: tuple[Account, ...]
    out: Path
    warnings: tuple[Problem, ...]
    uncertainty: Uncertainty | None = None

    def __repr__(self) -> str:
        return f"<Outcome of {self.project.spec.project.id}, {len(self.accounts)} accounts, in {self.out}>"


def run_project(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    partial: bool = False,
    draws: int = 0,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> ProjectRun:
    """Check, compute and write a project. Raises ``ProblemsFound`` before anything is written.

    With ``draws`` the uncertainty of its numbers is propagated; ``progress`` is told the
    share that is done.
    """
    project, planned = check_project(path, allow_code=allow_code, partial=partial)
    folder = Path(out) if out is not None else project.folder / "out"
    refuse_inputs(project, planned, folder, FILES)
    accounts = tuple(account_from_plan(plan) for plan in planned)
    warnings = tuple(
        dict.fromkeys(
            [*project.warnings, *warnings_of(planned), *_approved_made_up(project, accounts)]
        )
    )
    sure = drawn_outcome(project, planned, draws, seed, progress) if draws else None
    outcome = ProjectRun(project, accounts, folder, warnings, sure)
    return replace(outcome, warnings=write(outcome, partial))


def drawn_outcome(
    project: Project,
    planned: Sequence[Plan],
    draws: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Uncertainty:
    """The uncertainty of a project's accounts; regions that were only renamed are one region in all years."""
    last = max(plan.year for plan in planned)
    renamed = [_renamed(plan, project, last) for plan in planned]
    return propagate_uncertainty(
        renamed, draws, seed, progress=progress, workers=os.cpu_count() or 1
    )


def _renamed(plan: Plan, project: Project, last: int) -> Plan:
    if project.changes is None:
        return plan
    codes = [str(code) for code in plan.extent.regions]
    new = renames(project.changes, codes, plan.year, last)
    return relabel_regions(plan, [new.get(code, code) for code in codes])


def _approved_made_up(project: Project, accounts: Sequence[Account]) -> list[Problem]:
    """Made-up numbers in an account that says it was approved."""
    if project.state == TRIAL:
        return []
    share = max(float(account.shares()["grade"]["placeholder"]) for account in accounts)
    if not share:
        return []
    what = f"recorded as approved ({project.state}), and {share:.1%} of the value rests on made-up numbers"
    return [
        make_problem(
            "approved-placeholder",
            "project.toml",
            what,
            "replace them, or take approver and document out",
        )
    ]


def pieces_of(
    accounts: Sequence[Account], sure: Uncertainty | None = None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The result tables of a run in pieces that fit in memory, each with its file name, those of a file in order."""
    for account in accounts:
        yield "account.csv", account.frame()
        for piece in ecosystem_pieces(account.plan, account.results):
            yield "by_ecosystem.csv", piece
        yield "summary.csv", account.summary()
        yield "plan.csv", account.plan.table()
    if sure is not None:
        yield "uncertainty.csv", sure.table()
        yield "pairwise.csv", sure.pairwise_table()


def tables_of(
    accounts: Sequence[Account], sure: Uncertainty | None = None
) -> dict[str, pd.DataFrame]:
    """The result tables of a run, by file name."""
    found: dict[str, list[pd.DataFrame]] = {}
    for name, piece in pieces_of(accounts, sure):
        found.setdefault(name, []).append(piece)
    return {name: pd.concat(pieces, ignore_index=True) for name, pieces in found.items()}


def write(outcome: ProjectRun, partial: bool) -> tuple[Problem, ...]:
    """Write all result files, whole or not at all; returns the warnings, with those that writing adds."""
    project, accounts, out = outcome.project, outcome.accounts, outcome.out
    stale = (
        ["map.png", *DRAWN] if (out / "manifest.json").exists() else []
    )  # of an earlier run, and out of date
    with replace_folder(out, stale) as scratch:
        for name, piece in pieces_of(accounts, outcome.uncertainty):
            append_csv(scratch / name, piece)
        warnings = (*outcome.warnings, *_map(project, accounts[-1], scratch / "map.png"))
        if outcome.uncertainty is not None:
            warnings = (
                *warnings,
                *draw_ranks(outcome.uncertainty, accounts[-1], project, scratch / "ranks.png"),
            )
        outcome = replace(outcome, warnings=warnings)
        text = json.dumps(manifest(outcome, partial, scratch), ensure_ascii=False, indent=1)
        (scratch / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return warnings


def _map(project: Project, account: Account, path: Path) -> list[Problem]:
    """Draw the map of the last year where the regions have places; without the libraries for it, say so."""
    from gep.report.result_figures import account_map, can_map

    inputs, boundaries = project.spec.inputs, project.boundaries
    if not can_map(account, boundaries):
        return []
    try:
        account_map(
            account,
            path,
            project.spec.project.title,
            project.language,
            boundaries,
            inputs.boundary_key,
            inputs.approval,
        )
    except ModuleNotFoundError as error:
        what = f"map.png is not drawn: {error.name} is not installed"
        return [
            make_problem("missing-extra", "map.png", what, 'pip install "gep-accounting[report]"')
        ]
    return []


def manifest(outcome: ProjectRun, partial: bool, made: Path) -> Mapping[str, Any]:
    """What was computed from what: versions, checksums, evidence, shares, state."""
    project, accounts, sure = outcome.project, outcome.accounts, outcome.uncertainty
    record = project.spec.project
    options: dict[str, Any] = {"allow_code": project.own_code, "partial": partial}
    if sure is not None:
        options |= {"draws": sure.draws, "seed": sure.seed}
    return {
        "gep": __version__,
        "project": {
            "id": record.id,
            "title": str(record.title),
            "folder": relative_path(project.folder, outcome.out),
        },
        "options": options,
        **statement(project, accounts),
        **({"uncertainty": sure.statement()} if sure is not None else {}),
        "warnings": [str(problem) for problem in outcome.warnings],
        "inputs": file_sums(project, [account.plan for account in accounts]),
        "results": {file.name: sha256(file) for file in sorted(made.glob("*.csv"))},
    }


def statement(project: Project, accounts: Sequence[Account]) -> dict[str, Any]:
    """What the manifest says of the accounts: state, standard, evidence and legal force, switches, shares."""
    text, record, first = project.parts.standard.spec, project.spec.project, accounts[0].plan
    return {
        "state": project.state,
        "approver": record.approver,
        "document": record.document,
        "standard": {
            "id": text.id,
            "title": str(text.title),
            "measure": text.measure,
            "evidence": text.evidence,
            "legal": text.legal,
            "held_against_official_text": text.evidence == "verified",
        },
        "switches": dict(first.switches),
        "price_year": record.price_year,
        "tier": first.extent.tier,
        "sets": [one.label for one in project.parts.sets],
        "shares": {str(account.year): account.shares() for account in accounts},
        "not_accounted_for_km2": {
            str(one.year): float(one.plan.extent.unaccounted.sum() / 1e6) for one in accounts
        },
        "sums_of_parts": sorted(step.name for step in first.steps if not step.step.additive),
    }
