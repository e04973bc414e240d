"""What a side says of its run: one line of JSON with seconds, peak memory, threads, versions and totals by county."""

import json
import resource
import sys
from importlib.metadata import version

MARK = "measured: "


def report(**said: object) -> None:
    """Print what a side measured, and the most memory that its process held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mebibytes = most / 2**10 if sys.platform != "darwin" else most / 2**20
    print(MARK + json.dumps({**said, "peak": mebibytes}), flush=True)


def versions(*names: str) -> str:
    """Names and versions of installed packages."""
    return ", ".join(f"{name} {version(name)}" for name in names)
