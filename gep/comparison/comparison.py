"""Comparisons (对比分析): accounts of several years compared, and the tables made of them.

``compare`` checks the years and takes the means for normal climate or moving means; the panel of
accounts on one boundary is left to ``panel``, each table to its own module.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise

import pandas as pd

from gep.account.account import Account
from gep.account.frames import as_numbers
from gep.account.lines import TOTAL
from gep.comparison.comparison_table import comparison_caption, comparison_table
from gep.comparison.decomposition import decomposition_table
from gep.comparison.land_change import transitions_table
from gep.comparison.normal_climate import moving_means
from gep.comparison.panel import Pair, Panel, build_panel
from gep.comparison.type_change import by_type_table, sensitivity_table
from gep.errors import ProblemLog
from gep.extent.region_changes import RegionChanges
from gep.extent.transitions import Transitions
from gep.io.argument_types import checked_arguments
from gep.io.notebook import html_table
from gep.texts.catalogue import Listed, locale_language

__all__ = ["Comparison", "Pair", "compare"]

# What a notebook shows of comparison.csv.
_SHOWN_COLUMNS = (
    "region",
    "category",
    "from",
    "to",
    "value_from",
    "value_to",
    "change",
    "growth",
    "contribution",
    "price_basis",
    "unit",
)
_YEARS_NAMED = 30  # years that a message names before it counts the rest


class Comparison(Panel):
    """Accounts of several years compared: a panel with its tables. Made by :func:`compare`.

    Examples
    --------
    >>> import gep
    >>> gep.compare(gep.read_project("examples/beibu-gulf").compute())
    <Comparison of xie-2015, 1999, 2006, 2014, ..., 1 region>
    """

    def _repr_html_(self) -> str:
        """Return the caption and the values of all regions, as a notebook shows them."""
        language = locale_language()
        table = self.table()
        is_sum = table["indicator"] == TOTAL
        rows = table[is_sum.to_numpy()] if is_sum.any() else table
        shown = rows[[name for name in _SHOWN_COLUMNS if rows[name].notna().any()]]
        caption = comparison_caption(self, language)
        return html_table(
            caption,
            shown,
            name=repr(self),
            whole=".table()",
            language=language,
        )

    def table(self) -> pd.DataFrame:
        """Return the rows of ``comparison.csv`` as numbers with a ``status``.

        See ``comparison_table`` and ``gep.account.frames.as_numbers``.
        """
        return as_numbers(comparison_table(self))

    def decomposition(self) -> pd.DataFrame:
        """Return the rows of ``decomposition.csv``, why each value changed.

        See ``decomposition_table``.
        """
        return as_numbers(decomposition_table(self)[0])

    def by_type(self) -> pd.DataFrame:
        """Return the rows of ``by_type.csv``: change and rate of each ecosystem type.

        See ``by_type_table``.
        """
        return as_numbers(by_type_table(self))

    def sensitivity_by_type(self) -> pd.DataFrame:
        """Return the rows of ``by_type_sensitivity.csv``: the total at unit values changed by half.

        See ``sensitivity_table``.
        """
        return as_numbers(sensitivity_table(self))

    @checked_arguments
    def transitions(self, transitions: Transitions | None = None) -> pd.DataFrame:
        """Return the rows of ``transitions.csv``, what land that changed its type did to value.

        Parameters
        ----------
        transitions : Transitions, optional
            Areas from type to type between the years; without them only net changes are known.

        Returns
        -------
        DataFrame
            See ``transitions_table``.
        """
        return as_numbers(transitions_table(self, transitions)[0])


def compare(
    *accounts: Account | Sequence[Account],
    pairs: Sequence[Pair] | None = None,
    allow: Collection[str] = (),
    changes: RegionChanges | None = None,
    normal: Mapping[int, Sequence[Account]] | None = None,
    moving_mean: int = 0,
) -> Comparison:
    """Compare accounts of different years on the boundary of the last year.

    Parameters
    ----------
    *accounts : Account or sequence of Account
        The accounts, one a year, in any order.
    pairs : sequence of (int, int), optional
        The years to compare, the earlier first. Default: each year with the next, and the first
        with the last. ``()`` puts the accounts side by side and compares none of them.
    allow : collection of str, default ()
        The aspects in which the accounts may differ: ``standard``, ``indicators``, ``switches``,
        ``prices``, ``tier``, ``classes``, ``boundary``. A difference that is allowed becomes a flag
        in every row; any other is refused.
    changes : RegionChanges, optional
        Dated changes of region codes, by which results of earlier years are mapped to the boundary
        of the last year.
    normal : mapping of int to sequence of Account, optional
        For each year the accounts under the weather of each reference year, made by
        ``normal_climate.under_reference_weather``. Their mean is the level at normal climate, and
        the table has its rows too.
    moving_mean : int, default 0
        Number of years (2 or more) whose mean up to each year is taken instead where ``normal`` is
        not given. Only years that have such a mean are compared.

    Returns
    -------
    Comparison

    Raises
    ------
    ProblemsFound
        ``same-year`` for two accounts of a year; ``missing-year`` for fewer than two years, or a
        pair with a year that has no account; ``bad-year`` for a pair that does not go forward;
        ``moving-mean`` for too few consecutive years; ``unknown-option`` for an aspect that does
        not exist; ``not-comparable`` for each difference that is not allowed; ``wrong-dimension``
        where the units of a line do not convert into each other.
    """
    problems = ProblemLog()
    listed: list[Account] = []
    for argument in accounts:
        listed += [argument] if isinstance(argument, Account) else argument
    listed.sort(key=lambda account: account.year)
    means: dict[int, tuple[Account, ...]] = {}
    climate = "actual"
    years = [account.year for account in listed]
    if normal:
        means = {year: tuple(members) for year, members in normal.items()}
        climate = "normal_climate"
    elif moving_mean:
        means = moving_means(listed, moving_mean)
        climate = "moving_mean"
        years = [year for year in years if year in means]
    _check_years(years, pairs, problems)
    problems.raise_errors()
    panel = build_panel(
        listed,
        pairs=default_pairs(years) if pairs is None else pairs,
        allow=allow,
        changes=changes,
        normal=means,
        climate=climate,
    )
    values = {item.name: getattr(panel, item.name) for item in fields(panel) if item.init}
    return Comparison(**values)


def default_pairs(years: Sequence[int]) -> list[Pair]:
    """Pair each year with the next, and the first with the last.

    Parameters
    ----------
    years : sequence of int
        In order.

    Returns
    -------
    list of (int, int)
    """
    pairs = list(pairwise(years))
    pairs.append((years[0], years[-1]))
    return list(dict.fromkeys(pairs))


def _check_years(years: Sequence[int], pairs: Sequence[Pair] | None, problems: ProblemLog) -> None:
    """Check that years can be compared, and that the chosen pairs are pairs of them.

    Parameters
    ----------
    years : sequence of int
        The years of the accounts; where moving means are compared, the years that have one.
    pairs : sequence of (int, int) or None
        The chosen pairs; None chooses none in particular.
    problems : ProblemLog
        Receives ``same-year``, ``missing-year`` and ``bad-year``.
    """
    named = Listed(tuple(years), _YEARS_NAMED)
    for year in sorted({year for year in years if years.count(year) > 1}):
        problems.add("same-year", str(year), "comparison.same-year", year=year)
    if not years and pairs != ():
        problems.add("missing-year", "years", "comparison.no-account")
    elif len(set(years)) < 2 and pairs != ():
        problems.add("missing-year", "years", "comparison.one-year", year=years[0])
    for pair in pairs or ():
        first, last = pair
        for year in pair:
            if year not in years:
                problems.add(
                    "missing-year",
                    "--from, --to",
                    "comparison.missing-year",
                    year=year,
                    years=named,
                )
        if first >= last:
            problems.add(
                "bad-year",
                "--from, --to",
                "comparison.years-backward",
                first=first,
                last=last,
            )
