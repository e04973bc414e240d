"""The result of a Monte Carlo simulation (不确定性结果): intervals, probabilities, ranks.

This module owns the tables ``uncertainty.csv`` and ``pairwise.csv``, what must be stated with them,
and the counts of ranks. ``gep.uncertainty.monte_carlo`` computes the numbers.

All samples of a draw belong together (common random numbers), so that one region can exceed another
in every draw although their intervals overlap. Ranks are 1, 2, 2, 4 by value, the largest first;
quantiles of ranks are ranks that occur.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gep.account.frames import as_numbers
from gep.account.ranking import integer_ranks
from gep.io.notebook import ShownAsTable
from gep.texts.catalogue import counted

UNCERTAINTY_COLUMNS = [
    "year",
    "region",
    "level",
    "category",
    "indicator",
    "item",
    "from",
    "to",
    "mean",
    "sd",
    "p025",
    "p050",
    "p500",
    "p950",
    "p975",
    "p_positive",
    "rank_p025",
    "rank_p975",
    "unit",
]
PAIRWISE_COLUMNS = ["year", "region_a", "region_b", "probability"]
QUANTILES = {"p025": 0.025, "p050": 0.05, "p500": 0.5, "p950": 0.95, "p975": 0.975}

_MOST_PAIRED = 300  # members of a group: pairs of more would be too many rows
_RANK_QUANTILES = (25, 975)  # thousandths, so that comparisons with counts are exact
_RANKS_AT_ONCE = 1 << 18  # ranks counted at a time, which bounds memory


@dataclass
class RankCounts:
    """Counts of ranks over the draws of one year, within a group of regions or parents.

    Attributes
    ----------
    members : ndarray of int
        Positions of the members among all regions and parents.
    draws : int
        Number of draws counted.
    ranks : ndarray of int
        Member x rank: in how many draws a member has a rank.
    wins : ndarray of int or None
        Member x member: in how many draws the first exceeds the second; None for groups of more
        than 300 members.
    """

    members: np.ndarray
    draws: int = 0
    ranks: np.ndarray = field(init=False)
    wins: np.ndarray | None = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.members)
        shape = (size, size)
        self.ranks = np.zeros(shape, dtype=np.uint32)
        self.wins = None
        if size <= _MOST_PAIRED:
            self.wins = np.zeros(shape, dtype=np.uint32)

    def add(self, values: np.ndarray) -> None:
        """Count more draws; ``values`` is member x draw, in one unit."""
        size, draws = values.shape
        draws_at_once = _RANKS_AT_ONCE // max(1, size)
        draws_at_once = max(1, draws_at_once)
        members = np.arange(size)
        first_cell = members[:, None] * size  # of each member in the flat counts
        for start in range(0, draws, draws_at_once):
            stop = start + draws_at_once
            ranks = integer_ranks(values[:, start:stop], axis=0)
            cells = first_cell + ranks - 1
            counts = np.bincount(cells.ravel(), minlength=size * size)
            counts = counts.reshape(size, size)
            self.ranks += counts.astype(np.uint32)
        if self.wins is not None:
            for member in range(size):
                exceeds = values[member] > values
                counts = exceeds.sum(axis=1)
                self.wins[member] += counts.astype(np.uint32)
        self.draws += draws

    def interval(self) -> np.ndarray:
        """Return the 2.5 % and 97.5 % quantiles of ranks, 2 x member: ranks that occur."""
        cumulated = np.cumsum(self.ranks, axis=1, dtype=np.int64)
        limits = []
        for quantile in _RANK_QUANTILES:
            is_reached = cumulated * 1000 >= quantile * self.draws
            first_reached = is_reached.argmax(axis=1)
            limits.append(first_reached + 1)
        return np.stack(limits)

    def probabilities(self) -> np.ndarray | None:
        """Return P(row > column), NaN on the diagonal; None where pairs are not counted."""
        if self.wins is None:
            return None
        probabilities = self.wins / self.draws
        np.fill_diagonal(probabilities, np.nan)
        return np.asarray(probabilities)


@dataclass(frozen=True, repr=False)
class Uncertainty(ShownAsTable):
    """The result of a Monte Carlo simulation of accounts: levels of years, and changes.

    Arrays are period x region x line. Periods are the years, then the changes of ``pairs``; regions
    are followed by parents. Numbers are in the unit of their line.

    Attributes
    ----------
    draws, seed, batches : int
        How samples were made.
    rows_sampled, rows_used : int
        Number of uncertain rows, and of all rows that are used.
    years : tuple of int
        Years of the accounts.
    pairs : tuple of (int, int)
        First and last year of each change.
    codes : tuple of str
        Codes of the regions, then of their parents.
    region_count : int
        How many of the codes are regions.
    lines : DataFrame
        The lines, with the columns of ``gep.account.lines.LINE_COLUMNS``.
    headline_indicators : tuple of str
        Indicators whose sum is the standard's headline.
    headline : int or None
        Position of the headline among the lines; None if the standard's accounts have none.
    known : ndarray of bool
        Where there is a number. Elsewhere the other arrays are 0.
    shares : ndarray
        Year x region x line: the share of a level that rests on rows with limits.
    mean, sd : ndarray
        Mean and standard deviation over draws.
    positive : ndarray
        Share of draws above 0.
    quantiles : ndarray
        Quantiles, with a last axis in the order of ``QUANTILES``.
    quantile_error : float or None
        Largest standard error of a quantile over batches, in standard deviations of its line; None
        for a single batch.
    rank_counts : tuple of tuple of RankCounts
        For each year the counts of its groups: regions, then parents of the same depth.
    rank_draws : int
        Number of draws that are ranked.
    """

    draws: int
    seed: int
    batches: int
    rows_sampled: int
    rows_used: int
    years: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]
    region_count: int
    lines: pd.DataFrame
    headline_indicators: tuple[str, ...]
    headline: int | None
    known: np.ndarray
    shares: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    positive: np.ndarray
    quantiles: np.ndarray
    quantile_error: float | None
    rank_counts: tuple[tuple[RankCounts, ...], ...]
    rank_draws: int

    def table(self) -> pd.DataFrame:
        """Return the rows of ``uncertainty.csv`` as numbers; see ``written_table``.

        Returns
        -------
        DataFrame
            NaN where a file has a blank: years ``from`` and ``to`` of levels, ranks of what is not
            ranked; and the column ``status``.
        """
        return as_numbers(self.written_table())

    def written_table(self) -> pd.DataFrame:
        """Return the rows of ``uncertainty.csv`` as they are written.

        Returns
        -------
        DataFrame
            Levels of lines that have a number, then changes between years that both have one;
            columns ``UNCERTAINTY_COLUMNS``. ``year`` of a change is its last year. ``p025`` to
            ``p975`` are quantiles: ``p050`` is the 5 % quantile, ``p500`` the median. Ranks are
            those of the level of the headline among regions, or among parents of the same depth.
        """
        years = list(self.years)
        first_years: list[object] = [""] * len(years)  # blank for levels
        last_years: list[object] = [""] * len(years)
        for first, last in self.pairs:
            years.append(last)
            first_years.append(first)
            last_years.append(last)
        codes = np.array(self.codes, dtype=object)
        level = np.full(len(codes), "parent", dtype=object)
        level[: self.region_count] = "region"
        cells = np.nonzero(self.known)
        period, region, line = cells
        table = pd.DataFrame(
            {
                "year": np.array(years)[period],
                "region": codes[region],
                "level": level[region],
                "from": np.array(first_years, dtype=object)[period],
                "to": np.array(last_years, dtype=object)[period],
                "mean": self.mean[cells],
                "sd": self.sd[cells],
                "p_positive": self.positive[cells],
            }
        )
        for name in ("category", "indicator", "item", "unit"):
            column = self.lines[name]
            texts = column.to_numpy(dtype=object)
            table[name] = texts[line]
        quantiles = self.quantiles[cells]
        for position, name in enumerate(QUANTILES):
            table[name] = quantiles[:, position]
        rank_low, rank_high = self._ranks()
        table["rank_p025"] = rank_low[cells]
        table["rank_p975"] = rank_high[cells]
        return table[UNCERTAINTY_COLUMNS]

    def _ranks(self) -> np.ndarray:
        """Return both limits of ranks (2 x period x region x line), blank but for headlines."""
        shape = self.known.shape
        ranks = np.full((2, *shape), "", dtype=object)
        for year, groups in enumerate(self.rank_counts):
            for counts in groups:
                members = counts.members
                ranks[:, year, members, self.headline] = counts.interval()
        return ranks

    def pairwise(self, year: int) -> pd.DataFrame:
        """Return the probabilities that the headline of one region exceeds that of another.

        Parameters
        ----------
        year : int
            One of ``years``.

        Returns
        -------
        DataFrame
            P(row > column) from common draws, regions x regions, NaN on the diagonal; empty where
            more than 300 regions are ranked.

        Raises
        ------
        ValueError
            If there is no such year.
        """
        position = self.years.index(year)
        for counts in self.rank_counts[position]:
            probabilities = counts.probabilities()
            is_region = counts.members < self.region_count
            if probabilities is not None and is_region.all():
                codes = [self.codes[member] for member in counts.members]
                return pd.DataFrame(
                    probabilities,
                    index=pd.Index(codes, name="region"),
                    columns=codes,
                )
        return pd.DataFrame()

    def pairwise_table(self) -> pd.DataFrame:
        """Return the rows of ``pairwise.csv``: pairs of regions, and of parents of one depth."""
        rows: list[tuple[object, ...]] = []
        for year, groups in zip(self.years, self.rank_counts, strict=True):
            for counts in groups:
                probabilities = counts.probabilities()
                if probabilities is None:
                    continue
                codes = [self.codes[member] for member in counts.members]
                is_pair = np.isfinite(probabilities)
                for first, second in np.argwhere(is_pair):
                    probability = float(probabilities[first, second])
                    row = (year, codes[first], codes[second], probability)
                    rows.append(row)
        return pd.DataFrame(rows, columns=PAIRWISE_COLUMNS)

    def statement(self) -> Mapping[str, Any]:
        """Return what must be stated with the numbers.

        Returns
        -------
        mapping of str to object
            Entry ``uncertainty`` of the manifest. ``no_uncertainty_stated`` is the share of the
            headline (sum of absolute values of indicators in regions) that rests on no uncertain
            row, or the share of the number of quantities where nothing is valued;
            ``quantile_error`` as in the attributes.
        """
        return {
            "draws": self.draws,
            "seed": self.seed,
            "batches": self.batches,
            "batch": -(-self.draws // self.batches),
            "rows_drawn": self.rows_sampled,
            "rows_used": self.rows_used,
            "no_uncertainty_stated": self._exact_share(),
            "quantile_error": self.quantile_error,
            "rank_draws": self.rank_draws,
            "numpy": np.__version__,
        }

    def _exact_share(self) -> float:
        """Return the share of the headline's absolute values whose rows have no limits.

        It is 1 if they are 0.

        Where the headline values nothing, quantities are counted instead.
        """
        lines = self.lines
        in_headline = lines["indicator"].isin(self.headline_indicators)
        is_value = lines["kind"] == "value"
        is_whole = lines["item"] == ""  # not an item of the indicator
        is_counted = in_headline & is_value & is_whole
        has_values = bool(is_counted.any())
        if not has_values:
            is_counted = in_headline & (lines["kind"] == "quantity")
        indicators = np.flatnonzero(is_counted.to_numpy())
        levels = slice(len(self.years))
        regions = slice(self.region_count)
        cells = (levels, regions, indicators)
        known = self.known[cells]
        mean = self.mean[cells]
        amount = np.abs(mean) if has_values else 1.0
        size = np.where(known, amount, 0.0)
        total = float(size.sum())
        exact = float((size * (1 - self.shares[cells])).sum())
        return exact / total if total else 1.0

    def _shown_size(self) -> str:
        """Return how much it holds."""
        years = ", ".join(str(year) for year in self.years)
        return f"{years}, {counted(self.draws, 'draw')}, seed {self.seed}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.table()
