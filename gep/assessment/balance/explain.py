"""Balance sheets in words (报表说明): the caption of the tables, and how a line came about."""

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import (
    BETWEEN,
    FROM,
    KEY,
    NET,
    TO,
    TOTAL,
    BalanceResult,
    class_label,
    stock_text,
)
from gep.assessment.balance.scheme import Resource
from gep.inputs.value_rows import GRADES, grade_words
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label, Language, Listed, Sayable, Text, say, text

_EQUATION = ("opening", "additions", "reductions", "statistical_error", "closing")
_NET_ITEMS = ("addition_net", "reduction_net")
_VALUE = "value_"  # the beginning of items in money


def caption(result: BalanceResult) -> tuple[Text | Title, ...]:
    """Word what must be printed with the tables.

    Parameters
    ----------
    result : BalanceResult

    Returns
    -------
    tuple of Text or Title
        The equation; that there are no liabilities; that headings are a template; where they apply,
        that changes are net, and how they are valued; grades; the evidence of the scheme unless
        verified; the scheme's note.
    """
    spec = result.scheme.spec
    lines: list[Text | Title] = [
        text("balance.caption.equation"),
        text("balance.caption.no-liabilities"),
        text("balance.caption.template"),
    ]
    is_net = result.lines["item"].isin(_NET_ITEMS).to_numpy()
    if is_net.any():
        with_net = set(result.lines.loc[is_net, "resource"])
        labels = []
        for resource in spec.resource:
            if resource.id in with_net:
                labels.append(resource.label)
        listed = Listed(tuple(labels), len(labels))
        lines.append(text("balance.caption.net", resources=listed))
    if result.priced:
        prices = text(f"balance.prices.{spec.changes_at}")
        lines.append(text("balance.caption.money", prices=prices))
    codes = sorted(set(result.lines["grade"]))
    grades = tuple(grade_words(GRADES[int(code)]) for code in codes)
    listed = Listed(grades, len(grades))
    lines.append(text("balance.caption.grades", grades=listed))
    if spec.evidence != "verified":
        lines.append(text("balance.caption.evidence", evidence=grade_words(spec.evidence)))
    zh, _, en = spec.note.partition("\n")  # a note in two languages has a line of each
    if zh:
        lines.append(Title(zh=zh.strip(), en=(en or zh).strip()))
    return tuple(lines)


def explain_balance(
    result: BalanceResult, region: str, year: int, item: str, language: Language
) -> list[str]:
    """Explain the lines of a class of a resource in the periods that end in a year.

    Parameters
    ----------
    result : BalanceResult
    region : str
    year : int
        The last year of the periods.
    item : str
        ``resource.class``, or ``resource`` for the sum over classes.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        For each period a heading, its lines down to rows of files, and the equation in numbers.
    """
    resource_name, _, class_name = item.partition(".")
    class_name = class_name or TOTAL
    table = result.lines
    is_shown = table["region"] == region
    is_shown &= table["to"] == year
    is_shown &= table["resource"] == resource_name
    is_shown &= table["class"] == class_name
    rows = table[is_shown.to_numpy()]
    rows = rows.sort_values(KEY, kind="stable")
    resource_of = {resource.id: resource for resource in result.scheme.spec.resource}
    by_period = rows.groupby(["from", "to"], sort=False, observed=True)
    lines = []
    for (first, last), of_period in by_period:
        resource = resource_of[resource_name]
        heading = stock_text(
            resource,
            class_name,
            region,
            period=f"{first}-{last}",
            context=result.context,
        )
        lines.append(heading.say(language))
        for _, row in of_period.iterrows():
            lines.append(_line(row, resource, result, language))
        values = {name: _sum_of(of_period, name) for name in _EQUATION}
        lines.append(say(language, "balance.explain.equation", **values))
    return lines


def _line(row: pd.Series, resource: Resource, result: BalanceResult, language: Language) -> str:
    """Word a line of a balance: item, cause, number, and where it was read."""
    names = [Label(row["item"], _item_title(row["item"])).say(language)]
    if row["cause"]:
        names.append(_cause_label(row["cause"], resource, result).say(language))
    figure = f"  {' '.join(names)} = {row['value']:.10g} {row['unit']}"
    if row["where"] == "":
        return figure
    grade = grade_words(GRADES[int(row["grade"])])
    return say(
        language,
        "balance.explain.read",
        figure=figure,
        where=row["where"],
        grade=grade,
    )


def _item_title(item: str) -> Text:
    """Return the title of an item of ``balance.csv``."""
    if item.startswith(_VALUE):
        return text("balance.item-in-money", item=_item_title(item.removeprefix(_VALUE)))
    return text(f"balance.item.{item}")


def _cause_label(cause: str, resource: Resource, result: BalanceResult) -> Label:
    """Return a cause with its title: of the scheme, a class that land came from or went to."""
    title: Sayable | None = resource.causes.get(cause)
    if cause in (NET, BETWEEN):
        title = text(f"balance.cause.{cause}")
    for prefix, key in ((FROM, "balance.cause.from"), (TO, "balance.cause.to")):
        if cause.startswith(prefix):
            name = cause.removeprefix(prefix)
            title = text(key, name=class_label(resource, name, result.context))
    return Label(cause, title)


def _sum_of(rows: pd.DataFrame, item: str) -> float:
    """Return the sum of the lines of an item."""
    return float(np.sum(rows.loc[(rows["item"] == item).to_numpy(), "value"]))
