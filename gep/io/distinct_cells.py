"""The different cells of a column: a table of a million rows has few different texts.

What is done with a text is done once, however many rows have it, and a row holds a small integer in
its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

_CACHED = 1024  # texts of columns that have one
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


def distinct_cells(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, "Distinct"]:
    """Return the different cells of columns of a frame.

    Parameters
    ----------
    frame : DataFrame
    names : iterable of str

    Returns
    -------
    dict of str to Distinct
        By name of the column.
    """
    return {name: Distinct.of(frame[name]) for name in names}


def is_blank(cells: pd.Series) -> bool:
    """Return whether a column has no text in any row.

    Parameters
    ----------
    cells : Series

    Returns
    -------
    bool
    """
    if not is_coded(cells):
        return not (cells.to_numpy() != "").any()
    if cells.array.categories.tolist() == [""]:
        return True
    return not any(Distinct.of(cells).words)


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
        if is_coded(cells):
            return cls._of_categories(cells.array if isinstance(cells, pd.Series) else cells)
        codes, words = pd.factorize(np.asarray(cells), use_na_sentinel=False)
        integer = _integer_for(len(words))
        return cls(
            codes=codes.astype(integer),
            words=np.asarray(words),
        )

    @classmethod
    def _of_categories(cls, cells: pd.Categorical) -> "Distinct":
        """Return the different cells of categories, some of which may not occur."""
        words = np.asarray(cells.categories)
        if len(words) == 1 and len(cells) and (cells.codes == 0).all():
            return cls(cells.codes, words)
        codes, used = pd.factorize(cells.codes)
        if (used < 0).any():  # no value
            words = np.append(words.astype(object), np.nan)
        return cls(codes.astype(_integer_for(len(used))), words[used])

    @classmethod
    def same(cls, word: str, rows: int) -> "Distinct":
        """Return a column that has one text in all rows."""
        codes = np.zeros(rows, dtype=np.int8)
        words = [word] if rows else []
        return cls(codes, np.array(words, dtype=object))

    @classmethod
    def join(cls, parts: Sequence["Distinct"]) -> "Distinct":
        """Return the column whose rows are those of several, one below the other."""
        all_words = [part.words for part in parts]
        word = all_words[0][0] if len(all_words[0]) else ""
        if all(words.tolist() == [word] for words in all_words):
            return cls.same(word, sum(map(len, parts)))
        different = cls.of(np.concatenate(all_words))
        joined = []
        start = 0
        for part in parts:
            end = start + len(part.words)
            codes = different.codes[start:end]
            joined.append(codes[part.codes])
            start = end
        return cls(
            codes=np.concatenate(joined),
            words=different.words,
        )

    def positions(self, code: int) -> np.ndarray:
        """Return the positions of the rows with one of the cells."""
        if self._order is None:
            count = len(self.words)
            rows_of_words = np.bincount(self.codes, minlength=count)
            self._order = np.argsort(self.codes, kind="stable")
            self._ends = np.cumsum(rows_of_words)
        end = self._ends[code]
        start = 0
        if code:
            start = self._ends[code - 1]
        return self._order[start:end]

    def stripped(self) -> "Distinct":
        """Return the column without blanks around its cells."""
        stripped = [str(word).strip() for word in self.words]
        return self.with_words(stripped)

    def with_words(self, words: Sequence[str]) -> "Distinct":
        """Return the column with other texts in the place of its own; some may become the same."""
        places: dict[str, int] = {}
        codes = [places.setdefault(word, len(places)) for word in words]
        integer = _integer_for(len(places))
        return Distinct(
            codes=np.array(codes, dtype=integer)[self.codes],
            words=np.array(list(places), dtype=object),
        )

    def has_few_pairs(self, other: "Distinct") -> bool:
        """Return whether few pairs can occur of a cell and the one of another column beside it."""
        count = len(self.words)
        count_of_other = len(other.words)
        if count == 1 or count_of_other == 1:
            return True
        return count * count_of_other <= len(self) * _PAIRS

    def followed_by(self, other: "Distinct") -> "Distinct":
        """Return the texts, each followed by the one of another column in its row."""
        width = len(other.words)
        count = len(self.words)
        if count == 1:
            return Distinct(other.codes, self.words + other.words)
        if width == 1:
            return Distinct(self.codes, self.words + other.words)
        if not self.has_few_pairs(other):
            texts = self.cells() + other.cells()
            return Distinct(np.arange(len(texts)), texts)
        pairs = self.codes.astype(int) * width
        pairs += other.codes
        occurs = np.zeros(count * width, dtype=bool)
        occurs[pairs] = True
        positions = np.cumsum(occurs) - 1
        occurring = np.flatnonzero(occurs)
        first, second = np.divmod(occurring, width)
        return Distinct(
            codes=positions[pairs],
            words=self.words[first] + other.words[second],
        )

    def cells(self) -> np.ndarray:
        """Return the cell of each row."""
        return np.asarray(self.words[self.codes])

    def categories(self) -> pd.Categorical:
        """Return the column with its texts as categories."""
        if len(self.words) == 1:
            dtype = _one_category(self.words[0])
        else:
            dtype = pd.CategoricalDtype(pd.Index(self.words, dtype=object))
        return pd.Categorical.from_codes(self.codes, dtype=dtype, validate=False)


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
        stripped = {}
        is_filled = np.zeros(len(rows), dtype=bool)
        for name, column in columns.items():
            stripped[name] = column.stripped()
            is_word = stripped[name].words != ""
            is_filled |= is_word[stripped[name].codes]
        cells = cls(rows, stripped)
        if is_filled.all():
            return cells
        frame = cells.frame[is_filled]
        return cls.of(frame.reset_index(drop=True))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns as str, and the integer column ``row``."""
        if self.given is not None:
            return self.given
        # in one block of memory: rows are chosen from it much faster than from one for each column
        block = np.empty((len(self.columns), len(self.rows)), dtype=object)
        for position, column in enumerate(self.columns.values()):
            block[position] = column.cells()
        # names as objects: those in memory of Arrow would be copied with every column that is added
        names = pd.Index(list(self.columns), dtype=object)
        frame = pd.DataFrame(block.T, columns=names, dtype=object)
        frame["row"] = self.rows
        return frame

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        if self.given is None:
            return list(self.columns)
        return list(self.given.columns.drop("row"))

    def column(self, name: str) -> Distinct:
        """Return a column; all its cells are blank if the table does not have it."""
        if name in self.columns:
            return self.columns[name]
        if self.given is None or name not in self.given:
            return Distinct.same("", len(self.rows))
        self.columns[name] = Distinct.of(self.given[name])
        return self.columns[name]


@lru_cache(maxsize=_CACHED)
def _one_category(word: str) -> pd.CategoricalDtype:
    """Return the categories of a column that has one text in all rows, as most have."""
    return pd.CategoricalDtype(pd.Index([word], dtype=object))


def _integer_for(count: int) -> np.dtype:
    """Return the smallest type of integers that can number ``count`` words, and be -1."""
    return np.min_scalar_type(-count - 1)
