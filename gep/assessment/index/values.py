"""The values of a composite index (综合指数的计算): every node of its tree by region and year.

A reading of ``na`` says that a region has none of it: its weight goes to the others of a mean, and
a sum skips it. Where there is no reading at all the rule of the node holds: ``required`` (a
problem), ``floor`` (the lowest individual index, weight kept), ``spread`` (as ``na``), ``follow``
(the parent changes by as much as its other children since the previous year). The module also
applies restrictions (限制) to the total. What the tree states is left to ``tree``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
FULL = 100.0  # the best value of a component
Arrays = dict[str, np.ndarray]  # by node, each by region


class EfficacyRange(NamedTuple):
    """The limits of an efficacy function, by region."""

    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class NodeValues:
    """The nodes of a tree in a year. All arrays are by region.

    Attributes
    ----------
    year : int
    readings : dict of str to ReadingValues
    is_read : dict of str to ndarray of bool
        Whether there is a reading.
    is_na : dict of str to ndarray of bool
        Whether the region has none of it.
    raw : dict of str to ndarray of float
        Values before efficacy function, caps and rounding.
    limits : dict of str to EfficacyRange
        Of the nodes with an efficacy function.
    value : dict of str to ndarray of float
        NaN if there is no value.
    followed : dict of str to ndarray of bool
        For parents, whether they changed as much as their children with readings.
    share : dict of str to ndarray of float
        Share of the weights of its parent, 0 where a node is left out.
    """

    year: int
    readings: dict[str, ReadingValues]
    is_read: Arrays
    is_na: Arrays
    raw: Arrays
    limits: dict[str, EfficacyRange]
    value: Arrays
    followed: Arrays
    share: Arrays


def evaluate_years(
    tree: IndexTree,
    context: AssessmentContext,
    root: str,
    floor: float,
    round_components: int | None,
) -> dict[int, NodeValues]:
    """Evaluate a tree in all assessed years.

    Parameters
    ----------
    tree : IndexTree
    context : AssessmentContext
    root : str
        Blank if the index has no total.
    floor : float
        Result of efficacy functions at the worse limit.
    round_components : int or None
        Decimals to which the children of the root are rounded.

    Returns
    -------
    dict of int to NodeValues
        The years in which anything was read, ascending; all years if nothing was.

    Raises
    ------
    UnitError
        If a reading cannot be converted to the unit of its node.
    """
    decimals: dict[str, int] = {}
    if root and round_components is not None:
        decimals = dict.fromkeys(tree.children[root], round_components)
    evaluated: dict[int, NodeValues] = {}
    previous = None
    for year in sorted(context.years):
        values = evaluate_tree(
            tree,
            context,
            year,
            floor=floor,
            decimals=decimals,
            previous=previous,
        )
        if any(is_read.any() for is_read in values.is_read.values()):
            evaluated[year] = values
            previous = values
    if evaluated:
        return evaluated
    for year in sorted(context.years):
        evaluated[year] = evaluate_tree(
            tree,
            context,
            year,
            floor=floor,
            decimals=decimals,
            previous=None,
        )
    return evaluated


def evaluate_tree(
    tree: IndexTree,
    context: AssessmentContext,
    year: int,
    *,
    floor: float,
    decimals: Mapping[str, int],
    previous: NodeValues | None,
) -> NodeValues:
    """Evaluate a tree in a year.

    Parameters
    ----------
    tree : IndexTree
    context : AssessmentContext
    year : int
    floor : float
        Result of efficacy functions at the worse limit.
    decimals : mapping of str to int
        Decimals to which nodes are rounded; nodes that are not in it are not rounded.
    previous : NodeValues or None
        The previous year in which anything was read, for nodes that follow.

    Returns
    -------
    NodeValues

    Raises
    ------
    UnitError
        If a reading cannot be converted to the unit of its node.
    """
    values = _read_nodes(tree, context, year)
    count = len(context.regions)
    for name in tree.order:
        node = tree.nodes[name]
        if tree.children[name]:
            raw = _evaluate_parent(tree, node, values, previous)
        else:
            raw = _evaluate_leaf(node, values)
        values.raw[name] = raw
        value = raw
        is_na = values.is_na[name]
        if node.normalise == "efficacy":
            limits = _efficacy_limits(node, raw, context.group)
            values.limits[name] = limits
            value = efficacy(raw, limits.low, limits.high, node.direction, floor)
        if node.missing == "floor":
            is_missing = np.isnan(value) & ~is_na
            value = np.where(is_missing, floor, value)
        lowest = -np.inf if np.isnan(node.min) else node.min
        highest = np.inf if np.isnan(node.max) else node.max
        value = np.clip(value, lowest, highest)
        if name in decimals:
            value = np.round(value, decimals[name])
        values.value[name] = np.where(is_na, np.nan, value)
        values.share.setdefault(name, np.ones(count))  # the parent enters the share later
    return values


def _read_nodes(tree: IndexTree, context: AssessmentContext, year: int) -> NodeValues:
    """Read all nodes; the result is to be filled with values."""
    count = len(context.regions)
    unread = ReadingValues(
        np.full(count, np.nan),
        np.zeros(count, dtype=np.uint8),
        np.full(count, "", dtype=object),
        "",
    )
    readings: dict[str, ReadingValues] = {}
    is_read: Arrays = {}
    is_na: Arrays = {}
    for name, node in tree.nodes.items():
        readings[name] = unread
        is_na[name] = np.zeros(count, dtype=bool)
        if node.reading is not None:
            readings[name] = _read(node.reading, node.unit, context, year)
            level = readings[name]
            if node.reading.form != "level":
                level_reading = node.reading.model_copy(update={"form": "level"})
                level = context.read(level_reading, node.unit, year)
            is_na[name] = np.isnan(level.value) & (level.where != "")
        is_read[name] = np.isfinite(readings[name].value)
    return NodeValues(
        year=year,
        readings=readings,
        is_read=is_read,
        is_na=is_na,
        raw={},
        limits={},
        value={},
        followed={},
        share={},
    )


def _read(reading: Reading, unit: str, context: AssessmentContext, year: int) -> ReadingValues:
    """Read a reading; the land area of a region without a row is that of the table of regions."""
    values = context.read(reading, unit, year)
    if reading.data != LAND_AREA or reading.form != "level":
        return values
    areas = [context.area.get(code, np.nan) for code in context.regions]
    area = np.array(areas, dtype=float)
    is_unread = values.where == ""
    is_from_table = is_unread & np.isfinite(area)
    area = area * factor("km2", unit)
    return ReadingValues(
        value=np.where(is_from_table, area, values.value),
        grade=np.where(is_from_table, GRADE["unstated"], values.grade),
        where=np.where(is_from_table, "regions", values.where),
        unit=unit,
    )


def _evaluate_parent(
    tree: IndexTree, node: IndexNode, values: NodeValues, previous: NodeValues | None
) -> np.ndarray:
    """Return the raw value of a parent, and enter the shares of its children."""
    name = node.id
    reading = values.readings[name]
    is_read = values.is_read[name]
    is_na = values.is_na[name]
    combined = _combine_children(tree, node, values)
    followed = _follow_children(tree, node, combined, values, previous)
    values.followed[name] = followed.follows & ~is_read
    has_own_value = is_read | is_na
    all_na = np.ones(len(is_na), dtype=bool)
    for child, share in combined.shares.items():
        values.share[child] = np.where(has_own_value, 0.0, share)
        all_na &= values.is_na[child]
    values.is_na[name] = is_na | (all_na & ~is_read)
    computed = _scale(node, followed.value, values)
    return np.where(is_read, reading.value, computed)


def _evaluate_leaf(node: IndexNode, values: NodeValues) -> np.ndarray:
    """Return the raw value of a node that is read or computed by a formula."""
    name = node.id
    reading = values.readings[name]
    value = reading.value
    if node.formula:
        formula = FORMULAS[node.formula]
        inputs = []
        for source in node.inputs:
            is_na = values.is_na[source]
            inputs.append(np.where(is_na, 0.0, values.value[source]))
        computed = formula.compute(*inputs)
        has_own_value = values.is_read[name] | values.is_na[name]
        value = np.where(has_own_value, value, computed)
    return _scale(node, value, values)


def entering_value(node: IndexNode, value: np.ndarray) -> np.ndarray:
    """Return a child's value as it enters its parent.

    Parameters
    ----------
    node : IndexNode
        The child.
    value : ndarray of float

    Returns
    -------
    ndarray of float
        100 - value if less is better; an efficacy function has reversed the value already.
    """
    return FULL - value if is_reversed(node) else value


def is_reversed(node: IndexNode) -> bool:
    """Return whether a child enters its parent as 100 - value."""
    return node.direction == "-" and node.normalise != "efficacy"


def _is_left_out(node: IndexNode, values: NodeValues) -> np.ndarray:
    """Return where a child has no part in its parent."""
    is_na = values.is_na[node.id]
    if node.missing not in ("spread", "follow"):
        return is_na
    value = values.value[node.id]
    is_missing = np.isnan(value)
    return np.asarray(is_na | is_missing)


class _Combined(NamedTuple):
    """A parent as combined from its children, and the share of each child in the weights."""

    value: np.ndarray
    shares: Arrays


def _combine_children(tree: IndexTree, node: IndexNode, values: NodeValues) -> _Combined:
    """Compute the weighted sum or mean of the children of a node."""
    names = tree.children[node.id]
    left_out = []
    weights = []
    parts = []
    for name in names:
        child = tree.nodes[name]
        child_value = values.value[name]
        left_out.append(_is_left_out(child, values))
        weights.append([child.weight])
        parts.append(entering_value(child, child_value))
    is_left_out = np.array(left_out)
    weight = np.where(is_left_out, 0.0, np.array(weights))
    part = np.where(is_left_out, 0.0, np.array(parts))
    weighted = part * weight
    weighted_sum = weighted.sum(axis=0)
    weight_sum = weight.sum(axis=0)
    divisor = np.ones(weighted_sum.shape)
    if node.combine == "mean":
        divisor = weight_sum
    has_no_value = is_left_out.all(axis=0)
    has_no_value = has_no_value | (divisor == 0)
    with np.errstate(all="ignore"):
        value = weighted_sum / divisor
        share = weight / weight_sum
    value = np.where(has_no_value, np.nan, value)
    share = np.where(weight_sum > 0, share, 0.0)
    shares = dict(zip(names, share, strict=True))
    return _Combined(value, shares)


class _Followed(NamedTuple):
    """A parent, and where it changed as much as its children with readings."""

    value: np.ndarray
    follows: np.ndarray


def _follow_children(
    tree: IndexTree,
    node: IndexNode,
    combined: _Combined,
    values: NodeValues,
    previous: NodeValues | None,
) -> _Followed:
    """Add to the previous value of a parent the change of its children that have readings.

    This holds where a child whose rule is ``follow`` has none; elsewhere the parent is as combined.
    """
    value = combined.value
    is_missing = np.zeros(value.shape, dtype=bool)
    for name in tree.children[node.id]:
        child = tree.nodes[name]
        if child.missing == "follow":
            is_unknown = np.isnan(values.value[name])
            is_missing |= is_unknown & ~values.is_na[name]
    if previous is None or not is_missing.any():
        return _Followed(value, np.zeros(value.shape, dtype=bool))
    previous_sum = np.zeros(value.shape)
    for name, share in combined.shares.items():
        child = tree.nodes[name]
        previous_value = previous.value[name]
        term = share * entering_value(child, previous_value)
        # a child without a share need not have a previous value
        previous_sum = previous_sum + np.where(share > 0, term, 0.0)
    moved = previous.value[node.id] + value - previous_sum
    follows = is_missing & np.isfinite(moved)
    value = np.where(follows, moved, value)
    return _Followed(value, follows)


def _scale(node: IndexNode, value: np.ndarray, values: NodeValues) -> np.ndarray:
    """Multiply by the coefficient and divide by the denominators; NaN where one is not above 0."""
    scaled = node.coefficient * value
    for name in node.denominator:
        denominator = values.value[name]
        with np.errstate(all="ignore"):
            scaled = scaled / np.where(denominator > 0, denominator, np.nan)
    return np.asarray(scaled)


def _efficacy_limits(node: IndexNode, value: np.ndarray, group: np.ndarray) -> EfficacyRange:
    """Return the limits that the table gives, else the extremes of each region's group."""
    if np.isfinite(node.low):
        return EfficacyRange(np.full(value.shape, node.low), np.full(value.shape, node.high))
    low = np.full(value.shape, np.nan)
    high = np.full(value.shape, np.nan)
    is_known = np.isfinite(value)
    for name in dict.fromkeys(group.tolist()):
        in_group = group == name
        group_values = value[in_group & is_known]
        if len(group_values):
            low[in_group] = group_values.min()
            high[in_group] = group_values.max()
    return EfficacyRange(low, high)


def needed_nodes(tree: IndexTree, root: str, values: NodeValues) -> Arrays:
    """Find the nodes that the root needs.

    What is below a node that was read is not needed.

    Parameters
    ----------
    tree : IndexTree
    root : str
    values : NodeValues

    Returns
    -------
    dict of str to ndarray of bool
        For each node, whether a region needs it.
    """
    count = len(values.value[root])
    needed = {name: np.full(count, name == root) for name in tree.nodes}
    for name in reversed(tree.order):
        node = tree.nodes[name]
        children = tree.children[name]
        is_na = values.is_na[name]
        is_known = values.is_read[name] | is_na
        is_computed = needed[name] & ~is_known
        for source in (*children, *node.inputs):
            needed[source] = needed[source] | is_computed
        # the reading of a leaf is divided, that of a parent is not
        is_divided = is_computed if children else needed[name] & ~is_na
        for source in node.denominator:
            needed[source] = needed[source] | is_divided
    return needed


def missing_nodes(tree: IndexTree, root: str, values: NodeValues) -> Arrays:
    """Find the nodes that the root needs and that have no value, though what they are made of has.

    Parameters
    ----------
    tree : IndexTree
    root : str
    values : NodeValues

    Returns
    -------
    dict of str to ndarray of bool
        For each node, whether it is missing in a region.
    """
    denominators = tree.denominators
    missing = {}
    for name, is_needed in needed_nodes(tree, root, values).items():
        node = tree.nodes[name]
        is_denominator = name in denominators
        is_missing = is_needed & np.isnan(values.value[name])
        if node.missing != "required" and not is_denominator:
            is_missing = np.zeros(len(is_needed), dtype=bool)
        if not is_denominator:
            is_missing &= ~values.is_na[name]
        for source in node.inputs:
            has_value = np.isfinite(values.value[source])
            is_missing &= has_value | values.is_na[source]
        for source in node.denominator:
            value = values.value[source]
            has_value = np.isfinite(value)
            if source in node.inputs:
                has_value = has_value | values.is_na[source]
            is_missing &= has_value & ~(value <= 0)
        for source in tree.children[name]:
            child = tree.nodes[source]
            has_value = np.isfinite(values.value[source])
            is_missing &= has_value | _is_left_out(child, values)
        missing[name] = is_missing
    return missing


def zero_denominators(tree: IndexTree, root: str, values: NodeValues) -> Arrays:
    """Find the denominators that the root needs and that are not above 0.

    Parameters
    ----------
    tree : IndexTree
    root : str
    values : NodeValues

    Returns
    -------
    dict of str to ndarray of bool
        For each denominator, whether it is not above 0 in a region.
    """
    needed = needed_nodes(tree, root, values)
    denominators = tree.denominators
    zero = {}
    for name in tree.nodes:
        if name in denominators:
            zero[name] = needed[name] & (values.value[name] <= 0)
    return zero


class _Branch(NamedTuple):
    """A node, its share of the index by region, and the worst grade from the root down to it."""

    node: str
    share: np.ndarray
    grade: int


def shares_by_grade(tree: IndexTree, root: str, values: NodeValues) -> dict[int, np.ndarray]:
    """Compute the share of the index's weight by the worst grade from the root to what was read.

    Parameters
    ----------
    tree : IndexTree
    root : str
    values : NodeValues

    Returns
    -------
    dict of int to ndarray of float
        By code of ``gep.inputs.value_rows.GRADES``; they sum to 1 in regions that have the index.
    """
    count = len(values.value[root])
    shares: dict[int, np.ndarray] = {}
    whole_index = np.isfinite(values.value[root]).astype(float)
    branches = [_Branch(root, whole_index, tree.nodes[root].grade)]
    while branches:
        branch = branches.pop()
        children = tree.children[branch.node]
        ending = branch.share
        if children:
            is_read = values.is_read[branch.node]
            ending = np.where(is_read, branch.share, 0.0)
        previous_share = shares.get(branch.grade, np.zeros(count))
        shares[branch.grade] = previous_share + ending
        continuing = branch.share - ending
        for name in children:
            child = tree.nodes[name]
            share = values.share[name]
            has_share = share > 0
            if has_share.any():
                grade = max(branch.grade, child.grade)
                branches.append(_Branch(name, continuing * share, grade))
    return shares


@dataclass(frozen=True)
class IndexResult:
    """A tree in the years to which it was applied.

    Attributes
    ----------
    tree : IndexTree
    root : str
    regions : tuple of str
    years : mapping of int to NodeValues
    total : mapping of int to ndarray of float
        By year: the root after restrictions, by region.
    events : mapping of int to DataFrame
        By year: the events that restrict the index, rows of ``gep.assessment.events.Events``.
    """

    tree: IndexTree
    root: str
    regions: tuple[str, ...]
    years: Mapping[int, NodeValues]
    total: Mapping[int, np.ndarray]
    events: Mapping[int, pd.DataFrame]

    def change(self, year: int) -> np.ndarray:
        """Return the change of the root since the previous assessed year, by region.

        It is that of the values before restrictions, for an event is no change of nature. NaN in
        the first year.
        """
        values = self.years[year]
        value = values.value[self.root]
        previous_years = [earlier for earlier in self.years if earlier < year]
        if not previous_years:
            return np.full(value.shape, np.nan)
        previous = self.years[max(previous_years)]
        return value - previous.value[self.root]


def restricted_value(value: float, restriction: Restriction) -> float:
    """Return the index of a region with an event.

    Parameters
    ----------
    value : float
        The index before the restriction.
    restriction : Restriction
        The rule for the event.

    Returns
    -------
    float
    """
    for ceiling in restriction.writes:
        if round(value, DIGITS) >= ceiling.from_:
            return ceiling.value
    return value


def events_in_year(
    events: Events | None, restrictions: tuple[Restriction, ...], year: int
) -> pd.DataFrame:
    """Return the events that bear on a year and that the scheme names.

    Parameters
    ----------
    events : Events or None
    restrictions : tuple of Restriction
        The rules of the scheme.
    year : int

    Returns
    -------
    DataFrame
        Rows of ``events``.
    """
    if events is None or not restrictions:
        return pd.DataFrame(columns=["region", "event", "document", "date", "file", "row"])
    names = [restriction.event for restriction in restrictions]
    rows = events.of(year)
    is_named = rows["event"].isin(names)
    return rows[is_named.to_numpy()]


def restrict(
    value: np.ndarray,
    regions: tuple[str, ...],
    rows: pd.DataFrame,
    restrictions: tuple[Restriction, ...],
) -> np.ndarray:
    """Apply events to an index; of several events the one that lowers most counts.

    Parameters
    ----------
    value : ndarray of float
        By region.
    regions : tuple of str
    rows : DataFrame
        The events of the year; see ``events_in_year``.
    restrictions : tuple of Restriction

    Returns
    -------
    ndarray of float
    """
    restricted = value.copy()
    rules = {restriction.event: restriction for restriction in restrictions}
    for region, event in zip(rows["region"], rows["event"], strict=True):
        if region in regions:
            rule = rules[event]
            position = regions.index(region)
            lowered = restricted_value(float(value[position]), rule)
            restricted[position] = min(restricted[position], lowered)
    return restricted
