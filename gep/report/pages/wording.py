"""Words and numbers of report pages (报告页用语): in both languages, figures for people.

Owns how a number of a CSV file is written on a page; what is said about it, each page decides.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.io.page_content import NO_NUMBER, PageCell, Words, number_words, word
from gep.plan.blank_form import spoken
from gep.texts.catalogue import Language, text
from gep.units import canonical

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class BothWords:
    """Words that are known in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """Return the words in a language."""
        return self.zh if language == "zh" else self.en


def in_both(say: Callable[[Language], str]) -> Words:
    """Word something in both languages.

    Parameters
    ----------
    say : callable
        Takes a language and returns the words.

    Returns
    -------
    Sayable or str
        A plain text where both languages have the same.
    """
    return both_words(say("zh"), say("en"))


def both_words(zh: str, en: str) -> Words:
    """Return words that are known in both languages.

    Parameters
    ----------
    zh, en : str

    Returns
    -------
    Sayable or str
        A plain text where both are the same.
    """
    return zh if zh == en else BothWords(zh, en)


def joined_words(parts: Iterable[Words], separator: Words = " · ") -> Words:
    """Join words to one text.

    Parameters
    ----------
    parts : iterable of Sayable or str
        Blank ones are left out.
    separator : Sayable or str

    Returns
    -------
    Sayable or str
    """
    listed = list(parts)

    def join(language: Language) -> str:
        said = [word(part, language) for part in listed]
        return word(separator, language).join(filter(None, said))

    return in_both(join)


def unit_words(unit: str) -> Words:
    """Return a unit as people write it: ``10^4 CNY`` is 万元 in Chinese.

    Parameters
    ----------
    unit : str

    Returns
    -------
    Sayable or str
    """
    return in_both(lambda language: spoken(canonical(unit), language))


def exact_words(value: float) -> str:
    """Write a number with ten figures, as explanations do.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    return f"{value:,.10g}" if math.isfinite(value) else NO_NUMBER


def percent_words(share: float, *, signed: bool = False) -> str:
    """Write a fraction in percent with two decimals.

    Parameters
    ----------
    share : float
    signed : bool, default False
        Whether a positive one has its sign.

    Returns
    -------
    str
        Blank if it is not finite.
    """
    if not math.isfinite(share):
        return NO_NUMBER
    return f"{share * _PERCENT:+,.2f} %" if signed else f"{share * _PERCENT:,.2f} %"


def signed_percent(share: float) -> str:
    """Write a growth in percent, with its sign.

    Parameters
    ----------
    share : float

    Returns
    -------
    str
    """
    return percent_words(share, signed=True)


def figure_of(cell: object) -> float:
    """Return the number in a cell of a result table.

    Parameters
    ----------
    cell : object
        A number, or a text such as ``na``, ``not_compiled`` or nothing.

    Returns
    -------
    float
        NaN for a text.
    """
    is_number = isinstance(cell, int | float | np.number) and not isinstance(cell, bool)
    return float(cell) if is_number else math.nan  # type: ignore[arg-type]


def figure_cell(
    cell: object, opens: str = "", write: Callable[[float], str] = number_words
) -> PageCell:
    """Make the cell of a number of a result table.

    Parameters
    ----------
    cell : object
        As it is in the table.
    opens : str, optional
        Key of its explanation; not taken where there is no number to explain.
    write : callable, optional
        Writes the number.

    Returns
    -------
    PageCell
        Without a value where the table has a word, which is worded, or nothing.
    """
    value = figure_of(cell)
    if math.isfinite(value):
        return PageCell(write(value), value, opens)
    status = "" if cell is None or isinstance(cell, float) else str(cell)
    if status in ("na", "not_compiled"):
        return PageCell(text(f"page.cell.{status}"))
    return PageCell(status or NO_NUMBER)


def first_of(
    table: pd.DataFrame, ranks: Mapping[int, pd.Series], most: int
) -> tuple[pd.DataFrame, int]:
    """Choose the rows of a table that a page shows.

    Parameters
    ----------
    table : DataFrame
    ranks : mapping of int to Series of bool
        Rows that come first, by how early; the smaller the number, the earlier.
    most : int
        Number of rows that are shown.

    Returns
    -------
    rows : DataFrame
        In the order of the table.
    left_out : int
    """
    if len(table) <= most:
        return table, 0
    order = np.full(len(table), len(ranks) + max(ranks, default=0))
    for rank in sorted(ranks, reverse=True):
        order[ranks[rank].to_numpy(dtype=bool)] = rank
    first = np.sort(np.argsort(order, kind="stable")[:most])
    return table.iloc[first], len(table) - most
