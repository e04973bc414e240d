"""What a project brings to its tables of SEEA EA (生态系统核算补充表): condition, users, losses.

An account knows areas and values; which variables tell the condition of an ecosystem, who uses a
service, and which losses were catastrophes are tables of the project. This module reads them and
checks them against the accounts, all at once and before anything is computed. Nothing is filled in:
what a table does not have stays untold. What is made of them is left to ``seea_condition``,
``seea_use`` and ``seea_assets``.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import SHARE_SUM_TOLERANCE, check_share_range, class_hint
from gep.inputs.value_rows import (
    GRADE,
    check_duplicates,
    check_not_blank,
    in_column,
    read_grades,
    read_years,
)
from gep.io.arguments import TableSource
from gep.io.tables import (
    Columns,
    Table,
    check_region_codes,
    make_spellings,
    read_numbers,
    read_table,
    recognize,
    suggestion,
)
from gep.plan.plan import Plan
from gep.report.seea_services import (
    Matches,
    load_matches,
    services_of_standard,
    shipped_rows,
)
from gep.texts.catalogue import Listed

# Classes of the condition typology in their groups (Table 5.1).
CONDITION_CLASSES = {
    "physical": "abiotic",
    "chemical": "abiotic",
    "compositional": "biotic",
    "structural": "biotic",
    "functional": "biotic",
    "landscape": "landscape",
}
MORE, LESS = "more", "less"  # what is better
DIRECTIONS = (MORE, LESS)
_EVIDENCE = ("locator", "grade", "note")
_CONDITION = Columns(
    required=(
        "region",
        "ecosystem",
        "variable",
        "class",
        "direction",
        "year",
        "value",
        "unit",
        "low",
        "high",
        "source",
    ),
    optional=("weight", *_EVIDENCE),
)
_USE = Columns(
    required=("service", "user", "share", "source"),
    optional=("region", "year", *_EVIDENCE),
)
_LOSSES = Columns(
    required=("from", "to", "ecosystem", "event", "share", "source"),
    optional=("region", *_EVIDENCE),
)
_VARIABLE = ["region", "ecosystem", "variable"]
_SAME_IN_ALL_YEARS = ("class", "direction", "unit", "low", "high", "weight")
_SHOWN_YEARS = 12


class EconomicUnit(NamedTuple):
    """A user of services (Table 9.1b).

    Attributes
    ----------
    group : {'industry', 'resident', 'abroad', 'intermediate'}
    zh, en : str
    """

    group: str
    zh: str
    en: str


@cache
def economic_units() -> Mapping[str, EconomicUnit]:
    """Read the users of services that ship, by id, in the order of the table.

    Returns
    -------
    mapping of str to EconomicUnit
    """
    units = {}
    for row in shipped_rows("users.csv"):
        units[row["user"]] = EconomicUnit(row["group"], row["zh"], row["en"])
    return units


def rows_where(frame: pd.DataFrame, **cells: object) -> pd.DataFrame:
    """Return the rows that have some cells.

    Parameters
    ----------
    frame : DataFrame
    **cells
        By column.

    Returns
    -------
    DataFrame
    """
    is_meant = np.ones(len(frame), dtype=bool)
    for name, cell in cells.items():
        is_meant &= (frame[name] == cell).to_numpy()
    return frame[is_meant]


def periods_of(years: Sequence[int]) -> list[tuple[int, int]]:
    """Return the periods of the tables: between neighbouring years, and from first to last.

    Parameters
    ----------
    years : sequence of int
        In order.

    Returns
    -------
    list of (int, int)
        None of a single year.
    """
    periods = list(pairwise(years))
    if len(periods) > 1:
        periods.append((years[0], years[-1]))
    return periods


class SeeaSources(NamedTuple):
    """Where the tables of a project are; None where it has none.

    Attributes
    ----------
    services : Path, GivenTable, Table or None
        Also a table that was read.
    condition, use, losses : Path, GivenTable or None
    """

    services: TableSource | Table | None = None
    condition: TableSource | None = None
    use: TableSource | None = None
    losses: TableSource | None = None


@dataclass(frozen=True)
class SeeaInputs:
    """The tables of a project, read and checked.

    Attributes
    ----------
    matches : mapping of (str, str) to ServiceMatch
        The project's own crosswalk to the list of services.
    condition : DataFrame or None
        ``region``, ``ecosystem``, ``variable``, ``class``, ``direction``, ``year``, ``value``,
        ``unit``, ``low``, ``high``, ``weight`` (NaN where none is given), ``grade`` (a code).
    use : DataFrame or None
        ``service`` (ids with blanks between), ``user``, ``share``, ``region`` (blank: any),
        ``year`` (0: any), ``grade``.
    losses : DataFrame or None
        ``region`` (blank: any), ``from``, ``to``, ``ecosystem``, ``share``, ``event``, ``grade``.
    """

    matches: Matches
    condition: pd.DataFrame | None = None
    use: pd.DataFrame | None = None
    losses: pd.DataFrame | None = None


@dataclass(frozen=True)
class _Scope:
    """What the rows of the tables may name, and where problems go."""

    plan: Plan
    years: Sequence[int]
    regions: Collection[str]
    allow_placeholder: bool
    problems: ProblemLog

    @property
    def scheme(self) -> ClassScheme:
        """The ecosystem types of the accounts."""
        return self.plan.scheme

    def recognized(self, table: Table, columns: Sequence[str]) -> pd.DataFrame:
        """Return the cells of a table, with regions and types as the accounts have them."""
        frame = table.texts(columns)
        regions = self.plan.regions
        names = {}
        if regions is not None:
            for code in self.regions:
                names[code] = (regions.name(code, "zh"), regions.name(code, "en"))
        frame = recognize(frame, "region", make_spellings(self.regions, names))
        if "ecosystem" in frame:
            spellings = make_spellings(self.scheme.classes, self.scheme.titles)
            frame = recognize(frame, "ecosystem", spellings)
        return frame


def load_seea_inputs(
    sources: SeeaSources,
    plans: Sequence[Plan],
    *,
    allow_placeholder: bool,
    problems: ProblemLog,
) -> SeeaInputs:
    """Read the tables of a project and check them against its plans.

    Parameters
    ----------
    sources : SeeaSources
    plans : sequence of Plan
        By year; the last one says which indicators, types and regions there are.
    allow_placeholder : bool
        Whether rows may be made up.
    problems : ProblemLog
        Collects what is wrong with the tables (see ``gep.io.tables``), and ``blank``, ``bad-year``,
        ``missing-year``, ``unknown-grade``, ``unknown-region``, ``unknown-class``, ``unknown-id``,
        ``unknown-option``, ``duplicate-row``, ``condition-levels``, ``weights-sum``,
        ``share-range``, ``share-sum`` and ``placeholder``.

    Returns
    -------
    SeeaInputs
        Of use only where no problem was added.
    """
    plan = plans[-1]
    codes = set(map(str, plan.extent.regions))
    for code in tuple(codes):
        codes.update(() if plan.regions is None else plan.regions.ancestors(code))
    scope = _Scope(
        plan,
        years=[each.year for each in plans],
        regions=sorted(codes),
        allow_placeholder=allow_placeholder,
        problems=problems,
    )
    matches = load_matches(sources.services, plan.standard, problems)
    known = services_of_standard(plan.standard, matches)

    def read_use(table: Table, scope: _Scope) -> pd.DataFrame:
        return _use_rows(table, known, scope)

    return SeeaInputs(
        matches=matches,
        condition=_load(sources.condition, _CONDITION, _condition_rows, scope),
        use=_load(sources.use, _USE, read_use, scope),
        losses=_load(sources.losses, _LOSSES, _loss_rows, scope),
    )


def _load(
    source: TableSource | None,
    columns: Columns,
    read: Callable[[Table, _Scope], pd.DataFrame],
    scope: _Scope,
) -> pd.DataFrame | None:
    """Read a table, if there is one and it can be read."""
    if source is None:
        return None
    table = read_table(source, columns, scope.problems)
    return None if table is None else read(table, scope)


# --- rows ---------------------------------------------------------------------------------------


def _condition_rows(table: Table, scope: _Scope) -> pd.DataFrame:
    """Read the variables of condition with their reference levels."""
    problems = scope.problems
    texts = (*_VARIABLE, "class", "direction", "unit", "source")
    frame = scope.recognized(table, texts)
    frame["year"] = read_years(table, problems)
    for name in ("value", "low", "high"):
        frame[name], _ = read_numbers(table, name, problems)
    frame["weight"], _ = read_numbers(table, "weight", problems, blank=True)
    frame["grade"] = read_grades(table, problems)
    for name in (*_VARIABLE, "class", "direction", "unit", "source"):
        check_not_blank(table, name, problems)
    _check_regions(table, frame, scope)
    _check_types(table, frame, scope)
    _check_years(table, frame, "year", scope)
    _check_options(table, frame, "class", tuple(CONDITION_CLASSES), problems)
    _check_options(table, frame, "direction", DIRECTIONS, problems)
    _check_placeholders(table, frame, scope)
    check_duplicates(frame, [*_VARIABLE, "year"], problems)
    _check_levels(table, frame, problems)
    _check_weights(table, frame, problems)
    return frame


def _use_rows(table: Table, known: Collection[str], scope: _Scope) -> pd.DataFrame:
    """Read the shares of users in services."""
    problems = scope.problems
    frame = scope.recognized(table, ("service", "user", "region", "source"))
    frame["service"] = [" ".join(str(words).split()) for words in frame["service"]]
    frame["year"] = 0
    if "year" in table.frame:
        frame["year"] = read_years(table, problems)
        _check_years(table, frame, "year", scope)
    frame["share"], _ = read_numbers(table, "share", problems)
    frame["grade"] = read_grades(table, problems)
    for name in ("service", "user", "source"):
        check_not_blank(table, name, problems)
    _check_regions(table, frame, scope)
    _check_names(table, frame, "service", known, problems)
    _check_names(table, frame, "user", economic_units(), problems)
    _check_placeholders(table, frame, scope)
    check_share_range(table, frame["share"].to_numpy(), problems)
    keys = ["service", "region", "year"]
    check_duplicates(frame, [*keys, "user"], problems)
    for (service, _, _), rows in frame.groupby(keys, sort=False):
        total = float(rows["share"].sum(skipna=False))
        if abs(total - 1) > SHARE_SUM_TOLERANCE:  # not where a share is no number
            problems.add(
                "share-sum",
                table.place(rows.index, "share"),
                "report.seea.use-shares-sum",
                service=service,
                total=total,
            )
    return frame


def _loss_rows(table: Table, scope: _Scope) -> pd.DataFrame:
    """Read which part of the losses of a period was a catastrophe."""
    problems = scope.problems
    frame = scope.recognized(table, ("region", "ecosystem", "event", "source"))
    for name in ("from", "to"):
        frame[name] = read_years(table, problems, name)
        _check_years(table, frame, name, scope)
    frame["share"], _ = read_numbers(table, "share", problems)
    frame["grade"] = read_grades(table, problems)
    for name in ("ecosystem", "event", "source"):
        check_not_blank(table, name, problems)
    _check_regions(table, frame, scope)
    _check_types(table, frame, scope)
    _check_periods(table, frame, scope)
    _check_placeholders(table, frame, scope)
    check_share_range(table, frame["share"].to_numpy(), problems)
    keys = ["region", "from", "to", "ecosystem"]
    check_duplicates(frame, [*keys, "event"], problems)
    for (_, first, last, ecosystem), rows in frame.groupby(keys, sort=False):
        total = float(rows["share"].sum(skipna=False))
        if total > 1 + SHARE_SUM_TOLERANCE:
            problems.add(
                "share-sum",
                table.place(rows.index, "share"),
                "report.seea.loss-shares-sum",
                ecosystem=scope.scheme.label(str(ecosystem)),
                first=int(first),
                last=int(last),
                total=total,
            )
    return frame


# --- checks -------------------------------------------------------------------------------------


def _unknown(
    table: Table, frame: pd.DataFrame, column: str, known: Collection[object]
) -> Iterator[tuple[str | int, Place]]:
    """Yield the cells of a column that are not known, each once, with its place."""
    is_known = frame[column].isin([*known, "", 0])  # blank, or a year that cannot be read
    for word in frame.loc[~is_known, column].unique():
        is_there = frame[column] == word
        place = table.place(np.flatnonzero(is_there))
        yield word, in_column(place, column)


def _check_regions(table: Table, frame: pd.DataFrame, scope: _Scope) -> None:
    """Check codes of regions, blank where a row holds for all; adds ``unknown-region``."""
    check_region_codes(table, "region", scope.problems)
    for code, place in _unknown(table, frame, "region", scope.regions):
        scope.problems.add(
            "unknown-region",
            place,
            "report.seea.unknown-region",
            region=code,
            hint=suggestion(str(code), scope.regions),
        )


def _check_types(table: Table, frame: pd.DataFrame, scope: _Scope) -> None:
    """Check ecosystem types; adds ``unknown-class``."""
    for name, place in _unknown(table, frame, "ecosystem", scope.scheme.classes):
        scope.problems.add(
            "unknown-class",
            place,
            "extent.unknown-class",
            name=name,
            scheme=scope.scheme.id,
            hint=class_hint(str(name), scope.scheme),
        )


def _check_years(table: Table, frame: pd.DataFrame, column: str, scope: _Scope) -> None:
    """Check that a year has an account; adds ``missing-year``."""
    for year, place in _unknown(table, frame, column, scope.years):
        scope.problems.add(
            "missing-year",
            place,
            "extent.year-of-no-account",
            year=year,
            years=Listed(tuple(scope.years), _SHOWN_YEARS),
        )


def _check_periods(table: Table, frame: pd.DataFrame, scope: _Scope) -> None:
    """Check that losses are of a period of the tables; adds ``bad-year``."""
    periods = periods_of(scope.years)
    for (first, last), rows in frame.groupby(["from", "to"], sort=False):
        has_accounts = {first, last} <= set(scope.years)
        if has_accounts and (first, last) not in periods:
            scope.problems.add(
                "bad-year",
                table.place(rows.index, "to"),
                "report.seea.not-a-period",
                first=int(first),
                last=int(last),
            )


def _check_options(
    table: Table, frame: pd.DataFrame, column: str, known: Sequence[str], problems: ProblemLog
) -> None:
    """Check a column that has one of a few words; adds ``unknown-option``."""
    for word, place in _unknown(table, frame, column, known):
        problems.add(
            "unknown-option",
            place,
            "report.seea.unknown-word",
            column=column,
            word=word,
            known=Listed(tuple(known), len(known)),
        )


def _check_names(
    table: Table, frame: pd.DataFrame, column: str, known: Collection[str], problems: ProblemLog
) -> None:
    """Check services and users; adds ``unknown-id``."""
    for word, place in _unknown(table, frame, column, known):
        problems.add(
            "unknown-id",
            place,
            f"report.seea.{column}-not-known",
            name=word,
            hint=suggestion(str(word), known),
        )


def _check_placeholders(table: Table, frame: pd.DataFrame, scope: _Scope) -> None:
    """Refuse rows that are made up unless the project allows them; adds ``placeholder``."""
    made_up = rows_where(frame, grade=GRADE["placeholder"])
    if scope.allow_placeholder or made_up.empty:
        return
    place = table.place(made_up.index, "grade")
    scope.problems.add("placeholder", place, "report.seea.placeholder")


def _check_levels(table: Table, frame: pd.DataFrame, problems: ProblemLog) -> None:
    """Check reference levels: in order, and the same in all years; adds ``condition-levels``."""
    wrong = frame[(frame["low"] >= frame["high"]).to_numpy()]
    if len(wrong):
        problems.add(
            "condition-levels",
            table.place(wrong.index, "low"),
            "report.seea.levels-not-in-order",
            low=float(wrong["low"].iloc[0]),
            high=float(wrong["high"].iloc[0]),
        )
    for (_, _, variable), rows in frame.groupby(_VARIABLE, sort=False):
        for column in _SAME_IN_ALL_YEARS:
            if rows[column].nunique(dropna=False) > 1:
                problems.add(
                    "condition-levels",
                    table.place(rows.index, column),
                    "report.seea.levels-differ",
                    variable=variable,
                    column=column,
                )


def _check_weights(table: Table, frame: pd.DataFrame, problems: ProblemLog) -> None:
    """Check that the weights of a type sum to 1, or that none is given; adds ``weights-sum``."""
    variables = frame.drop_duplicates(_VARIABLE)
    for (_, ecosystem), rows in variables.groupby(["region", "ecosystem"], sort=False):
        weight = rows["weight"]
        if weight.isna().all():
            continue
        total = float(weight.sum())
        is_wrong = weight.isna().any() or (weight < 0).any()
        if is_wrong or abs(total - 1) > SHARE_SUM_TOLERANCE:
            problems.add(
                "weights-sum",
                table.place(rows.index, "weight"),
                "report.seea.weights-sum",
                ecosystem=ecosystem,
                total=total,
            )
