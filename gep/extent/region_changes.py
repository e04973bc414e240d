"""Dated changes of region codes (区划代码变更): merged, split and renamed regions, from one boundary to a later one.

A change holds from its date on; the account of a year is on the boundary of its 31 December. A date of a month or a
year alone counts as the last day of it. The changes of one date happen at once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import check_duplicates, read_grades
from gep.io.tables import Columns, Table, check_lost_zeros, read_numbers, read_table

Shares = tuple[tuple[str, float], ...]  # new codes, each with its share

_CHANGES = Columns(("from", "to", "date"), ("share", "source", "locator", "grade", "note"))
_DATE = re.compile(
    r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?(?: 00:00:00)?", re.ASCII
)  # Excel adds the hour to a date
_SUM = 1e-6  # as of the shares of a crosswalk


@dataclass(frozen=True)
class RegionChanges:
    """Change rows: from, to, share, date (the day from which it holds, 2017-08-31), year, grade, source, locator, note,
    file, row. A date that cannot be read is blank, its year 0.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


def read_region_changes(path: str | Path) -> RegionChanges:
    """Read a table of region changes. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_region_changes(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_region_changes(path: Path, problems: ProblemLog) -> RegionChanges | None:
    """Load a table of region changes; the shares of a code at one date sum to 1, and no code changes twice."""
    table = read_table(path, _CHANGES, problems)
    if table is None:
        return None
    share, _ = read_numbers(table, "share", problems, blank=True)
    share = np.where(table.column("share").to_numpy() == "", 1.0, share)
    rows = table.frame[["from", "to", "row"]].assign(
        share=share, file=table.label, grade=read_grades(table, problems)
    )
    rows["date"] = _dates(table, problems)
    rows["year"] = [int(day[:4] or 0) for day in rows["date"]]
    for name in ("source", "locator", "note"):
        rows[name] = table.column(name)
    for name in ("from", "to"):
        check_lost_zeros(table, name, problems)
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add(
                "blank",
                table.place(blank),
                f"{name} is blank",
                f"write the code in {name}, one row a code",
            )
    outside = np.flatnonzero((share < 0) | (share > 1))
    if len(outside):
        problems.add(
            "share-range",
            table.place(outside),
            "a share lies outside 0..1",
            "write shares as fractions",
        )
    check_duplicates(rows, ["from", "to", "date"], problems)
    _sums(rows, table, problems)
    _in_order(rows, table, problems)
    return RegionChanges(rows, (path,))


def _dates(table: Table, problems: ProblemLog) -> list[str]:
    """The date column as days, the last of a month or year that is given alone."""
    found = [_last_day(text) for text in table.column("date")]
    for word in dict.fromkeys(
        text for text, day in zip(table.column("date"), found, strict=True) if not day
    ):
        where = table.place(np.flatnonzero(table.column("date") == word))
        fix = "write the day from which the new code holds: 2017-08-31, or 2017-08 or 2017 if no more is known"
        if word == "":
            problems.add("blank", where, "date is blank", fix)
        else:
            problems.add("bad-date", where, f"date reads {word[:40]!r}", fix)
    return found


def _last_day(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        return ""
    year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 0)
    try:
        if day:
            return date(year, month, day).isoformat()
        following = date(year + month // 12, month % 12 + 1, 1)
    except ValueError:
        return ""
    return (following - timedelta(days=1)).isoformat() if 1 <= month <= 12 else ""


def _sums(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    for (code, day), group in rows[(rows["date"] != "").to_numpy()].groupby(
        ["from", "date"], sort=False
    ):
        total = group["share"].sum(skipna=False)
        if abs(total - 1) > _SUM:  # not of what is no number
            what = f"the shares of {code!r} at {day} sum to {total:.6g}"
            problems.add(
                "share-sum",
                table.place(group.index),
                what,
                "they sum to 1; what stays is a row to itself",
            )


def _in_order(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """No code changes when it has ended, nor on the day on which others become it."""
    ended: dict[str, str] = {}  # code -> the date at which it ended
    dated = rows[((rows["date"] != "") & (rows["from"] != "")).to_numpy()].sort_values(
        "date", kind="stable"
    )
    for day, group in dated.groupby("date"):
        stays = set(group.loc[(group["from"] == group["to"]).to_numpy(), "from"])
        arrives = set(group.loc[(group["from"] != group["to"]).to_numpy(), "to"]) - stays
        for code, some in group.groupby("from", sort=False):
            if code in arrives:
                what = f"others become {code!r} on {day}, and on that day it becomes another"
                fix = "write the code that holds in the end, or the day of each; what stays is a row to itself"
                problems.add("changed-twice", table.place(some.index), what, fix)
            elif code in ended:
                what = f"{code!r} ended on {ended[str(code)]} and changes again on {day}"
                problems.add(
                    "changed-twice", table.place(some.index), what, "keep one of the changes"
                )
        ended |= {str(code): str(day) for code in set(group["from"]) - stays}
        for code in {*arrives, *stays}:
            ended.pop(code, None)


def check_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, where: Where, problems: ProblemLog
) -> None:
    """Codes that had ended by 31 December of a year have no place in its account; ``where`` names its table."""
    rows, wanted = _sound(changes), {str(code) for code in codes}
    into: dict[str, tuple[str, list[str]]] = {}
    for day, group in rows[(rows["year"] <= year).to_numpy()].groupby("date"):
        gone = {
            str(code): some["to"].tolist()
            for code, some in group.groupby("from")
            if code not in set(some["to"])
        }
        into = {code: last for code, last in into.items() if code not in set(group["to"])}
        into |= {code: (str(day), targets) for code, targets in gone.items()}
    for code in sorted(wanted.intersection(into)):
        day, targets = into[code]
        what = f"region {code!r} ended on {day}; the account of {year} is on the boundary of its 31 December"
        problems.add(
            "unknown-region", where, what, f"write its rows of {year} under {', '.join(targets)}"
        )


def _sound(changes: RegionChanges) -> pd.DataFrame:
    """The rows that could be read; the others are problems already and nothing follows from them."""
    rows = changes.rows
    return rows[
        (
            (rows["year"] > 0) & (rows["from"] != "") & (rows["to"] != "") & rows["share"].notna()
        ).to_numpy()
    ]


# --- mapping -------------------------------------------------------------------------------------------------------


def map_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, Shares]:
    """Each code of a year -> its new codes and shares on the boundary of a later year, through all changes between.

    A code without changes is mapped to itself. Raises ``ValueError`` where ``boundary_year`` is the earlier: regions
    that were merged cannot be taken apart.
    """
    found: dict[str, dict[str, float]] = {str(code): {str(code): 1.0} for code in codes}
    for group in _between(changes, year, boundary_year):
        at = {
            str(code): list(zip(some["to"], some["share"], strict=True))
            for code, some in group.groupby("from")
        }
        for code, targets in found.items():
            moved: dict[str, float] = {}
            for target, share in targets.items():
                for new, part in at.get(target, [(target, 1.0)]):
                    moved[new] = moved.get(new, 0.0) + share * part
            found[code] = {new: share for new, share in moved.items() if share > 0}
    return {code: tuple(targets.items()) for code, targets in found.items()}


def _between(changes: RegionChanges, year: int, boundary_year: int) -> list[pd.DataFrame]:
    """The changes after the boundary of one year up to that of another, those of one date together, in order."""
    if boundary_year < year:
        raise ValueError(
            f"the boundary of {boundary_year} is earlier than that of {year}: changes lead forward only"
        )
    rows = _sound(changes)
    chosen = rows[((rows["year"] > year) & (rows["year"] <= boundary_year)).to_numpy()]
    return [group for _, group in chosen.groupby("date")]


def renames(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, str]:
    """Codes that became just one other that is nothing else: old -> new. Parts of accounts can be carried over as is.

    Codes of the table that are not among ``codes`` count too: what merges with a region outside is no renaming.
    """
    wanted = [str(code) for code in codes]
    everything = dict.fromkeys(wanted)
    created: set[str] = set()
    for group in _between(changes, year, boundary_year):
        everything |= dict.fromkeys(str(code) for code in group["from"] if code not in created)
        created |= set(group["to"])
    found = map_codes(changes, everything, year, boundary_year)
    arrivals = pd.Series(
        [new for targets in found.values() for new, _ in targets], dtype=object
    ).value_counts()
    single = {code: found[code][0][0] for code in wanted if len(found[code]) == 1}
    return {code: new for code, new in single.items() if new != code and arrivals[new] == 1}


def absorbed_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, list[str]]:
    """New codes of ``codes`` that others of the table, not among ``codes``, went into too: new -> those others."""
    wanted = {str(code) for code in codes}
    others: dict[str, None] = {}
    created: set[str] = set()
    for group in _between(changes, year, boundary_year):
        others |= dict.fromkeys(str(code) for code in group["from"] if code not in created)
        created |= set(group["to"])
    new = {
        name
        for targets in map_codes(changes, wanted, year, boundary_year).values()
        for name, _ in targets
    }
    found: dict[str, list[str]] = {}
    for code, targets in map_codes(
        changes, [one for one in others if one not in wanted], year, boundary_year
    ).items():
        for name, _ in targets:
            if name in new:
                found.setdefault(name, []).append(code)
    return found


def share_matrix(
    mapped: Mapping[str, Shares], codes: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """A mapping as shares (codes x new codes) and the new codes as they come: amounts of the new are shares.T @ old.

    ``mapped`` is that of ``mapping`` and has every one of ``codes``.
    """
    new = tuple(dict.fromkeys(name for code in codes for name, _ in mapped[code]))
    at = {name: position for position, name in enumerate(new)}
    shares = np.zeros((len(codes), len(new)))
    for position, code in enumerate(codes):
        for name, share in mapped[code]:
            shares[position, at[name]] = share
    return shares, new
