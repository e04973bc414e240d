"""Numbers as rows (数值行): what coefficients, data and areas share.

Every number has a value, a unit, a source, a locator and a grade. This module reads such rows and
checks their years, grades, units, limits, keys and repetitions. What the names and keys mean is
left to ``data`` and ``coefficients``.
"""

import csv
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog
from gep.inputs.day_cells import DAY, read_days, read_stretches
from gep.io.arguments import TableSource
from gep.io.csv_excel import printable, row_place
from gep.io.distinct_cells import Distinct
from gep.io.tables import (
    ERROR_VALUES,
    MAX_FAULTS,
    Columns,
    Spellings,
    Table,
    check_region_codes,
    is_broken_code,
    is_total,
    make_spellings,
    plain_spelling,
    read_numbers,
    read_table,
)
from gep.standards.standard import DeclaredName, Possible
from gep.texts.catalogue import Label, Language, Listed, Sayable, Text, text
from gep.units import UnitError, factor, has_money

KEYS = (
    "region",
    "ecosystem",
    "substance",
    "product",
    "use",
    "water_body",
    "service",
    "month",
    "day",
    "index",
)
GRADES = ("official", "published", "derived", "expert", "unstated", "recalled", "placeholder")
# Whoever cites a number can grade it, so coefficients are never unstated.
GRADES_OF_COEFFICIENTS = tuple(name for name in GRADES if name != "unstated")
GRADE = {name: code for code, name in enumerate(GRADES)}

_OPTIONAL = (
    "low",
    "high",
    "distribution",
    "group",
    "price_year",
    "locator",
    "grade",
    "note",
    "restricted",
)
COEFFICIENT_COLUMNS = Columns(
    required=("coefficient", "value", "unit", "source", "locator", "grade"),
    optional=(*KEYS, *_OPTIONAL, "checked", "base"),
)
DATA_COLUMNS = Columns(
    required=("region", "year", "name", "value", "unit", "source"),
    optional=(*KEYS[1:], *_OPTIONAL),
)

_TEXTS = ("distribution", "group", "source", "locator", "note", "base", "checked")

_ROUNDING = 1e-9  # by which a number may pass a limit, as a share of itself
_PRICE_YEAR = re.compile("|nominal|(19|20)[0-9]{2}")
_YES, _NO = ("yes", "是"), ("", "no", "否")
_FIRST_YEAR = 1900
_LAST_YEAR = 2100
_MOST_YEAR_DIGITS = 10  # zeros in front are read
_EXAMPLE_YEAR = "2020"
_LONGEST_YEAR = 40  # characters of a cell in which a year is sought
_YEAR_OF_DATE = re.compile(r"(19|20)\d\d[-/.年]\d", re.ASCII)
_MOST = 0.5  # share of the rows of a year beyond which most of them are absent from an account
_EXAMPLE_UNIT = "t"
_FEWEST_MEMBERS = 3  # a total and two parts
_FEWEST_DIGITS = 5
_EXACT = 1e-9
_MOST_NUMBERS = 2**62
_KEYS_OF_AMOUNTS = ("substance", "product", "use", "water_body", "service")  # others key rates too
_WHOLE_YEAR = ("全年", "年", "年度", "year", "annual", "all")  # no months


def read_value_rows(
    path: TableSource, columns: Columns, problems: ProblemLog, label: str | None = None
) -> pd.DataFrame | None:
    """Read and check a table of numbers.

    Parameters
    ----------
    path : Path or GivenTable
        A CSV file, or ``book.xlsx#sheet``, or a table that is an argument.
    columns : Columns
        ``DATA_COLUMNS`` or ``COEFFICIENT_COLUMNS``.
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``) and ``blank``, ``bad-year``,
        ``bad-day``, ``day-of-other-year``,
        ``unknown-grade``, ``unknown-unit``, ``price-year-missing``, ``mixed-keys``,
        ``broken-code``, ``total-row``, ``duplicate-row`` and the codes of ``limits``.
    label : str, optional
        Name of the file in messages; its own by default.

    Returns
    -------
    DataFrame or None
        One row a number: ``name``, the key columns of ``KEYS`` (blank where unused), ``value`` (in
        ``unit``; NaN for ``na``), ``na`` (bool), ``unit``, ``price_year`` (blank, ``nominal`` or a
        year, as text), ``grade`` (a code of ``GRADE``), ``low``, ``high``, ``distribution``,
        ``group``, ``source``, ``locator``, ``note``, ``base``, ``checked`` (blank in data),
        ``file``, ``row``; rows of data also have ``year`` (0 where it cannot be read). None if the
        table could not be read at all.
    """
    table = read_table(path, columns, problems, label)
    return None if table is None else rows_of_table(table, columns, problems)


def rows_of_table(table: Table, columns: Columns, problems: ProblemLog) -> pd.DataFrame:
    """Read and check the numbers in a table that was read as text.

    Parameters
    ----------
    table : Table
    columns : Columns
        ``DATA_COLUMNS`` or ``COEFFICIENT_COLUMNS``.
    problems : ProblemLog
        See ``read_value_rows``.

    Returns
    -------
    DataFrame
        See ``read_value_rows``.
    """
    is_data = "year" in columns.required
    name_column = "name" if is_data else "coefficient"
    values, na = read_numbers(table, "value", problems, na=True)
    low, _ = read_numbers(
        table,
        "low",
        problems,
        na=True,
        blank=True,
    )
    high, _ = read_numbers(
        table,
        "high",
        problems,
        na=True,
        blank=True,
    )
    numbers = {"value": values, "na": na, "low": low, "high": high}
    if is_data:
        numbers["grade"] = read_grades(table, problems)
    else:
        numbers["grade"] = _read_grades(table, GRADES_OF_COEFFICIENTS, "", problems)
    numbers["restricted"] = _read_marks(table, "restricted", problems)
    texts = {"name": table.distinct(name_column)}
    for name in (*KEYS, "unit", "price_year", *_TEXTS):
        texts[name] = table.distinct(name)
    if is_data:
        numbers["year"] = read_years(table, problems)
        texts[DAY] = read_days(table, numbers["year"], problems)
        frame = _coded_frame(texts, table, numbers)
    else:
        frame = table.texts((name_column, *KEYS, "unit", "price_year", *_TEXTS))
        frame.columns = pd.Index(
            ["name" if name == name_column else name for name in frame.columns], dtype=object
        )
        frame = frame.assign(**numbers)
        if DAY in table.frame:
            alike = [key for key in ("name", *KEYS, "price_year") if key != DAY]
            texts[DAY] = read_stretches(table, frame[alike], problems)
            frame[DAY] = texts[DAY].cells()
    for name in ("region", "name", "source") if is_data else ("source", "locator", "coefficient"):
        check_not_blank(table, name, problems)
    check_region_codes(table, "region", problems)
    check_units(table, None, problems)
    _check_price_years(texts, na, table, problems, required=not is_data)
    check_distributions(frame, table, problems)
    _check_same_keys(texts, na, table, problems, na_may_be_blank=is_data)
    identity = ["name", *KEYS, "price_year"]
    cells = dict(texts)
    if is_data:
        identity.append("year")
        cells["year"] = Distinct.of(numbers["year"])
    is_repeated = _check_alike(identity, cells.__getitem__, frame, problems)
    if is_data:
        _check_total_members(texts, frame, table, problems)
    return frame[~is_repeated].reset_index(drop=True) if is_repeated.any() else frame


def _coded_frame(
    texts: Mapping[str, Distinct], table: Table, numbers: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return columns in one frame, texts as categories.

    The data of a whole country have a million rows of few different texts.
    """
    columns: dict[str, Any] = {name: cells.categories() for name, cells in texts.items()}
    rows = table.cells.rows
    columns["file"] = Distinct.same(table.label, len(rows)).categories()
    columns["row"] = rows
    return pd.DataFrame({**columns, **numbers})


def _read_marks(table: Table, column: str, problems: ProblemLog) -> np.ndarray:
    """Read a column of ``yes`` and ``no``; blank is no.

    ``problems`` collects ``unknown-option`` for anything else.
    """
    cells = table.distinct(column)
    unknown = []
    marks = np.zeros(len(cells.words), dtype=bool)
    for code, word in enumerate(cells.words):
        lowered = word.strip().lower()
        marks[code] = lowered in _YES
        if lowered not in (*_YES, *_NO):
            unknown.append(code)
    for code in unknown:
        place = in_column(table.place(np.flatnonzero(cells.codes == code)), column)
        problems.add("unknown-option", place, "inputs.not-yes-or-no", value=cells.words[code])
    return np.asarray(marks[cells.codes])


def in_column(place: Place, column: str) -> Place:
    """Return the cells of one column at a place in a table.

    Parameters
    ----------
    place : Place
    column : str

    Returns
    -------
    Place
    """
    return replace(place, column=column)


def read_years(table: Table, problems: ProblemLog, column: str = "year") -> np.ndarray:
    """Read a column of years.

    Parameters
    ----------
    table : Table
    problems : ProblemLog
        Collects ``bad-year`` for what is not a year from 1900 to 2100.
    column : str, default 'year'

    Returns
    -------
    ndarray of int
        The year of each row; 0 where it cannot be read.
    """
    cells = table.distinct(column)
    years = np.zeros(len(cells.words), dtype=int)
    faults = []
    for code, word in enumerate(cells.words):
        if _is_year(word):
            years[code] = int(word)
        elif word.upper() not in ERROR_VALUES:  # these have been reported
            faults.append(code)
    for code in faults[:MAX_FAULTS]:
        word = str(cells.words[code])
        place = in_column(table.place(cells.positions(code)), column)
        if word == "":
            problems.add("bad-year", place, "inputs.blank-year", example=_EXAMPLE_YEAR)
            continue
        plain = unicodedata.normalize("NFKC", word[:_LONGEST_YEAR])
        digits = "".join(mark for mark in plain if mark in "0123456789")
        is_date = _YEAR_OF_DATE.match(plain) is not None
        has_year = len(digits) == len(_EXAMPLE_YEAR) or is_date
        example = digits[: len(_EXAMPLE_YEAR)] if has_year else _EXAMPLE_YEAR
        problems.add(
            "bad-year",
            place,
            "inputs.bad-year",
            year=printable(word),
            example=example,
        )
    return np.asarray(years[cells.codes])


def _is_year(word: str) -> bool:
    """Return whether a word is a year; Python refuses to read thousands of digits."""
    if not (word.isascii() and word.isdigit() and len(word) <= _MOST_YEAR_DIGITS):
        return False
    return _FIRST_YEAR <= int(word) <= _LAST_YEAR


def read_grades(table: Table, problems: ProblemLog) -> np.ndarray:
    """Read the column ``grade``.

    Parameters
    ----------
    table : Table
    problems : ProblemLog
        Collects ``unknown-grade``.

    Returns
    -------
    ndarray of uint8
        The code of each row's grade (see ``GRADE``); ``unstated`` where it is blank, missing or
        unknown.
    """
    return _read_grades(table, GRADES, "unstated", problems)


def _read_grades(
    table: Table, known: Sequence[str], default: str, problems: ProblemLog
) -> np.ndarray:
    """Read the column ``grade`` as codes; a blank cell has the grade ``default``."""
    cells = table.distinct("grade")
    grades = np.full(len(cells.words), GRADE["unstated"], dtype=np.uint8)
    faults = []
    for code, word in enumerate(cells.words):
        grade = word or default
        if grade in known:
            grades[code] = GRADE[grade]
        else:
            faults.append(code)
    listed = Listed(tuple(known), len(known))
    if "grade" in problems.heads.get(table.label, {}):  # a form, which has words of its own
        listed = Listed(tuple(text(f"inputs.grade-title.{grade}") for grade in known), len(known))
    for code in faults[:MAX_FAULTS]:
        word = str(cells.words[code])
        place = in_column(table.place(cells.positions(code)), "grade")
        message = "inputs.unknown-grade" if word else "inputs.blank-grade"
        problems.add(
            "unknown-grade",
            place,
            message,
            grade=printable(word),
            known=listed,
        )
    return np.asarray(grades[cells.codes])


def grade_title(grade: str, language: Language) -> str:
    """Return a grade as people read it.

    Parameters
    ----------
    grade : str
        One of ``GRADES``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return grade_words(grade).say(language)


def grade_words(grade: str) -> Text:
    """Return a grade as people read it, in the language of the text that it is put into.

    Parameters
    ----------
    grade : str
        One of ``GRADES``.

    Returns
    -------
    Text
    """
    return text(f"inputs.grade-title.{grade}")


def grade_names(codes: pd.Series | np.ndarray) -> np.ndarray:
    """Return the names of grades, such as ``official``, for their codes.

    Parameters
    ----------
    codes : Series or ndarray of int
        Codes of ``GRADE``.

    Returns
    -------
    ndarray of str
    """
    names = np.array(GRADES, dtype=object)
    return np.asarray(names[np.asarray(codes, dtype=int)])


def check_not_blank(table: Table, column: str, problems: ProblemLog) -> None:
    """Check that a column is filled in every row; adds ``blank``.

    Parameters
    ----------
    table : Table
    column : str
    problems : ProblemLog
        Collects ``blank``.
    """
    cells = table.distinct(column)
    is_blank = (cells.words == "")[cells.codes]
    explained = table.blanks.get(column)
    if explained:
        is_blank &= ~table.frame["row"].isin(explained).to_numpy()
    blank = np.flatnonzero(is_blank)
    if len(blank):
        place = in_column(table.place(blank), column)
        message = "inputs.blank-source" if column == "source" else "inputs.blank-cell"
        problems.add("blank", place, message, column=column)


class _UnitFault(NamedTuple):
    """A defect of a unit: code, key and values of the problem."""

    code: str
    message: str
    values: Mapping[str, Any]


def unit_fault(unit: str, target: str | None = None) -> tuple[str, Any] | None:
    """Check a unit.

    Parameters
    ----------
    unit : str
        The unit as it is written.
    target : str, optional
        A unit of what should be measured.

    Returns
    -------
    tuple of (str, Text) or None
        A problem code (``blank``, ``unknown-unit`` or ``wrong-dimension``) and what is wrong. None
        if the unit can be read and, where there is a ``target``, converted to it.
    """
    fault = _unit_fault(unit, target)
    if fault is None:
        return None
    return fault.code, text(f"{fault.message}.what", **fault.values)


def _unit_fault(unit: str, target: str | None) -> _UnitFault | None:
    """Return what is wrong with a unit, with the values of the message."""
    example = target or _EXAMPLE_UNIT
    if unit == "":
        return _UnitFault("blank", "inputs.blank-unit", {"example": example})
    try:
        factor(unit, unit)
    except UnitError as error:
        values = {"unit": unit, "reason": error.args[0]}
        return _UnitFault("unknown-unit", "inputs.unknown-unit", values)
    try:
        factor(unit, target or unit)
    except UnitError:
        values = {"unit": unit, "target": target}
        return _UnitFault("wrong-dimension", "inputs.unit-dimension", values)
    return None


def is_readable(unit: str) -> bool:
    """Return whether a unit can be read; one that cannot was reported with its table.

    Parameters
    ----------
    unit : str

    Returns
    -------
    bool
    """
    return _unit_fault(unit, None) is None


def check_units(
    table: Table, target: str | None, problems: ProblemLog, column: str = "unit"
) -> None:
    """Check a column of units.

    Parameters
    ----------
    table : Table
    target : str or None
        A unit of what the column measures; None if units of any dimension are allowed.
    problems : ProblemLog
        Collects ``blank``, ``unknown-unit`` and ``wrong-dimension``.
    column : str, default 'unit'
    """
    cells = table.distinct(column)
    faults = 0
    for code, word in enumerate(cells.words):
        fault = None if word.upper() in ERROR_VALUES else _unit_fault(word, target)
        if fault is None:
            continue
        place = in_column(table.place(cells.positions(code)), column)
        problems.add(fault.code, place, fault.message, **fault.values)
        faults += 1
        if faults == MAX_FAULTS:
            break


def unit_factors(units: pd.Series, target: str) -> np.ndarray:
    """Return for each row the factor from its unit to another.

    Parameters
    ----------
    units : Series of str
    target : str

    Returns
    -------
    ndarray of float
        NaN where a unit cannot be converted, which ``check_units`` reports.
    """
    codes, names = pd.factorize(units.to_numpy(dtype=object), use_na_sentinel=False)
    factors = np.full(len(names), np.nan)
    for code, unit in enumerate(names):
        if unit_fault(unit, target) is None:
            factors[code] = factor(unit, target)
    return np.asarray(factors[codes])


def check_distributions(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check low, high and distribution of the rows of a table.

    Parameters
    ----------
    frame : DataFrame
        The rows of ``table`` as numbers (see ``gep.inputs.value_rows.distribution_faults``).
    table : Table
        Gives the places of the rows.
    problems : ProblemLog
        Collects ``unknown-distribution``, ``low-high``, ``distribution-limits`` and the warning
        ``distribution-skewed``.
    """
    known = DISTRIBUTIONS[1:]
    for fault in distribution_faults(frame):
        place = table.place(fault.rows)
        problems.add(
            fault.code,
            place,
            fault.message,
            known=known,
            **fault.values,
        )


def check_range(
    name: Label, rows: pd.DataFrame, quantity: DeclaredName, problems: ProblemLog
) -> None:
    """Check numbers against the plausible range that is declared for them.

    Parameters
    ----------
    name : Label
        The data name or coefficient, for messages.
    rows : DataFrame
        Its rows; those in units of another dimension are passed over.
    quantity : DeclaredName
        Range and unit.
    problems : ProblemLog
        Collects the warning ``implausible``, one for each file and unit.
    """
    outside = rows[outside_range(rows, quantity)]
    if outside.empty:
        return
    low = -np.inf if quantity.min is None else quantity.min
    high = np.inf if quantity.max is None else quantity.max
    for (file, unit), rows_of_unit in outside.groupby(["file", "unit"], sort=False, observed=True):
        value = float(rows_of_unit["value"].iloc[0])
        is_small = value * factor(str(unit), quantity.unit) < low
        problems.add(
            "implausible",
            row_place(str(file), rows_of_unit["row"]),
            "inputs.implausibly-small" if is_small else "inputs.implausibly-large",
            name=name,
            value=value,
            unit=unit,
            low=low,
            high=high,
            target=quantity.unit,
        )


def outside_range(rows: pd.DataFrame, quantity: DeclaredName) -> np.ndarray:
    """Find the numbers that are outside the plausible range that is declared for them.

    Parameters
    ----------
    rows : DataFrame
        Columns ``value`` and ``unit``.
    quantity : DeclaredName
        Range and unit.

    Returns
    -------
    ndarray of bool
        By row; false for units of another dimension.
    """
    value = rows["value"].to_numpy(dtype=float) * unit_factors(rows["unit"], quantity.unit)
    low = -np.inf if quantity.min is None else quantity.min
    high = np.inf if quantity.max is None else quantity.max
    slack = _ROUNDING * np.abs(value)
    too_small = (value < low - slack) & ~((value == 0) & quantity.zero)
    return np.asarray(too_small | (value > high + slack))


def check_limit_range(
    name: Label,
    rows: pd.DataFrame,
    quantity: DeclaredName,
    problems: ProblemLog,
    impossible_beyond: Sequence[float | np.ndarray] = (),
) -> None:
    """Check low and high of numbers that are plausible themselves against the plausible range.

    Parameters
    ----------
    name : Label
        The data name or coefficient, for messages.
    rows : DataFrame
        Its rows; those in units of another dimension are passed over.
    quantity : DeclaredName
        Range and unit.
    problems : ProblemLog
        Collects the warning ``implausible``, one for each file, unit and limit.
    impossible_beyond : sequence of float or ndarray
        Ends of the range that no number can be beyond: limits beyond them are problems already.
    """
    scale = unit_factors(rows["unit"], quantity.unit)
    value = rows["value"].to_numpy(dtype=float) * scale
    bounds = (
        ("low", "inputs.implausible-low", quantity.min, np.less),
        ("high", "inputs.implausible-high", quantity.max, np.greater),
    )
    for column, message, bound, is_beyond in bounds:
        if bound is None or bound in impossible_beyond:
            continue
        limit = rows[column].to_numpy(dtype=float) * scale
        is_outside = is_beyond(limit, bound)
        is_outside &= ~np.isclose(limit, bound, rtol=_ROUNDING, atol=0)
        is_outside &= ~is_beyond(value, bound)
        if quantity.zero:
            is_outside &= limit != 0
        for (file, unit), outside in rows[is_outside].groupby(
            ["file", "unit"], sort=False, observed=True
        ):
            problems.add(
                "implausible",
                in_column(row_place(str(file), outside["row"]), column),
                message,
                name=name,
                limit=float(outside[column].iloc[0]),
                unit=unit,
                bound=bound,
                target=quantity.unit,
            )


def check_duplicates(frame: pd.DataFrame, alike: list[str], problems: ProblemLog) -> np.ndarray:
    """Check that no two rows give the same number, and find those that repeat another.

    Parameters
    ----------
    frame : DataFrame
        Rows with ``file`` and ``row``.
    alike : list of str
        The columns by which a number is known; rows that agree in all of them give the same number.
    problems : ProblemLog
        Collects ``duplicate-row`` at every row but the first, which the message names. Rows whose
        region code is broken are not alike: nobody knows which region they are of.

    Returns
    -------
    ndarray of bool, shape (rows,)
        Where a row repeats one above it, so that the rows after it can be checked without it.
    """
    return _check_alike(alike, lambda name: Distinct.of(frame[name]), frame, problems)


def _check_alike(
    alike: Sequence[str],
    cells_of: Callable[[str], Distinct],
    frame: pd.DataFrame,
    problems: ProblemLog,
) -> np.ndarray:
    """Check that no two rows agree in all of some columns; see ``check_duplicates``."""
    has_code = np.ones(len(frame), dtype=bool)
    for name in {"region", "from", "to"}.intersection(alike):
        cells = cells_of(name)
        is_broken = np.array([is_broken_code(str(word)) for word in cells.words], dtype=bool)
        has_code &= ~np.append(is_broken, False)[cells.codes]
    numbers = _number_alike(map(cells_of, alike), len(frame))
    is_repeated: np.ndarray = pd.Series(numbers).duplicated().to_numpy() & has_code
    if not is_repeated.any():
        return is_repeated
    rows = frame["row"].to_numpy()
    files = frame["file"].to_numpy(dtype=object)
    alike_rows = Distinct.of(numbers)
    for code in pd.unique(alike_rows.codes[is_repeated])[:MAX_FAULTS]:
        positions = alike_rows.positions(code)
        first = positions[0]
        key = [str(frame[name].iloc[first]) for name in alike]
        repetitions = positions[1:]
        for file in pd.unique(files[repetitions]):
            problems.add(
                "duplicate-row",
                row_place(str(file), rows[repetitions[files[repetitions] == file]]),
                "inputs.duplicate-row",
                keys=" ".join(filter(None, key)),
                first=row_place(str(files[first]), [rows[first]]),
            )
    return is_repeated


def _number_alike(columns: Iterable[Distinct], rows: int) -> np.ndarray:
    """Give rows that agree in all of some columns the same number.

    Column by column, since the columns of a large table together would take much memory.
    """
    numbers: np.ndarray = np.zeros(rows, dtype=np.int64)
    count = 1  # of different numbers at most
    for cells in columns:
        size = len(cells.words)
        if size == 1:
            continue
        count *= size
        if count > _MOST_NUMBERS:
            numbers, different = pd.factorize(numbers)
            count = len(different) * size
        numbers = numbers * size + cells.codes
    return numbers


def _check_total_members(
    texts: Mapping[str, Distinct], frame: pd.DataFrame, table: Table, problems: ProblemLog
) -> None:
    """Check that no member of a key is the total of the others of its name; adds ``total-row``."""
    for key in KEYS[1:]:
        words = texts[key].words
        if words.tolist() == [""]:
            continue
        members = pd.Series(words, dtype=object)
        is_total_word = members.map(is_total)
        if key == "month":
            is_total_word |= members.str.casefold().isin(_WHOLE_YEAR)
        totals = members[is_total_word.to_numpy(dtype=bool)]
        for member in totals:
            is_member = (frame[key] == member).to_numpy()
            names = frame.loc[is_member, "name"]
            is_other = ~frame[key].isin(["", *totals]) & frame["name"].isin(names)
            if is_other.any():
                place = table.place(np.flatnonzero(is_member), key)
                problems.add("total-row", place, "io.total-row", value=member)
        if key in _KEYS_OF_AMOUNTS:
            _check_hidden_totals(frame, key, table, problems)


def _check_hidden_totals(frame: pd.DataFrame, key: str, table: Table, problems: ProblemLog) -> None:
    """Warn (``maybe-total``) where a member of a key is everywhere the sum of the others."""
    places = [name for name in ("year", *KEYS) if name != key]
    has_member = (frame[key] != "").to_numpy()
    has_number = frame["value"].notna().to_numpy()
    filled = frame.loc[has_member & has_number, [*places, key, "name", "unit", "value"]]
    for (name, _), rows in filled.groupby(["name", "unit"], sort=False, observed=True):
        is_few = rows[key].nunique() < _FEWEST_MEMBERS
        if is_few or rows.duplicated([key, *places]).any():
            continue
        numbers = rows.set_index([key, *places])["value"]
        whole = whole_of_others(numbers.unstack(places))
        if whole and not is_total(whole):
            positions = rows.index[rows[key] == whole]
            problems.add(
                "maybe-total",
                table.place(positions, key),
                "inputs.maybe-total",
                name=name,
                member=whole,
                value=float(rows.at[positions[0], "value"]),
            )


def whole_of_others(numbers: pd.DataFrame) -> str:
    """Return the member whose number is the sum of all others wherever it has one.

    That happens by chance where numbers have few digits: five digits beyond the first are asked
    for, over all different numbers together.

    Parameters
    ----------
    numbers : DataFrame
        Numbers of one unit: members x places, NaN where a member has none.

    Returns
    -------
    str
        The member; blank if there is none.
    """
    if len(numbers) < _FEWEST_MEMBERS:
        return ""
    largest = numbers.sum(axis=1).idxmax()
    whole = numbers.loc[largest]
    others = numbers.drop(largest)
    has_whole = whole.notna() & (whole > 0)
    whole = whole[has_whole]
    others = others.loc[:, has_whole]
    if whole.empty or not np.allclose(whole, others.sum(), rtol=_EXACT, atol=0):
        return ""
    has_parts = (others.notna().sum() >= _FEWEST_MEMBERS - 1).to_numpy()
    mantissas = {f"{number:.10e}".split("e")[0].rstrip("0") for number in whole[has_parts]}
    digits = sum(len(mantissa) - len("1.") for mantissa in mantissas)
    return str(largest) if digits >= _FEWEST_DIGITS else ""


def _check_price_years(
    texts: Mapping[str, Distinct],
    na: np.ndarray,
    table: Table,
    problems: ProblemLog,
    *,
    required: bool,
) -> None:
    """Check the column ``price_year``; where it is ``required``, money must have one."""
    years = texts["price_year"]
    is_wrong = [_PRICE_YEAR.fullmatch(word) is None for word in years.words]
    wrong = np.flatnonzero(np.array(is_wrong, dtype=bool)[years.codes])
    if len(wrong):
        place = in_column(table.place(wrong), "price_year")
        shown = years.words[years.codes[wrong[0]]]
        problems.add("bad-year", place, "inputs.bad-price-year", price_year=shown)
    if not required:
        return
    units = texts["unit"]
    is_money = [unit_fault(unit) is None and has_money(unit) for unit in units.words]
    without_year = (years.words == "")[years.codes] & ~na
    missing = np.flatnonzero(np.array(is_money, dtype=bool)[units.codes] & without_year)
    if len(missing):
        place = in_column(table.place(missing), "price_year")
        unit = units.words[units.codes[missing[0]]]
        problems.add("price-year-missing", place, "inputs.price-year-missing", unit=unit)


def filled_keys(columns: Mapping[str, Distinct]) -> np.ndarray:
    """Return which key columns each row fills, as an integer.

    Parameters
    ----------
    columns : mapping of str to Distinct
        All columns of ``KEYS``.

    Returns
    -------
    ndarray of int
        Bit n is set if the row's key n of ``KEYS`` is not blank.
    """
    filled = np.zeros(len(columns[KEYS[0]]), dtype=np.int64)
    for number, key in enumerate(KEYS):
        cells = columns[key]
        filled |= (cells.words != "").astype(np.int64)[cells.codes] << number
    return filled


def _check_same_keys(
    texts: Mapping[str, Distinct],
    na: np.ndarray,
    table: Table,
    problems: ProblemLog,
    *,
    na_may_be_blank: bool,
) -> None:
    """Check that the rows of one name fill the same keys.

    Where ``na_may_be_blank``, a row of ``na`` may leave keys blank: it says that a region has none
    of any member.
    """
    filled = filled_keys(texts)
    names = texts["name"]
    for code, name in enumerate(names.words):
        positions = names.positions(code)
        keys = filled[positions]
        if (keys == keys[0]).all():
            continue
        exempt = na[positions] & na_may_be_blank
        counted = keys if exempt.all() else keys[~exempt]
        usual = int(pd.Series(counted).mode().iloc[0])
        is_subset = keys & ~usual == 0
        odd = positions[(keys != usual) & ~(exempt & is_subset)]
        if len(odd):
            usual_keys = tuple(key for bit, key in enumerate(KEYS) if usual >> bit & 1)
            message = "inputs.mixed-keys" if usual_keys else "inputs.mixed-keys-none"
            problems.add(
                "mixed-keys",
                table.place(odd),
                message,
                name=name,
                keys=usual_keys,
            )


def strayed_rows(
    frame: pd.DataFrame, years: Sequence[int], owner: Sequence[str], member: Sequence[str]
) -> pd.DataFrame:
    """Find rows of years that are not accounted for, but that an account seems to lack.

    A year that is not accounted for may have rows: a series is often longer than the accounts.
    Then most of its members are in the accounts too. Where most are not, the year of the rows may
    be wrong.

    Parameters
    ----------
    frame : DataFrame
        Rows with ``year`` (0 where it cannot be read).
    years : sequence of int
        The years that are accounted for.
    owner : sequence of str
        Columns of what the members belong to, such as the region.
    member : sequence of str
        Columns of what is counted, such as the class.

    Returns
    -------
    DataFrame
        The rows, with the column ``lacking``: the first accounted year that has rows of the owner
        but not of this member.
    """
    year = frame["year"].to_numpy()
    is_accounted = np.isin(year, list(years))
    is_other = ~is_accounted & (year > 0)
    lacking = np.zeros(len(frame), dtype=int)
    if is_other.any() and is_accounted.any():
        names = [*owner, *member]
        owners = _number_alike((Distinct.of(frame[name]) for name in owner), len(frame))
        members = _number_alike((Distinct.of(frame[name]) for name in names), len(frame))
        for accounted_year in years:
            of_year = year == accounted_year
            is_absent = is_other & np.isin(owners, owners[of_year])
            is_absent &= ~np.isin(members, members[of_year])
            absent = pd.Series(is_absent).groupby([owners, year]).transform("mean").to_numpy()
            lacking[(lacking == 0) & is_absent & (absent > _MOST)] = accounted_year
    return frame[lacking > 0].assign(lacking=lacking[lacking > 0])


# --- members of keys ------------------------------------------------------------------------------


@cache
def _member_words() -> Mapping[str, Sequence[Sequence[str]]]:
    """Return by key the words of ``members.csv`` that mean the same: 二氧化硫 and SO2."""
    groups: dict[str, dict[str, list[str]]] = {}
    path = Path(__file__).with_name("members.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            members = groups.setdefault(row["key"], {})
            members.setdefault(row["member"], [row["member"]]).append(row["word"])
    return {key: tuple(members.values()) for key, members in groups.items()}


def member_word(key: str, member: str, language: Language) -> str:
    """Return the first word for a member of a key in a language; the member if there is none.

    Parameters
    ----------
    key : str
        One of ``KEYS``.
    member : str
        Such as SO2.
    language : {'zh', 'en'}

    Returns
    -------
    str
        Such as 二氧化硫, by which ``member_spellings`` finds the member.
    """
    for words in _member_words().get(key, ()):
        if words[0] == member:
            for word in words[1:]:
                if word.isascii() == (language == "en"):
                    return word
    return member


def member_spellings(key: str, known: Iterable[str]) -> Spellings:
    """Gather the spellings of the members of a key.

    Parameters
    ----------
    key : str
        One of ``KEYS``, such as ``substance``.
    known : iterable of str
        The members, such as SO2.

    Returns
    -------
    Spellings
        With the Chinese and English words of ``members.csv``.
    """
    names = list(dict.fromkeys(known))
    words_of: dict[str, Sequence[str]] = {}
    for words in _member_words().get(key, ()):
        plain_words = {plain_spelling(word) for word in words}
        for name in names:
            if plain_spelling(name) in plain_words:
                words_of[name] = words
    return make_spellings(names, words_of)


# --- limits and distributions ---------------------------------------------------------------------

# Blank counts as triangular.
DISTRIBUTIONS = ("", "triangular", "uniform", "normal", "lognormal", "truncated_normal")
NORMAL = ("normal", "truncated_normal")

Z95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution

_LARGEST_SKEW = (
    0.1  # distance of the value from the middle of its limits, as a share of their width
)


class LimitFault(NamedTuple):
    """A defect that the limits of several rows share.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the rows.
    code : str
        ``unknown-distribution``, ``low-high``, ``distribution-limits`` or ``distribution-skewed``.
    message : str
        Key of the catalogue for the problem.
    values : mapping of str to object
        Value, low, high and distribution of the first of the rows, as the message shows them.
    """

    rows: np.ndarray
    code: str
    message: str
    values: Mapping[str, object]


def distribution_faults(frame: pd.DataFrame) -> list[LimitFault]:
    """Find the rows whose value, limits and distribution do not fit together.

    Parameters
    ----------
    frame : DataFrame
        Columns ``low``, ``value``, ``high`` (float, in one unit; NaN where there is none),
        ``distribution`` (one of ``DISTRIBUTIONS``) and, where the table allows it, ``na`` (bool:
        the value is ``na``).

    Returns
    -------
    list of LimitFault
        A row may have several faults. Empty if all rows are sound.
    """
    low = frame["low"].to_numpy(dtype=float)
    value = frame["value"].to_numpy(dtype=float)
    high = frame["high"].to_numpy(dtype=float)
    kind = frame["distribution"].to_numpy(dtype=object)
    na = np.zeros(len(frame), dtype=bool)
    if "na" in frame:
        na = frame["na"].to_numpy(dtype=bool)

    has_limits = ~(np.isnan(low) & np.isnan(high))
    has_both = ~(np.isnan(low) | np.isnan(high))
    has_distribution = np.isin(kind, DISTRIBUTIONS[1:])
    outside = (low > value) | (high < value) | (low > high)
    one_limit = has_limits & ~has_both & ~na
    no_limits = ~has_limits & has_distribution & ~na
    na_with_limits = na & (has_limits | has_distribution) & ~outside
    is_normal = ~outside & np.isin(kind, NORMAL)
    skewed_normal = is_normal & _is_skewed(low, value, high)
    with np.errstate(divide="ignore", invalid="ignore"):  # of rows that are not lognormal
        skewed_logarithms = _is_skewed(np.log(low), np.log(value), np.log(high))
    is_lognormal = ~outside & (kind == "lognormal") & (low > 0)
    skewed_lognormal = is_lognormal & skewed_logarithms
    lognormal_below_zero = (kind == "lognormal") & (low <= 0)

    faults: list[LimitFault] = []

    def find(mask: np.ndarray, code: str, message: str) -> None:
        rows = np.flatnonzero(mask)
        if len(rows):
            faults.append(LimitFault(rows, code, message, _shown(frame.iloc[rows[0]])))

    for word in _unknown(kind):
        find(kind == word, "unknown-distribution", "inputs.unknown-distribution")
    find(outside, "low-high", "inputs.value-outside-limits")
    find(one_limit, "distribution-limits", "inputs.one-limit")
    find(no_limits, "distribution-limits", "inputs.no-limits")
    find(na_with_limits, "distribution-limits", "inputs.na-with-limits")
    find(lognormal_below_zero, "distribution-limits", "inputs.lognormal-limits")
    find(skewed_normal, "distribution-skewed", "inputs.skewed-normal")
    find(skewed_lognormal, "distribution-skewed", "inputs.skewed-lognormal")
    return faults


AREA_RANGE = Possible(least=0.0)
_TOLD_SHARE = 1e-3  # of the draws of a row that leave its range: fewer are not reported
_PERCENT = 100


def possible_faults(frame: pd.DataFrame, possible: Possible) -> list[LimitFault]:
    """Find the rows whose limits, or whose draws, leave the range of the quantity.

    Parameters
    ----------
    frame : DataFrame
        See ``distribution_faults``. Rows whose value itself leaves the range are passed over.
    possible : Possible
        The range of each row, in the row's unit.

    Returns
    -------
    list of LimitFault
        ``limit-impossible`` for a low or high outside the range; ``draws-outside`` where at least
        one draw in a thousand of a normal or lognormal row is outside. ``values`` has ``least``,
        ``most`` and ``share`` (percent) too.
    """
    low = frame["low"].to_numpy(dtype=float)
    value = frame["value"].to_numpy(dtype=float)
    high = frame["high"].to_numpy(dtype=float)
    kind = frame["distribution"].to_numpy(dtype=object)
    least = np.broadcast_to(np.asarray(possible.least, dtype=float), value.shape)
    most = np.broadcast_to(np.asarray(possible.most, dtype=float), value.shape)
    is_inside = (value >= least) & (value <= most)
    in_order = is_inside & (low <= value) & (value <= high)
    too_low = in_order & (low < least)
    too_high = in_order & (high > most)
    below = shares_below(least, frame)
    above = 1 - shares_below(most, frame)
    is_drawn = in_order & ~too_low & ~too_high & np.isin(kind, ("normal", "lognormal"))
    checks = (
        (too_low, "limit-impossible", "inputs.low-impossible", below),
        (too_high, "limit-impossible", "inputs.high-impossible", above),
        (is_drawn & (below >= _TOLD_SHARE), "draws-outside", "inputs.draws-below", below),
        (is_drawn & (above >= _TOLD_SHARE), "draws-outside", "inputs.draws-above", above),
    )
    faults = []
    for mask, code, message, share in checks:
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        first = rows[0]
        shown = _shown(frame.iloc[first])
        shown["least"] = f"{least[first]:.10g}"
        shown["most"] = f"{most[first]:.10g}"
        shown["share"] = f"{share[first] * _PERCENT:.2g}"
        faults.append(LimitFault(rows, code, message, shown))
    return faults


def shares_below(bound: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Return how probable a number below a bound is, if draws were not truncated.

    Parameters
    ----------
    bound : ndarray
        A bound for each row, in the row's unit; may be infinite.
    frame : DataFrame
        See ``distribution_faults``.

    Returns
    -------
    ndarray
        Shares from 0 to 1. A row that is neither normal nor lognormal, or not uncertain, is never
        beyond a bound: 0 where the bound is not above its value, else 1.
    """
    low = frame["low"].to_numpy(dtype=float)
    value = frame["value"].to_numpy(dtype=float)
    high = frame["high"].to_numpy(dtype=float)
    kind = frame["distribution"].to_numpy(dtype=object)
    shares = np.where(bound > value, 1.0, 0.0)
    is_uncertain = low < high
    is_normal = is_uncertain & np.isin(kind, NORMAL)
    is_lognormal = is_uncertain & (kind == "lognormal") & (low > 0)
    for row in np.flatnonzero(is_normal):
        sd = (high[row] - low[row]) / (2 * Z95)
        shares[row] = _standard_normal_share((bound[row] - value[row]) / sd)
    for row in np.flatnonzero(is_lognormal):
        if bound[row] > 0:
            sd = math.log(high[row] / low[row]) / (2 * Z95)
            ratio = float(np.log(bound[row] / value[row]))
            shares[row] = _standard_normal_share(ratio / sd)
    return shares


def range_in_units(possible: Possible, unit: str, units: pd.Series) -> Possible:
    """Bring the range of a quantity to the units of its rows.

    Parameters
    ----------
    possible : Possible
        The range, in ``unit``.
    unit : str
    units : Series of str
        The unit of each row.

    Returns
    -------
    Possible
        Arrays with the limits of each row; infinite for rows whose unit cannot be converted.
    """
    positions, row_units = pd.factorize(units)
    factors = np.full(len(row_units) + 1, np.inf)  # the last, at -1, is that of rows without a unit
    for position, row_unit in enumerate(row_units):
        with suppress(UnitError):
            factors[position] = factor(unit, str(row_unit))
    scale = factors[positions]
    is_known = np.isfinite(scale)
    scale = np.where(is_known, scale, 1.0)
    return Possible(
        least=np.where(is_known, possible.least * scale, -np.inf),
        most=np.where(is_known, possible.most * scale, np.inf),
    )


def _standard_normal_share(deviation: float) -> float:
    """Return the probability that a standard normal number is below a deviation."""
    return 0.5 * math.erfc(-deviation / math.sqrt(2))


def check_possible(
    frame: pd.DataFrame,
    place_of: Callable[[np.ndarray], Place],
    possible: Possible,
    name: Sayable,
    problems: ProblemLog,
) -> None:
    """Check that limits and draws of rows stay in the range of their quantity.

    Parameters
    ----------
    frame : DataFrame
        See ``distribution_faults``.
    place_of : callable
        Takes positions of rows and returns their place.
    possible : Possible
        The range of the quantity, in the unit of each row.
    name : Sayable
        What the rows give, for messages.
    problems : ProblemLog
        Collects ``limit-impossible`` and the warning ``draws-outside``.
    """
    for fault in possible_faults(frame, possible):
        place = place_of(fault.rows)
        problems.add(
            fault.code,
            place,
            fault.message,
            name=name,
            **fault.values,
        )


def check_draws_positive(
    frame: pd.DataFrame, place_of: Callable[[np.ndarray], Place], problems: ProblemLog
) -> None:
    """Check numbers of unknown range: draws of a number given as positive should be so too.

    A normal row whose low is 0 or more, and of which at least one draw in a thousand is negative,
    is reported; its draws are not changed, for nothing says that it cannot be negative.

    Parameters
    ----------
    frame : DataFrame
        See ``distribution_faults``.
    place_of : callable
        Takes positions of rows and returns their place.
    problems : ProblemLog
        Collects the warning ``draws-outside``, and ``distribution-limits`` for a truncated_normal
        row with a low below 0: nothing says where it is truncated.
    """
    low = frame["low"].to_numpy(dtype=float)
    kind = frame["distribution"].to_numpy(dtype=object)
    is_positive = low >= 0
    faults = possible_faults(frame[is_positive], Possible(least=0.0))
    for fault in faults:
        rows = np.flatnonzero(is_positive)[fault.rows]
        problems.add(fault.code, place_of(rows), "inputs.draws-negative", **fault.values)
    unbounded = np.flatnonzero((kind == "truncated_normal") & (low < 0))
    if len(unbounded):
        shown = _shown(frame.iloc[unbounded[0]])
        problems.add(
            "distribution-limits", place_of(unbounded), "inputs.truncated-nowhere", **shown
        )


def _unknown(kind: np.ndarray) -> list[str]:
    """Return the words that are not distributions, each once."""
    return [word for word in pd.unique(kind) if word not in DISTRIBUTIONS]


def _is_skewed(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return whether values are far from the middle of their limits, compared with their width."""
    middle = (low + high) / 2
    return np.asarray(np.abs(value - middle) > _LARGEST_SKEW * (high - low))


def _shown(row: pd.Series) -> dict[str, object]:
    """Return value, limits and distribution of a row as a message shows them."""
    shown: dict[str, object] = {"distribution": row["distribution"]}
    for name, blank in (("value", "na"), ("low", ""), ("high", "")):
        shown[name] = blank if np.isnan(row[name]) else f"{row[name]:.10g}"
    return shown
