"""The column ``day`` of tables of numbers (日): cells become members of the key, faults are told.

How a day is written is left to ``gep.io.days``; which days a step needs, to ``gep.plan``.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.io.csv_excel import printable
from gep.io.days import STRETCH, WrittenDay, has_day, overlap, read_day, read_stretch
from gep.io.distinct_cells import Distinct
from gep.io.tables import ERROR_VALUES, MAX_FAULTS, Table

DAY = "day"
_EXAMPLE = "05-01"


def read_days(table: Table, years: np.ndarray, problems: ProblemLog) -> Distinct:
    """Read the column ``day`` of a table of data.

    Parameters
    ----------
    table : Table
    years : ndarray of int
        The year of each row; 0 where it cannot be read.
    problems : ProblemLog
        Collects ``bad-day`` for what is no day, or none of the row's year (02-29), and
        ``day-of-other-year`` for a date whose year is not the row's.

    Returns
    -------
    Distinct
        As ``05-01``; what is no day stays as it is written.
    """
    cells = table.distinct(DAY)
    if list(cells.words) == [""]:
        return cells
    written = [read_day(str(word)) for word in cells.words]
    faults = [code for code, day in enumerate(written) if day is None and _is_told(cells, code)]
    for code in faults[:MAX_FAULTS]:
        _report(table, cells, code, "inputs.bad-day", problems)
    _check_years(table, cells, written, years, problems)
    known = [str(word) for word in cells.words]
    for code, day in enumerate(written):
        if day is not None:
            known[code] = day.day
    return cells.with_words(known)


def _check_years(
    table: Table,
    cells: Distinct,
    written: Sequence[WrittenDay | None],
    years: np.ndarray,
    problems: ProblemLog,
) -> None:
    """Check that the days of rows are days of their years."""
    _check_years_of_dates(table, cells, written, years, problems)
    for code, day in enumerate(written):
        if day is None or has_day(1, day.day):
            continue
        _check_leap_day(
            table,
            cells,
            code,
            day.day,
            years,
            problems,
        )


def _check_years_of_dates(
    table: Table,
    cells: Distinct,
    written: Sequence[WrittenDay | None],
    years: np.ndarray,
    problems: ProblemLog,
) -> None:
    """Check that the year of a date is that of its row; told once for a pair of years."""
    years_of_words = np.zeros(len(written), dtype=int)
    for code, day in enumerate(written):
        if day is not None:
            years_of_words[code] = day.year
    years_of_days = years_of_words[cells.codes]
    is_dated = (years_of_days > 0) & (years > 0)
    is_other = is_dated & (years_of_days != years)
    pairs: dict[tuple[int, int], list[int]] = {}
    for position in np.flatnonzero(is_other):
        pair = (int(years_of_days[position]), int(years[position]))
        pairs.setdefault(pair, []).append(int(position))
    for (found, year), positions in list(pairs.items())[:MAX_FAULTS]:
        rows = table.place(positions)
        place = replace(rows, column=DAY)
        code = cells.codes[positions[0]]
        word = str(cells.words[code])
        problems.add(
            "day-of-other-year",
            place,
            "inputs.day-of-other-year",
            day=word,
            found=found,
            year=year,
        )


def _check_leap_day(
    table: Table, cells: Distinct, code: int, day: str, years: np.ndarray, problems: ProblemLog
) -> None:
    """Check that 29 February stands in leap years only."""
    without = []
    for position in cells.positions(code):
        year = int(years[position])
        if year > 0 and not has_day(year, day):
            without.append(int(position))
    if not without:
        return
    rows = table.place(without)
    place = replace(rows, column=DAY)
    word = str(cells.words[code])
    year = int(years[without[0]])
    problems.add(
        "bad-day",
        place,
        "inputs.day-of-leap-years",
        day=word,
        year=year,
    )


def read_stretches(table: Table, identity: pd.DataFrame, problems: ProblemLog) -> Distinct:
    """Read the column ``day`` of a table of coefficients: days and stretches of days.

    Parameters
    ----------
    table : Table
    identity : DataFrame
        By which other columns the number of a row is known.
    problems : ProblemLog
        Collects ``bad-day`` for what is neither, and for two stretches of one number that overlap.

    Returns
    -------
    Distinct
        As ``05-01`` and ``05-01/09-30``; what is neither stays as it is written.
    """
    cells = table.distinct(DAY)
    if list(cells.words) == [""]:
        return cells
    stretches = [read_stretch(str(word)) for word in cells.words]
    faults = [code for code, word in enumerate(stretches) if word is None and _is_told(cells, code)]
    for code in faults[:MAX_FAULTS]:
        _report(table, cells, code, "inputs.bad-stretch", problems)
    known = [str(word) for word in cells.words]
    for code, stretch in enumerate(stretches):
        if stretch is not None:
            known[code] = stretch
    days = cells.with_words(known)
    _check_overlaps(table, days, identity, problems)
    return days


def _check_overlaps(
    table: Table, days: Distinct, identity: pd.DataFrame, problems: ProblemLog
) -> None:
    """Check that no day is in two stretches of one number, of which none lies in the other."""
    words = days.words[days.codes]
    is_stretch = np.array([STRETCH in word for word in words], dtype=bool)
    rows = identity[is_stretch]
    for positions in rows.groupby(list(rows.columns), sort=False, observed=True).indices.values():
        of_number = np.flatnonzero(is_stretch)[positions]
        for first, second in combinations(of_number, 2):
            if overlap(words[first], words[second]):
                place = replace(table.place([second]), column=DAY)
                problems.add(
                    "bad-day",
                    place,
                    "inputs.stretches-overlap",
                    day=words[second],
                    other=words[first],
                )


def _is_told(cells: Distinct, code: int) -> bool:
    """Return whether a cell that is no day is told; blanks and broken cells are told elsewhere."""
    word = str(cells.words[code])
    return word != "" and word.upper() not in ERROR_VALUES


def _report(table: Table, cells: Distinct, code: int, message: str, problems: ProblemLog) -> None:
    """Add ``bad-day`` for the cells with a word."""
    place = replace(table.place(cells.positions(code)), column=DAY)
    word = printable(str(cells.words[code]))
    problems.add(
        "bad-day",
        place,
        message,
        day=word,
        example=_EXAMPLE,
    )
