"""Events, groups and terms of office (事项、分组、任期): records that bear on a region.

The module reads the three tables and checks them by themselves. What an event does to a score, and
at which accounts a term is taken, is stated and computed by the kinds of schemes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.csv_excel import row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import (
    Columns,
    Table,
    check_region_codes,
    is_date,
    read_numbers,
    read_table,
)
from gep.texts.catalogue import counted

ALL = ""  # the group of regions that the table of groups does not name
TERM_COLUMNS = ["region", "office", "term_start", "term_end"]
_EVENTS = Columns(("region", "year", "event", "document", "date"), ("expires", "times", "note"))
_GROUPS = Columns(("region", "group"), ("source", "note"))
_TERMS = Columns((*TERM_COLUMNS, "document"), ("note",))


@dataclass(frozen=True, repr=False)
class Events(ShownAsTable):
    """Events of regions (事项), such as accidents or awards, each with its document.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``year``, ``event``, ``document``, ``date`` and ``expires`` (days as
        text; ``expires`` is blank if the event bears on its own year alone), ``times`` (how often
        it happened), ``note``, ``file``, ``row``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def of(self, year: int) -> pd.DataFrame:
        """Return the events that bear on a year: its own, and those not expired by its end."""
        rows = self.rows
        is_earlier = rows["year"] < year
        is_unexpired = rows["expires"] >= f"{year}-12-31"
        bears = is_earlier & is_unexpired
        bears |= rows["year"] == year
        return rows[bears.to_numpy()]


@dataclass(frozen=True, repr=False)
class Groups(ShownAsTable):
    """The group (分组) in which each region is ranked, by region code."""

    of: dict[str, str]
    files: tuple[Path, ...]

    def _shown_size(self) -> str:
        """Return how much it holds."""
        return counted(len(self.of), "region")

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return pd.DataFrame({"region": list(self.of), "group": list(self.of.values())})


@dataclass(frozen=True, repr=False)
class TermsOfOffice(ShownAsTable):
    """Offices and their terms (任期), never named people.

    Attributes
    ----------
    rows : DataFrame
        Columns ``region``, ``office``, ``term_start`` and ``term_end`` (days as text),
        ``document`` (of the appointment), ``note``, ``file``, ``row``.
    files : tuple of Path
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@checked_arguments
def read_events(path: TableArgument) -> Events:
    """Read ``events.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Events

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_events``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "year": 2020, "event": "spill", "document": "No. 1"}
    >>> gep.read_events(pd.DataFrame([row | {"date": "2020-05-06"}]))
    <Events: 1 row>
    """
    problems = ProblemLog()
    events = load_events(table_source(path, "events"), problems)
    if events is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return events


def load_events(path: TableSource, problems: ProblemLog) -> Events | None:
    """Load a table of events.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``bad-date``, ``blank``, ``negative`` (times), ``bad-year``, ``duplicate-row``,
        and what is wrong with the table as such.

    Returns
    -------
    Events or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _EVENTS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "event", "document", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    for column in ("date", "expires"):
        rows[column] = table.column(column).to_numpy()
        _check_days(table, column, problems, blank_allowed=True)
    check_filled(table, ("region", "event", "document", "date"), problems)
    printed = table.column("times")
    is_blank = printed == ""
    times, _ = read_numbers(table, "times", problems, blank=True)
    rows["times"] = np.where(is_blank, 1.0, times)
    rows["note"] = table.column("note").to_numpy()
    negative = np.flatnonzero(times < 0)
    if len(negative):
        place = table.place(negative)
        problems.add(
            "negative",
            replace(place, column="times"),
            "assessment.negative-times",
            times=printed.iloc[negative[0]],
        )
    _check_expiry(rows, table, problems)
    check_duplicates(rows, ["region", "year", "event", "document", "date"], problems)
    check_region_codes(table, "region", problems)
    return Events(rows, files_read(path))


def _check_expiry(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that events do not expire before their date."""
    early = []
    days = zip(rows["date"], rows["expires"], strict=True)
    for position, (day, expires) in enumerate(days):
        if is_date(expires) and expires < day:
            early.append(position)
    if early:
        first = rows.iloc[early[0]]
        place = table.place(early)
        problems.add(
            "bad-date",
            replace(place, column="expires"),
            "assessment.expires-before-date",
            expires=first["expires"],
            date=first["date"],
        )


@checked_arguments
def read_groups(path: TableArgument) -> Groups:
    """Read ``groups.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Groups

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_groups``.

    Examples
    --------
    >>> import gep
    >>> gep.read_groups("examples/jiangxi-assessment/groups.csv")
    <Groups: ... regions>
    """
    problems = ProblemLog()
    groups = load_groups(table_source(path, "groups"), problems)
    if groups is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return groups


def load_groups(path: TableSource, problems: ProblemLog) -> Groups | None:
    """Load a table of groups.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``blank``, ``duplicate-row`` (a region in two groups), and what is wrong with the
        table as such.

    Returns
    -------
    Groups or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _GROUPS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "group", "row"]].assign(file=table.label)
    check_filled(table, ("region", "group"), problems)
    check_region_codes(table, "region", problems)
    check_duplicates(rows, ["region"], problems)
    return Groups(dict(zip(rows["region"], rows["group"], strict=True)), files_read(path))


@checked_arguments
def read_terms(path: TableArgument) -> TermsOfOffice:
    """Read ``terms.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    TermsOfOffice

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table; see ``load_terms``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "office": "mayor", "term_start": "2019-01-01", "document": "No. 1"}
    >>> gep.read_terms(pd.DataFrame([row | {"term_end": "2020-12-31"}]))
    <TermsOfOffice: 1 row>
    """
    problems = ProblemLog()
    terms = load_terms(table_source(path, "terms"), problems)
    if terms is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return terms


def load_terms(path: TableSource, problems: ProblemLog) -> TermsOfOffice | None:
    """Load a table of terms of office.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects ``bad-date``, ``blank``, ``duplicate-row``, ``term-order``, ``term-overlap``, and
        what is wrong with the table as such.

    Returns
    -------
    TermsOfOffice or None
        None if the table cannot be read at all.
    """
    table = read_table(path, _TERMS, problems)
    if table is None:
        return None
    rows = table.frame[[*TERM_COLUMNS, "document", "row"]].assign(file=table.label)
    rows["note"] = table.column("note").to_numpy()
    dated = _check_days(table, "term_start", problems)
    dated &= _check_days(table, "term_end", problems)
    check_filled(table, ("region", "office", "document"), problems)
    check_region_codes(table, "region", problems)
    check_duplicates(rows, ["region", "office", "term_start"], problems)
    _check_term_order(rows, dated, table, problems)
    _check_term_overlap(rows[dated], table, problems)
    return TermsOfOffice(rows, files_read(path))


def _check_term_order(
    rows: pd.DataFrame, dated: np.ndarray, table: Table, problems: ProblemLog
) -> None:
    """Check that terms end after they start; ``dated`` are the rows with two days."""
    is_reversed = rows["term_end"] <= rows["term_start"]
    positions = np.flatnonzero(dated & is_reversed)
    if len(positions):
        first = rows.iloc[positions[0]]
        place = table.place(positions)
        problems.add(
            "term-order",
            replace(place, column="term_end"),
            "assessment.term-order",
            start=first["term_start"],
            end=first["term_end"],
        )


def _check_term_overlap(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that an office of a region has one term at a time."""
    ordered = rows.sort_values("term_start")
    for (region, office), terms in ordered.groupby(["region", "office"], sort=False, observed=True):
        for term, following in pairwise(terms.to_dict("records")):
            if term["term_start"] < following["term_start"] < term["term_end"]:
                problems.add(
                    "term-overlap",
                    row_place(table.label, [term["row"], following["row"]]),
                    "assessment.term-overlap",
                    office=office,
                    region=region,
                    day=following["term_start"],
                )


def _check_days(
    table: Table, column: str, problems: ProblemLog, *, blank_allowed: bool = False
) -> np.ndarray:
    """Check a column of days; return for each row whether it has one."""
    words = table.column(column).to_numpy()
    is_day = np.array([is_date(word) for word in words], dtype=bool)
    for word in dict.fromkeys(words[~is_day]):
        if word == "" and blank_allowed:
            continue
        place = replace(table.place(np.flatnonzero(words == word)), column=column)
        if word == "":
            problems.add("bad-date", place, "assessment.blank-date", column=column)
        else:
            problems.add("bad-date", place, "assessment.bad-date", column=column, date=word)
    return is_day


def check_filled(table: Table, columns: Iterable[str], problems: ProblemLog) -> None:
    """Check that columns have no blank cell.

    Parameters
    ----------
    table : Table
    columns : iterable of str
    problems : ProblemLog
        Collects ``blank``, one for each column.
    """
    for column in columns:
        blank = np.flatnonzero(table.column(column).to_numpy() == "")
        if len(blank):
            place = replace(table.place(blank), column=column)
            problems.add("blank", place, "assessment.blank-cell", column=column)
