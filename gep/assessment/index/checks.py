"""What is wrong with an index scheme, and what it needs and a project does not give (指数方案检查)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.index.scheme import ChangeGrades, CitedRule, IndexScheme, Restriction
from gep.assessment.index.tree import IndexTree, check_sums, unweighted
from gep.assessment.index.values import (
    NodeValues,
    asked,
    evaluate_years,
    lacking,
    zero_denominators,
)
from gep.assessment.readings import Reading
from gep.assessment.scheme import Grade, check_grades, check_reading, check_source, check_unique_ids
from gep.assessment.targets import attainment
from gep.errors import ProblemLog, Where, joined
from gep.inputs.value_rows import GRADES
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import UnitError


def check_scheme(scheme: IndexScheme, problems: ProblemLog) -> None:
    """Nodes, weights, sources, cut-offs, restrictions."""
    spec, tree, label = scheme.spec, scheme.tree, scheme.path.name
    for name, rule in (("grades", spec.grades), ("changes", spec.changes)):
        if rule is not None:
            check_cited(rule, spec.sources, f"{label} {name}", problems)
    for one in spec.restriction:
        check_cited(one, spec.sources, f"{label} restriction {one.event}", problems)
    if spec.grades is not None:
        check_grades(spec.grades.levels, f"{label} grades", problems)
    if spec.changes is not None:
        check_changes(spec.changes, f"{label} changes", problems)
    check_restrictions(spec.restriction, f"{label} restriction", problems)
    if not tree.nodes:  # the table could not be read
        return
    for node in tree.nodes.values():
        if node.source:
            check_source(node.source, spec.sources, node.where, problems)
    if spec.root in tree.nodes:
        check_sums(tree, spec.root, problems)
    elif spec.root:
        what = f"root {spec.root!r} is no node of {tree.label}"
        problems.add("index-node", f"{label} root", what, suggestion(spec.root, tree.nodes))


def check_cited(
    rule: CitedRule, sources: Mapping[str, object], where: Where, problems: ProblemLog
) -> None:
    """Source and grade of a rule are known."""
    check_source(rule.source, sources, where, problems)
    if rule.grade not in GRADES:
        problems.add(
            "unknown-grade",
            where,
            f"grade reads {rule.grade!r}",
            f"grades are: {', '.join(GRADES)}",
        )


def check_changes(changes: ChangeGrades, where: Where, problems: ProblemLog) -> None:
    """Sizes of change descend and are above 0."""
    alike = tuple(Grade(name=one.better, **{"from": one.from_}) for one in changes.levels)
    check_grades(alike, where, problems)
    if any(one.from_ is not None and one.from_ <= 0 for one in changes.levels):
        problems.add(
            "grade-cutoffs",
            where,
            "a change starts at 0 or below",
            "write its size; worse needs no sign",
        )


def check_restrictions(
    restrictions: tuple[Restriction, ...], where: str, problems: ProblemLog
) -> None:
    """An event stands once, its cut-offs descend, and it lowers the index."""
    check_unique_ids([one.event for one in restrictions], where, problems)
    for one in restrictions:
        cuts = [write.from_ for write in one.writes]
        if cuts != sorted(set(cuts), reverse=True):
            what = f"{one.event}: the cut-offs do not descend"
            problems.add("restriction", where, what, "list the highest first")
        for write in one.writes:
            if write.value >= write.from_:
                what = f"{one.event}: from {write.from_:g} on it writes {write.value:g}"
                problems.add("restriction", where, what, "an event lowers the index")


def check_inputs(scheme: IndexScheme, ground: AssessmentContext, problems: ProblemLog) -> None:
    """Weights, readings, denominators, and targets where the index has no total."""
    spec, tree = scheme.spec, scheme.tree
    ground = replace(ground, regions=ground.limited_to(tree.readings).regions)
    fine = [_check_node_reading(tree, name, ground, problems) for name in tree.nodes]
    if all(fine) and not any(
        _has(one.reading, ground) for one in tree.nodes.values() if one.reading is not None
    ):
        what = "none of its readings has a row or an account"
        fix = "add rows to the readings; an index is not made of nothing"
        problems.add("missing-reading", scheme.path.name, what, fix)
        return
    if not spec.root:
        _check_targets(tree, ground, scheme.path.name, problems)
        return
    unknown = unweighted(tree, spec.root)
    whole = replace(
        tree,
        nodes={
            **tree.nodes,
            **{name: replace(tree.nodes[name], weight=1.0) for name in unknown},
        },
    )
    if all(fine):  # what lacks does not hang on weights; a weight is needed where its node is
        years = evaluate_years(whole, ground, spec.root, spec.floor, spec.round_components)
        due = [asked(whole, spec.root, values) for values in years.values()]
        unknown = [name for name in unknown if any(one[name].any() for one in due)]
        for values in years.values():
            _check_values(whole, spec.root, ground, values, problems)
    for name in unknown:
        fix = "copy the scheme with its table, and name your own: weights = CSV node,weight,source,locator,grade"
        problems.add(
            "weights-missing",
            tree.nodes[name].where,
            f"the weight of {name} is not published",
            fix,
        )


def _check_node_reading(
    tree: IndexTree, name: str, ground: AssessmentContext, problems: ProblemLog
) -> bool:
    """Whether what there is to read of a node can be read."""
    node, found = tree.nodes[name], ProblemLog()
    if node.reading is None or (node.reading.data and not _has(node.reading, ground)):
        return True  # whether it is needed is seen when the tree is gone through
    check_reading(node.reading, node.unit, ground, node.where, found)
    for one in found.errors:
        problems.include([one])
    return not found.errors


def _check_targets(
    tree: IndexTree, ground: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    rows = (
        ground.targets.rows if ground.targets is not None else pd.DataFrame(columns=["indicator"])
    )
    if not rows["indicator"].isin(tree.leaves).any():
        what = "the index has no total, and there is no target for any of its indicators"
        problems.add(
            "missing-target",
            label,
            what,
            f"add rows to targets.csv; {suggestion('', tree.leaves)}",
        )
        return
    assert ground.targets is not None
    for node in (tree.nodes[name] for name in tree.leaves):
        for year in ground.years:
            due = ground.targets.current(node.id, year)
            try:
                attainment(due, np.zeros(len(due)), node.unit, node.direction, year)
            except UnitError as error:
                where = row_place(str(due["file"].iloc[0]), due["row"])
                problems.add(
                    "wrong-dimension",
                    where,
                    f"{node.id}: {error}",
                    f"a unit like {node.unit} is due",
                )
                break


def _check_values(
    tree: IndexTree,
    root: str,
    ground: AssessmentContext,
    values: NodeValues,
    problems: ProblemLog,
) -> None:
    """Readings that are needed and are not there; denominators that are not above 0."""
    for name, mask in lacking(tree, root, values).items():
        node = tree.nodes[name]
        if not mask.any():
            continue
        if node.reading is not None and not _has(node.reading, ground) and not tree.children[name]:
            check_reading(node.reading, node.unit, ground, node.where, problems)
            continue
        what = f"{name} has no reading in {values.year} in {_regions(ground, mask)}"
        fix = (
            "add its rows (na where a region has none of it)"
            if node.reading
            else "add what it is made of"
        )
        problems.add("missing-reading", node.where, what, fix)
    for name, mask in zero_denominators(tree, root, values).items():
        if mask.any():
            what = f"{name} is not above 0 in {values.year} in {_regions(ground, mask)}"
            problems.add(
                "zero-denominator",
                tree.nodes[name].where,
                what,
                "correct the row: others are divided by it",
            )


def _has(reading: Reading, ground: AssessmentContext) -> bool:
    """Whether there are any data rows of a reading; accounts have their own message."""
    years = ground.readings.rows["year"].unique()
    return not reading.data or any(reading.data in ground.readings.of(int(year)) for year in years)


def _regions(ground: AssessmentContext, mask: np.ndarray) -> str:
    return joined([code for code, wrong in zip(ground.regions, mask, strict=True) if wrong], ", ")
