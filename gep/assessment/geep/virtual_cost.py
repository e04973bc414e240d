"""Virtual treatment cost (虚拟治理成本): what it would have cost to treat what was discharged untreated.

emission x unit treatment cost x tau, by substance. It is the least that the discharge cost, not the damage that it did:
a lower bound (下限) of the cost of environmental degradation. tau, where the exceedance is given, is the factor of
excess of GB/T 39793.2-2020; its other factors (hazard alpha, function of the water omega) are not applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gep.assessment.geep.scheme import TauSteps, VirtualCost
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import KEYS
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, read_numbers, read_table
from gep.units import UnitError, factor

_TAU = Columns(("above", "value", "unit", "source", "locator", "grade"), ("note",))


@dataclass(frozen=True)
class TreatmentCost:
    """The virtual treatment cost of a region and substance, with what it was made of."""

    region: str
    substance: str
    value: float
    emission: float
    emission_unit: str
    cost: float
    cost_unit: str
    tau: float
    grade: int
    where: Where


def load_tau(path: Path, problems: ProblemLog) -> TauSteps | None:
    """The steps of tau: the exceedances above which each holds (-inf for the first), ascending, and tau."""
    table = read_table(path, _TAU, problems)
    if table is None:
        return None
    before = len(problems.errors)
    above, _ = read_numbers(table, "above", problems, blank=True)
    value, _ = read_numbers(table, "value", problems)
    if len(problems.errors) > before:
        return None
    above = np.where(table.column("above").to_numpy() == "", -np.inf, above)
    if (
        above[0] != -np.inf
        or (np.diff(above) <= 0).any()
        or (np.diff(value) < 0).any()
        or value[0] <= 0
    ):
        fix = "leave above blank in the first row, let above and value rise, values above 0"
        problems.add("tau-steps", table.label, "the steps of tau do not ascend", fix)
        return None
    return TauSteps(above, value)


def tau_of(exceedance: np.ndarray, steps: TauSteps) -> np.ndarray:
    """Tau of exceedances (multiples of the limit: (Z - B)/B); 1 where there is none."""
    at = np.searchsorted(steps.above, exceedance, side="left") - 1
    at = np.clip(at, 0, len(steps.above) - 1)
    return np.asarray(np.where(np.isnan(exceedance), 1.0, steps.tau[at]))


def virtual_costs(
    spec: VirtualCost,
    rows: Mapping[str, pd.DataFrame],
    regions: list[str],
    above: Mapping[str, list[str]],
    steps: TauSteps | None,
    unit: str,
    problems: ProblemLog,
) -> list[TreatmentCost]:
    """The virtual treatment costs of regions, from data rows by name; a unit cost holds for the regions inside too.

    ``above`` names the regions above each, the nearest first. Problems: keys, units, an emission without unit cost.
    """
    tables = {
        name: _keyed(rows.get(name), problems)
        for name in (spec.emission, spec.unit_cost, spec.exceedance)
    }
    found = []
    for (region, substance), one in tables[spec.emission].items():
        if region not in regions or one["na"]:
            continue
        homes = [region, *above.get(region, [])]
        cost = next(
            (
                tables[spec.unit_cost][home, substance]
                for home in homes
                if (home, substance) in tables[spec.unit_cost]
            ),
            None,
        )
        where = row_place(str(one["file"]), [one["row"]])
        if cost is None or cost["na"]:
            fix = f"add a row {spec.unit_cost} of the substance, for the region or one above it"
            problems.add(
                "missing-data", where, f"no {spec.unit_cost} of {substance} for {region}", fix
            )
            continue
        excess = tables[spec.exceedance].get((region, substance))
        treated = _treated(region, substance, one, cost, excess, steps, unit, problems)
        found += [treated] if treated is not None else []
    return found


def _treated(
    region: str,
    substance: str,
    one: pd.Series,
    cost: pd.Series,
    excess: pd.Series | None,
    steps: TauSteps | None,
    unit: str,
    problems: ProblemLog,
) -> TreatmentCost | None:
    used = [one, cost, *([excess] if excess is not None and not excess["na"] else [])]
    fine = True
    for row in used:
        where = row_place(str(row["file"]), [row["row"]])
        if row["value"] < 0 and row is not excess:
            problems.add(
                "negative", where, f"{row['name']} is negative", "emissions and costs are 0 or more"
            )
            fine = False
    tau = 1.0
    try:
        scale = factor(f"({one['unit']}) * ({cost['unit']})", unit)
        if len(used) == 3 and steps is not None:
            tau = float(
                tau_of(np.array([used[2]["value"] * factor(used[2]["unit"], "1")]), steps)[0]
            )
    except UnitError as error:
        joined_rows = " and ".join(str(row_place(str(row["file"]), [row["row"]])) for row in used)
        problems.add(
            "wrong-dimension",
            joined_rows,
            str(error),
            f"emission times unit cost gives {unit}; an excess has unit 1",
        )
        return None
    places = " x ".join(str(row_place(str(row["file"]), [row["row"]])) for row in used)
    grade = max(int(row["grade"]) for row in used)
    value = float(one["value"] * cost["value"] * scale * tau)
    made_of = (float(one["value"]), str(one["unit"]), float(cost["value"]), str(cost["unit"]))
    return TreatmentCost(region, substance, value, *made_of, tau, grade, places) if fine else None


def _keyed(rows: pd.DataFrame | None, problems: ProblemLog) -> dict[tuple[str, str], pd.Series]:
    """Rows by region and substance."""
    if rows is None:
        return {}
    others = [key for key in KEYS if key not in ("region", "substance")]
    wrong = ((rows["substance"] == "") | (rows[others] != "").any(axis=1)).to_numpy()
    for file, some in rows[wrong].groupby("file", sort=False):
        what = f"{some['name'].iloc[0]} is keyed by region and substance"
        problems.add(
            "wrong-keys", row_place(str(file), some["row"]), what, "fill region and substance alone"
        )
    return {(str(row["region"]), str(row["substance"])): row for _, row in rows[~wrong].iterrows()}
