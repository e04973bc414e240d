"""What pages and notebooks show (网页内容): sections with tables and charts, and explanations.

The module has no HTML; ``html_parts`` and ``gep.report.pages.page`` write it.
Words stay open to both languages, since a page can be switched between
them; a plain text is the same in both. Numbers are written once, as all tables of a page show them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gep.texts.catalogue import Language, Sayable

Words = Sayable | str
NO_NUMBER = ""  # shown where the tables of results are blank
_SMALLEST = 0.01  # below, three figures are written
_WHOLE_FROM = 1000  # and above, decimals say nothing


def word(words: Words, language: Language) -> str:
    """Return words in a language.

    Parameters
    ----------
    words : Sayable or str
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return words if isinstance(words, str) else words.say(language)


def number_words(value: float) -> str:
    """Write a number for people: four figures at least, thousands apart.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
        Blank if it is not finite.
    """
    if not math.isfinite(value):
        return NO_NUMBER
    size = abs(value)
    if 0 < size < _SMALLEST:
        return f"{value:.3g}"
    if size == 0 or size >= _WHOLE_FROM:
        return f"{value + 0.0:,.0f}"
    return f"{value:,.2f}" if size >= 1 else f"{value:,.4f}"


@dataclass(frozen=True)
class PageColumn:
    """A column of a table.

    Attributes
    ----------
    id : str
        Its name in the CSV file that the table shows.
    heading : Sayable or str
    is_number : bool
    is_filter : bool
        Whether its members are offered as a choice above the table.
    """

    id: str
    heading: Words
    is_number: bool = False
    is_filter: bool = False


@dataclass(frozen=True)
class PageCell:
    """A cell of a table.

    Attributes
    ----------
    shown : Sayable or str
        What is written in it.
    value : float or None
        The number as it is in the CSV, by which rows are sorted.
    opens : str
        Key of the explanation that a click opens; '' if there is none.
    """

    shown: Words
    value: float | None = None
    opens: str = ""


@dataclass(frozen=True)
class PageTable:
    """A table that can be sorted and filtered.

    Attributes
    ----------
    id : str
        Unique on the page; of letters, digits and hyphens.
    title : Sayable or str
    columns : sequence of PageColumn
        The first names the rows.
    rows : sequence of sequence of PageCell
    file : str
        The CSV file that holds the same numbers; '' if none does.
    unit : Sayable or str
        Of the numbers; '' where columns have their own.
    note : Sayable or str
        What is said of the table below its title, such as the state of its numbers.
    """

    id: str
    title: Words
    columns: Sequence[PageColumn]
    rows: Sequence[Sequence[PageCell]]
    file: str = ""
    unit: Words = ""
    note: Words = ""


@dataclass(frozen=True)
class PageChart:
    """A chart, drawn in the browser; a table on the same page tells the same numbers.

    Attributes
    ----------
    id : str
        Unique on the page.
    kind : {'map', 'bars', 'stacks', 'waterfall', 'intervals', 'flows', 'lines'}
    title : Sayable or str
    data : mapping
        What is drawn, see ``gep.report.pages.page``; words in it may be ``Sayable``.
    note : Sayable or str
        Below the chart: what it is not, its approval number.
    """

    id: str
    kind: Literal["map", "bars", "stacks", "waterfall", "intervals", "flows", "lines"]
    title: Words
    data: Mapping[str, Any]
    note: Words = ""


@dataclass(frozen=True)
class Headline:
    """A figure that stands at the top of a page.

    Attributes
    ----------
    label : Sayable or str
    figure : PageCell
    unit : Sayable or str
    notes : sequence of Sayable or str
        Interval, evidence, change: a line each.
    """

    label: Words
    figure: PageCell
    unit: Words
    notes: Sequence[Words] = ()


@dataclass(frozen=True)
class PageSection:
    """A part of a page with a heading.

    Attributes
    ----------
    id : str
        Its anchor.
    heading : Sayable or str
    lines : sequence of Sayable or str
        What is said first.
    charts : sequence of PageChart
    tables : sequence of PageTable
    """

    id: str
    heading: Words
    lines: Sequence[Words] = ()
    charts: Sequence[PageChart] = ()
    tables: Sequence[PageTable] = ()


@dataclass(frozen=True)
class PageExplanation:
    """How a number came about, prepared before the page is opened.

    Attributes
    ----------
    heading : Sayable or str
        What is explained, with the number.
    lines : sequence of Sayable or str
        A formula with its numbers, rules, sources: a line each.
    tables : sequence of PageTable
        Parts and rows; their cells may open further explanations.
    """

    heading: Words
    lines: Sequence[Words] = ()
    tables: Sequence[PageTable] = ()


@dataclass(frozen=True)
class ReportPage:
    """A page.

    Attributes
    ----------
    title : Sayable or str
    language : {'zh', 'en'}
        The language in which it opens.
    caption : sequence of Sayable or str
        What the result is and what it is not: state, standard, evidence.
    headlines : sequence of Headline
    sections : sequence of PageSection
    explanations : mapping of str to PageExplanation
        By the key that cells name.
    accounts : mapping
        The cells of accounts, from which the page itself makes the explanations whose keys begin
        with ``account:``; see ``gep.report.pages.account_cells``. Empty without accounts.
    footer : sequence of Sayable or str
        Software and version, files beside the page.
    """

    title: Words
    language: Language
    caption: Sequence[Words]
    headlines: Sequence[Headline] = ()
    sections: Sequence[PageSection] = ()
    explanations: Mapping[str, PageExplanation] = field(default_factory=dict)
    accounts: Mapping[str, Any] = field(default_factory=dict)
    footer: Sequence[Words] = ()


@dataclass(frozen=True)
class Fragment:
    """What a notebook shows of an object.

    Attributes
    ----------
    name : Sayable or str
        Its first line.
    lines : sequence of Sayable or str
    headlines : sequence of Headline
    tables : sequence of PageTable
    notes : sequence of Sayable or str
        Below the tables, such as how to see all of their rows.
    """

    name: Words = ""
    lines: Sequence[Words] = ()
    headlines: Sequence[Headline] = ()
    tables: Sequence[PageTable] = ()
    notes: Sequence[Words] = ()
