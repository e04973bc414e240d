"""Objects as a console and a notebook show them (显示): one line, and in HTML a table below it.

Owns the form only; which table says what an object is, each class decides.
"""

from collections.abc import Sequence
from html import escape

import pandas as pd

from gep.texts.catalogue import counted

_ROWS_SHOWN = 60  # rows of a table that a notebook shows


def html_table(lines: Sequence[str], frame: pd.DataFrame) -> str:
    """Return lines and a table as notebooks show them.

    Parameters
    ----------
    lines : sequence of str
        What is said above the table.
    frame : DataFrame

    Returns
    -------
    str
        HTML; the words are escaped.
    """
    words = "<br>".join(escape(line) for line in lines)
    return f"<p>{words}</p>{frame.to_html(max_rows=_ROWS_SHOWN, na_rep='')}"


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
        return html_table([repr(self)], self._shown_table())

    def _shown_size(self) -> str:
        """Return how much the object holds."""
        return counted(len(self._shown_table()), "row")

    def _shown_table(self) -> pd.DataFrame:
        """Return what the object holds: its rows."""
        rows: pd.DataFrame = getattr(self, "rows")  # noqa: B009 - of the dataclass
        return rows
