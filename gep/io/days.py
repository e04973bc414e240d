"""Days of a year (日): how they are written, which a year has, and stretches of them.

A day is a member of the key ``day``: ``05-01``. Rows of data have a year of their own, so a date in
them is a day and a year that must be theirs. A stretch, ``05-01/09-30``, has both its ends in it,
and ends in the next year where it ends before it begins.
"""

import re
import unicodedata
from calendar import isleap
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

STRETCH = "/"
_LEAP_YEAR = 2000  # a year that has every day
_LONGEST_DAY = 40  # characters of a cell in which a day is sought
# A date with or without its year; what a computer writes of a date may end with its midnight.
_DATE = re.compile(
    r"(?:(?P<year>\d{4})(?P<mark>[-/.年]))?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?",
    re.ASCII,
)
_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", re.ASCII)


class WrittenDay(NamedTuple):
    """A day as a cell writes it.

    Attributes
    ----------
    year : int
        0 if the cell does not say.
    day : str
        Such as ``05-01``; a leap year has it.
    """

    year: int
    day: str


def read_day(word: str) -> WrittenDay | None:
    """Read a day: 2020-05-01, 2020/5/1, 20200501, 2020年5月1日, 05-01, 5月1日.

    Parameters
    ----------
    word : str

    Returns
    -------
    WrittenDay or None
        None if it is no day of any year.
    """
    plain = unicodedata.normalize("NFKC", word[:_LONGEST_DAY]).strip()
    match = _DATE.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if match is None:
        return None
    try:
        found = date(_LEAP_YEAR, int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return WrittenDay(int(match["year"] or 0), f"{found:%m-%d}")


def read_stretch(word: str) -> str | None:
    """Read a stretch of days, or a single day, without a year: 05-01/09-30, 5月1日/9月30日, 05-01.

    Parameters
    ----------
    word : str

    Returns
    -------
    str or None
        As ``05-01/09-30`` or ``05-01``; None if it is neither.
    """
    days = []
    for part in word.split(STRETCH):
        written = read_day(part)
        if written is None or written.year:
            return None
        days.append(written.day)
    return STRETCH.join(days) if 1 <= len(days) <= 2 else None


@cache
def days_of_year(year: int) -> tuple[str, ...]:
    """Return the days of a year in order, ``01-01`` to ``12-31``; of 29 February if it has one.

    Parameters
    ----------
    year : int

    Returns
    -------
    tuple of str
    """
    length = 366 if isleap(year) else 365
    first = date(year, 1, 1)
    return tuple(f"{first + timedelta(days=number):%m-%d}" for number in range(length))


def has_day(year: int, day: str) -> bool:
    """Return whether a year has a day that leap years have.

    Parameters
    ----------
    year : int
    day : str

    Returns
    -------
    bool
    """
    return day != "02-29" or isleap(year)


def is_in_stretch(day: str, stretch: str) -> bool:
    """Return whether a day is in a stretch.

    Parameters
    ----------
    day : str
    stretch : str
        As ``read_stretch`` returns it.

    Returns
    -------
    bool
    """
    first, _, last = stretch.partition(STRETCH)
    last = last or first
    if first <= last:
        return first <= day <= last
    return day >= first or day <= last


def days_in(stretches: Iterable[str], year: int) -> tuple[str, ...]:
    """Return the days of a year that are in any of some stretches, in order.

    Parameters
    ----------
    stretches : iterable of str
        As ``read_stretch`` returns them.
    year : int

    Returns
    -------
    tuple of str
    """
    listed = tuple(stretches)
    return tuple(day for day in days_of_year(year) if _any_has(listed, day))


def _any_has(stretches: Iterable[str], day: str) -> bool:
    """Return whether a day is in any of some stretches."""
    return any(is_in_stretch(day, stretch) for stretch in stretches)


def stretches_of(days: Sequence[str], year: int) -> tuple[str, ...]:
    """Write days of a year as few stretches: 01-30, 02-10/02-14.

    Parameters
    ----------
    days : sequence of str
    year : int

    Returns
    -------
    tuple of str
        In order; days that the year does not have are left out.
    """
    wanted = set(days)
    runs: list[list[str]] = []
    is_open = False
    for day in days_of_year(year):
        if day in wanted and is_open:
            runs[-1].append(day)
        elif day in wanted:
            runs.append([day])
        is_open = day in wanted
    return tuple(_stretch(run) for run in runs)


def _stretch(run: Sequence[str]) -> str:
    """Write days that follow each other."""
    return run[0] if len(run) == 1 else f"{run[0]}{STRETCH}{run[-1]}"


def overlap(first: str, second: str) -> bool:
    """Return whether two stretches share days and neither lies in the other.

    Parameters
    ----------
    first, second : str

    Returns
    -------
    bool
    """
    in_first = set(days_in([first], _LEAP_YEAR))
    in_second = set(days_in([second], _LEAP_YEAR))
    shared = in_first & in_second
    return bool(shared) and shared not in (in_first, in_second)


def labels_of_stretches(words: Iterable[str], days: Sequence[str]) -> list[list[str]]:
    """Return for each day the stretches that it is in, the shortest first.

    Parameters
    ----------
    words : iterable of str
        Stretches and single days; the latter are passed over.
    days : sequence of str

    Returns
    -------
    list of list of str
        Levels: each has a stretch for each day, blank for a day that is in none.
    """
    stretches = [word for word in dict.fromkeys(words) if STRETCH in word]
    stretches.sort(key=lambda word: len(days_in([word], _LEAP_YEAR)))
    levels: list[list[str]] = []
    for stretch in stretches:
        inside = [number for number, day in enumerate(days) if is_in_stretch(day, stretch)]
        free = (level for level in levels if not any(level[number] for number in inside))
        level = next(free, None)
        if level is None:
            level = [""] * len(days)
            levels.append(level)
        for number in inside:
            level[number] = stretch
    return levels
