"""The tree of a composite index (综合指数的指标体系): nodes with weights, read from a table and checked.

A row is a node. A **leaf** is read (``data`` or ``account``) or made by a ``formula`` of other nodes (``inputs``); its
value is ``coefficient`` x reading / ``denominator`` (a product of nodes), brought to 60..100 where ``normalise`` is
``efficacy`` (``low`` and ``high``, else those of the group). A **parent** is the mean of its children by ``weight``
(``combine`` = ``sum``: the sum), times ``coefficient`` over ``denominator``; where it has a reading of its own, that is
its value and its children are not asked. ``min`` and ``max`` cap a value. A child of ``direction`` ``-`` enters its
parent as 100 - value. Nodes without parent, other than the root, are quantities for denominators, or told apart.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from gep.assessment.readings import Basis, Form, Reading
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import check_duplicates, check_units, read_grades
from gep.io.tables import Columns, Table, read_numbers, read_table, suggestion
from gep.io.toml_documents import Title

NODE_COLUMNS = Columns(
    ("node", "parent", "zh", "en", "weight", "unit", "source", "locator", "grade"),
    (
        *(
            "weights_sum",
            "combine",
            "coefficient",
            "denominator",
            "formula",
            "inputs",
            "data",
            "account",
            "basis",
        ),
        *("form", "direction", "normalise", "low", "high", "min", "max", "missing", "note"),
    ),
)
WEIGHT_COLUMNS = Columns(("node", "weight", "source", "locator", "grade"), ("note",))
_WORDS: Mapping[str, tuple[str, ...]] = {
    "combine": ("mean", "sum"),
    "direction": ("+", "-"),
    "normalise": ("none", "efficacy"),
    "missing": ("required", "floor", "spread", "follow"),
    "basis": get_args(Basis),
    "form": get_args(Form),
}
_DEFAULTS = {"basis": "project", "form": "level"}  # of the others the first
_NUMBERS = ("coefficient", "weights_sum", "low", "high", "min", "max")
RESERVED = ("total", "before_restriction")  # rows of the result
_FRACTION = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", re.ASCII)
_SUM = 1e-6  # how far weights may be from their declared sum, as a share of it


@dataclass(frozen=True)
class IndexNode:
    """A row of the table; ``weight`` NaN: not given, ``low`` to ``max`` NaN: none; ``grade`` a code of GRADES."""

    id: str
    parent: str
    name: Title
    weight: float
    weights_sum: float  # of its children, as declared
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
    where: Where


@dataclass(frozen=True)
class IndexTree:
    """Nodes in the order of the table; ``order`` has what a node is made of before it."""

    nodes: Mapping[str, IndexNode]
    children: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    label: str

    @property
    def denominators(self) -> set[str]:
        """The nodes that something is divided by."""
        return {name for node in self.nodes.values() for name in node.denominator}

    @property
    def used(self) -> set[str]:
        """The nodes that denominators and formulas take up."""
        return {name for node in self.nodes.values() for name in (*node.denominator, *node.inputs)}

    @property
    def leaves(self) -> list[str]:
        """The nodes that are read and have no children."""
        return [
            name
            for name, node in self.nodes.items()
            if node.reading is not None and not self.children[name]
        ]

    @property
    def readings(self) -> list[Reading]:
        """The readings of all nodes."""
        return [node.reading for node in self.nodes.values() if node.reading is not None]

    @property
    def account_readings(self) -> dict[str, Reading]:
        """The readings of the account, by node."""
        return {
            name: node.reading
            for name, node in self.nodes.items()
            if node.reading is not None and node.reading.account
        }

    def below(self, root: str) -> list[str]:
        """A node and all that it is made of by weight, in the order of the table."""
        found = {root}
        for name in reversed(self.order):
            if name in found:
                found.update(self.children[name])
        return [name for name in self.nodes if name in found]


def load_tree(path: Path, problems: ProblemLog) -> IndexTree | None:
    """Load the table of an index; None where its nodes do not make a tree."""
    table = read_table(path, NODE_COLUMNS, problems)
    if table is None:
        return None
    check_duplicates(table.frame[["node", "row"]].assign(file=table.label), ["node"], problems)
    for name in ("node", "zh", "source", "locator"):
        blank = np.flatnonzero(table.column(name).to_numpy() == "")
        if len(blank):
            problems.add(
                "blank", table.place(blank), f"{name} is blank", f"write the {name} of the node"
            )
    check_units(table, None, problems)
    nodes = {node.id: node for node in _nodes(table, problems)}
    if not _linked(nodes, problems):
        return None
    children = {
        name: tuple(node.id for node in nodes.values() if node.parent == name) for name in nodes
    }
    for node in nodes.values():
        _check_node(node, children[node.id], nodes, problems)
    order = _order(nodes, children, table.label, problems)
    return None if order is None else IndexTree(nodes, children, order, table.label)


def _nodes(table: Table, problems: ProblemLog) -> Iterable[IndexNode]:
    columns: dict[str, Any] = {
        name: table.column(name).tolist() for name in ("node", "parent", "unit", "source")
    }
    columns |= {
        name: table.column(name).tolist() for name in ("zh", "en", "locator", "note", "formula")
    }
    columns |= {name: _words(table, name, problems) for name in _WORDS}
    columns["grade"] = read_grades(table, problems)
    columns["weight"] = _weights(table, problems)
    for name in _NUMBERS:
        found, _ = read_numbers(table, name, problems, blank=True)
        columns[name] = (
            np.where(np.isnan(found), 1.0, found)
            if name in ("coefficient", "weights_sum")
            else found
        )
    for spot in range(len(table.frame)):
        row: dict[str, Any] = {name: values[spot] for name, values in columns.items()}
        where = table.place([spot])
        names = Title(zh=row.pop("zh"), en=row.pop("en") or columns["zh"][spot])
        reading = _reading(table, spot, row.pop("basis"), row.pop("form"), where, problems)
        lists: dict[str, Any] = {
            name: tuple(table.column(name).iloc[spot].split()) for name in ("denominator", "inputs")
        }
        row |= {name: float(row[name]) for name in ("weight", *_NUMBERS)}
        yield IndexNode(
            id=row.pop("node"), name=names, reading=reading, where=where, **row, **lists
        )


def _words(table: Table, name: str, problems: ProblemLog) -> list[str]:
    """A column of few known words, blank being the usual one."""
    usual = _DEFAULTS.get(name, _WORDS[name][0])
    found = table.column(name).map(lambda word: word or usual)
    for word, some in found[~found.isin(_WORDS[name])].groupby(found):
        what, fix = f"{name} reads {word!r}", f"known are: {', '.join(_WORDS[name])}"
        problems.add("index-node", table.place(some.index), what, fix)
    return [word if word in _WORDS[name] else usual for word in found]


def _weights(table: Table, problems: ProblemLog) -> np.ndarray:
    """Weights, which may be fractions (2/109); blank is not given, less than 0 is a problem."""
    plain = table.frame.assign(weight=table.column("weight").map(_plain))
    found, _ = read_numbers(Table(table.path, table.label, plain), "weight", problems, blank=True)
    if len(low := np.flatnonzero(found < 0)):
        problems.add(
            "negative", table.place(low), "a weight is negative", 'less is better: direction "-"'
        )
    return found


def _plain(text: str) -> str:
    parts = _FRACTION.fullmatch(text)
    return repr(float(parts[1]) / float(parts[2])) if parts and float(parts[2]) else text


def _reading(
    table: Table, spot: int, basis: Basis, form: Form, where: Where, problems: ProblemLog
) -> Reading | None:
    data, account = (table.column(name).iloc[spot] for name in ("data", "account"))
    if not data and not account:
        return None
    try:
        return Reading(data=data, account=account, basis=basis, form=form)
    except ValueError:
        what = (
            "both data and account are given"
            if data and account
            else "basis belongs to account only"
        )
        problems.add(
            "index-node",
            where,
            what,
            "read the node from one of data, account; data rows have no basis",
        )
        return None


def _linked(nodes: Mapping[str, IndexNode], problems: ProblemLog) -> bool:
    """Whether all nodes that are named exist."""
    fine = True
    for node in nodes.values():
        for name in {node.parent, *node.denominator, *node.inputs} - {""} - set(nodes):
            problems.add(
                "index-node",
                node.where,
                f"{node.id} names {name!r}, which is no node",
                suggestion(name, nodes),
            )
            fine = False
    return fine


def _check_node(
    node: IndexNode, children: tuple[str, ...], nodes: Mapping[str, IndexNode], problems: ProblemLog
) -> None:
    parent = nodes.get(node.parent)
    bare = parent is None or (
        parent.coefficient == 1 and not parent.denominator and parent.combine == "mean"
    )
    due = INPUTS.get(node.formula)
    faults = {
        "it has neither reading, children nor formula": not (
            node.reading or children or node.formula
        ),
        f"formula {node.formula!r} is not known; known are: {', '.join(FORMULAS)}": bool(
            node.formula
        )
        and node.formula not in FORMULAS,
        f"formula {node.formula} takes {due} inputs": due is not None and len(node.inputs) != due,
        "inputs are given without formula, or a formula without inputs": bool(node.formula)
        != bool(node.inputs),
        "a node with children has a formula": bool(children and node.formula),
        "the coefficient is not above 0": not node.coefficient > 0,
        "low is not below high": node.low >= node.high,
        "one of low and high is given": bool(np.isnan(node.low) != np.isnan(node.high)),
        "min is not below max": node.min >= node.max,
        "low, high belong to normalise = efficacy": node.normalise != "efficacy"
        and not np.isnan(node.low),
        "normalise = efficacy belongs to a node without children": node.normalise == "efficacy"
        and bool(children),
        "missing = floor belongs to normalise = efficacy": node.missing == "floor"
        and node.normalise != "efficacy",
        "missing = follow belongs under a bare mean": node.missing == "follow" and not bare,
        "this name is kept for rows of the result": node.id in RESERVED,
    }
    for what, wrong in faults.items():
        if wrong:
            problems.add("index-node", node.where, f"{node.id}: {what}", "correct the row")


def _order(
    nodes: Mapping[str, IndexNode],
    children: Mapping[str, tuple[str, ...]],
    label: str,
    problems: ProblemLog,
) -> tuple[str, ...] | None:
    behind = {
        name: (*children[name], *node.denominator, *node.inputs) for name, node in nodes.items()
    }
    try:
        return tuple(TopologicalSorter(behind).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        problems.add(
            "parent-cycle",
            label,
            f"{circle}",
            "a node cannot be made of itself: correct parent, inputs",
        )
        return None


def with_weights(tree: IndexTree, path: Path, problems: ProblemLog) -> IndexTree:
    """The tree with the weights of a table ``node,weight,source,locator,grade`` in the place of its own."""
    table = read_table(path, WEIGHT_COLUMNS, problems)
    if table is None:
        return tree
    check_duplicates(table.frame[["node", "row"]].assign(file=table.label), ["node"], problems)
    found, grades, nodes = _weights(table, problems), read_grades(table, problems), dict(tree.nodes)
    texts = pd.DataFrame({name: table.column(name) for name in ("node", "source", "locator")})
    for spot, (name, source, locator) in enumerate(texts.itertuples(index=False)):
        where = table.place([spot])
        if name not in nodes or np.isnan(found[spot]) or not source:
            what = (
                f"{name!r} is no node"
                if name not in nodes
                else f"the weight of {name} or its source is blank"
            )
            problems.add(
                "index-node",
                where,
                what,
                suggestion(name, nodes) if name not in nodes else "write both",
            )
            continue
        mine = {"source": source, "locator": locator, "grade": int(grades[spot]), "where": where}
        nodes[name] = replace(nodes[name], weight=float(found[spot]), **mine)
    return replace(tree, nodes=nodes)


def check_sums(tree: IndexTree, root: str, problems: ProblemLog) -> None:
    """The weights of the children of each node sum as their parent declares."""
    for name in tree.below(root):
        mine = [tree.nodes[child] for child in tree.children[name]]
        found, due = sum(child.weight for child in mine), tree.nodes[name].weights_sum
        if mine and abs(found - due) > _SUM * abs(due):  # weights that are not known yet sum to NaN
            rows = " and ".join(dict.fromkeys(str(child.where) for child in mine))
            where = rows if len(mine) < 4 else f"{mine[0].where} to {mine[-1].where}"
            problems.add(
                "weights-sum",
                where,
                f"the weights below {name} sum to {found:.6g}, not {due:g}",
                "correct the weights, or declare their sum in weights_sum of the parent",
            )


def unweighted(tree: IndexTree, root: str) -> list[str]:
    """The nodes below the root whose weight is not known."""
    return [name for name in tree.below(root) if name != root and np.isnan(tree.nodes[name].weight)]


_PLENTY, _TOO_MUCH = 1.4, 2.4  # this year's water resources over their mean of many years


def effective_water_resources(actual: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Water resources that count (W*): too much water does not make an environment better.

    With a = actual / mean of many years: actual below 1.4, mean (2.4 - a) from 1.4 to 2.4, 0 above. Falls at 1.4 from
    1.4 to 1.0 times the mean: so in public code for HJ 192-2015, to be held against the standard. NaN without a mean.
    """
    ratio = actual / np.where(mean > 0, mean, np.nan)
    counted = np.select(
        [ratio < _PLENTY, ratio <= _TOO_MUCH], [actual, mean * (_TOO_MUCH - ratio)], 0.0
    )
    return np.asarray(np.where(np.isfinite(ratio), counted, np.nan))


def total(*parts: np.ndarray) -> np.ndarray:
    """The sum of quantities that are read elsewhere in the tree, in the same unit."""
    return np.asarray(np.sum(parts, axis=0))


FORMULAS: Mapping[str, Callable[..., np.ndarray]] = {
    "effective_water_resources": effective_water_resources,
    "total": total,
}


INPUTS: Mapping[str, int | None] = {
    "effective_water_resources": 2,
    "total": None,
}  # how many, None: any
