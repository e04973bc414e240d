"""Schemes of kind ``index`` (综合指数): a weighted tree of readings, with grades, grades of change, restrictions."""

from dataclasses import replace
from pathlib import Path

from gep.assessment.context import AssessmentContext
from gep.assessment.index.checks import check_inputs, check_scheme
from gep.assessment.index.explain import Rules, caption, explain_index, explain_target
from gep.assessment.index.scheme import IndexScheme, IndexSpec
from gep.assessment.index.tables import BEFORE, TOTAL, index_table, targets_table
from gep.assessment.index.tree import IndexTree, load_tree, with_weights
from gep.assessment.index.values import (
    IndexResult,
    NodeValues,
    evaluate_years,
    events_in_year,
    restricted,
)
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.io.catalog import resolve_inside
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language


def load(spec: IndexSpec, path: Path, problems: ProblemLog) -> IndexScheme:
    """Make the scheme with the tree of the table beside, its own weights put in."""
    folder, files = path.parent, [path]
    tree = IndexTree({}, {}, (), spec.indicators)
    nodes = resolve_inside(spec.indicators, folder, f"{path.name} indicators", problems)
    if nodes is not None:
        files.append(nodes)
        tree = load_tree(nodes, problems) or tree
    if spec.weights:
        weights = resolve_inside(spec.weights, folder, f"{path.name} weights", problems)
        if weights is not None:
            files.append(weights)
            tree = with_weights(tree, weights, problems) if tree.nodes else tree
    return IndexScheme(spec, path, tuple(files), KIND, tree)


def bases(scheme: IndexScheme) -> set[str]:
    """The bases of accounts that the nodes read."""
    return {reading.basis for reading in scheme.tree.readings if reading.account}


def event_ids(scheme: IndexScheme) -> set[str]:
    """The events that lower the index."""
    return {restriction.event for restriction in scheme.spec.restriction}


def assess(scheme: IndexScheme, context: AssessmentContext) -> Assessment:
    """The index of every year that has readings; or, without total, its indicators against their targets."""
    spec, tree = scheme.spec, scheme.tree
    context = replace(context, regions=context.limited_to(tree.readings).regions)
    years = evaluate_years(tree, context, spec.root, spec.floor, spec.round_components)
    rules = Rules(spec.floor, spec.grades, spec.changes, spec.restriction, spec.sources)
    if spec.root:
        return _assess_total(scheme, context, years, rules)
    return _assess_targets(scheme, context, years, rules)


def _assess_total(
    scheme: IndexScheme, context: AssessmentContext, years: dict[int, NodeValues], rules: Rules
) -> Assessment:
    """The index with its components, grades and changes."""
    spec, tree = scheme.spec, scheme.tree
    events = {year: events_in_year(context.events, spec.restriction, year) for year in years}
    total = {
        year: restricted(values.value[spec.root], context.regions, events[year], spec.restriction)
        for year, values in years.items()
    }
    result = IndexResult(tree, spec.root, context.regions, years, total, events)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_index(result, rules, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        if year not in years or region not in context.regions:
            return []
        return [TOTAL, BEFORE, *tree.nodes]

    return Assessment(
        scheme,
        {"index.csv": index_table(result, spec.grades, spec.changes)},
        explain,
        items,
        tree.account_readings,
        caption=tuple(Title(zh=zh, en=en) for zh, en in caption(result, rules, context)),
    )


def _assess_targets(
    scheme: IndexScheme, context: AssessmentContext, years: dict[int, NodeValues], rules: Rules
) -> Assessment:
    """The indicators of an index without total, held against their targets."""
    tree = scheme.tree

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_target(tree, context, years, rules, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        if year not in years or region not in context.regions:
            return []
        return list(tree.nodes)

    tables = {"targets.csv": targets_table(tree, context, years)}
    return Assessment(scheme, tables, explain, items, tree.account_readings)


KIND = Kind(
    name="index",
    spec=IndexSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    event_ids=event_ids,
)
