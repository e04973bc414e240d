"""Texts of a column of which many rows have the same (重复文字): each is worked on once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_PAIRS = 0.25  # for each row: up to so many pairs of words are worth to be told apart


@dataclass(frozen=True)
class CodedTexts:
    """The texts of the rows of a column: words, and the position of each row's word.

    Attributes
    ----------
    codes : ndarray of int, row
        Positions in ``words``.
    words : ndarray of str
        Each text once; None or NaN where a column has no value. Not all of them need to occur.
    """

    codes: np.ndarray
    words: np.ndarray

    @classmethod
    def of(cls, column: pd.Series) -> "CodedTexts":
        """Make it of a column of texts.

        Parameters
        ----------
        column : Series
            Of texts or categories, with gaps or without.

        Returns
        -------
        CodedTexts
        """
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy(dtype=int)
            words = column.cat.categories.to_numpy(dtype=object)
            if (codes < 0).any():
                gap = np.array([None], dtype=object)
                words = np.concatenate([words, gap])  # the last: the code of a gap is -1
            return cls(codes, words)
        texts = column.to_numpy(dtype=object)
        may_be_same = len(texts) > 0 and texts[0] is texts[-1]
        if may_be_same and not column.hasnans:  # pd.NA cannot be compared
            first = texts[0]
            if (texts == first).all():  # which takes less time than to tell words apart
                return cls.same(first, len(texts))
        codes, words = pd.factorize(texts, use_na_sentinel=False)
        return cls(codes, words)

    @classmethod
    def same(cls, text: str, count: int) -> "CodedTexts":
        """Make it of one text that so many rows have.

        Parameters
        ----------
        text : str
        count : int
            The number of rows.

        Returns
        -------
        CodedTexts
        """
        codes = np.zeros(count, dtype=int)
        return cls(codes, np.array([text], dtype=object))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def texts(self) -> np.ndarray:
        """Return the text of each row.

        Returns
        -------
        ndarray of str
        """
        return np.asarray(self.words[self.codes])

    def has_few_pairs(self, other: "CodedTexts") -> bool:
        """Return whether few pairs can occur of a text and the one of the other beside it.

        Parameters
        ----------
        other : CodedTexts
            Of as many rows.

        Returns
        -------
        bool
        """
        count = len(self.words)
        count_of_other = len(other.words)
        if count == 1 or count_of_other == 1:
            return True
        return count * count_of_other <= len(self) * _PAIRS

    def followed_by(self, other: "CodedTexts") -> "CodedTexts":
        """Return the texts, each followed by the one of the other in its row.

        Parameters
        ----------
        other : CodedTexts
            Of as many rows.

        Returns
        -------
        CodedTexts
        """
        if len(self.words) == 1:
            return CodedTexts(other.codes, self.words + other.words)
        if len(other.words) == 1:
            return CodedTexts(self.codes, self.words + other.words)
        if not self.has_few_pairs(other):
            texts = self.texts() + other.texts()
            return CodedTexts(np.arange(len(texts)), texts)
        width = len(other.words)
        pairs = self.codes * width + other.codes
        occurs = np.zeros(len(self.words) * width, dtype=bool)
        occurs[pairs] = True
        positions = np.cumsum(occurs) - 1
        codes = positions[pairs]
        first, second = np.divmod(np.flatnonzero(occurs), width)
        words = self.words[first] + other.words[second]
        return CodedTexts(codes, words)
