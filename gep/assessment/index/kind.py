"""Composite indices (综合指数): a weighted tree of readings, with grades, grades of change and restrictions.

The table that the scheme names (``indicators``, see ``gep.assessment.index.tree``) is the whole index; a scheme without
``root`` has no total, and its indicators are held against targets instead.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from gep.assessment.context import AssessmentContext, check_reading
from gep.assessment.index.explain import Rules, caption, target_working, working
from gep.assessment.index.rules import (
    ChangeGrades,
    GradeCutoffs,
    Restriction,
    check_changes,
    check_cited,
    check_restrictions,
    events_in_year,
    restricted,
)
from gep.assessment.index.tables import IndexResult, index_table, targets_table
from gep.assessment.index.tree import IndexTree, check_sums, load_tree, unweighted, with_weights
from gep.assessment.index.values import NodeValues, asked, evaluate_tree, lacking, zero_denominators
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Scheme, SchemeSpec, check_grades
from gep.assessment.targets import attainment
from gep.errors import ProblemLog, joined
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import UnitError


class IndexScheme(SchemeSpec):
    """A scheme that makes an index.

    ``floor`` is the lowest individual index of efficacy functions; ``round_components`` the decimals to which the
    children of the root are rounded before they are put together, none by default; ``weights`` a table of weights for
    the nodes of ``indicators``, where they are one's own.
    """

    kind: Literal["index"]
    indicators: str = Field(min_length=1)
    weights: str = ""
    root: str = ""
    floor: float = Field(default=60.0, ge=0, lt=100)
    round_components: int | None = Field(default=None, ge=0, le=9)
    grades: GradeCutoffs | None = None
    changes: ChangeGrades | None = None
    restriction: tuple[Restriction, ...] = ()

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that the nodes read."""
        tree = self.tree(scheme.path, ProblemLog())
        return set() if tree is None else {one.basis for one in _readings(tree) if one.account}

    def tree(self, path: Path, problems: ProblemLog) -> IndexTree | None:
        """The tree of the scheme that stands at ``path``, its own weights put in."""
        nodes = resolve_inside(self.indicators, path.parent, f"{path.name} indicators", problems)
        found = None if nodes is None else load_tree(nodes, problems)
        own = (
            resolve_inside(self.weights, path.parent, f"{path.name} weights", problems)
            if self.weights
            else None
        )
        return found if found is None or own is None else with_weights(found, own, problems)

    def events(self) -> set[str]:
        """The events that lower the index."""
        return {one.event for one in self.restriction}

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Nodes, weights, sources, cut-offs, restrictions."""
        label = scheme.path.name
        for name, rule in (("grades", self.grades), ("changes", self.changes)):
            if rule is not None:
                check_cited(rule, self.sources, f"{label} {name}", problems)
        for one in self.restriction:
            check_cited(one, self.sources, f"{label} restriction {one.event}", problems)
        if self.grades is not None:
            check_grades(self.grades.levels, f"{label} grades", problems)
        if self.changes is not None:
            check_changes(self.changes, f"{label} changes", problems)
        check_restrictions(self.restriction, f"{label} restriction", problems)
        tree = self.tree(scheme.path, problems)
        if tree is None:
            return
        for node in tree.nodes.values():
            if node.source and node.source not in self.sources:
                hint = suggestion(node.source, self.sources)
                problems.add("unknown-source", node.where, f"source {node.source!r}", hint)
        if self.root in tree.nodes:
            check_sums(tree, self.root, problems)
        elif self.root:
            what = f"root {self.root!r} is no node of {tree.label}"
            problems.add("index-node", f"{label} root", what, suggestion(self.root, tree.nodes))

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """Weights, readings, denominators, and targets where the index has no total."""
        tree = self.tree(scheme.path, ProblemLog())
        if tree is None:
            return
        ground = replace(ground, regions=ground.narrowed(_readings(tree)).regions)
        fine = [self._check_reading(tree, name, ground, problems) for name in tree.nodes]
        if all(fine) and not any(
            _has(one.reading, ground) for one in tree.nodes.values() if one.reading is not None
        ):
            what = "none of its readings has a row or an account"
            fix = "add rows to the readings; an index is not made of nothing"
            problems.add("missing-reading", scheme.path.name, what, fix)
            return
        if not self.root:
            self._check_targets(tree, ground, scheme.path.name, problems)
            return
        unknown = unweighted(tree, self.root)
        whole = replace(
            tree,
            nodes={
                **tree.nodes,
                **{name: replace(tree.nodes[name], weight=1.0) for name in unknown},
            },
        )
        if all(fine):  # what lacks does not hang on weights; a weight is needed where its node is
            years = self._evaluated(whole, ground)
            due = [asked(whole, self.root, values) for values in years.values()]
            unknown = [name for name in unknown if any(one[name].any() for one in due)]
            for values in years.values():
                self._check_values(whole, ground, values, problems)
        for name in unknown:
            fix = "copy the scheme with its table, and name your own: weights = CSV node,weight,source,locator,grade"
            problems.add(
                "weights-missing",
                tree.nodes[name].where,
                f"the weight of {name} is not published",
                fix,
            )

    def _check_reading(
        self, tree: IndexTree, name: str, ground: AssessmentContext, problems: ProblemLog
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
        self, tree: IndexTree, ground: AssessmentContext, label: str, problems: ProblemLog
    ) -> None:
        rows = (
            ground.targets.rows
            if ground.targets is not None
            else pd.DataFrame(columns=["indicator"])
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
                due = ground.targets.due(node.id, year)
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
        self, tree: IndexTree, ground: AssessmentContext, values: NodeValues, problems: ProblemLog
    ) -> None:
        """Readings that are needed and are not there; denominators that are not above 0."""
        for name, mask in lacking(tree, self.root, values).items():
            node = tree.nodes[name]
            if not mask.any():
                continue
            if (
                node.reading is not None
                and not _has(node.reading, ground)
                and not tree.children[name]
            ):
                check_reading(node.reading, node.unit, ground, node.where, problems)
                continue
            what = f"{name} has no reading in {values.year} in {_regions(ground, mask)}"
            fix = (
                "add its rows (na where a region has none of it)"
                if node.reading
                else "add what it is made of"
            )
            problems.add("missing-reading", node.where, what, fix)
        for name, mask in zero_denominators(tree, self.root, values).items():
            if mask.any():
                what = f"{name} is not above 0 in {values.year} in {_regions(ground, mask)}"
                problems.add(
                    "zero-denominator",
                    tree.nodes[name].where,
                    what,
                    "correct the row: others are divided by it",
                )

    def _evaluated(self, tree: IndexTree, ground: AssessmentContext) -> dict[int, NodeValues]:
        """The years in which anything was read, the earlier first; all where nothing was."""
        rounded = {}
        if self.root and self.round_components is not None:
            rounded = dict.fromkeys(tree.children[self.root], self.round_components)
        found: dict[int, NodeValues] = {}
        for year in sorted(ground.years):
            before = found[max(found)] if found else None
            values = evaluate_tree(tree, ground, year, self.floor, rounded, before)
            if any(given.any() for given in values.given.values()):
                found[year] = values
        if found:
            return found
        return {
            year: evaluate_tree(tree, ground, year, self.floor, rounded, None)
            for year in sorted(ground.years)
        }

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """The index of every year that has readings; or, without total, its indicators against their targets."""
        tree = self.tree(scheme.path, ProblemLog())
        assert tree is not None
        ground = replace(ground, regions=ground.narrowed(_readings(tree)).regions)
        years = self._evaluated(tree, ground)
        behind = {
            name: one.reading
            for name, one in tree.nodes.items()
            if one.reading and one.reading.account
        }
        rules = Rules(self.floor, self.grades, self.changes, self.restriction, self.sources)
        if not self.root:
            tables = {"targets.csv": targets_table(tree, ground, years)}
            return Assessment(
                scheme, tables, partial(target_working, tree, ground, years, rules), behind
            )
        events = {year: events_in_year(ground.events, self.restriction, year) for year in years}
        total = {
            year: restricted(
                values.value[self.root], ground.regions, events[year], self.restriction
            )
            for year, values in years.items()
        }
        found = IndexResult(tree, self.root, ground.regions, years, total, events)
        return Assessment(
            scheme,
            {"index.csv": index_table(found, self.grades, self.changes)},
            partial(working, found, rules),
            behind,
            caption=caption(found, rules, ground),
        )


def _readings(tree: IndexTree) -> list[Reading]:
    return [node.reading for node in tree.nodes.values() if node.reading is not None]


def _has(reading: Reading, ground: AssessmentContext) -> bool:
    """Whether there are any data rows of a reading; accounts have their own message."""
    years = ground.readings.rows["year"].unique()
    return not reading.data or any(reading.data in ground.readings.of(int(year)) for year in years)


def _regions(ground: AssessmentContext, mask: np.ndarray) -> str:
    return joined([code for code, wrong in zip(ground.regions, mask, strict=True) if wrong], ", ")
