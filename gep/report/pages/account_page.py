"""The page of an account (核算报告页): what ``gep run`` tells of a project, as sections and tables.

All numbers are those of the result tables, from which a public edition has left out what it
withholds. Explanations are made by the page itself from ``gep.report.pages.account_cells``, but for
those of ecosystem types, which are prepared here. HTML is left to ``gep.report.pages.page``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep import __version__
from gep.account.account import Account
from gep.account.caption import category_title, measure_title, percent, percents, sum_title
from gep.account.columns import NOT_COMPILED, ParentRegions, columns_of
from gep.account.lines import TOTAL
from gep.account.publication import NOTHING, Withheld, without_withheld
from gep.account.result_tables import (
    ACCOUNT_COLUMNS,
    ECOSYSTEM_COLUMNS,
    long_table,
    summary_table,
)
from gep.errors import Place, Problem
from gep.extent.regions import read_boundaries
from gep.inputs.value_rows import GRADES, grade_title, member_word
from gep.io.page_content import (
    Headline,
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    ReportPage,
    Words,
    number_words,
    word,
)
from gep.io.toml_documents import Title
from gep.plan.planned_step import PlannedStep
from gep.project.project import Project
from gep.report.figures.chart_layout import class_edges
from gep.report.figures.map_shapes import (
    hexagon_shapes,
    map_permission,
    polygon_shapes,
    simplified,
)
from gep.report.figures.page import distinct_names, short_names
from gep.report.pages.account_cells import account_cells
from gep.report.pages.wording import (
    both_words,
    figure_cell,
    figure_of,
    in_both,
    joined_words,
    percent_words,
    unit_words,
)
from gep.report.result_figures import can_map, coordinates, map_heading
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import LANGUAGES, Label, Language, Listed, Text, say, text
from gep.uncertainty.interval_tables import Uncertainty
from gep.units import factor

_AREA_PART = (
    "region",
    "ecosystem",
    "class",
    "area",
    "share",
    "file",
    "row",
)  # of what an area sums
_MOST_HEADLINES = 4
_MOST_CELLS = 16_000  # of tables of regions in several years: more are slow to open
_MOST_CELLS_OF_A_YEAR = 40_000
_MOST_TOP_TABLES = 6  # regions whose account is a table of its own
_MOST_SERIES = 8  # lines of a chart that can be told apart
_MOST_INTERVALS = 60  # bars of a chart that can be read
_FEW_REGIONS = 3
_WIDEST = 11  # columns of indicators, as many as a sheet of paper takes
_MAP_WIDTH = 1000  # units of the page across a map
_CORNER_OFF = 0.7  # units by which a simplified outline may be off
_M2_PER_KM2 = 1e6
_WAN, _YI, _BILLION = "10^4 CNY", "10^8 CNY", "10^9 CNY"
_STATE_LINE = 1  # of a caption
_WITHHELD = text("page.account.withheld")
_UNALLOCATED = "unallocated"


class AccountEdition(NamedTuple):
    """What an edition of a run has besides its accounts.

    Attributes
    ----------
    warnings : sequence of Problem
        What should be looked at.
    uncertainty : Uncertainty or None
        Intervals and ranks, if draws were made.
    left_out : Withheld
        What the tables do not list.
    is_public : bool
        Whether this is the public edition, which has no explanations from rows.
    """

    warnings: Sequence[Problem] = ()
    uncertainty: Uncertainty | None = None
    left_out: Withheld = NOTHING
    is_public: bool = False


def account_page(
    project: Project, accounts: Sequence[Account], edition: AccountEdition, files: Sequence[str]
) -> ReportPage:
    """Make the page of the accounts of a project.

    Parameters
    ----------
    project : Project
    accounts : sequence of Account
        One for each year, the last of which is shown first.
    edition : AccountEdition
    files : sequence of str
        Names of the files beside the page.

    Returns
    -------
    ReportPage
    """
    maker = _AccountPage(project, accounts, edition)
    sections = [section for section in maker.sections() if section.tables or section.charts]
    return ReportPage(
        title=project.spec.project.title,
        language=project.language,
        caption=maker.caption(),
        headlines=maker.headlines(),
        sections=sections,
        explanations=maker.explanations,
        accounts={} if edition.is_public else account_cells(accounts),
        footer=(
            text("page.account.software", version=__version__),
            text("page.account.files", files=Listed(tuple(files), len(files))),
        ),
    )


def _text(name: str, **values: Any) -> Text:
    """Return a text of this page."""
    return text(f"page.account.{name}", **values)


def _category_words(category: str) -> Words:
    """Return the title of a category; blank for a step of none."""
    return in_both(lambda language: category_title(category, language)) if category else ""


def _grade_words(grade: str) -> Words:
    """Return the title of a grade of evidence."""
    return in_both(lambda language: grade_title(grade, language))


def _large(value: float, language: Language) -> str:
    """Write an amount of 10^4 CNY in the unit of large sums: 亿元, billion CNY."""
    if language == "zh":
        return f"{number_words(value * factor(_WAN, _YI))} 亿元"
    return f"CNY {number_words(value * factor(_WAN, _BILLION))} billion"


def _in_unit(heading: Words, unit: str) -> Words:
    """Add the unit to the heading of a column."""
    return _text("in-unit", heading=heading, unit=unit_words(unit))


class _Quantity(NamedTuple):
    """A column of quantities: rows of ``account.csv`` of one item."""

    indicator: str
    step: str
    item: str
    unit: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Quantity":
        """Return the quantity that a row is of."""
        return cls(
            row["indicator"],
            row["step"],
            row["item"],
            row["unit"],
        )

    @property
    def column(self) -> str:
        """Its name as a column of the page."""
        return f"{self.indicator}.{self.step}:{self.item}".removesuffix(":")


@dataclass(frozen=True)
class _YearTables:
    """The numbers of a year as the result tables have them.

    Attributes
    ----------
    account : Account
    sums : dict of (str, str) to dict
        By region and category or total: the row of ``summary.csv``.
    items : list of dict
        The rows of ``account.csv``.
    indicators : dict of (str, str) to object
        By region and indicator: the sum of its values in the standard's unit, or a word.
    """

    account: Account
    sums: Mapping[tuple[str, str], Mapping[str, Any]]
    items: Sequence[Mapping[str, Any]]
    indicators: Mapping[tuple[str, str], object]

    @cached_property
    def quantities(self) -> Mapping[tuple[str, _Quantity], Mapping[str, Any]]:
        """The rows of ``account.csv`` with quantities, by region and quantity."""
        rows = [item for item in self.items if item["kind"] == "quantity"]
        return {(item["region"], _Quantity.of(item)): item for item in rows}

    def key(self, region: str, name: str) -> str:
        """Return the key of the explanation of a figure."""
        return f"account:{self.account.year}:{region}:{name}"


class _RegionYear(NamedTuple):
    """A row of tables of regions."""

    year: _YearTables
    code: str


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    names = [str(name) for name in table.columns]
    columns = [table[name].tolist() for name in names]
    records = []
    for row in zip(*columns, strict=True):
        record = dict(
            zip(
                names,
                row,
                strict=True,
            )
        )
        records.append(record)
    return records


def _year_tables(account: Account, left_out: Withheld) -> _YearTables:
    """Read the numbers of a year from its result tables."""
    plan = account.plan
    summary = without_withheld(summary_table(plan, account.sums, account.block), left_out)
    sums = {(row["region"], row["category"]): row for row in _records(summary)}
    table = long_table(
        plan,
        account.block,
        account.parents,
        ACCOUNT_COLUMNS,
    )
    items = _records(without_withheld(table, left_out))
    parts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in items:
        if item["kind"] == "value":
            parts.setdefault((item["region"], item["indicator"]), []).append(item)
    unit = plan.standard.spec.unit
    indicators = {figure: _sum_of(rows, unit) for figure, rows in parts.items()}
    return _YearTables(account, sums, items, indicators)


def _sum_of(rows: Sequence[Mapping[str, Any]], unit: str) -> object:
    """Sum rows of a result table in a unit; ``na`` counts as nothing, as in all sums."""
    numbers = []
    for row in rows:
        if row["value"] == NOT_COMPILED:
            return NOT_COMPILED
        number = figure_of(row["value"])
        if isfinite(number):
            numbers.append(number * factor(row["unit"], unit))
    return sum(numbers) if numbers else "na"


@dataclass
class _AccountPage:
    """Makes the sections of the page of accounts.

    Attributes
    ----------
    project, accounts, edition
        See :func:`account_page`.
    explanations : dict of str to PageExplanation
        Those that sections have prepared.
    """

    project: Project
    accounts: Sequence[Account]
    edition: AccountEdition
    explanations: dict[str, PageExplanation] = field(default_factory=dict)

    # --- what all sections share -----------------------------------------------------------------

    @cached_property
    def years(self) -> list[_YearTables]:
        """The numbers of all years."""
        left_out = self.edition.left_out
        return [_year_tables(account, left_out) for account in self.accounts]

    @property
    def last(self) -> _YearTables:
        """The numbers of the last year."""
        return self.years[-1]

    @property
    def account(self) -> Account:
        """The account of the last year."""
        return self.accounts[-1]

    @property
    def unit(self) -> str:
        """The unit of values."""
        return self.account.plan.standard.spec.unit

    def _year_columns(self) -> list[PageColumn]:
        """Make a column of numbers for each year."""
        names = [str(account.year) for account in self.accounts]
        return [PageColumn(name, name, is_number=True) for name in names]

    @cached_property
    def above(self) -> Mapping[str, str]:
        """The parent of each region and parent; blank if it has none."""
        above = {}
        for account in self.accounts:
            table = account.plan.regions
            for code in account.sums.codes.tolist():
                ancestors = [] if table is None else table.ancestors(code)
                above[code] = ancestors[0] if ancestors else ""
        return above

    @cached_property
    def codes(self) -> list[str]:
        """The parents of all years, the topmost first, then the regions.

        Each in the order of the table of regions, else of their codes: not in that of the areas,
        whose rows may be sorted otherwise.
        """
        depths: dict[str, int] = {}
        places: dict[str, int] = {}
        regions: set[str] = set()
        for account in self.accounts:
            table = account.plan.regions
            if table is not None:
                for code in table.frame.index:
                    places.setdefault(str(code), len(places))
                for code in account.parents.codes:
                    depths[code] = len(table.ancestors(code))
            regions |= {str(code) for code in account.plan.extent.regions}

        def place(code: str) -> tuple[int, int, str]:
            return depths.get(code, 0), places.get(code, len(places)), code

        return [*sorted(depths, key=place), *sorted(regions - depths.keys(), key=place)]

    @cached_property
    def tops(self) -> list[str]:
        """The regions and parents without a parent that have a figure in the last year."""
        present = set(self.account.sums.codes.tolist())
        return [code for code in self.codes if code in present and not self.above[code]]

    @cached_property
    def names(self) -> Mapping[str, Words]:
        """The names of regions and parents, with the code where several are called so."""
        names: dict[str, Words] = {}
        spoken = {}
        for language in LANGUAGES:
            words = {}
            for account in self.accounts:
                table = account.plan.regions
                for code in account.sums.codes.tolist():
                    words[code] = code if table is None else table.name(code, language)
            spoken[language] = distinct_names(words)
        for code in self.codes:
            zh = spoken["zh"][code]
            en = spoken["en"][code]
            names[code] = both_words(zh, en)
        return names

    @cached_property
    def sum_names(self) -> Mapping[str, Words]:
        """The titles of categories and totals that are in a summary, by name."""
        spec = self.account.plan.standard.spec
        names: dict[str, Words] = {}
        for name in self.account.sums.names if self.account.sums.has_values else ():
            zh = sum_title(name, spec, "zh")
            en = sum_title(name, spec, "en")
            names[name] = both_words(zh, en)
        return names

    @cached_property
    def indicator_names(self) -> Mapping[str, Words]:
        """The titles of the indicators that are valued in a year, in the standard's order."""
        valued: set[str] = set()
        for year in self.years:
            valued |= {indicator for _, indicator in year.indicators}
        names: dict[str, Words] = {}
        for indicator in self.account.plan.standard.spec.indicator:
            if indicator.id in valued:
                names[indicator.id] = indicator.name
        return names

    @cached_property
    def intervals(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of ``uncertainty.csv`` with the total of the last year, by region."""
        if self.edition.uncertainty is None:
            return {}
        table = self.edition.uncertainty.written_table()
        table = without_withheld(table, self.edition.left_out)
        is_total = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
        is_total &= (table["year"] == self.account.year) & (table["from"] == "")
        return {row["region"]: row for row in _records(table[is_total.to_numpy()])}

    def sum_cell(self, year: _YearTables, region: str, name: str) -> PageCell:
        """Make the cell of a category or total."""
        row = year.sums.get((region, name))
        if row is None:
            return self.absent_cell(year, region)
        key = year.key(region, name)
        return figure_cell(row["value"], self.opens(key))

    def indicator_cell(self, year: _YearTables, region: str, name: str) -> PageCell:
        """Make the cell of an indicator."""
        figure = (region, name)
        if figure not in year.indicators:
            is_withheld = figure in self.edition.left_out.figures
            return PageCell(_WITHHELD if is_withheld else "")
        key = year.key(region, name)
        return figure_cell(year.indicators[figure], self.opens(key))

    def absent_cell(self, year: _YearTables, region: str) -> PageCell:
        """Make the cell of a figure that a table does not list."""
        return PageCell(_WITHHELD if region in year.account.sums.codes else "")

    def opens(self, key: str) -> str:
        """Return the key of an explanation, blank where the page holds no cells of accounts."""
        return "" if self.edition.is_public else key

    # --- head ------------------------------------------------------------------------------------

    def caption(self) -> list[Words]:
        """Word what the result is and what it is not, and what the edition leaves out."""
        lines: list[Words] = []
        if self.edition.is_public:
            left_out = self.edition.left_out
            public = text(
                "report.book.public",
                marked=left_out.marked,
                others=len(left_out.rows) - left_out.marked,
                figures=len(left_out.figures),
                sums=len(left_out.sums),
            )
            lines += [public, _text("public-page")]
        lines += self._caption_lines()
        if len(self.accounts) > 1:
            years = tuple(str(account.year) for account in self.accounts)
            listed = Listed(years, len(years))
            last = self.account.year
            lines.append(_text("years", last=last, years=listed))
        if not self.edition.is_public:
            lines.append(_text("click"))
        return lines

    def _caption_lines(self) -> list[Words]:
        """Return the caption of the last year in both languages."""
        zh = self.account.caption("zh")
        en = self.account.caption("en")
        lines: list[Words] = []
        for in_zh, in_en in zip(zh, en, strict=True):
            lines.append(both_words(in_zh, in_en))
        return lines

    def headlines(self) -> list[Headline]:
        """Return the totals of the topmost regions, the largest first."""
        if not self.account.sums.has_values:
            return []
        totals = {}
        for code in self.tops:
            cell = self.sum_cell(self.last, code, TOTAL)
            if cell.value is not None:
                totals[code] = cell
        sizes = {code: abs(cell.value or 0.0) for code, cell in totals.items()}
        largest = sorted(sizes, key=sizes.__getitem__, reverse=True)
        headlines = []
        for code in largest[:_MOST_HEADLINES]:
            headline = Headline(
                label=_text("total-of", region=self.names[code], year=self.account.year),
                figure=totals[code],
                unit=unit_words(self.unit),
                notes=list(self._headline_notes(code, is_only=len(totals) == 1)),
            )
            headlines.append(headline)
        return headlines

    def _headline_notes(self, region: str, *, is_only: bool) -> Iterator[Words]:
        """Yield what is said below the total of a region: its interval, growth, evidence."""
        row = self.last.sums[region, TOTAL]
        value = figure_of(row["value"])
        if self.unit == _WAN and abs(value) >= factor(_YI, _WAN):
            yield _text("in-large", amount=in_both(lambda language: _large(value, language)))
        interval = self.intervals.get(region)
        if interval is not None:
            low, high = (number_words(interval[name]) for name in ("p025", "p975"))
            yield _text("interval", low=low, high=high)
        if len(self.years) > 1:
            before = self.years[-2].sums.get((region, TOTAL), {})
            first = figure_of(before.get("value"))
            if first > 0:
                growth = percent_words(value / first - 1, signed=True)
                year = self.years[-2].account.year
                yield _text("growth", year=year, growth=growth)
        for name in ("per_km2", "per_capita"):
            ratio = figure_of(row[name])
            if isfinite(ratio):
                key = name.replace("_", "-")
                yield _text(key, value=number_words(ratio), unit=unit_words(self.unit))
        if is_only and not self.edition.is_public:
            yield _text("evidence", grades=in_both(self._grades_in_words))

    def _grades_in_words(self, language: Language) -> str:
        """List the shares of the last year's value by grade."""
        shares = percents(self.account.shares()["grade"])
        words = []
        for name, share in shares.items():
            title = grade_title(name, language)
            words.append(f"{title} {share}")
        return "  ".join(words)

    def sections(self) -> list[PageSection]:
        """Make the sections, in order; those that hold nothing are empty."""
        return [
            self._map_section(),
            self._years_section(),
            self._regions_section(),
            self._items_section(),
            self._quantities_section(),
            self._ranks_section(),
            self._ecosystems_section(),
            self._evidence_section(),
        ]

    # --- map -------------------------------------------------------------------------------------

    def _map_section(self) -> PageSection:
        """Make the map of the total per km2; empty without places."""
        section = PageSection("map", _text("map"))
        hides_sums = bool(self.edition.left_out.sums)  # the map colours regions by the total
        if hides_sums or not can_map(self.account, self.project.boundaries):
            return section
        try:
            shapes = self._shapes()
        except ModuleNotFoundError:  # scipy, which the picture of the map asks for too
            return section
        if not shapes:
            return section
        drawn = []
        values = []
        labels = self._short_names(shapes)
        for code, rings in shapes.items():
            row = self.last.sums.get((code, TOTAL), {})
            value = figure_of(row.get("per_km2"))
            values.append(value)
            drawn.append(
                {
                    "id": code,
                    "name": self.names.get(code, code),
                    "label": labels[code],
                    "path": rings,
                    "value": value if isfinite(value) else None,
                    "opens": self.opens(self.last.key(code, "per_km2")) if row else "",
                }
            )
        known = [value for value in values if isfinite(value)]
        chart = PageChart(
            id="map",
            kind="map",
            title=in_both(self._map_title),
            data={
                "shapes": drawn,
                "unit": unit_words(f"{self.unit} km-2"),
                "classes": class_edges(known),
                "diverging": any(value < 0 for value in known),
            },
            note=joined_words(self._map_notes(set(shapes)), " "),
        )
        return PageSection(
            "map",
            section.heading,
            charts=[chart],
        )

    def _short_names(self, codes: Iterable[str]) -> dict[str, Title]:
        """Return what stands in the shapes of a map: in Chinese as in the picture, without 县."""
        names = {code: self.names.get(code, code) for code in codes}
        chinese = {code: word(name, "zh") for code, name in names.items()}
        short = short_names(chinese)
        labels = {}
        for code, name in names.items():
            labels[code] = Title(zh=short[code], en=word(name, "en"))
        return labels

    def _shapes(self) -> dict[str, list[list[list[float]]]]:
        """Return the outlines of regions in whole units of the page, hexagons or polygons."""
        plan = self.account.plan
        codes = [str(code) for code in plan.extent.regions]
        boundaries = self.project.boundaries
        if boundaries is not None:
            key = self.project.spec.inputs.boundary_key
            shapes = polygon_shapes(read_boundaries(boundaries), key)
        elif plan.regions is not None:
            lon = coordinates(plan.regions, codes, "lon")
            lat = coordinates(plan.regions, codes, "lat")
            shapes = hexagon_shapes(lon, lat)
        else:
            return {}
        if not shapes:
            return {}
        corners = np.vstack(list(chain.from_iterable(shapes.values())))
        corner = corners.min(axis=0)
        width = float(np.ptp(corners, axis=0).max())
        unit = width / _MAP_WIDTH or 1.0
        drawn = {}
        for code, rings in shapes.items():
            outlines = []
            for ring in simplified(rings, _CORNER_OFF * unit):
                placed = (ring - corner) / unit
                outlines.append(placed.round(1).tolist())
            drawn[code] = outlines
        return drawn

    def _map_title(self, language: Language) -> str:
        """Word what the map shows; below the whole country it is schematic (示意图)."""
        measure = measure_title(self.account.plan, language)
        heading = say(
            language,
            "report.heading.map",
            measure=measure,
            year=self.account.year,
        )
        codes = [str(code) for code in self.account.plan.extent.regions]
        return map_heading(heading, codes, language)

    def _map_notes(self, drawn: set[str]) -> Iterator[Words]:
        """Yield approval number, what the shapes are, and the state of the account."""
        yield map_permission(self.project.spec.inputs.approval or None)
        if self.project.boundaries is None:
            yield text("report.map.hexagons")
        missing = {str(code) for code in self.account.plan.extent.regions} - drawn
        if missing:
            yield text("report.map.regions-not-drawn", count=len(missing))
        yield self._caption_lines()[_STATE_LINE]

    # --- years -----------------------------------------------------------------------------------

    @property
    def _are_few(self) -> bool:
        """Whether regions are so few that a table of them would have hardly a row."""
        return len(self.codes) == len(self.tops) <= _FEW_REGIONS

    def _years_section(self) -> PageSection:
        """Put the totals of the topmost regions in all years side by side.

        Empty for one year of many regions, which the table of regions shows.
        """
        has_years = len(self.years) > 1
        heading = _text("years-heading" if has_years else "sums-heading")
        if not self.account.sums.has_values or not (has_years or self._are_few):
            return PageSection("years", heading)
        has_several = len(self.tops) > 1
        columns = [PageColumn("category", _text("category"))]
        if has_several:
            columns.insert(
                0,
                PageColumn(
                    "region",
                    _text("region"),
                    is_filter=True,
                ),
            )
        columns += self._year_columns()
        columns.append(PageColumn("unit", _text("unit")))
        rows = []
        for code in self.tops[:_MOST_SERIES]:
            for title, unit, cells in self._rows_of_years(code):
                row = [PageCell(title), *cells, PageCell(unit)]
                if has_several:
                    row.insert(0, PageCell(self.names[code]))
                rows.append(row)
        title = _text("years-table" if has_years else "sums-table")
        table = PageTable(
            "years",
            title,
            columns,
            rows,
            "summary.csv",
        )
        return PageSection(
            "years", heading, self._word_lines([table]), self._year_charts(), [table]
        )

    def _rows_of_years(self, region: str) -> Iterator[tuple[Words, Words, list[PageCell]]]:
        """Yield title, unit and figures of the sums of a region, the total first."""
        unit = unit_words(self.unit)
        totals = [self.sum_cell(year, region, TOTAL) for year in self.years]
        yield self.sum_names[TOTAL], unit, totals
        has_area, has_people = self._known_sizes()
        if has_area:
            cells = [self._ratio_cell(year, region, "per_km2") for year in self.years]
            yield _text("by-area"), unit, cells
        if has_people:
            cells = [self._ratio_cell(year, region, "per_capita") for year in self.years]
            yield _text("by-head"), unit, cells
        for name, title in self.sum_names.items():
            if name != TOTAL:
                cells = [self.sum_cell(year, region, name) for year in self.years]
                yield title, unit, cells

    def _year_charts(self) -> list[PageChart]:
        """Draw the years of the only top by category, or the totals of several."""
        years = [str(year.account.year) for year in self.years]
        if len(years) < 2:
            return []
        unit = unit_words(self.unit)
        parts = []
        if len(self.tops) == 1:
            code = self.tops[0]
            for name in (name for name in CATEGORIES if name in self.sum_names):
                parts.append(self._year_values(code, name, self.sum_names[name]))
            data = {"columns": years, "parts": parts, "unit": unit}
            has_all = all(None not in part["values"] for part in parts)
            title = _text("years-of", region=self.names[code])
            chart = PageChart(
                "years",
                "stacks",
                title,
                data,
            )
            return [chart] if has_all and parts else []
        for code in self.tops[:_MOST_SERIES]:
            parts.append(self._year_values(code, TOTAL, self.names[code]))
        data = {"years": years, "series": parts, "unit": unit}
        return [PageChart("years", "lines", _text("years-of-several"), data)]

    def _year_values(self, region: str, name: str, title: Words) -> dict[str, Any]:
        """Return the values of a category or total in all years, for a chart."""
        cells = [self.sum_cell(year, region, name) for year in self.years]
        return {
            "name": title,
            "values": [cell.value for cell in cells],
            "opens": [cell.opens for cell in cells],
        }

    # --- regions ---------------------------------------------------------------------------------

    def _regions_section(self) -> PageSection:
        """Make the tables of regions: by category, area and head, then by indicator."""
        heading = _text("regions")
        if not self.account.sums.has_values or self._are_few:
            return PageSection("regions", heading)
        columns = [*self._region_columns(has_code=True), *self._sum_columns()]
        width = len(columns) + len(self.indicator_names)
        shown = self._shown(width)
        rows = []
        for year, code in shown:
            cells = self._region_cells(year, code, has_code=True)
            cells += [self._sum_or_ratio(year, code, column.id) for column in self._sum_columns()]
            rows.append(cells)
        unit = unit_words(self.unit)
        title = _text("regions-table")
        tables = [
            PageTable(
                "regions",
                title,
                columns,
                rows,
                "summary.csv",
                unit,
            )
        ]
        names = list(self.indicator_names)
        parts = -(-len(names) // _WIDEST)
        for part in range(parts):
            tables.append(
                self._indicator_table(
                    shown, names[part * _WIDEST : (part + 1) * _WIDEST], part, parts
                )
            )
        lines = [_text("regions-note"), *self._not_shown(shown, "summary.csv")]
        lines += self._word_lines(tables)
        return PageSection(
            "regions",
            heading,
            lines,
            tables=tables,
        )

    def _sum_columns(self) -> list[PageColumn]:
        """Return the columns of sums: total, by area and head, categories, other totals."""
        has_area, has_people = self._known_sizes()
        columns = [
            PageColumn(
                TOTAL,
                self.sum_names[TOTAL],
                is_number=True,
            )
        ]
        if has_area:
            per_km2 = _in_unit(_text("by-area"), self.unit)
            columns.append(
                PageColumn(
                    "per_km2",
                    per_km2,
                    is_number=True,
                )
            )
        if has_people:
            per_capita = _in_unit(_text("by-head"), self.unit)
            columns.append(
                PageColumn(
                    "per_capita",
                    per_capita,
                    is_number=True,
                )
            )
        for name, title in self.sum_names.items():
            if name != TOTAL:
                columns.append(
                    PageColumn(
                        name,
                        title,
                        is_number=True,
                    )
                )
        return columns

    def _sum_or_ratio(self, year: _YearTables, region: str, column: str) -> PageCell:
        """Make the cell of a column of sums."""
        if column in ("per_km2", "per_capita"):
            return self._ratio_cell(year, region, column)
        return self.sum_cell(year, region, column)

    def _indicator_table(
        self, shown: Sequence[_RegionYear], names: Sequence[str], part: int, parts: int
    ) -> PageTable:
        """Make a table of regions by some of the indicators, as many as a sheet of paper takes."""
        columns = self._region_columns()
        for name in names:
            columns.append(
                PageColumn(
                    name,
                    self.indicator_names[name],
                    is_number=True,
                )
            )
        rows = []
        for year, code in shown:
            cells = self._region_cells(year, code)
            cells += [self.indicator_cell(year, code, name) for name in names]
            rows.append(cells)
        title = _text("indicators-table")
        if parts > 1:
            title = _text("indicators-part", part=part + 1, parts=parts)
        unit = unit_words(self.unit)
        return PageTable(
            f"indicators-{part + 1}",
            title,
            columns,
            rows,
            "account.csv",
            unit,
        )

    def _word_lines(self, tables: Sequence[PageTable]) -> list[Words]:
        """Say what the words in the place of numbers mean, where tables have them."""
        shown = {
            cell.shown for cell in chain.from_iterable(chain.from_iterable(t.rows for t in tables))
        }
        lines: list[Words] = []
        for name in ("na", "not_compiled"):
            if text(f"page.cell.{name}") in shown:
                lines.append(_text(f"word-{name.replace('_', '-')}"))
        return lines

    def _known_sizes(self) -> tuple[bool, bool]:
        """Return whether any area, and whether any population is known."""
        has_area = False
        has_people = False
        for account in self.accounts:
            has_area |= bool(np.isfinite(account.sums.land).any())
            has_people |= bool(np.isfinite(account.sums.population).any())
        return has_area, has_people

    def _ratio_cell(self, year: _YearTables, region: str, column: str) -> PageCell:
        """Make the cell of the total by area or head."""
        row = year.sums.get((region, TOTAL))
        if row is None:
            return self.absent_cell(year, region)
        key = year.key(region, column)
        return figure_cell(row[column], self.opens(key))

    def _shown(self, width: int) -> list[_RegionYear]:
        """Choose which years and regions tables show: as many as open well.

        All years, the last first; else the last year; else its parents alone, if there are any.
        """
        rows = []
        for year in reversed(self.years):
            rows += [_RegionYear(year, code) for code in self._codes_of(year)]
        if len(rows) * width <= _MOST_CELLS:
            return rows
        rows = [row for row in rows if row.year is self.last]
        parents = set(self.account.parents.codes)
        if len(rows) * width > _MOST_CELLS_OF_A_YEAR and parents:
            rows = [row for row in rows if row.code in parents]
        return rows

    def _not_shown(self, rows: Sequence[_RegionYear], file: str) -> list[Words]:
        """Say where the years and regions are that tables do not show."""
        lines: list[Words] = []
        years = {row.year.account.year for row in rows}
        if len(years) < len(self.years):
            lines.append(_text("years-not-shown", year=self.account.year, file=file))
        codes = {row.code for row in rows}
        if not codes.issuperset(self._codes_of(self.last)):
            lines.append(_text("regions-not-shown", file=file))
        return lines

    def _codes_of(self, year: _YearTables) -> list[str]:
        """Return the parents of a year, the topmost first, then its regions."""
        present = set(year.account.sums.codes.tolist())
        return [code for code in self.codes if code in present]

    def _region_columns(self, *, has_code: bool = False) -> list[PageColumn]:
        """Return the columns that name a region: name, code, parent, year."""
        columns = [PageColumn("region_name", _text("region"))]
        if has_code and any(account.plan.regions is not None for account in self.accounts):
            columns.append(PageColumn("region", _text("code")))
        if any(self.above.values()):
            columns.append(
                PageColumn(
                    "parent",
                    _text("parent"),
                    is_filter=True,
                )
            )
        if len(self.years) > 1:
            columns.append(
                PageColumn(
                    "year",
                    _text("year"),
                    is_filter=True,
                )
            )
        return columns

    def _region_cells(
        self, year: _YearTables, region: str, *, has_code: bool = False
    ) -> list[PageCell]:
        """Make the cells of ``_region_columns``."""
        cells = {
            "region_name": PageCell(self.names[region]),
            "region": PageCell(region),
            "parent": PageCell(self.names.get(self.above[region], "")),
            "year": PageCell(str(year.account.year), float(year.account.year)),
        }
        return [cells[column.id] for column in self._region_columns(has_code=has_code)]

    # --- items of the account --------------------------------------------------------------------

    def _items_section(self) -> PageSection:
        """Make the account of each topmost region: quantities and values, a row for each item."""
        tables = []
        if len(self.tops) <= _MOST_TOP_TABLES:
            for number, code in enumerate(self.tops):
                tables.append(self._item_table(code, number))
        return PageSection(
            "items",
            _text("items"),
            [_text("items-note")],
            tables=tables,
        )

    def _item_table(self, region: str, number: int) -> PageTable:
        """Make the table of the account of a region: items by year."""
        values: dict[tuple[str, ...], dict[int, PageCell]] = {}
        for year in self.years:
            for item in year.items:
                if item["region"] == region and item["kind"] != "auxiliary":
                    named = (item["category"], item["kind"], *_Quantity.of(item))
                    cell = figure_cell(item["value"], self._item_key(year, item))
                    values.setdefault(named, {})[year.account.year] = cell
        columns = [
            PageColumn("indicator", _text("item")),
            PageColumn(
                "category",
                _text("category"),
                is_filter=True,
            ),
            PageColumn(
                "kind",
                _text("kind"),
                is_filter=True,
            ),
        ]
        columns += self._year_columns()
        columns.append(PageColumn("unit", _text("unit")))
        rows = []
        for (category, kind, indicator, step, member, unit), by_year in values.items():
            cells = [
                PageCell(self._item_name(indicator, step, member)),
                PageCell(_category_words(category)),
                PageCell(text(f"account.kind.{kind}")),
            ]
            for year in self.years:
                cells.append(by_year.get(year.account.year, PageCell("")))
            cells.append(PageCell(unit_words(unit)))
            rows.append(cells)
        title = _text("items-of", region=self.names[region])
        return PageTable(
            f"items-{number}",
            title,
            columns,
            rows,
            file="account.csv",
        )

    def _item_key(self, year: _YearTables, item: Mapping[str, Any]) -> str:
        """Return the key of the explanation of a row of ``account.csv``."""
        indicator = item["indicator"]
        step = item["step"]
        name = f"{indicator}.{step}" if indicator else step
        key = year.key(item["region"], name)
        return self.opens(key)

    def _item_name(self, indicator: str, step: str, item: str) -> Words:
        """Word an item of the account: indicator, step, and its member of a key."""
        planned = self._planned(f"{indicator}.{step}" if indicator else step)
        parts: list[Words] = [planned.step.name or planned.step.id]
        if planned.indicator is not None:
            parts.insert(0, planned.indicator.name)
        for pair in item.split(";") if item else ():
            key, _, member = pair.partition("=")
            parts.append(self._member(key, member))
        return joined_words(parts)

    def _member(self, key: str, member: str) -> Words:
        """Word the member of a key."""
        return in_both(lambda language: member_word(key, member, language))

    def _planned(self, name: str) -> PlannedStep:
        """Return a step of the plan of a year that has it."""
        for account in self.accounts:
            for step in account.plan.steps:
                if step.name == name:
                    return step
        raise KeyError(name)

    # --- quantities ------------------------------------------------------------------------------

    def _quantities_section(self) -> PageSection:
        """Make the table of regions by quantity; empty where all regions have accounts above."""
        heading = _text("quantities")
        has_all = len(self.codes) == len(self.tops) <= _MOST_TOP_TABLES
        quantities: dict[_Quantity, None] = {}
        for year in self.years:
            for item in year.items:
                if item["kind"] == "quantity":
                    quantities.setdefault(_Quantity.of(item))
        if has_all or not quantities:
            return PageSection("quantities", heading)
        shown = self._shown(len(quantities))
        listed = list(quantities)
        parts = -(-len(listed) // _WIDEST)
        tables = []
        for part in range(parts):
            of_part = listed[part * _WIDEST : (part + 1) * _WIDEST]
            tables.append(self._quantity_table(shown, of_part, part, parts))
        lines = [*self._not_shown(shown, "account.csv"), *self._word_lines(tables)]
        return PageSection(
            "quantities",
            heading,
            lines,
            tables=tables,
        )

    def _quantity_table(
        self, shown: Sequence[_RegionYear], quantities: Sequence[_Quantity], part: int, parts: int
    ) -> PageTable:
        """Make a table of regions by some of the quantities."""
        columns = self._region_columns()
        for quantity in quantities:
            title = self._item_name(quantity.indicator, quantity.step, quantity.item)
            heading = _in_unit(title, quantity.unit)
            columns.append(
                PageColumn(
                    quantity.column,
                    heading,
                    is_number=True,
                )
            )
        rows = []
        for year, code in shown:
            cells = self._region_cells(year, code)
            cells += [self._quantity_cell(year, code, quantity) for quantity in quantities]
            rows.append(cells)
        title = _text("quantities-table")
        if parts > 1:
            title = _text("quantities-part", part=part + 1, parts=parts)
        return PageTable(
            f"quantities-{part + 1}",
            title,
            columns,
            rows,
            "account.csv",
        )

    def _quantity_cell(self, year: _YearTables, region: str, quantity: _Quantity) -> PageCell:
        """Make the cell of a quantity of a region."""
        item = year.quantities.get((region, quantity))
        if item is not None:
            return figure_cell(item["value"], self._item_key(year, item))
        is_withheld = (region, quantity.indicator) in self.edition.left_out.figures
        return PageCell(_WITHHELD if is_withheld else "")

    # --- ranks -----------------------------------------------------------------------------------

    def _ranks_section(self) -> PageSection:
        """Make ranks and intervals of the total; empty without draws."""
        heading = _text("ranks")
        uncertainty = self.edition.uncertainty
        if uncertainty is None or not self.intervals:
            return PageSection("ranks", heading)
        regions = {str(code) for code in self.account.plan.extent.regions}
        columns = [
            PageColumn("region_name", _text("region")),
            PageColumn("region", _text("code")),
            PageColumn(
                "value",
                _in_unit(self.sum_names[TOTAL], self.unit),
                is_number=True,
            ),
        ]
        for name in ("mean", "p025", "p975", "rank_p025", "rank_p975"):
            key = _text(name.replace("_", "-"))
            columns.append(
                PageColumn(
                    name,
                    key,
                    is_number=True,
                )
            )
        rows = []
        bars = []
        totals = {code: self.sum_cell(self.last, code, TOTAL) for code in self.intervals}
        sizes = {code: cell.value or 0.0 for code, cell in totals.items()}
        for code in sorted(sizes, key=sizes.__getitem__, reverse=True):
            row = self.intervals[code]
            cells = [
                PageCell(self.names[code]),
                PageCell(code),
                totals[code],
            ]
            draws_key = f"draws:{self.account.year}:{code}"
            self.explanations[draws_key] = self._draws_explanation(code, totals[code], uncertainty)
            for name in ("mean", "p025", "p975"):
                cells.append(figure_cell(row[name], draws_key))
            for name in ("rank_p025", "rank_p975"):
                cells.append(self._rank_cell(row[name], draws_key))
            rows.append(cells)
            if code in regions and row["rank_p025"] != "":
                bars.append(self._rank_bar(code, row, totals[code]))
        self._place(bars)
        table = PageTable(
            "ranks",
            _text("ranks-table"),
            columns,
            rows,
            "uncertainty.csv",
        )
        charts = []
        if 1 < len(bars) <= _MOST_INTERVALS:
            title = in_both(self._ranks_title)
            data = {"rows": bars, "unit": _text("rank")}
            charts.append(
                PageChart(
                    "ranks",
                    "intervals",
                    title,
                    data,
                )
            )
        lines = [_text("ranks-note", draws=uncertainty.draws)]
        return PageSection(
            "ranks",
            heading,
            lines,
            charts,
            [table],
        )

    def _draws_explanation(
        self, code: str, total: PageCell, uncertainty: Uncertainty
    ) -> PageExplanation:
        """Say how mean, interval and ranks of a region come from the draws."""
        heading = _text("draws-of", region=self.names[code], year=self.account.year)
        lines = [
            _text("draws-note", draws=uncertainty.draws, seed=uncertainty.seed),
            _text("interval-note"),
            _text("rank-note"),
        ]
        columns = [
            PageColumn("region", _text("region")),
            PageColumn("value", _in_unit(self.sum_names[TOTAL], self.unit), is_number=True),
        ]
        rows = [[PageCell(self.names[code]), total]]
        table = PageTable("total", _text("total-without-draws"), columns, rows, "summary.csv")
        return PageExplanation(heading, lines, [table])

    def _rank_cell(self, rank: object, key: str) -> PageCell:
        """Make the cell of a rank, blank where regions are not ranked."""
        if rank == "":
            return PageCell("")
        return PageCell(str(rank), figure_of(rank), key)

    def _rank_bar(self, code: str, row: Mapping[str, Any], total: PageCell) -> dict[str, Any]:
        """Return the interval of the rank of a region, for a chart."""
        return {
            "name": self.names[code],
            "value": total.value,
            "low": figure_of(row["rank_p025"]),
            "high": figure_of(row["rank_p975"]),
            "opens": total.opens,
        }

    def _place(self, bars: list[dict[str, Any]]) -> None:
        """Put ranks in the place of totals; equal totals have the same rank."""
        totals = [bar["value"] for bar in bars]
        for bar in bars:
            before = [total for total in totals if total > bar["value"]]
            bar["value"] = 1.0 + len(before)

    def _ranks_title(self, language: Language) -> str:
        """Word what the chart of ranks shows."""
        measure = measure_title(self.account.plan, language)
        return say(
            language,
            "report.heading.ranks",
            measure=measure,
            year=self.account.year,
        )

    # --- ecosystem types -------------------------------------------------------------------------

    def _ecosystems_section(self) -> PageSection:
        """Make the table of ecosystem types of the topmost regions, with area and value."""
        heading = _text("ecosystems")
        plan = self.account.plan
        table = long_table(
            plan,
            columns_of(plan, self.account.results, by_ecosystem=True),
            ParentRegions((), ()),
            ECOSYSTEM_COLUMNS,
        )
        table = without_withheld(table, self.edition.left_out)
        headline = plan.standard.spec.total[0].indicators
        is_value = (table["kind"] == "value") & table["indicator"].isin(headline)
        rows_of: dict[tuple[str, str], list[dict[str, Any]]] = {}
        top_of = {code: self._top_of(code) for code in map(str, plan.extent.regions)}
        hidden = {top_of.get(region, region) for region, _ in self.edition.left_out.figures}
        for row in _records(table[is_value.to_numpy()]):
            top = top_of[row["region"]]
            figure = (top, row["ecosystem"])
            rows_of.setdefault(figure, []).append(row)
        areas = self._areas(top_of)
        columns = [PageColumn("ecosystem", _text("ecosystem"))]
        if len(self.tops) > 1:
            columns.append(
                PageColumn(
                    "region",
                    _text("region"),
                    is_filter=True,
                )
            )
        columns += [
            PageColumn(
                "area",
                _in_unit(_text("area"), "km2"),
                is_number=True,
            ),
            PageColumn(
                "area_share",
                _text("area-share"),
                is_number=True,
            ),
        ]
        if self.account.sums.has_values:
            columns += [
                PageColumn(
                    "value",
                    _in_unit(_text("value"), self.unit),
                    is_number=True,
                ),
                PageColumn(
                    "value_share",
                    _text("value-share"),
                    is_number=True,
                ),
            ]
        rows = []
        for top in self.tops[:_MOST_SERIES]:
            if top not in hidden:  # sums over regions would tell what is withheld in one
                rows += self._ecosystem_rows(top, rows_of, areas)
        page_table = PageTable(
            "ecosystems", _text("ecosystems-table"), columns, rows, "by_ecosystem.csv"
        )
        lines = [_text("ecosystems-note", year=self.account.year)]
        return PageSection(
            "ecosystems",
            heading,
            lines,
            tables=[page_table] if rows else [],
        )

    def _top_of(self, code: str) -> str:
        """Return the topmost region above a region, itself if none is."""
        while self.above[code]:
            code = self.above[code]
        return code

    def _areas(self, top_of: Mapping[str, str]) -> Mapping[tuple[str, str], float]:
        """Return the area of each ecosystem type in each topmost region, km2."""
        extent = self.account.plan.extent
        names = [str(name) for name in extent.ecosystems]
        areas: dict[tuple[str, str], float] = {}
        for code, by_type in zip(top_of, extent.area_of() / _M2_PER_KM2, strict=True):
            for name, area in zip(names, by_type.tolist(), strict=True):
                figure = (top_of[code], name)
                areas[figure] = areas.get(figure, 0.0) + area
        return areas

    def _ecosystem_rows(
        self,
        top: str,
        rows_of: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]],
        areas: Mapping[tuple[str, str], float],
    ) -> list[list[PageCell]]:
        """Make the rows of the ecosystem types of a topmost region."""
        names = [str(name) for name in self.account.plan.extent.ecosystems]
        whole_area = sum(areas.get((top, name), 0.0) for name in names)
        values = {}
        for name in (*names, _UNALLOCATED):
            if (top, name) in rows_of:
                values[name] = figure_of(_sum_of(rows_of[top, name], self.unit))
        whole_value = sum(value for value in values.values() if isfinite(value))
        rows = []
        for name in (*names, _UNALLOCATED):
            area = areas.get((top, name), 0.0)
            value = values.get(name)
            if not area and value is None:
                continue
            cells = [PageCell(self._ecosystem_name(name))]
            if len(self.tops) > 1:
                cells.append(PageCell(self.names[top]))
            if name == _UNALLOCATED:
                cells += [figure_cell(""), figure_cell("")]
            else:
                key = f"area:{self.account.year}:{top}:{name}"
                opens = ""
                if not self.edition.is_public:  # the rows may be restricted
                    self.explanations[key] = self._area_explanation(top, name, area)
                    opens = key
                cells.append(figure_cell(area, opens))
                cells.append(self._share_cell(key, area, whole_area, "km2"))
            if self.account.sums.has_values:
                key = f"ecosystem:{self.account.year}:{top}:{name}"
                if value is not None:
                    self.explanations[key] = self._ecosystem_explanation(
                        top, name, rows_of[top, name], value
                    )
                cells.append(figure_cell("" if value is None else value, key))
                cells.append(self._share_cell(key, value, whole_value, self.unit))
            rows.append(cells)
        return rows

    def _share_cell(self, key: str, part: float | None, whole: float, unit: str) -> PageCell:
        """Return a share that opens its division; blank without part or whole."""
        if not part or not whole or not isfinite(part):
            return figure_cell("")
        share_key = f"share-{key}"
        said = unit_words(unit)
        division = _text(
            "division",
            part=number_words(part),
            whole=number_words(whole),
            unit=said,
            share=percent_words(part / whole),
        )
        self.explanations[share_key] = PageExplanation(division)
        return figure_cell(part / whole, share_key, write=percent_words)

    @cached_property
    def _area_parts(self) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
        """The area rows behind each ecosystem type in each topmost region."""
        parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for part in _records(self.account.plan.extent.parts[list(_AREA_PART)]):
            figure = (self._top_of(str(part["region"])), str(part["ecosystem"]))
            parts.setdefault(figure, []).append(part)
        return parts

    def _area_explanation(self, top: str, name: str, area: float) -> PageExplanation:
        """List the area rows that the area of an ecosystem type sums."""
        rows = []
        for part in self._area_parts.get((top, name), ()):
            code = str(part["region"])
            place = Place(str(part["file"]), (int(part["row"]),))
            rows.append(
                [
                    PageCell(self.names.get(code, code)),
                    PageCell(str(part["class"])),
                    figure_cell(float(part["area"]) / _M2_PER_KM2),
                    PageCell(percent_words(float(part["share"])), float(part["share"])),
                    PageCell(place),
                ]
            )
        columns = [
            PageColumn("region", _text("region")),
            PageColumn("class", _text("land-class")),
            PageColumn("area", _in_unit(_text("area"), "km2"), is_number=True),
            PageColumn("share", _text("share-counted"), is_number=True),
            PageColumn("row", _text("place-of-row")),
        ]
        heading = _text(
            "area-of",
            region=self.names[top],
            year=self.account.year,
            ecosystem=self._ecosystem_name(name),
            area=number_words(area),
        )
        table = PageTable("areas", _text("area-rows"), columns, rows)
        return PageExplanation(heading, [_text("area-note")], [table])

    def _ecosystem_name(self, name: str) -> Words:
        """Return the title of an ecosystem type, its id without one."""
        if name == _UNALLOCATED:
            return _text("unallocated")
        titles = self.account.plan.scheme.titles
        zh, en = titles.get(name, ("", ""))
        return both_words(zh or en or name, en or zh or name)

    def _ecosystem_explanation(
        self, top: str, name: str, rows: Sequence[Mapping[str, Any]], value: float
    ) -> PageExplanation:
        """List the indicators that the value of an ecosystem type sums."""
        parts: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            parts.setdefault(row["indicator"], []).append(row)
        cells = []
        for indicator, title in self.indicator_names.items():
            if indicator in parts:
                total = _sum_of(parts[indicator], self.unit)
                key = self.opens(self.last.key(top, indicator))
                cells.append([PageCell(title), figure_cell(total, key)])
        columns = [
            PageColumn("indicator", _text("item")),
            PageColumn(
                "value",
                _text("value"),
                is_number=True,
            ),
        ]
        heading = _text(
            "ecosystem-of",
            region=self.names[top],
            year=self.account.year,
            ecosystem=self._ecosystem_name(name),
            value=number_words(value),
            unit=unit_words(self.unit),
        )
        title = _text("ecosystem-parts")
        unit = unit_words(self.unit)
        table = PageTable(
            "parts",
            title,
            columns,
            cells,
            "by_ecosystem.csv",
            unit,
        )
        return PageExplanation(
            heading,
            [_text("ecosystem-note")],
            [table],
        )

    # --- evidence --------------------------------------------------------------------------------

    def _evidence_section(self) -> PageSection:
        """Make what the numbers rest on: grades, sets, official texts, warnings."""
        tables = [self._sets_table()]
        if not self.edition.is_public:
            tables.insert(0, self._grades_table())
            tables += self._warning_tables()
        return PageSection(
            "evidence",
            _text("evidence-heading"),
            tables=tables,
        )

    def _grades_table(self) -> PageTable:
        """Make the table of shares of value by grade and year."""
        columns = [PageColumn("grade", _text("grade")), *self._year_columns()]
        shares: dict[str, dict[str, PageCell]] = {}
        for account in self.accounts:
            name = str(account.year)
            of_year = account.shares()
            words = percents(of_year["grade"])
            numbers = {grade: of_year["grade"][grade] for grade in words}
            for kind in ("typical", "transfer", "nominal"):
                if of_year[kind]:
                    numbers[kind] = of_year[kind]
                    words[kind] = percent(of_year[kind])
            cells = {}
            for key, shown in words.items():
                opens = self._explain_grade(name, key, shown)
                cells[key] = PageCell(shown, numbers[key], opens)
            shares[name] = cells
        rows = []
        for name in (*GRADES, "typical", "transfer", "nominal"):
            if any(name in by_grade for by_grade in shares.values()):
                title: Words = _grade_words(name) if name in GRADES else _text(name)
                row = [PageCell(title)]
                for by_grade in shares.values():
                    row.append(by_grade.get(name, PageCell("")))
                rows.append(row)
        has_values = self.account.sums.has_values
        title = _text("grades-table" if has_values else "grades-of-quantities")
        return PageTable(
            "grades",
            title,
            columns,
            rows,
        )

    def _explain_grade(self, year: str, grade: str, shown: str) -> str:
        """Say what a share of value by grade is; return the key."""
        key = f"grade:{year}:{grade}"
        title: Words = _grade_words(grade) if grade in GRADES else _text(grade)
        heading = _text("grade-share", year=year, grade=title, share=shown)
        kind = "values" if self.account.sums.has_values else "quantities"
        note = "grade" if grade in GRADES else grade
        lines = [_text(f"{note}-share-note"), _text(f"share-of-{kind}")]
        self.explanations[key] = PageExplanation(heading, lines)
        return key

    def _sets_table(self) -> PageTable:
        """Make the table of the standard and the coefficient sets."""
        spec = self.account.plan.standard.spec
        columns = [
            PageColumn("id", _text("set")),
            PageColumn("title", _text("title")),
        ]
        standard = PageCell(_text("standard-id", id=spec.id))
        rows = [[standard, PageCell(spec.title)]]
        for coefficient_set in self.account.plan.sets:
            title = coefficient_set.header.title
            rows.append([PageCell(coefficient_set.label), PageCell(title)])
        return PageTable(
            "sets",
            _text("sets-table"),
            columns,
            rows,
            file="plan.csv",
        )

    def _warning_tables(self) -> list[PageTable]:
        """Make the table of warnings as they are printed; none without warnings."""
        if not self.edition.warnings:
            return []
        names = ("where", "what", "fix", "problem")
        columns = [PageColumn(name, _text(name)) for name in names]
        rows = []
        for problem in self.edition.warnings:
            words = [problem.say_where, problem.say_what, problem.say_fix]
            cells = [PageCell(in_both(say_words)) for say_words in words]
            title = Label(problem.code, text(f"problem_titles.{problem.code}"))
            rows.append([*cells, PageCell(title)])
        return [PageTable("warnings", _text("warnings"), columns, rows)]
