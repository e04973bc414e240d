"""Verifying results (结果复核): they are written anew by their records, differences are named.

Runs, comparisons, assessments and collections are computed again under the options of their records
and written into a scratch folder. Then records are compared key by key, files byte by byte, and
tables whose bytes differ by the keys of their rows, so that the order of rows does not matter.
Differences are problems of code ``differs``, returned rather than raised; what no comparison can
show is said in notes.
"""

import json
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gep import __version__
from gep.account.pixel_maps import MAPS, MapKinds
from gep.collection.counties import CollectionOptions
from gep.errors import Problem, ProblemsFound, Where, make_problem, worded_in
from gep.extent.kept_sums import computed_anew
from gep.extent.rasters import MAP_SUFFIX, same_map
from gep.io.argument_types import checked_arguments
from gep.io.catalog import displayed_path, is_path
from gep.io.csv_excel import printable, row_place, system_reason
from gep.io.result_folder import (
    PACKED,
    RECORD_CHECKSUM,
    cannot_write,
    is_file,
    is_file_name,
    read_record,
    record_checksum,
    relative_path,
    restore_folder,
    sha256,
)
from gep.io.spreadsheets import load_cells
from gep.plan.plan import Plan
from gep.project.project import check_project, project_language
from gep.texts.catalogue import Language, Listed, Text, locale_language, text
from gep.workflows import (
    assess,
    assessment_inputs,
    collect,
    compare,
    input_rows,
    run,
    sensitivity,
)

_PLAN = "plan.csv"
_PLANS = (_PLAN, run.PACKED_PLAN)
_PROJECT = "project.toml"
_ASSESSMENTS = "assessment"  # the folder of assessments in that of results
_SHOWN = 200  # characters of a value of a record that a message shows
_RELATIVE, _ABSOLUTE = 1e-9, 1e-12  # tolerances to which numbers are compared
_PICTURE = ".png"
_WORKBOOK = ".xlsx"
_PAGE = ".html"
_NO_WORDS = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
_RESULT_TYPES = (
    ".csv",
    PACKED,
    ".json",
    _PICTURE,
    _WORKBOOK,
    _PAGE,
)  # files that could be taken for results
_OF_THE_SYSTEM = (".", "~$", "Thumbs.db", "desktop.ini")  # how files that nobody wrote begin
_NOT_DRAWN = "[missing-extra]"  # how the warning begins that a picture could not be drawn
# What identifies a row of the plan, wherever it is in its file.
_PLAN_KEYS = ["year", "step", "input", "binding", "file"]
_ROW_COLUMNS = ("value", "unit", "grade")  # what a row of an input states
_OTHER_COLUMNS = ("factor", "method", "clause", "set@version")  # what follows from other files
_NUMBERS = ("value", "factor")  # columns of the plan whose cells are numbers
# Columns of results whose cells are numbers, even if all of them are whole or blank.
_FIGURES = (
    "value",
    "per_km2",
    "per_capita",
    "share",
    "mean",
    "sd",
    "p025",
    "p050",
    "p500",
    "p950",
    "p975",
    "p_positive",
    "rank_p025",
    "rank_p975",
    "probability",
)
_DECIMAL = r"-?\d+(\.\d+(e[+-]?\d+)?|e[+-]?\d+)"  # how results write numbers that are not whole
_TEXTS = ("clause", "locator", "gep")  # columns that may look so, and are no numbers
# Keys of records that are compared in ways of their own, as the checksums of tables are.
_OTHERWISE_COMPARED = (
    *("gep", RECORD_CHECKSUM, "warnings", "inputs", run.OTHER_RESULTS, MAPS),
    input_rows.ROWS,
)
_NESTED = ("project", "projects", "options", "uncertainty")  # keys whose entries are named
_ROW_NAMES = ("year", "county", "region", "category", "indicator", "step", "item", "ecosystem")


@dataclass(frozen=True)
class Verification:
    """What was found when results were computed again.

    Attributes
    ----------
    differences : tuple of Problem
        One for each thing that differs; none if the results agree.
    language : {'zh', 'en'} or None
        The language asked for, else the project's; None if the project could not be read.
    notes : tuple of Text
        What was not compared, or cannot be known.
    """

    differences: tuple[Problem, ...]
    language: Language | None
    notes: tuple[Text, ...] = ()


# --- what records look like ----------------------------------------------------------------------


def _own_file(name: str) -> str:
    """Return the name of a file in the record's own folder; raise ``ValueError`` for any other."""
    if not is_file_name(name):
        raise ValueError(name)
    return name


_Sums = dict[Annotated[str, AfterValidator(_own_file)], str]  # checksums by name of file


class _Shape(BaseModel):
    """A part of a record, of which the keys that are needed have their types."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Options(_Shape):
    """The options of every command."""

    allow_code: bool = False
    partial: bool = False
    language: Language | None = None


class _RunOptions(_Options):
    edition: run.Edition = "full"
    draws: int = Field(default=0, ge=0)
    seed: int = Field(default=0, ge=0)
    set: dict[str, int | float | str] = {}
    maps: MapKinds = ""


class _ComparisonOptions(_Options):
    prices: list[str]
    allow: list[str]
    moving_mean: int = Field(ge=0)
    from_year: int | None = Field(default=None, alias="from")
    to_year: int | None = Field(default=None, alias="to")


class _CountyOptions(_Options):
    allow_transfer: bool = False
    standard: str = ""
    coefficients: list[str] = []
    switches: dict[str, str] = {}
    prices: str = ""
    years: list[int] = []
    controls: str = ""
    regions: str = ""
    alternatives: str = ""
    jump: float = CollectionOptions.jump
    skip_broken: bool = False
    project: bool = False


class _Home(_Shape):
    """A project that a record names."""

    id: str
    folder: str


class _Record(_Shape):
    """What every record has; ``results`` are the checksums of tables, under the key ``TABLES``."""

    TABLES: ClassVar[str] = "results"

    gep: str
    inputs: dict[str, str]
    warnings: list[str] = []
    results: _Sums
    other_results: _Sums = {}

    @property
    def sums(self) -> dict[str, str]:
        """The checksums of all files of the result but the record."""
        return {**self.results, **self.other_results}


class _RunRecord(_Record):
    project: _Home
    options: _RunOptions
    maps: _Sums = {}

    @property
    def sums(self) -> dict[str, str]:
        """The checksums of all files of the result but the record, maps in their folder."""
        maps = {f"{MAPS}/{name}": checksum for name, checksum in self.maps.items()}
        return {**super().sums, **maps}


class _ComparisonRecord(_Record):
    projects: Annotated[list[_Home], Field(min_length=1)]
    options: _ComparisonOptions


class _AssessmentRecord(_Record):
    TABLES: ClassVar[str] = "tables"

    project: _Home
    options: _Options = _Options()
    draws: int = Field(default=0, ge=0)
    seed: int = Field(default=0, ge=0)
    results: _Sums = Field(alias="tables")


class _CollectionRecord(_Record):
    folder: str = ".."
    options: _CountyOptions


# --- what is verified ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Request:
    """What the user asked for; see :func:`verify_result`."""

    project: Path | None
    allow_code: bool
    language: Language | None


@dataclass(frozen=True)
class _Result:
    """A result that was written: a folder with a record and the files that it lists.

    Attributes
    ----------
    folder : Path
    label : str
        What comes before the names of its files in messages, such as ``assessment/demo/``.
    record_name : str
    record : mapping of str to object
        The record as it is there.
    content : _Record
        What of it is needed, with checked types.
    names : tuple of str
        Names that files of such a result may have.
    """

    folder: Path
    label: str
    record_name: str
    record: Mapping[str, Any]
    content: _Record
    names: tuple[str, ...]

    @property
    def sums(self) -> dict[str, str]:
        """The checksums of all its files but the record."""
        return self.content.sums

    @property
    def place(self) -> str:
        """Its record, as messages name it."""
        return f"{self.label}{self.record_name}"


@dataclass(frozen=True)
class _Group:
    """Results that one command wrote, and how they are written again.

    Attributes
    ----------
    results : mapping of str to _Result
        By their folder inside that of the command; blank for that folder itself.
    folder : Path
        The folder that the command wrote to.
    homes : mapping of Path to str
        Folders of the projects now, to how the record names them.
    base : Path
        Folder that the names of inputs start from.
    write : callable
        Takes an empty folder and writes the results into it.
    options : _Options
    is_project : bool
        Whether its homes have a ``project.toml``; counties are in a folder without.
    is_whole : bool
        Whether every result that is written again must be there.
    rows : mapping of str to str
        Recorded checksums of the rows of inputs, by name.
    """

    results: Mapping[str, _Result]
    folder: Path
    homes: Mapping[Path, str]
    base: Path
    write: Callable[[Path], object]
    options: _Options
    is_project: bool = True
    is_whole: bool = True
    rows: Mapping[str, str] = field(default_factory=dict)

    def edited(self, name: str) -> Where:
        """Return the rows of an input that were edited; the file where they cannot be told."""
        shown = printable(name, _SHOWN)
        file = displayed_path(name, self.base)
        rows = input_rows.edited_rows(file, self.rows.get(name, ""))
        return row_place(shown, rows) if rows else shown


@dataclass
class _Findings:
    """What was found: differences, notes, and the names of files that belong to results."""

    differences: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    names: dict[Path, set[str]] = field(default_factory=dict)
    inputs: set[Path] = field(default_factory=set)

    def add(self, place: Where, message: str, **values: Any) -> None:
        """Add a difference."""
        self.differences.append(_difference(place, message, **values))

    def note(self, message: str, **values: Any) -> None:
        """Add a note."""
        self.notes.append(text(f"workflows.verify-note.{message}", **values))


@checked_arguments
def verify(
    out: str | Path,
    project: str | Path | None = None,
    *,
    allow_code: bool = False,
    language: Language | None = None,
) -> list[Problem]:
    """Compute results again by their records, and return what differs.

    Parameters
    ----------
    out, project, allow_code, language
        See :func:`verify_result`.

    Returns
    -------
    list of Problem
        See :class:`Verification`; empty if the results agree.

    Raises
    ------
    ProblemsFound
        ``manifest``.

    Examples
    --------
    >>> import gep
    >>> run = gep.run_project("examples/beibu-gulf", "results-verified")
    >>> gep.verify(run.out, "examples/beibu-gulf")
    []
    """
    verification = verify_result(out, project, allow_code=allow_code, language=language)
    return list(verification.differences)


def verify_result(
    out: str | Path,
    project: str | Path | None = None,
    *,
    allow_code: bool = False,
    language: Language | None = None,
) -> Verification:
    """Compute all results in a folder again by their records.

    Parameters
    ----------
    out : str or Path
        A folder with results of ``gep run``, ``compare``, ``assess`` or ``collect``, or the project
        that they are in.
    project : str or Path, optional
        Folder that the project is in now, if it was moved; by default that of the record. Of a
        comparison of several projects, and of a collection, the folder that they are in.
    allow_code : bool, default False
        Whether the project's own code may run; project and record must allow it too.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    Verification
        Differences are of code ``differs``; problems of a project that cannot be read any more, and
        records of the wrong shape (``manifest``), are among them.

    Raises
    ------
    ProblemsFound
        ``manifest`` if there is no record that can be used; ``cannot-write`` if the system has no
        place for the results that are written for comparison.
    """
    request = _Request(None if project is None else Path(project), allow_code, language)
    folder = _folder_of_results(Path(out))
    for place in (folder, *folder.absolute().parents[:2]):  # of a scheme, the folder of results
        restore_folder(place)
    findings = _Findings()
    with worded_in(language):
        groups = _find_groups(folder, request, findings)
        if not groups:
            raise ProblemsFound(findings.differences or [_no_record(folder)])
        for group in groups:
            _verify_group(group, request, findings)
    _check_extra_files(folder, groups, findings)
    checksums = _checksums_of(groups)
    findings.note("limits", checksums=Listed(tuple(checksums), len(checksums)))
    return Verification(
        differences=tuple(dict.fromkeys(findings.differences)),
        language=_language_of(groups, request),
        notes=tuple(dict.fromkeys(findings.notes)),
    )


def _language_of(groups: Sequence[_Group], request: _Request) -> Language:
    """Return the language of messages: the one asked for, else that of the first project."""
    for group in groups:
        if request.language is None and group.is_project:
            return project_language(next(iter(group.homes)))
    return request.language or locale_language()


def _checksums_of(groups: Sequence[_Group]) -> list[str]:
    """Return the checksums of all records, for whoever notes them down."""
    checksums = []
    for group in groups:
        for result in group.results.values():
            checksums.append(f"{result.place} {record_checksum(result.record)}")
    return checksums


# --- finding results -----------------------------------------------------------------------------


def _folder_of_results(out: Path) -> Path:
    """Return the folder with results: ``out``, or the one that a project or collection has."""
    for folder in (out, out / "out", out / collect.FOLDER):
        if _has_records(folder):
            return folder
    return out


def _has_records(folder: Path) -> bool:
    """Return whether a folder has a record of any command, or a folder of assessments."""
    names = (run.MANIFEST, compare.RECORD, collect.RECORD, assessment_inputs.RECORD)
    if any(is_file(folder / name) for name in names):
        return True
    return bool(_scheme_folders(folder) or _scheme_folders(folder / _ASSESSMENTS))


def _scheme_folders(folder: Path) -> list[Path]:
    """Return the folders of schemes in a folder of assessments: those with a record."""
    try:
        return sorted(path.parent for path in folder.glob(f"*/{assessment_inputs.RECORD}"))
    except OSError:
        return []


def _no_record(folder: Path) -> Problem:
    """Return the problem (``manifest``) that a folder has no record."""
    return make_problem("manifest", str(folder / run.MANIFEST), "workflows.no-manifest")


def _find_groups(folder: Path, request: _Request, findings: _Findings) -> list[_Group]:
    """Read the records in a folder.

    Parameters
    ----------
    folder : Path
    request : _Request
    findings : _Findings
        Gets ``manifest`` for each record that cannot be used.

    Returns
    -------
    list of _Group
        One for each command whose results are there.
    """
    groups = []
    readers = (
        (run.MANIFEST, _read_run),
        (compare.RECORD, _read_comparison),
        (collect.RECORD, _read_collection),
    )
    for name, read in readers:
        if (folder / name).exists():
            try:
                groups.append(read(folder, request))
            except ProblemsFound as error:
                findings.differences += error.problems
    if is_file(folder / assessment_inputs.RECORD):
        scheme_folders = [folder]
    else:
        scheme_folders = _scheme_folders(folder / _ASSESSMENTS) or _scheme_folders(folder)
    assessments = _read_assessments(folder, scheme_folders, request, findings)
    return groups if assessments is None else [*groups, assessments]


_Content = TypeVar("_Content", bound=_Record)


def _read_result(
    folder: Path,
    record_name: str,
    shape: type[_Content],
    names: Sequence[str],
    label: str = "",
) -> tuple[_Result, _Content]:
    """Read a record and check its shape; raise ``ProblemsFound`` (``manifest``)."""
    path = folder / record_name
    record = read_record(path)
    try:
        content = shape.model_validate(record)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"])
            place = f"{path} {printable(key)}"
            faults.append(make_problem("manifest", place, "workflows.record-shape"))
        raise ProblemsFound(faults) from None
    return _Result(
        folder,
        label,
        record_name,
        record,
        content,
        tuple(names),
    ), content


def _read_run(folder: Path, request: _Request) -> _Group:
    """Read the record of a run."""
    result, content = _read_result(folder, run.MANIFEST, _RunRecord, run.FILES)
    options = content.options
    home = request.project or folder / content.project.folder

    def write(scratch: Path) -> None:
        project, plans = check_project(
            home,
            allow_code=request.allow_code and options.allow_code,
            partial=options.partial,
            language=options.language,
            set=options.set,
        )
        computed = run.compute_run(
            project,
            plans,
            folder,
            draws=options.draws,
            seed=options.seed,
            maps=_maps_of(options, plans),
        )
        computed = replace(computed, edition=options.edition)
        run.write_run(computed, scratch)

    return _Group(
        {"": result},
        folder,
        {home: content.project.folder},
        home,
        write,
        options,
    )


def _maps_of(options: _RunOptions, plans: Sequence[Plan]) -> MapKinds:
    """Return the maps that are written again; none of a project that has no rasters any more."""
    return options.maps if all(plan.raster is not None for plan in plans) else ""


def _read_comparison(folder: Path, request: _Request) -> _Group:
    """Read the record of a comparison; several projects that were moved are in one folder."""
    result, content = _read_result(folder, compare.RECORD, _ComparisonRecord, compare.FILES)
    options = content.options
    homes = {}
    for project in content.projects:
        home = folder / project.folder
        if request.project is not None and len(content.projects) > 1:
            home = request.project / _resolved(home).name
        elif request.project is not None:
            home = request.project
        homes[home] = project.folder
    chosen = compare.CompareOptions(
        from_year=options.from_year,
        to_year=options.to_year,
        prices=tuple(options.prices),
        allow=tuple(options.allow),
        moving_mean=options.moving_mean,
    )

    def write(scratch: Path) -> None:
        computed = compare.compute_comparison(
            list(homes),
            folder,
            chosen,
            allow_code=request.allow_code and options.allow_code,
            partial=options.partial,
            language=options.language,
        )
        compare.write_comparison(computed, scratch)

    base = folder if len(homes) > 1 else next(iter(homes))
    return _Group(
        {"": result},
        folder,
        homes,
        base,
        write,
        options,
    )


def _read_collection(folder: Path, request: _Request) -> _Group:
    """Read the record of a collection; paths in its options start from its folder."""
    result, content = _read_result(folder, collect.RECORD, _CollectionRecord, collect.FILES)
    options = content.options
    home = request.project or folder / content.folder

    def path(name: str) -> str:
        return str(folder / name) if is_path(name) else name

    def file(name: str) -> Path | None:
        return folder / name if name else None

    chosen = CollectionOptions(
        standard=path(options.standard),
        coefficients=tuple(path(name) for name in options.coefficients),
        switches=options.switches,
        prices=options.prices,
        years=tuple(options.years),
        controls=file(options.controls),
        regions=file(options.regions),
        alternatives=file(options.alternatives),
        jump=options.jump,
        skip_broken=options.skip_broken,
        project=options.project,
        allow_transfer=options.allow_transfer,
        allow_code=request.allow_code and options.allow_code,
    )

    def write(scratch: Path) -> None:
        computed = collect.compute_collection(home, folder, chosen, language=options.language)
        collect.write_collection(computed, scratch)

    homes = {home: content.folder}
    rows = input_rows.recorded_rows(result.record)
    return _Group(
        {"": result},
        folder,
        homes,
        folder,
        write,
        options,
        is_project=False,
        rows=rows,
    )


def _read_assessments(
    folder: Path, scheme_folders: Sequence[Path], request: _Request, findings: _Findings
) -> _Group | None:
    """Read the records of assessments, which one command wrote; None if there are none."""
    results: dict[str, _Result] = {}
    contents: list[_AssessmentRecord] = []
    homes: dict[Path, str] = {}
    for scheme_folder in scheme_folders:
        label = ""
        if scheme_folder != folder:
            label = f"{scheme_folder.relative_to(folder).as_posix()}/"
        try:
            result, content = _read_result(
                scheme_folder, assessment_inputs.RECORD, _AssessmentRecord, [assess.WORKBOOK], label
            )
        except ProblemsFound as error:
            findings.differences += error.problems
            continue
        results[scheme_folder.resolve().name] = result
        contents.append(content)
        homes.setdefault(
            request.project or scheme_folder / content.project.folder, content.project.folder
        )
    if not contents:
        return None
    first = contents[0]
    options = first.options
    is_whole = list(scheme_folders) != [folder]
    out = scheme_folders[0].parent if is_whole else folder.resolve().parent
    home = next(iter(homes))
    if is_whole and is_file(out / assess.PAGE_RECORD):
        label = "" if out == folder else f"{out.relative_to(folder).as_posix()}/"
        try:
            results[""], _ = _read_result(
                out, assess.PAGE_RECORD, _AssessmentRecord, [assess.PAGE], label
            )
        except ProblemsFound as error:
            findings.differences += error.problems

    def write(scratch: Path) -> None:
        computed = assess.apply_schemes(
            home,
            allow_code=request.allow_code and options.allow_code,
            partial=options.partial,
            draws=first.draws,
            seed=first.seed,
            language=options.language,
        )
        assess.write_assessment(replace(computed, out=out), scratch)

    rows: Mapping[str, str] = {}
    if is_file(out / assess.PAGE_RECORD):
        with suppress(ProblemsFound):
            rows = input_rows.recorded_rows(read_record(out / assess.PAGE_RECORD))
    return _Group(
        results,
        out,
        homes,
        home,
        write,
        options,
        is_whole=is_whole,
        rows=rows,
    )


# --- comparing -----------------------------------------------------------------------------------


def _difference(place: Where, message: str, **values: Any) -> Problem:
    """Return a problem of code ``differs``."""
    return make_problem("differs", place, f"workflows.verify.{message}", **values)


def _verify_group(group: _Group, request: _Request, findings: _Findings) -> None:
    """Write the results of a command again, and compare."""
    for result in group.results.values():
        _check_record(result, findings)
        _check_files(result, findings)
        findings.names.setdefault(result.folder, set()).update([*result.sums, result.record_name])
        for name in result.content.inputs:
            findings.inputs.add(_resolved(displayed_path(name, group.base)))
    first = next(iter(group.results.values()))
    place = f"{first.label}{first.record_name}"
    lost = [home for home in group.homes if not _is_home(home, group)]
    for home in lost:
        findings.add(place, "project-gone", folder=printable(home, _SHOWN))
    if lost:
        return
    _note_homes(group, first, request, findings)
    try:
        with tempfile.TemporaryDirectory(prefix="gep-verify-") as name:
            scratch = Path(name)
            with computed_anew():
                group.write(scratch)
            _compare_group(group, scratch, request, findings)
    except ProblemsFound as error:
        for result in group.results.values():
            _compare_inputs(result, group, None, findings)
        findings.differences += error.problems
    except OSError as error:
        file = str(error.filename or tempfile.gettempdir())
        reason = system_reason(error)
        if file.startswith(tempfile.gettempdir()):
            raise cannot_write(Path(file), "io.cannot-write-there", reason=reason) from None
        findings.differences.append(
            make_problem("cannot-read", file, "io.cannot-read", reason=reason)
        )


def _note_homes(group: _Group, result: _Result, request: _Request, findings: _Findings) -> None:
    """Note that a project is elsewhere than the record or the folder of the results lets expect."""
    place = result.place
    for home, recorded in group.homes.items():
        if request.project is not None and _resolved(result.folder / recorded) != _resolved(home):
            findings.note("moved", place=place, recorded=printable(recorded, _SHOWN), folder=home)
    if request.project is None and group.is_project:
        parents = _resolved(group.folder).parents
        around = next((parent for parent in parents if is_file(parent / _PROJECT)), None)
        if around is not None and around not in {_resolved(home) for home in group.homes}:
            home = _resolved(next(iter(group.homes)))
            findings.note("elsewhere", place=place, around=around, folder=home)
    if group.options.allow_code and request.allow_code:
        findings.note("code")


def _is_home(home: Path, group: _Group) -> bool:
    """Return whether there is a project in a folder, or the folder of a collection."""
    if group.is_project:
        return is_file(home / _PROJECT)
    try:
        return home.is_dir()
    except (OSError, ValueError):
        return False


def _resolved(path: Path) -> Path:
    """Return the path without links and dots; a path that no system can have stays."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path


def _sum_of(path: Path) -> str:
    """Return the checksum of a file; blank if it cannot be read."""
    try:
        return sha256(path) if is_file(path) else ""
    except OSError:
        return ""


def _check_record(result: _Result, findings: _Findings) -> None:
    """Report another version of gep, and a record that was edited after it was written."""
    place = result.place
    record = result.record
    if record["gep"] != __version__:
        recorded = printable(record["gep"])
        findings.add(place, "version", recorded=recorded, current=__version__)
    if RECORD_CHECKSUM not in record:
        findings.add(place, "record-without-checksum")
    elif record[RECORD_CHECKSUM] != record_checksum(record):
        findings.add(place, "record-edited")


def _check_files(result: _Result, findings: _Findings) -> None:
    """Report result files that are gone or were edited after they were written."""
    for name, checksum in result.sums.items():
        path = result.folder / name
        place = f"{result.label}{printable(name, _SHOWN)}"
        if not is_file(path):
            findings.add(place, "result-gone")
        elif _sum_of(path) != checksum:
            findings.add(place, "result-edited", record=result.record_name)


def _compare_group(group: _Group, scratch: Path, request: _Request, findings: _Findings) -> None:
    """Compare results with those that were written again into a scratch folder."""
    for name, result in group.results.items():
        folder = scratch / name
        if not is_file(folder / result.record_name):
            findings.add(result.place, "scheme-dropped", scheme=name)
            continue
        shape = type(result.content)
        again = _read_result(folder, result.record_name, shape, result.names)[0]
        _compare_inputs(result, group, again.content.inputs, findings)
        _compare_rows(result, group, findings)
        _compare_records(result, again.record, request, findings)
        _compare_warnings(result, again, findings)
        _compare_files(result, again, findings)
    if group.is_whole:
        for folder in sorted(path.parent for path in scratch.glob(f"*/{assessment_inputs.RECORD}")):
            is_unread = (group.folder / folder.name / assessment_inputs.RECORD).exists()
            if folder.name not in group.results and not is_unread:
                findings.add(f"{_ASSESSMENTS}/{folder.name}", "scheme-missing", scheme=folder.name)
        has_page = is_file(scratch / assess.PAGE_RECORD)
        if has_page and not is_file(group.folder / assess.PAGE_RECORD):
            findings.add(_ASSESSMENTS, "record-gone", record=assess.PAGE_RECORD)


def _compare_inputs(
    result: _Result, group: _Group, current: Mapping[str, str] | None, findings: _Findings
) -> None:
    """Report inputs that are not those of the record.

    Parameters
    ----------
    result : _Result
    group : _Group
        The results that it belongs to.
    current : mapping of str to str or None
        Checksums of the inputs now, by name; None if the projects cannot be read.
    findings : _Findings
        Gets the differences.
    """
    recorded_sums = _relocated(result, group)
    for name, checksum in recorded_sums.items():
        path = displayed_path(name, group.base)
        place = printable(name, _SHOWN)
        if current is not None and name in current:
            if current[name] != checksum:
                findings.add(group.edited(name), "input-edited")
        elif not is_file(path):
            findings.add(place, "input-gone", path=printable(_resolved(path), _SHOWN))
        elif current is not None:
            findings.add(place, "input-unused")
        elif _sum_of(path) != checksum:
            findings.add(group.edited(name), "input-edited")
    for name in current or ():
        findings.inputs.add(_resolved(displayed_path(name, group.base)))
        if name not in recorded_sums:
            findings.add(name, "input-new")


def _compare_rows(result: _Result, group: _Group, findings: _Findings) -> None:
    """Report recorded checksums of rows that are not those of a file that stayed as it was."""
    if input_rows.ROWS not in result.record and not group.rows:
        return
    for name, checksum in result.content.inputs.items():
        path = displayed_path(name, group.base)
        if not is_file(path) or _sum_of(path) != checksum:
            continue
        recorded = group.rows.get(name, "")
        recomputed = input_rows.row_sums([name], group.base).get(name, "")
        if recorded != recomputed:
            findings.add(
                result.place,
                "statement",
                name=printable(f"{input_rows.ROWS}.{name}"),
                recorded=printable(recorded, _SHOWN),
                recomputed=printable(recomputed, _SHOWN),
            )


def _relocated(result: _Result, group: _Group) -> dict[str, str]:
    """Return the checksums of the inputs, by their names if the projects are where they are now."""
    inputs = result.content.inputs
    if group.base != group.folder:
        return inputs
    prefixes = {}
    for home, recorded in group.homes.items():
        prefixes[f"{recorded}/"] = f"{relative_path(home, group.folder)}/"
    sums = {}
    for name, checksum in inputs.items():
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), "")
        sums[prefixes.get(prefix, "") + name.removeprefix(prefix)] = checksum
    return sums


def _compare_records(
    result: _Result, again: Mapping[str, Any], request: _Request, findings: _Findings
) -> None:
    """Report what a record says (state, evidence, shares, options ...) and is not so."""
    record = result.record
    place = result.place
    not_compared = {*_OTHERWISE_COMPARED, result.content.TABLES}
    if request.project is not None:
        not_compared |= {"project.folder", "folder", "counties"}
        not_compared |= {f"projects.{number}.folder" for number in range(len(record))}
    if not request.allow_code:
        not_compared.add("options.allow_code")
    for key in dict.fromkeys([*again, *record]):
        name = printable(key)
        if key not in record:
            if key != RECORD_CHECKSUM:  # which is checked by itself
                findings.add(place, "key-missing", name=name)
        elif key in not_compared:
            continue
        elif key not in again:
            findings.add(place, "key-unknown", name=name, recorded=_as_json(record[key]))
        else:
            for entry, recorded, recomputed in _unequal(key, record[key], again[key]):
                if entry == "uncertainty.numpy":
                    findings.note("numpy", recorded=_as_json(recorded), current=np.__version__)
                elif entry not in not_compared:
                    findings.add(
                        place,
                        "statement",
                        name=printable(entry),
                        recorded=_as_json(recorded),
                        recomputed=_as_json(recomputed),
                    )


def _unequal(key: str, recorded: Any, recomputed: Any) -> list[tuple[str, Any, Any]]:
    """Return the entries under a key of a record that differ: name, recorded, recomputed."""
    if _agrees(recorded, recomputed):
        return []
    is_nested = key.split(".")[0] in _NESTED
    if is_nested and isinstance(recorded, list) and isinstance(recomputed, list):
        recorded = dict(enumerate(recorded))
        recomputed = dict(enumerate(recomputed))
    if not (is_nested and isinstance(recorded, dict) and isinstance(recomputed, dict)):
        return [(key, recorded, recomputed)]
    differing = []
    for name in dict.fromkeys([*recomputed, *recorded]):
        differing += _unequal(f"{key}.{name}", recorded.get(name), recomputed.get(name))
    return differing


def _agrees(recorded: Any, recomputed: Any) -> bool:
    """Return whether two values of records are the same but for rounding."""
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        if set(recorded) != set(recomputed):
            return False
        return all(_agrees(recorded[key], recomputed[key]) for key in recomputed)
    if isinstance(recorded, list) and isinstance(recomputed, list):
        if len(recorded) != len(recomputed):
            return False
        return all(map(_agrees, recorded, recomputed))
    kinds = {type(recorded), type(recomputed)}
    if kinds <= {int, float}:
        if recorded == recomputed:
            return True
        try:
            first, second = float(recorded), float(recomputed)
        except OverflowError:  # a whole number of hundreds of digits
            return False
        is_close = math.isclose(first, second, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
        return is_close or (math.isnan(first) and math.isnan(second))
    return len(kinds) == 1 and bool(recorded == recomputed)


def _as_json(value: Any) -> str:
    """Return a value of a record in a line, cut where it is long."""
    return printable(json.dumps(value, ensure_ascii=False), _SHOWN)


def _compare_warnings(result: _Result, again: _Result, findings: _Findings) -> None:
    """Report warnings that were struck from a record or added to it.

    That a picture could not be drawn depends on the libraries of the system, not on the result.
    """
    place = result.place
    recorded = Counter(result.content.warnings)
    given = Counter(again.content.warnings)
    for warning in given - recorded:
        if not warning.startswith(_NOT_DRAWN):
            findings.add(place, "warning-struck", warning=printable(warning, _SHOWN))
    for warning in recorded - given:
        if not warning.startswith(_NOT_DRAWN):
            findings.add(place, "warning-unknown", warning=printable(warning, _SHOWN))


def _compare_files(result: _Result, again: _Result, findings: _Findings) -> None:
    """Report result files that are missing in a record or needless, and contents that differ.

    Parameters
    ----------
    result : _Result
    again : _Result
        What was written again.
    findings : _Findings
        Gets differences, and notes of pictures.
    """
    recorded = result.sums
    written = again.sums
    findings.names[result.folder].update(written)
    was_drawn = _was_drawn(result.content)
    is_drawn = _was_drawn(again.content)
    for name in dict.fromkeys([*written, *recorded]):
        path = result.folder / name
        place = f"{result.label}{printable(name, _SHOWN)}"
        is_picture = name.endswith((_PICTURE, _PAGE))
        if name not in written:
            if is_picture and not is_drawn:
                findings.note("picture-not-redrawn", file=place)
            else:
                findings.add(place, "result-unknown", record=result.record_name)
            continue
        checksum = _sum_of(path)
        if name not in recorded and (was_drawn or not is_picture or checksum):
            message = "result-unlisted" if checksum else "result-missing"
            findings.add(place, message, record=result.record_name)
        if not checksum or checksum == written[name]:
            continue
        if not is_picture:
            findings.differences += _compare_contents(path, again.folder / name, place)
        elif name.endswith(_PAGE) and was_drawn == is_drawn and not _same_words(path, again, name):
            findings.add(place, "page-differs")
        elif checksum == recorded.get(name):
            findings.note("picture-not-alike", file=place)


def _same_words(path: Path, again: _Result, name: str) -> bool:
    """Return whether a page says what it says when it is written again, however it is drawn."""
    words = []
    for file in (path, again.folder / name):
        page = file.read_text(encoding="utf-8", errors="replace")
        words.append(_NO_WORDS.sub(" ", page).split())
    return words[0] == words[1]


def _was_drawn(content: _Record) -> bool:
    """Return whether a record does not warn that pictures could not be drawn."""
    return not any(warning.startswith(_NOT_DRAWN) for warning in content.warnings)


def _compare_contents(path: Path, again: Path, place: str) -> list[Problem]:
    """Report what differs in a table or workbook whose bytes are not those written again."""
    if path.suffix == _WORKBOOK:
        return _compare_cells(path, again, place)
    if path.suffix == MAP_SUFFIX:
        return [] if same_map(path, again) else [_difference(place, "map-differs")]
    recorded = _load_table(path)
    recomputed = _load_table(again)
    if recorded is None or recomputed is None:
        return [_difference(place, "result-unreadable")]
    if list(recorded.columns) != list(recomputed.columns):
        columns = list(recomputed.columns)
        return [_difference(place, "columns", columns=", ".join(columns))]
    if path.name in _PLANS:
        return _compare_plan(recorded, recomputed)
    return _compare_figures(recorded, recomputed, place)


def _compare_cells(path: Path, again: Path, place: str) -> list[Problem]:
    """Report the first cell of a workbook that is not as it was written again."""
    recorded = load_cells(path)
    recomputed = load_cells(again)
    if recorded is None or recomputed is None:
        return [_difference(place, "result-unreadable")]
    if list(recorded) != list(recomputed):
        return [_difference(place, "sheets", sheets=", ".join(recomputed))]
    differing = []
    for sheet, cells in recomputed.items():
        table = recorded[sheet]
        for address in dict.fromkeys([*cells, *table]):
            if not _agrees(table.get(address), cells.get(address)):
                differing.append((sheet, address))
    if not differing:
        return []
    sheet, address = differing[0]
    difference = _difference(
        place,
        "cells-differ",
        count=len(differing),
        sheet=sheet,
        cell=address,
        recorded=printable(recorded[sheet].get(address, "")),
        recomputed=printable(recomputed[sheet].get(address, "")),
    )
    return [difference]


def _check_extra_files(folder: Path, groups: Sequence[_Group], findings: _Findings) -> None:
    """Report files among the results that no record lists.

    Files of other types are noted; those of the system, and inputs, are passed over. Where results
    are in the folder of the project itself, only files with the names of results are reported.
    """
    known: set[str] = set()
    folders = {folder: ""}
    for group in groups:
        if group.is_whole:
            folders.setdefault(group.folder, f"{_ASSESSMENTS}/")
        for result in group.results.values():
            folders.setdefault(result.folder, result.label)
            known.update([*result.names, result.record_name])
    for place, label in folders.items():
        is_home = is_file(place / _PROJECT)
        names = findings.names.get(place, set())
        for path in sorted(place.iterdir()):
            name = path.name
            is_foreign = name not in names and not name.startswith(_OF_THE_SYSTEM)
            if not is_foreign or not is_file(path) or _resolved(path) in findings.inputs:
                continue
            if is_home and name not in known:
                continue
            shown = f"{label}{printable(name, _SHOWN)}"
            is_result = path.suffix.lower() in _RESULT_TYPES and name not in sensitivity.FILES
            if is_result:
                findings.add(shown, "result-extra")
            else:
                findings.note("unrecorded", file=shown)
    _check_extra_maps(folder, findings)
    for path in sorted((folder / _ASSESSMENTS).glob("*/*.csv")):
        if path.parent not in folders and not (path.parent / assessment_inputs.RECORD).exists():
            findings.add(
                f"{_ASSESSMENTS}/{path.parent.name}", "record-gone", record=assessment_inputs.RECORD
            )


def _check_extra_maps(folder: Path, findings: _Findings) -> None:
    """Report maps that the record of a run does not list."""
    if not is_file(folder / run.MANIFEST):
        return
    for path in sorted((folder / MAPS).glob(f"*{MAP_SUFFIX}")):
        name = f"{MAPS}/{path.name}"
        if name not in findings.names.get(folder, set()):
            findings.add(printable(name, _SHOWN), "result-extra")


def _load_table(path: Path) -> pd.DataFrame | None:
    """Load a result table as text; None if it cannot be read."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError):
        return None


def _pair_rows(
    recorded: pd.DataFrame, recomputed: pd.DataFrame, keys: Sequence[str]
) -> pd.DataFrame:
    """Put the rows of two tables side by side by their keys, in any order.

    Parameters
    ----------
    recorded, recomputed : DataFrame
        With the same columns. Rows of equal keys are paired in their order.
    keys : sequence of str

    Returns
    -------
    DataFrame
        Columns that are no keys end in ``_then`` (recorded) and ``_now`` (recomputed); ``_merge``
        is ``left_only`` or ``right_only`` for a row without a partner.
    """
    keys = list(keys)
    numbered = []
    for table in (recorded, recomputed):
        repeat = table.groupby(keys, sort=False, observed=True).cumcount()
        numbered.append(table.assign(_again=repeat))
    return numbered[0].merge(
        numbered[1], on=[*keys, "_again"], how="outer", suffixes=("_then", "_now"), indicator=True
    )


def _differs(rows: pd.DataFrame, name: str, *, is_text: bool = False) -> np.ndarray:
    """Return where a column of paired rows differs, numbers by more than rounding (by row)."""
    recorded = rows[f"{name}_then"]
    recomputed = rows[f"{name}_now"]
    if is_text:
        return np.asarray((recorded != recomputed).to_numpy())
    first = pd.to_numeric(recorded, errors="coerce").to_numpy(dtype=float)
    second = pd.to_numeric(recomputed, errors="coerce").to_numpy(dtype=float)
    is_close = np.isclose(first, second, rtol=_RELATIVE, atol=_ABSOLUTE)
    return np.asarray((recorded != recomputed).to_numpy() & ~is_close)


def _compare_plan(recorded: pd.DataFrame, recomputed: pd.DataFrame) -> list[Problem]:
    """Report rows of coefficients, data and areas that are not those of the signed plan."""
    paired = _pair_rows(recorded, recomputed, _PLAN_KEYS)
    is_paired = (paired["_merge"] == "both").to_numpy()
    rows = paired[is_paired]
    differences = [
        *_unpaired_rows(paired[~is_paired]),
        *_changed_rows(rows),
        *_changed_steps(rows),
    ]
    return [*dict.fromkeys(differences), *_moved_rows(rows)]


def _place_of(row: Mapping[Hashable, Any], suffix: str) -> Where:
    """Return the place of a row of the plan in the file that it comes from."""
    number = str(row[f"row_{suffix}"])
    file = str(row["file"])
    return row_place(file, [int(number)]) if number.isdecimal() else file


def _unpaired_rows(rows: pd.DataFrame) -> list[Problem]:
    """Report rows that the run used and are no longer used, and rows that are new."""
    differences = []
    for row in rows.to_dict("records"):
        is_gone = row["_merge"] == "left_only"
        suffix = "then" if is_gone else "now"
        difference = _difference(
            _place_of(row, suffix),
            "row-gone" if is_gone else "row-new",
            binding=row["binding"],
            value=row[f"value_{suffix}"],
            unit=row[f"unit_{suffix}"],
        )
        differences.append(difference)
    return differences


def _changed_rows(rows: pd.DataFrame) -> list[Problem]:
    """Report rows whose value, unit or grade is not the one that was signed."""
    differences = []
    for name in _ROW_COLUMNS:
        is_changed = _differs(rows, name, is_text=name not in _NUMBERS)
        for row in rows[is_changed].to_dict("records"):
            difference = _difference(
                _place_of(row, "now"),
                "row-changed",
                binding=row["binding"],
                column=name,
                recorded=row[f"{name}_then"],
                current=row[f"{name}_now"],
            )
            differences.append(difference)
    return differences


def _changed_steps(rows: pd.DataFrame) -> list[Problem]:
    """Report factors, methods, clauses and sets that differ, once for each step and file.

    They follow from other files than the row's own.
    """
    differences = []
    for name in _OTHER_COLUMNS:
        changed = rows[_differs(rows, name, is_text=name not in _NUMBERS)]
        for (step, file), step_rows in changed.groupby(["step", "file"], sort=False, observed=True):
            row = step_rows.iloc[0]
            place = f"{_PLAN} {step or row['input']}, {file}"
            values = {
                "binding": row["binding"],
                "column": name,
                "recorded": row[f"{name}_then"],
                "current": row[f"{name}_now"],
            }
            more = len(step_rows) - 1
            if more:
                differences.append(_difference(place, "rows-changed", more=more, **values))
            else:
                differences.append(_difference(place, "row-changed", **values))
    return differences


def _moved_rows(rows: pd.DataFrame) -> list[Problem]:
    """Report files whose rows moved without any change of value, unit or grade."""
    is_changed = np.zeros(len(rows), dtype=bool)
    for name in _ROW_COLUMNS:
        is_changed |= _differs(rows, name, is_text=name not in _NUMBERS)
    changed_files = set(rows["file"][is_changed])
    is_moved = rows["row_then"] != rows["row_now"]
    differences = []
    for file, moved in rows[is_moved.to_numpy()].groupby("file", sort=False, observed=True):
        if file in changed_files:
            continue
        row_then = pd.to_numeric(moved["row_then"], errors="coerce").fillna(0)
        first = moved.loc[row_then.idxmin()]
        difference = _difference(
            str(file),
            "rows-moved",
            count=int(moved["row_then"].nunique()),
            recorded=first["row_then"],
            current=first["row_now"],
        )
        differences.append(difference)
    return differences


def _compare_figures(recorded: pd.DataFrame, recomputed: pd.DataFrame, place: str) -> list[Problem]:
    """Report rows and figures of a result file that are not those recomputed, the first by name."""
    figures = [name for name in recomputed.columns if _is_figure(recomputed[name])]
    keys = [name for name in recomputed.columns if name not in figures]
    if not keys:
        keys = figures[:1]
    paired = _pair_rows(recorded, recomputed, keys)
    differences = []
    for side, message in (("left_only", "figures-unknown"), ("right_only", "figures-missing")):
        rows = paired[(paired["_merge"] == side).to_numpy()]
        if len(rows):
            first_row = _row_name(rows.iloc[0])
            differences.append(_difference(place, message, count=len(rows), row=first_row))
    is_paired = (paired["_merge"] == "both").to_numpy()
    is_wrong = np.zeros(len(paired), dtype=bool)
    wrong_by_figure = {}
    for name in figures:
        if name not in keys:
            wrong_by_figure[name] = is_paired & _differs(paired, name)
            is_wrong |= wrong_by_figure[name]
    if is_wrong.any():
        first = paired[is_wrong].iloc[0]
        position = np.argmax(is_wrong)
        column = next(name for name, wrong in wrong_by_figure.items() if wrong[position])
        difference = _difference(
            place,
            "figures-differ",
            count=int(is_wrong.sum()),
            total=len(recorded),
            row=_row_name(first),
            column=column,
            recorded=first[f"{column}_then"],
            recomputed=first[f"{column}_now"],
        )
        differences.append(difference)
    return differences


def _row_name(row: "pd.Series[Any]") -> str:
    """Return the keys of a row of results, in a line."""
    keys = [str(row[name]) for name in _ROW_NAMES if name in row and row[name] != ""]
    return " ".join(keys)


def _is_figure(column: "pd.Series[str]") -> bool:
    """Return whether the cells of a column are numbers, by which no row can be known."""
    name = str(column.name)
    if name in _FIGURES:
        return True
    return name not in _TEXTS and bool(column.str.fullmatch(_DECIMAL).any())
