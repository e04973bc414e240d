"""The sections of changes (变化): headlines, values, quantities, flags, charts, explanations."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from gep.account.caption import category_title, measure_title
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison_table import DEFLATOR
from gep.comparison.decomposition import REPLAY
from gep.io.page_content import (
    Headline,
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    Words,
    number_words,
)
from gep.report.pages.comparison_view import (
    MOST_BARS,
    MOST_ROWS,
    ComparisonView,
    TableRow,
    change_key,
    reasons_key,
    records_of,
)
from gep.report.pages.wording import (
    both_words,
    exact_words,
    figure_cell,
    figure_of,
    in_both,
    joined_words,
    percent_words,
    signed_percent,
    unit_words,
)
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import text

_MOST_VALUES = 500  # rows of changes of values, 1.5 kB each
_POINTS = 100  # percentage points in 1
_ROW_FLAGS = ("sum-of-parts", "only-in-from", "only-in-to")
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
_CHANGE_COLUMNS = (
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
)
_LEVEL_COLUMNS = (
    PageColumn("level", text("page.comparison.level")),
    PageColumn("value", text("page.comparison.value"), is_number=True),
)
_FLAG_COLUMNS = (
    PageColumn("flag", text("page.comparison.flag")),
    PageColumn("meaning", text("page.comparison.meaning")),
    PageColumn("code", text("page.comparison.code")),
)


class ChangeSections(ComparisonView):
    """Makes headlines and the sections of changes."""

    def headlines(self) -> list[Headline]:
        """Return the total of the topmost region over the longest pair of years."""
        headlines: list[Headline] = []
        for row in self.top_rows:
            if (row["from"], row["to"]) == self.pair:
                headlines += self._headlines_of(row, is_first=not headlines)
        return headlines

    @cached_property
    def top_rows(self) -> list[TableRow]:
        """The rows of the headline of the topmost region: all pairs, all price bases."""
        table = self.tables["comparison.csv"]
        is_headline = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_headline &= (table["region"] == self.top) & (table["kind"] != DEFLATOR)
        return records_of(table[is_headline.to_numpy()])

    def _headlines_of(self, row: TableRow, *, is_first: bool) -> list[Headline]:
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

    def values(self) -> PageSection | None:
        """Return the section of values: years, growth of regions, all changes."""
        table = self.tables["comparison.csv"]
        is_value = (table["kind"].str.partition(":")[0] != "quantity") & (table["item"] == "")
        if not is_value.any():
            return None
        lines: list[Words] = [text("page.comparison.values-note")]
        rows = self.shown_rows(table[is_value.to_numpy()], _MOST_VALUES, "comparison.csv", lines)
        charts = [self._years_chart(), self._growth_chart()]
        return PageSection(
            "changes",
            text("page.comparison.values"),
            lines,
            [chart for chart in charts if chart is not None],
            [self._change_table("changes", text("page.comparison.values-table"), rows)],
        )

    def quantities(self) -> PageSection | None:
        """Return the section of physical quantities."""
        table = self.tables["comparison.csv"]
        is_quantity = table["kind"].str.partition(":")[0] == "quantity"
        if not is_quantity.any():
            return None
        lines: list[Words] = []
        rows = self.shown_rows(table[is_quantity.to_numpy()], MOST_ROWS, "comparison.csv", lines)
        title = text("page.comparison.quantities-table")
        return PageSection(
            "quantities",
            text("page.comparison.quantities"),
            lines,
            tables=[self._change_table("quantities", title, rows)],
        )

    def _change_table(self, table_id: str, title: Words, rows: Sequence[TableRow]) -> PageTable:
        """Make a table of rows of ``comparison.csv``, without columns that say nothing."""
        units = {str(row["unit"]) for row in rows if row["kind"] != DEFLATOR}
        columns = list(_CHANGE_COLUMNS)
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

    def _change_cells(self, row: TableRow) -> dict[str, PageCell]:
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
            "growth": figure_cell(row["growth"], key, signed_percent),
            "cagr": figure_cell(row["cagr"], key, signed_percent),
            "contribution": figure_cell(row["contribution"], key, _signed_points),
            "rank_from": figure_cell(row["rank_from"], key, _whole),
            "rank_to": figure_cell(row["rank_to"], key, _whole),
            "flags": PageCell(remark),
        }

    # --- explanations -----------------------------------------------------------------------------

    def _change_explanation(self, row: TableRow) -> PageExplanation:
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

    def _basis_line(self, row: TableRow) -> Words:
        """Say at which prices and weather a row is, and where its accounts are if not here."""
        kind, _, climate = str(row["kind"]).partition(":")
        if kind == DEFLATOR:
            return text("page.comparison.deflator-line", prices=str(row["price_basis"]))
        basis = self.basis(row)
        if climate:
            return text(f"page.comparison.{climate}-line", prices=basis)
        if row["price_basis"] != self.comparison.basis:
            return text("page.comparison.other-prices-line", prices=basis)
        regions = self.regions_of(int(str(row["from"]))) & self.regions_of(int(str(row["to"])))
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
    def _totals(self) -> Mapping[tuple[object, ...], TableRow]:
        """The rows of the headline by region, years, kind and price basis."""
        table = self.tables["comparison.csv"]
        is_total = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_total &= table["kind"] != DEFLATOR
        totals = {}
        for row in records_of(table[is_total.to_numpy()]):
            totals[tuple(row[name] for name in _TOTAL_KEYS)] = row
        return totals

    def _total_of(self, row: TableRow) -> TableRow | None:
        """Return the row of the headline that a row is part of."""
        return self._totals.get(tuple(row[name] for name in _TOTAL_KEYS))

    def _count_beside(self, region: str) -> int:
        """Return the number of regions or parents that a region is ranked with."""
        depth = self.comparison.depth
        of_region = depth[self.comparison.codes == region]
        return int((depth == of_region[0]).sum()) if len(of_region) else 0

    def _levels_table(self, row: TableRow, total: TableRow | None, unit: Words) -> PageTable:
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
        reasons = reasons_key(row, REPLAY)
        has_reasons = self.has_account(row) or not self.accounts
        has_reasons = has_reasons and reasons in self.replayed
        change.append(figure_cell(row["change"], reasons if has_reasons else "", exact_words))
        rows.append(change)
        if total is not None and row["category"] != TOTAL:
            rows.append(
                [
                    PageCell(text("page.comparison.total-of-year", year=first)),
                    figure_cell(total["value_from"], self.account_key(total, "from"), exact_words),
                ]
            )
        return PageTable("levels", text("page.comparison.levels"), _LEVEL_COLUMNS, rows, unit=unit)

    # --- charts -----------------------------------------------------------------------------------

    def _lines_of_years(self) -> dict[str, tuple[Words, str, int]]:
        """Return name, account line and position of the categories, or of the only one's lines."""
        comparison = self.comparison
        lines = comparison.lines
        present = [name for name in CATEGORIES if name in set(lines["category"])]
        named: dict[str, tuple[Words, str, int]] = {}
        if len(present) != 1:
            for category in present:
                name = both_words(category_title(category, "zh"), category_title(category, "en"))
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
                has_account = self.accounts and self.top in self.regions_of(year)
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
        rows = [row for row in records_of(table[is_shown.to_numpy()]) if row["growth"] != ""]
        if not 1 < len(rows) <= MOST_BARS:
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

    # --- flags ------------------------------------------------------------------------------------

    def flags(self) -> PageSection | None:
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
        columns = list(_FLAG_COLUMNS)
        title = text("page.comparison.flags")
        tables = [PageTable("flags", title, columns, rows, file="comparison.csv")]
        return PageSection("flags", text("page.comparison.flags"), tables=tables)


def _signed_points(points: float) -> str:
    """Write percentage points."""
    return f"{points:+,.2f}"


def _whole(number: float) -> str:
    """Write a rank."""
    return f"{number:.0f}"
