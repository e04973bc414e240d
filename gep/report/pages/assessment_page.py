"""The page of an assessment (考核报告页): all schemes of a project, a section each.

The module chooses what the page of ``gep assess`` shows; tables are worded as in the workbook, and
numbers explained by the kinds of schemes. How a page is written belongs to
``gep.report.pages.page``.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd

from gep import __version__
from gep.account.caption import legal_title
from gep.account.lines import TOTAL
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import SINCE_BEFORE, indicators_behind
from gep.assessment.review.log import STATES, ReviewLog, state_of
from gep.assessment.scheme import Assessment
from gep.errors import Problem
from gep.inputs.value_rows import GRADES
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
from gep.project.project import Project
from gep.report.assessment_layouts import HandInLayout, arranged, layout_of, layout_title, names_of
from gep.report.assessment_workbook import (
    evidence_warning,
    is_made_up,
    sources_of,
    spoken_table,
    table_title,
    validity_period,
)
from gep.report.figures.page import distinct_names
from gep.report.pages.wording import (
    BothWords,
    both_words,
    figure_cell,
    in_both,
    unit_words,
)
from gep.report.standing import standing
from gep.texts.catalogue import LANGUAGES, Label, say, text

MADE_UP_MARK = "†"
_PLACEHOLDER = "placeholder"
_MOST_ROWS = 400  # rows of a table that the page shows
_MOST_BARS = 40
_RANKING = "ranking.csv"
_SOURCE_COLUMNS = ("reading", "value", "unit", "grade", "where", "source", "locator")
_POOL_AMOUNTS = ("amount", "carried_in", "available", "allotted", "carried_forward", "difference")
_BINDING = ("binding", "约束性")
_JUDGED = ("met", "missed", "on_schedule", "behind")
_ITEM_COLUMNS = ("indicator", "component", "item", "part", "subject")
_YEAR_COLUMNS = ("year", "to", "account_end", "term_end")
_FILTERED = ("region", "year", "indicator", "group", "status", "grade", "component", "item")
# Columns of codes and words, whose numbers are no amounts.
_NO_FIGURES = (
    "region",
    "year",
    "from",
    "to",
    "base_year",
    "date",
    "document",
    "term_start",
    "term_end",
    "account_start",
    "account_end",
    "note",
    "locator",
    "source",
    "group",
    "class",
)
_WHOLE_COLUMNS = ("rank", "previous_rank", "rank_p025", "rank_p975", "times", "regions")
_MONEY = re.compile(r"-?\d+\.\d\d")  # how amounts of money are written
# Headings that the tables that are handed in have in both languages.
_HEADING = re.compile(r"(?P<zh>\S*[\u4e00-\u9fff]\S*) (?P<en>[^\u4e00-\u9fff]+)")


def assessment_page(
    project: Project,
    context: AssessmentContext,
    assessments: Sequence[Assessment],
    *,
    log: ReviewLog | None = None,
    draws: int = 0,
    warnings: Sequence[Problem] = (),
    accounts: Mapping[str, object] | None = None,
) -> ReportPage:
    """Make the page of all schemes of a project.

    Parameters
    ----------
    project : Project
        Gives title and language.
    context : AssessmentContext
        What the schemes were applied to.
    assessments : sequence of Assessment
        One for each scheme.
    log : ReviewLog, optional
        From which the state of each result is told.
    draws : int, default 0
        Number of draws by which scores have intervals.
    warnings : sequence of Problem, optional
        What should be looked at.
    accounts : mapping of str to object, optional
        The cells of the project's accounts, see ``gep.report.pages.account_cells``.

    Returns
    -------
    ReportPage
    """
    explanations: dict[str, PageExplanation] = {}
    accounts_state = standing(project.approval)
    sections = [_overview(assessments, context, log, accounts_state)]
    headlines: list[Headline] = []
    for assessment in assessments:
        state = standing(project.approval, log, assessment.scheme.id, context.years)
        maker = _SchemeSection(
            assessment,
            context,
            log,
            accounts or {},
            explanations,
            state,
        )
        sections.append(maker.section())
        headlines += maker.headlines()
    if warnings:
        lines = [in_both(problem.say) for problem in warnings]
        sections.append(PageSection("warnings", text("page.assessment.warnings"), lines))
    caption: list[Words] = [text("page.assessment.caption")]
    if draws:
        caption.append(text("page.assessment.draws", draws=draws))
    return ReportPage(
        title=text("page.assessment.title", title=project.spec.project.title),
        language=project.language,
        caption=caption,
        headlines=headlines,
        sections=sections,
        explanations=explanations,
        accounts=accounts or {},
        footer=(
            text("page.assessment.software", version=__version__),
            text("page.assessment.files"),
        ),
    )


def _overview(
    assessments: Sequence[Assessment],
    context: AssessmentContext,
    log: ReviewLog | None,
    state: Words,
) -> PageSection:
    """Return the section that lists the schemes: what each is, and in which state its results."""
    rows = []
    for assessment in assessments:
        spec = assessment.scheme.spec
        rows.append(
            [
                PageCell(Label(spec.id, spec.title)),
                PageCell(text(f"page.assessment-kind.{spec.kind}")),
                PageCell(text(f"report.evidence.{spec.evidence}")),
                PageCell(_legal(assessment)),
                PageCell(_validity(assessment)),
                *([] if log is None else [PageCell(_states(assessment, context, log))]),
            ]
        )
    names = ["scheme", "kind", "evidence", "legal", "valid"]
    names += [] if log is None else ["state"]
    columns = [PageColumn(name, text(f"page.assessment.{name}")) for name in names]
    title = text("page.assessment.schemes")
    table = PageTable("schemes", title, columns, rows, note=state)
    return PageSection("schemes", title, tables=[table])


def _legal(assessment: Assessment) -> Words:
    """Word the legal force of a scheme."""
    legal = assessment.scheme.spec.legal
    return both_words(legal_title(legal, "zh"), legal_title(legal, "en"))


def _validity(assessment: Assessment) -> Words:
    """Word from when to when a scheme is valid."""
    spec = assessment.scheme.spec
    if not spec.valid_from and not spec.valid_to:
        return text("page.assessment.not-stated")
    return validity_period(spec)


def _states(assessment: Assessment, context: AssessmentContext, log: ReviewLog) -> Words:
    """Word the state of the results of each year in the review."""
    states = []
    for year in context.years:
        state = state_of(log, assessment.scheme.id, year)
        if state:
            state_text = text(f"review.state.{STATES[state]}")
            states.append(text("page.assessment.state-of-year", year=year, state=state_text))
    if not states:
        return text("page.assessment.no-entry")
    return text("page.assessment.states", states=states)


def _written(cell: object) -> str:
    """Return the text of a cell that has no number."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return str(cell)


def _figure(cell: object) -> float:
    """Return the number of a cell; NaN if it is none."""
    try:
        return float(str(cell))
    except ValueError:
        return math.nan


def _is_figures(name: str, cells: Iterable[object]) -> bool:
    """Return whether a column holds numbers that are amounts."""
    if name in _NO_FIGURES:
        return False
    written = [cell for cell in cells if _written(cell) not in ("", "na", "not_compiled")]
    return bool(written) and all(math.isfinite(_figure(cell)) for cell in written)


def _write(name: str, cell: object) -> str:
    """Write a number: money with its cents, ranks whole, others as everywhere."""
    value = _figure(cell)
    if name in _WHOLE_COLUMNS:
        return f"{value:,.0f}"
    if isinstance(cell, str | Decimal) and _MONEY.fullmatch(str(cell)):
        return f"{value:,.2f}"
    return number_words(value)


def _heading(zh: str, en: str) -> Words:
    """Return a heading in both languages; headings that have both are taken apart."""
    match = _HEADING.fullmatch(zh) if zh == en else None
    if match is not None:
        return BothWords(match["zh"], match["en"])
    return both_words(zh, en)


@dataclass
class _SchemeSection:
    """Makes the section of a scheme, and the explanations of its numbers.

    Attributes
    ----------
    assessment, context, log, accounts
        See :func:`assessment_page`.
    explanations : dict of str to PageExplanation
        Gets those of the scheme.
    state : Sayable or str
        The state of the result, which every table says.
    """

    assessment: Assessment
    context: AssessmentContext
    log: ReviewLog | None
    accounts: Mapping[str, object]
    explanations: dict[str, PageExplanation]
    state: Words
    _items: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Id of the scheme."""
        return self.assessment.scheme.id

    @cached_property
    def rests_on_made_up(self) -> bool:
        """Whether numbers behind the scheme, or the scheme itself, are made up."""
        return is_made_up(self.assessment, self.context)

    @cached_property
    def region_names(self) -> Mapping[str, Words]:
        """The names of regions, with the code where several are called so."""
        zh, en = (
            distinct_names({code: self.context.name(code, language) for code in self.codes})
            for language in LANGUAGES
        )
        names = {}
        for code in self.codes:
            names[code] = both_words(zh[code], en[code])
        return names

    @property
    def codes(self) -> list[str]:
        """The codes of all regions that have a name or are assessed."""
        return list(dict.fromkeys([*self.context.regions, *self.context.names]))

    # --- headlines -------------------------------------------------------------------------------

    def headlines(self) -> list[Headline]:
        """Return how many targets are met."""
        table = self.assessment.tables.get("targets.csv")
        if table is None or table.empty:
            return []
        last = table["year"].max()
        rows = table[(table["year"] == last).to_numpy()]
        judged = int(rows["status"].isin(_JUDGED).sum())
        met = int((rows["status"] == "met").sum())
        if not judged:
            return []
        is_binding = rows["property"].isin(_BINDING)
        missed = int((is_binding & (rows["status"] == "missed")).sum())
        notes: list[Words] = [
            text("page.assessment.judged", year=int(last), judged=judged, count=len(rows))
        ]
        if missed:
            notes.append(text("page.assessment.binding-missed", count=missed))
        if self.rests_on_made_up:
            notes.append(text("report.made-up"))
        title = self.assessment.scheme.spec.title
        unit = text("page.assessment.targets-met")
        return [Headline(title, PageCell(str(met), float(met)), unit, notes)]

    # --- the section -----------------------------------------------------------------------------

    def section(self) -> PageSection:
        """Return the section: what the scheme is and is not, then its tables."""
        spec = self.assessment.scheme.spec
        source = spec.sources[spec.source]
        parts = [part for part in (source.number, source.date) if part]
        lines: list[Words] = [
            text("page.assessment.source-line", title=source.title, number=" ".join(parts)),
            text(
                "page.assessment.standing-line",
                evidence=text(f"report.evidence.{spec.evidence}"),
                legal=_legal(self.assessment),
                period=_validity(self.assessment),
            ),
        ]
        if spec.replaced_by:
            lines.append(text("page.assessment.replaced-line", by=spec.replaced_by))
        if self.log is not None:
            states = _states(self.assessment, self.context, self.log)
            lines.append(text("page.assessment.state-line", states=states))
        lines += list(self.assessment.caption)
        if spec.note and not any(line.say("zh") in spec.note for line in self.assessment.caption):
            lines.append(spec.note.strip())
        warning = in_both(
            lambda language: evidence_warning(self.assessment, self.context, language)
        )
        if warning:
            lines.append(warning)
        if self.rests_on_made_up:
            lines.append(text("page.assessment.mark-line", mark=MADE_UP_MARK))
        tables = []
        for file, table in self.assessment.tables.items():
            has_scores = file != _RANKING or (table["score"] != "").any()
            if len(table) and has_scores:
                tables.append(self._table(file, table, lines))
        charts = [self._interval_chart(), self._score_chart()]
        return PageSection(
            f"scheme-{self.id}",
            spec.title,
            lines,
            [chart for chart in charts if chart is not None],
            tables,
        )

    def _table(self, file: str, table: pd.DataFrame, lines: list[Words]) -> PageTable:
        """Make a table of the assessment, in words of both languages."""
        stem = Path(file).stem
        layout = layout_of(file, self.assessment)
        of_layout = layout_title(layout, file, self.assessment)
        title = of_layout or in_both(lambda language: table_title(file, language))
        whole = self._last_years(table)
        rows = arranged(layout, whole, self.assessment)
        if len(rows) < len(table):
            lines.append(
                text(
                    "page.assessment.rows-shown",
                    title=title,
                    shown=len(rows),
                    count=len(table),
                    file=f"{self.id}/{file}",
                )
            )
        names = names_of(self.assessment)
        of_page = None if layout.wide else layout
        zh, en = (
            spoken_table(rows, self.context, names, language, of_page) for language in LANGUAGES
        )
        columns = self._columns(rows, zh, en)
        cells = []
        shown_records = rows.to_dict("records")
        for number, of_file in enumerate(whole.to_dict("records")):
            record = {**of_file, **shown_records[number]}
            key = self._key_of(file, record)
            mark = self._mark_of(record)
            row = []
            for position, column in columns.items():
                words = (zh.iat[number, position], en.iat[number, position])
                row.append(self._cell(column, record.get(column.id), words, key, mark))
            cells.append(row)
        shown = list(columns.values())
        return PageTable(
            f"{self.id}-{stem}",
            title,
            shown,
            cells,
            file=f"{self.id}/{file}",
            note=self._note(layout),
        )

    def _note(self, layout: HandInLayout) -> Words:
        """Say the state of a table, how far its layout is official, and who signs it."""
        said = []
        for language in LANGUAGES:
            signature = say(language, "report.hand-in.signature")
            lines = (word(self.state, language), layout.standing(language), signature)
            said.append(" ".join(lines))
        return both_words(*said)

    def _columns(
        self, rows: pd.DataFrame, zh: pd.DataFrame, en: pd.DataFrame
    ) -> dict[int, PageColumn]:
        """Choose the columns of a table in words: names without their codes, none that is blank.

        Parameters
        ----------
        rows : DataFrame
            The table as its file has it.
        zh, en : DataFrame
            The same in words.

        Returns
        -------
        dict of int to PageColumn
            By position in ``zh``; a name has the id of its code.
        """
        sources = sources_of(rows, zh)
        columns = {}
        for position, source in enumerate(sources):
            is_code = position + 1 < len(sources) and not sources[position + 1]
            name = source or sources[position - 1]
            if is_code or not any(map(_written, zh.iloc[:, position])):
                continue
            heading_at = position if source else position - 1
            heading = _heading(str(zh.columns[heading_at]), str(en.columns[heading_at]))
            is_figures = _is_figures(name, rows[name])
            is_figures &= "region" in rows or not self._names_places(rows[name])
            columns[position] = PageColumn(name, heading, is_figures, name in _FILTERED)
        return columns

    def _names_places(self, cells: Iterable[object]) -> bool:
        """Return whether a column of a table that is handed in names regions or years."""
        regions, years = set(self.context.regions), set(self.context.years)
        return all(str(cell) in regions or cell in years for cell in cells)

    def _cell(
        self,
        column: PageColumn,
        cell: object,
        words: tuple[object, object],
        key: str,
        mark: str,
    ) -> PageCell:
        """Make a cell: a number that opens its explanation, marked if it is made up, or words."""
        value = _figure(cell)
        if column.is_number and math.isfinite(value):
            return figure_cell(value, key, lambda _: f"{_write(column.id, cell)}{mark}")
        zh, en = map(_written, words)
        if column.id == "region":
            return PageCell(self.region_names.get(str(cell), zh))
        if column.id == "indicator" and not zh:
            is_total = cell == TOTAL
            return PageCell(text("page.assessment.total") if is_total else _written(cell))
        if column.id == "unit" and zh:
            return PageCell(unit_words(_written(cell)))
        code = _written(cell)
        name = self.assessment.names.get(code) if column.id in _ITEM_COLUMNS[1:] else None
        if name is not None:
            return PageCell(Label(code, name))
        if column.id == "component" and code == TOTAL:
            return PageCell(text("page.assessment.index-total"))
        return PageCell(both_words(zh, en))

    def _last_years(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are shown: where there are many, those of the last years first."""
        if len(table) <= _MOST_ROWS:
            return table
        year = next((name for name in _YEAR_COLUMNS if name in table), "")
        if not year:
            return table.head(_MOST_ROWS)
        first = table[year].sort_values(ascending=False, kind="stable").index[:_MOST_ROWS]
        return table.loc[sorted(first)]

    def _mark_of(self, record: Mapping[str, object]) -> str:
        """Return the mark of the numbers of a row: blank unless they are made up."""
        grade = record.get("grade")
        is_of_row = grade in GRADES and self.assessment.scheme.spec.evidence != _PLACEHOLDER
        is_marked = grade == _PLACEHOLDER if is_of_row else self.rests_on_made_up
        return f" {MADE_UP_MARK}" if is_marked else ""

    # --- explanations ----------------------------------------------------------------------------

    def _key_of(self, file: str, record: Mapping[str, object]) -> str:
        """Return the key of the explanation of the numbers of a row, prepared if it is new."""
        if "pool" in record and "region" not in record:
            return self._pool_key(record)
        region, year = self._place_of(record)
        if not region or not year:
            return ""
        if (region, year) not in self._items:
            self._items[region, year] = frozenset(self.assessment.items(region, year))
        known = self._items[region, year]
        item = next((name for name in self._candidates(file, record) if name in known), "")
        if not item and "where" in record:
            return self._source_key(region, year, record)
        if not item:
            return ""
        key = f"assess:{self.id}:{year}:{region}:{item}"
        if key not in self.explanations:
            self.explanations[key] = self._explanation(region, year, item)
        return key

    def _pool_key(self, record: Mapping[str, object]) -> str:
        """Return the key of the balance of a pool of money, which regions share."""
        pool = str(record["pool"])
        year = str(record["year"])
        key = f"pool:{self.id}:{year}:{pool}"
        amounts = {name: _write(name, record[name]) for name in _POOL_AMOUNTS}
        lines = [
            text("page.assessment.pool-in", **amounts),
            text("page.assessment.pool-out", **amounts),
            text("page.assessment.pool-regions", count=int(str(record["regions"]))),
        ]
        for name in ("source", "locator"):
            said = _written(record[name])
            if said:
                column = text(f"report.column.{name}")
                lines.append(text("page.assessment.source-cell", heading=column, said=said))
        heading = text("page.assessment.pool", pool=pool, year=year, unit=str(record["unit"]))
        self.explanations[key] = PageExplanation(heading, lines)
        return key

    def _source_key(self, region: str, year: int, record: Mapping[str, object]) -> str:
        """Return the key of a reading that is no item of the scheme, such as that of a parent."""
        item = str(record["indicator"])
        key = f"source:{self.id}:{year}:{region}:{item}"
        lines: list[Words] = []
        for name in _SOURCE_COLUMNS:
            said = _written(record.get(name, ""))
            if said:
                column = text(f"report.column.{name}")
                lines.append(text("page.assessment.source-cell", heading=column, said=said))
        tables = self._account_tables(region, year, item)
        self.explanations[key] = PageExplanation(self._explained(region, year, item), lines, tables)
        return key

    def _explained(self, region: str, year: int, item: str) -> Words:
        """Head an explanation."""
        name = self.assessment.names.get(item)
        return text(
            "page.assessment.heading",
            region=self.context.label(region),
            year=year,
            item=text("page.assessment.whole") if item == TOTAL else Label(item, name),
            scheme=self.assessment.scheme.spec.title,
        )

    def _place_of(self, record: Mapping[str, object]) -> tuple[str, int]:
        """Return region and year of a row; blank and 0 if it has none.

        The tables that are handed in have other headings: there, the first cells tell.
        """
        cells = list(record.values())
        region = str(record.get("region", cells[0]))
        for name in _YEAR_COLUMNS:
            if name in record:
                digits = str(record[name])[:4]
                return region, int(digits) if digits.isdigit() else 0
        for cell in cells[1:]:
            if cell in self.context.years:
                return region, int(str(cell))
        return region, self.context.years[-1] if self.context.years else 0

    def _candidates(self, file: str, record: Mapping[str, object]) -> list[str]:
        """Return the items that a row may be of, the likeliest first."""
        names = [str(record[name]) for name in _ITEM_COLUMNS if name in record]
        if "resource" in record:
            names += [f"{record['resource']}.{record['class']}", str(record["resource"])]
        _, _, resource = Path(file).stem.partition("_")
        return [*names, TOTAL, resource, resource.removesuffix("_value"), "geep"]

    def _explanation(self, region: str, year: int, item: str) -> PageExplanation:
        """Word how a number came about; an item that reads the account also opens it."""
        zh, en = (self.assessment.explain(region, year, item, language) for language in LANGUAGES)
        lines: list[Words] = []
        for number in range(max(len(zh), len(en))):
            words = [said[number] if number < len(said) else "" for said in (zh, en)]
            lines.append(both_words(*words))
        heading = self._explained(region, year, item)
        return PageExplanation(heading, lines, self._account_tables(region, year, item))

    def _account_tables(self, region: str, year: int, item: str) -> list[PageTable]:
        """Return the table of the lines of the account that an item reads, if the page has it."""
        reading = self.assessment.account_readings.get(item)
        if reading is None or reading.basis != "project" or not self.accounts:
            return []
        comparison = self.context.comparisons.get(reading.basis)
        if comparison is None or region not in comparison.codes:
            return []
        years = [year]
        if reading.form in SINCE_BEFORE:
            before = self.context.year_before(reading, year)
            years += [] if before is None else [before]
        position = list(comparison.codes).index(region)
        rows = []
        for account_year in years:
            if account_year not in comparison.levels:
                continue
            account = comparison.account(account_year)
            level = comparison.levels[account_year]
            for indicator in indicators_behind(account, reading.account):
                is_line = comparison.lines["indicator"] == indicator
                is_line &= (comparison.lines["kind"] == "value") & (comparison.lines["item"] == "")
                for line in is_line.to_numpy().nonzero()[0]:
                    key = f"account:{account_year}:{region}:{indicator}"
                    value = float(level.values[position, line])
                    if not level.known[position, line]:
                        continue
                    rows.append(
                        [
                            PageCell(comparison.indicator_label(indicator)),
                            PageCell(str(account_year)),
                            figure_cell(value, key),
                        ]
                    )
        if not rows:
            return []
        columns = [
            PageColumn("indicator", text("report.book-column.item")),
            PageColumn("year", text("report.column.year")),
            PageColumn("value", text("page.comparison.value"), is_number=True),
        ]
        unit = str(comparison.accounts[-1].plan.standard.spec.unit)
        title = text("page.assessment.account")
        return [
            PageTable(
                "account-of",
                title,
                columns,
                rows,
                unit=unit,
                note=self.state,
            )
        ]

    # --- charts ----------------------------------------------------------------------------------

    def _of_last_year(self, file: str) -> list[Mapping[str, object]]:
        """Return the rows of the last year of a table; none if they are too many for a chart."""
        table = self.assessment.tables.get(file)
        if table is None or table.empty:
            return []
        rows = table[(table["year"] == table["year"].max()).to_numpy()]
        if not 1 < len(rows) <= _MOST_BARS:
            return []
        return [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]

    def _interval_chart(self) -> PageChart | None:
        """Return the chart of ranks and their intervals in the last year."""
        ranks = {}
        for record in self._of_last_year(_RANKING):
            ranks[record["region"]] = record
        rows = []
        for record in self._of_last_year("rank_intervals.csv"):
            rank = ranks.get(record["region"])
            if rank is None or not math.isfinite(_figure(rank["rank"])):
                continue
            rows.append(
                {
                    "name": self._region(str(record["region"])),
                    "value": _figure(rank["rank"]),
                    "low": _figure(record["rank_p025"]),
                    "high": _figure(record["rank_p975"]),
                    "opens": self._key_of(_RANKING, rank),
                }
            )
        if not rows:
            return None
        rows.sort(key=lambda row: float(str(row["value"])))
        title = text("page.assessment.intervals-chart")
        note = text("report.made-up") if self.rests_on_made_up else ""
        data = {"rows": rows, "unit": text("report.unit.rank")}
        return PageChart(f"{self.id}-intervals", "intervals", title, data, note)

    def _score_chart(self) -> PageChart | None:
        """Return the chart of the scores of the last year."""
        bars = []
        for record in self._of_last_year(_RANKING):
            score = _figure(record["score"])
            if math.isfinite(score):
                name = self._region(str(record["region"]))
                key = self._key_of(_RANKING, record)
                bars.append({"name": name, "value": score, "opens": key})
        if len(bars) < 2:
            return None
        bars.sort(key=lambda bar: -float(str(bar["value"])))
        title = text("page.assessment.scores-chart")
        note = text("report.made-up") if self.rests_on_made_up else ""
        return PageChart(f"{self.id}-bars", "bars", title, {"bars": bars, "unit": ""}, note)

    def _region(self, code: str) -> Words:
        """Return the name of a region."""
        return self.region_names.get(code, code)
