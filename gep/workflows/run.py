"""Running a project (核算结果): accounts are computed, then written with page, map and manifest.

The result folder is replaced whole or not at all. What is computed belongs to ``gep.account`` and
``gep.uncertainty``; this module decides which files there are and what ``manifest.json`` records.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from gep import __version__
from gep.account.account import Account
from gep.account.caption import percent
from gep.account.other_options import warn_of_other_options
from gep.account.pixel_maps import MAPS, MapKinds, map_name, mapped_steps, write_maps
from gep.account.publication import NOTHING, Withheld, joined, withheld, without_withheld
from gep.account.result_tables import (
    account_pieces,
    ecosystem_pieces,
    summary_table,
)
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem, worded_in
from gep.io.argument_types import checked_arguments
from gep.io.csv_tables import append_csv
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    PACKED,
    pack_large,
    refuse_foreign,
    relative_path,
    replace_folder,
    sha256,
    write_record,
)
from gep.plan.plan import Plan, warnings_of
from gep.plan.plan_table import with_plain_texts
from gep.project.project import (
    Project,
    check_project,
    compute_accounts,
    file_sums,
    project_uncertainty,
    refuse_inputs,
)
from gep.project.scenario import load_scenario
from gep.project.stages import ProgressCall, Stages
from gep.report.account_workbook import WORKBOOKS, save_account_workbook, workbook_name
from gep.report.data_package import DATA_PACKAGE, write_data_package
from gep.report.pages.account_page import AccountEdition, account_page
from gep.report.pages.page import write_page
from gep.report.pages.page_size import page_left_out
from gep.report.result_figures import draw_ranks
from gep.texts.catalogue import Language, counted
from gep.uncertainty.interval_tables import Uncertainty

MANIFEST = "manifest.json"
OTHER_RESULTS = "other_results"  # the key of a record for the checksums of pictures and workbooks
DRAWN = ("uncertainty.csv", "pairwise.csv", "ranks.png")  # written only where draws are made
TABLES = ("account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv")
PACKED_PLAN = f"plan.csv{PACKED}"  # what it is called where it is large
PAGE = "report.html"
FILES = (PAGE, *TABLES, PACKED_PLAN, MANIFEST, DATA_PACKAGE, *WORKBOOKS, "map.png", *DRAWN)
PUBLIC_FOLDER = "public"  # of the public edition, in the project
_LARGEST_PLAN = 20_000_000  # bytes; a hundred thousand rows, which no person reads or signs
_M2_PER_KM2 = 1e6

Edition = Literal["full", "public"]


@dataclass(frozen=True, repr=False)
class ProjectRun(ShownAsTable):
    """The result of running a project.

    Attributes
    ----------
    project : Project
    accounts : tuple of Account
        One for each year.
    out : Path
        Folder with the result files.
    warnings : tuple of Problem
        What should be looked at.
    uncertainty : Uncertainty or None
        Intervals and ranks, if draws were made.
    edition : {'full', 'public'}
        The public edition leaves out what rests on restricted rows.
    maps : {'values', 'quantities'} or None
        The steps that have result rasters.

    Examples
    --------
    >>> import gep
    >>> gep.run_project("examples/beibu-gulf", "results-run")
    <ProjectRun of beibu-gulf, 3 accounts, in ...results-run>
    """

    project: Project
    accounts: tuple[Account, ...]
    out: Path
    warnings: tuple[Problem, ...]
    uncertainty: Uncertainty | None = None
    edition: Edition = "full"
    maps: MapKinds | None = None

    @property
    def left_out(self) -> Withheld:
        """What the edition leaves out, in all years together."""
        if self.edition == "full":
            return NOTHING
        return joined([withheld(account) for account in self.accounts])

    def __repr__(self) -> str:
        name = self.project.spec.project.id
        return f"<ProjectRun of {name}, {counted(len(self.accounts), 'account')}, in {self.out}>"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        summaries = [account.summary() for account in self.accounts]
        return pd.concat(summaries, ignore_index=True)


@checked_arguments
def run_project(
    path: str | Path,
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    partial: bool = False,
    draws: int = 0,
    seed: int = 0,
    progress: ProgressCall | None = None,
    language: Language | None = None,
    edition: Edition = "full",
    scenario: str | Path | None = None,
    maps: MapKinds | None = None,
) -> ProjectRun:
    """Check and compute a project, and write its results.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    out : str or Path, optional
        Folder for the results; by default ``out`` in the project, ``public`` for that edition.
    allow_code : bool, default False
        Whether the project's own code may run; the project must allow it too.
    partial : bool, default False
        Whether missing numbers leave gaps in the account instead of stopping it.
    draws : int, default 0
        Number of draws by which the uncertainty of the inputs is propagated; 0: none.
    seed : int, default 0
        Seed of the draws.
    progress : callable, optional
        Is called with a ``Progress``: a number from 0 to 1, the share of the work that is done,
        whose ``stage`` says what is being done.
    language : {'zh', 'en'}, optional
        Language of messages and pictures; by default the project's, then that of the user's system.
    edition : {'full', 'public'}, default 'full'
        ``public`` leaves out restricted rows, and what would tell them.
    scenario : str or Path, optional
        A scenario file (``gep.write_scenario``), whose edits are applied and marked; results go to
        ``out-<its name>`` by default.
    maps : {'values', 'quantities'}, optional
        Whether to write a GeoTIFF into ``maps`` for each step of values, or also for each of
        quantities; of a project on rasters.

    Returns
    -------
    ProjectRun

    Raises
    ------
    ProblemsFound
        With all problems of the project (see ``gep.check_project``), ``bad-draws``,
        ``command-line`` for maps that cannot be made, or ``cannot-write``. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> gep.run_project("examples/beibu-gulf", "results")
    <ProjectRun of beibu-gulf, 3 accounts, in ...results>
    """
    home = PUBLIC_FOLDER if edition == "public" else "out"
    changes: dict[str, object] = {}
    if scenario is not None:
        file = Path(scenario)
        home = f"{home}-{file.stem}"
        reading = ProblemLog(language)
        changes = load_scenario(file, reading)
        reading.raise_errors()
    stages = Stages(progress)
    project, plans = check_project(
        path,
        allow_code=allow_code,
        partial=partial,
        language=language,
        set=changes,
        stages=stages,
    )
    folder = Path(out) if out is not None else project.folder / home
    with worded_in(project.language):
        refuse_inputs(project, plans, folder, FILES)
        workbook = workbook_name(project.language)
        written = [*TABLES, PACKED_PLAN, MANIFEST, DATA_PACKAGE, workbook, PAGE]
        if maps:
            map_files = _map_files(plans, maps)
            _check_maps(plans, edition, map_files)
            written += map_files
        refuse_foreign(folder, written, {MANIFEST: FILES})
        result = compute_run(
            project,
            plans,
            folder,
            draws=draws,
            seed=seed,
            stages=stages,
            maps=maps,
        )
        result = replace(result, edition=edition)
        problems = ProblemLog()
        with replace_folder(folder, {MANIFEST: FILES}, problems) as scratch:
            result = write_run(result, scratch, stages)
        stages.advance(1.0)
        return replace(result, warnings=(*result.warnings, *problems.warnings))


def _check_maps(plans: Sequence[Plan], edition: Edition, map_files: Sequence[str]) -> None:
    """Refuse (``command-line``) maps of tables, and of a public edition: they show all pixels.

    Maps of values are refused where no step has one.
    """
    message = ""
    if any(plan.raster is None for plan in plans):
        message = "workflows.maps-without-rasters"
    elif edition == "public":
        message = "workflows.maps-in-public"
    elif not map_files:
        message = "workflows.maps-without-steps"
    if message:
        raise ProblemsFound([make_problem("command-line", "--maps", message)])


def _map_files(plans: Sequence[Plan], maps: MapKinds) -> tuple[str, ...]:
    """Return the maps of all years, relative to the folder of results."""
    files = []
    for plan in plans:
        for step in mapped_steps(plan, maps):
            files.append(f"{MAPS}/{map_name(step, plan.year)}")
    return tuple(files)


def compute_run(
    project: Project,
    plans: Sequence[Plan],
    out: Path,
    *,
    draws: int = 0,
    seed: int = 0,
    stages: Stages | None = None,
    maps: MapKinds | None = None,
) -> ProjectRun:
    """Compute the accounts of a project without writing anything.

    Parameters
    ----------
    project : Project
    plans : sequence of Plan
        One for each year.
    out : Path
        Folder that the results are for.
    draws, seed
        See :func:`run_project`.
    stages : Stages, optional
        Has a stage begun for each account, and one for the draws.
    maps : {'values', 'quantities'}, optional
        The maps that are going to be written.

    Returns
    -------
    ProjectRun

    Raises
    ------
    ProblemsFound
        ``bad-draws``, and the codes of ``gep.propagate_uncertainty``.
    """
    stages = stages or Stages()
    by_plan = project.account_weight + (2 if maps else 1)  # tables, and maps
    stages.expect(by_plan * len(plans) + bool(draws) + 1)  # then workbook and map
    warnings = [*project.warnings, *warnings_of(plans)]
    try:
        accounts = tuple(compute_accounts(plans, stages))
    except ProblemsFound as error:
        warnings = list(dict.fromkeys([*warnings, *error.warnings]))
        raise ProblemsFound(error.problems, warnings, project.language) from None
    warnings += warnings_of([account.plan for account in accounts])  # with what pixels are
    for account in accounts:
        warnings += [*account.warnings, *warn_of_other_options(project.parts, account)]
    warnings += _made_up_warnings(project, accounts)
    uncertainty = None
    if draws:
        stages.begin("project.progress.draws")
        uncertainty = project_uncertainty(
            project,
            plans,
            draws,
            seed,
            progress=stages.advance,
        )
    return ProjectRun(
        project=project,
        accounts=accounts,
        out=out,
        warnings=tuple(dict.fromkeys(warnings)),
        uncertainty=uncertainty,
        maps=maps,
    )


def _made_up_warnings(project: Project, accounts: Sequence[Account]) -> list[Problem]:
    """Warn of made-up numbers (``approved-placeholder``) in accounts that were approved."""
    if project.approval is None:
        return []
    share = max(float(account.shares()["grade"]["placeholder"]) for account in accounts)
    if not share:
        return []
    warning = make_problem(
        "approved-placeholder",
        "project.toml",
        "workflows.approved-placeholder",
        state=project.approval,
        share=percent(share),
    )
    return [warning]


def pieces_of(
    accounts: Sequence[Account],
    uncertainty: Uncertainty | None = None,
    left_out: Withheld = NOTHING,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Make the result tables in pieces that fit into memory.

    Parameters
    ----------
    accounts : sequence of Account
        One for each year.
    uncertainty : Uncertainty, optional
    left_out : Withheld, optional
        What the tables do not list.

    Yields
    ------
    name : str
        File name, such as ``account.csv``.
    piece : DataFrame
        Rows of that file, texts as categories or not; the pieces of a file follow in the order
        of its rows.
    """
    for account in accounts:
        for piece in account_pieces(account.plan, account.block, account.parents):
            yield "account.csv", without_withheld(piece, left_out)
        for piece in ecosystem_pieces(account.plan, account.results):
            yield "by_ecosystem.csv", without_withheld(piece, left_out)
        summary = summary_table(account.plan, account.sums, account.block)
        yield "summary.csv", without_withheld(summary, left_out)
        for piece in account.plan.table_pieces():
            yield "plan.csv", without_withheld(piece, left_out)
    if uncertainty is not None:
        yield "uncertainty.csv", without_withheld(uncertainty.written_table(), left_out)
        yield "pairwise.csv", uncertainty.pairwise_table()


def tables_of(
    accounts: Sequence[Account], uncertainty: Uncertainty | None = None
) -> dict[str, pd.DataFrame]:
    """Return the whole result tables by file name; see :func:`pieces_of`."""
    pieces: dict[str, list[pd.DataFrame]] = {}
    for name, piece in pieces_of(accounts, uncertainty):
        pieces.setdefault(name, []).append(with_plain_texts(piece))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in pieces.items()}


def write_run(result: ProjectRun, folder: Path, stages: Stages | None = None) -> ProjectRun:
    """Write the result files of a run, workbook, map and manifest among them.

    Parameters
    ----------
    result : ProjectRun
    folder : Path
        An empty folder; the manifest names the project as seen from ``result.out``.
    stages : Stages, optional
        Has a stage begun for the tables of each year, and one for the other files.

    Returns
    -------
    ProjectRun
        With the warnings of writing.
    """
    project = result.project
    last_account = result.accounts[-1]
    left_out = result.left_out
    stages = stages or Stages()
    for account in result.accounts:
        stages.begin("project.progress.tables", year=account.year)
        for name, piece in pieces_of([account], None, left_out):
            append_csv(folder / name, piece)
    for name, piece in pieces_of((), result.uncertainty, left_out):
        append_csv(folder / name, piece)
    pack_large(folder / "plan.csv", _LARGEST_PLAN)
    if result.maps is not None:
        _write_maps(result, folder / MAPS, result.maps, stages)
    stages.begin("project.progress.workbook")
    workbook = folder / workbook_name(project.language)
    save_account_workbook(
        workbook,
        project,
        result.accounts,
        result.warnings,
        left_out=left_out if result.edition == "public" else None,
    )
    warnings = list(result.warnings)
    if not left_out.sums:  # the map colors regions by the total
        warnings += _draw_map(project, last_account, folder / "map.png")
    if result.uncertainty is not None and not left_out.sums:
        picture = folder / "ranks.png"
        warnings += draw_ranks(result.uncertainty, last_account, project, picture)
    result = replace(result, warnings=tuple(warnings))
    warnings += _write_page(result, folder)
    result = replace(result, warnings=tuple(warnings))
    title = project.spec.project.title.say(project.language)
    write_data_package(folder, project.spec.project.id, title, project.language)
    write_record(folder / MANIFEST, _manifest(result, folder))
    return result


def _write_maps(result: ProjectRun, folder: Path, kinds: MapKinds, stages: Stages) -> None:
    """Write the maps of all years."""
    folder.mkdir()
    for account in result.accounts:
        stages.begin("project.progress.maps", year=account.year)
        write_maps(
            account,
            folder,
            kinds,
            result.project.language,
            stages.advance,
        )


def _write_page(result: ProjectRun, folder: Path) -> list[Problem]:
    """Write the page of a run, after the other files that people read; warn if there is none."""
    not_written = page_left_out(result.accounts, PAGE)
    if not_written:
        return not_written
    files = [name for name in FILES if (folder / name).is_file()]
    edition = AccountEdition(
        warnings=result.warnings,
        uncertainty=result.uncertainty,
        left_out=result.left_out,
        is_public=result.edition == "public",
    )
    page = account_page(result.project, result.accounts, edition, files)
    return write_page(page, folder / PAGE)


def _draw_map(project: Project, account: Account, path: Path) -> list[Problem]:
    """Draw the map of an account if its regions have places; warn if libraries are missing."""
    from gep.report.result_figures import account_map, can_map

    inputs = project.spec.inputs
    if not can_map(account, project.boundaries):
        return []
    try:
        account_map(
            account,
            path,
            project.spec.project.title,
            project.language,
            boundaries=project.boundaries,
            key=inputs.boundary_key,
            approval=inputs.approval,
        )
    except ModuleNotFoundError as error:
        return [picture_not_drawn(path.name, error)]
    return []


def picture_not_drawn(name: str, error: ModuleNotFoundError) -> Problem:
    """Return the warning (``missing-extra``) that a picture needs a library."""
    library = error.name or str(error)
    return make_problem(
        "missing-extra", name, "workflows.picture-not-drawn", picture=name, library=library
    )


def _manifest(result: ProjectRun, folder: Path) -> Mapping[str, Any]:
    """Return what ``manifest.json`` records: versions, options, statements, checksums."""
    project = result.project
    header = project.spec.project
    uncertainty = result.uncertainty
    options: dict[str, Any] = {
        "allow_code": project.own_code,
        "partial": project.partial,
        "language": project.language,
    }
    record: dict[str, Any] = {
        "gep": __version__,
        "project": {
            "id": header.id,
            "title": str(header.title),
            "folder": relative_path(project.folder, result.out),
        },
        "options": options,
        **statement(project, result.accounts),
    }
    if result.edition == "public":
        left_out = result.left_out
        options["edition"] = "public"
        del record["shares"]  # a share of one row tells the row
        record["withheld"] = {
            "restricted_rows": left_out.marked,
            "rows": len(left_out.rows),
            "figures": len(left_out.figures),
            "sums": len(left_out.sums),
        }
    if project.changes_of_scenario:
        options["set"] = dict(project.changes_of_scenario)
    if result.maps:
        options["maps"] = result.maps
        record[MAPS] = {file.name: sha256(file) for file in sorted((folder / MAPS).iterdir())}
    if uncertainty is not None:
        options |= {"draws": uncertainty.draws, "seed": uncertainty.seed}
        record["uncertainty"] = uncertainty.statement()
    plans = [account.plan for account in result.accounts]
    warnings = [problem.say(project.language) for problem in result.warnings]
    if result.edition == "public":
        warnings = []  # they name rows and their values
    record["warnings"] = warnings
    record["inputs"] = file_sums(project, plans)
    return record | result_sums(folder, "results")


def result_sums(folder: Path, tables: str) -> dict[str, dict[str, str]]:
    """Return the checksums of the result files in a folder, as records of results list them.

    Parameters
    ----------
    folder : Path
    tables : str
        The key of the record for the tables in CSV.

    Returns
    -------
    dict of str to dict
        Under ``tables`` those of the CSV files, under ``other_results`` those of pictures, pages
        and workbooks; checksums by file name. A file that is a record itself is not listed.
    """
    sums: dict[str, dict[str, str]] = {tables: {}, OTHER_RESULTS: {}}
    for file in sorted(folder.iterdir()):
        if file.name.endswith((".csv", f".csv{PACKED}")):
            sums[tables][file.name] = sha256(file)
        elif file.suffix in (".png", ".xlsx", ".html") or file.name == DATA_PACKAGE:
            sums[OTHER_RESULTS][file.name] = sha256(file)
    return sums


def statement(project: Project, accounts: Sequence[Account]) -> dict[str, Any]:
    """Return what the manifest states of the accounts.

    Parameters
    ----------
    project : Project
    accounts : sequence of Account
        One for each year.

    Returns
    -------
    dict of str to object
        State, approval, standard with evidence, legal force and base, switches, prices, sets,
        shares of value, area not accounted for (km2), and the steps, categories and totals
        whose figure for a parent is a sum of parts.
    """
    standard = project.parts.standard
    spec = standard.spec
    header = project.spec.project
    derived = {}
    if standard.base is not None:
        derived = {"base": standard.base.id, "complete_sha256": standard.checksum}
    first_plan = accounts[0].plan
    unaccounted = {}
    for account in accounts:
        area = account.plan.extent.unaccounted.sum() / _M2_PER_KM2
        unaccounted[str(account.year)] = float(area)
    return {
        "state": project.state,
        "approver": header.approver,
        "document": header.document,
        "standard": {
            "id": spec.id,
            "title": str(spec.title),
            "measure": spec.measure,
            "evidence": spec.evidence,
            "legal": spec.legal,
            "held_against_official_text": spec.evidence == "verified",
            **derived,
        },
        "switches": dict(first_plan.switches),
        "price_year": first_plan.price_year,
        "tier": first_plan.extent.tier,
        "sets": [coefficient_set.label for coefficient_set in project.parts.sets],
        "shares": {str(account.year): account.shares() for account in accounts},
        "not_accounted_for_km2": unaccounted,
        "sums_of_parts": sorted(first_plan.sums_of_parts | accounts[0].sums.sums_of_parts),
    }
