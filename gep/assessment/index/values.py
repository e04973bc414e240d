"""The values of a composite index (综合指数的计算): every node of its tree by region, for one year.

A reading of ``na`` says that a region has none of it: its weight goes to the others of a mean, a sum skips it. Where
there is no reading at all the rule of the node holds: ``required`` (a problem), ``floor`` (the lowest individual index,
weight kept), ``spread`` (as na), ``follow`` (the parent moves by as much as its other children since the year before).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.events import Events
from gep.assessment.index.scheme import DIGITS, Restriction
from gep.assessment.index.tree import FORMULAS, IndexNode, IndexTree
from gep.assessment.readings import Reading, ReadingValues
from gep.assessment.rules import efficacy
from gep.inputs.value_rows import GRADE
from gep.units import factor

LAND_AREA = "land_area"
Arrays = Mapping[str, np.ndarray]  # node -> by region


@dataclass(frozen=True)
class NodeValues:
    """The nodes of a tree in a year, each by region."""

    year: int
    reads: Mapping[str, ReadingValues]
    given: Arrays  # there is a reading
    none: Arrays  # na: the region has none of it
    raw: Arrays  # before efficacy function, caps and rounding
    limits: Mapping[str, tuple[np.ndarray, np.ndarray]]  # of efficacy functions
    value: Arrays
    followed: Arrays  # moved with its other children
    share: Arrays  # of the weights of its parent, 0 where it is left out


def evaluate_years(
    tree: IndexTree,
    ground: AssessmentContext,
    root: str,
    floor: float,
    round_components: int | None,
) -> dict[int, NodeValues]:
    """The years in which anything was read, the earlier first; all where nothing was."""
    rounded = {}
    if root and round_components is not None:
        rounded = dict.fromkeys(tree.children[root], round_components)
    found: dict[int, NodeValues] = {}
    for year in sorted(ground.years):
        before = found[max(found)] if found else None
        values = evaluate_tree(tree, ground, year, floor, rounded, before)
        if any(given.any() for given in values.given.values()):
            found[year] = values
    if found:
        return found
    return {
        year: evaluate_tree(tree, ground, year, floor, rounded, None)
        for year in sorted(ground.years)
    }


def evaluate_tree(
    tree: IndexTree,
    ground: AssessmentContext,
    year: int,
    floor: float,
    rounded: Mapping[str, int],
    before: NodeValues | None,
) -> NodeValues:
    """Evaluate a tree in a year. ``rounded`` names the decimals to which nodes are rounded. Raises ``UnitError``."""
    count = len(ground.regions)
    reads, none = _readings(tree, ground, year)
    given = {name: np.isfinite(read.value) for name, read in reads.items()}
    raw: dict[str, np.ndarray] = {}
    value: dict[str, np.ndarray] = {}
    share: dict[str, np.ndarray] = {}
    followed: dict[str, np.ndarray] = {}
    limits: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name in tree.order:
        node, read = tree.nodes[name], reads[name].value
        if tree.children[name]:
            made, parts = _combined(tree, node, value, none)
            made, moved = _followed(tree, node, made, parts, value, none, before)
            raw[name] = np.where(given[name], read, _scaled(node, made, value))
            share |= {
                child: np.where(given[name] | none[name], 0.0, part)
                for child, part in parts.items()
            }
            followed[name] = moved & ~given[name]
            all_none = np.all([none[child] for child in tree.children[name]], axis=0)
            none[name] = none[name] | (all_none & ~given[name])
        else:
            if node.formula:
                inputs = [np.where(none[one], 0.0, value[one]) for one in node.inputs]
                read = np.where(given[name] | none[name], read, FORMULAS[node.formula](*inputs))
            raw[name] = _scaled(node, read, value)
        x = raw[name]
        if node.normalise == "efficacy":
            limits[name] = _limits(node, x, ground.group)
            x = efficacy(x, *limits[name], node.direction, floor)
        if node.missing == "floor":
            x = np.where(np.isnan(x) & ~none[name], floor, x)
        x = np.clip(
            x,
            -np.inf if np.isnan(node.min) else node.min,
            np.inf if np.isnan(node.max) else node.max,
        )
        x = np.round(x, rounded[name]) if name in rounded else x
        value[name] = np.where(none[name], np.nan, x)
        share.setdefault(name, np.ones(count))
    return NodeValues(year, reads, given, none, raw, limits, value, followed, share)


def _readings(
    tree: IndexTree, ground: AssessmentContext, year: int
) -> tuple[dict[str, ReadingValues], dict[str, np.ndarray]]:
    count = len(ground.regions)
    nothing = ReadingValues(
        np.full(count, np.nan),
        np.zeros(count, dtype=np.uint8),
        np.full(count, "", dtype=object),
        "",
    )
    reads, none = {}, {}
    for name, node in tree.nodes.items():
        reads[name] = (
            nothing if node.reading is None else _read(node.reading, node.unit, ground, year)
        )
        none[name] = np.zeros(count, dtype=bool)
        if node.reading is not None:
            plain = Reading(
                data=node.reading.data, account=node.reading.account, basis=node.reading.basis
            )
            level = (
                reads[name] if node.reading.form == "level" else ground.read(plain, node.unit, year)
            )
            none[name] = np.isnan(level.value) & (level.where != "")
    return reads, none


def _read(reading: Reading, unit: str, ground: AssessmentContext, year: int) -> ReadingValues:
    """A reading; the area of a region is that of the table of regions where no row gives it."""
    found = ground.read(reading, unit, year)
    if reading.data != LAND_AREA or reading.form != "level":
        return found
    known = np.array([ground.area.get(code, np.nan) for code in ground.regions], dtype=float)
    own = (found.where == "") & np.isfinite(known)
    where = np.where(own, "regions", found.where)
    grade = np.where(own, GRADE["unstated"], found.grade)
    return ReadingValues(
        np.where(own, known * factor("km2", unit), found.value), grade, where, unit
    )


def entering(node: IndexNode, value: np.ndarray) -> np.ndarray:
    """A child as it enters its parent: 100 - value where less is better (an efficacy function has turned it)."""
    return 100.0 - value if node.direction == "-" and node.normalise != "efficacy" else value


def _left_out(node: IndexNode, value: np.ndarray, none: np.ndarray) -> np.ndarray:
    return np.asarray(none | (np.isnan(value) & (node.missing in ("spread", "follow"))))


def _combined(
    tree: IndexTree, node: IndexNode, value: Arrays, none: Arrays
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The weighted sum or mean of children, and the share of each in the weights."""
    children = [tree.nodes[child] for child in tree.children[node.id]]
    out = np.array([_left_out(child, value[child.id], none[child.id]) for child in children])
    weight = np.array([[child.weight] for child in children])
    have = np.where(out, 0.0, weight)
    part = np.array([entering(child, value[child.id]) for child in children])
    found = (np.where(out, 0.0, part) * have).sum(axis=0)
    whole = have.sum(axis=0) if node.combine == "mean" else np.ones(found.shape)
    with np.errstate(all="ignore"):
        found = np.where(out.all(axis=0) | (whole == 0), np.nan, found / whole)
        shares = np.where(have.sum(axis=0) > 0, have / have.sum(axis=0), 0.0)
    return found, {child.id: shares[spot] for spot, child in enumerate(children)}


def _followed(
    tree: IndexTree,
    node: IndexNode,
    made: np.ndarray,
    shares: Arrays,
    value: Arrays,
    none: Arrays,
    before: NodeValues | None,
) -> tuple[np.ndarray, np.ndarray]:
    """What is made of children, where one lacks that is to follow: the year before, moved as the others moved."""
    names = tree.children[node.id]
    lacking = np.zeros(made.shape, dtype=bool)
    for child in names:
        if tree.nodes[child].missing == "follow":
            lacking |= np.isnan(value[child]) & ~none[child]
    if before is None or not lacking.any():
        return made, np.zeros(made.shape, dtype=bool)
    earlier = np.zeros(made.shape)
    for child in names:  # a child of no share is not asked
        term = entering(tree.nodes[child], before.value[child])
        earlier = earlier + np.where(shares[child] > 0, shares[child] * term, 0.0)
    moved = before.value[node.id] + made - earlier
    follows = lacking & np.isfinite(moved)
    return np.where(follows, moved, made), follows


def _scaled(node: IndexNode, x: np.ndarray, value: Arrays) -> np.ndarray:
    found = node.coefficient * x
    for name in node.denominator:
        with np.errstate(all="ignore"):
            found = found / np.where(value[name] > 0, value[name], np.nan)
    return np.asarray(found)


def _limits(node: IndexNode, x: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The limits that are given, else those of the readings of each region's group."""
    if np.isfinite(node.low):
        return np.full(x.shape, node.low), np.full(x.shape, node.high)
    low, high = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    for name in dict.fromkeys(group.tolist()):
        mine = (group == name) & np.isfinite(x)
        if mine.any():
            low[group == name], high[group == name] = x[mine].min(), x[mine].max()
    return low, high


def asked(tree: IndexTree, root: str, found: NodeValues) -> dict[str, np.ndarray]:
    """Which nodes are needed for the root, by region: what stands under a node that is given is not."""
    count = len(found.value[root])
    due = {name: np.full(count, name == root) for name in tree.nodes}
    for name in reversed(tree.order):
        node, stands = tree.nodes[name], found.given[name] | found.none[name]
        for one in (*tree.children[name], *node.inputs):
            due[one] = due[one] | (due[name] & ~stands)
        for one in node.denominator:
            due[one] = due[one] | (
                due[name] & ~(stands if tree.children[name] else found.none[name])
            )
    return due


def lacking(tree: IndexTree, root: str, found: NodeValues) -> dict[str, np.ndarray]:
    """Of the nodes that are needed those that have no value of their own making, by region."""
    under = tree.denominators
    missing = {}
    for name, due in asked(tree, root, found).items():
        node = tree.nodes[name]
        fine = np.ones(len(due), dtype=bool)  # what it is made of is there
        for one in (*node.inputs, *node.denominator):
            fine &= np.isfinite(found.value[one]) | (found.none[one] & (one in node.inputs))
        for one in node.denominator:
            fine &= ~(found.value[one] <= 0)
        for one in tree.children[name]:
            fine &= np.isfinite(found.value[one]) | _left_out(
                tree.nodes[one], found.value[one], found.none[one]
            )
        fits = node.missing == "required" or (name in under)
        none = found.none[name] & (name not in under)
        missing[name] = due & np.isnan(found.value[name]) & ~none & fine & fits
    return missing


def worst_by_share(tree: IndexTree, root: str, found: NodeValues) -> dict[int, np.ndarray]:
    """The share of the index's weight by the worst grade on the way from it to what was read, by region."""
    count = len(found.value[root])
    shares: dict[int, np.ndarray] = {}
    ways = [(root, np.isfinite(found.value[root]).astype(float), tree.nodes[root].grade)]
    while ways:
        name, share, grade = ways.pop()
        children = [child for child in tree.children[name] if (found.share[child] > 0).any()]
        ends = np.where(found.given[name], share, 0.0) if tree.children[name] else share
        shares[grade] = shares.get(grade, np.zeros(count)) + ends
        for child in children:
            ways.append(
                (child, (share - ends) * found.share[child], max(grade, tree.nodes[child].grade))
            )
    return shares


def zero_denominators(tree: IndexTree, root: str, found: NodeValues) -> dict[str, np.ndarray]:
    """Of the denominators that are needed those that are not above 0, by region."""
    due = asked(tree, root, found)
    return {
        name: due[name] & (found.value[name] <= 0)
        for name in tree.nodes
        if name in tree.denominators
    }


@dataclass(frozen=True)
class IndexResult:
    """A tree in the years that it was applied to; ``total`` is its root after restrictions, by year and region."""

    tree: IndexTree
    root: str
    regions: tuple[str, ...]
    years: Mapping[int, NodeValues]
    total: Mapping[int, np.ndarray]
    events: Mapping[int, pd.DataFrame]

    def change(self, year: int) -> np.ndarray:
        """Against the assessed year before, by region: restrictions apart, for an event is no change of nature."""
        earlier = max((one for one in self.years if one < year), default=None)
        now = self.years[year].value[self.root]
        return (
            np.full(now.shape, np.nan)
            if earlier is None
            else now - self.years[earlier].value[self.root]
        )


def written_down(value: float, restriction: Restriction) -> float:
    """The index of a region with such an event."""
    for write in restriction.writes:
        if round(value, DIGITS) >= write.from_:
            return write.value
    return value


def events_in_year(
    events: Events | None, restrictions: tuple[Restriction, ...], year: int
) -> pd.DataFrame:
    """The events that bear on a year and that the scheme names."""
    if events is None or not restrictions:
        return pd.DataFrame(columns=["region", "event", "document", "date", "file", "row"])
    rows = events.of(year)
    return rows[rows["event"].isin([one.event for one in restrictions]).to_numpy()]


def restricted(
    value: np.ndarray,
    regions: tuple[str, ...],
    rows: pd.DataFrame,
    restrictions: tuple[Restriction, ...],
) -> np.ndarray:
    """The index by region after all events: of several the one that lowers most."""
    found, rules = value.copy(), {one.event: one for one in restrictions}
    for region, event in zip(rows["region"], rows["event"], strict=True):
        if region in regions:
            spot = regions.index(region)
            found[spot] = min(found[spot], written_down(float(value[spot]), rules[event]))
    return found
