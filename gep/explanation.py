"""Explaining a number (结果解释): the indicator's steps evaluated again for one region, keeping every part and every row."""

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.binding import Bound
from gep.errors import Problem, ProblemsFound
from gep.evaluation import arguments
from gep.rows import GRADES
from gep.steps import Link, PlannedStep
from gep.tables import suggestion
from gep.units import factor

if TYPE_CHECKING:
    from gep.account import Account


@dataclass(frozen=True)
class StepExplanation:
    """One step taken apart.

    ``parts`` has a row for each region, ecosystem and member with the area (hm2), the method's inputs, the method's
    ``result`` and the ``amount`` in the step's unit; the amounts sum to the step's number. ``rows`` are the rows behind.
    """

    name: str
    title: str
    kind: str
    method: str
    formula: str
    clause: str
    unit: str
    inputs: Mapping[str, str]  # argument -> unit
    parts: pd.DataFrame
    rows: pd.DataFrame
    worked: tuple[str, ...]  # the formula with numbers put in, one line a part
    additive: bool

    @property
    def amount(self) -> float:
        """The step's number: the sum of its parts."""
        return float(self.parts["amount"].sum())


@dataclass(frozen=True)
class Explanation:
    """An indicator of a region taken apart, its own steps last, those that they need before."""

    indicator: str
    title: str
    region: str
    year: int
    value: float
    unit: str
    caption: Sequence[str]
    steps: tuple[StepExplanation, ...]

    def step(self, name: str) -> StepExplanation:
        """A step by its full name."""
        return next(one for one in self.steps if one.name == name)

    def __str__(self) -> str:
        lines = [*self.caption, "", f"{self.region} {self.year} {self.title} ({self.indicator}) = {self.value:,.10g} {self.unit}"]
        for one in self.steps:
            lines += _step_lines(one)
        return "\n".join(lines)


def _step_lines(one: StepExplanation) -> list[str]:
    head = f"{one.name}  {one.title}  [{one.kind}, {one.unit}]  = {one.amount:,.10g} {one.unit}"
    lines = ["", head, f"  method {one.method}", f"  {one.formula}", f"  clause {one.clause or '-'}"]
    if not one.additive:
        lines.append("  not additive: a parent's figure is the sum of its parts, not the method applied to the parent")
    lines += [f"  {line}" for line in one.worked]
    lines += [f"    sum of parts {one.amount:,.10g} {one.unit}"] if len(one.parts) > 1 else []
    for row in one.rows.itertuples():
        note = f"; {row.note}" if row.note else ""
        lines.append(
            f"    {row.input}: {row.value} {row.unit} x {row.factor:.10g} ({row.keys})  {row.where}  {row.source}; {row.locator or '-'}; {row.grade}{note}"
        )
    return lines


def explain(account: "Account", indicator: str, region: str, language: str = "en") -> Explanation:
    """Take an indicator apart for a region or parent. Raises ``ProblemsFound`` for a name that does not exist."""
    plan = account.plan
    names = [one.id for one in plan.standard.text.indicator]
    if indicator not in names:
        raise ProblemsFound([Problem("unknown-indicator", "--indicator", f"{plan.standard.id} has no indicator {indicator!r}", suggestion(indicator, names))])
    codes = account.sums.codes
    if region not in codes:
        raise ProblemsFound([Problem("unknown-region", "--region", f"the account has no region {region!r}", suggestion(region, codes))])
    own = [one for one in plan.steps if one.indicator is not None and one.indicator.id == indicator]
    if not own:
        raise ProblemsFound([Problem("unknown-indicator", "--indicator", f"the switches turn {indicator!r} off", "choose other switches")])
    where = _positions(account, region)
    steps = tuple(_explain_step(account, one, where) for one in plan.steps if one.name in _needed(account, own))
    value = sum(
        one.amount * factor(one.unit, plan.standard.text.unit)
        for one in steps
        if one.kind == "value" and one.name.startswith(f"{indicator}.")
    )
    title = str(own[0].indicator.name) if own[0].indicator else indicator
    return Explanation(indicator, title, region, plan.year, float(value), plan.standard.text.unit, account.caption(language), steps)


def _positions(account: "Account", region: str) -> np.ndarray:
    if region in account.plan.extent.regions:
        return np.array([account.plan.extent.regions.get_loc(region)])
    return account.parents.members[account.parents.codes.index(region)]


def _needed(account: "Account", own: Sequence[PlannedStep]) -> set[str]:
    found: set[str] = set()
    left = list(own)
    while left:
        one = left.pop()
        found.add(one.name)
        left += [account.plan.step(link.source) for link in one.inputs.values() if isinstance(link, Link) and link.source not in found]
    return found


def _explain_step(account: "Account", one: PlannedStep, where: np.ndarray) -> StepExplanation:
    plan = account.plan
    names = {"region": list(plan.extent.regions), "ecosystem": list(plan.extent.ecosystems), **one.members}
    take = [where if dim == "region" else np.arange(len(names[dim])) for dim in one.dims]
    live = one.live[np.ix_(*take)] if take else one.live
    spots = np.argwhere(live)
    frame: dict[str, list[object]] = {
        dim: [names[dim][take[axis][spot]] for spot in spots[:, axis]] for axis, dim in enumerate(one.dims)
    }
    given = arguments(plan, one, account.results)
    pick = tuple(np.asarray(take[axis])[spots[:, axis]] for axis in range(len(one.dims)))
    inputs = {name: np.broadcast_to(values, one.live.shape)[pick] for name, values in given.items()}
    result = np.broadcast_to(np.asarray(one.method.function(**inputs), dtype=float), len(spots))
    parts = pd.DataFrame(frame | {name: list(values) for name, values in inputs.items()})
    amount = result * one.factor
    if one.step.per == "area":
        area = plan.extent.area[pick[one.dims.index("region")], pick[one.dims.index("ecosystem")]]
        parts["area"], amount = area / 1e4, amount * area
    parts["result"], parts["amount"] = result, amount
    rows = pd.concat([_rows(plan.sets, name, bound, where, one) for name, bound in one.inputs.items()] or [pd.DataFrame()], ignore_index=True)
    title = str(one.step.name) if one.step.name else one.step.id
    return StepExplanation(
        one.name, title, one.step.kind, one.step.method, formula(one.method.function), one.step.clause, one.step.unit,
        one.method.inputs, parts, rows, tuple(_worked(one, parts)), one.step.additive,
    )  # fmt: skip


_ROW_COLUMNS = ["input", "keys", "value", "unit", "factor", "where", "source", "locator", "grade", "note"]


def _rows(sets: Sequence[object], name: str, bound: Bound | Link, where: np.ndarray, one: PlannedStep) -> pd.DataFrame:
    """The rows behind an input in the chosen regions, with the titles of their sources."""
    if isinstance(bound, Link) or "source" not in bound.frame:
        return pd.DataFrame(columns=_ROW_COLUMNS)
    rows = bound.rows[where] if "region" in bound.dims else bound.rows
    used = bound.frame.iloc[np.unique(rows[rows >= 0])]
    titles = {source: str(text.title) for some in sets for source, text in some.sources.items()}  # type: ignore[attr-defined]
    from gep.rows import KEYS

    return pd.DataFrame(
        {
            "input": name,
            "keys": [" ".join(str(row[key]) for key in KEYS if row[key]) or "-" for _, row in used.iterrows()],
            "value": ["na" if na else f"{value:.10g}" for value, na in zip(used["value"], used["na"], strict=True)],
            "unit": used["unit"].to_numpy(),
            "factor": used["factor"].to_numpy(),
            "where": [f"{row['set'] + ' ' if row['set'] else ''}{row['file']} row {row['row']}" for _, row in used.iterrows()],
            "source": [titles.get(source, source) or "-" for source in used["source"]],
            "locator": used["locator"].to_numpy(),
            "grade": np.array(GRADES, dtype=object)[used["grade"].to_numpy(dtype=int)],
            "note": used["note"].to_numpy(),
        }
    )


def formula(function: object) -> str:
    """What a method returns, as it is written."""
    found = _expression(function)
    return f"= {ast.unparse(found)}" if found is not None else "(see the method's docstring)"


def _expression(function: object) -> ast.expr | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return None
    body = [line for line in tree.body[0].body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]  # type: ignore[attr-defined]
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


class _Put(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[str, float]):
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802 - the name that ast calls
        return ast.Name(f"{self.numbers[node.id]:.6g}") if node.id in self.numbers else node


def _worked(one: PlannedStep, parts: pd.DataFrame) -> list[str]:
    """The formula with numbers put in, a line for each part (the largest ten)."""
    lines = []
    order = parts["amount"].abs().sort_values(ascending=False).index[:10]
    for position in order:
        row = parts.loc[position]
        cell = " ".join(str(row[dim]) for dim in one.dims)
        numbers = {name: float(row[name]) for name in one.inputs}
        found = _expression(one.method.function)
        put = ast.unparse(_Put(numbers).visit(found)) if found is not None else ", ".join(f"{name} = {value:.6g}" for name, value in numbers.items())
        area = f" x {row['area']:,.6g} hm2" if "area" in row else ""
        lines.append(f"  {cell}: {put} = {row['result']:,.6g} {one.method.unit}{area} -> {row['amount']:,.8g} {one.step.unit}")
    if len(parts) > len(order):
        lines.append(f"  and {len(parts) - len(order)} smaller parts")
    return lines
