"""Weather apart from management (气象与管理分离): accounts under the weather of reference years.

The value at normal climate is the mean of the accounts under the reference years' weather, not the
account of the mean weather: erosivity is no linear function of rain, and a method may hold a min().
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem
from gep.inputs.data import Data
from gep.plan.build import PlanInputs, build_plan
from gep.texts.catalogue import Listed, text

_FEWEST_MEANS = 2  # years with a moving mean that make a comparison
_YEARS_NAMED = 30  # years that a message names before it counts the rest


def under_reference_weather(
    parts: PlanInputs, normal: Data, years: Sequence[int]
) -> dict[int, tuple[Account, ...]]:
    """Compute the account of each year under the weather of each reference year.

    Parameters
    ----------
    parts : PlanInputs
        What the accounts are computed from.
    normal : Data
        Data rows of the reference years. Every data name in them replaces that of the account's
        year.
    years : sequence of int
        The years of the accounts.

    Returns
    -------
    dict of int to tuple of Account
        By year one account for each reference year, in their order. Empty where no step takes any
        of the data of ``normal``: then there is no normal climate apart from the actual one.

    Raises
    ------
    ProblemsFound
        Every problem of any of these plans, its place preceded by the reference year.
    """
    taken: set[str] = set()
    for _, _, step in parts.standard.steps():
        taken |= {binding.data for binding in step.inputs.values()}
    if not taken & set(normal.rows["name"]):
        return {}
    accounts: dict[int, list[Account]] = {year: [] for year in years}
    errors: list[Problem] = []
    for reference in sorted(set(normal.rows["year"])):
        for year in years:
            inputs = _with_weather(
                parts,
                normal=normal,
                year=year,
                reference=reference,
            )
            try:
                plan = build_plan(inputs, year, ProblemLog())
                accounts[year].append(account_from_plan(plan))
            except ProblemsFound as error:
                errors += _at_reference(error.problems, normal, reference)
    if errors:
        raise ProblemsFound(errors)
    return {year: tuple(members) for year, members in accounts.items()}


def _at_reference(problems: Sequence[Problem], normal: Data, reference: int) -> list[Problem]:
    """Put the file of the reference years and the reference year before the place of problems."""
    moved = []
    for problem in problems:
        place = text(
            "comparison.weather-place",
            file=normal.files[0].name,
            year=reference,
            place=problem.place,
        )
        moved.append(replace(problem, place=place))
    return moved


def _with_weather(parts: PlanInputs, normal: Data, year: int, reference: int) -> PlanInputs:
    """Replace the data of an account's year by those of a reference year, as far as it has them.

    Parameters
    ----------
    parts : PlanInputs
    normal : Data
        Data rows of the reference years.
    year : int
        Year of the account.
    reference : int
        The reference year.

    Returns
    -------
    PlanInputs
        With data of ``year`` alone.
    """
    data = parts.data.rows
    is_of_year = data["year"] == year
    is_replaced = data["name"].isin(set(normal.rows["name"]))
    remains = is_of_year & ~is_replaced
    remaining = data[remains.to_numpy()]
    is_of_reference = normal.rows["year"] == reference
    weather = normal.rows[is_of_reference.to_numpy()].assign(year=year)
    # regions without areas in this year are codes of other years' boundaries
    areas = parts.areas.rows
    has_areas = areas["year"] == year
    regions = set(areas.loc[has_areas.to_numpy(), "region"])
    other_regions = set(areas["region"]) - regions
    is_elsewhere = weather["region"].isin(other_regions)
    weather = weather[~is_elsewhere.to_numpy()]
    filled = [frame for frame in (remaining, weather) if len(frame)]
    completed = Data(
        rows=pd.concat(filled, ignore_index=True),
        files=(*parts.data.files, *normal.files),
    )
    return replace(parts, data=completed)


def moving_means(accounts: Sequence[Account], length: int) -> dict[int, tuple[Account, ...]]:
    """Find for each year the accounts of the consecutive years up to it.

    Parameters
    ----------
    accounts : sequence of Account
        One a year.
    length : int
        Number of years in a mean, 2 or more.

    Returns
    -------
    dict of int to tuple of Account
        By year ``length`` accounts in the order of their years; years without so many consecutive
        accounts are left out.

    Raises
    ------
    ProblemsFound
        ``moving-mean`` where fewer than two years have a mean.
    """
    by_year = {account.year: account for account in accounts}
    means = {}
    for year in by_year:
        window = range(year - length + 1, year + 1)
        is_complete = all(member in by_year for member in window)
        if length > 1 and is_complete:
            means[year] = tuple(by_year[member] for member in window)
    if len(means) < _FEWEST_MEANS:
        years = tuple(sorted(by_year))
        problem = make_problem(
            "moving-mean",
            "--moving-mean",
            "comparison.too-few-years",
            length=length,
            needed=length + 1,
            years=Listed(years, _YEARS_NAMED),
        )
        raise ProblemsFound([problem])
    return means
