"""The result of drawing (不确定性结果): ``uncertainty.csv``, pairwise probabilities, what must be said with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

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


PAIRED = 300  # members of a group for which pairs are counted


_QUANTILES = (25, 975)  # thousandths


_AT_ONCE = 1 << 18


@dataclass
class RankCounts:
    """Counts over draws of one year and one group: ``ranks`` is member x rank, ``wins`` member x member."""

    members: np.ndarray  # positions among all regions and parents
    draws: int = 0
    ranks: np.ndarray = field(init=False)
    wins: np.ndarray | None = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.members)
        self.ranks = np.zeros((size, size), dtype=np.uint32)
        self.wins = np.zeros((size, size), dtype=np.uint32) if size <= PAIRED else None

    def add(self, values: np.ndarray) -> None:
        """Count more draws: member x draw."""
        size, draws = values.shape
        each = max(1, _AT_ONCE // max(1, size))
        for start in range(0, draws, each):
            part = ranks_of(values[:, start : start + each]) - 1
            spots = part + np.arange(size)[:, None] * size
            self.ranks += (
                np.bincount(spots.ravel(), minlength=size * size)
                .reshape(size, size)
                .astype(np.uint32)
            )
        if self.wins is not None:
            for member in range(size):
                self.wins[member] += (values[member] > values).sum(axis=1).astype(np.uint32)
        self.draws += draws

    def interval(self) -> np.ndarray:
        """The ranks at 2.5 % and 97.5 % of each member (2 x member): the inverse of the empirical distribution."""
        reached = np.cumsum(self.ranks, axis=1, dtype=np.int64) * 1000
        return np.stack([(reached >= part * self.draws).argmax(axis=1) + 1 for part in _QUANTILES])

    def probabilities(self) -> np.ndarray | None:
        """P(row > column), NaN on the diagonal; None for groups that are too large."""
        if self.wins is None:
            return None
        found = self.wins / self.draws
        np.fill_diagonal(found, np.nan)
        return np.asarray(found)


def ranks_of(values: np.ndarray) -> np.ndarray:
    """The rank of each member in each draw (member x draw)."""
    turned = np.ascontiguousarray(-values.T)
    order = np.argsort(turned, axis=1, kind="stable")
    ordered = np.take_along_axis(turned, order, axis=1)
    first = np.ones(ordered.shape, dtype=bool)
    first[:, 1:] = ordered[:, 1:] > ordered[:, :-1]
    place = np.maximum.accumulate(np.where(first, np.arange(1, ordered.shape[1] + 1), 0), axis=1)
    found = np.empty_like(place)
    np.put_along_axis(found, order, place, axis=1)
    return found.T


@dataclass(frozen=True)
class Uncertainty:
    """What draws say of levels and changes; arrays are years, then pairs x regions, then parents x lines."""

    draws: int
    seed: int
    batches: int
    rows_drawn: int
    rows_used: int
    years: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]
    regions: int  # how many of the codes are regions, not parents
    lines: pd.DataFrame  # see gep.account.lines
    headline: tuple[str, ...]  # indicators
    known: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    positive: np.ndarray  # share of draws above 0
    quantiles: np.ndarray  # x 2.5, 5, 50, 95, 97.5 %
    error: float | None
    head: int | None
    standings: tuple[tuple[RankCounts, ...], ...]
    rank_draws: int

    def table(self) -> pd.DataFrame:
        """The rows of ``uncertainty.csv``: lines that have a number, then changes between years that both have one.

        ``year`` of a change is the later one; p050 is the 5 % quantile, p500 the median; ranks (among regions, or among
        parents of the same depth) are those of the headline's level.
        """
        spans: list[tuple[object, object]] = [*(("", "") for _ in self.years), *self.pairs]
        years = [*self.years, *(to for _, to in self.pairs)]
        number, place, line = np.nonzero(self.known)
        level = np.array(
            ["region"] * self.regions + ["parent"] * (len(self.codes) - self.regions), dtype=object
        )
        at = (number, place, line)
        found: dict[str, Any] = {
            "year": np.array(years)[number],
            "region": np.array(self.codes, dtype=object)[place],
            "level": level[place],
            "from": np.array([start for start, _ in spans], dtype=object)[number],
            "to": np.array([stop for _, stop in spans], dtype=object)[number],
            "mean": self.mean[at],
            "sd": self.sd[at],
            "p_positive": self.positive[at],
        }
        for name in ("category", "indicator", "item", "unit"):
            found[name] = self.lines[name].to_numpy(dtype=object)[line]
        for spot, name in enumerate(("p025", "p050", "p500", "p950", "p975")):
            found[name] = self.quantiles[at][:, spot]
        ranks = self._ranks()
        for spot, name in enumerate(("rank_p025", "rank_p975")):
            found[name] = ranks[spot][at]
        return pd.DataFrame(found)[UNCERTAINTY_COLUMNS]

    def _ranks(self) -> np.ndarray:
        """Ranks as they are written, blank but for the headline's levels."""
        found = np.full((2, *self.known.shape), "", dtype=object)
        for year, some in enumerate(self.standings):
            for one in some:
                found[:, year, one.members, self.head] = one.interval()
        return found

    def pairwise(self, year: int) -> pd.DataFrame:
        """P(row > column) of the regions' headline from common draws, NaN on the diagonal.

        Empty where more than 300 regions are ranked. Raises ``ValueError`` for a year that is not there.
        """
        for one in self.standings[self.years.index(year)]:
            found = one.probabilities()
            if found is not None and (one.members < self.regions).all():
                names = [self.codes[member] for member in one.members]
                return pd.DataFrame(found, index=pd.Index(names, name="region"), columns=names)
        return pd.DataFrame()

    def pairwise_table(self) -> pd.DataFrame:
        """All pairs of regions, and of parents of the same depth, as rows."""
        rows: list[tuple[object, ...]] = []
        for year, some in zip(self.years, self.standings, strict=True):
            for one in some:
                found = one.probabilities()
                if found is None:
                    continue
                for row, column in np.argwhere(np.isfinite(found)):
                    names = (self.codes[one.members[row]], self.codes[one.members[column]])
                    rows.append((year, *names, float(found[row, column])))
        return pd.DataFrame(rows, columns=PAIRWISE_COLUMNS)

    def statement(self) -> Mapping[str, Any]:
        """What must be said with the numbers.

        ``no_uncertainty_stated`` is the share of the headline (sum of absolute values of indicators in regions) that
        no drawn row moves; ``quantile_error`` the largest standard error of a quantile over batches, in standard
        deviations of its line (None for one batch).
        """
        return {
            "draws": self.draws,
            "seed": self.seed,
            "batches": self.batches,
            "batch": -(-self.draws // self.batches),
            "rows_drawn": self.rows_drawn,
            "rows_used": self.rows_used,
            "no_uncertainty_stated": self._still(),
            "quantile_error": self.error,
            "rank_draws": self.rank_draws,
            "numpy": np.__version__,
        }

    def _still(self) -> float:
        frame = self.lines
        mine = (
            frame["indicator"].isin(self.headline)
            & (frame["kind"] == "value")
            & (frame["item"] == "")
        )
        part = (slice(0, len(self.years)), slice(0, self.regions), np.flatnonzero(mine.to_numpy()))
        size = np.where(self.known[part], np.abs(self.mean[part]), 0.0)
        whole = float(size.sum())
        return float(size[self.sd[part] == 0].sum()) / whole if whole else 1.0
