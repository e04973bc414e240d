"""Formulas as text (算式): what a method returns, as it is written, and with numbers put in.

Reads the source of methods; which numbers are put in, and what is said around them, is left to
``gep.account.explanation``.
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping

import pandas as pd

from gep.plan.planned_step import PlannedStep

CELL_AREA = "cell area"  # column of a part's area in hm2; no argument of a method can be called so
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
        if CELL_AREA in part:
            line += f" x {part[CELL_AREA]:,.6g} hm2"
        line += f" -> {part['amount']:,.8g} {step.step.unit}"
        lines.append(line)
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


def _module_constants(function: Callable[..., object]) -> dict[str, float]:
    """Return the numbers that the module of a method gives names to."""
    constants = {}
    module = getattr(function, "__globals__", {})
    for name, value in module.items():
        if type(value) in (int, float):
            constants[name] = value
    return constants
