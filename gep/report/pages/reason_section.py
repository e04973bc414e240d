"""The section of reasons (变化原因): the effects behind changes, by replay and by factors."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from gep.account.lines import TOTAL
from gep.comparison.decomposition import LMDI, REPLAY
from gep.io.page_content import (
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    Words,
)
from gep.report.comparison_words import factor_word
from gep.report.pages.comparison_view import (
    LINE_KEYS,
    MOST_ROWS,
    ComparisonView,
    TableRow,
    change_key,
    reasons_key,
)
from gep.report.pages.wording import (
    exact_words,
    figure_cell,
    figure_of,
    in_both,
)
from gep.texts.catalogue import text

_ALWAYS_SHOWN = ("areas", "prices")  # effects that are drawn even if they are 0
_KEY_COLUMNS = (
    PageColumn("indicator", text("report.book-column.item"), is_filter=True),
    PageColumn("category", text("report.book-column.category"), is_filter=True),
    PageColumn("years", text("page.comparison.years"), is_filter=True),
)
_EFFECT_COLUMNS = (
    PageColumn("effect", text("report.book-column.effect")),
    PageColumn("value", text("page.comparison.value"), is_number=True),
    PageColumn("meaning", text("page.comparison.replaced")),
)
_FACTORS = (
    PageColumn("factor", text("report.book-column.factor")),
    PageColumn("value", text("report.book-column.effect"), is_number=True),
    PageColumn("ratio", text("report.book-column.ratio"), is_number=True),
)


class ReasonSection(ComparisonView):
    """Makes the section of the effects behind changes."""

    def reasons(self) -> PageSection | None:
        """Return the section of the effects behind changes."""
        table = self.tables["decomposition.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.reasons-note")]
        tables = []
        if self.replayed:
            tables.append(self._effects_table(lines))
        factors = table[(table["method"] == LMDI).to_numpy()]
        if len(factors):
            tables.append(self._factors_table(factors, lines))
        chart = self._waterfall()
        charts = [] if chart is None else [chart]
        return PageSection("reasons", text("page.comparison.reasons"), lines, charts, tables)

    def _effects_table(self, lines: list[Words]) -> PageTable:
        """Make the table of the effects of replay."""
        replayed = pd.DataFrame(list(self.replayed.values()))
        effects = [name for name in replayed.columns if str(name).startswith("effect:")]
        rows = self.shown_rows(replayed, MOST_ROWS, "decomposition.csv", lines)
        columns = self._key_columns()
        for effect in effects:
            title = text(f"comparison.effect.{effect.removeprefix('effect:')}")
            columns.append(PageColumn(effect.removeprefix("effect:"), title, is_number=True))
        columns.append(PageColumn("sum", text("report.book-column.effect_sum"), is_number=True))
        cells = []
        for row in rows:
            key = reasons_key(row, REPLAY)
            values = {effect: figure_of(row[effect]) for effect in effects}
            self.explanations[key] = self._effects_explanation(row, values)
            total = math.fsum(value for value in values.values() if math.isfinite(value))
            change = self.change_of(row)
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
            unit=self.money,
        )

    def _key_columns(self) -> list[PageColumn]:
        """Return the columns of region, years, category and item."""
        columns = list(_KEY_COLUMNS)
        if len(self.comparison.codes) > 1:
            region = PageColumn("region", text("report.book-column.region"), is_filter=True)
            columns.insert(0, region)
        return columns

    def _key_cells(self, row: TableRow) -> list[PageCell]:
        """Return the cells of region, years, category and item."""
        cells = [
            PageCell(self.item(row)),
            PageCell(self.word("category", row["category"])),
            PageCell(self.years(row)),
        ]
        if len(self.comparison.codes) > 1:
            cells.insert(0, PageCell(self.word("region", row["region"])))
        return cells

    def _effects_explanation(self, row: TableRow, values: Mapping[str, float]) -> PageExplanation:
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
        change = self.change_of(row)
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
        columns = list(_EFFECT_COLUMNS)
        title = text("page.comparison.effects")
        table = PageTable("effects-of", title, columns, rows, unit=self.money)
        return PageExplanation(self._reasons_heading(row), lines, [table])

    def _reasons_heading(self, row: TableRow) -> Words:
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
        keys = [*LINE_KEYS, "effect"]
        is_ratio = (factors["unit"] == "1").to_numpy()
        ratios = factors[is_ratio].set_index(keys)["value"].rename("ratio")
        table = factors[~is_ratio].join(ratios, on=keys).reset_index(drop=True)
        rows = self.shown_rows(table, MOST_ROWS, "decomposition.csv", lines)
        by_key: dict[str, list[TableRow]] = {}
        for row in rows:
            by_key.setdefault(reasons_key(row, LMDI), []).append(row)
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
            key = reasons_key(row, LMDI)
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
            unit=self.money,
        )

    def _factor(self, row: TableRow) -> Words:
        """Word the factor of a row."""
        indicator, name = str(row["indicator"]), str(row["effect"])
        return in_both(lambda language: factor_word(self.comparison, indicator, name, language))

    def _factors_explanation(self, group: Sequence[TableRow]) -> PageExplanation:
        """Explain the effects of factors: the formula, and their sum and product."""
        total = math.fsum(figure_of(row["value"]) for row in group)
        ratios = [figure_of(row["ratio"]) for row in group]
        change = self.change_of(group[0])
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
        columns = list(_FACTORS)
        title = text("page.comparison.factors")
        table = PageTable("factors-of", title, columns, rows, unit=self.money)
        return PageExplanation(self._reasons_heading(group[0]), lines, [table])

    def _waterfall(self) -> PageChart | None:
        """Return the chart of the reasons of the topmost region over the longest pair of years."""
        first, last = self.pair
        row: dict[str, object] = {"from": first, "to": last, "region": self.top}
        row |= {"category": TOTAL, "indicator": TOTAL}
        key = reasons_key(row, REPLAY)
        change = self.change_of(row)
        if key not in self.replayed or change is None:
            return None
        levels = [figure_of(change["value_from"]), figure_of(change["value_to"])]
        if not all(map(math.isfinite, levels)):
            return None
        effects = []
        for name, cell in self.replayed[key].items():
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
            {"start": ends[0], "effects": effects, "end": ends[1], "unit": self.money},
        )
