"""Monte Carlo simulation of accounts (蒙特卡洛模拟): intervals, probabilities, ranks from draws.

This module runs draws through all regions and years and computes statistics of the lines; the
tables of the result are in ``gep.uncertainty.interval_tables``.

Draws are made in batches of at most ``BATCH``. Within a batch quantiles are exact (of the batch,
with numpy's linear interpolation). Over several batches means, variances and probabilities are
pooled exactly; a quantile is the mean of the batches' quantiles, with the standard error that their
spread gives (sectioning: S. Asmussen and P. W. Glynn 2007, Stochastic Simulation, III.4-5; its bias
is of the order of one over the batch's size). Memory does not grow with the number of draws. The
same seed gives the same bits whatever the sizes of blocks and chunks and the number of threads.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.columns import ParentRegions, columns_of, parents_of, roll_up
from gep.account.evaluation import evaluate, settled
from gep.account.lines import TOTAL, AccountLines, levels, lines_of
from gep.errors import ProblemLog, ProblemsFound, make_problem
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.plan.alignment import align_plans
from gep.plan.plan import Plan
from gep.uncertainty.interval_tables import QUANTILES, RankCounts, Uncertainty
from gep.uncertainty.sampled_plan import (
    Mapper,
    RandomStream,
    RegionBlock,
    block_of,
    chunks_of,
    even_parts,
    prepare_plan,
    write_lines,
)
from gep.uncertainty.uncertain_rows import UncertainRows, find_uncertain_rows
from gep.uncertainty.uncertain_shares import uncertain_shares, uncertain_shares_of_lines

BATCH = 10_000  # draws whose quantiles are exact; results depend on it as they do on the seed
FEWEST_DRAWS = 100  # of so many, 2.5 lie beyond each limit of the 95 % interval
MOST_DRAWS = 10_000_000  # so many take days, and show nothing that fewer do not

_LINE_KEY = ["category", "indicator", "item"]
_PROBABILITIES = np.array(list(QUANTILES.values()))
_DOUBLE_BYTES = 8
_LINES_BYTES = 150_000_000  # of the lines of a block at all draws of a batch
_SAMPLES_BYTES = 50_000_000  # of the samples of a block and year, but for rows that regions share
_KEPT_BYTES = 2_000_000_000  # of lines that are kept at all draws
_RANKED_BYTES = 256_000_000  # of the headlines of a batch that are kept to be ranked
_LINES_AT_ONCE = 8  # lines of a region whose statistics are computed together, in the CPU cache


@checked_arguments
def propagate_uncertainty(
    plans: Plan | Sequence[Plan],
    draws: int,
    seed: int,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    progress: Callable[[float], None] | None = None,
    workers: int = 1,
) -> Uncertainty:
    """Propagate the uncertainty of all rows that plans use through their accounts.

    Parameters
    ----------
    plans : Plan or sequence of Plan
        Plans of different years.
    draws : int
        Number of draws, at least 100.
    seed : int
        Seed of the random numbers, 0 or more. The same seed gives the same results.
    pairs : sequence of (int, int), optional
        First and last year of each change. By default each year with the next, and the first with
        the last.
    progress : callable, optional
        Called with the share of the work, 0 to 1, that is finished.
    workers : int, default 1
        Number of threads.

    Returns
    -------
    Uncertainty
        Means, standard deviations, quantiles, probabilities and ranks of levels and changes.

    Raises
    ------
    ProblemsFound
        ``bad-draws`` for fewer than 100 or more than 10 million draws, or a negative seed,
        ``no-uncertainty`` where no row
        that is used gives low and high, ``same-year`` for several plans of one year,
        ``missing-year`` for pairs of other years, ``not-finite-result`` or ``method-failed`` where
        samples are outside what a method accepts.

    Examples
    --------
    >>> import gep
    >>> plan = gep.read_project("examples/garze-2010").plan(2010)
    >>> gep.propagate_uncertainty(plan, draws=100, seed=1)
    <Uncertainty: 2010, 100 draws, seed 1>
    """
    _check_draws(draws, seed)
    job = work_of(sorted(several(plans), key=lambda plan: plan.year), pairs)
    pooled = _PooledStatistics(job)
    batches = even_parts(draws, BATCH)
    with _open_mapper(workers) as mapper:
        for number, (start, stop) in enumerate(batches):
            stream = RandomStream(job.rows, seed, start, stop)
            report = partial(_report_progress, progress, number, len(batches))
            statistics = _sample_batch(job, stream, mapper, report)
            pooled.add(statistics, mapper)
    first = job.plans[0]
    headline = first.standard.spec.total[0]
    years = tuple(plan.year for plan in job.plans)
    return Uncertainty(
        draws=draws,
        seed=seed,
        batches=len(batches),
        rows_sampled=len(job.rows.frame),
        rows_used=job.rows.used,
        years=years,
        pairs=tuple((years[start], years[end]) for start, end in job.pairs),
        codes=job.codes,
        region_count=len(first.extent.regions),
        lines=job.lines.frame,
        headline_indicators=tuple(headline.indicators),
        headline=job.headline,
        known=job.known,
        shares=np.stack(job.shares),
        mean=pooled.mean,
        sd=pooled.sd,
        positive=pooled.positive / draws,
        quantiles=pooled.quantiles,
        quantile_error=pooled.quantile_error(),
        rank_counts=tuple(tuple(groups) for groups in pooled.rank_counts),
        rank_draws=pooled.rank_draws,
    )


def _check_draws(draws: int, seed: int) -> None:
    problems = ProblemLog()
    if draws < FEWEST_DRAWS:
        problems.add(
            "bad-draws",
            "--draws",
            "uncertainty.few-draws",
            draws=draws,
            fewest=FEWEST_DRAWS,
        )
    if draws > MOST_DRAWS:
        problems.add(
            "bad-draws",
            "--draws",
            "uncertainty.many-draws",
            draws=draws,
            most=MOST_DRAWS,
        )
    if seed < 0:
        problems.add("bad-draws", "--seed", "uncertainty.negative-seed", seed=seed)
    problems.raise_errors()


@contextmanager
def _open_mapper(workers: int) -> Iterator[Mapper]:
    """Provide the ``map`` of a pool of threads, or plain ``map`` for a single thread."""
    if workers <= 1:
        yield map
        return
    with ThreadPoolExecutor(workers) as threads:
        yield threads.map


def _report_progress(
    progress: Callable[[float], None] | None, batch: int, batches: int, share: float
) -> None:
    """Report the share of all batches that is finished; ``share`` is that of the current batch."""
    if progress is not None:
        progress((batch + share) / batches)


@dataclass(frozen=True)
class SampledLines:
    """Lines of accounts at draws.

    Attributes
    ----------
    codes : Index
        Codes of the regions, then of their parents.
    frame : DataFrame
        The lines, with the columns of ``gep.account.lines.LINE_COLUMNS``.
    values : dict of int to ndarray
        For each year draw x region (then parents) x line, in the unit of each line.
    shares : dict of int to ndarray
        For each year region (then parents) x line: the share that rests on rows with limits.
    """

    codes: pd.Index
    frame: pd.DataFrame
    values: dict[int, np.ndarray]
    shares: dict[int, np.ndarray]


def sample_lines(
    plans: Sequence[Plan], draws: int, seed: int, chosen: Sequence[tuple[str, str, str]]
) -> SampledLines:
    """Compute chosen lines of accounts at draws, those of ``propagate_uncertainty``.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of different years.
    draws : int
        Number of draws. They are all kept in memory.
    seed : int
        Seed of the random numbers, 0 or more.
    chosen : sequence of (str, str, str)
        Category, indicator and item of each line. Lines that the accounts do not have are left out.

    Returns
    -------
    SampledLines
        The lines, in the order of the accounts.

    Raises
    ------
    ProblemsFound
        ``bad-draws`` for more draws than memory holds, ``no-uncertainty`` where no row that is used
        gives low and high, ``same-year`` for several plans of one year, ``not-finite-result`` or
        ``method-failed`` where samples are outside what a method accepts.
    """
    job = work_of(sorted(plans, key=lambda plan: plan.year), None)
    frame = job.lines.frame
    keys = pd.MultiIndex.from_frame(frame[_LINE_KEY])
    positions = np.flatnonzero(keys.isin(list(chosen)))
    lines = AccountLines(
        frame.iloc[positions].reset_index(drop=True),
        job.lines.picks[:, positions],
    )
    job = replace(job, lines=lines)
    region_count = len(job.region_order)
    line_count = len(positions)
    kept = len(job.plans) * region_count * line_count + len(job.rows.frame)
    most = _KEPT_BYTES // (_DOUBLE_BYTES * max(1, kept))
    if draws > most:
        problem = make_problem(
            "bad-draws",
            "--draws",
            "uncertainty.draws-kept",
            draws=draws,
            most=most,
            regions=region_count,
            years=len(job.plans),
        )
        raise ProblemsFound([problem])
    values = {}
    for plan in job.plans:
        values[plan.year] = np.zeros((draws, region_count, line_count))
    stream = RandomStream(job.rows, seed, 0, draws)
    blocks = blocks_of(job, draws)
    for regions, block_lines in _sample_blocks(job, stream, blocks, map):
        for plan, year_lines in zip(job.plans, block_lines, strict=True):
            year_values = values[plan.year]
            year_values[:, regions] = np.moveaxis(year_lines, -1, 0)
    for year, year_values in values.items():
        values[year] = roll_up(year_values, job.parents)
    return SampledLines(
        codes=pd.Index(job.codes, dtype=object),
        frame=lines.frame,
        values=values,
        shares={
            plan.year: shares[:, positions]
            for plan, shares in zip(job.plans, job.shares, strict=True)
        },
    )


# --- the job --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SamplingJob:
    """What is sampled: aligned plans, their uncertain rows, and the lines of their accounts.

    Attributes
    ----------
    plans : list of Plan
        Plans in the order of their years, with the same regions, ecosystem types and members.
    rows : UncertainRows
        Their uncertain rows.
    lines : AccountLines
        The lines that are computed.
    pairs : list of (int, int)
        Positions of the first and last year of each change.
    parents : ParentRegions
        The parents whose regions are summed.
    known : ndarray of bool
        Where there is a number: period x region x line. Periods are the years, then the pairs;
        regions are followed by parents.
    shares : list of ndarray
        For each year the share of each line that rests on rows with limits: region (then parents)
        x line.
    region_order : ndarray of int
        Positions of the regions in the order of evaluation.
    headline : int or None
        Position of the headline among the lines.
    rank_groups : list of list of ndarray
        For each year the groups whose members are ranked with each other, as positions among
        regions and parents.
    """

    plans: list[Plan]
    rows: UncertainRows
    lines: AccountLines
    pairs: list[tuple[int, int]]
    parents: ParentRegions
    known: np.ndarray
    shares: list[np.ndarray]
    region_order: np.ndarray
    headline: int | None
    rank_groups: list[list[np.ndarray]]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the regions, then of their parents."""
        extent = self.plans[0].extent
        codes = [str(code) for code in extent.regions]
        codes += self.parents.codes
        return tuple(codes)


def work_of(plans: Sequence[Plan], pairs: Sequence[tuple[int, int]] | None) -> SamplingJob:
    """Align plans and find what is sampled.

    Parameters
    ----------
    plans : sequence of Plan
        Plans in the order of their years.
    pairs : sequence of (int, int) or None
        See ``propagate_uncertainty``.

    Returns
    -------
    SamplingJob

    Raises
    ------
    ProblemsFound
        ``no-uncertainty``, ``same-year``, ``missing-year``; see ``propagate_uncertainty``.
    """
    aligned = align_plans([settled(plan) for plan in plans])
    rows = find_uncertain_rows(aligned)
    if rows.frame.empty:
        problem = make_problem(
            "no-uncertainty",
            "--draws",
            "uncertainty.no-limits",
            rows=rows.used,
        )
        raise ProblemsFound([problem])
    aligned = [prepare_plan(plan, rows, position) for position, plan in enumerate(aligned)]
    first = aligned[0]
    results = [evaluate(plan) for plan in aligned]
    result_columns = columns_of(first, results[0], by_ecosystem=False)
    lines = lines_of(first, result_columns.columns)
    headline = _headline_position(lines)
    parents = parents_of(first.regions, first.extent.regions)
    known = []
    shares = []
    for position, (plan, plan_results) in enumerate(zip(aligned, results, strict=True)):
        line_values = levels(plan, plan_results, lines, parents)
        known.append(line_values.known)
        of_steps = uncertain_shares(plan, plan_results, rows, position)
        shares.append(
            uncertain_shares_of_lines(
                plan,
                plan_results,
                of_steps,
                lines,
                parents,
            )
        )
    years = [plan.year for plan in aligned]
    pair_positions = _pair_positions(years, pairs)
    changes = [known[start] & known[end] for start, end in pair_positions]
    rank_groups = []
    for year_known in known:
        has_headline = None if headline is None else year_known[:, headline]
        rank_groups.append(_rank_groups(first, parents, has_headline))
    return SamplingJob(
        plans=aligned,
        rows=rows,
        lines=lines,
        pairs=pair_positions,
        parents=parents,
        known=np.stack([*known, *changes]),
        shares=shares,
        region_order=_region_order(first),
        headline=headline,
        rank_groups=rank_groups,
    )


def _headline_position(lines: AccountLines) -> int | None:
    frame = lines.frame
    is_total = frame["category"] == TOTAL
    is_sum = frame["indicator"] == TOTAL
    is_headline = is_total & is_sum
    positions = np.flatnonzero(is_headline.to_numpy())
    if len(positions):
        return int(positions[0])
    return None


def _pair_positions(
    years: Sequence[int], pairs: Sequence[tuple[int, int]] | None
) -> list[tuple[int, int]]:
    """Return the positions of the years of each change, after a check of all years."""
    problems = ProblemLog()
    repeated = sorted({year for year in years if years.count(year) > 1})
    if repeated:
        problems.add("same-year", "years", "uncertainty.same-year", years=repeated)
    if pairs is None:
        changes = list(pairwise(years))
        if len(years) > 2:
            changes.append((years[0], years[-1]))
    else:
        changes = list(pairs)
    wanted = set(chain.from_iterable(changes))
    missing = sorted(wanted - set(years))
    if missing:
        problems.add(
            "missing-year",
            "pairs",
            "uncertainty.missing-year",
            missing=missing,
            years=list(years),
        )
    problems.raise_errors()
    positions = []
    for first, last in changes:
        positions.append((years.index(first), years.index(last)))
    return positions


def _region_order(plan: Plan) -> np.ndarray:
    """Order regions by their parents, so that sums of parents are soon complete and released."""
    paths = []
    for code in plan.extent.regions:
        path = [str(code)]
        if plan.regions is not None:
            path += plan.regions.ancestors(str(code))
        paths.append(path[::-1])
    order = sorted(range(len(paths)), key=lambda position: paths[position])
    return np.array(order, dtype=int)


def _rank_groups(
    plan: Plan, parents: ParentRegions, has_headline: np.ndarray | None
) -> list[np.ndarray]:
    """Return the groups ranked with each other in a year: the regions, and parents of one depth.

    ``has_headline`` says which regions and parents have a number to be ranked by; None if there is
    no headline at all.
    """
    if has_headline is None:
        return []
    region_count = len(plan.extent.regions)
    parents_of_depth: dict[int, list[int]] = {}
    for position, code in enumerate(parents.codes, region_count):
        depth = 0 if plan.regions is None else len(plan.regions.ancestors(code))
        parents_of_depth.setdefault(depth, []).append(position)
    groups = [list(range(region_count))]
    for depth in sorted(parents_of_depth):
        groups.append(parents_of_depth[depth])
    ranked_groups = []
    for group in groups:
        members = np.array(group)
        is_ranked = has_headline[members]
        if is_ranked.any():
            ranked_groups.append(members[is_ranked])
    return ranked_groups


# --- a batch --------------------------------------------------------------------------------------


class _RegionLines(NamedTuple):
    """The lines of a region or parent at the draws of a batch: year x line x draw."""

    position: int  # among regions and parents
    values: np.ndarray


class _BatchStatistics:
    """Statistics of the lines over the draws of one batch: period x region x line.

    Attributes
    ----------
    draws : int
        Draws of the batch.
    mean : ndarray
        Means, in the unit of each line.
    squares : ndarray
        Sums of squares about the mean.
    positive : ndarray
        Number of draws above 0.
    quantiles : ndarray
        Quantiles, with a last axis in the order of ``QUANTILES``.
    headlines : ndarray
        The first draws of the headline, to be ranked: year x region x draw.
    """

    def __init__(self, job: SamplingJob, draws: int) -> None:
        shape = job.known.shape
        years = len(job.plans)
        regions = shape[1]
        most_ranked = int(_RANKED_BYTES / (_DOUBLE_BYTES * years * regions))
        ranked = min(draws, most_ranked)
        ranked = max(FEWEST_DRAWS, ranked)
        self.draws = draws
        self.mean = np.zeros(shape)
        self.squares = np.zeros(shape)
        self.positive = np.zeros(shape)
        self.quantiles = np.zeros((*shape, len(QUANTILES)))
        self.headlines = np.zeros((years, regions, ranked))

    def write(self, cells: tuple[int, int, slice], values: np.ndarray) -> None:
        """Write the statistics of some lines of a region in a period.

        A line without any variation has exactly its value as mean and 0 as squares.

        Parameters
        ----------
        cells : (int, int, slice)
            Period, region and lines.
        values : ndarray
            Line x draw; the draws of each line are put into another order.
        """
        last = values.shape[-1] - 1
        mean = values.mean(axis=-1)
        deviations = values - mean[:, None]
        squares = np.einsum("ij,ij->i", deviations, deviations)
        is_positive = values > 0
        self.positive[cells] = np.count_nonzero(is_positive, axis=-1)
        position = _PROBABILITIES * last
        lower = position.astype(int)
        select_in_place(values, np.unique(lower))
        low = values[:, lower]
        high = np.empty_like(low)  # the next larger: the least of those up to the next in its place
        bounds = [*lower.tolist(), last]
        for quantile in range(len(lower)):
            start = bounds[quantile] + 1
            stop = max(bounds[quantile + 1], start)
            following = values[:, start : stop + 1]
            high[:, quantile] = following.min(axis=-1)
        share = position - lower
        self.quantiles[cells] = low + (high - low) * share
        below = values[:, : lower[0] + 1]
        above = values[:, lower[-1] :]
        smallest = below.min(axis=-1)
        largest = above.max(axis=-1)
        is_constant = smallest == largest
        self.mean[cells] = np.where(is_constant, smallest, mean)
        self.squares[cells] = np.where(is_constant, 0.0, squares)


def select_in_place(values: np.ndarray, positions: np.ndarray) -> None:
    """Put the numbers of each row that sorting would put to some positions in their places.

    This takes half the time of sorting or less: each selection leaves smaller numbers before and
    larger ones after a position, so that the next ones look at one side only.

    Parameters
    ----------
    values : ndarray of float
        Row x number, without NaN; changed in place.
    positions : ndarray of int
        Different positions, ascending.
    """
    if not len(positions):
        return
    middle = len(positions) // 2
    position = int(positions[middle])
    values.partition(position, axis=-1)
    select_in_place(values[:, :position], positions[:middle])
    select_in_place(values[:, position + 1 :], positions[middle + 1 :] - (position + 1))


def _sample_batch(
    job: SamplingJob, stream: RandomStream, mapper: Mapper, report: Callable[[float], None]
) -> _BatchStatistics:
    """Compute the statistics of a batch; ``report`` is called with the share that is finished."""
    statistics = _BatchStatistics(job, stream.draws)
    headlines = statistics.headlines
    ranked = headlines.shape[-1]
    write = partial(_write_statistics, job, statistics)
    parent_sums = _ParentSums(job.parents, len(job.region_order))
    blocks = blocks_of(job, stream.draws)
    sampled_blocks = _sample_blocks(job, stream, blocks, mapper)
    for number, (regions, block_lines) in enumerate(sampled_blocks, 1):
        complete = []
        for index, position in enumerate(regions.tolist()):
            region = _RegionLines(position, block_lines[:, index])
            complete.append(region)
        complete += parent_sums.add(complete)
        if job.headline is not None:
            for position, values in complete:
                headlines[:, position] = values[:, job.headline, :ranked]
        list(mapper(write, complete))
        report(number / len(blocks))
    return statistics


def _write_statistics(job: SamplingJob, statistics: _BatchStatistics, region: _RegionLines) -> None:
    """Write the statistics of a region in all periods, and reorder its draws."""
    position, values = region
    years = values.shape[0]
    line_count = values.shape[1]
    for start in range(0, line_count, _LINES_AT_ONCE):
        stop = start + _LINES_AT_ONCE
        lines = slice(start, stop)
        known = job.known[:, position, lines]
        for period, (first, last) in enumerate(job.pairs, years):
            if known[period].any():
                last_level = values[last, lines]
                first_level = values[first, lines]
                change = last_level - first_level
                statistics.write((period, position, lines), change)
        for year in range(years):  # after the changes, for the draws of levels are reordered
            if known[year].any():
                level = values[year, lines]
                statistics.write((year, position, lines), level)


def blocks_of(job: SamplingJob, draws: int) -> list[np.ndarray]:
    """Split the regions into blocks whose lines and samples fit into memory.

    Parameters
    ----------
    job : SamplingJob
        What is sampled.
    draws : int
        Draws of a batch.

    Returns
    -------
    list of ndarray of int
        Positions of the regions of each block, the larger blocks first.
    """
    years = len(job.plans)
    regions = len(job.region_order)
    rows = job.rows
    bytes_of_number = _DOUBLE_BYTES * draws  # at all draws
    line_count = max(1, len(job.lines.frame))
    lines_bytes = bytes_of_number * years * line_count
    most_by_lines = _LINES_BYTES / lines_bytes
    unshared_rows = len(rows.frame) - len(rows.shared)
    rows_of_region = unshared_rows / (years * regions) + 1
    samples_bytes = bytes_of_number * rows_of_region
    most_by_samples = _SAMPLES_BYTES / samples_bytes
    most = int(min(most_by_lines, most_by_samples))
    most = max(1, most)
    block_count = -(-regions // most)  # rounded up
    return np.array_split(job.region_order, block_count)


def _sample_blocks(
    job: SamplingJob, stream: RandomStream, blocks: Sequence[np.ndarray], mapper: Mapper
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the regions of each block with their lines: year x region x line x draw.

    The next block overwrites the lines: fresh memory is slow to touch, so one array serves all.
    """
    years = len(job.plans)
    line_count = len(job.lines.frame)
    draws = stream.draws
    numbers_of_region = years * line_count * draws
    largest = len(blocks[0])
    memory = np.empty(largest * numbers_of_region)
    for regions in blocks:
        numbers = len(regions) * numbers_of_region
        block_lines = memory[:numbers].reshape(years, len(regions), line_count, draws)
        for year, plan in enumerate(job.plans):
            block = block_of(plan, job.rows, year, regions)
            write = partial(
                _write_chunk,
                block=block,
                samples=stream.numbers(block.rows, mapper),
                lines=job.lines,
                values=block_lines[year],
            )
            chunks = chunks_of(block, draws)
            list(mapper(write, chunks))
        yield regions, block_lines


def _write_chunk(
    chunk: tuple[int, int],
    *,
    block: RegionBlock,
    samples: np.ndarray,
    lines: AccountLines,
    values: np.ndarray,
) -> None:
    """Write the lines of a block (region x line x draw) at the draws of a chunk."""
    draws = slice(*chunk)
    plan = block.plan_at(samples[:, draws])
    write_lines(plan, lines, values[:, :, draws])


class _ParentSums:
    """Sums of the lines of parents whose regions are not all evaluated yet."""

    def __init__(self, parents: ParentRegions, region_count: int) -> None:
        self._region_count = region_count
        self._sums: dict[int, np.ndarray] = {}
        self._regions_left: list[int] = []
        self._parents_of: dict[int, list[int]] = {}
        for parent, members in enumerate(parents.members):
            self._regions_left.append(len(members))
            for member in members.tolist():
                parents_of_member = self._parents_of.setdefault(member, [])
                parents_of_member.append(parent)

    def add(self, regions: Sequence[_RegionLines]) -> list[_RegionLines]:
        """Add regions to their parents, and return the parents that are now complete."""
        complete = []
        for position, values in regions:
            for parent in self._parents_of.get(position, []):
                if parent in self._sums:
                    self._sums[parent] += values
                else:
                    self._sums[parent] = values.copy()
                self._regions_left[parent] -= 1
                if self._regions_left[parent] == 0:
                    parent_values = self._sums.pop(parent)
                    parent_position = self._region_count + parent
                    complete.append(_RegionLines(parent_position, parent_values))
        return complete


# --- all batches ----------------------------------------------------------------------------------


class _PooledStatistics:
    """Statistics of the lines over batches: period x region x line.

    Attributes
    ----------
    draws, batches : int
        What was added.
    mean, squares, positive, quantiles : ndarray
        See ``_BatchStatistics``. Quantiles are means over batches.
    quantile_squares : ndarray
        Sums over batches of squares of their quantiles about the mean.
    rank_counts : list of list of RankCounts
        For each year the counts of its groups.
    """

    def __init__(self, job: SamplingJob) -> None:
        shape = job.known.shape
        self.draws = 0
        self.batches = 0
        self.mean = np.zeros(shape)
        self.squares = np.zeros(shape)
        self.positive = np.zeros(shape)
        quantile_shape = (*shape, len(QUANTILES))
        self.quantiles = np.zeros(quantile_shape)
        self.quantile_squares = np.zeros(quantile_shape)
        self.rank_counts: list[list[RankCounts]] = []
        for groups in job.rank_groups:
            year_counts = [RankCounts(members) for members in groups]
            self.rank_counts.append(year_counts)

    def add(self, batch: _BatchStatistics, mapper: Mapper) -> None:
        """Pool another batch, and count its ranks."""
        draws = self.draws + batch.draws
        difference = batch.mean - self.mean
        self.mean += difference * (batch.draws / draws)
        weight = self.draws * batch.draws / draws
        self.squares += batch.squares + difference**2 * weight
        self.positive += batch.positive
        self.draws = draws
        self.batches += 1
        difference = batch.quantiles - self.quantiles
        self.quantiles += difference / self.batches
        remaining_difference = batch.quantiles - self.quantiles
        self.quantile_squares += difference * remaining_difference
        counts = []
        headlines = []
        for year, groups in enumerate(self.rank_counts):
            for group_counts in groups:
                counts.append(group_counts)
                headlines.append(batch.headlines[year])
        list(mapper(_count_ranks, counts, headlines))

    @property
    def sd(self) -> np.ndarray:
        """Standard deviations of the lines."""
        variance = self.squares / (self.draws - 1)
        return np.sqrt(variance)

    @property
    def rank_draws(self) -> int:
        """Number of draws that are ranked; 0 if nothing is."""
        counts = chain.from_iterable(self.rank_counts)
        return max((group_counts.draws for group_counts in counts), default=0)

    def quantile_error(self) -> float | None:
        """Return the largest standard error of a quantile in sd of its line; None for one batch."""
        if self.batches < 2:
            return None
        sd = self.sd
        squares = self.quantile_squares.max(axis=-1)
        variance = squares / (self.batches - 1)
        error = np.sqrt(variance / self.batches)
        relative_error = np.zeros_like(sd)
        np.divide(error, sd, out=relative_error, where=sd > 0)
        return float(relative_error.max())


def _count_ranks(counts: RankCounts, headlines: np.ndarray) -> None:
    """Count the ranks of a group; ``headlines`` is region x draw."""
    counts.add(headlines[counts.members])
