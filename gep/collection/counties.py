"""The counties of a collection (报送的县): each project read and computed as it stands, held against its own record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.errors import Problem, ProblemLog, ProblemsFound, joined
from gep.io.catalog import displayed_path
from gep.io.result_folder import sha256
from gep.plan.build import PARTIAL
from gep.plan.plan import Plan
from gep.project.files import file_sums
from gep.project.project import Project, build_plans, read_project

JUMP = 0.2  # the default threshold; of no text
COUNTY_COLUMNS = [
    "county",
    "id",
    "title",
    "regions",
    "years",
    "gep",
    "run",
    "state",
    "standard",
    "sets",
    "switches",
    "price_basis",
    "crosswalk",
    "recalled",
    "placeholder",
    "transfer",
    "common_transfer",
    "problem",
]
FILE_COLUMNS = ["county", "file", "kind", "recorded", "sha256", "status"]
AGREES, EDITED, RESULTS, NO_RUN, UNREADABLE = (
    "agrees",
    "edited",
    "results_edited",
    "no_run",
    "unreadable",
)
_RECORD = Path("out", "manifest.json")


@dataclass(frozen=True)
class County:
    """A county's project as it was sent: its accounts under its own choices, its files against its manifest."""

    name: str  # of its folder
    project: Project
    accounts: tuple[Account, ...]
    files: pd.DataFrame  # FILE_COLUMNS
    run: str  # agrees | edited | results_edited | no_run | unreadable
    version: str  # of gep, that ran it

    @property
    def plans(self) -> list[Plan]:
        """The plan of each year."""
        return [account.plan for account in self.accounts]

    @property
    def years(self) -> list[int]:
        """The years of its accounts."""
        return [account.year for account in self.accounts]

    @property
    def regions(self) -> list[str]:
        """The regions of any year."""
        return list(dict.fromkeys(str(code) for plan in self.plans for code in plan.extent.regions))


@dataclass(frozen=True)
class Counties:
    """All that a folder holds: what could be read, what is wrong with the others, folders that are no project."""

    read: tuple[County, ...]
    broken: Mapping[str, tuple[Problem, ...]]
    ignored: tuple[str, ...]


def read_counties(folder: Path, out: Path, years: Sequence[int], *, allow_code: bool) -> Counties:
    """Read every project one level below ``folder``; ``years`` are those wanted (none: each county's own).

    What a county lacks is a gap in it and no problem here: the completeness matrix tells it.
    """
    found, broken, ignored = list[County](), dict[str, tuple[Problem, ...]](), list[str]()
    for home in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (
            not home.is_dir()
            or home.name.startswith((".", "__"))
            or home.resolve() == out.resolve()
        ):
            continue
        if not (home / "project.toml").is_file():
            ignored.append(home.name)
            continue
        try:
            found.append(_read(home, years, allow_code))
        except ProblemsFound as error:
            broken[home.name] = tuple(located(home.name, error.problems))
    return Counties(tuple(found), broken, tuple(ignored))


def located(name: str, problems: Sequence[Problem]) -> list[Problem]:
    """Problems with the county in front of the place; gaps are left to the completeness matrix."""
    return [replace(one, project=name) for one in problems if one.code not in PARTIAL]


def _read(home: Path, years: Sequence[int], allow_code: bool) -> County:
    project = read_project(home, allow_code=allow_code, partial=True)
    if years:
        project = _of_years(project, years)
    planned = build_plans(project)
    accounts = tuple(account_from_plan(plan) for plan in planned)
    record = _record(home)
    files = _files(home, record, file_sums(project, planned))
    return County(
        home.name,
        project,
        accounts,
        files,
        _run(home, record, files),
        str((record or {}).get("gep", "")),
    )


def _of_years(project: Project, years: Sequence[int]) -> Project:
    """The project with the years wanted alone."""
    problems, own = ProblemLog(), project.spec.project.years
    for year in years:
        if year not in own:
            fix = f"its years are: {', '.join(map(str, own))}"
            problems.add(
                "missing-year", "project.toml years", f"there is no account of {year}", fix
            )
    problems.raise_errors()
    record = project.spec.project.model_copy(update={"years": tuple(sorted(years))})
    return replace(project, spec=project.spec.model_copy(update={"project": record}))


def _record(home: Path) -> Mapping[str, Any] | None:
    """The manifest of the county's run; None where there is none that can be read."""
    try:
        record = json.loads((home / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    parts = (
        [record.get(name) for name in ("inputs", "results")] if isinstance(record, dict) else [None]
    )
    return record if all(isinstance(one, dict) for one in parts) else None


def _run(home: Path, record: Mapping[str, Any] | None, files: pd.DataFrame) -> str:
    """How the county's run stands to its files."""
    if record is None:
        return UNREADABLE if (home / _RECORD).exists() else NO_RUN
    wrong = files[(files["status"] != AGREES).to_numpy()]
    if wrong.empty:
        return AGREES
    return EDITED if (wrong["kind"] == "input").any() else RESULTS


def _files(home: Path, record: Mapping[str, Any] | None, now: Mapping[str, str]) -> pd.DataFrame:
    """The files of a county with the checksums recorded and found: agrees, edited, gone, new, no_record."""
    rows = []
    inputs = (record or {}).get("inputs", {})
    for name in dict.fromkeys([*now, *inputs]):
        said, is_now = str(inputs.get(name, "")), now.get(name, "")
        if record is None:
            status = "no_record"
        elif not said:
            status = "new"
        elif not is_now:
            status = "unused" if displayed_path(name, home).is_file() else "gone"
        else:
            status = AGREES if said == is_now else EDITED
        rows.append((home.name, name, "input", said, is_now, status))
    for name, said in (record or {}).get("results", {}).items():
        path = home / _RECORD.parent / Path(str(name)).name
        is_now = sha256(path) if path.is_file() else ""
        status = "gone" if not is_now else AGREES if is_now == said else EDITED
        rows.append((home.name, path.name, "result", str(said), is_now, status))
    return pd.DataFrame(rows, columns=FILE_COLUMNS)


def tell_runs(counties: Sequence[County], problems: ProblemLog) -> None:
    """Warn of counties whose record is not there or is no longer that of their files."""
    words = {
        NO_RUN: ("there is no out/manifest.json", "run gep run there"),
        UNREADABLE: ("out/manifest.json cannot be read", "run gep run there"),
        EDITED: ("inputs are not those of the run", "ask why; run gep run there again"),
        RESULTS: ("result files were edited after the run", "ask why; run gep run there again"),
    }
    for one in counties:
        if one.run in words:
            what, fix = words[one.run]
            wrong = one.files[~one.files["status"].isin([AGREES, "no_record"]).to_numpy()]
            named = [
                f"{file} ({status})"
                for file, status in zip(wrong["file"], wrong["status"], strict=True)
            ]
            problems.add(
                "run-record", one.name, ": ".join(filter(None, [what, ", ".join(named[:5])])), fix
            )


def check_regions(counties: Sequence[County], problems: ProblemLog) -> None:
    """A region may be in one county only."""
    home: dict[str, str] = {}
    for one in counties:
        shared: dict[str, list[str]] = {}
        for code in one.regions:
            if home.setdefault(code, one.name) != one.name:
                shared.setdefault(home[code], []).append(code)
        for other, codes in shared.items():
            what = f"{joined(codes, ', ')}: in {other} as well"
            problems.add(
                "region-twice",
                one.name,
                what,
                "one of them took in another's area, or the code is wrong",
            )


def check_sets(counties: Sequence[County], problems: ProblemLog) -> None:
    """Warn of sets, and crosswalks, that have one name and not the same content."""
    seen: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for one in counties:
        parts = one.project.parts
        walk = (
            [(f"crosswalk {parts.crosswalk.id}", (parts.crosswalk.path,))]
            if parts.crosswalk
            else []
        )
        for label, files in [*((f"set {some.label}", some.files) for some in parts.sets), *walk]:
            content = tuple(sha256(file) for file in sorted(files))
            seen.setdefault(label, {}).setdefault(content, []).append(one.name)
    for label, kinds in seen.items():
        if len(kinds) > 1:
            told = "; ".join(joined(names, ", ") for names in kinds.values())
            problems.add(
                "content-differs",
                label,
                f"its content is not the same in: {told}",
                "ask which one is right",
            )


def tell_left_out(found: Counties, problems: ProblemLog) -> None:
    """Warn of counties that were left out, and of folders that are no project."""
    for name, some in found.broken.items():
        codes = ", ".join(dict.fromkeys(one.code for one in some))
        what = f"{len(some)} problems ({codes}); the first: {some[0].where}: {some[0].what}"
        problems.add(
            "county-left-out", name, what, "gep check lists all; sums and ranks lack this county"
        )
    for name in found.ignored:
        problems.add(
            "county-left-out",
            name,
            "there is no project.toml in the folder",
            "put it there, or move it away",
        )


def county_table(found: Counties, common: Mapping[str, Sequence[Account]]) -> pd.DataFrame:
    """``counties.csv``: versions, state and choices; shares are the largest of all years; ``run``: see ``County``."""
    rows: list[tuple[object, ...]] = [_told(one, common[one.name]) for one in found.read]
    for name, problems in found.broken.items():
        codes = ";".join(dict.fromkeys(one.code for one in problems))
        rows.append((name, *[""] * (len(COUNTY_COLUMNS) - 2), codes))
    return pd.DataFrame(sorted(rows, key=lambda row: str(row[0])), columns=COUNTY_COLUMNS)


def _told(one: County, common: Sequence[Account]) -> tuple[object, ...]:
    record, parts = one.project.spec.project, one.project.parts
    switches = one.plans[0].switches
    shares = [account.shares() for account in one.accounts]
    grades = [
        max(float(some["grade"][name]) for some in shares) for name in ("recalled", "placeholder")
    ]
    walk = f"{parts.crosswalk.id}@{sha256(parts.crosswalk.path)[:8]}" if parts.crosswalk else ""
    return (
        one.name,
        record.id,
        str(record.title),
        ";".join(one.regions),
        ";".join(map(str, sorted(record.years))),
        one.version,
        one.run,
        one.project.state,
        parts.standard.id,
        ";".join(some.label for some in parts.sets),
        ";".join(f"{name}={option}" for name, option in switches.items()),
        "current" if parts.price_year is None else f"constant:{parts.price_year}",
        walk,
        *grades,
        max(float(some["transfer"]) for some in shares),
        max(float(some.shares()["transfer"]) for some in common),
        "",
    )


@dataclass(frozen=True)
class CollectionOptions:
    """What is asked of a collection. ``coefficients`` (ids or paths) come before the standard's own sets."""

    standard: str = ""  # default: the one that all counties have
    coefficients: tuple[str, ...] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    prices: str = ""  # current or a year; default: the basis that all counties have
    years: tuple[int, ...] = ()  # default: the years that all counties have
    controls: Path | None = None
    regions: Path | None = None
    alternatives: Path | None = None
    jump: float = JUMP
    skip_broken: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
