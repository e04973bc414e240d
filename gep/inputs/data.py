"""Data (核算数据): what departments report by region and year.

This module loads data rows, checks them against the data names of a standard, and reads the rows by
which a region says that it has none of something. Which step uses which row is left to
``gep.plan``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound
from gep.inputs.value_rows import (
    DATA_COLUMNS,
    KEYS,
    check_draws_positive,
    check_duplicates,
    check_possible,
    range_in_units,
    read_value_rows,
)
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.standards.standard import DataName
from gep.texts.catalogue import Label
from gep.units import UnitError, factor


@dataclass(frozen=True)
class Data:
    """Data rows of one or more years.

    Attributes
    ----------
    rows : DataFrame
        See ``gep.inputs.value_rows.read_value_rows``; the column ``set`` is blank.
    files : tuple of Path
        The files that were read.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]
    _by_year: dict[int, dict[str, pd.DataFrame]] = field(default_factory=dict, repr=False)  # cache

    def of(self, year: int) -> Mapping[str, pd.DataFrame]:
        """Return the rows of a year by data name; the result is kept for the next call."""
        if year not in self._by_year:
            rows_of_year = self.rows[(self.rows["year"] == year).to_numpy()]
            by_name = {}
            for name, rows in rows_of_year.groupby("name", sort=False):
                by_name[str(name)] = rows.reset_index(drop=True)
            self._by_year[year] = by_name
        return self._by_year[year]


# Every standard has it: values per km2 rest on it.
LAND_AREA = {"land_area": DataName(name=Title(zh="土地面积", en="Land area"), unit="km2", min=0)}
NONE = "na"  # the member under which a region says that it has none
EMPTY = Data(pd.DataFrame(columns=["name", "year", "region"]), ())


def data_label(name: str, names: Mapping[str, DataName]) -> Label:
    """Return a data name with its title: ``降水量 (precipitation)``; alone if it is unknown."""
    if name in names:
        return Label(name, names[name].name)
    return Label(name)


def read_data(path: str | Path | Iterable[str | Path], year: int | None = None) -> Data:
    """Read one or more data tables.

    Parameters
    ----------
    path : str, Path or iterable of these
        CSV files, or ``book.xlsx#sheet``.
    year : int, optional
        Keep the rows of this year only.

    Returns
    -------
    Data

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the tables (see ``load_data``).
    """
    paths = [path] if isinstance(path, str | Path) else list(path)
    problems = ProblemLog()
    data = load_data([Path(name) for name in paths], problems)
    if problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    if year is None:
        return data
    of_year = (data.rows["year"] == year).to_numpy()
    return Data(data.rows[of_year].reset_index(drop=True), data.files)


def load_data(paths: list[Path], problems: ProblemLog) -> Data:
    """Load data tables.

    Parameters
    ----------
    paths : list of Path
    problems : ProblemLog
        Collects what ``read_value_rows`` finds in each table, and ``duplicate-row`` where two
        tables give the same number.

    Returns
    -------
    Data
        ``EMPTY`` if no table could be read.
    """
    frames = []
    for path in paths:
        frame = read_value_rows(path, DATA_COLUMNS, problems)
        if frame is not None:
            frames.append(frame)
    if not frames:
        return EMPTY
    rows = pd.concat(frames, ignore_index=True)
    if len(frames) > 1:
        check_duplicates(rows, ["name", *KEYS, "price_year", "year"], problems)
    rows["set"] = ""
    return Data(rows, tuple(paths))


# --- none here ------------------------------------------------------------------------------------


def mark_absent(data: Data, names: Mapping[str, DataName]) -> Data:
    """Mark the rows by which a region says that it has none of any member.

    Such a row is ``na`` and leaves a key such as ``product`` blank. It becomes the ``na`` of a
    member called ``na``. A row of ``na`` beside other rows of its name, region and year is left as
    it is, because the two contradict.

    Parameters
    ----------
    data : Data
    names : mapping of str to DataName
        The data names of the standard.

    Returns
    -------
    Data
        ``data`` itself if there is no such row.
    """
    rows = data.rows
    if rows.empty:
        return data
    absent = _absent_rows(rows, names)
    if not absent.any():
        return data
    rows = rows.copy()
    for name in rows.loc[absent, "name"].unique():
        of_name = absent & (rows["name"] == name).to_numpy()
        for key in _open_keys(names[str(name)]):
            rows.loc[of_name, key] = rows.loc[of_name, key].replace("", NONE)
    return Data(rows, data.files)


def expand_absent(rows: pd.DataFrame, members: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Repeat the rows that say "none here" for every member that a step names.

    Parameters
    ----------
    rows : DataFrame
        Data rows of one name, marked by ``mark_absent``.
    members : mapping of str to sequence of str
        For each key the members that the step runs over.

    Returns
    -------
    DataFrame
        The rows, those of the member ``na`` replaced by an ``na`` of each member; where a step runs
        over the member ``na`` itself they stay.
    """
    for key, key_members in members.items():
        absent = (rows[key] == NONE).to_numpy()
        if absent.any() and NONE not in key_members:
            pieces = [rows[~absent]]
            for member in key_members:
                pieces.append(rows[absent].assign(**{key: member}))
            rows = pd.concat(pieces, ignore_index=True)
    return rows


def _open_keys(spec: DataName) -> list[str]:
    """Return the keys of a data name whose members the rows themselves name."""
    return [key for key in spec.keys if key not in ("region", "ecosystem")]


def _absent_rows(rows: pd.DataFrame, names: Mapping[str, DataName]) -> np.ndarray:
    """Find the rows of ``na`` with a blank key that are alone in their region, name and year."""
    absent: np.ndarray = rows["na"].to_numpy(dtype=bool).copy()
    for name in rows.loc[absent, "name"].unique():
        of_name = (rows["name"] == name).to_numpy()
        keys = _open_keys(names[name]) if name in names else []
        absent[of_name] &= (rows.loc[of_name, keys] == "").any(axis=1).to_numpy()
    if absent.any():
        absent &= ~rows.duplicated(["name", "region", "year"], keep=False).to_numpy()
    return absent


# --- against a standard ---------------------------------------------------------------------------


def check_data_names(
    data: Data,
    names: Mapping[str, DataName],
    used: set[str],
    standard: str | Label,
    problems: ProblemLog,
) -> set[str]:
    """Check names, keys, units and bounds of data rows against a standard.

    Parameters
    ----------
    data : Data
    names : mapping of str to DataName
        The data names of the standard; ``land_area`` is known without being declared.
    used : set of str
        The data names that an active step asks for.
    standard : str or Label
        The standard, as messages name it.
    problems : ProblemLog
        Collects ``wrong-keys``, ``wrong-dimension``, ``limit-impossible``, ``distribution-limits``
        and the warnings ``unused-data``, ``implausible`` and ``draws-outside``.

    Returns
    -------
    set of str
        The names with rows that fill the wrong keys. Problems that follow from these need not be
        reported.
    """
    wrong = set()
    names = {**LAND_AREA, **names}
    for name, rows in data.rows.groupby("name", sort=False):
        label = data_label(str(name), names)
        if name not in names:
            hint = suggestion(str(name), names)
            for place in _places(rows):
                problems.add(
                    "unused-data",
                    place,
                    "inputs.unknown-data-name",
                    standard=standard,
                    name=name,
                    hint=hint,
                )
            continue
        if name not in used:
            for place in _places(rows):
                problems.add("unused-data", place, "inputs.unused-data", name=label)
        spec = names[str(name)]
        if not _check_keys(label, rows, spec, problems):
            wrong.add(str(name))
        _check_values(label, rows, spec, problems)
    return wrong


def _places(rows: pd.DataFrame) -> list[Place]:
    """Return the place of some rows in each of their files."""
    places = []
    for file, rows_of_file in rows.groupby("file", sort=False):
        places.append(row_place(str(file), rows_of_file["row"]))
    return places


def _check_keys(name: Label, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> bool:
    """Check that rows fill the keys of their data name and no others; adds ``wrong-keys``."""
    required = {"region", *spec.keys}
    wrong = np.zeros(len(rows), dtype=bool)
    for key in KEYS:
        is_filled = rows[key] != ""
        wrong |= (is_filled != (key in required)).to_numpy()
    open_keys = _open_keys(spec)
    message = "inputs.wrong-keys-or-none" if open_keys else "inputs.wrong-keys"
    for place in _places(rows[wrong]):
        problems.add(
            "wrong-keys",
            place,
            message,
            name=name,
            keys=tuple(sorted(required)),
            open_key="".join(open_keys[:1]),
        )
    return not wrong.any()


def _check_values(name: Label, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> None:
    """Check units, and bounds in the standard's unit: ``wrong-dimension``, ``implausible``."""
    low = -np.inf if spec.min is None else spec.min
    high = np.inf if spec.max is None else spec.max
    for (file, unit), rows_of_unit in rows.groupby(["file", "unit"], sort=False):
        try:
            scale = factor(str(unit), spec.unit)
        except UnitError:
            place = row_place(str(file), rows_of_unit["row"])
            problems.add(
                "wrong-dimension",
                place,
                "inputs.data-dimension",
                name=name,
                unit=unit,
                target=spec.unit,
            )
            continue
        _check_limits(name, rows_of_unit, spec, scale, problems)
        value = rows_of_unit["value"].to_numpy() * scale
        outside = (value < low) | (value > high)
        if not outside.any():
            continue
        first = int(np.flatnonzero(outside)[0])
        message = "inputs.implausibly-small" if value[first] < low else "inputs.implausibly-large"
        problems.add(
            "implausible",
            row_place(str(file), rows_of_unit["row"].to_numpy()[outside]),
            message,
            name=name,
            value=float(rows_of_unit["value"].iloc[first]),
            unit=unit,
            low=low,
            high=high,
            target=spec.unit,
        )


def _check_limits(
    name: Label, rows: pd.DataFrame, spec: DataName, scale: float, problems: ProblemLog
) -> None:
    """Check the low and high of rows of one file and unit; ``scale`` brings them to ``spec.unit``.

    Adds ``limit-impossible``, ``draws-outside``, ``distribution-limits`` and, where the value is
    plausible and a limit is not, ``implausible``.
    """

    def place_of(positions: np.ndarray) -> Place:
        return row_place(str(rows["file"].iloc[0]), rows["row"].iloc[positions])

    if not (rows["low"] < rows["high"]).any():
        return
    if spec.min is None:
        check_draws_positive(rows, place_of, problems)
    else:
        possible = range_in_units(spec.possible, spec.unit, rows["unit"])
        check_possible(rows, place_of, possible, name, problems)
    bounds = (
        ("low", "inputs.implausible-low", spec.min, np.less),
        ("high", "inputs.implausible-high", spec.max, np.greater),
    )
    for column, message, bound, is_beyond in bounds:
        if bound is None:
            continue
        limit = rows[column].to_numpy(dtype=float)
        value = rows["value"].to_numpy(dtype=float)
        outside = is_beyond(limit * scale, bound) & ~is_beyond(value * scale, bound)
        possible_bounds = (spec.possible.least, spec.possible.most)
        if not outside.any() or bound in possible_bounds:  # impossible: reported above
            continue
        first = int(np.flatnonzero(outside)[0])
        problems.add(
            "implausible",
            replace(place_of(np.flatnonzero(outside)), column=column),
            message,
            name=name,
            limit=float(limit[first]),
            unit=rows["unit"].iloc[0],
            bound=bound,
            target=spec.unit,
        )
