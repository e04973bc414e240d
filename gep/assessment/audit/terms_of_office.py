"""Terms of office (任期): offices and their terms, read from ``terms.csv``; never named people.

Accounts stand at 31 December. A term that begins or ends inside a year is taken at the account date nearest to that
day; of two that are equally near, the earlier. No text that was read says what is due; the nearest date is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, Table, check_lost_zeros, read_table, suggestion

TERM_COLUMNS = ["region", "office", "term_start", "term_end"]
_TERMS = Columns((*TERM_COLUMNS, "document"), ("note",))
_FAR = (
    184  # days: the account nearest to a day is at most half a year off, where every year has one
)
_FIX_FAR = "add the accounts of the years of the term"


@dataclass(frozen=True)
class TermsOfOffice:
    """Term rows: region, office, term_start, term_end (dates as text), document, note, file, row."""

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def snapped(self, years: Sequence[int]) -> pd.DataFrame:
        """The rows with ``account_start`` and ``account_end`` (years of the accounts nearest), and days off."""
        found = self.rows.copy()
        for end in ("start", "end"):
            near = [nearest(date.fromisoformat(text), years) for text in found[f"term_{end}"]]
            found[f"account_{end}"], found[f"{end}_off"] = (
                [year for year, _ in near],
                [off for _, off in near],
            )
        return found


def nearest(day: date, years: Sequence[int]) -> tuple[int, int]:
    """The year whose 31 December is nearest to a day, and how many days lie between; of two the earlier."""
    off = [(abs((day - date(year, 12, 31)).days), year) for year in sorted(years)]
    days, year = min(off)
    return year, days


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
        wrong = np.array([not is_day(text) for text in rows[name]])
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


def is_day(text: str) -> bool:
    """Whether a text is a day written as 2020-12-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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


def check_terms(
    terms: TermsOfOffice, regions: Sequence[str], years: Sequence[int], problems: ProblemLog
) -> None:
    """Terms are of regions that are known, and reach from one account to another."""
    rows = terms.rows
    for (file, code), some in rows[~rows["region"].isin(list(regions)).to_numpy()].groupby(
        ["file", "region"]
    ):
        what = f"region {code!r} has no reading"
        problems.add(
            "unknown-region",
            row_place(str(file), some["row"]),
            what,
            suggestion(str(code), regions),
        )
    sound = [
        is_day(one) and is_day(other)
        for one, other in zip(rows["term_start"], rows["term_end"], strict=True)
    ]
    kept = replace(terms, rows=rows[np.array(sound, dtype=bool)].reset_index(drop=True))
    for term in kept.snapped(years).to_dict("records") if len(kept.rows) else ():
        where = row_place(str(term["file"]), [term["row"]])
        if term["account_start"] == term["account_end"]:
            what = (
                f"its first and last day are both nearest to the account of {term['account_start']}"
            )
            problems.add("term-one-account", where, what, _FIX_FAR)
        for end in ("start", "end"):
            if term[f"{end}_off"] > _FAR:
                off, day, year = (
                    term[name] for name in (f"{end}_off", f"term_{end}", f"account_{end}")
                )
                what = f"term_{end} {day} is {off} days from {year}-12-31, the nearest account"
                problems.add("term-far", where, what, _FIX_FAR)
