"""What is wrong with an index scheme, and what it needs and a context lacks (指数方案检查).

The module checks a scheme with its tree, then readings, denominators, weights and targets before
anything is computed. The rows of the tables are checked in ``tree``.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gep.assessment.context import AssessmentContext
from gep.assessment.index.scheme import (
    ChangeGrades,
    CitedRule,
    IndexScheme,
    OpenRule,
    Restriction,
)
from gep.assessment.index.tree import IndexNode, IndexTree, check_sums, unweighted
from gep.assessment.index.values import (
    NodeValues,
    evaluate_years,
    missing_nodes,
    needed_nodes,
    zero_denominators,
)
from gep.assessment.readings import Reading
from gep.assessment.scheme import Grade, check_grades, check_reading, check_source, check_unique_ids
from gep.assessment.targets import Targets, attainment, check_properties
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import GRADES
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.texts.catalogue import Label, Listed, text
from gep.units import UnitError


def check_scheme(scheme: IndexScheme, problems: ProblemLog) -> None:
    """Check grades, restrictions, sources and weights of a scheme.

    Parameters
    ----------
    scheme : IndexScheme
    problems : ProblemLog
        Collects ``unknown-source``, ``unknown-grade``, ``grade-cutoffs``, ``duplicate-id``
        (events), ``restriction``, ``weights-sum`` and ``index-node`` (a root that is no node).
    """
    spec = scheme.spec
    label = scheme.path.name
    if spec.grades is not None:
        _check_citation(spec.grades, spec.sources, f"{label} grades", problems)
        check_grades(spec.grades.levels, f"{label} grades", problems)
    if spec.changes is not None:
        _check_citation(spec.changes, spec.sources, f"{label} changes", problems)
        _check_changes(spec.changes, f"{label} changes", problems)
    for restriction in spec.restriction:
        place = f"{label} restriction {restriction.event}"
        _check_citation(restriction, spec.sources, place, problems)
        _check_restriction(restriction, place, problems)
    events = [restriction.event for restriction in spec.restriction]
    check_unique_ids(events, f"{label} restriction", problems)
    tree = scheme.tree
    if not tree.nodes:  # the table could not be read, which was reported
        return
    for name, rule in spec.option.items():
        _check_option(rule, scheme, f"{label} option.{name}", problems)
    for node in tree.nodes.values():
        if node.source:
            place_of_source = replace(node.place, column="source")
            check_source(node.source, spec.sources, place_of_source, problems)
    if spec.root in tree.nodes:
        check_sums(tree, spec.root, problems)
    elif spec.root:
        problems.add(
            "index-node",
            f"{label} root",
            "index.unknown-root",
            root=spec.root,
            table=tree.label,
            hint=suggestion(spec.root, tree.nodes),
        )


def _check_option(rule: OpenRule, scheme: IndexScheme, place: str, problems: ProblemLog) -> None:
    """Check that the reading that is taken is among those of a rule, and its nodes in the tree."""
    _check_citation(rule, scheme.spec.sources, place, problems)
    if rule.default not in rule.choices:
        problems.add(
            "unknown-option",
            place,
            "index.unknown-reading",
            rule=rule.name,
            option=rule.default,
            known=tuple(rule.choices),
        )
    nodes = scheme.tree.nodes
    for reading in rule.choices.values():
        for name in reading.coefficient:
            if name not in nodes:
                hint = suggestion(name, nodes)
                problems.add("index-node", place, "index.unknown-node", name=name, hint=hint)


def _check_citation(
    rule: CitedRule, sources: Mapping[str, object], place: Where, problems: ProblemLog
) -> None:
    """Check that the source and the grade of evidence of a rule are known."""
    check_source(rule.source, sources, place, problems)
    if rule.grade not in GRADES:
        known = Listed(GRADES, len(GRADES))
        problems.add("unknown-grade", place, "index.unknown-grade", grade=rule.grade, known=known)


def _check_changes(changes: ChangeGrades, place: Where, problems: ProblemLog) -> None:
    """Check that the sizes of changes descend and are above 0."""
    grades = []
    for level in changes.levels:
        grades.append(Grade.model_validate({"name": level.better, "from": level.from_}))
    check_grades(grades, place, problems)
    for level in changes.levels:
        if level.from_ is not None and level.from_ <= 0:
            problems.add(
                "grade-cutoffs",
                place,
                "index.change-not-positive",
                grade=level.better,
                size=level.from_,
            )


def _check_restriction(restriction: Restriction, place: Where, problems: ProblemLog) -> None:
    """Check that the cut-offs of a restriction descend, and that it lowers the index."""
    event = Label(restriction.event, restriction.name)
    cutoffs = [ceiling.from_ for ceiling in restriction.writes]
    if cutoffs != sorted(set(cutoffs), reverse=True):
        shown = tuple(f"{cutoff:g}" for cutoff in cutoffs)
        listed = Listed(shown, len(shown))
        problems.add("restriction", place, "index.restriction-order", event=event, cutoffs=listed)
    for ceiling in restriction.writes:
        if ceiling.value >= ceiling.from_:
            problems.add(
                "restriction",
                place,
                "index.restriction-lifts",
                event=event,
                cutoff=ceiling.from_,
                value=ceiling.value,
            )


def check_inputs(scheme: IndexScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check weights, readings and denominators; targets where the index has no total.

    Parameters
    ----------
    scheme : IndexScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``missing-reading``, ``weights-missing``, ``zero-denominator``, ``missing-target``,
        ``wrong-dimension``, and what is wrong with readings (see ``check_reading``).
    """
    spec = scheme.spec
    tree = scheme.tree
    label = scheme.path.name
    context = replace(context, regions=context.limited_to(tree.readings).regions)
    all_readable = True
    for node in tree.nodes.values():
        if not _check_readable(node, context, problems):
            all_readable = False
    if all_readable and not any(_has_rows(reading, context) for reading in tree.readings):
        problems.add("missing-reading", label, "index.no-readings")
        return
    if not spec.root:
        _check_targets(tree, context, label, problems)
        return
    unknown = unweighted(tree, spec.root)
    if all_readable:
        # Which readings are missing does not depend on weights: unknown weights are taken as 1. A
        # weight is needed only where its node is.
        nodes = dict(tree.nodes)
        for name in unknown:
            nodes[name] = replace(nodes[name], weight=1.0)
        weighted = replace(tree, nodes=nodes)
        years = evaluate_years(weighted, context, spec.root, spec.floor, spec.round_components)
        needed: set[str] = set()
        for values in years.values():
            for name, is_needed in needed_nodes(weighted, spec.root, values).items():
                if is_needed.any():
                    needed.add(name)
            _check_values(weighted, spec.root, context, values, problems)
        unknown = [name for name in unknown if name in needed]
    for name in unknown:
        node = tree.nodes[name]
        place = replace(node.place, column="weight")
        problems.add("weights-missing", place, "index.unknown-weight", node=node.label)


def _check_readable(node: IndexNode, context: AssessmentContext, problems: ProblemLog) -> bool:
    """Check the reading of a node as far as there is any; return whether it can be read.

    A node without data rows passes: whether it is needed is seen when the tree is evaluated.
    """
    if node.reading is None:
        return True
    if node.reading.data and not _has_rows(node.reading, context):
        return True
    faults = ProblemLog()
    check_reading(node.reading, node.unit, context, node.place, faults)
    problems.include(faults.errors)
    return not faults.errors


def _check_targets(
    tree: IndexTree, context: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    """Check that there are targets for an index without total, and that their units fit."""
    leaves = tree.leaves
    targets = context.targets
    if targets is None or not targets.rows["indicator"].isin(leaves).any():
        hint = suggestion("", leaves)
        problems.add("missing-target", label, "index.no-targets", hint=hint)
        return
    rows = targets.rows
    check_properties(rows[rows["indicator"].isin(leaves).to_numpy()], (), problems)
    for name in leaves:
        _check_target_units(tree.nodes[name], targets, context.years, problems)


def _check_target_units(
    node: IndexNode, targets: Targets, years: tuple[int, ...], problems: ProblemLog
) -> None:
    """Check that the targets of a node can be converted to its unit; the first year is reported."""
    for year in years:
        rows = targets.current(node.id, year)
        try:
            attainment(rows, np.zeros(len(rows)), node.unit, node.direction, year)
        except UnitError as error:
            place = row_place(str(rows["file"].iloc[0]), rows["row"], "unit")
            problems.add(
                "wrong-dimension",
                place,
                "index.target-unit",
                node=node.label,
                reason=error.args[0],
                unit=node.unit,
            )
            return


def _check_values(
    tree: IndexTree,
    root: str,
    context: AssessmentContext,
    values: NodeValues,
    problems: ProblemLog,
) -> None:
    """Check that all nodes that are needed have a value, and that denominators are above 0."""
    for name, is_missing in missing_nodes(tree, root, values).items():
        node = tree.nodes[name]
        if not is_missing.any():
            continue
        reading = node.reading
        if reading is not None and not _has_rows(reading, context) and not tree.children[name]:
            check_reading(reading, node.unit, context, node.place, problems)
            continue
        regions = []
        for position in np.flatnonzero(is_missing):
            regions.append(context.label(context.regions[position]))
        message = "index.missing-value" if reading is None else "index.missing-reading"
        problems.add(
            "missing-reading",
            node.place,
            message,
            node=node.label,
            reading=str(reading),
            year=values.year,
            regions=regions,
        )
    for name, is_zero in zero_denominators(tree, root, values).items():
        if not is_zero.any():
            continue
        node = tree.nodes[name]
        numbers = []
        for position in np.flatnonzero(is_zero):
            region = context.label(context.regions[position])
            number = float(values.value[name][position])
            numbers.append(text("index.value-in-region", region=region, value=number))
        problems.add(
            "zero-denominator",
            node.place,
            "index.zero-denominator",
            node=node.label,
            year=values.year,
            values=numbers,
        )


def _has_rows(reading: Reading, context: AssessmentContext) -> bool:
    """Return whether a reading has any data rows; readings of accounts are checked elsewhere."""
    if not reading.data:
        return True
    years = context.readings.rows["year"].unique()
    return any(reading.data in context.readings.of(int(year)) for year in years)
