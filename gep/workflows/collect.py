"""Collecting counties (汇总结果): their projects are checked, recomputed alike, and written.

What is compared belongs to ``gep.collection``. This module settles the common choice, raises the
problems of all counties at once, decides which files there are, and writes the record
``collection.json``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.frames import table_as_numbers
from gep.collection.alternatives import (
    alternatives_table,
    each_option,
    load_alternatives,
    ranks_of,
)
from gep.collection.choice_effects import (
    DIFFERING_COLUMNS,
    MOVED_COLUMNS,
    choice_effects,
    replayed,
)
from gep.collection.choices import (
    COMMON,
    OWN,
    Alternatives,
    Choice,
    check_units,
    choice_of,
    one_of,
    one_standard,
)
from gep.collection.completeness import completeness
from gep.collection.control_totals import (
    TOLERANCE,
    ControlContext,
    Controls,
    control_table,
    load_controls,
)
from gep.collection.counties import (
    COUNTY_RECORD,
    FILE_COLUMNS,
    CollectionOptions,
    Counties,
    County,
    check_regions,
    check_sets,
    county_table,
    read_counties,
    tell_left_out,
    tell_runs,
)
from gep.collection.jumps import (
    EXPLANATIONS,
    JUMP_COLUMNS,
    OPEN,
    jumps_of,
    load_explanations,
    unused,
)
from gep.collection.province import (
    PROVINCE_TABLES,
    province_project,
    province_tables,
    reading_files,
)
from gep.collection.recompute import RecomputedCounties, replay, stacked
from gep.errors import Problem, ProblemLog, ProblemsFound, worded_in
from gep.extent.regions import Regions, load_regions
from gep.io.argument_types import checked_arguments
from gep.io.catalog import display_name, is_found_by_id, is_path, leads_out
from gep.io.csv_excel import split_sheet
from gep.io.csv_tables import append_csv
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    cannot_write,
    refuse_foreign,
    relative_path,
    replace_folder,
    sha256,
    write_record,
)
from gep.io.spreadsheets import unwritten
from gep.plan.prices import CURRENT, PriceBasis
from gep.project.project import ProjectSpec, read_header, refuse_inputs, region_labels
from gep.report.collection_words import CollectionWords
from gep.report.collection_workbook import (
    COLLECTION_WORKBOOKS,
    collection_workbook_name,
    save_collection_workbook,
)
from gep.standards.method import is_own_file
from gep.standards.own_code import files_of_code
from gep.standards.standard import load_standard
from gep.texts.catalogue import Language, Text, counted, locale_language, text
from gep.workflows.compare import check_prices
from gep.workflows.input_rows import ROWS, row_sums
from gep.workflows.run import result_sums

FOLDER = "collected"
TABLES = (
    "counties.csv",
    "files.csv",
    "completeness.csv",
    "replayed.csv",
    "moved.csv",
    "differing_rows.csv",
    "controls.csv",
    "jumps.csv",
    "alternatives.csv",
    "ranks.csv",
    "pairs.csv",
)
RECORD = "collection.json"
PROJECT_FILE = "project.toml"
FILES = (*TABLES, *PROVINCE_TABLES, RECORD, *COLLECTION_WORKBOOKS)
_CHOICE_OPTIONS = "--coefficients, --switch"


@dataclass(frozen=True, repr=False)
class CountyCollection(ShownAsTable):
    """Counties that were collected.

    Attributes
    ----------
    counties : Counties
        Those that were read, and the problems of those that were left out.
    common : Choice
        The choice under which all were recomputed.
    tables : mapping of str to DataFrame
        The result tables by file name, see ``TABLES``.
    out : Path
        Folder with the result files.
    warnings : tuple of Problem
        What should be looked at.
    home : Path
        Folder in which the counties' folders are.
    options : CollectionOptions
    language : {'zh', 'en'}
        Language of the run.
    alternatives : tuple of Choice
        The choices under which all were recomputed beside the common one.

    Examples
    --------
    >>> import gep
    >>> from pathlib import Path
    >>> import shutil
    >>> folder = shutil.copytree("examples/beibu-gulf", "two-counties/a")
    >>> collection = gep.collect_projects("two-counties")
    >>> collection.frame("counties").empty
    False
    """

    counties: Counties
    common: Choice
    tables: Mapping[str, pd.DataFrame]
    out: Path
    warnings: tuple[Problem, ...]
    home: Path
    options: CollectionOptions
    language: Language
    alternatives: tuple[Choice, ...] = ()

    @checked_arguments
    def frame(self, name: str = "") -> pd.DataFrame:
        """Return a result table as numbers.

        Parameters
        ----------
        name : str, optional
            Name of the file, with or without ``.csv``; by default the first of ``tables``.

        Returns
        -------
        DataFrame
            In the units of the file; NaN where it says ``na``, ``not_compiled`` or nothing, and
            the column ``status``: number, none, not_compiled.

        Raises
        ------
        ProblemsFound
            ``unknown-id`` if there is no such table.
        """
        return table_as_numbers(self.tables, name)

    def _shown_size(self) -> str:
        """Return how much it holds."""
        return f"{counted(len(self.counties.read), 'county|counties')}, in {self.out}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.tables["counties.csv"]


@dataclass(frozen=True)
class _Terms:
    """What the counties are recomputed under, and what they are checked against.

    Attributes
    ----------
    common : Choice
    alternatives : Alternatives
    controls : Controls or None
        Control totals (控制数).
    regions : Regions or None
        The province's table of regions.
    """

    common: Choice
    alternatives: Alternatives
    controls: Controls | None
    regions: Regions | None


@checked_arguments
def collect_projects(
    folder: str | Path,
    out: str | Path | None = None,
    options: CollectionOptions | None = None,
    *,
    language: Language | None = None,
) -> CountyCollection:
    """Collect the projects of counties, recompute them under one choice, and write the tables.

    Parameters
    ----------
    folder : str or Path
        Folder in which the counties' folders are.
    out : str or Path, optional
        Folder for the results; by default ``collected`` in ``folder``.
    options : CollectionOptions, optional
        The common choice and what the counties are checked against; by default what all counties
        have in common.
    language : {'zh', 'en'}, optional
        Language of messages; by default that of the user's system.

    Returns
    -------
    CountyCollection

    Raises
    ------
    ProblemsFound
        With the problems of all counties, unless ``skip_broken``: then counties that cannot be read
        or computed are left out, with a warning. ``no-county``, ``counties-differ``,
        ``region-twice``, ``toml-value``, ``bad-year``, ``cannot-write``, and the codes of the
        common choice and of the tables. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> import shutil
    >>> folder = shutil.copytree("examples/beibu-gulf", "counties/a")
    >>> gep.collect_projects("counties")
    <CountyCollection: 1 county, in ...>
    """
    options = options or CollectionOptions()
    home = Path(folder)
    target = Path(out) if out is not None else home / FOLDER
    with worded_in(language):
        real = leads_out(target, home)
        if real is not None:
            raise cannot_write(target, "io.out-is-a-link", target=real)
        workbook = collection_workbook_name(language or locale_language())
        names = (*TABLES, *(PROVINCE_TABLES if options.project else ()), RECORD, workbook)
        refuse_foreign(target, names, {RECORD: FILES})
        collection = compute_collection(home, target, options, language=language)
        problems = ProblemLog()
        with replace_folder(target, {RECORD: FILES}, problems) as scratch:
            write_collection(collection, scratch)
        if options.project:
            _write_project(collection)
        return replace(collection, warnings=(*collection.warnings, *problems.warnings))


def compute_collection(
    home: Path, out: Path, options: CollectionOptions, *, language: Language | None = None
) -> CountyCollection:
    """Collect the projects of counties and recompute them without writing anything.

    Parameters
    ----------
    home : Path
        Folder in which the counties' folders are.
    out : Path
        Folder that the results are for, which is no county.
    options : CollectionOptions
    language : {'zh', 'en'}, optional
        See :func:`collect_projects`.

    Returns
    -------
    CountyCollection

    Raises
    ------
    ProblemsFound
        Those of :func:`collect_projects`, also for results that would be written over inputs.
    """
    problems = ProblemLog(language)
    with worded_in(language):
        counties = read_counties(home, out, options.years, allow_code=options.allow_code)
        if not counties.read and not counties.broken:
            problems.add("no-county", str(home), "workflows.no-county")
        errors: list[Problem] = []
        if not (options.skip_broken and counties.read):
            for county_problems in counties.broken.values():
                errors += county_problems
        terms = _load_terms(counties.read, options, problems)
        explanations = {}
        for county in counties.read:
            explanations[county.name] = load_explanations(county, problems)
        check_regions(counties.read, problems)
        if errors or problems.errors or terms is None:
            raise ProblemsFound([*errors, *problems.errors], problems.warnings, language)
        recomputed, counties = replay(counties, terms.common, terms.alternatives, options)
        jumps = _find_jumps(counties.read, explanations, options.jump, problems)
        tables = _make_tables(counties, terms, recomputed, jumps, problems)
        if options.project:
            above = _project_above(home)
            raster = None if above is None else above.inputs.raster
            tables |= province_tables(counties.read, terms.regions, raster, problems)
            _check_project(home, out, counties.read, terms.common, above, problems)
        problems.raise_errors()
        _refuse_inputs(counties, options, out)
        tell_left_out(counties, problems)
        tell_runs(counties.read, problems)
        check_sets(counties.read, problems)
        return CountyCollection(
            counties=counties,
            common=terms.common,
            tables=tables,
            out=out,
            warnings=tuple(problems.warnings),
            home=home,
            options=options,
            language=language or locale_language(),
            alternatives=terms.alternatives.choices,
        )


def _project_above(home: Path) -> ProjectSpec | None:
    """Return what the ``project.toml`` above the counties says; None without one."""
    if not (home / PROJECT_FILE).is_file():
        return None
    header, _ = read_header(home, ProblemLog())
    return None if header is None else header.spec


def _check_project(
    home: Path,
    out: Path,
    counties: Sequence[County],
    common: Choice,
    above: ProjectSpec | None,
    problems: ProblemLog,
) -> None:
    """Check that the counties can be one project, and that one that is there is still theirs.

    Adds ``path-outside`` where the results lie outside the folder, and ``counties-differ`` where
    counties differ in coverage, or the project in standard, years or prices from the collection.
    """
    if not out.resolve().is_relative_to(home.resolve()):
        problems.add("path-outside", "--out", "workflows.project-outside", folder=str(home))
    coverages = [county.project.spec.inputs.coverage for county in counties]
    place = text("workflows.coverage-of-counties")
    one_of(counties, place, coverages, text("workflows.same-coverage"), problems)
    if above is None:
        return
    spec = above.project
    collected = {"years": sorted(counties[0].years), "price_year": common.price_year}
    stated = {"years": sorted(spec.years), "price_year": spec.price_year}
    for key, value in collected.items():
        if stated[key] != value:
            values = {"line": key, "stated": stated[key] or CURRENT, "collected": value or CURRENT}
            where = f"{PROJECT_FILE} project.{key}"
            problems.add("counties-differ", where, "workflows.project-differs", **values)


def _write_project(collection: CountyCollection) -> None:
    """Write the ``project.toml`` of all counties, unless the folder has one."""
    path = collection.home / PROJECT_FILE
    if path.exists():
        return
    text_of_project = province_project(
        collection.counties.read,
        collection.common,
        collection.options,
        home=collection.home,
        out=collection.out,
        tables=collection.tables,
    )
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text_of_project)
    except OSError as error:
        raise ProblemsFound([unwritten(path, error)]) from None


def _load_terms(
    counties: Sequence[County], options: CollectionOptions, problems: ProblemLog
) -> _Terms | None:
    """Load the common choice, the alternatives, control totals and regions.

    Parameters
    ----------
    counties : sequence of County
        Those that could be read.
    options : CollectionOptions
    problems : ProblemLog
        Gets ``toml-value`` for the threshold of jumps, ``bad-year``, ``counties-differ``, and the
        codes of ``choice_of``, ``load_alternatives``, ``load_controls`` and ``load_regions``.

    Returns
    -------
    _Terms or None
        None if there is no common choice.
    """
    controls = load_controls(options.controls, problems) if options.controls else None
    regions = load_regions(options.regions, problems) if options.regions else None
    if not 0 < options.jump < float("inf"):
        problems.add("toml-value", "--jump", "workflows.bad-jump", jump=options.jump)
    if not counties:
        return None
    if options.standard:
        standard = load_standard(options.standard, None, "--standard", problems)
    else:
        standard = one_standard(counties, problems)
    if not options.years:
        _check_same_years(counties, problems)
    price_year = _common_price_year(counties, options.prices, problems)
    if standard is None:
        return None
    check_units(counties, standard, problems)
    common = choice_of(
        COMMON,
        standard,
        coefficients=options.coefficients,
        switches=options.switches,
        price_year=price_year,
        base=None,
        place=_CHOICE_OPTIONS,
        problems=problems,
    )
    if common is None or problems.errors:
        return None
    if options.alternatives:
        alternatives = load_alternatives(options.alternatives, common, problems)
    else:
        alternatives = each_option(common)
    return _Terms(common, alternatives, controls, regions)


def _check_same_years(counties: Sequence[County], problems: ProblemLog) -> None:
    """Check (``counties-differ``) that all counties have accounts of the same years."""
    years_by_county = []
    for county in counties:
        years = sorted(county.project.spec.project.years)
        years_by_county.append(", ".join(str(year) for year in years))
    place = text("workflows.years-of-counties")
    one_of(counties, place, years_by_county, text("workflows.choose-years"), problems)


def _common_price_year(counties: Sequence[County], prices: str, problems: ProblemLog) -> int | None:
    """Return the common price year, or None for current prices.

    Parameters
    ----------
    counties : sequence of County
    prices : str
        What the user chose with ``--prices``; blank for the basis that all counties have.
    problems : ProblemLog
        Gets ``bad-year`` and ``counties-differ``.
    """
    if prices:
        basis = check_prices(prices, problems)
        return None if basis is None or basis == CURRENT else int(basis)
    bases = [PriceBasis(county.project.parts.price_year).code for county in counties]
    place = text("workflows.prices-of-counties")
    one_of(counties, place, bases, text("workflows.choose-prices"), problems)
    return counties[0].project.parts.price_year


def _make_tables(
    counties: Counties,
    terms: _Terms,
    recomputed: RecomputedCounties,
    jumps: pd.DataFrame,
    problems: ProblemLog,
) -> dict[str, pd.DataFrame]:
    """Make the result tables.

    Parameters
    ----------
    counties : Counties
    terms : _Terms
    recomputed : RecomputedCounties
        The accounts and values of all counties under all choices.
    jumps : DataFrame
        The table ``jumps.csv``.
    problems : ProblemLog
        Gets ``alternative-left-out``, ``control-differs``, and the codes of ``control_table``.

    Returns
    -------
    dict of str to DataFrame
        By file name, see ``TABLES``.
    """
    values = recomputed.values
    for name, reason in recomputed.lost.items():
        problems.add("alternative-left-out", name, "collection.alternative-left-out", reason=reason)
    choices = {choice.name: choice for choice in (terms.common, *terms.alternatives.choices)}
    ranks = ranks_of(values)
    effects = []
    for county in counties.read:
        effects.append(choice_effects(county, terms.common, recomputed.common[county.name]))
    context = ControlContext(
        counties=counties.read,
        values={name: values[name] for name in (OWN, COMMON)},
        regions=terms.regions,
        left_out=bool(counties.broken),
    )
    files = pd.concat([county.files for county in counties.read], ignore_index=True)
    return {
        "counties.csv": county_table(counties, recomputed.common),
        "files.csv": files[FILE_COLUMNS],
        "completeness.csv": completeness(counties.read, counties.broken, recomputed.common),
        "replayed.csv": replayed(values[OWN], values[COMMON]),
        "moved.csv": stacked([effect.choices for effect in effects], MOVED_COLUMNS),
        "differing_rows.csv": stacked([effect.rows for effect in effects], DIFFERING_COLUMNS),
        "controls.csv": _check_controls(terms.controls, context, problems),
        "jumps.csv": jumps,
        "alternatives.csv": alternatives_table(values, choices),
        "ranks.csv": ranks.table,
        "pairs.csv": ranks.pairs,
    }


def _check_controls(
    controls: Controls | None, context: ControlContext, problems: ProblemLog
) -> pd.DataFrame:
    """Make ``controls.csv``, and warn (``control-differs``) of each total that is not met."""
    table = control_table(controls, context, problems)
    is_different = table["flag"] == "differs"
    for row in table[is_different.to_numpy()].to_dict("records"):
        regions = region_labels([str(row["region"])], context.regions)
        problems.add(
            "control-differs",
            "controls.csv",
            "workflows.control-differs",
            name=row["name"],
            region=regions[0],
            year=row["year"],
            basis=_basis_text(str(row["basis"])),
            sum=row["sum"],
            control=row["control"],
            unit=row["unit"],
            source=row["source"],
        )
    return table


def _basis_text(basis: str) -> Text | str:
    """Return in words under which choice a sum over counties was computed; blank if under none."""
    return text(f"workflows.control-basis.{basis}") if basis else ""


def _find_jumps(
    counties: Sequence[County],
    explanations: Mapping[str, pd.DataFrame | None],
    threshold: float,
    problems: ProblemLog,
) -> pd.DataFrame:
    """Make ``jumps.csv``.

    Parameters
    ----------
    counties : sequence of County
    explanations : mapping of str to DataFrame
        The explanations that each county gives, None if it gives none.
    threshold : float
        Yearly change above which an explanation is required, a fraction.
    problems : ProblemLog
        Gets ``jump-unexplained`` for each county with jumps that it does not explain, and the
        codes of ``jumps.unused``.

    Returns
    -------
    DataFrame
    """
    pieces = []
    for county in counties:
        county_explanations = explanations[county.name]
        jumps = jumps_of(county, threshold, county_explanations)
        pieces.append(jumps)
        if county_explanations is not None:
            unused(county, county_explanations, jumps, problems)
        open_count = int((jumps["status"] == OPEN).sum())
        if open_count:
            problems.add(
                "jump-unexplained",
                county.name,
                "workflows.jump-unexplained",
                count=open_count,
                threshold=threshold,
            )
    return stacked(pieces, JUMP_COLUMNS)


def _refuse_inputs(counties: Counties, options: CollectionOptions, out: Path) -> None:
    """Refuse (``cannot-write``) to write results over the files that they are made of."""
    for county in counties.read:
        refuse_inputs(county.project, county.plans, out, FILES)
    results = {(out / name).resolve() for name in FILES}
    for file in (options.controls, options.regions, options.alternatives):
        if file is not None and file.resolve() in results:
            raise cannot_write(out, "io.input-lost", files=[file.name])


def write_collection(collection: CountyCollection, folder: Path) -> None:
    """Write the result files of a collection, its record among them.

    Parameters
    ----------
    collection : CountyCollection
    folder : Path
        An empty folder; the record names the counties as seen from ``collection.out``.
    """
    for name, table in collection.tables.items():
        append_csv(folder / name, table)
    words = CollectionWords(collection.counties, collection.common, collection.language)
    workbook = folder / collection_workbook_name(collection.language)
    save_collection_workbook(workbook, words, collection.tables, collection.warnings)
    write_record(folder / RECORD, _record(collection, folder))


def _record(collection: CountyCollection, folder: Path) -> dict[str, Any]:
    """Return what ``collection.json`` records.

    Parameters
    ----------
    collection : CountyCollection
    folder : Path
        Folder with the tables that were written.

    Returns
    -------
    dict of str to object
        Counties, the common choice, thresholds and where they come from, options, warnings,
        checksums.
    """
    common = collection.common
    language = collection.language
    spec = common.standard.spec
    counties = {}
    for county in collection.counties.read:
        counties[county.name] = relative_path(county.project.folder, collection.out)
    left_out = {}
    for name, problems in collection.counties.broken.items():
        left_out[name] = [problem.say(language) for problem in problems]
    record: dict[str, Any] = {
        "gep": __version__,
        "folder": relative_path(collection.home, collection.out),
        "counties": counties,
        "left_out": left_out,
        "common": {
            "standard": spec.id,
            "evidence": spec.evidence,
            "legal": spec.legal,
            "sets": [coefficient_set.label for coefficient_set in common.sets],
            "switches": dict(common.switches),
            "prices": common.basis,
        },
        "thresholds": {
            "jump": collection.options.jump,
            "tolerance": TOLERANCE,
            "note": "defaults of gep; they come from no text",
        },
        "options": _recorded_options(collection),
        "warnings": [problem.say(language) for problem in collection.warnings],
        "inputs": _input_sums(collection),
    }
    record[ROWS] = row_sums(record["inputs"], collection.out)
    return record | result_sums(folder, "results")


def _recorded_options(collection: CountyCollection) -> dict[str, Any]:
    """Return the options as the record has them, paths as seen from the folder of the results."""
    options = collection.options
    out = collection.out

    def path(name: str | Path | None) -> str:
        if name is None or (isinstance(name, str) and not is_path(name)):
            return name or ""
        return relative_path(Path(name), out)

    return {
        "allow_transfer": options.allow_transfer,
        "allow_code": options.allow_code,
        "standard": path(options.standard),
        "coefficients": [path(name) for name in options.coefficients],
        "switches": dict(options.switches),
        "prices": options.prices,
        "years": list(options.years),
        "controls": path(options.controls),
        "regions": path(options.regions),
        "alternatives": path(options.alternatives),
        "jump": options.jump,
        "skip_broken": options.skip_broken,
        "project": options.project,
        "language": collection.language,
    }


def _input_sums(collection: CountyCollection) -> dict[str, str]:
    """Return the checksum of every file that the collection was made of.

    These are the files of the counties, their explanations and the records of their runs, those of
    the common choice and of the alternatives, and the tables that the options name.
    """
    out = collection.out
    options = collection.options
    sums = {}
    files: list[Path] = []
    for county in collection.counties.read:
        home = county.project.folder
        folder = relative_path(home, out)
        inputs = county.files[(county.files["kind"] == "input").to_numpy()]
        for name, checksum in zip(inputs["file"], inputs["sha256"], strict=True):
            if checksum:
                sums[name if is_found_by_id(name) else f"{folder}/{name}"] = checksum
        files += [home / EXPLANATIONS, home / COUNTY_RECORD]
        if options.project:
            files += reading_files(county, ProblemLog())
    for choice in (collection.common, *collection.alternatives):
        files += [*choice.standard.files, choice.scheme.path]
        if choice.crosswalk is not None:
            files += choice.crosswalk.files
        for _, _, step in choice.standard.steps():
            code = step.method.partition(":")[0]
            if is_own_file(code):
                files += files_of_code(choice.standard.home_of(code) / code)
        for coefficient_set in choice.sets:
            files += coefficient_set.files
    for table in (options.controls, options.regions, options.alternatives):
        if table is not None:
            files.append(table)
    return sums | _sums_of(files, out)


def _sums_of(files: Iterable[Path], out: Path) -> dict[str, str]:
    """Return the checksums of those files that exist, by their path as seen from the results."""
    sums = {}
    for file in dict.fromkeys(split_sheet(file)[0] for file in files):
        if file.is_file():
            name = display_name(file)
            sums[name if is_found_by_id(name) else relative_path(file, out)] = sha256(file)
    return sums
