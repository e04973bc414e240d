"""The virtual treatment cost (虚拟治理成本): what treating the untreated discharge would have cost.

It is emission x unit treatment cost x tau, by substance: the least that the discharge cost, not the
damage that it did, and so a lower bound (下限) of the cost of environmental degradation. Tau, where
the exceedance is known, is the factor of excess of GB/T 39793.2-2020; its other factors (hazard
alpha, function of the water omega) are not applied. Which regions need it is left to ``terms``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.geep.scheme import TauSteps, VirtualCost
from gep.errors import Place, ProblemLog
from gep.inputs.value_rows import KEYS, check_not_blank
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, read_numbers, read_table
from gep.texts.catalogue import Label, Listed
from gep.units import UnitError, factor

_TAU = Columns(
    required=("above", "value", "unit", "source", "locator", "grade"),
    optional=("note",),
)
_KEYED = ("region", "substance")
_ROW = ["region", "substance", "name", "value", "unit", "na", "grade", "file", "row"]


@dataclass(frozen=True)
class TreatmentCost:
    """The virtual treatment cost of a substance in a region, with what it was made of.

    Attributes
    ----------
    region, substance : str
    value : float
        In the unit of the scheme.
    emission : float
        In ``emission_unit``.
    emission_unit : str
    cost : float
        Unit treatment cost in ``cost_unit``.
    cost_unit : str
    tau : float
        1 where there is no exceedance.
    grade : int
        The worst grade of the rows used.
    places : tuple of Place
        The rows of emission, unit cost and exceedance.
    """

    region: str
    substance: str
    value: float
    emission: float
    emission_unit: str
    cost: float
    cost_unit: str
    tau: float
    grade: int
    places: tuple[Place, ...]


def load_tau(path: Path, problems: ProblemLog) -> TauSteps | None:
    """Load the steps of tau.

    Parameters
    ----------
    path : Path
        A table of the exceedances above which each value of tau holds.
    problems : ProblemLog
        Collects ``tau-steps``, ``not-a-number``, ``blank`` (a source), and what is wrong with the
        table as such.

    Returns
    -------
    TauSteps or None
        None if the table cannot be read, or its steps do not ascend.
    """
    table = read_table(path, _TAU, problems)
    if table is None:
        return None
    errors_before = len(problems.errors)
    check_not_blank(table, "source", problems)
    above, _ = read_numbers(table, "above", problems, blank=True)
    tau, _ = read_numbers(table, "value", problems)
    if len(problems.errors) > errors_before:
        return None
    is_blank = table.column("above").to_numpy() == ""
    above = np.where(is_blank, -np.inf, above)
    ascends = (above[1:] > above[:-1]).all() and (tau[1:] >= tau[:-1]).all()
    if above[0] != -np.inf or not ascends or tau[0] <= 0:
        problems.add(
            "tau-steps",
            table.label,
            "geep.tau-steps",
            above=Listed(tuple(table.column("above")), len(table.frame)),
            tau=Listed(tuple(table.column("value")), len(table.frame)),
        )
        return None
    return TauSteps(above, tau)


def tau_of(exceedance: np.ndarray, steps: TauSteps) -> np.ndarray:
    """Look up tau.

    Parameters
    ----------
    exceedance : ndarray
        Multiples of the limit by which it is exceeded, (Z - B) / B; NaN if unknown.
    steps : TauSteps

    Returns
    -------
    ndarray
        1 where the exceedance is unknown.
    """
    next_step = np.searchsorted(steps.above, exceedance, side="left")
    last_step = len(steps.above) - 1
    step = np.clip(next_step - 1, 0, last_step)
    is_unknown = np.isnan(exceedance)
    tau = np.where(is_unknown, 1.0, steps.tau[step])
    return np.asarray(tau)


class _Discharge(NamedTuple):
    """The data rows of a substance discharged in a region; None if the exceedance is unknown."""

    emission: Any
    unit_cost: Any
    exceedance: Any | None

    @property
    def rows(self) -> list[Any]:
        """The rows of the discharge."""
        if self.exceedance is None:
            return [self.emission, self.unit_cost]
        return [self.emission, self.unit_cost, self.exceedance]


def virtual_costs(
    spec: VirtualCost,
    rows: Mapping[str, pd.DataFrame],
    *,
    ancestors: Mapping[str, list[str]],
    labels: Mapping[str, Label],
    steps: TauSteps | None,
    unit: str,
    problems: ProblemLog,
) -> list[TreatmentCost]:
    """Compute the virtual treatment costs of regions from data rows.

    Parameters
    ----------
    spec : VirtualCost
    rows : mapping of str to DataFrame
        The data rows of a year, by name.
    ancestors : mapping of str to list of str
        The regions that need the cost, each with the regions above it, nearest first: a unit cost
        holds for the regions inside too.
    labels : mapping of str to Label
        The same regions with their names.
    steps : TauSteps or None
        None leaves tau at 1.
    unit : str
        Unit of the result.
    problems : ProblemLog
        Collects ``wrong-keys``, ``wrong-dimension``, ``negative``, and ``missing-data`` for an
        emission without unit cost.

    Returns
    -------
    list of TreatmentCost
    """
    emissions = _rows_by_key(rows.get(spec.emission), problems)
    unit_costs = _rows_by_key(rows.get(spec.unit_cost), problems)
    exceedances = _rows_by_key(rows.get(spec.exceedance), problems)
    costs = []
    for (region, substance), emission in emissions.items():
        if region not in ancestors or emission.na:
            continue
        unit_cost = None
        for code in (region, *ancestors[region]):
            unit_cost = unit_costs.get((code, substance))
            if unit_cost is not None:
                break
        if unit_cost is None or unit_cost.na:
            problems.add(
                "missing-data",
                _place(emission),
                "geep.no-unit-cost",
                unit_cost=spec.unit_cost,
                emission=spec.emission,
                substance=substance,
                region=labels[region],
            )
            continue
        exceedance = exceedances.get((region, substance))
        if exceedance is not None and exceedance.na:
            exceedance = None
        discharge = _Discharge(emission, unit_cost, exceedance)
        cost = _treatment_cost(discharge, steps, unit, problems)
        if cost is not None:
            costs.append(cost)
    return costs


def _treatment_cost(
    discharge: _Discharge, steps: TauSteps | None, unit: str, problems: ProblemLog
) -> TreatmentCost | None:
    """Compute the cost of a discharge; adds ``negative`` and ``wrong-dimension``."""
    emission, unit_cost, exceedance = discharge
    has_negative = False
    for row in (emission, unit_cost):
        if row.value < 0:
            has_negative = True
            problems.add(
                "negative",
                _place(row),
                "geep.negative-discharge",
                name=row.name,
                value=row.value,
                unit=row.unit,
            )
    places = tuple(_place(row) for row in discharge.rows)
    tau = 1.0
    try:
        scale = factor(f"({emission.unit}) * ({unit_cost.unit})", unit)
        if exceedance is not None and steps is not None:
            multiple = exceedance.value * factor(exceedance.unit, "1")
            tau = float(tau_of(np.array([multiple]), steps)[0])
    except UnitError as error:
        problems.add(
            "wrong-dimension",
            Listed(places, len(places)),
            "geep.unit-of-discharge",
            reason=error.reason,
            unit=unit,
        )
        return None
    if has_negative:
        return None
    return TreatmentCost(
        region=emission.region,
        substance=emission.substance,
        value=float(emission.value * unit_cost.value * scale * tau),
        emission=float(emission.value),
        emission_unit=emission.unit,
        cost=float(unit_cost.value),
        cost_unit=unit_cost.unit,
        tau=tau,
        grade=max(int(row.grade) for row in discharge.rows),
        places=places,
    )


def _place(row: Any) -> Place:
    """Return the place of a data row."""
    return row_place(str(row.file), [row.row])


def _rows_by_key(rows: pd.DataFrame | None, problems: ProblemLog) -> dict[tuple[str, str], Any]:
    """Return data rows by region and substance; adds ``wrong-keys`` for rows with other keys."""
    if rows is None:
        return {}
    other_keys = [key for key in KEYS if key not in _KEYED]
    has_other_keys = (rows[other_keys] != "").any(axis=1)
    has_no_substance = rows["substance"] == ""
    is_wrong = (has_other_keys | has_no_substance).to_numpy()
    wrong_rows = rows[is_wrong]
    for file, wrong in wrong_rows.groupby("file", sort=False, observed=True):
        place = row_place(str(file), wrong["row"])
        name = wrong["name"].iloc[0]
        problems.add("wrong-keys", place, "geep.keys-of-discharge", name=name)
    by_key = {}
    right_rows = rows.loc[~is_wrong, _ROW]
    for row in right_rows.itertuples(index=False):
        key = (str(row.region), str(row.substance))
        by_key[key] = row
    return by_key
