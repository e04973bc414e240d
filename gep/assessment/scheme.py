"""Schemes (考核方案), kinds of schemes, and assessments: the types that every kind shares.

A scheme's ``kind`` says what it computes. Each kind has a package with a specification of its TOML,
and gathers what can be done with such schemes in a :class:`Kind`; ``gep.assessment.kinds`` knows
them all. The module also checks what every scheme states about itself, and what several kinds have
in common: ids, sources, units, readings, grades.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from gep.account.frames import table_as_numbers
from gep.assessment.context import AssessmentContext
from gep.assessment.published import PublishedItem, SubjectClasses
from gep.assessment.readings import (
    GROWTHS,
    SIZES,
    Reading,
    SchemeReading,
    account_names,
    line_of,
)
from gep.errors import Problem, ProblemLog, Where
from gep.inputs.value_rows import unit_fault
from gep.io.argument_types import checked_arguments
from gep.io.csv_excel import row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import is_date, suggestion
from gep.io.toml_documents import Frozen, Source, Title, TitleField
from gep.texts.catalogue import Language, Sayable, Text, locale_language, text
from gep.units import UnitError, factor

_REST_OF_DAY = {4: "-01-01", 7: "-01"}  # by the length of a year, a year and month


class Grade(Frozen):
    """A grade and the score from which it is given; the lowest has no ``from``."""

    name: TitleField
    from_: float | None = Field(default=None, alias="from")


class SchemeSpec(Frozen):
    """The keys of every scheme's TOML.

    Attributes
    ----------
    id : str
        Names the folder of results.
    kind : str
        One of ``gep.assessment.kinds.KINDS``.
    source : str
        One of ``sources``.
    evidence, legal : str
        How the source was read; its legal force.
    valid_from, valid_to : str
        ``2016``, ``2016-12`` or ``2016-12-02``; blank if not stated.
    replaced_by : str
    note : str
    years : tuple of int
        The years that it assesses, if they are not those of the project's assessment.
    department : dict of str to Title
        The department that has the data, by name of data.
    sources : dict of str to Source
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    title: TitleField
    kind: Literal["score", "index", "geep", "balance", "audit", "allocation", "register"]
    source: str
    evidence: Literal["verified", "published", "recalled", "placeholder"]
    legal: Literal["in_force", "trial", "draft", "superseded", "unchecked", "research"]
    valid_from: str = ""
    valid_to: str = ""
    replaced_by: str = ""
    note: str = ""
    years: tuple[int, ...] = ()
    department: dict[str, TitleField] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Scheme(ShownAsTable):
    """A scheme as it was read. Each kind adds what is in tables beside the TOML.

    Attributes
    ----------
    spec : SchemeSpec
        The TOML.
    path : Path
        The file of the TOML.
    files : tuple of Path
        The TOML and the tables beside it.
    kind : Kind
        What can be done with the scheme.
    """

    spec: SchemeSpec
    path: Path
    files: tuple[Path, ...]
    kind: "Kind[Any, Any]"

    @property
    def id(self) -> str:
        """The scheme's id."""
        return self.spec.id

    def _shown_size(self) -> str:
        """Return how much it holds."""
        return f"{self.id}, {self.spec.kind}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        spec = self.spec
        cells = {
            "id": spec.id,
            "title": spec.title,
            "kind": spec.kind,
            "evidence": spec.evidence,
            "legal": spec.legal,
            "source": spec.source,
        }
        return pd.DataFrame([{name: str(cell) for name, cell in cells.items()}])


Explain = Callable[[str, int, str, Language], list[str]]  # region, year, item, language
Items = Callable[[str, int], Collection[str]]  # region, year


@dataclass(frozen=True, repr=False)
class Assessment(ShownAsTable):
    """The result of a scheme.

    Attributes
    ----------
    scheme : Scheme
    tables : mapping of str to DataFrame
        Result tables by file name, such as ``scores.csv``.
    explain : callable
        Takes region, year, item and language; returns lines that say how the number came about,
        from its rule down to the rows read.
    items : callable
        Takes region and year; returns the items that ``explain`` knows there.
    account_readings : mapping of str to Reading
        For items that rest on the account, what they read of it.
    warnings : tuple of Problem
    caption : tuple of Text or Title
        Lines to be printed with every table, to be worded by ``say``.
    names : mapping of str to Sayable
        Names of indicators, components or items, by id.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "resource": "timber", "class": "natural", "unit": "m3"}
    >>> stocks = pd.DataFrame([row | {"year": 2015, "stock": 5}, row | {"year": 2016, "stock": 6}])
    >>> stocks["source"] = "survey"
    >>> assessed = gep.assess("balance-sheet-2015", stocks=stocks, years=[2015, 2016])
    >>> assessed.frame("balance")["value"].dtype
    dtype('float64')
    """

    scheme: Scheme
    tables: Mapping[str, pd.DataFrame]
    explain: Explain
    items: Items
    account_readings: Mapping[str, Reading] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    caption: tuple[Text | Title, ...] = ()
    names: Mapping[str, Sayable] = field(default_factory=dict)

    @checked_arguments
    def frame(self, name: str = "") -> pd.DataFrame:
        """Return a result table as numbers.

        Parameters
        ----------
        name : str, optional
            Name of the file, with or without ``.csv``; by default the first of ``tables``.

        Returns
        -------
        DataFrame
            In the units of the file; NaN where it says ``na``, ``not_compiled`` or nothing, and
            the column ``status``: number, none, not_compiled.

        Raises
        ------
        ProblemsFound
            ``unknown-id`` if there is no such table.
        """
        return table_as_numbers(self.tables, name)

    def __repr__(self) -> str:
        """Return a line: the scheme and its tables."""
        return f"<Assessment by {self.scheme.id}: {', '.join(self.tables)}>"

    def _shown_lines(self) -> list[str]:
        """Return what the scheme is, and what must be said of its result."""
        language = locale_language()
        spec = self.scheme.spec
        standing = (text(f"report.evidence.{spec.evidence}"), text(f"account.legal.{spec.legal}"))
        lines = [spec.title.say(language), *(words.say(language) for words in standing)]
        return [*lines, *(line.say(language) for line in self.caption)]

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it: the first table with rows."""
        filled = [table for table in self.tables.values() if len(table)]
        return filled[0] if filled else pd.DataFrame()

    def _shown_whole(self) -> str:
        """Return what gives a whole table."""
        name = next((name for name, table in self.tables.items() if len(table)), "")
        return f'.frame("{name.removesuffix(".csv")}")' if name else ""


SpecT = TypeVar("SpecT", bound=SchemeSpec)
SchemeT = TypeVar("SchemeT", bound=Scheme)


def no_ids(scheme: Scheme) -> set[str]:
    """Return the empty set: the answer of kinds that have nothing of the sort."""
    return set()


def no_rows(scheme: Scheme, rows: pd.DataFrame) -> pd.Series:
    """Return that no row of a register is read: the answer of kinds that read none."""
    return pd.Series(False, index=rows.index)


def unlisted_ids(scheme: Scheme) -> set[str] | None:
    """Return None: the answer of kinds that do not list their ids."""
    return None


def no_readings(scheme: Scheme) -> list[SchemeReading]:
    """Return the empty list: the answer of kinds that have no readings."""
    return []


def nothing_published(scheme: Scheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return the empty dictionary: the answer of kinds that publish nothing."""
    return {}


def no_subjects(scheme: Scheme, context: AssessmentContext) -> SubjectClasses | None:
    """Return None: the answer of kinds that give no classes to subjects of a register."""
    return None


def no_scheme(scheme: Scheme) -> str:
    """Return the empty string: the answer of kinds that take no classes of another scheme."""
    return ""


def best_grade(scheme: Scheme, context: AssessmentContext) -> int:
    """Return the best grade: the answer of kinds all of whose numbers are readings."""
    return 0


@dataclass(frozen=True)
class Kind(Generic[SpecT, SchemeT]):
    """What can be done with the schemes of one kind.

    Attributes
    ----------
    name : str
        The ``kind`` of the TOML.
    spec : type
        Model of the TOML.
    load : callable
        Takes a valid TOML, its path, and problems; reads the tables beside it and returns the
        scheme. A table that cannot be read is reported and taken as empty, so that the rest of the
        scheme is checked as well.
    check : callable
        Takes a scheme and problems; adds what is wrong with the scheme itself.
    check_inputs : callable
        Takes a scheme, a context and problems; adds what the scheme needs and the context does not
        have.
    assess : callable
        Takes a scheme and a context in which nothing is wrong; returns the assessment.
    bases : callable
        Takes a scheme; returns the bases of accounts that it reads.
    target_ids : callable
        Takes a scheme; returns the indicators that a target may name, or None if the kind does not
        list them.
    event_ids : callable
        Takes a scheme; returns the events that bear on it.
    made_up : callable
        Takes a scheme; returns the ids of its parts that are made up (grade ``placeholder``).
    readings : callable
        Takes a scheme; returns all its readings, from which its references to other schemes and
        the grade of evidence of its results follow.
    published : callable
        Takes a scheme and a context; returns the items that other schemes may read, by id.
    table_grade : callable
        Takes a scheme and a context; returns the worst grade of evidence (a code of
        ``gep.inputs.value_rows.GRADES``) of what it takes from tables other than by readings.
    register_rows : callable
        Takes a scheme and the rows of a register; returns which of them it reads.
    register_words : callable
        Takes a scheme; returns the items and events of a register that it knows.
    subject_classes : callable
        Takes a scheme and a context; returns the classes that it gives to subjects of a register.
    class_source : callable
        Takes a scheme; returns the id of the scheme whose classes of subjects it takes.
    """

    name: str
    spec: type[SpecT]
    load: Callable[[SpecT, Path, ProblemLog], SchemeT]
    check: Callable[[SchemeT, ProblemLog], None]
    check_inputs: Callable[[SchemeT, AssessmentContext, ProblemLog], None]
    assess: Callable[[SchemeT, AssessmentContext], Assessment]
    bases: Callable[[SchemeT], set[str]] = no_ids
    target_ids: Callable[[SchemeT], set[str] | None] = unlisted_ids
    event_ids: Callable[[SchemeT], set[str]] = no_ids
    made_up: Callable[[SchemeT], Collection[str]] = no_ids
    readings: Callable[[SchemeT], Sequence[SchemeReading]] = no_readings
    published: Callable[[SchemeT, AssessmentContext], Mapping[str, PublishedItem]] = (
        nothing_published
    )
    table_grade: Callable[[SchemeT, AssessmentContext], int] = best_grade
    register_rows: Callable[[SchemeT, pd.DataFrame], pd.Series] = no_rows
    register_words: Callable[[SchemeT], set[str]] = no_ids
    subject_classes: Callable[[SchemeT, AssessmentContext], SubjectClasses | None] = no_subjects
    class_source: Callable[[SchemeT], str] = no_scheme


def check_head(scheme: Scheme, problems: ProblemLog) -> None:
    """Check what every scheme states: its source and the days from and to which it holds.

    Parameters
    ----------
    scheme : Scheme
    problems : ProblemLog
        Collects ``unknown-source`` and ``bad-date``.
    """
    spec = scheme.spec
    label = scheme.path.name
    check_source(spec.source, spec.sources, f"{label} source", problems)
    days = {"valid_from": spec.valid_from, "valid_to": spec.valid_to}
    are_days = True
    for key, day in days.items():
        if day and not is_date(day + _REST_OF_DAY.get(len(day), "")):
            problems.add("bad-date", f"{label} {key}", "assessment.bad-validity", day=day)
            are_days = False
    known = min(len(spec.valid_from), len(spec.valid_to))
    if are_days and spec.valid_to[:known] < spec.valid_from[:known]:
        problems.add("bad-date", f"{label} valid_to", "assessment.validity-order", **days)


def check_source(
    source: str, sources: Mapping[str, object], where: Where, problems: ProblemLog
) -> None:
    """Check that a source that a scheme cites is described in it.

    Parameters
    ----------
    source : str
    sources : mapping of str to object
        The scheme's ``[sources]``.
    where : Where
        The place that cites it.
    problems : ProblemLog
        Collects ``unknown-source``.
    """
    if source not in sources:
        hint = suggestion(source, sources)
        problems.add("unknown-source", where, "assessment.unknown-source", source=source, hint=hint)


def check_unit(unit: str, where: Where, problems: ProblemLog, target: str | None = None) -> None:
    """Check a unit that a scheme states.

    Parameters
    ----------
    unit : str
    where : Where
    problems : ProblemLog
        Collects ``blank``, ``unknown-unit`` and ``wrong-dimension``.
    target : str, optional
        A unit of what should be measured.
    """
    fault = unit_fault(unit, target)
    if fault is not None:
        code, reason = fault
        problems.add(code, where, "assessment.bad-unit", reason=reason)


def check_unique_ids(ids: Iterable[str], where: str, problems: ProblemLog) -> None:
    """Check that each part of a scheme has an id of its own.

    Parameters
    ----------
    ids : iterable of str
    where : str
        The list that the parts are in, such as ``scheme.toml event``.
    problems : ProblemLog
        Collects ``duplicate-id``, one for each id.
    """
    for name, count in Counter(ids).items():
        if count > 1:
            problems.add(
                "duplicate-id", f"{where} {name}", "assessment.duplicate-id", id=name, count=count
            )


def check_reading(
    reading: Reading, unit: str, context: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Check that a reading can be read: its line or rows exist, and units fit.

    Readings of other schemes are checked by ``gep.assessment.references``, for all schemes of a
    project together.

    Parameters
    ----------
    reading : Reading
    unit : str
        The unit that the scheme asks for.
    context : AssessmentContext
    where : Where
        The place in the scheme that names the reading.
    problems : ProblemLog
        Collects ``unknown-reading``, ``wrong-keys`` (several rows of a region in a year),
        ``wrong-dimension``, and ``missing-data`` for a land area or population of other years only.
    """
    error_count = len(problems.errors)
    _check_source_of(reading, unit, context, where, problems)
    if reading.form in SIZES and len(problems.errors) == error_count:
        _check_sizes(reading, unit, context, where, problems)


def _check_sizes(
    reading: Reading, unit: str, context: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Check that what a form divides by is known in each year with a level."""
    name, size_unit = SIZES[reading.form]
    if name not in context.data_units:
        return
    error_count = len(problems.errors)
    _check_data_reading(Reading(data=name), size_unit, context, where, problems)
    if len(problems.errors) > error_count:
        return
    rows = context.readings.rows
    with_rows = set(rows.loc[(rows["name"] == name).to_numpy(), "region"])
    has_rows = np.array([code in with_rows for code in context.regions], dtype=bool)
    level_reading = reading.model_copy(update={"form": "level"})
    for year in context.years:
        level = context.read(level_reading, unit, year)
        size = context.sizes_of(reading.form, year).reindex(list(context.regions))
        is_unread = size["where"].fillna("").to_numpy() == ""
        lacks = np.isfinite(level.value) & has_rows & is_unread
        if lacks.any():
            regions = [
                context.label(context.regions[position]) for position in np.flatnonzero(lacks)
            ]
            values = {"name": name, "year": year, "regions": regions}
            problems.add("missing-data", where, "assessment.size-of-other-years", **values)


def _check_source_of(
    reading: Reading, unit: str, context: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Check that the line, rows or scheme of a reading exist, and that units fit."""
    if reading.scheme:
        return
    if reading.form in GROWTHS:
        _check_unit("1", unit, reading, where, problems)
    if reading.data:
        _check_data_reading(reading, unit, context, where, problems)
        return
    comparison = context.comparisons.get(reading.basis)
    if comparison is None:
        problems.add(
            "unknown-reading",
            where,
            "assessment.no-accounts-at-basis",
            basis=reading.basis,
            hint=text(f"assessment.basis-fix.{reading.basis}"),
        )
        return
    line = line_of(comparison, reading.account)
    if line is None:
        problems.add(
            "unknown-reading",
            where,
            "assessment.unknown-line",
            name=reading.account,
            hint=suggestion(reading.account, account_names(comparison)),
        )
    elif reading.form not in GROWTHS:
        line_unit = str(comparison.lines["unit"].iloc[line])
        _check_unit(line_unit, unit, reading, where, problems)


def _check_data_reading(
    reading: Reading, unit: str, context: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Check that data rows exist, one for each region and year, in units that fit."""
    name = reading.data
    units = context.data_units.get(name)
    if units is None:
        problems.add(
            "unknown-reading",
            where,
            "assessment.no-data-rows",
            name=name,
            hint=suggestion(name, context.data_units),
        )
        return
    target = units[0] if reading.form in GROWTHS else unit
    same_unit = all(word == target for word in units)
    if same_unit and name not in context.repeated_names:
        return
    rows = context.readings.rows
    is_read = rows["name"] == name
    rows = rows[is_read.to_numpy()]
    is_repeated = rows.duplicated(["region", "year"])
    repeated = rows[is_repeated.to_numpy()]
    for file, repeated_rows in repeated.groupby("file", sort=False, observed=True):
        place = row_place(str(file), repeated_rows["row"])
        problems.add("wrong-keys", place, "assessment.several-rows", name=name)
    for (file, word), unit_rows in rows.groupby(["file", "unit"], sort=False, observed=True):
        place = row_place(str(file), unit_rows["row"])
        _check_unit(str(word), target, reading, place, problems)


def _check_unit(
    unit: str, target: str, reading: Reading, where: Where, problems: ProblemLog
) -> None:
    """Check that the unit of what is read can be converted."""
    if unit == target:
        return
    try:
        factor(unit, target)
    except UnitError as error:
        problems.add(
            "wrong-dimension",
            where,
            "assessment.reading-unit",
            reading=str(reading),
            reason=error.args[0],
            unit=target,
        )


def check_grades(grades: Iterable[Grade], where: Where, problems: ProblemLog) -> None:
    """Check that cut-offs of grades descend, that only the last has none, and that names differ.

    Parameters
    ----------
    grades : iterable of Grade
        The best first.
    where : Where
    problems : ProblemLog
        Collects ``grade-cutoffs``.
    """
    grades = list(grades)
    for grade in grades[:-1]:
        if grade.from_ is None:
            problems.add(
                "grade-cutoffs", where, "assessment.grade-without-cutoff", grade=grade.name
            )
    cutoffs = [grade.from_ for grade in grades if grade.from_ is not None]
    for higher, lower in pairwise(cutoffs):
        if lower >= higher:
            problems.add(
                "grade-cutoffs",
                where,
                "assessment.cutoffs-not-descending",
                cutoffs=[f"{cutoff:g}" for cutoff in cutoffs],
            )
            break
    names = Counter(grade.name.zh for grade in grades)
    for grade in grades:
        if names[grade.name.zh] > 1:
            problems.add("grade-cutoffs", where, "assessment.grade-twice", grade=grade.name)


def grade_of(score: float, grades: Iterable[Grade], language: Language = "zh") -> str:
    """Return the grade of a score.

    Parameters
    ----------
    score : float
        Not NaN.
    grades : iterable of Grade
        The best first.
    language : {'zh', 'en'}, default 'zh'

    Returns
    -------
    str
        Blank if the scheme gives no grade for the score.
    """
    for grade in grades:
        if grade.from_ is None or score >= grade.from_:
            return grade.name.say(language)
    return ""
