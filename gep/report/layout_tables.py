"""The tables that a standard states in a layout of its own (附表): sheets of an account's workbook.

The module owns the five layouts: rows that the standard names, services with quantities and prices,
values by ecosystem type, the list of indicators, and areas. What every account has is left to
``gep.report.account_sheets``, which also knows regions, units and marks.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.caption import category_title, evidence_title
from gep.account.lines import TOTAL
from gep.account.publication import NOTHING
from gep.extent.classes import ClassScheme
from gep.io.workbook import BookSheet, Cell
from gep.report.account_sheets import AccountSheets, Product, products
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


@dataclass(frozen=True)
class _RegionFigures:
    """The figures of a region or parent, in the units of the tables."""

    maker: AccountSheets
    money: Money
    account: Account
    code: str

    @property
    def row(self) -> int:
        """The row of the region in the results."""
        return self.account.region_row(self.code)

    @property
    def place(self) -> list[Cell]:
        """The cells of year and region."""
        name = self.maker.region_name(self.account, self.code)
        return [
            Cell(str(self.account.year)),
            Cell(name),
        ]

    def mark(self, key: str) -> Cell:
        """Return a mark in the place of a number: ``gap`` or ``none``."""
        words = self.maker.say(f"book.{key}")
        return Cell(words)

    def figure(self, positions: Sequence[int]) -> Figure:
        """Return the sum of columns as they are, or the mark in its place."""
        block = self.account.block
        valid = []
        for position in positions:
            if block.gap[self.row, position]:
                return self.mark("gap")
            if block.valid[self.row, position]:
                valid.append(position)
        if not valid:
            return self.mark("none")
        values = block.values[self.row, valid]
        return float(values.sum())

    def value(self, positions: Sequence[int]) -> Figure:
        """Return the sum of values in the unit of money of the tables."""
        columns = self.maker.columns(self.account)
        value = 0.0
        for position in positions:
            part = self.figure([position])
            if isinstance(part, Cell):
                return part
            scale = float(columns[position]["scale"])
            value += part * scale * self.money.factor
        if not positions:
            return self.mark("none")
        return value

    def sum(self, name: str) -> Figure:
        """Return a category, the headline or another total by its id."""
        sums = self.account.sums
        headline = self.account.plan.standard.spec.total[0].id
        if name == headline:
            name = TOTAL
        elif name not in (*CATEGORIES, TOTAL):
            name = f"{TOTAL}:{name}"
        if name not in sums.names:
            return self.mark("none")
        column = sums.names.index(name)
        if sums.gap[self.row, column]:
            return self.mark("gap")
        if not sums.valid[self.row, column]:
            return self.mark("none")
        figure = float(sums.values[self.row, column])
        return figure * self.money.factor

    def positions(self, step: str, at: Mapping[str, str]) -> list[int]:
        """Return the columns of a step, where members are fixed those of these members."""
        wanted = {f"{key}={member}" for key, member in at.items()}
        positions = []
        for position, column in enumerate(self.maker.columns(self.account)):
            name = f"{column['indicator']}.{column['step']}"
            members = column["item"].split(";")
            if name == step and wanted <= set(members):
                positions.append(position)
        return positions

    def values_of(self, indicators: Sequence[str]) -> list[int]:
        """Return the columns of the values of some indicators."""
        positions = []
        for position, column in enumerate(self.maker.columns(self.account)):
            is_value = column["kind"] == "value"
            if is_value and column["indicator"] in indicators:
                positions.append(position)
        return positions

    def quantity(self, positions: Sequence[int]) -> tuple[str, Cell]:
        """Return the unit of a quantity in brackets, and its cell."""
        figure = self.figure(positions)
        scale, unit = self.maker.quantity_scale(self.account, positions[0])
        words = self.maker.say("layout.unit", unit=unit)
        if isinstance(figure, Cell):
            return words, figure
        return words, number_cell(figure / scale)

    def price(self, product: Product) -> str:
        """Return a price with its unit; parents have the prices of their regions."""
        if not self.maker.is_region(self.account, self.code):
            return ""
        price = float(product.price[self.row])
        if not math.isfinite(price):
            return ""
        unit = self.maker.unit(product.unit)
        return f"{price:.6g} {unit}"


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
        title = self.layout.name.say(self.language)
        title = title.translate(_FORBIDDEN)[:_LONGEST_TITLE]
        sheet = BookSheet(title, len(headings))
        sheet.add_line(f"{self.maker.title}  {title}", "title")
        standing = self.maker.say(
            "layout.standing",
            id=self.spec.id,
            evidence=evidence_title(self.spec.evidence, self.language),
            clause=self.layout.clause or "-",
        )
        sheet.add_line(standing)
        sheet.add_headings(headings)
        for cells in rows():
            sheet.add(*cells)
        return sheet

    def _layouts(self) -> Mapping[str, tuple[list[str], Callable[[], Iterator[list[Cell]]]]]:
        """Return the headings and the rows of each layout."""
        place = ["year", "region"]
        named = [*place, "row", "quantity", *self._of_rows()]
        services = [*place, "category", "service", "indicator", "quantity"]
        services += ["price", "value", "service_value", "category_value"]
        types = self._heads(*place, "category", "item")
        types += [title for _, title in self._types()]
        types += self._heads("no_type", "sum", "category_value")
        indicators = self._heads("category", "indicator", "valued_by")
        extent = self._heads(*place, "type", "area", "share")
        return {
            "rows": (self._heads(*named), self._rows),
            "services": (self._heads(*services), self._services),
            "ecosystems": (types, self._ecosystems),
            "indicators": (indicators, self._indicators),
            "extent": (extent, self._extent),
        }

    def _heads(self, *names: str) -> list[str]:
        """Word the headings of columns."""
        unit = self.maker.unit(self.money.unit)
        headings = []
        for name in names:
            heading = self.maker.say(f"layout-column.{name}", unit=unit)
            headings.append(heading)
        return headings

    def _of_rows(self) -> tuple[str, str, str]:
        """Return the last columns of named rows; values are comparable at constant prices only."""
        plan = self.maker.accounts[-1].plan
        value = "value" if plan.price_year is None else "constant_value"
        return (value, "share_of_regulating", "share_of_total")

    def _figures(self, account: Account, code: str) -> _RegionFigures:
        """Return the figures of a region."""
        return _RegionFigures(self.maker, self.money, account, code)

    def _tops(self) -> Iterator[_RegionFigures]:
        """Yield the figures of the regions without a parent, year by year."""
        for account in self.maker.accounts:
            for code in self.maker.tops(account):
                yield self._figures(account, code)

    # --- rows that the standard names ------------------------------------------------------------

    def _rows(self) -> Iterator[list[Cell]]:
        """Yield the rows of every region and parent."""
        sheet = BookSheet("", 1)
        listed = self.maker.listed(sheet, len(self.layout.row))
        for account in self.maker.accounts:
            for code in listed[account.year]:
                figures = self._figures(account, code)
                yield from self._rows_of(figures)

    def _rows_of(self, figures: _RegionFigures) -> Iterator[list[Cell]]:
        """Yield the rows of a region."""
        regulating = figures.sum("regulating")
        total = figures.sum(TOTAL)
        for row in self.layout.row:
            unit, quantity = _quantity_of(row, figures)
            value = _value_of(row, figures)
            of_regulating = Cell("")
            if self._is_regulating(row):
                of_regulating = _share(value, regulating)
            name = row.name.say(self.language)
            yield [
                *figures.place,
                Cell(name + unit),
                quantity,
                _cell(value),
                of_regulating,
                _share(value, total),
            ]

    def _is_regulating(self, row: LayoutRow) -> bool:
        """Return whether a row is of regulating services."""
        if row.sum:
            return row.sum == "regulating"
        indicator, _, _ = row.value.partition(".")
        names = row.indicators or (indicator,)
        for each in self.spec.indicator:
            if each.id in names and each.category != "regulating":
                return False
        return True

    # --- services, indicators --------------------------------------------------------------------

    def _indicators_counted(self) -> Iterator[tuple[str, list[Indicator]]]:
        """Yield the categories of the headline with their indicators."""
        counted = self.spec.total[0].indicators
        for category in CATEGORIES:
            indicators = []
            for each in self.spec.indicator:
                if each.category == category and each.id in counted:
                    indicators.append(each)
            if indicators:
                yield category, indicators

    def _services(self) -> Iterator[list[Cell]]:
        """Yield quantity, price and value of each service, with the sums at the first rows."""
        for figures in self._tops():
            of_account = products(figures.account)
            for category, indicators in self._indicators_counted():
                title = category_title(category, self.language)
                whole = _cell(figures.sum(category))
                for indicator in indicators:
                    name = indicator.name.say(self.language)
                    positions = figures.values_of([indicator.id])
                    service = _cell(figures.value(positions))
                    for position in positions:
                        product = of_account.get(position)
                        yield [
                            *figures.place,
                            Cell(title),
                            Cell(name),
                            *self._valued(figures, position, product),
                            service,
                            whole,
                        ]
                        service = whole = Cell("")

    def _valued(
        self, figures: _RegionFigures, position: int, product: Product | None
    ) -> list[Cell]:
        """Return what is valued with its unit, the quantity, the price and the value."""
        account = figures.account
        shown = position if product is None else product.quantity
        column = account.block.columns.iloc[shown]
        title = account.column_title(column, self.language)
        member = self.maker.member(column["item"])
        words = " ".join(filter(None, [title, member]))
        unit = price = ""
        quantity = Cell("")
        if product is not None:
            unit, quantity = figures.quantity([product.quantity])
            price = figures.price(product)
        value = figures.value([position])
        return [
            Cell(words + unit),
            quantity,
            Cell(price),
            _cell(value),
        ]

    def _indicators(self) -> Iterator[list[Cell]]:
        """Yield the indicators with what their prices are."""
        for category, indicators in self._indicators_counted():
            title = category_title(category, self.language)
            for indicator in indicators:
                words = ""
                if indicator.price_concept:
                    words = say(self.language, f"reference.word.{indicator.price_concept}")
                name = indicator.name.say(self.language)
                yield [
                    Cell(title),
                    Cell(name),
                    Cell(words),
                ]

    # --- ecosystem types -------------------------------------------------------------------------

    def _types(self) -> list[tuple[str, str]]:
        """Return the ecosystem types of the first level that accounts have, with their titles."""
        scheme = self.maker.accounts[0].plan.scheme
        present = set()
        for account in self.maker.accounts:
            for name in account.plan.extent.ecosystems:
                first = _first_level(scheme, str(name))
                present.add(first)
        titles = []
        for name in scheme.classes:
            if name not in present:
                continue
            title = scheme.label(name).title
            words = name if title is None else title.say(self.language)
            titles.append((name, words))
        return titles

    def _ecosystems(self) -> Iterator[list[Cell]]:
        """Yield the values of indicators by type, and what has none."""
        for figures in self._tops():
            values = self._by_type(figures)
            for category, indicators in self._indicators_counted():
                title = category_title(category, self.language)
                whole = _cell(figures.sum(category))
                for indicator in indicators:
                    name = indicator.name.say(self.language)
                    yield [
                        *figures.place,
                        Cell(title),
                        Cell(name),
                        *self._type_cells(values, [indicator.id]),
                        whole,
                    ]
                    whole = Cell("")
            every = self.spec.total[0].indicators
            title = category_title(TOTAL, self.language)
            yield [
                *figures.place,
                Cell(title),
                Cell(""),
                *self._type_cells(values, every),
                _cell(figures.sum(TOTAL)),
            ]

    def _by_type(self, figures: _RegionFigures) -> pd.Series:
        """Return the values of a region by indicator and type of the first level."""
        frame = figures.account.by_ecosystem()
        below = _regions_below(figures)
        is_value = frame["kind"] == "value"
        frame = frame[is_value & frame["region"].isin(below)]
        scheme = figures.account.plan.scheme
        types = [_first_level(scheme, str(name)) for name in frame["ecosystem"]]
        scales = [factor(unit, self.money.unit) for unit in frame["unit"]]
        values = frame["value"].to_numpy(dtype=float) * np.array(scales)
        frame = frame.assign(type=types, value=values)
        sums: pd.Series = frame.groupby(["indicator", "type"])["value"].sum()
        return sums

    def _type_cells(self, values: pd.Series, indicators: Sequence[str]) -> list[Cell]:
        """Return the cells of indicators together: each type, what has none, and the sum."""
        names = [name for name, _ in self._types()]
        sizes = []
        for name in (*names, _NO_TYPE):
            size = 0.0
            for indicator in indicators:
                size += float(values.get((indicator, name), 0.0))
            sizes.append(size)
        whole = sum(sizes)
        cells = []
        for size in (*sizes, whole):
            cell = _cell(size) if size else Cell("")
            cells.append(cell)
        return cells

    def _extent(self) -> Iterator[list[Cell]]:
        """Yield the areas of types of the first level, their shares, and the sum."""
        for figures in self._tops():
            areas = _areas_by_type(figures)
            whole = sum(areas.values())
            sizes = []
            for name, title in self._types():
                size = areas.get(name, 0.0)
                sizes.append((title, size))
            sizes.append((self.maker.say("book.sum"), whole))
            for title, size in sizes:
                yield [
                    *figures.place,
                    Cell(title),
                    _cell(size),
                    _share(size, whole),
                ]


def _cell(figure: Figure) -> Cell:
    """Return the cell of a value, or the mark in its place."""
    if isinstance(figure, Cell):
        return figure
    return Cell(figure, "number", _DECIMALS)


def _share(part: Figure, whole: Figure) -> Cell:
    """Return the cell of a share, blank where it has no meaning."""
    if isinstance(part, Cell) or isinstance(whole, Cell):
        return Cell("")
    if not whole:
        return Cell("")
    return Cell(part / whole, "share", _DECIMALS)


def _quantity_of(row: LayoutRow, figures: _RegionFigures) -> tuple[str, Cell]:
    """Return the unit of a row's quantity in brackets, and its cell."""
    if not row.quantity:
        return "", Cell("")
    positions = figures.positions(row.quantity, row.at)
    if not positions:
        return "", figures.mark("none")
    return figures.quantity(positions)


def _value_of(row: LayoutRow, figures: _RegionFigures) -> Figure:
    """Return the value of a row: of a step, of indicators together, or of a sum."""
    if row.sum:
        return figures.sum(row.sum)
    positions = figures.values_of(row.indicators)
    if row.value:
        positions = figures.positions(row.value, row.at)
    return figures.value(positions)


def _regions_below(figures: _RegionFigures) -> list[str]:
    """Return the regions of an account that are a region itself or below it."""
    plan = figures.account.plan
    below = []
    for region in map(str, plan.extent.regions):
        above = [] if plan.regions is None else plan.regions.ancestors(region)
        if figures.code in (region, *above):
            below.append(region)
    return below


def _areas_by_type(figures: _RegionFigures) -> dict[str, float]:
    """Return the areas of a region by type of the first level, in km2."""
    plan = figures.account.plan
    below = _regions_below(figures)
    areas: dict[str, float] = {}
    for region, sizes in zip(plan.extent.regions, plan.extent.area_of(), strict=True):
        if str(region) not in below:
            continue
        for name, size in zip(plan.extent.ecosystems, sizes, strict=True):
            first = _first_level(plan.scheme, str(name))
            before = areas.get(first, 0.0)
            areas[first] = before + float(size) / _M2_PER_KM2
    return areas


def _first_level(scheme: ClassScheme, name: str) -> str:
    """Return the type of the first level that a type is in."""
    above = scheme.ancestors(name)
    return above[-1] if above else name
