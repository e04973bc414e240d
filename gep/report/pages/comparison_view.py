"""What the sections of a comparison's page share (对比报告页): words, keys, rows shown.

A section extends ``ComparisonView``; all of a page put their explanations into the same mapping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gep.account.lines import TOTAL
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.decomposition import REPLAY
from gep.io.page_content import (
    PageCell,
    PageExplanation,
    Words,
)
from gep.project.project import Project
from gep.report.comparison_words import basis_word, column_word
from gep.report.figures.page import distinct_names
from gep.report.pages.wording import (
    both_words,
    figure_cell,
    first_of,
    in_both,
    joined_words,
    unit_words,
)
from gep.texts.catalogue import text

MOST_ROWS = 250  # rows of a table
MOST_BARS = 40  # of a chart
LINE_KEYS = ("region", "category", "indicator", "from", "to")  # of a change and its reasons
_STEP = "step="

TableRow = Mapping[str, object]  # a row of a result table


def longest_pair(pairs: Iterable[Pair]) -> Pair:
    """Return the pair of years that are farthest apart.

    Parameters
    ----------
    pairs : iterable of (int, int)

    Returns
    -------
    (int, int)
    """
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def change_key(row: TableRow) -> str:
    """Return the key of the explanation of a row of ``comparison.csv``.

    Parameters
    ----------
    row : mapping of str to object

    Returns
    -------
    str
        ``change:1999-2014:REGION:LINE``, with kind and price basis behind it.
    """
    line = row["category"] if row["indicator"] == TOTAL else row["indicator"]
    parts = [f"{row['from']}-{row['to']}", row["region"], line]
    parts += [row[name] for name in ("item", "kind", "price_basis") if row[name]]
    return ":".join(["change", *map(str, parts)])


def reasons_key(row: TableRow, method: str) -> str:
    """Return the key of the explanation of the effects behind a change."""
    line = row["category"] if row["indicator"] == TOTAL else row["indicator"]
    return f"{method}:{row['from']}-{row['to']}:{row['region']}:{line}"


def _line_of(row: TableRow) -> tuple[str, ...]:
    """Return what names a change: region, line and years."""
    return tuple(str(row[name]) for name in LINE_KEYS)


def records_of(table: pd.DataFrame) -> list[TableRow]:
    """Return the rows of a table."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


@dataclass
class ComparisonView:
    """A comparison as its page shows it.

    Attributes
    ----------
    project : Project
        The first of the projects.
    comparison : Comparison
        At the first price basis.
    tables : mapping of str to DataFrame
        The result tables by file name.
    accounts : mapping of str to object
        The cells of the accounts; empty if the page has none.
    explanations : dict of str to PageExplanation
        Gets the explanations of all numbers that are shown.
    """

    project: Project
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    accounts: Mapping[str, object]
    explanations: dict[str, PageExplanation]
    _words: dict[tuple[str, str], Words] = field(default_factory=dict)
    _codes: dict[int, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def top(self) -> str:
        """The code of the topmost parent or the only region; blank if there is neither."""
        has_top = bool(self.comparison.above.codes) or len(self.comparison.regions) == 1
        return str(self.comparison.codes[-1]) if has_top else ""

    @cached_property
    def pair(self) -> Pair:
        """The pair of years that are farthest apart."""
        return longest_pair(self.comparison.pairs)

    @cached_property
    def region_names(self) -> Mapping[str, Words]:
        """The names of regions and parents, with the code where several are called so."""
        zh = distinct_names(self.comparison.names("zh"))
        en = distinct_names(self.comparison.names("en"))
        names = {}
        for code in map(str, self.comparison.codes):
            names[code] = both_words(zh[code], en[code])
        return names

    def word(self, column: str, code: object) -> Words:
        """Put a code of a table into words."""
        code = str(code)
        if column == "region":
            return self.region_names.get(code, code)
        key = (column, code)
        if key not in self._words:
            self._words[key] = in_both(
                lambda language: column_word(self.comparison, column, code, language)
            )
        return self._words[key]

    def years(self, row: TableRow) -> str:
        """Write the years of a row."""
        return f"{row['from']}–{row['to']}"

    def basis(self, row: TableRow) -> Words:
        """Word the price and climate basis of a row of ``comparison.csv``."""
        kind, prices = str(row["kind"]), str(row["price_basis"])
        return in_both(lambda language: basis_word(kind, prices, language))

    def item(self, row: TableRow) -> Words:
        """Word what a row is of: a total, a category, or an indicator with its member."""
        if row["indicator"] == TOTAL:
            return self.word("category", row["category"])
        name = self.word("indicator", row["indicator"])
        member = self.member(row)
        return joined_words([name, member]) if member else name

    def member(self, row: TableRow) -> Words:
        """Word the member of a key that a row is of; blank without one."""
        return self.word("item", row["item"]) if row.get("item") else ""

    @property
    def money(self) -> Words:
        """The unit of values."""
        return unit_words(self.comparison.accounts[-1].plan.standard.spec.unit)

    def has_account(self, row: TableRow) -> bool:
        """Return whether the levels of a row are those of the accounts that the page embeds."""
        kind = str(row.get("kind", "value"))
        basis = str(row.get("price_basis", self.comparison.basis))
        return bool(self.accounts) and basis == self.comparison.basis and ":" not in kind

    def account_key(self, row: TableRow, end: str) -> str:
        """Return the key of the level of a row in the first or last year.

        Parameters
        ----------
        row : mapping of str to object
        end : {'from', 'to'}

        Returns
        -------
        str
            Blank if the page has no account of this price basis, or the region has no figure of
            its own there: its boundary changed.
        """
        region = str(row["region"])
        year = int(str(row[end]))
        if not self.has_account(row) or region not in self.regions_of(year):
            return ""
        line = str(row["category"] if row["indicator"] == TOTAL else row["indicator"])
        for pair in str(row.get("item", "")).split(";"):
            if pair.startswith(_STEP):
                line += f".{pair.removeprefix(_STEP)}"
        return f"account:{year}:{region}:{line}"

    def regions_of(self, year: int) -> frozenset[str]:
        """Return the regions and parents that are in the account of a year as they are here."""
        if year not in self._codes:
            account = self.comparison.account(year)
            shares = self.comparison.shares[year]
            names = [str(code) for code in account.plan.extent.regions]
            whole = set()
            for position, code in enumerate(map(str, self.comparison.regions)):
                members = np.flatnonzero(shares[:, position])
                if [names[member] for member in members] == [code]:
                    whole.add(code)
            above = self.comparison.above
            for code, members in zip(above.codes, above.members, strict=True):
                if {str(self.comparison.regions[member]) for member in members} <= whole:
                    whole.add(str(code))
            self._codes[year] = frozenset(whole)
        return self._codes[year]

    def level_cell(self, row: TableRow, end: str, otherwise: str) -> PageCell:
        """Make the cell of a level: it opens the account, else the explanation of the change."""
        return figure_cell(row[f"value_{end}"], self.account_key(row, end) or otherwise)

    @cached_property
    def replayed(self) -> Mapping[str, TableRow]:
        """The effects of replay, side by side for each line and pair of years, by key."""
        table = self.tables["decomposition.csv"]
        rows: dict[str, dict[str, object]] = {}
        for row in records_of(table[(table["method"] == REPLAY).to_numpy()]):
            wide = rows.setdefault(
                reasons_key(row, REPLAY), {name: row[name] for name in LINE_KEYS}
            )
            wide[f"effect:{row['effect']}"] = row["value"]
        return rows

    @cached_property
    def changes(self) -> Mapping[tuple[str, ...], TableRow]:
        """The rows of values at the first price basis, by region, line and years."""
        table = self.tables["comparison.csv"]
        is_value = (table["kind"] == "value") & (table["item"] == "")
        is_value &= table["price_basis"] == self.comparison.basis
        changes = {}
        for row in records_of(table[is_value.to_numpy()]):
            changes[_line_of(row)] = row
        return changes

    def change_of(self, row: TableRow) -> TableRow | None:
        """Return the row of the change that a row of ``decomposition.csv`` is about."""
        return self.changes.get(_line_of(row))

    def _priorities(self, table: pd.DataFrame) -> dict[int, pd.Series]:
        """Return which rows of a table come first where not all are shown."""
        is_top = table["region"] == self.top
        first, last = self.pair
        is_pair = (table["from"] == first) & (table["to"] == last)
        parents = set(self.comparison.codes) - set(self.comparison.regions)
        is_parent = table["region"].isin(parents)
        ranks = {0: is_top & is_pair, 1: is_top}
        if "category" in table:
            is_total = table["category"] == TOTAL
            ranks |= {2: is_total & is_pair, 3: is_total, 4: is_parent & is_pair}
        else:
            ranks |= {2: is_parent & is_pair, 3: is_parent, 4: is_pair}
        return ranks

    def shown_rows(
        self, table: pd.DataFrame, most: int, file: str, lines: list[Words]
    ) -> list[TableRow]:
        """Return the rows of a table that are shown; says in ``lines`` how many are not."""
        rows, left_out = first_of(table, self._priorities(table), most)
        if left_out:
            lines.append(
                text("page.comparison.rows-shown", shown=len(rows), count=len(table), file=file)
            )
        return records_of(rows)
