"""The workbook of an account (核算表): what a county prints, checks, signs and hands in.

The module owns the cover, the sources of numbers and the remarks; sheets of numbers are made in
``gep.report.account_sheets``, and written by ``gep.io.workbook``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep import __version__
from gep.account.account import Account
from gep.account.caption import percents
from gep.account.publication import NOTHING, Withheld
from gep.errors import Problem
from gep.inputs.value_rows import GRADES, KEYS, grade_names, grade_title, member_word
from gep.io.workbook import BookSheet, Cell, save_workbook
from gep.plan.binding import BoundInput
from gep.plan.blank_form import spoken
from gep.plan.plan import Plan
from gep.plan.prices import NOMINAL
from gep.project.project import Project
from gep.report.account_sheets import AccountSheets
from gep.report.layout_tables import layout_sheets
from gep.report.live_cells import MOST_ROWS
from gep.report.table_pages import cover_page, remarks_page, standing_facts, switch_lines
from gep.standards.standard import DeclaredName
from gep.texts.catalogue import LANGUAGES, Label, Language, say


def workbook_name(language: Language) -> str:
    """Return the file name of the workbook: 核算表.xlsx, or account.xlsx.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return f"{say(language, 'report.book.file')}.xlsx"


WORKBOOKS = tuple(workbook_name(language) for language in LANGUAGES)
_PLACE = ("set", "file", "row")
_OF_SETS = (
    *KEYS,
    "value",
    "na",
    "unit",
    "price_year",
    "source",
    "locator",
    "set",
    "file",
    "row",
)


def save_account_workbook(
    path: Path,
    project: Project,
    accounts: Sequence[Account],
    warnings: Sequence[Problem],
    *,
    left_out: Withheld | None = None,
) -> None:
    """Write the workbook of a project's accounts, in the project's language.

    Parameters
    ----------
    path : Path
        A new ``.xlsx`` in a folder that nobody else writes to.
    project : Project
    accounts : sequence of Account
        One for each year.
    warnings : sequence of Problem
        What should be looked at.
    left_out : Withheld, optional
        What the public edition leaves out; without it the workbook is not for the public.
    """
    language = project.language
    maker = AccountSheets(accounts, language, left_out=left_out or NOTHING)
    sheets = [*maker.make(), *layout_sheets(maker)]
    sources = [_parameters(maker), _data(maker)]
    edition = "" if left_out is None else _edition(left_out, language)
    remarks = _remarks(maker, [] if edition else warnings)  # warnings name rows and their values
    cover = _cover(maker, project, [*sheets, *sources, remarks], edition)
    save_workbook(path, [cover, *sheets, *sources, remarks], language)


# --- cover ---------------------------------------------------------------------------------------


def _edition(left_out: Withheld, language: Language) -> str:
    """Say what the public edition leaves out."""
    return say(
        language,
        "report.book.public",
        marked=left_out.marked,
        others=len(left_out.rows) - left_out.marked,
        figures=len(left_out.figures),
        sums=len(left_out.sums),
    )


def _cover(
    maker: AccountSheets, project: Project, sheets: Sequence[BookSheet], edition: str
) -> BookSheet:
    """Make the first sheet: what this is, on what it rests, and lines for signatures."""
    language = maker.language
    return cover_page(
        title=project.spec.project.title.say(language),
        lines=[*filter(None, [edition]), *maker.accounts[-1].caption(language)],
        facts=_facts(maker, project),
        sheets=sheets,
        language=language,
    )


def _facts(maker: AccountSheets, project: Project) -> Iterator[tuple[str, str]]:
    """Yield what the cover says, by the key of its label."""
    language = maker.language
    header = project.spec.project
    plan = maker.accounts[-1].plan
    years = [str(account.year) for account in maker.accounts]
    yield "years", maker.say("book.joint").join(years)
    yield "regions", maker.say("book.regions", count=len(plan.extent.regions))
    yield from standing_facts(project, plan)
    if maker.has_values:
        key = "current" if header.price_year is None else "constant"
        yield "prices", maker.say(f"book.{key}", year=header.price_year)
        yield "unit", maker.unit(maker.money.unit)
    sets = [Label(each.label, each.header.title).say(language) for each in plan.sets]
    yield "sets", maker.say("book.joint").join(sets) or maker.say("book.none")
    for account in maker.accounts if maker.left_out == NOTHING else ():
        shares = percents(account.shares()["grade"])
        words_of = [
            f"{grade_title(name, maker.language)} {share}" for name, share in shares.items()
        ]
        yield "grades", f"{account.year}: {maker.say('book.joint').join(words_of)}"
    yield "software", f"gep {__version__}"


# --- sources -------------------------------------------------------------------------------------


def _parameters(maker: AccountSheets) -> BookSheet:
    """Make the sheet of the coefficient rows that were used, each with its source."""
    names = ["parameter", "keys", "number", "unit", "price_year", "grade", "source", "locator"]
    names += ["set", "file", "used_by"]
    sheet = maker.start("parameters", names, frozen=1)
    widths = (20.0, 16.0, 11.0, 10.0, 8.0, 10.0, 32.0, 26.0, 16.0, 16.0, 32.0)
    sheet.widths = widths
    sheet.add_line(maker.say("book.parameters"))
    rows: dict[tuple[str, str, int], list[Cell]] = {}
    users: dict[tuple[str, str, int], dict[str, None]] = {}
    hidden = maker.left_out.rows
    for account in maker.accounts:
        for use in _uses(account.plan, maker.language):
            for row in use.rows_of_sets(hidden):
                key = (row["set"], row["file"], row["row"])
                steps = users.setdefault(key, {})
                steps.setdefault(use.user)
                if key not in rows:
                    rows[key] = _parameter_cells(maker, account.plan, row, use.title)
    if len(rows) > MOST_ROWS:
        line = maker.say("book.limited-rows", sheet=sheet.title, shown=MOST_ROWS, count=len(rows))
        maker.limits.append(line)
        sheet.add_line(line)
    sheet.add_headings(maker.headings(names))
    titles = list(dict.fromkeys(cells[0].value for cells in rows.values()))

    def place(key: tuple[str, str, int]) -> tuple[int, list[str]]:
        title, keys, number, unit, price_year, *others = rows[key]
        words = [str(cell.value) for cell in (keys, price_year, number, unit, *others)]
        return titles.index(title.value), words

    for key in sorted(rows, key=place)[:MOST_ROWS]:  # not by the rows of files, which may move
        sheet.add(*rows[key], Cell(maker.say("book.joint").join(users[key])))
    return sheet


def _parameter_cells(
    maker: AccountSheets, plan: Plan, row: Mapping[str, Any], title: str
) -> list[Cell]:
    """Return the cells of a coefficient row."""
    number = Cell(maker.say("book.none"))
    if not row["na"]:
        number = Cell(float(row["value"]), "number", 4)
    sources = {each.label: each.sources for each in plan.sets}.get(row["set"], {})
    source = row["source"]
    if source in sources:
        document = sources[source]
        words = (document.title.say(maker.language), document.number, document.date)
        source = " ".join(word for word in words if word)
    price_year = str(row["price_year"])
    return [
        Cell(title),
        Cell(_key_words(maker, plan, row)),
        number,
        Cell(spoken(row["unit"], maker.language)),
        Cell(maker.say("book.unstated-year") if price_year == NOMINAL else price_year),
        Cell(grade_title(row["grade_name"], maker.language)),
        Cell(source),
        Cell(row["locator"]),
        Cell(row["set"]),
        Cell(row["file"]),  # no number of the row: it moves, and plan.csv has it
    ]


def _data(maker: AccountSheets) -> BookSheet:
    """Make the sheet of the data that were used: rows of one name and source together."""
    names = ["data", "unit", "count", "grade", "source", "file", "used_by"]
    sheet = maker.start("data", names, frozen=1)
    sheet.widths = (34.0, 14.0, 8.0, 14.0, 60.0, 26.0, 40.0)
    sheet.add_line(maker.say("book.data"))
    sheet.add_headings(maker.headings(names))
    numbers: dict[tuple[str, ...], list[np.ndarray]] = {}
    users: dict[tuple[str, ...], dict[str, None]] = {}
    area = maker.say("book.area")
    for account in maker.accounts:
        uses = list(_uses(account.plan, maker.language))
        uses.append(_Use(account.plan.extent.parts.assign(set=""), "own_grade", area, ""))
        for use in uses:
            for kind, numbers_of_kind in use.data_rows(maker.left_out.rows):
                key = (use.title, *kind)
                numbers.setdefault(key, []).append(numbers_of_kind)
                users.setdefault(key, {}).setdefault(use.user)
    titles = list(dict.fromkeys(entry[0] for entry in numbers))
    entries = sorted(numbers, key=lambda entry: (titles.index(entry[0]), entry))
    for entry in entries[:MOST_ROWS]:  # not by the rows of files, which may move
        title, unit, grade, source, file = entry
        count = len(pd.unique(np.concatenate(numbers[entry])))
        sheet.add(
            Cell(title),
            Cell(spoken(unit, maker.language)),
            Cell(float(count), "number", 0),
            Cell(grade_title(grade, maker.language)),
            Cell(source),
            Cell(file),
            Cell(maker.say("book.joint").join(filter(None, users[entry]))),
        )
    return sheet


@dataclass(frozen=True)
class _Use:
    """Rows that a step uses, with the title of what they are and of the step."""

    frame: pd.DataFrame
    grade: str  # its column that holds the grade of the rows themselves
    title: str
    user: str

    def rows_of_sets(self, hidden: Collection[tuple[str, int]]) -> Iterator[dict[str, Any]]:
        """Yield the rows of coefficient sets, with the name of their grade."""
        is_shown = self._is_shown(~self._is_data, hidden)
        if not is_shown.any():
            return
        grades = self.frame[self.grade].to_numpy()[is_shown]
        lists = {name: self.frame[name].to_numpy()[is_shown].tolist() for name in _OF_SETS}
        lists["grade_name"] = grade_names(grades).tolist()
        for cells in zip(*lists.values(), strict=True):
            yield dict(zip(lists, cells, strict=True))

    def data_rows(
        self, hidden: Collection[tuple[str, int]]
    ) -> Iterator[tuple[tuple[str, str, str, str], np.ndarray]]:
        """Yield unit, name of grade, source and file of the rows of data, with their numbers."""
        is_shown = self._is_shown(self._is_data, hidden)
        if not is_shown.any():
            return
        columns = [self.frame[column] for column in ("unit", self.grade, "source", "file")]
        kinds = self.frame["row"].groupby(columns, sort=False, observed=True).ngroup().to_numpy()
        numbers = self.frame["row"].to_numpy()
        for kind in np.unique(kinds[is_shown]):
            rows = np.flatnonzero(is_shown & (kinds == kind))
            unit, grade, source, file = (column.iloc[rows[0]] for column in columns)
            yield (unit, GRADES[int(grade)], source, file), numbers[rows]

    @cached_property
    def _is_data(self) -> np.ndarray:
        """Whether each row is one of data, of no coefficient set."""
        return np.asarray(self.frame["set"].to_numpy() == "", dtype=bool)

    def _is_shown(self, is_chosen: np.ndarray, hidden: Collection[tuple[str, int]]) -> np.ndarray:
        """Return which of the chosen rows are not hidden."""
        if not hidden:
            return is_chosen
        places = zip(self.frame["file"], self.frame["row"].astype(int), strict=True)
        is_hidden = [place in hidden for place in places]
        return np.asarray(is_chosen & ~np.array(is_hidden, dtype=bool), dtype=bool)


def _uses(plan: Plan, language: Language) -> Iterator[_Use]:
    """Yield the rows behind every input of a step: data, coefficients and price indices."""
    spec = plan.standard.spec
    for step in plan.steps:
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput) or not len(bound.used) or "area" in bound.frame:
                continue
            binding = step.bindings[argument]
            step_title = step.label.title
            user = step.name if step_title is None else step_title.say(language)
            declared: Mapping[str, DeclaredName] = spec.data if binding.data else spec.coefficient
            name = binding.data or binding.coef
            title = declared[name].name.say(language) if name in declared else name
            yield _Use(bound.used, "own_grade", title, user)
            if bound.index is not None and len(bound.index):
                yield _Use(bound.index, "grade", say(language, "report.book.price-index"), user)


def _key_words(maker: AccountSheets, plan: Plan, row: Mapping[str, Any]) -> str:
    """Return the keys of a row by their names."""
    words = []
    for key in KEYS:
        member = row.get(key, "")
        if not member:
            continue
        if key == "region":
            words.append(maker.region_name(maker.accounts[-1], member))
        elif key == "ecosystem":
            title = plan.scheme.label(member).title
            words.append(member if title is None else title.say(maker.language) or member)
        else:
            words.append(member_word(key, member, maker.language))
    return maker.say("book.joint").join(words)


# --- remarks -------------------------------------------------------------------------------------


def _remarks(maker: AccountSheets, warnings: Sequence[Problem]) -> BookSheet:
    """Make the sheet of remarks: how to read the tables, what they leave out, what to look at."""
    remarks = [maker.say("book.none-note"), maker.say("book.formulas")]
    if maker.accounts[-1].plan.sums_of_parts:
        remarks.append(say(maker.language, "account.table.sum-of-parts"))
    remarks += switch_lines(maker.accounts[-1].plan, maker.language)
    remarks += maker.limits
    remarks += [problem.say(maker.language) for problem in warnings]
    return remarks_page(maker.title, remarks, "manifest.json", maker.language)
