"""Results in files of the trade (结果转换): Parquet, NetCDF, GeoPackage, GeoJSON.

The tables of a result folder are the source, so that what is exported is what was written and can
be verified. Every file keeps what the numbers are: measure, standard, price basis, state. Libraries
beyond those of gep are imported only where a format needs them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED
from gep.errors import ProblemLog, ProblemsFound, make_problem, worded_in
from gep.extent.regions import check_boundaries, feature_code, read_boundaries
from gep.io.argument_types import checked_arguments
from gep.io.geopackage import write_features
from gep.io.result_folder import PACKED, scratch_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten
from gep.io.tables import suggestion
from gep.project.project import read_header
from gep.report.data_package import is_number
from gep.texts.catalogue import Label, Language, Listed
from gep.workflows.run import MANIFEST

FORMATS = (".parquet", ".nc", ".gpkg", ".geojson")
_DEFAULT_TABLE = "account"
_LAYER = "values"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")
_STATUS = "status"
_NUMBER = "number"


@dataclass(frozen=True)
class _WrittenResults:
    """A result folder: its tables as text, and what its record says of the numbers."""

    folder: Path
    record: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as text."""
        path = self.folder / f"{name}.csv"
        if not path.is_file():
            path = path.with_name(path.name + PACKED)
        if not path.is_file():
            tables = sorted(self.folder.glob("*.csv*"))
            names = [each.name.partition(".")[0] for each in tables]
            values = {"table": name, "hint": suggestion(name, names)}
            problem = make_problem("unknown-id", "--table", "workflows.export.no-table", **values)
            raise ProblemsFound([problem])
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    def statement(self) -> dict[str, str]:
        """Return what must stay with the numbers, as text."""
        standard = self.record.get("standard", {})
        price_year = self.record.get("price_year")
        return {
            "title": str(self.record.get("project", {}).get("title", "")),
            "standard": str(standard.get("id", "")),
            "measure": str(standard.get("measure", "")),
            "state": str(self.record.get("state", "")),
            "price_basis": "current" if price_year is None else f"constant:{price_year}",
            "software": f"gep {self.record.get('gep', '')}",
        }


@checked_arguments
def export_results(
    folder: str | Path,
    target: str | Path,
    *,
    table: str = _DEFAULT_TABLE,
    boundaries: str | Path | None = None,
    boundary_key: str = "",
    language: Language | None = None,
) -> Path:
    """Write results of ``gep run`` into a file of another format.

    Parameters
    ----------
    folder : str or Path
        The result folder, or the project whose results are in ``out``.
    target : str or Path
        The new file; its ending says the format: ``.parquet`` (a table), ``.nc`` (the account, by
        year and region), ``.gpkg`` or ``.geojson`` (values of the regions joined to boundaries).
    table : str, default 'account'
        The table of a Parquet, such as ``by_ecosystem``.
    boundaries : str or Path, optional
        GeoJSON of the regions; by default the project's.
    boundary_key : str, optional
        The property with the region's code; by default the project's, else ``code``.
    language : {'zh', 'en'}, optional
        Language of messages; by default that of the user's system.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProblemsFound
        ``file-format`` for another ending, or where a library is missing; ``missing-file`` without
        results or boundaries; ``unknown-id`` for a table; the codes of ``check_boundaries``;
        ``file-exists`` and ``cannot-write``.

    Examples
    --------
    >>> import gep
    >>> run = gep.run_project("examples/beibu-gulf", "results-export")
    >>> gep.export_results(run.out, "account.nc").name
    'account.nc'
    """
    target = Path(target)
    with worded_in(language):
        if target.suffix.lower() not in FORMATS:
            formats = Listed(FORMATS, len(FORMATS))
            values = {"suffix": target.suffix or "-", "formats": formats}
            message = "workflows.export.format"
            raise ProblemsFound([make_problem("file-format", str(target), message, **values)])
        refuse_existing(target)
        results = _read_results(Path(folder))
        try:
            with scratch_folder(target.parent) as scratch:
                draft = scratch / "new" / target.name
                if target.suffix.lower() == ".parquet":
                    _write_parquet(results, table, draft)
                elif target.suffix.lower() == ".nc":
                    _write_netcdf(results, draft)
                else:
                    _write_map(results, draft, boundaries, boundary_key)
                put_new(draft, target)
        except ImportError as error:
            values = {"suffix": target.suffix, "library": error.name or str(error)}
            problem = make_problem("file-format", str(target), "workflows.export.library", **values)
            raise ProblemsFound([problem]) from None
        except OSError as error:
            raise ProblemsFound([unwritten(target, error)]) from None
    return target


def _read_results(folder: Path) -> _WrittenResults:
    """Read the record of a result folder; raises ``missing-file`` without one."""
    for home in (folder, folder / "out"):
        path = home / MANIFEST
        if path.is_file():
            try:
                return _WrittenResults(home, json.loads(path.read_text(encoding="utf-8")))
            except ValueError:
                break
    problem = make_problem("missing-file", str(folder), "workflows.export.no-results")
    raise ProblemsFound([problem])


def typed_table(table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of a result table their types.

    Parameters
    ----------
    table : DataFrame of str

    Returns
    -------
    DataFrame
        Numbers as floats, NaN where there is none; of ``value`` the column ``status`` says why:
        ``number``, ``na`` (no such service) or ``not_compiled``.
    """
    typed = table.copy()
    for name in table.columns:
        if is_number(name):
            typed[name] = pd.to_numeric(table[name], errors="coerce")
    if "year" in typed:
        typed["year"] = typed["year"].astype(int)
    if "value" in table:
        marks = table["value"].isin(["na", NOT_COMPILED])
        typed[_STATUS] = np.where(marks, table["value"], _NUMBER)
    return typed


def _write_parquet(results: _WrittenResults, name: str, draft: Path) -> None:
    """Write a table as a Parquet, with the statement of its numbers in its metadata."""
    pa = import_module("pyarrow")
    pq = import_module("pyarrow.parquet")
    table = pa.Table.from_pandas(typed_table(results.table(name)), preserve_index=False)
    kept = {key.encode(): word.encode() for key, word in results.statement().items()}
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **kept}), draft)


def _write_netcdf(results: _WrittenResults, draft: Path) -> None:
    """Write the account as a NetCDF: a variable for each step and item, by year and region."""
    if find_spec("scipy") is None:  # it writes the file for xarray
        raise ImportError("scipy", name="scipy")
    import xarray as xr

    rows = typed_table(results.table("account"))
    years = pd.Index(sorted(rows["year"].unique()))
    regions = pd.Index(list(dict.fromkeys(rows["region"])))
    variables = {}
    parts = rows.groupby(["indicator", "step", "item"], sort=False, observed=True)
    for keys, part in parts:
        words = [str(word) for word in keys if word]
        values = np.full((len(years), len(regions)), np.nan)
        row = years.get_indexer(part["year"])
        column = regions.get_indexer(part["region"])
        values[row, column] = part["value"].to_numpy()
        first = part.iloc[0]
        attributes = {
            "units": str(first["unit"]),
            "long_name": " ".join(words),
            "kind": str(first["kind"]),
            "category": str(first["category"]),
        }
        names = [_NOT_IN_NAMES.sub("_", word).strip("_") for word in words]
        dims = ("year", "region")
        variables["__".join(names)] = xr.DataArray(values, dims=dims, attrs=attributes)
    coordinates = {"year": [int(year) for year in years], "region": list(regions)}
    dataset = xr.Dataset(variables, coords=coordinates, attrs=results.statement())
    dataset.to_netcdf(draft, engine="scipy")


def _write_map(
    results: _WrittenResults, draft: Path, boundaries: str | Path | None, key: str
) -> None:
    """Write the values of regions joined to their boundaries."""
    path, key = _boundaries_of(results, boundaries, key)
    rows = typed_table(results.table("summary"))
    codes = dict.fromkeys(rows["region"])
    problems = ProblemLog()
    check_boundaries(path, key, {code: Label(code) for code in codes}, problems)
    problems.raise_errors()
    statement = results.statement()
    values: dict[str, dict[str, Any]] = {code: {} for code in codes}
    units: dict[str, str] = {}
    for row in rows.itertuples(index=False):
        column = _NOT_IN_NAMES.sub("_", f"{row.category}_{row.year}")
        values[row.region][column] = None if np.isnan(row.value) else float(row.value)
        units[column] = str(row.unit)
    features = []
    for feature in read_boundaries(path)["features"]:
        code = feature_code(feature, key)
        if code not in values or not feature.get("geometry"):
            continue
        properties = {"region": code, **values[code], **statement}
        properties["unit"] = "; ".join(dict.fromkeys(units.values()))
        features.append(
            {"type": "Feature", "properties": properties, "geometry": feature["geometry"]}
        )
    if draft.suffix.lower() == ".gpkg":
        columns = {"region": "TEXT", **dict.fromkeys(units, "REAL")}
        columns |= dict.fromkeys([*statement, "unit"], "TEXT")
        write_features(draft, _LAYER, features, columns)
        return
    document = {"type": "FeatureCollection", "features": features}
    draft.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")


def _boundaries_of(
    results: _WrittenResults, boundaries: str | Path | None, key: str
) -> tuple[Path, str]:
    """Return the boundaries and their key: those given, else the project's."""
    if boundaries is not None:
        return Path(boundaries), key or "code"
    problems = ProblemLog()
    home = results.folder / str(results.record.get("project", {}).get("folder", "."))
    header = None
    if (home / "project.toml").is_file():
        header, _ = read_header(home, problems)
    if header is None or not header.spec.inputs.boundaries:
        problem = make_problem("missing-file", "--boundaries", "workflows.export.no-boundaries")
        raise ProblemsFound([problem])
    inputs = header.spec.inputs
    return header.folder / inputs.boundaries, key or inputs.boundary_key
