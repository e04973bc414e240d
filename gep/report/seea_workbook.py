"""The workbook of SEEA EA (环境经济核算账户表): a sheet for each table, with what is not told.

The module owns which sheets there are and their words; the tables are those of
``gep.report.seea_tables``, and how cells look is left to ``gep.io.workbook``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gep import __version__
from gep.account.account import Account
from gep.account.caption import category_title
from gep.account.columns import NOT_COMPILED
from gep.account.frames import step_title
from gep.comparison.comparability import price_basis_text
from gep.inputs.value_rows import grade_title
from gep.io.spreadsheets import write_new_book
from gep.io.workbook import BookSheet, Cell, StyleName, save_workbook
from gep.plan.blank_form import spoken
from gep.plan.plan import warnings_of
from gep.project.project import Project
from gep.report.live_cells import decimals_of
from gep.report.seea_assets import TOTAL, UNSEPARATED, VOLUME
from gep.report.seea_condition import INDEX
from gep.report.seea_inputs import economic_units
from gep.report.seea_services import reference_services
from gep.report.seea_tables import APART, SeeaTables, typology_classes
from gep.report.seea_use import LISTED, NOT_TOLD
from gep.report.table_pages import cover_page, remarks_page, standing_facts
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import LANGUAGES, Language, has_key, say

_SUMS = (LISTED, APART, TOTAL)
_TOTAL_ENTRIES = ("opening", "closing")
# Columns that others say: the unit of values is said above the table.
_LEFT_OUT = {
    "quantities": ("status", "step", "reason"),
    "quantities_use": ("status", "step", "reason"),
    "values": ("status", "reason", "unit"),
    "values_use": ("status", "reason", "unit"),
}
_FROZEN = {"types": 1}
_FROZEN_ELSE = 3
_REAPPRAISAL = "_reappraisal"  # ends the names of entries that table 4.1 does not have
_USE = "_use"  # ends the names of the use tables
_DISCOUNTED = "assets"


def write_seea_workbook(path: Path, project: Project, tables: SeeaTables) -> None:
    """Write the workbook of a region's tables, in the language of the project.

    Parameters
    ----------
    path : Path
        A new ``.xlsx``.
    project : Project
    tables : SeeaTables

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    language = project.language
    sheets = _SeeaBook(project, tables, language).make()
    write_new_book(path, lambda file: save_workbook(file, sheets, language))


@dataclass(frozen=True)
class _SeeaBook:
    """Makes the sheets of a workbook."""

    project: Project
    tables: SeeaTables
    language: Language

    def make(self) -> list[BookSheet]:
        """Make all sheets: cover, tables, remarks."""
        sheets = [self._sheet(name, frame) for name, frame in self.tables.tables().items()]
        sheets.append(remarks_page(self.title, [*self._remarks()], "gep check", self.language))
        cover = cover_page(
            self.title,
            [self._say("seea.about"), *self.account.caption(self.language)],
            self._facts(),
            sheets,
            self.language,
            note="seea-note",
        )
        return [cover, *sheets]

    @property
    def account(self) -> Account:
        """The account of the last year."""
        return self.tables.accounts[-1]

    @property
    def title(self) -> str:
        """What all sheets are headed by: the project, and the region if it is another."""
        title = self.project.spec.project.title.say(self.language)
        region = self._region()
        return title if region in title else f"{title}  {region}"

    def _region(self) -> str:
        """Name the region."""
        regions = self.account.plan.regions
        code = self.tables.region
        return code if regions is None else regions.name(code, self.language)

    def _say(self, key: str, **values: object) -> str:
        """Word a text of this workbook."""
        return say(self.language, f"report.{key}", **values)

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Yield what the cover says, by the key of its label."""
        joint = self._say("book.joint")
        yield "years", joint.join(str(account.year) for account in self.tables.accounts)
        yield "regions", self._region()
        yield from standing_facts(self.project, self.account.plan)
        yield "prices", price_basis_text(self.account.plan.price_basis.code).say(self.language)
        yield "unit", spoken(self.account.plan.standard.spec.unit, self.language)
        yield "software", f"gep {__version__}"

    # --- tables ----------------------------------------------------------------------------------

    def _sheet(self, name: str, frame: pd.DataFrame) -> BookSheet:
        """Make the sheet of a table."""
        left_out = _LEFT_OUT.get(name, ())
        columns = [str(column) for column in frame.columns if column not in left_out]
        sheet = BookSheet(
            self._say(f"seea-sheet.{name}"),
            len(columns),
            frozen_columns=_FROZEN.get(name, _FROZEN_ELSE),
        )
        sheet.add_line(f"{self.title}  {self._say(f'seea-title.{name}')}", "title")
        for line in self._notes(name):
            sheet.add_line(line)
        has_users = name.endswith(_USE)
        sheet.add_headings([self._heading(column, has_users) for column in columns])
        for row in frame.to_dict("records"):
            named = {str(column): value for column, value in row.items()}
            sheet.add(*(self._cell(column, named) for column in columns))
        return sheet

    def _notes(self, name: str) -> Iterator[str]:
        """Yield the lines above a table: units, and what in it is not told or recalled."""
        unit = spoken(self.account.plan.standard.spec.unit, self.language)
        values: dict[str, object] = {"unit": unit}
        discounting = self.tables.discounting
        if name == _DISCOUNTED and discounting is not None:
            values["rate"] = discounting.rate
            values["years"] = discounting.years
            values["factor"] = discounting.factor
        yield self._say(f"seea-note.{name}", **values)

    def _heading(self, column: str, has_users: bool) -> str:
        """Word the heading of a column: a type or user by its title."""
        if has_users and column in economic_units():
            return str(getattr(economic_units()[column], self.language))
        if has_key(self.language, f"report.seea-column.{column}"):
            return self._say(f"seea-column.{column}")
        return self._type(column)

    def _cell(self, column: str, row: dict[str, object]) -> Cell:
        """Return a cell of a table."""
        value = row[column]
        if column in ("from", "to", "year"):
            return Cell(str(value))
        if isinstance(value, str):
            return Cell(self._word(column, value, row))
        if isinstance(value, int):
            return Cell(value, "number", 0)
        number = float(str(value))
        if number != number:  # NaN: not told, no such service, or missing
            return Cell(self._blank(column, row))
        is_sum = row.get("category") in _SUMS or row.get("entry") in _TOTAL_ENTRIES
        is_sum |= row.get("class") == INDEX
        style: StyleName = "total" if is_sum or column in (TOTAL, "supply") else "number"
        return Cell(number, style, decimals_of(number))

    def _blank(self, column: str, row: dict[str, object]) -> str:
        """Word a cell without a number."""
        if row.get("status") == NOT_COMPILED:
            return self._say("book.gap") if column == "supply" else ""
        if "status" in row:
            return self._say("book.none") if column == "supply" else ""
        return self._say("seea.not-told") if column == TOTAL else ""

    def _word(self, column: str, value: str, row: dict[str, object]) -> str:
        """Put a text of a table into words."""
        if column == "service" and row["reason"]:
            return self._say("seea.apart", reason=self._say(f"seea-reason.{row['reason']}"))
        if not value:
            return ""
        if column in ("class", "direction", "entry"):
            return self._say(f"seea-{column}.{value}")
        if column in ("ecosystem", "opening"):
            return self._type(value)
        if column == "category":
            return self._category(value)
        if column == "service":
            return self._service(value)
        if column == "indicator":
            return self._indicator(value, str(row.get("step", "")))
        if column in ("grade", "match_grade", "share_grade"):
            return grade_title(value, self.language)
        if column == "get":
            return self._typology_class(value)
        if column == "unit" and "indicator" in row:  # units of condition are words of the project
            return spoken(value, self.language)
        return self._say("seea.not-told") if value == NOT_TOLD else value

    def _category(self, value: str) -> str:
        """Name a category of indicators, or a sum."""
        if value in CATEGORIES:
            return category_title(value, self.language)
        return self._say(f"seea-sum.{value}")

    def _indicator(self, value: str, step: str) -> str:
        """Name an indicator, or one of its steps."""
        plan = self.account.plan
        if step:
            return step_title(plan.step(f"{value}.{step}"), self.language)
        names = {each.id: each.name for each in plan.standard.spec.indicator}
        return names[value].say(self.language)

    def _service(self, value: str) -> str:
        """Name services of the reference list; those in one figure with a sign between them."""
        services = reference_services()
        titles = []
        for name in value.split():
            service = services[name]
            titles.append(getattr(service, self.language))
        return " + ".join(titles)

    def _type(self, name: str) -> str:
        """Name an ecosystem type, or land that is not accounted for."""
        if name == "na":
            return self._say("seea.not-accounted")
        scheme = self.account.plan.scheme
        zh, en = scheme.titles.get(name, (name, name))
        titles = {
            "zh": zh or en,
            "en": en or zh,
        }
        return titles[self.language]

    def _typology_class(self, name: str) -> str:
        """Name a class of the IUCN typology; none for a type of several classes."""
        titles = typology_classes().titles
        if name not in titles:
            return ""
        return titles[name][LANGUAGES.index(self.language)]

    # --- remarks ---------------------------------------------------------------------------------

    def _remarks_on_changes(self) -> Iterator[str]:
        """Yield how changes of areas and assets were told apart."""
        extent = self.tables.extent
        assets = self.tables.assets
        if len(assets):
            yield self._say("seea-remark.assets")
            if assets["entry"].isin((VOLUME, UNSEPARATED)).any():
                yield self._say("seea-remark.not-separated")
        if len(extent) and extent["entry"].str.endswith(_REAPPRAISAL).any():
            yield self._say("seea-remark.reappraisal")

    def _remarks(self) -> Iterator[str]:
        """Yield what the tables leave out, what is recalled, and what is to be looked at."""
        tables = self.tables
        yield self._say("seea-remark.recalled")
        yield self._say("seea-remark.condition" if tables.condition.empty else "seea-remark.index")
        yield self._say("seea-remark.use" if tables.values_use.empty else "seea-remark.users")
        yield from self._remarks_on_changes()
        yield self._say("seea-remark.exchange")
        if len(tables.accounts) == 1:
            yield self._say("seea-remark.single-year")
        if tables.extent.empty:
            yield self._say("seea-remark.no-extent")
        is_parent = tables.region not in self.account.plan.extent.regions
        if is_parent and self.account.plan.sums_of_parts:
            yield self._say("seea-remark.sum-of-parts")
        periods: Sequence[str] = [f"{first}-{last}" for first, last in tables.net_only]
        if periods:
            yield self._say("seea-remark.net-only", periods=self._say("book.joint").join(periods))
        if not tables.types["get_code"].any():
            yield self._say("seea-remark.no-typology")
        if tables.discounting is None:
            yield self._say("seea-remark.no-rate")
        elif tables.assets.empty:
            yield self._say("seea-remark.nothing-listed")
        if len(tables.values) and (tables.values["reason"] == "not_in_crosswalk").any():
            yield self._say("seea-remark.not-in-crosswalk")
        warnings = warnings_of([account.plan for account in tables.accounts])
        for problem in [*tables.warnings, *warnings]:
            yield problem.say(self.language)
