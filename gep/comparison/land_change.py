"""What land that changed its type did to value (土地转移的价值变化, ``transitions.csv``).

The module brings the accounts' areas and values of two years together, by region and parent, and
says which regions are left out. Reading transitions and the rows of the table are left to
``extent.transitions``.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gep.account.evaluation import evaluate
from gep.comparison.panel import Pair, Panel, pair_plans, stable_regions
from gep.errors import Problem, ProblemLog
from gep.extent.transitions import (
    TRANSITION_COLUMNS,
    TransitionMatrix,
    Transitions,
    net_matrix,
    transition_matrix,
    transition_table,
    unit_values,
    warn_margins,
)
from gep.plan.plan import Plan
from gep.units import factor


def transitions_table(
    panel: Panel, transitions: Transitions | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows of ``transitions.csv`` for every pair of years.

    Parameters
    ----------
    panel : Panel
    transitions : Transitions or None
        Areas from type to type between the years. Without them only net changes are known, and the
        table has ``net`` rows only.

    Returns
    -------
    table : DataFrame
        Columns ``TRANSITION_COLUMNS``. Values are those of the headline's steps that are known by
        ecosystem type. Empty where the accounts differ in their class schemes or standards.
    warnings : list of Problem
        ``transition-margins`` where transitions do not sum to the areas of the accounts, and
        ``land-not-told`` where regions or parents are left out because their boundary changed.
    """
    problems = ProblemLog()
    tables = []
    for pair in panel.pairs:
        if "classes" in panel.differs or "standard" in panel.differs:
            continue
        table = _pair_table(panel, pair, transitions, problems)
        if len(table):
            tables.append(table)
    if not tables:
        return pd.DataFrame(columns=TRANSITION_COLUMNS), problems.warnings
    return pd.concat(tables, ignore_index=True), problems.warnings


def _pair_table(
    panel: Panel, pair: Pair, transitions: Transitions | None, problems: ProblemLog
) -> pd.DataFrame:
    """Return the rows of a pair of years, on the boundary of the panel's last year.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)
    transitions : Transitions or None
    problems : ProblemLog
        Receives ``transition-margins`` and ``land-not-told``.

    Returns
    -------
    DataFrame
        Columns ``TRANSITION_COLUMNS``.
    """
    first_year, last_year = pair
    panel_between = panel.between(pair)
    first, last, _ = pair_plans(
        panel_between,
        first=panel_between.account(first_year),
        last=panel_between.account(last_year),
    )
    stable = np.flatnonzero(stable_regions(panel_between, pair))
    unit = first.standard.spec.unit
    opening = first.extent.area_of()[stable]
    closing = last.extent.area_of()[stable]
    first_unit_values = unit_values(values_by_type(first, unit)[stable], opening)
    last_unit_values = unit_values(values_by_type(last, unit)[stable], closing)
    regions = first.extent.regions[stable]
    types = [str(name) for name in first.extent.ecosystems]
    matrix: TransitionMatrix | None = None
    if transitions is not None:
        crosswalk = panel.accounts[-1].plan.crosswalk
        matrix = transition_matrix(
            transitions,
            regions=regions,
            ecosystems=types,
            first=first_year,
            last=last_year,
            crosswalk=crosswalk,
            opening=opening,
            closing=closing,
        )
        if matrix is not None:
            warn_margins(matrix, str(transitions.rows["file"].iloc[0]), problems)
    if matrix is None:
        matrix = net_matrix(
            regions,
            ecosystems=types,
            first=first_year,
            last=last_year,
            opening=opening,
            closing=closing,
        )
    shares = panel.map_regions(panel_between, pair)
    sums, missing = _sums_of_stable(
        panel,
        shares=shares,
        stable=stable,
        regions=regions,
    )
    if missing:
        problems.add(
            "land-not-told",
            "transitions.csv",
            "comparison.land-not-reported",
            regions=[panel.label(code) for code in missing],
            first=first_year,
            last=last_year,
        )
    table = transition_table(
        matrix,
        unit_value0=matrix.aligned(first_unit_values),
        unit_value1=matrix.aligned(last_unit_values),
        unit=unit,
        parents=sums,
    )
    return table[table["region"].isin([*panel.codes]).to_numpy()]


def _sums_of_stable(
    panel: Panel, shares: np.ndarray, stable: np.ndarray, regions: pd.Index
) -> tuple[Mapping[str, list[int]], list[str]]:
    """Find which stable regions make up each region and parent of the boundary.

    Parameters
    ----------
    panel : Panel
        The panel whose boundary is that of the last year.
    shares : ndarray of float
        The regions of the pair's own boundary x the regions of the panel.
    stable : ndarray of int
        Positions of the stable regions on the pair's own boundary, ascending.
    regions : Index
        Their codes.

    Returns
    -------
    sums : dict of str to list of int
        For each region of the panel that is made up of other stable regions, and each parent of
        such regions, the positions in ``regions``.
    missing : list of str
        The regions and parents that are not made up of stable regions alone.
    """
    is_stable = np.zeros(len(shares), dtype=bool)
    is_stable[stable] = True
    has_part = shares > 0
    is_usable = (shares == 1) & is_stable[:, None]
    parts: dict[str, list[int]] = {}
    sums: dict[str, list[int]] = {}
    missing: list[str] = []
    for column, code in enumerate(map(str, panel.regions)):
        members = np.flatnonzero(has_part[:, column])
        can_sum = is_usable[members, column].all()
        if not len(members) or not can_sum:
            missing.append(code)
            continue
        parts[code] = np.searchsorted(stable, members).tolist()
        names = [str(regions[number]) for number in parts[code]]
        if names != [code]:
            sums[code] = parts[code]
    for parent, members in zip(panel.above.codes, panel.above.members, strict=True):
        codes = [str(panel.regions[position]) for position in members]
        if any(code not in parts for code in codes):
            missing.append(parent)
            continue
        sums[parent] = []
        for code in codes:
            sums[parent] += parts[code]
    return sums, missing


def values_by_type(plan: Plan, unit: str) -> np.ndarray:
    """Return the headline's value, regions x ecosystem types, as far as steps are known by type.

    Parameters
    ----------
    plan : Plan
    unit : str
        Unit of the values.

    Returns
    -------
    ndarray of float
        In ``unit``.
    """
    values = np.zeros((len(plan.extent.regions), len(plan.extent.ecosystems)))
    for _, by_type in _steps_by_type(plan, unit):
        values += by_type
    return values


def values_by_indicator(plan: Plan, unit: str) -> dict[str, np.ndarray]:
    """Return the value of each indicator of the headline, as far as it is known by type.

    Parameters
    ----------
    plan : Plan
    unit : str
        Unit of the values.

    Returns
    -------
    dict of str to ndarray
        By indicator, regions x ecosystem types, in ``unit``.
    """
    values: dict[str, np.ndarray] = {}
    for indicator, by_type in _steps_by_type(plan, unit):
        values[indicator] = values.get(indicator, 0.0) + by_type
    return values


def _steps_by_type(plan: Plan, unit: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the headline's value steps that are known by type, with their indicator."""
    headline = plan.standard.spec.total[0].indicators
    results = evaluate(plan)
    for step in plan.steps:
        if step.step.kind != "value" or step.indicator is None:
            continue
        if step.indicator.id not in headline:
            continue
        if "ecosystem" not in step.out:
            continue
        other_axes = []
        for axis, dim in enumerate(step.out):
            if dim not in ("region", "ecosystem"):
                other_axes.append(axis)
        by_type = results[step.name].sum(axis=tuple(other_axes))
        yield step.indicator.id, by_type * factor(step.step.unit, unit)
