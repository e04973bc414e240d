"""Targets (目标): what is to be reached by when, read from ``targets.csv``, and how far a reading has come.

A target of form ``level`` is a value; one of form ``cumulative_change`` is a change since the base year, in percent
where the unit of the target is % and that of the base is not asked for, else in the unit of the reading.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from gep.assessment import rules as scoring
from gep.assessment.rules import BEHIND, MET, MISSED, NO_DATA, ON_SCHEDULE
from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates, check_units, read_grades, read_years
from gep.io.tables import Columns, Table, check_lost_zeros, read_numbers, read_table
from gep.units import factor

COMPARATORS = (">=", "<=", ">", "<", "~")
FORMS = ("level", "cumulative_change")
_TARGETS = Columns(
    (
        "region",
        "indicator",
        "base_year",
        "base",
        "year",
        "comparator",
        "target",
        "form",
        "unit",
        "source",
    ),
    ("property", "locator", "grade", "note"),
)
_ALIASES = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "～": "~", "约": "~", "左右": "~", "": ">="}


@dataclass(frozen=True)
class Targets:
    """Target rows: region, indicator, base_year (0: none), base (NaN: none), year, target, comparator, form, unit,
    property, source, locator, grade, note, file, row.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    _due: dict[tuple[str, int], pd.DataFrame] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def _of(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.rows.groupby("indicator", sort=False)}

    def regions(self, indicator: str) -> set[str]:
        """The regions that have a target of an indicator in any year."""
        return set(self._of[indicator]["region"]) if indicator in self._of else set()

    def due(self, indicator: str, year: int) -> pd.DataFrame:
        """For each region the target of an indicator that is due next, by region; the last one when all are past.

        A target binds from its base year on.
        """
        if (indicator, year) not in self._due:
            rows = self._of.get(indicator, self.rows.iloc[:0])
            rows = rows[(rows["base_year"] <= year).to_numpy()]
            if rows["region"].duplicated().any():
                ahead = rows.assign(late=(rows["year"] < year), gap=(rows["year"] - year).abs())
                rows = ahead.sort_values(["late", "gap"], kind="stable").drop_duplicates("region")
            self._due[indicator, year] = rows.set_index("region")
        return self._due[indicator, year]


def read_targets(path: str | Path) -> Targets:
    """Read ``targets.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_targets(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_targets(path: Path, problems: ProblemLog) -> Targets | None:
    """Load a table of targets."""
    table = read_table(path, _TARGETS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "indicator", "form", "unit", "source", "row"]].assign(
        file=table.label
    )
    rows["base"], _ = read_numbers(table, "base", problems, blank=True)
    rows["target"], _ = read_numbers(table, "target", problems)
    rows["year"] = read_years(table, problems)
    rows["base_year"] = _base_years(table, problems)
    rows["comparator"] = (
        table.column("comparator").map(lambda word: _ALIASES.get(word, word)).to_numpy()
    )
    rows["grade"] = read_grades(table, problems)
    for name in ("property", "locator", "note"):
        rows[name] = table.column(name).to_numpy()
    check_lost_zeros(table, "region", problems)
    _check(rows, table, problems)
    return Targets(rows, (path,))


def _base_years(table: Table, problems: ProblemLog) -> np.ndarray:
    """Years where there are any, 0 where blank."""
    text = table.column("base_year").to_numpy()
    given = np.flatnonzero(text != "")
    part = (
        table.frame.iloc[given]
        .drop(columns="year")
        .rename(columns={"base_year": "year"})
        .reset_index(drop=True)
    )
    found = np.zeros(len(text), dtype=int)
    found[given] = read_years(Table(table.path, table.label, part), problems)
    return found


def _check(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    for name, known in (("comparator", COMPARATORS), ("form", FORMS)):
        for word, some in rows[~rows[name].isin(known).to_numpy()].groupby(name, sort=False):
            what, fix = f"{name} reads {word!r}", f"known are: {', '.join(known)}"
            problems.add("target-form", table.place(some.index), what, fix)
    for name in ("region", "indicator", "source"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add(
                "blank", table.place(blank), f"{name} is blank", f"write the {name} of the target"
            )
    change = (rows["form"] == "cumulative_change").to_numpy()
    bare = np.flatnonzero(~change & (table.column("comparator") == "").to_numpy())
    if len(bare):
        what = "a level without comparator"
        problems.add(
            "target-form", table.place(bare), what, f"write one of: {', '.join(COMPARATORS)}"
        )
    bare = np.flatnonzero(change & (np.isnan(rows["base"]) | (rows["base_year"] == 0)))
    if len(bare):
        what = "a cumulative change without base or base_year"
        problems.add(
            "target-base", table.place(bare), what, "give both; or write the target as a level"
        )
    half = np.flatnonzero(~change & (np.isfinite(rows["base"]) != (rows["base_year"] > 0)))
    if len(half):
        what = "one of base and base_year is given"
        problems.add("target-base", table.place(half), what, "give both, or neither")
    early = np.flatnonzero(
        (rows["base_year"] > 0) & (rows["year"] > 0) & (rows["base_year"] >= rows["year"])
    )
    if len(early):
        what = "the base year is not before the year of the target"
        problems.add("target-base", table.place(early), what, "correct the years")
    check_units(table, None, problems)
    check_duplicates(rows, ["region", "indicator", "year"], problems)


@dataclass(frozen=True)
class Attainment:
    """How far readings have come, each by region: the target rows used (row position or -1), attainment and status."""

    target: np.ndarray  # level due by the target's year, NaN: none
    comparator: np.ndarray
    met: np.ndarray
    attainment: np.ndarray  # 1: reached
    status: np.ndarray


def attainment(
    due: pd.DataFrame, x: np.ndarray, unit: str, direction: str, year: int
) -> Attainment:
    """Compare readings with the targets due (``Targets.due`` reindexed to the regions of ``x``).

    A change is brought to the level that it asks for. Attainment is the share of the way from base to target; without a
    base, or where the target is no better, it is reading over target (target over reading where less is better).
    Before the target's year a reading on or beyond the straight way is ``on_schedule``. Raises ``UnitError`` where
    units do not fit.
    """
    form, words = (
        due["form"].to_numpy(dtype=object),
        due["comparator"].fillna("").to_numpy(dtype=object),
    )
    base, goal = due["base"].to_numpy(dtype=float), due["target"].to_numpy(dtype=float)
    scale, percent = scales(due, unit)
    base = base * scale
    sign = 1.0 if direction == "+" else -1.0
    change = np.where(percent, base * goal / 100.0, goal * scale) * sign
    target = np.where(form == "cumulative_change", base + change, goal * scale)
    words = np.where((form == "cumulative_change") & (direction == "-"), _turned(words), words)
    met = scoring.meets(x, target, words)
    end = due["year"].fillna(0).to_numpy(dtype=float)
    way = scoring.linear_path(
        base, target, due["base_year"].fillna(0).to_numpy(dtype=float), end, year
    )
    status = np.where(
        met,
        MET,
        np.where(year >= end, MISSED, np.where(scoring.meets(x, way, words), ON_SCHEDULE, BEHIND)),
    )
    status = np.where(np.isnan(target), "", np.where(np.isnan(x), NO_DATA, status))
    return Attainment(target, words, met, _share(x, base, target, words), status)


def scales(due: pd.DataFrame, unit: str) -> tuple[np.ndarray, np.ndarray]:
    """The factor from a target's unit to ``unit`` (1 for a change in percent), and which are such changes."""
    codes, words = pd.factorize(due["unit"].to_numpy(dtype=object))
    percent = np.append([word == "%" for word in words], False)[codes].astype(bool)
    percent &= (due["form"] == "cumulative_change").to_numpy()
    known = [
        1.0 if word == unit or percent[codes == code].all() else factor(str(word), unit)
        for code, word in enumerate(words)
    ]
    return np.where(percent, 1.0, np.append(known, 1.0)[codes]), percent


def _turned(words: np.ndarray) -> np.ndarray:
    """A decline of at least so much is a level of at most so much."""
    turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
    return np.array([turned.get(one, one) for one in words], dtype=object)


def _share(x: np.ndarray, base: np.ndarray, target: np.ndarray, words: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        less = np.isin(words, ("<=", "<"))
        ahead = np.where(less, target < base, (target > base) | ((words == "~") & (target != base)))
        way = (x - base) / (target - base) + 0.0  # no -0
        ratio = np.where(less, target / x, x / target)
        found = np.where(np.isfinite(base) & ahead, way, ratio)
    return np.asarray(np.where(np.isfinite(found), found, np.nan))
