"""The different cells of a column: a table of a million rows has few different texts.

What is done with a text is done once, however many rows have it, and a row holds a small integer in
its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

_PAIRS = 0.25  # for each row: up to so many pairs of words are worth to be told apart


def is_coded(cells: pd.Series | np.ndarray) -> bool:
    """Return whether a column keeps its texts as categories.

    Parameters
    ----------
    cells : Series or ndarray

    Returns
    -------
    bool
    """
    return isinstance(cells.dtype, pd.CategoricalDtype)


@dataclass
class Distinct:
    """The different cells of a column, and where each of them is.

    Attributes
    ----------
    codes : ndarray of int
        For each row the position of its cell in ``words``, as an integer of few bytes.
    words : ndarray of str
        The different cells, in the order in which they occur; None or NaN where a column has no
        value.
    """

    codes: np.ndarray
    words: np.ndarray
    _order: np.ndarray | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    @classmethod
    def of(cls, cells: pd.Series | np.ndarray) -> "Distinct":
        """Return the different cells of a column of texts, categories or numbers."""
        values = cells if is_coded(cells) else np.asarray(cells)
        codes, words = pd.factorize(values, use_na_sentinel=False)
        return cls(codes.astype(_integer_for(len(words))), np.asarray(words))

    @classmethod
    def same(cls, word: str, rows: int) -> "Distinct":
        """Return a column that has one text in all rows."""
        words = np.array([word] if rows else [], dtype=object)
        return cls(np.zeros(rows, dtype=np.int8), words)

    @classmethod
    def join(cls, parts: Sequence["Distinct"]) -> "Distinct":
        """Return the column whose rows are those of several, one below the other."""
        words = cls.of(np.concatenate([part.words for part in parts]))
        codes = np.empty(sum(len(part.codes) for part in parts), dtype=words.codes.dtype)
        row = word = 0
        for part in parts:
            recoded = words.codes[word : word + len(part.words)]
            codes[row : row + len(part.codes)] = recoded[part.codes]
            row += len(part.codes)
            word += len(part.words)
        return cls(codes, words.words)

    def positions(self, code: int) -> np.ndarray:
        """Return the positions of the rows with one of the cells."""
        if self._order is None:
            self._order = np.argsort(self.codes, kind="stable")
            self._ends = np.cumsum(np.bincount(self.codes, minlength=len(self.words)))
        start = self._ends[code - 1] if code else 0
        return self._order[start : self._ends[code]]

    def stripped(self) -> "Distinct":
        """Return the column without blanks around its cells."""
        words = np.array([str(word).strip() for word in self.words], dtype=object)
        different = Distinct.of(words)
        if len(different.words) == len(words):
            return Distinct(self.codes, words)
        return Distinct(different.codes[self.codes], different.words)

    def has_few_pairs(self, other: "Distinct") -> bool:
        """Return whether few pairs can occur of a cell and the one of another column beside it."""
        count = len(self.words)
        count_of_other = len(other.words)
        if count == 1 or count_of_other == 1:
            return True
        return count * count_of_other <= len(self) * _PAIRS

    def followed_by(self, other: "Distinct") -> "Distinct":
        """Return the texts, each followed by the one of another column in its row."""
        if len(self.words) == 1:
            return Distinct(other.codes, self.words + other.words)
        if len(other.words) == 1:
            return Distinct(self.codes, self.words + other.words)
        if not self.has_few_pairs(other):
            texts = self.cells() + other.cells()
            return Distinct(np.arange(len(texts)), texts)
        width = len(other.words)
        pairs = self.codes.astype(int) * width + other.codes
        occurs = np.zeros(len(self.words) * width, dtype=bool)
        occurs[pairs] = True
        positions = np.cumsum(occurs) - 1
        codes = positions[pairs]
        first, second = np.divmod(np.flatnonzero(occurs), width)
        words = self.words[first] + other.words[second]
        return Distinct(codes, words)

    def cells(self) -> np.ndarray:
        """Return the cell of each row."""
        return np.asarray(self.words[self.codes])

    def categories(self) -> pd.Categorical:
        """Return the column with its texts as categories."""
        words = pd.Index(self.words, dtype=object)
        return pd.Categorical.from_codes(self.codes, words, validate=False)


@dataclass
class Cells:
    """The cells of a table as text, given by column or as a frame; each is made from the other.

    They never change.

    Attributes
    ----------
    rows : ndarray of int
        The number of each row, as a spreadsheet shows it.
    columns : dict of str to Distinct
        The columns by name; those of a frame are found when they are asked for.
    given : DataFrame or None
        The frame, with the column ``row``.
    """

    rows: np.ndarray
    columns: dict[str, Distinct] = field(default_factory=dict)
    given: pd.DataFrame | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Cells":
        """Return the cells of a frame with the column ``row``."""
        return cls(frame["row"].to_numpy(), given=frame)

    @classmethod
    def stripped(cls, columns: Mapping[str, Distinct], rows: np.ndarray) -> "Cells":
        """Return the cells of columns without blanks around them; rows that are all blank go."""
        cells = cls(rows, {name: column.stripped() for name, column in columns.items()})
        is_filled = np.zeros(len(rows), dtype=bool)
        for column in cells.columns.values():
            is_filled |= (column.words != "")[column.codes]
        if is_filled.all():
            return cells
        return cls.of(cells.frame[is_filled].reset_index(drop=True))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns as str, and the integer column ``row``."""
        if self.given is not None:
            return self.given
        # in one block of memory: rows are chosen from it much faster than from one for each column
        block = np.empty((len(self.columns), len(self.rows)), dtype=object)
        for position, column in enumerate(self.columns.values()):
            block[position] = column.cells()
        frame = pd.DataFrame(block.T, columns=list(self.columns), dtype=object)
        frame["row"] = self.rows
        return frame

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns if self.given is None else self.given.columns.drop("row"))

    def column(self, name: str) -> Distinct:
        """Return a column; all its cells are blank if the table does not have it."""
        if name not in self.columns:
            is_given = self.given is not None and name in self.given
            blank = Distinct.same("", len(self.rows))
            self.columns[name] = Distinct.of(self.frame[name]) if is_given else blank
        return self.columns[name]


def _integer_for(count: int) -> np.dtype:
    """Return the smallest type of integers that can number ``count`` words, and be -1."""
    return np.min_scalar_type(-count - 1)
