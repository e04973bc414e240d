"""Layouts of the tables of assessments that are handed in (表式): which columns, heads, formats.

The module owns ``assessment_layouts.toml``: for each table its columns in their order, how numbers
are written, what is summed, and how far the layout is official. Workbook, page and terminal arrange
tables by it. Words for codes are left to ``gep.report.assessment_workbook``.
"""

import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from gep.assessment.scheme import Assessment
from gep.io.toml_documents import Frozen, Title, TitleField
from gep.texts.catalogue import Language, Sayable, say, text

MISSED_TABLE = "missed"  # the binding targets that were missed
_FILE = Path(__file__).with_suffix(".toml")
_KEYS = ("region", "year", "indicator")  # by which columns of another table are joined
_NOT_NAMED = ("department", "sources")  # parts of a scheme whose ids are not those of its tables

# How the cells of a column are written: years and seeds as they are, amounts of money with their
# cents, points with two decimals, numbers of things whole, shares in percent, other numbers with
# the digits that they need.
NumberFormat = Literal["code", "money", "points", "count", "share", "number"]


class HandInLayout(Frozen):
    """The layout of a table that is handed in.

    Attributes
    ----------
    file : str
        Name of the table, or a pattern of names.
    status : str
        ``official`` where its issuer printed it and it was read whole, ``read`` where its columns
        were read in a text, ``ours`` where gep proposes it.
    rule : str
        Of the registers that have this layout; blank for all.
    name : Title, optional
        Above the table; by default the title of the sheet. ``{resource}`` is that of the file.
    source : Title, optional
        What it rests on.
    columns : tuple of str
        In their order.
    wide : bool
        Whether the table has columns of its own, headed in both languages, in place of these.
    terminal : tuple of str, optional
        Columns that the terminal shows, by default all; none if the table is not shown.
    joined : dict of str to str
        Columns that other tables have, with the name of the table.
    entries : tuple of str
        Columns that stay though they are blank, as offices fill them in.
    sums : tuple of str
        Columns that are summed by year.
    bold : dict of str to str
        Cells by which rows of totals are known.
    heads : dict of str to Title
        Heads other than those of the catalogue.
    formats : dict of str to str
        How numbers are written, other than for all tables.
    """

    file: str
    status: Literal["official", "read", "ours"]
    rule: str = ""
    name: TitleField | None = None
    source: TitleField | None = None
    columns: tuple[str, ...] = ()
    wide: bool = False
    terminal: tuple[str, ...] | None = None
    joined: dict[str, str] = Field(default_factory=dict)
    entries: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    bold: dict[str, str] = Field(default_factory=dict)
    heads: dict[str, TitleField] = Field(default_factory=dict)
    formats: dict[str, NumberFormat] = Field(default_factory=dict)

    def standing(self, language: Language) -> str:
        """Say how far the layout is official, and what it rests on."""
        key = f"report.hand-in.{self.status}"
        source = "" if self.source is None else self.source.say(language)
        return say(language, f"{key}-source" if source else key, source=source)


class _Layouts(Frozen):
    """The file of layouts."""

    formats: dict[str, NumberFormat]
    table: tuple[HandInLayout, ...]


@cache
def hand_in_layouts() -> tuple[HandInLayout, ...]:
    """Return all layouts, each with the formats of all its columns.

    Returns
    -------
    tuple of HandInLayout
    """
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    layouts = _Layouts.model_validate(content)
    completed = []
    for layout in layouts.table:
        formats = {**layouts.formats, **layout.formats}
        completed.append(layout.model_copy(update={"formats": formats}))
    return tuple(completed)


def layout_of(file: str, assessment: Assessment) -> HandInLayout:
    """Return the layout of a table; that of a table with its own columns if it is not known.

    Parameters
    ----------
    file : str
        Such as ``ranking.csv``; ``MISSED_TABLE`` for the binding targets that were missed.
    assessment : Assessment

    Returns
    -------
    HandInLayout
    """
    rule = getattr(assessment.scheme.spec, "rule", "")
    for layout in hand_in_layouts():
        if fnmatch(file, layout.file) and layout.rule in ("", rule):
            return layout
    return HandInLayout(file=file, status="ours", wide=True)


def arranged(layout: HandInLayout, table: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """Return a table with the columns of its layout, without those that are blank.

    Parameters
    ----------
    layout : HandInLayout
    table : DataFrame
        With the columns of the file.
    assessment : Assessment
        Has the tables from which columns are joined, and the units of indicators.

    Returns
    -------
    DataFrame
        The index is that of the table.
    """
    if layout.wide:
        return table
    columns = {}
    for name in layout.columns:
        if name in table:
            cells = table[name]
        elif name in layout.joined:
            cells = _joined(name, layout.joined[name], table, assessment)
        elif name == "unit" and "indicator" in table:
            cells = _units(table, assessment)
        else:
            continue
        if name in layout.entries or len(table) == 0 or _is_filled(cells):
            columns[name] = cells
    return pd.DataFrame(columns, index=table.index)


def shown_columns(layout: HandInLayout, table: pd.DataFrame) -> list[str]:
    """Return the columns of a table that the terminal shows.

    Parameters
    ----------
    layout : HandInLayout
    table : DataFrame
        Arranged by the layout.

    Returns
    -------
    list of str
    """
    columns = layout.columns if layout.terminal is None else layout.terminal
    return [name for name in columns if name in table]


def layout_title(layout: HandInLayout, file: str, assessment: Assessment) -> Sayable | None:
    """Return the title of a layout, with the name of the resource that its file is of.

    Parameters
    ----------
    layout : HandInLayout
    file : str
        Such as ``table_land.csv``.
    assessment : Assessment

    Returns
    -------
    Sayable or None
        None if the title is that of the sheet.
    """
    if layout.name is None:
        return None
    resource = Path(file).stem.partition("_")[2].removesuffix("_value")
    title = names_of(assessment).get(resource)
    words = {}
    for language in ("zh", "en"):
        said = resource if title is None else title.say(language)
        words[language] = layout.name.say(language).format(resource=said)
    return Title(**words)


def names_of(assessment: Assessment) -> Mapping[str, Sayable]:
    """Return the names of all that a scheme names: indicators, resources, classes, parts.

    Parameters
    ----------
    assessment : Assessment

    Returns
    -------
    mapping of str to Sayable
    """
    names: dict[str, Sayable] = {"total": text("page.assessment.total")}
    names.update(_named_parts(assessment.scheme.spec))
    names.update(assessment.names)
    return names


def _named_parts(part: object) -> Iterator[tuple[str, Title]]:
    """Yield the parts of a scheme that have a name, with their ids."""
    if isinstance(part, BaseModel):
        name = getattr(part, "name", None)
        identifier = getattr(part, "id", "")
        if identifier and isinstance(name, Title):
            yield identifier, name
        for field in type(part).model_fields:
            if field not in _NOT_NAMED:
                yield from _named_parts(getattr(part, field))
    elif isinstance(part, dict):
        for key, value in part.items():
            if isinstance(value, Title):
                yield key, value
            else:
                yield from _named_parts(value)
    elif isinstance(part, tuple):
        for member in part:
            yield from _named_parts(member)


def _joined(name: str, file: str, table: pd.DataFrame, assessment: Assessment) -> "pd.Series[str]":
    """Return a column of another table for the rows of a table; blank where it has none."""
    cells = [""] * len(table)
    other = assessment.tables.get(file)
    if other is not None and name in other:
        known = {}
        for *key, cell in other[[*_KEYS, name]].itertuples(index=False, name=None):
            known[tuple(key)] = cell
        keys = table[list(_KEYS)].itertuples(index=False, name=None)
        cells = [known.get(key, "") for key in keys]
    return pd.Series(cells, index=table.index, dtype=object)


def _units(table: pd.DataFrame, assessment: Assessment) -> "pd.Series[str]":
    """Return the units of the indicators of a table."""
    scheme = assessment.scheme
    units = {}
    for reading in scheme.kind.readings(scheme):
        units[reading.item] = reading.unit
    cells = [units.get(str(name), "") for name in table["indicator"]]
    return pd.Series(cells, index=table.index, dtype=object)


def _is_filled(cells: "pd.Series[str]") -> bool:
    """Return whether a column has a cell that is not blank."""
    is_blank = cells.isna() | (cells.astype(object) == "")
    return not bool(np.all(is_blank))
