"""The rows that are drawn (抽样行): those that are used and give ``low`` and ``high``; a row is one random number.

A row has the same draw in all years, regions, steps and inputs that use it, so that what years or regions share drops
out of their difference. The name of its stream says what the row is (its set or table, name, keys, year, price year),
never where it stands. Rows of one set, or of the project's own tables, that share a ``group`` share the stream of the
group: they move together in rank. Rows of na, price indices and crosswalk shares are exact.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gep.inputs.value_rows import KEYS
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.uncertainty.distributions import quantiles_of_rows

RowPosition = tuple[str, str]  # step and argument

AREAS: RowPosition = ("", "area")
_TELLING = ("name", *KEYS, "class", "year", "price_year")  # what a row is, with its set or table
_LIMITS = ("low", "value", "high", "distribution")


@dataclass(frozen=True)
class UncertainRows:
    """The distinct drawn rows of some plans, in an order that does not depend on files.

    ``frame`` has stream (a position in ``streams``), low, value, high, distribution, unit, title; ``places`` tells for
    each plan and input the row behind each row of the input's frame (-1: exact), ``areas`` the same of ``parts``.
    """

    streams: tuple[str, ...]
    frame: pd.DataFrame
    places: tuple[Mapping[RowPosition, np.ndarray], ...]
    areas: tuple[np.ndarray, ...]
    shared: np.ndarray  # positions of rows that answer for more than one region
    used: int  # rows that are used, drawn or exact

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        numbers = (self.frame[name].to_numpy(dtype=float) for name in ("low", "value", "high"))
        return (
            self.frame["stream"].to_numpy(),
            self.frame["distribution"].to_numpy(dtype=object),
            *numbers,
        )

    def numbers(self, rows: np.ndarray, uniform: Callable[[int], np.ndarray]) -> np.ndarray:
        """Numbers of rows, row x draw; ``uniform`` takes the position of a stream and gives draws in (0, 1)."""
        stream, kind, low, value, high = (one[rows] for one in self._arrays)
        made: dict[int, np.ndarray] = {}
        u = np.stack(
            [
                made[one] if one in made else made.setdefault(one, uniform(one))
                for one in stream.tolist()
            ]
        )
        return quantiles_of_rows(u, low, value, high, kind)

    def between(self, rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Their numbers at low (-1), value (0) and high (1), straight between; ``steps`` is stream x column."""
        some = self.frame.iloc[rows]
        low, value, high = (
            some[name].to_numpy(dtype=float)[:, None] for name in ("low", "value", "high")
        )
        t = steps[some["stream"].to_numpy()]
        return np.asarray(value * (1 - np.abs(t)) + np.where(t < 0, low, high) * np.abs(t))


def find_uncertain_rows(plans: Sequence[Plan]) -> UncertainRows:
    """Find the drawn rows of plans; there may be none."""
    tables = [list(_tables(plan)) for plan in plans]
    whole = _identified([(frame, used) for some in tables for _, frame, used in some])
    varies = whole["low"] < whole["high"]
    streams = tuple(sorted(whole.loc[varies, "stream"].unique()))
    rows = whole[varies].drop_duplicates("row").sort_values("row").reset_index(drop=True)
    position = pd.Index(rows["row"], dtype=object).get_indexer(whole["row"])
    rows["stream"] = pd.Index(streams, dtype=object).get_indexer(rows["stream"])
    places, areas, moving, start = [], [], [np.empty(0, dtype=int)], 0
    for plan, some in zip(plans, tables, strict=True):
        found: dict[RowPosition, np.ndarray] = {}
        for place, frame, used in some:
            found[place] = np.full(len(frame), -1)
            found[place][used] = position[start : start + len(used)]
            start += len(used)
        areas.append(found.pop(AREAS))
        places.append({place: at for place, at in found.items() if (at >= 0).any()})
        moving += [_of_many(plan, place, at) for place, at in places[-1].items()]
    shared = np.unique(np.concatenate(moving))
    return UncertainRows(streams, rows, tuple(places), tuple(areas), shared, whole["id"].nunique())


def _tables(plan: Plan) -> Iterator[tuple[RowPosition, pd.DataFrame, np.ndarray]]:
    """Each input's frame with the positions of the rows that are used; the areas come first."""
    parts = plan.extent.parts
    ours = parts["region"].isin(plan.extent.regions) & (parts["ecosystem"] != "na")
    clean = parts.assign(name="area", ecosystem="", set="").reset_index(
        drop=True
    )  # its class says what a row is
    yield AREAS, clean, np.flatnonzero(ours.to_numpy())
    for one in plan.steps:
        for argument, source in one.inputs.items():
            if isinstance(source, BoundInput) and "area" not in source.frame:
                yield (one.name, argument), source.frame, np.unique(source.rows[source.rows >= 0])


def _column(
    name: str, tables: Sequence[tuple[pd.DataFrame, np.ndarray]], lacking: object
) -> np.ndarray:
    """A column of all tables one after the other, ``lacking`` where a table has none."""
    parts = [
        frame[name].to_numpy(dtype=object)[used]
        if name in frame
        else np.full(len(used), lacking, dtype=object)
        for frame, used in tables
    ]
    return np.concatenate([np.empty(0, dtype=object), *parts])


def _identified(tables: Sequence[tuple[pd.DataFrame, np.ndarray]]) -> pd.DataFrame:
    """Rows with ``id`` (what a row is), ``row`` (the same with its numbers), ``stream`` and ``title``."""
    frame = {
        name: _column(name, tables, "")
        for name in ("set", "group", "distribution", "unit", *_TELLING)
    }
    frame |= {
        name: _column(name, tables, np.nan).astype(float) for name in ("low", "value", "high")
    }
    telling = [[str(one) for one in frame[name]] for name in _TELLING]
    home = ["set " + name if name else "project" for name in frame["set"].tolist()]
    ids = ["|".join((one, *words)) for one, *words in zip(home, *telling, strict=True)]
    group = frame["group"].tolist()
    stream = [
        f"{one}|group {name}" if name else own
        for one, name, own in zip(home, group, ids, strict=True)
    ]
    title = [
        name or " ".join(filter(None, words))
        for name, *words in zip(group, *telling[:-1], strict=True)
    ]
    limits = zip(*(frame[name].tolist() for name in _LIMITS), strict=True)
    rows = ["|".join((own, *map(repr, some))) for own, some in zip(ids, limits, strict=True)]
    told = {name: frame[name] for name in (*_LIMITS, "unit")}
    return pd.DataFrame({"id": ids, "row": rows, "stream": stream, "title": title, **told})


def _of_many(plan: Plan, place: RowPosition, at: np.ndarray) -> np.ndarray:
    """The drawn rows of an input that answer for more than one region."""
    source = plan.step(place[0]).inputs[place[1]]
    assert isinstance(source, BoundInput)
    rows = np.append(at, -1)[source.rows]
    if "region" not in source.dims:
        return np.unique(rows[rows >= 0])
    rows = rows.reshape(len(rows), -1)
    region = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    pairs = pd.DataFrame({"row": rows[rows >= 0], "region": region[rows >= 0]}).drop_duplicates()
    return np.asarray(pairs.loc[pairs["row"].duplicated(), "row"].unique())
