"""Data (核算数据): what departments report by region and year.

This module loads data rows, checks them against the data names of a standard, and reads the rows by
which a region says that it has none of something. Which step uses which row is left to
``gep.plan``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gep.errors import Place, Problem, ProblemLog, ProblemsFound
from gep.inputs.value_rows import (
    DATA_COLUMNS,
    KEYS,
    check_draws_positive,
    check_duplicates,
    check_limit_range,
    check_possible,
    check_range,
    filled_keys,
    in_column,
    is_readable,
    range_in_units,
    rows_of_table,
    strayed_rows,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, names_of_several, table_source
from gep.io.csv_excel import row_place
from gep.io.distinct_cells import Distinct, distinct_cells, is_coded
from gep.io.notebook import ShownAsTable
from gep.io.tables import Table, close_to, read_table, suggestion
from gep.io.toml_documents import Title
from gep.standards.standard import AREA, EXPERT, AtMost, DataName
from gep.texts.catalogue import Label, Text, counted, text
from gep.units import UnitError, factor

_ALIKE = 0.75  # similarity of spellings that are taken for one name
_SUGGESTED = 3  # names in an advice


@dataclass(frozen=True, repr=False)
class Data(ShownAsTable):
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
    _checks: dict[object, "_NamesChecked"] = field(default_factory=dict, repr=False)  # cache

    @property
    def years(self) -> list[int]:
        """The years that rows are of, in order."""
        return sorted({int(year) for year in self.rows["year"].unique() if year})

    def of(self, year: int) -> Mapping[str, pd.DataFrame]:
        """Return the rows of a year by data name, in the order of their first rows."""
        return self._by_year.get(year, {})

    @cached_property
    def _by_year(self) -> Mapping[int, Mapping[str, pd.DataFrame]]:
        """The rows of each year by data name: pieces of one table, of which nothing is copied."""
        if self.rows.empty:
            return {}
        cells = Distinct.of(self.rows["name"])
        codes = cells.codes
        names = cells.words
        years = self.rows["year"].to_numpy(dtype=int)
        groups = years * len(names) + codes
        order = np.argsort(groups, kind="stable")
        is_sorted = (np.diff(order) == 1).all()
        rows = self.rows if is_sorted else self.rows.iloc[order]
        sorted_groups = groups[order]
        starts = np.flatnonzero(np.diff(sorted_groups, prepend=-1))
        ends = [*starts[1:], len(rows)]
        by_year: dict[int, dict[str, pd.DataFrame]] = {}
        for group in np.argsort(order[starts]):
            piece = rows.iloc[starts[group] : ends[group]]
            first = order[starts[group]]
            year = int(years[first])
            name = str(names[codes[first]])
            pieces = by_year.setdefault(year, {})
            pieces[name] = piece.reset_index(drop=True)
        return by_year

    def _shown_size(self) -> str:
        """Return how much it holds."""
        return f"{counted(len(self.rows), 'row')}, years {self.years}"


@dataclass(frozen=True)
class _NamesChecked:
    """What ``check_data_names`` found; ``names`` are kept so that their identity stays theirs."""

    names: Mapping[str, DataName]
    wrong: frozenset[str]
    problems: tuple[Problem, ...]


# Every standard has them: values per km2 rest on land area, results are held against GDP.
COMMON = {
    "land_area": DataName(
        name=Title(zh="土地面积", en="Land area"),
        unit="km2",
        min=1e-3,
        max=2e6,  # the largest region of China has 1.66e6 km2
        range_source=EXPERT,
        department="natural_resources",
    ),
    "gdp": DataName(
        name=Title(zh="地区生产总值", en="Gross domestic product"),
        unit="10^4 CNY",
        min=0,
        per_km2=(0.01, 2e7),  # from the high plateau to the centre of a city of ten million
        per_person=(0.05, 200),
        range_source=EXPERT,
        department="statistics",
    ),
}
NONE = "na"  # the member under which a region says that it has none
EMPTY = Data(pd.DataFrame(columns=["name", "year", "region"]), ())


def data_label(name: str, names: Mapping[str, DataName]) -> Label:
    """Return a data name with its title: ``降水量 (precipitation)``; alone if it is unknown."""
    if name in names:
        return Label(name, names[name].name)
    return Label(name)


@checked_arguments
def read_data(path: TableArgument | Sequence[TableArgument], year: int | None = None) -> Data:
    """Read one or more data tables.

    Parameters
    ----------
    path : str, Path, DataFrame, xarray object or sequence of these
        CSV files, or ``book.xlsx#sheet``; or tables in the columns of ``data.csv``, or with named
        axes (see docs/zh/how-to/python.md).
    year : int, optional
        Keep the rows of this year only.

    Returns
    -------
    Data

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the tables (see ``load_data``).

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> rain = pd.DataFrame({"region": [361130], "year": 2020, "name": "rainfall", "value": 1600})
    >>> gep.read_data(rain.assign(unit="mm", source="yearbook"))
    <Data: 1 row, years [2020]>
    """
    problems = ProblemLog()
    data = load_data(data_sources(path), problems)
    if problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    if year is None:
        return data
    of_year = (data.rows["year"] == year).to_numpy()
    return Data(data.rows[of_year].reset_index(drop=True), data.files)


def data_sources(
    argument: TableArgument | Iterable[TableArgument],
    year: int | None = None,
    name: str = "data",
) -> list[TableSource]:
    """Return what the data of an argument are read from.

    Parameters
    ----------
    argument : str, Path, DataFrame, xarray object or several of these
    year : int, optional
        The year of a table that is an argument and names none.
    name : str, default 'data'
        The argument, as messages name it.

    Returns
    -------
    list of Path or GivenTable
    """
    tables = names_of_several(argument, name)
    return [table_source(table, label, year=year) for table, label in tables]


def load_data(
    paths: Sequence[TableSource],
    problems: ProblemLog,
    tables: Sequence[Table] = (),
    codes: Collection[str] = (),
) -> Data:
    """Load data tables.

    Parameters
    ----------
    paths : sequence of Path or GivenTable
    problems : ProblemLog
        Collects what ``read_value_rows`` finds in each table, and ``duplicate-row`` where two
        tables give the same number.
    tables : sequence of Table, optional
        Further tables, which were read as text: the sheets of a form.
    codes : collection of str, optional
        The regions that are asked for, see ``gep.io.tables.read_table``; by default all.

    Returns
    -------
    Data
        ``EMPTY`` if no table could be read.
    """
    frames = []
    for path in paths:
        table = read_table(path, DATA_COLUMNS, problems, codes=codes)
        if table is not None:
            frames.append(rows_of_table(table, DATA_COLUMNS, problems))
    frames += [rows_of_table(table, DATA_COLUMNS, problems) for table in tables]
    if not frames:
        return EMPTY
    rows = frames[0] if len(frames) == 1 else _joined(frames)
    if len(frames) > 1:
        check_duplicates(rows, ["name", *KEYS, "price_year", "year"], problems)
    rows["set"] = Distinct.same("", len(rows)).categories()
    files = [table.path for table in tables]
    for path in reversed(paths):
        files = [*files_read(path), *files]
    return Data(rows, tuple(dict.fromkeys(files)))


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several tables in one; their texts stay categories."""
    columns = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if is_coded(parts[0]):
            columns[name] = Distinct.join([Distinct.of(part) for part in parts]).categories()
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)


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
            is_blank = of_name & (rows[key] == "").to_numpy()
            rows[key] = Distinct.of(rows[key].astype(object).mask(is_blank, NONE)).categories()
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
    unread: Collection[str] = (),
) -> set[str]:
    """Check names, keys, units and bounds of data rows against a standard.

    Parameters
    ----------
    data : Data
    names : mapping of str to DataName
        The data names of the standard; those of ``COMMON`` are known without being declared.
    used : set of str
        The data names that an active step asks for.
    standard : str or Label
        The standard, as messages name it.
    unread : collection of str
        Files whose rows stand for pixels that are not read yet: their numbers are not checked.
    problems : ProblemLog
        Collects ``wrong-keys``, ``wrong-dimension``, ``limit-impossible``, ``distribution-limits``
        and the warnings ``unused-data``, ``implausible`` and ``draws-outside``.

    Returns
    -------
    set of str
        The names with rows that fill the wrong keys. Problems that follow from these need not be
        reported. What was found is kept for the plans of other years, which ask the same.
    """
    asked = (id(names), frozenset(used), standard)
    if asked not in data._checks:
        found = ProblemLog(problems.language)
        found.heads = problems.heads
        found.row_labels = problems.row_labels
        wrong = _check_names(
            data,
            {**COMMON, **names},
            used,
            standard,
            found,
            unread,
        )
        told = (*found.errors, *found.warnings)
        data._checks[asked] = _NamesChecked(names, frozenset(wrong), told)
    checked = data._checks[asked]
    problems.include(checked.problems)
    return set(checked.wrong)


def _check_names(
    data: Data,
    names: Mapping[str, DataName],
    used: set[str],
    standard: str | Label,
    problems: ProblemLog,
    unread: Collection[str],
) -> set[str]:
    """Check the rows of each name; see ``check_data_names``."""
    wrong = set()
    lacking = used.intersection(names).difference(data.rows["name"].unique())
    for name, rows in data.rows.groupby("name", sort=False, observed=True):
        label = data_label(str(name), names)
        if name not in names:
            hint = _suggested_name(str(name), rows["unit"].unique(), names, lacking)
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
        if name not in used and not rows["na"].all():  # na says that there is none to use
            for place in _places(rows):
                problems.add("unused-data", place, "inputs.unused-data", name=label)
        spec = names[str(name)]
        if not _check_keys(label, rows, spec, problems):
            wrong.add(str(name))
        _check_values(
            label,
            rows,
            spec,
            problems,
            unread,
        )
    return wrong


def _suggested_name(
    word: str, units: Iterable[str], names: Mapping[str, DataName], lacking: set[str]
) -> Text:
    """Suggest what a data name that is not known may have meant, by its words and its unit.

    A name in whose title the word is, or that is spelt alike; else those that a step asks for in
    vain. Names in other units are not meant.
    """
    fitting = []
    of_title = []
    for name, spec in names.items():
        scales = [_scale(str(unit), spec) for unit in units]
        if None in scales:
            continue
        fitting.append(name)
        titles = f"{spec.name.zh}\n{spec.name.en}"
        if word.casefold() in titles.casefold():
            of_title.append(name)
    meant = of_title
    if not meant:
        meant = close_to(word, fitting, _ALIKE)
    if not meant:
        meant = sorted(lacking.intersection(fitting))
    if not meant:
        return suggestion(word, names)
    labels = [data_label(name, names) for name in meant[:_SUGGESTED]]
    return text("io.did-you-mean", names=labels)


def check_data_years(
    data: Data, years: Sequence[int], names: Mapping[str, DataName], problems: ProblemLog
) -> None:
    """Check that data rows of years that are not accounted for are not missing from an account.

    Parameters
    ----------
    data : Data
        Data rows of all years.
    years : sequence of int
        The years that are accounted for.
    names : mapping of str to DataName
        The data names of the standard, with titles for messages.
    problems : ProblemLog
        Collects the warning ``year-not-accounted``.
    """
    if set(data.years) <= set(years):
        return
    known = data.rows[data.rows["name"].isin(names).to_numpy()].reset_index(drop=True)
    strayed = strayed_rows(known, years, ("region", "name"), KEYS[1:])
    groups = strayed.groupby(["file", "name", "year", "lacking"], sort=False, observed=True)
    for (file, name, year, lacking), group in groups:
        members = []
        for row in group[list(KEYS[1:])].itertuples(index=False):
            members.append(" ".join(member for member in row if member))
        problems.add(
            "year-not-accounted",
            in_column(row_place(str(file), group["row"]), "year"),
            "inputs.strayed-data",
            name=data_label(str(name), names),
            members=tuple(dict.fromkeys(members)),
            year=int(year),
            lacking=int(lacking),
        )


def _places(rows: pd.DataFrame) -> list[Place]:
    """Return the place of some rows in each of their files."""
    places = []
    for file, rows_of_file in rows.groupby("file", sort=False, observed=True):
        places.append(row_place(str(file), rows_of_file["row"]))
    return places


def _check_keys(name: Label, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> bool:
    """Check that rows fill the keys of their data name and no others; adds ``wrong-keys``.

    A rate that parent types may give may be of all types of its region: without a type.
    """
    required = {"region", *spec.keys}
    may_be_blank = {"ecosystem"} & set(spec.inherit)
    wanted = 0
    checked = 0
    for number, key in enumerate(KEYS):
        wanted |= (key in required) << number
        checked |= (key not in may_be_blank) << number
    wrong = ((filled_keys(distinct_cells(rows, KEYS)) ^ wanted) & checked) != 0
    if not wrong.any():
        return True
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
    return False


def _check_values(
    name: Label,
    rows: pd.DataFrame,
    spec: DataName,
    problems: ProblemLog,
    unread: Collection[str],
) -> None:
    """Check units and ranges; adds ``wrong-dimension`` and ``implausible``."""
    columns = distinct_cells(rows, ("file", "unit"))
    is_uncertain = rows["low"].to_numpy(dtype=float) < rows["high"].to_numpy(dtype=float)
    scales = [_scale(str(unit), spec) for unit in columns["unit"].words]
    is_told = is_uncertain.any() or None in scales
    groups = rows.groupby(["file", "unit"], sort=False, observed=True) if is_told else ()
    for (file, unit), rows_of_unit in groups:
        if not is_readable(str(unit)):
            continue
        place = row_place(str(file), rows_of_unit["row"])
        scale = _scale(str(unit), spec)
        if scale is not None:
            _check_limits(name, rows_of_unit, spec, problems)
            continue
        problems.add(
            "wrong-dimension",
            place,
            "inputs.data-dimension",
            name=name,
            unit=unit,
            target=spec.unit,
        )
    read = [file for file in columns["file"].words if file not in unread]
    if not read:
        return
    if unread:
        rows = rows[rows["file"].isin(read).to_numpy()]
    check_range(name, rows, spec, problems)


def _check_limits(name: Label, rows: pd.DataFrame, spec: DataName, problems: ProblemLog) -> None:
    """Check the low and high of rows of one file and unit.

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
        check_possible(
            rows,
            place_of,
            possible,
            name,
            problems,
        )
    impossible_beyond = (spec.possible.least, spec.possible.most)
    check_limit_range(
        name,
        rows,
        spec,
        problems,
        impossible_beyond,
    )


def _scale(unit: str, spec: DataName, target: str = "") -> float | None:
    """Return the factor from a unit to that of a data name, or to ``target``; None without one."""
    try:
        return factor(unit, target or spec.unit)
    except UnitError:
        return None


# --- against each other ---------------------------------------------------------------------------

_FAR_APART = 500  # between years: less than a factor of 1000 (kg for t), more than growth
_ROUNDING = 1e-3  # by which a part may exceed its whole
_EXACT = 1e-9  # by which sums of numbers differ in the last digits


@dataclass(frozen=True)
class Sizes:
    """What the amounts of a region are held against.

    Attributes
    ----------
    km2, persons : Series of float
        Land area and population by region; NaN where they are not known.
    cells : DataFrame
        Area of each ecosystem type in each region: ``region``, ``ecosystem``, ``area`` (km2).
    label : callable
        Names a region or ecosystem type (``dim``, ``name``) in messages.
    within : callable
        Returns the ecosystem types within listed ones, themselves included.
    """

    km2: pd.Series
    persons: pd.Series
    cells: pd.DataFrame
    label: Callable[[str, str], Label]
    within: Callable[[Iterable[str]], Collection[str]]


def check_proportions(
    data: Data, year: int, names: Mapping[str, DataName], sizes: Sizes, problems: ProblemLog
) -> None:
    """Hold the data of a year against the size of the regions, other data, and another year.

    Parameters
    ----------
    data : Data
    year : int
    names : mapping of str to DataName
        The data names of the standard.
    sizes : Sizes
        Regions that are not in it are passed over.
    problems : ProblemLog
        Collects the warning ``implausible``.
    """
    names = {**COMMON, **names}
    rows_of_year = data.of(year)
    earlier = [other for other in data.years if other < year]
    rows_before = data.of(earlier[-1]) if earlier else {}
    held = _held_by_name(rows_of_year, names, sizes)
    held_before = _held_by_name(rows_before, names, sizes)
    for name, quantity in held.items():
        if name in held_before:
            _check_years(
                quantity,
                held_before[name],
                earlier[-1],
                sizes,
                problems,
            )
        _check_size(quantity, "km2", sizes, problems)
        _check_size(quantity, "person", sizes, problems)
        _check_least(quantity, problems)
        for bound in quantity.spec.at_most:
            if bound.data == AREA:
                _check_at_most(
                    quantity,
                    bound,
                    _held_area(sizes),
                    sizes,
                    problems,
                )
            elif bound.data in held:
                _check_at_most(
                    quantity,
                    bound,
                    held[bound.data],
                    sizes,
                    problems,
                )


def check_means(
    rows_by_name: Mapping[str, pd.DataFrame],
    names: Mapping[str, DataName],
    sizes: Sizes,
    problems: ProblemLog,
) -> None:
    """Hold means of rasters by region against other data that they should not exceed, or exceed.

    Parameters
    ----------
    rows_by_name : mapping of str to DataFrame
        Rows of each data name; those with a ``row`` below 0 hold means of a raster.
    names : mapping of str to DataName
        The data names of the standard.
    sizes : Sizes
        Its regions are those of which rows count.
    problems : ProblemLog
        Collects the warning ``implausible``. Rows of two tables are not held against each other:
        ``check_proportions`` has done so.
    """
    held = _held_by_name(rows_by_name, {**COMMON, **names}, sizes)
    for quantity in held.values():
        for bound in quantity.spec.at_most:
            other = held.get(bound.data)
            if other is not None and (_has_means(quantity.rows) or _has_means(other.rows)):
                _check_at_most(quantity, bound, other, sizes, problems)


def _has_means(rows: pd.DataFrame) -> bool:
    """Return whether some of the rows stand for a raster."""
    return bool((rows["row"] < 0).any())


@dataclass(frozen=True)
class _Held:
    """The numbers of one data name in a year.

    Attributes
    ----------
    label : Label or Text
    spec : DataName
    rows : DataFrame
        Rows with a number, of regions with areas, and their ``amount`` in the unit of ``spec``.
    """

    label: Label | Text
    spec: DataName
    rows: pd.DataFrame


def _held_by_name(
    rows_by_name: Mapping[str, pd.DataFrame], names: Mapping[str, DataName], sizes: Sizes
) -> dict[str, _Held]:
    """Collect the numbers of each data name that is known; wrong units are problems already."""
    held: dict[str, _Held] = {}
    for name, rows in rows_by_name.items():
        if name not in names:
            continue
        spec = names[name]
        scales = {unit: _scale(str(unit), spec) for unit in rows["unit"].unique()}
        scale = rows["unit"].map(scales).to_numpy(dtype=float)
        amount = rows["value"].to_numpy(dtype=float) * scale
        counted = np.isfinite(amount) & rows["region"].isin(sizes.km2.index).to_numpy()
        frame = rows.assign(amount=amount)[counted]
        held[name] = _Held(data_label(name, names), spec, frame)
    return held


def _held_area(sizes: Sizes) -> _Held:
    """Return the areas of ecosystem types as numbers that others are held against."""
    title = Title(zh="面积", en="Area")
    spec = DataName(name=title, unit="km2", keys=("region", "ecosystem"))
    rows = sizes.cells.rename(columns={"area": "amount"}).assign(value=sizes.cells["area"])
    return _Held(text("inputs.area"), spec, rows.assign(unit="km2", file="", row=0))


def _check_years(
    quantity: _Held, before: _Held, year_before: int, sizes: Sizes, problems: ProblemLog
) -> None:
    """Warn where a number is many times that of the same cell in an earlier year, or a fraction."""
    keys = list(dict.fromkeys(["region", *quantity.spec.keys]))  # the others are blank
    columns = [*keys, "amount", "value", "unit", "file", "row"]
    both = quantity.rows[columns].merge(before.rows[columns], on=keys, suffixes=("", "_before"))
    now = both["amount"].abs()
    then = both["amount_before"].abs()
    is_far = (now > _FAR_APART * then) | (then > _FAR_APART * now)
    far = both[(is_far & (now > 0) & (then > 0)).to_numpy()]
    for file, rows in far.groupby("file", sort=False, observed=True):
        first = rows.iloc[0]
        problems.add(
            "implausible",
            row_place(str(file), rows["row"]),
            "inputs.far-from-other-year",
            name=quantity.label,
            region=sizes.label("region", first["region"]),
            value=float(first["value"]),
            unit=first["unit"],
            year=year_before,
            value_before=float(first["value_before"]),
            unit_before=first["unit_before"],
            place_before=row_place(str(first["file_before"]), [first["row_before"]]),
        )


def _check_size(
    quantity: _Held, unit: Literal["km2", "person"], sizes: Sizes, problems: ProblemLog
) -> None:
    """Warn where the sum of a region's rows is out of proportion to its area or population."""
    spec = quantity.spec
    limits = spec.per_km2 if unit == "km2" else spec.per_person
    if limits is None:
        return
    size = sizes.km2 if unit == "km2" else sizes.persons
    total = quantity.rows.groupby("region", sort=False, observed=True)["amount"].sum()
    ratio = total / size.reindex(total.index).where(lambda known: known > 0)
    is_outside = (ratio < limits[0] * (1 - _EXACT)) | (ratio > limits[1] * (1 + _EXACT))
    outside = ratio[(is_outside & (total != 0)).to_numpy()]
    rows_outside = quantity.rows[quantity.rows["region"].isin(outside.index).to_numpy()]
    for file, rows in rows_outside.groupby("file", sort=False, observed=True):
        region = rows["region"].iloc[0]
        regions = [sizes.label("region", code) for code in rows["region"].unique()]
        problems.add(
            "implausible",
            row_place(str(file), rows["row"]),
            f"inputs.out-of-proportion-to-{unit}",
            name=quantity.label,
            region=regions[0],
            also=text("inputs.also-of", regions=regions[1:]) if regions[1:] else "",
            total=float(total[region]),
            ratio=float(ratio[region]),
            size=float(size[region]),
            low=limits[0],
            high=limits[1],
            target=spec.unit,
        )


def _check_least(quantity: _Held, problems: ProblemLog) -> None:
    """Warn where the numbers of all regions are so low that their unit must be another one."""
    least = quantity.spec.mean_min
    rows = quantity.rows
    if least is None or rows.empty:
        return
    most = rows["amount"].max()
    if not 0 < most < least:  # where all are 0 there is no unit to be doubted
        return
    for file, rows_of_file in rows.groupby("file", sort=False, observed=True):
        problems.add(
            "implausible",
            row_place(str(file), rows_of_file["row"]),
            "inputs.all-too-low",
            name=quantity.label,
            most=float(most),
            least=least,
            unit=quantity.spec.unit,
        )


def _check_at_most(
    quantity: _Held, bound: AtMost, other: _Held, sizes: Sizes, problems: ProblemLog
) -> None:
    """Warn where a number exceeds another of its region.

    Members of keys that the other does not have are summed, but for ecosystem types, each of which
    is held against it.
    """
    keys = list(quantity.spec.keys)
    shared = [key for key in keys if key in other.spec.keys]
    scale = _scale(other.spec.unit, quantity.spec)
    only_other_has_types = "ecosystem" in other.spec.keys and "ecosystem" not in shared
    if scale is None or (only_other_has_types and bound.data != AREA):
        return  # numbers of ecosystem types have no sum to be held against
    cell = list(dict.fromkeys(["region", *shared]))
    if "ecosystem" in keys and "ecosystem" not in cell:
        cell.append("ecosystem")
    excepted = sizes.within(bound.except_) if bound.except_ else ()
    rows = quantity.rows[~quantity.rows["ecosystem"].isin(list(excepted)).to_numpy()]
    amounts = rows.groupby(cell, sort=False, observed=True)["amount"].sum().reset_index()
    on = [key for key in cell if key in ("region", *shared)]
    most = other.rows.groupby(on, sort=False, observed=True)["amount"].sum() * (scale * bound.times)
    held = amounts.merge(most.rename("most").reset_index(), on=on)
    beyond = held[(held["amount"] > held["most"] * (1 + _ROUNDING)).to_numpy()]
    if beyond.empty:
        return
    rows = rows.merge(beyond[[*cell, "most"]], on=cell)
    for file, rows_of_file in rows.groupby("file", sort=False, observed=True):
        first = rows_of_file.iloc[0]
        is_first = (beyond[cell] == first[cell]).all(axis=1).to_numpy()
        members = [sizes.label(key, str(first[key])) for key in cell if first[key] != ""]
        other_rows = other.rows[(other.rows[on] == first[on]).all(axis=1).to_numpy()]
        message = "inputs.mean-more-than" if _has_means(rows_of_file) else "inputs.more-than"
        problems.add(
            "implausible",
            row_place(str(file), rows_of_file["row"]),
            message,
            count=rows_of_file["region"].nunique(),
            name=quantity.label,
            members=members,
            value=float(beyond.loc[is_first, "amount"].iloc[0]),
            most=float(first["most"]),
            unit=quantity.spec.unit,
            other=other.label,
            other_place=_other_place(other_rows, bound),
        )


def _other_place(rows: pd.DataFrame, bound: AtMost) -> Text | Place:
    """Return where the number is that another exceeds; the areas are known by their table."""
    if bound.data == AREA:
        return text("inputs.of-areas")
    return row_place(str(rows["file"].iloc[0]), rows["row"])
