"""Binding (绑定): an input of a step and the rows that supply its numbers.

Arrays are bare; their dimensions follow the order of ``DIMS``, and an array without a dimension
does not vary along it. NaN is na, or a number that is missing: ``BoundInput.missing`` keeps them
apart. What a step runs over is found in ``gep.plan.axes``; links to other steps and areas are bound
in ``gep.plan.steps``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from gep.extent.extent import CELL_DIMS
from gep.inputs.coefficients import CoefficientSet, Scope
from gep.inputs.data import NONE, expand_absent
from gep.inputs.day_cells import DAY
from gep.inputs.value_rows import GRADE, KEYS, grade_names, is_readable
from gep.io.csv_excel import row_place
from gep.io.days import labels_of_stretches
from gep.io.distinct_cells import is_blank
from gep.io.tables import suggestion
from gep.plan.binding_context import (
    BindingContext,
    MissingInput,
    StepInput,
    region_ancestors,
    suggest_scope_fix,
)
from gep.plan.dims import Axes, expand
from gep.plan.prices import convert_prices, fill_price_years, pick_price_year
from gep.standards.standard import Key
from gep.texts.catalogue import Sayable, Text, text
from gep.units import UnitError, factor, has_money

_COLUMNS = (
    "value",
    "na",
    "unit",
    "price_year",
    "grade",
    "file",
    "row",
    "set",
    "source",
    "locator",
    "note",
)
_NO_ROWS = pd.DataFrame(columns=["name", *KEYS, *_COLUMNS])  # of a name that has none


@dataclass(frozen=True)
class BoundInput:
    """An input bound to the rows that supply its numbers.

    Attributes
    ----------
    dims : tuple of str
        Dimensions of the arrays.
    values : ndarray of float
        Over ``dims``, in the unit that the method expects; NaN where the row says na or no row was
        found.
    rows : ndarray of int
        Over ``dims``: positions of the rows in ``frame``, -1 where none was found.
    frame : DataFrame
        Candidate rows (see ``gep.inputs.value_rows``) with ``factor`` and ``nominal``; ``grade`` is
        the worse of the row's own, ``own_grade``, and of the price index that converts it,
        ``index_grade`` (its name; blank if there is none). ``typical`` marks rows of sets of
        typical values. The rows of a bound area have only ``value``, ``grade``, ``nominal``,
        ``typical`` and ``area``.
    missing : ndarray of bool
        Over ``dims``: cells that need a number and have no row.
    outside : ndarray of bool or None
        Cells whose number is used outside the scope of its set, over region and ``dims``; None if
        there are none.
    index : DataFrame or None
        The ``price_index`` rows behind the factors.
    """

    dims: tuple[str, ...]
    values: np.ndarray
    rows: np.ndarray
    frame: pd.DataFrame
    missing: np.ndarray
    outside: np.ndarray | None = None
    index: pd.DataFrame | None = None

    def mark(self, column: str) -> np.ndarray:
        """Return a column of the rows behind each cell, as uint8; 0 where there is no row."""
        marks = self.frame[column].to_numpy(dtype=np.uint8)
        marks = np.append(marks, np.uint8(0))  # at the last position, which is -1
        return np.asarray(marks[self.rows])

    @cached_property
    def used(self) -> pd.DataFrame:
        """The rows that supply at least one cell."""
        is_used = np.zeros(len(self.frame), dtype=bool)
        is_used[self.rows[self.rows >= 0]] = True
        return self.frame if is_used.all() else self.frame[is_used]

    @cached_property
    def files(self) -> frozenset[str]:
        """The files of these rows; of areas there are none."""
        return frozenset(self.used["file"]) if "file" in self.frame else frozenset()


def bind_data(source: StepInput, axes: Axes, context: BindingContext) -> BoundInput:
    """Bind an input to the data rows of the account's year.

    A cell without a row of data takes the row of that name of the first set of typical values that
    has one: what was measured goes first.

    Parameters
    ----------
    source : StepInput
        The input, bound to data.
    axes : Axes
        What the step runs over.
    context : BindingContext
        Its problems receive ``open-key``, ``unused-data``, ``duplicate-row``, ``wrong-dimension``,
        ``nominal-price`` and ``placeholder``; missing rows, prices that cannot be converted and the
        members asked for are noted.

    Returns
    -------
    BoundInput
    """
    binding = source.binding
    context.note_asked(("data", binding.data), binding, axes.members)
    frame = select_members(context.data.get(binding.data), binding.at)
    frame = expand_absent(frame, axes.members)
    typical = _rows_of_sets(binding.data, source, context.typical_sets, context)
    filled = _filled_keys(frame).union(*[set_rows.filled for set_rows in typical])
    # without rows the keys that the standard declares decide what is missing
    has_rows = len(frame) or typical
    declared = () if has_rows else context.standard.spec.data[binding.data].keys
    dims: list[str] = []
    for key in KEYS:
        if key in binding.at:
            continue
        expected = key in declared and (key == "ecosystem" or key in axes.members)
        if key == "region" or key in filled or expected:
            dims.append(key)
    open_keys = _open_keys(dims, axes)
    if open_keys:
        return _bind_open_keys(source, open_keys, axes, context)
    if "ecosystem" in dims:
        _check_cells_without_area(source, frame, context)
    frame = fill_price_years(frame, context.problems)
    frame = pick_price_year(frame, binding.index, context.prices)
    inherited = context.inherited(binding.data)
    labels = _labels(dims, axes, context, inherited.__contains__)
    if "ecosystem" in dims and "ecosystem" in inherited:
        labels["ecosystem"].append(pd.Index([""] * len(labels["ecosystem"][0]), dtype=object))
    keys = dims
    if typical and len(frame):
        keys = [key for key in dims if key in ("region", *_filled_keys(frame))]
    rows = lookup_rows(frame, keys, dims, labels)
    if typical:
        shape = [axes.size(dim) for dim in dims]
        rows, frame = _fill_from_sets(
            np.broadcast_to(rows, shape),
            frame,
            typical,
            dims=dims,
            axes=axes,
            context=context,
        )
    return _convert_and_check(
        source,
        rows,
        frame,
        dims=tuple(dims),
        axes=axes,
        context=context,
    )


def _check_cells_without_area(
    source: StepInput, frame: pd.DataFrame, context: BindingContext
) -> None:
    """Warn of numbers that count nowhere, as the region has no such area (``unused-data``)."""
    extent = context.extent
    inherits = "ecosystem" in context.inherited(source.binding.data)
    region = extent.regions.get_indexer(frame["region"])
    not_zero = (frame["value"] != 0).to_numpy()
    is_na = frame["na"].to_numpy(dtype=bool)
    without_area = (region >= 0) & not_zero & ~is_na
    if inherits:  # a row without a type is of all types
        without_area &= (frame["ecosystem"] != "").to_numpy()
    for name in frame.loc[without_area, "ecosystem"].unique():
        served = context.scheme.within([name]) if inherits else {name}
        is_served = extent.ecosystems.isin(served)
        has_area = np.asarray(extent.present[:, is_served].any(axis=1))
        of_name = without_area & (frame["ecosystem"] == name).to_numpy()
        without_area[of_name] = ~has_area[region[of_name]]
    classes = context.scheme.classes
    groups = frame[without_area].groupby(["file", "ecosystem"], sort=False, observed=True)
    for (file, name), group in groups:
        place = replace(row_place(str(file), group["row"]), column="ecosystem")
        regions = context.member_labels("region", group["region"].unique())
        if name in classes:
            context.problems.add(
                "unused-data",
                place,
                "plan.data-without-area",
                name=source.name,
                ecosystem=context.member_label("ecosystem", str(name)),
                regions=regions,
            )
        else:
            context.problems.add(
                "unused-data",
                place,
                "plan.data-of-unknown-class",
                name=source.name,
                ecosystem=str(name),
                regions=regions,
                advice=suggestion(str(name), classes),
            )


@dataclass(frozen=True)
class _SetRows:
    """Rows of one coefficient in a set that has some, and the keys that they fill."""

    coefficients: CoefficientSet
    frame: pd.DataFrame
    filled: set[str]


def bind_coefficient(source: StepInput, axes: Axes, context: BindingContext) -> BoundInput:
    """Bind an input to coefficient rows; each cell takes the row of the first set that has one.

    Parameters
    ----------
    source : StepInput
        The input, bound to a coefficient.
    axes : Axes
        What the step runs over.
    context : BindingContext
        Its problems receive ``open-key``, ``wrong-keys``, ``wrong-dimension``, ``nominal-price``,
        ``placeholder`` and ``value-transfer``; missing rows and prices that cannot be converted are
        noted.

    Returns
    -------
    BoundInput
    """
    binding = source.binding
    context.note_asked(("coef", binding.coef), binding, axes.members)
    rows_of_sets = _rows_of_sets(binding.coef, source, context.sets, context)
    declared = _declared_keys(source, axes, context)
    filled = declared.union(*[set_rows.filled for set_rows in rows_of_sets])
    dims = tuple(key for key in KEYS if key in filled and key not in binding.at)
    open_keys = _open_keys(dims, axes)
    if open_keys:
        return _bind_open_keys(source, open_keys, axes, context)
    rows, frame = _fill_from_sets(
        np.full([axes.size(dim) for dim in dims], -1),
        select_members(None, {}),
        rows_of_sets,
        dims=dims,
        axes=axes,
        context=context,
    )
    return _convert_and_check(
        source,
        rows,
        frame,
        dims=dims,
        axes=axes,
        context=context,
    )


def _rows_of_sets(
    name: str, source: StepInput, sets: Sequence[CoefficientSet], context: BindingContext
) -> list[_SetRows]:
    """Return the rows of a name, set by set; adds ``wrong-keys`` for coefficients."""
    binding = source.binding
    rows_of_sets: list[_SetRows] = []
    for coefficient_set in sets:
        frame = select_members(coefficient_set.named(name), binding.at)
        if len(frame):
            frame = pick_price_year(frame, binding.index, context.prices)
            _check_declared_keys(source, frame, context)
            rows_of_sets.append(_SetRows(coefficient_set, frame, _filled_keys(frame)))
    return rows_of_sets


def _fill_from_sets(
    rows: np.ndarray,
    frame: pd.DataFrame,
    rows_of_sets: Sequence[_SetRows],
    *,
    dims: Sequence[str],
    axes: Axes,
    context: BindingContext,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Give each cell without a row (-1) that of the first set that has one.

    Returns the positions of the rows over ``dims``, and the rows with those of the sets after them.
    """
    frames = [frame] if len(frame) else []
    offset = len(frame)  # of the set's rows among all rows
    for set_rows in rows_of_sets:
        keys = tuple(key for key in dims if key in set_rows.filled)
        name = str(set_rows.frame["name"].iloc[0])
        inherits = partial(set_rows.coefficients.inherits, name)
        labels = _labels(keys, axes, context, inherits)
        if DAY in keys:
            stretches = labels_of_stretches(set_rows.frame[DAY], labels[DAY][0])
            labels[DAY] += [pd.Index(level, dtype=object) for level in stretches]
        candidates = lookup_rows(set_rows.frame, keys, dims, labels)
        is_first = (rows < 0) & (candidates >= 0)
        rows = np.where(is_first, candidates + offset, rows)
        offset += len(set_rows.frame)
        frames.append(set_rows.frame)
    if len(frames) > 1:
        frame = pd.concat(frames, ignore_index=True)
    elif frames:
        (frame,) = frames
    return rows, frame


def _declared_keys(source: StepInput, axes: Axes, context: BindingContext) -> set[str]:
    """Return the keys that rows of the coefficient must fill, as far as the step runs over them."""
    declared = context.standard.spec.coefficient.get(source.binding.coef)
    keys: set[str] = set() if declared is None else set(declared.keys)
    return keys - set(_open_keys(sorted(keys), axes))


def _check_declared_keys(source: StepInput, frame: pd.DataFrame, context: BindingContext) -> None:
    """Check (``wrong-keys``) that rows fill the keys that the standard declares for them."""
    declared = context.standard.spec.coefficient.get(source.binding.coef)
    if declared is None or frame.empty:
        return
    absent = [key for key in declared.keys if (frame[key].to_numpy() == "").any()]
    if not absent:
        return
    for file, rows in frame[(frame[absent] == "").any(axis=1)].groupby(
        "file", sort=False, observed=True
    ):
        context.problems.add(
            "wrong-keys",
            replace(row_place(str(file), rows["row"]), column=absent[0]),
            "plan.coefficient-without-keys",
            name=source.name,
            keys=tuple(declared.keys),
            absent=tuple(absent),
        )


def select_members(frame: pd.DataFrame | None, fixed: Mapping[Key, str]) -> pd.DataFrame:
    """Select the rows of the members that a binding fixes.

    Parameters
    ----------
    frame : DataFrame or None
        Rows of one name; None for a name without rows.
    fixed : mapping of str to str
        Key to member (``at``).

    Returns
    -------
    DataFrame
        The rows, numbered anew; an empty frame with the same columns for a name without rows.
    """
    if frame is None:
        return _NO_ROWS
    is_selected = np.ones(len(frame), dtype=bool)
    for key, member in fixed.items():
        is_selected &= frame[key].to_numpy() == member
    if not is_selected.all():
        frame = frame[is_selected]
    elif frame.index.equals(pd.RangeIndex(len(frame))):
        return frame
    return frame.reset_index(drop=True)


def _filled_keys(frame: pd.DataFrame) -> set[str]:
    """Return the keys that at least one row fills."""
    return {key for key in KEYS if not is_blank(frame[key])}


def _open_keys(dims: Sequence[str], axes: Axes) -> list[str]:
    """Return the keys over which the step does not run."""
    return [dim for dim in dims if dim not in CELL_DIMS and dim not in axes.members]


def dim_names(dim: str, axes: Axes, context: BindingContext) -> pd.Index:
    """Return the names along a dimension: regions, ecosystem types, or members of a key."""
    if dim == "region":
        return context.extent.regions
    if dim == "ecosystem":
        return context.extent.ecosystems
    return pd.Index(axes.members[dim], dtype=object)


def _labels(
    keys: Iterable[str], axes: Axes, context: BindingContext, inherits: Callable[[str], bool]
) -> dict[str, list[pd.Index]]:
    """Return, for each key, the names of the cells and, where rows inherit, of their parents."""
    labels: dict[str, list[pd.Index]] = {}
    for key in keys:
        names = dim_names(key, axes, context)
        labels[key] = [names]
        if inherits(key):
            if key not in context.ancestors:
                context.ancestors[key] = _ancestor_names(key, names, context)
            labels[key] += context.ancestors[key]
    return labels


def _ancestor_names(dim: str, names: pd.Index, context: BindingContext) -> list[pd.Index]:
    """Return the parents of names, then their parents, and so on; blank where there is none."""
    if dim not in CELL_DIMS:
        return []
    ancestors: list[list[str]] = []
    for name in names:
        if dim == "region":
            ancestors.append(region_ancestors(name, context.regions))
        else:
            ancestors.append(context.scheme.ancestors(name))
    depth = max((len(chain) for chain in ancestors), default=0)
    levels: list[pd.Index] = []
    for level in range(depth):
        level_names: list[str] = []
        for chain in ancestors:
            level_names.append(chain[level] if level < len(chain) else "")
        levels.append(pd.Index(level_names, dtype=object))
    return levels


def lookup_rows(
    frame: pd.DataFrame,
    keys: Sequence[str],
    dims: Sequence[str],
    labels: Mapping[str, Sequence[pd.Index]],
) -> np.ndarray:
    """Find, for every cell, the row of ``frame`` that supplies its value.

    Parameters
    ----------
    frame : DataFrame
        Candidate rows, at most one for each combination of ``keys``.
    keys : sequence of str
        The key columns that ``frame`` fills, a subset of ``dims``.
    dims : sequence of str
        Dimensions of the result.
    labels : mapping of str to sequence of Index
        For each key the labels of the cells themselves, then those of their parents, nearest first.
        A row keyed to a parent is used only where no row is keyed to the cell.

    Returns
    -------
    ndarray of int
        Row positions over ``dims`` (length 1 along dimensions that are not keys); -1 where no row
        applies.
    """
    positions, row_labels = _index_rows(frame, keys)
    shape = [len(labels[key][0]) for key in keys]
    rows = np.full(shape, -1)
    for depths in np.ndindex(*[len(labels[key]) for key in keys]):  # the cells themselves first
        wanted = [labels[key][depth] for key, depth in zip(keys, depths, strict=True)]
        codes: list[np.ndarray] = []
        for index, names in zip(row_labels, wanted, strict=True):
            codes.append(index.get_indexer(names))
        candidates = positions[np.ix_(*codes)] if codes else positions
        rows = np.where(rows < 0, candidates, rows)
    return expand(rows, keys, dims)


def _index_rows(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[np.ndarray, list[pd.Index]]:
    """Index row positions by key; the last entry of each axis is -1, for labels that no row has."""
    codes: list[np.ndarray] = []
    row_labels: list[pd.Index] = []
    for key in keys:
        key_codes, key_labels = pd.factorize(frame[key].to_numpy())
        codes.append(key_codes)
        row_labels.append(pd.Index(key_labels, dtype=object))
    shape = [len(index) + 1 for index in row_labels]
    positions = np.full(shape, -1)
    positions[tuple(codes)] = np.arange(len(frame)) if keys else 0
    return positions, row_labels


def _convert_and_check(
    source: StepInput,
    rows: np.ndarray,
    frame: pd.DataFrame,
    *,
    dims: tuple[str, ...],
    axes: Axes,
    context: BindingContext,
) -> BoundInput:
    """Convert the rows used; note what is missing, made up, or from outside its scope."""
    needed = axes.needed(dims)
    rows = np.where(needed, rows, -1)
    used = np.unique(rows[rows >= 0])
    index: pd.DataFrame | None = None
    if len(used):
        frame, index = _convert(source, frame, used, context)
    else:
        frame = _without_conversion(frame, _is_typical(frame, context))
    is_na = frame["na"].to_numpy(dtype=bool)
    converted = frame["value"].to_numpy(dtype=float) * frame["factor"].to_numpy(dtype=float)
    numbers = np.where(is_na, np.nan, converted)
    values = np.append(numbers, np.nan)[rows]
    missing = needed & (rows < 0) & ~_declared_none(dims, axes)
    for group in _missing_groups(missing, dims):
        positions = np.argwhere(group)
        cells: dict[str, tuple[str, ...]] = {}
        for axis, dim in enumerate(dims):
            names = dim_names(dim, axes, context)
            without_row = np.unique(positions[:, axis])
            cells[dim] = tuple(map(str, names[without_row]))
        context.missing.append(MissingInput(source, cells))
    is_made_up = frame["grade"].to_numpy()[used] == GRADE["placeholder"]
    if is_made_up.any() and not context.allow_placeholder:
        check_placeholders(frame.iloc[used], context)
    return BoundInput(
        dims=dims,
        values=values,
        rows=rows,
        frame=frame,
        missing=missing,
        outside=_transferred_cells(rows, frame, dims, context),
        index=index,
    )


def _missing_groups(missing: np.ndarray, dims: Sequence[str]) -> Iterator[np.ndarray]:
    """Yield missing cells to be told together: all, or those of regions that lack the same days."""
    if DAY not in dims or "region" not in dims:
        if missing.any():
            yield missing
        return
    others = tuple(axis for axis, dim in enumerate(dims) if dim not in ("region", DAY))
    of_regions = missing.any(axis=others)  # region comes before day in all dimensions
    patterns, numbers = np.unique(of_regions, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            yield missing & expand(numbers.ravel() == number, ("region",), dims)


def _declared_none(dims: Sequence[str], axes: Axes) -> np.ndarray:
    """Find cells that need no number: of regions that declare to have no member of a key.

    The cells of the declaration itself, of the member ``na``, are among them.
    """
    none = np.zeros([1] * len(dims), dtype=bool)
    for key, supplied in axes.supplied.items():
        is_none = np.array([name == NONE for name in axes.members[key]], dtype=bool)
        has_none = supplied[:, is_none].any(axis=1)
        has_member = supplied[:, ~is_none].any(axis=1)
        only_none = np.asarray(has_none & ~has_member)
        if "region" in dims:
            none = none | expand(only_none, ("region",), dims)
        else:
            none = none | only_none.all()
        if key in dims:
            none = none | expand(is_none, (key,), dims)
    return none


def _without_conversion(frame: pd.DataFrame, is_typical: np.ndarray | bool = False) -> pd.DataFrame:
    """Return rows with the columns of a conversion by which nothing is converted."""
    own_grade = frame["grade"]
    return frame.assign(
        factor=1.0, nominal=False, typical=is_typical, own_grade=own_grade, index_grade=""
    )


def _is_typical(frame: pd.DataFrame, context: BindingContext) -> np.ndarray:
    """Find the rows of sets of typical values."""
    is_typical = np.zeros(len(frame), dtype=bool)
    sets = frame["set"].to_numpy(dtype=object)
    for of_set in context.typical_sets:
        is_typical |= sets == of_set.label
    return is_typical


def _convert(
    source: StepInput, frame: pd.DataFrame, used: np.ndarray, context: BindingContext
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return the rows with factor, grades and ``nominal``, and the index rows used."""
    scale = np.ones(len(frame))
    grade = frame["grade"].to_numpy(dtype=np.uint8).copy()
    index_grade = np.full(len(frame), "", dtype=object)
    nominal = np.zeros(len(frame), dtype=bool)
    index_rows: list[pd.DataFrame] = []
    written_files = frame["file"].to_numpy(dtype=object)
    written_units = frame["unit"].to_numpy(dtype=object)
    file_codes, files = pd.factorize(written_files[used])
    unit_codes, units = pd.factorize(written_units[used])
    groups = file_codes * len(units) + unit_codes
    for group in pd.unique(groups):
        positions = used[groups == group]
        file = str(files[group // len(units)])
        unit = str(units[group % len(units)])
        if not is_readable(unit):
            continue
        try:
            scale[positions] = factor(unit, source.unit)
        except UnitError:
            context.problems.add(
                "wrong-dimension",
                replace(row_place(file, frame["row"].iloc[positions]), column="unit"),
                "plan.rows-of-wrong-unit",
                name=source.name,
                unit=unit,
                expected=source.unit,
                step=source.step,
                argument=source.argument,
            )
            continue
        if has_money(unit):
            conversion = convert_prices(
                frame.iloc[positions],
                context.prices,
                name=source.name,
                index=source.binding.index,
                problems=context.problems,
            )
            context.unindexed.extend(conversion.unconverted)
            scale[positions] *= conversion.factor
            grade[positions] = np.maximum(grade[positions], conversion.grade)
            converted = positions[conversion.converted]
            index_grade[converted] = grade_names(conversion.grade[conversion.converted])
            nominal[positions] = conversion.nominal
            if len(conversion.index):
                index_rows.append(conversion.index)
    columns = {
        "factor": scale,
        "nominal": nominal,
        "typical": _is_typical(frame, context),
        "own_grade": frame["grade"].to_numpy(),
        "index_grade": pd.Series(index_grade, frame.index, dtype=object),
    }
    frame = frame.assign(**columns, grade=grade)
    if not index_rows:
        return frame, None
    return frame, pd.concat(index_rows).drop_duplicates(["set", "file", "row"])


def _bind_open_keys(
    source: StepInput, keys: Sequence[str], axes: Axes, context: BindingContext
) -> BoundInput:
    """Add ``open-key`` for keys over which the step does not run, and bind no row.

    That is not reported if the members are unknown because another input has no number at all.
    """
    if not axes.members_unknown:
        context.problems.add(
            "open-key",
            source.place,
            "plan.key-without-members",
            name=source.name,
            keys=tuple(keys),
            key_name=keys[0],
            step=source.step,
        )
    return BoundInput(
        dims=(),
        values=np.array(np.nan),
        rows=np.array(-1),
        frame=_without_conversion(select_members(None, {})),
        missing=np.array(False),
    )


def check_placeholders(
    used: pd.DataFrame, context: BindingContext, subject: Sayable | None = None
) -> None:
    """Check that no number in use is made up, unless the project allows that.

    Parameters
    ----------
    used : DataFrame
        Rows in use, with ``grade``, ``file`` and ``row``, and ``name`` if there is no ``subject``.
    context : BindingContext
        Its problems receive ``placeholder``.
    subject : Sayable, optional
        What the numbers are; default: the names of the rows.
    """
    is_made_up = used["grade"].to_numpy() == GRADE["placeholder"]
    if context.allow_placeholder or not is_made_up.any():
        return
    made_up = used[is_made_up]
    for file, group in made_up.groupby("file", sort=False, observed=True):
        names: Sayable | tuple[Sayable, ...]
        if subject is not None:
            names = subject
        else:
            names = tuple(context.data_label(name) for name in group["name"].unique())
        place = replace(row_place(str(file), group["row"]), column="grade")
        context.problems.add("placeholder", place, "plan.placeholder", names=names)


def _transferred_cells(
    rows: np.ndarray, frame: pd.DataFrame, dims: Sequence[str], context: BindingContext
) -> np.ndarray | None:
    """Find cells whose number is used outside the scope of its set, over region and ``dims``.

    Returns None if there are none. Adds ``value-transfer`` where that is not allowed.
    """
    transferred: np.ndarray | None = None
    target = dims if "region" in dims else ("region", *dims)
    for coefficient_set in context.sets:
        outside = context.regions_outside[coefficient_set.label]
        if not outside.any():
            continue
        in_set = frame["set"].to_numpy(dtype=object) == coefficient_set.label
        from_set = np.append(in_set, False)[rows]
        if not from_set.any():
            continue
        cells = expand(from_set, dims, target) & expand(outside, ("region",), target)
        transferred = cells if transferred is None else transferred | cells
        if not context.allow_transfer and cells.any():
            codes = context.extent.regions[np.flatnonzero(outside)]
            context.problems.add(
                "value-transfer",
                coefficient_set.label,
                "plan.value-transfer",
                set=coefficient_set.label,
                regions=context.member_labels("region", codes),
                year=context.year,
                scope=_scope_limits(coefficient_set.header.scope, context),
                advice=suggest_scope_fix(coefficient_set, codes, context),
            )
    return transferred


def _scope_limits(scope: Scope, context: BindingContext) -> tuple[Text, ...]:
    """Word the limits of a scope."""
    limits: list[Text] = []
    if scope.regions:
        codes = context.member_labels("region", scope.regions)
        limits.append(text("plan.scope-regions", regions=codes))
    if scope.years:
        limits.append(text("plan.scope-years", years=scope.years))
    if scope.climate:
        limits.append(text("plan.scope-climates", climates=scope.climate))
    return tuple(limits)
