"""Speed and memory of draws: a whole ``uncertainty`` against the account's bare arithmetic on the same drawn arrays.

``python benchmarks/draws.py [--draws 10000] [--counties 100] [--workers 1]``. Exit status 1 where a limit is exceeded.
Ours makes the numbers, runs the accounts of four years, adds the lines, counts and sorts; by hand there is nothing but
the arithmetic of ``by_hand.account``, on arrays that are ready, in the same pieces and the same process.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator

import by_hand
import numpy as np
import rcees_inputs
from synthetic import YEAR
from table_tier import verdict

YEARS, SPREAD, SEED = 4, 0.2, 7
LIMIT, MEMORY_LIMIT = 4.0, 1.0  # times; GiB
TOLERANCE = 1e-9


def main() -> int:
    """Both sides; the exit status."""
    parser = argparse.ArgumentParser(description="Speed and memory of draws.")
    for name, usual in (("draws", 10_000), ("counties", 100), ("workers", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    chosen = parser.parse_args()
    from gep.uncertainty import uncertainty

    plans = [
        rcees_inputs.plan_of(rcees_inputs.make_inputs(chosen.counties, year), year, SPREAD)
        for year in range(YEAR, YEAR + YEARS)
    ]
    before = peak()
    begin = time.perf_counter()
    found = uncertainty(plans, chosen.draws, SEED, workers=chosen.workers)
    ours = time.perf_counter() - begin
    memory = peak()
    told = found.statement()
    print(f"{chosen.counties} counties x {YEARS} years x {chosen.draws:,} draws, {chosen.workers} thread(s)")
    print(f"{told['rows_drawn']:,} of {told['rows_used']:,} rows drawn; {len(found.table()):,} rows of results")
    theirs = bare(plans, chosen.draws, ours)
    fine = memory <= MEMORY_LIMIT
    print(f"peak memory {memory:.2f} GiB ({before:.2f} before), limit {MEMORY_LIMIT}: {'pass' if fine else 'FAIL'}")
    return int(not (verdict("draws", ours, theirs, LIMIT) and fine))


def peak() -> float:
    """The most memory that this process has held, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def bare(plans: list, draws: int, ours: float) -> float:
    """Seconds of the arithmetic of all pieces; the first piece must agree with ours."""
    spent, checked = 0.0, False
    for plan, area, data, coefficients in pieces(plans, draws):
        begin = time.perf_counter()
        hand = by_hand.account(area, data, coefficients, rcees_inputs.COLUMNS)
        spent += time.perf_counter() - begin
        if not checked:
            compare(plan, hand)
            checked = True
    return spent


def pieces(plans: list, draws: int) -> Iterator[tuple]:
    """The drawn arrays of every block of regions, year and chunk that ``uncertainty`` works on."""
    from gep.uncertainty import BATCH, chunks_of, even_parts, prepared

    work = prepared(plans)
    for start, stop in even_parts(draws, BATCH):
        for stream, blocks in work.blocks(SEED, start, stop):
            for block in blocks:
                for first, last in chunks_of(block, stop - start):
                    plan = block.plan_at(stream.numbers(first, last))
                    yield plan, *arrays(plan)
