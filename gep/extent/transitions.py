"""Land transitions (土地转移): areas from type to type between two years, read and brought to ecosystem types.

A matrix is an asset account of area: opening + additions - reductions = closing (期初 + 增加 - 减少 = 期末).
The margins alone do not identify it: of a region without rows in ``transitions.csv`` only net changes are known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Problems
from gep.extent.classes import ClassScheme, Crosswalk, class_hint
from gep.inputs.value_rows import duplicates, read_grades, unit_faults, years
from gep.io.tables import HINTED, LIKEWISE, Columns, Table, lost_zeros, numbers, place, read_table, suggestion
from gep.units import factor

_TRANSITIONS = Columns(
    ("region", "from", "to", "from_class", "to_class", "area", "unit"), ("source", "locator", "grade", "note")
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
        return sorted({(int(first), int(last)) for first, last in zip(self.rows["from"], self.rows["to"], strict=True)})


@dataclass(frozen=True)
class Margin:
    """Where the rows of a type do not sum to its area in the account; areas in m2, side ``opening`` or ``closing``."""

    region: str
    ecosystem: str
    side: str
    table: float
    account: float


@dataclass(frozen=True)
class Matrix:
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
    problems = Problems()
    found = load_transitions(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_transitions(path: Path, problems: Problems) -> Transitions | None:
    """Load a table of transitions; areas are turned into m2 where their units can be read."""
    table = read_table(path, _TRANSITIONS, problems)
    if table is None:
        return None
    value, _ = numbers(table, "area", problems)
    rows = table.frame[["region", *_ENDS, "unit", "row"]].assign(file=table.label, grade=read_grades(table, problems))
    for name in ("from", "to"):
        rows[name] = years(Table(table.path, table.label, table.frame.rename(columns={name: "year"})), problems)
    for name in ("source", "locator", "note"):
        rows[name] = table.column(name)
    lost_zeros(table, "region", problems)
    for name in ("region", *_ENDS):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.where(blank), f"{name} is blank", f"write the {name}")
    negative = np.flatnonzero(value < 0)
    if len(negative):
        problems.add("negative", table.where(negative), "an area is negative", "areas are 0 or more")
    _forward(rows, table, problems)
    duplicates(rows, _KEYS, problems)
    before = len(problems.errors)
    unit_faults(table, "m2", problems)
    if len(problems.errors) == before:
        scale = rows["unit"].map({unit: factor(unit, "m2") for unit in rows["unit"].unique()}).to_numpy(dtype=float)
        rows["area"] = value * scale
        rows["half_digit"] = np.array([_half_digit(text) for text in table.column("area")]) * scale
    return Transitions(rows, (path,))


def _forward(rows: pd.DataFrame, table: Table, problems: Problems) -> None:
    """A transition leads from a year to a later one; years that do not read (0) are told already."""
    first, last = rows["from"].to_numpy(), rows["to"].to_numpy()
    wrong = np.flatnonzero((first >= last) & (last > 0))
    if len(wrong):
        what = f"from {first[wrong[0]]} to {last[wrong[0]]} does not lead forward"
        problems.add("bad-year", table.where(wrong), what, "write the earlier year in from, the later in to")


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
    years: Iterable[int],
    problems: Problems,
) -> None:
    """Classes, regions and years against those of the project."""
    rows, home = transitions.rows, crosswalk.id if crosswalk else scheme.id
    classes = set(crosswalk.frame["class"]) if crosswalk else set(scheme.classes)
    have, known = sorted({int(year) for year in years}), {str(code) for code in regions_with_areas}
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
            problems.add("missing-year", where, what, "add the year with its areas, or take the rows out")


def _strangers(rows: pd.DataFrame, column: str, known: set[str] | set[int]) -> list[tuple[object, str]]:
    """What stands in a column and is not known, each with its rows."""
    lost = rows[~rows[column].isin(known).to_numpy()]
    return [(name, place(str(some["file"].iloc[0]), some["row"])) for name, some in lost.groupby(column, sort=False)]


# --- the matrix ----------------------------------------------------------------------------------------------------


def matrix(
    transitions: Transitions,
    regions: pd.Index,
    ecosystems: Sequence[str],
    first: int,
    last: int,
    crosswalk: Crosswalk | None,
    opening: np.ndarray,
    closing: np.ndarray,
) -> Matrix | None:
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
    start, end = types.get_indexer(parts["from_ecosystem"]), types.get_indexer(parts["to_ecosystem"])
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
    return Matrix(first, last, regions, types, area, known, opening, closing, margins)


def net_matrix(
    regions: pd.Index, ecosystems: Sequence[str], first: int, last: int, opening: np.ndarray, closing: np.ndarray
) -> Matrix:
    """What is known without a table of transitions: the net changes."""
    count = len(ecosystems)
    area, known = np.zeros((len(regions), count, count)), np.zeros(len(regions), dtype=bool)
    types = pd.Index(list(ecosystems), name="ecosystem", dtype=object)
    return Matrix(first, last, regions, types, area, known, opening, closing, ())


def _shared(rows: pd.DataFrame, crosswalk: Crosswalk | None) -> pd.DataFrame:
    """The rows by ecosystem types at both ends; areas and roundings are shared out."""
    if crosswalk is None:
        return rows.assign(from_ecosystem=rows["from_class"], to_ecosystem=rows["to_class"])
    walk = crosswalk.frame[["class", "ecosystem", "share"]]
    ends = [walk.rename(columns={"class": f"{end}_class", "ecosystem": f"{end}_ecosystem", "share": f"{end}_share"})
            for end in ("from", "to")]  # fmt: skip
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
    parts: pd.DataFrame, region: np.ndarray, start: np.ndarray, end: np.ndarray, shape: tuple[int, int]
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
    area: np.ndarray, opening: np.ndarray, closing: np.ndarray, known: np.ndarray,
    rounding: np.ndarray, regions: pd.Index, types: pd.Index,
) -> tuple[Margin, ...]:  # fmt: skip
    found = []
    for side, account, table in (("opening", opening, area.sum(axis=2)), ("closing", closing, area.sum(axis=1))):
        beyond = np.abs(table - account) > np.maximum(_RELATIVE * account, rounding) * (1 + 1e-9)
        for one, other in zip(*np.nonzero(beyond & known[:, None]), strict=True):
            both = float(table[one, other]), float(account[one, other])
            found.append(Margin(str(regions[one]), str(types[other]), side, *both))
    return tuple(found)


def warn_margins(found: Matrix, where: str, problems: Problems) -> None:
    """Warn where the transitions do not sum to the areas of the account; ``where`` names the table."""
    for one in found.margins:
        year = found.first if one.side == "opening" else found.last
        what = (
            f"{one.region} {one.ecosystem} {found.first}-{found.last}: the transitions sum to "
            f"{one.table / _KM2:.6g} km2 at the {one.side}, the areas of {year} are {one.account / _KM2:.6g} km2"
        )
        fix = "check the rows of this type: none is missing, none counted twice, and the areas are of the same map"
        problems.add("transition-margins", where, what, fix)
