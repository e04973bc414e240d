"""What schemes publish to other schemes (方案之间的引用): numbers and classes by region and year.

Every kind says which items it publishes, with unit or classes and the place in its result tables.
A scheme that reads another one names it ``ID/item`` (see ``gep.assessment.readings``). Whether a
reference holds is checked by ``gep.assessment.references``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from gep.assessment.events import TERM_COLUMNS
from gep.errors import ProblemLog

# Of a target; ``no_data`` is no class but the want of one.
STATUSES = ("met", "on_schedule", "behind", "missed")
_YEAR_DIGITS = 4


@dataclass(frozen=True)
class PublishedItem:
    """An item of a scheme: what it is, and where the result tables have it.

    Attributes
    ----------
    table : str
        File name of the result table.
    column : str
        Its column with the number or class.
    keys : mapping of str to str
        What other columns of the rows hold.
    unit : str
        Unit of the number.
    classes : tuple of str
        The classes, the best first, if the item is a class and no number.
    year : str
        Column of the year, or of a day in it.
    year_table : str
        Where ``table`` has no such column, the table that states it by term of office.
    adds_up : bool
        Whether several rows of a region and year are summed.
    other_name : str
        The item that has the number instead where it may not be called by this name.
    """

    table: str
    column: str
    keys: Mapping[str, str] = field(default_factory=dict)
    unit: str = "1"
    classes: tuple[str, ...] = ()
    year: str = "year"
    year_table: str = ""
    adds_up: bool = False
    other_name: str = ""


@dataclass(frozen=True)
class SubjectClasses:
    """The classes that a scheme gives to the subjects of a register.

    Attributes
    ----------
    classes : tuple of str
        Ids, the best first.
    on : callable
        Takes a day such as ``2024-03-01``; returns the class of each subject on it, by region, kind
        and code. Blank for subjects whose class cannot be told.
    """

    classes: tuple[str, ...]
    on: Callable[[str], Mapping[tuple[str, str, str], str]]


@dataclass(frozen=True)
class Publication:
    """What a scheme of a project publishes, and its results once it was applied.

    Attributes
    ----------
    scheme : str
        Id of the scheme.
    years : tuple of int
        The years that it assesses, ascending.
    items : mapping of str to PublishedItem
    tables : mapping of str to DataFrame
        Result tables by file name; none before the scheme was applied.
    grades : mapping of (str, int) to int
        The worst grade of evidence behind the results of a region and year, as a code of
        ``gep.inputs.value_rows.GRADES``.
    subjects : SubjectClasses or None
        The classes of subjects of a register; None if it gives none.
    """

    scheme: str
    years: tuple[int, ...]
    items: Mapping[str, PublishedItem]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    grades: Mapping[tuple[str, int], int] = field(default_factory=dict)
    subjects: SubjectClasses | None = None

    def values(self, item: str) -> pd.Series:
        """Return the numbers or classes of an item.

        Parameters
        ----------
        item : str

        Returns
        -------
        Series
            By region and year; without those that have none.

        Raises
        ------
        ProblemsFound
            ``wrong-keys`` if a region has several in a year.
        """
        published = self.items[item]
        rows = self.tables.get(published.table, pd.DataFrame())
        if rows.empty:
            return _no_values()
        for column, word in published.keys.items():
            is_of_item = rows[column] == word
            rows = rows[is_of_item.to_numpy(dtype=bool)]
        if published.year not in rows:
            columns = [*TERM_COLUMNS, published.year]
            terms = self.tables[published.year_table][columns].drop_duplicates()
            rows = rows.merge(terms, on=list(TERM_COLUMNS))
        cells = rows[published.column]
        is_filled = cells.notna() & (cells.astype(str) != "")
        rows = rows[is_filled.to_numpy(dtype=bool)]
        if rows.empty:
            return _no_values()
        cells = rows[published.column]
        days = rows[published.year].astype(str)
        years = days.str[:_YEAR_DIGITS].astype(int)
        index = pd.MultiIndex.from_arrays([rows["region"].astype(str), years])
        values = pd.Series(cells.to_numpy(), index=index)
        if not published.classes:
            values = values.astype(float)
        if published.adds_up:
            return values.groupby(level=[0, 1]).sum()
        self._check_single(values, item)
        return values

    def _check_single(self, values: pd.Series, item: str) -> None:
        """Check that each region and year has one number (``wrong-keys``)."""
        repeated = values.index[values.index.duplicated()]
        if len(repeated) == 0:
            return
        region, year = repeated[0]
        problems = ProblemLog()
        problems.add(
            "wrong-keys",
            f"{self.scheme}/{item}",
            "assessment.several-results",
            item=f"{self.scheme}/{item}",
            region=region,
            year=year,
        )
        problems.raise_errors()


def _no_values() -> pd.Series:
    """Return values of which there are none."""
    index = pd.MultiIndex.from_arrays([[], []])
    return pd.Series([], index=index, dtype=float)


def target_items(indicators: Iterable[str]) -> dict[str, PublishedItem]:
    """Return what kinds with targets publish of them: attainment and status of each indicator.

    Parameters
    ----------
    indicators : iterable of str
        Ids of the indicators that may have a target.

    Returns
    -------
    dict of str to PublishedItem
    """
    items = {}
    for name in indicators:
        keys = {"indicator": name}
        items[f"{name}.attainment"] = PublishedItem("targets.csv", "attainment", keys)
        items[f"{name}.status"] = PublishedItem("targets.csv", "status", keys, classes=STATUSES)
    return items
