"""The counties of a collection (报送的县): their projects read and computed as they were sent in.

Owns the comparison of their files with the record of their run, the checks across counties, and
``counties.csv``. Computing them under other choices belongs to ``recompute``, what they did not
supply to ``completeness``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.io.catalog import displayed_path
from gep.io.result_folder import PACKED, is_file, read_record, sha256
from gep.plan.build import PARTIAL
from gep.plan.plan import Plan
from gep.plan.prices import PriceBasis
from gep.project.project import Project, build_plans, file_sums, read_project, region_labels
from gep.texts.catalogue import Listed, Text, text

JUMP = 0.2  # default threshold of a jump, a fraction; no official text gives one
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
AGREES = "agrees"
EDITED = "edited"
RESULTS = "results_edited"
NO_RUN = "no_run"
UNREADABLE = "unreadable"
COUNTY_RECORD = Path("out", "manifest.json")  # in a county's folder
_RUN_TABLES = ("account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv")  # of every run
_NO_RECORD = "no_record"  # status of a file where there is no manifest
_DIGITS = 8  # of the checksum in which two crosswalks of one name differ
_GROUPS = 12  # groups of counties that a message lists
_RUN_MESSAGES = {
    NO_RUN: "collection.no-run",
    UNREADABLE: "collection.run-unreadable",
    EDITED: "collection.run-edited",
    RESULTS: "collection.results-edited",
}


@dataclass(frozen=True)
class County:
    """A county's project as it was sent in.

    Attributes
    ----------
    name : str
        Name of its folder.
    project : Project
        The project.
    accounts : tuple of Account
        Its accounts under its own choices, one for each year.
    files : DataFrame
        Its files compared with its manifest, in ``FILE_COLUMNS``.
    run : str
        How its run relates to its files: ``agrees``, ``edited`` (inputs), ``results_edited``,
        ``no_run`` or ``unreadable``.
    version : str
        Version of ``gep`` that ran it; blank where there is no manifest.
    """

    name: str
    project: Project
    accounts: tuple[Account, ...]
    files: pd.DataFrame
    run: str
    version: str

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
        """The codes of the regions that have an account of any year."""
        codes: dict[str, None] = {}
        for plan in self.plans:
            codes.update((str(code), None) for code in plan.extent.regions)
        return list(codes)


@dataclass(frozen=True)
class Counties:
    """What a folder of counties holds.

    Attributes
    ----------
    read : tuple of County
        The counties that could be read and computed.
    broken : mapping of str to tuple of Problem
        The problems of the others, by folder.
    ignored : tuple of str
        Folders without a ``project.toml``.
    """

    read: tuple[County, ...]
    broken: Mapping[str, tuple[Problem, ...]]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class CollectionOptions:
    """The options of a collection: the common choice, and what the counties are checked against.

    Attributes
    ----------
    standard : str
        Id or path of the common standard; by default the one that all counties have.
    coefficients : tuple of str
        Ids or paths of common coefficient sets; they come before the standard's own.
    switches : mapping of str to str
        Common options of the standard's switches; by default the standard's.
    prices : str
        Common price basis: ``current``, or a year; by default the one that all counties have.
    years : tuple of int
        Years to collect; by default those that all counties have.
    controls : Path or None
        Table of control totals (控制数).
    regions : Path or None
        The province's table of regions, by which counties are assigned to cities and to the
        province.
    alternatives : Path or None
        TOML file of the permitted alternatives; by default every other option of every switch.
    jump : float, default 0.2
        Threshold of a jump between two years, a fraction a year.
    skip_broken : bool, default False
        Whether counties that cannot be read or computed are left out instead of stopping the
        collection.
    allow_transfer : bool, default False
        Whether the common coefficients may be used outside their scope.
    allow_code : bool, default False
        Whether the counties' own code may run; their projects must allow it too.
    project : bool, default False
        Whether the folder becomes a project of all counties, for ``gep assess``.

    Examples
    --------
    >>> import gep
    >>> gep.CollectionOptions(standard="xie-2015", years=(2014,)).jump
    0.2
    """

    standard: str = ""
    coefficients: tuple[str, ...] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    prices: str = ""
    years: tuple[int, ...] = ()
    controls: Path | None = None
    regions: Path | None = None
    alternatives: Path | None = None
    jump: float = JUMP
    skip_broken: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
    project: bool = False


def read_counties(folder: Path, out: Path, years: Sequence[int], *, allow_code: bool) -> Counties:
    """Read and compute every project one level below a folder.

    Numbers that a county does not supply leave gaps in its account; the completeness matrix lists
    them.

    Parameters
    ----------
    folder : Path
        Folder of the counties' folders.
    out : Path
        Folder for the results, which is no county.
    years : sequence of int
        Years to compute; if empty, each county's own.
    allow_code : bool
        Whether the counties' own code may run.

    Returns
    -------
    Counties
    """
    read: list[County] = []
    broken: dict[str, tuple[Problem, ...]] = {}
    ignored: list[str] = []
    results = {out.resolve()}
    if (folder / "project.toml").is_file():  # itself a project, with results of its own
        results.add((folder / "out").resolve())
    for home in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not home.is_dir() or home.name.startswith((".", "__")) or home.resolve() in results:
            continue
        if not (home / "project.toml").is_file():
            ignored.append(home.name)
            continue
        try:
            read.append(_read_county(home, years, allow_code))
        except ProblemsFound as error:
            broken[home.name] = tuple(problems_of_county(home.name, error.problems))
    return Counties(tuple(read), broken, tuple(ignored))


def problems_of_county(name: str, problems: Sequence[Problem]) -> list[Problem]:
    """Put a county in front of the places of its problems, and leave out those that are mere gaps.

    Gaps are listed in the completeness matrix.
    """
    located = []
    for problem in problems:
        if problem.code not in PARTIAL:
            located.append(replace(problem, project=name))
    return located


def first_problem(problems: Sequence[Problem]) -> Text:
    """Word the first of several problems for a sentence: county, place, what is wrong."""
    problem = problems[0]
    return text(
        "collection.first-problem",
        county=problem.project,
        place=problem.place,
        what=Text(f"{problem.message}.what", problem.values),
    )


def _read_county(home: Path, years: Sequence[int], allow_code: bool) -> County:
    project = read_project(home, allow_code=allow_code, partial=True)
    if years:
        project = _select_years(project, years)
    plans = build_plans(project)
    accounts = tuple(account_from_plan(plan) for plan in plans)
    manifest = _load_manifest(home)
    files = _compare_files(home, manifest, file_sums(project, plans))
    version = "" if manifest is None else str(manifest.get("gep", ""))
    return County(
        name=home.name,
        project=project,
        accounts=accounts,
        files=files,
        run=_run_status(home, manifest, files),
        version=version,
    )


def _select_years(project: Project, years: Sequence[int]) -> Project:
    """Return the project with some of its years only."""
    problems = ProblemLog(project.language)
    project_years = project.spec.project.years
    for year in years:
        if year not in project_years:
            problems.add(
                "missing-year",
                "project.toml years",
                "collection.year-not-in-project",
                year=year,
                years=Listed(project_years, len(project_years)),
            )
    problems.raise_errors()
    header = project.spec.project.model_copy(update={"years": tuple(sorted(years))})
    return replace(project, spec=project.spec.model_copy(update={"project": header}))


def _load_manifest(home: Path) -> Mapping[str, Any] | None:
    """Return the manifest of the county's run; None where there is none that can be read."""
    try:
        manifest = read_record(home / COUNTY_RECORD)
    except ProblemsFound:
        return None
    has_inputs = isinstance(manifest.get("inputs"), dict)
    has_results = isinstance(manifest.get("results"), dict)
    return manifest if has_inputs and has_results else None


def _compare_files(
    home: Path, manifest: Mapping[str, Any] | None, current_sums: Mapping[str, str]
) -> pd.DataFrame:
    """Compare the checksums of a county's files with those that its manifest records.

    Parameters
    ----------
    home : Path
        The county's folder.
    manifest : mapping or None
        Its manifest, with ``inputs`` and ``results``.
    current_sums : mapping of str to str
        Checksums of its inputs now, by displayed path.

    Returns
    -------
    DataFrame
        In ``FILE_COLUMNS``; ``status`` is ``agrees``, ``edited``, ``gone``, ``new``, ``unused`` (an
        input that is there but no longer read) or ``no_record``.
    """
    rows = []
    recorded_inputs = {} if manifest is None else manifest["inputs"]
    for name in dict.fromkeys([*current_sums, *recorded_inputs]):
        recorded = str(recorded_inputs.get(name, ""))
        current = current_sums.get(name, "")
        if manifest is None:
            status = _NO_RECORD
        elif not recorded:
            status = "new"
        elif recorded == current:
            status = AGREES
        elif current:
            status = EDITED
        elif is_file(displayed_path(name, home)):
            status = "unused"
        else:
            status = "gone"
        rows.append((home.name, name, "input", recorded, current, status))
    recorded_results = {}
    if manifest is not None:
        recorded_results = dict(manifest["results"])
        expected = [name for name in _RUN_TABLES if name + PACKED not in recorded_results]
        recorded_results = dict.fromkeys(expected, "") | recorded_results
    for name, checksum in recorded_results.items():
        path = home / COUNTY_RECORD.parent / Path(str(name)).name
        recorded = str(checksum)
        current = sha256(path) if is_file(path) else ""
        if not current:
            status = "gone"
        elif not recorded:  # struck from the record
            status = "new"
        elif recorded == current:
            status = AGREES
        else:
            status = EDITED
        rows.append((home.name, path.name, "result", recorded, current, status))
    return pd.DataFrame(rows, columns=FILE_COLUMNS)


def _run_status(home: Path, manifest: Mapping[str, Any] | None, files: pd.DataFrame) -> str:
    """Say how the county's run relates to its files."""
    if manifest is None:
        return UNREADABLE if (home / COUNTY_RECORD).exists() else NO_RUN
    changed = files[(files["status"] != AGREES).to_numpy()]
    if changed.empty:
        return AGREES
    return EDITED if (changed["kind"] == "input").any() else RESULTS


def tell_runs(counties: Sequence[County], problems: ProblemLog) -> None:
    """Warn of counties whose run record is missing, unreadable, or not that of their files.

    Parameters
    ----------
    counties : sequence of County
    problems : ProblemLog
        Gets ``run-record``.
    """
    for county in counties:
        if county.run not in _RUN_MESSAGES:
            continue
        unchanged = county.files["status"].isin([AGREES, _NO_RECORD])
        changed = county.files[~unchanged.to_numpy()]
        files = []
        for name, status in zip(changed["file"], changed["status"], strict=True):
            files.append(text(f"collection.file-status.{status}", file=name))
        problems.add("run-record", county.name, _RUN_MESSAGES[county.run], files=files)


def check_regions(counties: Sequence[County], problems: ProblemLog) -> None:
    """Check that no region is in two counties.

    Parameters
    ----------
    counties : sequence of County
    problems : ProblemLog
        Gets ``region-twice``.
    """
    county_of_region: dict[str, str] = {}
    for county in counties:
        shared: dict[str, list[str]] = {}
        for code in county.regions:
            first_county = county_of_region.setdefault(code, county.name)
            if first_county != county.name:
                shared.setdefault(first_county, []).append(code)
        for first_county, codes in shared.items():
            problems.add(
                "region-twice",
                county.name,
                "collection.region-in-two-counties",
                regions=region_labels(codes, county.project.parts.regions),
                county=first_county,
            )


def check_sets(counties: Sequence[County], problems: ProblemLog) -> None:
    """Warn of coefficient sets and crosswalks that have the same name but different content.

    Parameters
    ----------
    counties : sequence of County
    problems : ProblemLog
        Gets ``content-differs``.
    """
    versions: dict[Text, dict[tuple[str, ...], list[str]]] = {}
    for county in counties:
        files_by_label: list[tuple[Text, Sequence[Path]]] = []
        for coefficient_set in county.project.parts.sets:
            label = text("collection.place.set", set=coefficient_set.label)
            files_by_label.append((label, coefficient_set.files))
        crosswalk = county.project.parts.crosswalk
        if crosswalk is not None:
            label = text("collection.place.crosswalk", crosswalk=crosswalk.id)
            files_by_label.append((label, (crosswalk.path,)))
        for label, files in files_by_label:
            content = tuple(sha256(file) for file in sorted(files))
            versions.setdefault(label, {}).setdefault(content, []).append(county.name)
    for label, names_by_content in versions.items():
        if len(names_by_content) > 1:
            groups = []
            for names in names_by_content.values():
                groups.append(text("collection.group", counties=names))
            problems.add(
                "content-differs",
                label,
                "collection.content-differs",
                groups=Listed(tuple(groups), _GROUPS),
            )


def tell_left_out(counties: Counties, problems: ProblemLog) -> None:
    """Warn of counties that are left out, and of folders that are no project.

    Parameters
    ----------
    counties : Counties
    problems : ProblemLog
        Gets ``county-left-out``.
    """
    for name, county_problems in counties.broken.items():
        codes = tuple(dict.fromkeys(problem.code for problem in county_problems))
        problems.add(
            "county-left-out",
            name,
            "collection.county-left-out",
            count=len(county_problems),
            codes=codes,
            first=first_problem(county_problems),
        )
    for name in counties.ignored:
        problems.add("county-left-out", name, "collection.no-project")


def county_table(counties: Counties, common: Mapping[str, Sequence[Account]]) -> pd.DataFrame:
    """Make ``counties.csv``: for each county its version, run, state, choices and shares.

    Parameters
    ----------
    counties : Counties
    common : mapping of str to sequence of Account
        The accounts of each county under the common choice.

    Returns
    -------
    DataFrame
        In ``COUNTY_COLUMNS``; shares are fractions of the absolute value, the largest of all years.
    """
    rows = []
    for county in counties.read:
        rows.append(_county_row(county, common[county.name]))
    for name, problems in counties.broken.items():
        codes = dict.fromkeys(problem.code for problem in problems)
        rows.append({"county": name, "problem": ";".join(codes)})
    rows.sort(key=lambda row: str(row["county"]))
    cells = []
    for row in rows:
        cells.append([row.get(column, "") for column in COUNTY_COLUMNS])
    return pd.DataFrame(cells, columns=COUNTY_COLUMNS)


def _county_row(county: County, common: Sequence[Account]) -> dict[str, object]:
    header = county.project.spec.project
    parts = county.project.parts
    switches = county.plans[0].switches
    shares = [account.shares() for account in county.accounts]
    common_shares = [account.shares() for account in common]
    crosswalk = ""
    if parts.crosswalk is not None:
        crosswalk = f"{parts.crosswalk.id}@{sha256(parts.crosswalk.path)[:_DIGITS]}"
    price_basis = PriceBasis(parts.price_year).code
    return {
        "county": county.name,
        "id": header.id,
        "title": str(header.title),
        "regions": ";".join(county.regions),
        "years": ";".join(str(year) for year in sorted(header.years)),
        "gep": county.version,
        "run": county.run,
        "state": county.project.state,
        "standard": parts.standard.id,
        "sets": ";".join(coefficient_set.label for coefficient_set in parts.sets),
        "switches": ";".join(f"{name}={option}" for name, option in switches.items()),
        "price_basis": price_basis,
        "crosswalk": crosswalk,
        "recalled": max(float(share["grade"]["recalled"]) for share in shares),
        "placeholder": max(float(share["grade"]["placeholder"]) for share in shares),
        "transfer": max(float(share["transfer"]) for share in shares),
        "common_transfer": max(float(share["transfer"]) for share in common_shares),
        "problem": "",
    }
