"""The table of a plan (核算方案表) that an evaluator signs: one row per coefficient, data, area or crosswalk row.

``binding`` tells the rows of a file apart without their numbers: what is bound, then the row's own keys and price year.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gep.extent.crosswalk import Crosswalk
from gep.extent.table_extent import TableExtent
from gep.inputs.value_rows import GRADES, KEYS
from gep.plan.binding import BoundInput
from gep.plan.planned_step import PlannedStep, StepLink
from gep.standards.standard import Binding
from gep.units import factor, has_money

PLAN_COLUMNS = [
    "year",
    "step",
    "input",
    "method",
    "clause",
    "binding",
    "set@version",
    "file",
    "row",
    "value",
    "unit",
    "factor",
    "grade",
]


def plan_table(
    extent: TableExtent,
    crosswalk: Crosswalk | None,
    steps: Iterable[PlannedStep],
    land: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """``plan.csv``: the rows behind the inputs of every step, then those of areas, crosswalk and land area.

    ``land`` are the data rows (see ``gep.inputs.value_rows``) that values per km2 rest on.
    """
    frames = [
        _rows_used(extent.year, one, name, bound)
        for one in steps
        for name, bound in one.inputs.items()
    ]
    frames += [
        _area_rows(extent),
        _crosswalk_rows(extent.year, crosswalk, extent),
        _land_rows(extent.year, land),
    ]
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _rows_used(
    year: int, step: PlannedStep, name: str, bound: BoundInput | StepLink
) -> pd.DataFrame:
    if isinstance(bound, StepLink) or not len(bound.used) or "area" in bound.frame:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    binding, used = step.step.inputs[name], bound.used
    behind = _called(_source(binding), used, binding.index)
    if bound.index is not None and len(bound.index):
        behind = np.concatenate([behind, _called("coef=price_index", bound.index)])
        used = pd.concat([used, bound.index.assign(factor=1.0)])
    frame = pd.DataFrame(
        {
            "year": year,
            "step": step.name,
            "input": name,
            "method": step.step.method,
            "clause": step.step.clause,
            "binding": behind,
            "set@version": used["set"],
            "file": used["file"],
            "row": used["row"],
            "value": _values(used),
            "unit": used["unit"],
            "factor": used["factor"],
            "grade": grade_names(used["grade"]),
        }
    )
    return frame[PLAN_COLUMNS]


def _source(binding: Binding) -> str:
    return f"data={binding.data}" if binding.data else f"coef={binding.coef}"


def _called(source: str, rows: pd.DataFrame, index: str = "") -> np.ndarray:
    """What is bound, the keys of each row, the index that the binding names, and the price year of the row."""
    words = np.full(len(rows), source, dtype=object)
    for key in KEYS:
        words = words + _word(key, rows[key].to_numpy(dtype=object))
    if index:
        words = words + f" index={index}"
    return np.asarray(words + _word("price_year", price_years(rows)))


def _word(name: str, values: np.ndarray) -> np.ndarray:
    return np.array([f" {name}={value}" if value else "" for value in values], dtype=object)


def price_years(rows: pd.DataFrame) -> np.ndarray:
    """The price years of rows: a year or ``nominal``, '' where none is due (data are dated by their year otherwise)."""
    due = (
        rows["unit"]
        .map({unit: has_money(unit) for unit in rows["unit"].unique()})
        .to_numpy(dtype=bool)
    )
    return np.where(
        due | (rows["set"] != "").to_numpy(), rows["price_year"].to_numpy(dtype=object), ""
    )


def _values(rows: pd.DataFrame) -> pd.Series:
    return rows["value"].astype(object).where(~rows["na"].astype(bool), "na")


def _without_step(year: int, name: str, rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Rows of no single step: areas, crosswalk shares, land areas."""
    common: dict[str, object] = {
        "year": year,
        "step": "",
        "input": name,
        "method": "",
        "clause": "",
        "set@version": "",
        "file": rows["file"],
        "row": rows["row"],
        "factor": 1.0,
    }
    return pd.DataFrame(common | columns)[PLAN_COLUMNS]


def _area_rows(extent: TableExtent) -> pd.DataFrame:
    rows = extent.parts.drop_duplicates(["file", "row"])
    return _without_step(
        extent.year,
        "area",
        rows,
        binding="class=" + rows["class"].astype(str) + " region=" + rows["region"],
        value=rows["value"].astype(object),
        unit=rows["unit"],
        grade=grade_names(rows["own_grade"]),
    )


def _crosswalk_rows(year: int, crosswalk: Crosswalk | None, extent: TableExtent) -> pd.DataFrame:
    if crosswalk is None:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    rows = crosswalk.frame[crosswalk.frame["class"].isin(extent.parts["class"]).to_numpy()]
    return _without_step(
        year,
        "crosswalk",
        rows,
        binding=rows["class"] + "->" + rows["ecosystem"],
        value=rows["share"].astype(object),
        unit="1",
        grade=grade_names(rows["grade"]),
        **{"set@version": crosswalk.id},
    )


def _land_rows(year: int, land: pd.DataFrame | None) -> pd.DataFrame:
    if land is None or not len(land):
        return pd.DataFrame(columns=PLAN_COLUMNS)
    scale = land["unit"].map({unit: factor(unit, "km2") for unit in land["unit"].unique()})
    return _without_step(
        year,
        "land_area",
        land,
        binding=_called("data=land_area", land),
        value=_values(land),
        unit=land["unit"],
        factor=scale,
        grade=grade_names(land["grade"]),
    )


def grade_names(codes: pd.Series) -> np.ndarray:
    """The words of grade codes."""
    return np.asarray(np.array(GRADES, dtype=object)[codes.to_numpy(dtype=int)])
