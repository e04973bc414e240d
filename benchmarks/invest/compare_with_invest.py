"""County totals of three accounts on the same rasters: gep, InVEST, and one streaming pass by hand, in one sitting.

``python benchmarks/invest/compare_with_invest.py --invest-python PATH [--size 4000] [--runs 3] [--threads 1]``. Each side
runs as a process of its own, in turn; times are without imports. Exit status 1 where a limit is missed. See README.md.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from measured import MARK

HERE = Path(__file__).parent
TOTALS, PIXEL_WATER = 1e-6, 5e-4  # relative; mm
OURS = {
    "carbon": 1e-9,
    "water": 1e-9,
    "soil": 1e-6,
}  # the same formulas in float64; the slope is stored as float32
INVEST_LIMITS = {"carbon": 25.0, "water": 12.0, "soil": 5.0}  # times as fast as InVEST at least
MAPS_LIMIT = 5.0
PASS_LIMITS = {"carbon": 1.2, "water": 1.2, "soil": 1.5}  # times the pass by hand at most
FEW = (
    200  # pixels down and across of a grid whose account is all that does not grow with the pixels
)
SQUARE_METRES = 900.0  # of a pixel


@dataclass
class Side:
    """What the runs of a side measured."""

    title: str
    runs: list[dict]

    @property
    def seconds(self) -> float:
        return median(run["seconds"] for run in self.runs)

    @property
    def processor(self) -> float:
        """Seconds of all threads: what counts where other work has the machine."""
        return median(run["processor"] for run in self.runs)

    @property
    def peak(self) -> float:
        """MiB."""
        return max(run["peak"] for run in self.runs)

    @property
    def totals(self) -> dict[str, dict[str, float]]:
        return self.runs[0]["totals"]

    def line(self) -> str:
        spread = ", ".join(f"{run['seconds']:.3f}" for run in self.runs)
        said = self.runs[0]
        return f"  {self.title}: {self.seconds:.3f} s ({spread}; processor {self.processor:.3f}), {self.peak:.0f} MiB, threads {said['threads']}; {said['versions']}"


class Sitting:
    """Processes of one sitting, and whether the limits hold so far."""

    def __init__(self, chosen: argparse.Namespace, work: Path) -> None:
        self.chosen, self.work = chosen, work
        self.grid, self.few_pixels = work / "grid", work / "few-pixels"
        self.fine = True

    def hold(self, what: str, is_held: bool) -> None:
        print(f"  {what}: {'pass' if is_held else 'FAIL'}", flush=True)
        self.fine = self.fine and is_held

    def run(self, python: str, script: str, *given: str) -> dict:
        """What a script measured in a process of its own."""
        done = subprocess.run(
            [python, str(HERE / script), *given], capture_output=True, text=True, check=False
        )
        for line in done.stdout.splitlines():
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        raise SystemExit(
            f"{script} {' '.join(given)} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )

    def invest(self, account: str) -> dict:
        out = self.work / f"invest-{account}"
        shutil.rmtree(out, ignore_errors=True)  # InVEST takes what it finds there for its own
        return self.run(
            self.chosen.invest_python, "invest_side.py", account, str(self.grid), "--out", str(out)
        )

    def by_hand(self, account: str, maps: bool = False) -> dict:
        given = [account, str(self.grid), "--threads", str(self.chosen.threads)]
        if maps:
            given += ["--maps", str(self.work / f"maps-{account}")]
        return self.run(sys.executable, "numpy_pass.py", *given)

    def gep(self, account: str, maps: bool = False, grid: Path | None = None) -> dict:
        out, threads = str(self.work / "gep"), str(self.chosen.threads)
        given = [account, str(grid or self.grid), "--threads", threads, "--out", out]
        if maps:
            given += ["--maps", str(self.work / f"gep-maps-{account}")]
        return self.run(sys.executable, "gep_side.py", *given)

    def make_grid(self, folder: Path, size: int) -> None:
        maker = str(HERE / "made_up_grid.py")
        command = [sys.executable, maker, str(folder), "--size", str(size)]
        subprocess.run(command, check=True)
        for file in folder.iterdir():
            file.read_bytes()  # into the file cache, for all sides alike

    def take_turns(self, works: dict[str, Callable[[], dict]]) -> dict[str, Side]:
        sides = {title: Side(title, []) for title in works}
        for _ in range(self.chosen.runs):
            for title, work in works.items():
                sides[title].runs.append(work())
        for side in sides.values():
            print(side.line(), flush=True)
        return sides


def relative(one: dict[str, float], other: dict[str, float]) -> float:
    """Largest relative difference over the counties."""
    assert set(one) == set(other), "not the same counties"
    return max(abs(one[code] - other[code]) / abs(other[code]) for code in other if other[code])


def compare(sitting: Sitting, account: str) -> None:
    """All sides of an account, their agreement and their ratios."""
    print(f"{account}:", flush=True)
    ours = sitting.chosen.without_gep
    works = {
        "by hand": lambda: sitting.by_hand(account),
        "by hand, with maps": lambda: sitting.by_hand(account, maps=True),
    }
    if not ours:
        works["gep"] = lambda: sitting.gep(account)
        works["gep, few pixels"] = lambda: sitting.gep(account, grid=sitting.few_pixels)
    if not ours and sitting.chosen.maps:
        works["gep, with maps"] = lambda: sitting.gep(account, maps=True)
    if sitting.chosen.invest_python:
        works["InVEST"] = lambda: sitting.invest(account)
    sides = sitting.take_turns(works)
    hand = sides["by hand"]
    if "InVEST" in sides:
        told = ", ".join(
            f"{name} {seconds:.2f}" for name, seconds in sides["InVEST"].runs[0]["steps"].items()
        )
        print(f"  InVEST's steps, s: {told}")
        agree_with_invest(sitting, account, hand, sides["InVEST"])
        rate(sitting, account, sides)
    if "gep" in sides:
        for name, totals in sides["gep"].totals.items():
            most = relative(totals, hand.totals[name])
            what = f"{name}, gep and by hand, largest relative difference {most:.1e}"
            sitting.hold(f"{what}, limit {OURS[account]:g}", most <= OURS[account])
        limit, ratio = PASS_LIMITS[account], sides["gep"].seconds / hand.seconds
        busy = sides["gep"].processor / hand.processor
        still = sides["gep, few pixels"].seconds
        print(
            f"  of gep's time {still:.3f} s is that of {FEW} x {FEW} pixels: project, plan, checks, tables"
        )
        sitting.hold(
            f"gep : by hand {ratio:.2f} (of processor time {busy:.2f}), limit {limit:g}",
            ratio <= limit,
        )


def rate(sitting: Sitting, account: str, sides: dict[str, Side]) -> None:
    """How many times as fast as InVEST, with and without maps, and memory."""
    invest = sides["InVEST"]
    for title, limit in (
        ("by hand", None),
        ("by hand, with maps", None),
        ("gep", INVEST_LIMITS[account]),
        ("gep, with maps", MAPS_LIMIT),
    ):
        if title not in sides:
            continue
        times = invest.seconds / sides[title].seconds
        busy = invest.processor / sides[title].processor
        what = f"{title}: {times:.1f} times as fast as InVEST (of processor time {busy:.1f}), {sides[title].peak / invest.peak:.2f} of its memory"
        if limit is None:
            print(f"  {what}")
        else:
            sitting.hold(
                f"{what}, limits {limit:g} and 1",
                times >= limit and sides[title].peak < invest.peak,
            )


def agree_with_invest(sitting: Sitting, account: str, hand: Side, invest: Side) -> None:
    """County totals, and for water each pixel; InVEST's soil loss has another L, so it is told, not held."""
    if account == "soil":
        for name in ("potential_loss", "actual_loss"):
            ratio = sum(invest.totals[name].values()) / sum(hand.totals[name].values())
            print(
                f"  {name}: InVEST's total is {ratio:.2f} of that by hand (its L is by upstream area, its C by class alone)"
            )
        return
    totals = dict(invest.totals)
    if account == "water":
        pixels = sitting.by_hand("carbon")["totals"]["pixels"]
        means = totals.pop("mean_water_yield")
        totals["water_yield"] = {
            code: means[code] * pixels[code] * SQUARE_METRES / 1000 for code in means
        }
    for name, found in totals.items():
        most = relative(hand.totals[name], found)
        sitting.hold(
            f"{name}, by hand and InVEST, largest relative difference {most:.1e}, limit {TOTALS:g}",
            most <= TOTALS,
        )
    if account == "water":
        found = sitting.work / "invest-water" / "output" / "per_pixel" / "wyield.tif"
        told = subprocess.run(
            [sys.executable, str(HERE / "largest_difference.py"), str(sitting.work / "maps-water" / "water_yield.tif"), str(found)],
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        sitting.hold(
            f"water yield of a pixel, by hand and InVEST, largest difference {float(told[0]):.1e} mm of {int(told[1]):,} pixels, limit {PIXEL_WATER:g}",
            float(told[0]) <= PIXEL_WATER,
        )


def zonal(sitting: Sitting) -> None:
    """For information: the sum of one raster by county, by tools that are installed."""
    print("zonal sum of one raster, for information:", flush=True)
    works = {
        "bincount": lambda: sitting.run(sys.executable, "zonal.py", "bincount", str(sitting.grid))
    }
    for tool in ("pygeoprocessing", "rasterstats", "exactextract"):
        if sitting.chosen.invest_python and is_installed(sitting.chosen.invest_python, tool):
            works[tool] = lambda tool=tool: sitting.run(
                sitting.chosen.invest_python, "zonal.py", tool, str(sitting.grid)
            )
    sides = sitting.take_turns(works)
    for title, side in sides.items():
        most = relative(side.totals["rainfall"], sides["bincount"].totals["rainfall"])
        print(
            f"  {title}: {side.seconds / sides['bincount'].seconds:.2f} times the time of bincount, sums differ by {most:.1e}"
        )


def is_installed(python: str, package: str) -> bool:
    return not subprocess.run(
        [python, "-c", f"import {package}"], capture_output=True, check=False
    ).returncode


def main() -> int:
    parser = argparse.ArgumentParser(
        description="County totals: gep, InVEST, and one streaming pass by hand."
    )
    parser.add_argument(
        "section", nargs="*", help="carbon, water, soil, zonal; all where none is named"
    )
    parser.add_argument(
        "--invest-python",
        help="Python of an environment with natcap.invest; without it that side is left out",
    )
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help="of gep and of the pass by hand; InVEST has one process",
    )
    parser.add_argument("--maps", action="store_true", help="gep with maps as well")
    parser.add_argument("--without-gep", action="store_true", help="the other sides alone")
    parser.add_argument(
        "--work", type=Path, help="folder for all files, kept; a temporary one by default"
    )
    chosen = parser.parse_args()
    known = ("carbon", "water", "soil", "zonal")
    if unknown := set(chosen.section) - set(known):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    with tempfile.TemporaryDirectory() as temporary:
        sitting = Sitting(chosen, chosen.work or Path(temporary))
        sitting.work.mkdir(parents=True, exist_ok=True)
        sitting.make_grid(sitting.grid, chosen.size)
        sitting.make_grid(sitting.few_pixels, FEW)
        print(
            f"{chosen.size:,} x {chosen.size:,} pixels, 100 counties; {chosen.runs} run(s) in turn, medians",
            flush=True,
        )
        for section in chosen.section or known:
            if section == "zonal":
                zonal(sitting)
            else:
                compare(sitting, section)
    return int(not sitting.fine)


if __name__ == "__main__":
    sys.exit(main())
