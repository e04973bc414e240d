"""Explaining a number (结果解释): an indicator's steps evaluated again for one region, keeping every part and row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.account.evaluation import arguments
from gep.account.explanation_rows import source_rows
from gep.account.formula_text import CELL_AREA, explanation_lines, formula, substitute_numbers
from gep.errors import ProblemsFound, make_problem
from gep.io.tables import suggestion
from gep.plan.planned_step import PlannedStep, StepLink
from gep.texts.catalogue import Language
from gep.units import factor

if TYPE_CHECKING:
    from gep.account.account import Account


@dataclass(frozen=True)
class StepExplanation:
    """One step taken apart.

    ``parts`` has a row for each region, ecosystem and member with the area (``cell area``, hm2), the method's inputs,
    its ``result`` and the ``amount`` in the step's unit; the amounts sum to the step's number, cells that are na have
    no part. ``rows`` are the rows behind: coefficients, data, price indices, areas and crosswalk shares, each with its
    price year (or ``nominal``) and grade.
    """

    name: str
    title: str
    kind: str
    method: str
    formula: str  # '' where the method is more than one expression
    clause: str
    unit: str
    inputs: Mapping[str, str]  # argument -> unit
    parts: pd.DataFrame
    rows: pd.DataFrame
    worked: tuple[
        str, ...
    ]  # the formula with numbers put in, one line for each of the largest parts
    additive: bool
    gap: tuple[str, ...] = ()  # regions where the step is not compiled
    summed: bool = True  # false: per = "none", handed on as it is
    apart: tuple[
        str, ...
    ] = ()  # keys of the result whose members are different things: substance, product

    @property
    def amount(self) -> float:
        """The sum of the parts; NaN where all are na, something is not compiled, or the parts are no amounts."""
        whole = not self.gap and (self.summed or len(self.parts) == 1)
        return float(self.parts["amount"].sum(min_count=1)) if whole else float("nan")

    @property
    def subtotals(self) -> Mapping[str, float]:
        """The parts summed by member of the keys in ``apart``, such as ``substance=COD``; empty without such keys."""
        if not self.apart or self.parts.empty or self.gap:
            return {}
        names = [
            " ".join(f"{key}={row[key]}" for key in self.apart)
            for row in self.parts.to_dict("records")
        ]
        sums = self.parts["amount"].groupby(names, sort=False).sum()
        return {str(name): float(amount) for name, amount in sums.items()}

    @property
    def members_apart(self) -> bool:
        """Whether the parts are of several substances or products, so that one sum says nothing."""
        return self.kind != "value" and len(self.subtotals) > 1


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
    language: Language = "en"

    def step(self, name: str) -> StepExplanation:
        """A step by its full name."""
        return next(one for one in self.steps if one.name == name)

    def __str__(self) -> str:
        return "\n".join(explanation_lines(self))


def explain(
    account: "Account", indicator: str, region: str, language: Language = "en"
) -> Explanation:
    """Take an indicator apart for a region or parent. Raises ``ProblemsFound`` for a name that does not exist."""
    plan = account.plan
    names = [one.id for one in plan.standard.spec.indicator]
    if indicator not in names:
        what = f"{plan.standard.id} has no indicator {indicator!r}"
        raise ProblemsFound(
            [make_problem("unknown-indicator", "--indicator", what, suggestion(indicator, names))]
        )
    codes = account.sums.codes
    if region not in codes:
        what = f"the account has no region {region!r}"
        raise ProblemsFound(
            [make_problem("unknown-region", "--region", what, suggestion(region, codes))]
        )
    own = [one for one in plan.steps if one.indicator is not None and one.indicator.id == indicator]
    if not own:
        what = f"the switches turn {indicator!r} off"
        raise ProblemsFound(
            [make_problem("unknown-indicator", "--indicator", what, "choose other switches")]
        )
    where, needed = _positions(account, region), _needed(account, own)
    steps = tuple(
        _explain_step(account, one, where, language) for one in plan.steps if one.name in needed
    )
    values = [
        one for one in steps if one.kind == "value" and one.name in {step.name for step in own}
    ]
    amounts = [one.amount * factor(one.unit, plan.standard.spec.unit) for one in values]
    known = [amount for amount in amounts if np.isfinite(amount)]
    value = sum(known) if known and not any(one.gap for one in values) else float("nan")
    title = next(
        one.name.say(language) for one in plan.standard.spec.indicator if one.id == indicator
    )
    unit, caption = plan.standard.spec.unit, account.caption(language)
    return Explanation(indicator, title, region, plan.year, value, unit, caption, steps, language)


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
        behind = {link.source for link in one.inputs.values() if isinstance(link, StepLink)} - found
        left += [account.plan.step(name) for name in sorted(behind)]
    return found


def _explain_step(
    account: "Account", one: PlannedStep, where: np.ndarray, language: Language
) -> StepExplanation:
    plan = account.plan
    names = {
        "region": list(plan.extent.regions),
        "ecosystem": list(plan.extent.ecosystems),
        **one.members,
    }
    take = [where if dim == "region" else np.arange(len(names[dim])) for dim in one.dims]
    live = one.live[np.ix_(*take)] if take else one.live
    spots = np.argwhere(live)
    frame: dict[str, list[object]] = {
        dim: [names[dim][take[axis][spot]] for spot in spots[:, axis]]
        for axis, dim in enumerate(one.dims)
    }
    given = arguments(plan, one, account.results)
    pick = tuple(np.asarray(take[axis])[spots[:, axis]] for axis in range(len(one.dims)))
    inputs = {
        name: np.broadcast_to(values, one.live.shape)[pick].reshape(len(spots))
        for name, values in given.items()
    }
    result = np.broadcast_to(np.asarray(one.method.function(**inputs), dtype=float), len(spots))
    parts = pd.DataFrame(frame | inputs)
    amount = result * one.factor
    if one.step.per == "area":
        area = plan.extent.area[pick[one.dims.index("region")], pick[one.dims.index("ecosystem")]]
        parts[CELL_AREA], amount = area / 1e4, amount * area
    parts["result"], parts["amount"] = result, amount
    title = one.step.name.say(language) if one.step.name else one.step.id
    gap = tuple(
        str(plan.extent.regions[spot]) for spot in where if one.gap is not None and one.gap[spot]
    )
    return StepExplanation(
        one.name,
        title,
        one.step.kind,
        one.step.method,
        formula(one.method.function),
        one.step.clause,
        one.step.unit,
        one.method.inputs,
        parts,
        source_rows(plan, one, where, language),
        tuple(substitute_numbers(one, parts)),
        one.step.additive,
        gap,
        one.step.per != "none",
        tuple(key for key in ("substance", "product") if key in one.out),
    )
