"""Explanation of a number (结果解释): an indicator's steps evaluated again, keeping parts and rows.

Owns the explanation of an indicator of a region or parent, and how it reads line by line. The rows
behind a step come from ``explanation_rows``; formulas are written out here, with numbers.
"""

import ast
import copy
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gep.account.caption import caption
from gep.account.columns import NOT_COMPILED
from gep.account.evaluation import EvaluatedPlan
from gep.account.explanation_rows import (
    AREA_ROWS,
    INDEX_SUFFIX,
    NUMBER_COLUMNS,
    ROW_COLUMNS,
    SHARE_ROWS,
    source_rows,
)
from gep.account.lines import indicator_named
from gep.account.pixel_explanation import PixelExplanation, explain_pixels
from gep.account.pixel_lines import pixel_step_lines
from gep.account.step_cells import CELL_AREA, SEPARATE_KEYS, cells_of_step
from gep.errors import ProblemsFound, make_problem
from gep.extent.classes import ClassScheme
from gep.extent.regions import region_label
from gep.io.days import STRETCH
from gep.io.notebook import html_table
from gep.io.toml_documents import Title
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.texts.catalogue import Label, Language, Listed, counted, say
from gep.units import factor, has_money

_FRAME_TAIL = [name for name in ROW_COLUMNS if name not in ("input", "keys", "value")]


@dataclass(frozen=True)
class StepExplanation:
    """One step taken apart for a region or parent.

    Attributes
    ----------
    name, title : str
        The step's full name, and its title in the language of the explanation.
    kind : str
        ``quantity``, ``value`` or ``auxiliary``.
    method, clause : str
        Path of the method, and the clause of the standard.
    formula : str
        What the method returns, as it is written; '' if it is more than one expression.
    unit : str
        The step's unit.
    inputs : mapping of str to str
        The unit of each argument of the method.
    parts : DataFrame
        A row for each cell that is not ``na``: the keys of the step's dims, the area of the cell
        (``cell area``, hm2) if the step multiplies by area, the method's inputs, its ``result``,
        and the ``amount`` in the step's unit. The amounts sum to the step's number. Of a step at
        pixels ``result`` is their mean, weighted by area, and inputs that vary are NaN.
    rows : DataFrame
        The rows behind the step; see ``gep.account.explanation_rows.source_rows``.
    calculations : tuple of str
        The formula with numbers put in, a line for each of the largest parts; of a step at pixels
        its mean, without a formula.
    additive : bool
        Whether a parent's figure may be computed by the method itself.
    rests_on_sums : bool
        Whether the step, additive itself, takes the result of one that is not.
    gap : tuple of Label
        Regions where the step is not compiled.
    summed : bool
        Whether the amounts are summed at all; False for steps with ``per = "none"``.
    separate_keys : tuple of str
        Keys of the result whose members are different things: substance, product.
    pixels : PixelExplanation or None
        Sums of blocks and a sample pixel, of a step that was evaluated at pixels.
    """

    name: str
    title: str
    kind: str
    method: str
    formula: str
    clause: str
    unit: str
    inputs: Mapping[str, str]
    parts: pd.DataFrame
    rows: pd.DataFrame
    calculations: tuple[str, ...]
    additive: bool
    gap: tuple[Label, ...] = ()
    summed: bool = True
    separate_keys: tuple[str, ...] = ()
    rests_on_sums: bool = False
    pixels: PixelExplanation | None = None

    @property
    def amount(self) -> float:
        """The sum of the parts.

        NaN if all parts are ``na``, something is not compiled, or the parts are not amounts.
        """
        if self.gap or (not self.summed and len(self.parts) != 1):
            return float("nan")
        return float(self.parts["amount"].sum(min_count=1))

    @property
    def subtotals(self) -> Mapping[str, float]:
        """The parts summed by member of ``separate_keys``, such as ``substance=COD``.

        Empty without such keys, without parts, or if something is not compiled.
        """
        if not self.separate_keys or self.parts.empty or self.gap:
            return {}
        members = []
        for part in self.parts.to_dict("records"):
            pairs = [f"{key}={part[key]}" for key in self.separate_keys]
            members.append(" ".join(pairs))
        by_member = self.parts["amount"].groupby(members, sort=False)
        sums = by_member.sum()
        return {str(member): float(amount) for member, amount in sums.items()}

    @property
    def has_separate_members(self) -> bool:
        """Whether the parts are quantities of several things, so that one sum says nothing."""
        return self.kind != "value" and len(self.subtotals) > 1

    def lines(self, language: Language) -> list[str]:
        """Word the step, a line each: formula, clause, calculations, sums, rows."""
        lines = self.calculation_lines(language)
        for name, rows in self.rows.groupby("input", sort=False):
            shown = _without_small_days(rows)
            for row in shown.to_dict("records"):
                row_line = _row_line(row, language)
                lines.append(f"    {row_line}")
            if len(shown) < len(rows):
                count = len(rows) - len(shown)
                more = say(language, "account.explanation.other-days", input=name, count=count)
                lines.append(f"    {more}")
        return lines

    def calculation_lines(self, language: Language) -> list[str]:
        """Word the step without the rows behind it.

        Parameters
        ----------
        language : {'zh', 'en'}

        Returns
        -------
        list of str
        """
        kind = say(language, f"account.kind.{self.kind}")
        heading = f"{self.name}  {self.title}  [{kind}, {self.unit}]"
        is_one_amount = self.summed or len(self.parts) <= 1
        if is_one_amount and not self.has_separate_members:
            amount = _number(self.amount, has_gap=bool(self.gap))
            heading += f"  = {amount} {self.unit}"
        method = say(language, "account.explanation.method", method=self.method)
        clause = say(language, "account.explanation.clause", clause=self.clause or "-")
        no_formula = say(language, "account.explanation.no-formula")
        lines = [
            heading,
            f"  {method}",
            f"  {self.formula or no_formula}",
            f"  {clause}",
        ]
        if not self.additive:
            not_additive = say(language, "account.explanation.not-additive")
            lines.append(f"  {not_additive}")
        elif self.rests_on_sums:
            rests = say(language, "account.explanation.rests-on-sums")
            lines.append(f"  {rests}")
        if self.pixels is not None:
            for line in pixel_step_lines(self.pixels, self.unit, language, summed=self.summed):
                lines.append(f"  {line}")
        for calculation in self.calculations:
            lines.append(f"    {calculation}")
        smaller = len(self.parts) - len(self.calculations)
        if smaller > 0:
            count = say(language, "account.explanation.smaller-parts", count=smaller)
            lines.append(f"    {count}")
        for sum_line in self._sum_lines(language):
            lines.append(f"    {sum_line}")
        if self.gap:
            regions = Listed(self.gap, len(self.gap))
            gap = say(language, "account.explanation.not-compiled", regions=regions)
            lines.append(f"  {gap}")
        return lines

    def _sum_lines(self, language: Language) -> list[str]:
        """Word the sum of the parts, or the sums of the members that are separate."""
        lines = []
        if self.has_separate_members and self.summed:
            for member, subtotal in self.subtotals.items():
                line = say(
                    language,
                    "account.explanation.sum-of-member",
                    member=member,
                    amount=_number(subtotal),
                    unit=self.unit,
                )
                lines.append(line)
        elif len(self.parts) > 1 and np.isfinite(self.amount):
            line = say(
                language,
                "account.explanation.sum-of-parts",
                amount=_number(self.amount),
                unit=self.unit,
            )
            lines.append(line)
        return lines


@dataclass(frozen=True)
class Explanation:
    """An indicator of a region or parent taken apart.

    Attributes
    ----------
    indicator, title : str
        Id of the indicator, and its title in the language of the explanation.
    region, region_name : str
        Code of the region or parent, and its name; the code again if it has none.
    year : int
        The account's year.
    value : float
        The indicator's value; NaN if it is ``na``, not compiled, or the standard gives none.
    unit : str
        The standard's unit.
    caption : sequence of str
        The caption of the account.
    steps : tuple of StepExplanation
        The indicator's steps, each after those that it needs.
    language : {'zh', 'en'}
        The language of titles and lines.

    Examples
    --------
    >>> import gep
    >>> account = gep.read_project("examples/beibu-gulf").compute(2014)[0]
    >>> account.explain("food_production", "beibu-gulf")
    <Explanation of food_production of beibu-gulf in 2014: ... steps>
    """

    indicator: str
    title: str
    region: str
    region_name: str
    year: int
    value: float
    unit: str
    caption: Sequence[str]
    steps: tuple[StepExplanation, ...]
    language: Language = "en"

    def step(self, name: str) -> StepExplanation:
        """Return a step by its full name."""
        return next(step for step in self.steps if step.name == name)

    @property
    def heading(self) -> str:
        """What is explained, with its value."""
        return say(
            self.language,
            "account.explanation.heading",
            region=Label(self.region, Title(zh=self.region_name, en=self.region_name)),
            year=self.year,
            indicator=Label(self.indicator, Title(zh=self.title, en=self.title)),
            value=_number(self.value, has_gap=any(step.gap for step in self.steps)),
            unit=self.unit,
        )

    def lines(self) -> list[str]:
        """Word the explanation, a line each: caption, value, steps with their rows."""
        lines = [*self.caption, "", self.heading]
        for step in self.steps:
            lines += ["", *step.lines(self.language)]
        return lines

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        """Return a line: what is explained, and how many steps it has."""
        what = f"{self.indicator} of {self.region} in {self.year}"
        steps = counted(len(self.steps), "step")
        return f"<Explanation of {what}: {self.value:.10g} {self.unit}, {steps}>"

    def _repr_html_(self) -> str:
        """Return the caption and the rows behind the number, as a notebook shows them."""
        lines = [*self.caption]
        for step in self.steps:
            lines += step.calculation_lines(self.language)
        rows = self.frame()
        filled = [name for name in rows.columns if (rows[name].astype(str) != "").any()]
        return html_table(
            lines, rows[filled], name=self.heading, whole=".frame()", language=self.language
        )

    def frame(self) -> pd.DataFrame:
        """Return the rows behind the number: a row for each number used, of every step.

        Returns
        -------
        DataFrame
            ``step``, ``kind`` (of the step), ``input`` (argument of the method, ``area rows``,
            ``crosswalk rows``), the keys (``region``, ``ecosystem`` ..., ``class``; blank where the
            row has none), ``value`` (float, in ``unit``), ``status`` (number or none), ``unit``,
            ``price_year``, ``factor`` (to the unit of the method), ``where`` (file or argument, and
            row), ``source``, ``locator``, ``grade``, ``index_grade``, ``note``.
        """
        frames = []
        for step in self.steps:
            rows = step.rows.assign(step=step.name, kind=step.kind)
            rows["value"] = rows["number"].astype(float)
            rows["status"] = np.where(rows["value"].notna(), "number", "none")
            frames.append(rows)
        columns = ["step", "kind", "input", *NUMBER_COLUMNS[1:], "value", "status", *_FRAME_TAIL]
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True)[columns]

    def parts(self) -> pd.DataFrame:
        """Return the cells that the number is made of: inputs and amount of each, by step.

        Returns
        -------
        DataFrame
            ``step``, ``kind``, the keys of the step's dims, ``input:<argument>`` in the unit of the
            method, ``cell area`` (hm2) where the step multiplies by it, ``result``, ``amount`` and
            ``unit``. The amounts of a step sum to its number.
        """
        frames = []
        for step in self.steps:
            renamed = {name: f"input:{name}" for name in step.inputs}
            frames.append(
                step.parts.rename(columns=renamed).assign(
                    step=step.name, kind=step.kind, unit=step.unit
                )
            )
        table = pd.concat(frames, ignore_index=True)
        leading = ["step", "kind"]
        return table[[*leading, *(name for name in table.columns if name not in leading)]]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, as ``gep explain --json`` prints it.

        Returns
        -------
        dict of str to object
            What is explained, the caption, and the steps with ``formula``, ``clause``, ``amount``,
            ``inputs`` (units), ``parts`` and ``rows``; ``pixels`` where a step was evaluated at
            them (see ``PixelExplanation.to_dict``); None where there is no number.
        """
        rows = self.frame()
        parts = self.parts()
        steps = []
        for step in self.steps:
            of_step = rows[(rows["step"] == step.name).to_numpy()].drop(columns=["step", "kind"])
            cells = parts[(parts["step"] == step.name).to_numpy()]
            cells = cells.drop(columns=["step", "kind"]).dropna(axis=1, how="all")
            described = {
                "step": step.name,
                "title": step.title,
                "kind": step.kind,
                "method": step.method,
                "formula": step.formula,
                "clause": step.clause,
                "amount": step.amount,
                "unit": step.unit,
                "sum_of_parts": not step.additive or step.rests_on_sums,
                "not_compiled": [region.id for region in step.gap],
                "inputs": dict(step.inputs),
                "parts": cells.to_dict("records"),
                "rows": of_step.to_dict("records"),
            }
            if step.pixels is not None:
                described["pixels"] = step.pixels.to_dict()
            steps.append(described)
        document = {
            "indicator": self.indicator,
            "title": self.title,
            "region": self.region,
            "region_name": self.region_name,
            "year": self.year,
            "value": self.value,
            "unit": self.unit,
            "caption": list(self.caption),
            "steps": steps,
        }
        plain: dict[str, Any] = _plain_values(document)
        return plain

    def to_json(self) -> str:
        """Return ``to_dict`` as JSON: UTF-8 letters as they are, null where there is no number."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


def _plain_values(value: Any) -> Any:
    """Return a value in the types of JSON; None in the place of NaN."""
    if isinstance(value, Mapping):
        return {str(key): _plain_values(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_values(member) for member in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _number(value: float, *, has_gap: bool = False) -> str:
    """Write a number with ten figures; ``na`` or ``not_compiled`` if there is none."""
    if np.isfinite(value):
        return f"{value:,.10g}"
    return NOT_COMPILED if has_gap else "na"


def _without_small_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of one input; of those of many single days the ones with the largest numbers."""
    is_day = (rows["day"] != "") & ~rows["day"].str.contains(STRETCH, regex=False)
    sizes = rows.loc[is_day, "number"].abs()
    if len(sizes) <= _SHOWN:
        return rows
    largest = sizes.sort_values(ascending=False, kind="stable").index[:_SHOWN]
    return rows[~is_day | rows.index.isin(largest)]


def _row_line(row: Mapping[Any, Any], language: Language) -> str:
    """Word one of the rows behind a step; see ``gep.account.explanation_rows.ROW_COLUMNS``."""
    name = row["input"]
    unit = row["unit"]
    year = _price_year(row["price_year"], unit, language)
    if name == AREA_ROWS:
        name = say(language, "account.explanation.area-rows")
    elif name == SHARE_ROWS:
        name = say(language, "account.explanation.crosswalk-rows")
    elif name.endswith(INDEX_SUFFIX):
        argument = name.removesuffix(INDEX_SUFFIX)
        name = say(language, "account.explanation.price-index", input=argument)
    value = row["value"]
    if unit != "1":
        value += f" {unit}"
    locator = row["locator"] or "-"
    line = f"{name}: {value}{year} x {row['factor']:.10g} ({row['keys']})"
    line += f"  {row['where']}"
    line += f"  {row['source']}; {locator}; {row['grade']}"
    if row["index_grade"]:
        converted = say(language, "account.explanation.converted", grade=row["index_grade"])
        line += f" ({converted})"
    if row["note"]:
        line += f"; {row['note']}"
    return line


def _price_year(year: str, unit: str, language: Language) -> str:
    """Word the price year of a row in brackets; '' if it has none."""
    if not year:
        return ""
    if year == "nominal":
        words = say(language, "account.explanation.no-price-year")
    elif has_money(unit):
        words = say(language, "account.explanation.prices-of", year=year)
    else:
        words = say(language, "account.explanation.index-of", year=year)
    return f" [{words}]"


def explain(
    evaluated: EvaluatedPlan, indicator: str, region: str | int, language: Language = "en"
) -> Explanation:
    """Take the value of an indicator apart.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        The account.
    indicator : str
        Id or name of an indicator of the standard.
    region : str or int
        Code or name of a region or parent.
    language : {'zh', 'en'}, default 'en'

    Returns
    -------
    Explanation

    Raises
    ------
    ProblemsFound
        ``unknown-indicator`` if the standard has no such indicator or the switches leave it without
        steps; ``unknown-region`` if the account does not have the region.
    """
    plan = evaluated.plan
    spec = plan.standard.spec
    titles = {item.id: item.name for item in spec.indicator}
    indicator = indicator_named(plan, indicator)
    positions = evaluated.region_positions(region, "--region")
    region = evaluated.region_code(region, "--region")
    steps_of_indicator = []
    for step in plan.steps:
        if step.indicator is not None and step.indicator.id == indicator:
            steps_of_indicator.append(step)
    if not steps_of_indicator:
        raise _inactive_indicator(plan, Label(indicator, titles[indicator]))
    needed = _needed_steps(plan, steps_of_indicator)
    pixels = explain_pixels(evaluated, sorted(needed), positions)
    explained = []
    for step in plan.steps:
        if step.name in needed:
            of_step = _explain_step(evaluated, step, positions, language)
            if step.name in pixels:
                of_step = _at_pixels(
                    plan,
                    step,
                    of_step,
                    pixels[step.name],
                    language,
                )
            explained.append(of_step)
    return Explanation(
        indicator=indicator,
        title=titles[indicator].say(language),
        region=region,
        region_name=plan.regions.name(region, language) if plan.regions is not None else region,
        year=plan.year,
        value=_value(explained, {step.name for step in steps_of_indicator}, spec.unit),
        unit=spec.unit,
        caption=caption(plan, evaluated.shares(), language, [*plan.warnings, *evaluated.warnings]),
        steps=tuple(explained),
        language=language,
    )


def _inactive_indicator(plan: Plan, indicator: Label) -> ProblemsFound:
    """Make the error for an indicator whose steps are all switched off."""
    switches = tuple(f"{name} = {option}" for name, option in plan.switches.items())
    return ProblemsFound(
        [
            make_problem(
                "unknown-indicator",
                "--indicator",
                "account.inactive-indicator",
                indicator=indicator,
                switches=Listed(switches, len(switches)),
            )
        ]
    )


def _needed_steps(plan: Plan, steps: Sequence[PlannedStep]) -> set[str]:
    """Return the names of some steps and of all steps that they need."""
    needed: set[str] = set()
    waiting = list(steps)
    while waiting:
        step = waiting.pop()
        needed.add(step.name)
        for source in step.inputs.values():
            if isinstance(source, StepLink) and source.source not in needed:
                waiting.append(plan.step(source.source))
    return needed


def _value(steps: Sequence[StepExplanation], names: set[str], unit: str) -> float:
    """Sum the value steps among those named; NaN if all are ``na`` or something is not compiled."""
    amounts = []
    for step in steps:
        if step.kind != "value" or step.name not in names:
            continue
        if step.gap:
            return float("nan")
        amount = step.amount * factor(step.unit, unit)
        if np.isfinite(amount):
            amounts.append(amount)
    return sum(amounts) if amounts else float("nan")


def _explain_step(
    evaluated: EvaluatedPlan, step: PlannedStep, positions: np.ndarray, language: Language
) -> StepExplanation:
    """Take one step apart in the regions at some positions."""
    plan = evaluated.plan
    parts = _parts(evaluated, step, positions)
    titles = _member_titles(plan, step, positions, language)
    gap = []
    for position in positions:
        if step.gap is not None and step.gap[position]:
            gap.append(region_label(str(plan.extent.regions[position]), plan.regions))
    return StepExplanation(
        name=step.name,
        title=step.step.name.say(language) if step.step.name else step.step.id,
        kind=step.step.kind,
        method=step.step.method,
        formula=formula(step.method.function),
        clause=step.step.clause,
        unit=step.step.unit,
        inputs=step.method.inputs,
        parts=parts,
        rows=source_rows(plan, step, positions, language),
        calculations=substitute_numbers(step, parts, titles),
        additive=step.step.additive,
        gap=tuple(gap),
        summed=step.step.per != "none",
        separate_keys=tuple(key for key in SEPARATE_KEYS if key in step.out),
        rests_on_sums=step.step.additive and step.name in plan.sums_of_parts,
    )


def _at_pixels(
    plan: Plan,
    step: PlannedStep,
    explained: StepExplanation,
    pixels: PixelExplanation,
    language: Language,
) -> StepExplanation:
    """Add to a step what was computed at pixels; a formula of means would give another number."""
    titles = _member_titles(plan, step, np.arange(len(plan.extent.regions)), language)
    sample = pixels.sample
    if sample is not None:
        calculations = substitute_numbers(step, sample.parts, titles)
        pixels = replace(pixels, sample=replace(sample, calculations=calculations))
    parts = explained.parts
    by_size = parts["amount"].abs().sort_values(ascending=False)
    lines = []
    for position in by_size.index[:_SHOWN]:
        part = parts.loc[position]
        cell = " ".join(titles[dim][part[dim]] for dim in step.dims)
        result = f"{part['result']:,.6g} {step.method.unit}"
        mean = say(language, "account.pixels.mean", cell=cell, result=result)
        lines.append(_with_amount(mean, step, part))
    return replace(explained, calculations=tuple(lines), pixels=pixels)


def _with_amount(calculation: str, step: PlannedStep, part: "pd.Series[Any]") -> str:
    """Follow a calculation by the area, and by the amount that it gives."""
    if CELL_AREA in part:
        calculation += f" x {part[CELL_AREA]:,.6g} hm2"
    return f"{calculation} -> {part['amount']:,.8g} {step.step.unit}"


def _parts(evaluated: EvaluatedPlan, step: PlannedStep, positions: np.ndarray) -> pd.DataFrame:
    """Evaluate a step again, cell by cell, in the regions at some positions.

    Parameters
    ----------
    evaluated : EvaluatedPlan
        The account, whose results supply the inputs that are other steps.
    step : PlannedStep
    positions : ndarray of int
        Positions of the regions in ``plan.extent.regions``.

    Returns
    -------
    DataFrame
        See ``StepExplanation.parts``.
    """
    extent = evaluated.plan.extent
    members = {
        "region": list(extent.regions),
        "ecosystem": list(extent.ecosystems),
        **step.members,
    }
    cells = cells_of_step(evaluated, step, step.live, positions)
    columns: dict[str, Any] = {}
    for dim, cell_positions in cells.positions.items():
        names = members[dim]
        columns[dim] = [names[position] for position in cell_positions]
    parts = pd.DataFrame(columns | dict(cells.inputs))
    if cells.area is not None:
        parts[CELL_AREA] = cells.area
    parts["result"] = cells.result
    parts["amount"] = cells.amount
    return parts


def _member_titles(
    plan: Plan, step: PlannedStep, positions: np.ndarray, language: Language
) -> dict[str, dict[str, str]]:
    """Return, for each dim of a step, how its members are called, by id."""
    titles: dict[str, dict[str, str]] = {}
    for dim in step.dims:
        if dim == "region":
            codes = plan.extent.regions[positions]
            labels = [region_label(str(code), plan.regions) for code in codes]
        elif dim == "ecosystem":
            names = plan.extent.ecosystems
            labels = [_class_label(plan.scheme, str(name)) for name in names]
        else:
            labels = [Label(member) for member in step.members[dim]]
        titles[dim] = {label.id: label.say(language) for label in labels}
    return titles


def _class_label(scheme: ClassScheme, name: str) -> Label:
    """Label a class with its title in the language asked for, else in the other."""
    zh, en = scheme.titles.get(name, ("", ""))
    title = Title(zh=zh or en, en=en or zh)
    return Label(name, title)


_SHOWN = 10  # parts whose calculation is shown


def formula(function: Callable[..., object]) -> str:
    """Return what a method returns, as it is written.

    Parameters
    ----------
    function : callable
        The method.

    Returns
    -------
    str
        ``= <expression>``; '' if the method is more than one expression, or has no source.
    """
    expression = _returned_expression(function)
    return "" if expression is None else f"= {ast.unparse(expression)}"


def substitute_numbers(
    step: PlannedStep, parts: pd.DataFrame, titles: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Write the calculation of the largest parts of a step: its formula with numbers put in.

    Parameters
    ----------
    step : PlannedStep
    parts : DataFrame
        The parts of the step; see ``gep.account.explanation.StepExplanation``.
    titles : mapping of str to mapping of str to str
        For each dim of the step, how its members are called, by id.

    Returns
    -------
    tuple of str
        A line for each of the ten largest parts: cell, formula, result in the method's unit, area,
        amount in the step's unit. A method without a formula has its inputs listed instead.
    """
    expression = _returned_expression(step.method.function)
    constants = _module_constants(step.method.function)
    by_size = parts["amount"].abs().sort_values(ascending=False)
    lines = []
    for position in by_size.index[:_SHOWN]:
        part = parts.loc[position]
        cell = " ".join(titles[dim][part[dim]] for dim in step.dims)
        numbers = {name: float(part[name]) for name in step.inputs}
        calculation = _listed(numbers)
        if expression is not None:
            calculation = _substituted(expression, constants | numbers)
        line = f"{cell}: {calculation} = {part['result']:,.6g} {step.method.unit}"
        lines.append(_with_amount(line, step, part))
    return tuple(lines)


def _listed(numbers: Mapping[str, float]) -> str:
    """List names with their numbers, six figures each."""
    return ", ".join(f"{name} = {value:.6g}" for name, value in numbers.items())


def _substituted(expression: ast.expr, numbers: Mapping[str, float]) -> str:
    """Write an expression with numbers in the place of names."""
    changed = copy.deepcopy(expression)
    substitution = _Substitution(numbers)
    return ast.unparse(substitution.visit(changed))


class _Substitution(ast.NodeTransformer):
    """Puts numbers, six figures each, in the place of names."""

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that has a number."""
        if node.id not in self.numbers:
            return node
        number = self.numbers[node.id]
        return ast.Name(f"{number:.6g}")


def _returned_expression(function: Callable[..., object]) -> ast.expr | None:
    """Parse the expression that a function returns; None if it does anything besides."""
    try:
        source = inspect.getsource(function)
        tree = ast.parse(textwrap.dedent(source))
    except (OSError, TypeError, SyntaxError):
        return None
    definition = tree.body[0] if tree.body else None
    if not isinstance(definition, ast.FunctionDef):
        return None
    statements = []
    for statement in definition.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # the docstring
        statements.append(statement)
    if len(statements) != 1:
        return None
    statement = statements[0]
    if not isinstance(statement, ast.Return):
        return None
    return statement.value


def formula_constants(function: Callable[..., object]) -> dict[str, float]:
    """Return the numbers that stand by name in the formula of a method.

    Parameters
    ----------
    function : callable
        The method.

    Returns
    -------
    dict of str to float
        Empty if the method has no formula; see :func:`formula`.
    """
    expression = _returned_expression(function)
    if expression is None:
        return {}
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    constants = _module_constants(function)
    return {name: constants[name] for name in sorted(names & constants.keys())}


def _module_constants(function: Callable[..., object]) -> dict[str, float]:
    """Return the numbers that the module of a method gives names to."""
    constants = {}
    module = getattr(function, "__globals__", {})
    for name, value in module.items():
        if type(value) in (int, float):
            constants[name] = value
    return constants
