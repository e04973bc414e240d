"""Days of a year: how they are written, which a year has, and stretches of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.io.days import (
    WrittenDay,
    days_in,
    days_of_year,
    has_day,
    labels_of_stretches,
    overlap,
    read_day,
    read_stretch,
    stretches_of,
)


@pytest.mark.parametrize(
    ("word", "year", "day"),
    [
        ("2020-05-01", 2020, "05-01"), ("2020/5/1", 2020, "05-01"), ("2020.05.01", 2020, "05-01"),
        ("20200501", 2020, "05-01"), ("2020年5月1日", 2020, "05-01"), ("5月1日", 0, "05-01"),
        ("05-01", 0, "05-01"), ("２０２０－０５－０１", 2020, "05-01"), (" 05-01 ", 0, "05-01"),
        ("2020-05-01 00:00:00", 2020, "05-01"), ("2020-05-01T00:00", 2020, "05-01"),
        ("02-29", 0, "02-29"), ("2021-02-29", 2021, "02-29"),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_and_computers_write_it(word: str, year: int, day: str) -> None:
    assert read_day(word) == WrittenDay(year, day)


@pytest.mark.parametrize(
    "word",
    [
        "", "13-01", "02-30", "04-31", "2020-00-01", "2020-05", "2020", "5", "2020-05-01 08:00",
        "5/2020/1", "05-01/09-30", "1/5/2020", "全年", "monday", "43952", "0" * 5000,
    ],
)  # fmt: skip
def test_other_words_are_no_day(word: str) -> None:
    assert read_day(word) is None


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_date_is_read_back(day: date) -> None:
    assert read_day(day.isoformat()) == WrittenDay(day.year, f"{day:%m-%d}")
    assert f"{day:%m-%d}" in days_of_year(day.year)


@pytest.mark.parametrize(("year", "length"), [(2019, 365), (2020, 366), (1900, 365), (2000, 366)])
def test_a_year_has_its_days_in_order(year: int, length: int) -> None:
    days = days_of_year(year)
    assert len(days) == length
    assert (days[0], days[-1]) == ("01-01", "12-31")
    assert list(days) == sorted(set(days))
    assert has_day(year, "02-29") == ("02-29" in days) == (length == 366)


def test_a_stretch_may_pass_the_end_of_the_year() -> None:
    assert len(days_in(["05-01/09-30"], 2020)) == 31 + 30 + 31 + 31 + 30
    cold = days_in(["10-01/04-30"], 2020)
    assert len(cold) == 366 - 153
    assert (cold[0], cold[-1]) == ("01-01", "12-31")
    assert len(days_in(["10-01/04-30"], 2021)) == 365 - 153
    assert days_in(["02-29"], 2021) == ()


@pytest.mark.parametrize(
    ("word", "stretch"),
    [
        ("05-01/09-30", "05-01/09-30"), ("5月1日/9月30日", "05-01/09-30"), ("05-01", "05-01"),
        ("2020-05-01/2020-09-30", None), ("05-01/", None), ("a/b", None), ("01-01/02-01/03-01", None),
    ],
)  # fmt: skip
def test_a_stretch_is_read(word: str, stretch: str | None) -> None:
    assert read_stretch(word) == stretch


@given(st.sets(st.integers(0, 365)), st.sampled_from([2020, 2021]))
def test_days_written_as_stretches_are_the_same_days(numbers: set[int], year: int) -> None:
    all_days = days_of_year(year)
    days = tuple(all_days[number] for number in sorted(numbers) if number < len(all_days))
    stretches = stretches_of(days, year)
    assert days_in(stretches, year) == days
    assert len(stretches) <= max(len(days), 0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("05-01/09-30", "10-01/04-30", False), ("05-01/09-30", "09-30/04-30", True),
        ("01-01/12-31", "05-01/09-30", False), ("05-01/09-30", "05-01/09-30", False),
        ("11-01/02-28", "02-01/03-31", True),
    ],
)  # fmt: skip
def test_stretches_overlap_where_neither_lies_in_the_other(
    first: str, second: str, expected: bool
) -> None:
    assert overlap(first, second) == overlap(second, first) == expected


def test_the_shortest_stretch_of_a_day_comes_first() -> None:
    days = days_of_year(2020)
    levels = labels_of_stretches(["01-01/12-31", "05-01/09-30", "10-01/04-30", "06-01"], days)
    of_days = dict(zip(days, zip(*levels, strict=True), strict=True))
    assert of_days["05-01"] == ("05-01/09-30", "01-01/12-31")
    assert of_days["04-30"] == ("10-01/04-30", "01-01/12-31")
    assert labels_of_stretches(["06-01"], days) == []


def test_days_follow_each_other_by_one() -> None:
    days = [date(2020, int(day[:2]), int(day[3:])) for day in days_of_year(2020)]
    steps = {second - first for first, second in pairwise(days)}
    assert steps == {timedelta(days=1)}
