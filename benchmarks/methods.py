"""Nanoseconds a pixel of every method that ships, on arrays of one piece and of a block.

``python benchmarks/methods.py``; ``--slowest 20`` for fewer lines. Compares nothing and has no limit: it shows which method
costs most on a raster, and that arrays are to be handed over in pieces that fit the cache (a block of 512 x 512 numbers
of float64 makes every intermediate array a new mapping of memory). The least of several runs, one thread.
"""

import argparse
import importlib
import inspect
import timeit
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gep.errors import ProblemLog
from gep.standards.method import SHIPPED_MODULES, Method, read_units

PIECE, BLOCK = 32_768, 262_144
RUNS = 25
# Numbers inside the domain of every formula; speed hardly depends on them.
LEVELS = {"slope": 8.0, "curve_number": 27.0, "shape": 4.0, "distance": 20.0}
LEVELS_OF_UNITS = {"1": 0.25, "%": 12.0, "mm": 40.0, "degC": 8.0}


def shipped_methods() -> Iterator[Method]:
    """Every method, by module."""
    for name in SHIPPED_MODULES:
        module = importlib.import_module(name)
        for function_name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name and not function_name.startswith("_"):
                path = f"{name.removeprefix('gep.methods.')}:{function_name}"
                method = read_units(path, function, None, path, ProblemLog())
                assert method is not None
                yield method


def inputs_of(method: Method, size: int, kind: type) -> dict[str, np.ndarray]:
    """Seeded numbers for each argument."""
    random = np.random.default_rng(16)
    inputs = {}
    for name, unit in method.inputs.items():
        level = LEVELS.get(name, LEVELS_OF_UNITS.get(unit, 1.5))
        inputs[name] = (level * random.uniform(0.25, 3.6, size)).astype(kind)
    return inputs


def nanoseconds(function: Callable[..., Any], inputs: dict[str, np.ndarray], size: int) -> float:
    """The least time of a call, for each number."""
    seconds = timeit.repeat(lambda: function(**inputs), number=1, repeat=RUNS)
    return min(seconds) / size * 1e9


def main() -> None:
    """Print a line for each method, the slowest first."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--slowest", type=int, default=None)
    chosen = parser.parse_args()
    rows = []
    for method in shipped_methods():
        times = []
        for size, kind in ((PIECE, np.float64), (BLOCK, np.float64), (PIECE, np.float32)):
            times.append(nanoseconds(method.function, inputs_of(method, size, kind), size))
        rows.append((method.path, times))
    rows.sort(key=lambda row: -row[1][0])
    print(f"{'method':55}{PIECE:>10,}{BLOCK:>10,}  float32")
    for path, times in rows[: chosen.slowest]:
        print(f"{path:55}" + "".join(f"{value:10.1f}" for value in times))


if __name__ == "__main__":
    main()
