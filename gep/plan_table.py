"""The table of a plan (核算方案表) that an evaluator signs: one row per coefficient, data, area or crosswalk row."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gep.binding import Bound
from gep.classes import Crosswalk
from gep.extent import TableExtent
from gep.rows import GRADES
from gep.steps import Link, PlannedStep

PLAN_COLUMNS = [
    "year", "step", "input", "method", "clause", "binding", "set@version", "file", "row", "value", "unit", "factor",
    "grade",
]  # fmt: skip


def plan_table(extent: TableExtent, crosswalk: Crosswalk | None, steps: Iterable[PlannedStep]) -> pd.DataFrame:
    """``plan.csv``: the rows behind every input of every step, then those of the areas and the crosswalk."""
    frames = [_rows_used(extent.year, one, name, bound) for one in steps for name, bound in one.inputs.items()]
    frames += [_area_rows(extent), _crosswalk_rows(extent.year, crosswalk, extent)]
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _rows_used(year: int, step: PlannedStep, name: str, bound: Bound | Link) -> pd.DataFrame:
    if isinstance(bound, Link) or not len(bound.used) or "area" in bound.frame:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    index = bound.index if bound.index is not None else bound.frame.iloc[:0]
    used = pd.concat([bound.used, index.assign(factor=1.0)]) if len(index) else bound.used
    binding = step.step.inputs[name]
    behind = [str(binding)] * len(bound.used) + [f"coef=price_index index={binding.index}"] * len(index)
    frame = pd.DataFrame(
        {
            "year": year, "step": step.name, "input": name, "method": step.step.method, "clause": step.step.clause,
            "binding": behind, "set@version": used["set"], "file": used["file"], "row": used["row"],
            "value": used["value"].astype(object).where(~used["na"].astype(bool), "na"), "unit": used["unit"],
            "factor": used["factor"], "grade": _grades(used["grade"]),
        }
    )  # fmt: skip
    return frame[PLAN_COLUMNS]


def _area_rows(extent: TableExtent) -> pd.DataFrame:
    rows = extent.parts.drop_duplicates(["file", "row"])
    return pd.DataFrame(
        {
            "year": extent.year, "step": "", "input": "area", "method": "", "clause": "",
            "binding": "class=" + rows["class"].astype(str), "set@version": "", "file": rows["file"],
            "row": rows["row"],
            "value": rows["value"].astype(object), "unit": rows["unit"], "factor": 1.0,
            "grade": _grades(rows["own_grade"]),
        }
    )  # fmt: skip


def _crosswalk_rows(year: int, crosswalk: Crosswalk | None, extent: TableExtent) -> pd.DataFrame:
    if crosswalk is None:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    rows = crosswalk.frame[crosswalk.frame["class"].isin(extent.parts["class"]).to_numpy()]
    return pd.DataFrame(
        {
            "year": year, "step": "", "input": "crosswalk", "method": "", "clause": "",
            "binding": rows["class"] + "->" + rows["ecosystem"], "set@version": crosswalk.id, "file": rows["file"],
            "row": rows["row"], "value": rows["share"].astype(object), "unit": "1", "factor": 1.0,
            "grade": _grades(rows["grade"]),
        }
    )  # fmt: skip


def _grades(codes: pd.Series) -> np.ndarray:
    return np.asarray(np.array(GRADES, dtype=object)[codes.to_numpy(dtype=int)])
