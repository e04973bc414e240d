"""The tables that a standard states in a layout of its own (附表): sheets of an account's workbook.

The module owns the five layouts: rows that the standard names, services with quantities and prices,
values by ecosystem type, the list of indicators, and areas. What every account has is left to
``gep.report.account_sheets``, which also knows regions, units and marks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.caption import category_title, evidence_title
from gep.account.lines import TOTAL
from gep.account.publication import NOTHING
from gep.extent.classes import ClassScheme
from gep.io.workbook import BookSheet, Cell
from gep.report.account_sheets import AccountSheets, products
from gep.report.live_cells import Money, number_cell
from gep.standards.layouts import LayoutRow, TableLayout
from gep.standards.standard import CATEGORIES, Indicator
from gep.texts.catalogue import say
from gep.units import currency, factor

_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_TITLE = 31
_YI = "10^8 CNY"
_DECIMALS = 2  # as the tables that were seen print
_NO_TYPE = "unallocated"
_M2_PER_KM2 = 1e6

Figure = float | Cell  # a number, or the mark in its place


def layout_sheets(maker: AccountSheets) -> list[BookSheet]:
    """Make the tables that the standard of some accounts states.

    Parameters
    ----------
    maker : AccountSheets
        That has made the sheets of the accounts.

    Returns
    -------
    list of BookSheet
        One for each table; none for the public, where rows of it might be withheld.
    """
    if maker.left_out != NOTHING:
        return []
    layouts = maker.accounts[0].plan.standard.spec.table
    return [_LayoutSheet(maker, layout).make() for layout in layouts]


def _money_of_tables(money: Money, unit: str) -> Money:
    """Return the unit of money of the tables: 亿元, as all that were seen have."""
    if currency(unit) != "CNY":
        return money
    return money._replace(unit=_YI, factor=factor(unit, _YI))


class _LayoutSheet:
    """Makes the sheet of one table."""

    def __init__(self, maker: AccountSheets, layout: TableLayout) -> None:
        self.maker = maker
        self.layout = layout
        self.language = maker.language
        self.spec = maker.accounts[0].plan.standard.spec
        self.money = _money_of_tables(maker.money, self.spec.unit)

    def make(self) -> BookSheet:
        """Make the sheet: title, how the standard was read, headings, rows."""
        headings, rows = self._layouts()[self.layout.layout]
        title = self.layout.name.say(self.language).translate(_FORBIDDEN)[:_LONGEST_TITLE]
        sheet = BookSheet(title, len(headings))
        sheet.add_line(f"{self.maker.title}  {title}", "title")
        evidence = evidence_title(self.spec.evidence, self.language)
        line = {"id": self.spec.id, "evidence": evidence, "clause": self.layout.clause or "-"}
        sheet.add_line(self._say("layout.standing", **line))
        sheet.add_headings(headings)
        for cells in rows():
            sheet.add(*cells)
        return sheet

    def _layouts(self) -> Mapping[str, tuple[list[str], Callable[[], Iterator[list[Cell]]]]]:
        """Return the headings and the rows of each layout."""
        place = ["year", "region"]
        services = ["category", "service", "indicator", "quantity", "price", "value"]
        services += ["service_value", "category_value"]
        names = [title for _, title in self._types()]
        types = [*self._heads("category", "item"), *names, *self._heads("no_type", "sum", "category_value")]
        return {
            "rows": (self._heads(*place, "row", "quantity", *self._of_rows()), self._rows),
            "services": (self._heads(*place, *services), self._services),
            "ecosystems": ([*self._heads(*place), *types], self._ecosystems),
            "indicators": (self._heads("category", "indicator", "valued_by"), self._indicators),
            "extent": (self._heads(*place, "type", "area", "share"), self._extent),
        }

    def _say(self, key: str, **values: object) -> str:
        """Word a text of the workbook."""
        return say(self.language, f"report.{key}", **values)

    def _heads(self, *names: str) -> list[str]:
        """Word the headings of columns."""
        unit = self.maker.unit(self.money.unit)
        return [self._say(f"layout-column.{name}", unit=unit) for name in names]

    def _of_rows(self) -> tuple[str, str, str]:
        """Return the last columns of named rows; values are comparable at constant prices only."""
        constant = self.maker.accounts[-1].plan.price_year is not None
        return ("constant_value" if constant else "value", "share_of_regulating", "share_of_total")

    def _tops(self) -> Iterator[tuple[Account, str, list[Cell]]]:
        """Yield each account with its regions without a parent, and the cells that name both."""
        for account in self.maker.accounts:
            for code in self.maker.tops(account):
                yield account, code, self._place(account, code)

    def _place(self, account: Account, code: str) -> list[Cell]:
        """Return the cells of year and region."""
        return [Cell(str(account.year)), Cell(self.maker.region_name(account, code))]

    def _cell(self, figure: Figure) -> Cell:
        """Return the cell of a value, or the mark in its place."""
        return figure if isinstance(figure, Cell) else Cell(figure, "number", _DECIMALS)

    def _mark(self, key: str) -> Cell:
        """Return a mark in the place of a number: ``gap`` or ``none``."""
        return Cell(self._say(f"book.{key}"))

    # --- figures ---------------------------------------------------------------------------------

    def _figure(self, account: Account, code: str, positions: Sequence[int]) -> Figure:
        """Return the sum of columns of a region as they are, or the mark in its place."""
        block = account.block
        row = account.region_row(code)
        if any(block.gap[row, position] for position in positions):
            return self._mark("gap")
        valid = [position for position in positions if block.valid[row, position]]
        if not valid:
            return self._mark("none")
        return float(block.values[row, valid].sum())

    def _value(self, account: Account, code: str, positions: Sequence[int]) -> Figure:
        """Return the sum of values of a region in the unit of the table."""
        columns = self.maker.columns(account)
        figure: Figure = 0.0
        for position in positions:
            part = self._figure(account, code, [position])
            if isinstance(part, Cell):
                return part
            figure += part * float(columns[position]["scale"]) * self.money.factor
        return figure if positions else self._mark("none")

    def _sum(self, account: Account, code: str, name: str) -> Figure:
        """Return a category or a total of a region in the unit of the table."""
        if name == self.spec.total[0].id:
            name = TOTAL
        elif name not in (*CATEGORIES, TOTAL):
            name = f"{TOTAL}:{name}"
        if name not in account.sums.names:
            return self._mark("none")
        column = account.sums.names.index(name)
        row = account.region_row(code)
        if account.sums.gap[row, column]:
            return self._mark("gap")
        if not account.sums.valid[row, column]:
            return self._mark("none")
        return float(account.sums.values[row, column]) * self.money.factor

    def _share(self, part: Figure, whole: Figure) -> Cell:
        """Return the cell of a share, blank where it has no meaning."""
        if isinstance(part, Cell) or isinstance(whole, Cell) or not whole:
            return Cell("")
        return Cell(part / whole, "share", _DECIMALS)

    # --- rows that the standard names ------------------------------------------------------------

    def _rows(self) -> Iterator[list[Cell]]:
        """Yield the rows of every region and parent."""
        sheet = BookSheet("", 1)
        listed = self.maker.listed(sheet, len(self.layout.row))
        for account in self.maker.accounts:
            for code in listed[account.year]:
                regulating = self._sum(account, code, "regulating")
                total = self._sum(account, code, TOTAL)
                for row in self.layout.row:
                    unit, quantity = self._quantity(account, code, row)
                    value = self._row_value(account, code, row)
                    is_part = self._is_regulating(row)
                    yield [
                        *self._place(account, code),
                        Cell(row.name.say(self.language) + unit),
                        quantity,
                        self._cell(value),
                        self._share(value, regulating) if is_part else Cell(""),
                        self._share(value, total),
                    ]

    def _positions(self, account: Account, step: str, at: Mapping[str, str]) -> list[int]:
        """Return the columns of a step, where members are fixed those of these members."""
        wanted = {f"{key}={member}" for key, member in at.items()}
        positions = []
        for position, column in enumerate(self.maker.columns(account)):
            name = f"{column['indicator']}.{column['step']}"
            if name == step and wanted <= set(column["item"].split(";")):
                positions.append(position)
        return positions

    def _quantity(self, account: Account, code: str, row: LayoutRow) -> tuple[str, Cell]:
        """Return the unit of a row's quantity in brackets, and its cell."""
        positions = self._positions(account, row.quantity, row.at) if row.quantity else []
        if not positions:
            return "", Cell("") if not row.quantity else self._mark("none")
        figure = self._figure(account, code, positions)
        scale, unit = self.maker.quantity_scale(account, positions[0])
        if isinstance(figure, Cell):
            return self._say("layout.unit", unit=unit), figure
        return self._say("layout.unit", unit=unit), number_cell(figure / scale)

    def _row_value(self, account: Account, code: str, row: LayoutRow) -> Figure:
        """Return the value of a row: of a step, of indicators together, or of a sum."""
        if row.sum:
            return self._sum(account, code, row.sum)
        if row.value:
            return self._value(account, code, self._positions(account, row.value, row.at))
        return self._value(account, code, self._values_of(account, row.indicators))

    def _values_of(self, account: Account, indicators: Sequence[str]) -> list[int]:
        """Return the columns of the values of some indicators."""
        positions = []
        for position, column in enumerate(self.maker.columns(account)):
            if column["kind"] == "value" and column["indicator"] in indicators:
                positions.append(position)
        return positions

    def _is_regulating(self, row: LayoutRow) -> bool:
        """Return whether a row is of regulating services."""
        names = {row.value.partition(".")[0], *row.indicators}
        categories = {each.category for each in self.spec.indicator if each.id in names}
        return row.sum == "regulating" or categories == {"regulating"}

    # --- services, indicators --------------------------------------------------------------------

    def _by_category(self) -> Iterator[tuple[str, list[Indicator]]]:
        """Yield the categories of the headline with their indicators."""
        counted = self.spec.total[0].indicators
        for category in CATEGORIES:
            indicators = [each for each in self.spec.indicator if each.category == category]
            indicators = [each for each in indicators if each.id in counted]
            if indicators:
                yield category, indicators

    def _services(self) -> Iterator[list[Cell]]:
        """Yield quantity, price and value of each service, with the sums at the first rows."""
        for account, code, place in self._tops():
            of_account = products(account)
            for category, indicators in self._by_category():
                whole = self._cell(self._sum(account, code, category))
                for indicator in indicators:
                    positions = self._values_of(account, [indicator.id])
                    service = self._cell(self._value(account, code, positions))
                    for position in positions:
                        words = self._words_of_value(account, code, position, of_account)
                        title = category_title(category, self.language)
                        head = [Cell(title), Cell(indicator.name.say(self.language))]
                        yield [*place, *head, *words, service, whole]
                        service = whole = Cell("")

    def _words_of_value(
        self, account: Account, code: str, position: int, of_account: Mapping[int, Any]
    ) -> list[Cell]:
        """Return what is valued with its unit, the quantity, the price and the value."""
        value = self._cell(self._value(account, code, [position]))
        product = of_account.get(position)
        shown = position if product is None else product.quantity
        title = account.column_title(account.block.columns.iloc[shown], self.language)
        member = self.maker.member(self.maker.columns(account)[shown]["item"])
        title = " ".join(filter(None, [title, member]))
        if product is None:
            return [Cell(title), Cell(""), Cell(""), value]
        scale, unit = self.maker.quantity_scale(account, product.quantity)
        quantity = self._figure(account, code, [product.quantity])
        if not isinstance(quantity, Cell):
            quantity = number_cell(quantity / scale)
        words = ""
        if self.maker.is_region(account, code):  # parents have the prices of their regions
            price = float(product.price[account.region_row(code)])
            words = f"{price:.6g} {self.maker.unit(product.unit)}" if np.isfinite(price) else ""
        return [Cell(title + self._say("layout.unit", unit=unit)), quantity, Cell(words), value]

    def _indicators(self) -> Iterator[list[Cell]]:
        """Yield the indicators with what their prices are."""
        for category, indicators in self._by_category():
            for indicator in indicators:
                concept = indicator.price_concept
                words = say(self.language, f"reference.word.{concept}") if concept else ""
                name = indicator.name.say(self.language)
                yield [Cell(category_title(category, self.language)), Cell(name), Cell(words)]

    # --- ecosystem types -------------------------------------------------------------------------

    def _types(self) -> list[tuple[str, str]]:
        """Return the ecosystem types of the first level that accounts have, with their titles."""
        scheme = self.maker.accounts[0].plan.scheme
        present: dict[str, None] = {}
        for account in self.maker.accounts:
            used = {_first_level(scheme, str(name)) for name in account.plan.extent.ecosystems}
            present |= dict.fromkeys(name for name in scheme.classes if name in used)
        titles = []
        for name in present:
            title = scheme.label(name).title
            titles.append((name, name if title is None else title.say(self.language)))
        return titles

    def _ecosystems(self) -> Iterator[list[Cell]]:
        """Yield the values of indicators by type, and what has none."""
        types = [name for name, _ in self._types()]
        for account, code, place in self._tops():
            values = self._by_type(account, code)
            for category, indicators in self._by_category():
                head = Cell(category_title(category, self.language))
                whole = self._cell(self._sum(account, code, category))
                for indicator in indicators:
                    name = Cell(indicator.name.say(self.language))
                    cells = self._type_cells(values, types, [indicator.id])
                    yield [*place, head, name, *cells, whole]
                    whole = Cell("")
            every = [each.id for _, indicators in self._by_category() for each in indicators]
            title = Cell(category_title(TOTAL, self.language))
            cells = self._type_cells(values, types, every)
            yield [*place, title, Cell(""), *cells, self._cell(self._sum(account, code, TOTAL))]

    def _by_type(self, account: Account, code: str) -> pd.Series:
        """Return the values of a region by indicator and type of the first level."""
        frame = account.by_ecosystem()
        regions = account.plan.regions
        below = [code]
        for region in map(str, account.plan.extent.regions):
            if regions is not None and code in regions.ancestors(region):
                below.append(region)
        frame = frame[(frame["kind"] == "value") & frame["region"].isin(below)]
        scheme = account.plan.scheme
        types = [_first_level(scheme, str(name)) for name in frame["ecosystem"]]
        scales = np.array([factor(unit, self.money.unit) for unit in frame["unit"]])
        frame = frame.assign(type=types, value=frame["value"].to_numpy(dtype=float) * scales)
        return frame.groupby(["indicator", "type"])["value"].sum()

    def _type_cells(
        self, values: pd.Series, types: Sequence[str], indicators: Sequence[str]
    ) -> list[Cell]:
        """Return the cells of indicators together: each type, what has none, and the sum."""
        sizes = []
        for name in (*types, _NO_TYPE):
            parts = [float(values.get((indicator, name), 0.0)) for indicator in indicators]
            sizes.append(sum(parts))
        return [self._cell(size) if size else Cell("") for size in (*sizes, sum(sizes))]

    def _extent(self) -> Iterator[list[Cell]]:
        """Yield the areas of types of the first level, their shares, and the sum."""
        for account, code, place in self._tops():
            scheme = account.plan.scheme
            areas: dict[str, float] = {}
            regions = account.plan.regions
            for region, sizes in zip(
                account.plan.extent.regions, account.plan.extent.area_of(), strict=True
            ):
                is_below = regions is not None and code in regions.ancestors(str(region))
                if str(region) != code and not is_below:
                    continue
                for name, size in zip(account.plan.extent.ecosystems, sizes, strict=True):
                    first = _first_level(scheme, str(name))
                    areas[first] = areas.get(first, 0.0) + float(size) / _M2_PER_KM2
            whole = sum(areas.values())
            for name, title in [*self._types(), ("", self._say("book.sum"))]:
                size = areas.get(name, 0.0) if name else whole
                yield [*place, Cell(title), self._cell(size), self._share(size, whole)]


def _first_level(scheme: ClassScheme, name: str) -> str:
    """Return the type of the first level that a type is in."""
    above = scheme.ancestors(name)
    return above[-1] if above else name
