"""What the terminal shows of uncertainty: intervals and ranks at draws, inputs by their effect."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.extent.regions import region_label
from gep.plan.plan import Plan
from gep.terminal.account import (
    console,
    files_line,
    hidden_rows,
    number,
    print_line,
    titled_table,
    unit_title,
)
from gep.texts.catalogue import Language, say
from gep.uncertainty.interval_tables import Uncertainty
from gep.workflows.sensitivity import FILES, SensitivityAnalysis

_MOST_INTERVALS = 60  # rows that are shown; uncertainty.csv holds all
_MOST_INPUTS = 30  # rows that are shown; sensitivity.csv holds all
_INTERVAL_HEADINGS = ("region", "years", "mean", "low", "high", "positive", "ranks")
_SWING_HEADINGS = ("input", "rows", "low", "high", "result-low", "result-high", "swing")
_SWING_COLUMNS = ("low", "high", "result_low", "result_high", "swing")
_SOBOL_COLUMNS = ("first", "total")


def print_intervals(uncertainty: Uncertainty, account: Account, language: Language) -> None:
    """Print how samples were drawn, then levels and changes of the headline of all regions.

    Parameters
    ----------
    uncertainty : Uncertainty
    account : Account
        Of one of the years, for units and names of regions.
    language : {'zh', 'en'}
    """
    statement = uncertainty.statement()
    line = say(
        language,
        "terminal.intervals.statement",
        draws=statement["draws"],
        seed=statement["seed"],
        rows_drawn=statement["rows_drawn"],
        rows_used=statement["rows_used"],
        share=statement["no_uncertainty_stated"],
    )
    table = uncertainty.table()
    is_headline = table["category"] == TOTAL
    is_headline &= table["indicator"] == TOTAL
    rows = table[is_headline.to_numpy()]
    print_line(line)
    console().print(_interval_table(rows, account, language))


def _interval_table(rows: pd.DataFrame, account: Account, language: Language) -> Table:
    """Return the intervals of the headline.

    Parameters
    ----------
    rows : DataFrame
        Of ``uncertainty.csv``.
    account : Account
    language : {'zh', 'en'}

    Returns
    -------
    Table
    """
    shown = titled_table(unit_title(account.plan.standard.spec.unit, language))
    for name in _INTERVAL_HEADINGS:
        is_text = name in ("region", "years")
        heading = say(language, f"terminal.intervals.{name}")
        shown.add_column(heading, justify="left" if is_text else "right")
    for row in rows.head(_MOST_INTERVALS).to_dict("records"):
        years = str(row["year"])
        positive = ""
        if row["from"]:  # a change
            years = f"{row['from']}-{row['to']}"
            positive = f"{row['p_positive']:.3f}"
        ranks = ""
        if row["rank_p025"] != "":
            ranks = f"{row['rank_p025']}-{row['rank_p975']}"
        region = region_label(str(row["region"]), account.plan.regions)
        cells = [escape(region.say(language)), years]
        for name in ("mean", "p025", "p975"):
            value = float(row[name])
            cells.append(number(value))
        cells += [positive, ranks]
        shown.add_row(*cells)
    hidden = len(rows) - _MOST_INTERVALS
    if hidden > 0:
        shown.caption = hidden_rows(hidden, "uncertainty.csv", language)
    return shown


def print_swings(analysis: SensitivityAnalysis) -> None:
    """Print the inputs that move a value most, in the language of the project.

    Parameters
    ----------
    analysis : SensitivityAnalysis
        Shown are the limits of each input, the result at them, and its Sobol indices if they were
        asked for.
    """
    language = analysis.project.language
    table = analysis.table
    title = say(
        language,
        "terminal.swings.title",
        title=analysis.title(language),
        unit=unit_title(analysis.unit, language),
    )
    shown = titled_table(title)
    for name in _SWING_HEADINGS:
        is_text = name == "input"
        heading = say(language, f"terminal.swings.{name}")
        shown.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    has_indices = bool(table["first"].notna().any())
    if has_indices:
        for name in _SOBOL_COLUMNS:
            heading = say(language, f"terminal.swings.{name}-order")
            shown.add_column(heading, justify="right")
    for row in table.head(_MOST_INPUTS).to_dict("records"):
        title = _input_title(str(row["input"]), analysis.account.plan, language)
        cells = [escape(title), str(row["rows"])]
        for name in _SWING_COLUMNS:
            value = float(row[name])
            cells.append(number(value))
        if has_indices:
            for name in _SOBOL_COLUMNS:
                cells.append(_index_cell(row, name))
        shown.add_row(*cells)
    hidden = len(table) - _MOST_INPUTS
    if hidden > 0:
        shown.caption = hidden_rows(hidden, "sensitivity.csv", language)
    for line in analysis.caption(language):
        print_line(line)
    console().print(shown)
    if analysis.out is not None:
        print_line(files_line(analysis.out, FILES, language))


def _input_title(name: str, plan: Plan, language: Language) -> str:
    """Return the name of an input with the titles of the regions and ecosystem types in it."""
    regions = set(plan.extent.regions)
    words = []
    for word in name.split(" "):
        if word == "area":
            words.append(say(language, "terminal.swings.area"))
        elif word in regions:
            words.append(region_label(word, plan.regions).say(language))
        elif word in plan.scheme.classes:
            words.append(plan.scheme.label(word).say(language))
        else:
            words.append(word)
    return " ".join(words)


def _index_cell(row: Mapping[str, Any], name: str) -> str:
    """Return a Sobol index with its interval; ``-`` where it is not known."""
    index = float(row[name])
    low = float(row[f"{name}_low"])
    high = float(row[f"{name}_high"])
    if np.isnan(index):
        return "-"
    return f"{index:.3f} [{low:.3f}, {high:.3f}]"
