"""Terms of office at account dates (任期与核算时点): the accounts that a term is taken at, and whether they fit it.

Accounts stand at 31 December. A term that begins or ends inside a year is taken at the account date nearest to that
day; of two that are equally near, the earlier. No text that was read says what is due; the nearest date is shown.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd


def with_account_dates(rows: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """The rows with ``account_start`` and ``account_end`` (years of the accounts nearest), and days off."""
    found = rows.copy()
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
