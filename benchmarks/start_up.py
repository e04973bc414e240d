"""Start-up: ``import gep`` loads nothing heavy, and ``gep --help`` answers soon after typer and rich are there.

``python benchmarks/start_up.py``: exit status 1 where a limit is exceeded.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

LIMIT, RUNS = 2.5, 7
HEAVY = (
    "dask",
    "matplotlib",
    "numpy",
    "openpyxl",
    "pandas",
    "pint",
    "pydantic",
    "rasterio",
    "rich",
    "scipy",
    "typer",
    "xarray",
)
HELP = [sys.executable, "-m", "gep", "--help"]
BASELINE = [sys.executable, "-c", "import typer, rich"]


def main() -> int:
    """Both checks; the exit status."""
    found = heavy_modules()
    said = f"loads {', '.join(found)}: FAIL" if found else f"none of {', '.join(HEAVY)}: pass"
    print(f"import gep: {said}")
    times: dict[str, list[float]] = {"help": [], "baseline": []}
    for turn in range(RUNS + 1):
        for name, command in (("help", HELP), ("baseline", BASELINE)):
            spent = seconds(command)
            if turn:  # the first round fills the file cache
                times[name].append(spent)
    ours, theirs = median(times["help"]), median(times["baseline"])
    verdict = "pass" if ours <= LIMIT * theirs else "FAIL"
    both = f"gep --help {ours:.3f} s, import typer and rich {theirs:.3f} s"
    print(f"{both}: ratio {ours / theirs:.2f}, limit {LIMIT}: {verdict}")
    return int(bool(found) or verdict == "FAIL")


def heavy_modules() -> list[str]:
    """Which heavy packages ``import gep`` loads, by Python's own account."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import gep"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in told.stderr.splitlines()
    }
    return [name for name in HEAVY if name in loaded]


def seconds(command: list[str]) -> float:
    """Wall-clock time of a process."""
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=Path(__file__).parent)
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
