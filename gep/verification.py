"""Verifying a result (结果复核): recompute it from its manifest and name whatever differs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account import account_of
from gep.catalog import path_of
from gep.errors import Problem, ProblemsFound
from gep.outcome import file_sums, sha256, tables_of, written
from gep.project import Project, check

_ROW_FIX = "undo the edit, or run again and have the new result signed"


def verify(out: str | Path, project: str | Path | None = None, *, allow_code: bool = False) -> list[Problem]:
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
        read, plans = check(home, allow_code=code, partial=bool(record["options"]["partial"]))
    except ProblemsFound as error:
        return [*found, *_inputs(record, home, {}), *error.problems]
    accounts = tuple(account_of(plan) for plan in plans)
    found += _inputs(record, home, file_sums(read, plans))
    found += _settings(record, read)
    tables = tables_of(accounts)
    found += _rows(folder / "plan.csv", written(tables["plan.csv"]))
    for name, frame in tables.items():
        found += _figures(folder / name, written(frame))
    return list(dict.fromkeys(found))


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / "manifest.json"
    fix = "name the folder that gep run wrote (out/ in the project unless --out said otherwise)"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProblemsFound([Problem("manifest", str(path), f"cannot be read ({error})", fix)]) from None
    due = {"project", "options", "inputs", "results", "gep"}
    if not isinstance(record, dict) or not due <= set(record):
        raise ProblemsFound([Problem("manifest", str(path), "is not a manifest of gep", fix)])
    return record


def _version(record: Mapping[str, Any]) -> list[Problem]:
    if record["gep"] == __version__:
        return []
    what = f"the result was made by gep {record['gep']}, this is gep {__version__}"
    return [Problem("differs", "manifest.json", what, f"install gep {record['gep']} to repeat it exactly")]


def _results(record: Mapping[str, Any], folder: Path) -> list[Problem]:
    """Result files that are gone or were edited after the run."""
    found = []
    for name, known in record["results"].items():
        path = folder / name
        if not path.is_file():
            found.append(Problem("differs", name, "the result file is gone", "run again"))
        elif sha256(path) != known:
            found.append(Problem("differs", name, "the result file was changed after the run", "run again"))
    return found


def _inputs(record: Mapping[str, Any], home: Path, now: Mapping[str, str]) -> list[Problem]:
    """Inputs whose checksum is no longer that of the manifest, and inputs that came or went."""
    found = []
    for name, known in record["inputs"].items():
        path = path_of(name, home)
        if not path.is_file():
            found.append(Problem("differs", name, f"there is no file {path} any more", "put it back"))
        elif sha256(path) != known:
            found.append(Problem("differs", name, "the file was edited after the run", _ROW_FIX))
    for name in now:
        if name not in record["inputs"]:
            found.append(Problem("differs", name, "the run did not use this file", _ROW_FIX))
    return found


def _settings(record: Mapping[str, Any], project: Project) -> list[Problem]:
    sets = [one.label for one in project.parts.sets]
    if record.get("sets") == sets:
        return []
    what = f"the run used {', '.join(record.get('sets', []))}; now it is {', '.join(sets)}"
    return [Problem("differs", "coefficients", what, "name the sets and versions of the run")]


def _read(path: Path) -> pd.DataFrame | None:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError):
        return None


def _rows(path: Path, now: pd.DataFrame) -> list[Problem]:
    """Rows of coefficients, data and areas that are no longer those of the signed plan."""
    then = _read(path)
    if then is None or list(then.columns) != list(now.columns):
        return []
    spot = [name for name in then.columns if name not in ("value", "unit", "factor", "grade")]
    both = then.merge(now, on=spot, how="outer", suffixes=("_then", "_now"), indicator=True)
    found: dict[tuple[str, str, str], Problem] = {}
    for row in both[(both["_merge"] != "both")].to_dict("records"):
        gone = row["_merge"] == "left_only"
        said = row["value_then"] if gone else row["value_now"]
        what = f"{row['binding']} = {said} {'was used by the run and is no longer' if gone else 'is new since the run'}"
        found[(row["file"], row["row"], what)] = Problem("differs", f"{row['file']} row {row['row']}", what, _ROW_FIX)
    same = both[both["_merge"] == "both"]
    for name in ("value", "unit", "grade"):
        for row in same[same[f"{name}_then"] != same[f"{name}_now"]].to_dict("records"):
            what = f"{row['binding']}: {name} was {row[f'{name}_then']}, is now {row[f'{name}_now']}"
            found[(row["file"], row["row"], what)] = Problem(
                "differs", f"{row['file']} row {row['row']}", what, _ROW_FIX
            )
    return list(found.values())


def _figures(path: Path, now: pd.DataFrame) -> list[Problem]:
    """How many figures of a result file are not those recomputed, and the first of them."""
    then = _read(path)
    if then is None:
        return []
    if list(then.columns) != list(now.columns) or len(then) != len(now):
        return [Problem("differs", path.name, f"has {len(then)} rows, recomputed are {len(now)}", "run again")]
    unlike = (then.to_numpy() != now.to_numpy()).any(axis=1)
    if not unlike.any():
        return []
    first = then[unlike].iloc[0]
    called = " ".join(str(first[name]) for name in ("year", "region", "category", "indicator", "step") if name in first)
    again = now[unlike].iloc[0]
    column = next(name for name in then.columns if first[name] != again[name])
    what = f"{int(unlike.sum())} of {len(then)} rows differ from those recomputed; the first: {called}: "
    what += f"{column} {first[column]}, recomputed {again[column]}"
    return [Problem("differs", path.name, what, "run again, and compare")]
