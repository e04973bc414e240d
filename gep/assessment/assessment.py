"""An assessment (考核结果): a scheme applied, its tables in firm columns, and how each number of them came about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from gep.assessment.context import Reading
from gep.assessment.scheme import Scheme
from gep.errors import Problem

Working = Callable[[str, int, str, str], list[str]]  # region, year, item, language -> lines


def _unexplained(region: str, year: int, item: str, language: str) -> list[str]:
    return []


@dataclass(frozen=True)
class Assessment:
    """A scheme and its result tables by file name (``scores.csv`` -> rows).

    ``working`` tells a number in lines: its rule, readings and rows; ``behind`` names the account's indicator that a
    number rests on, which can be explained further.
    """

    scheme: Scheme
    tables: Mapping[str, pd.DataFrame]
    working: Working = _unexplained
    behind: Mapping[str, Reading] = field(default_factory=dict)  # item -> what it reads of the account
    warnings: tuple[Problem, ...] = ()
    caption: tuple[tuple[str, str], ...] = ()  # lines zh, en that stand under every table
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # indicator -> its name zh, en
