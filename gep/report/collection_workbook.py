"""The workbook of a collection (县区汇总表): counties under their own and the common choice.

The module owns which sheets there are; words are those of ``gep.report.collection_words``, and how
a table becomes a sheet is in ``gep.report.table_pages``. The numbers are those of the tables of
``gep.collection``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gep import __version__
from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.errors import Problem
from gep.io.workbook import BookSheet, Cell, save_workbook
from gep.report.collection_words import CollectionWords
from gep.report.live_cells import Money, Number, Rule, live_number, money_of, sum_formula
from gep.report.table_pages import (
    ColumnStyle,
    TableColumn,
    TablePage,
    cover_page,
    first_rows,
    remarks_page,
    table_page,
)
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import LANGUAGES, Language, say

_AMOUNTS = ("own", "common", "difference", "effect", "control", "sum", "value_from", "value")
_SHARES = ("relative", "growth", "threshold", "kept", "recalled", "placeholder", "tolerance")
_COUNTS: tuple[str, ...] = (
    "rank_own",
    "rank_common",
    "rank",
    "best",
    "worst",
    "above_always",
    "below_always",
)
_COUNTS += ("missing", "cells", "given")
_SUMMED = ("own", "common")
_GIVEN = "given"  # status of what is not missing


class _Rule(NamedTuple):
    """How a formula computes a column from two others, see ``TableColumn``."""

    rule: Rule
    first: str
    last: str


def _column(name: str, rule: _Rule | None = None) -> TableColumn:
    """Return a column with its heading and style."""
    style: ColumnStyle = "text"
    if name in _AMOUNTS:
        style = "amount"
    elif name in _SHARES:
        style = "share"
    elif name in _COUNTS:
        style = "count"
    heading = f"report.collected-column.{name}"
    if rule is None:
        return TableColumn(name, heading, style)
    return TableColumn(name, heading, style, rule.rule, (rule.first, rule.last))


def _columns(names: str, **rules: _Rule) -> tuple[TableColumn, ...]:
    """Return columns by their names, some with a rule."""
    return tuple(_column(name, rules.get(name)) for name in names.split())


_DIFFERENCE = _Rule("difference", "common", "own")
_RELATIVE = _Rule("ratio", "common", "difference")
_TOTALS = _columns(
    "county year own common difference relative rank_own rank_common unit",
    difference=_DIFFERENCE,
    relative=_RELATIVE,
)
_REPLAYED = _columns(
    "county region year category indicator own common difference relative rank_own rank_common"
    " unit",
    difference=_DIFFERENCE,
    relative=_RELATIVE,
)
# Sheets without sums: key of the sheet, table, columns.
_SHEETS: tuple[tuple[str, str, tuple[TableColumn, ...]], ...] = (
    ("counties", "counties.csv", _columns(
        "county years run state standard sets switches price_basis recalled placeholder"
        " problem")),
    ("missing", "completeness.csv", _columns(
        "county year kind name status cells given missing recalled placeholder note")),
    ("moved", "moved.csv", _columns(
        "county year choice name own_choice common_choice effect unit")),
    ("differing", "differing_rows.csv", _columns(
        "county year name own_keys own_value own_unit own_set common_value common_unit common_set"
        " steps")),
    ("controls", "controls.csv", _columns(
        "region year name basis control sum difference relative tolerance flag unit source",
        difference=_Rule("difference", "control", "sum"),
        relative=_Rule("ratio", "control", "difference"))),
    ("jumps", "jumps.csv", _columns(
        "county region from year category indicator value_from value growth threshold status"
        " explanation document unit", growth=_Rule("growth", "value_from", "value"))),
    ("ranks", "ranks.csv", _columns(
        "county year value rank best worst kept above_always below_always unit")),
)  # fmt: skip


def collection_workbook_name(language: Language) -> str:
    """Return the file name of the workbook: 县区汇总表.xlsx, or collection.xlsx.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return f"{say(language, 'report.book.collection-file')}.xlsx"


COLLECTION_WORKBOOKS = tuple(collection_workbook_name(language) for language in LANGUAGES)


def save_collection_workbook(
    path: Path,
    words: CollectionWords,
    tables: Mapping[str, pd.DataFrame],
    warnings: Sequence[Problem],
) -> None:
    """Write the workbook of a collection.

    Parameters
    ----------
    path : Path
        A new ``.xlsx`` in a folder that nobody else writes to.
    words : CollectionWords
        Of the counties and the common choice; its language is that of the workbook.
    tables : mapping of str to DataFrame
        The result tables by file name.
    warnings : sequence of Problem
        What should be looked at.
    """
    language = words.language
    maker = _CollectionSheets(words, tables)
    sheets = maker.make()
    keys = ("none-note", "formulas-short", "collected-note")
    remarks = [say(language, f"report.book.{key}") for key in keys]
    remarks += [*maker.limits, *(problem.say(language) for problem in warnings)]
    sheets.append(remarks_page(maker.title, remarks, "collection.json", language))
    cover = cover_page(
        title=maker.title,
        lines=[words.heading, *words.caption],
        facts=maker.facts(),
        sheets=sheets,
        language=language,
    )
    save_workbook(path, [cover, *sheets], language)


@dataclass
class _CollectionSheets:
    """Makes the sheets of a collection.

    Attributes
    ----------
    words : CollectionWords
    tables : mapping of str to DataFrame
    limits : list of str
        What the workbook leaves out, a sentence each.
    """

    words: CollectionWords
    tables: Mapping[str, pd.DataFrame]
    limits: list[str] = field(default_factory=list)

    def make(self) -> list[BookSheet]:
        """Make the sheets in the order in which they are read."""
        replays = self.tables["replayed.csv"]
        is_county = replays["region"] == ""
        is_total = (replays["category"] == TOTAL) & (replays["indicator"] == TOTAL)
        sheets = [self._totals(replays[(is_county & is_total).to_numpy()]).sheet]
        sheets.append(self._replays(replays, is_county & is_total))
        for key, file, columns in _SHEETS:
            table = self.tables[file]
            if key == "missing":
                table = table[(table["status"] != _GIVEN).to_numpy()]
            elif key == "moved":
                table = self.words.with_prices(table)
                table = table.rename(columns={"own": "own_choice", "common": "common_choice"})
            elif key == "differing":
                table = table.assign(
                    own_value=_texts(table["own_value"]), common_value=_texts(table["common_value"])
                )
            if len(table):
                page = self._start(key, columns)
                rows = first_rows(_as_words(table), key, file, self.limits, self.words.language)
                page.add_rows(rows, _is_total)
                sheets.append(page.sheet)
        return sheets

    @property
    def title(self) -> str:
        """What all sheets are headed by."""
        return say(self.words.language, "report.book.collected")

    @property
    def money(self) -> Money:
        """The unit of money: that of the sum of all counties."""
        replays = self.tables["replayed.csv"]
        is_total = (replays["category"] == TOTAL) & (replays["region"] == "")
        totals = replays[is_total.to_numpy()]
        sizes = totals[list(_SUMMED)].apply(pd.to_numeric, errors="coerce").abs()
        by_year = sizes.groupby(totals["year"]).sum()
        largest = float(by_year.max().max()) if len(by_year) else 0.0
        return money_of(self.words.common.standard.spec.unit, largest)

    def facts(self) -> list[tuple[str, str]]:
        """Return what the cover says, by the key of its label."""
        language = self.words.language
        joint = say(language, "report.book.joint")
        counties = self.words.counties
        years: dict[int, None] = {}
        for county in counties.read:
            years |= dict.fromkeys(county.years)
        facts = [("years", joint.join(str(year) for year in sorted(years)))]
        names = [self.words.say("county", county.name) for county in counties.read]
        facts.append(("counties", joint.join(names)))
        if counties.broken:
            facts.append(("left_out", joint.join(counties.broken)))
        return [*facts, ("software", f"gep {__version__}")]

    def _start(self, key: str, columns: Sequence[TableColumn]) -> TablePage:
        """Begin a sheet."""
        return table_page(
            f"collected-{key}",
            self.title,
            columns,
            self.words.language,
            money=self.money,
            words=self.words.say,
            notes=[say(self.words.language, f"report.collected-sheet-note.{key}")],
        )

    def _totals(self, frame: pd.DataFrame) -> TablePage:
        """Make the sheet of the counties' totals, with the sum of each year."""
        page = self._start("totals", _TOTALS)
        rows = first_rows(
            _as_words(frame), "collected-totals", "replayed.csv", self.limits, self.words.language
        )
        for _, group in rows.groupby("year", sort=True):
            for position, row in zip(group.index, group.to_dict("records"), strict=True):
                page.add_row(position, {str(name): cell for name, cell in row.items()})
            self._add_sum(page, group)
        return page

    def _add_sum(self, page: TablePage, group: pd.DataFrame) -> None:
        """Add the sum of a year over the counties; none where a county has no number."""
        cells = [
            Cell(say(self.words.language, "report.book.sum")),
            Cell(str(group["year"].iloc[0])),
        ]
        line = len(page.sheet.rows) + 1
        sums: dict[str, Number] = {}
        for name in _SUMMED:
            parts = [
                page.numbers[place, name] for place in group.index if (place, name) in page.numbers
            ]
            if not parts or (group[name] == NOT_COMPILED).any():
                cells.append(Cell(say(self.words.language, "report.book.gap")))
                continue
            value = sum(part.value for part in parts)
            sums[name] = Number(line, value)
            address = partial(page.sheet.column_address, page.index(name) + 1)
            shown = sum_formula(address, parts, value)
            cells.append(Cell(shown, "total", self.money.shown))
        blank = Cell("")
        if len(sums) == len(_SUMMED):
            own, common = (sums[name].value for name in _SUMMED)
            places = [
                page.sheet.address(line, page.index(name) + 1) for name in (*_SUMMED, "difference")
            ]
            difference = live_number(
                "difference", (places[1], common), (places[0], own), own - common
            )
            cells.append(Cell(difference, "total", self.money.shown))
            if common:
                ratio = (own - common) / common
                relative = live_number(
                    "ratio", (places[1], common), (places[2], own - common), ratio
                )
                cells.append(Cell(relative, "share", 2))
        cells += [blank] * (len(page.columns) - 1 - len(cells))
        page.sheet.add(*cells, page.sheet.rows[line - 2][-1])

    def _replays(self, frame: pd.DataFrame, is_first: "pd.Series[bool]") -> BookSheet:
        """Make the sheet of all values under both choices; sums of categories are live."""
        page = self._start("replayed", _REPLAYED)
        rows = first_rows(
            _as_words(frame),
            "collected-replayed",
            "replayed.csv",
            self.limits,
            self.words.language,
            is_first=is_first,
        )
        page.add_rows(rows, _is_total)
        headline = self.words.common.standard.spec.total
        counted = headline[0].indicators if headline else ()
        for _, group in rows.groupby(["county", "region", "year"], sort=False):
            of_category = {}
            for category in CATEGORIES:
                members = group[(group["category"] == category).to_numpy()]
                whole = members.index[(members["indicator"] == TOTAL).to_numpy()]
                if len(whole):
                    is_counted = members["indicator"].isin(counted).to_numpy()
                    of_category[whole[0]] = members.index[is_counted]
            is_sum = (group["category"] == TOTAL) & (group["indicator"] == TOTAL)
            for name in _SUMMED:
                for position, positions in of_category.items():
                    page.sum_up(position, positions, name)
                for position in group.index[is_sum.to_numpy()]:
                    page.sum_up(position, of_category, name)
        return page.sheet


def _as_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its years as texts."""
    years = {name: _texts(frame[name]) for name in ("year", "from") if name in frame}
    return frame.assign(**years).reset_index(drop=True)


def _texts(column: "pd.Series[object]") -> list[str]:
    """Return cells as texts."""
    return [str(cell) for cell in column]


def _is_total(row: Mapping[str, object]) -> bool:
    """Return whether a row is of a category or total."""
    return row.get("indicator") == TOTAL
