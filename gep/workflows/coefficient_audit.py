"""Audit of the numbers behind a result (参数审查): which carry it, and how good each is.

The module gathers the rows that an account uses with their effects, and holds the coefficients
among them against what other sets say. How far a number moves the value is found in
``gep.account.row_effects``; nothing is written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial as partial_function
from pathlib import Path

import numpy as np
import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.account.caption import percent
from gep.account.evaluation import published_ratios
from gep.account.row_effects import InputEffects, RowEffects, row_effects, share_behind
from gep.errors import Problem, worded_in
from gep.inputs.coefficients import PRICE_INDEX, CoefficientSet, index_base
from gep.inputs.value_rows import GRADE, GRADES, KEYS, grade_names, grade_title
from gep.io.argument_types import checked_arguments
from gep.io.distinct_cells import Distinct
from gep.io.notebook import ShownAsTable
from gep.plan.plan import Plan, check_year, warnings_of
from gep.plan.plan_table import RowNames, price_years
from gep.plan.prices import NOMINAL, money_power
from gep.project.project import Project, check_project
from gep.report.coefficient_values import found_sets, named_coefficients, source_titles_of
from gep.standards.standard import DeclaredName
from gep.texts.catalogue import Language, Listed, counted, say, text
from gep.units import UnitError, factor, has_money

AUDIT_COLUMNS = [
    "kind",
    "name",
    "title",
    *KEYS,
    "class",
    "value",
    "unit",
    "price_year",
    "low",
    "high",
    "effect",
    "grade",
    "checked",
    "set@version",
    "file",
    "row",
    "source",
    "locator",
    "note",
    "steps",
    "never_checked",
    "outside",
    "without_limits",
    "others",
    "others_low",
    "others_high",
    "other_values",
]
AREA = "area"  # the kind of rows of areas
CROSSWALK = "crosswalk"  # the kind of shares by which areas are brought to ecosystem types
_OF_AREAS = (AREA, CROSSWALK)
# What is said of numbers, each in a column of its own.
FINDINGS = ("never_checked", "outside", "without_limits")
_COEFFICIENT = "coefficient"
_DATA = "data"
_POOR = tuple(GRADE[name] for name in ("unstated", "recalled", "placeholder"))
_ROUNDING = 0.005  # of a number: by so much others may round it
_OTHERS_NAMED = 6
_FIGURES = 3  # of the headline by land, person and GDP
_WHOLE_FROM = 1000  # numbers from here are written without an exponent
_TEXTS = ("name", "class", "unit", "source", "locator", "note", "checked", "file", "set")
_NUMBERS = ("value", "low", "high")
_ROW = ["kind", "set", "file", "row", "class"]  # what a row is known by


@dataclass(frozen=True, repr=False)
class CoefficientAudit(ShownAsTable):
    """The numbers behind the headline of an account, by how far they move it, and how good each is.

    Attributes
    ----------
    project : Project
    account : Account
        The account of ``year``.
    table : DataFrame
        A row for each number used, the greatest effect first; columns ``AUDIT_COLUMNS``.
        ``kind`` is ``coefficient``, ``data``, ``price_index``, ``area`` or ``crosswalk``.
        ``effect`` is by how many percent the headline of all regions changes if the number is 1 %
        higher. ``never_checked``, ``outside`` and ``without_limits`` are findings (bool; False for
        areas and crosswalks).
        ``others`` is how many other sets' rows there are of the same name and keys, between
        ``others_low`` and ``others_high`` in ``unit`` (money: of the same price year).
    shares : mapping of str to float
        By finding, the share of the value behind which at least one such number stands.
    warnings : tuple of Problem

    Examples
    --------
    >>> import gep
    >>> audit = gep.audit_coefficients("examples/garze-2010")
    >>> audit.table["effect"].abs().is_monotonic_decreasing
    True
    """

    project: Project
    account: Account
    table: pd.DataFrame
    shares: Mapping[str, float]
    warnings: tuple[Problem, ...]

    @property
    def language(self) -> Language:
        """The language of the project."""
        return self.project.language

    @property
    def year(self) -> int:
        """The year of the account."""
        return self.account.year

    def most_important(self, count: int = 10) -> pd.DataFrame:
        """Return the coefficients, data and price indices that move the headline most.

        Parameters
        ----------
        count : int, default 10

        Returns
        -------
        DataFrame
            Rows of ``table``.
        """
        is_of_areas = self.table["kind"].isin(_OF_AREAS)
        numbers = self.table[~is_of_areas.to_numpy()]
        return numbers.head(count)

    def found(self, finding: str) -> pd.DataFrame:
        """Return the numbers of which something is found.

        Parameters
        ----------
        finding : str
            ``never_checked``, ``outside`` or ``without_limits``.

        Returns
        -------
        DataFrame
            Rows of ``table``, the greatest effect first.
        """
        is_found = self.table[finding]
        return self.table[is_found.to_numpy(dtype=bool)]

    def grades(self) -> pd.DataFrame:
        """Return how good the numbers are.

        Returns
        -------
        DataFrame
            For each grade that occurs: ``grade``, ``share`` of the value that has it as the worst
            grade behind it, and how many ``numbers`` have it.
        """
        shares = self.account.shares()["grade"]
        counts = self.table["grade"].value_counts()
        rows = []
        for grade in GRADES:
            share = shares[grade]
            numbers = int(counts.get(grade, 0))
            if numbers or share:
                row = {"grade": grade, "share": share, "numbers": numbers}
                rows.append(row)
        return pd.DataFrame(rows, columns=["grade", "share", "numbers"])

    def _shown_size(self) -> str:
        """Return how much it holds."""
        spec = self.project.spec.project
        numbers = counted(len(self.table), "number")
        return f"{spec.id} {self.year}, {numbers}"

    def _shown_lines(self) -> Sequence[str]:
        """Return what is said above the table."""
        return audit_lines(self)

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it: the columns that say something."""
        table = self.table
        filled = []
        for name in table.columns:
            words = table[name].astype(str)
            if (words != "").any():
                filled.append(name)
        return table[filled]

    def _shown_whole(self) -> str:
        """Return what gives all rows."""
        return ".table"


def audit_lines(audit: CoefficientAudit) -> list[str]:
    """Word how good the numbers behind a result are, in the language of the project.

    Parameters
    ----------
    audit : CoefficientAudit

    Returns
    -------
    list of str
        The caption of the account; then, for each finding, how many numbers it is of and how much
        of the value rests on them.
    """
    language = audit.language
    lines = audit.account.caption(language)
    for ratio in published_ratios(audit.account):
        quantity = ratio.quantity.replace("_", "-")
        line = say(
            language,
            f"workflows.coefficient-audit.{quantity}",
            value=_rounded(ratio.value),
            low=_rounded(ratio.low),
            high=_rounded(ratio.high),
        )
        lines.append(line)
    for finding in FINDINGS:
        count = len(audit.found(finding))
        key = f"workflows.coefficient-audit.{finding.replace('_', '-')}"
        if not count:
            lines.append(say(language, f"{key}-none"))
            continue
        share = percent(audit.shares[finding])
        line = say(language, key, count=count, share=share)
        lines.append(line)
    return lines


def _rounded(value: float) -> str:
    """Write a number with three figures, thousands apart."""
    rounded = f"{value:.{_FIGURES}g}"
    if abs(value) < _WHOLE_FROM:
        return rounded
    whole = float(rounded)
    return f"{whole:,.0f}"


@checked_arguments
def audit_coefficients(
    path: str | Path,
    year: int | None = None,
    *,
    partial: bool = False,
    allow_code: bool = False,
    language: Language | None = None,
) -> CoefficientAudit:
    """Find the numbers that carry the result of a project, and say how good they are.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    year : int, optional
        Year of the account; by default the last of the project.
    partial, allow_code
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        Language of messages and titles; by default the project's, then that of the user's system.

    Returns
    -------
    CoefficientAudit

    Raises
    ------
    ProblemsFound
        ``missing-year`` and the codes of ``gep.check_project`` and of the account.

    Examples
    --------
    >>> import gep
    >>> audit = gep.audit_coefficients("examples/beibu-gulf", 2014)
    >>> len(audit.most_important())
    10
    """
    project, plans = check_project(path, allow_code=allow_code, partial=partial, language=language)
    with worded_in(project.language):
        plan_of = {plan.year: plan for plan in plans}
        if year is None:
            year = max(plan_of)
        check_year(plans, year, "--year")
        plan = plan_of[year]
        account = account_from_plan(plan)
        effects = row_effects(account)
        numbers = _numbers_used(plan, effects)
        compared = _with_other_values(numbers, plan.sets, project.language)
        table = _with_words(compared, plan, project)
        shares = {}
        for finding in FINDINGS:
            rows = table[table[finding].to_numpy(dtype=bool)]
            places = zip(rows["set@version"], rows["file"], rows["row"], strict=True)
            known = frozenset(places)
            is_found = partial_function(_is_among, known=known)
            shares[finding] = share_behind(account, is_found, effects)
    warnings = [*project.warnings, *warnings_of([plan]), *account.warnings]
    return CoefficientAudit(
        project=project,
        account=account,
        table=table,
        shares=shares,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _is_among(entry: InputEffects, known: frozenset[tuple[object, ...]]) -> np.ndarray:
    """Return which rows of an input are among some, that are known by set, file and row."""
    frame = entry.source.frame
    rows = zip(frame["set"], frame["file"], frame["row"], strict=True)
    return np.array([row in known for row in rows], dtype=bool)


# --- the numbers ---------------------------------------------------------------------------------


def _numbers_used(plan: Plan, effects: RowEffects) -> pd.DataFrame:
    """Return the rows behind an account, each once, with all that it moves."""
    frames = [
        _area_rows(plan, effects.areas),
        _crosswalk_rows(plan, effects.areas),
    ]
    for entry in effects.inputs:
        frames.append(_rows_of_input(entry))
        frames.append(_index_rows(plan, entry))
    rows = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    groups = rows.groupby(_ROW, sort=False, dropna=False)
    numbers = groups.first()
    numbers["effect"] = groups["effect"].sum()
    numbers["steps"] = groups["step"].agg(_each_once)
    numbers = numbers.reset_index()
    size = np.abs(numbers["effect"].to_numpy())
    order = np.argsort(-size, kind="stable")
    ordered = numbers.iloc[order]
    return ordered.reset_index(drop=True)


def _each_once(steps: pd.Series) -> str:
    """Name steps, each once."""
    distinct = dict.fromkeys(steps)
    return " ".join(distinct)


def _rows_of_input(entry: InputEffects) -> pd.DataFrame:
    """Return the rows of an input that are used, with what they move in this step."""
    cells = entry.source.rows
    used = np.unique(cells[cells >= 0])
    rows = entry.source.frame.iloc[used]
    binding = entry.step.bindings[entry.argument]
    kind = _DATA if binding.data else _COEFFICIENT
    effects = entry.effects[used]
    return _plain(rows, kind, entry.step.name, rows["own_grade"], effects)


def _plain(
    rows: pd.DataFrame,
    kind: str,
    step: str,
    grade: pd.Series,
    effects: np.ndarray,
) -> pd.DataFrame:
    """Return the columns of rows that the audit shows, texts as plain ones."""
    columns: dict[str, object] = {
        **dict.fromkeys((*KEYS, *_TEXTS), ""),
        **dict.fromkeys(_NUMBERS, np.nan),
        "kind": kind,
        "step": step,
        "effect": effects,
        "na": False,
    }
    for name in columns.keys() & set(rows.columns):
        as_type = float if name in _NUMBERS else None
        columns[name] = np.asarray(rows[name], dtype=as_type)
    columns["price_year"] = ""
    if "price_year" in rows:
        columns["price_year"] = price_years(rows)
    columns["row"] = rows["row"].to_numpy(dtype=int)
    columns["grade"] = grade.to_numpy(dtype=int)
    return pd.DataFrame(columns, index=range(len(rows)))


def _area_rows(plan: Plan, effects: np.ndarray) -> pd.DataFrame:
    """Return the rows of areas, with what each moves through all its ecosystem types."""
    parts = plan.extent.parts.drop(columns="ecosystem")
    rows = parts.assign(name=AREA)
    return _plain(rows, AREA, "", rows["own_grade"], effects)


def _crosswalk_rows(plan: Plan, effects: np.ndarray) -> pd.DataFrame:
    """Return the rows of the crosswalk, with what their shares of areas move."""
    if plan.crosswalk is None:
        return pd.DataFrame()
    cross_rows = plan.extent.parts["cross_row"].to_numpy()
    moved = pd.Series(effects).groupby(cross_rows).sum()
    rows = plan.crosswalk.frame
    is_used = rows["row"].isin(moved.index)
    rows = rows[is_used.to_numpy()]
    rows = rows.assign(
        name=CROSSWALK,
        value=rows["share"],
        unit="1",
        set=plan.crosswalk.id,
    )
    of_rows = moved.reindex(rows["row"])
    return _plain(rows, CROSSWALK, "", rows["grade"], of_rows.to_numpy())


def _index_rows(plan: Plan, entry: InputEffects) -> pd.DataFrame:
    """Return the rows of the price index that convert the prices of an input.

    A price is multiplied by the index of the wanted year and divided by that of its own; in an
    index of changes from year to year, by those of the years between.
    """
    index = entry.source.index
    if index is None or not len(index):
        return pd.DataFrame()
    frame = entry.source.frame
    wanted = plan.price_year or plan.year
    is_chain = index_base(index).previous
    index_years = index["price_year"].astype(int).to_numpy()
    effects = np.zeros(len(index))
    prices = frame.assign(effect=entry.effects)
    has_year = prices["price_year"].str.isdigit()
    prices = prices[has_year.to_numpy(dtype=bool)]
    for price in prices.to_dict("records"):
        year = int(price["price_year"])
        unit = str(price["unit"])
        moved = price["effect"] * money_power(unit)
        is_later = index_years == wanted
        is_earlier = index_years == year
        if is_chain:
            is_later = (index_years > year) & (index_years <= wanted)
            is_earlier = (index_years > wanted) & (index_years <= year)
        if year != wanted:
            effects += moved * is_later
            effects -= moved * is_earlier
    return _plain(index, PRICE_INDEX, entry.step.name, index["grade"], effects)


# --- how good they are ---------------------------------------------------------------------------


def _with_other_values(
    numbers: pd.DataFrame, sets: Sequence[CoefficientSet], language: Language
) -> pd.DataFrame:
    """Add the findings, and what other rows of the same name and keys say."""
    compared = {coefficient_set.path: coefficient_set for coefficient_set in found_sets()}
    for coefficient_set in sets:
        compared[coefficient_set.path] = coefficient_set
    kind = numbers["kind"].to_numpy()
    is_number = ~np.isin(kind, _OF_AREAS) & ~numbers["na"].to_numpy(dtype=bool)
    is_cited = np.isin(kind, (_COEFFICIENT, PRICE_INDEX))
    is_poor = np.isin(numbers["grade"].to_numpy(), _POOR)
    is_unchecked = is_cited & (numbers["checked"] == "").to_numpy()
    no_limits = numbers["low"].isna().to_numpy() & numbers["high"].isna().to_numpy()
    numbers = numbers.assign(
        never_checked=is_number & (is_poor | is_unchecked),
        without_limits=is_number & no_limits,
        outside=False,
        others=0,
        others_low=np.nan,
        others_high=np.nan,
        other_values="",
    )
    rows_of_name: dict[str, pd.DataFrame] = {}
    for position in np.flatnonzero(is_number & (kind == _COEFFICIENT)):
        row = numbers.loc[position]
        name = str(row["name"])
        if name not in rows_of_name:
            named = [coefficient_set.named(name) for coefficient_set in compared.values()]
            rows_of_name[name] = pd.concat(named, ignore_index=True)
        others = _other_rows(row, rows_of_name[name])
        if others.empty:
            continue
        is_like = np.ones(len(others), dtype=bool)
        if has_money(str(row["unit"])):
            is_like = (others["price_year"] == row["price_year"]).to_numpy()
        alike = others[is_like]
        low = alike["least"].min()
        high = alike["most"].max()
        value = float(row["value"])
        slack = _ROUNDING * abs(value)
        is_low = value < low - slack
        is_high = value > high + slack
        compared_with = {
            "outside": bool(is_low or is_high),
            "others": len(others),
            "others_low": low,
            "others_high": high,
            "other_values": _worded_values(others, str(row["unit"]), language),
        }
        for column, cell in compared_with.items():
            numbers.loc[position, column] = cell
    return numbers


def _other_rows(row: pd.Series, named: pd.DataFrame) -> pd.DataFrame:
    """Return other rows of the keys of a row, or of all members, with their range in its unit."""
    is_other = ~named["na"].to_numpy(dtype=bool)
    is_itself = np.ones(len(named), dtype=bool)
    for column in ("set", "file", "row"):
        is_itself &= (named[column] == row[column]).to_numpy()
    is_other &= ~is_itself
    for key in KEYS:
        is_other &= named[key].isin(["", row[key]]).to_numpy()
    others = named[is_other]
    scales = []
    for unit in others["unit"]:
        try:
            scales.append(factor(str(unit), str(row["unit"])))
        except UnitError:
            scales.append(np.nan)
    scale = np.array(scales, dtype=float)
    value = others["value"].to_numpy(dtype=float) * scale
    low = others["low"].to_numpy(dtype=float) * scale
    high = others["high"].to_numpy(dtype=float) * scale
    others = others.assign(
        value=value,
        least=np.fmin(value, low),
        most=np.fmax(value, high),
    )
    return others[np.isfinite(value)]


def _worded_values(others: pd.DataFrame, unit: str, language: Language) -> str:
    """List other values, each with its price year, set and grade."""
    words = []
    for other in others.sort_values("value").to_dict("records"):
        key = "other"
        if has_money(unit):
            key = "other-nominal" if other["price_year"] == NOMINAL else "other-of-year"
        words.append(
            text(
                f"workflows.coefficient-audit.{key}",
                value=f"{other['value']:.10g}",
                year=other["price_year"],
                set=other["set"],
                grade=grade_title(GRADES[other["grade"]], language),
            )
        )
    return Listed(tuple(words), _OTHERS_NAMED).say(language)


# --- what they are called ------------------------------------------------------------------------


def _with_words(numbers: pd.DataFrame, plan: Plan, project: Project) -> pd.DataFrame:
    """Add titles of numbers and of their sources, and name grades; the table of the audit."""
    language = project.language
    spec = plan.standard.spec
    declared: dict[str, DeclaredName] = {}
    for name, quantity in named_coefficients().items():
        if quantity is not None:
            declared[name] = quantity
    for coefficient_set in reversed(plan.sets):
        declared |= coefficient_set.header.coefficient
    declared |= spec.data
    declared |= spec.coefficient
    names = RowNames(plan.standard, plan.scheme, plan.regions, language)
    titled = Distinct.of(numbers["name"])
    titles = []
    for name in titled.words:
        words = names.title(str(name), declared)
        if name in _OF_AREAS:
            words = say(language, f"workflows.coefficient-audit.{name}")
        titles.append(words)
    keys = {key: Distinct.of(numbers[key]) for key in KEYS}
    named = titled.with_words(titles)
    title = names.of_rows(named, keys)
    is_area = numbers["kind"].isin(_OF_AREAS).to_numpy()
    separator = say(language, "plan.name-separator")
    classes = Distinct.of(numbers["class"])
    class_titles = [names.member("ecosystem", str(name)) for name in classes.words]
    class_cells = classes.with_words(class_titles).cells()
    with_class = title + separator + class_cells
    title = np.where(is_area, with_class, title)
    documents = source_titles_of(plan.sets)
    sources = []
    for label, source in zip(numbers["set"], numbers["source"], strict=True):
        document = documents.get((label, source))
        sources.append(source if document is None else document.say(language))
    numbers = numbers.assign(
        title=title,
        source=sources,
        grade=grade_names(numbers["grade"]),
        value=numbers["value"].where(~numbers["na"].to_numpy(dtype=bool)),
    )
    return numbers.rename(columns={"set": "set@version"})[AUDIT_COLUMNS]
