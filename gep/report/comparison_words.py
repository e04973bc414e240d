"""The words of a comparison's tables (对比表用语): regions, items, types, price bases, factors.

Workbook and page take their words from here, so that both say the same.
"""

from gep.account.caption import category_title, sum_title
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison import Comparison
from gep.comparison.comparison_table import DEFLATOR
from gep.comparison.lmdi_effects import DENSITY
from gep.inputs.value_rows import member_word
from gep.plan.plan import Plan
from gep.standards.standard import Binding
from gep.texts.catalogue import Language, Listed, has_key, say

LAND_SIDES = ("opening", "reductions", "additions", "closing", "net")


def column_word(comparison: Comparison, column: str, code: str, language: Language) -> str:
    """Put a text of a result table into words.

    Parameters
    ----------
    comparison : Comparison
    column : str
        The column of the table that it stands in.
    code : str
    language : {'zh', 'en'}

    Returns
    -------
    str
        The text itself where there is no other word.
    """
    plan = comparison.accounts[-1].plan
    if column == "region":
        return code if plan.regions is None else plan.regions.name(code, language)
    if column == "category":
        return sum_title(code, plan.standard.spec, language)
    if column == "indicator":
        if code == TOTAL:
            return category_title(TOTAL, language)
        title = comparison.indicator_label(code).title
        return code if title is None else title.say(language)
    if column == "item":
        pairs = [pair.partition("=") for pair in code.split(";")]
        names = [member_word(key, member, language) for key, _, member in pairs]
        return say(language, "report.book.joint").join(names)
    if column in ("from_ecosystem", "to_ecosystem", "ecosystem"):
        if code in LAND_SIDES:
            return say(language, f"report.book-land.{code}")
        title = plan.scheme.label(code).title
        return code if title is None else title.say(language) or code
    return code


def basis_word(kind: str, price_basis: str, language: Language) -> str:
    """Word the price and climate basis of a row of ``comparison.csv``.

    Parameters
    ----------
    kind : str
        Column ``kind``, such as ``value`` or ``value:normal_climate``.
    price_basis : str
        Column ``price_basis``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    name, _, climate = kind.partition(":")
    if name == DEFLATOR:
        return say(language, "report.book.deflator")
    title = price_basis_text(price_basis).say(language)
    if climate:
        title += f" · {say(language, f'comparison.climate.{climate}')}"
    return title


def factor_word(comparison: Comparison, indicator: str, name: str, language: Language) -> str:
    """Word a factor ``step.argument``: what the argument takes, else the argument itself.

    What a step gave by area at pixels is worded with the data and coefficients that it takes.

    Parameters
    ----------
    comparison : Comparison
    indicator, name : str
        Columns ``indicator`` and ``effect`` of ``decomposition.csv``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    step_id, _, argument = name.rpartition(".")
    key = f"report.book-factor.{argument}"
    if has_key(language, key):
        return say(language, key)
    plan = comparison.accounts[-1].plan
    for step in plan.steps:
        if step.name != f"{indicator}.{step_id}":
            continue
        if argument in step.bindings:
            return _input_word(plan, step.bindings[argument], language) or name
        if argument == DENSITY:
            words = [_input_word(plan, taken, language) for taken in step.bindings.values()]
            inputs = tuple(dict.fromkeys(word for word in words if word))
            return say(language, "report.density-factor", inputs=Listed(inputs, len(inputs)))
    return name


def _input_word(plan: Plan, binding: Binding, language: Language) -> str:
    """Word what an argument takes; blank where it takes the result of a step."""
    spec = plan.standard.spec
    data, coefficient = binding.data or "", binding.coef or ""
    declared = spec.data.get(data) or spec.coefficient.get(coefficient)
    return data or coefficient if declared is None else declared.name.say(language)
