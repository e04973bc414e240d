"""The table of a plan (核算方案表) that an evaluator signs: a row for each number used.

The column ``binding`` identifies a row of a file without its number: what is bound, then the
row's own keys and price year. Reading and writing files is left to others.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gep.extent.crosswalk import Crosswalk
from gep.extent.extent import Extent
from gep.inputs.value_rows import KEYS, grade_names
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
    extent: Extent,
    crosswalk: Crosswalk | None,
    steps: Iterable[PlannedStep],
    land: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Make ``plan.csv``: the rows behind all inputs, then areas, crosswalk and land area.

    Parameters
    ----------
    extent : Extent
        Its area rows are listed.
    crosswalk : Crosswalk or None
        Its rows of the classes in use are listed.
    steps : iterable of PlannedStep
    land : DataFrame, optional
        The data rows ``land_area`` (see ``gep.inputs.value_rows``) that values per km2 rest on.

    Returns
    -------
    DataFrame
        Columns ``PLAN_COLUMNS``. ``value`` and ``unit`` are as in the file; ``factor`` brings the
        value to the unit of the method and to the wanted price year. ``grade`` is the row's own;
        the price indices that convert it are rows of their own, with theirs.
    """
    frames: list[pd.DataFrame] = []
    for step in steps:
        for argument, bound in step.inputs.items():
            frames.append(_rows_used(extent.year, step, argument, bound))
    frames += [
        _area_rows(extent),
        _crosswalk_rows(extent.year, crosswalk, extent),
        _land_rows(extent.year, land),
    ]
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _rows_used(
    year: int, step: PlannedStep, argument: str, bound: BoundInput | StepLink
) -> pd.DataFrame:
    """Return the rows behind an input; none for links and areas, which are listed elsewhere."""
    if isinstance(bound, StepLink) or not len(bound.used) or "area" in bound.frame:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    binding = step.bindings[argument]
    used = bound.used
    descriptions = _describe_rows(_bound_name(binding), used, binding.index)
    if bound.index is not None and len(bound.index):
        index_descriptions = _describe_rows("coef=price_index", bound.index)
        descriptions = np.concatenate([descriptions, index_descriptions])
        index = bound.index.assign(factor=1.0, own_grade=bound.index["grade"])
        used = pd.concat([used, index])
    frame = pd.DataFrame(
        {
            "year": year,
            "step": step.name,
            "input": argument,
            "method": step.step.method,
            "clause": step.step.clause,
            "binding": descriptions,
            "set@version": used["set"],
            "file": used["file"],
            "row": used["row"],
            "value": _printed_values(used),
            "unit": used["unit"],
            "factor": used["factor"],
            "grade": grade_names(used["own_grade"]),
        }
    )
    return frame[PLAN_COLUMNS]


def _bound_name(binding: Binding) -> str:
    """Return what is bound, as ``data=rain`` or ``coef=runoff``."""
    return f"data={binding.data}" if binding.data else f"coef={binding.coef}"


def _describe_rows(name: str, rows: pd.DataFrame, index: str = "") -> np.ndarray:
    """Describe rows: what is bound, the keys of each, the price index and the price year."""
    descriptions = np.full(len(rows), name, dtype=object)
    for key in KEYS:
        descriptions = descriptions + _describe_key(key, rows[key].to_numpy(dtype=object))
    if index:
        descriptions = descriptions + f" index={index}"
    return np.asarray(descriptions + _describe_key("price_year", price_years(rows)))


def _describe_key(key: str, members: np.ndarray) -> np.ndarray:
    """Return `` key=member`` for each row; blank where the row does not fill the key."""
    descriptions = [f" {key}={member}" if member else "" for member in members]
    return np.array(descriptions, dtype=object)


def price_years(rows: pd.DataFrame) -> np.ndarray:
    """Return the price year of each row for which the table of a plan shows one.

    Parameters
    ----------
    rows : DataFrame
        Value rows (see ``gep.inputs.value_rows``) with ``set``.

    Returns
    -------
    ndarray of str
        A year or ``nominal``; blank for data rows that are not in money, whose year is that of the
        row.
    """
    money_units = {unit: has_money(unit) for unit in rows["unit"].unique()}
    is_money = rows["unit"].map(money_units).to_numpy(dtype=bool)
    in_set = (rows["set"] != "").to_numpy()
    years = rows["price_year"].to_numpy(dtype=object)
    return np.where(is_money | in_set, years, "")


def _printed_values(rows: pd.DataFrame) -> pd.Series:
    """Return the values as they are printed: numbers, or na."""
    is_na = rows["na"].astype(bool)
    return rows["value"].astype(object).where(~is_na, "na")


def _rows_without_step(year: int, name: str, rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Return rows that belong to no single step: areas, crosswalk shares, land areas."""
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


def _area_rows(extent: Extent) -> pd.DataFrame:
    """Return the rows of areas.csv."""
    rows = extent.parts.drop_duplicates(["file", "row"])
    return _rows_without_step(
        extent.year,
        "area",
        rows,
        binding="class=" + rows["class"].astype(str) + " region=" + rows["region"],
        value=rows["value"].astype(object),
        unit=rows["unit"],
        grade=grade_names(rows["own_grade"]),
    )


def _crosswalk_rows(year: int, crosswalk: Crosswalk | None, extent: Extent) -> pd.DataFrame:
    """Return the rows of the crosswalk for classes that have areas."""
    if crosswalk is None:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    in_use = crosswalk.frame["class"].isin(extent.parts["class"]).to_numpy()
    rows = crosswalk.frame[in_use]
    return _rows_without_step(
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
    """Return the data rows land_area."""
    if land is None or not len(land):
        return pd.DataFrame(columns=PLAN_COLUMNS)
    scale = {unit: factor(unit, "km2") for unit in land["unit"].unique()}
    return _rows_without_step(
        year,
        "land_area",
        land,
        binding=_describe_rows("data=land_area", land),
        value=_printed_values(land),
        unit=land["unit"],
        factor=land["unit"].map(scale),
        grade=grade_names(land["grade"]),
    )
