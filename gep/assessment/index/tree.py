"""The tree of a composite index (综合指数的指标体系): its nodes, read from a table and checked.

A row of the table is a node. A leaf is read (``data`` or ``account``) or computed by a ``formula``
of other nodes (``inputs``); its value is ``coefficient`` x reading / ``denominator`` (a product of
nodes), brought to 60..100 where ``normalise`` is ``efficacy``. A parent is the mean of its children
by ``weight`` (``combine`` = ``sum``: the sum), times ``coefficient`` over ``denominator``; a parent
with a reading has that value, and its children are not used. ``min`` and ``max`` cap a value. A
child of ``direction`` ``-`` enters its parent as 100 - value. Nodes without parent, other than the
root, are quantities for denominators, or stand beside the index. How the nodes are evaluated is
left to ``values``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
from pydantic import ValidationError

from gep.assessment.events import check_filled
from gep.assessment.readings import Basis, Form, Reading
from gep.errors import Place, ProblemLog, merge_places
from gep.inputs.value_rows import check_duplicates, check_units, in_column, read_grades
from gep.io.distinct_cells import Cells
from gep.io.tables import Columns, Table, read_numbers, read_table, suggestion
from gep.io.toml_documents import Title, value_message
from gep.texts.catalogue import Label, Listed

NODE_COLUMNS = Columns(
    ("node", "parent", "zh", "en", "weight", "unit", "source", "locator", "grade"),
    (
        "weights_sum",
        "combine",
        "coefficient",
        "denominator",
        "formula",
        "inputs",
        "data",
        "account",
        "scheme",
        "classes",
        "basis",
        "form",
        "direction",
        "normalise",
        "low",
        "high",
        "min",
        "max",
        "missing",
        "note",
    ),
)
WEIGHT_COLUMNS = Columns(("node", "weight", "source", "locator", "grade"), ("note",))
RESERVED = ("total", "before_restriction")  # rows of the result
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "combine": ("mean", "sum"),
    "direction": ("+", "-"),
    "normalise": ("none", "efficacy"),
    "missing": ("required", "floor", "spread", "follow"),
    "basis": get_args(Basis),
    "form": get_args(Form),
}
_DEFAULTS = {"basis": "project", "form": "level"}  # of the others the first option
_DEFAULT_NUMBERS = {"coefficient": 1.0, "weights_sum": 1.0}  # of the others NaN
_SOURCES = ("data", "account", "scheme")  # of a reading
_NUMBERS = ("coefficient", "weights_sum", "low", "high", "min", "max")
_FRACTION = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", re.ASCII)
_SUM_TOLERANCE = 1e-6  # how far weights may be from their declared sum, as a share of it


@dataclass(frozen=True)
class IndexNode:
    """A node of an index, as its row of the table states it.

    Attributes
    ----------
    id, parent : str
        ``parent`` is blank for the root and for nodes beside the index.
    name : Title
    weight : float
        Weight in the parent; NaN if it is not known.
    weights_sum : float
        What the weights of the children should sum to.
    combine : {'mean', 'sum'}
        How a parent is computed from its children.
    coefficient : float
    denominator : tuple of str
        Nodes by which the value is divided.
    formula : str
        One of ``FORMULAS``, or blank.
    inputs : tuple of str
        Nodes that the formula takes.
    reading : Reading or None
    unit : str
    direction : {'+', '-'}
        Whether more or less is better.
    normalise : {'none', 'efficacy'}
    low, high : float
        Limits of the efficacy function; NaN if they are those of the region's group.
    min, max : float
        Caps of the value; NaN if there are none.
    missing : {'required', 'floor', 'spread', 'follow'}
        What holds where there is no reading; see ``gep.assessment.index.values``.
    source, locator, note : str
        Where weight and coefficient were read.
    grade : int
        Code of ``gep.inputs.value_rows.GRADES``.
    place : Place
        The row that gives the weight.
    """

    id: str
    parent: str
    name: Title
    weight: float
    weights_sum: float
    combine: str
    coefficient: float
    denominator: tuple[str, ...]
    formula: str
    inputs: tuple[str, ...]
    reading: Reading | None
    unit: str
    direction: str
    normalise: str
    low: float
    high: float
    min: float
    max: float
    missing: str
    source: str
    locator: str
    grade: int
    note: str
    place: Place

    @property
    def label(self) -> Label:
        """The node with its name, for messages and explanations."""
        return Label(self.id, self.name)


@dataclass(frozen=True)
class IndexTree:
    """The nodes of an index.

    Attributes
    ----------
    nodes : mapping of str to IndexNode
        By id, in the order of the table.
    children : mapping of str to tuple of str
        The children of each node.
    order : tuple of str
        All nodes, each after those that it is computed from.
    label : str
        The table as messages name it.
    """

    nodes: Mapping[str, IndexNode]
    children: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    label: str

    @property
    def denominators(self) -> set[str]:
        """The nodes by which others are divided."""
        names: set[str] = set()
        for node in self.nodes.values():
            names.update(node.denominator)
        return names

    @property
    def used(self) -> set[str]:
        """The nodes that are denominators or inputs of formulas."""
        names = self.denominators
        for node in self.nodes.values():
            names.update(node.inputs)
        return names

    @property
    def leaves(self) -> list[str]:
        """The nodes that are read and have no children."""
        names = []
        for name, node in self.nodes.items():
            if node.reading is not None and not self.children[name]:
                names.append(name)
        return names

    @property
    def readings(self) -> list[Reading]:
        """The readings of all nodes."""
        return [node.reading for node in self.nodes.values() if node.reading is not None]

    @property
    def account_readings(self) -> dict[str, Reading]:
        """The readings of the account, by node."""
        readings = {}
        for name, node in self.nodes.items():
            if node.reading is not None and node.reading.account:
                readings[name] = node.reading
        return readings

    def descendants(self, root: str) -> list[str]:
        """Return a node and all below it, in the order of the table."""
        names = {root}
        for name in reversed(self.order):
            if name in names:
                names.update(self.children[name])
        return [name for name in self.nodes if name in names]


def load_tree(path: Path, problems: ProblemLog) -> IndexTree | None:
    """Load the table of an index.

    Parameters
    ----------
    path : Path
    problems : ProblemLog
        Collects ``index-node`` (an option, formula or node that is not known, columns that do not
        fit together), ``parent-cycle``, ``blank``, ``negative`` (weight), ``duplicate-row``,
        ``unknown-unit``, ``unknown-grade``, and what is wrong with the table as such.

    Returns
    -------
    IndexTree or None
        None if the table cannot be read, or its nodes do not form a tree.
    """
    table = read_table(path, NODE_COLUMNS, problems)
    if table is None:
        return None
    rows = table.frame[["node", "row"]].assign(file=table.label)
    check_duplicates(rows, ["node"], problems)
    check_filled(table, ("node", "zh", "source", "locator"), problems)
    check_units(table, None, problems)
    nodes = {node.id: node for node in _read_nodes(table, problems)}
    if not _check_references(nodes, problems):
        return None
    children: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    for node in nodes.values():
        if node.parent:
            siblings = children[node.parent]
            children[node.parent] = (*siblings, node.id)
    for node in nodes.values():
        parent = nodes.get(node.parent)
        _check_node(node, children[node.id], parent, problems)
    order = _evaluation_order(nodes, children, table.label, problems)
    if order is None:
        return None
    return IndexTree(nodes, children, order, table.label)


def _read_nodes(table: Table, problems: ProblemLog) -> list[IndexNode]:
    """Read each row as a node; what cannot be read is reported and has the default."""
    options = {column: _read_options(table, column, problems) for column in _OPTIONS}
    grades = read_grades(table, problems)
    weights = _read_weights(table, problems)
    numbers: dict[str, np.ndarray] = {}
    for column in _NUMBERS:
        values, _ = read_numbers(table, column, problems, blank=True)
        default = _DEFAULT_NUMBERS.get(column, np.nan)
        numbers[column] = np.where(np.isnan(values), default, values)
    columns = [*NODE_COLUMNS.required, *NODE_COLUMNS.optional]
    rows = table.frame.reindex(columns=columns, fill_value="")
    nodes = []
    for position, cells in enumerate(rows.to_dict("records")):
        option: dict[str, Any] = {name: words[position] for name, words in options.items()}
        number: dict[str, Any] = {}
        for name, values in numbers.items():
            number[name] = float(values[position])
        place = table.place([position])
        basis = option.pop("basis")
        form = option.pop("form")
        node = IndexNode(
            id=cells["node"],
            parent=cells["parent"],
            name=Title(zh=cells["zh"], en=cells["en"] or cells["zh"]),
            weight=float(weights[position]),
            denominator=tuple(cells["denominator"].split()),
            formula=cells["formula"],
            inputs=tuple(cells["inputs"].split()),
            reading=_read_reading({**cells, "basis": basis, "form": form}, place, problems),
            unit=cells["unit"],
            source=cells["source"],
            locator=cells["locator"],
            grade=int(grades[position]),
            note=cells["note"],
            place=place,
            **option,
            **number,
        )
        nodes.append(node)
    return nodes


def _read_options(table: Table, column: str, problems: ProblemLog) -> list[str]:
    """Read a column of few known words; blank and unknown cells have the default."""
    known = _OPTIONS[column]
    default = _DEFAULTS.get(column, known[0])
    words = table.column(column)
    options = words.where(words != "", default)
    is_known = options.isin(known)
    unknown = options[~is_known]
    for word, rows in unknown.groupby(unknown):
        place = table.place(rows.index, column)
        problems.add(
            "index-node",
            place,
            "index.unknown-option",
            word=word,
            known=known,
        )
    options = options.where(is_known, default)
    return list(options)


def _read_weights(table: Table, problems: ProblemLog) -> np.ndarray:
    """Read weights, which may be fractions such as 2/109; NaN where blank."""
    decimals = table.column("weight").map(_divide_fraction)
    frame = table.frame.assign(weight=decimals)
    decimal_table = Table(table.path, table.label, Cells.of(frame))
    weights, _ = read_numbers(decimal_table, "weight", problems, blank=True)
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        shown = table.column("weight").iloc[negative[0]]
        place = table.place(negative, "weight")
        problems.add("negative", place, "index.negative-weight", weight=shown)
    return weights


def _divide_fraction(cell: str) -> str:
    """Return a fraction as a decimal number, other cells as they are."""
    parts = _FRACTION.fullmatch(cell)
    if parts is None or float(parts[2]) == 0:
        return cell
    return repr(float(parts[1]) / float(parts[2]))


def _read_reading(cells: Mapping[str, str], place: Place, problems: ProblemLog) -> Reading | None:
    """Return the reading of a node; None if it has none, or one that contradicts itself."""
    sources = {name: cells[name] for name in _SOURCES if cells[name]}
    if not sources:
        return None
    if len(sources) > 1:
        problems.add("index-node", place, "index.two-readings", sources=list(sources.values()))
        return None
    basis = cells["basis"]
    source = next(iter(sources.values()))
    if "account" not in sources and basis != "project":
        place = replace(place, column="basis")
        problems.add("index-node", place, "index.basis-of-data", data=source, basis=basis)
        return None
    keys = {**sources, "basis": basis, "form": cells["form"]}
    if cells["classes"]:
        keys["classes"] = cells["classes"]
    try:
        return Reading.model_validate(keys)
    except ValidationError as error:
        message, values = value_message(error.errors()[0], "classes")
        problems.add("index-node", replace(place, column="classes"), message, **values)
        return None


def _check_references(nodes: Mapping[str, IndexNode], problems: ProblemLog) -> bool:
    """Check that all nodes that are named exist; return whether they do."""
    all_exist = True
    for node in nodes.values():
        parents = (node.parent,) if node.parent else ()
        references = {"parent": parents, "denominator": node.denominator, "inputs": node.inputs}
        for column, names in references.items():
            for name in dict.fromkeys(names):
                if name not in nodes:
                    problems.add(
                        "index-node",
                        replace(node.place, column=column),
                        "index.unknown-node",
                        name=name,
                        hint=suggestion(name, nodes),
                    )
                    all_exist = False
    return all_exist


class _NodeFault(NamedTuple):
    """What may be wrong with a node: the column, the key of the message, whether it is wrong."""

    column: str
    message: str
    is_wrong: bool


def _check_node(
    node: IndexNode, children: tuple[str, ...], parent: IndexNode | None, problems: ProblemLog
) -> None:
    """Check that the columns of a node fit together."""
    has_children = children != ()
    has_formula = node.formula != ""
    has_inputs = node.inputs != ()
    formula = FORMULAS.get(node.formula)
    input_count = None if formula is None else formula.input_count
    has_wrong_count = input_count is not None and len(node.inputs) != input_count
    is_without_inputs = has_formula and not has_inputs and not has_wrong_count
    has_value = node.reading is not None or has_children or has_formula
    is_efficacy = node.normalise == "efficacy"
    has_low = not np.isnan(node.low)
    has_high = not np.isnan(node.high)
    has_wrong_floor = node.missing == "floor" and not is_efficacy
    is_under_mean = parent is None or (
        parent.coefficient == 1 and not parent.denominator and parent.combine == "mean"
    )
    has_wrong_follow = node.missing == "follow" and not is_under_mean
    faults = [
        _NodeFault("", "index.node-without-value", not has_value),
        _NodeFault("formula", "index.unknown-formula", has_formula and formula is None),
        _NodeFault("inputs", "index.input-count", has_wrong_count),
        _NodeFault("inputs", "index.formula-without-inputs", is_without_inputs),
        _NodeFault("formula", "index.inputs-without-formula", has_inputs and not has_formula),
        _NodeFault("formula", "index.formula-of-parent", has_formula and has_children),
        _NodeFault("coefficient", "index.coefficient-not-positive", node.coefficient <= 0),
        _NodeFault("low", "index.limits-not-ascending", node.low >= node.high),
        _NodeFault("low", "index.one-limit", has_low != has_high),
        _NodeFault("min", "index.caps-not-ascending", node.min >= node.max),
        _NodeFault("low", "index.limits-without-efficacy", has_low and not is_efficacy),
        _NodeFault("normalise", "index.efficacy-of-parent", is_efficacy and has_children),
        _NodeFault("missing", "index.floor-without-efficacy", has_wrong_floor),
        _NodeFault("missing", "index.follow-not-under-mean", has_wrong_follow),
        _NodeFault("node", "index.reserved-name", node.id in RESERVED),
    ]
    values = {
        "node": node.label,
        "formula": node.formula,
        "formulas": tuple(FORMULAS),
        "inputs": node.inputs,
        "count": len(node.inputs),
        "needed": input_count,
        "coefficient": _shown(node.coefficient),
        "low": _shown(node.low),
        "high": _shown(node.high),
        "min": _shown(node.min),
        "max": _shown(node.max),
    }
    for fault in faults:
        if fault.is_wrong:
            place = replace(node.place, column=fault.column)
            problems.add("index-node", place, fault.message, **values)


def _shown(number: float) -> str:
    """Return a number as a message shows it; blank for NaN."""
    return "" if np.isnan(number) else f"{number:g}"


def _evaluation_order(
    nodes: Mapping[str, IndexNode],
    children: Mapping[str, tuple[str, ...]],
    label: str,
    problems: ProblemLog,
) -> tuple[str, ...] | None:
    """Order the nodes so that each is after those that it is computed from; None in a circle."""
    predecessors = {}
    for name, node in nodes.items():
        predecessors[name] = (*children[name], *node.denominator, *node.inputs)
    try:
        return tuple(TopologicalSorter(predecessors).static_order())
    except CycleError as error:
        circle = [nodes[name].label for name in error.args[1]]
        listed = Listed(tuple(circle), len(circle))
        problems.add("parent-cycle", label, "index.cycle", circle=listed)
        return None


def with_weights(tree: IndexTree, path: Path, problems: ProblemLog) -> IndexTree:
    """Replace weights of a tree by those of a table ``node,weight,source,locator,grade``.

    Parameters
    ----------
    tree : IndexTree
    path : Path
    problems : ProblemLog
        Collects ``index-node`` (a node that is not known, a weight or source that is blank),
        ``duplicate-row``, ``negative``, ``unknown-grade``, and what is wrong with the table as
        such.

    Returns
    -------
    IndexTree
    """
    table = read_table(path, WEIGHT_COLUMNS, problems)
    if table is None:
        return tree
    rows = table.frame[["node", "row"]].assign(file=table.label)
    check_duplicates(rows, ["node"], problems)
    weights = _read_weights(table, problems)
    grades = read_grades(table, problems)
    nodes = dict(tree.nodes)
    for position, cells in enumerate(table.frame.to_dict("records")):
        name = cells["node"]
        place = table.place([position])
        if name not in nodes:
            problems.add(
                "index-node",
                replace(place, column="node"),
                "index.unknown-node",
                name=name,
                hint=suggestion(name, nodes),
            )
        elif np.isnan(weights[position]) or not cells["source"]:
            problems.add(
                "index-node",
                place,
                "index.blank-weight",
                node=nodes[name].label,
                weight=cells["weight"],
                source=cells["source"],
            )
        else:
            nodes[name] = replace(
                nodes[name],
                weight=float(weights[position]),
                source=cells["source"],
                locator=cells["locator"],
                grade=int(grades[position]),
                place=place,
            )
    return replace(tree, nodes=nodes)


def check_sums(tree: IndexTree, root: str, problems: ProblemLog) -> None:
    """Check that the weights below each node sum to what it declares.

    Parameters
    ----------
    tree : IndexTree
    root : str
        The node from which on down the tree is checked.
    problems : ProblemLog
        Collects ``weights-sum``; not where a weight is not known yet.
    """
    for name in tree.descendants(root):
        children = [tree.nodes[child] for child in tree.children[name]]
        if not children:
            continue
        node = tree.nodes[name]
        weight_sum = sum(child.weight for child in children)
        if abs(weight_sum - node.weights_sum) > _SUM_TOLERANCE * abs(node.weights_sum):
            weights = [in_column(child.place, "weight") for child in children]
            for place in merge_places(weights):
                problems.add(
                    "weights-sum",
                    place,
                    "index.weights-sum",
                    node=node.label,
                    sum=weight_sum,
                    declared=node.weights_sum,
                )


def unweighted(tree: IndexTree, root: str) -> list[str]:
    """Return the nodes below the root whose weight is not known."""
    names = []
    for name in tree.descendants(root):
        if name != root and np.isnan(tree.nodes[name].weight):
            names.append(name)
    return names


_PLENTY = 1.4  # this year's water resources over their mean of many years
_TOO_MUCH = 2.4  # likewise


def effective_water_resources(actual: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Compute the water resources that count in the water network index (W*).

    More water than usual does not make an environment better. With a = actual / mean: actual for a
    below 1.4, mean (2.4 - a) from 1.4 to 2.4, 0 beyond. At 1.4 the result falls from 1.4 to 1.0
    times the mean: public code for HJ 192-2015 does so, and it is yet to be compared with the text
    of the standard.

    Parameters
    ----------
    actual : ndarray of float
        Water resources of the year.
    mean : ndarray of float
        Mean of many years, in the same unit.

    Returns
    -------
    ndarray of float
        In the same unit; NaN where the mean is not above 0.
    """
    ratio = actual / np.where(mean > 0, mean, np.nan)
    decreasing = mean * (_TOO_MUCH - ratio)
    counted = np.select(
        [ratio < _PLENTY, ratio <= _TOO_MUCH],
        [actual, decreasing],
        0.0,
    )
    counted = np.where(np.isfinite(ratio), counted, np.nan)
    return np.asarray(counted)


def total(*parts: np.ndarray) -> np.ndarray:
    """Compute the sum of quantities of the tree that are in the same unit."""
    return np.asarray(np.sum(parts, axis=0))


class Formula(NamedTuple):
    """A formula of nodes: the function, and how many inputs it takes (None: any number)."""

    compute: Callable[..., np.ndarray]
    input_count: int | None


FORMULAS: Mapping[str, Formula] = {
    "effective_water_resources": Formula(effective_water_resources, 2),
    "total": Formula(total, None),
}
