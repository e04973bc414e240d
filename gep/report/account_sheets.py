"""The sheets of an account's workbook that hold numbers (核算表): areas, quantities, values, sums.

The module owns which numbers are live formulas. A formula is written only where it gives, from the
cells that it names, the number that gep computed; elsewhere the number itself is written. Cover,
sources and remarks are left to ``gep.report.account_workbook``, looks to ``gep.io.workbook``.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from gep.account.account import Account
from gep.account.caption import category_title, rounded_parts, sum_title
from gep.account.evaluation import arguments
from gep.account.explanation import formula
from gep.account.lines import TOTAL
from gep.account.publication import NOTHING, Withheld
from gep.inputs.value_rows import member_word
from gep.io.workbook import BookSheet, Cell, LiveFormula, StyleName, column_letter
from gep.plan.blank_form import spoken
from gep.plan.planned_step import PlannedStep, StepLink
from gep.report.live_cells import (
    MOST_ROWS,
    WAN,
    WHOLE_FROM,
    YI,
    Money,
    Number,
    is_live,
    money_of,
    number_cell,
    sum_formula,
)
from gep.report.unit_values import UnitValues, unit_values
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Language, say

MOST_YEARS = 12  # side by side
_MOST_TOPS = 12  # regions without a parent whose sums the summary lists
_SMALLEST_GROWTH = 1e-6  # below, a difference of ratios has too few digits
_M2_PER_KM2 = 1e6
_PRODUCT = re.compile(r"= (\w+) \* (\w+)")
_VALUE = 11  # the column of values in their sheet
_UNIT_VALUE = 6  # the column of unit values in theirs
_SMALL_CONVERSION = 1e-3
_LONGEST_FORMULA = 8000  # characters; Excel takes 8,192

_Place = tuple[int, str, int]  # year, region, position of a column of the account's block


class Product(NamedTuple):
    """A value that is a quantity times a price.

    Attributes
    ----------
    quantity : int
        Position of the column of the quantity.
    price : ndarray
        By region; NaN where it is not one number.
    unit : str
        Of the price.
    factor : float
        From quantity times price to the standard's unit of money.
    """

    quantity: int
    price: np.ndarray
    unit: str
    factor: float


def products(account: Account) -> dict[int, Product]:
    """Find the values that are a quantity times one price.

    Parameters
    ----------
    account : Account

    Returns
    -------
    dict of int to Product
        By position of the value's column in ``account.block``.
    """
    columns = account.block.columns
    positions = {}
    for position, column in enumerate(columns.itertuples()):
        name = f"{column.indicator}.{column.step}" if column.indicator else column.step
        positions[name, column.item] = position
    found: dict[int, Product] = {}
    for step in account.plan.steps:
        if step.step.kind != "value" or step.step.per not in ("amount", "region"):
            continue
        factors = _factors(account, step)
        prices = None if factors is None else _prices(account, step, factors[1])
        if factors is None or prices is None:
            continue
        link, argument = factors
        of_step = [item for name, item in positions if name == step.name]
        for item, price in zip(of_step, prices.T, strict=True):
            if (link.source, item) not in positions:
                continue
            value = positions[step.name, item]
            scale = float(columns["scale"].iloc[value])
            found[value] = Product(
                quantity=positions[link.source, item],
                price=price,
                unit=step.method.inputs[argument],
                factor=link.factor * step.factor * scale,
            )
    return found


def _factors(account: Account, step: PlannedStep) -> tuple[StepLink, str] | None:
    """Return the quantity of a step and the argument that is its price; None if it has not both."""
    match = _PRODUCT.fullmatch(formula(step.method.function))
    if match is None or set(match.groups()) != set(step.inputs):
        return None
    for argument, other in (match.groups(), match.groups()[::-1]):
        link = step.inputs[argument]
        if isinstance(link, StepLink) and account.plan.step(link.source).kind == "quantity":
            return link, other
    return None


def _prices(account: Account, step: PlannedStep, argument: str) -> np.ndarray | None:
    """Return the prices of a step, region x item; NaN where a cell has several or none."""
    if "region" not in step.dims:
        return None
    values = arguments(account.plan, step, account.results)[argument]
    wide = np.where(step.live, np.broadcast_to(values, step.live.shape), np.nan)
    items = [dim for dim in step.out if dim not in ("region", "ecosystem")]
    axes = tuple(axis for axis, dim in enumerate(step.dims) if dim not in ("region", *items))
    lowest = np.fmin.reduce(wide, axis=axes)
    highest = np.fmax.reduce(wide, axis=axes)
    prices = np.where(lowest == highest, lowest, np.nan)
    return np.asarray(prices.reshape(len(account.plan.extent.regions), -1))


@dataclass
class AccountSheets:
    """Makes the sheets of accounts; those that others point to come first.

    Attributes
    ----------
    accounts : sequence of Account
        One for each year.
    language : {'zh', 'en'}
    left_out : Withheld
        What the public edition does not list.
    sheets : dict of str to BookSheet
        The sheets that are made, by their key in the catalogue.
    limits : list of str
        What the workbook leaves out, a sentence each.
    """

    accounts: Sequence[Account]
    language: Language
    left_out: Withheld = NOTHING
    sheets: dict[str, BookSheet] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    _quantities: dict[_Place, Number] = field(default_factory=dict)
    _areas: dict[tuple[int, str, str], tuple[Number, int]] = field(default_factory=dict)
    _unit_rows: dict[tuple[int, str, int, str], Number] = field(default_factory=dict)
    _values: dict[_Place, Number] = field(default_factory=dict)
    _sums: dict[tuple[int, str, str], Number] = field(default_factory=dict)
    _levels: dict[tuple[int, str, str], Number] = field(default_factory=dict)
    _rows: dict[tuple[int, str], int] = field(default_factory=dict)
    _names: dict[tuple[int, str], str] = field(default_factory=dict)
    _columns: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    _words: dict[tuple[int, int], tuple[str, str, str]] = field(default_factory=dict)
    _of_areas: dict[int, Mapping[int, UnitValues]] = field(default_factory=dict)

    def make(self) -> list[BookSheet]:
        """Make all sheets, and return them in the order in which they are read."""
        self._add_areas()
        self._add_quantities()
        if self.has_values:
            self._of_areas = {account.year: unit_values(account) for account in self.accounts}
            self._add_unit_values()
            self._add_values()
            self._add_regions()
            self._add_summary()
            if len(self.accounts) > 1:
                self._add_years()
        order = ("summary", "values", "quantities", "unit-values", "regions", "years", "areas")
        made = [self.sheets[key] for key in order if key in self.sheets]
        return [sheet for sheet in made if len(sheet.rows) > sheet.heading]

    # --- what all sheets share -------------------------------------------------------------------

    @property
    def has_values(self) -> bool:
        """Whether anything is valued."""
        return self.accounts[0].sums.has_values

    @cached_property
    def money(self) -> Money:
        """The unit of money: 亿元 for large economies, else 万元; other currencies stay."""
        unit = self.accounts[0].plan.standard.spec.unit
        largest = 0.0
        if not self.has_values:
            return Money(unit, 1.0, 2, 1.0, 1.0)
        for account in self.accounts:
            totals = np.abs(account.sums.values[:, account.sums.names.index(TOTAL)])
            largest = max(largest, float(totals.max(initial=0.0)))
        return money_of(unit, largest)

    @cached_property
    def value_decimals(self) -> int:
        """Decimals with which values are shown."""
        return self.money.shown

    def say(self, key: str, **values: object) -> str:
        """Word a text of the workbook."""
        return say(self.language, f"report.{key}", **values)

    def unit(self, unit: str) -> str:
        """Write a unit as people do."""
        return spoken(unit, self.language)

    def region_name(self, account: Account, code: str) -> str:
        """Return the name of a region, its code if it has none."""
        key = (account.year, code)
        if key not in self._names:
            regions = account.plan.regions
            self._names[key] = code if regions is None else regions.name(code, self.language)
        return self._names[key]

    def columns(self, account: Account) -> list[dict[str, Any]]:
        """Return the columns of an account's block."""
        if account.year not in self._columns:
            self._columns[account.year] = account.block.columns.to_dict("records")
        return self._columns[account.year]

    def member(self, item: str) -> str:
        """Return the members of an item by their names."""
        names = []
        for pair in filter(None, item.split(";")):
            key, _, member = pair.partition("=")
            names.append(member_word(key, member, self.language))
        return self.say("book.joint").join(names)

    def children(self, account: Account, code: str) -> list[str]:
        """Return the regions directly below a parent."""
        return self._tree(account).get(code, [])

    def tops(self, account: Account) -> list[str]:
        """Return the regions without a parent."""
        return self._tree(account)[""]

    def _tree(self, account: Account) -> dict[str, list[str]]:
        """Return the regions directly below each parent; below '' those without one."""
        if account.year not in self._trees:
            codes = [str(code) for code in account.sums.codes]
            regions = account.plan.regions
            parent = {} if regions is None else regions.parent
            tree: dict[str, list[str]] = {"": []}
            for code in codes:
                tree.setdefault(parent.get(code, ""), []).append(code)
            self._trees[account.year] = tree
        return self._trees[account.year]

    @cached_property
    def _trees(self) -> dict[int, dict[str, list[str]]]:
        """The trees of regions by year."""
        return {}

    def is_region(self, account: Account, code: str) -> bool:
        """Return whether a code is that of a region; parents have the rows below the regions."""
        return account.region_row(code) < len(account.plan.extent.regions)

    def codes(self, account: Account) -> list[str]:
        """Return the regions and parents by code, each parent before those below it."""
        ordered: list[str] = []
        waiting = sorted(self.tops(account), reverse=True)
        while waiting:
            code = waiting.pop()
            ordered.append(code)
            waiting += sorted(self.children(account, code), reverse=True)
        return ordered

    def listed(
        self, sheet: BookSheet, rows_of_region: int, *, leaves: bool = False
    ) -> dict[int, list[str]]:
        """Choose the regions that a sheet lists, by year; a line tells if it does not list all.

        Parents come first where not all fit, then regions in their order.
        """
        chosen: dict[int, list[str]] = {}
        most = max(1, MOST_ROWS // max(1, rows_of_region * len(self.accounts)))
        count = 0
        for account in self.accounts:
            regions = set(account.plan.extent.regions)
            codes = [code for code in self.codes(account) if not leaves or code in regions]
            count = max(count, len(codes))
            if len(codes) > most:
                kept = set(sorted(codes, key=lambda code: code in regions)[:most])
                codes = [code for code in codes if code in kept]
            chosen[account.year] = codes
        if count > most:
            line = self.say("book.limited", sheet=sheet.title, shown=most, count=count)
            self.limits.append(line)
            sheet.add_line(line)
        return chosen

    def start(self, key: str, columns: Sequence[str], *, frozen: int = 0) -> BookSheet:
        """Make a sheet with its title; headings follow by ``add_headings``."""
        sheet = BookSheet(self.say(f"book-sheet.{key}"), len(columns), frozen_columns=frozen)
        sheet.add_line(f"{self.title}  {sheet.title}", "title")
        self.sheets[key] = sheet
        return sheet

    @property
    def title(self) -> str:
        """What the first sheet and all others are headed by."""
        years = [account.year for account in self.accounts]
        span = f"{min(years)}—{max(years)}" if len(years) > 1 else str(years[0])
        names = [self.region_name(self.accounts[-1], code) for code in self.tops(self.accounts[-1])]
        place = names[0] if len(names) == 1 else ""
        return self.say("book.heading", place=place, years=span).strip()

    def headings(self, names: Iterable[str], **values: object) -> list[str]:
        """Word the headings of columns."""
        return [self.say(f"book-column.{name}", **values) for name in names]

    # --- areas -----------------------------------------------------------------------------------

    def _add_areas(self) -> None:
        """Add the areas of regions by ecosystem type, in km2, years side by side."""
        accounts = self.accounts[-MOST_YEARS:]
        years = [str(account.year) for account in accounts]
        names = ["code", "region", "class"]
        headings = [*self.headings(names), *years, *self.headings(["area_share"])]
        sheet = self.start("areas", headings, frozen=len(names))
        sheet.add_line(self.say("book.areas"))
        listed = self.listed(sheet, len(accounts[-1].plan.extent.ecosystems) + 1, leaves=True)
        sheet.add_headings(headings)
        codes: dict[str, None] = {}
        for account in accounts:
            codes |= dict.fromkeys(listed[account.year])
        for code in codes:
            self._add_region_areas(sheet, accounts, code)

    def _add_region_areas(self, sheet: BookSheet, accounts: Sequence[Account], code: str) -> None:
        """Add the areas of a region, and their sum."""
        areas: dict[str, list[float]] = {}
        for position, account in enumerate(accounts):
            extent = account.plan.extent
            if code not in extent.regions:
                continue
            row = extent.regions.get_loc(code)
            areas_of_region = extent.area_of()[row]
            for name, area in zip(extent.ecosystems, areas_of_region, strict=True):
                if area:
                    sizes = areas.setdefault(str(name), [0.0] * len(accounts))
                    sizes[position] = area / _M2_PER_KM2
        first = 4
        start = len(sheet.rows) + 1
        total_row = start + len(areas)
        last = first + len(accounts) - 1
        region = (Cell(code), Cell(self.region_name(accounts[-1], code)))
        wholes = np.array(list(areas.values())).reshape(len(areas), len(accounts)).sum(axis=0)
        for name, sizes in areas.items():
            title = accounts[-1].plan.scheme.label(name).title
            row = len(sheet.rows) + 1
            for position, account in enumerate(accounts):
                size = sizes[position]
                self._areas[account.year, code, name] = (Number(row, size), first + position)
            share: LiveFormula | float = 0.0
            if wholes[-1]:
                part = sheet.address(row, last)
                whole_address = sheet.address(total_row, last)
                text = f"{part}/{whole_address}"
                share = LiveFormula(text, sizes[-1] / wholes[-1])
            sheet.add(
                *region,
                Cell(name if title is None else title.say(self.language)),
                *(number_cell(size, 2) for size in sizes),
                Cell(share, "share", 2),
            )
        sums = []
        for position, whole in enumerate(wholes):
            column = first + position
            from_cell = sheet.address(start, column)
            to_cell = sheet.address(total_row - 1, column)
            value: LiveFormula | float = 0.0
            if areas:
                value = LiveFormula(f"SUM({from_cell}:{to_cell})", float(whole))
            sums.append(Cell(value, "total", 2))
        sheet.add(*region, Cell(self.say("book.sum"), "text"), *sums, Cell("", "blank"))

    # --- quantities ------------------------------------------------------------------------------

    def _positions(self, account: Account, kind: str) -> list[int]:
        """Return the columns of a kind, in the order of categories."""
        columns = self.columns(account)
        categories = (*CATEGORIES, "")
        positions = [each for each, column in enumerate(columns) if column["kind"] == kind]
        return sorted(positions, key=lambda each: categories.index(columns[each]["category"]))

    @cached_property
    def _quantity_powers(self) -> dict[tuple[str, str, str], float]:
        """By indicator, step and item how many units a quantity is counted in: 1, 万 or 亿."""
        largest: dict[tuple[str, str, str], float] = {}
        for account in self.accounts:
            block = account.block
            values = np.abs(np.where(block.valid & ~block.gap, block.values, 0.0))
            sizes = values.max(axis=0, initial=0.0)
            for size, column in zip(sizes, block.columns.itertuples(), strict=True):
                key = (column.indicator, column.step, column.item)
                can_rise = self.language == "zh" and spoken(f"10^4 {column.unit}", "zh")[0] == "万"
                can_rise = can_rise and not column.unit.startswith("10^")
                largest[key] = max(largest.get(key, 0.0), float(size) if can_rise else 0.0)
        powers = {}
        for key, size in largest.items():
            power = YI if size >= YI else 1.0
            powers[key] = WAN if WAN <= size < YI else power
        return powers

    def quantity_scale(self, account: Account, position: int) -> tuple[float, str]:
        """Return by what a quantity is divided, and the unit that it is then in, in words."""
        column = self.columns(account)[position]
        power = self._quantity_powers[column["indicator"], column["step"], column["item"]]
        prefix = {WAN: "10^4 ", YI: "10^8 "}.get(power, "")
        return power, self.unit(f"{prefix}{column['unit']}")

    def _add_quantities(self) -> None:
        """Add the physical quantities of regions, a row each."""
        columns = ["year", "region", "category", "item", "member", "quantity", "unit"]
        sheet = self.start("quantities", columns, frozen=2)
        count = len(self._positions(self.accounts[0], "quantity"))
        listed = self.listed(sheet, count)
        sheet.add_headings(self.headings(columns))
        for account in self.accounts:
            for code in listed[account.year]:
                for position in self._positions(account, "quantity"):
                    self._add_quantity(sheet, account, code, position)
            self._sum_parents(sheet, account, self._quantities, 6)

    def _add_quantity(self, sheet: BookSheet, account: Account, code: str, position: int) -> None:
        """Add a quantity of a region."""
        row = account.region_row(code)
        if not self._is_listed(account, code, position):
            return
        power, unit = self.quantity_scale(account, position)
        cell = self._mark_of(account, row, position)
        if cell is None:
            value = float(account.block.values[row, position]) / power
            self._quantities[account.year, code, position] = Number(len(sheet.rows) + 1, value)
            cell = number_cell(value)
        sheet.add(*self._item_cells(account, code, position), cell, Cell(unit))

    def _is_listed(self, account: Account, code: str, position: int) -> bool:
        """Return whether a result of a region exists and is published."""
        indicator = str(self.columns(account)[position]["indicator"])
        is_hidden = (code, indicator) in self.left_out.figures
        return not is_hidden and bool(account.block.present[account.region_row(code), position])

    def _mark_of(self, account: Account, row: int, position: int) -> Cell | None:
        """Return the cell of something that gives no number; None if it gives one."""
        if account.block.gap[row, position]:
            return Cell(self.say("book.gap"))
        return None if account.block.valid[row, position] else Cell(self.say("book.none"))

    def _item_cells(self, account: Account, code: str, position: int) -> list[Cell]:
        """Return the cells that say what a row is of."""
        column = self.columns(account)[position]
        category, title, member = self._words_of(account, position)
        if not column["additive"] and not self.is_region(account, code):
            title += " *"
        return [
            Cell(str(account.year)),
            Cell(self.region_name(account, code)),
            Cell(category),
            Cell(title),
            Cell(member),
        ]

    def _words_of(self, account: Account, position: int) -> tuple[str, str, str]:
        """Return the category, title and members of a column in words."""
        key = (account.year, position)
        if key not in self._words:
            column = account.block.columns.iloc[position]
            category = column["category"]
            self._words[key] = (
                category_title(category, self.language) if category else "",
                account.column_title(column, self.language),
                self.member(column["item"]),
            )
        return self._words[key]

    def _sum_parents(
        self, sheet: BookSheet, account: Account, numbers: Mapping[_Place, Number], column: int
    ) -> None:
        """Make the numbers of parents live: sums of the cells of the regions directly below."""
        for (year, code, position), number in numbers.items():
            if year != account.year:
                continue
            places = [(year, child, position) for child in self.children(account, code)]
            below = [numbers[place] for place in places if place in numbers]
            if not below:
                continue
            value = sum_formula(lambda row: sheet.address(row, column), below, number.value)
            cell = sheet.rows[number.row - 1][column - 1]
            sheet.rows[number.row - 1][column - 1] = cell._replace(value=value)

    # --- values ----------------------------------------------------------------------------------

    def _add_unit_values(self) -> None:
        """Add the values per area by ecosystem type, by region only where regions differ."""
        rows = []
        for account in self.accounts:
            for position, found in self._of_areas[account.year].items():
                indicator = str(self.columns(account)[position]["indicator"])
                extent = account.plan.extent
                hidden = {str(code) for code in extent.regions}
                hidden = {code for code in hidden if (code, indicator) in self.left_out.figures}
                for code, name, value in found.rows(extent.regions, extent.ecosystems, hidden):
                    rows.append((account, position, code, name, value))
        if not rows:
            return
        columns = ["year", "region", "item", "member", "class", "unit_value", "unit"]
        sheet = self.start("unit-values", columns, frozen=2)
        sheet.add_line(self.say("book.unit-values"))
        if len(rows) > MOST_ROWS:
            line = self.say(
                "book.limited-rows", sheet=sheet.title, shown=MOST_ROWS, count=len(rows)
            )
            self.limits.append(line)
            sheet.add_line(line)
        sheet.add_headings(self.headings(columns))
        for account, position, code, name, value in rows[:MOST_ROWS]:
            _, title, member = self._words_of(account, position)
            label = account.plan.scheme.label(name).title
            unit = self._of_areas[account.year][position].unit
            line_number = sheet.add(
                Cell(str(account.year)),
                Cell(self.region_name(account, code) if code else self.say("book.all-regions")),
                Cell(title),
                Cell(member),
                Cell(name if label is None else label.say(self.language)),
                number_cell(value, 2),
                Cell(self.unit(unit)),
            )
            self._unit_rows[account.year, code, position, name] = Number(line_number, value)

    def _area_times_value(
        self, sheet: BookSheet, account: Account, code: str, position: int, value: float
    ) -> tuple[LiveFormula | float, list[Cell]]:
        """Return a value as the sum of areas times unit values, and the cells beside it.

        The value alone, with blank cells, where the sum does not give it.
        """
        blank = [Cell("")] * 5
        found = self._of_areas[account.year].get(position)
        if found is None:
            return value, blank
        conversion = float(f"{found.factor * self.money.factor:.12g}")
        key = "" if found.is_uniform else code
        terms = []
        parts = []
        for name in map(str, account.plan.extent.ecosystems):
            area = self._areas.get((account.year, code, name))
            price = self._unit_rows.get((account.year, key, position, name))
            if area is None or price is None or not area[0].value:
                continue
            size, column = area
            area_address = self.sheets["areas"].address(size.row, column, from_outside=True)
            price_address = self.sheets["unit-values"].address(
                price.row, _UNIT_VALUE, from_outside=True
            )
            terms.append(f"{area_address}*{price_address}")
            parts.append(size.value * price.value)
        computed = math.fsum(parts) * conversion
        text = f"({'+'.join(terms)})*{sheet.address(len(sheet.rows) + 1, 10)}"
        if not terms or len(text) > _LONGEST_FORMULA or not is_live(computed, value):
            return value, blank
        cells = [Cell("")] * 2
        cells += [Cell(self.say("book.see-unit-values")), Cell(self.unit(found.unit))]
        cells.append(Cell(conversion, "number", _decimals_of_conversion(conversion)))
        return LiveFormula(text, value), cells

    def _add_values(self) -> None:
        """Add the values of regions with their quantities and prices, and sums by category."""
        names = ["year", "region", "category", "item", "member", "quantity", "unit", "price"]
        names += ["price_unit", "conversion", "value", "share"]
        sheet = self.start("values", names, frozen=2)
        sheet.add_line(self.say("book.values"))
        count = len(self._positions(self.accounts[0], "value")) + len(CATEGORIES)
        listed = self.listed(sheet, count)
        sheet.add_headings(self.headings(names, unit=self.unit(self.money.unit)))
        for account in self.accounts:
            of_account = products(account)
            for code in listed[account.year]:
                self._add_region_values(sheet, account, code, of_account)
            self._sum_parents(sheet, account, self._values, _VALUE)

    def _add_region_values(
        self, sheet: BookSheet, account: Account, code: str, of_account: Mapping[int, Product]
    ) -> None:
        """Add the values of a region by category, then what the headline leaves out."""
        columns = self.columns(account)
        headline = account.plan.standard.spec.total[0].indicators
        positions = self._positions(account, "value")
        present = [each for each in positions if self._is_listed(account, code, each)]
        in_headline = [column["indicator"] in headline for column in columns]
        start = len(sheet.rows)
        for category in CATEGORIES:
            of_category = [each for each in present if columns[each]["category"] == category]
            counted = [each for each in of_category if in_headline[each]]
            for position in counted:
                self._add_value(sheet, account, code, position, of_account)
            if counted:
                self._add_sum(sheet, account, code, category, counted)
        self._add_total(sheet, account, code)
        total = self._sums.get((account.year, code, TOTAL))
        if total is not None and total.value:
            self._add_shares(sheet, range(start + 1, len(sheet.rows) + 1), total)
        for position in present:
            if not in_headline[position]:
                self._add_value(sheet, account, code, position, of_account)
                sheet.rows[-1][-1] = Cell(self.say("book.not-in-total"))

    def _add_value(
        self,
        sheet: BookSheet,
        account: Account,
        code: str,
        position: int,
        of_account: Mapping[int, Product],
    ) -> None:
        """Add a value; live where it is a quantity times a price."""
        row = account.region_row(code)
        line = len(sheet.rows) + 1
        behind = [Cell("")] * 5
        cell = self._mark_of(account, row, position)
        if cell is None:
            scale = float(self.columns(account)[position]["scale"]) * self.money.factor
            value = float(account.block.values[row, position]) * scale
            self._values[account.year, code, position] = Number(line, value)
            shown: LiveFormula | float = value
            product = of_account.get(position)
            is_region = self.is_region(account, code)
            if product is not None and is_region:
                shown, behind = self._multiplied(sheet, account, code, product, value)
            elif is_region:
                shown, behind = self._area_times_value(sheet, account, code, position, value)
            cell = number_cell(shown, self.value_decimals)
        sheet.add(*self._item_cells(account, code, position), *behind, cell, Cell(""))

    def _multiplied(
        self, sheet: BookSheet, account: Account, code: str, product: Product, value: float
    ) -> tuple[LiveFormula | float, list[Cell]]:
        """Return a value as a product, and the cells of quantity, price and conversion.

        The value alone, with blank cells, where the product does not give it.
        """
        quantity = self._quantities.get((account.year, code, product.quantity))
        price = float(product.price[account.region_row(code)])
        power, unit = self.quantity_scale(account, product.quantity)
        conversion = float(f"{product.factor * self.money.factor * power:.12g}")
        blank = [Cell("")] * 5
        if quantity is None or not is_live(quantity.value * price * conversion, value):
            return value, blank
        line = len(sheet.rows) + 1
        quantity_sheet = self.sheets["quantities"]
        link = quantity_sheet.address(quantity.row, 6, from_outside=True)
        cells = [
            number_cell(LiveFormula(link, quantity.value)),
            Cell(unit),
            Cell(price, "number", 4 if abs(price) < WHOLE_FROM else 2),
            Cell(self.unit(product.unit)),
            Cell(conversion, "number", _decimals_of_conversion(conversion)),
        ]
        addresses = [sheet.address(line, column) for column in (6, 8, 10)]
        return LiveFormula("*".join(addresses), value), cells

    def _sum_of(self, account: Account, code: str, name: str) -> Cell | float:
        """Return a category or total in the unit of the workbook, or the mark in its place."""
        if (code, name) in self.left_out.sums:
            return Cell(self.say("book.withheld"))
        row = account.region_row(code)
        column = account.sums.names.index(name)
        if account.sums.gap[row, column]:
            return Cell(self.say("book.gap"))
        if not account.sums.valid[row, column]:
            return Cell(self.say("book.none"))
        return float(account.sums.values[row, column]) * self.money.factor

    def _add_sum(
        self, sheet: BookSheet, account: Account, code: str, category: str, positions: Sequence[int]
    ) -> None:
        """Add the sum of a category below its values."""
        places = [(account.year, code, position) for position in positions]
        summed = [self._values[place] for place in places if place in self._values]
        self._add_sum_row(sheet, account, code, category, summed)

    def _add_total(self, sheet: BookSheet, account: Account, code: str) -> None:
        """Add the total of a region below its categories."""
        places = [(account.year, code, category) for category in CATEGORIES]
        summed = [self._sums[place] for place in places if place in self._sums]
        self._add_sum_row(sheet, account, code, TOTAL, summed)

    def _add_sum_row(
        self, sheet: BookSheet, account: Account, code: str, name: str, summed: Sequence[Number]
    ) -> None:
        """Add the row of a category or total."""
        figure = self._sum_of(account, code, name)
        cell = figure if isinstance(figure, Cell) else Cell(figure, "total", self.value_decimals)
        if not isinstance(figure, Cell):
            value = sum_formula(lambda row: sheet.address(row, _VALUE), summed, figure)
            cell = cell._replace(value=value)
            self._sums[account.year, code, name] = Number(len(sheet.rows) + 1, figure)
        title = self.sum_title(name)
        if name != TOTAL:
            title = self.say("book.subtotal", category=title)
        if name in account.sums.sums_of_parts and not self.is_region(account, code):
            title += " *"
        region = [Cell(str(account.year)), Cell(self.region_name(account, code))]
        blanks = [Cell("")] * 6
        sheet.add(
            *region,
            Cell(title),
            Cell(""),
            *blanks,
            cell,
            Cell(""),
        )

    def sum_title(self, name: str) -> str:
        """Return the title of a category or total."""
        return sum_title(name, self.accounts[0].plan.standard.spec, self.language)

    def _add_shares(self, sheet: BookSheet, rows: Iterable[int], total: Number) -> None:
        """Add to rows of values their share of the total."""
        whole = f"{column_letter(_VALUE)}${total.row}"
        for row in rows:
            value = sheet.rows[row - 1][_VALUE - 1].value
            number = value.value if isinstance(value, LiveFormula) else value
            if isinstance(number, float):
                formula_text = f"{sheet.address(row, _VALUE)}/{whole}"
                share = LiveFormula(formula_text, number / total.value)
                sheet.rows[row - 1][_VALUE] = Cell(share, "share", 2)

    # --- regions ---------------------------------------------------------------------------------

    def _add_regions(self) -> None:
        """Add the table by region: categories, total, per km2 and per person."""
        names = [name for name in self.accounts[0].sums.names if not name.startswith(f"{TOTAL}:")]
        first = ["year", "code", "region", "parent"]
        last = ["land", "per_km2", "population", "per_person"]
        titles = [self.sum_title(name) for name in names]
        units = {"unit": self.unit(self.money.unit), **self._unit_words()}
        titles = [f"{title}（{units['unit']}）" for title in titles]
        headings = [*self.headings(first), *titles, *self.headings(last, **units)]
        sheet = self.start("regions", headings, frozen=3)
        listed = self.listed(sheet, 1)
        sheet.add_headings(headings)
        for account in self.accounts:
            for code in listed[account.year]:
                self._add_region(sheet, account, code, names)
            self._sum_parent_regions(sheet, account, listed[account.year], names)

    def _unit_words(self) -> dict[str, str]:
        """Return the units of values per km2 and per person."""
        is_yuan = self.money.per_person != 1
        return {
            "area_unit": self.unit("10^4 CNY km-2" if is_yuan else f"{self.money.unit} km-2"),
            "person_unit": self.unit("CNY person-1" if is_yuan else f"{self.money.unit} person-1"),
        }

    def _add_region(
        self, sheet: BookSheet, account: Account, code: str, names: Sequence[str]
    ) -> None:
        """Add the row of a region."""
        line = len(sheet.rows) + 1
        tree = account.plan.regions.parent if account.plan.regions is not None else {}
        parent = tree.get(code, "")
        cells = [
            Cell(str(account.year)),
            Cell(code),
            Cell(self.region_name(account, code)),
            Cell(self.region_name(account, parent) if parent else ""),
        ]
        values = self.sheets["values"]
        for name in names:
            figure = self._sum_of(account, code, name)
            if isinstance(figure, Cell):
                cells.append(figure)
                continue
            self._levels[account.year, code, name] = Number(line, figure)
            shown: LiveFormula | float = figure
            source = self._sums.get((account.year, code, name))
            if source is not None:
                shown = LiveFormula(values.address(source.row, _VALUE, from_outside=True), figure)
            style: StyleName = "total" if name == TOTAL else "number"
            cells.append(Cell(shown, style, self.value_decimals))
        row = account.region_row(code)
        land = float(account.sums.land[row])
        population = float(account.sums.population[row])
        total = self._levels.get((account.year, code, TOTAL))
        column = len(cells) + 1
        for size, decimals, scale, at in (
            (land, 2, self.money.per_region, column),
            (population, 0, self.money.per_person, column + 2),
        ):
            ratio = Cell("")
            if total is not None and math.isfinite(size) and size > 0:
                text = sheet.address(line, column - 1)
                text += f"*{scale:g}" if scale != 1 else ""
                value = total.value * scale / size
                ratio = number_cell(LiveFormula(f"{text}/{sheet.address(line, at)}", value), 2)
            cells.append(Cell(size, "number", decimals) if math.isfinite(size) else Cell(""))
            cells.append(ratio)
        self._rows[account.year, code] = line
        sheet.add(*cells)

    def _sum_parent_regions(
        self, sheet: BookSheet, account: Account, codes: Iterable[str], names: Sequence[str]
    ) -> None:
        """Make the categories of parents live; their totals are sums of their categories."""
        for code in codes:
            for column, name in enumerate(names, 5):
                number = self._levels.get((account.year, code, name))
                if number is None:
                    continue
                places = [(account.year, child, name) for child in self.children(account, code)]
                below = [self._levels[place] for place in places if place in self._levels]
                address = partial(_row_address, sheet, column)
                if below:
                    value = sum_formula(address, below, number.value)
                    cell = sheet.rows[number.row - 1][column - 1]
                    sheet.rows[number.row - 1][column - 1] = cell._replace(value=value)

    # --- summary ---------------------------------------------------------------------------------

    def _add_summary(self) -> None:
        """Add the sums by category of the regions at the top, also rounded so that they add up."""
        names = ["year", "region", "category", "computed", "rounded", "share", "per_km2"]
        names.append("per_person")
        units = {"unit": self.unit(self.money.unit), **self._unit_words()}
        sheet = self.start("summary", names, frozen=0)
        digits = self.say("book.digits", decimals=self.money.decimals)
        sheet.add_line(self.say("book.rounding", unit=units["unit"], digits=digits))
        tops = {account.year: self.tops(account)[:_MOST_TOPS] for account in self.accounts}
        count = max(len(self.tops(account)) for account in self.accounts)
        if count > _MOST_TOPS:
            line = self.say("book.limited", sheet=sheet.title, shown=_MOST_TOPS, count=count)
            self.limits.append(line)
            sheet.add_line(line)
        sheet.add_headings(self.headings(names, **units))
        for account in self.accounts:
            for code in tops[account.year]:
                self._add_top(sheet, account, code)

    def _add_top(self, sheet: BookSheet, account: Account, code: str) -> None:
        """Add the sums of a region: categories, the total, other totals."""
        names = account.sums.names
        figures = {name: self._sum_of(account, code, name) for name in names}
        categories = [name for name in names if name in CATEGORIES]
        known = [name for name in categories if isinstance(figures[name], float)]
        whole = figures[TOTAL]
        scale = 10**self.money.decimals
        counts: dict[str, float] = {}
        if isinstance(whole, float):
            known_figures = np.array([figures[name] for name in known], dtype=float)
            counts = _rounded_counts(known, known_figures * scale, whole * scale)
        start = len(sheet.rows) + 1
        total_row = start + len(categories)
        others = [name for name in names if name not in categories]
        is_parent = not self.is_region(account, code)
        year = str(account.year)
        region = self.region_name(account, code)
        for name in (*categories, *others):
            figure = figures[name]
            title = self.sum_title(name)
            if is_parent and name in account.sums.sums_of_parts:
                title += " *"
            cells = [Cell(year), Cell(region), Cell(title)]
            if isinstance(figure, Cell):
                sheet.add(*cells, figure, *[Cell("")] * 4)
                continue
            style: StyleName = "total" if name == TOTAL else "number"
            count = counts.get(name, round(figure * scale))
            rounded_value: LiveFormula | float = count / scale
            if name == TOTAL and known and set(known) <= set(counts):
                first = sheet.address(start, 5)
                last = sheet.address(total_row - 1, 5)
                rounded_value = LiveFormula(f"SUM({first}:{last})", count / scale)
            value = self._linked(account, code, name, figure)
            cells.append(Cell(value, style, self.value_decimals))
            cells.append(Cell(rounded_value, style, self.money.decimals))
            cells += self._ratios(
                sheet,
                account,
                code,
                figure,
                whole,
                total_row,
            )
            sheet.add(*cells)

    def _linked(self, account: Account, code: str, name: str, figure: float) -> LiveFormula | float:
        """Return a sum as the cell of another sheet, or as a sum of its values."""
        values = self.sheets["values"]
        source = self._sums.get((account.year, code, name))
        if source is not None:
            return LiveFormula(values.address(source.row, _VALUE, from_outside=True), figure)
        total = {f"{TOTAL}:{each.id}": each for each in account.plan.standard.spec.total}.get(name)
        if total is None:
            return figure
        columns = self.columns(account)
        summed = []
        for position in self._positions(account, "value"):
            place = (account.year, code, position)
            if columns[position]["indicator"] in total.indicators and place in self._values:
                summed.append(self._values[place])
        address = partial(_row_address, values, _VALUE, from_outside=True)
        return sum_formula(address, summed, figure)

    def _ratios(
        self,
        sheet: BookSheet,
        account: Account,
        code: str,
        figure: float,
        whole: Cell | float,
        total_row: int,
    ) -> list[Cell]:
        """Return the share of a sum in the total, and the sum per km2 and per person."""
        line = len(sheet.rows) + 1
        address = sheet.address(line, 4)
        share = Cell("")
        if isinstance(whole, float) and whole:
            text = f"{address}/{sheet.address(total_row, 4)}"
            share = Cell(LiveFormula(text, figure / whole), "share", 2)
        cells = [share]
        row = account.region_row(code)
        regions = self.sheets["regions"]
        region_row = self._rows.get((account.year, code))
        for size, scale, column in (
            (float(account.sums.land[row]), self.money.per_region, regions.columns - 3),
            (float(account.sums.population[row]), self.money.per_person, regions.columns - 1),
        ):
            if not math.isfinite(size) or size <= 0:
                cells.append(Cell(""))
                continue
            ratio: LiveFormula | float = figure * scale / size
            if region_row is not None:
                text = f"{address}*{scale:g}" if scale != 1 else address
                divisor = regions.address(region_row, column, from_outside=True)
                ratio = LiveFormula(f"{text}/{divisor}", figure * scale / size)
            cells.append(number_cell(ratio, 2))
        return cells

    # --- years -----------------------------------------------------------------------------------

    def _add_years(self) -> None:
        """Add the years side by side, with growth from the first to the last."""
        accounts = self.accounts[-MOST_YEARS:]
        if len(accounts) < len(self.accounts):
            count = len(self.accounts)
            self.limits.append(self.say("book.limited-years", shown=MOST_YEARS, count=count))
        first, last = accounts[0].year, accounts[-1].year
        years = [str(account.year) for account in accounts]
        span = {"first": first, "last": last, "unit": self.unit(self.money.unit)}
        headings = [*self.headings(["region", "category"]), *years]
        headings += self.headings(["growth", "mean_growth"], **span)
        sheet = self.start("years", headings, frozen=2)
        key = "book.current" if accounts[-1].plan.price_year is None else "book.constant"
        prices = self.say(key, year=accounts[-1].plan.price_year)
        sheet.add_line(self.say("book.years", prices=prices, unit=span["unit"]))
        sheet.add_headings(headings)
        shown: dict[str, None] = {}
        for account in accounts:
            codes = self.codes(account)
            shown |= dict.fromkeys(code for code in codes if (account.year, code) in self._rows)
        tops = set(self.tops(accounts[-1]))
        for code in shown:
            names = self.accounts[0].sums.names if code in tops else (TOTAL,)
            for name in names:
                if not name.startswith(f"{TOTAL}:"):
                    self._add_years_of(sheet, accounts, code, name)

    def _add_years_of(
        self, sheet: BookSheet, accounts: Sequence[Account], code: str, name: str
    ) -> None:
        """Add the sums of a region in all years, and their growth."""
        regions = self.sheets["regions"]
        names = [each for each in accounts[0].sums.names if not each.startswith(f"{TOTAL}:")]
        column = 5 + names.index(name)
        line = len(sheet.rows) + 1
        style: StyleName = "total" if name == TOTAL else "number"
        cells = []
        for account in accounts:
            level = self._levels.get((account.year, code, name))
            if level is None:
                cells.append(Cell(""))
                continue
            link = regions.address(level.row, column, from_outside=True)
            cells.append(Cell(LiveFormula(link, level.value), style, self.value_decimals))
        first = self._levels.get((accounts[0].year, code, name))
        last = self._levels.get((accounts[-1].year, code, name))
        growth = [Cell(""), Cell("")]
        if first is not None and last is not None and first.value > 0 and last.value > 0:
            span = accounts[-1].year - accounts[0].year
            ratio_text = f"{sheet.address(line, 2 + len(cells))}/{sheet.address(line, 3)}"
            ratio = last.value / first.value
            growth = [
                _growth_cell(f"{ratio_text}-1", ratio - 1),
                _growth_cell(f"({ratio_text})^(1/{span})-1", ratio ** (1 / span) - 1),
            ]
        region = self.region_name(accounts[-1 if last is not None else 0], code)
        sheet.add(Cell(region), Cell(self.sum_title(name)), *cells, *growth)


def _decimals_of_conversion(conversion: float) -> int:
    """Return with how many decimals a conversion is shown: all of it."""
    if conversion >= 1:
        return 0
    return 4 if conversion >= _SMALL_CONVERSION else 8


def _row_address(sheet: BookSheet, column: int, row: int, *, from_outside: bool = False) -> str:
    """Return the address of a cell of a column."""
    return sheet.address(row, column, from_outside=from_outside)


def _growth_cell(text: str, growth: float) -> Cell:
    """Return the cell of a growth rate; live unless it is too small to keep its digits."""
    return Cell(LiveFormula(text, growth) if abs(growth) > _SMALLEST_GROWTH else growth, "share", 2)


def _rounded_counts(names: Sequence[str], parts: np.ndarray, whole: float) -> dict[str, float]:
    """Return a total and its parts as whole numbers that add up; parts only if they make it up."""
    counts: dict[str, float] = {}
    rounded_whole = round(whole)
    if is_live(float(parts.sum()), whole):
        rounded = rounded_parts(parts, rounded_whole)
        counts = dict(zip(names, rounded.tolist(), strict=True))
    counts[TOTAL] = rounded_whole
    return counts
