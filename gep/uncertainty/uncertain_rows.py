"""The uncertain rows of plans (不确定行): rows that are used and give ``low`` and ``high``.

A row is one random number. It has the same sample in all years, regions, steps and inputs that use
it, so that what years or regions share cancels out of their difference. The name of its stream says
what the row is (its set or table, name, keys, year and price year), never where the row is, so that
the order of files and rows does not matter. Rows of one set, or of the project's own tables, that
share a ``group`` share the stream of the group: they move together in rank. Rows of ``na``, price
indices and crosswalk shares are exact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.inputs.day_cells import DAY
from gep.inputs.value_rows import AREA_RANGE, KEYS, range_in_units
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.standards.standard import Possible
from gep.uncertainty.distributions import Truncation, quantiles_of_rows, truncation_of

EXACT = -1  # instead of the position of an uncertain row: the value is exact

# The columns by which rows of a set or table differ. They name streams: a change, even of their
# order, gives other samples for the same seed. A day, which few rows have, comes last and only
# where it is given, so that rows without one keep the streams of earlier versions.
_KEYS_OF_ALL = tuple(key for key in KEYS if key != DAY)
_IDENTITY = ("name", *_KEYS_OF_ALL, "class", "year", "price_year")
_LIMITS = ("low", "value", "high", "distribution")


class InputKey(NamedTuple):
    """An input of a plan: the name of its step, and its argument of the step's method."""

    step: str
    argument: str


@dataclass(frozen=True)
class UncertainRows:
    """The distinct uncertain rows of some plans, in an order that does not depend on files.

    Attributes
    ----------
    streams : tuple of str
        Names of the streams.
    frame : DataFrame
        A row for each uncertain row: ``stream`` (position in ``streams``), ``low``, ``value`` and
        ``high`` in ``unit``, ``distribution``, ``title``; ``least`` and ``most``, the range that
        the quantity cannot leave (infinite: there is none, or it is not known).
    input_rows : tuple of mapping of InputKey to ndarray of int
        For each plan and each of its inputs that use uncertain rows: the position in ``frame`` of
        each row of the input's own frame, ``EXACT`` for rows that are exact or not used.
    area_rows : tuple of ndarray of int
        For each plan the same of the rows of ``extent.parts``.
    shared : ndarray of int
        Positions in ``frame`` of the rows that supply values of more than one region.
    used : int
        Number of rows that are used, uncertain or exact.
    """

    streams: tuple[str, ...]
    frame: pd.DataFrame
    input_rows: tuple[Mapping[InputKey, np.ndarray], ...]
    area_rows: tuple[np.ndarray, ...]
    shared: np.ndarray
    used: int

    @cached_property
    def _columns(self) -> Mapping[str, np.ndarray]:
        """The columns of ``frame`` as arrays; samples are made of a few rows at a time."""
        frame = self.frame
        return {
            "stream": frame["stream"].to_numpy(),
            "low": frame["low"].to_numpy(dtype=float),
            "value": frame["value"].to_numpy(dtype=float),
            "high": frame["high"].to_numpy(dtype=float),
            "distribution": frame["distribution"].to_numpy(dtype=object),
        }

    @cached_property
    def _truncation(self) -> Truncation:
        """How the rows are truncated."""
        possible = Possible(
            least=self.frame["least"].to_numpy(dtype=float),
            most=self.frame["most"].to_numpy(dtype=float),
        )
        return truncation_of(self.frame, possible)

    def samples(self, rows: np.ndarray, uniform: Callable[[int], np.ndarray]) -> np.ndarray:
        """Sample rows from their distributions.

        Parameters
        ----------
        rows : ndarray of int
            Positions in ``frame``.
        uniform : callable
            Takes the position of a stream and returns its uniform numbers in (0, 1), one for each
            draw.

        Returns
        -------
        ndarray
            Samples, row x draw, in the unit of the row.
        """
        columns = self._columns
        streams = columns["stream"][rows].tolist()
        uniform_of = {stream: uniform(stream) for stream in dict.fromkeys(streams)}
        probability = np.stack([uniform_of[stream] for stream in streams])
        quantiles = partial(
            quantiles_of_rows,
            low=columns["low"][rows],
            value=columns["value"][rows],
            high=columns["high"][rows],
            distribution=columns["distribution"][rows],
        )
        return self._truncation.samples(rows, probability, quantiles)

    def between_limits(self, rows: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Compute the numbers of rows at given positions between their limits.

        Parameters
        ----------
        rows : ndarray of int
            Positions in ``frame``.
        positions : ndarray
            Stream x column: -1 is low, 0 the value, 1 high; linear in between.

        Returns
        -------
        ndarray
            Numbers, row x column, in the unit of the row.
        """
        columns = self._columns
        low = columns["low"][rows, None]
        value = columns["value"][rows, None]
        high = columns["high"][rows, None]
        streams = columns["stream"][rows]
        position = positions[streams]
        distance = np.abs(position)
        is_low = position < 0
        limit = np.where(is_low, low, high)
        numbers = value * (1 - distance) + limit * distance
        return np.asarray(numbers)


@dataclass(frozen=True)
class _RowTable:
    """The rows of an input of a plan, or of its areas, where ``key`` and ``source`` are None."""

    key: InputKey | None
    source: BoundInput | None
    frame: pd.DataFrame
    used: np.ndarray  # positions in ``frame`` of the rows that are used
    possible: Possible  # the range of the quantity, in the unit of each row


def find_uncertain_rows(plans: Sequence[Plan]) -> UncertainRows:
    """Find the uncertain rows of plans.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of different years, or one plan.

    Returns
    -------
    UncertainRows
        Its ``frame`` is empty if no row that is used gives low < high.
    """
    tables_of_plans = [_row_tables(plan) for plan in plans]
    tables = list(chain.from_iterable(tables_of_plans))
    used_rows = _identify_rows(tables)
    is_uncertain = used_rows["low"] < used_rows["high"]
    frame = used_rows[is_uncertain].drop_duplicates("row")
    frame = frame.sort_values("row").reset_index(drop=True)
    distinct_rows = pd.Index(frame["row"], dtype=object)
    positions = distinct_rows.get_indexer(used_rows["row"])
    streams = pd.Index(sorted(frame["stream"].unique()), dtype=object)
    frame["stream"] = streams.get_indexer(frame["stream"])
    input_rows = []
    area_rows = []
    shared = [np.empty(0, dtype=int)]
    start = 0  # of the table among all used rows
    for tables in tables_of_plans:
        rows_of_inputs: dict[InputKey, np.ndarray] = {}
        for table in tables:
            stop = start + len(table.used)
            table_rows = np.full(len(table.frame), EXACT)
            table_rows[table.used] = positions[start:stop]
            start = stop
            if table.key is None or table.source is None:
                area_rows.append(table_rows)
            elif (table_rows != EXACT).any():
                rows_of_inputs[table.key] = table_rows
                shared.append(_shared_rows(table.source, table_rows))
        input_rows.append(rows_of_inputs)
    return UncertainRows(
        streams=tuple(streams),
        frame=frame,
        input_rows=tuple(input_rows),
        area_rows=tuple(area_rows),
        shared=np.unique(np.concatenate(shared)),
        used=used_rows["id"].nunique(),
    )


def _row_tables(plan: Plan) -> list[_RowTable]:
    """List the rows of a plan's areas, then of each input that is bound to rows of its own."""
    parts = plan.extent.parts
    has_region = parts["region"].isin(plan.extent.regions)
    has_ecosystem = parts["ecosystem"] != "na"
    is_used = (has_region & has_ecosystem).to_numpy()
    # The class says what an area row is. Its ecosystem types, one for each part, do not.
    areas = parts.assign(name="area", ecosystem="", set="")
    areas_table = _RowTable(
        key=None,
        source=None,
        frame=areas.reset_index(drop=True),
        used=np.flatnonzero(is_used),
        possible=AREA_RANGE,
    )
    tables = [areas_table]
    for step in plan.steps:
        for argument, source in step.inputs.items():
            if not isinstance(source, BoundInput) or "area" in source.frame:
                continue
            is_row = source.rows >= 0
            table = _RowTable(
                key=InputKey(step.name, argument),
                source=source,
                frame=source.frame,
                used=np.unique(source.rows[is_row]),
                possible=_possible_range(plan, step, argument, source.frame),
            )
            tables.append(table)
    return tables


def _possible_range(plan: Plan, step: PlannedStep, argument: str, frame: pd.DataFrame) -> Possible:
    """Return the range of the numbers of an input, in the unit of each row.

    It is that of the data, within the limits of the method that takes them.
    """
    if frame.empty:
        return Possible()
    units = frame["unit"]
    possible = Possible()
    declared = plan.standard.spec.data.get(step.bindings[argument].data)
    if declared is not None:
        possible = range_in_units(declared.possible, declared.unit, units)
    limits = step.method.limits.get(argument)
    if limits is None:
        return possible
    of_method = range_in_units(
        Possible(limits.low, limits.high), step.method.inputs[argument], units
    )
    return Possible(
        least=np.maximum(possible.least, of_method.least),
        most=np.minimum(possible.most, of_method.most),
    )


def _identify_rows(tables: Sequence[_RowTable]) -> pd.DataFrame:
    """Say what each used row is, table after table.

    Returns
    -------
    DataFrame
        Columns ``id`` (what a row is), ``row`` (the same with its numbers and distribution),
        ``stream``, ``title``, ``low``, ``value``, ``high`` (NaN: not given), ``distribution``,
        ``unit``, ``least``, ``most``.
    """
    columns = {}
    for name in ("set", "group", *_IDENTITY, DAY, "unit", "distribution"):
        columns[name] = _used_column(tables, name, missing="").tolist()
    for name in ("low", "value", "high"):
        numbers = _used_column(tables, name, missing=np.nan)
        columns[name] = numbers.astype(float).tolist()
    ids = []
    rows = []
    streams = []
    titles = []
    for position, set_label in enumerate(columns["set"]):
        owner = f"set {set_label}" if set_label else "project"
        group = columns["group"][position]
        identity = [str(columns[name][position]) for name in _IDENTITY]
        limits = [repr(columns[name][position]) for name in _LIMITS]
        days = [str(columns[DAY][position])] if columns[DAY][position] else []
        row_id = "|".join([owner, *identity, *days])
        ids.append(row_id)
        rows.append("|".join([row_id, *limits]))
        if group:
            streams.append(f"{owner}|group {group}")
            titles.append(group)
        else:
            streams.append(row_id)
            words = identity[:-1]  # without the price year
            titles.append(" ".join(filter(None, [*words, *days])))
    identified = {
        "id": ids,
        "row": rows,
        "stream": streams,
        "title": titles,
    }
    for name in (*_LIMITS, "unit"):
        identified[name] = columns[name]
    for name in Possible._fields:
        identified[name] = _used_range(tables, name)
    return pd.DataFrame(identified)


def _used_range(tables: Sequence[_RowTable], name: str) -> list[float]:
    """Join one limit of the ranges of the used rows of all tables."""
    limits: list[float] = []
    for table in tables:
        limit = np.asarray(getattr(table.possible, name), dtype=float)
        wide = np.broadcast_to(limit, len(table.frame))
        limits += wide[table.used].tolist()
    return limits


def _used_column(tables: Sequence[_RowTable], name: str, missing: object) -> np.ndarray:
    """Join a column of the used rows of all tables, ``missing`` where a table does not have it."""
    parts = [np.empty(0, dtype=object)]
    for table in tables:
        if name in table.frame:
            column = table.frame[name].to_numpy(dtype=object)
            part = column[table.used]
        else:
            part = np.full(len(table.used), missing, dtype=object)
        parts.append(part)
    return np.concatenate(parts)


def _shared_rows(source: BoundInput, table_rows: np.ndarray) -> np.ndarray:
    """Return the uncertain rows of an input that supply values of more than one region.

    ``table_rows`` holds the uncertain row of each row of the input's frame.
    """
    with_exact = np.append(table_rows, EXACT)  # the last is that of cells without a row, -1
    rows = with_exact[source.rows]
    is_uncertain = rows != EXACT
    if "region" not in source.dims:
        return np.unique(rows[is_uncertain])
    region = np.nonzero(is_uncertain)[0]  # the first dim
    cells = pd.DataFrame(
        {
            "row": rows[is_uncertain],
            "region": region,
        }
    )
    rows_of_regions = cells.drop_duplicates()["row"]
    is_shared = rows_of_regions.duplicated()
    return np.asarray(rows_of_regions[is_shared].unique())
