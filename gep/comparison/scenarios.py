"""Scenarios beside what they change (情景对比): the same years with edits and without.

``compare`` is the public door: accounts of different years go to ``gep.comparison.comparison``,
scenarios are put beside the account without edits of their year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.frames import as_numbers
from gep.account.lines import LINE_COLUMNS, levels, lines_of
from gep.comparison import comparison as of_years
from gep.comparison.comparability import check_comparable, differences
from gep.comparison.comparison import Comparison
from gep.comparison.panel import Pair
from gep.errors import ProblemLog
from gep.extent.region_changes import RegionChanges, read_region_changes
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, several, wrong_argument
from gep.io.notebook import html_table
from gep.texts.catalogue import counted

_EDITED = ("switches", "prices", "indicators")  # aspects in which a scenario may differ
_KEYS = ["year", "region", "level", *LINE_COLUMNS]
_LEVELS = ["value_base", "value_scenario"]


@dataclass(frozen=True, repr=False)
class ScenarioComparison:
    """Scenarios beside the accounts that they change.

    Attributes
    ----------
    bases : mapping of int to Account
        By year the account without edits.
    scenarios : tuple of Account
        The accounts with edits.

    Examples
    --------
    >>> import gep
    >>> project = gep.read_project("examples/beibu-gulf")
    >>> edited = project.compute(2014, set={"equivalent_value": 3700})
    >>> gep.compare(project.compute(2014), edited)
    <ScenarioComparison of [2014], 1 scenario>
    """

    bases: Mapping[int, Account]
    scenarios: tuple[Account, ...]

    def __repr__(self) -> str:
        """Return a line: years, and how many scenarios."""
        scenarios = counted(len(self.scenarios), "scenario")
        return f"<ScenarioComparison of {list(self.bases)}, {scenarios}>"

    def _repr_html_(self) -> str:
        """Return the table, as a notebook shows it."""
        return html_table([repr(self)], self.table())

    def table(self) -> pd.DataFrame:
        """Return what each scenario changes.

        Returns
        -------
        DataFrame
            A row for each year, scenario, region or parent, and line (headline, category,
            indicator, item): ``value_base``, ``value_scenario`` and ``change`` (in ``unit``),
            ``growth`` (a fraction; NaN where the base is not above zero), ``scenario`` (its edits).
            NaN where there is no number; ``status``, the last column, says for each row whether one
            of its numbers is ``none`` (there is none of it) or ``not_compiled`` (an input is
            missing), else ``number``.
        """
        tables = []
        for scenario in self.scenarios:
            base = _line_frame(self.bases[scenario.year], "value_base")
            edited = _line_frame(scenario, "value_scenario")
            merged = base.merge(edited, on=_KEYS, how="outer", sort=False)
            cells = merged[_LEVELS].where(merged[_LEVELS].notna(), "na")  # a line of one of them
            table = as_numbers(merged.assign(**cells))
            status = table.pop("status")
            table["change"] = table["value_scenario"] - table["value_base"]
            is_positive = (table["value_base"] > 0).to_numpy()
            growth = table["change"] / table["value_base"].where(is_positive)
            table["growth"] = growth
            table["scenario"] = scenario_label(scenario)
            table["status"] = status
            tables.append(table)
        return pd.concat(tables, ignore_index=True)


def scenario_label(account: Account) -> str:
    """Return the edits of an account in a line, such as ``rate 3 -> 4 CNY t-1``."""
    edits = []
    for edit in account.plan.edits:
        edits.append(f"{edit.name} {edit.old} -> {edit.new} {edit.unit}".strip())
    return "; ".join(edits)


def _line_frame(account: Account, name: str) -> pd.DataFrame:
    """Return the lines of an account as they are written, a row for each region and line."""
    lines = lines_of(account.plan, account.block.columns)
    values = levels(account.plan, account.results, lines, account.parents)
    codes = account.sums.codes
    count = len(lines.frame)
    table = pd.concat([lines.frame] * len(codes), ignore_index=True)
    table.insert(0, "level", np.repeat(account.sums.level, count))
    table.insert(0, "region", np.repeat(codes, count))
    table.insert(0, "year", account.year)
    table[name] = values.cells().ravel()
    return table


@checked_arguments
def compare(
    *accounts: Account | Sequence[Account],
    pairs: Sequence[Pair] | None = None,
    allow: str | Sequence[str] = (),
    changes: RegionChanges | TableArgument | None = None,
    normal: Mapping[int, Account | Sequence[Account]] | None = None,
    moving_mean: int = 0,
) -> Comparison | ScenarioComparison:
    """Compare accounts of different years, or scenarios with the accounts that they change.

    Parameters
    ----------
    *accounts : Account or sequence of Account
        Accounts of different years, one a year, in any order; or for each year one account without
        edits and any number of scenarios of it (``project.compute(set=...)``).
    pairs : sequence of (int, int), optional
        The years to compare, the earlier first. Default: each year with the next, and the first
        with the last. ``()`` puts the accounts side by side and compares none of them.
    allow : str or sequence of str, default ()
        The aspects in which accounts may differ: ``standard``, ``indicators``, ``switches``,
        ``prices``, ``tier``, ``classes``, ``boundary``. A scenario may differ in switches, prices
        and indicators.
    changes : RegionChanges, str, Path, DataFrame or xarray object, optional
        Dated changes of region codes, by which results of earlier years are mapped to the boundary
        of the last year.
    normal : mapping of int to Account or sequence of Account, optional
        For each year the accounts under the weather of each reference year.
    moving_mean : int, default 0
        Number of years (2 or more) whose mean up to each year is taken instead.

    Returns
    -------
    Comparison or ScenarioComparison

    Raises
    ------
    ProblemsFound
        ``wrong-argument`` for what is no account, ``not-comparable`` for each difference that is
        not allowed, ``same-year`` for two accounts of a year of which not exactly one is without
        edits, ``missing-year``, ``bad-year``, ``moving-mean``, ``unknown-option``,
        ``wrong-dimension``.

    Examples
    --------
    >>> import gep
    >>> project = gep.read_project("examples/beibu-gulf")
    >>> comparison = gep.compare(project.compute())
    >>> comparison.table()["value_to"].dtype
    dtype('float64')
    >>> edited = project.compute(2014, set={"equivalent_value": 3700})
    >>> scenarios = gep.compare(project.compute(2014), edited)
    >>> bool((scenarios.table()["change"] > 0).any())
    True
    """
    listed: list[Account] = []
    for argument in accounts:
        listed += several(argument)
    for account in listed:
        if not isinstance(account, Account):
            raise wrong_argument(account, "accounts", "comparison.not-an-account")
    if changes is not None and not isinstance(changes, RegionChanges):
        changes = read_region_changes(changes)
    of_climate = {year: several(normals) for year, normals in (normal or {}).items()}
    allow = several(allow)
    bases = {account.year: account for account in listed if not account.plan.edits}
    scenarios = tuple(account for account in listed if account.plan.edits)
    years = {account.year for account in scenarios}
    has_bases = len(bases) + len(scenarios) == len(listed) and years == set(bases)
    if not (scenarios and has_bases):
        return of_years.compare(
            listed,
            pairs=pairs,
            allow=allow,
            changes=changes,
            normal=of_climate or None,
            moving_mean=moving_mean,
        )
    problems = ProblemLog()
    for scenario in scenarios:
        pair = [bases[scenario.year], scenario]
        codes = [[str(code) for code in account.plan.extent.regions] for account in pair]
        differing = differences(pair, codes)
        check_comparable(differing, (*_EDITED, *allow), problems)
    problems.raise_errors()
    return ScenarioComparison(bases, scenarios)
