"""Events and groups (扣分加分事项、分组): what bears on a region's score, and with whom it is ranked."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, Table, check_lost_zeros, read_numbers, read_table

_EVENTS = Columns(("region", "year", "event", "document", "date"), ("expires", "times", "note"))
TERM_COLUMNS = ["region", "office", "term_start", "term_end"]
_TERMS = Columns((*TERM_COLUMNS, "document"), ("note",))
_GROUPS = Columns(("region", "group"), ("source", "note"))
ALL = ""  # the group of regions of which none is said


@dataclass(frozen=True)
class Events:
    """Event rows: region, year, event, document, date, expires, times (how often), note, file, row."""

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def of(self, year: int) -> pd.DataFrame:
        """The events that bear on a year: of that year, or of an earlier one and not yet expired at its end."""
        rows = self.rows
        lasting = (rows["year"] < year) & (rows["expires"] >= f"{year}-12-31")
        return rows[((rows["year"] == year) | lasting).to_numpy()]


def read_events(path: str | Path) -> Events:
    """Read ``events.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    events = load_events(Path(path), problems)
    if events is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return events


def load_events(path: Path, problems: ProblemLog) -> Events | None:
    """Load a table of events: each needs its document and date."""
    table = read_table(path, _EVENTS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "event", "document", "row"]].assign(file=table.label)
    rows["year"] = read_years(table, problems)
    for name in ("date", "expires"):
        rows[name] = table.column(name).to_numpy()
        wrong = [spot for spot, text in enumerate(rows[name]) if text and not is_date(text)]
        if wrong:
            what = f"{name} reads {rows[name].iloc[wrong[0]]!r}"
            problems.add("bad-date", table.place(wrong), what, "write the day as 2020-12-31")
    for name in ("region", "event", "document", "date"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add(
                "blank", table.place(blank), f"{name} is blank", f"an event needs its {name}"
            )
    times, _ = read_numbers(table, "times", problems, blank=True)
    rows["times"] = np.where(table.column("times").to_numpy() == "", 1.0, times)
    rows["note"] = table.column("note").to_numpy()
    if len(below := np.flatnonzero(times < 0)):
        problems.add(
            "negative", table.place(below), "times is below 0", "write how often it happened"
        )
    ends = [
        end != "" and is_date(end) and end < day
        for day, end in zip(rows["date"], rows["expires"], strict=True)
    ]
    if any(ends):
        what, fix = "an event expires before its date", "correct date or expires"
        problems.add("bad-date", table.place(np.flatnonzero(ends)), what, fix)
    check_duplicates(rows, ["region", "year", "event", "document", "date"], problems)
    check_lost_zeros(table, "region", problems)
    return Events(rows, (path,))


def is_date(text: str) -> bool:
    """Whether a text is a day as 2020-12-31; other forms that Python reads do not compare as texts."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True)
class Groups:
    """The group of each region."""

    of: dict[str, str]
    files: tuple[Path, ...]


def read_groups(path: str | Path) -> Groups:
    """Read ``groups.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    groups = load_groups(Path(path), problems)
    if groups is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return groups


def load_groups(path: Path, problems: ProblemLog) -> Groups | None:
    """Load a table of groups: a region stands in one."""
    table = read_table(path, _GROUPS, problems)
    if table is None:
        return None
    rows = table.frame[["region", "group", "row"]].assign(file=table.label)
    for name in ("region", "group"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{name} is blank", f"write the {name}")
    check_lost_zeros(table, "region", problems)
    check_duplicates(rows, ["region"], problems)
    return Groups(dict(zip(rows["region"], rows["group"], strict=True)), (path,))


@dataclass(frozen=True)
class TermsOfOffice:
    """Term rows: region, office, term_start, term_end (dates as text), document, note, file, row."""

    rows: pd.DataFrame
    files: tuple[Path, ...]


def read_terms(path: str | Path) -> TermsOfOffice:
    """Read ``terms.csv``. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_terms(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_terms(path: Path, problems: ProblemLog) -> TermsOfOffice | None:
    """Load a table of terms: an office of a region, from a day to a day, with the document of appointment."""
    table = read_table(path, _TERMS, problems)
    if table is None:
        return None
    rows = table.frame[[*TERM_COLUMNS, "document", "row"]].assign(file=table.label)
    rows["note"] = table.column("note").to_numpy()
    fine = np.ones(len(rows), dtype=bool)
    for name in ("term_start", "term_end"):
        wrong = np.array([not is_date(text) for text in rows[name]])
        if wrong.any():
            what = f"{name} reads {rows[name].to_numpy()[wrong][0]!r}"
            problems.add(
                "bad-date", table.place(np.flatnonzero(wrong)), what, "write the day as 2020-12-31"
            )
        fine &= ~wrong
    for name in ("region", "office", "document"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add(
                "blank", table.place(blank), f"{name} is blank", f"a term needs its {name}"
            )
    check_lost_zeros(table, "region", problems)
    check_duplicates(rows, ["region", "office", "term_start"], problems)
    _check_order(rows, fine, table, problems)
    return TermsOfOffice(rows, (path,))


def _check_order(rows: pd.DataFrame, fine: np.ndarray, table: Table, problems: ProblemLog) -> None:
    """A term ends after it starts, and the terms of one office do not run at the same time."""
    turned = np.flatnonzero(fine & (rows["term_end"] <= rows["term_start"]).to_numpy())
    if len(turned):
        what = "the term does not end after it starts"
        problems.add("term-order", table.place(turned), what, "correct term_start or term_end")
    for _, some in rows[fine].sort_values("term_start").groupby(["region", "office"], sort=False):
        for one, other in pairwise(some.to_dict("records")):
            if one["term_start"] < other["term_start"] < one["term_end"]:
                what = f"{one['office']} of {one['region']} has two terms at {other['term_start']}"
                fix = "an office has one term at a time: correct the days, or name two offices"
                problems.add(
                    "term-overlap", row_place(table.label, [one["row"], other["row"]]), what, fix
                )
