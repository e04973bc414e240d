"""Verifying a result (结果复核): it is recomputed from its manifest, and what differs is named.

Rows of the plan and figures of the results are paired by their keys, so that the order of rows does
not matter. Differences are problems of code ``differs``, returned rather than raised.
"""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep import __version__
from gep.account.account import account_from_plan
from gep.errors import Problem, ProblemsFound, Where, make_problem, worded_in
from gep.io.catalog import displayed_path
from gep.io.csv_excel import load_json, row_place
from gep.io.result_folder import round_trip, sha256
from gep.project.project import check_project, file_sums
from gep.texts.catalogue import Language
from gep.workflows.run import MANIFEST, project_uncertainty, statement, tables_of

_PLAN = "plan.csv"
_REQUIRED = frozenset({"project", "options", "inputs", "results", "gep"})  # keys of a manifest
_SHOWN = 200  # characters of a statement that a message shows
_DIGITS = 9  # decimals to which statements are compared
_RELATIVE, _ABSOLUTE = 1e-9, 1e-12  # tolerances to which numbers are compared
# What identifies a row of the plan, wherever it is in its file.
_PLAN_KEYS = ["year", "step", "input", "binding", "file"]
_ROW_COLUMNS = ("value", "unit", "grade")  # what a row of an input states
_OTHER_COLUMNS = ("factor", "method", "clause", "set@version")  # what follows from other files
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
_ROW_NAMES = ("year", "region", "category", "indicator", "step", "item", "ecosystem")


@dataclass(frozen=True)
class Verification:
    """What was found when a result was recomputed.

    Attributes
    ----------
    differences : tuple of Problem
        One for each thing that differs; none if the result agrees.
    language : {'zh', 'en'} or None
        The language asked for, else the project's; None if the project could not be read.
    """

    differences: tuple[Problem, ...]
    language: Language | None


def verify(
    out: str | Path,
    project: str | Path | None = None,
    *,
    allow_code: bool = False,
    language: Language | None = None,
) -> list[Problem]:
    """Recompute a result by its manifest, and return what differs.

    Parameters
    ----------
    out, project, allow_code, language
        See :func:`verify_result`.

    Returns
    -------
    list of Problem
        See :class:`Verification`; empty if the result agrees.

    Raises
    ------
    ProblemsFound
        ``manifest``.
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
    """Recompute a result by its manifest.

    Parameters
    ----------
    out : str or Path
        Folder of the result, with ``manifest.json``.
    project : str or Path, optional
        Folder that the project is in now, if it was moved; by default that of the manifest.
    allow_code : bool, default False
        Whether the project's own code may run; the project must allow it too.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    Verification
        Differences are of code ``differs``; if the project cannot be read any more, its problems
        are among them.

    Raises
    ------
    ProblemsFound
        ``manifest`` if there is no manifest that can be used.
    """
    folder = Path(out)
    with worded_in(language):
        record = _read_manifest(folder)
    options = record["options"]
    home = folder / str(record["project"]["folder"])
    if project is not None:
        home = Path(project)
    differences = [*_compare_version(record), *_compare_results(record, folder)]
    try:
        read, plans = check_project(
            home,
            allow_code=allow_code and bool(options["allow_code"]),
            partial=bool(options["partial"]),
            language=language,
        )
    except ProblemsFound as error:
        differences += [*_compare_inputs(record, home, {}), *error.problems]
        return Verification(tuple(differences), error.language)
    with worded_in(read.language):
        accounts = tuple(account_from_plan(plan) for plan in plans)
        differences += _compare_inputs(record, home, file_sums(read, plans))
        differences += _compare_statements(record, statement(read, accounts))
        uncertainty = None
        if options.get("draws"):
            uncertainty = project_uncertainty(
                read, plans, int(options["draws"]), int(options["seed"])
            )
        for name, table in tables_of(accounts, uncertainty).items():
            recomputed = round_trip(table)
            if name == _PLAN:
                differences += _compare_plan(folder / name, recomputed)
            else:
                differences += _compare_figures(folder / name, recomputed)
    return Verification(tuple(dict.fromkeys(differences)), read.language)


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    """Read the manifest of a result, or raise ``ProblemsFound`` (``manifest``)."""
    path = folder / MANIFEST
    try:
        record = load_json(path)
    except (OSError, ValueError) as error:
        unread = make_problem("manifest", str(path), "workflows.manifest-unread", reason=str(error))
        raise ProblemsFound([unread]) from None
    if not isinstance(record, dict) or not set(record) >= _REQUIRED:
        raise ProblemsFound([make_problem("manifest", str(path), "workflows.no-manifest")])
    return record


def _difference(place: Where, message: str, **values: Any) -> Problem:
    """Return a problem of code ``differs``."""
    return make_problem("differs", place, f"workflows.verify.{message}", **values)


def _compare_version(record: Mapping[str, Any]) -> list[Problem]:
    """Report that another version of gep made the result."""
    if record["gep"] == __version__:
        return []
    return [_difference(MANIFEST, "version", recorded=record["gep"], current=__version__)]


def _compare_results(record: Mapping[str, Any], folder: Path) -> list[Problem]:
    """Report result files that are gone or were edited after the run."""
    differences = []
    for name, checksum in record["results"].items():
        path = folder / name
        if not path.is_file():
            differences.append(_difference(name, "result-gone"))
        elif sha256(path) != checksum:
            differences.append(_difference(name, "result-edited"))
    return differences


def _compare_inputs(
    record: Mapping[str, Any], home: Path, current: Mapping[str, str]
) -> list[Problem]:
    """Report inputs that are not those of the manifest.

    Parameters
    ----------
    record : mapping
        The manifest.
    home : Path
        The project's folder.
    current : mapping of str to str
        Checksums of the inputs now, by displayed path; empty if the project cannot be read.

    Returns
    -------
    list of Problem
    """
    differences = []
    for name, checksum in record["inputs"].items():
        path = displayed_path(name, home)
        if not path.is_file():
            differences.append(_difference(name, "input-gone", path=path))
            continue
        current_sum = current[name] if name in current else sha256(path)
        if current_sum != checksum:
            differences.append(_difference(name, "input-edited"))
    for name in current:
        if name not in record["inputs"]:
            differences.append(_difference(name, "input-new"))
    return differences


def _compare_statements(record: Mapping[str, Any], current: Mapping[str, Any]) -> list[Problem]:
    """Report statements of the manifest (state, evidence, shares ...) that are not so."""
    differences = []
    for name, value in current.items():
        recorded = record.get(name)
        if _rounded(recorded) != _rounded(value):
            difference = _difference(
                MANIFEST,
                "statement",
                name=name,
                recorded=_as_json(recorded),
                recomputed=_as_json(value),
            )
            differences.append(difference)
    return differences


def _rounded(value: Any) -> Any:
    """Return a value as JSON has it, its numbers rounded."""

    def parse_float(digits: str) -> float:
        return round(float(digits), _DIGITS)

    return json.loads(json.dumps(value), parse_float=parse_float)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:_SHOWN]


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
        repeat = table.groupby(keys, sort=False).cumcount()
        numbered.append(table.assign(_again=repeat))
    return numbered[0].merge(
        numbered[1], on=[*keys, "_again"], how="outer", suffixes=("_then", "_now"), indicator=True
    )


def _differs(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return where a column of paired rows differs by more than rounding (bool, by row)."""
    recorded = rows[f"{name}_then"]
    recomputed = rows[f"{name}_now"]
    first = pd.to_numeric(recorded, errors="coerce").to_numpy(dtype=float)
    second = pd.to_numeric(recomputed, errors="coerce").to_numpy(dtype=float)
    is_close = np.isclose(first, second, rtol=_RELATIVE, atol=_ABSOLUTE)
    return np.asarray((recorded != recomputed).to_numpy() & ~is_close)


def _compare_plan(path: Path, recomputed: pd.DataFrame) -> list[Problem]:
    """Report rows of coefficients, data and areas that are not those of the signed plan."""
    recorded = _load_table(path)
    if recorded is None or list(recorded.columns) != list(recomputed.columns):
        return []
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
        for row in rows[_differs(rows, name)].to_dict("records"):
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
        changed = rows[_differs(rows, name)]
        for (step, file), step_rows in changed.groupby(["step", "file"], sort=False):
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
        is_changed |= _differs(rows, name)
    changed_files = set(rows["file"][is_changed])
    is_moved = rows["row_then"] != rows["row_now"]
    differences = []
    for file, moved in rows[is_moved.to_numpy()].groupby("file", sort=False):
        if file in changed_files:
            continue
        first = moved.loc[moved["row_then"].astype(int).idxmin()]
        difference = _difference(
            str(file),
            "rows-moved",
            count=int(moved["row_then"].nunique()),
            recorded=first["row_then"],
            current=first["row_now"],
        )
        differences.append(difference)
    return differences


def _compare_figures(path: Path, recomputed: pd.DataFrame) -> list[Problem]:
    """Report rows and figures of a result file that are not those recomputed, the first by name."""
    recorded = _load_table(path)
    if recorded is None:
        return []
    if list(recorded.columns) != list(recomputed.columns):
        columns = list(recomputed.columns)
        return [_difference(path.name, "columns", columns=", ".join(columns))]
    figures = [name for name in recomputed.columns if name in _FIGURES]
    keys = [name for name in recomputed.columns if name not in _FIGURES]
    paired = _pair_rows(recorded, recomputed, keys)
    differences = []
    for side, message in (("left_only", "figures-unknown"), ("right_only", "figures-missing")):
        rows = paired[(paired["_merge"] == side).to_numpy()]
        if len(rows):
            first_row = _row_name(rows.iloc[0])
            differences.append(_difference(path.name, message, count=len(rows), row=first_row))
    is_paired = (paired["_merge"] == "both").to_numpy()
    wrong_by_figure = {name: is_paired & _differs(paired, name) for name in figures}
    is_wrong = np.any(list(wrong_by_figure.values()), axis=0)
    if is_wrong.any():
        first = paired[is_wrong].iloc[0]
        position = np.argmax(is_wrong)
        column = next(name for name in figures if wrong_by_figure[name][position])
        difference = _difference(
            path.name,
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
