"""Data (核算数据): what departments report by region and year, as rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.value_rows import DATA_COLUMNS, KEYS, check_duplicates, read_value_rows
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.standards.standard import DataName
from gep.units import UnitError, factor


@dataclass(frozen=True)
class Data:
    """Data rows (see ``gep.inputs.value_rows``) of one or more years."""

    rows: pd.DataFrame
    files: tuple[Path, ...]
    _by_year: dict[int, dict[str, pd.DataFrame]] = field(default_factory=dict, repr=False)

    def of(self, year: int) -> Mapping[str, pd.DataFrame]:
        """The rows of a year by name."""
        if year not in self._by_year:
            chosen = self.rows[(self.rows["year"] == year).to_numpy()]
            self._by_year[year] = {
                str(name): rows.reset_index(drop=True)
                for name, rows in chosen.groupby("name", sort=False)
            }
        return self._by_year[year]


# Every standard takes it: values per km2 rest on it.
LAND_AREA = {"land_area": DataName(name=Title(zh="土地面积", en="Land area"), unit="km2", min=0)}
NONE = "na"  # the member under which a region says that it has none
EMPTY = Data(pd.DataFrame(columns=["name", "year", "region"]), ())


def read_data(path: str | Path | Iterable[str | Path], year: int | None = None) -> Data:
    """Read data tables. Raises ``ProblemsFound`` with everything that is wrong in them."""
    paths = [path] if isinstance(path, str | Path) else list(path)
    problems = ProblemLog()
    found = load_data([Path(one) for one in paths], problems)
    problems.raise_errors()
    if year is not None:
        return Data(
            found.rows[(found.rows["year"] == year).to_numpy()].reset_index(drop=True), found.files
        )
    return found


def load_data(paths: list[Path], problems: ProblemLog) -> Data:
    """Load data tables; a number given in two of them is a problem."""
    frames = [
        frame
        for path in paths
        if (frame := read_value_rows(path, DATA_COLUMNS, problems)) is not None
    ]
    if not frames:
        return EMPTY
    rows = pd.concat(frames, ignore_index=True)
    if len(frames) > 1:
        check_duplicates(rows, ["name", *KEYS, "price_year", "year"], problems)
    rows["set"] = ""
    return Data(rows, tuple(paths))


def mark_absent(data: Data, names: Mapping[str, DataName]) -> Data:
    """The rows of na that leave blank a key such as product: they say "none here", and become na of a member ``na``.

    A row of na beside other rows of its region is left as it is, for it says two things.
    """
    rows = data.rows
    if rows.empty or not (blank := _none_here(rows, names)).any():
        return data
    rows = rows.copy()
    for name, spots in rows[blank].groupby("name", sort=False).indices.items():
        at = rows.index[blank][spots]
        for key in _open_keys(names[str(name)]):
            rows.loc[at, key] = rows.loc[at, key].replace("", NONE)
    return Data(rows, data.files)


def expand_absent(rows: pd.DataFrame, members: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Rows that say "none here" as na of each of the members that a step names."""
    for key, names in members.items():
        none = (rows[key] == NONE).to_numpy()
        if none.any() and NONE not in names:
            rows = pd.concat(
                [rows[~none], *(rows[none].assign(**{key: name}) for name in names)],
                ignore_index=True,
            )
    return rows


def _open_keys(spec: DataName) -> list[str]:
    return [key for key in spec.keys if key not in ("region", "ecosystem")]


def _none_here(rows: pd.DataFrame, names: Mapping[str, DataName]) -> np.ndarray:
    """Rows of na with a blank key, in a region that has no other row of the name in that year."""
    found: np.ndarray = rows["na"].to_numpy(dtype=bool).copy()
    for name in rows.loc[found, "name"].unique():
        own = (rows["name"] == name).to_numpy()
        keys = _open_keys(names[name]) if name in names else []
        found[own] &= (rows.loc[own, keys] == "").any(axis=1).to_numpy()
    if found.any():
        found &= ~rows.duplicated(["name", "region", "year"], keep=False).to_numpy()
    return found


def check_data_names(
    data: Data, names: Mapping[str, DataName], used: set[str], standard: str, problems: ProblemLog
) -> set[str]:
    """Units, bounds and keys of data rows against the standard; rows that nobody asks for.

    Returns the names of which a row fills the wrong keys: what follows from that need not be told.
    """
    wrong = set()
    names = {**LAND_AREA, **names}
    for name, rows in data.rows.groupby("name", sort=False):
        if name not in names:
            for file, some in rows.groupby("file", sort=False):
                problems.add(
                    "unused-data",
                    row_place(str(file), some["row"]),
                    f"{standard} knows no data {name!r}",
                    suggestion(str(name), names),
                )
            continue
        if name not in used:
            for file, some in rows.groupby("file", sort=False):
                what = f"no active step asks for {name!r}"
                problems.add(
                    "unused-data",
                    row_place(str(file), some["row"]),
                    what,
                    "take it out, or set the switch that uses it",
                )
        if not _check_keys(str(name), rows, names[str(name)], problems):
            wrong.add(str(name))
        _check_units(str(name), rows, names[str(name)], problems)
    return wrong


def _check_keys(name: str, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> bool:
    due = {"region", *spec.keys}
    wrong = np.zeros(len(rows), dtype=bool)
    for key in KEYS:
        wrong |= ((rows[key] != "") != (key in due)).to_numpy()
    none = (
        f"; na with a blank {_open_keys(spec)[0]} alone says that a region has none"
        if _open_keys(spec)
        else ""
    )
    for file, some in rows[wrong].groupby("file", sort=False):
        fix = f"fill {', '.join(sorted(due))} and no other key column{none}"
        problems.add(
            "wrong-keys",
            row_place(str(file), some["row"]),
            f"{name} is keyed by {', '.join(sorted(due))}",
            fix,
        )
    return not wrong.any()


def _check_units(name: str, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> None:
    for (file, unit), some in rows.groupby(["file", "unit"], sort=False):
        try:
            scale = factor(str(unit), spec.unit)
        except UnitError as error:
            where = row_place(str(file), some["row"])
            problems.add(
                "wrong-dimension", where, f"{name}: {error}", f"a unit like {spec.unit} is due"
            )
            continue
        value = some["value"].to_numpy() * scale
        low = -np.inf if spec.min is None else spec.min
        high = np.inf if spec.max is None else spec.max
        beyond = (value < low) | (value > high)
        if beyond.any():
            first = some["value"].to_numpy()[beyond][0]
            what = f"{name} = {first:g} {unit}; from {low:g} to {high:g} {spec.unit} is plausible"
            spot = row_place(str(file), some["row"].to_numpy()[beyond])
            problems.add("implausible", spot, what, "check the number and its unit")
