"""Objects as a console and a notebook show them (显示): one line, and in HTML a table below it.

Owns the form only; which table says what an object is, each class decides. The HTML is made from
the templates of report pages.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.io.page_content import Fragment, PageCell, PageColumn, PageTable, number_words
from gep.texts.catalogue import Language, counted, locale_language, text

_ROWS_SHOWN = 60  # rows of a table that a notebook shows


def html_table(
    lines: Sequence[str],
    frame: pd.DataFrame,
    *,
    name: str = "",
    whole: str = "",
    language: Language | None = None,
) -> str:
    """Return lines and the first rows of a table as notebooks show them.

    Parameters
    ----------
    lines : sequence of str
        What is said above the table.
    frame : DataFrame
    name : str, optional
        What is shown, above the lines.
    whole : str, optional
        What gives all rows, such as ``account.frame()``.
    language : {'zh', 'en'}, optional
        The language of the user's system by default.

    Returns
    -------
    str
        HTML; the words are escaped.
    """
    from gep.io.html_parts import fragment_html  # templates take a while

    rows = frame.head(_ROWS_SHOWN)
    notes = []
    if len(rows) < len(frame):
        values = {"shown": len(rows), "count": len(frame), "whole": whole}
        notes.append(text("io.rows-shown-of" if whole else "io.rows-shown", **values))
    tables = [frame_table(rows)] if len(frame.columns) else []
    fragment = Fragment(name, lines, tables=tables, notes=notes)
    return fragment_html(fragment, language or locale_language())


def frame_table(frame: pd.DataFrame) -> PageTable:
    """Return a frame as a table: its columns by their names, numbers as people write them.

    Parameters
    ----------
    frame : DataFrame
        An index that has a name comes first.

    Returns
    -------
    PageTable
    """
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    columns = []
    shown = []
    for position, name in enumerate(frame.columns):
        cells = frame.iloc[:, position]
        is_number = pd.api.types.is_numeric_dtype(cells) and cells.dtype != bool
        heading = " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        columns.append(PageColumn(heading, heading, is_number))
        shown.append([_cell(cell) for cell in cells])
    rows = list(zip(*shown, strict=True))
    return PageTable("frame", "", columns, rows)


def _cell(value: object) -> PageCell:
    """Return a cell of a frame; one without a number is blank."""
    if isinstance(value, float | np.floating):
        return PageCell(number_words(float(value)))
    if value is None or value is pd.NA or value is pd.NaT:
        return PageCell("")
    return PageCell(str(value))


class ShownAsTable:
    """An object that a console shows as a line, and a notebook as a line and a table.

    Dataclasses that inherit from it are made with ``repr=False``. Each says in ``_shown_size`` how
    much it holds, and in ``_shown_table`` what it holds.
    """

    def __repr__(self) -> str:
        """Return a line: the kind of object, and how much it holds."""
        return f"<{type(self).__name__}: {self._shown_size()}>"

    def _repr_html_(self) -> str:
        """Return the line and the table, as a notebook shows them."""
        return html_table(
            self._shown_lines(), self._shown_table(), name=repr(self), whole=self._shown_whole()
        )

    def _shown_size(self) -> str:
        """Return how much the object holds."""
        return counted(len(self._shown_table()), "row")

    def _shown_lines(self) -> Sequence[str]:
        """Return what is said above the table."""
        return ()

    def _shown_whole(self) -> str:
        """Return what gives the whole table; blank if nothing does."""
        return "" if type(self)._shown_table is not ShownAsTable._shown_table else ".rows"

    def _shown_table(self) -> pd.DataFrame:
        """Return what the object holds: its rows."""
        rows: pd.DataFrame = getattr(self, "rows")  # noqa: B009 - of the dataclass
        return rows
