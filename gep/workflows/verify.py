"""Verifying a result (结果复核): recompute it from its manifest and name whatever differs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep import __version__
from gep.account.account import account_from_plan
from gep.errors import Problem, ProblemsFound, make_problem
from gep.io.catalog import displayed_path
from gep.io.result_folder import round_trip, sha256
from gep.project.project import check_project, file_sums
from gep.workflows.run import drawn_outcome, statement, tables_of

_ROW_FIX = "undo the edit, or run again and have the new result signed"


def verify(
    out: str | Path, project: str | Path | None = None, *, allow_code: bool = False
) -> list[Problem]:
    """Recompute the result in ``out`` and return one problem for each thing that differs; none where all agrees.

    ``project`` is where the project now lies, if it was moved. A project that needs its own code runs it only with
    ``allow_code``. Raises ``ProblemsFound`` where there is no manifest to go by.
    """
    folder = Path(out)
    record = _manifest(folder)
    home = Path(project) if project is not None else folder / str(record["project"]["folder"])
    found = [*_version(record), *_results(record, folder)]
    try:
        code = allow_code and bool(record["options"]["allow_code"])
        read, plans = check_project(
            home, allow_code=code, partial=bool(record["options"]["partial"])
        )
    except ProblemsFound as error:
        return [*found, *_inputs(record, home, {}), *error.problems]
    accounts = tuple(account_from_plan(plan) for plan in plans)
    found += _inputs(record, home, file_sums(read, plans))
    found += _statements(record, statement(read, accounts))
    sure = None
    if record["options"].get("draws"):
        sure = drawn_outcome(
            read, plans, int(record["options"]["draws"]), int(record["options"]["seed"])
        )
    tables = tables_of(accounts, sure)
    found += _rows(folder / "plan.csv", round_trip(tables["plan.csv"]))
    for name, frame in tables.items():
        if name != "plan.csv":
            found += _figures(folder / name, round_trip(frame))
    return list(dict.fromkeys(found))


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / "manifest.json"
    fix = "name the folder that gep run wrote (out/ in the project unless --out said otherwise)"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProblemsFound(
            [make_problem("manifest", str(path), f"cannot be read ({error})", fix)]
        ) from None
    due = {"project", "options", "inputs", "results", "gep"}
    if not isinstance(record, dict) or not due <= set(record):
        raise ProblemsFound([make_problem("manifest", str(path), "is not a manifest of gep", fix)])
    return record


def _version(record: Mapping[str, Any]) -> list[Problem]:
    if record["gep"] == __version__:
        return []
    what = f"the result was made by gep {record['gep']}, this is gep {__version__}"
    return [
        make_problem(
            "differs", "manifest.json", what, f"install gep {record['gep']} to repeat it exactly"
        )
    ]


def _results(record: Mapping[str, Any], folder: Path) -> list[Problem]:
    """Result files that are gone or were edited after the run."""
    found = []
    for name, known in record["results"].items():
        path = folder / name
        if not path.is_file():
            found.append(make_problem("differs", name, "the result file is gone", "run again"))
        elif sha256(path) != known:
            found.append(
                make_problem(
                    "differs", name, "the result file was changed after the run", "run again"
                )
            )
    return found


def _inputs(record: Mapping[str, Any], home: Path, now: Mapping[str, str]) -> list[Problem]:
    """Inputs whose checksum is no longer that of the manifest, and inputs that came or went."""
    found = []
    for name, known in record["inputs"].items():
        path = displayed_path(name, home)
        if not path.is_file():
            found.append(
                make_problem("differs", name, f"there is no file {path} any more", "put it back")
            )
        elif (now[name] if name in now else sha256(path)) != known:
            found.append(
                make_problem("differs", name, "the file was edited after the run", _ROW_FIX)
            )
    for name in now:
        if name not in record["inputs"]:
            found.append(make_problem("differs", name, "the run did not use this file", _ROW_FIX))
    return found


def _statements(record: Mapping[str, Any], now: Mapping[str, Any]) -> list[Problem]:
    """What the manifest says of the accounts and is no longer, or never was, so: state, evidence, shares ..."""
    found = []
    for name, value in now.items():
        said = record.get(name)
        if _plain(said) != _plain(value):
            what = f"{name} is said to be {_shown(said)}, recomputed it is {_shown(value)}"
            found.append(
                make_problem(
                    "differs",
                    "manifest.json",
                    what,
                    "the manifest was edited, or what it rests on was: run again",
                )
            )
    return found


def _plain(value: Any) -> Any:
    """A value as JSON has it, numbers rounded so that the last bit does not count."""
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 9))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:200]


def _read(path: Path) -> pd.DataFrame | None:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError):
        return None


_AT = [
    "year",
    "step",
    "input",
    "binding",
    "file",
]  # what tells rows of a plan apart, wherever they stand in their file
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


def _paired(then: pd.DataFrame, now: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows of both tables side by side by their keys, in any order; ``_merge`` says which have no fellow."""
    keys = list(keys)
    tables = [one.assign(_again=one.groupby(keys, sort=False).cumcount()) for one in (then, now)]
    return tables[0].merge(
        tables[1], on=[*keys, "_again"], how="outer", suffixes=("_then", "_now"), indicator=True
    )


def _rows(path: Path, now: pd.DataFrame) -> list[Problem]:
    """Rows of coefficients, data and areas that are no longer those of the signed plan."""
    then = _read(path)
    if then is None or list(then.columns) != list(now.columns):
        return []
    both = _paired(then, now, _AT)
    same = both[both["_merge"] == "both"]
    found = [
        *_came_or_went(both[both["_merge"] != "both"]),
        *_changed(same),
        *_settled_otherwise(same),
    ]
    return list(dict.fromkeys(found)) + _moved(same)


def _came_or_went(rows: pd.DataFrame) -> list[Problem]:
    found = []
    for row in rows.to_dict("records"):
        side = "then" if row["_merge"] == "left_only" else "now"
        said = "was used by the run and is no longer" if side == "then" else "is new since the run"
        what = f"{row['binding']} = {row[f'value_{side}']} {row[f'unit_{side}']} {said}"
        found.append(
            make_problem("differs", f"{row['file']} row {row[f'row_{side}']}", what, _ROW_FIX)
        )
    return found


def _unlike(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Where a column is not what it was; numbers that differ by rounding only are the same."""
    then, now = rows[f"{name}_then"], rows[f"{name}_now"]
    first, second = (
        pd.to_numeric(one, errors="coerce").to_numpy(dtype=float) for one in (then, now)
    )
    return np.asarray((then != now).to_numpy() & ~np.isclose(first, second, rtol=1e-9, atol=1e-12))


def _changed(rows: pd.DataFrame) -> list[Problem]:
    """Rows whose number is another than the one that was signed."""
    found = []
    for name in ("value", "unit", "grade"):
        for row in rows[_unlike(rows, name)].to_dict("records"):
            what = (
                f"{row['binding']}: {name} was {row[f'{name}_then']}, is now {row[f'{name}_now']}"
            )
            found.append(
                make_problem("differs", f"{row['file']} row {row['row_now']}", what, _ROW_FIX)
            )
    return found


def _settled_otherwise(rows: pd.DataFrame) -> list[Problem]:
    """Factors, methods, clauses and sets that differ: they follow from other files, so each is said once a step."""
    found = []
    for name in ("factor", "method", "clause", "set@version"):
        for (step, file), some in rows[_unlike(rows, name)].groupby(["step", "file"], sort=False):
            one = some.iloc[0]
            what = (
                f"{one['binding']}: {name} was {one[f'{name}_then']}, is now {one[f'{name}_now']}"
            )
            what += f" (and {len(some) - 1} more rows)" if len(some) > 1 else ""
            found.append(
                make_problem("differs", f"plan.csv {step or one['input']}, {file}", what, _ROW_FIX)
            )
    return found


def _moved(rows: pd.DataFrame) -> list[Problem]:
    """Files whose rows stand elsewhere and say the same."""
    changed = np.any([_unlike(rows, name) for name in ("value", "unit", "grade")], axis=0)
    found = []
    for file, some in rows[(rows["row_then"] != rows["row_now"]).to_numpy()].groupby(
        "file", sort=False
    ):
        if not changed[(rows["file"] == file).to_numpy()].any():
            first = some.loc[some["row_then"].astype(int).idxmin()]
            what = f"{some['row_then'].nunique()} of the rows used have moved, no value changed; "
            what += f"the first: row {first['row_then']} is now row {first['row_now']}"
            found.append(
                make_problem(
                    "differs",
                    str(file),
                    what,
                    "run again, so that plan.csv names the rows as they stand",
                )
            )
    return found


def _figures(path: Path, now: pd.DataFrame) -> list[Problem]:
    """How many figures of a result file are not those recomputed, and the first of them; the order does not matter."""
    then = _read(path)
    if then is None:
        return []
    if list(then.columns) != list(now.columns):
        return [
            make_problem(
                "differs", path.name, f"its columns are not {', '.join(now.columns)}", "run again"
            )
        ]
    figures = [name for name in now.columns if name in _FIGURES]
    both = _paired(then, now, [name for name in now.columns if name not in _FIGURES])
    alone = (both["_merge"] != "both").to_numpy()
    unlike = {name: ~alone & _unlike(both, name) for name in figures}
    found = []
    for side, said in (
        ("left_only", "not among those recomputed"),
        ("right_only", "not in the file"),
    ):
        rows = both[(both["_merge"] == side).to_numpy()]
        if len(rows):
            what = f"{len(rows)} rows are {said}; the first: {_named(rows.iloc[0])}"
            found.append(make_problem("differs", path.name, what, "run again, and compare"))
    wrong = np.any(list(unlike.values()), axis=0)
    if wrong.any():
        first = both[wrong].iloc[0]
        column = next(name for name in figures if unlike[name][np.argmax(wrong)])
        what = f"{int(wrong.sum())} of {len(then)} rows differ from those recomputed; the first: {_named(first)}: "
        what += f"{column} {first[f'{column}_then']}, recomputed {first[f'{column}_now']}"
        found.append(make_problem("differs", path.name, what, "run again, and compare"))
    return found


def _named(row: "pd.Series[Any]") -> str:
    """The keys of a row of results."""
    names = ("year", "region", "category", "indicator", "step", "item", "ecosystem")
    return " ".join(str(row[name]) for name in names if name in row and row[name] != "")
