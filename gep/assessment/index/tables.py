"""The tables of an index (综合指数各表): its values with grades, or its indicators against their targets."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.index.scheme import ChangeGrades, GradeCutoffs, change_by, grade_by
from gep.assessment.index.tree import IndexTree
from gep.assessment.index.values import IndexResult, NodeValues, asked
from gep.assessment.targets import attainment

INDEX = ["region", "year", "index", "component", "value", "grade", "change_grade"]
TARGETS = [
    "region",
    "year",
    "indicator",
    "property",
    "base_year",
    "base",
    "target",
    "comparator",
    "form",
]
TARGETS += ["reading", "attainment", "status", "unit"]
TOTAL, BEFORE = "total", "before_restriction"


def index_table(
    found: IndexResult, cuts: GradeCutoffs | None, changes: ChangeGrades | None
) -> pd.DataFrame:
    """``index.csv``: a row for every node that the index was made of, by region and year."""
    parts = [_of_year(found, year, cuts, changes) for year in found.years]
    table = pd.concat(parts, ignore_index=True).sort_values(
        ["spot", "year", "order"], kind="stable"
    )
    table["region"] = np.array(found.regions, dtype=object)[table["spot"].to_numpy(dtype=int)]
    table["index"] = found.root
    return table[INDEX].reset_index(drop=True)


def _of_year(
    found: IndexResult, year: int, cuts: GradeCutoffs | None, changes: ChangeGrades | None
) -> pd.DataFrame:
    values, used = found.years[year], found.tree.used
    due = asked(found.tree, found.root, values)
    columns = []
    for order, (name, node) in enumerate(found.tree.nodes.items()):
        apart = not node.parent and name != found.root
        if name == found.root or (apart and name in used):
            continue  # a quantity that others are divided by is no component
        spots = np.flatnonzero(np.isfinite(values.value[name]) & (due[name] | apart))
        columns.append((spots, order + 2, name, values.value[name][spots]))
    whole, total = values.value[found.root], found.total[year]
    spots = np.flatnonzero(np.isfinite(total))
    lowered = np.flatnonzero(total < whole)
    columns += [(spots, 0, TOTAL, total[spots]), (lowered, 1, BEFORE, whole[lowered])]
    table = pd.concat(
        [
            pd.DataFrame({"spot": spots, "order": order, "component": name, "value": value})
            for spots, order, name, value in columns
        ],
        ignore_index=True,
    ).assign(year=year, grade="", change_grade="")
    mine = (table["component"] == TOTAL).to_numpy()
    table.loc[mine, "grade"] = [grade_by(value, cuts) for value in total[spots]]
    table.loc[mine, "change_grade"] = [
        change_by(value, changes) for value in found.change(year)[spots]
    ]
    return table


def targets_table(
    tree: IndexTree, ground: AssessmentContext, years: Mapping[int, NodeValues]
) -> pd.DataFrame:
    """``targets.csv``: the indicators of an index without total, held against their targets."""
    assert ground.targets is not None
    parts = [pd.DataFrame(columns=[*TARGETS, "spot"])]
    for name in tree.leaves:
        node = tree.nodes[name]
        for year, values in years.items():
            due = ground.targets.current(name, year).reindex(list(ground.regions))
            found = attainment(due, values.value[name], node.unit, node.direction, year)
            rows = due.drop(columns=["region", "year"], errors="ignore").reset_index(names="region")
            rows = rows.assign(
                spot=np.arange(len(rows)), year=year, indicator=name, reading=values.value[name]
            )
            rows["attainment"], rows["status"] = found.attainment, found.status
            rows = rows[rows["target"].notna().to_numpy()]
            parts.append(rows.assign(base_year=[int(one) or "" for one in rows["base_year"]]))
    table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return table.sort_values(["spot", "year"], kind="stable")[TARGETS].reset_index(drop=True)
