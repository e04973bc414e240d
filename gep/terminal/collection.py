"""What the terminal shows of a collection: the counties, and the tables that need somebody's eye.

Of the files that ``gep.workflows.collect`` writes, the module chooses rows and columns; words for
codes and titles of identifiers are those of ``gep.report.collection_words``.
"""

import pandas as pd

from gep.account.lines import TOTAL
from gep.collection.jumps import OPEN
from gep.report.collection_words import CollectionWords
from gep.terminal.account import (
    cell,
    console,
    files_line,
    hidden_rows,
    print_caption,
    print_line,
    titled_table,
)
from gep.texts.catalogue import Label, Language, say, text
from gep.workflows.collect import FILES, CountyCollection

_MOST_ROWS = 40  # that are shown; the files hold all
_NEEDS_CARE = ("missing", "placeholder", "unreadable")  # statuses of completeness.csv
_COUNTY_COLUMNS = ("county", "run", "state", "sets", "switches", "price_basis", "problem")
_GAP_COLUMNS = ("county", "year", "kind", "name", "status", "missing", "cells", "note")
_REPLAY_COLUMNS = (
    "county",
    "year",
    "own",
    "common",
    "difference",
    "relative",
    "rank_own",
    "rank_common",
    "unit",
)
_EFFECT_COLUMNS = ("county", "year", "choice", "name", "own", "common", "effect", "unit")
_CONTROL_COLUMNS = (
    "region",
    "year",
    "name",
    "basis",
    "control",
    "sum",
    "difference",
    "relative",
    "flag",
    "regions",
    "unit",
    "source",
)
_JUMP_COLUMNS = (
    "county",
    "region",
    "from",
    "year",
    "category",
    "indicator",
    "value_from",
    "value",
    "growth",
    "threshold",
    "unit",
)
_RANK_COLUMNS = (
    "county",
    "year",
    "value",
    "rank",
    "best",
    "worst",
    "kept",
    "above_always",
    "below_always",
    "unit",
)


def print_collection(collection: CountyCollection, language: Language) -> None:
    """Print a collection: the common choice, what is missing, differs, or needs an explanation.

    Parameters
    ----------
    collection : CountyCollection
    language : {'zh', 'en'}
    """
    words = CollectionWords(collection.counties, collection.common, language)
    print_caption(words.heading, words.caption)
    tables = collection.tables
    gaps = tables["completeness.csv"]
    replays = tables["replayed.csv"]
    jumps = tables["jumps.csv"]
    is_gap = gaps["status"].isin(_NEEDS_CARE)
    is_total = replays["category"] == TOTAL
    is_total &= replays["region"] == ""
    is_open = jumps["status"] == OPEN
    shown = (
        ("counties.csv", tables["counties.csv"], _COUNTY_COLUMNS),
        ("completeness.csv", gaps[is_gap.to_numpy()], _GAP_COLUMNS),
        ("replayed.csv", replays[is_total.to_numpy()], _REPLAY_COLUMNS),
        ("moved.csv", words.with_prices(tables["moved.csv"]), _EFFECT_COLUMNS),
        ("controls.csv", tables["controls.csv"], _CONTROL_COLUMNS),
        ("jumps.csv", jumps[is_open.to_numpy()], _JUMP_COLUMNS),
        ("ranks.csv", tables["ranks.csv"], _RANK_COLUMNS),
    )
    for name, table, columns in shown:
        if not table.empty:
            _print_rows(name, table[list(columns)], words, language)
    print_line(files_line(collection.out, FILES, language))


def _print_rows(name: str, frame: pd.DataFrame, words: CollectionWords, language: Language) -> None:
    """Print the first rows of a table, codes in words, identifiers with their titles.

    Parameters
    ----------
    name : str
        File name of the table.
    frame : DataFrame
        The rows and columns to be shown.
    words : CollectionWords
    language : {'zh', 'en'}
    """
    stem = name.removesuffix(".csv")
    title = Label(name, text(f"terminal.table.{stem}"))
    table = titled_table(title.say(language))
    for column in frame.columns:
        heading = say(language, f"report.collected-column.{column}")
        table.add_column(heading, overflow="fold")
    for row in frame.head(_MOST_ROWS).itertuples(index=False):
        cells = []
        for column, value in zip(frame.columns, row, strict=True):
            is_text = isinstance(value, str) and value
            cells.append(words.say(column, value) if is_text else cell(value))
        table.add_row(*cells)
    hidden = len(frame) - _MOST_ROWS
    if hidden > 0:
        table.caption = hidden_rows(hidden, name, language)
    console().print(table)
