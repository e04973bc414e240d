"""The tables of GEEP (核算各表): ``geep.csv``, and the wide table that is handed in.

The module also owns the titles of items. The headings of the wide table are in both languages.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.account.ranking import alone_in_group
from gep.assessment.geep.scheme import find_term
from gep.assessment.geep.terms import LOWER, UNIT_VALUE_NAMES, GeepItems, GeepResult
from gep.texts.catalogue import Sayable, has_key, text

GEEP_COLUMNS = ["region", "year", "item", "value", "unit", "group", "note"]
_RANKS = ("rank_gdp", "rank_geep", "rank_geep_minus_rank_gdp")
_COSTS = ("gdp", "rdc", "endc", "ecdc")  # GDP and what is deducted, each followed by its parts
_AFTER_COSTS = ("ggdp", "eps", "ers", "ecs", "gep", "overlap", "geep")


def geep_table(years: Sequence[GeepItems]) -> pd.DataFrame:
    """Make ``geep.csv``.

    Parameters
    ----------
    years : sequence of GeepItems

    Returns
    -------
    DataFrame
        Columns ``GEEP_COLUMNS``: a row for each region or parent and item that is known, then for
        each Gini coefficient. Ranks have their group, and a note where a region is alone in it.
    """
    note_alone = in_both_languages(text("geep.note.alone"))
    rows = []
    for items in years:
        groups = np.array(items.group, dtype=object)
        alone = {name: alone_in_group(items.value[name], groups) for name in _RANKS}
        for position, code in enumerate(items.codes):
            for name, values in items.value.items():
                value = float(values[position])
                if not np.isfinite(value):
                    continue
                item = shown_item(name, items, position)
                group = items.group[position] if name in alone else ""
                note = note_alone if group and alone[name][position] else ""
                rows.append((code, items.year, item, value, items.unit[name], group, note))
        for (code, item), value in items.gini.items():
            if np.isfinite(value):
                rows.append((code, items.year, item, value, "1", "", ""))
    return pd.DataFrame(rows, columns=GEEP_COLUMNS)


def shown_item(name: str, items: GeepItems, position: int) -> str:
    """Return the name under which an item is shown.

    A cost that is a lower bound is called so, and an ecosystem service value is not called GEP.
    """
    if name == "endc" and items.is_lower_bound[position]:
        return LOWER
    if items.is_service_value[position]:
        return UNIT_VALUE_NAMES.get(name, name)
    return name


def item_title(item: str, result: GeepResult) -> Sayable:
    """Return the title of an item: of a term or part that of the scheme, else that of gep."""
    term_name, _, part_name = item.partition("_")
    term = find_term(result.scheme.spec, term_name)
    if term is not None:
        if part_name in term.parts:
            return term.parts[part_name].name
        if not part_name:
            return term.name
    return text(f"geep.item.{item}")


def item_titles(result: GeepResult) -> dict[str, Sayable]:
    """Return the titles of all items of a result, by item.

    Parameters
    ----------
    result : GeepResult

    Returns
    -------
    dict of str to Sayable
    """
    titles = {}
    for items in result.items:
        for item in (*items.value, LOWER, *UNIT_VALUE_NAMES.values()):
            is_named = has_key("zh", f"geep.item.{item}")
            if is_named or find_term(result.scheme.spec, item.partition("_")[0]) is not None:
                titles[item] = item_title(item, result)
    return titles


def wide_table(result: GeepResult) -> pd.DataFrame:
    """Make the table that is handed in.

    Parameters
    ----------
    result : GeepResult

    Returns
    -------
    DataFrame
        A row for each region or parent and year, and a column for each item, headed by its title
        in both languages and its unit; NaN where an item is unknown.
    """
    region = in_both_languages(text("geep.heading.region"))
    region_name = in_both_languages(text("geep.heading.name"))
    year = in_both_languages(text("geep.heading.year"))
    rows = []
    for items in result.items:
        order = [name for name in _order(result) if name in items.value]
        names = dict.fromkeys([*order, *items.value])
        for position, code in enumerate(items.codes):
            row: dict[str, object] = {
                region: code,
                region_name: result.context.name(code, "zh"),
                year: items.year,
            }
            for name in names:
                value = items.value[name][position]
                if np.isfinite(value):
                    item = shown_item(name, items, position)
                    row[_heading(item, items.unit[name], result)] = value
            rows.append(row)
    return pd.DataFrame(rows)


def _heading(item: str, unit: str, result: GeepResult) -> str:
    """Return the heading of an item: its title in both languages, and its unit in brackets."""
    title = in_both_languages(item_title(item, result))
    return title if unit == "1" else f"{title} ({unit})"


def in_both_languages(title: Sayable) -> str:
    """Return a title in Chinese, then in English; once where both are the same."""
    zh = title.say("zh")
    en = title.say("en")
    return zh if zh == en else f"{zh} {en}"


def _order(result: GeepResult) -> list[str]:
    """Return the order of the columns: GDP, costs with their parts, services, GEEP."""
    names = []
    for name in _COSTS:
        term = find_term(result.scheme.spec, name)
        if term is not None:
            names.append(name)
            names += [f"{name}_{part_name}" for part_name in term.parts]
    return [*names, *_AFTER_COSTS]
