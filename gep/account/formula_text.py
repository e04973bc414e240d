"""An explanation as text (结果解释的文字): formulas with their numbers put in, sums, rows; in Chinese or English."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED
from gep.account.explanation_rows import AREA_ROWS, SHARE_ROWS
from gep.plan.planned_step import PlannedStep
from gep.texts.catalogue import Language
from gep.units import has_money

if TYPE_CHECKING:
    from gep.account.explanation import Explanation, StepExplanation

CELL_AREA = (
    "cell area"  # the column of a part's area in hm2; no argument of a method can be called so
)
_SHOWN = 10  # parts with their numbers put in; the others are counted
_WORDS = {
    "quantity": ("功能量", "quantity"),
    "value": ("价值量", "value"),
    "auxiliary": ("辅助量", "auxiliary"),
    "method": ("方法", "method"),
    "clause": ("条款", "clause"),
    "not_additive": (
        "不可相加: 上级是各部分之和，不是把方法用于上级",
        "not additive: a parent's figure is the sum of its parts, not the method applied to the parent",
    ),
    "sum": ("各部分之和", "sum of parts"),
    "not_compiled": ("未核算的区域: ", "not compiled in "),
    AREA_ROWS: ("面积", "area"),
    SHARE_ROWS: ("对照表", "crosswalk"),
    "index": ("价格指数", "price index"),
    "docstring": ("（见方法的说明）", "(see the method's docstring)"),
}


def _word(name: str, language: Language) -> str:
    return _WORDS[name][language != "zh"]


def explanation_lines(found: "Explanation") -> list[str]:
    """The explanation of an indicator, line by line, in its language."""
    head = f"{found.region} {found.year} {found.title} ({found.indicator})"
    gap = any(one.gap for one in found.steps)
    lines = [*found.caption, "", f"{head} = {_number(found.value, gap)} {found.unit}"]
    for one in found.steps:
        lines += ["", *_step_lines(one, found.language)]
    return lines


def _number(value: float, gap: bool) -> str:
    return f"{value:,.10g}" if np.isfinite(value) else NOT_COMPILED if gap else "na"


def _step_lines(one: "StepExplanation", language: Language) -> list[str]:
    amount = _number(one.amount, bool(one.gap))
    whole = not one.members_apart and (one.summed or len(one.parts) <= 1)
    kind, sums = _word(one.kind, language), _word("sum", language)
    lines = [
        f"{one.name}  {one.title}  [{kind}, {one.unit}]"
        + (f"  = {amount} {one.unit}" if whole else "")
    ]
    lines.append(f"  {_word('method', language)} {one.method}")
    lines.append(f"  {one.formula or _word('docstring', language)}")
    lines.append(f"  {_word('clause', language)} {one.clause or '-'}")
    if not one.additive:
        lines.append(f"  {_word('not_additive', language)}")
    lines += [f"    {line}" for line in one.worked]
    if (left := len(one.parts) - len(one.worked)) > 0:
        lines.append(
            f"    另有 {left} 个较小的部分" if language == "zh" else f"    and {left} smaller parts"
        )
    if one.members_apart and one.summed:
        lines += [
            f"    {sums} {name}: {_number(part, False)} {one.unit}"
            for name, part in one.subtotals.items()
        ]
    elif len(one.parts) > 1 and np.isfinite(one.amount):
        lines.append(f"    {sums} {amount} {one.unit}")
    lines += [f"  {_word('not_compiled', language)}{', '.join(one.gap)}"] if one.gap else []
    return lines + [f"    {_row_line(row, language)}" for row in one.rows.to_dict("records")]


def _row_line(row: Mapping[Any, Any], language: Language) -> str:
    name, _, moved = row["input"].partition(", ")
    name = _word(name, language) if name in (AREA_ROWS, SHARE_ROWS) else name
    if moved:
        name += ("，" if language == "zh" else ", ") + _word("index", language)
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    number = (
        f"{row['value']}{unit}{_price_year(row, language)} x {row['factor']:.10g} ({row['keys']})"
    )
    note = f"; {row['note']}" if row["note"] else ""
    return f"{name}: {number}  {row['where']}  {row['source']}; {row['locator'] or '-'}; {row['grade']}{note}"


def _price_year(row: Mapping[Any, Any], language: Language) -> str:
    year = row["price_year"]
    if not year:
        return ""
    if year == "nominal":
        return " [未注价格年份 nominal]" if language == "zh" else " [no price year: nominal]"
    if has_money(row["unit"]):
        return f" [{year} 年价格]" if language == "zh" else f" [prices of {year}]"
    return f" [{year} 年]" if language == "zh" else f" [{year}]"


def formula(function: Callable[..., object]) -> str:
    """What a method returns, as it is written; '' where it is more than one expression."""
    found = _expression(function)
    return f"= {ast.unparse(found)}" if found is not None else ""


def _expression(function: Callable[..., object]) -> ast.expr | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    lines = tree.body[0].body
    body = [
        line
        for line in lines
        if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
    ]
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


class _Put(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[str, float]):
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(f"{self.numbers[node.id]:.6g}") if node.id in self.numbers else node


def _constants(function: Callable[..., object]) -> dict[str, float]:
    """The numbers that a method's module gives names to."""
    named = getattr(function, "__globals__", {})
    return {name: value for name, value in named.items() if type(value) in (int, float)}


def substitute_numbers(one: PlannedStep, parts: pd.DataFrame) -> Sequence[str]:
    """The formula with numbers put in, a line for each of the largest parts."""
    lines = []
    found = _expression(one.method.function)
    constants = _constants(one.method.function)
    for position in parts["amount"].abs().sort_values(ascending=False).index[:_SHOWN]:
        row = parts.loc[position]
        cell = " ".join(str(row[dim]) for dim in one.dims)
        numbers = {name: float(row[name]) for name in one.inputs}
        listed = ", ".join(f"{name} = {value:.6g}" for name, value in numbers.items())
        put = (
            ast.unparse(_Put(constants | numbers).visit(copy.deepcopy(found)))
            if found is not None
            else listed
        )
        area = f" x {row[CELL_AREA]:,.6g} hm2" if CELL_AREA in row else ""
        result = (
            f"{row['result']:,.6g} {one.method.unit}{area} -> {row['amount']:,.8g} {one.step.unit}"
        )
        lines.append(f"{cell}: {put} = {result}")
    return lines
