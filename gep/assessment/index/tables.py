"""The tables of an index (综合指数各表): its values with grades, or its indicators with targets.

The module arranges ``index.csv`` and ``targets.csv`` from values that were computed in ``values``.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.index.scheme import ChangeGrades, GradeCutoffs, change_by, grade_by
from gep.assessment.index.tree import IndexTree
from gep.assessment.index.values import IndexResult, NodeValues, needed_nodes
from gep.assessment.targets import Targets, attainment
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language

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
    "reading",
    "attainment",
    "status",
    "unit",
]
TOTAL = "total"
BEFORE = "before_restriction"
_TABLE_LANGUAGE: Language = "zh"  # grades in results are those of the official text


class _Component(NamedTuple):
    """The rows of a component in a year: the positions of regions, and the values there."""

    name: str
    positions: np.ndarray
    values: np.ndarray


def index_table(
    result: IndexResult, cutoffs: GradeCutoffs | None, changes: ChangeGrades | None
) -> pd.DataFrame:
    """Make ``index.csv``: a row for every node of the index, by region and year.

    Parameters
    ----------
    result : IndexResult
    cutoffs : GradeCutoffs or None
        Grades of the total.
    changes : ChangeGrades or None
        Grades of its change.

    Returns
    -------
    DataFrame
        Columns ``INDEX``. ``component`` is ``total``, ``before_restriction`` (where an event lowers
        the total) or a node; grades, in Chinese, are of the total.
    """
    years = [_rows_of_year(result, year, cutoffs, changes) for year in result.years]
    table = pd.concat(years, ignore_index=True)
    table = table.sort_values(["position", "year", "order"], kind="stable")
    regions = np.array(result.regions, dtype=object)
    positions = table["position"].to_numpy(dtype=int)
    table["region"] = regions[positions]
    table["index"] = result.root
    table = table[INDEX]
    return table.reset_index(drop=True)


def _rows_of_year(
    result: IndexResult, year: int, cutoffs: GradeCutoffs | None, changes: ChangeGrades | None
) -> pd.DataFrame:
    """Return the rows of a year, with the positions of regions and the order of components."""
    values = result.years[year]
    root_value = values.value[result.root]
    total = result.total[year]
    has_total = np.flatnonzero(np.isfinite(total))
    lowered = np.flatnonzero(total < root_value)
    components = [
        _Component(TOTAL, has_total, total[has_total]),
        _Component(BEFORE, lowered, root_value[lowered]),
        *_node_components(result, values),
    ]
    parts = []
    for order, component in enumerate(components):
        columns = {
            "position": component.positions,
            "order": order,
            "component": component.name,
            "value": component.values,
        }
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(year=year, grade="", change_grade="")
    is_total = (table["component"] == TOTAL).to_numpy()
    change = result.change(year)
    grades = []
    change_grades = []
    for position in has_total:
        grade = grade_by(total[position], cutoffs)
        change_grade = change_by(change[position], changes)
        grades.append(_worded(grade))
        change_grades.append(_worded(change_grade))
    table.loc[is_total, "grade"] = grades
    table.loc[is_total, "change_grade"] = change_grades
    return table


def _node_components(result: IndexResult, values: NodeValues) -> list[_Component]:
    """Return the nodes of which the index was made, and those beside it."""
    used = result.tree.used
    needed = needed_nodes(result.tree, result.root, values)
    components = []
    for name, node in result.tree.nodes.items():
        if name == result.root:
            continue
        is_beside = node.parent == ""
        if is_beside and name in used:  # others are divided by it: no component
            continue
        value = values.value[name]
        is_shown = np.isfinite(value)
        if not is_beside:
            is_shown = is_shown & needed[name]
        positions = np.flatnonzero(is_shown)
        components.append(_Component(name, positions, value[positions]))
    return components


def _worded(title: Title | None) -> str:
    """Return a grade as results show it; blank if there is none."""
    return "" if title is None else title.say(_TABLE_LANGUAGE)


def targets_table(
    tree: IndexTree, targets: Targets, regions: tuple[str, ...], years: Mapping[int, NodeValues]
) -> pd.DataFrame:
    """Make ``targets.csv``: the indicators of an index without total, compared with their targets.

    Parameters
    ----------
    tree : IndexTree
    targets : Targets
    regions : tuple of str
    years : mapping of int to NodeValues

    Returns
    -------
    DataFrame
        Columns ``TARGETS``, a row for each region, year and indicator that has a target.
    """
    parts = []
    for name in tree.leaves:
        node = tree.nodes[name]
        for year, values in years.items():
            rows = targets.current(name, year).reindex(list(regions))
            reading = values.value[name]
            result = attainment(rows, reading, node.unit, node.direction, year)
            rows = rows.drop(columns=["region", "year"], errors="ignore")
            rows = rows.reset_index(names="region")
            rows = rows.assign(
                position=np.arange(len(rows)),
                year=year,
                indicator=name,
                reading=reading,
                attainment=result.attainment,
                status=result.status,
            )
            rows = rows[rows["target"].notna().to_numpy()]
            base_years = [int(base_year) or "" for base_year in rows["base_year"]]
            parts.append(rows.assign(base_year=base_years))
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=TARGETS)
    table = pd.concat(filled, ignore_index=True)
    table = table.sort_values(["position", "year"], kind="stable")
    return table[TARGETS].reset_index(drop=True)
