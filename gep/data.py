"""Data (核算数据): what departments report by region and year, as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Problems
from gep.rows import DATA_COLUMNS, KEYS, duplicates, read_rows
from gep.standard import DataName, Names
from gep.tables import place, suggestion
from gep.units import UnitError, factor


@dataclass(frozen=True)
class Data:
    """Data rows (see ``gep.rows``) of one or more years."""

    rows: pd.DataFrame
    files: tuple[Path, ...]
    _by_year: dict[int, dict[str, pd.DataFrame]] = field(default_factory=dict, repr=False)

    def of(self, year: int) -> Mapping[str, pd.DataFrame]:
        """The rows of a year by name."""
        if year not in self._by_year:
            chosen = self.rows[(self.rows["year"] == year).to_numpy()]
            self._by_year[year] = {
                str(name): rows.reset_index(drop=True) for name, rows in chosen.groupby("name", sort=False)
            }
        return self._by_year[year]


# Every standard takes it: values per km2 rest on it.
LAND_AREA = {"land_area": DataName(name=Names(zh="土地面积", en="Land area"), unit="km2", min=0)}
EMPTY = Data(pd.DataFrame(columns=["name", "year", "region"]), ())


def read_data(path: str | Path | Iterable[str | Path], year: int | None = None) -> Data:
    """Read data tables. Raises ``ProblemsFound`` with everything that is wrong in them."""
    paths = [path] if isinstance(path, str | Path) else list(path)
    problems = Problems()
    found = load_data([Path(one) for one in paths], problems)
    problems.raise_errors()
    if year is not None:
        return Data(found.rows[(found.rows["year"] == year).to_numpy()].reset_index(drop=True), found.files)
    return found


def load_data(paths: list[Path], problems: Problems) -> Data:
    """Load data tables; a number given in two of them is a problem."""
    frames = [frame for path in paths if (frame := read_rows(path, DATA_COLUMNS, problems)) is not None]
    if not frames:
        return EMPTY
    rows = pd.concat(frames, ignore_index=True)
    if len(frames) > 1:
        duplicates(rows, ["name", *KEYS, "price_year", "year"], problems)
    rows["set"], rows["base"] = "", ""
    return Data(rows, tuple(paths))


def check_names(data: Data, names: Mapping[str, DataName], used: set[str], standard: str, problems: Problems) -> None:
    """Units, bounds and keys of data rows against the standard; rows that nobody asks for."""
    names = {**LAND_AREA, **names}
    for name, rows in data.rows.groupby("name", sort=False):
        if name not in names:
            for file, some in rows.groupby("file", sort=False):
                problems.add(
                    "unused-data",
                    place(str(file), some["row"]),
                    f"{standard} knows no data {name!r}",
                    suggestion(str(name), names),
                )
            continue
        if name not in used:
            for file, some in rows.groupby("file", sort=False):
                what = f"no active step asks for {name!r}"
                problems.add(
                    "unused-data", place(str(file), some["row"]), what, "take it out, or set the switch that uses it"
                )
        _check_keys(str(name), rows, names[str(name)], problems)
        _check_units(str(name), rows, names[str(name)], problems)


def _check_keys(name: str, rows: pd.DataFrame, spec: DataName, problems: Problems) -> None:
    due = {"region", *spec.keys}
    wrong = np.zeros(len(rows), dtype=bool)
    for key in KEYS:
        wrong |= ((rows[key] != "") != (key in due)).to_numpy()
    for file, some in rows[wrong].groupby("file", sort=False):
        fix = f"fill {', '.join(sorted(due))} and no other key column"
        problems.add("wrong-keys", place(str(file), some["row"]), f"{name} is keyed by {', '.join(sorted(due))}", fix)


def _check_units(name: str, rows: pd.DataFrame, spec: DataName, problems: Problems) -> None:
    for (file, unit), some in rows.groupby(["file", "unit"], sort=False):
        try:
            scale = factor(str(unit), spec.unit)
        except UnitError as error:
            where = place(str(file), some["row"])
            problems.add("wrong-dimension", where, f"{name}: {error}", f"a unit like {spec.unit} is due")
            continue
        value = some["value"].to_numpy() * scale
        low = -np.inf if spec.min is None else spec.min
        high = np.inf if spec.max is None else spec.max
        beyond = (value < low) | (value > high)
        if beyond.any():
            first = some["value"].to_numpy()[beyond][0]
            what = f"{name} = {first:g} {unit}; from {low:g} to {high:g} {spec.unit} is plausible"
            spot = place(str(file), some["row"].to_numpy()[beyond])
            problems.add("implausible", spot, what, "check the number and its unit")
