"""The rows that are drawn (抽样行): those that are used and give ``low`` and ``high``; a row is one random number.

A row has the same draw in all years, regions, steps and inputs that use it, so that what years or regions share drops
out of their difference. The name of its stream says what the row is (its set or table, name, keys, year, price year),
never where it stands. Rows of one set, or of the project's own tables, that share a ``group`` share the stream of the
group: they move together in rank. Rows of na, price indices and crosswalk shares are exact.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.binding import Bound
from gep.distributions import quantiles_of_rows
from gep.plan import Plan
from gep.rows import KEYS

Numbers = Callable[[np.ndarray], np.ndarray]  # positions of drawn rows -> their numbers, row x draw
Place = tuple[str, str]  # step and argument

AREAS: Place = ("", "area")
_TELLING = ("name", *KEYS, "class", "year", "price_year")  # what a row is, with its set or table
_LIMITS = ("low", "value", "high", "distribution")
_AT_ONCE = 1 << 16  # numbers made at a time: what a processor's cache holds with the intermediate results


@dataclass(frozen=True)
class DrawnRows:
    """The distinct drawn rows of some plans, in an order that does not depend on files.

    ``frame`` has stream (a position in ``streams``), low, value, high, distribution, unit, title; ``places`` tells for
    each plan and input the row behind each row of the input's frame (-1: exact), ``areas`` the same of ``parts``.
    """

    streams: tuple[str, ...]
    frame: pd.DataFrame
    places: tuple[Mapping[Place, np.ndarray], ...]
    areas: tuple[np.ndarray, ...]
    shared: np.ndarray  # positions of rows that answer for more than one region
    used: int  # rows that are used, drawn or exact

    def at(self, uniform: Callable[[np.ndarray], np.ndarray]) -> Numbers:
        """The rows' numbers where ``uniform`` gives those of streams: positions -> stream x draw, in (0, 1)."""
        stream = self.frame["stream"].to_numpy()
        low, value, high = (self.frame[name].to_numpy(dtype=float) for name in ("low", "value", "high"))
        kind = self.frame["distribution"].to_numpy(dtype=object)

        def numbers(rows: np.ndarray) -> np.ndarray:
            names, which = np.unique(stream[rows], return_inverse=True)
            u = uniform(names)
            found = np.empty((len(rows), u.shape[1]))
            each = max(1, _AT_ONCE // max(1, u.shape[1]))
            for start in range(0, len(rows), each):
                some = rows[start : start + each]
                part = u[which[start : start + each]]
                found[start : start + each] = quantiles_of_rows(part, low[some], value[some], high[some], kind[some])
            return found

        return numbers

    def between(self, steps: np.ndarray) -> Numbers:
        """The rows' numbers at low (-1), value (0) and high (1), straight between; ``steps`` is stream x column."""
        stream = self.frame["stream"].to_numpy()
        low, value, high = (self.frame[name].to_numpy(dtype=float)[:, None] for name in ("low", "value", "high"))

        def numbers(rows: np.ndarray) -> np.ndarray:
            t = steps[stream[rows]]
            return np.asarray(value[rows] * (1 - np.abs(t)) + np.where(t < 0, low[rows], high[rows]) * np.abs(t))

        return numbers


def drawn_rows(plans: Sequence[Plan]) -> DrawnRows:
    """Find the drawn rows of plans; there may be none."""
    tables = [list(_tables(plan)) for plan in plans]
    drawn = [_drawn(frame, used) for some in tables for _, frame, used in some]
    known = {name: None for frame in drawn for name in frame["stream"]}
    streams = tuple(sorted(known))
    rows = pd.concat(drawn).drop_duplicates("id").sort_values("id").reset_index(drop=True)
    rows["stream"] = pd.Index(streams, dtype=object).get_indexer(rows["stream"])
    index, places, areas, moving, parts = pd.Index(rows["id"], dtype=object), [], [], [], iter(drawn)
    for plan, some in zip(plans, tables, strict=True):
        found: dict[Place, np.ndarray] = {}
        for place, frame, _ in some:
            at, own = np.full(len(frame), -1), next(parts)
            at[own.index.to_numpy(dtype=int)] = index.get_indexer(own["id"])
            found[place] = at
        areas.append(found.pop(AREAS))
        places.append({place: at for place, at in found.items() if (at >= 0).any()})
        moving += [_of_many(plan, place, at) for place, at in places[-1].items()]
    everything = {name for some in tables for _, frame, used in some for name in _ids(frame.iloc[used])}
    shared = np.unique(np.concatenate([np.empty(0, dtype=int), *moving]))
    return DrawnRows(streams, rows, tuple(places), tuple(areas), shared, len(everything))


def _tables(plan: Plan) -> Iterator[tuple[Place, pd.DataFrame, np.ndarray]]:
    """Each input's frame with the positions of the rows that are used; the areas come first."""
    parts = plan.extent.parts
    ours = parts["region"].isin(plan.extent.regions) & (parts["ecosystem"] != "na")
    clean = parts.assign(name="area", ecosystem="", set="").reset_index(drop=True)  # its class says what a row is
    yield AREAS, clean, np.flatnonzero(ours.to_numpy())
    for one in plan.steps:
        for argument, source in one.inputs.items():
            if isinstance(source, Bound) and "area" not in source.frame:
                yield (one.name, argument), source.frame, np.unique(source.rows[source.rows >= 0])


def _ids(frame: pd.DataFrame) -> pd.Series:
    """What each row is, in words that are the same wherever it stands."""
    home = frame["set"].where(frame["set"] != "", "project")
    return _joined(frame.assign(home=home), ["home", *(name for name in _TELLING if name in frame)])


def _joined(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    text = pd.Series("", index=frame.index, dtype=object)
    for name in names:
        text = text + f"|{name}=" + frame[name].astype(str)
    return text


def _drawn(frame: pd.DataFrame, used: np.ndarray) -> pd.DataFrame:
    """The rows that are used and vary: id, stream, limits, unit and title, by their position in the frame."""
    columns = ["id", "stream", *_LIMITS, "unit", "title"]
    if not {"low", "high", "distribution"} <= set(frame.columns):
        return pd.DataFrame(columns=columns)
    rows = frame.reset_index(drop=True).iloc[used]
    varies = rows["low"].astype(float) < rows["high"].astype(float)
    rows = rows[(varies & ~rows["na"].astype(bool) if "na" in rows else varies).to_numpy()]
    ids = _ids(rows)
    group = rows["group"] if "group" in rows else pd.Series("", index=rows.index)
    home = rows["set"].where(rows["set"] != "", "project")
    stream = ids.where(group == "", "|home=" + home + "|group=" + group)
    told = [name for name in ("region", *KEYS[1:], "class", "year") if name in rows]
    title = rows["name"].astype(str)
    for name in told:
        title = title + np.where(rows[name].astype(str) == "", "", " " + rows[name].astype(str))
    title = title.where(group == "", group)
    limits = rows[list(_LIMITS)]
    return limits.assign(id=ids + _joined(limits, _LIMITS), stream=stream, unit=rows["unit"], title=title)[columns]


def _of_many(plan: Plan, place: Place, at: np.ndarray) -> np.ndarray:
    """The drawn rows of an input that answer for more than one region."""
    source = plan.step(place[0]).inputs[place[1]]
    assert isinstance(source, Bound)
    rows = np.append(at, -1)[source.rows]
    if "region" not in source.dims:
        return np.unique(rows[rows >= 0])
    rows = rows.reshape(len(rows), -1)
    region = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    pairs = pd.DataFrame({"row": rows[rows >= 0], "region": region[rows >= 0]}).drop_duplicates()
    return np.asarray(pairs.loc[pairs["row"].duplicated(), "row"].unique())
