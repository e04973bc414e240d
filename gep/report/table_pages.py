"""Pages that every results workbook has: cover, tables with live columns, remarks.

The module owns how a result table becomes a sheet for people: headings, codes in words, units as
people write them, columns that a formula computes from others. Which tables and columns there are
is left to the workbooks of accounts, comparisons and collections.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from gep.account.caption import state_text
from gep.account.columns import NOT_COMPILED
from gep.io.toml_documents import Source
from gep.io.workbook import BookSheet, Cell, LiveFormula, StyleName
from gep.plan.blank_form import spoken
from gep.plan.plan import Plan
from gep.project.project import Project
from gep.report.live_cells import (
    MOST_ROWS,
    WAN,
    YI,
    Money,
    Number,
    Rule,
    decimals_of,
    live_number,
    sum_formula,
)
from gep.texts.catalogue import Label, Language, say
from gep.units import currency, factor

ColumnStyle = Literal["text", "number", "amount", "share", "fixed", "count"]

_LABEL_WIDTH, _TEXT_WIDTH = 20.0, 100.0  # half-width characters of the cover
_SIGNATURES = ("compiled", "checked", "responsible", "seal")
_REMARK_WIDTHS = (8.0, 112.0)


class TableColumn(NamedTuple):
    """A column of a result table on a sheet.

    Attributes
    ----------
    name : str
        Of the table's column.
    heading : str
        Key of its heading in the catalogue.
    style : str
        ``amount`` is a number in the unit of its row, which is shown in a unit for people;
        ``fixed`` is a number with two decimals.
    rule : str
        By which a formula computes it from the columns ``of``; blank: it is not computed.
    of : tuple of str
        The columns of the rule: the first and the last.
    """

    name: str
    heading: str
    style: ColumnStyle = "text"
    rule: Rule | Literal[""] = ""
    of: tuple[str, ...] = ()


@dataclass
class TablePage:
    """A sheet that holds rows of a result table.

    Attributes
    ----------
    sheet : BookSheet
    columns : sequence of TableColumn
    language : {'zh', 'en'}
    money : Money
        The unit in which amounts of money are shown.
    words : callable
        Puts a text of a column into words.
    numbers : dict of (int, str) to Number
        The numbers that stand in the sheet, by position of the row among the table's, and column.
    """

    sheet: BookSheet
    columns: Sequence[TableColumn]
    language: Language
    money: Money
    words: Callable[[str, str], str]
    numbers: dict[tuple[int, str], Number] = field(default_factory=dict)

    def add_row(
        self, position: int, row: Mapping[str, object], *, style: StyleName = "number"
    ) -> None:
        """Add a row of the table; computed columns are live.

        Parameters
        ----------
        position : int
            By which the row's numbers are found again.
        row : mapping of str to object
            Cells by column of the table, ``unit`` among them where there are amounts.
        style : str, default 'number'
            Of numbers: ``total`` for sums.
        """
        line = len(self.sheet.rows) + 1
        scale, unit = self._scale(row)
        in_money = unit == spoken(self.money.unit, self.language)
        cells: list[Cell] = []
        for column in self.columns:
            value = row.get(column.name, "")
            if column.name == "unit":
                cells.append(Cell(unit))
            elif isinstance(value, str):
                cells.append(Cell(self._marked(column.name, value)))
            elif not isinstance(value, int | float | np.number) or math.isnan(float(value)):
                cells.append(Cell(""))
            else:
                number = float(value) * (scale if column.style == "amount" else 1.0)
                self.numbers[position, column.name] = Number(line, number)
                cells.append(self._number(column, number, style, in_money=in_money))
        self.sheet.add(*cells)
        for index, column in enumerate(self.columns):
            expected = self.numbers.get((position, column.name))
            if column.rule and expected is not None:
                first, last = (self._operand(position, name) for name in column.of)
                if first is not None and last is not None:
                    value = live_number(column.rule, first, last, expected.value)
                    self.replace(line, index, value)

    def add_rows(
        self, frame: pd.DataFrame, is_total: Callable[[Mapping[str, object]], bool]
    ) -> None:
        """Add the rows of a table, sums in bold."""
        for position, row in enumerate(frame.to_dict("records")):
            named = {str(name): value for name, value in row.items()}
            self.add_row(position, named, style="total" if is_total(named) else "number")

    def address(self, position: int, name: str, *, from_outside: bool = False) -> str:
        """Return the address of a number of the table."""
        row = self.numbers[position, name].row
        return self.sheet.address(row, self.index(name) + 1, from_outside=from_outside)

    def index(self, name: str) -> int:
        """Return the position of a column, from 0."""
        return [column.name for column in self.columns].index(name)

    def replace(self, row: int, index: int, value: LiveFormula | float) -> None:
        """Put a formula in the place of a number."""
        cells = self.sheet.rows[row - 1]
        cells[index] = cells[index]._replace(value=value)

    def sum_up(self, position: int, members: Iterable[int], name: str) -> None:
        """Make a number live that is the sum of the same column's in other rows."""
        whole = self.numbers.get((position, name))
        parts = [self.numbers[each, name] for each in members if (each, name) in self.numbers]
        if whole is None or not parts:
            return
        index = self.index(name)
        value = sum_formula(partial(self.sheet.column_address, index + 1), parts, whole.value)
        self.replace(whole.row, index, value)

    def _operand(self, position: int, name: str) -> tuple[str, float] | None:
        """Return the address and the number of a cell; None if it holds none."""
        number = self.numbers.get((position, name))
        return None if number is None else (self.address(position, name), number.value)

    def _number(
        self, column: TableColumn, number: float, style: StyleName, *, in_money: bool
    ) -> Cell:
        """Return the cell of a number."""
        if column.style == "share":
            return Cell(number, "share", 2)
        if column.style == "count":
            return Cell(number, "number", 0)
        if column.style == "fixed":
            return Cell(number, "number", 2)
        if column.style == "amount" and in_money:
            return Cell(number, style, self.money.shown)
        return Cell(number, style if column.style == "amount" else "number", decimals_of(number))

    def _marked(self, name: str, value: str) -> str:
        """Return a text of a column in words, marks for what has no number among them."""
        if value == "na":
            return say(self.language, "report.book.none")
        if value == NOT_COMPILED:
            return say(self.language, "report.book.gap")
        return self.words(name, value) if value else ""

    def _scale(self, row: Mapping[str, object]) -> tuple[float, str]:
        """Return by what the amounts of a row are multiplied, and their unit in words."""
        unit = str(row.get("unit", ""))
        if not unit:
            return 1.0, ""
        code = currency(self.money.unit)
        if code and unit.endswith(code):
            return factor(unit, self.money.unit), spoken(self.money.unit, self.language)
        sizes = [0.0]
        for column in self.columns:
            value = row.get(column.name, "")
            if column.style == "amount" and isinstance(value, int | float | np.number):
                sizes.append(abs(float(value)))
        largest = np.nanmax(sizes)
        can_rise = self.language == "zh" and not unit.startswith("10^")
        can_rise = can_rise and spoken(f"10^4 {unit}", "zh").startswith("万")
        if can_rise and largest >= WAN:
            power, prefix = (YI, "10^8 ") if largest >= YI else (WAN, "10^4 ")
            return 1 / power, spoken(f"{prefix}{unit}", self.language)
        return 1.0, spoken(unit, self.language)


def table_page(
    key: str,
    title: str,
    columns: Sequence[TableColumn],
    language: Language,
    *,
    money: Money,
    words: Callable[[str, str], str],
    notes: Sequence[str] = (),
    frozen: int = 1,
) -> TablePage:
    """Begin a sheet for a result table: its title, notes, and headings.

    Parameters
    ----------
    key : str
        Of the sheet's name in the catalogue.
    title : str
        What the workbook is of.
    columns : sequence of TableColumn
    language : {'zh', 'en'}
    money : Money
    words : callable
        Puts a text of a column into words.
    notes : sequence of str
        Lines above the headings.
    frozen : int, default 1
        Columns that stay at the left.

    Returns
    -------
    TablePage
    """
    sheet = BookSheet(
        say(language, f"report.book-sheet.{key}"), len(columns), frozen_columns=frozen
    )
    sheet.add_line(f"{title}  {sheet.title}", "title")
    for line in notes:
        sheet.add_line(line)
    sheet.add_headings([say(language, column.heading) for column in columns])
    return TablePage(sheet, columns, language, money, words)


def first_rows(
    frame: pd.DataFrame,
    sheet: str,
    file: str,
    limits: list[str],
    language: Language,
    *,
    is_first: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the rows of a table that a sheet lists; ``limits`` gets a sentence if not all.

    Parameters
    ----------
    frame : DataFrame
    sheet : str
        Key of the sheet's name in the catalogue.
    file : str
        The table in CSV, which has all rows.
    limits : list of str
    language : {'zh', 'en'}
    is_first : Series of bool, optional
        Rows that are listed before others where not all are; the order stays.

    Returns
    -------
    DataFrame
    """
    if len(frame) > MOST_ROWS:
        line = say(
            language,
            "report.book.limited-table",
            sheet=say(language, f"report.book-sheet.{sheet}"),
            shown=MOST_ROWS,
            count=len(frame),
            file=file,
        )
        limits.append(line)
        if is_first is not None:
            order = np.argsort(~is_first.to_numpy(), kind="stable")
            return frame.iloc[np.sort(order[:MOST_ROWS])].reset_index(drop=True)
    return frame.head(MOST_ROWS).reset_index(drop=True)


def cover_page(
    title: str,
    lines: Iterable[str],
    facts: Iterable[tuple[str, str]],
    sheets: Sequence[BookSheet],
    language: Language,
    *,
    note: str = "how-to-check",
    signatures: Sequence[str] = _SIGNATURES,
) -> BookSheet:
    """Make the first sheet: what this is, on what it rests, and lines for signatures.

    Parameters
    ----------
    title : str
    lines : iterable of str
        What must be said above every table.
    facts : iterable of (str, str)
        The key of a label, and what is said.
    sheets : sequence of BookSheet
        The other sheets.
    language : {'zh', 'en'}
    note : str, default 'how-to-check'
        The key of what is said above the signatures.
    signatures : sequence of str, optional
        The keys of the lines for signatures.

    Returns
    -------
    BookSheet
    """
    cover = BookSheet(
        say(language, "report.book-sheet.cover"), 2, widths=(_LABEL_WIDTH, _TEXT_WIDTH)
    )
    cover.add_line(title, "title")
    for line in lines:
        cover.add_line(line, "line")
    titles = say(language, "report.book.joint").join(sheet.title for sheet in sheets)
    for name, words in (*facts, ("sheets", titles)):
        label = say(language, f"report.book-cover.{name}")
        cover.add(Cell(label, "heading"), Cell(words, "text"))
    cover.add_line(say(language, f"report.book.{note}"))
    cover.add_line("")
    for name in signatures:
        label = say(language, f"report.book-cover.{name}")
        cover.add(Cell(label, "heading"), Cell("", "blank"))
    return cover


def standing_facts(project: Project, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what covers say of the standard and of the approval, by the key of its label.

    Parameters
    ----------
    project : Project
        Its language is that of the words.
    plan : Plan

    Yields
    ------
    tuple of (str, str)
        Standard and its source, state, approver and document where there are.
    """
    header = project.spec.project
    spec = plan.standard.spec
    yield "standard", Label(spec.id, spec.title).say(project.language)
    if spec.sources:
        yield "source", source_words(spec.sources[spec.source], project.language)
    yield "state", state_text(project.approval).say(project.language)
    if header.approver:
        yield "approver", header.approver
    if header.document:
        yield "document", header.document


def source_words(source: Source, language: Language) -> str:
    """Return a document by its title, issuer, number and date.

    Parameters
    ----------
    source : Source
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    words = (source.title.say(language), source.issuer, source.number, source.date)
    return " ".join(filter(None, words))


def switch_lines(plan: Plan, language: Language) -> Iterator[str]:
    """Yield a line for each choice between the options of a standard.

    Parameters
    ----------
    plan : Plan
    language : {'zh', 'en'}

    Yields
    ------
    str
    """
    for name, option in plan.switches.items():
        switch = plan.standard.spec.switch[name]
        label = Label(name, switch.name)
        yield say(language, "report.book.switch", switch=label, option=switch.option(option))


def remarks_page(title: str, remarks: Sequence[str], record: str, language: Language) -> BookSheet:
    """Make the last sheet: how to read the tables, what they leave out, what to look at.

    Parameters
    ----------
    title : str
    remarks : sequence of str
    record : str
        The record that has all of them.
    language : {'zh', 'en'}

    Returns
    -------
    BookSheet
    """
    sheet = BookSheet(say(language, "report.book-sheet.remarks"), 2, widths=_REMARK_WIDTHS)
    sheet.add_line(f"{title}  {sheet.title}", "title")
    names = ("position", "remark")
    sheet.add_headings([say(language, f"report.book-column.{name}") for name in names])
    listed = list(remarks)
    if len(listed) > MOST_ROWS:
        count = len(listed) - MOST_ROWS
        line = say(language, "report.book.limited-remarks", count=count, record=record)
        listed = [*listed[:MOST_ROWS], line]
    for number, words in enumerate(listed, 1):
        sheet.add(Cell(str(number)), Cell(words))
    return sheet
