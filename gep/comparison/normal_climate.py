"""Weather apart from management (气象与管理分离): an account under each of several reference years' weather.

The value at normal climate is the mean of the accounts under the reference years' weather, not the account of the mean
weather: erosivity is no linear function of rain, and a method may hold a min().
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem
from gep.inputs.data import Data
from gep.plan.build import PlanInputs, build_plan


def under_reference_weather(
    parts: PlanInputs, normal: Data, years: Sequence[int]
) -> dict[int, tuple[Account, ...]]:
    """For each year its account under the weather of each reference year of ``normal``.

    All data names that ``normal`` has are taken from it. Raises ``ProblemsFound``.
    """
    asked = {
        binding.data for _, _, step in parts.standard.steps() for binding in step.inputs.values()
    }
    if not asked & set(normal.rows["name"]):
        return {}  # no step takes any of it: there is no normal climate apart from the actual one
    references = sorted(set(normal.rows["year"]))
    found: dict[int, list[Account]] = {year: [] for year in years}
    errors: list[Problem] = []
    for reference in references:
        for year in years:
            try:
                plan = build_plan(_in_weather(parts, normal, year, reference), year, ProblemLog())
                found[year].append(account_from_plan(plan))
            except ProblemsFound as error:
                where = f"{normal.files[0].name} weather of {reference}"
                errors += [replace(one, place=f"{where}, {one.where}") for one in error.problems]
    if errors:
        raise ProblemsFound(errors)
    return {year: tuple(some) for year, some in found.items()}


def _in_weather(parts: PlanInputs, normal: Data, year: int, reference: int) -> PlanInputs:
    """The parts with the data of a year, but for the names of ``normal``, which are those of the reference year."""
    weather = normal.rows[(normal.rows["year"] == reference).to_numpy()].assign(year=year)
    own, areas = parts.data.rows, parts.areas.rows
    elsewhere = set(areas["region"]) - set(areas.loc[(areas["year"] == year).to_numpy(), "region"])
    weather = weather[
        ~weather["region"].isin(elsewhere).to_numpy()
    ]  # codes of other years' boundaries
    kept = own[((own["year"] == year) & ~own["name"].isin(set(normal.rows["name"]))).to_numpy()]
    rows = pd.concat([one for one in (kept, weather) if len(one)], ignore_index=True)
    return replace(parts, data=Data(rows, (*parts.data.files, *normal.files)))


def moving_means(accounts: Sequence[Account], length: int) -> dict[int, tuple[Account, ...]]:
    """For each year that has them, the accounts of the ``length`` years up to it; they must follow one another.

    Raises ``ProblemsFound`` where fewer than two years have so many.
    """
    by_year = {account.year: account for account in accounts}
    found = {}
    for year in by_year:
        window = [by_year.get(one) for one in range(year - length + 1, year + 1)]
        if length > 1 and all(one is not None for one in window):
            found[year] = tuple(one for one in window if one is not None)
    if len(found) < 2:
        what = f"a moving mean of {length} years needs {length + 1} years or more that follow one another"
        have = ", ".join(str(year) for year in sorted(by_year))
        raise ProblemsFound(
            [make_problem("moving-mean", "--moving-mean", what, f"the accounts are of {have}")]
        )
    return found
