"""What the terminal shows of a collection: the counties, and the tables that need somebody's eye.

Of the files that ``gep.workflows.collect`` writes, the module chooses rows and columns; codes are
put into words, and identifiers get their titles.
"""

from collections.abc import Mapping

import pandas as pd

from gep.account.caption import category_title, evidence_title, legal_title
from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.collection.counties import County
from gep.collection.jumps import OPEN
from gep.comparison.comparability import price_basis_text
from gep.extent.regions import region_label
from gep.plan.plan import TRIAL
from gep.standards.standard import CATEGORIES, StandardSpec
from gep.terminal.account import (
    cell,
    console,
    files_line,
    hidden_rows,
    print_caption,
    print_line,
    switch_labels,
    titled_table,
    unit_title,
)
from gep.texts.catalogue import Label, Language, Listed, has_key, join, say, text
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
_NAMES = ("population", "land_area", "areas", "project")  # in column name, of no standard
_CODES = ("run", "kind", "status", "choice", "basis", "flag")  # columns with codes that have words


def print_collection(collection: CountyCollection, language: Language) -> None:
    """Print a collection: the common choice, what is missing, differs, or needs an explanation.

    Parameters
    ----------
    collection : CountyCollection
    language : {'zh', 'en'}
    """
    heading, *lines = _head_lines(collection, language)
    print_caption(heading, lines)
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
        ("moved.csv", _word_prices(tables["moved.csv"], language), _EFFECT_COLUMNS),
        ("controls.csv", tables["controls.csv"], _CONTROL_COLUMNS),
        ("jumps.csv", jumps[is_open.to_numpy()], _JUMP_COLUMNS),
        ("ranks.csv", tables["ranks.csv"], _RANK_COLUMNS),
    )
    titles = _titles(collection, language)
    for name, table, columns in shown:
        if not table.empty:
            _print_rows(name, table[list(columns)], titles, language)
    print_line(files_line(collection.out, FILES, language))


def _head_lines(collection: CountyCollection, language: Language) -> list[str]:
    """Word how many counties were collected, and the common choice."""
    common = collection.common
    spec = common.standard.spec
    labels = tuple(coefficient_set.label for coefficient_set in common.sets)
    heading = say(
        language,
        "terminal.collection.heading",
        count=len(collection.counties.read),
        left_out=len(collection.counties.broken),
    )
    standard = say(
        language,
        "terminal.collection.standard",
        standard=Label(spec.id, spec.title),
        legal=legal_title(spec.legal, language),
        evidence=evidence_title(spec.evidence, language),
    )
    sets = Listed(labels, len(labels))
    lines = [heading, standard, say(language, "terminal.collection.sets", sets=sets)]
    if common.switches:
        switches = switch_labels(common.switches, spec)
        lines.append(say(language, "terminal.collection.switches", switches=switches))
    prices = price_basis_text(common.basis)
    lines.append(say(language, "terminal.collection.prices", prices=prices))
    return lines


def _titles(collection: CountyCollection, language: Language) -> dict[tuple[str, str], str]:
    """Return what identifiers are called, by column and identifier.

    Parameters
    ----------
    collection : CountyCollection
    language : {'zh', 'en'}

    Returns
    -------
    dict of (str, str) to str
        Of counties, of regions, and of what the columns ``name``, ``category`` and ``indicator``
        name: switches, data, indicators, categories.
    """
    titles: dict[tuple[str, str], str] = {}
    for county in collection.counties.read:
        header = county.project.spec.project
        label = Label(county.name, header.title)
        titles["county", county.name] = label.say(language)
        for code, region in _region_labels(county).items():
            titles["region", code] = region.say(language)
        county_standard = county.project.parts.standard
        titles |= _standard_titles(county_standard.spec, language)
    titles |= _standard_titles(collection.common.standard.spec, language)
    for category in (*CATEGORIES, TOTAL):
        for column in ("category", "indicator", "name"):
            titles[column, category] = category_title(category, language)
    for name in _NAMES:
        titles["name", name] = say(language, f"terminal.collection.name.{name}")
    return titles


def _region_labels(county: County) -> dict[str, Label]:
    """Return the regions and parents of a county with their names, by code."""
    regions = county.project.parts.regions
    codes = list(county.regions)
    if regions is not None:
        codes += map(str, regions.frame.index)
    return {code: region_label(code, regions) for code in codes}


def _standard_titles(spec: StandardSpec, language: Language) -> dict[tuple[str, str], str]:
    """Return what indicators, data and switches of a standard are called, by column and id."""
    titles = {}
    for indicator in spec.indicator:
        label = Label(indicator.id, indicator.name)
        titles["indicator", indicator.id] = label.say(language)
        titles["name", indicator.id] = label.say(language)
    for name, data in spec.data.items():
        label = Label(name, data.name)
        titles["name", name] = label.say(language)
    for name, switch in spec.switch.items():
        label = Label(name, switch.name)
        titles["name", name] = label.say(language)
    return titles


def _word_prices(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return ``moved.csv`` with the price bases that counties chose in words."""
    worded = table.copy()
    is_price = worded["choice"] == "prices"
    for column in ("own", "common"):
        words = [price_basis_text(basis).say(language) for basis in worded.loc[is_price, column]]
        worded.loc[is_price, column] = words
    return worded


def _print_rows(
    name: str, frame: pd.DataFrame, titles: Mapping[tuple[str, str], str], language: Language
) -> None:
    """Print the first rows of a table, codes in words, identifiers with their titles.

    Parameters
    ----------
    name : str
        File name of the table.
    frame : DataFrame
        The rows and columns to be shown.
    titles : mapping of (str, str) to str
        See :func:`_titles`.
    language : {'zh', 'en'}
    """
    stem = name.removesuffix(".csv")
    title = Label(name, text(f"terminal.table.{stem}"))
    table = titled_table(title.say(language))
    for column in frame.columns:
        heading = say(language, f"terminal.collection.column.{column}")
        table.add_column(heading, overflow="fold")
    for row in frame.head(_MOST_ROWS).itertuples(index=False):
        cells = []
        for column, value in zip(frame.columns, row, strict=True):
            words = _cell(column, value, titles, language)
            cells.append(words)
        table.add_row(*cells)
    hidden = len(frame) - _MOST_ROWS
    if hidden > 0:
        table.caption = hidden_rows(hidden, name, language)
    console().print(table)


def _cell(
    column: str, value: object, titles: Mapping[tuple[str, str], str], language: Language
) -> str:
    """Return a cell as it is printed.

    Parameters
    ----------
    column : str
    value : object
    titles : mapping of (str, str) to str
        See :func:`_titles`.
    language : {'zh', 'en'}

    Returns
    -------
    str
        Identifiers with titles; codes, problems, units and price bases in words; numbers rounded;
        anything else as it is.
    """
    if not isinstance(value, str) or not value:
        return cell(value)
    if (column, value) in titles:
        return titles[column, value]
    if value == NOT_COMPILED:
        return say(language, "terminal.account.not-compiled")
    if column == "unit":
        return unit_title(value, language)
    if column == "price_basis":
        return price_basis_text(value).say(language)
    if column == "state" and value == TRIAL:
        return say(language, "account.caption.trial")
    if column == "switches":
        return join(language, _switch_words(value, titles), _MOST_ROWS)
    if column in ("problem", "note"):
        return join(language, _problem_labels(value, language), _MOST_ROWS)
    if column in _CODES:
        choice, _, code = value.rpartition(":")
        key = f"terminal.collection.{column}.{code}"
        word = say(language, key) if has_key(language, key) else code
        return say(language, "terminal.collection.common-kind", kind=word) if choice else word
    return value


def _switch_words(cell_value: str, titles: Mapping[tuple[str, str], str]) -> list[str]:
    """Return switches, written ``name=option;name=option``, with their titles."""
    words = []
    for switch in cell_value.split(";"):
        name, _, option = switch.partition("=")
        title = titles.get(("name", name), name)
        words.append(f"{title} = {option}")
    return words


def _problem_labels(codes: str, language: Language) -> list[Label]:
    """Return codes of problems, joined by commas or semicolons, with their titles."""
    labels = []
    for code in codes.replace(",", ";").split(";"):
        name = code.strip()
        key = f"problem_titles.{name}"
        labels.append(Label(name, text(key) if has_key(language, key) else None))
    return labels
