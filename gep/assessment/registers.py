"""Registers with dates (带日期的名录): what is on record of enterprises, offices and sections.

One table for all registers: who, what, from which day, a value or an event, until which day, by
which document. The module reads it, checks it by itself, and refuses what looks like a person's
data. What a row means is stated by the schemes of kind ``register``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from gep.assessment.events import check_filled
from gep.errors import Place, ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, read_grades, unit_fault
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.csv_excel import printable
from gep.io.notebook import ShownAsTable
from gep.io.tables import (
    Columns,
    Table,
    check_region_codes,
    is_date,
    read_numbers,
    read_table,
    suggestion,
)

ENTERPRISE = "enterprise"
OFFICE = "office"
SECTION = "section"
INSPECTOR = "inspector"
SUBJECT_KINDS: Mapping[str, str] = {
    ENTERPRISE: "企业",
    OFFICE: "部门",
    SECTION: "断面",
    INSPECTOR: "检查人员",
}
IDENTITY = ["region", "subject_kind", "subject"]  # what names a subject
_ALIKE = [*IDENTITY, "item", "date", "event", "document"]
OPEN = "9999-12-31"  # the last day of rows that have no end
_WORDS = ("subject", "item", "event", "document", "note")  # columns in which anything may stand
_REGISTER = Columns(
    ("region", "subject_kind", "subject", "item", "date", "document"),
    ("value", "unit", "event", "until", "grade", "note"),
)
_PERSON_COLUMNS = {
    *("姓名", "人名", "法定代表人", "法人代表", "法人", "负责人", "联系人", "责任人", "检查人"),
    *("身份证", "身份证号", "身份证号码", "电话", "联系电话", "手机", "手机号", "手机号码"),
    *("person", "person_name", "full_name", "first_name", "last_name", "surname"),
    *("id_number", "id_card", "identity_number", "phone", "mobile", "legal_representative"),
}
_IDENTITY_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_MOBILE_NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_INSPECTOR_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9_-]+", re.ASCII)
_PROVINCE_DIGITS = range(11, 83)
_FIRST_BIRTH = 1900
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # of unified social credit codes, GB 32100-2015
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True, repr=False)
class Register(ShownAsTable):
    """A register with dates.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``subject_kind`` (a key of ``SUBJECT_KINDS``), ``subject``, ``item``,
        ``date`` (a day as text), ``value`` (NaN if there is none), ``unit`` (``1`` if blank),
        ``event``, ``until`` (the last day on which the row counts; ``OPEN`` if blank),
        ``document``, ``grade`` (a code), ``note``, ``file``, ``row``; sorted by all of these, so
        that the order of the file does not matter.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    @property
    def years(self) -> set[int]:
        """The years from that of the first row to that of the last one."""
        days = [day for day in self.rows["date"] if is_date(day)]
        if not days:
            return set()
        return set(range(int(min(days)[:4]), int(max(days)[:4]) + 1))


@checked_arguments
def read_register(path: TableArgument) -> Register:
    """Read ``register.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Register

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_register``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "subject_kind": "enterprise", "subject": "E1", "item": "warning"}
    >>> gep.read_register(pd.DataFrame([row | {"date": "2024-05-06", "document": "No. 1"}]))
    <Register: 1 row>
    """
    problems = ProblemLog()
    register = load_register(table_source(path, "register"), problems)
    if register is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return register


def load_register(path: TableSource, problems: ProblemLog) -> Register | None:
    """Load a register.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``personal-data``, ``register-subject``, ``bad-date``, ``blank``,
        ``unknown-unit``, ``unknown-grade``, ``duplicate-row``, and what is wrong with the table as
        such.

    Returns
    -------
    Register or None
        None if the table cannot be read at all.
    """
    reading = ProblemLog()
    table = read_table(path, _REGISTER, reading)
    problems.include_log(reading)
    problems.heads.update(reading.heads)
    problems.row_labels.update(reading.row_labels)
    _check_person_columns(reading, problems)
    if table is None:
        return None
    rows = table.frame[["region", "subject", "item", "date", "document", "row"]]
    rows = rows.assign(file=table.label)
    check_filled(table, ("region", "subject_kind", "subject", "item", "document"), problems)
    check_region_codes(table, "region", problems)
    rows["subject_kind"] = _read_subject_kinds(table, problems)
    values, _ = read_numbers(table, "value", problems, blank=True)
    rows["value"] = values
    rows["unit"] = _read_units(table, problems)
    for column in ("event", "note"):
        rows[column] = table.column(column).to_numpy()
    until = table.column("until").to_numpy()
    rows["until"] = np.where(until == "", OPEN, until)
    rows["grade"] = read_grades(table, problems)
    _check_days(rows, table, problems)
    _check_person_words(table, problems)
    _check_inspectors(rows, table, problems)
    check_duplicates(rows, _ALIKE, problems)
    return Register(_ordered(rows), files_read(path))


def load_registers(paths: Sequence[TableSource], problems: ProblemLog) -> Register | None:
    """Load the tables of a register, which may be in several files.

    Parameters
    ----------
    paths : sequence of Path or GivenTable
    problems : ProblemLog
        Collects those of ``load_register``, and ``duplicate-row`` across files.

    Returns
    -------
    Register or None
        None if a table cannot be read at all.
    """
    registers = []
    for path in paths:
        register = load_register(path, problems)
        if register is None:
            return None
        registers.append(register)
    rows = pd.concat([register.rows for register in registers], ignore_index=True)
    check_duplicates(rows, _ALIKE, problems)
    files: list[Path] = []
    for register in registers:
        files += register.files
    return Register(_ordered(rows), tuple(files))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in an order of their own."""
    order = [*_ALIKE, "until", "value", "file", "row"]
    return rows.sort_values(order, kind="stable", ignore_index=True)


def _read_subject_kinds(table: Table, problems: ProblemLog) -> np.ndarray:
    """Read what the subjects are; Chinese words stand for their codes."""
    words = table.column("subject_kind").to_numpy()
    codes = {**{code: code for code in SUBJECT_KINDS}, **{zh: c for c, zh in SUBJECT_KINDS.items()}}
    kinds = []
    for position, word in enumerate(words):
        kinds.append(codes.get(word, ""))
        if word and word not in codes:
            problems.add(
                "register-subject",
                table.place([position], "subject_kind"),
                "register.unknown-subject-kind",
                word=printable(word),
                known=tuple(SUBJECT_KINDS),
                hint=suggestion(word, codes),
            )
    return np.array(kinds, dtype=object)


def _read_units(table: Table, problems: ProblemLog) -> np.ndarray:
    """Read units; a blank one is 1."""
    words = table.column("unit").to_numpy()
    for word in dict.fromkeys(words):
        fault = unit_fault(word) if word else None
        if fault is not None:
            place = table.place(np.flatnonzero(words == word), "unit")
            problems.add(fault[0], place, "register.bad-unit", reason=fault[1])
    return np.where(words == "", "1", words)


def _check_days(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that days are days, and that rows do not end before they begin."""
    for column in ("date", "until"):
        for position, word in enumerate(rows[column]):
            if not is_date(word):
                place = table.place([position], column)
                message = "assessment.bad-date" if word else "assessment.blank-date"
                problems.add("bad-date", place, message, column=column, date=printable(word))
    days = zip(rows["date"], rows["until"], strict=True)
    for position, (day, until) in enumerate(days):
        if is_date(day) and is_date(until) and until < day:
            place = table.place([position], "until")
            problems.add("bad-date", place, "register.until-before-date", until=until, date=day)


# --- what is of a person --------------------------------------------------------------------------


def _check_person_columns(reading: ProblemLog, problems: ProblemLog) -> None:
    """Refuse columns for names and numbers of persons, by the unknown columns that were met."""
    for problem in reading.errors:
        place = problem.place
        if problem.code != "unknown-column" or not isinstance(place, Place):
            continue
        column = place.column.strip().casefold()
        if column in _PERSON_COLUMNS:
            message = "register.person-column"
            problems.add("personal-data", place, message, column=printable(place.column))


def _check_person_words(table: Table, problems: ProblemLog) -> None:
    """Refuse cells that hold what looks like an identity number or a mobile number."""
    for column in _WORDS:
        words = table.column(column).to_numpy()
        for word in dict.fromkeys(words):
            if has_person_number(word):
                # the number itself is not repeated
                place = table.place(np.flatnonzero(words == word), column)
                problems.add("personal-data", place, "register.person-number", column=column)


def has_person_number(words: str) -> bool:
    """Return whether a text holds what looks like a person's identity or mobile number.

    An identity number has 18 signs, begins with a province and has a day of birth inside. A unified
    social credit code (GB 32100-2015) of as many signs is none, if its check sign is right.

    Parameters
    ----------
    words : str

    Returns
    -------
    bool
    """
    for match in _IDENTITY_NUMBER.finditer(words):
        number = match.group().upper()
        if _has_birth(number) and not _is_credit_code(number):
            return True
    return _MOBILE_NUMBER.search(words) is not None


def _has_birth(number: str) -> bool:
    """Return whether 18 signs begin with a province and hold a day of birth."""
    day = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    if int(number[:2]) not in _PROVINCE_DIGITS or not is_date(day):
        return False
    return _FIRST_BIRTH <= int(number[6:10]) <= date.today().year


def _is_credit_code(code: str) -> bool:
    """Return whether the check sign of a unified social credit code is right."""
    total = 0
    for sign, weight in zip(code, _CREDIT_WEIGHTS, strict=False):
        total += _CREDIT_SIGNS.index(sign) * weight
    check = (31 - total % 31) % 31
    return code[-1] == _CREDIT_SIGNS[check]


def _check_inspectors(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that inspectors are codes, which no name is."""
    is_inspector = rows["subject_kind"] == INSPECTOR
    for position in np.flatnonzero(is_inspector.to_numpy()):
        if not _INSPECTOR_CODE.fullmatch(rows["subject"].iloc[position]):
            place = replace(table.place([int(position)]), column="subject")
            problems.add("personal-data", place, "register.inspector-name")


# --- rows in force --------------------------------------------------------------------------------


def in_force(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the rows that count on a day: from their date to their last day, both included.

    Parameters
    ----------
    rows : DataFrame
        Rows of a register.
    day : str
        Such as ``2024-12-31``.

    Returns
    -------
    DataFrame
    """
    counts = (rows["date"] <= day) & (rows["until"] >= day)
    return rows[counts.to_numpy()]
