"""What the terminal shows of a comparison: growth by years and price basis, levels, the reasons."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from gep.account.caption import category_title
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.comparison_table import DEFLATOR, comparison_caption
from gep.io.toml_documents import Title
from gep.standards.standard import CATEGORIES
from gep.terminal.account import (
    SUM_OF_PARTS,
    console,
    files_line,
    hidden_rows,
    number,
    print_caption,
    print_line,
    rounded_change,
    rounded_effects,
    titled_table,
    unit_title,
)
from gep.texts.catalogue import Language, say

_MOST_REGIONS = 60  # that are shown; the files hold all
_PERCENT = 100
_LEVELS = ("value_from", "value_to", "change")


def print_comparison(
    comparison: Comparison, tables: Mapping[str, pd.DataFrame], title: Title, language: Language
) -> None:
    """Print a comparison: its caption, growth, levels of the longest pair of years, the reasons.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        Its tables ``comparison.csv`` and ``decomposition.csv``, by file name.
    title : Title
        Title of the first project.
    language : {'zh', 'en'}
    """
    screen = console()
    print_caption(title.say(language), comparison_caption(comparison, language))
    table = tables["comparison.csv"]
    longest = max(comparison.pairs, key=_length)
    if comparison.headline is None:
        screen.print(_quantity_table(comparison, table, longest, language))
        return
    # regions without a common parent have no sum whose growth could be shown
    has_top = bool(comparison.above.codes) or len(comparison.regions) == 1
    if has_top:
        screen.print(_growth_table(comparison, table, language))
    screen.print(_level_table(comparison, table, longest, language))
    if has_top:
        reasons = _reason_table(comparison, tables, language)
        if reasons is not None:
            screen.print(reasons)


def _length(pair: Pair) -> int:
    """Return the number of years between the two of a pair."""
    first, last = pair
    return last - first


def _top(comparison: Comparison) -> str:
    """Return the code of the topmost region."""
    return str(comparison.codes[-1])


def _headline_unit(comparison: Comparison, language: Language) -> str:
    """Return the unit of the headline as people write it."""
    position = comparison.headline or 0
    unit = comparison.lines["unit"].iloc[position]
    return unit_title(str(unit), language)


def _growth_table(comparison: Comparison, table: pd.DataFrame, language: Language) -> Table:
    """Return the headline of the topmost region: a row for each basis and pair of years.

    Parameters
    ----------
    comparison : Comparison
    table : DataFrame
        ``comparison.csv``.
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    top = _top(comparison)
    title = say(
        language,
        "terminal.comparison.growth-of",
        region=comparison.label(top),
        unit=_headline_unit(comparison, language),
    )
    shown = titled_table(title)
    for name in ("basis", "years"):
        shown.add_column(say(language, f"terminal.comparison.{name}"))
    for name in ("from", "to", "change", "growth", "yearly"):
        shown.add_column(say(language, f"terminal.comparison.{name}"), justify="right")
    is_headline = (table["category"] == TOTAL) & (table["indicator"] == TOTAL)
    is_headline &= table["region"] == top
    for row in table[is_headline.to_numpy()].to_dict("records"):
        shown.add_row(
            _basis_title(str(row["kind"]), str(row["price_basis"]), language),
            f"{row['from']}-{row['to']}",
            *_level_cells(row),
            _percent(row["growth"], _PERCENT),
            _percent(row["cagr"], _PERCENT),
        )
    return shown


def _basis_title(kind: str, price_basis: str, language: Language) -> str:
    """Word the price and climate basis of a row, or what the deflator divides."""
    kind, _, climate = kind.partition(":")
    if kind == DEFLATOR:
        numerator, _, denominator = price_basis.partition("/")
        return say(
            language,
            "terminal.comparison.deflator",
            numerator=price_basis_text(numerator),
            denominator=price_basis_text(denominator),
        )
    title = price_basis_text(price_basis).say(language)
    if climate:
        return f"{title} · {say(language, f'comparison.climate.{climate}')}"
    return title


def _level_table(
    comparison: Comparison, table: pd.DataFrame, pair: Pair, language: Language
) -> Table:
    """Return the headline of all regions, then categories and indicators of the topmost region.

    Parameters
    ----------
    comparison : Comparison
    table : DataFrame
        ``comparison.csv``.
    pair : (int, int)
        The two years.
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    first, last = pair
    top = _top(comparison)
    shown = titled_table(_headline_unit(comparison, language))
    shown.add_column(say(language, "terminal.comparison.region-or-indicator"))
    for year in pair:
        shown.add_column(str(year), justify="right")
    for name in ("change", "growth", "contribution", "rank"):
        heading = say(language, f"terminal.comparison.{name}")
        shown.add_column(heading, justify="right")
    is_shown = table["from"] == first
    is_shown &= table["to"] == last
    is_shown &= table["price_basis"] == comparison.basis
    is_shown &= table["item"] == ""
    is_shown &= table["kind"] == "value"
    rows = table[is_shown.to_numpy()]
    is_total = rows["category"] == TOTAL
    totals = rows[is_total.to_numpy()]
    for position, row in enumerate(totals.to_dict("records")):
        region = str(row["region"])
        if position < _MOST_REGIONS or region == top:
            style = "bold" if row["level"] == "parent" else ""
            name = _marked(comparison.label(region).say(language), row)
            shown.add_row(name, *_line_cells(row), style=style)
    shown.add_section()
    is_top = rows["region"] == top
    for row in rows[is_top.to_numpy()].to_dict("records"):
        category = str(row["category"])
        indicator = str(row["indicator"])
        if category not in CATEGORIES:
            continue
        if indicator == TOTAL:
            title = category_title(category, language)
        else:
            label = comparison.indicator_label(indicator)
            title = f"  {label.say(language)}"
        title = _marked(title, row)
        shown.add_row(title, *_line_cells(row))
    if any(_is_sum_of_parts(row) for row in rows.to_dict("records")):
        shown.caption = say(language, "account.table.sum-of-parts")
    return shown


def _is_sum_of_parts(row: Mapping[Any, Any]) -> bool:
    """Return whether a row of ``comparison.csv`` is flagged as a sum of parts."""
    return "sum-of-parts" in str(row["flags"]).split(";")


def _marked(title: str, row: Mapping[Any, Any]) -> str:
    """Mark the title of a row of ``comparison.csv`` whose figures are sums of parts."""
    return f"{title} {SUM_OF_PARTS}" if _is_sum_of_parts(row) else title


def _quantity_table(
    comparison: Comparison, table: pd.DataFrame, pair: Pair, language: Language
) -> Table:
    """Return the physical quantities of all regions, where nothing is valued.

    Parameters
    ----------
    comparison : Comparison
    table : DataFrame
        ``comparison.csv``.
    pair : (int, int)
        The two years.
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    first, last = pair
    shown = titled_table("")
    shown.add_column(say(language, "terminal.comparison.region-or-indicator"))
    for heading in (first, last, say(language, "terminal.comparison.change")):
        shown.add_column(str(heading), justify="right")
    shown.add_column(say(language, "terminal.comparison.growth"), justify="right")
    is_shown = (table["from"] == first) & (table["to"] == last)
    is_shown &= table["kind"] == "quantity"
    rows = table[is_shown.to_numpy()]
    for row in rows.head(_MOST_REGIONS).to_dict("records"):
        region = comparison.label(str(row["region"])).say(language)
        indicator = comparison.indicator_label(str(row["indicator"])).say(language)
        unit = unit_title(str(row["unit"]), language)
        title = f"{region} {indicator} {row['item']} ({unit})"
        style = "bold" if row["level"] == "parent" else ""
        cells = [*_level_cells(row), _percent(row["growth"], _PERCENT)]
        title = _marked(title, row)
        shown.add_row(title, *cells, style=style)
    hidden = len(rows) - _MOST_REGIONS
    if hidden > 0:
        shown.caption = hidden_rows(hidden, "comparison.csv", language)
    return shown


def _line_cells(row: Mapping[str, object]) -> list[str]:
    """Return levels, change, growth, contribution and ranks of a row of ``comparison.csv``."""
    ranks = [str(row["rank_from"]), str(row["rank_to"])]
    return [
        *_level_cells(row),
        _percent(row["growth"], _PERCENT),
        _percent(row["contribution"], 1),  # is in percentage points
        "→".join(ranks) if all(ranks) else "-",
    ]


def _level_cells(row: Mapping[str, object]) -> list[str]:
    """Return both levels and the change of a row of ``comparison.csv``, which add up."""
    levels = [row[name] for name in _LEVELS]
    numbers = []
    cells = []
    for value in levels:
        if isinstance(value, int | float | np.number):
            numbers.append(float(value))
            cells.append(number(float(value)))
        else:
            cells.append(str(value) or "-")
    if len(numbers) == len(levels) and np.isfinite(numbers).all():
        first, last, _ = numbers
        return rounded_change(first, last)
    return cells


def _percent(value: object, scale: float) -> str:
    """Return a growth in percent with its sign; ``-`` where there is none."""
    if isinstance(value, int | float | np.number):
        return f"{float(value) * scale:+.2f}"
    return "-"


def _reason_table(
    comparison: Comparison, tables: Mapping[str, pd.DataFrame], language: Language
) -> Table | None:
    """Return the effects on the headline of the topmost region, a row for each pair of years.

    Those of a row sum to the change that is printed above.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        ``comparison.csv`` and ``decomposition.csv``, by file name.
    language : {'zh', 'en'}

    Returns
    -------
    Table or None
        None if nothing was decomposed.
    """
    table = tables["decomposition.csv"]
    top = _top(comparison)
    is_headline = (table["region"] == top) & (table["category"] == TOTAL)
    is_headline &= table["method"] == "replay"
    rows = table[is_headline.to_numpy()]
    if rows.empty:
        return None
    unit = str(rows["unit"].iloc[0])
    title = say(
        language,
        "terminal.comparison.reasons-of",
        region=comparison.label(top),
        unit=unit_title(unit, language),
    )
    shown = titled_table(title)
    shown.add_column(say(language, "terminal.comparison.years"))
    effects = list(dict.fromkeys(rows["effect"]))
    for effect in effects:
        heading = say(language, f"comparison.effect.{effect}")
        shown.add_column(heading, justify="right")
    for (first, last), pair_rows in rows.groupby(["from", "to"], sort=False):
        values = dict(zip(pair_rows["effect"], pair_rows["value"], strict=True))
        numbers = [float(values[effect]) for effect in effects]
        start = _headline_level(comparison, first)
        end = _headline_level(comparison, last)
        cells = rounded_effects(start, end, numbers)
        shown.add_row(f"{first}-{last}", *cells)
    return shown


def _headline_level(comparison: Comparison, year: int) -> float:
    """Return the headline of the topmost region in a year."""
    values = comparison.levels[year].values
    return float(values[-1, comparison.headline or 0])


def print_written(out: Path, names: Sequence[str], language: Language) -> None:
    """Print where result files are.

    Parameters
    ----------
    out : Path
        The folder of the results.
    names : sequence of str
        Files that may be in it; those that are there are printed.
    language : {'zh', 'en'}
    """
    print_line(files_line(out, names, language))
