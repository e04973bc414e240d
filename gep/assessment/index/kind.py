"""Schemes of kind ``index`` (综合指数): a weighted tree of readings, with grades and restrictions.

The module puts the kind together: it loads a scheme with its tables, applies it, and gathers what
the other modules of the package do in ``KIND``.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gep.assessment.context import AssessmentContext
from gep.assessment.index.checks import check_inputs, check_scheme
from gep.assessment.index.explain import Rules, caption, explain_index, explain_target
from gep.assessment.index.scheme import IndexScheme, IndexSpec, OpenRule, classes_of_change
from gep.assessment.index.tables import BEFORE, TOTAL, index_table, targets_table
from gep.assessment.index.tree import IndexTree, load_tree, with_weights
from gep.assessment.index.values import (
    IndexResult,
    NodeValues,
    evaluate_years,
    events_in_year,
    restrict,
)
from gep.assessment.published import PublishedItem, target_items
from gep.assessment.readings import SchemeReading
from gep.assessment.scheme import Assessment, Kind
from gep.assessment.targets import Targets
from gep.errors import ProblemLog
from gep.inputs.value_rows import GRADES
from gep.io.catalog import resolve_inside
from gep.texts.catalogue import Language


def load(spec: IndexSpec, path: Path, problems: ProblemLog) -> IndexScheme:
    """Load the tables of a scheme.

    Parameters
    ----------
    spec : IndexSpec
        The TOML.
    path : Path
        Its file.
    problems : ProblemLog
        Collects ``path-outside`` and what is wrong with the tables; see ``load_tree`` and
        ``with_weights``.

    Returns
    -------
    IndexScheme
        The weights of its tree are those of the scheme's table of weights, if it names one.
    """
    folder = path.parent
    files = [path]
    tree = IndexTree({}, {}, (), spec.indicators)
    table = resolve_inside(spec.indicators, folder, f"{path.name} indicators", problems)
    if table is not None:
        files.append(table)
        tree = load_tree(table, problems) or tree
    if spec.weights:
        weights = resolve_inside(spec.weights, folder, f"{path.name} weights", problems)
        if weights is not None:
            files.append(weights)
            if tree.nodes:
                tree = with_weights(tree, weights, problems)
    return IndexScheme(spec, path, tuple(files), KIND, with_options(tree, spec.option))


def with_options(tree: IndexTree, options: Mapping[str, OpenRule]) -> IndexTree:
    """Give the nodes of a tree the coefficients of the readings that are taken.

    Parameters
    ----------
    tree : IndexTree
    options : mapping of str to OpenRule
        Those whose reading or nodes are not known are passed over; ``check_scheme`` tells them.

    Returns
    -------
    IndexTree
        The notes of its nodes name the reading.
    """
    nodes = dict(tree.nodes)
    for rule in options.values():
        reading = rule.choices.get(rule.default)
        for name, coefficient in reading.coefficient.items() if reading else ():
            if name in nodes:
                note = f"{reading.name.en}; {nodes[name].note}" if reading else ""
                nodes[name] = replace(nodes[name], coefficient=coefficient, note=note)
    return replace(tree, nodes=nodes)


def bases(scheme: IndexScheme) -> set[str]:
    """Return the bases of accounts that the nodes read."""
    return {reading.basis for reading in scheme.tree.readings if reading.account}


def readings(scheme: IndexScheme) -> list[SchemeReading]:
    """Return the readings of all nodes."""
    listed = []
    for node in scheme.tree.nodes.values():
        if node.reading is not None:
            grade = GRADES[node.grade]
            named = SchemeReading(
                node.reading,
                node.unit,
                node.place,
                grade,
                item=node.id,
                name=node.name,
            )
            listed.append(named)
    return listed


def published(scheme: IndexScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: the index with its grades, nodes; or targets."""
    spec = scheme.spec
    nodes = scheme.tree.nodes
    if not spec.root:
        return target_items(nodes)
    items = {}
    for name, node in nodes.items():
        items[name] = PublishedItem("index.csv", "value", {"component": name}, node.unit)
    total = {"component": TOTAL}
    unit = nodes[spec.root].unit if spec.root in nodes else "1"
    items[TOTAL] = PublishedItem("index.csv", "value", total, unit)
    if spec.grades is not None:
        grades = tuple(grade.name.zh for grade in spec.grades.levels)
        items[f"{TOTAL}.grade"] = PublishedItem("index.csv", "grade", total, classes=grades)
    if spec.changes is not None:
        items[f"{TOTAL}.change_grade"] = PublishedItem(
            "index.csv", "change_grade", total, classes=classes_of_change(spec.changes)
        )
    return items


def event_ids(scheme: IndexScheme) -> set[str]:
    """Return the events that lower the index."""
    return {restriction.event for restriction in scheme.spec.restriction}


def assess(scheme: IndexScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme.

    Parameters
    ----------
    scheme : IndexScheme
    context : AssessmentContext
        In which nothing is wrong; see ``check_inputs``.

    Returns
    -------
    Assessment
        The index of every year that has readings; for an index without total its indicators,
        compared with their targets.
    """
    spec = scheme.spec
    tree = scheme.tree
    context = replace(context, regions=context.limited_to(tree.readings).regions)
    years = evaluate_years(tree, context, spec.root, spec.floor, spec.round_components)
    rules = Rules(
        floor=spec.floor,
        cutoffs=spec.grades,
        changes=spec.changes,
        restrictions=spec.restriction,
        sources=spec.sources,
        options=tuple(spec.option.values()),
    )
    if spec.root:
        return _assess_total(scheme, context, years, rules)
    if context.targets is None:
        raise ValueError("an index without total was applied without targets")
    return _assess_targets(scheme, context, context.targets, years, rules)


def _assess_total(
    scheme: IndexScheme, context: AssessmentContext, years: dict[int, NodeValues], rules: Rules
) -> Assessment:
    """Return the index with its components, grades and changes."""
    spec = scheme.spec
    tree = scheme.tree
    events = {}
    total = {}
    for year, values in years.items():
        events[year] = events_in_year(context.events, spec.restriction, year)
        total[year] = restrict(
            values.value[spec.root], context.regions, events[year], spec.restriction
        )
    result = IndexResult(
        tree=tree,
        root=spec.root,
        regions=context.regions,
        years=years,
        total=total,
        events=events,
    )

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_index(
            result,
            rules,
            region,
            year,
            item=item,
            language=language,
        )

    def items(region: str, year: int) -> list[str]:
        if year not in years or region not in context.regions:
            return []
        return [TOTAL, BEFORE, *tree.nodes]

    return Assessment(
        scheme,
        {"index.csv": index_table(result, spec.grades, spec.changes)},
        explain,
        items,
        account_readings=tree.account_readings,
        caption=caption(result, rules, context.years),
        names={name: node.name for name, node in tree.nodes.items()},
    )


def _assess_targets(
    scheme: IndexScheme,
    context: AssessmentContext,
    targets: Targets,
    years: dict[int, NodeValues],
    rules: Rules,
) -> Assessment:
    """Return the indicators of an index without total, compared with their targets."""
    tree = scheme.tree
    result = IndexResult(
        tree=tree,
        root="",
        regions=context.regions,
        years=years,
        total={},
        events={},
    )

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        target_rows = targets.current(item, year)
        return explain_target(
            result,
            rules,
            target_rows,
            region,
            year,
            item=item,
            language=language,
        )

    def items(region: str, year: int) -> list[str]:
        if year not in years or region not in context.regions:
            return []
        return list(tree.nodes)

    table = targets_table(tree, targets, context.regions, years)
    return Assessment(
        scheme,
        {"targets.csv": table},
        explain,
        items,
        account_readings=tree.account_readings,
        names={name: node.name for name, node in tree.nodes.items()},
    )


KIND = Kind(
    name="index",
    spec=IndexSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    event_ids=event_ids,
    readings=readings,
    published=published,
)
