"""Land transitions (土地转移): areas from type to type between two years, read and brought to ecosystem types.

A matrix is an asset account of area: opening + additions - reductions = closing (期初 + 增加 - 减少 = 期末).
The margins alone do not identify it: of a region without rows in ``transitions.csv`` only net changes are known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, Where
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk, class_hint
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years
from gep.io.csv_excel import row_place
from gep.io.tables import (
    HINTED,
    LIKEWISE,
    Columns,
    Table,
    check_lost_zeros,
    read_numbers,
    read_table,
    suggestion,
)
from gep.units import factor

_TRANSITIONS = Columns(
    ("region", "from", "to", "from_class", "to_class", "area", "unit"),
    ("source", "locator", "grade", "note"),
)
_KEYS = ["region", "from", "to", "from_class", "to_class"]
_ENDS = ("from_class", "to_class")
_NOT_ACCOUNTED = "na"  # where a crosswalk brings what is not accounted for
_RELATIVE = 0.005  # of the area of a type
_KM2 = 1e6


@dataclass(frozen=True)
class Transitions:
    """Transition rows: region, from, to (years), from_class, to_class, unit, area and half_digit (m2), grade, source,
    locator, note, file, row. ``half_digit`` is half a unit of the last digit printed, the rounding that a row carries.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of years that have rows."""
        return sorted(
            {
                (int(first), int(last))
                for first, last in zip(self.rows["from"], self.rows["to"], strict=True)
            }
        )


@dataclass(frozen=True)
class Margin:
    """Where the rows of a type do not sum to its area in the account; areas in m2, side ``opening`` or ``closing``."""

    region: str
    ecosystem: str
    side: str
    table: float
    account: float


@dataclass(frozen=True)
class TransitionMatrix:
    """Areas from type to type between two years, m2; in regions that are not ``known`` only net changes are.

    ``ecosystems`` are those asked for, then others that the rows name, then ``na`` (not accounted for), whose opening
    and closing are the sums of its rows.
    """

    first: int
    last: int
    regions: pd.Index
    ecosystems: pd.Index
    area: np.ndarray  # region x from x to
    known: np.ndarray  # region: whether the table has rows for it
    opening: np.ndarray  # region x ecosystem, of the account
    closing: np.ndarray
    margins: tuple[Margin, ...]

    def aligned(self, unit_value: np.ndarray) -> np.ndarray:
        """Unit values of the ecosystems asked for (the first) on all: 0 where not accounted for, unknown elsewhere."""
        return _padded(unit_value, self.ecosystems, np.nan)


# --- reading -------------------------------------------------------------------------------------------------------


def read_transitions(path: str | Path) -> Transitions:
    """Read ``transitions.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_transitions(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_transitions(path: Path, problems: ProblemLog) -> Transitions | None:
    """Load a table of transitions; areas are turned into m2 where their units can be read."""
    table = read_table(path, _TRANSITIONS, problems)
    if table is None:
        return None
    value, _ = read_numbers(table, "area", problems)
    rows = table.frame[["region", *_ENDS, "unit", "row"]].assign(
        file=table.label, grade=read_grades(table, problems)
    )
    for name in ("from", "to"):
        rows[name] = read_years(
            Table(table.path, table.label, table.frame.rename(columns={name: "year"})), problems
        )
    for name in ("source", "locator", "note"):
        rows[name] = table.column(name)
    check_lost_zeros(table, "region", problems)
    for name in ("region", *_ENDS):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{name} is blank", f"write the {name}")
    negative = np.flatnonzero(value < 0)
    if len(negative):
        problems.add(
            "negative", table.place(negative), "an area is negative", "areas are 0 or more"
        )
    _forward(rows, table, problems)
    check_duplicates(rows, _KEYS, problems)
    before = len(problems.errors)
    check_units(table, "m2", problems)
    if len(problems.errors) == before:
        scale = (
            rows["unit"]
            .map({unit: factor(unit, "m2") for unit in rows["unit"].unique()})
            .to_numpy(dtype=float)
        )
        rows["area"] = value * scale
        rows["half_digit"] = np.array([_half_digit(text) for text in table.column("area")]) * scale
    return Transitions(rows, (path,))


def _forward(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """A transition leads from a year to a later one; years that do not read (0) are told already."""
    first, last = rows["from"].to_numpy(), rows["to"].to_numpy()
    wrong = np.flatnonzero((first >= last) & (last > 0))
    if len(wrong):
        what = f"from {first[wrong[0]]} to {last[wrong[0]]} does not lead forward"
        problems.add(
            "bad-year", table.place(wrong), what, "write the earlier year in from, the later in to"
        )


def _half_digit(text: str) -> float:
    try:
        exponent = Decimal(text).as_tuple().exponent
    except InvalidOperation:  # not a number: told already
        return 0.0
    return float(Decimal(5).scaleb(exponent - 1)) if isinstance(exponent, int) else 0.0


def check_transitions(
    transitions: Transitions,
    scheme: ClassScheme,
    crosswalk: Crosswalk | None,
    regions_with_areas: Iterable[str],
    read_years: Iterable[int],
    problems: ProblemLog,
) -> None:
    """Classes, regions and years against those of the project."""
    rows, home = transitions.rows, crosswalk.id if crosswalk else scheme.id
    classes = set(crosswalk.frame["class"]) if crosswalk else set(scheme.classes)
    have, known = (
        sorted({int(year) for year in read_years}),
        {str(code) for code in regions_with_areas},
    )
    for end in _ENDS:
        for name, where in _strangers(rows, end, {*classes, ""}):
            what = f"{end} {name!r} is not in {home}"
            problems.add("unknown-class", where, what, class_hint(str(name), scheme, crosswalk))
    for number, (code, where) in enumerate(_strangers(rows, "region", {*known, ""})):
        hint = suggestion(str(code), known) if number < HINTED else LIKEWISE
        problems.add("unknown-region", where, f"region {code!r} has no areas", hint)
    for end in ("from", "to"):
        for year, where in _strangers(rows, end, {*have, 0}):
            what = f"{end} {year} is no year of the project: {', '.join(str(one) for one in have)}"
            problems.add(
                "missing-year", where, what, "add the year with its areas, or take the rows out"
            )


def _strangers(
    rows: pd.DataFrame, column: str, known: set[str] | set[int]
) -> list[tuple[object, Place]]:
    """What stands in a column and is not known, each with its rows."""
    lost = rows[~rows[column].isin(known).to_numpy()]
    return [
        (name, row_place(str(some["file"].iloc[0]), some["row"]))
        for name, some in lost.groupby(column, sort=False)
    ]


# --- the matrix ----------------------------------------------------------------------------------------------------


def transition_matrix(
    transitions: Transitions,
    regions: pd.Index,
    ecosystems: Sequence[str],
    first: int,
    last: int,
    crosswalk: Crosswalk | None,
    opening: np.ndarray,
    closing: np.ndarray,
) -> TransitionMatrix | None:
    """The transitions from one year to another, m2; None where the table has no rows for just this pair of years.

    ``opening`` and ``closing`` are the areas (region x ecosystem, m2) of the account in the two years. Classes become
    ecosystem types by the shares of the crosswalk: of a class that changes each share goes to every share of the new
    class in proportion; a class that stays what it is keeps every share. Where no row says how much of a type's classes
    stayed what they were, that is the opening less the reductions, no more than the closing less the additions leaves
    room for, and never less than 0.
    """
    rows = transitions.rows
    at = (rows["from"] == first) & (rows["to"] == last) & rows["region"].isin(regions)
    rows = rows[at.to_numpy()]
    if rows.empty:
        return None
    parts = _shared(rows, crosswalk)
    seen = dict.fromkeys([*parts["from_ecosystem"], *parts["to_ecosystem"]])
    others = [one for one in seen if one not in set(ecosystems) and one != _NOT_ACCOUNTED]
    tail = [_NOT_ACCOUNTED] if _NOT_ACCOUNTED in seen and _NOT_ACCOUNTED not in ecosystems else []
    types = pd.Index([*ecosystems, *others, *tail], name="ecosystem", dtype=object)
    count = len(types)
    region = regions.get_indexer(parts["region"])
    start, end = (
        types.get_indexer(parts["from_ecosystem"]),
        types.get_indexer(parts["to_ecosystem"]),
    )
    area = np.zeros((len(regions), count, count))
    np.add.at(area, (region, start, end), parts["area"].to_numpy())
    known = np.bincount(region, minlength=len(regions)) > 0
    opening, closing = _padded(opening, types, 0.0), _padded(closing, types, 0.0)
    stated = np.zeros((len(regions), count), dtype=bool)
    same = (parts["from_class"] == parts["to_class"]).to_numpy()
    stated[region[same], start[same]] = True
    if tail:
        stated[:, -1] = True  # how much was not accounted for is not known here
        opening[:, -1], closing[:, -1] = area[:, -1, :].sum(axis=1), area[:, :, -1].sum(axis=1)
    every = np.arange(count)
    left = np.maximum(np.minimum(opening - area.sum(axis=2), closing - area.sum(axis=1)), 0)
    area[:, every, every] += np.where(stated | ~known[:, None], 0, left)
    rounding = _rounding(parts, region, start, end, (len(regions), count))
    margins = _margins(area, opening, closing, known, rounding, regions, types)
    return TransitionMatrix(first, last, regions, types, area, known, opening, closing, margins)


def net_matrix(
    regions: pd.Index,
    ecosystems: Sequence[str],
    first: int,
    last: int,
    opening: np.ndarray,
    closing: np.ndarray,
) -> TransitionMatrix:
    """What is known without a table of transitions: the net changes."""
    count = len(ecosystems)
    area, known = np.zeros((len(regions), count, count)), np.zeros(len(regions), dtype=bool)
    types = pd.Index(list(ecosystems), name="ecosystem", dtype=object)
    return TransitionMatrix(first, last, regions, types, area, known, opening, closing, ())


def _shared(rows: pd.DataFrame, crosswalk: Crosswalk | None) -> pd.DataFrame:
    """The rows by ecosystem types at both ends; areas and roundings are shared out."""
    if crosswalk is None:
        return rows.assign(from_ecosystem=rows["from_class"], to_ecosystem=rows["to_class"])
    walk = crosswalk.frame[["class", "ecosystem", "share"]]
    ends = [
        walk.rename(
            columns={
                "class": f"{end}_class",
                "ecosystem": f"{end}_ecosystem",
                "share": f"{end}_share",
            }
        )
        for end in ("from", "to")
    ]
    same = (rows["from_class"] == rows["to_class"]).to_numpy()
    stays = rows[same].merge(ends[0], on="from_class")
    stays = stays.assign(to_ecosystem=stays["from_ecosystem"], to_share=1.0)
    changes = rows[~same].merge(ends[0], on="from_class").merge(ends[1], on="to_class")
    parts = pd.concat([part for part in (stays, changes) if len(part)], ignore_index=True)
    share = parts["from_share"] * parts["to_share"]
    parts = parts.assign(area=parts["area"] * share, half_digit=parts["half_digit"] * share)
    return parts[(share > 0).to_numpy()]


def _padded(given: np.ndarray, types: pd.Index, fill: float) -> np.ndarray:
    """An array of the first types on all of them; what is not accounted for is 0."""
    padded = np.full((len(given), len(types)), fill)
    padded[:, : given.shape[1]] = given
    if types[-1] == _NOT_ACCOUNTED and given.shape[1] < len(types):
        padded[:, -1] = 0
    return padded


def _rounding(
    parts: pd.DataFrame,
    region: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    shape: tuple[int, int],
) -> np.ndarray:
    """By how much the margins of a type may miss its area because all are printed with so many digits.

    Each row carries half a unit of its last digit, and so does the area in the account, held to be printed alike.
    """
    half, found, own = parts["half_digit"].to_numpy(), np.zeros(shape), np.zeros(shape[0])
    np.add.at(found, (region, start), half)
    np.add.at(found, (region, end), np.where(start == end, 0, half))
    np.maximum.at(own, region, half)
    return np.asarray(found + own[:, None])


def _margins(
    area: np.ndarray,
    opening: np.ndarray,
    closing: np.ndarray,
    known: np.ndarray,
    rounding: np.ndarray,
    regions: pd.Index,
    types: pd.Index,
) -> tuple[Margin, ...]:
    found = []
    for side, account, table in (
        ("opening", opening, area.sum(axis=2)),
        ("closing", closing, area.sum(axis=1)),
    ):
        beyond = np.abs(table - account) > np.maximum(_RELATIVE * account, rounding) * (1 + 1e-9)
        for one, other in zip(*np.nonzero(beyond & known[:, None]), strict=True):
            both = float(table[one, other]), float(account[one, other])
            found.append(Margin(str(regions[one]), str(types[other]), side, *both))
    return tuple(found)


def warn_margins(found: TransitionMatrix, where: Where, problems: ProblemLog) -> None:
    """Warn where the transitions do not sum to the areas of the account; ``where`` names the table."""
    for one in found.margins:
        year = found.first if one.side == "opening" else found.last
        what = (
            f"{one.region} {one.ecosystem} {found.first}-{found.last}: the transitions sum to "
            f"{one.table / _KM2:.6g} km2 at the {one.side}, the areas of {year} are {one.account / _KM2:.6g} km2"
        )
        fix = "check the rows of this type: none is missing, none counted twice, and the areas are of the same map"
        problems.add("transition-margins", where, what, fix)


TRANSITION_COLUMNS = [
    "region",
    "from",
    "to",
    "from_ecosystem",
    "to_ecosystem",
    "area",
    "area_unit",
    "value",
    "unit",
]


_TRANSITION_KM2 = 1e6


_Line = tuple[str, str, float, float]  # from, to, area, value


_Stocks = Mapping[
    str, tuple[np.ndarray, np.ndarray]
]  # opening, closing, net -> area and value by type


def unit_values(value: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Value per m2 (region x ecosystem), NaN where there is no area."""
    with np.errstate(all="ignore"):
        return np.asarray(np.where(area > 0, value / area, np.nan))


def _of_both(unit_value0: np.ndarray, unit_value1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit values of two years; a type that has none in one year is taken at that of the other."""
    first = np.where(np.isnan(unit_value0), unit_value1, unit_value0)
    return first, np.where(np.isnan(unit_value1), unit_value0, unit_value1)


def transition_values(
    area: np.ndarray, unit_value0: np.ndarray, unit_value1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The value that each transition gains or loses, and by type what remains: the change of unit values.

    ``area`` is region x from x to, the unit values are region x ecosystem in the first and the last year, NaN where a
    type has none. With the mean unit value m of both years a transition gains area x (m of to - m of from); the
    remainder is mean area x change of unit value. Where the areas sum to those of the account both together are its
    change of value. At constant unit values this is area x (unit value of to - that of from), as papers print it.
    """
    first, last = _of_both(unit_value0, unit_value1)
    mean = (first + last) / 2
    gain = mean[:, None, :] - mean[:, :, None]
    every = np.arange(area.shape[1])
    gain[:, every, every] = 0
    stock = (area.sum(axis=2) + area.sum(axis=1)) / 2
    with np.errstate(invalid="ignore"):
        return np.where(area == 0, 0, area * gain), np.where(stock == 0, 0, stock * (last - first))


def transition_table(
    found: TransitionMatrix,
    unit_value0: np.ndarray,
    unit_value1: np.ndarray,
    unit: str,
    parents: Mapping[str, Sequence[int]],
) -> pd.DataFrame:
    """``transitions.csv``: transitions and unchanged land, then the margins, by region and by parent.

    Unit values are in ``unit`` per m2 on the matrix's ecosystems (``Matrix.aligned``); ``parents`` are the positions of
    the regions that each sums. Opening and closing have the value of their year, all others what was gained or lost.
    A region without rows of transitions has ``net`` changes alone, and so has a parent with such a region.
    """
    area = _with_parents(found.area, parents)
    gains = transition_values(found.area, unit_value0, unit_value1)[0]
    value = _with_parents(np.where(found.area == 0, np.nan, gains), parents)
    whole = [
        *found.known,
        *(bool(found.known[list(members)].all()) for members in parents.values()),
    ]
    net, both = found.closing - found.opening, _of_both(unit_value0, unit_value1)
    stocks = {
        "opening": _stock(found.opening, unit_value0, parents),
        "closing": _stock(found.closing, unit_value1, parents),
        "net": _stock(net, (both[0] + both[1]) / 2, parents),
    }
    lines: list[tuple[str, *_Line]] = []
    for position, code in enumerate([*found.regions, *parents]):
        own = {name: (areas[position], worth[position]) for name, (areas, worth) in stocks.items()}
        part = (
            _full(found.ecosystems, area[position], value[position], own)
            if whole[position]
            else None
        )
        lines += [(code, *line) for line in (_net(found.ecosystems, own) if part is None else part)]
    table = pd.DataFrame(
        lines, columns=["region", "from_ecosystem", "to_ecosystem", "area", "value"]
    )
    table["area"] /= _TRANSITION_KM2
    if table["value"].isna().any():
        table["value"] = table["value"].astype(object).where(table["value"].notna(), "na")
    table = table.assign(area_unit="km2", unit=unit, **{"from": found.first, "to": found.last})
    return table[TRANSITION_COLUMNS]


def _stock(
    area: np.ndarray, unit_value: np.ndarray, parents: Mapping[str, Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Areas and their values, of regions and parents; what has no area has no value to be na."""
    value = _with_parents(np.where(area == 0, np.nan, area * unit_value), parents)
    area = _with_parents(area, parents)
    return area, np.where(np.isnan(value) & (area == 0), 0, value)


def _full(types: pd.Index, area: np.ndarray, value: np.ndarray, own: _Stocks) -> list[_Line]:
    """The rows of a region whose transitions are known."""
    used = area.any(axis=0) | area.any(axis=1) | (own["opening"][0] > 0) | (own["closing"][0] > 0)
    lines: list[_Line] = []
    for one, other in zip(*np.nonzero((area != 0) | np.diag(used)), strict=True):
        lines.append(
            (types[one], types[other], area[one, other], 0.0 if one == other else value[one, other])
        )
    moved = area - np.diag(np.diag(area))
    for one in np.flatnonzero(used).tolist():
        away, here = moved[one] != 0, moved[:, one] != 0
        lines.append((types[one], "reductions", moved[one].sum(), _total(value[one][away])))
        lines.append(("additions", types[one], moved[:, one].sum(), _total(value[:, one][here])))
        lines.extend(_stock_lines(types[one], one, own))
    return lines


def _net(types: pd.Index, own: _Stocks) -> list[_Line]:
    lines: list[_Line] = []
    for one in np.flatnonzero((own["opening"][0] > 0) | (own["closing"][0] > 0)).tolist():
        lines.extend(_stock_lines(types[one], one, own))
        lines.append(("net", types[one], own["net"][0][one], own["net"][1][one]))
    return lines


def _stock_lines(name: str, at: int, own: _Stocks) -> list[_Line]:
    opening, closing = own["opening"], own["closing"]
    return [
        (name, "opening", opening[0][at], opening[1][at]),
        ("closing", name, closing[0][at], closing[1][at]),
    ]


def _total(values: np.ndarray) -> float:
    """A sum that skips na; of nothing but na it is na."""
    return float(np.nansum(values)) if not len(values) or np.isfinite(values).any() else np.nan


def _with_parents(values: np.ndarray, parents: Mapping[str, Sequence[int]]) -> np.ndarray:
    """Rows of regions, then of parents; na is skipped, a sum of nothing but na is na."""
    rows = [values]
    for members in parents.values():
        part = values[list(members)]
        none = np.isnan(part).all(axis=0)
        rows.append(np.where(none, np.nan, np.nansum(part, axis=0))[None])
    return np.concatenate(rows, axis=0)
