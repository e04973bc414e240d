"""Speed of the table tier, both sides in one run: evaluating a plan, whole runs, growth with the number of regions.

``python benchmarks/table_tier.py [evaluate] [whole-process] [growth] [country]`` (all where none is named). Exit status 1 where a
limit is exceeded. Sizes, numbers and baselines are those of README.md beside this file.
"""

import argparse
import json
import os
import pty
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import by_hand
import numpy as np
import pandas as pd
import rcees_inputs
import synthetic

REGIONS, COUNTIES, SIZES = 100_000, 2_851, (10_000, 100_000)
EVALUATE_LIMIT, PROCESS_LIMIT, GROWTH_LIMIT = 1.5, 2.5, 1.0
PLANNING_LIMIT = 1.2  # planning that grows with the square of the regions would give 10
EVALUATIONS, PROCESSES = 10, 5
COUNTRY_YEARS, COUNTRY_RUNS = 5, 3
COUNTRY_LIMIT, PEAK_LIMIT = 1.5, 500  # of the pandas process; MB
FIRST_LINE_LIMIT, EXPLAIN_LIMIT = 2.0, 2.0  # seconds
TOLERANCE = 1e-9
SAMPLE = 2000  # cells of each result column that the pandas baseline writes over and over
NUMBERS = ("value", "per_km2", "per_capita", "share")
SUBSETS = {  # steps that by_hand computes for some ecosystem types only
    "sand_fixation": "sand_fixation",
    "climate_regulation.plants": "plants",
    "climate_regulation.water": "wetland",
    "flood_mitigation.marshes": "marsh",
    "pest_control": "pests",
}


def main() -> int:
    """The chosen sections; the exit status."""
    sections: dict[str, Callable[[], bool]] = {
        "evaluate": evaluate,
        "whole-process": whole_process,
        "growth": growth,
        "country": country,
    }
    parser = argparse.ArgumentParser(description="Speed of the table tier, both sides in one run.")
    parser.add_argument(
        "section", nargs="*", help=f"{', '.join(sections)}; all where none is named"
    )
    chosen = parser.parse_args().section or list(sections)
    if unknown := [name for name in chosen if name not in sections]:
        parser.error(f"no section {', '.join(unknown)}; there are: {', '.join(sections)}")
    held = [sections[name]() for name in chosen]  # all of them, also after one that fails
    return int(not all(held))


def verdict(what: str, ours: float, theirs: float, limit: float) -> bool:
    """Print a ratio against its limit; whether it holds."""
    fine = ours <= limit * theirs
    ratio = f"ratio {ours / theirs:.2f}, limit {limit}: {'pass' if fine else 'FAIL'}"
    print(f"{what}: {ours:.3f} s against {theirs:.3f} s: {ratio}")
    return fine


def verdict_of_growth(what: str, spent: list[float], limit: float) -> bool:
    """Print the seconds per region at the larger of ``SIZES`` against the smaller; whether the limit holds."""
    few, many = (1000 * seconds / regions for seconds, regions in zip(spent, SIZES, strict=True))
    return verdict(f"{what}, seconds per thousand regions", many, few, limit)


# --- evaluating a ready plan -----------------------------------------------------------------------------------------


def evaluate() -> bool:
    """A ready plan of ``rcees-2017`` against numpy by hand, on the same numbers; results must agree."""
    from gep.account.evaluation import evaluate as evaluate_plan

    spent = []
    for regions in SIZES:  # the last, of REGIONS, is evaluated below
        inputs = rcees_inputs.make_inputs(regions)
        begin = time.process_time()
        plan = rcees_inputs.plan_of(inputs)
        spent.append(time.process_time() - begin)
    size = f"{REGIONS:,} regions x {len(rcees_inputs.ECOSYSTEMS)} types"
    print(f"plan of rcees-2017, {size}: {spent[-1]:.1f} s to build")
    is_linear = verdict_of_growth("planning", spent, PLANNING_LIMIT)

    def hand() -> dict[str, np.ndarray]:
        return by_hand.account_of_tables(
            inputs.area, inputs.data, inputs.coefficients, rcees_inputs.COLUMNS
        )

    due = {one.name for one in plan.steps if one.step.kind != "auxiliary"}
    compare(evaluate_plan(plan), hand(), due)
    ours, theirs = alternating(
        lambda: evaluate_plan(plan), hand, EVALUATIONS, clock=time.process_time
    )
    return verdict("evaluate", ours, theirs, EVALUATE_LIMIT) and is_linear


def compare(ours: dict[str, np.ndarray], hand: dict[str, np.ndarray], due: set[str]) -> None:
    """All quantities and values are there by hand, and agree cell by cell. Raises ``AssertionError``."""
    assert set(hand) == due, f"by hand and by plan differ in {', '.join(sorted(set(hand) ^ due))}"
    for name, values in hand.items():
        subset = next(
            (columns for start, columns in SUBSETS.items() if name.startswith(start)), None
        )
        if subset:
            whole = np.zeros((len(values), len(rcees_inputs.ECOSYSTEMS)))
            whole[:, rcees_inputs.COLUMNS[subset]] = values
            values = whole
        np.testing.assert_allclose(ours[name], values, rtol=TOLERANCE, atol=0, err_msg=name)
    print(f"{len(hand)} quantities and values agree to a relative {TOLERANCE:g}, cell by cell")


def alternating(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    runs: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Median seconds of both, run in turn; prints the spread of their ratio."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, times in zip((ours, theirs), spent, strict=True):
            begin = clock()
            work()
            times.append(clock() - begin)
    ratios = [one / other for one, other in zip(*spent, strict=True)]
    print(f"{runs} runs in turn, ratios from {min(ratios):.2f} to {max(ratios):.2f}")
    return median(spent[0]), median(spent[1])


# --- a whole run -----------------------------------------------------------------------------------------------------


def whole_process() -> bool:
    """``gep run`` with ``xie-2015`` against pandas reading the same files and writing as many rows."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        synthetic.xie_project(folder, COUNTIES)
        gep_run(folder)
        tables = {file.name: shape_of(file) for file in sorted((folder / "out").glob("*.csv"))}
        wanted = Path(temporary) / "rows.json"
        wanted.write_text(json.dumps(tables), encoding="utf-8")
        rows = ", ".join(f"{name} {table['rows']:,}" for name, table in tables.items())
        print(f"gep run, xie-2015, {COUNTIES:,} regions, writes rows: {rows}")
        ours, theirs = alternating(
            lambda: gep_run(folder), lambda: pandas_run(folder, wanted), PROCESSES
        )
    with_map()
    return verdict("whole process", ours, theirs, PROCESS_LIMIT)


def with_map() -> None:
    """For information: the same run where the counties have places and matplotlib draws the map."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        synthetic.xie_project(folder, COUNTIES, places=True)
        begin = time.perf_counter()
        gep_run(folder)
        drawn = (folder / "out" / "map.png").exists()
        print(
            f"for information, {'with its map' if drawn else 'map not drawn'}: {time.perf_counter() - begin:.3f} s"
        )


def shape_of(file: Path) -> dict[str, object]:
    """Rows of a result file, and a sample of each of its columns (nothing where it holds numbers)."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    spots = np.linspace(0, len(table) - 1, SAMPLE).astype(int)
    columns = {
        name: [] if name in NUMBERS else table[name].iloc[spots].tolist() for name in table.columns
    }
    return {"rows": len(table), "columns": columns}


def gep_run(folder: Path) -> None:
    """``gep run`` as a process of its own, with its summary in the terminal."""
    process([sys.executable, "-m", "gep", "run", str(folder)])


def pandas_run(folder: Path, wanted: Path, numbers: Path | None = None) -> None:
    """The baseline as a process of its own; ``numbers`` is the coefficient set, xie-2015 by default."""
    from gep.io.catalog import shipped

    numbers = numbers or shipped("coefficients")["xie-2015"]
    files = [*sorted(folder.glob("*.csv")), *sorted(numbers.glob("*.csv"))]
    script = Path(__file__).with_name("pandas_baseline.py")
    process([sys.executable, str(script), str(folder / "by_pandas"), str(wanted), *map(str, files)])


def process(command: list[str]) -> float:
    """Run a command to its end; the processor seconds it used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# --- the counties of a country -----------------------------------------------------------------


def country() -> bool:
    """``gep run`` and ``gep explain`` with ``rcees-2017``, 2,851 counties x 5 years, against pandas."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        # in a process of its own: a process that is started has at least the peak of the one that starts it
        maker = Path(__file__).with_name("rcees_inputs.py")
        process([sys.executable, str(maker), str(folder), str(COUNTIES), str(COUNTRY_YEARS)])
        seconds, peak = first_line_and_peak(
            [sys.executable, "-m", "gep", "run", str(folder), "--language", "en"]
        )
        out = sorted((folder / "out").iterdir())
        written = ", ".join(f"{file.name} {file.stat().st_size / 1e6:.1f}" for file in out)
        total = sum(file.stat().st_size for file in out) / 1e6
        print(
            f"gep run, rcees-2017, {COUNTIES:,} x {COUNTRY_YEARS}, writes {total:.0f} MB: {written}"
        )
        tables = {
            file.name.removesuffix(".gz"): shape_of(file) for file in out if ".csv" in file.name
        }
        wanted = Path(temporary) / "rows.json"
        wanted.write_text(json.dumps(tables), encoding="utf-8")
        asked = ("--region", "10000101", "--year", str(synthetic.YEAR))
        explain = [sys.executable, "-m", "gep", "explain", str(folder), *asked]
        explain += ["--indicator", "soil_retention"]
        explained = []
        for _ in range(COUNTRY_RUNS):
            begin = time.perf_counter()
            process(explain)
            explained.append(time.perf_counter() - begin)
        ours, theirs = alternating(
            lambda: gep_run(folder),
            lambda: pandas_run(folder, wanted, folder / "numbers"),
            COUNTRY_RUNS,
        )
    held = [
        verdict_of_most("first progress line, seconds", seconds, FIRST_LINE_LIMIT),
        verdict_of_most("peak memory, MB", peak, PEAK_LIMIT),
        verdict_of_most("explain, seconds", median(explained), EXPLAIN_LIMIT),
        verdict("country", ours, theirs, COUNTRY_LIMIT),
    ]
    return all(held)


def verdict_of_most(what: str, found: float, most: float) -> bool:
    """Print a number against the most it may be; whether it holds."""
    fine = found <= most
    print(f"{what}: {found:.2f}, limit {most:g}: {'pass' if fine else 'FAIL'}")
    return fine


def first_line_and_peak(command: list[str]) -> tuple[float, float]:
    """Run a command on a terminal; seconds until it shows something there, and its peak memory in MB."""
    ours, its = pty.openpty()
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    shown = b""
    seconds = float("inf")
    try:
        while part := os.read(ours, 4096):
            shown += part
            if seconds == float("inf") and b"reading" in shown:
                seconds = time.perf_counter() - begin
    except OSError:  # how Linux says that nobody writes to the terminal any more
        pass
    os.close(ours)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, shown.decode(errors="replace")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return seconds, kilobytes * 1024 / 1e6


# --- growth ----------------------------------------------------------------------------------------------------------


def growth() -> bool:
    """Processor time per region of a whole ``gep run`` (``xie-2015``) at two sizes: the larger may not cost more."""
    spent = []
    for regions in SIZES:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "project"
            synthetic.xie_project(folder, regions)
            spent.append(process([sys.executable, "-m", "gep", "run", str(folder), "--quiet"]))
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        print(
            f"gep run, {regions:,} regions: {spent[-1]:.1f} s of processor time; at most {most:.2f} GB of memory"
        )
    return verdict_of_growth("growth", spent, GROWTH_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
