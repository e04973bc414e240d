"""The sections of ecosystem types and of land that changed its type (生态系统类型、土地转移)."""

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from gep.account.columns import roll_up
from gep.account.lines import TOTAL
from gep.comparison.comparison import Pair
from gep.comparison.land_change import values_by_indicator
from gep.extent.crosswalk import NOT_ACCOUNTED
from gep.extent.transitions import parts_by_ecosystem
from gep.inputs.value_rows import GRADES, grade_title
from gep.io.page_content import (
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    Words,
)
from gep.report.pages.comparison_view import (
    MOST_BARS,
    MOST_ROWS,
    ComparisonView,
    TableRow,
    longest_pair,
    records_of,
)
from gep.report.pages.wording import (
    exact_words,
    figure_cell,
    figure_of,
    in_both,
    joined_words,
    percent_words,
    signed_percent,
    unit_words,
)
from gep.texts.catalogue import text

LAND_MARGINS = ("opening", "closing", "additions", "reductions", "net")
_STOCKS = ("opening", "closing")
_M2_PER_KM2 = 1e6
_TYPE_COLUMNS = (
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
)
_LAND_COLUMNS = (
    PageColumn("region", text("report.book-column.region"), is_filter=True),
    PageColumn("from_ecosystem", text("report.book-column.from_ecosystem"), is_filter=True),
    PageColumn("to_ecosystem", text("report.book-column.to_ecosystem"), is_filter=True),
    PageColumn("years", text("page.comparison.years"), is_filter=True),
    PageColumn("area", text("page.comparison.area"), is_number=True),
    PageColumn("value", text("report.book-column.land_value"), is_number=True),
)


class LandSections(ComparisonView):
    """Makes the sections of ecosystem types and of land transitions."""

    def types(self) -> PageSection | None:
        """Return the section of the changes of ecosystem types."""
        table = self.tables["by_type.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.types-note")]
        rows = self.shown_rows(table, MOST_ROWS, "by_type.csv", lines)
        columns = list(_TYPE_COLUMNS)
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
                "area_growth": figure_cell(row["area_growth"], key, signed_percent),
                "growth": figure_cell(row["growth"], key, signed_percent),
                "share_to": figure_cell(row["share_to"], key, percent_words),
            }
            for name in ("area_from", "area_to", "value_from", "value_to", "change"):
                of_row[name] = figure_cell(row[name], key)
            cells.append([of_row[column.id] for column in columns])
        title = text("page.comparison.types-table")
        shown = PageTable(
            "types",
            title,
            columns,
            cells,
            file="by_type.csv",
            unit=self.money,
        )
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

    def _type_explanation(self, row: TableRow) -> PageExplanation:
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
                        unit=unit_words("km2") if measure == "area" else self.money,
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
            tables.append(self.indicators_table(row))
        heading = text(
            "page.comparison.type-heading",
            region=self.word("region", row["region"]),
            type=name,
            first=row["from"],
            last=row["to"],
        )
        return PageExplanation(heading, lines, tables)

    def indicators_table(self, row: TableRow) -> PageTable:
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
        return PageTable("indicators-of", title, columns, rows, unit=self.money)

    # --- transitions ------------------------------------------------------------------------------

    def land(self) -> PageSection | None:
        """Return the section of land that changed its type."""
        table = self.tables["transitions.csv"]
        if table.empty:
            return None
        lines: list[Words] = [text("page.comparison.land-note")]
        rows = self.shown_rows(table, MOST_ROWS, "transitions.csv", lines)
        columns = list(_LAND_COLUMNS)
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
        shown = PageTable(
            "land",
            title,
            columns,
            cells,
            file="transitions.csv",
            unit=self.money,
        )
        chart = self._flows()
        charts = [] if chart is None else [chart]
        return PageSection("land", text("page.comparison.land"), lines, charts, [shown])

    def _land_type(self, row: TableRow, column: str) -> Words:
        """Word a type of ``transitions.csv``: land that is not accounted for has a name too."""
        if row[column] == NOT_ACCOUNTED:
            return text("report.not-accounted")
        return self.word(column, row[column])

    @cached_property
    def _stocks(self) -> Mapping[tuple[str, ...], TableRow]:
        """The rows of opening and closing, by region, years, side and type."""
        table = self.tables["transitions.csv"]
        stocks = {}
        for row in records_of(table):
            if row["to_ecosystem"] == "opening":
                stocks[_land_place(row, "opening", row["from_ecosystem"])] = row
            elif row["from_ecosystem"] == "closing":
                stocks[_land_place(row, "closing", row["to_ecosystem"])] = row
        return stocks

    def _unit_value(self, row: TableRow, side: str, name: object) -> float:
        """Return the value per km2 of a type at the opening or closing; NaN without area."""
        stock = self._stocks.get(_land_place(row, side, name))
        if stock is None or not figure_of(stock["area"]):
            return math.nan
        return figure_of(stock["value"]) / figure_of(stock["area"])

    def _land_explanation(self, row: TableRow) -> PageExplanation:
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
            unit=self.money,
        )

    def _stock_indicators(self, row: TableRow, side: str, name: str) -> PageTable:
        """Make the table of what each indicator is worth on a type at the opening or closing."""
        both = self.indicators_table({**row, "ecosystem": name})
        kept = 1 if side == "opening" else 2
        columns = [both.columns[0], both.columns[kept]]
        rows = [[cells[0], cells[kept]] for cells in both.rows]
        return PageTable(both.id, both.title, columns, rows, unit=both.unit)

    def _mean_unit_value(self, row: TableRow, name: str) -> float:
        """Return the mean value per km2 of both years; that of one year where one has none."""
        if name == NOT_ACCOUNTED:
            return 0.0
        values = [self._unit_value(row, side, name) for side in _STOCKS]
        known = [value for value in values if math.isfinite(value)]
        return math.fsum(known) / len(known) if known else math.nan

    def _flow_lines(self, row: TableRow) -> list[Words]:
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
                unit=self.money,
            )
        ]

    def _unit_values_table(self, row: TableRow) -> PageTable:
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
        unit = text("page.comparison.per-km2", unit=self.money)
        return PageTable("unit-values-of", title, columns, rows, unit=unit)

    def _transition_rows(self, row: TableRow) -> list[PageTable]:
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
        for part in records_of(behind.head(MOST_BARS)):
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
        for row in records_of(flows):
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


def _type_key(row: TableRow) -> str:
    """Return the key of the explanation of a row of ``by_type.csv``."""
    return f"type:{row['from']}-{row['to']}:{row['region']}:{row['ecosystem']}"


def _land_key(row: TableRow) -> str:
    """Return the key of the explanation of a row of ``transitions.csv``."""
    types = f"{row['from_ecosystem']}:{row['to_ecosystem']}"
    return f"land:{row['from']}-{row['to']}:{row['region']}:{types}"


def _land_place(row: TableRow, side: str, name: object) -> tuple[str, ...]:
    """Return where a stock of land is: region, years, side and type."""
    return (str(row["region"]), str(row["from"]), str(row["to"]), side, str(name))


def _grade(code: object) -> Words:
    """Word the grade of a row."""
    name = GRADES[int(figure_of(code))]
    return in_both(lambda language: grade_title(name, language))
