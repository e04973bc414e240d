"""Numbers as rows: what coefficients and data share. Every number has value, unit, source, locator and grade.

``read_rows`` gives a frame with one row a number: ``name``, the key columns of ``KEYS`` (blank where unused), ``value``
(NaN for na), ``na``, ``unit``, ``price_year`` ('' | 'nominal' | a year), ``grade`` (a code of ``GRADES``), ``low``,
``high``, ``distribution``, ``group``, ``source``, ``locator``, ``note``, ``file``, ``row``; data rows also ``year``.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.limits import distribution_faults
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, Table, check_lost_zeros, read_numbers, read_table
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
    "index",
)
GRADES = ("official", "published", "derived", "expert", "unstated", "recalled", "placeholder")
GRADES_OF_COEFFICIENTS = tuple(
    name for name in GRADES if name != "unstated"
)  # who cites a number can grade it
GRADE = {name: code for code, name in enumerate(GRADES)}
_NOTES = ("low", "high", "distribution", "group", "price_year", "locator", "grade", "note")
COEFFICIENT_COLUMNS = Columns(
    ("coefficient", "value", "unit", "source", "locator", "grade"), (*KEYS, *_NOTES, "checked")
)
DATA_COLUMNS = Columns(("region", "year", "name", "value", "unit", "source"), (*KEYS[1:], *_NOTES))


def read_value_rows(
    path: Path, columns: Columns, problems: ProblemLog, label: str | None = None
) -> pd.DataFrame | None:
    """Read and check a table of numbers; None when it could not be read at all."""
    table = read_table(path, columns, problems, label)
    if table is None:
        return None
    data = "year" in columns.required
    values, na = read_numbers(table, "value", problems, na=True)
    low, _ = read_numbers(table, "low", problems, na=True, blank=True)
    high, _ = read_numbers(table, "high", problems, na=True, blank=True)
    frame = pd.DataFrame(
        {"name": table.column("name" if data else "coefficient"), "value": values, "na": na}
    )
    for key in KEYS:
        frame[key] = table.column(key).to_numpy()
    for name in ("unit", "price_year", "distribution", "group", "source", "locator", "note"):
        frame[name] = table.column(name).to_numpy()
    frame["low"], frame["high"] = low, high
    frame["grade"] = (
        read_grades(table, problems)
        if data
        else _grades(table, GRADES_OF_COEFFICIENTS, "", problems)
    )
    frame["file"], frame["row"] = table.label, table.frame["row"].to_numpy()
    if data:
        frame["year"] = read_years(table, problems)
        _not_blank(table, "region", problems)
    else:
        _not_blank(table, "source", problems)
        _not_blank(table, "locator", problems)
    _not_blank(table, "name" if data else "coefficient", problems)
    check_lost_zeros(table, "region", problems)
    _check(frame, table, problems, data)
    return frame


def read_years(table: Table, problems: ProblemLog) -> np.ndarray:
    """The year column as integers; what is not a year from 1900 to 2100 is a problem."""
    codes, words = pd.factorize(table.column("year").to_numpy())
    found = np.zeros(len(words), dtype=int)
    for code, word in enumerate(words):
        if word.isascii() and word.isdigit() and 1900 <= int(word) <= 2100:
            found[code] = int(word)
        else:
            where = table.place(np.flatnonzero(codes == code))
            digits = "".join(
                mark for mark in unicodedata.normalize("NFKC", word) if mark in "0123456789"
            )
            fix = f"write the year with four digits, such as {digits if len(digits) == 4 else 2020}"
            problems.add("bad-year", where, f"year reads {word!r}", fix)
    return np.asarray(found[codes])


def _grades(table: Table, known: Sequence[str], blank: str, problems: ProblemLog) -> np.ndarray:
    codes, words = pd.factorize(table.column("grade").to_numpy())
    found = np.full(len(words), GRADE["unstated"], dtype=np.uint8)
    for code, word in enumerate(words):
        if (word or blank) in known:
            found[code] = GRADE[word or blank]
        else:
            where = table.place(np.flatnonzero(codes == code))
            what = f"grade reads {word!r}" if word else "grade is blank"
            problems.add("unknown-grade", where, what, f"grades are: {', '.join(known)}")
    return np.asarray(found[codes])


def read_grades(table: Table, problems: ProblemLog) -> np.ndarray:
    """The grade column as codes; blank counts as ``unstated``."""
    return _grades(table, GRADES, "unstated", problems)


def _not_blank(table: Table, name: str, problems: ProblemLog) -> None:
    blank = np.flatnonzero(table.column(name).to_numpy() == "")
    if len(blank):
        problems.add(
            "blank", table.place(blank), f"{name} is blank", f"write the {name} of the number"
        )


def check_units(
    table: Table, target: str | None, problems: ProblemLog, column: str = "unit"
) -> None:
    """Check a column of units; with ``target``, that it measures the same thing."""
    codes, words = pd.factorize(table.column(column).to_numpy())
    for code, word in enumerate(words):
        fault = unit_fault(word, target)
        if fault:
            where = table.place(np.flatnonzero(codes == code))
            what = fault[1] if word else f"{column} is blank"
            fix = f"write the unit in column {column}, such as {target or 't'}; "
            known = "see the units that are known: docs/reference/units.md"
            problems.add(fault[0], where, what, known if word else fix + known)


def unit_fault(unit: str, target: str | None = None) -> tuple[str, str] | None:
    """The code and words of what is wrong with a unit, or None."""
    if unit == "":
        return "blank", "unit is blank"
    try:
        factor(unit, unit)
    except UnitError as error:
        return "unknown-unit", str(error)
    try:
        factor(unit, target or unit)
    except UnitError as error:
        return "wrong-dimension", str(error)
    return None


def _check(frame: pd.DataFrame, table: Table, problems: ProblemLog, data: bool) -> None:
    check_units(table, None, problems)
    _price_years(frame, table, problems, data)
    check_distributions(frame, table, problems)
    _same_keys(frame, table, problems, data)
    alike = ["name", *KEYS, "price_year", *(["year"] if data else [])]
    check_duplicates(frame, alike, problems)


def check_distributions(frame: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """What is known of numbers beside their value: limits and distribution."""
    for rows, code, what, fix in distribution_faults(frame):
        problems.add(code, table.place(rows), what, fix)


def check_duplicates(frame: pd.DataFrame, alike: list[str], problems: ProblemLog) -> None:
    """Rows that give the same number twice, named with the row that came first."""
    again = frame.duplicated(alike, keep=False).to_numpy()
    if not again.any():
        return
    for key, group in frame[again].groupby(alike, sort=False):
        first, rest = group.iloc[0], group.iloc[1:]
        what = f"{' '.join(str(part) for part in key if part != '')} stands already in {first['file']} row {first['row']}"
        for file, rows in rest.groupby("file", sort=False):
            problems.add(
                "duplicate-row", row_place(str(file), rows["row"]), what, "keep one of the rows"
            )


def _price_years(frame: pd.DataFrame, table: Table, problems: ProblemLog, data: bool) -> None:
    text = frame["price_year"]
    wrong = np.flatnonzero(~(text.isin(["", "nominal"]) | text.str.fullmatch("(19|20)[0-9]{2}")))
    if len(wrong):
        what = f"price_year reads {text.iloc[wrong[0]]!r}"
        problems.add(
            "bad-year", table.place(wrong), what, "write the year of the price, or nominal"
        )
    codes, words = pd.factorize(frame["unit"].to_numpy())
    money = np.array([unit_fault(word) is None and has_money(word) for word in words], dtype=bool)[
        codes
    ]
    lacking = np.flatnonzero(money & (text == "").to_numpy() & ~frame["na"].to_numpy())
    if len(lacking) and not data:
        fix = "write the year of the price; nominal where the source prints none"
        problems.add("price-year-missing", table.place(lacking), "money without a price_year", fix)


def _same_keys(frame: pd.DataFrame, table: Table, problems: ProblemLog, data: bool) -> None:
    """The rows of one name fill the same keys; a data row of na may leave keys blank, for it says "none here"."""
    filled = (frame[list(KEYS)] != "").to_numpy() @ (1 << np.arange(len(KEYS)))
    for name, spots in frame.groupby("name", sort=False).indices.items():
        own, none = filled[spots], frame["na"].to_numpy(dtype=bool)[spots] & data
        if (own == own[0]).all():
            continue
        usual = int(pd.Series(own if none.all() else own[~none]).mode().iloc[0])
        odd = spots[(own != usual) & ~(none & (own & ~usual == 0))]
        if len(odd):
            keys = ", ".join(key for bit, key in enumerate(KEYS) if usual >> bit & 1) or "no key"
            what = f"{name} is keyed by {keys} in its other rows"
            problems.add("mixed-keys", table.place(odd), what, "fill the same keys")
