"""Coefficient sets (参数集): folders of cited numbers with an id and a version.

A set states where and when its numbers hold; whether an account lies within that scope, and which
set supplies which cell, is left to ``gep.plan``.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.inputs.value_rows import (
    COEFFICIENT_COLUMNS,
    KEYS,
    check_duplicates,
    filled_keys,
    in_column,
    read_value_rows,
    rows_of_table,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import GivenTable, TableArgument, named_source
from gep.io.catalog import check_link, display_name, is_found_by_id, locate, shipped_folder
from gep.io.csv_excel import printable, row_place
from gep.io.distinct_cells import distinct_cells
from gep.io.notebook import ShownAsTable
from gep.io.tables import Table, read_table, suggestion
from gep.io.toml_documents import (
    Frozen,
    Source,
    Title,
    TitleField,
    read_toml,
    validate_document,
)
from gep.standards.standard import EXPERT, CoefficientName, check_quantities
from gep.texts.catalogue import counted, text
from gep.units import UnitError, factor

PRICE_INDEX = "price_index"  # the coefficient by which prices of other years are converted
# Every set has it; what its numbers are of is said by their base, so it has no range of its own.
PRICE_INDEX_NAME = CoefficientName(
    name=Title(zh="价格指数", en="Price index"),
    unit="1",
    min=1e-3,
    max=1e6,
    range_source=EXPERT,
)
_BASE = re.compile(r"(previous|上年|[12]\d{3})(?:=(100|1))?")
_HUNDRED = 100.0
_OF_FORM = "form"  # version of a set that a form holds
_OF_ARGUMENT = "given"  # version of a set that is an argument

_PATH_SHOWN = 200  # characters of a path that a message shows
_TABLE_FORMATS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".tsv", ".parquet")  # people's tables
_TEXT_FORMATS = (".txt", ".dat", ".prn", "")  # in which a table is known by its first line
_FIRST_LINE = 2000  # bytes in which the names of columns are


class Scope(Frozen):
    """Where and when the numbers of a set hold; what is empty has no limit."""

    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    climate: tuple[str, ...] = ()

    def __str__(self) -> str:
        limits = []
        for name, values in self:
            if values:
                limits.append(f"{name}: {', '.join(map(str, values))}")
        return "; ".join(limits)


class SetHeader(Frozen):
    """The contents of ``set.toml``.

    Its numbers are ``defaults`` if they stand in for those of the place: what is used of them is
    listed, so that it can be replaced. They are ``typical`` if they also stand in for data that
    nobody measured in the place: rows named as data serve where no row of data does.
    """

    id: str
    version: str
    title: TitleField
    licence: str
    inherit: tuple[str, ...] = ()
    scope: Scope = Scope()
    defaults: bool = False
    typical: bool = False
    coefficient: dict[str, CoefficientName] = Field(default_factory=dict)
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sources(Frozen):
    """The contents of ``sources.toml``, under one key."""

    sources: dict[str, Source] = Field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class CoefficientSet(ShownAsTable):
    """A coefficient set as it was loaded.

    Attributes
    ----------
    header : SetHeader
    sources : mapping of str to Source
        The documents that the rows cite, by id.
    rows : DataFrame
        See ``gep.inputs.value_rows.read_value_rows``; the column ``set`` is the set's ``label``.
    path : Path
        The folder.
    files : tuple of Path
        ``set.toml``, ``sources.toml`` and the tables.
    signed : int
        How many rows two readers of the official text of the standard have confirmed.
    """

    header: SetHeader
    sources: Mapping[str, Source]
    rows: pd.DataFrame
    path: Path
    files: tuple[Path, ...]
    signed: int = 0
    _by_name: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)  # cache

    def __repr__(self) -> str:
        """Return a line: id, version, how many rows."""
        return f"<CoefficientSet {self.label}: {counted(len(self.rows), 'row')}>"

    @property
    def label(self) -> str:
        """Id and version, ``id@version``, as plans and messages name the set."""
        return f"{self.header.id}@{self.header.version}"

    def named(self, name: str) -> pd.DataFrame:
        """Return the rows of one coefficient; the result is kept for the next call."""
        if name not in self._by_name:
            of_name = self._positions.get(name, np.array([], dtype=int))
            self._by_name[name] = self.rows.iloc[of_name].reset_index(drop=True)
        return self._by_name[name]

    @cached_property
    def _positions(self) -> dict[str, np.ndarray]:
        """The positions of the rows of each name."""
        positions: dict[str, np.ndarray] = self.rows.groupby(
            "name", sort=False, observed=True
        ).indices
        return positions

    def inherits(self, name: str, key: str) -> bool:
        """Return whether rows keyed to a parent region or class count for its children too."""
        return key in self.header.inherit or name in self.header.inherit


@checked_arguments
def read_coefficient_set(name: TableArgument, *, base: str | Path | None = None) -> CoefficientSet:
    """Read a coefficient set.

    Parameters
    ----------
    name : str, Path, DataFrame or xarray object
        The id of a set that ships with the package, the path of a folder, or a table in the
        columns of a set, whose sources are words.
    base : str or Path, optional
        Folder that a relative path starts from, and must not leave.

    Returns
    -------
    CoefficientSet

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the set (see ``load_coefficient_set``).

    Examples
    --------
    >>> import gep
    >>> gep.read_coefficient_set("xie-2015")
    <CoefficientSet xie-2015@1.0.0: 155 rows>
    """
    problems = ProblemLog()
    source = named_source(name, "coefficients")
    if isinstance(source, GivenTable):
        coefficients = set_of_argument(source, problems)
    else:
        home = None if base is None else Path(base)
        coefficients = load_coefficient_set(source, home, source, problems)
    if coefficients is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return coefficients


def load_coefficient_set(
    name: str, base: Path | None, where: Where, problems: ProblemLog
) -> CoefficientSet | None:
    """Load a coefficient set.

    Parameters
    ----------
    name : str
        The id of a set that ships with the package, or the path of a folder.
    base : Path or None
        Folder of the file that names the set; None if the user gives the path.
    where : str or Place
        Where the set is named.
    problems : ProblemLog
        Collects ``unknown-id``, ``path-outside``, ``missing-set``, ``missing-file``, what is wrong
        with ``set.toml``, ``sources.toml`` and the tables, ``unknown-source``, ``unknown-unit``,
        ``duplicate-row``, ``mixed-keys``, ``price-index``, ``toml-value`` and the warnings
        ``file-not-read`` and ``index-form``.

    Returns
    -------
    CoefficientSet or None
        None if the header or all tables cannot be read.
    """
    path = locate(
        "coefficients",
        name,
        base,
        where,
        problems,
    )
    if path is None:
        return None
    if not os.path.isdir(path):
        shown = printable(path, _PATH_SHOWN)
        problems.add("missing-set", where, "inputs.missing-set", path=shown)
        return None
    if path.is_relative_to(shipped_folder("coefficients")):
        loaded, log = _load_shipped(path)
        problems.include_log(log)
        return loaded
    return _load_folder(path, problems)


@cache
def _load_shipped(path: Path) -> tuple[CoefficientSet | None, ProblemLog]:
    """Load a set that ships with gep, once: like the program it does not change while it runs."""
    log = ProblemLog()
    return _load_folder(path, log), log


def _load_folder(path: Path, problems: ProblemLog) -> CoefficientSet | None:
    """Load the set in a folder; see ``load_coefficient_set``."""
    tables = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv")
    if not _has_own_files(path, tables, problems):
        return None
    header_file = path / "set.toml"
    header_label = f"{path.name}/set.toml"
    raw_header = read_toml(header_file, header_label, problems)
    header = validate_document(SetHeader, raw_header, header_label, problems)
    sources_file = path / "sources.toml"
    problems_of_sources = ProblemLog()
    problems_of_sources.checksums = problems.checksums
    sources = read_sources(sources_file, f"{path.name}/sources.toml", problems_of_sources)
    problems.include([*problems_of_sources.errors, *problems_of_sources.warnings])
    if not tables:
        problems.add("missing-file", path.name, "inputs.set-without-tables")
    _check_other_files(path, tables, problems)
    frames = []
    for table in tables:
        label = f"{path.name}/{table.name}"
        frame = read_value_rows(table, COEFFICIENT_COLUMNS, problems, label)
        if frame is not None:
            frames.append(frame)
    if header is None or not frames:
        return None
    rows = pd.concat(frames, ignore_index=True)
    if not problems_of_sources.errors:
        _check_sources(rows, sources, problems)
    files = (header_file, sources_file, *tables)
    loaded = CoefficientSet(header, sources, rows, path, files)
    _check_rows(loaded, problems)
    _check_inherit(header, rows, header_label, problems)
    check_quantities(header.coefficient, f"{header_label} coefficient", sources, problems)
    return loaded


def set_of_argument(given: GivenTable, problems: ProblemLog) -> CoefficientSet | None:
    """Make a set of a table that is an argument.

    Parameters
    ----------
    given : GivenTable
        In the columns of a set; the column ``source`` names documents by their titles.
    problems : ProblemLog
        Collects what is wrong with the table (see ``load_coefficient_set``).

    Returns
    -------
    CoefficientSet or None
        None if the table could not be read at all.
    """
    table = read_table(given, COEFFICIENT_COLUMNS, problems)
    if table is None:
        return None
    made = set_of_table(table, Title(zh=given.name, en=given.name), problems)
    header = made.header.model_copy(update={"version": _OF_ARGUMENT})
    made = replace(made, header=header, files=())
    made.rows["set"] = made.label
    return made


def set_of_table(table: Table, title: Title, problems: ProblemLog) -> CoefficientSet:
    """Make a set of the coefficients in a table that was read as text: a sheet of a form.

    Parameters
    ----------
    table : Table
        In the columns of a set; the column ``source`` names documents by their titles.
    title : Title
    problems : ProblemLog
        Collects what is wrong with the rows (see ``load_coefficient_set``).

    Returns
    -------
    CoefficientSet
        Its id is the name of the file.
    """
    rows = rows_of_table(table, COEFFICIENT_COLUMNS, problems)
    sources = {}
    for source in rows["source"].unique():
        sources[str(source)] = Source(title=Title(zh=str(source), en=str(source)))
    header = SetHeader(id=table.path.stem, version=_OF_FORM, title=title, licence="")
    loaded = CoefficientSet(header, sources, rows, table.path, (table.path,))
    _check_rows(loaded, problems)
    return loaded


def _check_rows(coefficients: CoefficientSet, problems: ProblemLog) -> None:
    """Check the rows of a set against each other, and note the set in them."""
    rows = coefficients.rows
    path = coefficients.path
    if rows["file"].nunique() > 1:  # each file has been checked
        check_duplicates(rows, ["name", *KEYS, "price_year"], problems)
        _check_keys_across_files(rows, path.name, problems)
    is_index = (rows["name"] == PRICE_INDEX).to_numpy()
    if is_index.any():
        _check_price_index(rows[is_index], problems)
        _check_index_bases(rows[is_index], problems)
    is_wrong = (rows["base"] != "").to_numpy() & ~is_index
    if is_wrong.any():
        _report_bases(rows[is_wrong], problems)
    rows["set"] = pd.Series(coefficients.label, rows.index, dtype=object)


def _has_own_files(folder: Path, tables: Sequence[Path], problems: ProblemLog) -> bool:
    """Check (``path-outside``) that no link in the folder of a set leads out of the project."""
    links = ProblemLog()
    for file in (folder / "set.toml", folder / "sources.toml", *tables):
        check_link(file, folder, f"{folder.name}/{file.name}", links)
    # whether a set is of a package is asked last: it takes reading what all packages say
    if not links.errors or is_found_by_id(display_name(folder)):
        return True
    problems.include_log(links)
    return False


def read_sources(path: Path, label: str, problems: ProblemLog) -> dict[str, Source]:
    """Load ``sources.toml``.

    Parameters
    ----------
    path : Path
    label : str
        Name of the file in messages.
    problems : ProblemLog
        Collects what is wrong with the file (see ``gep.io.toml_documents``).

    Returns
    -------
    dict of str to Source
        The documents by id; empty if the file cannot be read.
    """
    raw = read_toml(path, label, problems)
    wrapped = None if raw is None else {"sources": raw}
    document = validate_document(_Sources, wrapped, label, problems)
    return {} if document is None else dict(document.sources)


def _check_other_files(path: Path, tables: Sequence[Path], problems: ProblemLog) -> None:
    """Warn (``file-not-read``) of workbooks and the like, which are not read as tables of a set.

    A workbook beside a CSV of its name passes if that says the same.
    """
    csv_of = {table.stem: table for table in tables}
    for file in sorted(path.iterdir()):
        is_table = file.suffix.lower() in _TABLE_FORMATS or _has_columns(file)
        if not is_table or file.name.startswith(("~$", ".")):
            continue
        label = f"{path.name}/{file.name}"
        table = csv_of.get(file.stem)
        if table is None:
            problems.add("file-not-read", label, "inputs.set-file-not-read", file=file.name)
        elif not _is_same_table(file, table):
            problems.add(
                "file-not-read",
                label,
                "inputs.set-file-differs",
                file=file.name,
                table=table.name,
            )


def _has_columns(file: Path) -> bool:
    """Return whether a text has the columns of coefficients, as a CSV saved as text has."""
    if file.suffix.lower() not in _TEXT_FORMATS or not file.is_file():
        return False
    try:
        with file.open("rb") as stream:
            start = stream.read(_FIRST_LINE)
    except OSError:
        return False
    line = start.decode("utf-8-sig", "ignore").partition("\n")[0]
    names = [name.strip(' "\r') for name in re.split("[,;\t]", line)]
    return COEFFICIENT_COLUMNS.fit(names)


def _is_same_table(workbook: Path, table: Path) -> bool:
    """Return whether the first sheet of a workbook has the cells of a CSV."""
    frames = []
    for file in (workbook, table):
        content = read_table(file, COEFFICIENT_COLUMNS, ProblemLog())
        if content is None:
            return False
        frame = content.frame.drop(columns="row")
        frames.append(frame.map(_comparable)[sorted(frame.columns)])
    return bool(frames[0].equals(frames[1]))


def _comparable(cell: str) -> str:
    """Return a cell in a form in which numbers do not depend on how they are written."""
    try:
        return repr(float(cell))
    except ValueError:
        return cell


def _check_sources(rows: pd.DataFrame, sources: Mapping[str, Source], problems: ProblemLog) -> None:
    """Check that the sources that rows cite are described; adds ``unknown-source``."""
    is_unknown = ~rows["source"].isin(["", *sources]).to_numpy()
    if not is_unknown.any():
        return
    unknown = rows[is_unknown]
    for (file, source), rows_of_source in unknown.groupby(
        ["file", "source"], sort=False, observed=True
    ):
        place = row_place(str(file), rows_of_source["row"])
        hint = suggestion(str(source), sources)
        problems.add(
            "unknown-source",
            place,
            "inputs.unknown-source",
            source=source,
            hint=hint,
        )


def _check_keys_across_files(rows: pd.DataFrame, label: str, problems: ProblemLog) -> None:
    """Check that all files key a coefficient in the same way; adds ``mixed-keys``."""
    keys = filled_keys(distinct_cells(rows, KEYS))
    filled = pd.DataFrame({"name": rows["name"], "keys": keys})
    for name, count in filled.groupby("name")["keys"].nunique().items():
        files = rows.loc[(rows["name"] == name).to_numpy(), "file"].unique()
        if count > 1 and len(files) > 1:
            problems.add(
                "mixed-keys",
                label,
                "inputs.mixed-keys-of-files",
                name=name,
                files=tuple(files),
            )


def _check_price_index(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """Check that a price index has a name, a year and no other key; adds ``price-index``."""
    other_keys = [key for key in KEYS if key != "index"]
    incomplete = ((rows["price_year"] == "") | (rows["index"] == "")).to_numpy()
    keyed = (rows[other_keys] != "").to_numpy().any(axis=1)
    checks = (
        (incomplete, "inputs.incomplete-price-index"),
        (keyed, "inputs.keyed-price-index"),
    )
    for wrong, message in checks:
        for file, rows_of_file in rows[wrong].groupby("file", sort=False, observed=True):
            problems.add("price-index", row_place(str(file), rows_of_file["row"]), message)


@dataclass(frozen=True)
class IndexBase:
    """What the numbers of a price index are relative to (指数的基期).

    Attributes
    ----------
    previous : bool
        Whether each number is relative to the year before (上年=100), so that years are chained.
    one : float
        The number that stands for no change: 100 or 1.
    year : int or None
        The base year of a fixed base; None if it is not said.
    """

    previous: bool
    one: float
    year: int | None


def index_base(rows: pd.DataFrame) -> IndexBase:
    """Return the base of a price index.

    Parameters
    ----------
    rows : DataFrame
        Its rows in one set; they have one base, else it is a problem already.

    Returns
    -------
    IndexBase
        A fixed base of 100 if nothing is said, or if it cannot be read.
    """
    words = str(rows["base"].iloc[0]) if len(rows) else ""
    match = _BASE.fullmatch(_plain(words))
    if match is None:
        return IndexBase(previous=False, one=_HUNDRED, year=None)
    word, one = match.groups()
    year = int(word) if word.isdigit() else None
    return IndexBase(previous=year is None, one=float(one or _HUNDRED), year=year)


def index_ratios(rows: pd.DataFrame) -> np.ndarray:
    """Return the numbers of a price index, 1 standing for the price of its base.

    Parameters
    ----------
    rows : DataFrame
        Rows of one index in one set.

    Returns
    -------
    ndarray of float
        NaN where the unit is not that of a number.
    """
    one = index_base(rows).one
    ratios = np.full(len(rows), np.nan)
    for position, (value, unit) in enumerate(zip(rows["value"], rows["unit"], strict=True)):
        try:
            scale = factor(str(unit), "1")
        except UnitError:
            continue
        ratios[position] = value / one if scale == 1 else value * scale
    return ratios


def _plain(words: str) -> str:
    """Return the text of a base without blanks, with a plain sign of equality."""
    return words.replace(" ", "").replace("＝", "=").lower()


def _check_index_bases(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """Check that each index has one base that can be read, and numbers that fit it.

    Adds ``price-index``, and the warning ``index-form`` for a series that looks like one on another
    base.
    """
    for file, rows_of_file in rows.groupby("file", sort=False, observed=True):
        readable = [not word or _BASE.fullmatch(_plain(word)) for word in rows_of_file["base"]]
        wrong = rows_of_file[~np.array(readable, dtype=bool)]
        if len(wrong):
            problems.add(
                "price-index",
                in_column(row_place(str(file), wrong["row"]), "base"),
                "inputs.unreadable-base",
                base=wrong["base"].iloc[0],
            )
    for index, rows_of_index in rows.groupby("index", sort=False, observed=True):
        place = row_place(str(rows_of_index["file"].iloc[0]), rows_of_index["row"])
        bases = rows_of_index["base"].map(_plain).unique()
        if len(bases) > 1:
            problems.add(
                "price-index",
                in_column(place, "base"),
                "inputs.several-bases",
                index=index,
                bases=tuple(base or text("inputs.no-base") for base in bases),
            )
            continue
        not_positive = rows_of_index[(rows_of_index["value"] <= 0).to_numpy()]
        if len(not_positive):
            problems.add(
                "price-index",
                row_place(str(not_positive["file"].iloc[0]), not_positive["row"]),
                "inputs.index-not-positive",
                index=index,
                value=float(not_positive["value"].iloc[0]),
            )
            continue
        doubt = _doubt_about_base(rows_of_index)
        if doubt is not None:
            years = rows_of_index["price_year"].tolist()
            is_impossible = doubt == "inputs.index-scale"
            problems.add(
                "price-index" if is_impossible else "index-form",
                place,
                doubt,
                index=index,
                numbers=[
                    f"{year}: {value:g}"
                    for year, value in zip(years, rows_of_index["value"], strict=True)
                ],
            )


def _report_bases(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """Report rows with a base that are no price index: ``price-index``."""
    for file, rows_of_file in rows.groupby("file", sort=False, observed=True):
        place = in_column(row_place(str(file), rows_of_file["row"]), "base")
        problems.add(
            "price-index", place, "inputs.base-of-no-index", name=rows_of_file["name"].iloc[0]
        )


# How the two forms of an index are told apart; judgement of the authors.
_USUAL = (0.8, 1.25)  # change of a price in a year, as a ratio
_LARGEST = (0.6, 1.6)  # beyond this it is hardly the change of a single year
_USUAL_MEAN = 0.06  # mean distance from 1 of changes over several years
_FLAT = 0.25  # growth between years, as a share of the distance from 1
_AT_BASE = 0.002  # by which the number of a base year may differ, for rounding
_ENOUGH = 3  # numbers by which a rise that goes on is told from changes about a level
_RISES = 0.05  # spread of a series that adds up
_GROWTH = 0.3  # growth in per cent is less, an index hardly: prices were a third of its base
_LONG_AGO = 10  # years from the base after which prices are hardly at its level still


def _doubt_about_base(rows: pd.DataFrame) -> str | None:
    """Return the key of the question about a series that looks like one on another base."""
    base = index_base(rows)
    is_year = rows["price_year"].str.fullmatch(r"\d{4}").to_numpy()
    ratios = index_ratios(rows)[is_year]
    years = rows["price_year"][is_year].astype(int).to_numpy()
    order = np.argsort(years)
    ratios = ratios[order]
    years = years[order]
    if not len(ratios) or not np.isfinite(ratios).all():
        return None
    if base.previous:
        if (ratios < _LARGEST[0]).all() or (ratios > _HUNDRED * _LARGEST[0]).all():
            return "inputs.index-scale"
        return "inputs.looks-fixed" if _looks_fixed(ratios) else None
    if base.year is not None:
        of_base = ratios[years == base.year]
        if len(of_base) and abs(float(of_base[0]) - 1) > _AT_BASE:
            return "inputs.base-year-differs"
        if _is_small(ratios) and _jumps(ratios):
            return "inputs.looks-growth"
        distance = abs(years - base.year)
        if distance.min() < _LONG_AGO:
            return None
        return "inputs.looks-previous" if _looks_previous(years, ratios) else None
    written = ratios * _HUNDRED
    has_one = np.isclose(written, 1, rtol=0, atol=_AT_BASE)
    is_like_ratios = has_one.any() or _is_usual(written)
    if _is_small(ratios) and not is_like_ratios:
        return "inputs.looks-growth"
    if ratios.max() < 1 / 10:  # 1.02, with 1 for no change
        ratios = ratios * _HUNDRED
    return "inputs.looks-previous" if _looks_previous(years, ratios) else None


def _is_small(ratios: np.ndarray) -> bool:
    """Return whether all numbers are as small as growth in per cent: 3.3, 5.4, 2.6."""
    return bool(ratios.max() < _GROWTH)


def _is_usual(ratios: np.ndarray) -> bool:
    """Return whether all numbers may be changes of a price in a year, as ratios."""
    return bool(ratios.min() >= _USUAL[0] and ratios.max() <= _USUAL[1])


def _jumps(ratios: np.ndarray) -> bool:
    """Return whether numbers go up and down by more than prices do from one to the next."""
    steps = ratios[1:] / ratios[:-1]
    goes_up = bool((steps > 1).any())
    goes_down = bool((steps < 1).any())
    if not goes_up or not goes_down:
        return False
    return not _is_usual(steps)


def _looks_fixed(ratios: np.ndarray) -> bool:
    """Return whether numbers said to be changes of single years add up like a fixed base."""
    if (ratios < _LARGEST[0]).any() or (ratios > _LARGEST[1]).any():
        return True
    steps = np.diff(ratios)
    is_monotone = len(ratios) > _ENOUGH and ((steps > 0).all() or (steps < 0).all())
    return bool(is_monotone and abs(ratios[-1] - ratios[0]) > _RISES)


def _looks_previous(years: np.ndarray, ratios: np.ndarray) -> bool:
    """Return whether numbers on a fixed base that is not said look like changes of single years.

    They lie about 1, and do not add up: 101.4, 102.0, 101.6. A series with 100 in it has its base
    year, unless all that follow hover at one distance from it.
    """
    is_base = np.isclose(ratios, 1, rtol=0, atol=1e-9)
    if is_base[0] and len(ratios) > _ENOUGH + 1:
        ratios = ratios[1:]
        years = years[1:]
        is_base = is_base[1:]
        distance = abs(float(ratios.mean()) - 1)
        slope = abs(float(np.polyfit(years, ratios, 1)[0]))
        hovers = slope < _FLAT / 2 * distance
    else:
        hovers = True
    if len(ratios) < 2 or is_base.any() or not hovers:
        return False
    if not _is_usual(ratios):
        return False
    distance = abs(float(ratios.mean()) - 1)
    if distance > _USUAL_MEAN:
        return False
    steps = np.diff(ratios)
    is_monotone = (steps > 0).all() or (steps < 0).all()
    if len(ratios) >= _ENOUGH and not is_monotone:
        return True
    growth = (float(ratios[-1] / ratios[0]) - 1) / max(1, int(years[-1] - years[0]))
    return abs(growth) < _FLAT * distance


def _check_inherit(header: SetHeader, rows: pd.DataFrame, label: str, problems: ProblemLog) -> None:
    """Check that ``inherit`` names keys or coefficients of the set; adds ``toml-value``."""
    known = {"region", "ecosystem", *rows["name"]}
    for entry in header.inherit:
        if entry not in known:
            hint = suggestion(entry, known)
            problems.add(
                "toml-value",
                f"{label} inherit",
                "inputs.unknown-inherit",
                entry=entry,
                hint=hint,
            )
