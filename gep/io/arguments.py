"""Tables given as arguments (表参数): data frames and arrays as the text that a file would hold.

Owns what a DataFrame or an xarray object means in the columns of a file: its axes, units and row
labels. What the columns must be, and every check of cells, is left to ``gep.io.tables``: an
argument passes the same door as a file.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, KeysView, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union, cast

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound, make_problem
from gep.io.distinct_cells import Distinct

if TYPE_CHECKING:
    import xarray as xr

# xarray is loaded by those who use it, so that its types are named only
TableArgument: TypeAlias = Union[str, Path, pd.DataFrame, "xr.DataArray", "xr.Dataset"]

_VALUES = (
    "area",
    "value",
    "share",
    "target",
    "amount",
)  # columns that the cells of a wide table are
_NAMES = ("name", "coefficient")  # columns that the variables of a dataset are
_SHARE = "share"  # what the cells of a wide crosswalk are, whose tables may leave the column out
_UNITS = "units"  # the attribute of frames and arrays
_JOINT = "/"  # between the labels of a cell
_HALF_LETTER = re.compile("[\ud800-\udfff]")  # which Python's texts may hold and no file can
_LOST_LETTER = "\ufffd"
_LAST_ROW = 10**9  # larger labels are no numbers of rows


@dataclass(frozen=True, eq=False)
class GivenTable:
    """A table that is an argument instead of a file.

    Attributes
    ----------
    name : str
        The argument, as messages name it.
    content : DataFrame, DataArray or Dataset
        In the columns of the file, or with named axes.
    shared : mapping of str to str
        Columns that the table may leave out, with the cell that all rows have, such as the year.
    """

    name: str
    content: Any
    shared: Mapping[str, str] = field(default_factory=dict)


TableSource: TypeAlias = Path | GivenTable


@dataclass(frozen=True)
class GivenCells:
    """The cells of a given table.

    Attributes
    ----------
    columns : dict of str to Distinct
        Its columns, as text.
    rows : ndarray of int
        The numbers of its rows.
    labels : mapping of int to str
        The labels of rows, where these are not their numbers.
    """

    columns: dict[str, Distinct]
    rows: np.ndarray
    labels: Mapping[int, str]


def is_array(argument: object) -> bool:
    """Return whether an argument is a DataArray or Dataset of xarray, without loading xarray."""
    return type(argument).__module__.partition(".")[0] == "xarray"


def table_source(argument: object, name: str, **shared: object) -> TableSource:
    """Return what a table is read from: a path, or the argument itself.

    Parameters
    ----------
    argument : str, Path, DataFrame, DataArray or Dataset
        A path, also ``book.xlsx#sheet``; or a table.
    name : str
        The argument, as messages name it.
    **shared
        Cells of columns that the table may leave out; None leaves them to the table.

    Returns
    -------
    Path or GivenTable

    Raises
    ------
    ProblemsFound
        ``wrong-argument`` for anything else.
    """
    if isinstance(argument, str | Path):
        return Path(argument)
    if isinstance(argument, pd.DataFrame) or is_array(argument):
        cells = {column: str(cell) for column, cell in shared.items() if cell is not None}
        return GivenTable(name, argument, cells)
    raise wrong_argument(argument, name, "io.not-a-table")


def named_source(argument: object, name: str) -> "str | GivenTable":
    """Return what something with ids is read from: an id or path, or the argument itself.

    Parameters
    ----------
    argument : str, Path, DataFrame, DataArray or Dataset
    name : str
        The argument, as messages name it.

    Returns
    -------
    str or GivenTable

    Raises
    ------
    ProblemsFound
        ``wrong-argument`` for anything else.
    """
    source = table_source(argument, name)
    return source if isinstance(source, GivenTable) else str(argument)


def wrong_argument(argument: object, name: str, message: str, **values: object) -> ProblemsFound:
    """Make the error ``wrong-argument``: an argument of a type that says nothing here.

    Parameters
    ----------
    argument : object
    name : str
        The argument, as messages name it.
    message : str
        Key of the catalogue, whose placeholder ``type`` is the type found.
    **values
        Values of other placeholders.

    Returns
    -------
    ProblemsFound
    """
    kind = type(argument).__name__
    return ProblemsFound([make_problem("wrong-argument", name, message, type=kind, **values)])


def files_read(source: TableSource) -> tuple[Path, ...]:
    """Return the file that a table was read from; none for an argument.

    Parameters
    ----------
    source : Path or GivenTable

    Returns
    -------
    tuple of Path
    """
    return () if isinstance(source, GivenTable) else (source,)


def whole_letters(word: str) -> str:
    """Return a text with the sign for a lost letter in the place of each half of a letter.

    Parameters
    ----------
    word : str

    Returns
    -------
    str
        What a file in UTF-8, and a column that Arrow holds, can have.
    """
    return _HALF_LETTER.sub(_LOST_LETTER, word)


def is_several(argument: object) -> bool:
    """Return whether an argument is a list of things: list, tuple, set, range, or one of pandas.

    Parameters
    ----------
    argument : object

    Returns
    -------
    bool
        False for a str, a Path, a DataFrame, an array of xarray and a generator.
    """
    if isinstance(argument, np.ndarray):
        return argument.ndim == 1
    kinds = (list, tuple, set, frozenset, range, pd.Index, pd.Series, KeysView, ValuesView)
    return isinstance(argument, kinds)


def several(argument: object) -> list[Any]:
    """Return an argument that may be one thing or several of them as a list.

    Parameters
    ----------
    argument : object
        None, a thing, or several of them (see ``is_several``).

    Returns
    -------
    list
    """
    if argument is None:
        return []
    if is_several(argument):
        return list(cast("Iterable[Any]", argument))
    return [argument]


def names_of_several(argument: object, name: str) -> list[tuple[Any, str]]:
    """Return the tables of an argument, each with the name that messages give it.

    Parameters
    ----------
    argument : object
        See ``several``.
    name : str

    Returns
    -------
    list of (object, str)
        The name is ``data`` for a single table, else ``data[0]`` and so on.
    """
    tables = several(argument)
    if not isinstance(argument, list | tuple) or len(tables) == 1:
        return [(table, name) for table in tables]
    return [(table, f"{name}[{position}]") for position, table in enumerate(tables)]


def given_cells(
    given: GivenTable,
    required: Sequence[str],
    has: Callable[[str], bool],
    problems: ProblemLog,
) -> GivenCells | None:
    """Return a given table in the columns of a file.

    Parameters
    ----------
    given : GivenTable
    required : sequence of str
        The columns that the table must have.
    has : callable
        Whether the table may have a column.
    problems : ProblemLog
        Receives ``unknown-column`` for axes that are no columns, ``missing-column`` where an axis
        has no labels, or there are no cells or not one unit, and ``duplicate-column``.

    Returns
    -------
    GivenCells or None
        None if the axes cannot be understood.
    """
    reader = _GivenReader(given, tuple(required), has, problems)
    content = given.content
    if isinstance(content, pd.DataFrame):
        return reader.of_frame(content)
    if hasattr(content, "data_vars"):
        return reader.of_dataset(content)
    return reader.of_array(content)


class _GivenReader:
    """Turns one given table into cells."""

    def __init__(
        self,
        given: GivenTable,
        required: tuple[str, ...],
        has: Callable[[str], bool],
        problems: ProblemLog,
    ) -> None:
        self.given = given
        self.required = required
        self.has = has
        self.problems = problems
        cell_column = _SHARE if has(_SHARE) else ""
        self.value = next((name for name in _VALUES if name in required), cell_column)

    def of_frame(self, frame: pd.DataFrame) -> GivenCells | None:
        """Return the cells of a DataFrame: in the columns of the file, or a wide one."""
        labels = _row_labels(frame.index)
        attributes = dict(frame.attrs)
        columns = self._columns_of_index(frame)
        cell_columns = []
        names = []
        for position, label in enumerate(frame.columns):
            name = self._name_of_column(label)
            if name is None:
                cell_columns.append(position)
            else:
                names.append(name)
                columns[name] = _cells_of(frame, position)
        if not self._are_different(names):
            return None
        levels = enumerate(frame.columns.names)
        axes = {level: str(axis) for level, axis in levels if axis is not None}
        is_wide = bool(axes and cell_columns and self.value)
        if not is_wide or not columns.keys().isdisjoint([self.value, *axes.values()]):
            for position in cell_columns:
                label = frame.columns[position]
                columns[str(label)] = _cells_of(frame, position)
            return self._finish(columns, labels, attributes, is_wide=False, count=len(frame))
        heads = []
        for position in cell_columns:
            label = frame.columns[position]
            heads.append(label if isinstance(label, tuple) else (label,))
        nameless = self._nameless(heads, axes)
        if not self._are_axes([*axes.values(), *nameless]):
            return None
        wide: dict[str, np.ndarray] = {}
        for name, column in columns.items():
            wide[name] = np.repeat(column, len(heads))
        for level, axis in axes.items():
            members = np.array([head[level] for head in heads], dtype=object)
            wide[axis] = np.tile(members, len(frame))
        cells = frame.iloc[:, cell_columns]
        wide[self.value] = cells.to_numpy(dtype=object).ravel()
        cell_labels = []
        for row_label in labels:
            for head in heads:
                words = map(str, (row_label, *head))
                cell_labels.append(_JOINT.join(words))
        count = cells.size
        return self._finish(wide, cell_labels, attributes, is_wide=True, count=count)

    def _nameless(self, heads: Sequence[Sequence[object]], axes: Collection[int]) -> list[str]:
        """Return the labels of levels that have no name, except the name of the cells.

        ``pivot(values=["area"])`` writes that above all columns.
        """
        labels: dict[str, None] = {}
        for head in heads:
            for level, label in enumerate(head):
                if level not in axes:
                    labels[str(label)] = None
        labels.pop(self.value, None)
        return list(labels)

    def _are_different(self, names: Sequence[str]) -> bool:
        """Return whether no column is there twice; else report it: ``duplicate-column``."""
        repeated = {name: count for name, count in Counter(names).items() if count > 1}
        for name, count in repeated.items():
            place = Place(self.given.name, column=name)
            self.problems.add("duplicate-column", place, "io.duplicate-column", count=count)
        return not repeated

    def _columns_of_index(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return the levels of an index that are columns of the file and not of the frame."""
        columns = {}
        for level in frame.index.names:
            if level is None or level in frame.columns:
                continue
            name = str(level)
            if self.has(name):
                members = frame.index.get_level_values(level)
                columns[name] = members.to_numpy(dtype=object)
        return columns

    def _name_of_column(self, label: object) -> str | None:
        """Return the column of the file that a frame's column is; None for a column of cells."""
        name = label
        if isinstance(label, tuple) and label[-1] == "":
            name = str(label[0])
        if isinstance(name, str) and self.has(name):
            return name
        return None

    def of_array(self, array: "xr.DataArray") -> GivenCells | None:
        """Return the cells of a DataArray, an axis a column."""
        if self.value not in self.required and self.has(str(array.name)):
            return self._of_columns(array.to_dataset())
        pieces = self._array_columns(array, array.name)
        return None if pieces is None else self._finish_wide(pieces, dict(array.attrs))

    def of_dataset(self, dataset: "xr.Dataset") -> GivenCells | None:
        """Return the cells of a Dataset: its variables are columns, or names of data."""
        variables = dataset.data_vars
        has_value = self.value in variables and all(self.has(str(name)) for name in variables)
        has_names = any(name in self.required for name in _NAMES)
        if has_value or self.value not in self.required or not has_names:
            return self._of_columns(dataset)
        gathered: dict[str, list[np.ndarray]] = {}
        count = 0
        for name, array in variables.items():
            columns = self._array_columns(array, name)
            if columns is None:
                return None
            shared = {**dataset.attrs, **array.attrs}
            size = array.size
            for column, cell in self._shared_cells(shared, columns).items():
                columns[column] = np.full(size, cell, dtype=object)
            for column, cells in columns.items():
                before = gathered.setdefault(column, [np.full(count, None, dtype=object)])
                missing = count - sum(map(len, before))
                before += [np.full(missing, None, dtype=object), cells]
            count += size
        columns = {}
        for column, pieces in gathered.items():
            missing = count - sum(map(len, pieces))
            columns[column] = np.concatenate([*pieces, np.full(missing, None, dtype=object)])
        return self._finish_wide(columns, {})

    def _of_columns(self, dataset: "xr.Dataset") -> GivenCells | None:
        """Return the cells of a Dataset whose variables are columns of the file."""
        dims = [str(dim) for dim in dataset.dims]
        if not self._are_axes(dims) or not self._have_labels(dataset):
            return None
        if dims:
            frame = dataset.to_dataframe().reset_index()
        else:  # single numbers, or nothing at all
            cells = {}
            for name, variable in dataset.variables.items():
                cells[name] = [variable.values.item()]
            frame = pd.DataFrame(cells)
        columns = {str(name): frame[name].to_numpy(dtype=object) for name in frame.columns}
        attributes = dict(dataset.attrs)
        units = {}
        for name, array in dataset.data_vars.items():
            unit = array.attrs.get(_UNITS)
            of_column = f"{name}_unit"
            if unit and self.has(of_column):
                attributes[of_column] = unit
            elif unit:
                units[str(unit)] = str(name)
                attributes[_UNITS] = unit
        if len(units) > 1 and self.has("unit"):
            place = Place(self.given.name, column="unit")
            self.problems.add(
                "missing-column",
                place,
                "io.given-several-units",
                names=tuple(units.values()),
                units=tuple(units),
            )
            return None
        if self.value in columns:
            return self._finish_wide(columns, attributes)
        labels = _joined_labels([columns[dim] for dim in dims], len(frame))
        return self._finish(columns, labels, attributes, is_wide=False, count=len(frame))

    def _array_columns(self, array: "xr.DataArray", name: object) -> dict[str, np.ndarray] | None:
        """Return an array's axes and cells as columns; None if the axes cannot be understood."""
        dims = [str(dim) for dim in array.dims]
        if not self.value:
            self.problems.add(
                "unknown-column",
                self.given.name,
                "io.given-no-column",
                name=str(name),
            )
            return None
        if not self._are_axes(dims) or not self._have_labels(array):
            return None
        columns: dict[str, np.ndarray] = {}
        for axis, dim in enumerate(array.dims):
            coordinate = array.coords[dim]
            members = np.asarray(coordinate.values, dtype=object)
            shape = [1] * array.ndim
            shape[axis] = len(members)
            members = members.reshape(shape)
            spread = np.broadcast_to(members, array.shape)
            columns[str(dim)] = spread.ravel()
        for coord, values in array.coords.items():
            column = str(coord)
            if column not in columns and self.has(column):
                spread_values = values.broadcast_like(array).transpose(*array.dims)
                columns[column] = np.asarray(spread_values.values, dtype=object).ravel()
        for column in _NAMES:
            if column in self.required and name is not None:
                columns.setdefault(column, np.full(array.size, str(name), dtype=object))
                break
        cells = np.asarray(array.values, dtype=object)
        columns[self.value] = cells.ravel()
        return columns

    def _finish_wide(
        self, columns: dict[str, np.ndarray], attributes: Mapping[str, object]
    ) -> GivenCells | None:
        """Return the cells of an array, labelled by the members of its axes."""
        if self.value not in columns:
            place = Place(self.given.name, column=self.value)
            self.problems.add(
                "missing-column",
                place,
                "io.missing-column",
                columns=self.required,
            )
            return None
        count = len(columns[self.value])
        axes = []
        for name, cells in columns.items():
            if name != self.value and name not in ("unit", "source", "locator", "grade"):
                axes.append(cells)
        labels = _joined_labels(axes, count)
        return self._finish(columns, labels, attributes, is_wide=True, count=count)

    def _finish(
        self,
        columns: dict[str, np.ndarray],
        labels: Sequence[object],
        attributes: Mapping[str, object],
        *,
        is_wide: bool,
        count: int,
    ) -> GivenCells | None:
        """Return columns as text, with what all rows share; cells of a wide table may be absent."""
        for column, cell in self._shared_cells(attributes, columns).items():
            columns[column] = np.full(count, cell, dtype=object)
        if is_wide and "unit" in self.required and "unit" not in columns:
            place = Place(self.given.name, column="unit")
            self.problems.add("missing-column", place, "io.given-without-units")
            return None
        numbers = np.arange(count)
        kept = np.ones(count, dtype=bool)
        if is_wide:
            kept = ~pd.isna(columns[self.value])
        texts = {}
        for name, cells in columns.items():
            texts[whole_letters(name)] = text_cells(cells[kept])
        texts.pop("row", None)  # rows have the numbers that their labels give
        rows = numbers[kept]
        if _are_numbers(labels):
            return GivenCells(texts, np.asarray(labels, dtype=int)[kept], {})
        return GivenCells(texts, rows, {int(row): str(labels[row]) for row in rows})

    def _shared_cells(
        self, attributes: Mapping[str, object], columns: Mapping[str, np.ndarray]
    ) -> dict[str, Any]:
        """Return the cells that all rows share, by column: from attributes and other arguments."""
        cells: dict[str, Any] = dict(self.given.shared)
        for name, cell in attributes.items():
            column = "unit" if name == _UNITS else str(name)
            if self.has(column) and isinstance(cell, str | int | float | np.generic):
                cells[column] = cell
        units = attributes.get(_UNITS)
        members = next((columns[name] for name in _NAMES if name in columns), None)
        if isinstance(units, Mapping) and members is not None and "unit" not in columns:
            by_member = [units.get(member, "") for member in members]
            cells["unit"] = np.array(by_member, dtype=object)
        return {name: cell for name, cell in cells.items() if name not in columns}

    def _are_axes(self, names: Sequence[str]) -> bool:
        """Return whether all axes are columns of the file; else report them."""
        unknown = [name for name in names if not self.has(name) or name == self.value]
        if unknown:
            self._report_axes(unknown)
        return not unknown

    def _report_axes(self, names: Sequence[str]) -> None:
        """Report axes that are no columns of the file: ``unknown-column``."""
        columns = [name for name in self.required if name not in (self.value, "unit")]
        self.problems.add(
            "unknown-column",
            self.given.name,
            "io.given-axes",
            names=tuple(names),
            columns=tuple(columns),
        )

    def _have_labels(self, array: "xr.DataArray | xr.Dataset") -> bool:
        """Return whether all axes have labels; else report them: ``missing-column``."""
        bare = [str(dim) for dim in array.dims if dim not in array.coords]
        if bare:
            place = Place(self.given.name, column=bare[0])
            self.problems.add("missing-column", place, "io.given-axis-without-labels", name=bare[0])
        return not bare


def _cells_of(frame: pd.DataFrame, position: int) -> np.ndarray:
    """Return a column of a frame by its position, since names may be there twice."""
    cells: np.ndarray = frame.iloc[:, position].to_numpy(dtype=object)
    return cells


def _row_labels(index: pd.Index) -> list[object]:
    """Return the labels of rows; of several levels joined."""
    if isinstance(index, pd.MultiIndex):
        return [_JOINT.join(map(str, label)) for label in index]
    return list(index)


def _joined_labels(columns: Sequence[np.ndarray], count: int) -> list[object]:
    """Join the members of axes to a label each."""
    if not columns:
        return list(range(count))
    labels: list[object] = []
    for members in zip(*columns, strict=True):
        labels.append(_JOINT.join(str(member) for member in members if member is not None))
    return labels


def _are_numbers(labels: Sequence[object]) -> bool:
    """Return whether labels are different whole numbers, which can be numbers of rows."""
    for label in labels:
        if not isinstance(label, int | np.integer) or isinstance(label, bool):
            return False
        if not 0 <= label <= _LAST_ROW:
            return False
    return len(set(labels)) == len(labels)


def text_cells(cells: np.ndarray) -> Distinct:
    """Return the different cells of a column as the text that a CSV would have.

    Parameters
    ----------
    cells : ndarray
        A column, of whatever values; one without a value is blank.

    Returns
    -------
    Distinct
    """
    if cells.dtype == object and pd.api.types.infer_dtype(cells).startswith("mixed"):
        return Distinct.of(_texts_of(cells))
    try:
        different = Distinct.of(cells)
    except TypeError:  # lists and the like, which are not compared
        return Distinct.of(_texts_of(cells))
    return different.with_words(_texts_of(different.words).tolist())


def _texts_of(cells: Iterable[object]) -> np.ndarray:
    """Return cells as text one by one: 1 and True are equal, and are not the same text."""
    texts = []
    for value in cells:
        is_gap = pd.api.types.is_scalar(value) and pd.isna(value)
        texts.append("" if is_gap else _text(value))
    return np.array(texts, dtype=object)


def _text(value: object) -> str:
    """Return a cell as text: numbers in full, dates as ``2020-05-01``.

    Whole floats have no decimals: pandas makes floats of codes and years where a cell is blank.
    """
    if isinstance(value, str):
        return whole_letters(value).strip()
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        number = float(value)
        is_whole = number.is_integer() and abs(number) < 2**53
        return f"{number:.0f}" if is_whole else repr(number)
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, date):  # timestamps are dates too
        return value.isoformat()[:10]
    return str(value)
