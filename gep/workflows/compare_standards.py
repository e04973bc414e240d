"""Comparing standards (规范对照): what two state, and what the choice does to a project's account.

A project is computed under each of the two with its own areas, data and coefficient sets; what a
standard needs and the project lacks is not compiled, and listed by indicator. Where both give a
number, one thing at a time is replaced in the account under the first standard by that of the
second: an option of a switch, the rows of a coefficient, the formulas. What all of them change
together beyond that is their interaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import NOT_COMPILED, ParentRegions, columns_of
from gep.account.lines import TOTAL, levels, lines_of
from gep.collection.choice_effects import INTERACTION, differing_rows, replacements
from gep.collection.choices import Choice, accounts_of
from gep.comparison.standards import (
    BOTH,
    FIRST,
    IndicatorPair,
    StandardTables,
    standard_tables,
    steps_behind,
)
from gep.errors import Problem, ProblemLog, ProblemsFound, worded_in
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import Crosswalk, class_spellings, load_crosswalk
from gep.inputs.coefficients import CoefficientSet
from gep.io.argument_types import checked_arguments
from gep.io.notebook import ShownAsTable
from gep.plan.binding import BoundInput
from gep.plan.build import PARTIAL, PlanInputs, load_sets
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.project.project import Project, project_language, read_project
from gep.standards.standard import Standard, load_standard
from gep.texts.catalogue import Label, Language, Listed, join, locale_language, say
from gep.units import factor, same_dimension

REASON_COLUMNS = (
    "year",
    "indicator",
    "name",
    "reason",
    "item",
    "members",
    "first",
    "second",
    "effect",
    "unit",
    "first_grade",
    "second_grade",
)
VALUE = "value"
QUANTITY = "quantity"
FORMULA = "formula"
MISSING = "missing-"  # before data or coefficient
_EXPECTED = (*PARTIAL, "unused-data")  # warnings that another standard brings about
_NAMED = 12  # classes that a message names
_ROUNDING = 1e-9  # a share of the value, below which an effect is rounding of floats


@dataclass(frozen=True, repr=False)
class StandardComparison(ShownAsTable):
    """Two standards side by side, and what the choice does to a project.

    Attributes
    ----------
    first, second : Standard
    indicators : DataFrame
        A row for each indicator of either: ``indicator``, ``name``, ``in`` (``both``, ``first``,
        ``second``), ``first_category``, ``second_category``, ``differs``.
    details : DataFrame
        A row for each thing that either states: ``indicator``, ``name``, ``part``, ``item``,
        ``key``, ``first``, ``second``, ``state``, ``first_grade``, ``second_grade``.
    reasons : DataFrame or None
        For each year and indicator the sum of the project's regions under each standard (``value``,
        ``quantity``), and below it why they differ: ``first`` or ``second`` (only that standard has
        it; ``effect`` is what the total loses or gains by it), ``missing-data``,
        ``missing-coefficient`` (the number of regions that lack it), ``switch``, ``coefficient``,
        ``formula``, ``interaction``. ``effect`` is what replacing that alone by the second
        standard's does, in ``unit``. None without a project.
    project : Project or None
    sets : tuple of CoefficientSet
        The coefficient sets that the standards, and the project, take their numbers from.
    warnings : tuple of Problem
        Of the accounts.
    language : {'zh', 'en'}

    Examples
    --------
    >>> import gep
    >>> gep.compare_standards("xie-2008", "xie-2015")
    <StandardComparison xie-2008, xie-2015: ... shared>
    """

    first: Standard
    second: Standard
    indicators: pd.DataFrame
    details: pd.DataFrame
    reasons: pd.DataFrame | None
    project: Project | None
    sets: tuple[CoefficientSet, ...]
    warnings: tuple[Problem, ...]
    language: Language

    def __repr__(self) -> str:
        """Return a line: the two standards, how many indicators they share."""
        shared = int((self.indicators["in"] == "both").sum())
        total = len(self.indicators)
        return f"<StandardComparison {self.first.id}, {self.second.id}: {shared} of {total} shared>"

    @property
    def main_table(self) -> pd.DataFrame:
        """What is asked for: ``reasons`` with a project, else ``details``."""
        return self.details if self.reasons is None else self.reasons

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return all tables by name."""
        named = {"indicators": self.indicators, "details": self.details}
        if self.reasons is not None:
            named["reasons"] = self.reasons
        return named

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.indicators if self.reasons is None else self.reasons

    def _shown_whole(self) -> str:
        """Return what gives everything that is stated."""
        return ".details"


@checked_arguments
def compare_standards(
    first: str | Path,
    second: str | Path,
    project: str | Path | None = None,
    *,
    crosswalk: str | Path | None = None,
    allow_transfer: bool = False,
    allow_code: bool = False,
    language: Language | None = None,
) -> StandardComparison:
    """Compare two standards, by indicator; with a project, what the choice does to its account.

    Parameters
    ----------
    first, second : str or Path
        Ids or paths of standards.
    project : str or Path, optional
        Folder of a project that is computed under each of them.
    crosswalk : str or Path, optional
        Id or path of the crosswalk that leads from the classes of the project's areas to the
        ecosystem types of the standard whose types are not those of the project.
    allow_transfer : bool, default False
        Whether numbers may be used outside the scope of their set (value transfer).
    allow_code : bool, default False
        Whether code of the project and of the standards may run.
    language : {'zh', 'en'}, optional
        Language of names and messages; by default that of the project, or of the user's system.

    Returns
    -------
    StandardComparison

    Raises
    ------
    ProblemsFound
        What is wrong with the standards or the project, ``unknown-class`` where the classes of its
        areas are not types of a standard and no crosswalk leads to them, and what makes an account
        impossible under one of them. Missing inputs are no problem: they are in ``reasons``.

    Examples
    --------
    >>> import gep
    >>> gep.compare_standards("xie-2008", "xie-2015")
    <StandardComparison xie-2008, xie-2015: ... shared>
    """
    if project is not None:
        language = project_language(project, language)
    with worded_in(language):
        problems = ProblemLog(language)
        standards = []
        for name in (first, second):
            standards.append(load_standard(str(name), None, str(name), problems))
        problems.raise_errors()
        pair = [standard for standard in standards if standard is not None]
        sets = [load_sets((), standard, None, problems) for standard in pair]
        problems.raise_errors()
        used = [*sets[0], *sets[1]]
        spoken = language or locale_language()
        tables = standard_tables(pair[0], sets[0], pair[1], sets[1], spoken)
        reasons: pd.DataFrame | None = None
        read: Project | None = None
        warnings: tuple[Problem, ...] = ()
        if project is not None:
            read = read_project(project, allow_code=allow_code, partial=True, language=language)
            sides = []
            for standard in pair:
                choice_of_side = _choice(read, standard, problems)
                parts = _parts(read, choice_of_side, crosswalk, allow_transfer, problems)
                sides.append(_ProjectSide(choice_of_side, parts))
            if crosswalk is not None and all(
                _has_types_of(side.choice, read.parts) for side in sides
            ):
                values = {"scheme": read.parts.scheme.id}
                problems.add("command-line", "--crosswalk", "workflows.crosswalk-idle", **values)
            problems.raise_errors()
            used += read.parts.sets
            accounts = [_accounts(side, read) for side in sides]
            reasons = _reasons(sides, accounts, tables, spoken)
            warnings = _warnings([*accounts[0], *accounts[1]])
    return StandardComparison(
        first=pair[0],
        second=pair[1],
        indicators=tables.indicators,
        details=tables.details,
        reasons=reasons,
        project=read,
        sets=tuple(used),
        warnings=warnings,
        language=spoken,
    )


# --- a project under a standard -------------------------------------------------------------------


class _ProjectSide(NamedTuple):
    """A standard with the choices that a project has under it, and the inputs to compute with."""

    choice: Choice
    parts: PlanInputs


def _choice(project: Project, standard: Standard, problems: ProblemLog) -> Choice:
    """Return the project's choices under a standard, as far as the standard knows them."""
    parts = project.parts
    header = project.spec.project
    ecosystems = standard.spec.ecosystems
    home = standard.home_of(ecosystems)
    scheme = load_class_scheme(ecosystems, home, standard.path.name, problems)
    sets = load_sets(_own_sets(project), standard, project.folder, problems)
    if not sets:
        label = Label(standard.id, standard.spec.title)
        place = standard.path.name
        problems.add("missing-set", place, "collection.no-coefficient-set", standard=label)
    chosen: dict[str, str] = {}
    for name, option in parts.switches.items():
        switch = standard.spec.switch.get(name)
        if switch is not None and option in switch.options:
            chosen[name] = option
    return Choice(
        name=standard.id,
        standard=standard,
        scheme=scheme or parts.scheme,
        sets=sets,
        switches=standard.chosen(standard.with_route(chosen, header.route)),
        price_year=parts.price_year,
    )


def _own_sets(project: Project) -> tuple[CoefficientSet, ...]:
    """Return the sets that the project names itself, in front of those of its standard."""
    parts = project.parts
    names = project.spec.project.coefficients
    ignored = ProblemLog()  # the project was read with the same sets
    named = load_sets(names, None, project.folder, ignored)
    with_standard = load_sets(names, parts.standard, project.folder, ignored)
    return parts.sets[: len(parts.sets) - (len(with_standard) - len(named))]


def _parts(
    project: Project,
    choice: Choice,
    crosswalk: str | Path | None,
    allow_transfer: bool,
    problems: ProblemLog,
) -> PlanInputs:
    """Return a project's inputs under a choice; the areas are brought to its ecosystem types."""
    parts = project.parts
    bridge = parts.crosswalk
    if not _has_types_of(choice, parts):
        if crosswalk is not None:
            bridge = load_crosswalk(str(crosswalk), None, choice.scheme, "--crosswalk", problems)
        if bridge is not None or crosswalk is None:
            _check_classes(parts, bridge, choice, problems)
    allowed = replace(
        parts.allowed,
        transfer=parts.allowed.transfer or allow_transfer,
        passed=tuple(dict.fromkeys([*parts.allowed.passed, *PARTIAL])),
    )
    return replace(
        parts,
        standard=choice.standard,
        scheme=choice.scheme,
        sets=choice.sets,
        switches=dict(choice.switches),
        crosswalk=bridge,
        allowed=allowed,
    )


def _has_types_of(choice: Choice, parts: PlanInputs) -> bool:
    """Return whether a standard has the ecosystem types of a project."""
    return choice.scheme.classes == parts.scheme.classes


def _check_classes(
    parts: PlanInputs, bridge: Crosswalk | None, choice: Choice, problems: ProblemLog
) -> None:
    """Check that the classes of the areas, or the crosswalk, lead to types of the standard."""
    if bridge is None:
        spellings = class_spellings(choice.scheme)
        classes = dict.fromkeys(map(str, parts.areas.rows["class"]))
        unknown = [name for name in classes if spellings.find(name) not in choice.scheme.classes]
    else:
        targets = set(map(str, bridge.frame["ecosystem"]))
        unknown = sorted(targets - {"na", *choice.scheme.classes})
    if unknown:
        labels = tuple(map(parts.scheme.label, unknown))
        problems.add(
            "unknown-class",
            parts.areas.files[0].name if parts.areas.files else "areas",
            "workflows.classes-of-standard",
            standard=Label(choice.standard.id, choice.standard.spec.title),
            scheme=choice.scheme.id,
            classes=Listed(labels, _NAMED),
        )


def _accounts(side: _ProjectSide, project: Project) -> tuple[Account, ...]:
    """Compute the accounts of a project under a standard; problems name the standard."""
    try:
        return accounts_of(side.parts, project.spec.project.years)
    except ProblemsFound as error:
        located = [replace(problem, project=side.choice.name) for problem in error.problems]
        raise ProblemsFound(located, error.warnings, error.language) from None


def _warnings(accounts: Sequence[Account]) -> tuple[Problem, ...]:
    """Return the warnings of accounts: not of inputs that only one of the standards takes."""
    warnings: dict[Problem, None] = {}
    for account in accounts:
        for problem in account.plan.warnings:
            if problem.code not in _EXPECTED:
                warnings[problem] = None
    return tuple(warnings)


# --- values of lines ------------------------------------------------------------------------------


class _LineKey(NamedTuple):
    """A line of an account by the indicator's id in the first standard, its item and kind."""

    indicator: str
    item: str
    kind: str


class _Amount(NamedTuple):
    """The sum of a line over the regions; NaN with a state where there is no number."""

    value: float
    state: str
    unit: str

    @property
    def cell(self) -> object:
        """The amount as tables have it."""
        return self.state or self.value


Amounts = dict[_LineKey, _Amount]
_NOTHING = _Amount(float("nan"), "", "")


def _amounts(account: Account, aliases: Mapping[str, str]) -> Amounts:
    """Sum the headline, the value of each indicator and its quantities over all regions."""
    plan = account.plan
    columns = columns_of(plan, account.results, by_ecosystem=False).columns
    lines = lines_of(plan, columns, every=True)
    everything = ParentRegions(("",), (np.arange(len(plan.extent.regions)),))
    sums = levels(plan, account.results, lines, everything)
    amounts: Amounts = {}
    for position, line in enumerate(lines.frame.itertuples(index=False)):
        is_sum = line.indicator == TOTAL and line.category != TOTAL
        is_item = line.kind == VALUE and line.item != ""
        if is_sum or is_item:
            continue
        state = ""
        if sums.gap[-1, position]:
            state = NOT_COMPILED
        elif not sums.valid[-1, position]:
            state = "na"
        value = float("nan") if state else float(sums.values[-1, position])
        indicator = aliases.get(str(line.indicator), str(line.indicator))
        key = _LineKey(indicator, str(line.item), str(line.kind))
        amounts[key] = _Amount(value, state, str(line.unit))
    return amounts


def _difference(amount: _Amount | None, base: _Amount | None) -> float:
    """Return an amount less another in the other's unit; NaN if one is not known."""
    if amount is None or base is None:
        return float("nan")
    if not same_dimension(amount.unit, base.unit):
        return float("nan")
    scale = factor(amount.unit, base.unit)
    change = amount.value * scale - base.value
    if abs(change) <= _ROUNDING * abs(base.value):
        return 0.0
    return change


# --- reasons --------------------------------------------------------------------------------------


class _Gap(NamedTuple):
    """An input that is missing: data or coefficient, its name, and the types that lack it."""

    kind: str
    name: str
    types: str  # ecosystem types with their names; blank if all that the step runs over lack it


Gaps = dict[_Gap, int]  # with the number of regions


class _ReplacedAccount(NamedTuple):
    """The account under the first standard with one thing of the second, and what that is."""

    reason: str
    item: str
    first: str
    second: str
    amounts: Amounts
    steps: frozenset[str]  # that use it; empty for formulas
    grades: tuple[str, str] = ("", "")


def _reasons(
    sides: Sequence[_ProjectSide],
    accounts: Sequence[Sequence[Account]],
    tables: StandardTables,
    language: Language,
) -> pd.DataFrame:
    """Return for each year and indicator the numbers under both standards, and why they differ."""
    aliases: dict[str, str] = {}
    for pair in tables.pairs:
        if pair.second is not None:
            aliases[pair.second.id] = pair.indicator.id
    rows: list[tuple[object, ...]] = []
    for first, second in zip(*accounts, strict=True):
        amounts = (_amounts(first, {}), _amounts(second, aliases))
        swaps = list(_swaps(sides, first, second, aliases))
        lacking = (_missing(first.plan, {}, language), _missing(second.plan, aliases, language))
        title = say(language, f"account.category.{TOTAL}")
        begin = (first.year, TOTAL, title)
        for row in _rows_of_lines(TOTAL, amounts, None):
            rows.append((*begin, *row))
        for pair in tables.pairs:
            indicator = pair.indicator
            begin = (first.year, indicator.id, indicator.name.say(language))
            steps = _step_names(pair, sides)
            used = [swap for swap in swaps if not swap.steps or swap.steps & steps]
            for row in _rows_of_lines(indicator.id, amounts, used):
                rows.append((*begin, *row))
            for row in _rows_of_pair(pair, amounts, lacking):
                rows.append((*begin, *row))
    return pd.DataFrame(rows, columns=list(REASON_COLUMNS))


def _rows_of_lines(
    indicator: str, amounts: tuple[Amounts, Amounts], swaps: Sequence[_ReplacedAccount] | None
) -> Iterator[tuple[object, ...]]:
    """Yield the numbers of an indicator under both standards, each with what makes them differ.

    Parameters
    ----------
    indicator : str
    amounts : tuple of Amounts
        Under the first and the second standard.
    swaps : sequence of _ReplacedAccount or None
        What may explain the difference; None where that is not asked.

    Yields
    ------
    tuple
        The columns of a row from ``reason`` on.
    """
    first, second = amounts
    for key in dict.fromkeys([*first, *second]):
        if key.indicator != indicator:
            continue
        base = first.get(key)
        other = second.get(key)
        change = _difference(other, base)
        cells, unit = _both_cells(base, other)
        yield (
            key.kind,
            key.item,
            "",
            *cells,
            _cell(change),
            unit,
            "",
            "",
        )
        if base is not None and other is not None and swaps is not None:
            yield from _rows_of_swaps(key, base, change, swaps)


def _rows_of_swaps(
    key: _LineKey, base: _Amount, change: float, swaps: Sequence[_ReplacedAccount]
) -> Iterator[tuple[object, ...]]:
    """Yield what each swap does to a line, and what they do together beyond that.

    Swaps that change nothing are shown at values only, where they are a difference all the same.
    """
    explained = 0.0
    for swap in swaps:
        effect = _difference(swap.amounts.get(key), base)
        explained += effect
        is_silent = swap.reason == FORMULA or key.kind == QUANTITY
        if is_silent and (effect == 0 or np.isnan(change)):
            continue
        yield (
            swap.reason,
            swap.item,
            "",
            swap.first,
            swap.second,
            _cell(effect),
            base.unit,
            *swap.grades,
        )
    rest = change - explained
    if abs(rest) > _ROUNDING * max(abs(base.value), abs(change)):
        yield (
            INTERACTION,
            "",
            "",
            "",
            "",
            rest,
            base.unit,
            "",
            "",
        )


def _both_cells(base: _Amount | None, other: _Amount | None) -> tuple[tuple[object, object], str]:
    """Return the cells of both amounts, and their unit; two units if they are not alike."""
    if other is None:
        known = base or _NOTHING
        return (known.cell, ""), known.unit
    if base is None:
        return ("", other.cell), other.unit
    if not same_dimension(base.unit, other.unit):
        units = f"{base.unit} | {other.unit}"
        return (base.cell, other.cell), units
    scale = factor(other.unit, base.unit)
    converted = other._replace(value=other.value * scale)
    return (base.cell, converted.cell), base.unit


def _cell(number: float) -> object:
    """Return a number as a cell, one that is not known as a blank."""
    return "" if np.isnan(number) else number


def _rows_of_pair(
    pair: IndicatorPair,
    amounts: tuple[Amounts, Amounts],
    lacking: Sequence[Mapping[str, Gaps]],
) -> Iterator[tuple[object, ...]]:
    """Yield that only one standard has an indicator, and what is missing under each."""
    indicator = pair.indicator.id
    if pair.place != BOTH:
        side = 0 if pair.place == FIRST else 1
        amount = amounts[side].get(_LineKey(indicator, "", VALUE), _NOTHING)
        effect = amount.value if side else -amount.value
        yield (
            pair.place,
            "",
            "",
            "",
            "",
            _cell(effect),
            amount.unit,
            "",
            "",
        )
    under = [missing.get(indicator, {}) for missing in lacking]
    for need in dict.fromkeys([*under[0], *under[1]]):
        counts = [missing.get(need, "") for missing in under]
        yield (
            f"{MISSING}{need.kind}",
            need.name,
            need.types,
            *counts,
            "",
            "",
            "",
            "",
        )


def _step_names(pair: IndicatorPair, sides: Sequence[_ProjectSide]) -> frozenset[str]:
    """Return the names of the steps behind an indicator in either standard."""
    names: set[str] = set()
    for side, indicator in zip(sides, (pair.first, pair.second), strict=True):
        if indicator is not None:
            for named in steps_behind(side.choice.standard, indicator):
                names.add(named.name)
    return frozenset(names)


def _missing(plan: Plan, aliases: Mapping[str, str], language: Language) -> dict[str, Gaps]:
    """Return by indicator the inputs that are missing, which it or a step before it needs."""
    behind: dict[str, Gaps] = {}  # by step, with those it takes results of
    by_indicator: dict[str, Gaps] = {}
    for step in plan.steps:  # each after those whose results it takes
        gaps = _gaps_of_step(step, plan, language)
        for source in step.inputs.values():
            if isinstance(source, StepLink):
                gaps = {**behind[source.source], **gaps}
        behind[step.name] = gaps
        if step.indicator is not None:
            indicator = aliases.get(step.indicator.id, step.indicator.id)
            by_indicator.setdefault(indicator, {}).update(gaps)
    return by_indicator


def _gaps_of_step(step: PlannedStep, plan: Plan, language: Language) -> Gaps:
    """Return the inputs of a step that are missing."""
    gaps: Gaps = {}
    regions = len(plan.extent.regions)
    for argument, source in step.inputs.items():
        if not isinstance(source, BoundInput) or not source.missing.any():
            continue
        binding = step.step.inputs[argument]
        kind = "data" if binding.data else "coefficient"
        positions = np.argwhere(source.missing)
        lacks = dict(zip(source.dims, positions.T, strict=True))
        count = len(np.unique(lacks["region"])) if "region" in lacks else regions
        types = ""
        if "ecosystem" in lacks:
            names = plan.extent.ecosystems[np.unique(lacks["ecosystem"])]
            if len(names) < len(plan.extent.ecosystems):
                labels = [plan.scheme.label(str(name)) for name in names]
                types = join(language, labels, len(labels))
        gaps[_Gap(kind, binding.data or binding.coef, types)] = count
    return gaps


# --- one thing at a time --------------------------------------------------------------------------


def _swaps(
    sides: Sequence[_ProjectSide],
    first: Account,
    second: Account,
    aliases: Mapping[str, str],
) -> Iterator[_ReplacedAccount]:
    """Compute the account under the first standard anew, each time with one thing of the second."""
    before, after = sides
    rows = differing_rows(first.plan, second.plan)
    names = list(dict.fromkeys(map(str, rows["name"])))
    switches = before.choice.switches
    for replacement in replacements(before.parts, switches, after.choice, names):
        amounts = _amounts_of(replacement.parts, first.year, {})
        item = replacement.name
        if replacement.choice != "coefficient":
            yield _ReplacedAccount(
                reason=replacement.choice,
                item=item,
                first=replacement.own,
                second=replacement.common,
                amounts=amounts,
                steps=_steps_of_switch(item, sides),
            )
            continue
        is_of_name = rows["name"] == item
        chosen = rows[is_of_name.to_numpy()]
        steps = ";".join(chosen["steps"])
        yield _ReplacedAccount(
            reason=replacement.choice,
            item=item,
            first=_numbers_of(chosen, "own"),
            second=_numbers_of(chosen, "common"),
            amounts=amounts,
            steps=frozenset(steps.split(";")),
            grades=(_grades_of(chosen, "own"), _grades_of(chosen, "common")),
        )
    parts = _with_other_formulas(before, after)
    yield _ReplacedAccount(
        reason=FORMULA,
        item="",
        first="",
        second="",
        amounts=_amounts_of(parts, first.year, aliases),
        steps=frozenset(),
    )


def _with_other_formulas(before: _ProjectSide, after: _ProjectSide) -> PlanInputs:
    """Return inputs of the second standard, with numbers and options of the first it knows."""
    known = after.choice.standard.spec.switch
    switches = dict(after.parts.switches)
    for name, option in before.choice.switches.items():
        if name in known and option in known[name].options:
            switches[name] = option
    by_folder: dict[Path, CoefficientSet] = {}
    for coefficient_set in (*before.choice.sets, *after.choice.sets):
        by_folder.setdefault(coefficient_set.path.resolve(), coefficient_set)
    return replace(
        after.parts,
        switches=switches,
        sets=tuple(by_folder.values()),
    )


def _amounts_of(parts: PlanInputs, year: int, aliases: Mapping[str, str]) -> Amounts:
    """Compute the amounts of inputs; none where they do not go together."""
    try:
        return _amounts(accounts_of(parts, [year])[0], aliases)
    except ProblemsFound:
        return {}


def _steps_of_switch(switch: str, sides: Sequence[_ProjectSide]) -> frozenset[str]:
    """Return the names of the steps that a switch chooses between in either standard."""
    names = set()
    for side in sides:
        for named in side.choice.standard.steps():
            if switch in named.step.when:
                names.add(named.name)
    return frozenset(names)


def _numbers_of(rows: pd.DataFrame, side: str) -> str:
    """Write the numbers of a coefficient that differ: the number, or their range and count."""
    columns = [f"{side}_keys", f"{side}_value", f"{side}_unit"]
    cells = rows[columns].drop_duplicates()
    cells.columns = pd.Index(["keys", "value", "unit"])
    is_filled = cells["value"] != ""
    cells = cells[is_filled.to_numpy()]
    count = len(cells)
    if count == 0:
        return ""
    units = cells["unit"].unique()
    if count == 1:
        return _number(cells["value"].iloc[0], units[0])
    numbers = pd.to_numeric(cells["value"], errors="coerce")
    if len(units) > 1 or numbers.isna().all():
        return f"({count})"
    low = numbers.min()
    high = numbers.max()
    return f"{low:.6g} .. {high:.6g} {units[0]} ({count})"


def _number(value: object, unit: str) -> str:
    """Write a number with its unit; ``na`` has none."""
    return f"{value:.15g} {unit}" if isinstance(value, float) else str(value)


def _grades_of(rows: pd.DataFrame, side: str) -> str:
    """Return the grades of the numbers of a coefficient that differ."""
    grades = dict.fromkeys(grade for grade in rows[f"{side}_grade"] if grade)
    return ";".join(grades)
