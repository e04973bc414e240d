"""The workbook of a plan (核算方案): every number that an account will use, for people to sign.

The module owns the words of its rows: steps, inputs and sources by their names beside their ids.
The rows are those of ``gep.plan.plan_table``; how sheets look is left to ``gep.io.workbook``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from gep import __version__
from gep.account.caption import (
    evidence_title,
    measure_title,
    official_texts,
    signed_lines,
    standing_title,
    state_text,
    to_check_lines,
)
from gep.account.pixel_caption import pixel_lines
from gep.errors import ProblemLog
from gep.inputs.coefficients import read_sources
from gep.inputs.value_rows import GRADES, grade_title
from gep.io.spreadsheets import refuse_too_many, write_new_book
from gep.io.toml_documents import Source, Title
from gep.io.workbook import BookSheet, Cell, save_workbook
from gep.plan.binding import BoundInput
from gep.plan.blank_form import spoken
from gep.plan.plan import Plan, warnings_of
from gep.plan.plan_table import OF_RASTER, RowNames
from gep.project.project import Project
from gep.report.table_pages import (
    cover_page,
    remarks_page,
    source_words,
    standing_facts,
    switch_lines,
)
from gep.texts.catalogue import Label, Language, Listed, say

# The columns of plan.csv in the order in which they are checked: heading, half-width characters.
_COLUMNS: Mapping[str, tuple[str, float]] = {
    "year": ("year", 6.0),
    "step": ("step", 18.0),
    "input": ("input", 15.0),
    "name": ("name", 19.0),
    "value": ("number", 10.0),
    "unit": ("unit", 10.0),
    "factor": ("conversion", 10.0),
    "grade": ("grade", 14.0),
    "source": ("source", 26.0),
    "locator": ("locator", 15.0),
    "file": ("file", 13.0),
    "row": ("row", 6.0),
    "set@version": ("set", 12.0),
    "binding": ("bound", 20.0),
    "method": ("method", 14.0),
    "clause": ("clause", 16.0),
}
_FROZEN = 4  # columns that say what a number is


def write_plan_workbook(path: Path, project: Project, plans: Sequence[Plan]) -> int:
    """Write the workbook of a project's plans, in the language in which it is spoken of.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    project : Project
    plans : sequence of Plan
        One for each year.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    language = project.language
    title = project.spec.project.title.say(language)
    tables = [replace(plan, language=language).table() for plan in plans]
    count = sum(map(len, tables))
    refuse_too_many(path, count)
    rows = _rows_page(title, project, plans, tables)
    sheets = [rows]
    remarks = [*switch_lines(plans[-1], language)]
    remarks += [problem.say(language) for problem in warnings_of(plans)]
    if remarks:
        sheets.append(remarks_page(title, remarks, "gep check", language))
    cover = cover_page(
        title=title,
        lines=_lines(project, plans),
        facts=_facts(project, plans, tables),
        sheets=sheets,
        language=language,
        note="plan-note",
    )
    write_new_book(path, lambda file: save_workbook(file, [cover, *sheets], language))
    return count


# --- cover ---------------------------------------------------------------------------------------


def _lines(project: Project, plans: Sequence[Plan]) -> Iterator[str]:
    """Yield what must be said above all: what this is, its state, on which text it rests."""
    language = project.language
    plan = plans[-1]
    spec = plan.standard.spec
    years = Listed(tuple(each.year for each in plans), len(plans))
    measure = measure_title(plan, language)
    yield say(language, "report.book.plan-about", measure=measure, years=years)
    yield say(language, "account.caption.state", state=state_text(project.approval))
    yield say(
        language,
        "account.caption.standard",
        title=spec.title,
        id=spec.id,
        legal=standing_title(spec, language),
        evidence=evidence_title(spec.evidence, language),
    )
    yield from to_check_lines(spec, language)
    yield from signed_lines(plan, language)
    texts = official_texts(plan, language)
    if texts:
        listed = Listed(tuple(texts), len(texts))
        yield say(language, "account.caption.official-texts", texts=listed)
    of_rasters: dict[str, None] = {}
    for each in plans:
        of_rasters.update(dict.fromkeys(pixel_lines(each, language)))
    yield from of_rasters


def _facts(
    project: Project, plans: Sequence[Plan], tables: Sequence[pd.DataFrame]
) -> Iterator[tuple[str, str]]:
    """Yield what the cover says, by the key of its label."""
    language = project.language
    joint = say(language, "report.book.joint")
    plan = plans[-1]
    yield "years", joint.join(str(each.year) for each in plans)
    yield "regions", say(language, "report.book.regions", count=len(plan.extent.regions))
    yield from standing_facts(project, plan)
    key = "current" if plan.price_year is None else "constant"
    yield "prices", say(language, f"report.book.{key}", year=plan.price_year)
    titles: dict[str, None] = {}
    for each in plans:
        for used in each.sets:
            titles.setdefault(Label(used.label, used.header.title).say(language))
    yield "sets", joint.join(titles) or say(language, "report.book.none")
    for each, table in zip(plans, tables, strict=True):
        yield "rows", _count_by_grade(each.year, table, language)
    yield "software", f"gep {__version__}"


def _count_by_grade(year: int, table: pd.DataFrame, language: Language) -> str:
    """Say how many rows of a year there are of each grade, the best first."""
    counts = Counter(table["grade"].astype(str))
    words = []
    for grade in filter(counts.__contains__, GRADES):
        title = grade_title(grade, language)
        words.append(say(language, "report.book.plan-grade", grade=title, count=counts[grade]))
    grades = say(language, "report.book.joint").join(words)
    return say(
        language,
        "report.book.plan-rows",
        year=year,
        count=len(table),
        grades=grades,
    )


# --- rows ----------------------------------------------------------------------------------------


def _rows_page(
    title: str, project: Project, plans: Sequence[Plan], tables: Sequence[pd.DataFrame]
) -> BookSheet:
    """Make the sheet of rows: all columns of ``plan.csv``, in words."""
    language = project.language
    sheet = BookSheet(
        say(language, "report.book-sheet.plan"),
        len(_COLUMNS),
        frozen_columns=_FROZEN,
        widths=tuple(width for _, width in _COLUMNS.values()),
    )
    sheet.add_line(f"{title}  {sheet.title}", "title")
    sheet.add_line(say(language, "report.book.plan-values"))
    headings = [say(language, f"report.book-column.{key}") for key, _ in _COLUMNS.values()]
    sheet.add_headings(headings)
    for plan, table in zip(plans, tables, strict=True):
        words = _PlanWords(project, plan)
        for row in table.to_dict("records"):
            sheet.add(*(words.cell(name, row) for name in _COLUMNS))
    return sheet


@dataclass(frozen=True)
class _PlanWords:
    """Puts the rows of a plan's table into words."""

    project: Project
    plan: Plan

    def cell(self, name: str, row: Mapping[str, object]) -> Cell:
        """Return the cell of a column: numbers as numbers, ids behind their names."""
        value = row[name]
        if not isinstance(value, str):
            return Cell(float(value), "exact")  # type: ignore[arg-type]
        if name == "value" and value == OF_RASTER:
            return Cell(say(self.language, "report.book.plan-raster"))
        if name == "value":  # na
            return Cell(say(self.language, "report.book.none"))
        if name == "step":
            value = self._steps.get(value, value)
        elif name == "input":
            value = self._inputs.get((str(row["step"]), value), value)
        elif name == "unit":
            value = spoken(value, self.language)
        elif name == "grade":
            value = grade_title(value, self.language)
        elif name == "source":
            value = self._sources.get((str(row["set@version"]), value), value)
        return Cell(value)

    @property
    def language(self) -> Language:
        """The language of the words."""
        return self.project.language

    def _named(self, name: str, title: str) -> str:
        """Return an id behind its title; alone where it has none."""
        return Label(name, Title(zh=title, en=title)).say(self.language)

    @cached_property
    def _steps(self) -> dict[str, str]:
        """The titles of steps by their names."""
        return {step.name: step.label.say(self.language) for step in self.plan.steps}

    @cached_property
    def _inputs(self) -> dict[tuple[str, str], str]:
        """What inputs are called, by step and argument; those of no step by their word."""
        plan = self.plan
        names = RowNames(plan.standard, plan.scheme, plan.regions, self.language)
        inputs = {}
        for step in plan.steps:
            for argument, bound in step.inputs.items():
                if isinstance(bound, BoundInput):
                    title = names.of_input(step.bindings[argument])
                    inputs[step.name, argument] = self._named(argument, title)
        for word in ("area", "crosswalk", "land_area"):
            title = say(self.language, f"report.book.plan-{word}")
            inputs["", word] = self._named(word, title)
        return inputs

    @cached_property
    def _sources(self) -> dict[tuple[str, str], str]:
        """What documents are called, by set or crosswalk and id; data rows have words already."""
        documents: dict[str, Mapping[str, Source]] = {}
        for each in self.plan.sets:
            documents[each.label] = each.sources
        crosswalk = self.plan.crosswalk
        if crosswalk is not None and crosswalk.sources_path in crosswalk.files:
            label = crosswalk.sources_path.name
            documents[crosswalk.id] = read_sources(crosswalk.sources_path, label, ProblemLog())
            if crosswalk.path.parent == self.project.folder:  # the documents of the project
                documents[""] = documents[crosswalk.id]
        words = {}
        for label, sources in documents.items():
            for name, source in sources.items():
                words[label, name] = self._named(name, source_words(source, self.language))
        return words
