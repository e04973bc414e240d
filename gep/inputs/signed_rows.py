"""Coefficient rows that two readers of an official text have confirmed (核签的参数行).

The module owns by what a row is known, and what of it is confirmed: name, keys, number, unit, price
year, document and locator. A row that is as confirmed has the grade ``official``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from gep.errors import ProblemLog
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import GRADE, KEYS
from gep.standards.sign_off import ItemContent, ItemKind, SignOff, content_checksum, report_changed

_CONFIRMED = ("name", *KEYS, "unit", "price_year", "source", "locator", "base")
_COEFFICIENT: ItemKind = "coefficient"
_OFFICIAL = "official"


def row_name(row: Mapping[str, Any]) -> str:
    """Return by what a row of a set is known: its name, its keys, its price year.

    Parameters
    ----------
    row : mapping of str to object
        See ``gep.inputs.value_rows.read_value_rows``.

    Returns
    -------
    str
        Such as ``water_price use=domestic price_year=2010``.
    """
    words = [str(row["name"])]
    for key in KEYS:
        member = row[key]
        if member:
            words.append(f"{key}={member}")
    price_year = row["price_year"]
    if price_year not in ("", 0):
        words.append(f"price_year={price_year}")
    return " ".join(words)


def row_content(set_id: str, row: Mapping[str, Any]) -> ItemContent:
    """Return a row of a set as an item that can be confirmed.

    Parameters
    ----------
    set_id : str
    row : mapping of str to object
        See ``gep.inputs.value_rows.read_value_rows``.

    Returns
    -------
    ItemContent
    """
    confirmed = {}
    for key in _CONFIRMED:
        confirmed[key] = str(row[key])
    value = float(row["value"])
    confirmed["value"] = "na" if math.isnan(value) else f"{value:.15g}"
    return ItemContent(
        kind=_COEFFICIENT,
        item=f"{set_id}:{row_name(row)}",
        checksum=content_checksum(confirmed),
    )


def row_contents(coefficients: CoefficientSet) -> Iterator[ItemContent]:
    """Yield the rows of a set as items, in their order.

    Parameters
    ----------
    coefficients : CoefficientSet

    Yields
    ------
    ItemContent
    """
    set_id = coefficients.header.id
    for record in coefficients.rows.to_dict("records"):
        yield row_content(set_id, cast(Mapping[str, Any], record))


def signed_set(
    coefficients: CoefficientSet, sign_off: SignOff, problems: ProblemLog
) -> CoefficientSet:
    """Return a set whose confirmed rows have the grade ``official``.

    Parameters
    ----------
    coefficients : CoefficientSet
    sign_off : SignOff
        Of the standard that the set is used with.
    problems : ProblemLog
        Receives the warning ``sign-off-changed`` for rows that are not as they were confirmed.

    Returns
    -------
    CoefficientSet
        The same one if nothing of it was confirmed.
    """
    prefix = f"{coefficients.header.id}:"
    items = []
    for kind, item in sign_off.signed:
        if kind == _COEFFICIENT and item.startswith(prefix):
            items.append(item)
    if not items:
        return coefficients
    is_signed = np.zeros(len(coefficients.rows), dtype=bool)
    confirmed = set()
    for position, content in enumerate(row_contents(coefficients)):
        if sign_off.confirms(content):
            is_signed[position] = True
            confirmed.add(content.item)
    changed = [item for item in items if item not in confirmed]
    report_changed(sign_off.files[-1].name, changed, problems)
    grades = coefficients.rows["grade"].to_numpy(copy=True)
    grades[is_signed] = GRADE[_OFFICIAL]
    rows = coefficients.rows.assign(grade=grades)
    return replace(
        coefficients,
        rows=rows,
        signed=int(is_signed.sum()),
        _by_name={},
    )
