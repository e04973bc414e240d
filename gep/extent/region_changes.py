"""Dated changes of region codes (区划代码变更): merged, split and renamed regions.

A change holds from its date on; the account of a year is on the boundary of its 31 December. A
month or a year alone counts as its last day. The changes of one date happen at once: a code may be
handed on to another region. This module reads the changes and maps codes from one boundary to a
later one; results on another boundary are made in ``gep.comparison``.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.extent.crosswalk import SHARE_SUM_TOLERANCE, check_share_range, read_shares
from gep.inputs.value_rows import check_duplicates, in_column, read_grades
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.csv_excel import row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import Columns, Table, check_region_codes, is_broken_code, read_table

Shares = tuple[tuple[str, float], ...]  # new codes, each with its share

_CHANGES = Columns(
    required=("from", "to", "date"),
    optional=("share", "source", "locator", "grade", "note"),
)
# A year, a month or a day; Excel adds an hour to days.
_DATE = re.compile(r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?(?: 00:00:00)?", re.ASCII)
_SHOWN = 40  # characters of a date that cannot be read


@dataclass(frozen=True, repr=False)
class RegionChanges(ShownAsTable):
    """Changes of region codes.

    Attributes
    ----------
    rows : DataFrame
        ``from`` and ``to`` (codes), ``share`` (0 to 1, of the old region), ``date`` (the day from
        which the change holds, such as 2017-08-31; blank where it cannot be read), ``year`` (of the
        date; 0 where it cannot be read), ``grade``, ``source``, ``locator``, ``note``, ``file``,
        ``row``.
    files : tuple of Path
        The files that were read.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@checked_arguments
def read_region_changes(path: TableArgument) -> RegionChanges:
    """Read a table of region changes.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    RegionChanges

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table (see ``load_region_changes``).

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"from": [1, 2], "to": [3, 3], "date": "2019-05-01"})
    >>> gep.read_region_changes(changes)
    <RegionChanges: 2 rows>
    """
    problems = ProblemLog()
    changes = load_region_changes(table_source(path, "changes"), problems)
    if changes is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return changes


def load_region_changes(path: TableSource, problems: ProblemLog) -> RegionChanges | None:
    """Load a table of region changes.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``), ``unknown-grade``,
        ``bad-date``, ``blank``, ``share-range``, ``duplicate-row``, ``share-sum`` where the shares
        of a code at one date do not sum to 1, and ``changed-twice``.

    Returns
    -------
    RegionChanges or None
        None if the table could not be read at all.
    """
    table = read_table(path, _CHANGES, problems)
    if table is None:
        return None
    share = read_shares(table, problems)
    grade = read_grades(table, problems)
    rows = table.frame[["from", "to", "row"]].assign(share=share, file=table.label, grade=grade)
    rows["date"] = _read_dates(table, problems)
    rows["year"] = [int(day[:4] or 0) for day in rows["date"]]
    for name in ("source", "locator", "note"):
        rows[name] = table.column(name)
    for name in ("from", "to"):
        check_region_codes(table, name, problems)
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            place = in_column(table.place(blank), name)
            problems.add("blank", place, "extent.blank-code", column=name)
    check_share_range(table, share, problems)
    check_duplicates(rows, ["from", "to", "date"], problems)
    is_broken = rows["from"].map(is_broken_code) | rows["to"].map(is_broken_code)
    sound = rows[~is_broken.to_numpy(dtype=bool)]
    _check_share_sums(sound, table, problems)
    _check_order(sound, table, problems)
    return RegionChanges(rows, files_read(path))


def _read_dates(table: Table, problems: ProblemLog) -> list[str]:
    """Read the column ``date`` as days; blank, with ``blank`` or ``bad-date``, where it is none."""
    words = table.column("date")
    days = {word: _last_day(word) for word in words}
    for word, day in days.items():
        if day:
            continue
        place = in_column(table.place(np.flatnonzero(words == word)), "date")
        if word == "":
            problems.add("blank", place, "extent.blank-date")
        else:
            problems.add("bad-date", place, "extent.bad-date", date=word[:_SHOWN])
    return [days[word] for word in words]


def _last_day(word: str) -> str:
    """Return a day, or the last day of a month or a year, as 2017-08-31; blank if it is none."""
    match = _DATE.fullmatch(word)
    if match is None:
        return ""
    year = int(match[1])
    month = int(match[2] or 12)
    day = int(match[3] or 0)
    if not 1 <= month <= 12:
        return ""
    try:
        return date(year, month, day or monthrange(year, month)[1]).isoformat()
    except ValueError:
        return ""


def _check_share_sums(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that the shares of a code at one date sum to 1; adds ``share-sum``."""
    dated = rows[(rows["date"] != "").to_numpy()]
    for (code, day), changes in dated.groupby(["from", "date"], sort=False, observed=True):
        total = changes["share"].sum(skipna=False)
        if abs(total - 1) > SHARE_SUM_TOLERANCE:  # not where a share is no number: total is NaN
            problems.add(
                "share-sum",
                in_column(table.place(changes.index), "share"),
                "extent.change-shares-sum",
                region=code,
                day=day,
                total=float(total),
            )


def _check_order(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that no code changes after it has ended, and that none are exchanged in a circle.

    A code may be handed on: on one day its region takes another code, and another region takes it.
    Adds ``changed-twice``.
    """
    ended: dict[str, str] = {}  # code -> the date at which it ended
    is_dated = ((rows["date"] != "") & (rows["from"] != "")).to_numpy()
    dated = rows[is_dated].sort_values("date", kind="stable")
    for day, changes in dated.groupby("date"):
        remaining, arriving = _codes_after(changes)
        circle = _circle_of_codes(changes, remaining)
        if circle:
            problems.add(
                "changed-twice",
                table.place(changes.index[changes["from"].isin(circle)]),
                "extent.codes-exchanged",
                codes=tuple(circle),
                day=day,
            )
        for code, changes_of_code in changes.groupby("from", sort=False, observed=True):
            if code in ended:
                problems.add(
                    "changed-twice",
                    table.place(changes_of_code.index),
                    "extent.changed-after-end",
                    region=code,
                    day=day,
                    ended=ended[str(code)],
                )
        for code in set(changes["from"]) - remaining:
            ended[str(code)] = str(day)
        for code in arriving | remaining:
            ended.pop(code, None)


def _codes_after(changes_of_day: pd.DataFrame) -> tuple[set[str], set[str]]:
    """Return the codes that their regions keep on a day, and those that others take."""
    keeps_code = (changes_of_day["from"] == changes_of_day["to"]).to_numpy()
    remaining = set(changes_of_day.loc[keeps_code, "from"])
    arriving = set(changes_of_day.loc[~keeps_code, "to"]) - remaining
    return remaining, arriving


def _circle_of_codes(changes_of_day: pd.DataFrame, remaining: set[str]) -> list[str]:
    """Return codes that regions take from one another in a circle on a day, if there are any."""
    successors = _successors(changes_of_day)
    moving = [code for code in successors if code not in remaining]
    for start in moving:
        path = [start]
        reached = [code for code, _ in successors[start]]
        while reached:
            code = reached.pop()
            if code == start:
                return path
            if code in moving and code not in path:
                path.append(code)
                reached += [new_code for new_code, _ in successors[code]]
    return []


def check_handed_on(
    changes: RegionChanges, codes_by_year: Mapping[int, Collection[str]], problems: ProblemLog
) -> None:
    """Check that a code which changes on the day on which others become it lives on.

    Where it has no areas afterwards, two changes in a row were meant, and what the first region
    became is not known.

    Parameters
    ----------
    changes : RegionChanges
    codes_by_year : mapping of int to collection of str
        The codes with areas in each year of the project.
    problems : ProblemLog
        Collects ``changed-twice``.
    """
    rows = _readable_rows(changes)
    for day, changes_of_day in rows.groupby("date"):
        remaining, arriving = _codes_after(changes_of_day)
        handed_on = sorted(arriving & (set(changes_of_day["from"]) - remaining))
        later_years = [year for year in sorted(codes_by_year) if year >= int(str(day)[:4])]
        if not handed_on or not later_years:
            continue
        year = later_years[0]
        is_between = ((rows["date"] > day) & (rows["year"] <= year)).to_numpy()
        changed_again = set(rows.loc[is_between, "from"])
        for code in handed_on:
            if code in codes_by_year[year] or code in changed_again:
                continue
            changes_of_code = changes_of_day[(changes_of_day["from"] == code).to_numpy()]
            sources = changes_of_day.loc[(changes_of_day["to"] == code).to_numpy(), "from"]
            problems.add(
                "changed-twice",
                row_place(str(changes_of_code["file"].iloc[0]), changes_of_code["row"]),
                "extent.not-handed-on",
                day=day,
                source=tuple(sources),
                region=code,
                target=tuple(changes_of_code["to"]),
                year=year,
            )


def check_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, where: Where, problems: ProblemLog
) -> None:
    """Check that no code of a year's account had ended by the 31 December of that year.

    Parameters
    ----------
    changes : RegionChanges
    codes : iterable of str
        The regions of the account.
    year : int
    where : str or Place
        The table with the codes.
    problems : ProblemLog
        Collects ``unknown-region``.
    """
    rows = _readable_rows(changes)
    ended: dict[str, tuple[str, list[str]]] = {}  # code -> the date and the codes that it became
    for day, changes_of_day in rows[(rows["year"] <= year).to_numpy()].groupby("date"):
        taken = set(changes_of_day["to"])  # by another region, or kept by the own one
        ended = {code: end for code, end in ended.items() if code not in taken}
        for code, changes_of_code in changes_of_day.groupby("from"):
            if code not in taken:
                ended[str(code)] = (str(day), changes_of_code["to"].tolist())
    for code in sorted(ended.keys() & {str(code) for code in codes}):
        day, new_codes = ended[code]
        problems.add(
            "unknown-region",
            where,
            "extent.ended-code",
            region=code,
            day=day,
            year=year,
            new_codes=tuple(new_codes),
        )


def _readable_rows(changes: RegionChanges) -> pd.DataFrame:
    """Return the rows that could be read; the others are reported and nothing follows from them."""
    rows = changes.rows
    has_codes = (rows["from"] != "") & (rows["to"] != "")
    is_readable = has_codes & (rows["year"] > 0) & rows["share"].notna()
    return rows[is_readable.to_numpy()]


# --- mapping ----------------------------------------------------------------------------------


def map_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, Shares]:
    """Map the codes of a year to the boundary of a later year, through all changes between.

    Parameters
    ----------
    changes : RegionChanges
    codes : iterable of str
        Codes on the boundary of ``year``.
    year, boundary_year : int
        The changes after the 31 December of ``year`` up to that of ``boundary_year`` count.

    Returns
    -------
    dict of str to tuple of (str, float)
        For each code its new codes and the share of it that went into each. A code without changes
        is mapped to itself.

    Raises
    ------
    ValueError
        If ``boundary_year`` is the earlier year: merged regions cannot be taken apart.
    """
    mapped: dict[str, dict[str, float]] = {str(code): {str(code): 1.0} for code in codes}
    for changes_of_day in _changes_between(changes, year, boundary_year):
        successors = _successors(changes_of_day)
        for code, old_shares in mapped.items():
            new_shares: dict[str, float] = {}
            for old_code, old_share in old_shares.items():
                for new_code, share in successors.get(old_code, [(old_code, 1.0)]):
                    new_shares[new_code] = new_shares.get(new_code, 0.0) + old_share * share
            mapped[code] = {new: share for new, share in new_shares.items() if share > 0}
    return {code: tuple(shares.items()) for code, shares in mapped.items()}


def _changes_between(changes: RegionChanges, year: int, boundary_year: int) -> list[pd.DataFrame]:
    """Return the changes after a year's boundary up to a later one, by date, in order."""
    if boundary_year < year:
        raise ValueError(
            f"the boundary of {boundary_year} is earlier than that of {year}: "
            "changes lead forward only"
        )
    rows = _readable_rows(changes)
    is_between = ((rows["year"] > year) & (rows["year"] <= boundary_year)).to_numpy()
    return [changes_of_day for _, changes_of_day in rows[is_between].groupby("date")]


def _successors(changes_of_day: pd.DataFrame) -> dict[str, list[tuple[str, float]]]:
    """Return the new codes of each code that changes on a day, with their shares."""
    successors = {}
    for code, rows in changes_of_day.groupby("from"):
        successors[str(code)] = list(zip(rows["to"], rows["share"], strict=True))
    return successors


def _original_codes(changes: RegionChanges, year: int, boundary_year: int) -> list[str]:
    """Return the codes that change between two boundaries and existed before, in order."""
    original: dict[str, None] = {}
    created: set[str] = set()
    for changes_of_day in _changes_between(changes, year, boundary_year):
        for code in changes_of_day["from"]:
            if code not in created:
                original[str(code)] = None
        created |= set(changes_of_day["to"])
    return list(original)


def renames(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, str]:
    """Find the regions that only changed their code, so that their accounts carry over as they are.

    Parameters
    ----------
    changes : RegionChanges
    codes : iterable of str
        Codes on the boundary of ``year``.
    year, boundary_year : int
        As in ``map_codes``.

    Returns
    -------
    dict of str to str
        Old code to new code. Codes of the table that are not among ``codes`` count too: what merges
        with a region outside is not a renaming.
    """
    wanted = [str(code) for code in codes]
    every_code = dict.fromkeys([*wanted, *_original_codes(changes, year, boundary_year)])
    mapped = map_codes(changes, every_code, year, boundary_year)
    arrivals: dict[str, int] = {}
    for shares in mapped.values():
        for new_code, _ in shares:
            arrivals[new_code] = arrivals.get(new_code, 0) + 1
    renamed = {}
    for code in wanted:
        if len(mapped[code]) == 1:
            new_code, _ = mapped[code][0]
            if new_code != code and arrivals[new_code] == 1:
                renamed[code] = new_code
    return renamed


def absorbed_codes(
    changes: RegionChanges, codes: Iterable[str], year: int, boundary_year: int
) -> dict[str, list[str]]:
    """Find the regions outside that went into the same new regions as some of ``codes``.

    Parameters
    ----------
    changes : RegionChanges
    codes : iterable of str
        Codes on the boundary of ``year``.
    year, boundary_year : int
        As in ``map_codes``.

    Returns
    -------
    dict of str to list of str
        New code of some of ``codes`` to the other codes of the table that went into it as well.
    """
    inside = {str(code) for code in codes}
    new_codes: set[str] = set()
    for shares in map_codes(changes, inside, year, boundary_year).values():
        new_codes.update(new_code for new_code, _ in shares)
    original = _original_codes(changes, year, boundary_year)
    outside = [code for code in original if code not in inside]
    absorbed: dict[str, list[str]] = {}
    for code, shares in map_codes(changes, outside, year, boundary_year).items():
        for new_code, _ in shares:
            if new_code in new_codes:
                absorbed.setdefault(new_code, []).append(code)
    return absorbed


def share_matrix(
    mapped: Mapping[str, Shares], codes: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a mapping of codes as a matrix.

    Parameters
    ----------
    mapped : mapping of str to Shares
        As ``map_codes`` returns it; has all of ``codes``.
    codes : sequence of str

    Returns
    -------
    shares : ndarray
        Codes x new codes, the share of each code that went into each new code. Amounts of the new
        regions are ``shares.T @ amounts``.
    new_codes : tuple of str
        The new codes, in the order in which they occur.
    """
    new_codes: dict[str, int] = {}
    for code in codes:
        for new_code, _ in mapped[code]:
            new_codes.setdefault(new_code, len(new_codes))
    shares = np.zeros((len(codes), len(new_codes)))
    for position, code in enumerate(codes):
        for new_code, share in mapped[code]:
            shares[position, new_codes[new_code]] = share
    return shares, tuple(new_codes)
