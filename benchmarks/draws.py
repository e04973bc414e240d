"""Speed and memory of draws: a whole ``uncertainty`` against the account's bare arithmetic on the same drawn arrays.

``python benchmarks/draws.py [--draws 10000] [--counties 100] [--workers N]`` (threads; usually one a core). Exit status
1 where a limit is exceeded. Ours makes the numbers, runs the accounts of four years, adds the lines, counts and sorts;
by hand there is nothing but the arithmetic of ``by_hand.account`` in the same pieces and the same process, on arrays
that are ready: draws x regions x members as numpy lays them out.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import by_hand
import numpy as np
import rcees_inputs
from synthetic import YEAR
from table_tier import SUBSETS, verdict

if TYPE_CHECKING:
    from gep import Plan
    from gep.plan.binding import BoundInput

YEARS, SPREAD, SEED = 4, 0.2, 7
LIMIT, MEMORY_LIMIT = 4.0, 1.0  # times; GiB
TIMED = 10_000  # draws up to which the limit of time holds; of more the memory counts
TOLERANCE = 1e-9


def main() -> int:
    """Both sides; the exit status."""
    parser = argparse.ArgumentParser(description="Speed and memory of draws.")
    for name, usual in (("draws", 10_000), ("counties", 100), ("workers", os.cpu_count() or 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    chosen = parser.parse_args()
    from gep.uncertainty.monte_carlo import propagate_uncertainty

    plans = [
        rcees_inputs.plan_of(rcees_inputs.make_inputs(chosen.counties, year), year, SPREAD)
        for year in range(YEAR, YEAR + YEARS)
    ]
    before = peak()
    begin = time.perf_counter()
    found = propagate_uncertainty(plans, chosen.draws, SEED, workers=chosen.workers)
    ours = time.perf_counter() - begin
    memory = peak()
    told = found.statement()
    print(
        f"{chosen.counties} counties x {YEARS} years x {chosen.draws:,} draws, {chosen.workers} thread(s)"
    )
    print(
        f"{told['rows_drawn']:,} of {told['rows_used']:,} rows drawn; {len(found.table()):,} rows of results"
    )
    theirs, turned = bare(plans, chosen.draws)
    print(
        f"for information, by hand on arrays whose draws are last in memory, as ours: {turned:.3f} s"
    )
    fine = memory <= MEMORY_LIMIT
    print(
        f"peak memory {memory:.2f} GiB ({before:.2f} before), limit {MEMORY_LIMIT}: {'pass' if fine else 'FAIL'}"
    )
    fast = verdict("draws", ours, theirs, LIMIT) or chosen.draws > TIMED
    return int(not (fast and fine))


def peak() -> float:
    """The most memory that this process has held, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def bare(plans: list["Plan"], draws: int) -> tuple[float, float]:
    """Seconds of the arithmetic of all pieces by hand, draws first or last in memory; the first pieces must agree."""
    from gep.account.evaluation import evaluate

    spent = [0.0, 0.0]
    for number, (plan, given) in enumerate(pieces(plans, draws)):
        usual = [
            given[0],
            *(
                {name: np.ascontiguousarray(one) for name, one in some.items()}
                for some in given[1:]
            ),
        ]
        for side, ready in enumerate((usual, given)):
            begin = time.perf_counter()
            hand = by_hand.account(*ready, rcees_inputs.COLUMNS)
            spent[side] += time.perf_counter() - begin
        if number < YEARS:
            compare(plan, evaluate(plan), hand)
    return spent[0], spent[1]


def pieces(plans: list["Plan"], draws: int) -> Iterator[tuple["Plan", tuple]]:
    """The drawn arrays of every block of regions, year and chunk that ``uncertainty`` works on."""
    from gep.uncertainty.monte_carlo import BATCH, blocks_of, work_of
    from gep.uncertainty.sampled_plan import RandomStream, block_of, chunks_of, even_parts

    work = work_of(plans, None)
    for start, stop in even_parts(draws, BATCH):
        stream = RandomStream(work.rows, SEED, start, stop)
        for regions in blocks_of(work, stop - start):
            for year, plan in enumerate(work.plans):
                block = block_of(plan, work.rows, year, regions)
                numbers = stream.numbers(block.rows)
                for first, last in chunks_of(block, stop - start):
                    drawn = block.plan_at(numbers[:, first:last])
                    yield drawn, arrays(drawn)


def arrays(plan: "Plan") -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Areas, data and coefficients as ``by_hand`` takes them: in the units in which they are given, draws first."""
    data, coefficients = {}, {}
    for one in plan.steps:
        for argument, source in one.inputs.items():
            binding = one.step.inputs[argument]
            if binding.coef:
                coefficients[binding.coef] = coefficient(printed(source), binding.coef, source.dims)
            elif binding.at:
                data.setdefault(binding.data, []).append(
                    printed(source)
                )  # products, in their order
            elif binding.data:
                values = np.nan_to_num(printed(source))  # 0 where the step takes none
                data[binding.data] = np.maximum(values, data.get(binding.data, 0.0))
    data["net_output_value"] = np.stack(data["net_output_value"], axis=-1)
    cover = [coefficients[f"cover_factor_{name}"] for name in rcees_inputs.COVER]
    coefficients["cover_factor"] = np.moveaxis(
        np.concatenate([np.moveaxis(one, 0, -1) for one in cover]), -1, 0
    )
    return plan.extent.area, data, coefficients


def printed(source: "BoundInput") -> np.ndarray:
    """The values of an input in the unit of its rows, which is the same for all."""
    scale = source.used["factor"].iloc[0]
    return source.values if scale == 1 else source.values / scale


def coefficient(values: np.ndarray, name: str, dims: tuple[str, ...]) -> np.ndarray:
    """Draw x 1 (for the region), and x member where it has a key."""
    if "ecosystem" in dims:
        members = rcees_inputs.COEFFICIENTS[name][2]
        values = values[:, [rcees_inputs.ECOSYSTEMS.index(one) for one in members]]
    return values[:, None]


def compare(plan: "Plan", ours: dict[str, np.ndarray], hand: dict[str, np.ndarray]) -> None:
    """All quantities and values agree in every draw and cell. Raises ``AssertionError``."""
    assert set(hand) == {one.name for one in plan.steps if one.step.kind != "auxiliary"}
    for name, values in hand.items():
        subset = next(
            (columns for start, columns in SUBSETS.items() if name.startswith(start)), None
        )
        if subset:
            whole = np.zeros((*values.shape[:-1], len(rcees_inputs.ECOSYSTEMS)))
            whole[..., rcees_inputs.COLUMNS[subset]] = values
            values = whole
        np.testing.assert_allclose(ours[name], values, rtol=TOLERANCE, atol=0, err_msg=name)


if __name__ == "__main__":
    sys.exit(main())
