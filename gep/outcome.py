"""The outcome of a project (核算结果): computed, then its tables, map and manifest written, whole or not at all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account import Account, account_of
from gep.cells import split_sheet
from gep.errors import Problem
from gep.plan import TRIAL, Plan, warnings_of
from gep.project import Project, check
from gep.results import ecosystem_pieces
from gep.writing import append, called, cannot_write, sha256, way, whole

FILES = ("account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv", "manifest.json", "map.png")


@dataclass(frozen=True)
class Outcome:
    """A project that was run: its accounts, where the files are, and what to look at."""

    project: Project
    accounts: tuple[Account, ...]
    out: Path
    warnings: tuple[Problem, ...]


def run(path: str | Path, out: str | Path | None = None, *, allow_code: bool = False, partial: bool = False) -> Outcome:
    """Check, compute and write a project. Raises ``ProblemsFound`` before anything is written."""
    project, planned = check(path, allow_code=allow_code, partial=partial)
    folder = Path(out) if out is not None else project.folder / "out"
    refuse_inputs(project, planned, folder, FILES)
    accounts = tuple(account_of(plan) for plan in planned)
    warnings = tuple(dict.fromkeys([*project.warnings, *warnings_of(planned), *_approved_made_up(project, accounts)]))
    warnings = write(project, accounts, folder, warnings, partial)
    return Outcome(project, accounts, folder, warnings)


def _approved_made_up(project: Project, accounts: Sequence[Account]) -> list[Problem]:
    """Made-up numbers in an account that says it was approved."""
    if project.state == TRIAL:
        return []
    share = max(float(account.shares()["grade"]["placeholder"]) for account in accounts)
    if not share:
        return []
    what = f"recorded as approved ({project.state}), and {share:.1%} of the value rests on made-up numbers"
    return [Problem("approved-placeholder", "project.toml", what, "replace them, or take approver and document out")]


def refuse_inputs(project: Project, planned: Sequence[Plan], out: Path, names: Sequence[str]) -> None:
    """Results are never written over what they are made of, nor among the tables of a set."""
    sets = {one.path.resolve() for one in project.parts.sets}
    if out.resolve() in sets:
        raise cannot_write(out, "this is the folder of a coefficient set, whose tables are read together")
    inputs = {file.resolve() for file in files_of(project, planned)}
    lost = [name for name in names if (out / name).resolve() in inputs]
    if lost:
        raise cannot_write(out, f"{', '.join(lost)} there is an input of the project and would be lost")


def pieces_of(accounts: Sequence[Account]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The result tables of a run in pieces that fit in memory, each with its file name, those of a file in order."""
    for account in accounts:
        yield "account.csv", account.frame()
        for piece in ecosystem_pieces(account.plan, account.results):
            yield "by_ecosystem.csv", piece
        yield "summary.csv", account.summary()
        yield "plan.csv", account.plan.table()


def tables_of(accounts: Sequence[Account]) -> dict[str, pd.DataFrame]:
    """The result tables of a run, by file name."""
    found: dict[str, list[pd.DataFrame]] = {}
    for name, piece in pieces_of(accounts):
        found.setdefault(name, []).append(piece)
    return {name: pd.concat(pieces, ignore_index=True) for name, pieces in found.items()}


def write(
    project: Project, accounts: Sequence[Account], out: Path, warnings: Sequence[Problem], partial: bool
) -> tuple[Problem, ...]:
    """Write all result files, whole or not at all; returns the warnings, with those that writing adds."""
    stale = ["map.png"] if (out / "manifest.json").exists() else []  # of an earlier run, and out of date
    with whole(out, stale) as scratch:
        for name, piece in pieces_of(accounts):
            append(scratch / name, piece)
        warnings = (*warnings, *_map(project, accounts[-1], scratch / "map.png"))
        text = json.dumps(manifest(project, accounts, out, warnings, partial, scratch), ensure_ascii=False, indent=1)
        (scratch / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return warnings


def _map(project: Project, account: Account, path: Path) -> list[Problem]:
    """Draw the map of the last year where the regions have places; without the libraries for it, say so."""
    from gep.report.maps import account_map, can_map

    inputs, boundaries = project.text.inputs, project.boundaries
    if not can_map(account, boundaries):
        return []
    try:
        account_map(
            account,
            path,
            project.text.project.title,
            project.language,
            boundaries,
            inputs.boundary_key,
            inputs.approval,
        )
    except ModuleNotFoundError as error:
        what = f"map.png is not drawn: {error.name} is not installed"
        return [Problem("missing-extra", "map.png", what, 'pip install "gep[report]"')]
    return []


def manifest(
    project: Project,
    accounts: Sequence[Account],
    out: Path,
    warnings: Sequence[Problem],
    partial: bool,
    made: Path,
) -> Mapping[str, Any]:
    """What was computed from what: versions, checksums, evidence, shares, state."""
    record = project.text.project
    return {
        "gep": __version__,
        "project": {"id": record.id, "title": str(record.title), "folder": way(project.folder, out)},
        "options": {"allow_code": project.own_code, "partial": partial},
        **statement(project, accounts),
        "warnings": [str(problem) for problem in warnings],
        "inputs": file_sums(project, [account.plan for account in accounts]),
        "results": {file.name: sha256(file) for file in sorted(made.glob("*.csv"))},
    }


def statement(project: Project, accounts: Sequence[Account]) -> dict[str, Any]:
    """What the manifest says of the accounts: state, standard, evidence and legal force, switches, shares."""
    text, record, first = project.parts.standard.text, project.text.project, accounts[0].plan
    return {
        "state": project.state,
        "approver": record.approver,
        "document": record.document,
        "standard": {
            "id": text.id, "title": str(text.title), "measure": text.measure, "evidence": text.evidence,
            "legal": text.legal, "held_against_official_text": text.evidence == "verified",
        },
        "switches": dict(first.switches),
        "price_year": record.price_year,
        "tier": first.extent.tier,
        "sets": [one.label for one in project.parts.sets],
        "shares": {str(account.year): account.shares() for account in accounts},
        "not_accounted_for_km2": {str(one.year): float(one.plan.extent.unaccounted.sum() / 1e6) for one in accounts},
        "sums_of_parts": sorted(step.name for step in first.steps if not step.step.additive),
    }  # fmt: skip


def files_of(project: Project, planned: Sequence[Plan]) -> list[Path]:
    """Every file that the project's plans are made of, a workbook without its sheet."""
    own = {step.method.file for plan in planned for step in plan.steps if step.method.file}
    return [split_sheet(file)[0] for file in (*project.parts.files, *sorted(own))]


def file_sums(project: Project, planned: Sequence[Plan]) -> dict[str, str]:
    """The checksum of every file that the project's plans are made of."""
    return {called(file, project.folder): sha256(file) for file in files_of(project, planned)}
