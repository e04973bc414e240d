"""Chosen lines of accounts at draws (抽样的科目值): of regions and parents, for what is worked out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from gep.account.lines import Lines
from gep.account.result_tables import roll_up
from gep.plan.plan import Plan
from gep.uncertainty.monte_carlo import Work, blocks_of, work_of
from gep.uncertainty.sampled_plan import Block, Stream, block_of, chunks_of, write_lines


@dataclass(frozen=True)
class DrawnLines:
    """Lines at draws: year -> draw x region and parent x line; ``frame`` describes lines, ``codes`` are the regions."""

    codes: pd.Index
    frame: pd.DataFrame
    values: dict[int, np.ndarray]


def drawn_lines(plans: Sequence[Plan], draws: int, seed: int, chosen: Sequence[tuple[str, str, str]]) -> DrawnLines:
    """The lines (category, indicator, item) of the plans (one a year) at draws; the draws are those of ``uncertainty``.

    Raises ``ProblemsFound`` where nothing has low and high.
    """
    work = work_of(sorted(plans, key=lambda one: one.year), None)
    keys = pd.MultiIndex.from_frame(work.lines.frame[["category", "indicator", "item"]])
    spots = np.flatnonzero(keys.isin(list(chosen)))
    lines = Lines(work.lines.frame.iloc[spots].reset_index(drop=True), work.lines.picks[:, spots])
    stream = Stream(work.rows, seed, 0, draws)
    values = {plan.year: _year(work, stream, number, lines, draws) for number, plan in enumerate(work.plans)}
    codes = [str(code) for code in work.plans[0].extent.regions]
    return DrawnLines(pd.Index([*codes, *work.above.codes], dtype=object), lines.frame, values)


def _year(work: Work, stream: Stream, number: int, lines: Lines, draws: int) -> np.ndarray:
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


def _write(block: Block, numbers: np.ndarray, lines: Lines, store: np.ndarray, some: slice) -> None:
    write_lines(block.plan_at(numbers[:, some]), lines, store[:, :, some])
