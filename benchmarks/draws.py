"""Speed and memory of draws: a whole ``uncertainty`` against a whole simulation in plain numpy (``draws_by_hand.py``).

``python benchmarks/draws.py [--draws 10000] [--counties 100] [--runs 1] [--workers 1]``. Exit status 1 where a limit is
exceeded. Both make the numbers, run the accounts of four years, add the lines, and give means, standard deviations,
quantiles and probabilities of levels and changes, and ranks: on one thread each, timed in processor seconds, in turn.
Their random numbers are not the same, so statistics must agree within their errors; the arithmetic must agree draw by
draw on the same drawn arrays. With more ``--workers`` ours runs on threads, and wall time is told for information.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

import by_hand
import draws_by_hand
import numpy as np
import rcees_inputs
from synthetic import YEAR
from table_tier import SUBSETS, verdict

if TYPE_CHECKING:
    from gep import Plan
    from gep.plan.binding import BoundInput
    from gep.uncertainty.interval_tables import Uncertainty

YEARS, SPREAD, SEED = 4, 0.2, 7
LIMIT, MEMORY_LIMIT = 1.5, 1.0  # times; GiB
TIMED = 10_000  # draws up to which the limit of time holds; of more the memory counts
TOLERANCE = 1e-9
ERRORS = 6  # standard errors within which statistics of other random numbers agree
SD_ERROR = 2  # of the standard deviation of a skew line, in those of a normal one: two seeds of one side differ so
QUANTILE_ERROR = 6  # of a quantile at 97.5 % of a skew line, in those of a mean, at most


def main() -> int:
    """Both sides; the exit status."""
    parser = argparse.ArgumentParser(description="Speed and memory of draws.")
    for name, usual in (("draws", 10_000), ("counties", 100), ("runs", 1), ("workers", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    chosen = parser.parse_args()
    from gep.uncertainty.monte_carlo import propagate_uncertainty

    years = range(YEAR, YEAR + YEARS)
    inputs = [rcees_inputs.make_inputs(chosen.counties, year) for year in years]
    plans = [
        rcees_inputs.plan_of(one, year, SPREAD) for one, year in zip(inputs, years, strict=True)
    ]
    same_arithmetic(plans, min(chosen.draws, TIMED))
    ours, theirs, walls = [], [], []
    before = memory = peak()
    for run in range(chosen.runs):
        begin, wall = time.process_time(), time.perf_counter()
        found = propagate_uncertainty(plans, chosen.draws, SEED, workers=chosen.workers)
        ours.append(time.process_time() - begin)
        walls.append(time.perf_counter() - wall)
        memory = memory if run else peak()
        if chosen.draws > TIMED:
            break
        begin = time.process_time()
        hand = draws_by_hand.simulate(inputs, chosen.draws, SEED, SPREAD)
        theirs.append(time.process_time() - begin)
        print(
            f"run {run + 1}: {ours[-1]:.2f} s : {theirs[-1]:.2f} s = {ours[-1] / theirs[-1]:.2f}",
            flush=True,
        )
    told = found.statement()
    print(
        f"{chosen.counties} counties x {YEARS} years x {chosen.draws:,} draws: {told['rows_drawn']:,} of "
        f"{told['rows_used']:,} rows drawn; {len(found.table()):,} rows of results"
    )
    print(
        f"for information, ours by {chosen.workers} thread(s): {median(walls):.3f} s of wall time"
    )
    fine = memory <= MEMORY_LIMIT
    print(
        f"peak memory {memory:.2f} GiB ({before:.2f} before), limit {MEMORY_LIMIT}: {'pass' if fine else 'FAIL'}"
    )
    if not theirs:
        return int(not fine)
    same_statistics(found, hand)
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    print(f"{chosen.runs} run(s) in turn, ratios from {min(ratios):.2f} to {max(ratios):.2f}")
    return int(not (verdict("draws", median(ours), median(theirs), LIMIT) and fine))


def peak() -> float:
    """The most memory that this process has held, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def same_arithmetic(plans: list["Plan"], draws: int) -> None:
    """The first block of each year, by plan and by hand on the same drawn arrays. Raises ``AssertionError``."""
    from gep.account.evaluation import evaluate

    for _, (plan, given) in zip(range(YEARS), pieces(plans, draws), strict=False):
        compare(plan, evaluate(plan), by_hand.account(*given, rcees_inputs.COLUMNS))


def same_statistics(ours: "Uncertainty", hand: draws_by_hand.Statistics) -> None:
    """The same lines, and statistics within their errors. Raises ``AssertionError``."""
    names = ours.lines[["category", "indicator", "item"]].to_numpy(dtype=object).tolist()
    keys = {(one[0], one[1], one[2]): position for position, one in enumerate(hand.lines)}
    order = [keys[category, indicator, item] for category, indicator, item in names]
    assert len(order) == len(hand.lines)
    error = np.sqrt(2 / ours.draws)
    for name, size in (
        ("mean", 1.0),
        ("sd", SD_ERROR),
        ("positive", 0.0),
        ("quantiles", QUANTILE_ERROR),
    ):
        one, other = getattr(ours, name), getattr(hand, name)[:, :, order]
        sd = ours.sd if name != "quantiles" else ours.sd[..., None]
        rounding = TOLERANCE * np.abs(ours.mean)
        if name == "quantiles":
            rounding = rounding[..., None]
        allowed = ERRORS * error * (size * sd if size else 0.5) + rounding
        assert (np.abs(one - other) <= allowed).all(), name
    print(f"{len(order)} lines agree within {ERRORS} standard errors")


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
