"""How sure an account is (不确定性): intervals of levels and changes, chances, and rank intervals, from draws.

Draws are made in batches of at most ``BATCH``. Within a batch quantiles are exact (of the batch, numpy's linear
interpolation). Over several batches means, variances and chances are pooled exactly; a quantile is the mean of the
batches' quantiles, with the standard error that their spread gives (sectioning: S. Asmussen and P. W. Glynn 2007,
Stochastic Simulation, III.4-5; its bias is of the order of one over the batch's size). Memory does not grow with the
number of draws. The same seed gives the same bits whatever the sizes of blocks and chunks and the number of threads.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.account.columns import ParentRegions, columns_of, parents_of, roll_up
from gep.account.evaluation import evaluate
from gep.account.lines import TOTAL, AccountLines, levels, lines_of
from gep.errors import ProblemsFound, make_problem
from gep.plan.alignment import align_plans
from gep.plan.plan import Plan
from gep.uncertainty.interval_tables import RankCounts, Uncertainty
from gep.uncertainty.sampled_plan import (
    RandomStream,
    RegionBlock,
    block_of,
    chunks_of,
    even_parts,
    write_lines,
)
from gep.uncertainty.uncertain_rows import UncertainRows, find_uncertain_rows

BATCH = 10_000  # draws whose quantiles are exact; part of what a number of draws means
_STORE = 150_000_000  # bytes of the lines of a block of regions
_NUMBERS = 50_000_000  # bytes of the drawn numbers of a block and year, but for those that many regions share
_RANKED = 256_000_000  # bytes of headlines that are kept for ranks
_FEWEST = 100
_PARTS = (0.025, 0.05, 0.5, 0.95, 0.975)
_LINES_AT_ONCE = 8


def propagate_uncertainty(
    plans: Sequence[Plan],
    draws: int,
    seed: int,
    pairs: Sequence[tuple[int, int]] | None = None,
    progress: Callable[[float], None] | None = None,
    workers: int = 1,
) -> Uncertainty:
    """Propagate low, high and distribution of all used rows of the plans (one a year) through their accounts.

    ``pairs`` are the years whose change is wanted (default: each with the next, and the first with the last);
    ``progress`` is called with the share that is done; ``workers`` is the number of threads. Raises ``ProblemsFound``:
    ``no-uncertainty`` where no used row gives low and high, ``bad-draws`` for fewer than 100 draws or a negative seed,
    ``missing-year`` for pairs of other years, ``same-year`` for two plans of one.
    """
    if draws < _FEWEST or seed < 0:
        what = f"draws = {draws}, seed = {seed}"
        raise ProblemsFound(
            [
                make_problem(
                    "bad-draws", "draws", what, f"at least {_FEWEST} draws, and a seed of 0 or more"
                )
            ]
        )
    work = work_of(sorted(plans, key=lambda one: one.year), pairs)
    pool = _PooledStatistics.like(work)
    edges = even_parts(draws, BATCH)
    with ThreadPoolExecutor(workers) if workers > 1 else nullcontext() as threads:
        spread = map if threads is None else threads.map
        for number, (start, stop) in enumerate(edges):
            stream = RandomStream(work.rows, seed, start, stop)

            def tell(share: float, before: int = number) -> None:
                if progress is not None:
                    progress((before + share) / len(edges))

            found, heads = _batch(work, stream, stop - start, spread, tell)
            pool.add(found, stop - start)
            every = [
                (one, values)
                for some, values in zip(work.standings, heads, strict=True)
                for one in some
            ]
            list(spread(lambda one: one[0].add(one[1][one[0].members]), every))
    return _uncertainty(work, pool, draws, seed, len(edges))


@dataclass(frozen=True)
class SamplingJob:
    """What is to be done: plans on one grid, lines, pairs of positions of years, blocks of regions, ranks."""

    plans: list[Plan]
    rows: UncertainRows
    lines: AccountLines
    pairs: list[tuple[int, int]]
    above: ParentRegions
    known: np.ndarray  # years, then pairs x regions and parents x lines
    order: np.ndarray  # positions of regions, those of a parent together
    head: int | None  # the line of the headline
    standings: list[list[RankCounts]]  # of each year: regions, then parents of the same depth


def work_of(plans: Sequence[Plan], pairs: Sequence[tuple[int, int]] | None) -> SamplingJob:
    """Bring the plans, in the order of their years, to one grid and find the rows that are drawn."""
    years = [one.year for one in plans]
    grid = align_plans(plans)
    rows = find_uncertain_rows(grid)
    if rows.frame.empty:
        what = "no row that is used gives low and high"
        raise ProblemsFound(
            [make_problem("no-uncertainty", "draws", what, "fill low, high and distribution")]
        )
    first = grid[0]
    results = [evaluate(one) for one in grid]
    lines = lines_of(first, columns_of(first, results[0], by_ecosystem=False).columns)
    above = parents_of(first.regions, first.extent.regions)
    known = [
        levels(one, found, lines, above).known for one, found in zip(grid, results, strict=True)
    ]
    spots = _pairs(years, pairs)
    both = [known[one] & known[other] for one, other in spots]
    heads = np.flatnonzero(
        ((lines.frame["category"] == TOTAL) & (lines.frame["indicator"] == TOTAL)).to_numpy()
    )
    head = int(heads[0]) if len(heads) else None
    groups = [] if head is None else _groups(first, above)
    standings = [
        [RankCounts(members[one[members, head]]) for members in groups if one[members, head].any()]
        for one in known
    ]
    codes = [str(code) for code in first.extent.regions]
    ways = [[] if first.regions is None else first.regions.ancestors(code)[::-1] for code in codes]
    order = np.array(sorted(range(len(codes)), key=lambda one: (*ways[one], codes[one])), dtype=int)
    return SamplingJob(
        list(grid), rows, lines, spots, above, np.stack([*known, *both]), order, head, standings
    )


def _pairs(years: Sequence[int], pairs: Sequence[tuple[int, int]] | None) -> list[tuple[int, int]]:
    if len(set(years)) < len(years):
        what = f"accounts of {', '.join(map(str, years))}"
        raise ProblemsFound(
            [
                make_problem(
                    "same-year", "years", what, "draw for accounts of different years, one of each"
                )
            ]
        )
    wanted = list(pairwise(years)) if pairs is None else list(pairs)
    if pairs is None and len(years) > 2:
        wanted.append((years[0], years[-1]))
    if lost := sorted({year for pair in wanted for year in pair} - set(years)):
        have = ", ".join(map(str, years))
        raise ProblemsFound(
            [
                make_problem(
                    "missing-year", "pairs", f"no account of {lost[0]}", f"there are: {have}"
                )
            ]
        )
    return [(years.index(one), years.index(other)) for one, other in wanted]


def _groups(plan: Plan, above: ParentRegions) -> list[np.ndarray]:
    """Those that are ranked with each other: the regions; parents of the same depth."""
    count = len(plan.extent.regions)
    depth = [
        0 if plan.regions is None else len(plan.regions.ancestors(code)) for code in above.codes
    ]
    levels_of = [
        [count + spot for spot, one in enumerate(depth) if one == level]
        for level in sorted(set(depth))
    ]
    return [np.arange(count), *(np.array(one) for one in levels_of)]


# --- a batch ---------------------------------------------------------------------------------------------------------


def _batch(
    work: SamplingJob,
    stream: RandomStream,
    draws: int,
    spread: Callable[..., Iterator[object]],
    tell: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Statistics (years and pairs x regions and parents x lines x statistic), headlines (year x region x draw)."""
    shape, years = work.known.shape, len(work.plans)
    found = np.zeros((*shape, 3 + len(_PARTS)))
    kept = max(_FEWEST, min(draws, int(_RANKED / (8 * years * shape[1]))))
    heads = np.zeros((years, shape[1], kept))
    blocks = blocks_of(work, draws)
    room = np.empty(
        years * len(blocks[0]) * shape[2] * draws
    )  # once, for fresh memory is slow to touch
    open_parents = _OpenParents(work.above, len(work.order))
    for number, regions in enumerate(blocks, 1):
        size = (years, len(regions), shape[2], draws)
        store = room[: np.prod(size)].reshape(size)
        _fill(work, stream, regions, store, spread)
        ready = list(zip(regions, np.moveaxis(store, 1, 0), strict=True))
        ready += list(open_parents.take(ready))
        for position, values in ready:
            if work.head is not None:
                heads[:, position] = values[:, work.head, :kept]

        def count(one: tuple[int, np.ndarray]) -> None:
            found[:, one[0]] = _statistics(one[1], work.known[:, one[0]], work.pairs)

        list(spread(count, ready))
        tell(number / len(blocks))
    return found, heads


def blocks_of(work: SamplingJob, draws: int) -> list[np.ndarray]:
    """The regions that are worked on at a time, the larger blocks first."""
    years, lines = len(work.plans), work.known.shape[2]
    own = (len(work.rows.frame) - len(work.rows.shared)) / (
        years * len(work.order)
    ) + 1  # rows of a region and year
    most = min(_STORE / (8 * draws * years * lines), _NUMBERS / (8 * draws * own))
    return np.array_split(work.order, -(-len(work.order) // max(1, int(most))))


def _fill(
    work: SamplingJob,
    stream: RandomStream,
    regions: np.ndarray,
    store: np.ndarray,
    spread: Callable[..., Iterator[object]],
) -> None:
    """The lines of some regions at all draws of a batch: year x region x line x draw."""
    for year, plan in enumerate(work.plans):
        block = block_of(plan, work.rows, year, regions)
        job = partial(
            _write_chunk, block, stream.numbers(block.rows, spread), work.lines, store[year]
        )
        list(spread(job, chunks_of(block, store.shape[-1])))


def _write_chunk(
    block: RegionBlock,
    numbers: np.ndarray,
    lines: AccountLines,
    out: np.ndarray,
    chunk: tuple[int, int],
) -> None:
    some = slice(*chunk)
    write_lines(block.plan_at(numbers[:, some]), lines, out[:, :, some])


class _OpenParents:
    """Sums of draws of parents whose regions are not all done yet."""

    def __init__(self, above: ParentRegions, count: int):
        self._left = [len(members) for members in above.members]
        self._of: list[list[int]] = [[] for _ in range(count)]
        for parent, members in enumerate(above.members):
            for member in members:
                self._of[member].append(parent)
        self._sums: dict[int, np.ndarray] = {}
        self._count = count

    def take(self, regions: Sequence[tuple[int, np.ndarray]]) -> Iterator[tuple[int, np.ndarray]]:
        """Add regions; the parents that are complete, with their position."""
        for position, values in regions:
            for parent in self._of[position]:
                if parent in self._sums:
                    self._sums[parent] += values
                else:
                    self._sums[parent] = values.copy()
                self._left[parent] -= 1
                if not self._left[parent]:
                    yield self._count + parent, self._sums.pop(parent)


# --- statistics ------------------------------------------------------------------------------------------------------


def _statistics(
    values: np.ndarray, known: np.ndarray, pairs: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Of year x line x draw, which is sorted thereby: mean, squares about it, draws above 0, quantiles."""
    years = len(values)
    found = np.zeros((*known.shape, 3 + len(_PARTS)))
    spans = [
        slice(start, start + _LINES_AT_ONCE) for start in range(0, known.shape[1], _LINES_AT_ONCE)
    ]
    for number, (one, other) in enumerate(pairs, years):
        for some in spans:
            if known[number, some].any():
                found[number, some] = _of_draws(values[other, some] - values[one, some])
    for year in range(years):
        for some in spans:
            if known[year, some].any():
                found[year, some] = _of_draws(values[year, some])
    return found


def _of_draws(values: np.ndarray) -> np.ndarray:
    """The statistics of line x draw; a line without any variation has exactly its value and 0."""
    values.sort(axis=-1)
    draws = values.shape[-1]
    mean = values.mean(axis=-1)
    off = values - mean[:, None]
    squares = np.einsum("ij,ij->i", off, off)
    still = values[:, 0] == values[:, -1]
    mean, squares = np.where(still, values[:, 0], mean), np.where(still, 0.0, squares)
    above = draws - np.array(
        [np.searchsorted(line, 0.0, side="right") for line in values], dtype=float
    )
    spots = np.array(_PARTS) * (draws - 1)
    under = spots.astype(int)
    low, high = values[:, under], values[:, np.minimum(under + 1, draws - 1)]
    return np.column_stack([mean, squares, above, low + (high - low) * (spots - under)])


@dataclass
class _PooledStatistics:
    """Statistics over batches; arrays are years and pairs x regions and parents x lines (x quantile)."""

    draws: int
    batches: int
    mean: np.ndarray
    squares: np.ndarray
    above: np.ndarray
    quantiles: np.ndarray
    spread: np.ndarray  # of the batches' quantiles: squares about their mean

    @classmethod
    def like(cls, work: SamplingJob) -> "_PooledStatistics":
        """Nothing yet."""
        shape = work.known.shape
        parts = (*shape, len(_PARTS))
        return cls(
            0,
            0,
            np.zeros(shape),
            np.zeros(shape),
            np.zeros(shape),
            np.zeros(parts),
            np.zeros(parts),
        )

    def add(self, found: np.ndarray, draws: int) -> None:
        """Pool another batch."""
        off = found[..., 0] - self.mean
        whole = self.draws + draws
        self.mean += off * (draws / whole)
        self.squares += found[..., 1] + off**2 * (self.draws * draws / whole)
        self.above += found[..., 2]
        self.draws, self.batches = whole, self.batches + 1
        away = found[..., 3:] - self.quantiles
        self.quantiles += away / self.batches
        self.spread += away * (found[..., 3:] - self.quantiles)

    @property
    def sd(self) -> np.ndarray:
        """Standard deviations of lines."""
        return np.sqrt(self.squares / (self.draws - 1))

    def error(self) -> float | None:
        """The largest standard error of a quantile in standard deviations of its line; None for one batch."""
        if self.batches < 2:
            return None
        error = np.sqrt(self.spread.max(axis=-1) / (self.batches - 1) / self.batches)
        sd = self.sd
        return float(np.divide(error, sd, out=np.zeros_like(sd), where=sd > 0).max())


def _uncertainty(
    work: SamplingJob, pool: _PooledStatistics, draws: int, seed: int, batches: int
) -> Uncertainty:
    first = work.plans[0]
    years = tuple(one.year for one in work.plans)
    ranked = max((standing.draws for one in work.standings for standing in one), default=0)
    return Uncertainty(
        draws=draws,
        seed=seed,
        batches=batches,
        rows_drawn=len(work.rows.frame),
        rows_used=work.rows.used,
        years=years,
        pairs=tuple((years[one], years[other]) for one, other in work.pairs),
        codes=(*map(str, first.extent.regions), *work.above.codes),
        regions=len(first.extent.regions),
        lines=work.lines.frame,
        headline=tuple(first.standard.spec.total[0].indicators),
        known=work.known,
        mean=pool.mean,
        sd=pool.sd,
        positive=pool.above / draws,
        quantiles=pool.quantiles,
        error=pool.error(),
        head=work.head,
        standings=tuple(tuple(one) for one in work.standings),
        rank_draws=ranked,
    )


@dataclass(frozen=True)
class SampledLines:
    """Lines at draws: year -> draw x region and parent x line; ``frame`` describes lines, ``codes`` are the regions."""

    codes: pd.Index
    frame: pd.DataFrame
    values: dict[int, np.ndarray]


def sample_lines(
    plans: Sequence[Plan], draws: int, seed: int, chosen: Sequence[tuple[str, str, str]]
) -> SampledLines:
    """The lines (category, indicator, item) of the plans (one a year) at draws; the draws are those of ``uncertainty``.

    Raises ``ProblemsFound`` where nothing has low and high.
    """
    work = work_of(sorted(plans, key=lambda one: one.year), None)
    keys = pd.MultiIndex.from_frame(work.lines.frame[["category", "indicator", "item"]])
    spots = np.flatnonzero(keys.isin(list(chosen)))
    lines = AccountLines(
        work.lines.frame.iloc[spots].reset_index(drop=True), work.lines.picks[:, spots]
    )
    stream = RandomStream(work.rows, seed, 0, draws)
    values = {
        plan.year: _year(work, stream, number, lines, draws)
        for number, plan in enumerate(work.plans)
    }
    codes = [str(code) for code in work.plans[0].extent.regions]
    return SampledLines(pd.Index([*codes, *work.above.codes], dtype=object), lines.frame, values)


def _year(
    work: SamplingJob, stream: RandomStream, number: int, lines: AccountLines, draws: int
) -> np.ndarray:
    plan = work.plans[number]
    found = np.zeros((draws, len(plan.extent.regions), len(lines.frame)))
    for regions in blocks_of(work, draws):
        block = block_of(plan, work.rows, number, regions)
        store = np.empty((len(regions), len(lines.frame), draws))
        write = partial(_write, block, stream.numbers(block.rows), lines, store)
        for chunk in chunks_of(block, draws):
            write(slice(*chunk))
        found[:, regions] = np.moveaxis(store, -1, 0)
    return roll_up(found, work.above)


def _write(
    block: RegionBlock, numbers: np.ndarray, lines: AccountLines, store: np.ndarray, some: slice
) -> None:
    write_lines(block.plan_at(numbers[:, some]), lines, store[:, :, some])
