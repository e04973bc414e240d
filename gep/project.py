"""Projects (核算项目): a folder with ``project.toml``; read whole, checked whole, run whole, written whole."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from gep import __version__
from gep.account import Account, account_of
from gep.catalog import inside, name_of, read_toml
from gep.cells import split_sheet
from gep.classes import load_crosswalk, load_regions, load_scheme
from gep.data import load_data
from gep.errors import Problem, Problems, ProblemsFound
from gep.extent import load_areas
from gep.plan import PARTIAL, TRIAL, Allowed, Parts, Plan, build, load_sets, warnings_of
from gep.report.boundaries import check_boundaries
from gep.results import ecosystem_pieces
from gep.standard import Frozen, Text, checked, load_standard


class ProjectTable(Frozen):
    """``[project]``."""

    id: str
    title: Text
    standard: str
    coefficients: tuple[str, ...] = ()
    years: tuple[int, ...] = Field(min_length=1)
    price_year: int | None = None
    language: Literal["zh", "en"] = "zh"
    allow_placeholder: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
    approver: str = ""
    document: str = ""


class Inputs(Frozen):
    """``[inputs]``."""

    areas: str = Field(min_length=1)
    data: tuple[str, ...] = ()
    normal: str = ""
    transitions: str = ""
    crosswalk: str = ""
    regions: str = ""
    boundaries: str = ""
    boundary_key: str = "code"
    approval: str = ""
    raster: dict[str, Any] | None = None


class ProjectText(Frozen):
    """``project.toml``."""

    project: ProjectTable
    switches: dict[str, str] = Field(default_factory=dict)
    inputs: Inputs
    assessment: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Project:
    """A project that was read: its text, its folder and everything its plans are built of."""

    text: ProjectText
    folder: Path
    parts: Parts
    warnings: tuple[Problem, ...]
    own_code: bool

    @property
    def language(self) -> str:
        """``zh`` or ``en``."""
        return self.text.project.language

    @property
    def state(self) -> str:
        """试算 until an approver and a document are recorded."""
        record = self.text.project
        return f"{record.approver} {record.document}" if record.approver and record.document else TRIAL


def read_project(path: str | Path, *, allow_code: bool = False, partial: bool = False) -> Project:
    """Read a project folder (or its ``project.toml``). Raises ``ProblemsFound`` with everything that is wrong."""
    problems = Problems()
    folder = Path(path)
    folder = folder.parent if folder.name == "project.toml" else folder
    text = checked(ProjectText, read_toml(folder / "project.toml", "project.toml", problems), "project.toml", problems)
    if text is None:
        problems.raise_errors()
    assert text is not None
    parts = _load(text, folder, allow_code and text.project.allow_code, partial, problems)
    problems.raise_errors()
    assert parts is not None
    return Project(text, folder, parts, tuple(problems.warnings), allow_code)


def _load(text: ProjectText, folder: Path, code: bool, partial: bool, problems: Problems) -> Parts | None:
    record, inputs, where = text.project, text.inputs, "project.toml"
    if inputs.raster is not None:
        problems.add("not-supported", f"{where} inputs.raster", "rasters are not read by this version", "give areas as a table")
    for name in ("normal", "transitions"):
        if getattr(inputs, name):
            problems.add("not-used", f"{where} inputs.{name}", f"{name} is not used by this version", "nothing to do")
    if len(set(record.years)) < len(record.years):
        problems.add("toml-value", f"{where} years", "a year stands twice", "name each year once")
    standard = load_standard(record.standard, folder, where, problems)

    def file(name: str, key: str) -> Path | None:
        return inside(name, folder, f"{where} inputs.{key}", problems) if name else None

    areas_path = file(inputs.areas, "areas")
    areas = load_areas(areas_path, problems) if areas_path else None
    paths = [path for name in inputs.data if (path := file(name, "data"))]
    data = load_data(paths, problems)
    regions_path = file(inputs.regions, "regions")
    regions = load_regions(regions_path, problems) if regions_path else None
    if inputs.boundaries and (boundaries := file(inputs.boundaries, "boundaries")):
        check_boundaries(boundaries, inputs.boundary_key, problems)
    if standard is None:
        return None
    sets = load_sets(record.coefficients, standard, folder, problems)
    scheme = load_scheme(standard.text.ecosystems, standard.path.parent, standard.path.name, problems)
    walk = load_crosswalk(inputs.crosswalk, folder, scheme, where, problems) if scheme and inputs.crosswalk else None
    if areas is None or scheme is None:
        return None
    for year in record.years:
        if not (areas.rows["year"] == year).any():
            have = ", ".join(str(one) for one in sorted(set(areas.rows["year"])))
            problems.add("missing-year", inputs.areas, f"no areas for {year}; there are: {have}", "add the rows, or correct years")
    _same_regions(areas.rows, record.years, inputs.areas, problems)
    files = _files(folder, standard.path, scheme.path, areas.files, paths, regions_path, walk.path if walk else None, sets)
    allowed = Allowed(record.allow_placeholder, record.allow_transfer, code, PARTIAL if partial else ())
    return Parts(standard, areas, data, sets, scheme, walk, regions, text.switches, record.price_year, allowed, files)


def _same_regions(rows: pd.DataFrame, years: Sequence[int], label: str, problems: Problems) -> None:
    """A region must have areas in every year of the project, or a parent's sums would not compare."""
    seen = {year: set(rows.loc[(rows["year"] == year).to_numpy(), "region"]) for year in years}
    everywhere = set().union(*seen.values())
    for year, codes in seen.items():
        if codes and (lacking := sorted(everywhere - codes)):
            what = f"{', '.join(lacking[:5])} has areas in other years, not in {year}"
            problems.add("region-missing-year", label, what, "add its areas, or take it out of the other years")


def _files(folder: Path, *found: Any) -> tuple[Path, ...]:
    files = [folder / "project.toml"]
    for one in found:
        if isinstance(one, Path):
            files.append(one)
        elif one is not None:
            files += [part for item in one for part in (item.files if hasattr(item, "files") else [item])]
    return tuple(dict.fromkeys(files))


def plans(project: Project, passed: Sequence[str] = ()) -> list[Plan]:
    """The plan of every year; all problems of all years are raised at once, but for codes ``passed``."""
    allowed = replace(project.parts.allowed, passed=(*project.parts.allowed.passed, *passed))
    parts = replace(project.parts, allowed=allowed)
    found, errors = [], []
    for year in project.text.project.years:
        problems = Problems()
        try:
            found.append(build(parts, year, problems))
        except ProblemsFound as error:
            errors += list(error.problems)
    if errors:
        raise ProblemsFound(dict.fromkeys(errors))
    return [replace(plan, state=project.state) for plan in found]


def check(path: str | Path, *, allow_code: bool = False, partial: bool = False) -> tuple[Project, list[Plan]]:
    """Everything but computing."""
    project = read_project(path, allow_code=allow_code, partial=partial)
    return project, plans(project)


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
    accounts = tuple(account_of(plan) for plan in planned)
    folder = Path(out) if out is not None else project.folder / "out"
    warnings = tuple(dict.fromkeys([*project.warnings, *warnings_of(planned)]))
    warnings = write(project, accounts, folder, warnings, partial)
    return Outcome(project, accounts, folder, warnings)


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


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Escape texts that a spreadsheet would run; numbers stay."""
    frame = frame.copy()
    for name in frame.columns:
        if frame[name].dtype != object and not pd.api.types.is_string_dtype(frame[name]):
            continue
        codes, words = pd.factorize(frame[name].to_numpy(dtype=object))
        risky = [isinstance(word, str) and word[:1] in ("=", "+", "-", "@") for word in words]
        if any(risky):
            escaped = [f"'{word}" if bad else word for word, bad in zip(words, risky, strict=True)]
            frame[name] = pd.Series(escaped, dtype=object).to_numpy()[codes]
    return frame


def written(frame: pd.DataFrame) -> pd.DataFrame:
    """A table as text, as it reads once it was written."""
    text = safe_text(frame).to_csv(index=False, lineterminator="\n")
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)


def write(
    project: Project, accounts: Sequence[Account], out: Path, warnings: Sequence[Problem], partial: bool
) -> tuple[Problem, ...]:
    """Write all result files, whole or not at all; returns the warnings, with those that writing adds."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".gep-", dir=out))
    except OSError as error:
        raise ProblemsFound([Problem("cannot-write", str(out), f"{error.strerror or error}", "choose another folder with --out")]) from None
    try:
        for name, piece in pieces_of(accounts):
            _append(scratch / name, piece)
        warnings = (*warnings, *_map(project, accounts[-1], scratch / "map.png"))
        text = json.dumps(manifest(project, accounts, out, warnings, partial, scratch), ensure_ascii=False, indent=1)
        (scratch / "manifest.json").write_text(text + "\n", encoding="utf-8")
        for file in sorted(scratch.iterdir()):
            os.replace(file, out / file.name)
        return warnings
    except OSError as error:
        what = f"{error.strerror or error}: {Path(error.filename).name if error.filename else ''}"
        raise ProblemsFound([Problem("cannot-write", str(out), what, "close the file if Excel has it open; or choose --out")]) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _append(path: Path, piece: pd.DataFrame) -> None:
    first = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if first:
            file.write("\ufeff")  # Excel takes UTF-8 only with the mark; the utf-8-sig codec is slow, row by row
        safe_text(piece).to_csv(file, index=False, header=first, lineterminator="\n")


def _map(project: Project, account: Account, path: Path) -> list[Problem]:
    """Draw the map of the last year where the regions have places; without the libraries for it, say so."""
    from gep.report.maps import account_map, can_map

    inputs = project.text.inputs
    boundaries = inside(inputs.boundaries, project.folder, "boundaries", Problems()) if inputs.boundaries else None
    if not can_map(account, boundaries):
        return []
    try:
        account_map(account, path, project.text.project.title, project.language, boundaries, inputs.boundary_key, inputs.approval)
    except ModuleNotFoundError as error:
        what = f"map.png is not drawn: {error.name} is not installed"
        return [Problem("missing-extra", "map.png", what, 'pip install "gep[report]"')]
    return []


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(
    project: Project, accounts: Sequence[Account], out: Path, warnings: Sequence[Problem], partial: bool, written: Path
) -> Mapping[str, Any]:
    """What was computed from what: versions, checksums, evidence, shares, state."""
    text, record = project.parts.standard.text, project.text.project
    return {
        "gep": __version__,
        "project": {"id": record.id, "title": str(record.title), "folder": os.path.relpath(project.folder, out).replace("\\", "/")},
        "options": {"allow_code": project.own_code, "partial": partial},
        "state": project.state,
        "approver": record.approver,
        "document": record.document,
        "standard": {
            "id": text.id, "title": str(text.title), "measure": text.measure, "evidence": text.evidence,
            "legal": text.legal, "held_against_official_text": text.evidence == "verified",
        },
        "switches": dict(accounts[0].plan.switches),
        "price_year": record.price_year,
        "tier": accounts[0].plan.extent.tier,
        "sets": [one.label for one in project.parts.sets],
        "shares": {str(account.year): account.shares() for account in accounts},
        "not_accounted_for_km2": {str(one.year): float(one.plan.extent.unaccounted.sum() / 1e6) for one in accounts},
        "sums_of_parts": sorted(step.name for step in accounts[0].plan.steps if not step.step.additive),
        "warnings": [str(problem) for problem in warnings],
        "inputs": file_sums(project, [account.plan for account in accounts]),
        "results": {file.name: sha256(file) for file in sorted(written.glob("*.csv"))},
    }  # fmt: skip


def file_sums(project: Project, planned: Sequence[Plan]) -> dict[str, str]:
    """The checksum of every file that the project's plans are made of."""
    own = {step.method.file for plan in planned for step in plan.steps if step.method.file}
    files = [split_sheet(file)[0] for file in (*project.parts.files, *sorted(own))]
    return {_called(file, project.folder): sha256(file) for file in files}


def _called(file: Path, folder: Path) -> str:
    try:
        return file.relative_to(folder).as_posix()
    except ValueError:
        return name_of(file)
