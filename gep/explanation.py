"""Explaining a number (结果解释): an indicator's steps evaluated again for one region, keeping every part and row."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.binding import Bound
from gep.errors import Problem, ProblemsFound
from gep.evaluation import arguments
from gep.results import NOT_COMPILED
from gep.rows import GRADES, KEYS
from gep.steps import Link, PlannedStep
from gep.tables import suggestion
from gep.units import factor

if TYPE_CHECKING:
    from gep.account import Account
    from gep.plan import Plan


@dataclass(frozen=True)
class StepExplanation:
    """One step taken apart.

    ``parts`` has a row for each region, ecosystem and member with the area (hm2), the method's inputs, the method's
    ``result`` and the ``amount`` in the step's unit; the amounts sum to the step's number, cells that are na have no
    part. ``rows`` are the rows behind: coefficients, data, price indices, areas and crosswalk shares.
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
    gap: tuple[str, ...] = ()  # regions where the step is not compiled
    summed: bool = True  # false: per = "none", handed on as it is

    @property
    def amount(self) -> float:
        """The sum of the parts; NaN where all are na, something is not compiled, or the parts are no amounts."""
        whole = not self.gap and (self.summed or len(self.parts) == 1)
        return float(self.parts["amount"].sum(min_count=1)) if whole else float("nan")


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
        head = f"{self.region} {self.year} {self.title} ({self.indicator})"
        gap = any(one.gap for one in self.steps)
        lines = [*self.caption, "", f"{head} = {_number(self.value, gap)} {self.unit}"]
        for one in self.steps:
            lines += _step_lines(one)
        return "\n".join(lines)


def _number(value: float, gap: bool) -> str:
    return f"{value:,.10g}" if np.isfinite(value) else NOT_COMPILED if gap else "na"


def _step_lines(one: StepExplanation) -> list[str]:
    amount = _number(one.amount, bool(one.gap))
    handed_on = not one.summed and len(one.parts) > 1
    head = f"{one.name}  {one.title}  [{one.kind}, {one.unit}]" + ("" if handed_on else f"  = {amount} {one.unit}")
    lines = ["", head, f"  method {one.method}", f"  {one.formula}", f"  clause {one.clause or '-'}"]
    if not one.additive:
        lines.append("  not additive: a parent's figure is the sum of its parts, not the method applied to the parent")
    lines += [f"  {line}" for line in one.worked]
    lines += [f"    sum of parts {amount} {one.unit}"] if len(one.parts) > 1 and np.isfinite(one.amount) else []
    lines += [f"  not compiled in {', '.join(one.gap)}"] if one.gap else []
    for row in one.rows.itertuples():
        number = f"{row.input}: {row.value} {row.unit} x {row.factor:.10g} ({row.keys})"
        note = f"; {row.note}" if row.note else ""
        lines.append(f"    {number}  {row.where}  {row.source}; {row.locator or '-'}; {row.grade}{note}")
    return lines


def explain(account: "Account", indicator: str, region: str, language: str = "en") -> Explanation:
    """Take an indicator apart for a region or parent. Raises ``ProblemsFound`` for a name that does not exist."""
    plan = account.plan
    names = [one.id for one in plan.standard.text.indicator]
    if indicator not in names:
        what = f"{plan.standard.id} has no indicator {indicator!r}"
        raise ProblemsFound([Problem("unknown-indicator", "--indicator", what, suggestion(indicator, names))])
    codes = account.sums.codes
    if region not in codes:
        what = f"the account has no region {region!r}"
        raise ProblemsFound([Problem("unknown-region", "--region", what, suggestion(region, codes))])
    own = [one for one in plan.steps if one.indicator is not None and one.indicator.id == indicator]
    if not own:
        what = f"the switches turn {indicator!r} off"
        raise ProblemsFound([Problem("unknown-indicator", "--indicator", what, "choose other switches")])
    where, needed = _positions(account, region), _needed(account, own)
    steps = tuple(_explain_step(account, one, where) for one in plan.steps if one.name in needed)
    values = [one for one in steps if one.kind == "value" and one.name in {step.name for step in own}]
    amounts = [one.amount * factor(one.unit, plan.standard.text.unit) for one in values]
    known = [amount for amount in amounts if np.isfinite(amount)]
    value = sum(known) if known and not any(one.gap for one in values) else float("nan")
    title, unit = str(own[0].indicator.name) if own[0].indicator else indicator, plan.standard.text.unit
    return Explanation(indicator, title, region, plan.year, value, unit, account.caption(language), steps)


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
        behind = {link.source for link in one.inputs.values() if isinstance(link, Link)} - found
        left += [account.plan.step(name) for name in sorted(behind)]
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
    inputs = {name: np.broadcast_to(values, one.live.shape)[pick].reshape(len(spots)) for name, values in given.items()}
    result = np.broadcast_to(np.asarray(one.method.function(**inputs), dtype=float), len(spots))
    parts = pd.DataFrame(frame | inputs)
    amount = result * one.factor
    if one.step.per == "area":
        area = plan.extent.area[pick[one.dims.index("region")], pick[one.dims.index("ecosystem")]]
        parts["area"], amount = area / 1e4, amount * area
    parts["result"], parts["amount"] = result, amount
    title = str(one.step.name) if one.step.name else one.step.id
    gap = tuple(str(plan.extent.regions[spot]) for spot in where if one.gap is not None and one.gap[spot])
    return StepExplanation(
        one.name, title, one.step.kind, one.step.method, formula(one.method.function), one.step.clause, one.step.unit,
        one.method.inputs, parts, _all_rows(plan, one, where), tuple(_worked(one, parts)), one.step.additive, gap,
        one.step.per != "none",
    )  # fmt: skip


_ROW_COLUMNS = ["input", "keys", "value", "unit", "factor", "where", "source", "locator", "grade", "note"]


def _all_rows(plan: "Plan", one: PlannedStep, where: np.ndarray) -> pd.DataFrame:
    """The rows behind a step in the chosen regions: of its inputs, then of the areas that it multiplies by or takes."""
    titles = {source: str(text.title) for some in plan.sets for source, text in some.sources.items()}
    frames = []
    for name, bound in one.inputs.items():
        if isinstance(bound, Bound) and "source" in bound.frame:
            rows = bound.rows[where] if "region" in bound.dims else bound.rows
            frames.append(_told(name, bound.frame.iloc[np.unique(rows[rows >= 0])], titles))
            if bound.index is not None and len(bound.index):
                frames.append(_told(f"{name}, price index", bound.index.assign(factor=1.0), titles))
    classes = [name for binding in one.step.inputs.values() for name in binding.area]
    if one.step.per == "area" or classes:
        frames.append(_area_rows(plan, one, where, classes))
    found = [frame for frame in frames if len(frame)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_ROW_COLUMNS)


def _area_rows(plan: "Plan", one: PlannedStep, where: np.ndarray, classes: Sequence[str]) -> pd.DataFrame:
    """The area rows of the regions whose cells have a part, with their share of a crosswalk as the factor."""
    parts = plan.extent.parts
    others = tuple(axis for axis, dim in enumerate(one.dims) if dim not in ("region", "ecosystem"))
    cells = np.asarray(one.live.any(axis=others))
    chosen = plan.scheme.within(classes) if classes else set(plan.extent.ecosystems)
    if "ecosystem" in one.dims:
        chosen &= {name for name, some in zip(plan.extent.ecosystems, cells[where].any(axis=0), strict=True) if some}
    parts = parts[(parts["region"].isin(plan.extent.regions[where]) & parts["ecosystem"].isin(chosen)).to_numpy()]
    text = "area of " + parts["ecosystem"].astype(str)
    used = parts.assign(ecosystem=parts["class"], factor=parts["share"], na=False, set="", note=text)
    for key in KEYS:
        used[key] = used[key] if key in ("region", "ecosystem") else ""
    return _told("area", used, {})


def _told(name: str, used: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Rows as an explanation shows them, with the titles of their sources."""
    keys = used[list(KEYS)].to_numpy()
    places = zip(used["set"], used["file"], used["row"], strict=True)
    return pd.DataFrame(
        {
            "input": name,
            "keys": [" ".join(str(part) for part in row if part) or "-" for row in keys],
            "value": ["na" if na else f"{value:.10g}" for value, na in zip(used["value"], used["na"], strict=True)],
            "unit": used["unit"].to_numpy(),
            "factor": used["factor"].to_numpy(),
            "where": [f"{label + ' ' if label else ''}{file} row {row}" for label, file, row in places],
            "source": [titles.get(source, source) or "-" for source in used["source"]],
            "locator": used["locator"].to_numpy(),
            "grade": np.array(GRADES, dtype=object)[used["grade"].to_numpy(dtype=int)],
            "note": used["note"].to_numpy(),
        }
    )


def formula(function: Callable[..., object]) -> str:
    """What a method returns, as it is written."""
    found = _expression(function)
    return f"= {ast.unparse(found)}" if found is not None else "(see the method's docstring)"


def _expression(function: Callable[..., object]) -> ast.expr | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    lines = tree.body[0].body
    body = [line for line in lines if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


class _Put(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[str, float]):
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
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
        listed = ", ".join(f"{name} = {value:.6g}" for name, value in numbers.items())
        put = ast.unparse(_Put(numbers).visit(found)) if found is not None else listed
        area = f" x {row['area']:,.6g} hm2" if "area" in row else ""
        result = f"{row['result']:,.6g} {one.method.unit}{area} -> {row['amount']:,.8g} {one.step.unit}"
        lines.append(f"  {cell}: {put} = {result}")
    if len(parts) > len(order):
        lines.append(f"  and {len(parts) - len(order)} smaller parts")
    return lines
