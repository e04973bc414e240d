"""Coefficient sets (参数集): folders of cited numbers with an id and a version, loaded, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import COEFFICIENT_COLUMNS, KEYS, check_duplicates, read_value_rows
from gep.io.catalog import locate
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, Source, TitleField, read_toml, validate_document


class Scope(Frozen):
    """Where and when the numbers of a set hold; empty means no limit."""

    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    climate: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(
            f"{name}: {', '.join(map(str, values))}" for name, values in self if values
        )


class SetHeader(Frozen):
    """``set.toml``."""

    id: str
    version: str
    title: TitleField
    licence: str
    inherit: tuple[str, ...] = ()
    scope: Scope = Scope()
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sources(Frozen):
    sources: dict[str, Source] = Field(default_factory=dict)


@dataclass(frozen=True)
class CoefficientSet:
    """A set: header, sources and rows (see ``gep.inputs.value_rows``)."""

    header: SetHeader
    sources: Mapping[str, Source]
    rows: pd.DataFrame
    path: Path
    files: tuple[Path, ...]
    _by_name: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """``id@version``, as plans and messages call it."""
        return f"{self.header.id}@{self.header.version}"

    def named(self, name: str) -> pd.DataFrame:
        """The rows of one coefficient."""
        if name not in self._by_name:
            self._by_name[name] = self.rows[(self.rows["name"] == name).to_numpy()].reset_index(
                drop=True
            )
        return self._by_name[name]

    def inherits(self, name: str, key: str) -> bool:
        """Whether rows keyed to a parent region or class answer for its children."""
        return key in self.header.inherit or name in self.header.inherit


def read_coefficient_set(name: str | Path, *, base: Path | None = None) -> CoefficientSet:
    """Read a set by id or path. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_coefficient_set(str(name), base, str(name), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_coefficient_set(
    name: str, base: Path | None, where: Where, problems: ProblemLog
) -> CoefficientSet | None:
    """Load a set into ``problems``; None when it cannot be read."""
    path = locate("coefficients", name, base, where, problems)
    if path is None:
        return None
    if not path.is_dir():
        problems.add(
            "missing-set",
            where,
            f"no folder {path}",
            "a set is a folder with set.toml, sources.toml and CSVs",
        )
        return None
    header = validate_document(
        SetHeader,
        read_toml(path / "set.toml", f"{path.name}/set.toml", problems),
        f"{path.name}/set.toml",
        problems,
    )
    sources = read_sources(path / "sources.toml", f"{path.name}/sources.toml", problems)
    tables = sorted(path.glob("*.csv"))
    if not tables:
        problems.add("missing-file", path.name, "the set has no CSV", "add a table of coefficients")
    frames = [
        read_value_rows(file, COEFFICIENT_COLUMNS, problems, f"{path.name}/{file.name}")
        for file in tables
    ]
    whole = [frame for frame in frames if frame is not None]
    if header is None or not whole:
        return None
    rows = pd.concat(whole, ignore_index=True)
    _check(rows, header, sources, path.name, problems)
    rows["set"] = f"{header.id}@{header.version}"
    return CoefficientSet(
        header, sources, rows, path, (path / "set.toml", path / "sources.toml", *tables)
    )


def read_sources(path: Path, label: str, problems: ProblemLog) -> dict[str, Source]:
    """``sources.toml`` as id -> Source."""
    raw: Mapping[str, Any] | None = read_toml(path, label, problems)
    found = validate_document(_Sources, None if raw is None else {"sources": raw}, label, problems)
    return dict(found.sources) if found else {}


def _check(
    rows: pd.DataFrame,
    header: SetHeader,
    sources: Mapping[str, Source],
    label: str,
    problems: ProblemLog,
) -> None:
    for (file, source), group in rows.groupby(["file", "source"], sort=False):
        if source and source not in sources:
            hint = f"add [{source}] to sources.toml; {suggestion(str(source), sources)}"
            problems.add(
                "unknown-source", row_place(str(file), group["row"]), f"source {source!r}", hint
            )
    check_duplicates(rows, ["name", *KEYS, "price_year"], problems)
    filled = pd.DataFrame(
        {
            "name": rows["name"],
            "keys": (rows[list(KEYS)] != "").to_numpy() @ (1 << np.arange(len(KEYS))),
        }
    )
    for name, count in filled.groupby("name")["keys"].nunique().items():
        group = rows[(rows["name"] == name).to_numpy()]
        if count > 1 and group["file"].nunique() > 1:
            what = f"{name} is keyed differently in {', '.join(group['file'].unique())}"
            problems.add("mixed-keys", label, what, "fill the same keys")
    _check_indices(rows[(rows["name"] == "price_index").to_numpy()], problems)
    known = {"region", "ecosystem", *rows["name"]}
    for entry in header.inherit:
        if entry not in known:
            hint = "inherit lists region, ecosystem or coefficients of the set"
            problems.add(
                "toml-value", f"{label}/set.toml", f"inherit: {entry!r} is none of these", hint
            )


def _check_indices(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """A price index has a name, a year and no other key."""
    others = [key for key in KEYS if key != "index"]
    bare = ((rows["price_year"] == "") | (rows["index"] == "")).to_numpy()
    keyed = (rows[others] != "").to_numpy().any(axis=1)
    for wrong, what, fix in (
        (bare, "price_index needs the key index and a price_year", "fill both columns"),
        (
            keyed,
            "price_index is keyed by index and price_year only",
            "blank the other keys; give each place its own index",
        ),
    ):
        for file, group in rows[wrong].groupby("file", sort=False):
            problems.add("price-index", row_place(str(file), group["row"]), what, fix)
