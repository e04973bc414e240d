"""Coefficient sets (参数集): folders of cited numbers with an id and a version.

A set states where and when its numbers hold; whether an account lies within that scope, and which
set supplies which cell, is left to ``gep.plan``.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pydantic import ConfigDict, Field

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.inputs.value_rows import (
    COEFFICIENT_COLUMNS,
    KEYS,
    check_duplicates,
    filled_keys,
    read_value_rows,
)
from gep.io.catalog import check_link, display_name, is_shipped, locate
from gep.io.csv_excel import printable, row_place
from gep.io.tables import read_table, suggestion
from gep.io.toml_documents import Frozen, Source, TitleField, read_toml, validate_document

_PATH_SHOWN = 200  # characters of a path that a message shows
_TABLE_FORMATS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".tsv")  # that people keep tables in
PRICE_INDEX = "price_index"  # the coefficient by which prices of other years are converted


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
    """The contents of ``set.toml``."""

    id: str
    version: str
    title: TitleField
    licence: str
    inherit: tuple[str, ...] = ()
    scope: Scope = Scope()
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sources(Frozen):
    """The contents of ``sources.toml``, under one key."""

    sources: dict[str, Source] = Field(default_factory=dict)


@dataclass(frozen=True)
class CoefficientSet:
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
    """

    header: SetHeader
    sources: Mapping[str, Source]
    rows: pd.DataFrame
    path: Path
    files: tuple[Path, ...]
    _by_name: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)  # cache

    @property
    def label(self) -> str:
        """Id and version, ``id@version``, as plans and messages name the set."""
        return f"{self.header.id}@{self.header.version}"

    def named(self, name: str) -> pd.DataFrame:
        """Return the rows of one coefficient; the result is kept for the next call."""
        if name not in self._by_name:
            of_name = (self.rows["name"] == name).to_numpy()
            self._by_name[name] = self.rows[of_name].reset_index(drop=True)
        return self._by_name[name]

    def inherits(self, name: str, key: str) -> bool:
        """Return whether rows keyed to a parent region or class count for its children too."""
        return key in self.header.inherit or name in self.header.inherit


def read_coefficient_set(name: str | Path, *, base: Path | None = None) -> CoefficientSet:
    """Read a coefficient set.

    Parameters
    ----------
    name : str or Path
        The id of a set that ships with the package, or the path of a folder.
    base : Path, optional
        Folder that a relative path starts from, and must not leave.

    Returns
    -------
    CoefficientSet

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the set (see ``load_coefficient_set``).
    """
    problems = ProblemLog()
    coefficients = load_coefficient_set(str(name), base, str(name), problems)
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
        with ``set.toml``, ``sources.toml`` and the tables, ``unknown-source``, ``duplicate-row``,
        ``mixed-keys``, ``price-index`` and ``toml-value``, and the warning ``file-not-read``.

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
    tables = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv")
    if not _has_own_files(path, tables, problems):
        return None
    header_file = path / "set.toml"
    header_label = f"{path.name}/set.toml"
    raw_header = read_toml(header_file, header_label, problems)
    header = validate_document(SetHeader, raw_header, header_label, problems)
    sources_file = path / "sources.toml"
    sources = read_sources(sources_file, f"{path.name}/sources.toml", problems)
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
    _check_sources(rows, sources, problems)
    check_duplicates(rows, ["name", *KEYS, "price_year"], problems)
    _check_keys_across_files(rows, path.name, problems)
    _check_price_index(rows[(rows["name"] == PRICE_INDEX).to_numpy()], problems)
    _check_inherit(header, rows, header_label, problems)
    rows["set"] = f"{header.id}@{header.version}"
    return CoefficientSet(
        header,
        sources,
        rows,
        path,
        (header_file, sources_file, *tables),
    )


def _has_own_files(folder: Path, tables: Sequence[Path], problems: ProblemLog) -> bool:
    """Check (``path-outside``) that no link in the folder of a set leads out of the project."""
    if is_shipped(display_name(folder)):
        return True
    are_own = []
    for file in (folder / "set.toml", folder / "sources.toml", *tables):
        are_own.append(check_link(file, folder, f"{folder.name}/{file.name}", problems))
    return all(are_own)


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
        if file.suffix.lower() not in _TABLE_FORMATS or file.name.startswith(("~$", ".")):
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
    for (file, source), rows_of_source in rows.groupby(["file", "source"], sort=False):
        if source and source not in sources:
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
    filled = pd.DataFrame({"name": rows["name"], "keys": filled_keys(rows)})
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
        for file, rows_of_file in rows[wrong].groupby("file", sort=False):
            problems.add("price-index", row_place(str(file), rows_of_file["row"]), message)


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
