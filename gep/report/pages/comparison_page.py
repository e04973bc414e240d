"""The page of a comparison (对比报告页): changes, their reasons, ecosystem types, land, flags.

The module chooses what the page of ``gep compare`` shows and explains every number of it; tables
come from ``gep.comparison``, and how a page is written belongs to ``gep.report.pages.page``.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gep import __version__
from gep.account.caption import category_title, measure_title
from gep.account.columns import roll_up
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.comparison_table import DEFLATOR, comparison_caption
from gep.comparison.decomposition import LMDI, REPLAY
from gep.comparison.land_change import values_by_indicator
from gep.errors import Problem
from gep.extent.crosswalk import NOT_ACCOUNTED
from gep.extent.transitions import parts_by_ecosystem
from gep.inputs.value_rows import GRADES, grade_title
from gep.project.project import Project
from gep.report.comparison_words import basis_word, column_word, factor_word
from gep.report.figures.page import distinct_names
from gep.report.pages.content import (
    Headline,
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    ReportPage,
    Words,
)
from gep.report.pages.wording import (
    exact_words,
    figure_cell,
    figure_of,
    first_of,
    in_both,
    joined_words,
    number_words,
    percent_words,
    unit_words,
)
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import text

LAND_MARGINS = ("opening", "closing", "additions", "reductions", "net")
_STOCKS = ("opening", "closing")
_KEEPS = ("region", "category", "indicator", "from", "to", "unit")
_MOST_VALUES = 900  # rows of changes of values, of which a page of a megabyte can hold some hundred
_MOST_ROWS = 400  # rows of every other table
_MOST_BARS = 40
_ALWAYS_SHOWN = ("areas", "prices")  # effects that are drawn even if they are 0
_POINTS = 100  # percentage points in 1
_ROW_FLAGS = ("sum-of-parts", "only-in-from", "only-in-to")
_STEP = "step="
_M2_PER_KM2 = 1e6
_EXPLAINED = (
    "value_from",
    "value_to",
    "change",
    "growth",
    "cagr",
    "contribution",
    "share_from",
    "share_to",
    "rank_from",
    "rank_to",
)
_TOTAL_KEYS = ("region", "kind", "from", "to", "price_basis")
_CHANGE_KEYS = ("region", "category", "indicator", "from", "to")


def comparison_page(
    project: Project,
    comparison: Comparison,
    tables: Mapping[str, pd.DataFrame],
    warnings: Sequence[Problem] = (),
    accounts: Mapping[str, object] | None = None,
) -> ReportPage:
    """Make the page of a comparison.

    Parameters
    ----------
    project : Project
        The first of the projects; gives title and language.
    comparison : Comparison
        At the first price basis.
    tables : mapping of str to DataFrame
        The result tables by file name; ``comparison.csv`` has the rows of all price bases.
    warnings : sequence of Problem, optional
        What should be looked at.
    accounts : mapping of str to object, optional
        The cells of the accounts that are compared, see ``gep.report.pages.account_cells``.

    Returns
    -------
    ReportPage
    """
    maker = _ComparisonPage(project, comparison, tables, accounts or {})
    header = project.spec.project
    sections = maker.sections()
    if warnings:
        lines = [in_both(problem.say) for problem in warnings]
        sections.append(PageSection("warnings", text("page.comparison.warnings"), lines))
    caption = [
        in_both(lambda language, number=number: comparison_caption(comparison, language)[number])
        for number in range(len(comparison_caption(comparison, "en")))
    ]
    return ReportPage(
        title=text("page.comparison.title", title=header.title),
        language=project.language,
        caption=caption,
        headlines=maker.headlines(),
        sections=sections,
        explanations=maker.explanations,
        accounts=maker.accounts,
        footer=(
            text("page.comparison.software", version=__version__),
            text("page.comparison.files", files=", ".join([*tables, "comparison.json"])),
        ),
    )


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


def change_key(row: Mapping[str, object]) -> str:
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


def _reasons_key(row: Mapping[str, object], method: str) -> str:
    """Return the key of the explanation of the effects behind a change."""
    line = row["category"] if row["indicator"] == TOTAL else row["indicator"]
    return f"{method}:{row['from']}-{row['to']}:{row['region']}:{line}"


def _type_key(row: Mapping[str, object]) -> str:
    """Return the key of the explanation of a row of ``by_type.csv``."""
    return f"type:{row['from']}-{row['to']}:{row['region']}:{row['ecosystem']}"


def _land_key(row: Mapping[str, object]) -> str:
    """Return the key of the explanation of a row of ``transitions.csv``."""
    types = f"{row['from_ecosystem']}:{row['to_ecosystem']}"
    return f"land:{row['from']}-{row['to']}:{row['region']}:{types}"


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


@dataclass
class _ComparisonPage:
    """Makes the sections of the page of a comparison, and the explanations of their numbers.

    Attributes
    ----------
    project, comparison, tables, accounts
        See :func:`comparison_page`.
    explanations : dict of str to PageExplanation
    """

    project: Project
    comparison: Comparison
    tables: Mapping[str, pd.DataFrame]
    accounts: Mapping[str, object]
    explanations: dict[str, PageExplanation] = field(default_factory=dict)
    _words: dict[tuple[str, str], Words] = field(default_factory=dict)
    _codes: dict[int, frozenset[str]] = field(default_factory=dict)

    # --- words and keys --------------------------------------------------------------------------

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
            names[code] = in_both(lambda language, code=code: {"zh": zh, "en": en}[language][code])
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

    def years(self, row: Mapping[str, object]) -> str:
        """Write the years of a row."""
        return f"{row['from']}–{row['to']}"

    def basis(self, row: Mapping[str, object]) -> Words:
        """Word the price and climate basis of a row of ``comparison.csv``."""
        kind, prices = str(row["kind"]), str(row["price_basis"])
        return in_both(lambda language: basis_word(kind, prices, language))

    def item(self, row: Mapping[str, object]) -> Words:
        """Word what a row is of: a total, a category, or an indicator with its member."""
        if row["indicator"] == TOTAL:
            return self.word("category", row["category"])
        name = self.word("indicator", row["indicator"])
        member = self.member(row)
        return joined_words([name, member]) if member else name

    def member(self, row: Mapping[str, object]) -> Words:
        """Word the member of a key that a row is of; blank without one."""
        return self.word("item", row["item"]) if row.get("item") else ""

    def has_account(self, row: Mapping[str, object]) -> bool:
        """Return whether the levels of a row are those of the accounts that the page embeds."""
        kind = str(row.get("kind", "value"))
        basis = str(row.get("price_basis", self.comparison.basis))
        return bool(self.accounts) and basis == self.comparison.basis and ":" not in kind

    def account_key(self, row: Mapping[str, object], end: str) -> str:
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
        if not self.has_account(row) or region not in self._regions_of(year):
            return ""
        line = str(row["category"] if row["indicator"] == TOTAL else row["indicator"])
        for pair in str(row.get("item", "")).split(";"):
            if pair.startswith(_STEP):
                line += f".{pair.removeprefix(_STEP)}"
        return f"account:{year}:{region}:{line}"

    def _regions_of(self, year: int) -> frozenset[str]:
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

    def level_cell(self, row: Mapping[str, object], end: str, otherwise: str) -> PageCell:
        """Make the cell of a level: it opens the account, else the explanation of the change."""
        return figure_cell(row[f"value_{end}"], self.account_key(row, end) or otherwise)

    # --- headlines -------------------------------------------------------------------------------

    @cached_property
    def top_rows(self) -> list[dict[str, object]]:
        """The rows of the headline of the topmost region: all pairs, all price bases."""
        table = self.tables["comparison.csv"]
        is_headline = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_headline &= (table["region"] == self.top) & (table["kind"] != DEFLATOR)
        return _records(table[is_headline.to_numpy()])

    def headlines(self) -> list[Headline]:
        """Return the total of the topmost region over the longest pair of years."""
        headlines = []
        for row in self.top_rows:
            if (row["from"], row["to"]) == self.pair:
                headlines += self._headlines_of(row, is_first=not headlines)
        return headlines

    def _headlines_of(self, row: Mapping[str, object], *, is_first: bool) -> list[Headline]:
        """Return level and change of a total at a price basis."""
        unit = unit_words(str(row["unit"]))
        key = change_key(row)
        region = self.word("region", row["region"])
        first, last = row["from"], row["to"]
        level = Headline(
            label=text("page.comparison.level-in", region=region, year=last),
            figure=self.level_cell(row, "to", key),
            unit=unit,
            notes=[
                self.basis(row),
                text(
                    "page.comparison.level-before",
                    year=first,
                    value=number_words(figure_of(row["value_from"])),
                ),
            ],
        )
        notes: list[Words] = [self.basis(row)]
        if math.isfinite(figure_of(row["growth"])):
            growth = percent_words(figure_of(row["growth"]), signed=True)
            notes.append(text("page.comparison.growth-of", growth=growth))
        if math.isfinite(figure_of(row["cagr"])):
            yearly = percent_words(figure_of(row["cagr"]), signed=True)
            notes.append(text("page.comparison.yearly-of", growth=yearly))
        flags = [flag for flag in str(row["flags"]).split(";") if flag]
        notes += [text(f"comparison.flag.{flag}") for flag in flags]
        change = Headline(
            label=text("page.comparison.change-over", first=first, last=last),
            figure=figure_cell(row["change"], key),
            unit=unit,
            notes=notes,
        )
        return [level, change] if is_first else [change]

    # --- sections --------------------------------------------------------------------------------

    def sections(self) -> list[PageSection]:
        """Return the sections that have anything to show."""
        sections = [
            self._values(),
            self._quantities(),
            self._reasons(),
            self._types(),
            self._land(),
            self._flags(),
        ]
        return [section for section in sections if section is not None]

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

    def _shown(
        self, table: pd.DataFrame, most: int, file: str, lines: list[Words]
    ) -> list[dict[str, object]]:
        """Return the rows of a table that are shown; says in ``lines`` how many are not."""
        rows, left_out = first_of(table, self._priorities(table), most)
        if left_out:
            lines.append(
                text("page.comparison.rows-shown", shown=len(rows), count=len(table), file=file)
            )
        return _records(rows)

    def _values(self) -> PageSection | None:
        """Return the section of values: years, growth of regions, all changes."""
        table = self.tables["comparison.csv"]
        is_value = (table["kind"].str.partition(":")[0] != "quantity") & (table["item"] == "")
        if not is_value.any():
            return None
        lines: list[Words] = [text("page.comparison.values-note")]
        rows = self._shown(table[is_value.to_numpy()], _MOST_VALUES, "comparison.csv", lines)
        charts = [self._years_chart(), self._growth_chart()]
        return PageSection(
            "changes",
            text("page.comparison.values"),
            lines,
            [chart for chart in charts if chart is not None],
            [self._change_table("changes", text("page.comparison.values-table"), rows)],
        )

    def _quantities(self) -> PageSection | None:
        """Return the section of physical quantities."""
        table = self.tables["comparison.csv"]
        is_quantity = table["kind"].str.partition(":")[0] == "quantity"
        if not is_quantity.any():
            return None
        lines: list[Words] = []
        rows = self._shown(table[is_quantity.to_numpy()], _MOST_ROWS, "comparison.csv", lines)
        title = text("page.comparison.quantities-table")
        return PageSection(
            "quantities",
            text("page.comparison.quantities"),
            lines,
            tables=[self._change_table("quantities", title, rows)],
        )

    def _change_table(
        self, table_id: str, title: Words, rows: Sequence[Mapping[str, object]]
    ) -> PageTable:
        """Make a table of rows of ``comparison.csv``, without columns that say nothing."""
        units = {str(row["unit"]) for row in rows if row["kind"] != DEFLATOR}
        columns = [
            PageColumn("region", text("report.book-column.region"), is_filter=True),
            PageColumn("indicator", text("report.book-column.item"), is_filter=True),
            PageColumn("category", text("report.book-column.category"), is_filter=True),
            PageColumn("years", text("page.comparison.years"), is_filter=True),
            PageColumn("price_basis", text("report.book-column.basis"), is_filter=True),
            PageColumn("value_from", text("report.book-column.value_from"), is_number=True),
            PageColumn("value_to", text("report.book-column.value_to"), is_number=True),
            PageColumn("change", text("report.book-column.change"), is_number=True),
            PageColumn("unit", text("report.book-column.unit")),
            PageColumn("growth", text("report.book-column.growth_rate"), is_number=True),
            PageColumn("cagr", text("report.book-column.cagr"), is_number=True),
            PageColumn("contribution", text("report.book-column.contribution"), is_number=True),
            PageColumn("rank_from", text("report.book-column.rank_from"), is_number=True),
            PageColumn("rank_to", text("report.book-column.rank_to"), is_number=True),
            PageColumn("flags", text("report.book-column.remark")),
        ]
        cells = [self._change_cells(row) for row in rows]
        unused = {column.id for column in columns if all(not row[column.id].shown for row in cells)}
        if len({row["price_basis"] for row in rows}) == 1 and len({r["kind"] for r in rows}) == 1:
            unused.add("price_basis")
        if len(units) == 1:
            unused.add("unit")
        if len(self.comparison.regions) == 1:
            unused |= {"region", "rank_from", "rank_to"}
        used = [column for column in columns if column.id not in unused]
        return PageTable(
            table_id,
            title,
            used,
            [[row[column.id] for column in used] for row in cells],
            file="comparison.csv",
            unit=unit_words(next(iter(units))) if len(units) == 1 else "",
        )

    def _change_cells(self, row: Mapping[str, object]) -> dict[str, PageCell]:
        """Make the cells of a row of ``comparison.csv``, and the explanation that they open."""
        key = change_key(row)
        self.explanations[key] = self._change_explanation(row)
        flags = [flag for flag in str(row["flags"]).split(";") if flag in _ROW_FLAGS]
        remark = joined_words([text(f"comparison.flag.{flag}") for flag in flags])
        unit = "" if row["kind"] == DEFLATOR else unit_words(str(row["unit"]))
        return {
            "region": PageCell(self.word("region", row["region"])),
            "years": PageCell(self.years(row)),
            "price_basis": PageCell(self.basis(row)),
            "category": PageCell(self.word("category", row["category"])),
            "indicator": PageCell(self.item(row)),
            "value_from": self.level_cell(row, "from", key),
            "value_to": self.level_cell(row, "to", key),
            "change": figure_cell(row["change"], key),
            "unit": PageCell(unit),
            "growth": figure_cell(row["growth"], key, _signed_percent),
            "cagr": figure_cell(row["cagr"], key, _signed_percent),
            "contribution": figure_cell(row["contribution"], key, _signed_points),
            "rank_from": figure_cell(row["rank_from"], key, _whole),
            "rank_to": figure_cell(row["rank_to"], key, _whole),
            "flags": PageCell(remark),
        }

    # --- explanations of changes -----------------------------------------------------------------

    def _change_explanation(self, row: Mapping[str, object]) -> PageExplanation:
        """Explain change, growth, contribution, shares and ranks of a row."""
        numbers = {name: figure_of(row[name]) for name in _EXPLAINED}
        written = {name: exact_words(value) for name, value in numbers.items()}
        first, last = int(str(row["from"])), int(str(row["to"]))
        unit: Words = "" if row["kind"] == DEFLATOR else unit_words(str(row["unit"]))
        lines: list[Words] = [self._basis_line(row)]
        if math.isfinite(numbers["change"]):
            lines.append(
                text(
                    "page.comparison.change-line",
                    last=written["value_to"] or "0",
                    first=written["value_from"] or "0",
                    change=written["change"],
                    unit=unit,
                )
            )
        lines += self._growth_lines(numbers, written, last - first)
        total = self._total_of(row)
        if math.isfinite(numbers["contribution"]) and total is not None:
            lines.append(
                text(
                    "page.comparison.contribution-line",
                    change=written["change"],
                    total=exact_words(figure_of(total["value_from"])),
                    contribution=written["contribution"],
                )
            )
        for end, year in (("from", first), ("to", last)):
            if math.isfinite(numbers[f"share_{end}"]) and total is not None:
                lines.append(
                    text(
                        "page.comparison.share-line",
                        year=year,
                        value=written[f"value_{end}"],
                        total=exact_words(figure_of(total[f"value_{end}"])),
                        share=percent_words(numbers[f"share_{end}"]),
                    )
                )
        if math.isfinite(numbers["rank_to"]) and len(self.comparison.regions) > 1:
            lines.append(
                text(
                    "page.comparison.rank-line",
                    first=written["rank_from"] or "-",
                    last=written["rank_to"],
                    count=self._count_beside(str(row["region"])),
                )
            )
        for flag in str(row["flags"]).split(";"):
            if flag:
                meaning = text(f"page.comparison-flag.{flag}")
                name = text(f"comparison.flag.{flag}")
                lines.append(text("page.comparison.flag-line", flag=name, meaning=meaning))
        heading = text(
            "page.comparison.change-heading",
            region=self.word("region", row["region"]),
            item=self.item(row),
            first=first,
            last=last,
        )
        tables = [self._levels_table(row, total, unit)]
        return PageExplanation(heading, lines, tables)

    def _basis_line(self, row: Mapping[str, object]) -> Words:
        """Say at which prices and weather a row is, and where its accounts are if not here."""
        kind, _, climate = str(row["kind"]).partition(":")
        if kind == DEFLATOR:
            return text("page.comparison.deflator-line", prices=str(row["price_basis"]))
        basis = self.basis(row)
        if climate:
            return text(f"page.comparison.{climate}-line", prices=basis)
        if row["price_basis"] != self.comparison.basis:
            return text("page.comparison.other-prices-line", prices=basis)
        regions = self._regions_of(int(str(row["from"]))) & self._regions_of(int(str(row["to"])))
        if str(row["region"]) not in regions:
            return text("page.comparison.mapped-line", prices=basis, year=self.comparison.boundary)
        return text("page.comparison.prices-line", prices=basis)

    def _growth_lines(
        self, numbers: Mapping[str, float], written: Mapping[str, str], years: int
    ) -> list[Words]:
        """Write out growth and growth a year, or why there is none."""
        lines: list[Words] = []
        if math.isfinite(numbers["growth"]):
            lines.append(
                text(
                    "page.comparison.growth-line",
                    last=written["value_to"],
                    first=written["value_from"],
                    growth=percent_words(numbers["growth"], signed=True),
                )
            )
        elif math.isfinite(numbers["value_from"]):
            lines.append(text("page.comparison.no-growth-line"))
        if math.isfinite(numbers["cagr"]):
            lines.append(
                text(
                    "page.comparison.yearly-line",
                    last=written["value_to"],
                    first=written["value_from"],
                    years=years,
                    growth=percent_words(numbers["cagr"], signed=True),
                )
            )
        return lines

    @cached_property
    def _totals(self) -> Mapping[tuple[object, ...], dict[str, object]]:
        """The rows of the headline by region, years, kind and price basis."""
        table = self.tables["comparison.csv"]
        is_total = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_total &= table["kind"] != DEFLATOR
        totals = {}
        for row in _records(table[is_total.to_numpy()]):
            totals[tuple(row[name] for name in _TOTAL_KEYS)] = row
        return totals

    def _total_of(self, row: Mapping[str, object]) -> dict[str, object] | None:
        """Return the row of the headline that a row is part of."""
        return self._totals.get(tuple(row[name] for name in _TOTAL_KEYS))

    def _count_beside(self, region: str) -> int:
        """Return the number of regions or parents that a region is ranked with."""
        depth = self.comparison.depth
        of_region = depth[self.comparison.codes == region]
        return int((depth == of_region[0]).sum()) if len(of_region) else 0

    def _levels_table(
        self, row: Mapping[str, object], total: Mapping[str, object] | None, unit: Words
    ) -> PageTable:
        """Make the table of both levels and the change, each of which opens what it is made of."""
        first, last = row["from"], row["to"]
        rows = [
            [
                PageCell(text("page.comparison.level-of-year", year=last)),
                figure_cell(row["value_to"], self.account_key(row, "to"), exact_words),
            ],
            [
                PageCell(text("page.comparison.level-of-year", year=first)),
                figure_cell(row["value_from"], self.account_key(row, "from"), exact_words),
            ],
        ]
        change = [PageCell(text("report.book-column.change"))]
        reasons = _reasons_key(row, REPLAY)
        has_reasons = self.has_account(row) or not self.accounts
        has_reasons = has_reasons and reasons in self._replayed
        change.append(figure_cell(row["change"], reasons if has_reasons else "", exact_words))
        rows.append(change)
        if total is not None and row["category"] != TOTAL:
            rows.append(
                [
                    PageCell(text("page.comparison.total-of-year", year=first)),
                    figure_cell(total["value_from"], self.account_key(total, "from"), exact_words),
                ]
            )
        columns = [
            PageColumn("level", text("page.comparison.level")),
            PageColumn("value", text("page.comparison.value"), is_number=True),
        ]
        return PageTable("levels", text("page.comparison.levels"), columns, rows, unit=unit)

    # --- charts ----------------------------------------------------------------------------------

    def _lines_of_years(self) -> dict[str, tuple[Words, str, int]]:
        """Return name, account line and position of the categories, or of the only one's lines."""
        comparison = self.comparison
        lines = comparison.lines
        present = [name for name in CATEGORIES if name in set(lines["category"])]
        named = {}
        if len(present) != 1:
            for category in present:
                name = in_both(lambda language, code=category: category_title(code, language))
                named[category] = (name, category, comparison.position(category))
            return named
        spec = comparison.accounts[-1].plan.standard.spec
        is_whole = (lines["item"] == "") & (lines["category"] == present[0])
        whole = set(lines["indicator"][is_whole.to_numpy()])
        for indicator in spec.indicator:
            if indicator.id in spec.total[0].indicators and indicator.id in whole:
                line = comparison.position(indicator.category, indicator.id)
                named[indicator.id] = (self.word("indicator", indicator.id), indicator.id, line)
        return named

    def _years_chart(self) -> PageChart | None:
        """Return the chart of every year of the topmost region, by category or indicator."""
        comparison = self.comparison
        if comparison.headline is None or not self.top:
            return None
        position = int(np.flatnonzero(comparison.codes == self.top)[0])
        years = [account.year for account in comparison.accounts]
        parts = []
        for name, line, number in self._lines_of_years().values():
            levels = [comparison.levels[year] for year in years]
            if any(level.gap[position, number] for level in levels):
                continue
            values = [float(level.values[position, number]) for level in levels]
            opens = []
            for year in years:
                has_account = self.accounts and self.top in self._regions_of(year)
                opens.append(f"account:{year}:{self.top}:{line}" if has_account else "")
            if any(values):
                parts.append({"name": name, "values": values, "opens": opens})
        if not parts:
            return None
        unit = str(comparison.lines["unit"].iloc[comparison.headline])
        measure = in_both(lambda language: measure_title(comparison.accounts[-1].plan, language))
        return PageChart(
            "years",
            "stacks",
            text(
                "page.comparison.years-chart",
                region=self.word("region", self.top),
                measure=measure,
                prices=price_basis_text(comparison.basis),
            ),
            {
                "columns": [str(year) for year in years],
                "parts": parts,
                "unit": unit_words(unit),
            },
        )

    def _growth_chart(self) -> PageChart | None:
        """Return the chart of the growth of regions over the longest pair of years."""
        table = self.tables["comparison.csv"]
        first, last = self.pair
        is_shown = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_shown &= (table["kind"] == "value") & (table["level"] == "region")
        is_shown &= (table["from"] == first) & (table["to"] == last)
        is_shown &= table["price_basis"] == self.comparison.basis
        rows = [row for row in _records(table[is_shown.to_numpy()]) if row["growth"] != ""]
        if not 1 < len(rows) <= _MOST_BARS:
            return None
        rows.sort(key=lambda row: -figure_of(row["growth"]))
        bars = []
        for row in rows:
            bars.append(
                {
                    "name": self.word("region", row["region"]),
                    "value": figure_of(row["growth"]) * _POINTS,
                    "opens": change_key(row),
                }
            )
        title = text("page.comparison.growth-chart", first=first, last=last)
        return PageChart("growth", "bars", title, {"bars": bars, "unit": "%"})

    # --- reasons ---------------------------------------------------------------------------------

    @cached_property
    def _replayed(self) -> Mapping[str, dict[str, object]]:
        """The effects of replay, side by side for each line and pair of years, by key."""
        table = self.tables["decomposition.csv"]
        rows: dict[str, dict[str, object]] = {}
        for row in _records(table[(table["method"] == REPLAY).to_numpy()]):
            wide = rows.setdefault(_reasons_key(row, REPLAY), {name: row[name] for name in _KEEPS})
            wide[f"effect:{row['effect']}"] = row["value"]
        return rows

    def _reasons(self) -> PageSection | None:
        """Return the section of the effects behind changes."""
        table = self.tables["decomposition.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.reasons-note")]
        tables = []
        if self._replayed:
            tables.append(self._effects_table(lines))
        factors = table[(table["method"] == LMDI).to_numpy()]
        if len(factors):
            tables.append(self._factors_table(factors, lines))
        chart = self._waterfall()
        charts = [] if chart is None else [chart]
        return PageSection("reasons", text("page.comparison.reasons"), lines, charts, tables)

    def _effects_table(self, lines: list[Words]) -> PageTable:
        """Make the table of the effects of replay."""
        replayed = pd.DataFrame(list(self._replayed.values()))
        effects = [name for name in replayed.columns if str(name).startswith("effect:")]
        rows = self._shown(replayed, _MOST_ROWS, "decomposition.csv", lines)
        columns = self._key_columns()
        for effect in effects:
            title = text(f"comparison.effect.{effect.removeprefix('effect:')}")
            columns.append(PageColumn(effect.removeprefix("effect:"), title, is_number=True))
        columns.append(PageColumn("sum", text("report.book-column.effect_sum"), is_number=True))
        cells = []
        for row in rows:
            key = _reasons_key(row, REPLAY)
            values = {effect: figure_of(row[effect]) for effect in effects}
            self.explanations[key] = self._effects_explanation(row, values)
            total = math.fsum(value for value in values.values() if math.isfinite(value))
            change = self._change_of(row)
            cells.append(
                [
                    *self._key_cells(row),
                    *(figure_cell(value, key) for value in values.values()),
                    figure_cell(total, change_key(change) if change else key),
                ]
            )
        return PageTable(
            "effects",
            text("page.comparison.effects-table"),
            columns,
            cells,
            file="decomposition.csv",
            unit=self._money,
        )

    @property
    def _money(self) -> Words:
        """The unit of values."""
        return unit_words(self.comparison.accounts[-1].plan.standard.spec.unit)

    def _key_columns(self) -> list[PageColumn]:
        """Return the columns of region, years, category and item."""
        columns = [
            PageColumn("indicator", text("report.book-column.item"), is_filter=True),
            PageColumn("category", text("report.book-column.category"), is_filter=True),
            PageColumn("years", text("page.comparison.years"), is_filter=True),
        ]
        if len(self.comparison.codes) > 1:
            region = PageColumn("region", text("report.book-column.region"), is_filter=True)
            columns.insert(0, region)
        return columns

    def _key_cells(self, row: Mapping[str, object]) -> list[PageCell]:
        """Return the cells of region, years, category and item."""
        cells = [
            PageCell(self.item(row)),
            PageCell(self.word("category", row["category"])),
            PageCell(self.years(row)),
        ]
        if len(self.comparison.codes) > 1:
            cells.insert(0, PageCell(self.word("region", row["region"])))
        return cells

    @cached_property
    def _changes(self) -> Mapping[tuple[str, ...], dict[str, object]]:
        """The rows of values at the first price basis, by region, line and years."""
        table = self.tables["comparison.csv"]
        is_value = (table["kind"] == "value") & (table["item"] == "")
        is_value &= table["price_basis"] == self.comparison.basis
        changes = {}
        for row in _records(table[is_value.to_numpy()]):
            changes[tuple(str(row[name]) for name in _CHANGE_KEYS)] = row
        return changes

    def _change_of(self, row: Mapping[str, object]) -> dict[str, object] | None:
        """Return the row of the change that a row of ``decomposition.csv`` is about."""
        return self._changes.get(tuple(str(row[name]) for name in _CHANGE_KEYS))

    def _effects_explanation(
        self, row: Mapping[str, object], values: Mapping[str, float]
    ) -> PageExplanation:
        """Explain the effects of replay: what was replaced, and that they sum to the change."""
        lines: list[Words] = [text("page.comparison.replay-line")]
        rows = []
        terms = []
        for effect, value in values.items():
            name = effect.removeprefix("effect:")
            if not math.isfinite(value):
                continue
            meaning = text(f"page.comparison-effect.{name}", first=row["from"], last=row["to"])
            rows.append(
                [
                    PageCell(text(f"comparison.effect.{name}")),
                    figure_cell(value, "", exact_words),
                    PageCell(meaning),
                ]
            )
            terms.append(exact_words(value))
        change = self._change_of(row)
        total = math.fsum(value for value in values.values() if math.isfinite(value))
        total_key = change_key(change) if change else ""
        sums = [
            PageCell(text("page.comparison.sum-of-effects")),
            figure_cell(total, total_key, exact_words),
            PageCell(""),
        ]
        rows.append(sums)
        written = " + ".join(f"({term})" if term.startswith("-") else term for term in terms)
        lines.append(text("page.comparison.effects-line", sum=written, change=exact_words(total)))
        columns = [
            PageColumn("effect", text("report.book-column.effect")),
            PageColumn("value", text("page.comparison.value"), is_number=True),
            PageColumn("meaning", text("page.comparison.replaced")),
        ]
        title = text("page.comparison.effects")
        table = PageTable("effects-of", title, columns, rows, unit=self._money)
        return PageExplanation(self._reasons_heading(row), lines, [table])

    def _reasons_heading(self, row: Mapping[str, object]) -> Words:
        """Head the explanation of the effects behind a change."""
        return text(
            "page.comparison.reasons-heading",
            region=self.word("region", row["region"]),
            item=self.item(row),
            first=row["from"],
            last=row["to"],
        )

    def _factors_table(self, factors: pd.DataFrame, lines: list[Words]) -> PageTable:
        """Make the table of the effects of factors by LMDI, beside each its ratio."""
        keys = [*_KEEPS[:-1], "effect"]
        is_ratio = (factors["unit"] == "1").to_numpy()
        ratios = factors[is_ratio].set_index(keys)["value"].rename("ratio")
        table = factors[~is_ratio].join(ratios, on=keys).reset_index(drop=True)
        rows = self._shown(table, _MOST_ROWS, "decomposition.csv", lines)
        by_key: dict[str, list[dict[str, object]]] = {}
        for row in rows:
            by_key.setdefault(_reasons_key(row, LMDI), []).append(row)
        for key, group in by_key.items():
            self.explanations[key] = self._factors_explanation(group)
        columns = [
            *self._key_columns(),
            PageColumn("effect", text("report.book-column.factor")),
            PageColumn("value", text("report.book-column.effect"), is_number=True),
            PageColumn("ratio", text("report.book-column.ratio"), is_number=True),
        ]
        cells = []
        for row in rows:
            key = _reasons_key(row, LMDI)
            cells.append(
                [
                    *self._key_cells(row),
                    PageCell(self._factor(row)),
                    figure_cell(row["value"], key),
                    figure_cell(row["ratio"], key),
                ]
            )
        return PageTable(
            "factors",
            text("page.comparison.factors-table"),
            columns,
            cells,
            file="decomposition.csv",
            unit=self._money,
        )

    def _factor(self, row: Mapping[str, object]) -> Words:
        """Word the factor of a row."""
        indicator, name = str(row["indicator"]), str(row["effect"])
        return in_both(lambda language: factor_word(self.comparison, indicator, name, language))

    def _factors_explanation(self, group: Sequence[Mapping[str, object]]) -> PageExplanation:
        """Explain the effects of factors: the formula, and their sum and product."""
        total = math.fsum(figure_of(row["value"]) for row in group)
        ratios = [figure_of(row["ratio"]) for row in group]
        change = self._change_of(group[0])
        lines: list[Words] = [text("page.comparison.lmdi-line")]
        rows = []
        for row in group:
            rows.append(
                [
                    PageCell(self._factor(row)),
                    figure_cell(row["value"], "", exact_words),
                    figure_cell(row["ratio"], "", exact_words),
                ]
            )
        product = math.prod(ratios)
        rows.append(
            [
                PageCell(text("page.comparison.sum-and-product")),
                figure_cell(total, change_key(change) if change else "", exact_words),
                figure_cell(product, "", exact_words),
            ]
        )
        columns = [
            PageColumn("factor", text("report.book-column.factor")),
            PageColumn("value", text("report.book-column.effect"), is_number=True),
            PageColumn("ratio", text("report.book-column.ratio"), is_number=True),
        ]
        title = text("page.comparison.factors")
        table = PageTable("factors-of", title, columns, rows, unit=self._money)
        return PageExplanation(self._reasons_heading(group[0]), lines, [table])

    def _waterfall(self) -> PageChart | None:
        """Return the chart of the reasons of the topmost region over the longest pair of years."""
        first, last = self.pair
        row: dict[str, object] = {"from": first, "to": last, "region": self.top}
        row |= {"category": TOTAL, "indicator": TOTAL}
        key = _reasons_key(row, REPLAY)
        change = self._change_of(row)
        if key not in self._replayed or change is None:
            return None
        levels = [figure_of(change["value_from"]), figure_of(change["value_to"])]
        if not all(map(math.isfinite, levels)):
            return None
        effects = []
        for name, cell in self._replayed[key].items():
            effect = name.removeprefix("effect:")
            value = figure_of(cell)
            if name.startswith("effect:") and (value or effect in _ALWAYS_SHOWN):
                title = text(f"comparison.effect.{effect}")
                effects.append({"name": title, "value": value, "opens": key})
        ends = []
        for end, year, value in zip(("from", "to"), self.pair, levels, strict=True):
            opens = self.account_key(change, end)
            ends.append({"name": text("report.year", year=year), "value": value, "opens": opens})
        return PageChart(
            "waterfall",
            "waterfall",
            text(
                "page.comparison.reasons-chart",
                region=self.word("region", self.top),
                first=first,
                last=last,
            ),
            {"start": ends[0], "effects": effects, "end": ends[1], "unit": self._money},
        )

    # --- ecosystem types -------------------------------------------------------------------------

    def _types(self) -> PageSection | None:
        """Return the section of the changes of ecosystem types."""
        table = self.tables["by_type.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.types-note")]
        rows = self._shown(table, _MOST_ROWS, "by_type.csv", lines)
        columns = [
            PageColumn("region", text("report.book-column.region"), is_filter=True),
            PageColumn("ecosystem", text("report.book-column.class"), is_filter=True),
            PageColumn("years", text("page.comparison.years"), is_filter=True),
            PageColumn("area_from", text("page.comparison.area_from"), is_number=True),
            PageColumn("area_to", text("page.comparison.area_to"), is_number=True),
            PageColumn("area_growth", text("page.comparison.area_growth"), is_number=True),
            PageColumn("value_from", text("page.comparison.value_from"), is_number=True),
            PageColumn("value_to", text("page.comparison.value_to"), is_number=True),
            PageColumn("change", text("page.comparison.value_change"), is_number=True),
            PageColumn("growth", text("report.book-column.growth_rate"), is_number=True),
            PageColumn("share_to", text("report.book-column.share_to"), is_number=True),
        ]
        if len(self.comparison.codes) == 1:
            del columns[0]
        cells = []
        for row in rows:
            key = _type_key(row)
            self.explanations[key] = self._type_explanation(row)
            of_row = {
                "region": PageCell(self.word("region", row["region"])),
                "years": PageCell(self.years(row)),
                "ecosystem": PageCell(self._type(row["ecosystem"])),
                "area_growth": figure_cell(row["area_growth"], key, _signed_percent),
                "growth": figure_cell(row["growth"], key, _signed_percent),
                "share_to": figure_cell(row["share_to"], key, percent_words),
            }
            for name in ("area_from", "area_to", "value_from", "value_to", "change"):
                of_row[name] = figure_cell(row[name], key)
            cells.append([of_row[column.id] for column in columns])
        title = text("page.comparison.types-table")
        shown = PageTable("types", title, columns, cells, file="by_type.csv", unit=self._money)
        return PageSection("types", text("page.comparison.types"), lines, tables=[shown])

    def _type(self, name: object) -> Words:
        """Word an ecosystem type, or what ``by_type.csv`` has beside the types."""
        if name in (TOTAL, "unallocated"):
            return text(f"page.comparison.type-{name}")
        return self.word("ecosystem", name)

    @cached_property
    def _type_values(self) -> Mapping[int, Mapping[str, np.ndarray]]:
        """By year and indicator the values, regions and parents x types of that year's account."""
        values = {}
        unit = self.comparison.accounts[-1].plan.standard.spec.unit
        for account in self.comparison.accounts:
            by_indicator = {}
            for indicator, amounts in values_by_indicator(account.plan, unit).items():
                mapped = self.comparison.shares[account.year].T @ amounts
                by_indicator[indicator] = roll_up(mapped, self.comparison.above, "sum")
            values[account.year] = by_indicator
        return values

    def _type_explanation(self, row: Mapping[str, object]) -> PageExplanation:
        """Explain area and value of an ecosystem type: differences, and the indicators' amounts."""
        name = self._type(row["ecosystem"])
        lines: list[Words] = []
        for measure in ("area", "value"):
            prefix = "area_" if measure == "area" else ""
            numbers = [figure_of(row[f"{measure}_{end}"]) for end in ("to", "from")]
            change = figure_of(row[f"{prefix}change"])
            growth = figure_of(row[f"{prefix}growth"])
            if math.isfinite(change):
                lines.append(
                    text(
                        f"page.comparison.type-{measure}-line",
                        last=exact_words(numbers[0]),
                        first=exact_words(numbers[1]),
                        change=exact_words(change),
                        growth=percent_words(growth, signed=True) or "-",
                        unit=unit_words("km2") if measure == "area" else self._money,
                    )
                )
        for end in ("from", "to"):
            share = figure_of(row[f"share_{end}"])
            if math.isfinite(share):
                year, written = row[end], percent_words(share)
                lines.append(text("page.comparison.type-share-line", year=year, share=written))
        tables = []
        if row["ecosystem"] == "unallocated":
            lines.append(text("page.comparison.unallocated-line"))
        elif row["ecosystem"] != TOTAL:
            tables.append(self._indicators_table(row))
        heading = text(
            "page.comparison.type-heading",
            region=self.word("region", row["region"]),
            type=name,
            first=row["from"],
            last=row["to"],
        )
        return PageExplanation(heading, lines, tables)

    def _indicators_table(self, row: Mapping[str, object]) -> PageTable:
        """Make the table of what each indicator is worth on a type, in both years."""
        position = int(np.flatnonzero(self.comparison.codes == row["region"])[0])
        by_end = {}
        for end in ("from", "to"):
            year = int(str(row[end]))
            types = list(self.comparison.account(year).plan.extent.ecosystems)
            amounts = {}
            if row["ecosystem"] in types:
                column = types.index(row["ecosystem"])
                for indicator, values in self._type_values[year].items():
                    amounts[indicator] = float(values[position, column])
            by_end[end] = amounts
        rows = []
        for indicator in dict.fromkeys([*by_end["from"], *by_end["to"]]):
            line = {"region": row["region"], "indicator": indicator, "category": ""}
            line |= {"from": row["from"], "to": row["to"]}
            cells = [PageCell(self.word("indicator", indicator))]
            for end in ("from", "to"):
                value = by_end[end].get(indicator, 0.0)
                cells.append(figure_cell(value, self.account_key(line, end), exact_words))
            if any(cell.value for cell in cells):
                rows.append(cells)
        columns = [
            PageColumn("indicator", text("report.book-column.item")),
            PageColumn("from", str(row["from"]), is_number=True),
            PageColumn("to", str(row["to"]), is_number=True),
        ]
        title = text("page.comparison.indicators")
        return PageTable("indicators-of", title, columns, rows, unit=self._money)

    # --- land ------------------------------------------------------------------------------------

    def _land(self) -> PageSection | None:
        """Return the section of land that changed its type."""
        table = self.tables["transitions.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.land-note")]
        rows = self._shown(table, _MOST_ROWS, "transitions.csv", lines)
        columns = [
            PageColumn("region", text("report.book-column.region"), is_filter=True),
            PageColumn("from_ecosystem", text("report.book-column.from_ecosystem"), is_filter=True),
            PageColumn("to_ecosystem", text("report.book-column.to_ecosystem"), is_filter=True),
            PageColumn("years", text("page.comparison.years"), is_filter=True),
            PageColumn("area", text("page.comparison.area"), is_number=True),
            PageColumn("value", text("report.book-column.land_value"), is_number=True),
        ]
        if len(self.comparison.codes) == 1:
            del columns[0]
        cells = []
        for row in rows:
            key = _land_key(row)
            self.explanations[key] = self._land_explanation(row)
            of_row = {
                "region": PageCell(self.word("region", row["region"])),
                "years": PageCell(self.years(row)),
                "from_ecosystem": PageCell(self._land_type(row, "from_ecosystem")),
                "to_ecosystem": PageCell(self._land_type(row, "to_ecosystem")),
                "area": figure_cell(row["area"], key),
                "value": figure_cell(row["value"], key),
            }
            cells.append([of_row[column.id] for column in columns])
        title = text("page.comparison.land-table")
        shown = PageTable("land", title, columns, cells, file="transitions.csv", unit=self._money)
        chart = self._flows()
        charts = [] if chart is None else [chart]
        return PageSection("land", text("page.comparison.land"), lines, charts, [shown])

    def _land_type(self, row: Mapping[str, object], column: str) -> Words:
        """Word a type of ``transitions.csv``: land that is not accounted for has a name too."""
        if row[column] == NOT_ACCOUNTED:
            return text("report.not-accounted")
        return self.word(column, row[column])

    @cached_property
    def _stocks(self) -> Mapping[tuple[str, ...], dict[str, object]]:
        """The rows of opening and closing, by region, years, side and type."""
        table = self.tables["transitions.csv"]
        stocks = {}
        for row in _records(table):
            if row["to_ecosystem"] == "opening":
                stocks[_land_place(row, "opening", row["from_ecosystem"])] = row
            elif row["from_ecosystem"] == "closing":
                stocks[_land_place(row, "closing", row["to_ecosystem"])] = row
        return stocks

    def _unit_value(self, row: Mapping[str, object], side: str, name: object) -> float:
        """Return the value per km2 of a type at the opening or closing; NaN without area."""
        stock = self._stocks.get(_land_place(row, side, name))
        if stock is None or not figure_of(stock["area"]):
            return math.nan
        return figure_of(stock["value"]) / figure_of(stock["area"])

    def _land_explanation(self, row: Mapping[str, object]) -> PageExplanation:
        """Explain a row of ``transitions.csv``: areas, values per area, the rows behind."""
        source, target = str(row["from_ecosystem"]), str(row["to_ecosystem"])
        is_flow = not {source, target} & set(LAND_MARGINS)
        side = next((name for name in (source, target) if name in LAND_MARGINS), "")
        lines: list[Words] = [
            text(
                "page.comparison.land-area-line",
                area=exact_words(figure_of(row["area"])),
                unit=unit_words("km2"),
            )
        ]
        tables = []
        if side:
            lines.append(text(f"page.comparison.{side}-line", first=row["from"], last=row["to"]))
        if side in _STOCKS:
            value, area = figure_of(row["value"]), figure_of(row["area"])
            if math.isfinite(value) and area:
                lines.append(self._stock_line(value, area))
            name = target if side == "closing" else source
            tables.append(self._stock_indicators(row, side, name))
        elif is_flow and source == target:
            lines.append(text("page.comparison.unchanged-line"))
        elif is_flow:
            lines += self._flow_lines(row)
            tables.append(self._unit_values_table(row))
        if is_flow:
            tables += self._transition_rows(row)
        heading = text(
            "page.comparison.land-heading",
            region=self.word("region", row["region"]),
            source=self._land_type(row, "from_ecosystem"),
            target=self._land_type(row, "to_ecosystem"),
            first=row["from"],
            last=row["to"],
        )
        return PageExplanation(heading, lines, tables)

    def _stock_line(self, value: float, area: float) -> Words:
        """Write the value per area of a type."""
        return text(
            "page.comparison.stock-line",
            value=exact_words(value),
            area=exact_words(area),
            per_area=exact_words(value / area),
            unit=self._money,
        )

    def _stock_indicators(self, row: Mapping[str, object], side: str, name: str) -> PageTable:
        """Make the table of what each indicator is worth on a type at the opening or closing."""
        both = self._indicators_table({**row, "ecosystem": name})
        kept = 1 if side == "opening" else 2
        columns = [both.columns[0], both.columns[kept]]
        rows = [[cells[0], cells[kept]] for cells in both.rows]
        return PageTable(both.id, both.title, columns, rows, unit=both.unit)

    def _mean_unit_value(self, row: Mapping[str, object], name: str) -> float:
        """Return the mean value per km2 of both years; that of one year where one has none."""
        if name == NOT_ACCOUNTED:
            return 0.0
        values = [self._unit_value(row, side, name) for side in _STOCKS]
        known = [value for value in values if math.isfinite(value)]
        return math.fsum(known) / len(known) if known else math.nan

    def _flow_lines(self, row: Mapping[str, object]) -> list[Words]:
        """Write out the value of a transition."""
        value, area = figure_of(row["value"]), figure_of(row["area"])
        source, target = str(row["from_ecosystem"]), str(row["to_ecosystem"])
        if not math.isfinite(value):
            return [text("page.comparison.flow-without-value-line")]
        if str(row["region"]) not in set(map(str, self.comparison.regions)):
            return [text("page.comparison.flow-of-parent-line", value=exact_words(value))]
        before, after = self._mean_unit_value(row, source), self._mean_unit_value(row, target)
        return [
            text(
                "page.comparison.flow-line",
                area=exact_words(area),
                after=exact_words(after),
                before=exact_words(before),
                value=exact_words(value),
                unit=self._money,
            )
        ]

    def _unit_values_table(self, row: Mapping[str, object]) -> PageTable:
        """Make the table of the values per area of both types in both years."""
        rows = []
        for column in ("from_ecosystem", "to_ecosystem"):
            name = str(row[column])
            cells = [PageCell(self._land_type(row, column))]
            for side in _STOCKS:
                value = self._unit_value(row, side, name)
                stock = self._stocks.get(_land_place(row, side, name))
                key = _land_key(stock) if stock is not None else ""
                cells.append(figure_cell(value, key, exact_words))
            cells.append(figure_cell(self._mean_unit_value(row, name), "", exact_words))
            rows.append(cells)
        columns = [
            PageColumn("type", text("report.book-column.class")),
            PageColumn("opening", str(row["from"]), is_number=True),
            PageColumn("closing", str(row["to"]), is_number=True),
            PageColumn("mean", text("page.comparison.mean"), is_number=True),
        ]
        title = text("page.comparison.unit-values")
        unit = text("page.comparison.per-km2", unit=self._money)
        return PageTable("unit-values-of", title, columns, rows, unit=unit)

    def _transition_rows(self, row: Mapping[str, object]) -> list[PageTable]:
        """Make the table of the rows of ``transitions.csv`` behind an area, if there are any."""
        parts = self._parts_of_pair(int(str(row["from"])), int(str(row["to"])))
        if parts.empty:
            return []
        members = self._members_of(str(row["region"]))
        is_behind = parts["region"].isin(members)
        is_behind &= parts["from_ecosystem"] == row["from_ecosystem"]
        is_behind &= parts["to_ecosystem"] == row["to_ecosystem"]
        behind = parts[is_behind.to_numpy()]
        rows = []
        for part in _records(behind.head(_MOST_BARS)):
            share = figure_of(part.get("from_share", 1.0)) * figure_of(part.get("to_share", 1.0))
            rows.append(
                [
                    PageCell(f"{part['file']} : {part['row']}"),
                    PageCell(self.word("region", part["region"])),
                    PageCell(f"{part['from_class']} → {part['to_class']}"),
                    figure_cell(figure_of(part["area"]) / share / _M2_PER_KM2, "", exact_words),
                    figure_cell(share, "", exact_words),
                    PageCell(_grade(part["grade"])),
                    PageCell(str(part["source"])),
                    PageCell(joined_words([str(part["locator"]), str(part["note"])])),
                ]
            )
        if not rows:
            return []
        names = ("file", "region", "classes", "row-area", "share", "grade", "source", "locator")
        columns = [
            PageColumn(name, text(f"page.comparison-row.{name}"), name in ("row-area", "share"))
            for name in names
        ]
        return [PageTable("rows-of", text("page.comparison.transition-rows"), columns, rows)]

    @cached_property
    def _parts(self) -> dict[Pair, pd.DataFrame]:
        return {}

    def _parts_of_pair(self, first: int, last: int) -> pd.DataFrame:
        """Return the rows of the table of transitions of a pair, shared out to ecosystem types."""
        if (first, last) not in self._parts:
            transitions = self.project.transitions
            rows = pd.DataFrame()
            if transitions is not None:
                table = transitions.rows
                rows = table[((table["from"] == first) & (table["to"] == last)).to_numpy()]
            if len(rows):
                crosswalk = self.comparison.accounts[-1].plan.crosswalk
                rows = parts_by_ecosystem(rows, crosswalk)
            self._parts[first, last] = rows
        return self._parts[first, last]

    def _members_of(self, region: str) -> set[str]:
        """Return the regions of a parent; a region itself."""
        above = self.comparison.above
        for code, members in zip(above.codes, above.members, strict=True):
            if code == region:
                return {str(self.comparison.regions[member]) for member in members}
        return {region}

    def _flows(self) -> PageChart | None:
        """Return the matrix of transitions of the topmost region over the longest pair of years."""
        table = self.tables["transitions.csv"]
        is_margin = table["from_ecosystem"].isin(LAND_MARGINS)
        is_margin |= table["to_ecosystem"].isin(LAND_MARGINS)
        flows = table[(~is_margin & (table["region"] == self.top)).to_numpy()]
        if flows.empty:
            return None
        years = zip(flows["from"].astype(int), flows["to"].astype(int), strict=True)
        first, last = longest_pair(sorted(set(years)))
        flows = flows[((flows["from"] == first) & (flows["to"] == last)).to_numpy()]
        names = list(dict.fromkeys([*flows["from_ecosystem"], *flows["to_ecosystem"]]))
        words = [self._land_type({"to_ecosystem": name}, "to_ecosystem") for name in names]
        drawn = []
        for row in _records(flows):
            drawn.append(
                {
                    "from": names.index(row["from_ecosystem"]),
                    "to": names.index(row["to_ecosystem"]),
                    "value": figure_of(row["area"]),
                    "opens": _land_key(row),
                }
            )
        title = text(
            "page.comparison.land-chart",
            region=self.word("region", self.top),
            first=first,
            last=last,
        )
        data = {"from": words, "to": words, "flows": drawn, "unit": unit_words("km2")}
        return PageChart("flows", "flows", title, data)

    # --- flags -----------------------------------------------------------------------------------

    def _flags(self) -> PageSection | None:
        """Return the section of flags, each with what it means."""
        named = dict.fromkeys(self.comparison.flags)
        for flags in self.tables["comparison.csv"]["flags"].unique():
            named.update(dict.fromkeys(flag for flag in str(flags).split(";") if flag))
        if not named:
            return None
        rows = []
        for flag in named:
            name = PageCell(text(f"comparison.flag.{flag}"))
            rows.append([name, PageCell(text(f"page.comparison-flag.{flag}")), PageCell(flag)])
        columns = [
            PageColumn("flag", text("page.comparison.flag")),
            PageColumn("meaning", text("page.comparison.meaning")),
            PageColumn("code", text("page.comparison.code")),
        ]
        title = text("page.comparison.flags")
        tables = [PageTable("flags", title, columns, rows, file="comparison.csv")]
        return PageSection("flags", text("page.comparison.flags"), tables=tables)


def _land_place(row: Mapping[str, object], side: str, name: object) -> tuple[str, ...]:
    """Return where a stock of land is: region, years, side and type."""
    return (str(row["region"]), str(row["from"]), str(row["to"]), side, str(name))


def _signed_percent(share: float) -> str:
    """Write a growth in percent."""
    return percent_words(share, signed=True)


def _signed_points(points: float) -> str:
    """Write percentage points."""
    return f"{points:+,.2f}"


def _whole(number: float) -> str:
    """Write a rank."""
    return f"{number:.0f}"


def _grade(code: object) -> Words:
    """Word the grade of a row."""
    name = GRADES[int(figure_of(code))]
    return in_both(lambda language: grade_title(name, language))
