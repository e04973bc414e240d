"""The workbook of a comparison (对比表): growth, changes of values and quantities, their reasons.

The module owns which sheets there are and which of their numbers are live; how a table becomes a
sheet is in ``gep.report.table_pages``, and the tables themselves come from ``gep.comparison``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gep import __version__
from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison import Comparison
from gep.comparison.comparison_table import comparison_caption
from gep.comparison.decomposition import LMDI, REPLAY
from gep.errors import Problem
from gep.io.workbook import BookSheet, LiveFormula, StyleName, save_workbook
from gep.project.project import Project
from gep.report.comparison_words import LAND_SIDES, basis_word, column_word, factor_word
from gep.report.live_cells import Money, is_live, live_number, money_of
from gep.report.table_pages import (
    TableColumn,
    TablePage,
    cover_page,
    first_rows,
    remarks_page,
    table_page,
)
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import LANGUAGES, Label, Language, say

_ROW_FLAGS = ("sum-of-parts", "only-in-from", "only-in-to")  # the others are of the whole table
_SMALLEST_GROWTH = 1e-6  # below, a difference of ratios has too few digits
_POINTS = 100  # percentage points in 1
_GROUP = ["kind", "price_basis", "from", "to", "region"]  # rows of which there is one total
_NET = ("opening", "closing", "net")

_YEARS = (
    TableColumn("from", "report.book-column.from"),
    TableColumn("to", "report.book-column.to"),
)
_LEVELS = (
    TableColumn("value_from", "report.book-column.value_from", "amount"),
    TableColumn("value_to", "report.book-column.value_to", "amount"),
    TableColumn(
        "change",
        "report.book-column.change",
        "amount",
        rule="difference",
        of=("value_from", "value_to"),
    ),
    TableColumn("unit", "report.book-column.unit"),
    TableColumn(
        "growth",
        "report.book-column.growth_rate",
        "share",
        rule="growth",
        of=("value_from", "value_to"),
    ),
    TableColumn("cagr", "report.book-column.cagr", "share"),
)
_RANKS = (
    TableColumn("rank_from", "report.book-column.rank_from", "count"),
    TableColumn("rank_to", "report.book-column.rank_to", "count"),
)
_BASIS = TableColumn("basis", "report.book-column.basis")
_REGION = TableColumn("region", "report.book-column.region")
_ITEM = (
    TableColumn("category", "report.book-column.category"),
    TableColumn("indicator", "report.book-column.item"),
)
_REMARK = TableColumn("remark", "report.book-column.remark")
_GROWTH_COLUMNS = (_REGION, _BASIS, *_YEARS, *_LEVELS, *_RANKS)
_VALUE_COLUMNS = (
    _REGION,
    _BASIS,
    *_YEARS,
    *_ITEM,
    *_LEVELS,
    TableColumn("contribution", "report.book-column.contribution", "fixed"),
    TableColumn("share_from", "report.book-column.share_from", "share"),
    TableColumn("share_to", "report.book-column.share_to", "share"),
    _REMARK,
)
_QUANTITY_COLUMNS = (
    _REGION,
    *_YEARS,
    *_ITEM,
    TableColumn("item", "report.book-column.member"),
    *_LEVELS,
    _REMARK,
)
_LAND_COLUMNS = (
    _REGION,
    *_YEARS,
    TableColumn("from_ecosystem", "report.book-column.from_ecosystem"),
    TableColumn("to_ecosystem", "report.book-column.to_ecosystem"),
    TableColumn("area", "report.book-column.area", "fixed"),
    TableColumn("value", "report.book-column.land_value", "amount"),
    TableColumn("unit", "report.book-column.unit"),
)


def comparison_workbook_name(language: Language) -> str:
    """Return the file name of the workbook: 对比表.xlsx, or comparison.xlsx.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return f"{say(language, 'report.book.comparison-file')}.xlsx"


COMPARISON_WORKBOOKS = tuple(comparison_workbook_name(language) for language in LANGUAGES)


def save_comparison_workbook(
    path: Path,
    project: Project,
    comparison: Comparison,
    tables: Mapping[str, pd.DataFrame],
    warnings: Sequence[Problem],
) -> None:
    """Write the workbook of a comparison, in the language of its first project.

    Parameters
    ----------
    path : Path
        A new ``.xlsx`` in a folder that nobody else writes to.
    project : Project
        The first of the projects.
    comparison : Comparison
        At the first price basis.
    tables : mapping of str to DataFrame
        The result tables by file name.
    warnings : sequence of Problem
        What should be looked at.
    """
    maker = _ComparisonSheets(project, comparison, tables)
    sheets = maker.make()
    language = project.language
    remarks = [say(language, "report.book.none-note"), say(language, "report.book.formulas-short")]
    remarks += [say(language, "report.book.growth-note"), *maker.limits]
    if maker.has_sums_of_parts:
        remarks.append(say(language, "account.table.sum-of-parts"))
    remarks += [problem.say(language) for problem in warnings]
    sheets.append(remarks_page(maker.title, remarks, "comparison.json", language))
    cover = cover_page(
        title=project.spec.project.title.say(language),
        lines=comparison_caption(comparison, language),
        facts=maker.facts(),
        sheets=sheets,
        language=language,
    )
    save_workbook(path, [cover, *sheets], language)


@dataclass
class _ComparisonSheets:
    """Makes the sheets of a comparison.

    Attributes
    ----------
    project : Project
    comparison : Comparison
    tables : mapping of str to DataFrame
    limits : list of str
        What the workbook leaves out, a sentence each.
    """

    project: Project
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    limits: list[str] = field(default_factory=list)

    def make(self) -> list[BookSheet]:
        """Make the sheets in the order in which they are read."""
        table = self.tables["comparison.csv"]
        table = table.assign(
            basis=list(map(self._basis, table["kind"], table["price_basis"])),
            remark=[self._remark(flags) for flags in table["flags"]],
        )
        of_item = table["item"] == ""
        is_quantity = table["kind"].str.partition(":")[0] == "quantity"
        values = table[(of_item & ~is_quantity).to_numpy()]
        sheets = []
        if len(values):
            value_page = self._values(values)
            sheets += [self._growth(values, value_page), value_page.sheet]
        quantities = table[is_quantity.to_numpy()]
        if len(quantities):
            sheets.append(self._quantities(quantities))
        effects = self.tables["decomposition.csv"]
        replayed = effects[(effects["method"] == REPLAY).to_numpy()]
        if len(replayed):
            sheets.append(self._reasons(replayed))
        factors = effects[(effects["method"] == LMDI).to_numpy()]
        if len(factors):
            sheets.append(self._factors(factors))
        if len(self.tables["transitions.csv"]):
            sheets.append(self._land(self.tables["transitions.csv"]))
        return sheets

    @property
    def language(self) -> Language:
        """The language of the workbook."""
        return self.project.language

    @property
    def account(self) -> Account:
        """The account of the last year."""
        return self.comparison.accounts[-1]

    @property
    def title(self) -> str:
        """What all sheets are headed by."""
        return self.project.spec.project.title.say(self.language)

    @property
    def has_sums_of_parts(self) -> bool:
        """Whether a row of a parent is a sum of parts."""
        return bool(self.tables["comparison.csv"]["flags"].str.contains("sum-of-parts").any())

    @property
    def money(self) -> Money:
        """The unit of money."""
        table = self.tables["comparison.csv"]
        is_value = (table["kind"] == "value") & (table["category"] == TOTAL)
        levels = table.loc[is_value.to_numpy(), ["value_from", "value_to"]]
        numbers = levels.apply(pd.to_numeric, errors="coerce").abs()
        largest = float(numbers.max().max()) if len(numbers) else 0.0
        unit = self.account.plan.standard.spec.unit
        return money_of(unit, largest if math.isfinite(largest) else 0.0)

    def facts(self) -> list[tuple[str, str]]:
        """Return what the cover says, by the key of its label."""
        language = self.language
        joint = say(language, "report.book.joint")
        spec = self.account.plan.standard.spec
        years = [str(account.year) for account in self.comparison.accounts]
        bases = dict.fromkeys(account.plan.price_basis.code for account in self.comparison.accounts)
        header = self.project.spec.project
        facts = [
            ("years", joint.join(years)),
            ("regions", say(language, "report.book.regions", count=len(self.comparison.regions))),
            ("standard", Label(spec.id, spec.title).say(language)),
        ]
        if header.approver:
            facts.append(("approver", header.approver))
        if header.document:
            facts.append(("document", header.document))
        if self.comparison.headline is not None:
            facts.append(("prices", price_basis_text(";".join(bases)).say(language)))
        return [*facts, ("software", f"gep {__version__}")]

    def words(self, column: str, value: str) -> str:
        """Put a text of a table into words."""
        return column_word(self.comparison, column, value, self.language)

    def _basis(self, kind: str, price_basis: str) -> str:
        """Word the price and climate basis of a row."""
        return basis_word(kind, price_basis, self.language)

    def _remark(self, flags: str) -> str:
        """Word the flags that belong to the row alone."""
        names = [flag for flag in flags.split(";") if flag in _ROW_FLAGS]
        words = [say(self.language, f"comparison.flag.{flag}") for flag in names]
        return say(self.language, "report.book.joint").join(words)

    def _start(self, key: str, columns: Sequence[TableColumn], *, frozen: int = 1) -> TablePage:
        """Begin a sheet."""
        return table_page(
            key,
            self.title,
            columns,
            self.language,
            money=self.money,
            words=self.words,
            notes=[say(self.language, f"report.book-note.{key}")],
            frozen=frozen,
        )

    def _chosen(self, frame: pd.DataFrame, sheet: str, file: str) -> pd.DataFrame:
        """Return the rows that a sheet lists: totals first where not all are."""
        texts = frame.assign(**{"from": frame["from"].astype(str), "to": frame["to"].astype(str)})
        is_first = frame["region"].isin(set(self.comparison.codes) - set(self.comparison.regions))
        if "category" in frame:
            is_first |= frame["category"] == TOTAL
        return first_rows(
            texts,
            sheet,
            file,
            self.limits,
            self.language,
            is_first=is_first,
        )

    # --- values ----------------------------------------------------------------------------------

    def _values(self, frame: pd.DataFrame) -> TablePage:
        """Make the sheet of the changes of values."""
        rows = self._chosen(frame, "changes", "comparison.csv")
        page = self._start("changes", _used(_VALUE_COLUMNS, rows))
        page.add_rows(rows, _is_sum)
        headline = self.account.plan.standard.spec.total
        counted = headline[0].indicators if headline else ()
        for _, group in rows.groupby(_GROUP, sort=False):
            self._add_sums(page, group, counted)
        self._add_yearly(page, rows)
        return page

    def _add_sums(self, page: TablePage, group: pd.DataFrame, counted: Sequence[str]) -> None:
        """Make the sums of a region's categories and of its total live, and parts of the total."""
        is_total = (group["category"] == TOTAL) & (group["indicator"] == TOTAL)
        of_category = {}
        for category in CATEGORIES:
            rows = group[(group["category"] == category).to_numpy()]
            whole = rows.index[(rows["indicator"] == TOTAL).to_numpy()]
            members = rows.index[rows["indicator"].isin(counted).to_numpy()]
            if len(whole):
                of_category[whole[0]] = members
        if not is_total.any():
            return
        total = group.index[is_total.to_numpy()][0]
        for name in ("value_from", "value_to"):
            for position, members in of_category.items():
                page.sum_up(position, members, name)
            page.sum_up(total, of_category, name)
        for position in group.index:
            for part, whole in (("share_from", "value_from"), ("share_to", "value_to")):
                self._add_part(page, position, total, (part, whole, whole), 1)
            self._add_part(page, position, total, ("contribution", "change", "value_from"), _POINTS)

    def _add_part(
        self, page: TablePage, position: int, total: int, names: tuple[str, str, str], scale: int
    ) -> None:
        """Make a part in the total live: a number of a row over one of the row of the total."""
        name, above, below = names
        expected = page.numbers.get((position, name))
        part, whole = page.numbers.get((position, above)), page.numbers.get((total, below))
        if expected is None or part is None or whole is None or not whole.value:
            return
        if is_live(scale * part.value / whole.value, expected.value):
            text = f"{page.address(position, above)}/{page.address(total, below)}"
            text = f"{scale}*{text}" if scale != 1 else text
            formula = LiveFormula(text, expected.value)
            page.replace(expected.row, page.index(name), formula)

    def _add_yearly(self, page: TablePage, rows: pd.DataFrame) -> None:
        """Make the mean yearly growth live."""
        for row in rows.itertuples():
            first = page.numbers.get((row.Index, "value_from"))
            last = page.numbers.get((row.Index, "value_to"))
            yearly = page.numbers.get((row.Index, "cagr"))
            if first is None or last is None or yearly is None or not first.value:
                continue
            span = int(row.to) - int(rows.at[row.Index, "from"])
            computed = (last.value / first.value) ** (1 / span) - 1
            has_digits = abs(computed) > _SMALLEST_GROWTH or computed == 0
            if has_digits and is_live(computed, yearly.value):
                addresses = [page.address(row.Index, name) for name in ("value_to", "value_from")]
                text = f"({'/'.join(addresses)})^(1/{span})-1"
                formula = LiveFormula(text, yearly.value)
                page.replace(yearly.row, page.index("cagr"), formula)

    def _growth(self, frame: pd.DataFrame, values: TablePage) -> BookSheet:
        """Make the sheet of the totals of all regions; their levels are those of the values."""
        rows = self._chosen(frame, "changes", "comparison.csv")
        is_total = (rows["category"] == TOTAL) & (rows["indicator"] == TOTAL)
        totals = rows[is_total.to_numpy()]
        page = self._start("growth", _GROWTH_COLUMNS)
        parents = set(self.comparison.codes) - set(self.comparison.regions)
        for position, row in zip(totals.index, totals.to_dict("records"), strict=True):
            style: StyleName = "total" if row["region"] in parents else "number"
            page.add_row(position, {str(name): cell for name, cell in row.items()}, style=style)
            for name in ("value_from", "value_to"):
                number = page.numbers.get((position, name))
                if number is not None and (position, name) in values.numbers:
                    link = values.address(position, name, from_outside=True)
                    page.replace(number.row, page.index(name), LiveFormula(link, number.value))
        self._add_yearly(page, totals)
        return page.sheet

    # --- quantities, reasons, land ---------------------------------------------------------------

    def _quantities(self, frame: pd.DataFrame) -> BookSheet:
        """Make the sheet of the changes of quantities."""
        rows = self._chosen(frame, "quantity-changes", "comparison.csv")
        page = self._start("quantity-changes", _used(_QUANTITY_COLUMNS, rows))
        page.add_rows(rows, _is_sum)
        self._add_yearly(page, rows)
        return page.sheet

    def _reasons(self, frame: pd.DataFrame) -> BookSheet:
        """Make the sheet of effects, side by side for each line and pair of years."""
        effects = list(dict.fromkeys(frame["effect"]))
        keys = ["region", "category", "indicator", "from", "to", "unit"]
        wide = frame.set_index([*keys, "effect"])["value"].unstack("effect")
        wide = wide.reindex(pd.MultiIndex.from_frame(frame[keys].drop_duplicates()))
        rows = self._chosen(wide.reset_index(), "reasons", "decomposition.csv")
        columns = [_REGION, *_YEARS, *_ITEM]
        for effect in effects:
            columns.append(TableColumn(effect, f"comparison.effect.{effect}", "amount"))
        columns.append(TableColumn("sum", "report.book-column.effect_sum", "amount"))
        columns.append(TableColumn("unit", "report.book-column.unit"))
        page = self._start("reasons", columns)
        rows["sum"] = [math.fsum(row) for row in rows[effects].fillna(0.0).to_numpy()]
        page.add_rows(rows, _is_sum)
        for position in rows.index:
            parts = [page.numbers.get((position, effect)) for effect in effects]
            known = [part.value for part in parts if part is not None]
            whole = page.numbers[position, "sum"]
            largest = max(abs(value) for value in known)
            has_digits = abs(whole.value) > _SMALLEST_GROWTH * largest
            if has_digits and is_live(math.fsum(known), whole.value):
                ends = [
                    page.sheet.address(whole.row, page.index(name) + 1)
                    for name in (effects[0], effects[-1])
                ]
                formula = LiveFormula(f"SUM({':'.join(ends)})", whole.value)
                page.replace(whole.row, page.index("sum"), formula)
        return page.sheet

    def _factors(self, frame: pd.DataFrame) -> BookSheet:
        """Make the sheet of the effects of factors, beside each its ratio."""
        keys = ["region", "category", "indicator", "from", "to", "effect"]
        is_ratio = (frame["unit"] == "1").to_numpy()
        ratios = frame[is_ratio].set_index(keys)["value"].rename("ratio")
        rows = frame[~is_ratio].join(ratios, on=keys)
        rows = self._chosen(rows.reset_index(drop=True), "factors", "decomposition.csv")
        rows["effect"] = [
            factor_word(self.comparison, *names, self.language)
            for names in zip(rows["indicator"], rows["effect"], strict=True)
        ]
        columns = (
            _REGION,
            *_YEARS,
            *_ITEM,
            TableColumn("effect", "report.book-column.factor"),
            TableColumn("value", "report.book-column.effect", "amount"),
            TableColumn("unit", "report.book-column.unit"),
            TableColumn("ratio", "report.book-column.ratio", "number"),
        )
        page = self._start("factors", columns)
        page.add_rows(rows, _is_sum)
        return page.sheet

    def _land(self, frame: pd.DataFrame) -> BookSheet:
        """Make the sheet of land that changed its type: sums of transitions, and net changes."""
        rows = self._chosen(frame, "land", "transitions.csv")
        page = self._start("land", _LAND_COLUMNS)
        page.add_rows(rows, _is_margin)
        places: dict[tuple[str, ...], dict[str, int]] = {}
        changes: dict[tuple[str, ...], list[int]] = {}
        for position, row in enumerate(rows.to_dict("records")):
            key = (str(row["region"]), str(row["from"]), str(row["to"]))
            source, target = str(row["from_ecosystem"]), str(row["to_ecosystem"])
            if target in LAND_SIDES:
                places.setdefault((*key, source), {})[target] = position
            elif source in LAND_SIDES:
                places.setdefault((*key, target), {})[source] = position
            elif source != target:
                changes.setdefault((*key, source, "reductions"), []).append(position)
                changes.setdefault((*key, target, "additions"), []).append(position)
        for place, sides in places.items():
            for name in ("area", "value"):
                for side in ("reductions", "additions"):
                    if side in sides:
                        page.sum_up(sides[side], changes.get((*place, side), []), name)
                if set(_NET) <= set(sides):
                    self._add_net(page, sides, name)
        return page.sheet

    def _add_net(self, page: TablePage, sides: Mapping[str, int], name: str) -> None:
        """Make a net change live."""
        numbers = [page.numbers.get((sides[side], name)) for side in _NET]
        opening, closing, net = numbers
        if opening is None or closing is None or net is None:
            return
        first = (page.address(sides["opening"], name), opening.value)
        last = (page.address(sides["closing"], name), closing.value)
        value = live_number("difference", first, last, net.value)
        page.replace(net.row, page.index(name), value)


def _used(columns: Sequence[TableColumn], rows: pd.DataFrame) -> list[TableColumn]:
    """Return the columns without those of words that no row has."""
    used = []
    for column in columns:
        if column.name not in ("remark", "item") or (rows[column.name] != "").any():
            used.append(column)
    return used


def _is_sum(row: Mapping[str, object]) -> bool:
    """Return whether a row is of a category or total."""
    return row["indicator"] == TOTAL


def _is_margin(row: Mapping[str, object]) -> bool:
    """Return whether a row of land is a sum over types, or a net change."""
    return not {"reductions", "additions", "net"}.isdisjoint(
        (row["from_ecosystem"], row["to_ecosystem"])
    )
