"""What a side says of its run: one line of JSON with seconds, peak memory, threads, versions and totals by county."""

import gc
import json
import resource
import sys
import time
from importlib.metadata import version

MARK = "measured: "


class Clock:
    """Wall time and processor time from its making on."""

    def __init__(self) -> None:
        gc.collect()  # what imports left to be collected is no time of a side
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def spent(self) -> dict[str, float]:
        return {
            "seconds": time.perf_counter() - self.wall,
            "processor": time.process_time() - self.processor,
        }


def report(**said: object) -> None:
    """Print what a side measured, and the most memory that its process held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mebibytes = most / 2**10 if sys.platform != "darwin" else most / 2**20
    print(MARK + json.dumps({**said, "peak": mebibytes}), flush=True)


def versions(*names: str) -> str:
    """Names and versions of installed packages."""
    return ", ".join(f"{name} {version(name)}" for name in names)
