"""Comparability (可比性): in which aspects accounts must be alike, and flags where they differ.

A growth rate that mixes methods, prices or boundaries is worse than none. A difference is refused
by name unless the user allows that aspect; then every row of the comparison carries a flag.
Mapping regions to one boundary is left to ``panel``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gep.account.account import Account
from gep.errors import ProblemLog
from gep.extent.regions import Regions, region_label
from gep.plan.plan import Plan
from gep.texts.catalogue import Label, Language, Listed, Sayable, say, text

ASPECTS = ("standard", "indicators", "switches", "prices", "tier", "classes", "boundary")

_ITEMS_NAMED = 30  # items that a message names before it counts the rest


@dataclass(frozen=True)
class Clauses:
    """Clauses of one sentence, separated by semicolons."""

    clauses: tuple[Sayable, ...]

    def say(self, language: Language) -> str:
        """Return the clauses in ``language``."""
        separator = say(language, "comparison.clause-separator")
        return separator.join(clause.say(language) for clause in self.clauses)


def price_basis_text(basis: str) -> Clauses:
    """Word a price basis, or several joined by semicolons, such as ``current;constant:2016``.

    Parameters
    ----------
    basis : str

    Returns
    -------
    Clauses
    """
    clauses = []
    for name in basis.split(";"):
        year = name.partition(":")[2]
        if year:
            clauses.append(text("comparison.prices.constant", year=year))
        else:
            clauses.append(text("comparison.prices.current"))
    return Clauses(tuple(clauses))


def aspect_label(aspect: str) -> Label:
    """Return an aspect's id with its title."""
    return Label(aspect, text(f"comparison.aspect.{aspect}"))


# --- differences ---------------------------------------------------------------------------------


def differences(
    accounts: Sequence[Account], codes: Sequence[Collection[str]]
) -> dict[str, Clauses]:
    """Find the aspects in which accounts differ.

    Parameters
    ----------
    accounts : sequence of Account
        Accounts in the order of their years.
    codes : sequence of collection of str
        For each account the codes of its regions on the common boundary.

    Returns
    -------
    dict of str to Clauses
        The aspects that differ, in the order of ``ASPECTS``, and how the accounts differ in them.
        Where the standards differ, the switches are not compared.
    """
    plans = [account.plan for account in accounts]
    regions = plans[-1].regions
    values: dict[str, list[Sayable]] = {
        "standard": _standards(plans),
        "switches": [_switches(plan) for plan in plans],
        "prices": [price_basis_text(account.plan.price_basis.code) for account in accounts],
        "tier": [text(f"comparison.tier.{plan.extent.tier}") for plan in plans],
        "classes": [Label(plan.scheme.id) for plan in plans],
    }
    members: dict[str, list[dict[str, Sayable]]] = {
        "indicators": [_totals_and_steps(plan) for plan in plans],
        "boundary": [_region_labels(regions, account_codes) for account_codes in codes],
    }
    if _differ(values["standard"]):
        del values["switches"]
    differing = {}
    for aspect in ASPECTS:
        clauses: list[Sayable] = []
        if aspect in members:
            clauses = _missing_members(accounts, members[aspect])
        elif aspect in values and _differ(values[aspect]):
            clauses = _values_by_year(accounts, values[aspect])
        if clauses:
            differing[aspect] = Clauses(tuple(clauses))
    return differing


def _differ(values: Sequence[Sayable]) -> bool:
    first = values[0]
    return any(value != first for value in values)


def _standards(plans: Sequence[Plan]) -> list[Sayable]:
    """Label the standard of each plan; different texts of one id are numbered."""
    labels: list[Sayable] = []
    for plan in plans:
        standard = plan.standard
        specs = []
        for candidate in plans:
            spec = candidate.standard.spec
            if candidate.standard.id == standard.id and spec not in specs:
                specs.append(spec)
        label = Label(standard.id, standard.spec.title)
        if len(specs) == 1:
            labels.append(label)
        else:
            number = specs.index(standard.spec) + 1
            labels.append(text("comparison.difference.version", standard=label, number=number))
    return labels


def _switches(plan: Plan) -> Sayable:
    """List the options that are chosen where the standard leaves a choice."""
    choices = []
    for name, option in plan.switches.items():
        switch = Label(name, plan.standard.spec.switch[name].name)
        choices.append(text("comparison.difference.switch", switch=switch, option=option))
    return Listed(tuple(choices), _ITEMS_NAMED)


def _totals_and_steps(plan: Plan) -> dict[str, Sayable]:
    """Label the totals and the steps of indicators that a plan computes.

    The key of a total holds its indicators, so that totals of one id over other indicators differ.
    """
    spec = plan.standard.spec
    titles = {indicator.id: indicator.name for indicator in spec.indicator}
    labels: dict[str, Sayable] = {}
    for total in spec.total:
        key = f"total {total.id} ({', '.join(total.indicators)})"
        indicators = tuple(Label(name, titles.get(name)) for name in total.indicators)
        labels[key] = text(
            "comparison.difference.total",
            total=Label(total.id, total.name),
            indicators=Listed(indicators, _ITEMS_NAMED),
        )
    for step in plan.steps:
        if step.indicator is None:
            continue
        title: Sayable = step.indicator.name
        if step.step.name is not None:
            title = text(
                "comparison.step-title",
                indicator=step.indicator.name,
                step=step.step.name,
            )
        labels[step.name] = Label(step.name, title)
    return labels


def _region_labels(regions: Regions | None, codes: Collection[str]) -> dict[str, Sayable]:
    return {code: region_label(code, regions) for code in codes}


def _values_by_year(accounts: Sequence[Account], values: Sequence[Sayable]) -> list[Sayable]:
    """Word each value once, with the years of the accounts that have it."""
    return [
        text("comparison.difference.value", years=years, value=value)
        for value, years in _years_of_values(accounts, values)
    ]


def _missing_members(
    accounts: Sequence[Account], members: Sequence[Mapping[str, Sayable]]
) -> list[Sayable]:
    """Word the members that are missing in accounts, but not in all of them."""
    labels: dict[str, Sayable] = {}
    for account_members in members:
        labels |= account_members
    missing_of_accounts = []
    for account_members in members:
        missing = [labels[name] for name in sorted(labels) if name not in account_members]
        missing_of_accounts.append(tuple(missing))
    return [
        text("comparison.difference.missing", years=years, items=missing)
        for missing, years in _years_of_values(accounts, missing_of_accounts)
        if missing
    ]


_Value = TypeVar("_Value")


def _years_of_values(
    accounts: Sequence[Account], values: Sequence[_Value]
) -> list[tuple[_Value, Listed]]:
    """Gather the years of the accounts by their value, in the order of the first years."""
    groups: list[tuple[_Value, list[int]]] = []
    for account, value in zip(accounts, values, strict=True):
        for known, years in groups:
            if known == value:
                years.append(account.year)
                break
        else:
            groups.append((value, [account.year]))
    return [(value, Listed(tuple(years), len(years))) for value, years in groups]


def check_comparable(
    differing: Mapping[str, Clauses], allowed: Collection[str], problems: ProblemLog
) -> None:
    """Check that accounts differ only in aspects that are allowed to differ.

    Parameters
    ----------
    differing : mapping of str to Clauses
        The aspects that differ; see ``differences``.
    allowed : collection of str
        The aspects that may differ.
    problems : ProblemLog
        Receives ``unknown-option`` for an aspect that does not exist and ``not-comparable`` for
        each difference that is not allowed.
    """
    for name in allowed:
        if name not in ASPECTS:
            aspects = Listed(tuple(aspect_label(aspect) for aspect in ASPECTS), len(ASPECTS))
            problems.add(
                "unknown-option",
                "--allow",
                "comparison.unknown-aspect",
                name=name,
                aspects=aspects,
            )
    for aspect, difference in differing.items():
        if aspect not in allowed:
            problems.add(
                "not-comparable",
                aspect_label(aspect),
                "comparison.not-comparable",
                aspect=aspect,
                difference=difference,
            )


def flags(accounts: Sequence[Account], differing: Collection[str], mapped: bool) -> list[str]:
    """List the flags that every row of a comparison carries.

    Parameters
    ----------
    accounts : sequence of Account
    differing : collection of str
        The aspects that were allowed to differ.
    mapped : bool
        Whether regions of earlier years were mapped to the boundary of the last.

    Returns
    -------
    list of str
        Names of flags, each worded by the entry ``comparison.flag.<name>`` of the catalogue.
    """
    plans = [account.plan for account in accounts]
    names = [f"{aspect}-differs" for aspect in differing]
    if any(plan.price_year is None for plan in plans):
        names.append("current-prices")
    if any(account.shares()["nominal"] for account in accounts):
        names.append("nominal-prices")
    crosswalks = {plan.crosswalk.id if plan.crosswalk else "" for plan in plans}
    if len(crosswalks) > 1:
        names.append("crosswalk-differs")
    sources = [frozenset(plan.extent.parts["source"]) - {""} for plan in plans]
    if all(sources) and len(set(sources)) > 1:
        names.append("area-source-differs")
    if mapped:
        names.append("mapped-boundary")
    if any(plan.edits for plan in plans):
        names.append("edited")
    return names
